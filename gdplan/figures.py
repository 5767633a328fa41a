"""Charts: progress of all indicators against the schedule, and one panel per indicator.

Drawn for grey print: verdicts differ by shade and hatch and are written out. A missing Chinese
glyph or font is an error, never a box.
"""

from __future__ import annotations

import base64
import io
import math
import warnings
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from gdplan import wording as w
from gdplan.indicators import milestones
from gdplan.model import Kind, Plan, Problem, ProblemError, Verdict

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 6.3
PANELS_PER_FIGURE = 9
STYLES: dict[str, tuple[str, str]] = {
    Verdict.ACHIEVED_EARLY: ("#1b4f72", ""),
    Verdict.AHEAD: ("#2e86c1", ""),
    Verdict.ON_TRACK: ("#85c1e9", ""),
    Verdict.HELD: ("#d6eaf8", "..."),
    Verdict.BEHIND: ("#f5b041", "///"),
    Verdict.REVERSED: ("#b03a2e", "xxx"),
    Verdict.EXCEEDED: ("#1b4f72", ""),
    Verdict.COMPLETED: ("#2e86c1", ""),
    Verdict.NEARLY: ("#f8c471", "///"),
    Verdict.MISSED: ("#b03a2e", "xxx"),
}
RC = {
    "axes.unicode_minus": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 8,
    "hatch.linewidth": 0.5,
    "svg.hashsalt": "gdplan",
    "svg.fonttype": "path",
}


@dataclass(frozen=True, slots=True)
class Chart:
    """A finished chart: SVG text, caption, and the sentence a reader who cannot see it gets."""

    svg: str
    caption: str
    alt: str

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.svg.encode()).decode()
        return (
            f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{escape(self.alt)}">'
            f"<figcaption>{escape(self.caption)}</figcaption></figure>"
        )


@dataclass(frozen=True, slots=True)
class Charts:
    """Several charts shown one below the other."""

    charts: tuple[Chart, ...]

    def _repr_html_(self) -> str:
        return "\n".join(chart._repr_html_() for chart in self.charts)


@cache
def font_family() -> str:
    """Family name of the Chinese font, registered with matplotlib.

    Raises
    ------
    ProblemError
        When the font package is missing.
    """
    from matplotlib import font_manager

    try:
        import pylopdf_fonts_zh_cn as fonts
    except ImportError as error:
        raise ProblemError(
            Problem(
                "no_cjk_font", "", "缺少中文字体，无法绘图",
                expected="pylopdf-fonts-zh-cn", fix="重新安装 requirements.lock 中的依赖",
            )
        ) from error  # fmt: skip
    path = str(fonts.sans_path())
    font_manager.fontManager.addfont(path)
    return str(font_manager.FontProperties(fname=path).get_name())


def scoreboard(plan: Plan, assessment: pd.DataFrame) -> Chart:
    """Progress of every indicator against the schedule; floors and gaps are written out."""
    rows = assessment.to_dict("records")
    final = not assessment["completion"].isna().all() or not assessment["distance"].isna().all()
    title = "主要指标完成率" if final else "主要指标完成进度与时序进度"

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for place, row in enumerate(reversed(rows)):
            _bar(axes, place, row, final)
        axes.set_yticks(range(len(rows)), [_label(r) for r in reversed(rows)], fontsize=7)
        axes.set_ylim(-0.7, len(rows) - 0.3)
        axes.set_xlim(0, 150)
        axes.axvline(100, color="black", linewidth=1)
        axes.set_xlabel(
            "占目标的百分比（%）；竖线为目标"
            + ("" if final else "，短竖线为各指标数据所属日期的时序进度")
        )
        axes.tick_params(axis="y", length=0)

    svg = _render(draw, (WIDTH, 0.9 + 0.235 * len(rows)))
    return Chart(svg, title, f"{title}：" + "；".join(_spoken(r) for r in rows) + "。")


def panels(plan: Plan, assessment: pd.DataFrame) -> Charts:
    """One small panel per assessable indicator: path, schedule and target in its unit."""
    rows = [r for r in assessment.to_dict("records") if _drawable(r)]
    parts = [rows[i : i + PANELS_PER_FIGURE] for i in range(0, len(rows), PANELS_PER_FIGURE)]
    return Charts(tuple(_panel_page(plan, part, i, len(parts)) for i, part in enumerate(parts)))


def _bar(axes: Axes, place: int, row: w.Row, final: bool) -> None:
    verdict = row["verdict"]
    share = _share(row, final)
    if math.isnan(share):
        note = w.verdict_text(row)
        if not math.isnan(row["distance"]):
            note += f"，{w.distance_text(row)}"
        axes.text(1, place, note, va="center", fontsize=6.5, color="#444444")
        return
    colour, hatch = STYLES[verdict]
    length = min(max(share, 0) * 100, 150)
    axes.barh(place, length, height=0.62, color=colour, hatch=hatch, edgecolor="#333333",
              linewidth=0.5)  # fmt: skip
    if not final:
        now = row["elapsed"] * 100
        axes.plot([now, now], [place - 0.42, place + 0.42], color="black", linewidth=1.6)
    text = f"{w.percent(share)} {w.verdict_text(row)}"
    inside = length > 80
    axes.text(
        1 if inside else length + 1.5, place, text, va="center", fontsize=6.5,
        color="black",
        zorder=4, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
    )  # fmt: skip


