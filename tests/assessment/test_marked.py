"""What is marked as used is what a report of the plan uses; a series has the same figures."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pandas as pd
import pytest
from frames import PROVINCE, indicator, observed, plan, yearly

from gdplan import assess, load_plan, read_observations, series
from gdplan.assessment import marked as marking
from gdplan.files import places
from gdplan.model import Kind
from gdplan.notation import parse_target
from gdplan.observations import calibers, vintages
from gdplan.problems import ProblemError

SUM = indicator(target="[100]", base="[60]", kind=Kind.of("cumulative"))


def places_of(table: pd.DataFrame) -> set[str]:
    return {f"{r['file']}!{r['cell']}" for r in table.to_dict("records")}


def inputs_of(assessment: pd.DataFrame) -> set[str]:
    return {f"{f['file']}!{f['cell']}" for cell in (*assessment["inputs"], *assessment["history"])
            for f in json.loads(cell)}  # fmt: skip


@pytest.mark.parametrize(("name", "year"), [("gd-hrss-14", 2023), ("gd-hrss-13", 2020)])
@pytest.mark.parametrize("data", [None, "examples/observations"])
def test_every_figure_that_a_report_uses_is_marked_as_used(name, year, data):
    the_plan = load_plan(name)
    figures = read_observations(data, the_plan)
    rows = marking.marked(the_plan, figures, region=PROVINCE, year=year).rows
    judged = assess(the_plan, figures, region=PROVINCE, year=year)
    assert inputs_of(judged) and inputs_of(judged) <= places_of(rows[rows["used"]])


def test_a_figure_whose_period_is_unfit_is_not_marked_as_used():
    """Without the plan the level of the end of the year would stand where the flow does."""
    rows = observed(
        {"year": 2022, "raw": "20"}, {"year": 2022, "raw": "71", "period": "year_end"},
        {"year": 2023, "raw": "90", "period": "year_end", "published": "2024-05-01"},
        {"year": 2023, "raw": "22", "published": "2024-02-01"},
    )  # fmt: skip
    history = vintages.history(marking.marked(plan(SUM), rows, region=PROVINCE).rows, "指标1",
                               region=PROVINCE)  # fmt: skip
    assert {(r["year"], r["raw"]) for r in history if r["used"]} == {(2022, "20"), (2023, "22")}
    assert {r["rule"] for r in history if r["period"] == "year_end"} == {
        "年末数是存量，累计指标只加各年发生数"
    }  # fmt: skip


def test_the_results_of_the_plans_own_table_compete_as_they_do_in_a_report():
    item = replace(indicator(), result=parse_target("81", unit="万人"))
    rows = yearly({2025: "79"}, published="2021-05-01")
    marks = marking.marked(plan(item), rows, region=PROVINCE).rows
    assert marks.set_index("raw")["used"].to_dict() == {"79": False, "81": True}
    [row] = assess(plan(item), rows, region=PROVINCE, year=2025).to_dict("records")
    assert row["value"] == 81.0


def test_figures_that_are_not_comparable_are_marked_with_the_caliber(monkeypatch):
    each = calibers.Break(indicator="指标1", year=2023, reason="统计口径调整", source="统计公报",
                          published="2024-01-01", comparable=False)  # fmt: skip
    monkeypatch.setattr(calibers, "read", lambda _: (each,))
    rows = yearly({2022: "66", 2023: "90"})
    marks = marking.marked(plan(indicator()), rows, region=PROVINCE).rows
    assert marks.set_index("year")["used"].to_dict() == {2022: True, 2023: False}
    assert marks["rule"].iloc[1] == marking.OTHER_CALIBER
    frame = series(plan(indicator()), rows, "1", region=PROVINCE)
    assert list(frame.index) == [2020, 2021, 2022]


def test_the_command_marks_what_a_report_of_its_plan_uses(command, tmp_path):
    run = command("vintages", "1", "--plan", "gd-hrss-13", "--year", "2020", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    used = [line for line in run.stdout.splitlines() if line.endswith("；采用")]
    judged = assess(load_plan("gd-hrss-13"), read_observations(), region=PROVINCE, year=2020)
    raw = judged.set_index("indicator").loc["1", "value_raw"]
    assert any(f" {raw}（" in line for line in used), run.stdout
    run = command("vintages", "1", "--region", "999999", cwd=tmp_path)
    assert run.returncode == 1 and "[unknown_region]" in run.stderr


# -- series ------------------------------------------------------------------------------------


def test_a_series_has_every_year_once_with_its_interval_and_gaps_as_unknown():
    rows = pd.concat([
        yearly({2018: "55", 2021: "62", 2023: "70"}, period="year_end"),
        observed({"year": 2023, "raw": "68", "period": "ytd", "month": 6.0},
                 {"year": 2024, "raw": "75", "bound": "at_least"}),
    ], ignore_index=True)  # fmt: skip
    frame = series(plan(indicator()), rows, "指标1", region=PROVINCE)
    assert list(frame.columns) == ["value", "low", "high"] and frame.index.name == "year"
    assert list(frame.index) == list(range(2018, 2025))
    assert list(frame["value"].dropna()) == [55.0, 60.0, 62.0, 70.0, 75.0]
    assert tuple(frame.loc[2021]) == (62.0, 61.5, 62.5) and math.isinf(frame.loc[2024, "high"])
    assert list(series(plan(indicator()), rows, "1", region=PROVINCE, year=2021).index) == [
        2018, 2019, 2020, 2021
    ]  # fmt: skip


def test_the_base_stands_in_the_plans_own_region_only_and_only_beside_figures():
    rows = yearly({2022: "66"})
    assert 2020 in series(plan(indicator()), rows, "1", region=PROVINCE).index
    away = rows.assign(region="440100")
    assert list(series(plan(indicator()), away, "1", region="440100").index) == [2022]
    assert series(plan(indicator()), away, "1", region=PROVINCE).empty


def test_a_series_is_as_known_on_a_day():
    rows = yearly({2022: "66", 2023: "70"})
    assert list(series(plan(SUM), rows, "1", region=PROVINCE, as_of="2023-12").index) == [2022]


@pytest.mark.parametrize(("label", "choice", "key"), [
    ("7", {}, "unknown_indicator"), ("1", {"region": "1"}, "unknown_region"),
    ("1", {"year": 2031}, "year_outside_plan"), ("1", {"as_of": "soon"}, "no_such_date"),
])  # fmt: skip
def test_a_series_of_what_is_not_there_is_refused(label, choice, key):
    with pytest.raises(ProblemError) as caught:
        series(plan(indicator()), yearly({2022: "66"}), label, **{"region": PROVINCE} | choice)
    assert [p.key for p in caught.value.problems] == [key]


def test_the_series_are_those_of_the_assessment():
    the_plan = load_plan("gd-hrss-14")
    figures = read_observations(places.home() / "examples" / "observations", the_plan)
    judged = assess(the_plan, figures, region=PROVINCE, year=2023).to_dict("records")
    for row in judged:
        whole = [f for f in json.loads(row["history"]) if f["period"] in ("annual", "year_end")]
        frame = series(the_plan, figures, row["indicator"], region=PROVINCE, year=2023)
        assert {f["year"]: f["value"] for f in whole if f["value"] is not None} == {
            y: v for y, v in frame["value"].dropna().items() if y > the_plan.base_year
        }, row["name"]
