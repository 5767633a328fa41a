"""Whole assessments, kept as files; ``pytest --update-golden`` rewrites them on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from gdplan import assess, assess_commitments, load_plan, read_observations, read_statuses
from gdplan.plans.commitments import unmerged

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parents[1] / "golden"
SIMULATED = ROOT / "examples" / "observations"
CASES = {
    "midterm-14-2023": ("gd-hrss-14", None, "440000", 2023),
    "midterm-14-2021": ("gd-hrss-14", None, "440000", 2021),
    "final-13-2020": ("gd-hrss-13", None, "440000", 2020),
    "final-14-2025": ("gd-hrss-14", None, "440000", 2025),
    "nation-midterm-14-2023": ("cn-hrss-14", None, "000000", 2023),
    "nation-final-14-2025": ("cn-hrss-14", None, "000000", 2025),
    "simulated-14-2023": ("gd-hrss-14", SIMULATED, "440000", 2023),
    "simulated-14-2025": ("gd-hrss-14", SIMULATED, "440000", 2025),
    "simulated-14-2023-shanwei": ("gd-hrss-14", SIMULATED, "441500", 2023),
}


@pytest.mark.parametrize("name", CASES)
def test_an_assessment_is_what_it_was(name, request):
    plan_id, data, region, year = CASES[name]
    plan = load_plan(plan_id)
    frame = assess(plan, read_observations(data, plan), region=region, year=year)
    shown = frame.drop(columns=["parameters", "revised", "inputs", "history"]).round(10)
    kept(name, shown.to_csv(index=False, lineterminator="\n"), request)


@pytest.mark.parametrize("year", [2022, 2023, 2025])
def test_a_judged_ledger_is_what_it_was(year, request):
    plan = load_plan("gd-hrss-14")
    statuses = read_statuses(ROOT / "examples" / "ledger", plan)
    frame = assess_commitments(unmerged(plan), statuses, plan=plan, year=year)
    shown = frame.drop(columns=["quote", "what", "where"]).round(10)
    name = f"simulated-ledger-14-{year}"
    kept(name, shown.to_csv(index=False, lineterminator="\n"), request)


def kept(name: str, text: str, request: pytest.FixtureRequest) -> None:
    """The text is that of the golden file, which --update-golden rewrites."""
    path = GOLDEN / f"{name}.csv"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
    assert text == path.read_text("utf-8")
