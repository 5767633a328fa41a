"""Worksheets as printed grids: .xlsx with openpyxl, .xls with xlrd, .ods from its own XML.

All three know the digits that are shown, which a mere reader of values does not.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from gdplan.files.grid import Grid, Place, Printed, in_one_line, raised
from gdplan.files.number_format import formatted
from gdplan.notation import NUMBER
from gdplan.problems import ProblemError

AREA, GRID = 20_000, 2_000_000
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def xlsx(path: Path) -> Iterator[Grid]:
    """Every sheet of an .xlsx workbook."""
    import openpyxl
    from openpyxl.utils import column_index_from_string

    values = openpyxl.load_workbook(path, data_only=True, rich_text=True)
    formulas = openpyxl.load_workbook(path)
    # A program that asks Excel to compute everything at opening has computed nothing itself.
    uncomputed = bool(formulas.calculation and formulas.calculation.fullCalcOnLoad)
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
                    formula = source.data_type == "f"
                    cells[place] = _shown(cell, formula=formula, uncomputed=uncomputed)
                    if cell.value == 0 and sheet.sheet_view.showZeros is False:
                        cells[place] = Printed("", "not_shown")
        merged = tuple((a.min_row, a.min_col, a.max_row, a.max_col)
                       for a in sheet.merged_cells.ranges)  # fmt: skip
        columns = {
            place
            for letter, look in sheet.column_dimensions.items()
            if look.hidden or look.width == 0
            for place in range(look.min or column_index_from_string(letter), (look.max or 0) + 1)
        }
        rows = {n for n, look in sheet.row_dimensions.items() if look.hidden or look.height == 0}
        yield Grid(sheet.title, cells, merged, frozenset(rows), frozenset(columns))


def refuse_vast(path: Path, parts: Iterable[tuple[str, ...]]) -> None:
    """A merged area is a cell for each of its places: a whole merged column is a million."""
    from openpyxl.utils import range_boundaries

    for ref in (ref for areas in parts for ref in areas):
        left, top, right, bottom = range_boundaries(ref)
        if (right - left + 1) * (bottom - top + 1) > AREA:
            raise ProblemError.of("too_large", f"{path.name}!{ref}", "合并区域过大",
                                  expected=f"不超过{AREA}格")  # fmt: skip


def _shown(cell: Any, *, formula: bool, uncomputed: bool) -> Printed:
    """What Excel shows of a cell."""
    from openpyxl.cell.rich_text import CellRichText

    value = cell.value
    if value is None or (formula and uncomputed and value == 0):
        return Printed("", "formula_without_value")
    if cell.font is not None and cell.font.strike:
        return Printed(str(value), "struck")
    if cell.data_type == "e":
        return Printed(str(value), "error_value")
    if isinstance(value, bool):
        return Printed(str(value), "not_text")
    if isinstance(value, (date, datetime, time, timedelta)):
        return Printed(str(value), "date")
    if isinstance(value, (int, float)):
        return formatted(value, str(cell.number_format))
    if isinstance(value, CellRichText):
        return Printed(in_one_line("".join(map(_run, value))))
    return Printed(in_one_line(str(value)))


def _run(part: Any) -> str:
    """A run of rich text: raised digits are notes, struck ones are gone."""
    font = getattr(part, "font", None)
    text = str(part)
    if font is not None and font.strike:
        return ""
    return raised(text) if font is not None and font.vertAlign == "superscript" else text


def xls(path: Path) -> Iterator[Grid]:
    """Every sheet of an old .xls workbook; an error value has the number of its error."""
    import xlrd

    # What xlrd warns of is no matter: what matters is told as a problem.
    with xlrd.open_workbook(str(path), formatting_info=True, logfile=StringIO()) as book:
        for sheet in book.sheets():
            cells = {}
            for r in range(sheet.nrows):
                for c in range(sheet.row_len(r)):
                    found = _old(book, sheet, r, c)
                    if found is not None:
                        cells[r + 1, c + 1] = found
            merged = tuple((r + 1, c + 1, r_end, c_end)
                           for r, r_end, c, c_end in sheet.merged_cells)  # fmt: skip
            rows = frozenset(r + 1 for r, look in sheet.rowinfo_map.items()
                             if look.hidden or look.height == 0)  # fmt: skip
            columns = frozenset(c + 1 for c, look in sheet.colinfo_map.items()
                                if look.hidden or look.width == 0)  # fmt: skip
            yield Grid(sheet.name, cells, merged, rows, columns)


def _old(book: Any, sheet: Any, row: int, column: int) -> Printed | None:
    import xlrd

    cell = sheet.cell(row, column)
    font = book.font_list[book.xf_list[cell.xf_index].font_index]
    if font.struck_out and str(cell.value).strip():
        return Printed(str(cell.value), "struck")
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    if cell.ctype == xlrd.XL_CELL_TEXT:
        if not cell.value:
            # No constant is an empty text: a formula whose result was not kept reads so.
            return Printed("", "formula_without_value")
        runs = sheet.rich_text_runlist_map.get((row, column), ())
        text = in_one_line(_old_text(book, cell.value, runs))
        return Printed(text) if text else None
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        if cell.value == 0 and not sheet.show_zero_values:
            return Printed("", "not_shown")
        look = book.xf_list[cell.xf_index]
        return formatted(cell.value, book.format_map[look.format_key].format_str)
    fault = {xlrd.XL_CELL_ERROR: "error_value", xlrd.XL_CELL_DATE: "date"}
    return Printed(str(cell.value), fault.get(cell.ctype, "not_text"))


def _old_text(book: Any, text: str, runs: Sequence[tuple[int, int]]) -> str:
    """The text of a cell with raised digits as notes."""
    starts = [(0, None), *runs]
    ends = [start for start, _ in starts[1:]] + [len(text)]
    pieces = []
    for (start, font), end in zip(starts, ends, strict=True):
        above = font is not None and book.font_list[font].escapement == 1
        pieces.append(raised(text[start:end]) if above else text[start:end])
    return "".join(pieces)


def ods(path: Path) -> Iterator[Grid]:
    """Every table of an OpenDocument spreadsheet, with the text that is displayed."""
    with zipfile.ZipFile(path) as archive:
        root = ElementTree.fromstring(archive.read("content.xml"))
    looks = _Looks.of(root)
    for table in root.iter(f"{TABLE}table"):
        yield _ods_table(table, looks)


@dataclass(frozen=True, slots=True)
class _Looks:
    """Names of styles: of raised and struck text, of rows and columns without size."""

    raised: frozenset[str]
    struck: frozenset[str]
    flat: frozenset[str]

    @classmethod
    def of(cls, root: Any) -> _Looks:
        """From the styles of a document's content."""
        found: dict[str, set[str]] = {"raised": set(), "struck": set(), "flat": set()}
        for style in root.iter(f"{STYLE}style"):
            name = str(style.get(f"{STYLE}name"))
            for look in style:
                if str(look.get(f"{STYLE}text-position", "")).startswith("super"):
                    found["raised"].add(name)
                if look.get(f"{STYLE}text-line-through-style", "none") != "none":
                    found["struck"].add(name)
                sizes = (look.get(f"{STYLE}row-height"), look.get(f"{STYLE}column-width"))
                if any(size and re.match(r"0(?:\.0*)?[a-z]", size) for size in sizes):
                    found["flat"].add(name)
        return cls(*(frozenset(found[key]) for key in ("raised", "struck", "flat")))


