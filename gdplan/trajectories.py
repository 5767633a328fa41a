"""The path a scenario gives an indicator: one function per kind of METHOD 7, all pure.

A path is a centre on the working scale (the unit, or its logarithm for a geometric indicator) for
every year after the last figure, with the errors of what was estimated to get it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdplan.model import Kind, Reason, Scale
from gdplan.montecarlo import Mode

if TYPE_CHECKING:
    from gdplan.scenariofile import PathSpec
    from gdplan.startingpoint import Standing

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Regression:
    """Least squares of an indicator on its drivers, and its forecast of the scenario's years.

    ``forecast`` (years) and ``loadings`` (terms, years) are in the indicator's unit: the mean
    forecast, and what one standard normal per term adds through the errors of the coefficients.
    """

    terms: tuple[str, ...] = ()
    coefficients: tuple[float, ...] = ()
    errors: tuple[float, ...] = ()
    n: int = 0
    r2: float = math.nan
    deviation: float = math.nan
    df: float = math.nan
    forecast: tuple[float, ...] = ()
    loadings: tuple[tuple[float, ...], ...] = ()
    change: bool = False
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Centre (years) and noise of a path; ``reason`` says why there is no centre or no noise."""

    years: tuple[int, ...]
    centre: Floats
    log: bool = False
    deviation: float = math.nan
    loadings: Floats = field(default_factory=lambda: np.empty((0, 0)))
    df: float = math.nan
    walk: bool = True
    reason: Reason | None = None
    remark: Reason | None = None

    @property
    def known(self) -> bool:
        """Whether the path has numbers."""
        return bool(np.isfinite(self.centre).all())

    @property
    def drawn(self) -> bool:
        """Whether there is enough to draw from."""
        return self.known and math.isfinite(self.deviation)


def trajectory(
    spec: PathSpec | None, at: Standing, until: int, regression: Regression | None = None
) -> Trajectory:
    """The path of one indicator of one region from its last figure to a year.

    Parameters
    ----------
    spec : PathSpec or None
        The scenario's path; None gives none, with its reason.
    until : int
        Last year of the path; past the target year a path to the target goes on as it was.
    regression : Regression, optional
        For paths of kind ``driver``.

    Returns
    -------
    Trajectory
        With a reason where the path has no number (no data, too few points, no target) or no
        probability.
    """
    years = tuple(range(at.year + 1, until + 1)) if at.year else ()
    reason = at.reasons[0] if at.reasons else Reason.NO_PATH if spec is None else None
    if reason or spec is None or not years:
        return _none(years, reason or Reason.NO_DATA)
    log = _log(at)
    if log and not at.value > 0 and spec.kind not in ("target", "fixed"):
        return _none(years, _why_no_value(at))
    made = _MAKERS[spec.kind](spec, _Job(at, years, log, regression))
    return _noisy(made, spec, at) if made.known else made


@dataclass(frozen=True, slots=True)
class _Job:
    at: Standing
    years: tuple[int, ...]
    log: bool
    regression: Regression | None = None

    @property
    def ahead(self) -> Floats:
        """Years since the last figure."""
        return np.asarray(self.years, float) - self.at.year

    @property
    def start(self) -> float:
        """Last figure on the working scale."""
        return math.log(self.at.value) if self.log and self.at.value > 0 else self.at.value

    @property
    def better(self) -> int:
        """+1 when larger is better, also where both sides count."""
        return self.at.indicator.direction or 1

    def path(self, centre: Floats, **changes: object) -> Trajectory:
        """A trajectory of these years, or its reason when a number is missing."""
        made = Trajectory(self.years, np.asarray(centre, float), self.log)
        made = replace(made, **changes)  # type: ignore[arg-type]
        return made if made.known else _none(self.years, made.reason or _why_no_value(self.at))

    def of_values(self, values: Floats, **changes: object) -> Trajectory:
        """A trajectory of values in the unit."""
        if self.log and not bool((values > 0).all()):
            return _none(self.years, Reason.NOT_POSITIVE)
        return self.path(np.log(values) if self.log else values, **changes)


def _trend(spec: PathSpec, job: _Job) -> Trajectory:
    drift = job.at.drift
    if math.isnan(drift.mean):
        return _none(job.years, drift.reason or Reason.ONE_POINT)
    error = 0.0 if math.isnan(drift.error) else drift.error
    return job.path(job.start + drift.mean * job.ahead, loadings=np.array([error * job.ahead]))


def _target(spec: PathSpec, job: _Job) -> Trajectory:
    """The required path: linear or geometric to the target, equal flows, equal growth."""
    at, goal = job.at, job.at.goal
    if goal is None:
        borrowed = Reason.NO_REGION_TARGET in at.remarks
        return _none(job.years, Reason.NO_REGION_TARGET if borrowed else Reason.NO_TARGET_NUMBER)
    end = at.indicator.target_year
    share = np.minimum(job.ahead / (end - at.year), 1)
    if at.mode is Mode.VALUE:
        if bool(goal.met(np.array([at.value]))[0]):
            return replace(job.of_values(np.full(len(job.years), at.value)),
                           remark=Reason.ALREADY_MET)  # fmt: skip
        if job.log:
            if not (at.value > 0 and goal.value > 0):
                return _none(job.years, Reason.NOT_POSITIVE)
            return job.path(job.start + (math.log(goal.value) - job.start) * share)
        return job.path(at.value + (goal.value - at.value) * share)
    needed = _needed(at, goal.value, end)
    settled = at.mode is Mode.SUM and goal.direction > 0 and needed <= 0
    if settled and not math.isnan(at.value):
        return replace(job.of_values(np.full(len(job.years), at.value)), remark=Reason.ALREADY_MET)
    flows = np.where(np.asarray(job.years) <= end, max(needed, 0.0 if at.mode is Mode.SUM else
                                                       -math.inf), at.value)  # fmt: skip
    return job.of_values(np.where(np.isnan(flows), needed, flows))


