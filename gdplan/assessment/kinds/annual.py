"""A yearly figure that counts on its own: judged as a level, on whole years alone."""

from __future__ import annotations

from gdplan.assessment.kinds.level import (
    arithmetic,
    base,
    budget,
    course,
    ends,
    evidence,
    formulas,
    goal,
    in_words,
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
    "arithmetic", "base", "budget", "course", "ends", "evidence", "formulas", "goal",
    "in_words", "met", "moved_away", "next_year", "pace", "progress", "scheduled", "sentence",
    "settled_early", "value", "way",
]  # fmt: skip
