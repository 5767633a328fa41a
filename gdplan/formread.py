"""A filled-in form -> rows of observations; every fault with its sheet and cell."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel

from gdplan import resources
from gdplan.form import BOUNDS, FIRST_INPUT, HEADER, KEYS, PERIODS, VERSION, clean, digest
from gdplan.formopen import Cell, Sheet, sheets
from gdplan.model import Indicator, Kind, Plan, Problem, ProblemError

NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?")
RATIO = re.compile(r"\d+(?:\.\d+)?(?::\d+(?:\.\d+)?)+")
DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
AT = {name: i for i, name in enumerate(HEADER)}
EMPTY = Cell(None, "General", False, False)
PERIOD_WORDS = {period.value: word for word, period in PERIODS.items()}
SHARE = 10.0
"""Beside a plan figure of this many per cent, one below 1 is a fraction typed for a share."""


class Keys(BaseModel):
    """The hidden sheet of a form."""

    version: int
    plan: str
    region: str
    region_name: str
    year: int
    header: list[str]
    rows: dict[str, list[tuple[str, int, str]]]
    layout: str


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form said: rows in the columns of an observation file, each with its cell."""

    file: str
    rows: tuple[Mapping[str, str], ...]
    cells: tuple[str, ...]
    empty: int


def read(path: Path, plan: Plan, *, today: str = "") -> Filled:
    """The figures of one form.

    Parameters
    ----------
    path, plan
        The form, and the plan it has to be for.
    today : str, optional
        Day after which nothing can have been published yet, as YYYY-MM-DD.

    Raises
    ------
    ProblemError
        When it is no form of this plan, is damaged, or a cell cannot be read; all at once.
    """
    book = sheets(path)
    keys = _keys(path, book, plan)
    file = path.name.encode("utf-8", "replace").decode()
    rows: list[Mapping[str, str]] = []
    cells: list[str] = []
    problems: list[Problem] = []
    empty = 0
    for name, wanted in keys.rows.items():
        if name not in book:
            problems.append(Problem("missing_sheet", f"{file}!{name}", "缺少这张表"))
            continue
        sheet = _Sheet(file, book[name])
        faults = sheet.header_problems()
        problems += faults
        if faults:
            continue
        for line, (no, year, period) in enumerate(wanted, 2):
            row, faults = _row(sheet, line, plan.indicator(no), year, period, keys, today)
            problems += faults
            if row:
                rows.append(row)
                cells.append(f"{file}!{name}!{_letter('数值')}{line}")
            elif not faults:
                empty += 1
        problems += sheet.strays(len(wanted) + 2)
    if problems:
        raise ProblemError(problems)
    return Filled(file, tuple(rows), tuple(cells), empty)


class _Sheet:
    """A sheet of a form, its cells by the name of their column, with their place in words."""

    def __init__(self, file: str, sheet: Sheet) -> None:
        self.file, self.name, self.sheet = file, sheet.name, sheet

    def place(self, line: int, column: str) -> str:
        """file!sheet!cell."""
        return f"{self.file}!{self.name}!{_letter(column)}{line}"

    def cell(self, line: int, column: str) -> Cell:
        """The cell, an empty one where there is none."""
        return self.sheet.cells.get((line, AT[column] + 1), EMPTY)

    def words(self, line: int, column: str) -> str:
        """The cell as text, as it was written."""
        value = self.cell(line, column).value
        return "" if value is None else clean(str(value)).strip()

    def text(self, line: int, column: str) -> str:
        """The cell as text, full-width characters made plain."""
        return unicodedata.normalize("NFKC", self.words(line, column)).strip()

    def broken(self, line: int) -> list[Problem]:
        """Cells to fill that show an error, or a formula without its value."""
        found = []
        for name in HEADER[FIRST_INPUT:]:
            # A number that is no day of the calendar stands as an error, and is told as a date.
            if name == "发布日期":
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
        found = [
            Problem("moved_column", f"{self.file}!{self.name}!{_letter(name)}1", "表头被改动",
                    expected=name, found=self.text(1, name) or "空", fix="用原表重新填写")
            for name in HEADER if self.text(1, name) != unicodedata.normalize("NFKC", name)
        ]  # fmt: skip
        found += [
            Problem("merged_cells", f"{self.file}!{self.name}!{area}", "有合并单元格",
                    fix="取消合并，逐格填写")
            for area in self.sheet.merged[:9]
        ]  # fmt: skip
        return found

    def strays(self, first: int) -> list[Problem]:
        """Figures below the last row of the form."""
        below = {line for line, column in self.sheet.cells
                 if line >= first and column == AT["数值"] + 1}  # fmt: skip
        return [
            Problem("stray_row", self.place(line, "数值"), "表外的行有数值，不知属于哪项指标",
                    found=self.text(line, "数值"), fix="填入对应的行，不要增行")
            for line in sorted(below)[:50]
        ]  # fmt: skip


