"""Filled-in forms -> new files of figures and of statuses; nothing is overwritten or guessed.

Every fault of every form is told with its sheet and cell, and as long as there is one nothing is
written. A form that was read before changes nothing; a correction is a new vintage.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from gdplan.files import places as resources
from gdplan.files.csv_table import to_csv
from gdplan.forms import ledger_append
from gdplan.forms import questions as form_questions
from gdplan.forms.read import Filled, read
from gdplan.forms.write import BOUNDS, PERIODS
from gdplan.ledger.statuses import FILE_COLUMNS, read_statuses
from gdplan.model import Plan
from gdplan.observations.read import read_observations
from gdplan.problems import Problem, ProblemError, refuse

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("region_code", "region", "indicator", "year", "period", "value", "unit", "bound",
           "published", "source", "url", "access", "note")  # fmt: skip


Key = tuple[str, ...]
FULL = [period.value for period in PERIODS.values()]
WORDS = {bound.value: word for word, bound in BOUNDS.items()}


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """What an import did: the new file or none, new and already known figures, empty cells; the
    same of statuses, and what to ask the offices about figures and statuses that stand."""

    file: Path | None
    added: int
    known: int
    empty: int
    ledger: Path | None = None
    statuses: int = 0
    statuses_known: int = 0
    statuses_empty: int = 0
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be written with its record, and the reader that has to accept it first."""

    path: Path
    text: str
    sidecar: str
    read: Callable[[Path, Plan], object]


def append(
    files: Sequence[Path], *, plan: Plan, today: str, home: Path | None = None
) -> ImportRecord:
    """Read forms and add what is new to data/raw/observations and data/raw/ledger: all or nothing.

    Raises
    ------
    ProblemError
        Every fault of every form, by file and sheet!cell.
    """
    filled: list[Filled] = []
    problems: list[Problem] = []
    for file in files:
        try:
            filled.append(read(Path(file), plan, today=today))
        except ProblemError as error:
            problems += error.problems
    problems += _twice(filled)
    raw = (home or resources.data_folder()) / "raw"
    frame = _there(raw / "observations", plan)
    news, known, conflicts = _news(filled, frame, plan)
    said = ledger_append.news(filled, raw / "ledger", plan)
    problems += [*conflicts, *said.problems]
    refuse(problems)
    new_files = [
        _file(raw / "observations", _csv(COLUMNS, news), "填报数据", read_observations, plan,
              files, today)
        if news else None,
        _file(raw / "ledger", _csv(FILE_COLUMNS, said.rows), "工作台账填报", read_statuses, plan,
              files, today)
        if said.rows else None,
    ]  # fmt: skip
    _write([file for file in new_files if file], plan)
    places = [file.path if file else None for file in new_files]
    return ImportRecord(
        places[0], len(news), known, sum(form.empty for form in filled),
        places[1], len(said.rows), said.known, sum(form.ledger.empty for form in filled),
        (*form_questions.questions(_with_cells(filled, news), frame, plan),
         *(text for form in filled for text in form.ledger.questions)),
    )  # fmt: skip


def _file(
    folder: Path, text: str, what: str, read: Callable[[Path, Plan], object], plan: Plan,
    files: Sequence[Path], today: str,
) -> NewFile:  # fmt: skip
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    path = folder / f"form-{plan.id}-{digest}.csv"
    return NewFile(path, text, _sidecar(plan, what, files, today), read)


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    return to_csv(columns, ([row[name] for name in columns] for row in rows))


def _cell(row: Mapping[str, str]) -> Key:
    """The cell of the table that a figure of one day answers for."""
    return tuple(row[k] for k in ("region_code", "indicator", "year", "period", "published"))


def _said(row: Mapping[str, str]) -> tuple[str, str]:
    return row["value"], row["bound"]


def _twice(filled: Sequence[Filled]) -> Iterator[Problem]:
    """The same figure of the same day reported in two forms and not alike."""
    seen: dict[Key, tuple[Mapping[str, str], str]] = {}
    for form in filled:
        for row, cell in zip(form.rows, form.cells, strict=True):
            first, place = seen.setdefault(_cell(row), (row, cell))
            if _said(first) != _said(row):
                yield Problem("reported_twice", cell,
                              f"{row['indicator']}{row['year']}年报了两个数",
                              f"{_shown(_said(first))}（{place}）", _shown(_said(row)))  # fmt: skip


