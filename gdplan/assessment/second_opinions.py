"""Second opinions on an indicator (METHOD 4.4), printed beside the verdict in the annex.

Three published schemes: the growth ratio (Statistics Canada, Open SDG), the share of the way
projected for the target year (UNSD) and the share of the remaining gap missed at trend (German
sustainability strategy). None is given for a floor: it has no way to go.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gdplan import indicators as im
from gdplan.outlook.goal import SETTLED

if TYPE_CHECKING:
    from gdplan.assessment.kinds.questions import Case

WORDS = {2: "进展顺利", 1: "需要加快", 0: "进展有限", -1: "背离目标"}
UNKNOWN = "不适用"


@dataclass(frozen=True, slots=True)
class Opinions:
    """The three schemes' numbers (fractions) and words for one indicator."""

    growth_ratio: float
    growth_ratio_opinion: str
    projected_share: float
    projected_opinion: str
    gap_missed: float
    gap_opinion: str

    def disagree(self, *, positive: bool) -> bool:
        """Whether a scheme sees the matter on the other side than the verdict does."""
        words = {self.growth_ratio_opinion, self.projected_opinion, self.gap_opinion} - {UNKNOWN}
        good, bad = WORDS[2] in words, bool(words - {WORDS[2]})
        return (positive and bad) or (not positive and good)


def second_opinions(
    case: Case, progress: float, parameters: Mapping[str, float], *, capped: bool
) -> Opinions:
    """What the three schemes say.

    ``progress`` nan (a floor, or nothing to compute), a composition, or sums and growth that
    must stay below their target (``capped``) make all three nan and 不适用.
    """
    ratio, share, missed = math.nan, math.nan, math.nan
    if not math.isnan(progress) and not capped and not case.item.kind.parts:
        ratio = _growth_ratio(case)
        share = progress / case.elapsed
        missed = _gap_missed(progress, case.elapsed)
    return Opinions(
        ratio, _ratio_word(ratio, parameters), share, _share_word(share, parameters),
        missed, _gap_word(missed, progress, parameters),
    )  # fmt: skip


def _growth_ratio(case: Case) -> float:
    if case.item.kind.accumulates or case.goal.direction == 0:
        return math.nan
    return float(
        im.growth_ratio(
            case.at.base[0],
            case.at.value[0],
            case.goal.value,
            base_year=case.item.base_year,
            year=case.evidence.when,
            target_year=case.item.target_year,
            direction=case.goal.direction,
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
    settled = round(score, SETTLED)
    return WORDS[2 - sum(settled < cut for cut in cuts)]
