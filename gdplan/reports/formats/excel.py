"""annex.xlsx: every table as a sheet, the figures used, and the verdicts as live formulas.

Cell D7 of sheet 表3 is column D of printed row 7, the header being row 1. Text is always written
as text: a name that begins with ``=`` is no formula.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from gdplan.files.csv_table import column_letter
from gdplan.files.workbook import Cell
from gdplan.ledger import workbook as ledger_workbook
from gdplan.model import Mode
from gdplan.page.drawing import display_width
from gdplan.page.language import Language, language
from gdplan.reports.formats.assembly import PrintedTable
from gdplan.reports.formats.excel_formulas import cells as formula_cells
from gdplan.reports.formats.excel_formulas import word
from gdplan.reports.formats.excel_terms import COLUMNS, Frame, own_parameters
from gdplan.reports.runs import recorded

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from gdplan.assessment.evidence import Figure
    from gdplan.assessment.judgement import Judgement
    from gdplan.model import Plan

Row = Mapping[str, str]
MADE = datetime(2021, 1, 1)
NUMBER = re.compile(r"-?[0-9]+(?:\.([0-9]+))?(%?)")
EXACT_DIGITS = 15
LONGEST = 32_000
RED, BLUE = "#B03A2E", "#1F4E9E"
FIGURES = ("no", "name", "use", "year", "period", "month", "raw", "value", "growth", "low",
           "high", "unit", "bound", "source", "published", "access", "file", "cell")  # fmt: skip
WIDEST, NARROWEST = 48, 6
SIDES = {"right": "right", "center": "center"}
NOTHING_LEFT = -10_000.0
LINE, HIGHEST = 15, 405
ACROSS = 3


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
    ledger: Sequence[Row] = (),
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
    ledger
        Rows of ledger.csv as text; none, no sheet of them.
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
        judged = [_worded(recorded.judgement(row), plan, say) for row in rows]
        figures = _figures(judged, say)
        workings = _workings(judged, plan, table, len(figures), names, say)
        writer.rows(names.workings, [say(f"annex.{c}") for c in COLUMNS], workings, ACROSS)
        writer.rows(names.figures, [say(f"annex.{c}") for c in FIGURES], figures)
        if ledger:
            lines = ledger_workbook.rows(ledger, plan, say)
            writer.rows(say("annex.ledger"), ledger_workbook.header(say), lines, 2)
        writer.parameters(names.parameters, plan)
        agree = sum(row[-1].value is True for row in workings)
        more = ("ledger",) if ledger else ()
        writer.cover(front, title, cover, tables, names, agree, len(rows), more)
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

    def sheet(
        self, name: str, header: Sequence[str], widths: Sequence[int], *, wide: bool = False
    ) -> Worksheet:
        """A sheet with its frozen header, its widths and its print set-up."""
        sheet = self.book.add_worksheet(name)
        look = self.style(bold=True, text_wrap=True, align="center", bottom=1, top=2,
                          bg_color="#E8ECF0")  # fmt: skip
        for column, text in enumerate(header):
            sheet.write_string(0, column, cut(text), look)
            sheet.set_column(column, column, max(NARROWEST, min(WIDEST, widths[column])))
        sheet.freeze_panes(1, 2 if len(header) > 4 else 0)
        sheet.repeat_rows(0)
        self.page(sheet, landscape=wide or sum(min(w, WIDEST) for w in widths) > 90)
        sheet.fit_to_pages(1, 0)
        return sheet

    def page(self, sheet: Worksheet, *, landscape: bool) -> None:
        """Paper, header and footer; simulated data are named in red on every page."""
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        mark = self.watermark[:90].replace("&", "&&")
        sheet.set_header("&L&A" + (f"&R&K{RED[1:]}{mark}" if mark else ""))
        sheet.set_footer("&C&P / &N")
        if mark:
            sheet.set_tab_color(RED)

    def table(self, table: PrintedTable) -> None:
        """A table of the report, caption and mark below it so that addresses stay."""
        header = [*table.header]
        widths = [4 + max(map(display_width, (h, *(row[i] for row in table.rows))), default=0)
                  for i, h in enumerate(header)]  # fmt: skip
        sheet = self.sheet(table.label, header, widths, wide=table.wide)
        for line, row in enumerate(table.rows, 1):
            sheet.set_row(line, _height(row, widths))
            for column, text in enumerate(row):
                self.text(sheet, line, column, text, table.align[column])
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(header) - 1)
        note = f"{table.label}　{table.caption}"
        sheet.write_string(len(table.rows) + 2, 0, cut(note), self.style(bold=True))
        self.mark(sheet, len(table.rows) + 3)

    def mark(self, sheet: Worksheet, line: int) -> None:
        """The words for simulated data, in red."""
        if self.watermark:
            look = self.style(bold=True, font_color=RED)
            sheet.write_string(line, 0, cut(self.watermark), look)

    def text(self, sheet: Worksheet, line: int, column: int, text: str, align: str) -> None:
        """A printed cell: a number as that number with its digits, anything else as text."""
        match = NUMBER.fullmatch(text)
        exact = len(re.sub(r"\D", "", text)) <= EXACT_DIGITS and not re.match(r"-?0\d", text)
        if match and exact and align == "right":
            digits = "0" + (f".{'0' * len(match[1])}" if match[1] else "") + match[2]
            value = float(text.rstrip("%")) / (100 if match[2] else 1)
            look = self.style(num_format=digits, align="right", bottom=4)
            sheet.write_number(line, column, value, look)
        else:
            inset = {"indent": 1} if align not in ("right", "center") else {}
            look = self.style(text_wrap=True, align=SIDES.get(align, "left"), bottom=4, **inset)
            sheet.write_string(line, column, cut(text), look)

    def rows(
        self, name: str, header: Sequence[str], rows: Sequence[Sequence[Cell]], across: int = 1
    ) -> None:
        """A sheet of inputs (blue) and formulas (black), so many printed pages across."""
        widths = [
            2 + max(display_width(h) // 2 + 2, *(_width(row[i]) for row in rows))
            if rows else display_width(h)
            for i, h in enumerate(header)
        ]  # fmt: skip
        sheet = self.sheet(name, header, widths)
        sheet.fit_to_pages(across, 0)
        if across > 1:
            sheet.repeat_columns(0, 1)
        for line, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                self.cell(sheet, line, column, cell)
        self.mark(sheet, len(rows) + 2)

    def cell(self, sheet: Worksheet, line: int, column: int, cell: Cell) -> None:
        """One input or formula."""
        value, said = cell.value, isinstance(cell.value, (str, bool))
        if cell.formula:
            look = self.style(num_format=cell.digits, **{"align": "center"} if said else {})
            sheet.write_formula(line, column, cell.formula, look, "" if value is None else value)
        elif isinstance(value, str):
            sheet.write_string(line, column, cut(value), self.style(font_color=BLUE, indent=1))
        elif value is not None:
            look = self.style(font_color=BLUE, num_format=cell.digits)
            sheet.write_number(line, column, value, look)

    def parameters(self, name: str, plan: Plan) -> None:
        """Every rule parameter, under a name that the formulas use; own values of indicators."""
        say = self.say
        header = [say("method.key"), say("method.meaning"), say("method.value")]
        sheet = self.sheet(name, header, [24, 60, 10])
        own = own_parameters(plan)
        listed = [(f"p_{key}", key, key, value) for key, value in sorted(plan.parameters.items())]
        listed += [(n, f"{key} ({no})", key, value) for (no, key), (n, value) in own.items()]
        for line, (defined, shown, key, value) in enumerate(listed, 1):
            meaning = say(f"parameters.{key}") if say.has(f"parameters.{key}") else ""
            for column, cell in enumerate((Cell(shown), Cell(meaning), Cell(float(value)))):
                self.cell(sheet, line, column, cell)
            self.book.define_name(defined, f"='{name}'!$C${line + 1}")
        self.mark(sheet, len(listed) + 2)

    def cover(
        self, sheet: Worksheet, title: str, lines: Iterable[str],
        tables: Sequence[PrintedTable], names: Sheets, agree: int, count: int,
        more: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """The first sheet: what this is, how many verdicts agree, and what each sheet holds."""
        say = self.say
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 80)
        sheet.hide_gridlines(2)
        self.page(sheet, landscape=True)
        sheet.fit_to_pages(1, 0)
        sheet.write_string(0, 0, cut(title), self.style(bold=True, font_size=14))
        line = 1
        for text in (*filter(None, [self.watermark]), *lines, *say.lines("annex.notes")):
            looks = {"font_color": RED, "bold": True} if text == self.watermark else {}
            sheet.write_string(line, 0, cut(text), self.style(**looks))
            line += 1
        place = f"'{names.workings}'!${column_letter(COLUMNS.index('agrees'))}$2:"
        place += f"${column_letter(COLUMNS.index('agrees'))}${count + 1}"
        sheet.write_string(line + 1, 0, say("annex.agreeing"), self.style(bold=True))
        formula = f'=COUNTIF({place},TRUE)&" / {count}"'
        sheet.write_formula(line + 1, 1, formula, self.style(bold=True), f"{agree} / {count}")
        listed = [(t.label, t.caption) for t in tables]
        listed += [(say(f"annex.{n}"), say(f"annex.about_{n}"))
                   for n in (*Sheets._fields[1:], *more)]  # fmt: skip
        for below, (name, about) in enumerate(listed, line + 3):
            link = self.style(font_color=BLUE, underline=1)
            sheet.write_url(below, 0, f"internal:'{name}'!A1", link, string=name)
            sheet.write_string(below, 1, cut(about), self.style())


def _height(row: Sequence[str], widths: Sequence[int]) -> int:
    """Height of a row whose texts break at the widest column; some programs do not find it."""
    room = [max(NARROWEST, min(WIDEST, width)) - 2 for width in widths]
    lines = max(math.ceil(display_width(t) / r) for t, r in zip(row, room, strict=True))
    return min(HIGHEST, LINE * max(1, lines))


def _width(cell: Cell) -> int:
    if cell.formula or isinstance(cell.value, float):
        return 8
    return display_width(str(cell.value or ""))


def _worded(row: Judgement, plan: Plan, say: Language) -> Judgement:
    """A judgement with the names of the report's language."""
    words: dict[str, Any] = {**say.words.own_words(row, plan)}
    return replace(row, **words)


