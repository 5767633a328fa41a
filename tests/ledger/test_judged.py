"""Reported statuses are read strictly and judged by figure and deadline, never invented."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from frames import plan
from hypothesis import given
from hypothesis import strategies as st

from gdplan import load_plan
from gdplan.files import places
from gdplan.ledger.judged import COLUMNS, Clash, Due, Judged, Why, assess_commitments
from gdplan.ledger.statuses import FILE_COLUMNS, Status, read_statuses
from gdplan.plans import commitments
from gdplan.plans.commitments import Commitment, extract, met, promise, target_text
from gdplan.problems import ProblemError

ROOT = Path(__file__).resolve().parents[2]
REAL = load_plan("gd-hrss-14")
PLAN = plan(default_department="省厅")
RANK = [Judged.OVERDUE, Judged.NOT_STARTED, Judged.BEHIND, Judged.ON_SCHEDULE, Judged.DONE]


def item(value: float = 100, **changes: Any) -> Commitment:
    """建设100家以上, due 2025."""
    plain: dict[str, Any] = {
        "where": "专栏1", "what": "建设", "comparator": ">=", "value": float(value), "unit": "家",
        "deadline": "2025", "quote": "建设。", "line": 1, "id": "c1",
    }  # fmt: skip
    return Commitment(**plain | changes)


def said(*rows: tuple[int, str, float | None], **changes: Any) -> pd.DataFrame:
    """Reports (year, status, figure), each made in the January after unless changed."""
    plain = [
        {"plan": "test-14", "id": "c1", "what": "建设", "year": year,
         "reported": f"{year + 1}-01-15", "status": status,
         "figure": float("nan") if figure is None else figure,
         "raw": "" if figure is None else f"{figure:g}", "unit": "家", "evidence": "材料",
         "explanation": "", "by": "", "note": "", "file": "t.csv", "cell": f"F{n}",
         "simulated": False} | changes
        for n, (year, status, figure) in enumerate(rows, 2)
    ]  # fmt: skip
    return pd.DataFrame(plain, columns=[
        "plan", "id", "what", "year", "reported", "status", "figure", "raw", "unit", "evidence",
        "explanation", "by", "note", "file", "cell", "simulated"])  # fmt: skip


def judge(promised: Commitment, statuses: pd.DataFrame, year: int = 2023, **options: Any) -> Any:
    frame = assess_commitments([promised], statuses, plan=PLAN, year=year, **options)
    return frame.iloc[0]


# -- the rules of docs/decisions/022-ledger.md -------------------------------------------------


@pytest.mark.parametrize(
    ("promised", "rows", "year", "judged"),
    [
        # What adds up, three fifths of the time gone: 57 is 0.95 of 60.
        (item(), [(2023, "推进中", 60)], 2023, Judged.ON_SCHEDULE),
        (item(), [(2023, "推进中", 57)], 2023, Judged.ON_SCHEDULE),
        (item(), [(2023, "推进中", 56)], 2023, Judged.BEHIND),
        (item(), [(2023, "推进中", 100)], 2023, Judged.DONE),
        (item(), [(2023, "未启动", 0)], 2023, Judged.NOT_STARTED),
        (item(), [(2023, "推进中", 0)], 2023, Judged.BEHIND),
        (item(comparator=">"), [(2023, "推进中", 100)], 2023, Judged.ON_SCHEDULE),
        (item(comparator="about"), [(2025, "推进中", 95)], 2025, Judged.DONE),
        (item(comparator="="), [(2025, "推进中", 99)], 2025, Judged.OVERDUE),
        (item(deadline="2022"), [(2022, "推进中", 99)], 2022, Judged.OVERDUE),
        (item(deadline="2022"), [(2022, "推进中", 99)], 2023, Judged.OVERDUE),
        (item(deadline="2022"), [(2022, "推进中", 99), (2023, "已完成", 100)], 2023, Judged.DONE),
        # Words alone.
        (item(), [(2023, "未启动", None)], 2023, Judged.NOT_STARTED),
        (item(), [(2023, "推进中", None)], 2023, Judged.ON_SCHEDULE),
        (item(), [(2023, "滞后", None)], 2023, Judged.BEHIND),
        (item(), [(2023, "已完成", None)], 2023, Judged.DONE),
        (item(), [(2025, "未启动", None)], 2025, Judged.OVERDUE),
        (item(), [(2025, "推进中", None)], 2025, Judged.OVERDUE),
        # Shares and caps may fall again until they are due.
        (item(40, unit="%"), [(2023, "推进中", 41)], 2023, Judged.ON_SCHEDULE),
        (item(40, unit="%"), [(2023, "推进中", 35)], 2023, Judged.ON_SCHEDULE),
        (item(40, unit="%"), [(2023, "滞后", 35)], 2023, Judged.BEHIND),
        (item(40, unit="%"), [(2025, "推进中", 40)], 2025, Judged.DONE),
        (item(40, unit="%"), [(2025, "推进中", 39.9)], 2025, Judged.OVERDUE),
        (item(4, unit="%", comparator="<="), [(2025, "推进中", 3.9)], 2025, Judged.DONE),
        (item(4, unit="件", comparator="<"), [(2025, "推进中", 4)], 2025, Judged.OVERDUE),
        (item(40, unit="%"), [(2023, "已完成", 41)], 2023, Judged.DONE),
        # Nothing, too old, or not of the time of the deadline.
        (item(), [], 2023, Judged.UNREPORTED),
        (item(), [(2021, "推进中", 90)], 2023, Judged.UNREPORTED),
        (item(), [(2022, "推进中", 40)], 2023, Judged.ON_SCHEDULE),
        (item(), [(2021, "已完成", 100)], 2025, Judged.DONE),
        (item(40, unit="%"), [(2021, "已完成", 41)], 2025, Judged.UNREPORTED),
        (item(), [(2024, "推进中", 99)], 2025, Judged.UNREPORTED),
        (item(deadline="2022"), [(2021, "推进中", 99)], 2022, Judged.UNREPORTED),
        (item(), [(2024, "推进中", 60)], 2023, Judged.UNREPORTED),
    ],
)  # fmt: skip
def test_a_commitment_is_judged_by_its_figure_its_word_and_its_deadline(
    promised, rows, year, judged
):
    assert judge(promised, said(*rows), year)["judged"] == judged


@pytest.mark.parametrize(
    ("rows", "year", "judged", "why"),
    [
        ([(2023, "推进中", 50)], 2023, Judged.ON_SCHEDULE, Why.YEARS_UNREPORTED),
        ([(2021, "推进中", 50), (2022, "推进中", 40), (2023, "推进中", 50)], 2023,
         Judged.ON_SCHEDULE, Why.YEARS_MISSED),
        ([(2023, "推进中", 49)], 2023, Judged.BEHIND, Why.BY_FIGURE),
        ([(2023, "已完成", None)], 2023, Judged.ON_SCHEDULE, Why.BY_STATUS),
        ([(2023, "推进中", None)], 2023, Judged.ON_SCHEDULE, Why.BY_STATUS),
        ([(2023, "滞后", None)], 2023, Judged.BEHIND, Why.BY_STATUS),
        ([(2023, "未启动", None)], 2023, Judged.NOT_STARTED, Why.BY_STATUS),
        ([(y, "推进中", 50) for y in range(2021, 2026)], 2025, Judged.DONE, Why.BY_FIGURE),
        ([(y, "推进中", 50 - (y == 2022)) for y in range(2021, 2026)], 2025, Judged.OVERDUE,
         Why.YEARS_MISSED),
        ([(2024, "推进中", 50)], 2025, Judged.UNREPORTED, Why.NOT_AT_DEADLINE),
    ],
)  # fmt: skip
def test_a_yearly_promise_is_kept_each_year(rows, year, judged, why):
    row = judge(item(50, per_year=True), said(*rows), year)
    assert row["judged"] == judged and why in row["reason"].split(";")
    assert row["years_reported"] == len(rows)


def test_a_yearly_promise_that_has_run_out_is_judged_by_its_own_years():
    promised = item(50, per_year=True, deadline="2022")
    reports = said((2021, "推进中", 50), (2022, "推进中", 50), (2023, "推进中", 10))
    assert judge(promised, reports, 2023)["judged"] == Judged.DONE


def test_a_report_made_within_the_year_is_judged_at_its_own_date():
    july = said((2023, "推进中", 50), reported="2023-07-02")
    row = judge(item(), july)
    assert (
        row["elapsed"] == pytest.approx(182 / 365 / 5 + 0.4) and row["judged"] == Judged.ON_SCHEDULE
    )
    assert Why.PART_YEAR in row["reason"]
    last = said((2025, "推进中", 90), reported="2025-07-02")
    assert judge(item(), last, 2025)["judged"] == Judged.ON_SCHEDULE
    past = said((2022, "推进中", 90), reported="2022-07-02")
    assert judge(item(deadline="2022"), past, 2023)["judged"] == Judged.UNREPORTED
    yearly = judge(item(50, per_year=True), said((2023, "推进中", 24), reported="2023-07-02"))
    assert yearly["judged"] == Judged.ON_SCHEDULE
    december = said((2025, "推进中", 99), reported="2025-12-20")
    assert judge(item(), december, 2025)["judged"] == Judged.OVERDUE


def test_share_time_and_pace_by_hand():
    row = judge(item(40), said((2022, "推进中", 12)), 2022)
    assert (row["share"], row["elapsed"], row["pace"]) == pytest.approx((0.3, 0.4, 0.75))
    share = judge(item(40, unit="%"), said((2022, "推进中", 12)), 2022)
    assert pd.isna(share["share"]) and pd.isna(share["pace"])


@pytest.mark.parametrize(
    ("rows", "clash"),
    [
        ([(2023, "已完成", 99)], Clash.DONE_BUT_SHORT),
        ([(2023, "未启动", 5)], Clash.NOT_STARTED_BUT_FIGURE),
        ([(2023, "推进中", 100)], Clash.MET_BUT_NOT_DONE),
        ([(2023, "滞后", 60)], Clash.BEHIND_BUT_ON_PACE),
        ([(2022, "推进中", 50), (2023, "推进中", 49)], Clash.FIGURE_FELL),
        ([(2022, "已完成", None), (2023, "推进中", None)], Clash.NO_LONGER_DONE),
    ],
)  # fmt: skip
def test_contradictions_are_named(rows, clash):
    assert clash in judge(item(), said(*rows))["contradiction"].split(";")


def test_an_honest_report_contradicts_nothing():
    assert judge(item(), said((2022, "推进中", 40), (2023, "推进中", 60)))["contradiction"] == ""
    late = judge(item(deadline="2022"), said((2022, "滞后", 90), (2023, "已完成", 100)))
    assert late["contradiction"] == "" and Why.LATE in late["reason"]


def test_where_the_deadline_lies_is_told_whatever_was_reported():
    for deadline, due in (("2022", Due.PAST), ("2023", Due.NOW), ("2024", Due.LATER)):
        row = judge(item(deadline=deadline), said())
        assert (row["due"], row["judged"], row["department"]) == (due, "未报状态", "省厅")


def test_only_what_was_known_on_the_day_counts_and_the_latest_of_it():
    rows = pd.concat([said((2023, "推进中", 40)),
                      said((2023, "推进中", 70), reported="2024-03-01")])  # fmt: skip
    assert judge(item(), rows)["figure"] == 70
    assert judge(item(), rows, as_of="2024-02")["figure"] == 40
    assert judge(item(), rows, as_of="2024-01-14")["judged"] == Judged.UNREPORTED
    assert judge(item(), rows.iloc[::-1])["figure"] == 70


def test_a_year_outside_the_plan_is_no_year():
    with pytest.raises(ProblemError, match="评估年份不在规划期内"):
        assess_commitments([item()], said(), plan=PLAN, year=2026)


def test_every_column_is_there_for_none_and_nothing_is_mutated():
    rows = said((2023, "推进中", 60))
    before = rows.copy(deep=True)
    assert tuple(assess_commitments([], rows, plan=PLAN, year=2023).columns) == COLUMNS
    assess_commitments([item()], rows, plan=PLAN, year=2023)
    pd.testing.assert_frame_equal(rows, before)


# -- properties --------------------------------------------------------------------------------

STATUS = st.sampled_from([s.value for s in Status])
FIGURE = st.none() | st.integers(0, 150)
REPORTS = st.lists(st.tuples(st.integers(2021, 2025), STATUS, FIGURE), max_size=6,
                   unique_by=lambda row: row[0])  # fmt: skip
ITEMS = st.builds(
    item, st.sampled_from([1, 50, 100]), unit=st.sampled_from(["家", "%"]),
    comparator=st.sampled_from([">=", ">", "=", "about"]), per_year=st.booleans(),
    deadline=st.sampled_from(["2022", "2023", "2024", "2025"]),
)  # fmt: skip
YEAR = st.integers(2021, 2025)


def rank(row: Any) -> int:
    return RANK.index(Judged(row["judged"]))


@given(ITEMS, REPORTS, YEAR)
def test_nothing_is_judged_that_nobody_reported(promised, rows, year):
    row = judge(promised, said(*rows), year)
    last = min(year, int(promised.deadline)) if promised.per_year else year
    if not any(y <= last for y, _, _ in rows):
        assert (row["judged"], row["reason"]) == (Judged.UNREPORTED, Why.NO_REPORT)
    else:
        assert row["reason"] != Why.NO_REPORT
    if row["judged"] == Judged.OVERDUE:
        assert int(promised.deadline) <= year


@given(ITEMS, REPORTS, YEAR)
def test_a_later_deadline_never_makes_it_overdue_nor_worse(promised, rows, year):
    from dataclasses import replace

    later = replace(promised, deadline=str(int(promised.deadline) + 1))
    one, two = (judge(p, said(*rows), year) for p in (promised, later))
    if two["judged"] == Judged.OVERDUE:
        # Only a yearly promise has one year more to keep.
        assert one["judged"] == Judged.OVERDUE or promised.per_year
    if one["judged"] != "未报状态" and two["judged"] != "未报状态" and not promised.per_year:
        falls = promised.unit == "%" and one["judged"] == Judged.DONE
        assert rank(two) >= rank(one) or (falls and two["judged"] == Judged.ON_SCHEDULE)


@given(ITEMS, REPORTS.filter(bool), YEAR, st.integers(0, 100), st.data())
def test_more_done_is_never_judged_worse(promised, rows, year, more, data):
    place = data.draw(st.integers(0, len(rows) - 1))
    when, status, figure = rows[place]
    if figure is None:
        return
    better = [*rows[:place], (when, status, figure + more), *rows[place + 1 :]]
    one, two = (judge(promised, said(*r), year) for r in (rows, better))
    if one["judged"] == Judged.UNREPORTED:
        assert two["judged"] in (Judged.UNREPORTED, Judged.DONE)
    else:
        assert rank(two) >= rank(one)


@given(ITEMS, REPORTS, REPORTS, YEAR)
def test_what_became_known_later_changes_no_earlier_judgement(promised, rows, later, year):
    day = "2023-06-30"
    after = said(*later, reported="2026-07-01")
    now = said(*rows)
    one = judge(promised, now, year, as_of=day)
    two = judge(promised, pd.concat([after, now]), year, as_of=day)
    pd.testing.assert_series_equal(one, two)


# -- reading -----------------------------------------------------------------------------------

GOOD = {
    "plan": "gd-hrss-14", "id": "c1cd92ded", "what": "", "year": "2023", "reported": "2024-01-15",
    "status": "推进中", "figure": "60", "unit": "家", "evidence": "", "explanation": "", "by": "",
    "note": "", "simulated": "false",
}  # fmt: skip


def written(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FILE_COLUMNS)
        writer.writeheader()
        writer.writerows(GOOD | row for row in rows)
    return path


def test_a_file_becomes_rows_with_their_cells(tmp_path):
    path = written(tmp_path / "a.csv", {}, {"figure": "", "reported": "2024-02-01"})
    frame = read_statuses(path, REAL)
    assert list(frame["cell"]) == ["F2", "F3"] and list(frame["raw"]) == ["60", ""]
    assert frame["figure"].isna().tolist() == [False, True]
    assert frame["known"].dt.year.tolist() == [2024, 2024]


def test_without_a_ledger_nothing_was_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "data_folder", lambda: tmp_path)
    assert read_statuses(None, REAL).empty
    assert read_statuses(plan=REAL, beside=tmp_path).empty
    assert len(read_statuses(plan=REAL, beside=ROOT / "examples" / "observations")) > 200
    with pytest.raises(ProblemError, match="台账文件不存在"):
        read_statuses(tmp_path / "none", REAL)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"plan": "gd-hrss-41"}, "unknown_plan"), ({"status": "完成"}, "unknown_status"),
        ({"figure": "六十"}, "not_a_number"), ({"figure": "-1"}, "not_a_number"),
        ({"year": "今年"}, "not_a_year"), ({"reported": "2024-13-01"}, "not_a_date"),
        ({"reported": "2024-1-5"}, "not_a_date"), ({"reported": "2022-12-31"}, "wrong_date"),
        ({"simulated": "yes"}, "unknown_word"), ({"id": "c00000000"}, "unknown_commitment"),
        ({"unit": "个"}, "wrong_unit"), ({"year": "2020"}, "no_such_year"),
        ({"status": "已完成", "figure": ""}, "missing_evidence"),
        ({"status": "已完成", "evidence": "文件"}, "status_contradicts_figure"),
        ({"status": "未启动"}, "status_contradicts_figure"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_line(tmp_path, change, key):
    with pytest.raises(ProblemError) as caught:
        read_statuses(written(tmp_path / "a.csv", {"reported": "2024-01-14"}, change), REAL)
    assert [(p.key, p.where) for p in caught.value.problems] == [(key, "a.csv:3")]


def test_every_fault_of_every_file_is_told_at_once(tmp_path):
    written(tmp_path / "a.csv", {"status": "完成", "figure": "x"})
    written(tmp_path / "b.csv", {"reported": "昨天"})
    (tmp_path / "c.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(ProblemError) as caught:
        read_statuses(tmp_path, REAL)
    assert Counter(p.where.partition(":")[0] for p in caught.value.problems) == {
        "a.csv": 2, "b.csv": 1, "c.csv": 7
    }  # fmt: skip


def test_two_reports_of_one_day_are_told(tmp_path):
    written(tmp_path / "a.csv", {})
    written(tmp_path / "b.csv", {"figure": "61"})
    with pytest.raises(ProblemError, match=r"b\.csv!F2.*报了两次.*a\.csv!F2"):
        read_statuses(tmp_path, REAL)


def test_a_text_that_was_edited_leads_to_the_new_id(tmp_path):
    what = next(c.what for c in commitments.unmerged(REAL) if c.id == "c1cd92ded")
    path = written(tmp_path / "a.csv", {"id": "c99999999", "what": what})
    with pytest.raises(ProblemError, match="事项相同的编号是 c1cd92ded"):
        read_statuses(path, REAL)


def test_rows_of_another_plan_are_left_to_it(tmp_path):
    path = written(tmp_path / "a.csv", {"plan": "gd-hrss-13", "id": "c2"}, {})
    assert len(read_statuses(path, REAL)) == 1
    assert len(read_statuses(path)) == 2


def test_a_broken_record_beside_the_file_is_told(tmp_path):
    path = written(tmp_path / "a.csv", {})
    path.with_suffix(".yml").write_text("title: [", "utf-8")
    with pytest.raises(ProblemError):
        read_statuses(path, REAL)


# -- commitments -------------------------------------------------------------------------------


def test_ids_differ_and_stay_when_something_is_added_elsewhere():
    text = Path(REAL.files[1]).read_text("utf-8-sig")
    ids = [c.id for c in extract(text, target_year=2025)]
    assert len(set(ids)) == len(ids)
    added = extract(text.replace("第三节", "建成新馆 7 座和 12 个。\n第三节", 1), target_year=2025)
    assert set(ids) <= {c.id for c in added} and len(added) > len(ids)


def test_a_shared_text_has_one_ledger_and_a_plan_without_text_none():
    assert commitments.of_plan(load_plan("gd-hrss-13")) == ()
    assert commitments.of_plan(PLAN) == ()
    assert not [c for c in commitments.unmerged(REAL) if c.merged_with]


@pytest.mark.parametrize(
    ("comparator", "zh", "en"),
    [(">=", "不少于5家", "at least 5家"), (">", "超过5家", "more than 5家"),
     ("<=", "不超过5家", "at most 5家"), ("<", "少于5家", "less than 5家"),
     ("about", "5家左右", "about 5家"), ("=", "5家", "5家")],
)  # fmt: skip
def test_promises_in_words(comparator, zh, en):
    assert promise(comparator, "5家", per_year=False) == zh
    assert promise(comparator, "5家", per_year=False, lang="en") == en
    assert target_text(item(5, comparator=comparator, per_year=True)) == f"每年{zh}"


@pytest.mark.parametrize(
    ("comparator", "short", "enough"),
    [(">=", 9.9, 10), (">", 10, 10.1), ("<=", 10.1, 10), ("<", 10, 9.9), ("about", 9.49, 9.5),
     ("=", 9.9, 10)],
)  # fmt: skip
def test_limits_of_each_comparator(comparator, short, enough):
    promised = item(10, comparator=comparator)
    assert not met(promised, short) and met(promised, enough)
