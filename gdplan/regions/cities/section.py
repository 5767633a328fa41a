"""各市情况: the regional section of a provincial report, from the cities' own figures.

Who is how far, who carries a change or a gap, who lags, and where numbers are too small to say.
Shown only for a province with figures of its cities in the evaluated year.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gdplan.files import places
from gdplan.page import chinese as w
from gdplan.page.blocks import (
    Align,
    Block,
    Column,
    Heading,
    Items,
    Paragraph,
    Section,
    Table,
    names,
    part_name,
    table,
)
from gdplan.page.drawing import Charts
from gdplan.regions.cities import compared, standing, tile_grid
from gdplan.regions.cities import words as cw
from gdplan.regions.cities.compared import Comparison
from gdplan.regions.cities.standing import PARAMETERS, Laggard, Split
from gdplan.regions.cities.words import View

if TYPE_CHECKING:
    from gdplan.reports.evaluation import Evaluation

ALIGN: dict[str, Align] = {
    "there": "center", "rest": "center", "met": "center", "lowest": "left", "highest": "left",
    "up": "left", "down": "left", "short": "left", "behind": "left",
}  # fmt: skip
"""Columns that do not stand on the right."""
FIELDS = {"province": "history", "change": "history", "gap": "scheduled", "target": "target",
          "due": "scheduled"}  # fmt: skip
"""Columns that show a field of the assessment."""
FEW = 5
"""Up to so many missing cities are named; of more, the cities that are there."""


@dataclass(frozen=True, slots=True)
class Regional:
    """The regional section and its tile grids, shown one below the other."""

    section: Section
    charts: Charts

    def _repr_html_(self) -> str:
        parts = (self.section._repr_html_(), self.charts._repr_html_())
        return "\n".join(part for part in parts if part)


def regional(evaluation: Evaluation, parameters: Mapping[str, float] = PARAMETERS) -> Regional:
    """Section and tile grids of the cities of a province.

    Parameters
    ----------
    parameters : mapping
        Limits, see :data:`gdplan.regions.cities.standing.PARAMETERS`; the section prints them.

    Returns
    -------
    Regional
        Empty where the region is no province, or no city has a figure of the evaluated year.
    """
    cities = evaluation.once(compared.compare)
    if not cities:
        return Regional(Section(()), Charts(()))
    say = evaluation.say
    view = View.of(cities, evaluation.rows, say, parameters)
    charts = tile_grid.chart(view)
    section = Section.of(
        Heading(say("heading.cities"), 2), lead(view), spread(view), missing(view), changes(view),
        gaps(view), standards(view), lags(view), cautions(view),
        Paragraph(say("cities.grid_lead")) if charts.charts else None,
    )  # fmt: skip
    return Regional(section, charts)


def lead(view: View) -> Paragraph:
    """How many indicators and cities have figures, and from which files."""
    row = view.found[0].row
    there = {c.code for one in view.found for c in one.cities}
    figures = [c.figure for one in view.found for c in one.cities]
    files = view.say("join.list").join(dict.fromkeys(f.file for f in figures))
    text = view.say(
        "cities.lead", year=row.year, n=len(view.found), there=len(there),
        all=len(places.cities_of(row.region)), figures=len(figures), files=files,
    )  # fmt: skip
    return Paragraph(text)


def spread(view: View) -> Table:
    """Lowest, quartiles and highest of every indicator, with the province beside them."""
    cells = (_spread(one, view) for one in view.found)
    columns = "there lowest first median third highest province"
    return _table("spread", columns, view.found, cells, view)


def missing(view: View) -> Items | None:
    """Which cities have no figure of the year, said once for indicators that share them."""
    say, groups = view.say, dict[tuple[str, ...], list[Comparison]]()
    for one in view.found:
        if one.missing:
            groups.setdefault(one.missing, []).append(one)
    texts = []
    for codes, inside in groups.items():
        few = len(codes) <= FEW
        shown = codes if few else [c.code for c in inside[0].cities]
        listed = say("join.list").join(cw.of_code(code, say) for code in shown)
        key = "cities.missing" if few else "cities.only"
        texts.append(say(key, names=names(view.rows(inside), say), cities=listed))
    return Items(tuple(texts)) if texts else None


def changes(view: View) -> list[Block]:
    """Who carries the change from the year before, for what adds up."""
    say = view.say
    counts = [o for o in view.found if not o.share]
    split = [(o, s) for o in counts if (s := standing.change(o, view.parameters)) is not None]
    there = [o for o, _ in split]
    rest = [o for o in counts if o not in there]
    blocks: list[Block] = [Heading(say("cities.change_heading"))] if counts else []
    if split:
        cells = ((*_sums(o, s, cw.own_decimals(o)), cw.most(o, s.parts, 1, view),
                  cw.most(o, s.parts, -1, view)) for o, s in split)  # fmt: skip
        shown = _table("changes", "change among rest up down", there, cells, view)
        blocks += [Paragraph(say("cities.change_lead")), shown]
    if rest:
        blocks.append(Paragraph(say("cities.no_change", names=names(view.rows(rest), say))))
    return blocks


def gaps(view: View) -> list[Block]:
    """Who carries the gap to the schedule, for what adds up and lags."""
    say = view.say
    split = [(o, s) for o in view.found if (s := standing.gap(o, view.parameters)) is not None]
    if not split:
        return []
    cells = (
        (*_sums(o, s, cw.decimals(o)), cw.most(o, s.parts, -cw.way(o), view),
         str(sum(p.amount.value * cw.way(o) >= 0 for p in s.parts)))
        for o, s in split
    )  # fmt: skip
    shown = _table("gaps", "gap among rest short over", [o for o, _ in split], cells, view)
    return [Heading(say("cities.gap_heading")), Paragraph(say("cities.gap_lead")), shown]


def standards(view: View) -> list[Block]:
    """Shares against the province's target and schedule."""
    say = view.say
    shares = [o for o in view.found if o.share]
    if not shares:
        return []
    cells = (_standard(o, view) for o in shares)
    shown = _table("shares", "target due province met behind", shares, cells, view, unit=False)
    return [Heading(say("cities.share_heading")), Paragraph(say("cities.share_lead")), shown]


