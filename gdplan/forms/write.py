"""The Excel form for a year's figures: one row per figure needed, as locked as it can be.

A hidden sheet says which plan, year and region the form is for and which indicator stands in
which row, so that reading it back never guesses by position.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gdplan.files.workbook import DAY, ENTRY, FIXED, KEYS, Book, clean, print_across
from gdplan.forms import ledger_write
from gdplan.indicators import milestones
from gdplan.model import Bound, Indicator, Mode, Period, Plan
from gdplan.observations.read import choose
from gdplan.plans.choices import check_choices
from gdplan.plans.commitments import unmerged

if TYPE_CHECKING:
    import pandas as pd

VERSION = 2
HELP, CODES = "填表说明", "代码"
LEDGER = ledger_write.LEDGER
HEADER = (
    "序号", "指标", "单位", "指标解释", "年份", "时期", "上年数", "计划进度", "数值", "措辞",
    "口径说明", "数据来源", "发布日期", "填报人",
)  # fmt: skip
FIRST_INPUT = HEADER.index("数值")
WIDTHS = (6, 38, 8, 26, 7, 8, 12, 12, 14, 8, 24, 30, 13, 10)
BOUNDS = {"准确": Bound.EXACT, "约": Bound.APPROX, "超": Bound.AT_LEAST, "以内": Bound.AT_MOST}
PERIODS = {"全年": Period.ANNUAL, "年末": Period.YEAR_END}
HELP_LINES = (
    "只填带底色的格；其余各格已锁定，不要改动、增删或移动。",
    "数值：公布几位就填几位。末位是0的，按文本填写（先打一个英文单引号），如 '132.0。",
    "措辞：按公布时的说法选择。“超132”填132并选“超”，“约850”填850并选“约”，“5.5%以内”填5.5并选“以内”。",
    "单位为%的，填百分号前的数：75.3% 填 75.3。",
    "数据来源写发布单位和题名；发布日期写数据公布的日期，如 2024-03-01。",
    "更正已报的数，用更正的日期另报一份。",
    "没有的数据空着，不要估算。",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """A figure that a form asks for."""

    indicator: Indicator
    year: int
    period: Period
    last: str
    schedule: str


def template(
    plan: Plan,
    observations: pd.DataFrame,
    *,
    year: int,
    regions: Mapping[str, str],
    by_department: bool = False,
    history: bool = False,
    statuses: pd.DataFrame | None = None,
) -> dict[str, bytes]:
    """Forms to be filled in: file name -> workbook.

    Parameters
    ----------
    plan, observations
        What is asked for, and what is known already: earlier years that a sum still lacks are
        asked for as well.
    year : int
        The year to be reported.
    regions : mapping
        GB/T 2260 code -> name; one workbook each.
    by_department : bool
        One sheet per responsible department instead of one for all.
    history : bool
        Ask for missing earlier years of every indicator, not of sums and growth rates alone.
    statuses : DataFrame, optional
        What was reported of the commitments before, shown beside each in the sheet 工作台账, which
        the form of the plan's own region has and those of its cities have not.

    Raises
    ------
    ProblemError
        When the year is none of the plan's, or a region is unknown.

    Examples
    --------
    >>> from gdplan import load_plan, read_observations
    >>> [*template(load_plan("gd-hrss-14"), read_observations(), year=2023,
    ...           regions={"440000": "广东省"})]
    ['form-gd-hrss-14-440000-2023.xlsx']
    """
    check_choices(plan, observations, regions=list(regions), year=year)
    chosen = choose(observations, plan)
    known = chosen[chosen["used"]] if len(chosen) else chosen
    last = ledger_write.last_said(statuses) if statuses is not None else {}
    out = {}
    for code, name in regions.items():
        asked = wanted(plan, known, year=year, region=code, history=history)
        book = _workbook(plan, asked, code, name, year, by_department, last)
        out[f"form-{plan.id}-{code}-{year}.xlsx"] = book
    return out


def digest(keys: Mapping[str, Any]) -> str:
    """The sum that tells whether the hidden keys were changed."""
    plain = {k: v for k, v in keys.items() if k != "layout"}
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def wanted(
    plan: Plan, known: pd.DataFrame, *, year: int, region: str, history: bool = False
) -> tuple[Wanted, ...]:
    """The figures a region has to report: the year's own, and missing ones of earlier years."""
    mine = known[known["region"] == region]
    have = {(r["indicator"], r["year"]): r for r in mine.to_dict("records")
            if r["period"] in (Period.ANNUAL, Period.YEAR_END)}  # fmt: skip
    out = []
    for item in plan.indicators:
        names = (item.name, *item.aliases)
        every = history or item.kind.accumulates
        first = plan.base_year + 1 if every else year
        for y in range(first, year + 1):
            if y < year and any((name, y) in have for name in names):
                continue
            before = next((have[name, y - 1] for name in names if (name, y - 1) in have), None)
            last = str(before["raw"]) if before else ""
            whole = region == plan.region or item.unit == "%"
            due = _due(item, y) if whole else ""
            out.append(Wanted(item, y, period_of(item), last, due))
    return tuple(out)


def period_of(item: Indicator) -> Period:
    """Of what time the yearly figure of an indicator speaks."""
    return Period.YEAR_END if item.kind.year_end else Period.ANNUAL


