"""Where every indicator of a plan stands before a path is assumed for it: its published yearly
figures, what has come of a sum or a growth, and what it has to reach.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gdplan.assessment.evidence import FULL_YEAR, Evidence, evidence_of, grouped, has_base
from gdplan.assessment.kinds.questions import questions
from gdplan.assessment.targets import goal as goal_of
from gdplan.files import places
from gdplan.model import Bound, Indicator, Mode, Period, Plan, Reason
from gdplan.observations import calibers
from gdplan.observations.read import as_of as known_on
from gdplan.observations.read import choose
from gdplan.outlook.growth_path import Goal, Series

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

POINTWISE = (Bound.EXACT.value, Bound.APPROX.value)
"""Figures known with one side only (超143) are no points of a path."""
ANY_AGE = 999


@dataclass(frozen=True, slots=True)
class StartPoint:
    """One indicator of one region at the start of a path.

    ``series`` is None when there is no path, and ``reasons`` say why; with a series they qualify
    it. ``decimals`` are the most that a figure or the target is printed with, ``last_decimals``
    those of the last figure.
    """

    indicator: Indicator
    region: str
    region_name: str
    series: Series | None
    reasons: tuple[Reason, ...] = ()
    sources: tuple[str, ...] = ()
    decimals: int = 0
    last_decimals: int = 0
    simulated: bool = False

    @property
    def known(self) -> bool:
        """Whether a path can start here."""
        return self.series is not None


def start_points(
    plan: Plan,
    observations: pd.DataFrame,
    *,
    region: str,
    year: int,
    as_of: str | date | None = None,
    breaks: Sequence[calibers.Break] | None = None,
) -> list[StartPoint]:
    """Every indicator of a plan in one region, as known for a data year.

    Parameters
    ----------
    plan : Plan
    observations : DataFrame
        From :func:`gdplan.read_observations`. Whole-year figures are used, those before the plan
        too; the base that the plan's table prints stands in for a level nobody published.
    year : int
        Last data year; later figures are not used.
    as_of : str or date, optional
        Only figures known on that date.
    breaks : sequence of calibers.Break, optional
        By default those of ``data/raw/calibers.yml``.

    Returns
    -------
    list of StartPoint
        In the order of the plan.
    """
    rows = observations if as_of is None else known_on(observations, as_of)
    chosen = choose(rows[rows["region"] == region], plan)
    if breaks is None:
        breaks = calibers.read(places.data_folder() / "raw" / "calibers.yml")
    one = calibers.link(
        chosen[chosen["used"]], calibers.known(breaks, as_of), plan, region=region, year=year
    )
    whole = one.rows[one.rows["period"] != Period.YTD.value]
    name = places.regions().get(region, plan.region_name if region == plan.region else region)
    told = {no: tuple(reason for reason, _ in notes) for no, notes in one.told.items()}
    return [_start(item, whole, one.plan, (region, name), year, told.get(item.no, ()))
            for item in one.plan.indicators]  # fmt: skip


def _start(
    item: Indicator, rows: pd.DataFrame, plan: Plan, place: tuple[str, str], year: int,
    told: tuple[Reason, ...],
) -> StartPoint:  # fmt: skip
    plain = StartPoint(item, *place, None)
    if item.kind.parts:
        return replace(plain, reasons=(Reason.NOT_PROJECTED,))
    own = place[0] == plan.region
    used = _yearly(item, rows, year)
    figures = {int(r["year"]): float(r["value"]) for r in used}
    raws = {int(r["year"]): str(r["raw"]) for r in used}
    if own and has_base(item) and item.base_year not in figures:
        figures[item.base_year] = float(item.base.value or 0)
        raws[item.base_year] = item.base.raw
    found = evidence_of(item, questions(item.kind), grouped(rows), year=year, max_age=ANY_AGE)
    blocking = _blocking(item, figures, found)
    if blocking:
        return replace(plain, reasons=(blocking, *told))
    goal, reason = _goal(item, plan, own=own)
    ordered = sorted(figures)
    remarks = [reason] if reason else []
    remarks += [Reason.STALE] if ordered[-1] < year - 1 else []
    series = Series(
        tuple(ordered), tuple(figures[y] for y in ordered), item.target_year, item.kind.mode,
        item.scale, *_so_far(item, found), total=item.target.total,
        limits=_limits(item), goal=goal,
    )  # fmt: skip
    return replace(
        plain, series=series, reasons=(*remarks, *told),
        sources=tuple(dict.fromkeys(str(r["source"]) for r in used)),
        decimals=max(_decimals(raw) for raw in [*raws.values(), item.target.raw]),
        last_decimals=_decimals(raws[ordered[-1]]),
        simulated=any(bool(r["simulated"]) for r in used),
    )  # fmt: skip


def _yearly(item: Indicator, rows: pd.DataFrame, year: int) -> Sequence[Mapping[Any, Any]]:
    """Whole-year figures of an indicator up to a year, in order; the base year's as well."""
    names = [item.name, *item.aliases]
    picked = rows[
        rows["indicator"].isin(names) & (rows["year"] <= year) & rows["value"].notna()
        & rows["period"].isin([p.value for p in FULL_YEAR]) & rows["bound"].isin(POINTWISE)
    ]  # fmt: skip
    return picked.sort_values("year").to_dict("records")


def _blocking(item: Indicator, figures: Mapping[int, float], found: Evidence) -> Reason | None:
    """Why no path can start: a sum or a growth must be known up to its last figure."""
    if not figures:
        return found.reasons[0] if found.reasons else Reason.NO_DATA
    last = max(figures)
    if last >= item.target_year:
        return Reason.NO_YEARS_LEFT
    if not item.kind.accumulates:
        return None
    reached = found.newest.year if found.newest else item.base_year
    if last <= item.base_year:
        return None if last == item.base_year and reached == last else Reason.NO_DATA
    return None if reached == last else Reason.MISSING_YEARS


def _so_far(item: Indicator, found: Evidence) -> tuple[float, int]:
    """What has come of a sum or a chained growth, and in how many plan years."""
    spent = (found.newest.year if found.newest else item.base_year) - item.base_year
    if item.kind.mode is Mode.SUM:
        return (found.value if found.known else 0.0), spent
    if item.kind.mode is Mode.CHAIN:
        years = 1 if item.target.total else max(spent, 1)
        return ((1 + found.value / 100) ** years if found.known else 1.0), spent
    return 0.0, 0


def _goal(item: Indicator, plan: Plan, *, own: bool) -> tuple[Goal, Reason | None]:
    """What has to be reached; a province's sum is no target of its cities."""
    if not own and item.unit != "%":
        return Goal(), Reason.NO_REGION_TARGET
    base = item.base.value if item.base.value is not None else math.nan
    aim = goal_of(item, base, {**plan.parameters, **item.parameters})
    if aim is None:
        return Goal(), Reason.NO_TARGET_NUMBER
    return Goal(aim.low, aim.high, aim.strict), None if own else Reason.PROVINCE_TARGET


def _limits(item: Indicator) -> tuple[float, float]:
    return (-math.inf, math.inf) if item.kind.mode is Mode.CHAIN else item.limits


def _decimals(raw: str) -> int:
    """Digits after the point of a printed number."""
    tail = raw.replace(",", "").partition(".")[2]
    return len(tail) - len(tail.lstrip("0123456789"))
