"""Assumed paths, their uncertainty, the probability of a goal: by hand, by simulation, by law."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gdplan.model import Mode, Reason, Scale
from gdplan.outlook import projection
from gdplan.outlook.course import Accepted, Course
from gdplan.outlook.paths import growth_of, required_growth
from gdplan.outlook.what_if import Assumption, prospect

JOBS = Course((2020, 2021, 2022, 2023), (134.0, 140.33, 132.0, 139.3), 2025,
              mode=Mode.SUM, known=411.63, spent=3, limits=(0.0, math.inf),
              goal=Accepted(low=550.0))  # fmt: skip
INSURED = Course((2018, 2019, 2020, 2021, 2022, 2023), (3380, 3450, 3603, 3665, 3700, 3748), 2025,
                 limits=(0.0, math.inf), goal=Accepted(low=3900.0))  # fmt: skip
FUND = Course((2018, 2019, 2020, 2021, 2022, 2023), (1500, 1800, 2126, 2290, 2400, 2610), 2025,
              scale=Scale.GEOMETRIC, limits=(0.0, math.inf),
              goal=Accepted(low=3500.0, strict=True))  # fmt: skip
INTENSITY = Course((2021, 2022, 2023), (1.51, -2.2, -4.18), 2025, mode=Mode.CHAIN, total=True,
                   known=1.0151 * 0.978 * 0.9582, spent=3, goal=Accepted(high=-17.0))  # fmt: skip


# Steps of a series


def weighted(values, ages):
    """Mean as far as it is trusted and deviation of yearly steps, weights 0.85^age."""
    moves, w = np.diff(values), 0.85 ** np.asarray(ages, float)
    mean = (w * moves).sum() / w.sum()
    k = len(moves)
    variance = (w * (moves - mean) ** 2).sum() / w.sum() * k / (k - 1)
    worth = w.sum() ** 2 / (w**2).sum()
    return mean**3 / (mean**2 + variance / worth / 2), math.sqrt(variance), w


def test_mean_and_deviation_of_steps_are_weighted_by_recency():
    found = INSURED.drift
    mean, deviation, w = weighted(INSURED.values, [4, 3, 2, 1, 0])
    assert found.mean == pytest.approx(mean)
    assert found.deviation == pytest.approx(deviation)
    assert found.error == pytest.approx(deviation * math.sqrt((w**2).sum()) / w.sum())
    assert (found.n, found.df, found.reason) == (6, pytest.approx(math.sqrt(5)), None)


@pytest.mark.parametrize("series", [INSURED, FUND, JOBS])
@pytest.mark.parametrize("increment", [False, True])
def test_the_trend_ends_where_the_outlook_does(series, increment):
    summed = series.mode is Mode.SUM
    seen = projection.project(
        series.values, horizon=2, scale=series.scale, weights=[1, 1] if summed else None
    )  # fmt: skip
    known = series.known if summed else 0.0
    trend = growth_of(series, increment=increment)
    found = prospect(series, Assumption(trend, increment), levels=(0.1, 0.9))
    assert found.judged[-1] == pytest.approx(known + seen.median[-1])
    assert found.quantiles[:, -1] == pytest.approx(known + seen.quantile((0.1, 0.9))[-1])
    assert found.probability == pytest.approx(
        float(seen.probability(">", series.goal.low - known)[-1])
    )


def test_growth_figures_are_the_index_they_make():
    longer = replace(INTENSITY, years=(2018, 2020, 2021, 2022, 2023),
                     values=(9.0, 0.5, 1.51, -2.2, -4.18))  # fmt: skip
    found = longer.drift
    index = np.cumprod([1, 1.005, 1.0151, 0.978, 0.9582])
    seen = projection.project(index / index[-1], horizon=2, scale=Scale.GEOMETRIC)
    assert found.n == 4, "the year 2019 is missing"
    trend = prospect(longer, Assumption(growth_of(longer, increment=False)), levels=(0.1, 0.9))
    total = INTENSITY.known * np.append(seen.quantile((0.1, 0.9))[-1], seen.median[-1])
    assert [*trend.quantiles[:, -1], trend.judged[-1]] == pytest.approx(list((total - 1) * 100))
    assert INTENSITY.drift.reason is Reason.FEW_POINTS
    assert math.isnan(growth_of(INTENSITY, increment=True))
    # Steps of the index 1.0512, 1.0671, 1.0436, 1 are 0.0159, -0.0235 and -0.0436: a mean of
    # (0.7225 * 0.0159 - 0.85 * 0.0235 - 0.0436) / 2.5725 = -0.0203, of which so much is trusted:
    # 0.0203^2 / (0.0203^2 + 0.0308^2 / 2.95 / 2) = 0.719.
    assert growth_of(INTENSITY, increment=False) == pytest.approx(math.expm1(-0.0146), abs=5e-4)


def test_what_cannot_be_a_series_has_no_steps():
    assert Course((), (), 2025).drift.reason is Reason.NO_DATA
    assert math.isnan(growth_of(Course((2022, 2023), (5.0, 6.0), 2025), increment=True))


# Paths


def figures_of(course, assumed):
    return prospect(course, assumed).figures


def test_a_rate_compounds_and_an_increment_adds():
    figures = figures_of(INSURED, Assumption(0.02))
    assert figures == pytest.approx([3748 * 1.02, 3748 * 1.02**2])
    figures = figures_of(INSURED, Assumption(50, increment=True))
    assert figures == pytest.approx([3798, 3848])


def test_a_sum_adds_what_is_known():
    found = prospect(JOBS, Assumption(0.0))
    figures, judged = found.figures, found.judged
    assert figures == pytest.approx([139.3, 139.3])
    assert judged == pytest.approx([550.93, 690.23])


def test_a_shock_fades_in_equal_steps_over_its_recovery():
    flat = Course((2020,), (100.0,), 2026)
    shocked = [100, 100, 80, 86.6667, 93.3333, 100]
    figures = figures_of(flat, Assumption(0.0, shock=-0.2, shock_year=2023, recovery=3))
    assert figures == pytest.approx(shocked, abs=1e-3)
    figures = figures_of(flat, Assumption(0.0, shock=-0.2, shock_year=2023))
    assert figures == pytest.approx([100, 100, 80, 80, 80, 80])
    figures = figures_of(flat, Assumption(0.0, shock=-0.2, shock_year=2023, recovery=1))
    assert figures == pytest.approx([100, 100, 80, 100, 100, 100])


def test_a_shock_of_a_negative_figure_goes_down_too():
    loss = Course((2022, 2023), (-5.0, -10.0), 2024)
    assert figures_of(loss, Assumption(0.0, shock=-0.5, shock_year=2024)) == pytest.approx([-15.0])
    assert figures_of(loss, Assumption(0.1)) == pytest.approx([-9.0])


def test_the_growth_target_of_the_method_page_needs_its_growth():
    # METHOD 3: five years' -17 %; 1.51, -2.20, -4.18 % leave -12.75 %, that is -6.59 % a year
    need = required_growth(INTENSITY, increment=False)
    assert need == pytest.approx(-0.0659, abs=5e-5)
    found = prospect(INTENSITY, Assumption(need))
    assert found.judged[-1] == pytest.approx(-17.0)
    assert found.figures == pytest.approx([100 * need] * 2)


def test_a_shock_of_a_growth_hits_its_index_and_comes_back():
    calm = prospect(INTENSITY, Assumption(-0.02))
    hit = prospect(INTENSITY, Assumption(-0.02, shock=-0.1, shock_year=2024, recovery=1))
    assert hit.figures[0] == pytest.approx(100 * (0.98 * 0.9 - 1))
    assert hit.figures[1] == pytest.approx(100 * (0.98 / 0.9 - 1))
    assert hit.judged[-1] == pytest.approx(calm.judged[-1])
    assert hit.calm == pytest.approx(calm.judged)


def test_an_average_growth_is_averaged_over_all_years_of_the_plan():
    average = replace(INTENSITY, total=False, goal=Accepted(high=-3.0))
    found = prospect(average, Assumption(-0.05))
    total = INTENSITY.known * 0.95**2
    assert found.judged[-1] == pytest.approx(100 * (total ** (1 / 5) - 1))
    need = required_growth(average, increment=False)
    assert prospect(average, Assumption(need)).judged[-1] == pytest.approx(-3.0)


@pytest.mark.parametrize("series", [JOBS, INSURED, FUND])
@pytest.mark.parametrize("increment", [False, True])
def test_the_required_growth_ends_on_the_goal_with_even_odds(series, increment):
    need = required_growth(series, increment=increment)
    found = prospect(series, Assumption(need, increment))
    assert found.judged[-1] == pytest.approx(series.goal.low)
    assert found.probability == pytest.approx(0.5, abs=1e-6)
    assert found.gap == pytest.approx(0, abs=1e-6)


def test_a_band_that_is_held_needs_no_growth():
    held = Course((2022, 2023), (70.2, 70.0), 2025, goal=Accepted(69.0, 71.0))
    assert required_growth(held, increment=True) == 0.0
    assert required_growth(replace(held, goal=Accepted(71.0, 73.0)), increment=True) == 0.5


def test_what_cannot_be_required_is_nan():
    assert math.isnan(required_growth(replace(JOBS, goal=Accepted()), increment=True))
    assert math.isnan(required_growth(replace(JOBS, until=2023), increment=True))
    assert math.isnan(required_growth(replace(JOBS, goal=Accepted(low=400.0)), increment=False))
    assert math.isnan(required_growth(replace(INSURED, goal=Accepted(low=-1.0)), increment=False))
    assert math.isnan(required_growth(INTENSITY, increment=True))
    assert math.isnan(
        required_growth(replace(INTENSITY, goal=Accepted(high=-100.0)), increment=False)
    )
    assert math.isnan(growth_of(Course((2023,), (5.0,), 2025), increment=True))
    assert math.isnan(growth_of(Course((2021, 2022, 2023), (-5.0, -1, -2), 2025), increment=False))
    # Flows may have to grow more than twofold.
    steep = replace(JOBS, goal=Accepted(low=5000.0))
    assert prospect(steep, Assumption(required_growth(steep, increment=False))).gap == (
        pytest.approx(0, abs=1e-6)
    )


# Uncertainty


def test_the_error_of_a_level_is_that_of_the_outlook_by_hand():
    found = prospect(INSURED, Assumption(40, increment=True))
    _, s, w = weighted(INSURED.values, [4, 3, 2, 1, 0])
    worth, df = w.sum() ** 2 / (w**2).sum(), math.sqrt(5)
    for i, h in enumerate((1, 2)):
        error = s * h**0.1 * math.sqrt(h + h**2 / worth)
        expected = (
            found.judged[i]
            + np.array([stats.t.ppf(p, df) for p in (0.025, 0.1, 0.9, 0.975)]) * error
        )
        assert found.quantiles[:, i] == pytest.approx(expected)
    assert found.probability == pytest.approx(stats.t.sf((3900 - 3828) / error, df))


def test_the_error_of_a_sum_is_that_of_simulated_walks():
    years = tuple(range(2014, 2024))
    flows = (120.0, 126, 124, 131, 129, 137, 134, 140, 139, 145)
    series = Course(years, flows, 2026, mode=Mode.SUM, known=430.0, spent=3,
                    limits=(0.0, math.inf), goal=Accepted(low=800.0))  # fmt: skip
    found = prospect(series, Assumption(0.02), levels=(0.1, 0.9))
    random, h = np.random.default_rng(20260101), np.arange(1, 4)
    _, s, w = weighted(flows, range(8, -1, -1))
    noise = np.cumsum(random.normal(0, s, (200_000, 3)), axis=1)
    noise += h * random.normal(0, s * math.sqrt((w**2).sum()) / w.sum(), (200_000, 1))
    sums = 430 + (flows[-1] * 1.02**h + noise).sum(axis=1)
    spread = (found.quantiles[1, -1] - found.quantiles[0, -1]) / (
        2 * stats.t.ppf(0.9, math.sqrt(9)) * 3**0.1
    )
    assert spread == pytest.approx(sums.std(), rel=0.01)
    assert found.judged[-1] == pytest.approx(np.median(sums), rel=0.002)


def test_a_fall_of_a_geometric_series_counts_by_its_logarithm():
    found = prospect(FUND, Assumption(0.0, shock=-0.5, shock_year=2024), levels=(0.001, 0.5))
    assert found.judged.tolist() == [1305.0, 1305.0]
    assert found.quantiles[1] == pytest.approx(found.judged)
    assert (found.quantiles[0] > 0).all()


def test_probabilities_of_at_least_and_below_add_up_to_one():
    at_least = prospect(INSURED, Assumption(0.01)).probability
    below = prospect(
        replace(INSURED, goal=Accepted(high=3900.0, strict=True)), Assumption(0.01)
    ).probability  # fmt: skip
    assert at_least + below == pytest.approx(1)


def test_a_band_is_reached_between_its_ends():
    low = prospect(replace(INSURED, goal=Accepted(low=3700.0)), Assumption(0.0)).probability
    high = prospect(replace(INSURED, goal=Accepted(low=3800.0)), Assumption(0.0)).probability
    band = prospect(replace(INSURED, goal=Accepted(3700.0, 3800.0)), Assumption(0.0)).probability
    assert band == pytest.approx(low - high)


@pytest.mark.parametrize(
    ("goal", "expected"),
    [(Accepted(low=101.0), 0.0), (Accepted(low=100.0, strict=True), 0.0), (Accepted(low=-1.0), 1.0),
     (Accepted(high=100.0), 1.0), (Accepted(high=0.0, strict=True), 0.0), (Accepted(low=0.0), 1.0)],
)  # fmt: skip
def test_a_share_never_leaves_its_bounds(goal, expected):
    share = Course((2020, 2021, 2022, 2023), (97.0, 98.5, 98.0, 99.5), 2025, limits=(0.0, 100.0),
                   goal=goal)  # fmt: skip
    found = prospect(share, Assumption(1.0, increment=True))
    assert found.probability == expected
    assert found.judged.tolist() == [100.0, 100.0]
    assert 99.0 < found.quantiles.max() < 100.0 and found.quantiles.min() > 80.0


def test_a_share_past_its_bound_counts_as_the_outlook_counts_it():
    share = Course((2020, 2021, 2022, 2023), (97.0, 98.5, 98.0, 99.5), 2025, limits=(0.0, 100.0),
                   goal=Accepted(low=100.0))  # fmt: skip
    seen = projection.project(share.values, horizon=2, scale=Scale.LINEAR, bounds=(0, 100))
    # A trend past the limit is surer of it than one that ends on it.
    for assumed, centre in ((Assumption(1.0, increment=True), [100.5, 101.5]),
                            (Assumption(0.25, increment=True), [99.75, 100.0])):  # fmt: skip
        found = prospect(share, assumed)
        expected = float(seen.about(np.array(centre)).probability(">=", 100)[-1])
        assert found.probability == pytest.approx(expected) and found.judged[-1] == 100
    assert expected == pytest.approx(0.5)
    trend = prospect(share, Assumption(trend=True))
    assert trend.probability == float(seen.probability(">=", 100)[-1])


def test_a_flow_is_never_negative():
    found = prospect(JOBS, Assumption(-100.0, increment=True))
    assert found.figures.min() == 0 and found.quantiles.min() >= JOBS.known


numbers = st.floats(0.5, 500).map(lambda x: round(x, 2))
series_of = st.builds(
    lambda values, mode, scale, factor: Course(
        tuple(range(2024 - len(values), 2024)), tuple(values), 2026, mode=mode, scale=scale,
        known=round(sum(values[-2:]), 2) if mode is Mode.SUM else 0.0, spent=2,
        limits=(0.0, math.inf), goal=Accepted(low=factor * 2 * values[-1]),
    ),
    st.lists(numbers, min_size=4, max_size=11),
    st.sampled_from([Mode.VALUE, Mode.SUM]),
    st.sampled_from(list(Scale)),
    st.floats(0.2, 5),
)  # fmt: skip
growths = st.floats(-0.4, 0.6)


@given(series_of, growths, growths, st.floats(-0.5, 0.5))
def test_more_growth_never_lowers_the_probability_of_at_least(series, a, b, shock):
    slow, fast = sorted((a, b))
    odds = [prospect(series, Assumption(g, shock=shock, shock_year=2025, recovery=2)).probability
            for g in (slow, fast)]  # fmt: skip
    if not any(math.isnan(p) for p in odds):
        assert odds[0] <= odds[1] + 1e-12


@given(series_of, growths, st.sampled_from([1e-4, 0.1, 1e4]))
def test_a_change_of_unit_keeps_the_probability(series, growth, times):
    goal = Accepted(low=series.goal.low * times)
    other = replace(series, values=tuple(v * times for v in series.values),
                    known=series.known * times, goal=goal)  # fmt: skip
    one, two = prospect(series, Assumption(growth)), prospect(other, Assumption(growth))
    assert one.reason == two.reason
    if one.reason is None:
        assert one.probability == pytest.approx(two.probability, abs=1e-9)


@given(series_of, growths)
def test_quantiles_stand_in_order_around_the_path(series, growth):
    found = prospect(series, Assumption(growth))
    if found.reason is None:
        assert (np.diff(found.quantiles, axis=0) >= -1e-9).all()
        assert (found.quantiles[1] <= found.judged + 1e-9).all()
        assert (found.judged <= found.quantiles[2] + 1e-9).all()


# What is not known


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (Course((), (), 2025), Reason.NO_DATA),
        (Course((2023,), (5.0,), 2025, goal=Accepted(low=6.0)), Reason.ONE_POINT),
        (Course((2021, 2022, 2023), (5.0, 6, 7), 2025, goal=Accepted(low=6.0)), Reason.FEW_POINTS),
        (Course((2020, 2021, 2022, 2023), (5.0, 5, 5, 5), 2025), Reason.CONSTANT),
        (Course((2020, 2021, 2022, 2023), (0.1, 0.2, 0.3, 0.4), 2025), Reason.CONSTANT),
        (Course((2020, 2021, 2022, 2023), (0.0, 0, 0, 0), 2025), Reason.CONSTANT),
        (Course((2022, 2023), (5.0, 1e13), 2025), Reason.TOO_LARGE),
        (Course((2022, 2023), (5.0, math.nan), 2025), Reason.TOO_LARGE),
        (Course((2022, 2023), (0.0, 3.0), 2025, scale=Scale.GEOMETRIC), Reason.NOT_POSITIVE),
        (
            Course((2022, 2023), (1.0, -100.0), 2025, mode=Mode.CHAIN, known=1.0),
            Reason.NOT_POSITIVE,
        ),
        (Course((2022, 2025), (5.0, 6.0), 2025), Reason.NO_YEARS_LEFT),
        (replace(INSURED, goal=Accepted()), Reason.NO_TARGET_NUMBER),
    ],
)
def test_what_is_not_known_has_a_reason_and_no_warning(series, reason):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = prospect(series, Assumption(0.0))
    assert found.reason is reason
    assert math.isnan(found.probability)
    assert np.isfinite(found.judged).all() and np.isfinite(found.figures).all()


def test_a_path_that_overflows_has_a_reason():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = prospect(replace(INSURED, until=2300), Assumption(50.0))
    assert found.reason is Reason.TOO_LARGE and not found.known


def test_a_geometric_path_to_nothing_is_none():
    found = prospect(FUND, Assumption(-2000.0, increment=True))
    assert found.reason is Reason.NOT_POSITIVE and not found.known
    assert prospect(FUND, Assumption(-1000.0, increment=True)).figures.tolist() == [1610, 610]


@pytest.mark.parametrize(
    ("series", "assumed", "message"),
    [
        (INSURED, Assumption(-1.0), "-100 %"),
        (INSURED, Assumption(math.nan), "must be numbers"),
        (INSURED, Assumption(0.0, shock=-1.5), "more than everything"),
        (INTENSITY, Assumption(0.0, shock=-1.0), "more than everything"),
        (INTENSITY, Assumption(0.0, increment=True), "no increment"),
        (INSURED, Assumption(0.0, recovery=0), "at least one year"),
    ],
)
def test_an_assumption_without_meaning_is_refused(series, assumed, message):
    with pytest.raises(ValueError, match=message):
        prospect(series, assumed)
