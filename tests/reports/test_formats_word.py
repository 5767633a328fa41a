"""The Word file of a report: cover, contents, sections, tables, pictures, and text as text."""

from __future__ import annotations

import copy
import io
import json
import re
import struct
import zipfile
import zlib

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from thoroughness import examples

from gdplan.reports.formats import word, word_tables
from gdplan.reports.formats.assembly import Document, pandoc, title_lines

TITLE = "某省就业促进规划中期评估报告"
TABLE = (
    "<table id='{id}' class='{css}'><caption>{caption}</caption><thead><tr>"
    "<th>指标</th><th style='text-align:right'>数值</th></tr></thead><tbody>{rows}</tbody></table>"
)
ROW = "<tr><td>城镇新增就业人数</td><td style='text-align:right'>{n}.5</td></tr>"


def table(n: int = 1, rows: int = 3, css: str = "") -> str:
    body = "".join(ROW.format(n=i) for i in range(rows))
    return TABLE.format(id=f"table-{n}", css=css, caption=f"表{n}　进展", rows=body)


def tree(html: str, lang: str = "zh", watermark: str = "", title: str = TITLE, lines=("甲　乙",)):
    blocks = json.loads(pandoc("--from=html", "--to=json", given=html))
    text = lambda s: {"t": "MetaInlines", "c": [{"t": "Str", "c": s}]}  # noqa: E731
    blocks["meta"] = {
        "title": text(title), "lang": text(lang), "watermark": text(watermark),
        "subtitle": {"t": "MetaList", "c": [text(line) for line in lines]},
    }  # fmt: skip
    return Document(blocks, {})


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    lines = zlib.compress((b"\0" + b"\xff" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def file(html: str, charts=None, **meta) -> bytes:
    return word.document(tree(html, **meta), charts or {})


def opened(html: str, charts=None, **meta):
    return docx.Document(io.BytesIO(file(html, charts, **meta)))


def part(data: bytes, name: str):
    return etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read(name))


def texts(doc, style: str) -> list[str]:
    return [p.text for p in doc.paragraphs if p.style.name == style]


def styles_of(doc) -> list[str]:
    return [p.style.name for p in doc.paragraphs]


BODY = (
    "<h1 id='section-1'>一、总体评价</h1><p>正文2023年。</p>"
    "<h2 id='section-2'>（一）就业</h2><p>文。</p>"
)
FIGURE = (
    "<figure id='figure-1'><img src='chart-1.svg' alt='描述“甲”'>"
    "<figcaption>图1　进度</figcaption></figure>"
)


def test_the_cover_has_title_lines_and_places_for_the_office():
    doc = opened(BODY, lines=("地区：某省　年份：2023年", "数据：全部"))
    assert texts(doc, "Title") == [TITLE]
    assert texts(doc, "Subtitle") == ["地区：某省", "年份：2023年", "数据：全部"]
    assert texts(doc, "Cover Office") + texts(doc, "Cover Date") == ["【编制单位】", "【日期】"]


def test_an_english_report_has_an_english_cover_contents_and_language():
    doc = opened(BODY, lang="en", title="Evaluation", lines=("Region: X",))
    assert texts(doc, "Cover Office") + texts(doc, "Cover Date") == ["【Prepared by】", "【Date】"]
    assert doc.core_properties.language == "en-US"
    assert "Contents" in part_text(file(BODY, lang="en"))


SIGNS = {qn("w:softHyphen"): "\xad", qn("w:noBreakHyphen"): "\u2011", qn("w:tab"): "\t"}


def part_text(data: bytes) -> str:
    """The text by paragraphs; what Word writes as an element of its own stands as its character."""
    return "\n".join(
        "".join(SIGNS.get(e.tag, e.text or "") for e in p.iter(qn("w:t"), *SIGNS))
        for p in part(data, "word/document.xml").iter(qn("w:p"))
    )


def test_the_properties_hold_title_and_language_and_neither_author_nor_time():
    properties = opened(BODY).core_properties
    assert (properties.title, properties.language) == (TITLE, "zh-CN")
    assert properties.author == ""
    assert properties.created is None


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("短题目", ("短题目",)),
        ("某省" * 11, ("某省" * 11,)),
        ("甲" * 15 + "“十四五”规划评估", ("甲" * 15, "“十四五”规划评估")),
        ("《规划》" + "甲" * 30, ("《规划》" + "甲" * 30,)),
        ("甲" * 60, ("甲" * 60,)),
    ],
)
def test_a_long_title_is_parted_at_a_mark_or_not_at_all(title, lines):
    assert title_lines(title) == lines


