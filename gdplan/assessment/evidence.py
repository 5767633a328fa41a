"""Which published figures an indicator is judged on, and why the others are not.

One indicator, one region, the chosen rows of the observations frame -> Evidence: the yearly
figures inside the plan, the value that is judged with its interval, its date, and the reason
when there is none. No verdict is made here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gdplan.model import Bound, Indicator, Mode, Period, Reason
from gdplan.notation import RATIO, side_of, split_ratio

if TYPE_CHECKING:
    import pandas as pd

    from gdplan.assessment.kinds.questions import Questions

FULL_YEAR = (Period.ANNUAL, Period.YEAR_END)
AVERAGES = ("%", "‰")
POINTWISE = (Bound.EXACT, Bound.APPROX)
YEARLY = (*FULL_YEAR, Period.YTD)
SIDES = ("value", "low", "high")
NOT_ABOVE = re.compile("以上|不低于|不少于|达|≥|>=")
READ = ("year", "period", "month", "value", "low", "high", "raw", "bound", "unit", "published",
        "source", "access", "file", "cell", "note", "start", "simulated")  # fmt: skip
"""Columns of the observations that a figure is made of."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One published figure with its interval (METHOD 2) and its source cell."""

    year: int
    period: str
    month: float
    value: float
    low: float
    high: float
    raw: str
    bound: str
    unit: str
    published: str
    source: str
    access: str
    file: str
    cell: str
    note: str = ""
    start: float = math.nan
    simulated: bool = False

    @property
    def when(self) -> float:
        """Date of the figure in years: end of 2023 is 2023.0, mid-2023 is 2022.5."""
        return self.year - 1 + self.month / 12

    @property
    def full_year(self) -> bool:
        """Whether the figure speaks of a whole year or its end."""
        return self.period in FULL_YEAR

    @property
    def decimals(self) -> int:
        """Digits after the point, as printed."""
        match = re.search(r"\.(\d+)", self.raw)
        return len(match[1]) if match else 0

    @property
    def above(self) -> bool:
        """Whether the number is one that the figure exceeds, as 超95 does and 95以上 does not."""
        return self.bound == Bound.AT_LEAST and not NOT_ABOVE.search(self.raw)


@dataclass(frozen=True, slots=True)
class Started:
    """A figure for part of the evaluated year, and what share of a flow it makes; nan for an
    average or a stock, which stand for themselves."""

    figure: Figure
    share: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one indicator at the evaluated year.

    ``inputs`` enter the judged value, ``history`` are all usable yearly figures inside the
    plan; ``value`` with ``low``/``high`` is in the indicator's unit; ``when`` is its date.
    ``series`` are values by year of all whole years, before the plan too. ``share`` is what a
    part-year figure counts of its year, ``started`` that of the evaluated year. ``gap`` marks a
    sum of which years are missing: ``low`` is what is known of it.
    """

    inputs: tuple[Figure, ...] = ()
    history: tuple[Figure, ...] = ()
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    when: float = math.nan
    missing_years: tuple[int, ...] = ()
    reasons: tuple[Reason, ...] = ()
    last_year: int | None = None
    series: tuple[tuple[int, float], ...] = ()
    share: float = 1.0
    started: Started | None = None
    gap: bool = False

    @property
    def known(self) -> bool:
        """Whether there is a figure to judge."""
        return bool(self.inputs)

    @property
    def newest(self) -> Figure | None:
        """The newest figure used."""
        return self.inputs[-1] if self.inputs else None

    @property
    def decimals(self) -> int:
        """Digits after the point of the coarsest figure used: those of what they make."""
        return min((f.decimals for f in self.inputs), default=0)

    @property
    def bounded(self) -> bool:
        """Whether what the figures make is known on both sides, not as 超95 or 95以内."""
        return not self.gap and all(f.bound in POINTWISE for f in self.inputs)

    @property
    def upward(self) -> bool:
        """Whether what is not known of it lies above its number."""
        return self.gap or any(f.bound == Bound.AT_LEAST for f in self.inputs)

    @property
    def above(self) -> bool:
        """Whether what the figures make is known to exceed its number."""
        return any(f.above for f in self.inputs)

    @property
    def simulated(self) -> bool:
        """Whether any figure used is simulated."""
        return any(f.simulated for f in self.inputs)

    @property
    def access(self) -> str:
        """Whether every figure used was seen at its source; empty without any."""
        if not self.inputs:
            return ""
        return "direct" if all(f.access == "direct" for f in self.inputs) else "reprint"


Grouped = Mapping[str, Sequence[tuple[int, Figure]]]
"""The figures of a region by the name they are published under, each with its place."""


def grouped(rows: pd.DataFrame) -> Grouped:
    """The chosen rows of one region as figures, by name, in the order of the rows."""
    figures: dict[str, list[tuple[int, Figure]]] = {}
    names, columns = rows["indicator"].tolist(), [rows[name].tolist() for name in READ]
    for place, (name, *values) in enumerate(zip(names, *columns, strict=True)):
        figure = _figure(dict(zip(READ, values, strict=True)))
        figures.setdefault(str(name), []).append((place, figure))
    return figures


def evidence_of(
    item: Indicator,
    kind: Questions,
    figures: Grouped,
    *,
    year: int,
    max_age: int,
    own: bool = True,
) -> Evidence:
    """What is known of an indicator at a year, from the figures of a region; ``own`` tells whether
    the plan is the region's own, ``max_age`` how many years the newest figure may be older."""
    if year <= item.base_year:
        return Evidence(reasons=(Reason.BEFORE_PLAN,))
    mine = figures_of(item, figures, year=year)
    evidence = kind.evidence(item, inside(item, mine), year)
    if item.kind.mode is Mode.SUM:
        evidence = _shared(item, evidence, mine)
    evidence = replace(evidence, started=_started(item, mine, year))
    return dated(item, evidence, mine, year=year, max_age=max_age, own=own)


