"""Where an indicator of a region stands before a scenario begins: last whole-year figure, what is
known of a sum, the history its steps are estimated from, and the goal.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gdplan.assessment.evidence import (
    FULL_YEAR,
    POINTWISE,
    Evidence,
    evidence_of,
    figures_of,
    grouped,
)
from gdplan.assessment.evidence import series as series_of
from gdplan.assessment.kinds.questions import questions
from gdplan.assessment.targets import goal as goal_of
from gdplan.files import places
from gdplan.model import Indicator, Mode, Period, Plan, Reason
from gdplan.observations import calibers
from gdplan.observations.read import as_of as known_on
from gdplan.observations.read import choose
from gdplan.outlook import growth_path, steps
from gdplan.outlook.goal import Goal
from gdplan.problems import Problem

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd


@dataclass(frozen=True, slots=True)
class Standing:
    """One indicator of one region at the start of a scenario.

    ``value`` is the last yearly figure (level, flow, or growth in percent) of ``year``, ``low`` and
    ``high`` its interval; ``known`` the sum of flows, or the product of growth factors, of the
    ``spent`` plan years so far, ``known_low`` and ``known_high`` its ends. ``history`` are all
    whole-year figures, before the plan too. ``reasons`` forbid any path; ``remarks`` do not.
    """

    indicator: Indicator
    region: str
    region_name: str
    goal: Goal | None = None
    year: int = 0
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    known: float = math.nan
    known_low: float = math.nan
    known_high: float = math.nan
    spent: int = 0
    history: tuple[tuple[int, float], ...] = ()
    drift: steps.Drift = field(default_factory=steps.Drift)
    reasons: tuple[Reason, ...] = ()
    remarks: tuple[Reason, ...] = ()
    simulated: bool = False

    @property
    def mode(self) -> Mode:
        """What the yearly figures make: a value, a sum, a chain."""
        return self.indicator.kind.mode

    @property
    def now(self) -> float:
        """The judged value of today, in the indicator's unit."""
        if self.mode is Mode.VALUE:
            return self.value
        if self.mode is Mode.SUM:
            return self.known
        root = 1 if self.indicator.target.total else max(self.spent, 1)
        return (self.known ** (1 / root) - 1) * 100 if self.known > 0 else math.nan


def wrong_years(plan: Plan, year: int, until: int, since: int | None = None) -> list[Problem]:
    """What is wrong with the years of a run, each under the name of its field."""
    problems = []
    if not plan.base_year < year < plan.target_year:
        problems.append(
            Problem("year_outside_plan", "year", "数据年份须在规划期内、目标年之前",
                    f"{plan.base_year + 1}—{plan.target_year - 1}", str(year))
        )  # fmt: skip
    if not plan.target_year <= until <= plan.target_year + 20:
        problems.append(
            Problem("until_outside", "until", "推算终点须不早于目标年",
                    f"{plan.target_year}—{plan.target_year + 20}", str(until))
        )  # fmt: skip
    if since is not None and since > year:
        problems.append(
            Problem("since_outside", "since", "起始年份晚于数据年份", f"不晚于{year}", str(since))
        )
    return problems


def standings(
    plan: Plan,
    observations: pd.DataFrame,
    *,
    region: str,
    year: int,
    as_of: str | date | None = None,
    since: int | None = None,
    breaks: Sequence[calibers.Break] | None = None,
) -> list[Standing]:
    """Every indicator of the plan in one region, as known for a data year.

    Parameters
    ----------
    year : int
        Last data year; later figures are not used.
    since : int, optional
        First year whose figures enter the estimate of steps; all by default.
    breaks : sequence of calibers.Break, optional
        By default those of ``data/raw/calibers.yml``.
    """
    rows = observations if as_of is None else known_on(observations, as_of)
    chosen = choose(rows[rows["region"] == region], plan)
    if breaks is None:
        breaks = calibers.read(places.data_folder() / "raw" / "calibers.yml")
    one = calibers.link(
        chosen[chosen["used"]], calibers.known(breaks, as_of), plan, region=region, year=year
    )
    name = places.regions().get(region, plan.region_name if region == plan.region else region)
    whole = one.rows[one.rows["period"] != Period.YTD.value]
    found = {
        item.no: _standing(item, whole, one.plan, region, name, year, since or 0)
        for item in one.plan.indicators
    }
    told = {no: tuple(reason for reason, _ in notes) for no, notes in one.told.items()}
    return [replace(s, remarks=(*s.remarks, *told.get(no, ()))) for no, s in found.items()]


