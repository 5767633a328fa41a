"""Tables of a document (Word, web page, PDF) -> raw tables: their cells are known; heads, titles,
notes and tables side by side are told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gdplan.files.documents.document import Document, DocumentTable, Passage
from gdplan.plans.header_words import VALUES, headed, is_header, role_of
from gdplan.plans.raw_tables import LOOKAHEAD, NOTE, TITLE, RawRow, RawTable, title_of
from gdplan.problems import Problem

HEAD_WITHIN = 4
"""Rows among which the head of a table begins."""
_BELOW = VALUES | {"unit", "attribute", "department", "remark"}


def tables_of(document: Document) -> list[RawTable]:
    """Every indicator table of a document, in order; a table of one column is prose in a frame."""
    found: list[RawTable] = []
    line, near = 1, [""] * LOOKAHEAD
    for block in document.blocks:
        if isinstance(block, Passage):
            pieces = block.text.split("\n")
            near = [*near, *pieces][-LOOKAHEAD:]
            line += len(pieces)
            _take_notes(found, pieces, line)
            continue
        if block.width > 1:
            for table in _of_grid(block, line, near):
                _join(found, table, near)
        line += block.rows
        near = [""] * LOOKAHEAD
    return found


def _of_grid(block: DocumentTable, line: int, near: Sequence[str]) -> Iterator[RawTable]:
    rows = [block.cells(r) for r in range(1, block.rows + 1)]
    title, place = _title(near), 0
    while place < len(rows):
        start = next((r for r in range(place, min(place + HEAD_WITHIN, len(rows)))
                      if is_header(_heads(rows[r]), least=2)), None)  # fmt: skip
        if start is None:
            return
        above = [_alone(row) for row in rows[place:start]]
        title = next((t for t in map(title_of, reversed(above)) if t), title)
        header, body = _header(block, rows, start)
        end = next((r for r in range(body, len(rows)) if _other_head(rows[r], header)), len(rows))
        taken = [RawRow(line + r, rows[r]) for r in range(body, end)]
        yield from _side_by_side(_table(title, line + start, header, taken))
        place, title = end, ""


def _heads(row: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in row]


def _alone(row: Sequence[str]) -> str:
    """The text of a row that says one thing; empty for any other."""
    words = {cell.strip() for cell in row} - {""}
    return words.pop() if len(words) == 1 else ""


def _title(near: Sequence[str]) -> str:
    """The nearest numbered title above a table, else the nearest short line."""
    numbered = [text.strip() for text in near if TITLE.match(text)]
    if numbered:
        return title_of(numbered[-1]) or numbered[-1][:60]
    return next((t for t in map(title_of, reversed(near)) if t), "")


def _header(
    block: DocumentTable, rows: Sequence[Sequence[str]], start: int
) -> tuple[tuple[str, ...], int]:
    """The head as one line: lines below the first belong to it while they hold only header words
    and what is merged from above. Returns it and the first row behind it."""
    header, last = _heads(rows[start]), start
    while last + 1 < len(rows):
        below = _below(block, rows[last + 1], last + 2)
        words = [word for word in below if word]
        if not words or any(role_of(word) not in _BELOW for word in words):
            break
        if not any(a != "" for a in header) or _alone(rows[last + 1]):
            break
        header = [headed(a, b) for a, b in zip(header, below, strict=True)]
        last += 1
    return tuple(header), last + 1


def _below(block: DocumentTable, row: Sequence[str], number: int) -> list[str]:
    """The words of a row, those left out that are merged from a row above."""
    return [cell.strip() if block.grid.area((number, column))[0] == number else ""
            for column, cell in enumerate(row, 1)]  # fmt: skip


def _other_head(row: Sequence[str], header: Sequence[str]) -> bool:
    """Whether a row is the head of another table below; a repeated head is none."""
    cells = _heads(row)
    return is_header(cells, least=2) is not None and not _repeats(cells, header)


def _repeats(cells: Sequence[str], header: Sequence[str]) -> bool:
    return all(whole.startswith(cell) or whole.endswith(cell)
               for cell, whole in zip(cells, header, strict=True))  # fmt: skip


def _table(title: str, line: int, header: tuple[str, ...], rows: Sequence[RawRow]) -> RawTable:
    roles = tuple(role_of(cell) for cell in header)
    table = RawTable(title, line, header, roles)
    for row in rows:
        said = _alone(row.cells)
        if NOTE.match(said) or (table.notes and said):
            table.notes.append(said)
        elif any(cell.strip() for cell in row.cells) and not _repeats(_heads(row.cells), header):
            table.rows.append(row)
    return table


def _side_by_side(table: RawTable) -> Iterator[RawTable]:
    """A table printed in two or three strips beside each other, as the one that it is."""
    for strips in (3, 2):
        width, rest = divmod(len(table.header), strips)
        parts = [table.roles[n * width : (n + 1) * width] for n in range(strips)]
        if rest == 0 and "name" in parts[0] and len(set(parts)) == 1 and VALUES & set(parts[0]):
            rows = [RawRow(row.line, row.cells[n * width : (n + 1) * width])
                    for n in range(strips) for row in table.rows]  # fmt: skip
            kept = [row for row in rows if any(cell.strip() for cell in row.cells)]
            yield replace(table, header=table.header[:width], roles=parts[0], rows=kept)
            return
    yield table


def _join(found: list[RawTable], table: RawTable, near: Sequence[str]) -> None:
    """Add a table, or its rows to the one before where it is that one's continuation."""
    said = "续" in table.title or any("续表" in text for text in near)
    last = found[-1] if found else None
    follows = said or not any(text.strip() for text in near)
    if last is not None and last.header == table.header and follows and not last.notes:
        last.rows.extend(table.rows)
        last.notes.extend(table.notes)
    else:
        found.append(table)


def _take_notes(found: Sequence[RawTable], pieces: Sequence[str], line: int) -> None:
    """Notes printed in a paragraph right below a table."""
    if found and found[-1].rows and line - found[-1].rows[-1].line <= LOOKAHEAD:
        said = [piece.strip() for piece in pieces if NOTE.match(piece)]
        found[-1].notes.extend(said)


_LOST = re.compile(r"^(?:序号 *)?(?:类别 *)?指标\b.{0,12}20\d\d ?年|^(?:专栏|表) ?\d+.{0,40}指标$")


def lost_tables(document: Document) -> Iterator[Problem]:
    """Lines that head a table of which no row was read: its cells must not pass for prose."""
    for number, line in enumerate(document.lines, 1):
        if _LOST.search(line.strip()):
            yield Problem("unreadable_table", document.place(number),
                          "此处像是指标表，但分不清各行各列",
                          "有框线的表格，或制表符分隔的文字", line.strip()[:60],
                          "用原来的 Word 稿，或为表格加上框线后另存")  # fmt: skip
