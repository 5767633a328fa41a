"""The PDF, read back: text, fonts, bookmarks, pages, and what no font can show."""

from __future__ import annotations

import csv
import functools
import io
import itertools
import re
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import IndirectObject
from thoroughness import examples

from gdplan.page.blocks import Items, Paragraph, Table
from gdplan.reports.formats import assembly, pdf

NASTY = (
    "<script>alert(1)</script> =cmd|x #let $a$ @ref `b` \"q\" 'r' \\ // /* ~ - _u_ *s* [k] {m} 1."
)
SVG = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='72pt' height='36pt' viewBox='0 0 72 36'>"
    "<rect width='72' height='36' fill='#123456'/></svg>"
)


def built(*html: str, svg: str = "", **options) -> assembly.Document:
    cells = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": "", "execution_count": 1,
         "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"text/html": h}}]}
        for i, h in enumerate(("<h1>题目</h1>", *html))
    ]  # fmt: skip
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    doc = assembly.assemble(book, **options)
    return doc if not svg else assembly.Document(doc.tree, {"chart-1.svg": svg})


def read(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data))


def text_of(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def squeezed(text: str) -> str:
    return "".join(text.split())


def pdf_of(folder: Path) -> PdfReader:
    [path] = folder.glob("*.pdf")
    return PdfReader(path)


@functools.cache
def pages_of(folder: Path) -> tuple[str, ...]:
    """The text of every page of a finished report, without spaces."""
    return tuple(squeezed(page.extract_text()) for page in pdf_of(folder).pages)


def fonts_of(reader: PdfReader) -> dict[str, bool]:
    """Names of the fonts used, and whether each is embedded."""
    found: dict[str, bool] = {}
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = inner["/FontDescriptor"].get_object()
            embedded = any(k in descriptor for k in ("/FontFile", "/FontFile2", "/FontFile3"))
            found[str(inner["/BaseFont"])] = embedded
    return found


@pytest.mark.parametrize("name", ["midterm", "final", "simulated"])
def test_the_text_layer_holds_every_indicator_and_every_table_cell(name, request):
    folder = request.getfixturevalue(name)
    text = "".join(pages_of(folder))
    rows = csv.DictReader(io.StringIO((folder / "assessment.csv").read_bytes().decode("utf-8-sig")))
    for row in rows:
        assert squeezed(row["name"]) in text, row["name"]
        assert row["verdict"] in text


@pytest.mark.parametrize("name", ["midterm", "final", "simulated"])
def test_every_font_is_embedded_and_cut_to_what_is_used(name, request):
    fonts = fonts_of(pdf_of(request.getfixturevalue(name)))
    assert fonts and all(fonts.values()), fonts
    assert all(re.match(r"/[A-Z]{6}\+Noto(Serif|Sans)SC", font) for font in fonts), fonts


def test_pages_are_counted_after_cover_and_contents(final):
    pages = pages_of(final)
    total = len(pages)
    assert not any(re.search(r"第\d+页共\d+页", page) for page in pages[:2])
    for number, page in enumerate(pages[2:], 1):
        assert f"第{number}页共{total - 2}页" in page


def test_bookmarks_follow_the_headings(final):
    outline = pdf_of(final).outline
    titles = [item.title for item in outline if not isinstance(item, list)]
    assert titles[0] == "一、总体评价" and any(t.startswith("附一") for t in titles)
    assert any(isinstance(item, list) for item in outline)


def test_pages_are_a4_and_the_wide_table_lies_on_its_side(final):
    sizes = {tuple(round(float(x)) for x in page.mediabox[2:]) for page in pdf_of(final).pages}
    assert sizes == {(595, 842), (842, 595)}


def test_the_watermark_stands_on_every_page_of_simulated_data_and_on_no_other(simulated, final):
    assert all("示例数据，非真实" in page for page in pages_of(simulated))
    assert "示例数据，非真实" not in "".join(pages_of(final))


def test_title_and_language_are_in_the_file_and_no_date(final):
    reader = pdf_of(final)
    assert reader.metadata.title.endswith("总结评估报告")
    assert reader.metadata.creation_date is None
    root = reader.trailer["/Root"]
    root = root.get_object() if isinstance(root, IndirectObject) else root
    assert str(root["/Lang"]).startswith("zh")


def test_lines_of_the_text_stand_28_points_apart_and_begin_at_the_margin(final):
    lines: list[tuple[float, float]] = []

    def visit(text, matrix, _tm, _font, size) -> None:
        if text.strip() and size == 16.0:
            lines.append((matrix[4], matrix[5]))

    pdf_of(final).pages[2].extract_text(visitor_text=visit)
    steps = [round(a[1] - b[1], 1) for a, b in itertools.pairwise(lines[1:])]
    assert steps.count(28.0) >= 4
    assert round(min(x for x, _ in lines) / 72 * 25.4, 1) == 28.0


def test_the_same_document_gives_the_same_bytes_and_wears_no_clock():
    doc = built("<h2>甲</h2><p>文字</p>")
    assert pdf.document(doc) == pdf.document(doc)


def test_text_that_looks_like_typst_or_html_stays_text():
    html = (
        Table(NASTY, (NASTY,), ((NASTY,),), ("left",)).html()
        + Paragraph(NASTY, "place").html() + Paragraph(NASTY).html()
        + Items((NASTY,), (NASTY,)).html()
    )  # fmt: skip
    text = squeezed(text_of(read(pdf.document(built(html)))))
    assert text.count(squeezed(NASTY)) == 7


@examples(25)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=40))
def test_any_ascii_cell_arrives(name):
    html = Table("c", ("h",), ((name,),), ("left",)).html()
    assert squeezed(name) in squeezed(text_of(read(pdf.document(built(html)))))