def _needed(at: Standing, target: float, end: int) -> float:
    """Flow or growth in percent that every year left must bring."""
    left = end - at.year
    if at.mode is Mode.SUM:
        return (target - at.known) / left
    total = at.indicator.target.kind is Kind.CUMULATIVE
    factor = (1 + target / 100) ** (1 if total else end - at.indicator.base_year)
    if not (factor > 0 and at.known > 0):
        return math.nan
    return float(100 * ((factor / at.known) ** (1 / left) - 1))


def _rate(spec: PathSpec, job: _Job) -> Trajectory:
    growth = float(spec.growth or 0.0)
    if job.at.mode is Mode.CHAIN:
        return job.of_values(np.full(len(job.years), growth))
    return job.of_values(job.at.value * (1 + growth / 100) ** job.ahead)


def _increment(spec: PathSpec, job: _Job) -> Trajectory:
    return job.of_values(job.at.value + float(spec.step or 0.0) * job.ahead)


def _fixed(spec: PathSpec, job: _Job) -> Trajectory:
    value = job.at.value if spec.value is None else float(spec.value)
    return job.of_values(np.full(len(job.years), value))


def _halt(spec: PathSpec, job: _Job) -> Trajectory:
    """The trend where it improves, the last value where it does not."""
    trend = _trend(spec, job)
    if not trend.known:
        return trend
    improving = job.at.drift.mean * job.better > 0 and job.at.indicator.direction != 0
    return trend if improving else job.path(np.full(len(job.years), job.start))


def _shock(spec: PathSpec, job: _Job) -> Trajectory:
    """Worse by ``drop`` percent in the first year, then back in equal steps over k years."""
    under = _trend(spec, job) if spec.after == "trend" else job.path(
        np.full(len(job.years), job.start)
    )  # fmt: skip
    if not under.known:
        return under
    weight = np.maximum(0.0, 1 - (job.ahead - 1) / float(spec.recover or 1))
    change = -job.better * float(spec.drop or 0.0) / 100 * weight
    if job.at.mode is Mode.CHAIN:
        return replace(under, centre=under.centre + 100 * change)
    if job.log:
        if not bool((1 + change > 0).all()):
            return _none(job.years, Reason.NOT_POSITIVE)
        return replace(under, centre=under.centre + np.log1p(change))
    return replace(under, centre=under.centre + np.abs(under.centre) * change)


def _best(spec: PathSpec, job: _Job) -> Trajectory:
    """Flows: the best mean of n years running. Levels: on from the last at the best pace."""
    n, found = int(spec.years or 1), dict(job.at.history)
    if job.at.mode is not Mode.VALUE or job.at.indicator.kind is Kind.ANNUAL:
        means = [sum(found[y - k] for k in range(n)) / n for y in found
                 if all(y - k in found for k in range(n))]  # fmt: skip
        if not means:
            return _none(job.years, Reason.NO_PACE)
        best = max(means) if job.better > 0 else min(means)
        return job.of_values(np.full(len(job.years), best))
    if job.log and min(found.values(), default=1.0) <= 0:
        return _none(job.years, Reason.NOT_POSITIVE)
    work = {y: math.log(v) if job.log else v for y, v in found.items()}
    paces = [(work[y] - work[y - n]) / n for y in work if y - n in work]
    if not paces:
        return _none(job.years, Reason.NO_PACE)
    pace = max(paces) if job.better > 0 else min(paces)
    return job.path(job.start + pace * job.ahead)


def _driver(spec: PathSpec, job: _Job) -> Trajectory:
    fitted = job.regression
    if fitted is None or fitted.reason or len(fitted.forecast) != len(job.years):
        return _none(job.years, (fitted and fitted.reason) or Reason.NO_DRIVER)
    forecast, loadings = np.array(fitted.forecast), np.array(fitted.loadings)
    if fitted.change:
        forecast = job.at.value + np.cumsum(forecast)
        loadings = np.cumsum(loadings, axis=1)
    linear = replace(job, log=False)
    return linear.path(forecast, loadings=loadings, deviation=fitted.deviation, df=fitted.df,
                       walk=fitted.change)  # fmt: skip


_MAKERS: Mapping[str, Callable[[PathSpec, _Job], Trajectory]] = {
    "trend": _trend, "target": _target, "rate": _rate, "increment": _increment, "fixed": _fixed,
    "halt": _halt, "shock": _shock, "best": _best, "driver": _driver,
}  # fmt: skip


def _noisy(made: Trajectory, spec: PathSpec, at: Standing) -> Trajectory:
    """The path with the deviation declared for it, its own, or that of the series."""
    years = len(made.years)
    loadings = made.loadings if made.loadings.size else np.empty((0, years))
    made = replace(made, loadings=loadings)
    if spec.deviation is not None:
        own = spec.deviation / 100 if made.log else float(spec.deviation)
        return replace(made, deviation=own, df=math.inf)
    if math.isfinite(made.deviation):
        return made
    if at.drift.reason:
        return replace(made, reason=at.drift.reason)
    return replace(made, deviation=at.drift.deviation, df=at.drift.df)


def _none(years: tuple[int, ...], reason: Reason) -> Trajectory:
    return Trajectory(years, np.full(len(years), math.nan), reason=reason)


def _log(at: Standing) -> bool:
    return at.indicator.scale is Scale.GEOMETRIC and at.mode is not Mode.CHAIN


def _why_no_value(at: Standing) -> Reason:
    return Reason.NO_DATA if math.isnan(at.value) else Reason.NOT_POSITIVE
