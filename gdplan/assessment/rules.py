"""The facts of METHOD 4, and the verdict table of a plan (plans/rules.yml) applied to them, at
every vertex of the intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gdplan.model import Verdict
from gdplan.outlook.goal import settled

if TYPE_CHECKING:
    from gdplan.assessment.standing import Standing
    from gdplan.model import Indicator
    from gdplan.outlook.goal import Flags

Rules = Sequence[tuple[str, tuple[str, ...]]]


Facts = Mapping[str, "Flags"]


def facts(stand: Standing, item: Indicator, parameters: Mapping[str, float]) -> Facts:
    """Every word a rule may use, as one flag per vertex.

    Raises
    ------
    KeyError
        When a parameter of rules.yml is missing.
    """
    met, pace = stand.met, settled(stand.speed)
    margin = settled(exceed_margin(item, stand.target, parameters))
    short = settled(parameters["nearly"] * abs(stand.target))
    with np.errstate(invalid="ignore"):
        return {
            "unknown": np.zeros_like(met),
            "met": met,
            "met_at_base": stand.met_at_base,
            "met_every_year": stand.met_every_year,
            "met_before": np.full_like(met, stand.met_before),
            "base_unknown": np.full_like(met, stand.base_unknown),
            "before_target_year": np.full_like(met, not stand.final_year),
            "capped": np.full_like(met, stand.capped),
            "used_up": stand.used_up,
            "short_way": np.full_like(met, stand.short),
            "within_way": stand.within,
            "moved_away": stand.moved_away,
            "no_pace": np.isnan(pace),
            "pace_ahead": pace >= 1 + parameters["ahead_margin"],
            "pace_on_track": pace >= parameters["on_track"],
            "expected": np.full_like(met, not item.binding),
            "beyond_margin": (stand.beyond > margin) & ~stand.met_at_base & (not stand.kept),
            "nearly": (stand.beyond >= -short) & (stand.beyond < np.inf),
        }


def exceed_margin(item: Indicator, target: float, parameters: Mapping[str, float]) -> float:
    """How far past its target what was moved there counts as exceeded: points of a level that is a
    share of 100, else a share of the target."""
    if item.kind.way and item.unit == "%" and item.limits == (0.0, 100.0):
        return parameters["exceed_points"]
    return parameters["exceed_margin"] * abs(target)


def decide(rules: Rules, known: Facts) -> tuple[Verdict, ...]:
    """First rule whose words all hold, at every vertex.

    Raises
    ------
    KeyError
        When a rule uses a word that is no fact, or no rule holds.
    """
    vertices = range(len(known["met"]))
    return tuple(_first(rules, {k: bool(v[i]) for k, v in known.items()}) for i in vertices)


def _first(rules: Rules, flags: Mapping[str, bool]) -> Verdict:
    for verdict, words in rules:
        if all(flags[w.removeprefix("not ")] != w.startswith("not ") for w in words):
            return Verdict(verdict)
    raise KeyError("no rule holds")
