"""Reports made side by side on this machine, each in a process of its own.

The processes are those of :mod:`multiprocessing`: forks of its fork server, which has everything
imported (:mod:`gdplan.batch.preload`), or new ones where there is no fork.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from gdplan.batch import worker
from gdplan.reports.execute import KERNEL, RunFailed, environment

Task = Mapping[str, Any]
Outcome = Mapping[str, Any]
REHEARSED = 8
"""From this many reports on, everything is done once before the first fork."""
FORK, SPAWN = "forkserver", "spawn"
METHOD = FORK if hasattr(os, "fork") else SPAWN
PAUSES = (0.1, 0.5, 1.0, 0.0)
"""Seconds after each failure to start a process."""
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Set by clusters for their own tasks; a report is made as it is anywhere."""


class Lost(RuntimeError):
    """Whoever made the reports is gone; what had ended by then is kept."""


class Executor(Protocol):
    """What a batch needs of whoever makes its reports: this machine, or a cluster."""

    @property
    def slots(self) -> int:
        """Reports that may be under way at a time."""

    def submit(self, task: Task) -> None:
        """Begin a report."""

    def next(self) -> Outcome:
        """Wait for the next report that has ended, well or not; in any order.

        Raises
        ------
        Lost
            When nobody is left who could end one.
        """

    def close(self) -> None:
        """End everything; what is under way leaves nothing behind."""


@dataclass(frozen=True, slots=True)
class _Report:
    """A report under way."""

    task: Task
    process: Any
    started: float

    def interrupt(self) -> None:
        """Ask the process to end what it does."""
        with contextlib.suppress(ProcessLookupError):
            if os.name == "posix":
                os.kill(self.process.pid, signal.SIGINT)

    def end(self, seconds: float) -> None:
        """Wait for the process so long; then end it and all it started."""
        self.process.join(max(0.0, seconds))
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.join()


class Pool:
    """Processes on this machine; see :class:`Executor`.

    Parameters
    ----------
    slots : int
        Reports made at a time.
    reports : int
        How many are to come.
    method : str
        ``forkserver``, or ``spawn``, where the cells run in kernels.
    home : path, optional
        Where data and notebooks are when it is not where reports are asked for; each is made in
        its own folder then.
    """

    def __init__(
        self, slots: int, reports: int, *, method: str = METHOD, home: Path | None = None
    ) -> None:
        self.slots = max(1, min(slots, reports))
        self._method = method
        self._environment = _environment(home)
        self._alone = home is not None
        self._rehearsed = reports >= REHEARSED
        self._under: dict[Connection, _Report] = {}

    def submit(self, task: Task) -> None:
        """Begin a report.

        Raises
        ------
        RunFailed
            When no process can be started.
        """
        context: Any = multiprocessing.get_context(self._method)
        context.set_forkserver_preload(["gdplan.batch.preload"])
        mine, its = context.Pipe(duplex=False)
        with environment(self._environment):
            given = (dict(task), dict(os.environ), self._alone, self._method == FORK, its)
        process = context.Process(target=worker.make, args=given)
        rehearsed = json.dumps(dict(task)) if self._rehearsed else None
        # What lies in the folder of the user is not imported for a module of Python's.
        server = {worker.REHEARSAL: rehearsed, "PYTHONSAFEPATH": "1"}
        with environment(self._environment | server), _no_main(), its:
            _start(process)
        self._under[mine] = _Report(task, process, time.perf_counter())

    def next(self) -> Outcome:
        """The next outcome; a process that died ends its report as failed."""
        # A limit lets an interrupt through on every system.
        while (outcome := self.within(0.5)) is None:
            pass
        return outcome

    def within(self, seconds: float) -> Outcome | None:
        """The next outcome, or None when so many seconds have passed without one."""
        for link in wait(list(self._under), seconds):
            assert isinstance(link, Connection)
            report = self._under.pop(link)
            outcome: Outcome = {}
            with contextlib.suppress(EOFError, OSError), link:
                outcome = link.recv()
            report.end(worker.GRACE)
            spent = round(time.perf_counter() - report.started, 2)
            return {**(outcome or _died(report)), "seconds": spent}
        return None

    def close(self) -> None:
        """Interrupt what is under way, and end what does not end by itself."""
        for report in self._under.values():
            report.interrupt()
        end = time.monotonic() + worker.GRACE
        for link, report in self._under.items():
            report.end(end - time.monotonic())
            link.close()
        self._under.clear()


def _start(process: Any) -> None:
    """Start a process; a fork server that was killed is started again once it is gone."""
    for pause in PAUSES:
        try:
            return process.start()  # type: ignore[no-any-return]
        except (OSError, EOFError) as error:
            failure = error
            time.sleep(pause)
    raise RunFailed(f"无法启动报告进程：{failure or type(failure).__name__}") from failure


def _environment(home: Path | None) -> dict[str, str | None]:
    """What a process gets: all that a kernel gets, and a home of its own."""
    own = {**dict.fromkeys(THREADS), "GDPLAN_HOME": str(home)} if home else {}
    return {**KERNEL, "PYTHONIOENCODING": "utf-8", **own}


@contextlib.contextmanager
def _no_main() -> Iterator[None]:
    """Processes started inside do not import the program that asked for them once more."""
    kept = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = kept


def _died(report: _Report) -> Outcome:
    number = -report.process.exitcode
    name = signal.Signals(number).name if number > 0 else str(-number)
    why = "可能内存不足，或被人终止" if number == signal.SIGKILL else "详见日志"
    return {"run": report.task["run"], "error": f"报告进程中断（{name}）：{why}", "cell": "",
            "key": "died"}  # fmt: skip
