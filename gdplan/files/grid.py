"""A table as it is printed: cells of text in their digits, merged areas, hidden rows and columns.

What cannot be told (an error, a formula without a value) is marked, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gdplan.files.csv_table import column_letter

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Printed:
    """A cell as printed; ``fault`` says why it cannot be read, ``percent`` that it shows a %.

    ``exact`` is False where the printed digits are not known but only the stored number.
    """

    text: str
    fault: str = ""
    percent: bool = False
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells by (row, column) counted from 1, merged areas, hidden rows and columns."""

    name: str
    cells: Mapping[Place, Printed]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = field(default_factory=frozenset)
    hidden_columns: frozenset[int] = field(default_factory=frozenset)

    @property
    def rows(self) -> int:
        """Number of the last row that holds anything."""
        return max((r for r, _ in self.cells), default=0)

    def area(self, place: Place) -> tuple[int, int, int, int]:
        """The merged area (top, left, bottom, right) a cell lies in; itself when in none."""
        row, column = place
        for top, left, bottom, right in self.merged:
            if top <= row <= bottom and left <= column <= right:
                return top, left, bottom, right
        return row, column, row, column

    def at(self, row: int, column: int) -> Printed:
        """A cell; one in a merged area says what the area says."""
        top, left, *_ = self.area((row, column))
        return self.cells.get((top, left), Printed(""))

    def address(self, row: int, column: int) -> str:
        """``sheet!B7``, or ``B7`` where the file is one table without a name."""
        place = f"{column_letter(column - 1)}{row}"
        return f"{self.name}!{place}" if self.name else place


RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def raised(text: str) -> str:
    """Digits of a note as superscripts, which are no digits of a number."""
    return text.translate(RAISED)


def in_one_line(text: str) -> str:
    """A cell's lines as one; two numbers below one another stay two: 139 and 411 are 139|411."""
    apart = re.sub(r"(?<=[\d%])[^\S\n]*\n\s*(?=[-\d])", "|", text.strip())
    return " ".join(apart.split())
