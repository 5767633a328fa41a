"""A process that makes reports for a batch: it imports everything once and forks for each.

``python -m gdplan.batch.worker`` reads tasks from its input, one JSON object a line, and writes
an outcome for each to its output. A fork makes one report, says how it went and is gone with its
memory; several may be under way. When the input ends, what is under way is interrupted, cleans
up behind itself, and the process ends: nothing outlives the one who asked. Where there is no
fork, tasks are done one after the other in a kernel each.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import json
import os
import selectors
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from gdplan.problems import ProblemError

GRACE = 10.0
"""Seconds an interrupted report has to clean up."""
INLINE = "module://matplotlib_inline.backend_inline"
Task = Mapping[str, Any]
Outcome = dict[str, Any]


def perform(task: Task, *, fork: bool) -> Outcome:
    """Make one report and say how it went; whatever goes wrong is an outcome too.

    Parameters
    ----------
    task : mapping
        ``run``, ``kind``, ``values``, ``formats``, ``out``; plain data, so that any executor can
        carry it. ``source`` of one whose inputs were sent from elsewhere.
    fork : bool
        Run the cells in a fork of this process.

    Returns
    -------
    dict
        ``run``; ``verdicts`` of a report that was made; else ``error`` (its last line), ``cell``
        and ``key`` (that of the first problem).
    """
    from gdplan.reports import make

    out = Path(task["out"])
    spec = make.RunSpec(
        task["kind"], task["values"], tuple(task["formats"]), out, force=True, fork=fork,
        name=task["run"], source=task.get("source"),
    )  # fmt: skip
    try:
        done = make.run(spec)
    except Exception as error:
        traceback.print_exc()
        with contextlib.suppress(OSError):
            log = out / f"{task['run']}.log"
            print(log.read_text("utf-8"), file=sys.stderr)
            log.unlink()
        return {"run": task["run"], **_told(error)}
    print("、".join(f"{verdict}{n}项" for verdict, n in done.verdicts.items()))
    return {"run": task["run"], "verdicts": dict(done.verdicts)}


def _told(error: Exception) -> Outcome:
    problems = error.problems if isinstance(error, ProblemError) else ()
    lines = [line for line in str(error).splitlines() if line.strip()]
    last = problems[-1].line() if problems else (lines or [type(error).__name__])[-1]
    more = f"（共{len(problems)}个问题）" if len(problems) > 1 else ""
    key = problems[0].key if problems else type(error).__name__
    return {"error": last + more, "cell": "".join(getattr(error, "__notes__", ())), "key": key}


def warm() -> None:
    """Import everything a report needs. Starts no thread and sets no type."""
    os.environ["MPLBACKEND"] = INLINE
    from gdplan.reports import execute, export, make

    execute.load(fork=True)
    export.load(make.FORMATS)
    _freeze()


def rehearse(task: Task) -> None:
    """Run the notebook of a task for nothing: fills the caches of reading, checking and drawing.

    They are kept by what was read, never by the name of a file, so that a file that changes
    meanwhile is read anew. What is wrong with the data is told by the reports that use them.
    """
    from gdplan.files import places

    names = dict(task["values"])
    with warnings.catch_warnings(), contextlib.suppress(Exception):
        # A warning that was given here would be missing in the reports.
        warnings.simplefilter("ignore")
        for source in own_cells(places.notebook(task["kind"])):
            exec(source, names)
    _freeze()


def _freeze() -> None:
    # What is collected in a fork is copied first.
    gc.collect()
    gc.freeze()


def own_cells(notebook: Path) -> Iterator[str]:
    """The cells of a notebook that only import from gdplan and call what they imported: these
    leave nothing behind, which nobody knows of a cell that somebody added."""
    imported: set[str] = set()
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        lines = _lines("".join(cell["source"])) if cell["cell_type"] == "code" else []
        new = {alias.asname or alias.name for line in lines if isinstance(line, ast.ImportFrom)
               and line.module == "gdplan" for alias in line.names}  # fmt: skip
        if lines and all(_is_own(line, imported | new) for line in lines):
            imported |= new
            yield "".join(cell["source"])


def _lines(source: str) -> list[ast.stmt]:
    """The statements of a cell; none of one that is not plain Python."""
    try:
        return ast.parse(source).body
    except SyntaxError:
        return []


def _is_own(line: ast.stmt, imported: set[str]) -> bool:
    """Whether a line imports from gdplan, or calls an imported name with names and literals."""
    if isinstance(line, ast.ImportFrom):
        return line.module == "gdplan"
    call = line.value if isinstance(line, (ast.Assign, ast.Expr)) else None
    targets = line.targets if isinstance(line, ast.Assign) else []
    if not isinstance(call, ast.Call) or not all(isinstance(t, ast.Name) for t in targets):
        return False
    callee = call.func
    while isinstance(callee, ast.Attribute):
        callee = callee.value
    given = [*call.args, *(word.value for word in call.keywords)]
    plain = all(isinstance(value, (ast.Name, ast.Constant)) for value in given)
    return isinstance(callee, ast.Name) and callee.id in imported and plain


@dataclass(slots=True)
class _Under:
    """A report under way in a fork."""

    task: Task
    pid: int
    started: float
    said: bytearray = field(default_factory=bytearray)


class _Server:
    """Tasks in, forks out, outcomes back."""

    def __init__(self, tasks: int, outcomes: int, *, rehearsed: bool) -> None:
        self.tasks, self.outcomes = tasks, outcomes
        self.rehearsed = rehearsed
        self.under: dict[int, _Under] = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(tasks, selectors.EVENT_READ)
        self.rest = b""

    def serve(self) -> None:
        """Until the input ends."""
        try:
            while True:
                for key, _ in self.selector.select():
                    if key.fd != self.tasks:
                        self._hear(key.fd)
                    elif not self._take():
                        return
        finally:
            self._interrupt()

    def _take(self) -> bool:
        data = os.read(self.tasks, 1 << 16)
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            self._start(json.loads(line))
        return bool(data)

    def _start(self, task: Task) -> None:
        if not self.rehearsed:
            rehearse(task)
            self.rehearsed = True
        reading, writing = os.pipe()
        with warnings.catch_warnings():
            # Libraries hold threads that sleep; none is needed in the child.
            warnings.simplefilter("ignore", DeprecationWarning)
            parent, pid = os.getpid(), os.fork()
        if pid == 0:
            from gdplan.reports.fork_engine import die_with

            die_with(parent)
            self._make(task, writing)
        os.close(writing)
        self.under[reading] = _Under(task, pid, time.perf_counter())
        self.selector.register(reading, selectors.EVENT_READ)

    def _make(self, task: Task, writing: int) -> NoReturn:
        """The life of a fork."""
        code = 1
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.close(self.outcomes)
            self.selector.close()
            with _logged(task["log"]):
                told = json.dumps(perform(task, fork=True), ensure_ascii=False)
            os.write(writing, told.encode())
            code = 0
        except KeyboardInterrupt:
            code = 130
        finally:
            os._exit(code)

    def _hear(self, fd: int) -> None:
        data = os.read(fd, 1 << 16)
        self.under[fd].said += data
        if data:
            return
        self.selector.unregister(fd)
        os.close(fd)
        report = self.under.pop(fd)
        _, status = os.waitpid(report.pid, 0)
        try:
            outcome: Outcome = json.loads(report.said)
        except ValueError:
            outcome = _died(report.task, status)
        outcome["seconds"] = round(time.perf_counter() - report.started, 2)
        os.write(self.outcomes, (json.dumps(outcome) + "\n").encode())

    def _interrupt(self) -> None:
        """End what is under way, gently first."""
        left = {report.pid for report in self.under.values()}
        for number in (signal.SIGINT, signal.SIGKILL):
            for pid in left:
                os.kill(pid, number)
            end = time.monotonic() + GRACE
            while left and time.monotonic() < end:
                left -= {pid for pid in left if os.waitpid(pid, os.WNOHANG)[0]}
                time.sleep(0.01)


def _died(task: Task, status: int) -> Outcome:
    number = -os.waitstatus_to_exitcode(status)
    name = signal.Signals(number).name if number > 0 else str(-number)
    why = "可能内存不足，或被人终止" if number == signal.SIGKILL else "详见日志"
    return {"run": task["run"], "error": f"进程中断（{name}）：{why}", "cell": "", "key": "died"}


@contextlib.contextmanager
def _logged(place: str) -> Iterator[None]:
    """What this process and the programs it starts say goes into a file."""
    import faulthandler

    kept = [os.dup(fd) for fd in (1, 2)]
    try:
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        log = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    except OSError:
        # A disk that is full: the report says so itself.
        log = os.open(os.devnull, os.O_WRONLY)
    for fd in (1, 2):
        os.dup2(log, fd)
    os.close(log)
    faulthandler.enable()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        for fd, old in zip((1, 2), kept, strict=True):
            os.dup2(old, fd)
            os.close(old)


def _one_by_one(tasks: int, outcomes: int) -> None:
    """Without fork: each in this process, the cells in a kernel."""
    with open(tasks, encoding="utf-8", closefd=False) as lines:
        for line in lines:
            task, started = json.loads(line), time.perf_counter()
            with _logged(task["log"]):
                outcome = perform(task, fork=False)
            outcome["seconds"] = round(time.perf_counter() - started, 2)
            os.write(outcomes, (json.dumps(outcome) + "\n").encode())


def main(words: list[str]) -> int:
    """Serve tasks from standard input until it ends."""
    outcomes = os.dup(1)
    os.dup2(2, 1)
    if "--kernel" in words or not hasattr(os, "fork"):
        _one_by_one(0, outcomes)
        return 0
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm()
    _Server(0, outcomes, rehearsed="--rehearse" not in words).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
