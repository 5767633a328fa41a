"""What if: a path from the last figure by a yearly growth with a shock, and how sure it is.

Pure arrays, no file and no plan. The centre of the path is assumed; its uncertainty is that of the
outlook of the series, so that going on as before has the chance that the report gives it
(METHOD 5 and 7).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gdplan.model import Mode, Reason
from gdplan.outlook import paths
from gdplan.outlook.course import Course, Floats

LEVELS = (0.025, 0.1, 0.9, 0.975)


@dataclass(frozen=True, slots=True)
class Assumption:
    """What is assumed: growth as a fraction a year (units a year when ``increment``), and a shock.

    ``trend`` goes on as the outlook does, whatever the growth. ``shock`` is a fraction of the size
    the figure would have had, negative for a fall, in ``shock_year``; it fades in equal steps over
    ``recovery`` years, or stays when that is None.
    """

    growth: float = 0.0
    increment: bool = False
    shock: float = 0.0
    shock_year: int | None = None
    recovery: int | None = None
    trend: bool = False


@dataclass(frozen=True, slots=True)
class Prospect:
    """A path and what it makes, arrays over ``years``.

    ``figures`` yearly figures, ``judged`` what they make (running sum, growth so far, or
    themselves), ``calm`` the same without the shock, ``quantiles`` (levels, years) of ``judged``.
    ``probability`` that the goal holds in the last year, ``gap`` between the last ``judged`` and
    the nearest accepted value (0 inside). Without a number for uncertainty ``reason`` says why.
    """

    years: tuple[int, ...]
    figures: Floats
    judged: Floats
    calm: Floats
    quantiles: Floats
    probability: float
    gap: float
    n: int
    reason: Reason | None = None

    @property
    def known(self) -> bool:
        """Whether there is a path."""
        return bool(self.years)


def prospect(
    course: Course, assumed: Assumption, *, levels: Sequence[float] = LEVELS
) -> Prospect:  # fmt: skip
    """The path of a course under an assumption, with its uncertainty.

    The centre is ``y (1 + g)^h`` or ``y + d h`` or the trend, shocked. Errors around it are those
    of :func:`gdplan.outlook.project` by its default method: of a value, of the sum of the flows to
    come, of the index that growth figures make. Of a geometric series they are relative to its
    last figure, and what lies below that counts by its logarithm. Limits hold for every outcome.

    Parameters
    ----------
    course : Course
    assumed : Assumption
    levels : sequence of float
        Quantile levels in (0, 1).

    Returns
    -------
    Prospect
        Without years when there is no path, without probability when there is no deviation or no
        goal; the reason is named.

    Raises
    ------
    ValueError
        For what is no number, a growth of -100 % or less, an increment of a growth rate, a shock
        that takes more than everything, a recovery below one year.

    Examples
    --------
    >>> from gdplan.outlook.course import Accepted
    >>> jobs = Course((2020, 2021, 2022, 2023), (134, 140.33, 132, 139.3), 2025,
    ...               mode=Mode.SUM, known=411.63, spent=3, goal=Accepted(low=550))
    >>> found = prospect(jobs, Assumption(growth=0.0))
    >>> [round(float(x), 2) for x in found.judged]
    [550.93, 690.23]
    """
    _check(assumed, course)
    calm = _calm(course, assumed)
    path = _hit(course, calm, assumed)
    if not path.known:
        return _none(course, path.reason or Reason.NO_YEARS_LEFT)
    judged, undisturbed = (course.judged(np.clip(p.centre, *course.bounds)) for p in (path, calm))
    gap = float(judged[-1] - course.goal.nearest(float(judged[-1])))
    reason, quantiles, probability = _sure(course, path, levels)
    return Prospect(
        path.years, np.clip(course.figures(path.centre), *_limits(course)), judged, undisturbed,
        quantiles, probability, gap if course.goal.known else math.nan, len(course.run), reason,
    )  # fmt: skip


def _calm(course: Course, assumed: Assumption) -> paths.Trajectory:
    """The path without its shock."""
    if not course.ahead():
        return paths.none((), Reason.NO_YEARS_LEFT if course.year else Reason.NO_DATA)
    if assumed.trend:
        return paths.trend(course, course.until)
    way = paths.increment if assumed.increment else paths.rate
    return way(course, course.until, assumed.growth)


def _hit(course: Course, calm: paths.Trajectory, assumed: Assumption) -> paths.Trajectory:
    if assumed.shock_year is None:
        return calm
    share = paths.fading(calm, assumed.shock, first=assumed.shock_year, recovery=assumed.recovery)
    return paths.shocked(course, calm, share)


def _sure(
    course: Course, path: paths.Trajectory, levels: Sequence[float]
) -> tuple[Reason | None, Floats, float]:
    """Quantiles (levels, years) of the judged values and the chance of the goal, or why none."""
    unknown = np.full((len(levels), len(path.years)), math.nan)
    if reason := course.unfit:
        return reason, unknown, math.nan
    seen = course.projection()
    if reason := seen.reason.item():
        return reason, unknown, math.nan
    seen = seen if path.trend else seen.about(path.centre)
    quantiles = course.quantiles(seen, levels)
    if not course.goal.known:
        return Reason.NO_TARGET_NUMBER, quantiles, math.nan
    return None, quantiles, float(course.chance(seen)[-1])


def _limits(course: Course) -> tuple[float, float]:
    return (-math.inf, math.inf) if course.mode is Mode.CHAIN else course.limits


def _check(assumed: Assumption, course: Course) -> None:
    if not (math.isfinite(assumed.growth) and math.isfinite(assumed.shock)):
        raise ValueError("growth and shock must be numbers")
    if not assumed.increment and not assumed.growth > -1:
        raise ValueError("growth must be more than -100 %")
    if assumed.increment and course.mode is Mode.CHAIN:
        raise ValueError("a growth rate has no increment here; assume a rate")
    if assumed.shock < -1 or (course.mode is Mode.CHAIN and not assumed.shock > -1):
        raise ValueError("a shock cannot take more than everything")
    if assumed.recovery is not None and assumed.recovery < 1:
        raise ValueError("recovery takes at least one year")


def _none(course: Course, reason: Reason) -> Prospect:
    empty = np.empty(0)
    n = len(course.run)
    return Prospect((), empty, empty, empty, np.empty((0, 0)), math.nan, math.nan, n, reason)
