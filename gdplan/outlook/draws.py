"""Seeded Monte Carlo of yearly paths: pure numpy, no file, no plan.

Every normal belongs to a key (seed, region, indicator, chunk of draws): the same seed gives the
same numbers for any block size, any number of workers, and whatever other indicators there are.
Draws come in antithetic pairs, so that the median of a symmetric forecast is its centre.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

import numpy as np

from gdplan.model import Mode
from gdplan.outlook.course import Accepted, Floats, judged
from gdplan.outlook.line import Ends, to_line, to_unit

PAIRS = 1000
CHUNK = 2 * PAIRS
"""Draws of one stream; the number of draws is a multiple of it."""
COMMON = "*"
Mixing: TypeAlias = Mapping[str, Sequence[tuple[str, float]]]


@dataclass(frozen=True, slots=True)
class Cell:
    """One indicator of one region: what is known, the path's centre and the noise around it.

    ``centre`` (years) is the judged value, the sum of the flows to come (SUM), or an index that is
    1 in the last year known (CHAIN); noise has its unit. ``deviation`` is that of a yearly shock,
    summed along the path when ``walk``, and ``loadings`` (k, years) carry errors of estimated
    parameters; of flows both are those of the yearly flow. ``widening`` is the power of the
    horizon by which the error outgrows that; ``df`` are the degrees of freedom of both. Where
    ``base`` (years) is positive, outcomes below it are bent so that they stay above zero, as those
    of :class:`gdplan.outlook.Projection`; a ``share`` with a base approaches its two ends.
    ``known`` is the sum (SUM) or the product of growth
    factors (CHAIN) of the ``spent`` years so far, and of part of the first year ahead of which
    ``rest`` is still to come (SUM); ``total`` chains to a total instead of a yearly average.
    ``limits`` hold for what is drawn.
    """

    key: str
    centre: Floats
    deviation: float
    loadings: Floats
    df: float = math.inf
    walk: bool = True
    widening: float = 0.0
    base: Floats | None = None
    share: Ends | None = None
    mode: Mode = Mode.VALUE
    known: float = 0.0
    spent: int = 0
    rest: float = 1.0
    total: bool = False
    mean: bool = False
    cut: bool = False
    limits: tuple[float, float] = (-math.inf, math.inf)
    goal: Accepted = field(default_factory=Accepted)

    @property
    def widened(self) -> Floats:
        """Factor of the noise of each year ahead (years)."""
        return np.arange(1.0, len(self.centre) + 1) ** self.widening

    @property
    def carried(self) -> Floats:
        """What errors of parameters add to what is drawn (k, years), before it is widened."""
        if self.mode is not Mode.SUM:
            return self.loadings
        return np.cumsum(self.loadings * self.weights, axis=1)

    @property
    def weights(self) -> Floats:
        """Share of each year (years) that is still to come."""
        return np.array([self.rest, *[1.0] * (len(self.centre) - 1)])

    @property
    def line(self) -> Floats:
        """The centre where noise is added to it (years)."""
        return to_line(self.centre, self.base, self.share)

    def outcome(self, line: Floats) -> Floats:
        """Centre and noise (years, ...) to what is drawn: bent, and within the limits."""
        base = self.base
        if base is not None:
            base = base.reshape(-1, *(1,) * (line.ndim - 1))
        return np.clip(to_unit(line, base, self.share), *self.limits)

    def judged(self, drawn: Floats) -> Floats:
        """Judged values (years, ...): values, sums with what is known, growth in percent.

        Examples
        --------
        >>> flows = Cell("1", np.array([10.0, 30.0]), 0.0, np.empty((0, 2)), mode=Mode.SUM, known=5)
        >>> flows.judged(flows.centre).tolist()
        [15.0, 35.0]
        """
        years = [1 if self.total else self.spent + t + 1 for t in range(len(drawn))]
        return judged(self, drawn, np.reshape(years, (-1, *(1,) * (drawn.ndim - 1))))


@dataclass(frozen=True, slots=True)
class Family:
    """A whole and its parts, by key: each year the parts together never exceed the whole; of sums
    that holds for what is still to come by each year."""

    whole: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """Quantiles (levels, years) and the share of draws that satisfy the goal each year."""

    quantiles: Floats
    reached: Floats


@dataclass(frozen=True, slots=True)
class Task:
    """The cells of one region with their families and the mixing of their shocks."""

    region: str
    cells: tuple[Cell, ...]
    families: tuple[Family, ...] = ()
    mixing: Mixing = field(default_factory=dict)


def simulate(
    tasks: Sequence[Task],
    *,
    seed: int,
    draws: int,
    levels: Sequence[float],
    block: int | None = None,
    workers: int = 1,
) -> list[dict[str, Summary]]:
    """Quantiles and shares reached of every cell of every task.

    Parameters
    ----------
    seed, draws : int
        Draws must be a positive multiple of :data:`CHUNK`.
    levels : sequence of float
        Quantile levels in (0, 1), numpy's linear interpolation.
    block : int, optional
        Draws made at a time (rounded up to whole chunks); bounds the working memory.
    workers : int
        Threads; neither this nor ``block`` changes a bit of the result.

    Raises
    ------
    ValueError
        When draws is no positive multiple of :data:`CHUNK`.
    """
    if draws <= 0 or draws % CHUNK:
        raise ValueError(f"draws must be a positive multiple of {CHUNK}")
    step = max(1, math.ceil((block or draws) / CHUNK))
    run = partial(_summaries, seed=seed, chunks=draws // CHUNK, step=step, levels=levels)
    if workers <= 1:
        return [run(task) for task in tasks]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, tasks))


def paths(task: Task, *, seed: int, draws: int, block: int | None = None) -> dict[str, Floats]:
    """Every draw of every cell, (years, draws), judged values: sums summed, growth chained."""
    step = max(1, math.ceil((block or draws) / CHUNK))
    return _paths(task, seed, draws // CHUNK, step)


def mixing(
    keys: Sequence[str], common: float, pairs: Mapping[tuple[str, str], float]
) -> dict[str, list[tuple[str, float]]]:
    """How the shocks of each key are made of independent ones, for the declared correlations.

    Without pairs, ``sqrt(rho)`` of one common shock and ``sqrt(1 - rho)`` of its own; with pairs
    the rows of the Cholesky factor of the matrix.

    Raises
    ------
    ValueError
        When the matrix is not positive definite, that is, cannot be one of correlations.

    Examples
    --------
    >>> mixing(["a", "b"], 0.0, {("a", "b"): 0.6})
    {'a': [('a', 1.0)], 'b': [('a', 0.6), ('b', 0.8)]}
    """
    if not any(a in keys and b in keys for a, b in pairs):
        own = math.sqrt(1 - common)
        return {k: [(COMMON, math.sqrt(common)), (k, own)] if common else [(k, 1.0)] for k in keys}
    try:
        factor = np.linalg.cholesky(matrix(keys, common, pairs))
    except np.linalg.LinAlgError as error:
        raise ValueError("not positive definite") from error
    # Digits beyond these differ between linear algebra libraries.
    rows = np.round(factor, 12)
    return {k: [(keys[j], float(w)) for j, w in enumerate(row) if w]
            for k, row in zip(keys, rows, strict=True)}  # fmt: skip


def matrix(keys: Sequence[str], common: float, pairs: Mapping[tuple[str, str], float]) -> Floats:
    """The declared correlation matrix: ``common`` everywhere, the pairs where they are given."""
    place = {key: i for i, key in enumerate(keys)}
    out = np.full((len(keys), len(keys)), float(common))
    np.fill_diagonal(out, 1.0)
    for (a, b), value in pairs.items():
        if a in place and b in place:
            out[place[a], place[b]] = out[place[b], place[a]] = value
    return out


def _summaries(
    task: Task, *, seed: int, chunks: int, step: int, levels: Sequence[float]
) -> dict[str, Summary]:
    drawn = _paths(task, seed, chunks, step)
    return {cell.key: summary(drawn.pop(cell.key), cell.goal, levels) for cell in task.cells}


def summary(drawn: Floats, goal: Accepted, levels: Sequence[float]) -> Summary:
    """Quantiles and shares reached of one cell's draws (years, draws)."""
    ordered = np.sort(drawn, axis=-1)
    places = np.asarray(levels) * (ordered.shape[-1] - 1)
    below = np.floor(places).astype(int)
    above = np.minimum(below + 1, ordered.shape[-1] - 1)
    left, right = ordered[:, below], ordered[:, above]
    quantiles = (left + (right - left) * (places - below)).T
    return Summary(quantiles, np.array([_share(row, goal) for row in ordered]))


