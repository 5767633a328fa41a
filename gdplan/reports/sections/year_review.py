"""Sections of the annual report: warnings first, the year's results, what the next year has to
bring. Rendered from assessment rows alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from gdplan.model import Attribute, Level, Verdict
from gdplan.page import chinese as w
from gdplan.page.blocks import Align, Column, Heading, Paragraph, Section, Table, part_name, table
from gdplan.page.language import Language
from gdplan.reports.sections.chances import LIKELY, chance
from gdplan.reports.sections.changes import earlier

if TYPE_CHECKING:
    from gdplan.assessment.judgement import Judgement
    from gdplan.reports.evaluation import Evaluation

SHOWN = (Level.RED, Level.ORANGE, Level.YELLOW, Level.GREEN, Level.GREY)
RAISED = SHOWN[:3]


def warnings(evaluation: Evaluation) -> Section:
    """预警: the lights of METHOD 6, the raised ones with their reasons, and what changed since the
    previous run."""
    say, rows = evaluation.say, evaluation.rows
    raised = [r for level in RAISED for r in rows if r.level == level]
    lead = say("warnings.lead" if raised else "warnings.none", n=len(raised))
    return Section.of(
        Heading(say("heading.warnings"), 2),
        Paragraph(lead),
        _counts(rows, say),
        _raised(raised, say) if raised else None,
        _changed(evaluation),
    )


def results(evaluation: Evaluation) -> Section:
    """年度目标完成情况: the year's figure against the year's target and, apart from it, the value
    against the plan's schedule (METHOD 4.3)."""
    say, rows, year = evaluation.say, evaluation.rows, evaluation.year
    judged = [r for r in rows if r.verdict != Verdict.NOT_ASSESSABLE]
    targeted = [r for r in rows if r.annual_target_raw]
    met = sum(r.annual_verdict == Verdict.COMPLETED for r in targeted)
    told = say("results.lead" if targeted else "results.none", year=year, n=len(targeted), met=met)
    return Section.of(
        Heading(say("heading.results"), 2),
        Paragraph(told),
        _annual_table(targeted, year, say) if targeted else None,
        _schedule_table(judged, say) if judged else Paragraph(say("results.nothing", year=year)),
    )


def proposals(evaluation: Evaluation) -> Section:
    """下一年度目标建议: what each indicator needs in the next year to arrive in time.

    Rounded to the digits of its figures towards the target, so that the path suffices.
    """
    say, rows, year = evaluation.say, evaluation.rows, evaluation.year
    head = Heading(say("heading.proposals"), 2)
    target_year = evaluation.plan.target_year
    if year >= target_year:
        return Section.of(head, Paragraph(say("proposals.over")))
    open_ones = [r for r in rows if not math.isnan(r.next_target)]
    if not open_ones:
        return Section.of(head, Paragraph(say("proposals.none")))
    columns = (
        Column(say("progress.no"), "center", "indicator"),
        Column(say("progress.name"), "left", "name"),
        Column(say("progress.unit"), "center", "unit"),
        Column(say("progress.value"), "right", "value"),
        Column(say("problems.achieved"), "right", "achieved"),
        Column(say("progress.target", year=target_year), "right", "target"),
        Column(say("proposals.next", year=year + 1), "right", "next_target"),
    )
    cells = (
        (
            r.indicator, part_name(r, say), r.unit, say.words.value_text(r),
            w.rounded(r.achieved, max(w.decimals_of(r), 1)), say.words.cell(r.target_raw),
            next_text(r, say),
        )
        for r in open_ones
    )  # fmt: skip
    shown = table(say("proposals.caption"), columns, open_ones, cells, "wide")
    note = Paragraph(say("proposals.note"), "note")
    return Section.of(head, Paragraph(say("proposals.lead")), shown, note)


def next_text(row: Judgement, say: Language) -> str:
    """The proposed figure, and whether it is the year's own or to be held or reached."""
    digits = max(w.decimals_of(row), w.digits(row.target_raw))
    number = towards(row.next_target, digits, row.direction)
    if row.kind.accumulates:
        return say("proposals.flow", number=number)
    return say("proposals.hold" if row.met else "proposals.reach", number=number)


def towards(x: float, decimals: int, direction: float) -> str:
    """A number rounded so that reaching it is enough: up where larger is better, else down.

    Examples
    --------
    >>> towards(69.181, 2, 1), towards(4.449, 1, -1), towards(0.1 + 0.2, 1, 1)
    ('69.19', '4.4', '0.3')
    """
    step = Decimal(1).scaleb(-decimals)
    exact = Decimal(repr(float(x))).quantize(step.scaleb(-6), ROUND_HALF_UP)
    way = {1: ROUND_CEILING, -1: ROUND_FLOOR}.get(int(direction), ROUND_HALF_UP)
    return f"{exact.quantize(step, way):f}"


def why(row: Judgement, say: Language) -> str:
    """Why a light is raised, in words."""
    if row.verdict in (Verdict.REVERSED, Verdict.MISSED):
        return say.words.verdict_word(row.verdict)
    parts = []
    if row.pace < 1:
        parts.append(say("warnings.pace", pace=w.rounded(row.pace, 2)))
    if row.annual_completion < 1:
        parts.append(say("warnings.year", share=w.percent(row.annual_completion)))
    if row.reach < LIKELY:
        parts.append(say("warnings.chance", chance=chance(row, say)))
    if row.attribute == Attribute.BINDING:
        parts.append(say("warnings.binding"))
    return say("join.clause").join(parts)


