"""The benchmarks compare like with like and break when a limit is broken; nothing is timed here."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gdplan import indicators, load_plan, read_observations
from gdplan.batch.runs_file import read_runs
from gdplan.observations.checks import run as checks

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def load(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    return lambda name: importlib.import_module(f"benchmarks.{name}")


def test_every_indicator_function_does_the_work_of_its_floor(load, monkeypatch):
    bench = load("bench_indicators")
    monkeypatch.setattr(bench, "SERIES", 50)
    done = set()
    for name, work, floor, size in bench.cases():
        np.testing.assert_allclose(work(), floor(), rtol=1e-12)
        assert size >= 50 * 8
        done.add(name)
    public = {
        name
        for name, f in inspect.getmembers(indicators, inspect.isfunction)
        if f.__module__ == indicators.__name__ and not name.startswith("_")
    }
    assert done == public - {"why_not"}


def test_each_result_knows_whether_it_keeps_its_limit(load):
    result = load("harness").Result
    assert result("a", "b", 3.0, 3.0).passed
    assert not result("a", "b", 3.01, 3.0).passed


def test_peak_memory_counts_what_one_call_holds(load):
    peak = load("harness").peak(lambda: np.ones(100_000))
    assert 800_000 <= peak <= 900_000


@pytest.mark.parametrize(("measured", "code"), [(1.0, 0), (9.0, 1)])
def test_a_broken_limit_fails_the_run_and_is_written_down(
    load, monkeypatch, tmp_path, measured, code
):
    main, harness = load("__main__"), load("harness")
    page = tmp_path / "performance.md"
    page.write_text(f"head\n{main.BEGIN}\nold\n{main.END}\ntail\n", "utf-8")
    monkeypatch.setattr(main, "PAGE", page)
    monkeypatch.setattr(main.bench_cli, "run", list)
    monkeypatch.setattr(main.bench_report, "run", list)
    monkeypatch.setattr(main.bench_batch, "run", list)
    monkeypatch.setattr(main.bench_cluster, "run", list)
    monkeypatch.setattr(main.bench_observations, "run", list)
    monkeypatch.setattr(main.bench_forms, "run", list)
    monkeypatch.setattr(main.bench_documents, "run", list)
    monkeypatch.setattr(main.bench_scenarios, "run", list)
    monkeypatch.setattr(main.bench_checks, "run", list)
    monkeypatch.setattr(main.bench_ranks, "run", list)
    one = harness.Result("something", "its floor", measured, 3.0)
    monkeypatch.setattr(main.bench_indicators, "run", lambda: [one])
    assert main.main() == code
    text = page.read_text("utf-8")
    assert text.startswith("head\n") and text.endswith("\ntail\n") and "old" not in text
    assert ("BROKEN" in text) == bool(code)
    assert text.count(main.BEGIN) == text.count(main.END) == 1


def test_the_page_has_a_row_for_every_function(load, monkeypatch):
    text = (ROOT / "docs" / "performance.md").read_text("utf-8")
    bench = load("bench_indicators")
    monkeypatch.setattr(bench, "SERIES", 2)
    for name in ("gdplan --help", *(f"indicators.{case[0]}" for case in bench.cases())):
        assert f"| {name} |" in text
    assert "BROKEN" not in text


def test_a_report_and_its_peer_both_make_their_files(load, tmp_path):
    bench = load("bench_report")
    bench._call(bench._gdplan(tmp_path, ["--format", "html"]), tmp_path)
    assert list(tmp_path.glob("reports/*/report.html"))
    bench._call(bench._peer(tmp_path, []), tmp_path)
    assert (tmp_path / "peer.ipynb").is_file() and (tmp_path / "peer.html").is_file()


def test_the_plain_script_of_a_batch_makes_the_tables_and_figures_of_the_notebook(load, tmp_path):
    bench = load("bench_batch")
    script = tmp_path / "script.py"
    counted = "\nimport atexit; made = []; atexit.register(lambda: print(len(made)))\n"
    text = bench.plain(bench.NOTEBOOK).replace(
        "def show(value):", "def show(value):\n    made.append(value)"
    )
    script.write_text(counted + text, "utf-8")
    run = subprocess.run(
        [sys.executable, str(script), "440100"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    cells = json.loads(bench.NOTEBOOK.read_text("utf-8"))["cells"]
    codes = [ast.parse("".join(c["source"])).body for c in cells if c["cell_type"] == "code"]
    assert int(run.stdout) == sum(isinstance(code[-1], ast.Expr) for code in codes) >= 15


def test_the_lists_of_a_batch_have_22_and_220_reports(load, tmp_path):
    bench = load("bench_batch")
    assert len(read_runs(bench.runs_file(tmp_path, bench.DATES[:1]))) == 22
    assert len(read_runs(bench.runs_file(tmp_path, bench.DATES))) == 220


def test_the_plan_for_a_country_is_what_was_measured_times_what_is_assumed(load):
    scaling = load("scaling")
    found = [
        scaling.Measure("one machine", 10, "five", 36.0, 60.0, 10_000_000),
        scaling.Measure("one machine", 10, "html", 20.0, 40.0, 1_000_000),
        scaling.Measure("one machine", 100, "html", 250.0, 440.0, 10_000_000),
        scaling.Measure("a cluster", 10, "html", 21.0, 0.0, 1_000_000),
    ]
    # 7.2 core-seconds; (31 + 2,800) x 3 = 8,493 reports: 8,493 x 7.2 x 1.15 / 3,600 hours.
    text = scaling.plan(found)
    assert "| 8,493 | 19.5 | 9.8 | 1.2 | 0.3 | 5.86 | 8.5 | 61.15 |" in text
    assert "| 260,400 | 598.9 |" in text
    rows = scaling.table(found).splitlines()
    assert rows[-2] == "| one machine | 100 | html | 250 | 4.40 | 0.10 | 1.10 |"
    assert rows[-1] == "| a cluster | 10 | html | 21 | — | 0.10 | — |"


def test_the_page_on_scaling_has_a_place_for_each_table(load):
    scaling = load("scaling")
    page = scaling.PAGE.read_text("utf-8")
    for marks in (scaling.MEASURED, scaling.PLANNED):
        assert scaling._between(page, marks, "new").count("new") > page.count("new")
        assert all(page.count(mark) == 1 for mark in marks)


def test_a_local_cluster_makes_the_reports_of_a_batch(load, tmp_path):
    pytest.importorskip("distributed", reason="needs the extra 'cluster' (distributed)")
    bench = load("bench_cluster")
    runs = load("bench_batch").runs_file(tmp_path, ["2027-01-01"])
    with bench.cluster(1) as address:
        line = ("--scheduler", address, "--share", str(tmp_path / "share"), "--limit", "1")
        bench.batch(runs, *line, out=str(tmp_path / "out"))
    assert len(list((tmp_path / "out").glob("*/report*.html"))) == 1


def test_the_exponent_of_growth_is_the_slope_on_logarithms(load):
    exponent = load("harness").exponent
    assert exponent([1, 2, 4], [3, 6, 12]) == pytest.approx(1)
    assert exponent([10, 20, 40], [1, 4, 16]) == pytest.approx(2)


def test_the_million_rows_are_figures_that_the_reader_takes(load, tmp_path):
    bench = load("bench_observations")
    bench.write(tmp_path / "simulated.csv", 700, [("440100", "广州市")])
    frame = read_observations(tmp_path / "simulated.csv", load_plan("gd-hrss-14"))
    assert len(frame) == 700 and frame["simulated"].all() and frame["month"].nunique() == 12
    counties = 22 + bench.COUNTIES
    assert counties * 25 * 12 * len(bench.YEARS) >= bench.ROWS


def test_seeded_faults_of_every_check_are_found_and_clean_sets_are_quiet(load):
    """Five of the fifty seeds; soft checks may miss one of five."""
    bench = load("bench_checks")
    results = {r.name.split(",")[0].removeprefix("checks: "): r for r in bench.run(5)}
    assert set(checks.CHECKS) <= set(results)
    assert [name for name in checks.HARD_IDS if results[name].ratio > 0] == []
    soft = set(checks.CHECKS) - set(checks.HARD_IDS)
    assert [name for name in soft if results[name].ratio > 0.2] == []
    assert results["false alarms per clean province-year"].passed
    assert results["hard findings in clean sets"].ratio == 0
