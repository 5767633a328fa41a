"""The ways a course may go on from its last figure (METHOD 7): one function each, all pure.

A path is a centre on the line of its course (the figure, the sum still to come, the index) for
every year ahead, with the noise of the outlook around it, whatever the path.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from gdplan.indicators import annualized_growth
from gdplan.model import Mode, Reason, Scale
from gdplan.outlook.course import Course, Floats
from gdplan.outlook.line import Ends, to_unit
from gdplan.outlook.projection import LARGEST
from gdplan.outlook.walk import shares


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Centre (years) and noise of a path, as those of a :class:`gdplan.outlook.draws.Cell`.

    ``trend`` says that it is the outlook of its course, noise and all. ``reason`` says why there
    is no centre or no noise.
    """

    years: tuple[int, ...]
    centre: Floats
    base: Floats | None = None
    share: Ends | None = None
    deviation: float = math.nan
    loadings: Floats = field(default_factory=lambda: np.empty((0, 0)))
    df: float = math.nan
    walk: bool = True
    widening: float = 0.0
    trend: bool = False
    reason: Reason | None = None
    remark: Reason | None = None

    @property
    def known(self) -> bool:
        """Whether the path has numbers."""
        return bool(self.years) and bool(np.isfinite(self.centre).all())

    @property
    def drawn(self) -> bool:
        """Whether there is enough to draw from."""
        return self.known and math.isfinite(self.deviation)


def none(years: tuple[int, ...], reason: Reason) -> Trajectory:
    """No path, and why."""
    return Trajectory(years, np.full(len(years), math.nan), reason=reason)


def unusable(course: Course) -> Reason | None:
    """Why nothing can go on from a course."""
    if not course.year:
        return Reason.NO_DATA
    sizes = [x for x in (course.value, course.known) if not (course.origin and math.isnan(x))]
    if not all(abs(x) <= LARGEST for x in sizes):
        return Reason.TOO_LARGE
    return Reason.NOT_POSITIVE if course.mode is Mode.CHAIN and not course.known > 0 else None


def on_line(course: Course, until: int, centre: Floats, **changes: object) -> Trajectory:
    """A path with a centre, or its reason when a number is missing, too large or not positive."""
    years = course.ahead(until)
    if reason := unusable(course):
        return none(years, reason)
    made = Trajectory(years, np.asarray(centre, float), course.base(len(years)), course.share)
    made = replace(made, **changes)  # type: ignore[arg-type]
    if not made.known and not np.isinf(made.centre).any():
        return none(years, _why_no_figure(course))
    if not float(np.abs(made.centre).max()) <= LARGEST:
        return none(years, Reason.TOO_LARGE)
    positive = made.base is None or not course.log or bool((made.centre > 0).all())
    return made if positive else none(years, Reason.NOT_POSITIVE)


def of_figures(course: Course, until: int, figures: Floats, **changes: object) -> Trajectory:
    """A path of yearly figures: values, flows to be summed, growth in percent to be chained."""
    plain = course.scale is Scale.GEOMETRIC and course.mode is not Mode.CHAIN
    if plain and not bool((np.isnan(figures) | (figures > 0)).all()):
        return none(course.ahead(until), Reason.NOT_POSITIVE)
    return on_line(course, until, course.made(figures), **changes)


def level(course: Course, until: int, figure: float, **changes: object) -> Trajectory:
    """The same figure every year."""
    return of_figures(course, until, np.full(len(course.ahead(until)), figure), **changes)


def trend(course: Course, until: int) -> Trajectory:
    """The median of the outlook: on by the mean step, bent where a geometric one falls."""
    years, drift = course.ahead(until), course.drift
    if math.isnan(drift.mean):
        return none(years, drift.reason or Reason.ONE_POINT)
    n = len(years)
    total, drifted = course.shares(n)
    error = 0.0 if math.isnan(drift.error) else drift.error
    line = course.start * total + drift.mean * drifted
    centre = to_unit(line, course.base(n), course.share)
    return on_line(course, until, centre, loadings=error * np.arange(1.0, n + 1)[None], trend=True)


def rate(course: Course, until: int, growth: float) -> Trajectory:
    """Growth by a fraction a year: ``y + |y| ((1 + g)^h - 1)``; of growth figures that growth."""
    if course.mode is Mode.CHAIN:
        return level(course, until, 100 * growth)
    ahead = np.arange(1.0, len(course.ahead(until)) + 1)
    with np.errstate(over="ignore"):
        figures = course.value + abs(course.value) * ((1 + growth) ** ahead - 1)
    return _from_figure(course, until, figures)


