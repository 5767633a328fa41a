"""Whoever imports is a user too: the library refuses what the command line refuses."""

from __future__ import annotations

import json
from datetime import date, datetime

import numpy as np
import pandas as pd
import papermill
import pytest
from frames import PROVINCE, indicator, plan, yearly
from ownhome import PLAN, REGION, own_home

import gdplan
from gdplan.files import places
from gdplan.plans.choices import check_choices, check_regions, indicator_of
from gdplan.plans.load import load_plan
from gdplan.problems import ProblemError
from gdplan.regions.allocation import breakdown
from gdplan.regions.composite import scorecard
from gdplan.scenarios import run as scenarios
from gdplan.scenarios.explore_page import page

P, ROWS = plan(indicator()), yearly({2022: "66", 2023: "70"})


def keys(work) -> list[str]:
    with pytest.raises(ProblemError) as caught:
        work()
    return [p.key for p in caught.value.problems]


def assess(**changes):
    return gdplan.assess(P, ROWS, **{"region": PROVINCE, "year": 2023} | changes)


@pytest.mark.parametrize(
    ("choice", "key", "words"),
    [({"region": "广东省"}, "unknown_region", "广东省的代码是 440000"),
     ({"region": "44010"}, "unknown_region", "最接近的是 440100 广州市"),
     ({"region": "999999"}, "unknown_region", "regions.csv"),
     ({"region": ""}, "unknown_region", "空"),
     ({"region": 440100}, "wrong_type", "papermill 用 -r region 440100"),
     ({"region": None}, "wrong_type", "NoneType"), ({"region": ["440000"]}, "wrong_type", "list"),
     ({"year": "2023"}, "wrong_type", "整数"), ({"year": 2023.0}, "wrong_type", "float"),
     ({"year": True}, "wrong_type", "bool"), ({"year": 2026}, "year_outside_plan", "2021—2025"),
     ({"kind": "mid-term"}, "unknown_kind", "最接近的是 midterm"),
     ({"as_of": 2024.5}, "wrong_type", "2024-03"),
     ({"as_of": 20245}, "no_such_date", "YYYY"), ({"as_of": "soon"}, "no_such_date", "YYYY"),
     ({"as_of": ""}, "no_such_date", "YYYY")],
)  # fmt: skip
def test_an_assessment_refuses_what_the_command_line_refuses(choice, key, words):
    with pytest.raises(ProblemError, match=words) as caught:
        assess(**choice)
    assert [p.key for p in caught.value.problems] == [key]


def test_every_fault_of_a_call_is_told_at_once():
    wrong = {"region": "999999", "year": 1999, "kind": "final", "as_of": "soon"}
    assert keys(lambda: assess(**wrong)) == ["unknown_region", "year_outside_plan", "no_such_date"]


@pytest.mark.parametrize(
    "day",
    ["2024", 2024, "2024-12-31", date(2024, 12, 31), datetime(2024, 12, 31, 9),
     pd.Timestamp("2024-12-31")],
)  # fmt: skip
def test_days_of_every_type_mean_the_same(day):
    pd.testing.assert_frame_equal(
        assess(as_of=day).drop(columns="as_of"), assess(as_of="2024").drop(columns="as_of")
    )
    assert len(gdplan.as_of(ROWS, day)) == 2


def test_whole_numbers_of_numpy_are_years():
    assert len(assess(year=np.int64(2023))) == 1


def test_a_region_is_known_from_the_register_the_plan_or_the_figures():
    away = ROWS.assign(region="999999")
    assert len(gdplan.assess(P, away, region="999999", year=2023)) == 1
    own = plan(indicator(), region="998877", region_name="某省")
    assert len(gdplan.assess(own, ROWS, region="998877", year=2023)) == 1


