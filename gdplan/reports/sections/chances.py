"""达标前景: where every indicator is heading, how surely, how likely its target is (METHOD 5)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gdplan.model import Plan, Reason
from gdplan.page import chinese as w
from gdplan.page.blocks import Column, Heading, Items, Paragraph, Section, Table, part_name, table
from gdplan.page.language import Language

if TYPE_CHECKING:
    from gdplan.assessment.judgement import Judgement
    from gdplan.reports.evaluation import Evaluation

LIKELY = 0.5
NAMED = 10
"""More indicators without a chance for one reason are counted, not named."""


def chances(evaluation: Evaluation) -> Section:
    """The section, from the judgements' ``outlook`` and ``reach``; empty when no year is left."""
    say, rows, plan = evaluation.say, evaluation.rows, evaluation.plan
    if all(r.reach_reason == Reason.NO_YEARS_LEFT for r in rows if not math.isnan(r.value)):
        return Section(())
    known = [r for r in rows if not math.isnan(r.reach)]
    return Section.of(
        Heading(say("heading.chances"), 2),
        Paragraph(_lead(plan, rows, known, say)),
        _table(plan, known, say) if known else None,
        _untold(rows, say),
        Paragraph(say("chances.note"), "note") if known else None,
    )


def chance(row: Judgement, say: Language) -> str:
    """A chance in whole percent, its ends never as certain; of a start within limits both ends."""
    low, high = (say.chance(p) for p in (row.reach_low, row.reach_high))
    if low == high:
        return low
    plain = low[0] not in "<>" and high[0] not in "<>"
    return say("chances.between", low=low.rstrip("%") if plain else low, high=high)


def untold(reason: Reason, say: Language) -> str:
    """Why there is no chance, in words."""
    return w.reason_word(reason, say.code)


def _lead(plan: Plan, rows: Sequence[Judgement], known: Sequence[Judgement], say: Language) -> str:
    poor = [part_name(r, say) for r in known if r.reach < LIKELY]
    key = "chances.lead" if known else "chances.none"
    lead = say(key, n=len(rows), known=len(known), year=plan.target_year)
    if not known:
        return lead
    told = say("chances.poor" if poor else "chances.none_poor", n=len(poor),
               names=say("join.list").join(poor))  # fmt: skip
    return lead + told


def _table(plan: Plan, rows: Sequence[Judgement], say: Language) -> Table:
    columns = (
        Column(say("progress.no"), "center", "indicator"),
        Column(say("progress.name"), "left", "name"),
        Column(say("progress.unit"), "center", "unit"),
        Column(say("progress.value"), "right", "value"),
        Column(say("progress.target", year=plan.target_year), "right", "target"),
        Column(say("chances.median"), "right", "outlook"),
        Column(say("chances.interval"), "center", "outlook_low80"),
        Column(say("chances.chance"), "center", "reach"),
        Column(say("chances.points"), "center", "reach_n"),
    )
    cells = (
        (
            r.indicator, part_name(r, say), r.unit, say.words.value_text(r),
            say.words.cell(r.target_raw), _number(r, r.outlook),
            _range(r, say),
            chance(r, say), say("chances.graded", n=r.reach_n, grade=_grade(r, say)),
        )
        for r in rows
    )  # fmt: skip
    return table(say("chances.caption", year=plan.target_year), columns, rows, cells, "wide")


def _range(row: Judgement, say: Language) -> str:
    if math.isnan(row.outlook_low80):
        return w.EMPTY
    return say("chances.range", low=_number(row, row.outlook_low80),
               high=_number(row, row.outlook_high80))  # fmt: skip


def _number(row: Judgement, value: float) -> str:
    digits = max(w.decimals_of(row), w.digits(row.target_raw))
    return w.rounded(value, digits if abs(value) >= 1000 else max(digits, 1))


def _grade(row: Judgement, say: Language) -> str:
    return say("chances.thin" if row.reach_n < 7 else "chances.moderate")


def _untold(rows: Sequence[Judgement], say: Language) -> list[Paragraph | Items]:
    """Indicators without a chance, gathered by reason."""
    by: dict[Reason, list[str]] = {}
    for r in rows:
        if math.isnan(r.reach) and r.reach_reason:
            by.setdefault(r.reach_reason, []).append(part_name(r, say))
    texts = [
        say("chances.untold" if len(names) <= NAMED else "chances.untold_many",
            reason=untold(reason, say), n=len(names), names=say("join.list").join(names))
        for reason, names in by.items()
    ]  # fmt: skip
    return [Paragraph(say("chances.untold_lead")), Items(tuple(texts))] if texts else []
