"""The sheet 工作台账 goes out with the province's form and comes back as reports of statuses."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import examples

from gdplan import load_plan, read_observations
from gdplan.forms import append as form_append
from gdplan.forms import ledger_write
from gdplan.forms import read as form_read
from gdplan.forms import write as form_write
from gdplan.ledger.statuses import Status, read_statuses
from gdplan.plans.commitments import target_text, unmerged
from gdplan.problems import ProblemError

PLAN = load_plan("gd-hrss-14")
ITEMS = unmerged(PLAN)
NOTHING = read_observations().iloc[:0]
TODAY = "2024-03-10"
GUANGDONG = {"440000": "广东省"}
AT = {name: i for i, name in enumerate(ledger_write.HEADER, 1)}
SCHOOLS = next(i for i, c in enumerate(ITEMS, 2) if "百家" not in c.what and c.value == 100)
SHARE = next(i for i, c in enumerate(ITEMS, 2) if c.unit == "%")
USUAL = {"状态": "推进中", "完成数": 60, "填报日期": "2024-01-15"}


@functools.cache
def blank(region: str = "440000") -> bytes:
    regions = {"440000": "广东省", "440100": "广州市"}
    made = form_write.template(PLAN, NOTHING, year=2023, regions={region: regions[region]})
    return next(iter(made.values()))


def filled(folder: Path, lines: dict[int, dict[str, Any]], name: str = "form.xlsx") -> Path:
    """A form with so many rows of its ledger filled in."""

    def fill(sheet: Any) -> None:
        for line, cells in lines.items():
            for column, value in cells.items():
                sheet.cell(line, AT[column]).value = value

    path = folder / name
    path.write_bytes(blank())
    return edited(path, fill)


def edited(path: Path, change: Callable[[Any], None]) -> Path:
    book = openpyxl.load_workbook(path)
    change(book[form_write.LEDGER])
    book.save(path)
    return path


def keyed(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Path:
    """A form whose hidden keys were made by other rules, consistently."""
    book = openpyxl.load_workbook(path)
    cell = book[form_write.KEYS]["A1"]
    keys = change(json.loads(cell.value))
    cell.value = json.dumps(keys | {"layout": form_write.digest(keys)})
    book.save(path)
    return path


def problems_of(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(ProblemError) as caught:
        form_read.read(path, PLAN, today=TODAY)
    return [(p.key, p.where.rpartition("!")[2]) for p in caught.value.problems]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "data" / "raw" / "observations").mkdir(parents=True)
    return tmp_path / "data"


def taken(home: Path, *paths: Path, today: str = TODAY) -> form_append.ImportRecord:
    return form_append.append(paths, plan=PLAN, today=today, home=home)


# -- the sheet ---------------------------------------------------------------------------------


def test_the_province_is_asked_for_every_commitment_that_no_indicator_judges():
    sheet = openpyxl.load_workbook(io.BytesIO(blank()))[form_write.LEDGER]
    shown = [[sheet.cell(line, c).value for c in range(1, 7)] for line in range(2, len(ITEMS) + 2)]
    assert shown == [
        [c.id, c.where, c.what, target_text(c), c.unit, f"{c.deadline}年"] for c in ITEMS
    ]
    assert sheet.cell(len(ITEMS) + 2, 1).value is None
    assert not {c.merged_with for c in ITEMS} - {""} and len(ITEMS) > 50
    assert ITEMS[0].quote in sheet.cell(2, AT["原文"]).value


def test_a_city_has_no_ledger():
    book = openpyxl.load_workbook(io.BytesIO(blank("440100")))
    assert form_write.LEDGER not in book.sheetnames
    assert "工作台账" not in str([row[0].value for row in book[form_write.HELP].iter_rows()])


def test_only_the_cells_to_fill_are_open_and_the_status_is_chosen_from_four_words():
    sheet = openpyxl.load_workbook(io.BytesIO(blank()))[form_write.LEDGER]
    assert sheet.protection.sheet
    for name, column in AT.items():
        assert sheet.cell(2, column).protection.locked is (column < AT["状态"]), name
    rules = {v.type: v for v in sheet.data_validations.dataValidation}
    assert rules["list"].formula1 == '"未启动,推进中,已完成,滞后"'
    assert {"list", "decimal", "date"} == set(rules)
    assert all(str(len(ITEMS) + 1) in str(rule.sqref) for rule in rules.values())


def test_what_was_said_last_stands_beside_the_commitment(tmp_path, home):
    taken(home, filled(tmp_path, {2: USUAL}))
    said = read_statuses(home / "raw" / "ledger", PLAN)
    made = form_write.template(PLAN, NOTHING, year=2024, regions=GUANGDONG, statuses=said)
    sheet = openpyxl.load_workbook(io.BytesIO(next(iter(made.values()))))[form_write.LEDGER]
    shown = sheet.cell(2, AT["上次填报"]).value
    assert shown == "推进中，60（2023年，2024-01-15填报）"
    assert not sheet.cell(3, AT["上次填报"]).value


# -- there and back ----------------------------------------------------------------------------


def test_statuses_become_a_file_of_the_ledger_with_its_record(tmp_path, home):
    path = filled(tmp_path, {
        2: USUAL | {"填报人": "张三"},
        3: {"状态": "已完成", "佐证材料": "粤人社函〔2023〕1号",
            "填报日期": datetime(2024, 1, 5)},
    })  # fmt: skip
    done = taken(home, path)
    assert (done.file, done.added) == (None, 0)
    assert (done.statuses, done.statuses_known, done.statuses_empty) == (2, 0, len(ITEMS) - 2)
    assert done.ledger is not None and done.ledger.parent == home / "raw" / "ledger"
    assert "工作台账" in done.ledger.with_suffix(".yml").read_text("utf-8")
    frame = read_statuses(home / "raw" / "ledger", PLAN).set_index("id")
    first = frame.loc[ITEMS[0].id]
    assert (first["status"], first["figure"], first["raw"]) == ("推进中", 60.0, "60")
    assert (first["unit"], first["by"], first["year"]) == (ITEMS[0].unit, "张三", 2023)
    assert "form.xlsx!工作台账!I2" in first["note"]
    assert frame.loc[ITEMS[1].id, "evidence"] == "粤人社函〔2023〕1号"
    assert frame.loc[ITEMS[1].id, "reported"] == "2024-01-05"


def test_importing_again_changes_nothing(tmp_path, home):
    path = filled(tmp_path, {2: USUAL})
    taken(home, path)
    before = {p.name: p.read_bytes() for p in (home / "raw" / "ledger").iterdir()}
    again = taken(home, path, today="2025-01-01")
    assert (again.ledger, again.statuses, again.statuses_known) == (None, 0, 1)
    assert {p.name: p.read_bytes() for p in (home / "raw" / "ledger").iterdir()} == before


def test_a_later_report_is_another_vintage_and_the_first_stays(tmp_path, home):
    taken(home, filled(tmp_path, {2: USUAL}))
    taken(home, filled(tmp_path, {2: USUAL | {"完成数": 70, "填报日期": "2024-03-01"}}))
    frame = read_statuses(home / "raw" / "ledger", PLAN)
    assert sorted(zip(frame["reported"], frame["figure"], strict=True)) == [
        ("2024-01-15", 60.0), ("2024-03-01", 70.0)
    ]  # fmt: skip


def test_another_report_of_the_same_day_is_refused(tmp_path, home):
    taken(home, filled(tmp_path, {2: USUAL}))
    other = filled(tmp_path, {2: USUAL | {"完成数": 70}})
    with pytest.raises(ProblemError, match=r"I2.*同一填报日期已有另一种填报.*60.*70"):
        taken(home, other)
    assert len(list((home / "raw" / "ledger").glob("*.csv"))) == 1
    one, two = filled(tmp_path, {3: USUAL}, "a.xlsx"), filled(tmp_path, {3: USUAL}, "b.xlsx")
    assert taken(home, one, two).statuses == 1
    two = edited(two, lambda s: s.cell(4, AT["状态"]).__setattr__("value", "滞后"))
    assert problems_of(two) == [("not_a_date", "M4")]


def test_a_fault_in_the_figures_keeps_the_statuses_out_and_the_other_way_round(tmp_path, home):
    path = filled(tmp_path, {2: USUAL})
    book = openpyxl.load_workbook(path)
    book["数据"].cell(2, form_write.HEADER.index("数值") + 1).value = "约五"
    book["数据"].cell(2, form_write.HEADER.index("数据来源") + 1).value = "某局"
    book.save(path)
    with pytest.raises(ProblemError, match="不是数值"):
        taken(home, path)
    assert not (home / "raw" / "ledger").exists()
    book["数据"].cell(2, form_write.HEADER.index("数值") + 1).value = 139.3
    book["数据"].cell(2, form_write.HEADER.index("发布日期") + 1).value = "2024-02-01"
    book[form_write.LEDGER].cell(2, AT["状态"]).value = "大概完成"
    book.save(path)
    with pytest.raises(ProblemError, match="不认识的状态"):
        taken(home, path)
    assert not any((home / "raw" / "observations").iterdir())
    book[form_write.LEDGER].cell(2, AT["状态"]).value = "推进中"
    book.save(path)
    done = taken(home, path)
    assert (done.added, done.statuses) == (1, 1)


def test_a_write_that_fails_half_way_leaves_neither_figures_nor_statuses(
    tmp_path, home, monkeypatch
):
    path = filled(tmp_path, {2: USUAL})
    book = openpyxl.load_workbook(path)
    for name, value in {"数值": 139.3, "数据来源": "局", "发布日期": "2024-02-01"}.items():
        book["数据"].cell(2, form_write.HEADER.index(name) + 1).value = value
    book.save(path)
    rename = Path.rename

    def full(self: Path, target: Path) -> Path:
        if target.parent.name == "ledger":
            raise OSError(28, "full")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError):
        taken(home, path)
    assert not [p for p in (home / "raw").rglob("*") if p.is_file()]


# -- what offices do to a ledger ---------------------------------------------------------------

DONE = {"状态": "已完成", "佐证材料": "验收材料", "填报日期": "2024-01-15"}


@pytest.mark.parametrize(
    ("cells", "key", "cell"),
    [
        (USUAL | {"状态": "完成"}, "unknown_status", "I2"),
        (USUAL | {"状态": None}, "missing_status", "I2"),
        (USUAL | {"状态": " ", "佐证材料": "见附件"}, "missing_status", "I2"),
        (USUAL | {"完成数": "六十"}, "not_a_number", "J2"),
        (USUAL | {"完成数": "60家"}, "not_a_number", "J2"),
        (USUAL | {"完成数": True}, "not_a_number", "J2"),
        (USUAL | {"完成数": -1}, "negative_figure", "J2"),
        (USUAL | {"完成数": "=1/0"}, "formula_without_value", "J2"),
        (USUAL | {"填报日期": None}, "not_a_date", "M2"),
        (USUAL | {"填报日期": "2022-12-31"}, "wrong_date", "M2"),
        (USUAL | {"填报日期": "2024-03-11"}, "date_to_come", "M2"),
        (DONE | {"佐证材料": None}, "missing_evidence", "K2"),
        (DONE | {"完成数": 0.5}, "status_contradicts_figure", "I2"),
        (USUAL | {"状态": "未启动"}, "status_contradicts_figure", "I2"),
        (USUAL | {"承诺事项": "别的"}, "moved_row", "C2"),
        (USUAL | {"目标": "1家"}, "moved_row", "D2"),
        (USUAL | {"编号": "c0"}, "moved_row", "A2"),
    ],
)  # fmt: skip
def test_a_wrong_cell_of_the_ledger_is_named(tmp_path, cells, key, cell):
    line = SCHOOLS
    found = problems_of(filled(tmp_path, {line: cells}))
    assert found == [(key, cell.replace("2", str(line)))]


def test_every_fault_is_told_at_once(tmp_path):
    bad = {2: {"状态": "完成", "填报日期": "昨天"}, 3: {"完成数": "多"}}
    assert problems_of(filled(tmp_path, bad)) == [
        ("unknown_status", "I2"), ("not_a_date", "M2"),
        ("missing_status", "I3"), ("not_a_number", "J3"), ("not_a_date", "M3"),
    ]  # fmt: skip


def test_a_contradiction_with_its_reason_is_taken_and_asked_about(tmp_path, home):
    why = {"情况说明": "其余由地市自筹，另计"}
    done = taken(home, filled(tmp_path, {SCHOOLS: DONE | {"完成数": 80} | why}))
    [asked] = done.questions
    assert done.statuses == 1
    assert f"I{SCHOOLS}" in asked and "未达到目标" in asked and "另计" in asked


def test_a_target_met_and_not_called_done_is_asked_about(tmp_path, home):
    [asked] = taken(home, filled(tmp_path, {SCHOOLS: USUAL | {"完成数": 100}})).questions
    assert "已达到目标，仍报推进中" in asked


@pytest.mark.parametrize(("typed", "shape", "raw"), [(0.8, "0%", "80"), ("80%", "General", "80"),
                                                     (80.5, "General", "80.5")])  # fmt: skip
def test_shares_may_carry_their_sign(tmp_path, typed, shape, raw):
    path = filled(tmp_path, {SHARE: USUAL | {"完成数": typed}})
    edited(path, lambda s: s.cell(SHARE, AT["完成数"]).__setattr__("number_format", shape))
    [row] = form_read.read(path, PLAN).ledger.rows
    assert row["figure"] == raw


def test_a_fraction_for_a_share_and_per_cent_for_a_count_are_told(tmp_path):
    assert problems_of(filled(tmp_path, {SHARE: USUAL | {"完成数": 0.8}})) == [
        ("fraction_for_share", f"J{SHARE}")
    ]
    path = filled(tmp_path, {SCHOOLS: USUAL | {"完成数": 0.6}})
    edited(path, lambda s: s.cell(SCHOOLS, AT["完成数"]).__setattr__("number_format", "0%"))
    assert problems_of(path) == [("percent_format", f"J{SCHOOLS}")]


def test_moved_added_and_missing_parts_of_the_ledger_are_told(tmp_path):
    path = filled(tmp_path, {2: USUAL})
    assert problems_of(edited(path, lambda s: s.delete_rows(2)))[0] == ("moved_row", "A2")
    path = filled(tmp_path, {len(ITEMS) + 5: {"状态": "推进中"}})
    assert problems_of(path) == [("stray_row", f"I{len(ITEMS) + 5}")]
    path = edited(filled(tmp_path, {}), lambda s: s.insert_cols(3))
    assert ("moved_column", "C1") in problems_of(path)
    path = filled(tmp_path, {})
    book = openpyxl.load_workbook(path)
    del book[form_write.LEDGER]
    book.save(path)
    assert [key for key, _ in problems_of(path)] == ["missing_sheet"]


def test_a_form_of_the_first_version_is_still_read(tmp_path):
    def older(keys: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in keys.items() if k != "ledger"} | {"version": 1}

    path = keyed(filled(tmp_path, {2: USUAL}), older)
    read = form_read.read(path, PLAN)
    assert read.ledger.rows == ()
    assert read.empty == len(form_write.wanted(PLAN, NOTHING, year=2023, region="440000"))


@pytest.mark.parametrize("change", [{"version": 3}, {"version": 1}])
def test_another_version_is_a_clear_problem(tmp_path, change):
    path = keyed(filled(tmp_path, {}), lambda keys: keys | change)
    with pytest.raises(ProblemError, match="填报表的版本不同"):
        form_read.read(path, PLAN)


def test_a_form_for_an_older_text_names_the_commitments_that_are_gone(tmp_path):
    path = keyed(filled(tmp_path, {}), lambda keys: keys | {"ledger": ["c00000000"]})
    with pytest.raises(ProblemError, match="规划文本改动过，已没有编号为c00000000的承诺"):
        form_read.read(path, PLAN)


def test_a_hidden_key_that_was_edited_is_refused(tmp_path):
    path = filled(tmp_path, {2: USUAL})
    book = openpyxl.load_workbook(path)
    keys = json.loads(book[form_write.KEYS]["A1"].value)
    keys["ledger"] = keys["ledger"][1:]
    book[form_write.KEYS]["A1"].value = json.dumps(keys)
    book.save(path)
    with pytest.raises(ProblemError, match="标识表被改动"):
        form_read.read(path, PLAN)


@examples(30, quick=5)
@given(
    line=st.integers(1, len(ITEMS) + 4),
    column=st.sampled_from(list(AT)),
    value=st.one_of(
        st.text(max_size=12), st.integers(-5, 10**6), st.floats(allow_nan=False), st.booleans(),
        st.sampled_from(["已完成", "推进中", "=1+", "#REF!", "2024-02-30", "１２", "\u3000"]),
    ),
)  # fmt: skip
def test_any_cell_may_hold_anything_and_gives_the_same_rows_or_a_problem(
    tmp_path_factory, line, column, value
):
    path = filled(tmp_path_factory.mktemp("any"), {2: USUAL, 3: USUAL})
    before = form_read.read(path, PLAN, today=TODAY).ledger
    text = form_write.clean(value) if isinstance(value, str) else value
    edited(path, lambda s: s.cell(line, AT[column]).__setattr__("value", text))
    try:
        after = form_read.read(path, PLAN, today=TODAY).ledger
    except ProblemError as error:
        assert all("工作台账!" in p.where for p in error.problems)
        return
    open_ = AT[column] >= AT["状态"] and 1 < line < len(ITEMS) + 2
    kept = [r for r in after.rows if r["id"] != ITEMS[max(line - 2, 0) % len(ITEMS)].id]
    if not open_:
        assert after.rows == before.rows
    assert all(row in before.rows for row in kept)


def test_the_words_of_the_form_are_the_words_of_the_ledger():
    assert [s.value for s in Status] == ["未启动", "推进中", "已完成", "滞后"]
