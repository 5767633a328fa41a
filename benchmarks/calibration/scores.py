"""Proper scores of quantile forecasts and of chances, pooled so that every series counts the same.

Source: T. Gneiting and A. E. Raftery, Strictly proper scoring rules, prediction, and estimation,
Journal of the American Statistical Association 102, 2007.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.calibration.methods import Quantiles
from benchmarks.calibration.windows import HORIZON, Floats, Windows
from gdplan.outlook.projection import Projection

LEVELS = tuple(float(x) for x in np.concatenate([[0.005], np.arange(1, 100) / 100, [0.995]]))
COARSE = tuple(float(x) for x in np.concatenate([[0.01], np.arange(1, 40) / 40, [0.99]]))
"""Fewer levels, for choosing constants."""
ENDS = (0.025, 0.1, 0.9, 0.975)
FAR = 3
"""The aims hold up to this many years ahead."""
GRID = (-3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0)
"""Targets: the last figure and so many mean yearly changes of the window, times the root of the
years ahead. None of them is the trend."""
FEW = 200
"""Deciles with fewer cases say nothing."""


@dataclass(frozen=True)
class Scores:
    """Scores of one method for windows of n years, h years ahead; each a mean over series.

    ``cover80`` and ``cover95`` are shares; ``crps`` and ``interval80`` are in mean yearly changes
    of the series.
    """

    n: int
    h: int
    cover80: float
    cover95: float
    crps: float
    interval80: float
    median_crps: float


@dataclass(frozen=True)
class Chances:
    """Chances of targets and whether they were reached, with the weight of each case.

    ``least`` says that the target is a floor (at least), else it is a cap (at most).
    """

    said: Floats
    happened: Floats
    weight: Floats
    least: Floats

    @staticmethod
    def joined(parts: list[Chances]) -> Chances:
        """All cases, each part counting the same."""
        return Chances(*(np.concatenate([getattr(p, f) / (p.weight.sum() if f == "weight" else 1)
                                         for p in parts]) for f in
                         ("said", "happened", "weight", "least")))  # fmt: skip

    def of(self, least: bool) -> Chances:
        """Floors or caps alone."""
        there = self.least == least
        return Chances(*(x[there] for x in (self.said, self.happened, self.weight, self.least)))

    @property
    def brier(self) -> float:
        """Mean square of what was said less what happened."""
        return float(np.average((self.said - self.happened) ** 2, weights=self.weight))

    @property
    def base_rate(self) -> float:
        """The Brier score of saying the share that happened of all, floors and caps apart."""
        rates = [np.average(self.happened[at], weights=self.weight[at])
                 for at in (self.least == 1, self.least == 0) if at.any()]  # fmt: skip
        return float(np.mean([rate * (1 - rate) for rate in rates]))

    def deciles(self) -> list[tuple[float, float, int]]:
        """What was said and what happened in each decile of the said, and how many cases."""
        place = np.minimum((self.said * 10).astype(int), 9)
        return [self._of(place == k) for k in range(10)]

    def _of(self, at: Floats) -> tuple[float, float, int]:
        count = int(at.sum())
        if count < FEW:
            return float("nan"), float("nan"), count
        said, happened = (float(np.average(x[at], weights=self.weight[at]))
                          for x in (self.said, self.happened))  # fmt: skip
        return said, happened, count

    @property
    def gaps(self) -> Floats:
        """What happened less what was said, by decile."""
        return np.array([happened - said for said, happened, _ in self.deciles()])


def crps(quantiles: Floats, outcome: Floats, levels: tuple[float, ...] = LEVELS) -> Floats:
    """Continuous ranked probability score from quantiles (m, levels): twice the mean quantile
    loss, by the trapezoid rule."""
    level, miss = np.asarray(levels), outcome[:, None] - quantiles
    loss = 2 * np.maximum(level * miss, (level - 1) * miss)
    return np.asarray(np.trapezoid(loss, level, axis=1))


def interval_score(low: Floats, high: Floats, outcome: Floats, level: float) -> Floats:
    """Width of the interval and 2/alpha times what an outcome lies outside."""
    outside = np.maximum(low - outcome, 0) + np.maximum(outcome - high, 0)
    return high - low + 2 / (1 - level) * outside


def evaluate(
    quantiles: Quantiles, windows: Windows, n: int, levels: tuple[float, ...] = LEVELS
) -> list[Scores]:
    """Scores for every year ahead."""
    table, ends = quantiles(levels), quantiles(ENDS)
    out = []
    for h in range(HORIZON):
        there = ~np.isnan(windows.future[:, h])
        y, size, of = windows.future[there, h], windows.size[there], windows.series[there]
        low95, low80, high80, high95 = ends[there, h].T
        by = _Pool(of)
        scored = by.series(crps(table[there, h], y, levels) / size)
        out.append(Scores(
            n, h + 1, by.mean((low80 <= y) & (y <= high80)), by.mean((low95 <= y) & (y <= high95)),
            float(scored.mean()), by.mean(interval_score(low80, high80, y, 0.8) / size),
            float(np.median(scored)),
        ))  # fmt: skip
    return out


def chances(made: Projection, windows: Windows, sides: str = ">= <=") -> Chances:
    """Chances of floors and caps on the grid, up to three years ahead."""
    ahead = np.sqrt(np.arange(1.0, HORIZON + 1))
    pace = np.abs(np.diff(windows.past, axis=1)).mean(axis=1)
    there = ~np.isnan(windows.future) & np.isfinite(made.spread)
    there[:, FAR:] = False
    weight = np.broadcast_to((1 / np.bincount(windows.series)[windows.series])[:, None],
                             there.shape)[there]  # fmt: skip
    parts = []
    for place in GRID:
        target = windows.past[:, -1:] + place * pace[:, None] * ahead
        for word in sides.split():
            least = word == ">="
            reached = windows.future >= target if least else windows.future <= target
            said = made.probability(word, target)[there]
            kind = np.full(len(said), float(least))
            parts.append((said, reached[there].astype(float), weight, kind))
    return Chances(*(np.concatenate(x) for x in zip(*parts, strict=True)))


class _Pool:
    """Means over the windows of a series, then over the series."""

    def __init__(self, of: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        self.of, self.count = of, np.bincount(of)

    def series(self, values: Floats) -> Floats:
        there = self.count > 0
        return np.asarray(np.bincount(self.of, values)[there] / self.count[there])

    def mean(self, values: Floats) -> float:
        return float(self.series(np.asarray(values, float)).mean())
