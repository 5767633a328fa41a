"""Where an indicator of a region stands and from where it goes on: one start for the report, the
scenarios and the page of sliders (METHOD 5 and 7).

Evidence and goal -> Start, with the :class:`gdplan.outlook.course.Course` that is projected; how
the figures of an indicator become a course is for its kind to say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gdplan.assessment.evidence import (
    FULL_YEAR,
    POINTWISE,
    Evidence,
    evidence_of,
    grouped,
)
from gdplan.assessment.kinds.questions import Questions, questions
from gdplan.assessment.local import local
from gdplan.files import places
from gdplan.model import Indicator, Mode, Plan, Reason
from gdplan.observations import calibers
from gdplan.observations.choice import choose, with_parts
from gdplan.observations.read import as_of as known_on
from gdplan.outlook.course import Accepted, Course
from gdplan.outlook.goal import Goal
from gdplan.plans.revisions import in_force, told

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd


@dataclass(frozen=True, slots=True)
class Start:
    """One indicator of one region before anything is projected.

    ``reasons`` forbid any path, ``course.reason`` only that of going on as before; ``remarks``
    qualify what is known. ``sources`` and ``raws`` are those of the figures of the course, in
    order of their years.
    """

    indicator: Indicator
    goal: Goal | None
    course: Course
    reasons: tuple[Reason, ...] = ()
    remarks: tuple[Reason, ...] = ()
    simulated: bool = False
    region: str = ""
    region_name: str = ""
    sources: tuple[str, ...] = ()
    raws: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether a path can start here."""
        return bool(not self.reasons and self.course.year)

    @property
    def secured(self) -> bool:
        """Whether what has come of a sum is enough, and no flow can take it back."""
        goal, course = self.goal, self.course
        other = set(self.reasons) - {Reason.MISSING_YEARS}
        if other or goal is None or course.mode is not Mode.SUM or course.limits[0] < 0:
            return False
        sure, asked = course.ends[0], course.whole(goal.low)
        enough = sure > asked if goal.strict else sure >= asked
        return enough and math.isinf(goal.high)

    @property
    def decimals(self) -> int:
        """The most that a figure or the target is printed with."""
        return max(_decimals(raw) for raw in (*self.raws, self.indicator.target.raw))

    @property
    def last_decimals(self) -> int:
        """Those of the last figure."""
        return _decimals(self.raws[-1]) if self.raws else 0


def start(
    indicator: Indicator, kind: Questions, evidence: Evidence, goal: Goal | None, *, since: int = 0
) -> Start:
    """The start of one indicator from the figures it is judged on.

    Parameters
    ----------
    evidence : Evidence
        From :func:`gdplan.assessment.evidence.evidence_of`.
    goal : Goal or None
        What has to be reached; None where the region has no such target.
    since : int
        First year whose figures are carried on.
    """
    series = [(y, v) for y, v in evidence.series if y >= since]
    accepted = Accepted(goal.low, goal.high, goal.strict) if goal else Accepted()
    plain = Course(
        tuple(y for y, _ in series), tuple(v for _, v in series), indicator.target_year,
        mode=indicator.kind.mode, scale=indicator.scale, total=indicator.target.total,
        limits=indicator.limits, goal=accepted, rounding=_rounding(indicator, evidence),
        reason=None if series else _no_series(evidence),
    )  # fmt: skip
    made = Start(indicator, goal, plain, _forbidding(indicator, evidence),
                 _remarks(plain, evidence), evidence.simulated)  # fmt: skip
    if indicator.kind.parts or not evidence.known:
        return made
    return replace(made, course=kind.course(plain, indicator, evidence))


