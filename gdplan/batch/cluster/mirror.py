"""The inputs of a batch sent elsewhere: what is read there is, to the byte, what is read here.

A mirror has a folder ``home`` with data and notebooks, as ``GDPLAN_HOME`` wants them, and a folder
``abs`` with the data that lie outside it, under the paths they have here.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gdplan.batch.cluster.blobs import Blobs
from gdplan.batch.runs_file import Job
from gdplan.files import places as resources
from gdplan.plans.load import load_plan
from gdplan.problems import Problem, ProblemError
from gdplan.reports.runs import record as run_record

HOME, ABSOLUTE = "home", "abs"
PLACED = ("observations", "previous")
"""Parameters that name a file or folder: relative to the home, else absolute."""


def files(jobs: Iterable[Job]) -> dict[str, Path]:
    """Every file that the jobs may read, by its place in the mirror.

    Raises
    ------
    ProblemError
        For files that a report would show by a path which no mirror has.
    """
    home = Path(os.path.abspath(resources.home()))  # noqa: PTH100
    found: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in dict.fromkeys(_all(jobs, home)):
        if path.is_relative_to(resources.PACKAGE) and "_share" not in path.parts:
            continue  # Part of the program, which the workers have.
        place = _place(path, home)
        if place is None:
            problems.append(
                Problem("outside_home", str(path), "这份数据在程序文件夹内、GDPLAN_HOME 之外",
                        fix="移入 GDPLAN_HOME，或移出程序文件夹")
            )  # fmt: skip
        else:
            found[place] = path
    if problems:
        raise ProblemError(problems)
    return found | {f"{HOME}/notebooks/{p.name}": p for p in _notebooks()}


def places(values: Mapping[str, Any]) -> dict[str, str]:
    """Parameters whose data lie outside the home, with their places in the mirror."""
    given = {name: Path(str(values[name])) for name in PLACED if values.get(name)}
    return {k: _outside(path) for k, path in given.items() if path.is_absolute()}


def send(found: Mapping[str, Path], blobs: Blobs) -> str:
    """Put every file into the shared place; the sha256 of the list of them."""
    digests = {place: blobs.put(path.read_bytes()) for place, path in sorted(found.items())}
    return blobs.put(json.dumps(digests, sort_keys=True).encode())


def build(listed: str, blobs: Blobs, folder: Path) -> Path:
    """The mirror of a list, fetched and checked file by file; made once, whole or not at all.

    Raises
    ------
    ProblemError
        For every file that is missing from the shared place or not what it should be.
    """
    root = folder / listed[:16]
    if root.is_dir():
        return root
    work = folder / f"{uuid.uuid4().hex}.tmp"
    problems: list[Problem] = []
    try:
        for place, digest in json.loads(blobs.get(listed)).items():
            try:
                content = blobs.get(digest)
            except ProblemError as error:
                problems += error.problems
                continue
            (work / place).parent.mkdir(parents=True, exist_ok=True)
            (work / place).write_bytes(content)
        if problems:
            raise ProblemError(problems)
        work.rename(root)
    except FileExistsError:  # pragma: no cover - another thread was faster
        pass
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return root


def _all(jobs: Iterable[Job], home: Path) -> Iterator[Path]:
    for top, _, names in os.walk(home / "data" / "raw", followlinks=True):
        yield from (Path(top) / name for name in sorted(names))
    for kind, values in _different(jobs):
        listed = run_record.input_files(
            values, resources.notebook(kind), load_plan(values["plan"]).files
        )
        notebook = resources.notebook(kind)
        yield from (Path(os.path.abspath(p)) for p in listed if p != notebook)  # noqa: PTH100
        for name in PLACED:
            yield from _beside(values.get(name))


def _different(jobs: Iterable[Job]) -> list[tuple[str, Mapping[str, Any]]]:
    """Kind and parameters of the jobs, once for each set of files."""
    names = ("plan", *PLACED)
    return list({(j.kind, *(j.values.get(n) for n in names)): (j.kind, j.values)
                 for j in jobs}.values())  # fmt: skip


def _beside(given: Any) -> Iterator[Path]:
    """All files of a folder that is named, or that of a file."""
    if given:
        path = Path(os.path.abspath(resources.located(str(given))))  # noqa: PTH100
        yield from sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]


def _notebooks() -> list[Path]:
    return sorted(resources.notebooks_folder().glob("*.ipynb"))


def _place(path: Path, home: Path) -> str | None:
    if path.is_relative_to(home):
        return f"{HOME}/{path.relative_to(home).as_posix()}"
    return None if path.is_relative_to(resources.PACKAGE.parent) else _outside(path)


def _outside(path: Path) -> str:
    return f"{ABSOLUTE}/{path.as_posix().replace(':', '').lstrip('/')}"
