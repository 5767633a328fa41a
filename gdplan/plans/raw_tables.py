"""Plan text -> raw tables: header cells, row cells, the line of each, however they were laid out.

Knows the shapes tables take in plain text (tabs, bars and box drawing, markdown, columns of
spaces, commas, one cell per line) and the words of header cells; knows nothing of what a cell
means. One pass over the lines, each looked at a bounded number of times.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gdplan.notation import NUMBER, NUMERALS
from gdplan.plans.header_words import SECTION, VALUES, headed, is_header, role_of
from gdplan.plans.stacked_rows import rows_of
from gdplan.plans.units import is_unit

BARS = re.compile(r"[│┃|｜║]")
RULE = re.compile(r"^[\s│┃|｜║+┌┐└┘├┤┬┴┼─━┏┓┗┛┣┫┳┻╋═╔╗╚╝╠╣╦╩╬:=\-]+$")
RULE_MARK = re.compile(r"[─━═]{2,}|-{2,}|={2,}|:-+:?|-:")
PART_RULE = re.compile(r"[├┼┝╟╠┤].*[─━═]{2,}|[─━═]{2,}.*[┤┼]")
NOTE = re.compile(r"^\s*(?:注\s*\d*\s*[:：.、]|注释|备注|说明\s*[:：])")
TITLE = re.compile(rf"\s*(专\s*栏|表)\s*([\d{NUMERALS}]+(?:[-—]\d+)?)")
PAGE = re.compile(r"^\s*[-—–·\s]*\d{1,4}[-—–·\s]*$|^\s*第\s*\d+\s*页.*$")
FOLIO = re.compile(r"^[-—–·]\s*\d{1,4}\s*[-—–·]$|^第\s*\d+\s*页")
"""A page's number that is no cell: a bare number may be one."""
HEADING = re.compile(rf"^第[{NUMERALS}百\d]{{1,4}}[章节篇部条]")
LOOKAHEAD = 6

_ATTRIBUTE = re.compile(r"^(?:约束|预期|指导)性?$")
_UNIT_LINE = re.compile(
    r"^\s*[（(]?\s*(?:计量)?单位\s*[:：]\s*([^\s（）()、，]{1,12})\s*[)）]?\s*$"
)
_SPREAD = re.compile(r"(?<=[序编])\s+(?=号)|(?<=指)\s+(?=标)|(?<=单)\s+(?=位)|(?<=属)\s+(?=性)")
_HINT = re.compile(r"指\s*标|项\s*目|名\s*称|内\s*容|任\s*务")


@dataclass(frozen=True, slots=True)
class RawRow:
    """Cells of one row as printed (leading blanks kept) and its 1-based line."""

    line: int
    cells: tuple[str, ...]


