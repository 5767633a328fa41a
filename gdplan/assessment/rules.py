"""From the answers of a kind to the facts that verdict rules speak of (METHOD 4), at every vertex
of the intervals; the rules themselves are data (plans/rules.yml).

The first element of every array is the printed value; the others are all combinations of
printed value, lower and upper end of base and value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gdplan.assessment.kinds.questions import questions
from gdplan.model import Attribute, Verdict
from gdplan.outlook.goal import settled

if TYPE_CHECKING:
    from gdplan.assessment.kinds.questions import Case
    from gdplan.outlook.goal import Array, Flags

Rules = Sequence[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands at every vertex: progress, pace, and the facts of the rules."""

    progress: Array
    pace: Array
    facts: Mapping[str, Flags]

    def fact(self, name: str) -> bool:
        """A fact at the printed values."""
        return bool(self.facts[name][0])


def standing(case: Case, parameters: Mapping[str, float]) -> Standing:
    """Progress, pace and every word a rule may use, as one flag per vertex.

    Raises
    ------
    KeyError
        When a parameter of rules.yml is missing.
    """
    kind, goal, at = questions(case.item.kind), case.goal, case.at
    progress = kind.progress(case)
    pace = kind.pace(case, progress)
    done, speed = settled(progress), settled(pace)
    met = kind.met(case, done)
    guarded = not case.item.kind.accumulates
    judged = [kind.ends(case.item, f) for f in case.evidence.history] if guarded else []
    kept = np.asarray(goal.met(np.array(judged, float).reshape(-1, 3)).all(axis=0))[at.side]
    beyond = goal.beyond(at.value)
    margin, short = (
        settled(parameters[key] * abs(goal.value)) for key in ("exceed_margin", "nearly")
    )
    with np.errstate(invalid="ignore"):
        facts = {
            "unknown": np.zeros_like(met),
            "met": met,
            "met_at_base": goal.met(at.base) & ~np.isnan(at.base) & guarded,
            "met_every_year": met & kept,
            "before_target_year": np.full_like(met, not case.final_year),
            "moved_away": kind.moved_away(case, done, met),
            "no_pace": np.isnan(speed),
            "pace_ahead": speed >= 1 + parameters["ahead_margin"],
            "pace_on_track": speed >= parameters["on_track"],
            "expected": np.full_like(met, case.item.attribute is Attribute.EXPECTED),
            "beyond_margin": (beyond > margin) & kind.exceedable(goal),
            "nearly": (beyond >= -short) & (beyond < np.inf),
        }
    return Standing(progress, pace, facts)


def decide(rules: Rules, facts: Mapping[str, Flags]) -> tuple[Verdict, ...]:
    """First rule whose words all hold, at every vertex.

    Raises
    ------
    KeyError
        When a rule uses a word that is no fact, or no rule holds.
    """
    vertices = range(len(facts["met"]))
    return tuple(_first(rules, {k: bool(v[i]) for k, v in facts.items()}) for i in vertices)


def _first(rules: Rules, flags: Mapping[str, bool]) -> Verdict:
    for verdict, words in rules:
        if all(flags[w.removeprefix("not ")] != w.startswith("not ") for w in words):
            return Verdict(verdict)
    raise KeyError("no rule holds")
