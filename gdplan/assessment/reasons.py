"""What has to be said beside a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gdplan.model import Reason, Scale, Verdict

if TYPE_CHECKING:
    from gdplan.assessment.kinds.questions import Case
    from gdplan.assessment.rules import Facts
    from gdplan.assessment.second_opinions import Opinions

POSITIVE = (Verdict.ACHIEVED_EARLY, Verdict.HELD, Verdict.AHEAD, Verdict.ON_TRACK)
FINAL = (Verdict.EXCEEDED, Verdict.COMPLETED, Verdict.NEARLY, Verdict.MISSED)


def telling(
    case: Case, facts: Facts, verdicts: tuple[Verdict, ...], opinions: Opinions | None, *,
    own: bool, parameters: Mapping[str, float],
) -> tuple[Reason, ...]:  # fmt: skip
    """What has to be said of a verdict beside it."""
    item, evidence, at = case.item, case.evidence, case.at
    verdict, firm = verdicts[0], len(set(verdicts)) == 1
    base, value, target = float(at.base[0]), float(at.value[0]), case.goal.value
    spread = [abs(x) for x in (base, value, target) if not math.isnan(x) and x != 0]
    midterm, met, floor = verdict not in FINAL, bool(facts["met"][0]), bool(facts["met_at_base"][0])
    positive = verdict in POSITIVE
    checks = {
        Reason.TARGET_EQUALS_BASE: midterm and floor and base == target,
        Reason.FLOOR: midterm and floor and base != target,
        Reason.FLOOR_BROKEN: midterm and floor and not met,
        Reason.FLOOR_BROKEN_EARLIER: midterm and floor and met
        and not facts["met_every_year"][0],
        Reason.MOVED_AWAY: midterm and not floor and verdict is Verdict.REVERSED,
        Reason.MET_BUT_FALLING: midterm and met and floor and _worse(case),
        Reason.WIDE_RANGE: item.kind.plain and len(spread) == 3
        and max(spread) / min(spread) > parameters["wide_range"],
        Reason.NOT_POSITIVE: item.scale is Scale.GEOMETRIC and midterm and not floor
        and facts["no_pace"][0],
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
