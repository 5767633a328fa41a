"""What a check of the figures finds, the limits of the checks, and a figure in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from gdplan.model import Mode, Period, Plan
from gdplan.problems import Severity

if TYPE_CHECKING:
    from gdplan.model import Indicator

HARD, SOFT = Severity.HARD, Severity.SOFT
FULL = (Period.ANNUAL.value, Period.YEAR_END.value)
CHECK_PARAMETERS: Mapping[str, float] = {
    "jump_mads": 8.0,
    "jump_least": 0.5,
    "few_changes": 20,
    "slip_band": 0.3,
    "revision_share": 0.02,
    "sum_slack": 0.005,
    "rate_slack": 2.0,
    "bunching_least": 10,
    "bunching_share": 0.6,
    "bunching_band": 0.02,
    "digits_least": 100,
    "digits_chance": 0.001,
    "coverage_slack": 0.002,
    "result_share": 1 / 3,
}
"""jump: changes further from the median than so many MADs, and at least so large (log points), over
at least so many changes; slip: a change by a factor of ten or a power of it, within so many log
points; revision: a later figure differs by more than this share; sum: cities against the province,
share of it; rate: province against the weighted mean of its cities, percentage points; bunching:
fewest cities, share of them just above the target, width of just above as a share of it; digits:
fewest figures, largest chance of the last digits; coverage: a share beyond its rounding against
count over population; result: a total without brackets below this share of its target."""
Row: TypeAlias = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found: which check, how grave, a sentence, and the cells."""

    id: str
    severity: Severity
    sentence: str
    cells: tuple[str, ...]
    indicator: str = ""
    region: str = ""
    year: int = 0


Check: TypeAlias = Callable[[pd.DataFrame, Plan, Mapping[str, float]], list[Finding]]


def place(row: Row) -> str:
    """Where a figure stands."""
    return f"{row['file']}!{row['cell']}"


def said(row: Row) -> str:
    """A figure in words: 广东省2023年城镇新增就业人数139.3万人."""
    return f"{row['region_name']}{row['year']}年{row['indicator']}{row['raw']}{row['unit']}"


def number(x: float) -> str:
    """A number for a sentence: its digits, never a power of ten, no noise of binary fractions.

    Examples
    --------
    >>> number(1392860.7), number(0.1 + 0.2), number(75.0)
    ('1392860.7', '0.3', '75')
    """
    return f"{Decimal(repr(round(float(x), 6))).normalize():f}"


def of(
    name: str, severity: Severity, rows: Iterable[Row], sentence: str, cells: Iterable[Row] = ()
) -> Finding:
    """A finding on the first of some figures, with the cells of all of them."""
    first, *_ = rows = list(rows)
    return Finding(name, severity, sentence, tuple(place(r) for r in [*rows, *cells]),
                   str(first["indicator"]), str(first["region"]), int(first["year"]))  # fmt: skip


def records(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    """Rows as mappings; only for the few that a check has picked out."""
    return rows.to_dict("records")


def full_years(used: pd.DataFrame) -> pd.DataFrame:
    """Figures of whole years or of their ends."""
    return used[used["period"].isin(FULL)]


def indicators_of(plan: Plan) -> dict[str, Indicator]:
    """The plan's indicators by name and alias."""
    return {name: item for item in plan.indicators for name in (item.name, *item.aliases)}


def is_growth(names: pd.Series[str], plan: Plan) -> pd.Series[bool]:
    """Which series are growth rates, that may be negative and beyond 100 %."""
    items = indicators_of(plan)
    growing = {
        n: (n in items and items[n].kind.mode is Mode.CHAIN) or any(w in n for w in GROWTH)
        for n in names.unique()
    }
    return names.map(growing).astype(bool)


GROWTH = ("增长", "增速", "增幅", "同比", "降幅")


def changes(full: pd.DataFrame) -> pd.DataFrame:
    """Figures with the one of the year before: log change, and where it stands."""
    keys = ["region", "indicator", "period", "year"]
    before = full.assign(year=full["year"] + 1)[
        [*keys, "value", "low", "high", "raw", "file", "cell"]
    ]
    pairs = full.merge(before, on=keys, suffixes=("", "_before"))
    pairs = pairs[(pairs["value"] > 0) & (pairs["value_before"] > 0)]
    return pairs.assign(change=np.log(pairs["value"] / pairs["value_before"]))


def before(row: Row) -> dict[str, Any]:
    """The place of the figure of the year before."""
    return {"file": row["file_before"], "cell": row["cell_before"]}
