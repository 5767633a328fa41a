"""The line errors are drawn on, and how it is bent so that outcomes stay inside what is possible: a
geometric figure above zero, a share between its two ends.

Pure arrays (decision 031).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


def bent(line: Floats, base: Floats) -> Floats:
    """What lies below a positive base bent so that it stays above zero: ``b exp(x/b - 1)``.

    Examples
    --------
    >>> bent(np.array([12.0, 8.0, -30.0]), np.array(10.0)).round(3).tolist()
    [12.0, 8.187, 0.183]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        below = base * np.exp(np.minimum(line / base - 1, 0))
    return np.where((base > 0) & (line < base), below, line)


def unbent(outcome: Floats, base: Floats) -> Floats:
    """Where on the line outcomes lie: the inverse of :func:`bent`.

    Examples
    --------
    >>> unbent(np.array([12.0, 8.0]), np.array(10.0)).round(3).tolist()
    [12.0, 7.769]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        below = base * (1 + np.log(np.maximum(outcome, 0.0) / base))
    return np.where((base > 0) & (outcome < base), below, outcome)


NEAR = 0.1
"""Part of the range of a share, at either end, in which it approaches that end."""
PRINTED = 0.0005
"""Half of the last digit of a share of which no rounding is known, as a part of its range."""
Ends: TypeAlias = tuple[float, float]


def approaching(line: Floats, base: Floats, ends: Ends) -> Floats:
    """Shares between two ends that are approached and never reached.

    The line is the share itself, except beyond the knee ``k``, the outer tenth of the range or the
    last figure ``base`` when that lies nearer: there a share is ``high - (high - k)
    exp(-(x - k) / (high - k))``, mirrored at the low end.

    Examples
    --------
    >>> approaching(np.array([50.0, 89.0, 95.0, 110.0]), np.array(80.0), (0, 100)).round(2).tolist()
    [50.0, 89.0, 93.93, 98.65]
    """
    low, high = ends
    under, over = _knees(base, ends)
    up = (high - over) * -np.expm1(-np.maximum(line - over, 0.0) / (high - over))
    down = (under - low) * -np.expm1(-np.maximum(under - line, 0.0) / (under - low))
    return np.clip(line, under, over) + up - down


def unapproached(share: Floats, base: Floats, ends: Ends) -> Floats:
    """Where on the line shares lie: the inverse of :func:`approaching`; the ends lie at infinity.

    Examples
    --------
    >>> unapproached(np.array([50.0, 93.93]), np.array(80.0), (0, 100)).round(2).tolist()
    [50.0, 94.99]
    """
    low, high = ends
    under, over = _knees(base, ends)
    with np.errstate(divide="ignore", invalid="ignore"):
        up = (high - over) * -np.log(np.clip((high - share) / (high - over), 0.0, 1.0))
        down = (under - low) * -np.log(np.clip((share - low) / (under - low), 0.0, 1.0))
    return np.clip(share, under, over) + up - down


def room(share: Floats, ends: Ends) -> Floats:
    """What is left to the nearer end, at most a tenth of the range: the size of steps there."""
    left = np.minimum(share - ends[0], ends[1] - share)
    return np.minimum(left, NEAR * (ends[1] - ends[0]))


def printed(share: Floats, half: Floats | float, ends: Ends) -> Floats:
    """Shares no nearer to an end than what is printed as that end."""
    half = np.minimum(half, NEAR * (ends[1] - ends[0]))
    return np.clip(share, ends[0] + half, ends[1] - half)


def to_line(outcome: Floats, base: Floats | None, ends: Ends | None) -> Floats:
    """Outcomes to the line of a share, of what is bent below its base, or as they are."""
    if base is None:
        return outcome
    if ends is None:
        return unbent(outcome, base)
    return unapproached(printed(outcome, PRINTED * (ends[1] - ends[0]), ends), base, ends)


def to_unit(line: Floats, base: Floats | None, ends: Ends | None) -> Floats:
    """The line to outcomes: the inverse of :func:`to_line`."""
    if base is None:
        return line
    return bent(line, base) if ends is None else approaching(line, base, ends)


def _knees(base: Floats, ends: Ends) -> tuple[Floats, Floats]:
    low, high = ends
    width = NEAR * (high - low)
    return np.minimum(base, low + width), np.maximum(base, high - width)
