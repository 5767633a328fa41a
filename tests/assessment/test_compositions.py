"""Distances of compositions with the rounding of their parts, by hand and against references."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from frames import PROVINCE, indicator, observed, plan
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog
from thoroughness import examples

from gdplan import assess
from gdplan.assessment.compositions import composition_distance, distance_interval, part_ends
from gdplan.model import Kind

TARGET = (14.0, 42.0, 44.0)


def judged(base, value, *, year=2023, **changes):
    item = indicator(base=base, target="14:42:44", unit="—", kind=Kind.of("composition"))
    rows = observed({"year": year, "raw": value, "period": "year_end", **changes})
    return assess(plan(item), rows, region=PROVINCE, year=year).iloc[0]


def test_a_composition_printed_in_whole_percent_may_lie_a_point_from_what_it_says():
    # One or two parts half a point up, the others half a point down.
    plain, least, greatest = distance_interval("14:42:44", TARGET)
    assert (plain, least) == (0.0, 0.0)
    by_hand = max(14.5 / 99.5 - 0.14, 42.5 / 99.5 - 0.42, 44.5 / 99.5 - 0.44,
                  87 / 100.5 - 0.86, 59 / 100.5 - 0.58, 57 / 100.5 - 0.56)  # fmt: skip
    assert greatest == pytest.approx(100 * by_hand)


def test_an_interval_that_holds_the_target_has_least_distance_nothing():
    assert distance_interval("14.4:41.7:43.9", TARGET)[1] > 0
    assert distance_interval("14:42:44", (14.3, 41.8, 43.9))[1] == pytest.approx(0, abs=1e-12)


def test_the_least_distance_of_a_ratio_of_two_by_hand():
    # 60:40 against 50:50: nearest is 59.5:40.5, farthest 60.5:39.5.
    assert distance_interval("60:40", (1, 1)) == pytest.approx((10.0, 9.5, 10.5))


def test_the_one_of_a_ratio_is_its_unit_and_not_rounded():
    # 2.1:1 is 67.74 %, its ends 2.05 and 2.15 to 1.
    found = distance_interval("2.1∶1", (2.0, 1.0))
    wanted = [100 * (x / (x + 1) - 2 / 3) for x in (2.1, 2.05, 2.15)]
    assert found == pytest.approx(wanted)


def test_a_composition_that_is_about_so_is_wider():
    exact = distance_interval("20:40:40", TARGET)
    about = distance_interval("20:40:40", TARGET, "approx")
    assert about[0] == exact[0] and about[1] < exact[1] and about[2] > exact[2]
    assert part_ends((20.0,), 0, about=True) == ((19.0, 21.0),)


def test_what_is_bounded_on_one_side_can_lie_anywhere():
    assert distance_interval("20:40:40", TARGET, "at_least") == pytest.approx((6, 0, 100))


@pytest.mark.parametrize("raw", ["14:86", "132", "—", "0:0:0"])
def test_what_is_no_such_composition_has_no_distance(raw):
    assert all(math.isnan(x) for x in distance_interval(raw, TARGET))


def test_parts_that_may_all_be_nothing_have_no_least_sum():
    # 0:0:1 in whole parts: each of the noughts may be up to a half, the one down to a half.
    plain, least, greatest = distance_interval("0:0:1", (1, 1, 1))
    assert (plain, greatest) == (pytest.approx(200 / 3), pytest.approx(200 / 3))
    assert least == pytest.approx(0.0)


parts = st.lists(st.integers(0, 999), min_size=2, max_size=5)


@examples(60)
@given(parts, st.data())
def test_the_ends_are_those_of_a_search_and_of_a_linear_programme(tenths, data):
    target = data.draw(st.lists(st.integers(1, 60), min_size=len(tenths), max_size=len(tenths)))
    assume(sum(tenths) > 0 and not (len(tenths) == 2 and 10 in tenths))
    raw = ":".join(f"{t / 10:.1f}" for t in tenths)
    plain, least, greatest = distance_interval(raw, target)
    ends = part_ends([t / 10 for t in tenths], 1)
    corners = [composition_distance(c, target) for c in itertools.product(*ends) if sum(c) > 0]
    assert greatest == pytest.approx(max(corners), abs=1e-7)
    assert least == pytest.approx(nearest(ends, target), abs=1e-6)
    assert least <= plain <= greatest


def nearest(ends, target):
    """Least distance as a linear programme in shares q, their scale s and distances e."""
    n = len(ends)
    low, high = np.array(ends).T
    due = np.array(target) / sum(target)
    one, none = np.eye(n), np.zeros((n, n))
    above = np.block([
        [one, -high[:, None], none], [-one, low[:, None], none],
        [one, np.zeros((n, 1)), -one], [-one, np.zeros((n, 1)), -one],
    ])  # fmt: skip
    bound = np.concatenate([np.zeros(2 * n), due, -due])
    cost = np.concatenate([np.zeros(n + 1), np.ones(n)])
    total = np.concatenate([np.ones(n), np.zeros(n + 1)])[None, :]
    return 50 * linprog(cost, A_ub=above, b_ub=bound, A_eq=total, b_eq=[1]).fun


def test_rounding_of_the_shares_makes_a_verdict_borderline():
    # On track is a distance of at most 6 x (1 - 0.95 x 0.6) = 2.58; printed is 2.6.
    row = judged("20.00:40.00:40.00", "16.6:41.4:42.0")
    assert row["verdict"] == "滞后" and row["value"] == pytest.approx(2.6)
    assert row["value_low"] < 2.58 < row["value_high"]
    assert not row["firm"] and set(row["verdicts_possible"].split("、")) == {"滞后", "基本符合预期"}
    assert "16.6:41.4:42.0" in row["decided_by"] and "borderline" in row["reason"]


def test_a_verdict_that_no_rounding_turns_is_firm():
    row = judged("20.0:40.0:40.0", "19.0:40.5:40.5")
    assert row["verdict"] == "滞后" and row["firm"] and row["decided_by"] == ""


def test_the_rounding_of_the_base_counts_too():
    # The base may lie between 5.5 and 6.6 points off or so, and on track with it.
    row = judged("20:40:40", "16.6000:41.4000:42.0000")
    assert row["verdict"] == "滞后" and not row["firm"] and "基期数 20:40:40" in row["decided_by"]


def test_a_composition_that_is_met_to_the_printed_digits_may_be_missed():
    row = judged("20.0:40.0:40.0", "14.0:42.0:44.0", year=2025)
    assert row["verdict"] == "完成" and not row["firm"]
