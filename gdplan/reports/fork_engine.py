"""Papermill engine: cells run in a fork of this process, in IPython's own shell.

A kernel of its own costs a start, its imports and its sockets. Here the running process forks; the
child runs the cells, and nbclient makes outputs of what its shell shows as it does of a kernel's
messages. The executed notebook comes back, and the child is gone with its memory. Widgets send
nothing, and startup files of IPython are not run.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import importlib
import io
import json
import os
import random
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection, Pipe
from types import SimpleNamespace
from typing import Any

import nbformat
from ipykernel.compiler import XCachingCompiler
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.jsonutil import json_default
from jupyter_client.session import Session
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from traitlets.config import Config

from gdplan.reports.execute import FORK_ENGINE as NAME

INLINE = "module://matplotlib_inline.backend_inline"
Show = Callable[[str, Mapping[str, Any]], None]


class ForkEngine(Engine):  # type: ignore[misc]
    """What papermill asks of an engine."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, execution_timeout: float | None = None, **_: Any
    ) -> None:
        """Run every cell in a fork; the notebook gets its outputs, a failure stands in them.

        Raises
        ------
        DeadKernelError, CellTimeoutError
            When the fork died or took too long, with a note that names the cell.
        """
        index = 0
        with _child(nb_man) as link:
            try:
                while isinstance(message := _received(link, execution_timeout), int):
                    index = message
            except TimeoutError:
                late = CellTimeoutError.error_from_timeout_and_cell(
                    "Cell timed out", int(execution_timeout or 0), nb_man.nb.cells[index]
                )
                raise _noted(late, index) from None
            except (EOFError, OSError):
                raise _noted(DeadKernelError("Kernel died"), index) from None
        nb_man.nb.update(nbformat.from_dict(json.loads(message)))  # type: ignore[no-untyped-call]


papermill_engines.register(NAME, ForkEngine)


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


@contextlib.contextmanager
def _child(manager: Any) -> Iterator[Connection]:
    """A fork that runs the cells; gone at the end, whatever happens."""
    mine, its = Pipe(duplex=False)
    with warnings.catch_warnings():
        # Python warns of threads of this process: only the one that forks lives on in the child.
        warnings.simplefilter("ignore", DeprecationWarning)
        parent, pid = os.getpid(), os.fork()
    if pid == 0:
        try:
            die_with(parent)
            mine.close()
            _run_cells(manager, its)
        finally:
            os._exit(1)
    its.close()
    try:
        yield mine
    finally:
        mine.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _received(link: Connection, limit: float | None) -> Any:
    """The number of the cell that begins, or the executed notebook."""
    if limit and not link.poll(limit):
        raise TimeoutError
    return link.recv()


def _noted(error: Exception, index: int) -> Exception:
    error.add_note(f"第{index}个单元")
    return error


def _run_cells(manager: Any, link: Connection) -> None:
    """The life of the child: every cell, as papermill drives a kernel."""
    client = PapermillNotebookClient(manager, record_timing=False)
    client.reset_execution_trackers()
    shell = _Shell(client)
    for index, cell in enumerate(manager.nb.cells):
        link.send(index)
        try:
            manager.cell_start(cell, index)
            skipped = client.skip_cells_with_tag in cell.metadata.get("tags", [])
            if cell.cell_type == "code" and cell.source.strip() and not skipped:
                shell.run(cell, index)
        except CellExecutionError as error:
            manager.cell_exception(cell, cell_index=index, exception=error)
            break
        finally:
            manager.cell_complete(cell, cell_index=index)
    manager.nb.metadata["language_info"] = IPythonKernel.language_info
    link.send(json.dumps(manager.nb))


