"""A short yearly series, how its steps stray, and the path it takes under an assumed growth.

Pure numpy, one series at a time, no file and no plan (METHOD 5 and 7).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdplan.model import Kind, Reason, Scale

Floats: TypeAlias = NDArray[np.float64]
FEWEST = 4
"""Points below which no probability is given (METHOD 5)."""
ENOUGH = 8
"""Points from which a deviation stands on its own; below it is shrunk toward that of others."""
LARGEST = 1e12
"""Figures beyond this are refused: no published unit needs them."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Accepted values: from low to high, the bounds themselves excluded when strict."""

    low: float = -math.inf
    high: float = math.inf
    strict: bool = False

    @property
    def known(self) -> bool:
        """Whether there is anything to reach."""
        return math.isfinite(self.low) or math.isfinite(self.high)


@dataclass(frozen=True, slots=True)
class Series:
    """Yearly figures of one indicator and what they have to make by the year ``until``.

    ``kind`` cumulative: yearly flows, judged by their sum, of which ``known`` has come in the
    ``spent`` plan years so far; rate: yearly growth in percent, judged by its annual average (its
    total when ``total``), ``known`` being the product of the growth factors so far; any other: the
    last value is judged. ``limits`` hold for every yearly figure. ``pooled`` is the deviation of
    other series' steps relative to their size, nan when there are none.
    """

    years: tuple[int, ...]
    values: tuple[float, ...]
    until: int
    kind: Kind = Kind.LEVEL
    scale: Scale = Scale.LINEAR
    known: float = 0.0
    spent: int = 0
    total: bool = False
    limits: tuple[float, float] = (-math.inf, math.inf)
    goal: Goal = field(default_factory=Goal)
    pooled: float = math.nan

    @property
    def ahead(self) -> tuple[int, ...]:
        """Years to project."""
        return tuple(range(self.years[-1] + 1, self.until + 1)) if self.years else ()

    @property
    def log(self) -> bool:
        """Whether steps are taken on logarithms; growth always is."""
        return self.scale is Scale.GEOMETRIC or self.kind is Kind.RATE


@dataclass(frozen=True, slots=True)
class Assumption:
    """What is assumed: growth as a fraction a year (units a year when ``increment``), and a shock.

    ``shock`` is a fraction of the size the figure would have had, negative for a fall, in
    ``shock_year``; it fades in equal steps over ``recovery`` years, or stays when that is None.
    """

    growth: float = 0.0
    increment: bool = False
    shock: float = 0.0
    shock_year: int | None = None
    recovery: int | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """Yearly steps of a series on its working scale (the unit, or logarithms).

    ``mean`` per year, ``deviation`` of a one-year step, ``n`` points over ``span`` years; ``size``
    is what a deviation is divided by before it is compared with others'. ``reason`` says why the
    deviation is nan.
    """

    mean: float = math.nan
    deviation: float = math.nan
    n: int = 0
    span: float = math.nan
    size: float = math.nan
    reason: Reason | None = None


def steps(series: Series) -> Steps:
    """Mean and deviation of the yearly steps, the latter shrunk when there are few points.

    A step over ``g`` years is taken as ``N(m g, s^2 g)``: ``m = (y_n - y_1) / (t_n - t_1)`` and
    ``s^2 = sum((dy - m g)^2 / g) / (n - 2)``; of growth figures each is a step of its own. Below
    eight points ``s'^2 = ((n - 2) s^2 + (8 - n) (pooled size)^2) / 6``.

    Examples
    --------
    >>> found = steps(Series((2019, 2020, 2021, 2023), (10, 12, 13, 17), 2025))
    >>> found.mean, round(found.deviation, 4), found.n
    (1.75, 0.6124, 4)
    """
    values = np.asarray(series.values, float)
    reason = unusable(series, values)
    if reason:
        return Steps(n=len(values), reason=reason)
    gaps, moves, size = _moves(series, values)
    n, span = len(moves) + 1, float(gaps.sum())
    if n < 2:
        return Steps(n=n, size=size, reason=Reason.FEW_POINTS)
    mean = float(moves.sum()) / span
    if n < FEWEST:
        return Steps(mean, math.nan, n, span, size, Reason.FEW_POINTS)
    left = moves - mean * gaps
    own = float((left**2 / gaps).sum()) / (n - 2)
    # The noise of binary fractions is no variation.
    own = own if math.sqrt(own) > 1e-12 * max(size, float(np.abs(moves).max())) else 0.0
    deviation = math.sqrt(_shrunk(own, n, series.pooled * size))
    return Steps(mean, deviation, n, span, size, None if deviation else Reason.CONSTANT)


def growth_of(series: Series, *, increment: bool) -> float:
    """The series' own mean growth, as a fraction a year or in units a year; nan when unknown."""
    found = steps(series)
    if series.log and not increment:
        return math.expm1(found.mean) if not math.isnan(found.mean) else math.nan
    if series.kind is Kind.RATE or len(series.values) < 2:
        return math.nan
    first, last = series.values[0], series.values[-1]
    span = series.years[-1] - series.years[0]
    if increment:
        return (last - first) / span
    return (last / first) ** (1 / span) - 1 if first > 0 and last > 0 else math.nan


