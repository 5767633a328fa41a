"""What a judged row measures: progress, pace, what is still required, completion, level.

Everything here is derived from base, value and target at the interval vertices; verdicts are
made elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gdplan import indicators as im
from gdplan.assessment import judge
from gdplan.model import Level, Mode, Verdict

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence
    from gdplan.model import Indicator


def measures(
    indicator: Indicator,
    at: judge.Vertices,
    aim: judge.Goal,
    found: Evidence,
    done: np.ndarray[Any, np.dtype[np.float64]],
    elapsed: float,
) -> dict[str, Any]:
    """Progress and pace with both ends, what is still required and what was achieved.

    Progress is the share of the way to the target's number; what is required leads to the nearest
    accepted value, the edge of a band (左右, 保持稳定, a range), as the gap does.
    """
    base, value, target = float(at.base[0]), float(at.value[0]), aim.value
    years = indicator.target_year - found.when
    spent = found.when - indicator.base_year
    start = 0.0 if indicator.kind.mode is Mode.SUM else base
    # An average that is on target so far still has the remaining years to grow.
    whole = indicator.kind.mode is Mode.CHAIN and years > 0
    wanted = aim.wanted(value, growing=whole)
    needed = float(im.required_increment(value, wanted, years)) if years > 0 else math.nan
    achieved = (value - start) / spent
    if indicator.kind.mode is Mode.CHAIN:
        growth = np.array([f.value for f in found.inputs]) / 100
        total = judge.rate_total(indicator, wanted)
        needed = 100 * float(im.required_remaining_growth(growth, total, len(growth) + years))
        # Of all the years gone: a published total is one figure for several of them.
        achieved = 100 * float(im.annualized_growth(1.0, float(np.prod(1 + growth)), spent))
    growing = float(im.required_growth(value, wanted, years)) if years > 0 else math.nan
    arrived = judge.arrived(aim, done) if whole else aim.met(at.value)
    # The growth up to the edge of a band may have come before that up to its number.
    enough = whole and aim.banded and aim.direction * needed <= 0 and aim.direction != 0
    settled = bool(arrived[0]) or enough or math.isnan(float(done[0]))
    paces = judge.speed(indicator, aim, done, elapsed)
    return {
        "elapsed": elapsed,
        "progress": float(done[0]),
        "progress_low": _least(done),
        "progress_high": _most(done),
        "progress_geometric": _geometric(indicator, base, value, target),
        "pace": float(paces[0]),
        "pace_low": _least(paces),
        "pace_high": _most(paces),
        "achieved": achieved,
        "required": math.nan if settled else needed,
        "required_growth": math.nan if settled or indicator.kind.mode is Mode.SUM else growing,
        "acceleration": math.nan if settled or achieved == 0 else needed / achieved,
        "annualized_growth": math.nan
        if indicator.kind.accumulates
        else float(im.annualized_growth(base, value, spent)),
        "gap": max(0.0, -float(aim.beyond(at.value)[0])),
        "years_met": sum(bool(aim.met(np.array([f.value]))[0]) for f in found.history)
        if indicator.kind.yearly
        else math.nan,
    }


def _least(x: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    return math.nan if np.isnan(x).all() else float(np.nanmin(x))


def _most(x: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    return math.nan if np.isnan(x).all() else float(np.nanmax(x))


def _geometric(indicator: Indicator, base: float, value: float, target: float) -> float:
    if not indicator.kind.plain:
        return math.nan
    return float(im.geometric_progress(base, value, target))


LIGHTS = (Level.GREEN, Level.YELLOW, Level.ORANGE, Level.RED)


def warning_level(
    verdict: Verdict,
    pace: float,
    indicator: Indicator,
    parameters: Mapping[str, float],
    *,
    year: float = math.nan,
    reached: float = math.nan,
) -> Level:
    """Warning light (METHOD 6): the worse of that from pace and that from the year's completion.

    A held floor is green, a broken one red, as is what moved away from its target; a final target
    that was missed is never green. ``year`` is the year's result over the year's
    target, nan where none is set. Binding indicators are one level stricter below 100 %. A
    probability of reaching the target (``reached``) below one half adds one level.
    """
    if verdict is Verdict.NOT_ASSESSABLE:
        return Level.GREY
    missed = verdict is Verdict.MISSED
    if verdict is Verdict.REVERSED or (missed and math.isnan(pace) and math.isnan(year)):
        return Level.RED
    light = max(int(missed), *(_light(x, indicator, parameters) for x in (pace, year)))
    return LIGHTS[min(light + (reached < parameters["level_reach"]), 3)]


def _light(share: float, indicator: Indicator, parameters: Mapping[str, float]) -> int:
    share = round(share, judge.SETTLED)
    if math.isnan(share) or share >= parameters["level_green"]:
        return 0
    step = (share < parameters["level_yellow"]) + (share < parameters["level_orange"])
    return min(1 + step + indicator.binding, 3)


def completion(indicator: Indicator, at: judge.Vertices, aim: judge.Goal) -> dict[str, Any]:
    """Actual over target, or for caps and floor rates the distance in the unit (METHOD 4.2)."""
    value = at.value[0]
    rate_bound = indicator.unit == "%" and indicator.target.comparator != "="
    plain = aim.direction > 0 and not rate_bound and not aim.banded and aim.value != 0
    return {
        "completion": float(value / aim.value) if plain else math.nan,
        "distance": float(aim.beyond(at.value)[0]),
    }
