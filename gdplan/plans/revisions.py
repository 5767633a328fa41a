"""Targets that a later document changed (规划调整): which of them holds on a day.

plan.yml lists the changes of an indicator's target in the order of their dates; the history of a
target begins with the cell of the plan's own table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from gdplan.dates import day_of, end_of, is_date
from gdplan.files.strict_yaml import Strict
from gdplan.model import Comparator, Indicator, Plan, Reason, Revision
from gdplan.notation import parse_target
from gdplan.problems import Problem, ProblemError

if TYPE_CHECKING:
    from datetime import date


class RevisedTarget(Strict):
    """One change of a target: the day it was issued, the new cell, the document."""

    issued: str
    target: str
    document: Annotated[str, Field(min_length=2)]


def in_force(plan: Plan, as_of: str | date | None) -> Plan:
    """The plan as it was known on a day: later changes of its targets are not in it.

    Parameters
    ----------
    as_of : str or date or None
        None keeps every change, so that the newest targets hold.
    """
    if as_of is None or not any(item.revised for item in plan.indicators):
        return plan
    day = day_of(as_of)
    return replace(plan, indicators=tuple(_known(item, day) for item in plan.indicators))


def _known(item: Indicator, day: date) -> Indicator:
    if not item.revised:
        return item
    original, *later = item.revised
    known = (original, *(each for each in later if end_of(each.issued) <= day))
    return with_targets(item, known)


def with_targets(item: Indicator, history: Sequence[Revision]) -> Indicator:
    """The indicator with the last target of a history; one that never changed has none."""
    kept = tuple(history) if len(history) > 1 else ()
    return replace(item, target=history[-1].target, revised=kept)


def history(
    item: Indicator, changes: Sequence[RevisedTarget], *, issued: str, document: str
) -> tuple[Revision, ...]:
    """The targets of an indicator in the order of their dates, that of the table first."""
    return (
        Revision(issued, item.target, document),
        *(Revision(c.issued, parse_target(c.target, unit=item.unit or None), c.document)
          for c in changes),
    )  # fmt: skip


def told(item: Indicator) -> tuple[Reason, ...]:
    """What there is to say of a target that was changed."""
    return (Reason.TARGET_REVISED,) if item.revised else ()


def faults(
    changes: Sequence[RevisedTarget], places: Sequence[str], *, printed: str, unit: str,
    issued: str, directed: bool,
) -> Iterator[Problem]:  # fmt: skip
    """What is wrong with the changes of one target.

    Parameters
    ----------
    places : sequence of str
        Where each change stands.
    printed, unit, issued : str
        Cell and unit of the plan's table, and the day the plan was issued.
    directed : bool
        Whether plan.yml says which side is better.
    """
    before = issued
    for change, where in zip(changes, places, strict=True):
        yield from _unlike(change.target, printed, unit, where, directed=directed)
        if not is_date(change.issued):
            yield Problem("no_such_date", where, "目标调整的日期读不懂",
                          "YYYY、YYYY-MM 或 YYYY-MM-DD", change.issued)  # fmt: skip
            continue
        if is_date(before) and end_of(change.issued) <= end_of(before):
            word = "规划印发" if before == issued else "前一次调整"
            said = f"目标调整的日期应晚于{word}，并按日期先后排列"
            yield Problem("revised_too_early", where, said, f"晚于{before}", change.issued)
        before = change.issued


def _unlike(cell: str, printed: str, unit: str, where: str, *, directed: bool) -> Iterator[Problem]:
    """A new cell that cannot be read, or is counted otherwise than the plan's own."""
    old = parse_target(printed, unit=unit or None)
    try:
        new = parse_target(cell, unit=unit or None)
    except ProblemError:
        yield Problem("unreadable_target", where, "调整后的目标读不出数", f"形如 {printed}", cell)
        return
    if new.has_number < old.has_number:
        yield Problem("unreadable_target", where, "调整后的目标读不出数", f"形如 {printed}", cell)
    elif (new.kind, len(new.parts)) != (old.kind, len(old.parts)):
        yield Problem("another_kind", where, "调整后的目标与原目标不是同一类", f"形如 {printed}",
                      cell)  # fmt: skip
    elif not directed and new.comparator is Comparator.BARE and new.value is not None:
        yield Problem("no_direction", where, "调整后的目标没有写明方向，direction 不能定为 none",
                      "up（越大越好）或 down（越小越好）", cell)  # fmt: skip
