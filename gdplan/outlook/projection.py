"""Short yearly series -> where they will be, how surely, and how likely a target is (METHOD 5).

Pure arrays, many series at once. The default method and its constants were chosen on public
competition data: docs/method/calibration.md has the table, ``make calibration`` makes it again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdplan.model import Comparator, Reason, Scale
from gdplan.outlook.line import bent, unbent

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.intp]
RECENCY = 0.8
"""Weight of a yearly step against that of the step one year later (``recent``)."""
WIDENING = 0.15
"""Power of the horizon by which errors outgrow those of a random walk with drift (``recent``)."""
LEVEL_POWER = 0.5
"""Steps of a geometric series vary with this power of its level (``recent``)."""
FEWEST = 4
"""Points below which nothing is projected: METHOD 5 gives them no probability."""
ENOUGH = 8
"""Points from which a deviation stands on its own (``drift``); below it is shrunk."""
LARGEST, SMALLEST = 1e12, 1e-100
"""Figures beyond these, other than zero, are refused: no published unit needs them."""
NOISE = 1e-12
"""A deviation below this share of the level is the noise of binary fractions."""
OWN = ("recent", "drift")
ALTERNATIVES = ("damped", "local", "theta", "combination")


@dataclass(frozen=True, slots=True)
class Projection:
    """Distributions, one for every series (...) and year ahead.

    ``location`` and ``spread`` (..., years) are median and scale on the line where the error is
    Student's t with ``df`` (...) degrees of freedom, a normal when infinite; nan where nothing can
    be said, and ``reason`` (...) then holds a :class:`gdplan.model.Reason`. ``tails`` says how the
    line becomes the unit: ``straight`` as it is; ``bent`` with what lies below ``base``
    (..., years) bent so that it stays above zero; ``log`` by its exponential. ``bounds`` hold for
    every outcome; ``n`` (...) counts the points.

    A start known within limits only moves everything: the probability of a target ``T`` from a
    start of ``y`` that may be ``y + a`` is that of ``T - a``. So is that of a sum of which ``a``
    has come.
    """

    location: Floats
    spread: Floats
    df: Floats
    tails: str
    base: Floats
    bounds: tuple[float, float]
    reason: NDArray[np.object_]
    n: NDArray[np.int64]

    @property
    def median(self) -> Floats:
        """Median of every year ahead (..., years), in the unit of the series."""
        return self._outcome(self.location, self.base)

    def quantile(self, levels: Sequence[float]) -> Floats:
        """Quantiles of every year ahead (..., years, levels).

        Raises
        ------
        ValueError
            For a level outside (0, 1).
        """
        from scipy.special import ndtri, stdtrit

        p = np.asarray(levels, float)
        if not ((p > 0) & (p < 1)).all():
            raise ValueError("levels of quantiles lie between 0 and 1")
        df = self.df[..., None, None]
        z = np.where(np.isinf(df), ndtri(p), stdtrit(np.where(np.isinf(df), 1.0, df), p))
        line = self.location[..., None] + self.spread[..., None] * z
        return self._outcome(line, self.base[..., None])

    def interval(self, level: float) -> tuple[Floats, Floats]:
        """Ends of the central interval of every year ahead (..., years), such as ``level=0.8``."""
        ends = self.quantile((0.5 - level / 2, 0.5 + level / 2))
        return ends[..., 0], ends[..., 1]

    def probability(self, comparator: Comparator | str, target: ArrayLike) -> Floats:
        """Probability (..., years) that the outcome is ``>=``, ``<=``, ``>`` or ``<`` a target.

        Mass at a bound of the outcome counts on its side; nan where there is a reason.

        Raises
        ------
        ValueError
            For another comparator: a goal with two sides is :meth:`within`.
        """
        word = str(comparator)
        if word not in (">=", "<=", ">", "<"):
            raise ValueError(f"no comparison with one side: {word}")
        below = self._below(np.asarray(target, float), strict=word in ("<", ">="))
        return 1 - below if word in (">", ">=") else below

    def within(self, low: ArrayLike, high: ArrayLike, *, strict: bool = False) -> Floats:
        """Probability (..., years) of ``low`` to ``high``, the ends excluded when strict."""
        under = self._below(np.asarray(low, float), strict=not strict)
        upto = self._below(np.asarray(high, float), strict=strict)
        return np.clip(upto - under, 0.0, 1.0)

    def _below(self, target: Floats, *, strict: bool) -> Floats:
        from scipy.special import ndtr, stdtr

        lowest, highest = self.bounds
        df = self.df[..., None]
        with np.errstate(invalid="ignore", divide="ignore"):
            z = (self.line(target) - self.location) / self.spread
            share = np.where(np.isinf(df), ndtr(z), stdtr(np.where(np.isinf(df), 1.0, df), z))
        under = target <= lowest if strict else target < lowest
        over = target > highest if strict else target >= highest
        out = np.where(under, 0.0, np.where(over, 1.0, share))
        return np.where(np.isfinite(self.location) & np.isfinite(self.spread), out, np.nan)

    def about(self, centre: Floats) -> Projection:
        """The same errors around another path (..., years) in the unit of the series."""
        return replace(self, location=self.line(centre))

    def _outcome(self, line: Floats, base: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.tails == "log":
                line = np.exp(np.minimum(line, math.log(LARGEST)))
            elif self.tails == "bent":
                line = bent(line, base)
        return np.clip(line, *self.bounds)

    def line(self, target: Floats) -> Floats:
        """Where on the line outcomes (..., years) lie, bounds left aside."""
        if self.tails == "log":
            return np.log(np.maximum(target, 0.0))
        if self.tails == "straight":
            return target
        return unbent(target, self.base)


@dataclass(frozen=True, slots=True)
class Walk:
    """Yearly steps fitted to series of one pattern: mean and deviation (m) on the line.

    ``worth`` is the number of yearly steps whose plain mean would be as sure, ``df`` the degrees
    of freedom, ``widening`` the power of the horizon by which errors outgrow the walk's.
    """

    mean: Floats
    deviation: Floats
    worth: float
    df: float
    widening: float

    def ahead(
        self, start: Floats, last: Floats, years: Floats, weights: Floats | None
    ) -> tuple[Floats, Floats, Floats]:
        """Location, spread and base (m, years) of series that go on from ``start`` on the line,
        their ``last`` figure (m, 1), or of running sums of what they make with these weights."""
        total, drifted, shocks = shares(weights, years)
        error = years**self.widening * np.sqrt(shocks + drifted**2 / self.worth)
        location = start * total + self.mean[:, None] * drifted
        return location, self.deviation[:, None] * error, last * total


def project(
    values: ArrayLike,
    *,
    horizon: int,
    scale: Scale | str,
    pooled: ArrayLike | None = None,
    method: str = "recent",
    weights: Sequence[float] | None = None,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Projection:
    """Project yearly series.

    ``recent``, the default: the median goes on from the last figure ``y`` by the mean yearly step
    ``m = sum(w d) / sum(w g)``, with weights ``w = 0.8^age`` and ``g`` the years a step took. The
    deviation is ``s^2 = k/(k-1) sum(w e^2) / sum(w)`` over the ``k`` residuals
    ``e = (d - m g) / sqrt(g)``, of a geometric series times ``sqrt(y / level)``. The error after
    ``h`` years is ``s h^0.15 sqrt(h + h^2 / c)``, with ``c`` the number of steps ``m`` is worth,
    Student's t with ``sqrt(n)`` degrees of freedom. A geometric series never falls to zero:
    outcomes below ``y`` count by their logarithm.

    ``drift`` is the rule of METHOD 5: steps on the declared scale (logarithms for a geometric
    series), ``s sqrt(h (1 + h / (n - 1)))``, t with ``n - 2``, ``s`` shrunk toward ``pooled`` below
    eight points. ``damped``, ``local``, ``theta`` and ``combination`` are those of
    :mod:`gdplan.outlook.alternatives`.

    Parameters
    ----------
    values : array, shape (..., years)
        Yearly figures, the last year last; nan is a missing year and is never filled in.
    horizon : int
        Years ahead of the last column, which may itself be missing.
    scale : Scale or its name
        The declared one, ``linear`` or ``geometric``.
    pooled : array (...), optional
        Deviation of other series' steps on the scale of the method, for ``drift``.
    weights : sequence of horizon floats, optional
        Project running weighted sums instead of levels: ones for a sum of yearly flows, less than
        one for a year part of which is known. Steps are then taken in the unit.
    bounds : (float, float)
        Limits of every outcome, such as (0, 100).

    Returns
    -------
    Projection
        With a Reason and nan for fewer than four points, no variation, figures that are not
        positive on a geometric scale or too large, sums whose last year is missing, and sums by
        methods that have levels only.

    Raises
    ------
    ValueError
        For an unknown method or scale, no year ahead, weights of another length or not finite.

    Source: coverage and scores on the yearly series of the M1 competition (Makridakis and others,
    Journal of Forecasting 1, 1982) in docs/method/calibration.md.

    Examples
    --------
    >>> rates = [90.0, 91.0, 91.5, 92.4, 93.0]
    >>> out = project(rates, horizon=2, scale=Scale.LINEAR, bounds=(0, 100))
    >>> out.median.round(2).tolist(), round(float(out.probability(">=", 95)[1]), 2)
    ([93.73, 94.46], 0.16)
    """
    table, spare = (
        np.asarray(values, float),
        np.asarray(np.nan if pooled is None else pooled, float),
    )
    _check(method, scale, horizon, weights, spare)
    scale = Scale(scale)
    shape = table.shape[:-1]
    rows = table.reshape(math.prod(shape), -1 if table.size else table.shape[-1])
    ask = _Ask(horizon, scale, method, None if weights is None else np.asarray(weights, float))
    reason = np.array([unfit(r, scale) or _unsummed(r, ask) for r in rows], dtype=object)
    others = np.broadcast_to(spare, shape).ravel()
    location, spread, base = (np.full((len(rows), horizon), np.nan) for _ in range(3))
    df = np.full(len(rows), np.nan)
    for columns, members in _alike(rows, reason):
        part = np.ascontiguousarray(rows[np.ix_(members, columns)])
        late = rows.shape[1] - 1 - int(columns[-1])
        made = _paths(part, columns.astype(float), late, others[members], ask)
        location[members], spread[members], base[members], df[members] = made
    still = np.isfinite(location).all(axis=1) & ~(spread > 0).all(axis=1)
    reason[still] = Reason.CONSTANT
    spread[still] = np.nan
    years = (*shape, horizon)
    return Projection(
        location.reshape(years), spread.reshape(years), df.reshape(shape), ask.tails,
        base.reshape(years), bounds, reason.reshape(shape),
        np.isfinite(table).sum(axis=-1),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Ask:
    """What is asked for, the same for every series."""

    horizon: int
    scale: Scale
    method: str
    weights: Floats | None

    @property
    def tails(self) -> str:
        """How the line of the errors becomes the unit."""
        if self.scale is not Scale.GEOMETRIC:
            return "straight"
        if self.method == "recent":
            return "bent"
        return "log" if self.weights is None else "straight"


def _check(
    method: str, scale: Scale | str, horizon: int, weights: Sequence[float] | None, pooled: Floats
) -> None:
    if scale not in tuple(Scale):
        raise ValueError(f"no scale {scale}; there are {', '.join(Scale)}")
    if method not in (*OWN, *ALTERNATIVES):
        raise ValueError(f"no method {method}; there are {', '.join((*OWN, *ALTERNATIVES))}")
    if horizon < 1 or (weights is not None and len(weights) != horizon):
        raise ValueError("at least one year ahead, and one weight for each")
    given = () if weights is None else weights
    if not np.isfinite(given).all() or np.isinf(pooled).any() or (pooled < 0).any():
        raise ValueError("weights and pooled deviations are finite, deviations not negative")


def unfit(row: Floats, scale: Scale) -> Reason | None:
    """Why nothing can be projected from a series; None when something can."""
    there = row[~np.isnan(row)]
    if not there.size:
        return Reason.NO_DATA
    size = np.abs(there[there != 0])
    if not ((size >= SMALLEST) & (size <= LARGEST)).all():
        return Reason.TOO_LARGE
    if scale is Scale.GEOMETRIC and float(there.min()) <= 0:
        return Reason.NOT_POSITIVE
    if there.size < FEWEST:
        return Reason.ONE_POINT if there.size == 1 else Reason.FEW_POINTS
    return None


def _unsummed(row: Floats, ask: _Ask) -> Reason | None:
    """Why a sum cannot be carried on from a series."""
    if ask.weights is None:
        return None
    if ask.method in ALTERNATIVES:
        return Reason.NOT_PROJECTED
    return Reason.MISSING_YEARS if np.isnan(row[-1]) else None


def _alike(rows: Floats, reason: NDArray[np.object_]) -> Iterator[tuple[Ints, Ints]]:
    """Columns that are known, and the series of which just these are: they are fitted together."""
    fit = np.flatnonzero([r is None for r in reason])
    if not fit.size:
        return
    patterns, member = np.unique(~np.isnan(rows[fit]), axis=0, return_inverse=True)
    for place, pattern in enumerate(patterns):
        yield np.flatnonzero(pattern), fit[member.ravel() == place]


def _paths(
    part: Floats, years: Floats, late: int, pooled: Floats, ask: _Ask
) -> tuple[Floats, Floats, Floats, float]:
    """Location, spread and base (m, horizon) and degrees of freedom of complete series."""
    line = np.log(part) if ask.tails == "log" else part
    last = part[:, -1:]
    if ask.method in ALTERNATIVES:
        from gdplan.outlook import alternatives

        location, spread = alternatives.paths(line, years, late + ask.horizon, ask.method)
        return location[:, late:], spread[:, late:], np.broadcast_to(last, spread[:, late:].shape
                                                                     ), math.inf  # fmt: skip
    walk = recent(part, years, ask.scale) if ask.method == "recent" else (
        _drift(line, years, pooled)
    )  # fmt: skip
    ahead = late + np.arange(1.0, ask.horizon + 1)
    return *walk.ahead(line[:, -1:], last, ahead, ask.weights), walk.df


def shares(weights: Floats | None, ahead: Floats) -> tuple[Floats, Floats, Floats]:
    """Weight of the start, of the mean step, and variance of the yearly shocks, years ahead.

    Of running sums the flow ``j`` years ahead is ``y + j m + e_1 + ... + e_j``; its sum up to ``h``
    has the start ``sum a``, the step ``sum j a``, and shock ``i`` by ``sum a`` from ``i`` on.
    """
    if weights is None:
        return np.ones_like(ahead), ahead, ahead
    shocks = [float((np.cumsum(weights[:h][::-1]) ** 2).sum()) for h in range(1, len(weights) + 1)]
    return np.cumsum(weights), np.cumsum(weights * ahead), np.array(shocks)


def recent(values: Floats, years: Floats, scale: Scale) -> Walk:
    """Steps of complete series (m, n) weighted by how recent they are, in the unit (``recent``)."""
    gaps, steps = np.diff(years), np.diff(values, axis=1)
    weights = RECENCY ** (years[-1] - years[1:])
    mean = steps @ weights / (weights @ gaps)
    left = (steps - mean[:, None] * gaps) / np.sqrt(gaps)
    if scale is Scale.GEOMETRIC:
        level = (values[:, 1:] + values[:, :-1]) / 2
        left = left * (values[:, -1:] / level) ** LEVEL_POWER
    k = len(gaps)
    variance = (left**2 @ weights) / weights.sum() * k / (k - 1)
    worth = (weights @ gaps) ** 2 / (weights**2 @ gaps)
    return Walk(mean, _heard(np.sqrt(variance), values), float(worth), math.sqrt(k + 1), WIDENING)


def _drift(line: Floats, years: Floats, pooled: Floats) -> Walk:
    """Random walk with drift (METHOD 5) on the line; a step over g years counts as g steps."""
    gaps, n, span = np.diff(years), line.shape[1], float(years[-1] - years[0])
    mean = (line[:, -1] - line[:, 0]) / span
    left = (np.diff(line, axis=1) - mean[:, None] * gaps) / np.sqrt(gaps)
    own = _heard(np.sqrt((left**2).sum(axis=1) / (n - 2)), line)
    weight = max(ENOUGH - n, 0) * ~np.isnan(pooled)
    mixed = ((n - 2) * own**2 + weight * np.nan_to_num(pooled) ** 2) / (n - 2 + weight)
    return Walk(mean, np.sqrt(mixed), span, float(n - 2), 0.0)


def _heard(deviation: Floats, line: Floats) -> Floats:
    return np.where(deviation > NOISE * np.abs(line).max(axis=1), deviation, 0.0)


def grade(n: int) -> str:
    """How much a series can carry (METHOD 5): 1-3 points no probability, 4-6 are thin.

    Examples
    --------
    >>> [grade(n) for n in (0, 3, 6, 7)]
    ['无', '不足', '单薄', '中等']
    """
    return "无" if n == 0 else "不足" if n <= 3 else "单薄" if n <= 6 else "中等"
