"""Proper scores of quantile forecasts, pooled so that every series counts the same.

Source: T. Gneiting and A. E. Raftery, Strictly proper scoring rules, prediction, and estimation,
Journal of the American Statistical Association 102, 2007.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.calibration.methods import Quantiles
from benchmarks.calibration.windows import HORIZON, Floats, Windows

LEVELS = tuple(float(x) for x in np.concatenate([[0.005], np.arange(1, 100) / 100, [0.995]]))
ENDS = (0.025, 0.1, 0.9, 0.975)


@dataclass(frozen=True)
class Scores:
    """Scores of one method for windows of n years, h years ahead; each a mean over series.

    ``cover80`` and ``cover95`` are shares; ``crps`` and ``interval80`` are in mean yearly changes
    of the series; ``brier`` is of the event that the target of :func:`targets` is reached.
    """

    n: int
    h: int
    cover80: float
    cover95: float
    crps: float
    interval80: float
    brier: float
    median_crps: float


def crps(quantiles: Floats, outcome: Floats) -> Floats:
    """Continuous ranked probability score from quantiles (m, levels) at ``LEVELS``: twice the
    mean quantile loss."""
    level, miss = np.asarray(LEVELS), outcome[:, None] - quantiles
    return np.asarray(2 * np.maximum(level * miss, (level - 1) * miss).mean(axis=1))


def interval_score(low: Floats, high: Floats, outcome: Floats, level: float) -> Floats:
    """Width of the interval and 2/alpha times what an outcome lies outside."""
    outside = np.maximum(low - outcome, 0) + np.maximum(outcome - high, 0)
    return high - low + 2 / (1 - level) * outside


def targets(past: Floats) -> Floats:
    """A target for every window and year ahead: on at the mean pace of the window."""
    pace = np.diff(past, axis=1).mean(axis=1)
    return past[:, -1:] + pace[:, None] * np.arange(1.0, HORIZON + 1)


def evaluate(quantiles: Quantiles, windows: Windows, n: int) -> list[Scores]:
    """Scores for every year ahead."""
    table, ends = quantiles(LEVELS), quantiles(ENDS)
    goals, out = targets(windows.past), []
    for h in range(HORIZON):
        there = ~np.isnan(windows.future[:, h])
        y, size, of = windows.future[there, h], windows.size[there], windows.series[there]
        lines, low95, low80, high80, high95 = table[there, h], *ends[there, h].T
        by = _Pool(of)
        reached = _reach(lines, goals[there, h])
        scored = by.series(crps(lines, y) / size)
        out.append(Scores(
            n, h + 1,
            by.mean((low80 <= y) & (y <= high80)), by.mean((low95 <= y) & (y <= high95)),
            float(scored.mean()), by.mean(interval_score(low80, high80, y, 0.8) / size),
            by.mean((reached - (y >= goals[there, h])) ** 2), float(np.median(scored)),
        ))  # fmt: skip
    return out


def _reach(lines: Floats, goal: Floats) -> Floats:
    """Probability of at least the goal, read off the quantiles."""

    def one(row: Floats, g: float) -> float:
        if row[-1] > row[0]:
            return float(1 - np.interp(g, row, LEVELS, left=0.0, right=1.0))
        return float(row[0] >= g)

    return np.array([one(row, g) for row, g in zip(lines, goal, strict=True)])


class _Pool:
    """Means over the windows of a series, then over the series."""

    def __init__(self, of: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        self.of, self.count = of, np.bincount(of)

    def series(self, values: Floats) -> Floats:
        there = self.count > 0
        return np.asarray(np.bincount(self.of, values)[there] / self.count[there])

    def mean(self, values: Floats) -> float:
        return float(self.series(np.asarray(values, float)).mean())
