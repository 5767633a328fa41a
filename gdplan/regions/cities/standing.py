"""How the cities of a province stand: spread, contributions to a change or a gap, laggards.

Counts are told apart in natural units; shares are only held against the province's target, since no
published figure says how to weigh them. Pure; no target is broken down here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from gdplan.model import Mode, Verdict
from gdplan.regions.cities.compared import Amount, City, Comparison, judged

PARAMETERS: Mapping[str, float] = {
    "quartiles_least": 8, "small_count": 20, "chance": 1.96, "sum_slack": 0.005, "named": 3,
}  # fmt: skip
"""Quartiles are given from so many cities on; counts below so many persons or cases are small; a
yearly flow of events has moved by more than chance beyond so many standard deviations of a Poisson
difference; the cities may miss the province's figure by this share and still add up; so many cities
are named at each end."""
BAD = (Verdict.BEHIND, Verdict.REVERSED, Verdict.MISSED, Verdict.NEARLY)
EVENTS = re.compile(r"(十|百|千|万|十万|百万|千万|亿)?(人|人次|件|起|例|户|家|个|名)")
RATIO = re.compile(r"[%‰/每]|百分点|^(岁|年|分|比|倍|—|-|)$")
MEAN = re.compile(r"人均|户均|平均|率$|比重|指数")
TIMES = {None: 1.0, "十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6,
         "千万": 1e7, "亿": 1e8}  # fmt: skip


class Why(StrEnum):
    """Why a city lags: behind the province's target or schedule, short of its own target of the
    year, or moving the wrong way where the province itself lags."""

    STANDARD = "standard"
    ANNUAL = "annual"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Laggard:
    """A city that lags on an indicator, why, and whether every reading of its figure says so."""

    city: City
    why: Why
    firm: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What a city adds to a change or a gap of the province, in the unit, with both ends."""

    city: City
    amount: Amount


@dataclass(frozen=True, slots=True)
class Split:
    """A change or gap of the province and its parts.

    ``total`` is the province's, ``rest`` what the cities' parts leave of it: cities without
    figures, figures that belong to no city, and rounding.
    """

    total: Amount
    parts: tuple[Part, ...]

    @property
    def among(self) -> float:
        """The sum of the parts."""
        return math.fsum(p.amount.value for p in self.parts)

    @property
    def rest(self) -> float:
        """What the parts leave of the total."""
        return self.total.value - self.among


def quartiles(values: Iterable[float]) -> tuple[float, float, float, float, float]:
    """Lowest, lower quartile, median, upper quartile, highest.

    Linear interpolation between order statistics (Hyndman and Fan 1996, type 7): the quartile at
    share p stands at place (n - 1)p counted from 0.

    Raises
    ------
    ValueError
        Without a value.

    Examples
    --------
    >>> quartiles([1, 2, 4, 8])
    (1.0, 1.75, 3.0, 5.0, 8.0)
    """
    x = np.asarray(list(values), dtype=float)
    if not x.size:
        raise ValueError("no values")
    low, first, middle, third, high = (float(q) for q in np.quantile(x, [0, 0.25, 0.5, 0.75, 1]))
    return low, first, middle, third, high


def additive(one: Comparison, parameters: Mapping[str, float] = PARAMETERS) -> bool:
    """Whether the cities' figures are parts of the province's.

    Not for ratios and means by unit or name, nor where the sum of the cities is above the
    province's figure, or with all cities there below it, by more than ``sum_slack``.
    """
    unit, name = one.row.unit, one.row.name
    ratio = RATIO.search(unit) or MEAN.search(name) or one.row.kind.mode is Mode.CHAIN
    if ratio or math.isnan(one.now.value):
        return False
    total = Amount(*(math.fsum(c.now[k] for c in one.cities) for k in range(3)))
    slack = parameters["sum_slack"] * abs(one.now.value)
    short = not one.missing and total.high < one.now.low - slack
    return not (total.low > one.now.high + slack or short)


def change(one: Comparison, parameters: Mapping[str, float] = PARAMETERS) -> Split | None:
    """The province's change from the year before and each city's, ``x_c(t) - x_c(t-1)``.

    None for what does not add up, and where the province or every city lacks one of the years.
    """
    if math.isnan(one.before.value) or not additive(one, parameters):
        return None
    parts = tuple(Part(c, minus(c.now, c.before)) for c in one.cities
                  if not math.isnan(c.before.value))  # fmt: skip
    return Split(minus(one.now, one.before), parts) if parts else None


