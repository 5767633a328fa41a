"""Labels in, labels out: yearly pandas series become rows of figures, answers get their years."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import pandas as pd

FIRST, LAST = 1000, 3000
"""Whole numbers between these are years, others are positions."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The years ahead, and the names of the series where there are many."""

    years: tuple[int, ...]
    rows: pd.Index | None

    def put(self, made: NDArray[np.float64], levels: ArrayLike | None = None) -> Any:
        """An answer (..., years) or (..., years, levels) as a Series or DataFrame."""
        import pandas as pd

        years = pd.Index(self.years, name="year")
        if self.rows is None:
            if levels is None:
                return pd.Series(made, years)
            return pd.DataFrame(made, years, pd.Index(np.asarray(levels), name="level"))
        if levels is None:
            return pd.DataFrame(made, self.rows, years)
        both: list[Any] = [self.years, levels]
        columns = pd.MultiIndex.from_product(both, names=["year", "level"])
        return pd.DataFrame(made.reshape(len(made), -1), self.rows, columns)

    def match(self, target: Any) -> ArrayLike:
        """A target with labels of its own, in the order of the answer.

        Raises
        ------
        ValueError
            When a year or a series has no target.
        """
        if not _labelled(target):
            return np.asarray(target, float)
        years, rows = list(self.years), [] if self.rows is None else list(self.rows)
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
    years = _years(values.index if values.ndim == 1 else values.columns)
    rows = None if values.ndim == 1 else values.index
    if rows is not None and rows.has_duplicates:
        raise ValueError(f"a series stands twice: {rows[rows.duplicated()][0]}")
    table = np.full((*values.shape[:-1], max(years) - min(years) + 1 if years else 0), np.nan)
    table[..., np.array(years, int) - min(years, default=0)] = values.to_numpy(
        float, na_value=np.nan
    )
    last = max(years, default=0)
    return table, Labels(tuple(range(last + 1, last + horizon + 1)), rows)


def _covers(there: pd.Index, asked: list[Any]) -> None:
    if there.has_duplicates or not set(asked) <= set(there):
        raise ValueError(f"one target for each of {', '.join(map(str, asked))}")


def _labelled(values: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(values, (pandas.Series, pandas.DataFrame))


def _years(index: pd.Index) -> list[int]:
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