@dataclass(slots=True)
class RawTable:
    """One table: header roles and texts, rows, notes and lines that were not understood."""

    title: str
    line: int
    header: tuple[str, ...]
    roles: tuple[str, ...]
    rows: list[RawRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    strays: list[RawRow] = field(default_factory=list)


def split_cells(line: str) -> tuple[str, list[str]]:
    """How a line is divided (bar, tab, space, comma, single) and its cells."""
    if len(BARS.findall(line)) >= 2:
        cells = BARS.split(line.strip())
        if not cells[0].strip():
            cells = cells[1:-1] if not cells[-1].strip() else cells[1:]
        return "bar", [c[1:] if c.startswith(" ") else c for c in cells]
    if "\t" in line:
        return "tab", line.split("\t")
    text = _SPREAD.sub("", line.strip())
    if re.search(r"\S(?: {2,}|　+)\S", text):
        return "space", re.split(r" {2,}|　+", text)
    if text.count(",") >= 2 or text.count("，") >= 3:
        return "comma", next(csv.reader([text.replace("，", ",")]))
    return "single", [text]


def find_tables(text: str) -> list[RawTable]:
    """Every indicator table in a text, in order."""
    lines = text.splitlines()
    tables: list[RawTable] = []
    place, title, title_line = 0, "", -100
    while place < len(lines):
        line = lines[place]
        if TITLE.match(line) or _HINT.search(line):
            table, after = _table_at(lines, place)
            if table is not None:
                near = place - title_line <= LOOKAHEAD
                table.title = title if near else ""
                tables.append(table)
                place = after
                continue
            if after > place:
                place = after
                continue
            if title_of(line):
                title, title_line = title_of(line), place
        place += 1
    return tables


def unit_line(line: str) -> str:
    """The unit that a line above a table gives to all of it (单位：万元); empty for any other."""
    match = _UNIT_LINE.match(line)
    return match[1] if match and is_unit(match[1]) else ""


def title_of(line: str) -> str:
    """What a line that can be a title says; empty for any other."""
    text = line.strip().strip("*#| \t")
    fit = 2 < len(text) <= 60 and not SECTION.match(text) and "。" not in text
    fit = fit and not unit_line(text)
    return re.sub(r"\s+", " ", text).strip() if fit else ""


def _table_at(lines: Sequence[str], place: int) -> tuple[RawTable | None, int]:
    style, cells = split_cells(lines[place])
    if style == "bar":
        return _bar_table(lines, place)
    least = 2 if style == "tab" else 3
    words = [c for c in cells if c.strip()]
    roles = is_header(words, least=least) if style != "single" else None
    if roles is not None:
        header = _trimmed(cells)
        roles = is_header(header, least=least) or roles
        return _row_table(lines, place, style, header, roles)
    if style == "single" or len(_trimmed(cells)) == 1:
        return _stacked_table(lines, place)
    return None, place


def _trimmed(cells: Sequence[str]) -> list[str]:
    return list(cells[: max((n for n, c in enumerate(cells, 1) if c.strip()), default=0)])


def _row_table(
    lines: Sequence[str], place: int, style: str, header: list[str], roles: tuple[str, ...]
) -> tuple[RawTable, int]:
    """Rows divided like their header; page breaks, repeated headers and sections in between."""
    header, roles, below = _second_line(lines, place, style, header, roles)
    table = RawTable("", place + 1, tuple(header), roles)
    width = len(header)
    place = below
    while place < len(lines):
        line = lines[place]
        text = line.strip()
        found, printed = split_cells(line)
        cells = _trimmed(printed)
        if len(cells) < width <= len(printed) and len(cells) > 1:
            cells = printed[:width]
        if found == style and _joined(table, cells):
            place += 1
            continue
        cells = _fitted(cells, width, roles)
        if (
            not text
            or PAGE.match(text)
            or [c.strip() for c in cells] == [h.strip() for h in header]
        ):
            place += 1
            continue
        if NOTE.match(text):
            return table, _take_notes(lines, place, table)
        if TITLE.match(text) or (found == style and is_header(cells)):
            break
        if found == style and len(cells) > 1:
            table.rows.append(RawRow(place + 1, tuple(cells)))
        elif SECTION.match(text) and len(text) <= 40 and "。" not in text:
            table.rows.append(RawRow(place + 1, (text,)))
        elif _goes_on(lines, place, style, width):
            table.strays.append(RawRow(place + 1, (text,)))
        else:
            break
        place += 1
    return table, place


def _second_line(
    lines: Sequence[str], place: int, style: str, header: list[str], roles: tuple[str, ...]
) -> tuple[list[str], tuple[str, ...], int]:
    """A header of two lines (2020年 above 基期数) as one; else the header as it was."""
    if place + 1 < len(lines):
        found, cells = split_cells(lines[place + 1])
        cells += [""] * (len(header) - len(cells))
        words = [c for c in cells if c.strip()]
        known = words and all(role_of(c) in VALUES | {"attribute", "unit"} for c in words)
        if found == style and known and len(cells) == len(header):
            both = [headed(a.strip(), b.strip()) for a, b in zip(header, cells, strict=True)]
            joined = is_header(both)
            if joined is not None:
                return both, joined, place + 2
    return header, roles, place + 1


def _joined(table: RawTable, cells: Sequence[str]) -> bool:
    """Whether a line was the rest of a row broken inside its name; then it has been joined."""
    if not table.rows or not cells or re.match(r"^\s*\d", cells[0]):
        return False
    last = table.rows[-1]
    if not 1 < len(last.cells) < len(table.header) or SECTION.match(last.cells[0]):
        return False
    if len(last.cells) + len(cells) - 1 != len(table.header):
        return False
    broken = last.cells[-1].rstrip() + cells[0].strip()
    table.rows[-1] = RawRow(last.line, (*last.cells[:-1], broken, *cells[1:]))
    return True


def _fitted(cells: list[str], width: int, roles: tuple[str, ...]) -> list[str]:
    # A merged first column is printed once, an "of which" has no number, and a unit given in
    # the name's brackets leaves its own column empty: columns of spaces then lose a cell.
    if len(cells) != width - 1 or len(cells) < 3:
        return cells
    numeric = re.match(r"^\s*\d+(?:\.\d+)?\s*$", cells[0])
    if roles[0] == "section" and (roles[1] != "no" or numeric):
        return ["", *cells]
    if roles[0] == "no" and not numeric:
        return ["", *cells]
    unit = roles.index("unit") if "unit" in roles else 0
    if unit and roles[unit - 1] == "name" and re.search(r"[）)]\s*$", cells[unit - 1]):
        return [*cells[:unit], "", *cells[unit:]]
    return cells


def _goes_on(lines: Sequence[str], place: int, style: str, width: int) -> bool:
    """Whether a row of the same shape follows soon: then a stray line is only a stray."""
    if "。" in lines[place] or len(lines[place].strip()) > 60:
        return False
    for line in lines[place + 1 : place + 1 + LOOKAHEAD]:
        if TITLE.match(line) or NOTE.match(line):
            return False
        found, cells = split_cells(line)
        if found == style and abs(len(_trimmed(cells)) - width) <= 1:
            return is_header(_trimmed(cells)) is None
    return False


def _take_notes(lines: Sequence[str], place: int, table: RawTable) -> int:
    """The notes below a table: from 注： on, with numbered continuations."""
    table.notes.append(lines[place].strip())
    place += 1
    while place < len(lines):
        text = lines[place].strip()
        if text and not re.match(r"^(?:\d+[.．、]|[①-⑳]|[*※])", text):
            break
        if text:
            table.notes.append(text)
        place += 1
    return place


def _bar_table(lines: Sequence[str], place: int) -> tuple[RawTable | None, int]:
    """A table of bars: rows are single lines, or everything between two rules."""
    start, end = place, place
    while end < len(lines) and (_barred(lines[end]) or not lines[end].strip()):
        end += 1
    groups = list(_groups(lines, start, end))
    ruled = len(groups) >= 4 and sum(len(g) for g in groups) < 4 * len(groups)
    table: RawTable | None = None
    for group in groups:
        for row in _merged(group) if ruled or table is None else group:
            roles = is_header([c.strip() for c in row.cells])
            if roles is not None:
                if table is None:
                    table = RawTable("", row.line, row.cells, roles)
                continue
            if table is not None:
                _add_bar_row(table, row)
    if table is None:
        return None, place
    after = end
    if end < len(lines) and NOTE.match(lines[end]):
        after = _take_notes(lines, end, table)
    return table, after


def _barred(line: str) -> bool:
    return bool(line.strip()) and (
        len(BARS.findall(line)) >= 2 or bool(RULE.match(line) and RULE_MARK.search(line))
    )


def _groups(lines: Sequence[str], start: int, end: int) -> Iterator[list[RawRow]]:
    group: list[RawRow] = []
    for place in range(start, end):
        line = lines[place]
        if not line.strip():
            continue
        if (RULE.match(line) and RULE_MARK.search(line)) or PART_RULE.search(line):
            if group:
                yield group
            group = []
            continue
        group.append(RawRow(place + 1, tuple(split_cells(line)[1])))
    if group:
        yield group


def _merged(group: list[RawRow]) -> list[RawRow]:
    width = max(len(r.cells) for r in group)
    if any(len(r.cells) != width for r in group) or len(group) == 1:
        return group
    whole = is_header([c.strip() for c in group[0].cells])
    if whole and len(group) > 3:
        return group
    if whole and len(group) > 1 and all(c.strip() for c in group[1].cells[1:3]):
        return group
    cells = tuple(
        "".join(r.cells[i].rstrip() if j == 0 else r.cells[i].strip() for j, r in enumerate(group))
        for i in range(width)
    )
    return [RawRow(group[0].line, cells)]


def _add_bar_row(table: RawTable, row: RawRow) -> None:
    """Append a row, or join a wrapped line to the row above it."""
    filled = [i for i, c in enumerate(row.cells) if c.strip()]
    if not filled:
        return
    alone = len(filled) == 1 and not SECTION.match(row.cells[filled[0]].strip())
    values = [i for i in filled if table.roles[i : i + 1] in (("name",), ("section",), ("unit",))]
    if table.rows and alone and values and len(row.cells) == len(table.header):
        last = table.rows[-1]
        cells = list(last.cells)
        if len(cells) == len(row.cells) and table.roles[filled[0]] != "section":
            cells[filled[0]] = cells[filled[0]].rstrip() + row.cells[filled[0]].strip()
            table.rows[-1] = RawRow(last.line, tuple(cells))
            return
    table.rows.append(row)


def _stacked_table(lines: Sequence[str], place: int) -> tuple[RawTable | None, int]:
    """A table whose every cell stands on its own line."""
    start = place
    while start > 0 and place - start < 3 and role_of(lines[start - 1]) in ("no", "section"):
        start -= 1
    header: list[str] = []
    end = start
    while end < len(lines) and len(header) < 20:
        text = lines[end].strip()
        if text and (not role_of(text) or len(text) > 20):
            break
        header += [text] if text else []
        end += 1
    names = [n for n, h in enumerate(header[:3]) if role_of(h) == "name"]
    titled = header and re.search(r".{2,}主要.*指标$|.指标体系$", header[0])
    if names == [0, 1] or (titled and len(names) > 1):
        header = header[1:]
    roles = is_header(header, least=2)
    if roles is not None and len(header) == 2 and not _paired(lines, end):
        roles = None
    if roles is None:
        # Without a value column no part of this run of header words can be a header.
        barren = len(header) > 3 and not any(role_of(h) in VALUES for h in header)
        return None, max(place, end - 3) if barren else place
    table = RawTable("", start + 1, tuple(header), roles)
    if roles[0] == "no":
        return table, _stacked_rows(lines, end, table)
    return table, _dealt_rows(lines, end, table)


def _paired(lines: Sequence[str], place: int) -> bool:
    """Whether names and targets take turns below a header of two cells."""
    texts = [line.strip() for line in lines[place : place + 40] if line.strip()]
    ends = [n for n, t in enumerate(texts) if NOTE.match(t) or HEADING.match(t) or "。" in t]
    pairs = texts[: ends[0] if ends else len(texts)]
    figures = [bool(NUMBER.search(text)) for text in pairs[1::2]]
    return len(figures) >= 3 and 2 * sum(figures) > len(figures)


def _dealt_rows(lines: Sequence[str], place: int, table: RawTable) -> int:
    """Rows without running numbers, as far as their cells fit the columns; the rest is told."""
    cells: list[tuple[int, str]] = []
    while place < len(lines):
        text = lines[place].strip()
        ends = NOTE.match(text) or TITLE.match(text) or HEADING.match(text)
        if ends or "。" in text or len(text) > 60:
            break
        if text and not FOLIO.match(text):
            cells.append((place + 1, text))
        place += 1
    rows, taken = rows_of(cells, table.roles)
    table.rows += [RawRow(line, row) for line, row in rows]
    rest = cells[taken:]
    if any(NUMBER.search(text) for _, text in rest):
        said = "｜".join(text for _, text in rest)
        table.strays.append(RawRow(rest[0][0], (said,)))
    return (
        _take_notes(lines, place, table)
        if place < len(lines) and NOTE.match(lines[place])
        else place
    )


def _stacked_rows(lines: Sequence[str], place: int, table: RawTable) -> int:
    """Deal cells out into rows; a running number or a section begins a new one."""
    width, numbered = len(table.header), table.roles[0] == "no"
    cells: list[str] = []
    line, expected = 0, 1
    while place < len(lines):
        text = lines[place].strip()
        if NOTE.match(text) or TITLE.match(text) or "。" in text or len(text) > 60:
            break
        number = numbered and text == str(expected) and _named_next(lines, place, cells, width)
        if cells and ((number and len(cells) >= 3) or SECTION.match(text)):
            table.rows.append(RawRow(line, tuple(cells)))
            cells = []
        if SECTION.match(text) and not cells:
            table.rows.append(RawRow(place + 1, (text,)))
        elif text and not (not cells and PAGE.match(text) and not number and numbered):
            if not cells:
                line = place + 1
                expected += int(number)
            cells.append(text)
        if len(cells) == width:
            table.rows.append(RawRow(line, tuple(cells)))
            cells = []
        if numbered and not cells and not _continues(lines, place + 1, expected):
            place += 1
            break
        place += 1
    if cells:
        table.rows.append(RawRow(line, tuple(cells)))
    if place < len(lines) and NOTE.match(lines[place]):
        return _take_notes(lines, place, table)
    return place


def _named_next(lines: Sequence[str], place: int, cells: Sequence[str], width: int) -> bool:
    """Whether a number begins a row: after a full row, or when a name follows it."""
    if not cells or len(cells) >= width:
        return True
    after = next((t for t in map(str.strip, lines[place + 1 : place + 4]) if t), "")
    return not re.match(r"^[\W\d]", after) and not _ATTRIBUTE.match(after)


def _continues(lines: Sequence[str], place: int, expected: int) -> bool:
    """Whether the next number, a section or a note follows within a few lines."""
    for line in lines[place : place + LOOKAHEAD]:
        text = line.strip()
        if text == str(expected) or SECTION.match(text) or NOTE.match(text):
            return True
    return False
