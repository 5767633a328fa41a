"""The Excel form for negotiating targets with the cities: locked totals, live check sums.

One sheet per indicator that is shared out or solved. The proposal stands in the cells that may be
changed; the province's total, the sum of the cities and their difference are worked out beside
them. A hidden sheet says of which proposal it is the form.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from gdplan.files.csv_table import column_letter
from gdplan.forms.cells import clean
from gdplan.model import Mode
from gdplan.regions.allocation import city_plans
from gdplan.regions.allocation.breakdown import MARK, Breakdown, Item
from gdplan.regions.allocation.rules_file import ADDITIVE

VERSION = 1
KEYS = "_gdplan"
HELP, SUMMARY = "说明", "汇总"
HEADER = ("代码", "地区", "权重份额", "基期数", "建议目标", "协商目标", "与建议之差")
CODE, TARGET, FIRST_YEAR = 0, HEADER.index("协商目标"), len(HEADER)
HEAD, PROVINCE, FIRST = 1, 2, 3
MADE = datetime(2021, 1, 1)
HELP_LINES = (
    "每项指标一张表。只改带底色的格：协商目标和年度数；其余各格已锁定。",
    "全省一行为规划目标，不可改动；各市合计（或加权平均）和差额随填随算，绿色为平衡，红色为不平衡。",
    "差额全部平衡后存盘，用 gdplan allocate --negotiated 读回，生成各市规划；读回时逐位核对。",
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """An indicator's sheet: its name, and how many year columns may be filled in."""

    name: str
    item: Item
    entries: int

    @property
    def summed(self) -> bool:
        """Whether the years of a region add up to its target."""
        return self.item.indicator.kind.mode is Mode.SUM


def layout(breakdown: Breakdown) -> tuple[Sheet, ...]:
    """The sheets of a form, in the order of the plan."""
    out: list[Sheet] = []
    for item in breakdown.items:
        if item.rule.method not in (*ADDITIVE, "solve"):
            continue
        plain = re.sub(r"[\[\]:*?/\\']", "_", clean(item.indicator.no))[:20]
        taken = [sheet.name.lower() for sheet in out]
        names = [f"指标{plain}", *(f"指标{plain}({k})" for k in range(2, len(out) + 2))]
        name = next(word for word in names if word.lower() not in taken)
        n = len(item.total_years or ()) if item.rule.method in ADDITIVE else 0
        summed = item.indicator.kind.mode is Mode.SUM
        out.append(Sheet(name, item, n if summed or not n else n - 1))
    return tuple(out)


def digest(breakdown: Breakdown) -> str:
    """The sum that tells one proposal from another."""
    return hashlib.sha256(city_plans.table(breakdown)).hexdigest()


def workbook(breakdown: Breakdown) -> bytes:
    """The form as a workbook; the same breakdown gives the same bytes.

    Parameters
    ----------
    breakdown : Breakdown
        From :func:`gdplan.regions.allocation.breakdown.break_down`, or a negotiated one.
    """
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        title = clean(f"{breakdown.plan.title}　目标分解协商表")
        book.set_properties({"title": title, "created": MADE})
        looks = _looks(book)
        _help(book.add_worksheet(HELP), title, breakdown, looks)
        summary = book.add_worksheet(SUMMARY)
        sheets = layout(breakdown)
        for sheet in sheets:
            _sheet(book.add_worksheet(sheet.name), sheet, breakdown, looks)
        _summary(summary, sheets, breakdown, looks)
        hidden = book.add_worksheet(KEYS)
        hidden.very_hidden()
        keys = {"version": VERSION, "plan": breakdown.plan.id, "digest": digest(breakdown)}
        hidden.write_string(0, 0, json.dumps(keys, ensure_ascii=True))
    return out.getvalue()


def _looks(book: Any) -> dict[str, Any]:
    plain = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "border": 4}
    entry = {**plain, "bg_color": "#FFF8DC", "locked": False}
    looks = {
        "title": book.add_format({"font_name": "宋体", "bold": True, "font_size": 12}),
        "head": book.add_format({**plain, "bold": True, "bg_color": "#E8ECF0", "text_wrap": True,
                                 "align": "center"}),
        "text": book.add_format({**plain, "text_wrap": True}),
        "total": book.add_format({**plain, "bold": True, "bg_color": "#E8ECF0"}),
        "share": book.add_format({**plain, "num_format": "0.00%"}),
        "good": book.add_format({"bg_color": "#D9EAD3"}),
        "bad": book.add_format({"bg_color": "#F4CCCC", "bold": True}),
    }  # fmt: skip
    for decimals in range(7):
        shape = "0." + "0" * decimals if decimals else "0"
        looks[f"entry{decimals}"] = book.add_format({**entry, "num_format": shape})
        looks[f"fixed{decimals}"] = book.add_format({**plain, "num_format": shape})
        looks[f"total{decimals}"] = book.add_format(
            {**plain, "num_format": shape, "bold": True, "bg_color": "#E8ECF0"}
        )
    return looks