def increment(course: Course, until: int, step: float) -> Trajectory:
    """So many units more each year than the year before: ``y + d h``."""
    ahead = np.arange(1.0, len(course.ahead(until)) + 1)
    return _from_figure(course, until, course.value + step * ahead)


def required(course: Course, until: int, target: float, *, met: bool) -> Trajectory:
    """To a target: linear or geometric, equal flows, equal growth; past its year as it was.

    What is ``met``, or has come already, stays as it is.
    """
    if met and not math.isnan(course.value):
        return level(course, until, course.value, remark=Reason.ALREADY_MET)
    if course.mode is Mode.VALUE:
        ahead, left = np.arange(1.0, until - course.year + 1), course.until - course.year
        share, target = np.minimum(ahead / left, 1), target - course.known
        if course.scale is not Scale.GEOMETRIC:
            return on_line(course, until, course.value + (target - course.value) * share)
        if not (course.value > 0 and target > 0):
            return none(course.ahead(until), Reason.NOT_POSITIVE)
        return on_line(course, until, course.value * (target / course.value) ** share)
    figure = needed_figure(course, target)
    figure = max(figure, 0.0) if course.mode is Mode.SUM else figure
    inside = np.asarray(course.ahead(until)) <= course.until
    later = figure if math.isnan(course.value) else course.value
    return of_figures(course, until, np.where(inside, figure, later))


def needed_figure(course: Course, target: float) -> float:
    """The flow, or growth in percent, that every year left must bring for a target."""
    n = course.until - course.year
    if course.mode is Mode.SUM:
        return (course.whole(target) - course.known) / float(course.weights(n).sum())
    return 100 * float(annualized_growth(1.0, course.needed(target, n)[-1], n))


def halted(course: Course, until: int, better: int) -> Trajectory:
    """The trend where it is better than the last figure going on, else that figure.

    ``better`` is +1 when larger is better, -1 when smaller, 0 when neither.
    """
    moving, still = trend(course, until), level(course, until, course.value)
    if not (moving.known and still.known):
        return moving
    return moving if float(moving.centre[-1] - still.centre[-1]) * better > 0 else still


def shocked(course: Course, path: Trajectory, share: Floats) -> Trajectory:
    """A path off by shares (years) of its values, its yearly flows, or the index growth makes."""
    if not path.known or not share.any():
        return path
    summed = course.mode is Mode.SUM
    calm = course.figures(path.centre) if summed else path.centre
    hit = calm + np.abs(calm) * share
    if path.base is not None and course.log and not bool((hit > 0).all()):
        return none(path.years, Reason.NOT_POSITIVE)
    return replace(path, centre=course.made(hit) if summed else hit, trend=False)


def fading(path: Trajectory, share: float, *, first: int, recovery: int | None) -> Floats:
    """A share from the year ``first`` on, gone in equal steps over so many years; None stays."""
    since = np.asarray(path.years, float) - first
    left = np.maximum(1 - since / recovery, 0.0) if recovery else np.ones_like(since)
    return np.where(since >= 0, share * left, 0.0)


def best(course: Course, until: int, years: int, *, better: int, yearly: bool) -> Trajectory:
    """On at the best pace of so many past years; flows, growth and ``yearly`` figures at their
    best mean of so many years running."""
    past = dict(zip(course.years, course.values, strict=True))
    pick = max if better > 0 else min
    if course.mode is not Mode.VALUE or yearly:
        means = [sum(past[y - k] for k in range(years)) / years for y in past
                 if all(y - k in past for k in range(years))]  # fmt: skip
        return (
            level(course, until, pick(means))
            if means
            else none(course.ahead(until), Reason.NO_PACE)
        )
    log = course.scale is Scale.GEOMETRIC
    if log and min(past.values(), default=1.0) <= 0:
        return none(course.ahead(until), Reason.NOT_POSITIVE)
    work = {y: math.log(v) if log else v for y, v in past.items()}
    paces = [(work[y] - work[y - years]) / years for y in work if y - years in work]
    if not paces:
        return none(course.ahead(until), Reason.NO_PACE)
    ahead = pick(paces) * np.arange(1.0, until - course.year + 1)
    with np.errstate(over="ignore"):
        return on_line(course, until, course.value * np.exp(ahead) if log else course.value + ahead)


