"""Indicator tables of any plan text -> one row per indicator and target.

Works on the text alone, without metadata: what a table prints is read, what it does not print
(direction, scale) is left to plan.yml. Whatever cannot be read is listed by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from gdplan.files.documents.document import Document, of_text
from gdplan.model import Attribute, Comparator, Kind, Mode
from gdplan.notation import NUMERALS, parse_target
from gdplan.plans import goals
from gdplan.plans.answers import Answers, Cell
from gdplan.plans.grid_tables import lost_tables, tables_of
from gdplan.plans.header_words import SECTION
from gdplan.plans.numbering import Numbering
from gdplan.plans.parsed import Doubt, ParsedPlan, ParsedRow
from gdplan.plans.raw_tables import LOOKAHEAD, RawRow, RawTable, find_tables, unit_line
from gdplan.plans.table_layout import Layout, layout_of, period_of
from gdplan.plans.units import is_unit
from gdplan.problems import Problem, ProblemError

NOTHING_SAID = Answers()
_OF_WHICH = re.compile(r"^\s*(?:——?|[-－—–·•])?\s*其\s*中\s*[:：]?\s*")
_SUB_NUMBER = re.compile(r"^\d+[.\-]\d+|^[（(]\d+[）)]$|^[①-⑳]$")
_INDENT = re.compile(r"^(?: {2,}|　+|\t+|[—–]{1,2}\s*|[-·•]\s+)")
_UNIT_TAIL = re.compile(r"[（(]([^（）()]{1,14})[）)]$")
_GROWN = re.compile(r"^(?:年均|每年)(?:增长|增速|增幅|提高|[^\d]*[-\d.]+\s*[%％])")
_ATTRIBUTES = (Attribute.BINDING, Attribute.EXPECTED, Attribute.GUIDING)


@dataclass(slots=True)
class _Reading:
    """State while the rows of one table are read: section, and the open 其中 groups."""

    document: Document
    layout: Layout
    answers: Answers
    unit: str = ""
    numbers: Numbering = field(default_factory=Numbering)
    section: str = ""
    parent: ParsedRow | None = None
    group: ParsedRow | None = None
    count: int = 0
    children: int = 0
    listed: bool = False
    above: list[tuple[int, str]] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def enter(self, section: str) -> None:
        """A new section ends every group."""
        if section != self.section:
            self.section, self.parent, self.group, self.listed = section, None, None, False

    def place(self, row: RawRow, plain: ParsedRow, found: str = "") -> str:
        """Where a row stands, or the cell of it that holds a text, with its number and name."""
        inside = [n for n, cell in enumerate(row.cells, 1) if found and cell.strip() == found]
        column = f" 第{inside[0]}列" if len(inside) == 1 else ""
        return f"{self.document.place(row.line)}{column} 第{plain.no}项 {plain.name}"


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
    return parse_document(of_text(text, name))


def parse_document(document: Document, *, answers: Answers = NOTHING_SAID) -> ParsedPlan:
    """Read every indicator table of a document.

    Parameters
    ----------
    document : Document
        From :func:`gdplan.files.documents.read.read`, or :func:`parse_text`'s lines.
    answers : mapping, optional
        By table and number, what plan.yml says of cells that cannot be read as they are printed.

    Returns
    -------
    ParsedPlan
        One row per indicator and target year, in the order of the document, and every problem with
        its place in it.
    """
    rows: list[ParsedRow] = []
    notes: list[str] = []
    problems: list[Problem] = []
    doubts: list[Doubt] = []
    told_of: list[str] = []
    period, lines = period_of(document.text), document.lines
    for order, raw in enumerate(_raw_tables(document), 1):
        layout = layout_of(raw.title, raw.header, order, period, answers.columns)
        above = reversed(lines[max(raw.line - 1 - LOOKAHEAD, 0) : raw.line - 1])
        unit = next(filter(None, map(unit_line, above)), "")
        reading = _Reading(document, layout, answers, unit)
        if layout.fault and raw.rows:
            problems.append(Problem("unreadable_table", document.place(raw.line),
                                    f"{layout.table}不能用作指标表：{layout.fault}",
                                    "一列基期数和一列目标数", "｜".join(raw.header)[:80],
                                    "核对表头的年份"))  # fmt: skip
            told_of += [layout.table]
            continue
        problems += _layout_problems(raw, layout, document)
        rows += _read_table(raw, reading, problems)
        doubts += reading.doubts
        notes += raw.notes
        problems += [
            Problem("stray_line", document.place(stray.line), "表中夹有读不懂的行",
                    found=stray.cells[0])
            for stray in raw.strays
        ]  # fmt: skip
        told_of += [layout.table] * (len(problems) - len(told_of))
    if not rows and not problems:
        problems += lost_tables(document)
    if not rows and not problems:
        rows += goals.of_prose(document)
    if not rows and not problems:
        problems.append(
            Problem("no_table", document.name, "没有找到指标表，正文中也没有带数量的主要目标",
                    expected="表头含“指标”和年份或目标值的表，或“主要目标”一节",
                    fix="核对文档是否完整、表格是否还是表格")
        )  # fmt: skip
    told_of += [""] * (len(problems) - len(told_of))
    return ParsedPlan(
        tuple(rows), tuple(notes), tuple(problems), tuple(doubts), tuple(told_of)
    )  # fmt: skip


def _raw_tables(document: Document) -> list[RawTable]:
    text = document.text
    if not document.plain:
        return tables_of(document)
    return find_tables(text.replace("&emsp;", "　").replace("&nbsp;", " ").replace("**", ""))


def _layout_problems(raw: RawTable, layout: Layout, document: Document) -> Iterator[Problem]:
    """Columns that nobody understands: their cells would be lost without a word."""
    filled = [
        place
        for place, cell in enumerate(raw.header)
        if not cell.strip()
        and any(
            len(row.cells) == layout.width and re.search(r"\w", row.cells[place])
            for row in raw.rows
        )
    ]
    for place in filled:
        if place not in layout.columns.values():
            yield Problem("unknown_column", document.place(raw.line),
                          f"{layout.table}第{place + 1}列没有表头，其内容没有读入",
                          "指标、单位、年份等", "空", "核对文档该列是否完整")  # fmt: skip
    for cell in layout.unknown:
        yield Problem("unknown_column", document.place(raw.line), f"{layout.table}有一列读不懂",
                      "指标、单位、年份、目标值、属性等", cell,
                      f'在 plan.yml 写 columns: {{"{cell}": ignore}} 或其含义'
                      )  # fmt: skip


def _read_table(raw: RawTable, reading: _Reading, problems: list[Problem]) -> list[ParsedRow]:
    rows: list[ParsedRow] = []
    layout = reading.layout
    cells = [row.cells for row in raw.rows if len(row.cells) == layout.width]
    reading.numbers = Numbering.of(cells, layout.columns)
    for row in raw.rows:
        section = _section_of(row, raw)
        if section:
            reading.enter(section)
            continue
        if len(row.cells) != layout.width:
            problems.append(_ragged(row, reading))
            continue
        rows += _read_row(row, reading, problems)
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


def _ragged(row: RawRow, reading: _Reading) -> Problem:
    layout = reading.layout
    found = f"{len(row.cells)}列：{'｜'.join(c.strip() for c in row.cells)[:80]}"
    return Problem("ragged_row", reading.document.place(row.line),
                   f"{layout.table}的一行列数与表头不符", f"{layout.width}列", found,
                   "核对该行是否缺格或多格，空格写 —")  # fmt: skip


def _read_row(row: RawRow, reading: _Reading, problems: list[Problem]) -> list[ParsedRow]:
    at = reading.layout.columns
    section = row.cells[at["section"]].strip() if "section" in at else ""
    if section and section != row.cells[at["name"]].strip():
        reading.enter(section)
    plain = _row(row, reading)
    faults = [*_plain_faults(plain)]
    found: list[ParsedRow] = []
    for raw, printed, year in _targets(row.cells, reading, plain):
        try:
            found.append(_with_target(plain, raw, printed, year))
        except ProblemError as error:
            faults += error.problems
    problems += [replace(p, where=reading.place(row, plain, p.found)) for p in faults]
    reading.doubts += [Doubt(plain, *_doubtful(p)) for p in faults if p.key not in _UNSAID]
    if any(fault.key in _REFUSED for fault in faults):
        found = []
    _open_groups(found[0] if found else plain, row, reading)
    parent = _parent(found[0] if found else plain, row, reading)
    return [replace(r, parent_no=parent) for r in found]


_REFUSED = {"unknown_attribute", "no_name", "shifted_row"}
"""Faults that refuse a row whole; a bad base loses no good target."""


_UNSAID = {"no_name", "shifted_row"}


def _doubtful(fault: Problem) -> tuple[Cell, str]:
    """Which cell a fault is of, and what it prints."""
    cells: dict[str, Cell] = {"unreadable_base": "base", "unknown_attribute": "attribute"}
    return cells.get(fault.key, "target"), fault.found


def _plain_faults(plain: ParsedRow) -> Iterator[Problem]:
    """What of a row's cells beside its targets cannot be read."""
    if not re.search(r"\w", plain.name):
        yield Problem("no_name", "", "该行没有指标名称", "指标名称", plain.name or "空",
                      "核对该行是否为续行或合并单元格")  # fmt: skip
    if re.search(r"\w", plain.attribute) and plain.attribute not in _ATTRIBUTES:
        yield Problem("unknown_attribute", "", "指标属性读不懂", "、".join(_ATTRIBUTES),
                      plain.attribute, "核对该格；在 plan.yml 的 say 中写明应读作什么")  # fmt: skip
    shifted = [
        c for c in (plain.unit, plain.base_raw, plain.result_raw) if _attribute(c) in _ATTRIBUTES
    ]
    if shifted or re.fullmatch(r"[\d.,]+", plain.unit):
        yield Problem("shifted_row", "", "该行各格与表头错位", "单位、基期数、目标数各在其列",
                      "｜".join((plain.unit, plain.base_raw, plain.attribute)),
                      "核对该行是否缺格或多格")  # fmt: skip
    try:
        parse_target(plain.base_raw, unit=plain.unit or None)
    except ProblemError as error:
        yield from (replace(p, key="unreadable_base", message="基期格读不懂")
                    for p in error.problems)  # fmt: skip