def test_a_cell_of_2000_characters_is_whole():
    name = "指标" * 1000
    text = squeezed(text_of(read(pdf.document(built(Table("c", ("h",), ((name,),),
                                                          ("left",)).html())))))  # fmt: skip
    assert text.count("指") == text.count("标") == 1000


def test_an_emoji_is_shown_or_named_by_its_code_point():
    assert pdf.shown("就业😀") == "就业😀"
    assert pdf.shown("就业\U0001faf6") == "就业[U+1FAF6]"
    text = text_of(read(pdf.document(built("<p>就业\U0001faf6</p>"))))
    assert "[U+1FAF6]" in text


@pytest.mark.parametrize("character", ["\U000323ae", "ሀ", "ཀ"], ids=["cjk", "amharic", "tibetan"])
def test_a_missing_letter_fails_and_is_named(character):
    with pytest.raises(RuntimeError, match=f"字形.*U\\+{ord(character):04X}"):
        pdf.document(built(f"<p>{character}</p>"))


def test_boxes_and_wide_tables_and_charts_stand_in_order():
    wide = Table("宽表", ("甲",), (("格",),), ("left",), "wide").html()
    html = f"<p>前</p>{Paragraph('留空', 'place').html()}<h2>标题</h2><p>引</p>{wide}<p>后</p>"
    reader = read(pdf.document(built(html)))
    text = squeezed(text_of(reader))
    assert [text.rindex(word) for word in ("前", "留空", "引", "宽表", "格", "后")] == sorted(
        text.rindex(word) for word in ("前", "留空", "引", "宽表", "格", "后")
    )
    [side] = [p for p in reader.pages if p.mediabox.width > p.mediabox.height]
    assert "一、标题" in squeezed(side.extract_text()) and "引" in side.extract_text()


def test_a_chart_is_drawn_with_its_caption_and_description():
    figure = (
        f'<figure><img src="{assembly.SVG}PHN2Zy8+" alt="替代文字"><figcaption>图题</figcaption>'
        "</figure>"
    )
    data = pdf.document(built(figure, svg=SVG))
    assert "图1　图题".replace("　", "") in squeezed(text_of(read(data)))
    plain = pdf.document(built("<p>图1　图题</p>"))
    assert len(data) > len(plain)


def test_a_drawing_becomes_a_picture_of_300_points_to_the_inch():
    data = pdf.png(SVG)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (300, 150)
    assert pdf.png(SVG) == data


def test_a_drawing_that_is_none_is_an_error():
    with pytest.raises(RuntimeError, match="typst"):
        pdf.png("<svg")


@given(
    st.lists(st.lists(st.text(max_size=30), min_size=3, max_size=3), min_size=1, max_size=4),
    st.integers(15 * pdf.EM, pdf.WIDE),
)
def test_columns_fit_the_page_unless_there_are_too_many(rows, budget):
    found = pdf.widths(("a", "bb", "ccc"), rows, budget)
    assert sum(found) <= budget and min(found) >= pdf.EM + pdf.PADDING


