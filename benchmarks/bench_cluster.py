"""The same regional reports on this machine's pool and on a cluster of as many local workers."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bench_batch import DATES, PROCESSES, REGIONS, ROOT, runs_file
from benchmarks.harness import Result, seconds

ROUNDS = 3
LIMIT = 1.15
FORMATS = "html"


def run() -> list[Result]:
    """The median of rounds made in turn; every round has a cluster that has made nothing yet."""
    with tempfile.TemporaryDirectory() as place:
        runs = runs_file(Path(place), DATES[:1])
        ratios = [_round(runs) for _ in range(ROUNDS)]
    return [
        Result(f"gdplan batch --scheduler, {len(REGIONS)} reports on {PROCESSES} local workers",
               f"gdplan batch --jobs {PROCESSES}", statistics.median(ratios), LIMIT)
    ]  # fmt: skip


def _round(runs: Path) -> float:
    with cluster(PROCESSES) as address, tempfile.TemporaryDirectory() as share:
        there = seconds(lambda: batch(runs, "--scheduler", address, "--share", share))
    return there / seconds(lambda: batch(runs, "--jobs", str(PROCESSES)))


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """Address of a scheduler with worker processes of one thread each, their nannies beside them.

    Starting them is no part of what is measured: a cluster is there before a batch is.
    """
    from distributed import LocalCluster

    with (
        tempfile.TemporaryDirectory() as scratch,
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None,
            local_directory=scratch,
        ) as local,
    ):  # fmt: skip
        yield local.scheduler_address


def batch(runs: Path, *words: str, formats: str = FORMATS, out: str = "") -> None:
    """A batch as a user runs it, into a folder of its own."""
    with tempfile.TemporaryDirectory() as own:
        line = ["batch", str(runs), "--format", formats, "--out", out or own, *words]
        subprocess.run(
            [sys.executable, "-m", "gdplan", *line],
            capture_output=True, check=True, cwd=ROOT, env=os.environ,
        )  # fmt: skip


if __name__ == "__main__":
    for result in run():
        print(f"{result.ratio:6.2f} of at most {result.limit:g}: {result.name}")
