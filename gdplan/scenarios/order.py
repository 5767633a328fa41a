"""Which of two paths is better, and the order that scenarios keep (METHOD 7): pushing on is at
least the trend, the trend at least the downturn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gdplan.outlook.goal import settled

if TYPE_CHECKING:
    from gdplan.assessment.start import Start
    from gdplan.outlook.course import Floats
    from gdplan.outlook.paths import Trajectory
    from gdplan.scenarios.files import Scenario

RANKS = {"best": 1, "trend": 0, "shock": -1}
"""The order of scenarios, by the path that they give an indicator unless they say otherwise."""


def merit(start: Start, judged: Floats) -> Floats:
    """How good judged values are, larger being better.

    In the good direction; where neither side is better, or both are bounded, the nearness to the
    accepted values; all alike where there are none.
    """
    accepted, direction = start.course.goal, start.indicator.direction
    two_sided = math.isfinite(accepted.low) and math.isfinite(accepted.high)
    if two_sided or not direction:
        nearest = np.clip(judged, accepted.low, accepted.high)
        return np.asarray(-settled(np.abs(judged - nearest)))
    return np.asarray(direction * settled(judged))


def at_least(start: Start, path: Trajectory, trend: Trajectory) -> Trajectory:
    """A path, with the trend in the years in which the trend is better."""
    return _chosen(start, path, trend, 1)


def at_most(start: Start, path: Trajectory, trend: Trajectory) -> Trajectory:
    """A path, with the trend in the years in which the trend is worse."""
    return _chosen(start, path, trend, -1)


def _chosen(start: Start, path: Trajectory, trend: Trajectory, sign: int) -> Trajectory:
    if not (path.known and trend.known):
        return path
    limits, judged = start.course.bounds, start.course.judged
    own, other = (sign * merit(start, judged(np.clip(p.centre, *limits))) for p in (path, trend))
    # Alike, what was to push on is the trend, and what was to fall stays as it is.
    kept = own > other if sign > 0 else own >= other
    if not kept.any():
        return trend
    centre = np.where(kept, path.centre, trend.centre)
    return path if kept.all() else replace(path, centre=centre, trend=False)


@dataclass(frozen=True, slots=True)
class Disorder:
    """An indicator whose path in the scenario ``upper`` ends worse than in ``lower``.

    ``declared`` says that a scenario gives it a path of its own; else parts were held within
    their whole.
    """

    region: str
    indicator: str
    upper: str
    lower: str
    declared: bool


def disorders(
    scenarios: Sequence[Scenario], outcomes: Sequence[Mapping[str, Any]],
    starts: Mapping[tuple[str, str], Start],
) -> tuple[Disorder, ...]:  # fmt: skip
    """Where the order of scenarios, by the path they give by default, does not hold in the end."""
    placed = [(RANKS[s.spec.default.kind], s) for s in scenarios
              if s.spec.default and s.spec.default.kind in RANKS]  # fmt: skip
    ends = {(r["scenario"], r["region"], r["indicator"]): r.get("central", math.nan)
            for r in outcomes}  # fmt: skip
    found = []
    for (region, no), start in starts.items():
        seen = [(place, s, float(merit(start, np.array(ends[s.spec.id, region, no]))))
                for place, s in placed]  # fmt: skip
        found += [Disorder(region, no, a.spec.id, b.spec.id, _declared(no, a) or _declared(no, b))
                  for high, a, better in seen for low, b, worse in seen
                  if high > low and better < worse]  # fmt: skip
    return tuple(found)


def _declared(no: str, scenario: Scenario) -> bool:
    spec, default = scenario.path(no), scenario.spec.default
    return (spec and spec.kind) != (default and default.kind)
