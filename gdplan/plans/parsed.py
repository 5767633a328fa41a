"""What the reader of a plan's document finds: rows as printed, cells in doubt, problems."""

from __future__ import annotations

from dataclasses import dataclass

from gdplan.plans.answers import Cell
from gdplan.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedRow:
    """One indicator and one target, cells as printed; the fields are PARSED_COLUMNS and line."""

    table: str
    no: str
    name: str
    unit: str
    base_year: int | None
    base_raw: str
    target_year: int | None = None
    target_raw: str = ""
    kind: str = ""
    comparator: str = ""
    target_value: float | None = None
    attribute: str
    parent_no: str = ""
    section: str
    result_year: int | None
    result_raw: str
    line: int
    department: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A cell that cannot be read as it is printed, and the row it stands in."""

    row: ParsedRow
    cell: Cell
    printed: str


@dataclass(frozen=True, slots=True)
class ParsedPlan:
    """All rows of all tables of a text, the notes under them, and what could not be read."""

    rows: tuple[ParsedRow, ...]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]
    doubts: tuple[Doubt, ...] = ()
