"""Checks of a province against its cities, and of the cities against the target (METHOD 9)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from gdplan.files import places
from gdplan.model import Plan
from gdplan.observations.checks.findings import (
    SOFT,
    Finding,
    Row,
    full_years,
    indicators_of,
    number,
    of,
    place,
    records,
    said,
)
from gdplan.observations.checks.soft import HONEST

POPULATION = "常住人口"
KEYS = ["indicator", "year", "period"]


def sums(used: pd.DataFrame, plan: Plan, limits: Mapping[str, float]) -> list[Finding]:
    """Counts: the cities' sum against the province.

    With all cities both ways, with some of them only the certain one: what some cities have, the
    province has too.
    """
    cities = places.cities_of(plan.region)
    full = full_years(used)
    full = full[full["indicator"].isin(indicators_of(plan)) & (full["unit"] != "%")]
    inside = full[full["region"].isin(cities)]
    total = inside.groupby(KEYS, sort=False).agg(
        cities=("region", "nunique"), low=("low", "sum"), high=("high", "sum"),
        value=("value", "sum"), least=("low", "min"),
    )  # fmt: skip
    whole = full[full["region"] == plan.region].merge(
        total.reset_index(), on=KEYS, suffixes=("", "_sum")
    )
    slack = limits["sum_slack"] * whole["value"].abs()
    above = (whole["low_sum"] > whole["high"] + slack) & (whole["least"] >= 0)
    below = (whole["high_sum"] < whole["low"] - slack) & (whole["cities"] == len(cities))
    return [
        of("cities_do_not_add_up", SOFT, [r],
           f"{said(r)}，与{r['cities']}市合计{number(r['value_sum'])}不符", _cities(inside, r))
        for r in records(whole[above | below])
    ]  # fmt: skip


def _cities(inside: pd.DataFrame, row: Row) -> list[Row]:
    """The cities' figures of an indicator and year."""
    mine = inside
    for key in KEYS:
        mine = mine[mine[key] == row[key]]
    return [*records(mine)]


def rates(used: pd.DataFrame, plan: Plan, limits: Mapping[str, float]) -> list[Finding]:
    """Shares: the province lies between its cities, and near their mean weighted by population
    where the population of every city is known."""
    cities = places.cities_of(plan.region)
    full = full_years(used)
    people = full[full["indicator"] == POPULATION][["region", "year", "value"]]
    people = people.drop_duplicates(["region", "year"]).rename(columns={"value": "weight"})
    full = full[full["indicator"].isin(indicators_of(plan)) & (full["unit"] == "%")]
    inside = full[full["region"].isin(cities)].merge(people, on=["region", "year"], how="left")
    inside = inside.assign(share=inside["value"] * inside["weight"])
    total = inside.groupby(KEYS, sort=False).agg(
        cities=("region", "nunique"), low=("low", "min"), high=("high", "max"),
        weighed=("share", "count"), share=("share", "sum"), weight=("weight", "sum"),
    )  # fmt: skip
    whole = full[full["region"] == plan.region].merge(
        total.reset_index(), on=KEYS, suffixes=("", "_city")
    )
    whole = whole[whole["cities"] == len(cities)]
    mean = (whole["share"] / whole["weight"]).where(whole["weighed"] == len(cities))
    whole = whole.assign(mean=mean)
    outside = (whole["high"] < whole["low_city"]) | (whole["low"] > whole["high_city"])
    far = (whole["value"] - mean).abs() > limits["rate_slack"]
    return [
        *(of("province_outside_cities", SOFT, [r],
             f"{said(r)}，不在各市的最低{number(r['low_city'])}与最高{number(r['high_city'])}之间")
          for r in records(whole[outside])),
        *(of("province_off_weighted_mean", SOFT, [r],
             f"{said(r)}，与各市按{POPULATION}加权的平均{r['mean']:.2f}%相差"
             f"{abs(r['value'] - r['mean']):.2f}个百分点")
          for r in records(whole[far & ~outside])),
    ]  # fmt: skip


def bunching(used: pd.DataFrame, plan: Plan, limits: Mapping[str, float]) -> list[Finding]:
    """Too many cities just above the target, hardly any just below."""
    full, found = full_years(used), []
    inside = full[full["region"].isin(places.cities_of(plan.region))]
    for item in plan.indicators:
        target = item.target.value
        if target is None or item.unit != "%" or item.direction == 0:
            continue
        mine = inside[inside["indicator"].isin((item.name, *item.aliases))]
        for year in sorted({int(y) for y in mine["year"]}):
            group = mine[mine["year"] == year]
            band = limits["bunching_band"] * abs(target)
            ahead = (group["value"] - target) * item.direction
            above = int(((ahead >= 0) & (ahead <= band)).sum())
            below = int(((ahead < 0) & (ahead >= -band)).sum())
            enough = len(group) >= limits["bunching_least"]
            if enough and above / len(group) >= limits["bunching_share"] and below * 5 <= above:
                text = (
                    f"{year}年{item.name}：{len(group)}市中{above}市恰好略高于目标，略低于目标的仅"
                    f"{below}市；{HONEST}，请核对统计方法"
                )
                cells = tuple(place(r) for r in records(group))
                found.append(Finding("bunching", SOFT, text, cells, item.name, plan.region, year))
    return found
