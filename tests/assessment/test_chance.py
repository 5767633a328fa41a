"""From published figures to the chance of a target: sums, part years, growth, bounds, regions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from frames import PROVINCE, indicator, observed, plan, yearly
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from thoroughness import end_to_end

from gdplan.assessment.assess import assess
from gdplan.model import Kind, Reason, Scale
from gdplan.outlook.projection import project

LEVELS = {2017: "52", 2018: "55", 2019: "56", 2021: "64", 2022: "66", 2023: "71"}
FLOWS = {2018: "98", 2019: "101", 2020: "99", 2021: "104", 2022: "101", 2023: "110"}
SUM = indicator(base="500", target="[550]")
GROWTH = indicator(base="—", target="年均增长5%", unit="%", kind=Kind.of("rate"))


def row_of(item, rows, *, region=PROVINCE, year=2023, **options):
    return assess(plan(item), rows, region=region, year=year, targets=(), **options).iloc[0]


def test_a_level_is_projected_from_all_its_years_and_the_base():
    row = row_of(indicator(), yearly(LEVELS))
    # The plan's base of 60 is the figure of 2020.
    values = [52, 55, 56, 60, 64, 66, 71]
    out = project(values, horizon=2, scale=Scale.LINEAR, bounds=(0, math.inf))
    assert row["outlook"] == pytest.approx(out.median[1])
    assert row["reach"] == pytest.approx(out.probability(">=", 80)[1])
    low, high = out.interval(0.8)
    assert (row["outlook_low80"], row["outlook_high80"]) == pytest.approx((low[1], high[1]))
    assert row["outlook_low95"] < row["outlook_low80"] and row["reach_n"] == 7
    assert row["reach_reason"] == "" and row["reach_low"] <= row["reach"] <= row["reach_high"]


def test_a_base_known_with_one_side_only_is_no_point():
    rows = yearly({2018: "55", 2019: "56", 2021: "64", 2022: "66", 2023: "71"})
    told = row_of(indicator(base="60以上"), rows)
    assert told["reach_n"] == 5 and row_of(indicator(base="60"), rows)["reach_n"] == 6
    values = [55, 56, math.nan, 64, 66, 71]
    out = project(values, horizon=2, scale=Scale.LINEAR, bounds=(0, math.inf))
    assert told["outlook"] == pytest.approx(out.median[1])


def test_a_sum_that_has_come_in_full_is_sure_and_a_flow_with_one_side_is_named():
    flows = pd.concat([yearly({2021: "300", 2022: "200"}), yearly({2023: "110"}, bound="at_least")])
    sure = row_of(SUM, flows)
    assert (sure["reach"], sure["reach_low"], sure["reach_reason"]) == (1, 1, "already_met")
    short = row_of(indicator(base="500", target="[900]"), flows)
    assert math.isnan(short["reach"]) and short["reach_reason"] == "unbounded"
    below = row_of(indicator(base="500", target="[450]", limits=(-math.inf, math.inf)), flows)
    assert math.isnan(below["reach"])


def test_a_sum_adds_the_flows_to_come_to_what_has_come():
    row = row_of(SUM, yearly(FLOWS))
    flows = [float(v) for v in FLOWS.values()]
    out = project(flows, horizon=2, scale=Scale.LINEAR, weights=[1, 1], bounds=(0, math.inf))
    assert row["outlook"] == pytest.approx(315 + out.median[1])
    assert row["reach"] == pytest.approx(out.probability(">=", 550 - 315)[1])
    # Each of three flows may be half a unit off.
    assert row["reach_low"] == pytest.approx(out.probability(">=", 550 - 313.5)[1])
    assert row["reach_high"] == pytest.approx(out.probability(">=", 550 - 316.5)[1])


def test_of_a_year_half_known_the_other_half_is_projected():
    half = observed({"year": 2024, "raw": "58", "period": "ytd", "month": 6.0})
    row = row_of(SUM, pd.concat([yearly(FLOWS), half]), year=2024)
    flows = [float(v) for v in FLOWS.values()]
    out = project(flows, horizon=2, scale=Scale.LINEAR, weights=[0.5, 1], bounds=(0, math.inf))
    assert row["value"] == 373
    assert row["outlook"] == pytest.approx(373 + out.median[1])
    assert row["reach"] == pytest.approx(out.probability(">=", 550 - 373)[1])


def test_a_growth_rate_is_projected_as_the_index_it_makes():
    growth = {2019: "6.0", 2020: "2.0", 2021: "7.0", 2022: "3.0", 2023: "5.0"}
    row = row_of(GROWTH, yearly(growth, unit="%"))
    index = np.cumprod([1, 1.06, 1.02, 1.07, 1.03, 1.05])
    out = project(index / index[-1], horizon=2, scale=Scale.GEOMETRIC)
    so_far = 1.07 * 1.03 * 1.05
    assert row["outlook"] == pytest.approx(((out.median[1] * so_far) ** 0.2 - 1) * 100)
    assert row["reach"] == pytest.approx(out.probability(">=", 1.05**5 / so_far)[1])
    total = indicator(base="—", target="[20]", unit="%", kind=Kind.of("rate"))
    row = row_of(total, yearly(growth, unit="%"))
    assert row["outlook"] == pytest.approx((out.median[1] * so_far - 1) * 100)


def test_growth_figures_before_a_gap_are_left_out():
    growth = {2018: "6.0", 2020: "2.0", 2021: "7.0", 2022: "3.0", 2023: "5.0"}
    one = row_of(GROWTH, yearly(growth, unit="%"))
    other = row_of(GROWTH, yearly({k: v for k, v in growth.items() if k > 2018}, unit="%"))
    assert one["reach"] == other["reach"]
    few = row_of(GROWTH, yearly({2021: "7.0", 2022: "3.0", 2023: "5.0"}, unit="%"))
    assert math.isnan(few["reach"]) and few["reach_reason"] == "few_points"


def test_a_goal_with_two_sides_counts_what_lies_between():
    item = indicator(base="5.2", target="5.5左右", unit="%", direction=0)
    row = row_of(item, yearly({2021: "5.4", 2022: "5.3", 2023: "5.6"}, unit="%"))
    out = project([5.2, 5.4, 5.3, 5.6], horizon=2, scale=Scale.LINEAR, bounds=(0, 100))
    assert row["reach"] == pytest.approx(out.within(row["target_low"], row["target_high"])[1])


def test_a_strict_goal_leaves_out_its_bound():
    flat = {2017: "90", 2018: "97", 2019: "99", 2021: "99.9", 2022: "99.9", 2023: "100"}
    whole = indicator(base="99.5", target="100", unit="%")
    above = indicator(base="99.5", target=">99.99", unit="%")
    assert row_of(whole, yearly(flat, unit="%"))["reach"] > 0
    assert row_of(above, yearly(flat, unit="%"))["reach"] > 0


@pytest.mark.parametrize(
    ("item", "rows", "year", "reason"),
    [
        (indicator(), yearly({2023: "70"}), 2023, Reason.FEW_POINTS),
        (indicator(base="70"), yearly({2021: "70", 2022: "70", 2023: "70"}), 2023,
         Reason.CONSTANT),
        (indicator(), yearly({}), 2023, Reason.NO_DATA),
        (indicator(), yearly({**LEVELS, 2025: "80"}), 2025, Reason.NO_YEARS_LEFT),
        (indicator(scale=Scale.GEOMETRIC), yearly({2016: "0", **LEVELS}), 2023,
         Reason.NOT_POSITIVE),
        (indicator(kind=Kind.of("composition"), base="10:40:50", target="8:40:52", unit="%"),
         yearly({2023: "9:40:51"}, unit="%"), 2023, Reason.NOT_PROJECTED),
        (SUM, yearly({2018: "98", 2019: "99", 2021: "104"}), 2023, Reason.STALE),
        (indicator(target="稳步提高"), yearly(LEVELS), 2023, Reason.NO_TARGET_NUMBER),
    ],
)  # fmt: skip
def test_without_a_chance_there_is_a_reason(item, rows, year, reason):
    row = row_of(item, rows, year=year)
    assert math.isnan(row["reach"]) and row["reach_reason"] == reason.value


def test_a_published_total_without_its_flows_cannot_be_carried_on():
    rows = observed({"year": 2023, "raw": "330", "period": "cumulative", "start": 2021.0},
                    *({"year": y, "raw": v} for y, v in FLOWS.items() if y < 2021))  # fmt: skip
    row = row_of(SUM, rows)
    assert row["value"] == 330 and row["reach_reason"] == "missing_years"


def test_a_city_is_not_projected_to_the_totals_of_its_province():
    rows = yearly(LEVELS, region="440100")
    row = row_of(indicator(), rows, region="440100")
    assert row["reach_reason"] == "no_region_target" and math.isnan(row["reach"])
    rate = indicator(base="90", target="95", unit="%")
    shares = {2018: "90", 2019: "91", 2020: "91.5", 2021: "92", 2022: "92.2", 2023: "93.1"}
    row = row_of(rate, yearly(shares, region="440100", unit="%"), region="440100")
    # The province's base is no figure of the city.
    assert row["reach_n"] == 6 and 0 < row["reach"] < 1


def test_what_is_known_later_moves_no_earlier_chance():
    rows = yearly(LEVELS)
    late = pd.concat([rows, observed({"year": 2022, "raw": "90", "published": "2024-09-01"})])
    options = {"as_of": "2024-03-01"}
    assert row_of(indicator(), late, **options)["reach"] == row_of(
        indicator(), rows, **options)["reach"]  # fmt: skip


@given(st.lists(st.integers(50, 90), min_size=4, max_size=4, unique=True), st.integers(1, 20))
@end_to_end(40)
def test_a_higher_floor_is_never_more_likely(values, more):
    rows = yearly(dict(zip((2019, 2021, 2022, 2023), map(str, values), strict=True)))
    one, other = (row_of(indicator(target=str(80 + x)), rows)["reach"] for x in (0, more))
    assert other <= one + 1e-12


def test_the_level_of_an_indicator_rises_with_a_poor_chance():
    # On schedule at 72 of 72, and falling.
    rows = yearly({2019: "66", 2021: "76", 2022: "75", 2023: "72"})
    row = row_of(indicator(), rows)
    assert row["reach"] < 0.5 and row["pace"] == pytest.approx(1)
    assert row["level"] == "黄"
    sure = replace(indicator(), parameters={"level_reach": 0.0})
    assert row_of(sure, rows)["level"] == "绿"


def test_the_t_of_the_chance_has_the_degrees_of_the_outlook():
    row = row_of(indicator(), yearly(LEVELS))
    spread = (row["outlook_high80"] - row["outlook"]) / stats.t.ppf(0.9, math.sqrt(6))
    z = (80 - row["outlook"]) / spread
    assert row["reach"] == pytest.approx(stats.t.sf(z, math.sqrt(6)))
