"""The figures of one region as an assessment of a plan uses them: which one answers for a year,
and why the others do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from gdplan.assessment.evidence import FULL_YEAR, has_base
from gdplan.assessment.plan_results import plan_results
from gdplan.files import places
from gdplan.observations import calibers
from gdplan.observations.choice import choose
from gdplan.observations.read import as_of as known_on
from gdplan.plans.choices import check_choices, indicator_of
from gdplan.plans.revisions import in_force

if TYPE_CHECKING:
    from datetime import date

    from gdplan.model import Plan

OTHER_CALIBER = "口径与规划不同（见 calibers.yml）"
SERIES = ("value", "low", "high")


@dataclass(frozen=True, slots=True)
class Marked:
    """Every figure of a region with ``used``, ``lost_to`` and ``rule``, and those that are used in
    the caliber of the plan, which a restatement may have given other bases and targets."""

    rows: pd.DataFrame
    used: pd.DataFrame
    plan: Plan


def marked(
    plan: Plan,
    observations: pd.DataFrame,
    *,
    region: str,
    year: int | None = None,
    as_of: str | date | None = None,
) -> Marked:
    """Mark the figures of a region as a report of the plan uses them.

    Parameters
    ----------
    plan, observations
        From :func:`gdplan.load_plan` and :func:`gdplan.read_observations`; the results in the
        plan's own table are added.
    year : int, optional
        Evaluated year, the target year by default; changes of caliber after it do not apply.
    as_of : str or date, optional
        Only figures known on that day.
    """
    last = plan.target_year if year is None else year
    check_choices(plan, observations, region=region, year=last, as_of=as_of)
    plan = in_force(plan, as_of)
    rows = with_results(plan, observations)
    rows = rows if as_of is None else known_on(rows, as_of)
    chosen = choose(rows[rows["region"] == region], plan)
    breaks = calibers.known(calibers.read(places.data_folder() / "raw" / "calibers.yml"), as_of)
    one = calibers.link(chosen[chosen["used"]], breaks, plan, region=region, year=last)
    apart = chosen["used"] & ~chosen.index.isin(one.rows.index)
    rule = chosen["rule"].mask(apart, OTHER_CALIBER)
    return Marked(chosen.assign(used=chosen["used"] & ~apart, rule=rule), one.rows, one.plan)


def with_results(plan: Plan, observations: pd.DataFrame) -> pd.DataFrame:
    """The figures with those that the plan's own table prints in its result column."""
    results = pd.DataFrame(plan_results(plan))
    if results.empty:
        return observations
    results["known"] = pd.Timestamp(plan.issued)
    like = results.reindex(columns=observations.columns)
    like = like.astype(observations.dtypes.to_dict())
    return pd.concat([observations, like], ignore_index=True)


def series(
    plan: Plan,
    observations: pd.DataFrame,
    indicator: str,
    *,
    region: str,
    year: int | None = None,
    as_of: str | date | None = None,
) -> pd.DataFrame:
    """The figures of whole years of one indicator, as an assessment uses them.

    Parameters
    ----------
    plan, observations
        From :func:`gdplan.load_plan` and :func:`gdplan.read_observations`.
    indicator : str
        Number, name or alias.
    region : str
        GB/T 2260 code. In the plan's own region the base that the plan prints stands for a base
        year nobody published a level of.
    year : int, optional
        Last year, the plan's target year by default.
    as_of : str or date, optional
        Only figures known on that day.

    Returns
    -------
    DataFrame
        Columns ``value``, ``low`` and ``high`` (METHOD 2) in the unit of the indicator, indexed by
        ``year`` without gaps: a year without a figure is nan.

    Raises
    ------
    ProblemError
        For an unknown indicator or region, a year outside the plan, a day that is none.

    Examples
    --------
    >>> from gdplan import load_plan, read_observations
    >>> frame = series(load_plan("gd-hrss-14"), read_observations(), "1", region="440000")
    >>> float(frame.loc[2022, "value"])
    132.0
    """
    found = marked(plan, observations, region=region, year=year, as_of=as_of)
    item = indicator_of(found.plan, indicator)
    whole = found.used["period"].isin([p.value for p in FULL_YEAR])
    mine = found.used[whole & found.used["indicator"].isin((item.name, *item.aliases))]
    last = plan.target_year if year is None else year
    kept = mine[mine["year"] <= last].drop_duplicates("year", keep="last")
    values = kept.set_index("year")[list(SERIES)].astype(float)
    own = region == plan.region and len(values) > 0 and has_base(item)
    if own and item.base_year not in values.index:
        values.loc[item.base_year] = [float(item.base.value or 0), item.base.low, item.base.high]
    years = range(values.index.min(), values.index.max() + 1) if len(values) else ()
    return values.reindex(pd.Index(years, name="year", dtype=int))
