"""The warning light of an indicator (METHOD 6)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gdplan.model import Level, Verdict
from gdplan.outlook.goal import SETTLED

if TYPE_CHECKING:
    from gdplan.model import Indicator

LIGHTS = (Level.GREEN, Level.YELLOW, Level.ORANGE, Level.RED)


def warning_level(
    verdict: Verdict,
    pace: float,
    item: Indicator,
    parameters: Mapping[str, float],
    *,
    year: float = math.nan,
    reached: float = math.nan,
) -> Level:
    """The worse of the light from pace and that from the year's completion.

    A held floor is green, a broken one red, as is what moved away from its target; a final target
    that was missed is never green. ``year`` is the year's result over the year's
    target, nan where none is set. Binding indicators are one level stricter below 100 %. A
    probability of reaching the target (``reached``) below one half adds one level.
    """
    if verdict is Verdict.NOT_ASSESSABLE:
        return Level.GREY
    missed = verdict is Verdict.MISSED
    if verdict is Verdict.REVERSED or (missed and math.isnan(pace) and math.isnan(year)):
        return Level.RED
    light = max(int(missed), *(_light(x, item, parameters) for x in (pace, year)))
    return LIGHTS[min(light + (reached < parameters["level_reach"]), 3)]


def _light(share: float, item: Indicator, parameters: Mapping[str, float]) -> int:
    share = round(share, SETTLED)
    if math.isnan(share) or share >= parameters["level_green"]:
        return 0
    step = (share < parameters["level_yellow"]) + (share < parameters["level_orange"])
    return min(1 + step + item.binding, 3)
