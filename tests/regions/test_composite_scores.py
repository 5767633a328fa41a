"""Composite scores add up, gates hold, ties share a rank, and rank intervals mean what they say."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import examples

from gdplan.problems import ProblemError
from gdplan.regions.composite.scores import Rules, rank_intervals, ranks, score

ROOT = Path(__file__).resolve().parents[2]
PLAIN = Rules([2, 1, 1], [False] * 3, gate=100, floor=0, cap=1.2, decimals=2)


def intervals(values, rules, **changes):
    given_ = {"spread": 0.2, "low": None, "high": None, "draws": 400, "level": 0.9, "seed": 1}
    chosen = given_ | changes
    rng = np.random.default_rng(chosen.pop("seed"))
    return rank_intervals(values, rules, rng=rng, **chosen)


def test_a_score_by_hand():
    # Weights 50, 25, 25; the second counts 120 at most, the third 0 at least.
    out = score([[0.9, 1.5, -0.3]], PLAIN)
    np.testing.assert_allclose(out.contributions, [[45, 30, 0]])
    np.testing.assert_allclose(out.score, [75])


def test_a_failed_gate_holds_the_score_and_takes_the_points_where_it_failed():
    rules = replace(PLAIN, binding=[True, False, True], gate=60)
    out = score([[0.8, 1, 1], [1, 1, 1], [0.9, 1.2, 0.6], [0.2, 0.3, 0.3]], rules)
    np.testing.assert_allclose(out.score, [60, 100, 60, 25])
    # 90 points, 30 taken from the first; 90 points, 30 shared 2 : 1 by the first and the third.
    np.testing.assert_allclose(out.contributions[0], [10, 25, 25])
    np.testing.assert_allclose(out.contributions[2], [45 - 20, 30, 15 - 10])
    assert out.failed.tolist()[2] == [True, False, True]
    assert out.rank.tolist() == [2, 1, 2, 4]


def test_a_gate_without_weight_takes_points_too():
    rules = Rules([1, 0, 0], [False, True, True], gate=70, floor=0, cap=1, decimals=0)
    out = score([[1, 0.9, 0.9]], rules)
    np.testing.assert_allclose(out.contributions, [[100, -15, -15]])


def test_a_missing_value_is_no_score_and_no_rank():
    nan = float("nan")
    rules = Rules([1, 1, 0, 0], [False, False, True, False], gate=70, floor=0, cap=1, decimals=1)
    out = score([[1, nan, 1, 1], [1, 1, nan, 1], [1, 1, 1, nan], [0.5, 1, 1, 1]], rules)
    assert np.isnan(out.score).tolist() == [True, True, False, False]
    assert out.rank.tolist() == [0, 0, 1, 2]
    assert out.missing.any(axis=1).tolist() == [True, True, False, False]
    drawn = intervals([[1, nan, 1, 1], [1, 1, nan, 1], [1, 1, 1, nan], [0.5, 1, 1, 1]], rules)
    assert drawn.low.tolist() == [0, 0, 1, 2] and drawn.high.tolist() == [0, 0, 1, 2]


def test_equal_printed_scores_share_the_better_rank():
    assert ranks([80.04, 80.0, 79.95, 90, 79.94], decimals=1).tolist() == [2, 2, 2, 1, 5]
    assert ranks([0.125, 0.13], decimals=2).tolist() == [1, 1]


@st.composite
def tables(draw):
    r, c = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    cell = st.floats(-0.5, 2, allow_nan=False)
    values = draw(st.lists(st.lists(cell, min_size=c, max_size=c), min_size=r, max_size=r))
    weights = draw(st.lists(st.integers(0, 9), min_size=c, max_size=c))
    binding = draw(st.lists(st.booleans(), min_size=c, max_size=c))
    gate = draw(st.sampled_from([60.0, 80.0, float("inf")]))
    weights[0] += 1
    rules = Rules(weights, binding, gate=gate, floor=0, cap=1.2, decimals=6)
    return np.array(values), rules


@examples(300)
@given(tables())
def test_contributions_add_up_to_the_score(case):
    values, rules = case
    out = score(values, rules)
    np.testing.assert_allclose(out.contributions.sum(axis=1), out.score, atol=1e-9)
    assert (out.score <= 120 + 1e-9).all()
    failed = out.failed.any(axis=1)
    assert (out.score[failed] <= rules.gate + 1e-9).all()
    assert (out.contributions[~failed] >= 0).all()


@examples(200)
@given(tables(), st.integers(1, 1000))
def test_only_the_proportions_of_the_weights_matter(case, factor):
    values, rules = case
    other = replace(rules, weights=[w * factor for w in rules.weights])
    np.testing.assert_allclose(score(values, other).score, score(values, rules).score, atol=1e-9)


@examples(200)
@given(tables(), st.data())
def test_a_better_value_never_lowers_the_score(case, data):
    values, rules = case
    i = data.draw(st.integers(0, values.shape[0] - 1))
    j = data.draw(st.integers(0, values.shape[1] - 1))
    better = values.copy()
    better[i, j] += 0.3
    before, after = score(values, rules), score(better, rules)
    assert after.score[i] >= before.score[i] - 1e-9
    np.testing.assert_array_equal(np.delete(after.score, i), np.delete(before.score, i))


@examples(100)
@given(tables(), st.randoms())
def test_the_order_of_the_regions_does_not_matter(case, random):
    values, rules = case
    order = list(range(len(values)))
    random.shuffle(order)
    np.testing.assert_array_equal(
        score(values[order], rules).rank, score(values, rules).rank[order]
    )


@examples(50)
@given(tables(), st.integers(0, 99))
def test_intervals_lie_within_the_ranks_and_probabilities_add_up(case, seed):
    values, rules = case
    out = intervals(values, rules, draws=50, seed=seed)
    assert (out.low >= 1).all() and (out.low <= out.high).all()
    assert (out.high <= len(values)).all()
    np.testing.assert_allclose(out.probability.sum(axis=1), 1)


def test_without_uncertainty_the_interval_is_the_rank():
    rng = np.random.default_rng(3)
    values = rng.uniform(0.5, 1.2, (9, 3))
    out = intervals(values, PLAIN, spread=0)
    rank = score(values, PLAIN).rank
    assert out.low.tolist() == out.high.tolist() == rank.tolist()


def test_a_gate_that_the_data_leave_open_widens_the_interval():
    rules = replace(PLAIN, binding=[True, False, False], gate=50)
    values = [[1.001, 1, 1], [0.98, 0.98, 0.98]]
    firm = intervals(values, rules, spread=0)
    assert firm.low.tolist() == firm.high.tolist() == [1, 2]
    wide = np.full((2, 3), 0.004)
    open_ = intervals(values, replace(rules, gate=-1), spread=0, low=values - wide,
                      high=values + wide)  # fmt: skip
    # Both fail the gate in some draws: scores of -1 are tied for the first rank.
    assert open_.probability[1, 0] == pytest.approx(0.375, abs=0.1)
    assert open_.high[1] == 2


def test_the_same_seed_gives_the_same_intervals():
    values = np.random.default_rng(5).uniform(0.8, 1.1, (12, 3))
    first = intervals(values, PLAIN, seed=8)
    again = intervals(values, PLAIN, seed=8)
    np.testing.assert_array_equal(first.probability, again.probability)
    other = intervals(values, PLAIN, seed=9)
    assert (first.probability != other.probability).any()


def test_two_ranks_at_the_two_ends_leave_the_likelier():
    from gdplan.regions.composite.scores import _mid_p

    low, high = _mid_p(np.array([[0.4, 0.0, 0.6]]), 0.45)
    assert (low.tolist(), high.tolist()) == ([3], [3])


@pytest.mark.parametrize("case", [{}, {"declared": False}, {"rounded": True}])
def test_ninety_per_cent_intervals_cover_the_true_rank_in_85_to_95_per_cent(monkeypatch, case):
    monkeypatch.syspath_prepend(str(ROOT))
    bench = importlib.import_module("benchmarks.bench_ranks")
    # The thousand runs of the benchmark gave 94.2 to 94.7 %.
    found = bench.coverage(runs=300, seed=20211118, **case)
    assert 0.85 <= found <= 0.95


def test_intervals_that_claim_less_cover_less(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    bench = importlib.import_module("benchmarks.bench_ranks")
    assert bench.coverage(runs=40, seed=7, level=0.5) < 0.8
    monkeypatch.setattr(bench, "coverage", lambda **_: 0.85)
    assert all(r.passed == (r.ratio <= 1) for r in bench.run())


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({"weights": [1, 1]}, ["shape", "binding"]),
        ({"weights": [0, 0, 0]}, ["weights"]),
        ({"weights": [1, -1, 1]}, ["weights"]),
        ({"floor": 1.1}, ["bounds"]),
        ({"cap": float("inf"), "binding": [True]}, ["binding", "bounds"]),
    ],
)
def test_unfit_rules_are_all_told_at_once(changes, keys):
    with pytest.raises(ProblemError) as error:
        score([[1, 1, 1]], replace(PLAIN, **changes))
    assert [p.key for p in error.value.problems] == keys


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({"spread": 1.5, "draws": 0, "level": 1}, ["spread", "draws", "level"]),
        ({"low": [[1, 1]]}, ["shape"]),
        ({"low": [[1.1, 1, 1]]}, ["interval"]),
        ({"high": [[float("inf"), 1, 1]]}, ["interval"]),
    ],
)
def test_unfit_uncertainty_is_a_problem(changes, keys):
    with pytest.raises(ProblemError) as error:
        intervals([[1, 1, 1]], PLAIN, **changes)
    assert [p.key for p in error.value.problems] == keys
