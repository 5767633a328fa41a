"""What a notebook cell shows: headings, paragraphs, tables and charts as HTML blocks.

Every text is escaped here and nowhere else, so that a name with ``<script>`` or ``|`` arrives
as text in every format.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal, NamedTuple

from gdplan.model import Verdict

if TYPE_CHECKING:
    import pandas as pd

    from gdplan.page.evaluated import Judged
    from gdplan.page.language import Language

Align = Literal["left", "right", "center"]
MIME_START, MIME_END = "application/vnd.gdplan.", "+csv"
"""Around the name of a table that a notebook hands to the runner."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 4, numbered when the report is put together; ``role`` annex counts
    apart."""

    text: str
    level: int = 3
    role: str = ""

    def html(self) -> str:
        """The block as HTML."""
        role = f' class="{escape(self.role)}"' if self.role else ""
        return f"<h{self.level}{role}>{escape(self.text)}</h{self.level}>"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``role`` becomes its class.

    ``note`` and ``warning`` stand out, ``place`` is left for the office's own words, ``subtitle``
    belongs on the cover.
    """

    text: str
    role: str = ""

    def html(self) -> str:
        """The block as HTML."""
        text = escape(self.text)
        if not self.role:
            return f"<p>{text}</p>"
        return f'<div class="{escape(self.role)}"><p>{text}</p></div>'


@dataclass(frozen=True, slots=True)
class Items:
    """A list of sentences, each with the text of its footnote or none."""

    texts: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def html(self) -> str:
        """The block as HTML."""
        notes = self.notes or ("",) * len(self.texts)
        pairs = zip(self.texts, notes, strict=True)
        return "<ul>" + "".join(f"<li>{escape(t)}{_footnote(n)}</li>" for t, n in pairs) + "</ul>"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of display texts: one header row, one alignment per column, a caption.

    ``columns`` names the field of the assessment that each column shows and ``keys`` the
    indicator of each row, so that a printed number can be traced; ``role`` wide asks for a page
    on its side.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: tuple[Align, ...]
    role: str = ""
    columns: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def html(self) -> str:
        """The block as HTML."""
        head = "".join(_cell("th", t, a) for t, a in zip(self.header, self.align, strict=True))
        keys = self.keys or ("",) * len(self.rows)
        body = "".join(
            f"<tr{_data('key', key)}>"
            + "".join(_cell("td", t, a) for t, a in zip(row, self.align, strict=True))
            + "</tr>"
            for key, row in zip(keys, self.rows, strict=True)
        )
        role = f' class="{escape(self.role)}"' if self.role else ""
        return (
            f"<table{role}{_data('columns', ' '.join(self.columns))}>"
            f"<caption>{escape(self.caption)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def _cell(tag: str, text: str, align: Align) -> str:
    return f'<{tag} style="text-align: {align}">{escape(text)}</{tag}>'


def _data(name: str, value: str) -> str:
    return f' data-{name}="{escape(value)}"' if value else ""


def _footnote(text: str) -> str:
    return f'<span class="footnote">{escape(text)}</span>' if text else ""


Block = Heading | Paragraph | Items | Table


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks in reading order; a notebook shows them as HTML."""

    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, *blocks: Block | None | Sequence[Block]) -> Section:
        """A section of the given blocks; None is skipped, sequences are laid flat."""
        flat: list[Block] = []
        for block in blocks:
            if isinstance(block, (Heading, Paragraph, Items, Table)):
                flat.append(block)
            elif block is not None:
                flat.extend(block)
        return cls(tuple(flat))

    @property
    def text(self) -> str:
        """All running text, one block a line, without the tables."""
        lines: list[str] = []
        for block in self.blocks:
            if isinstance(block, Items):
                lines.extend(block.texts)
            elif not isinstance(block, Table):
                lines.append(block.text)
        return "\n".join(lines)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables in reading order."""
        return tuple(block for block in self.blocks if isinstance(block, Table))

    def _repr_html_(self) -> str:
        return "\n".join(block.html() for block in self.blocks)


MIDTERM_VERDICTS = (
    Verdict.ACHIEVED_EARLY, Verdict.HELD, Verdict.AHEAD, Verdict.ON_TRACK, Verdict.BEHIND,
    Verdict.REVERSED, Verdict.NOT_ASSESSABLE,
)  # fmt: skip
FINAL_VERDICTS = (
    Verdict.EXCEEDED, Verdict.COMPLETED, Verdict.NEARLY, Verdict.MISSED, Verdict.NOT_ASSESSABLE,
)  # fmt: skip


class Column(NamedTuple):
    """A column of a table: its header, its alignment, and the field of the assessment it shows."""

    header: str
    align: Align
    field: str


def is_final(verdicts: Iterable[str]) -> bool:
    """Whether verdicts were given by the final rule table."""
    return any(verdict in FINAL_VERDICTS[:-1] for verdict in verdicts)


def verdicts_of(verdicts: Iterable[str]) -> tuple[Verdict, ...]:
    """The verdicts that the rule table behind some of them can give, best first."""
    return FINAL_VERDICTS if is_final(verdicts) else MIDTERM_VERDICTS


def names(rows: Iterable[Judged], say: Language) -> str:
    """The indicators' names as a list in running text."""
    return say("join.list").join(r.name for r in rows)


def table(
    caption: str, columns: Sequence[Column], rows: Sequence[Judged],
    cells: Iterable[tuple[str, ...]], role: str = "",
) -> Table:  # fmt: skip
    """A table with one row per assessment row, traceable by indicator and field."""
    return Table(
        caption,
        tuple(c.header for c in columns),
        tuple(cells),
        tuple(c.align for c in columns),
        role,
        tuple(c.field or "-" for c in columns),
        tuple(r.indicator for r in rows),
    )


def part_name(row: Judged, say: Language) -> str:
    """The name in a table: parts are marked 其中."""
    return say("progress.part", name=row.name) if row.part_of else row.name


class Export:
    """A frame that a notebook hands to the runner: it becomes ``<name>.csv``, if it has rows."""

    def __init__(self, name: str, frame: pd.DataFrame | None) -> None:
        self.name = name
        self.size = 0 if frame is None else len(frame)
        self.csv: str = "" if frame is None else frame.to_csv(index=False, lineterminator="\n")

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        plain = {"text/plain": f"{self.name}.csv: {self.size} rows"}
        return {f"{MIME_START}{self.name}{MIME_END}": self.csv, **plain} if self.size else plain
