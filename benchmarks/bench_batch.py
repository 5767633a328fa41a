"""A batch of regional reports on two processes: against a plain script that makes the same tables
and figures, against a loop of papermill and nbconvert, against ploomber-engine, and against ten
times as many, in time and in memory."""

from __future__ import annotations

import ast
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.harness import Result, peak_of, seconds
from gdplan.files import places

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "notebooks" / "midterm.ipynb"
DATA = "examples/observations"
REGIONS = ("440000", *places.cities_of("440000"))
DATES = tuple(f"2027-{month:02d}-01" for month in range(1, 11))
"""Later than every figure: reports of another id and of the same content."""
PROCESSES = 2
ROUNDS = 3
LOOPED = 3
SCRIPT_LIMIT = 1.4
LOOP_LIMIT = 0.25
SHELL_LIMIT = 1.4
GROWTH_LIMIT = 10.5
MEMORY_LIMIT = 1.1
PEERS = ROOT / ".peers"
SHELLS = """
import json, sys
from ploomber_engine import execute_notebook
notebook, folder, given, *regions = sys.argv[1:]
for region in regions:
    execute_notebook(notebook, f"{folder}/{region}.ipynb", verbose=False, progress_bar=False,
                     parameters={"region": region, **json.loads(given)})
"""
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
        shells = _median(lambda: _batch(few, "ipynb"), lambda: _shells(folder, halves))
        growth = _median(lambda: _batch(many, "ipynb"), lambda: _batch(few, "ipynb"), rounds=1)
        held = peak_of(_line(many, "ipynb", folder / "a")) / peak_of(
            _line(few, "ipynb", folder / "b")
        )
    n = len(REGIONS)
    return [
        Result(f"gdplan batch, {n} reports on {PROCESSES} processes, notebooks only",
               "the same imports, tables and figures as a script", notebooks, SCRIPT_LIMIT),
        Result(f"gdplan batch, {n} reports on {PROCESSES} processes, five formats",
               f"a loop of papermill + jupyter nbconvert --to html, from {LOOPED} of them", loop,
               LOOP_LIMIT),
        Result(f"gdplan batch, {n} reports on {PROCESSES} processes, notebooks only",
               f"ploomber-engine, {PROCESSES} processes of in-process shells, without isolation",
               shells, SHELL_LIMIT),
        Result(f"gdplan batch, {n * len(DATES)} reports", f"{n} reports", growth, GROWTH_LIMIT),
        Result(f"gdplan batch, {n * len(DATES)} reports, memory of the largest process",
               f"{n} reports", held, MEMORY_LIMIT),
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
        _call(_line(runs, formats, Path(out)))


def _line(runs: Path, formats: str, out: Path) -> list[str]:
    words = ["--format", formats, "--jobs", str(PROCESSES), "--out", str(out)]
    return [sys.executable, "-m", "gdplan", "batch", str(runs), *words]


def _scripts(script: Path, halves: Sequence[Sequence[str]]) -> None:
    _together([[sys.executable, str(script), *h] for h in halves])


def _shells(folder: Path, halves: Sequence[Sequence[str]]) -> None:
    """Notebooks run by ploomber-engine, its peer at its best: imports are paid once a process."""
    if not (PEERS / ".ready").exists():
        raise RuntimeError("ploomber-engine is not there: make .peers/.ready")
    given = json.dumps({"observations": DATA, "as_of": DATES[0]})
    env = {"PYTHONPATH": str(PEERS), "PLOOMBER_STATS_ENABLED": "false"}
    line = [sys.executable, "-c", SHELLS, str(NOTEBOOK), str(folder), given]
    _together([[*line, *h] for h in halves], env)


def _together(lines: Sequence[Sequence[str]], env: Mapping[str, str] | None = None) -> None:
    """Programs side by side."""
    running = [
        subprocess.Popen(line, cwd=ROOT, env=os.environ | (env or {}), stdout=subprocess.DEVNULL)
        for line in lines
    ]
    ended = [process.wait() for process in running]
    if any(ended):
        raise RuntimeError("a peer failed")


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
