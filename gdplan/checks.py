"""Checks of the figures (METHOD 9): each with an id, a severity, a sentence and its cells.

Nothing is dropped and nothing is mended here. Hard findings cannot both be true; soft ones are
questions to whoever supplied the figure.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gdplan import resources
from gdplan.model import Kind, Period, Plan, Severity
from gdplan.observations import choose

if TYPE_CHECKING:
    from gdplan.model import Indicator

CHECK_PARAMETERS: Mapping[str, float] = {
    "jump_mads": 8.0,
    "jump_least": 0.5,
    "few_changes": 20,
    "revision_share": 0.02,
    "sum_slack": 0.005,
    "bunching_least": 10,
    "bunching_share": 0.6,
    "bunching_band": 0.02,
    "digits_least": 100,
    "digits_chance": 0.001,
}
"""jump: changes further from the median than so many MADs, and at least so large (log points);
revision: a later figure differs by more than this share; sum: cities against the province;
bunching: share of cities that lie just above the target; digits: last digits, fewest figures and
chance."""
FULL = (Period.ANNUAL.value, Period.YEAR_END.value)
HARD, SOFT = Severity.HARD, Severity.SOFT
Row = Mapping[Any, Any]


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


def run(
    observations: pd.DataFrame,
    plan: Plan,
    *,
    parameters: Mapping[str, float] = CHECK_PARAMETERS,
) -> tuple[Finding, ...]:
    """Every finding, hard before soft, in the order of the checks.

    Parameters
    ----------
    observations : DataFrame
        From :func:`gdplan.read_observations`.
    plan : Plan
        Its indicators say units, limits, wholes and targets.
    parameters : mapping
        Limits of the soft checks, see :data:`CHECK_PARAMETERS`.
    """
    chosen = choose(observations)
    used = chosen[chosen["used"]] if len(chosen) else chosen
    found: list[Finding] = []
    for check in HARD_CHECKS:
        found += check(used, plan, parameters)
    for check in SOFT_CHECKS:
        found += check(used, plan, parameters)
    found += _revisions(observations, plan, parameters)
    return tuple(sorted(found, key=lambda finding: finding.severity is SOFT))


def looked_at(observations: pd.DataFrame, plan: Plan) -> Iterator[str]:
    """What was looked at, and which indicators have no figure at all."""
    regions, years = observations["region"].nunique(), sorted(set(observations["year"]))
    span = f"{years[0]}—{years[-1]}年" if years else "没有年份"
    yield f"检查了{len(observations)}个数据：{regions}个地区，{span}，{len(CHECKS)}项检查"
    names = set(observations["indicator"])
    missing = [i for i in plan.indicators if not names & {i.name, *i.aliases}]
    if missing:
        listed = "、".join(f"{i.no} {i.name}" for i in missing)
        yield f"没有任何数据、无从检查的指标{len(missing)}项：{listed}"


def _place(row: Row) -> str:
    return f"{row['file']}!{row['cell']}"


def _said(row: Row) -> str:
    return f"{row['region_name']}{row['year']}年{row['indicator']}{row['raw']}{row['unit']}"


def _of(
    name: str, severity: Severity, rows: Iterable[Row], sentence: str, cells: Iterable[Row] = ()
) -> Finding:
    first, *_ = rows = list(rows)
    return Finding(name, severity, sentence, tuple(_place(r) for r in [*rows, *cells]),
                   str(first["indicator"]), str(first["region"]), int(first["year"]))  # fmt: skip


def _full(used: pd.DataFrame) -> pd.DataFrame:
    return used[used["period"].isin(FULL)]


def _indicators(plan: Plan) -> dict[str, Indicator]:
    return {name: item for item in plan.indicators for name in (item.name, *item.aliases)}


def _impossible(used: pd.DataFrame, plan: Plan, _: Mapping[str, float]) -> list[Finding]:
    """Shares outside 0-100 and negative counts."""
    items = _indicators(plan)
    growth = (
        used["indicator"]
        .map(lambda n: (n in items and items[n].kind is Kind.RATE) or "增长" in n or "增速" in n)
        .astype(bool)
    )
    low = used[~growth & (used["value"] < 0)]
    high = used[~growth & (used["unit"] == "%") & (used["value"] > 100)]
    return [
        *(_of("negative", HARD, [r], f"{_said(r)}为负数") for r in low.to_dict("records")),
        *(
            _of("share_above_100", HARD, [r], f"{_said(r)}超过100%")
            for r in high.to_dict("records")
        ),
    ]


def _parts(used: pd.DataFrame, plan: Plan, _: Mapping[str, float]) -> list[Finding]:
    """A part larger than its whole, for certain: beyond the rounding of both."""
    full = _full(used)
    found = []
    for item in plan.indicators:
        if not item.whole:
            continue
        whole = plan.indicator(item.whole)
        pairs = full[full["indicator"].isin((item.name, *item.aliases))].merge(
            full[full["indicator"].isin((whole.name, *whole.aliases))],
            on=["region", "year"], suffixes=("", "_whole"),
        )  # fmt: skip
        for row in pairs[pairs["low"] > pairs["high_whole"]].to_dict("records"):
            other = {k: row[f"{k}_whole"] for k in ("file", "cell", "raw", "unit", "indicator")}
            text = f"{_said(row)}，大于其所属的{other['indicator']}{other['raw']}{other['unit']}"
            found.append(_of("part_above_whole", HARD, [row], text, [other]))
    return found


def _falling(used: pd.DataFrame, _: Plan, __: Mapping[str, float]) -> list[Finding]:
    """Sums since the same start that become smaller."""
    sums = used[used["period"].isin([Period.CUMULATIVE.value, Period.SINCE_LAUNCH.value])]
    found = []
    keys = ["region", "indicator", "period", "start"]
    for _key, group in sums.sort_values(["year", "known"]).groupby(keys, dropna=False, sort=False):
        rows = group.to_dict("records")
        for before, after in itertools.pairwise(rows):
            if after["high"] < before["low"] and after["year"] > before["year"]:
                text = f"{_said(after)}，小于{before['year']}年的{before['raw']}，累计数不应减少"
                found.append(_of("cumulative_falls", HARD, [after], text, [before]))
    return found


def _jumps(used: pd.DataFrame, plan: Plan, limits: Mapping[str, float]) -> list[Finding]:
    """Yearly changes far beyond those of the other series of the same kind of unit."""
    pairs = _changes(_full(used))
    if pairs.empty:
        return []
    found = []
    for _unit, group in pairs.groupby(pairs["unit"] == "%"):
        if len(group) < limits["few_changes"]:
            continue
        middle = group["change"].median()
        spread = 1.4826 * (group["change"] - middle).abs().median()
        far = (group["change"] - middle).abs()
        wild = group[(far > limits["jump_mads"] * spread) & (far > limits["jump_least"])]
        for row in wild.to_dict("records"):
            share = math.expm1(row["change"]) * 100
            text = f"{_said(row)}，比上年{share:+.0f}%，远超同类数据的变动幅度"
            before = {"file": row["file_before"], "cell": row["cell_before"]}
            found.append(_of("jump", SOFT, [row], text, [before]))
    return found


def _flat(used: pd.DataFrame, plan: Plan, _: Mapping[str, float]) -> list[Finding]:
    """Figures with digits that repeat to the last digit from one year to the next."""
    pairs = _changes(_full(used))
    if pairs.empty:
        return []
    same = pairs[(pairs["raw"] == pairs["raw_before"]) & ~pairs["raw"].isin(["0", "100"])]
    digits = same["raw"].str.replace(r"[^0-9]", "", regex=True).str.lstrip("0").str.len()
    return [
        _of("unchanged", SOFT, [r], f"{_said(r)}，与上年完全相同，请核对是否漏改",
            [{"file": r["file_before"], "cell": r["cell_before"]}])
        for r in same[digits >= 4].to_dict("records")
    ]  # fmt: skip


def _changes(full: pd.DataFrame) -> pd.DataFrame:
    """Figures with the one of the year before: log change, and where it stands."""
    before = full.assign(year=full["year"] + 1)[
        ["region", "indicator", "period", "year", "value", "raw", "file", "cell"]
    ]
    pairs = full.merge(before, on=["region", "indicator", "period", "year"],
                       suffixes=("", "_before"))  # fmt: skip
    pairs = pairs[(pairs["value"] > 0) & (pairs["value_before"] > 0)]
    return pairs.assign(change=np.log(pairs["value"] / pairs["value_before"]))


def _sums(used: pd.DataFrame, plan: Plan, limits: Mapping[str, float]) -> list[Finding]:
    """The cities' sum against the province (counts), and the province between them (shares)."""
    cities = resources.cities_of(plan.region)
    full = _full(used)
    full = full[full["indicator"].isin(_indicators(plan))]
    inside = full[full["region"].isin(cities)]
    groups = dict(list(inside.groupby(["indicator", "year", "period"], sort=False)))
    found = []
    for row in full[full["region"] == plan.region].to_dict("records"):
        group = groups.get((row["indicator"], row["year"], row["period"]))
        if group is None or len(group) < len(cities):
            continue
        if row["unit"] == "%":
            low, high = group["low"].min(), group["high"].max()
            if row["high"] < low or row["low"] > high:
                text = f"{_said(row)}，不在各市的最低{low:g}与最高{high:g}之间"
                found.append(_of("province_outside_cities", SOFT, [row], text))
            continue
        total = group["value"].sum()
        slack = limits["sum_slack"] * abs(row["value"])
        if group["high"].sum() < row["low"] - slack or group["low"].sum() > row["high"] + slack:
            text = f"{_said(row)}，与{len(group)}市合计{total:g}不符"
            found.append(_of("cities_do_not_add_up", SOFT, [row], text))
    return found


