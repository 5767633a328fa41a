"""The page of sliders without a browser: what is chosen, what is shown, what is refused."""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path

import nbformat
import pytest
from frames import indicator, observed, plan, yearly
from nbclient import NotebookClient

from gdplan import load_plan
from gdplan.assessment.start import starts
from gdplan.model import Kind, Reason, Scale
from gdplan.outlook.paths import growth_of, required_growth
from gdplan.outlook.what_if import Assumption, prospect
from gdplan.page.language import language
from gdplan.problems import ProblemError
from gdplan.scenarios import explore_page, fan_charts, path_words

ROOT = Path(__file__).resolve().parents[2]
ZH = language("zh")
GROWING = {2018: "55", 2019: "57", 2021: "62", 2022: "65.5", 2023: "68"}


def start(item=None, rows=None, **options):
    rows = yearly(GROWING) if rows is None else rows
    options = {"region": "440000", "year": 2023, "breaks": (), **options}
    return starts(plan(item or indicator()), rows, **options)[0]


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


@pytest.fixture(autouse=True)
def closed_at_the_end():
    """No widget outlives its test: at the end of the session each would print a traceback."""
    yield
    if "ipywidgets" in sys.modules:
        sys.modules["ipywidgets"].Widget.close_all()


@pytest.fixture
def page():
    pytest.importorskip("ipywidgets")
    return explore_page._Page(explore_page.Choice("gd-hrss-14", "440000", 2023))


def shown(page) -> tuple[str, str, str]:
    return page.headline.value, page.chart.value, page.yearly.value


# Words


def test_the_headline_says_value_target_probability_and_evidence():
    found = start()
    made = prospect(found.course, Assumption(4.0, increment=True))
    text = text_of(path_words.headline(found, made))
    assert "广东省 指标1" in text
    assert "2025年预计76.0万人；目标80万人；按此路径与目标相差4.0万人" in text
    assert f"达标概率{ZH.chance(made.probability)}；依据薄弱（6个数据点）" in text
    assert "最近数据2023年：68万人" in text and "数据来源：统计公报" in text


def test_a_path_on_its_target_says_so_and_moderate_evidence_is_called_so():
    rows = yearly(
        dict(
            zip(
                range(2015, 2024),
                ["50", "52", "55", "56", "58", "59", "62", "65", "68"],
                strict=True,
            )
        )
    )
    found = start(rows=rows)
    made = prospect(found.course, Assumption(9.0, increment=True))
    text = text_of(path_words.headline(found, made))
    assert "按此路径达到目标" in text and "依据中等（9个数据点）" in text


def test_without_enough_points_no_probability_is_given_and_the_reason_is():
    found = start(rows=yearly({2022: "62", 2023: "64"}))
    made = prospect(found.course, Assumption(1.0, increment=True))
    text = text_of(path_words.headline(found, made))
    assert "不给概率" in text and "达标概率" not in text
    assert "数据点不足四个" in text and "80%区间" not in text
    table = path_words.yearly(found, made)
    assert table.rows[1][-1] == "—"


def test_simulated_and_city_figures_are_said_to_be_so():
    rows = yearly(GROWING, simulated=True, region="440100", region_name="广州市")
    found = start(rows=rows, region="440100")
    text = text_of(path_words.headline(found, prospect(found.course, Assumption(0.02))))
    assert "示例数据，非真实" in text and "广州市" in text
    assert "没有可比较的目标" in text and "该地区没有分解目标" in text


def test_a_sum_shows_figure_and_running_sum_in_english_too():
    item = indicator(target="[550]", base="—", name_en="New jobs")
    found = start(item, yearly({2021: "140.33", 2022: "132", 2023: "139.3"}, source="<公报>"))
    made = prospect(found.course, Assumption(0.0, increment=True))
    table = path_words.yearly(found, made)
    assert table.header[:3] == ("年份", "当年数", "累计")
    assert table.rows[0][:3] == ("2023（已发布）", "139.3", "411.63")
    assert table.rows[2][:3] == ("2025", "139.30", "690.23")
    english = path_words.headline(found, made, lang="en")
    assert "New jobs" in english and "expected in 2025" in english and "&lt;公报&gt;" in english
    assert path_words.yearly(found, made, lang="en").header[2] == "Sum"


