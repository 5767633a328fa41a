"""A cut of so many per cent in all (METHOD 1.1): yearly cuts chained, ``R = 1 - prod(1 - r)``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gdplan import indicators as im
from gdplan.assessment import evidence as known
from gdplan.assessment.kinds import level, rate
from gdplan.assessment.kinds.level import base, budget, ends, moved_away, pace, settled_early, value
from gdplan.assessment.kinds.questions import NAN, Formulas, Sum, Way
from gdplan.model import Comparator, Reason
from gdplan.outlook.goal import Goal

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence, Figure
    from gdplan.assessment.judgement import Judgement
    from gdplan.assessment.kinds.questions import Case
    from gdplan.model import Indicator
    from gdplan.outlook.course import Course
    from gdplan.outlook.goal import Array, Flags
    from gdplan.page.language import Language

__all__ = ["base", "budget", "ends", "moved_away", "pace", "settled_early", "value"]


def evidence(item: Indicator, figures: Sequence[Figure], year: int) -> Evidence:
    """Unbroken yearly cuts from the first plan year on, or a published cut since the base carried
    on by them.

    Where every figure is negative and plan.yml says nothing of the sign, these may be cuts written
    as growth, or rises: it is asked.
    """
    if not item.cuts and figures and all(f.value < 0 for f in figures):
        return known.Evidence(history=tuple(figures), reasons=(Reason.CUTS_SIGN,))
    growth = figures if item.cuts == "negative" else [mirrored(f) for f in figures]
    plain = dict(zip(map(id, growth), figures, strict=True))
    found = known.chained(growth, base_year=item.base_year, total=True)
    return replace(
        found, inputs=tuple(plain[id(f)] for f in found.inputs),
        history=tuple(plain[id(f)] for f in found.history),
        value=-found.value, low=-found.high, high=-found.low,
    )  # fmt: skip


def mirrored(figure: Figure) -> Figure:
    """A cut as the growth it is, and the other way round."""
    return replace(figure, value=-figure.value, low=-figure.high, high=-figure.low)


def goal(item: Indicator, base: float, parameters: Mapping[str, float]) -> Goal | None:
    """More is better, whatever the printed sign of the target; words such as 左右 keep theirs."""
    cell = item.target
    if cell.value is not None and cell.value < 0:
        turned = {Comparator.AT_MOST: Comparator.AT_LEAST, Comparator.BELOW: Comparator.ABOVE}
        side = turned.get(cell.comparator, cell.comparator)
        cell = replace(cell, value=-cell.value, low=-cell.high, high=-cell.low, comparator=side)
    return rate.goal(replace(item, target=cell, direction=1), base, parameters)


def progress(case: Case) -> Array:
    """``ln(1 - R) / ln(1 - x)``."""
    goal = case.goal.value
    with np.errstate(all="ignore"):
        share = np.log1p(-np.asarray(case.at.value) / 100) / np.log1p(-goal / 100)
    return np.asarray(np.where(np.isfinite(share), share, np.nan))


def met(case: Case, progress: Array) -> Flags:
    """Whether the whole cut has come."""
    return case.met


def way(case: Case, progress: Array) -> Way:
    """The average cut so far, and what each year left has to cut, in per cent."""
    done = bool(case.met[0]) or case.left <= 0
    cut, goal = float(case.at.value[0]) / 100, case.goal.value / 100
    needed = NAN if done or goal >= 1 else 1 - ((1 - goal) / (1 - cut)) ** (1 / case.left)
    return Way(-100 * float(im.annualized_growth(1.0, 1 - cut, case.spent)), 100 * needed, NAN, NAN)


def scheduled(case: Case) -> float:
    """The same cut every year."""
    goal = case.goal.value / 100
    return 100 * (1 - (1 - goal) ** case.elapsed) if goal < 1 else NAN


def next_year(case: Case, way: Way, *, met: bool, progress: float) -> float:
    """The cut of the next year."""
    return way.required


def formulas(item: Indicator) -> Formulas:
    """Logarithms of what the yearly cuts leave, added up."""
    return Formulas(
        value="100*(1-EXP({logs}))",
        progress="LN(1-{value}/100)/LN(1-{target}/100)",
        required="100*(1-POWER((1-{wanted}/100)/EXP({logs}),1/{left}))",
    )


def course(plain: Course, item: Indicator, evidence: Evidence) -> Course:
    """The index that the cuts leave, told as the cut that it makes."""
    sign = 1.0 if item.cuts == "negative" else -1.0
    inputs = evidence.inputs if sign > 0 else tuple(mirrored(f) for f in evidence.inputs)
    growth = replace(plain, values=tuple(sign * v for v in plain.values), total=True, cut=True)
    return rate.course(growth, item, replace(evidence, inputs=inputs))


def in_words(field: str, *, total: bool) -> str:
    """The cuts of the years, chained."""
    return {
        "value": "1－各年（1－降幅）连乘（{listed}）",
        "progress": "ln(1－已降幅) ÷ ln(1－目标降幅)",
        "achieved": "以往年均降幅",
        "required": "1－（1－目标降幅）÷（1－已降幅）的剩余年数次方根",
    }.get(field, "")


def arithmetic(field: str, *, geometric: bool, falling: bool) -> Sum | None:
    """Cuts are chained, which is told in words."""
    return None


def sentence(one: Judgement, base_year: int, say: Language) -> str:
    """The cut so far, and the target."""
    words = say.words
    key = "sentence.rise" if one.value < 0 else "sentence.reduction"
    shown = replace(one, value=-one.value) if one.value < 0 else one
    text = say(key, years=words.since_start(one, base_year),
               value=words.value_text(shown, unit=True))  # fmt: skip
    return text + level.against_target(one, say)
