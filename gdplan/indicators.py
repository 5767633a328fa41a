"""Indicator math of METHOD section 3: pure, vectorised, nan in and nan out.

Every function takes scalars (a float comes back), arrays (an array) or labelled series (a series
with the same labels), broadcasts, mutates nothing and warns of nothing. Labelled arguments are
matched by label, never by position. Functions of yearly series reduce over the last axis. Growth
rates are fractions: 0.05 is 5 %. Where a formula has no meaning (target equal to base, no years
left, a logarithm of what is not positive) the result is nan; :func:`why_not` names the reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdplan.model import Reason, Scale
from gdplan.problems import Problem, ProblemError, closest_name

Floats: TypeAlias = NDArray[np.float64]
Result: TypeAlias = Any
"""float for scalars, ndarray for arrays, labelled series for labelled series."""
Schedule: TypeAlias = str | Sequence[float]
PATHS = ("linear", "geometric", "cumulative")
_P = ParamSpec("_P")


def _vectorised(function: Callable[_P, Any]) -> Callable[_P, Result]:
    """Match labels, silence floating-point warnings, give back the kind that came in."""

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Result:
        labelled = [a for a in (*args, *kwargs.values()) if _is_labelled(a)]
        if len(labelled) > 1:
            args = tuple(_matched(a, labelled[0]) for a in args)
            kwargs = {k: _matched(a, labelled[0]) for k, a in kwargs.items()}
        with np.errstate(all="ignore"):
            out = function(*args, **kwargs)
        if np.ndim(out) == 0:
            return float(out)
        return _labelled(out, labelled) if labelled else out

    return cast("Callable[_P, Result]", wrapped)


@_vectorised
def cumulative(x: ArrayLike) -> Result:
    """Cumulative sum ``S = sum(x)`` of the yearly flows, in their unit, over the last axis.

    A missing year makes the sum nan: it is never skipped.

    Examples
    --------
    >>> round(cumulative([140.33, 132, 139.3]), 2)
    411.63
    """
    return _array(x).sum(axis=-1)


@_vectorised
def chained_growth(g: ArrayLike) -> Result:
    """Chained growth ``prod(1 + g) - 1`` of yearly growth rates (fractions, last axis).

    Examples
    --------
    >>> round(chained_growth([0.0151, -0.0220, -0.0418]), 4)
    -0.0487
    """
    return np.prod(1 + _array(g), axis=-1) - 1


@_vectorised
def average_growth(g: ArrayLike) -> Result:
    """Annual average of a chained growth, ``prod(1 + g)^(1/n) - 1`` (fractions, last axis).

    nan when no year is given or the product is negative.

    Examples
    --------
    >>> round(average_growth([0.0151, -0.0220, -0.0418]), 4)
    -0.0165
    """
    g = _array(g)
    return _root(np.prod(1 + g, axis=-1), _array(g.shape[-1] if g.ndim else 1))


@_vectorised
def annualized_growth(start: ArrayLike, end: ArrayLike, years: ArrayLike) -> Result:
    """Compound annual growth ``(end / start)^(1 / years) - 1`` as a fraction.

    nan when ``start <= 0``, when the sign changes, or when ``years <= 0``.

    Examples
    --------
    >>> round(annualized_growth(100, 121, 2), 4)
    0.1
    """
    start = _array(start)
    return _blank(_root(_array(end) / start, _array(years)), start <= 0)


def required_growth(value: ArrayLike, target: ArrayLike, years: ArrayLike) -> Result:
    """Annual growth still needed, ``(target / value)^(1 / years) - 1``, over the years left.

    Examples
    --------
    >>> round(required_growth(100, 121, 2), 4)
    0.1
    """
    return annualized_growth(value, target, years)


@_vectorised
def required_increment(value: ArrayLike, target: ArrayLike, years: ArrayLike) -> Result:
    """Amount still needed per year, ``(target - value) / years``, in the indicator's unit.

    For a cumulative indicator ``value`` is the sum so far. nan when no year is left.

    Examples
    --------
    >>> required_increment(411.63, 550, 2)
    69.185
    """
    years = _array(years)
    return _blank((_array(target) - _array(value)) / years, years <= 0)


def required_remaining_growth(
    g: ArrayLike, target: ArrayLike, years: ArrayLike, *, annual: bool = False
) -> Result:
    """Yearly growth still needed to reach a chained target after the growths ``g``.

    ``((1 + G) / prod(1 + g))^(1 / (years - k)) - 1`` with the k growths known so far on the last
    axis of ``g``; all fractions. ``target`` is ``G``, the total chained growth over all
    ``years`` (those of ``g`` included): -0.17 for a fall of 17 % in five years. With
    ``annual=True`` it is the yearly average ``g*`` and ``1 + G = (1 + g*)^years``. nan when no
    year is left.

    Source: 青海省统计局 2009-09-17, 节能目标完成情况的计算方法.

    Examples
    --------
    >>> round(required_remaining_growth([0.0151, -0.0220, -0.0418], -0.17, 5), 4)
    -0.0659
    """
    known = np.shape(g)[-1] if np.ndim(g) else 1
    return _remaining_growth(chained_growth(g), target, years, known, annual)


@_vectorised
def _remaining_growth(
    done: ArrayLike, target: ArrayLike, years: ArrayLike, known: int, annual: bool
) -> Result:
    factor, goal, years = 1 + _array(done), 1 + _array(target), _array(years)
    total = goal**years if annual else goal
    return _blank(_root(total / factor, years - known), factor <= 0, ~(goal >= 0))


@_vectorised
def elapsed_share(when: ArrayLike, base_year: ArrayLike, target_year: ArrayLike) -> Result:
    """Share of the plan period gone, ``(when - base_year) / (target_year - base_year)``.

    ``when`` counts year ends: 2023.0 is the end of 2023, and mid-2023 is 2022.5. nan unless
    ``target_year`` is after ``base_year``.

    Examples
    --------
    >>> elapsed_share(2023, 2020, 2025), elapsed_share(2022.5, 2020, 2025)
    (0.6, 0.5)
    """
    base_year = _array(base_year)
    span = _array(target_year) - base_year
    return _blank((_array(when) - base_year) / span, span <= 0)


@_vectorised
def linear_progress(base: ArrayLike, value: ArrayLike, target: ArrayLike) -> Result:
    """Share of the way from base to target, ``(value - base) / (target - base)``.

    1 is arrived, below 0 is moved away, for falling targets too. nan when target equals base.

    Examples
    --------
    >>> linear_progress(90, 93, 95)
    0.6
    """
    base = _array(base)
    way = _array(target) - base
    return _blank((_array(value) - base) / way, way == 0)


@_vectorised
def geometric_progress(base: ArrayLike, value: ArrayLike, target: ArrayLike) -> Result:
    """Share of the growth needed, ``ln(value / base) / ln(target / base)``.

    For chained growths pass 1, 1 + growth, 1 + G. nan unless all are positive and T != y0.

    Examples
    --------
    >>> round(geometric_progress(100, 110, 121), 4)
    0.5
    """
    base, value, target = _array(base), _array(value), _array(target)
    way = np.log(target / base)
    return _blank(np.log(value / base) / way, base <= 0, value <= 0, target <= 0, way == 0)


@_vectorised
def cumulative_progress(x: ArrayLike, target: ArrayLike) -> Result:
    """Share of a cumulative target reached, ``S / T``.

    ``x`` with more axes than ``target`` holds yearly flows on its last axis and is summed; with
    the same number of axes it holds the sums themselves. nan for a target of 0.

    Examples
    --------
    >>> round(cumulative_progress([39.6, 41.3, 14.5], 110), 4)
    0.8673
    """
    x, target = _array(x), _array(target)
    return _blank((x.sum(axis=-1) if x.ndim > target.ndim else x) / target, target == 0)


@_vectorised
def pace(progress: ArrayLike, elapsed: ArrayLike) -> Result:
    """Progress over elapsed share: 1 is on schedule. nan when nothing has elapsed.

    Examples
    --------
    >>> round(pace(95.4 / 110, 0.5), 2)
    1.73
    """
    elapsed = _array(elapsed)
    return _blank(_array(progress) / elapsed, elapsed <= 0)


@_vectorised
def growth_ratio(
    base: ArrayLike, value: ArrayLike, target: ArrayLike, *, base_year: ArrayLike,
    year: ArrayLike, target_year: ArrayLike, direction: ArrayLike,
) -> Result:  # fmt: skip
    """Observed over required compound growth, ``R = d * CAGR_observed / |CAGR_required|``.

    ``direction`` is +1 (larger is better) or -1; the sign turns when ``base < 0``. nan when
    the required growth is 0 or either growth is not defined.

    Raises ProblemError when ``direction`` is neither +1 nor -1.
    Source: Statistics Canada, Sustainable Development Goals data hubs; Open SDG.

    Examples
    --------
    >>> round(growth_ratio(14.5, 10.4, 7.25, base_year=2015, year=2023, target_year=2030,
    ...                    direction=-1), 6)
    0.90109
    """
    base, base_year, way = _array(base), _array(base_year), _array(direction)
    if not np.all(np.abs(way) == 1):
        raise _wrong("direction", "方向只能是 1 或 -1", "1 / -1", direction)
    required = np.abs(_root(_array(target) / base, _array(target_year) - base_year))
    observed = _root(_array(value) / base, _array(year) - base_year)
    out = _blank(way * observed / required, base == 0, required == 0)
    np.negative(out, out=out, where=base < 0)
    return out


@_vectorised
def milestones(
    base: ArrayLike, target: ArrayLike, base_year: int, target_year: int, *, path: Schedule
) -> Result:
    """Scheduled values for ``base_year + 1`` to ``target_year``; the last is the target exactly.

    Shape (..., n) with ``n = target_year - base_year``, in the indicator's unit. ``path`` is
    "linear" ``base + (target - base) * s``, "geometric" ``base * (target / base)^s`` or
    "cumulative" ``target * s`` (whatever the base) with ``s = 1/n, 2/n, ..., 1``; or a sequence
    of the shares ``s`` of the linear way. A geometric path is nan unless both are positive.

    Raises ProblemError for years that do not increase, an unknown path or unfit shares.

    Examples
    --------
    >>> milestones(0, 550, 2020, 2025, path="cumulative")
    array([110., 220., 330., 440., 550.])
    """
    kind = path if isinstance(path, str) else "linear"
    shares = _shares(path, base_year, target_year)
    start, end = (a[..., None] for a in np.broadcast_arrays(_array(base), _array(target)))
    if kind == "cumulative":
        out = end * shares
    elif kind == "geometric":
        out = np.log(end / start) * shares
        np.multiply(np.exp(out, out=out), start, out=out)
        _blank(out, start <= 0, end <= 0)
    else:
        out = (end - start) * shares
        out += start
    for k in np.flatnonzero(shares == 1):
        np.copyto(out[..., k], end[..., 0], where=~np.isnan(out[..., k]))
    return out


def why_not(
    base: float, value: float, target: float, *, scale: Scale, cumulative: bool = False
) -> Reason | None:
    """Why progress is nan for these scalars; None exactly when it is a number.

    With ``cumulative=True`` the progress is ``value / target``, whatever the base and the scale.

    Examples
    --------
    >>> why_not(90, 91, 90, scale=Scale.LINEAR)
    <Reason.TARGET_EQUALS_BASE: 'target_equals_base'>
    """
    given = ((base, Reason.NO_BASE), (target, Reason.NO_TARGET_NUMBER), (value, Reason.NO_DATA))
    for number, reason in given[cumulative:]:
        if math.isnan(number):
            return reason
    ends = (value, target) if cumulative else (base, value, target)
    low, high = min(ends), max(ends)
    if cumulative:
        done, reason = cumulative_progress(value, target), Reason.TARGET_ZERO
    elif scale is Scale.GEOMETRIC and low <= 0:
        return Reason.SIGN_CHANGE if low < 0 < high else Reason.NOT_POSITIVE
    else:
        progress = geometric_progress if scale is Scale.GEOMETRIC else linear_progress
        done, reason = progress(base, value, target), Reason.TARGET_EQUALS_BASE
    if not math.isnan(done):
        return None
    return reason if math.isfinite(low) and math.isfinite(high) else Reason.UNBOUNDED


def _array(x: ArrayLike) -> Floats:
    return np.asarray(x, dtype=np.float64)


def _blank(out: Floats, *bad: NDArray[np.bool_]) -> Floats:
    """Nan where bad; ``out`` is always a fresh result, so it is written in place."""
    out = np.asarray(out)
    bits = out.view(np.int64)
    for where in bad:
        if where.any():
            # All bits set is a nan; a masked copy would cost ten times as much on mixed masks.
            np.bitwise_or(bits, -where.view(np.int8), out=bits)
    return out


def _root(factor: Floats, years: Floats) -> Floats:
    # 1 ** nan and nan ** 0 are 1 in numpy, so what is not a number is asked for by "not >=".
    return _blank(factor ** (1 / years) - 1, ~(factor >= 0), ~(years > 0))


def _wrong(key: str, message: str, expected: str, found: object, fix: str = "") -> ProblemError:
    return ProblemError(Problem(key, "gdplan.indicators", message, expected, f"{found}", fix))


def _shares(path: Schedule, base_year: int, target_year: int) -> Floats:
    """Share of the way due each year; every fault of path and years in one error."""
    n, shares = target_year - base_year, None if isinstance(path, str) else _array(path)
    wrong = [] if n > 0 else [_wrong("years", "目标年须晚于基期年", f"> {base_year}", target_year)]
    if isinstance(path, str) and path not in PATHS:
        near = closest_name(path, PATHS, cutoff=0)
        wrong.append(_wrong("path", "未知的进度路径", " / ".join(PATHS), path, near))
    if shares is not None and n > 0 and not _ends_at_one(shares, n):
        wrong.append(_wrong("path", "进度份额的个数或末值不对", f"{n} × …, 1", shares.tolist()))
    if wrong:
        raise ProblemError([problem for error in wrong for problem in error.problems])
    return np.arange(1, n + 1) / n if shares is None else shares


def _ends_at_one(shares: Floats, n: int) -> bool:
    return shares.shape == (n,) and bool(shares[-1] == 1 and np.isfinite(shares).all())


def _is_labelled(a: Any) -> bool:
    return hasattr(a, "axes") and hasattr(a, "to_numpy")


def _matched(a: Any, first: Any) -> Any:
    """``a`` in the order of the labels of ``first``; labels that differ are an error."""
    if not _is_labelled(a) or a is first:
        return a
    for axis, (mine, wanted) in enumerate(zip(a.axes, first.axes, strict=False)):
        if mine.equals(wanted):
            continue
        if not (mine.is_unique and wanted.is_unique and set(mine) == set(wanted)):
            raise _wrong("labels", "标签不一致或有重复", f"{list(wanted)[:9]}", list(mine)[:9])
        a = a.reindex(wanted, axis=axis)
    return a


def _labelled(out: Floats, labelled: Sequence[Any]) -> Any:
    """The result with the labels of the first labelled argument, where its shape allows it."""
    first = labelled[0]
    if out.ndim == 2 and len({a.ndim for a in labelled}) > 1:
        raise _wrong("labels", "表与序列不能混合计算", "序列", "表", "逐列计算")
    if out.shape == (len(first.index),):
        return type(first.index.to_series())(out, index=first.index)
    return type(first)(out, *first.axes) if out.shape == first.shape else out
