"""The columns of an indicator's outlook: where it will be in the target year, and how likely its
target is. The arithmetic is in :mod:`gdplan.outlook`, its start in :mod:`gdplan.assessment.start`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gdplan.model import Mode, Reason

if TYPE_CHECKING:
    from gdplan.assessment.start import Start
    from gdplan.outlook.course import Course

COLUMNS = (
    "outlook", "outlook_low80", "outlook_high80", "outlook_low95", "outlook_high95", "reach",
    "reach_low", "reach_high", "reach_n", "reach_reason", "calibrated",
)  # fmt: skip
LEVELS = {"outlook": 0.5, "outlook_low80": 0.5 - 0.8 / 2, "outlook_high80": 0.5 + 0.8 / 2,
          "outlook_low95": 0.5 - 0.95 / 2, "outlook_high95": 0.5 + 0.95 / 2}  # fmt: skip
"""Which quantile stands in which column."""


def reach(start: Start, blocking: Sequence[Reason] = ()) -> dict[str, Any]:
    """The columns of an indicator's outlook; none when something forbids a verdict.

    Returns
    -------
    dict
        ``outlook`` and the ends of its intervals in the unit of the target; ``reach`` the
        probability of the accepted values in the target year, ``reach_low`` and ``reach_high`` its
        ends where the last figure is known within limits only; ``reach_n`` the points;
        ``calibrated`` whether such outlooks were measured out of sample; nan and a ``reach_reason``
        where nothing can be said.
    """
    course = start.course
    empty: dict[str, Any] = dict.fromkeys(COLUMNS, math.nan)
    empty |= {"reach_n": len(course.years), "reach_reason": None, "calibrated": None}
    forbidding = (*blocking, *start.reasons)
    if start.secured and (blocking or course.reason):
        sure = dict.fromkeys(("reach", "reach_low", "reach_high"), 1.0)
        return empty | sure | {"reach_reason": Reason.ALREADY_MET}
    if reason := forbidding[0] if forbidding else course.unfit:
        return empty | {"reach_reason": reason}
    seen = course.projection()
    if reason := seen.reason.item():
        return empty | {"reach_reason": reason}
    ends = course.quantiles(seen, tuple(LEVELS.values()))[:, -1]
    row = empty | dict(zip(LEVELS, map(float, ends), strict=True))
    row["calibrated"] = course.calibrated
    if start.goal is None:
        return row | {"reach_reason": Reason.NO_TARGET_NUMBER}
    chances = [float(course.chance(seen, off)[-1]) for off in (0.0, *_off(course))]
    return row | {"reach": chances[0], "reach_low": min(chances), "reach_high": max(chances)}


def _off(course: Course) -> tuple[float, ...]:
    """How far what is known may lie from its printed value; of an index that is left aside."""
    if course.mode is Mode.CHAIN:
        return ()
    printed = course.known if course.mode is Mode.SUM else course.value
    return tuple(end - printed for end in course.ends if math.isfinite(end))