def _figures(rows: Sequence[Judgement], say: Language) -> list[tuple[Cell, ...]]:
    """Every figure used once by year, with those of other plan years that a floor is judged by."""
    out: list[tuple[Cell, ...]] = []
    for row in rows:
        figures = [(f, True) for f in row.inputs]
        figures += [(f, False) for f in row.history if f not in row.inputs]
        for figure, used in sorted(figures, key=_date):
            out.append(_figure(row, figure, used, len(out) + 2, say))
    return out


def _date(used: tuple[Figure, bool]) -> tuple[int, float]:
    figure = used[0]
    return figure.year, 0 if math.isnan(figure.month) else figure.month


def _figure(
    row: Judgement, figure: Figure, used: bool, line: int, say: Language
) -> tuple[Cell, ...]:
    values: dict[str, Any] = {name: getattr(figure, name, None) for name in FIGURES}
    values |= {name: _number(values[name]) for name in ("year", "month", "value", "low", "high")}
    values |= {name: word(values[name], say) for name in ("period", "bound", "access")}
    values |= {
        "no": f"{row.indicator}{'' if used else '*'}", "name": row.name,
        "use": word("inputs" if used else "history", say),
    }  # fmt: skip
    cells = {name: Cell(value) for name, value in values.items()}
    if row.kind.mode is Mode.CHAIN:
        place = f"${column_letter(FIGURES.index('value'))}{line}"
        cells["growth"] = _growth(values["value"], place)
    return tuple(cells[name] for name in FIGURES)


