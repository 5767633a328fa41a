"""A short yearly series, its trend, and the path it takes under an assumed growth.

Pure numpy, one series at a time, no file and no plan (METHOD 7). Trend and deviation are those of
the outlook.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdplan.model import Mode, Reason, Scale
from gdplan.outlook import projection
from gdplan.outlook import steps as drift
from gdplan.outlook.line import bent
from gdplan.outlook.steps import Drift

Floats: TypeAlias = NDArray[np.float64]


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
    last value is judged. ``limits`` hold for every yearly figure.
    """

    years: tuple[int, ...]
    values: tuple[float, ...]
    until: int
    mode: Mode = Mode.VALUE
    scale: Scale = Scale.LINEAR
    known: float = 0.0
    spent: int = 0
    total: bool = False
    limits: tuple[float, float] = (-math.inf, math.inf)
    goal: Goal = field(default_factory=Goal)

    @property
    def ahead(self) -> tuple[int, ...]:
        """Years to project."""
        return tuple(range(self.years[-1] + 1, self.until + 1)) if self.years else ()

    @property
    def log(self) -> bool:
        """Whether errors are relative; those of growth always are."""
        return self.scale is Scale.GEOMETRIC or self.mode is Mode.CHAIN


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


def steps(series: Series) -> Drift:
    """Mean yearly step and how far single steps stray from it, as the outlook estimates them.

    Growth figures are the index they make, 1 in the last year, as far back as no year is missing.

    Examples
    --------
    >>> found = steps(Series((2019, 2020, 2021, 2023), (10, 12, 13, 17), 2025))
    >>> round(found.mean, 4), round(found.deviation, 4), found.n
    (1.797, 0.5963, 4)
    """
    values = np.asarray(series.values, float)
    reason = unusable(series, values)
    if reason:
        return Drift(n=len(values), reason=reason)
    if series.mode is not Mode.CHAIN:
        return drift.fit(series.years, series.values, scale=series.scale)
    run = _unbroken(series)
    levels = np.concatenate(([1.0], np.cumprod(1 + run / 100)))
    found = drift.fit(range(len(levels)), list(levels / levels[-1]), scale=Scale.GEOMETRIC)
    if len(run) < drift.FEWEST:
        return Drift(found.mean, n=len(run), reason=Reason.FEW_POINTS)
    return replace(found, n=len(run))


def growth_of(series: Series, *, increment: bool) -> float:
    """The growth whose path ends where the outlook's median does; nan when unknown.

    A fraction a year, or units a year when ``increment``.

    Examples
    --------
    >>> insured = Series((2020, 2021, 2022, 2023), (60.0, 62.0, 64.0, 66.0), 2025)
    >>> growth_of(insured, increment=True), round(growth_of(insured, increment=False), 4)
    (2.0, 0.0299)
    """
    mean, h = steps(series).mean, max(len(series.ahead), 1)
    last = 1.0 if series.mode is Mode.CHAIN else series.values[-1] if series.values else math.nan
    start, drifted = (h * last, h * (h + 1) / 2) if series.mode is Mode.SUM else (last, float(h))
    end = start + mean * drifted
    line, base = np.array(end), np.array(start)
    return _growth_to(series, float(bent(line, base)) if series.log else end, increment)


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
    if not series.ahead or not series.goal.known or (increment and series.mode is Mode.CHAIN):
        return math.nan
    target, h = _aim(series), len(series.ahead)
    if series.mode is Mode.CHAIN:
        factor = 1 + target / 100
        target = (factor if series.total else factor ** (series.spent + h)) / series.known
    elif series.mode is Mode.SUM:
        target -= series.known
    return _growth_to(series, target, increment)


def path(series: Series, assumed: Assumption) -> tuple[Floats, Floats]:
    """Yearly figures (years) of the centre within the limits, and what they make.

    ``y + |y| ((1 + g)^h - 1)`` or ``y + d h``; a growth rate by the product of its factors, which
    is also what a shock of it hits.
    """
    hit = 1 + _shock(series, assumed)
    with np.errstate(over="ignore", invalid="ignore"):
        if series.mode is Mode.CHAIN:
            index = series.known * (1 + assumed.growth) ** _ahead(series) * hit
            before = np.concatenate(([series.known], index[:-1]))
            return (index / before - 1) * 100, _averaged(series, index)
        calm = _calm(series, assumed)
        figures = np.clip(calm + (hit - 1) * np.abs(calm), *series.limits)
    summed = series.mode is Mode.SUM
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
    if not np.isfinite(values).all() or np.abs(values).max() > projection.LARGEST:
        return Reason.TOO_LARGE
    lowest = -100.0 if series.mode is Mode.CHAIN else 0.0
    return Reason.NOT_POSITIVE if series.log and float(values.min()) <= lowest else None


def _unbroken(series: Series) -> Floats:
    """Growth figures back to the first missing year."""
    years = np.asarray(series.years)
    breaks = np.flatnonzero(np.diff(years) != 1)
    return np.asarray(series.values[int(breaks[-1]) + 1 if breaks.size else 0 :], float)


def _aim(series: Series) -> float:
    """The value a path to the goal ends on."""
    low, high = series.goal.low, series.goal.high
    if not (math.isfinite(low) and math.isfinite(high)):
        return low if math.isfinite(low) else high
    _, judged = path(series, Assumption())
    return min(max(float(judged[-1]), low), high)


def _growth_to(series: Series, end: float, increment: bool) -> float:
    """Constant growth to a level, to a sum of what is still to come, to an index."""
    h = max(len(series.ahead), 1)
    if series.mode is Mode.CHAIN:
        return math.nan if increment else _rate_of_level(1.0, end, h)
    last = series.values[-1] if series.values else math.nan
    if series.mode is Mode.SUM:
        return (end - h * last) / (h * (h + 1) / 2) if increment else _rate_of_sum(last, end, h)
    return (end - last) / h if increment else _rate_of_level(last, end, h)


def _rate_of_level(last: float, end: float, h: int) -> float:
    """Rate at which a level comes to ``end`` in ``h`` years."""
    return (end / last) ** (1 / h) - 1 if last > 0 and end > 0 else math.nan


def _rate_of_sum(last: float, need: float, h: int) -> float:
    """Rate at which h flows after ``last`` add up to ``need``."""
    if not (last > 0 and need > 0):
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
