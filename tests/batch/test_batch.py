"""Batches: the bytes of single runs, failures by themselves, and a resume that makes the rest."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from batchruns import EXPORT, PARAMETERS, SHOWN, WORK, folders
from nbformat.v4 import new_code_cell, new_notebook
from runfolders import complete

from gdplan.batch import pool
from gdplan.batch import run as batch_run
from gdplan.batch import worker as batch_worker
from gdplan.batch.run import Result, State
from gdplan.batch.runs_file import Job, read_runs
from gdplan.problems import ProblemError

ROOT = Path(__file__).resolve().parents[2]
FORKS = hasattr(os, "fork")
needs_fork = pytest.mark.skipif(not FORKS, reason="needs fork")
CITIES = ("440100", "440300", "440400")
RUNS = "plan: gd-hrss-14\nkinds: [small]\nyears: [2023]\nformats: [html]\n"
# Does to the batch what a file named after the region tells it to.
ACTS = """import os, signal, time
from pathlib import Path

place = Path(os.environ["GDPLAN_HOME"]) / "acts"
act = (place / region).read_text() if (place / region).exists() else ""
if act == "fail":
    raise ValueError("first line\\nwhat is wrong")
if act == "wait":
    (place / "waiting").write_text(str(os.getpid()))
    time.sleep(120)
if act == "kill report":
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(120)
if act == "kill server":
    os.kill(int(os.popen(f"ps -o ppid= -p {os.getppid()}").read()), signal.SIGKILL)
"""


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A home of one's own with the real data and one small notebook."""
    place = tmp_path / "home"
    shutil.copytree(ROOT / "data" / "raw", place / "data" / "raw")
    (place / "notebooks").mkdir()
    (place / "acts").mkdir()
    given = new_code_cell(PARAMETERS, id="given", metadata={"tags": ["parameters"]})
    cells = [given, *(new_code_cell(c, id=f"c{n}") for n, c in enumerate((ACTS, WORK, SHOWN)))]
    book = new_notebook(cells=[*cells, new_code_cell(EXPORT, id="export")])
    book["metadata"] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    (place / "notebooks" / "small.ipynb").write_text(json.dumps(book), "utf-8")
    monkeypatch.setenv("GDPLAN_HOME", str(place))
    return place


@pytest.fixture
def runs(tmp_path) -> Path:
    """Three small reports."""
    path = tmp_path / "RUNS.yml"
    path.write_text(f"{RUNS}regions: {json.dumps(CITIES)}\n", "utf-8")
    return path


def name(region: str) -> str:
    return f"small-gd-hrss-14-{region}-2023"


def act(home: Path, region: str, what: str) -> None:
    (home / "acts" / region).write_text(what)


def check_all(out: Path, regions: tuple[str, ...] = CITIES) -> None:
    """Every report is there and whole, and nothing else."""
    assert folders(out) == sorted(name(region) for region in regions)
    assert all(complete(out / folder) for folder in folders(out))


# What a batch makes.


