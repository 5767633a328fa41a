"""The wheel carries notebooks, plans and observations, and works from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    return next(out.glob("*.whl"))


def test_the_wheel_holds_what_a_report_needs(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "gdplan/plans/rules.yml",
        "gdplan/py.typed",
        "gdplan/reports/formats/templates/report.css",
        "gdplan/reports/formats/templates/report.html",
        "gdplan/reports/formats/templates/blocks.lua",
        "gdplan/scenarios/templates/explore.css",
        "gdplan/scenarios/templates/jupyter/voila/templates/gdplan/index.html.j2",
        "gdplan/scenarios/templates/jupyter/voila/templates/gdplan/conf.json",
        "gdplan/_share/notebooks/midterm.ipynb",
        "gdplan/_share/notebooks/scenarios.ipynb",
        "gdplan/_share/data/raw/plans/gd-hrss-14/plan.txt",
        "gdplan/_share/data/raw/plans/gd-hrss-13/plan.yml",
        "gdplan/_share/data/raw/observations/guangdong_published.csv",
        "gdplan/_share/data/raw/series.yml",
    ):
        assert name in names
    assert not [n for n in names if n.startswith(("tests/", "examples/")) or "__pycache__" in n]


def test_an_installed_wheel_reports_from_any_folder(wheel, tmp_path):
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    env = os.environ | {"PYTHONPATH": str(site)}
    code = "import gdplan, sys; print(gdplan.__file__); from gdplan.cli import main; main()"
    run = subprocess.run(
        [sys.executable, "-c", code, "report", "final"],
        cwd=elsewhere, env=env, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[0].startswith(str(site))
    folder = elsewhere / run.stdout.splitlines()[-1]
    assert (folder / "report.html").is_file()
