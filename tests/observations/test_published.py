"""Published tables are read by what their spec says, cell by cell, and by nothing else."""

from __future__ import annotations

import copy
import csv
import json
import re
import shutil
import textwrap
import zipfile
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import examples

from gdplan import assess, load_plan, read_observations
from gdplan.files import grids as sheets
from gdplan.observations import published as published_tables
from gdplan.observations.read import reading
from gdplan.observations.reader_spec import TableSpec
from gdplan.problems import ProblemError

TABLES = Path(__file__).parents[1] / "data" / "tables"
PLAN = load_plan("gd-hrss-14")
SIDECAR = {
    "title": "示例年鉴", "description": "示例，非真实", "provenance": "为测试编写",
    "retrieved": "2026-11-23", "licence": "公开", "encoding": "utf-8",
}  # fmt: skip
YEARBOOK: dict[str, Any] = {
    "sheet": "1-1", "header": [2, 3], "unit_row": 4, "first": 5,
    "labels": [{"column": "B", "of": "region", "header": "市别"}],
    "rename": {"全省": "广东省"}, "marks": ["*", "①"],
    "columns": [
        {"column": "C", "header": "城镇新增就业人数/2022年", "indicator": "城镇新增就业人数",
         "year": 2022, "period": "annual"},
        {"column": "D", "header": "城镇新增就业人数/2023年", "indicator": "城镇新增就业人数",
         "year": 2023, "period": "annual"},
        {"column": "E", "header": "失业保险参保人数", "indicator": "失业保险参保人数",
         "year": 2023, "period": "year_end"},
        {"column": "F", "header": "城镇登记失业率", "indicator": "城镇登记失业率", "year": 2023,
         "period": "year_end"},
    ],
    "published": "2024-09", "source": "示例年鉴2024", "access": "direct", "simulated": True,
}  # fmt: skip


def spec(**changes: Any) -> TableSpec:
    return TableSpec.model_validate(copy.deepcopy(YEARBOOK) | changes)


def read(name: str | Path = "yearbook.xlsx", **changes: Any) -> Any:
    path = TABLES / name if isinstance(name, str) else name
    return published_tables.read_file(path, [spec(**changes)])


def values(table: Any) -> dict[tuple[str, str, str], str]:
    return {(r["region"], r["indicator"], r["year"]): r["value"]
            for r in table.cells.to_dict("records")}  # fmt: skip


def keys(table: Any) -> list[str]:
    return [p.key for p in table.problems]


# -- a yearbook table --------------------------------------------------------------------------


def test_a_yearbook_table_with_two_header_rows_and_merged_regions_is_read():
    table = read()
    assert not table.problems
    found = values(table)
    assert found["广东省", "城镇新增就业人数", "2022"] == "132.00"
    assert found["深圳市", "失业保险参保人数", "2023"] == "1250.40"
    assert found["揭阳市", "城镇新增就业人数", "2023"] == "4.10"
    # Shown as a percentage, stored as a fraction.
    assert found["广东省", "城镇登记失业率", "2023"] == "2.35"
    # Footnote marks are cut off; the dash is a missing figure, not a zero.
    assert found["珠海市", "城镇新增就业人数", "2023"] == "5.2"
    assert found["汕尾市", "城镇登记失业率", "2023"] == "2.40"
    assert ("汕尾市", "城镇新增就业人数", "2022") not in found
    assert len(found) == 7 * 4 - 1
    cells = table.cells.set_index("cell")
    assert cells.loc["1-1!D7", ["region_code", "value", "unit"]].tolist() == [
        "440300", "19.66", "万人"
    ]  # fmt: skip


def test_a_missing_figure_is_listed_with_its_cell():
    grids, _ = sheets.grids(TABLES / "yearbook.xlsx")
    assert published_tables.read_table(grids, spec(), "yearbook.xlsx").missing == ("1-1!C10",)


@pytest.mark.parametrize("name", ["yearbook.xls", "yearbook.ods"])
def test_the_other_formats_give_the_same_rows(name):
    mine, other = read().cells, read(name).cells
    assert mine.to_dict("records") == other.to_dict("records")


