"""与上次评估相比: what changed since an earlier run, as a section of the next report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdplan.model import Plan, Verdict
from gdplan.page import chinese as w
from gdplan.page.blocks import Align, Heading, Paragraph, Section, Table, verdicts_of
from gdplan.page.language import Language, language

if TYPE_CHECKING:
    import pandas as pd


def since_last(plan: Plan, assessment: pd.DataFrame, previous: str, *, lang: str = "zh") -> Section:
    """Counts of verdicts of both evaluations, changed verdicts, revised figures.

    Parameters
    ----------
    previous : str
        Run folder, or its assessment.csv, of the earlier evaluation; empty gives no section.

    Raises
    ------
    ProblemError
        When there is no such run.
    """
    if not previous:
        return Section(())
    from gdplan.reports.runs.compare import compare, read_assessment

    say = language(lang)
    before = read_assessment(previous)
    head = Heading(say("heading.changes"), 2)
    if not _comparable(before, assessment):
        return Section.of(head, Paragraph(say("changes.incomparable"), "note"))
    found = compare(before, assessment).to_dict("records")
    verdicts = [c for c in found if c["kind"] == "verdict"]
    revised = [c for c in found if c["kind"] == "revised_value"]
    first = before.iloc[0]
    shown = {r["indicator"]: r["name"] for r in say.words.rows_of(assessment, plan)}
    lead = say(
        "changes.lead", year=int(first["year"]), date=first["as_of"] or say("cover.all_data"),
        verdicts=len(verdicts), revised=len(revised),
    )  # fmt: skip
    return Section.of(
        head,
        Paragraph(lead),
        _counts(w.rows_of(before), w.rows_of(assessment), say),
        _verdict_table(verdicts, shown, say) if verdicts else Paragraph(say("changes.same")),
        _revision_table(revised, shown, say) if revised else None,
    )


def _comparable(before: pd.DataFrame, after: pd.DataFrame) -> bool:
    keys = ["plan", "region"]
    return bool(len(before)) and all(set(before[k]) == set(after[k]) for k in keys)


def _counts(before: list[dict[Any, Any]], after: list[dict[Any, Any]], say: Language) -> Table:
    verdicts = list(dict.fromkeys([*verdicts_of(before), *verdicts_of(after)]))
    verdicts.sort(key=lambda v: v is Verdict.NOT_ASSESSABLE)
    body = tuple(
        (f"{say(label)}（{rows[0]['year']}）" if say.code == "zh"
         else f"{say(label)} ({rows[0]['year']})",
         *(str(sum(r["verdict"] == v for r in rows)) for v in verdicts))
        for label, rows in (("changes.last", before), ("changes.this", after))
    )  # fmt: skip
    header = (say("changes.run"), *(say.words.verdict_word(v) for v in verdicts))
    right: Align = "right"
    return Table(say("changes.counts_caption"), header, body, ("left", *(right for _ in verdicts)))


def _verdict_table(found: list[dict[Any, Any]], shown: dict[str, str], say: Language) -> Table:
    header = (say("progress.no"), say("progress.name"), say("changes.before"), say("changes.after"))
    word = say.words.verdict_word
    rows = tuple(
        (c["indicator"], shown.get(c["indicator"], c["name"]), word(Verdict(c["before"])),
         word(Verdict(c["after"])))
        for c in found
    )  # fmt: skip
    keys = tuple(c["indicator"] for c in found)
    columns = ("indicator", "name", "-", "verdict")
    align: tuple[Align, ...] = ("center", "left", "left", "left")
    return Table(say("changes.caption"), header, rows, align, "", columns, keys)


def _revision_table(found: list[dict[Any, Any]], shown: dict[str, str], say: Language) -> Table:
    header = (say("progress.no"), say("progress.name"), say("changes.year"),
              say("changes.before_value"), say("changes.after_value"))  # fmt: skip
    rows = tuple(
        (c["indicator"], shown.get(c["indicator"], c["name"]), str(c["field"]).rpartition(" ")[2],
         str(c["before"]), str(c["after"]))
        for c in found
    )  # fmt: skip
    keys = tuple(c["indicator"] for c in found)
    columns = ("indicator", "name", "-", "-", "inputs")
    align: tuple[Align, ...] = ("center", "left", "center", "right", "right")
    return Table(say("changes.revised_caption"), header, rows, align, "", columns, keys)
