"""Checks that ask: odd changes, odd digits, revisions, weak sources (METHOD 9, soft)."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from gdplan.model import Plan
from gdplan.observations import choice
from gdplan.observations.checks.findings import (
    SOFT,
    Finding,
    before,
    changes,
    full_years,
    indicators_of,
    number,
    of,
    place,
    records,
    said,
)

SLIPS = (10, 100, 1000, 10_000, 100_000_000)
"""Factors between counting words that are mixed up, 十 to 万 and 亿, and of points that slip."""
HONEST = "这不是造假的证据"


def slip(ratio: float, band: float) -> int:
    """The factor that a ratio, or one over it, is within ``band`` log points of; 0 for none.

    Examples
    --------
    >>> slip(10_400, 0.3), slip(0.0099, 0.3), slip(1.3, 0.3)
    (10000, 100, 0)
    """
    size = abs(math.log(ratio))
    return next((s for s in SLIPS if abs(size - math.log(s)) <= band), 0)


def unit_slips(used: pd.DataFrame, plan: Plan, limits: Mapping[str, float]) -> list[Finding]:
    """A figure about 10, 100, 1,000, 10,000 or 100,000,000 times the median of its own series, or
    the same part of it: 人 for 万人, a decimal point lost."""
    full = full_years(used)
    full = full[(full["value"] > 0) & (full["unit"] != "%")]
    series = full.groupby(["region", "indicator", "period"], sort=False)["value"]
    full = full.assign(count=series.transform("size"), middle=series.transform("median"))
    full = full[full["count"] >= 3]
    ratios = full["value"] / full["middle"]
    times = np.array([slip(ratio, limits["slip_band"]) for ratio in ratios], int)
    hit = times > 0
    return [
        of("unit_slip", SOFT, [r],
           f"{said(r)}，约为该序列各年中位数{number(r['middle'])}的"
           f"{f'{times}倍' if r['value'] > r['middle'] else f'1/{times}'}"
           "，请核对单位和小数点")
        for r, times in zip(records(full[hit]), times[hit], strict=True)
    ]  # fmt: skip


def jumps(used: pd.DataFrame, plan: Plan, limits: Mapping[str, float]) -> list[Finding]:
    """Yearly changes far beyond those of the other series of the same kind of unit."""
    pairs = changes(full_years(used))
    found = []
    for _unit, group in pairs.groupby(pairs["unit"] == "%"):
        if len(group) < limits["few_changes"]:
            continue
        middle = group["change"].median()
        far = (group["change"] - middle).abs()
        spread = 1.4826 * far.median()
        wild = group[(far > limits["jump_mads"] * spread) & (far > limits["jump_least"])]
        for row in records(wild):
            share = math.expm1(row["change"]) * 100
            text = f"{said(row)}，比上年{share:+.0f}%，远超同类数据的变动幅度"
            found.append(of("jump", SOFT, [row], text, [before(row)]))
    return found


def flat(used: pd.DataFrame, plan: Plan, _: Mapping[str, float]) -> list[Finding]:
    """Figures with digits that repeat to the last digit from one year to the next."""
    pairs = changes(full_years(used))
    same = pairs[(pairs["raw"] == pairs["raw_before"]) & ~pairs["raw"].isin(["0", "100"])]
    digits = same["raw"].str.replace(r"[^0-9]", "", regex=True).str.lstrip("0").str.len()
    return [
        of("unchanged", SOFT, [r], f"{said(r)}，与上年完全相同，请核对是否漏改", [before(r)])
        for r in records(same[digits >= 4])
    ]


def last_digits(used: pd.DataFrame, plan: Plan, limits: Mapping[str, float]) -> list[Finding]:
    """Last digits far from even, over the figures of a file with three digits or more."""
    found = []
    raw = used["raw"].astype(str).str.replace(r"[^0-9]", "", regex=True)
    long = used.assign(last=raw.str[-1])[raw.str.lstrip("0").str.len() >= 3]
    for file, group in long.groupby("file"):
        n = len(group)
        if n < limits["digits_least"]:
            continue
        counts = np.bincount(group["last"].astype(int), minlength=10)
        chance = chi_square_tail(float(((counts - n / 10) ** 2 / (n / 10)).sum()), 9)
        if chance < limits["digits_chance"]:
            top = int(counts.argmax())
            text = (
                f"{file}：{n}个数据的末位数字分布不均（末位{top}有{counts[top]}个，偶然出现的概率约"
                f"{chance:.1g}）；取整也会如此，{HONEST}"
            )
            found.append(Finding("last_digits", SOFT, text, (str(file),)))
    return found


def chi_square_tail(x: float, freedom: int) -> float:
    """Probability that a chi-square variable exceeds ``x``.

    Examples
    --------
    >>> round(chi_square_tail(16.919, 9), 3)
    0.05
    """
    from scipy.special import gammaincc

    return float(gammaincc(freedom / 2, x / 2))


def reprints(used: pd.DataFrame, plan: Plan, _: Mapping[str, float]) -> list[Finding]:
    """Series of the plan's indicators with figures in the plan years known from reprints only."""
    inside = used["year"].between(plan.base_year + 1, plan.target_year)
    mine = used[used["indicator"].isin(indicators_of(plan)) & (used["access"] != "direct") & inside]
    return [
        _series("only_reprint", rows, "只见于转载，引用前应核对原件")
        for _key, rows in mine.groupby(["region", "indicator"], sort=False)
    ]