def test_contents_are_a_field_filled_with_links_that_word_refreshes():
    root = part(file(BODY), "word/document.xml")
    codes = [i.text.strip() for i in root.iter(qn("w:instrText"))]
    assert codes == ['TOC \\o "1-2" \\h \\z \\u', "PAGEREF contents1 \\h", "PAGEREF contents2 \\h"]
    links = list(root.iter(qn("w:hyperlink")))
    assert ["".join(link.itertext(qn("w:t"))).strip() for link in links] == [
        "一、总体评价",
        "（一）就业",
    ]
    marks = {b.get(qn("w:name")) for b in root.iter(qn("w:bookmarkStart"))}
    assert {link.get(qn("w:anchor")) for link in links} <= marks
    chars = [c.get(qn("w:fldCharType")) for c in root.iter(qn("w:fldChar"))]
    assert chars.count("begin") == chars.count("end") == 3
    assert next(root.iter(qn("w:fldChar"))).get(qn("w:dirty")) == "true"


def test_contents_leave_out_footnotes_of_headings_and_a_third_level():
    html = "<h1 id='a'>一、甲</h1><h3 id='c'>1.丙</h3>"
    doc = tree(html)
    doc.tree["blocks"][0]["c"][2].append(
        {"t": "Note", "c": [{"t": "Para", "c": [{"t": "Str", "c": "来源"}]}]}
    )
    links = part(word.document(doc, {}), "word/document.xml").iter(qn("w:hyperlink"))
    assert ["".join(link.itertext(qn("w:t"))).strip() for link in links] == ["一、甲"]


def test_a_report_without_headings_has_an_empty_but_whole_contents_field():
    root = part(file("<p>文。</p>"), "word/document.xml")
    chars = [c.get(qn("w:fldCharType")) for c in root.iter(qn("w:fldChar"))]
    assert chars == ["begin", "separate", "end"]


def footer_numbers(section) -> list[bool]:
    return ["PAGE" in f._element.xml for f in (section.footer, section.even_page_footer)]


def test_pages_count_from_the_body_and_cover_and_contents_show_no_number():
    cover, contents, body = opened(BODY).sections
    assert footer_numbers(cover) == footer_numbers(contents) == [False, False]
    assert footer_numbers(body) == [True, True]
    counts = [s._sectPr.find(qn("w:pgNumType")) for s in (cover, contents, body)]
    assert counts[:2] == [None, None]
    assert counts[2].get(qn("w:start")) == "1"


def shape_of(doc) -> list[tuple[str, str | None]]:
    """Orientation of the sections after the contents, and where counting starts."""
    out = []
    for section in list(doc.sections)[2:]:
        count = section._sectPr.find(qn("w:pgNumType"))
        turned = section.orientation == WD_ORIENT.LANDSCAPE
        out.append(("-" if turned else "|", None if count is None else count.get(qn("w:start"))))
    return out


@pytest.mark.parametrize(
    ("html", "sections"),
    [
        ("<p>a</p>" + table(), [("|", "1")]),
        ("<p>a</p>" + table(css="wide") + "<p>b</p>", [("|", "1"), ("-", None), ("|", None)]),
        ("<p>a</p>" + table(css="wide"), [("|", "1"), ("-", None)]),
        ("<h1 id='s'>一</h1>" + table(css="wide") + "<p>b</p>", [("-", "1"), ("|", None)]),
        (table(css="wide"), [("-", "1")]),
        ("<p>a</p>" + table(1, css="wide") + table(2, css="wide"), [("|", "1"), ("-", None)]),
        ("", [("|", "1")]),
    ],
)
def test_wide_tables_lie_on_turned_pages_and_counting_starts_once(html, sections):
    assert shape_of(opened(html)) == sections


