"""Running a report notebook, in a kernel of its own or in a fork of this process.

What fails is told with its cell, as a note on the error, and its log.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gdplan.files.run_folder import FULL
from gdplan.problems import Problem, ProblemError
from gdplan.reports import notebook as document

FORK_ENGINE = "gdplan-fork"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
KERNEL: Mapping[str, str | None] = MappingProxyType({
    "JUPYTER_PREFER_ENV_PATH": "1", "PYTHONHASHSEED": "0", "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "PYTHONDONTWRITEBYTECODE": None, "MPLBACKEND": None,
})  # fmt: skip
"""The kernel of this environment, byte code allowed, nothing of the caller's drawing."""
QUIET = ["--IPKernelApp.log_level=50"]
"""A kernel that is told to end logs the interruption as an error; failures of cells come back
with the notebook."""


class RunFailed(RuntimeError):
    """A run that started and did not finish: the cell, its last line, and the log."""

    def __init__(self, message: str, *, log: str = "") -> None:
        super().__init__(message)
        self.log = log


def execute(
    notebook: Path, values: Mapping[str, Any], work: Path, log: Path, fork: bool = False
) -> document.Notebook:
    """Run a notebook with its parameters; the executed notebook, cleaned of times and ids.

    With ``fork`` the cells run in a fork of this process, which should hold the imports and no
    other thread; the outputs are those of a kernel.

    Raises
    ------
    ProblemError
        When a cell found problems in the input.
    RunFailed
        When a cell failed otherwise, or a chart lacks a glyph.
    """
    papermill = load(fork=fork)
    from traitlets.config import Config

    # Sockets in the file system instead of TCP ports: nothing to overhear, no port to collide.
    config = Config()
    if os.name == "posix":
        config.KernelManager.transport = "ipc"
    output = work / "executed.ipynb"
    try:
        with environment(KERNEL), contextlib.redirect_stderr(io.StringIO()) as noise:
            papermill.execute_notebook(
                str(notebook), str(output), parameters=dict(values), cwd=str(work),
                kernel_name="python3", progress_bar=False, log_output=False,
                engine_name=FORK_ENGINE if fork else None,
                request_save_on_cell_execute=False,
                config=config, extra_arguments=QUIET,
            )  # fmt: skip
    except papermill.PapermillExecutionError as error:
        raise _cell_failure(error, log) from None
    except OSError as error:
        if error.errno in FULL:
            raise
        raise RunFailed(f"笔记本无法运行：{error}") from error
    except Exception as error:
        log.write_text(f"{noise.getvalue()}\n{traceback.format_exc()}", "utf-8")
        failure = RunFailed(f"笔记本无法运行：{error}", log=str(log))
        for note in getattr(error, "__notes__", ()):
            failure.add_note(note)
        raise failure from error
    places = {v: Path(v).name for v in values.values() if isinstance(v, str) and v[:1] == "/"}
    executed = document.cleaned(json.loads(output.read_text("utf-8")), places)
    output.unlink()
    said = document.stderr_of(executed)
    if re.search(r"[Gg]lyph.*missing", said):
        log.write_text(said, "utf-8")
        raise RunFailed("图中缺少字形，报告不能使用", log=str(log))
    (work / "log.txt").write_text(said, "utf-8", newline="\n")
    return executed


def load(*, fork: bool = False) -> Any:
    """Papermill, without what no notebook here needs of it; with the engine that forks."""
    with without("rfc3987_syntax"):
        import papermill
    if fork:
        importlib.import_module("gdplan.reports.fork_engine")
    return papermill


@contextlib.contextmanager
def without(name: str) -> Iterator[None]:
    """Imports inside do as if a package were not installed.

    The optional checker of web addresses, which jupyterlab brings along, compiles its grammar at
    import: 0.8 s of every run for something no notebook is checked for.
    """
    known = name in sys.modules
    if not known:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if not known:
            del sys.modules[name]


@contextlib.contextmanager
def environment(changes: Mapping[str, str | None]) -> Iterator[None]:
    """Environment variables that hold inside; those that are None are not set there."""
    before = {name: os.environ.get(name) for name in changes}
    _set(changes)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def _cell_failure(error: Any, log: Path) -> Exception:
    log.write_text(COLOUR.sub("", "\n".join(error.traceback)), "utf-8")
    lines = [line for line in str(error.evalue).splitlines() if line.strip()]
    cell = f"第{error.cell_index}个单元"
    last = lines[-1] if lines else ""
    failure: Exception = RunFailed(f"{cell}出错：{error.ename}: {last}", log=str(log))
    if error.ename == "ProblemError":
        failure = ProblemError([_reread(line) for line in lines])
    failure.add_note(cell)
    return failure


def _reread(line: str) -> Problem:
    match = re.match(r"^(?:\d+\. )?(.*?)(?: \[(\w+)\])?$", line)
    text, key = (match[1], match[2]) if match else (line, None)
    return Problem(key or "problem", "", text)
