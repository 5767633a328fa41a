"""A yearly figure that counts on its own: judged as a level, of each year what it has reached."""

from __future__ import annotations

from gdplan.assessment.kinds import level
from gdplan.assessment.kinds.level import (
    arithmetic,
    base,
    budget,
    course,
    ends,
    evidence,
    formulas,
    goal,
    met,
    moved_away,
    next_year,
    pace,
    progress,
    scheduled,
    sentence,
    settled_early,
    value,
    way,
)

__all__ = [
    "arithmetic", "base", "budget", "course", "ends", "evidence", "formulas", "goal", "met",
    "moved_away", "next_year", "pace", "progress", "scheduled", "sentence", "settled_early",
    "value", "way",
]  # fmt: skip


def in_words(field: str, *, total: bool) -> str:
    """The mean of the years so far, and what each year left has to reach."""
    yearly = {"achieved": "规划期内各年平均", "required": "余下各年每年应达到的数，已达标为空"}
    return yearly.get(field, level.in_words(field, total=total))
