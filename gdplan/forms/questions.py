"""Questions about figures of a form that are a power of ten off what is known of their series.

人 for 万人, 元 for 亿元, a decimal point lost: a form is filled a figure at a time, so that each is
held against the nearest year known instead of the median of a long series. Nothing is refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from gdplan.model import Plan
from gdplan.observations.checks.findings import CHECK_PARAMETERS, full_years, number
from gdplan.observations.checks.soft import slip
from gdplan.observations.choice import choose

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, str]
Series = dict[tuple[str, str], dict[int, float]]


def questions(
    asked: Iterable[tuple[Row, str]], known: pd.DataFrame, plan: Plan, *,
    parameters: Mapping[str, float] = CHECK_PARAMETERS,
) -> Iterator[str]:  # fmt: skip
    """A sentence for each figure about 10, 100, ... times the figure it is held against, or the
    same part of it.

    Parameters
    ----------
    asked : pairs of row and cell
        New figures in the columns of an observation file, in the plan's unit, with sheet!cell.
    known : DataFrame
        The observations before the import.

    The figure held against is that of the same year known before, else of the nearest year before,
    else of the nearest after; other figures of the import count, and the plan's own base.
    """
    pairs = [(row, cell) for row, cell in asked if _number(row) > 0 and row["unit"] != "%"]
    before, news = _known(known, plan), _series(row for row, _ in pairs)
    for row, cell in pairs:
        key, year = (row["region_code"], row["indicator"]), int(row["year"])
        others = {y: value for y, value in news[key].items() if y != year}
        series = others | before.get(key, {})
        found = _nearest(series, year)
        if found is None:
            continue
        times = slip(_number(row) / series[found], parameters["slip_band"])
        if times:
            share = f"{times}倍" if _number(row) > series[found] else f"1/{times}"
            yield (
                f"{cell}：{row['region']}{year}年{row['indicator']}{row['value']}{row['unit']}，"
                f"约为{found}年{number(series[found])}的{share}，请核对单位和小数点"
            )


def _series(rows: Iterable[Row]) -> Series:
    series: Series = {}
    for row in rows:
        key = row["region_code"], row["indicator"]
        series.setdefault(key, {})[int(row["year"])] = _number(row)
    return series


def _number(row: Row) -> float:
    """The value of a row; nan for a composition."""
    try:
        return float(row["value"].replace(",", ""))
    except ValueError:
        return math.nan


def _known(known: pd.DataFrame, plan: Plan) -> Series:
    """The figures used before, by region and name in the plan, and the plan's base."""
    names = {name: i.name for i in plan.indicators for name in (i.name, *i.aliases)}
    series: Series = {}
    for item in plan.indicators:
        if item.kind.plain and item.base.value:
            series[plan.region, item.name] = {plan.base_year: item.base.value}
    if known.empty:
        return series
    chosen = choose(known, plan)
    used = full_years(chosen[chosen["used"] & chosen["indicator"].isin(names)])
    columns = (used[c].tolist() for c in ("region", "indicator", "year", "value"))
    for region, name, year, value in zip(*columns, strict=True):
        if value > 0:
            series.setdefault((region, names[name]), {})[int(year)] = value
    return series


def _nearest(series: Mapping[int, float], year: int) -> int | None:
    """The year to hold a figure against: its own, the nearest before, the nearest after."""
    order = sorted(series, key=lambda y: (y > year, abs(y - year)))
    return order[0] if order else None
