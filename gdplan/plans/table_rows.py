"""Indicator tables of any plan text -> one row per indicator and target.

Works on the text alone, without metadata: what a table prints is read, what it does not print
(direction, scale) is left to plan.yml. Whatever cannot be read is listed by line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gdplan.dates import PLANS, YEAR
from gdplan.model import Comparator, Kind
from gdplan.notation import NUMERALS, parse_target
from gdplan.plans.raw_tables import SECTION, TITLE, RawRow, RawTable, find_tables
from gdplan.problems import Problem, ProblemError

_YEAR = re.compile(YEAR)
_PERIOD = re.compile("|".join(PLANS))
_OF_WHICH = re.compile(r"^\s*(?:——?|[-－—–·•])?\s*其\s*中\s*[:：]?\s*")
_SUB_NUMBER = re.compile(r"^\d+[.\-]\d+|^[（(]\d+[）)]$|^[①-⑳]$")
_INDENT = re.compile(r"^(?: {2,}|　+|\t+|[—–]{1,2}\s*|[-·•]\s+)")
_UNIT_TAIL = re.compile(r"[（(]\s*([^（）()\d]{1,8}|%|‰|％)\s*[）)]\s*$")
_UNITS = re.compile(
    r"^(?:%|％|‰|[百千万亿]*(?:人|人次|元|美元|户|家|个|所|件|项|次|张|岁|年|吨|吨标准煤|公顷|亩|"
    r"平方米|平方公里|公里|千瓦|千瓦时|立方米|床|辆|台|册|篇|位|名|片|座|处|宗|度|小时|天|分|人年)"
    r"(?:[/／每].{1,6})?|[百千万亿]+)$"
)
_GROWN = re.compile(r"^(?:年均|每年)(?:增长|增速|增幅|提高|[^\d]*[-\d.]+\s*[%％])")
_ATTRIBUTES = ("约束性", "预期性", "指导性")


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


@dataclass(frozen=True, slots=True)
class ParsedPlan:
    """All rows of all tables of a text, the notes under them, and what could not be read."""

    rows: tuple[ParsedRow, ...]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which column holds what, and which years it speaks of."""

    table: str
    columns: dict[str, int]
    targets: tuple[tuple[int, int | None], ...]
    base_year: int | None
    result_year: int | None
    width: int


@dataclass(slots=True)
class _Reading:
    """State while the rows of one table are read: section, and the open 其中 group."""

    name: str
    section: str = ""
    parent: ParsedRow | None = None
    group: ParsedRow | None = None
    count: int = 0
    children: int = 0
    listed: bool = False

    def enter(self, section: str) -> None:
        """A new section ends every group."""
        self.section, self.parent, self.group, self.listed = section, None, None, False


def parse_text(text: str, *, name: str = "plan.txt") -> ParsedPlan:
    """Read every indicator table of a plan text.

    Parameters
    ----------
    text : str
        The plan as text, tables in any of the layouts of :mod:`gdplan.plans.raw_tables`.
    name : str
        File name for the messages.

    Returns
    -------
    ParsedPlan
        One row per indicator and target year, in the order of the text.

    Examples
    --------
    >>> table = "指标\\t单位\\t2020年\\t2025年\\t属性\\n就业人数\\t万人\\t50\\t60以上\\t预期性"
    >>> [row] = parse_text(table).rows
    >>> row.base_raw, row.target_year, row.comparator, row.target_value
    ('50', 2025, '>=', 60.0)
    """
    rows: list[ParsedRow] = []
    notes: list[str] = []
    problems: list[Problem] = []
    text = text.replace("&emsp;", "　").replace("&nbsp;", " ").replace("**", "")
    period = _period(text)
    for order, raw in enumerate(find_tables(text), 1):
        layout = _layout(raw, order, period)
        rows += _read_table(raw, layout, name, problems)
        notes += raw.notes
        problems += [
            Problem(
                "stray_line", f"{name}:{stray.line}", "表中夹有读不懂的行", found=stray.cells[0]
            )
            for stray in raw.strays
        ]
    if not rows and not problems:
        problems.append(
            Problem("no_table", name, "没有找到指标表", expected="表头含“指标”和年份或目标值的表",
                    fix="核对文本是否完整、表格是否以文字保存")
        )  # fmt: skip
    return ParsedPlan(tuple(rows), tuple(notes), tuple(problems))


def _period(text: str) -> str:
    found = _PERIOD.findall(text[:20_000])
    return max(set(found), key=found.count) if found else ""


