"""A map without boundaries: one square a city, in about its place, with its name and value.

Drawn for grey print: four shades from light (low) to dark (high), hatching where a figure is
missing, a heavy frame around a city that lags, dashed where that is borderline.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gdplan.files import places as resources
from gdplan.files.text_width import display_width
from gdplan.page.chinese import EMPTY, rounded
from gdplan.page.drawing import WIDTH, Chart, Charts, cut, drawable, render
from gdplan.regions.cities import words as cw
from gdplan.regions.cities.compared import Comparison
from gdplan.regions.cities.standing import BAD
from gdplan.regions.cities.words import View

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHADES = ("#f4f6f7", "#c5d3dd", "#8fabc0", "#1b4f72")
"""Fill of the four classes; their greys are apart by a seventh of the range or more."""
INKS = ("#000000", "#000000", "#000000", "#ffffff")
COLUMNS = 2
GRIDS = 6
"""Tile grids of a report; that of the number of lagging indicators is one of them."""
NAME = 11
"""Half characters of a name that fit into a tile; from 9 on in smaller type."""
TITLE = 60
"""Half characters of a title that fit above a grid."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A city's square: name, number and its text; ``mark`` is ``firm``, ``borderline`` or none."""

    name: str
    value: float = math.nan
    text: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """One tile grid: a title, and a tile for every city by code."""

    title: str
    tiles: Mapping[str, Tile]


def cuts(values: Sequence[float], decimals: int) -> tuple[float, ...]:
    """The quartiles between which shades change, as the legend prints them; nan are left out.

    Fewer where quartiles fall together: then shades start at the light end.

    Examples
    --------
    >>> cuts([1, 2, 4, 8], 2), cuts([1, 2, 4, 8], 0), cuts([0, 0, 0, 0, 3], 0)
    ((1.75, 3.0, 5.0), (2.0, 3.0, 5.0), (0.0,))
    """
    known = [x for x in values if not math.isnan(x)]
    if not known:
        return ()
    middle = (float(rounded(q, decimals)) for q in np.quantile(known, [0.25, 0.5, 0.75]))
    return tuple(q for q in dict.fromkeys(middle) if min(known) <= q < max(known))


def shade(value: float, bounds: Sequence[float]) -> int:
    """The class of a value, from 0: how many bounds lie below it.

    Examples
    --------
    >>> [shade(x, (1.75, 3.0, 5.0)) for x in (1, 1.75, 2, 8)]
    [0, 0, 1, 3]
    """
    return sum(value > bound for bound in bounds)


def chart(view: View) -> Charts:
    """Tile grids of the cities of a province: on how many indicators each lags, and the indicators
    with most laggards, then those on which the province lags, in the order of the plan.

    Only indicators with figures of ``quartiles_least`` cities; none, no chart.
    """
    drawn = [o for o in view.found if len(o.cities) >= view.parameters["quartiles_least"]]
    if not drawn:
        return Charts(())
    say, region = view.say, view.found[0].row.region
    codes = resources.cities_of(region)
    count = Counter(lag.city.code for o in view.found for lag in view.behind(o))
    first = [_counted(count, codes, view)] if count else []
    ranked = sorted(drawn, key=lambda o: (-len(view.behind(o)), o.row.verdict not in BAD))
    kept = ranked[: GRIDS - len(first)]
    chosen = [o for o in drawn if o in kept]
    grids = [*first, *(_valued(o, codes, view) for o in chosen)]
    digits = [*(0 for _ in first), *(cw.decimals(o) for o in chosen)]
    places = resources.tile_places(region)
    picture = svg(grids, places, digits=digits, missing=say("cities.no_figure"),
                  source=_source(chosen, view))  # fmt: skip
    caption = say("cities.grids", year=view.found[0].row.year)
    return Charts((Chart(picture, caption, _alt(caption, grids, view)),))


def _counted(count: Mapping[str, int], codes: Sequence[str], view: View) -> Grid:
    """On how many indicators each city lags; a city without any figure is blank."""
    there = {c.code for o in view.found for c in o.cities}
    tiles = {
        code: Tile(cw.of_code(code, view.say), float(count.get(code, 0)), str(count.get(code, 0)))
        if code in there else Tile(cw.of_code(code, view.say), text=EMPTY)
        for code in codes
    }  # fmt: skip
    return Grid(view.say("cities.count"), tiles)


def _valued(one: Comparison, codes: Sequence[str], view: View) -> Grid:
    say, row = view.say, view.row(one)
    marks = {lag.city.code: "firm" if lag.firm else "borderline" for lag in view.behind(one)}
    own = {
        c.code: Tile(cw.of_code(c.code, say), c.now.value, say.words.figure_text(c.figure),
                     marks.get(c.code, ""))
        for c in one.cities
    }  # fmt: skip
    blank = {code: Tile(cw.of_code(code, say), text=EMPTY) for code in codes}
    unit = say("cities.in_unit", unit=row.unit)
    room = TITLE - display_width(f"{row.indicator} {unit}")
    return Grid(f"{row.indicator} {cut(row.name, room)}{unit}", {**blank, **own})


