"""The columns of the tables of indicators, each said once: header, alignment, field and text."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from gdplan.model import Attribute, Level
from gdplan.page import chinese as w
from gdplan.page.blocks import Align, Column, Table, part_name, table
from gdplan.page.language import Language

if TYPE_CHECKING:
    from gdplan.assessment.judgement import Judgement
    from gdplan.reports.evaluation import Evaluation


@dataclass(frozen=True, slots=True)
class Shown:
    """A column: key of its header, alignment, field of the assessment, what a cell of it says, and
    which year the header names."""

    word: str
    align: Align
    field: str
    text: Callable[[Judgement, Language], str]
    year: Callable[[Evaluation], int] = attrgetter("year")


def yearly(row: Judgement, column: str, say: Language) -> str:
    """A yearly amount, required or achieved so far."""
    amount: float = getattr(row, column)
    if math.isnan(amount) or row.kind.parts:
        return w.EMPTY
    decimals = max(w.decimals_of(row), 1)
    if row.kind.yearly or row.kind.accumulates:
        return say.words.amount(amount, row.unit, decimals)
    sign = "-" if w.rounded(amount, decimals).startswith("-") else ""
    return sign + say.words.change(amount, row.unit, decimals)


def gap_text(row: Judgement, say: Language) -> str:
    """How far the value is from its target."""
    unit = "%" if row.kind.parts else row.unit
    return say.words.change(row.gap, unit, max(w.decimals_of(row), 1))


def light(level: str, say: Language) -> str:
    """The word for a warning light."""
    return say(f"level.{Level(level).name.lower()}")


def per_year(row: Judgement, x: float) -> str:
    """A number that follows from figures, with one digit more than theirs at least."""
    return w.rounded(x, max(w.decimals_of(row), 1))


BASE_YEAR, TARGET_YEAR = attrgetter("plan.base_year"), attrgetter("plan.target_year")
COLUMNS: Mapping[str, Shown] = {
    "no": Shown("progress.no", "center", "indicator", lambda r, _: r.indicator),
    "name": Shown("progress.name", "left", "name", lambda r, _: r.name),
    "part": Shown("progress.name", "left", "name", part_name),
    "unit": Shown("progress.unit", "center", "unit", lambda r, _: r.unit),
    "attribute": Shown("progress.attribute", "center", "attribute",
                       lambda r, say: say.words.term(r.attribute)),
    "base": Shown("progress.base", "right", "base",
                  lambda r, say: say.words.cell(r.base_raw), BASE_YEAR),
    "target": Shown("progress.target", "right", "target",
                    lambda r, say: say.words.cell(r.target_raw), TARGET_YEAR),
    "value": Shown("progress.value", "right", "value", lambda r, say: say.words.value_text(r)),
    "date": Shown("progress.data_date", "center", "data_year",
                  lambda r, say: say.words.data_date(r)),
    "pace": Shown("progress.pace", "right", "pace", lambda r, _: w.rounded(r.pace, 2)),
    "verdict": Shown("progress.verdict", "left", "verdict",
                     lambda r, say: say.words.verdict_text(r)),
    "verdict_alone": Shown("progress.verdict", "left", "verdict",
                           lambda r, say: say.words.verdict_text(r, dated=False)),
    "level": Shown("warnings.level", "center", "level", lambda r, say: light(r.level, say)),
    "year_level": Shown("warnings.year_level", "center", "year_level",
                        lambda r, say: w.EMPTY if r.year_level == Level.GREY
                        else light(r.year_level, say)),
    "gap": Shown("problems.gap", "right", "gap", gap_text),
    "required": Shown("problems.required", "right", "required",
                      lambda r, say: yearly(r, "required", say)),
    "achieved": Shown("problems.achieved", "right", "achieved",
                      lambda r, say: yearly(r, "achieved", say)),
    "achieved_alone": Shown("problems.achieved", "right", "achieved",
                            lambda r, _: per_year(r, r.achieved)),
    "department": Shown("problems.department", "left", "department", lambda r, _: r.department),
    "reason": Shown("problems.reason", "left", "reason", lambda r, say: say.words.reason_text(r)),
}  # fmt: skip
"""The columns that several tables share."""


def listing(
    evaluation: Evaluation, caption: str, columns: str, rows: Sequence[Judgement], *,
    own: Mapping[str, Shown] | None = None, role: str = "", **facts: Any,
) -> Table:  # fmt: skip
    """A table of indicators, one row each: the caption's key with its facts, and the names of the
    columns, common or the section's own, by blanks."""
    say, known = evaluation.say, {**COLUMNS, **(own or {})}
    chosen = [known[name] for name in columns.split()]
    heads = [Column(say(c.word, year=c.year(evaluation)), c.align, c.field) for c in chosen]
    cells = (tuple(c.text(row, say) for c in chosen) for row in rows)
    return table(say(caption, **facts), heads, rows, cells, role)


def counted(
    caption: str, head: str, groups: Iterable[tuple[str, Sequence[Judgement]]],
    words: Mapping[Any, str], of: Callable[[Judgement], Any], say: Language,
) -> Table:  # fmt: skip
    """How many rows of each group are one thing or another, in words, and of all together."""
    filled = [(name, inside) for name, inside in groups if inside]
    everything = [row for _, inside in filled for row in inside]
    body = tuple(
        (name, *(str(sum(of(row) == each for row in inside)) for each in words), str(len(inside)))
        for name, inside in [*filled, (say("counts.total"), everything)]
    )
    header = (head, *words.values(), say("counts.total"))
    right: Align = "right"
    return Table(caption, header, body, ("left", *(right for _ in header[1:])))


def by_attribute(rows: Sequence[Judgement], say: Language) -> list[tuple[str, list[Judgement]]]:
    """The rows by whether they bind, under the words for it."""
    return [(say.words.term(a), [r for r in rows if r.attribute == a]) for a in Attribute]
