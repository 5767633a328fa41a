"""Spread, contributions and laggards: numbers worked out by hand, and sums that always hold."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from cityframes import CITIES, compared, everywhere, placed
from frames import PROVINCE, indicator
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import end_to_end

from gdplan.model import Kind
from gdplan.notation import parse_target
from gdplan.observations.annual_targets import AnnualTarget
from gdplan.regions.cities import standing
from gdplan.regions.cities.standing import Why

A, B, C = CITIES[:3]
PERCENT = {"base": "60", "target": "80", "unit": "%"}


def by_code(split):
    return {p.city.code: p.amount.value for p in split.parts}


def test_quartiles_are_those_of_hyndman_and_fan_type_7():
    assert standing.quartiles([6, 47, 49, 15, 42, 41, 7, 39, 43, 40, 36]) == (
        6, 25.5, 40, 42.5, 49
    )  # fmt: skip
    assert standing.quartiles([7, 15, 36, 39, 40, 41]) == (7, 20.25, 37.5, 39.75, 41)
    assert standing.quartiles([3]) == (3, 3, 3, 3, 3)
    with pytest.raises(ValueError, match="no values"):
        standing.quartiles([])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_quartiles_stand_in_order_inside_the_figures(values):
    found = standing.quartiles(values)
    assert list(found) == sorted(found)
    assert found[0] == min(values) and found[-1] == max(values)


def test_a_change_is_split_in_natural_units_with_its_rest():
    one = compared(indicator(), everywhere(["4", "9"], ["5", "7"], ("68", "70")))
    split = standing.change(one)
    assert split.total == (2.0, 1.0, 3.0)
    assert by_code(split) == {A: 1.0, B: -2.0}
    assert split.among == -1.0 and split.rest == 3.0
    assert split.parts[1].amount == (-2.0, -3.0, -1.0)


def test_a_city_without_last_years_figure_falls_into_the_rest():
    rows = placed({PROVINCE: {2022: "68", 2023: "70"}, A: {2023: "5"}, B: {2022: "4", 2023: "5"}})
    split = standing.change(compared(indicator(), rows))
    assert by_code(split) == {B: 1.0} and split.rest == 1.0
    only = placed({PROVINCE: {2022: "68", 2023: "70"}, A: {2023: "5"}})
    assert standing.change(compared(indicator(), only)) is None
    alone = placed({PROVINCE: {2023: "70"}, A: {2022: "4", 2023: "5"}})
    assert standing.change(compared(indicator(), alone)) is None


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=21, max_size=21))
@end_to_end(25)
def test_parts_and_rest_always_make_the_change(pairs):
    before, now = (sum(x[k] for x in pairs) for k in (0, 1))
    rows = everywhere([str(a) for a, _ in pairs], [str(b) for _, b in pairs],
                      (str(before), str(now)))  # fmt: skip
    split = standing.change(compared(indicator(), rows))
    assert split.among == now - before and split.rest == 0


@pytest.mark.parametrize(
    ("changes", "adds"),
    [({}, True), ({"unit": "%"}, False), ({"unit": "岁"}, False), ({"unit": "人/万人"}, False),
     ({"unit": "‰"}, False), ({"unit": "—"}, False), ({"unit": "亿元"}, True),
     ({"name": "人均可支配收入", "unit": "元"}, False), ({"name": "平均受教育年限"}, False)],
)  # fmt: skip
def test_ratios_and_means_are_no_parts_of_a_whole(changes, adds):
    rows = everywhere(["4"], ["5"], ("68", "70")).assign(
        unit=changes.get("unit", "万人"), indicator=changes.get("name", "指标1")
    )
    assert standing.additive(compared(indicator(**changes), rows)) is adds


def test_cities_that_exceed_the_province_are_no_parts_of_it():
    """70.0 may be 70.05, and half a percent of it is 0.35."""
    for now, adds in (("70.4", True), ("70.5", False)):
        one = compared(indicator(), everywhere(["1"], [now], ("1", "70.0")))
        assert standing.additive(one) is adds
    assert standing.change(compared(indicator(), everywhere(["1"], ["80"], ("1", "70")))) is None


def test_all_cities_together_may_not_fall_short_either():
    n = len(CITIES)
    for each, adds in (("3", False), ("4", True)):
        rows = everywhere([each] * n, [each] * n, ("84", "84"))
        assert standing.additive(compared(indicator(), rows)) is adds
    assert standing.additive(compared(indicator(), everywhere(["3"] * 20, ["3"] * 20, ("84",) * 2)))


def test_a_gap_is_carried_by_the_shares_of_the_year_before():
    """60 -> 80 by 2025: due in 2023 72; reached 66, six short; 72/64 times last year is due."""
    rows = everywhere(["16", "48"], ["19", "47"], ("64", "66"))
    split = standing.gap(compared(indicator(), rows))
    assert split.total.value == -6.0
    assert by_code(split) == {A: 19 - Fraction(16 * 72, 64), B: 47 - Fraction(48 * 72, 64)}
    assert by_code(split) == {A: 1.0, B: -7.0}
    assert split.rest == pytest.approx(0.0)


def test_the_gap_of_a_sum_is_that_of_the_sum_so_far():
    """Of [100] 60 are due by 2023; 45 are there: A had a third of the 30 before."""
    rows = placed({PROVINCE: {2021: "15", 2022: "15", 2023: "15"}, A: {2021: "5", 2022: "5",
                   2023: "8"}})  # fmt: skip
    split = standing.gap(compared(indicator(base="—", target="[100]"), rows))
    assert split.total.value == -15.0
    assert by_code(split) == {A: 18.0 - 10 * 60 / 30}
    assert split.rest == -13.0


def test_the_gap_of_something_to_be_lowered_is_positive():
    item = indicator(base="80", target="60", direction=-1)
    rows = everywhere(["30", "40"], ["36", "40"], ("78", "76"))
    split = standing.gap(compared(item, rows))
    assert split.total.value == 76 - 68
    assert by_code(split)[A] == pytest.approx(36 - 30 * 68 / 78)


def test_without_a_lag_or_a_year_before_nobody_carries_a_gap():
    assert standing.gap(compared(indicator(), everywhere(["1"], ["2"], ("68", "73")))) is None
    rows = placed({PROVINCE: {2023: "62"}, A: {2022: "1", 2023: "2"}})
    assert standing.gap(compared(indicator(), rows)) is None
    rows = placed({PROVINCE: {2022: "61", 2023: "62"}, A: {2023: "2"}})
    assert standing.gap(compared(indicator(), rows)) is None
    assert standing.gap(compared(indicator(), everywhere(["1"], ["99"], ("61", "62")))) is None


def test_units_that_count_persons_or_cases_are_known_by_their_size():
    assert [standing.events(u) for u in ("人", "万人", "万人次", "亿人次", "件", "户")] == [
        1, 1e4, 1e4, 1e8, 1, 1
    ]  # fmt: skip
    assert all(math.isnan(standing.events(u)) for u in ("亿元", "%", "人/万人", "元", "—"))


def test_a_count_is_small_below_the_limit_in_either_year():
    item = indicator(unit="人", base="400", target="800")
    rows = everywhere(["19", "20", "40"], ["30", "20", "19"], ("600", "610")).assign(unit="人")
    one = compared(item, rows)
    assert [standing.small(one, c) for c in one.cities] == [True, False, True]
    money = compared(indicator(unit="亿元"), rows.assign(unit="亿元"))
    assert not any(standing.small(money, c) for c in money.cities)


def test_chance_is_the_deviation_of_a_poisson_difference():
    """100 -> 128: 28 > 1.96 * sqrt(228) = 29.6 fails, 100 -> 131 holds: 31 > 29.8."""
    item = indicator(unit="人", base="400", target="2000", kind=Kind.of("annual"))
    rows = everywhere(["100", "100"], ["128", "131"], ("900", "900")).assign(unit="人")
    one = compared(item, rows)
    assert [standing.by_chance(one, c) for c in one.cities] == [True, False]
    stock = compared(indicator(unit="人", base="400", target="2000"), rows)
    assert not any(standing.by_chance(stock, c) for c in stock.cities)
    money = compared(indicator(unit="亿元", kind=Kind.of("annual")), rows.assign(unit="亿元"))
    assert not any(standing.by_chance(money, c) for c in money.cities)


def test_a_share_lags_by_its_verdict_and_says_when_rounding_decides():
    """Due in 2023 is 72, behind is a pace under 0.95: below 71.4."""
    rows = placed({PROVINCE: {2023: "75"}, A: {2023: "70"}, B: {2023: "71"}, C: {2023: "80"}},
                  unit="%")  # fmt: skip
    one = compared(indicator(**PERCENT), rows)
    found = standing.laggards(one)
    assert [(lag.city.code, lag.why, lag.firm) for lag in found] == [
        (A, Why.STANDARD, True), (B, Why.STANDARD, False)
    ]  # fmt: skip
    assert all(standing.judgeable(one, c) for c in one.cities)


def target(code, raw):
    return AnnualTarget("1", code, 2023, parse_target(raw), "2023-01-20", "工作要点", "t.csv:2")


def test_a_total_lags_when_it_misses_the_citys_own_target():
    rows = everywhere(["4", "9"], ["5", "10"], ("68", "76"))
    one = compared(indicator(), rows, targets=(target(A, "6以上"), target(B, "10以上")))
    assert [(lag.city.code, lag.why) for lag in standing.laggards(one)] == [(A, Why.ANNUAL)]
    assert [standing.judgeable(one, c) for c in one.cities] == [True, True]


def test_a_total_without_a_target_lags_only_where_it_fell_and_the_province_lags():
    """Due in 2023 is 72."""
    before, now = ["4", "9.0", "9.0"], ["5", "8.9", "8.8"]
    behind = compared(indicator(), everywhere(before, now, ("66", "65")))
    assert [(lag.city.code, lag.why) for lag in standing.laggards(behind)] == [(C, Why.WORSE)]
    ahead = compared(indicator(), everywhere(before, now, ("68", "76")))
    assert standing.laggards(ahead) == ()
    assert not any(standing.judgeable(ahead, c) for c in ahead.cities)


def test_something_to_be_lowered_lags_when_it_rises():
    item = indicator(base="80", target="60", direction=-1)
    one = compared(item, everywhere(["4", "9"], ["6", "7"], ("79", "79")))
    assert [lag.city.code for lag in standing.laggards(one)] == [A]


def test_small_counts_and_chance_make_no_laggard():
    item = indicator(unit="人", base="4000", target="9000", kind=Kind.of("annual"))
    rows = everywhere(["19", "100", "400"], ["5", "90", "300"], ("4100", "4000")).assign(unit="人")
    one = compared(item, rows)
    assert [lag.city.code for lag in standing.laggards(one)] == [C]


def test_limits_can_be_set():
    item = indicator(unit="人", base="4000", target="9000")
    rows = everywhere(["19"], ["5"], ("4100", "4000")).assign(unit="人")
    one = compared(item, rows)
    limits = {**standing.PARAMETERS, "small_count": 3.0}
    assert standing.laggards(one) == () and len(standing.laggards(one, limits)) == 1


@given(st.sampled_from([0.001, 0.01, 100.0, 1000.0]))
@end_to_end(4)
def test_a_change_of_unit_keeps_who_carries_what(factor):
    """Money in another unit: the same cities, amounts times the factor."""
    numbers = (["16.0", "48.0"], ["19.0", "47.0"], ("64.0", "66.0"))
    scaled = [[f"{float(x) * factor:.6f}" for x in part] for part in numbers]
    one = compared(indicator(unit="亿元"), everywhere(*numbers).assign(unit="亿元"))
    item = indicator(unit="亿元", base=f"{60 * factor:.6f}", target=f"{80 * factor:.6f}")
    other = compared(item, everywhere(*scaled).assign(unit="亿元"))
    for split in (standing.change, standing.gap):
        a, b = by_code(split(one)), by_code(split(other))
        assert b == pytest.approx({code: x * factor for code, x in a.items()})
