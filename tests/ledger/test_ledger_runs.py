"""The ledger from end to end: forms, import, reports, records, all through the command line."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import openpyxl
import pytest

from gdplan.forms import ledger_write
from gdplan.ledger.judged import COLUMNS
from gdplan.reports import export
from gdplan.reports.runs import record as run_record

ROOT = Path(__file__).resolve().parents[2]
MARK = "示例数据，非真实"


def rows_of(folder: Path) -> list[dict[str, str]]:
    data = (folder / "ledger.csv").read_bytes()
    assert data[:3] == b"\xef\xbb\xbf"
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def words_of(folder: Path) -> str:
    [path] = folder.glob("*.html")
    page = re.sub(r"<style>.*?</style>", "", path.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"<[^>]+>", "", page)


def test_a_report_shows_what_is_overdue_and_keeps_every_row(simulated):
    rows = rows_of(simulated)
    assert tuple(rows[0]) == COLUMNS and len(rows) == 55
    text = words_of(simulated)
    overdue = [r for r in rows if r["judged"] == "逾期未完成"]
    assert overdue and "工作台账落实情况" in text and "逾期未完成的承诺" in text
    for row in overdue:
        assert row["what"] in text
    sheet = openpyxl.load_workbook(next(simulated.glob("annex*.xlsx")))["工作台账"]
    assert sheet.max_row > len(rows)


def test_without_reports_the_real_report_says_so_and_judges_nothing(midterm):
    rows = rows_of(midterm)
    assert {r["judged"] for r in rows} == {"未报状态"}
    text = words_of(midterm)
    assert "均未报状态，不作评判" in text and "逾期未完成的承诺" not in text


def test_a_plan_without_a_text_of_its_own_says_why_there_is_no_ledger(final):
    assert not (final / "ledger.csv").exists()
    assert "未读出可列入工作台账的承诺" in words_of(final)


def test_the_record_names_the_ledger_as_an_input(simulated):
    record = json.loads((simulated / "run.json").read_text("utf-8"))
    assert "examples/ledger/simulated.csv" in record["inputs"]
    assert "examples/ledger/simulated.yml" in record["inputs"]
    assert "ledger.csv" in record["outputs"]


def test_simulated_statuses_alone_mark_the_whole_report(tmp_path):
    cell = {"cell_type": "code", "source": [], "metadata": {}, "execution_count": 1}
    data = {"application/vnd.gdplan.assessment+csv": "verdict,simulated\n完成,False\n",
            "application/vnd.gdplan.ledger+csv": ["id,simulated\n", "c1,True\n"]}  # fmt: skip
    output = {"output_type": "display_data", "metadata": {}, "data": data}
    book = {"cells": [cell | {"outputs": [output]}], "metadata": {}, "nbformat": 4,
            "nbformat_minor": 5}  # fmt: skip
    from gdplan import load_plan

    export.write(book, load_plan("gd-hrss-14"), tmp_path, kind="midterm",
                           formats=("html",), lang="zh")  # fmt: skip
    assert (tmp_path / f"report-{MARK}.html").is_file()
    assert (tmp_path / "ledger.csv").read_text("utf-8-sig") == "id,simulated\nc1,True\n"


@pytest.mark.slow
def test_forms_go_out_come_back_and_reach_the_report(command, tmp_path, monkeypatch):
    home = tmp_path / "home"
    shutil.copytree(ROOT / "data" / "raw", home / "data" / "raw")
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    monkeypatch.setenv("GDPLAN_HOME", str(home))
    made = command("template", "--year", "2023", "--out", str(tmp_path / "forms"))
    assert made.returncode == 0, made.stderr
    path = Path(made.stdout.strip())
    book = openpyxl.load_workbook(path)
    sheet = book["工作台账"]
    names = {name: i for i, name in enumerate(ledger_write.HEADER, 1)}
    line = next(n for n in range(2, 60) if sheet.cell(n, names["完成时限"]).value == "2022年")
    for name, value in {"状态": "推进中", "完成数": 3, "填报日期": "2024-01-20"}.items():
        sheet.cell(line, names[name]).value = value
    book.save(path)
    taken = command("import", str(path))
    assert taken.returncode == 0, taken.stderr
    assert "工作台账：新状态1项，已有0项，未报54项" in taken.stdout
    again = command("import", str(path))
    assert "新状态0项，已有1项" in again.stdout and "没有新状态，未写文件" in again.stdout
    words = ("report", "midterm", "--format", "html", "--out", str(tmp_path / "reports"))
    for extra, overdue in (((), "1"), (("--as-of", "2024-01-19"), "0")):
        run = command(*words, *extra)
        assert run.returncode == 0, run.stderr
        folder = Path(run.stdout.splitlines()[-1])
        judged = [r["judged"] for r in rows_of(folder)]
        assert str(judged.count("逾期未完成")) == overdue
        inputs = json.loads((folder / "run.json").read_text("utf-8"))["inputs"]
        assert any(name.startswith("data/raw/ledger/form-gd-hrss-14-") for name in inputs)


def test_a_wrong_ledger_stops_the_report_with_file_and_line(command, tmp_path):
    data = tmp_path / "observations"
    shutil.copytree(ROOT / "data" / "raw" / "observations", data)
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "bad.csv").write_text(
        "plan,id,what,year,reported,status\ngd-hrss-14,c0,x,2023,2024-01-05,成了\n", "utf-8"
    )
    run = command("report", "midterm", "--observations", str(data), "--out", str(tmp_path / "out"))
    assert run.returncode == 1 and "bad.csv:2" in run.stderr and "不认识的状态" in run.stderr


def test_the_ledger_of_a_run_lies_beside_its_figures(tmp_path):
    def ledger(values: dict[str, str]) -> set[str]:
        return {p.name for p in run_record.data_files(values) if p.parent.name == "ledger"}

    assert ledger({}) == {p.name for p in (ROOT / "data/raw/ledger").glob("*")}
    wanted = {"simulated.csv", "simulated.yml"}
    assert ledger({"observations": "examples/observations"}) == wanted
    assert ledger({"observations": "examples/observations/simulated.csv"}) == wanted
    assert ledger({"observations": str(tmp_path)}) == set()


# -- the simulated ledger ----------------------------------------------------------------------


def _script() -> ModuleType:
    path = ROOT / "examples" / "simulate_ledger.py"
    spec = importlib.util.spec_from_file_location("simulate_ledger", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["simulate_ledger"] = module
    spec.loader.exec_module(module)
    return module


def test_the_script_writes_the_committed_bytes_and_every_row_is_marked(tmp_path, monkeypatch):
    script = _script()
    assert script.main(["--check"]) == 0
    for row in script.rows():
        assert row["simulated"] == "true" and MARK in row["note"]
        assert not row["evidence"] or MARK in row["evidence"]
        assert not row["explanation"] or MARK in row["explanation"]
    monkeypatch.setattr(script, "OUTPUT", tmp_path / "new" / "simulated.csv")
    assert script.main(["--check"]) == 1
    assert script.main([]) == 0 and script.main(["--check"]) == 0


def test_every_name_of_the_story_is_a_commitment_of_the_plan():
    script = _script()
    known = {row["id"] for row in script.rows()}
    silent = {key for key, pace in script.STORY.items() if pace == "silent"}
    named = {*script.STORY, *script.FIGURES, *script.WORDS, *(key for key, _ in script.ODD)}
    assert named - silent <= known and not silent & known


@pytest.mark.parametrize(
    ("year", "counts"),
    [
        (2023, {"已完成": 6, "按期推进": 36, "滞后": 8, "未启动": 1, "逾期未完成": 1,
                "未报状态": 3}),
        (2025, {"已完成": 46, "逾期未完成": 6, "未报状态": 3}),
    ],
)  # fmt: skip
def test_the_story_is_what_the_ledger_says(year, counts):
    from gdplan import assess_commitments, load_plan, read_statuses
    from gdplan.plans.commitments import unmerged

    plan = load_plan("gd-hrss-14")
    statuses = read_statuses(ROOT / "examples" / "ledger", plan)
    frame = assess_commitments(unmerged(plan), statuses, plan=plan, year=year)
    assert frame["judged"].value_counts().to_dict() == counts
