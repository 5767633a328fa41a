"""Parts of a whole such as 14:42:44: the distance from the target's parts is judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gdplan.assessment import evidence as known
from gdplan.assessment.compositions import distance_interval
from gdplan.assessment.kinds import level
from gdplan.assessment.kinds.level import (
    budget,
    met,
    moved_away,
    pace,
    progress,
    settled_early,
)
from gdplan.assessment.kinds.questions import NAN, Formulas, Sum, Way
from gdplan.model import Reason
from gdplan.outlook.goal import Goal

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence, Figure
    from gdplan.assessment.judgement import Judgement
    from gdplan.assessment.kinds.questions import Case, Ends
    from gdplan.model import Indicator
    from gdplan.outlook.course import Course
    from gdplan.outlook.goal import Array
    from gdplan.page.language import Language

__all__ = ["budget", "met", "moved_away", "pace", "progress", "settled_early"]


def evidence(item: Indicator, figures: Sequence[Figure], year: int) -> Evidence:
    """The newest composition."""
    return known.latest(figures, whole_years=False, limits=item.limits)


def ends(item: Indicator, figure: Figure) -> Ends:
    """The distance of the figure's parts from those of the target."""
    return distance_interval(figure.raw, item.target.parts, figure.bound)


def value(item: Indicator, evidence: Evidence) -> Ends:
    """The distance of the newest composition."""
    return ends(item, evidence.inputs[-1]) if evidence.known else (NAN, NAN, NAN)


def base(item: Indicator) -> Ends:
    """The distance at the base."""
    return distance_interval(item.base.raw, item.target.parts)


def goal(item: Indicator, base: float, parameters: Mapping[str, float]) -> Goal | None:
    """No distance."""
    return Goal(0.0, -math.inf, 0.0, False, -1, False) if item.target.parts else None


def way(case: Case, progress: Array) -> Way:
    """As of a level."""
    made = level.way(case, progress)
    return Way(made.achieved, made.required, made.required_growth, made.annualized_growth)


def scheduled(case: Case) -> float:
    """No schedule is set for parts."""
    return NAN


def next_year(case: Case, way: Way, *, met: bool, progress: float) -> float:
    """Nor for the next year."""
    return NAN


def formulas(item: Indicator) -> Formulas:
    """The distance is an input of the sheet: earlier ones stand in no cell."""
    progress = '""' if math.isnan(base(item)[0]) else "({value}-{base})/({target}-{base})"
    return Formulas("", progress, "({wanted}-{value})/{left}")


def course(plain: Course, item: Indicator, evidence: Evidence) -> Course:
    """Parts are not projected."""
    return replace(plain, reason=Reason.NOT_PROJECTED)


def in_words(field: str, *, total: bool) -> str:
    """The distance, and else as of a level."""
    words = "{last} 与目标 {target} 各部分份额之差（绝对值）之和的一半"
    return words if field == "value" else level.in_words(field, total=total)


def arithmetic(field: str, *, geometric: bool, falling: bool) -> Sum | None:
    """As of a level on the linear scale."""
    return level.arithmetic(field, geometric=False, falling=falling)


def sentence(one: Judgement, base_year: int, say: Language) -> str:
    """The parts, and those of the target."""
    words = say.words
    return say("sentence.parts", date=words.data_date(one), value=words.value_text(one),
               target=one.target_raw)  # fmt: skip
