"""How often rank intervals cover the true rank when the true weights differ from the declared."""

from __future__ import annotations

import numpy as np

from benchmarks.harness import Result
from gdplan.regions.composite.scores import Rules, rank_intervals, score

RUNS, REGIONS, INDICATORS, DRAWS = 1_000, 21, 25, 200
SPREAD, LEVEL, SLACK = 0.2, 0.9, 0.05


def coverage(
    *, runs: int, seed: int, regions: int = REGIONS, indicators: int = INDICATORS,
    spread: float = SPREAD, level: float = LEVEL, rounded: bool = False, declared: bool = True,
) -> float:  # fmt: skip
    """Share of regions, over all runs, whose true rank lies in its interval.

    Each run invents weights and values around the target (standard deviation 5 %). With
    ``declared`` the interval is drawn around the declared weights and the truth lies within the
    spread of them; without it the truth is fixed and what is declared strays from it. With
    ``rounded`` only values rounded to whole per cent are known.
    """
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(runs):
        weights = rng.dirichlet(np.full(indicators, 3.0))
        strayed = weights * (1 + spread * rng.uniform(-1, 1, indicators))
        true, known = (strayed, weights) if declared else (weights, strayed)
        values = 1 + 0.05 * rng.standard_normal((regions, indicators))
        seen = np.round(values, 2) if rounded else values
        half = 0.005 if rounded else 0.0
        out = rank_intervals(seen, _rules(known), spread=spread, low=seen - half,
                             high=seen + half, draws=DRAWS, level=level, rng=rng)  # fmt: skip
        rank = score(values, _rules(true)).rank
        hits += int(((out.low <= rank) & (rank <= out.high)).sum())
    return hits / (runs * regions)


def _rules(weights: np.ndarray) -> Rules:
    return Rules(
        weights.tolist(), [False] * len(weights), gate=100, floor=0, cap=1.2, decimals=6
    )  # fmt: skip


def run() -> list[Result]:
    """The distance of the measured coverage from 90 %, as a share of the five points allowed."""
    cases = {"": {}, ", truth fixed": {"declared": False}, ", rounded data": {"rounded": True}}
    return [
        Result(
            f"rank intervals, {REGIONS} regions, {RUNS} runs{name}: coverage {found:.1%}",
            "90 % by 5 points", abs(found - LEVEL) / SLACK, 1,
        )
        for name, case in cases.items()
        for found in [coverage(runs=RUNS, seed=20211118, **case)]
    ]  # fmt: skip
