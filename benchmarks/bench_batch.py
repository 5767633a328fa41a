"""A batch of regional reports on two processes: against a plain script that makes the same tables
and figures, against a loop of papermill and nbconvert, and against ten times as many."""

from __future__ import annotations

import ast
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.harness import Result, seconds
from gdplan import resources

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "notebooks" / "midterm.ipynb"
DATA = "examples/observations"
REGIONS = ("440000", *resources.cities_of("440000"))
DATES = tuple(f"2027-{month:02d}-01" for month in range(1, 11))
"""Later than every figure: reports of another id and of the same content."""
PROCESSES = 2
ROUNDS = 3
LOOPED = 3
SCRIPT_LIMIT = 1.4
LOOP_LIMIT = 0.25
GROWTH_LIMIT = 10.5
ALL = "ipynb,html,docx,pdf,xlsx"
SHOW = """
def show(value):
    for name in ("_repr_html_", "_repr_markdown_", "_repr_mimebundle_"):
        if hasattr(value, name):
            getattr(value, name)()
"""


def run() -> list[Result]:
    """The three comparisons, each a median of rounds made in turn."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        script = folder / "script.py"
        script.write_text(plain(NOTEBOOK), "utf-8")
        few, many = runs_file(folder, DATES[:1]), runs_file(folder, DATES)
        halves = [REGIONS[n::PROCESSES] for n in range(PROCESSES)]
        notebooks = _median(lambda: _batch(few, "ipynb"), lambda: _scripts(script, halves))
        loop = _median(
            lambda: _batch(few, ALL), lambda: _loop(folder, REGIONS[1 : LOOPED + 1]),
            len(REGIONS) / LOOPED,
        )  # fmt: skip
        growth = _median(lambda: _batch(many, "ipynb"), lambda: _batch(few, "ipynb"), rounds=1)
    n = len(REGIONS)
    return [
        Result(f"gdplan batch, {n} reports on {PROCESSES} processes, notebooks only",
               "the same imports, tables and figures as a script", notebooks, SCRIPT_LIMIT),
        Result(f"gdplan batch, {n} reports on {PROCESSES} processes, five formats",
               f"a loop of papermill + jupyter nbconvert --to html, from {LOOPED} of them", loop,
               LOOP_LIMIT),
        Result(f"gdplan batch, {n * len(DATES)} reports", f"{n} reports", growth, GROWTH_LIMIT),
    ]  # fmt: skip


def plain(notebook: Path) -> str:
    """A script that does for each region it is given what the notebook's cells do.

    What a cell shows is made as text, as for a notebook.
    """
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    body: list[ast.stmt] = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        lines = ast.parse("".join(cell["source"])).body
        if lines and isinstance(last := lines[-1], ast.Expr):
            call = ast.Call(ast.Name("show", ast.Load()), [last.value], [])
            lines[-1] = ast.Expr(call)
        body += lines
        if "parameters" in cell["metadata"].get("tags", []):
            body += ast.parse(f"region, observations, as_of = given, {DATA!r}, {DATES[0]!r}").body
    loop = ast.parse("for given in sys.argv[1:]: pass").body[0]
    assert isinstance(loop, ast.For)
    loop.body = body
    module = ast.Module([*ast.parse("import sys\n" + SHOW).body, loop], [])
    return ast.unparse(ast.fix_missing_locations(module))


def runs_file(folder: Path, dates: Sequence[str]) -> Path:
    """RUNS.yml of every region for each date."""
    path = folder / f"RUNS-{len(dates)}.yml"
    head = f"plan: gd-hrss-14\nobservations: {DATA}\nruns:\n"
    path.write_text(head + "".join(f"  - as_of: {day}\n" for day in dates), "utf-8")
    return path


def _median(
    work: Callable[[], object], floor: Callable[[], object], share: float = 1, rounds: int = ROUNDS
) -> float:
    """Median ratio of two works made in turn; the floor does one part in ``share`` of them."""
    return statistics.median(seconds(work) / (seconds(floor) * share) for _ in range(rounds))


def _batch(runs: Path, formats: str) -> None:
    with tempfile.TemporaryDirectory() as out:
        words = ["--format", formats, "--jobs", str(PROCESSES), "--out", out]
        _call([sys.executable, "-m", "gdplan", "batch", str(runs), *words])


def _scripts(script: Path, halves: Sequence[Sequence[str]]) -> None:
    running = [subprocess.Popen([sys.executable, str(script), *h], cwd=ROOT) for h in halves]
    if any(process.wait() for process in running):
        raise RuntimeError("the plain script failed")


def _loop(folder: Path, regions: Sequence[str]) -> None:
    scripts = Path(sysconfig.get_path("scripts"))
    for region in regions:
        book = str(folder / f"{region}.ipynb")
        given = ["-r", "region", region, "-p", "observations", DATA, "-p", "as_of", DATES[0]]
        _call([str(scripts / "papermill"), str(NOTEBOOK), book, *given])
        _call([str(scripts / "jupyter"), "nbconvert", "--to", "html", book])


def _call(words: Sequence[str]) -> None:
    env = os.environ | {"JUPYTER_PREFER_ENV_PATH": "1"}
    subprocess.run(words, capture_output=True, check=True, cwd=ROOT, env=env)


if __name__ == "__main__":
    for result in run():
        print(f"{result.ratio:6.2f} of at most {result.limit:g}: {result.name}")
