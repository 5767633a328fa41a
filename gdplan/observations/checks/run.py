"""Checks of the figures (METHOD 9): each with an id, a severity, a sentence and its cells.

Nothing is dropped and nothing is mended here. Hard findings cannot both be true; soft ones are
questions to whoever supplied the figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pandas as pd

from gdplan.files.workbook import Book
from gdplan.model import Plan
from gdplan.observations.checks import hard, plan_text, province_and_cities, soft
from gdplan.observations.checks.findings import CHECK_PARAMETERS, HARD, SOFT, Check, Finding
from gdplan.observations.read import choose

__all__ = ["CHECKS", "CHECK_PARAMETERS", "HARD", "SOFT", "Finding", "frame", "lines", "looked_at",
           "problems_xlsx", "run"]  # fmt: skip
ON_ALL: tuple[Check, ...] = (hard.frame_faults, soft.unfit, soft.revisions)
"""Checks of every figure, used or not; the others look at the figures that answer for a year."""
ON_USED: tuple[Check, ...] = (
    hard.impossible, hard.parts, hard.falling, hard.growth,
    province_and_cities.sums, province_and_cities.rates, soft.unit_slips, soft.jumps,
    soft.flat, province_and_cities.bunching, soft.last_digits, soft.noted,
    soft.base_revised, plan_text.prose, plan_text.coverage,
    plan_text.results, soft.reprints,
)  # fmt: skip
CHECKS = (
    "duplicate_key", "unknown_indicator", "unknown_unit", "unknown_region", "year_outside",
    "negative", "share_above_100", "part_above_whole", "cumulative_falls", "growth_contradicts",
    "cities_do_not_add_up", "province_outside_cities", "province_off_weighted_mean",
    "unfit_period", "unit_slip", "jump", "unchanged", "bunching", "last_digits", "caliber",
    "base_revised", "plan_prose", "coverage", "only_reprint", "large_revision",
)  # fmt: skip
"""Ids of all findings."""
HARD_IDS = CHECKS[: CHECKS.index("cities_do_not_add_up")]
FRAME = ("id", "severity", "indicator", "region", "year", "sentence", "cells")


def run(
    observations: pd.DataFrame,
    plan: Plan,
    *,
    parameters: Mapping[str, float] = CHECK_PARAMETERS,
) -> tuple[Finding, ...]:
    """Every finding, hard before soft, in the order of :data:`CHECKS`.

    Parameters
    ----------
    observations : DataFrame
        From :func:`gdplan.read_observations`.
    plan : Plan
        Its indicators say units, limits, wholes and targets; its text is held against its tables.
    parameters : mapping
        Limits of the checks, see :data:`gdplan.observations.checks.findings.CHECK_PARAMETERS`.
    """
    if observations.empty:
        return ()
    chosen = choose(observations)
    used = chosen[chosen["used"]]
    found = [f for check in ON_ALL for f in check(observations, plan, parameters)]
    found += [f for check in ON_USED for f in check(used, plan, parameters)]
    order = {name: n for n, name in enumerate(CHECKS)}
    return tuple(sorted(found, key=lambda f: (f.severity is SOFT, order[f.id])))


def looked_at(observations: pd.DataFrame, plan: Plan, empty: Sequence[str] = ()) -> Iterator[str]:
    """What was looked at, which cells of tables are empty, and which indicators have no figure."""
    regions, years = observations["region"].nunique(), sorted(set(observations["year"]))
    span = f"{years[0]}—{years[-1]}年" if years else "没有年份"
    yield f"检查了{len(observations)}个数据：{regions}个地区，{span}，{len(CHECKS)}项检查"
    if empty:
        yield f"公布的表格中空缺的数据{len(empty)}个：{'、'.join(empty[:10])}" + (
            "等" if len(empty) > 10 else ""
        )
    names = set(observations["indicator"])
    missing = [i for i in plan.indicators if not names & {i.name, *i.aliases}]
    if missing:
        listed = "、".join(f"{i.no} {i.name}" for i in missing)
        yield f"没有任何数据、无从检查的指标{len(missing)}项：{listed}"


def lines(found: Sequence[Finding]) -> Iterator[str]:
    """The findings for the screen: one a line, then how many of each kind."""
    for number, finding in enumerate(found, 1):
        grave = "硬" if finding.severity is HARD else "软"
        cells = f"（{'；'.join(finding.cells)}）" if finding.cells else ""
        yield f"{number}. [{grave} {finding.id}] {finding.sentence}{cells}"
    hard = sum(finding.severity is HARD for finding in found)
    counts = Counter(finding.id for finding in found)
    listed = "、".join(f"{name} {n}" for name, n in counts.items())
    yield f"硬错误{hard}项，软提示{len(found) - hard}项" + (f"（{listed}）" if listed else "")


def frame(found: Iterable[Finding]) -> pd.DataFrame:
    """The findings as a table, columns :data:`FRAME`; cells joined by ``;``."""
    rows = [
        (f.id, f.severity.value, f.indicator, f.region, f.year, f.sentence, ";".join(f.cells))
        for f in found
    ]
    return pd.DataFrame(rows, columns=list(FRAME))


def problems_xlsx(findings: Iterable[Finding]) -> bytes:
    """The findings as a workbook to be worked off: one row each, hard ones first."""
    header = ("编号", "检查", "程度", "说明", "指标", "地区", "年份", "数据位置", "处理结果")
    widths = (6, 22, 6, 70, 30, 9, 7, 50, 30)
    book = Book("数据检查")
    sheet = book.sheet("数据检查", header, widths)
    for line, finding in enumerate(findings, 1):
        grave = "硬" if finding.severity is HARD else "软"
        cells = (str(line), finding.id, grave, finding.sentence, finding.indicator,
                 finding.region, str(finding.year or ""), "；".join(finding.cells))  # fmt: skip
        book.line(sheet, line, cells, text_wrap=True)
    return book.content()
