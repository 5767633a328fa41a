"""What if: a path from the last figure by a yearly growth with a shock, and how sure it is.

Pure numpy, no file and no plan. The centre of the path is assumed; its uncertainty is that of a
random walk with drift whose steps stray as those of the series did (METHOD 5 and 7).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gdplan import student
from gdplan.growthpath import (
    LARGEST,
    Assumption,
    Floats,
    Goal,
    Series,
    Steps,
    path,
    periods,
    steps,
    unusable,
)
from gdplan.model import Kind, Reason, Scale

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

    The centre is ``y (1 + g)^h`` or ``y + d h``, shocked, within the limits. On the working scale
    the error of year h is ``sum(e_1..e_h) + h u`` with ``e`` of deviation ``s`` and ``u``, the
    error of the mean step, of deviation ``s / sqrt(span)``: for a value
    ``s sqrt(h + h^2 / span)``, for a sum the same errors added up. The logarithm of a sum of flows
    on a geometric scale strays by the mean of their errors (delta method around equal flows, so
    that more growth never lowers the probability). Student t with n - 2 degrees of freedom.

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
    ...               kind=Kind.CUMULATIVE, known=411.63, spent=3, goal=Goal(low=550))
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
    made = _Sure(series, judged, found)
    quantiles, probability = np.full((len(levels), len(judged)), math.nan), math.nan
    if reason is None:
        quantiles, probability = made.quantiles(levels), made.probability()
        reason = None if series.goal.known else Reason.NO_TARGET_NUMBER
    return Prospect(
        series.ahead, figures, judged, calm, quantiles, probability,
        gap if series.goal.known else math.nan, found.n, reason,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sure:
    """The distribution of the judged values around a path."""

    series: Series
    judged: Floats
    steps: Steps

    def deviation(self, year: int) -> float:
        """Standard error of the judged value after ``year`` + 1 years, on the working scale."""
        weights = np.zeros(year + 1)
        weights[-1] = 1.0
        if self.series.kind is Kind.CUMULATIVE:
            weights = np.full(year + 1, 1 / (year + 1) if self.series.log else 1.0)
        shocks = np.cumsum(weights[::-1])
        drift = float((weights * np.arange(1, year + 2)).sum())
        spread = float((shocks**2).sum()) + drift**2 / self.steps.span
        return self.steps.deviation * math.sqrt(spread)

    def work(self, y: float, year: int) -> float:
        """A judged value on the working scale."""
        if self.series.kind is Kind.RATE:
            y = (max(1 + y / 100, 0.0)) ** periods(self.series, year)
        elif self.series.kind is Kind.CUMULATIVE:
            y -= self.series.known
        if not self.series.log:
            return y
        return math.log(y) if y > 0 else -math.inf

    def natural(self, x: float, year: int) -> float:
        """The judged value of a number on the working scale."""
        y = math.exp(min(x, 700.0)) if self.series.log else x
        if self.series.kind is Kind.RATE:
            return float((y ** (1 / periods(self.series, year)) - 1) * 100)
        return y + self.series.known if self.series.kind is Kind.CUMULATIVE else y

    def ends(self, year: int) -> tuple[float, float]:
        """Smallest and largest judged value that the limits allow."""
        low, high = self.series.limits
        if self.series.kind is Kind.RATE:
            return -100.0, math.inf
        if self.series.kind is Kind.CUMULATIVE:
            return self.series.known + low * (year + 1), self.series.known + high * (year + 1)
        return low, high

    def quantiles(self, levels: Sequence[float]) -> Floats:
        """Quantiles (levels, years) of the judged values."""
        df = self.steps.n - 2
        out = [
            [
                float(np.clip(self.natural(self.work(float(y), i)
                                           + student.quantile(p, df) * self.deviation(i), i),
                              *self.ends(i)))
                for i, y in enumerate(self.judged)
            ]
            for p in levels
        ]  # fmt: skip
        return np.array(out)

    def probability(self) -> float:
        """Probability that the goal holds in the last year; nan without a goal."""
        goal = self.series.goal
        if not goal.known:
            return math.nan
        below = self._below(goal.high, strict=goal.strict) if math.isfinite(goal.high) else 1.0
        under = self._below(goal.low, strict=not goal.strict) if math.isfinite(goal.low) else 0.0
        return max(below - under, 0.0)

    def _below(self, bound: float, *, strict: bool) -> float:
        """P(value < bound) when strict, else P(value <= bound), limits included."""
        year = len(self.judged) - 1
        low, high = self.ends(year)
        if bound < low or (strict and bound == low):
            return 0.0
        if bound > high or (not strict and bound == high):
            return 1.0
        centre = self.work(float(self.judged[-1]), year)
        away = (self.work(bound, year) - centre) / self.deviation(year)
        return student.cdf(away, self.steps.n - 2)


def _check(assumed: Assumption, series: Series) -> None:
    if not (math.isfinite(assumed.growth) and math.isfinite(assumed.shock)):
        raise ValueError("growth and shock must be numbers")
    if not assumed.increment and not assumed.growth > -1:
        raise ValueError("growth must be more than -100 %")
    if assumed.increment and series.kind is Kind.RATE:
        raise ValueError("a growth rate has no increment here; assume a rate")
    if assumed.shock < -1 or (series.kind is Kind.RATE and not assumed.shock > -1):
        raise ValueError("a shock cannot take more than everything")
    if assumed.recovery is not None and assumed.recovery < 1:
        raise ValueError("recovery takes at least one year")


def _none(n: int, reason: Reason) -> Prospect:
    empty = np.empty(0)
    return Prospect((), empty, empty, empty, np.empty((0, 0)), math.nan, math.nan, n, reason)


def _nearest(y: float, goal: Goal) -> float:
    return min(max(y, goal.low), goal.high)
