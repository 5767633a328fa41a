"""The year's own result: its target, the schedule, the warning light, the next year's figure."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from frames import PROVINCE, evaluation, indicator, observed, plan, yearly
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import end_to_end

from gdplan import assess, load_plan
from gdplan.assessment.warning import plan_light
from gdplan.model import Attribute, Kind, Level, Scale, Verdict
from gdplan.notation import parse_target
from gdplan.observations import annual_targets
from gdplan.observations.annual_targets import AnnualTarget
from gdplan.problems import ProblemError
from gdplan.reports.sections import year_review

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = {"level_yellow": 0.9, "level_orange": 0.5, "level_reach": 0.5}


def target(cell: str, **changes: Any) -> AnnualTarget:
    given_ = {"indicator": "1", "region": PROVINCE, "year": 2023, "cell": parse_target(cell),
              "published": "2023-01-20", "source": "工作要点", "where": "t.csv:2"}  # fmt: skip
    return AnnualTarget(**given_ | changes)


def judged(item: Any, rows: pd.DataFrame, *targets: Any, year: int = 2023, **more: Any) -> Any:
    frame = assess(plan(item), rows, region=PROVINCE, year=year, kind="annual", targets=targets,
                   **more)  # fmt: skip
    return dict(frame.iloc[0])


SUM = indicator(target="[550]", base="—")
FLOWS = {2021: "110", 2022: "112", 2023: "99"}


# -- the year's target -------------------------------------------------------------------------


def test_a_sum_is_judged_by_the_flow_of_the_year():
    row = judged(SUM, yearly(FLOWS), target("110以上"))
    assert (row["annual_target"], row["annual_value"]) == (110, 99)
    assert row["annual_completion"] == pytest.approx(0.9)
    assert row["annual_verdict"] == "未完成" and row["annual_target_raw"] == "110以上"
    # The plan's schedule is judged apart: 321 of 550 in 60 % of the time.
    assert row["pace"] == pytest.approx(321 / 550 / 0.6) and row["verdict"] == "基本符合预期"


def test_a_cap_is_met_below_it():
    cap = indicator(unit="%", base="4.5", target="4以内", direction=-1)
    rows = yearly({2023: "4.2"}, unit="%")
    row = judged(cap, rows, target("4.4以内"))
    assert row["annual_verdict"] == "完成" and row["annual_completion"] == pytest.approx(4.4 / 4.2)
    assert judged(cap, rows, target("4.0以内"))["annual_verdict"] == "未完成"


def test_without_a_target_or_a_whole_year_nothing_is_made_up():
    row = judged(SUM, yearly(FLOWS))
    assert math.isnan(row["annual_target"]) and row["annual_verdict"] == ""
    part = observed({"year": 2021, "raw": "110"}, {"year": 2022, "raw": "110"},
                    {"year": 2023, "raw": "60", "period": "ytd", "month": 6.0})  # fmt: skip
    row = judged(SUM, part, target("110"))
    # 60 by June, half of the year by its months: 54.5 % of the year's target, ahead of time.
    assert (row["annual_value"], row["annual_share"], row["annual_month"]) == (60, 0.5, 6)
    assert row["annual_completion"] == pytest.approx(60 / 110)
    assert row["annual_verdict"] == "快于预期" and row["year_level"] == "绿"
    assert {"part_year", "by_months"} <= set(row["reason"].split(";"))


def test_the_target_last_published_on_the_day_counts():
    rows = yearly(FLOWS)
    first, later = target("110"), target("105", published="2023-07")
    assert judged(SUM, rows, first, later)["annual_target"] == 105
    assert judged(SUM, rows, first, later, as_of="2024-02-01")["annual_target"] == 105
    early = yearly(FLOWS, published="2023-03-01")
    assert judged(SUM, early, first, later, as_of="2023-06-30")["annual_target"] == 110


def test_targets_of_other_regions_years_and_of_simulated_sets_are_left_alone():
    rows = yearly(FLOWS)
    for other in ({"region": "440100"}, {"year": 2022}, {"indicator": "2"}, {"simulated": True}):
        assert math.isnan(judged(SUM, rows, target("110", **other))["annual_target"]), other


# -- schedule and next year --------------------------------------------------------------------


def test_the_schedule_is_what_is_due_at_the_date_of_the_figure():
    assert judged(SUM, yearly(FLOWS))["scheduled"] == pytest.approx(330)
    assert judged(indicator(), yearly({2023: "70"}))["scheduled"] == pytest.approx(72)
    geometric = indicator(base="50", target="200", scale=Scale.GEOMETRIC)
    assert judged(geometric, yearly({2023: "90"}))["scheduled"] == pytest.approx(50 * 4**0.6)
    floor = indicator(base="97", target="95以上", unit="%")
    assert judged(floor, yearly({2023: "96"}, unit="%"))["scheduled"] == 95


def test_the_next_year_keeps_the_required_path():
    # 550 - 321 = 229 left in two years.
    assert judged(SUM, yearly(FLOWS))["next_target"] == pytest.approx(114.5)
    assert judged(indicator(), yearly({2023: "70"}))["next_target"] == pytest.approx(75)
    # A figure that is a year old has two years to catch up with.
    assert judged(indicator(), yearly({2022: "68"}))["next_target"] == pytest.approx(76)
    geometric = indicator(base="50", target="200", scale=Scale.GEOMETRIC)
    row = judged(geometric, yearly({2023: "98"}))
    assert row["next_target"] == pytest.approx(98 * (200 / 98) ** 0.5)
    growth = indicator(target="6", base="—", unit="%", kind=Kind.of("rate"))
    row = judged(growth, yearly({2021: "5", 2022: "5", 2023: "5"}, unit="%"))
    assert row["next_target"] == pytest.approx(100 * ((1.06**5 / 1.05**3) ** 0.5 - 1))


def test_what_is_met_has_to_be_held_and_nothing_follows_the_last_year():
    assert judged(indicator(), yearly({2023: "81"}))["next_target"] == 80
    assert math.isnan(judged(indicator(), yearly({2025: "79"}), year=2025)["next_target"])


@end_to_end()
@given(st.floats(61, 79).map(lambda x: f"{x:.2f}"), st.integers(2021, 2024))
def test_whoever_follows_the_proposals_arrives_on_the_target(value, year):
    path = {year: value}
    for y in range(year, 2025):
        row = judged(indicator(), yearly({k: repr(float(v)) for k, v in path.items()}), year=y)
        path[y + 1] = row["next_target"]
    assert path[2025] == pytest.approx(80)


@pytest.mark.parametrize(
    ("x", "decimals", "direction", "text"),
    [(69.181, 2, 1, "69.19"), (69.18, 2, 1, "69.18"), (4.449, 1, -1, "4.4"),
     (0.1 + 0.2, 1, 1, "0.3"), (0.35, 1, 0, "0.4"), (114.5, 0, 1, "115")],
)  # fmt: skip
def test_proposals_are_rounded_to_the_side_that_suffices(x, decimals, direction, text):
    assert year_review.towards(x, decimals, direction) == text


# -- the light ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "pace", "binding", "level"),
    [
        (Verdict.ON_TRACK, 0.95, False, Level.GREEN), (Verdict.ON_TRACK, 0.95, True, Level.GREEN),
        (Verdict.BEHIND, 0.949, False, Level.YELLOW), (Verdict.BEHIND, 0.9, False, Level.YELLOW),
        (Verdict.BEHIND, 0.89, False, Level.ORANGE), (Verdict.BEHIND, 0.5, False, Level.ORANGE),
        (Verdict.BEHIND, 0.49, False, Level.RED), (Verdict.BEHIND, 0.94, True, Level.ORANGE),
        (Verdict.BEHIND, 0.8, True, Level.RED), (Verdict.BEHIND, math.nan, False, Level.YELLOW),
        (Verdict.HELD, math.nan, True, Level.GREEN), (Verdict.REVERSED, 1.2, False, Level.RED),
        (Verdict.ACHIEVED_EARLY, 0.2, True, Level.GREEN),
        (Verdict.MISSED, 0.99, False, Level.YELLOW), (Verdict.MISSED, math.nan, False, Level.RED),
        (Verdict.NOT_ASSESSABLE, 0.2, False, Level.GREY),
    ],
)  # fmt: skip
def test_the_plans_light_follows_pace_and_never_contradicts_the_verdict(
    verdict, pace, binding, level
):
    item = indicator(attribute=Attribute.BINDING if binding else Attribute.EXPECTED)
    assert plan_light(verdict, pace, item, PARAMETERS) is level


@pytest.mark.parametrize(
    ("verdict", "pace", "chance", "level"),
    [(Verdict.AHEAD, 1.2, 0.49, Level.YELLOW), (Verdict.AHEAD, 1.2, 0.5, Level.GREEN),
     (Verdict.BEHIND, 0.94, 0.1, Level.ORANGE), (Verdict.BEHIND, 0.3, 0.1, Level.RED),
     (Verdict.BEHIND, 0.94, 0.9, Level.YELLOW), (Verdict.HELD, math.nan, 0.1, Level.YELLOW),
     (Verdict.NOT_ASSESSABLE, 1.2, 0.1, Level.GREY)],
)  # fmt: skip
def test_a_chance_below_one_half_adds_one_level(verdict, pace, chance, level):
    assert plan_light(verdict, pace, indicator(), PARAMETERS, reached=chance) is level


@pytest.mark.parametrize(
    ("cell", "raw", "binding", "level"),
    [("110", "99", False, "黄"), ("110", "99", True, "橙"), ("110", "98", False, "橙"),
     ("110", "54", False, "红"), ("110", "109", False, "黄"), ("110", "110", False, "绿"),
     ("110", "115", True, "绿")],
)  # fmt: skip
def test_the_years_light_is_its_own(cell, raw, binding, level):
    item = indicator(target="[550]", base="—",
                     attribute=Attribute.BINDING if binding else Attribute.EXPECTED)  # fmt: skip
    flows = yearly({2021: "110", 2022: "130", 2023: raw})
    row = judged(item, flows, target(cell))
    assert row["year_level"] == level
    # The plan's own light speaks of the plan's own pace alone.
    assert row["level"] == judged(item, flows)["level"]
    assert judged(item, flows)["year_level"] == "灰"


@given(st.integers(0, 200), st.integers(0, 100))
def test_a_better_year_never_makes_its_light_worse(flow, better):
    order = list(Level)
    lights = [order.index(Level(judged(SUM, yearly({**FLOWS, 2023: str(f)}), target("110"))
                                ["year_level"])) for f in (flow, flow + better)]  # fmt: skip
    assert lights[1] <= lights[0]


# -- the file ----------------------------------------------------------------------------------

HEAD = "plan,indicator,region_code,year,target,unit,published,source\n"


def written(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "annual_targets.csv"
    path.write_text(HEAD + "".join(line + "\n" for line in lines), "utf-8")
    return path


def test_targets_are_read_by_number_or_name_and_other_plans_are_passed_over(tmp_path):
    path = written(
        tmp_path, "gd-hrss-14,1,440000,2023,110以上,万人,2023-01,工作报告",
        "gd-hrss-14,城镇登记失业率,440000,2023,3.5以内,%,2023,工作报告",
        "gd-hrss-13,nonsense,,,,,,",
    )  # fmt: skip
    found = annual_targets.read(path, load_plan("gd-hrss-14"))
    assert [(t.indicator, t.cell.value) for t in found] == [("1", 110), ("3", 3.5)]
    assert annual_targets.read(tmp_path / "none.csv", load_plan("gd-hrss-14")) == ()


def test_every_fault_of_the_file_is_told_at_once_with_its_line(tmp_path):
    good = "gd-hrss-14,1,440000,2023,110,万人,2023-01,工作报告"
    path = written(
        tmp_path, good, good,
        "gd-hrss-14,99,440000,2023,110,万人,2023-01,x",
        "gd-hrss-14,1,440000,2020,多些,人,2023-13,x",
    )  # fmt: skip
    with pytest.raises(ProblemError) as error:
        annual_targets.read(path, load_plan("gd-hrss-14"))
    assert [(p.key, p.where.split(" ")[0]) for p in error.value.problems] == [
        ("duplicate_key", "annual_targets.csv:3"),
        ("unknown_indicator", "annual_targets.csv:4"),
        ("year_outside_plan", "annual_targets.csv:5"),
        ("unknown_unit", "annual_targets.csv:5"),
        ("unreadable_target", "annual_targets.csv:5"),
        ("no_vintage", "annual_targets.csv:5"),
    ]


def test_the_targets_stand_beside_the_folder_of_the_figures(tmp_path):
    folder = tmp_path / "observations"
    folder.mkdir()
    (folder / "a.csv").write_text("x", "utf-8")
    wanted = tmp_path / "annual_targets.csv"
    assert annual_targets.place(folder) == annual_targets.place(folder / "a.csv") == wanted
    assert annual_targets.place().as_posix().endswith("data/raw/annual_targets.csv")


def test_the_simulated_targets_are_marked_in_every_row():
    lines = (ROOT / "examples" / "annual_targets.csv").read_text("utf-8").splitlines()[1:]
    assert lines and all(line.endswith("示例数据，非真实,true") for line in lines)
    assert all(t.simulated for t in annual_targets.read(
        ROOT / "examples" / "annual_targets.csv", load_plan("gd-hrss-14")))  # fmt: skip


# -- the report --------------------------------------------------------------------------------


def section(function: Any, item: Any, rows: pd.DataFrame, *targets: Any, **more: Any) -> Any:
    return function(evaluation(plan(item), rows, kind="annual", targets=targets, **more))


def test_warnings_stand_with_their_reasons():
    shown = section(year_review.warnings, SUM, yearly(FLOWS), target("110"))
    _, raised = shown.tables
    assert raised.rows[0][3:6] == ("绿", "黄", "年度目标完成率90.0%")
    binding = indicator(target="[550]", base="—", attribute=Attribute.BINDING)
    shown = section(year_review.warnings, binding, yearly({**FLOWS, 2023: "90"}))
    assert shown.tables[1].rows[0][3] == "橙" and "从严一级" in shown.tables[1].rows[0][5]
    broken = section(year_review.warnings, indicator(), yearly({2023: "50"}))
    assert broken.tables[1].rows[0][3:6] == ("红", "—", "倒退")
    assert "没有亮起" in section(year_review.warnings, indicator(), yearly({2023: "80"})).text


def test_results_without_targets_say_so_and_compare_with_the_schedule():
    shown = section(year_review.results, SUM, yearly(FLOWS))
    assert "未见2023年的年度目标" in shown.text and shown.tables[0].rows[0][3] == "330"
    shown = section(year_review.results, SUM, yearly(FLOWS), target("110"))
    assert shown.tables[0].rows[0][3:7] == ("110", "99", "90.0%", "未完成")
    nothing = section(year_review.results, SUM, yearly({2019: "1"}))
    assert "没有可与规划时序比较" in nothing.text and not nothing.tables
    part = yearly({2021: "110", 2022: "110"})
    shown = section(year_review.results, SUM, part, target("110"))
    assert shown.tables[0].rows[0][4:7] == ("—", "—", "无全年数")


def test_proposals_end_with_the_plan():
    shown = section(year_review.proposals, SUM, yearly(FLOWS))
    assert shown.tables[0].rows[0][-1] == "当年115"
    shown = section(year_review.proposals, indicator(), yearly({2023: "81"}))
    assert shown.tables[0].rows[0][-1] == "保持80"
    over = section(year_review.proposals, SUM, yearly(FLOWS), year=2025)
    assert "规划期已满" in over.text
    assert "没有可据以推算" in section(year_review.proposals, SUM, yearly({2019: "1"})).text


@pytest.mark.slow
def test_the_annual_report_of_the_simulated_set_shows_what_changed(command, tmp_path):
    def report(year: int, *more: str) -> Path:
        run = command("report", "annual", "--year", str(year), "--observations",
                      str(ROOT / "examples" / "observations"), "--format", "html",
                      "--out", str(tmp_path), *more, cwd=tmp_path)  # fmt: skip
        assert run.returncode == 0, run.stderr
        return Path(run.stdout.strip().splitlines()[-1])

    first = report(2023)
    page = next(first.glob("report*.html")).read_text("utf-8")
    assert page.index("预警</h2>") < page.index("总体评价</h2>")
    for words in ("年度目标完成情况", "与规划时序比较", "下一年度目标建议", "2024年需"):
        assert words in page
    second = report(2024, "--previous", str(first))
    page = next(second.glob("report*.html")).read_text("utf-8")
    assert "预警等级的变化" in page
    inputs = json.loads((second / "run.json").read_text("utf-8"))["inputs"]
    assert "examples/annual_targets.csv" in inputs


def test_levels_that_stayed_and_other_regions_are_told(tmp_path):
    path, rows = tmp_path / "assessment.csv", yearly(FLOWS)
    before = evaluation(plan(SUM), rows, kind="annual", targets=())
    before.assessment.to_csv(path, index=False)
    same = section(year_review.warnings, SUM, rows, previous=str(path))
    assert "预警等级没有变化" in same.text
    other = section(year_review.warnings, SUM, rows, previous=str(path), region="440100")
    assert "不作比较" in other.text


def test_compositions_have_no_path_in_numbers():
    item = indicator(base="10:40:50", target="14:42:44", unit="—", kind=Kind.of("composition"))
    row = judged(item, observed({"year": 2023, "raw": "12:41:47"}))
    assert math.isnan(row["scheduled"]) and math.isnan(row["next_target"])
