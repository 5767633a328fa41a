"""The sheet 工作台账 of a filled-in form -> rows of a ledger file; every fault with its cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gdplan.files.safe_workbook import Sheet
from gdplan.forms.cells import SHARE, FormSheet, fraction_for_share
from gdplan.forms.ledger_write import FIRST_INPUT, HEADER, LEDGER, fixed_cells
from gdplan.ledger.statuses import Status, faults, question
from gdplan.model import Plan
from gdplan.plans.commitments import Commitment, unmerged
from gdplan.problems import Problem

COLUMN = {"status": "状态", "figure": "完成数", "evidence": "佐证材料", "explanation": "情况说明"}
"""The column of the form in which a field of the ledger stands."""


@dataclass(frozen=True, slots=True)
class Statuses:
    """What the sheet said: rows in the columns of a ledger file, each with its cell."""

    rows: tuple[Mapping[str, str], ...] = ()
    cells: tuple[str, ...] = ()
    empty: int = 0
    questions: tuple[str, ...] = ()


def gone(ids: Sequence[str], plan: Plan) -> list[str]:
    """Commitments of a form that the plan's text no longer holds as they were."""
    known = {item.id for item in unmerged(plan)}
    return [name for name in ids if name not in known]


def read(
    file: str, book: Mapping[str, Sheet], ids: Sequence[str], plan: Plan, *, year: int, today: str
) -> tuple[Statuses, list[Problem]]:
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
        return Statuses(), []
    if LEDGER not in book:
        return Statuses(), [Problem("missing_sheet", f"{file}!{LEDGER}", "缺少这张表")]
    sheet = FormSheet(file, book[LEDGER], HEADER, first=FIRST_INPUT, value="状态", day="填报日期")
    problems = sheet.header_problems()
    if problems:
        return Statuses(), problems
    items = {item.id: item for item in unmerged(plan)}
    rows, cells, questions = [], [], []
    empty = 0
    for line, name in enumerate(ids, 2):
        row, wrong, asked = _row(sheet, line, items[name], plan, year, today)
        problems += wrong
        questions += asked
        if row:
            rows.append(row)
            cells.append(sheet.place(line, "状态"))
        empty += not row and not wrong
    problems += sheet.strays(len(ids) + 2, "表外的行有状态，不知属于哪项承诺")
    return Statuses(tuple(rows), tuple(cells), empty, tuple(questions)), problems


def _row(
    sheet: FormSheet, line: int, item: Commitment, plan: Plan, year: int, today: str
) -> tuple[dict[str, str] | None, list[Problem], list[str]]:
    """A filled row in the columns of a ledger file, or what is wrong with it, or to be asked."""
    wanted = {k: v for k, v in fixed_cells(item).items() if k not in ("原文", "上次填报")}
    problems = [*sheet.moved(line, wanted), *sheet.broken(line)]
    if problems or not any(sheet.words(line, name) for name in HEADER[sheet.at[FIRST_INPUT] :]):
        return None, problems, []
    status = sheet.text(line, "状态")
    if status not in list(Status):
        problems.append(_no_status(sheet, line, status))
    figure, wrong = _figure(sheet, line, item)
    problems += wrong
    reported, wrong = sheet.date(line, year, today)
    problems += wrong
    evidence, why = sheet.words(line, "佐证材料"), sheet.words(line, "情况说明")
    if problems:
        return None, problems, []
    said, value = Status(status), float(figure) if figure else None
    about = plan.parameters["about_tolerance"]
    problems = [
        Problem(f.key, sheet.place(line, COLUMN[f.field]), f.message, fix=f.fix,
                found=sheet.words(line, COLUMN[f.field])[:60])
        for f in faults(said, value, evidence, why, item, about=about)
    ]  # fmt: skip
    if problems:
        return None, problems, []
    asked = question(said, value, item, about=about)
    place = sheet.place(line, "状态")
    return {
        "plan": plan.id, "id": item.id, "what": item.what, "year": str(year),
        "reported": reported, "status": status, "figure": figure,
        "unit": item.unit if figure else "", "evidence": evidence, "explanation": why,
        "by": sheet.words(line, "填报人"), "note": f"填报表 {place}", "simulated": "false",
    }, [], [f"{place}：{asked}{f'（说明：{why}）' if why else ''}"] if asked else []  # fmt: skip


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
