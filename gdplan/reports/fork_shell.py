"""The child of the fork engine: an IPython shell that says what it shows as a kernel says it."""

from __future__ import annotations

import builtins
import importlib
import io
import os
import random
import sys
import tempfile
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

INLINE = "module://matplotlib_inline.backend_inline"
Send = Callable[[dict[str, Any]], None]


class Cells:
    """A fresh shell in a fresh fork; every message it has goes to ``send``."""

    def __init__(self, send: Send) -> None:
        self.send = send
        _as_if_started()
        self.streams = [_Stream("stdout", 1, send), _Stream("stderr", 2, send)]
        sys.stdout, sys.stderr = self.streams
        self.shell = _shell(_session(send))
        _draw_inline(self.shell)

    def run(self, cell: Mapping[str, Any]) -> bool:
        """Run a cell; whether the shell goes on."""
        shell = self.shell
        self.send(_message("execute_input", {"execution_count": shell.execution_count}))
        result = shell.run_cell(cell["source"], store_history=True, cell_id=cell["id"])
        for stream in self.streams:
            stream.flush()
        error = result.error_before_exec or result.error_in_exec
        reply: dict[str, Any] = {"status": "ok", "execution_count": shell.execution_count - 1}
        if error is not None or getattr(shell, "_last_traceback_during_displayhook", False):
            reply |= {
                "status": "error", "ename": type(error).__name__, "evalue": str(error),
                "traceback": shell._last_traceback or [],
            }  # fmt: skip
        shell.payload_manager.clear_payload()
        self.send(_message("execute_reply", reply))
        return not shell.exit_now


class _Stream(io.TextIOBase):
    """Standard output or error: what Python writes and what comes by the file descriptor.

    Kept in order until something is shown or the cell ends, like a kernel's.
    """

    encoding = "UTF-8"

    def __init__(self, name: str, fd: int, send: Send) -> None:
        self.name, self.fd, self.send = name, fd, send
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
            self.send(_message("stream", {"name": self.name, "text": text}))

    def _of_descriptor(self) -> str:
        size = os.fstat(self.fd).st_size
        if not size:
            return ""
        data = os.pread(self.file.fileno(), size, 0)
        os.ftruncate(self.file.fileno(), 0)
        os.lseek(self.file.fileno(), 0, os.SEEK_SET)
        return data.decode("utf-8", "replace")


def _message(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    return {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": {}, "metadata": {},
            "content": content}  # fmt: skip


def _session(send: Send) -> Any:
    """What displays, results and errors are sent through where a kernel has its socket."""
    from jupyter_client.session import Session

    def sent(_: Any, message: Any, content: Any = None, *__: Any, **___: Any) -> None:
        whole = isinstance(message, dict)
        kind, told = (message["msg_type"], message["content"]) if whole else (message, content)
        send(_message(kind, told or {}))

    session: Any = Session()
    session.send = sent
    return session


def _shell(session: Any) -> Any:
    """A shell of the class a kernel has, without history file and without socket."""
    from ipykernel.compiler import XCachingCompiler
    from ipykernel.zmqshell import ZMQInteractiveShell
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

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
    from IPython.core.error import StdinNotImplementedError

    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )
