"""The annex of a report: method, workings, second opinions, sources, and how it was run."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdplan.model import Plan, Reason, Verdict
from gdplan.page import chinese as w
from gdplan.page.blocks import (
    Align,
    Column,
    Export,
    Heading,
    Items,
    Paragraph,
    Section,
    Table,
    names,
    part_name,
    table,
)
from gdplan.page.language import Language

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
    shown = _opinion_table(rows, say)
    return Section.of(head, Items(say.lines("opinions.schemes")), Paragraph(lead), shown)


def _opinion_table(rows: Sequence[Judgement], say: Language) -> Table:
    columns = (
        Column(say("progress.no"), "center", "indicator"),
        Column(say("progress.name"), "left", "name"),
        Column(say("opinions.own"), "left", "verdict"),
        Column(say("opinions.growth_ratio"), "right", "growth_ratio"),
        Column(say("opinions.growth_ratio_word"), "left", "growth_ratio_opinion"),
        Column(say("opinions.projected"), "right", "projected_share"),
        Column(say("opinions.projected_word"), "left", "projected_opinion"),
        Column(say("opinions.gap"), "right", "gap_missed"),
        Column(say("opinions.gap_word"), "left", "gap_opinion"),
        Column(say("opinions.same"), "left", "reason"),
    )
    term = say.words.term
    cells = (
        (
            r.indicator, r.name, say.words.verdict_text(r),
            w.rounded(r.growth_ratio, 2), term(r.growth_ratio_opinion),
            w.percent(r.projected_share), term(r.projected_opinion),
            w.percent(r.gap_missed), term(r.gap_opinion),
            say("opinions.no" if Reason.SCHEMES_DISAGREE in r.reasons else "opinions.yes"),
        )
        for r in rows
    )  # fmt: skip
    return table(say("opinions.caption"), columns, rows, cells, "wide")


def workings(evaluation: Evaluation) -> Section:
    """附 指标核算明细: every intermediate result that the text speaks of, one row per indicator."""
    say, rows, plan = evaluation.say, evaluation.rows, evaluation.plan
    columns = (
        Column(say("progress.no"), "center", "indicator"),
        Column(say("progress.name"), "left", "name"),
        Column(say("progress.unit"), "center", "unit"),
        Column(say("progress.base", year=plan.base_year), "right", "base"),
        Column(say("workings.value"), "right", "value"),
        Column(say("progress.target", year=plan.target_year), "right", "target"),
        Column(say("workings.change"), "right", "change"),
        Column(say("progress.progress"), "right", "progress"),
        Column(say("workings.lead_points"), "right", "lead"),
        Column(say("problems.achieved"), "right", "achieved"),
        Column(say("problems.required"), "right", "required"),
        Column(say("workings.acceleration"), "right", "acceleration"),
        Column(say("problems.gap"), "right", "gap"),
    )
    cells = (_worked(r, say) for r in rows)
    shown = table(say("workings.caption"), columns, rows, cells, "wide")
    lead = Paragraph(say("workings.lead"))
    return Section.of(Heading(say("heading.workings"), 2, "annex"), lead, shown)


def _worked(row: Judgement, say: Language) -> tuple[str, ...]:
    judged = row.verdict != Verdict.NOT_ASSESSABLE
    lead = (row.progress - row.elapsed) * 100
    yearly = max(w.decimals_of(row), 1)
    moved = row.value - row.base if judged and w.has_change(row) else math.nan
    return (
        row.indicator,
        part_name(row, say),
        row.unit,
        say.words.cell(row.base_raw),
        say.words.value_text(row),
        say.words.cell(row.target_raw),
        w.rounded(moved, w.change_decimals(row)),
        w.percent(row.progress),
        w.rounded(lead, 1),
        w.rounded(row.achieved, yearly),
        w.rounded(row.required, yearly),
        w.rounded(row.acceleration, 2),
        w.rounded(row.gap, yearly),
    )


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
        return Section.of(head, Paragraph(say("sources.none")))
    columns = (
        Column(say("progress.no"), "center", ""),
        Column(say("progress.name"), "left", "name"),
        Column(say("sources.period"), "left", "inputs"),
        Column(say("sources.figure"), "right", "inputs"),
        Column(say("sources.source"), "left", "inputs"),
        Column(say("sources.published"), "left", "inputs"),
        Column(say("sources.access"), "center", "access"),
        Column(say("sources.cell"), "left", "sources"),
    )
    rows = [row for row, _ in seen.values()]
    cells = [(str(n), *line) for n, (_, line) in enumerate(seen.values(), 1)]
    reprints = sum(line[6] == say("sources.reprint") for line in cells)
    key = "sources.reprints" if reprints else "sources.all_direct"
    shown = table(say("sources.caption"), columns, rows, cells, "wide")
    return Section.of(head, Paragraph(say(key, n=len(seen), reprints=reprints)), shown)


def _source(name: str, unit: str, figure: Figure, say: Language) -> tuple[str, ...]:
    text = say.words.figure_text(figure)
    known = "direct" if figure.access == "direct" else "reprint"
    return (
        name, say.words.figure_date(figure), text + unit if say.code == "zh" else text,
        figure.source, figure.published, say(f"sources.{known}"),
        f"{figure.file}!{figure.cell}",
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
    align: tuple[Align, ...] = ("center", "left", "left", "right", "left", "left", "left")
    shown = Table(say("sources.unused_caption"), header, rows, align, "wide")
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