def _layout(raw: RawTable, order: int, period: str) -> _Layout:
    named = _PERIOD.search(raw.title + "".join(raw.header))
    years = PLANS.get(named[0] if named else period)
    base_guess, end_guess = (years[0] - 1, years[-1]) if years else (None, None)
    columns: dict[str, int] = {}
    dated: list[tuple[int, str, int | None]] = []
    for place, (role, cell) in enumerate(zip(raw.roles, raw.header, strict=True)):
        if role in ("year", "base", "target", "result"):
            year = _YEAR.search(cell)
            dated.append((place, role, int(year[0]) if year else None))
        elif role and role not in columns:
            columns[role] = place
    base, targets, result = _dated_columns(dated)
    if base is not None:
        columns["base"] = base[0]
    if result is not None:
        columns["result"] = result[0]
    return _Layout(
        table=_short_title(raw.title) or f"表{order}",
        columns=columns,
        targets=tuple((place, year or end_guess) for place, year in targets)
        or (((-1, end_guess),) if "rate" in columns else ()),
        base_year=(base[1] if base and base[1] else base_guess),
        result_year=(result[1] or end_guess) if result else None,
        width=len(raw.header),
    )


def _dated_columns(
    dated: list[tuple[int, str, int | None]],
) -> tuple[
    tuple[int, int | None] | None, list[tuple[int, int | None]], tuple[int, int | None] | None
]:
    """Base column, target columns and result column among the dated ones."""
    result = next(((p, y) for p, role, y in dated if role == "result"), None)
    base = next(((p, y) for p, role, y in dated if role == "base"), None)
    targets = [(p, y) for p, role, y in dated if role == "target"]
    plain = sorted(((p, y) for p, role, y in dated if role == "year"), key=lambda c: c[1] or 0)
    if base is None and plain and (targets or len(plain) > 1):
        base = plain.pop(0)
    return base, sorted(targets + plain, key=lambda c: c[0]), result


def _short_title(title: str) -> str:
    match = TITLE.match(title)
    return f"{match[1].replace(' ', '')}{match[2]}" if match else title


def _read_table(
    raw: RawTable, layout: _Layout, name: str, problems: list[Problem]
) -> list[ParsedRow]:
    rows: list[ParsedRow] = []
    reading = _Reading(name)
    for row in raw.rows:
        section = _section_of(row, raw)
        if section:
            reading.enter(section)
            continue
        if len(row.cells) != layout.width:
            problems.append(_ragged(row, layout, name))
            continue
        rows += _read_row(row, layout, reading, problems)
    return rows


def _section_of(row: RawRow, raw: RawTable) -> str:
    """The section's name when a row is nothing but a section heading."""
    filled = [c.strip() for c in row.cells if c.strip()]
    if len(filled) == 1 or (len(set(filled)) == 1 and filled):
        text = filled[0]
        if SECTION.match(text) or (len(row.cells) == len(raw.header) and not text.isdigit()):
            return text
    if len(filled) == 2 and len(row.cells) == len(raw.header):
        joined = "、".join(filled)
        if set(filled[0]) <= set(NUMERALS):
            return joined
    return ""


def _ragged(row: RawRow, layout: _Layout, name: str) -> Problem:
    found = f"{len(row.cells)}列：{'｜'.join(c.strip() for c in row.cells)[:80]}"
    return Problem("ragged_row", f"{name}:{row.line}", f"{layout.table}的一行列数与表头不符",
                   f"{layout.width}列", found, "核对该行是否缺格或多格，空格写 —")  # fmt: skip


def _read_row(
    row: RawRow, layout: _Layout, reading: _Reading, problems: list[Problem]
) -> list[ParsedRow]:
    cells, at = row.cells, layout.columns
    section = cells[at["section"]].strip() if "section" in at else ""
    if section:
        reading.enter(section)
    plain = _row(row, layout, reading)
    found: list[ParsedRow] = []
    rate = cells[at["rate"]].strip() if "rate" in at else ""
    for raw, year in _targets(cells, layout):
        try:
            grown = _GROWN.match(raw)
            target = parse_target(raw, unit="%" if grown else plain.unit or None)
            parse_target(plain.base_raw, unit=plain.unit or None)
        except ProblemError as error:
            problems += [
                replace(p, where=f"{reading.name}:{row.line} 第{plain.no}项 {plain.name}")
                for p in error.problems
            ]
            continue
        # The kind is the one that the cell announces, or else the name.
        kind = target.kind if target.kind.cell else Kind.in_name(plain.name)
        printed = rate if rate and raw == f"年均增长{rate}" else raw
        found.append(replace(plain, target_raw=printed, target_year=year, kind=kind.name,
                             comparator=target.comparator.value, target_value=target.value)
                     )  # fmt: skip
    if found:
        _open_groups(found[0], row, layout, reading)
        parent = reading.group.no if reading.group and reading.group.no != found[0].no else ""
        found = [replace(r, parent_no=parent) for r in found]
    return found


