"""The annex of a report: method, workings, second opinions, sources, and how it was run."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdplan.model import Plan, Reason, Verdict
from gdplan.page import chinese as w
from gdplan.page.blocks import (
    Block,
    Column,
    Export,
    Heading,
    Items,
    Paragraph,
    Section,
    Table,
    names,
    table,
)
from gdplan.page.language import Language
from gdplan.reports.sections.columns import Shown, listing, per_year

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Figure
    from gdplan.assessment.judgement import Judgement
    from gdplan.reports.evaluation import Evaluation


def opinions(evaluation: Evaluation) -> Section:
    """附 其他判断方法: three published schemes beside the verdict, and where they disagree."""
    say = evaluation.say
    rows = [r for r in evaluation.rows if r.verdict is not Verdict.NOT_ASSESSABLE]
    head = Heading(say("heading.opinions"), 2, "annex")
    if not rows:
        return Section.of(head, Paragraph(say("opinions.none")))
    apart = [r for r in rows if Reason.SCHEMES_DISAGREE in r.reasons]
    lead = (
        say("opinions.apart", n=len(apart), names=names(apart, say))
        if apart
        else say("opinions.agree")
    )
    shown = listing(evaluation, "opinions.caption", OPINIONS, rows, own=OWN, role="wide")
    return Section.of(head, Items(say.lines("opinions.schemes")), Paragraph(lead), shown)


def workings(evaluation: Evaluation) -> Section:
    """附 指标核算明细: every intermediate result that the text speaks of, one row per indicator."""
    say = evaluation.say
    shown = listing(evaluation, "workings.caption", WORKINGS, evaluation.rows, own=OWN, role="wide")
    lead = Paragraph(say("workings.lead"))
    return Section.of(Heading(say("heading.workings"), 2, "annex"), lead, shown)


def method(evaluation: Evaluation) -> Section:
    """附 评估方法: the rules in words, and every parameter with the value used."""
    say = evaluation.say
    rows = tuple(
        (key, say(f"parameters.{key}") if say.has(f"parameters.{key}") else "", f"{value:g}")
        for key, value in sorted(evaluation.plan.parameters.items())
    )
    header = (say("method.key"), say("method.meaning"), say("method.value"))
    shown = Table(say("method.caption"), header, rows, ("left", "left", "right"))
    head = Heading(say("heading.method"), 2, "annex")
    return Section.of(head, Items(say.lines("method.rules")), shown)


def sources(evaluation: Evaluation) -> Section:
    """附 数据来源: each figure used, with publisher, date, and whether seen at first hand."""
    say = evaluation.say
    seen: dict[tuple[str, str], tuple[Judgement, tuple[str, ...]]] = {}
    for row in evaluation.rows:
        for f in row.inputs:
            place = (f.file, f.cell + row.indicator)
            seen.setdefault(place, (row, _source(row.name, row.unit, f, say)))
    head = Heading(say("heading.sources"), 2, "annex")
    if not seen:
        return Section.of(head, Paragraph(say("sources.none")), *_revised(evaluation))
    columns = [Column(say(word), align, name) for word, align, name in SOURCES]
    rows = [row for row, _ in seen.values()]
    cells = [(str(n), *line) for n, (_, line) in enumerate(seen.values(), 1)]
    reprints = sum(line[6] == say("sources.reprint") for line in cells)
    key = "sources.reprints" if reprints else "sources.all_direct"
    shown = table(say("sources.caption"), columns, rows, cells, "wide")
    lead = Paragraph(say(key, n=len(seen), reprints=reprints))
    return Section.of(head, lead, shown, *_revised(evaluation))


def _revised(evaluation: Evaluation) -> Iterator[Block]:
    """The targets that a later document changed, old and new; nothing where none was."""
    say = evaluation.say
    changed = [row for row in evaluation.rows if row.revised]
    if not changed:
        return
    lines = tuple(
        (row.indicator, row.name, say.words.cell(each.target.raw), each.issued, each.document)
        for row in changed for each in row.revised
    )  # fmt: skip
    header = (say("progress.no"), say("progress.name"),
              say("progress.target", year=evaluation.plan.target_year),
              say("sources.revised_issued"), say("sources.revised_document"))  # fmt: skip
    yield Paragraph(say("sources.revised", n=len(changed)))
    yield Table(say("sources.revised_caption"), header, lines,
                ("center", "left", "right", "center", "left"))  # fmt: skip


def _source(name: str, unit: str, figure: Figure, say: Language) -> tuple[str, ...]:
    text = say.words.figure_text(figure)
    known = "sources.direct" if figure.access == "direct" else "sources.reprint"
    return (
        name, say.words.figure_date(figure), text + unit if say.code == "zh" else text,
        figure.source, figure.published, say(known), f"{figure.file}!{figure.cell}",
    )  # fmt: skip


def unused(evaluation: Evaluation) -> Section:
    """附 未采用的数据: figures inside the plan years that lost, and the rule they lost by."""
    say, plan, chosen = evaluation.say, evaluation.plan, evaluation.chosen
    known = {n for item in plan.indicators for n in (item.name, *item.aliases)}
    inside = chosen[
        chosen["indicator"].isin(known)
        & ~chosen["used"]
        & (chosen["year"] > plan.base_year)
        & (chosen["year"] <= evaluation.year)
    ]
    if inside.empty:
        return Section.of(Paragraph(say("sources.unused_none")))
    keys = ("progress.no", "progress.name", "sources.period", "sources.figure",
            "sources.source", "sources.published", "sources.rule")  # fmt: skip
    header = tuple(say(key) for key in keys)
    lost: Iterable[Any] = inside.itertuples()
    rows = tuple(
        (
            str(n), _name(plan, r.indicator, say), say.words.figure_date(r),
            f"{say.words.figure_text(r)}{r.unit if say.code == 'zh' else ''}", r.source,
            r.published, r.rule,
        )
        for n, r in enumerate(lost, 1)
    )  # fmt: skip
    shown = Table(say("sources.unused_caption"), header, rows,
                  ("center", "left", "left", "right", "left", "left", "left"), "wide")  # fmt: skip
    return Section.of(Paragraph(say("sources.unused", n=len(inside))), shown)


def _name(plan: Plan, name: str, say: Language) -> str:
    item = plan.indicator(name)
    return (item.name_en or name) if say.code == "en" else name


def run_info(evaluation: Evaluation) -> Section:
    """附 运行信息: parameters, versions, and how to make the report again."""
    say, plan = evaluation.say, evaluation.plan
    shown: dict[str, object] = {
        "kind": evaluation.kind, "plan": plan.id, "region": evaluation.region,
        "year": evaluation.year, "as_of": evaluation.as_of, "observations": evaluation.place,
    }  # fmt: skip
    shown |= {} if evaluation.kind == "checks" else {"previous": evaluation.previous}
    shown |= {"lang": evaluation.lang, "plan_document": plan.document}
    shown |= {name: version(name) for name in ("gdplan", "pandas", "numpy", "matplotlib")}
    shown["python"] = ".".join(platform.python_version_tuple()[:2])
    # A place on somebody's machine says nothing to others; its name does.
    rows = tuple(
        (key, Path(str(value)).name if str(value)[:1] == "/" else str(value))
        for key, value in shown.items()
    )
    head = Heading(say("heading.run_info"), 2, "annex")
    header = (say("run_info.key"), say("run_info.value"))
    return Section.of(head, Table(say("run_info.caption"), header, rows, ("left", "left")))


def export(evaluation: Evaluation) -> Export:
    """Hand the assessment to the runner: its output becomes assessment.csv."""
    return Export("assessment", evaluation.assessment)


def _changed(row: Judgement, _: Language) -> str:
    judged = row.verdict != Verdict.NOT_ASSESSABLE and w.has_change(row)
    return w.rounded(row.value - row.base if judged else math.nan, w.change_decimals(row))


def _agrees(row: Judgement, say: Language) -> str:
    return say("opinions.no" if Reason.SCHEMES_DISAGREE in row.reasons else "opinions.yes")


SOURCES = (
    Column("progress.no", "center", ""), Column("progress.name", "left", "name"),
    Column("sources.period", "left", "inputs"), Column("sources.figure", "right", "inputs"),
    Column("sources.source", "left", "inputs"), Column("sources.published", "left", "inputs"),
    Column("sources.access", "center", "access"), Column("sources.cell", "left", "sources"),
)  # fmt: skip
OPINIONS = "no name own growth growth_word projected projected_word missed gap_word same"
WORKINGS = ("no part unit base shown target change progress lead achieved_alone required_alone "
            "acceleration gap_alone")  # fmt: skip
OWN = {
    "own": Shown("opinions.own", "left", "verdict", lambda r, say: say.words.verdict_text(r)),
    "growth": Shown("opinions.growth_ratio", "right", "growth_ratio",
                    lambda r, _: w.rounded(r.growth_ratio, 2)),
    "growth_word": Shown("opinions.growth_ratio_word", "left", "growth_ratio_opinion",
                         lambda r, say: say.words.term(r.growth_ratio_opinion)),
    "projected": Shown("opinions.projected", "right", "projected_share",
                       lambda r, _: w.bounded(r.projected_share)),
    "projected_word": Shown("opinions.projected_word", "left", "projected_opinion",
                            lambda r, say: say.words.term(r.projected_opinion)),
    "missed": Shown("opinions.gap", "right", "gap_missed", lambda r, _: w.percent(r.gap_missed)),
    "gap_word": Shown("opinions.gap_word", "left", "gap_opinion",
                      lambda r, say: say.words.term(r.gap_opinion)),
    "same": Shown("opinions.same", "left", "reason", _agrees),
    "shown": Shown("workings.value", "right", "value", lambda r, say: say.words.value_text(r)),
    "change": Shown("workings.change", "right", "change", _changed),
    "progress": Shown("progress.progress", "right", "progress", w.progress_text),
    "lead": Shown("workings.lead_points", "right", "lead",
                  lambda r, _: w.rounded((r.progress - r.elapsed) * 100, 1)
                  if abs(r.progress) <= w.FARTHEST else w.EMPTY),
    "required_alone": Shown("problems.required", "right", "required",
                            lambda r, _: per_year(r, r.required)),
    "acceleration": Shown("workings.acceleration", "right", "acceleration",
                          lambda r, _: w.rounded(r.acceleration, 2)),
    "gap_alone": Shown("problems.gap", "right", "gap", lambda r, _: per_year(r, r.gap)),
}  # fmt: skip
