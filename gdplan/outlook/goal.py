"""The accepted values of a target, and where figures lie beside them. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = "NDArray[np.float64]"
Flags: TypeAlias = "NDArray[np.bool_]"

SETTLED = 10
"""Decimals at which numbers are compared: finer than any published digit, coarser than the noise
of binary fractions, so that 0.1 + 0.2 keeps a budget of 0.3."""


def settled(x: ArrayLike) -> Array:
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

    ``low``/``high`` bound the accepted values; ``strict`` excludes the bound itself; ``value`` is
    the number of the target, ``direction`` the better side, ``banded`` whether it is a band.
    """

    value: float
    low: float
    high: float
    strict: bool
    direction: int
    banded: bool

    def met(self, y: Array | float, above: Flags | bool = False) -> Flags:
        """Whether each value satisfies the goal; one published as 超95 lies ``above`` its number,
        so that it is more than 95 and not 95 at most."""
        y, above = settled(y), np.asarray(above)
        over = (y > self.low) | ((y == self.low) & (above | (not self.strict)))
        under = (y < self.high) | ((y == self.high) & ~above & (not self.strict))
        return np.asarray(over & under)

    @property
    def edges(self) -> tuple[float, ...]:
        """The finite ends of the accepted values."""
        return tuple(dict.fromkeys(x for x in (self.low, self.high) if math.isfinite(x)))

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

    def beyond(self, y: Array | float) -> Array:
        """Distance past the goal in its unit; negative when short of it."""
        y = np.asarray(y, dtype=float)
        if math.isfinite(self.low) and not math.isfinite(self.high):
            return settled(y - self.low)
        if math.isfinite(self.high) and not math.isfinite(self.low):
            return settled(self.high - y)
        return settled(np.minimum(y - self.low, self.high - y))
