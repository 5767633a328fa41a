"""Where a path starts: published years, the plan's base, what has come of a sum, and the goal."""

from __future__ import annotations

import math

import pytest
from frames import indicator, observed, plan, yearly

from gdplan import load_plan, read_observations
from gdplan.assessment.start import starts
from gdplan.model import Kind, Mode, Reason, Scale
from gdplan.observations.calibers import Break
from gdplan.outlook.course import Accepted


def start(item, rows, *others, region="440000", year=2023, **options):
    found = starts(plan(item, *others), rows, region=region, year=year, breaks=(), **options)
    return found[0]


def test_a_level_starts_at_its_last_year_with_the_plans_base_among_its_points():
    found = start(indicator(), yearly({2018: "55", 2021: "62", 2022: "65.5"}))
    assert found.course.years == (2018, 2020, 2021, 2022)
    assert found.course.values == (55.0, 60.0, 62.0, 65.5)
    assert found.course.goal == Accepted(low=80.0) and found.course.until == 2025
    assert (found.decimals, found.last_decimals) == (1, 1)
    assert found.reasons == () and found.known
    assert start(indicator(), yearly({2021: "62.25", 2022: "65"})).last_decimals == 0


def test_a_published_base_year_is_preferred_to_the_plans_table():
    found = start(indicator(), yearly({2020: "61", 2021: "62"}))
    assert found.course.values == (61.0, 62.0)


@pytest.mark.parametrize("base", ["60以上", "—", "[60]"])
def test_a_base_that_is_no_single_value_is_no_point(base):
    found = start(indicator(base=base), yearly({2021: "62", 2022: "63"}))
    assert found.course.years == (2021, 2022)


def test_figures_after_the_data_year_or_the_date_are_not_used():
    rows = yearly({2021: "62", 2022: "63", 2023: "64", 2024: "65"})
    assert start(indicator(), rows).course.years[-1] == 2023
    assert start(indicator(), rows, as_of="2023-06-30").course.years[-1] == 2022


def test_part_years_and_one_sided_figures_are_no_points():
    rows = observed({"year": 2021, "raw": "62"}, {"year": 2022, "raw": "63", "bound": "at_least"},
                    {"year": 2023, "raw": "31", "period": "ytd", "month": 6.0})  # fmt: skip
    assert start(indicator(), rows).course.years == (2020, 2021)


def test_a_sum_starts_with_what_has_come():
    rows = yearly({2019: "99", 2021: "140.33", 2022: "132", 2023: "139.3"})
    found = start(indicator(target="[550]", base="[717.25]"), rows)
    series = found.course
    assert (series.known, series.spent, series.mode) == (411.63, 3, Mode.SUM)
    assert series.years == (2019, 2021, 2022, 2023) and series.goal == Accepted(low=550.0)
    assert found.decimals == 2


def test_a_sum_of_which_nothing_has_come_has_no_start():
    rows = yearly({2018: "130", 2019: "131", 2020: "134"})
    found = start(indicator(target="[550]", base="—"), rows, year=2021)
    assert not found.known and found.reasons == (Reason.NO_DATA,)


def test_of_a_year_half_known_the_other_half_is_still_to_come():
    half = {"year": 2022, "raw": "70", "period": "ytd", "month": 6.0}
    flows = (
        {"year": 2019, "raw": "99"},
        {"year": 2020, "raw": "120"},
        {"year": 2021, "raw": "140"},
    )
    course = start(indicator(target="[550]", base="—"), observed(*flows, half), year=2022).course
    assert (course.year, course.value, course.known, course.spent) == (2021, 140, 210, 1)
    assert course.rest == 0.5 and course.ahead() == (2022, 2023, 2024, 2025)
    assert course.past() == {2020: 0, 2021: 140, 2021.5: 210}


def test_a_level_known_with_one_side_only_starts_paths_and_is_no_point():
    rows = observed({"year": 2021, "raw": "62"}, {"year": 2022, "raw": "63"},
                    {"year": 2023, "raw": "64", "bound": "at_least"})  # fmt: skip
    course = start(indicator(), rows).course
    assert (course.years, course.origin) == ((2020, 2021, 2022), (2023, 64.0))