def _row(
    sheet: _Sheet, line: int, item: Indicator, year: int, period: str, keys: Keys, today: str
) -> tuple[dict[str, str] | None, list[Problem]]:
    """A filled row in the columns of an observation file, or what is wrong with it."""
    problems = [*_moved(sheet, line, item, year, period), *sheet.broken(line)]
    if problems:
        return None, problems
    value, faults = _value(sheet, line, item)
    problems += faults
    if not value and not faults:
        return None, _without_value(sheet, line)
    bound = sheet.text(line, "措辞") or "准确"
    if bound not in BOUNDS:
        problems.append(Problem("unknown_word", sheet.place(line, "措辞"), "不认识的措辞",
                                "、".join(BOUNDS), bound))  # fmt: skip
    published, faults = _date(sheet, line, year, today)
    problems += faults
    source = sheet.words(line, "数据来源")
    if not source:
        problems.append(
            Problem("missing_source", sheet.place(line, "数据来源"), "没有写数据来源",
                    fix="写发布单位和题名")
        )  # fmt: skip
    if problems:
        return None, problems
    note = "；".join(t for t in (sheet.words(line, "口径说明"), _by(sheet, line)) if t)
    return {
        "region_code": keys.region, "region": keys.region_name, "indicator": item.name,
        "year": str(year), "period": period, "value": value, "unit": item.unit,
        "bound": BOUNDS[bound].value, "published": published, "source": source, "url": "",
        "access": "direct", "note": note,
    }, []  # fmt: skip


def _by(sheet: _Sheet, line: int) -> str:
    who = sheet.words(line, "填报人")
    place = f"{sheet.file}!{sheet.name}!{_letter('数值')}{line}"
    return f"填报表 {place}" + (f"，填报人 {who}" if who else "")


def _without_value(sheet: _Sheet, line: int) -> list[Problem]:
    """A row whose source or date is filled in and whose figure is not."""
    return [
        Problem("missing_value", sheet.place(line, "数值"), f"填了{name}而没有数值",
                found=sheet.words(line, name)[:60],
                fix="补上数值；没有数据的，来源和日期空着，情况写在口径说明")
        for name in ("数据来源", "发布日期") if sheet.words(line, name)
    ][:1]  # fmt: skip


def _moved(sheet: _Sheet, line: int, item: Indicator, year: int, period: str) -> list[Problem]:
    """Rows moved from where the form had them, or made for another unit than the plan's."""
    wanted = {"序号": clean(item.no), "指标": clean(item.name), "单位": clean(item.unit),
              "年份": str(year), "时期": PERIOD_WORDS.get(period, "")}  # fmt: skip
    return [
        Problem("moved_row", sheet.place(line, name), "行被移动或改动",
                expected=text, found=sheet.text(line, name) or "空", fix="用原表重新填写")
        for name, text in wanted.items()
        if sheet.text(line, name) != unicodedata.normalize("NFKC", text).strip()
    ]  # fmt: skip


def _value(sheet: _Sheet, line: int, item: Indicator) -> tuple[str, list[Problem]]:
    """The figure with the digits it was typed with."""
    cell, place = sheet.cell(line, "数值"), sheet.place(line, "数值")
    typed = isinstance(cell.value, (int, float))
    if isinstance(cell.value, (bool, date, time, timedelta)):
        return "", [_no_number(place, str(cell.value))]
    text = _printed(cell.value, cell.form) if typed else sheet.text(line, "数值")
    if typed and "%" in cell.form and item.unit != "%":
        return "", [Problem("percent_format", place, f"单位是{item.unit}，单元格却是百分比格式",
                            found=f"{text}%", fix="改为常规格式后重填")]  # fmt: skip
    explicit = text.endswith("%") or (typed and "%" in cell.form)
    if not text:
        return "", []
    if text.endswith("%") and item.unit == "%":
        text = text[:-1].strip()
    pattern = RATIO if item.kind is Kind.COMPOSITION else NUMBER
    if not pattern.fullmatch(text.replace("∶", ":")):
        return "", [_no_number(place, text)]
    text = text.replace(",", "")
    low, high = item.limits
    if pattern is NUMBER and item.kind is not Kind.RATE and not low <= float(text) <= high:
        return "", [Problem("outside_limits", place, f"{item.name}的数值超出可能范围",
                            expected=f"{low:g}—{high:g}", found=text)]  # fmt: skip
    if pattern is NUMBER and not explicit and _looks_like_fraction(item, float(text)):
        return "", [Problem("fraction_for_share", place, "疑把百分数填成了小数",
                            expected=f"{Decimal(text).scaleb(2).normalize():f}", found=text,
                            fix=f"确为{text}%的，连百分号填写")]  # fmt: skip
    return text, []