@pytest.mark.slow
@needs_fork
def test_a_batch_leaves_the_bytes_of_single_runs_in_every_format(
    midterm, final, simulated, command, tmp_path
):
    path = tmp_path / "RUNS.yml"
    path.write_text(
        """plan: gd-hrss-14
regions: ["440000"]
runs:
  - kinds: [midterm]
  - plan: gd-hrss-13
    kinds: [final]
  - observations: examples/observations
""",
        "utf-8",
    )
    run = command("batch", str(path), "--out", "out", "--jobs", "2", cwd=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    for single in (midterm, final, simulated):
        made = tmp_path / "out" / single.name
        assert complete(made)
        records = [json.loads((p / "run.json").read_text("utf-8")) for p in (single, made)]
        for record in records:
            del record["clock"]
        assert records[0] == records[1]
        assert len(records[0]["formats"]) == 5


@pytest.mark.slow
@needs_fork
def test_a_second_batch_makes_only_what_uses_a_changed_cell(home, command, tmp_path):
    for copy in ("here", "there"):
        shutil.copytree(home / "data" / "raw" / "observations", tmp_path / copy)
    path = tmp_path / "RUNS.yml"
    path.write_text(
        f'{RUNS}regions: ["440100", "440300"]\n'
        "runs:\n  - observations: here\n  - observations: there\n",
        "utf-8",
    )
    words = ("batch", str(path), "--out", "out")
    assert command(*words, cwd=tmp_path).returncode == 0
    again = command(*words, cwd=tmp_path)
    assert again.returncode == 0
    assert "4份输入未变，运行0份" in again.stdout and "跳过4份" in again.stdout
    jobs = read_runs(path)
    before = {job.run: (tmp_path / "out" / job.run / "run.json").read_bytes() for job in jobs}
    table = tmp_path / "there" / "guangdong_published.csv"
    table.write_text(table.read_text("utf-8").replace("140.33", "140.34"), "utf-8")
    third = command(*words, cwd=tmp_path)
    assert third.returncode == 0 and "完成2份，跳过2份" in third.stdout
    changed = {
        job.run for job in jobs
        if (tmp_path / "out" / job.run / "run.json").read_bytes() != before[job.run]
    }  # fmt: skip
    assert changed == {j.run for j in jobs if j.values["observations"].endswith("there")}


@needs_fork
def test_a_city_without_figures_gets_a_report_that_says_so(command, tmp_path):
    path = tmp_path / "RUNS.yml"
    path.write_text('plan: gd-hrss-14\nformats: [html]\nregions: ["440200"]\n', "utf-8")
    run = command("batch", str(path), "--out", "out", cwd=tmp_path)
    assert run.returncode == 0, run.stdout
    assert "无法评估25项" in run.stdout
    log = tmp_path / "out" / "logs" / "midterm-gd-hrss-14-440200-2023.log"
    assert log.read_text("utf-8") == "无法评估25项\n"


@pytest.mark.slow
def test_without_fork_the_reports_are_the_same(home, runs, tmp_path):
    jobs = read_runs(runs)[:2]
    made = {}
    for method in (pool.METHOD, pool.SPAWN):
        out = tmp_path / method
        told: list[Result] = []
        batch_run.run(jobs, pool.Pool(2, 2, method=method), out, told=told.append)
        assert {r.state for r in told} == {State.MADE}, told
        check_all(out, CITIES[:2])
        made[method] = {
            p.relative_to(out): p.read_bytes() for p in out.glob("small-*/*") if p.suffix != ".json"
        }
    assert made[pool.METHOD] == made[pool.SPAWN]


# What fails, and what becomes of the rest.


@needs_fork
def test_a_report_that_fails_keeps_no_other_and_is_told_in_a_table(home, runs, command, tmp_path):
    act(home, CITIES[0], "fail")
    words = ("batch", str(runs), "--out", "out", "--jobs", "1")
    run = command(*words, cwd=tmp_path)
    assert run.returncode == 2
    lines = run.stdout.splitlines()
    log = Path("out") / "logs" / f"{name(CITIES[0])}.log"
    error = "第2个单元出错：ValueError: what is wrong"
    assert lines[-3:] == [
        "报告 | 单元 | 错误 | 日志",
        f"{name(CITIES[0])} | 第2个单元 | {error} | {log}",
        "完成2份，失败1份",
    ]
    assert f"失败 {name(CITIES[0])}：{error}" in run.stdout
    assert "raise ValueError" in (tmp_path / log).read_text("utf-8")
    check_all(tmp_path / "out", CITIES[1:])
    (home / "acts" / CITIES[0]).unlink()
    again = command(*words, cwd=tmp_path)
    assert again.returncode == 0 and "完成1份，跳过2份" in again.stdout
    check_all(tmp_path / "out")


@pytest.mark.slow
@needs_fork
def test_a_corrupt_input_fails_the_reports_that_read_it(home, command, tmp_path):
    shutil.copytree(home / "data" / "raw" / "observations", tmp_path / "figures")
    table = tmp_path / "figures" / "guangdong_published.csv"
    whole = table.read_bytes()
    table.write_bytes(whole.replace("140.33,万人".encode(), "一百四十,万人".encode()))
    path = tmp_path / "RUNS.yml"
    path.write_text(
        f'{RUNS}regions: ["440100"]\nruns:\n  - observations: figures\n  - years: [2022]\n', "utf-8"
    )
    words = ("batch", str(path), "--out", "out")
    run = command(*words, cwd=tmp_path)
    assert run.returncode == 2 and "完成1份，失败1份" in run.stdout
    assert "第3个单元" in run.stdout and f"{table.name}:22 value" in run.stdout
    assert len(folders(tmp_path / "out")) == 1
    table.write_bytes(whole)
    again = command(*words, cwd=tmp_path)
    assert again.returncode == 0 and "完成1份，跳过1份" in again.stdout
    assert all(complete(tmp_path / "out" / folder) for folder in folders(tmp_path / "out"))


@pytest.mark.slow
@needs_fork
def test_a_process_that_is_killed_loses_no_finished_report(home, runs, command, tmp_path):
    act(home, CITIES[1], "kill report")
    words = ("batch", str(runs), "--out", "out", "--jobs", "1")
    run = command(*words, cwd=tmp_path)
    assert run.returncode == 2, run.stdout
    assert "完成2份，失败1份" in run.stdout and "进程中断（SIGKILL）" in run.stdout
    check_all(tmp_path / "out", (CITIES[0], CITIES[2]))
    (home / "acts" / CITIES[1]).unlink()
    again = command(*words, cwd=tmp_path)
    assert again.returncode == 0 and "完成1份，跳过2份" in again.stdout
    check_all(tmp_path / "out")


@pytest.mark.slow
@needs_fork
def test_a_fork_server_that_is_killed_loses_no_report_at_all(home, runs, command, tmp_path):
    act(home, CITIES[1], "kill server")
    run = command("batch", str(runs), "--out", "out", "--jobs", "2", cwd=tmp_path)
    assert run.returncode == 0 and "完成3份" in run.stdout, run.stdout
    check_all(tmp_path / "out")


def started(runs: Path, place: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "gdplan", "batch", str(runs), "--out", "out", "--jobs", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", cwd=place,
    )  # fmt: skip


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def waited(what: Any) -> bool:
    """Whether something came true while a patient user looked on."""
    for _ in range(1200):
        if what():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.slow
@needs_fork
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_batch_keeps_what_is_finished_and_resumes(
    home, runs, command, tmp_path, number
):
    act(home, CITIES[1], "wait")
    waiting = home / "acts" / "waiting"
    with started(runs, tmp_path) as process:
        assert waited(lambda: waiting.exists() and waiting.read_text())
        process.send_signal(number)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == (130 if number == signal.SIGINT else -signal.SIGKILL)
    assert waited(lambda: gone(int(waiting.read_text())))
    out = tmp_path / "out"
    assert waited(lambda: folders(out) == [name(CITIES[0])])
    assert complete(out / name(CITIES[0]))
    if number == signal.SIGINT:
        assert "完成1份，未运行2份" in said
    (home / "acts" / CITIES[1]).unlink()
    again = command("batch", str(runs), "--out", "out", cwd=tmp_path)
    assert again.returncode == 0 and "完成2份，跳过1份" in again.stdout
    check_all(out)


@pytest.mark.slow
@needs_fork
def test_a_full_disk_ends_the_batch_and_keeps_what_is_finished(home, runs, command, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)],
        capture_output=True, check=False,
    ) if hasattr(os, "geteuid") and os.geteuid() == 0 else None  # fmt: skip
    if mounted is None or mounted.returncode:
        pytest.skip("needs the right to mount a small disk")
    words = ("batch", str(runs), "--out", str(disk / "out"), "--jobs", "1")
    try:
        first = command(*words, "--limit", "1", cwd=tmp_path)
        assert first.returncode == 0, first.stdout
        used = sum(p.stat().st_size for p in disk.rglob("*") if p.is_file())
        (disk / "ballast").write_bytes(b"x" * (200 * 1024 - used - 40_000))
        full = command(*words, cwd=tmp_path)
        assert full.returncode == 2
        assert "磁盘空间不足" in full.stdout
        assert "未运行1份" in full.stdout and "跳过1份" in full.stdout
        check_all(disk / "out", CITIES[:1])
        subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
        again = command(*words, cwd=tmp_path)
        assert again.returncode == 0 and "完成2份，跳过1份" in again.stdout
        check_all(disk / "out")
    finally:
        subprocess.run(["umount", str(disk)], check=False)