def test_a_csv_in_gb18030_gives_the_same_figures_but_for_digits_it_does_not_print():
    label = [{"column": "B", "of": "region"}]
    csv_spec = {"sheet": None, "labels": label, "skip": [""], "last": 11}
    columns = copy.deepcopy(YEARBOOK["columns"])
    columns[1]["header"] = "2023年"
    table = read("yearbook.csv", columns=columns, **csv_spec)
    assert table.encoding == "gb18030" and not table.problems
    mine = {k: float(v) for k, v in values(read()).items() if k[0] != "广东省"}
    assert {k: float(v) for k, v in values(table).items()} == mine
    assert "C6" in set(table.cells["cell"])


# -- a bulletin in Word ------------------------------------------------------------------------


def bulletin(path: Path) -> Path:
    document = docx.Document()
    document.add_paragraph("某市2023年人力资源和社会保障事业发展统计公报（示例，非真实）")
    first = document.add_table(rows=1, cols=2)
    first.rows[0].cells[0].text = "目录"
    table = document.add_table(rows=6, cols=4)
    lines = [
        ("指标", "单位", "2022年", "2023年"),
        ("一、就业", "", "", ""),
        ("城镇新增就业人数", "万人", "约30.5", "超33"),
        ("  其中：失业人员再就业", "万人", "9.1", "9.4"),
        ("城镇登记失业率", "%", "２.30", "2.5以内"),
        ("失业保险参保人数", "万人", "705.1", "710.72"),
    ]
    for row, texts in zip(table.rows, lines, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    title = table.rows[1].cells
    title[0].merge(title[3])
    document.save(str(path))
    return path


BULLETIN = {
    "table": 2, "header": [1], "first": 2, "region": "440100", "sheet": None, "unit_row": None,
    "labels": [{"column": "A", "of": "indicator", "header": "指标"}],
    "skip": ["一、就业", "其中：失业人员再就业"], "unit": "万人", "rename": {}, "marks": [],
    "columns": [{"column": c, "header": f"{y}年", "year": y, "period": "annual"}
                for c, y in (("C", 2022), ("D", 2023))],
}  # fmt: skip


def test_the_second_table_of_a_bulletin_is_read_with_its_wording(tmp_path):
    table = read(bulletin(tmp_path / "bulletin.docx"), **BULLETIN,
                 last=3)  # fmt: skip
    assert not table.problems
    rows = [
        (r["region"], r["value"], r["bound"], r["cell"]) for r in table.cells.to_dict("records")
    ]
    assert rows == [("广州市", "30.5", "approx", "表2!C3"), ("广州市", "33", "at_least", "表2!D3")]


def test_the_unit_may_stand_in_a_column_of_its_own(tmp_path):
    path = bulletin(tmp_path / "bulletin.docx")
    table = read(path, **BULLETIN | {"unit": None, "unit_column": "B"})
    assert not table.problems
    found = {(r["indicator"], r["year"]): (r["value"], r["unit"], r["bound"])
             for r in table.cells.to_dict("records")}  # fmt: skip
    assert found["城镇登记失业率", "2022"] == ("2.30", "%", "exact")
    assert found["城镇登记失业率", "2023"] == ("2.5", "%", "at_most")
    assert found["失业保险参保人数", "2023"] == ("710.72", "万人", "exact")


# -- what does not fit is told -----------------------------------------------------------------


def edited(tmp_path: Path, change: Any) -> Path:
    path = tmp_path / "yearbook.xlsx"
    book = openpyxl.load_workbook(TABLES / "yearbook.xlsx")
    change(book["1-1"])
    book.save(path)
    return path


def put(**cells: Any) -> Any:
    def change(sheet: Any) -> None:
        for place, value in cells.items():
            sheet[place].value = value

    return change


def formatted(place: str, value: Any, form: str) -> Any:
    def change(sheet: Any) -> None:
        sheet[place].value, sheet[place].number_format = value, form

    return change


def hide_row(sheet: Any) -> None:
    sheet.row_dimensions[6].hidden = True


def hide_column(sheet: Any) -> None:
    sheet.column_dimensions["D"].hidden = True


def merge_figures(sheet: Any) -> None:
    sheet.merge_cells("D6:D7")


def insert_column(sheet: Any) -> None:
    sheet.insert_cols(3)


def swap(sheet: Any) -> None:
    for row in (2, 4, 5, 6):
        one, two = sheet.cell(row, 5), sheet.cell(row, 6)
        one.value, two.value = two.value, one.value


MUTATIONS: list[tuple[Any, list[tuple[str, str]]]] = [
    (put(D6="三十三"), [("not_a_number", "1-1!D6")]),
    (put(D6="33.01³"), [("not_a_number", "1-1!D6")]),
    (put(D6="33.01 33.02"), [("two_numbers", "1-1!D6")]),
    (put(D6="33.01\n33.02"), [("two_numbers", "1-1!D6")]),
    (put(D6="33\n015"), [("two_numbers", "1-1!D6")]),
    (put(D6="33.01\u200b"), [("invisible", "1-1!D6")]),
    (put(D6="\u221233.01"), [("invisible", "1-1!D6")]),
    (put(D6="33.5万"), [("not_a_number", "1-1!D6")]),
    (formatted("D6", 33.5, '0.0"万"'), [("not_a_number", "1-1!D6")]),
    (formatted("D6", 33.5, '"-"0.0'), [("unknown_format", "1-1!D6")]),
    (formatted("D6", 33.5, '"5"0.0'), [("unknown_format", "1-1!D6")]),
    (formatted("D6", 33.5, "[>30]0;0.0"), [("unknown_format", "1-1!D6")]),
    (formatted("D6", 33.5, ";;;"), [("not_shown", "1-1!D6")]),
    (formatted("D6", 0, "0.0;-0.0;"), [("not_shown", "1-1!D6")]),
    (formatted("D6", -33.5, "0.0;0.0"), [("unknown_format", "1-1!D6")]),
    (put(D6="1,23"), [("not_a_number", "1-1!D6")]),
    (put(D6="#DIV/0!"), [("error_value", "1-1!D6")]),
    (put(D6="=D7+D8"), [("formula_without_value", "1-1!D6")]),
    (put(D6=True), [("not_text", "1-1!D6")]),
    (formatted("D6", 45000, "yyyy-mm-dd"), [("date", "1-1!D6")]),
    (formatted("D6", 33010, "0.00,"), [("unknown_format", "1-1!D6")]),
    (formatted("D6", 33.01, "0.00E+00"), [("unknown_format", "1-1!D6")]),
    (formatted("D6", 33.5, "# ?/?"), [("unknown_format", "1-1!D6")]),
    (formatted("D6", 0.3301, "0.00%"), [("percent", "1-1!D6")]),
    (put(D6="33.01%"), [("percent", "1-1!D6")]),
    (formatted("D6", 33.01234567890123, "General"), [("unknown_digits", "1-1!D6")]),
    (put(B6="广洲"), [("unknown_region", "1-1!B6")]),
    (put(B6="其他"), [("unknown_region", "1-1!B6")]),
    (put(D3="2024年"), [("header_differs", "1-1!D3")]),
    (put(C2="城镇登记失业人数"), [("header_differs", "1-1!C3"), ("header_differs", "1-1!D3")]),
    (put(E4="（人）"), []),
    (put(E4=None), [("no_unit", "1-1!E4")]),
    (hide_row, [("hidden_row", "1-1!A6")]),
    (hide_column, [("hidden_column", "1-1!D5")]),
    (merge_figures, [("merged_value", "1-1!D6"), ("merged_value", "1-1!D7")]),
    (put(D6="三", D7="四"), [("not_a_number", "1-1!D6"), ("not_a_number", "1-1!D7")]),
]  # fmt: skip


@pytest.mark.parametrize("n", range(len(MUTATIONS)))
def test_what_does_not_fit_is_named_with_its_cell(tmp_path, n):
    change, wanted = MUTATIONS[n]
    table = read(edited(tmp_path, change))
    assert [(p.key, p.where.partition("!")[2]) for p in table.problems] == wanted


@pytest.mark.parametrize("change", [insert_column, swap])
def test_moved_columns_are_no_figures_of_something_else(tmp_path, change):
    table = read(edited(tmp_path, change))
    assert set(keys(table)) == {"header_differs"} | ({"unit_differs", "no_unit"} & set(keys(table)))
    assert table.cells.empty


ACCOUNTS = '_ * #,##0.0_ ;_ * -#,##0.0_ ;_ * "-"??_ ;_ @_ '
RIGHT: list[tuple[Any, str, str]] = [
    (put(D6="３３．０１"), "33.01", "exact"),
    (put(D6="33.01*①"), "33.01", "exact"),
    (put(D6="1,033.01"), "1033.01", "exact"),
    (put(D6="约33"), "33", "approx"),
    (put(D6="超过33"), "33", "at_least"),
    (put(D6="33以上"), "33", "at_least"),
    (put(D6="33余"), "33", "at_least"),
    (put(D6="33左右"), "33", "approx"),
    (put(D6="-0.5"), "-0.5", "exact"),
    (formatted("D6", 33.005, "0.00"), "33.01", "exact"),
    (formatted("D6", 33.014, "0.0"), "33.0", "exact"),
    (formatted("D6", 33, "0.000"), "33.000", "exact"),
    (formatted("D6", 1033.5, "#,##0.0"), "1033.5", "exact"),
    (formatted("D6", 330100, r"0\.0000"), "33.0100", "exact"),
    (formatted("D6", 330100, "0!.0000"), "33.0100", "exact"),
    (formatted("D6", 33.5, "0.0##"), "33.5", "exact"),
    (formatted("D6", 33, "#.##"), "33", "exact"),
    (formatted("D6", 33.5, "G/通用格式"), "33.5", "exact"),
    (formatted("D6", -0.5, "0.0;[Red]-0.0"), "-0.5", "exact"),
    (formatted("D6", 1033.5, ACCOUNTS), "1033.5", "exact"),
    (formatted("D6", 33.5, "0.0_ "), "33.5", "exact"),
    (formatted("D6", 0.1 + 0.2, "General"), "0.3", "exact"),
]


@pytest.mark.parametrize("n", range(len(RIGHT)))
def test_what_can_be_read_has_its_printed_digits_and_its_wording(tmp_path, n):
    change, value, bound = RIGHT[n]
    table = read(edited(tmp_path, change))
    assert not table.problems
    row = table.cells.set_index("cell").loc["1-1!D6"]
    assert (row["value"], row["bound"]) == (value, bound)


def test_all_faults_of_a_file_come_at_once(tmp_path):
    def change(sheet: Any) -> None:
        put(D6="三", B8="朱海", F9="#N/A")(sheet)

    table = read(edited(tmp_path, change))
    assert keys(table) == ["not_a_number", "unknown_region", "error_value"]


def test_hidden_rows_can_be_declared():
    pass_through = read(hidden="include")
    assert not pass_through.problems


def test_hidden_rows_that_are_declared_are_read(tmp_path):
    table = read(edited(tmp_path, hide_row), hidden="include")
    assert not table.problems and "1-1!D6" in set(table.cells["cell"])


def test_declared_decimals_settle_what_general_does_not_show(tmp_path):
    columns = copy.deepcopy(YEARBOOK["columns"])
    columns[1]["decimals"] = 2
    path = edited(tmp_path, formatted("D6", 33.01534567890123, "General"))
    table = read(path, columns=columns)
    assert table.cells.set_index("cell").loc["1-1!D6", "value"] == "33.02"
    stored = read(path, digits="stored")
    assert stored.cells.set_index("cell").loc["1-1!D6", "value"] == "33.0153456789012"


def test_the_unit_of_the_header_is_held_against_the_spec(tmp_path):
    table = read(unit="人")
    assert keys(table) == ["unit_differs"] * 4
    table = read(unit_row=None, header=[2, 3], unit="万人")
    assert "unit_differs" not in keys(table)


def test_the_end_of_a_table_is_its_note_or_its_last_row(tmp_path):
    assert len(read(last=6).cells) == 8
    endless = read(edited(tmp_path, put(A12=None, A13=None)))
    assert not endless.problems
    assert keys(read(first=12)) == ["no_rows"]


def test_a_sheet_that_is_not_there_names_those_that_are():
    table = read(sheet="1-2")
    assert keys(table) == ["unknown_sheet"]
    [problem] = table.problems
    assert "1-1、编者说明" in problem.expected and problem.fix == "最接近的是 1-1"
    assert keys(read(sheet=None)) == ["unknown_sheet"]


# -- files -------------------------------------------------------------------------------------


def wrecked(kind: str, path: Path) -> Path:
    source = TABLES / f"yearbook{path.suffix}"
    if kind == "html":
        path.write_text("<html><table></table></html>", "utf-8")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "cut":
        path.write_bytes(source.read_bytes()[:3000])
    elif kind == "bomb":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("content.xml", b"0" * 100_000_000)
    elif kind == "gone":
        path.unlink(missing_ok=True)
    return path


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods", ".docx"])
@pytest.mark.parametrize("kind", ["html", "empty", "cut", "bomb", "gone"])
def test_a_damaged_file_is_a_problem_with_its_name(tmp_path, suffix, kind):
    if kind == "cut" and suffix == ".docx":
        path = bulletin(tmp_path / "b.docx")
        path.write_bytes(path.read_bytes()[:3000])
    else:
        path = wrecked(kind, tmp_path / f"b{suffix}")
    with pytest.raises(ProblemError) as error:
        sheets.grids(path)
    assert all("b" + suffix in p.where for p in error.value.problems)


def test_a_file_of_another_kind_and_a_crowded_merge_are_refused(tmp_path):
    with pytest.raises(ProblemError, match="不能读取这种文件"):
        sheets.grids(tmp_path / "b.pdf")
    book = openpyxl.Workbook()
    book.active.merge_cells("A1:A2")
    book.save(tmp_path / "small.xlsx")
    # Written by hand: openpyxl would make a million cells of it.
    with (
        zipfile.ZipFile(tmp_path / "small.xlsx") as small,
        zipfile.ZipFile(tmp_path / "vast.xlsx", "w") as vast,
    ):
        for part in small.namelist():
            vast.writestr(part, small.read(part).replace(b'"A1:A2"', b'"A1:A1048576"'))
    assert b"A1:A1048576" in zipfile.ZipFile(tmp_path / "vast.xlsx").read(
        "xl/worksheets/sheet1.xml"
    )
    with pytest.raises(ProblemError, match="过大"):
        sheets.grids(tmp_path / "vast.xlsx")
    book = openpyxl.Workbook()
    book.active["XFD1048576"] = 1
    book.save(tmp_path / "far.xlsx")
    with pytest.raises(ProblemError, match="表格范围过大"):
        sheets.grids(tmp_path / "far.xlsx")


def ods(tmp_path: Path, rows: str) -> Path:
    """An .ods file with the given rows, as XML."""
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    path = tmp_path / "t.ods"
    with zipfile.ZipFile(path, "w") as archive:
        table = f'<table:table table:name="表">{rows}</table:table>'
        body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
        whole = f"<office:document-content{spaces}>{body}</office:document-content>"
        archive.writestr("content.xml", whole)
    return path


def cell(text: str, kind: str = "string", **more: str) -> str:
    extra = "".join(f' table:{k.replace("_", "-")}="{v}"' for k, v in more.items())
    return (f'<table:table-cell office:value-type="{kind}"{extra}><text:p>{text}</text:p>'
            "</table:table-cell>")  # fmt: skip


def test_open_documents_repeat_hide_and_fail_as_they_say(tmp_path):
    rows = (
        "<table:table-row>" + cell("甲", number_columns_repeated="2") + cell("3.50", "float")
        + cell("35.0%", "percentage") + cell("2024-01-01", "date") + cell("TRUE", "boolean")
        + cell("#DIV/0!", formula="of:=1/0") + '<table:table-cell table:formula="of:=1"/>'
        + "</table:table-row>"
        '<table:table-row table:visibility="collapse" table:number-rows-repeated="2">'
        + cell("乙") + "</table:table-row>"
    )  # fmt: skip
    path = ods(tmp_path, '<table:table-column table:visibility="collapse"/>' + rows)
    grid = sheets.grids(path)[0]["表"]
    shown = [grid.at(1, c) for c in range(1, 9)]
    assert [s.text for s in shown] == [
        "甲",
        "甲",
        "3.50",
        "35.0",
        "2024-01-01",
        "TRUE",
        "#DIV/0!",
        "",
    ]
    assert [s.fault for s in shown] == ["", "", "", "", "date", "not_text", "error_value",
                                        "formula_without_value"]  # fmt: skip
    assert shown[3].percent and grid.hidden_rows == {2, 3} and grid.hidden_columns == {1}
    assert grid.at(3, 1).text == "乙" and grid.rows == 3


@pytest.mark.parametrize(
    "rows",
    ['<table:table-row table:number-rows-repeated="9999999">' + cell("x") + "</table:table-row>",
     "<table:table-row>" + cell("x", number_columns_repeated="999999") + "</table:table-row>",
     "<table:table-row>" + cell("x", number_rows_spanned="99999") + "</table:table-row>"],
)  # fmt: skip
def test_cells_that_repeat_without_end_are_refused(tmp_path, rows):
    with pytest.raises(ProblemError, match="过大"):
        sheets.grids(ods(tmp_path, rows))


NUMBERS = st.decimals(0, 9999, places=2).map(lambda d: f"{d:.2f}")


@examples(25, quick=10)
@given(st.lists(st.lists(NUMBERS, min_size=2, max_size=2), min_size=1, max_size=21))
def test_what_was_written_is_what_is_read(tmp_path_factory, numbers):
    from gdplan.files import places

    names = [places.regions()[code] for code in places.cities_of("440000")]
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["市", "2022年", "2023年"])
    for name, row in zip(names, numbers, strict=False):
        sheet.append([name, *map(float, row)])
        for c in (2, 3):
            sheet.cell(sheet.max_row, c).number_format = "0.00"
    path = tmp_path_factory.mktemp("round") / "t.xlsx"
    book.save(path)
    table = read(
        path, sheet=None, header=[1], first=2, unit_row=None, unit="万人",
        indicator="城镇新增就业人数", period="annual",
        labels=[{"column": "A", "of": "region", "header": "市"}],
        columns=[{"column": "B", "header": "2022年", "year": 2022},
                 {"column": "C", "header": "2023年", "year": 2023}],
    )  # fmt: skip
    assert not table.problems
    assert table.cells["value"].tolist() == [v for row in numbers for v in row]


