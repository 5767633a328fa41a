"""A ratio of two parts with a side (METHOD 1.1): ``2.5:1`` is 2.5, judged as a level."""

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
    "arithmetic", "base", "budget", "course", "ends", "evidence", "formulas", "goal", "in_words",
    "met", "moved_away", "next_year", "pace", "progress", "scheduled", "sentence",
    "settled_early", "value", "way",
]  # fmt: skip
