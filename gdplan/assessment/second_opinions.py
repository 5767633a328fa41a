"""Second opinions on an indicator (METHOD 4.4), printed beside the verdict in the annex.

Three published schemes: the growth ratio (Statistics Canada, Open SDG), the share of the way
projected for the target year (UNSD) and the share of the remaining gap missed at trend (German
sustainability strategy). None is given for a floor: it has no way to go.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gdplan import indicators as im
from gdplan.assessment import judge
from gdplan.model import Mode

if TYPE_CHECKING:
    from gdplan.assessment.judge import Goal
    from gdplan.model import Indicator

WORDS = {2: "进展顺利", 1: "需要加快", 0: "进展有限", -1: "背离目标"}
UNKNOWN = "不适用"


def second_opinions(
    indicator: Indicator,
    base: float,
    value: float,
    aim: Goal,
    *,
    when: float,
    progress: float,
    elapsed: float,
    parameters: Mapping[str, float],
) -> dict[str, Any]:
    """The three schemes' numbers (fractions) and words for one indicator.

    ``progress`` nan (a floor, or nothing to compute) or a sum that must stay below its target
    makes all three nan and 不适用.
    """
    ratio, share, missed = math.nan, math.nan, math.nan
    budget = indicator.kind.mode is Mode.SUM and aim.direction < 0
    if not math.isnan(progress) and not budget and not indicator.kind.parts:
        ratio = _growth_ratio(indicator, base, value, aim, when)
        share = progress / elapsed
        missed = _gap_missed(progress, elapsed)
    return {
        "growth_ratio": ratio,
        "growth_ratio_opinion": _ratio_word(ratio, parameters),
        "projected_share": share,
        "projected_opinion": _share_word(share, parameters),
        "gap_missed": missed,
        "gap_opinion": _gap_word(missed, progress, parameters),
    }


def _growth_ratio(indicator: Indicator, base: float, value: float, aim: Goal, when: float) -> float:
    if indicator.kind.accumulates or aim.direction == 0:
        return math.nan
    return float(
        im.growth_ratio(
            base,
            value,
            aim.value,
            base_year=indicator.base_year,
            year=when,
            target_year=indicator.target_year,
            direction=aim.direction,
        )
    )


def _gap_missed(progress: float, elapsed: float) -> float:
    """Share of what is left that a continued trend will not close; 0 when all is closed."""
    if progress >= 1 or elapsed >= 1:
        return 0.0 if progress >= 1 else 1.0
    ahead = progress / elapsed * (1 - elapsed)
    return max(0.0, 1 - ahead / (1 - progress))


def _ratio_word(ratio: float, parameters: Mapping[str, float]) -> str:
    cuts = (parameters["growth_ratio_on_track"], parameters["growth_ratio_limited"], 0.0)
    return _word(ratio, cuts)


def _share_word(share: float, parameters: Mapping[str, float]) -> str:
    cuts = (parameters["projected_on_track"], parameters["projected_stalled"], 0.0)
    return _word(share, cuts)


def _gap_word(missed: float, progress: float, parameters: Mapping[str, float]) -> str:
    if progress < 0:
        return WORDS[-1]
    return _word(-missed, (-parameters["gap_slight"], -parameters["gap_serious"], -1.0))


def _word(score: float, cuts: tuple[float, float, float]) -> str:
    if math.isnan(score):
        return UNKNOWN
    settled = round(score, judge.SETTLED)
    return WORDS[2 - sum(settled < cut for cut in cuts)]


def disagree(row: Mapping[str, Any], positive: bool) -> bool:
    """Whether a scheme sees the matter on the other side than the verdict does."""
    words = {row["growth_ratio_opinion"], row["projected_opinion"], row["gap_opinion"]}
    words.discard(UNKNOWN)
    good = WORDS[2] in words
    bad = bool(words - {WORDS[2]})
    return (positive and bad) or (not positive and good)
