"""Whole-number flows from rows to columns: what a pattern of cells can carry, and rounding.

A table with given row and column sums is a transport: each row sends its sum to the columns.
A largest flow says whether the cells that are not zero can carry the sums at all, and which of
them are zero in every table with those sums; a cheapest one rounds a table cell by cell, up or
down, without moving any sum. Tables hold Python's integers, which are exact at any size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Whole = NDArray[Any]
"""Python's integers."""
FAR = np.iinfo(np.int64).max // 4
"""The cost of a cell that may not be used."""


def filled(table: Any, rows: Sequence[int], columns: Sequence[int], allowed: Bools) -> Whole:
    """A table moved to its sums: what is too much leaves the largest cells, the rest flows in.

    From a table of zeros this is a largest flow within the sums.

    Parameters
    ----------
    table : whole numbers, not negative, shape (rows, columns)
    rows, columns : sequence of int
        Sums wanted. They come out exactly when some table in the allowed cells has them.
    allowed : array of bool, shape (rows, columns)
        Cells that may hold something.

    Source: L. R. Ford and D. R. Fulkerson, Maximal flow through a network, 1956; augmented
    along shortest ways.

    Examples
    --------
    >>> filled([[3, 0], [0, 1]], [2, 2], [2, 2], np.array([[True, True], [True, True]])).tolist()
    [[2, 0], [0, 2]]
    >>> filled([[0, 0], [0, 0]], [2, 1], [1, 2], np.array([[True, True], [True, False]])).tolist()
    [[0, 2], [1, 0]]
    """
    sent = np.array(table, dtype=object).reshape(allowed.shape)
    for line, due in zip((*sent, *sent.T), (*rows, *columns), strict=True):
        over = max(line.sum() - due, 0)
        for k in sorted(range(len(line)), key=lambda k: -line[k]):
            taken = min(over, line[k])
            line[k] -= taken
            over -= taken
    steps = np.where(allowed, 1, FAR)
    _send(sent, rows, columns, lambda: (steps, np.where(sent > 0, 1, FAR)), sum(rows))
    return sent


def reached(sent: Whole, allowed: Bools, start: Bools) -> tuple[Bools, Bools]:
    """Rows and columns that what is left in some rows could still get to, by moving what is sent.

    Between them stands the bottleneck: all that these rows hold must go to these columns.

    Examples
    --------
    >>> sent, open_ = np.array([[1], [0]]), np.array([[True], [True]])
    >>> rows, columns = reached(sent, open_, np.array([False, True]))
    >>> rows.tolist(), columns.tolist()
    ([True, True], [True])
    """
    rows = start
    while True:
        columns: Bools = np.any(allowed[rows], axis=0)
        grown = rows | (sent[:, columns] > 0).any(axis=1)
        if (grown == rows).all():
            return rows, columns
        rows = grown


def possible(sent: Whole, allowed: Bools) -> Bools:
    """Cells that are positive in some table with the sums of a flow that fills them.

    A cell can be filled when its column leads back to its row through what is sent.

    Examples
    --------
    >>> possible(np.array([[0, 2], [1, 0]]), np.array([[True, True], [True, False]])).tolist()
    [[False, True], [True, False]]
    """
    back = [reached(sent, allowed, column > 0)[0] for column in sent.T]
    ways: Bools = np.array(back, dtype=bool).reshape(sent.T.shape).T
    return allowed & ways


def cheapest_rounding(cost: Ints, rows: Sequence[int], columns: Sequence[int]) -> Whole:
    """Which cells go up, so many in each row and column, at the least total cost.

    Parameters
    ----------
    cost : array of int, shape (rows, columns)
        Cost of going up; a negative one means that it is the nearer side.
    rows, columns : sequence of int
        How many go up in each; their totals agree.

    Returns
    -------
    array of int
        1 where a cell goes up, else 0; fewer than asked for where the numbers cannot be met.

    Source: shortest augmenting ways (R. G. Busacker and P. J. Gowen, 1961); that rounding keeps
    both sums is M. Bacharach, Matrix rounding problems, Management Science 12, 1966.

    Examples
    --------
    >>> cheapest_rounding(np.array([[-1, 1], [1, -1]]), [1, 1], [1, 1]).tolist()
    [[1, 0], [0, 1]]
    """
    up = np.zeros(cost.shape, dtype=np.int64)
    _send(up, rows, columns, lambda: (np.where(up, FAR, cost), np.where(up, -cost, FAR)), 1)
    return up


def _send(
    sent: Whole, rows: Sequence[int], columns: Sequence[int],
    costs: Callable[[], tuple[Ints, Ints]], most: int,
) -> None:  # fmt: skip
    """Send what rows still have to columns that want it, in place, at most so much at a time."""
    left = np.array(rows, dtype=object) - sent.sum(axis=1)
    wanted = np.array(columns, dtype=object) - sent.sum(axis=0)
    while (left > 0).any() and (way := _cheapest_way(*costs(), left > 0, wanted > 0)):
        first, last = way[0][0], way[-1][1]
        much = min(most, left[first], wanted[last], *(sent[cell] for cell in way[1::2]))
        for step, cell in enumerate(way):
            sent[cell] += -much if step % 2 else much
        left[first] -= much
        wanted[last] -= much


def _cheapest_way(there: Ints, back: Ints, left: Bools, wanted: Bools) -> list[tuple[int, int]]:
    """Bellman and Ford's shortest way from a row that has to a column that wants: its cells.

    Every other cell is one from which something is taken back, at the cost ``back``.
    """
    at_row, at_column = np.where(left, 0, FAR), np.full(len(wanted), FAR)
    row_from, column_from = np.full(len(left), -1), np.full(len(wanted), -1)
    while True:
        # A predecessor changes only for something shorter: ways of no length would make circles.
        near = _shorter(at_column, column_from, _plus(at_row[:, None], there))
        if not near or not _shorter(at_row, row_from, _plus(at_column[None, :], back).T):
            break
    ends = np.where(wanted, at_column, FAR)
    j = int(ends.argmin())
    if ends[j] >= FAR:
        return []
    way = []
    while j >= 0:
        i = int(column_from[j])
        way.append((i, j))
        j = int(row_from[i])
        if j >= 0:
            way.append((i, j))
    return way[::-1]


def _shorter(at: Ints, came: Ints, sums: Ints) -> bool:
    """Lower the distances ``at`` and their predecessors ``came`` in place; whether any fell."""
    best = sums.min(axis=0)
    nearer = best < at
    came[nearer] = sums.argmin(axis=0)[nearer]
    at[nearer] = best[nearer]
    return bool(nearer.any())


def _plus(a: Ints, b: Ints) -> Ints:
    return np.where((a >= FAR) | (b >= FAR), FAR, a + b)
