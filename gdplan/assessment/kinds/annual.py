"""A yearly figure that counts on its own: judged as a level, on whole years alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gdplan.assessment import evidence as known
from gdplan.assessment.kinds import level
from gdplan.assessment.kinds.level import (
    ZERO,
    arithmetic,
    base,
    budget,
    course,
    ends,
    exceedable,
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
)

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence, Figure
    from gdplan.assessment.kinds.questions import Case, Way
    from gdplan.model import Indicator
    from gdplan.outlook.goal import Array

__all__ = [
    "ZERO", "arithmetic", "base", "budget", "course", "ends", "exceedable", "formulas", "goal",
    "in_words", "met", "moved_away", "next_year", "pace", "progress", "scheduled", "sentence",
    "settled_early", "value",
]  # fmt: skip


def evidence(item: Indicator, figures: Sequence[Figure], year: int) -> Evidence:
    """The newest figure of a whole year."""
    return known.latest(figures, whole_years=True, limits=item.limits)


def way(case: Case, progress: Array) -> Way:
    """As of a level, with the count of the years that met the target."""
    kept = case.goal.met(np.array([f.value for f in case.evidence.history]))
    return replace(level.way(case, progress), years_met=float(kept.sum()))
