"""What a plan's own result column says: of which years, and where it is asked about."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from frames import PROVINCE, indicator, observed, plan
from ownhome import PLAN, REGION, own_home

from gdplan.assessment.assess import assess
from gdplan.model import Kind
from gdplan.notation import parse_target
from gdplan.observations.checks import run as checks
from gdplan.observations.read import read_observations
from gdplan.plans.load import load_plan

FIGURES = f"{REGION},湖南省,城镇登记失业率,2020,year_end,2.74,%,2021-02-01,统计公报,direct\n"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A maker of homes with given results; the last one made is the one in use."""

    def made(**results):
        place = own_home(tmp_path / f"home{len(list(tmp_path.iterdir()))}",
                         figures=FIGURES, **results)  # fmt: skip
        monkeypatch.setenv("GDPLAN_HOME", str(place))
        return place

    return made


def verdicts(**options) -> dict[str, tuple[str, float]]:
    the_plan = load_plan(PLAN)
    table = assess(the_plan, read_observations(None, the_plan), region=REGION, year=2020, **options)
    return {r["indicator"]: (r["verdict"], round(r["value"], 9)) for r in table.to_dict("records")}


@pytest.mark.parametrize(
    ("jobs", "energy"), [("382.5", "-18.6"), ("[382.5]", "[-18.6]"), ("382.5万人", "-18.6%")]
)
def test_a_result_beside_a_total_is_the_total_with_brackets_or_without(home, jobs, energy):
    home(jobs=jobs, energy=energy)
    assert verdicts() == {"1": ("超额完成", 382.5), "2": ("超额完成", -18.6), "3": ("完成", 2.7)}


def test_the_final_report_of_such_a_plan_gives_verdicts(home, command, tmp_path):
    home()
    run = command("report", "final", "--plan", PLAN, "--format", "html,xlsx", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "超额完成2项、完成1项" in run.stdout and "无法评估" not in run.stdout


def test_growth_of_all_years_is_printed_as_that_and_an_average_is_made_of_it(home):
    home()
    the_plan = load_plan(PLAN)
    table = assess(the_plan, read_observations(None, the_plan), region=REGION, year=2020)
    row = table.set_index("indicator").loc["2"]
    assert row["progress"] == pytest.approx(math.log(0.814) / math.log(0.83))
    assert row["achieved"] == pytest.approx(100 * (0.814 ** (1 / 5) - 1))


@pytest.mark.parametrize(("jobs", "energy", "asked"), [
    ("117", "-5.7", set()), ("116.5", "-5.7", {"1"}), ("382.5", "-5.6", {"2"}),
    ("80", "3", {"1", "2"}), ("[80]", "[-3]", set()), ("—", "—", set()),
])  # fmt: skip
def test_a_total_below_a_third_of_its_target_is_asked_about(home, jobs, energy, asked):
    home(jobs=jobs, energy=energy)
    the_plan = load_plan(PLAN)
    found = checks.run(read_observations(None, the_plan), the_plan)
    questions = [f for f in found if f.id == "unfit_period"]
    assert {the_plan.indicator(f.indicator).no for f in questions} == asked
    assert all("没有方括号" in f.sentence and f.cells[0].startswith(f"{PLAN}/plan.txt:")
               for f in questions)  # fmt: skip


def test_brackets_around_a_level_and_its_target_leave_it_a_level():
    item = indicator(target="[80]", base="[60]", kind=Kind.of("level"))
    item = replace(item, result=parse_target("[81]", unit="万人"))
    other = observed({"indicator": "别的", "year": 2025, "raw": "1"})
    [row] = assess(plan(item), other, region=PROVINCE, year=2025).to_dict("records")
    assert (row["verdict"], row["value"]) == ("完成", 81.0)


def test_a_published_growth_of_all_years_is_carried_on_by_yearly_growth():
    item = indicator(
        name="能耗", unit="%", base="—", target="[-17]", kind=Kind.of("rate"), direction=-1
    )
    rows = observed(
        {"indicator": "能耗", "unit": "%", "year": 2023, "raw": "-10", "period": "cumulative",
         "start": 2021.0},
        {"indicator": "能耗", "unit": "%", "year": 2024, "raw": "-5"},
        {"indicator": "能耗", "unit": "%", "year": 2023, "raw": "-4", "period": "cumulative",
         "start": 2022.0},
    )  # fmt: skip
    [row] = assess(plan(item), rows, region=PROVINCE, year=2024).to_dict("records")
    assert row["value"] == pytest.approx(100 * (0.9 * 0.95 - 1))
    assert row["achieved"] == pytest.approx(100 * ((0.9 * 0.95) ** 0.25 - 1))
