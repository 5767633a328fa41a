"""Measuring two things in turn, so that a busy machine slows both."""

from __future__ import annotations

import statistics
import subprocess
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One comparison: what, against what, the ratio and the most it may be."""

    name: str
    floor: str
    ratio: float
    limit: float
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether the ratio keeps its limit."""
        return self.ratio <= self.limit


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ratio(work: Callable[[], object], floor: Callable[[], object], rounds: int) -> float:
    """Median of the per-round ratios of two calls made in turn, after one warm-up each."""
    work()
    floor()
    return statistics.median(
        a / b for a, b in ((seconds(work), seconds(floor)) for _ in range(rounds))
    )


def peak(work: Callable[[], object]) -> int:
    """Most bytes that one call holds at a time, its result included."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def command(words: Sequence[str]) -> Callable[[], object]:
    """A command to be timed."""
    return lambda: subprocess.run(words, capture_output=True, check=True)
