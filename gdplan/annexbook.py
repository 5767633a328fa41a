"""annex.xlsx: every table as a sheet, the figures used, and the verdicts as live formulas.

Cell D7 of sheet 表3 is column D of printed row 7, the header being row 1. Text is always written
as text: a name that begins with ``=`` is no formula.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from gdplan.assembly import PrintedTable
from gdplan.charts import display_width
from gdplan.language import Language, language
from gdplan.recalculation import COLUMNS, Cell, Frame, Row, cells, letter

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from gdplan.model import Plan

MADE = datetime(2021, 1, 1)
NUMBER = re.compile(r"-?\d+(?:\.(\d+))?(%?)")
LONGEST = 32_000
FIGURES = ("no", "name", "use", "year", "period", "month", "raw", "value", "growth", "low",
           "high", "unit", "bound", "source", "published", "access", "file", "cell")  # fmt: skip
WIDEST, NARROWEST = 42, 6


class Sheets(NamedTuple):
    """Names of the fixed sheets in the report's language."""

    cover: str
    figures: str
    parameters: str
    workings: str


def ready() -> None:
    """Load the writer before it is needed."""
    import xlsxwriter  # noqa: F401


def annex(
    tables: Sequence[PrintedTable],
    rows: Sequence[Row],
    plan: Plan,
    *,
    table: str,
    title: str,
    cover: Sequence[str],
    lang: str = "zh",
    watermark: str = "",
) -> bytes:
    """The workbook; the same bytes for the same report.

    Parameters
    ----------
    tables
        The report's tables in reading order, one sheet each.
    rows
        Rows of assessment.csv as text.
    plan
        For its years, parameters and rule tables.
    table
        ``midterm`` or ``final``: the rule table the verdicts came from.
    title, cover
        What stands on the first sheet.
    lang, watermark
        Language of the fixed texts; words that mark simulated data on every sheet.
    """
    import xlsxwriter

    say = language(lang)
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": title, "created": MADE})
        book.set_calc_mode("auto")
        writer = _Writer(book, say, watermark)
        names = Sheets(*(say(f"annex.{name}") for name in Sheets._fields))
        front = book.add_worksheet(names.cover)
        for printed in tables:
            writer.table(printed)
        figures = _figures(rows)
        writer.rows(names.workings, *_workings(rows, plan, table, figures, names, say))
        writer.rows(names.figures, [say(f"annex.{c}") for c in FIGURES], figures)
        writer.parameters(names.parameters, plan)
        writer.cover(front, title, cover, tables, names, len(rows))
    return out.getvalue()


