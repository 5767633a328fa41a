"""Reports made side by side on this machine: worker processes are fed, watched and replaced."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from gdplan.reports.execute import RunFailed

Task = Mapping[str, Any]
Outcome = Mapping[str, Any]
REHEARSED = 8
"""From this many reports on, a worker does everything once before its first fork."""
ENDING = 15.0
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
class Place:
    """Where worker processes live when it is not where they were started: home and folder."""

    home: Path
    folder: Path


class _Worker:
    """A worker process and the tasks it holds."""

    def __init__(
        self, number: int, words: list[str], heard: queue.Queue[tuple[int, bytes]],
        place: Place | None = None,
    ):  # fmt: skip
        self.number = number
        self.tasks: dict[str, Task] = {}
        self.noise = tempfile.TemporaryFile()  # noqa: SIM115
        # A session of its own: the terminal's interrupt reaches only the process in front.
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "gdplan.batch.worker", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.noise,
            env=_environment(place), cwd=place.folder if place else None,
            start_new_session=True, bufsize=0,
        )  # fmt: skip
        threading.Thread(target=self._listen, args=(heard,), daemon=True).start()

    def _listen(self, heard: queue.Queue[tuple[int, bytes]]) -> None:
        for line in _stream(self.process.stdout):
            heard.put((self.number, line))
        heard.put((self.number, b""))

    def give(self, task: Task) -> None:
        """Send a task; a worker that is gone is noticed by its silence."""
        self.tasks[task["run"]] = task
        with contextlib.suppress(OSError):
            _stream(self.process.stdin).write((json.dumps(dict(task)) + "\n").encode())

    def end(self, *, now: bool = False) -> None:
        """Let the process end what it does, or end it and all it started."""
        with contextlib.suppress(OSError):
            _stream(self.process.stdin).close()
        if not now:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(ENDING)
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.wait()

    def last_words(self) -> str:
        """The end of what the process wrote to standard error."""
        self.noise.seek(0)
        return self.noise.read().decode("utf-8", "replace")[-2000:].strip()


class Pool:
    """Warm workers on this machine; see :class:`Executor`.

    With fork one process holds the imports and makes ``slots`` reports at a time; without, each
    slot is a process that makes one after the other.
    """

    def __init__(
        self, slots: int, reports: int, *, fork: bool = hasattr(os, "fork"),
        place: Place | None = None,
    ) -> None:  # fmt: skip
        self.slots = max(1, min(slots, reports))
        self._fork = fork
        self._place = place
        self._words = ["--rehearse"] * (reports >= REHEARSED) if fork else ["--kernel"]
        self._heard: queue.Queue[tuple[int, bytes]] = queue.Queue()
        self._workers: dict[int, _Worker] = {}
        self._ended: list[Outcome] = []
        self._started = self._made = 0

    def submit(self, task: Task) -> None:
        """Begin a report with a worker that has room."""
        room = self.slots if self._fork else 1
        free = [w for w in self._workers.values() if len(w.tasks) < room]
        (free[0] if free else self._new()).give(task)

    def next(self) -> Outcome:
        """The next outcome; a worker that died ends all its reports as failed.

        Raises
        ------
        RunFailed
            When no worker can be started, with its last words.
        """
        while True:
            # A limit lets an interrupt through on every system.
            outcome = self.within(0.5)
            if outcome is not None:
                return outcome

    def within(self, seconds: float) -> Outcome | None:
        """The next outcome, or None when so many seconds have passed without a word."""
        if not self._ended:
            with contextlib.suppress(queue.Empty):
                self._hear(*self._heard.get(timeout=seconds))
        return self._ended.pop(0) if self._ended else None

    def close(self) -> None:
        """End every worker."""
        for worker in self._workers.values():
            with contextlib.suppress(OSError):
                _stream(worker.process.stdin).close()
        for worker in self._workers.values():
            worker.end()
        self._workers.clear()

    def _new(self) -> _Worker:
        self._started += 1
        worker = _Worker(self._started, self._words, self._heard, self._place)
        self._workers[self._started] = worker
        return worker

    def _hear(self, number: int, line: bytes) -> None:
        worker = self._workers.get(number)
        if worker is None:
            return
        if line:
            outcome = json.loads(line)
            del worker.tasks[outcome["run"]]
            self._ended.append(outcome)
            self._made += 1
            return
        del self._workers[number]
        worker.end(now=True)
        if not self._made and self._started > self.slots:
            raise RunFailed(f"无法启动报告进程：{worker.last_words()}")
        code = worker.process.returncode
        self._ended += [_lost(task, code, worker.last_words()) for task in worker.tasks.values()]


def _lost(task: Task, code: int, words: str) -> Outcome:
    why = words.splitlines()[-1] if words else "可能内存不足，或被人终止"
    return {
        "run": task["run"],
        "error": f"报告进程中断（{code}）：{why}",
        "cell": "",
        "key": "died",
    }


def _environment(place: Place | None) -> dict[str, str]:
    """What a kernel gets: hashes alike in every run, byte code kept."""
    dropped = ("PYTHONDONTWRITEBYTECODE", "MPLBACKEND", *(THREADS if place else ()))
    kept = {k: v for k, v in os.environ.items() if k not in dropped}
    home = {"GDPLAN_HOME": str(place.home)} if place else {}
    return kept | home | {"PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"}


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream
