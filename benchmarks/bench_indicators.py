"""Indicator math on a million series: against the bare numpy expression of the same formula,
against a pandas groupby loop, and against the published growth ratio applied row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from benchmarks.harness import Result, exponent, peak, ratio
from gdplan import indicators as im

SERIES = 1_000_000
ROUNDS = 7
TIME_LIMIT = 3.0
MEMORY_LIMIT = 4.0
LOOPED = 20_000
"""Series of the loops: a million would take minutes."""
LOOP_LIMIT = 0.05
SIZES = (500_000, 1_000_000, 2_000_000, 4_000_000)
LINEAR = 0.15


def cases(
    series: int = SERIES,
) -> Iterator[tuple[str, Callable[[], object], Callable[[], object], int]]:
    """Name, gdplan call, bare numpy call, bytes of the input."""
    rng = np.random.default_rng(14)
    base, value, target = (rng.uniform(50, 150, series) for _ in range(3))
    years = rng.uniform(1, 5, series)
    flows = rng.uniform(10, 200, (series, 5))
    growth = rng.uniform(-0.1, 0.1, (series, 3))
    first, last = np.full(series, 2020.0), np.full(series, 2025.0)
    three, two = 3 * base.nbytes, 2 * base.nbytes
    yield "cumulative", lambda: im.cumulative(flows), lambda: flows.sum(axis=-1), flows.nbytes
    yield (
        "chained_growth",
        lambda: im.chained_growth(growth),
        lambda: np.prod(1 + growth, axis=-1) - 1,
        growth.nbytes,
    )
    yield (
        "average_growth",
        lambda: im.average_growth(growth),
        lambda: np.prod(1 + growth, axis=-1) ** (1 / 3) - 1,
        growth.nbytes,
    )
    yield (
        "annualized_growth",
        lambda: im.annualized_growth(base, value, years),
        lambda: (value / base) ** (1 / years) - 1,
        three,
    )
    yield (
        "required_growth",
        lambda: im.required_growth(value, target, years),
        lambda: (target / value) ** (1 / years) - 1,
        three,
    )
    yield (
        "required_increment",
        lambda: im.required_increment(value, target, years),
        lambda: (target - value) / years,
        three,
    )
    yield (
        "required_remaining_growth",
        lambda: im.required_remaining_growth(growth, value / 500, 5),
        lambda: ((1 + value / 500) / np.prod(1 + growth, axis=-1)) ** (1 / 2) - 1,
        growth.nbytes + value.nbytes,
    )
    yield (
        "elapsed_share",
        lambda: im.elapsed_share(2020 + years, first, last),
        lambda: (2020 + years - first) / (last - first),
        three,
    )
    yield (
        "linear_progress",
        lambda: im.linear_progress(base, value, target),
        lambda: (value - base) / (target - base),
        three,
    )
    yield (
        "geometric_progress",
        lambda: im.geometric_progress(base, value, target),
        lambda: np.log(value / base) / np.log(target / base),
        three,
    )
    yield (
        "cumulative_progress",
        lambda: im.cumulative_progress(flows, target),
        lambda: flows.sum(axis=-1) / target,
        flows.nbytes + target.nbytes,
    )
    yield "pace", lambda: im.pace(value, years), lambda: value / years, two
    yield (
        "growth_ratio",
        lambda: im.growth_ratio(
            base, value, target, base_year=2015, year=2023, target_year=2030, direction=1
        ),
        lambda: ((value / base) ** (1 / 8) - 1) / np.abs((target / base) ** (1 / 15) - 1),
        three,
    )
    shares = np.arange(1, 6) / 5
    yield (
        "milestones",
        lambda: im.milestones(base, target, 2020, 2025, path="linear"),
        lambda: base[:, None] + (target - base)[:, None] * shares,
        two,
    )


def run() -> list[Result]:
    """Time and memory of every function."""
    results = []
    for name, work, floor, size in cases():
        with np.errstate(all="ignore"):
            slower = ratio(work, floor, ROUNDS)
        results.append(Result(f"indicators.{name}", "bare numpy", slower, TIME_LIMIT))
        held = peak(work) / size
        results.append(
            Result(f"indicators.{name}, memory", "bytes of the input", held, MEMORY_LIMIT)
        )
    return [*results, *_loops(), _growth()]


def _loops() -> list[Result]:
    """The same figures as loops make them: a group at a time, a row at a time."""
    rng = np.random.default_rng(15)
    flows = rng.uniform(10, 200, (LOOPED, 5))
    target = flows.sum(axis=1) * rng.uniform(0.8, 1.2, LOOPED)
    long = pd.DataFrame({"series": np.repeat(np.arange(LOOPED), 5), "flow": flows.ravel()})
    base, value, goal = (rng.uniform(50, 150, LOOPED) for _ in range(3))
    wide = pd.DataFrame({"base": base, "value": value, "goal": goal})

    def grouped() -> list[float]:
        return [group.sum() / target[n] for n, group in long.groupby("series")["flow"]]

    def definition(row: pd.Series) -> float:
        made = (row["value"] / row["base"]) ** (1 / 8) - 1
        return float(made / abs((row["goal"] / row["base"]) ** (1 / 15) - 1))

    def whole() -> object:
        return im.growth_ratio(
            base, value, goal, base_year=2015, year=2023, target_year=2030, direction=1
        )

    np.testing.assert_allclose(im.cumulative_progress(flows, target), grouped())
    np.testing.assert_allclose(whole(), wide.apply(definition, axis=1))
    return [
        Result(f"indicators.cumulative_progress, {LOOPED:,} series", "a pandas groupby loop",
               ratio(lambda: im.cumulative_progress(flows, target), grouped, 3), LOOP_LIMIT),
        Result(f"indicators.growth_ratio, {LOOPED:,} series", "its definition, row by row",
               ratio(whole, lambda: wide.apply(definition, axis=1), 3), LOOP_LIMIT),
    ]  # fmt: skip


def _growth() -> Result:
    """The steepest growth of time over that of bare numpy with the number of series.

    Bare numpy grows faster than its arrays where they leave the caches, by up to a power of 1.6 on
    small machines: what counts is what gdplan adds.
    """
    ratios: dict[str, list[float]] = {}
    for size in SIZES:
        for name, work, bare, _ in cases(size):
            ratios.setdefault(name, []).append(ratio(work, bare, ROUNDS))
    steepest = max((exponent(SIZES, found), name) for name, found in ratios.items())
    return Result(f"indicators: exponent of growth with series beyond numpy's ({steepest[1]})",
                  "0 grows as numpy does", steepest[0], LINEAR)  # fmt: skip
