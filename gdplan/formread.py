"""A filled-in form -> rows of observations; every fault with its sheet and cell."""

from __future__ import annotations

import json
import re
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from gdplan import resources
from gdplan.form import BOUNDS, HEADER, KEYS, VERSION
from gdplan.model import Indicator, Kind, Plan, Problem, ProblemError

LARGEST, UNPACKED, PARTS, SQUEEZE = 20_000_000, 60_000_000, 400, 120
NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?")
RATIO = re.compile(r"\d+(?:\.\d+)?(?::\d+(?:\.\d+)?)+")
DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
AT = {name: i for i, name in enumerate(HEADER)}


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form said: rows in the columns of an observation file, each with its cell."""

    file: str
    rows: tuple[Mapping[str, str], ...]
    cells: tuple[str, ...]
    empty: int


def read(path: Path, plan: Plan) -> Filled:
    """The figures of one form.

    Raises
    ------
    ProblemError
        When it is no form of this plan, is damaged, or a cell cannot be read; all at once.
    """
    values, formulas = _opened(path)
    keys = _keys(path, values, plan)
    rows: list[Mapping[str, str]] = []
    cells: list[str] = []
    problems: list[Problem] = []
    empty = 0
    for name, wanted in keys["rows"].items():
        if name not in values.sheetnames:
            problems.append(Problem("missing_sheet", f"{path.name}!{name}", "缺少这张表"))
            continue
        sheet = _Sheet(path.name, values[name], formulas[name])
        problems += sheet.header_problems()
        if problems:
            continue
        for line, (no, year, period) in enumerate(wanted, 2):
            row, faults = _row(sheet, line, no, int(year), period, keys, plan)
            problems += faults
            if row:
                rows.append(row)
                cells.append(f"{path.name}!{name}!{_letter('数值')}{line}")
            elif not faults:
                empty += 1
        problems += sheet.strays(len(wanted) + 2)
    if problems:
        raise ProblemError(problems)
    return Filled(path.name, tuple(rows), tuple(cells), empty)


class _Sheet:
    """A sheet as values and as formulas, with the place of a cell in words."""

    def __init__(self, file: str, values: Any, formulas: Any) -> None:
        self.file, self.values, self.formulas = file, values, formulas
        self.name = values.title

    def place(self, line: int, column: str) -> str:
        """file!sheet!cell."""
        return f"{self.file}!{self.name}!{_letter(column)}{line}"

    def cell(self, line: int, column: str) -> Any:
        """The value cell."""
        return self.values.cell(line, AT[column] + 1)

    def formula(self, line: int, column: str) -> bool:
        """Whether the cell holds a formula."""
        return bool(self.formulas.cell(line, AT[column] + 1).data_type == "f")

    def text(self, line: int, column: str) -> str:
        """The cell as text, full-width characters made plain."""
        value = self.cell(line, column).value
        return "" if value is None else unicodedata.normalize("NFKC", str(value)).strip()

    def header_problems(self) -> list[Problem]:
        """Columns that were moved, renamed or merged."""
        found = [
            Problem("moved_column", f"{self.file}!{self.name}!{_letter(name)}1", "表头被改动",
                    expected=name, found=self.text(1, name) or "空", fix="用原表重新填写")
            for name in HEADER if self.text(1, name) != unicodedata.normalize("NFKC", name)
        ]  # fmt: skip
        merged = [str(area) for area in self.values.merged_cells.ranges]
        if merged:
            found.append(
                Problem("merged_cells", f"{self.file}!{self.name}!{merged[0]}", "有合并单元格",
                        fix="取消合并，逐格填写")
            )  # fmt: skip
        return found

    def strays(self, first: int) -> list[Problem]:
        """Figures below the last row of the form."""
        last = min(self.values.max_row, first + 2000)
        return [
            Problem("stray_row", self.place(line, "数值"), "表外的行有数值，不知属于哪项指标",
                    found=self.text(line, "数值"), fix="填入对应的行，不要增行")
            for line in range(first, last + 1) if self.text(line, "数值")
        ]  # fmt: skip


def _row(
    sheet: _Sheet, line: int, no: str, year: int, period: str, keys: Mapping[str, Any], plan: Plan
) -> tuple[dict[str, str] | None, list[Problem]]:
    """A filled row in the columns of an observation file, or what is wrong with it."""
    item = plan.indicator(no)
    problems = _moved(sheet, line, item, year)
    value, faults = _value(sheet, line, item)
    problems += faults
    if not value and not faults:
        return None, problems
    bound = sheet.text(line, "措辞") or "准确"
    if bound not in BOUNDS:
        problems.append(Problem("unknown_word", sheet.place(line, "措辞"), "不认识的措辞",
                                "、".join(BOUNDS), bound))  # fmt: skip
    published, faults = _date(sheet, line, year)
    problems += faults
    source = sheet.text(line, "数据来源")
    if not source:
        problems.append(
            Problem("missing_source", sheet.place(line, "数据来源"), "没有写数据来源",
                    fix="写发布单位和题名")
        )  # fmt: skip
    if problems:
        return None, problems
    note = "；".join(t for t in (sheet.text(line, "口径说明"), _by(sheet, line)) if t)
    return {
        "region_code": keys["region"], "region": keys["region_name"], "indicator": item.name,
        "year": str(year), "period": period, "value": value, "unit": item.unit,
        "bound": BOUNDS[bound].value, "published": published, "source": source, "url": "",
        "access": "direct", "note": note,
    }, []  # fmt: skip


def _by(sheet: _Sheet, line: int) -> str:
    who = sheet.text(line, "填报人")
    place = f"{sheet.file}!{sheet.name}!{_letter('数值')}{line}"
    return f"填报表 {place}" + (f"，填报人 {who}" if who else "")


def _moved(sheet: _Sheet, line: int, item: Indicator, year: int) -> list[Problem]:
    """Rows that were deleted, inserted or sorted away from where the form had them."""
    wanted = {"序号": item.no, "指标": item.name, "年份": str(year)}
    return [
        Problem("moved_row", sheet.place(line, name), "行被移动或改动",
                expected=text, found=sheet.text(line, name) or "空", fix="用原表重新填写")
        for name, text in wanted.items()
        if sheet.text(line, name) != unicodedata.normalize("NFKC", text)
    ]  # fmt: skip


def _value(sheet: _Sheet, line: int, item: Indicator) -> tuple[str, list[Problem]]:
    """The figure with the digits it was typed with."""
    cell, place = sheet.cell(line, "数值"), sheet.place(line, "数值")
    if sheet.formula(line, "数值") and cell.value is None:
        return "", [Problem("formula_without_value", place, "公式没有计算结果",
                            fix="在 Excel 中打开并保存，或直接填数")]  # fmt: skip
    if isinstance(cell.value, (bool, datetime, date)) or cell.data_type == "e":
        return "", [_no_number(place, str(cell.value))]
    if isinstance(cell.value, (int, float)):
        text = _printed(float(cell.value), str(cell.number_format))
    else:
        text = sheet.text(line, "数值")
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
    return text, []


def _no_number(place: str, found: str) -> Problem:
    return Problem("not_a_number", place, "不是数值", expected="如 139.3", found=found[:60])


def _printed(value: float, form: str) -> str:
    """A number as the sheet shows it: 0.75 in per cent is 75, 132 with one decimal is 132.0."""
    shown = value * 100 if "%" in form else value
    match = re.search(r"0\.(0+)", form)
    short = f"{shown:.12g}"
    digits = len(short.partition(".")[2])
    plain = short if "e" not in short else f"{shown:.0f}"
    return f"{shown:.{max(digits, len(match[1]))}f}" if match else plain


def _date(sheet: _Sheet, line: int, year: int) -> tuple[str, list[Problem]]:
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
    return day.isoformat(), []


def _letter(column: str) -> str:
    return chr(ord("A") + AT[column])


def _opened(path: Path) -> tuple[Any, Any]:
    """The workbook as values and as formulas, after a look at what it would unpack to."""
    import openpyxl

    _safe(path)
    try:
        return (openpyxl.load_workbook(path, data_only=True), openpyxl.load_workbook(path))
    except Exception as error:
        raise ProblemError(
            Problem("broken_workbook", path.name, "工作簿无法读取", found=type(error).__name__,
                    fix="在 Excel 中打开，另存为 .xlsx")
        ) from error  # fmt: skip


def _safe(path: Path) -> None:
    """Refuse what is no workbook, what is locked, and what would fill the memory."""
    if not path.is_file():
        raise ProblemError(Problem("missing_file", str(path), "文件不存在", fix="核对路径"))
    start = path.read_bytes()[:8] if path.stat().st_size else b""
    if start[:4] == b"\xd0\xcf\x11\xe0":
        raise ProblemError(
            Problem("locked_or_old", path.name, "是加密的工作簿或旧格式 .xls",
                    fix="去掉密码，另存为 .xlsx")
        )  # fmt: skip
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise ProblemError(
            Problem("not_a_workbook", path.name, "不是 .xlsx 工作簿，或文件不完整",
                    found=start[:4].decode("latin-1"), fix="重新取得文件，或另存为 .xlsx")
        ) from error  # fmt: skip
    size = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    if path.stat().st_size > LARGEST or size > UNPACKED or len(parts) > PARTS or (
        size > 1_000_000 and size / packed > SQUEEZE
    ):  # fmt: skip
        raise ProblemError(
            Problem("too_large", path.name, "展开后过大，不像填报表",
                    expected=f"不超过{UNPACKED // 1_000_000} MB", found=f"{size // 1_000_000} MB")
        )  # fmt: skip


def _keys(path: Path, book: Any, plan: Plan) -> Mapping[str, Any]:
    """What the hidden sheet says, if it is a form of this plan."""
    fault = ""
    keys: Any = {}
    if KEYS not in book.sheetnames:
        fault = "缺少隐藏的标识表，不是 gdplan 填报表"
    else:
        try:
            keys = json.loads(str(book[KEYS]["A1"].value))
        except ValueError:
            fault = "标识表已损坏"
    if not fault and (not isinstance(keys, dict) or keys.get("version") != VERSION):
        fault = "填报表的版本不同"
    elif not fault and keys["plan"] != plan.id:
        fault = f"是另一规划的填报表（{keys['plan']}）"
    elif not fault and resources.regions().get(keys["region"]) != keys["region_name"]:
        fault = f"地区代码与名称不符（{keys['region']}）"
    if fault:
        raise ProblemError(
            Problem("not_this_form", path.name, fault, expected=f"{plan.id} 的填报表",
                    fix="用 gdplan template 生成")
        )  # fmt: skip
    return dict(keys)
