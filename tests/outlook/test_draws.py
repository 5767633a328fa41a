"""Draws: the same for any block and worker, symmetric, mixed as declared, parts within wholes."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import examples

from gdplan.model import Mode, Reason, Scale
from gdplan.outlook import draws as mc
from gdplan.outlook.course import Accepted, Course
from gdplan.outlook.draws import Cell, Family, Task

LEVELS = (0.1, 0.5, 0.9)
NONE = np.empty((0, 2))


def cell(key="1", centre=(10.0, 12.0), **changes) -> Cell:
    centre = np.array(centre, float)
    plain = Cell(key, centre, 1.0, np.empty((0, len(centre))))
    return replace(plain, **changes)


def one(made: Cell, **options):
    run = {"seed": 1, "draws": 4000, "levels": LEVELS} | options
    return mc.simulate([Task("r", (made,))], **run)[0][made.key]


def test_a_step_and_its_deviation_by_hand():
    drift = Course((2019, 2020, 2021, 2023), (10, 12, 13, 17), 2025).drift
    # Steps 2, 1 and 4 over two years, weighted by 0.85 to the power of their age.
    w, d, g = np.array([0.85**3, 0.85**2, 1.0]), np.array([2.0, 1, 4]), np.array([1.0, 1, 2])
    mean = w @ d / (w @ g)
    variance = w @ ((d - mean * g) ** 2 / g) / w.sum() * 3 / 2
    worth = (w @ g) ** 2 / (w**2 @ g)
    assert drift.mean == pytest.approx(mean**3 / (mean**2 + variance / worth / 2))
    assert drift.deviation == pytest.approx(variance**0.5) and drift.df == pytest.approx(3**0.5)
    assert drift.error == pytest.approx((variance / worth) ** 0.5)


def test_a_geometric_deviation_is_that_at_the_last_figure():
    plain = Course((2020, 2021, 2022, 2023), (100, 110, 112, 133), 2025)
    linear, drift = plain.drift, replace(plain, scale=Scale.GEOMETRIC).drift
    # Steps of lower levels count for more at the last one, and take from the trust in the mean.
    assert drift.deviation > linear.deviation and drift.mean < linear.mean


@pytest.mark.parametrize(
    ("values", "scale", "reason"),
    [([], Scale.LINEAR, Reason.NO_DATA), ([5], Scale.LINEAR, Reason.ONE_POINT),
     ([5, 6], Scale.LINEAR, Reason.FEW_POINTS), ([5, 6, 8], Scale.LINEAR, Reason.FEW_POINTS),
     ([5, 5, 5, 5], Scale.LINEAR, Reason.CONSTANT), ([5, 0, 4, 5], Scale.GEOMETRIC,
     Reason.NOT_POSITIVE), ([5, -1, 4, 5], Scale.GEOMETRIC, Reason.NOT_POSITIVE),
     ([1e300, 2e300, 1, 2], Scale.LINEAR, Reason.TOO_LARGE),
     ([1, np.inf, 1, 2], Scale.LINEAR, Reason.TOO_LARGE)],
)  # fmt: skip
def test_a_degenerate_series_has_its_reason(values, scale, reason):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        years = tuple(range(2020, 2020 + len(values)))
        drift = Course(years, tuple(values), 2030, scale=scale).drift
    assert drift.reason is reason
    assert np.isnan(drift.mean) == (len(values) < 3 or reason in (
        Reason.NOT_POSITIVE, Reason.TOO_LARGE))  # fmt: skip


@examples(15)
@given(st.integers(1, 9000), st.integers(1, 3), st.integers(0, 2**40))
def test_the_same_seed_gives_the_same_bytes_for_any_block_and_workers(block, workers, seed):
    keys = ["1", "2", "3"]
    cells = tuple(cell(k, df=3.0, loadings=np.array([[0.1, 0.2]])) for k in keys)
    tasks = [Task(r, cells, (Family("1", ("2", "3")),), mc.mixing(keys, 0.3, {})) for r in "ab"]
    options = {"seed": seed, "draws": 6000, "levels": LEVELS}
    plain = mc.simulate(tasks, **options)
    other = mc.simulate(tasks, **options, block=block, workers=workers)
    for a, b in zip(plain, other, strict=True):
        for key in keys:
            assert a[key].quantiles.tobytes() == b[key].quantiles.tobytes()
            assert a[key].reached.tobytes() == b[key].reached.tobytes()


def test_regions_indicators_and_seeds_have_shocks_of_their_own():
    base = mc.paths(Task("a", (cell("1"), cell("2"))), seed=1, draws=2000)
    assert not np.array_equal(base["1"], base["2"])
    for region, seed in (("b", 1), ("a", 2)):
        other = mc.paths(Task(region, (cell("1"),)), seed=seed, draws=2000)
        assert not np.array_equal(base["1"], other["1"])


def test_another_indicator_or_an_older_start_changes_no_draw():
    alone = mc.paths(Task("a", (cell("1"),)), seed=1, draws=2000)["1"]
    mixed = mc.paths(
        Task("a", (cell("2", centre=(1, 2, 3, 4)), cell("1")), mixing={"1": (("1", 1.0),)}),
        seed=1, draws=2000,
    )["1"]  # fmt: skip
    assert np.array_equal(alone, mixed)


def test_more_draws_begin_with_the_fewer():
    few, many = (mc.paths(Task("a", (cell(df=4.0),)), seed=1, draws=n)["1"] for n in (2000, 6000))
    assert np.array_equal(few, many[:, :2000])


def test_the_median_is_the_centre_and_the_spread_that_of_a_random_walk():
    made = one(cell(centre=(5.0, 6.0, 7.0)), draws=40_000)
    assert made.quantiles[1] == pytest.approx([5, 6, 7], abs=1e-12)
    spread = made.quantiles[2] - made.quantiles[1]
    assert spread == pytest.approx(1.2816 * np.sqrt([1, 2, 3]), rel=0.03)


def test_independent_errors_do_not_add_up():
    made = one(cell(centre=(5.0, 6.0, 7.0), walk=False), draws=40_000)
    assert made.quantiles[2] - made.quantiles[1] == pytest.approx([1.2816] * 3, rel=0.03)


@pytest.mark.parametrize(("df", "t90"), [(2.0, 1.8856), (5.0, 1.4759)])
def test_few_points_widen_the_range_to_that_of_students_t(df, t90):
    made = one(cell(df=df), draws=60_000)
    assert made.quantiles[2][0] - made.quantiles[1][0] == pytest.approx(t90, rel=0.03)


def test_errors_of_parameters_add_to_the_variance():
    made = one(cell(loadings=np.array([[0.0, 2.0], [0.0, 1.0]])), draws=60_000)
    spread = made.quantiles[2] - made.quantiles[1]
    assert spread == pytest.approx(1.2816 * np.sqrt([1, 2 + 4 + 1]), rel=0.03)


def test_declared_correlations_are_those_of_the_shocks():
    keys = ["1", "2", "3"]
    for common, pairs in ((0.5, {}), (0.2, {("1", "3"): -0.6})):
        task = Task("a", tuple(cell(k) for k in keys), mixing=mc.mixing(keys, common, pairs))
        drawn = mc.paths(task, seed=3, draws=60_000)
        found = np.corrcoef([drawn[k][0] for k in keys])
        assert found == pytest.approx(mc.matrix(keys, common, pairs), abs=0.02)
        assert np.std([drawn[k][0] for k in keys], axis=1) == pytest.approx(1, abs=0.02)


def test_a_common_correlation_of_nothing_leaves_the_declared_pairs():
    assert mc.matrix(["1", "2"], 0, {("1", "2"): 0.6}).tolist() == [[1, 0.6], [0.6, 1]]


def test_impossible_correlations_are_refused():
    pairs = {("1", "2"): 0.9, ("2", "3"): 0.9, ("1", "3"): -0.9}
    with pytest.raises(ValueError, match="positive definite"):
        mc.mixing(["1", "2", "3"], 0.0, pairs)


@pytest.mark.parametrize("draws", [0, -2000, 1999, 2001])
def test_draws_come_in_whole_chunks(draws):
    with pytest.raises(ValueError, match="multiple"):
        one(cell(), draws=draws)


@examples(20)
@given(st.lists(st.floats(0, 100), min_size=2, max_size=2), st.floats(0, 300), st.booleans())
def test_parts_together_never_exceed_the_whole(centre, spread, summed):
    mode = Mode.SUM if summed else Mode.VALUE
    cells = tuple(cell(k, centre=centre, deviation=spread, mode=mode, limits=(0.0, np.inf))
                  for k in "123")  # fmt: skip
    drawn = mc.paths(Task("a", cells, (Family("1", ("2", "3")),)), seed=5, draws=2000)
    assert (drawn["2"] + drawn["3"] <= drawn["1"] * (1 + 1e-12) + 1e-12).all()
    assert min(drawn[k].min() for k in "123") >= 0


def test_shares_stay_in_their_bounds_and_nothing_overflows():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bounded = cell(centre=(95, 99), deviation=40.0, df=2.0, limits=(0.0, 100.0))
        share = mc.paths(Task("a", (bounded,)), seed=1, draws=2000)["1"]
        wild = cell(deviation=500.0, df=2.0, base=np.full(2, 9.0))
        above = mc.paths(Task("a", (wild,)), seed=1, draws=2000)["1"]
    assert share.min() == 0 and share.max() == 100
    assert np.isfinite(above).all() and above.min() >= 0


def test_what_falls_below_its_base_is_bent_and_the_median_stays():
    bent = cell(centre=(12.0, 6.0), deviation=5.0, base=np.full(2, 10.0))
    found = one(bent, draws=40_000).quantiles
    assert found[1] == pytest.approx([12, 6], rel=1e-3)
    low = 10 * np.exp(np.array([12, 10 * (1 + np.log(0.6))]) / 10 - 1 - 0.64078 * np.sqrt([1, 2]))
    assert found[0] == pytest.approx(low, rel=0.03)


def test_flows_are_summed_with_what_is_known():
    still = cell(centre=(10.0, 30.0), deviation=0.0, mode=Mode.SUM, known=100.0)
    assert one(still).quantiles[1].tolist() == [110, 130]


def test_shocks_of_flows_add_up_in_their_sum():
    walk = one(cell(centre=(0.0, 0.0, 0.0), mode=Mode.SUM), draws=60_000).quantiles
    # Flows e1, e1 + e2, e1 + e2 + e3: their sums have variances 1, 4 + 1, 9 + 4 + 1.
    assert walk[2] - walk[1] == pytest.approx(1.2816 * np.sqrt([1, 5, 14]), rel=0.03)
    apart = one(cell(centre=(0.0, 0.0, 0.0), mode=Mode.SUM, walk=False), draws=60_000).quantiles
    assert apart[2] - apart[1] == pytest.approx(1.2816 * np.sqrt([1, 2, 3]), rel=0.03)
    slope = cell(centre=(0.0, 0.0), mode=Mode.SUM, deviation=0.0, loadings=np.array([[1.0, 2.0]]))
    assert one(slope, draws=60_000).quantiles[2] == pytest.approx(
        1.2816 * np.array([1, 3]), rel=0.03
    )


def test_of_a_year_half_known_half_a_flow_is_still_to_come():
    half = cell(centre=(0.0, 0.0), mode=Mode.SUM, rest=0.5, loadings=np.array([[0.0, 3.0]]))
    found = one(half, draws=60_000).quantiles
    # Half of e1, then e1 / 2 + e1 + e2 with three times the error of the second year's flow.
    assert found[2] == pytest.approx(1.2816 * np.sqrt([0.25, 2.25 + 1 + 9]), rel=0.03)


def test_errors_of_parameters_leave_the_shocks_as_they_are():
    plain = mc.paths(Task("a", (cell(),)), seed=1, draws=2000)["1"]
    loaded = cell(loadings=np.array([[0.0, 0.0], [0.0, 3.0]]))
    assert np.array_equal(mc.paths(Task("a", (loaded,)), seed=1, draws=2000)["1"][0], plain[0])


def test_parts_of_sums_from_different_years_are_compared_over_the_same_years():
    whole = cell("1", centre=(100.0, 110.0, 120.0), deviation=0.0, mode=Mode.SUM)
    part = cell("2", centre=(15.0, 30.0), deviation=0.0, mode=Mode.SUM, known=50.0)
    drawn = mc.paths(Task("a", (whole, part), (Family("1", ("2",)),)), seed=1, draws=2000)
    assert drawn["2"][:, 0].tolist() == [60, 70] and drawn["1"][:, 0].tolist() == [100, 110, 120]


def test_growth_is_chained_to_a_yearly_average_or_a_total():
    chain = cell(centre=(1.1, 1.21), deviation=0.0, mode=Mode.CHAIN, known=1.1, spent=1)
    assert one(chain).quantiles[1] == pytest.approx([10, 10])
    total = replace(chain, total=True)
    assert one(total).quantiles[1] == pytest.approx([21, 33.1])


@pytest.mark.parametrize(
    ("goal", "share"),
    [(Accepted(low=10.0), 1.0), (Accepted(low=10.0, strict=True), 0.0), (Accepted(high=10.0), 1.0),
     (Accepted(high=10.0, strict=True), 0.0), (Accepted(9.0, 11.0), 1.0),
     (Accepted(11.0, 12.0), 0.0), (Accepted(), 1.0)],
)  # fmt: skip
def test_a_draw_on_the_bound_counts_as_the_comparator_says(goal, share):
    assert one(cell(centre=(10.0,), deviation=0.0, goal=goal)).reached.tolist() == [share]


def test_at_least_and_below_make_one():
    low = one(cell(goal=Accepted(low=12.3))).reached
    below = one(cell(goal=Accepted(high=12.3, strict=True))).reached
    assert (low + below).tolist() == [1, 1]


def test_quantiles_are_numpys():
    drawn = mc.paths(Task("r", (cell(),)), seed=1, draws=4000)["1"]
    assert one(cell()).quantiles == pytest.approx(np.quantile(drawn, LEVELS, axis=1))