# The parts, with an executor that makes nothing.


class Told:
    """An executor whose outcomes are told beforehand."""

    def __init__(self, outcomes: Mapping[str, Mapping[str, Any]], slots: int = 2) -> None:
        self.outcomes, self.slots = outcomes, slots
        self.under: list[str] = []
        self.most = 0
        self.closed = False

    def submit(self, task: Mapping[str, Any]) -> None:
        self.under.append(task["run"])
        self.most = max(self.most, len(self.under))

    def next(self) -> Mapping[str, Any]:
        run = self.under.pop()
        outcome = self.outcomes.get(run, {"verdicts": {"滞后": 1}})
        if "interrupt" in outcome:
            raise KeyboardInterrupt
        return {"run": run, "seconds": 1.0, **outcome}

    def close(self) -> None:
        self.closed = True


def jobs(n: int) -> list[Job]:
    return [Job(f"job-{i}", "small", {"region": str(i)}, ("html",)) for i in range(n)]


def failed(key: str = "RunFailed") -> dict[str, str]:
    return {"error": "错", "cell": "第3个单元", "key": key}


def test_results_come_in_the_order_of_the_jobs_and_no_slot_is_overfilled(tmp_path):
    executor, told = Told({"job-1": failed()}), list[Result]()
    results = batch_run.run(jobs(5), executor, tmp_path, told=told.append)
    assert [r.run for r in results] == [f"job-{i}" for i in range(5)]
    assert {r.run for r in told} == {r.run for r in results} and told != results
    assert executor.most == 2 and executor.closed
    assert batch_run.summary(results) == "完成4份，失败1份"
    assert list(batch_run.failures(results))[1] == f"job-1 | 第3个单元 | 错 | {results[1].log}"
    assert results[0].line() == "完成 job-0（1.0秒）：滞后1项"