def _share(ordered: Floats, goal: Accepted) -> float:
    """Share of sorted draws inside the goal; noise of binary fractions counts as the bound."""
    low, high = goal.low - _noise(goal.low), goal.high + _noise(goal.high)
    if goal.strict:
        low, high = goal.low + _noise(goal.low), goal.high - _noise(goal.high)
    inside = np.searchsorted(ordered, high, "right") - np.searchsorted(ordered, low, "left")
    return max(0.0, float(inside) / ordered.size)


def _noise(bound: float) -> float:
    return 1e-11 * abs(bound) if math.isfinite(bound) else 0.0


def _paths(task: Task, seed: int, chunks: int, step: int) -> dict[str, Floats]:
    out = {c.key: np.empty((len(c.centre), chunks, 2, PAIRS)) for c in task.cells}
    summed = {c.key for c in task.cells if c.mode is Mode.SUM}
    for start in range(0, chunks, step):
        span = range(start, min(start + step, chunks))
        source = _Source(seed, task, span)
        parts = {key: a[:, span.start : span.stop] for key, a in out.items()}
        for cell in task.cells:
            _fill(cell, source, parts[cell.key])
        cap(task.families, parts, summed)
        for cell in task.cells:
            if cell.mode is not Mode.VALUE or cell.known:
                parts[cell.key][:] = cell.judged(parts[cell.key])
    return {key: a.reshape(len(a), -1) for key, a in out.items()}


