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
    item: Indicator, kind: Questions, evidence: Evidence, base: Ends, goal: Goal | None, *,
    table: str, year: int, own: bool,
) -> tuple[Reason, ...]:  # fmt: skip
    """Reasons that forbid any verdict, most telling first; ``own`` tells whether the plan is the
    region's own."""
    if not own and item.unit != "%":
        return (Reason.NO_REGION_TARGET,)
    no_base = table == "midterm" and not item.kind.accumulates and math.isnan(base[0])
    if goal is None:
        keeps = no_base and item.target.comparator is Comparator.KEEP
        return (Reason.NO_BASE if keeps else Reason.NO_TARGET_NUMBER,)
    if not evidence.known:
        return evidence.reasons or (Reason.NO_DATA,)
    if no_base:
        return (Reason.ONE_POINT if len(evidence.history) < 2 else Reason.NO_BASE,)
    if goal.value == 0 and kind.ZERO is not None:
        return (kind.ZERO,)
    if table == "final" and evidence.when < year and not kind.settled_early(evidence, goal):
        return (Reason.NO_FINAL_YEAR,)
    return ()
