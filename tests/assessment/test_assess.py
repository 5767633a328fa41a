"""Verdicts of METHOD 4, one sentence per test."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from frames import PROVINCE, indicator, observed, plan, sentence_of, yearly
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import end_to_end

from gdplan.assessment.assess import assess, judgements
from gdplan.assessment.judgement import COLUMNS
from gdplan.model import Attribute, Kind, Scale
from gdplan.problems import ProblemError


def judged(item: Any, rows: pd.DataFrame, year: int = 2023, **options: Any) -> dict[str, Any]:
    frame = assess(plan(item), rows, region=PROVINCE, year=year, **options)
    assert tuple(frame.columns) == COLUMNS
    return dict(frame.iloc[0])


LEVEL_CASES = [
    ("80", "提前实现"),
    ("79.99", "快于预期"),
    ("72.7", "快于预期"),
    ("72.5", "基本符合预期"),
    ("71.5", "基本符合预期"),
    ("71", "滞后"),
    ("60.00", "滞后"),
    ("59.5", "滞后"),  # within the rounding of 60
    ("59.4", "倒退"),
]


@pytest.mark.parametrize(("value", "verdict"), LEVEL_CASES)
def test_a_level_is_judged_by_its_pace_on_the_way_from_base_to_target(value, verdict):
    row = judged(indicator(), yearly({2023: value}))
    assert row["verdict"] == verdict


def test_the_cuts_of_pace_belong_to_the_better_side():
    # elapsed 0.6, way 20: pace 1.05 is 72.6, pace 0.95 is 71.4.
    assert judged(indicator(target="80"), yearly({2023: "72.60001"}))["verdict"] == "快于预期"
    row = judged(indicator(), yearly({2023: "71.40001"}))
    assert row["verdict"] == "基本符合预期"
    assert row["pace"] == pytest.approx(0.95, abs=1e-5)


def test_hubei_2018_sums_flows_with_a_half_year_at_its_own_elapsed_share():
    jobs = indicator(
        name="城镇新增就业", target="[110]", base="—", kind=Kind.of("cumulative"),
        base_year=2015, target_year=2020,
    )  # fmt: skip
    rows = observed(
        {"indicator": "城镇新增就业", "year": 2016, "raw": "39.6"},
        {"indicator": "城镇新增就业", "year": 2017, "raw": "41.3"},
        {"indicator": "城镇新增就业", "year": 2018, "raw": "14.5", "period": "ytd", "month": 6.0},
    )
    frame = assess(plan(jobs, base_year=2015, target_year=2020), rows, region=PROVINCE, year=2018)
    row = frame.iloc[0]
    assert row["elapsed"] == pytest.approx(0.5)
    assert row["value"] == pytest.approx(95.4)
    assert row["verdict"] == "快于预期"
    assert "part_year" in row["reason"]


def test_hubei_2018_a_cap_never_exceeded_is_held():
    share = indicator(unit="%", target="6.1以内", base="4.4", direction=-1)
    rows = yearly({2021: "4.4", 2022: "4.4", 2023: "2.6"}, unit="%", period="year_end")
    assert judged(share, rows)["verdict"] == "保持达标"


def test_hubei_2018_a_reduction_beyond_the_five_year_target_is_achieved_early():
    reduction = indicator(unit="%", target="20", base="0.0", limits=(-math.inf, math.inf))
    assert judged(reduction, yearly({2023: "21.2"}, unit="%"))["verdict"] == "提前实现"


def test_a_target_easier_than_the_base_is_a_floor_and_has_no_progress():
    postdocs = indicator(base="4215", target="2500", unit="人", kind=Kind.of("annual"))
    row = judged(postdocs, yearly({2022: "4100", 2023: "3900"}, unit="人"))
    assert row["verdict"] == "保持达标"
    assert math.isnan(row["progress"])
    assert {"floor", "met_but_falling"} <= set(row["reason"].split(";"))
    assert row["years_met"] == 2


def test_a_broken_floor_is_reversed():
    row = judged(indicator(base="96.45", target=">90", unit="%"), yearly({2023: "89.9"}, unit="%"))
    assert row["verdict"] == "倒退"
    assert "floor_broken" in row["reason"]


def test_a_floor_broken_and_regained_is_not_called_held():
    row = judged(
        indicator(base="96.45", target=">90", unit="%"),
        yearly({2021: "93.1", 2022: "89.2", 2023: "94.0"}, unit="%"),
    )
    assert row["verdict"] == "基本符合预期"
    assert "floor_broken_earlier" in row["reason"]


def test_a_target_equal_to_the_base_is_a_floor_with_its_reason():
    row = judged(indicator(base="90", target="90", unit="%"), yearly({2023: "91.5"}, unit="%"))
    assert row["verdict"] == "保持达标"
    assert "target_equals_base" in row["reason"]
    assert math.isnan(row["progress"])


def test_about_is_met_within_five_percent_or_on_the_better_side():
    rate = indicator(base="5.45", target="5.5左右", unit="%", direction=-1)
    assert judged(rate, yearly({2023: "5.7"}, unit="%"))["verdict"] == "保持达标"
    assert judged(rate, yearly({2023: "3.1"}, unit="%"))["verdict"] == "保持达标"
    assert judged(rate, yearly({2023: "5.8"}, unit="%"))["verdict"] == "倒退"


def test_keep_stable_is_met_within_one_point_for_shares():
    share = indicator(base="85.2", target="保持稳定", unit="%", direction=0)
    assert judged(share, yearly({2023: "84.3"}, unit="%"))["verdict"] == "保持达标"
    assert judged(share, yearly({2023: "84.1"}, unit="%"))["verdict"] == "倒退"
    assert judged(share, yearly({2023: "86.3"}, unit="%"))["verdict"] == "倒退"


def test_keep_stable_is_met_within_two_percent_for_other_units():
    count = indicator(base="1000", target="1000，保持稳定", direction=0)
    assert judged(count, yearly({2023: "981"}))["verdict"] == "保持达标"
    assert judged(count, yearly({2023: "979"}))["verdict"] == "倒退"


def test_tolerances_belong_to_the_words_and_hold_for_binding_indicators_too():
    rate = indicator(
        base="5.45", target="5.5左右", unit="%", direction=-1, attribute=Attribute.BINDING
    )
    assert judged(rate, yearly({2023: "5.6"}, unit="%"))["verdict"] == "保持达标"
    # 19.1 of 20左右 was officially 完成.
    homes = indicator(base="—", target="20左右", attribute=Attribute.BINDING)
    assert judged(homes, yearly({2025: "19.1"}), 2025)["verdict"] == "完成"
    assert judged(homes, yearly({2025: "18.9"}), 2025)["verdict"] == "未完成"


def test_a_smaller_is_better_target_is_reached_from_above():
    deaths = indicator(base="20.0", target="10", direction=-1)
    assert judged(deaths, yearly({2023: "9.8"}))["verdict"] == "提前实现"
    assert judged(deaths, yearly({2023: "14.0"}))["verdict"] == "基本符合预期"
    assert judged(deaths, yearly({2023: "21.0"}))["verdict"] == "倒退"


def test_a_geometric_scale_measures_growth():
    fund = indicator(base="2126", target=">3500", unit="亿元", scale=Scale.GEOMETRIC)
    row = judged(fund, yearly({2023: "2868"}, unit="亿元"))
    assert row["progress"] == pytest.approx(math.log(2868 / 2126) / math.log(3500 / 2126))
    assert row["verdict"] == "基本符合预期"


@pytest.mark.parametrize(
    ("changes", "rows", "reason"),
    [
        ({}, {}, "no_data"),
        ({}, {2021: "65"}, "stale"),
        ({"base": "—"}, {2023: "65"}, "one_point"),
        ({"base": "—"}, {2022: "64", 2023: "65"}, "no_base"),
        ({"target": "应保尽保"}, {2023: "65"}, "no_target_number"),
        ({"target": "—"}, {2023: "65"}, "no_target_number"),
        ({"target": "[80]"}, {2021: "1", 2023: "1"}, "missing_years"),
    ],
)
def test_what_cannot_be_judged_says_why(changes, rows, reason):
    row = judged(indicator(**changes), yearly(rows) if rows else yearly({2019: "1"}))
    assert row["verdict"] == "无法评估"
    assert reason in row["reason"].split(";")
    assert row["level"] == "灰"


def test_a_figure_one_year_old_is_used_and_says_so():
    row = judged(indicator(), yearly({2022: "70"}))
    assert row["data_year"] == 2022
    assert row["elapsed"] == pytest.approx(0.4)
    assert "one_year_old" in row["reason"]
    assert row["verdict"] == "快于预期"


def test_part_of_a_year_is_never_judged_as_a_whole_year():
    row = judged(indicator(kind=Kind.of("annual")), observed(
        {"year": 2023, "raw": "95", "period": "ytd", "month": 6.0}))  # fmt: skip
    assert row["verdict"] == "无法评估"
    assert "part_year_only" in row["reason"]


def test_since_launch_counts_never_enter_a_five_year_sum():
    row = judged(indicator(target="[20]"), observed(
        {"year": 2023, "raw": "49.8", "period": "since_launch"}))  # fmt: skip
    assert row["verdict"] == "无法评估"


def test_a_published_total_counts_only_when_its_window_is_the_plans():
    total = {"year": 2023, "raw": "60", "period": "cumulative"}
    ten_years = judged(indicator(target="[80]"), observed({**total, "start": 2012.0}))
    five_years = judged(indicator(target="[80]"), observed({**total, "start": 2021.0}))
    assert ten_years["verdict"] == "无法评估"
    assert five_years["progress"] == pytest.approx(0.75)


def test_a_published_total_is_carried_on_by_later_years():
    rows = observed(
        {"year": 2022, "raw": "40", "period": "cumulative", "start": 2021.0},
        {"year": 2023, "raw": "12.5"},
    )
    assert judged(indicator(target="[80]"), rows)["value"] == pytest.approx(52.5)


def test_a_verdict_that_rounding_can_change_is_borderline_and_names_the_figure():
    row = judged(indicator(base="60.00"), yearly({2023: "71"}))
    firm = judged(indicator(base="60.00"), yearly({2023: "71.00"}))
    assert not row["firm"] and "F2" in row["decided_by"]
    assert set(row["verdicts_possible"].split("、")) == {"滞后", "基本符合预期"}
    assert firm["firm"] and firm["verdict"] == row["verdict"] == "滞后"


def test_an_open_bound_makes_the_verdict_borderline_when_it_decides():
    rows = yearly({2021: "10", 2022: "10"}).pipe(
        lambda f: pd.concat([f, observed({"year": 2023, "raw": "10", "bound": "at_least"})])
    )
    row = judged(indicator(target="[80]"), rows)
    # 30 at least: behind, or met already; the bound decides nothing.
    assert row["verdict"] == "无法评估" and math.isnan(row["progress"])
    assert row["reason"].split(";")[0] == "unbounded"


@pytest.mark.parametrize(
    ("flows", "verdict"),
    [(("0", "0", "0"), "保持达标"), (("10", "10", "10"), "保持达标"),
     (("20", "20", "20"), "保持达标"),
     (("25", "25", "25"), "滞后"), (("40", "40", "40"), "倒退")],
)  # fmt: skip
def test_a_sum_that_must_stay_below_its_target_is_a_budget(flows, verdict):
    item = indicator(target="[100]以内", base="—", direction=-1)
    rows = yearly(dict(zip((2021, 2022, 2023), flows, strict=True)))
    assert judged(item, rows)["verdict"] == verdict


def test_a_budget_is_kept_or_not_at_the_end():
    item = indicator(target="[100]以内", base="—", direction=-1)
    spent = observed({"year": 2025, "raw": "99.0", "period": "cumulative", "start": 2021.0})
    over = observed({"year": 2025, "raw": "103.0", "period": "cumulative", "start": 2021.0})
    assert judged(item, spent, year=2025)["verdict"] == "完成"
    assert judged(item, over, year=2025)["verdict"] == "未完成"


def test_a_budget_used_up_to_its_last_digit_is_kept():
    item = indicator(target="[0.3]", base="—", direction=-1, kind=Kind.of("cumulative"))
    row = judged(item, yearly({2021: "0.1", 2022: "0", 2023: "0", 2024: "0", 2025: "0.2"}), 2025)
    assert (row["value"], row["verdict"], row["gap"]) == (0.3, "完成", 0.0)


@pytest.mark.parametrize("rate", ["6.5", "7.1", "0.3", "8.05"])
def test_a_rate_met_exactly_is_on_schedule_and_needs_just_as_much_again(rate):
    item = indicator(target=rate, base="—", unit="%", kind=Kind.of("rate"))
    row = judged(item, yearly(dict.fromkeys((2021, 2022, 2023), rate), unit="%"))
    assert row["verdict"] == "基本符合预期" and row["gap"] == 0.0
    assert row["required"] == pytest.approx(float(rate), abs=1e-9)
    whole = judged(item, yearly(dict.fromkeys(range(2021, 2026), rate), unit="%"), 2025)
    assert whole["verdict"] == "完成" and math.isnan(whole["required"])


def test_a_rate_ahead_of_its_average_still_says_what_the_remaining_years_need():
    item = indicator(target="6", base="—", unit="%", kind=Kind.of("rate"))
    row = judged(item, yearly({2021: "8", 2022: "8", 2023: "8"}, unit="%"))
    # ((1.06^5) / (1.08^3))^(1/2) - 1
    assert row["required"] == pytest.approx(100 * ((1.06**5 / 1.08**3) ** 0.5 - 1))


def test_the_nearly_completed_cut_belongs_to_the_better_side_in_any_digits():
    # 2 % short of 0.3 is 0.294; in binary the distance is a trifle more than 0.006.
    item = indicator(base="0.1", target="0.3")
    assert judged(item, yearly({2025: "0.294"}), 2025)["verdict"] == "基本完成"


def test_a_composition_that_stayed_on_its_target_is_held():
    item = indicator(base="14:42:44", target="14:42:44", unit="—", kind=Kind.of("composition"))

    def parts(year, raw):
        return {"year": year, "raw": raw, "period": "year_end"}

    kept = observed(parts(2022, "14:42:44"), parts(2023, "14:42:44"))
    left = observed(parts(2022, "15:41:44"), parts(2023, "14:42:44"))
    assert judged(item, kept)["verdict"] == "保持达标"
    assert judged(item, left)["verdict"] == "基本符合预期"


def test_rates_are_chained_and_averaged():
    growth = indicator(target="年均增长6%", unit="%", base="—", limits=(-math.inf, math.inf))
    row = judged(growth, yearly({2021: "8.0", 2022: "2.0", 2023: "5.0"}, unit="%"))
    chained = 1.08 * 1.02 * 1.05
    assert row["value"] == pytest.approx((chained ** (1 / 3) - 1) * 100)
    assert row["progress"] == pytest.approx(math.log(chained) / (5 * math.log(1.06)))
    assert row["verdict"] == "滞后"


def test_qinghai_2009_a_total_reduction_is_chained():
    energy = indicator(
        target="[-17]", unit="%", base="—", kind=Kind.of("rate"), direction=-1,
        limits=(-math.inf, math.inf),
    )  # fmt: skip
    row = judged(energy, yearly({2021: "1.51", 2022: "-2.20", 2023: "-4.18"}, unit="%"))
    assert row["value"] == pytest.approx(-4.87, abs=0.005)
    assert row["progress"] == pytest.approx(0.268, abs=0.0005)
    assert row["required"] == pytest.approx(-6.59, abs=0.005)
    assert row["verdict"] == "滞后"


def test_a_composition_moves_by_its_whole_distance():
    mix = indicator(base="10:40:50", target="14:42:44", unit="—", kind=Kind.of("composition"))
    row = judged(mix, observed({"year": 2023, "raw": "13:41:46", "period": "year_end"}))
    assert row["base"] == pytest.approx(6.0)
    assert row["value"] == pytest.approx(2.0)
    assert row["progress"] == pytest.approx(4 / 6)


@pytest.mark.parametrize(
    ("target", "value", "binding", "verdict"),
    [
        ("[550]", "717.25", False, "超额完成"),
        ("[550]", "560.00", False, "完成"),
        ("[550]", "545.00", False, "基本完成"),
        ("[550]", "545.00", True, "未完成"),
        ("[550]", "530.00", False, "未完成"),
    ],
)
def test_the_final_verdict_follows_completion(target, value, binding, verdict):
    attribute = Attribute.BINDING if binding else Attribute.EXPECTED
    item = indicator(target=target, base="—", attribute=attribute)
    rows = observed({"year": 2025, "raw": value, "period": "cumulative", "start": 2021.0})
    row = judged(item, rows, year=2025)
    assert row["verdict"] == verdict
    assert row["completion"] == pytest.approx(float(value) / 550)


def test_a_cap_gets_its_distance_and_no_percentage():
    item = indicator(base="2.5", target="4以内", unit="%", direction=-1)
    row = judged(item, yearly({2025: "3.4"}, unit="%"), year=2025)
    assert math.isnan(row["completion"])
    assert row["distance"] == pytest.approx(0.6)


def test_a_later_vintage_changes_no_earlier_assessment():
    early = yearly({2023: "71.00"})
    late = observed({"year": 2023, "raw": "79.00", "published": "2025-06-01"})
    both = pd.concat([early, late], ignore_index=True)
    then = judged(indicator(), both, as_of="2024-12-31")
    assert then["value"] == 71 and then["verdict"] == "滞后"
    assert judged(indicator(), both)["value"] == 79


def test_later_years_are_not_looked_at():
    rows = yearly({2022: "66", 2023: "70", 2024: "99"})
    assert judged(indicator(), rows, year=2023)["value"] == 70


def test_other_regions_are_not_looked_at():
    row = judged(indicator(), yearly({2023: "99"}, region="440100"))
    assert row["verdict"] == "无法评估"


def test_a_city_is_not_judged_on_the_provinces_totals():
    frame = assess(
        plan(indicator()), yearly({2023: "70"}, region="440100"), region="440100", year=2023
    )
    assert frame.loc[0, "verdict"] == "无法评估"
    assert "no_region_target" in frame.loc[0, "reason"]


def test_a_city_is_judged_on_the_provinces_rates_and_the_row_says_so():
    rate = indicator(base="60", target="80", unit="%")
    city = {"region": "440100", "region_name": "广州市", "unit": "%"}
    own = yearly({2020: "70", 2023: "79"}, **city)
    [one] = judgements(plan(rate), own, region="440100", year=2023)
    assert one.verdict == "快于预期" and one.progress == pytest.approx(0.9)
    assert "province_target" in one.reasons and one.department == "广州市人力资源社会保障局"
    # The province's base is named as what it is, and measures no way of the city.
    [one] = judgements(plan(rate), yearly({2023: "59"}, **city), region="440100", year=2023)
    assert one.verdict == "无法评估" and math.isnan(one.progress) and one.province_base == "60"
    [one] = judgements(plan(rate), yearly({2023: "85"}, **city), region="440100", year=2023)
    text = sentence_of(one)
    assert one.verdict == "提前实现" and "2020年全省水平为60%" in text and "比2020年" not in text
    # Only what the city itself has lost is a reversal.
    lost = yearly({2022: "81", 2023: "79"}, **city)
    [one] = judgements(plan(rate), lost, region="440100", year=2023)
    assert one.verdict == "倒退"


@pytest.mark.parametrize("year", [2020, 2026, 1999])
def test_a_year_outside_the_plan_is_refused(year):
    with pytest.raises(ProblemError, match="2021—2025"):
        assess(plan(indicator()), yearly({2023: "70"}), region=PROVINCE, year=year)


def test_every_row_carries_its_inputs_and_parameters():
    row = judged(indicator(), yearly({2023: "70.5"}))
    [figure] = json.loads(row["inputs"])
    assert figure["raw"] == "70.5" and figure["cell"] == "F2"
    assert (figure["low"], figure["high"]) == (70.45, 70.55)
    assert json.loads(row["parameters"])["on_track"] == 0.95
    assert row["sources"] == "test.csv!F2"


def test_nothing_mutates_the_observations():
    rows = yearly({2021: "61", 2023: "70"})
    before = rows.copy(deep=True)
    assess(plan(indicator()), rows, region=PROVINCE, year=2023)
    pd.testing.assert_frame_equal(rows, before)


values = st.integers(1, 10_000)


@given(base=values, target=values, value=values, up=st.booleans())
@end_to_end(60)
def test_a_change_of_unit_keeps_the_verdict(base, target, value, up):
    def verdict(scale: int) -> str:
        item = indicator(
            base=f"{base * scale}.0", target=str(target * scale), direction=1 if up else -1
        )
        return judged(item, yearly({2023: f"{value * scale}.0"}))["verdict"]

    assert verdict(1) == verdict(1000)


@given(base=values, target=values, value=values)
@end_to_end(60)
def test_a_mirrored_direction_mirrors_the_verdict(base, target, value):
    span = (-math.inf, math.inf)
    up = indicator(base=str(base), target=str(target), limits=span)
    down = indicator(base=f"-{base}", target=f"-{target}", direction=-1, limits=span)
    rows = yearly({2023: str(value)})
    mirrored = rows.assign(
        value=-rows["value"], low=-rows["high"], high=-rows["low"], raw="-" + rows["raw"]
    )
    assert judged(up, rows)["verdict"] == judged(down, mirrored)["verdict"]


@given(base=values, target=values, value=values, up=st.booleans())
@end_to_end(100)
def test_verdict_and_second_opinion_never_contradict_in_sign(base, target, value, up):
    item = indicator(base=str(base), target=str(target), direction=1 if up else -1)
    row = judged(item, yearly({2023: str(value)}))
    ratio = row["growth_ratio"]
    if row["verdict"] == "倒退" and not row["met_at_base"]:
        assert ratio < 0 and row["projected_share"] < 0
    if row["verdict"] in ("快于预期", "提前实现"):
        assert ratio > 0 and row["projected_share"] > 0


@given(st.lists(values, min_size=3, max_size=3), st.integers(1, 40_000))
@end_to_end(40)
def test_the_printed_value_lies_inside_its_interval_and_so_does_progress(flows, target):
    rows = yearly(dict(zip((2021, 2022, 2023), map(str, flows), strict=True)))
    row = judged(indicator(target=f"[{target}]"), rows)
    assert row["value_low"] <= row["value"] <= row["value_high"]
    assert row["progress_low"] <= row["progress"] <= row["progress_high"]
    assert np.isclose(row["value_high"] - row["value_low"], 3.0)


RATE_CASES = [
    ("3以内", -1, "5", 2025, "未完成"),
    ("3以内", -1, "2.5", 2025, "完成"),
    ("3以内", -1, "5", 2023, "滞后"),
    ("3以内", -1, "1", 2023, "保持达标"),
    ("3以内", -1, "-1", 2023, "保持达标"),
    ("3以内", -1, "6", 2023, "倒退"),
    (">6", 1, "6", 2025, "基本完成"),
    (">6", 1, "6.1", 2025, "完成"),
    ("6左右", 1, "5.8", 2025, "完成"),
    ("6左右", 1, "5.5", 2025, "未完成"),
    ("6", 1, "6", 2025, "完成"),
    ("-3", -1, "-3", 2025, "完成"),
    ("-3", -1, "-2", 2023, "滞后"),
]


@pytest.mark.parametrize(("target", "direction", "rate", "year", "verdict"), RATE_CASES)
def test_growth_is_held_against_its_limit_tolerance_and_direction(
    target, direction, rate, year, verdict
):
    item = indicator(target=target, base="—", unit="%", kind=Kind.of("rate"), direction=direction)
    rows = yearly(dict.fromkeys(range(2021, year + 1), rate), unit="%")
    assert judged(item, rows, year)["verdict"] == verdict


@pytest.mark.parametrize(
    ("base", "target", "value", "verdict"),
    [("20", "25—27", "35", "倒退"), ("20", "25—27", "26", "提前实现"),
     ("40", "25—27", "20", "倒退"), ("60", "70左右", "90", "提前实现")],
)  # fmt: skip
def test_a_band_that_is_overshot_is_no_progress(base, target, value, verdict):
    row = judged(indicator(base=base, target=target), yearly({2023: value}))
    assert row["verdict"] == verdict


# -- what a band still requires -------------------------------------------------------------------

BANDS = [
    # 5.5 + 5 % is 5.775; two years left.
    ({"base": "8", "target": "5.5左右", "direction": -1}, "7", 5.775),
    ({"base": "60", "target": "80左右"}, "70", 76.0),
    ({"base": "60", "target": "70-80"}, "66", 70.0),
    ({"base": "60", "target": "70-80"}, "83", 80.0),
]


@pytest.mark.parametrize(("cells", "value", "edge"), BANDS)
def test_a_band_is_reached_at_its_nearest_edge(cells, value, edge):
    row = judged(indicator(unit="%", **cells), yearly({2023: value}, unit="%"))
    assert row["required"] == pytest.approx((edge - float(value)) / 2)
    assert 2 * abs(row["required"]) == pytest.approx(row["gap"])
    assert row["required_growth"] == pytest.approx((edge / float(value)) ** 0.5 - 1)
    assert row["acceleration"] == pytest.approx(row["required"] / row["achieved"])


def test_inside_a_band_nothing_is_required():
    row = judged(
        indicator(base="8", target="5.5左右", unit="%", direction=-1),
        yearly({2023: "5.7"}, unit="%"),
    )
    assert row["gap"] == 0 and row["met"]
    assert math.isnan(row["required"]) and math.isnan(row["required_growth"])


def test_a_binding_band_has_the_width_of_its_words():
    item = indicator(base="8", target="5.5左右", unit="%", direction=-1,
                     attribute=Attribute.BINDING)  # fmt: skip
    row = judged(item, yearly({2023: "7"}, unit="%"))
    assert row["required"] == pytest.approx((5.775 - 7) / 2)
    assert row["gap"] == pytest.approx(7 - 5.775)


@pytest.mark.parametrize("scale", list(Scale))
def test_the_next_year_leads_to_the_edge(scale):
    item = indicator(base="60", target="80左右", scale=scale)
    row = judged(item, yearly({2023: "70"}))
    step = {Scale.LINEAR: 73.0, Scale.GEOMETRIC: math.sqrt(70 * 76)}[scale]
    assert row["next_target"] == pytest.approx(step)


@pytest.mark.parametrize(
    ("target", "direction", "rates", "edge"),
    [
        ("6左右", 1, "555", 5.7), ("-6左右", -1, ("-4", "-4", "-4"), -5.7),
        ("5-6", 1, "444", 5.0), ("5-6", 1, "555", 5.0), ("5-6", 1, "777", 6.0),
        ("-6至-5", -1, ("-4", "-4", "-4"), -5.0), ("-6至-5", -1, ("-7", "-7", "-7"), -6.0),
    ],
)  # fmt: skip
def test_growth_in_a_band_is_required_up_to_its_edge(target, direction, rates, edge):
    item = indicator(target=target, unit="%", base="—", kind=Kind.of("rate"), direction=direction,
                     limits=(-math.inf, math.inf))  # fmt: skip
    figures = dict(zip((2021, 2022, 2023), rates, strict=True))
    row = judged(item, yearly(figures, unit="%"))
    chained = math.prod(1 + float(r) / 100 for r in rates)
    wanted = 100 * (((1 + edge / 100) ** 5 / chained) ** 0.5 - 1)
    assert row["required"] == pytest.approx(wanted)


def test_growth_that_has_come_up_to_the_edge_requires_nothing_more():
    # 1.1 x 1.1 x 1.095 = 1.325 lies between 1.057^5 = 1.319 and 1.06^5 = 1.338.
    item = indicator(target="6左右", unit="%", base="—", kind=Kind.of("rate"))
    row = judged(item, yearly({2021: "10", 2022: "10", 2023: "9.5"}, unit="%"))
    assert math.isnan(row["required"]) and math.isnan(row["acceleration"])


def test_growth_given_as_a_range_has_a_progress():
    item = indicator(target="5-6", unit="%", base="—", kind=Kind.of("rate"))
    row = judged(item, yearly({2021: "5.5", 2022: "5.5", 2023: "5.5"}, unit="%"))
    assert row["progress"] == pytest.approx(0.6) and row["pace"] == pytest.approx(1)
