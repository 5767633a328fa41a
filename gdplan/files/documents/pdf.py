"""A digital PDF as it reads: ruled tables, joined over pages, and paragraphs made of its lines.

A table without ruled lines cannot be read safely and is refused with its page; a scan holds none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TypeAlias

import pypdfium2 as pdfium

from gdplan.files.documents.document import Document, DocumentTable, Passage, one_line
from gdplan.files.documents.pdf_page import Letter, Page, pages
from gdplan.files.documents.ruled_tables import Area, Ruled, tables
from gdplan.files.documents.word import RAISED
from gdplan.files.grid import Grid, Printed
from gdplan.problems import Problem, ProblemError, refuse

FILE, PAGES, CROSSINGS = 100_000_000, 2_000, 4_000_000
EDGE = 0.09
"""Share of a page's height at its top and bottom where heads and feet stand."""
_NUMBER = re.compile(r"^[-—–·\s]*(?:第\s*)?\d{1,4}(?:\s*/\s*\d{1,4})?(?:\s*页)?[-—–·\s]*$")
_BROWSER = re.compile(r"^(?:file|https?)://|^\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},?\s*\d{1,2}:\d\d")
_FOOTNOTE = re.compile(r"^\s*(?:[⁰¹²³⁴⁵⁶⁷⁸⁹①-⑳*※]|\d{1,2}\s*(?![\d.．、）)年]))\S.{0,120}$")
_HEADING = re.compile(
    r"^(?:第[一二三四五六七八九十百]+[章节篇]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]"
    r"|\d{1,2}[.．、](?!\d)|专栏|表\s*\d|注\s*[:：\d])"
)
_HEADED = re.compile(r"指标|项目|名称")
_DATED = re.compile(r"20\d\d|目标|基期")


Held: TypeAlias = tuple[Ruled, dict[tuple[int, int], list[Letter]]]
"""A ruled table and the letters in its cells."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text with its place; ``pieces`` are its parts with wide gaps between."""

    text: str
    left: float
    right: float
    base: float
    size: float
    pieces: int


@dataclass
class _Table:
    """A table in the making, that later pages may go on."""

    columns: tuple[float, ...]
    cells: list[list[str]]
    merged: list[Area]
    pages: list[int]


@dataclass
class _Joiner:
    """Blocks of the pages read so far; what is last may go on on the next page."""

    name: str
    blocks: list[Passage | _Table] = field(default_factory=list)
    repeated: int = 0
    borderless: list[int] = field(default_factory=list)
    scanned: list[int] = field(default_factory=list)
    open_line: Line | None = None
    margin: float = 0.0
    pitch: dict[int, float] = field(default_factory=dict)


def read(path: Path) -> Document:
    """Read a .pdf that holds text.

    Raises
    ------
    ProblemError
        When it is locked, damaged, too large, scanned, or prints a table without ruled lines.
    """
    if path.stat().st_size > FILE:
        raise ProblemError.of("too_large", path.name, "文件过大", f"不超过{FILE // 1_000_000} MB")
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        raise _unreadable(path, str(error)) from error
    try:
        if len(document) > PAGES:
            raise ProblemError.of("too_large", path.name, "页数过多", f"不超过{PAGES}页",
                                  f"{len(document)}页")  # fmt: skip
        return _document(document, path.name)
    finally:
        document.close()


def _unreadable(path: Path, said: str) -> ProblemError:
    if "password" in said.lower():
        return ProblemError.of("locked_document", path.name, "文件有打开密码",
                               fix="去掉密码后另存")  # fmt: skip
    return ProblemError.of("broken_file", path.name, "PDF 无法读取",
                           fix="重新取得文件，或用原来的 Word 稿")  # fmt: skip


def _document(document: pdfium.PdfDocument, name: str) -> Document:
    joiner = _Joiner(name)
    count = 0
    laid = [_Laid.of(page, name) for page in pages(document, name)]
    running = _running(laid)
    for page in laid:
        count += 1
        _add_page(joiner, page, running)
    refuse(_faults(joiner, count))
    tables_seen = 0
    blocks: list[Passage | DocumentTable] = []
    for block in joiner.blocks:
        if isinstance(block, Passage):
            blocks.append(block)
        elif len(block.columns) <= 2:
            framed = zip(block.cells, block.pages, strict=True)
            blocks += [Passage(line, page) for row, page in framed
                       for line in row[0].split("\n") if line.strip()]  # fmt: skip
        else:
            tables_seen += 1
            blocks.append(_finished(block, f"表{tables_seen}"))
    return Document(name, tuple(blocks), tuple(_remarks(joiner)))


