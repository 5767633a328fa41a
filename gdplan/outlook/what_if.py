"""What if: a path from the last figure by a yearly growth with a shock, and how sure it is.

Pure arrays, no file and no plan. The centre of the path is assumed; its uncertainty is that of the
outlook of the series, so that going on as before has the chance that the report gives it
(METHOD 5 and 7).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gdplan.model import Mode, Reason, Scale
from gdplan.outlook.growth_path import (
    Assumption,
    Floats,
    Goal,
    Series,
    path,
    periods,
    steps,
    unusable,
)
from gdplan.outlook.projection import LARGEST, Projection, shares
from gdplan.outlook.steps import Drift

LEVELS = (0.025, 0.1, 0.9, 0.975)


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
    series: Series, assumed: Assumption, *, levels: Sequence[float] = LEVELS
) -> Prospect:  # fmt: skip
    """The path of a series under an assumption, with its uncertainty.

    The centre is ``y (1 + g)^h`` or ``y + d h``, shocked, within the limits. Errors around it are
    those of :func:`gdplan.outlook.project` by its default method: of a value, of the sum of the
    flows to come, of the index that growth figures make. Of a geometric series they are relative
    to its last figure, and what lies below that counts by its logarithm.

    Parameters
    ----------
    series : Series
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
    >>> jobs = Series((2020, 2021, 2022, 2023), (134, 140.33, 132, 139.3), 2025,
    ...               mode=Mode.SUM, known=411.63, spent=3, goal=Goal(low=550))
    >>> found = prospect(jobs, Assumption(growth=0.0))
    >>> [round(float(x), 2) for x in found.judged]
    [550.93, 690.23]
    """
    _check(assumed, series)
    reason = unusable(series, np.asarray(series.values, float))
    if reason is None and not series.ahead:
        reason = Reason.NO_YEARS_LEFT
    if reason:
        return _none(len(series.values), reason)
    found = steps(series)
    figures, judged = path(series, assumed)
    _, calm = path(series, Assumption(assumed.growth, assumed.increment))
    if not (np.isfinite(judged).all() and np.isfinite(figures).all()
            and np.abs(judged).max() <= LARGEST):  # fmt: skip
        return _none(found.n, Reason.TOO_LARGE)
    reason = found.reason
    if reason is None and series.scale is Scale.GEOMETRIC and float(figures.min()) <= 0:
        reason = Reason.NOT_POSITIVE
    gap = float(judged[-1] - _nearest(float(judged[-1]), series.goal))
    quantiles, probability = np.full((len(levels), len(judged)), math.nan), math.nan
    if reason is None:
        made = _Sure.around(series, judged, found)
        quantiles, probability = made.quantiles(levels), made.probability()
        reason = None if series.goal.known else Reason.NO_TARGET_NUMBER
    return Prospect(
        series.ahead, figures, judged, calm, quantiles, probability,
        gap if series.goal.known else math.nan, found.n, reason,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sure:
    """The outlook's errors around an assumed path: of a level, of a sum to come, of an index."""

    series: Series
    judged: Floats
    projection: Projection

    @classmethod
    def around(cls, series: Series, judged: Floats, steps: Drift) -> _Sure:
        """Errors as large as those of the series' own outlook."""
        summed, rate = series.mode is Mode.SUM, series.mode is Mode.CHAIN
        ahead = np.arange(1.0, len(judged) + 1)
        total, drifted, shocks = shares(np.ones(len(judged))) if summed else (1.0, ahead, ahead)
        last = 1.0 if rate else series.values[-1]
        scale = last if series.log else 1.0
        error = np.sqrt(steps.deviation**2 * shocks + steps.error**2 * drifted**2)
        low, high = series.limits
        plain = Projection(
            judged, scale * ahead**steps.widening * error, np.array(steps.df),
            "bent" if series.log else "straight", last * total * np.ones(len(judged)),
            (0.0, math.inf) if rate else (min(low, 0.0), math.inf) if summed else (low, high),
            np.array(None, object), np.array(steps.n),
        )  # fmt: skip
        made = cls(series, judged, plain)
        return replace(made, projection=replace(plain, location=plain.line(made.projected(judged))))

    def projected(self, judged: Floats | float, year: slice | int = slice(None)) -> Floats:
        """Judged values as the outlook has them: levels, what is still to come, an index."""
        x = np.asarray(judged, float)
        if self.series.mode is Mode.CHAIN:
            factor = np.maximum(1 + x / 100, 0.0)
            return np.asarray(factor ** self._spans[year] / self.series.known)
        return x - self.series.known if self.series.mode is Mode.SUM else x

    def quantiles(self, levels: Sequence[float]) -> Floats:
        """Quantiles (levels, years) of the judged values."""
        x = self.projection.quantile(levels).T
        if self.series.mode is Mode.CHAIN:
            return np.asarray(((x * self.series.known) ** (1 / self._spans) - 1) * 100)
        return x + self.series.known if self.series.mode is Mode.SUM else x

    def probability(self) -> float:
        """Probability that the goal holds in the last year; nan without a goal."""
        goal = self.series.goal
        if not goal.known:
            return math.nan
        low, high = (self.projected(end, -1) for end in (goal.low, goal.high))
        return float(self.projection.within(low, high, strict=goal.strict)[-1])

    @property
    def _spans(self) -> Floats:
        return np.array([periods(self.series, i) for i in range(len(self.judged))], float)


def _check(assumed: Assumption, series: Series) -> None:
    if not (math.isfinite(assumed.growth) and math.isfinite(assumed.shock)):
        raise ValueError("growth and shock must be numbers")
    if not assumed.increment and not assumed.growth > -1:
        raise ValueError("growth must be more than -100 %")
    if assumed.increment and series.mode is Mode.CHAIN:
        raise ValueError("a growth rate has no increment here; assume a rate")
    if assumed.shock < -1 or (series.mode is Mode.CHAIN and not assumed.shock > -1):
        raise ValueError("a shock cannot take more than everything")
    if assumed.recovery is not None and assumed.recovery < 1:
        raise ValueError("recovery takes at least one year")


def _none(n: int, reason: Reason) -> Prospect:
    empty = np.empty(0)
    return Prospect((), empty, empty, empty, np.empty((0, 0)), math.nan, math.nan, n, reason)


def _nearest(y: float, goal: Goal) -> float:
    return min(max(y, goal.low), goal.high)
