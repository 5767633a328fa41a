"""A web page as it reads: its paragraphs and tables, what it hides or strikes out left away."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree, html

from gdplan.files.documents.document import Document, DocumentTable, Passage, unbroken
from gdplan.files.documents.word import CELLS, RAISED
from gdplan.files.grid import Grid, Place, Printed
from gdplan.problems import ProblemError

LARGEST = 60_000_000
SPAN, DEPTH = 1000, 200
_UNSEEN = dict.fromkeys(map(ord, "\xad\u200b\u200e\u200f\u2060\ufeff"))
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_SILENT = frozenset({"script", "style", "noscript", "template", "head", "title", "select", "option",
                     "nav", "footer", "iframe", "svg", "button", "form", "input"})  # fmt: skip
_STRUCK = frozenset({"del", "s", "strike"})
_INLINE = frozenset({"a", "b", "i", "u", "em", "strong", "span", "font", "sup", "sub", "small",
                     "big", "ins", "mark", "label", "o:p", "bdo", "code", "abbr", "q", "cite",
                     "time", "wbr", "img"})  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|line-through", re.IGNORECASE)


def read(path: Path) -> Document:
    """Read an .html page, its encoding declared or not.

    Raises
    ------
    ProblemError
        When it is empty, too large, nested too deep, or in no encoding that Chinese pages have.
    """
    content = path.read_bytes()
    if len(content) > LARGEST:
        raise ProblemError.of("too_large", path.name, "文件过大", f"不超过{LARGEST:,}",
                              f"{len(content):,}")  # fmt: skip
    text = decoded(content, path.name)
    if not text.strip():
        raise ProblemError.of("empty_file", path.name, "文件是空的")
    try:
        root = html.document_fromstring(text, parser=html.HTMLParser(no_network=True))
    except (etree.ParserError, ValueError) as error:
        raise ProblemError.of("broken_file", path.name, "网页无法读取", found=type(error).__name__,
                              fix="重新保存网页") from error  # fmt: skip
    reader = _Reader(path.name)
    blocks = tuple(reader.blocks(root, 0))
    return Document(path.name, blocks, reader.remarks())


def decoded(content: bytes, name: str) -> str:
    """The text of a page: by its mark, by what it declares, else by what it can be.

    Raises
    ------
    ProblemError
    """
    declared = _DECLARED.search(content[:4096])
    word = declared[1].decode("ascii").lower() if declared else ""
    word = "gb18030" if word.startswith("gb") else word
    marked = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
    for encoding in dict.fromkeys((marked, word, "utf-8-sig", "gb18030")):
        try:
            if encoding:
                return re.sub(r"^\s*<\?xml[^>]*\?>", "", content.decode(encoding))
        except (UnicodeDecodeError, LookupError):
            continue
    raise ProblemError.of("unknown_encoding", name, "认不出网页的编码", "UTF-8 或 GB18030",
                          fix="在浏览器中打开后另存")  # fmt: skip


@dataclass
class _Reader:
    """State of the walk: the line that is open, how many tables, what was left away."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    tables: int = 0
    cells: int = 0

    def remarks(self) -> tuple[str, ...]:
        """What was decided while reading."""
        hidden = self.counts["hidden"]
        return (f"隐藏或划去的文字{hidden}处，没有读取",) if hidden else ()

    def blocks(self, node: Any, depth: int) -> Iterator[Passage | DocumentTable]:
        """Lines and tables below a node, in order."""
        line = ""
        for piece in self._pieces(node, depth):
            if isinstance(piece, str):
                line += piece
                continue
            yield from _passages(line)
            line = ""
            if piece is not None:
                yield from self._table(piece, depth)
        yield from _passages(line)

    def _pieces(self, node: Any, depth: int) -> Iterator[Any]:
        """Texts, None where a line ends, and nodes of tables."""
        if depth > DEPTH:
            raise ProblemError.of("broken_file", self.name, "网页的嵌套过深", fix="重新保存网页")
        yield _plain(node.text, node)
        for child in node:
            if isinstance(child.tag, str) and not self._silent(child):
                yield from self._child(child, depth)
            yield _plain(child.tail, node)

    def _child(self, child: Any, depth: int) -> Iterator[Any]:
        if child.tag == "table":
            yield child
        elif child.tag == "br":
            yield "\n"
        elif child.tag in _INLINE:
            raised = child.tag == "sup"
            for piece in self._pieces(child, depth + 1):
                yield piece.translate(RAISED) if raised and isinstance(piece, str) else piece
        else:
            yield None
            yield _counted(child)
            yield from self._pieces(child, depth + 1)
            yield None

    def _silent(self, node: Any) -> bool:
        if node.tag in _SILENT:
            return True
        gone = (
            node.tag in _STRUCK
            or node.get("hidden") is not None
            or bool(_HIDDEN.search(node.get("style") or ""))
        )
        self.counts["hidden"] += gone and bool("".join(node.itertext()).strip())
        return gone

    def _table(self, node: Any, depth: int) -> Iterator[Passage | DocumentTable]:
        rows = [row for row in _rows(node) if not self._silent(row)]
        placed, width = self._placed(rows)
        if width <= 1:
            for _, _, _, _, cell in placed:
                yield from self.blocks(cell, depth + 1)
            return
        self.tables += 1
        name = f"表{self.tables}"
        cells: dict[Place, Printed] = {}
        inner: list[Passage | DocumentTable] = []
        merged = []
        for top, left, bottom, right, cell in placed:
            said = list(self.blocks(cell, depth + 1))
            inner += [block for block in said if isinstance(block, DocumentTable)]
            text = "\n".join(b.text for b in said if isinstance(b, Passage))
            if text.strip():
                cells[top, left] = Printed(text)
            if (top, left) != (bottom, right):
                merged.append((top, left, bottom, right))
        yield DocumentTable(Grid(name, cells, tuple(merged)))
        yield from inner

    def _placed(self, rows: list[Any]) -> tuple[list[tuple[int, int, int, int, Any]], int]:
        """Every cell with the area that it covers, and the number of columns."""
        taken: set[Place] = set()
        placed = []
        for top, row in enumerate(rows, 1):
            left = 1
            for cell in row:
                if cell.tag not in ("td", "th") or self._silent(cell):
                    continue
                while (top, left) in taken:
                    left += 1
                down = min(_span(cell, "rowspan") or len(rows), len(rows) - top + 1)
                bottom, right = top + down - 1, left + (_span(cell, "colspan") or 1) - 1
                self.cells += (bottom - top + 1) * (right - left + 1)
                if self.cells > CELLS:
                    raise ProblemError.of("too_large", self.name, "表格单元格过多",
                                          f"不超过{CELLS}个")  # fmt: skip
                area = [(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)]
                taken.update(area)
                placed.append((top, left, bottom, right, cell))
                left = right + 1
        return placed, max((right for *_, right, _ in placed), default=0)


def _rows(node: Any) -> Iterator[Any]:
    for child in node:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(child)


def _span(cell: Any, name: str) -> int:
    match = re.match(r"\s*(\d{1,5})", cell.get(name) or "1")
    return min(int(match[1]), SPAN) if match else 1


def _plain(text: str | None, node: Any) -> str:
    if not text:
        return ""
    if node.tag == "pre":
        return text
    return re.sub(r"[ \t\r\n\f]+", " ", text).replace("\xa0", " ")


def _counted(node: Any) -> str:
    """The number that a browser prints before an item of a numbered list."""
    if node.tag != "li" or node.getparent() is None or node.getparent().tag != "ol":
        return ""
    start = node.getparent().get("start") or "1"
    before = sum(1 for item in node.itersiblings("li", preceding=True))
    return f"{int(start) + before if start.isdigit() else before + 1}."


def _passages(text: str) -> Iterator[Passage]:
    for line in unbroken(text.translate(_UNSEEN)).split("\n"):
        shown = line.strip(" ")
        if shown.strip():
            yield Passage(shown)
