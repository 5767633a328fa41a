"""Reports are made once a session and shared by the tests that look at them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# No test is judged by the clock; a busy machine is no fault.
settings.register_profile("gdplan", deadline=None)
settings.load_profile("gdplan")

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden")


def gdplan_command(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command line as a user runs it."""
    return subprocess.run(
        [sys.executable, "-m", "gdplan", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        check=False,
    )


@pytest.fixture(scope="session")
def command():
    return gdplan_command


def _made(out: Path, *words: str) -> Path:
    run = gdplan_command("report", *words, "--out", str(out), cwd=out)
    assert run.returncode == 0, run.stderr
    return Path(run.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def midterm(tmp_path_factory) -> Path:
    """Mid-term report of the real plan."""
    return _made(tmp_path_factory.mktemp("midterm"), "midterm")


@pytest.fixture(scope="session")
def final(tmp_path_factory) -> Path:
    """Final report of the 13th plan."""
    return _made(tmp_path_factory.mktemp("final"), "final")


@pytest.fixture(scope="session")
def simulated(tmp_path_factory) -> Path:
    """Mid-term report of the simulated year set."""
    data = ROOT / "examples" / "observations"
    return _made(tmp_path_factory.mktemp("simulated"), "midterm", "--observations", str(data))
