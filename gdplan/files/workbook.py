"""What a sheet of a workbook holds: cells with a value, a formula and a number format."""

from __future__ import annotations

import math
from dataclasses import dataclass

Value = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the sheet: an input, or a formula with the value it should give."""

    value: Value
    formula: str = ""
    digits: str = "General"


def number(text: str) -> float:
    """A number of assessment.csv; empty is nan."""
    return float(text) if text else math.nan
