"""What a row of the recalculation knows: the indicator, its goal, the years and the parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gdplan.assessment.judgement import Judgement
from gdplan.assessment.kinds.questions import Formulas, questions
from gdplan.model import Indicator, Plan
from gdplan.outlook.goal import Goal
from gdplan.page.language import Language

Rules = Sequence[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Frame:
    """What the formulas of a sheet refer to: years, rules, parameters, ranges of the figures.

    ``names`` gives the defined name of a parameter that an indicator has for itself.
    """

    base_year: int
    target_year: int
    final: bool
    rules: Rules
    names: Mapping[tuple[str, str], str]
    figures: str
    values: str
    growth: str
    say: Language


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator: its row of the assessment, its place in the plan, and the goal to meet."""

    row: Judgement
    item: Indicator
    aim: Goal
    frame: Frame

    @property
    def early(self) -> bool:
        """Whether the evaluated year lies before the target year."""
        return self.row.year < self.frame.target_year

    @property
    def budget(self) -> bool:
        """Whether a sum has to stay below its target."""
        return questions(self.item.kind).budget(self.aim)

    @property
    def blocked(self) -> bool:
        """Whether a reason forbade any verdict before the rules were asked."""
        return math.isnan(self.row.elapsed)

    @property
    def formulas(self) -> Formulas:
        """How its kind is computed."""
        return questions(self.item.kind).formulas(self.item)

    @property
    def whole(self) -> bool:
        """Whether all of it has to come before it counts as met: growth before the target year."""
        return self.early and self.formulas.whole and self.aim.value != 0 and not self.budget

    @property
    def base_unknown(self) -> bool:
        """Whether a kind that goes on from a base has none."""
        return not self.item.kind.accumulates and math.isnan(self.row.base)

    @property
    def share(self) -> str:
        """What part of its year the newest figure makes."""
        part = self.row.data_month != 12 and self.row.data_share != 1
        return repr(self.row.data_share) if part else "{data_month}/12"


COLUMNS = (
    "no", "name", "unit", "kind", "attribute", "direction", "base", "target", "low", "high",
    "data_year", "data_month", "blocked", "value", "elapsed", "raw_progress", "progress", "pace",
    "required", "gap", "completion", "met", "met_at_base", "met_every_year", "met_before",
    "base_unknown", "before_target_year", "capped", "used_up", "short_way", "within_way",
    "moved_away", "no_pace", "pace_ahead", "pace_on_track", "expected", "beyond_margin", "nearly",
    "verdict", "reported", "agrees",
)  # fmt: skip
SHOWN = ("value", "elapsed", "progress", "pace", "required", "gap", "completion")
FACTS = COLUMNS[COLUMNS.index("met") : COLUMNS.index("verdict")]


def own_parameters(plan: Plan) -> dict[tuple[str, str], tuple[str, float]]:
    """Defined name and value of each parameter that an indicator has for itself.

    Keys are the number of the indicator and the parameter. Names count the indicators of the
    plan, whose numbers may hold signs that no name may.
    """
    return {
        (item.no, key): (f"p_{key}_{place}", value)
        for place, item in enumerate(plan.indicators, 1)
        for key, value in sorted(item.parameters.items())
        if value != plan.parameters.get(key)
    }
