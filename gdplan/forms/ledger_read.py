"""The sheet 工作台账 of a filled-in form -> rows of a ledger file; every fault with its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gdplan.files.safe_workbook import Sheet
from gdplan.forms.cells import SHARE, Entries, FormSheet, entries, fraction_for_share
from gdplan.forms.ledger_write import FIRST_INPUT, HEADER, LEDGER, fixed_cells
from gdplan.ledger.statuses import Status, faults, question
from gdplan.model import Plan
from gdplan.plans.commitments import Commitment, unmerged
from gdplan.problems import Problem, refuse

COLUMN = {"status": "状态", "figure": "完成数", "evidence": "佐证材料", "explanation": "情况说明"}
"""The column of the form in which a field of the ledger stands."""


def gone(ids: Sequence[str], plan: Plan) -> list[str]:
    """Commitments of a form that the plan's text no longer holds as they were."""
    known = {item.id for item in unmerged(plan)}
    return [name for name in ids if name not in known]


def read(
    file: str, book: Mapping[str, Sheet], ids: Sequence[str], plan: Plan, *, year: int, today: str
) -> Entries:
    """The reported statuses of a form, and every fault.

    Parameters
    ----------
    file, book
        Name and sheets of the workbook.
    ids
        The commitment of each row, from the hidden key; empty for a form without a ledger.
    plan, year, today
        What the form is for; no report can be of a day after ``today``.
    """
    if not ids:
        return Entries()
    items = {item.id: item for item in unmerged(plan)}
    said = entries(file, book, LEDGER, HEADER, ids,
                   lambda sheet, line, name: _row(sheet, line, items[name], plan, year, today),
                   value=FIRST_INPUT, day="填报日期", stray="表外的行有状态，不知属于哪项承诺"
                   )  # fmt: skip
    return replace(said, questions=tuple(_questions(said, items, plan)))


def _questions(said: Entries, items: Mapping[str, Commitment], plan: Plan) -> Iterator[str]:
    """What to ask the office about reports that stand."""
    for row, cell in zip(said.rows, said.cells, strict=True):
        figure, why = float(row["figure"]) if row["figure"] else None, row["explanation"]
        asked = question(Status(row["status"]), figure, items[row["id"]],
                         about=plan.parameters["about_tolerance"])  # fmt: skip
        if asked:
            yield f"{cell}：{asked}{f'（说明：{why}）' if why else ''}"


def _row(
    sheet: FormSheet, line: int, item: Commitment, plan: Plan, year: int, today: str
) -> dict[str, str] | None:
    """A filled row in the columns of a ledger file, None for an empty one."""
    wanted = {k: v for k, v in fixed_cells(item).items() if k not in ("原文", "上次填报")}
    refuse([*sheet.moved(line, wanted), *sheet.broken(line)])
    if not any(sheet.words(line, name) for name in sheet.inputs):
        return None
    status = sheet.text(line, "状态")
    figure, wrong = _figure(sheet, line, item)
    reported, untimely = sheet.date(line, year, today)
    evidence, why = sheet.words(line, "佐证材料"), sheet.words(line, "情况说明")
    unknown = [] if status in list(Status) else [_no_status(sheet, line, status)]
    refuse([*unknown, *wrong, *untimely])
    refuse(
        Problem(f.key, sheet.place(line, COLUMN[f.field]), f.message, fix=f.fix,
                found=sheet.words(line, COLUMN[f.field])[:60])
        for f in faults(Status(status), float(figure) if figure else None, evidence, why, item,
                        about=plan.parameters["about_tolerance"])
    )  # fmt: skip
    return {
        "plan": plan.id, "id": item.id, "what": item.what, "year": str(year),
        "reported": reported, "status": status, "figure": figure,
        "unit": item.unit if figure else "", "evidence": evidence, "explanation": why,
        "by": sheet.words(line, "填报人"), "note": f"填报表 {sheet.place(line, '状态')}",
        "simulated": "false",
    }  # fmt: skip


def _no_status(sheet: FormSheet, line: int, found: str) -> Problem:
    """A row that says something, but not its status."""
    if found:
        return Problem("unknown_status", sheet.place(line, "状态"), "不认识的状态",
                       "、".join(Status), found[:60])  # fmt: skip
    return Problem("missing_status", sheet.place(line, "状态"), "填了其他内容而没有状态",
                   "、".join(Status), fix="选择状态；没有情况可报的，整行空着")  # fmt: skip


def _figure(sheet: FormSheet, line: int, item: Commitment) -> tuple[str, list[Problem]]:
    """The figure in the commitment's unit."""
    cell, place = sheet.cell(line, "完成数"), sheet.place(line, "完成数")
    text, wrong = sheet.number(line, "完成数", item.unit)
    if not text:
        return "", wrong
    if text.startswith("-"):
        return "", [Problem("negative_figure", place, "完成数不能是负数", found=text)]
    explicit = "%" in cell.form or sheet.text(line, "完成数").endswith("%")
    if item.unit == "%" and item.value >= SHARE and 0 < float(text) <= 1 and not explicit:
        return "", [fraction_for_share(place, text)]
    return text, []
