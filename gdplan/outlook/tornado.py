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

from gdplan.model import Mode
from gdplan.outlook.course import Floats

if TYPE_CHECKING:
    from gdplan.outlook.draws import Cell


@dataclass(frozen=True, slots=True)
class Swing:
    """One source: the judged value of the target year with it low and high, and its share.

    ``share`` is nan for a declared parameter: a decision is no error.
    """

    source: str
    low: float
    high: float
    share: float


def tornado(
    cell: Cell, place: int, *, start: tuple[float, float] | None = None, value: float = math.nan,
    decision: Sequence[Floats] = (),
) -> list[Swing]:  # fmt: skip
    """Swings of the judged value of one year (its place on the path), widest first.

    Sources: ``start`` (the interval, as a uniform error, of the last figure ``value`` or of what is
    known of a sum or growth, for a path that is anchored to it), ``estimate`` (errors of drift or
    coefficients together), ``shocks`` (the yearly ones together), and ``parameter``, the declared
    one a tenth lower and higher, when ``decision`` gives those two centres.

    Raises
    ------
    IndexError
        When the path does not reach that year.
    """
    centre = _end(cell, cell.line, place)
    made = [
        ("start", _start(cell, start, value, place) if start else 0.0),
        ("estimate", _norm([_half(cell, row, place) for row in _errors(cell)])),
        ("shocks", _norm([_half(cell, row, place) for row in _shocks(cell)])),
    ]
    total = sum(half**2 for _, half in made)
    swings = [Swing(name, centre - half, centre + half, half**2 / total if total else math.nan)
              for name, half in made if half > 0]  # fmt: skip
    if decision:
        low, high = (_end(replace(cell, base=None, share=None), c, place) for c in decision)
        if low != high:
            swings.append(Swing("parameter", low, high, math.nan))
    return sorted(swings, key=lambda s: -abs(s.high - s.low))


def _end(cell: Cell, line: Floats, place: int) -> float:
    return float(cell.judged(cell.outcome(line))[place])


def _half(cell: Cell, shift: Floats, place: int) -> float:
    up, down = (_end(cell, cell.line + sign * shift, place) for sign in (1, -1))
    return abs(up - down) / 2


def _norm(halves: Sequence[float]) -> float:
    return math.sqrt(math.fsum(h * h for h in halves))


def _errors(cell: Cell) -> Floats:
    """What an error of one deviation of each parameter adds, one row per parameter."""
    return cell.carried * cell.widened


def _shocks(cell: Cell) -> Floats:
    """What a shock of one deviation of each year adds to that and later years, one row each."""
    unit = np.eye(len(cell.centre))
    if cell.walk:
        unit = np.cumsum(unit, axis=1)
    if cell.mode is Mode.SUM:
        unit = np.cumsum(unit * cell.weights, axis=1)
    return np.asarray(unit * cell.deviation * cell.widened)


def _start(cell: Cell, ends: tuple[float, float], value: float, place: int) -> float:
    """Standard deviation that the rounding of the known figures leaves in the judged value."""
    low, high = ends
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return 0.0
    spread = (high - low) / math.sqrt(12)
    if cell.mode is Mode.VALUE:
        share = cell.centre / value if cell.base is not None and cell.share is None else 1.0
        return _half(cell, np.asarray(spread * share * np.ones(len(cell.centre))), place)
    sides = [_end(replace(cell, known=max(cell.known + s * spread, 0.0)), cell.line, place)
            for s in (1, -1)]  # fmt: skip
    return abs(sides[0] - sides[1]) / 2
