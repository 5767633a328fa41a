"""RUNS.yml: what it asks for, and every fault of it at once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from frames import PROVINCE

from gdplan.batch.runs_file import read_runs
from gdplan.files import places
from gdplan.problems import ProblemError

ROOT = Path(__file__).resolve().parents[2]
CITIES = places.cities_of(PROVINCE)


def written(place: Path, text: str) -> Path:
    path = place / "RUNS.yml"
    path.write_text(text, "utf-8")
    return path


def faults(place: Path, text: str) -> list[tuple[str, str]]:
    """Key and line of every problem."""
    with pytest.raises(ProblemError) as caught:
        read_runs(written(place, text))
    return [(p.key, p.where.rpartition(":")[2]) for p in caught.value.problems]


def test_a_plan_alone_gives_the_midterm_of_the_province_and_every_city(tmp_path):
    jobs = read_runs(written(tmp_path, "plan: gd-hrss-14\n"))
    assert [job.values["region"] for job in jobs] == [PROVINCE, *CITIES]
    assert {(job.kind, job.values["year"]) for job in jobs} == {("midterm", 2023)}
    assert jobs[0].run == "midterm-gd-hrss-14-440000-2023"
    assert jobs[0].formats == ("ipynb", "html", "docx", "pdf", "xlsx")


def test_every_kind_year_and_region_is_a_report(tmp_path):
    text = """plan: gd-hrss-14
kinds: [midterm, checks]
years: [2022, 2023]
regions: [cities, "440000"]
formats: [html]
lang: en
as_of: 2024-06-30
"""
    jobs = read_runs(written(tmp_path, text))
    assert len({job.run for job in jobs}) == len(jobs) == 2 * 2 * 22
    assert [job.kind for job in jobs] == ["midterm"] * 44 + ["checks"] * 44
    assert [job.values["year"] for job in jobs[:44]] == [2022] * 22 + [2023] * 22
    assert [job.values["region"] for job in jobs[:22]] == [*CITIES, PROVINCE]
    assert {(job.values["lang"], job.values["as_of"]) for job in jobs} == {("en", "2024-06-30")}


def test_a_block_changes_what_it_says_and_keeps_the_rest(tmp_path):
    text = """plan: gd-hrss-14
formats: [html]
regions: ["440100"]
runs:
  - kinds: [annual]
    years: [2024]
  - plan: gd-hrss-13
    kinds: [final]
    regions: ["440000"]
    formats: [pdf, docx]
"""
    first, second = read_runs(written(tmp_path, text))
    assert (first.run, first.formats) == ("annual-gd-hrss-14-440100-2024", ("html",))
    assert (second.run, second.formats) == ("final-gd-hrss-13-440000-2020", ("pdf", "docx"))
    assert first.where.endswith("RUNS.yml:5") and second.where.endswith("RUNS.yml:7")


def test_a_kind_of_the_office_takes_the_year_of_its_notebook(tmp_path):
    [job] = read_runs(written(tmp_path, "plan: gd-hrss-14\nkinds: [checks]\nregions: ['440100']\n"))
    cells = json.loads((ROOT / "notebooks" / "checks.ipynb").read_text("utf-8"))["cells"]
    [given] = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
    assert f"year: int = {job.values['year']} " in "".join(given["source"])


def test_data_are_looked_for_beside_the_file_and_then_in_the_project(tmp_path):
    shutil.copytree(ROOT / "examples" / "observations", tmp_path / "figures")
    text = "plan: gd-hrss-14\nregions: ['440100']\nobservations: {}\n"
    [beside] = read_runs(written(tmp_path, text.format("figures")))
    assert beside.values["observations"] == str(tmp_path / "figures")
    [project] = read_runs(written(tmp_path, text.format("examples/observations")))
    assert project.values["observations"] == "examples/observations"
    assert beside.run != project.run


def test_every_fault_of_every_block_is_told_at_once_with_its_line(tmp_path):
    text = """plan: gd-hrss-14
