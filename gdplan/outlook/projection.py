"""Short yearly series -> where they will be, how surely, and how likely a target is (METHOD 5).

Pure arrays, many series at once. The default method and its constants were chosen on public
competition data: docs/method/calibration.md has the table, ``make calibration`` makes it again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdplan.model import Comparator, Reason, Scale
from gdplan.outlook.coverage import MEASURED
from gdplan.outlook.labels import Labels, aligned
from gdplan.outlook.line import PRINTED, Ends, approaching, bent, printed, unapproached, unbent
from gdplan.outlook.walk import drifting, recent

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.intp]
FEWEST = 4
"""Points below which nothing is projected: METHOD 5 gives them no probability."""
LARGEST, SMALLEST = 1e12, 1e-100
"""Figures beyond these, other than zero, are refused: no published unit needs them."""
HELD = {4: (0.05, 0.95), 7: (0.02, 0.98)}
"""Between which a chance is held, by the points it rests on (METHOD 5)."""
FAINT = 1e-12
"""The least mass on either side of a target that no bound makes certain."""
OWN = ("recent", "drift")
ALTERNATIVES = ("damped", "local", "theta", "combination")


@dataclass(frozen=True, slots=True)
class Projection:
    """Distributions, one for every series (...) and year ahead.

    ``location`` and ``spread`` (..., years) are median and scale on the line where the error is
    Student's t with ``df`` (...) degrees of freedom, a normal when infinite; nan where nothing can
    be said, and ``reason`` (...) then holds a :class:`gdplan.model.Reason`. ``tails`` says how the
    line becomes the unit: ``straight`` as it is; ``bent`` with what lies below ``base``
    (..., years) bent so that it stays above zero; ``share`` approaching its two ``bounds``,
    which it never reaches; ``log`` by its exponential. ``bounds`` hold for every outcome; ``n``
    (...) counts the points. ``rounding`` (...) is half of the last digit: a share within it of an
    end is printed as that end. Of series with labels every answer has the years ahead as labels.

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
    rounding: Floats
    labels: Labels | None = None

    @property
    def median(self) -> Floats:
        """Median of every year ahead (..., years), in the unit of the series."""
        return self._put(self._outcome(self.location, self.base))

    def quantile(self, levels: Sequence[float]) -> Floats:
        """Quantiles of every year ahead (..., years, levels).

        Raises
        ------
        ValueError
            For a level outside (0, 1).
        """
        return self._put(self._quantile(np.asarray(levels, float)), levels)

    def _quantile(self, p: Floats) -> Floats:
        from scipy.special import ndtri, stdtrit

        if not ((p > 0) & (p < 1)).all():
            raise ValueError("levels of quantiles lie between 0 and 1")
        # Inverting Student's t is slow: once where all series have as many points.
        alike = np.unique(self.df[~np.isnan(self.df)])
        df = alike if alike.size == 1 else self.df[..., None, None]
        z = np.where(np.isinf(df), ndtri(p), stdtrit(np.where(np.isinf(df), 1.0, df), p))
        line = self.location[..., None] + self.spread[..., None] * z
        return self._outcome(line, self.base[..., None])

    def interval(self, level: float) -> tuple[Floats, Floats]:
        """Ends of the central interval of every year ahead (..., years), such as ``level=0.8``."""
        ends = self._quantile(np.array([0.5 - level / 2, 0.5 + level / 2]))
        return self._put(ends[..., 0]), self._put(ends[..., 1])

    def probability(self, comparator: Comparator | str, target: ArrayLike) -> Floats:
        """Probability (..., years) that the outcome is ``>=``, ``<=``, ``>`` or ``<`` a target.

        Mass at a bound of the outcome counts on its side; nan where there is a reason. It is held
        between what so few points support (:data:`HELD`), unless a bound makes it certain.

        Raises
        ------
        ValueError
            For another comparator: a goal with two sides is :meth:`within`.
        """
        word = str(comparator)
        if word not in (">=", "<=", ">", "<"):
            raise ValueError(f"no comparison with one side: {word}")
        below = self._below(self._match(target), strict=word in ("<", ">="))
        return self._put(held(1 - below if word in (">", ">=") else below, self.n[..., None]))

    def within(self, low: ArrayLike, high: ArrayLike, *, strict: bool = False) -> Floats:
        """Probability (..., years) of ``low`` to ``high``, the ends excluded when strict; held."""
        under = self._below(self._match(low), strict=not strict)
        upto = self._below(self._match(high), strict=strict)
        return self._put(held(np.clip(upto - under, 0.0, 1.0), self.n[..., None]))

    def _match(self, target: ArrayLike) -> Floats:
        return np.asarray(self.labels.match(target) if self.labels else target, float)

    def _put(self, made: Floats, levels: ArrayLike | None = None) -> Floats:
        return cast("Floats", self.labels.put(made, levels)) if self.labels else made

    def _below(self, target: Floats, *, strict: bool) -> Floats:
        from scipy.special import ndtr, stdtr

        lowest, highest = self.bounds
        df = self.df[..., None]
        with np.errstate(invalid="ignore", divide="ignore"):
            z = (self.line(target) - self.location) / self.spread
            share = np.where(np.isinf(df), ndtr(z), stdtr(np.where(np.isinf(df), 1.0, df), z))
        under = (target <= lowest if strict else target < lowest) | (target == -math.inf)
        over = (target > highest if strict else target >= highest) | (target == math.inf)
        share = np.where(np.isinf(z), share, np.clip(share, FAINT, 1 - FAINT))
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
            elif self.tails == "share":
                line = approaching(line, base, self.bounds)
        return np.clip(line, *self.bounds)

    def line(self, target: Floats) -> Floats:
        """Where on the line outcomes (..., years) lie, bounds left aside."""
        if self.tails == "log":
            return np.log(np.maximum(target, 0.0))
        if self.tails == "straight":
            return target
        if self.tails == "share":
            inside = printed(target, self.rounding[..., None], self.bounds)
            return unapproached(inside, self.base, self.bounds)
        return unbent(target, self.base)