# -- in a project ------------------------------------------------------------------------------


def placed(folder: Path, name: str, *tables: Any, **sidecar: Any) -> Path:
    folder.mkdir(exist_ok=True)
    if not (folder / name).exists():
        shutil.copy(TABLES / name, folder / name)
    whole = SIDECAR | ({"tables": list(tables)} if tables else {}) | sidecar
    plain = json.loads(json.dumps(whole))  # no aliases
    text = yaml.safe_dump(plain, allow_unicode=True, sort_keys=False)
    (folder / name).with_suffix(".yml").write_text(text, "utf-8")
    return folder


def test_figures_of_a_published_table_are_observations_like_others(tmp_path):
    folder = placed(tmp_path / "o", "yearbook.xlsx", YEARBOOK)
    read = reading(folder, PLAN)
    frame = read.figures
    assert len(frame) == 27 and frame["simulated"].all()
    row = frame[(frame["region"] == "440100") & (frame["year"] == 2023)].iloc[0]
    assert (row["file"], row["cell"], row["value"]) == ("yearbook.xlsx", "1-1!D6", 33.01)
    assert (row["low"], row["high"]) == (33.005, 33.015)
    assert read.empty == ("yearbook.xlsx!1-1!C10",)
    judged = assess(PLAN, frame, region="440000", year=2023)
    assert "yearbook.xlsx!1-1!F5" in set(judged["sources"])


