"""What has to be said beside a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gdplan.model import Reason, Scale, Verdict

if TYPE_CHECKING:
    from gdplan.assessment.kinds.questions import Case
    from gdplan.assessment.rules import Facts
    from gdplan.assessment.second_opinions import Opinions

POSITIVE = (Verdict.ACHIEVED_EARLY, Verdict.HELD, Verdict.AHEAD, Verdict.ON_TRACK,
            Verdict.EXCEEDED, Verdict.COMPLETED, Verdict.NEARLY)  # fmt: skip
"""Verdicts of what goes well: beside them no light is worse than yellow."""
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
    stranded = verdict is Verdict.NOT_ASSESSABLE and bool(facts["base_unknown"][0])
    checks = {
        Reason.TARGET_EQUALS_BASE: midterm and floor and base == target,
        Reason.FLOOR: midterm and floor and base != target,
        Reason.FLOOR_BROKEN: midterm and floor and not met,
        Reason.FLOOR_BROKEN_EARLIER: midterm and floor and met
        and not facts["met_every_year"][0],
        Reason.MOVED_AWAY: midterm and not floor and verdict is Verdict.REVERSED,
        Reason.MET_BUT_FALLING: midterm and met and _falling(case),
        Reason.SHORT_WAY: bool(facts["short_way"][0]) and not floor,
        Reason.ONE_POINT: stranded and len(evidence.history) < 2,
        Reason.NO_BASE: stranded and len(evidence.history) > 1,
        Reason.WIDE_RANGE: item.kind.way and len(spread) == 3
        and max(spread) / min(spread) > parameters["wide_range"],
        Reason.NOT_POSITIVE: item.scale is Scale.GEOMETRIC and midterm and not floor
        and facts["no_pace"][0],
        Reason.BORDERLINE: not firm,
        Reason.UNBOUNDED: not firm and not evidence.bounded,
        Reason.SCHEMES_DISAGREE: opinions is not None and midterm
        and opinions.disagree(positive=positive),
        Reason.PROVINCE_TARGET: not own,
        Reason.SECONDARY_SOURCE: any(f.access != "direct" for f in evidence.inputs),
    }  # fmt: skip
    return tuple(reason for reason, holds in checks.items() if holds)


def _falling(case: Case) -> bool:
    """Whether the last two steps, the one from the base too, led away from the target."""
    item = case.item
    if item.kind.accumulates or item.kind.parts:
        return False
    base = {item.base_year: float(case.at.base[0])}
    years = base | {f.year: f.value for f in case.evidence.history if f.full_year}
    last = case.goal.beyond(np.array(list(years.values())[-3:], float))
    return len(last) == 3 and bool((np.diff(last) < 0).all())


def decided_by(case: Case, verdicts: tuple[Verdict, ...]) -> str:
    """Which figure's interval changes the verdict."""
    if len(set(verdicts)) == 1:
        return ""
    sides = zip(verdicts, case.at.base_side, case.at.side, strict=True)
    of_value, of_base = set(), set()
    for verdict, base, value in sides:
        of_value |= {verdict} if base == 0 else set()
        of_base |= {verdict} if value == 0 else set()
    cells = [
        f"{f.year}年 {f.raw}（{f.file}!{f.cell}）"
        for f in case.evidence.inputs
        if f.low != f.high and len(of_value) > 1
    ]
    if len(of_base) > 1 or not cells:
        cells.append(f"基期数 {case.item.base.raw}")
    return "；".join(cells)
