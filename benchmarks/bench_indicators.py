"""Indicator math on a million series against the bare numpy expression of the same formula."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.harness import Result, peak, ratio
from gdplan import indicators as im

SERIES = 1_000_000
ROUNDS = 7
TIME_LIMIT = 3.0
MEMORY_LIMIT = 4.0


def cases() -> Iterator[tuple[str, Callable[[], object], Callable[[], object], int]]:
    """Name, gdplan call, bare numpy call, bytes of the input."""
    rng = np.random.default_rng(14)
    base, value, target = (rng.uniform(50, 150, SERIES) for _ in range(3))
    years = rng.uniform(1, 5, SERIES)
    flows = rng.uniform(10, 200, (SERIES, 5))
    growth = rng.uniform(-0.1, 0.1, (SERIES, 3))
    first, last = np.full(SERIES, 2020.0), np.full(SERIES, 2025.0)
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
    return results
