"""Sections on the quality of the data: what was checked, what was found, which calibers changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gdplan.model import Plan
from gdplan.observations.checks import run as checks
from gdplan.observations.checks.findings import Finding
from gdplan.page import chinese as w
from gdplan.page.blocks import Align, Column, Heading, Paragraph, Section, Table, table
from gdplan.page.language import Language
from gdplan.problems import Severity

if TYPE_CHECKING:
    import pandas as pd

    from gdplan.page.evaluated import Evaluated, Judged

LISTED = 40
"""Findings that a report lists; hard ones are always listed."""


def quality(evaluation: Evaluated) -> Section:
    """数据质量: the checks of METHOD 9 on the figures known when the report is made.

    Findings on the report's own region and indicators are listed; the others are counted.
    """
    say, rows, plan = evaluation.say, evaluation.rows, evaluation.plan
    head = Heading(say("heading.quality"), 2)
    if evaluation.known.empty:
        return Section.of(head, Paragraph(say("quality.nothing")), calibers(rows, say))
    found = evaluation.once(checked)
    mine = [f for f in found if concerns(f, plan, rows)]
    hard = sum(f.severity is Severity.HARD for f in mine)
    lead = say("quality.lead" if mine else "quality.clean", hard=hard, soft=len(mine) - hard)
    return Section.of(
        head,
        Paragraph(lead),
        Paragraph(say("quality.warning"), "warning") if hard else None,
        counts(found, mine, say) if found else None,
        listed(mine, plan, say),
        calibers(rows, say),
    )


def checked(evaluation: Evaluated) -> tuple[Finding, ...]:
    """Every finding on the figures known when the report is made."""
    return checks.run(evaluation.known, evaluation.plan)


def findings(evaluation: Evaluated) -> Section:
    """检查明细: every finding on every series, for the notebook of checks."""
    say, plan, known = evaluation.say, evaluation.plan, evaluation.known
    found = evaluation.once(checked)
    return Section.of(
        Heading(say("heading.findings"), 2),
        scope(plan, known, say) if len(known) else Paragraph(say("quality.nothing")),
        counts(found, found, say) if found else None,
        listed(found, plan, say, most=len(found)),
    )


def scope(plan: Plan, known: pd.DataFrame, say: Language) -> Table:
    """What was looked at, and which indicators have no figure to look at."""
    there, years = set(known["indicator"]), sorted(set(known["year"]))
    absent = [i for i in plan.indicators if not there & {i.name, *i.aliases}]
    names = say("join.list").join(i.name if say.code == "zh" else i.name_en for i in absent)
    count = say("quality.counted" if absent else "quality.count", n=len(absent), names=names)
    body = (
        (say("quality.figures"), str(len(known))),
        (say("quality.regions"), str(known["region"].nunique())),
        (say("quality.years"), f"{years[0]}—{years[-1]}"),
        (say("quality.kinds"), str(len(checks.CHECKS))),
        (say("quality.absent"), count),
    )
    header = (say("quality.item"), say("quality.extent"))
    return Table(say("quality.scope"), header, body, ("left", "left"))


def concerns(finding: Finding, plan: Plan, rows: Sequence[Judged]) -> bool:
    """Whether a finding speaks of a report's own region and of its indicators and years."""
    region, year = rows[0].region, rows[0].year
    names = {name for item in plan.indicators for name in (item.name, *item.aliases)}
    used = {place for row in rows for place in row.sources.split(";")}
    if used & set(finding.cells):
        return True
    return (
        finding.region in ("", region)
        and finding.indicator in ({""} | names)
        and (finding.year == 0 or plan.base_year <= finding.year <= year)
    )


def counts(found: Sequence[Finding], mine: Sequence[Finding], say: Language) -> Table:
    """How many findings each check made: on this report where that is a part, and in all."""
    groups = {"here": mine, "all": found} if len(mine) < len(found) else {"all": found}
    grades = {f.id: f.severity for f in found}
    by_check = [Counter(f.id for f in group) for group in groups.values()]
    by_grade = [Counter(f.severity for f in group) for group in groups.values()]
    body = [
        (say(f"check.{name}"), _grade(grade, say), *(str(count[name]) for count in by_check))
        for name, grade in grades.items()
    ]
    body += [
        (say("counts.total"), _grade(grade, say), *(str(count[grade]) for count in by_grade))
        for grade in Severity
    ]
    header = tuple(say(f"quality.{k}") for k in ("check", "grade", *groups))
    right: Align = "right"
    return Table(say("quality.counts"), header, tuple(body),
                 ("left", "center", *(right for _ in groups)))  # fmt: skip


def listed(
    found: Sequence[Finding], plan: Plan, say: Language, *, most: int = LISTED
) -> list[Table | Paragraph]:
    """The findings one by one, hard ones first and all of them, soft ones up to a number."""
    if not found:
        return []
    hard = sum(f.severity is Severity.HARD for f in found)
    shown = found[: max(most, hard)]
    header = tuple(say(f"quality.{k}") for k in ("no", "grade", "check", "said", "cells"))
    body = tuple(
        (str(n), _grade(f.severity, say), say(f"check.{f.id}"), _said(f, plan, say),
         say("join.clause").join(f.cells) or w.EMPTY)
        for n, f in enumerate(shown, 1)
    )  # fmt: skip
    align: tuple[Align, ...] = ("center", "center", "left", "left", "left")
    out: list[Table | Paragraph] = [Table(say("quality.caption"), header, body, align, "wide")]
    if len(shown) < len(found):
        out.append(Paragraph(say("quality.more"), "note"))
    return out


def calibers(rows: Sequence[Judged], say: Language) -> Table | None:
    """The indicators whose figures changed their meaning, and how that was dealt with."""
    changed = [r for r in rows if r.caliber]
    if not changed:
        return None
    columns = (
        Column(say("progress.no"), "center", "indicator"),
        Column(say("progress.name"), "left", "name"),
        Column(say("quality.caliber"), "left", "caliber"),
    )
    cells = ((r.indicator, r.name, r.caliber) for r in changed)
    return table(say("quality.calibers"), columns, changed, cells)


def _grade(severity: Severity, say: Language) -> str:
    return say(f"quality.{severity.value}")


def _said(finding: Finding, plan: Plan, say: Language) -> str:
    """The finding's own sentence; in English, where none is written, what it speaks of."""
    if say.code == "zh":
        return finding.sentence
    named = [i for i in plan.indicators if finding.indicator in (i.name, *i.aliases)]
    name = named[0].name_en if named else finding.indicator
    parts = (name, finding.region, str(finding.year or ""))
    return ", ".join(part for part in parts if part) or w.EMPTY
