"""Reports before and after a plan's target was changed, made again by the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
CHANGE = '    revised: [{issued: 2023-07-01, target: "[600]", document: 粤人社〔2023〕12号}]\n'


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A home whose plan can be changed."""
    shutil.copytree(ROOT / "data" / "raw", tmp_path / "home" / "data" / "raw")
    monkeypatch.setenv("GDPLAN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def made(command, out: Path, *words: str) -> Path:
    run = command("report", "midterm", "--format", "html,xlsx", "--out", str(out), *words)
    assert run.returncode == 0, run.stderr
    return Path(run.stdout.splitlines()[-1])


def test_a_report_of_a_day_before_the_change_is_the_same_after_it(command, home, tmp_path):
    day = ("--as-of", "2023-06-30", "--year", "2022")
    first = made(command, tmp_path / "one", *day)
    path = home / "data/raw/plans/gd-hrss-14/plan.yml"
    text = path.read_text("utf-8")
    path.write_text(text.replace('  "1":\n', f'  "1":\n{CHANGE}', 1), "utf-8")
    again = made(command, tmp_path / "two", *day)
    for file in first.iterdir():
        if file.name != "run.json":
            assert file.read_bytes() == (again / file.name).read_bytes(), file.name
    before, after = (json.loads((f / "run.json").read_text("utf-8")) for f in (first, again))
    assert before["outputs"] == after["outputs"]
    differ = {k for k in before["inputs"] if before["inputs"][k] != after["inputs"][k]}
    assert [Path(name).name for name in differ] == ["plan.yml"]
    now = made(command, tmp_path / "two", "--year", "2022")
    row = pd.read_csv(now / "assessment.csv", dtype={"indicator": str}).iloc[0]
    assert row["target_raw"] == "[600]" and "target_revised" in row["reason"]
    told = command("trace", str(now), "1").stdout
    assert "目标 [550]：2021-11-18，粤府办〔2021〕32号" in told and "目标 [600]：2023-07-01" in told
    page = (now / "report.html").read_text("utf-8")
    assert "规划目标的调整" in page and "粤人社〔2023〕12号" in page
