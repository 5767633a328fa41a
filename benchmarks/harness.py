"""Measuring two things in turn, so that a busy machine slows both."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np


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


CHILD = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def peak_of(words: Sequence[str], cwd: Path | None = None) -> int:
    """Bytes that the largest process of a command held, its descendants included."""
    line = [sys.executable, "-c", CHILD, *words]
    env = os.environ | {"JUPYTER_PREFER_ENV_PATH": "1"}
    done = subprocess.run(line, capture_output=True, text=True, check=True, cwd=cwd, env=env)
    return int(done.stdout)


def exponent(sizes: Sequence[int], times: Sequence[float]) -> float:
    """Power of the size by which time grows: slope of the logarithms, by least squares."""
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])


def command(words: Sequence[str]) -> Callable[[], object]:
    """A command to be timed."""
    return lambda: subprocess.run(words, capture_output=True, check=True)
