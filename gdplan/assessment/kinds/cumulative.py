"""A sum over the plan years of what each year brings (METHOD 1.1); it starts at zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gdplan import indicators as im
from gdplan.assessment import evidence as known
from gdplan.assessment.kinds.level import base, ends, exceedable, goal, moved_away, value
from gdplan.assessment.kinds.questions import NAN, Formulas, Way
from gdplan.model import Reason

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence, Figure
    from gdplan.assessment.kinds.questions import Case
    from gdplan.model import Indicator
    from gdplan.outlook.goal import Array, Flags, Goal

__all__ = ["base", "ends", "exceedable", "goal", "moved_away", "value"]
ZERO: Reason | None = Reason.TARGET_ZERO
"""Of a target of zero no share can be told."""


def evidence(item: Indicator, figures: Sequence[Figure], year: int) -> Evidence:
    """The flows from the first plan year on, or a published total carried on by flows."""
    return known.summed(figures, base_year=item.base_year, limits=item.limits)


def settled_early(evidence: Evidence, goal: Goal) -> bool:
    """What has come of a sum cannot fall again."""
    return goal.direction > 0 and not goal.banded and bool(goal.met(evidence.low))


def budget(goal: Goal) -> bool:
    """A sum that has to stay below its target."""
    return goal.direction < 0 and not goal.banded


def progress(case: Case) -> Array:
    """``S/T``."""
    value = case.at.value
    return np.asarray(im.cumulative_progress(value, np.full_like(value, case.goal.value)))


def pace(case: Case, progress: Array) -> Array:
    """Progress over the elapsed share; of a budget the other way round, endless when unused."""
    if budget(case.goal):
        return budget_pace(progress, case.elapsed, unused=progress == 0)
    return np.asarray(im.pace(progress, case.elapsed))


def budget_pace(used: Array, elapsed: float, *, unused: Flags) -> Array:
    """The share of time over the share of a budget that is used."""
    return np.where(unused, np.inf, np.asarray(im.pace(np.full_like(used, elapsed), used)))


def met(case: Case, progress: Array) -> Flags:
    """Whether the sum is an accepted one; a budget is kept only at the end."""
    if budget(case.goal) and not case.final_year:
        return np.zeros(case.at.value.shape, bool)
    return case.goal.met(case.at.value)


def way(case: Case, progress: Array) -> Way:
    """The yearly average so far, and what each year left has to bring."""
    value, goal = float(case.at.value[0]), case.goal
    done = bool(goal.met(value)) or math.isnan(float(progress[0])) or case.left <= 0
    needed = NAN if done else float(im.required_increment(value, goal.wanted(value), case.left))
    return Way(value / case.spent, needed, NAN, NAN)


def scheduled(case: Case) -> float:
    """A sum grows in step with time."""
    return case.goal.value * case.elapsed


def next_year(case: Case, way: Way, *, met: bool, progress: float) -> float:
    """The flow of the next year."""
    return way.required


def formulas(item: Indicator) -> Formulas:
    """The sum of the figures over the target."""
    return Formulas("{sum}", "{value}/{target}", "({wanted}-{value})/{left}")


def in_words(item: Indicator, field: str) -> str:
    """Where a sum differs from a level."""
    return {"value": "规划期内各年之和，{figures}", "achieved": "累计值÷已过年数"}.get(field, "")
