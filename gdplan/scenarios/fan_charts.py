"""Fan charts: past figures, the path with its 80 and 95 percent ranges, the target.

Drawn for grey print: two shades, a solid path, a dotted target; the alternative text says in words
what the picture shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gdplan.model import Plan
from gdplan.page.drawing import INK, WIDTH, Chart, Charts, cut, drawable, render
from gdplan.page.language import Language, language
from gdplan.scenarios.path_words import named, shown_decimals

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gdplan.assessment.start import Start
    from gdplan.outlook.course import Floats
    from gdplan.outlook.what_if import Prospect
    from gdplan.scenarios.run import Result

PANELS_PER_FIGURE = 9
SHADES = ("#d9e2ec", "#9fb6cd")
"""Of the wide and of the narrow range."""
SIZE = (6.4, 3.5)
"""Of a chart of one path."""


@dataclass(frozen=True, slots=True)
class Fan:
    """What is drawn of one path, judged values by year.

    ``ranges`` are pairs of lower and upper ends, the wide range first; ``calm`` is the path without
    its shock, where it has one; ``goals`` are the bounds to be reached.
    """

    past: Mapping[float, float]
    years: Sequence[int]
    centre: Floats
    ranges: Sequence[tuple[Floats, Floats]]
    goals: Sequence[float]
    calm: Floats | None = None


def draw(axes: Axes, fan: Fan, say: Language, *, size: float = 1.0) -> None:
    """A fan on axes, its lines ``size`` times as thick; labels for who adds a legend."""
    last, now = list(fan.past.items())[-1]
    years = [last, *fan.years]
    for (low, high), shade in zip(fan.ranges, SHADES, strict=False):
        bottom, top = [now, *low], [now, *high]
        label = say("explore.fan") if shade == SHADES[-1] else "_"
        axes.fill_between(years, bottom, top, color=shade, linewidth=0, label=label)
        axes.plot(years, bottom, years, top, color="#5f6f7f", linewidth=0.4)
    if fan.calm is not None:
        axes.plot(years, [now, *fan.calm], color="#777777", linestyle="--", linewidth=size,
                  label=say("explore.path_calm"))  # fmt: skip
    axes.plot(years, [now, *fan.centre], color=INK, linewidth=1.3 * size, linestyle="-", marker="D",
              markersize=2 * size, markevery=slice(1, None), label=say("explore.path"))  # fmt: skip
    axes.plot(list(fan.past), list(fan.past.values()), color="black", marker="o",
              markersize=3 * size, linewidth=size, label=say("explore.history"))  # fmt: skip
    for place, bound in enumerate(fan.goals):
        axes.axhline(bound, color="black", linewidth=size, linestyle=":",
                     label="_" if place else say("explore.goal"))  # fmt: skip


def fan_chart(start: Start, prospect: Prospect, *, lang: str = "zh") -> Chart:
    """The chart of one assumed path.

    Parameters
    ----------
    prospect : Prospect
        A known one, with the default levels of :func:`gdplan.outlook.what_if.prospect`.
    """
    say = language(lang)
    if not (start.known and prospect.known):
        raise ValueError("no path starts here")
    name, unit = named(start, say)
    fan = _of_prospect(start, prospect)

    def drawn(figure: Figure) -> None:
        axes = figure.subplots()
        draw(axes, fan, say, size=1.25)
        span = range(int(min(fan.past)), prospect.years[-1] + 1)
        axes.set_xticks([y for y in span if (y - span[-1]) % max(len(span) // 8, 1) == 0])
        axes.margins(x=0.03, y=0.12)
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=5, fontsize=7,
                      frameon=False)  # fmt: skip

    decimals = shown_decimals(start)
    shown = [*fan.past.items(), *zip(prospect.years, prospect.judged, strict=True)]
    points = (f"{year:g} {say.words.amount(float(v), '', decimals)}" for year, v in shown)
    alt = say("explore.alt", name=name, unit=unit, points=say("join.list").join(points))
    return Chart(render(drawn, SIZE), say("explore.chart", name=name, unit=unit), alt)


def _of_prospect(start: Start, prospect: Prospect) -> Fan:
    goal, quantiles = start.course.goal, prospect.quantiles
    unsure = not quantiles.size or bool(np.isnan(quantiles).any())
    half = 0 if unsure else len(quantiles) // 2
    ranges = [(quantiles[i], quantiles[-1 - i]) for i in range(half)]
    calm = None if np.array_equal(prospect.judged, prospect.calm) else prospect.calm
    goals = [bound for bound in (goal.low, goal.high) if math.isfinite(bound)]
    return Fan(start.course.past(), prospect.years, prospect.judged, ranges, goals, calm)


def fans(
    plan: Plan, result: Result, *, scenario: str, region: str, title: str, lang: str = "zh"
) -> Charts:
    """One panel per indicator that has a path in the scenario, nine to a chart.

    Raises
    ------
    ProblemError
        When the Chinese font is missing.
    """
    say = language(lang)
    mine = (result.paths["scenario"] == scenario) & (result.paths["region"] == region)
    paths = result.paths[mine]
    shown = [s for (code, no), s in result.starts.items()
             if code == region and no in set(paths["indicator"])]  # fmt: skip
    pages = [shown[i : i + PANELS_PER_FIGURE] for i in range(0, len(shown), PANELS_PER_FIGURE)]
    charts = []
    for page, part in enumerate(pages, 1):
        caption = say("scenarios.fan", scenario=title)
        if len(pages) > 1:
            caption = say("charts.page", caption=caption, page=page, pages=len(pages))
        items = say("join.clause").join(_words(plan, paths, s, say) for s in part)
        charts.append(Chart(_grid(plan, paths, part, say), caption,
                            say("charts.alt", caption=caption, items=items)))  # fmt: skip
    return Charts(tuple(charts))


def _grid(plan: Plan, paths: pd.DataFrame, part: list[Start], say: Language) -> str:
    columns = min(3, len(part))
    height = math.ceil(len(part) / columns)

    def draw(figure: Figure) -> None:
        grid = figure.subplots(height, columns, squeeze=False).ravel()
        for axes, at in zip(grid, part, strict=False):
            _panel(axes, plan, paths[paths["indicator"] == at.indicator.no], at, say)
        for axes in grid[len(part) :]:
            axes.set_axis_off()

    return render(draw, (WIDTH, 0.45 + 1.75 * height), say("scenarios.fan_key"))


def _panel(axes: Axes, plan: Plan, rows: pd.DataFrame, at: Start, say: Language) -> None:
    table = rows.pivot(index="year", columns="statistic", values="value")
    past = {y: v for y, v in at.course.past().items() if y >= plan.base_year}
    ranges = [(table[low].to_numpy(), table[high].to_numpy())
              for low, high in (("p2.5", "p97.5"), ("p10", "p90")) if low in table]  # fmt: skip
    centre = table["p50"] if "p50" in table else table["path"]
    goals = [at.goal.value] if at.goal else []
    years = [int(y) for y in table.index]
    draw(axes, Fan(past, years, centre.to_numpy(), ranges, goals), say)
    _dressed(axes, plan, years[-1], at, say)


def _dressed(axes: Axes, plan: Plan, last: int, at: Start, say: Language) -> None:
    name, unit = named(at, say)
    axes.set_xlim(plan.base_year - 0.3, last + 0.3)
    step = max(1, (last - plan.base_year) // 6)
    ticks = range(plan.base_year, last + 1, step)
    axes.set_xticks(ticks, [f"{y % 100:02d}" for y in ticks])
    axes.tick_params(labelsize=6)
    axes.margins(y=0.15)
    title = drawable(f"{at.indicator.no} {cut(name, 34)}") + "\n" + drawable(f"（{unit}）")
    axes.set_title(title, fontsize=6.5, loc="left")


def _words(plan: Plan, paths: pd.DataFrame, at: Start, say: Language) -> str:
    rows = paths[(paths["indicator"] == at.indicator.no) & (paths["year"] == plan.target_year)]
    found = dict(zip(rows["statistic"], rows["value"], strict=True))
    name, _ = named(at, say)
    value = f"{found.get('p50', found.get('path', math.nan)):.4g}"
    if "p10" not in found:
        return say("scenarios.alt_path", name=name, value=value, year=plan.target_year)
    return say("scenarios.alt_fan", name=name, value=value, year=plan.target_year,
               low=f"{found['p10']:.4g}", high=f"{found['p90']:.4g}")  # fmt: skip
