"""上次预测回看: what the earlier evaluation expected, beside the figures that came since."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from gdplan.page import chinese as w
from gdplan.page.blocks import Heading, Items, Paragraph, Section, Table, part_name
from gdplan.page.language import Language, language
from gdplan.reports.runs.hindsight import Basis, Hindsight, Score, Why, brier, inside
from gdplan.reports.sections.chances import chance, number

if TYPE_CHECKING:
    from gdplan.assessment.judgement import Judgement
    from gdplan.reports.evaluation import Evaluation


def hindsight(evaluation: Evaluation) -> Section:
    """The section; empty without a previous run, or with one of another plan or region.

    Raises
    ------
    ProblemError
        When there is no such run.
    """
    if not evaluation.previous:
        return Section(())
    from gdplan.reports.evaluation import worded
    from gdplan.reports.runs.hindsight import look_back, read_run

    run = read_run(evaluation.previous)
    ours = (evaluation.plan.id, evaluation.region)
    if any((one.plan, one.region) != ours for one in run):
        return Section(())
    plan, say = evaluation.plan, evaluation.say
    found = look_back(run, plan, evaluation.observations, until=evaluation.year,
                      as_of=evaluation.as_of or None)  # fmt: skip
    told = replace(
        found, scores=tuple(replace(s, then=worded(s.then, plan, say)) for s in found.scores),
        unscored=tuple((worded(then, plan, say), why) for then, why in found.unscored),
    )  # fmt: skip
    return Section.of(Heading(say("heading.hindsight"), 2), *_blocks(told, say))


def lines(found: Hindsight) -> Iterator[str]:
    """The text of ``gdplan score-outlook``."""
    for block in _blocks(found, language("zh")):
        if isinstance(block, Table):
            yield from ("  ".join(row) for row in (block.header, *block.rows))
        else:
            yield from block.texts if isinstance(block, Items) else (block.text,)


def _blocks(found: Hindsight, say: Language) -> Iterator[Paragraph | Table | Items]:
    """One sentence for what was said and one for what is recomputed, the table, what has none."""
    groups = (("said", (Basis.SAID,)), ("recomputed", (Basis.RECOMPUTED, Basis.OTHERWISE)))
    for word, bases in groups:
        if scores := found.of(*bases):
            yield Paragraph(_sentence(found, scores, word, say))
    if found.scores:
        yield _table(found, say)
    else:
        yield Paragraph(say("hindsight.none", year=found.year))
    if found.unscored:
        yield Paragraph(say("hindsight.unscored", n=len(found.unscored)))
        yield Items(_reasons(found, say))
    if found.scores:
        yield Paragraph(say("hindsight.note"), "note")


def _sentence(found: Hindsight, scores: tuple[Score, ...], word: str, say: Language) -> str:
    (in80, m), (in95, _) = inside(scores, 80), inside(scores, 95)
    text = say(
        f"hindsight.{word}", year=found.year, target=found.target_year, n=len(scores), m=m,
        in80=in80, due80=w.rounded(m * 0.8, 1), in95=in95, due95=w.rounded(m * 0.95, 1),
    )  # fmt: skip
    mean, chances = brier(scores)
    return text + (say("hindsight.brier", n=chances, brier=w.rounded(mean, 3)) if chances else "")


def _table(found: Hindsight, say: Language) -> Table:
    keys = ("progress.no", "progress.name", "progress.unit", "hindsight.year", "hindsight.in80",
            "hindsight.in95", "hindsight.value", "hindsight.where", "hindsight.chance",
            "hindsight.outcome", "hindsight.basis")  # fmt: skip
    rows = tuple(_row(score, say) for score in found.scores)
    align = ("center", "left", "left", "center", "center", "center", "right", "left", "center",
             "left", "left")  # fmt: skip
    return Table(say("hindsight.caption", year=found.year), tuple(say(k) for k in keys), rows,
                 align, "wide")  # type: ignore[arg-type]  # fmt: skip


def _row(score: Score, say: Language) -> tuple[str, ...]:
    then, (_, low80, high80, low95, high95) = score.then, score.ends
    said = score.basis is Basis.SAID
    outcome = {True: "hindsight.met", False: "hindsight.missed", None: ""}[score.met]
    return (
        then.indicator, part_name(then, say), then.unit, str(score.year),
        _range(then, low80, high80, say), _range(then, low95, high95, say),
        number(then, score.value), _where(score, say), chance(then, say) if said else w.EMPTY,
        say(outcome) if outcome else w.EMPTY, say(f"hindsight.basis_{score.basis}"),
    )  # fmt: skip


def _range(then: Judgement, low: float, high: float, say: Language) -> str:
    if math.isnan(low + high):
        return w.EMPTY
    return say("chances.range", low=number(then, low), high=number(then, high))


def _where(score: Score, say: Language) -> str:
    if score.inside(80) is None:
        return w.EMPTY
    place = "inside80" if score.inside(80) else "inside95" if score.inside(95) else "outside"
    return say(f"hindsight.{place}")


def _reasons(found: Hindsight, say: Language) -> tuple[str, ...]:
    """The indicators without a score, gathered by reason."""
    by: dict[str, list[str]] = {}
    for then, why in found.unscored:
        known = isinstance(why, Why)
        word = say(f"hindsight.why_{why}") if known else w.reason_word(why, say.code)
        by.setdefault(word, []).append(part_name(then, say))
    return tuple(
        say("chances.untold", reason=reason, n=len(names), names=say("join.list").join(names))
        for reason, names in by.items()
    )  # fmt: skip
