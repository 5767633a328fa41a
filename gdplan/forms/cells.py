"""The cells of a form as they were filled in: text, numbers with their digits, days, faults."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from gdplan.files.csv_table import column_letter
from gdplan.files.safe_workbook import Cell, Sheet
from gdplan.files.workbook import clean
from gdplan.notation import NUMBER
from gdplan.problems import Problem, ProblemError

Asked = TypeVar("Asked")
DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
SHARE = 10.0
"""Beside a plan figure of this many per cent, one below 1 is a fraction typed for a share."""
EMPTY = Cell(None, "General", False, False)


class FormSheet:
    """A sheet of a form, its cells by the name of their column, with their place in words.

    ``value`` is the first column to fill in, which must hold a figure or word for the row to count,
    ``day`` the one that holds a date.
    """

    def __init__(
        self, file: str, sheet: Sheet, header: Sequence[str], *, value: str, day: str
    ) -> None:
        self.file, self.name, self.sheet = file, sheet.name, sheet
        self.header, self.value, self.day = header, value, day
        self.at = {name: i for i, name in enumerate(header)}
        self.inputs = header[self.at[value] :]

    def place(self, line: int, column: str) -> str:
        """file!sheet!cell."""
        return f"{self.file}!{self.name}!{column_letter(self.at[column])}{line}"

    def cell(self, line: int, column: str) -> Cell:
        """The cell, an empty one where there is none."""
        return self.sheet.cells.get((line, self.at[column] + 1), EMPTY)

    def words(self, line: int, column: str) -> str:
        """The cell as text, as it was written."""
        value = self.cell(line, column).value
        return "" if value is None else clean(str(value)).strip()

    def text(self, line: int, column: str) -> str:
        """The cell as text, full-width characters made plain."""
        return unicodedata.normalize("NFKC", self.words(line, column)).strip()

    def moved(self, line: int, wanted: dict[str, str]) -> list[Problem]:
        """Fixed cells that no longer hold what the form was made with."""
        return [
            Problem("moved_row", self.place(line, name), "行被移动或改动",
                    expected=text, found=self.text(line, name) or "空", fix="用原表重新填写")
            for name, text in wanted.items()
            if self.text(line, name) != unicodedata.normalize("NFKC", clean(text)).strip()
        ]  # fmt: skip

    def broken(self, line: int) -> list[Problem]:
        """Cells to fill that show an error, or a formula without its value."""
        found = []
        for name in self.inputs:
            # A number that is no day of the calendar stands as an error, and is told as a date.
            if name == self.day:
                continue
            cell, place = self.cell(line, name), self.place(line, name)
            if cell.error:
                key = "not_a_number" if name == "数值" else "error_cell"
                found.append(Problem(key, place, "单元格是错误值", found=str(cell.value),
                                     fix="直接填写"))  # fmt: skip
            elif cell.formula and cell.value is None:
                found.append(Problem("formula_without_value", place, "公式没有计算结果",
                                     fix="在 Excel 中打开并保存，或直接填写"))  # fmt: skip
        return found

    def header_problems(self) -> list[Problem]:
        """Columns that were moved, renamed or merged."""
        return [
            *(Problem("moved_column", self.place(1, name), "表头被改动",
                      expected=name, found=self.text(1, name) or "空", fix="用原表重新填写")
              for name in self.header if self.text(1, name) != unicodedata.normalize("NFKC", name)),
            *(Problem("merged_cells", f"{self.file}!{self.name}!{area}", "有合并单元格",
                      fix="取消合并，逐格填写") for area in self.sheet.merged[:9]),
        ]  # fmt: skip

    def strays(self, first: int, message: str) -> list[Problem]:
        """Entries below the last row of the form."""
        below = {line for line, column in self.sheet.cells
                 if line >= first and column == self.at[self.value] + 1}  # fmt: skip
        return [
            Problem("stray_row", self.place(line, self.value), message,
                    found=self.text(line, self.value), fix="填入对应的行，不要增行")
            for line in sorted(below)[:50]
        ]  # fmt: skip

    def number(
        self, line: int, column: str, unit: str, form: re.Pattern[str] = NUMBER
    ) -> tuple[str, list[Problem]]:
        """A number of a form with the digits it was typed with, shares with or without their sign;
        empty for an empty cell."""
        cell, place = self.cell(line, column), self.place(line, column)
        if isinstance(cell.value, (bool, date, time, timedelta)):
            return "", [no_number(place, str(cell.value))]
        typed = isinstance(cell.value, (int, float))
        if typed and "%" in cell.form and unit != "%":
            return "", [percent_format(place, printed(cell.value, cell.form), unit)]
        text = printed(cell.value, cell.form) if typed else self.text(line, column)
        text = text[:-1].strip() if text.endswith("%") and unit == "%" else text
        if text and not form.fullmatch(text):
            return "", [no_number(place, text)]
        return text.replace(",", ""), []

    def date(self, line: int, year: int, today: str) -> tuple[str, list[Problem]]:
        """The day of the row, not before the year it speaks of and not to come yet."""
        column = self.day
        value, place = self.cell(line, column).value, self.place(line, column)
        day = _day(value, self.text(line, column))
        if day is None:
            return "", [Problem("not_a_date", place, "不是日期", "如 2024-03-01",
                                self.text(line, column) or "空")]  # fmt: skip
        if not year <= day.year <= year + 20:
            return "", [Problem("wrong_date", place, f"{column}早于数据年份或过晚",
                                expected=f"{year}年及以后", found=day.isoformat())]  # fmt: skip
        if today and day.isoformat() > today:
            return "", [Problem("date_to_come", place, f"{column}还没有到",
                                expected=f"不晚于{today}", found=day.isoformat())]  # fmt: skip
        return day.isoformat(), []


@dataclass(frozen=True, slots=True)
class Entries:
    """What sheets of a form say: rows in the columns of a file, each with its cell, how many rows
    are empty, what is wrong, and what to ask about rows that stand."""

    rows: tuple[Mapping[str, str], ...] = ()
    cells: tuple[str, ...] = ()
    empty: int = 0
    problems: tuple[Problem, ...] = ()
    questions: tuple[str, ...] = ()


def entries(
    file: str, book: Mapping[str, Sheet], name: str, header: Sequence[str], asked: Sequence[Asked],
    row: Callable[[FormSheet, int, Asked], dict[str, str] | None], *,
    value: str, day: str, stray: str,
) -> Entries:  # fmt: skip
    """The rows of a sheet, one for each of ``asked``; ``row`` reads a line or raises what is
    wrong with it, an empty one is None; ``stray`` is said of entries below the last of them."""
    if name not in book:
        return Entries(problems=(Problem("missing_sheet", f"{file}!{name}", "缺少这张表"),))
    sheet = FormSheet(file, book[name], header, value=value, day=day)
    problems = sheet.header_problems()
    if problems:
        return Entries(problems=tuple(problems))
    rows: dict[int, dict[str, str]] = {}
    empty = 0
    for line, each in enumerate(asked, 2):
        try:
            cells = row(sheet, line, each)
        except ProblemError as error:
            problems += error.problems
        else:
            rows |= {line: cells} if cells else {}
            empty += not cells
    problems += sheet.strays(len(asked) + 2, stray)
    places = tuple(sheet.place(line, value) for line in rows)
    return Entries(tuple(rows.values()), places, empty, tuple(problems))


def no_number(place: str, found: str) -> Problem:
    """What stands where a number should."""
    return Problem("not_a_number", place, "不是数值", expected="如 139.3", found=found[:60])


def percent_format(place: str, text: str, unit: str) -> Problem:
    """A cell in per cent where the unit is another."""
    return Problem("percent_format", place, f"单位是{unit}，单元格却是百分比格式",
                   found=f"{text}%", fix="改为常规格式后重填")  # fmt: skip


def fraction_for_share(place: str, text: str) -> Problem:
    """A fraction where the plan speaks of tens of per cent."""
    return Problem("fraction_for_share", place, "疑把百分数填成了小数", found=text,
                   expected=f"{Decimal(text).scaleb(2).normalize():f}",
                   fix=f"确为{text}%的，连百分号填写")  # fmt: skip


def printed(value: float, form: str) -> str:
    """A number as the sheet shows it: 0.75 in per cent is 75, 132 with one decimal is 132.0.

    Examples
    --------
    >>> printed(0.75, "0%"), printed(132, "0.0")
    ('75', '132.0')
    """
    # A workbook holds 17 digits of which 15 are meant: 131.30000000000001 is 131.3.
    shown = Decimal(f"{value:.15g}").scaleb(2 if "%" in form else 0)
    text = f"{shown:f}"
    match = re.search(r"0\.(0+)(?!0*[Ee])", form)
    missing = len(match[1]) - len(text.partition(".")[2]) if match else 0
    return text if missing <= 0 else f"{shown:.{len(match[1]) if match else 0}f}"


def _day(value: object, text: str) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    match = DATE.fullmatch(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None
