"""Whole-number flows from rows to columns: what a pattern of cells can carry, and rounding.

A table with given row and column sums is a transport: each row sends its sum to the columns.
A largest flow says whether the cells that are not zero can carry the sums at all, and which of
them are zero in every table with those sums; a cheapest one rounds a table cell by cell, up or
down, without moving any sum.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def largest_flow(rows: Sequence[int], columns: Sequence[int], allowed: Bools) -> list[list[int]]:
    """Largest whole-number flow through the allowed cells, within the sums of rows and columns.

    Parameters
    ----------
    rows, columns : sequence of int
        Sums, not negative; of any size, since Python's integers are exact.
    allowed : array of bool, shape (rows, columns)
        Cells that may hold something.

    Source: L. R. Ford and D. R. Fulkerson, Maximal flow through a network, 1956; augmented
    along shortest ways.

    Examples
    --------
    >>> largest_flow([2, 1], [1, 2], np.array([[True, True], [True, False]]))
    [[0, 2], [1, 0]]
    """
    return filled([[0] * len(columns) for _ in rows], rows, columns, allowed)


def filled(
    table: Sequence[Sequence[int]], rows: Sequence[int], columns: Sequence[int], allowed: Bools
) -> list[list[int]]:
    """A table moved to its sums: what is too much leaves the largest cells, the rest flows in.

    Parameters
    ----------
    table : whole numbers, not negative, shape (rows, columns)
    rows, columns : sequence of int
        Sums wanted. They come out exactly when some table in the allowed cells has them.
    allowed : array of bool, shape (rows, columns)
        Cells that may hold something.

    Examples
    --------
    >>> filled([[3, 0], [0, 1]], [2, 2], [2, 2], np.array([[True, True], [True, True]]))
    [[2, 0], [0, 2]]
    """
    sent = [list(line) for line in table]
    for i, due in enumerate(rows):
        _lower(sent, [(i, j) for j in range(len(columns))], due)
    for j, due in enumerate(columns):
        _lower(sent, [(i, j) for i in range(len(rows))], due)
    supply = [due - sum(line) for due, line in zip(rows, sent, strict=True)]
    room = [due - sum(line[j] for line in sent) for j, due in enumerate(columns)]
    for i, j in zip(*map(np.ndarray.tolist, np.nonzero(allowed)), strict=True):
        _send(sent, supply, room, [(i, j)], min(supply[i], room[j]))
    ways = [np.flatnonzero(line).tolist() for line in allowed]
    while way := _shortest(sent, supply, room, ways):
        back = [sent[i][j] for i, j in way[1::2]]
        _send(sent, supply, room, way, min(supply[way[0][0]], room[way[-1][1]], *back))
    return sent


def _lower(sent: list[list[int]], cells: Sequence[tuple[int, int]], most: int) -> None:
    """Take what a row or column holds too much, the largest cells first."""
    over = sum(sent[i][j] for i, j in cells) - most
    for i, j in sorted(cells, key=lambda cell: -sent[cell[0]][cell[1]]):
        taken = min(max(over, 0), sent[i][j])
        sent[i][j] -= taken
        over -= taken


def _send(
    sent: list[list[int]], supply: list[int], room: list[int], way: list[tuple[int, int]], much: int
) -> None:
    for step, (i, j) in enumerate(way):
        sent[i][j] += -much if step % 2 else much
    supply[way[0][0]] -= much
    room[way[-1][1]] -= much


def _shortest(
    sent: list[list[int]], supply: list[int], room: list[int], ways: list[list[int]]
) -> list[tuple[int, int]]:
    """Cells of a shortest way from a row that has to a column that wants; every other one back."""
    queue = deque(i for i, left in enumerate(supply) if left)
    came: dict[tuple[str, int], tuple[int, int] | None] = {("row", i): None for i in queue}
    while queue:
        i = queue.popleft()
        for j in ways[i]:
            if ("column", j) in came:
                continue
            came["column", j] = (i, j)
            if room[j]:
                return _traced(came, j)
            for k, line in enumerate(sent):
                if line[j] and ("row", k) not in came:
                    came["row", k] = (k, j)
                    queue.append(k)
    return []


def _traced(came: dict[tuple[str, int], tuple[int, int] | None], j: int) -> list[tuple[int, int]]:
    way = []
    cell = came["column", j]
    while cell:
        back = came["row", cell[0]]
        way += [cell, back] if back else [cell]
        cell = came["column", back[1]] if back else None
    return way[::-1]


def reached(sent: Sequence[Sequence[int]], allowed: Bools, start: Bools) -> tuple[Bools, Bools]:
    """Rows and columns that what is left in some rows could still get to, by moving what is sent.

    Between them stands the bottleneck: all that these rows hold must go to these columns.

    Examples
    --------
    >>> rows, columns = reached([[1], [0]], np.array([[True], [True]]), np.array([False, True]))
    >>> rows.tolist(), columns.tolist()
    ([True, True], [True])
    """
    full = np.array([[bool(x) for x in line] for line in sent], dtype=bool).reshape(allowed.shape)
    rows = np.array(start, dtype=bool)
    while True:
        columns = allowed[rows].any(axis=0)
        grown = rows | full[:, columns].any(axis=1)
        if (grown == rows).all():
            return rows, columns
        rows = grown


def possible(sent: Sequence[Sequence[int]], allowed: Bools) -> Bools:
    """Cells that are positive in some table with the sums of a flow that fills them.

    An empty cell can be filled when its column leads back to its row through what is sent.

    Examples
    --------
    >>> possible([[0, 2], [1, 0]], np.array([[True, True], [True, False]])).tolist()
    [[False, True], [True, False]]
    """
    full = np.array([[bool(x) for x in line] for line in sent], dtype=bool).reshape(allowed.shape)
    out = full.copy()
    for j in range(allowed.shape[1]):
        rows, _ = reached(sent, allowed, full[:, j])
        out[:, j] |= rows & allowed[:, j]
    return out


def cheapest_rounding(cost: Ints, rows: Sequence[int], columns: Sequence[int]) -> Bools:
    """Which cells go up, so many in each row and column, at the least total cost.

    Parameters
    ----------
    cost : array of int, shape (rows, columns)
        Cost of going up; a negative one means that it is the nearer side.
    rows, columns : sequence of int
        How many go up in each; their totals agree.

    Returns
    -------
    array of bool
        True where a cell goes up; fewer than asked for where the numbers cannot be met.

    Source: shortest augmenting ways (R. G. Busacker and P. J. Gowen, 1961); that rounding keeps
    both sums is M. Bacharach, Matrix rounding problems, Management Science 12, 1966.

    Examples
    --------
    >>> cheapest_rounding(np.array([[-1, 1], [1, -1]]), [1, 1], [1, 1]).tolist()
    [[True, False], [False, True]]
    """
    up = np.zeros(cost.shape, dtype=bool)
    left, wanted = np.array(rows), np.array(columns)
    while (left > 0).any():
        way = _cheapest_way(cost, up, left, wanted)
        if not way:
            break
        for i, j in way:
            up[i, j] = not up[i, j]
        left[way[0][0]] -= 1
        wanted[way[-1][1]] -= 1
    return up


FAR = np.iinfo(np.int64).max // 4


def _cheapest_way(cost: Ints, up: Bools, left: Ints, wanted: Ints) -> list[tuple[int, int]]:
    """Bellman and Ford's shortest way over cells still down, back over cells already up."""
    there, back = np.where(up, FAR, cost), np.where(up, -cost, FAR)
    at_row, at_column = np.where(left > 0, 0, FAR), np.full(len(wanted), FAR)
    row_from, column_from = np.full(len(left), -1), np.full(len(wanted), -1)
    while True:
        # A predecessor changes only for something shorter: ways of no length would make circles.
        near = _shorter(at_column, column_from, _plus(at_row[:, None], there))
        if not near or not _shorter(at_row, row_from, _plus(at_column[None, :], back).T):
            break
    ends = np.where(wanted > 0, at_column, FAR)
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
