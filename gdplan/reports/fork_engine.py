"""Papermill engine ``gdplan-fork``: cells run in a fork of a process that has everything imported.

A kernel of its own costs a start, its imports and its sockets. Here the running process forks; the
child holds an IPython shell and runs the cells; what they show comes back over a socket as the
messages a kernel would have sent, and nbclient makes outputs of them as it does of a kernel's.
The child ends with the notebook and gives its memory back. Where there is no fork, or the
notebook asks for another kernel than Python's own, papermill's usual engine takes over.

Widgets send nothing, and startup files of IPython are not run. Importing this module costs next
to nothing: papermill loads every registered engine at its own import.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from multiprocessing.connection import Connection, Pipe
from typing import Any, NoReturn

NAME = "gdplan-fork"
NATIVE = "python3"
Message = dict[str, Any]


def register() -> str:
    """Make the engine known to papermill, installed or not; its name."""
    from papermill.engines import papermill_engines

    papermill_engines.register(NAME, ForkEngine)
    return NAME


def warm() -> None:
    """Import what a forked notebook needs, so that no child has to."""
    for name in ("ipykernel.ipkernel", "ipykernel.zmqshell", "papermill.clientwrap"):
        importlib.import_module(name)


class ForkEngine:
    """What papermill asks of an engine."""

    @classmethod
    def execute_notebook(
        cls,
        nb: Any,
        kernel_name: str,
        output_path: str | None = None,
        progress_bar: bool = True,
        log_output: bool = False,
        autosave_cell_every: int = 30,
        **options: Any,
    ) -> Any:
        """Run every cell of a notebook; the notebook with its outputs."""
        from papermill.engines import NBClientEngine, NotebookExecutionManager

        manager = NotebookExecutionManager(
            nb, output_path, log_output, progress_bar, autosave_cell_every
        )
        native = hasattr(os, "fork") and kernel_name in (NATIVE, None)
        run = _run if native else NBClientEngine.execute_managed_notebook
        manager.notebook_start()
        try:
            run(manager, kernel_name, log_output=log_output, **options)
        finally:
            manager.cleanup_pbar()
            manager.notebook_complete()
        return manager.nb

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """Name of the notebook's kernel."""
        from papermill.utils import nb_kernel_name

        return str(nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """Language of the notebook."""
        from papermill.utils import nb_language

        return str(nb_language(nb, language))


def _run(
    manager: Any,
    kernel_name: str,
    *,
    log_output: bool = False,
    stdout_file: Any = None,
    stderr_file: Any = None,
    execution_timeout: int | None = None,
    timeout: int | None = None,
    allow_errors: bool = False,
    **_: Any,
) -> None:
    """Drive the child cell by cell, as papermill drives a kernel."""
    from ipykernel.ipkernel import IPythonKernel
    from nbclient.exceptions import CellExecutionError
    from papermill.clientwrap import PapermillNotebookClient

    client = PapermillNotebookClient(
        manager, kernel_name=kernel_name, log_output=log_output, stdout_file=stdout_file,
        stderr_file=stderr_file, record_timing=False, allow_errors=allow_errors,
    )  # fmt: skip
    client.reset_execution_trackers()
    with _child() as link:
        for index, cell in enumerate(manager.nb.cells):
            try:
                manager.cell_start(cell, index)
                if _is_run(client, cell):
                    _execute(client, link, cell, index, execution_timeout or timeout)
            except CellExecutionError as error:
                manager.cell_exception(cell, cell_index=index, exception=error)
                break
            finally:
                manager.cell_complete(cell, cell_index=index)
    manager.nb.metadata["language_info"] = json.loads(json.dumps(IPythonKernel.language_info))


def _is_run(client: Any, cell: Any) -> bool:
    skipped = client.skip_cells_with_tag in cell.metadata.get("tags", [])
    return cell.cell_type == "code" and bool(cell.source.strip()) and not skipped


def _execute(client: Any, link: Connection, cell: Any, index: int, limit: int | None) -> None:
    """One cell; its outputs go into the notebook, a failure is raised as nbclient raises it."""
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    cell.outputs = []
    client.clear_before_next_output = False
    try:
        _send(link, {"source": cell.source, "id": cell.get("id")})
        while (message := _received(link, limit))["msg_type"] != "execute_reply":
            client.process_message(message, cell, index)
    except TimeoutError:
        late = CellTimeoutError.error_from_timeout_and_cell("Cell timed out", limit or 0, cell)
        raise _noted(late, index) from None
    except (EOFError, OSError):
        raise _noted(DeadKernelError("Kernel died"), index) from None
    reply = message["content"]
    tolerated = client.allow_errors or "raises-exception" in cell.metadata.get("tags", [])
    if reply["status"] == "error" and not tolerated:
        raise CellExecutionError.from_cell_and_msg(cell, reply)


def _noted(error: Exception, index: int) -> Exception:
    error.add_note(f"第{index}个单元")
    return error


@contextlib.contextmanager
def _child() -> Iterator[Connection]:
    """A fork that runs the cells it is sent; gone at the end, whatever happens."""
    mine, its = Pipe()
    with warnings.catch_warnings():
        # Python warns of threads of this process: only the one that forks lives on in the child.
        warnings.simplefilter("ignore", DeprecationWarning)
        parent, pid = os.getpid(), os.fork()
    if pid == 0:
        die_with(parent)
        mine.close()
        _serve(its)
    its.close()
    try:
        yield mine
    finally:
        mine.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def die_with(parent: int) -> None:
    """In a fork: end when the process that forked does, so that no cell outlives its report.

    Linux tells a process of its parent's end; elsewhere it ends when it next speaks to it.
    """
    if sys.platform != "linux":
        return
    # 1 is PR_SET_PDEATHSIG.
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _serve(link: Connection) -> NoReturn:
    """The life of the child: cells come, messages go, until the parent hangs up."""
    from gdplan.reports import fork_shell

    code = 1
    try:
        cells = fork_shell.Cells(lambda message: _send(link, message))
        while cells.run(_received(link)):
            pass
        code = 0
    except (EOFError, OSError):
        pass
    finally:
        os._exit(code)


def _send(link: Connection, message: Message) -> None:
    from jupyter_client.jsonutil import json_default

    link.send_bytes(json.dumps(message, default=json_default).encode())


def _received(link: Connection, limit: float | None = None) -> Message:
    if limit and not link.poll(limit):
        raise TimeoutError
    message: Message = json.loads(link.recv_bytes())
    return message