def test_a_heading_right_before_a_wide_table_goes_with_it():
    doc = opened("<p>甲</p><h1 id='s'>二、表</h1>" + table(css="wide") + "<p>乙</p>")
    names = [name for name in styles_of(doc) if name != "Table Caption"]
    assert names[-5:] == ["Body Text", "Table End", "Heading 1", "Table End", "Body Text"]


@pytest.mark.parametrize(("css", "total", "size"), [("", 8844, 10.5), ("wide", 12756, 9.0)])
def test_a_table_fills_the_text_width_and_repeats_its_head(css, total, size):
    found = opened(table(css=css)).tables[0]
    assert abs(sum(c.width for c in found.columns) / 635 - total) <= 2
    for row in found.rows:
        assert row._tr.trPr.find(qn("w:cantSplit")) is not None
        assert sum(cell.width for cell in row.cells) == sum(c.width for c in found.columns)
    heads = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in found.rows]
    assert heads == [True, False, False, False]
    assert found.cell(1, 0).paragraphs[0].style.font.size.pt == size
    assert found.style.name == "Table"


def test_numbers_stand_right_and_captions_above_with_a_bookmark():
    doc = opened(table())
    assert doc.tables[0].cell(1, 1).paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.RIGHT
    assert doc.tables[0].cell(1, 0).paragraphs[0].alignment != WD_ALIGN_PARAGRAPH.RIGHT
    caption = doc.tables[0]._tbl.getprevious()
    assert "".join(caption.itertext(qn("w:t"))) == "表1　进展"
    assert caption.pPr.pStyle.get(qn("w:val")) == "TableCaption"
    assert caption.getprevious().get(qn("w:name")) == "table-1"
    assert doc.styles["Table Caption"].paragraph_format.keep_with_next


def test_text_keeps_its_distance_from_the_table_above():
    doc = opened(table() + "<p>后文</p>")
    follows = doc.tables[0]._tbl.getnext()
    assert follows.pPr.pStyle.get(qn("w:val")) == "TableGap"
    assert doc.styles["Table Gap"].paragraph_format.line_spacing.pt == 8


def kept(found) -> list[bool]:
    return [
        row.cells[0].paragraphs[0]._p.pPr.find(qn("w:keepNext")) is not None for row in found.rows
    ]


def test_a_short_table_stays_on_a_page_and_a_long_one_breaks():
    assert kept(opened(table(rows=3)).tables[0]) == [True, True, True, False]
    assert kept(opened(table(rows=9)).tables[0]) == [True] + [False] * 9


def test_a_table_too_full_for_the_page_is_set_small_and_its_numbers_stay_whole():
    cells = ["很长的指标名称" * 6, "12345.67万人次", "另一段很长的说明文字" * 5]
    side = ("left", "right", "left")
    row = "".join(f"<td style='text-align:{s}'>{c}</td>" for s, c in zip(side, cells, strict=True))
    head = "".join(f"<th style='text-align:{s}'>甲乙丙丁戊己庚辛</th>" for s in side)
    html = f"<table><thead><tr>{head}</tr></thead><tbody><tr>{row}</tr></tbody></table>"
    found = opened(html).tables[0]
    assert found.cell(1, 0).paragraphs[0].style.name == "Table Text Small"
    assert found.columns[1].width / 635 > 14 * 90
    assert abs(found.columns[0].width - found.columns[2].width) < 635 * 5


