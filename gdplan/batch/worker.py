"""A process that makes a report for a batch, and what is done once before such processes fork."""

from __future__ import annotations

import ast
import contextlib
import faulthandler
import gc
import json
import multiprocessing
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any

from gdplan.problems import ProblemError

GRACE = 10.0
"""Seconds an interrupted report has to clean up."""
INLINE = "module://matplotlib_inline.backend_inline"
REHEARSAL = "GDPLAN_REHEARSAL"
"""Environment variable with the task that the fork server does for nothing."""
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


def make(
    task: Task, environment: Mapping[str, str], alone: bool, fork: bool, link: Connection
) -> None:
    """The life of a process: one report, whose outcome goes over the link.

    An interrupt ends it, and so does the end of the one who asked; it cleans up behind itself.
    """
    os.environ.clear()
    os.environ.update(environment)
    if alone:
        # No path of the one who asked is found from here.
        os.chdir(task["out"])
    if hasattr(os, "setsid"):
        # The terminal's interrupt reaches only the process in front.
        os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    Thread(target=_end_with_parent, daemon=True).start()
    _log_to(Path(task["log"]))
    try:
        link.send(perform(task, fork=fork))
    except KeyboardInterrupt:
        sys.exit(130)


def _end_with_parent() -> None:
    """Interrupt this process when its parent is gone, then end it and all it started."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(GRACE)
    os.killpg(0, signal.SIGKILL)


def _log_to(place: Path) -> None:
    """What this process and the programs it starts say goes into a file."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        log = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    except OSError:
        # A disk that is full: the report says so itself.
        log = os.open(os.devnull, os.O_WRONLY)
    for fd in (1, 2):
        os.dup2(log, fd)
    faulthandler.enable()