@pytest.mark.parametrize(
    ("key", "go_on", "left"),
    [("RunFailed", True, 0), ("RunFailed", False, 3), ("disk_full", True, 3)],
)
def test_a_batch_stops_when_told_to_or_when_the_disk_is_full(tmp_path, key, go_on, left):
    executor = Told({"job-1": failed(key)}, slots=1)
    results = batch_run.run(jobs(5), executor, tmp_path, told=lambda _: None, go_on=go_on)
    assert [r.state for r in results].count(State.LEFT) == left


def test_an_interrupt_brings_back_what_had_ended(tmp_path):
    executor = Told({"job-2": {"interrupt": True}}, slots=1)
    with pytest.raises(batch_run.Interrupted) as caught:
        batch_run.run(jobs(4), executor, tmp_path, told=lambda _: None)
    assert [r.state for r in caught.value.results] == [State.MADE] * 2 + [State.LEFT] * 2
    assert executor.closed


def test_only_chooses_by_a_pattern_and_none_is_a_fault():
    assert [j.run for j in batch_run.chosen(jobs(12), "job-1*")] == ["job-1", "job-10", "job-11"]
    assert len(batch_run.chosen(jobs(3))) == 3
    with pytest.raises(ProblemError, match="没有报告符合"):
        batch_run.chosen(jobs(12), "nothing")


