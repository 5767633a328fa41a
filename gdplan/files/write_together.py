"""Several files written together: all of them, or none and the old ones as they were."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gdplan.problems import Problem, ProblemError, refuse


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write every file beside its place first, then put all in their places.

    Raises
    ------
    ProblemError
        ``cannot_write`` for each place that cannot be written to; what stood there before stands
        there again, and nothing else is left behind.
    """
    problems = [
        Problem("cannot_write", str(path), "无法在此写入", expected="文件", found="文件夹",
                fix="移走该文件夹，或用 --out 换处")
        for path in files if path.is_dir()
    ]  # fmt: skip
    refuse(problems)
    before: dict[Path, bytes | None] = {}
    at = Path()
    try:
        for path, content in files.items():
            at = path
            path.parent.mkdir(parents=True, exist_ok=True)
            _beside(path).write_bytes(content)
        for path in files:
            at, before[path] = path, path.read_bytes() if path.exists() else None
            _beside(path).replace(path)
    except OSError as error:
        for path, old in before.items():
            _restore(path, old)
        raise ProblemError.of("cannot_write", str(at), "无法在此写入",
                              found=error.strerror or str(error),
                              fix="腾出空间、放开权限，或用 --out 换处") from error  # fmt: skip
    finally:
        for path in files:
            _discard(_beside(path))


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        _discard(path)
    else:
        path.write_bytes(content)


def _discard(path: Path) -> None:
    # The folder may be no folder at all.
    if path.parent.is_dir():
        path.unlink(missing_ok=True)