def test_a_sum_with_a_year_missing_has_no_path():
    found = start(indicator(target="[550]", base="—"), yearly({2021: "140", 2023: "139"}))
    assert not found.known and found.reasons == (Reason.MISSING_YEARS,)
    gap = start(indicator(target="[550]", base="—"), yearly({2018: "140", 2019: "139"}), year=2021)
    assert gap.reasons == (Reason.NO_DATA,)


def test_a_growth_starts_with_its_chained_factors():
    rows = yearly({2021: "1.51", 2022: "-2.2", 2023: "-4.18"}, unit="%")
    total = indicator(target="[-17]", base="—", unit="%", kind=Kind.of("rate"), direction=-1,
                      limits=(-math.inf, math.inf))  # fmt: skip
    series = start(total, rows).course
    assert series.total and series.log and series.spent == 3
    assert series.known == pytest.approx(1.0151 * 0.978 * 0.9582)
    average = indicator(target="3", base="—", unit="%", kind=Kind.of("rate"))
    series = start(average, rows).course
    assert not series.total and series.known == pytest.approx(1.0151 * 0.978 * 0.9582)


def test_a_composition_has_no_path():
    item = indicator(target="14:42:44", base="13:40:47", unit="—", kind=Kind.of("composition"))
    assert start(item, yearly({2021: "62"})).reasons == (Reason.NOT_PROJECTED,)


def test_nothing_published_and_no_base_is_no_data():
    assert start(indicator(base="—"), yearly({2021: "62"}, indicator="另一个")).reasons == (
        Reason.NO_DATA,
    )  # fmt: skip


def test_data_of_the_target_year_leave_nothing_to_project():
    found = start(indicator(), yearly({2024: "70", 2025: "81"}), year=2025)
    assert found.reasons == (Reason.NO_YEARS_LEFT,)


def test_old_figures_and_targets_without_number_are_said():
    old = start(indicator(target="应保尽保", kind=Kind.of("level")), yearly({2021: "62"}))
    assert old.reasons == (Reason.STALE,) and Reason.NO_TARGET_NUMBER in old.remarks
    assert not old.course.goal.known


def test_a_city_has_no_target_but_for_shares_and_not_the_provinces_base():
    rows = yearly({2021: "62", 2022: "64"}, region="440100", region_name="广州市")
    found = start(indicator(), rows, region="440100")
    assert found.course.years == (2021, 2022) and not found.course.goal.known
    assert Reason.NO_REGION_TARGET in found.remarks and found.region_name == "广州市"
    share = start(indicator(unit="%"), rows.assign(unit="%"), region="440100")
    assert share.course.goal == Accepted(low=80.0) and Reason.PROVINCE_TARGET in share.remarks


def test_simulated_figures_are_marked_with_their_source():
    found = start(indicator(), yearly({2021: "62", 2022: "63"}, simulated=True, source="模拟"))
    assert found.simulated and found.sources == ("模拟",)


def test_a_break_of_caliber_is_told_and_its_years_left_out():
    rows = yearly({2021: "62", 2022: "65", 2023: "90"})
    one = Break(
        indicator="指标1", year=2023, reason="口径扩大", source="某公告", published="2023-01-01"
    )
    found = starts(plan(indicator()), rows, region="440000", year=2023, breaks=(one,))[0]
    assert found.course.years == (2020, 2021, 2022)
    assert Reason.CALIBER in found.remarks


def test_the_shipped_plans_start_without_any_invented_figure():
    for name, year in (("gd-hrss-14", 2023), ("gd-hrss-13", 2018)):
        the_plan = load_plan(name)
        frame = read_observations(None, the_plan)
        found = starts(the_plan, frame, region=the_plan.region, year=year)
        assert [s.indicator.no for s in found] == [i.no for i in the_plan.indicators]
        for s in found:
            assert s.known or s.reasons
            if not s.known:
                continue
            names = {s.indicator.name, *s.indicator.aliases}
            known = set(frame[frame["indicator"].isin(names)]["value"]) | {s.indicator.base.value}
            assert set(s.course.values) <= known
            assert s.course.scale in Scale and s.course.years[-1] <= year