def is_flow(item: Indicator, figures: Sequence[Figure]) -> bool:
    """Whether the figures of a series are counted over a year, so that part of one is none of its
    levels: as plan.yml says, else whatever is no share, no ratio and no stock (METHOD 1.1)."""
    if item.measure:
        return item.measure == "flow"
    if item.unit in AVERAGES or item.target.parts:
        return False
    whole = [f.period for f in figures if f.full_year]
    return Period.YEAR_END not in whole if whole else not item.kind.year_end


def share_of_year(item: Indicator, figures: Sequence[Figure], part: Figure) -> tuple[float, bool]:
    """What share of its year a part-year figure of a flow makes, and whether that is more than the
    months over twelve: from the parts of two earlier years at least, else as plan.yml says."""
    whole = {f.year: f.value for f in figures if f.full_year and f.bound in POINTWISE}
    shares = [f.value / whole[f.year] for f in figures
              if f.period == Period.YTD and f.month == part.month and f.bound in POINTWISE
              and whole.get(f.year, 0) > 0]  # fmt: skip
    if len(shares) > 1 and 0 < (mean := sum(shares) / len(shares)) < 1:
        return mean, True
    declared = dict(item.within_year).get(int(part.month))
    return (part.month / 12, False) if declared is None else (declared, True)


def _started(item: Indicator, figures: Sequence[Figure], year: int) -> Started | None:
    """The newest part-year figure of a year of which no whole one is known."""
    mine = [f for f in figures if f.year == year and f.period in YEARLY]
    if not mine or any(f.full_year for f in mine) or math.isnan(mine[-1].month):
        return None
    if not is_flow(item, figures):
        return Started(mine[-1], math.nan)
    return Started(mine[-1], share_of_year(item, figures, mine[-1])[0])


def _shared(item: Indicator, evidence: Evidence, figures: Sequence[Figure]) -> Evidence:
    """A sum whose last term is part of a year, dated by the share of the year that it makes."""
    newest = evidence.newest
    if newest is None or newest.full_year or newest.period != Period.YTD:
        return evidence
    share, known = share_of_year(item, figures, newest)
    reasons = evidence.reasons if known else (*evidence.reasons, Reason.BY_MONTHS)
    return replace(evidence, share=share, when=newest.year - 1 + share, reasons=reasons)


def figures_of(item: Indicator, figures: Grouped, *, year: int) -> tuple[Figure, ...]:
    """What is published of an indicator up to a year, by date; before the plan too."""
    names = dict.fromkeys((item.name, *item.aliases))
    mine = sorted((pair for name in names for pair in figures.get(name, ())), key=lambda p: p[0])
    dated = (as_number(f, item) for _, f in mine
             if f.year <= year and f.period != Period.SINCE_LAUNCH)  # fmt: skip
    return tuple(sorted(dated, key=lambda f: (f.year, f.month)))


