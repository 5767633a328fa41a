"""Comprehensive assessment (综合考核): composite scores, gates, ranks and how sure they are.

Pure arrays: one line a region, one column an indicator. Values are shares of the target
(1.0 is met). Scores are in points, 100 for everything met at the weights given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdplan.outlook.goal import settled
from gdplan.problems import Problem, ProblemError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
FULL = 100.0
BATCH = 1_000_000


@dataclass(frozen=True, slots=True)
class Rules:
    """How values become a score; every choice is the assessing office's.

    Attributes
    ----------
    weights
        One per indicator, any unit, not negative; they count as shares of their sum.
    binding
        Indicators that are gates: unmet (below 1), the score is held at or below ``gate``.
    gate
        Most points for a region that fails a gate; infinite for no gates.
    floor, cap
        Least and most that one indicator's share may count (no debt, no credit beyond the cap).
    decimals
        Decimals of the published score; equal published scores are a tie.
    """

    weights: Sequence[float]
    binding: Sequence[bool]
    gate: float
    floor: float
    cap: float
    decimals: int


@dataclass(frozen=True, slots=True)
class Scores:
    """What each region gets: all arrays have one line a region, in the order given.

    ``contributions`` has a column per indicator and adds up to ``score``; ``failed`` says which
    gates were failed; ``missing`` which values are missing that carry weight or are a gate. A
    region with one of them has no score (nan) and no rank (0): it is never scored on what happens
    to be known.
    """

    score: Floats
    contributions: Floats
    rank: Ints
    failed: Bools
    missing: Bools


@dataclass(frozen=True, slots=True)
class RankIntervals:
    """Ranks under uncertainty: the interval of each region and the probability of each rank.

    ``low`` and ``high`` are the best and the worst rank of the interval, 0 for a region without a
    score; ``probability`` has a line per region and a column per rank.
    """

    low: Ints
    high: Ints
    probability: Floats


def score(values: ArrayLike, rules: Rules) -> Scores:
    """Composite scores, contributions and ranks.

    ``score = 100 * sum_k w_k * clip(v_k, floor, cap) / sum_k w_k``; a region that fails a binding
    indicator gets at most ``gate``. The points a gate takes are taken from the indicators that
    failed, in proportion to their weights (equally, when these have none), so that contributions
    always add up to the score.

    Parameters
    ----------
    values : array, shape (regions, indicators)
        Shares of the target, larger is better; nan is missing.
    rules : Rules

    Raises
    ------
    ProblemError
        For unfit shapes, weights or bounds; all at once.

    Source: OECD and JRC, Handbook on Constructing Composite Indicators, 2008, chapter 6.

    Examples
    --------
    >>> rules = Rules(weights=[3, 1], binding=[False, True], gate=60, floor=0, cap=1.2, decimals=1)
    >>> out = score([[1.0, 1.0], [1.3, 1.0], [1.0, 0.9]], rules)
    >>> out.score.tolist(), out.rank.tolist()
    ([100.0, 115.0, 60.0], [2, 1, 3])
    """
    table = _checked(values, rules)
    weights = np.asarray(rules.weights, dtype=np.float64)
    gates = np.asarray(rules.binding, dtype=bool)
    missing = np.isnan(table) & ((weights > 0) | gates)
    failed = gates & (settled(table) < 1)
    parts = _parts(table, weights[None, :], rules, failed)
    parts[missing.any(axis=1)] = np.nan
    total = parts.sum(axis=1)
    return Scores(total, parts, ranks(total, decimals=rules.decimals), failed, missing)


def ranks(scores: ArrayLike, *, decimals: int) -> Ints:
    """Competition ranks 1, 2, 2, 4 over the last axis; 0 for a score that is missing.

    Scores that agree when rounded (half up) to ``decimals`` are tied and share the better rank.

    Examples
    --------
    >>> ranks([90.04, 95, 90.01, 80, float("nan")], decimals=1).tolist()
    [2, 1, 2, 4, 0]
    """
    points = np.asarray(scores, dtype=np.float64)
    # A billionth of a unit up: the sum of doubles for 0.05 may lie a hair below it.
    printed = np.floor(points * 10.0**decimals + 0.5 + 1e-9)
    known = ~np.isnan(printed)
    above = printed[..., None, :] > printed[..., :, None]
    return np.where(known, 1 + above.sum(axis=-1), 0).astype(np.int64)


def rank_intervals(
    values: ArrayLike,
    rules: Rules,
    *,
    spread: float,
    low: ArrayLike | None,
    high: ArrayLike | None,
    draws: int,
    level: float,
    rng: np.random.Generator,
) -> RankIntervals:
    """Rank intervals when weights and data are uncertain.

    Each draw multiplies every weight by its own factor, uniform in ``[1 - spread, 1 + spread]``,
    and takes every value uniform in its interval; scores, gates and ties are worked out anew.
    A rank belongs to the interval when neither it and all better ranks nor it and all worse ones
    have less than ``(1 - level) / 2`` of the draws, its own draws counting half (mid-p): ranks
    are whole numbers, and counting them fully would make a 90 % interval cover far more.

    Parameters
    ----------
    values, rules
        As for :func:`score`.
    spread : float
        Largest relative error of a weight, 0.2 for 20 %; from 0 to 1.
    low, high : array like values, or None
        Interval of each value (published figures are rounded); None for certain data.
    draws : int
    level : float
        Such as 0.9.
    rng : numpy Generator
        Seeded by the caller: the same seed gives the same intervals.

    Raises
    ------
    ProblemError
        As :func:`score`, and for a spread, level, number of draws or interval out of range.

    Source: A. Saltelli and others, in the OECD and JRC Handbook, 2008, chapter 7; mid-p intervals:
    H. O. Lancaster, Journal of the American Statistical Association 56, 1961.

    Examples
    --------
    >>> rules = Rules([1, 1], [False, False], gate=100, floor=0, cap=2, decimals=2)
    >>> out = rank_intervals([[0.9, 1.0], [1.0, 0.9], [0.5, 0.5]], rules, spread=0.2, low=None,
    ...                      high=None, draws=500, level=0.9, rng=np.random.default_rng(1))
    >>> out.low.tolist(), out.high.tolist()
    ([1, 1, 3], [2, 2, 3])
    """
    table = _checked(values, rules)
    least, most = _intervals(table, low, high)
    _check_draws(spread, draws, level)
    regions = len(table)
    count = np.zeros((regions, regions + 1), dtype=np.int64)
    size = max(1, BATCH // max(1, table.size, regions * regions))
    for start in range(0, draws, size):
        n = min(size, draws - start)
        drawn = ranks(_drawn(least, most, rules, spread, n, rng), decimals=rules.decimals)
        for region in range(regions):
            count[region] += np.bincount(drawn[:, region], minlength=regions + 1)
    share = count[:, 1:] / draws
    bounds = _mid_p(share, (1 - level) / 2)
    return RankIntervals(*bounds, share)


def _drawn(
    least: Floats, most: Floats, rules: Rules, spread: float, n: int, rng: np.random.Generator
) -> Floats:
    """Scores of n draws, shape (n, regions)."""
    weights = np.asarray(rules.weights, dtype=np.float64)
    factors = weights * (1 + spread * rng.uniform(-1, 1, (n, weights.size)))
    drawn = least + (most - least) * rng.random((n, *least.shape))
    gates = np.asarray(rules.binding, dtype=bool)
    points = _parts(drawn, factors[:, None, :], rules, gates & (settled(drawn) < 1))
    blank = (np.isnan(least) & ((weights > 0) | gates)).any(axis=1)
    points[:, blank] = np.nan
    return np.asarray(points.sum(axis=-1), dtype=np.float64)


def _parts(table: Floats, weights: Floats, rules: Rules, failed: Bools) -> Floats:
    """Points of each indicator, the deductions of the gates in them; the last axis adds up."""
    share = weights / weights.sum(axis=-1, keepdims=True)
    clipped = np.clip(np.nan_to_num(table), rules.floor, rules.cap)
    points = FULL * share * clipped
    over = np.where(failed.any(axis=-1), points.sum(axis=-1) - rules.gate, 0.0)
    taken = np.where(failed, share, 0.0)
    blame = np.where(taken.sum(axis=-1, keepdims=True) > 0, taken, failed.astype(np.float64))
    whole = blame.sum(axis=-1, keepdims=True)
    blame = np.divide(blame, whole, out=np.zeros_like(blame), where=whole > 0)
    out: Floats = points - np.maximum(over, 0.0)[..., None] * blame
    return out


def _mid_p(share: Floats, tail: float) -> tuple[Ints, Ints]:
    better = np.cumsum(share, axis=1) - share / 2
    worse = 1 - better
    # Half a billionth: the sums of shares are not exact.
    inside = (better >= tail - 5e-10) & (worse >= tail - 5e-10) & (share > 0)
    known = share.sum(axis=1) > 0
    # All draws beside the tails (two ranks at the two ends): the likeliest rank is left.
    empty = known & ~inside.any(axis=1)
    inside[empty, share[empty].argmax(axis=1)] = True
    low = np.where(known, inside.argmax(axis=1) + 1, 0)
    high = np.where(known, share.shape[1] - inside[:, ::-1].argmax(axis=1), 0)
    return low.astype(np.int64), high.astype(np.int64)


def _intervals(
    table: Floats, low: ArrayLike | None, high: ArrayLike | None
) -> tuple[Floats, Floats]:
    ends = [table if e is None else np.asarray(e, dtype=np.float64) for e in (low, high)]
    for end in ends:
        same = end.shape == table.shape
        _refuse([(same, "shape", "区间与数值的行列数不符", table.shape, end.shape)])
    known = ~np.isnan(table)
    inside = (ends[0] <= table) & (table <= ends[1]) & np.isfinite(ends[0]) & np.isfinite(ends[1])
    for i, j in np.argwhere(known & ~inside)[:1]:
        message = f"第{i + 1}行第{j + 1}列的区间不含该数值或无界"
        found = f"{ends[0][i, j]:g}—{ends[1][i, j]:g}"
        _refuse([(False, "interval", message, f"含 {table[i, j]:g} 的有限区间", found)])
    return np.where(known, ends[0], np.nan), np.where(known, ends[1], np.nan)


def _check_draws(spread: float, draws: int, level: float) -> None:
    checks = (
        (0 <= spread <= 1, "spread", "权重误差应在0与1之间", "0—1", spread),
        (draws >= 1, "draws", "抽样次数应为正", ">= 1", draws),
        (0 < level < 1, "level", "置信水平应在0与1之间", "0—1", level),
    )
    _refuse(checks)


def _checked(values: ArrayLike, rules: Rules) -> Floats:
    table = np.asarray(values, dtype=np.float64)
    weights = np.asarray(rules.weights, dtype=np.float64)
    size, ends = weights.size, (rules.floor, rules.cap)
    shaped = table.ndim == 2 and table.shape[1:] == weights.shape and not np.isinf(table).any()
    weighty = np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0
    bounded = rules.floor <= 1 <= rules.cap and np.isfinite(ends).all()
    checks = (
        (shaped, "shape", "应为每个地区一行、每项指标一列的有限数", weights.shape, table.shape),
        (len(rules.binding) == size, "binding", "约束性标记的个数不符", size, len(rules.binding)),
        (weighty, "weights", "权重应为非负数且不全为零", ">= 0", list(weights)),
        (bounded, "bounds", "下限应不高于1，上限应不低于1", "floor <= 1 <= cap",
         f"{rules.floor:g}，{rules.cap:g}"),
    )  # fmt: skip
    _refuse(checks)
    return table


def _refuse(checks: Iterable[tuple[object, str, str, object, object]]) -> None:
    """All that does not hold, as one error: whether it does, its key, words, expected and found."""
    problems = [
        Problem(key, "gdplan.composite", message, f"{expected}", f"{found}")
        for holds, key, message, expected, found in checks if not holds
    ]  # fmt: skip
    if problems:
        raise ProblemError(problems)
