"""A table as it is printed: cells of text in their digits, merged areas, hidden rows and columns.

What cannot be told (an error, a formula without a value) is marked, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from gdplan.files.csv_table import column_letter

GENERAL_DIGITS = 11
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


def formatted(value: float, form: str) -> Printed:
    """A number in the digits of its format; General shows what is stored."""
    plain = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.', "", form.split(";", maxsplit=1)[0])
    percent = "%" in plain
    if plain in ("General", "@", ""):
        return Printed(general(value), exact=_short(value))
    if re.search(r"[/eE]", plain):
        return Printed(general(value), "unknown_format")
    places = len((re.search(r"\.([0#?]+)", plain) or ["", ""])[1])
    scale = len(re.search(r"(,*)$", plain.rstrip("%"))[1])  # type: ignore[index]
    if scale:
        return Printed(general(value), "unknown_format")
    exact = Decimal(repr(value)) * (100 if percent else 1)
    text = f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    return Printed(text, percent=percent)


def general(value: float) -> str:
    """Digits as Excel keeps and shows them, without the noise of binary fractions.

    Examples
    --------
    >>> general(0.1 + 0.2), general(132.0), general(1e6)
    ('0.3', '132', '1000000')
    """
    return f"{Decimal(f'{value:.15g}').normalize():f}"


def _short(value: float) -> bool:
    return len(re.sub(r"[^0-9]", "", general(value)).lstrip("0")) <= GENERAL_DIGITS