def test_faults_of_rows_are_told_by_their_cell(tmp_path):
    columns = copy.deepcopy(YEARBOOK["columns"])
    columns[0]["indicator"] = "城镇新增就业"
    columns[3]["period"] = "yearend"
    folder = placed(tmp_path / "o", "yearbook.xlsx", YEARBOOK | {"columns": columns, "last": 5})
    with pytest.raises(ProblemError) as error:
        read_observations(folder, PLAN)
    assert [(p.key, p.where) for p in error.value.problems] == [
        ("unknown_indicator", "yearbook.xlsx!1-1!C5 indicator"),
        ("unknown_word", "yearbook.xlsx!1-1!F5 period"),
    ]


def test_the_same_figure_in_two_tables_is_a_duplicate_with_both_cells(tmp_path):
    folder = placed(tmp_path / "o", "yearbook.xlsx", YEARBOOK, YEARBOOK | {"last": 5})
    with pytest.raises(ProblemError, match="重复录入") as error:
        read_observations(folder, PLAN)
    assert "yearbook.xlsx:1-1!C5" in error.value.problems[0].where


def test_a_workbook_that_no_spec_describes_is_a_problem(tmp_path):
    folder = placed(tmp_path / "o", "yearbook.xlsx")
    with pytest.raises(ProblemError, match="没有读表说明"):
        read_observations(folder, PLAN)
    (folder / "yearbook.yml").unlink()
    with pytest.raises(ProblemError, match=r"yearbook\.yml 中的 tables"):
        read_observations(folder, PLAN)


