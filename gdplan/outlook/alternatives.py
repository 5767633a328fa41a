"""Alternatives to the outlook's own methods, by name (METHOD 5), with the models of statsmodels.

Each gives medians and normal errors, one series at a time. A model that cannot be fitted to a
series, or whose errors come out as no number, gives the random walk without drift.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


def paths(line: Floats, years: Floats, horizon: int, method: str) -> tuple[Floats, Floats]:
    """Medians and standard errors (m, horizon) of complete series on their working scale.

    ``damped``: exponential smoothing with a damped trend; ``local``: local linear trend;
    ``theta``: the theta method; ``combination``: equal weights of the three, quantile by quantile,
    which for normals is the mean of means and of errors.

    Parameters
    ----------
    line : array, shape (m, n)
    years : array (n,)
        Years of the columns. A missing year is drawn in on the straight line between its
        neighbours: these models know no gaps.
    """
    grid = np.arange(years[0], years[-1] + 1)
    even = np.array([np.interp(grid, years, row) for row in line])
    names = tuple(_MODELS) if method == "combination" else (method,)
    made = [np.array([_one(_MODELS[name], row, horizon) for row in even]) for name in names]
    mean = np.mean(made, axis=0)
    return mean[:, 0], mean[:, 1]


def _one(model: Callable[[Floats, int], tuple[Any, Any]], row: Floats, horizon: int) -> Floats:
    size = float(np.abs(row).max()) or 1.0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = np.array(model(row / size, horizon), float) * size
    except (ValueError, np.linalg.LinAlgError, FloatingPointError):
        made = np.full((2, horizon), np.nan)
    if np.isfinite(made).all() and (made[1] > 0).all() and float(np.abs(made).max()) < 1e6 * size:
        return made
    ahead = np.arange(1.0, horizon + 1)
    deviation = float(np.sqrt(np.mean(np.diff(row) ** 2)))
    return np.array([np.full(horizon, row[-1]), deviation * np.sqrt(ahead)])


def _damped(row: Floats, horizon: int) -> tuple[Any, Any]:
    from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing

    fit = ExponentialSmoothing(
        row, trend=True, damped_trend=True, initialization_method="heuristic"
        if len(row) >= 10 else "simple",
    ).fit(disp=False)  # fmt: skip
    ahead = fit.get_forecast(horizon)
    return ahead.predicted_mean, ahead.se_mean


def _local(row: Floats, horizon: int) -> tuple[Any, Any]:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    fit = UnobservedComponents(row, level="lltrend").fit(disp=False)
    ahead = fit.get_forecast(horizon)
    return ahead.predicted_mean, ahead.se_mean


def _theta(row: Floats, horizon: int) -> tuple[Any, Any]:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    fit = ThetaModel(row, period=1, deseasonalize=False).fit(disp=False)
    ends = np.asarray(fit.prediction_intervals(horizon, alpha=0.3173105078629141))
    return fit.forecast(horizon), (ends[:, 1] - ends[:, 0]) / 2


_MODELS: dict[str, Callable[[Floats, int], tuple[Any, Any]]] = {
    "damped": _damped, "local": _local, "theta": _theta,
}  # fmt: skip
