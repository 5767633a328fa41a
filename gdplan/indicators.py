"""Indicator math of METHOD section 3: pure, vectorised, nan in and nan out.

Every function takes scalars, arrays or Series (which keep their index), broadcasts, mutates
nothing and warns of nothing. Growth rates are fractions: 0.05 is 5 %. Where a formula has no
meaning (target equal to base, a non-positive value on a logarithmic scale, no years left) the
result is nan, and :func:`why_not` names the reason.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdplan.model import Reason, Scale

Result = Any
"""float for scalars, ndarray for arrays, Series for Series."""


def _quiet(function: Any) -> Any:
    """Run without floating-point warnings and give the result the kind of the arguments."""
    from functools import wraps

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        series = next((a for a in (*args, *kwargs.values()) if hasattr(a, "index")
                       and hasattr(a, "to_numpy")), None)  # fmt: skip
        with np.errstate(all="ignore"):
            out = function(*args, **kwargs)
        if np.ndim(out) == 0:
            return float(out)
        if series is not None and np.shape(out) == np.shape(series):
            return type(series)(out, index=series.index)
        return out

    return wrapped


def _array(x: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(x, dtype=np.float64)


@_quiet
def cumulative(x: ArrayLike) -> Result:
    """Cumulative sum ``S = sum(x)`` over the plan years (last axis).

    A missing year makes the sum nan: it is never skipped.

    Examples
    --------
    >>> round(cumulative([140.33, 132, 139.3]), 2)
    411.63
    """
    return _array(x).sum(axis=-1)


@_quiet
def chained_growth(g: ArrayLike) -> Result:
    """Chained growth ``prod(1+g) - 1`` of yearly growth rates (fractions, last axis).

    Examples
    --------
    >>> round(chained_growth([0.0151, -0.0220, -0.0418]), 4)
    -0.0487
    """
    return np.prod(1 + _array(g), axis=-1) - 1


@_quiet
def average_growth(g: ArrayLike) -> Result:
    """Annual average of a chained growth, ``(prod(1+g))^(1/n) - 1`` (fractions, last axis).

    Examples
    --------
    >>> round(average_growth([0.0151, -0.0220, -0.0418]), 4)
    -0.0165
    """
    g = _array(g)
    return _root(np.prod(1 + g, axis=-1), g.shape[-1] if g.ndim else 1)


@_quiet
def annualized_growth(start: ArrayLike, end: ArrayLike, years: ArrayLike) -> Result:
    """Compound annual growth ``(end/start)^(1/years) - 1`` as a fraction.

    nan when ``start <= 0``, when the sign changes, or when ``years <= 0``.

    Examples
    --------
    >>> round(annualized_growth(100, 121, 2), 4)
    0.1
    """
    start, years = _array(start), _array(years)
    ratio = _array(end) / start
    return np.where((start > 0) & (ratio >= 0) & (years > 0), ratio ** (1 / years) - 1, np.nan)


@_quiet
def required_growth(value: ArrayLike, target: ArrayLike, years: ArrayLike) -> Result:
    """Annual growth still needed, ``(target/value)^(1/years) - 1``, over the years left.

    Examples
    --------
    >>> round(required_growth(100, 121, 2), 4)
    0.1
    """
    return annualized_growth(value, target, years)


@_quiet
def required_increment(value: ArrayLike, target: ArrayLike, years: ArrayLike) -> Result:
    """Amount still needed per year, ``(target - value) / years``, in the indicator's unit.

    For a cumulative indicator ``value`` is the sum so far. nan when no year is left.

    Examples
    --------
    >>> required_increment(411.63, 550, 2)
    69.185
    """
    years = _array(years)
    return _unless(years <= 0, _quotient(_array(target) - _array(value), years))


@_quiet
def required_remaining_growth(
    g: ArrayLike, target: ArrayLike, years: float, *, annual: bool = False
) -> Result:
    """Yearly growth still needed for a chained target, after growths ``g`` (last axis).

    ``((1 + G*) / prod(1 + g))^(1/(years - k)) - 1`` with k growths known. ``target`` is the
    total chained growth over ``years``; with ``annual=True`` it is the yearly average g*, so
    that ``1 + G* = (1 + g*)^years``. nan when no year is left.

    Examples
    --------
    >>> round(required_remaining_growth([0.0151, -0.0220, -0.0418], -0.17, 5), 4)
    -0.0659
    """
    g, goal = _array(g), 1 + _array(target)
    left = years - (g.shape[-1] if g.ndim else 1)
    if left <= 0:
        return np.full(np.broadcast(goal, g[..., 0] if g.ndim else g).shape, np.nan)
    return _root((goal**years if annual else goal) / np.prod(1 + g, axis=-1), left)


@_quiet
def elapsed_share(when: ArrayLike, base_year: ArrayLike, target_year: ArrayLike) -> Result:
    """Share of the plan period gone, ``(when - base_year) / (target_year - base_year)``.

    ``when`` counts year ends: 2023.0 is the end of 2023, 2022.5 is mid-2023.

    Examples
    --------
    >>> elapsed_share(2023, 2020, 2025), elapsed_share(2022.5, 2020, 2025)
    (0.6, 0.5)
    """
    base_year = _array(base_year)
    span = _array(target_year) - base_year
    return _unless(span <= 0, _quotient(_array(when) - base_year, span))


@_quiet
def linear_progress(base: ArrayLike, value: ArrayLike, target: ArrayLike) -> Result:
    """Share of the way from base to target, ``(value - base) / (target - base)``.

    nan when target equals base. Works for falling targets unchanged.

    Examples
    --------
    >>> linear_progress(90, 93, 95)
    0.6
    """
    base = _array(base)
    way = _array(target) - base
    return _unless(way == 0, _quotient(_array(value) - base, way))


@_quiet
def geometric_progress(base: ArrayLike, value: ArrayLike, target: ArrayLike) -> Result:
    """Share of the growth needed, ``ln(value/base) / ln(target/base)``.

    nan unless all three are positive and target differs from base.

    Examples
    --------
    >>> round(geometric_progress(100, 110, 121), 4)
    0.5
    """
    base = _array(base)
    return _over(_log_ratio(value, base), _log_ratio(target, base))


@_quiet
def cumulative_progress(x: ArrayLike, target: ArrayLike) -> Result:
    """Share of a cumulative target reached, ``S / T``.

    ``x`` with one axis more than ``target`` holds yearly flows on its last axis and is summed;
    with the same number of axes it holds the sums themselves. nan for a target of 0.

    Examples
    --------
    >>> round(cumulative_progress([39.6, 41.3, 14.5], 110), 4)
    0.8673
    >>> round(cumulative_progress(95.4, 110), 4)
    0.8673
    """
    x, target = _array(x), _array(target)
    return _over(x.sum(axis=-1) if x.ndim > target.ndim else x, target)


@_quiet
def pace(progress: ArrayLike, elapsed: ArrayLike) -> Result:
    """Progress over elapsed share: 1 is on schedule. nan when nothing has elapsed.

    Examples
    --------
    >>> round(pace(95.4 / 110, 0.5), 2)
    1.73
    """
    elapsed = _array(elapsed)
    return _unless(elapsed <= 0, _array(progress) / elapsed)


@_quiet
def growth_ratio(
    base: ArrayLike,
    value: ArrayLike,
    target: ArrayLike,
    *,
    base_year: ArrayLike,
    year: ArrayLike,
    target_year: ArrayLike,
    direction: ArrayLike,
) -> Result:
    """Observed over required compound growth, ``R = d * CAGR_observed / |CAGR_required|``.

    ``direction`` is +1 (larger is better) or -1; the sign turns when ``base < 0``. nan when
    the required growth is 0 or not defined.

    Source: Statistics Canada, Sustainable Development Goals data hubs; Open SDG.

    Examples
    --------
    >>> round(growth_ratio(14.5, 10.4, 7.25, base_year=2015, year=2023, target_year=2030,
    ...                    direction=-1), 6)
    0.90109
    """
    base, base_year = _array(base), _array(base_year)
    observed = _compound(base, _array(value), _array(year) - base_year)
    required = _compound(base, _array(target), _array(target_year) - base_year)
    turned = np.where(base < 0, -1.0, 1.0) * _array(direction)
    return _over(turned * observed, np.abs(required))


def milestones(
    base: float,
    target: float,
    base_year: int,
    target_year: int,
    *,
    path: str | Sequence[float],
) -> NDArray[np.float64]:
    """Scheduled values for ``base_year + 1`` to ``target_year``; the last is the target exactly.

    Parameters
    ----------
    base, target : float
        In the indicator's unit; a cumulative path ignores the base.
    path : {"linear", "geometric", "cumulative"} or sequence of float
        A sequence gives the share of the way due each year, such as 0.2, 0.4, ..., 1.

    Returns
    -------
    ndarray, shape (target_year - base_year,)
        nan throughout for a geometric path between values that are not both positive.

    Raises
    ------
    ValueError
        Years not increasing, an unknown path, or shares of the wrong number or not ending at 1.

    Examples
    --------
    >>> milestones(0, 550, 2020, 2025, path="cumulative")
    array([110., 220., 330., 440., 550.])
    """
    n = target_year - base_year
    if n <= 0:
        raise ValueError(f"target_year {target_year} must be after base_year {base_year}")
    share = np.arange(1, n + 1) / n
    if not isinstance(path, str):
        share = _array(path)
        if share.shape != (n,) or share[-1] != 1:
            raise ValueError(f"path needs {n} shares ending at 1, found {list(path)}")
    elif path not in ("linear", "geometric", "cumulative"):
        raise ValueError(f"unknown path {path!r}: linear, geometric, cumulative or shares")
    with np.errstate(all="ignore"):
        if path == "geometric":
            steps = base * np.exp(share * _log_ratio(target, _array(base)))
        elif path == "cumulative":
            steps = target * share
        else:
            steps = base + (target - base) * share
    if not np.isnan(steps[-1]):
        steps[-1] = target
    return np.asarray(steps)


def why_not(base: float, value: float, target: float, *, scale: Scale) -> Reason | None:
    """Why progress is nan for these scalars, or None when it is not.

    Examples
    --------
    >>> why_not(90, 91, 90, scale=Scale.LINEAR)
    <Reason.TARGET_EQUALS_BASE: 'target_equals_base'>
    """
    if math.isnan(base):
        return Reason.NO_BASE
    if math.isnan(target):
        return Reason.NO_TARGET_NUMBER
    if math.isnan(value):
        return Reason.NO_DATA
    if base == target:
        return Reason.TARGET_EQUALS_BASE
    if scale is Scale.GEOMETRIC:
        if min(base, value, target) < 0 < max(base, value, target):
            return Reason.SIGN_CHANGE
        if min(base, value, target) <= 0:
            return Reason.NOT_POSITIVE
    return None


def _over(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return _unless(whole == 0, np.divide(part, whole))


def _quotient(fresh: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    # The dividend is a temporary of ours: dividing in place saves an array of its size.
    if np.ndim(fresh) and fresh.shape == np.broadcast_shapes(fresh.shape, whole.shape):
        return np.divide(fresh, whole, out=fresh)
    return np.divide(fresh, whole)


def _unless(wrong: NDArray[np.bool_], out: NDArray[np.float64]) -> NDArray[np.float64]:
    # The quotient is an array of ours and masked in place, and only when something is wrong.
    if not np.any(wrong):
        return out
    if np.ndim(out) == 0:
        return np.asarray(np.nan)
    np.copyto(out, np.nan, where=wrong)
    return out


def _root(factor: ArrayLike, years: float) -> NDArray[np.float64]:
    factor = _array(factor)
    return np.where(factor >= 0, factor, np.nan) ** (1 / years) - 1


def _log_ratio(value: ArrayLike, base: NDArray[np.float64]) -> NDArray[np.float64]:
    value = _array(value)
    return np.log(np.where((value > 0) & (base > 0), value / base, np.nan))


def _compound(
    start: NDArray[np.float64], end: NDArray[np.float64], years: NDArray[np.float64]
) -> NDArray[np.float64]:
    # Unlike annualized_growth a negative start is allowed: the ratio decides, the sign is turned.
    ratio = end / np.where(start == 0, np.nan, start)
    return np.where(ratio >= 0, ratio, np.nan) ** (1 / np.where(years > 0, years, np.nan)) - 1
