"""Sections of the annual report: warnings first, the year's results, what the next year has to
bring. Rendered from assessment rows alone.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from operator import attrgetter
from typing import TYPE_CHECKING

from gdplan.model import Attribute, Level, Verdict
from gdplan.page import chinese as w
from gdplan.page.blocks import Heading, Paragraph, Section, Table
from gdplan.page.language import Language
from gdplan.reports.sections.chances import LIKELY, chance
from gdplan.reports.sections.changes import earlier
from gdplan.reports.sections.columns import Shown, by_attribute, counted, light, listing

if TYPE_CHECKING:
    from gdplan.assessment.judgement import Judgement
    from gdplan.reports.evaluation import Evaluation

SHOWN = (Level.RED, Level.ORANGE, Level.YELLOW, Level.GREEN, Level.GREY)
RAISED = SHOWN[:3]


def worst(row: Judgement) -> Level:
    """The graver of the plan's light and the year's."""
    return min(row.level, row.year_level, key=SHOWN.index)


def warnings(evaluation: Evaluation) -> Section:
    """预警: the lights of METHOD 6, the raised ones with their reasons, and what changed since the
    previous run."""
    say, rows = evaluation.say, evaluation.rows
    raised = [r for level in RAISED for r in rows if worst(r) == level]
    lead = say("warnings.lead" if raised else "warnings.none", n=len(raised))
    return Section.of(
        Heading(say("heading.warnings"), 2),
        Paragraph(lead),
        counted(say("warnings.counts"), say("counts.attribute"), by_attribute(rows, say),
                {level: light(level, say) for level in SHOWN}, attrgetter("level"), say),
        listing(evaluation, "warnings.caption", LIGHTS, raised, own=OWN) if raised else None,
        _changed(evaluation),
    )  # fmt: skip


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
        listing(evaluation, "results.caption", RESULTS, targeted, own=OWN, role="wide")
        if targeted else None,
        listing(evaluation, "results.schedule", SCHEDULE, judged, own=OWN, role="wide")
        if judged else Paragraph(say("results.nothing", year=year)),
    )  # fmt: skip


def proposals(evaluation: Evaluation) -> Section:
    """下一年度目标建议: what each indicator needs in the next year to arrive in time.

    Rounded to the digits of its figures towards the target, so that the path suffices.
    """
    say, rows, year = evaluation.say, evaluation.rows, evaluation.year
    head = Heading(say("heading.proposals"), 2)
    if year >= evaluation.plan.target_year:
        return Section.of(head, Paragraph(say("proposals.over")))
    open_ones = [r for r in rows if not math.isnan(r.next_target)]
    if not open_ones:
        return Section.of(head, Paragraph(say("proposals.none")))
    shown = listing(evaluation, "proposals.caption", PROPOSALS, open_ones, own=OWN, role="wide")
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
    parts = []
    if row.verdict in (Verdict.REVERSED, Verdict.MISSED):
        parts.append(say.words.verdict_word(row.verdict))
    elif row.verdict == Verdict.BEHIND:
        parts.append(say("warnings.pace", pace=w.rounded(row.pace, 2)))
    if row.year_level in RAISED:
        parts.append(say("warnings.year", share=w.completion_text(row.annual_completion, say)))
    if row.reach < LIKELY and row.level in RAISED:
        parts.append(say("warnings.chance", chance=chance(row, say)))
    if row.attribute == Attribute.BINDING and row.verdict == Verdict.BEHIND:
        parts.append(say("warnings.binding"))
    return say("join.clause").join(parts)


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
    own = {
        "before": Shown("warnings.before", "center", "-",
                        lambda r, say: light(lights[r.indicator], say)),
        "after": Shown("warnings.after", "center", "level", lambda r, say: light(r.level, say)),
    }  # fmt: skip
    return listing(evaluation, "warnings.changes", "no part before after", moved, own=own)


def _year_value(row: Judgement, say: Language) -> str:
    """The year's own figure as printed, or that of its part so far."""
    mine = [f for f in row.history if f.year == row.year and f.period != "ytd"]
    if mine or row.annual_share == 1 or math.isnan(row.annual_value):
        return w.figure_text(mine[-1]) if mine else w.EMPTY
    return say("results.to_month", figure=f"{row.annual_value:.12g}",
               month=int(row.annual_month))  # fmt: skip


def _completed(row: Judgement, say: Language) -> str:
    """The year's completion; a cap has no percentage, the light knows its ratio."""
    return w.completion_text(row.annual_completion, say) if row.direction > 0 else w.EMPTY


def _year_verdict(row: Judgement, say: Language) -> str:
    verdict = row.annual_verdict
    return say.words.verdict_word(Verdict(verdict)) if verdict else say("results.missing")


def _due(row: Judgement, _: Language) -> str:
    return w.rounded(row.scheduled, max(w.decimals_of(row), w.digits(row.target_raw)))


LIGHTS = "no part attribute level year_level why required department"
RESULTS = "no part unit year_target year_value completion year_verdict source"
SCHEDULE = "no part unit due value date pace verdict_alone level"
PROPOSALS = "no part unit value achieved_alone target next"
OWN = {
    "why": Shown("problems.reason", "left", "reason", why),
    "next": Shown("proposals.next", "right", "next_target", next_text, lambda e: e.year + 1),
    "year_target": Shown("results.target", "right", "annual_target",
                         lambda r, say: say.words.cell(r.annual_target_raw)),
    "year_value": Shown("results.value", "right", "annual_value", _year_value),
    "completion": Shown("results.completion", "right", "annual_completion", _completed),
    "year_verdict": Shown("progress.verdict", "left", "annual_verdict", _year_verdict),
    "source": Shown("results.source", "left", "annual_source", lambda r, _: r.annual_source),
    "due": Shown("results.due", "right", "scheduled", _due),
}  # fmt: skip