def gap(one: Comparison, parameters: Mapping[str, float] = PARAMETERS) -> Split | None:
    """Who carries the province's gap to its schedule, for an indicator on which it lags.

    The standard is not a target: each city is held against its share of the year before in what
    the plan's schedule asks of the province, ``J_c(t) - D(t) J_c(t-1) / J(t-1)``, with J the judged
    value and D the value due. Where all cities have figures the parts add up to the gap
    ``J(t) - D(t)``. Negative where larger is better and too little was reached.
    """
    row, due = one.row, one.row.scheduled
    own, prior = judged(row), one.judged_before.value
    if row.verdict not in BAD or row.direction not in (1, -1) or not additive(one, parameters):
        return None
    if not (math.isfinite(own.value) and math.isfinite(due) and prior > 0 and due > 0):
        return None
    parts = tuple(
        Part(c, minus(c.judged, times(c.judged_before, due / prior))) for c in one.cities
        if math.isfinite(c.judged.value) and math.isfinite(c.judged_before.value)
    )  # fmt: skip
    total = Amount(own.value - due, own.low - due, own.high - due)
    return Split(total, parts) if parts else None


def minus(a: Amount, b: Amount) -> Amount:
    """The difference of two figures with both ends.

    Examples
    --------
    >>> minus(Amount(5.0, 4.5, 5.5), Amount(3.0, 2.5, 3.5))
    Amount(value=2.0, low=1.0, high=3.0)
    """
    return Amount(a.value - b.value, a.low - b.high, a.high - b.low)


def times(a: Amount, factor: float) -> Amount:
    """A figure times a positive factor."""
    return Amount(*(x * factor for x in a))


def events(unit: str) -> float:
    """Persons or cases in one unit: 万人次 is 10,000; nan for money and other measures.

    Examples
    --------
    >>> events("万人次"), events("人"), events("亿元")
    (10000.0, 1.0, nan)
    """
    match = EVENTS.fullmatch(unit)
    return TIMES[match[1]] if match else math.nan


def small(one: Comparison, city: City, parameters: Mapping[str, float] = PARAMETERS) -> bool:
    """Whether a city's count, now or the year before, is too small for its changes to mean much."""
    size = events(one.row.unit)
    return any(abs(x.value) * size < parameters["small_count"] for x in (city.now, city.before))


def by_chance(one: Comparison, city: City, parameters: Mapping[str, float] = PARAMETERS) -> bool:
    """Whether a yearly flow of events moved no further than chance moves such counts.

    Both counts taken as Poisson, the difference has the standard deviation ``sqrt(n0 + n1)``
    (Przyborowski and Wilenski 1940 in its normal form). A stock is no count of independent events.
    """
    size, kind = events(one.row.unit), one.row.kind
    if not (kind.yearly or kind.mode is Mode.SUM) or math.isnan(size):
        return False
    n1, n0 = city.now.value * size, city.before.value * size
    return bool(abs(n1 - n0) <= parameters["chance"] * math.sqrt(max(n1 + n0, 0.0)))


def laggards(one: Comparison, parameters: Mapping[str, float] = PARAMETERS) -> tuple[Laggard, ...]:
    """The cities that lag, in the order of the register.

    A share: the verdict of the city's own report against the province's target. Anything else: the
    city's own target of the year missed; or, without one, where the province lags, a figure that
    went the wrong way for certain, not small and by more than chance.
    """
    found = ((c, _why(one, c, parameters)) for c in one.cities)
    return tuple(Laggard(c, why, c.row.firm or why is not Why.STANDARD)
                 for c, why in found if why is not None)  # fmt: skip


def judgeable(one: Comparison, city: City) -> bool:
    """Whether it can be said that a city lags or not: by a share with a verdict, a target of its
    own, or a figure of the year before where the province lags."""
    if one.share:
        return city.row.verdict != Verdict.NOT_ASSESSABLE and math.isfinite(judged(city.row).value)
    own = bool(city.row.annual_verdict)
    return own or (one.row.verdict in BAD and math.isfinite(city.before.value))


def _why(one: Comparison, city: City, parameters: Mapping[str, float]) -> Why | None:
    row = city.row
    if one.share:
        behind = row.verdict in BAD and math.isfinite(judged(row).value)
        return Why.STANDARD if behind else None
    if row.annual_verdict:
        return Why.ANNUAL if row.annual_verdict == Verdict.MISSED else None
    moved = minus(city.now, city.before)
    wrong = {1: moved.high < 0, -1: moved.low > 0}.get(one.row.direction, False)
    lags = one.row.verdict in BAD and wrong
    luck = small(one, city, parameters) or by_chance(one, city, parameters)
    return Why.WORSE if lags and not luck else None
