"""Every method as one function: windows of past years -> quantiles of the years ahead."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.calibration.windows import HORIZON, Floats
from gdplan.model import Scale
from gdplan.outlook.projection import Projection, project

Quantiles = Callable[[Sequence[float]], Floats]
Method = Callable[[Floats], Quantiles]
PEERS = {"ETS": "AutoETS", "theta": "AutoTheta", "AutoARIMA": "AutoARIMA"}


def own(method: str = "recent", scale: Scale = Scale.GEOMETRIC) -> Method:
    """A method of the outlook; what it leaves without a probability is its median for certain."""

    def run(past: Floats) -> Quantiles:
        return certain(project(past, horizon=HORIZON, scale=scale, method=method))

    return run


def certain(made: Projection) -> Quantiles:
    """Quantiles of a projection, its median where it gives none."""

    def quantiles(levels: Sequence[float]) -> Floats:
        out = made.quantile(levels)
        return np.where(np.isnan(out), made.median[..., None], out)

    return quantiles


def walk(past: Floats) -> Quantiles:
    """Random walk without drift, normal errors."""
    deviation = np.sqrt(np.mean(np.diff(past, axis=1) ** 2, axis=1))
    ahead = np.arange(1.0, HORIZON + 1)
    return normal(np.repeat(past[:, -1:], HORIZON, axis=1), deviation[:, None] * np.sqrt(ahead))


def textbook(past: Floats) -> Quantiles:
    """Random walk with drift in the unit, normal errors ``s sqrt(h (1 + h / (n - 1)))``."""
    steps, ahead = np.diff(past, axis=1), np.arange(1.0, HORIZON + 1)
    error = steps.std(axis=1, ddof=1)[:, None] * np.sqrt(ahead * (1 + ahead / steps.shape[1]))
    return normal(past[:, -1:] + steps.mean(axis=1)[:, None] * ahead, error)


def normal(mean: Floats, error: Floats) -> Quantiles:
    """Quantiles of normals."""

    def quantiles(levels: Sequence[float]) -> Floats:
        from scipy.special import ndtri

        return np.asarray(mean[..., None] + error[..., None] * ndtri(np.asarray(levels, float)))

    return quantiles


def peer(name: str, past: Floats) -> tuple[Floats, Floats]:
    """A model of statsforecast: mean and standard error of its own 80 % interval, (m, 2, years),
    nan where it gives none; and which windows it failed on."""
    from statsforecast import models

    model = getattr(models, PEERS[name])(season_length=1)
    made = np.array([_forecast(model, row) for row in past])
    return made, ~np.isfinite(made).all(axis=(1, 2))


def _forecast(model: Any, row: Floats) -> Floats:
    from scipy.special import ndtri

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            out = model.forecast(y=row, h=HORIZON, level=[80])
        return np.array([out["mean"], (out["hi-80"] - out["lo-80"]) / 2 / ndtri(0.9)], float)
    except Exception:  # a peer that fails on a window is counted, whatever its reason
        return np.full((2, HORIZON), np.nan)


def quick() -> dict[str, Method]:
    """All methods that need no model to be fitted, by the name that stands in the tables."""
    return {
        "recent (default)": own(),
        "recent, linear scale": own(scale=Scale.LINEAR),
        "drift, t(n-2), logarithms": own("drift"),
        "drift, t(n-2), linear scale": own("drift", Scale.LINEAR),
        "drift, normal": textbook,
        "random walk": walk,
    }
