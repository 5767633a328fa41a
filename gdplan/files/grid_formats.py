"""Worksheets as printed grids: .xlsx with openpyxl, .xls with xlrd, .ods from its own XML.

All three know the digits that are shown, which a mere reader of values does not.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from gdplan.files.grid import Grid, Place, Printed, formatted
from gdplan.problems import ProblemError

AREA, GRID = 20_000, 2_000_000
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def xlsx(path: Path) -> Iterator[Grid]:
    """Every sheet of an .xlsx workbook."""
    import openpyxl
    from openpyxl.utils import column_index_from_string

    values = openpyxl.load_workbook(path, data_only=True)
    formulas = openpyxl.load_workbook(path)
    for sheet in values.worksheets:
        if sheet.max_row * sheet.max_column > GRID:
            raise ProblemError.of("too_large", f"{path.name}!{sheet.title}", "表格范围过大",
                                  expected=f"不超过{GRID}格",
                                  found=f"{sheet.max_row}行{sheet.max_column}列",
                                  fix="删去表外的零散单元格")  # fmt: skip
        behind = formulas[sheet.title]
        cells = {}
        for row in sheet.iter_rows():
            for cell in row:
                place = (cell.row, cell.column)
                source = behind.cell(*place)
                if cell.value is not None or source.value is not None:
                    cells[place] = _shown(cell, source.data_type == "f")
        merged = tuple((a.min_row, a.min_col, a.max_row, a.max_col)
                       for a in sheet.merged_cells.ranges)  # fmt: skip
        columns = {
            place
            for letter, look in sheet.column_dimensions.items()
            if look.hidden
            for place in range(look.min or column_index_from_string(letter), (look.max or 0) + 1)
        }
        rows = {n for n, look in sheet.row_dimensions.items() if look.hidden}
        yield Grid(sheet.title, cells, merged, frozenset(rows), frozenset(columns))


def refuse_vast(path: Path, parts: Iterable[tuple[str, ...]]) -> None:
    """A merged area is a cell for each of its places: a whole merged column is a million."""
    from openpyxl.utils import range_boundaries

    for ref in (ref for areas in parts for ref in areas):
        left, top, right, bottom = range_boundaries(ref)
        if (right - left + 1) * (bottom - top + 1) > AREA:
            raise ProblemError.of("too_large", f"{path.name}!{ref}", "合并区域过大",
                                  expected=f"不超过{AREA}格")  # fmt: skip


def _shown(cell: Any, formula: bool) -> Printed:
    """What Excel shows of a cell."""
    value = cell.value
    if value is None:
        return Printed("", "formula_without_value")
    if cell.data_type == "e":
        return Printed(str(value), "error_value")
    if isinstance(value, bool):
        return Printed(str(value), "not_text")
    if isinstance(value, (date, datetime, time, timedelta)):
        return Printed(str(value), "date")
    if isinstance(value, (int, float)):
        return formatted(value, str(cell.number_format))
    return Printed(" ".join(str(value).split()))


def xls(path: Path) -> Iterator[Grid]:
    """Every sheet of an old .xls workbook; an error value has the number of its error."""
    import xlrd

    # What xlrd warns of is no matter: what matters is told as a problem.
    with xlrd.open_workbook(str(path), formatting_info=True, logfile=StringIO()) as book:
        for sheet in book.sheets():
            cells = {}
            for r in range(sheet.nrows):
                for c in range(sheet.row_len(r)):
                    found = _old(book, sheet.cell(r, c))
                    if found is not None:
                        cells[r + 1, c + 1] = found
            merged = tuple((r + 1, c + 1, r_end, c_end)
                           for r, r_end, c, c_end in sheet.merged_cells)  # fmt: skip
            rows = frozenset(r + 1 for r, look in sheet.rowinfo_map.items() if look.hidden)
            columns = frozenset(c + 1 for c, look in sheet.colinfo_map.items() if look.hidden)
            yield Grid(sheet.name, cells, merged, rows, columns)


def _old(book: Any, cell: Any) -> Printed | None:
    import xlrd

    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return Printed(" ".join(cell.value.split())) if cell.value.strip() else None
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        look = book.xf_list[cell.xf_index]
        return formatted(cell.value, book.format_map[look.format_key].format_str)
    fault = {xlrd.XL_CELL_ERROR: "error_value", xlrd.XL_CELL_DATE: "date"}
    return Printed(str(cell.value), fault.get(cell.ctype, "not_text"))


def ods(path: Path) -> Iterator[Grid]:
    """Every table of an OpenDocument spreadsheet, with the text that is displayed."""
    with zipfile.ZipFile(path) as archive:
        root = ElementTree.fromstring(archive.read("content.xml"))
    for table in root.iter(f"{TABLE}table"):
        yield _ods_table(table)


def _ods_table(table: Any) -> Grid:
    cells: dict[Place, Printed] = {}
    merged, hidden = [], set()
    line = 1
    for row in table.iter(f"{TABLE}table-row"):
        times = int(row.get(f"{TABLE}number-rows-repeated", "1"))
        found = list(_ods_row(row))
        _within(table, line, found, times if found else 1)
        if row.get(f"{TABLE}visibility") in ("collapse", "filter"):
            hidden |= set(range(line, line + min(times, GRID)))
        for n in range(times) if found else ():
            for column, cell, down, across in found:
                cells[line + n, column] = cell
                if down > 1 or across > 1:
                    merged.append((line + n, column, line + n + down - 1, column + across - 1))
        line += times
    columns, place = set(), 1
    for look in table.iter(f"{TABLE}table-column"):
        times = int(look.get(f"{TABLE}number-columns-repeated", "1"))
        if look.get(f"{TABLE}visibility") in ("collapse", "filter"):
            columns |= set(range(place, place + min(times, GRID)))
        place += times
    name = str(table.get(f"{TABLE}name"))
    return Grid(name, cells, tuple(merged), frozenset(hidden), frozenset(columns))


def _within(table: Any, line: int, found: list[Any], times: int) -> None:
    """A cell that repeats over a million places is no table."""
    if times * len(found) > GRID or any(d * a > AREA for _, _, d, a in found):
        raise ProblemError.of("too_large", f"{table.get(f'{TABLE}name')}!A{line}",
                              "表格或合并区域过大", expected=f"不超过{GRID}格")  # fmt: skip


def _ods_row(row: Any) -> Iterator[tuple[int, Printed, int, int]]:
    """Column, cell, rows and columns spanned of all that holds something."""
    column = 1
    for cell in row:
        times = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
        if cell.tag == f"{TABLE}table-cell":
            shown = _ods_cell(cell)
            down = int(cell.get(f"{TABLE}number-rows-spanned", "1"))
            across = int(cell.get(f"{TABLE}number-columns-spanned", "1"))
            if shown is not None and times > AREA:
                raise ProblemError.of("too_large", "", "表格范围过大")
            for n in range(times) if shown is not None else ():
                yield column + n, shown, down, across  # type: ignore[misc]
        column += times


def _ods_cell(cell: Any) -> Printed | None:
    kind = cell.get(f"{OFFICE}value-type")
    if kind is None:
        formula = cell.get(f"{TABLE}formula")
        return Printed("", "formula_without_value") if formula else None
    text = " ".join(" ".join("".join(p.itertext()) for p in cell.iter(f"{TEXT}p")).split())
    if kind in ("float", "percentage", "currency"):
        return Printed(text.removesuffix("%").strip(), percent=text.endswith("%"))
    if kind == "string":
        formula = cell.get(f"{TABLE}formula") is not None
        return Printed(text, "error_value" if formula and text.startswith(("#", "Err:")) else "")
    return Printed(text, "date" if kind in ("date", "time") else "not_text")
