"""Draws: the same for any block and worker, symmetric, mixed as declared, parts within wholes."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdplan import montecarlo as mc
from gdplan.drift import Drift, fit, shrunk
from gdplan.model import Reason, Scale
from gdplan.montecarlo import Cell, Family, Goal, Mode, Task

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
    drift = fit([2019, 2020, 2021, 2023], [10, 12, 13, 17], scale=Scale.LINEAR)
    # Steps 2, 1 and 4 over two years around 1.75 a year: (0.25^2 + 0.75^2 + 0.5^2/2) / 2.
    assert drift.mean == 1.75 and drift.deviation == pytest.approx((0.75 / 2) ** 0.5)
    assert drift.error == pytest.approx(drift.deviation / 2) and drift.df == 2


def test_a_geometric_step_is_that_of_the_logarithm():
    drift = fit([2020, 2021, 2022, 2023], [100, 110, 121, 133.1], scale=Scale.GEOMETRIC)
    assert drift.mean == pytest.approx(np.log(1.1)) and drift.reason is Reason.CONSTANT


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
        drift = fit(range(2020, 2020 + len(values)), values, scale=scale)
    assert drift.reason is reason
    assert np.isnan(drift.mean) == (len(values) < 3 or reason in (
        Reason.NOT_POSITIVE, Reason.TOO_LARGE))  # fmt: skip


def test_a_short_series_is_drawn_toward_the_others_and_a_long_one_is_not():
    short = Drift(1, 2.0, 1.0, 2, 4, 3, 10)
    long = Drift(1, 9.0, 1.0, 7, 9, 8, 10)
    made = shrunk({"a": short, "b": long})
    assert made["a"].deviation == pytest.approx(((2 * 4 + 4 * 81) / 6) ** 0.5)
    assert made["b"] == long and shrunk({"a": short})["a"] == short


def test_a_series_that_never_changed_is_not_taken_to_be_certain():
    still = fit([2020, 2021, 2022, 2023], [50, 50, 50, 50], scale=Scale.LINEAR)
    moving = fit([2020, 2021, 2022, 2023], [50, 52, 51, 56], scale=Scale.LINEAR)
    made = shrunk({"a": still, "b": moving})["a"]
    assert made.deviation > 0 and made.reason is None


@settings(deadline=None, max_examples=15)
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


def test_impossible_correlations_are_refused():
    pairs = {("1", "2"): 0.9, ("2", "3"): 0.9, ("1", "3"): -0.9}
    with pytest.raises(ValueError, match="positive definite"):
        mc.mixing(["1", "2", "3"], 0.0, pairs)


@pytest.mark.parametrize("draws", [0, -2000, 1999, 2001])
def test_draws_come_in_whole_chunks(draws):
    with pytest.raises(ValueError, match="multiple"):
        one(cell(), draws=draws)


@settings(deadline=None, max_examples=20)
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
        wild = mc.paths(Task("a", (cell(deviation=500.0, df=2.0, log=True),)), seed=1, draws=2000)
    assert share.min() == 0 and share.max() == 100
    assert np.isfinite(wild["1"]).all()


def test_flows_are_summed_with_what_is_known():
    still = cell(centre=(10.0, 20.0), deviation=0.0, mode=Mode.SUM, known=100.0)
    assert one(still).quantiles[1].tolist() == [110, 130]


def test_growth_is_chained_to_a_yearly_average_or_a_total():
    chain = cell(centre=(10.0, 10.0), deviation=0.0, mode=Mode.CHAIN, known=1.1, spent=1)
    assert one(chain).quantiles[1] == pytest.approx([10, 10])
    total = replace(chain, total=True)
    assert one(total).quantiles[1] == pytest.approx([21, 33.1])


@pytest.mark.parametrize(
    ("goal", "share"),
    [(Goal(low=10.0), 1.0), (Goal(low=10.0, strict=True), 0.0), (Goal(high=10.0), 1.0),
     (Goal(high=10.0, strict=True), 0.0), (Goal(9.0, 11.0), 1.0), (Goal(11.0, 12.0), 0.0),
     (Goal(), 1.0)],
)  # fmt: skip
def test_a_draw_on_the_bound_counts_as_the_comparator_says(goal, share):
    assert one(cell(centre=(10.0,), deviation=0.0, goal=goal)).reached.tolist() == [share]


def test_at_least_and_below_make_one():
    low = one(cell(goal=Goal(low=12.3))).reached
    below = one(cell(goal=Goal(high=12.3, strict=True))).reached
    assert (low + below).tolist() == [1, 1]


def test_quantiles_are_numpys():
    drawn = mc.paths(Task("r", (cell(),)), seed=1, draws=4000)["1"]
    assert one(cell()).quantiles == pytest.approx(np.quantile(drawn, LEVELS, axis=1))