class _Writer:
    """Sheets of one workbook in one style."""

    def __init__(self, book: Workbook, say: Language, watermark: str) -> None:
        self.book, self.say, self.watermark = book, say, watermark
        self.formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def style(self, **looks: Any) -> Format:
        """A format, made once."""
        key = tuple(sorted(looks.items()))
        if key not in self.formats:
            plain = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
            self.formats[key] = self.book.add_format(plain | looks)
        return self.formats[key]

    def sheet(self, name: str, header: Sequence[str], widths: Sequence[int]) -> Worksheet:
        """A sheet with its frozen header, its widths and its print set-up."""
        sheet = self.book.add_worksheet(name)
        look = self.style(bold=True, text_wrap=True, align="center", bottom=1, top=2,
                          bg_color="#E8ECF0")  # fmt: skip
        for column, text in enumerate(header):
            sheet.write_string(0, column, text, look)
            sheet.set_column(column, column, max(NARROWEST, min(WIDEST, widths[column])))
        sheet.freeze_panes(1, 2 if len(header) > 4 else 0)
        sheet.repeat_rows(0)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        if sum(widths) > 90:
            sheet.set_landscape()
        sheet.set_header(f"&L&A&R{self.watermark}")
        sheet.set_footer("&C&P / &N")
        if self.watermark:
            sheet.set_tab_color("#B03A2E")
        return sheet

    def table(self, table: PrintedTable) -> None:
        """A table of the report, caption and mark below it so that addresses stay."""
        header = [*table.header]
        widths = [2 + max(map(display_width, (h, *(row[i] for row in table.rows))), default=0)
                  for i, h in enumerate(header)]  # fmt: skip
        sheet = self.sheet(table.label, header, widths)
        for line, row in enumerate(table.rows, 1):
            for column, text in enumerate(row):
                self.text(sheet, line, column, text, table.align[column])
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(header) - 1)
        note = f"{table.label}　{table.caption}"
        sheet.write_string(len(table.rows) + 2, 0, note, self.style(bold=True))
        self.mark(sheet, len(table.rows) + 3)

    def mark(self, sheet: Worksheet, line: int) -> None:
        """The words for simulated data, in red."""
        if self.watermark:
            look = self.style(bold=True, font_color="#B03A2E")
            sheet.write_string(line, 0, self.watermark, look)

    def text(self, sheet: Worksheet, line: int, column: int, text: str, align: str) -> None:
        """A printed cell: a number as that number with its digits, anything else as text."""
        match = NUMBER.fullmatch(text)
        if match and align == "right" and (len(text) == 1 or not re.match(r"-?0\d", text)):
            digits = "0" + (f".{'0' * len(match[1])}" if match[1] else "") + match[2]
            value = float(text.rstrip("%")) / (100 if match[2] else 1)
            look = self.style(num_format=digits, align="right", bottom=4)
            sheet.write_number(line, column, value, look)
        else:
            look = self.style(text_wrap=True, align=align, bottom=4)
            sheet.write_string(line, column, text[:LONGEST], look)

    def rows(self, name: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """A sheet of inputs (blue) and formulas (black)."""
        widths = [
            2 + max(display_width(h) // 2 + 2, *(_width(row[i]) for row in rows))
            if rows else display_width(h)
            for i, h in enumerate(header)
        ]  # fmt: skip
        sheet = self.sheet(name, header, widths)
        for line, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                self.cell(sheet, line, column, cell)
        self.mark(sheet, len(rows) + 2)

    def cell(self, sheet: Worksheet, line: int, column: int, cell: Cell) -> None:
        """One input or formula."""
        value = cell.value
        if cell.formula:
            look = self.style(num_format=cell.digits)
            sheet.write_formula(line, column, cell.formula, look, "" if value is None else value)
        elif isinstance(value, str):
            sheet.write_string(line, column, value[:LONGEST], self.style(font_color="#1F4E9E"))
        elif value is not None:
            look = self.style(font_color="#1F4E9E", num_format=cell.digits)
            sheet.write_number(line, column, value, look)

    def parameters(self, name: str, plan: Plan) -> None:
        """Every rule parameter, under a name that the formulas use."""
        say = self.say
        header = [say("method.key"), say("method.meaning"), say("method.value")]
        sheet = self.sheet(name, header, [24, 60, 10])
        for line, (key, value) in enumerate(sorted(plan.parameters.items()), 1):
            meaning = say(f"parameters.{key}") if say.has(f"parameters.{key}") else ""
            for column, cell in enumerate((Cell(key), Cell(meaning), Cell(float(value)))):
                self.cell(sheet, line, column, cell)
            self.book.define_name(f"p_{key}", f"='{name}'!$C${line + 1}")

    def cover(
        self, sheet: Worksheet, title: str, lines: Iterable[str],
        tables: Sequence[PrintedTable], names: Sheets, count: int,
    ) -> None:  # fmt: skip
        """The first sheet: what this is, how many verdicts agree, and what each sheet holds."""
        say = self.say
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 80)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 1)
        sheet.write_string(0, 0, title, self.style(bold=True, font_size=14))
        line = 1
        for text in (*filter(None, [self.watermark]), *lines, *say.lines("annex.notes")):
            looks = {"font_color": "#B03A2E", "bold": True} if text == self.watermark else {}
            sheet.write_string(line, 0, text, self.style(**looks))
            line += 1
        place = f"'{names.workings}'!${letter(COLUMNS.index('agrees'))}$2:"
        place += f"${letter(COLUMNS.index('agrees'))}${count + 1}"
        sheet.write_string(line + 1, 0, say("annex.agreeing"), self.style(bold=True))
        formula = f'=COUNTIF({place},TRUE)&" / {count}"'
        sheet.write_formula(line + 1, 1, formula, self.style(bold=True), f"{count} / {count}")
        listed = [(t.label, t.caption) for t in tables]
        listed += [(getattr(names, n), say(f"annex.about_{n}")) for n in Sheets._fields[1:]]
        for number, (name, about) in enumerate(listed, line + 3):
            link = self.style(font_color="#1F4E9E", underline=1)
            sheet.write_url(number, 0, f"internal:'{name}'!A1", link, string=name)
            sheet.write_string(number, 1, about, self.style())


def _width(cell: Cell) -> int:
    if cell.formula or isinstance(cell.value, float):
        return 8
    return display_width(str(cell.value or ""))


def _figures(rows: Sequence[Row]) -> list[tuple[Cell, ...]]:
    """Every figure used, and those of other plan years that a floor is judged by."""
    out = []
    for row in rows:
        for use in ("inputs", "history"):
            for figure in json.loads(row[use]):
                out.append(_figure(row, use, figure))
    return out


def _figure(row: Row, use: str, figure: Mapping[str, Any]) -> tuple[Cell, ...]:
    line: dict[str, Any] = {name: figure.get(name) for name in FIGURES}
    value = _number(figure["value"])
    line |= {
        "no": f"{row['indicator']}{'' if use == 'inputs' else '*'}", "name": row["name"],
        "use": use, "value": value, "low": _number(figure["low"]),
        "high": _number(figure["high"]), "year": float(figure["year"]),
        "month": _number(figure["month"]),
        "growth": math.log1p(value / 100) if value is not None and value > -100 else 0.0,
    }  # fmt: skip
    return tuple(Cell(line[name]) for name in FIGURES)


def _number(value: Any) -> float | None:
    """A figure's number; an open end or a missing one is an empty cell."""
    if value is None or isinstance(value, str) or math.isnan(value):
        return None
    return float(value)


def _workings(
    rows: Sequence[Row], plan: Plan, table: str, figures: Sequence[object], names: Sheets,
    say: Language,
) -> tuple[list[str], list[tuple[Cell, ...]]]:  # fmt: skip
    last = max(2, len(figures) + 1)

    def column(name: str) -> str:
        place = letter(FIGURES.index(name))
        return f"'{names.figures}'!${place}$2:${place}${last}"

    frame = Frame(
        plan.base_year, plan.target_year, table == "final", plan.rules[table], plan.parameters,
        column("no"), column("value"), column("growth"),
    )  # fmt: skip
    header = [say(f"annex.{name}") for name in COLUMNS]
    return header, [cells(row, line, frame) for line, row in enumerate(rows, 2)]