class _Source:
    """Independent normals by key for a span of chunks; those that several cells use are kept."""

    def __init__(self, seed: int, task: Task, span: range) -> None:
        self.seed, self.task, self.span = seed, task, span
        used = [key for parts in task.mixing.values() for key, _ in parts]
        self.shared = {key for key in used if used.count(key) > 1}
        self.rows = {c.key: len(c.centre) for c in task.cells}
        self.years = max((len(c.centre) for c in task.cells), default=0)
        self.kept: dict[str, Floats] = {}
        self.products: dict[tuple[str, float], Floats] = {}
        self.scales: dict[float, Floats] = {}

    def of(self, cell: Cell) -> tuple[Floats, Floats]:
        """Yearly shocks (years, chunks, pairs) and errors of parameters (k, chunks, pairs)."""
        own = self._normals(cell.key)
        parts = self.task.mixing.get(cell.key, ((cell.key, 1.0),))
        if tuple(parts) != ((cell.key, 1.0),):
            own = self._mixed(parts, cell.key, own)
        errors = self._drawn(f"{cell.key}|errors", len(cell.loadings))
        # Streams run from the last year backwards: an older start elsewhere changes nothing here.
        return own[: len(cell.centre)][::-1], errors

    def _mixed(self, parts: Sequence[tuple[str, float]], name: str, own: Floats) -> Floats:
        mixed = own * dict(parts).get(name, 0.0)
        for key, weight in parts:
            if key != name:
                mixed += self._weighted(key, weight)[: len(own)]
        return mixed

    def _weighted(self, key: str, weight: float) -> Floats:
        """Shocks times their weight; the common ones are needed with the same weight by all."""
        if key != COMMON:
            return self._normals(key) * weight
        if (key, weight) not in self.products:
            self.products[key, weight] = self._normals(key) * weight
        return self.products[key, weight]

    def _normals(self, key: str) -> Floats:
        if key in self.kept:
            return self.kept[key]
        shared = key in self.shared
        made = self._drawn(key, self.years if shared else self.rows.get(key, self.years))
        if shared:
            self.kept[key] = made
        return made

    def _drawn(self, key: str, rows: int) -> Floats:
        out = np.empty((rows, len(self.span), PAIRS))
        for i, chunk in enumerate(self.span if rows else ()):
            out[:, i] = self._stream(key, chunk).standard_normal((rows, PAIRS))
        return out

    def scale(self, df: float) -> Floats:
        """``sqrt(df / chi2)``: one for a region's pair of draws, so that its bad draws go together
        as in a multivariate t."""
        if df not in self.scales:
            gamma = [self._stream(f"t{df:g}", chunk).standard_gamma(df / 2, PAIRS)
                     for chunk in self.span]  # fmt: skip
            self.scales[df] = np.sqrt(df / 2 / np.maximum(gamma, 1e-300))
        return self.scales[df]

    def _stream(self, key: str, chunk: int) -> np.random.Generator:
        name = f"{self.seed}|{self.task.region}|{key}".encode()
        words = np.frombuffer(hashlib.blake2b(name, digest_size=16).digest(), "<u8")
        counter = np.array([0, 0, 0, chunk], np.uint64)
        return np.random.Generator(np.random.Philox(key=words, counter=counter))


