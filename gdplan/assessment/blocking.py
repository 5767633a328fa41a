"""What forbids a verdict."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gdplan.model import Comparator, Reason

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence
    from gdplan.assessment.kinds.questions import Ends, Questions
    from gdplan.model import Indicator
    from gdplan.outlook.goal import Goal


def blocking(
    item: Indicator, kind: Questions, evidence: Evidence, base: Ends, value: Ends,
    goal: Goal | None, *, table: str, year: int, own: bool,
) -> tuple[Reason, ...]:  # fmt: skip
    """Reasons that forbid any verdict, most telling first; ``own`` tells whether the plan is the
    region's own."""
    if not own and item.unit != "%":
        return (Reason.NO_REGION_TARGET,)
    if goal is None:
        keeps = math.isnan(base[0]) and item.target.comparator is Comparator.KEEP
        return (Reason.NO_BASE if keeps else Reason.NO_TARGET_NUMBER,)
    if not evidence.known:
        return evidence.reasons or (Reason.NO_DATA,)
    if math.isnan(value[0]):
        return (Reason.NO_BASE if math.isnan(base[0]) else Reason.NO_DATA,)
    years = item.target_year - item.base_year if item.kind.mean else 1
    if evidence.gap and goal.met(evidence.low / years) != goal.met(math.inf):
        return (Reason.MISSING_YEARS,)
    if table == "final" and evidence.when < year and not kind.settled_early(evidence, goal):
        return (Reason.NO_FINAL_YEAR,)
    return ()
