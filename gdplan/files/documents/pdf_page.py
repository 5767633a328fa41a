"""A page of a PDF as letters and ruled lines, by pdfium; nothing else here knows the format."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from gdplan.problems import ProblemError

LETTERS, OBJECTS = 60_000, 60_000
"""Most letters and drawn objects of a page."""
BLANKS = (0x20, 0xA0, 0x3000)
THIN = 3.0
"""Points that a filled shape may be wide and still be a line."""
# Browsers write some letters as the radicals that look like them; Unicode has no mapping for these.
_RADICALS = dict(zip(
    "⺁⺇⺌⺎⺗⺝⺟⺠⺢⺧⺫⺬⺭⺮⺯⺰⺱⺳⺶⺷⺸⺹⺺⺻⺼⺽⺾⻀⻁⻂⻄⻅⻆⻈⻉⻋⻌⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻪⻬⻮⻰⻳",
    "厂几小兀忄月母民氵牛目示礻竹糸纟罒罓羊羊羊耂肀聿肉臼艹艹虎衤西见角讠贝车辶长门青韦页风飞食马骨"
    "鬼鱼鸟麦黄黾齐齿龙龟",
    strict=True,
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with its box, its baseline and its size, in points from the lower left corner;
    ``spaced`` says that a blank was written before it."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    base: float
    size: float
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """A drawn line, upright or level: at ``at``, from ``start`` to ``end``."""

    upright: bool
    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Page:
    """What a page shows; ``pictures`` says that something is drawn that may hold text."""

    number: int
    width: float
    height: float
    letters: tuple[Letter, ...]
    rulings: tuple[Ruling, ...]
    pictures: bool


def pages(document: pdfium.PdfDocument, name: str) -> Iterator[Page]:
    """Every page of an open document, in order.

    Raises
    ------
    ProblemError
        When a page holds more than a page can.
    """
    for number in range(len(document)):
        page = document[number]
        try:
            yield _page(page, number + 1, name)
        finally:
            page.close()


def _page(page: pdfium.PdfPage, number: int, name: str) -> Page:
    turn = _Turn(page.get_rotation(), *page.get_mediabox())
    rulings, pictures = _drawn(page, turn, f"{name} 第{number}页")
    text = page.get_textpage()
    try:
        letters = _in_points(list(_letters(text, turn, f"{name} 第{number}页")))
    finally:
        text.close()
    width, height = turn.size
    return Page(number, width, height, letters, tuple(rulings), pictures)


@dataclass(frozen=True, slots=True)
class _Turn:
    """Turns points of a page that is shown turned, and moves its corner to the origin."""

    degrees: int
    left: float
    bottom: float
    right: float
    top: float

    @property
    def size(self) -> tuple[float, float]:
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.degrees in (90, 270) else (width, height)

    def point(self, x: float, y: float) -> tuple[float, float]:
        x, y = x - self.left, y - self.bottom
        width, height = self.right - self.left, self.top - self.bottom
        return {90: (y, width - x), 180: (width - x, height - y), 270: (height - y, x)}.get(
            self.degrees, (x, y)
        )


def _letters(text: pdfium.PdfTextPage, turn: _Turn, where: str) -> Iterator[Letter]:
    count = text.count_chars()
    if count > LETTERS:
        raise _crowded(where)
    box = raw.FS_RECTF()
    origin = [ctypes.c_double() for _ in range(2)]
    spaced = False
    for index in range(count):
        code = raw.FPDFText_GetUnicode(text, index)
        shown = _shown(code)
        if not shown and code in BLANKS and raw.FPDFText_IsGenerated(text, index) != 1:
            spaced = True
        if not shown or not raw.FPDFText_GetLooseCharBox(text, index, ctypes.byref(box)):
            continue
        raw.FPDFText_GetCharOrigin(text, index, *map(ctypes.byref, origin))
        (x1, y1), (x2, y2) = turn.point(box.left, box.bottom), turn.point(box.right, box.top)
        _, base = turn.point(origin[0].value, origin[1].value)
        yield Letter(shown, min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2), base,
                     raw.FPDFText_GetFontSize(text, index), spaced)  # fmt: skip
        spaced = False


def _in_points(letters: list[Letter]) -> tuple[Letter, ...]:
    """Letters with their size in points: pages are drawn to scale, and only the width of a full
    letter tells it."""
    widths = [(one.right - one.left) / one.size for one in letters
              if one.size > 0 and "\u4e00" <= one.text <= "\u9fff"]  # fmt: skip
    scale = median(widths) if widths else 1.0
    return tuple(replace(one, size=one.size * scale) for one in letters)


def _shown(code: int) -> str:
    """A letter as it is read: radicals as the letters they are, nothing for what is not seen."""
    if code < 0x20 or code in (0xAD, 0xFEFF, 0xFFFE, 0xFFFF, 0x200B) or code > 0x10FFFF:
        return ""
    letter = chr(code)
    if letter.isspace():
        return ""
    if 0x2F00 <= code <= 0x2FDF or 0xF900 <= code <= 0xFAFF:
        return unicodedata.normalize("NFKC", letter)
    return _RADICALS.get(letter, letter)


def _drawn(page: pdfium.PdfPage, turn: _Turn, where: str) -> tuple[list[Ruling], bool]:
    """The ruled lines of a page, and whether it shows pictures."""
    rulings: list[Ruling] = []
    pictures = False
    for count, thing in enumerate(page.get_objects(max_depth=8)):
        if count > OBJECTS:
            raise _crowded(where)
        if thing.type == raw.FPDF_PAGEOBJ_IMAGE:
            pictures = True
        elif thing.type == raw.FPDF_PAGEOBJ_PATH:
            for shape in _shapes(thing):
                rulings += _ruled([turn.point(*point) for point in shape], _stroked(thing))
    return rulings, pictures


def _stroked(path: Any) -> bool:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(path, ctypes.byref(fill), ctypes.byref(stroke))
    return bool(stroke.value)


def _shapes(path: Any) -> Iterator[list[tuple[float, float]]]:
    """The shapes of a path as corners on the page; curves are no lines of a table."""
    matrices = [path.get_matrix()]
    holder = path.container
    while holder is not None:
        matrices.append(holder.get_matrix())
        holder = holder.container
    points: list[tuple[float, float]] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(min(raw.FPDFPath_CountSegments(path), OBJECTS)):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = (float(x.value), float(y.value))
        for matrix in matrices:
            point = matrix.on_point(*point)
        if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_MOVETO:
            if len(points) > 1:
                yield points
            points = []
        points.append(point)
        if raw.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if len(points) > 1:
        yield points


def _ruled(points: list[tuple[float, float]], stroked: bool) -> Iterator[Ruling]:
    """The upright and level lines of a shape: all its sides where it is drawn, its middle where it
    is a thin filled bar."""
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    bottom, top = min(y for _, y in points), max(y for _, y in points)
    if min(right - left, top - bottom) <= THIN:
        if top - bottom > right - left:
            yield Ruling(True, (left + right) / 2, bottom, top)
        elif right > left:
            yield Ruling(False, (bottom + top) / 2, left, right)
        return
    if not stroked:
        return
    for (x1, y1), (x2, y2) in pairwise(points):
        if abs(x1 - x2) <= 1 < abs(y1 - y2):
            yield Ruling(True, (x1 + x2) / 2, min(y1, y2), max(y1, y2))
        elif abs(y1 - y2) <= 1 < abs(x1 - x2):
            yield Ruling(False, (y1 + y2) / 2, min(x1, x2), max(x1, x2))


def _crowded(where: str) -> ProblemError:
    return ProblemError.of("too_large", where, "页面内容过多", f"不超过{LETTERS:,}个字",
                           fix="用原来的 Word 稿")  # fmt: skip
