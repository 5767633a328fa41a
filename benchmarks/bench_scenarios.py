"""Scenarios: 10,000 draws of 25 indicators in 22 regions over 5 years, against the time numpy needs
to draw that many normals, and in a process of its own against a gigabyte and a half.

Drift errors, Student's t, correlated shocks, parts within wholes, quantiles and shares reached are
all part of what is timed.
"""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np

from benchmarks import harness
from benchmarks.harness import Result
from gdplan.model import Mode
from gdplan.outlook import draws as montecarlo
from gdplan.outlook.course import Accepted
from gdplan.outlook.draws import Cell, Family, Task
from gdplan.scenarios.run import LEVELS

INDICATORS, REGIONS, YEARS, DRAWS = 25, 22, 5, 10_000
LIMIT, MEMORY, ROUNDS = 2.5, 1.5e9, 7
SIZES, LINEAR = (4_000, 8_000, 16_000, 32_000), 1.15
CHILD = """
import json, resource
from benchmarks import bench_scenarios as bench
bench.simulated(workers=2)
print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))
"""


def run() -> list[Result]:
    """Time and peak memory."""
    text = f"{DRAWS:,} draws x {INDICATORS} indicators x {REGIONS} regions x {YEARS} years"
    return [
        Result(f"scenarios, {text}", "numpy drawing those normals",
               harness.ratio(simulated, normals, ROUNDS), LIMIT),
        Result("scenarios, the same, peak memory of the process", "1.5 GB", peak() / MEMORY, 1.0),
        Result("scenarios: exponent of growth with draws", "1 is a straight line",
               harness.exponent(SIZES, [_best(draws) for draws in SIZES]), LINEAR),
    ]  # fmt: skip


def simulated(workers: int = 1, draws: int = DRAWS) -> object:
    """Quantiles and shares reached of every indicator and region."""
    return montecarlo.simulate(_tasks(), seed=14, draws=draws, levels=LEVELS, workers=workers)


def _best(draws: int) -> float:
    return min(harness.seconds(lambda: simulated(draws=draws)) for _ in range(3))


def normals() -> None:
    """As many normals as there are values, region by region, kept by nobody."""
    rng = np.random.default_rng(14)
    for _ in range(REGIONS):
        rng.standard_normal((INDICATORS, YEARS, DRAWS))


def peak() -> float:
    """Most memory of a process that does nothing else."""
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def _tasks() -> list[Task]:
    keys = [str(i) for i in range(1, INDICATORS + 1)]
    cells = tuple(_cell(key, place) for place, key in enumerate(keys))
    families = (Family("1", ("5", "9")),)
    mixing = montecarlo.mixing(keys, 0.3, {})
    return [Task(f"{440000 + 100 * r}", cells, families, mixing) for r in range(REGIONS)]


def _cell(key: str, place: int) -> Cell:
    """A sum in every fourth place, a geometric level in every fifth, shares and levels between."""
    total, log = place % 4 == 0, place % 5 == 3
    centre = np.linspace(60, 80, YEARS)
    return Cell(
        key, np.cumsum(centre) if total else centre, 3.0, np.full((1, YEARS), 0.5).cumsum(axis=1),
        df=5.0, widening=0.15, base=np.full(YEARS, 58.0) if log else None,
        mode=Mode.SUM if total else Mode.VALUE, known=100.0 if total else 0.0,
        limits=(0.0, np.inf) if total or log else (0.0, 100.0),
        goal=Accepted(low=480.0 if total else 78.0),
    )  # fmt: skip
