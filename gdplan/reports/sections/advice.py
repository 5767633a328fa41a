"""What follows from an assessment: what lags, what to do next, and which figures to supply."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gdplan.model import Level, Plan, Reason, Verdict
from gdplan.page import chinese as w
from gdplan.page.blocks import Heading, Items, Paragraph, Section, names
from gdplan.page.language import Language
from gdplan.reports.sections.columns import Shown, gap_text, listing, yearly

if TYPE_CHECKING:
    from gdplan.assessment.judgement import Judgement
    from gdplan.reports.evaluation import Evaluation

LAGS = "no name verdict gap required achieved department reason"
LAGGING = (Verdict.BEHIND, Verdict.REVERSED, Verdict.MISSED, Verdict.NEARLY)


def problems(evaluation: Evaluation) -> Section:
    """问题与差距: what lags, by how much, what it needs a year and whose task it is."""
    say, rows = evaluation.say, evaluation.rows
    lagging = [r for r in rows if r.verdict in LAGGING]
    weak = [r for r in rows if Reason.MET_BUT_FALLING in r.reasons]
    known = sum(r.verdict != Verdict.NOT_ASSESSABLE for r in rows)
    lead = (
        say("problems.lead", n=len(lagging), names=names(lagging, say))
        if lagging
        else say("problems.none", n=known)
    )
    return Section.of(
        Heading(say("heading.problems"), 2),
        Paragraph(lead),
        listing(evaluation, "problems.caption", LAGS, lagging) if lagging else None,
        Paragraph(say("problems.weak", names=names(weak, say))) if weak else None,
        [_place("problems.place", r, say) for r in lagging],
    )


def next_steps(evaluation: Evaluation) -> Section:
    """下一步建议: per lagging or risky indicator what is required a year and whose task it is.

    Only what follows from the rows is said; measures are left to the office, in marked places.
    """
    say, rows, plan = evaluation.say, evaluation.rows, evaluation.plan
    told = [(r, _steps(r, plan, evaluation.final, say)) for r in rows]
    told = [(r, texts) for r, texts in told if texts]
    missing = sum(bool(_missing(r, plan, say)) for r in rows)
    lead = say("next_steps.lead", n=len(told)) if told else say("next_steps.none")
    return Section.of(
        Heading(say("heading.next_steps"), 2),
        Paragraph(lead),
        Items(tuple(text for _, texts in told for text in texts)) if told else None,
        [_place("next_steps.place", r, say) for r, _ in told],
        Paragraph(say("next_steps.data", n=missing)) if missing else None,
    )


def gaps(evaluation: Evaluation) -> Section:
    """数据缺口: which figure is missing, from whom, by when."""
    say, rows, plan = evaluation.say, evaluation.rows, evaluation.plan
    texts = {r.indicator: text for r in rows if (text := _missing(r, plan, say))}
    head = Heading(say("heading.gaps"), 2)
    if not texts:
        return Section.of(head, Paragraph(say("gaps.none")))
    month = int(plan.parameters["data_due_month"])
    own = {
        "missing": Shown("gaps.missing", "left", "missing_years", lambda r, _: texts[r.indicator]),
        "department": Shown("gaps.department", "left", "department", lambda r, _: r.department),
        "due": Shown("gaps.due", "left", "year",
                     lambda r, say: say("gaps.by", year=r.year + 1, month=month)),
    }  # fmt: skip
    lacking = [r for r in rows if r.indicator in texts]
    columns = "no name unit missing department due"
    shown = listing(evaluation, "gaps.caption", columns, lacking, own=own)
    return Section.of(head, Paragraph(say("gaps.lead", n=len(texts))), shown)


def _steps(row: Judgement, plan: Plan, final: bool, say: Language) -> tuple[str, ...]:
    """What an indicator asks for, if anything."""
    facts = {
        "name": row.name, "department": row.department, "gap": gap_text(row, say),
        "goal": say.words.plan_cell(row.target_raw, row.unit),
        "required": yearly(row, "required", say), "achieved": yearly(row, "achieved", say),
        "figure": say.words.decided_by(row), "year": plan.base_year,
    }  # fmt: skip
    risky = row.level in (Level.ORANGE, Level.RED)
    if row.verdict in LAGGING or (risky and not final):
        known = facts["required"] != w.EMPTY and not row.met_at_base and not final
        key = "required" if known else ("missed" if final else "restore")
        first = say(f"next_steps.{key}", **facts)
    elif Reason.MET_BUT_FALLING in row.reasons:
        first = say("next_steps.falling", **facts)
    else:
        first = ""
    second = "" if row.firm else say("next_steps.borderline", **facts)
    return tuple(text for text in (first, second) if text)


def _place(key: str, row: Judgement, say: Language) -> Paragraph:
    text = say(key, department=row.department, name=row.name)
    return Paragraph(text, "place")


def _missing(row: Judgement, plan: Plan, say: Language) -> str:
    """What an evaluator must still supply for this row, or nothing."""
    year, judged = row.year, row.verdict != Verdict.NOT_ASSESSABLE
    found = set(row.reasons)
    if judged and row.data_year < year:
        return say("gaps.stale", year=year, date=say.words.data_date(row))
    if Reason.NO_REGION_TARGET in found:
        return say("gaps.region", region=row.region_name)
    if found & {Reason.NO_TARGET_NUMBER, Reason.TARGET_ZERO}:
        return ""
    if found & {Reason.PART_YEAR, Reason.PART_YEAR_ONLY}:
        return say("gaps.full_year", year=year)
    if judged:
        return ""
    if found & {Reason.NO_BASE, Reason.ONE_POINT}:
        return say("gaps.base", year=plan.base_year)
    if row.kind.accumulates:
        return _missing_years(row, plan, say)
    last = row.last_year
    return (
        say("gaps.year", year=year)
        if math.isnan(last)
        else say("gaps.year_latest", year=year, last=int(last))
    )


def _missing_years(row: Judgement, plan: Plan, say: Language) -> str:
    have = {f.year for f in row.history if f.period != "ytd"}
    years = [y for y in range(plan.base_year + 1, row.year + 1) if y not in have]
    listed = say("join.list").join(map(str, years))
    return say("gaps.years", years=listed, start=plan.base_year + 1)