def _due(item: Indicator, year: int) -> str:
    """What the plan's schedule asks for by the end of a year."""
    target, base = item.target.value, item.base.value
    if target is None or item.kind.yearly or item.kind.parts or item.kind.mode is Mode.CHAIN:
        return item.target.raw
    summed = item.kind.mode is Mode.SUM
    if not summed and (base is None or (target - base) * (item.direction or 1) <= 0):
        return item.target.raw
    path: Any = "cumulative" if summed else item.scale.value
    due = milestones(0.0 if summed else float(base or 0), target, item.base_year,
                     item.target_year, path=path)  # fmt: skip
    value = float(due[year - item.base_year - 1])
    return f"{'累计' if summed else ''}{value:.{max(1, item.target.decimals)}f}"


def _workbook(
    plan: Plan, rows: Sequence[Wanted], code: str, name: str, year: int, by_department: bool,
    last: Mapping[str, str],
) -> bytes:  # fmt: skip
    promised = unmerged(plan, region=code)
    title = f"{plan.title}　{name}{year}年数据填报表"
    book = Book(title)
    book.help(HELP, title, (*HELP_LINES, *(ledger_write.HELP_LINES if promised else ())))
    places = {}
    for sheet, group in _groups(rows, by_department).items():
        _sheet(book, sheet, group)
        places[sheet] = [[w.indicator.no, w.year, w.period.value] for w in group]
    if promised:
        ledger_write.write(book, promised, year=year, last=last)
    _codes(book, code, name)
    keys: dict[str, Any] = {
        "version": VERSION, "plan": plan.id, "region": code, "region_name": name,
        "year": year, "header": list(HEADER), "rows": places,
        "ledger": [item.id for item in promised],
    }  # fmt: skip
    book.keys(keys | {"layout": digest(keys)})
    return book.content()


def _groups(rows: Sequence[Wanted], by_department: bool) -> dict[str, list[Wanted]]:
    if not by_department:
        return {"数据": list(rows)}
    groups: dict[str, list[Wanted]] = {}
    for row in rows:
        groups.setdefault(row.indicator.department, []).append(row)
    return dict(zip(_names(groups), groups.values(), strict=True))


def _names(departments: Iterable[str]) -> list[str]:
    """Sheet names of departments: allowed by Excel, and different whatever their case."""
    names: list[str] = []
    for text in departments:
        plain = re.sub(r"[\[\]:*?/\\：]", " ", clean(text)).strip("' \n\t")[:27] or "其他"
        taken = {n.lower() for n in (*names, HELP, CODES, KEYS, LEDGER, "history")}
        rest = (f"{plain}({n})" for n in range(2, len(taken) + 3))
        names.append(next(n for n in (plain, *rest) if n.lower() not in taken))
    return names


def _sheet(book: Book, name: str, rows: Sequence[Wanted]) -> None:
    sheet = book.sheet(name, HEADER, WIDTHS, across=2)
    entry, day = book.style(**ENTRY), book.style(**ENTRY, num_format=DAY)
    # Excel would make a time of 14:42:44.
    words = book.style(**ENTRY, num_format="@")
    for line, row in enumerate(rows, 1):
        book.line(sheet, line, _fixed(row), **FIXED)
        for column in range(FIRST_INPUT, len(HEADER)):
            ratio = HEADER[column] == "数值" and row.indicator.kind.parts
            look = {"发布日期": day}.get(HEADER[column], words if ratio else entry)
            sheet.write_blank(line, column, None, look)
        _validate(sheet, line, row)
    print_across(sheet)
    sheet.protect("", {"format_columns": True, "autofilter": True})


def _fixed(row: Wanted) -> tuple[str, ...]:
    item = row.indicator
    period = next(word for word, p in PERIODS.items() if p is row.period)
    return (item.no, item.name, item.unit, item.kind.form, str(row.year), period, row.last,
            row.schedule)  # fmt: skip


def _validate(sheet: Any, line: int, row: Wanted) -> None:
    """A number within the indicator's limits; the other cells from lists or dates."""
    (low, high), unit = row.indicator.limits, clean(row.indicator.unit)[:90]
    rules: dict[str, dict[str, Any]] = {
        "数值": {"validate": "decimal", "criteria": "between",
                 "minimum": low if math.isfinite(low) else -1e12,
                 "maximum": high if math.isfinite(high) else 1e12,
                 "error_title": "数值", "error_type": "warning",
                 "error_message": f"应为数，单位{unit}；末位是0的按文本填写"},
        "措辞": {"validate": "list", "source": list(BOUNDS)},
        "发布日期": {"validate": "date", "criteria": ">", "value": datetime(row.year, 1, 1),
                     "error_title": "发布日期", "error_message": "应为数据所属年份之后的日期"},
    }  # fmt: skip
    if row.indicator.kind.parts:
        del rules["数值"]
    for name, rule in rules.items():
        column = HEADER.index(name)
        sheet.data_validation(line, column, line, column, rule)


def _codes(book: Book, code: str, region: str) -> None:
    sheet = book.sheet(CODES)
    lists: Iterable[tuple[str, Sequence[str]]] = (
        ("措辞", list(BOUNDS)), ("时期", list(PERIODS)), ("地区", [f"{code} {region}"])
    )  # fmt: skip
    for column, (head, words) in enumerate(lists):
        for line, word in enumerate((head, *words)):
            book.text(sheet, line, column, word)
    sheet.protect()
