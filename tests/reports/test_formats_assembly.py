"""One document from an executed notebook: numbers, footnotes, charts, tables that can be traced."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdplan.page.blocks import Heading, Items, Paragraph, Section, Table
from gdplan.reports.formats import assembly

SVG = "<svg xmlns='http://www.w3.org/2000/svg'/>"
CHART = (
    f'<figure><img src="{assembly.SVG}{base64.b64encode(SVG.encode()).decode()}" alt="描述 a_b">'
    "<figcaption>图题</figcaption></figure>"
)


def book(*shown: str, markdown: str = "") -> dict:
    cells = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": "secret_code()",
         "execution_count": 1, "outputs": [
             {"output_type": "display_data", "metadata": {},
              "data": {"text/html": html, "text/plain": "<plain>"}},
             {"output_type": "stream", "name": "stdout", "text": "printed"}]}
        for i, html in enumerate(shown)
    ]  # fmt: skip
    if markdown:
        cells.append({"cell_type": "markdown", "id": "m", "metadata": {}, "source": markdown})
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def text_of(doc: assembly.Document) -> str:
    return assembly.plain(doc.tree["blocks"])


def headings(doc: assembly.Document) -> list[str]:
    return [assembly.plain(b["c"][2]) for b in doc.tree["blocks"] if b["t"] == "Header"]


def test_sections_are_counted_in_chinese_and_annexes_apart():
    html = (
        "<h1>题</h1><h2>甲</h2><h3>a</h3><h3>b</h3><h2>乙</h2><h3>c</h3><h2 class='annex'>丙</h2>"
    )
    doc = assembly.assemble(book(html))
    assert doc.title == "题"
    assert headings(doc) == ["一、甲", "（一）a", "（二）b", "二、乙", "（一）c", "附一　丙"]


def test_sections_are_counted_in_english():
    html = "<h1>T</h1><h2>A</h2><h3>a</h3><h2 class='annex'>B</h2>"
    assert headings(assembly.assemble(book(html), lang="en")) == ["1. A", "1.1 a", "Annex 1. B"]


@pytest.mark.parametrize(("n", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"),
                                         (25, "二十五")])  # fmt: skip
def test_chinese_numerals(n, text):
    assert assembly.chinese(n) == text


def test_tables_and_charts_are_numbered_in_reading_order_and_charts_become_files():
    table = Table("表题", ("甲",), (("1",),), ("right",)).html()
    doc = assembly.assemble(book("<h1>T</h1>" + table, CHART + table, CHART))
    assert [t.label for t in doc.tables] == ["表1", "表2"]
    assert list(doc.charts) == ["chart-1.svg", "chart-2.svg"]
    assert set(doc.charts.values()) == {SVG}
    figures = [b for b in doc.tree["blocks"] if b["t"] == "Figure"]
    assert [assembly.plain(f["c"][1][1]) for f in figures] == ["图1　图题", "图2　图题"]
    images = [n for n in assembly.walk(figures) if n["t"] == "Image"]
    assert images[0]["c"][2][0] == "chart-1.svg"
    assert assembly.plain(images[0]["c"][1]) == "描述 a_b"


def test_a_printed_table_knows_its_fields_and_keys():
    html = Table("表题", ("序号", "值"), (("7", "1.5"), ("8", "—")), ("center", "right"), "wide",
                 ("indicator", "value"), ("7", "8")).html()  # fmt: skip
    [table] = assembly.assemble(book("<h1>T</h1>" + html)).tables
    assert (table.label, table.caption) == ("表1", "表题")
    assert table.columns == ("indicator", "value") and table.keys == ("7", "8")
    assert table.rows == (("7", "1.5"), ("8", "—")) and table.align == ("center", "right")
    assert table.header == ("序号", "值")


def test_an_english_caption_loses_its_number_and_nothing_else():
    html = Table("Results. Final", ("a",), (("1",),), ("left",)).html()
    [table] = assembly.assemble(book("<h1>T</h1>" + html), lang="en").tables
    assert (table.label, table.caption) == ("Table 1", "Results. Final")


def test_a_source_becomes_a_footnote_of_its_sentence():
    html = Items(("句。", "无注。"), ("来源：甲。", "")).html()
    doc = assembly.assemble(book("<h1>T</h1>" + html))
    notes = [n for n in assembly.walk(doc.tree["blocks"]) if n["t"] == "Note"]
    assert [assembly.plain(n["c"]) for n in notes] == ["来源：甲。"]


def test_the_cover_takes_title_and_lines_and_leaves_the_rest():
    section = Section.of(
        Heading("题", 1), Paragraph("示例", "watermark"), Paragraph("行一", "subtitle"),
        Paragraph("行二", "subtitle"), Paragraph("正文"),
    )  # fmt: skip
    doc = assembly.assemble(book(section._repr_html_()), watermark="示例")
    assert doc.subtitle == ("行一", "行二")
    assert text_of(doc) == "正文"
    assert assembly.plain(doc.tree["meta"]["watermark"]) == "示例"


def test_code_prints_and_plain_outputs_stay_out_and_own_words_come_in():
    doc = assembly.assemble(book("<h1>T</h1><p>甲</p>", markdown="## 办公室的分析\n\n*强调*的话"))
    assert headings(doc) == ["一、办公室的分析"]
    text = text_of(doc)
    assert "强调的话" in text
    assert "secret_code" not in text and "printed" not in text and "plain" not in text


def test_a_note_to_the_user_stays_out_of_the_report():
    notebook = book("<h1>T</h1>", markdown="只在 JupyterLab 中看")
    notebook["cells"][-1]["metadata"] = {"tags": ["not-in-report"]}
    assert "JupyterLab" not in text_of(assembly.assemble(notebook))


def test_a_notebook_pandoc_cannot_read_is_an_error_with_its_message():
    with pytest.raises(RuntimeError, match="pandoc"):
        assembly.pandoc("--from=ipynb", "--to=json", given="{")


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=60))
def test_any_name_arrives_as_text(name):
    html = Table("c", ("h",), ((name,),), ("left",), keys=("1",), columns=("name",)).html()
    [table] = assembly.assemble(book("<h1>T</h1>" + html)).tables
    shown, wanted = ("".join(t.split()) for t in (table.rows[0][0], name))
    assert shown == wanted


def test_the_tree_is_json_and_the_same_twice():
    first, second = (assembly.assemble(book("<h1>T</h1>" + CHART)).json for _ in range(2))
    assert first == second and json.loads(first)["blocks"]


def shape(html: str) -> list[tuple[bool, str]]:
    marks = {"Header": "h", "Para": "p", "Table": "t", "BulletList": "l"}
    tree = json.loads(assembly.pandoc("--from=html", "--to=json", given=html))
    return [(wide, "".join(marks[b["t"]] for b in run)) for wide, run in
            assembly.pages(tree["blocks"])]  # fmt: skip


WIDE = Table("c", ("h",), (("1",),), ("left",), "wide").html()
SLIM = Table("c", ("h",), (("1",),), ("left",)).html()


@pytest.mark.parametrize(
    ("html", "runs"),
    [
        ("", [(False, "")]),
        (WIDE, [(True, "t")]),
        (f"<p>a</p>{WIDE}<p>b</p>", [(False, "p"), (True, "t"), (False, "p")]),
        (f"<p>a</p><h2>h</h2>{WIDE}", [(False, "p"), (True, "ht")]),
        (f"<p>a</p><h2>h</h2><p>b</p>{WIDE}", [(False, "p"), (True, "hpt")]),
        (f"<h2>h</h2><h3>i</h3><p>b</p>{WIDE}", [(True, "hhpt")]),
        (f"<h2>h</h2><p>a</p><p>b</p>{WIDE}", [(False, "hpp"), (True, "t")]),
        (f"<h2>h</h2><ul><li>a</li></ul><p>b</p>{WIDE}", [(False, "hlp"), (True, "t")]),
        (f"{WIDE}<p>a</p>{WIDE}", [(True, "tpt")]),
        (f"{WIDE}{WIDE}<h2>h</h2>{SLIM}", [(True, "tt"), (False, "ht")]),
        (f"{WIDE}<h2>h</h2><p>a</p>{WIDE}", [(True, "thpt")]),
    ],
)
def test_what_leads_up_to_a_wide_table_goes_with_it(html, runs):
    assert shape(html) == runs