def _shown(said: tuple[str, str]) -> str:
    return f"{said[0]}（{WORDS[said[1]]}）"


def _with_cells(
    filled: Sequence[Filled], news: Sequence[Mapping[str, str]]
) -> list[tuple[Mapping[str, str], str]]:
    """The new rows with the cells they were read from."""
    new = {id(row) for row in news}
    pairs = (pair for form in filled for pair in zip(form.rows, form.cells, strict=True))
    return [(row, cell) for row, cell in pairs if id(row) in new]


def _news(
    filled: Sequence[Filled], frame: pd.DataFrame, plan: Plan
) -> tuple[list[Mapping[str, str]], int, list[Problem]]:
    """Rows not yet known, the number of known ones, and those that contradict what is known."""
    known, reported = _told(frame, plan)
    news: dict[Key, Mapping[str, str]] = {}
    again, problems = 0, []
    for form in filled:
        for row, cell in zip(form.rows, form.cells, strict=True):
            key, said = (*_cell(row), row["source"]), _said(row)
            other = known.get(key) or reported.get(_cell(row)) or said
            if other != said:
                problems.append(
                    Problem("contradicts_known", cell,
                            f"{row['indicator']}{row['year']}年同一发布日期已有另一个数",
                            expected=_shown(other), found=_shown(said),
                            fix="更正数要写更正的发布日期")
                )  # fmt: skip
            elif key in known:
                again += 1
            else:
                news.setdefault(key, row)
    return [news[key] for key in sorted(news)], again, problems


def _there(folder: Path, plan: Plan) -> pd.DataFrame:
    """The figures known before."""
    import pandas as pd

    return read_observations(folder, plan) if any(folder.glob("*.csv")) else pd.DataFrame()


def _told(
    frame: pd.DataFrame, plan: Plan
) -> tuple[dict[Key, tuple[str, str]], dict[Key, tuple[str, str]]]:
    """What is said already: by cell and source, and what forms said by cell alone.

    Two published sources may differ on one day; two forms of an office may not.
    """
    known: dict[Key, tuple[str, str]] = {}
    reported: dict[Key, tuple[str, str]] = {}
    if frame.empty:
        return known, reported
    columns = ["region", "indicator", "year", "period", "published"]
    for row in frame[frame["period"].isin(FULL)].to_dict("records"):
        cell, said = tuple(str(row[k]) for k in columns), (str(row["raw"]), str(row["bound"]))
        known[*cell, str(row["source"])] = said
        if str(row["file"]).startswith(f"form-{plan.id}-"):
            reported[cell] = said
    return known, reported


def _sidecar(plan: Plan, what: str, files: Sequence[Path], today: str) -> str:
    names = (Path(f).name.encode("utf-8", "replace").decode() for f in files)
    digests = [f"{name} sha256 {hashlib.sha256(Path(f).read_bytes()).hexdigest()}"
               for name, f in zip(names, files, strict=True)]  # fmt: skip
    content = {
        "title": f"{plan.title}{what}",
        "description": "由填报表导入，照录填报单位所填，不填补、不推算。",
        "provenance": "；".join(digests), "retrieved": today,
        "licence": "填报单位提供，公开前应核对。", "encoding": "utf-8",
    }  # fmt: skip
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000)


def _write(files: Sequence[NewFile], plan: Plan) -> None:
    """Every file with its record, or none; the readers have to accept them first."""
    problems = [
        Problem("file_exists", file.path.name, "同名文件已在，内容被改过；没有覆盖",
                fix="恢复或移走该文件后重新导入")
        for file in files if file.path.exists()
    ]  # fmt: skip
    refuse(problems)
    done: list[Path] = []
    try:
        for file in files:
            _try(file, plan, done)
        for file in files:
            file.path.with_suffix(".part").rename(file.path)
            done.append(file.path)
    except BaseException:
        for path in done:
            path.unlink(missing_ok=True)
        raise
    finally:
        for file in files:
            file.path.with_suffix(".part").unlink(missing_ok=True)


def _try(file: NewFile, plan: Plan, done: list[Path]) -> None:
    """Write record and content beside their place and read them; ``done`` is what to undo."""
    file.path.parent.mkdir(parents=True, exist_ok=True)
    done.append(file.path.with_suffix(".yml"))
    file.path.with_suffix(".yml").write_text(file.sidecar, "utf-8", newline="\n")
    trial = file.path.with_suffix(".part")
    trial.write_text(file.text, "utf-8", newline="\n")
    file.read(trial, plan)
