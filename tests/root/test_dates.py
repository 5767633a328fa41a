"""Months and first years read from notes and titles as they are really written."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdplan.dates import PLANS, end_of, is_date, is_day, launch_of, month_of, start_of
from gdplan.problems import ProblemError


@pytest.mark.parametrize(
    ("note", "source", "month"),
    [
        ("1-10月", "", 10), ("1—8月", "", 8), ("1至3月", "", 3), ("1-5月(24000人)", "", 5),
        ("2021年1-11月", "", 11), ("前11月", "", 11), ("前5个月", "", 5),
        ("前三季度", "", 9), ("三季度末", "", 9), ("前3季度", "", 9), ("1-3季度", "", 9),
        ("前三个季度", "", 9), ("上半年(28324人)", "", 6), ("二季度末", "", 6),
        ("前两个季度", "", 6), ("一季度", "", 3), ("一季度末", "", 3), ("四季度末", "", 12),
        ("6月末", "", 6), ("10月当月", "", 10), ("截至11月底", "", 11), ("截至2023-06", "", 6),
        ("2025年5月报道", "", 5), ("2023年06月", "", 6),
        ("1-6月(论坛转载2023-07-12发布会)", "", 6),
        ("", "2022年就业(1-8月)", 8), ("", "上半年城镇新增就业58.02万人", 6),
        ("", "二季度末新增就业", 6), ("上半年", "前三季度综述", 6),
        ("9月末，完成全年任务的85.8%", "", 9), ("前三季度完成全年任务", "", 9),
        ("年底", "", 12),
    ],
)  # fmt: skip
def test_a_part_year_ends_in_the_month_its_words_say(note, source, month):
    assert month_of(note, source) == month


@pytest.mark.parametrize(
    "note", ["", "约", "完成全年任务的85.8%", "下半年", "13月", "2021", "整数"]
)
def test_a_month_that_is_not_said_is_not_known(note):
    assert math.isnan(month_of(note))


@pytest.mark.parametrize(
    ("note", "source", "year"),
    [
        ("约(2012-2021十年累计)", "", 2012), ("2021—2025年", "", 2021),
        ("2016年至2020年", "", 2016),
        ("超(十四五累计)", "", 2021), ("十三五", "", 2016), ("", "“十二五”成就", 2011),
        ("自2018年实施", "", 2018), ("多(2021-2025表述)", "", 2021),
    ],
)  # fmt: skip
def test_a_window_starts_in_the_year_its_words_say(note, source, year):
    assert start_of(note, source) == year


def test_a_window_that_is_not_said_is_not_known():
    assert math.isnan(start_of("约", "公报"))


@pytest.mark.parametrize(
    ("note", "year"),
    [("自2018实施以来(截至2024-04)", 2018), ("2018年以来", 2018), ("2018年4月启动以来", 2018)],
)
def test_a_launch_is_in_the_year_its_words_say(note, year):
    assert launch_of(note) == year


@pytest.mark.parametrize("note", ["自实施以来", "“十四五”时期表述", "2012-2021"])
def test_a_plan_period_is_no_launch(note):
    assert math.isnan(launch_of(note))


@given(note=st.text(), source=st.text())
def test_a_month_is_one_of_twelve_or_unknown(note, source):
    month = month_of(note, source)
    assert math.isnan(month) or month in range(1, 13)


@given(month=st.integers(1, 12), year=st.integers(1990, 2040))
def test_every_way_to_write_a_month_reads_the_same(month, year):
    ways = [f"1-{month}月", f"{month}月末", f"{year}年{month}月", f"截至{year}-{month:02}"]
    assert {month_of(w) for w in ways} == {float(month)}


def test_the_five_year_plans_follow_each_other_without_a_gap():
    years = [year for plan in PLANS.values() for year in plan]
    assert years == list(range(2006, 2036)) and list(PLANS["十四五"]) == [*range(2021, 2026)]


@pytest.mark.parametrize(
    ("text", "date", "day"),
    [
        ("2024", True, False), ("2024-02", True, False), ("2024-02-29", True, True),
        ("2023-02-29", False, False), ("2024-13", False, False), ("2024-00", False, False),
        ("20240229", False, False), ("2024-W09-4", False, False), ("2024-2-9", False, False),
        ("2024-02-29\n", False, False), ("٢٠٢٤-02-29", False, False), ("0000", False, False),
        ("", False, False),
    ],
)  # fmt: skip
def test_a_date_stands_in_one_of_three_shapes_and_in_the_calendar(text, date, day):
    assert (is_date(text), is_day(text)) == (date, day)
    if not date:
        with pytest.raises(ProblemError, match="日期读不懂"):
            end_of(text)
