"""The sections of a report: display tables and sentences, rendered from assessment rows alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from gdplan.assessment.sentence import sentence
from gdplan.model import Reason, Verdict
from gdplan.page import chinese as w
from gdplan.page.blocks import Block, Heading, Items, Paragraph, Section, names, verdicts_of
from gdplan.page.language import Language
from gdplan.reports.sections.columns import Shown, by_attribute, counted, listing

if TYPE_CHECKING:
    from gdplan.assessment.judgement import Judgement
    from gdplan.reports.evaluation import Evaluation

ENDS = 3


def cover(evaluation: Evaluation) -> Section:
    """Title, what was evaluated up to when, and the watermark of simulated data."""
    say, plan, first = evaluation.say, evaluation.plan, evaluation.rows[0]
    title = plan.title if say.code == "zh" else plan.title_en
    lines = (
        say("cover.region", name=first.region_name, code=first.region),
        say("cover.year", year=first.year),
        say("cover.as_of", date=first.as_of or say("cover.all_data")),
    )
    simulated = any(one.simulated for one in evaluation.rows)
    return Section.of(
        Heading(say(f"title.{evaluation.kind}", title=title), 1),
        Paragraph(say("simulated"), "watermark") if simulated else None,
        [Paragraph(line, "subtitle") for line in lines],
    )


def overview(evaluation: Evaluation) -> Section:
    """总体评价: the counts of verdicts, binding and expected apart, and what they allow to say."""
    say, rows = evaluation.say, evaluation.rows
    verdicts = verdicts_of(r.verdict for r in rows)
    known = [r for r in rows if r.verdict != Verdict.NOT_ASSESSABLE]
    words = {v: say.words.verdict_word(v) for v in verdicts}
    sections = [
        (say.words.section_name(name, evaluation.plan), [r for r in rows if r.section == name])
        for name in evaluation.plan.sections
    ]
    return Section.of(
        Heading(say("heading.overview"), 2),
        Paragraph(_lead(rows, known, verdicts, say)),
        _ends(rows, evaluation.final, say),
        Paragraph(say("overview.too_few"), "note") if len(known) * 2 < len(rows) else None,
        counted(say("counts.caption"), say("counts.attribute"), by_attribute(rows, say),
                words, attrgetter("verdict"), say),
        counted(say("sections.caption"), say("sections.section"), sections,
                words, attrgetter("verdict"), say) if len(sections) > 1 else None,
        Items(tuple(_by_verdict(known, verdicts, say))),
    )  # fmt: skip


def progress(evaluation: Evaluation) -> Section:
    """主要指标进展: the table of all indicators, then one sentence each by section."""
    say, rows, plan, final = evaluation.say, evaluation.rows, evaluation.plan, evaluation.final
    columns = FINAL if final else MIDTERM
    caption = "progress.completed_caption" if final else "progress.caption"
    blocks: list[Block] = [
        Heading(say(f"heading.{'completed' if final else 'progress'}"), 2),
        listing(evaluation, caption, columns, rows, own=OWN, role="wide"),
    ]
    for name in plan.sections:
        if name:
            blocks.append(Heading(say.words.section_name(name, plan)))
        blocks.append(_sentences([r for r in rows if r.section == name], plan.base_year, say))
    return Section.of(blocks)


def _lead(
    rows: Sequence[Judgement],
    known: Sequence[Judgement],
    verdicts: Sequence[Verdict],
    say: Language,
) -> str:
    word = say.words.verdict_word
    counts = {v: sum(r.verdict == v for r in rows) for v in verdicts}
    listed = say("join.list").join(
        say("overview.count", verdict=word(v), n=counts[v]) for v in verdicts[:-1] if counts[v]
    )
    text = say(
        "overview.lead", n=len(rows), year=rows[0].year, known=len(known),
        counts=say("overview.among", listed=listed) if listed else "",
        unknown=word(verdicts[-1]), missing=counts[verdicts[-1]],
    )  # fmt: skip
    borderline = [r for r in known if not r.firm]
    if not borderline:
        return text
    more = say("overview.borderline", n=len(borderline), names=names(borderline, say))
    return f"{text} {more}" if say.code == "en" else text + more


def _ends(rows: Sequence[Judgement], final: bool, say: Language) -> Paragraph | None:
    """The strongest and the weakest of those under way, where there are enough to have ends."""
    size = attrgetter("completion" if final else "pace")
    under_way = (r for r in rows if r.verdict is not Verdict.ACHIEVED_EARLY)
    ranked = sorted((r for r in under_way if math.isfinite(size(r))), key=lambda r: -size(r))
    if len(ranked) < 2 * ENDS:
        return None
    parts = [say("join.list").join(_end(r, final, say) for r in side)
             for side in (ranked[:ENDS], ranked[-ENDS:])]  # fmt: skip
    key = "overview.completion_ends" if final else "overview.leading"
    return Paragraph(say(key, strong=parts[0], weak=parts[1]))


def _end(row: Judgement, final: bool, say: Language) -> str:
    if final:
        return say(
            "overview.completion", name=row.name, completion=w.completion_text(row.completion, say)
        )
    return say("overview.pace", name=row.name, pace=w.rounded(row.pace, 2))


def _by_verdict(
    known: Sequence[Judgement], verdicts: Sequence[Verdict], say: Language
) -> Iterable[str]:
    for v in verdicts[:-1]:
        inside = [r for r in known if r.verdict == v]
        if inside:
            word = say.words.verdict_word(v)
            yield say(
                "overview.verdict_names", verdict=word, official=v.value, names=names(inside, say)
            )


def _sentences(rows: Sequence[Judgement], base_year: int, say: Language) -> Items:
    """One sentence and its sources for each judged indicator, one sentence for all that share a
    reason for no verdict."""
    judged = [r for r in rows if r.verdict != Verdict.NOT_ASSESSABLE]
    told = [sentence(r, base_year, say) for r in judged]
    notes = [source_note(r, say) for r in judged]
    silent: dict[str, list[Judgement]] = {}
    for row in rows:
        if row.verdict == Verdict.NOT_ASSESSABLE:
            silent.setdefault(say.words.reason_text(row), []).append(row)
    word = say.words.verdict_word(Verdict.NOT_ASSESSABLE)
    for reason, inside in silent.items():
        told.append(say("progress.unknown", names=names(inside, say), verdict=word, reason=reason))
    return Items(tuple(told), (*notes, *("" for _ in silent)))


def source_note(row: Judgement, say: Language) -> str:
    """The footnote of a sentence: every figure in it with publisher, title and date."""
    figures = [
        say(
            "sources.note_figure",
            date=say.words.figure_date(f),
            figure=say.words.figure_text(f) + (f.unit if say.code == "zh" else ""),
            source=f.source,
            published=f.published,
        )
        for f in row.inputs
    ]
    return say("sources.note", figures=say("join.clause").join(figures)) if figures else ""


def _progress_cell(row: Judgement, say: Language) -> str:
    if row.verdict == Verdict.NOT_ASSESSABLE:
        return w.EMPTY
    if row.met_at_base:
        return say("progress.floor")
    if Reason.SHORT_WAY in row.reasons:
        return say("progress.short")
    text = w.progress_text(row, say)
    if Reason.WIDE_RANGE in row.reasons:
        geometric = w.bounded(row.progress_geometric)
        text = say("progress.geometric", linear=text, geometric=geometric)
    return text


def _completion_cell(row: Judgement, say: Language) -> str:
    if row.verdict == Verdict.NOT_ASSESSABLE:
        return w.EMPTY
    if not math.isnan(row.completion):
        return w.completion_text(row.completion, say)
    return say.words.distance_text(row)


MIDTERM = "no part unit attribute base target value date progress elapsed pace verdict_alone"
FINAL = "no part unit attribute base target final completion verdict"
OWN = {
    "progress": Shown("progress.progress", "right", "progress", _progress_cell),
    "elapsed": Shown("progress.elapsed", "right", "elapsed", lambda r, _: w.percent(r.elapsed)),
    "final": Shown("progress.final_value", "right", "value",
                   lambda r, say: say.words.value_text(r)),
    "completion": Shown("progress.completion", "right", "completion", _completion_cell),
}  # fmt: skip
