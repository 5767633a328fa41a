"""Checks of figures that cannot both be true, or cannot be at all (METHOD 9, hard)."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from gdplan.files import places
from gdplan.model import OBSERVATION_KEY, Period, Plan
from gdplan.observations import row_checks
from gdplan.observations.checks.findings import (
    HARD,
    Finding,
    before,
    changes,
    full_years,
    indicators_of,
    is_growth,
    of,
    records,
    said,
)

STATED = re.compile(r"同比(增长|上升|提高|下降|减少|降低)(\d+(?:\.\d+)?)%")
COMPARABLE = re.compile(r"同口径|可比|不变价")
STEM = re.compile(r"(?:同比)?(?:增长率|增长速度|增速|增幅|增长)$")


def frame_faults(rows: pd.DataFrame, plan: Plan, _: Mapping[str, float]) -> list[Finding]:
    """What the reader refuses, for frames that were made otherwise: figures entered twice, names,
    regions and units that nothing knows, years after their own publication."""
    series = row_checks.series()
    units = {n: i.unit for n, i in indicators_of(plan).items()}
    units = {n: s.unit for n, s in series.items()} | units
    twice = rows[rows.duplicated([*OBSERVATION_KEY, "source"], keep="first")]
    known = rows["indicator"].isin(units)
    named = known | rows["indicator"].isin(places.plan_names())
    unit = rows["indicator"].map(units)
    nowhere = ~rows["region"].isin(places.regions())
    early = rows["year"] > rows["known"].dt.year
    faults = (
        ("duplicate_key", twice, "重复录入"),
        ("unknown_indicator", rows[~named], "规划和 series.yml 中都没有这项指标"),
        ("unknown_unit", rows[known & (unit != rows["unit"])], "单位与登记的不同"),
        ("unknown_region", rows[nowhere], "地区不在 GB/T 2260 和 regions.csv 中"),
        ("year_outside", rows[early], "数据年份晚于发布日期"),
    )
    return [
        of(name, HARD, [r], f"{said(r)}，{text}")
        for name, bad, text in faults
        for r in records(bad)
    ]


def impossible(used: pd.DataFrame, plan: Plan, _: Mapping[str, float]) -> list[Finding]:
    """Shares outside 0-100 and negative counts."""
    plain = ~is_growth(used["indicator"], plan)
    low = used[plain & (used["value"] < 0)]
    high = used[plain & (used["unit"] == "%") & (used["value"] > 100)]
    return [
        *(of("negative", HARD, [r], f"{said(r)}为负数") for r in records(low)),
        *(of("share_above_100", HARD, [r], f"{said(r)}超过100%") for r in records(high)),
    ]


def parts(used: pd.DataFrame, plan: Plan, _: Mapping[str, float]) -> list[Finding]:
    """A part larger than its whole, for certain: beyond the rounding of both."""
    full = full_years(used)
    found = []
    for item in plan.indicators:
        if not item.whole:
            continue
        whole = plan.indicator(item.whole)
        pairs = full[full["indicator"].isin((item.name, *item.aliases))].merge(
            full[full["indicator"].isin((whole.name, *whole.aliases))],
            on=["region", "year"], suffixes=("", "_whole"),
        )  # fmt: skip
        for row in records(pairs[pairs["low"] > pairs["high_whole"]]):
            other = {k: row[f"{k}_whole"] for k in ("file", "cell", "raw", "unit", "indicator")}
            text = f"{said(row)}，大于其所属的{other['indicator']}{other['raw']}{other['unit']}"
            found.append(of("part_above_whole", HARD, [row], text, [other]))
    return found


def falling(used: pd.DataFrame, _: Plan, __: Mapping[str, float]) -> list[Finding]:
    """Sums since the same start that become smaller."""
    sums = used[used["period"].isin([Period.CUMULATIVE.value, Period.SINCE_LAUNCH.value])]
    keys = ["region", "indicator", "period", "start"]
    sums = sums.sort_values([*keys, "year", "known"], kind="stable")
    groups = sums.groupby(keys, dropna=False, sort=False)
    kept = ["low", "year", "raw", "file", "cell"]
    pairs = sums.join(groups[kept].shift().add_suffix("_before"))
    fell = pairs[(pairs["high"] < pairs["low_before"]) & (pairs["year"] > pairs["year_before"])]
    return [
        of("cumulative_falls", HARD, [r],
           f"{said(r)}，小于{int(r['year_before'])}年的{r['raw_before']}，累计数不应减少",
           [before(r)])
        for r in records(fell)
    ]  # fmt: skip


def growth(used: pd.DataFrame, plan: Plan, _: Mapping[str, float]) -> list[Finding]:
    """A published growth that no pair of levels within the rounding of both can give.

    The growth is a series of its own (某数增长率) or stands in the note of the level
    (同比增长5.2%); one on a comparable basis (同口径、可比价) is left alone.
    """
    pairs = changes(full_years(used))
    pairs = pairs[pairs["unit"] != "%"]
    if pairs.empty:
        return []
    pairs = pairs.assign(
        least=(pairs["low"] / pairs["high_before"] - 1) * 100,
        most=(pairs["high"] / pairs["low_before"].where(pairs["low_before"] > 0) - 1) * 100,
    )
    return [*_against_series(pairs, used), *_against_notes(pairs)]


def _against_series(pairs: pd.DataFrame, used: pd.DataFrame) -> list[Finding]:
    rates = used[used["indicator"].str.contains(STEM) & (used["unit"] == "%")]
    rates = rates.assign(indicator=rates["indicator"].str.replace(STEM, "", regex=True),
                         name=rates["indicator"])  # fmt: skip
    both = pairs.merge(rates, on=["region", "indicator", "year"], suffixes=("", "_rate"))
    bad = both[(both["low_rate"] > both["most"]) | (both["high_rate"] < both["least"])]
    return [
        of("growth_contradicts", HARD, [r],
           f"{said(r)}，比上年的{r['raw_before']}应增长{r['least']:.1f}%—{r['most']:.1f}%，"
           f"与公布的{r['name']}{r['raw_rate']}%矛盾",
           [before(r), {"file": r["file_rate"], "cell": r["cell_rate"]}])
        for r in records(bad)
    ]  # fmt: skip


def _against_notes(pairs: pd.DataFrame) -> list[Finding]:
    stated = pairs["note"].str.extract(STATED)
    plain = stated[1].notna() & ~pairs["note"].str.contains(COMPARABLE)
    some = pairs[plain]
    if some.empty:
        return []
    text = stated.loc[plain, 1]
    sign = np.where(stated.loc[plain, 0].isin(["下降", "减少", "降低"]), -1.0, 1.0)
    half = 0.5 / 10.0 ** text.str.partition(".")[2].str.len().to_numpy(float)
    rate = sign * text.astype(float).to_numpy()
    bad = some[(rate - half > some["most"].to_numpy()) | (rate + half < some["least"].to_numpy())]
    return [
        of("growth_contradicts", HARD, [r],
           f"{said(r)}，比上年的{r['raw_before']}应增长{r['least']:.1f}%—{r['most']:.1f}%，"
           f"与其说明“{r['note']}”矛盾", [before(r)])
        for r in records(bad)
    ]  # fmt: skip