def as_number(figure: Figure, item: Indicator) -> Figure:
    """A ratio such as 2.3:1 as the number of its side; every other figure as it is."""
    if not (item.kind.pair and RATIO.fullmatch(figure.raw)) or len(split_ratio(figure.raw)) != 2:
        return figure
    value, low, high = side_of(figure.raw, item.target.parts)
    ends = {Bound.AT_LEAST: (value, math.inf), Bound.AT_MOST: (-math.inf, value)}
    low, high = ends.get(Bound(figure.bound), (low, high))
    return replace(figure, value=value, low=low, high=high)


def inside(item: Indicator, figures: Sequence[Figure]) -> tuple[Figure, ...]:
    """Those of the plan's own years."""
    return tuple(f for f in figures if f.year > item.base_year)


def dated(
    item: Indicator, evidence: Evidence, figures: Sequence[Figure], *, year: int, max_age: int,
    own: bool,
) -> Evidence:  # fmt: skip
    """The evidence with the whole series beside it, and what its age has to say.

    ``own`` tells whether the plan is the region's own, so that its base is a figure of the series.
    """
    last = max((f.year for f in inside(item, figures)), default=None)
    aged = _aged(evidence, year, max_age)
    return replace(aged, last_year=last, series=series(item, figures, year=year, own=own))


def series(
    item: Indicator, figures: Sequence[Figure], *, year: int, own: bool = True, since: int = 0
) -> tuple[tuple[int, float], ...]:
    """Values of whole years by year, those known with one side only (超143) left out.

    In the plan's own region its base stands for the base year of a level that has figures, unless
    one was published, and unless the base too has one side only (95以上).
    """
    values = {
        f.year: f.value
        for f in figures
        if f.year <= year and f.full_year and f.bound in POINTWISE and not math.isnan(f.value)
    }
    if own and values and has_base(item):
        values = {item.base_year: float(item.base.value or 0)} | values
    return tuple((y, v) for y, v in sorted(values.items()) if y >= since)


def has_base(indicator: Indicator) -> bool:
    """Whether the plan's table prints the value of the base year as one number, not 95以上."""
    cell = indicator.base
    level = indicator.kind.plain and not cell.total
    return level and cell.value is not None and math.isfinite(cell.low + cell.high)


def _figure(row: Mapping[str, Any]) -> Figure:
    return Figure(
        year=int(row["year"]),
        period=str(row["period"]),
        month=float(row["month"]),
        value=float(row["value"]),
        low=float(row["low"]),
        high=float(row["high"]),
        raw=str(row["raw"]),
        bound=str(row["bound"]),
        unit=str(row["unit"]),
        published=str(row["published"]),
        source=str(row["source"]),
        access=str(row["access"]),
        file=str(row["file"]),
        cell=str(row["cell"]),
        note=str(row["note"]),
        start=float(row["start"]),
        simulated=bool(row["simulated"]),
    )


def _yearly(figures: Sequence[Figure]) -> dict[int, Figure]:
    return {f.year: f for f in figures if f.period in YEARLY and not math.isnan(f.month)}


def latest(
    figures: Sequence[Figure], *, whole_years: bool, limits: tuple[float, float]
) -> Evidence:
    """The newest figure, of a part of a year only where that may stand for a level."""
    yearly = list(_yearly(figures).values())
    usable = [f for f in yearly if f.full_year or not whole_years]
    if not usable:
        return Evidence(reasons=(Reason.PART_YEAR_ONLY if yearly else Reason.NO_DATA,))
    last = usable[-1]
    evidence = _made((last,), usable, (last.value, last.low, last.high), limits)
    waits = (Reason.PART_YEAR_WAITS,) if yearly[-1].when > last.when else ()
    return replace(evidence, reasons=waits)