def _faults(joiner: _Joiner, count: int) -> Iterator[Problem]:
    if count and 2 * len(joiner.scanned) >= count:
        yield Problem("scanned", joiner.name, "是扫描件，页面是图片，没有文字", "含文字的 PDF",
                      f"{len(joiner.scanned)}页图片",
                      "向发文单位索取 Word 稿，或先用文字识别软件转换并核对")  # fmt: skip
    for page in joiner.borderless:
        yield Problem("borderless_table", f"{joiner.name} 第{page}页", "表格没有框线，分不清各格",
                      "有框线的表格", fix="用原来的 Word 稿，或为表格加上框线后另存")  # fmt: skip


def _remarks(joiner: _Joiner) -> Iterator[str]:
    if joiner.repeated:
        yield f"跨页表格的重复表头{joiner.repeated}行，没有再读"
    if joiner.scanned:
        yield f"第{'、'.join(map(str, joiner.scanned))}页是图片，没有读取"


@dataclass(frozen=True)
class _Laid:
    """A page as tables with their letters, and the lines outside them."""

    page: Page
    tables: tuple[Held, ...]
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, page: Page, name: str) -> _Laid:
        """Deal the letters of a page out to its tables."""
        upright = sum(ruling.upright for ruling in page.rulings)
        if upright * (len(page.rulings) - upright) > CROSSINGS:
            raise ProblemError.of("too_large", f"{name} 第{page.number}页", "页面内容过多",
                                  fix="用原来的 Word 稿")  # fmt: skip
        heights = sorted((r.at, r.start, r.end) for r in page.rulings if not r.upright)
        found: list[Held] = [(table, {}) for table in tables(page.rulings)]
        outside: list[Letter] = []
        for letter in page.letters:
            if _is_struck(letter, heights):
                continue
            x, y = (letter.left + letter.right) / 2, (letter.bottom + letter.top) / 2
            held = next(((held, place) for table, held in found
                         if (place := table.cell_at(x, y)) is not None), None)  # fmt: skip
            if held is None:
                outside.append(letter)
            else:
                held[0].setdefault(held[1], []).append(letter)
        return cls(page, tuple(found), tuple(lines_of(outside)))


def _is_struck(letter: Letter, heights: Sequence[tuple[float, float, float]]) -> bool:
    """Whether a level line runs through the middle of a letter: then it is struck out."""
    low, high = letter.base + 0.15 * letter.size, letter.base + 0.55 * letter.size
    middle = (letter.left + letter.right) / 2
    place = bisect_left(heights, (low,))
    while place < len(heights) and heights[place][0] <= high:
        if heights[place][1] <= middle <= heights[place][2]:
            return True
        place += 1
    return False


def lines_of(letters: Sequence[Letter]) -> list[Line]:
    """Letters as lines from the top; raised small digits are marks of notes."""
    rows: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda one: -one.base):
        last = rows[-1] if rows else None
        near = 0.6 * max(last[-1].size, letter.size) if last else 0.0
        if last and abs(last[-1].base - letter.base) <= near:
            last.append(letter)
        else:
            rows.append([letter])
    return [_line(sorted(row, key=lambda one: one.left)) for row in rows]


def _line(row: Sequence[Letter]) -> Line:
    size = median(letter.size for letter in row)
    base = median(letter.base for letter in row if letter.size >= 0.8 * size)
    text, pieces, right = "", 1, row[0].left
    for letter in row:
        gap = letter.left - right
        pieces += gap > 1.5 * size
        # Programs set a quarter of a letter between Chinese and figures; that is no blank.
        mixed = letter.text.isascii() is not text[-1:].isascii()
        least = 0.12 if letter.spaced else 0.35 if mixed else 0.18
        text += " " * (bool(text) and gap > least * size)
        raised = letter.size < 0.8 * size and letter.base > base + 0.1 * size
        text += letter.text.translate(RAISED) if raised else letter.text
        right = max(right, letter.right)
    return Line(text, row[0].left, right, base, size, pieces)


