"""Figures whose period cannot answer for their indicator are not used, and say so."""

from __future__ import annotations

import pandas as pd
import pytest
from frames import PROVINCE, evaluation, indicator, observed, plan, yearly

from gdplan.assessment.assess import assess
from gdplan.forms.write import wanted
from gdplan.model import Kind
from gdplan.observations import choice
from gdplan.observations.checks import run as checks
from gdplan.observations.choice import LEVEL_IN_SUM, OTHER_WINDOW, TOTAL_OF_YEARS, choose
from gdplan.problems import Severity
from gdplan.reports.sections import annex

SUM = indicator(target="[80]", base="—", aliases=("别名",))
LEVEL = indicator()


def judged(item, rows, year=2023):
    return assess(plan(item), rows, region=PROVINCE, year=year).iloc[0]


def rules(item, *rows):
    return choose(observed(*({"raw": "12", **row} for row in rows)), plan(item))["rule"].tolist()


@pytest.mark.parametrize(
    ("item", "row", "rule"),
    [
        (SUM, {"year": 2023, "period": "year_end"}, LEVEL_IN_SUM),
        (SUM, {"year": 2023, "period": "year_end", "indicator": "别名"}, LEVEL_IN_SUM),
        (SUM, {"year": 2023, "period": "cumulative", "start": 2016.0}, OTHER_WINDOW),
        (SUM, {"year": 2023, "period": "cumulative", "start": 2021.0}, ""),
        (SUM, {"year": 2023, "period": "cumulative"}, "累计起始年不明，无法采用"),
        (SUM, {"year": 2023}, ""),
        (LEVEL, {"year": 2023, "period": "cumulative", "start": 2021.0}, TOTAL_OF_YEARS),
        (LEVEL, {"year": 2023, "period": "year_end"}, ""),
        (SUM, {"year": 2023, "period": "year_end", "indicator": "别的数"}, ""),
    ],
)
def test_the_period_of_a_figure_has_to_fit_the_kind_of_its_indicator(item, row, rule):
    assert rules(item, row) == [rule]


def test_without_a_plan_no_figure_is_unfit():
    rows = observed({"year": 2023, "raw": "12", "period": "year_end"})
    assert choose(rows)["used"].tolist() == [True]
    assert choice.unfit(rows, None).tolist() == [""]


def test_a_level_does_not_displace_the_flow_of_the_year():
    flows = {"year": 2023, "raw": "15", "published": "2024-01-20"}
    level = {"year": 2023, "raw": "600", "period": "year_end", "published": "2024-06-01"}
    rows = observed({"year": 2021, "raw": "14"}, {"year": 2022, "raw": "16"}, flows, level)
    row = judged(SUM, rows)
    assert row["value"] == 45 and row["missing_years"] == ""
    assert row["reason"].split(";")[0] == "unfit_period"


def test_a_sum_of_which_only_levels_are_known_says_what_was_not_used():
    row = judged(SUM, yearly({2021: "14", 2022: "30", 2023: "45"}, period="year_end"))
    assert row["verdict"] == "无法评估" and row["reason"] == "no_data;unfit_period"


def test_a_total_since_another_year_is_listed_but_no_reason():
    rows = observed(
        {"year": 2021, "raw": "14"},
        {"year": 2021, "raw": "99", "period": "cumulative", "start": 2012.0},
    )
    assert "unfit" not in judged(SUM, rows, 2021)["reason"]
    [table] = annex.unused(evaluation(plan(SUM), rows, year=2021)).tables
    assert [row[-1] for row in table.rows] == [OTHER_WINDOW]


def test_unfit_figures_after_the_year_or_before_the_plan_are_no_reason():
    rows = observed(
        {"year": 2021, "raw": "14"},
        {"year": 2020, "raw": "99", "period": "year_end"},
        {"year": 2022, "raw": "99", "period": "year_end"},
    )
    assert "unfit" not in judged(SUM, rows, 2021)["reason"]


def test_the_check_names_the_figure_its_cell_and_why():
    rows = pd.concat([yearly({2021: "14"}), yearly({2023: "600"}, period="year_end")])
    [finding] = [f for f in checks.run(rows, plan(SUM)) if f.id == "unfit_period"]
    assert finding.severity is Severity.SOFT and finding.cells == ("test.csv!F2",)
    assert "2023年指标1600万人" in finding.sentence and LEVEL_IN_SUM in finding.sentence
    assert not [f for f in checks.run(rows, plan(LEVEL)) if f.id == "unfit_period"]


def test_a_form_asks_for_the_flow_that_only_a_level_stands_for():
    rows = yearly({2021: "14", 2022: "600"}, period="annual")
    rows.loc[rows["year"] == 2022, "period"] = "year_end"
    p = plan(SUM)
    chosen = choose(rows, p)
    asked = wanted(p, chosen[chosen["used"]], year=2023, region=PROVINCE)
    assert [(w.year, w.period.value) for w in asked] == [(2022, "annual"), (2023, "annual")]


def test_growth_takes_no_totals_either():
    item = indicator(kind=Kind.of("rate"), unit="%", base="—", target="6")
    assert rules(item, {"year": 2023, "period": "cumulative", "start": 2021.0}) == [TOTAL_OF_YEARS]