class _Shell:
    """A fresh shell of the class a kernel has; what it shows goes to nbclient as messages."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.cell: tuple[Any, int] = (None, 0)
        _as_if_started()
        self.streams = [_Stream("stdout", 1, self.show), _Stream("stderr", 2, self.show)]
        sys.stdout, sys.stderr = self.streams
        self.shell = _shell(_session(self.show))
        _draw_inline(self.shell)

    def show(self, kind: str, content: Mapping[str, Any]) -> None:
        """Hand on a message of the cell that runs."""
        header = {"msg_type": kind}
        message = {**header, "header": header, "parent_header": {}, "metadata": {},
                   "content": content}  # fmt: skip
        self.client.process_message(json.loads(json.dumps(message, default=json_default)),
                                    *self.cell)  # fmt: skip

    def run(self, cell: Any, index: int) -> None:
        """Run a cell; its outputs go into the notebook.

        Raises
        ------
        CellExecutionError
            When it failed and may not.
        """
        shell, self.cell = self.shell, (cell, index)
        if shell.exit_now:
            os._exit(0)
        cell.outputs = []
        cell.execution_count = shell.execution_count
        self.client.clear_before_next_output = False
        result = shell.run_cell(cell.source, store_history=True, cell_id=cell.get("id"))
        for stream in self.streams:
            stream.flush()
        shell.payload_manager.clear_payload()
        error = result.error_before_exec or result.error_in_exec
        failed = error is not None or getattr(shell, "_last_traceback_during_displayhook", False)
        if failed and "raises-exception" not in cell.metadata.get("tags", []):
            reply = {"ename": type(error).__name__, "evalue": str(error),
                     "traceback": shell._last_traceback or []}  # fmt: skip
            raise CellExecutionError.from_cell_and_msg(cell, reply)


class _Stream(io.TextIOBase):
    """Standard output or error: what Python writes and what comes by the file descriptor.

    Kept in order until something is shown or the cell ends, like a kernel's.
    """

    encoding = "UTF-8"

    def __init__(self, name: str, fd: int, show: Show) -> None:
        self.name, self.fd, self.show = name, fd, show
        self.texts: list[str] = []
        # Other programs and C code write to the descriptor.
        self.file = tempfile.TemporaryFile()  # noqa: SIM115
        os.dup2(self.file.fileno(), fd)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.fd

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        self.texts += (self._of_descriptor(), text)
        return len(text)

    def flush(self) -> None:
        text = "".join(self.texts) + self._of_descriptor()
        self.texts.clear()
        if text:
            self.show("stream", {"name": self.name, "text": text})

    def _of_descriptor(self) -> str:
        size = os.fstat(self.fd).st_size
        if not size:
            return ""
        data = os.pread(self.file.fileno(), size, 0)
        os.ftruncate(self.file.fileno(), 0)
        os.lseek(self.file.fileno(), 0, os.SEEK_SET)
        return data.decode("utf-8", "replace")


def _session(show: Show) -> Any:
    """What displays, results and errors are sent through where a kernel has its socket."""

    def sent(_: Any, message: Any, content: Any = None, *__: Any, **___: Any) -> None:
        whole = isinstance(message, dict)
        show(message["msg_type"] if whole else message,
             (message["content"] if whole else content) or {})  # fmt: skip

    session: Any = Session()
    session.send = sent
    return session


def _shell(session: Any) -> Any:
    """A shell without history file and without socket."""
    config = Config()
    config.HistoryManager.enabled = False
    InteractiveShell.clear_instance()
    shell: Any = ZMQInteractiveShell.instance(
        config=config, compiler_class=XCachingCompiler, kernel=SimpleNamespace(eventloop=None)
    )
    for hook in (shell.displayhook, shell.display_pub):
        hook.session = session
    return shell


def _draw_inline(shell: Any) -> None:
    """Figures of pyplot are shown below their cell, whether it was imported before or will be."""
    os.environ["MPLBACKEND"] = INLINE
    if "matplotlib" not in sys.modules:
        return
    import matplotlib

    matplotlib.rcParams["backend"] = INLINE
    if "matplotlib.pyplot" in sys.modules:
        import matplotlib.pyplot as plt

        inline: Any = importlib.import_module("matplotlib_inline.backend_inline")
        plt.switch_backend(INLINE)
        inline.configure_inline_support(shell, INLINE)


def _as_if_started() -> None:
    """What a process has at its start: its own random numbers, no input, this folder first."""
    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    builtins.input = _no_input
    if "" not in sys.path:
        # Where a kernel puts the current folder: after the standard library.
        here = (i for i, path in enumerate(sys.path) if path.endswith("-packages"))
        sys.path.insert(next(here, len(sys.path)), "")


def _no_input(prompt: object = "") -> str:
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )
