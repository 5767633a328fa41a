"""Cells in a fork show what they show in a kernel, and leave nothing behind."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from papermill.engines import papermill_engines

from gdplan.reports import execute, fork_engine
from gdplan.reports import notebook as document

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
ROOT = Path(__file__).resolve().parents[2]
PYTHON = {"display_name": "Python 3", "language": "python", "name": "python3"}
SHOWN = (
    "1 + 1",
    "print('a'); import sys; print('b', file=sys.stderr); print('c')",
    "import os; n = os.system('echo from a program')",
    "from IPython.display import HTML, display\nh = display(HTML('<b>1</b>'), display_id='q')",
    "h.update(HTML('<b>2</b>'))",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    "import pandas as pd\npd.DataFrame({'a': [1, float('nan')]})",
    "import asyncio\nawait asyncio.sleep(0, 'awaited')",
    "!echo of the shell",
    "import warnings; warnings.warn('beware')",
    "   ",
    "class A: pass\nimport pickle; len(pickle.dumps(A()))",
    "from IPython.display import clear_output\nprint(1); clear_output(); print(2)",
    "(len(In), _, __name__, os.environ['MPLBACKEND'], sys.stdout.isatty(), sys.stdout.encoding)",
    "get_ipython().__class__.__name__, '' in sys.path",
    "print('flushed', flush=True); print('later')",
    "input('?')",
)


def book(*cells: str, tags: tuple[str, ...] = ()) -> Any:
    made = [new_code_cell(cell, id=f"cell-{n}") for n, cell in enumerate(cells)]
    if tags:
        made[0].metadata["tags"] = list(tags)
    return new_notebook(cells=made, metadata={"kernelspec": PYTHON})


def run(notebook: Any, place: Path, engine: str | None = fork_engine.NAME, **options: Any) -> Any:
    """The executed notebook without times; that of a failure too."""
    source, out = place / "in.ipynb", place / "out.ipynb"
    nbformat.write(notebook, source)
    with execute.environment(execute.KERNEL):
        try:
            papermill.execute_notebook(
                str(source), str(out), engine_name=engine, progress_bar=False, cwd=str(place),
                kernel_name="python3", **options,
            )  # fmt: skip
        except papermill.PapermillExecutionError as error:
            assert error.cell_index >= 0
    return document.cleaned(json.loads(out.read_text("utf-8")))


def outputs(notebook: Any) -> list[Any]:
    return [cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"]


PLAIN = """
import sys, test_fork_engine as tests
from pathlib import Path
print(tests.json.dumps(tests.run(tests.book(*tests.SHOWN), Path(sys.argv[1]), sys.argv[2])))
"""


def plainly(place: Path, engine: str) -> Any:
    """The notebook run outside of pytest, which catches warnings and what programs say."""
    env = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}
    words = [sys.executable, "-c", PLAIN, str(place), engine]
    here = env | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    done = subprocess.run(words, capture_output=True, text=True, env=here, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_what_a_program_prints_stands_where_it_was_printed(tmp_path):
    """A kernel shows it there or behind, as its threads happen to run."""
    cell = "import os; print('before'); n = os.system('echo from a program'); print('after')"
    (output,) = run(book(cell), tmp_path)["cells"][0]["outputs"]
    assert "".join(output["text"]).split("\n")[:3] == ["before", "from a program", "after"]


@pytest.mark.slow
def test_a_fork_shows_what_a_kernel_shows(tmp_path):
    forked, kernel = (plainly(tmp_path, engine) for engine in (fork_engine.NAME, "nbclient"))
    for one, other in zip(forked["cells"], kernel["cells"], strict=True):
        if "input" in one["source"][0]:
            # The way there leads through other files.
            for cell in (one, other):
                del cell["outputs"][-1]["traceback"]
        if one["cell_type"] == "code":
            assert one == other
    assert forked["metadata"] == kernel["metadata"]
    refused = outputs(forked)[-1][-1]
    assert refused["ename"] == "StdinNotImplementedError"
    assert any("image/png" in o.get("data", {}) for o in outputs(forked)[5])


def test_a_figure_is_shown_though_pyplot_was_imported_before_the_fork(tmp_path):
    import matplotlib.pyplot as plt

    before = plt.get_backend()
    [shown] = outputs(run(book("import matplotlib.pyplot as plt; plt.plot([1, 2]);"), tmp_path))
    assert [list(o["data"]) for o in shown] == [["image/png", "text/plain"]]
    assert plt.get_backend() == before


def test_nothing_a_cell_does_reaches_the_process_that_forked(tmp_path):
    here, cwd = dict(os.environ), Path.cwd()
    cell = "import os, builtins; os.environ['MARK'] = 'x'; os.chdir('/'); builtins.mark = 1; "
    executed = run(book(cell + "os.getpid()"), tmp_path)
    pid = int("".join(outputs(executed)[0][0]["data"]["text/plain"]))
    assert dict(os.environ) == here and Path.cwd() == cwd
    assert not hasattr(__builtins__, "mark")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_failing_cell_ends_the_notebook_there(tmp_path):
    executed = run(book("1", "1 / 0", "2"), tmp_path)
    assert [[o.get("ename") for o in shown] for shown in outputs(executed)] == [
        [None], ["ZeroDivisionError"], [],
    ]  # fmt: skip


def test_tags_skip_a_cell_or_let_it_fail(tmp_path):
    executed = run(book("1 / 0", "'went on'", tags=("raises-exception",)), tmp_path)
    assert outputs(executed)[0][0]["ename"] == "ZeroDivisionError"
    assert outputs(executed)[1][0]["data"]["text/plain"] == ["'went on'"]
    skipped = book("1 / 0", tags=("skip-execution",))
    skipped.cells.append(new_markdown_cell("text"))
    assert outputs(run(skipped, tmp_path)) == [[]]


def test_a_representation_that_fails_is_a_failed_cell(tmp_path):
    broken = "class A:\n    def _repr_html_(self): raise ValueError('no picture')"
    broken += "\n    def __repr__(self): return 'A()'\nA()"
    forked = run(book(broken, "'not run'"), tmp_path)
    kernel = run(book(broken, "'not run'"), tmp_path, "nbclient")
    assert outputs(forked) == outputs(kernel)


def test_a_fork_that_is_killed_is_a_dead_kernel_and_names_the_cell(tmp_path):
    with pytest.raises(DeadKernelError) as caught:
        run(book("1", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"), tmp_path)
    assert caught.value.__notes__ == ["第1个单元"]


def test_after_exit_the_fork_is_gone(tmp_path):
    with pytest.raises(DeadKernelError):
        run(book("exit()", "1"), tmp_path)


def test_a_cell_that_takes_too_long_is_ended(tmp_path):
    with pytest.raises(CellTimeoutError):
        run(book("import time; time.sleep(60)"), tmp_path, execution_timeout=1)


def test_an_interrupt_of_the_one_who_waits_ends_the_fork(tmp_path, monkeypatch):
    pids = []
    fork = os.fork
    monkeypatch.setattr(os, "fork", lambda: pids.append(fork()) or pids[-1])
    asked = f"import os, signal, time; os.kill({os.getpid()}, signal.SIGINT); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        run(book(asked), tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_two_forks_draw_random_numbers_of_their_own(tmp_path):
    import numpy as np

    state = random.getstate(), np.random.get_state()[1][:3].tolist()
    drawn = "import random, numpy as np; random.random(), float(np.random.rand())"
    first, second = (outputs(run(book(drawn), tmp_path)) for _ in range(2))
    assert first != second
    assert state == (random.getstate(), np.random.get_state()[1][:3].tolist())


def test_the_engine_is_known_here_and_to_no_other_user_of_papermill():
    assert papermill_engines.get_engine(fork_engine.NAME) is fork_engine.ForkEngine
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert "papermill.engine" not in project


def test_the_child_hears_no_more_than_it_is_told(monkeypatch):
    """The streams of a child keep order and refuse what is no text."""
    told: list[Any] = []
    reading, writing = os.pipe()
    kept = os.dup(writing)
    stream = fork_engine._Stream("stdout", writing, lambda *shown: told.append(shown))
    try:
        assert stream.writable() and stream.fileno() == writing
        stream.write("一")
        os.write(writing, "二".encode())
        stream.write("三")
        os.write(writing, b"\xff")
        with pytest.raises(TypeError, match="must be str"):
            stream.write(b"x")
        stream.flush()
        stream.flush()
    finally:
        os.dup2(kept, writing)
        for fd in (kept, reading, writing):
            os.close(fd)
    assert [content["text"] for _, content in told] == ["一二三�"]


def test_the_signal_of_a_dead_parent_ends_the_child(tmp_path):
    """A parent that is killed leaves no cell behind."""
    read, write = os.pipe()
    parent = os.fork()
    if parent == 0:
        # The cell tells its process and kills the one that forked.
        cell = f"import os, signal, time; os.write({write}, str(os.getpid()).encode()); "
        run(book(cell + "os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)"), tmp_path)
    os.waitpid(parent, 0)
    os.close(write)
    pid = int(os.read(read, 100))
    os.close(read)
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        signal.sigtimedwait([], 0.05)
    pytest.fail("the child lives on")