def _running(laid: Sequence[_Laid]) -> set[str]:
    """Heads and feet that stand on several pages, their digits left out."""
    seen = Counter(
        _shape(line) for page in laid for line in page.lines if _at_edge(line, page.page)
    )
    return {text for text, times in seen.items() if times >= max(2, min(3, len(laid)))}


def _shape(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text)


def _at_edge(line: Line, page: Page) -> bool:
    return not EDGE * page.height <= line.base <= (1 - EDGE) * page.height


def _add_page(joiner: _Joiner, laid: _Laid, running: set[str]) -> None:
    page = laid.page
    lines = [line for line in laid.lines if not (
        _at_edge(line, page)
        and (_shape(line) in running or _NUMBER.match(line.text) or _BROWSER.match(line.text))
    )]  # fmt: skip
    if page.pictures and not page.letters:
        joiner.scanned.append(page.number)
    if _is_borderless(lines):
        joiner.borderless.append(page.number)
    joiner.margin = max((line.right for line in lines), default=joiner.margin)
    joiner.pitch = _pitches(lines)
    things: list[tuple[float, Line | Held]] = [(-line.base, line) for line in lines]
    things += [(-held[0].rows[0], held) for held in laid.tables]
    left = min((line.left for line in lines), default=0.0)
    first = True
    for _, thing in sorted(things, key=lambda pair: pair[0]):
        if isinstance(thing, Line):
            _add_line(joiner, thing, left, page.number)
        else:
            joiner.open_line = None
            _add_table(joiner, thing, page.number, first)
        first = False


def _is_borderless(lines: Sequence[Line]) -> bool:
    """Whether lines outside tables stand in columns below a head."""
    for n, line in enumerate(lines):
        if line.pieces >= 3 and _HEADED.search(line.text) and _DATED.search(line.text):
            return sum(after.pieces >= 3 for after in lines[n + 1 : n + 8]) >= 2
    return False


def _add_line(joiner: _Joiner, line: Line, left: float, page: int) -> None:
    """Begin a paragraph, or go on with the open one: when its line was full and this one is not
    indented."""
    before = joiner.blocks[-1] if joiner.blocks else None
    indented = line.left > left + 1.2 * line.size
    if isinstance(before, Passage) and not indented and _goes_on(joiner, before.text, line):
        joiner.blocks[-1] = replace(before, text=one_line(f"{before.text}\n{line.text}"))
    else:
        joiner.blocks.append(Passage(line.text, page))
    joiner.open_line = line


def _pitches(lines: Sequence[Line]) -> dict[int, float]:
    """By size of letters, how far apart lines of one paragraph stand: the least distance."""
    found: dict[int, float] = {}
    for above, below in pairwise(lines):
        gap, size = above.base - below.base, round(below.size)
        if round(above.size) == size and gap > below.size:
            found[size] = min(gap, found.get(size, gap))
    return found


def _goes_on(joiner: _Joiner, text: str, line: Line) -> bool:
    """Whether a line goes on with the open paragraph: its last line was full, or broke off inside
    a sentence."""
    last = joiner.open_line
    if last is None or abs(last.size - line.size) > 0.15 * line.size or _HEADING.match(line.text):
        return False
    if last.base - line.base > 1.25 * joiner.pitch.get(round(line.size), 0.0):
        return False
    full = last.right > joiner.margin - 2.2 * last.size
    return full or (len(text) > 12 and not _HEADING.match(text) and text[-1] not in "。；：！？")


