"""All that is wrong with what is asked for is told at once, before anything runs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from frames import indicator, plan
from ownhome import PLAN, REGION, own_home

from gdplan.files import places
from gdplan.plans.load import load_plan
from gdplan.plans.rule_table import rule_table
from gdplan.problems import ProblemError
from gdplan.reports.make import report
from gdplan.reports.request import (
    checked_request,
    formats_of,
    notebook_parameters,
    pairs,
    parameters_of,
    together,
    usual_year,
)


def keys(kind, values, formats=("html",)):
    with pytest.raises(ProblemError) as caught:
        checked_request(kind, values, formats)
    return [p.key for p in caught.value.problems]


ALL_WRONG = {"year": 1999, "region": "xx", "as_of": "nonsense", "lang": "fr",
             "observations": "no/such.csv", "previous": "no-such-run", "pln": "x"}  # fmt: skip


def test_every_fault_of_a_request_is_told_at_once():
    assert keys("midterm", ALL_WRONG, ("odt",)) == [
        "unknown_parameter", "unknown_format", "unknown_language", "year_outside_plan",
        "unknown_region", "no_such_date", "missing_file", "missing_file",
    ]  # fmt: skip


def test_an_unknown_kind_hides_no_other_fault():
    wrong = keys("mid", {"plan": "gd-hrss-14", "year": 1999, "region": "xx"}, ("odt",))
    assert wrong == ["unknown_report", "unknown_format", "year_outside_plan", "unknown_region"]


def test_an_unknown_plan_hides_no_other_fault():
    assert keys("midterm", {"plan": "gd-hrs-14", "region": "xx"}) == [
        "unknown_plan", "unknown_region",
    ]  # fmt: skip


def test_a_wrong_type_is_told_once_and_not_looked_at():
    assert keys("midterm", {"year": "1999", "region": 1, "plan": 14}) == ["wrong_type"] * 3


def test_a_report_needs_a_format(tmp_path):
    assert keys("midterm", {}, ()) == ["no_format"]
    with pytest.raises(ProblemError, match="没有给出输出格式"):
        report("midterm", formats=(), out=tmp_path)
    assert not any(tmp_path.iterdir())


def test_a_final_report_is_of_the_target_year():
    assert keys("final", {"plan": "gd-hrss-14", "year": 2023}) == ["final_year"]


def test_a_sound_request_gives_notebook_parameters_and_plan():
    notebook, values, the_plan = checked_request("midterm", {"as_of": "2024-03"}, ("html",))
    assert (notebook.name, the_plan.id) == ("midterm.ipynb", values["plan"])
    assert values["as_of"] == "2024-03" and values["region"] == the_plan.region


@pytest.mark.parametrize(
    ("text", "formats"),
    [("html,pdf", ("html", "pdf")), (" html , pdf,", ("html", "pdf")), ("", ()), (" , ,", ())],
)
def test_formats_are_named_by_commas(text, formats):
    assert formats_of(text) == formats


def test_every_text_that_is_no_pair_is_told():
    with pytest.raises(ProblemError) as caught:
        pairs(["a", "b=1", "c"])
    assert [p.found for p in caught.value.problems] == ["a", "c"]


@pytest.mark.parametrize(
    ("year", "kind", "wrong"),
    [
        (2020, None, ["year_outside_plan"]), (2026, "final", ["year_outside_plan"]),
        (2019, "interim", ["year_outside_plan", "unknown_kind"]), (2024, "final", ["final_year"]),
    ],
)  # fmt: skip
def test_faults_of_year_and_kind_are_told_together(year, kind, wrong):
    with pytest.raises(ProblemError) as caught:
        rule_table(plan(indicator()), year, kind)
    assert [p.key for p in caught.value.problems] == wrong


@pytest.mark.parametrize(
    ("year", "kind", "table"),
    [(2021, None, "midterm"), (2025, None, "final"), (2025, "annual", "final"),
     (2024, "annual", "midterm"), (2025, "final", "final"), (2023, "midterm", "midterm")],
)  # fmt: skip
def test_the_end_has_rules_of_its_own(year, kind, table):
    assert rule_table(plan(indicator()), year, kind) == table


def test_the_command_lists_all_faults_of_its_flags(command, tmp_path):
    run = command(
        "report", "midterm", "--year", "1999", "--region", "xx", "--as-of", "nonsense",
        "--lang", "fr", "--format", ",", "--previous", "nix", "-p", "bla", "-p", "year=2023",
        "-p", "yer=1", cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 1 and "发现 9 个问题" in run.stderr
    told = ("unknown_run", "not_a_pair", "given_twice", "no_format", "unknown_parameter",
            "unknown_language", "year_outside_plan", "unknown_region", "no_such_date")  # fmt: skip
    for key in told:
        assert run.stderr.count(f"[{key}]") == 1, key
    assert not (tmp_path / "reports").exists()


def test_a_batch_without_a_format_is_refused(command, tmp_path):
    (tmp_path / "runs.yml").write_text("plan: gd-hrss-14\n", "utf-8")
    run = command("batch", "runs.yml", "--format", ",", cwd=tmp_path)
    assert run.returncode == 1 and "[no_format]" in run.stderr


def notebook(folder, source, name="own"):
    cell = {"cell_type": "code", "id": "p", "metadata": {"tags": ["parameters"]}, "source": source,
            "outputs": [], "execution_count": None}  # fmt: skip
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4,
                                "nbformat_minor": 5}), "utf-8")  # fmt: skip
    return path


IDIOM = """plan: str = "gd-hrss-14"  # which plan
year: int = 2023  # help
share: float = 1
flag = True
rows: list[str] = ["a"]
note: str = None
free = None
"""


def test_papermills_idiom_gives_types_and_defaults(tmp_path):
    known = parameters_of(notebook(tmp_path, IDIOM))
    assert {n: p.type for n, p in known.items()} == {
        "plan": str, "year": int, "share": float, "flag": bool, "rows": list, "note": str,
        "free": None,
    }  # fmt: skip
    assert notebook_parameters(notebook(tmp_path, IDIOM))["year"] == 2023


@pytest.mark.parametrize(
    "source",
    ["year: int = '2023'", "year: int", "year = other", "import os", "a = b = (", "x.y = 1"],
)  # fmt: skip
def test_a_cell_that_says_something_else_is_refused(tmp_path, source):
    with pytest.raises(ProblemError, match="parameters 单元只能有") as caught:
        parameters_of(notebook(tmp_path, source))
    assert [p.key for p in caught.value.problems] == ["parameters_cell"]


def test_the_cells_own_default_decides_the_type_of_a_value(tmp_path):
    known = parameters_of(notebook(tmp_path, IDIOM))
    texts = ["plan=440000", "year=2024", "share=2", "flag=false", "rows=[b, c]", "note=2024",
             "free=3", "other=5"]  # fmt: skip
    assert pairs(texts, known) == {
        "plan": "440000", "year": 2024, "share": 2, "flag": False, "rows": ["b", "c"],
        "note": "2024", "free": 3, "other": "5",
    }  # fmt: skip
    # What fits no type stays a text, which is refused as such.
    assert pairs(["year=010", "flag=1", "rows=[b", "share=x"], known) == {
        "year": "010", "flag": "1", "rows": "[b", "share": "x"
    }  # fmt: skip


def test_codes_and_years_are_texts_where_the_notebook_says_so():
    problems = []
    values = together(problems, "midterm", {}, ["region=440100", "as_of=2024", "year=2022"])
    assert not problems and values == {
        "plan": "gd-hrss-14", "region": "440100", "as_of": "2024", "year": 2022
    }  # fmt: skip
    checked_request("midterm", values, ("html",))
    assert keys("midterm", together([], "midterm", {}, ["year=soon"])) == ["wrong_type"]


@pytest.mark.parametrize("kind", ["midterm", "annual", "final", "checks", "scenarios"])
def test_every_shipped_parameter_explains_itself(kind):
    path = places.notebooks_folder() / f"{kind}.ipynb"
    run = subprocess.run([sys.executable, "-m", "papermill", "--help-notebook", str(path)],
                         capture_output=True, text=True, check=True)  # fmt: skip
    parameters = parameters_of(path)
    assert all(p.type is not None for p in parameters.values())
    for name, each in parameters.items():
        assert f"  {name}: {each.type.__name__} (default " in run.stdout
    assert run.stdout.count("; ") == len(parameters)


# -- what is not said follows from the plan ---------------------------------------------------


@pytest.fixture
def home(tmp_path, monkeypatch):
    figures = "".join(
        f"{REGION},湖南省,城镇登记失业率,{y},year_end,4.{y - 2015},%,{y + 1}-02-01,公报,direct\n"
        for y in range(2016, 2020)
    )
    place = own_home(tmp_path / "home", figures=figures)
    monkeypatch.setenv("GDPLAN_HOME", str(place))
    return place


@pytest.mark.parametrize(("kind", "year"), [("midterm", 2018), ("annual", 2018), ("final", 2020),
                                            ("checks", 2018)])  # fmt: skip
def test_every_kind_of_report_takes_the_plans_own_region_and_a_year_of_it(home, kind, year):
    _, values, the_plan = checked_request(kind, {"plan": PLAN}, ("html",))
    assert (the_plan.id, values["region"], values["year"]) == (PLAN, REGION, year)
    _, values, _ = checked_request(
        kind, {"plan": PLAN, "region": "440000", "year": 2020}, ("html",)
    )
    assert (values["region"], values["year"]) == ("440000", 2020)


def test_a_notebook_of_ones_own_keeps_its_defaults_for_its_own_plan(home, command, tmp_path):
    books = home / "notebooks"
    books.mkdir()
    book = notebook(books, f'plan = "{PLAN}"\nregion = "440000"\nyear = 2017\n')
    _, values, the_plan = checked_request("own", {}, ("html",))
    assert (values["region"], values["year"]) == ("440000", 2017)
    assert usual_year(book, the_plan) == 2017
    notebook(books, 'plan = "other"\nregion = "440000"\nyear = 2023\n')
    _, values, _ = checked_request("own", {"plan": PLAN}, ("html",))
    assert (values["region"], values["year"]) == (REGION, 2018)
    notebook(books, 'plan = "other"\n')
    assert checked_request("own", {"plan": PLAN}, ("html",))[1] == {"plan": PLAN}


def test_the_command_evaluates_the_plans_own_region(home, command, tmp_path):
    run = command("report", "annual", "--plan", PLAN, "--format", "html", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith(f"annual-{PLAN}-{REGION}-2018\n")
    assert "region=430000" in run.stderr and "year=2018" in run.stderr


def test_forms_warnings_histories_and_batches_know_the_plans_own_region(home, command, tmp_path):
    run = command("template", "--plan", PLAN, "--year", "2020", cwd=tmp_path)
    assert run.stdout == f"forms/form-{PLAN}-{REGION}-2020.xlsx\n", run.stderr
    run = command("check", "--plan", PLAN, "--warn", cwd=tmp_path)
    assert "湖南省2019年：" in run.stdout, run.stderr
    run = command("vintages", "3", "--plan", PLAN, "--year", "2018", cwd=tmp_path)
    assert "城镇登记失业率（%），湖南省" in run.stdout, run.stderr
    (tmp_path / "runs.yml").write_text(f"plan: {PLAN}\nkinds: [annual, checks]\n", "utf-8")
    run = command("batch", "runs.yml", "--format", "html", "--jobs", "1", cwd=tmp_path)
    assert run.returncode == 0 and f"annual-{PLAN}-{REGION}-2018" in run.stdout, run.stderr
    assert load_plan(PLAN).region == REGION


def test_the_page_of_sliders_opens_with_the_plans_own_region(home):
    from gdplan.scenarios.explore_server import Address, PageSpec, checked

    values = checked(PageSpec({"plan": PLAN}, Address(token="x" * 16)))
    assert (values["region"], values["year"]) == (REGION, 2018)