def _fill(cell: Cell, source: _Source, out: Floats) -> None:
    """One year's draws after another: centre plus and minus the noise, bent, within the limits."""
    shocks, errors = source.of(cell)
    scale = None if math.isinf(cell.df) else source.scale(cell.df)
    level: Floats | float = 0.0
    summed: Floats | float = 0.0
    for t, (centre, factor) in enumerate(zip(cell.line, cell.widened, strict=True)):
        level = shocks[t] + level if cell.walk else shocks[t]
        part = level * cell.rest if t == 0 and cell.rest < 1 else level
        summed = part + summed if cell.mode is Mode.SUM else level
        noise = summed * (factor * cell.deviation)
        for loading, error in zip(cell.carried[:, t], errors, strict=True):
            noise += (factor * loading) * error
        if scale is not None:
            noise *= scale
        np.add(centre, noise, out=out[t, :, 0])
        np.subtract(centre, noise, out=out[t, :, 1])
    if cell.base is not None or any(map(math.isfinite, cell.limits)):
        out[:] = cell.outcome(out)


def cap(
    families: Sequence[Family], drawn: Mapping[str, Floats], summed: Collection[str] = ()
) -> None:
    """Shrink parts in proportion, in place, where together they exceed the whole.

    Arrays have their years on the first axis and align at the last year. Those of ``summed`` keys
    are running sums: what comes from the first year that all of them have is compared.
    """
    for family in families:
        arrays = [drawn[key] for key in (family.whole, *family.parts)]
        n = min(map(len, arrays))
        before = [a[len(a) - n - 1].copy() if family.whole in summed and len(a) > n else 0.0
                  for a in arrays]  # fmt: skip
        whole, *parts = (a[len(a) - n :] - b for a, b in zip(arrays, before, strict=True))
        together = np.add.reduce(parts)
        over = together > whole
        if over.any():
            room = np.maximum(whole, 0)
            factor = np.where(over, room / np.where(over, together, 1), 1)
            for a, b, part in zip(arrays[1:], before[1:], parts, strict=True):
                a[len(a) - n :] = np.where(over, np.minimum(part * factor, room), part) + b