def series(rows: pd.DataFrame, names: set[str], *, year: int) -> dict[int, float]:
    """Whole-year figures by year of chosen rows, those known with one side only left out."""
    picked = rows[rows["indicator"].isin(names) & (rows["year"] <= year)
                  & rows["period"].isin([p.value for p in FULL_YEAR])
                  & rows["bound"].isin(POINTWISE) & rows["value"].notna()]  # fmt: skip
    return {int(y): float(v) for y, v in sorted(zip(picked["year"], picked["value"], strict=True))}


def _standing(
    item: Indicator, rows: pd.DataFrame, plan: Plan, region: str, name: str, year: int, since: int
) -> Standing:
    parameters = {**plan.parameters, **item.parameters}
    plain = Standing(item, region, name, goal=_goal(item, plan, region, parameters))
    if item.kind.parts:
        return replace(plain, reasons=(Reason.NOT_PROJECTED,))
    figures = grouped(rows)
    found = evidence_of(
        item, questions(item.kind), figures, year=year, max_age=int(parameters["max_age"])
    )
    remarks = _of_goal(plain, plan)
    past = series_of(
        item,
        figures_of(item, figures, year=year),
        year=year,
        own=region == plan.region,
        since=since,
    )
    plain = replace(plain, history=past, remarks=remarks, drift=_drift(item, past, found))
    if not found.known:
        return replace(plain, reasons=found.reasons or (Reason.NO_DATA,))
    plain = replace(plain, remarks=(*found.reasons, *remarks), **_known(item, found))
    if not all(abs(x) <= steps.LARGEST for x in (plain.value, plain.known) if not math.isnan(x)):
        return replace(plain, reasons=(Reason.TOO_LARGE,))
    if plain.mode is Mode.CHAIN and not plain.known > 0:
        return replace(plain, reasons=(Reason.NOT_POSITIVE,))
    return plain


def _drift(
    item: Indicator, past: Sequence[tuple[int, float]], found: Evidence
) -> steps.Drift:  # fmt: skip
    """Steps of the figures, or of the index that growth figures make; as the outlook has them."""
    years, values = tuple(y for y, _ in past), tuple(v for _, v in past)
    carried = item.kind.accumulates
    if carried and years and found.known and years[-1] != found.inputs[-1].year:
        return steps.Drift(n=len(years), reason=Reason.MISSING_YEARS)
    if item.kind.mode is Mode.CHAIN:
        return growth_path.steps(growth_path.Series(years, values, item.target_year, Mode.CHAIN))
    return steps.fit(years, values, scale=item.scale)


def _known(item: Indicator, found: Evidence) -> dict[str, Any]:
    """Fields of the standing that the evidence gives."""
    last = found.inputs[-1]
    made: dict[str, Any] = {
        "year": last.year, "value": last.value, "low": last.low, "high": last.high,
        "spent": last.year - item.base_year, "simulated": any(f.simulated for f in found.inputs),
    }  # fmt: skip
    if item.kind.mode is Mode.SUM:
        made |= {"known": found.value, "known_low": found.low, "known_high": found.high}
        if last.period == Period.CUMULATIVE:
            flows = [f for f in found.history if f.full_year and f.year <= last.year]
            end = flows[-1] if flows and flows[-1].year == last.year else None
            made |= {k: getattr(end, k, math.nan) for k in ("value", "low", "high")}
    if item.kind.mode is Mode.CHAIN:
        for key, side in (("known", "value"), ("known_low", "low"), ("known_high", "high")):
            made[key] = math.prod(1 + getattr(f, side) / 100 for f in found.inputs)
    return made


def _goal(item: Indicator, plan: Plan, region: str, parameters: Mapping[str, float]) -> Goal | None:
    # A region has no share of the province's absolute target (METHOD 8); a rate holds everywhere.
    if region != plan.region and item.unit != "%":
        return None
    base = math.nan if item.base.value is None else item.base.value
    return goal_of(item, base, parameters)


def _of_goal(standing: Standing, plan: Plan) -> tuple[Reason, ...]:
    borrowed = standing.region != plan.region
    if standing.goal is None:
        return (Reason.NO_REGION_TARGET if borrowed else Reason.NO_TARGET_NUMBER,)
    return (Reason.PROVINCE_TARGET,) if borrowed else ()
