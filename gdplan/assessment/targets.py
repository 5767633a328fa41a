"""The cell of a target -> the accepted values (METHOD 4.1)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gdplan.model import Comparator
from gdplan.outlook.goal import SETTLED, Goal

if TYPE_CHECKING:
    from gdplan.model import Indicator


def goal(item: Indicator, base: float, parameters: Mapping[str, float]) -> Goal | None:
    """The goal of an indicator whose target is a number, a range or words about one; None when
    the target holds nothing to compare with.

    Tolerances of 左右 and 保持稳定 belong to the words of the target, of binding indicators too.
    """
    cell, direction = item.target, item.direction
    if cell.comparator is Comparator.KEEP:
        value = base if cell.value is None else cell.value
        if math.isnan(value):
            return None
        low, high = _around(value, _keep_tolerance(item, value, parameters))
        return Goal(value, low, high, False, direction, True)
    if cell.value is None:
        if not math.isfinite(cell.low) or not math.isfinite(cell.high):
            return None
        return Goal((cell.low + cell.high) / 2, cell.low, cell.high, False, direction, True)
    if cell.comparator is Comparator.ABOUT:
        return _about(item, cell.value, parameters)
    return _one_sided(cell.value, cell.comparator, direction)


def _about(item: Indicator, value: float, parameters: Mapping[str, float]) -> Goal:
    low, high = _around(value, parameters["about_tolerance"] * abs(value))
    low = -math.inf if item.direction < 0 else low
    high = math.inf if item.direction > 0 else high
    return Goal(value, low, high, False, item.direction, True)


def _one_sided(value: float, comparator: Comparator, direction: int) -> Goal:
    side = _side(comparator, direction)
    if side == 0:
        return Goal(value, value, value, False, 0, True)
    strict = comparator in (Comparator.ABOVE, Comparator.BELOW)
    low, high = (value, math.inf) if side > 0 else (-math.inf, value)
    return Goal(value, low, high, strict, side, False)


def _around(value: float, tolerance: float) -> tuple[float, float]:
    return round(value - tolerance, SETTLED), round(value + tolerance, SETTLED)


def _keep_tolerance(item: Indicator, value: float, parameters: Mapping[str, float]) -> float:
    if item.unit == "%":
        return parameters["keep_tolerance_points"]
    return parameters["keep_tolerance_share"] * abs(value)


def _side(comparator: Comparator, direction: int) -> int:
    if comparator in (Comparator.AT_LEAST, Comparator.ABOVE):
        return 1
    if comparator in (Comparator.AT_MOST, Comparator.BELOW):
        return -1
    return direction
