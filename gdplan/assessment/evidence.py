"""Which published figures an indicator is judged on, and why the others are not.

One indicator, one region, the chosen rows of the observations frame -> Evidence: the yearly
figures inside the plan, the value that is judged with its interval, its date, and the reason
when there is none. No verdict is made here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gdplan.model import Bound, Indicator, Mode, Period, Plan, Reason, Target

if TYPE_CHECKING:
    import pandas as pd

    from gdplan.assessment.kinds.questions import Questions

FULL_YEAR = (Period.ANNUAL, Period.YEAR_END)
POINTWISE = (Bound.EXACT, Bound.APPROX)
YEARLY = (*FULL_YEAR, Period.YTD)
SIDES = ("value", "low", "high")
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


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one indicator at the evaluated year.

    ``inputs`` enter the judged value, ``history`` are all usable yearly figures inside the
    plan; ``value`` with ``low``/``high`` is in the indicator's unit; ``when`` is its date.
    ``series`` are values by year of all whole years, before the plan too.
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

    @property
    def known(self) -> bool:
        """Whether there is a figure to judge."""
        return bool(self.inputs)

    @property
    def newest(self) -> Figure | None:
        """The newest figure used."""
        return self.inputs[-1] if self.inputs else None

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


def plan_results(plan: Plan) -> list[dict[str, Any]]:
    """Observations that the plan's own table prints in its result column (完成值).

    They carry the plan's date of issue as vintage and the line of the text as cell. Beside a target
    that is a total of the plan's years a result is their total, with brackets or without.
    """
    rows = []
    for item in plan.indicators:
        cell = item.result
        if cell is None or not (cell.value is not None or cell.parts):
            continue
        total = _is_total(item, cell)
        rows.append(
            {
                "indicator": item.name,
                "region": plan.region,
                "region_name": plan.region_name,
                "year": plan.target_year,
                "period": (Period.CUMULATIVE if total else _period(item)).value,
                "month": 12.0,
                "start": float(plan.base_year + 1) if total else math.nan,
                "value": math.nan if cell.value is None else cell.value,
                "low": cell.low,
                "high": cell.high,
                "unit": item.unit,
                "bound": _bound(cell).value,
                "raw": cell.raw,
                "published": plan.issued,
                "source": f"{plan.document} {plan.table}",
                "url": "",
                "access": "direct",
                "note": "",
                "file": f"plans/{plan.text}",
                "cell": f"L{item.line}",
                "simulated": False,
            }
        )
    return rows


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
    return dated(item, evidence, mine, year=year, max_age=max_age, own=own)


def figures_of(item: Indicator, figures: Grouped, *, year: int) -> tuple[Figure, ...]:
    """What is published of an indicator up to a year, by date; before the plan too."""
    names = dict.fromkeys((item.name, *item.aliases))
    mine = sorted((pair for name in names for pair in figures.get(name, ())), key=lambda p: p[0])
    dated = (f for _, f in mine if f.year <= year and f.period != Period.SINCE_LAUNCH)
    return tuple(sorted(dated, key=lambda f: (f.year, f.month)))


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


def _is_total(item: Indicator, result: Target) -> bool:
    """Whether a result is a total: as its target is, or because only the result has brackets."""
    return item.total or (result.total and not item.target.total)


def _period(item: Indicator) -> Period:
    return (
        Period.YEAR_END
        if not item.kind.yearly and item.kind.mode is not Mode.CHAIN
        else Period.ANNUAL
    )


def _bound(cell: Target) -> Bound:
    if math.isinf(cell.low):
        return Bound.AT_MOST
    if math.isinf(cell.high):
        return Bound.AT_LEAST
    return Bound.EXACT


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
    return _made((last,), usable, (last.value, last.low, last.high), limits)


def summed(figures: Sequence[Figure], *, base_year: int, limits: tuple[float, float]) -> Evidence:
    """Sum of flows from the first plan year on, or a published total carried on by flows."""
    first = base_year + 1
    flows = {y: f for y, f in _yearly(figures).items() if f.period != Period.YEAR_END}
    inputs = _furthest(flows, _totals(figures, first), first)
    reached = inputs[-1].year if inputs else base_year
    missing = tuple(y for y in range(reached + 1, max([*flows, reached])) if y not in flows)
    if not inputs:
        reason = Reason.MISSING_YEARS if flows else Reason.NO_DATA
        return Evidence(history=tuple(flows.values()), missing_years=missing, reasons=(reason,))
    value, low, high = (_added(getattr(f, side) for f in inputs) for side in SIDES)
    evidence = _made(inputs, flows.values(), (value, low, high), limits)
    reasons = (Reason.MISSING_YEARS,) if missing else ()
    return replace(evidence, missing_years=missing, reasons=reasons)


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
    return _made(inputs, flows.values(), (value, low, high), (-100.0, math.inf))


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
