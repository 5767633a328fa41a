"""A document as it reads: paragraphs and tables in their order, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from gdplan.files.grid import Grid


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph as printed, its own number included, and its page (0 where there are none)."""

    text: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class DocumentTable:
    """A table as printed; the grid is called 表1, 表2 by its order, ``pages`` says the page of each
    of its rows (empty where there are none)."""

    grid: Grid
    pages: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """Number of columns."""
        ends = [right for *_, right in self.grid.merged]
        return max([*(column for _, column in self.grid.cells), *ends], default=0)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return max([self.grid.rows, *(bottom for _, _, bottom, _ in self.grid.merged)])

    def cells(self, row: int) -> tuple[str, ...]:
        """A row from 1 as printed, in one line; a merged cell speaks for all it covers."""
        texts = (self.grid.at(row, column).text for column in range(1, self.width + 1))
        return tuple(one_line(text).replace("\t", " ") for text in texts)

    def place(self, row: int) -> str:
        """``表2第5行``, with its page where pages are known."""
        page = self.pages[row - 1] if row <= len(self.pages) else 0
        return f"{_page(page)}{self.grid.name}第{row}行"


@dataclass(frozen=True, eq=False)
class Document:
    """A document by its file's name; ``remarks`` tell what of it was decided while reading
    (accepted revisions, joined pages)."""

    name: str
    blocks: tuple[Passage | DocumentTable, ...]
    remarks: tuple[str, ...] = field(default=())
    plain: bool = False
    """Whether it was plain text, whose lines are its places and whose tables are found by shape."""

    @cached_property
    def _laid_out(self) -> tuple[tuple[str, str], ...]:
        lines: list[tuple[str, str]] = []
        for block in self.blocks:
            if isinstance(block, Passage):
                pieces = [block.text] if self.plain else block.text.split("\n")
                lines += [(piece, _page(block.page)) for piece in pieces]
            else:
                lines += [("\t".join(block.cells(r)), block.place(r))
                          for r in range(1, block.rows + 1)]  # fmt: skip
        return tuple(lines)

    @property
    def lines(self) -> tuple[str, ...]:
        """The document as lines: a paragraph each, and a row of a table with tabs between."""
        return tuple(line for line, _ in self._laid_out)

    @property
    def text(self) -> str:
        """All lines as one text."""
        return "\n".join(self.lines)

    def place(self, line: int) -> str:
        """Where a line from 1 stands: ``plan.txt:12``, ``plan.docx 表2第5行``, ``第3页``."""
        if self.plain or not 1 <= line <= len(self._laid_out):
            return f"{self.name}:{line}"
        where = self._laid_out[line - 1][1]
        return f"{self.name} {where or f'第{line}段'}"


def one_line(text: str) -> str:
    """Lines of a cell as one; between Chinese letters a line ends without a blank.

    Examples
    --------
    >>> one_line("职业技能\\n等级证书"), one_line("3.5\\n4.0")
    ('职业技能等级证书', '3.5 4.0')
    """
    return re.sub(r"(?<![0-9A-Za-z.%])\s*\n\s*|\s*\n\s*(?![0-9A-Za-z.%])", "", text).replace(
        "\n", " "
    )


_ENDED = re.compile(
    r"[。；：！？;:!?]\s*$|^\s*(?:第[一二三四五六七八九十百]+[章节篇]|[一二三四五六七八九十]+、).{0,30}$"
)


def unbroken(text: str) -> str:
    """A paragraph whose lines were broken by hand inside a sentence, as one line again."""
    joined: list[str] = []
    for line in text.split("\n"):
        if joined and not _ENDED.search(joined[-1]):
            joined[-1] = one_line(f"{joined[-1]}\n{line}")
        else:
            joined.append(line)
    return "\n".join(joined)


def of_text(text: str, name: str = "plan.txt") -> Document:
    """A plain text as a document, one passage a line."""
    return Document(name, tuple(Passage(line) for line in text.splitlines()), plain=True)


def _page(page: int) -> str:
    return f"第{page}页" if page else ""
