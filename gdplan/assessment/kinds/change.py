"""What is to be added to the base, ``〔1〕`` beside 77.3 (METHOD 1.1): the difference is judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from gdplan.assessment.kinds import level
from gdplan.assessment.kinds.level import (
    arithmetic,
    budget,
    evidence,
    met,
    moved_away,
    next_year,
    pace,
    progress,
    scheduled,
    settled_early,
)
from gdplan.assessment.kinds.questions import NAN, Formulas, Way
from gdplan.model import Scale
from gdplan.page.chinese import change_decimals

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence, Figure
    from gdplan.assessment.judgement import Judgement
    from gdplan.assessment.kinds.questions import Case, Ends
    from gdplan.model import Indicator
    from gdplan.outlook.course import Course
    from gdplan.outlook.goal import Array, Goal
    from gdplan.page.language import Language

__all__ = [
    "arithmetic", "budget", "evidence", "met", "moved_away", "next_year", "pace",
    "progress", "scheduled", "settled_early",
]  # fmt: skip


def ends(item: Indicator, figure: Figure) -> Ends:
    """What the figure adds to the base, and the least and the most it may add."""
    return added(item, (figure.value, figure.low, figure.high))


def added(item: Indicator, found: Ends) -> Ends:
    """A level, its least and its most, less the base: as it is done on paper, in decimals."""
    first, low, high = level.base(item)
    return (difference(found[0], first), difference(found[1], high), difference(found[2], low))


def difference(x: float, y: float) -> float:
    """One printed number less another, without binary noise.

    Examples
    --------
    >>> 78.6 - 77.3, difference(78.6, 77.3)
    (1.2999999999999972, 1.3)
    """
    if not (math.isfinite(x) and math.isfinite(y)):
        return x - y
    return float(Decimal(repr(float(x))) - Decimal(repr(float(y))))


def value(item: Indicator, evidence: Evidence) -> Ends:
    """What the newest figure adds."""
    return added(item, (evidence.value, evidence.low, evidence.high))


def base(item: Indicator) -> Ends:
    """Nothing is added at the base; nan where the plan prints none."""
    return (0.0,) * 3 if not math.isnan(level.base(item)[0]) else (NAN,) * 3


def goal(item: Indicator, base: float, parameters: Mapping[str, float]) -> Goal | None:
    """What is to be added; where plan.yml says that the bracket is a fall, to be taken off."""
    cell = item.target
    if item.cuts != "positive" or item.direction >= 0 or cell.value is None:
        return level.goal(item, base, parameters)
    turned = replace(cell, value=-cell.value, low=-cell.high, high=-cell.low)
    return level.goal(replace(item, target=turned), base, parameters)


def way(case: Case, progress: Array) -> Way:
    """As of a level; of a difference there is no growth."""
    made = level.way(case, progress)
    return Way(made.achieved, made.required, NAN, NAN)


def formulas(item: Indicator) -> Formulas:
    """The one figure less the printed base."""
    plain = level.formulas(replace(item, scale=Scale.LINEAR))
    first = level.base(item)[0]
    return replace(plain, value="" if math.isnan(first) else f"{{sum}}-{first!r}")


def course(plain: Course, item: Indicator, evidence: Evidence) -> Course:
    """The level, of which the base is taken off."""
    made = level.course(plain, item, evidence)
    return replace(made, known=-level.base(item)[0], scale=Scale.LINEAR)


def in_words(field: str, *, total: bool) -> str:
    """The difference to the base, and else as of a level."""
    return "{last} 减基期数" if field == "value" else level.in_words(field, total=total)


def sentence(one: Judgement, base_year: int, say: Language) -> str:
    """The level with its date, what it adds to the base, and what was to be added."""
    words = say.words
    text = say("sentence.change", date=words.data_date(one), value=words.value_text(one),
               year=base_year, change=words.since_base(one),
               target=words.moved(one.target, one.unit, change_decimals(one)))  # fmt: skip
    return text + level.reached(one, say)
