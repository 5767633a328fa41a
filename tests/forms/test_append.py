"""What offices do to a form: the right figure or a clear problem, never another figure."""

from __future__ import annotations

import csv
import functools
import json
import random
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import examples

from gdplan import load_plan, read_observations
from gdplan.forms import append as form_append
from gdplan.forms import read as form_read
from gdplan.forms import write as form_write
from gdplan.model import Attribute, Kind
from gdplan.problems import ProblemError

PLAN = load_plan("gd-hrss-14")
NOTHING = read_observations().iloc[:0]
GUANGDONG = {"440000": "广东省"}
TODAY = "2024-03-10"
SOURCE = "《广东省统计年鉴（２０２１）》：①就业"
AT = {name: i for i, name in enumerate(form_write.HEADER, 1)}


@functools.cache
def usual() -> dict[str, bytes]:
    return form_write.template(PLAN, NOTHING, year=2021, regions=GUANGDONG)


def saved(folder: Path, **options) -> Path:
    folder.mkdir(exist_ok=True)
    asked = {"plan": PLAN, "year": 2021, "regions": GUANGDONG} | options
    made = form_write.template(asked.pop("plan"), NOTHING, **asked) if options else usual()
    [(name, data)] = made.items()
    (folder / name).write_bytes(data)
    return folder / name


def put(sheet, line: int, **cells: object) -> None:
    for name, value in cells.items():
        sheet.cell(line, AT[name]).value = value


def report(sheet, line: int = 2, **cells: object) -> None:
    put(sheet, line, **({"数值": 139.3, "数据来源": SOURCE, "发布日期": "2024-03-01"} | cells))


def edited(path: Path, change, sheet: str = "数据") -> Path:
    book = openpyxl.load_workbook(path)
    change(book[sheet])
    book.save(path)
    return path


def filled(folder: Path, line: int = 2, **cells: object) -> Path:
    return edited(saved(folder), lambda sheet: report(sheet, line, **cells))


def problems_of(path: Path, **options) -> list[tuple[str, str]]:
    with pytest.raises(ProblemError) as caught:
        form_read.read(path, PLAN, **options)
    return [(p.key, p.where.rpartition("!")[2]) for p in caught.value.problems]


@pytest.fixture
def home(tmp_path) -> Path:
    (tmp_path / "data" / "raw" / "observations").mkdir(parents=True)
    return tmp_path / "data"


def taken(home: Path, path: Path, today: str = TODAY) -> form_append.ImportRecord:
    return form_append.append([path], plan=PLAN, today=today, home=home)


# -- the form holds whatever a plan says -------------------------------------------------------


@pytest.mark.parametrize("year", [2019, 2020, 2026])
def test_a_year_outside_the_plan_is_no_form(year):
    words = f"评估年份不在规划期内（gd-hrss-14）；应为 2021—2025；实为 {year}"
    with pytest.raises(ProblemError, match=words):
        form_write.template(PLAN, NOTHING, year=year, regions=GUANGDONG)


def with_departments(*names: str):
    pairs = zip(PLAN.indicators, names, strict=False)
    return replace(PLAN, indicators=tuple(replace(i, department=n) for i, n in pairs))


def test_any_department_gets_a_sheet_of_its_own(tmp_path):
    names = ("甲厅/乙局：处", form_write.CODES, form_write.HELP, form_write.KEYS, form_write.LEDGER,
             "'x'", "ABC", "abc",
             "History", "厅" * 40, "厅" * 39, "", "\x00")  # fmt: skip
    plan = with_departments(*names)
    path = saved(tmp_path, plan=plan, by_department=True)
    keys = json.loads(openpyxl.load_workbook(path)[form_write.KEYS]["A1"].value)
    assert [rows[0][0] for rows in keys["rows"].values()] == [i.no for i in plan.indicators]
    book = openpyxl.load_workbook(path)
    for sheet in keys["rows"]:
        report(book[sheet], 数值=72.5)
    book.save(path)
    assert len(form_read.read(path, plan).rows) == len(names)