def _sheet(page: Any, sheet: Sheet, breakdown: Breakdown, looks: dict[str, Any]) -> None:
    it, plan = sheet.item.indicator, breakdown.plan
    text = f"{it.no} {it.name}（{it.unit}）　{plan.region_name}目标 {it.target.raw}"
    page.write_string(0, 0, clean(text), looks["title"])
    years = [f"{y}年" for y in range(plan.base_year + 1, plan.target_year + 1)]
    shown = years if sheet.entries else []
    extra = ["年度合计与目标之差"] if sheet.summed and shown else []
    for column, word in enumerate((*HEADER, *shown, *extra)):
        page.write_string(HEAD, column, word, looks["head"])
    page.set_row(HEAD, 28)
    page.set_column(0, 1, 10)
    page.set_column(2, FIRST_YEAR + len(shown) + len(extra), 11)
    _province(page, sheet, breakdown, looks)
    for place in range(len(breakdown.regions)):
        _city(page, sheet, breakdown, place, looks)
    _checks(page, sheet, len(breakdown.regions), looks)
    page.freeze_panes(FIRST, 2)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEAD)
    page.protect("", {"format_columns": True})


def _province(page: Any, sheet: Sheet, breakdown: Breakdown, looks: dict[str, Any]) -> None:
    item, plan = sheet.item, breakdown.plan
    total = looks[f"total{item.rule.decimals}"]
    words = (plan.region, clean(plan.region_name), "", item.indicator.base.raw, "")
    for column, word in enumerate(words):
        page.write_string(PROVINCE, column, word, looks["total"])
    page.write_number(PROVINCE, TARGET, float(item.total or 0), total)
    for k, value in enumerate(item.total_years or () if sheet.entries else ()):
        page.write_number(PROVINCE, FIRST_YEAR + k, float(value), total)


def _city(
    page: Any, sheet: Sheet, breakdown: Breakdown, place: int, looks: dict[str, Any]
) -> None:  # fmt: skip
    item, line = sheet.item, FIRST + place
    d = item.rule.decimals
    code, name = list(breakdown.regions.items())[place]
    value = float((item.targets or ())[place])
    page.write_string(line, CODE, code, looks["text"])
    page.write_string(line, 1, clean(name), looks["text"])
    page.write_number(line, 2, float((item.shares or ())[place]), looks["share"])
    page.write_string(line, 3, item.bases[place], looks["text"])
    page.write_number(line, TARGET - 1, value, looks[f"fixed{d}"])
    page.write_number(line, TARGET, value, looks[f"entry{d}"])
    low, high = item.indicator.limits
    page.data_validation(line, TARGET, line, FIRST_YEAR + max(0, sheet.entries - 1), {
        "validate": "decimal", "criteria": "between", "minimum": max(low, -1e12),
        "maximum": min(high, 1e12), "error_title": "数值",
        "error_message": f"应为数，小数不超过{d}位"})  # fmt: skip
    gap = f"=ROUND({_at(line, TARGET)}-{_at(line, TARGET - 1)},{d})"
    page.write_formula(line, TARGET + 1, gap, looks[f"fixed{d}"], 0)
    years = item.years[place] or () if sheet.entries else ()
    for k, due in enumerate(years):
        column = FIRST_YEAR + k
        if k < sheet.entries:
            page.write_number(line, column, float(due), looks[f"entry{d}"])
        else:
            page.write_formula(line, column, f"={_at(line, TARGET)}", looks[f"fixed{d}"], value)
    if sheet.summed and years:
        first, last = _at(line, FIRST_YEAR), _at(line, FIRST_YEAR + len(years) - 1)
        text = f"=ROUND(SUM({first}:{last})-{_at(line, TARGET)},{d})"
        page.write_formula(line, FIRST_YEAR + len(years), text, looks[f"fixed{d}"], 0)
        _lights(page, line, FIRST_YEAR + len(years), looks)


def _checks(page: Any, sheet: Sheet, regions: int, looks: dict[str, Any]) -> None:
    """The sum or weighted mean of the cities, and its difference from the province."""
    item, end = sheet.item, FIRST + regions
    d = item.rule.decimals or 0
    solved = item.rule.method == "solve"
    page.write_string(end, 1, "各市加权平均" if solved else "各市合计", looks["total"])
    page.write_string(end + 1, 1, "差额", looks["total"])
    shown = len(item.total_years or ()) if sheet.entries else 0
    for column in (TARGET, *range(FIRST_YEAR, FIRST_YEAR + shown)):
        cells = f"{_at(FIRST, column)}:{_at(end - 1, column)}"
        text, value = f"=ROUND(SUM({cells}),{d})", _column_sum(sheet, column)
        if solved:
            shares = f"{_at(FIRST, 2)}:{_at(end - 1, 2)}"
            text = f"=SUMPRODUCT({shares},{cells})/SUM({shares})"
        look = looks[f"total{min(6, d + 2 if solved else d)}"]
        page.write_formula(end, column, text, look, value)
        off = f"=ROUND({_at(end, column)}-{_at(PROVINCE, column)},{d + 4 if solved else d})"
        gap = value - float(item.total or 0) if solved else 0.0
        page.write_formula(end + 1, column, off, look, round(gap, d + 4))
    if solved:
        good = _balanced(item.side, _at(end + 1, TARGET), d)
        page.conditional_format(end + 1, TARGET, end + 1, TARGET,
                                {"type": "formula", "criteria": f"={good}",
                                 "format": looks["good"]})  # fmt: skip
        page.conditional_format(end + 1, TARGET, end + 1, TARGET,
                                {"type": "formula", "criteria": f"=NOT({good})",
                                 "format": looks["bad"]})  # fmt: skip
        return
    for column in (TARGET, *range(FIRST_YEAR, FIRST_YEAR + shown)):
        _lights(page, end + 1, column, looks)


