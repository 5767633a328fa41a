"""达标前景: where every indicator is heading, how surely, how likely its target is (METHOD 5)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gdplan.model import Plan, Reason
from gdplan.outlook.projection import HELD, measured
from gdplan.page import chinese as w
from gdplan.page.blocks import Heading, Items, Paragraph, Section, part_name
from gdplan.page.language import Language
from gdplan.reports.sections.columns import Shown, listing

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
        listing(evaluation, "chances.caption", COLUMNS, known, own=OWN, role="wide",
                year=plan.target_year) if known else None,
        _untold(rows, say),
        Paragraph(_note(known, plan, say), "note") if known else None,
    )  # fmt: skip


def chance(row: Judgement, say: Language) -> str:
    """A chance in whole percent, its ends never as certain; of a start within limits both ends."""
    low, high = (say.chance(p) for p in (row.reach_low, row.reach_high))
    if low == high:
        return low
    plain = low[0] not in "<>≥≤" and high[0] not in "<>≥≤"
    return say("chances.between", low=low.rstrip("%") if plain else low, high=high)


def _note(known: Sequence[Judgement], plan: Plan, say: Language) -> str:
    """What was measured out of sample for the points that these chances rest on."""
    told = []
    for n in sorted({r.reach_n for r in known}):
        covered = measured(n)
        told.append(say("chances.measured", n=n, c80=w.percent(covered[0], 0),
                        c95=w.percent(covered[1], 0)))  # fmt: skip
    untested = [part_name(r, say) for r in known if r.calibrated is False]
    floor = any(r.met_at_base for r in known)
    few, rest = (say("chances.held", least=w.percent(least, 0), most=w.percent(most, 0))
                 for _, (least, most) in sorted(HELD.items()))  # fmt: skip
    text = say("chances.note", measured=say("join.clause").join(told), few=few, rest=rest,
               many=max(HELD))  # fmt: skip
    text += say("chances.floor", year=plan.target_year) if floor else ""
    if not untested:
        return text
    return text + say("chances.untested", names=say("join.list").join(untested))


def _lead(plan: Plan, rows: Sequence[Judgement], known: Sequence[Judgement], say: Language) -> str:
    poor = [part_name(r, say) for r in known if r.reach < LIKELY]
    key = "chances.lead" if known else "chances.none"
    lead = say(key, n=len(rows), known=len(known), year=plan.target_year)
    if not known:
        return lead
    told = say("chances.poor" if poor else "chances.none_poor", n=len(poor),
               names=say("join.list").join(poor))  # fmt: skip
    return lead + told


def _range(row: Judgement, say: Language) -> str:
    if math.isnan(row.outlook_low80):
        return w.EMPTY
    return say("chances.range", low=number(row, row.outlook_low80),
               high=number(row, row.outlook_high80))  # fmt: skip


def number(row: Judgement, value: float) -> str:
    """A projected value, with one digit more than figures and target where it is small."""
    digits = max(w.decimals_of(row), w.digits(row.target_raw))
    return w.rounded(value, digits if abs(value) >= 1000 else max(digits, 1))


def _points(row: Judgement, say: Language) -> str:
    grade = say("chances.thin" if row.reach_n < max(HELD) else "chances.moderate")
    return say("chances.graded", n=row.reach_n, grade=grade)


def _untold(rows: Sequence[Judgement], say: Language) -> list[Paragraph | Items]:
    """Indicators without a chance, gathered by reason."""
    by: dict[str, list[str]] = {}
    for r in rows:
        if math.isnan(r.reach) and r.reach_reason:
            reason = w.reason_word(r.reach_reason, say.code)
            by.setdefault(reason, []).append(part_name(r, say))
    texts = [
        say("chances.untold" if len(names) <= NAMED else "chances.untold_many",
            reason=reason, n=len(names), names=say("join.list").join(names))
        for reason, names in by.items()
    ]  # fmt: skip
    return [Paragraph(say("chances.untold_lead")), Items(tuple(texts))] if texts else []


COLUMNS = "no part unit value target median interval chance points"
OWN = {
    "median": Shown("chances.median", "right", "outlook", lambda r, _: number(r, r.outlook)),
    "interval": Shown("chances.interval", "center", "outlook_low80", _range),
    "chance": Shown("chances.chance", "center", "reach", chance),
    "points": Shown("chances.points", "center", "reach_n", _points),
}
