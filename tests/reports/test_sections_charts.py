"""Charts draw the figures of their rows: read back from the axes and the SVG, not from pixels."""

from __future__ import annotations

import math
import re

import pandas as pd
import pytest
from frames import evaluation, indicator, observed, plan, yearly
from matplotlib.figure import Figure

from gdplan.model import Kind, Scale
from gdplan.reports.sections import charts


def judged(item, rows, year=2023):
    return evaluation(plan(item), rows, year=year)


def drawn(item, rows, year=2023):
    """The axes of one panel."""
    here = judged(item, rows, year)
    axes = Figure().subplots()
    charts._panel(axes, here.plan, here.rows[0], here.say)
    return axes


def schedule(axes) -> list[list[float]]:
    return [list(line.get_ydata()) for line in axes.lines if line.get_linestyle() == "--"]


def bar(item, rows, year):
    here = judged(item, rows, year)
    axes = Figure().subplots()
    charts._bar(axes, 0, here.rows[0], here.final, here.say)
    return axes


def test_a_panel_holds_path_schedule_and_target():
    axes = drawn(indicator(), yearly({2021: "65", 2023: "72"}))
    assert schedule(axes) == [[60, 64, 68, 72, 76, 80]]
    solid = [line for line in axes.lines if len(line.get_xdata()) == 2 and line.get_color() ==
             "#1b4f72"]  # fmt: skip
    assert [list(line.get_xdata()) for line in solid] == [[2021, 2023]]
    assert [list(line.get_ydata()) for line in solid] == [[65, 72]]
    assert any(line.get_linestyle() == ":" and set(line.get_ydata()) == {80} for line in axes.lines)


def test_a_sum_is_drawn_as_its_running_total_whatever_its_scale():
    for scale in (Scale.LINEAR, Scale.GEOMETRIC):
        item = indicator(base="—", target="[550]", scale=scale)
        axes = drawn(item, yearly({2021: "140", 2022: "132", 2023: "139"}))
        assert schedule(axes) == [[0, 110, 220, 330, 440, 550]]
        assert [140, 272, 411] in [list(line.get_ydata()) for line in axes.lines]


def test_a_geometric_schedule_is_bent_and_ends_on_the_target():
    item = indicator(base="50", target="200", scale=Scale.GEOMETRIC)
    [due] = schedule(drawn(item, yearly({2021: "60", 2023: "110"})))
    assert due[0] == 50 and due[-1] == 200
    assert due[2] < 50 + 2 / 5 * 150
    assert due[2] ** 2 == pytest.approx(due[1] * due[3])


def test_a_floor_and_a_growth_rate_have_no_schedule():
    assert schedule(drawn(indicator(base="90", target="80"), yearly({2023: "91"}))) == []
    growth = indicator(
        base="—", target="6", unit="%", kind=Kind.of("rate"), limits=(-100.0, math.inf)
    )
    rows = yearly({2021: "5", 2022: "7", 2023: "6"}, unit="%")
    assert schedule(drawn(growth, rows)) == []


def test_a_bound_is_a_triangle_to_the_side_of_the_true_value():
    rows = pd.concat([yearly({2021: "65"}, bound="at_most"), yearly({2022: "67"}, bound="at_least"),
                      yearly({2023: "70"})], ignore_index=True)  # fmt: skip
    marks = [line.get_marker() for line in drawn(indicator(), rows).lines]
    assert [m for m in marks if m in ("v", "^", "o")] == ["v", "^", "o"]


def test_a_part_year_stands_inside_its_year():
    rows = observed({"year": 2022, "raw": "65", "period": "year_end"},
                    {"year": 2023, "raw": "68", "period": "ytd", "month": 6.0})  # fmt: skip
    points = [line.get_xdata()[0] for line in drawn(indicator(), rows).lines
              if line.get_marker() == "o"]  # fmt: skip
    assert points == [2022, 2022.5]


@pytest.mark.parametrize(
    ("value", "length"), [("72", 60), ("59", 0), ("200", 150)], ids=["way", "back", "far"]
)
def test_a_bar_is_as_long_as_the_progress_within_the_page(value, length):
    [patch] = bar(indicator(), yearly({2023: value}), 2023).patches
    assert patch.get_width() == pytest.approx(length)


def test_a_final_cap_is_written_out_with_its_distance():
    item = indicator(base="2.5", target="4以内", unit="%", direction=-1)
    axes = bar(item, yearly({2025: "3.4"}, unit="%"), 2025)
    assert not axes.patches
    assert "低于上限0.6个百分点" in axes.texts[0].get_text()


def test_a_final_bar_shows_completion_and_no_schedule_mark():
    axes = bar(indicator(), yearly({2025: "72"}), 2025)
    assert axes.patches[0].get_width() == pytest.approx(90)
    assert not axes.lines
    assert axes.texts[0].get_text().startswith("90.0% ")


def test_the_scoreboard_says_which_scale_it_has():
    here = judged(indicator(), yearly({2023: "72"}))
    assert charts.scoreboard(here).caption == "主要指标完成进度与时序进度"
    here = judged(indicator(), yearly({2025: "72"}), 2025)
    assert charts.scoreboard(here).caption == "主要指标完成率"


def test_compositions_and_gaps_have_no_panel():
    mix = indicator(base="10:40:50", target="14:42:44", unit="—", kind=Kind.of("composition"))
    rows = observed({"year": 2023, "raw": "13:41:46", "period": "year_end"})
    assert charts.panels(judged(mix, rows)).charts == ()
    assert charts.panels(judged(indicator(), yearly({2019: "70"}))).charts == ()


def test_a_long_name_is_cut_in_the_chart_and_whole_in_its_description():
    name = "城乡居民基本养老保险基金委托投资资金总额"
    here = judged(indicator(name=name, unit="—"), yearly({2023: "72"}, indicator=name))
    axes = Figure().subplots()
    charts._panel(axes, here.plan, here.rows[0], here.say)
    assert axes.get_title(loc="left") == f"1 {name[:13]}…"
    [chart] = charts.panels(here).charts
    assert name in chart.alt and "（1/" not in chart.caption


def test_two_indicators_are_two_panels_and_four_leave_empty_places_blank():
    for count, places in ((2, 2), (4, 6)):
        items = tuple(indicator(str(i)) for i in range(1, count + 1))
        rows = pd.concat([yearly({2023: "72"}, indicator=i.name) for i in items], ignore_index=True)
        [chart] = charts.panels(evaluation(plan(*items), rows)).charts
        assert len(re.findall(r'id="axes_\d+"', chart.svg)) == places
        assert len(re.findall(r'id="matplotlib.axis_\d+"', chart.svg)) == 2 * count


def test_cuts_are_drawn_as_what_they_have_made_together():
    item = indicator(base="—", target="[13.5]", unit="%", kind=Kind.of("reduction"))
    cuts = yearly({2021: "2.7", 2022: "3.0", 2023: "1.0"}, unit="%")
    axes = drawn(item, cuts)
    points = [line.get_ydata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert points == pytest.approx([2.7, 5.619, 6.56281])
    due = next(list(line.get_ydata()) for line in axes.lines if line.get_linestyle() == "--")
    assert due[0] == 0 and due[-1] == pytest.approx(13.5)
