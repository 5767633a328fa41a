"""A level: the value of the last year, on its way from base to target (METHOD 1.1)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gdplan import indicators as im
from gdplan.assessment import evidence as known
from gdplan.assessment.kinds.questions import NAN, Formulas, Sum, Way
from gdplan.assessment.targets import goal
from gdplan.model import Scale
from gdplan.outlook.goal import settled
from gdplan.page.chinese import (
    FARTHEST,
    completion_text,
    has_change,
    percent,
    progress_text,
    within,
)

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence, Figure
    from gdplan.assessment.judgement import Judgement
    from gdplan.assessment.kinds.questions import Case, Ends
    from gdplan.model import Indicator
    from gdplan.outlook.course import Course
    from gdplan.outlook.goal import Array, Flags, Goal
    from gdplan.page.language import Language

__all__ = ["goal"]


def evidence(item: Indicator, figures: Sequence[Figure], year: int) -> Evidence:
    """The newest figure; of a flow that of a whole year, for part of one is never its level."""
    return known.latest(figures, whole_years=known.is_flow(item, figures), limits=item.limits)


def ends(item: Indicator, figure: Figure) -> Ends:
    """The figure with both its ends."""
    return figure.value, figure.low, figure.high


def value(item: Indicator, evidence: Evidence) -> Ends:
    """What the figures make."""
    return evidence.value, evidence.low, evidence.high


def base(item: Indicator) -> Ends:
    """The printed base, within the limits of the indicator."""
    cell = item.base
    if cell.value is None:
        return NAN, NAN, NAN
    low, high = item.limits
    return cell.value, max(cell.low, low), min(cell.high, high)


def settled_early(evidence: Evidence, goal: Goal) -> bool:
    """A level can always still fall."""
    return False


def budget(goal: Goal) -> bool:
    """Years of a level do not add up."""
    return False


def progress(case: Case) -> Array:
    """``(y - y0)/(T - y0)``, or with logarithms on the geometric scale."""
    formula = im.geometric_progress if case.item.scale is Scale.GEOMETRIC else im.linear_progress
    return np.asarray(formula(case.at.base, case.at.value, case.goal.value))


def pace(case: Case, progress: Array) -> Array:
    """Progress over the elapsed share."""
    return np.asarray(im.pace(progress, case.elapsed))


def met(case: Case, progress: Array) -> Flags:
    """Whether the value is an accepted one."""
    return case.met


def moved_away(case: Case, progress: Array, met: Flags) -> Flags:
    """The wrong way beyond rounding, or out of a band on its far side."""
    goal, at = case.goal, case.at
    two_sided = goal.banded and len(goal.edges) == 2
    (low, high), (first, last) = (settled([x.min(), x.max()]) for x in (at.value, at.base))
    apart = case.item.kind.accumulates or high <= first or low >= last
    return np.asarray((apart & (progress < 0)) | (two_sided & (progress > 1) & ~met))


def way(case: Case, progress: Array) -> Way:
    """Change per year so far, and what still leads to the nearest accepted value; where each year
    counts for itself the mean of the years, and that value."""
    first, value, goal = float(case.at.base[0]), float(case.at.value[0]), case.goal
    wanted, achieved = goal.wanted(value), (value - first) / case.spent
    needed = float(im.required_increment(value, wanted, case.left)) if case.left > 0 else NAN
    if case.item.kind.yearly:
        achieved = float(np.mean([f.value for f in case.evidence.history or case.evidence.inputs]))
        needed = wanted
    done = bool(case.met[0]) or math.isnan(float(progress[0])) or case.left <= 0
    return Way(
        achieved=achieved,
        required=NAN if done else needed,
        required_growth=NAN if done else float(im.required_growth(value, wanted, case.left)),
        annualized_growth=float(im.annualized_growth(first, value, case.spent)),
        geometric=float(im.geometric_progress(first, value, goal.value)),
    )


def scheduled(case: Case) -> float:
    """Due on the own scale from base to target; what was met at the base is due in full."""
    first, goal = float(case.at.base[0]), case.goal
    if bool(goal.met(first)):
        return goal.value
    if case.item.scale is Scale.GEOMETRIC:
        positive = first > 0 and goal.value > 0
        return float(first * (goal.value / first) ** case.elapsed) if positive else NAN
    return first + (goal.value - first) * case.elapsed


def next_year(case: Case, way: Way, *, met: bool, progress: float) -> float:
    """The value at the end of the next year; what is met has to be held."""
    if met or math.isnan(progress):
        return case.goal.value
    value, ahead = float(case.at.value[0]), case.year + 1 - case.evidence.when
    if case.item.scale is Scale.GEOMETRIC:
        return value * float((1 + way.required_growth) ** ahead)
    return value + (case.goal.wanted(value) - value) / case.left * ahead


def formulas(item: Indicator) -> Formulas:
    """The one figure, and its share of the way."""
    progress = "({value}-{base})/({target}-{base})"
    if item.scale is Scale.GEOMETRIC:
        progress = 'IF(MIN({base},{value},{target})>0,LN({value}/{base})/LN({target}/{base}),"")'
    if item.base.value is None:
        progress = '""'
    required = "{wanted}" if item.kind.yearly else "({wanted}-{value})/{left}"
    return Formulas("{sum}", progress, required)


def course(plain: Course, item: Indicator, evidence: Evidence) -> Course:
    """The last whole year; one known with one side only (超143) is no point of the series."""
    whole = [f for f in evidence.history if f.full_year and f.year > plain.year]
    origin = (whole[-1].year, whole[-1].value) if whole else None
    last = next((f for f in reversed(evidence.inputs) if f.year == plain.year), None)
    return replace(plain, origin=origin, ends=(last.low, last.high) if last else plain.ends)


def in_words(field: str, *, total: bool) -> str:
    """The newest figure, and the difference to the base."""
    return {
        "value": "最近一次公布的数，{last}",
        "achieved": "（现值－基期）÷已过年数",
        "required": "（目标－现值）÷剩余年数，已达标为空",
    }.get(field, "")


LINEAR: Sum = (
    "（{value} － {base}）÷（{target} － {base}）",
    lambda value, base, target: (value - base) / (target - base),
)
GEOMETRIC: Sum = (
    "ln({value} ÷ {base}) ÷ ln({target} ÷ {base})",
    lambda value, base, target: math.log(value / base) / math.log(target / base),
)


def arithmetic(field: str, *, geometric: bool, falling: bool) -> Sum | None:
    """The share of the way from the base."""
    if field != "progress":
        return None
    return GEOMETRIC if geometric else LINEAR


def sentence(one: Judgement, base_year: int, say: Language) -> str:
    """The value with its date, the change since the base, and the target."""
    words = say.words
    text = say("sentence.level", date=words.data_date(one), value=words.value_text(one, unit=True))
    if has_change(one):
        text += words.since_clause(one, base_year)
    elif one.province_base and math.isnan(one.base):
        text += say("sentence.province_base", year=base_year,
                    base=words.plan_cell(one.province_base, one.unit))  # fmt: skip
    return text + against_target(one, say)


def against_target(one: Judgement, say: Language) -> str:
    """The target, and how far it is reached."""
    text = say("sentence.target", target=say.words.plan_cell(one.target_raw, one.unit))
    return text + reached(one, say)


def reached(one: Judgement, say: Language) -> str:
    """How far the target is reached: completion, distance or progress, as far as known."""
    if not math.isnan(one.completion):
        key = "multiple" if one.completion > FARTHEST else "completion"
        return say(f"sentence.{key}", completion=completion_text(one.completion, say))
    if not math.isnan(one.shortfall):
        return say("sentence.shortfall", distance=say.words.distance_text(one),
                   share=percent(one.shortfall))  # fmt: skip
    if not math.isnan(one.distance):
        return say("sentence.distance", distance=say.words.distance_text(one))
    if math.isnan(one.progress):
        return ""
    shares = {"progress": progress_text(one, say), "elapsed": percent(one.elapsed)}
    return say("sentence.progress" if within(one.progress) else "sentence.beyond", **shares)