@pytest.mark.parametrize(
    ("target", "header", "so_far"), [("[-17]", "累计增速", "-4.87"), ("3", "年均增速", "-1.65")]
)
def test_a_growth_shows_its_average_or_its_total(target, header, so_far):
    item = indicator(target=target, base="—", unit="%", kind=Kind.of("rate"), direction=-1)
    found = start(item, yearly({2021: "1.51", 2022: "-2.20", 2023: "-4.18"}, unit="%"))
    table = path_words.yearly(found, prospect(found.course, Assumption(-0.02)))
    assert table.header[2] == header and table.rows[0][2] == so_far


def test_three_rates_of_growth_stand_side_by_side():
    found = start()
    assumed = Assumption(4.0, increment=True, shock=-0.1, shock_year=2024)
    rows = path_words.paces(found, assumed, prospect(found.course, assumed)).rows
    assert [r[0] for r in rows] == ["历年趋势", "恰达目标所需", "本情景"]
    assert rows[1][1:] == ("+6.00万人", "80.0", "50%")
    assert rows[2][1:3] == ("+4.00万人", "68.4")


def test_a_growth_that_is_not_known_is_a_dash():
    found = start(rows=yearly({2021: "62"}, indicator="另一个"))
    assumed = Assumption(0.01)
    rows = path_words.paces(found, assumed, prospect(found.course, assumed)).rows
    assert rows[0][1:] == ("—", "—", "—")
    assert rows[2][1] == "+1.0%"


def test_a_share_grows_in_percentage_points():
    found = start(indicator(unit="%"), yearly(GROWING, unit="%"))
    assert path_words.growth_text(-0.25, found, ZH, increment=True) == "-0.25个百分点"


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.5, "50%"),
        (0.995, ">99%"),
        (1.0, ">99%"),
        (0.0, "<1%"),
        (math.nan, "—"),
    ],
)
def test_a_probability_is_never_zero_or_one(p, words):
    assert ZH.chance(p) == words


# Chart


def test_the_chart_tells_its_points_to_who_cannot_see_it_and_is_the_same_bytes_again():
    found = start()
    made = prospect(found.course, Assumption(4.0, increment=True, shock=-0.1, shock_year=2024))
    one, two = fan_charts.fan_chart(found, made), fan_charts.fan_chart(found, made)
    assert one.svg == two.svg
    assert "2023 68.0" in one.alt and "2025 68.4" in one.alt
    calm = fan_charts.fan_chart(found, prospect(found.course, Assumption(4.0, increment=True)))
    assert calm.svg != one.svg


def test_a_chart_without_intervals_is_drawn_and_one_without_a_path_is_refused():
    few = start(rows=yearly({2022: "62", 2023: "64"}))
    assert "<svg" in fan_charts.fan_chart(few, prospect(few.course, Assumption(0.0))).svg
    none = start(indicator(base="—"), yearly({2021: "62"}, indicator="另一个"))
    with pytest.raises(ValueError, match="no path"):
        fan_charts.fan_chart(none, prospect(few.course, Assumption(0.0)))


def test_what_a_sum_and_a_growth_have_made_is_known_year_by_year():
    total = start(
        indicator(target="[550]", base="—"), yearly({2021: "140", 2022: "130", 2023: "139"})
    )
    assert total.course.past() == {2020: 0, 2021: 140, 2022: 270, 2023: 409}
    item = indicator(target="3", base="—", unit="%", kind=Kind.of("rate"))
    growth = start(item, yearly({2021: "2", 2022: "4"}, unit="%"), year=2022)
    assert growth.course.past() == pytest.approx({2021: 2.0, 2022: 2.995}, abs=1e-3)
    assert list(start().course.past().values()) == [55, 57, 60, 62, 65.5, 68]