def _bunching(used: pd.DataFrame, plan: Plan, limits: Mapping[str, float]) -> list[Finding]:
    """Too many cities just above the target, hardly any just below."""
    full, found = _full(used), []
    cities = resources.cities_of(plan.region)
    for item in plan.indicators:
        target = item.target.value
        if target is None or item.unit != "%" or item.direction == 0:
            continue
        mine = full[
            full["indicator"].isin((item.name, *item.aliases)) & full["region"].isin(cities)
        ]
        for year in sorted(set(mine["year"])):
            group = mine[mine["year"] == year]
            band = limits["bunching_band"] * abs(target)
            ahead = (group["value"] - target) * item.direction
            above = int(((ahead >= 0) & (ahead <= band)).sum())
            below = int(((ahead < 0) & (ahead >= -band)).sum())
            enough = len(group) >= limits["bunching_least"]
            if enough and above / len(group) >= limits["bunching_share"] and below * 5 <= above:
                text = (
                    f"{year}年{item.name}：{len(group)}市中{above}市恰好略高于目标，略低于目标的仅"
                    f"{below}市；这不是造假的证据，请核对统计方法"
                )
                found.append(Finding("bunching", SOFT, text, (), item.name, plan.region, int(year)))
    return found


def _last_digits(used: pd.DataFrame, plan: Plan, limits: Mapping[str, float]) -> list[Finding]:
    """Last digits far from even, over all figures of a file with three digits or more."""
    found = []
    raw = used["raw"].astype(str).str.replace(r"[^0-9]", "", regex=True)
    long = used[raw.str.lstrip("0").str.len() >= 3].assign(last=raw.str[-1])
    for file, group in long.groupby("file"):
        n = len(group)
        if n < limits["digits_least"]:
            continue
        counts = np.bincount(group["last"].astype(int), minlength=10)
        chance = _chi_square_tail(float(((counts - n / 10) ** 2 / (n / 10)).sum()), 9)
        if chance < limits["digits_chance"]:
            top = int(counts.argmax())
            text = (
                f"{file}：{n}个数据的末位数字分布不均（末位{top}有{counts[top]}个，偶然出现的概率约"
                f"{chance:.1g}）；取整也会如此，这不是造假的证据"
            )
            found.append(Finding("last_digits", SOFT, text, (str(file),)))
    return found


