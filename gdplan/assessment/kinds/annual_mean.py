"""So much a year on average (METHOD 1.1): the mean of the flows so far, and the sum it implies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gdplan.assessment.kinds import cumulative, level
from gdplan.assessment.kinds.cumulative import (
    arithmetic,
    base,
    budget,
    ends,
    evidence,
    goal,
    moved_away,
    next_year,
    pace,
)
from gdplan.assessment.kinds.questions import NAN, Formulas, Way
from gdplan.outlook.goal import settled
from gdplan.page.chinese import decimals_of

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence
    from gdplan.assessment.judgement import Judgement
    from gdplan.assessment.kinds.questions import Case, Ends
    from gdplan.model import Indicator
    from gdplan.outlook.course import Course
    from gdplan.outlook.goal import Array, Flags, Goal
    from gdplan.page.language import Language

__all__ = ["arithmetic", "base", "budget", "ends", "evidence", "goal", "moved_away", "next_year",
           "pace"]  # fmt: skip


def value(item: Indicator, evidence: Evidence) -> Ends:
    """The sum so far over the years it took."""
    years = evidence.when - item.base_year
    return evidence.value / years, evidence.low / years, evidence.high / years


def settled_early(evidence: Evidence, goal: Goal) -> bool:
    """A mean is known at the end."""
    return False


def progress(case: Case) -> Array:
    """``S / (n x)``."""
    with np.errstate(all="ignore"):
        share = np.asarray(case.at.value) / case.goal.value * case.elapsed
    return np.asarray(np.where(np.isfinite(share), share, np.nan))


def met(case: Case, progress: Array) -> Flags:
    """Before the end only when the whole sum has come; a cap is kept on its path."""
    if case.final_year or budget(case.goal) or case.goal.value == 0:
        return case.met
    return np.asarray(settled(progress) >= 1)


def way(case: Case, progress: Array) -> Way:
    """The mean so far, and what each year left has to bring."""
    mean, goal = float(case.at.value[0]), case.goal
    years = case.item.target_year - case.item.base_year
    left = goal.wanted(mean) * years - mean * case.spent
    done = case.left <= 0 or (goal.direction > 0 and left <= 0)
    return Way(mean, NAN if done else left / case.left, NAN, NAN)


def scheduled(case: Case) -> float:
    """The mean is due in full at any time."""
    return case.goal.value


def formulas(item: Indicator) -> Formulas:
    """The sum of the figures over the years."""
    return Formulas("{sum}/{spent}", "{value}/{target}*{elapsed}",
                    "({wanted}*{years}-{value}*{spent})/{left}", kept="{value}<={target}",
                    whole=True)  # fmt: skip


def course(plain: Course, item: Indicator, evidence: Evidence) -> Course:
    """As of a sum, told as its mean."""
    return replace(cumulative.course(plain, item, evidence), mean=True)


def in_words(field: str, *, total: bool) -> str:
    """The mean of the years."""
    if field == "value":
        return "规划期内各年之和÷已过年数，{figures}"
    return "累计÷（目标×规划年数）" if field == "progress" else cumulative.in_words(
        field, total=total)  # fmt: skip


def sentence(one: Judgement, base_year: int, say: Language) -> str:
    """The mean so far with its sum, and the target with the sum it implies."""
    words, decimals = say.words, decimals_of(one)
    spent, years = one.data_year - 1 + one.data_share - base_year, one.elapsed
    whole = spent / years if years else NAN
    text = say("sentence.mean", years=words.since_start(one, base_year),
               value=words.value_text(one, unit=True),
               sum=words.amount(one.value * spent, one.unit, decimals),
               target=words.plan_cell(one.target_raw, one.unit).removeprefix("年均"),
               whole=words.amount(one.target * whole, one.unit, decimals))  # fmt: skip
    return text + level.reached(one, say)