def summed(figures: Sequence[Figure], *, base_year: int, limits: tuple[float, float]) -> Evidence:
    """Sum of flows from the first plan year on, or a published total carried on by flows."""
    first = base_year + 1
    flows = {y: f for y, f in _yearly(figures).items() if f.period != Period.YEAR_END}
    inputs = _furthest(flows, _totals(figures, first), first)
    reached = inputs[-1].year if inputs else base_year
    later = tuple(f for y, f in flows.items() if y > reached)
    last = max([*flows, reached])
    missing = tuple(y for y in range(first, last) if (y > reached and y not in flows)
                    or (later and y in flows and not flows[y].full_year))  # fmt: skip
    if not inputs and not later:
        return Evidence(history=tuple(flows.values()), reasons=(Reason.NO_DATA,))
    inputs += later
    value, low, high = (_added(getattr(f, side) for f in inputs) for side in SIDES)
    if not later:
        return _made(inputs, flows.values(), (value, low, high), limits)
    low = low if limits[0] >= 0 else -math.inf
    evidence = _made(inputs, flows.values(), (value, low, math.inf), (-math.inf, math.inf))
    return replace(evidence, missing_years=missing, reasons=(Reason.MISSING_YEARS,), gap=True)


def _totals(figures: Sequence[Figure], first: int) -> dict[int, Figure]:
    """Published totals since the first plan year, by the year they reach."""
    return {
        f.year: f
        for f in figures
        if f.period == Period.CUMULATIVE and f.start == first and not math.isnan(f.value)
    }


def _furthest(
    flows: Mapping[int, Figure], totals: Mapping[int, Figure], first: int
) -> tuple[Figure, ...]:
    """The figures that make the sum reaching furthest: flows alone, or a total and later flows."""
    runs = [_run(flows, first, ())]
    runs += [
        _run(flows, y + 1, (total,)) if total.month == 12 else (total,)
        for y, total in totals.items()
    ]
    return max(runs, key=lambda run: (run[-1].when if run else -math.inf, len(run)))


def chained(figures: Sequence[Figure], *, base_year: int, total: bool) -> Evidence:
    """Unbroken yearly growth figures in percent: their annual average, or their chained total
    when the target is a total (``[-17]``), which may begin with a published one."""
    from gdplan.indicators import average_growth, chained_growth

    flows = {y: f for y, f in _yearly(figures).items() if f.full_year}
    first = base_year + 1
    inputs = _furthest(flows, _totals(figures, first) if total else {}, first)
    if not inputs:
        reason = Reason.MISSING_YEARS if flows else Reason.NO_DATA
        return Evidence(history=tuple(flows.values()), reasons=(reason,))
    chain = chained_growth if total else average_growth
    value, low, high = (100 * chain([getattr(f, side) / 100 for f in inputs]) for side in SIDES)
    evidence = _made(inputs, flows.values(), (value, low, high), (-100.0, math.inf))
    last = max(flows, default=0)
    missing = tuple(y for y in range(inputs[-1].year + 1, last) if y not in flows)
    reasons = (Reason.MISSING_YEARS,) if last > inputs[-1].year else ()
    return replace(evidence, missing_years=missing, reasons=reasons)


def _made(
    inputs: tuple[Figure, ...], history: Iterable[Figure], ends: tuple[float, float, float],
    limits: tuple[float, float],
) -> Evidence:  # fmt: skip
    """Evidence of a value with its ends, which no limit of the indicator lets pass."""
    value, low, high = ends
    return Evidence(inputs, tuple(history), value, max(low, limits[0]), min(high, limits[1]),
                    inputs[-1].when)  # fmt: skip


def _added(numbers: Iterable[float]) -> float:
    """The sum as it is done on paper: of the decimal digits, without binary noise.

    Examples
    --------
    >>> 0.1 + 0.2, _added([0.1, 0.2])
    (0.30000000000000004, 0.3)
    """
    return float(sum(Decimal(repr(float(x))) for x in numbers))


def _run(flows: Mapping[int, Figure], start: int, head: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """Unbroken flows from ``start``; only the last of them may be part of a year."""
    run = list(head)
    year = start
    while year in flows:
        run.append(flows[year])
        if not flows[year].full_year:
            break
        year += 1
    return tuple(run)


def _aged(found: Evidence, year: int, max_age: int) -> Evidence:
    if not found.inputs:
        return found
    newest = found.inputs[-1]
    age = year - newest.year
    reasons = found.reasons
    if age > max_age:
        return Evidence(
            history=found.history,
            missing_years=found.missing_years,
            reasons=reasons or (Reason.STALE,),
        )
    if age > 0:
        reasons = (*(r for r in reasons if r is not Reason.MISSING_YEARS), Reason.ONE_YEAR_OLD)
    if newest.period == Period.YTD or newest.month < 12:
        reasons = (*reasons, Reason.PART_YEAR)
    return replace(found, reasons=tuple(reasons))