def _share(row: w.Row, final: bool) -> float:
    return float(row["completion"] if final else row["progress"])


def _label(row: w.Row) -> str:
    name = row["name"]
    short = name if len(name) <= 18 else name[:17] + "…"
    return f"{short} {row['indicator']}"


def _spoken(row: w.Row) -> str:
    return f"{row['name']}{w.verdict_text(row)}"


def _drawable(row: w.Row) -> bool:
    known = row["verdict"] != Verdict.NOT_ASSESSABLE and row["kind"] != Kind.COMPOSITION
    return known and not math.isnan(row["value"])


def _panel_page(plan: Plan, rows: list[dict[Any, Any]], page: int, pages: int) -> Chart:
    columns = 3 if len(rows) > 2 else len(rows)
    height = math.ceil(len(rows) / columns)

    def draw(figure: Figure) -> None:
        grid = figure.subplots(height, columns, squeeze=False).ravel()
        for axes, row in zip(grid, rows, strict=False):
            _panel(axes, plan, row)
        for axes in grid[len(rows) :]:
            axes.set_axis_off()

    svg = _render(draw, (WIDTH, 0.3 + 1.75 * height))
    caption = "各指标历年数值（实线）、进度安排（虚线）与目标（点线）" + (
        f"（{page + 1}/{pages}）" if pages > 1 else ""
    )
    return Chart(svg, caption, f"{caption}：" + "；".join(_spoken(r) for r in rows) + "。")


def _panel(axes: Axes, plan: Plan, row: w.Row) -> None:
    start, end = plan.base_year, plan.target_year
    years, values, lows, highs = _path(row, start)
    target = row["target"]
    cumulative = row["kind"] == Kind.CUMULATIVE
    origin = 0.0 if cumulative else row["base"]
    if not row["met_at_base"] and not math.isnan(origin) and row["kind"] != Kind.RATE:
        path = "cumulative" if cumulative else row["scale"]
        due = milestones(origin, target, start, end, path=path)
        axes.plot(
            range(start, end + 1), [origin, *due], color="#555555", linestyle="--", linewidth=0.9
        )
    axes.axhline(target, color="black", linewidth=0.9, linestyle=":")
    axes.plot(years, values, color="#1b4f72", linewidth=1.4)
    for year, value, mark in zip(years, values, _markers(row), strict=True):
        axes.plot([year], [value], color="#1b4f72", marker=mark, markersize=4)
    axes.vlines(years, lows, highs, color="#1b4f72", linewidth=2.4, alpha=0.45)
    if not cumulative and row["kind"] != Kind.RATE and not math.isnan(row["base"]):
        axes.plot([start], [row["base"]], color="#1b4f72", marker="s", markersize=3)
    axes.set_xlim(start - 0.3, end + 0.3)
    axes.set_xticks(range(start, end + 1), [f"{y % 100:02d}" for y in range(start, end + 1)])
    axes.tick_params(labelsize=6)
    axes.margins(y=0.18)
    name = row["name"] if len(row["name"]) <= 14 else row["name"][:13] + "…"
    unit = f"（{row['unit']}）" if row["unit"] not in ("", w.EMPTY) else ""
    axes.set_title(f"{row['indicator']} {name}{unit}", fontsize=6.5, loc="left")


def _markers(row: w.Row) -> list[str]:
    """A point for a figure, a triangle down for 以内, up for 超: the true value lies that way."""
    figures = w.inputs(row) if row["kind"] == Kind.CUMULATIVE else w.history(row)
    return [{"at_most": "v", "at_least": "^"}.get(f["bound"], "o") for f in figures]


def _path(row: w.Row, start: int) -> tuple[list[float], list[float], list[float], list[float]]:
    """Yearly points with their ends; a cumulative indicator is drawn as its running sum."""
    figures = w.inputs(row) if row["kind"] == Kind.CUMULATIVE else w.history(row)
    years, values, lows, highs = [], [], [], []
    total = [0.0, 0.0, 0.0]
    for f in figures:
        ends = [float(f[k]) for k in ("value", "low", "high")]
        if row["kind"] == Kind.CUMULATIVE:
            total = [a + b for a, b in zip(total, ends, strict=True)]
            ends = list(total)
        value, low, high = ends
        years.append(f["year"] - 1 + f["month"] / 12)
        values.append(value)
        lows.append(low if math.isfinite(low) else value)
        highs.append(high if math.isfinite(high) else value)
    return years, values, lows, highs


def _render(draw: Any, size: tuple[float, float]) -> str:
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    style: Any = {**RC, "font.family": [font_family()]}
    buffer = io.StringIO()
    with mpl.rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*[Gg]lyph.*missing.*")
        figure = Figure(figsize=size, layout="constrained", facecolor="white")
        FigureCanvasSVG(figure)
        draw(figure)
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
