"""Why a verdict came about, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gdplan.assessment.kinds.questions import questions
from gdplan.model import Comparator, Reason, Scale, Verdict

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence
    from gdplan.assessment.kinds.questions import Case, Ends
    from gdplan.assessment.rules import Standing
    from gdplan.assessment.second_opinions import Opinions
    from gdplan.model import Indicator
    from gdplan.outlook.goal import Goal

POSITIVE = (Verdict.ACHIEVED_EARLY, Verdict.HELD, Verdict.AHEAD, Verdict.ON_TRACK)
FINAL = (Verdict.EXCEEDED, Verdict.COMPLETED, Verdict.NEARLY, Verdict.MISSED)


def blocking(
    item: Indicator, evidence: Evidence, base: Ends, goal: Goal | None, *, table: str, year: int,
    own: bool,
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
    kind = questions(item.kind)
    obstacle = kind.obstacle(item, goal)
    if obstacle is not None:
        return (obstacle,)
    if table == "final" and evidence.when < year and not kind.settled_early(evidence, goal):
        return (Reason.NO_FINAL_YEAR,)
    return ()


def telling(
    case: Case, standing: Standing, verdict: Verdict, *, firm: bool,
    opinions: Opinions | None, own: bool, parameters: Mapping[str, float],
) -> tuple[Reason, ...]:  # fmt: skip
    """What has to be said of a verdict beside it."""
    item, evidence, at = case.item, case.evidence, case.at
    base, value, target = float(at.base[0]), float(at.value[0]), case.goal.value
    spread = [abs(x) for x in (base, value, target) if not math.isnan(x) and x != 0]
    midterm, met, floor = verdict not in FINAL, standing.fact("met"), standing.fact("met_at_base")
    positive = verdict in POSITIVE
    checks = {
        Reason.TARGET_EQUALS_BASE: midterm and floor and base == target,
        Reason.FLOOR: midterm and floor and base != target,
        Reason.FLOOR_BROKEN: midterm and floor and not met,
        Reason.FLOOR_BROKEN_EARLIER: midterm and floor and met
        and not standing.fact("met_every_year"),
        Reason.MOVED_AWAY: midterm and not floor and verdict is Verdict.REVERSED,
        Reason.MET_BUT_FALLING: midterm and met and floor and _worse(case),
        Reason.WIDE_RANGE: item.kind.plain and len(spread) == 3
        and max(spread) / min(spread) > parameters["wide_range"],
        Reason.NOT_POSITIVE: item.scale is Scale.GEOMETRIC and midterm and not floor
        and math.isnan(standing.progress[0]),
        Reason.BORDERLINE: not firm,
        Reason.UNBOUNDED: not firm and math.isinf(evidence.high - evidence.low),
        Reason.SCHEMES_DISAGREE: opinions is not None and midterm
        and opinions.disagree(positive=positive),
        Reason.PROVINCE_TARGET: not own,
        Reason.SECONDARY_SOURCE: any(f.access != "direct" for f in evidence.inputs),
    }  # fmt: skip
    return tuple(reason for reason, holds in checks.items() if holds)


def _worse(case: Case) -> bool:
    """Whether the whole interval of the value lies on the worse side of that of the base."""
    base, value = case.at.base, case.at.value
    sides = {1: value[2] < base[3], -1: value[1] > base[6]}
    return bool(sides.get(case.goal.direction, False))


def decided_by(case: Case, verdicts: tuple[Verdict, ...]) -> str:
    """Which figure's interval changes the verdict; vertices 0-2 vary the value, 0-3-6 the base."""
    if len(set(verdicts)) == 1:
        return ""
    cells = [
        f"{f.year}年 {f.raw}（{f.file}!{f.cell}）"
        for f in case.evidence.inputs
        if f.low != f.high and len(set(verdicts[:3])) > 1
    ]
    if len({verdicts[0], verdicts[3], verdicts[6]}) > 1 or not cells:
        cells.append(f"基期数 {case.item.base.raw}")
    return "；".join(cells)
