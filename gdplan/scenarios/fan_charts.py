"""Fan charts: past figures, the path with its 80 and 95 percent ranges, the target.

Drawn for grey print: two shades, a solid path, a dotted target; the alternative text says in words
what the picture shows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gdplan.model import Mode, Plan
from gdplan.page.drawing import INK, WIDTH, Chart, Charts, cut, drawable, render
from gdplan.page.language import Language, language

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gdplan.scenarios.run import Result
    from gdplan.scenarios.start import Standing

PANELS_PER_FIGURE = 9
WIDE, NARROW = "#d9e2ec", "#9fb6cd"


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
    shown = [s for (code, no), s in result.standings.items()
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


def past(at: Standing) -> dict[int, float]:
    """Judged values of the plan years so far, the base included where there is one.

    Running sums and averages only as far as no year is missing; the last known one always.
    """
    base, found = at.indicator.base_year, dict(at.history)
    if at.mode is Mode.VALUE:
        return {y: v for y, v in found.items() if y >= base} | {at.year: at.value}
    out: dict[int, float] = {base: 0.0} if at.mode is Mode.SUM else {}
    total = 0.0 if at.mode is Mode.SUM else 1.0
    for year in range(base + 1, at.year):
        if year not in found:
            break
        total = total + found[year] if at.mode is Mode.SUM else total * (1 + found[year] / 100)
        span = 1 if at.indicator.target.total else year - base
        out[year] = total if at.mode is Mode.SUM else (total ** (1 / span) - 1) * 100
    return out | {at.year: at.now}


def _grid(plan: Plan, paths: pd.DataFrame, part: list[Standing], say: Language) -> str:
    columns = min(3, len(part))
    height = math.ceil(len(part) / columns)

    def draw(figure: Figure) -> None:
        grid = figure.subplots(height, columns, squeeze=False).ravel()
        for axes, at in zip(grid, part, strict=False):
            _panel(axes, plan, paths[paths["indicator"] == at.indicator.no], at, say)
        for axes in grid[len(part) :]:
            axes.set_axis_off()

    return render(draw, (WIDTH, 0.45 + 1.75 * height), say("scenarios.fan_key"))


def _panel(axes: Axes, plan: Plan, rows: pd.DataFrame, at: Standing, say: Language) -> None:
    table = rows.pivot(index="year", columns="statistic", values="value")
    before = past(at)
    years = np.array([at.year, *table.index])
    for low, high, shade in (("p2.5", "p97.5", WIDE), ("p10", "p90", NARROW)):
        if low in table:
            bottom, top = (np.array([at.now, *table[side]]) for side in (low, high))
            axes.fill_between(years, bottom, top, color=shade, linewidth=0)
            axes.plot(years, bottom, years, top, color="#5f6f7f", linewidth=0.4)
    centre = table["p50"] if "p50" in table else table["path"]
    axes.plot(years, [at.now, *centre], color=INK, linewidth=1.3, linestyle="-",
              marker="D", markersize=2, markevery=slice(1, None))  # fmt: skip
    axes.plot(list(before), list(before.values()), color="black", marker="o", markersize=3,
              linewidth=1.0)  # fmt: skip
    if at.goal is not None:
        axes.axhline(at.goal.value, color="black", linewidth=1.0, linestyle=":")
    _dressed(axes, plan, int(years[-1]), at, say)


def _dressed(axes: Axes, plan: Plan, last: int, at: Standing, say: Language) -> None:
    item = at.indicator
    axes.set_xlim(plan.base_year - 0.3, last + 0.3)
    step = max(1, (last - plan.base_year) // 6)
    ticks = range(plan.base_year, last + 1, step)
    axes.set_xticks(ticks, [f"{y % 100:02d}" for y in ticks])
    axes.tick_params(labelsize=6)
    axes.margins(y=0.15)
    name = item.name if say.code == "zh" else item.name_en
    unit = drawable(f"（{say.words.term(item.unit)}）")
    axes.set_title(drawable(f"{item.no} {cut(name, 34)}") + f"\n{unit}", fontsize=6.5, loc="left")


def _words(plan: Plan, paths: pd.DataFrame, at: Standing, say: Language) -> str:
    rows = paths[(paths["indicator"] == at.indicator.no) & (paths["year"] == plan.target_year)]
    found = dict(zip(rows["statistic"], rows["value"], strict=True))
    name = at.indicator.name if say.code == "zh" else at.indicator.name_en
    value = f"{found.get('p50', found.get('path', math.nan)):.4g}"
    if "p10" not in found:
        return say("scenarios.alt_path", name=name, value=value, year=plan.target_year)
    return say("scenarios.alt_fan", name=name, value=value, year=plan.target_year,
               low=f"{found['p10']:.4g}", high=f"{found['p90']:.4g}")  # fmt: skip
