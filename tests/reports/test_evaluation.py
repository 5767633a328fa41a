"""An evaluation is judged once, holds figures as objects, and every section is a function of it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from frames import PROVINCE, evaluation, indicator, plan, yearly

from gdplan import assess, evaluate, load_plan, read_observations, sections
from gdplan.model import Kind
from gdplan.page import drawing
from gdplan.problems import ProblemError
from gdplan.reports.runs import recorded
from gdplan.reports.sections import charts

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "observations"
YEARS = {"midterm": 2023, "annual": 2023, "final": 2025, "checks": 2023}


@pytest.fixture(scope="module")
def simulated():
    return evaluate("midterm", plan="gd-hrss-14", observations=EXAMPLE)


def test_an_evaluation_holds_what_assess_gives(simulated):
    figures = read_observations(EXAMPLE, simulated.plan)
    frame = assess(simulated.plan, figures, region=PROVINCE, year=2023, kind="midterm")
    pd.testing.assert_frame_equal(simulated.assessment, frame)
    assert not simulated.assessment.attrs and not simulated.observations.attrs
    assert len(simulated.ledger) and simulated.known is simulated.observations


@pytest.mark.parametrize(("kind", "year"), YEARS.items())
def test_region_and_year_are_those_of_the_plan_unless_said(kind, year):
    here = evaluate(kind, plan=load_plan("gd-hrss-14"))
    assert (here.kind, here.region, here.year, here.lang) == (kind, PROVINCE, year, "zh")
    assert here.final == (kind == "final")


@pytest.mark.parametrize(
    ("wrong", "key"),
    [({"kind": "weekly"}, "unknown_kind"), ({"region": "999999"}, "unknown_region"),
     ({"year": 2019}, "year_outside_plan"), ({"plan": "gd-none"}, "unknown_plan"),
     ({"lang": "fr"}, "unknown_language"), ({"as_of": "someday"}, "no_such_date"),
     ({"observations": "nowhere.csv"}, "missing_file")],
)  # fmt: skip
def test_what_the_command_line_refuses_is_refused_at_once(wrong, key):
    asked = {"kind": "midterm", "plan": "gd-hrss-14", **wrong}
    with pytest.raises(ProblemError) as error:
        evaluate(asked.pop("kind"), **asked)
    assert key in [problem.key for problem in error.value.problems]


def test_rows_speak_the_language_and_judgements_do_not():
    item = indicator(name_en="Jobs", department="省统计局")
    here = evaluation(plan(item), yearly({2023: "70"}), lang="en")
    assert (here.judgements[0].name, here.rows[0].name) == ("指标1", "Jobs")
    assert here.rows[0].unit == "10,000 persons" and here.assessment.loc[0, "name"] == "指标1"
    assert evaluation(plan(item), yearly({2023: "70"})).rows[0].name == "指标1"


def test_only_what_was_known_on_the_day_is_known():
    rows = yearly({2022: "65", 2023: "70"})
    here = evaluation(plan(indicator()), rows, as_of="2023-06")
    assert list(here.known["year"]) == [2022] and len(here.observations) == 2
    assert here.judgements[0].data_year == 2022


def test_what_a_section_works_out_is_worked_out_once():
    here, calls = evaluation(plan(indicator()), yearly({2023: "70"})), []

    def work(e):
        calls.append(e)
        return e.year

    assert [here.once(work), here.once(work)] == [2023, 2023] and calls == [here]


def test_an_evaluation_shows_itself_on_one_screen(simulated):
    lines = repr(simulated).splitlines()
    assert len(lines) == 2 + len(simulated.plan.indicators) <= 40
    assert "gd-hrss-14" in lines[0] and "快于预期5项" in lines[1]
    assert all(len(line) < 80 for line in lines)


# -- sections ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", dir(sections))
def test_every_name_is_a_section_of_one_evaluation(name, simulated):
    shown = getattr(sections, name)(simulated)
    assert hasattr(shown, "_repr_html_") or hasattr(shown, "_repr_mimebundle_")
    assert getattr(sections, name).__doc__


def test_an_unknown_section_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_section"):
        _ = sections.no_such_section


def test_the_list_of_sections_imports_nothing_by_itself():
    code = "import sys, gdplan; from gdplan import sections; dir(sections); " \
           "print(*sorted(n for n in sys.modules if n.startswith('gdplan')))"  # fmt: skip
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["gdplan", "gdplan.sections"]


@pytest.mark.parametrize("kind", YEARS)
def test_no_json_is_read_while_sections_are_made(kind, monkeypatch):
    """Figures stay objects from the reading to the export."""
    drawing.font_families()
    charts.panels(evaluation(plan(indicator()), yearly({2023: "70"})))

    def loads(*_, **__):
        raise AssertionError("json.loads was called")

    monkeypatch.setattr(json, "loads", loads)
    here = evaluate(kind, plan="gd-hrss-14", observations=EXAMPLE)
    for name in dir(sections):
        getattr(sections, name)(here)


# -- what a line of assessment.csv says again ---------------------------------------------------


@pytest.mark.parametrize("year", [2022, 2023, 2025])
def test_a_line_of_the_assessment_is_read_back_as_its_judgement(year):
    here = evaluate("final" if year == 2025 else "midterm", plan="gd-hrss-14", year=year,
                    observations=EXAMPLE)  # fmt: skip
    _same(here)


def test_what_is_not_known_is_read_back_as_unknown():
    mix = indicator("2", base="10:40:50", target="14:42:44", unit="—", kind=Kind.of("composition"))
    rows = pd.concat([yearly({2019: "70"}), yearly({2023: "13:41:46"}, indicator="指标2"),
                      yearly({2023: "3"}, bound="at_most", indicator="指标3")])  # fmt: skip
    _same(evaluation(plan(indicator(), mix, indicator("3", target="应保尽保")), rows))


def _same(here):
    text = here.assessment.to_csv(index=False)
    for judged, line in zip(here.judgements, csv.DictReader(io.StringIO(text)), strict=True):
        again = recorded.judgement(line)
        pd.testing.assert_series_equal(pd.Series(again.row()), pd.Series(judged.row()))
        assert type(again.verdict) is type(judged.verdict) and again.reasons == judged.reasons
        assert [f.when for f in again.history] == [f.when for f in judged.history]
