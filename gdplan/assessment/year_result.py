"""The year's own result: the year's figure against the target set for the year. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gdplan.assessment.kinds.questions import questions
from gdplan.model import Indicator, Target, Verdict

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence
    from gdplan.outlook.goal import Goal


@dataclass(frozen=True, slots=True)
class YearResult:
    """Target, figure and verdict of one year; nan and empty where there is none."""

    target: float = math.nan
    value: float = math.nan
    completion: float = math.nan
    verdict: str = ""


def year_result(
    item: Indicator, cell: Target, evidence: Evidence, *, year: int,
    parameters: Mapping[str, float],
) -> YearResult:  # fmt: skip
    """The year's figure against the year's target.

    ``completion`` is actual over target where larger is better, target over actual where
    smaller is better; nan without a whole year's figure, and for bands.
    """
    goal = questions(item.kind).year_goal(replace(item, target=cell), parameters)
    figures = [f for f in evidence.history if f.year == year and f.full_year]
    if goal is None or not figures:
        return YearResult() if goal is None else YearResult(goal.value)
    value = figures[-1].value
    verdict = Verdict.COMPLETED if bool(goal.met(value)) else Verdict.MISSED
    return YearResult(goal.value, value, _completion(value, goal), verdict.value)


def _completion(value: float, goal: Goal) -> float:
    if goal.banded or goal.direction == 0:
        return math.nan
    over, under = (value, goal.value) if goal.direction > 0 else (goal.value, value)
    return over / under if under > 0 and over >= 0 else math.nan