@pytest.mark.slow
def test_a_plan_of_many_indicators_keeps_its_key(tmp_path):
    first = PLAN.indicators[0]
    many = tuple(replace(first, no=str(i), name=f"指标{i}") for i in range(400))
    plan = replace(PLAN, indicators=many)
    path = edited(saved(tmp_path, plan=plan, year=2025), lambda s: report(s, 2000))
    [row] = form_read.read(path, plan).rows
    assert (row["indicator"], row["year"]) == ("指标399", "2024")


@examples(25, quick=5)
@given(
    name=st.text(min_size=1, max_size=60),
    unit=st.text(st.characters(categories=["L", "S", "P"]), min_size=1, max_size=8),
    words=st.text(max_size=80),
)
def test_whatever_stands_in_names_and_sources_arrives(tmp_path_factory, name, unit, words):
    item = replace(PLAN.indicators[0], name=name, unit=unit)
    plan = replace(PLAN, indicators=(item,), title=name)
    path = saved(tmp_path_factory.mktemp("any"), plan=plan)
    source = f"局：{form_write.clean(words)}。"
    edited(path, lambda sheet: report(sheet, 数据来源=source))
    [row] = form_read.read(path, plan).rows
    assert row["source"] == source
    assert row["indicator"] == name


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "<script>&amp;", "#`$@\"'", "🙂" * 900,
                                  "一\n二", "_x0041_", "＋１（２）①"])  # fmt: skip
def test_a_source_arrives_in_the_observations_as_it_was_typed(tmp_path, home, text):
    def typed(sheet) -> None:
        report(sheet, 数据来源="局" + text, 口径说明=text if text[0] != "=" else None)

    taken(home, edited(saved(tmp_path), typed))
    frame = read_observations(home / "raw" / "observations", PLAN)
    assert frame["source"][0] == "局" + text


# -- cells -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shape", "raw"),
    [(0.00005, "General", "0.00005"), (131.30000000000001, "General", "131.3"),
     (0.1 + 0.2, "General", "0.3"), (123456789.12345, "General", "123456789.12345"),
     (139.3, "0.00E+00", "139.3"), (1403300.0, "#,##0", "1403300"), (12.5, '0.00"万"', "12.50"),
     (139.3, "0.00_ ;[Red]-0.00", "139.30"), (0, "General", "0"), (12.345, "0.0", "12.345")],
)  # fmt: skip
def test_a_number_is_neither_cut_nor_lengthened(tmp_path, value, shape, raw):
    def typed(sheet) -> None:
        report(sheet, 数值=value)
        sheet.cell(2, AT["数值"]).number_format = shape

    [row] = form_read.read(edited(saved(tmp_path), typed), PLAN).rows
    assert row["value"] == raw


def test_per_cent_of_what_is_no_share_is_told(tmp_path):
    def typed(sheet) -> None:
        report(sheet, 数值=0.75)
        sheet.cell(2, AT["数值"]).number_format = "0%"

    assert problems_of(edited(saved(tmp_path), typed)) == [("percent_format", "I2")]


def test_a_fraction_typed_for_a_share_is_told_unless_it_says_per_cent(tmp_path):
    assert problems_of(filled(tmp_path, 5, 数值=0.95)) == [("fraction_for_share", "I5")]
    [row] = form_read.read(filled(tmp_path, 5, 数值="0.95%"), PLAN).rows
    assert row["value"] == "0.95"
    [row] = form_read.read(filled(tmp_path, 3, 数值=0.95), PLAN).rows
    assert (row["indicator"], row["value"]) == ("城镇调查失业率", "0.95")


@pytest.mark.parametrize(
    ("cells", "found"),
    [({"数据来源": "#REF!"}, ("error_cell", "L2")),
     ({"口径说明": "=A1&B1"}, ("formula_without_value", "K2")),
     ({"措辞": "=A1"}, ("formula_without_value", "J2")),
     ({"发布日期": 20240301}, ("not_a_date", "M2")),
     ({"发布日期": "=TODAY()"}, ("not_a_date", "M2")),
     ({"数值": None}, ("missing_value", "I2")),
     ({"数值": None, "数据来源": None}, ("missing_value", "I2")),
     ({"数值": time(14, 42)}, ("not_a_number", "I2")),
     ({"单位": "人"}, ("moved_row", "C2")), ({"时期": "年末"}, ("moved_row", "F2"))],
)  # fmt: skip
def test_a_cell_that_would_be_lost_or_misread_is_told(tmp_path, cells, found):
    assert problems_of(filled(tmp_path, **cells)) == [found]


