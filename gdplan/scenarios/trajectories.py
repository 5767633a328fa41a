"""What a scenario file says of an indicator -> the path of its course, with its noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gdplan.model import Mode, Reason
from gdplan.outlook import paths
from gdplan.scenarios import order

if TYPE_CHECKING:
    from gdplan.assessment.start import Start
    from gdplan.outlook.course import Course
    from gdplan.outlook.paths import Trajectory
    from gdplan.scenarios.files import PathSpec


@dataclass(frozen=True, slots=True)
class Regression:
    """Least squares of an indicator on its drivers, and its forecast of the scenario's years.

    ``forecast`` (years) and ``loadings`` (terms, years) are in the indicator's unit: the mean
    forecast, and what one standard normal per term adds through the errors of the coefficients.
    """

    terms: tuple[str, ...] = ()
    coefficients: tuple[float, ...] = ()
    errors: tuple[float, ...] = ()
    n: int = 0
    r2: float = math.nan
    deviation: float = math.nan
    df: float = math.nan
    forecast: tuple[float, ...] = ()
    loadings: tuple[tuple[float, ...], ...] = ()
    change: bool = False
    reason: Reason | None = None


def trajectory(
    spec: PathSpec | None, start: Start, until: int, regression: Regression | None = None
) -> Trajectory:
    """The path of one indicator of one region from its last figure to a year.

    Parameters
    ----------
    spec : PathSpec or None
        The scenario's path; None gives none, with its reason.
    until : int
        Last year of the path; past the target year a path to the target goes on as it was.
    regression : Regression, optional
        For paths of kind ``driver``.

    Returns
    -------
    Trajectory
        With a reason where it has no number (no data, too few points, no target) or no
        probability.
    """
    course = start.course
    reason = start.reasons[0] if start.reasons else Reason.NO_PATH if spec is None else None
    reason = reason or paths.unusable(course)
    if reason or spec is None:
        return paths.none(course.ahead(until), reason or Reason.NO_PATH)
    return paths.noisy(course, _centre(spec, start, until, regression), spec.deviation)


def _centre(spec: PathSpec, start: Start, until: int, regression: Regression | None) -> Trajectory:
    """The path of a kind (METHOD 7) with the numbers its file declares."""
    course, direction = start.course, _better(start)
    match spec.kind:
        case "trend":
            return paths.trend(course, until)
        case "target":
            return _required(start, until)
        case "rate":
            return paths.rate(course, until, float(spec.growth or 0.0) / 100)
        case "increment":
            return paths.increment(course, until, float(spec.step or 0.0))
        case "fixed":
            # A declared cut is the growth of its negative.
            declared = spec.value if spec.value is None or not course.cut else -spec.value
            return paths.level(course, until, course.value if declared is None else declared)
        case "halt":
            return paths.halted(course, until, direction)
        case "shock":
            return order.at_most(start, _shock(spec, start, until), _calm(course, until))
        case "best":
            return _best(start, until, int(spec.years or 1))
    return _driven(start, until, regression)


def _better(start: Start) -> int:
    """The better direction of figures: growth falls where a greater cut is better."""
    return start.indicator.direction * (-1 if start.course.cut else 1)


def _calm(course: Course, until: int) -> Trajectory:
    """The trend, without one staying as now."""
    trend = paths.trend(course, until)
    return trend if trend.known else paths.level(course, until, course.value)


def _best(start: Start, until: int, years: int) -> Trajectory:
    """The best past pace, in no year worse than the trend; where neither side is better, the pace
    upwards or downwards that leads nearer to the accepted values."""
    course, direction, found = start.course, _better(start), _calm(start.course, until)
    for better in (direction,) if direction else (1, -1):
        path = paths.best(course, until, years, better=better,
                          yearly=start.indicator.kind.yearly)  # fmt: skip
        found = order.at_least(start, path, found)
    return found


def _required(start: Start, until: int) -> Trajectory:
    course, goal = start.course, start.goal
    if goal is None:
        borrowed = Reason.NO_REGION_TARGET in start.remarks
        reason = Reason.NO_REGION_TARGET if borrowed else Reason.NO_TARGET_NUMBER
        return paths.none(course.ahead(until), reason)
    if course.mode is Mode.VALUE:
        met = bool(goal.met(np.array([course.now]))[0])
    else:
        enough = course.mode is Mode.SUM and course.known >= course.whole(goal.value)
        met = enough and goal.direction > 0
    return paths.required(course, until, goal.value, met=met)


def _shock(spec: PathSpec, start: Start, until: int) -> Trajectory:
    """Worse by ``drop`` percent in the first year, then back in equal steps over k years."""
    course = start.course
    calm = paths.trend(course, until) if spec.after == "trend" else (
        paths.level(course, until, course.value)
    )  # fmt: skip
    share = -(_better(start) or 1) * float(spec.drop or 0.0) / 100
    fading = paths.fading(calm, share, first=course.year + 1, recovery=int(spec.recover or 1))
    return paths.shocked(course, calm, fading)


def _driven(start: Start, until: int, fitted: Regression | None) -> Trajectory:
    course = start.course
    years = course.ahead(until)
    if fitted is None or fitted.reason or len(fitted.forecast) != len(years):
        return paths.none(years, (fitted and fitted.reason) or Reason.NO_DRIVER)
    forecast, loadings = np.array(fitted.forecast), np.array(fitted.loadings)
    if fitted.change:
        forecast = course.value + np.cumsum(forecast)
        loadings = np.cumsum(loadings, axis=1)
    return paths.on_line(course, until, course.made(forecast), base=None, share=None,
                         loadings=loadings, deviation=fitted.deviation, df=fitted.df,
                         walk=fitted.change)  # fmt: skip
