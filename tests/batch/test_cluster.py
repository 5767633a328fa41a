"""Batches and scenario blocks on a Dask cluster: the same bytes, each report once, whoever dies."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from batchruns import EXPORT, PARAMETERS, SHOWN, WORK, folders
from nbformat.v4 import new_code_cell, new_notebook
from runfolders import complete

pytest.importorskip("distributed", reason="needs the extra 'cluster' (distributed)")
if not hasattr(os, "fork"):  # pragma: no cover
    pytest.skip("needs fork", allow_module_level=True)

import distributed
import psutil

from gdplan.batch import run as batch_run
from gdplan.batch.cluster import link as cluster_link
from gdplan.batch.cluster import mirror
from gdplan.batch.cluster import reports as cluster_reports
from gdplan.batch.cluster import worker as cluster_worker
from gdplan.batch.cluster.blobs import Blobs
from gdplan.batch.cluster.draws import connected
from gdplan.batch.cluster.link import Link
from gdplan.batch.pool import Lost
from gdplan.batch.run import State
from gdplan.batch.runs_file import Job, read_runs
from gdplan.files import places
from gdplan.problems import ProblemError
from gdplan.reports.runs import record as run_record

ROOT = Path(__file__).resolve().parents[2]
CITIES = ("440100", "440300", "440400", "440500")
LIMIT = 100
"""Seconds after which a test gives up on a process."""
# Does to the cluster what a file named after the region tells it to; notes every start.
ACTS = """import os, signal, time
from pathlib import Path
import psutil

place = Path(os.environ["GDPLAN_TEST_ACTS"])
act = (place / region).read_text() if (place / region).exists() else ""
with (place / f"{region}.starts").open("a") as file:
    file.write(f"{os.getpid()}\\n")
starts = len((place / f"{region}.starts").read_text().splitlines())
if act == "fail":
    raise ValueError(f"what is wrong in {os.environ['GDPLAN_HOME']}/data")
if act == "kill" or (act == "kill once" and starts == 1):
    # This shell, the report, the server that forks, the worker of the cluster.
    psutil.Process().parents()[2].kill()
    time.sleep(120)
if act == "wait":
    (place / "waiting").write_text(str(os.getpid()))
    time.sleep(120)
"""


class Cluster:
    """A scheduler and workers on this machine, as `dask scheduler` and `dask worker` start them."""

    def __init__(self, place: Path) -> None:
        self.place, self.acts = place, place / "acts"
        self.acts.mkdir(parents=True)
        self.processes: list[subprocess.Popen[bytes]] = []
        file = place / "scheduler.json"
        self.scheduler = self._start(
            "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file)
        )
        until(file.is_file)
        until(lambda: file.read_text("utf-8"))
        self.address = json.loads(file.read_text("utf-8"))["address"]

    def add(self, number: int, package: Path = ROOT) -> Cluster:
        """Start workers with one thread each, and wait for them."""
        self._start(
            "dask_worker", self.address, "--nthreads", "1", "--nworkers", str(number), "--nanny",
            "--local-directory", str(self.place / "scratch"), package=package,
        )  # fmt: skip
        with distributed.Client(self.address, set_as_default=False, timeout=LIMIT) as client:
            client.wait_for_workers(number, timeout=LIMIT)
        return self

    def _start(self, module: str, *words: str, package: Path = ROOT) -> subprocess.Popen[bytes]:
        env = os.environ | {"GDPLAN_TEST_ACTS": str(self.acts), "PYTHONPATH": str(package)}
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", "--no-dashboard", *words],
            env=env, start_new_session=True, stderr=subprocess.DEVNULL, cwd=self.place,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def act(self, region: str, what: str) -> None:
        (self.acts / region).write_text(what)

    def starts(self, region: str) -> list[int]:
        path = self.acts / f"{region}.starts"
        return [int(line) for line in path.read_text().split()] if path.is_file() else []

    def clear(self) -> None:
        for path in self.acts.iterdir():
            path.unlink()

    def end(self) -> None:
        for process in reversed(self.processes):
            with contextlib.suppress(psutil.NoSuchProcess):
                for one in [*psutil.Process(process.pid).children(recursive=True), process]:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        one.kill()
            process.wait()


def until(true: Any, seconds: float = LIMIT) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def one(tmp_path_factory) -> Iterator[Cluster]:
    """A cluster of two workers that the tests of this module share."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        yield cluster.add(2)
    finally:
        cluster.end()


