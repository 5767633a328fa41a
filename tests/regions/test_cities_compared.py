"""The cities' figures of a year are found, judged as in the city's own report, and counted."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from cityframes import CITIES, compared, everywhere, placed
from frames import PROVINCE, evaluation, indicator, observed, plan

from gdplan import assess
from gdplan.files.places import regions
from gdplan.model import Kind, Verdict
from gdplan.observations import calibers
from gdplan.regions.cities import compared as cities

GUANGZHOU, SHAOGUAN, SHENZHEN = CITIES[:3]


def found(rows, *items, **options):
    p = plan(*(items or (indicator(),)))
    return cities.compare(evaluation(p, rows, **{"targets": (), "breaks": (), **options}))


def test_a_comparison_holds_the_year_the_year_before_and_who_is_missing():
    one = compared(indicator(), everywhere(["4", "9"], ["5", "10"], ("68", "70")))
    assert [c.code for c in one.cities] == [GUANGZHOU, SHAOGUAN]
    assert one.cities[0].now == (5.0, 4.5, 5.5) and one.cities[0].before == (4.0, 3.5, 4.5)
    assert one.now == (70.0, 69.5, 70.5) and one.figure.raw == "70"
    assert one.missing == tuple(CITIES[2:]) and len(one.missing) == 19
    assert not one.share


def test_only_whole_years_of_the_evaluated_year_count():
    rows = pd.concat([
        placed({GUANGZHOU: {2022: "5"}, SHAOGUAN: {2023: "6"}}),
        observed({"year": 2023, "raw": "3", "region": SHENZHEN, "period": "ytd", "month": 6.0}),
    ])  # fmt: skip
    (one,) = found(rows)
    assert [c.code for c in one.cities] == [SHAOGUAN]
    assert found(placed({GUANGZHOU: {2022: "5", 2024: "6"}})) == ()
    assert found(rows.iloc[:0]) == ()


def test_a_region_that_is_no_province_has_no_cities():
    rows = placed({GUANGZHOU: {2023: "5"}})
    assert len(found(rows)) == 1
    assert found(rows, region=GUANGZHOU) == ()


def test_a_composition_is_left_out_and_an_alias_is_not():
    mix = indicator("2", base="10:40:50", target="14:42:44", unit="—", kind=Kind.of("composition"))
    other = indicator("3", name="新名", aliases=("旧名",))
    rows = pd.concat([placed({GUANGZHOU: {2023: "13:41:46"}}, indicator="指标2"),
                      placed({GUANGZHOU: {2023: "5"}}, indicator="旧名")])  # fmt: skip
    (one,) = found(rows, mix, other)
    assert one.row.indicator == "3" and one.cities[0].now.value == 5.0


def test_a_share_has_the_verdict_of_the_citys_own_report():
    item = indicator(base="60", target="80", unit="%")
    rows = placed({PROVINCE: {2023: "72"}, GUANGZHOU: {2023: "65"}, SHAOGUAN: {2023: "81"}},
                  unit="%")  # fmt: skip
    one = compared(item, rows)
    own = [assess(plan(item), rows, region=c, year=2023).iloc[0] for c in (GUANGZHOU, SHAOGUAN)]
    assert [c.row.verdict for c in one.cities] == [r["verdict"] for r in own]
    assert [c.row.verdict for c in one.cities] == [Verdict.BEHIND, Verdict.ACHIEVED_EARLY]
    assert one.share and one.cities[0].row.region_name == regions()[GUANGZHOU]


def test_the_final_rules_judge_the_cities_of_a_final_report():
    item = indicator(base="60", target="80", unit="%")
    rows = placed({PROVINCE: {2025: "81"}, GUANGZHOU: {2025: "79"}}, unit="%")
    one = compared(item, rows, year=2025)
    assert one.cities[0].row.verdict == Verdict.NEARLY


def test_a_sum_is_judged_as_far_as_it_is_whole():
    item = indicator(base="—", target="[100]")
    rows = placed({PROVINCE: {2021: "20", 2022: "20", 2023: "21"},
                   GUANGZHOU: {2021: "2.0", 2022: "3.0", 2023: "4.0"},
                   SHAOGUAN: {2022: "3.0", 2023: "4.0"}})  # fmt: skip
    one = compared(item, rows)
    assert one.judged_before.value == 40 and cities.judged(one.row).value == 61
    whole, part = one.cities
    assert whole.judged == pytest.approx((9.0, 8.85, 9.15))
    assert whole.judged_before == pytest.approx((5.0, 4.9, 5.1))
    assert whole.now.value == part.now.value == 4.0
    assert math.isnan(part.judged.value) and math.isnan(part.judged_before.value)


def test_a_published_total_says_nothing_of_the_year_before():
    item = indicator(base="—", target="[100]")
    rows = pd.concat([
        placed({PROVINCE: {2021: "20", 2022: "20"}}),
        observed({"year": 2023, "raw": "61", "period": "cumulative", "start": 2021.0}),
        placed({GUANGZHOU: {2023: "4"}}),
    ])  # fmt: skip
    assert math.isnan(compared(item, rows).judged_before.value)


def test_the_year_before_of_a_level_is_its_figure():
    one = compared(indicator(), everywhere(["4"], ["5"], ("68", "70")))
    assert one.cities[0].judged_before == one.cities[0].before


def test_figures_stand_in_the_plans_caliber():
    each = calibers.Break(indicator="指标1", year=2023, published="2024-02", link=2.0,
                          reason="范围扩大", source="公告", region=GUANGZHOU)  # fmt: skip
    (one,) = found(placed({GUANGZHOU: {2023: "10"}, SHAOGUAN: {2023: "10"}}), breaks=(each,))
    assert [c.now.value for c in one.cities] == [5.0, 10.0]


def test_bounded_figures_keep_their_open_ends():
    one = compared(indicator(), placed({GUANGZHOU: {2023: "5"}}, bound="at_least"))
    assert one.cities[0].now == (5.0, 5.0, math.inf)
    one = compared(indicator(), placed({GUANGZHOU: {2023: "5"}}, bound="at_most"))
    assert one.cities[0].now == (5.0, -math.inf, 5.0)


def test_nothing_given_is_changed():
    rows = everywhere(["4", "9"], ["5", "10"], ("68", "70"))
    before = rows.copy()
    cities.compare(evaluation(plan(indicator()), rows))
    pd.testing.assert_frame_equal(rows, before)
