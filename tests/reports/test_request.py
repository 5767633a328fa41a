"""All that is wrong with what is asked for is told at once, before anything runs."""

from __future__ import annotations

import pytest
from frames import indicator, plan

from gdplan.plans.rule_table import rule_table
from gdplan.problems import ProblemError
from gdplan.reports.make import report
from gdplan.reports.request import checked_request, formats_of, pairs


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
    [(2021, None, "midterm"), (2025, None, "final"), (2025, "annual", "midterm"),
     (2025, "final", "final"), (2023, "midterm", "midterm")],
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
