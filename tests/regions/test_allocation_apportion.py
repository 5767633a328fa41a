"""Totals shared out exactly, tables with two margins, rates solved for their weighted mean."""

from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import examples

from gdplan.problems import ProblemError
from gdplan.regions.allocation import flow
from gdplan.regions.allocation.apportion import apportion, blend, rake, rake_rounded, solve_rates
from gdplan.regions.allocation.exact import exact

# Census of 1790 as used for the first apportionment bill of the United States, 15 states.
STATES = (630560, 475327, 432879, 353523, 331589, 278514, 236841, 206236, 179570, 141822, 85533,
          70835, 68705, 68446, 55540)  # fmt: skip


def texts(parts) -> list[str]:
    return [str(x) for x in parts]


def key_of(error) -> str:
    return error.value.problems[0].key


@pytest.mark.parametrize(
    ("seats", "weights", "expected"),
    [
        # M. L. Balinski and H. P. Young, Fair Representation, 1982: Hamilton's bill of 1792.
        (120, STATES, (21, 16, 14, 12, 11, 9, 8, 7, 6, 5, 3, 2, 2, 2, 2)),
        # Electowiki, Hamilton method: the same census with 60 seats.
        (60, STATES, (11, 8, 7, 6, 6, 5, 4, 3, 3, 2, 1, 1, 1, 1, 1)),
        # Wikipedia, Largest remainder method: 100,000 votes, 10 seats, Hare quota.
        (10, (47000, 16000, 15800, 12000, 6100, 3100), (5, 2, 1, 1, 1, 0)),
        # Wikipedia, Apportionment paradox: the small state loses a seat when one is added.
        (10, (6, 6, 2), (4, 4, 2)),
        (11, (6, 6, 2), (5, 5, 1)),
    ],
)
def test_published_cases_of_largest_remainders_come_out(seats, weights, expected):
    assert tuple(map(int, apportion(seats, weights, decimals=0))) == expected


numbers = st.one_of(
    st.integers(0, 10**6),
    st.decimals(0, 10**6, places=3),
    st.floats(0, 1e6, allow_nan=False, allow_subnormal=False),
)


@examples(10_000, quick=500)
@given(
    st.integers(-(10**12), 10**12),
    st.lists(numbers, min_size=1, max_size=25),
    st.integers(0, 4),
)
def test_the_parts_add_up_to_the_total_and_stay_within_a_unit_of_their_share(units, raw, decimals):
    weights = raw if any(raw) else [*raw, 1]
    total = Decimal(f"{units}E-{decimals}")
    parts = apportion(total, weights, decimals=decimals)
    assert sum(parts) == total
    whole = sum(map(exact, weights))
    for part, weight in zip(parts, weights, strict=True):
        assert part.as_tuple().exponent == -decimals
        off = Fraction(part) - Fraction(total) * exact(weight) / whole
        assert abs(off) < Fraction(1, 10**decimals)
        assert weight or part == 0


@examples(300)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 50), min_size=2, max_size=9))
def test_a_larger_weight_never_gets_less_and_equal_ones_differ_by_the_first(units, raw):
    weights = [*raw, 1]
    parts = apportion(units, weights, decimals=0)
    for (a, x), (b, y) in itertools.combinations(zip(weights, parts, strict=True), 2):
        assert (a < b) <= (x <= y) and (a > b) <= (x >= y)
        assert a != b or 0 <= x - y <= 1


def test_ties_go_to_the_first_and_zero_stays_zero():
    assert texts(apportion("1.0", [1, 0, 1, 1], decimals=1)) == ["0.4", "0.0", "0.3", "0.3"]
    assert texts(apportion("-1.0", [1, 1, 1], decimals=1)) == ["-0.4", "-0.3", "-0.3"]
    assert texts(apportion(0, [0, 0], decimals=2)) == ["0.00", "0.00"]


