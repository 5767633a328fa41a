"""The year's own result: the year's figure against the target set for the year. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gdplan.model import Indicator, Verdict

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence
    from gdplan.assessment.kinds.questions import Questions
    from gdplan.observations.annual_targets import AnnualTarget
    from gdplan.outlook.goal import Goal


@dataclass(frozen=True, slots=True)
class YearResult:
    """Target, figure and verdict of one year; nan and empty where there is none."""

    annual_target: float = math.nan
    annual_value: float = math.nan
    annual_completion: float = math.nan
    annual_verdict: str = ""
    annual_target_raw: str = ""
    annual_source: str = ""


def year_result(
    item: Indicator, kind: Questions, target: AnnualTarget | None, evidence: Evidence, *, year: int,
    parameters: Mapping[str, float],
) -> YearResult:  # fmt: skip
    """The year's figure against the year's target.

    ``annual_completion`` is actual over target where larger is better, target over actual where
    smaller is better; nan without a whole year's figure, and for bands.
    """
    if target is None:
        return YearResult()
    goal = kind.goal(replace(item, target=target.cell), math.nan, parameters)
    none = YearResult(annual_target_raw=target.cell.raw, annual_source=target.source)
    figures = [f for f in evidence.history if f.year == year and f.full_year]
    if goal is None or not figures:
        return none if goal is None else replace(none, annual_target=goal.value)
    value = figures[-1].value
    verdict = Verdict.COMPLETED if bool(goal.met(value)) else Verdict.MISSED
    return replace(none, annual_target=goal.value, annual_value=value, annual_verdict=verdict.value,
                   annual_completion=_completion(value, goal))  # fmt: skip


def _completion(value: float, goal: Goal) -> float:
    if goal.banded or goal.direction == 0:
        return math.nan
    over, under = (value, goal.value) if goal.direction > 0 else (goal.value, value)
    return over / under if under > 0 and over >= 0 else math.nan
