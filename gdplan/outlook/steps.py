"""What a scenario takes from a series: its mean yearly step and how far single steps stray from it.

The estimates are those of the outlook's default method, so that a scenario that goes on as before
says what the outlook says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdplan.model import Reason, Scale
from gdplan.outlook import projection

Floats: TypeAlias = NDArray[np.float64]
STEPS = 3
"""Points below which no mean step is given: one step alone is no trend."""
FEWEST = projection.FEWEST
LARGEST = projection.LARGEST


@dataclass(frozen=True, slots=True)
class Drift:
    """Mean step per year in the unit; deviation of a year's step and error of the mean.

    The latter two are on the working scale: the unit, or relative to the last figure when
    geometric; ``df`` are degrees of freedom, ``widening`` the power of the horizon by which errors
    outgrow those of a random walk. ``reason`` says why a number is nan: the mean needs three
    points, the deviation four.
    """

    mean: float = math.nan
    deviation: float = math.nan
    error: float = math.nan
    df: float = math.nan
    n: int = 0
    widening: float = 0.0
    reason: Reason | None = None


def fit(years: Sequence[float], values: Sequence[float], *, scale: Scale) -> Drift:
    """The outlook's default method fitted to one series; years that are missing stay missing.

    Parameters
    ----------
    years, values : sequences of equal length, years increasing

    Examples
    --------
    >>> drift = fit([2019, 2020, 2021, 2023], [10, 12, 13, 17], scale=Scale.LINEAR)
    >>> round(drift.mean, 4), round(drift.deviation, 4), drift.n, drift.df
    (1.797, 0.5963, 4, 2.0)
    """
    y = np.asarray(values, float)
    n, reason = y.size, projection.unfit(y, scale)
    if n < STEPS or reason in (Reason.NOT_POSITIVE, Reason.TOO_LARGE):
        return Drift(n=n, reason=reason)
    walk = projection.recent(y[None], np.asarray(years, float), scale)
    mean = float(walk.mean[0])
    if n < FEWEST:
        return Drift(mean=mean, n=n, reason=reason)
    deviation = float(walk.deviation[0]) / (y[-1] if scale is Scale.GEOMETRIC else 1.0)
    return Drift(mean, deviation, deviation / math.sqrt(walk.worth), walk.df, n, walk.widening,
                 None if deviation else Reason.CONSTANT)  # fmt: skip
