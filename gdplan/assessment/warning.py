"""The two warning lights of an indicator (METHOD 6): the plan's and the year's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gdplan.assessment.reasons import POSITIVE
from gdplan.model import Level, Verdict
from gdplan.outlook.goal import SETTLED

if TYPE_CHECKING:
    from gdplan.assessment.year_result import YearResult
    from gdplan.model import Indicator

LIGHTS = (Level.GREEN, Level.YELLOW, Level.ORANGE, Level.RED)


def plan_light(
    verdict: Verdict,
    pace: float,
    item: Indicator,
    parameters: Mapping[str, float],
    *,
    reached: float = math.nan,
) -> Level:
    """The light of the way through the plan, which never contradicts its verdict.

    Green from ``on_track`` and beside every positive verdict, red for what was reversed; binding
    indicators one level stricter when behind. A probability of reaching the target (``reached``)
    below one half adds one level.
    """
    if verdict is Verdict.NOT_ASSESSABLE:
        return Level.GREY
    if verdict is Verdict.REVERSED or (verdict is Verdict.MISSED and math.isnan(pace)):
        return Level.RED
    more = reached < parameters["level_reach"]
    if verdict in POSITIVE:
        return LIGHTS[int(more)]
    return LIGHTS[min(_behind(pace, item, parameters) + more, 3)]


def year_light(year: YearResult, item: Indicator, parameters: Mapping[str, float]) -> Level:
    """The light of the year's own target: green where it is met or in time, grey without one."""
    if not year.annual_verdict:
        return Level.GREY
    if Verdict(year.annual_verdict) in POSITIVE:
        return Level.GREEN
    pace = year.pace if item.direction > 0 else year.annual_completion
    return LIGHTS[_behind(pace, item, parameters)]


def _behind(pace: float, item: Indicator, parameters: Mapping[str, float]) -> int:
    """Yellow at least; one that has no number is yellow."""
    share = round(pace, SETTLED)
    step = (share < parameters["level_yellow"]) + (share < parameters["level_orange"])
    return min(1 + step + item.binding, 3)
