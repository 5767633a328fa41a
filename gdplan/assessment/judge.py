"""From numbers to the facts that verdict rules speak of (METHOD 4), at every interval vertex.

The first element of every array is the printed value; the others are all combinations of
printed value, lower and upper end of base and value. Rules themselves are data (rules.yml).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gdplan import indicators as im
from gdplan.assessment.compositions import distance_interval
from gdplan.model import Attribute, Comparator, Indicator, Mode, Scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gdplan.assessment.evidence import Evidence, Figure

Array: TypeAlias = "NDArray[np.float64]"
Flags: TypeAlias = "NDArray[np.bool_]"

SETTLED = 10
"""Decimals at which numbers are compared: finer than any published digit, coarser than the noise
of binary fractions, so that 0.1 + 0.2 keeps a budget of 0.3."""


def settled(x: Array | float) -> Array:
    """Numbers as they are compared, rounded to :data:`SETTLED` decimals.

    Examples
    --------
    >>> bool(0.1 + 0.2 <= 0.3), bool(settled(0.1 + 0.2) <= 0.3)
    (False, True)
    """
    return np.asarray(np.round(np.asarray(x, dtype=float), SETTLED))


@dataclass(frozen=True, slots=True)
class Goal:
    """What must hold, with its tolerance already resolved.

    ``low``/``high`` bound the accepted values; ``strict`` excludes the bound itself.
    """

    value: float
    low: float
    high: float
    strict: bool
    direction: int
    banded: bool

    def met(self, y: Array) -> Flags:
        """Whether each value satisfies the goal."""
        y = settled(y)
        if self.strict:
            return np.asarray((y > self.low) & (y < self.high))
        return np.asarray((y >= self.low) & (y <= self.high))

    def wanted(self, y: float, *, growing: bool = False) -> float:
        """The value that has to be reached from ``y``: the number of the target, of a band its
        nearest edge, and ``y`` itself inside.

        A ``growing`` average is never settled: inside the band it has to stay above the edge that
        is easier to fall behind.
        """
        if not self.banded:
            return self.value
        inside = self.low <= y <= self.high
        if not (growing and inside):
            return min(max(y, self.low), self.high)
        easier, other = (self.low, self.high) if self.direction >= 0 else (self.high, self.low)
        return easier if math.isfinite(easier) else other

    def beyond(self, y: Array) -> Array:
        """Distance past the goal in its unit; negative when short of it."""
        y = np.asarray(y, dtype=float)
        if math.isfinite(self.low) and not math.isfinite(self.high):
            return settled(y - self.low)
        if math.isfinite(self.high) and not math.isfinite(self.low):
            return settled(self.high - y)
        return settled(np.minimum(y - self.low, self.high - y))


@dataclass(frozen=True, slots=True)
class Vertices:
    """Base and value at every combination of printed value, low and high end."""

    base: Array
    value: Array
    side: NDArray[np.int_]

    @classmethod
    def of(cls, base: Sequence[float], value: Sequence[float]) -> Vertices:
        """From two triples (printed, low, high)."""
        pairs = [(b, v, j) for b in base for j, v in enumerate(value)]
        b, v, s = zip(*pairs, strict=True)
        return cls(np.array(b, float), np.array(v, float), np.array(s))


def goal(indicator: Indicator, base: float, parameters: Mapping[str, float]) -> Goal | None:
    """The goal of an indicator, or None when the target holds nothing to compare with.

    Tolerances of 左右 and 保持稳定 are zero for binding indicators (METHOD 4.1).
    """
    cell, direction = indicator.target, indicator.direction
    if indicator.kind.parts:
        return Goal(0.0, -math.inf, 0.0, False, -1, False) if cell.parts else None
    inf = math.inf
    if cell.comparator is Comparator.KEEP:
        value = base if cell.value is None else cell.value
        if math.isnan(value):
            return None
        tolerance = _keep_tolerance(indicator, value, parameters)
        low, high = _around(value, tolerance)
        return Goal(value, low, high, False, direction, True)
    if cell.value is None:
        if not math.isfinite(cell.low) or not math.isfinite(cell.high):
            return None
        return Goal((cell.low + cell.high) / 2, cell.low, cell.high, False, direction, True)
    value = cell.value
    if cell.comparator is Comparator.ABOUT:
        tolerance = 0.0 if indicator.binding else parameters["about_tolerance"] * abs(value)
        low, high = _around(value, tolerance)
        low, high = (-inf if direction < 0 else low), (inf if direction > 0 else high)
        return Goal(value, low, high, False, direction, True)
    side = _side(cell.comparator, direction)
    if side == 0:
        return Goal(value, value, value, False, 0, True)
    strict = cell.comparator in (Comparator.ABOVE, Comparator.BELOW)
    low, high = (value, inf) if side > 0 else (-inf, value)
    return Goal(value, low, high, strict, side, False)


def _around(value: float, tolerance: float) -> tuple[float, float]:
    return round(value - tolerance, SETTLED), round(value + tolerance, SETTLED)


def _keep_tolerance(indicator: Indicator, value: float, parameters: Mapping[str, float]) -> float:
    if indicator.binding:
        return 0.0
    if indicator.unit == "%":
        return parameters["keep_tolerance_points"]
    return parameters["keep_tolerance_share"] * abs(value)


def _side(comparator: Comparator, direction: int) -> int:
    if comparator in (Comparator.AT_LEAST, Comparator.ABOVE):
        return 1
    if comparator in (Comparator.AT_MOST, Comparator.BELOW):
        return -1
    return direction


def progress(indicator: Indicator, at: Vertices, aim: Goal, found: Evidence) -> Array:
    """Share of the way to the target at every vertex, on the indicator's own scale."""
    kind = indicator.kind
    if kind.mode is Mode.SUM:
        return np.asarray(im.cumulative_progress(at.value, np.full_like(at.value, aim.value)))
    if kind.mode is Mode.CHAIN:
        return _rate_progress(indicator, at.value, found, aim.value)
    if indicator.scale is Scale.GEOMETRIC:
        return np.asarray(im.geometric_progress(at.base, at.value, aim.value))
    return np.asarray(im.linear_progress(at.base, at.value, aim.value))


