"""Breaking a total or a rate down to parts whose sum or mean is exact (METHOD 8).

Pure functions of numbers. What is printed is decimal, so the arithmetic is exact: numbers become
fractions as they are written (0.1 is one tenth, whatever its double), results are ``Decimal``
with the declared number of decimals. Only :func:`rake` works in doubles.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdplan.problems import ProblemError
from gdplan.regions.allocation import flow
from gdplan.regions.allocation.exact import (
    Number,
    decimal_of,
    exact,
    shown,
    units_of,
    weights_of,
    wrong,
)
from gdplan.regions.allocation.rates import solve_rates

__all__ = ["apportion", "blend", "rake", "rake_rounded", "solve_rates"]

Table: TypeAlias = tuple[tuple[Decimal, ...], ...]
Floats = NDArray[np.float64]
CLOSE = 1e-9
CLOSE_MOST = 1e-3
CLOSE_IN = 10**9
MOST_UNITS = 10**13


def apportion(total: Number, weights: Sequence[Number], *, decimals: int) -> tuple[Decimal, ...]:
    """A total shared out in proportion to weights by largest remainders; the sum is exact.

    Each part gets ``floor(units * w / sum(w))`` of the smallest units ``10^-decimals``; the units
    that are left go one each to the largest remainders, the first of equal ones first. A weight
    of zero gets zero. A negative total is shared out as its opposite is.

    Parameters
    ----------
    total : number
        In its unit, with no more than ``decimals`` decimals.
    weights : sequence of number
        Not negative, any unit; not all zero unless the total is.
    decimals : int
        Decimals of the parts, 0 to 12.

    Returns
    -------
    tuple of Decimal
        As many as there are weights, in their order.

    Raises
    ------
    ProblemError
        For a total with more decimals, negative weights, or only zeros.

    Source: the method of Hamilton, Vinton, or Hare and Niemeyer; M. L. Balinski and H. P. Young,
    Fair Representation, 1982.

    Examples
    --------
    >>> [str(x) for x in apportion("10.0", [1, 1, 1], decimals=1)]
    ['3.4', '3.3', '3.3']
    """
    units, shares = units_of(total, decimals), weights_of(weights)
    whole = sum(shares)
    if units and not whole:
        raise wrong(
            "weights_zero", "权重全为零，无法分配", "至少一个权重大于零", f"{len(shares)}个零"
        )
    size = abs(units)
    parts = [size * w // whole if whole else 0 for w in shares]
    rests = [size * w % whole if whole else Fraction(0) for w in shares]
    order = sorted(range(len(parts)), key=lambda i: (-rests[i], i))
    for i in order[: size - sum(parts)]:
        parts[i] += 1
    return tuple(decimal_of(part if units >= 0 else -part, decimals) for part in parts)


def blend(
    weights: Sequence[Sequence[Number]], shares: Sequence[Number]
) -> tuple[Fraction, ...]:  # fmt: skip
    """Weights mixed as shares of their own sums: ``w_i = sum_k share_k * w_ki / sum_i w_ki``.

    Raises ProblemError unless the shares are not negative and add up to 1, the weights are of
    one length, and none of them is all zero.

    Examples
    --------
    >>> blend([[1, 3], [1, 1]], ["0.5", "0.5"])
    (Fraction(3, 8), Fraction(5, 8))
    """
    parts, columns = weights_of(shares), [weights_of(w) for w in weights]
    if sum(parts) != 1 or len(parts) != len(columns):
        raise wrong("blend_shares", "混合权重的份额之和应为1", "1", shown(sum(parts)))
    if len({len(column) for column in columns}) > 1 or not all(map(sum, columns)):
        raise wrong("weights", "各组权重应个数相同、不全为零", "个数相同，和大于零",
                     "；".join(f"{len(w)}个，和 {shown(sum(w))}" for w in columns))  # fmt: skip
    sums = [sum(column) for column in columns]
    return tuple(
        sum((p * w / s for p, w, s in zip(parts, line, sums, strict=True)), Fraction(0))
        for line in zip(*columns, strict=True)
    )


def rake(
    seed: ArrayLike,
    *,
    rows: Sequence[Number],
    columns: Sequence[Number],
    tolerance: float = 1e-10,
    most: int = 10_000,
) -> Floats:
    """A table with given row and column sums and the odds ratios of its seed.

    Iterative proportional fitting: rows and columns are scaled in turn until every row agrees
    within ``tolerance`` of the total. A cell that is zero in the seed stays zero, and one that is
    zero in every table with these sums is zero at once, so that the fitting converges quickly.

    Parameters
    ----------
    seed : array, shape (r, c)
        Not negative.
    rows, columns : sequence of number
        Sums wanted, not negative, in one unit.
    tolerance, most
        Largest error of a row as a share of the total; most rounds.

    Returns
    -------
    array, shape (r, c)

    Raises
    ------
    ProblemError
        When the two margins have different sums (both are shown), when the zeros of the seed
        leave no such table (the rows and columns in the way are named), or for unfit shapes.

    Source: W. E. Deming and F. F. Stephan, Annals of Mathematical Statistics 11, 1940; when it
    converges: I. Csiszár, Annals of Probability 3, 1975.

    Examples
    --------
    >>> rake([[1, 1], [1, 3]], rows=[40, 60], columns=[50, 50]).round(4).tolist()
    [[26.411, 13.589], [23.589, 36.411]]
    """
    start, left, top = _table(seed, rows, columns)
    cells = _support(start, left, top)
    wanted = np.array([float(x) for x in left])
    across = np.array([float(x) for x in top])
    out = np.where(cells, start, 0.0)
    limit = tolerance * float(sum(left)) + float(abs(sum(left) - sum(top)))
    for _ in range(most):
        out = out * _factor(wanted, out.sum(axis=1))[:, None]
        out = out * _factor(across, out.sum(axis=0))[None, :]
        if np.abs(out.sum(axis=1) - wanted).max(initial=0.0) <= limit:
            return out
    raise wrong("no_convergence", f"迭代{most}次仍未收敛", f"误差不超过{limit:g}",
                 f"{np.abs(out.sum(axis=1) - wanted).max():g}")  # fmt: skip


def rake_rounded(
    seed: ArrayLike, *, rows: Sequence[Number], columns: Sequence[Number], decimals: int
) -> Table:
    """:func:`rake`, each cell rounded up or down so that every sum stays exact.

    Among all such roundings the one whose cells are nearest to the fitted ones: the sum of the
    distances is the least possible (controlled rounding); of equally near ones the one that rounds
    up the first cells. Cells that are zero stay zero. Where totals are so large that doubles do not
    hold the fitted cells to the unit, what is missing is moved by whole units: the sums stay exact.

    Parameters
    ----------
    seed, rows, columns
        As for :func:`rake`; the sums have no more than ``decimals`` decimals.
    decimals : int
        Decimals of the cells.

    Returns
    -------
    tuple of tuples of Decimal

    Raises
    ------
    ProblemError
        As :func:`rake`, for margins that differ at all (both sums are shown), and for sums with
        more decimals or beyond 10^13 units.

    Source: M. Bacharach, Matrix rounding problems, Management Science 12, 1966; L. H. Cox,
    A constructive procedure for unbiased controlled rounding, JASA 82, 1987.

    Examples
    --------
    >>> table = rake_rounded([[1, 1], [1, 1], [1, 1]], rows=[3, 3, 4], columns=[5, 5], decimals=0)
    >>> [[str(x) for x in row] for row in table]
    [['2', '1'], ['1', '2'], ['2', '2']]
    """
    left = [units_of(x, decimals) for x in rows]
    top = [units_of(x, decimals) for x in columns]
    if sum(left) != sum(top):
        raise _margins_differ(*(decimal_of(sum(margin), decimals) for margin in (left, top)))
    if sum(left) > MOST_UNITS:
        raise wrong("too_large", "总数位数过多", "不超过10的13次方个最小单位", sum(left))
    fitted = rake(seed, rows=left, columns=top, tolerance=1e-14 + 1e-3 / max(1, sum(left)))
    near = np.rint(fitted)
    # A cell within a billionth of a whole number is that number: doubles know no better.
    whole = np.abs(fitted - near) <= np.minimum(CLOSE * np.maximum(1.0, near), CLOSE_MOST)
    down = np.where(whole, near, np.floor(fitted)).astype(np.int64)
    rest = np.where(whole, 0.0, fitted - down)
    cost = np.where(whole, flow.FAR, _costs(rest))
    up = flow.cheapest_rounding(cost, left - down.sum(axis=1), top - down.sum(axis=0))
    done = down + up
    if not _sums_hold(done, left, top):
        done = flow.filled(done, left, top, _support(*_table(seed, left, top)))
    if not _sums_hold(done, left, top):
        raise wrong("sums_differ", "取整后的合计与边际合计不符", "各行各列合计精确",
                     f"行合计 {done.sum(axis=1).tolist()}")  # fmt: skip
    return tuple(tuple(decimal_of(x, decimals) for x in line) for line in done.tolist())


def _sums_hold(table: flow.Whole, rows: Sequence[int], columns: Sequence[int]) -> bool:
    """Whether every row and column of whole numbers has its sum, to the unit."""
    return [*table.sum(axis=1), *table.sum(axis=0)] == [*rows, *columns]


def _margins_differ(rows: object, columns: object) -> ProblemError:
    return wrong("margins_differ", "行合计之和与列合计之和不等", f"行合计 {rows}",
                 f"列合计 {columns}", "核对两边的合计数")  # fmt: skip


def _costs(rest: Floats) -> NDArray[np.int64]:
    """Cost of rounding up in billionths; equal tables differ in favour of the first cells."""
    r, c = rest.shape
    first = np.arange(r, 0, -1)[:, None] * np.arange(c, 0, -1)[None, :]
    billionths = np.rint((1 - 2 * rest) / CLOSE).astype(np.int64)
    return np.asarray(billionths * (r * c + 1) - first, dtype=np.int64)


def _table(
    seed: ArrayLike, rows: Sequence[Number], columns: Sequence[Number]
) -> tuple[Floats, list[Fraction], list[Fraction]]:
    """Seed and margins, every fault of shape and sign and of the sums told."""
    start = np.asarray(seed, dtype=np.float64)
    left, top = [exact(x) for x in rows], [exact(x) for x in columns]
    if start.shape != (len(left), len(top)):
        raise wrong("shape", "初始表与边际合计的行列数不符", f"{len(left)}×{len(top)}",
                     "×".join(map(str, start.shape)))  # fmt: skip
    fit = np.isfinite(start).all() and (start >= 0).all() and all(x >= 0 for x in (*left, *top))
    if not fit:
        raise wrong("negative", "初始表和边际合计应为有限的非负数", ">= 0", "负数或非数")
    down, across = sum(left, Fraction(0)), sum(top, Fraction(0))
    if abs(down - across) * CLOSE_IN > max(down, across):
        raise _margins_differ(shown(down), shown(across))
    return start, left, top


def _support(start: Floats, left: list[Fraction], top: list[Fraction]) -> NDArray[np.bool_]:
    """Cells that are positive in some table with these sums; an error when there is none."""
    allowed = start > 0
    scale = math.lcm(*(x.denominator for x in (*left, *top)))
    rows, columns = ([int(x * scale) for x in margin] for margin in (left, top))
    sent = flow.filled(np.zeros(allowed.shape, dtype=object), rows, columns, allowed)
    over = np.array(rows, dtype=object) - sent.sum(axis=1)
    if over.sum() * CLOSE_IN <= sum(rows):
        return flow.possible(sent, allowed)
    stuck, ways = flow.reached(sent, allowed, over > 0)
    mine, theirs = np.flatnonzero(stuck), np.flatnonzero(ways)
    has, can = sum(left[i] for i in mine), sum((top[j] for j in theirs), Fraction(0))
    raise wrong(
        "structural_zeros", "初始表的零使边际合计无法同时满足",
        f"第{'、'.join(str(j + 1) for j in theirs) or '0'}列能容纳 {shown(can)}",
        f"第{'、'.join(str(i + 1) for i in mine)}行须放入 {shown(has)}", "核对为零的权重",
    )  # fmt: skip


def _factor(wanted: Floats, sums: Floats) -> Floats:
    """Scaling factors; where nothing is wanted nothing is left, also of nothing."""
    return np.divide(wanted, sums, out=np.zeros_like(sums), where=sums > 0)