def _with_target(plain: ParsedRow, raw: str, printed: str, year: int | None) -> ParsedRow:
    """A row with one of its targets, its kind announced by the cell, or else by the name."""
    if _attribute(raw) in _ATTRIBUTES:
        raise ProblemError.of("shifted_row", "", "该行各格与表头错位：目标格是指标属性",
                              found=raw, fix="核对该行是否缺格或多格")  # fmt: skip
    grown = _GROWN.match(raw)
    target = parse_target(raw, unit="%" if grown else plain.unit or None)
    kind = target.kind if target.kind.cell else Kind.in_name(plain.name)
    unit = plain.unit or ("" if kind.mode is Mode.CHAIN else target.unit or "")
    return replace(plain, unit=unit, target_raw=printed, target_year=year, kind=kind.name,
                   comparator=target.comparator.value, target_value=target.value)  # fmt: skip


def _row(row: RawRow, reading: _Reading) -> ParsedRow:
    layout = reading.layout
    cell = {role: row.cells[place].strip() for role, place in layout.columns.items()}
    name = _OF_WHICH.sub("", _INDENT.sub("", row.cells[layout.columns["name"]])).strip()
    no, name = reading.numbers.split(cell.get("no"), name, reading.count + 1)
    reading.count += 1
    no = no or _number(reading)

    def read(field: Cell, printed: str) -> str:
        return reading.answers.of(layout.table, no, field, printed)

    name = re.sub(r"[*＊†①-⑳⁰¹²³⁴⁵⁶⁷⁸⁹]+$", "", name)
    name, unit = _unit_of(read("name", name), read("unit", cell.get("unit", "")))
    unit = unit or _shared_unit(cell, row, reading)
    unnamed = "—" if "attribute" in cell else ""
    return ParsedRow(
        table=layout.table,
        no=no,
        name=name,
        unit=unit,
        base_year=layout.base_year,
        base_raw=read("base", cell.get("base", "")),
        attribute=_attribute(read("attribute", cell.get("attribute", ""))) or unnamed,
        section=reading.section,
        result_year=layout.result_year,
        result_raw=read("result", cell.get("result", "")),
        line=row.line,
        department=cell.get("department", ""),
        place=reading.document.place(row.line),
    )