def is_budget(indicator: Indicator, aim: Goal) -> bool:
    """Whether a five-year sum, or growth, must stay below its target: a budget to be used slowly.

    A growth that has to be negative is no budget but a way to go.
    """
    if aim.direction >= 0 or aim.banded:
        return False
    capped = indicator.kind.mode is Mode.CHAIN and aim.value > 0
    return indicator.kind.mode is Mode.SUM or capped


def speed(indicator: Indicator, aim: Goal, done: Array, elapsed: float) -> Array:
    """Pace, 1 on schedule and more when better; for a budget the share of time over the share
    used."""
    if is_budget(indicator, aim):
        used = np.asarray(im.pace(np.full_like(done, elapsed), done))
        unused = done <= 0 if indicator.kind.mode is Mode.CHAIN else done == 0
        return np.where(unused, np.inf, used)
    return np.asarray(im.pace(done, elapsed))


def rate_total(indicator: Indicator, rate: float) -> float:
    """Five-year chained growth, as a fraction, that ``rate`` percent asks for: a year, or in all
    where the target is a total."""
    if indicator.target.total:
        return rate / 100
    years = indicator.target_year - indicator.base_year
    return float((1 + rate / 100) ** years - 1)


def _rate_progress(indicator: Indicator, value: Array, found: Evidence, rate: float) -> Array:
    total = rate_total(indicator, rate)
    with np.errstate(all="ignore"):
        years = 1 if indicator.target.total else len(found.inputs)
        chained = np.log1p(np.asarray(value) / 100) * years
        share = chained / np.log1p(total) if total > -1 and total != 0 else chained * np.nan
    return np.asarray(np.where(np.isfinite(share), share, np.nan))


