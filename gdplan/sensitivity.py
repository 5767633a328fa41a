"""What the end of a path depends on: each source of error moved alone by one standard deviation
(tornado), and its share of the variance to first order.

For a value ``f(x)`` of independent sources with deviations ``s_i`` the first-order shares are
``(df/dx_i s_i)^2 / sum``, with the derivative taken as half the swing between ``x_i - s_i`` and
``x_i + s_i``. Exact for sums; for geometric paths as good as the swing is small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gdplan.montecarlo import STEEPEST, Floats, Mode

if TYPE_CHECKING:
    from gdplan.montecarlo import Cell
    from gdplan.startingpoint import Standing


@dataclass(frozen=True, slots=True)
class Swing:
    """One source: the judged value of the target year with it low and high, and its share.

    ``share`` is nan for a declared parameter: a decision is no error.
    """

    source: str
    low: float
    high: float
    share: float


def natural(cell: Cell, centre: Floats | None = None) -> Floats:
    """Yearly figures (years) of a path without noise, in the unit and within the limits."""
    work = cell.centre if centre is None else centre
    return np.clip(np.exp(np.clip(work, -STEEPEST, STEEPEST)) if cell.log else work, *cell.limits)


def judged(cell: Cell, values: Floats) -> Floats:
    """Judged values (years) of yearly figures: themselves, summed, or chained.

    Examples
    --------
    >>> from gdplan.montecarlo import Cell, Mode
    >>> flows = np.array([10.0, 20.0])
    >>> judged(Cell("1", flows, 0.0, np.empty((0, 2)), mode=Mode.SUM, known=5.0), flows).tolist()
    [15.0, 35.0]
    """
    if cell.mode is Mode.SUM:
        return np.asarray(cell.known + np.cumsum(values))
    if cell.mode is Mode.CHAIN:
        factor = cell.known * np.cumprod(1 + values / 100)
        spans = 1 if cell.total else cell.spent + np.arange(1, len(values) + 1)
        return np.asarray((factor ** (1 / np.asarray(spans, float)) - 1) * 100)
    return values


def tornado(
    cell: Cell, at: Standing, place: int, *, anchored: bool, decision: Sequence[Floats] = (),
) -> list[Swing]:  # fmt: skip
    """Swings of the judged value of one year (its place on the path), widest first.

    Sources: ``start`` (the interval of the last figure, as a uniform error, when the path is
    ``anchored`` to it), ``estimate`` (errors of drift or coefficients together), ``shocks`` (the
    yearly ones together), and ``parameter``, the declared one a tenth lower and higher, when
    ``decision`` gives those two centres.

    Raises
    ------
    IndexError
        When the path does not reach that year.
    """
    centre = _end(cell, cell.centre, place)
    made = [
        ("start", _start(cell, at, place) if anchored else 0.0),
        ("estimate", _norm([_half(cell, row, place) for row in cell.loadings])),
        ("shocks", _norm([_half(cell, cell.deviation * row, place) for row in _shocks(cell)])),
    ]
    total = sum(half**2 for _, half in made)
    swings = [Swing(name, centre - half, centre + half, half**2 / total if total else math.nan)
              for name, half in made if half > 0]  # fmt: skip
    if decision:
        low, high = (_end(cell, c, place) for c in decision)
        if low != high:
            swings.append(Swing("parameter", low, high, math.nan))
    return sorted(swings, key=lambda s: -abs(s.high - s.low))


def _end(cell: Cell, centre: Floats, place: int) -> float:
    return float(judged(cell, natural(cell, centre))[place])


def _half(cell: Cell, shift: Floats, place: int) -> float:
    up, down = (_end(cell, cell.centre + sign * shift, place) for sign in (1, -1))
    return abs(up - down) / 2


def _norm(halves: Sequence[float]) -> float:
    return math.sqrt(math.fsum(h * h for h in halves))


def _shocks(cell: Cell) -> Floats:
    """What a unit shock of each year adds to every later year, one row per shock."""
    n = len(cell.centre)
    return np.triu(np.ones((n, n))) if cell.walk else np.eye(n)


def _start(cell: Cell, at: Standing, place: int) -> float:
    """Standard deviation that the rounding of the known figures leaves in the judged value."""
    low, high = (at.known_low, at.known_high) if cell.mode is not Mode.VALUE else (at.low, at.high)
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return 0.0
    spread = (high - low) / math.sqrt(12)
    if cell.mode is not Mode.VALUE:
        ends = [_end(replace(cell, known=cell.known + s * spread), cell.centre, place)
                for s in (1, -1)]  # fmt: skip
        return abs(ends[0] - ends[1]) / 2
    shift = spread / abs(at.value) if cell.log and at.value else spread
    return _half(cell, np.full(len(cell.centre), shift), place)