def test_a_cell_across_columns_is_as_wide_as_they_are():
    html = (
        "<table><thead><tr><th colspan='2'>" + "长标题" * 9 + "</th><th>丙</th></tr></thead>"
        "<tbody><tr><td>1</td><td>2</td><td>3</td></tr></tbody></table>"
    )
    found = opened(html).tables[0]
    widths = [round(c.width / 635) for c in found.columns]
    spanning = found.rows[0]._tr.tc_lst[0]
    assert round(spanning.width / 635) == widths[0] + widths[1]
    assert abs(sum(widths) - 8844) <= 2


def test_a_table_without_head_and_with_empty_cells_is_laid_out():
    found = opened("<table><tbody><tr><td></td><td>乙</td></tr></tbody></table>").tables[0]
    assert found.rows[0]._tr.trPr.find(qn("w:tblHeader")) is None
    assert found.cell(0, 0).paragraphs[0].style.name == "Table Text"


def test_column_widths_that_pandoc_was_told_give_way_to_the_content():
    cells = "<tr><td>一个很长的名称</td><td>1</td></tr>"
    cols = "<colgroup><col style='width:10%'><col style='width:40%'></colgroup>"
    found = opened(f"<table>{cols}<tbody>{cells}</tbody></table>").tables[0]
    assert found.columns[0].width > 2 * found.columns[1].width
    assert len(found._tbl.tblPr.findall(qn("w:tblW"))) == 1
    assert len(found._tbl.tblPr.findall(qn("w:tblLayout"))) == 1


widths = st.lists(
    st.tuples(st.integers(1, 5000), st.integers(0, 3000)).map(lambda t: (t[0] + t[1], t[0])),
    min_size=1, max_size=12,
)  # fmt: skip


@given(widths, st.integers(500, 20000))
def test_columns_fill_the_width_and_none_is_under_its_least_if_all_fit(wishes, total):
    natural, least = [w for w, _ in wishes], [n for _, n in wishes]
    out = word_tables.column_widths(natural, least, total)
    assert sum(out) == total
    if sum(least) <= total:
        assert all(w >= n - len(out) for w, n in zip(out, least, strict=True))
    if sum(natural) <= total:
        assert all(w >= n - len(out) for w, n in zip(out, natural, strict=True))


def test_list_items_begin_like_paragraphs_with_the_official_dash():
    data = file("<ul><li>子</li><li>丑</li></ul>")
    doc = docx.Document(io.BytesIO(data))
    items = [p for p in doc.paragraphs if p.text in ("子", "丑")]
    assert {p.style.name for p in items} == {"Body Text"}
    number = items[0]._p.pPr.numPr.numId.val
    numbering = doc.part.numbering_part.element
    abstract = next(n for n in numbering.iter(qn("w:num")) if n.numId == number).abstractNumId.val
    level = next(
        a for a in numbering.iter(qn("w:abstractNum"))
        if a.get(qn("w:abstractNumId")) == str(abstract)
    ).find(qn("w:lvl"))  # fmt: skip
    assert level.find(qn("w:lvlText")).get(qn("w:val")) == "——"
    assert level.find(f"{qn('w:pPr')}/{qn('w:ind')}").get(qn("w:firstLineChars")) == "200"
    assert level.find(f"{qn('w:pPr')}/{qn('w:ind')}").get(qn("w:left")) == "0"


def test_english_and_numbered_lists_have_their_own_marks():
    root = part(file("<ol><li>a</li></ol><ul><li>b</li></ul>", lang="en"), "word/numbering.xml")
    marks = {t.get(qn("w:val")) for t in root.iter(qn("w:lvlText"))}
    assert {"•", "%1."} <= marks
    assert "——" not in marks


@pytest.mark.parametrize(
    ("css", "style"), [("note", "Note"), ("warning", "Warning"), ("place", "Place")]
)
def test_boxes_take_their_style_and_other_classes_none(css, style):
    doc = opened(f"<div class='{css}'><p>框内</p></div><div class='other'><p>框外</p></div>")
    assert texts(doc, style) == ["框内"]
    assert "框外" in texts(doc, "First Paragraph") + texts(doc, "Body Text")