def noted(used: pd.DataFrame, plan: Plan, _: Mapping[str, float]) -> list[Finding]:
    """Series with figures whose note speaks of another definition."""
    told = used["note"].str.contains("口径", na=False)
    mine = used[used["indicator"].isin(indicators_of(plan)) & told]
    found = []
    for _key, rows in mine.groupby(["region", "indicator"], sort=False):
        notes = "；".join(f"{r['year']}年：{r['note']}" for r in records(rows))
        found.append(_series("caliber", rows, f"口径说明（{notes}），与其他年份不一定可比"))
    return found


def _series(name: str, rows: pd.DataFrame, text: str) -> Finding:
    """One finding for several years of a series, on the newest of them."""
    ordered = records(rows.sort_values("year", kind="stable"))
    years = "、".join(str(y) for y in dict.fromkeys(r["year"] for r in ordered))
    last = ordered[-1]
    sentence = f"{last['region_name']}{last['indicator']}{years}年的数，{text}"
    return Finding(name, SOFT, sentence, tuple(place(r) for r in ordered),
                   str(last["indicator"]), str(last["region"]), int(last["year"]))  # fmt: skip


def unfit(rows: pd.DataFrame, plan: Plan, _: Mapping[str, float]) -> list[Finding]:
    """Figures of the plan years whose period cannot answer for the kind of their indicator: a level
    at the end of a year where flows are added up, a total of years where one year is asked for."""
    inside = rows[rows["year"].between(plan.base_year + 1, plan.target_year)]
    why = choice.unfit(inside, plan)
    odd = why.isin(choice.MISTAKEN)
    return [
        of("unfit_period", SOFT, [r], f"{said(r)}，{word}，没有采用；请核对时期")
        for r, word in zip(records(inside[odd]), why[odd], strict=True)
    ]


def revisions(rows: pd.DataFrame, plan: Plan, limits: Mapping[str, float]) -> list[Finding]:
    """Later figures of the same cell that differ by more than the materiality limit."""
    keys = ["region", "indicator", "year", "period", "month", "start"]
    rows = full_years(rows)
    rows = rows[rows.duplicated(keys, keep=False)].sort_values([*keys, "known"], kind="stable")
    if rows.empty:
        return []
    kept = ["low", "high", "value", "raw", "published", "file", "cell"]
    earlier = rows.groupby(keys, dropna=False, sort=False)[kept].shift().add_suffix("_before")
    pairs = rows.join(earlier)
    apart = (pairs["low"] > pairs["high_before"]) | (pairs["high"] < pairs["low_before"])
    size = (pairs["value"] - pairs["value_before"]).abs()
    large = pairs[apart & (size > limits["revision_share"] * pairs["value_before"].abs())]
    return [
        of("large_revision", SOFT, [r],
           f"{said(r)}（{r['published']}），与{r['published_before']}公布的{r['raw_before']}相差"
           f"{number(abs(r['value'] - r['value_before']))}", [before(r)])
        for r in records(large)
    ]  # fmt: skip


def base_revised(used: pd.DataFrame, plan: Plan, _: Mapping[str, float]) -> list[Finding]:
    """The base that the plan prints against figures of the base year published since."""
    full = full_years(used)
    full = full[(full["region"] == plan.region) & (full["year"] == plan.base_year)]
    found = []
    for item in plan.indicators:
        cell = item.base
        if cell.value is None or item.kind.accumulates:
            continue
        mine = full[full["indicator"].isin((item.name, *item.aliases))]
        for row in records(mine[(mine["low"] > cell.high) | (mine["high"] < cell.low)]):
            text = (
                f"{said(row)}（{row['published']}），与规划所载基期数{cell.raw}不同；如因统计口径调整，"
                "应在 calibers.yml 中写明"
            )
            line = {"file": f"plans/{plan.text}", "cell": f"L{item.line}"}
            found.append(of("base_revised", SOFT, [row], text, [line]))
    return found
