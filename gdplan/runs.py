"""Finished runs: found by id or folder, read strictly. Needs no pandas."""

from __future__ import annotations

import csv
import difflib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gdplan.model import Problem, ProblemError

KEYS = ("run", "kind", "parameters", "formats", "inputs", "outputs", "tables", "versions",
        "source", "clock")  # fmt: skip


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
    """Folders of finished runs, sorted by id."""
    return sorted(p.parent for p in out.glob("*/run.json"))


def find(name: str, *, out: Path = Path("reports")) -> Path:
    """The folder of a run, given as a folder or as an id below ``out``.

    Raises
    ------
    ProblemError
        ``unknown_run``, with the known runs and the closest.
    """
    for path in (Path(name), out / name):
        if (path / "run.json").is_file():
            return path
    there = [p.name for p in known(out)]
    match = difflib.get_close_matches(name, there, n=1, cutoff=0.5)
    raise ProblemError(
        Problem(
            "unknown_run", name, "没有这份报告",
            expected=f"{out} 中的报告：{'、'.join(there) or '尚无'}",
            fix=f"最接近的是 {match[0]}" if match else "用 gdplan list 查看",
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


def _record(path: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        problems.append(Problem("broken_record", str(path), "运行记录无法读取", found=str(error)))
        return {}
    if not isinstance(record, dict):
        problems.append(Problem("broken_record", str(path), "运行记录不是一个对象"))
        return {}
    missing = [key for key in KEYS if key not in record]
    if missing:
        problems.append(
            Problem("broken_record", str(path), "运行记录缺少内容", expected="、".join(KEYS),
                    found=f"缺 {'、'.join(missing)}", fix="用现在的版本重做这份报告")
        )  # fmt: skip
    return record


def read_rows(path: Path, problems: list[Problem]) -> list[dict[str, str]]:
    """Rows of an assessment.csv as text; faults are added to ``problems``."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        problems.append(Problem("broken_run", str(path), "评估结果无法读取", found=str(error)))
        return []
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows or "verdict" not in rows[0]:
        problems.append(Problem("broken_run", str(path), "不是评估结果表，或没有行"))
        return []
    return rows