def _ods_table(table: Any, looks: _Looks) -> Grid:
    cells: dict[Place, Printed] = {}
    merged, hidden = [], set()
    line = 1
    for row in table.iter(f"{TABLE}table-row"):
        times = int(row.get(f"{TABLE}number-rows-repeated", "1"))
        found = list(_ods_row(row, looks))
        _within(table, line, found, times if found else 1)
        flat = row.get(f"{TABLE}style-name") in looks.flat
        if flat or row.get(f"{TABLE}visibility") in ("collapse", "filter"):
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
        flat = look.get(f"{TABLE}style-name") in looks.flat
        if flat or look.get(f"{TABLE}visibility") in ("collapse", "filter"):
            columns |= set(range(place, place + min(times, GRID)))
        place += times
    name = str(table.get(f"{TABLE}name"))
    return Grid(name, cells, tuple(merged), frozenset(hidden), frozenset(columns))


def _within(table: Any, line: int, found: list[Any], times: int) -> None:
    """A cell that repeats over a million places is no table."""
    if times * len(found) > GRID or any(d * a > AREA for _, _, d, a in found):
        raise ProblemError.of("too_large", f"{table.get(f'{TABLE}name')}!A{line}",
                              "表格或合并区域过大", expected=f"不超过{GRID}格")  # fmt: skip


