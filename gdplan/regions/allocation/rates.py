"""Rates of the parts whose weighted mean is the rate of the whole (METHOD 8)."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from gdplan.regions.allocation.exact import Number, decimal_of, exact, weights_of, wrong

SIDES = ("nearest", "at_least", "at_most")
MOVES = ("points", "gap")


def solve_rates(
    target: Number,
    weights: Sequence[Number],
    *,
    base: Sequence[Number] | None,
    low: Number | Sequence[Number],
    high: Number | Sequence[Number],
    decimals: int,
    move: str = "points",
    side: str = "nearest",
) -> tuple[Decimal, ...]:
    """Rates of the parts whose weighted mean is the rate of the whole, within bounds.

    Without ``base`` every part gets the target itself, as far as its bounds let it, and the rest
    is moved by equal points. With it, either all move by equal points from their base
    (``r_i = clip(b_i + s, low_i, high_i)``) or all close the same share of the gap to their
    bound (``r_i = b_i + s * (high_i - b_i)``, to ``low_i`` when the mean must fall). ``s`` is
    solved exactly. Rounding takes the largest remainders until the mean is nearest to the
    target, or first not below it (``at_least``), or last not above it (``at_most``); ``nearest``
    is within half a unit of the last decimal.

    Parameters
    ----------
    target : number
        In the rates' unit, usually per cent.
    weights : sequence of number
        The denominators of the rates, such as the population; not all zero.
    base : sequence of number or None
    low, high : number or sequence of number
        Bounds of each part; they are narrowed to the declared decimals.
    decimals : int
    move : {"points", "gap"}
    side : {"nearest", "at_least", "at_most"}

    Raises
    ------
    ProblemError
        When no rates within the bounds have the mean: both reachable ends are shown.

    Examples
    --------
    >>> [str(x) for x in solve_rates(95, [3, 1], base=[92, 84], low=0, high=100, decimals=1)]
    ['97.0', '89.0']
    """
    goal, shares = exact(target), weights_of(weights)
    size, whole = len(shares), sum(shares)
    lows = _bounds(low, size, decimals, math.ceil)
    highs = _bounds(high, size, decimals, math.floor)
    starts = [goal] * size if base is None else [exact(b) for b in base]
    _check_rates(goal, shares, starts, lows, highs, move, side)

    def mean(rates: Iterable[Fraction]) -> Fraction:
        return sum((w * r for w, r in zip(shares, rates, strict=True)), Fraction(0)) / whole

    solved = _moved(goal, starts, lows, highs, mean, move)
    return _rounded_rates(goal, solved, shares, decimals, side)


def _moved(
    goal: Fraction, starts: list[Fraction], lows: list[Fraction], highs: list[Fraction],
    mean: Callable[[Iterable[Fraction]], Fraction], move: str,
) -> list[Fraction]:  # fmt: skip
    def clipped(s: Fraction) -> list[Fraction]:
        return [min(max(b + s, lo), hi) for b, lo, hi in zip(starts, lows, highs, strict=True)]

    inside = clipped(Fraction(0))
    if move == "gap":
        ends = highs if mean(inside) <= goal else lows
        way = mean(ends) - mean(inside)
        s = (goal - mean(inside)) / way if way else Fraction(0)
        return [b + s * (e - b) for b, e in zip(inside, ends, strict=True)]
    # The mean of clipped rates is piecewise linear in s, with its corners where a bound is hit.
    corners = sorted({e - b for b, *both in zip(starts, lows, highs, strict=True) for e in both})
    place = bisect_left(corners, goal, key=lambda s: mean(clipped(s)))
    right = corners[place]
    left = corners[place - 1] if place else right
    below, above = mean(clipped(left)), mean(clipped(right))
    s = right if above == below else left + (right - left) * (goal - below) / (above - below)
    return clipped(s)


def _rounded_rates(
    goal: Fraction, rates: list[Fraction], shares: list[Fraction], decimals: int, side: str
) -> tuple[Decimal, ...]:
    scale = 10**decimals
    down = [math.floor(r * scale) for r in rates]
    rests = [r * scale - d for r, d in zip(rates, down, strict=True)]
    order = [i for i in sorted(range(len(rates)), key=lambda i: (-rests[i], i)) if rests[i]]
    error = sum((w * d for w, d in zip(shares, down, strict=True)), Fraction(0)) / sum(shares)
    errors = [error - goal * scale]
    for i in order:
        errors.append(errors[-1] + shares[i] / sum(shares))
    if side == "at_least":
        ups = next((k for k, e in enumerate(errors) if e >= 0), len(order))
    elif side == "at_most":
        ups = max((k for k, e in enumerate(errors) if e <= 0), default=0)
    else:
        ups = min(range(len(errors)), key=lambda k: abs(errors[k]))
    up = set(order[:ups])
    return tuple(decimal_of(d + (i in up), decimals) for i, d in enumerate(down))


def _check_rates(
    goal: Fraction, shares: list[Fraction], starts: list[Fraction], lows: list[Fraction],
    highs: list[Fraction], move: str, side: str,
) -> None:  # fmt: skip
    if move not in MOVES or side not in SIDES:
        expected = f"{' / '.join(MOVES)}；{' / '.join(SIDES)}"
        raise wrong("unknown_word", "未知的求解方式", expected, f"{move}，{side}")
    if len(starts) != len(shares) or not sum(shares):
        raise wrong("weights", "基期数与权重应个数相同，权重不全为零", f"{len(starts)}个",
                     f"{len(shares)}个")  # fmt: skip
    crossed = [i + 1 for i, (a, b) in enumerate(zip(lows, highs, strict=True)) if a > b]
    if crossed:
        raise wrong("bounds_crossed", "下限高于上限", "下限不高于上限", f"第{crossed}个")
    least, most = (
        sum((w * e for w, e in zip(shares, ends, strict=True)), Fraction(0)) / sum(shares)
        for ends in (lows, highs)
    )
    if not least <= goal <= most:
        raise wrong("rate_out_of_reach", "上下限之内的加权平均达不到目标",
                     f"{float(least):g}—{float(most):g}", f"{float(goal):g}",
                     "放宽上下限，或核对基期数和权重")  # fmt: skip


def _bounds(
    given: Number | Sequence[Number], size: int, decimals: int, inwards: Callable[[Fraction], int]
) -> list[Fraction]:
    """Bounds on the grid of the printed decimals, one for each part."""
    many = not isinstance(given, (str, int, float, Decimal, Fraction))
    items: list[Any] = list(given) if many else [given] * size  # type: ignore[arg-type]
    if len(items) != size:
        raise wrong("bounds", "上下限的个数与权重不符", f"{size}个", f"{len(items)}个")
    return [Fraction(inwards(exact(x) * 10**decimals), 10**decimals) for x in items]
