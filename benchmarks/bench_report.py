"""A whole report, five formats, against papermill and nbconvert making two of the same notebook,
in time and in memory."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from benchmarks.harness import Result, peak_of, ratio

ROUNDS = 5
LIMIT = 1.0
MEMORY = 1.1
"""Of the same two formats; five are held against a budget."""
BUDGET = 512e6
ROOT = Path(__file__).resolve().parents[1]
SIMULATED = ROOT / "examples" / "observations"


def run() -> list[Result]:
    """Real and simulated mid-term report, each in processes of its own."""
    cases = (("real plan", []), ("simulated year set", ["--observations", str(SIMULATED)]))
    results = []
    for name, words in cases:
        time, memory, held = _measured(words)
        peer = "papermill + jupyter nbconvert --to html (two formats)"
        results += [
            Result(f"gdplan report midterm, five formats, {name}", peer, time, LIMIT),
            Result(f"gdplan report midterm, the same two formats, {name}, largest process", peer,
                   memory, MEMORY),
            Result(f"gdplan report midterm, five formats, {name}, largest process", "512 MB",
                   held / BUDGET, 1.0),
        ]  # fmt: skip
    return results


def _measured(words: list[str]) -> tuple[float, float, float]:
    """Time, and memory of the largest process: for the peer's formats, and in bytes for all."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        work, floor = _gdplan(folder, words), _peer(folder, words)
        two = _gdplan(folder, [*words, "--format", "ipynb,html"])
        time = ratio(lambda: _call(work, folder), lambda: _call(floor, folder), ROUNDS)
        held = [max(peak_of(line, folder) for line in each) for each in (work, two, floor)]
    return time, held[1] / held[2], held[0]


def _gdplan(folder: Path, words: list[str]) -> list[list[str]]:
    out = ["--out", str(folder / "reports"), "--force"]
    return [[sys.executable, "-m", "gdplan", "report", "midterm", *words, *out]]


def _peer(folder: Path, words: list[str]) -> list[list[str]]:
    scripts = Path(sysconfig.get_path("scripts"))
    book = str(folder / "peer.ipynb")
    given = ["-p", "observations", words[1]] if words else []
    source = str(ROOT / "notebooks" / "midterm.ipynb")
    return [
        [str(scripts / "papermill"), source, book, *given],
        [str(scripts / "jupyter"), "nbconvert", "--to", "html", book],
    ]


def _call(lines: list[list[str]], folder: Path) -> None:
    env = os.environ | {"JUPYTER_PREFER_ENV_PATH": "1"}
    for words in lines:
        subprocess.run(words, capture_output=True, check=True, cwd=folder, env=env)