def lags(view: View) -> list[Block]:
    """The cities by the number of indicators on which they lag."""
    say, ranked = view.say, by_city(view)
    head = Heading(say("cities.lag_heading"))
    if not ranked:
        known = sum(standing.judgeable(o, c) for o in view.found for c in o.cities)
        return [head, Paragraph(say("cities.lag_none" if known else "cities.lag_unknown"))]
    body = tuple(
        (cw.of_code(mine[0][1].city.code, say), str(len(mine)),
         say("join.clause").join(cw.lag_text(one, lag, view) for one, lag in mine))
        for mine in ranked
    )  # fmt: skip
    header = (say("cities.city"), say("cities.count"), say("cities.indicators"))
    shown = Table(say("cities.laggards"), header, body, ("left", "center", "left"))
    return [head, Paragraph(say("cities.lag_lead")), shown]


def by_city(view: View) -> list[list[tuple[Comparison, Laggard]]]:
    """What each lagging city lags on: most indicators first, then in the order of the register."""
    mine: dict[str, list[tuple[Comparison, Laggard]]] = {}
    for one in view.found:
        for lag in view.behind(one):
            mine.setdefault(lag.city.code, []).append((one, lag))
    order = list(places.regions())
    return sorted(mine.values(), key=lambda m: (-len(m), order.index(m[0][1].city.code)))


def cautions(view: View) -> list[Block]:
    """Where the numbers are too small, too few or too coarse to be read as results."""
    texts = list(_cautions(view))
    return [Heading(view.say("cities.caution_heading")), Items(tuple(texts))] if texts else []


