"""Student's t for whole degrees of freedom: distribution function and quantiles, in closed form."""

from __future__ import annotations

import math
from functools import cache

BISECTIONS = 200
"""Halvings of an interval of doubles; more change no digit."""


def cdf(t: float, df: int) -> float:
    """Probability that a t variable is at most ``t``.

    With ``theta = atan(t / sqrt(df))``, ``c = cos(theta)^2``: for even ``df``
    ``A = sin(theta) (1 + c/2 + c^2 (1·3)/(2·4) + ...)``, for odd ``df``
    ``A = 2/pi (theta + sin(theta) cos(theta) (1 + c 2/3 + c^2 (2·4)/(3·5) + ...))``, and the
    probability is ``(1 + A) / 2``.

    Parameters
    ----------
    t : float
        May be infinite.
    df : int
        At least 1.

    Raises
    ------
    ValueError
        For fewer than one degree of freedom.

    Source: Abramowitz and Stegun (1964), Handbook of Mathematical Functions, 26.7.3 and 26.7.4.

    Examples
    --------
    >>> round(cdf(2.776445, 4), 6), cdf(0.0, 3)
    (0.975, 0.5)
    """
    if df < 1:
        raise ValueError("Student's t needs at least one degree of freedom")
    if math.isinf(t):
        return 1.0 if t > 0 else 0.0
    theta = math.atan2(t, math.sqrt(df))
    sine, cosine = math.sin(theta), math.cos(theta)
    odd = df % 2
    term, total = 1.0, 0.0
    for k in range(odd, df - 1, 2):
        total += term
        term *= cosine * cosine * (k + 1) / (k + 2)
    inside = 2 / math.pi * (theta + sine * cosine * total) if odd else sine * total
    return min(max((1 + inside) / 2, 0.0), 1.0)


@cache
def quantile(level: float, df: int) -> float:
    """The value a t variable is below with probability ``level``.

    Raises
    ------
    ValueError
        For a level outside (0, 1).

    Examples
    --------
    >>> round(quantile(0.9, 6), 4), round(quantile(0.025, 4), 4)
    (1.4398, -2.7764)
    """
    if not 0 < level < 1:
        raise ValueError("level must lie between 0 and 1")
    if level == 0.5:
        return 0.0
    if level > 0.5:
        return -quantile(1 - level, df)
    low, high = -1.0, 0.0
    while cdf(low, df) > level:
        low *= 2
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if cdf(middle, df) < level else (low, middle)
    return (low + high) / 2
