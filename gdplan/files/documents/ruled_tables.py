"""Ruled lines of a page -> the tables that they make: cells, merged where a line is missing. Pure
geometry, in points from the lower left corner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gdplan.files.documents.pdf_page import Ruling

NEAR = 2.5
"""Points within which lines are one line and meet."""
Area = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Ruled:
    """A ruled table: where its columns and rows end (rows from the top), and its merged areas."""

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    merged: tuple[Area, ...]

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column from 1 that a point lies in; None outside."""
        column = _between(self.columns, x)
        row = _between([-edge for edge in self.rows], -y)
        return (row, column) if row and column else None


def tables(rulings: Sequence[Ruling]) -> list[Ruled]:
    """The tables of a page from the top, each made of lines that meet."""
    level = _joined([r for r in rulings if not r.upright])
    upright = _joined([r for r in rulings if r.upright])
    found = []
    for group in _groups(level, upright):
        table = _table(*group)
        if table is not None:
            found.append(table)
    return sorted(found, key=lambda table: -table.rows[0])


def _joined(lines: Iterable[Ruling]) -> list[Ruling]:
    """Lines at one place that touch, as one line."""
    joined: list[Ruling] = []
    for line in sorted(lines, key=lambda r: (round(r.at / NEAR), r.start)):
        last = joined[-1] if joined else None
        if last and abs(last.at - line.at) <= NEAR and line.start <= last.end + NEAR:
            joined[-1] = Ruling(last.upright, last.at, last.start, max(last.end, line.end))
        else:
            joined.append(line)
    return joined


def _groups(
    level: Sequence[Ruling], upright: Sequence[Ruling]
) -> list[tuple[list[Ruling], list[Ruling]]]:
    """Level and upright lines that meet, directly or through others."""
    group = list(range(len(level) + len(upright)))

    def root(index: int) -> int:
        while group[index] != index:
            group[index] = group[group[index]]
            index = group[index]
        return index

    for i, across in enumerate(level):
        for j, down in enumerate(upright, len(level)):
            if _meet(across, down):
                group[root(i)] = root(j)
    found: dict[int, tuple[list[Ruling], list[Ruling]]] = {}
    for index, line in enumerate([*level, *upright]):
        pair = found.setdefault(root(index), ([], []))
        pair[line.upright].append(line)
    return [pair for pair in found.values() if len(pair[0]) >= 2 and pair[1]]


def _meet(across: Ruling, down: Ruling) -> bool:
    return (across.start - NEAR <= down.at <= across.end + NEAR
            and down.start - NEAR <= across.at <= down.end + NEAR)  # fmt: skip


def _table(level: Sequence[Ruling], upright: Sequence[Ruling]) -> Ruled | None:
    # Tables are often open at their sides: then their level lines end them.
    edges = [line.at for line in upright]
    left, right = min(line.start for line in level), max(line.end for line in level)
    edges += [left] * (left < min(edges) - 2 * NEAR) + [right] * (right > max(edges) + 2 * NEAR)
    columns = _distinct(edges)
    # At the edge of a page the last line may be missing: then the upright lines end the rows.
    bottom, top = min(line.start for line in upright), max(line.end for line in upright)
    heights = [line.at for line in level]
    heights += [bottom] * (bottom < min(heights) - 2 * NEAR)
    heights += [top] * (top > max(heights) + 2 * NEAR)
    rows = _distinct(heights)[::-1]
    if len(columns) < 2 or len(rows) < 2:
        return None
    return Ruled(tuple(columns), tuple(rows), tuple(_merged(columns, rows, level, upright)))


def _distinct(places: Iterable[float]) -> list[float]:
    kept: list[float] = []
    for place in sorted(places):
        if not kept or place - kept[-1] > NEAR:
            kept.append(place)
    return kept


def _merged(
    columns: Sequence[float], rows: Sequence[float],
    level: Sequence[Ruling], upright: Sequence[Ruling],
) -> list[Area]:  # fmt: skip
    """Areas of cells between which no line is drawn, as rectangles of rows and columns from 1."""
    height, width = len(rows) - 1, len(columns) - 1
    group = {(r, c): (r, c) for r in range(height) for c in range(width)}

    def root(cell: tuple[int, int]) -> tuple[int, int]:
        while group[cell] != cell:
            cell = group[cell]
        return cell

    for r, c in list(group):
        middle_y, middle_x = (rows[r] + rows[r + 1]) / 2, (columns[c] + columns[c + 1]) / 2
        if c + 1 < width and not _crossed(upright, columns[c + 1], middle_y):
            group[root((r, c + 1))] = root((r, c))
        if r + 1 < height and not _crossed(level, rows[r + 1], middle_x):
            group[root((r + 1, c))] = root((r, c))
    members: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for cell in group:
        members.setdefault(root(cell), []).append(cell)
    return [area for cells in members.values() for area in _rectangles(cells)]


def _rectangles(cells: Sequence[tuple[int, int]]) -> Iterator[Area]:
    """An area of cells as a rectangle; one that is none (the space around a table in a frame) as
    the runs of its rows."""
    top, bottom = min(r for r, _ in cells), max(r for r, _ in cells)
    left, right = min(c for _, c in cells), max(c for _, c in cells)
    if len(cells) == (bottom - top + 1) * (right - left + 1):
        if len(cells) > 1:
            yield top + 1, left + 1, bottom + 1, right + 1
        return
    for row in range(top, bottom + 1):
        run = sorted(c for r, c in cells if r == row)
        for place, column in enumerate(run):
            if place and column == run[place - 1] + 1:
                continue
            end = column
            while end + 1 in run:
                end += 1
            if end > column:
                yield row + 1, column + 1, row + 1, end + 1


def _crossed(lines: Sequence[Ruling], at: float, middle: float) -> bool:
    return any(abs(line.at - at) <= NEAR and line.start - NEAR <= middle <= line.end + NEAR
               for line in lines)  # fmt: skip


def _between(edges: Sequence[float], place: float) -> int:
    """Which gap of ascending edges a place lies in, from 1; 0 for none."""
    gaps = enumerate(pairwise(edges), 1)
    return next((n for n, (low, high) in gaps if low - 0.5 <= place <= high + 0.5), 0)
