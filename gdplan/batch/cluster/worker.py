"""What runs in the worker processes of a cluster: reports in processes of their own, and blocks.

Each report is made by the pool of this machine, on the mirror of the batch's inputs; none runs in
the worker itself. Its process ends with the worker, and when the batch is closed.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import multiprocessing
import shutil
import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gdplan.batch.cluster import mirror
from gdplan.batch.cluster.blobs import Blobs
from gdplan.batch.pool import Outcome, Pool
from gdplan.outlook import draws
from gdplan.problems import Problem, ProblemError
from gdplan.reports.runs import record as run_record

LOADED = run_record.code()
"""Sum of the program that this process runs; what lies on the disk may have been replaced since."""
LOOK = 2.0
"""Seconds between looks whether the batch is still open."""
LONGEST = 1 << 18
"""Bytes of a log that are sent home, from its end."""


def about(share: str = "", batch: str = "") -> dict[str, Any]:
    """What decides whether this process makes the same bytes as another.

    Returns
    -------
    dict
        ``code`` (loaded), ``disk`` (as it lies there now), ``versions``, ``arithmetic``, and with
        a share ``share``: empty when the batch's mark is seen there, else what is wrong.
    """
    return {
        "code": LOADED, "disk": run_record.code(), "versions": run_record.versions(),
        "arithmetic": arithmetic(), "share": _seen(share, batch) if share else "",
    }  # fmt: skip


def arithmetic() -> str:
    """Sum of what this machine makes of the functions that draws go through, to the last bit."""
    normals = np.random.Generator(np.random.Philox(key=1)).standard_normal(4096)
    gamma = np.random.Generator(np.random.Philox(key=2)).standard_gamma(1.5, 4096)
    made = np.concatenate([normals, np.exp(normals), np.sqrt(gamma), np.power(gamma, 1 / 3)])
    levels = np.quantile(made, [0.025, 0.5, 0.975])
    return hashlib.sha256(made.tobytes() + levels.tobytes()).hexdigest()


def block(task: draws.Task, code: str, **choices: Any) -> dict[str, draws.Summary]:
    """Draws of one region; see :func:`gdplan.outlook.draws.simulate`.

    Raises
    ------
    ProblemError
        ``other_program``.
    """
    _check(code)
    return draws.simulate([task], **choices)[0]


def report(order: Mapping[str, Any]) -> Outcome:
    """Make one report in a process of its own; how it went, and where its files lie.

    Parameters
    ----------
    order : mapping
        ``task`` as a pool takes it, ``places`` of data outside the home, ``code`` of the client,
        ``share``, ``batch``, ``inputs`` (sum of the list of files), ``attempts``, ``reports`` (how
        many each worker may expect), ``home`` of the client.

    Returns
    -------
    dict
        The outcome of the pool, with ``said`` (its log) and, of a report that was made,
        ``files`` and ``sum``: name and sha256 of the archive in the shared place.

    Raises
    ------
    ProblemError
        ``other_program``.
    """
    _check(order["code"])
    run = order["task"]["run"]
    try:
        return _report(order, Blobs(order["share"]))
    except ProblemError as error:
        first = error.problems[0]
        return {"run": run, "error": first.line(), "cell": "", "key": first.key}


def _report(order: Mapping[str, Any], blobs: Blobs) -> Outcome:
    task, batch = order["task"], f"batches/{order['batch']}"
    if _is_hopeless(order, blobs):
        why = f"工作进程中断了{order['attempts']}次：可能内存不足，或被人终止"
        return {"run": task["run"], "error": why, "cell": "", "key": "died"}
    folder = _folder()
    root = mirror.build(order["inputs"], blobs, folder)
    out = folder / f"work-{uuid.uuid4().hex}"
    out.mkdir()
    places = {name: str(root / place) for name, place in order["places"].items()}
    here = {"out": str(out), "log": str(out / "log"), "values": task["values"] | places}
    try:
        outcome = dict(_served(root, order, {**task, **here}, blobs))
        outcome["said"] = _as_at_home(_end_of(out / "log"), root, order["home"])
        if "verdicts" in outcome:
            outcome |= _sent(out / task["run"], blobs, batch)
        else:
            outcome["error"] = _as_at_home(outcome["error"], root, order["home"])
    finally:
        shutil.rmtree(out, ignore_errors=True)
    return outcome


def packed(folder: Path) -> bytes:
    """The files of a run folder as one archive, its bytes a function of theirs."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(p for p in folder.iterdir() if p.is_file()):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED, 1)
    return made.getvalue()


def _check(code: str) -> None:
    if code != LOADED:
        raise ProblemError(
            Problem("other_program", _address(), "工作进程的程序与本机不一致", code[:12],
                    LOADED[:12], "装上同一版本后重新启动 dask worker")
        )  # fmt: skip


def _seen(share: str, batch: str) -> str:
    try:
        Blobs(share).read(f"batches/{batch}/open")
        return ""
    except ProblemError as error:
        return error.problems[0].line()


def _is_hopeless(order: Mapping[str, Any], blobs: Blobs) -> bool:
    """Whether this start is one too many: each leaves a mark, which outlives the process."""
    marks = f"batches/{order['batch']}/starts/{order['task']['run']}"
    if len(blobs.names(marks)) >= order["attempts"]:
        return True
    blobs.write(f"{marks}/{uuid.uuid4().hex}", _address().encode())
    return False


def _sent(folder: Path, blobs: Blobs, batch: str) -> dict[str, str]:
    blobs.read(f"{batch}/open")  # Nothing is left behind for a batch that has ended.
    data = packed(folder)
    name = f"{batch}/results/{uuid.uuid4().hex}.zip"
    blobs.write(name, data)
    return {"files": name, "sum": hashlib.sha256(data).hexdigest()}


def _served(root: Path, order: Mapping[str, Any], task: Mapping[str, Any], blobs: Blobs) -> Outcome:
    """The outcome of a report made beside this process, which ends when the batch is closed."""
    # Dask marks its workers as daemons, which may start no process of multiprocessing.
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    pool = Pool(1, order["reports"], home=root / mirror.HOME)
    try:
        pool.submit(task)
        while (outcome := pool.within(LOOK)) is None:
            if not blobs.there(f"batches/{order['batch']}/open"):
                return {"run": task["run"], "error": "批次已结束", "cell": "", "key": "closed"}
        return outcome
    finally:
        pool.close()


def _folder() -> Path:
    """The worker's own place on its disk; it goes with the worker."""
    from distributed import get_worker

    folder = Path(get_worker().local_directory).resolve() / "gdplan"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _address() -> str:
    with contextlib.suppress(ImportError, ValueError):
        from distributed import get_worker

        return str(get_worker().address)
    return ""


def _end_of(log: Path) -> str:
    with contextlib.suppress(OSError):
        return log.read_bytes()[-LONGEST:].decode("utf-8", "replace")
    return ""


def _as_at_home(text: str, root: Path, home: str) -> str:
    """Places of the mirror as the client knows them."""
    return text.replace(str(root / mirror.HOME), home).replace(str(root / mirror.ABSOLUTE), "")