def _counts(rows: Sequence[Judgement], say: Language) -> Table:
    groups = [(say.words.term(a), [r for r in rows if r.attribute == a]) for a in Attribute]
    groups = [(name, inside) for name, inside in groups if inside]
    body = []
    for name, inside in [*groups, (say("counts.total"), list(rows))]:
        count = Counter(r.level for r in inside)
        body.append((name, *(str(count[level]) for level in SHOWN), str(len(inside))))
    names = (say(f"level.{level.name.lower()}") for level in SHOWN)
    header = (say("counts.attribute"), *names, say("counts.total"))
    right: Align = "right"
    return Table(
        say("warnings.counts"), header, tuple(body), ("left", *(right for _ in header[1:]))
    )


def _raised(rows: Sequence[Judgement], say: Language) -> Table:
    columns = (
        Column(say("progress.no"), "center", "indicator"),
        Column(say("progress.name"), "left", "name"),
        Column(say("progress.attribute"), "center", "attribute"),
        Column(say("warnings.level"), "center", "level"),
        Column(say("problems.reason"), "left", "reason"),
        Column(say("problems.required"), "right", "required"),
        Column(say("problems.department"), "left", "department"),
    )
    cells = (
        (
            r.indicator, part_name(r, say), say.words.term(r.attribute),
            _light(r.level, say), why(r, say), _needed(r, say), r.department,
        )
        for r in rows
    )  # fmt: skip
    return table(say("warnings.caption"), columns, rows, cells)


def _needed(row: Judgement, say: Language) -> str:
    if math.isnan(row.required) or row.kind.parts:
        return w.EMPTY
    sign = "-" if row.required < 0 else ""
    return sign + say.words.change(row.required, row.unit, max(w.decimals_of(row), 1))


def _light(level: str, say: Language) -> str:
    return say(f"level.{Level(level).name.lower()}")


def _changed(evaluation: Evaluation) -> Paragraph | Table | None:
    """Lights that are not those of the previous run."""
    if not evaluation.previous:
        return None
    say, before = evaluation.say, evaluation.once(earlier)
    if set(before["region"]) != {evaluation.region}:
        return Paragraph(say("changes.incomparable"), "note")
    lights = dict(zip(before["indicator"].astype(str), before["level"], strict=True))
    moved = [r for r in evaluation.rows if lights.get(r.indicator, r.level) != r.level]
    if not moved:
        return Paragraph(say("warnings.same"))
    columns = (
        Column(say("progress.no"), "center", "indicator"),
        Column(say("progress.name"), "left", "name"),
        Column(say("warnings.before"), "center", "-"),
        Column(say("warnings.after"), "center", "level"),
    )
    cells = (
        (r.indicator, part_name(r, say), _light(lights[r.indicator], say),
         _light(r.level, say))
        for r in moved
    )  # fmt: skip
    return table(say("warnings.changes"), columns, moved, cells)


def _annual_table(rows: Sequence[Judgement], year: int, say: Language) -> Table:
    columns = (
        Column(say("progress.no"), "center", "indicator"),
        Column(say("progress.name"), "left", "name"),
        Column(say("progress.unit"), "center", "unit"),
        Column(say("results.target", year=year), "right", "annual_target"),
        Column(say("results.value", year=year), "right", "annual_value"),
        Column(say("results.completion"), "right", "annual_completion"),
        Column(say("progress.verdict"), "left", "annual_verdict"),
        Column(say("results.source"), "left", "annual_source"),
    )
    cells = (
        (
            r.indicator, part_name(r, say), r.unit,
            say.words.cell(r.annual_target_raw), _year_value(r),
            # A cap has no percentage; the light knows its ratio.
            w.percent(r.annual_completion) if r.direction > 0 else w.EMPTY,
            say.words.verdict_word(Verdict(r.annual_verdict)) if r.annual_verdict
            else say("results.missing"), r.annual_source,
        )
        for r in rows
    )  # fmt: skip
    return table(say("results.caption"), columns, rows, cells, "wide")


def _year_value(row: Judgement) -> str:
    """The year's own figure as printed."""
    mine = [f for f in row.history if f.year == row.year and f.period != "ytd"]
    return w.figure_text(mine[-1]) if mine else w.EMPTY


def _schedule_table(rows: Sequence[Judgement], say: Language) -> Table:
    columns = (
        Column(say("progress.no"), "center", "indicator"),
        Column(say("progress.name"), "left", "name"),
        Column(say("progress.unit"), "center", "unit"),
        Column(say("results.due"), "right", "scheduled"),
        Column(say("progress.value"), "right", "value"),
        Column(say("progress.data_date"), "center", "data_year"),
        Column(say("progress.pace"), "right", "pace"),
        Column(say("progress.verdict"), "left", "verdict"),
        Column(say("warnings.level"), "center", "level"),
    )
    cells = (
        (
            r.indicator, part_name(r, say), r.unit,
            w.rounded(r.scheduled, max(w.decimals_of(r), w.digits(r.target_raw))),
            say.words.value_text(r), say.words.data_date(r), w.rounded(r.pace, 2),
            say.words.verdict_text(r, dated=False), _light(r.level, say),
        )
        for r in rows
    )  # fmt: skip
    return table(say("results.schedule"), columns, rows, cells, "wide")