def test_a_sum_known_as_a_total_has_no_years_on_the_way():
    total = {"year": 2022, "raw": "270", "period": "cumulative", "start": 2021.0}
    rows = observed(total, {"year": 2023, "raw": "139"})
    found = start(indicator(target="[550]", base="—"), rows)
    assert found.course.past() == {2020: 0, 2023: 409}


# Controls


def test_moving_growth_or_shock_changes_number_chart_and_table_at_once(page):
    before = shown(page)
    page.growth.value = -60.0
    slower = shown(page)
    assert all(a != b for a, b in zip(before, slower, strict=True))
    page.shock.value = -30
    shocked = shown(page)
    assert all(a != b for a, b in zip(slower, shocked, strict=True))
    page.shock_year.value = 2025
    assert shown(page) != shocked
    page.shock_year.value, page.recovery.value = 2024, 1
    assert shown(page) not in (slower, shocked)
    page.buttons["no_shock"].click()
    assert shown(page) == slower


def test_the_shown_numbers_are_those_of_the_pure_function(page):
    page.growth.value, page.shock.value, page.recovery.value = -20.0, -10, 2
    series = page.points["1"].course
    made = prospect(series, Assumption(-20.0, True, -0.1, 2024, 2))
    assert f"{made.judged[-1]:.2f}万人" in page.headline.value
    assert page.assumed() == Assumption(-20.0, True, -0.1, 2024, 2)


def test_the_buttons_set_the_trend_and_the_required_growth(page):
    series = page.points["1"].course
    page.buttons["use_required"].click()
    assert abs(page.growth.value - required_growth(series, increment=True)) <= page.growth.step / 2
    page.buttons["use_trend"].click()
    assert page.growth.value == pytest.approx(-0.8)


def test_the_trend_is_the_outlook_itself_until_the_slider_is_moved(page):
    course = page.points["1"].course
    page.buttons["use_trend"].click()
    assert page.assumed().trend
    seen = course.projection()
    assert prospect(course, page.assumed()).judged[-1] == course.judged(seen.median)[-1]
    page.shock.value = -10
    assert page.assumed().trend
    page.growth.value += page.growth.step
    assert not page.assumed().trend and page.assumed().growth == page.growth.value
    page.buttons["use_required"].click()
    assert page.assumed().growth == required_growth(course, increment=True)
    assert page.assumed().growth != growth_of(course, increment=True)


def test_another_indicator_brings_its_own_slider_and_no_shock(page):
    page.shock.value = -20
    page.indicator.value = "2"
    assert page.shock.value == 0 and "个百分点" in page.growth.description
    assert "城镇调查失业率" in page.headline.value
    page.way.value = False
    assert page.growth.description == "年均增长（%）" and page.growth.max == 10


def test_an_indicator_without_data_says_so_and_closes_the_controls(page):
    page.indicator.value = "5"
    assert "没有可用数据" in page.headline.value
    assert page.chart.value == page.yearly.value == ""
    assert page.growth.disabled and page.buttons["use_trend"].disabled
    labels = {no: label for label, no in page.indicator.options}
    assert labels["5"].endswith("（无法推演）") and "无法" not in labels["1"]
    page.buttons["use_trend"].click()
    page.indicator.value = "1"
    assert not page.growth.disabled and "<table" in page.yearly.value


def test_another_plan_or_year_reads_its_own_figures(page):
    page.year.value = 2022
    assert "最近数据2022年" in page.headline.value and page.indicator.value == "1"
    page.plan.value = "gd-hrss-13"
    assert [y for _, y in page.year.options] == [2016, 2017, 2018, 2019]
    # Of 2017 a part is known, which leaves a gap in the sum of 2018.
    assert page.year.value == 2018 and page.indicator.value == "2"
    page.year.value, page.indicator.value = 2017, "1"
    # A part of 2017 is known, as in the report: the path goes on from there.
    assert "采用年内进度数据" in page.headline.value and "2020年" in page.headline.value