years: [2030]
runs:
  - kinds: [midtrm, final]
    lang: fr
    formats: [html, odt]
  - regions: ["440100", "440101"]
    years: [2023]
    as_of: "2023-2-3"
  - plan: gd-hrss-15
    observations: nowhere
  - kinds: []
    years: [2022]
"""
    assert faults(tmp_path, text) == [
        ("unknown_choice", "4"), ("unknown_choice", "6"), ("year_outside", "2"),
        ("unknown_choice", "5"), ("unknown_choice", "7"), ("no_such_date", "9"),
        ("unknown_choice", "10"), ("missing_file", "11"), ("empty_list", "12"),
    ]  # fmt: skip


def test_what_is_said_for_all_is_wrong_once_and_no_block_is_named(tmp_path):
    head = "plan: gd-hrss-14\nlang: fr\nkinds: [scenarios]\n"
    text = head + "runs:\n  - years: [2022]\n  - years: [2023]\n"
    assert faults(tmp_path, text) == [("unknown_choice", "3"), ("unknown_choice", "2")]
    assert faults(tmp_path, "plan: gd-hrss-14\nruns: []\n") == [("empty_list", "2")]


def test_reports_are_held_against_earlier_ones_of_their_region(tmp_path):
    regions = ("440000", "440100")
    for code in regions:
        folder = tmp_path / "last" / f"annual-gd-hrss-14-{code}-2022"
        folder.mkdir(parents=True)
        (folder / "run.json").write_text("{}", "utf-8")
    text = """plan: gd-hrss-14
kinds: [annual]
years: [2023]
regions: ["440000", "440100"]
previous: last/annual-gd-hrss-14-{region}-2022
"""
    jobs = read_runs(written(tmp_path, text))
    places = [str(tmp_path / "last" / f"annual-gd-hrss-14-{code}-2022") for code in regions]
    assert [job.values["previous"] for job in jobs] == places
    assert all("-since" in job.run for job in jobs)
    # A kind that compares nothing, and a region without an earlier report.
    wrong = text.replace("[annual]", "[annual, checks]").replace('"440100"', '"440300"')
    assert faults(tmp_path, wrong) == [("needless_key", "2"), ("missing_file", "5")]


def test_a_misspelled_word_is_told_with_the_closest(tmp_path):
    with pytest.raises(ProblemError, match="最接近的是 midterm") as caught:
        read_runs(written(tmp_path, "plan: gd-hrss-14\nkinds: [midtrm]\n"))
    assert "midtrm" in str(caught.value)
    with pytest.raises(ProblemError, match="最接近的是 kinds"):
        read_runs(written(tmp_path, "plan: gd-hrss-14\nkind: [midterm]\n"))


def test_a_plan_must_be_named(tmp_path):
    assert faults(tmp_path, "kinds: [midterm]\n") == [("missing_key", "1")]


def test_a_year_that_is_not_said_is_one_of_the_plan(tmp_path):
    text = "plan: gd-hrss-13\nkinds: [midterm, annual, checks, final]\nregions: ['440000']\n"
    jobs = read_runs(written(tmp_path, text))
    assert [job.values["year"] for job in jobs] == [2018, 2018, 2018, 2020]


def test_the_same_report_twice_is_a_fault(tmp_path):
    text = """plan: gd-hrss-14
runs:
  - regions: ["440100"]
  - regions: [cities]
"""
    assert faults(tmp_path, text) == [("run_twice", "4")]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("plan: gd-hrss-14\nregions: [440100]\n", "wrong_value"),
        ("plan: gd-hrss-14\nyears: ['2023']\n", "wrong_value"),
        ("plan: gd-hrss-14\nplan: gd-hrss-13\n", "duplicate_key"),
        ("plan: gd-hrss-14\nyears: 2023\n", "wrong_value"),
        ("", "empty_file"),
    ],
)
def test_yaml_is_read_strictly(tmp_path, text, key):
    assert [k for k, _ in faults(tmp_path, text)] == [key]