@pytest.fixture
def cluster(one) -> Cluster:
    one.clear()
    return one


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A home of one's own with the real data and one small notebook."""
    place = tmp_path / "home"
    shutil.copytree(ROOT / "data" / "raw", place / "data" / "raw")
    (place / "notebooks").mkdir()
    given = new_code_cell(PARAMETERS, id="given", metadata={"tags": ["parameters"]})
    cells = [given, *(new_code_cell(c, id=f"c{n}") for n, c in enumerate((ACTS, WORK, SHOWN)))]
    book = new_notebook(cells=[*cells, new_code_cell(EXPORT, id="export")])
    book["metadata"] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    (place / "notebooks" / "small.ipynb").write_text(json.dumps(book), "utf-8")
    monkeypatch.setenv("GDPLAN_HOME", str(place))
    monkeypatch.setenv("GDPLAN_TEST_ACTS", str(tmp_path / "own"))
    (tmp_path / "own").mkdir()
    return place


@pytest.fixture
def runs(tmp_path, home) -> Path:
    """Four small reports."""
    path = tmp_path / "RUNS.yml"
    head = "plan: gd-hrss-14\nkinds: [small]\nyears: [2023]\nformats: [html]\n"
    path.write_text(f"{head}regions: {json.dumps(CITIES)}\n", "utf-8")
    return path


@pytest.fixture
def jobs(runs) -> list[Job]:
    return read_runs(runs)


def name(region: str) -> str:
    return f"small-gd-hrss-14-{region}-2023"


def check_all(out: Path, regions: tuple[str, ...] = CITIES) -> None:
    """Every report is there and whole, and nothing else."""
    assert folders(out) == sorted(name(region) for region in regions)
    assert all(complete(out / folder) for folder in folders(out))


