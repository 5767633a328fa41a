"""Filled-in forms -> a new file of observations; nothing is overwritten, nothing guessed.

Every fault of every form is told with its sheet and cell, and as long as there is one nothing is
written. A form that was read before changes nothing; a correction is a new vintage.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from gdplan import resources
from gdplan.formread import Filled, read
from gdplan.model import Plan, Problem, ProblemError
from gdplan.observations import read_observations

COLUMNS = ("region_code", "region", "indicator", "year", "period", "value", "unit", "bound",
           "published", "source", "url", "access", "note")  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """What an import did: the new file or none, new and already known figures, empty cells."""

    file: Path | None
    added: int
    known: int
    empty: int


def append(
    files: Sequence[Path], *, plan: Plan, today: str, home: Path | None = None
) -> ImportRecord:
    """Read forms and add what is new to data/raw/observations, all of it or nothing.

    Raises
    ------
    ProblemError
        Every fault of every form, by file and sheet!cell.
    """
    filled: list[Filled] = []
    problems: list[Problem] = []
    for file in files:
        try:
            filled.append(read(Path(file), plan))
        except ProblemError as error:
            problems += error.problems
    problems += _twice(filled)
    folder = (home or resources.data_folder()) / "raw" / "observations"
    news, known, conflicts = _news(filled, folder, plan)
    if problems or conflicts:
        raise ProblemError([*problems, *conflicts])
    empty = sum(form.empty for form in filled)
    if not news:
        return ImportRecord(None, 0, known, empty)
    text = _csv(news)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    path = folder / f"form-{plan.id}-{digest}.csv"
    _write(path, text, _sidecar(plan, files, today), plan)
    return ImportRecord(path, len(news), known, empty)


def _identity(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row[k] for k in ("region_code", "indicator", "year", "period", "published"))


def _twice(filled: Sequence[Filled]) -> list[Problem]:
    """The same figure reported in two forms with different values."""
    seen: dict[tuple[str, ...], tuple[str, str]] = {}
    problems = []
    for form in filled:
        for row, cell in zip(form.rows, form.cells, strict=True):
            first = seen.setdefault(_identity(row), (row["value"], cell))
            if first[0] != row["value"]:
                problems.append(
                    Problem("reported_twice", cell, f"{row['indicator']}{row['year']}年报了两个数",
                            expected=f"{first[0]}（{first[1]}）", found=row["value"])
                )  # fmt: skip
    return problems


def _news(
    filled: Sequence[Filled], folder: Path, plan: Plan
) -> tuple[list[Mapping[str, str]], int, list[Problem]]:
    """Rows not yet known, the number of known ones, and those that contradict what is known."""
    there: dict[tuple[str, ...], str] = {}
    if any(folder.glob("*.csv")):
        frame = read_observations(folder, plan)
        keys = ("region", "indicator", "year", "period", "published")
        for r in frame.to_dict("records"):
            there[tuple(str(r[k]) for k in keys)] = str(r["raw"])
    news: dict[tuple[str, ...], Mapping[str, str]] = {}
    known, problems = 0, []
    for form in filled:
        for row, cell in zip(form.rows, form.cells, strict=True):
            key = _identity(row)
            if key not in there:
                news.setdefault(key, row)
            elif there[key] == row["value"]:
                known += 1
            else:
                problems.append(
                    Problem("contradicts_known", cell,
                            f"{row['indicator']}{row['year']}年同一发布日期已有另一个数",
                            expected=there[key], found=row["value"],
                            fix="更正数要写更正的发布日期")
                )  # fmt: skip
    return [news[key] for key in sorted(news)], known, problems


def _csv(rows: Sequence[Mapping[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _sidecar(plan: Plan, files: Sequence[Path], today: str) -> str:
    digests = [f"{Path(f).name} sha256 {hashlib.sha256(Path(f).read_bytes()).hexdigest()}"
               for f in files]  # fmt: skip
    content = {
        "title": f"{plan.title}填报数据",
        "description": "由填报表导入，照录填报单位所填，不填补、不推算。",
        "provenance": "；".join(digests), "retrieved": today,
        "licence": "填报单位提供，公开前应核对。", "encoding": "utf-8",
    }  # fmt: skip
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000)


def _write(path: Path, text: str, sidecar: str, plan: Plan) -> None:
    """Both files or neither; the reader has to accept them first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    trial = path.with_suffix(".part")
    trial.write_text(text, "utf-8", newline="\n")
    try:
        read_observations(trial, plan)
        path.with_suffix(".yml").write_text(sidecar, "utf-8", newline="\n")
        trial.rename(path)
    except BaseException:
        if not path.exists():
            path.with_suffix(".yml").unlink(missing_ok=True)
        raise
    finally:
        trial.unlink(missing_ok=True)