def test_a_note_alone_is_no_figure_and_no_fault(tmp_path):
    path = edited(saved(tmp_path), lambda s: put(s, 2, 口径说明="尚未公布", 措辞="约"))
    assert form_read.read(path, PLAN).rows == ()


def test_a_date_to_come_is_told_when_the_day_is_known(tmp_path):
    path = filled(tmp_path, 发布日期="2034-03-01")
    assert problems_of(path, today=TODAY) == [("date_to_come", "M2")]
    assert form_read.read(path, PLAN).rows[0]["published"] == "2034-03-01"


def composition():
    item = replace(PLAN.indicators[0], no="9", kind=Kind.of("composition"), unit="%",
                   attribute=Attribute.EXPECTED)  # fmt: skip
    return replace(PLAN, indicators=(item,))


def test_parts_of_a_whole_are_text_and_never_a_time_of_day(tmp_path):
    plan = composition()
    path = saved(tmp_path, plan=plan)
    assert openpyxl.load_workbook(path)["数据"].cell(2, AT["数值"]).number_format == "@"
    edited(path, lambda s: report(s, 数值="14∶42：44"))
    [row] = form_read.read(path, plan).rows
    assert row["value"].replace("∶", ":") == "14:42:44"
    edited(path, lambda s: report(s, 数值=time(14, 42)))
    with pytest.raises(ProblemError, match="不是数值"):
        form_read.read(path, plan)


# -- the key -----------------------------------------------------------------------------------


def rekeyed(path: Path, change) -> Path:
    def rewrite(sheet) -> None:
        keys = json.loads(sheet["A1"].value)
        sheet["A1"].value = json.dumps(change(keys))

    return edited(path, rewrite, form_write.KEYS)


def signed(keys: dict) -> dict:
    return keys | {"layout": form_write.digest(keys)}


@pytest.mark.parametrize(
    "change",
    [lambda k: {"version": 1}, lambda k: {n: v for n, v in k.items() if n != "region"},
     lambda k: k | {"rows": [1]}, lambda k: k | {"region": ["x"]}, lambda k: [k],
     lambda k: k | {"rows": {"数据": [["1", 2021, "ytd"]]}}, lambda k: k | {"rows": {}},
     lambda k: k | {"year": 2022}, lambda k: k | {"version": 9},
     lambda k: signed(k | {"version": 9}),
     lambda k: signed(k | {"rows": {"数据": [["99", 2021, "annual"]]}})],
)  # fmt: skip
def test_a_key_that_was_changed_or_is_of_another_plan_is_refused(tmp_path, change):
    path = rekeyed(filled(tmp_path), change)
    assert [key for key, _ in problems_of(path)] == ["not_this_form"]


def test_a_form_made_before_the_plan_got_another_unit_is_refused(tmp_path):
    other = replace(PLAN, indicators=(replace(PLAN.indicators[0], unit="人"),))
    path = edited(saved(tmp_path, plan=replace(PLAN, indicators=PLAN.indicators[:1])), report)
    with pytest.raises(ProblemError, match="行被移动或改动；应为 人；实为 万人"):
        form_read.read(path, other)


# -- vintages ----------------------------------------------------------------------------------


def test_the_same_figure_under_another_word_is_a_correction_and_needs_its_date(tmp_path, home):
    taken(home, filled(tmp_path))
    with pytest.raises(ProblemError, match=r"139\.3（准确）；实为 139\.3（超）"):
        taken(home, filled(tmp_path, 措辞="超"))
    done = taken(home, filled(tmp_path, 措辞="超", 发布日期="2024-03-05"))
    assert done.added == 1


