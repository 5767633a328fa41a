"""Mean yearly step of a short series and how far single steps stray from it (METHOD 5).

Pure numpy, one series at a time; the only place where scenarios estimate anything from a series.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdplan.model import Reason, Scale

Floats: TypeAlias = NDArray[np.float64]
STEPS = 3
"""Points below which no mean step is given: one step alone is no trend."""
FEWEST = 4
"""Points below which no deviation, hence no probability, is given."""
ENOUGH = 8
"""Points from which a deviation stands on its own; below it is shrunk toward the pooled one."""
LARGEST = 1e12
"""Figures beyond this are refused: no published unit needs them."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Mean step per year, deviation of a one-year step, standard error of the mean step.

    All on the working scale: the indicator's unit, or its logarithm when geometric. ``size`` is
    what deviations are divided by before they are pooled; ``df`` are degrees of freedom.
    ``reason`` says why a number is nan: the mean needs three points, the deviation four.
    """

    mean: float = math.nan
    deviation: float = math.nan
    error: float = math.nan
    df: float = math.nan
    n: int = 0
    span: float = math.nan
    size: float = math.nan
    reason: Reason | None = None


def fit(
    years: Sequence[float], values: Sequence[float], *, scale: Scale, points: bool = False
) -> Drift:
    """Random walk with drift fitted to yearly figures; years that are missing stay missing.

    A step over a gap of ``g`` years is taken to be ``N(m g, s^2 g)``, so that
    ``m = (y_n - y_1) / (t_n - t_1)``, ``s^2 = sum((dy - m g)^2 / g) / (n - 2)`` and the standard
    error of ``m`` is ``s / sqrt(t_n - t_1)``. With yearly points these are mean and deviation of
    the steps and ``s / sqrt(n - 1)``.

    Parameters
    ----------
    years, values : sequences of equal length, years increasing
    scale : Scale
        Geometric works on logarithms.
    points : bool
        The unit is percentage points: deviations are pooled as they are, not relative to the
        level.

    Examples
    --------
    >>> drift = fit([2019, 2020, 2021, 2023], [10, 12, 13, 17], scale=Scale.LINEAR)
    >>> drift.mean, round(drift.deviation, 4), drift.n, drift.df
    (1.75, 0.6124, 4, 2.0)
    """
    t, y = np.asarray(years, float), np.asarray(values, float)
    n, reason = y.size, _unfit(y, scale)
    if reason in (Reason.NO_DATA, Reason.NOT_POSITIVE, Reason.TOO_LARGE):
        return Drift(n=n, reason=reason)
    work = np.log(y) if scale is Scale.GEOMETRIC else y
    size = 1.0 if points or scale is Scale.GEOMETRIC else float(np.abs(y).mean())
    if n < STEPS:
        return Drift(n=n, size=size, reason=reason)
    gap, span = np.diff(t), float(t[-1] - t[0])
    mean = float(work[-1] - work[0]) / span
    if n < FEWEST:
        return Drift(mean=mean, n=n, span=span, size=size, reason=reason)
    left = np.diff(work) - mean * gap
    deviation = math.sqrt(float((left**2 / gap).sum()) / (n - 2))
    # The noise of binary fractions is no variation.
    deviation = deviation if deviation > 1e-12 * max(size, float(np.abs(work).max())) else 0.0
    return Drift(mean, deviation, deviation / math.sqrt(span), float(n - 2), n, span, size,
                 None if deviation else Reason.CONSTANT)  # fmt: skip


def shrunk(fits: Mapping[str, Drift]) -> dict[str, Drift]:
    """The fits with deviations of short series drawn toward the pooled one of the others.

    ``s'^2 = ((n - 2) s^2 + k (p size)^2) / (n - 2 + k)`` with ``k = 8 - n`` for n < 8 and ``p`` the
    median of the other series' deviations over their size. The degrees of freedom stay ``n - 2``.
    A series that never changed takes part as any other, so that it is not taken to be certain.

    Examples
    --------
    >>> a, b = Drift(1, 2.0, 1.0, 2, 4, 3, 10), Drift(1, 8.0, 4.0, 2, 4, 3, 10)
    >>> [round(d.deviation, 3) for d in shrunk({"a": a, "b": b}).values()]
    [6.633, 4.899]
    """
    shares = {key: d.deviation / d.size for key, d in fits.items() if d.size and d.n >= FEWEST
              and not math.isnan(d.deviation)}  # fmt: skip
    return {key: _drawn(d, [s for k, s in shares.items() if k != key]) for key, d in fits.items()}


def _drawn(drift: Drift, others: Sequence[float]) -> Drift:
    if not others or math.isnan(drift.deviation) or drift.n >= ENOUGH:
        return drift
    own, weight = drift.n - 2, ENOUGH - drift.n
    pooled = statistics.median(others) * drift.size
    deviation = math.sqrt((own * drift.deviation**2 + weight * pooled**2) / (own + weight))
    return replace(drift, deviation=deviation, error=deviation / math.sqrt(drift.span),
                   reason=None if deviation else drift.reason)  # fmt: skip


def _unfit(y: Floats, scale: Scale) -> Reason | None:
    if not y.size:
        return Reason.NO_DATA
    if not np.isfinite(y).all() or float(np.abs(y).max()) > LARGEST:
        return Reason.TOO_LARGE
    if scale is Scale.GEOMETRIC and float(y.min()) <= 0:
        return Reason.NOT_POSITIVE
    if y.size < FEWEST:
        return Reason.ONE_POINT if y.size == 1 else Reason.FEW_POINTS
    return None
