"""Reports of a batch made on a Dask cluster: the same tasks, the same bytes, each of them once.

Inputs go by content through a shared place; reports come back as archives, are checked against
their own records and put in place here. Whoever dies, each report arrives once or is told failed.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gdplan.batch.cluster import mirror
from gdplan.batch.cluster import worker as cluster_worker
from gdplan.batch.cluster.blobs import Blobs
from gdplan.batch.cluster.link import PATIENCE, Link, Work
from gdplan.batch.pool import Lost, Outcome, Task
from gdplan.batch.runs_file import Job
from gdplan.files import places
from gdplan.files.run_folder import write_folder
from gdplan.problems import Problem, ProblemError
from gdplan.reports.runs import record as run_record

ATTEMPTS = 3
AHEAD = 2
"""Reports given out for each that a worker can make at a time, so that none waits for the next."""


class ClusterPool:
    """Workers of a Dask cluster; see :class:`gdplan.batch.pool.Executor`.

    Parameters
    ----------
    address : str
        The scheduler.
    share : str
        Folder or fsspec address that this machine and every worker reads and writes.
    jobs : sequence of Job
        The reports to come: their inputs are sent, once.
    slots : int, optional
        Reports under way at a time; by default as many as keep every worker busy.
    attempts : int
        How often a report is begun, when workers die under it.
    patience : float
        Seconds that the scheduler or all workers may be away.

    Raises
    ------
    ProblemError
        Before anything runs: an address nobody answers at, a share that is none, workers with
        another program or other packages, each named.
    """

    def __init__(
        self, address: str, share: str, jobs: Sequence[Job], *, slots: int | None = None,
        attempts: int = ATTEMPTS, patience: float = PATIENCE,
    ) -> None:  # fmt: skip
        self._link = Link(address, patience=patience)
        self._slots, self._jobs, self._attempts = slots, len(jobs), attempts
        self._batch = uuid.uuid4().hex
        self._work = Work(self._link)
        self._tasks: dict[str, Task] = {}
        try:
            self._blobs = Blobs(share)
            self._blobs.write(f"batches/{self._batch}/open", address.encode())
            self._link.compare(self._blobs.address, self._batch)
            self._inputs = mirror.send(mirror.files(jobs), self._blobs)
        except BaseException:
            self.close()
            raise
        self._source = run_record.source_state()

    @property
    def slots(self) -> int:
        """Reports that may be under way at a time; grows and falls with the cluster."""
        return self._slots or AHEAD * self._link.threads

    @property
    def workers(self) -> int:
        """Reports that are made at a time."""
        return self._link.threads

    def submit(self, task: Task) -> None:
        """Begin a report."""
        self._tasks[task["run"]] = task
        self._work.give(task["run"], cluster_worker.report, self._order(task))

    def next(self) -> Outcome:
        """The next outcome; reports whose workers died are given out again.

        Raises
        ------
        Lost
            When the scheduler or all workers are gone, or a worker joined with another program.
        """
        run, found = self._work.next()
        if isinstance(found, BaseException):
            return _told(self._tasks[run], found)
        return self._received(self._tasks[run], found)

    def close(self) -> None:
        """Leave the cluster; workers notice within seconds and end what they do."""
        with contextlib.suppress(AttributeError):  # Without a share there was no batch.
            self._blobs.remove(f"batches/{self._batch}")
        self._work.clear()
        self._link.close()

    def _order(self, task: Task) -> dict[str, Any]:
        sent = {k: task[k] for k in ("run", "kind", "values", "formats")}
        return {
            "task": {**sent, "source": self._source}, "places": mirror.places(task["values"]),
            "code": cluster_worker.LOADED, "share": self._blobs.address, "batch": self._batch,
            "inputs": self._inputs, "attempts": self._attempts,
            "reports": self._jobs // self._link.threads, "home": str(places.home()),
        }  # fmt: skip

    def _received(self, task: Task, outcome: Mapping[str, Any]) -> Outcome:
        """An outcome as a pool on this machine gives it, the report in its place."""
        log = Path(task["log"])
        told = {k: v for k, v in outcome.items() if k not in ("said", "files", "sum")}
        try:
            with contextlib.suppress(OSError):
                log.parent.mkdir(parents=True, exist_ok=True)
                log.write_text(outcome.get("said", ""), "utf-8")
            if "verdicts" in outcome:
                data = self._fetched(outcome["files"], outcome["sum"])
                place(data, task["run"], Path(task["out"]))
        except ProblemError as error:
            return _told(task, error)
        return told

    def _fetched(self, name: str, digest: str) -> bytes:
        data = self._blobs.read(name)
        self._blobs.remove(name)
        if hashlib.sha256(data).hexdigest() != digest:
            raise ProblemError(
                Problem("corrupt_result", name, "报告在传回途中损坏", digest, "", "重新运行")
            )
        return data


def place(data: bytes, run: str, out: Path) -> Path:
    """Put a report that came as an archive in its place, in one step.

    Raises
    ------
    ProblemError
        ``corrupt_result`` when it is not what its own record says; nothing is written then.
        ``disk_full``, ``cannot_write``.
    """
    write_folder(_unpacked(data, run), out, run)
    return out / run


def _unpacked(data: bytes, run: str) -> dict[str, bytes]:
    """Files of an archive by name, as the record among them wants them."""
    found = ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        record = json.loads(files["run.json"])
        sums = {k: hashlib.sha256(v).hexdigest() for k, v in files.items() if k != "run.json"}
        wrong = sorted(name for name in {*sums, *record["outputs"]}
                       if sums.get(name) != record["outputs"].get(name))  # fmt: skip
        found = "、".join(wrong) if record["run"] == run else str(record["run"])
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        found = f"{type(error).__name__}: {error}"
    if found:
        raise ProblemError(
            Problem(
                "corrupt_result", run, "传回的报告与其运行记录不符", found=found, fix="重新运行"
            )
        )
    return files


def _told(task: Task, error: BaseException) -> Outcome:
    """An error that is not the report's own, as its outcome."""
    if not isinstance(error, ProblemError):
        words = f"{type(error).__name__}: {error}".splitlines()[0]
        return {"run": task["run"], "error": words, "cell": "", "key": type(error).__name__}
    first = error.problems[0]
    if first.key == "other_program":  # Said of a worker, not of a report.
        raise Lost(first.line())
    return {"run": task["run"], "error": first.line(), "cell": "", "key": first.key}