def test_a_fault_of_the_figures_stands_in_place_of_the_result(tmp_path):
    pytest.importorskip("ipywidgets")
    bad = tmp_path / "bad.csv"
    bad.write_text("region_code,year\n440000,<b>\n", "utf-8")
    page = explore_page._Page(
        explore_page.Choice("gd-hrss-14", "440000", 2023, observations=str(bad))
    )
    assert "bad.csv" in page.headline.value and 'role="alert"' in page.headline.value
    assert page.chart.value == ""


def test_without_the_extra_the_command_to_install_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ProblemError, match=r"gdplan\[explore\]"):
        explore_page.page(plan="gd-hrss-14", region="440000", year=2023)


def test_the_slider_reaches_beyond_trend_and_required_growth():
    found = start()
    top, step = explore_page.reach(found, increment=True)
    assert (top, step) == (20.0, 0.04)
    assert explore_page.reach(found, increment=False) == (20.0, 0.1)
    assert explore_page.reach(start(indicator(scale=Scale.GEOMETRIC)), increment=False)[0] == 20.0
    one = start(indicator(target="应保尽保", kind=Kind.of("level"), base="—"), yearly({2023: "60"}))
    assert Reason.NO_TARGET_NUMBER in one.remarks
    assert explore_page.reach(one, increment=True)[0] == 10.0
    assert explore_page.reach(one, increment=False)[0] == 5.0
    none = start(indicator(base="—"), yearly({2021: "62"}, indicator="另一个"))
    assert explore_page.reach(none, increment=True) == (1.0, 0.1)


def test_a_growth_rate_has_no_increment_to_pick(monkeypatch):
    pytest.importorskip("ipywidgets")
    item = indicator(target="3", base="—", unit="%", kind=Kind.of("rate"))
    own = plan(item)
    rows = yearly({2020: "3", 2021: "2", 2022: "4", 2023: "3"}, unit="%")
    monkeypatch.setattr(explore_page, "load_plan", lambda _: own)
    monkeypatch.setattr(explore_page, "known_plans", lambda: ("test-14",))
    monkeypatch.setattr(explore_page, "read_observations", lambda *_: rows)
    page = explore_page._Page(explore_page.Choice("test-14", "440000", 2023, lang="en"))
    assert [value for _, value in page.way.options] == [False]
    assert "thin evidence (4 figures)" in page.headline.value


# The notebook


def test_the_notebook_runs_in_jupyter_and_shows_the_page(monkeypatch):
    pytest.importorskip("ipywidgets")
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    book = nbformat.read(ROOT / "notebooks" / "scenarios.ipynb", as_version=4)
    NotebookClient(book, timeout=120, kernel_name="python3",
                   resources={"metadata": {"path": ROOT / "notebooks"}}).execute()  # fmt: skip
    outputs = [o for cell in book.cells if cell.cell_type == "code" for o in cell.outputs]
    view = "application/vnd.jupyter.widget-view+json"
    assert sum(view in o.get("data", {}) for o in outputs) == 1
    states = book.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    values = [str(s["state"].get("value", "")) for s in states.values()]
    assert any("达标概率" in v for v in values) and any("data:image/svg+xml" in v for v in values)


def test_the_notebook_is_no_report(command, tmp_path):
    run = command("report", "scenarios", "--out", str(tmp_path))
    assert run.returncode == 1 and "gdplan explore" in run.stderr
    assert "midterm" in run.stderr and not list(tmp_path.iterdir())


def test_the_plans_title_names_the_plan(page):
    assert [v for _, v in page.plan.options] == ["cn-hrss-14", "gd-hrss-13", "gd-hrss-14"]
    assert page.plan.options[2][0] == load_plan("gd-hrss-14").title