def test_footnotes_count_through_the_report_in_their_own_style():
    doc = tree("<p>甲</p><p>乙</p>")
    for block in doc.tree["blocks"]:
        block["c"].append(
            {"t": "Note", "c": [{"t": "Para", "c": [{"t": "Str", "c": "来源：“公报”"}]}]}
        )
    data = word.document(doc, {})
    notes = [n for n in part(data, "word/footnotes.xml") if n.get(qn("w:type")) is None]
    assert ["".join(n.itertext(qn("w:t"))).strip() for n in notes] == ["来源：“公报”"] * 2
    styles = {s.get(qn("w:val")) for s in part(data, "word/footnotes.xml").iter(qn("w:pStyle"))}
    assert styles == {"FootnoteText"}
    restart = part(data, "word/settings.xml").find(f".//{qn('w:numRestart')}")
    assert restart.get(qn("w:val")) == "continuous"


@pytest.mark.parametrize(
    ("pixels", "paper"),
    [((600, 300), (50.8, 25.4)), ((3000, 300), (156.0, 15.6)), ((600, 4000), (30.0, 200.0))],
)
def test_a_chart_has_its_size_at_300_dpi_or_what_fits_and_keeps_its_words(pixels, paper):
    doc = opened(FIGURE, {"chart-1.png": png(*pixels)})
    picture = doc.inline_shapes[0]
    assert (picture.width.mm, picture.height.mm) == pytest.approx(paper, abs=0.2)
    assert picture._inline.docPr.get("descr") == "描述“甲”"
    assert texts(doc, "Image Caption") == ["图1　进度"]
    holder = picture._inline.getparent().getparent().getparent()
    assert holder.pPr.pStyle.get(qn("w:val")) == "CaptionedFigure"
    assert doc.styles["Captioned Figure"].paragraph_format.keep_with_next


def test_a_missing_chart_is_named_with_those_given():
    with pytest.raises(ValueError, match=r"chart-1\.png .*chart-9\.png"):
        file(FIGURE, {"chart-9.png": png(1, 1)})


def test_what_is_no_png_is_refused():
    with pytest.raises(ValueError, match=r"chart-1\.png is no PNG"):
        file(FIGURE, {"chart-1.png": b"<svg/>"})


def test_the_watermark_stands_in_every_header_of_every_section():
    doc = opened("<p>a</p>" + table(css="wide") + "<p>b</p>", watermark="示例数据，非真实")
    assert len(doc.sections) == 5
    for section in doc.sections:
        for header in (section.header, section.even_page_header):
            assert header.paragraphs[0].text == "示例数据，非真实"
            assert 'string="示例数据，非真实"' in header._element.xml
        references = [r for r in section._sectPr if r.tag == qn("w:headerReference")]
        assert len(references) == 2


def test_without_watermark_no_header_says_anything():
    for section in opened(BODY).sections:
        assert section.header._element.xml.count("<w:t") == 0


NASTY = "<script>alert(1)</script> =cmd|'/C calc'!A0 # $x$ @a `b` \"c\" &amp; ]]> 😀 \\u0000"


def test_any_text_arrives_as_text_everywhere():
    doc = tree(BODY + table() + "<ul><li>x</li></ul>", title=NASTY, lines=(NASTY,), watermark=NASTY)
    put = {"t": "Str", "c": NASTY}
    changed = copy.deepcopy(doc.tree)
    changed["blocks"][0]["c"][2] = [put]
    changed["blocks"][1]["c"] = [put]
    data = word.document(Document(changed, {}), {})
    found = docx.Document(io.BytesIO(data))
    assert texts(found, "Title") == texts(found, "Subtitle") == texts(found, "Heading 1") == [NASTY]
    assert NASTY in texts(found, "First Paragraph")
    assert found.core_properties.title == NASTY
    assert found.sections[0].header.paragraphs[0].text == NASTY
    links = part(data, "word/document.xml").iter(qn("w:hyperlink"))
    assert "".join(next(links).itertext(qn("w:t"))).strip() == NASTY