def _chi_square_tail(x: float, freedom: int) -> float:
    """Probability that a chi-square variable exceeds ``x``."""
    from scipy.special import gammaincc

    return float(gammaincc(freedom / 2, x / 2))


def _single(used: pd.DataFrame, plan: Plan, _: Mapping[str, float]) -> list[Finding]:
    """Figures of the plan's indicators in the plan years that are known from reprints only."""
    items = _indicators(plan)
    mine = used[
        used["indicator"].isin(items) & (used["access"] != "direct")
        & used["year"].between(plan.base_year + 1, plan.target_year)
    ]  # fmt: skip
    return [
        _of("only_reprint", SOFT, [r], f"{_said(r)}，只见于转载（{r['source']}），引用前应核对原件")
        for r in mine.to_dict("records")
    ]


def _caliber(used: pd.DataFrame, plan: Plan, _: Mapping[str, float]) -> list[Finding]:
    """Figures whose note speaks of another definition."""
    items = _indicators(plan)
    mine = used[used["indicator"].isin(items) & used["note"].str.contains("口径", na=False)]
    return [
        _of("caliber", SOFT, [r], f"{_said(r)}，口径说明为“{r['note']}”，与其他年份不一定可比")
        for r in mine.to_dict("records")
    ]


def _revisions(
    observations: pd.DataFrame, plan: Plan, limits: Mapping[str, float]
) -> list[Finding]:
    """Later figures of the same cell that differ by more than the materiality limit."""
    keys = ["region", "indicator", "year", "period", "month", "start"]
    rows = observations[observations["period"].isin(FULL)].sort_values("known", kind="stable")
    found = []
    sizes = rows.groupby(keys, dropna=False, sort=False)["value"].transform("size")
    for _key, group in rows[sizes > 1].groupby(keys, dropna=False, sort=False):
        records = group.to_dict("records")
        for before, after in itertools.pairwise(records):
            apart = after["low"] > before["high"] or after["high"] < before["low"]
            size = abs(after["value"] - before["value"])
            if apart and size > limits["revision_share"] * abs(before["value"]):
                text = (
                    f"{_said(after)}（{after['published']}），与{before['published']}公布的"
                    f"{before['raw']}相差{size:g}"
                )
                found.append(_of("large_revision", SOFT, [after], text, [before]))
    return found