def facts(
    indicator: Indicator,
    at: Vertices,
    aim: Goal,
    found: Evidence,
    *,
    done: Array,
    speed: Array,
    final_year: bool,
    parameters: Mapping[str, float],
) -> dict[str, Flags]:
    """Every word a rule may use, as one flag per vertex.

    Raises
    ------
    KeyError
        When a parameter of rules.yml is missing.
    """
    guarded = not indicator.kind.accumulates
    done, speed = settled(done), settled(speed)
    met = _met(indicator, at, aim, done, final_year=final_year)
    at_base = aim.met(at.base) if guarded else np.zeros_like(met)
    margin = settled(parameters["exceed_margin"] * abs(aim.value))
    short = settled(parameters["nearly"] * abs(aim.value))
    beyond = aim.beyond(at.value)
    held = met & _held(indicator, found.history, at.side, aim) if guarded else met
    with np.errstate(invalid="ignore"):
        return {
            "unknown": np.zeros_like(met),
            "met": met,
            "met_at_base": at_base & ~np.isnan(at.base),
            "met_every_year": held,
            "before_target_year": np.full_like(met, not final_year),
            "moved_away": _moved_away(indicator, aim, done, met),
            "no_pace": np.isnan(speed),
            "pace_ahead": speed >= 1 + parameters["ahead_margin"],
            "pace_on_track": speed >= parameters["on_track"],
            "expected": np.full_like(met, indicator.attribute is Attribute.EXPECTED),
            "beyond_margin": (beyond > margin) & (exceedable(indicator) and not aim.banded),
            "nearly": (beyond >= -short) & (beyond < np.inf),
        }


def exceedable(indicator: Indicator) -> bool:
    """Whether a target of this kind can be exceeded: that of a sum or of a single number."""
    return indicator.kind.plain or indicator.kind.mode is Mode.SUM


def _met(indicator: Indicator, at: Vertices, aim: Goal, done: Array, *, final_year: bool) -> Flags:
    """Whether the target is met: growth before the end only when all of it has come, what has to
    stay below a limit only at the end."""
    if is_budget(indicator, aim) and not final_year:
        return np.zeros(at.value.shape, bool)
    if indicator.kind.mode is Mode.CHAIN and not final_year:
        return arrived(aim, done)
    return aim.met(at.value)


def arrived(aim: Goal, done: Array) -> Flags:
    """Whether the whole growth of a growth target has come."""
    done = settled(done)
    return np.asarray(done > 1 if aim.strict else done >= 1)


def _moved_away(indicator: Indicator, aim: Goal, done: Array, met: Flags) -> Flags:
    """Away from the target: the wrong way, or out of a band on its far side."""
    if indicator.kind.mode is Mode.CHAIN and is_budget(indicator, aim):
        return np.zeros_like(met)
    two_sided = aim.banded and math.isfinite(aim.low) and math.isfinite(aim.high)
    return np.asarray((done < 0) | (two_sided & (done > 1) & ~met))


def _held(
    indicator: Indicator, history: Sequence[Figure], side: NDArray[np.int_], aim: Goal
) -> Flags:
    judged = np.array([figure_interval(indicator, f) for f in history], float).reshape(-1, 3)
    return np.asarray(aim.met(judged).all(axis=0))[side]


def figure_interval(indicator: Indicator, figure: Figure) -> tuple[float, float, float]:
    """What a figure is judged by, with both ends: its value, or a composition's distance."""
    if indicator.kind.parts:
        return distance_interval(figure.raw, indicator.target.parts, figure.bound)
    return figure.value, figure.low, figure.high


def decide(rules: Sequence[tuple[str, tuple[str, ...]]], known: Mapping[str, Flags]) -> list[str]:
    """First rule whose words all hold, at every vertex.

    Raises
    ------
    KeyError
        When a rule uses a word that is no fact.
    """
    return [_first(rules, {k: bool(v[i]) for k, v in known.items()})
            for i in range(len(known["met"]))]  # fmt: skip


def _first(rules: Sequence[tuple[str, tuple[str, ...]]], flags: Mapping[str, bool]) -> str:
    for verdict, words in rules:
        if all(flags[w.removeprefix("not ")] != w.startswith("not ") for w in words):
            return verdict
    raise KeyError("no rule holds")
