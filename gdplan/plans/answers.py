"""What plan.yml answers of a document that may not be edited: columns, and cells read otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["no", "name", "unit", "base", "target", "result", "rate", "total", "attribute",
               "section", "department"]  # fmt: skip
"""What a column may be declared to hold."""
Cell = Literal["name", "unit", "base", "target", "attribute", "result"]
"""Cells of a row that may be answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A cell as the document prints it (``expect``) and as it is to be read (``say``)."""

    expect: str
    say: str


@dataclass(frozen=True)
class Answers:
    """Roles of header cells by their text, and answers by table, number and cell."""

    columns: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[tuple[str, str], Mapping[Cell, Answer]] = field(default_factory=dict)
    used: set[tuple[str, str, Cell]] = field(default_factory=set)
    """Which answers met the cell that they expect."""

    def of(self, table: str, no: str, cell: Cell, printed: str) -> str:
        """A cell as it is to be read: as printed, unless an answer expects just that."""
        answer = self.cells.get((table, no), {}).get(cell)
        if answer is None or answer.expect.strip() != printed.strip():
            return printed
        self.used.add((table, no, cell))
        return answer.say

    def unused(self) -> Iterator[tuple[str, str, Cell, Answer]]:
        """Answers whose cell the document does not print as they expect."""
        for (table, no), cells in self.cells.items():
            for cell, answer in cells.items():
                if (table, no, cell) not in self.used:
                    yield table, no, cell, answer
