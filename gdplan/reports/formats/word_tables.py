"""Tables of a Word file: columns by content, repeated heads, rows that stay whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from gdplan.files.text_width import display_width
from gdplan.reports.formats.word_xml import CELL_MARGINS, NS, element

TOKEN = re.compile(r"[!-~]+")
# Between the scripts stands a gap of a quarter character.
JOINT = re.compile("(?<=[0-9A-Za-z%])(?=[\u2e80-\uffef])|(?<=[\u2e80-\uffef])(?=[0-9A-Za-z])")
KEPT_TOGETHER = 8
SLACK = 20
LARGE, SMALL = 10.5, 9.0
Grid = list[list[tuple[int, int, Any]]]


def lay_out(table: Any, total: int, *, small: bool) -> None:
    """A ``w:tbl`` on ``total`` twips: columns by content, head rows repeated, no row split.

    The text is 10.5 pt, or 9 pt when asked for or when it would have to wrap at 10.5 pt.
    """
    rows = table.findall(f"{NS}tr")
    heads = [row.find(f"{NS}trPr/{NS}tblHeader") is not None for row in rows]
    grid = [list(_cells(row)) for row in rows]
    widths, small = _widths(grid, heads, total, small)
    for n, (row, cells, head) in enumerate(zip(rows, grid, heads, strict=True)):
        _row(row, head)
        style = f"Table{'Head' if head else 'Text'}{'Small' if small else ''}"
        keep = n < len(rows) - 1 and (head or len(rows) <= KEPT_TOGETHER)
        for place, span, cell in cells:
            _cell(cell, sum(widths[place : place + span]))
            for paragraph in cell.iter(f"{NS}p"):
                _paragraph(paragraph, style, keep)
    _frame(table, widths)


def _widths(grid: Grid, heads: list[bool], total: int, small: bool) -> tuple[list[int], bool]:
    """The columns, heads wrapped only where the table is tight, and whether letters are small."""
    full, _ = _wishes(grid, heads, SMALL if small else LARGE, wrapped=False)
    small = small or sum(full) > total
    full, least = _wishes(grid, heads, SMALL if small else LARGE, wrapped=False)
    if sum(full) > total:
        full, least = _wishes(grid, heads, SMALL, wrapped=True)
    return column_widths(full, least, total), small


def _cells(row: Any) -> Iterator[tuple[int, int, Any]]:
    """Place, number of columns and element of each cell."""
    place = 0
    for cell in row.findall(f"{NS}tc"):
        span = cell.find(f"{NS}tcPr/{NS}gridSpan")
        width = 1 if span is None else int(span.get(f"{NS}val"))
        yield place, width, cell
        place += width


def _wishes(
    grid: Grid, heads: list[bool], size: float, *, wrapped: bool
) -> tuple[list[int], list[int]]:
    """Widths that the columns want and the least they can do with, in twips."""
    columns = max((place + span for row in grid for place, span, _ in row), default=0)
    want, need = [2] * columns, [2] * columns
    for row, head in zip(grid, heads, strict=True):
        for place, span, cell in row:
            if span == 1:
                full, least = _lengths(cell, head, wrapped)
                want[place] = max(want[place], full)
                need[place] = max(need[place], least)
    pad = CELL_MARGINS + SLACK
    want, need = ([round(n * size * 10) + pad for n in units] for units in (want, need))
    return want, need


def _lengths(cell: Any, head: bool, wrapped: bool) -> tuple[int, int]:
    """What a cell wants and needs in half characters: a number all of it, a text some of it."""
    text = "".join(cell.itertext(f"{NS}t"))
    jc = cell.find(f"{NS}p/{NS}pPr/{NS}jc")
    number = not head and jc is not None and jc.get(f"{NS}val") == "right"
    token = min(max(map(len, TOKEN.findall(text)), default=0), 16)
    width = display_width(text, chinese=True) + (len(JOINT.findall(text)) + 1) // 2
    least = max(min(width, 24 if number else 4 if head else 8), token)
    halved = max(least, 12, (width + 3) // 4 * 2)
    return (min(width, halved) if head and wrapped else width), least


def _replace(parent: Any, names: tuple[str, ...], *new: str) -> None:
    """New first children in the place of those of these names."""
    for old in [child for child in parent if child.tag in {f"{NS}{name}" for name in names}]:
        parent.remove(old)
    for n, text in enumerate(new):
        parent.insert(n, element(text))


def _row(row: Any, head: bool) -> None:
    repeated = "<w:tblHeader/>" if head else ""
    _replace(row, ("trPr",), f"<w:trPr><w:cantSplit/>{repeated}</w:trPr>")


def _cell(cell: Any, width: int) -> None:
    properties = cell.find(f"{NS}tcPr")
    _replace(properties, ("tcW", "vAlign"), f'<w:tcW w:w="{width}" w:type="dxa"/>')
    properties.append(element('<w:vAlign w:val="center"/>'))


def _paragraph(paragraph: Any, style: str, keep: bool) -> None:
    jc = paragraph.find(f"{NS}pPr/{NS}jc")
    side = "" if jc is None else f'<w:jc w:val="{jc.get(f"{NS}val")}"/>'
    kept = "<w:keepNext/>" if keep else ""
    form = f'<w:pPr><w:pStyle w:val="{style}"/>{kept}{side}</w:pPr>'
    _replace(paragraph, ("pPr",), form)


def _frame(table: Any, widths: list[int]) -> None:
    """Full width, fixed columns."""
    _replace(
        table.find(f"{NS}tblPr"), ("tblStyle", "tblW", "jc", "tblLayout"),
        '<w:tblStyle w:val="Table"/>', f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/>',
        '<w:jc w:val="center"/>', '<w:tblLayout w:type="fixed"/>',
    )  # fmt: skip
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    table.replace(table.find(f"{NS}tblGrid"), element(f"<w:tblGrid>{columns}</w:tblGrid>"))


def column_widths(natural: Sequence[int], least: Sequence[int], total: int) -> list[int]:
    """Widths that fill ``total``: what a column wants, else its least, the rest shared evenly.

    Columns that want little get it; those that want much are cut at one common width.

    >>> column_widths([10, 30], [5, 5], 80)
    [20, 60]
    >>> column_widths([10, 300, 90], [10, 20, 20], 110)
    [10, 50, 50]
    >>> column_widths([40, 40], [30, 10], 20)
    [15, 5]
    """
    if sum(natural) <= total:
        shares = [want * total / sum(natural) for want in natural]
    elif sum(least) >= total:
        shares = [need * total / sum(least) for need in least]
    else:
        low, high = 0.0, float(max(natural))
        for _ in range(50):
            middle = (low + high) / 2
            if sum(_between(middle, least, natural)) <= total:
                low = middle
            else:
                high = middle
        shares = _between(low, least, natural)
    out = [round(share) for share in shares]
    widest = out.index(max(out))
    return [w + (total - sum(out) if i == widest else 0) for i, w in enumerate(out)]


def _between(cap: float, least: Sequence[int], natural: Sequence[int]) -> list[float]:
    return [max(need, min(cap, want)) for need, want in zip(least, natural, strict=True)]