def project(
    values: ArrayLike,
    *,
    horizon: int,
    scale: Scale | str,
    pooled: ArrayLike | None = None,
    method: str = "recent",
    weights: Sequence[float] | None = None,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    rounding: ArrayLike = 0.0,
) -> Projection:
    """Project yearly series.

    ``recent``, the default: the mean yearly step is ``m = sum(w d) / sum(w g)``, with weights
    ``w = 0.85^age`` and ``g`` the years a step took. The deviation is
    ``s^2 = k/(k-1) sum(w e^2) / sum(w)`` over the ``k`` residuals ``e = (d - m g) / sqrt(g)``, of a
    geometric series times ``sqrt(y / level)``, and never less than rounding alone makes. The median
    goes on from the last figure ``y`` by the part of ``m`` that can be told from its error,
    ``m^2 / (m^2 + s^2 / 2c)``, with ``c`` the number of steps ``m`` is worth. The error after ``h``
    years is ``s h^0.1 sqrt(h + h^2 / c)``, Student's t with ``sqrt(k)`` degrees of freedom. A
    geometric series never falls to zero: outcomes below ``y`` count by their logarithm. A share
    between two bounds approaches them: in the outer tenths of the range its steps count in
    proportion to what was left to the bound, and an outcome beyond the last figure by the logarithm
    of what is left.

    ``drift`` is the rule of METHOD 5: steps on the declared scale (logarithms for a geometric
    series), ``s sqrt(h (1 + h / (n - 1)))``, t with ``n - 2``, ``s`` shrunk toward ``pooled`` below
    eight points. ``damped``, ``local``, ``theta`` and ``combination`` are those of
    :mod:`gdplan.outlook.alternatives`.

    Parameters
    ----------
    values : array, shape (..., years), or a Series or DataFrame
        Yearly figures, the last year last; nan is a missing year and is never filled in. A Series
        has the years as its index, a DataFrame as its columns: years that are not there are
        missing ones, and answers come back with the years ahead as labels.
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
        Limits of every outcome, such as (0, 100). A level between two finite ones is a share.
    rounding : array (...)
        Half of the last printed digit of the figures, in their unit; 0 when they are exact.

    Returns
    -------
    Projection
        With a Reason and nan for fewer than four points, no variation, figures that are not
        positive on a geometric scale or too large, sums whose last year is missing, and sums by
        methods that have levels only.

    Raises
    ------
    ValueError
        For an unknown method or scale, no year ahead, weights of another length or not finite,
        bounds that are none, a rounding that is negative or no number, labels that are no years.

    Source: coverage and scores on the yearly series of the M1, M3 and Tourism competitions in
    docs/method/calibration.md.

    Examples
    --------
    >>> rates = [90.0, 91.0, 91.5, 92.4, 93.0]
    >>> out = project(rates, horizon=2, scale=Scale.LINEAR, bounds=(0, 100))
    >>> out.median.round(2).tolist(), round(float(out.probability(">=", 95)[1]), 2)
    ([93.59, 94.13], 0.05)
    """
    table, labels = aligned(values, horizon)
    spare, half = (
        np.asarray(np.nan if pooled is None else pooled, float),
        np.asarray(rounding, float),
    )
    _check(method, scale, horizon, weights, spare)
    _check_limits(bounds, half)
    scale, shape = Scale(scale), table.shape[:-1]
    rows = table.reshape(math.prod(shape), -1 if table.size else table.shape[-1])
    ask = _Ask(
        horizon, scale, method, None if weights is None else np.asarray(weights, float), bounds
    )
    reason = np.array([unfit(r, ask.scale) or _unsummed(r, ask) for r in rows], dtype=object)
    half = halves(np.broadcast_to(half, shape).ravel(), ask.share)
    others = np.broadcast_to(spare, shape).ravel()
    location, spread, base = (np.full((len(rows), horizon), np.nan) for _ in range(3))
    df = np.full(len(rows), np.nan)
    for columns, members in _alike(rows, reason):
        part = np.ascontiguousarray(rows[np.ix_(members, columns)])
        late = rows.shape[1] - 1 - int(columns[-1])
        made = _paths(part, columns.astype(float), late, others[members], half[members], ask)
        location[members], spread[members], base[members], df[members] = made
    still = np.isfinite(location).all(axis=1) & ~(spread > 0).all(axis=1)
    reason[still] = Reason.CONSTANT
    spread[still] = np.nan
    years = (*shape, horizon)
    return Projection(
        location.reshape(years), spread.reshape(years), df.reshape(shape), ask.tails,
        base.reshape(years), bounds, reason.reshape(shape),
        np.isfinite(table).sum(axis=-1), half.reshape(shape), labels,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Ask:
    """What is asked for, the same for every series."""

    horizon: int
    scale: Scale
    method: str
    weights: Floats | None
    bounds: Ends

    @property
    def share(self) -> Ends | None:
        """The two ends of levels that lie between two."""
        level = self.weights is None and (self.method == "recent" or self.scale is Scale.LINEAR)
        return self.bounds if level and math.isfinite(self.bounds[1] - self.bounds[0]) else None

    @property
    def tails(self) -> str:
        """How the line of the errors becomes the unit."""
        if self.share is not None:
            return "share"
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


def _check_limits(bounds: Ends, rounding: Floats) -> None:
    if not bounds[0] < bounds[1]:
        raise ValueError("the lower bound lies below the upper one")
    if not (np.isfinite(rounding) & (rounding >= 0)).all():
        raise ValueError("a rounding is a number, and not negative")


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


def halves(rounding: Floats, share: Ends | None) -> Floats:
    """Half of the last digit (m); of a share it is never nothing."""
    if share is None:
        return rounding
    return np.where(rounding > 0, rounding, PRINTED * (share[1] - share[0]))


def _paths(
    part: Floats, years: Floats, late: int, pooled: Floats, half: Floats, ask: _Ask
) -> tuple[Floats, Floats, Floats, float]:
    """Location, spread and base (m, horizon) and degrees of freedom of complete series."""
    if ask.tails == "share":
        part = printed(part, half[:, None] / 2, ask.bounds)
    last = part[:, -1:]
    ahead = late + np.arange(1.0, ask.horizon + 1)
    if ask.method == "recent":
        walk = recent(part, years, ask.scale, half, ask.share)
        return *walk.ahead(last, last, ahead, ask.weights), walk.df
    line = np.log(part) if ask.tails == "log" else part
    if ask.method == "drift":
        walk = drifting(line, years, pooled)
        return *walk.ahead(line[:, -1:], last, ahead, ask.weights), walk.df
    from gdplan.outlook import alternatives

    location, spread = alternatives.paths(line, years, late + ask.horizon, ask.method)
    base = np.broadcast_to(last, (len(part), ask.horizon))
    return location[:, late:], spread[:, late:], base, math.inf


def grade(n: int) -> str:
    """How much a series can carry (METHOD 5): 1-3 points no probability, 4-6 are thin.

    Examples
    --------
    >>> [grade(n) for n in (0, 3, 6, 7)]
    ['无', '不足', '单薄', '中等']
    """
    return "无" if n == 0 else "不足" if n <= 3 else "单薄" if n <= 6 else "中等"


def held(chance: Floats, n: ArrayLike) -> Floats:
    """Chances as far as so many points support them (METHOD 5); what is certain stays so.

    Examples
    --------
    >>> held(np.array([0.0, 0.001, 0.5, 0.999, 1.0]), 5).tolist()
    [0.0, 0.05, 0.5, 0.95, 1.0]
    """
    few, many = min(HELD), max(HELD)
    low, high = (np.where(np.asarray(n) >= many, HELD[many][i], HELD[few][i]) for i in (0, 1))
    return np.where((chance > 0) & (chance < 1), np.clip(chance, low, high), chance)


def measured(n: int) -> tuple[float, float]:
    """Share of outcomes that 80 % and 95 % intervals from ``n`` points covered out of sample, up
    to three years ahead, on the collection that covered worst (docs/method/calibration.md).

    More points than were measured count as the most.

    Raises
    ------
    ValueError
        Below four points: nothing is projected.

    Examples
    --------
    >>> measured(11) == measured(30)
    True
    """
    if n < FEWEST:
        raise ValueError(f"nothing is projected from {n} points")
    return MEASURED[min(n, max(MEASURED))]
