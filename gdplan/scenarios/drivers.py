"""Regression of an indicator on drivers such as the growth of GDP, with the errors of its
coefficients (METHOD 7, ``driver``)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from gdplan.model import Reason
from gdplan.outlook.course import Floats
from gdplan.scenarios.trajectories import Regression

SPARE = 2
"""Degrees of freedom a regression must leave: with fewer, its error is not known."""
DIGITS = 10
"""Significant digits kept of estimates: further ones differ between linear algebra libraries."""


def regress(
    values: Mapping[int, float],
    drivers: Mapping[str, Mapping[int, float]],
    assumed: Sequence[Mapping[str, float]],
    *,
    change: bool = False,
) -> Regression:
    """Least squares of yearly values (or their yearly changes) on drivers of the same year.

    The forecast of a year is ``x b`` with ``x`` = 1 and the assumed drivers; the errors of ``b``
    enter through ``L'x`` where ``L L'`` is its covariance, so that the variance of the mean
    forecast is ``x' Cov(b) x``; the yearly deviation is ``sqrt(SSR / (n - k))``.

    Parameters
    ----------
    values : mapping of year to value
        Whole-year figures in the indicator's unit.
    drivers : mapping of name to (mapping of year to value)
    assumed : sequence of mappings of name to value
        One per forecast year, in order.
    change : bool
        Regress the change since the year before; years without it are left out.

    Returns
    -------
    Regression
        With ``reason`` when fewer than two degrees of freedom remain, a driver never varies, or
        the fit is exact.

    Examples
    --------
    >>> gdp = {2016: 7.5, 2018: 6.8, 2020: 2.3, 2021: 8.0, 2022: 1.9}
    >>> jobs = {year: 100 + 5 * g + (year % 2) for year, g in gdp.items()}
    >>> fitted = regress(jobs, {"gdp": gdp}, [{"gdp": 5.0}])
    >>> fitted.n, round(fitted.coefficients[1], 2), round(fitted.forecast[0], 1)
    (5, 5.08, 125.2)
    """
    response = {y: v - values[y - 1] for y, v in values.items() if y - 1 in values} if change else (
        dict(values)
    )  # fmt: skip
    years = sorted(y for y in response if all(y in d for d in drivers.values()))
    terms = ("const", *drivers)
    plain = Regression(terms, n=len(years), change=change, reason=Reason.NO_DRIVER)
    if len(years) - len(terms) < SPARE:
        return plain
    y = np.array([response[t] for t in years])
    x = np.array([[1.0, *(d[t] for d in drivers.values())] for t in years])
    if np.linalg.matrix_rank(x) < len(terms):
        return plain
    return _fitted(plain, y, x, np.array([[1.0, *(a[k] for k in drivers)] for a in assumed]))


def _fitted(plain: Regression, y: Floats, x: Floats, ahead: Floats) -> Regression:
    from statsmodels.regression.linear_model import OLS

    model = OLS(y, x).fit()
    deviation = math.sqrt(float(model.scale))
    if not deviation > 1e-9 * float(np.abs(y).max()):
        return plain
    root = np.linalg.cholesky(np.asarray(model.cov_params()))
    flat = float(np.ptp(y)) == 0
    return Regression(
        terms=plain.terms,
        coefficients=_settled(model.params),
        errors=_settled(model.bse),
        n=plain.n,
        r2=math.nan if flat else _settled([model.rsquared])[0],
        deviation=_settled([deviation])[0],
        df=float(model.df_resid),
        forecast=_settled(ahead @ np.asarray(model.params)),
        loadings=tuple(_settled(row) for row in (ahead @ root).T),
        change=plain.change,
    )


def _settled(numbers: Sequence[float] | Floats) -> tuple[float, ...]:
    return tuple(float(f"{x:.{DIGITS}g}") for x in numbers)
