"""One indicator's figures -> its projection to the target year and the chance of the target.

The arithmetic is in :mod:`gdplan.outlook`; here figures become arrays and the goal becomes bounds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gdplan.assessment.evidence import POINTWISE
from gdplan.model import Indicator, Mode, Period, Reason, Scale
from gdplan.outlook import projection

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence
    from gdplan.outlook.goal import Goal

COLUMNS = (
    "outlook", "outlook_low80", "outlook_high80", "outlook_low95", "outlook_high95", "reach",
    "reach_low", "reach_high", "reach_n", "reach_reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Course:
    """What is projected: yearly values up to ``until``, and what they make.

    ``weights`` make a running sum that begins with ``known``; ``chain`` is the growth so far of an
    index whose average over ``span`` years is judged.
    """

    years: tuple[int, ...]
    values: tuple[float, ...]
    horizon: int
    scale: Scale
    weights: tuple[float, ...] | None = None
    known: float = 0.0
    chain: float = math.nan
    span: int = 0

    def judged(self, x: float) -> float:
        """What a projected value makes, in the unit of the target."""
        if math.isnan(self.chain):
            return self.known + x
        return float(((x * self.chain) ** (1 / self.span) - 1) * 100) if x > 0 else -100.0

    def asked(self, target: float) -> float:
        """The projected value that just makes a target."""
        if math.isnan(self.chain) or math.isinf(target):
            return target - self.known
        return float((1 + max(target, -100.0) / 100) ** self.span / self.chain)


def reach(
    indicator: Indicator, found: Evidence, aim: Goal | None, blocking: Sequence[Reason] = ()
) -> dict[str, Any]:
    """The columns of an indicator's outlook; none when something forbids a verdict.

    Returns
    -------
    dict
        ``outlook`` and the ends of its intervals in the unit of the target; ``reach`` the
        probability of the accepted values in the target year, ``reach_low`` and ``reach_high`` its
        ends where the last figure is known within limits only; ``reach_n`` the points; nan and a
        ``reach_reason`` where nothing can be said.
    """
    n = len(found.series)
    empty = dict.fromkeys(COLUMNS, math.nan) | {"reach_n": n, "reach_reason": None}
    course, reason = (None, blocking[0]) if blocking else _course(indicator, found)
    if course is None and aim and _secured(indicator, found, aim):
        sure = dict.fromkeys(("reach", "reach_low", "reach_high"), 1.0)
        return empty | sure | {"reach_reason": Reason.ALREADY_MET}
    if course is None:
        return empty | {"reach_reason": reason}
    made = _projected(indicator, course)
    untold = made.reason.item()
    if untold:
        return empty | {"reach_reason": untold}
    row = empty | {"outlook": course.judged(float(made.median[0]))}
    for level in (80, 95):
        low, high = (course.judged(float(x[0])) for x in made.interval(level / 100))
        row |= {f"outlook_low{level}": low, f"outlook_high{level}": high}
    if aim is None:
        return row | {"reach_reason": Reason.NO_TARGET_NUMBER}
    chances = [_chance(made, course, aim, off) for off in (0.0, *_off(indicator, found, course))]
    return row | {"reach": chances[0], "reach_low": min(chances), "reach_high": max(chances)}


def _course(indicator: Indicator, found: Evidence) -> tuple[Course | None, Reason | None]:
    """What to project, or why nothing is."""
    if indicator.kind.parts:
        return None, Reason.NOT_PROJECTED
    if not found.known:
        return None, (found.reasons or (Reason.NO_DATA,))[0]
    if found.when >= indicator.target_year:
        return None, Reason.NO_YEARS_LEFT
    if not found.series:
        return None, Reason.NO_DATA
    years, values = zip(*found.series, strict=True)
    plain = Course(years, values, indicator.target_year - years[-1], indicator.scale)
    if indicator.kind.mode is Mode.SUM:
        return _sum(plain, indicator, found)
    return (_index(plain, indicator, found)) if indicator.kind.mode is Mode.CHAIN else (plain, None)


def _secured(indicator: Indicator, found: Evidence, aim: Goal) -> bool:
    """Whether what has come of a sum is enough, and no flow can take it back."""
    enough = found.low > aim.low if aim.strict else found.low >= aim.low
    ahead = found.when < indicator.target_year and math.isinf(aim.high)
    summed = indicator.kind.mode is Mode.SUM and ahead
    return summed and indicator.limits[0] >= 0 and found.known and enough


def _sum(
    plain: Course, indicator: Indicator, found: Evidence
) -> tuple[Course | None, Reason | None]:
    """The flows still to come; of a year part of which is known, the rest."""
    last = found.inputs[-1]
    part = last.period == Period.YTD.value or last.month < 12
    whole = last.year - 1 if part else last.year
    if plain.years[-1] != whole:
        return None, Reason.MISSING_YEARS if last.bound in POINTWISE else Reason.UNBOUNDED
    first = 1 - last.month / 12 if part else 1.0
    weights = (first, *(1.0,) * (plain.horizon - 1))
    return replace(plain, weights=weights, known=found.value), None


def _index(
    plain: Course, indicator: Indicator, found: Evidence
) -> tuple[Course | None, Reason | None]:
    """Growth figures as the index they make, 1 in the last year; only what is unbroken to it."""
    growth = dict(zip(plain.years, plain.values, strict=True))
    first = last = plain.years[-1]
    while first - 1 in growth:
        first -= 1
    run = [1 + growth[y] / 100 for y in range(first, last + 1)]
    if last != found.inputs[-1].year or min(run) <= 0:
        return None, Reason.MISSING_YEARS if min(run) > 0 else Reason.NOT_POSITIVE
    if len(run) < projection.FEWEST:
        return None, Reason.ONE_POINT if len(run) == 1 else Reason.FEW_POINTS
    levels = np.cumprod([1.0, *run])
    chain = math.prod(1 + f.value / 100 for f in found.inputs)
    total = indicator.target.total
    span = 1 if total else indicator.target_year - indicator.base_year
    made = Course(tuple(range(first - 1, last + 1)), tuple(levels / levels[-1]), plain.horizon,
                  Scale.GEOMETRIC, chain=chain, span=span)  # fmt: skip
    return made, None


def _projected(indicator: Indicator, course: Course) -> projection.Projection:
    """The projection of the target year alone."""
    row = np.full(course.years[-1] - course.years[0] + 1, np.nan)
    row[np.array(course.years) - course.years[0]] = course.values
    # Sums and indices have no upper limit of their own.
    plain = course.weights is None and math.isnan(course.chain)
    low, high = indicator.limits
    made = projection.project(
        row, horizon=course.horizon, scale=course.scale, weights=course.weights,
        bounds=(low, high) if plain else (min(low, 0.0) if course.weights else 0.0, math.inf),
    )  # fmt: skip
    return replace(made, location=made.location[-1:], spread=made.spread[-1:], base=made.base[-1:])


def _off(indicator: Indicator, found: Evidence, course: Course) -> tuple[float, ...]:
    """How far what is known may lie from its printed value; of an index that is left aside."""
    if not math.isnan(course.chain):
        return ()
    if indicator.kind.mode is Mode.SUM:
        ends = (found.low - found.value, found.high - found.value)
    else:
        last = next((f for f in reversed(found.inputs) if f.year == course.years[-1]), None)
        ends = (last.low - last.value, last.high - last.value) if last else (0.0, 0.0)
    return tuple(x for x in ends if math.isfinite(x))


def _chance(made: projection.Projection, course: Course, aim: Goal, off: float) -> float:
    """Probability of the accepted values when what is known lies ``off`` its printed value."""
    low, high = (course.asked(end) - off for end in (aim.low, aim.high))
    return float(made.within(low, high, strict=aim.strict)[0])