def test_two_forms_that_word_one_figure_differently_are_told(tmp_path, home):
    files = [filled(tmp_path / "a"), filled(tmp_path / "b", 措辞="约")]
    with pytest.raises(ProblemError, match="报了两个数"):
        form_append.append(files, plan=PLAN, today=TODAY, home=home)


def test_another_source_of_one_day_is_kept_beside_the_first(tmp_path, home):
    taken(home, filled(tmp_path))
    assert taken(home, filled(tmp_path, 数据来源="另一处")).added == 1
    assert taken(home, filled(tmp_path, 数据来源="另一处")).known == 1
    frame = read_observations(home / "raw" / "observations", PLAN)
    assert sorted(frame["source"]) == sorted([SOURCE, "另一处"])


def published(home: Path, **cells: str) -> None:
    row = {"region_code": "440000", "region": "广东省", "indicator": "城镇新增就业人数",
           "year": "2021", "period": "annual", "value": "140", "unit": "万人",
           "published": "2024-03-01", "bound": "exact", "source": "公报"} | cells  # fmt: skip
    path = home / "raw" / "observations" / "published.csv"
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, row)
        if new:
            writer.writeheader()
        writer.writerow(row)


def test_two_published_figures_of_one_day_do_not_stand_in_the_way_of_a_form(tmp_path, home):
    published(home)
    published(home, value="141", source="年鉴")
    assert taken(home, filled(tmp_path)).added == 1
    assert taken(home, filled(tmp_path)).known == 1
    with pytest.raises(ProblemError, match=r"140（准确）；实为 139\.3（准确）"):
        taken(home, filled(tmp_path, 数据来源="公报"))


def test_a_file_that_was_changed_by_hand_is_not_overwritten(tmp_path, home):
    path = taken(home, filled(tmp_path)).file
    text = path.read_text("utf-8").replace("2024-03-01", "2024-02-01")
    path.write_text(text, "utf-8")
    with pytest.raises(ProblemError, match="没有覆盖"):
        taken(home, filled(tmp_path))
    assert path.read_text("utf-8") == text


def test_the_order_of_the_files_changes_nothing(tmp_path):
    files = [filled(tmp_path / "a"), filled(tmp_path / "b", 5, 数值=95)]
    made = []
    for order, name in ((files, "x"), (files[::-1], "y")):
        place = tmp_path / name
        record = form_append.append(order, plan=PLAN, today=TODAY, home=place)
        made.append((record.file.name, record.file.read_bytes()))
    assert made[0] == made[1]


# -- two hundred workbooks ---------------------------------------------------------------------

WIDE = str.maketrans("0123456789.,%", "０１２３４５６７８９．，％")
VALUES = {line: f"{40 + line}.{line % 9 + 1}" for line in range(2, 27)}
TYPED = {
    "number": float, "text": str, "wide": lambda text: text.translate(WIDE),
    "spaces": lambda text: f" {text}\u3000", "formula": lambda text: f"={text}",
    "error": lambda text: "#N/A", "word": lambda text: f"约{text}", "date": lambda text:
    datetime(2024, 1, 1), "comma": lambda text: text.replace(".", ","), "unit": lambda text:
    f"{text}万人", "true": lambda text: True, "per cent": lambda text: float(text) / 100,
    "spread": lambda text: f"{text}-{text}", "dots": lambda text: f"{text}.1", "none": lambda
    text: None, "dash": lambda text: "—", "chinese": lambda text: "四十二点三",
}  # fmt: skip
DATES = ("2024-03-01", "2024/3/1", "2024年3月1日", datetime(2024, 3, 1), "2024.3.1", 20240301,
         "3/1/2024", "24-3-1", "2024-02-30", "三月", None, 2024)  # fmt: skip


def swapped(sheet, a: int, b: int) -> None:
    for line in range(1, sheet.max_row + 1):
        one, other = sheet.cell(line, a), sheet.cell(line, b)
        one.value, other.value = other.value, one.value


def swapped_rows(sheet, a: int, b: int) -> None:
    for column in range(1, len(form_write.HEADER) + 1):
        one, other = sheet.cell(a, column), sheet.cell(b, column)
        one.value, other.value = other.value, one.value


