"""A .docx as it reads: an own walk over its parts, so that nothing is lost on the way.

Insertions are accepted and deletions dropped (and counted), boxes and controls are opened, numbers
that Word counts by itself are printed, raised digits are kept apart as marks of notes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gdplan.files.documents import archive
from gdplan.files.documents.document import Document, DocumentTable, Passage, unbroken
from gdplan.files.documents.word_numbers import Numbering, W, numbering_of
from gdplan.files.grid import Grid, Place, Printed
from gdplan.problems import ProblemError

PARTS = tuple(f"word/{name}.xml" for name in ("document", "numbering", "styles", "footnotes",
                                              "endnotes"))  # fmt: skip
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
CELLS = 300_000
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_OPENED = (
    """ins moveTo hyperlink smartTag sdt sdtContent customXml fldSimple bdo dir ruby rubyBase"""
)
_THROUGH = {W + name for name in _OPENED.split()}
_DROPPED = {W + n for n in ("del", "moveFrom")}
_BOX = W + "txbxContent"


def read(path: Path) -> Document:
    """Read a .docx.

    Raises
    ------
    ProblemError
        When it is locked, damaged, too large, an older format, or no Word document.
    """
    roots = archive.parts(path, PARTS)
    if "word/document.xml" not in roots:
        raise ProblemError.of("broken_file", path.name, "不是 Word 文档，或文件不完整",
                              fix="在 Word 或 WPS 中打开后另存为 .docx")  # fmt: skip
    reader = _Reader(numbering_of(roots.get("word/numbering.xml")),
                     _Styles.of(roots.get("word/styles.xml")), path.name)  # fmt: skip
    body = roots["word/document.xml"].find(W + "body")
    blocks = list(reader.blocks(body if body is not None else ()))
    for name in ("word/footnotes.xml", "word/endnotes.xml"):
        blocks += reader.notes(roots.get(name))
    return Document(path.name, tuple(blocks), reader.remarks())


@dataclass(frozen=True)
class _Styles:
    """What of the styles matters: lists that belong to them, raised and hidden text."""

    lists: dict[str, tuple[str, int]]
    raised: frozenset[str]

    @classmethod
    def of(cls, root: Any) -> _Styles:
        lists: dict[str, tuple[str, int]] = {}
        raised, parents = set(), {}
        for style in () if root is None else root.iter(W + "style"):
            name = style.get(W + "styleId")
            parents[name] = _value(style, "basedOn")
            number = style.find(f"{W}pPr/{W}numPr")
            if number is not None:
                lists[name] = (_value(number, "numId"), int(_value(number, "ilvl") or 0))
            if _value(style.find(W + "rPr"), "vertAlign") == "superscript":
                raised.add(name)
        for name in parents:
            above: str | None = name
            for _ in range(10):
                above = parents.get(above or "")
                if above in lists:
                    lists.setdefault(name, lists[above])
        return cls(lists, frozenset(raised))


@dataclass
class _Reader:
    """State of the walk: how lists count, what was dropped, how many cells there were."""

    numbering: Numbering
    styles: _Styles
    name: str
    counts: Counter[str] = field(default_factory=Counter)
    notes_seen: dict[str, int] = field(default_factory=dict)
    tables: int = 0
    cells: int = 0
    carried: str = ""

    def remarks(self) -> tuple[str, ...]:
        """What was decided while reading."""
        words = {"ins": "插入", "del": "删除"}
        said = [f"{words[key]}{n}处" for key, n in sorted(self.counts.items()) if key in words]
        changes = [f"按已接受处理的修订：{'、'.join(said)}"] if said else []
        hidden = self.counts["hidden"]
        return (*changes, *([f"隐藏或划去的文字{hidden}处，没有读取"] if hidden else []))

    def blocks(self, parent: Any) -> Iterator[Passage | DocumentTable]:
        """Paragraphs and tables below a node, boxes behind the paragraph that holds them."""
        for node in parent:
            if node.tag == W + "p":
                yield from self._paragraph(node)
            elif node.tag == W + "tbl":
                yield from self._table(node)
            elif node.tag in _DROPPED:
                self.counts["del"] += 1
            elif node.tag in _THROUGH:
                yield from self.blocks(node)
            elif node.tag == _MC + "AlternateContent":
                yield from self.blocks(_chosen(node))

    def notes(self, root: Any) -> Iterator[Passage]:
        """The texts of footnotes that the document refers to."""
        for note in () if root is None else root:
            if note.get(W + "id") in self.notes_seen or note.get(W + "type") is None:
                text = " ".join(self._text(p) for p in note.iter(W + "p")).strip()
                if text:
                    yield Passage(text)

    def _paragraph(self, node: Any) -> Iterator[Passage | DocumentTable]:
        boxes: list[Any] = []
        text = self.carried + self._numbered(node, self._text(node, boxes))
        self.carried = ""
        if node.find(f"{W}pPr/{W}rPr/{W}del") is not None:
            self.carried = text
        elif text.strip() or not boxes:
            yield Passage(unbroken(text))
        for box in boxes:
            yield from self.blocks(box)

    def _numbered(self, node: Any, text: str) -> str:
        properties = node.find(W + "pPr")
        number = None if properties is None else properties.find(W + "numPr")
        style = _value(properties, "pStyle")
        own = self.styles.lists.get(style, ("", 0))
        if number is not None:
            depth = _value(number, "ilvl")
            own = (_value(number, "numId") or own[0], int(depth) if depth else own[1])
        before = self.numbering.next(*own) if own[0] else ""
        gap = "" if not text or before[-1:] in "、.．）)·" else " "
        return f"{before}{gap}{text}" if before else text

    def _text(self, node: Any, boxes: list[Any] | None = None) -> str:
        return "".join(self._inline(node, boxes if boxes is not None else []))

    def _inline(self, parent: Any, boxes: list[Any]) -> Iterator[str]:
        for node in parent:
            if node.tag == W + "r":
                yield from self._run(node, boxes)
            elif node.tag in _DROPPED:
                self.counts["del"] += 1
            elif node.tag in _THROUGH:
                self.counts["ins"] += node.tag in (W + "ins", W + "moveTo")
                yield from self._inline(node, boxes)
            elif node.tag == _MC + "AlternateContent":
                yield from self._inline(_chosen(node), boxes)
            elif node.tag.startswith(_MATH):
                yield "".join(t.text or "" for t in node.iter(_MATH + "t"))

    def _run(self, run: Any, boxes: list[Any]) -> Iterator[str]:
        look = run.find(W + "rPr")
        if any(_is_on(look, name) for name in ("vanish", "strike", "dstrike")):
            self.counts["hidden"] += 1
            return
        text = "".join(self._piece(node, boxes) for node in run)
        raised = _value(look, "vertAlign") == "superscript" or (
            _value(look, "rStyle") in self.styles.raised
        )
        yield text.translate(RAISED) if raised else text

    def _piece(self, node: Any, boxes: list[Any]) -> str:
        name = node.tag.removeprefix(W)
        if name == "t":
            return node.text or ""
        if name in ("footnoteReference", "endnoteReference"):
            return self._note(node.get(W + "id"))
        if name in ("drawing", "pict", "object") or node.tag == _MC + "AlternateContent":
            chosen = _chosen(node) if node.tag.startswith(_MC) else node
            boxes += _outermost(chosen)
            return ""
        if name == "ruby":
            return "".join(self._inline(node, boxes))
        return {"tab": "\t", "cr": "\n", "noBreakHyphen": "-", "sym": _symbol(node),
                "br": "\n" if node.get(W + "type") in (None, "textWrapping") else ""
                }.get(name, "")  # fmt: skip

    def _note(self, number: str) -> str:
        count = self.notes_seen.setdefault(number, len(self.notes_seen) + 1)
        return str(count).translate(RAISED)

    def _table(self, node: Any) -> Iterator[Passage | DocumentTable]:
        """A table, then what stands inside its cells as tables of their own; a frame of one column
        is what it holds."""
        rows = [list(self._row(row)) for row in _through(node, "tr") if not self._deleted(row)]
        if max((start + span for row in rows for start, span, _ in row), default=0) <= 1:
            for row in rows:
                for *_, cell in row:
                    yield from self.blocks(cell)
            return
        self.tables += 1
        name = f"表{self.tables}"
        inner: list[Any] = []
        yield DocumentTable(self._grid(name, rows, inner))
        for table in inner:
            yield from self._table(table)

    def _deleted(self, row: Any) -> bool:
        gone = row.find(f"{W}trPr/{W}del") is not None
        self.counts["del"] += gone
        return gone

    def _row(self, row: Any) -> Iterator[tuple[int, int, Any]]:
        """Cells of a row with their first column (from 0) and the columns they span."""
        column = int(_value(row.find(W + "trPr"), "gridBefore") or 0)
        for cell in _through(row, "tc"):
            span = max(1, min(int(_value(cell.find(W + "tcPr"), "gridSpan") or 1), 200))
            yield column, span, cell
            column += span

    def _grid(self, name: str, rows: list[Any], inner: list[Any]) -> Grid:
        cells: dict[Place, Printed] = {}
        merged: list[tuple[int, int, int, int]] = []
        above: dict[tuple[int, int], tuple[int, int, int, int]] = {}
        for r, row in enumerate(rows, 1):
            open_areas = {}
            for column, span, cell in row:
                self._count()
                place, area = (column, span), (r, column + 1, r, column + span)
                if place in above and _goes_on(cell):
                    area = (*above[place][:3][:2], r, column + span)
                else:
                    text = self._cell(cell, inner)
                    if text:
                        cells[r, column + 1] = Printed(text)
                open_areas[place] = area
                merged = [m for m in merged if m[:2] != area[:2]]
                if area[:2] != area[2:]:
                    merged.append(area)
            above = open_areas
        return Grid(name, cells, tuple(merged))

    def _count(self) -> None:
        self.cells += 1
        if self.cells > CELLS:
            raise ProblemError.of("too_large", self.name, "表格单元格过多", f"不超过{CELLS}个")

    def _cell(self, cell: Any, inner: list[Any]) -> str:
        if cell.find(f"{W}tcPr/{W}cellDel") is not None:
            self.counts["del"] += 1
            return ""
        texts = []
        for node in _paragraphs(cell):
            if node.tag == W + "tbl":
                inner.append(node)
                continue
            boxes: list[Any] = []
            texts.append(self._numbered(node, self._text(node, boxes)))
            texts += [b.text for box in boxes for b in self.blocks(box) if isinstance(b, Passage)]
        return "\n".join(text for text in texts if text.strip()).rstrip()


def _paragraphs(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables of a cell, through controls and insertions."""
    for node in parent:
        if node.tag in (W + "p", W + "tbl"):
            yield node
        elif node.tag in _THROUGH:
            yield from _paragraphs(node)


