"""``python -m benchmarks.scaling 22 220 2200``: what a report costs in a batch of that many.

Writes the measured table and the plan computed from it into docs/scaling.md. The first size is
made in five formats as well, and on a local cluster. 2,200 reports take more than an hour.
"""

from __future__ import annotations

import os
import platform
import resource
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.bench_batch import ALL, PROCESSES, REGIONS, ROOT, runs_file
from benchmarks.bench_cluster import batch, cluster
from benchmarks.harness import seconds

PAGE = ROOT / "docs" / "scaling.md"
MEASURED = ("<!-- begin measured -->", "<!-- end measured -->")
PLANNED = ("<!-- begin planned -->", "<!-- end planned -->")
FIRST = date(2027, 1, 1)
"""Later than every figure: reports of another id and of the same content."""

# What is assumed and not measured; change it here and run again.
PROVINCES, COUNTIES, KINDS = 31, 2800, 3
CORES = (2, 16, 64)
BILLED = 0.30
"""Yuan for an hour of one core with its memory, as rented by the hour."""
KEPT = 0.12
"""Yuan for a gigabyte kept a month."""
SLOWER = 1.15
"""A cluster against one machine: the limit of benchmarks/bench_cluster.py, not its result."""
YEARS = 5
"""How long reports are kept."""


@dataclass(frozen=True)
class Measure:
    """A batch: where, how many reports, in which formats, in how long, and their size.

    ``cpu`` is the processor time of all its processes, those of a cluster's workers apart.
    """

    where: str
    reports: int
    formats: str
    seconds: float
    cpu: float
    size: int

    @property
    def each(self) -> float:
        """Core-seconds of a report: what its processes used, whatever else the machine did."""
        return self.cpu / self.reports

    @property
    def occupied(self) -> float:
        """Core-seconds that a report kept a core from others, waiting included."""
        return self.seconds * PROCESSES / self.reports


def main(words: Sequence[str]) -> int:
    """Measure, print, write."""
    sizes = sorted({int(word) for word in words} or {len(REGIONS)})
    found = list(_measured(sizes))
    page = PAGE.read_text("utf-8")
    for marks, text in ((MEASURED, table(found)), (PLANNED, plan(found))):
        print(text, end="\n\n")
        page = _between(page, marks, text)
    PAGE.write_text(page, "utf-8", newline="\n")
    return 0


def table(found: Sequence[Measure]) -> str:
    """What was measured, with machine and date; the last column is flat when cost is."""
    first = {(m.where, m.formats): m.each or 1.0 for m in reversed(found)}
    lines = [
        f"{date.today().isoformat()}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {PROCESSES} processes; simulated year set.",
        "",
        "| where | reports | formats | seconds | core-seconds per report | MB per report | "
        "per report against the smallest batch |",
        "|---|--:|---|--:|--:|--:|--:|",
    ]
    for m in found:
        each, flat = f"{m.each:.2f}", f"{m.each / first[m.where, m.formats]:.2f}"
        each, flat = (each, flat) if m.cpu else ("—", "—")
        lines.append(
            f"| {m.where} | {m.reports:,} | {m.formats} | {m.seconds:.0f} | {each} | "
            f"{m.size / m.reports / 1e6:.2f} | {flat} |"
        )
    return "\n".join(lines)


def plan(found: Sequence[Measure]) -> str:
    """Time and money for a country, from the batch in five formats."""
    whole = next(m for m in found if m.formats == "five")
    once = (PROVINCES + COUNTIES) * KINDS
    every = PROVINCES * COUNTIES * KINDS
    size = whole.size / whole.reports
    lines = [
        f"From the measured {whole.occupied:.2f} core-seconds (waiting included) and "
        f"{size / 1e6:.2f} MB per report in five formats, times {SLOWER} for the way to a cluster; "
        f"{BILLED:.2f} yuan per core-hour, "
        f"{KEPT:.2f} yuan per GB and month, kept {YEARS} years.",
        "",
        "| reports | core-hours | " + " | ".join(f"hours on {n} cores" for n in CORES)
        + " | computing, yuan | GB | keeping, yuan |",
        "|--:|--:|" + "--:|" * len(CORES) + "--:|--:|--:|",
    ]  # fmt: skip
    for reports in (once, every):
        hours = reports * whole.occupied * SLOWER / 3600
        gigabytes = reports * size / 1e9
        times = " | ".join(f"{hours / n:,.1f}" for n in CORES)
        lines.append(
            f"| {reports:,} | {hours:,.1f} | {times} | {hours * BILLED:,.2f} | {gigabytes:,.1f} | "
            f"{gigabytes * KEPT * 12 * YEARS:,.2f} |"
        )
    return "\n".join(lines)


def _measured(sizes: Sequence[int]) -> Iterator[Measure]:
    yield _here(sizes[0], ALL)
    yield from (_here(size, "html") for size in sizes)
    with cluster(PROCESSES) as address, tempfile.TemporaryDirectory() as share:
        there = ("--scheduler", address, "--share", share)
        yield _made(f"{PROCESSES} local workers of a cluster", sizes[0], "html", there)


def _here(size: int, formats: str) -> Measure:
    return _made("one machine", size, formats, ("--jobs", str(PROCESSES)))


def _made(where: str, size: int, formats: str, words: Sequence[str]) -> Measure:
    days = -(-size // len(REGIONS))
    dates = [(FIRST + timedelta(days=n)).isoformat() for n in range(days)]
    with tempfile.TemporaryDirectory() as place:
        runs, out = runs_file(Path(place), dates), Path(place) / "out"
        before = _used()
        taken = seconds(
            lambda: batch(runs, *words, "--limit", str(size), formats=formats, out=str(out))
        )
        cpu = 0.0 if "--scheduler" in words else _used() - before
        made = len(list(out.glob("*/run.json")))
        if made != size:
            raise RuntimeError(f"{made} of {size} reports")
        total = sum(p.stat().st_size for p in out.glob("*/*") if p.parent.name != "logs")
    return Measure(where, size, "five" if formats == ALL else formats, taken, cpu, total)


def _used() -> float:
    """Processor seconds of every process that has been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _between(page: str, marks: tuple[str, str], text: str) -> str:
    head, rest = page.split(marks[0])
    return f"{head}{marks[0]}\n{text}\n{marks[1]}{rest.split(marks[1])[1]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