def test_an_office_lock_beside_a_table_is_no_table(tmp_path):
    folder = placed(tmp_path / "o", "yearbook.xlsx", YEARBOOK)
    (folder / "~$yearbook.xlsx").write_bytes(b"lock")
    assert len(read_observations(folder, PLAN)) == 27


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"heder": [1]}, "最接近的是 header"),
        ({"header": []}, "header"),
        ({"access": "seen"}, "access"),
        ({"first": 3}, "first 应在表头各行之后"),
        ({"last": 4}, "last"),
        ({"table": 1}, "sheet 和 table 只能写一个"),
        ({"unit_column": "G"}, "写了 unit_column"),
        ({"columns": [{"column": "B", "header": "x", "indicator": "z", "year": 2023,
                       "period": "annual"}]}, "列 B 出现两次"),
        ({"columns": [{"column": "C", "header": "x"}]}, "列 C 缺少 indicator"),
        ({"region": "440000"}, "既在 labels 中又另外写了 region"),
    ],
)  # fmt: skip
def test_a_faulty_spec_is_told_with_its_line_and_nothing_is_read(tmp_path, change, said):
    folder = placed(tmp_path / "o", "yearbook.xlsx", YEARBOOK | change)
    with pytest.raises(ProblemError, match=r"o/yearbook\.yml:\d+") as error:
        read_observations(folder, PLAN)
    assert said in str(error.value)


