"""Reports are made once a session, for all workers, and shared by the tests that look at them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import thoroughness
from commands import gdplan_command

thoroughness.register()

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 600
"""Seconds that one worker waits for what another makes."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden")


@pytest.fixture(scope="session")
def command():
    return gdplan_command


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Callable[[str, Callable[[Path], Path]], Path]:
    """Makes a folder once for all workers: the first makes it, the others wait for it.

    What is shared is looked at and never changed; a test that changes something takes a copy.
    """
    own = tmp_path_factory.getbasetemp()
    common = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def once(name: str, make: Callable[[Path], Path]) -> Path:
        place, note = common / f"shared-{name}", common / f"shared-{name}.ready"
        try:
            place.mkdir()
        except FileExistsError:
            return _awaited(note)
        try:
            text = str(make(place))
        except BaseException:
            note.write_text("", "utf-8")
            raise
        note.with_suffix(".new").write_text(text, "utf-8")
        note.with_suffix(".new").replace(note)
        return Path(text)

    return once


def _awaited(note: Path) -> Path:
    end = time.monotonic() + PATIENCE
    while not note.is_file():
        assert time.monotonic() < end, f"waited in vain for {note}"
        time.sleep(0.1)
    text = note.read_text("utf-8")
    assert text, f"{note.stem} could not be made; the worker that tried says why"
    return Path(text)


def report(*words: str) -> Callable[[Path], Path]:
    """The folder of a report made by the command line."""

    def make(out: Path) -> Path:
        run = gdplan_command("report", *words, "--out", str(out), cwd=out)
        assert run.returncode == 0, run.stderr
        return Path(run.stdout.splitlines()[-1])

    return make


@pytest.fixture(scope="session")
def midterm(shared) -> Path:
    """Mid-term report of the real plan."""
    return shared("midterm", report("midterm"))


@pytest.fixture(scope="session")
def final(shared) -> Path:
    """Final report of the 13th plan."""
    return shared("final", report("final"))


@pytest.fixture(scope="session")
def simulated(shared) -> Path:
    """Mid-term report of the simulated year set."""
    data = ROOT / "examples" / "observations"
    return shared("simulated", report("midterm", "--observations", str(data)))


@pytest.fixture(scope="session")
def city_plans(shared) -> Path:
    """Plans of the cities, as the example of an allocation breaks the province's down."""

    def make(out: Path) -> Path:
        examples = ROOT / "examples"
        run = gdplan_command(
            "allocate", "--rules", str(examples / "allocation"),
            "--observations", str(examples / "observations"), "--out", str(out / "made"),
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        return out / "made" / "plans"

    return shared("city-plans", make)
