"""Reported statuses of commitments: data/raw/ledger -> one frame with vintages and source cells.

Nothing is overwritten: every report of every day stands in the frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gdplan.dates import is_day
from gdplan.files import places, strict_yaml
from gdplan.files.csv_table import column_letter, read_table
from gdplan.model import Plan
from gdplan.observations import row_checks
from gdplan.plans.choices import check_choices
from gdplan.plans.commitments import Commitment, countable, met, of_plan, target_text
from gdplan.plans.load import known_plans
from gdplan.problems import Problem, ProblemError, closest

if TYPE_CHECKING:
    import pandas as pd

FILE_COLUMNS = ("plan", "id", "what", "year", "reported", "status", "figure", "unit", "evidence",
                "explanation", "by", "note", "simulated")  # fmt: skip
REQUIRED = FILE_COLUMNS[:6]
OPTIONAL = dict.fromkeys(FILE_COLUMNS[6:-1], "") | {"simulated": "false"}
COLUMNS = ("plan", "id", "what", "year", "reported", "known", "status", "figure", "raw", "unit",
           "evidence", "explanation", "by", "note", "file", "cell", "simulated")  # fmt: skip
KEY = ("plan", "id", "year", "reported")
NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Status(StrEnum):
    """What an office may say of a commitment."""

    NOT_STARTED = "未启动"
    UNDER_WAY = "推进中"
    DONE = "已完成"
    BEHIND = "滞后"


class Fault(NamedTuple):
    """Why a report of a status cannot stand: the field to mend, and the words for it."""

    key: str
    field: str
    message: str
    fix: str


def read_statuses(
    path: str | Path | Sequence[str | Path] | None = None,
    plan: Plan | None = None,
    *,
    beside: str | Path = "",
) -> pd.DataFrame:
    """Read reported statuses from CSV files.

    Parameters
    ----------
    path : file, folder or sequence of them, optional
        Default: the folder ``ledger`` beside that of the observations; without it nothing was
        reported yet.
    plan : Plan, optional
        With it, its rows alone are given, and each must speak of one of its commitments.
    beside : str or Path
        File or folder of the observations; empty means the project's own.

    Returns
    -------
    DataFrame
        One row per reported status, columns :data:`COLUMNS`; ``figure`` in the commitment's
        unit, nan where none was given, ``raw`` its digits; ``known`` is the day of the report.

    Raises
    ------
    ProblemError
        With every fault of every file: unknown plan, commitment or status, no number, no date,
        a status that contradicts its figure without an explanation, two reports of one day.

    Examples
    --------
    >>> list(read_statuses().columns)[:3]
    ['plan', 'id', 'what']
    """
    import pandas as pd

    if plan is not None:
        check_choices(plan)
    found: list[dict[str, object]] = []
    problems: list[Problem] = []
    for file in files(beside) if path is None else _files(path):
        rows, faults = _read_file(file, plan)
        found += rows
        problems += faults
    problems += _twice(found)
    if problems:
        raise ProblemError(problems)
    frame = pd.DataFrame(found, columns=list(COLUMNS))
    frame = frame.astype({"known": "datetime64[s]", "figure": float, "simulated": bool})
    return frame if plan is None else frame[frame["plan"] == plan.id].reset_index(drop=True)


def faults(
    status: Status, figure: float | None, evidence: str, explanation: str, item: Commitment,
    *, about: float,
) -> Iterator[Fault]:  # fmt: skip
    """What must not stand: done without evidence, a figure that contradicts it unexplained.

    ``about`` is the tolerance of 左右, see :func:`gdplan.plans.commitments.met`.
    """
    if status is Status.DONE and not evidence:
        yield Fault(
            "missing_evidence", "evidence", "已完成而没有佐证材料", "写明文件、网页或验收材料"
        )
    said = contradiction(status, figure, item, about=about)
    if said and not explanation:
        yield Fault("status_contradicts_figure", "status", said, "改正其一，或在情况说明中写明原因")


def contradiction(
    status: Status, figure: float | None, item: Commitment, *, about: float
) -> str:  # fmt: skip
    """In what a status and its figure cannot both be right, or nothing.

    Examples
    --------
    >>> item = Commitment("", "建成10个", ">=", 10.0, "个", "2025", "", 1)
    >>> contradiction(Status.DONE, 8.0, item, about=0.05)
    '报已完成，完成数未达到目标（不少于10个）'
    """
    if figure is None:
        return ""
    if status is Status.DONE and not met(item, figure, about=about):
        return f"报已完成，完成数未达到目标（{target_text(item)}）"
    if status is Status.NOT_STARTED and figure > 0 and countable(item):
        return "报未启动，却有完成数"
    return ""


def question(
    status: Status, figure: float | None, item: Commitment, *, about: float
) -> str:  # fmt: skip
    """What to ask the office about a report that stands: no fault, but odd."""
    said = contradiction(status, figure, item, about=about)
    if said or figure is None or status is Status.DONE or item.per_year or not countable(item):
        return said
    return f"完成数已达到目标，仍报{status}" if met(item, figure, about=about) else ""


def files(observations: str | Path = "") -> list[Path]:
    """The ledger files that go with a file or folder of observations, see :func:`read_statuses`."""
    if not observations:
        return sorted((places.data_folder() / "raw" / "ledger").glob("*.csv"))
    given = places.located(observations)
    folder = (given if given.is_dir() else given.parent).resolve().parent
    return sorted((folder / "ledger").glob("*.csv"))


def _files(path: str | Path | Sequence[str | Path]) -> list[Path]:
    given = [path] if isinstance(path, (str, Path)) else list(path)
    found: list[Path] = []
    problems = []
    for item in map(places.located, given):
        inside = sorted(item.glob("*.csv")) if item.is_dir() else [item]
        if not inside or not all(file.is_file() for file in inside):
            problems.append(Problem("missing_file", str(item), "台账文件不存在",
                                    expected="CSV 文件或其文件夹", fix="核对路径"))  # fmt: skip
        found += inside
    if problems:
        raise ProblemError(problems)
    return found


def _read_file(path: Path, plan: Plan | None) -> tuple[list[dict[str, object]], list[Problem]]:
    problems: list[Problem] = []
    sidecar = path.with_suffix(".yml")
    try:
        if sidecar.is_file():
            strict_yaml.validate(row_checks.Sidecar, strict_yaml.read_yaml(sidecar))
        table = read_table(path, REQUIRED, OPTIONAL)
    except ProblemError as error:
        return [], [*problems, *error.problems]
    problems += table.problems
    place = {name: column_letter(i) for i, name in enumerate(table.header)}
    plans = {*known_plans(), *([plan.id] if plan else [])}
    items = {item.id: item for item in of_plan(plan)} if plan else {}
    rows: list[dict[str, object]] = []
    for row in table.cells.to_dict("records"):
        text = {str(k): str(v) for k, v in row.items()}
        item = items.get(text["id"])
        wrong = [*_words(text, plans)]
        if not wrong and plan is not None and text["plan"] == plan.id:
            wrong = [*_against(text, item, items, plan)]
        problems += [
            Problem(f.key, f"{path.name}:{text['line']}", f"{f.field}：{f.message}",
                    found=text.get(f.field, ""), fix=f.fix)
            for f in wrong
        ]  # fmt: skip
        if not wrong:
            rows.append(_row(text, path.name, place["status"]))
    return rows, problems


def _words(text: Mapping[str, str], plans: set[str]) -> Iterator[Fault]:
    """What is wrong with a row by itself."""
    if text["plan"] not in plans:
        yield Fault("unknown_plan", "plan", "没有这个规划", closest(text["plan"], plans))
    if text["status"] not in list(Status):
        yield Fault("unknown_status", "status", "不认识的状态", "、".join(Status))
    if text["figure"] and not NUMBER.fullmatch(text["figure"]):
        yield Fault("not_a_number", "figure", "不是数值", "如 120")
    dated = re.fullmatch(r"20\d\d", text["year"])
    if not dated:
        yield Fault("not_a_year", "year", "不是年份", "如 2023")
    if not is_day(text["reported"]):
        yield Fault("not_a_date", "reported", "不是日期", "如 2024-01-15")
    elif dated and text["reported"][:4] < text["year"]:
        yield Fault("wrong_date", "reported", "填报日期早于所报年份", "核对日期")
    if text["simulated"].lower() not in ("true", "false"):
        yield Fault("unknown_word", "simulated", "应为 true 或 false", "改正")


def _against(
    text: Mapping[str, str], item: Commitment | None, items: Mapping[str, Commitment], plan: Plan
) -> Iterator[Fault]:
    """What is wrong with a row in the light of the plan's commitments."""
    if not plan.base_year < int(text["year"]) <= plan.target_year:
        yield Fault("no_such_year", "year", "不是规划期内的年份", "核对年份")
    if item is None:
        same = [i.id for i in items.values() if i.what == text["what"]]
        fix = f"原文改动后编号会变；事项相同的编号是 {'、'.join(same)}" if same else (
            "编号见 data/processed 中该规划的 commitments.csv")  # fmt: skip
        yield Fault("unknown_commitment", "id", "规划中没有这项承诺", fix)
        return
    if text["figure"] and text["unit"] and text["unit"] != item.unit:
        yield Fault("wrong_unit", "unit", "与承诺事项的单位不同", f"折算为{item.unit}")
    figure = float(text["figure"]) if text["figure"] else None
    yield from faults(Status(text["status"]), figure, text["evidence"], text["explanation"], item,
                      about=plan.parameters["about_tolerance"])  # fmt: skip


def _row(text: Mapping[str, str], file: str, column: str) -> dict[str, object]:
    import pandas as pd

    return {
        **{name: text[name] for name in COLUMNS if name in text},
        "year": int(text["year"]), "known": pd.Timestamp(text["reported"]),
        "figure": float(text["figure"]) if text["figure"] else float("nan"),
        "raw": text["figure"], "file": file, "cell": f"{column}{text['line']}",
        "simulated": text["simulated"].lower() == "true",
    }  # fmt: skip


def _twice(rows: Sequence[Mapping[str, object]]) -> Iterator[Problem]:
    seen: dict[tuple[object, ...], str] = {}
    for row in rows:
        place = f"{row['file']}!{row['cell']}"
        first = seen.setdefault(tuple(row[k] for k in KEY), place)
        if first != place:
            yield Problem("reported_twice", place, "同一承诺、年份、填报日期报了两次",
                          found=first, fix="更正要写更正的日期")  # fmt: skip
