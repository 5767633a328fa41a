"""What filled-in forms say of commitments: what is new, known, or contradicts the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gdplan.forms.read import Filled
from gdplan.ledger.statuses import KEY, read_statuses
from gdplan.model import Plan
from gdplan.problems import Problem

Key = tuple[str, ...]
SAID = ("status", "figure", "evidence", "explanation")


class News(NamedTuple):
    """Rows not yet known, the number of known ones, and contradictions."""

    rows: list[Mapping[str, str]]
    known: int
    problems: list[Problem]


def news(filled: Sequence[Filled], folder: Path, plan: Plan) -> News:
    """Compare the reports of forms with each other and with the files of a folder.

    The same report of the same day is known; another one needs another day.
    """
    known = _there(folder, plan)
    fresh: dict[Key, tuple[Mapping[str, str], str]] = {}
    again, problems = 0, []
    for form in filled:
        for row, cell in zip(form.ledger.rows, form.ledger.cells, strict=True):
            key = _key(row)
            other, place = known.get(key) or fresh.setdefault(key, (row, cell))
            if _said(other) != _said(row):
                problems.append(
                    Problem("contradicts_known", cell, f"{row['what']}：同一填报日期已有另一种填报",
                            expected=f"{_shown(other)}（{place}）", found=_shown(row),
                            fix="更正要写更正的填报日期")
                )  # fmt: skip
            again += key in known
    return News([fresh[key][0] for key in sorted(fresh)], again, problems)


def _there(folder: Path, plan: Plan) -> dict[Key, tuple[Mapping[str, str], str]]:
    if not any(folder.glob("*.csv")):
        return {}
    rows = read_statuses(folder, plan).astype({"year": str}).to_dict("records")
    texts = [{str(k): str(v) for k, v in row.items()} | {"figure": str(row["raw"])} for row in rows]
    return {_key(row): (row, f"{row['file']}!{row['cell']}") for row in texts}


def _key(row: Mapping[str, str]) -> Key:
    return tuple(row[name] for name in KEY)


def _said(row: Mapping[str, str]) -> Key:
    return tuple(row[name] for name in SAID)


def _shown(row: Mapping[str, str]) -> str:
    return "，".join(text for text in _said(row) if text)
