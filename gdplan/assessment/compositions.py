"""How far a composition lies from its target, with the rounding of its printed parts. Pure.

Parts are shares of their sum, so that 14:42:44 and 28:84:88 are one composition.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from gdplan.model import ABOUT_TOLERANCE, Bound
from gdplan.notation import parse_target

Ends: TypeAlias = Sequence[tuple[float, float]]


def composition_distance(parts: Sequence[float], target: Sequence[float]) -> float:
    """Half the sum of absolute differences of the shares, in percentage points.

    0 when the compositions agree, 100 when they share nothing; nan for unlike lengths, and
    where a composition has no parts above 0.

    Examples
    --------
    >>> round(composition_distance((13, 41, 46), (14, 42, 44)), 9)
    2.0
    """
    if len(parts) != len(target) or sum(parts) <= 0 or sum(target) <= 0:
        return math.nan
    p, t = np.array(parts, float), np.array(target, float)
    return float(50 * np.abs(p / p.sum() - t / t.sum()).sum())


def distance_interval(
    raw: str, target: Sequence[float], bound: str = Bound.EXACT
) -> tuple[float, float, float]:
    """Distance of a printed composition from its target, and its least and greatest.

    Every part may be anything that is printed so (METHOD 2), each on its own; the finest part
    tells the digits of all. The 1 of ``2.1:1`` is the unit of the ratio and not rounded. What
    is bounded on one side only can lie anywhere.

    Returns
    -------
    tuple of float
        Distance at the printed parts, least, greatest, in percentage points; nan where there is
        no distance.

    Examples
    --------
    >>> [round(end, 4) for end in distance_interval("60:40", (50, 50))]
    [10.0, 9.5, 10.5]
    """
    cell = parse_target(raw)
    plain = composition_distance(cell.parts, target)
    if math.isnan(plain):
        return math.nan, math.nan, math.nan
    if bound not in (Bound.EXACT, Bound.APPROX):
        return plain, 0.0, 100.0
    ends = part_ends(cell.parts, cell.decimals, about=bound == Bound.APPROX)
    return plain, min(plain, _least(ends, target)), max(plain, _greatest(ends, target))


def part_ends(parts: Sequence[float], decimals: int, *, about: bool = False) -> Ends:
    """Between what each part lies: half a digit around it, or the tolerance of 约.

    Examples
    --------
    >>> part_ends((2.1, 1.0), 1), part_ends((0.0, 100.0), 0)
    (((2.05, 2.15), (1.0, 1.0)), ((0.0, 0.5), (99.5, 100.5)))
    """
    ratio = len(parts) == 2 and 1.0 in parts
    found = []
    for part in parts:
        half = part * ABOUT_TOLERANCE if about else 0.5 / 10**decimals
        half = 0.0 if ratio and part == 1.0 else half
        low, high = (round(end, decimals + 3) for end in (part - half, part + half))
        found.append((max(0.0, low), high))
    return tuple(found)


def _greatest(ends: Ends, target: Sequence[float]) -> float:
    """The distance is the most by which some of the parts together exceed their due: greatest
    with these at their high ends and the others at their low ones."""
    total = sum(target)
    most = 0.0
    for chosen in itertools.product((False, True), repeat=len(ends)):
        above = sum(high for (_, high), c in zip(ends, chosen, strict=True) if c)
        rest = sum(low for (low, _), c in zip(ends, chosen, strict=True) if not c)
        due = sum(t for t, c in zip(target, chosen, strict=True) if c) / total
        most = max(most, above / (above + rest) - due if above else 0.0)
    return 100 * most


def _least(ends: Ends, target: Sequence[float]) -> float:
    """What no choice of the parts can mend.

    With the sum of the parts held at 1/s a share can be no more than its high end times s and no
    less than its low end times s; what is due beyond these has to be put elsewhere. The one falls
    with s and the other rises, both in straight pieces: least is the greater where they meet.
    """
    low, high = np.array(ends, float).T
    due = np.array(target, float) / sum(target)
    first, last = 1 / high.sum(), 1 / low.sum() if low.sum() > 0 else math.inf
    bends = [d / e for d, e in zip((*due, *due), (*low, *high), strict=True) if e > 0]
    if math.isinf(last):
        last = max(first, *bends)
    s = np.unique(np.clip([first, last, *bends], first, last))
    short = np.maximum(due - np.outer(s, high), 0).sum(axis=1)
    over = np.maximum(np.outer(s, low) - due, 0).sum(axis=1)
    meet = np.interp(0.0, (over - short), s)
    return 100 * float(np.interp(meet, s, short))