def _add_table(joiner: _Joiner, thing: Held, page: int, first: bool) -> None:
    """Add a table, or its rows to the one that the page before ended with."""
    table, held = thing
    cells = [[""] * (len(table.columns) - 1) for _ in range(len(table.rows) - 1)]
    areas = {(r, c): area for area in table.merged
             for r in range(area[0], area[2] + 1) for c in range(area[1], area[3] + 1)}  # fmt: skip
    owned: dict[tuple[int, int], list[Letter]] = {}
    for place, letters in held.items():
        owned.setdefault(areas.get(place, (*place, 0, 0))[:2], []).extend(letters)
    for (row, column), letters in owned.items():
        end = areas.get((row, column), (row, column, row, column))[3]
        cells[row - 1][column - 1] = _cell(lines_of(letters), table.columns[end])
    made = _Table(table.columns, cells, list(table.merged), [page] * len(cells))
    last = _last_table(joiner.blocks) if first else None
    if last is not None and _same_columns(last, made):
        _append_rows(joiner, last, made)
    else:
        joiner.blocks.append(made)


def _cell(lines: Sequence[Line], right: float) -> str:
    """The lines of a cell; one that fills its width goes on in the next, a number too."""
    text = ""
    for line, after in zip(lines, [*lines[1:], None], strict=True):
        full = line.right > right - 1.6 * line.size
        text += line.text + ("" if full or after is None else "\n")
    return text


def _last_table(blocks: Sequence[Passage | _Table]) -> _Table | None:
    """The table that the pages so far end with, notes at the foot of the page aside."""
    for block in reversed(blocks):
        if isinstance(block, _Table):
            return block
        if not _FOOTNOTE.match(block.text):
            return None
    return None


def _same_columns(last: _Table, made: _Table) -> bool:
    return len(last.columns) == len(made.columns) and all(
        abs((a - last.columns[0]) - (b - made.columns[0])) < 6
        for a, b in zip(last.columns, made.columns, strict=True)
    )


def _append_rows(joiner: _Joiner, last: _Table, made: _Table) -> None:
    """Append the rows of a continued table, its repeated head left out, a row that the page broke
    in two made whole."""
    skip = 0
    while skip < len(made.cells) and _same_row(made.cells[skip], last.cells[skip]):
        skip += 1
    joiner.repeated += skip
    rows = made.cells[skip:]
    broken = bool(rows) and skip == 0 and _is_rest(rows[0], last.cells[-1])
    if broken or (rows and skip and _is_rest(rows[0], last.cells[-1])):
        last.cells[-1] = [f"{a}\n{b}" if a and b else a or b
                          for a, b in zip(last.cells[-1], rows[0], strict=True)]  # fmt: skip
        rows, skip = rows[1:], skip + 1
    for top, left, bottom, _ in made.merged:
        # A cell that covers rows of both pages is printed on the first of them only.
        if top == skip + 1 < bottom and rows and not rows[0][left - 1]:
            rows[0][left - 1] = _above(last, left)
    shift = len(last.cells) - skip
    last.merged += [(max(a, skip + 1) + shift, b, c + shift, d)
                    for a, b, c, d in made.merged if c > skip]  # fmt: skip
    last.cells += rows
    last.pages += made.pages[skip:]


def _above(table: _Table, column: int) -> str:
    """The text of the merged cell that a table's last row lies in, in a column."""
    row = len(table.cells)
    area = next((a for a in table.merged if a[2] == row and a[1] == column and a[0] < row), None)
    return table.cells[area[0] - 1][column - 1] if area else ""


def _same_row(one: Sequence[str], other: Sequence[str]) -> bool:
    return any(one) and [c.replace("\n", "") for c in one] == [c.replace("\n", "") for c in other]


def _is_rest(row: Sequence[str], above: Sequence[str]) -> bool:
    """Whether the first row of a page is the rest of the last row of the page before: words alone,
    below words, and no number or value of its own."""
    filled = [n for n, cell in enumerate(row) if cell.strip()]
    full = sum(bool(cell.strip()) for cell in above)
    return (
        bool(filled)
        and len(filled) <= max(1, full // 2)
        and all(above[n].strip() and not re.search(r"\d", row[n]) for n in filled)
    )


def _finished(table: _Table, name: str) -> DocumentTable:
    cells = {
        (r, c): Printed(text)
        for r, row in enumerate(table.cells, 1)
        for c, text in enumerate(row, 1)
        if text.strip()
    }
    kept = [area for area in table.merged if area[:2] != area[2:]]
    return DocumentTable(Grid(name, cells, tuple(kept)), tuple(table.pages))