def _source(chosen: Sequence[Comparison], view: View) -> str:
    found = list(dict.fromkeys(c.figure.source for o in chosen for c in o.cities))
    many = view.say("charts.source_many", first=cut(found[0], 60), n=len(found))
    sources = many if found[1:] else cut(found[0], 60)
    return view.say("charts.source", sources=sources, year=view.found[0].row.year)


def _alt(caption: str, grids: Sequence[Grid], view: View) -> str:
    items = view.say("join.clause").join(
        f"{g.title} " + view.say("join.list").join(f"{t.name} {t.text}" for t in g.tiles.values())
        for g in grids
    )
    return view.say("charts.alt", caption=caption, items=items)


def svg(
    grids: Sequence[Grid], places: Mapping[str, tuple[int, int]], *, digits: Sequence[int],
    missing: str, source: str = "",
) -> str:  # fmt: skip
    """SVG of several tile grids, two beside each other.

    Parameters
    ----------
    places : mapping
        Row and column of each city, from :func:`gdplan.files.places.tile_places`.
    digits : sequence of int
        Decimals of each grid's legend.
    missing : str
        What the legend calls a tile without a figure.
    """
    tall = max(row for row, _ in places.values())
    rows = math.ceil(len(grids) / COLUMNS)
    across = min(COLUMNS, len(grids))

    def draw(figure: Figure) -> None:
        panes = figure.subplots(rows, across, squeeze=False).ravel()
        for axes, grid, decimals in zip(panes, grids, digits, strict=False):
            paint(axes, grid, places, decimals, missing)
        for axes in panes[len(grids) :]:
            axes.set_axis_off()

    return render(draw, (WIDTH, 0.3 + rows * (0.6 + 0.32 * tall)), source)


def paint(
    axes: Axes, grid: Grid, places: Mapping[str, tuple[int, int]], decimals: int, missing: str
) -> None:
    """One grid into one pair of axes: a tile for every place, and the legend below."""
    bounds = cuts([t.value for t in grid.tiles.values()], decimals)
    for code, (row, column) in places.items():
        _tile(axes, grid.tiles[code], column, row, bounds)
    tall = max(row for row, _ in places.values())
    wide = max(column for _, column in places.values())
    gaps = any(math.isnan(t.value) for t in grid.tiles.values())
    _legend(axes, bounds, tall + 1.25, wide, decimals, missing if gaps else "")
    axes.set_xlim(0.45, wide + 0.55)
    axes.set_ylim(tall + 1.75, 0.45)
    axes.set_axis_off()
    axes.set_title(drawable(grid.title), fontsize=6.5, loc="left")


def _tile(axes: Axes, tile: Tile, x: float, y: float, bounds: Sequence[float]) -> None:
    known = not math.isnan(tile.value)
    level = shade(tile.value, bounds) if known else 0
    ink = INKS[level] if known else "#000000"
    _square(axes, x, y, SHADES[level] if known else "", tile.mark)
    box = {} if known else {"bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.4}}
    name = cut(tile.name, NAME)
    size = 5.2 if display_width(name) < 9 else 4.5
    axes.text(x, y - 0.17, drawable(name), ha="center", va="center", fontsize=size, color=ink,
              zorder=4, **box)  # fmt: skip
    axes.text(x, y + 0.2, drawable(tile.text), ha="center", va="center", fontsize=5.2, color=ink,
              zorder=4)  # fmt: skip


def _square(axes: Axes, x: float, y: float, fill: str, mark: str = "", size: float = 0.92) -> None:
    """A filled square, hatched without a fill; marked ones have a heavy frame."""
    from matplotlib.patches import Rectangle

    half = size / 2 - (0.03 if mark else 0)
    axes.add_patch(
        Rectangle(
            (x - half, y - half), 2 * half, 2 * half, facecolor=fill or "white",
            hatch="" if fill else "////", edgecolor="#000000" if mark else "#8a8a8a",
            linewidth=1.7 if mark else 0.4, linestyle="--" if mark == "borderline" else "-",
            zorder=3 if mark else 2,
        )
    )  # fmt: skip


def _legend(
    axes: Axes, bounds: Sequence[float], y: float, wide: int, decimals: int, missing: str
) -> None:
    """The classes with their upper bounds, and the hatching if anything is missing."""
    words = [f"≤{rounded(b, decimals)}" for b in bounds]
    words += [f">{rounded(bounds[-1], decimals)}"] if bounds else []
    boxes = [*zip(SHADES, words, strict=False), *([("", missing)] if missing else [])]
    step = max(wide, 4) / 5
    for place, (fill, text) in enumerate(boxes):
        x = 0.68 + place * step
        _square(axes, x, y, fill, size=0.34)
        axes.text(x + 0.25, y, text, va="center", fontsize=5)
