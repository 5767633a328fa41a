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
from gdplan.notation import parse_target

if TYPE_CHECKING:
    import pandas as pd

FULL_YEAR = (Period.ANNUAL, Period.YEAR_END)
POINTWISE = (Bound.EXACT, Bound.APPROX)
YEARLY = (*FULL_YEAR, Period.YTD)
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
    parts: tuple[float, ...] = ()
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
    def data_year(self) -> int | None:
        """Year of the newest figure used."""
        return self.inputs[-1].year if self.inputs else None


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


def gather(
    indicator: Indicator, rows: pd.DataFrame, *, year: int, max_age: int, own: bool = True
) -> Evidence:
    """The evidence of one indicator from the chosen rows of one region.

    Parameters
    ----------
    indicator : Indicator
        Supplies name, aliases, kind and base year.
    rows : DataFrame
        Rows of the observations frame that won their conflict (``used``), one region.
    year : int
        Evaluated year; later figures are not looked at.
    max_age : int
        Years the newest figure may be older than ``year`` (METHOD 4.1: one).
    own : bool
        Whether the plan is the region's own, so that its base is a figure of the series.

    Returns
    -------
    Evidence
    """
    figures = _figures(indicator, rows, year)
    if year <= indicator.base_year:
        return Evidence(reasons=(Reason.BEFORE_PLAN,))
    if indicator.kind.mode is Mode.SUM:
        found = _summed(indicator, figures, year)
    elif indicator.kind.mode is Mode.CHAIN:
        found = _chained(indicator, figures)
    else:
        found = _latest(indicator, figures)
    last = max((f.year for f in figures), default=None)
    return replace(
        _aged(_within_limits(indicator, found), year, max_age), last_year=last,
        series=series(indicator, rows, year=year, own=own),
    )  # fmt: skip


def series(
    indicator: Indicator, rows: pd.DataFrame, *, year: int, own: bool = True, since: int = 0
) -> tuple[tuple[int, float], ...]:
    """Values of whole years by year, those known with one side only (超143) left out.

    In the plan's own region its base stands for the base year of a level that has figures, unless
    one was published, and unless the base too has one side only (95以上).
    """
    names = {indicator.name, *indicator.aliases}
    columns = (rows[c].tolist() for c in ("indicator", "year", "period", "bound", "value"))
    found = {
        int(y): float(value)
        for name, y, period, bound, value in zip(*columns, strict=True)
        if name in names and y <= year and period in FULL_YEAR and bound in POINTWISE
        and not math.isnan(value)
    }  # fmt: skip
    if own and found and has_base(indicator):
        found = {indicator.base_year: float(indicator.base.value or 0)} | found
    return tuple((y, v) for y, v in sorted(found.items()) if y >= since)


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


def _figures(indicator: Indicator, rows: pd.DataFrame, year: int) -> tuple[Figure, ...]:
    names = {indicator.name, *indicator.aliases}
    # Plain lists: masks and records of frames cost far more on the few rows of a region.
    keys = zip(*(rows[name].tolist() for name in ("indicator", "year", "period")), strict=True)
    picked = [
        place
        for place, (name, when, period) in enumerate(keys)
        if name in names and indicator.base_year < when <= year and period != Period.SINCE_LAUNCH
    ]
    columns = [rows[name].iloc[picked].tolist() for name in READ] if picked else []
    records = (dict(zip(READ, values, strict=True)) for values in zip(*columns, strict=True))
    figures = (_figure(record, indicator) for record in records)
    return tuple(sorted(figures, key=lambda f: (f.year, f.month)))


def _figure(row: Mapping[Any, Any], indicator: Indicator) -> Figure:
    raw = str(row["raw"])
    ratio = indicator.kind.parts
    return Figure(
        year=int(row["year"]),
        period=str(row["period"]),
        month=float(row["month"]),
        value=float(row["value"]),
        low=float(row["low"]),
        high=float(row["high"]),
        raw=raw,
        bound=str(row["bound"]),
        unit=str(row["unit"]),
        published=str(row["published"]),
        source=str(row["source"]),
        access=str(row["access"]),
        file=str(row["file"]),
        cell=str(row["cell"]),
        note=str(row["note"]),
        parts=parse_target(raw).parts if ratio else (),
        start=float(row["start"]),
        simulated=bool(row["simulated"]),
    )