def _number(reading: _Reading) -> str:
    """A number for a row without one: running, or below the row it belongs to (17.1)."""
    if not reading.numbers.numbered or reading.parent is None:
        return str(reading.count)
    reading.children += 1
    return f"{reading.parent.no}.{reading.children}"


def _shared_unit(cell: Mapping[str, str], row: RawRow, reading: _Reading) -> str:
    """The unit above the table for a row that prints none of its own."""
    printed = [cell.get("base", ""), *(row.cells[n] for n, _ in reading.layout.targets if n >= 0)]
    own = any(re.search(r"\d[\d.,]*\s*[%‰一-鿿]", re.sub("以[上内下]|左右|上下|多|余", "", c))
              for c in printed)  # fmt: skip
    return "" if own else reading.unit


def _unit_of(name: str, unit: str) -> tuple[str, str]:
    """Name and unit; a unit in the name's last brackets is taken out of the name."""
    clean = re.sub(r"\s+", "", name)
    match = _UNIT_TAIL.search(clean)
    given = unit.replace("％", "%").strip()
    if match and is_unit(match[1]):
        bare = "" if set(given) <= set("-—–/") else given
        return clean[: match.start()], bare or match[1].replace("％", "%")
    return clean, given


def _attribute(cell: str) -> str:
    text = re.sub(r"\s+|指标$", "", cell)
    return next((a for a in _ATTRIBUTES if text and text in (a, a[:2])), text)