def repeated(sheet, line: int) -> None:
    sheet.insert_rows(line)
    for column in range(1, len(form_write.HEADER) + 1):
        sheet.cell(line, column).value = sheet.cell(line + 1, column).value


LAYOUTS = {
    "as it was": lambda sheet, dice: None,
    "row hidden": lambda sheet, dice: setattr(sheet.row_dimensions[dice], "hidden", True),
    "column hidden": lambda sheet, dice: setattr(sheet.column_dimensions["K"], "hidden", True),
    "row deleted": lambda sheet, dice: sheet.delete_rows(dice),
    "row inserted": lambda sheet, dice: sheet.insert_rows(dice),
    "column deleted": lambda sheet, dice: sheet.delete_cols(9),
    "column inserted": lambda sheet, dice: sheet.insert_cols(9),
    "column added": lambda sheet, dice: sheet.cell(1, 15, "备注"),
    "title above": lambda sheet, dice: sheet.insert_rows(1),
    "header merged": lambda sheet, dice: sheet.merge_cells("I1:J1"),
    "values merged": lambda sheet, dice: sheet.merge_cells(f"I{dice}:I{dice + 1}"),
    "columns swapped": lambda sheet, dice: swapped(sheet, 7, 9),
    "rows swapped": lambda sheet, dice: swapped_rows(sheet, dice, dice + 1),
    "row repeated": repeated,
    "renamed": lambda sheet, dice: setattr(sheet, "title", "Sheet1"),
}


def spoilt(seed: int) -> tuple[str, int, object, str]:
    """How a figure was typed, in which row, its date, and what was done to the sheet."""
    dice = random.Random(seed)
    how, line, day = dice.choice([*TYPED]), dice.randrange(2, 26), dice.choice(DATES)
    layout = dice.choice([*LAYOUTS])
    # One fault at a time, so that each shows by itself what becomes of it.
    fault = dice.choice(("value", "date", "layout"))
    return (
        how if fault == "value" else "number",
        line,
        day if fault == "date" else DATES[0],
        layout if fault == "layout" else "as it was",
    )


@pytest.mark.parametrize(
    "seed",
    [n if n < 40 else pytest.param(n, marks=pytest.mark.slow) for n in range(200)],
)
def test_a_spoilt_workbook_gives_the_right_figures_or_says_what_is_wrong(tmp_path, seed):
    how, line, day, layout = spoilt(seed)

    def spoil(sheet) -> None:
        for at, text in VALUES.items():
            report(sheet, at, 数值=float(text))
        report(sheet, line, 数值=TYPED[how](VALUES[line]), 发布日期=day)
        if how == "per cent":
            sheet.cell(line, AT["数值"]).number_format = "0.0%"
        LAYOUTS[layout](sheet, line)

    path = edited(saved(tmp_path), spoil)
    names = {item.name: VALUES[at] for at, item in enumerate(PLAN.indicators, 2)}
    try:
        rows = form_read.read(path, PLAN, today=TODAY).rows
    except ProblemError as error:
        assert all(p.where and p.message for p in error.problems)
        assert (how, day, layout) != ("number", DATES[0], "as it was")
        return
    assert {row["indicator"]: row["value"] for row in rows} == names
    assert {row["published"] for row in rows} == {"2024-03-01"}


def test_every_way_to_spoil_a_workbook_is_among_the_two_hundred():
    ways = {str(way) for seed in range(200) for way in spoilt(seed)}
    assert ways >= {*TYPED, *map(str, DATES), *LAYOUTS}


@pytest.mark.parametrize("how", ["number", "text", "wide", "spaces"])
@pytest.mark.parametrize("layout", ["as it was", "row hidden", "column hidden", "column added"])
def test_a_harmless_oddity_is_read_as_it_is_meant(tmp_path, how, layout):
    def odd(sheet) -> None:
        report(sheet, 5, 数值=TYPED[how]("95.3"))
        LAYOUTS[layout](sheet, 5)

    [row] = form_read.read(edited(saved(tmp_path), odd), PLAN).rows
    assert (row["indicator"], row["value"]) == ("基本养老保险参保率", "95.3")
