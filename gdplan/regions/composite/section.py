"""综合考核 in words and one table: scores, ranks with intervals, gates, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gdplan.model import Plan
from gdplan.page import chinese as w
from gdplan.page.blocks import Heading, Items, Paragraph, Section, Table
from gdplan.page.language import Language, language

if TYPE_CHECKING:
    from gdplan.regions.composite.rules_file import CompositeFile
    from gdplan.regions.composite.scorecard import Scorecard
    from gdplan.reports.evaluation import Evaluation

DRIVERS = 2
"""Indicators named that lost a region most points."""


def league(evaluation: Evaluation) -> Section:
    """The comprehensive assessment of the cities, for reports of a province.

    Empty when there is no ``composite.yml`` beside the plan, no city has a plan in
    ``data/raw/plans``, or the report is on another region.
    """
    from pathlib import Path

    from gdplan.regions.composite import rules_file as score_rules
    from gdplan.regions.composite import scorecard

    plan, home = evaluation.plan, Path(evaluation.plan.files[0]).parent
    if evaluation.region != plan.region or not (home / score_rules.FILE).is_file():
        return Section(())
    cities = scorecard.city_plans(plan)
    if not cities:
        return Section(())
    spec = score_rules.read_composite(home, plan)
    card = scorecard.scorecard(plan, cities, evaluation.known, spec, year=evaluation.year,
                               as_of=evaluation.as_of or None)  # fmt: skip
    return section(plan, card, spec, lang=evaluation.lang)


def section(plan: Plan, card: Scorecard, spec: CompositeFile, *, lang: str = "zh") -> Section:
    """Heading, rules in words, the table, and what may not be read from it."""
    say = language(lang)
    rows = card.scores.to_dict("records")
    scored = [r for r in rows if r["rank"]]
    return Section.of(
        Heading(say("league.heading"), 2),
        Paragraph(say("league.lead", year=card.year, n=len(rows), scored=len(scored),
                      items=len(card.items), source=spec.source)),
        _table(card, rows, spec, say),
        Paragraph(_close(scored, say)) if scored else None,
        Items(tuple(_missing(plan, card, rows, say))),
        Items(tuple(_rules(spec, say))),
    )  # fmt: skip


def lines(card: Scorecard, decimals: int) -> Iterator[str]:
    """One line per region for the terminal."""
    for row in card.scores.to_dict("records"):
        if not row["rank"]:
            yield f"—   {row['region_name']}  不计分：缺指标 {row['missing'].replace(';', '、')}"
            continue
        gate = f"  约束性未达进度：{row['failed'].replace(';', '、')}" if row["failed"] else ""
        yield (f"{row['rank']:<3d} {row['region_name']}  {w.rounded(row['score'], decimals)}分  "
               f"名次区间 {_interval(row)}{gate}")  # fmt: skip


def _table(card: Scorecard, rows: list[Any], spec: CompositeFile, say: Language) -> Table:
    keys = ("rank", "city", "score", "interval", "failed", "lost")
    level = f"{100 * card.level:g}"
    header = tuple(say(f"league.{key}", level=level) for key in keys)
    body = tuple(
        (str(r["rank"]) if r["rank"] else w.EMPTY, r["region_name"],
         w.rounded(r["score"], spec.decimals) if r["rank"] else w.EMPTY,
         _interval(r) if r["rank"] else w.EMPTY, say("join.list").join(_split(r["failed"])),
         _lost(card, r, say))
        for r in rows
    )  # fmt: skip
    return Table(say("league.caption", year=card.year), header, body,
                 ("center", "left", "right", "center", "left", "left"))  # fmt: skip


def _interval(row: Any) -> str:
    low, high = row["rank_low"], row["rank_high"]
    return f"{low}" if low == high else f"{low}—{high}"


def _split(codes: str) -> list[str]:
    return codes.split(";") if codes else []


def _lost(card: Scorecard, row: Any, say: Language) -> str:
    """The indicators that cost a region most points against being on schedule."""
    if not row["rank"]:
        return w.EMPTY
    mine = card.parts[card.parts["region"] == row["region"]]
    lost = (100 * mine["weight"] - mine["points"]).round(9)
    # What would be printed as 0.0 is no loss to name.
    worst = mine.assign(lost=lost)[lost >= 0.05].sort_values("lost", ascending=False, kind="stable")
    names = {i.no: i.name if say.code == "zh" else i.name_en for i in card.items}
    return say("join.list").join(
        say("league.minus", name=names[r["indicator"]], points=w.rounded(r["lost"], 1))
        for r in worst.head(DRIVERS).to_dict("records")
    )


def _close(scored: list[Any], say: Language) -> str:
    """How many ranks are sure, and whether first and last are."""
    sure = sum(r["rank_low"] == r["rank_high"] for r in scored)
    top = [r["region_name"] for r in scored if r["rank_low"] == 1]
    return say("league.sure", n=len(scored), sure=sure, first=say("join.list").join(top),
               tops=len(top))  # fmt: skip


def _missing(plan: Plan, card: Scorecard, rows: list[Any], say: Language) -> Iterator[str]:
    for row in rows:
        if not row["rank"]:
            names = (plan.indicator(no) for no in _split(row["missing"]))
            listed = say("join.list").join(i.name if say.code == "zh" else i.name_en for i in names)
            yield say("league.missing", city=row["region_name"], names=listed)
    if card.without:
        yield say("league.without", n=len(card.without), names=say("join.list").join(card.without))


def _rules(spec: CompositeFile, say: Language) -> Iterator[str]:
    yield say("league.share")
    yield say("league.bounds", floor=f"{spec.floor:g}", cap=f"{spec.cap:g}")
    if spec.gate != "none" and not math.isinf(spec.gate):
        yield say("league.gate", gate=f"{spec.gate:g}")
    sure = spec.uncertainty
    yield say("league.uncertainty", level=f"{100 * sure.level:g}", spread=f"{100 * sure.weights:g}",
              draws=sure.draws, seed=sure.seed)  # fmt: skip
