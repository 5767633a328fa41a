"""Negotiated targets read back from the form: every sum checked to the last digit, or nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from gdplan.files import safe_workbook
from gdplan.files.csv_table import column_letter
from gdplan.notation import parse_target
from gdplan.problems import Problem, ProblemError
from gdplan.regions.allocation.breakdown import (
    Breakdown,
    Item,
    Row,
    parts_above_wholes,
    rate_bounds,
    with_targets,
)
from gdplan.regions.allocation.exact import decimal_of, exact, shown
from gdplan.regions.allocation.form_write import (
    CODE,
    FIRST,
    FIRST_YEAR,
    TARGET,
    Sheet,
    digest,
    layout,
)
from gdplan.regions.allocation.rules_file import ADDITIVE

CLOSE = Fraction(1, 10**9)


def negotiated(path: Path, breakdown: Breakdown) -> Breakdown:
    """The breakdown with the targets and years of a form.

    Parameters
    ----------
    path : Path
        The workbook, saved after negotiation.
    breakdown : Breakdown
        The proposal the form was made from: same plan, rules and data.

    Raises
    ------
    ProblemError
        With every fault: another plan or proposal, cells that are empty, no numbers, too fine or
        out of bounds, every sum or weighted mean that differs from the province's, with both, and
        every part above its whole.
    """
    sheets = safe_workbook.sheets(path)
    _check_keys(path, sheets, breakdown)
    items, problems, pages = {}, list[Problem](), {}
    for sheet in layout(breakdown):
        pages[sheet.item.indicator.no] = sheet.name
        page = sheets.get(sheet.name)
        if page is None:
            problems.append(Problem("missing_sheet", path.name, f"缺少工作表 {sheet.name}",
                                    fix="重新生成协商表，不要删改工作表"))  # fmt: skip
            continue
        reader = _Reader(path.name, page.cells, sheet, list(breakdown.regions))
        items[sheet.item.indicator.no] = reader.item()
        problems += reader.problems
    merged = tuple(items.get(i.indicator.no, i) for i in breakdown.items)
    if not problems:
        problems += parts_above_wholes(
            merged, breakdown.regions,
            lambda part, place: _cell(path.name, pages[part.indicator.no], FIRST + place, TARGET),
        )  # fmt: skip
    if problems:
        raise ProblemError(list(dict.fromkeys(problems)))
    return replace(breakdown, items=merged)


def _check_keys(path: Path, sheets: Any, breakdown: Breakdown) -> None:
    keys = safe_workbook.keys_of(sheets)
    if keys.get("plan") != breakdown.plan.id:
        raise ProblemError(
            Problem("no_allocation_form", path.name, "不是这个规划的协商表",
                    expected=breakdown.plan.id, found=str(keys.get("plan", "无标记")),
                    fix="用 gdplan allocate 生成的 allocation.xlsx")
        )  # fmt: skip
    if keys.get("digest") != digest(breakdown):
        raise ProblemError(
            Problem("other_proposal", path.name, "协商表出自另一份分解方案",
                    fix="用生成该表时的规则和数据，或重新生成协商表")
        )  # fmt: skip


def _cell(file: str, sheet: str, line: int, column: int) -> str:
    return f"{file} {sheet}!{column_letter(column)}{line + 1}"


class _Reader:
    """One sheet being read: its cells, and what is wrong with them."""

    def __init__(
        self, file: str, cells: Any, sheet: Sheet, codes: list[str]
    ) -> None:  # fmt: skip
        self.file, self.cells, self.sheet, self.codes = file, cells, sheet, codes
        self.problems: list[Problem] = []

    def item(self) -> Item:
        """The item with what the sheet says; unchanged when anything is wrong."""
        item = self.sheet.item
        self._codes()
        columns = (TARGET, *range(FIRST_YEAR, FIRST_YEAR + self.sheet.entries))
        numbers = [[self._number(FIRST + place, column) for column in columns]
                   for place in range(len(self.codes))]  # fmt: skip
        if self.problems:
            return item
        targets = tuple(line[0] for line in numbers)
        ends = [() if self.sheet.summed else line[:1] for line in numbers]
        filled = [(*line[1:], *end) for line, end in zip(numbers, ends, strict=True)]
        years = filled if self.sheet.entries else None
        self._sums(targets, years)
        if self.problems:
            return item
        additive = item.rule.method in ADDITIVE
        return with_targets(item, targets, (years or item.years) if additive else None)

    def _codes(self) -> None:
        for place, code in enumerate(self.codes):
            cell = self.cells.get((FIRST + place + 1, CODE + 1))
            if cell is None or str(cell.value) != code:
                self._add("row_moved", FIRST + place, CODE, "行被移动或改动", code,
                          "空" if cell is None else str(cell.value))  # fmt: skip

    def _number(self, line: int, column: int) -> Decimal:
        item = self.sheet.item
        decimals = item.rule.decimals or 0
        cell = self.cells.get((line + 1, column + 1))
        try:
            if cell is None or cell.error:
                raise ValueError
            number = exact(cell.value)
        except ValueError:
            self._add("not_a_number", line, column, "应填数", f"{decimals}位以内小数",
                      "空" if cell is None else str(cell.value))  # fmt: skip
            return Decimal(0)
        units = number * 10**decimals
        if abs(units - round(units)) > CLOSE * max(1, abs(units)):
            self._add("too_fine", line, column, "小数位数过多", f"{decimals}位以内", shown(number))
        low, high = item.indicator.limits
        if not low <= number <= high:
            self._add("out_of_limits", line, column, "超出指标的范围", f"{low:g}—{high:g}",
                      shown(number))  # fmt: skip
        return decimal_of(round(units), decimals)

    def _sums(self, targets: Row, years: list[Row] | None) -> None:
        item, end = self.sheet.item, FIRST + len(self.codes)
        if item.rule.method == "solve":
            self._mean(targets, end)
            self._bounds(targets)
            return
        sums = [(TARGET, sum(targets, Decimal(0)), item.total)]
        for k, due in enumerate(item.total_years or () if years else ()):
            sums.append((FIRST_YEAR + k, sum((row[k] for row in years or ()), Decimal(0)), due))
        for column, total, wanted in sums:
            if total != wanted:
                self._add(
                    "sum_differs", end, column, "各市合计不等于全省数", f"{wanted}", f"{total}"
                )
        for place, row in enumerate(years or () if self.sheet.summed else ()):
            if sum(row) != targets[place]:
                self._add("years_differ", FIRST + place, TARGET, "年度合计不等于协商目标",
                          f"{targets[place]}", f"{sum(row)}")  # fmt: skip

    def _bounds(self, targets: Row) -> None:
        """The lowest and highest rate that the rule declares for each region."""
        item = self.sheet.item
        read = [parse_target(base, unit=item.indicator.unit or None).value for base in item.bases]
        known = [exact(repr(value)) for value in read if value is not None]
        lows, highs = rate_bounds(item.indicator, item.rule, known)
        for place, (low, target, high) in enumerate(zip(lows, targets, highs, strict=True)):
            if not low <= target <= high:
                self._add("out_of_bounds", FIRST + place, TARGET, "超出分解规则声明的上下限",
                          f"{shown(low)}—{shown(high)}", f"{target:f}")  # fmt: skip

    def _mean(self, targets: Row, end: int) -> None:
        item = self.sheet.item
        shares, goal = item.shares or (), Fraction(item.total or 0)
        mean = sum((w * Fraction(t) for w, t in zip(shares, targets, strict=True)), Fraction(0))
        half = Fraction(1, 2 * 10 ** (item.rule.decimals or 0))
        good = {"at_least": mean >= goal, "at_most": mean <= goal}.get(
            item.side, abs(mean - goal) <= half
        )
        if not good:
            words = {"at_least": "不低于", "at_most": "不高于"}.get(item.side, "约等于")
            self._add("mean_differs", end, TARGET, "各市加权平均与全省目标不符",
                      f"{words} {item.total}", f"{float(mean):.6f}")  # fmt: skip

    def _add(
        self, key: str, line: int, column: int, message: str, expected: str, found: str
    ) -> None:
        it = self.sheet.item.indicator
        where = _cell(self.file, self.sheet.name, line, column)
        self.problems.append(
            Problem(key, where, f"第{it.no}项“{it.name}”{message}", expected, found)
        )