def required_growth(series: Series, *, increment: bool) -> float:
    """The constant growth whose path, without a shock, ends on the bound of the goal.

    Of a goal with two bounds, on the accepted value nearest to going on as now. A fraction a year,
    or units a year; nan when there is none, or nothing to reach. A sum by rate has no closed form
    and is bisected.

    Examples
    --------
    >>> coverage = Series((2023,), (93.0,), 2025, goal=Goal(low=95.0))
    >>> required_growth(coverage, increment=True)
    1.0
    """
    if not series.ahead or not series.goal.known or (increment and series.kind is Kind.RATE):
        return math.nan
    last, h = series.values[-1], len(series.ahead)
    target = _aim(series)
    if series.kind is Kind.RATE:
        factor = 1 + target / 100
        need = (factor if series.total else factor ** (series.spent + h)) / series.known
        return need ** (1 / h) - 1 if need > 0 else math.nan
    if series.kind is Kind.CUMULATIVE:
        need = target - series.known
        if increment:
            return (need - h * last) / (h * (h + 1) / 2)
        return _rate_of_sum(last, need, h)
    if increment:
        return (target - last) / h
    return (target / last) ** (1 / h) - 1 if target > 0 and last > 0 else math.nan


def path(series: Series, assumed: Assumption) -> tuple[Floats, Floats]:
    """Yearly figures (years) of the centre within the limits, and what they make.

    ``y + |y| ((1 + g)^h - 1)`` or ``y + d h``; a growth rate by the product of its factors, which
    is also what a shock of it hits.
    """
    hit = 1 + _shock(series, assumed)
    with np.errstate(over="ignore", invalid="ignore"):
        if series.kind is Kind.RATE:
            index = series.known * (1 + assumed.growth) ** _ahead(series) * hit
            before = np.concatenate(([series.known], index[:-1]))
            return (index / before - 1) * 100, _averaged(series, index)
        calm = _calm(series, assumed)
        figures = np.clip(calm + (hit - 1) * np.abs(calm), *series.limits)
    summed = series.kind is Kind.CUMULATIVE
    return figures, np.asarray(series.known + np.cumsum(figures)) if summed else figures


def _ahead(series: Series) -> Floats:
    return np.arange(1.0, len(series.ahead) + 1)


def _calm(series: Series, assumed: Assumption) -> Floats:
    last = series.values[-1]
    if assumed.increment:
        return np.asarray(last + assumed.growth * _ahead(series))
    return np.asarray(last + abs(last) * ((1 + assumed.growth) ** _ahead(series) - 1))


def _shock(series: Series, assumed: Assumption) -> Floats:
    """Share by which every year is off its calm path."""
    out = np.zeros(len(series.ahead))
    if assumed.shock_year is None:
        return out
    for i, year in enumerate(series.ahead):
        since = year - assumed.shock_year
        left = 1.0 if assumed.recovery is None else max(1 - since / assumed.recovery, 0.0)
        out[i] = assumed.shock * left if since >= 0 else 0.0
    return out


def _averaged(series: Series, index: Floats) -> Floats:
    """Growth in percent that a product of factors is, on average or in total."""
    spans = np.array([periods(series, i) for i in range(len(index))], float)
    return np.asarray((index ** (1 / spans) - 1) * 100)


def periods(series: Series, year: int) -> int:
    """Years a growth is averaged over; one when its total is judged."""
    return 1 if series.total else series.spent + year + 1


def unusable(series: Series, values: Floats) -> Reason | None:
    """Why no path can start from these values; None when one can."""
    if not values.size:
        return Reason.NO_DATA
    if not np.isfinite(values).all() or np.abs(values).max() > LARGEST:
        return Reason.TOO_LARGE
    lowest = -100.0 if series.kind is Kind.RATE else 0.0
    return Reason.NOT_POSITIVE if series.log and float(values.min()) <= lowest else None


def _moves(series: Series, values: Floats) -> tuple[Floats, Floats, float]:
    """Years each step took, the steps, and the size of the series."""
    if series.kind is Kind.RATE:
        return np.ones(len(values)), np.log1p(values / 100), 1.0
    work = np.log(values) if series.log else values
    gaps = np.diff(np.asarray(series.years, float))
    return gaps, np.diff(work), 1.0 if series.log else float(np.abs(values).mean())


def _shrunk(own: float, n: int, pooled: float) -> float:
    if n >= ENOUGH or math.isnan(pooled):
        return own
    return ((n - 2) * own + (ENOUGH - n) * pooled**2) / (ENOUGH - 2)


def _aim(series: Series) -> float:
    """The value a path to the goal ends on."""
    low, high = series.goal.low, series.goal.high
    if not (math.isfinite(low) and math.isfinite(high)):
        return low if math.isfinite(low) else high
    _, judged = path(series, Assumption())
    return min(max(float(judged[-1]), low), high)


def _rate_of_sum(last: float, need: float, h: int) -> float:
    """Rate at which h flows after ``last`` add up to ``need``."""
    if last <= 0 or need <= 0:
        return math.nan
    ahead = np.arange(1, h + 1)
    low, high = -1.0, 1.0
    while float((last * (1 + high) ** ahead).sum()) < need:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        short = float((last * (1 + middle) ** ahead).sum()) < need
        low, high = (middle, high) if short else (low, middle)
    return (low + high) / 2
