"""What the reader of a plan's document finds: rows as printed, cells in doubt, problems."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gdplan.notation import parse_target
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
    told_of: tuple[str, ...] = ()
    """The table each problem is of, in their order; empty for one of the whole document."""

    def problems_of(self, tables: Sequence[str]) -> tuple[Problem, ...]:
        """The problems of some tables and of the whole document: no plan fails by a table that it
        does not judge."""
        told = zip(self.problems, self.told_of, strict=True)
        return tuple(problem for problem, table in told if table in ("", *tables))


def renumbered(parsed: ParsedPlan, tables: Sequence[str]) -> ParsedPlan:
    """The rows with numbers that are theirs alone among several tables judged together: those of a
    second table that begins anew are 2-1, 2-2."""
    taken: set[str] = set()
    again: dict[str, str] = {}
    for place, table in enumerate(tables, 1):
        own = {row.no for row in (*parsed.rows, *(d.row for d in parsed.doubts))
               if row.table == table}  # fmt: skip
        if taken & own:
            again[table] = f"{place}-"
            own = {f"{place}-{no}" for no in own}
        taken |= own

    def moved(row: ParsedRow) -> ParsedRow:
        sign = again.get(row.table, "")
        return replace(row, no=sign + row.no, parent_no=row.parent_no and sign + row.parent_no)

    if not again:
        return parsed
    doubts = tuple(replace(doubt, row=moved(doubt.row)) for doubt in parsed.doubts)
    return replace(parsed, rows=tuple(map(moved, parsed.rows)), doubts=doubts)


_FALLS = re.compile("降低|下降|降幅|减少|削减")


def open_kinds(row: ParsedRow) -> dict[str, str]:
    """The kinds that a bracket leaves open, and what each would mean: beside a base without one,
    in a row that speaks of a fall, or in per cent (METHOD 1.1)."""
    target = parse_target(row.target_raw, unit=row.unit or None)
    base = parse_target(row.base_raw, unit=row.unit or None)
    share, falls = row.unit in ("%", "‰"), bool(_FALLS.search(row.name))
    if target.kind.cell == "cut" and row.unit in ("%", "‰") and base.value is not None:
        return {"reduction": "五年累计降低这么多，各年填降幅", "change": "比基期降低这么多个百分点"}
    if target.kind.cell in ("growth", "gain", "cut"):
        return {}
    if target.value is None or not (target.total or (falls and share and not base.has_number)):
        return {}
    if not target.total:
        return {"reduction": "五年累计降低这么多，各年填降幅", "level": "目标年的水平",
                "annual": "每年降低这么多"}  # fmt: skip
    kinds = {"cumulative": "各年数相加"}
    if base.value is not None and not base.total:
        kinds["change"] = "在基期数上增加这么多"
    if share or (falls and "%" in row.target_raw):
        kinds["reduction"] = "五年累计降低这么多，各年填降幅"
    if share:
        kinds["rate"] = "五年累计增长这么多，各年填增速"
        kinds.setdefault("change", "在基期数上提高这么多个百分点")
    return kinds if len(kinds) > 1 else {}