def _row(row: RawRow, layout: _Layout, reading: _Reading) -> ParsedRow:
    at = layout.columns
    cell = {role: row.cells[place].strip() for role, place in at.items()}
    name = _OF_WHICH.sub("", _INDENT.sub("", row.cells[at["name"]])).strip()
    no = cell.get("no", "").rstrip(".、．")
    if not no and "no" not in at:
        match = re.match(r"^(\d+)\s*[.、．]\s*(?=\D)", name)
        if match:
            no, name = match[1], name[match.end() :]
    reading.count += 1
    name, unit = _unit_of(name, cell.get("unit", ""))
    return ParsedRow(
        table=layout.table,
        no=no or _number(reading, "no" in at),
        name=name,
        unit=unit,
        base_year=layout.base_year,
        base_raw=cell.get("base", ""),
        attribute=_attribute(cell.get("attribute", "")),
        section=reading.section,
        result_year=layout.result_year,
        result_raw=cell.get("result", ""),
        line=row.line,
    )


def _number(reading: _Reading, numbered: bool) -> str:
    """A number for a row without one: running, or below the row it belongs to (17.1)."""
    if not numbered or reading.parent is None:
        return str(reading.count)
    reading.children += 1
    return f"{reading.parent.no}.{reading.children}"


def _unit_of(name: str, unit: str) -> tuple[str, str]:
    """Name and unit; a unit in the name's last brackets is taken out of the name."""
    clean = re.sub(r"\s+", "", name)
    match = _UNIT_TAIL.search(clean)
    if match and _UNITS.match(match[1]):
        return clean[: match.start()], unit or match[1].replace("％", "%")
    return clean, unit.replace("％", "%")


def _attribute(cell: str) -> str:
    text = re.sub(r"\s+", "", cell)
    return next((a for a in _ATTRIBUTES if text and (text in a or a in text)), text)


def _targets(cells: Sequence[str], layout: _Layout) -> list[tuple[str, int | None]]:
    """Target cells of a row with their years; the 年均/累计 column stands in for an empty one."""
    found = [(cells[p].strip(), year) for p, year in layout.targets if p >= 0]
    full = [(raw, year) for raw, year in found if not _is_empty(raw)]
    place = layout.columns.get("rate")
    if place is not None and not _is_empty(cells[place]):
        raw = cells[place].strip()
        bare = re.match(r"^[-−－+]?[\d.]+\s*[%％]?$|^[<>≥≤＞＜]", raw)
        year = layout.targets[-1][1] if layout.targets else None
        full.append((f"年均增长{raw}" if bare else raw, year))
    return full or found[:1] or [("", None)]


def _is_empty(raw: str) -> bool:
    try:
        target = parse_target(raw)
    except ProblemError:
        return False
    return target.comparator is Comparator.NONE and not re.search(r"\w", raw)


def _open_groups(first: ParsedRow, row: RawRow, layout: _Layout, reading: _Reading) -> None:
    """Keep ``reading.group`` (the whole of a 其中 group) and ``reading.parent`` up to date.

    A row is inside when it says 其中, is indented, is numbered below its whole (1.1, （1）), or
    follows a 其中 row with the whole's unit and kind and a smaller target.
    """
    cell = row.cells[layout.columns["name"]]
    listed = bool(_OF_WHICH.match(cell))
    numbered = "no" in layout.columns and bool(_SUB_NUMBER.match(first.no))
    if listed or numbered or _INDENT.match(cell):
        reading.group = reading.group or reading.parent
        reading.listed = reading.listed or listed
    elif not (reading.group and reading.listed and _inside(first, reading.group)):
        reading.group, reading.listed = None, False
    if reading.group is None:
        reading.parent, reading.children = first, 0


def _inside(row: ParsedRow, whole: ParsedRow) -> bool:
    if (row.unit, row.kind) != (whole.unit, whole.kind) or row.unit in ("", "%"):
        return False
    if row.target_value is None or whole.target_value is None:
        return False
    return row.target_value < whole.target_value
