"""A whole report, five formats, against papermill and nbconvert making two of the same notebook."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from benchmarks.harness import Result, ratio

ROUNDS = 5
LIMIT = 1.0
ROOT = Path(__file__).resolve().parents[1]
SIMULATED = ROOT / "examples" / "observations"


def run() -> list[Result]:
    """Real and simulated mid-term report, each in processes of its own."""
    cases = (("real plan", []), ("simulated year set", ["--observations", str(SIMULATED)]))
    return [
        Result(
            f"gdplan report midterm, five formats, {name}",
            "papermill + jupyter nbconvert --to html (two formats)",
            _ratio(words),
            LIMIT,
        )
        for name, words in cases
    ]


def _ratio(words: list[str]) -> float:
    folder = Path(tempfile.mkdtemp())
    try:
        return ratio(lambda: _gdplan(folder, words), lambda: _peer(folder, words), ROUNDS)
    finally:
        shutil.rmtree(folder)


def _gdplan(folder: Path, words: list[str]) -> None:
    out = ["--out", str(folder / "reports"), "--force"]
    _call([sys.executable, "-m", "gdplan", "report", "midterm", *words, *out], folder)


def _peer(folder: Path, words: list[str]) -> None:
    scripts = Path(sysconfig.get_path("scripts"))
    book = str(folder / "peer.ipynb")
    given = ["-p", "observations", words[1]] if words else []
    source = str(ROOT / "notebooks" / "midterm.ipynb")
    _call([str(scripts / "papermill"), source, book, *given], folder)
    _call([str(scripts / "jupyter"), "nbconvert", "--to", "html", book], folder)


def _call(words: list[str], folder: Path) -> None:
    env = os.environ | {"JUPYTER_PREFER_ENV_PATH": "1"}
    subprocess.run(words, capture_output=True, check=True, cwd=folder, env=env)
