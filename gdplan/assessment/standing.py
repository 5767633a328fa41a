"""How a case stands: what its kind answers, at every vertex of the intervals.

The first element of every array is the printed value; the others are all combinations of
printed value, lower and upper end of base and value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from gdplan.assessment.evidence import POINTWISE
from gdplan.model import Comparator
from gdplan.outlook.goal import settled

if TYPE_CHECKING:
    from gdplan.assessment.kinds.questions import Case, Ends, Questions, Way
    from gdplan.model import Target
    from gdplan.outlook.goal import Array, Flags

UPPER = (Comparator.AT_MOST, Comparator.BELOW)
"""Words such as 以内: without a base they keep something, and move nothing."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Progress, pace and what follows from them.

    A floor, met at the base, has no way to go: its progress and pace are nan, while ``raw`` and
    ``speed`` keep them as computed. So are those of a figure with one side only (超95) and of a way
    too short to be measured (``short``), which is judged by whether the value lies ``within`` that
    way of the target. ``kept`` is what no verdict calls exceeded. ``beyond`` is the distance past
    the goal, ``way`` what is left from the printed values, ``scheduled`` what is due now,
    ``next_year`` what the next year should bring.
    """

    raw: Array
    speed: Array
    progress: Array
    pace: Array
    met: Flags
    met_at_base: Flags
    met_every_year: Flags
    met_before: bool
    base_unknown: bool
    capped: bool
    used_up: Flags
    short: bool
    within: Flags
    moved_away: Flags
    beyond: Array
    kept: bool
    final_year: bool
    target: float
    way: Way
    scheduled: float
    next_year: float
    years_met: float


def standing(case: Case, kind: Questions, parameters: Mapping[str, float]) -> Standing:
    """What the kind answers of a case."""
    goal, at, item = case.goal, case.at, case.item
    adds_up = item.kind.accumulates
    unknown = not adds_up and bool(np.isnan(at.base[0]))
    short = item.kind.way and is_short(case, parameters["short_way"])
    within = _within_way(case) & bool(short)
    capped, raw = kind.budget(goal), kind.progress(case)
    # Of what adds up from nothing only a target of zero is met from the start.
    zero = np.full(at.base.shape, goal.value == 0 and not goal.banded and not capped)
    at_base = zero if adds_up else np.asarray(goal.met(at.base) & ~np.isnan(at.base))
    speed, done = kind.pace(case, raw), settled(raw)
    met = kind.met(case, done)
    unmeasured = at_base[0] or short or (item.kind.plain and not case.evidence.bounded)
    progress, pace = (x * np.nan if unmeasured else x for x in (raw, speed))
    way, scheduled = kind.way(case, progress), kind.scheduled(case)
    following = np.nan if case.final_year else kind.next_year(
        case, way, met=bool(met[0]), progress=float(progress[0]))  # fmt: skip
    away = kind.moved_away(case, done, met)
    each = not adds_up or (capped and not item.total)
    ends = [kind.ends(item, f) for f in case.evidence.history] if each else []
    years = _years_met(case, ends)
    every = np.asarray(years.all(axis=0))[at.side] & (not unknown or len(years) > 1)
    return Standing(
        raw, speed, progress, pace, met, at_base, met & every,
        unknown and bool(years[:-1, 0].any()), unknown, capped,
        capped & np.where(np.isnan(done), at.value > 0, done > 1), short, within, away,
        goal.beyond(at.value),
        capped or goal.banded or (unknown and item.target.comparator in UPPER), case.final_year,
        goal.value, way, scheduled, following,
        float(years[:, 0].sum()) if item.kind.yearly else np.nan,
    )  # fmt: skip


def _years_met(case: Case, ends: Sequence[Ends]) -> Flags:
    """Whether each year met the goal, by its printed number, its ends and once more the number."""
    history, target = case.evidence.history[: len(ends)], case.item.target
    known = [firm(e, f.decimals, target) if f.bound in POINTWISE else e
             for e, f in zip(ends, history, strict=True)]  # fmt: skip
    table = np.array([(*e, e[0]) for e in known], float).reshape(-1, 4)
    above = np.array([f.above for f in history], bool).reshape(-1, 1)
    return case.goal.met(table, above & np.array([True, True, False, True]))


def firm(ends: Ends, decimals: int, target: Target) -> Ends:
    """A figure equal to a printed target, with at least its digits, has met it whatever lies
    behind its rounding (METHOD 2); every other keeps its interval."""
    printed = (target.value,) if target.value is not None else (target.low, target.high)
    equal = settled(ends[0]) in settled(np.array(printed, float))
    return (ends[0],) * 3 if equal and decimals >= target.decimals else ends


def is_short(case: Case, share: float) -> bool:
    """Whether the way from base to target is too short to be measured: a share of the base, or
    within what the two printed numbers leave open."""
    base, goal = float(case.at.base[0]), case.goal
    if goal.banded or math.isnan(base):
        return False
    way = float(settled(abs(goal.value - base)))
    halves = sum(Decimal(1).scaleb(-cell.decimals) / 2
                 for cell in (case.item.base, case.item.target))  # fmt: skip
    return way > 0 and bool(way <= settled(share * abs(base)) or way < float(halves))


def _within_way(case: Case) -> Flags:
    """Whether the value is no further short of the target than the way from the base is long."""
    goal = case.goal
    way = abs(goal.value - float(case.at.base[0]))
    return np.asarray(goal.beyond(case.at.value) >= -settled(way))
