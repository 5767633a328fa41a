"""The course of one indicator: its short yearly series, and what that makes by the target year.

Pure numpy, no file and no plan (METHOD 5 and 7). What is projected is on a line of its own: the
figure (a value), the sum of the flows still to come, or the index that growth in percent makes.
:class:`Course` knows the way from there to the judged value and back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdplan.model import Mode, Reason, Scale
from gdplan.outlook import projection, walk
from gdplan.outlook.line import NEAR, Ends, printed, room
from gdplan.outlook.projection import FEWEST, LARGEST, Projection

Floats: TypeAlias = NDArray[np.float64]
STEPS = 3
"""Points below which there is no mean step: one step alone is no trend."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Accepted values: from low to high, the bounds themselves excluded when strict."""

    low: float = -math.inf
    high: float = math.inf
    strict: bool = False

    @property
    def known(self) -> bool:
        """Whether there is anything to reach."""
        return math.isfinite(self.low) or math.isfinite(self.high)

    def nearest(self, y: float) -> float:
        """The accepted value (or bound) next to one."""
        return min(max(y, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Drift:
    """Mean yearly step, deviation of a year's step and error of the mean, on the line.

    ``df`` are degrees of freedom, ``widening`` the power of the horizon by which errors outgrow
    those of a random walk. ``reason`` says why a number is nan: the mean needs three points, the
    deviation four.
    """

    mean: float = math.nan
    deviation: float = math.nan
    error: float = math.nan
    df: float = math.nan
    n: int = 0
    widening: float = 0.0
    reason: Reason | None = None


class Counted(Protocol):
    """What says how projected values are judged: a :class:`Course`, a cell of a simulation."""

    @property
    def mode(self) -> Mode: ...
    @property
    def known(self) -> float: ...
    @property
    def mean(self) -> bool: ...
    @property
    def cut(self) -> bool: ...


def judged(how: Counted, line: Floats, spans: Floats) -> Floats:
    """What projected values make in the unit of the goal, ``spans`` being the years (of the shape
    of the line's years) that growth or a mean is taken over."""
    if how.mode is not Mode.CHAIN:
        return np.asarray((how.known + line) / (spans if how.mean else 1))
    grown = ((np.maximum(line, 0.0) * how.known) ** (1 / spans) - 1) * 100
    return np.asarray(-grown if how.cut else grown)


@dataclass(frozen=True, slots=True)
class Course:
    """Yearly figures of one indicator and what they have to make by the year ``until``.

    ``years`` and ``values`` are published figures, growth in percent for a chain. ``origin`` is
    the whole year from which paths go on, with its figure (nan where only a total is published);
    by default the last of the series, later where the last figure has one side only. ``known`` is
    the sum of flows, or the product of growth factors, of the ``spent`` plan years up to it, and of
    a part of the next one of which ``rest`` is still to come; ``started`` is the whole flow that
    this part lets expect. Of a value ``known`` is what is added to it, less a base where the
    difference is judged. A chain is judged by its yearly
    average, by its total when ``total``, and told as what it has fallen when ``cut``; a sum by
    its yearly average when ``mean``. ``ends`` are those of what is known: of the figure of the
    origin, of the sum, of the product. ``limits`` hold for every figure. ``rounding`` is half of
    the last digit that figures are printed with. ``reason`` says why the series cannot be carried
    on.
    """

    years: tuple[int, ...]
    values: tuple[float, ...]
    until: int
    mode: Mode = Mode.VALUE
    scale: Scale = Scale.LINEAR
    known: float = 0.0
    spent: int = 0
    rest: float = 1.0
    started: float = math.nan
    total: bool = False
    mean: bool = False
    cut: bool = False
    limits: tuple[float, float] = (-math.inf, math.inf)
    goal: Accepted = field(default_factory=Accepted)
    rounding: float = 0.0
    origin: tuple[int, float] | None = None
    ends: tuple[float, float] = (math.nan, math.nan)
    reason: Reason | None = None

    @property
    def year(self) -> int:
        """The year from which paths go on; 0 when there is none."""
        return self.origin[0] if self.origin else self.years[-1] if self.years else 0

    @property
    def value(self) -> float:
        """The figure of that year."""
        return self.origin[1] if self.origin else self.values[-1] if self.values else math.nan

    @property
    def now(self) -> float:
        """What is judged today, in the unit of the goal."""
        if self.mode is not Mode.CHAIN:
            spent = self.spent + (1 - self.rest if self.rest < 1 else 0)
            made = self.known / spent if self.mean and spent else self.known
            return made if self.mode is Mode.SUM else self.value + self.known
        root = 1 if self.total else max(self.spent, 1)
        made = (self.known ** (1 / root) - 1) * 100 if self.known > 0 else math.nan
        return -made if self.cut else made

    @property
    def log(self) -> bool:
        """Whether errors are relative, so that nothing falls through zero."""
        return self.scale is Scale.GEOMETRIC or self.mode is Mode.CHAIN

    @property
    def share(self) -> Ends | None:
        """The two ends of a share, which are approached and never reached; None of others."""
        two = self.mode is Mode.VALUE and math.isfinite(self.limits[1] - self.limits[0])
        return self.limits if two else None

    @property
    def under_way(self) -> bool:
        """Whether a part of the first year ahead says what its flow will be."""
        return self.mode is Mode.SUM and self.rest < 1 and math.isfinite(self.started)

    @property
    def start(self) -> float:
        """Where the line starts: 1 for an index, else the last figure of the series."""
        if self.mode is Mode.CHAIN:
            return 1.0
        if self.under_way:
            return self.started
        last = self.values[-1] if self.values else self.value
        return last if self.share is None else float(self._inside(np.array(last)))

    @property
    def bounds(self) -> tuple[float, float]:
        """Limits of what is projected: sums and indices have no upper one of their own."""
        low = {Mode.SUM: min(self.limits[0], 0.0), Mode.CHAIN: 0.0}.get(self.mode, self.limits[0])
        return low, self.limits[1] if self.mode is Mode.VALUE else math.inf

    @property
    def calibrated(self) -> bool:
        """Whether intervals and chances of such a course were measured (decision 031): not those of
        a sum with part of a year known, nor of a share in the outer tenth of its range."""
        if self.share is None:
            return self.rest == 1
        return float(room(np.array(self.start), self.share)) >= NEAR * (
            self.share[1] - self.share[0]
        )

    @property
    def run(self) -> Floats:
        """The figures that are projected: of growth those back to the first missing year."""
        first = 0
        if self.mode is Mode.CHAIN and self.years:
            breaks = np.flatnonzero(np.diff(self.years) != 1)
            first = int(breaks[-1]) + 1 if breaks.size else 0
        return np.asarray(self.values[first:], float)

    @property
    def unfit(self) -> Reason | None:
        """Why there is no probability; None when there is, but for figures that never vary."""
        run, chained = self.run, self.mode is Mode.CHAIN
        if chained and run.size and float(run.min()) <= -100:
            return Reason.NOT_POSITIVE
        if self.reason or not run.size:
            return self.reason or Reason.NO_DATA
        if not (np.abs(run) <= LARGEST).all():
            return Reason.TOO_LARGE
        few = chained and len(run) < FEWEST
        short = Reason.ONE_POINT if len(run) == 1 else Reason.FEW_POINTS
        return short if few else projection.unfit(self._levels()[1], self._scale)

    @property
    def drift(self) -> Drift:
        """Mean step and how far single steps stray from it, as the outlook estimates them.

        Examples
        --------
        >>> found = Course((2019, 2020, 2021, 2023), (10, 12, 13, 17), 2025).drift
        >>> round(found.mean, 4), round(found.deviation, 4), found.n
        (1.7573, 0.6028, 4)
        """
        reason, n = self.unfit, len(self.run)
        years, levels = self._levels() if reason in (None, Reason.FEW_POINTS) else ((), np.empty(0))
        if len(levels) < STEPS:
            return Drift(n=n, reason=reason)
        steps = walk.recent(self._inside(levels[None]), np.asarray(years, float), self._scale,
                                 self._halves(), self.share)  # fmt: skip
        mean, deviation = float(steps.mean[0]), float(steps.deviation[0])
        if reason:
            return Drift(mean, n=n, reason=reason)
        error = deviation / math.sqrt(steps.worth)
        return Drift(mean, deviation, error, steps.df, n, steps.widening,
                     None if deviation else Reason.CONSTANT)  # fmt: skip

    def ahead(self, until: int | None = None) -> tuple[int, ...]:
        """Years after the origin, up to the target year or another."""
        return tuple(range(self.year + 1, (until or self.until) + 1)) if self.year else ()

    def weights(self, n: int) -> Floats:
        """Share of each of the next n years that is still to come."""
        return np.array([self.rest, *[1.0] * (n - 1)][:n])

    def shares(self, n: int) -> tuple[Floats, Floats]:
        """What the start and the mean step count for on the line, n years ahead."""
        late: float = self.year - self.years[-1] if self.years and self.mode is Mode.VALUE else 0
        late = late - (1 - self.rest if self.under_way else 0.0)
        weights = self.weights(n) if self.mode is Mode.SUM else None
        return walk.shares(weights, late + np.arange(1.0, n + 1))[:2]

    def base(self, n: int) -> Floats | None:
        """Where outcomes (n years) begin to be bent; None where they may fall through zero."""
        if not (self.share or (self.log and self.start > 0)):
            return None
        return self.start * self.shares(n)[0]

    def projection(self, until: int | None = None) -> Projection:
        """The outlook of the line from the year after the origin on.

        Only of a course that is not unfit; the reason of the projection says when its figures
        never vary.
        """
        years, levels = self._levels()
        row = np.full(max(self.year, years[-1]) - years[0] + 1, np.nan)
        row[np.array(years) - years[0]] = levels
        n = len(self.ahead(until))
        weights = self.weights(n) if self.mode is Mode.SUM else None
        seen = projection.project(row, horizon=n, scale=self._scale, bounds=self.bounds,
                                  weights=None if weights is None else list(weights),
                                  rounding=self._halves()[0])  # fmt: skip
        seen = replace(seen, n=np.array(len(self.run)))
        if not self.under_way:
            return seen
        # The flow of the started year is what its part lets expect, not what went before.
        total, drifted = self.shares(n)
        location = self.start * total + self.drift.mean * drifted
        return replace(seen, location=location, base=self.start * total)

    def judged(self, line: ArrayLike) -> Floats:
        """What projected values (..., years) make, in the unit of the goal."""
        line = np.asarray(line, float)
        return judged(self, line, self._spans(line.shape[-1]))

    def whole(self, target: float) -> float:
        """What a target in its unit asks of the sum of all years: a mean that of so many."""
        return target * (self.spent + self.until - self.year) if self.mean else target

    def quantiles(self, seen: Projection, levels: Sequence[float]) -> Floats:
        """Quantiles (levels, years) of what is judged; a cut is greater where less is left."""
        line = [1 - level if self.cut else level for level in levels]
        return self.judged(np.moveaxis(seen.quantile(line), -1, 0))

    def needed(self, target: float, n: int) -> Floats:
        """The projected values of the next n years that just make a target, in its unit."""
        target = -target if self.cut else target
        if self.mode is not Mode.CHAIN or math.isinf(target):
            return target * (self._spans(n) if self.mean else np.ones(n)) - self.known
        return np.asarray((1 + max(target, -100.0) / 100) ** self._spans(n) / self.known)

    def chance(self, seen: Projection, off: float = 0.0) -> Floats:
        """Probability (years) of the goal, as far as so few points support it, when what is known
        lies ``off`` its printed value."""
        low, high = self._accepted(seen.location.shape[-1])
        return seen.within(low - off, high - off, strict=self.goal.strict)

    def figures(self, line: Floats) -> Floats:
        """Yearly figures (years) of which a projected path is made."""
        if self.mode is Mode.SUM:
            return np.asarray(np.diff(line, prepend=0.0) / self.weights(len(line)))
        if self.mode is Mode.CHAIN:
            return np.asarray(100 * (line / np.array([1.0, *line[:-1]]) - 1))
        return line

    def made(self, figures: Floats) -> Floats:
        """The projected path (years) that yearly figures make: the inverse of :meth:`figures`."""
        if self.mode is Mode.SUM:
            return np.cumsum(figures * self.weights(len(figures)))
        return np.asarray(np.cumprod(1 + figures / 100)) if self.mode is Mode.CHAIN else figures

    def past(self) -> dict[float, float]:
        """Judged values by year as far back as they are known, the last one always."""
        if self.mode is Mode.VALUE:
            out: dict[float, float] = dict(zip(self.years, self.values, strict=True))
            return {y: v + self.known for y, v in (out | {self.year: self.value}).items()}
        first, flows = self.year - self.spent + 1, dict(zip(self.years, self.values, strict=True))
        summed, so_far = self.mode is Mode.SUM, 0.0 if self.mode is Mode.SUM else 1.0
        out = {first - 1: 0.0} if summed else {}
        for year in range(first, self.year + (self.rest < 1)):
            if year not in flows:
                break
            so_far = so_far + flows[year] if summed else so_far * (1 + flows[year] / 100)
            span = 1 if self.total else year - first + 1
            mean = so_far / (year - first + 1) if self.mean else so_far
            grown = (so_far ** (1 / span) - 1) * 100
            out[year] = mean if summed else -grown if self.cut else grown
        return out | {self.year + 1 - self.rest: self.now}

    def held(self, chance: Floats) -> Floats:
        """Chances (years) from elsewhere, held like those of the outlook."""
        low, high = self._accepted(len(chance))
        least, most = self.bounds
        sure = (low <= least) & (high >= most) & (not self.goal.strict or np.isinf(low + high))
        faint = np.clip(chance, projection.FAINT, 1 - projection.FAINT)
        return np.where(sure, 1.0, projection.held(faint, len(self.run)))

    def _accepted(self, n: int) -> tuple[Floats, Floats]:
        """The projected values of the next n years between which the goal is met."""
        ends = (self.goal.low, self.goal.high)[:: -1 if self.cut else 1]
        return self.needed(ends[0], n), self.needed(ends[1], n)

    def _inside(self, figures: Floats) -> Floats:
        """Figures, shares printed as an end in the middle of what that may be."""
        if self.share is None:
            return figures
        return printed(figures, self._halves()[0] / 2, self.share)

    def _halves(self) -> Floats:
        """Half of the last digit (1) on the line: growth in percent moves an index by a hundredth,
        and only once in each step."""
        if self.mode is Mode.CHAIN:
            return np.array([self.rounding / 100 / math.sqrt(2)])
        return projection.halves(np.array([self.rounding]), self.share)

    @property
    def _scale(self) -> Scale:
        return Scale.GEOMETRIC if self.log else Scale.LINEAR

    def _levels(self) -> tuple[Sequence[int], Floats]:
        """Years and values that are projected; of growth the index it makes, 1 in the last year."""
        run = self.run
        if self.mode is not Mode.CHAIN:
            return self.years, run
        index = np.cumprod([1.0, *(1 + run / 100)])
        return range(self.years[-1] - len(run), self.years[-1] + 1), index / index[-1]

    def _spans(self, n: int) -> Floats:
        """Years a growth is averaged over; one when its total is judged."""
        return np.ones(n) if self.total else self.spent + np.arange(1.0, n + 1)
