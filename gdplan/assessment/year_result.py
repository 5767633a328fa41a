"""The year's own result: against the year's target, against the plan's schedule, and what the
next year has to bring. Pure; verdicts on the plan are made elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gdplan.assessment import judge
from gdplan.model import Indicator, Kind, Mode, Scale, Target, Verdict

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence

COLUMNS = (
    "scheduled", "annual_target", "annual_target_raw", "annual_value", "annual_completion",
    "annual_verdict", "annual_source", "next_target",
)  # fmt: skip


def scheduled(indicator: Indicator, base: float, aim: judge.Goal, elapsed: float) -> float:
    """Value due by the plan's schedule at an elapsed share, in the indicator's unit.

    A sum grows in step with time, a level on its own scale from base to target; a floor, a cap,
    a yearly figure that is met at the base and a growth rate are due in full at any time. nan
    where base or scale give no path, and for compositions.
    """
    if indicator.kind.parts:
        return math.nan
    if indicator.kind.mode is Mode.SUM:
        return aim.value * elapsed
    if indicator.kind.mode is Mode.CHAIN or bool(aim.met(np.array([base]))[0]):
        return aim.value
    if indicator.scale is Scale.GEOMETRIC:
        positive = base > 0 and aim.value > 0
        return base * (aim.value / base) ** elapsed if positive else math.nan
    return base + (aim.value - base) * elapsed


def result(
    indicator: Indicator, cell: Target, found: Evidence, *, year: int,
    parameters: Mapping[str, float],
) -> dict[str, Any]:  # fmt: skip
    """The year's figure against the year's target.

    ``annual_completion`` is actual over target where larger is better, target over actual where
    smaller is better; nan without a whole year's figure, and for bands.
    """
    kind = Kind.of("annual") if indicator.kind.mode is Mode.SUM else indicator.kind
    aim = judge.goal(replace(indicator, target=cell, kind=kind), math.nan, parameters)
    figures = [f for f in found.history if f.year == year and f.full_year]
    if aim is None or not figures:
        return {"annual_target": math.nan if aim is None else aim.value}
    value = figures[-1].value
    met = bool(aim.met(np.array([value]))[0])
    return {
        "annual_target": aim.value,
        "annual_value": value,
        "annual_completion": _completion(value, aim),
        "annual_verdict": (Verdict.COMPLETED if met else Verdict.MISSED).value,
    }


def next_target(
    indicator: Indicator, row: Mapping[str, Any], aim: judge.Goal, *, year: int, when: float
) -> float:
    """What the year after ``year`` has to bring to stay on the required path, in the unit.

    A sum: the flow of that year; a growth rate: the growth of that year; a level: its value at
    the end of that year. What is met has to be held. nan when no year is left or no path is known.
    """
    if year >= indicator.target_year or indicator.kind.parts:
        return math.nan
    if indicator.kind.accumulates:
        return float(row["required"])
    if row["met"] or math.isnan(row["progress"]):
        return aim.value
    ahead = year + 1 - when
    if indicator.scale is Scale.GEOMETRIC:
        return float(row["value"] * (1 + row["required_growth"]) ** ahead)
    return float(row["value"] + row["required"] * ahead)


def _completion(value: float, aim: judge.Goal) -> float:
    if aim.banded or aim.direction == 0:
        return math.nan
    over, under = (value, aim.value) if aim.direction > 0 else (aim.value, value)
    return over / under if under > 0 and over >= 0 else math.nan