def _growth(value: float | None, place: str) -> Cell:
    """Logarithm of one plus a growth in percent; a fall by everything leaves next to nothing."""
    known = value or 0.0
    cached = math.log1p(known / 100) if known > -100 else NOTHING_LEFT
    return Cell(cached, f"=IF(N({place})>-100,LN(1+N({place})/100),{NOTHING_LEFT:g})", "0.0000")


def _number(value: float) -> float | None:
    """A figure's number; an open end or a missing one is an empty cell."""
    return float(value) if math.isfinite(value) else None


def _workings(
    rows: Sequence[Judgement], plan: Plan, table: str, count: int, names: Sheets, say: Language
) -> list[tuple[Cell, ...]]:
    """Rows of the recalculation over ``count`` figures."""

    def column(name: str) -> str:
        place = column_letter(FIGURES.index(name))
        return f"'{names.figures}'!${place}$2:${place}${max(3, count + 1)}"

    own = {key: name for key, (name, _) in own_parameters(plan).items()}
    frame = Frame(
        plan.base_year, plan.target_year, table == "final", plan.rules[table], own,
        column("no"), column("value"), column("growth"), say,
    )  # fmt: skip
    items = {item.no: item for item in plan.indicators}
    return [
        formula_cells(row, items[row.indicator], line, frame) for line, row in enumerate(rows, 2)
    ]


def cut(text: str) -> str:
    """A text that fits into a cell, whose length Excel counts in units of UTF-16.

    Examples
    --------
    >>> len(cut("长" * 40_000)), len(cut("😀" * 40_000))
    (32000, 16000)
    """
    if len(text) * 2 <= LONGEST:
        return text
    return text.encode("utf-16-le")[: LONGEST * 2].decode("utf-16-le", "ignore")
