"""The Excel form for negotiating targets with the cities: locked totals, live check sums.

One sheet per indicator that is shared out or solved. The proposal stands in the cells that may be
changed; the province's total, the sum of the cities and their difference are worked out beside
them. A hidden sheet says of which proposal it is the form.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from gdplan.files.csv_table import column_letter
from gdplan.files.workbook import ENTRY, FIXED, HEAD, Book, clean, print_across
from gdplan.model import Mode
from gdplan.regions.allocation import city_plans
from gdplan.regions.allocation.breakdown import MARK, Breakdown, Item
from gdplan.regions.allocation.rules_file import ADDITIVE

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

VERSION = 1
HELP, SUMMARY = "说明", "汇总"
HEADER = ("代码", "地区", "权重份额", "基期数", "建议目标", "协商目标", "与建议之差")
CODE, TARGET, FIRST_YEAR = 0, HEADER.index("协商目标"), len(HEADER)
HEADING, PROVINCE, FIRST = 1, 2, 3
GOOD = {"bg_color": "#D9EAD3"}
BAD = {"bg_color": "#F4CCCC", "bold": True}
TOTAL = {"border": 4, "bold": True, "bg_color": "#E8ECF0"}
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
    title = f"{breakdown.plan.title}　目标分解协商表"
    book = Book(title)
    lines = [*HELP_LINES, *([MARK] if breakdown.simulated else [])]
    lines += [f"不分解：{it.no} {it.name}（{reason}）" for it, reason in breakdown.left_out]
    book.help(HELP, title, lines)
    header = ("序号", "指标", "单位", "全省目标", "各市合计或加权平均", "差额", "状态")
    summary = book.sheet(SUMMARY, header, (6, 44, 8, 12, 14, 12, 10), across=2)
    sheets = layout(breakdown)
    for sheet in sheets:
        _sheet(book, sheet, breakdown)
    _summary(book, summary, sheets, breakdown)
    book.keys({"version": VERSION, "plan": breakdown.plan.id, "digest": digest(breakdown)})
    return book.content()


def _digits(decimals: int | None) -> dict[str, str]:
    """The look of a number with so many decimals."""
    return {"num_format": "0." + "0" * decimals if decimals else "0"}


def _sheet(book: Book, sheet: Sheet, breakdown: Breakdown) -> None:
    it, plan = sheet.item.indicator, breakdown.plan
    years = [f"{y}年" for y in range(plan.base_year + 1, plan.target_year + 1)]
    shown = years if sheet.entries else []
    header = (*HEADER, *shown, *(["年度合计与目标之差"] if sheet.summed and shown else []))
    page = book.sheet(sheet.name, widths=[10, 10, *[11] * (len(header) - 2)])
    text = f"{it.no} {it.name}（{it.unit}）　{plan.region_name}目标 {it.target.raw}"
    book.text(page, 0, 0, text, bold=True, font_size=12)
    book.line(page, HEADING, header, **HEAD, border=4)
    page.set_row(HEADING, 28)
    _province(book, page, sheet, breakdown)
    for place in range(len(breakdown.regions)):
        _city(book, page, sheet, breakdown, place)
    _checks(book, page, sheet, len(breakdown.regions))
    page.freeze_panes(FIRST, 2)
    print_across(page, HEADING)
    page.protect("", {"format_columns": True})


def _province(book: Book, page: Worksheet, sheet: Sheet, breakdown: Breakdown) -> None:
    item, plan = sheet.item, breakdown.plan
    total = book.style(**TOTAL, **_digits(item.rule.decimals))
    words = (plan.region, plan.region_name, "", item.indicator.base.raw, "")
    book.line(page, PROVINCE, words, **TOTAL)
    page.write_number(PROVINCE, TARGET, float(item.total or 0), total)
    for k, value in enumerate(item.total_years or () if sheet.entries else ()):
        page.write_number(PROVINCE, FIRST_YEAR + k, float(value), total)


def _city(
    book: Book, page: Worksheet, sheet: Sheet, breakdown: Breakdown, place: int
) -> None:  # fmt: skip
    item, line = sheet.item, FIRST + place
    d = item.rule.decimals
    entry = book.style(**ENTRY, **_digits(d))
    fixed = book.style(border=4, **_digits(d))
    code, name = list(breakdown.regions.items())[place]
    value = float((item.targets or ())[place])
    book.line(page, line, (code, name, "", item.bases[place]), **FIXED)
    share = book.style(border=4, num_format="0.00%")
    page.write_number(line, 2, float((item.shares or ())[place]), share)
    page.write_number(line, TARGET - 1, value, fixed)
    page.write_number(line, TARGET, value, entry)
    low, high = item.indicator.limits
    page.data_validation(line, TARGET, line, FIRST_YEAR + max(0, sheet.entries - 1), {
        "validate": "decimal", "criteria": "between", "minimum": max(low, -1e12),
        "maximum": min(high, 1e12), "error_title": "数值",
        "error_message": f"应为数，小数不超过{d}位"})  # fmt: skip
    gap = f"=ROUND({_at(line, TARGET)}-{_at(line, TARGET - 1)},{d})"
    page.write_formula(line, TARGET + 1, gap, fixed, 0)
    years = item.years[place] or () if sheet.entries else ()
    for k, due in enumerate(years):
        column = FIRST_YEAR + k
        if k < sheet.entries:
            page.write_number(line, column, float(due), entry)
        else:
            page.write_formula(line, column, f"={_at(line, TARGET)}", fixed, value)
    if sheet.summed and years:
        first, last = _at(line, FIRST_YEAR), _at(line, FIRST_YEAR + len(years) - 1)
        text = f"=ROUND(SUM({first}:{last})-{_at(line, TARGET)},{d})"
        page.write_formula(line, FIRST_YEAR + len(years), text, fixed, 0)
        _lights(book, page, line, FIRST_YEAR + len(years))


def _checks(book: Book, page: Worksheet, sheet: Sheet, regions: int) -> None:
    """The sum or weighted mean of the cities, and its difference from the province."""
    item, end = sheet.item, FIRST + regions
    d = item.rule.decimals or 0
    solved = item.rule.method == "solve"
    look = book.style(**TOTAL, **_digits(min(6, d + 2 if solved else d)))
    book.text(page, end, 1, "各市加权平均" if solved else "各市合计", **TOTAL)
    book.text(page, end + 1, 1, "差额", **TOTAL)
    shown = len(item.total_years or ()) if sheet.entries else 0
    for column in (TARGET, *range(FIRST_YEAR, FIRST_YEAR + shown)):
        cells = f"{_at(FIRST, column)}:{_at(end - 1, column)}"
        text, value = f"=ROUND(SUM({cells}),{d})", _column_sum(sheet, column)
        if solved:
            shares = f"{_at(FIRST, 2)}:{_at(end - 1, 2)}"
            text = f"=SUMPRODUCT({shares},{cells})/SUM({shares})"
        page.write_formula(end, column, text, look, value)
        off = f"=ROUND({_at(end, column)}-{_at(PROVINCE, column)},{d + 4 if solved else d})"
        gap = value - float(item.total or 0) if solved else 0.0
        page.write_formula(end + 1, column, off, look, round(gap, d + 4))
    if solved:
        good = _balanced(item.side, _at(end + 1, TARGET), d)
        for criteria, look in ((f"={good}", GOOD), (f"=NOT({good})", BAD)):
            rule = {"type": "formula", "criteria": criteria, "format": book.light(**look)}
            page.conditional_format(end + 1, TARGET, end + 1, TARGET, rule)
        return
    for column in (TARGET, *range(FIRST_YEAR, FIRST_YEAR + shown)):
        _lights(book, page, end + 1, column)


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


def _lights(
    book: Book, page: Worksheet, line: int, column: int, good: tuple[str, object] = ("==", 0),
    bad: tuple[str, object] = ("!=", 0),
) -> None:  # fmt: skip
    """A cell is green where it compares as is good, and red where it compares as is bad."""
    for (sign, value), look in ((good, GOOD), (bad, BAD)):
        rule = {"type": "cell", "criteria": sign, "value": value, "format": book.light(**look)}
        page.conditional_format(line, column, line, column, rule)


def _summary(
    book: Book, page: Worksheet, sheets: tuple[Sheet, ...], breakdown: Breakdown
) -> None:  # fmt: skip
    end = FIRST + len(breakdown.regions)
    for line, sheet in enumerate(sheets, 1):
        item = sheet.item
        d = item.rule.decimals or 0
        book.line(page, line, (item.indicator.no, item.indicator.name, item.indicator.unit),
                  **FIXED)  # fmt: skip
        mean = _column_sum(sheet, TARGET)
        values = (float(item.total or 0), mean, round(mean - float(item.total or 0), d + 4))
        digits = _digits(min(6, d + 2 if item.rule.method == "solve" else d))
        shape = book.style(border=4, **digits)
        for k, row in enumerate((PROVINCE, end, end + 1)):
            page.write_formula(line, 3 + k, f"='{sheet.name}'!{_at(row, TARGET)}", shape, values[k])
        side = item.side if item.rule.method == "solve" else ""
        good = _balanced(side, _at(line, 5), d) if side else f"{_at(line, 5)}=0"
        status = f'=IF({_years_balance(sheet, end, good)},"平衡","不平衡")'
        page.write_formula(line, 6, status, book.style(**FIXED), "平衡")
        _lights(book, page, line, 6, good=("==", '"平衡"'), bad=("==", '"不平衡"'))
    print_across(page)
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


def _at(line: int, column: int) -> str:
    return f"{column_letter(column)}{line + 1}"
