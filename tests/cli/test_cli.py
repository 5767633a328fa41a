"""The command line: exit codes, messages, and what each command leaves."""

from __future__ import annotations

import csv
import shutil
import sys
from pathlib import Path

import pytest

from gdplan.batch.run import Result, State
from gdplan.cli import batch as cli_batch
from gdplan.model import PARSED_COLUMNS
from gdplan.problems import ProblemError
from gdplan.reports import build

ROOT = Path(__file__).resolve().parents[2]
TEXT = ROOT / "data" / "raw" / "plans" / "gd-hrss-14" / "plan.txt"


def test_help_names_the_commands(command):
    run = command("--help")
    assert run.returncode == 0
    for word in ("report", "plan", "build", "list"):
        assert word in run.stdout


def test_plan_parse_writes_the_forty_rows_of_the_shipped_text(command, tmp_path):
    run = command("plan", "parse", str(TEXT), "--out", str(tmp_path / "new" / "out"))
    assert run.returncode == 0, run.stderr
    path = tmp_path / "new" / "out" / "indicators.csv"
    assert run.stdout.splitlines() == [
        "专栏1：15行", "专栏2：25行", str(path), "承诺事项：68项",
        str(path.with_name("commitments.csv")),
    ]  # fmt: skip
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == PARSED_COLUMNS
    assert len(rows) == 40


def test_plan_parse_writes_what_it_read_and_lists_the_rest(command, tmp_path):
    text = tmp_path / "plan.txt"
    text.write_text(
        "指标\t单位\t2020年\t2025年\t属性\n就业人数\t万人\t50\t60\t预期性\n"
        "参保人数\t万人\t50\n失业率\t%\t5\t第5名\t预期性\n结案率\t%\t90\t>95\t约束性\n",
        "utf-8",
    )
    run = command("plan", "parse", str(text), "--out", str(tmp_path))
    assert run.returncode == 1
    assert "plan.txt:3" in run.stderr and "plan.txt:4" in run.stderr
    assert len((tmp_path / "indicators.csv").read_text("utf-8-sig").splitlines()) == 3


def test_a_gb18030_text_is_read(command, tmp_path):
    text = tmp_path / "gbk.txt"
    text.write_bytes(TEXT.read_text("utf-8").encode("gb18030"))
    run = command("plan", "parse", str(text), "--out", str(tmp_path))
    assert run.returncode == 0, run.stderr
    assert "城镇新增就业人数" in (tmp_path / "indicators.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("content", "key"),
    [(None, "missing_file"), (b" \n", "empty_file"), (b"PK\x03\x04\x00\x00", "broken_file"),
     (b"a\0b", "binary_file"),
     ("没有表".encode(), "no_table")],
)  # fmt: skip
def test_a_text_that_is_none_is_a_problem_and_no_traceback(command, tmp_path, content, key):
    path = tmp_path / "x.txt"
    if content is not None:
        path.write_bytes(content)
    run = command("plan", "parse", str(path), "--out", str(tmp_path))
    assert run.returncode == 1
    assert f"[{key}]" in run.stderr and "Traceback" not in run.stderr


def test_debug_shows_the_traceback(command, tmp_path):
    run = command("--debug", "plan", "parse", str(tmp_path / "none.txt"))
    assert "Traceback" in run.stderr


def test_an_unknown_option_is_an_input_problem(command):
    run = command("report", "midterm", "--yaer", "2023")
    assert run.returncode == 1
    assert "Traceback" not in run.stderr


def test_a_wrong_year_is_a_problem(command, tmp_path):
    run = command("report", "midterm", "--year", "2031", "--out", str(tmp_path))
    assert run.returncode == 1
    assert "2021—2025" in run.stderr


def test_a_parameter_must_be_a_pair(command):
    run = command("report", "midterm", "-p", "year")
    assert run.returncode == 1 and "名=值" in run.stderr


def test_processed_tables_are_what_raw_data_give(command):
    run = command("build", "--check")
    assert run.returncode == 0, run.stderr


def test_a_processed_table_that_differs_is_named(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "data", tmp_path / "data")
    monkeypatch.setenv("GDPLAN_HOME", str(tmp_path))
    victim = tmp_path / "data" / "processed" / "observations.csv"
    victim.write_bytes(victim.read_bytes().replace(b"140.33", b"140.34"))
    (tmp_path / "data" / "processed" / "old.csv").write_text("x")
    with pytest.raises(ProblemError) as caught:
        build.check()
    assert [p.where for p in caught.value.problems] == [
        "data/processed/observations.csv",
        "data/processed/old.csv",
    ]
    assert "data/processed/observations.csv" in build.write()


def test_list_names_plans_regions_and_runs(command, midterm):
    run = command("list", "--out", str(midterm.parent))
    for word in ("gd-hrss-13", "gd-hrss-14", "440000", "广州市", midterm.name):
        assert word in run.stdout


def test_list_says_when_there_is_no_report_yet(tmp_path):
    assert "  尚无" in list(build.listing(tmp_path))


def test_a_home_without_data_is_a_problem(command, monkeypatch, tmp_path):
    monkeypatch.setenv("GDPLAN_HOME", str(tmp_path))
    run = command("list")
    assert run.returncode == 1 and "GDPLAN_HOME" in run.stderr


@pytest.mark.parametrize("piped", [False, True])
def test_a_terminal_gets_a_bar_and_a_pipe_the_plain_lines(monkeypatch, capsys, piped):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: not piped)
    with cli_batch._display(2) as told:
        told(Result("a[b]", State.FAILED, "错"))
        told(Result("b", State.MADE, seconds=1.0))
    out, err = capsys.readouterr()
    assert "2/2" in err
    for line in ("[1/2] 失败 a[b]：错", "[2/2] 完成 b（1.0秒）"):
        assert (line in out) == piped and (line in err) != piped