def _targets(
    cells: Sequence[str], reading: _Reading, plain: ParsedRow
) -> list[tuple[str, str, int | None]]:
    """Target cells of a row as read, as printed, and their years; the columns 年均/累计 stand in
    for an empty one."""
    layout, table, no = reading.layout, reading.layout.table, plain.no
    found = [(cells[p].strip(), year) for p, year in layout.targets if p >= 0]
    read = [(reading.answers.of(table, no, "target", raw), year) for raw, year in found]
    full = [(raw, raw, year) for raw, year in read if not _is_empty(raw)]
    year = layout.targets[-1][1] if layout.targets else None
    for role in ("rate", "total"):
        place = layout.columns.get(role)
        if place is not None and not _is_empty(cells[place]):
            raw = reading.answers.of(table, no, "target", cells[place].strip())
            full.append((_announced(role, raw), raw, year))
    return full or [(raw, raw, year) for raw, year in read[:1]] or [("", "", None)]


def _announced(role: str, raw: str) -> str:
    """A bare number in a column of growth or totals, with the word that its head has for it."""
    bare = re.match(r"^[-−－+]?[\d.,]+\s*[%％]?$|^[<>≥≤＞＜]", raw)
    if not bare:
        return raw
    return f"年均增长{raw}" if role == "rate" else f"[{raw}]"


def number_in(raw: str, unit: str) -> float | None:
    """The number of a printed cell; None for an empty one, words, and what cannot be read."""
    try:
        return parse_target(raw, unit=unit or None).value
    except ProblemError:
        return None


def _is_empty(raw: str) -> bool:
    try:
        target = parse_target(raw)
    except ProblemError:
        return False
    return target.comparator is Comparator.NONE and not re.search(r"\w", raw)


def _open_groups(first: ParsedRow, row: RawRow, reading: _Reading) -> None:
    """Keep ``reading.group`` (the whole of a 其中 group) and ``reading.parent`` up to date.

    A row is inside when it says 其中, is indented, is numbered below its whole (1.1, （1）), or
    follows a 其中 row with the whole's unit and kind and a smaller target.
    """
    at = reading.layout.columns
    cell = row.cells[at["name"]]
    listed = bool(_OF_WHICH.match(cell))
    numbered = "no" in at and not reading.numbers.dressed and bool(_SUB_NUMBER.match(first.no))
    if listed or numbered or _INDENT.match(cell):
        reading.group = reading.group or reading.parent
        reading.listed = reading.listed or listed
    elif not (reading.group and reading.listed and _inside(first, reading.group)):
        reading.group, reading.listed = None, False
    if reading.group is None:
        reading.parent, reading.children = first, 0


def _parent(first: ParsedRow, row: RawRow, reading: _Reading) -> str:
    """Number of the row that a 其中 row belongs to: the nearest above that is less indented."""
    if reading.group is None or reading.group.no == first.no:
        reading.above = []
        return ""
    blanks = re.match(r"[ 　]*", row.cells[reading.layout.columns["name"]])
    depth = sum(2 if blank == "　" else 1 for blank in blanks[0]) if blanks else 0
    while reading.above and reading.above[-1][0] >= depth:
        reading.above.pop()
    parent = reading.above[-1][1] if reading.above else reading.group.no
    reading.above.append((depth, first.no))
    return parent


def _inside(row: ParsedRow, whole: ParsedRow) -> bool:
    if (row.unit, row.kind) != (whole.unit, whole.kind) or row.unit in ("", "%"):
        return False
    if row.target_value is None or whole.target_value is None:
        return False
    return row.target_value < whole.target_value


@lru_cache(maxsize=16)
def rows_in(document: Document) -> tuple[ParsedRow, ...]:
    """Every row of every table of a document, as printed."""
    return parse_document(document).rows
