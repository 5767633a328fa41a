"""工作台账落实情况: what became of the plan's commitments, as sections of any of the reports."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gdplan.ledger.judged import Clash, Due, Judged, Why
from gdplan.ledger.statuses import Status
from gdplan.model import Plan
from gdplan.page import chinese as w
from gdplan.page.blocks import Align, Block, Export, Heading, Items, Paragraph, Section, Table
from gdplan.page.language import Language
from gdplan.plans.commitments import promise

if TYPE_CHECKING:
    from gdplan.page.evaluated import Evaluated

LISTED = 20
"""Commitments due in the evaluated year, and kept, that the body of a report lists."""
WORST_LAST = (Judged.DONE, Judged.ON_SCHEDULE, Judged.BEHIND, Judged.NOT_STARTED, Judged.OVERDUE,
              Judged.UNREPORTED)  # fmt: skip
CLASSIFIERS = "家个所名户间项市县件种台场次张门支套条处"
Row = Mapping[Any, Any]
Cell = Callable[[Row, Language], str]


def summary(evaluation: Evaluated) -> Section:
    """工作台账落实情况: counts, what is overdue first, what was due, what lags, contradictions.

    The ledger belongs to the plan's own region alone.
    """
    say, plan = evaluation.say, evaluation.plan
    head = Heading(say("heading.fulfilment"), 2)
    rows: list[Row] = [*evaluation.ledger.to_dict("records")]
    if not rows:
        other = "no_commitments" if evaluation.region == plan.region else "other_region"
        return Section.of(head, Paragraph(say(f"fulfilment.{other}")))
    overdue = _of(rows, Judged.OVERDUE)
    open_ = [r for r in _of(rows, Judged.UNREPORTED) if r["due"] != Due.LATER]
    running = (Judged.UNREPORTED, Judged.OVERDUE)
    due = [r for r in rows if r["due"] == Due.NOW and r["judged"] not in running]
    marked = any(r["simulated"] for r in rows)
    return Section.of(
        head,
        Paragraph(say("simulated"), "watermark") if marked else None,
        _lead(plan, rows, open_, say),
        _counts(rows, say),
        _table("overdue", overdue, "what target deadline status figure share why", say),
        Paragraph(say("fulfilment.place", department=_office(plan, say)), "place")
        if overdue else None,
        _table("open", open_, "id what where target deadline why", say),
        _table("due", due, "what target status figure share judged", say)
        if len(due) <= LISTED else Paragraph(say("fulfilment.due_annex", n=len(due))),
        _table("lagging", _of(rows, Judged.BEHIND, Judged.NOT_STARTED),
               "what target deadline status figure share judged", say),
        _table("clashes", [r for r in rows if r["contradiction"]],
               "what target status figure clash explanation", say),
    )  # fmt: skip


def annex(evaluation: Evaluated) -> Section:
    """附 工作台账: the rules, and every commitment with what was reported and how it is judged."""
    say = evaluation.say
    rows: list[Row] = [*evaluation.ledger.to_dict("records")]
    if not rows:
        return Section(())
    reported = any(r["status"] for r in rows)
    columns = "id what target deadline status figure share judged_why"
    return Section.of(
        Heading(say("heading.ledger"), 2, "annex"),
        Items(say.lines("fulfilment.rules")),
        _table("all", rows, columns if reported else "id where what target deadline", say),
    )


def export(evaluation: Evaluated) -> Export:
    """Hand the judged ledger to the runner: its output becomes ledger.csv, if it has rows."""
    return Export("ledger", evaluation.ledger)


def cell(name: str, row: Row, say: Language) -> str:
    """What a column says of a commitment, in the language of the report."""
    return CELLS[name](row, say) if name in CELLS else str(row[name])


def reason_text(row: Row, say: Language) -> str:
    """How the judgement came about, in clauses."""
    # That the figure decided is the rule; only what departs from it is worth its words.
    plain = (Why.BY_FIGURE, Why.NO_REPORT)
    reasons = [why for text in str(row["reason"]).split(";") if (why := Why(text)) not in plain]
    last = row["status_year"]
    facts = {"year": "" if math.isnan(last) else str(int(last)), "met": row["years_met"],
             "years": row["years_reported"]}  # fmt: skip
    return say("join.clause").join(say(f"why.{why.value}", **facts) for why in reasons)


def _target(row: Row, say: Language) -> str:
    """What is promised, with its unit."""
    digits = w.digits(repr(float(row["value"]))) if not float(row["value"]).is_integer() else 0
    amount = say.words.amount(row["value"], _unit(row["unit"], say), digits)
    return promise(row["comparator"], amount, bool(row["per_year"]), say.code)


def _of(rows: Sequence[Row], *judged: Judged) -> list[Row]:
    return [r for r in rows if r["judged"] in judged]


def _office(plan: Plan, say: Language) -> str:
    name = plan.default_department
    return plan.terms_en.get(name, name) if say.code == "en" else name


def _lead(
    plan: Plan, rows: Sequence[Row], open_: Sequence[Row], say: Language
) -> list[Block]:  # fmt: skip
    """How many there are and what became of them; what nobody reported is said to be unreported."""
    silent = len(_of(rows, Judged.UNREPORTED))
    past = sum(r["due"] == Due.PAST for r in open_)
    facts = {"n": len(rows), "year": rows[0]["year"], "past": past, "now": len(open_) - past,
             "department": _office(plan, say), "silent": silent}  # fmt: skip
    if not any(r["status"] for r in rows):
        return [Paragraph(say("fulfilment.nothing", **facts))]
    counts = say("join.list").join(
        say("fulfilment.count", judged=say(f"judged.{j.name.lower()}"), n=len(_of(rows, j)))
        for j in WORST_LAST if _of(rows, j)
    )  # fmt: skip
    lead: list[Block] = [Paragraph(say("fulfilment.lead", counts=counts, **facts))]
    return lead + ([Paragraph(say("fulfilment.silent", **facts))] if silent else [])


def _counts(rows: Sequence[Row], say: Language) -> Table:
    """Judgements that occur by where the deadline lies."""
    there = [j for j in WORST_LAST if _of(rows, j)]
    header = (say("fulfilment.when"), *(say(f"judged.{j.name.lower()}") for j in there),
              say("counts.total"))  # fmt: skip
    groups = [(say(f"due.{d.name.lower()}"), [r for r in rows if r["due"] == d]) for d in Due]
    body = tuple(
        (name, *(str(len(_of(group, j))) for j in there), str(len(group)))
        for name, group in [*groups, (say("counts.total"), list(rows))]
    )
    right: Align = "right"
    return Table(say("fulfilment.counts"), header, body, ("left", *(right for _ in header[1:])))


def _table(
    key: str, rows: Sequence[Row], columns: str, say: Language, role: str = ""
) -> Table | None:
    """One row per commitment; nothing for none."""
    if not rows:
        return None
    chosen = columns.split()
    header = tuple(say(f"fulfilment.column.{c}") for c in chosen)
    align: tuple[Align, ...] = tuple(ALIGN.get(c, "left") for c in chosen)
    body = tuple(tuple(cell(c, r, say) or w.EMPTY for c in chosen) for r in rows)
    return Table(say(f"fulfilment.{key}"), header, body, align, role)


def _clash(row: Row, say: Language) -> str:
    """In what the reports contradict each other, in clauses."""
    clashes = [Clash(text) for text in str(row["contradiction"]).split(";") if text]
    return say("join.clause").join(say(f"clash.{clash.value}") for clash in clashes)


def _judged_why(row: Row, say: Language) -> str:
    """The judgement, and what about it is not plain."""
    word, why = cell("judged", row, say), reason_text(row, say)
    around = "{}（{}）" if say.code == "zh" else "{} ({})"
    return around.format(word, why) if why else word


def _unit(unit: str, say: Language) -> str:
    """The plan's unit; a classifier of Chinese says nothing in English."""
    if say.code == "zh":
        return unit
    if unit in CLASSIFIERS:
        return ""
    return "10,000" if unit[:1] == "万" and unit[1:] in CLASSIFIERS else say.words.term(unit)


CELLS: dict[str, Cell] = {
    "target": _target,
    "status": lambda r, say: r["status"] and say(f"status.{Status(r['status']).name.lower()}"),
    "figure": lambda r, say: str(r["raw"]),
    "share": lambda r, say: w.percent(r["share"]),
    "judged": lambda r, say: say(f"judged.{Judged(r['judged']).name.lower()}"),
    "judged_why": _judged_why,
    "why": reason_text,
    "clash": _clash,
}
"""Columns that are worded; any other shows its field as it stands."""
ALIGN: dict[str, Align] = {"deadline": "center", "line": "center", "figure": "right",
                           "share": "right"}  # fmt: skip