def test_a_weight_is_what_is_written_and_not_its_double():
    # As doubles 0.1 + 0.2 > 0.3, and the first part would lose its tie.
    assert texts(apportion(1, [0.3, 0.1 + 0.2], decimals=0)) == ["0", "1"]
    assert texts(apportion(1, [0.3, "0.3"], decimals=0)) == ["1", "0"]
    assert texts(apportion(np.float64(0.3), np.array([1, 2]), decimals=1)) == ["0.1", "0.2"]


def test_totals_of_any_length_stay_exact():
    total = "1" + "0" * 40 + ".0001"
    parts = apportion(total, [1, 1, 1], decimals=4)
    assert sum(map(exact, parts)) == exact(total)


@pytest.mark.parametrize(
    ("total", "weights", "decimals", "key"),
    [
        ("1.25", [1], 1, "too_fine"),
        (1, [0, 0], 0, "weights_zero"),
        (1, [1, -1], 0, "negative_weight"),
        (float("nan"), [1], 0, "not_a_number"),
        ("x", [1], 0, "not_a_number"),
        (True, [1], 0, "not_a_number"),
        (1, [float("inf")], 0, "not_a_number"),
        (1, [1], 13, "decimals"),
    ],
)
def test_what_cannot_be_shared_out_is_a_problem(total, weights, decimals, key):
    with pytest.raises(ProblemError) as error:
        apportion(total, weights, decimals=decimals)
    assert key_of(error) == key


def test_blended_weights_are_shares_that_add_up_to_one():
    mixed = blend([[2, 6], [10, 0]], ["0.25", "0.75"])
    assert mixed == (Fraction(13, 16), Fraction(3, 16))
    for weights, shares in (([[1]], ["0.9"]), ([[1], [0]], [0.5, 0.5]), ([[1], [1, 2]], [0, 1])):
        with pytest.raises(ProblemError):
            blend(weights, shares)


def test_raking_gives_the_margins_and_keeps_the_odds_ratios():
    seed = np.array([[40, 30, 20, 10], [35, 50, 100, 75], [30, 80, 70, 120], [20, 30, 40, 50]])
    out = rake(seed, rows=[150, 300, 400, 150], columns=[200, 300, 400, 100])
    # Wikipedia, Iterative proportional fitting, gives 64.56, 46.23, 35.38, 3.83 for the first row.
    np.testing.assert_allclose(out[0], [64.56, 46.23, 35.38, 3.83], atol=0.01)
    np.testing.assert_allclose(out.sum(axis=0), [200, 300, 400, 100], rtol=1e-12)
    np.testing.assert_allclose(out.sum(axis=1), [150, 300, 400, 150], rtol=1e-9)
    odds = out[:-1, :-1] * out[1:, 1:] / (out[:-1, 1:] * out[1:, :-1])
    wanted = seed[:-1, :-1] * seed[1:, 1:] / (seed[:-1, 1:] * seed[1:, :-1])
    np.testing.assert_allclose(odds, wanted, rtol=1e-9)


def test_without_interaction_raking_is_the_product_of_the_margins():
    out = rake(np.ones((3, 2)), rows=[1, 2, 3], columns=[2, 4])
    np.testing.assert_allclose(out, np.outer([1, 2, 3], [2, 4]) / 6, rtol=1e-12)


def test_margins_that_differ_are_an_error_with_both_sums():
    with pytest.raises(ProblemError) as error:
        rake([[1, 1], [1, 1]], rows=["100.5", 49], columns=[100, 50])
    [problem] = error.value.problems
    assert problem.key == "margins_differ"
    assert "149.5" in problem.expected and "150" in problem.found


def test_zeros_that_leave_no_table_are_an_error_that_names_rows_and_columns():
    with pytest.raises(ProblemError) as error:
        rake([[1, 0, 0], [1, 0, 0], [1, 1, 1]], rows=[5, 6, 9], columns=[10, 5, 5])
    [problem] = error.value.problems
    assert problem.key == "structural_zeros"
    assert problem.expected == "第1列能容纳 10" and problem.found == "第1、2行须放入 11"
    with pytest.raises(ProblemError) as error:
        rake([[0, 0], [1, 1]], rows=[1, 1], columns=[1, 1])
    assert error.value.problems[0].found == "第1行须放入 1"


