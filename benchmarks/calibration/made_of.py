"""Sums of flows and chained growth, measured on the same windows as they are reported.

The years ahead of a window are added up as flows, and its yearly growth is chained to a total.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.calibration.scores import ENDS, FAR
from benchmarks.calibration.windows import HORIZON, Floats, Windows
from gdplan.model import Mode, Scale
from gdplan.outlook.course import Course
from gdplan.outlook.projection import project

Shares = dict[tuple[int, int], tuple[float, float]]


def sums(windows: Windows) -> tuple[Floats, Floats]:
    """Ends of the sum of the next years' flows (m, years, 4), and what came."""
    made = project(windows.past, horizon=HORIZON, scale=Scale.GEOMETRIC, bounds=(0, np.inf),
                   weights=[1.0] * HORIZON)  # fmt: skip
    return made.quantile(ENDS), np.cumsum(windows.future, axis=1)


def chained(windows: Windows) -> tuple[Floats, Floats]:
    """Ends of the total growth (in percent) of the next years, and what came."""
    growth = 100 * (windows.past[:, 1:] / windows.past[:, :-1] - 1)
    years = tuple(range(2020 - growth.shape[1] + 1, 2021))
    ends = np.full((len(growth), HORIZON, 4), np.nan)
    for row, figures in enumerate(growth):
        course = Course(years, tuple(figures), 2020 + HORIZON, mode=Mode.CHAIN, known=1.0,
                        total=True)  # fmt: skip
        if course.unfit is None:
            ends[row] = course.judged(course.projection().quantile(ENDS).T).T
    return ends, 100 * (windows.future / windows.past[:, -1:] - 1)


def coverage(collection: Mapping[int, Windows], of: object) -> Shares:
    """Coverage of 80 % and 95 % by points and years ahead, a mean over series."""
    out: Shares = {}
    for n, windows in collection.items():
        positive = windows.of((windows.past > 0).all(axis=1)).moved
        ends, came = of(positive)  # type: ignore[operator]
        for h in range(FAR):
            y, (low95, low80, high80, high95) = came[:, h], ends[:, h].T
            there = ~np.isnan(y) & np.isfinite(low95)
            inside = [(low <= y) & (y <= high) for low, high in ((low80, high80), (low95, high95))]
            if not there.any():
                continue
            out[n, h + 1] = (_mean(inside[0][there], positive.series[there]),
                             _mean(inside[1][there], positive.series[there]))  # fmt: skip
    return out


def _mean(values: Floats, series: Floats) -> float:
    count = np.bincount(series)
    each = np.bincount(series, values.astype(float))[count > 0] / count[count > 0]
    return float(each.mean())
