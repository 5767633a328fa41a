"""The public face: these names and no others, each from a fresh interpreter."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import gdplan
from gdplan.model import Scale

GEOMETRIC = Scale.GEOMETRIC
NAMES = [
    "Evaluation", "Indicator", "Plan", "Problem", "ProblemError", "Projection", "Reason",
    "Severity", "Target", "Verdict", "__version__", "allocation", "as_of", "assess",
    "assess_commitments", "charts", "choose", "commitments", "compare", "composite",
    "evaluate", "explorer", "figures", "indicators", "load_plan", "notation", "outlook",
    "parse_target", "project", "read_annual_targets", "read_observations", "read_statuses",
    "sections", "series",
]  # fmt: skip


def python(code: str) -> str:
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_dir_shows_the_public_names_and_nothing_else():
    assert sorted(NAMES) == dir(gdplan)
    assert set(NAMES) <= set(gdplan.__all__)


def test_dir_is_the_same_after_other_modules_were_imported():
    code = "import gdplan, gdplan.cli, gdplan.reports.make; gdplan.assess; print(*dir(gdplan))"
    assert python(code).split() == sorted(NAMES)


@pytest.mark.parametrize("name", [n for n in NAMES if n[0] != "_"])
def test_a_name_is_what_its_home_says_whatever_was_imported_before(name):
    value = getattr(gdplan, name)
    module, _, attribute = gdplan.PUBLIC[name].partition(":")
    home = sys.modules[f"gdplan.{module}"]
    assert value is (getattr(home, attribute) if attribute else home)


def test_every_name_can_be_imported_in_a_fresh_interpreter():
    """Each alone, so that none is there only because another one was imported before."""
    lines = [f"from gdplan import {n}" for n in NAMES] + ["import gdplan; gdplan.outlook.project"]
    forget = "[sys.modules.pop(k) for k in list(sys.modules) if k.split('.')[0] == 'gdplan']"
    assert python("import sys\n" + f"\n{forget}\n".join(lines) + "\nprint('all')") == "all"


def test_a_series_is_projected_on_the_scale_of_its_name():
    plan, figures = gdplan.load_plan("gd-hrss-14"), gdplan.read_observations()
    values = gdplan.series(plan, figures, "1", region="440000")["value"]
    named, meant = (gdplan.project(values, horizon=2, scale=s) for s in ("geometric", GEOMETRIC))
    assert (named.median == meant.median).all()
    assert (named.median != gdplan.project(values, horizon=2, scale="linear").median).all()
    with pytest.raises(ValueError, match="geometrisch"):
        gdplan.project(values, horizon=2, scale="geometrisch")


def test_type_checkers_are_told_of_every_name():
    source = Path(gdplan.__file__).read_text("utf-8")
    told = source.partition("if TYPE_CHECKING:")[2].partition("__all__")[0]
    missing = [n for n in gdplan.PUBLIC if not re.search(rf" {n}(\n|,| =)", told)]
    assert not missing