def contents(out: Path) -> dict[str, bytes]:
    """Every file below a folder; of a record what is not the clock."""
    found = {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    for key in [k for k in found if k.endswith("run.json")]:
        record = json.loads(found[key])
        del record["clock"]
        found[key] = json.dumps(record).encode()
    return found


def words(cluster: Cluster, runs: Path, out: Path, *more: str) -> list[str]:
    share = out.parent / "share"
    return ["batch", str(runs), "--out", str(out), "--scheduler", cluster.address,
            "--share", str(share), *more]  # fmt: skip


def is_empty(share: Path) -> bool:
    """Whether nothing of a batch is left in a shared place."""
    return not list((share / "batches").glob("*"))


# A batch on a cluster.


@pytest.mark.slow
def test_a_cluster_leaves_the_bytes_of_a_local_batch(cluster, runs, command, tmp_path):
    there, here = tmp_path / "there", tmp_path / "here"
    far = command(*words(cluster, runs, there))
    assert far.returncode == 0, far.stdout + far.stderr
    assert far.stderr == ""
    assert "完成4份" in far.stdout
    near = command("batch", str(runs), "--out", str(here), "--jobs", "2")
    assert near.returncode == 0, near.stdout + near.stderr
    check_all(there)
    assert contents(there) == contents(here)
    assert is_empty(tmp_path / "share")
    again = command("batch", str(runs), "--out", str(there))
    assert "4份输入未变，运行0份" in again.stdout


@pytest.mark.slow
def test_data_outside_the_home_are_read_as_here(cluster, runs, command, tmp_path):
    data = tmp_path / "of the office" / "figures"
    shutil.copytree(ROOT / "examples" / "observations", data)
    shutil.copytree(ROOT / "examples" / "ledger", data.parent / "ledger")
    shutil.copy(ROOT / "examples" / "annual_targets.csv", data.parent)
    text = f"{runs.read_text('utf-8')}observations: {json.dumps(str(data))}\n"
    runs.write_text(text, "utf-8")
    outs = tmp_path / "there", tmp_path / "here"
    cluster.act("440100", "fail")
    (tmp_path / "own" / "440100").write_text("fail")
    only = ["--only", "*440[13]00*"]
    far = command(*words(cluster, runs, outs[0]), *only)
    near = command("batch", str(runs), "--out", str(outs[1]), *only)
    failed = [run.stdout.splitlines()[-2] for run in (far, near)]
    assert far.returncode == near.returncode == 2
    # What fails names the places of this machine, not those of the worker.
    assert failed[0].replace(str(outs[0]), str(outs[1])) == failed[1]
    assert str(tmp_path / "home" / "data") in failed[0]
    made = [next(out.glob("small-*")) for out in outs]
    assert made[0].name == made[1].name and contents(made[0]) == contents(made[1])
    record = json.loads((made[0] / "run.json").read_text("utf-8"))
    assert "annual_targets.csv" in record["inputs"]


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_and_doubles_nothing(cluster, runs, command, tmp_path):
    cluster.act("440300", "kill once")
    out = tmp_path / "out"
    run = command(*words(cluster, runs, out))
    assert run.returncode == 0, run.stdout + run.stderr
    check_all(out)
    for region in CITIES:
        assert sum(f"完成 {name(region)}" in line for line in run.stdout.splitlines()) == 1
    assert len(cluster.starts("440300")) == 2
    # Nothing outlives the worker that was killed.
    until(lambda: not any(psutil.pid_exists(pid) for pid in cluster.starts("440300")))
    assert is_empty(tmp_path / "share")


@pytest.mark.slow
def test_a_report_that_kills_its_workers_is_begun_a_limited_number_of_times(
    cluster, runs, command, tmp_path
):
    cluster.act("440300", "kill")
    out = tmp_path / "out"
    run = command(*words(cluster, runs, out, "--attempts", "2"))
    assert run.returncode == 2, run.stdout + run.stderr
    assert "工作进程中断了2次" in run.stdout
    assert len(cluster.starts("440300")) == 2
    check_all(out, tuple(region for region in CITIES if region != "440300"))


@pytest.mark.slow
def test_a_lost_scheduler_ends_the_batch_with_a_message_and_a_resume_makes_the_rest(
    runs, command, tmp_path
):
    cluster = Cluster(tmp_path / "cluster")
    out = tmp_path / "out"
    try:
        cluster.add(2)
        cluster.act("440500", "wait")
        line = words(cluster, runs, out, "--patience", "2")
        running = subprocess.Popen(
            [sys.executable, "-m", "gdplan", *line], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        until((cluster.acts / "waiting").is_file)
        until(lambda: len(folders(out)) == 3)
        cluster.scheduler.send_signal(signal.SIGKILL)
        said, errors = running.communicate(timeout=LIMIT)
    finally:
        cluster.end()
    assert running.returncode == 3, said + errors
    assert f"与调度器 {cluster.address} 的连接中断" in errors
    assert "再次运行同一命令" in errors
    assert "Traceback" not in errors and "distributed" not in errors
    assert "完成3份，未运行1份" in said
    check_all(out, CITIES[:3])
    assert is_empty(tmp_path / "share")
    again = command("batch", str(runs), "--out", str(out))
    assert again.returncode == 0, again.stdout + again.stderr
    assert "3份输入未变，运行1份" in again.stdout
    check_all(out)


@pytest.mark.slow
def test_an_interrupted_batch_leaves_the_cluster_and_the_share_clean(cluster, runs, tmp_path):
    out = tmp_path / "out"
    cluster.act("440500", "wait")
    running = subprocess.Popen(
        [sys.executable, "-m", "gdplan", *words(cluster, runs, out)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    until((cluster.acts / "waiting").is_file)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=LIMIT)
    assert running.returncode == 130, errors
    until(lambda: not any(psutil.pid_exists(pid) for pid in cluster.starts("440500")))
    assert is_empty(tmp_path / "share")
    assert all(complete(out / folder) for folder in folders(out))


@pytest.mark.slow
def test_workers_with_another_program_are_refused_before_anything_runs(runs, command, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(ROOT / "gdplan", other / "gdplan", ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "gdplan" / "model.py").open("a") as file:
        file.write("# Not what the others have.\n")
    cluster = Cluster(tmp_path / "cluster")
    try:
        cluster.add(1, other)
        run = command(*words(cluster, runs, tmp_path / "out"))
    finally:
        cluster.end()
    assert run.returncode == 1
    assert "发现 1 个问题" in run.stderr and "[other_program]" in run.stderr
    assert run_record.code()[:12] in run.stderr
    assert not (tmp_path / "out").exists()
    assert is_empty(tmp_path / "share")


def test_nobody_at_the_address_is_a_problem(runs, command, tmp_path):
    run = command("batch", str(runs), "--out", str(tmp_path / "out"), "--share", str(tmp_path),
                  "--scheduler", "tcp://127.0.0.1:1", "--patience", "1")  # fmt: skip
    assert run.returncode == 1
    assert "[no_scheduler]" in run.stderr and "127.0.0.1:1" in run.stderr


@pytest.mark.slow
def test_a_cluster_without_workers_is_a_problem(tmp_path):
    cluster = Cluster(tmp_path / "cluster")
    try:
        with pytest.raises(ProblemError, match=r"dask worker .*--nthreads 1.*no_workers"):
            Link(cluster.address, patience=1)
    finally:
        cluster.end()


@pytest.mark.parametrize("given", [["--scheduler", "tcp://x:1"], ["--share", "/tmp"]])
def test_scheduler_and_share_go_together(given, runs, command):
    run = command("batch", str(runs), *given)
    assert run.returncode == 1 and "[missing_option]" in run.stderr


@pytest.mark.slow
def test_a_corrupt_blob_is_refused_by_the_worker(cluster, home, jobs, tmp_path):
    (home / "data" / "raw" / "note.txt").write_text("a mirror no other test has", "utf-8")
    share, out = tmp_path / "share", tmp_path / "out"
    pool = cluster_reports.ClusterPool(cluster.address, str(share), jobs, patience=LIMIT)
    digest = run_record.digest(home / "data" / "raw" / "regions.csv")
    blob = share / "blobs" / digest[:2] / digest
    blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    results = batch_run.run(jobs, pool, out, told=lambda result: None)
    assert {result.state for result in results} == {State.FAILED}
    assert {result.key for result in results} == {"corrupt_blob"}
    assert digest in results[0].error
    assert folders(out) == []
    # Sending again heals it.
    pool = cluster_reports.ClusterPool(cluster.address, str(share), jobs, patience=LIMIT)
    results = batch_run.run(jobs, pool, out, told=lambda result: None)
    assert {result.state for result in results} == {State.MADE}


# Scenarios on a cluster.


@pytest.mark.slow
def test_scenarios_on_a_cluster_are_those_of_this_machine(cluster, command, tmp_path):
    text = (ROOT / "examples" / "scenarios.yml").read_text("utf-8")
    few = text.replace("scenarios: [baseline, required,", "scenarios: [baseline,")
    (tmp_path / "RUN.yml").write_text(few.replace(" effort, driver]", " driver]"), "utf-8")
    line = ["scenarios", str(tmp_path / "RUN.yml"), "--out"]
    far = command(*line, str(tmp_path / "there"), "--scheduler", cluster.address)
    near = command(*line, str(tmp_path / "here"), "--workers", "2")
    assert far.returncode == near.returncode == 0, far.stderr
    assert contents(tmp_path / "there") == contents(tmp_path / "here")


def test_scenarios_without_a_scheduler_write_nothing(command, tmp_path):
    run = command("scenarios", str(ROOT / "examples" / "scenarios.yml"), "--out", str(tmp_path),
                  "--scheduler", "tcp://127.0.0.1:1", "--patience", "1")  # fmt: skip
    assert run.returncode == 1 and "[no_scheduler]" in run.stderr
    assert list(tmp_path.iterdir()) == []


# The parts: what cannot be had from a cluster that behaves.


class Future:
    """A future of a cluster, as far as it is looked at."""

    def __init__(self, status: str, given: Any = None) -> None:
        self.status, self.given = status, given

    def result(self, timeout: float) -> Any:
        if isinstance(self.given, BaseException):
            raise self.given
        return self.given

    def exception(self, timeout: float) -> Any:
        return self.given

    def add_done_callback(self, call: Any) -> None:
        call(self)


class KilledWorker(Exception):
    pass


class Client:
    """A client of a cluster that answers with what it is told, one answer after the other."""

    def __init__(self, answers: list[Any], threads: int = 2, abouts: Any = None) -> None:
        self.answers, self.threads, self.abouts = answers, threads, abouts
        self.status = "running"
        self.submitted: list[Any] = []

    def submit(self, function: Any, *given: Any, **choices: Any) -> Any:
        self.submitted.append((function, given, choices))
        answer = self.answers.pop(0)
        return answer if isinstance(answer, Future) else Future("finished", answer)

    def nthreads(self, callback_timeout: float) -> dict[str, int]:
        if self.threads < 0:
            raise OSError("no answer")
        return {"tcp://w": self.threads}

    def wait_for_workers(self, n_workers: int, timeout: float) -> None:
        assert self.threads

    def run(self, function: Any, *given: Any, on_error: str) -> Any:
        return self.abouts or {"tcp://w": function(*given)}

    def close(self, timeout: float) -> None:
        self.status = "closed"


@pytest.fixture
def linked(monkeypatch):
    """Links lead to the client that is given."""

    def to(client: Client) -> Client:
        monkeypatch.setattr(cluster_link, "_client", lambda address, patience: client)
        return client

    return to


def archive(run: str, **changes: bytes) -> bytes:
    """A report as a worker sends it."""
    files = {"report.html": b"<p>words</p>"}
    sums = {k: cluster_worker.hashlib.sha256(v).hexdigest() for k, v in files.items()}
    files["run.json"] = json.dumps({"run": run, "outputs": sums}).encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as whole:
        for key, content in (files | changes).items():
            whole.writestr(key, content)
    return made.getvalue()


def task(out: Path, run: str = "a-report") -> dict[str, Any]:
    return {"run": run, "kind": "small", "values": {"observations": ""}, "formats": ["html"],
            "out": str(out), "log": str(out / "logs" / f"{run}.log")}  # fmt: skip


def made(pool: cluster_reports.ClusterPool, run: str, data: bytes) -> dict[str, Any]:
    """The outcome of a report whose archive lies in the share."""
    key = f"batches/{pool._batch}/results/x.zip"
    pool._blobs.write(key, data)
    digest = cluster_worker.hashlib.sha256(data).hexdigest()
    return {"run": run, "verdicts": {"ok": 1}, "said": "log", "files": key, "sum": digest}


@pytest.fixture
def pool(linked, jobs, tmp_path) -> Iterator[cluster_reports.ClusterPool]:
    linked(Client([]))
    found = cluster_reports.ClusterPool("tcp://s:1", str(tmp_path / "share"), jobs, patience=1)
    yield found
    found.close()


def answers(pool: cluster_reports.ClusterPool, *given: Any) -> Client:
    client = pool._link.client
    client.answers = list(given)
    return client


def test_a_report_is_put_in_place_and_its_archive_removed(pool, tmp_path):
    out = tmp_path / "out"
    answers(pool, made(pool, "a-report", archive("a-report")))
    pool.submit(task(out))
    assert pool.next() == {"run": "a-report", "verdicts": {"ok": 1}}
    assert (out / "a-report" / "report.html").read_bytes() == b"<p>words</p>"
    assert (out / "logs" / "a-report.log").read_text() == "log"
    assert not list((tmp_path / "share").rglob("*.zip"))


@pytest.mark.parametrize(
    "lost",
    [Future("error", KilledWorker()), Future("cancelled", None), Future("lost", None),
     Future("finished", OSError("gone")), Future("finished", TimeoutError())],
    ids=["killed", "cancelled", "lost", "gone", "late"],
)  # fmt: skip
def test_a_report_that_the_cluster_lost_is_given_out_again_and_arrives_once(pool, lost, tmp_path):
    client = answers(pool, lost, made(pool, "a-report", archive("a-report")))
    pool.submit(task(tmp_path / "out"))
    assert "verdicts" in pool.next()
    keys = [choices["key"] for _, _, choices in client.submitted]
    assert len(set(keys)) == 2
    # The first one comes after all: it is not heard.
    assert pool._work._hear("a-report", lost) == ("a-report", None)
    assert not len(pool._work) and not pool._work._waiting


def test_nothing_is_given_out_while_the_connection_is_away(pool, tmp_path):
    client = answers(pool, Future("cancelled", None), made(pool, "r", archive("r")))
    pool.submit(task(tmp_path / "out", "r"))
    client.status = "connecting"
    assert pool._work._hear(*pool._work._heard.get_nowait()) == ("r", None)
    pool._work._again()
    assert pool._work._waiting == ["r"] and len(client.submitted) == 1
    client.status = "running"
    assert "verdicts" in pool.next()


def test_an_error_of_the_cluster_is_the_outcome_of_the_report(pool, tmp_path):
    answers(pool, Future("error", RuntimeError("first line\nsecond")))
    pool.submit(task(tmp_path / "out"))
    outcome = pool.next()
    assert outcome["error"] == "RuntimeError: first line" and outcome["key"] == "RuntimeError"


def test_a_worker_that_joins_with_another_program_ends_the_batch(pool, tmp_path, jobs):
    with pytest.raises(ProblemError, match="other_program") as caught:
        cluster_worker._check("another")
    answers(pool, *[Future("error", caught.value) for _ in jobs])
    with pytest.raises(batch_run.Interrupted, match="other_program") as stopped:
        batch_run.run(jobs, pool, tmp_path / "out", told=lambda result: None)
    assert {result.state for result in stopped.value.results} == {State.LEFT}


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (archive("a-report", **{"report.html": b"other"}), "report.html"),
        (archive("a-report", **{"more.html": b"more"}), "more.html"),
        (archive("another"), "another"),
        (archive("a-report", **{"run.json": b"{}"}), "KeyError"),
        (archive("a-report", **{"run.json": b"[]"}), "TypeError"),
        (archive("a-report", **{"run.json": b"no json"}), "JSONDecodeError"),
        (b"no archive", "BadZipFile"),
    ],
)
def test_a_report_that_is_not_what_its_record_says_is_not_put_in_place(data, what, pool, tmp_path):
    out = tmp_path / "out"
    answers(pool, made(pool, "a-report", data))
    pool.submit(task(out))
    outcome = pool.next()
    assert outcome["key"] == "corrupt_result" and what in outcome["error"]
    assert folders(out) == []


def test_an_archive_that_changed_on_its_way_is_refused(pool, tmp_path):
    outcome = made(pool, "a-report", archive("a-report")) | {"sum": "0" * 64}
    answers(pool, outcome)
    pool.submit(task(tmp_path / "out"))
    assert pool.next()["key"] == "corrupt_result"


def test_a_scheduler_that_stays_away_is_lost(pool, tmp_path):
    client = answers(pool, Future("cancelled", None))
    pool.submit(task(tmp_path / "out"))
    client.status = "closed"
    with pytest.raises(Lost, match=r"tcp://s:1 的连接中断"):
        pool.next()


def test_workers_that_all_stay_away_are_lost(pool):
    client = answers(pool)
    client.threads = 0
    with pytest.raises(Lost, match="没有工作进程"):
        pool.next()


def test_a_scheduler_that_does_not_answer_is_not_a_cluster_without_workers(linked):
    client = linked(Client([]))
    link = Link("tcp://s:1", patience=0)
    client.threads = -1
    link.look()
    assert link.threads == 2


def test_as_many_reports_are_under_way_as_keep_the_workers_busy(linked, pool, jobs, tmp_path):
    assert (pool.slots, pool.workers) == (4, 2)
    linked(Client([], threads=3))
    given = cluster_reports.ClusterPool("tcp://s:1", str(tmp_path / "share"), jobs, slots=5)
    assert given.slots == 5
    given.close()


def test_every_difference_of_every_worker_is_told_at_once(linked):
    own = cluster_worker.about()
    other = own | {"code": "f" * 64, "versions": own["versions"] | {"pandas": "0.1", "numpy": ""},
                   "arithmetic": "0", "share": "what is wrong"}  # fmt: skip
    client = linked(Client([], abouts={
        "tcp://a": own, "tcp://b": other, "tcp://c": own | {"disk": "1" * 64},
        "tcp://d": ModuleNotFoundError("gdplan"),
    }))  # fmt: skip
    with pytest.raises(ProblemError) as caught:
        Link("tcp://s:1").compare("share", "batch", arithmetic=True)
    told = {(p.where, p.key) for p in caught.value.problems}
    assert told == {
        ("tcp://b", "other_program"), ("tcp://b", "other_versions"),
        ("tcp://b", "other_arithmetic"), ("tcp://b", "share_unseen"),
        ("tcp://c", "other_program"), ("tcp://d", "no_gdplan"),
    }  # fmt: skip
    assert "pandas 0.1、numpy 无" in str(caught.value)
    client.abouts = {"tcp://b": own | {"arithmetic": "0"}}
    # Reports print rounded figures; only draws are compared to the last bit.
    Link("tcp://s:1").compare()


def test_an_address_that_is_none_is_a_problem():
    with pytest.raises(ProblemError, match="no_scheduler"):
        Link("nonsense://x", patience=1)


def test_without_the_extra_the_command_to_install_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ProblemError, match=r"gdplan\[cluster\]"):
        Link("tcp://s:1")


# The shared place.


def test_contents_are_kept_by_their_sum_and_checked_when_read(tmp_path):
    blobs = Blobs(str(tmp_path))
    digest = blobs.put(b"words")
    assert blobs.get(digest) == b"words"
    place = tmp_path / "blobs" / digest[:2] / digest
    place.write_bytes(b"sword")
    with pytest.raises(ProblemError, match="corrupt_blob"):
        blobs.get(digest)
    assert blobs.put(b"words") == digest
    assert blobs.get(digest) == b"words"
    stamp = place.stat().st_mtime_ns
    blobs.put(b"words")
    assert place.stat().st_mtime_ns == stamp
    assert not list(tmp_path.rglob("*.tmp"))


def test_any_fsspec_address_will_do():
    blobs = Blobs("memory://gdplan-test")
    digest = blobs.put(b"words")
    assert blobs.get(digest) == b"words"
    blobs.write("batches/a/starts/one", b"")
    assert blobs.names("batches/a/starts") == ["one"]
    assert blobs.there("batches/a")
    blobs.remove("batches/a")
    blobs.remove("batches/a")
    assert not blobs.there("batches/a") and blobs.names("batches/a/starts") == []


def test_a_share_that_cannot_be_used_is_a_problem(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ProblemError, match="bad_share"):
        Blobs("nothing://of/the/kind")
    blobs = Blobs(str(tmp_path / "file"))
    for use in (lambda: blobs.put(b""), lambda: blobs.write("a", b""), lambda: blobs.read("a")):
        with pytest.raises(ProblemError, match="bad_share"):
            use()


def test_a_place_that_does_not_answer_is_not_taken_for_an_empty_one(tmp_path, monkeypatch):
    blobs = Blobs(str(tmp_path))

    def broken(path: str) -> bool:
        raise OSError("away")

    monkeypatch.setattr(blobs._files, "exists", broken)
    assert blobs.there("anything")


def test_a_file_that_appears_late_is_waited_for(tmp_path, monkeypatch):
    blobs = Blobs(str(tmp_path))
    monkeypatch.setattr(
        "gdplan.batch.cluster.blobs.time.sleep", lambda _: blobs.write("late", b"here")
    )
    assert blobs.read("late") == b"here"
    monkeypatch.setattr("gdplan.batch.cluster.blobs.time.sleep", lambda _: None)
    with pytest.raises(ProblemError, match="missing_blob"):
        blobs.read("never")


# The mirror.


def test_a_mirror_holds_every_file_that_is_read_and_says_what_is_missing(home, jobs, tmp_path):
    blobs = Blobs(str(tmp_path / "share"))
    found = mirror.files(jobs)
    listed = mirror.send(found, blobs)
    root = mirror.build(listed, blobs, tmp_path / "worker")
    assert mirror.build(listed, blobs, tmp_path / "worker") == root
    assert contents(root / "home" / "data" / "raw") == contents(home / "data" / "raw")
    assert (root / "home" / "notebooks" / "small.ipynb").is_file()
    wrong = [run_record.digest(found[p]) for p in sorted(found) if p.endswith("plan.yml")]
    for digest in wrong:
        (tmp_path / "share" / "blobs" / digest[:2] / digest).write_bytes(b"")
    with pytest.raises(ProblemError) as caught:
        mirror.build(listed, blobs, tmp_path / "second")
    assert len(caught.value.problems) == len(set(wrong))
    assert list((tmp_path / "second").iterdir()) == []


def test_one_file_of_data_comes_with_what_lies_beside_it(home, tmp_path, monkeypatch):
    data = tmp_path / "office" / "figures"
    data.mkdir(parents=True)
    for file in (ROOT / "examples" / "observations").glob("*.csv"):
        shutil.copy(file, data / "figures.csv")
    (data / "figures.yml").write_text("")
    shutil.copy(ROOT / "examples" / "annual_targets.csv", data.parent)
    values = {"plan": "gd-hrss-14", "observations": str(data / "figures.csv")}
    outside = [p for p in mirror.files([Job("x", "small", values, ())]) if p.startswith("abs/")]
    under = mirror.places(values)["observations"].removesuffix("/figures/figures.csv")
    assert sorted(p.removeprefix(under) for p in outside) == [
        "/annual_targets.csv", "/figures/figures.csv", "/figures/figures.yml",
    ]  # fmt: skip


def test_data_inside_the_programs_folder_and_outside_the_home_are_refused(home):
    values = {"plan": "gd-hrss-14", "observations": str(ROOT / "examples" / "observations")}
    with pytest.raises(ProblemError, match="outside_home"):
        mirror.files([Job("x", "small", values, ())])


# What runs in a worker.


@pytest.fixture
def order(home, jobs, tmp_path, monkeypatch) -> dict[str, Any]:
    """The first report as a worker in this process gets it."""
    monkeypatch.setattr(cluster_worker, "_folder", lambda: tmp_path / "worker")
    (tmp_path / "worker").mkdir()
    blobs = Blobs(str(tmp_path / "share"))
    blobs.write("batches/b/open", b"")
    job = jobs[0]
    given = {"run": job.run, "kind": job.kind, "values": dict(job.values), "formats": ["html"]}
    return {
        "task": given | {"source": run_record.source_state()}, "places": {},
        "code": cluster_worker.LOADED, "share": blobs.address, "batch": "b",
        "inputs": mirror.send(mirror.files(jobs), blobs), "attempts": 3, "reports": 1,
        "home": str(places.home()),
    }  # fmt: skip


def test_a_worker_makes_the_same_bytes_again_and_leaves_no_file(order, tmp_path):
    outcomes = [cluster_worker.report(order) for _ in range(2)]
    assert all("verdicts" in outcome for outcome in outcomes), outcomes
    assert not list((tmp_path / "worker").glob("work-*"))
    data = Blobs(order["share"]).read(outcomes[0]["files"])
    folder = cluster_reports.place(data, order["task"]["run"], tmp_path / "out")
    assert complete(folder)
    assert cluster_worker.packed(folder) == data


def test_a_report_begun_too_often_is_not_begun_again(order, tmp_path):
    (tmp_path / "own" / "440100").write_text("fail")
    outcomes = [cluster_worker.report(order) for _ in range(4)]
    assert [outcome["key"] for outcome in outcomes] == ["RunFailed"] * 3 + ["died"]
    assert f"{order['home']}/data" in outcomes[0]["error"]
    assert "Traceback" in outcomes[0]["said"] or "what is wrong" in outcomes[0]["said"]


def test_a_batch_that_is_closed_ends_what_is_under_way(order, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_worker, "LOOK", 0.1)
    blobs = Blobs(order["share"])
    (tmp_path / "own" / "440100").write_text("wait")

    def looked(name: str) -> bool:
        return not (tmp_path / "own" / "waiting").is_file()

    monkeypatch.setattr(Blobs, "there", lambda self, name: looked(name))
    outcome = cluster_worker.report(order)
    assert outcome["key"] == "closed"
    pid = int((tmp_path / "own" / "waiting").read_text())
    until(lambda: not psutil.pid_exists(pid))
    assert blobs.names("batches/b/results") == []


def test_a_report_for_a_batch_that_has_ended_is_not_left_behind(order, tmp_path, monkeypatch):
    monkeypatch.setattr("gdplan.batch.cluster.blobs.PAUSE", 0)
    monkeypatch.setattr(cluster_worker, "LOOK", LIMIT)  # It ends before anybody looks.
    Blobs(order["share"]).remove("batches/b")
    assert cluster_worker.report(order)["key"] == "missing_blob"
    assert Blobs(order["share"]).names("batches/b/results") == []


def test_a_worker_says_when_it_does_not_see_the_share(tmp_path, monkeypatch):
    monkeypatch.setattr("gdplan.batch.cluster.blobs.PAUSE", 0)
    assert "missing_blob" in cluster_worker.about(str(tmp_path), "b")["share"]
    Blobs(str(tmp_path)).write("batches/b/open", b"")
    assert cluster_worker.about(str(tmp_path), "b")["share"] == ""


def test_a_report_is_made_as_if_no_cluster_had_set_its_threads(tmp_path):
    from gdplan.batch import pool

    assert "OMP_NUM_THREADS" not in pool._environment(None)
    there = pool._environment(tmp_path)
    assert there["OMP_NUM_THREADS"] is None and there["GDPLAN_HOME"] == str(tmp_path)


# Blocks.


@pytest.fixture
def blocks() -> list[Any]:
    import numpy as np

    from gdplan.outlook.draws import Cell, Task

    none = np.empty((0, 2))
    return [Task(region, (Cell("1", np.zeros(2), 1.0, none),)) for region in ("a", "b", "c")]


CHOICES = {"seed": 1, "draws": 2000, "levels": (0.1, 0.5), "block": None, "workers": 3}


def test_blocks_that_the_cluster_lost_are_drawn_again(linked, blocks):
    found = [cluster_worker.block(b, cluster_worker.LOADED, seed=1, draws=2000, levels=(0.1, 0.5))
             for b in blocks]  # fmt: skip
    lost = Future("error", KilledWorker())
    client = linked(Client([found[0], lost, found[2], found[1]]))
    with connected("tcp://s:1", patience=1) as simulate:
        assert simulate(blocks, **CHOICES) == found
    assert all("workers" not in choices for _, _, choices in client.submitted)
    assert client.status == "closed"


def test_a_block_that_is_lost_again_and_again_is_told(linked, blocks):
    linked(Client([Future("lost")] * 9))
    with pytest.raises(Lost, match="中断了2次"):  # noqa: SIM117
        with connected("tcp://s:1", attempts=2) as simulate:
            simulate(blocks[:1], **CHOICES)


@pytest.mark.parametrize("error", [MemoryError("too much"), "other_program"])
def test_an_error_in_a_block_is_told(linked, blocks, error):
    if error == "other_program":
        with pytest.raises(ProblemError) as caught:
            cluster_worker.block(blocks[0], "another")
        error = caught.value
    expected = Lost if isinstance(error, ProblemError) else MemoryError
    linked(Client([Future("error", error)]))
    with pytest.raises(expected):  # noqa: SIM117
        with connected("tcp://s:1") as simulate:
            simulate(blocks[:1], **CHOICES)


def test_a_block_that_was_given_up_is_not_heard(linked):
    linked(Client([]))
    work = cluster_link.Work(Link("tcp://s:1"), 3)
    assert work._hear("0 a", Future("finished", {})) == ("0 a", None)


def test_draws_on_a_cluster_come_in_whole_chunks_too(linked, blocks):
    linked(Client([]))
    with connected("tcp://s:1") as simulate, pytest.raises(ValueError, match="multiple"):
        simulate(blocks, **{**CHOICES, "draws": 1})
