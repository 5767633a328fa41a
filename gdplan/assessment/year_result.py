"""The year's own result: the year's figure against the target set for the year. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gdplan.model import Indicator, Verdict
from gdplan.outlook.goal import settled

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence
    from gdplan.assessment.kinds.questions import Questions
    from gdplan.observations.annual_targets import AnnualTarget
    from gdplan.outlook.goal import Goal


@dataclass(frozen=True, slots=True)
class YearResult:
    """Target, figure and verdict of one year; nan and empty where there is none.

    ``annual_share`` is what part of the year the figure makes of a flow, 1 for a whole year.
    """

    annual_target: float = math.nan
    annual_value: float = math.nan
    annual_completion: float = math.nan
    annual_share: float = math.nan
    annual_month: float = math.nan
    annual_verdict: str = ""
    annual_target_raw: str = ""
    annual_source: str = ""

    @property
    def pace(self) -> float:
        """Completion over the share of the year that has passed."""
        return self.annual_completion / self.annual_share


def year_result(
    item: Indicator, kind: Questions, target: AnnualTarget | None, evidence: Evidence, *, year: int,
    parameters: Mapping[str, float],
) -> YearResult:  # fmt: skip
    """The year's figure, or that of its part, against the year's target.

    ``annual_completion`` is actual over target where larger is better, target over actual where
    smaller is better, of a flow of which part is known target over what a whole year of it makes;
    nan without a figure, and for bands.
    """
    if target is None:
        return YearResult()
    goal = kind.goal(replace(item, target=target.cell), math.nan, parameters)
    none = YearResult(annual_target_raw=target.cell.raw, annual_source=target.source)
    figures = [f for f in evidence.history if f.year == year and f.full_year]
    if goal is None or not (figures or evidence.started):
        return none if goal is None else replace(none, annual_target=goal.value)
    verdict: Verdict | None
    if figures or evidence.started is None:
        share, figure = 1.0, figures[-1]
        verdict = Verdict.COMPLETED if goal.met(figure.value, figure.above) else Verdict.MISSED
    else:
        share, figure = evidence.started.share, evidence.started.figure
        verdict = _under_way(figure.value, goal, share, parameters)
    return replace(none, annual_target=goal.value, annual_value=figure.value, annual_share=share,
                   annual_month=figure.month,
                   annual_verdict="" if verdict is None else verdict.value,
                   annual_completion=_completion(figure.value, goal, share))  # fmt: skip


def _under_way(
    value: float, goal: Goal, share: float, parameters: Mapping[str, float]
) -> Verdict | None:
    """The word for part of a year: by its pace for a flow; an average or a stock meets the target
    today, or does not, and a stock that has still to rise says nothing yet."""
    met = bool(goal.met(value))
    if math.isnan(share):
        return Verdict.HELD if met else None if goal.direction > 0 else Verdict.BEHIND
    if met and goal.direction > 0:
        return Verdict.COMPLETED
    if not met and goal.direction < 0:
        return Verdict.MISSED
    pace = float(settled(_completion(value, goal, share) / (share if goal.direction > 0 else 1)))
    if math.isnan(pace):
        return None
    if pace >= 1 + parameters["ahead_margin"]:
        return Verdict.AHEAD
    return Verdict.ON_TRACK if pace >= parameters["on_track"] else Verdict.BEHIND


def _completion(value: float, goal: Goal, share: float) -> float:
    if goal.banded or goal.direction == 0:
        return math.nan
    whole = value if math.isnan(share) or goal.direction > 0 else value / share
    over, under = (whole, goal.value) if goal.direction > 0 else (goal.value, whole)
    return over / under if under > 0 and over >= 0 else math.nan
