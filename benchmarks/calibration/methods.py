"""Every method as one function: windows of past years -> quantiles of the years ahead."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.calibration.windows import HORIZON, Floats
from gdplan.model import Scale
from gdplan.outlook.projection import project

Quantiles = Callable[[Sequence[float]], Floats]
Method = Callable[[Floats], Quantiles]


def own(method: str = "recent", scale: Scale = Scale.GEOMETRIC) -> Method:
    """A method of the outlook. What it leaves without a probability is its median for certain."""

    def run(past: Floats) -> Quantiles:
        made = project(past, horizon=HORIZON, scale=scale, method=method)

        def quantiles(levels: Sequence[float]) -> Floats:
            out = made.quantile(levels)
            return np.where(np.isnan(out), made.median[..., None], out)

        return quantiles

    return run


def naive(past: Floats) -> Quantiles:
    """Random walk without drift, normal errors."""
    deviation = np.sqrt(np.mean(np.diff(past, axis=1) ** 2, axis=1))
    ahead = np.arange(1.0, HORIZON + 1)
    return normal(np.repeat(past[:, -1:], HORIZON, axis=1), deviation[:, None] * np.sqrt(ahead))


def textbook(past: Floats) -> Quantiles:
    """Random walk with drift in the unit, normal errors ``s sqrt(h (1 + h / (n - 1)))``."""
    steps, ahead = np.diff(past, axis=1), np.arange(1.0, HORIZON + 1)
    error = steps.std(axis=1, ddof=1)[:, None] * np.sqrt(ahead * (1 + ahead / steps.shape[1]))
    return normal(past[:, -1:] + steps.mean(axis=1)[:, None] * ahead, error)


def peer(name: str) -> Method:
    """A model of statsforecast with its own 80 % interval taken as that of a normal."""

    def run(past: Floats) -> Quantiles:
        from statsforecast import models

        model = getattr(models, name)(season_length=1)
        made = np.array([_forecast(model, row) for row in past])
        return normal(made[:, 0], made[:, 1])

    return run


def normal(mean: Floats, error: Floats) -> Quantiles:
    """Quantiles of normals."""

    def quantiles(levels: Sequence[float]) -> Floats:
        from scipy.special import ndtri

        return np.asarray(mean[..., None] + error[..., None] * ndtri(np.asarray(levels, float)))

    return quantiles


def _forecast(model: Any, row: Floats) -> Floats:
    """Mean and standard error; the random walk where the model gives none."""
    from scipy.special import ndtri

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            out = model.forecast(y=row, h=HORIZON, level=[80])
        made = np.array([out["mean"], (out["hi-80"] - out["lo-80"]) / 2 / ndtri(0.9)], float)
    except Exception:  # a peer that fails on a window falls back, whatever its reason
        made = np.full((2, HORIZON), np.nan)
    if np.isfinite(made).all():
        return made
    deviation = np.sqrt(np.mean(np.diff(row) ** 2) * np.arange(1.0, HORIZON + 1))
    return np.array([np.full(HORIZON, row[-1]), deviation])


def every(peers: bool) -> dict[str, Method]:
    """All methods by the name that stands in the table."""
    found: dict[str, Method] = {
        "recent (default)": own(),
        "recent, linear scale": own(scale=Scale.LINEAR),
        "drift, t(n-2), logarithms": own("drift"),
        "drift, t(n-2), linear scale": own("drift", Scale.LINEAR),
        "drift, normal": textbook,
        "naive": naive,
    }
    if peers:
        found |= {
            "ETS": peer("AutoETS"),
            "theta": peer("AutoTheta"),
            "AutoARIMA": peer("AutoARIMA"),
        }
    return found
