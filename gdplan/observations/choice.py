"""Which of several figures answers for a year, and by which rule the others do not.

Nothing is dropped: every row stays and says whether it is used, and if not why.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gdplan.model import Bound, Mode, Period
from gdplan.plans.choices import check_choices

if TYPE_CHECKING:
    from gdplan.model import Plan


def choose(observations: pd.DataFrame, plan: Plan | None = None) -> pd.DataFrame:
    """Mark the figure that answers for each indicator, region and year.

    Full year before part-year (a later month before an earlier), direct before reprint, a new
    figure before one that only bounds or rounds off an earlier exact one, later vintage before
    earlier, finer before coarser, then file and cell order. Totals compete only within the same
    window, and figures counted since a launch never with anything else.

    Parameters
    ----------
    observations : DataFrame
        From :func:`gdplan.read_observations`.
    plan : Plan, optional
        With it figures of the plan's indicators whose period cannot answer for their kind compete
        with none: see :func:`unfit`.

    Returns
    -------
    DataFrame
        The same rows in the same order with ``used`` (bool), ``lost_to`` (``file!cell`` of the
        winner) and ``rule`` (why it lost, in Chinese).
    """
    if plan is not None:
        check_choices(plan, observations)
    if observations.empty:
        return observations.assign(used=pd.Series(dtype=bool), lost_to="", rule="")
    keys = _rank(observations, unfit(observations, plan))
    order = keys.sort_values(
        [*_GROUP, *_ORDER, "file", "cell"],
        ascending=[*(True for _ in _GROUP), *(False for _ in _ORDER), True, True],
        kind="stable",
    )
    grouped = order.groupby(list(_GROUP), dropna=False, sort=False)
    first = grouped[[*_ORDER, "where"]].transform("first")
    winner = (grouped.cumcount() == 0) & order["usable"]
    rule = _lost_by(order, first)
    rule = rule.where(order["usable"], order["unusable"]).where(~winner, "")
    lost_to = first["where"].where(~winner & order["usable"], "")
    return observations.assign(
        used=winner.reindex(observations.index),
        lost_to=lost_to.reindex(observations.index),
        rule=rule.reindex(observations.index),
    )


def with_parts(chosen: pd.DataFrame) -> pd.DataFrame:
    """The figures that are used, and those for part of a year beside a whole year's: they tell
    what share of a year such a part makes."""
    return chosen[chosen["used"] | (chosen["rule"] == _RULES["full"])]


_GROUP = ("indicator", "region", "year", "family", "window")
_ORDER = ("usable", "full", "through", "direct", "new", "vintage", "closed", "digits")
_RULES = {
    "full": "有全年数，年内进度数不用",
    "through": "有截至更晚月份的数据",
    "direct": "有原始来源，转载不用",
    "new": "只是已公布的确切数据的约数或单侧说法",
    "vintage": "有更晚发布的数据",
    "closed": "有更确切的数据（约数、单侧界限不用）",
    "digits": "有更细精度的数据",
}
LEVEL_IN_SUM = "年末数是存量，累计指标只加各年发生数"
OTHER_WINDOW = "累计的起始年不是规划首年，不能算作规划期累计"
TOTAL_OF_YEARS = "几年的累计数，不能作为当年的数"
MISTAKEN = (LEVEL_IN_SUM, TOTAL_OF_YEARS)
"""Why a figure is unfit that was most likely entered under a wrong period."""
_CLOSED = {Bound.EXACT.value: 2, Bound.APPROX.value: 1}


def unfit(rows: pd.DataFrame, plan: Plan | None) -> pd.Series[str]:
    """Why a figure's period cannot answer for the kind of its indicator; empty where it can.

    A sum adds up flows, so a level at the end of a year is none of its terms; where the target is a
    total, one since another year than the plan's first is not that of the plan; elsewhere a total
    of several years is no level, no flow of a year and no growth of one.
    """
    none = pd.Series("", index=rows.index, dtype=object)
    if plan is None or rows.empty:
        return none
    groups = ([i for i in plan.indicators if i.kind.mode is Mode.SUM],
              [i for i in plan.indicators if i.total],
              [i for i in plan.indicators if not i.total])  # fmt: skip
    summed, whole, single = (
        rows["indicator"].isin({n for i in group for n in (i.name, *i.aliases)}) for group in groups
    )
    total = rows["period"] == Period.CUMULATIVE.value
    other = total & rows["start"].notna() & (rows["start"] != plan.base_year + 1)
    return (
        none.mask(summed & (rows["period"] == Period.YEAR_END.value), LEVEL_IN_SUM)
        .mask(whole & other, OTHER_WINDOW)
        .mask(single & total, TOTAL_OF_YEARS)
    )


def passed_over(chosen: pd.DataFrame, plan: Plan, *, year: int) -> frozenset[str]:
    """Numbers of the indicators with figures of the plan years, up to ``year``, whose period cannot
    answer for their kind. A total since another year is right in itself and only listed."""
    inside = chosen["year"].between(plan.base_year + 1, year)
    names = set(chosen.loc[inside & chosen["rule"].isin(MISTAKEN), "indicator"])
    return frozenset(i.no for i in plan.indicators if names & {i.name, *i.aliases})


def _rank(rows: pd.DataFrame, misfit: pd.Series[str]) -> pd.DataFrame:
    period = rows["period"]
    total = period == Period.CUMULATIVE.value
    launch = period == Period.SINCE_LAUNCH.value
    undated = ~total & ~launch & rows["month"].isna()
    windowless = total & rows["start"].isna()
    keys = pd.DataFrame(
        {
            "indicator": rows["indicator"],
            "region": rows["region"],
            "year": rows["year"],
            "family": np.select([total, launch], ["total", "launch"], "year"),
            "window": rows["start"].where(total | launch, 0.0).fillna(-1.0),
            "usable": ~(undated | windowless | launch | (misfit != "")),
            "unusable": np.select(
                [undated, windowless, launch],
                ["时段不明，无法采用", "累计起始年不明，无法采用", "启动以来累计，口径与规划不同"],
                misfit.to_numpy(str),
            ),
            "full": period.isin([Period.ANNUAL.value, Period.YEAR_END.value]).astype(int),
            "through": rows["month"].fillna(0.0),
            "direct": (rows["access"] == "direct").astype(int),
            "vintage": rows["known"],
            "closed": rows["bound"].map(_CLOSED).fillna(0).astype(int),
            "digits": _digits(rows),
            "file": rows["file"],
            "cell": _line_numbers(rows["cell"]),
            "where": rows["file"].astype(str) + "!" + rows["cell"].astype(str),
        },
        index=rows.index,
    )
    return keys.assign(new=~keys.index.isin(_restated(keys, rows)))


def _restated(keys: pd.DataFrame, rows: pd.DataFrame) -> Any:
    """Labels of bounds and approximations within which an earlier exact figure lies: 超140 after
    140.33 revises nothing."""
    alike = [*_GROUP, "usable", "full", "through"]
    marked = keys[[*alike, "direct", "vintage"]].assign(
        low=rows["low"],
        high=rows["high"],
        label=rows.index,
        exact=rows["bound"] == Bound.EXACT.value,
    )
    rivals = marked[marked.duplicated(alike, keep=False)]
    pairs = rivals.merge(rivals, on=alike, suffixes=("", "_before"))
    inside = (pairs["low_before"] >= pairs["low"]) & (pairs["high_before"] <= pairs["high"])
    finer = pairs["exact_before"] & ~pairs["exact"]
    earlier = pairs["vintage_before"] < pairs["vintage"]
    trusted = pairs["direct_before"] >= pairs["direct"]
    return pairs.loc[inside & finer & earlier & trusted, "label"].unique()


def _digits(rows: pd.DataFrame) -> Any:
    """Decimals a figure is known to, in the unit of the frame; a wide interval is coarse."""
    printed = decimals(rows["raw"]).astype(float)
    width = (rows["high"] - rows["low"]).to_numpy(float)
    exact = (rows["bound"] == Bound.EXACT.value).to_numpy() & (width > 0) & np.isfinite(width)
    return np.where(exact, -np.round(np.log10(np.where(exact, width, 1.0))), printed)


# Vectorised text methods take ten times as long on a million rows.
def decimals(texts: Iterable[str]) -> Any:
    """Digits after the point."""
    return np.array([len(t.partition(".")[2]) for t in texts], int)


def _line_numbers(cells: Iterable[str]) -> Any:
    """The number at the end of an address; nan for one without."""
    found = map(re.compile(r"\d+$").search, cells)
    return np.array([float(m[0]) if m else math.nan for m in found])


def _lost_by(order: pd.DataFrame, first: pd.DataFrame) -> pd.Series[str]:
    words = pd.Series("与采用的数据重复", index=order.index, dtype=object)
    for key, text in reversed(_RULES.items()):
        words = words.where(order[key] == first[key], text)
    return words
