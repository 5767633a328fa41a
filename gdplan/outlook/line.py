"""The line errors are normal on, and how it is bent so that a geometric figure stays above zero.

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
