"""Workbooks: what a sheet holds, and the one writer of all of them.

The same content gives the same bytes. Text is always written as text: a name that begins with
``=`` is no formula and an address no link.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gdplan.files.text_width import display_width

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Value = str | float | bool | None
MADE = datetime(2021, 1, 1)
"""The day on which every workbook says it was made."""
KEYS = "_gdplan"
"""The hidden sheet that says of what a form is the form."""
DAY = "yyyy-mm-dd"
A4, HELP_WIDTH, LONGEST = 9, 100, 32_000
LINE, HIGHEST = 15, 405
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
           "strings_to_numbers": False}  # fmt: skip
FONT: dict[str, Any] = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
HEAD: dict[str, Any] = {"bold": True, "text_wrap": True, "align": "center",
                           "bg_color": "#E8ECF0"}  # fmt: skip
FIXED: dict[str, Any] = {"border": 4, "text_wrap": True}
ENTRY: dict[str, Any] = {"border": 4, "bg_color": "#FFF8DC", "locked": False}
"""Looks of headers, of the locked cells of a form, and of those to be filled in."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the sheet: an input, or a formula with the value it should give."""

    value: Value
    formula: str = ""
    digits: str = "General"


class Book:
    """A workbook being written; :meth:`content` ends it."""

    def __init__(self, title: str) -> None:
        import xlsxwriter

        self._out = io.BytesIO()
        self.book = xlsxwriter.Workbook(self._out, OPTIONS)
        self.book.set_properties({"title": clean(title), "created": MADE})
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def content(self) -> bytes:
        """The finished workbook."""
        self.book.close()
        return self._out.getvalue()

    def style(self, **looks: Any) -> Format:
        """A format on top of the usual font, made once."""
        return self.light(**FONT | looks)

    def light(self, **looks: Any) -> Format:
        """A format without a font, for cells whose look depends on their value."""
        key = tuple(sorted(looks.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(looks)
        return self._formats[key]

    def sheet(
        self, name: str, header: Sequence[str] = (), widths: Sequence[float] = (), *,
        look: dict[str, Any] = HEAD | {"border": 4}, across: int = 0,
    ) -> Worksheet:  # fmt: skip
        """A sheet with its header and widths; header and columns up to ``across`` stay in sight."""
        sheet = self.book.add_worksheet(name)
        self.line(sheet, 0, header, **look)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        if header:
            sheet.freeze_panes(1, across)
        return sheet

    def text(self, sheet: Worksheet, line: int, column: int, text: str, **looks: Any) -> None:
        """A text, as far as a cell can hold it."""
        sheet.write_string(line, column, cut(clean(text)), self.style(**looks))

    def line(self, sheet: Worksheet, line: int, texts: Sequence[str], **looks: Any) -> None:
        """Texts side by side from the first column on."""
        for column, text in enumerate(texts):
            self.text(sheet, line, column, text, **looks)

    def help(self, name: str, title: str, lines: Sequence[str]) -> None:
        """A locked sheet of instructions."""
        sheet = self.sheet(name, widths=[HELP_WIDTH])
        self.text(sheet, 0, 0, title, bold=True, font_size=14)
        for line, text in enumerate(lines, 1):
            self.text(sheet, line, 0, text, text_wrap=True)
        sheet.protect()

    def keys(self, keys: Mapping[str, Any]) -> None:
        """The hidden sheet; :func:`gdplan.files.safe_workbook.keys_of` reads it back."""
        sheet = self.sheet(KEYS)
        sheet.very_hidden()
        text = json.dumps(keys, ensure_ascii=True)
        for line, start in enumerate(range(0, len(text), LONGEST)):
            sheet.write_string(line, 0, text[start : start + LONGEST])


def print_across(sheet: Worksheet, header: int = 0) -> None:
    """A4 across, as wide as one page, the lines down to the header on every page."""
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header)


def row_height(texts: Sequence[str], widths: Sequence[float]) -> int:
    """Height of a row whose texts break at their columns; some programs do not find it.

    Examples
    --------
    >>> row_height(("就业", "城镇新增就业人数"), (12, 12)), row_height(("就业",), (12,))
    (30, 15)
    """
    lines = (math.ceil(display_width(t) / (w - 2)) for t, w in zip(texts, widths, strict=False))
    return min(HIGHEST, LINE * max(1, *lines))


def clean(text: str) -> str:
    """Text without the characters that a document cannot hold, lines ended by one sign.

    Examples
    --------
    >>> clean("a\\x00b\\r\\nc")
    'ab\\nc'
    """
    return NO_XML.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


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


def number(text: str) -> float:
    """A number of assessment.csv; empty is nan."""
    return float(text) if text else math.nan