def _through(parent: Any, name: str) -> Iterator[Any]:
    """Rows or cells below a node, through controls around them."""
    for node in parent:
        if node.tag == W + name:
            yield node
        elif node.tag in _THROUGH:
            yield from _through(node, name)


def _goes_on(cell: Any) -> bool:
    """Whether a cell continues the one above it."""
    merge = cell.find(f"{W}tcPr/{W}vMerge")
    return merge is not None and merge.get(W + "val") != "restart"


def _outermost(node: Any) -> list[Any]:
    """Text boxes below a node, those inside another left to it."""
    if node.tag == _BOX:
        return [node]
    if node.tag == _MC + "AlternateContent":
        node = _chosen(node)
    return [box for child in node for box in _outermost(child)]


def _chosen(node: Any) -> Any:
    """What of two forms of the same thing is read: the first, never both."""
    choice = node.find(_MC + "Choice")
    fallback = node.find(_MC + "Fallback")
    return choice if choice is not None else fallback if fallback is not None else ()


def _symbol(node: Any) -> str:
    code = int(node.get(W + "char") or "0", 16)
    return "" if 0xE000 <= code <= 0xF8FF else chr(code) if code else ""


def _value(node: Any, name: str) -> str:
    found = None if node is None else node.find(W + name)
    return "" if found is None else found.get(W + "val") or ""


def _is_on(node: Any, name: str) -> bool:
    found = None if node is None else node.find(W + name)
    return found is not None and found.get(W + "val") not in ("0", "false", "off")
