"""The chart of an assumed path: published figures, the path, its intervals, and the goal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gdplan.model import Mode
from gdplan.page.drawing import INK, Chart, render
from gdplan.page.language import Language, language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gdplan.outlook.growth_path import Series
    from gdplan.outlook.what_if import Prospect
    from gdplan.scenarios.start_series import StartPoint

SIZE = (6.4, 3.5)
SHADES = ("#d6e4ee", "#a9c7dc")


def fan(start: StartPoint, found: Prospect, *, lang: str = "zh") -> Chart:
    """The path with its 95 and 80 % intervals, told apart in grey print by shade and dash.

    Parameters
    ----------
    start : StartPoint
        With a series.
    found : Prospect
        With the default levels of :func:`gdplan.outlook.what_if.prospect`.
    """
    say, series = language(lang), start.series
    if series is None:
        raise ValueError("no path starts here")
    name, unit = named(start, say)
    years, values = so_far(series)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _bands(axes, series, found, say)
        _lines(axes, years, values, found, say)
        _goal(axes, series, say)
        span = range(int(years[0]) if years else found.years[0], series.until + 1)
        axes.set_xticks([y for y in span if (y - series.until) % max(len(span) // 8, 1) == 0])
        axes.margins(x=0.03, y=0.12)
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=5, fontsize=7,
                      frameon=False)  # fmt: skip

    decimals = shown_decimals(start)
    points = say("join.list").join(
        f"{y} {say.words.amount(float(v), '', decimals)}"
        for y, v in [*zip(years, values, strict=True), *zip(found.years, found.judged, strict=True)]
    )
    alt = say("explore.alt", name=name, unit=unit, points=points)
    return Chart(render(draw, SIZE), say("explore.chart", name=name, unit=unit), alt)


def named(start: StartPoint, say: Language) -> tuple[str, str]:
    """Name and unit of an indicator in a language."""
    item = start.indicator
    name = item.name if say.code == "zh" else item.name_en or item.name
    return name, say.words.term(item.unit)


def shown_decimals(start: StartPoint) -> int:
    """Decimals a projected figure is shown with: as printed, of shares at least one."""
    return max(start.decimals, int(start.indicator.unit == "%"))


def so_far(series: Series) -> tuple[list[int], list[float]]:
    """Published years and what their figures have made: a sum is added up over the plan years.

    Of a sum or a growth only what is known for the last year can be drawn on the same axis.
    """
    if series.mode is not Mode.VALUE:
        flows = dict(zip(series.years, series.values, strict=True))
        return _running(series, flows)
    return list(series.years), list(series.values)


def _running(series: Series, flows: dict[int, float]) -> tuple[list[int], list[float]]:
    years, values, at = [], [], series.known
    last = series.years[-1]
    for back in range(series.spent):
        year = last - back
        years.append(year)
        values.append(at if series.mode is Mode.SUM else _average(series, at, back))
        if year not in flows:
            break
        at = at - flows[year] if series.mode is Mode.SUM else at / (1 + flows[year] / 100)
    return years[::-1], values[::-1]


def _average(series: Series, factor: float, back: int) -> float:
    span = 1 if series.total else max(series.spent - back, 1)
    return float((factor ** (1 / span) - 1) * 100)


def _bands(axes: Axes, series: Series, found: Prospect, say: Language) -> None:
    if not found.quantiles.size or np.isnan(found.quantiles).any():
        return
    half = len(found.quantiles) // 2
    years, last = so_far(series)
    for i in range(half):
        low, high = found.quantiles[i], found.quantiles[-1 - i]
        x = [*years[-1:], *found.years]
        axes.fill_between(x, [*last[-1:], *low], [*last[-1:], *high], color=SHADES[i], linewidth=0,
                          label=say("explore.fan") if i == half - 1 else "_")  # fmt: skip


def _lines(
    axes: Axes, years: list[int], values: list[float], found: Prospect, say: Language
) -> None:
    joined = [*years[-1:], *found.years]
    if not np.array_equal(found.judged, found.calm):
        axes.plot(joined, [*values[-1:], *found.calm], color="#777777", linestyle=":",
                  linewidth=1.1, label=say("explore.path_calm"))  # fmt: skip
    axes.plot(joined, [*values[-1:], *found.judged], color=INK, linestyle="--", linewidth=1.6,
              marker="o", markersize=3.5, markerfacecolor="white",
              label=say("explore.path"))  # fmt: skip
    axes.plot(years, values, color=INK, linewidth=1.6, marker="o", markersize=4,
              label=say("explore.history"))  # fmt: skip


def _goal(axes: Axes, series: Series, say: Language) -> None:
    label = say("explore.goal")
    for bound in (series.goal.low, series.goal.high):
        if math.isfinite(bound):
            axes.axhline(bound, color="black", linewidth=1, linestyle="-.", label=label)
            label = "_"
