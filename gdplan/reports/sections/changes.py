"""与上次评估相比: what changed since an earlier run, as a section of the next report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdplan.model import Verdict
from gdplan.page.blocks import Align, Heading, Paragraph, Section, Table, verdicts_of
from gdplan.page.language import Language

if TYPE_CHECKING:
    import pandas as pd

    from gdplan.reports.evaluation import Evaluation


def since_last(evaluation: Evaluation) -> Section:
    """Counts of verdicts of both evaluations, changed verdicts, revised figures; empty without a
    previous run.

    Raises
    ------
    ProblemError
        When there is no such run.
    """
    if not evaluation.previous:
        return Section(())
    from gdplan.reports.runs.compare import compare

    say, before, after = evaluation.say, evaluation.once(earlier), evaluation.assessment
    head = Heading(say("heading.changes"), 2)
    if not _comparable(before, after):
        return Section.of(head, Paragraph(say("changes.incomparable"), "note"))
    changes = compare(before, after).to_dict("records")
    verdicts = [c for c in changes if c["kind"] == "verdict"]
    revised = [c for c in changes if c["kind"] == "revised_value"]
    first = before.iloc[0]
    shown = {r.indicator: r.name for r in evaluation.rows}
    lead = say(
        "changes.lead", year=int(first["year"]), date=first["as_of"] or say("cover.all_data"),
        verdicts=len(verdicts), revised=len(revised),
    )  # fmt: skip
    return Section.of(
        head,
        Paragraph(lead),
        _counts(before, after, say),
        _verdict_table(verdicts, shown, say) if verdicts else Paragraph(say("changes.same")),
        _revision_table(revised, shown, say) if revised else None,
    )


def earlier(evaluation: Evaluation) -> pd.DataFrame:
    """The assessment of the previous run.

    Raises
    ------
    ProblemError
        When there is no such run.
    """
    from gdplan.reports.runs.compare import read_assessment

    return read_assessment(evaluation.previous)


def _comparable(before: pd.DataFrame, after: pd.DataFrame) -> bool:
    keys = ["plan", "region"]
    return bool(len(before)) and all(set(before[k]) == set(after[k]) for k in keys)


def _counts(before: pd.DataFrame, after: pd.DataFrame, say: Language) -> Table:
    both = (before["verdict"], after["verdict"])
    verdicts = list(dict.fromkeys(v for some in both for v in verdicts_of(some)))
    verdicts.sort(key=lambda v: v is Verdict.NOT_ASSESSABLE)
    around = "{}（{}）" if say.code == "zh" else "{} ({})"
    body = tuple(
        (around.format(say(label), frame["year"].iloc[0]),
         *(str((frame["verdict"] == v).sum()) for v in verdicts))
        for label, frame in (("changes.last", before), ("changes.this", after))
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
