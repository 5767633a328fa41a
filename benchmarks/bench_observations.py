"""A million observations (every county, monthly, ten years): load, validate, assess.

Each size runs in a process of its own, so that its peak memory is its own. Rows grow with the
number of regions, as they would when a country joins; the figures are random and marked simulated.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.harness import Result, exponent
from gdplan import load_plan
from gdplan.files import places
from gdplan.model import Indicator, Kind
from gdplan.observations.read import OPTIONAL, REQUIRED

ROWS = 1_000_000
SIZES = (ROWS // 8, ROWS // 4, ROWS // 2, ROWS)
YEARS = range(2016, 2026)
COUNTIES = 320
READ_LIMIT = 30.0
MEMORY_LIMIT = 2e9
LINEAR = 1.15

CHILD = """
import json, os, resource, sys, time
import pandas as pd
from gdplan import assess, load_plan, read_observations
plan, file, clock = load_plan("gd-hrss-14"), sys.argv[1], time.perf_counter
warm = pd.read_csv(file, dtype=str, nrows=10), read_observations(None, plan)
a = clock(); bare = len(pd.read_csv(file, dtype=str))
b = clock(); frame = read_observations(file, plan)
c = clock()
judged = sum(len(assess(plan, rows, region=code, year=2023))
             for code, rows in frame.groupby("region", sort=False))
d = clock()
assert len(frame) == bare
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"rows": bare, "bare": b - a, "load": c - b, "assess": d - c, "peak": peak,
                  "judged": judged}))
"""


def run() -> list[Result]:
    """Time against a bare read, memory against two gigabytes, growth against a straight line."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        regions = _home(home)
        measured = [_measure(home, rows, regions) for rows in SIZES]
    largest = measured[-1]
    note = f"{largest['load']:.1f} s load, {largest['assess']:.1f} s assess"
    text = f"{largest['rows']:,} observations"
    return [
        Result(f"{text}: load and validate", "pandas.read_csv as text",
               largest["load"] / largest["bare"], READ_LIMIT, note),
        Result(f"{text}: load, validate, assess, peak memory", "2 GB",
               largest["peak"] / MEMORY_LIMIT, 1.0),
        *(
            Result(f"{step}: exponent of growth with rows", "1 is a straight line",
                   exponent([m["rows"] for m in measured], [m[step] for m in measured]), LINEAR)
            for step in ("load", "assess")
        ),
    ]  # fmt: skip


def _home(home: Path) -> list[tuple[str, str]]:
    """A data folder whose register of regions has enough counties; the regions."""
    shutil.copytree(places.data_folder(), home / "data")
    path = home / "data" / "raw" / "regions.csv"
    cities = [code for code in places.regions() if code[2:4] != "00"]
    made = [(f"{cities[i % len(cities)][:4]}{10 + i // len(cities):02d}", f"模拟县{i}")
            for i in range(COUNTIES)]  # fmt: skip
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{code},{name},{code[:4]}00,county\n" for code, name in made)
    return [*places.regions().items(), *made]


def _measure(home: Path, rows: int, regions: Sequence[tuple[str, str]]) -> dict[str, float]:
    file = home / f"simulated-{rows}.csv"
    write(file, rows, regions)
    environment = os.environ | {"GDPLAN_HOME": str(home)}
    words = [sys.executable, "-c", CHILD, str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
    return dict(json.loads(done.stdout))


def write(file: Path, rows: int, regions: Sequence[tuple[str, str]]) -> None:
    """A file of random monthly figures of every indicator of the plan, region by region."""
    columns = [*REQUIRED, *OPTIONAL]
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        for _, row in zip(range(rows), _rows(regions), strict=False):
            writer.writerow(row)


def _rows(regions: Sequence[tuple[str, str]]) -> Iterator[dict[str, str]]:
    rng = np.random.default_rng(14)
    items = [i for i in load_plan("gd-hrss-14").indicators if i.kind is not Kind.of("composition")]
    for code, name in regions:
        for item in items:
            figures = rng.uniform(20, 90, (len(YEARS), 12))
            for year, months in zip(YEARS, figures, strict=True):
                for month, figure in enumerate(months, 1):
                    yield _row(item, year, month, figure) | {"region_code": code, "region": name}


def _row(item: Indicator, year: int, month: int, figure: float) -> dict[str, str]:
    whole = "annual" if item.kind in (Kind.of("cumulative"), Kind.of("annual")) else "year_end"
    after = f"{year}-{month + 1:02d}-15" if month < 12 else f"{year + 1}-01-15"
    return OPTIONAL | {
        "indicator": item.name, "year": str(year), "period": whole if month == 12 else "ytd",
        "value": f"{figure:.2f}", "unit": item.unit, "published": after, "source": "模拟数据",
        "access": "direct", "note": "" if month == 12 else f"1-{month}月", "simulated": "true",
    }  # fmt: skip