def _cautions(view: View) -> Iterator[str]:
    say, limits = view.say, view.parameters
    tiny = [(o, inside) for o in view.found
            if (inside := [c for c in o.cities if standing.small(o, c, limits)])]  # fmt: skip
    if tiny:
        listed = say("join.clause").join(
            say("cities.of", name=view.row(o).name,
                cities=say("join.list").join(cw.of_code(c.code, say) for c in inside))
            for o, inside in tiny
        )  # fmt: skip
        yield say("cities.small", n=int(limits["small_count"]), listed=listed)
    chances = ((o, [standing.by_chance(o, c, limits) for c in o.cities]) for o in view.found)
    luck = [o for o, moved in chances if 2 * sum(moved) > len(moved)]
    if luck:
        listed = names(view.rows(luck), say)
        yield say("cities.chance", z=limits["chance"], names=listed)
    if any(o.share for o in view.found):
        yield say("cities.weights")
    few = [o for o in view.found if len(o.cities) < limits["quartiles_least"]]
    if few:
        listed = names(view.rows(few), say)
        yield say("cities.few", n=int(limits["quartiles_least"]), names=listed)
    rough = [o for o in view.found if any(c.figure.bound != "exact" for c in o.cities)]
    if rough:
        yield say("cities.rough", names=names(view.rows(rough), say))


def _table(
    caption: str, keys: str, some: Sequence[Comparison], cells: Iterable[tuple[str, ...]],
    view: View, *, unit: bool = True,
) -> Table:  # fmt: skip
    """A row per indicator: number, name and unit, then columns by their keys."""
    say, rows, head = view.say, view.rows(some), 2 + unit
    columns = [
        *(Column(say("progress.no"), "center", "indicator"),
          Column(say("progress.name"), "left", "name"),
          Column(say("progress.unit"), "center", "unit"))[:head],
        *(Column(say(f"cities.{key}", year=rows[0].year), ALIGN.get(key, "right"),
                 FIELDS.get(key, "-")) for key in keys.split()),
    ]  # fmt: skip
    named = ((r.indicator, part_name(r, say), r.unit)[:head] for r in rows)
    lines = ((*name, *own) for name, own in zip(named, cells, strict=True))
    return table(say(f"cities.{caption}"), columns, rows, lines, "wide")


def _spread(one: Comparison, view: View) -> tuple[str, ...]:
    ranked = sorted(one.cities, key=lambda c: c.now.value)
    middle: tuple[str, ...] = (w.EMPTY,) * 3
    if len(ranked) >= view.parameters["quartiles_least"]:
        parts = standing.quartiles(c.now.value for c in ranked)[1:4]
        middle = tuple(w.rounded(q, cw.decimals(one)) for q in parts)
    lowest, highest = (cw.with_figure(c, view.say) for c in (ranked[0], ranked[-1]))
    there = f"{len(ranked)}/{len(ranked) + len(one.missing)}"
    return there, lowest, *middle, highest, cw.own(one, view.say)


def _sums(one: Comparison, split: Split, digits: int) -> tuple[str, str, str]:
    """Total, parts and rest, so that the printed parts and rest make the printed total."""
    fine = cw.decimals(one)
    total, among = w.rounded(split.total.value, digits), w.rounded(split.among, fine)
    rest = float(total) - float(among)
    return cw.signed(float(total), digits), cw.signed(float(among), fine), cw.signed(rest, fine)


def _standard(one: Comparison, view: View) -> tuple[str, ...]:
    row, say = view.row(one), view.say
    judged = [c for c in one.cities if isinstance(c.row.met, bool)]
    met = f"{sum(bool(c.row.met) for c in judged)}/{len(judged)}"
    digits = max(cw.decimals(one), w.digits(row.target_raw))
    order = sorted(view.behind(one), key=lambda lag: cw.way(one) * lag.city.now.value)
    listed = say("join.list").join(cw.laggard(lag, say) for lag in order) or w.EMPTY
    # The row's schedule is that of its own figure, which may be older or part of a year.
    timely = math.isfinite(compared.judged(one.row).value)
    due = w.rounded(row.scheduled, digits) if timely else w.EMPTY
    return say.words.cell(row.target_raw), due, cw.own(one, say), met, listed