def _yearly(figures: Sequence[Figure]) -> dict[int, Figure]:
    return {f.year: f for f in figures if f.period in YEARLY and not math.isnan(f.month)}


def _latest(indicator: Indicator, figures: Sequence[Figure]) -> Evidence:
    """Newest figure of a level; a yearly flow is only judged on whole years."""
    yearly = list(_yearly(figures).values())
    usable = [f for f in yearly if f.full_year or not indicator.kind.yearly]
    if not usable:
        return Evidence(reasons=(Reason.PART_YEAR_ONLY if yearly else Reason.NO_DATA,))
    last = usable[-1]
    return Evidence((last,), tuple(usable), last.value, last.low, last.high, last.when)


def _summed(indicator: Indicator, figures: Sequence[Figure], year: int) -> Evidence:
    """Sum of flows from the first plan year on, or a published total carried on by flows."""
    first = indicator.base_year + 1
    flows = {y: f for y, f in _yearly(figures).items() if f.period != Period.YEAR_END}
    inputs = _longest(flows, _totals(figures, first), first)
    reach = inputs[-1].year if inputs else indicator.base_year
    missing = tuple(y for y in range(reach + 1, max([*flows, reach])) if y not in flows)
    history = tuple(flows.values())
    if not inputs:
        reason = Reason.MISSING_YEARS if flows else Reason.NO_DATA
        return Evidence(history=history, missing_years=missing, reasons=(reason,))
    return Evidence(
        inputs,
        history,
        _added(f.value for f in inputs),
        _added(f.low for f in inputs),
        _added(f.high for f in inputs),
        inputs[-1].when,
        missing,
        (Reason.MISSING_YEARS,) if missing else (),
    )


def _totals(figures: Sequence[Figure], first: int) -> dict[int, Figure]:
    """Published totals since the first year of the plan, by the year they reach."""
    return {
        f.year: f
        for f in figures
        if f.period == Period.CUMULATIVE and f.start == first and not math.isnan(f.value)
    }


def _longest(
    flows: Mapping[int, Figure], totals: Mapping[int, Figure], first: int
) -> tuple[Figure, ...]:
    """The figures that reach furthest: unbroken flows, or a total carried on by flows."""
    runs = [_run(flows, first, ())]
    runs += [
        _run(flows, y + 1, (total,)) if total.month == 12 else (total,)
        for y, total in totals.items()
    ]
    return max(runs, key=lambda run: (run[-1].when if run else -math.inf, len(run)))


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


def _chained(indicator: Indicator, figures: Sequence[Figure]) -> Evidence:
    """Unbroken yearly growth figures in percent: their annual average, or their chained total
    when the target is a total (``[-17]``)."""
    total = indicator.target.total
    first = indicator.base_year + 1
    flows = {y: f for y, f in _yearly(figures).items() if f.full_year}
    inputs = _longest(flows, _totals(figures, first) if total else {}, first)
    if not inputs:
        reason = Reason.MISSING_YEARS if flows else Reason.NO_DATA
        return Evidence(history=tuple(flows.values()), reasons=(reason,))
    low, value, high = (
        _chain_percent([getattr(f, side) for f in inputs], 1 if total else len(inputs))
        for side in ("low", "value", "high")
    )
    return Evidence(inputs, tuple(flows.values()), value, low, high, inputs[-1].when)


def _chain_percent(growth: Sequence[float], years: int) -> float:
    factor = math.prod(1 + g / 100 for g in growth)
    return (factor ** (1 / years) - 1) * 100 if factor > 0 else math.nan


def _within_limits(indicator: Indicator, found: Evidence) -> Evidence:
    low, high = indicator.limits
    if indicator.kind.mode is Mode.CHAIN:
        low, high = -100.0, math.inf
    return replace(found, low=max(found.low, low), high=min(found.high, high))


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
