"""Labels in, labels out: a yearly Series or DataFrame becomes rows of figures, answers get years.

What a labelled table can do is asked of it, so that this place needs no library of tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FIRST, LAST = 1000, 3000
"""Whole numbers between these are years, others are positions."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The years ahead, the names of the series where there are many, and the type of one table."""

    years: tuple[int, ...]
    rows: tuple[Any, ...] | None
    series: Any
    frame: Any

    def put(self, made: NDArray[np.float64], levels: ArrayLike | None = None) -> Any:
        """An answer (..., years) or (..., years, levels) as a Series or DataFrame."""
        years = list(self.years)
        if levels is None:
            if self.rows is None:
                return self.series(made, index=years).rename_axis("year")
            return self.frame(made, index=list(self.rows), columns=years)
        asked = np.asarray(levels).tolist()
        if self.rows is None:
            return self.frame(made, index=years, columns=asked).rename_axis("year")
        columns = {(year, level): made[:, i, j] for i, year in enumerate(years)
                   for j, level in enumerate(asked)}  # fmt: skip
        return self.frame(columns, index=list(self.rows))

    def match(self, target: Any) -> ArrayLike:
        """A target with labels of its own, in the order of the answer.

        Raises
        ------
        ValueError
            When a year or a series has no target.
        """
        if not _labelled(target):
            return np.asarray(target, float)
        years, rows = list(self.years), list(self.rows or ())
        if target.ndim == 2:
            _covers(target.columns, years)
            _covers(target.index, rows)
            return np.asarray(target.loc[rows, years], float)
        per_row = bool(rows) and not target.index.isin(years).any()
        _covers(target.index, rows if per_row else years)
        found = np.asarray(target.loc[rows if per_row else years], float)
        return found[:, None] if per_row else found


def aligned(values: Any, horizon: int) -> tuple[NDArray[np.float64], Labels | None]:
    """Figures (..., years) with every year in its column, nan where it has none, and their labels.

    A Series has the years as its index, a DataFrame as its columns, in any order; arrays and lists
    stay as they are.

    Raises
    ------
    ValueError
        When the labels are no years, or a year (or a series) stands twice.
    """
    if not _labelled(values):
        return np.asarray(values, float), None
    alone = values.ndim == 1
    years = _years(values.index if alone else values.columns)
    if not alone and values.index.has_duplicates:
        raise ValueError(f"a series stands twice: {values.index[values.index.duplicated()][0]}")
    first, last = min(years, default=0), max(years, default=0)
    table = np.full((*values.shape[:-1], last - first + 1 if years else 0), np.nan)
    table[..., np.array(years, int) - first] = values.to_numpy(float, na_value=np.nan)
    rows = None if alone else tuple(values.index)
    series, frame = (type(values), type(values.to_frame())) if alone else (None, type(values))
    return table, Labels(tuple(range(last + 1, last + horizon + 1)), rows, series, frame)


def _labelled(values: Any) -> bool:
    return hasattr(values, "to_numpy") and hasattr(values, "loc") and values.ndim in (1, 2)


def _covers(there: Any, asked: list[Any]) -> None:
    if there.has_duplicates or not set(asked) <= set(there):
        raise ValueError(f"one target for each of {', '.join(map(str, asked))}")


def _years(index: Any) -> list[int]:
    """The labels as years."""
    made = [_year(label) for label in getattr(index, "year", index)]
    years = [y for y in made if y is not None]
    if len(years) < len(made):
        wrong = index[made.index(None)]
        raise ValueError(
            f"the label {wrong!r} is no year: label figures with years, one column of figures at a "
            "time, or hand over an array"
        )
    twice = next((y for y in years if years.count(y) > 1), None)
    if twice is not None:
        raise ValueError(f"the year {twice} stands twice")
    return years


def _year(label: Any) -> int | None:
    try:
        number = float(label)
    except (TypeError, ValueError):
        return None
    whole = not isinstance(label, (bool, np.bool_)) and number.is_integer()
    return int(number) if whole and FIRST <= number <= LAST else None