@pytest.mark.parametrize("work", [
    lambda: gdplan.assess("gd-hrss-14", ROWS, region=PROVINCE, year=2023),
    lambda: gdplan.assess(P, "figures.csv", region=PROVINCE, year=2023),
    lambda: gdplan.choose(ROWS, "gd-hrss-14"), lambda: gdplan.choose("figures.csv", P),
    lambda: gdplan.as_of(ROWS, 2024.5), lambda: gdplan.load_plan(14),
    lambda: gdplan.read_observations(None, "gd-hrss-14"),
    lambda: gdplan.read_annual_targets("", "gd-hrss-14"),
    lambda: gdplan.read_statuses(plan="gd-hrss-14"),
    lambda: gdplan.assess_commitments([], ROWS, plan="gd-hrss-14", year=2023),
    lambda: gdplan.assess_commitments([], ROWS, plan=P, year="2023"),
    lambda: gdplan.series(P, ROWS, 1, region=PROVINCE),
    lambda: breakdown.break_down("gd-hrss-14", None, None, ROWS),
    lambda: scorecard.scorecard(P, {}, ROWS, None, year="2023"),
    lambda: check_regions("440000"),
])  # fmt: skip
def test_a_value_of_another_type_is_refused_at_every_entry(work):
    assert keys(work) == ["wrong_type"]


def follow(**changes):
    choices = {"regions": [PROVINCE], "year": 2023, "seed": 1} | changes
    return scenarios.run(P, ROWS, [], **choices)


@pytest.mark.parametrize(("choice", "wrong"), [
    ({"regions": "440000"}, ["wrong_type"]), ({"regions": 440000}, ["wrong_type"]),
    ({"regions": ["440000", "44"]}, ["unknown_region"]), ({"year": 2030}, ["year_outside_plan"]),
    ({"as_of": True}, ["wrong_type"]),
])  # fmt: skip
def test_scenarios_do_not_walk_the_characters_of_a_region(choice, wrong):
    assert keys(lambda: follow(**choice)) == wrong


def test_a_scorecard_and_a_page_refuse_unknown_regions():
    assert keys(lambda: scorecard.scorecard(P, {"449999": P}, ROWS, None, year=2023)) == [
        "unknown_region"
    ]
    shown = page(plan="gd-hrss-14", region="999999", year=2023)
    headline = shown.children[-1].children[-1].children[0].value
    assert "不认识的地区代码" in headline and 'role="alert"' in headline


def test_an_indicator_is_found_by_number_name_and_alias_or_refused_with_the_closest():
    the_plan = load_plan("gd-hrss-14")
    assert {indicator_of(the_plan, word).no for word in ("19", "粤菜师傅培训人次")} == {"19"}
    with pytest.raises(ProblemError, match="最接近的是 城镇新增就业人数"):
        indicator_of(the_plan, "城镇新增就业")


def test_a_plan_of_an_unregistered_region_is_evaluated_in_its_own_region(tmp_path, monkeypatch):
    home = own_home(tmp_path)
    register = home / "data" / "raw" / "regions.csv"
    register.write_text("code,name,parent,level,row,column\n440000,广东省,,province,,\n", "utf-8")
    monkeypatch.setenv("GDPLAN_HOME", str(home))
    check_choices(load_plan(PLAN), region=REGION)
    assert keys(lambda: check_choices(load_plan(PLAN), region="449900")) == ["unknown_region"]


def test_papermill_with_a_region_made_a_number_ends_with_an_error(tmp_path):
    """``papermill -p region 440100`` hands on the number 440100."""
    book = places.notebook("checks")
    with pytest.raises(papermill.PapermillExecutionError, match="papermill 用 -r region 440100"):
        papermill.execute_notebook(str(book), str(tmp_path / "out.ipynb"), cwd=str(tmp_path),
                                   parameters={"region": 440100}, progress_bar=False)  # fmt: skip
    cells = json.loads((tmp_path / "out.ipynb").read_text("utf-8"))["cells"]
    assert not any("assessment+csv" in str(c.get("outputs")) for c in cells)
