"""Yearly growth in per cent, chained (METHOD 1.1): its annual average is judged, or the five-year
total where the target is one (``[-17]``)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gdplan import indicators as im
from gdplan.assessment import evidence as known
from gdplan.assessment.kinds import level
from gdplan.assessment.kinds.cumulative import budget_pace
from gdplan.assessment.kinds.level import base, ends, goal, settled_early, value
from gdplan.assessment.kinds.questions import NAN, Formulas, Sum, Way
from gdplan.model import Reason
from gdplan.notation import parse_target
from gdplan.outlook.goal import settled

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence, Figure
    from gdplan.assessment.judgement import Judgement
    from gdplan.assessment.kinds.questions import Case
    from gdplan.model import Indicator
    from gdplan.outlook.course import Course
    from gdplan.outlook.goal import Array, Flags, Goal
    from gdplan.page.language import Language

__all__ = ["base", "ends", "goal", "settled_early", "value"]


def evidence(item: Indicator, figures: Sequence[Figure], year: int) -> Evidence:
    """Unbroken yearly growth from the first plan year on."""
    return known.chained(figures, base_year=item.base_year, total=item.target.total)


def budget(goal: Goal) -> bool:
    """Growth that has to stay below its target; one that has to be negative is a way to go."""
    return goal.direction < 0 and not goal.banded and goal.value >= 0


def progress(case: Case) -> Array:
    """``ln prod(1+g) / ln(1+G*)``."""
    total = five_years(case.item, case.goal.value)
    years = 1 if case.item.target.total else len(case.evidence.inputs)
    with np.errstate(all="ignore"):
        chained = np.log1p(np.asarray(case.at.value) / 100) * years
        share = chained / np.log1p(total) if total > -1 and total != 0 else chained * np.nan
    return np.asarray(np.where(np.isfinite(share), share, np.nan))


def five_years(item: Indicator, rate: float) -> float:
    """Growth over the plan, as a fraction, that ``rate`` per cent asks for: a year, or in all where
    the target is a total."""
    if item.target.total:
        return rate / 100
    return float((1 + rate / 100) ** (item.target_year - item.base_year) - 1)


def pace(case: Case, progress: Array) -> Array:
    """Progress over the elapsed share; of a budget the other way round, endless when unused."""
    if budget(case.goal):
        return budget_pace(progress, case.elapsed, unused=progress <= 0)
    return np.asarray(im.pace(progress, case.elapsed))


def met(case: Case, progress: Array) -> Flags:
    """Before the end only when all of the growth has come; a budget is kept on its path."""
    goal = case.goal
    if case.final_year or goal.value == 0 or (budget(goal) and not case.item.target.total):
        return case.met
    if budget(goal):
        return np.asarray(progress <= settled(case.elapsed))
    return _arrived(goal, progress)


def _arrived(goal: Goal, progress: Array) -> Flags:
    done = settled(progress)
    return np.asarray(done > 1 if goal.strict else done >= 1)


def moved_away(case: Case, progress: Array, met: Flags) -> Flags:
    """As of a level; growth below a cap is not away from it."""
    if budget(case.goal):
        return np.zeros_like(met)
    return level.moved_away(case, progress, met)


def way(case: Case, progress: Array) -> Way:
    """The average growth so far, and what each year left has to grow by, in per cent.

    An average that is on target so far still has the years left to grow.
    """
    goal, value, open_ = case.goal, float(case.at.value[0]), case.left > 0
    wanted = goal.wanted(value, growing=open_)
    growth = np.array([f.value for f in case.evidence.inputs]) / 100
    total = five_years(case.item, wanted)
    needed = 100 * float(im.required_remaining_growth(growth, total, len(growth) + case.left))
    # The growth up to the edge of a band may have come before that up to its number.
    enough = open_ and goal.banded and goal.direction * needed <= 0 and goal.direction != 0
    arrived = _arrived(goal, progress) if open_ else case.met
    done = bool(arrived[0]) or enough or math.isnan(float(progress[0]))
    growing = float(im.required_growth(value, wanted, case.left)) if open_ else NAN
    return Way(
        # Of all the years gone: a published total is one figure for several of them.
        achieved=100 * float(im.annualized_growth(1.0, float(np.prod(1 + growth)), case.spent)),
        required=NAN if done else needed,
        required_growth=NAN if done else growing,
        annualized_growth=NAN,
    )


def scheduled(case: Case) -> float:
    """The growth of every year is due in full."""
    return case.goal.value


def next_year(case: Case, way: Way, *, met: bool, progress: float) -> float:
    """The growth of the next year."""
    return way.required


def formulas(item: Indicator) -> Formulas:
    """Logarithms of the yearly growth, added up."""
    years, span = ("1", "1") if item.target.total else ("{count}", "{years}")
    share = "LN(1+{value}/100)/LN(1+{target}/100)"
    return Formulas(
        value=f"100*(EXP({{logs}}/{years})-1)",
        progress=share if item.target.total else share + "*{count}/{years}",
        required=f"100*(POWER(POWER(1+{{wanted}}/100,{span})/EXP({{logs}}),1/{{left}})-1)",
        unused="<=0",
        kept="{raw_progress}<={elapsed}" if item.target.total else "{value}<={target}",
        leaves=False,
        whole=True,
    )


def course(plain: Course, item: Indicator, evidence: Evidence) -> Course:
    """The index that growth makes, unbroken to the last figure."""
    last = evidence.inputs[-1]
    low, factor, high = (
        1 + float(im.chained_growth([getattr(f, side) / 100 for f in evidence.inputs]))
        for side in ("low", "value", "high")
    )
    carried = not plain.years or plain.years[-1] == last.year
    return replace(
        plain, origin=(last.year, last.value), known=factor, ends=(low, high),
        spent=last.year - item.base_year, reason=plain.reason if carried else Reason.MISSING_YEARS,
    )  # fmt: skip


def in_words(field: str, *, total: bool) -> str:
    """The growth of the years, chained."""
    return {
        "value": "各年增速（{listed}）连乘" + ("" if total else "后的年均增速"),
        "progress": "ln(各年增速连乘) ÷ ln(规划期目标总增速)",
        "achieved": "以往年均增速",
        "required": "（目标总增速÷已实现增速）的剩余年数次方根－1，均以 1＋增速计",
    }.get(field, "")


def arithmetic(field: str, *, geometric: bool, falling: bool) -> Sum | None:
    """Growth is chained, which is told in words."""
    return None


def sentence(one: Judgement, base_year: int, say: Language) -> str:
    """The growth so far, a year or in all, and the target."""
    key = "total" if parse_target(one.target_raw).total else "average"
    text = say(f"sentence.growth_{key}", years=say.words.since_start(one, base_year),
               value=say.words.value_text(one, unit=True))  # fmt: skip
    if one.direction < 0 <= one.target and math.isnan(one.completion):
        # Of a cap no share of a way is told.
        one = replace(one, progress=NAN)
    return text + level.against_target(one, say)
