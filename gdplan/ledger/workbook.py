"""The sheet 工作台账 of annex.xlsx: every commitment, its share and pace as live formulas."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gdplan.files.csv_table import column_letter
from gdplan.files.workbook import Cell, number
from gdplan.ledger import section as ledger_section
from gdplan.model import Comparator, Plan
from gdplan.page.language import Language
from gdplan.plans.commitments import Commitment, met

Row = Mapping[str, str]
COLUMNS = (
    "id", "where", "what", "target", "deadline", "status", "reported", "value", "unit", "figure",
    "share", "elapsed", "pace", "met", "judged", "why", "clash", "evidence", "explanation",
    "by", "source",
)  # fmt: skip
TESTS = {
    Comparator.ABOVE: "{figure}>{value}", Comparator.AT_MOST: "{figure}<={value}",
    Comparator.BELOW: "{figure}<{value}",
    Comparator.ABOUT: "{figure}>={value}*(1-p_about_tolerance)",
}  # fmt: skip


def header(say: Language) -> list[str]:
    """The names of the columns."""
    return [say(f"fulfilment.column.{name}") for name in COLUMNS]


def rows(ledger: Sequence[Row], plan: Plan, say: Language) -> list[list[Cell]]:
    """One line of cells per row of ledger.csv, whose fields come as text."""
    about = plan.parameters["about_tolerance"]
    return [_row(row, line, about, say) for line, row in enumerate(ledger, 2)]


def _row(row: Row, line: int, about: float, say: Language) -> list[Cell]:
    numbers = {k: number(row[k]) for k in ("figure", "share", "elapsed", "pace", "status_year")}
    typed: dict[str, Any] = {**row, **numbers, "value": float(row["value"])}
    typed["per_year"] = row["per_year"] == "True"
    worded = ("target", "judged", "status", "why", "clash")
    made = {name: Cell(ledger_section.cell(name, typed, say) if name in worded
                       else row.get(name, "")) for name in COLUMNS}  # fmt: skip
    made |= {name: _input(typed[name]) for name in ("value", "figure")}
    made |= {"elapsed": _input(typed["elapsed"], "0.0%"), "share": Cell(None), "pace": Cell(None)}
    place = {name: f"${column_letter(i)}{line}" for i, name in enumerate(COLUMNS)}
    return [(made | _formulas(typed, place, about))[name] for name in COLUMNS]


def _input(value: float, digits: str = "General") -> Cell:
    return Cell(None if math.isnan(value) else value, digits=digits)


def _formulas(row: dict[str, Any], place: dict[str, str], about: float) -> dict[str, Cell]:
    """Share, pace and whether the target is met, where there is a figure."""
    if math.isnan(row["figure"]):
        return {}
    wanted = Comparator(row["comparator"])
    item = Commitment("", "", wanted, row["value"], row["unit"], "", "", 0)
    test = "=" + TESTS.get(wanted, "{figure}>={value}").format(**place)
    made = {"met": Cell(met(item, row["figure"], about=about), test)}
    if not math.isnan(row["share"]):
        made["share"] = Cell(row["share"], "={figure}/{value}".format(**place), "0.0%")
    if not math.isnan(row["pace"]):
        made["pace"] = Cell(row["pace"], "={share}/{elapsed}".format(**place), "0.00")
    return made