def test_no_failure_makes_no_table():
    assert list(batch_run.failures([Result("a", State.MADE)])) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "odt,html"], "不支持的格式"),
        (["--format", ""], "没有给出输出格式"),
        (["--only", "x*"], "没有报告符合"),
    ],
)
def test_faults_of_the_command_line_are_told_before_anything_runs(
    home, runs, command, tmp_path, words, said
):
    run = command("batch", str(runs), "--out", "out", *words, cwd=tmp_path)
    assert run.returncode == 1 and said in run.stderr
    assert not (tmp_path / "out").exists()


@needs_fork
def test_a_limit_leaves_the_rest_for_another_time(home, runs, command, tmp_path):
    words = ("batch", str(runs), "--out", "out", "--limit", "2")
    first = command(*words, cwd=tmp_path)
    assert first.returncode == 0 and "完成2份，未运行1份" in first.stdout
    assert "[2/2]" in first.stdout
    second = command(*words, cwd=tmp_path)
    assert second.returncode == 0 and "完成1份，跳过2份" in second.stdout


@pytest.fixture
def made(home, runs, tmp_path) -> Iterator[tuple[Job, Path]]:
    """One finished report and its job."""
    job = read_runs(runs)[0]
    batch_run.run([job], pool.Pool(1, 1), tmp_path / "out", told=lambda _: None)
    assert batch_run.sorted_out([job], tmp_path / "out") == ([], [job])
    yield job, tmp_path / "out"


def edited(folder: Path, **changes: Any) -> None:
    path = folder / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def test_a_report_is_made_again_when_anything_it_depends_on_differs(home, made, monkeypatch):
    job, out = made
    folder = out / job.run

    def is_kept(asked: Job = job) -> bool:
        return bool(batch_run.sorted_out([asked], out)[1])

    kept = (folder / "run.json").read_bytes()
    record = json.loads(kept)
    for changes in (
        {"kind": "other"},
        {"versions": record["versions"] | {"pandas": "0"}},
        {"source": record["source"] | {"code": "0"}},
        {"inputs": record["inputs"] | {"more.csv": "0"}},
        {"parameters": record["parameters"] | {"year": 2022}},
        {"formats": []},
        {"tables": None},
    ):
        edited(folder, **changes)
        assert not is_kept(), changes
    (folder / "run.json").write_bytes(kept)
    assert is_kept()
    assert not is_kept(Job(job.run, job.kind, job.values, ("html", "pdf")))
    (folder / "more.txt").write_text("a file of somebody")
    assert not is_kept()
    (folder / "more.txt").unlink()
    page = folder / "report.html"
    page.write_text(page.read_text("utf-8") + " ", "utf-8")
    assert not is_kept()


BROKEN = """import multiprocessing, sys
from gdplan.batch import pool
multiprocessing.set_executable(sys.argv[1])
try:
    pool.Pool(1, 3).submit({"run": "a", "log": "a.log"})
except pool.RunFailed as error:
    print(error)
"""


@needs_fork
def test_processes_that_do_not_start_are_told_with_their_last_words(tmp_path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no such interpreter >&2; exit 3\n")
    broken.chmod(0o755)
    run = subprocess.run([sys.executable, "-c", BROKEN, str(broken)], capture_output=True,
                         text=True, check=True, cwd=tmp_path)  # fmt: skip
    assert "无法启动报告进程" in run.stdout and "no such interpreter" in run.stderr


def test_what_a_failure_says_is_its_last_line_and_all_its_problems():
    from gdplan.problems import Problem

    error = ProblemError([Problem("a", "x.csv:1", "错"), Problem("b", "x.csv:2", "也错")])
    error.add_note("第3个单元")
    assert batch_worker._told(error) == {
        "error": "x.csv:2：也错 [b]（共2个问题）", "cell": "第3个单元", "key": "a",
    }  # fmt: skip
    assert batch_worker._told(ValueError())["error"] == "ValueError"
