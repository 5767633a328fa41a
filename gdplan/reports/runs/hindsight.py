"""An earlier run's outlook scored against the figures that came since.

When the target year's value is known, what the run said of that year is scored as it was recorded.
Before that the projection is made again from the figures the run recorded, and every later year
whose value is known is scored; such a score says that it is recomputed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gdplan.assessment.assess import judgements
from gdplan.assessment.chance import LEVELS
from gdplan.assessment.evidence import evidence_of, figures_of, grouped
from gdplan.assessment.kinds.questions import questions
from gdplan.assessment.marked import marked
from gdplan.assessment.start import start
from gdplan.model import Indicator, Period, Plan, Reason
from gdplan.notation import parse_target
from gdplan.problems import ProblemError
from gdplan.reports.runs.find import AGAIN, rows_at
from gdplan.reports.runs.recorded import judgement

if TYPE_CHECKING:
    import pandas as pd

    from gdplan.assessment.evidence import Grouped
    from gdplan.assessment.judgement import Judgement
    from gdplan.outlook.course import Course

SAME = 1e-9
"""Relative difference under which a projection made again is the one that was recorded."""


class Basis(StrEnum):
    """Where a scored interval comes from."""

    SAID = "said"
    RECOMPUTED = "recomputed"
    OTHERWISE = "otherwise"


class Why(StrEnum):
    """Why an outlook cannot be scored, where no reason of the assessment says it."""

    NOT_YET = "not_yet"
    ONE_SIDED = "one_sided"
    INCOMPARABLE = "incomparable"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Score:
    """What was expected of one indicator and year, and what came.

    ``ends`` are median, 80 % and 95 % interval as in :data:`gdplan.assessment.chance.LEVELS`, nan
    where only a chance was said. ``chance`` and ``met`` are of the target year alone, by the
    target of the run.
    """

    then: Judgement
    year: int
    value: float
    ends: tuple[float, ...]
    basis: Basis
    chance: float = math.nan
    met: bool | None = None

    def inside(self, percent: int) -> bool | None:
        """Whether the value lies in the interval of 80 or 95 %; None where there is none."""
        low, high = self.ends[1:3] if percent == 80 else self.ends[3:5]
        return None if math.isnan(low + high) else low <= self.value <= high

    @property
    def brier(self) -> float:
        """Squared distance of the chance from what happened; nan without either."""
        return math.nan if self.met is None else (self.chance - self.met) ** 2


@dataclass(frozen=True, slots=True)
class Hindsight:
    """Scores of a run's outlook, and the indicators that have none, each with the reason."""

    year: int
    target_year: int
    scores: tuple[Score, ...]
    unscored: tuple[tuple[Judgement, Reason | Why], ...]

    def of(self, *bases: Basis) -> tuple[Score, ...]:
        """The scores of some kinds of intervals."""
        return tuple(s for s in self.scores if s.basis in bases)


def inside(scores: Sequence[Score], percent: int) -> tuple[int, int]:
    """How many values lie in their interval, of how many that have one."""
    found = [s.inside(percent) for s in scores]
    return found.count(True), len(found) - found.count(None)


def brier(scores: Sequence[Score]) -> tuple[float, int]:
    """Mean Brier score of the chances, and of how many; nan of none."""
    known = [s.brier for s in scores if not math.isnan(s.brier)]
    return (sum(known) / len(known) if known else math.nan), len(known)


def read_run(place: str | Path) -> tuple[Judgement, ...]:
    """The judgements of a run's folder or assessment.csv.

    Raises
    ------
    ProblemError
        When there is none, it is no assessment, or something in it cannot be read.
    """
    path, rows = rows_at(place)
    try:
        return tuple(judgement(row) for row in rows)
    except (KeyError, ValueError) as error:
        raise ProblemError.of("broken_run", str(path), "评估结果中有不能识别的内容",
                              found=str(error), fix=AGAIN) from error  # fmt: skip


def look_back(
    run: Sequence[Judgement],
    plan: Plan,
    observations: pd.DataFrame,
    *,
    until: int | None = None,
    as_of: str | None = None,
) -> Hindsight:
    """Score what a run expected.

    Parameters
    ----------
    run
        From :func:`read_run`; all of one region and year.
    plan, observations
        The plan of the run, and the figures known today.
    until : int, optional
        Last year whose values are used; the target year by default.
    as_of : str, optional
        Only figures known on that day.
    """
    first = run[0]
    last = plan.target_year if until is None else min(until, plan.target_year)
    aimed = _as_aimed(plan, run)

    @cache
    def known(year: int) -> Mapping[str, Judgement]:
        made = judgements(aimed, observations, region=first.region, year=year, as_of=as_of)
        return {one.indicator: one for one in made}

    rows = marked(aimed, observations, region=first.region, year=first.year,
                  as_of=first.as_of or as_of).used  # fmt: skip
    figures = grouped(rows[rows["year"] <= plan.base_year])
    scores: list[Score] = []
    unscored: list[tuple[Judgement, Reason | Why]] = []
    for then in run:
        item = next((i for i in aimed.indicators if i.no == then.indicator), None)
        found = Why.GONE if item is None else _scored(then, item, figures, known, last, plan)
        if isinstance(found, tuple):
            scores += found
        else:
            unscored.append((then, found))
    return Hindsight(first.year, plan.target_year, tuple(scores), tuple(unscored))