def _looks_like_fraction(item: Indicator, value: float) -> bool:
    """0.75 where the plan speaks of tens of per cent."""
    if item.unit != "%" or item.kind is Kind.RATE or not 0 < value <= 1:
        return False
    known = [t.value or t.low for t in (item.base, item.target) if t.has_number]
    return bool(known) and min(known) >= SHARE


def _no_number(place: str, found: str) -> Problem:
    return Problem("not_a_number", place, "不是数值", expected="如 139.3", found=found[:60])


def _printed(value: float, form: str) -> str:
    """A number as the sheet shows it: 0.75 in per cent is 75, 132 with one decimal is 132.0."""
    # A workbook holds 17 digits of which 15 are meant: 131.30000000000001 is 131.3.
    shown = Decimal(f"{value:.15g}").scaleb(2 if "%" in form else 0)
    text = f"{shown:f}"
    match = re.search(r"0\.(0+)(?!0*[Ee])", form)
    missing = len(match[1]) - len(text.partition(".")[2]) if match else 0
    return text if missing <= 0 else f"{shown:.{len(match[1]) if match else 0}f}"


def _date(sheet: _Sheet, line: int, year: int, today: str) -> tuple[str, list[Problem]]:
    value, place = sheet.cell(line, "发布日期").value, sheet.place(line, "发布日期")
    day: date | None = None
    if isinstance(value, datetime):
        day = value.date()
    elif isinstance(value, date):
        day = value
    else:
        text = sheet.text(line, "发布日期")
        match = DATE.fullmatch(text)
        try:
            day = date(int(match[1]), int(match[2]), int(match[3])) if match else None
        except ValueError:
            day = None
        if day is None:
            return "", [Problem("not_a_date", place, "不是日期", "如 2024-03-01", text or "空")]
    if not year <= day.year <= year + 20:
        return "", [Problem("wrong_date", place, "发布日期早于数据年份或过晚",
                            expected=f"{year}年及以后", found=day.isoformat())]  # fmt: skip
    if today and day.isoformat() > today:
        return "", [Problem("date_to_come", place, "发布日期还没有到", expected=f"不晚于{today}",
                            found=day.isoformat())]  # fmt: skip
    return day.isoformat(), []


def _letter(column: str) -> str:
    return chr(ord("A") + AT[column])


def _keys(path: Path, sheets: Mapping[str, Sheet], plan: Plan) -> Keys:
    """What the hidden sheet says, if it is a form of this plan."""
    fault, keys = "", None
    if KEYS not in sheets:
        fault = "缺少隐藏的标识表，不是 gdplan 填报表"
    else:
        cells = sheets[KEYS].cells
        text = "".join(str(cells[place].value) for place in sorted(cells))
        keys = _parsed(text)
        fault = "标识表已损坏，或填报表的版本不同" if keys is None else _differs(keys, plan)
    if keys is None or fault:
        raise ProblemError(
            Problem("not_this_form", path.name, fault, expected=f"{plan.id} 的填报表",
                    fix="用 gdplan template 生成")
        )  # fmt: skip
    return keys


def _parsed(text: str) -> Keys | None:
    try:
        data = json.loads(text)
        keys = Keys.model_validate(data)
    except (ValueError, RecursionError):
        return None
    return keys if keys.version == VERSION else None


def _differs(keys: Keys, plan: Plan) -> str:
    """How the plan or the regions of today differ from those the form was made for."""
    if keys.plan != plan.id:
        return f"是另一规划的填报表（{keys.plan}）"
    if resources.regions().get(keys.region) != keys.region_name:
        return f"地区代码与名称不符（{keys.region}）"
    known = {item.no for item in plan.indicators}
    gone = sorted({no for rows in keys.rows.values() for no, _, _ in rows} - known)
    if gone:
        return f"规划中已没有第{'、'.join(gone)}项指标"
    return "" if digest(keys.model_dump()) == keys.layout else "标识表被改动"
