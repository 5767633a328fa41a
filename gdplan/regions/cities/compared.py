"""The cities' figures of a year beside their province's, each city judged as in its own report.

The figures stand in the plan's caliber; nothing is filled in, and who has no figure is named.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gdplan.assessment.assess import assess
from gdplan.assessment.evidence import FULL_YEAR
from gdplan.files import places
from gdplan.model import Indicator, Kind, Mode, Plan, Verdict
from gdplan.observations import annual_targets, calibers

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[Any, Any]
FINAL = (Verdict.EXCEEDED, Verdict.COMPLETED, Verdict.NEARLY, Verdict.MISSED)


class Amount(NamedTuple):
    """A number as printed and both ends of its interval (METHOD 2)."""

    value: float
    low: float
    high: float


UNKNOWN = Amount(math.nan, math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class City:
    """A city's figure of the year, that of the year before, and its row of the assessment.

    ``judged`` is the value a plan judges (for a sum: the sum so far), ``judged_before`` the same a
    year earlier; all in the indicator's unit.
    """

    code: str
    name: str
    figure: Row
    now: Amount
    before: Amount
    judged: Amount
    judged_before: Amount
    row: Row


@dataclass(frozen=True, slots=True)
class Comparison:
    """One indicator: the province's row and figures, the cities with a figure of the year, and the
    codes of those without. ``figure`` is the province's of the year as published, or None."""

    row: Row
    figure: Row | None
    now: Amount
    before: Amount
    judged_before: Amount
    cities: tuple[City, ...]
    missing: tuple[str, ...]

    @property
    def share(self) -> bool:
        """Whether it is a percentage, for which the province's target holds in every city."""
        return str(self.row["unit"]) == "%"


def compare(
    plan: Plan,
    known: pd.DataFrame,
    assessment: pd.DataFrame,
    *,
    breaks: Sequence[calibers.Break] | None = None,
    targets: Sequence[annual_targets.AnnualTarget] | None = None,
) -> tuple[Comparison, ...]:
    """The indicators of a province for which a city has a whole year's figure of the year.

    Parameters
    ----------
    plan : Plan
        The province's plan.
    known : DataFrame
        Published figures known when the report is made.
    assessment : DataFrame
        The province's assessment; says region, year, data date and kind of report.
    breaks, targets : optional
        As in :func:`gdplan.assess`.

    Returns
    -------
    tuple of Comparison
        In the order of the plan, cities in that of ``data/raw/regions.csv``. Empty for a region
        that is no province. Compositions are left out: they have no order from low to high.
    """
    rows = {str(r["indicator"]): r for r in assessment.to_dict("records")}
    first = next(iter(rows.values()))
    codes = places.cities_of(first["region"]) if first["region"][2:] == "0000" else []
    there = known[
        known["region"].isin(codes) & (known["year"] == first["year"])
        & known["period"].isin([str(p) for p in FULL_YEAR])
    ]  # fmt: skip
    items = tuple(
        i for i in plan.indicators
        if not i.kind.parts and {i.name, *i.aliases} & set(there["indicator"])
    )  # fmt: skip
    if not items:
        return ()
    breaks = calibers.read(_raw() / "calibers.yml") if breaks is None else breaks
    targets = annual_targets.read(annual_targets.place(), plan) if targets is None else targets
    final = any(r["verdict"] in FINAL for r in rows.values())
    judged = {
        code: assess(
            replace(plan, indicators=items), known[known["region"] == code], region=code,
            year=first["year"], as_of=first["as_of"] or None, breaks=breaks, targets=targets,
            kind="final" if final else "midterm",
        ).to_dict("records")
        for code in codes if code in set(there["region"])
    }  # fmt: skip
    made = (_comparison(item, rows[item.no], judged, codes) for item in items)
    return tuple(one for one in made if one.cities)


def _raw() -> Path:
    return places.data_folder() / "raw"


def _comparison(
    item: Indicator, row: Row, judged: Mapping[str, Sequence[Row]], codes: Sequence[str]
) -> Comparison:
    own = {code: next(r for r in rows if r["indicator"] == item.no)
           for code, rows in judged.items()}  # fmt: skip
    cities = tuple(c for code, r in own.items() if (c := _city(code, r)) is not None)
    have = {c.code for c in cities}
    return Comparison(
        row, _figure(row, 0), _printed(row, 0), _printed(row, 1), judged_before(row), cities,
        tuple(code for code in codes if code not in have),
    )  # fmt: skip


def _city(code: str, row: Row) -> City | None:
    now = _figure(row, 0)
    if now is None:
        return None
    return City(
        code, str(row["region_name"]), now, _printed(row, 0), _printed(row, 1), judged(row),
        judged_before(row), row,
    )  # fmt: skip


def _figure(row: Row, back: int) -> Row | None:
    """The whole year's figure of the evaluated year, or of so many years before."""
    full = [str(p) for p in FULL_YEAR]
    mine = [f for f in json.loads(row["history"])
            if f["year"] == row["year"] - back and f["period"] in full]  # fmt: skip
    return mine[-1] if mine else None


def _printed(row: Row, back: int) -> Amount:
    found = _figure(row, back)
    return UNKNOWN if found is None else amount(found)


def amount(figure: Row) -> Amount:
    """A figure of the record as a number with both ends."""
    return Amount(*(math.nan if figure[k] is None else float(figure[k])
                    for k in ("value", "low", "high")))  # fmt: skip


def judged(row: Row) -> Amount:
    """The judged value at the end of the evaluated year, or unknown."""
    if row["data_year"] != row["year"] or row["data_month"] != 12:
        return UNKNOWN
    return Amount(row["value"], row["value_low"], row["value_high"])


def judged_before(row: Row) -> Amount:
    """The judged value a year earlier: of a sum the sum up to then, else that year's figure."""
    if Kind.of(row["kind"]).mode is not Mode.SUM:
        return _printed(row, 1)
    found = json.loads(row["inputs"])
    if judged(row) is UNKNOWN or len(found) < 2 or found[-1]["period"] == "cumulative":
        return UNKNOWN
    ends = [amount(f) for f in found[:-1]]
    return Amount(*(math.fsum(a[k] for a in ends) for k in range(3)))
