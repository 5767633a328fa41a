"""Names that look like markup, formulas or code arrive in every format as the text they are."""

from __future__ import annotations

import json

import openpyxl
import pandas as pd
import pytest
from docx import Document as Word
from frames import evaluation, indicator, plan, yearly
from pypdf import PdfReader

from gdplan import sections
from gdplan.reports import export, notebook

NAMES = (
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "#let $x$ = @ref `code` \\n //",
    "\"双引号\" '单引号' “弯引号”",
    "就业😀🫶",
    "长名" * 1000,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Every format of a report whose indicators have these names."""
    items = tuple(indicator(str(i), name=name) for i, name in enumerate(NAMES, 1))
    p = plan(*items)
    rows = pd.concat([yearly({2021: "61", 2023: "65"}, indicator=n) for n in NAMES],
                     ignore_index=True)  # fmt: skip
    here = evaluation(p, rows)
    names = ("cover", "overview", "progress", "scoreboard", "panels", "problems", "sources")
    shown = [getattr(sections, name)(here) for name in names]
    cells = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": "", "execution_count": 1,
         "outputs": [{"output_type": "display_data", "metadata": {},
                      "data": {"text/html": part._repr_html_()}}]}
        for i, part in enumerate(shown)
    ]  # fmt: skip
    data = sections.export_assessment(here).csv
    cells.append({"cell_type": "code", "id": "x", "metadata": {}, "source": "",
                  "execution_count": 1, "outputs": [
                      {"output_type": "display_data", "metadata": {},
                       "data": {"application/vnd.gdplan.assessment+csv": data}}
                  ]})  # fmt: skip
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    place = tmp_path_factory.mktemp("formats")
    export.write(notebook.cleaned(book), p, place, kind="midterm", lang="zh",
                  formats=("ipynb", "html", "docx", "pdf", "xlsx"))  # fmt: skip
    return place


def squeezed(text: str) -> str:
    return "".join(text.split())


def words_of_html(folder) -> str:
    from html.parser import HTMLParser

    found: list[str] = []
    parser = HTMLParser()
    parser.handle_data = found.append  # type: ignore[method-assign]
    parser.feed((folder / "report.html").read_text("utf-8"))
    return "".join(found)


def words_of_docx(folder) -> str:
    body = Word(str(folder / "report.docx")).element.body
    return "".join(node.text or "" for node in body.iter() if node.tag.endswith("}t"))


def words_of_pdf(folder) -> str:
    return "".join(page.extract_text() for page in PdfReader(folder / "report.pdf").pages)


def words_of_xlsx(folder) -> str:
    book = openpyxl.load_workbook(folder / "annex.xlsx")
    return "\n".join(
        str(c.value)
        for sheet in book.worksheets
        for row in sheet
        for c in row
        if c.data_type == "s"
    )


def words_of_ipynb(folder) -> str:
    import html

    book = json.loads((folder / "report.ipynb").read_text("utf-8"))
    shown = [o["data"].get("text/html", "") for c in book["cells"] for o in c["outputs"]]
    return html.unescape("".join(shown))


def words_of_csv(folder) -> str:
    rows = pd.read_csv(folder / "assessment.csv")
    return "".join(rows["name"])


READERS = {
    "html": words_of_html, "docx": words_of_docx, "pdf": words_of_pdf, "xlsx": words_of_xlsx,
    "ipynb": words_of_ipynb, "csv": words_of_csv,
}  # fmt: skip


@pytest.mark.parametrize("form", READERS)
@pytest.mark.parametrize("number", range(len(NAMES)))
def test_a_name_arrives_as_text(folder, form, number):
    text = squeezed(READERS[form](folder))
    name = squeezed(NAMES[number])
    if form == "pdf":
        # No font in the file has this picture: its code point is printed instead of a box.
        name = name.replace("\U0001faf6", "[U+1FAF6]")
        if len(name) > 1000:
            # Page numbers stand between the lines of a name that is longer than a page.
            assert text.count("长") >= 1000 and text.count("名") >= 1000
            return
    assert name in text


def test_no_script_runs_and_no_formula_is_made(folder):
    page = (folder / "report.html").read_text("utf-8")
    assert page.count("<script>") == 1
    book = openpyxl.load_workbook(folder / "annex.xlsx")
    for sheet in book.worksheets:
        for row in sheet:
            for cell in row:
                assert cell.data_type != "f" or "cmd" not in str(cell.value)


def test_a_name_longer_than_a_page_is_not_cut_off_at_the_foot(folder):
    """The rows of the table stay inside the type area: no text below the bottom margin."""
    lowest = []

    def visit(text, matrix, _tm, _font, size) -> None:
        if "长名" in text:
            lowest.append(matrix[5])

    for page in PdfReader(folder / "report.pdf").pages:
        page.extract_text(visitor_text=visit)
    assert lowest and min(lowest) > 26 / 25.4 * 72