def noisy(course: Course, path: Trajectory, declared: float | None = None) -> Trajectory:
    """The path with the deviation declared for it (of geometric figures and of growth in percent
    of the last figure), its own, or that of the outlook."""
    if not path.known:
        return path
    path = replace(path, loadings=path.loadings if path.loadings.size else
                   np.empty((0, len(path.years))))  # fmt: skip
    if declared is not None:
        share = 0.01 * course.start if course.log else 1.0
        return replace(path, deviation=declared * share, df=math.inf, trend=False)
    if math.isfinite(path.deviation):
        return path
    drift = course.drift
    if drift.reason:
        return replace(path, reason=drift.reason)
    return replace(path, deviation=drift.deviation, df=drift.df, widening=drift.widening)


def growth_of(course: Course, *, increment: bool) -> float:
    """The constant growth whose path ends where the outlook's median does; nan when unknown.

    A fraction a year, or units a year when ``increment``.

    Examples
    --------
    >>> insured = Course((2020, 2021, 2022, 2023), (60.0, 62.0, 64.0, 66.0), 2025)
    >>> growth_of(insured, increment=True), round(growth_of(insured, increment=False), 4)
    (2.0, 0.0299)
    """
    n = len(course.ahead())
    made = trend(course, course.until if n else course.year + 1)
    return _growth_to(course, float(made.centre[-1]), increment) if made.known else math.nan


def required_growth(course: Course, *, increment: bool) -> float:
    """The constant growth whose path, without a shock, ends on the bound of the goal.

    Of a goal with two bounds, on the accepted value nearest to going on as now. A fraction a year,
    or units a year; nan when there is none, or nothing to reach. A sum by rate has no closed form
    and is bisected.

    Examples
    --------
    >>> from gdplan.outlook.course import Accepted
    >>> coverage = Course((2023,), (93.0,), 2025, goal=Accepted(low=95.0))
    >>> required_growth(coverage, increment=True)
    1.0
    """
    goal, n = course.goal, len(course.ahead())
    if not n or not goal.known or (increment and course.mode is Mode.CHAIN):
        return math.nan
    banded = math.isfinite(goal.low) and math.isfinite(goal.high)
    target = goal.low if math.isfinite(goal.low) else goal.high
    if banded:
        still = rate(course, course.until, 0.0)
        target = goal.nearest(float(course.judged(still.centre)[-1]))
    return _growth_to(course, float(course.needed(target, n)[-1]), increment)


def _growth_to(course: Course, end: float, increment: bool) -> float:
    """Constant growth to a level, to a sum of what is still to come, to an index."""
    chained, summed = course.mode is Mode.CHAIN, course.mode is Mode.SUM
    n = max(len(course.ahead()), 1)
    if increment and not chained:
        weights = course.weights(n) if summed else None
        total, drifted, _ = (float(x[-1]) for x in shares(weights, np.arange(1.0, n + 1)))
        return (end - total * course.value) / drifted
    if increment or not end > 0:
        return math.nan
    if summed:
        return _rate_of_sum(course.value, end, course.weights(n))
    return float(annualized_growth(1.0 if chained else course.value, end, n))


def _rate_of_sum(last: float, need: float, weights: Floats) -> float:
    """Rate at which flows after ``last`` add up, with their weights, to ``need``."""
    if not last > 0:
        return math.nan
    ahead = np.arange(1, len(weights) + 1)

    def short(growth: float) -> bool:
        return float((weights * last * (1 + growth) ** ahead).sum()) < need

    low, high = -1.0, 1.0
    while short(high):
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if short(middle) else (low, middle)
    return (low + high) / 2


def _from_figure(course: Course, until: int, figures: Floats) -> Trajectory:
    """A path that needs the last figure, on a geometric scale a positive one."""
    geometric = course.scale is Scale.GEOMETRIC and course.mode is not Mode.CHAIN
    if geometric and not course.value > 0:
        return none(course.ahead(until), unusable(course) or _why_no_figure(course))
    return of_figures(course, until, figures)


def _why_no_figure(course: Course) -> Reason:
    return Reason.NO_DATA if math.isnan(course.value) else Reason.NOT_POSITIVE
