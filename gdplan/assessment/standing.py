"""How a case stands: what its kind answers, at every vertex of the intervals.

The first element of every array is the printed value; the others are all combinations of
printed value, lower and upper end of base and value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gdplan.outlook.goal import settled

if TYPE_CHECKING:
    from gdplan.assessment.kinds.questions import Case, Questions, Way
    from gdplan.outlook.goal import Array, Flags


@dataclass(frozen=True, slots=True)
class Standing:
    """Progress, pace and what follows from them.

    A floor, met at the base, has no way to go: its progress and pace are nan, while ``raw`` and
    ``speed`` keep them as computed. ``beyond`` is the distance past the goal, ``way`` what is left
    from the printed values, ``scheduled`` what is due now, ``next_year`` what the next year should
    bring.
    """

    raw: Array
    speed: Array
    progress: Array
    pace: Array
    met: Flags
    met_at_base: Flags
    met_every_year: Flags
    moved_away: Flags
    beyond: Array
    exceedable: bool
    final_year: bool
    target: float
    way: Way
    scheduled: float
    next_year: float


def standing(case: Case, kind: Questions) -> Standing:
    """What the kind answers of a case."""
    goal, at, guarded = case.goal, case.at, not case.item.kind.accumulates
    raw = kind.progress(case)
    speed = kind.pace(case, raw)
    done = settled(raw)
    met = kind.met(case, done)
    at_base = goal.met(at.base) & ~np.isnan(at.base) & guarded
    progress, pace = (x * np.nan if at_base[0] else x for x in (raw, speed))
    way, scheduled = kind.way(case, progress), kind.scheduled(case)
    following = np.nan if case.final_year else kind.next_year(
        case, way, met=bool(met[0]), progress=float(progress[0]))  # fmt: skip
    judged = [kind.ends(case.item, f) for f in case.evidence.history] if guarded else []
    kept = np.asarray(goal.met(np.array(judged, float).reshape(-1, 3)).all(axis=0))[at.side]
    return Standing(
        raw, speed, progress, pace, met, at_base, met & kept, kind.moved_away(case, done, met),
        goal.beyond(at.value), kind.exceedable(goal), case.final_year, goal.value, way, scheduled,
        following,
    )  # fmt: skip