@example("soft\xadhyphen no\u2011break\ttab")
@examples(8)
@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=60))
def test_only_characters_outside_xml_are_lost(text):
    doc = tree("<p>x</p>", title=text)
    doc.tree["blocks"][0]["c"] = [{"t": "Str", "c": f"<{text}>"}]
    shown = part_text(word.document(doc, {}))
    left = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
    assert " ".join(f"<{left}>".split()) in " ".join(shown.split())


def test_long_text_of_two_thousand_characters_is_not_cut():
    long = "长" * 1000 + "x" * 1000
    html = f"<p>{long}</p><table><tbody><tr><td>{long}</td><td>1</td></tr></tbody></table>"
    doc = opened(html, title=long)
    assert doc.tables[0].cell(0, 0).text == long
    assert texts(doc, "Title") == [long]


def test_quotation_marks_and_dashes_take_the_chinese_font():
    doc = opened("<p>“甲”—乙</p><p>plain</p>")
    runs = [r for p in doc.paragraphs if "甲" in p.text for r in p.runs]
    assert {r._r.rPr.rFonts.get(qn("w:hint")) for r in runs if r.text.strip()} == {"eastAsia"}
    plain = [r for p in doc.paragraphs if p.text == "plain" for r in p.runs]
    assert all(r._r.rPr is None for r in plain)


def test_the_same_report_gives_the_same_bytes_in_any_place(tmp_path, monkeypatch):
    html = BODY + table() + FIGURE
    first = file(html, {"chart-1.png": png(30, 20)}, watermark="示例")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.chdir(tmp_path)
    assert file(html, {"chart-1.png": png(30, 20)}, watermark="示例") == first
    assert not list(tmp_path.iterdir())
    assert {i.date_time for i in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {
        (1980, 1, 1, 0, 0, 0)
    }


def test_the_tree_is_left_as_it_was():
    doc = tree(BODY + table(css="wide") + FIGURE)
    before = copy.deepcopy(doc.tree)
    word.document(doc, {"chart-1.png": png(30, 20)})
    assert doc.tree == before


def test_every_part_is_declared_and_every_relationship_leads_somewhere():
    data = file(BODY + FIGURE + "<p><a href='https://example.org/?a=1&amp;b=2'>x</a></p>",
                {"chart-1.png": png(30, 20)}, watermark="示例")  # fmt: skip
    archive = zipfile.ZipFile(io.BytesIO(data))
    names = set(archive.namelist())
    declared = {
        o.get("PartName")[1:] for o in part(data, "[Content_Types].xml") if o.get("PartName")
    }
    assert declared <= names
    assert {n for n in names if n.endswith(".xml") and n[0] != "["} == declared
    for link in part(data, "word/_rels/document.xml.rels"):
        if link.get("TargetMode") != "External":
            assert f"word/{link.get('Target')}" in names
    used = set(re.findall(r'r:(?:id|embed)="([^"]+)"', archive.read("word/document.xml").decode()))
    assert used <= {link.get("Id") for link in part(data, "word/_rels/document.xml.rels")}


def test_no_theme_font_is_left_and_every_style_used_is_there():
    data = file(BODY + table() + FIGURE + "<ul><li>x</li></ul><blockquote><p>q</p></blockquote>",
                {"chart-1.png": png(30, 20)})  # fmt: skip
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert not [n for n in archive.namelist() if "theme" in n]
    known = {s.get(qn("w:styleId")) for s in part(data, "word/styles.xml").iter(qn("w:style"))}
    for name in ("word/document.xml", "word/footnotes.xml", "word/header1.xml", "word/footer1.xml"):
        root = part(data, name)
        for kind in ("pStyle", "rStyle", "tblStyle"):
            assert {s.get(qn("w:val")) for s in root.iter(qn(f"w:{kind}"))} <= known
        assert not re.search("asciiTheme|eastAsiaTheme", archive.read(name).decode())