def test_numbers_stay_whole_beside_a_long_text():
    rows = [("25", "新增取得高级工以上职业资格证书人数" * 3, "1100.0%", "not assessable")]
    found = pdf.widths(("序号", "指标", "完成进度", "Verdict"), rows, pdf.NORMAL)
    assert found[2] >= pdf.PADDING + 7 * pdf.LATIN
    assert found[3] >= pdf.PADDING + len("assessable") * pdf.LATIN
    assert found[1] == max(found) > pdf.NORMAL / 2


def test_a_crowded_table_breaks_short_texts_before_it_squeezes_long_ones():
    header = ("Indicator", *(f"Per year {i}" for i in range(11)))
    name = "Share of eligible inpatient costs paid by the employees' medical insurance fund"
    rows = [(name, *["more than 3500"] * 11)]
    found = pdf.widths(header, rows, pdf.WIDE)
    assert sum(found) <= pdf.WIDE
    assert found[0] > 2 * max(found[1:])


@pytest.mark.parametrize("text", ["= x", "- x", "1. x", "/ x: y", NASTY, "甲🫶"])
@pytest.mark.parametrize("place", ["title", "subtitle", "watermark"])
def test_the_cover_says_any_text_as_it_is(text, place):
    doc = built("<p>文</p>")
    said = {"t": "MetaInlines", "c": [{"t": "Str", "c": text}]}
    lines = {"t": "MetaList", "c": [said]}
    meta = doc.tree["meta"] | {place: lines if place == "subtitle" else said}
    reader = read(pdf.document(assembly.Document({**doc.tree, "meta": meta}, {})))
    shown = squeezed(reader.pages[0].extract_text())
    # The watermark stands aslant: what is read back of it is not always in order.
    wanted = squeezed(pdf.shown(text))
    assert wanted in shown or (place == "watermark" and not set(wanted) - set(shown))
    assert "\\#" not in shown


@pytest.mark.parametrize(
    "html",
    ["x...y", "a-?b", "a -1.5", "a--b", "~", "<i>a</i>.len()", "<b>a</b>[x]", "<i>a</i>(1)"],
)
def test_nothing_in_a_paragraph_or_heading_is_replaced_or_run(html):
    wanted = squeezed(re.sub("<[^>]+>", "", html))
    text = squeezed(text_of(read(pdf.document(built(f"<p>始{html}终</p><h2>题{html}尾</h2>")))))
    assert f"始{wanted}终" in text
    assert text.count(f"题{wanted}尾") == 2


def test_a_missing_character_in_code_fails_too():
    with pytest.raises(RuntimeError, match="字形"):
        pdf.document(built("<p><code>\U000323ae</code></p>"))
    assert "f(x)" in text_of(read(pdf.document(built("<p><code>f(x)</code></p>"))))


@pytest.mark.parametrize("where", ["cell", "paragraph"])
def test_a_word_longer_than_its_line_breaks_inside_the_page(where):
    word = "A" * 300
    table = Table("c", ("h", "k"), ((word, word),), ("left", "left")).html()
    reader = read(pdf.document(built(table if where == "cell" else f"<p>{word}</p>")))
    assert word in squeezed(text_of(reader))
    right = []

    def visit(text, matrix, _tm, _font, _size) -> None:
        right.append(matrix[4])

    for page in reader.pages:
        page.extract_text(visitor_text=visit)
    heights = set()

    def lines(text, matrix, _tm, _font, _size) -> None:
        if "A" in text:
            heights.add(round(matrix[5]))

    reader.pages[2].extract_text(visitor_text=lines)
    assert max(right) < 595 - 26 / 25.4 * 72 and len(heights) >= 5


def test_a_long_title_breaks_before_the_name_of_the_plan():
    title = "广东省人力资源和社会保障事业发展“十四五”规划中期评估报告"
    assert "".join(assembly.title_lines(title)) == title
    assert assembly.title_lines(title)[1].startswith("“十四五”")
    assert assembly.title_lines("短题“甲”") == ("短题“甲”",)
    assert assembly.title_lines("长" * 30) == ("长" * 30,)


def test_a_table_is_tagged_and_its_chart_described_for_those_who_do_not_see():
    figure = (
        f'<figure><img src="{assembly.SVG}PHN2Zy8+" alt="替代文字"><figcaption>图题</figcaption>'
        "</figure>"
    )
    reader = read(pdf.document(built(figure, svg=SVG)))
    assert "/StructTreeRoot" in reader.trailer["/Root"]
    alts = [
        str(o["/Alt"])
        for i in range(1, len(reader.xref[0]) + 1)
        if isinstance(o := reader.get_object(i), dict) and "/Alt" in o
    ]
    assert any("替代文字" in alt for alt in alts)
