"""Finished runs: found by id or folder, read strictly. Needs no pandas."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from gdplan.files import places as resources
from gdplan.files.csv_table import from_csv
from gdplan.problems import Problem, ProblemError, closest, refuse

SHAPE: Mapping[str, type] = {
    "run": str, "kind": str, "parameters": dict, "formats": list, "inputs": dict,
    "outputs": dict, "tables": list, "versions": dict, "source": dict, "clock": dict,
}  # fmt: skip
"""What a record holds, and as what."""
TABLE: Mapping[str, type] = {"label": str, "caption": str, "columns": list, "keys": list}
FIELDS = (
    "plan", "indicator", "name", "region", "region_name", "kind", "unit", "base_raw",
    "target_raw", "data_year", "data_month", "verdict", "level", "reason", "parameters",
    "plan_cell", "inputs", "history",
)  # fmt: skip
"""Columns without which an assessment can be neither compared nor traced."""
JSON = {"parameters": dict, "inputs": list, "history": list}
AGAIN = "用现在的版本重做这份报告"


class Since(StrEnum):
    """What became of an input file since a run read it."""

    SAME = "same"
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: its folder, its record, and the rows of its assessment as text."""

    folder: Path
    record: Mapping[str, Any]
    rows: tuple[Mapping[str, str], ...]

    @property
    def name(self) -> str:
        """The run's id."""
        return str(self.record["run"])


def known(out: Path) -> list[Path]:
    """Folders of finished runs, sorted by id; one that is still being made is none."""
    return sorted(p.parent for p in out.glob("*/run.json") if p.parent.name[:1] != ".")


def find(name: str, *, out: Path = Path("reports")) -> Path:
    """The folder of a run, given as a folder, as its run.json, or as an id below ``out``.

    Raises
    ------
    ProblemError
        ``unknown_run``, with the known runs and the closest; ``broken_run`` for a folder below
        ``out`` without run.json.
    """
    places = (Path(name), out / name) if name else ()
    for path in places:
        folder = path.parent if path.name == "run.json" else path
        if _is(Path.is_file, folder / "run.json"):
            return folder
    there = [p.name for p in known(out)]
    unfinished = any(_is(Path.is_dir, path) for path in places)
    raise ProblemError(
        Problem(
            "broken_run" if unfinished else "unknown_run", name,
            "文件夹中没有 run.json，不是一份完成的报告" if unfinished else "没有这份报告",
            expected=f"{out} 中的报告：{'、'.join(there) or '尚无'}",
            fix=closest(Path(name).name, there) or "用 gdplan list 查看",
        )
    )  # fmt: skip


def read(folder: Path) -> Run:
    """Record and rows of a run.

    Raises
    ------
    ProblemError
        When run.json or assessment.csv is missing or broken, every fault at once.
    """
    problems: list[Problem] = []
    record = _record(folder / "run.json", problems)
    rows = read_rows(folder / "assessment.csv", problems)
    if problems:
        raise ProblemError(problems)
    return Run(folder, record, tuple(rows))


def read_rows(path: Path, problems: list[Problem]) -> list[dict[str, str]]:
    """Rows of an assessment.csv as text; faults are added to ``problems``."""

    def broken(message: str, found: str, fix: str = AGAIN) -> list[dict[str, str]]:
        problems.append(Problem("broken_run", str(path), message, found=found, fix=fix))
        return []

    try:
        rows = from_csv(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, csv.Error) as error:
        return broken("评估结果无法读取", str(error), "")
    missing = [name for name in FIELDS if not rows or name not in rows[0]]
    if missing:
        lacking = f"缺 {'、'.join(missing)}" if rows else "没有行"
        return broken("不是评估结果表，或没有行", lacking)
    faults = [f"第{n}条 {name}" for n, row in enumerate(rows, 1) for name in _faults(row)]
    if faults:
        broken("评估结果表有残缺的行", "、".join(faults[:5]))
    return rows


def rows_at(place: str | Path) -> tuple[Path, list[dict[str, str]]]:
    """The assessment.csv of a run's folder, or the file itself, with its rows.

    Raises
    ------
    ProblemError
        When there is none, or it is no assessment.
    """
    path = resources.located(place)
    path = path / "assessment.csv" if path.is_dir() else path
    problems: list[Problem] = []
    rows = read_rows(path, problems)
    refuse(problems)
    return path, rows


def since(run: Run, name: str) -> Since:
    """What became of an input file of a record, wherever the run may have found it.

    A name in the record is a path below the project or the working folder, that of an earlier
    run, which stands beside this one, or the mere name of a file from elsewhere, which is looked
    for with the figures that the record names.
    """
    place = os.path.normpath(re.sub(r" \(\d+\)$", "", name))
    places = [resources.home() / place, resources.PACKAGE.parent / place, Path(place)]
    previous = run.record["parameters"].get("previous")
    if previous:
        earlier = run.folder.resolve().parent / Path(str(previous)).name
        places.append(earlier / Path(place).name)
    figures = run.record["parameters"].get("observations")
    if figures and "/" not in place:
        at = resources.located(str(figures))
        folder = (at if at.is_dir() else at.parent).resolve()
        places += [part / Path(place).name
                   for part in (folder, folder.parent, folder.parent / "ledger")]  # fmt: skip
    there = [path for path in places if path.is_file()]
    if any(digest(path) == run.record["inputs"][name] for path in there):
        return Since.SAME
    return Since.CHANGED if there else Since.MISSING


def digest(path: Path) -> str:
    """sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is(check: Callable[[Path], bool], path: Path) -> bool:
    try:
        return check(path)
    except OSError:  # A name may be too long for the file system.
        return False


def _record(path: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        problems.append(Problem("broken_record", str(path), "运行记录无法读取", found=str(error)))
        return {}
    if not isinstance(record, dict):
        problems.append(Problem("broken_record", str(path), "运行记录不是一个对象"))
        return {}
    faults = list(_misshapen(record))
    if faults:
        problems.append(
            Problem("broken_record", str(path), "运行记录不完整", expected="、".join(SHAPE),
                    found="；".join(faults), fix=AGAIN)
        )  # fmt: skip
    return record


def _misshapen(record: Mapping[str, Any]) -> Iterator[str]:
    """What a record lacks, or holds as something else."""
    missing = [key for key in SHAPE if key not in record]
    if missing:
        yield f"缺 {'、'.join(missing)}"
    wrong = [k for k, kind in SHAPE.items() if k in record and not isinstance(record[k], kind)]
    if wrong:
        yield f"{'、'.join(wrong)} 不是应有的类型"
    elif not all(
        isinstance(table, dict) and all(isinstance(table.get(k), of) for k, of in TABLE.items())
        for table in record.get("tables", ())
    ):
        yield f"tables 中的表应有 {'、'.join(TABLE)}"


def _faults(row: Mapping[Any, Any]) -> Iterator[str]:
    """Fields of a row that cannot be read: too few or too many, or JSON that is none."""
    if None in row or None in row.values():
        yield "列数"
        return
    for name, kind in JSON.items():
        value = None
        with contextlib.suppress(ValueError):
            value = json.loads(row[name])
        if not isinstance(value, kind):
            yield name
