"""Published tables -> rows of figures, by the spec beside the file; every problem with its cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from pathlib import Path

import pandas as pd

from gdplan.files import grids as sheets
from gdplan.files import places, register
from gdplan.files.csv_table import CsvTable, column_index
from gdplan.files.grid import Grid, Printed
from gdplan.model import Bound
from gdplan.notation import NUMBER, RATIO
from gdplan.observations.reader_spec import Figures, Label, TableSpec, plain
from gdplan.plans.units import is_unit
from gdplan.problems import Problem, ProblemError, closest

COLUMNS = ("region_code", "region", "indicator", "year", "period", "value", "unit", "bound",
           "published", "source", "url", "access", "note", "simulated")  # fmt: skip
FULL_WIDTH = str.maketrans("０１２３４５６７８９．，％－＋∶：", "0123456789.,%-+::")
BEFORE = (("超过", Bound.AT_LEAST), ("超", Bound.AT_LEAST), ("约", Bound.APPROX))
AFTER = (("以内", Bound.AT_MOST), ("以上", Bound.AT_LEAST), ("左右", Bound.APPROX),
         ("余", Bound.AT_LEAST), ("多", Bound.AT_LEAST))  # fmt: skip
FAULTS = {
    "error_value": ("单元格是错误值", "在原表中改正，或按缺数处理"),
    "formula_without_value": ("公式没有保存结果", "在 Excel 中打开并保存"),
    "date": ("数字格是日期", "改为数字格式"),
    "unknown_format": ("数字格式读不懂（千位缩写、分数、科学计数）", "改为常规或小数格式"),
    "struck": ("数字被划去", "改正原表，或清空该格"),
    "not_shown": ("格中有数，表上没有显示", "改数字格式使其显示，或清空该格"),
    "contradicts": ("显示的数与存储的数不符", "在原表中核对"),
    "not_text": ("单元格是真假值", "改为数字"),
}


@dataclass(frozen=True, slots=True)
class Read:
    """Rows with their cells, missing figures as addresses, and what is wrong."""

    rows: tuple[dict[str, str], ...]
    missing: tuple[str, ...]
    problems: tuple[Problem, ...]


def read_file(path: Path, specs: Sequence[TableSpec]) -> CsvTable:
    """The figures of a published file as a table like that of a plain CSV file.

    ``cells`` has the columns of an observation file and ``cell``, the address of each figure.

    Raises
    ------
    ProblemError
        When the file cannot be opened at all.
    """
    grids, encoding = sheets.grids(path)
    done = [read_table(grids, spec, path.name, n) for n, spec in enumerate(specs, 1)]
    rows = [row for one in done for row in one.rows]
    problems = [p for one in done for p in one.problems]
    if not rows and not problems:
        problems.append(Problem("no_rows", path.name, "按读表说明没有读到任何数据"))
    cells = pd.DataFrame(rows, columns=[*COLUMNS, "cell"], dtype="str")
    missing = tuple(f"{path.name}!{place}" for one in done for place in one.missing)
    return CsvTable(cells.assign(line=range(1, len(cells) + 1)), COLUMNS, encoding,
                    tuple(problems), missing)  # fmt: skip


def read_table(grids: Mapping[str, Grid], spec: TableSpec, file: str, number: int = 1) -> Read:
    """One table of a file by its spec; nothing is read when header or shape are not as said."""
    grid, problems = _grid(grids, spec, file, number)
    if grid is None:
        return Read((), (), tuple(problems))
    problems += _header_problems(grid, spec, file)
    problems += [p for c in spec.columns for p in _unit_problems(grid, spec, c, file)]
    lines = list(_lines(grid, spec))
    problems += [*_hidden(grid, spec, lines, file), *_below(grid, spec, lines, file)]
    if not lines:
        where = _where(file, grid.name)
        problems.append(Problem("no_rows", where, "表头之下没有数据行", found=f"第{spec.first}行"))
    if problems:
        return Read((), (), tuple(problems))
    rows, missing = [], []
    for line in lines:
        names, found = _names(grid, spec, line, file)
        problems += found
        for column in spec.columns if names is not None else ():
            row, fault = _figure(grid, spec, column, line, names or {}, file)
            problems += [fault] if fault else []
            rows += [row] if row else []
            missing += [] if row or fault else [grid.address(line, column_index(column.column))]
    return Read(tuple(rows), tuple(missing), tuple(problems))


def _grid(
    grids: Mapping[str, Grid], spec: TableSpec, file: str, number: int
) -> tuple[Grid | None, list[Problem]]:
    wanted = spec.sheet if spec.sheet is not None else f"表{spec.table}" if spec.table else ""
    if wanted in grids:
        return grids[wanted], []
    if not wanted and len(grids) == 1:
        return next(iter(grids.values())), []
    return None, [
        Problem("unknown_sheet", f"{file}（tables 第{number}项）", "文件中没有这张表",
                expected="、".join(grids) or "至少一张表", found=wanted or "没有写 sheet 或 table",
                fix=closest(wanted, grids))
    ]  # fmt: skip


def _where(file: str, place: str) -> str:
    return f"{file}!{place}" if place else file


def _header(grid: Grid, spec: TableSpec, column: str) -> str:
    """The header above a column: its rows joined by /, a merged cell once."""
    parts = [plain(grid.at(row, column_index(column)).text) for row in spec.header]
    return "/".join(part for part, _ in groupby(parts) if part)


def _columns(spec: TableSpec) -> tuple[Label | Figures, ...]:
    return (*spec.labels, *spec.columns)


def _header_problems(grid: Grid, spec: TableSpec, file: str) -> Iterator[Problem]:
    for column in _columns(spec):
        if column.header is None:
            continue
        found = _header(grid, spec, column.column)
        if found != "/".join(map(plain, column.header.split("/"))):
            place = grid.address(spec.header[-1], column_index(column.column))
            yield Problem("header_differs", _where(file, place), "表头与读表说明不同",
                          column.header, found or "空", "核对列是否移动，改正读表说明")  # fmt: skip


def _unit(grid: Grid, spec: TableSpec, column: Figures) -> tuple[str, str]:
    """The unit that the spec says and the one that the header prints; empty where silent."""
    said = column.unit or spec.unit or ""
    if spec.unit_row:
        return said, _bare(grid.at(spec.unit_row, column_index(column.column)).text)
    brackets = re.findall(r"[（(]([^（）()]+)[）)]", _header(grid, spec, column.column))
    named = brackets[-1] if brackets and (not said or is_unit(brackets[-1])) else ""
    return said, named


def _bare(text: str) -> str:
    return plain(text).strip("()（）")


def _unit_problems(grid: Grid, spec: TableSpec, column: Figures, file: str) -> Iterator[Problem]:
    said, printed = _unit(grid, spec, column)
    row = spec.unit_row or spec.header[-1]
    place = _where(file, grid.address(row, column_index(column.column)))
    if not said and not printed and not spec.unit_column:
        yield Problem("no_unit", place, "表中没有写单位，读表说明也没有",
                      expected="unit、unit_row、unit_column，或表头括号中的单位")  # fmt: skip
    elif said and printed and said != printed:
        yield Problem("unit_differs", place, "单位与读表说明不同", said, printed)


def _lines(grid: Grid, spec: TableSpec) -> Iterator[int]:
    """Data rows: to the last one, or to a note or to the first row without a name."""
    label = column_index(spec.labels[0].column)
    for line in range(spec.first, (spec.last or grid.rows) + 1):
        text = grid.at(line, label).text
        first = next((grid.cells[line, c].text for r, c in sorted(grid.cells) if r == line), "")
        if spec.last is None and (not text or _ends(plain(first or text), spec.until)):
            return
        yield line


def _ends(text: str, until: Sequence[str]) -> bool:
    """Whether a row begins with a word that ends the table: 注：, 注1, but not 注册率."""
    rest = [text[len(word) :] for word in until if text.startswith(word)]
    return any(not tail or re.match(r"[\d:：.、（(\[【]|\W", tail) for tail in rest)


def _below(
    grid: Grid, spec: TableSpec, lines: Sequence[int], file: str
) -> Iterator[Problem]:  # fmt: skip
    """Figures below the row where the table was taken to end."""
    if spec.last is not None or not lines:
        return
    columns = [column_index(c.column) for c in spec.columns]
    rest = [(row, column) for row in range(lines[-1] + 1, grid.rows + 1) for column in columns
            if NUMBER.fullmatch(grid.at(row, column).text)]  # fmt: skip
    if rest:
        yield Problem("figures_below", _where(file, grid.address(*rest[0])),
                      "表在上面已经结束，这里还有数字", f"第{lines[-1]}行以后没有数字",
                      grid.at(*rest[0]).text,
                      "表没有结束时在读表说明写 last，已结束的另写一张表")  # fmt: skip


def _hidden(grid: Grid, spec: TableSpec, lines: Sequence[int], file: str) -> Iterator[Problem]:
    if spec.hidden == "include":
        return
    for line in sorted(grid.hidden_rows & {*lines, *spec.header}):
        yield Problem("hidden_row", _where(file, grid.address(line, 1)), "表中有隐藏的行",
                      fix="取消隐藏后核对，或在读表说明写 hidden: include")  # fmt: skip
    for column in _columns(spec):
        if column_index(column.column) in grid.hidden_columns:
            place = grid.address(spec.first, column_index(column.column))
            yield Problem("hidden_column", _where(file, place), "表中有隐藏的列",
                          fix="取消隐藏后核对，或在读表说明写 hidden: include")  # fmt: skip


def _names(
    grid: Grid, spec: TableSpec, line: int, file: str
) -> tuple[dict[str, str] | None, list[Problem]]:
    """What a row is named by; None for a row that is passed over or cannot be told."""
    names: dict[str, str] = {}
    problems: list[Problem] = []
    for label in spec.labels:
        cell = grid.at(line, column_index(label.column))
        text = _unmarked(cell.text, spec.marks)
        if text in spec.skip or cell.text in spec.skip:
            return None, problems
        text = spec.rename.get(text, text)
        place = _where(file, grid.address(line, column_index(label.column)))
        if label.of == "indicator":
            names["indicator"] = text
        else:
            found = _region(text)
            names |= found
        if not text or (label.of == "region" and not found):
            problems.append(_unknown_name(label.of, text, place))
    return (None if problems else names), problems


def _region(text: str) -> dict[str, str]:
    """Code and name of a region given by either; 广州 is 广州市. A name that several have is none
    of them, unless data/raw/regions.csv lists one."""
    known = places.regions()
    name = known.get(text)
    if name:
        return {"region_code": text, "region": name}
    short = plain(text)
    meant = [r.code for r in register.named(short) if r.current]
    listed = [code for code in places.listed_regions() if code in meant] or meant
    return {"region_code": listed[0], "region": known[listed[0]]} if len(listed) == 1 else {}


def _unknown_name(kind: str, text: str, place: str) -> Problem:
    if not text:
        return Problem("no_name", place, "这一行没有名称", fix="在读表说明写 last，或补上名称")
    several = "、".join(f"{r.code} {r.name}" for r in register.named(plain(text)) if r.current)
    hint = several or closest(text, places.listed_regions().values())
    fix = (f"{hint}；" if hint else "") + "小计行写入 skip，别名写入 rename"
    known = "GB/T 2260 或 data/raw/regions.csv 中的地区"
    return Problem("unknown_region", place, "不认识的地区", known, text, fix)


def _unmarked(text: str, marks: Sequence[str]) -> str:
    """A name or number without the footnote marks that the spec lists."""
    while found := [mark for mark in marks if mark and text.endswith(mark)]:
        text = text[: -len(max(found, key=len))].rstrip()
    return text.strip()


def _figure(
    grid: Grid, spec: TableSpec, column: Figures, line: int, names: Mapping[str, str], file: str
) -> tuple[dict[str, str] | None, Problem | None]:
    """The figure of a cell as a row; neither row nor problem where the table leaves it empty."""
    index = column_index(column.column)
    address = grid.address(line, index)
    place = _where(file, address)
    top, left, bottom, right = grid.area((line, index))
    if (top, left) != (bottom, right):
        return None, Problem("merged_value", place, "数字格在合并区域内，不知属于哪一行",
                             fix="拆分合并的单元格")  # fmt: skip
    cell = grid.at(line, index)
    if cell.fault:
        message, fix = FAULTS[cell.fault]
        return None, Problem(cell.fault, place, message, found=cell.text, fix=fix)
    text = _unmarked(cell.text, spec.marks)
    if text in spec.empty:
        return None, None
    unit = _said_unit(grid, spec, column, line)
    try:
        value, bound = _value(cell, text, unit, spec, column)
    except ProblemError as error:
        [fault] = error.problems
        return None, Problem(fault.key, place, fault.message, fault.expected, cell.text, fault.fix)
    here = column.region or ""
    region = _region(here) or {"region_code": here, "region": ""} if here else {}
    return {
        "region_code": spec.region or "", "region": places.regions().get(spec.region or "", ""),
        "indicator": column.indicator or spec.indicator or "",
        "year": str(column.year or spec.year), "period": column.period or spec.period or "",
        "value": value, "unit": unit, "bound": bound.value,
        "published": spec.published, "source": spec.source, "url": spec.url,
        "access": spec.access, "simulated": str(spec.simulated).lower(), "cell": address,
        "note": "；".join(t for t in (column.note, spec.note) if t),
        **region, **names,
    }, None  # fmt: skip


def _said_unit(grid: Grid, spec: TableSpec, column: Figures, line: int) -> str:
    if spec.unit_column and not column.unit:
        return _bare(grid.at(line, column_index(spec.unit_column)).text)
    said, printed = _unit(grid, spec, column)
    return said or printed


def _value(
    cell: Printed, text: str, unit: str, spec: TableSpec, column: Figures
) -> tuple[str, Bound]:
    """Printed digits and bound.

    Raises
    ------
    ProblemError
        When the text is no number, shows a percentage in a column of another unit, or its printed
        digits are not known.
    """
    plain_text = _ungrouped(text.translate(FULL_WIDTH))
    number, bound = _bound(plain_text)
    percent = cell.percent or number.endswith("%")
    number = number.removesuffix("%")
    if percent and unit != "%":
        raise ProblemError.of("percent", "", "数字是百分比，单位却不是%", unit)
    if RATIO.fullmatch(number):
        return number, bound
    if not NUMBER.fullmatch(number):
        _odd(number)
        raise ProblemError.of("not_a_number", "", "数字格不是数", "数字，或读表说明 empty 中的符号",
                              fix="脚注符号写入 marks；缺数符号写入 empty")  # fmt: skip
    number = number.replace(",", "")
    if column.decimals is not None:
        step = Decimal(1).scaleb(-column.decimals)
        return f"{Decimal(number).quantize(step, ROUND_HALF_UP):f}", bound
    if not cell.exact and spec.digits == "printed":
        raise ProblemError.of("unknown_digits", "", "只有存储的数，不知公布了几位小数",
                              "列的 decimals", fix="在该列写 decimals，或在表写 digits: stored"
                              )  # fmt: skip
    return number, bound


def _ungrouped(text: str) -> str:
    """A number without the blanks that mark thousands; other blanks part two numbers."""
    grouped = re.sub(r"(?<![\d.])(\d{1,3})((?: \d{3})+)(?![\d ])",
                     lambda m: m[0].replace(" ", ""), text)  # fmt: skip
    return re.sub(r"(?<!\d) +| +(?!\d)", "", grouped)


def _odd(number: str) -> None:
    """What makes a text no number, where that can be told.

    Raises
    ------
    ProblemError
    """
    hidden = sorted({c for c in number if unicodedata.category(c) in ("Cf", "Cc")} | (
        {"\u2212"} & set(number)))  # fmt: skip
    if hidden:
        codes = "、".join(f"U+{ord(c):04X}" for c in hidden)
        raise ProblemError.of("invisible", "", f"数字中有看不见或容易混淆的字符 {codes}",
                              "只有数字", fix="删去该字符，负号用 -")  # fmt: skip
    if re.fullmatch(r"[\d.,]+[百千万亿]+", number):
        raise ProblemError.of("not_a_number", "", "数字后带有计数词", "单位已含计数词的数",
                              fix="核对单位：改正原表，或改读表说明的 unit")  # fmt: skip
    if re.fullmatch(r"[\d.,%]+(?:\|[-\d.,%]+)+|[\d.,]+(?: [-\d.,]+)+", number):
        raise ProblemError.of("two_numbers", "", "一格中有两个数", "一个数", fix="拆分单元格")


def _bound(text: str) -> tuple[str, Bound]:
    for word, bound in BEFORE:
        if text.startswith(word):
            return text.removeprefix(word), bound
    for word, bound in AFTER:
        if text.endswith(word):
            return text.removesuffix(word), bound
    return text, Bound.EXACT
