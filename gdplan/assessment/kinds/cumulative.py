"""A sum over the plan years of what each year brings (METHOD 1.1); it starts at zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gdplan import indicators as im
from gdplan.assessment import evidence as known
from gdplan.assessment.kinds.level import base, ends, goal, moved_away, value
from gdplan.assessment.kinds.questions import NAN, Formulas, Sum, Way
from gdplan.model import Period, Reason
from gdplan.outlook.goal import settled
from gdplan.page.chinese import FARTHEST, completion_text, percent, progress_text, rounded, within

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence, Figure
    from gdplan.assessment.judgement import Judgement
    from gdplan.assessment.kinds.questions import Case
    from gdplan.model import Indicator
    from gdplan.outlook.course import Course
    from gdplan.outlook.goal import Array, Flags, Goal
    from gdplan.page.language import Language

__all__ = ["base", "ends", "goal", "moved_away", "value"]


def evidence(item: Indicator, figures: Sequence[Figure], year: int) -> Evidence:
    """The flows from the first plan year on, or a published total carried on by flows."""
    return known.summed(figures, base_year=item.base_year, limits=item.limits)


def settled_early(evidence: Evidence, goal: Goal) -> bool:
    """What has come of a sum cannot fall again: enough is enough, and a cap broken stays so."""
    if goal.banded:
        return False
    return bool(goal.met(evidence.low)) is (goal.direction > 0)


def budget(goal: Goal) -> bool:
    """A sum that has to stay below its target."""
    return goal.direction < 0 and not goal.banded


def progress(case: Case) -> Array:
    """``S/T``."""
    value = case.at.value
    return np.asarray(im.cumulative_progress(value, np.full_like(value, case.goal.value)))


def pace(case: Case, progress: Array) -> Array:
    """Progress over the elapsed share; of a budget the other way round, endless when unused."""
    if budget(case.goal):
        return budget_pace(progress, case.elapsed, unused=progress == 0)
    return np.asarray(im.pace(progress, case.elapsed))


def budget_pace(used: Array, elapsed: float, *, unused: Flags) -> Array:
    """The share of time over the share of a budget that is used."""
    return np.where(unused, np.inf, np.asarray(im.pace(np.full_like(used, elapsed), used)))


def met(case: Case, progress: Array) -> Flags:
    """Whether the sum is an accepted one; before the end a budget is kept on or under its path."""
    if budget(case.goal) and not case.final_year:
        return np.asarray(settled(case.at.value) <= settled(scheduled(case)))
    return case.met


def way(case: Case, progress: Array) -> Way:
    """The yearly average so far, and what each year left has to bring."""
    value, goal = float(case.at.value[0]), case.goal
    done = bool(case.met[0]) or math.isnan(float(progress[0])) or case.left <= 0
    needed = NAN if done else float(im.required_increment(value, goal.wanted(value), case.left))
    return Way(value / case.spent, needed, NAN, NAN)


def scheduled(case: Case) -> float:
    """A sum grows in step with time."""
    return case.goal.value * case.elapsed


def next_year(case: Case, way: Way, *, met: bool, progress: float) -> float:
    """The flow of the next year."""
    return way.required


def formulas(item: Indicator) -> Formulas:
    """The sum of the figures over the target."""
    return Formulas("{sum}", "{value}/{target}", "({wanted}-{value})/{left}")


def course(plain: Course, item: Indicator, evidence: Evidence) -> Course:
    """What has come, and the flows still to come; of a year part of which is known, the rest."""
    last = evidence.inputs[-1]
    part = last.period == Period.YTD.value or last.month < 12
    whole = last.year - 1 if part else last.year
    flows = {f.year: f.value for f in evidence.history if f.full_year}
    flows |= dict(zip(plain.years, plain.values, strict=True))
    reason = Reason.MISSING_YEARS if last.bound in known.POINTWISE else Reason.BOUNDS_ONLY
    carried = not evidence.gap and (not plain.years or plain.years[-1] == whole)
    return replace(
        plain, origin=(whole, flows.get(whole, NAN)), known=evidence.value,
        spent=whole - item.base_year, rest=1 - evidence.share if part else 1.0,
        started=last.value / evidence.share if part else NAN,
        ends=(evidence.low, evidence.high), reason=plain.reason if carried else reason,
    )  # fmt: skip


def in_words(field: str, *, total: bool) -> str:
    """The sum, and its yearly average."""
    return {
        "value": "规划期内各年之和，{figures}",
        "achieved": "累计值÷已过年数",
        "required": "（目标－现值）÷剩余年数，已达标为空",
    }.get(field, "")


def arithmetic(field: str, *, geometric: bool, falling: bool) -> Sum | None:
    """The share of the target; of a budget the pace turned round."""
    if field == "progress":
        return "{value} ÷ {target}", lambda value, target: value / target
    if field == "pace" and falling:
        return "{elapsed} ÷ {progress}", lambda elapsed, progress: elapsed / progress
    return None


def sentence(one: Judgement, base_year: int, say: Language) -> str:
    """What has come since the plan began, and how that stands to time."""
    words, first = say.words, base_year + 1
    date = words.data_date(one)
    span = say("sentence.span", first=first, date=date) if one.data_year > first else date
    text = say("sentence.sum", span=span, value=words.value_text(one, unit=True),
               target=words.plan_cell(one.target_raw, one.unit))  # fmt: skip
    if not math.isnan(one.completion):
        key = "multiple" if one.completion > FARTHEST else "completion"
        return text + say(f"sentence.{key}", completion=completion_text(one.completion, say))
    lead = (one.progress - one.elapsed) * 100
    if not within(one.progress):
        key = "beyond"
    elif one.direction < 0:
        key = "used"
    elif rounded(abs(lead), 1) == "0.0":
        key = "level_with"
    else:
        key = "ahead" if lead > 0 else "behind"
    return text + say(f"sentence.{key}", progress=progress_text(one, say),
                      elapsed=percent(one.elapsed), lead=words.change(lead, "%", 1))  # fmt: skip
