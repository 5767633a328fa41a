"""annex.xlsx: every table as a sheet, the figures used, and the verdicts as live formulas.

Cell D7 of sheet 表3 is column D of printed row 7, the header being row 1. Text is always written
as text: a name that begins with ``=`` is no formula.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gdplan.files.csv_table import column_letter
from gdplan.files.text_width import display_width
from gdplan.files.workbook import A4, HEAD, Book, Cell, row_height
from gdplan.ledger import workbook as ledger_workbook
from gdplan.model import Mode
from gdplan.page.language import Language, language
from gdplan.reports.evaluation import worded
from gdplan.reports.formats.assembly import PrintedTable
from gdplan.reports.formats.excel_formulas import cells as formula_cells
from gdplan.reports.formats.excel_formulas import word
from gdplan.reports.formats.excel_terms import COLUMNS, Frame, own_parameters
from gdplan.reports.runs import recorded

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from gdplan.assessment.evidence import Figure
    from gdplan.assessment.judgement import Judgement
    from gdplan.model import Plan

Row = Mapping[str, str]
NUMBER = re.compile(r"-?[0-9]+(?:\.([0-9]+))?(%?)")
EXACT_DIGITS = 15
RED, BLUE = "#B03A2E", "#1F4E9E"
FIGURES = ("no", "name", "use", "year", "period", "month", "raw", "value", "growth", "low",
           "high", "unit", "bound", "source", "published", "access", "file", "cell")  # fmt: skip
WIDEST, NARROWEST = 48, 6
NOTHING_LEFT = -10_000.0
ACROSS = 3


SHEETS = ("figures", "parameters", "workings")
"""The fixed sheets after the cover, in the order in which the cover lists them."""


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
    say = language(lang)
    writer = _Writer(Book(title), say, watermark)
    front = writer.book.sheet(say("annex.cover"))
    for printed in tables:
        writer.table(printed)
    judged = [worded(recorded.judgement(row), plan, say) for row in rows]
    figures = _figures(judged, say)
    workings = _workings(judged, plan, table, len(figures), say)
    writer.rows(say("annex.workings"), [say(f"annex.{c}") for c in COLUMNS], workings, ACROSS)
    writer.rows(say("annex.figures"), [say(f"annex.{c}") for c in FIGURES], figures)
    if ledger:
        lines = ledger_workbook.rows(ledger, plan, say)
        writer.rows(say("annex.ledger"), ledger_workbook.header(say), lines, 2)
    writer.parameters(say("annex.parameters"), plan)
    agree = sum(row[-1].value is True for row in workings)
    fixed = [(say(f"annex.{n}"), say(f"annex.about_{n}"))
             for n in (*SHEETS, *(("ledger",) if ledger else ()))]  # fmt: skip
    listed = [*((t.label, t.caption) for t in tables), *fixed]
    writer.cover(front, title, cover, listed, agree, len(rows))
    return writer.book.content()


class _Writer:
    """Sheets of one workbook in one style."""

    def __init__(self, book: Book, say: Language, watermark: str) -> None:
        self.book, self.say, self.watermark = book, say, watermark
        book.book.set_calc_mode("auto")

    def sheet(
        self, name: str, header: Sequence[str], widths: Sequence[int], *, wide: bool = False
    ) -> Worksheet:
        """A sheet with its frozen header, its widths and its print set-up."""
        sheet = self.book.sheet(
            name, header, list(map(_within, widths)), look=HEAD | {"bottom": 1, "top": 2},
            across=2 if len(header) > 4 else 0,
        )  # fmt: skip
        sheet.repeat_rows(0)
        self.page(sheet, landscape=wide or sum(min(w, WIDEST) for w in widths) > 90)
        sheet.fit_to_pages(1, 0)
        return sheet

    def page(self, sheet: Worksheet, *, landscape: bool) -> None:
        """Paper, header and footer; simulated data are named in red on every page."""
        sheet.set_paper(A4)
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
            sheet.set_row(line, row_height(row, list(map(_within, widths))))
            for column, text in enumerate(row):
                self.text(sheet, line, column, text, table.align[column])
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(header) - 1)
        self.book.text(sheet, len(table.rows) + 2, 0, f"{table.label}　{table.caption}", bold=True)
        self.mark(sheet, len(table.rows) + 3)

    def mark(self, sheet: Worksheet, line: int) -> None:
        """The words for simulated data, in red."""
        if self.watermark:
            self.book.text(sheet, line, 0, self.watermark, bold=True, font_color=RED)

    def text(self, sheet: Worksheet, line: int, column: int, text: str, align: str) -> None:
        """A printed cell: a number as that number with its digits, anything else as text."""
        match = NUMBER.fullmatch(text)
        exact = len(re.sub(r"\D", "", text)) <= EXACT_DIGITS and not re.match(r"-?0\d", text)
        if match and exact and align == "right":
            digits = "0" + (f".{'0' * len(match[1])}" if match[1] else "") + match[2]
            value = float(text.rstrip("%")) / (100 if match[2] else 1)
            look = self.book.style(num_format=digits, align="right", bottom=4)
            sheet.write_number(line, column, value, look)
        elif align in ("right", "center"):
            self.book.text(sheet, line, column, text, text_wrap=True, align=align, bottom=4)
        else:
            self.book.text(sheet, line, column, text, text_wrap=True, align="left", bottom=4,
                           indent=1)  # fmt: skip

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
            look = self.book.style(num_format=cell.digits, **{"align": "center"} if said else {})
            sheet.write_formula(line, column, cell.formula, look, "" if value is None else value)
        elif isinstance(value, str):
            self.book.text(sheet, line, column, value, font_color=BLUE, indent=1)
        elif value is not None:
            look = self.book.style(font_color=BLUE, num_format=cell.digits)
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
            self.book.book.define_name(defined, f"='{name}'!$C${line + 1}")
        self.mark(sheet, len(listed) + 2)

    def cover(
        self, sheet: Worksheet, title: str, lines: Iterable[str],
        listed: Iterable[tuple[str, str]], agree: int, count: int,
    ) -> None:  # fmt: skip
        """The first sheet: what this is, how many verdicts agree, and what each sheet holds."""
        say, book = self.say, self.book
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 80)
        sheet.hide_gridlines(2)
        self.page(sheet, landscape=True)
        sheet.fit_to_pages(1, 0)
        book.text(sheet, 0, 0, title, bold=True, font_size=14)
        texts = (*filter(None, [self.watermark]), *lines, *say.lines("annex.notes"))
        for line, text in enumerate(texts, 1):
            looks = {"font_color": RED, "bold": True} if text == self.watermark else {}
            book.text(sheet, line, 0, text, **looks)
        line = len(texts) + 1
        column = column_letter(COLUMNS.index("agrees"))
        place = f"'{say('annex.workings')}'!${column}$2:${column}${count + 1}"
        book.text(sheet, line + 1, 0, say("annex.agreeing"), bold=True)
        formula = f'=COUNTIF({place},TRUE)&" / {count}"'
        sheet.write_formula(line + 1, 1, formula, book.style(bold=True), f"{agree} / {count}")
        for below, (name, about) in enumerate(listed, line + 3):
            link = book.style(font_color=BLUE, underline=1)
            sheet.write_url(below, 0, f"internal:'{name}'!A1", link, string=name)
            book.text(sheet, below, 1, about)


def _within(width: int) -> int:
    return max(NARROWEST, min(WIDEST, width))


def _width(cell: Cell) -> int:
    if cell.formula or isinstance(cell.value, float):
        return 8
    return display_width(str(cell.value or ""))


def _figures(rows: Sequence[Judgement], say: Language) -> list[tuple[Cell, ...]]:
    """Every figure used once by year, with those of other plan years that a floor is judged by."""
    out: list[tuple[Cell, ...]] = []
    for row in rows:
        figures = [(f, True) for f in row.inputs]
        figures += [(f, False) for f in row.history if f not in row.inputs]
        for figure, used in sorted(figures, key=lambda pair: _date(pair[0])):
            out.append(_figure(row, figure, used, len(out) + 2, say))
    return out


def _date(figure: Figure) -> tuple[int, float]:
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
        cells["growth"] = _growth(values["value"], place, cut=row.kind.cuts)
    return tuple(cells[name] for name in FIGURES)


def _growth(value: float | None, place: str, *, cut: bool) -> Cell:
    """Logarithm of one plus a growth in percent, of a cut of one less it; a fall by everything
    leaves next to nothing."""
    known = (value or 0.0) * (-1 if cut else 1)
    place = f"-{place}" if cut else place
    cached = math.log1p(known / 100) if known > -100 else NOTHING_LEFT
    return Cell(cached, f"=IF(N({place})>-100,LN(1+N({place})/100),{NOTHING_LEFT:g})", "0.0000")


def _number(value: float) -> float | None:
    """A figure's number; an open end or a missing one is an empty cell."""
    return float(value) if math.isfinite(value) else None


def _workings(
    rows: Sequence[Judgement], plan: Plan, table: str, count: int, say: Language
) -> list[tuple[Cell, ...]]:
    """Rows of the recalculation over ``count`` figures."""

    def column(name: str) -> str:
        place = column_letter(FIGURES.index(name))
        return f"'{say('annex.figures')}'!${place}$2:${place}${max(3, count + 1)}"

    own = {key: name for key, (name, _) in own_parameters(plan).items()}
    frame = Frame(
        plan.base_year, plan.target_year, table == "final", plan.rules[table], own,
        column("no"), column("value"), column("growth"), say,
    )  # fmt: skip
    items = {item.no: item for item in plan.indicators}
    return [
        formula_cells(row, items[row.indicator], line, frame) for line, row in enumerate(rows, 2)
    ]