def starts(
    plan: Plan,
    observations: pd.DataFrame,
    *,
    region: str,
    year: int,
    as_of: str | date | None = None,
    since: int | None = None,
    breaks: Sequence[calibers.Break] | None = None,
) -> list[Start]:
    """The start of every indicator of a plan in one region, as known for a data year.

    Parameters
    ----------
    year : int
        Last data year; later figures are not used.
    as_of : str or date, optional
        Only figures known on that date.
    since : int, optional
        First year whose figures are carried on; all by default.
    breaks : sequence of calibers.Break, optional
        By default those of ``data/raw/calibers.yml``.

    Returns
    -------
    list of Start
        In the order of the plan.
    """
    plan = in_force(plan, as_of)
    rows = observations if as_of is None else known_on(observations, as_of)
    chosen = choose(rows[rows["region"] == region], plan)
    if breaks is None:
        breaks = calibers.read(places.data_folder() / "raw" / "calibers.yml")
    linked = calibers.link(
        with_parts(chosen), calibers.known(breaks, as_of), plan, region=region, year=year
    )
    name = places.regions().get(region, plan.region_name if region == plan.region else region)
    own = region == plan.region
    figures, out = grouped(linked.rows), []
    for printed in linked.plan.indicators:
        item = local(printed, figures, own=own, region_name=name)
        parameters = {**plan.parameters, **item.parameters}
        evidence = evidence_of(item, questions(item.kind), figures, year=year, own=own,
                               max_age=int(parameters["max_age"]))  # fmt: skip
        goal, remarks = _goal(item, parameters, own=own)
        made = start(item, questions(item.kind), evidence, goal, since=since or 0)
        notes = tuple(reason for reason, _ in linked.told.get(item.no, ()))
        sources, raws = _printed(made.course, item, linked.rows)
        out.append(replace(made, region=region, region_name=name, sources=sources, raws=raws,
                           remarks=(*made.remarks, *remarks, *told(item), *notes)))  # fmt: skip
    return out


def _forbidding(indicator: Indicator, evidence: Evidence) -> tuple[Reason, ...]:
    """Why no path of any kind can start."""
    if indicator.kind.parts:
        return (Reason.NOT_PROJECTED,)
    if not evidence.known:
        return evidence.reasons or (Reason.NO_DATA,)
    if evidence.gap:
        return (Reason.MISSING_YEARS,)
    return (Reason.NO_YEARS_LEFT,) if evidence.when >= indicator.target_year else ()


def _no_series(evidence: Evidence) -> Reason:
    """Why there are no points: none at all, or figures with one side only (超95)."""
    bounds = any(f.full_year and f.bound not in POINTWISE for f in evidence.history)
    return Reason.BOUNDS_ONLY if bounds else Reason.NO_DATA


def _rounding(item: Indicator, evidence: Evidence) -> float:
    """Half of the last digit of the coarsest yearly figure, the base among them; exact counts have
    none."""
    halves = [(f.high - f.low) / 2 for f in evidence.history
              if f.full_year and f.bound in POINTWISE]  # fmt: skip
    if (item.base_year, item.base.value) in evidence.series:
        halves.append((item.base.high - item.base.low) / 2)
    return max((half for half in halves if math.isfinite(half)), default=0.0)


def _remarks(plain: Course, evidence: Evidence) -> tuple[Reason, ...]:
    """What is to be said of the figures: a level goes on from its last whole year, which may be
    older than its newest figure."""
    newest = evidence.newest
    if newest is None or newest.full_year or plain.mode is not Mode.VALUE:
        return evidence.reasons
    if not plain.years and not any(f.full_year for f in evidence.history):
        return evidence.reasons
    kept = tuple(reason for reason in evidence.reasons if reason is not Reason.PART_YEAR)
    return (*kept, Reason.ONE_YEAR_OLD)


def _goal(
    item: Indicator, parameters: Mapping[str, float], *, own: bool
) -> tuple[Goal | None, tuple[Reason, ...]]:
    """What a region has to reach, with what there is to say of it.

    A region has no share of the province's absolute target (METHOD 8); a rate holds everywhere.
    """
    if not own and item.unit != "%":
        return None, (Reason.NO_REGION_TARGET,)
    kind = questions(item.kind)
    goal = kind.goal(item, kind.base(item)[0], parameters)
    if goal is None:
        return None, (Reason.NO_TARGET_NUMBER,)
    return goal, () if own else (Reason.PROVINCE_TARGET,)


def _printed(
    course: Course, item: Indicator, rows: pd.DataFrame
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sources of the figures of a course, each once, and the figures as printed, by year."""
    mine = rows[rows["indicator"].isin({item.name, *item.aliases}) & rows["bound"].isin(POINTWISE)
                & rows["period"].isin(FULL_YEAR) & rows["year"].isin(course.years)]  # fmt: skip
    mine = mine.sort_values("year")
    raws = dict(zip(mine["year"].tolist(), mine["raw"].astype(str), strict=True))
    printed = tuple(raws.get(y, item.base.raw) for y in course.years)
    return tuple(dict.fromkeys(mine["source"].astype(str))), printed


def _decimals(raw: str) -> int:
    """Digits after the point of a printed number."""
    tail = raw.replace(",", "").partition(".")[2]
    return len(tail) - len(tail.lstrip("0123456789"))
