"""Round trip of the Excel form: 22 regions, every indicator, five years, out and back."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import openpyxl

from benchmarks.harness import Result
from gdplan import assess, load_plan, read_observations
from gdplan.files import places
from gdplan.forms import append as form_append
from gdplan.forms import write as form_write

LIMIT = 10.0
PUBLISHED, TODAY = "2026-03-01", "2026-03-10"


def run() -> list[Result]:
    """Seconds of template, import, reading and assessment; filling in is the offices' work."""
    plan = load_plan("gd-hrss-14")
    known = places.regions()
    regions = {code: known[code] for code in (plan.region, *places.cities_of(plan.region))}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "data"
        (home / "raw" / "observations").mkdir(parents=True)
        start = time.perf_counter()
        nothing = read_observations(None, plan).iloc[:0]
        made = form_write.template(
            plan, nothing, year=plan.target_year, regions=regions, history=True
        )
        spent = time.perf_counter() - start
        paths = [Path(name) / file for file in made]
        for path, data in zip(paths, made.values(), strict=True):
            path.write_bytes(data)
            fill(path)
        start = time.perf_counter()
        done = form_append.append(paths, plan=plan, today=TODAY, home=home)
        frame = read_observations(done.file, plan)
        for code in regions:
            assess(plan, frame, region=code, year=plan.target_year)
        spent += time.perf_counter() - start
    text = f"forms: {done.added:,} figures of {len(regions)} regions out, back, assessed"
    return [Result(text, "10 seconds", spent / LIMIT, 1.0, f"{spent:.1f} s")]


def fill(path: Path) -> None:
    """Simulated figures in every cell that asks for one."""
    book = openpyxl.load_workbook(path)
    sheet = book["数据"]
    places = {name: form_write.HEADER.index(name) + 1 for name in ("数值", "数据来源", "发布日期")}
    for line in range(2, sheet.max_row + 1):
        sheet.cell(line, places["数值"]).value = 40 + line % 50
        sheet.cell(line, places["数据来源"]).value = "模拟数据"
        sheet.cell(line, places["发布日期"]).value = PUBLISHED
    book.save(path)