def test_cells_that_must_be_zero_are_zero_at_once():
    # The plain iteration would need some 10^10 rounds for this one.
    assert rake([[1, 1], [1, 0]], rows=[1, 1], columns=[1, 1]).tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("seed", "rows", "columns", "key"),
    [
        ([[1, 1]], [1, 1], [1, 1], "shape"),
        ([[1, -1]], [2], [1, 1], "negative"),
        ([[1, float("nan")]], [2], [1, 1], "negative"),
        ([[1, 1]], [0], [1, -1], "negative"),
    ],
)
def test_unfit_tables_are_a_problem(seed, rows, columns, key):
    with pytest.raises(ProblemError) as error:
        rake(seed, rows=rows, columns=columns)
    assert key_of(error) == key


def test_too_few_rounds_are_said():
    with pytest.raises(ProblemError) as error:
        rake([[1, 9], [5, 1]], rows=[7, 3], columns=[4, 6], most=1)
    assert key_of(error) == "no_convergence"


@st.composite
def feasible(draw):
    """A seed with zeros, margins that a table with those zeros has, and decimals."""
    r, c = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    cells = st.integers(0, 400)
    inside = np.array(draw(st.lists(cells, min_size=r * c, max_size=r * c))).reshape(r, c)
    raw = draw(st.lists(st.integers(0, 9), min_size=r * c, max_size=r * c))
    seed = np.where(inside > 0, np.maximum(1, np.array(raw).reshape(r, c)), 0)
    extra = np.array(draw(st.lists(st.booleans(), min_size=r * c, max_size=r * c))).reshape(r, c)
    return seed + extra, inside, draw(st.integers(0, 4))


@examples(500)
@given(feasible())
def test_rounded_tables_have_both_margins_exactly_and_stay_beside_the_fitted_ones(case):
    seed, inside, decimals = case
    rows, columns = ([Decimal(f"{x}E-{decimals}") for x in inside.sum(axis=a)] for a in (1, 0))
    table = rake_rounded(seed, rows=rows, columns=columns, decimals=decimals)
    assert [sum(line) for line in table] == rows
    assert [sum(line) for line in zip(*table, strict=True)] == columns
    fitted = rake(seed, rows=rows, columns=columns, tolerance=1e-12)
    for x, y, s in zip(itertools.chain(*table), fitted.flat, seed.flat, strict=True):
        assert abs(float(x) - y) < 1.01 * 10**-decimals
        assert s or x == 0


