"""Yearly steps of short series -> a random walk with drift: mean step, deviation, error ahead.

Pure arrays. The constants were chosen by ``make calibration`` (decision 031).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdplan.model import Scale
from gdplan.outlook.line import Ends, room

Floats: TypeAlias = NDArray[np.float64]
RECENCY = 0.85
"""Weight of a yearly step against that of the step one year later (``recent``)."""
DOUBT = 0.5
"""How much the error of the mean step takes from the trust in it (``recent``)."""
WIDENING = 0.1
"""Power of the horizon by which errors outgrow those of a random walk with drift (``recent``)."""
LEVEL_POWER = 0.5
"""Steps of a geometric series vary with this power of its level (``recent``)."""
ENOUGH = 8
"""Points from which a deviation stands on its own (``drift``); below it is shrunk."""
NOISE = 1e-12
"""A deviation below this share of the level is the noise of binary fractions."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Yearly steps fitted to series of one pattern: trusted mean and deviation (m) on the line.

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


def shares(weights: Floats | None, ahead: Floats) -> tuple[Floats, Floats, Floats]:
    """Weight of the start, of the mean step, and variance of the yearly shocks, years ahead.

    Of running sums the flow ``j`` years ahead is ``y + j m + e_1 + ... + e_j``; its sum up to ``h``
    has the start ``sum a``, the step ``sum j a``, and shock ``i`` by ``sum a`` from ``i`` on.
    """
    if weights is None:
        return np.ones_like(ahead), ahead, ahead
    shocks = [float((np.cumsum(weights[:h][::-1]) ** 2).sum()) for h in range(1, len(weights) + 1)]
    return np.cumsum(weights), np.cumsum(weights * ahead), np.array(shocks)


def recent(
    values: Floats, years: Floats, scale: Scale, rounding: Floats, share: Ends | None = None
) -> Walk:
    """Steps of complete series (m, n) weighted by how recent they are, in the unit (``recent``)."""
    gaps, steps = np.diff(years), np.diff(values, axis=1)
    weights = RECENCY ** (years[-1] - years[1:])
    middle, last, power = (values[:, 1:] + values[:, :-1]) / 2, values[:, -1:], LEVEL_POWER
    if share is not None:
        middle, last, power = room(middle, share), room(last, share), LEVEL_POWER - 1
    elif scale is not Scale.GEOMETRIC:
        middle, last = np.ones_like(middle), np.ones_like(last)
    ratio = last / middle
    moves = steps if share is None else steps * ratio
    mean = moves @ weights / (weights @ gaps)
    left = (moves - mean[:, None] * gaps) / np.sqrt(gaps) * ratio**power
    k = len(gaps)
    variance = (left**2 @ weights) / weights.sum() * k / (k - 1)
    deviation = _heard(np.sqrt(variance), values)
    moved = np.abs(steps).max(axis=1) > 0
    deviation = np.maximum(deviation, np.where(moved, math.sqrt(2 / 3) * rounding, 0.0))
    worth = float((weights @ gaps) ** 2 / (weights**2 @ gaps))
    error = DOUBT * deviation**2 / worth
    trust = np.divide(mean**2, mean**2 + error, out=np.ones_like(mean), where=error > 0)
    return Walk(trust * mean, deviation, worth, math.sqrt(k), WIDENING)


def drifting(line: Floats, years: Floats, pooled: Floats) -> Walk:
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
