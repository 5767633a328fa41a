"""The place a run is made in: beside its target, moved there in one step, swept when killed."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from gdplan.problems import ProblemError

FULL = (errno.ENOSPC, errno.EDQUOT)
"""Numbers of the errors that say a disk or a quota is full."""

EXCHANGE = 2
AT_FDCWD = -100


@contextlib.contextmanager
def workplace(out: Path, name: str) -> Iterator[Path]:
    """A private folder beside the target; gone whatever happens.

    Raises
    ------
    ProblemError
        When the place cannot be written or the disk is full; the old report stays.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        sweep(out)
        work = out / f".{name}.{os.getpid()}.tmp"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
    except OSError as error:
        raise ProblemError.of("cannot_write", str(out), "无法在此写入",
                              found=error.strerror or str(error)) from error  # fmt: skip
    try:
        yield work
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise ProblemError.of("disk_full", str(out), "磁盘空间不足，报告没有写成，原有报告未动",
                              fix="腾出空间后重新运行") from error  # fmt: skip
    finally:
        shutil.rmtree(work, ignore_errors=True)


def refuse_existing(target: Path, *, force: bool) -> None:
    """Nothing that was made before is replaced unasked.

    Raises
    ------
    ProblemError
        When the target is there and ``force`` was not given.
    """
    if target.exists() and not force:
        raise ProblemError.of("run_exists", str(target), "已有这份结果",
                              fix="加 --force 重做，或用 --out 换处")  # fmt: skip


def write_folder(files: Mapping[str, bytes], out: Path, name: str) -> None:
    """A folder of files, all at once or none: made aside, then put in its place."""
    with workplace(out, name) as work:
        for file, content in files.items():
            (work / file).write_bytes(content)
        swap(work, out / name)


def swap(work: Path, target: Path) -> None:
    """Put the finished folder in its place: at every moment the target is the old or the new one.

    Where the system cannot exchange two folders in one step the old one is moved aside first, and
    :func:`sweep` puts it back if the process dies in between.
    """
    if not target.exists():
        work.rename(target)
    elif not _exchanged(work, target):
        old = target.with_name(f".{target.name}.{os.getpid()}.old")
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)
        try:
            work.rename(target)
        except OSError:
            old.rename(target)
            raise
        shutil.rmtree(old, ignore_errors=True)


def sweep(out: Path) -> None:
    """Remove what runs that were killed left behind, and put back what they had moved aside."""
    for left in (*out.glob(".*.old"), *out.glob(".*.tmp")):
        match = re.fullmatch(r"\.(.+)\.(\d+)\.(old|tmp)", left.name)
        if not match or _alive(int(match[2])):
            continue
        if match[3] == "old" and not (out / match[1]).exists():
            left.rename(out / match[1])
        else:
            shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int) -> bool:
    """Whether a process still runs; one that has ended and only waits to be buried does not."""
    with contextlib.suppress(OSError, IndexError):
        state = Path(f"/proc/{pid}/stat").read_text("latin-1").rpartition(")")[2].split()[0]
        return state not in ("Z", "X")
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _exchanged(a: Path, b: Path) -> bool:
    """Exchange two folders in one system call where there is one (Linux, macOS)."""
    libc = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    first, second = os.fsencode(a), os.fsencode(b)
    if sys.platform == "darwin" and hasattr(libc, "renamex_np"):
        return bool(libc.renamex_np(first, second, EXCHANGE) == 0)
    if libc is not None and hasattr(libc, "renameat2"):
        return bool(libc.renameat2(AT_FDCWD, first, AT_FDCWD, second, EXCHANGE) == 0)
    return False