@st.composite
def large(draw):
    """A feasible case whose cells are so many times larger, to the unit; totals to 10^13 units."""
    seed, inside, decimals = draw(feasible())
    factor = draw(st.integers(1, 10**13 // max(1, int(inside.sum() + inside.size))))
    extra = draw(st.lists(st.integers(0, 10**9), min_size=inside.size, max_size=inside.size))
    odd = np.array(extra, dtype=np.int64).reshape(inside.shape) % factor
    return seed, inside * factor + np.where(inside > 0, odd, 0), decimals


@examples(500)
@given(large())
def test_sums_of_rounded_tables_stay_exact_up_to_ten_million_million_units(case):
    seed, inside, decimals = case
    rows, columns = ([Decimal(f"{x}E-{decimals}") for x in inside.sum(axis=a)] for a in (1, 0))
    table = rake_rounded(seed, rows=rows, columns=columns, decimals=decimals)
    assert [sum(line) for line in table] == rows
    assert [sum(line) for line in zip(*table, strict=True)] == columns
    assert all(x >= 0 and (s or x == 0) for x, s in zip(itertools.chain(*table), seed.flat,
                                                        strict=True))  # fmt: skip


def test_a_large_table_whose_cells_are_all_nearly_whole_keeps_its_sums():
    # A third of ten thousand million is no whole number, though a billionth part of it is small.
    seed, rows = np.ones((3, 3)), [10**10, 10**10, 10**10 + 1]
    table = rake_rounded(seed, rows=rows, columns=rows[::-1], decimals=0)
    assert [int(sum(line)) for line in table] == rows
    assert [int(sum(line)) for line in zip(*table, strict=True)] == rows[::-1]


def test_margins_of_a_rounded_table_that_differ_by_one_unit_are_an_error_with_both_sums():
    with pytest.raises(ProblemError) as error:
        rake_rounded([[1, 1]], rows=["1000000000.1"], columns=["500000000", "500000000"],
                     decimals=1)  # fmt: skip
    [problem] = error.value.problems
    assert problem.key == "margins_differ"
    assert "1000000000.1" in problem.expected and "1000000000.0" in problem.found


def test_a_table_that_misses_its_sums_is_an_error_and_no_table(monkeypatch):
    fill = flow.filled

    def idle(table, *rest):
        return table if np.any(table) else fill(table, *rest)

    monkeypatch.setattr(flow, "filled", idle)
    monkeypatch.setattr(flow, "cheapest_rounding", lambda cost, *_: np.zeros(cost.shape, int))
    with pytest.raises(ProblemError) as error:
        rake_rounded([[1, 1], [1, 1]], rows=[3, 3], columns=[3, 3], decimals=0)
    assert key_of(error) == "sums_differ"


@examples(100)
@given(st.lists(st.integers(-5, 5), min_size=9, max_size=9), st.permutations(range(3)), st.data())
def test_the_cheapest_rounding_is_the_cheapest_of_all(costs, order, data):
    cost = np.array(costs, dtype=np.int64).reshape(3, 3)
    some = np.array(data.draw(st.lists(st.booleans(), min_size=9, max_size=9))).reshape(3, 3)
    rows, columns = some.sum(axis=1), some.sum(axis=0)
    up = flow.cheapest_rounding(cost, rows.tolist(), columns.tolist())
    assert (up.sum(axis=1) == rows).all() and (up.sum(axis=0) == columns).all()
    tables = (np.array(t).reshape(3, 3) for t in itertools.product((0, 1), repeat=9))
    least = min(
        int((t * cost).sum())
        for t in tables
        if (t.sum(axis=1) == rows).all() and (t.sum(axis=0) == columns).all()
    )
    assert int((cost * up).sum()) == least


def test_a_rounding_that_cannot_be_stops_short():
    cost = np.full((1, 1), flow.FAR, dtype=np.int64)
    assert not flow.cheapest_rounding(cost, [1], [1]).any()


@examples(200)
@given(st.data())
def test_a_largest_flow_equals_a_smallest_cut(data):
    r, c = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    some = st.lists(st.integers(0, 9), min_size=r, max_size=r)
    rows = data.draw(some)
    columns = data.draw(st.lists(st.integers(0, 9), min_size=c, max_size=c))
    open_ = np.array(
        data.draw(st.lists(st.booleans(), min_size=r * c, max_size=r * c))
    ).reshape(r, c)  # fmt: skip
    sent = flow.filled(np.zeros((r, c), dtype=int), rows, columns, open_)
    cuts = (
        sum(rows[i] for i in range(r) if i not in left)
        + sum(columns[j] for j in range(c) if any(open_[i, j] for i in left))
        for n in range(r + 1)
        for left in itertools.combinations(range(r), n)
    )
    assert sent.sum() == min(cuts)
    assert not sent[~open_].any()


def test_too_many_digits_for_a_rounded_table_are_a_problem():
    with pytest.raises(ProblemError) as error:
        rake_rounded([[1]], rows=[10**12], columns=[10**12], decimals=4)
    assert key_of(error) == "too_large"


def test_rates_move_by_equal_points_until_their_bound():
    # By hand: (97*3 + 89) / 4 = 95; with a cap of 96 the second takes the rest: 4*95 - 3*96 = 92.
    kwargs = {"base": [92, 84], "low": 0, "decimals": 1}
    assert texts(solve_rates(95, [3, 1], high=100, **kwargs)) == ["97.0", "89.0"]
    assert texts(solve_rates(95, [3, 1], high=96, **kwargs)) == ["96.0", "92.0"]


def test_rates_close_equal_shares_of_their_gap():
    # The mean base is 90, the mean gap 10: half of every gap.
    kwargs = {"base": [92, 84], "low": 0, "decimals": 1, "move": "gap"}
    assert texts(solve_rates(95, [3, 1], high=100, **kwargs)) == ["96.0", "92.0"]
    assert texts(solve_rates(45, [3, 1], high=100, **kwargs)) == ["46.0", "42.0"]
    assert texts(solve_rates(50, [1, 1], base=[50, 50], low=50, high=50, decimals=0, move="gap")) \
        == ["50", "50"]  # fmt: skip


def test_a_rate_without_bases_is_copied_as_far_as_bounds_let_it():
    copied = solve_rates(95, [3, 1], base=None, low=0, high=100, decimals=1)
    assert texts(copied) == ["95.0", "95.0"]
    floors = solve_rates(95, [3, 1], base=None, low=[0, 97], high=100, decimals=1)
    assert texts(floors) == ["94.3", "97.0"]


@st.composite
def rates(draw):
    n = draw(st.integers(1, 12))
    number = st.decimals(0, 100, places=2)
    base = draw(st.lists(number, min_size=n, max_size=n))
    weights = draw(st.lists(st.integers(1, 2000), min_size=n, max_size=n))
    ends = [sorted((draw(number), draw(number))) for _ in range(n)]
    low, high = [Decimal(int(a)) for a, _ in ends], [Decimal(int(b) + 1) for _, b in ends]
    share = draw(st.fractions(0, 1, max_denominator=50))
    mean = [sum(w * Fraction(e) for w, e in zip(weights, side, strict=True)) / sum(weights)
            for side in (low, high)]  # fmt: skip
    return mean[0] + share * (mean[1] - mean[0]), weights, base, low, high


@examples(500)
@given(rates(), st.integers(0, 3), st.sampled_from(["points", "gap"]))
def test_the_weighted_mean_meets_the_target_within_bounds(case, decimals, move):
    target, weights, base, low, high = case
    kwargs = {"base": base, "low": low, "high": high, "decimals": decimals, "move": move}
    unit = Fraction(1, 10**decimals)

    def mean(parts):
        return sum(w * Fraction(r) for w, r in zip(weights, parts, strict=True)) / sum(weights)

    near = solve_rates(target, weights, **kwargs)
    assert abs(mean(near) - target) <= unit / 2
    assert all(a <= r <= b for a, r, b in zip(low, near, high, strict=True))
    assert target <= mean(solve_rates(target, weights, **kwargs, side="at_least")) < target + unit
    assert target - unit < mean(solve_rates(target, weights, **kwargs, side="at_most")) <= target


def test_a_target_out_of_reach_shows_both_ends():
    with pytest.raises(ProblemError) as error:
        solve_rates(95, [3, 1], base=[92, 84], low=0, high=[94, 90], decimals=1)
    [problem] = error.value.problems
    assert (problem.key, problem.expected, problem.found) == ("rate_out_of_reach", "0—93", "95")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"move": "all"}, "unknown_word"),
        ({"side": "above"}, "unknown_word"),
        ({"base": [90]}, "weights"),
        ({"low": [90, 91, 92]}, "bounds"),
        ({"low": 97, "high": 96}, "bounds_crossed"),
    ],
)
def test_unfit_arguments_of_rates_are_a_problem(changes, key):
    given_ = {"base": [92, 84], "low": 0, "high": 100, "decimals": 1} | changes
    with pytest.raises(ProblemError) as error:
        solve_rates(95, [3, 1], **given_)
    assert key_of(error) == key