def test_a_cell_of_a_table_can_be_corrected(tmp_path, monkeypatch):
    root = Path(__file__).resolve().parents[2]
    home = tmp_path / "home"
    shutil.copytree(root / "data", home / "data")
    monkeypatch.setenv("GDPLAN_HOME", str(home))
    folder = placed(tmp_path / "o", "yearbook.xlsx", YEARBOOK)
    entry = """
        corrections:
          - {file: yearbook.xlsx, cell: "1-1!D6", action: replace, expect: "33.01",
             value: "33.10", reason: 年鉴勘误表}
          - {file: yearbook.xlsx, cell: "1-1!C6", action: drop, expect: "30.50", reason: 年鉴勘误表}
    """
    path = home / "data" / "raw" / "corrections.yml"
    path.write_text(textwrap.dedent(entry), "utf-8")
    frame = read_observations(folder, PLAN).set_index("cell")
    assert frame.loc["1-1!D6", "value"] == 33.1 and "1-1!C6" not in frame.index
    path.write_text(textwrap.dedent(entry).replace("1-1!D6", "1-1!D60"), "utf-8")
    with pytest.raises(ProblemError, match=r"yearbook\.xlsx:1-1!D60"):
        read_observations(folder, PLAN)
    path.write_text(
        textwrap.dedent(entry).replace('cell: "1-1!D6"', 'line: 2, cell: "x9"'), "utf-8"
    )
    with pytest.raises(ProblemError, match="应写且只写一个"):
        read_observations(folder, PLAN)


CASES = Path(__file__).parents[1] / "data" / "published_cases"


@pytest.mark.parametrize(
    "case", list(csv.DictReader((CASES / "expected.csv").open(encoding="utf-8"))),
    ids=lambda case: case["case"],
)  # fmt: skip
def test_a_cell_is_what_it_shows_or_it_is_refused(case):
    """Small tables that no office published, each with a fault of its own kind."""
    wanted = case["expected"]
    try:
        frame = read_observations(CASES / case["case"], load_plan("gd-hrss-14"))
    except ProblemError as error:
        assert "refuse" in wanted, str(error)
        if "U+FEFF" in wanted:
            assert "U+FEFF" in str(error)
        return
    value = re.search(r"value=([\d.]+)", wanted)
    assert value is not None, list(frame["raw"])
    assert float(value[1]) in [float(x) for x in frame["value"]]
