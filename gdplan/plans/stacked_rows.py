"""Rows of a table copied so that every cell stands on a line of its own, merged cells once.

Only what a cell is tells where a row ends: a name is followed by its unit and as many values as the
header has columns; a word before a name is the section it stands under.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from gdplan.notation import parse_target
from gdplan.plans.header_words import SECTION
from gdplan.plans.units import is_unit
from gdplan.problems import ProblemError

Cells = list[tuple[int, str]]
_ATTRIBUTE = re.compile(r"(?:约束|预期|指导)性?(?:指标)?")
_EMPTY = re.compile(r"[—–\-－/…]+|无")


def rows_of(cells: Cells, roles: Sequence[str]) -> tuple[list[tuple[int, tuple[str, ...]]], int]:
    """Rows dealt from cells in reading order.

    Parameters
    ----------
    cells : list of (int, str)
        Line and text of each cell.
    roles : sequence of str
        What the columns hold, from the header.

    Returns
    -------
    tuple
        The rows with their lines, a section as a row of one cell, and how many cells they took.
        What cannot be dealt is left: the caller tells it.
    """
    rows: list[tuple[int, tuple[str, ...]]] = []
    name, place = list(roles).index("name"), 0
    while place < len(cells):
        start = place + int(_numbered(cells, place))
        sectioned = "no" in roles and _numbered(cells, start + 1) and start == place
        if sectioned and not _value(cells[start][1]):
            rows.append((cells[start][0], (cells[start][1],)))
            place = start + 1
            continue
        words = 1 if len(roles) == 2 else _words(cells, start, unit="unit" in roles[name:])
        headed = words == 2 and name == 0
        if headed or (words > 1 and SECTION.match(cells[start][1])):
            rows.append((cells[start][0], (cells[start][1],)))
            place = start + 1
            continue
        row, taken = _row(cells, start, words, roles)
        if not row:
            break
        rows.append((cells[place][0], row))
        place = taken
    return rows, place


def _row(cells: Cells, start: int, words: int, roles: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """One row and where the next begins; none when the cells do not fit the columns."""
    name = list(roles).index("name")
    if not 1 <= words <= name + 1 or start + words > len(cells):
        return (), start
    taken = start + words
    row = [""] * (name + 1 - words) + [text for _, text in cells[start:taken]]
    for role in roles[name + 1 :]:
        text = cells[taken][1] if taken < len(cells) else ""
        if role == "unit" and not _unit(text):
            row.append("")
        elif not text or not _fits(role, text):
            return (), start
        else:
            row.append(text)
            taken += 1
    return tuple(row), taken


def _fits(role: str, text: str) -> bool:
    """Whether a cell can stand in a column: an attribute there and nowhere else."""
    named = bool(_ATTRIBUTE.fullmatch(text))
    return named or bool(_EMPTY.fullmatch(text)) if role == "attribute" else not named


def _unit(text: str) -> bool:
    """Whether a cell is a unit, known or (亿吨原煤) by its counting word."""
    return is_unit(text) or bool(re.fullmatch(r"[万亿][^\d，,。]{1,5}", text))


def _numbered(cells: Cells, place: int) -> bool:
    """Whether a row begins with a running number before its name."""
    here = [text for _, text in cells[place : place + 2]]
    bare = len(here) == 2 and re.fullmatch(r"\d{1,3}[.、．]?", here[0])
    return bool(bare) and not _value(here[1])


def _words(cells: Cells, start: int, *, unit: bool) -> int:
    """How many words stand before the first value or unit; the last of them is the name."""
    for count, (_, text) in enumerate(cells[start : start + 4]):
        if count and (_value(text) or (unit and _unit(text))):
            return count
    return 0


@lru_cache(maxsize=4096)
def _value(text: str) -> bool:
    """Whether a cell is a number, empty, or an attribute, and no name."""
    if _EMPTY.fullmatch(text) or _ATTRIBUTE.fullmatch(text):
        return True
    if not any(c.isdigit() for c in text):
        return False
    try:
        unit = parse_target(text).unit
    except ProblemError:
        return False
    # 5岁以下儿童死亡率 is a name, 5岁 a value.
    return not unit or _unit(unit)
