"""Charts: progress of all indicators against the schedule, one panel per indicator, and the
steps of five-year sums.

Drawn for grey print: verdicts differ by shade and hatch and are written out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING

from gdplan.files.text_width import display_width
from gdplan.indicators import milestones
from gdplan.model import Mode, Plan, Verdict
from gdplan.page import chinese as w
from gdplan.page.blocks import Heading, Section
from gdplan.page.drawing import INK, WIDTH, Chart, Charts, cut, drawable, render
from gdplan.page.language import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from gdplan.assessment.evidence import Figure
    from gdplan.assessment.judgement import Judgement
    from gdplan.reports.evaluation import Evaluation

Panel = Callable[["Axes", Plan, "Judgement", Language], None]
PANELS_PER_FIGURE = 9
TITLE = 42
"""Half characters that fit above a panel; a longer title has its unit on a line of its own."""
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


def heading(evaluation: Evaluation) -> Section:
    """Heading of the charts."""
    return Section.of(Heading(evaluation.say("heading.charts"), 2))


def scoreboard(evaluation: Evaluation) -> Chart:
    """Progress of every indicator against the schedule; floors and gaps are written out."""
    say, rows = evaluation.say, evaluation.rows
    final = not all(math.isnan(r.completion) and math.isnan(r.distance) for r in rows)
    title = say("charts.scoreboard_final" if final else "charts.scoreboard")

    def draw(figure: Picture) -> None:
        axes = figure.subplots()
        labels = [f"{drawable(cut(r.name, 36))} {r.indicator}" for r in reversed(rows)]
        for place, row in enumerate(reversed(rows)):
            _bar(axes, place, row, final, say)
        axes.set_yticks(range(len(rows)), labels, fontsize=7)
        axes.set_ylim(-0.7, len(rows) - 0.3)
        axes.set_xlim(0, 150)
        axes.axvline(100, color="black", linewidth=1)
        axes.set_xlabel(say("charts.axis_final" if final else "charts.axis"))
        axes.tick_params(axis="y", length=0)

    svg = render(draw, (WIDTH, 1.05 + 0.235 * len(rows)), _source(rows, say))
    return Chart(svg, title, _alt(title, rows, say))


def panels(evaluation: Evaluation) -> Charts:
    """One small panel per assessable indicator: path, schedule and target in its unit."""
    rows = [r for r in evaluation.rows if _drawable(r)]
    return _pages(evaluation.say("charts.panels"), rows, _panel, evaluation)


def waterfall(evaluation: Evaluation) -> Charts:
    """The steps of each five-year sum: what every year added, what is left, and the target."""
    rows = [r for r in evaluation.rows if _drawable(r) and r.kind.summed and r.target > 0]
    return _pages(evaluation.say("charts.waterfall"), rows, _steps, evaluation)


def _pages(title: str, rows: Sequence[Judgement], panel: Panel, evaluation: Evaluation) -> Charts:
    """Small panels, nine to a chart."""
    say = evaluation.say
    parts = [rows[i : i + PANELS_PER_FIGURE] for i in range(0, len(rows), PANELS_PER_FIGURE)]
    charts = []
    for page, part in enumerate(parts, 1):
        caption = title
        if len(parts) > 1:
            caption = say("charts.page", caption=title, page=page, pages=len(parts))
        charts.append(Chart(_grid(part, panel, evaluation), caption, _alt(caption, part, say)))
    return Charts(tuple(charts))


def _grid(rows: Sequence[Judgement], panel: Panel, evaluation: Evaluation) -> str:
    columns = 3 if len(rows) > 2 else len(rows)
    height = math.ceil(len(rows) / columns)

    def draw(figure: Picture) -> None:
        grid = figure.subplots(height, columns, squeeze=False).ravel()
        for axes, row in zip(grid, rows, strict=False):
            panel(axes, evaluation.plan, row, evaluation.say)
        for axes in grid[len(rows) :]:
            axes.set_axis_off()

    return render(draw, (WIDTH, 0.45 + 1.75 * height), _source(rows, evaluation.say))


def _source(rows: Sequence[Judgement], say: Language) -> str:
    """Source line of a chart: who published the figures in it, up to what year."""
    found = list(dict.fromkeys(f.source for r in rows for f in r.inputs))
    years = [r.data_year for r in rows if not math.isnan(r.data_year)]
    if not found or not years:
        return ""
    many = say("charts.source_many", first=cut(found[0], 60), n=len(found))
    return say("charts.source", sources=many if found[1:] else cut(found[0], 60),
               year=int(max(years)))  # fmt: skip


def _alt(caption: str, rows: Sequence[Judgement], say: Language) -> str:
    items = say("join.clause").join(f"{r.name} {say.words.verdict_text(r)}" for r in rows)
    return say("charts.alt", caption=caption, items=items)


def _bar(axes: Axes, place: int, row: Judgement, final: bool, say: Language) -> None:
    share = row.completion if final else row.progress
    if math.isnan(share):
        note = say.words.verdict_text(row)
        if not math.isnan(row.distance):
            note += f"{say('join.clause')}{say.words.distance_text(row)}"
        axes.text(1, place, note, va="center", fontsize=6.5, color="#444444")
        return
    colour, hatch = STYLES[row.verdict]
    length = min(max(share, 0) * 100, 150)
    axes.barh(place, length, height=0.62, color=colour, hatch=hatch, edgecolor="#333333",
              linewidth=0.5)  # fmt: skip
    if not final:
        now = row.elapsed * 100
        axes.plot([now, now], [place - 0.42, place + 0.42], color="black", linewidth=1.6)
    said = w.completion_text(share, say) if final else w.progress_text(row, say)
    text = f"{said} {say.words.verdict_text(row)}"
    axes.text(
        1 if length > 80 else length + 1.5, place, text, va="center", fontsize=6.5,
        color="black", zorder=4, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
    )  # fmt: skip


def _drawable(row: Judgement) -> bool:
    known = row.verdict != Verdict.NOT_ASSESSABLE and not row.kind.parts
    return known and not math.isnan(row.value)


def _panel(axes: Axes, plan: Plan, row: Judgement, _: Language) -> None:
    start, end = plan.base_year, plan.target_year
    years, values, lows, highs = _path(row)
    target = row.target
    cumulative = row.kind.summed
    origin = 0.0 if cumulative else row.base
    yearly = row.kind.mode is Mode.CHAIN or row.kind.mean
    if not row.met_at_base and not math.isnan(origin) and not yearly:
        path = "cumulative" if cumulative else row.scale
        due = milestones(origin, target, start, end, path=path)
        axes.plot(
            range(start, end + 1), [origin, *due], color="#555555", linestyle="--", linewidth=0.9
        )
    if row.kind.cuts and target < 100:
        even = 100 * (1 - (1 - target / 100) ** (1 / (end - start)))
        axes.plot(range(start, end + 1), [0.0, *_chained([even] * (end - start), target)],
                  color="#555555", linestyle="--", linewidth=0.9)  # fmt: skip
    axes.axhline(target, color="black", linewidth=0.9, linestyle=":")
    axes.plot(years, values, color=INK, linewidth=1.4)
    for year, value, mark in zip(years, values, _markers(row), strict=True):
        axes.plot([year], [value], color=INK, marker=mark, markersize=4)
    axes.vlines(years, lows, highs, color=INK, linewidth=2.4, alpha=0.45)
    if not cumulative and not yearly and not math.isnan(row.base):
        axes.plot([start], [row.base], color=INK, marker="s", markersize=3)
    axes.set_xlim(start - 0.3, end + 0.3)
    axes.set_xticks(range(start, end + 1), [f"{y % 100:02d}" for y in range(start, end + 1)])
    axes.tick_params(labelsize=6)
    axes.margins(y=0.18)
    _titled(axes, row)


def _titled(axes: Axes, row: Judgement) -> None:
    unit = f"（{row.unit}）" if row.unit not in ("", w.EMPTY) else ""
    title = f"{row.indicator} {cut(row.name, 28)}{unit}"
    if display_width(title) > TITLE:
        title = f"{row.indicator} {cut(row.name, 34)}\n{unit}"
    axes.set_title(drawable(title), fontsize=6.5, loc="left")


def _steps(axes: Axes, plan: Plan, row: Judgement, say: Language) -> None:
    total, at = 0.0, []
    decimals = w.decimals_of(row)
    for place, f in enumerate(row.inputs):
        _step(axes, place, total, f.value, "#9ecae1", "", w.rounded(f.value, decimals))
        total += f.value
        at.append(_span(f, plan))
    target, left = row.target, row.target - total
    if left:
        style = ("#ffffff", "///") if left > 0 else ("#c7e9c0", "...")
        _step(axes, len(at), total, left, *style, w.rounded(abs(left), decimals))
        at.append(say("charts.remaining" if left > 0 else "charts.beyond"))
    _step(axes, len(at), 0.0, target, "#6b6b6b", "", w.rounded(target, w.digits(row.target_raw)))
    at.append(say("progress.target", year=plan.target_year % 100))
    axes.set_xticks(range(len(at)), at, fontsize=5.5)
    axes.tick_params(axis="y", labelsize=6)
    axes.set_ylim(0, max(total, target) * 1.15)
    _titled(axes, row)


def _step(
    axes: Axes, place: int, bottom: float, height: float, colour: str, hatch: str, text: str
) -> None:
    axes.bar(place, height, 0.72, bottom, color=colour, hatch=hatch, edgecolor="#333333",
             linewidth=0.5)  # fmt: skip
    top = max(bottom, bottom + height)
    axes.text(place, top, text, ha="center", va="bottom", fontsize=5.5)


def _span(figure: Figure, plan: Plan) -> str:
    """Label of a step: its year, or the years a sum covers."""
    year = f"{figure.year % 100:02d}"
    if figure.period == "cumulative":
        return f"{(plan.base_year + 1) % 100:02d}—{year}"
    return year


def _markers(row: Judgement) -> list[str]:
    """A point for a figure, a triangle down for 以内, up for 超: the true value lies that way."""
    return [{"at_most": "v", "at_least": "^"}.get(f.bound, "o") for f in _figures(row)]


def _figures(row: Judgement) -> Sequence[Figure]:
    """The figures that are drawn: of what adds up those that are added."""
    return row.inputs if row.kind.summed or row.kind.cuts else row.history


def _chained(cuts: Sequence[float], made: float) -> list[float]:
    """What yearly cuts, printed with either sign, have made together by each year, in per cent."""
    sign = -1 if sum(cuts) < 0 < made else 1
    left = accumulate((1 - sign * cut / 100 for cut in cuts), mul)
    return [100 * (1 - rest) for rest in left]


def _path(row: Judgement) -> tuple[list[float], list[float], list[float], list[float]]:
    """Yearly points with their ends; a cumulative indicator is drawn as its running sum, cuts as
    what they have made together."""
    sums = row.kind.summed
    figures = _figures(row)
    years = [f.year - 1 + f.month / 12 for f in figures]
    # Of what is added to the base the differences are drawn.
    first = figures[-1].value - row.value if row.kind.gain and figures else 0.0
    ends = [[f.value - first for f in figures], [f.low - first for f in figures],
            [f.high - first for f in figures]]  # fmt: skip
    if row.kind.cuts:
        ends = [_chained(each, row.value) for each in ends]
    values, *outer = [[*accumulate(each)] if sums else each for each in ends]
    lows, highs = (
        [x if math.isfinite(x) else value for x, value in zip(side, values, strict=True)]
        for side in outer
    )
    return years, values, lows, highs
