"""The one writer of workbooks: text stays text, the same content gives the same bytes."""

from __future__ import annotations

import io

import openpyxl
import pytest

from gdplan.files import safe_workbook
from gdplan.files.text_width import display_width
from gdplan.files.workbook import ENTRY, KEYS, MADE, Book, print_across, row_height


def example(*names: str) -> bytes:
    book = Book("标题")
    book.help("说明", "标题", ["第一行", "第二行"])
    sheet = book.sheet("数据", ("序号", "名称"), (6, 30), across=1)
    for line, name in enumerate(names, 1):
        book.line(sheet, line, (str(line), name), **ENTRY)
    print_across(sheet)
    book.keys({"plan": "p", "long": "长" * 20_000})
    return book.content()


@pytest.mark.parametrize(
    "name", ["=1+1", "+86 20", "-5", "@name", "http://a.cn", "0012", "{=SUM(A1:A2)}", "_x0041_"]
)
def test_text_that_looks_like_a_formula_a_link_or_a_number_stays_text(name):
    sheet = openpyxl.load_workbook(io.BytesIO(example(name)))["数据"]
    cell = sheet["B2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (name, "s", None)


def test_what_no_cell_can_hold_is_left_out_or_cut():
    sheet = openpyxl.load_workbook(io.BytesIO(example("a\x00b\ufffe", "长" * 40_000)))["数据"]
    assert sheet["B2"].value == "ab" and len(sheet["B3"].value) == 32_000


def test_the_same_content_gives_the_same_bytes_and_one_day_of_making():
    assert example("就业") == example("就业")
    book = openpyxl.load_workbook(io.BytesIO(example("就业")))
    assert book.properties.created == MADE and book.properties.title == "标题"


def test_headers_stay_in_sight_and_only_entries_are_unlocked():
    book = openpyxl.load_workbook(io.BytesIO(example("就业")))
    assert book["数据"].freeze_panes == "B2" and book["说明"].freeze_panes is None
    assert book["数据"]["A1"].protection.locked and not book["数据"]["B2"].protection.locked
    assert book["说明"].protection.sheet and book["数据"].page_setup.orientation == "landscape"


def test_the_hidden_sheet_is_read_back_whole(tmp_path):
    path = tmp_path / "form.xlsx"
    path.write_bytes(example("就业"))
    assert openpyxl.load_workbook(path)[KEYS].sheet_state == "veryHidden"
    sheets = safe_workbook.sheets(path)
    assert safe_workbook.keys_of(sheets) == {"plan": "p", "long": "长" * 20_000}
    del sheets[KEYS]
    assert safe_workbook.keys_of(sheets) == {}


@pytest.mark.parametrize("text", ["{", "[1]", "[" * 20_000, "7"])
def test_a_damaged_hidden_sheet_says_nothing(tmp_path, text):
    book = openpyxl.Workbook()
    book.create_sheet(KEYS)["A1"] = text
    book.save(tmp_path / "form.xlsx")
    assert safe_workbook.keys_of(safe_workbook.sheets(tmp_path / "form.xlsx")) == {}


def test_a_row_is_as_high_as_its_longest_text_breaks_and_no_higher_than_a_sheet_allows():
    assert row_height(("就业", ""), (12, 12)) == 15
    assert row_height(("就业" * 5, "x"), (12, 12)) == 30
    assert row_height(("就业" * 5_000,), (12,)) == 405


@pytest.mark.parametrize(
    ("text", "width", "chinese"), [("", 0, 0), ("GDP", 3, 3), ("目标", 4, 4), ("≥5—“”", 5, 9)]
)
def test_a_chinese_character_is_two_wide_and_signs_as_their_font_has_them(text, width, chinese):
    assert (display_width(text), display_width(text, chinese=True)) == (width, chinese)
