"""The path a scenario gives an indicator: one function per kind of METHOD 7, all pure.

A path is a centre for every year after the last figure, with the errors of what was estimated to
get it: of the value itself, of the sum of the flows to come, or of the index growth figures make.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdplan.model import Mode, Reason, Scale
from gdplan.outlook.line import bent
from gdplan.outlook.projection import LARGEST

if TYPE_CHECKING:
    from gdplan.scenarios.files import PathSpec
    from gdplan.scenarios.start import Standing

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
    """Centre (years) and noise of a path, as those of a :class:`gdplan.outlook.draws.Cell`.

    ``reason`` says why there is no centre or no noise.
    """

    years: tuple[int, ...]
    centre: Floats
    base: Floats | None = None
    deviation: float = math.nan
    loadings: Floats = field(default_factory=lambda: np.empty((0, 0)))
    df: float = math.nan
    walk: bool = True
    widening: float = 0.0
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
    job = _Job(at, years, regression)
    if job.log and not at.value > 0 and spec.kind not in ("target", "fixed"):
        return _none(years, _why_no_value(at))
    made = _MAKERS[spec.kind](spec, job)
    return _noisy(made, spec, job) if made.known else made


@dataclass(frozen=True, slots=True)
class _Job:
    at: Standing
    years: tuple[int, ...]
    regression: Regression | None = None

    @property
    def log(self) -> bool:
        """Whether errors are relative to the last figure; those of an index always are."""
        return self.at.indicator.scale is Scale.GEOMETRIC and self.at.mode is not Mode.CHAIN

    @property
    def ahead(self) -> Floats:
        """Years since the last figure."""
        return np.asarray(self.years, float) - self.at.year

    @property
    def better(self) -> int:
        """+1 when larger is better, also where both sides count."""
        return self.at.indicator.direction or 1

    @property
    def size(self) -> float:
        """The figure that relative errors are shares of; 1 where they are in the unit."""
        if not self.log:
            return 1.0
        return (
            self.at.value if self.at.value > 0 else max(self.at.history, default=(0, math.nan))[1]
        )

    @property
    def base(self) -> Floats | None:
        """Below this (years) outcomes are bent; None where they may fall through zero."""
        if self.at.mode is Mode.CHAIN:
            return np.ones(len(self.years))
        if not self.log or not self.size > 0:
            return None
        return self.size * (self.ahead if self.at.mode is Mode.SUM else np.ones(len(self.years)))

    def path(self, drawn: Floats, **changes: object) -> Trajectory:
        """A trajectory of what is drawn, or its reason when a number is missing or too large."""
        made = Trajectory(self.years, np.asarray(drawn, float), self.base)
        made = replace(made, **changes)  # type: ignore[arg-type]
        if not made.known:
            return _none(self.years, made.reason or _why_no_value(self.at))
        if float(np.abs(made.centre).max()) > LARGEST:
            return _none(self.years, Reason.TOO_LARGE)
        positive = made.base is None or bool((made.centre > 0).all())
        return made if positive else _none(self.years, Reason.NOT_POSITIVE)

    def of_figures(self, figures: Floats, **changes: object) -> Trajectory:
        """A trajectory of yearly figures: values, flows to be summed, growth to be chained."""
        if self.log and not bool((np.isnan(figures) | (figures > 0)).all()):
            return _none(self.years, Reason.NOT_POSITIVE)
        if self.at.mode is Mode.VALUE:
            return self.path(figures, **changes)
        summed = self.at.mode is Mode.SUM
        return self.path(np.cumsum(figures) if summed else _chained(figures), **changes)

    def level(self, figure: float, **changes: object) -> Trajectory:
        """A trajectory of the same figure every year."""
        return self.of_figures(np.full(len(self.years), figure), **changes)


def _chained(growth: Floats) -> Floats:
    """The index (years) that growth in percent makes, 1 before the first year."""
    return np.asarray(np.cumprod(1 + growth / 100))


def _trend(spec: PathSpec, job: _Job) -> Trajectory:
    """The median of the outlook: on by the mean step, bent where a geometric one falls."""
    at, steps = job.at, job.at.drift
    if math.isnan(steps.mean):
        return _none(job.years, steps.reason or Reason.ONE_POINT)
    error = 0.0 if math.isnan(steps.error) else steps.error * job.size
    start = 1.0 if at.mode is Mode.CHAIN else at.value
    line = start + steps.mean * job.ahead
    line = np.cumsum(line) if at.mode is Mode.SUM else line
    centre = line if job.base is None else bent(line, job.base)
    return job.path(centre, loadings=np.array([error * job.ahead]))


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
            return job.level(at.value, remark=Reason.ALREADY_MET)
        if job.log:
            if not (at.value > 0 and goal.value > 0):
                return _none(job.years, Reason.NOT_POSITIVE)
            return job.path(at.value * (goal.value / at.value) ** share)
        return job.path(at.value + (goal.value - at.value) * share)
    needed = _needed(at, goal.value, end)
    settled = at.mode is Mode.SUM and goal.direction > 0 and needed <= 0
    if settled and not math.isnan(at.value):
        return job.level(at.value, remark=Reason.ALREADY_MET)
    flows = np.where(np.asarray(job.years) <= end, max(needed, 0.0 if at.mode is Mode.SUM else
                                                       -math.inf), at.value)  # fmt: skip
    return job.of_figures(np.where(np.isnan(flows), needed, flows))


def _needed(at: Standing, target: float, end: int) -> float:
    """Flow or growth in percent that every year left must bring."""
    left = end - at.year
    if at.mode is Mode.SUM:
        return (target - at.known) / left
    total = at.indicator.target.total
    factor = (1 + target / 100) ** (1 if total else end - at.indicator.base_year)
    if not (factor > 0 and at.known > 0):
        return math.nan
    return float(100 * ((factor / at.known) ** (1 / left) - 1))


def _rate(spec: PathSpec, job: _Job) -> Trajectory:
    growth = float(spec.growth or 0.0)
    if job.at.mode is Mode.CHAIN:
        return job.level(growth)
    with np.errstate(over="ignore"):
        more = (1 + growth / 100) ** job.ahead - 1
    return job.of_figures(job.at.value + abs(job.at.value) * more)


def _increment(spec: PathSpec, job: _Job) -> Trajectory:
    return job.of_figures(job.at.value + float(spec.step or 0.0) * job.ahead)


def _fixed(spec: PathSpec, job: _Job) -> Trajectory:
    return job.level(job.at.value if spec.value is None else float(spec.value))


def _halt(spec: PathSpec, job: _Job) -> Trajectory:
    """The trend where it is better than the last figure going on, else that figure."""
    trend, still = _trend(spec, job), job.level(job.at.value)
    if not (trend.known and still.known):
        return trend
    better = float(trend.centre[-1] - still.centre[-1]) * job.better > 0
    return trend if better and job.at.indicator.direction != 0 else still


def _shock(spec: PathSpec, job: _Job) -> Trajectory:
    """Worse by ``drop`` percent in the first year, then back in equal steps over k years.

    The values, the yearly flows, or the index that growth figures make are off their path by that.
    """
    under = _trend(spec, job) if spec.after == "trend" else job.level(job.at.value)
    if not under.known:
        return under
    weight = np.maximum(0.0, 1 - (job.ahead - 1) / float(spec.recover or 1))
    change = -job.better * float(spec.drop or 0.0) / 100 * weight
    summed = job.at.mode is Mode.SUM
    calm = np.diff(under.centre, prepend=0.0) if summed else under.centre
    hit = calm + np.abs(calm) * change
    if under.base is not None and not bool((hit > 0).all()):
        return _none(job.years, Reason.NOT_POSITIVE)
    return replace(under, centre=np.cumsum(hit) if summed else hit)


def _best(spec: PathSpec, job: _Job) -> Trajectory:
    """Flows: the best mean of n years running. Levels: on from the last at the best pace."""
    n, found = int(spec.years or 1), dict(job.at.history)
    if job.at.mode is not Mode.VALUE or job.at.indicator.kind.yearly:
        means = [sum(found[y - k] for k in range(n)) / n for y in found
                 if all(y - k in found for k in range(n))]  # fmt: skip
        if not means:
            return _none(job.years, Reason.NO_PACE)
        return job.level(max(means) if job.better > 0 else min(means))
    if job.log and min(found.values(), default=1.0) <= 0:
        return _none(job.years, Reason.NOT_POSITIVE)
    work = {y: math.log(v) if job.log else v for y, v in found.items()}
    paces = [(work[y] - work[y - n]) / n for y in work if y - n in work]
    if not paces:
        return _none(job.years, Reason.NO_PACE)
    ahead = (max(paces) if job.better > 0 else min(paces)) * job.ahead
    with np.errstate(over="ignore"):
        return job.path(job.at.value * np.exp(ahead) if job.log else job.at.value + ahead)


def _driver(spec: PathSpec, job: _Job) -> Trajectory:
    fitted = job.regression
    if fitted is None or fitted.reason or len(fitted.forecast) != len(job.years):
        return _none(job.years, (fitted and fitted.reason) or Reason.NO_DRIVER)
    forecast, loadings = np.array(fitted.forecast), np.array(fitted.loadings)
    if fitted.change:
        forecast = job.at.value + np.cumsum(forecast)
        loadings = np.cumsum(loadings, axis=1)
    drawn = np.cumsum(forecast) if job.at.mode is Mode.SUM else forecast
    return job.path(drawn, base=None, loadings=loadings, deviation=fitted.deviation,
                    df=fitted.df, walk=fitted.change)  # fmt: skip


_MAKERS: Mapping[str, Callable[[PathSpec, _Job], Trajectory]] = {
    "trend": _trend, "target": _target, "rate": _rate, "increment": _increment, "fixed": _fixed,
    "halt": _halt, "shock": _shock, "best": _best, "driver": _driver,
}  # fmt: skip


def _noisy(made: Trajectory, spec: PathSpec, job: _Job) -> Trajectory:
    """The path with the deviation declared for it, its own, or that of the series."""
    years, steps = len(made.years), job.at.drift
    loadings = made.loadings if made.loadings.size else np.empty((0, years))
    made = replace(made, loadings=loadings)
    if spec.deviation is not None:
        share = 0.01 * job.size if job.log or job.at.mode is Mode.CHAIN else 1.0
        return replace(made, deviation=spec.deviation * share, df=math.inf)
    if math.isfinite(made.deviation):
        return made
    if steps.reason:
        return replace(made, reason=steps.reason)
    return replace(made, deviation=steps.deviation * job.size, df=steps.df,
                   widening=steps.widening)  # fmt: skip


def _none(years: tuple[int, ...], reason: Reason) -> Trajectory:
    return Trajectory(years, np.full(len(years), math.nan), reason=reason)


def _why_no_value(at: Standing) -> Reason:
    return Reason.NO_DATA if math.isnan(at.value) else Reason.NOT_POSITIVE