def _ods_row(row: Any, looks: _Looks) -> Iterator[tuple[int, Printed, int, int]]:
    """Column, cell, rows and columns spanned of all that holds something."""
    column = 1
    for cell in row:
        times = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
        if cell.tag == f"{TABLE}table-cell":
            shown = _ods_cell(cell, looks)
            down = int(cell.get(f"{TABLE}number-rows-spanned", "1"))
            across = int(cell.get(f"{TABLE}number-columns-spanned", "1"))
            if shown is not None and times > AREA:
                raise ProblemError.of("too_large", "", "表格范围过大")
            for n in range(times) if shown is not None else ():
                yield column + n, shown, down, across  # type: ignore[misc]
        column += times


def _ods_cell(cell: Any, looks: _Looks) -> Printed | None:
    kind = cell.get(f"{OFFICE}value-type")
    if kind is None:
        formula = cell.get(f"{TABLE}formula")
        return Printed("", "formula_without_value") if formula else None
    # Annotations hold paragraphs too: only those of the cell itself are shown.
    text = in_one_line("\n".join(_ods_text(p, looks) for p in cell.findall(f"{TEXT}p")))
    if cell.get(f"{TABLE}style-name") in looks.struck:
        return Printed(text, "struck")
    if kind in ("float", "percentage", "currency"):
        stored = str(cell.get(f"{OFFICE}value", ""))
        if not text:
            return Printed("", "not_shown")
        if _contradicts(text, stored):
            return Printed(f"{text}（存储 {stored}）", "contradicts")
        return Printed(text.removesuffix("%").strip(), percent=text.endswith("%"))
    if kind == "string":
        formula = cell.get(f"{TABLE}formula") is not None
        return Printed(text, "error_value" if formula and text.startswith(("#", "Err:")) else "")
    return Printed(text, "date" if kind in ("date", "time") else "not_text")


def _ods_text(part: Any, looks: _Looks) -> str:
    """The text of a paragraph: raised digits as notes, struck ones gone, blanks and breaks."""
    name = part.get(f"{TEXT}style-name")
    pieces = [part.text or ""]
    for inner in part:
        if inner.tag == f"{TEXT}line-break":
            pieces.append("\n")
        elif inner.tag in (f"{TEXT}s", f"{TEXT}tab"):
            pieces.append(" ")
        elif inner.tag != f"{OFFICE}annotation":
            pieces.append(_ods_text(inner, looks))
        pieces.append(inner.tail or "")
    text = "".join(pieces)
    if name in looks.struck:
        return ""
    return raised(text) if name in looks.raised else text


def _contradicts(text: str, stored: str) -> bool:
    """Whether a shown number is another than the stored one, beyond the rounding it shows."""
    number = text.replace(",", "").replace(" ", "").removesuffix("%")
    if not NUMBER.fullmatch(number) or not stored:
        return False
    value = Decimal(stored) * (100 if text.endswith("%") else 1)
    places = len(number.partition(".")[2])
    return abs(Decimal(number) - value) > Decimal(1).scaleb(-places) * Decimal("0.51")