def _as_aimed(plan: Plan, run: Sequence[Judgement]) -> Plan:
    """The plan with the targets that the run was judged against, whatever became of them."""
    cells = {one.indicator: one.target_raw for one in run}
    items = (
        replace(i, target=parse_target(cells.get(i.no, i.target.raw), unit=i.unit or None),
                revised=())
        for i in plan.indicators
    )  # fmt: skip
    return replace(plan, indicators=tuple(items))


def _scored(
    then: Judgement, item: Indicator, figures: Grouped,
    known: Callable[[int], Mapping[str, Judgement]], last: int, plan: Plan,
) -> tuple[Score, ...] | Reason | Why:  # fmt: skip
    """The scores of one indicator, or why there are none."""
    if math.isnan(then.outlook) and math.isnan(then.reach):
        return then.reach_reason or Reason.NO_DATA
    said = tuple(float(getattr(then, name)) for name in LEVELS)
    if last >= item.target_year:
        now = known(item.target_year)[item.no]
        reason = _unusable(then, now, item.target_year)
        if reason is None:
            return (Score(then, item.target_year, now.value, said, Basis.SAID,
                          then.reach, now.met),)  # fmt: skip
        if reason is not Why.NOT_YET:
            return reason
    course = _course(then, item, figures, own=then.region == plan.region)
    ends = _ends(course)
    if not isinstance(ends, np.ndarray):
        return ends
    basis = Basis.RECOMPUTED if np.allclose(ends[:, -1], said, rtol=SAME) else Basis.OTHERWISE
    years = [y for y in course.ahead() if y <= last and y < item.target_year]
    found = {y: known(y)[item.no] for y in years}
    reasons = {y: _unusable(then, now, y) for y, now in found.items()}
    scores = tuple(
        Score(then, y, found[y].value, tuple(map(float, ends[:, n])), basis)
        for n, y in enumerate(years) if reasons[y] is None
    )  # fmt: skip
    return (
        scores or next((r for r in reasons.values() if r is not Why.NOT_YET), None) or (Why.NOT_YET)
    )


def _unusable(then: Judgement, now: Judgement, year: int) -> Why | None:
    """Why a value known today is no answer to what was expected of a year."""
    if now.data_year != year or now.data_month != 12 or math.isnan(now.value) or now.missing_years:
        return Why.NOT_YET
    restated = [Reason.RESTATED in one.reasons for one in (then, now)]
    if (then.kind, then.unit, then.simulated) != (now.kind, now.unit, now.simulated):
        return Why.INCOMPARABLE
    if restated[0] != restated[1]:
        return Why.INCOMPARABLE
    return None if math.isfinite(now.value_low + now.value_high) else Why.ONE_SIDED


def _course(then: Judgement, item: Indicator, figures: Grouped, *, own: bool) -> Course:
    """What was projected then: the figures the run recorded, after those before the plan."""
    item = replace(item, base=parse_target(then.base_raw, unit=item.unit or None))
    kept = (
        replace(f, start=item.base_year + 1.0 if f.period == Period.CUMULATIVE else math.nan,
                simulated=then.simulated)
        for f in dict.fromkeys((*then.inputs, *then.history))
    )  # fmt: skip
    older = figures_of(item, figures, year=item.base_year)
    kind, parameters = questions(item.kind), dict(then.parameters)
    evidence = evidence_of(item, kind, {item.name: list(enumerate((*older, *kept)))},
                           year=then.year, own=own, max_age=int(parameters["max_age"]))  # fmt: skip
    return start(item, kind, evidence, kind.goal(item, kind.base(item)[0], parameters)).course


def _ends(course: Course) -> np.ndarray | Reason:
    """Median and ends of the intervals (rows) of the years ahead, or why there are none."""
    if reason := course.unfit:
        return reason
    seen = course.projection()
    if reason := seen.reason.item():
        return Reason(reason)
    return course.quantiles(seen, tuple(LEVELS.values()))
