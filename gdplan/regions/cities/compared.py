"""The cities' figures of a year beside their province's, each city judged as in its own report.

The figures stand in the plan's caliber; nothing is filled in, and who has no figure is named.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gdplan.assessment.assess import judgements
from gdplan.assessment.evidence import FULL_YEAR
from gdplan.files import places
from gdplan.model import Indicator
from gdplan.observations import annual_targets, calibers

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Figure
    from gdplan.assessment.judgement import Judgement
    from gdplan.reports.evaluation import Evaluation


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
    figure: Figure
    now: Amount
    before: Amount
    judged: Amount
    judged_before: Amount
    row: Judgement


@dataclass(frozen=True, slots=True)
class Comparison:
    """One indicator: the province's row and figures, the cities with a figure of the year, and the
    codes of those without. ``figure`` is the province's of the year as published, or None."""

    row: Judgement
    figure: Figure | None
    now: Amount
    before: Amount
    judged_before: Amount
    cities: tuple[City, ...]
    missing: tuple[str, ...]

    @property
    def share(self) -> bool:
        """Whether it is a percentage, for which the province's target holds in every city."""
        return self.row.unit == "%"


def compare(evaluation: Evaluation) -> tuple[Comparison, ...]:
    """The indicators of a province for which a city has a whole year's figure of the year.

    Returns
    -------
    tuple of Comparison
        In the order of the plan, cities in that of ``data/raw/regions.csv``. Empty for a region
        that is no province. Compositions are left out: they have no order from low to high.
    """
    plan, known, region = evaluation.plan, evaluation.known, evaluation.region
    codes = places.cities_of(region) if region[2:] == "0000" else []
    there = known[
        known["region"].isin(codes) & (known["year"] == evaluation.year)
        & known["period"].isin([str(p) for p in FULL_YEAR])
    ]  # fmt: skip
    items = tuple(
        i for i in plan.indicators
        if not i.kind.parts and {i.name, *i.aliases} & set(there["indicator"])
    )  # fmt: skip
    if not items:
        return ()
    breaks, targets = evaluation.breaks, evaluation.targets
    breaks = calibers.read(_raw() / "calibers.yml") if breaks is None else breaks
    targets = annual_targets.read(annual_targets.place(), plan) if targets is None else targets
    judged = {
        code: judgements(
            replace(plan, indicators=items), known[known["region"] == code], region=code,
            year=evaluation.year, as_of=evaluation.as_of or None, breaks=breaks, targets=targets,
            kind="final" if evaluation.final else "midterm",
        )
        for code in codes if code in set(there["region"])
    }  # fmt: skip
    rows = {row.indicator: row for row in evaluation.judgements}
    compared = (_comparison(item, rows[item.no], judged, codes) for item in items)
    return tuple(one for one in compared if one.cities)


def _raw() -> Path:
    return places.data_folder() / "raw"


def _comparison(
    item: Indicator,
    row: Judgement,
    judged: Mapping[str, Sequence[Judgement]],
    codes: Sequence[str],
) -> Comparison:
    own = {code: next(r for r in rows if r.indicator == item.no)
           for code, rows in judged.items()}  # fmt: skip
    cities = tuple(c for code, r in own.items() if (c := _city(code, r)) is not None)
    have = {c.code for c in cities}
    return Comparison(
        row, _figure(row, 0), _printed(row, 0), _printed(row, 1), judged_before(row), cities,
        tuple(code for code in codes if code not in have),
    )  # fmt: skip


def _city(code: str, row: Judgement) -> City | None:
    now = _figure(row, 0)
    if now is None:
        return None
    return City(
        code, row.region_name, now, _printed(row, 0), _printed(row, 1), judged(row),
        judged_before(row), row,
    )  # fmt: skip


def _figure(row: Judgement, back: int) -> Figure | None:
    """The whole year's figure of the evaluated year, or of so many years before."""
    mine = [f for f in row.history if f.year == row.year - back and f.full_year]
    return mine[-1] if mine else None


def _printed(row: Judgement, back: int) -> Amount:
    found = _figure(row, back)
    return UNKNOWN if found is None else amount(found)


def amount(figure: Figure) -> Amount:
    """A figure as a number with both ends."""
    return Amount(figure.value, figure.low, figure.high)


def judged(row: Judgement) -> Amount:
    """The judged value at the end of the evaluated year, or unknown."""
    if row.data_year != row.year or row.data_month != 12 or row.missing_years:
        return UNKNOWN
    return Amount(row.value, row.value_low, row.value_high)


def judged_before(row: Judgement) -> Amount:
    """The judged value a year earlier: of a sum the sum up to then, else that year's figure."""
    if not row.kind.summed:
        return _printed(row, 1)
    figures = row.inputs
    if judged(row) is UNKNOWN or len(figures) < 2 or figures[-1].period == "cumulative":
        return UNKNOWN
    ends = [amount(f) for f in figures[:-1]]
    return Amount(*(math.fsum(a[k] for a in ends) for k in range(3)))