def _column_sum(sheet: Sheet, column: int) -> float:
    item = sheet.item
    if column >= FIRST_YEAR:
        return float((item.total_years or ())[column - FIRST_YEAR])
    total = city_plans.regions_total(item)
    return float(Decimal(total.numerator) / Decimal(total.denominator)) if total else 0.0


def _balanced(side: str, cell: str, decimals: int) -> str:
    """The condition under which a weighted mean agrees with the target."""
    half = 0.5 * 10.0**-decimals
    return {"at_least": f"{cell}>=0", "at_most": f"{cell}<=0"}.get(side, f"ABS({cell})<={half:g}")


def _lights(page: Any, line: int, column: int, looks: dict[str, Any]) -> None:
    for sign, look in (("==", "good"), ("!=", "bad")):
        page.conditional_format(
            line, column, line, column,
            {"type": "cell", "criteria": sign, "value": 0, "format": looks[look]},
        )  # fmt: skip


def _summary(
    page: Any, sheets: tuple[Sheet, ...], breakdown: Breakdown, looks: dict[str, Any]
) -> None:  # fmt: skip
    header = ("序号", "指标", "单位", "全省目标", "各市合计或加权平均", "差额", "状态")
    for column, (word, width) in enumerate(zip(header, (6, 44, 8, 12, 14, 12, 10), strict=True)):
        page.write_string(0, column, word, looks["head"])
        page.set_column(column, column, width)
    end = FIRST + len(breakdown.regions)
    for line, sheet in enumerate(sheets, 1):
        item = sheet.item
        d = item.rule.decimals or 0
        for column, word in enumerate(
            (item.indicator.no, item.indicator.name, item.indicator.unit)
        ):
            page.write_string(line, column, clean(word), looks["text"])
        mean = _column_sum(sheet, TARGET)
        values = (float(item.total or 0), mean, round(mean - float(item.total or 0), d + 4))
        shape = looks[f"fixed{min(6, d + 2 if item.rule.method == 'solve' else d)}"]
        for k, row in enumerate((PROVINCE, end, end + 1)):
            page.write_formula(line, 3 + k, f"='{sheet.name}'!{_at(row, TARGET)}", shape, values[k])
        side = item.side if item.rule.method == "solve" else ""
        good = _balanced(side, _at(line, 5), d) if side else f"{_at(line, 5)}=0"
        status = f'=IF({_years_balance(sheet, end, good)},"平衡","不平衡")'
        page.write_formula(line, 6, status, looks["text"], "平衡")
        for word, look in (("平衡", "good"), ("不平衡", "bad")):
            page.conditional_format(
                line, 6, line, 6,
                {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": looks[look]},
            )  # fmt: skip
    page.freeze_panes(1, 2)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.protect()


def _years_balance(sheet: Sheet, end: int, good: str) -> str:
    """The condition that the total and every year, and every row of a sum, balance."""
    parts = [good]
    shown = len(sheet.item.total_years or ()) if sheet.entries else 0
    if shown:
        last = FIRST_YEAR + shown - 1
        cells = f"'{sheet.name}'!{_at(end + 1, FIRST_YEAR)}:{_at(end + 1, last)}"
        parts.append(f"SUMPRODUCT(ABS({cells}))=0")
    if shown and sheet.summed:
        column = FIRST_YEAR + shown
        cells = f"'{sheet.name}'!{_at(FIRST, column)}:{_at(end - 1, column)}"
        parts.append(f"SUMPRODUCT(ABS({cells}))=0")
    return f"AND({','.join(parts)})"


def _help(page: Any, title: str, breakdown: Breakdown, looks: dict[str, Any]) -> None:
    page.set_column(0, 0, 100)
    page.write_string(0, 0, title, looks["title"])
    lines = [*HELP_LINES, *([MARK] if breakdown.simulated else [])]
    lines += [f"不分解：{it.no} {it.name}（{reason}）" for it, reason in breakdown.left_out]
    for line, text in enumerate(lines, 1):
        page.write_string(line, 0, clean(text), looks["text"])
    page.protect()


def _at(line: int, column: int) -> str:
    return f"{column_letter(column)}{line + 1}"
