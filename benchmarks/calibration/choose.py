"""Constants chosen on two collections and tried on the third."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from unittest import mock

import numpy as np

from benchmarks.calibration.methods import certain
from benchmarks.calibration.scores import COARSE, FAR, Chances, Scores, chances, evaluate
from benchmarks.calibration.windows import HORIZON, Floats, Windows
from gdplan.outlook import walk
from gdplan.outlook.projection import project

GRID = {"DOUBT": (0.0, 0.25, 0.5, 1.0), "RECENCY": (0.8, 0.85, 0.9),
        "WIDENING": (0.1, 0.15)}  # fmt: skip
AIMS = {4: {"cover80": (0.74, 0.86), "cover95": (0.91, 0.98)},
        6: {"cover80": (0.76, 0.84), "cover95": (0.92, 0.97)}}  # fmt: skip
"""Coverage up to three years ahead, from so many points on."""
Constants = Mapping[str, float]
Collection = Mapping[int, Windows]


@dataclass(frozen=True)
class Trial:
    """Scores of one set of constants on one collection."""

    scores: Sequence[Scores]
    gaps: Floats

    @property
    def crps(self) -> float:
        """CRPS over all lengths and years ahead."""
        return pooled(self.scores)

    @property
    def off(self) -> float:
        """How far coverage and chances are off: means over lengths, years ahead and deciles."""
        near = [s for s in self.scores if s.h <= FAR]
        cover = np.mean([abs(s.cover80 - 0.8) + abs(s.cover95 - 0.95) for s in near])
        return float(cover + np.nanmean(np.abs(self.gaps)))


def pooled(scores: Sequence[Scores]) -> float:
    """CRPS over all lengths and years ahead."""
    return float(np.mean([s.crps for s in scores]))


def outside(scores: Sequence[Scores]) -> list[tuple[str, float]]:
    """Where coverage misses the aims, and by how much."""
    found = []
    for s in (s for s in scores if s.h <= FAR):
        for field, (low, high) in AIMS[4 if s.n < 6 else 6].items():
            share = getattr(s, field)
            if not low <= share <= high:
                where = f"{field[-2:]} % at n={s.n} h={s.h}: {share:.3f}"
                found.append((where, max(low - share, share - high)))
    return found


def trials(collections: Mapping[str, Collection]) -> dict[tuple[float, ...], dict[str, Trial]]:
    """Every set of constants on every collection."""
    return {chosen: {name: trial(dict(zip(GRID, chosen, strict=True)), each)
                     for name, each in collections.items()}
            for chosen in itertools.product(*GRID.values())}  # fmt: skip


def trial(constants: Constants, collection: Collection) -> Trial:
    """The outlook with these constants on one collection."""
    scores, parts = [], []
    with mock.patch.multiple(walk, **constants):
        for n, windows in collection.items():
            made = project(windows.past, horizon=HORIZON, scale="geometric")
            scores += evaluate(certain(made), windows, n, COARSE)
            parts.append(chances(made, windows, ">="))
    return Trial(scores, Chances.joined(parts).gaps)


def chosen(
    made: Mapping[tuple[float, ...], Mapping[str, Trial]], on: Sequence[str]
) -> tuple[float, ...]:
    """Of the constants that hold the aims of coverage on these collections (or are least outside
    them) those with the least sum of relative CRPS, distance of coverage and of chances."""
    best = {name: min(t[name].crps for t in made.values()) for name in on}

    def loss(key: tuple[float, ...]) -> tuple[float, float]:
        mine = [made[key][name] for name in on]
        miss = max((m for t in mine for _, m in outside(t.scores)), default=0.0)
        sums = [t.crps / best[name] + t.off for name, t in zip(on, mine, strict=True)]
        return round(miss, 3), float(np.mean(sums))

    return min(made, key=loss)