Check = Callable[[pd.DataFrame, Plan, Mapping[str, float]], list[Finding]]
HARD_CHECKS: tuple[Check, ...] = (_impossible, _parts, _falling)
SOFT_CHECKS: tuple[Check, ...] = (
    _sums, _jumps, _flat, _bunching, _last_digits, _caliber, _single
)  # fmt: skip
CHECKS = (
    "negative", "share_above_100", "part_above_whole", "cumulative_falls",
    "cities_do_not_add_up", "province_outside_cities", "jump", "unchanged", "bunching",
    "last_digits", "caliber", "only_reprint", "large_revision",
)  # fmt: skip
"""Ids of all findings; what cannot enter a frame at all (duplicate keys, unknown names, units,
regions) is refused by :func:`gdplan.read_observations`."""


def problems_xlsx(findings: Iterable[Finding]) -> bytes:
    """The findings as a workbook to be worked off: one row each, hard ones first."""
    import io
    from datetime import datetime

    import xlsxwriter

    out = io.BytesIO()
    header = ("编号", "检查", "程度", "说明", "指标", "地区", "年份", "数据位置", "处理结果")
    widths = (6, 22, 6, 70, 30, 9, 7, 50, 30)
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": "数据检查", "created": datetime(2021, 1, 1)})
        sheet = book.add_worksheet("数据检查")
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
        for column, (text, width) in enumerate(zip(header, widths, strict=True)):
            sheet.write_string(0, column, text, bold)
            sheet.set_column(column, column, width)
        for line, finding in enumerate(findings, 1):
            grave = "硬" if finding.severity is HARD else "软"
            cells = (str(line), finding.id, grave, finding.sentence, finding.indicator,
                     finding.region, str(finding.year or ""), "；".join(finding.cells))  # fmt: skip
            for column, text in enumerate(cells):
                sheet.write_string(line, column, text, wrap)
        sheet.freeze_panes(1, 0)
    return out.getvalue()
