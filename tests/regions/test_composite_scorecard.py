"""Comprehensive assessment end to end: city plans, figures, rules, scores, words."""

from __future__ import annotations

import csv
import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from cityframes import CITIES, placed
from frames import PROVINCE, evaluation, indicator, plan, yearly

from gdplan.files import places
from gdplan.model import Attribute, Kind
from gdplan.problems import ProblemError
from gdplan.regions.composite import section as league_section
from gdplan.regions.composite.rules_file import read_composite
from gdplan.regions.composite.scorecard import MOST, city_plans, scorecard, share
from gdplan.reports.runs.record import input_files

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "allocation"
RULES = """\
plan: test-14
source: 测办〔2022〕1号
weights: {"1": 60, "2": 40}
gate: 80
floor: 0
cap: 1.2
decimals: 1
uncertainty: {weights: 0.2, level: 0.9, draws: 2000, seed: 1}
"""
UP = {"direction": 1, "scheduled": 40.0, "target": 80.0, "target_low": 80.0,
      "target_high": math.inf}  # fmt: skip
DOWN = {**UP, "direction": -1, "target_low": -math.inf, "target_high": 80.0}
BAND = {"direction": 0, "target": 50.0, "target_low": 49.0, "target_high": 51.0}
[ANY] = evaluation(plan(indicator()), yearly({2023: "70"}), targets=()).judgements
ITEMS = (
    indicator("1", target="[100]", base="—", kind=Kind.of("cumulative"), name_en="Sum"),
    indicator("2", attribute=Attribute.BINDING, name_en="Level"),
)


def rules(tmp_path: Path, text: str = RULES) -> Path:
    path = tmp_path / "composite.yml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("row", "value", "expected"),
    [
        (UP, 50.0, 1.25), (UP, 0.0, 0.0), (UP, -4.0, 0.0), (DOWN, 50.0, 0.8), (DOWN, 0.0, MOST),
        ({**UP, "scheduled": 0.0}, 3.0, MOST), ({**UP, "scheduled": 0.0}, 0.0, 1.0),
        (BAND, 49.5, 1.0), (BAND, 46.0, 0.94), (BAND, 200.0, 0.0),
        ({**BAND, "direction": 1}, 52.0, 0.98),
        ({**BAND, "target": 0.0, "target_low": 0.0, "target_high": 0.0}, 1.0, 0.0),
    ],
)  # fmt: skip
def test_a_share_says_how_much_of_what_was_due_is_there(row, value, expected):
    assert share(replace(ANY, **row), value) == pytest.approx(expected)


def test_what_is_not_due_has_no_share():
    assert math.isnan(share(replace(ANY, **UP | {"scheduled": math.nan}), 3.0))
    assert math.isnan(share(replace(ANY, **UP), math.nan))


def paired(values):
    return list(zip(CITIES, values, strict=False))


def card_of(tmp_path, sums, levels, *, without=(), text=RULES):
    """Cities judged on 60 of [100] due by 2023, and on 72 due on the way from 60 to 80."""
    the_plan = plan(*ITEMS)
    spec = read_composite(rules(tmp_path, text), the_plan)
    there = {c: the_plan for c in CITIES[: len(levels)] if c not in without}
    there = {c: replace(p, id=f"test-14-{c}", region=c) for c, p in there.items()}
    flows = {c: dict(zip((2021, 2022, 2023), s, strict=True)) for c, s in paired(sums)}
    frame = pd.concat([
        placed(flows, indicator="指标1"),
        placed({c: {2023: v} for c, v in paired(levels) if v}, indicator="指标2"),
    ])  # fmt: skip
    return the_plan, spec, scorecard(the_plan, there, frame, spec, year=2023)


def test_scores_by_hand(tmp_path):
    # First: 66 of 60 and 72 of 72: 60 * 1.1 + 40; second: 30 of 60 and 75.6 of 72: 30 + 42;
    # third is behind on the binding one, 36 of 72, and would have 60 * 1.2 + 20 = 92.
    _, _, card = card_of(
        tmp_path, [("22", "22", "22"), ("10", "10", "10"), ("40", "40", "40")],
        ["72.0", "75.6", "36.0"],
    )  # fmt: skip
    got = {r["region"]: r for r in card.scores.to_dict("records")}
    assert got[CITIES[0]]["score"] == pytest.approx(106)
    assert got[CITIES[1]]["score"] == pytest.approx(72)
    assert got[CITIES[2]]["score"] == pytest.approx(80) and got[CITIES[2]]["failed"] == "2"
    assert list(card.scores["rank"]) == [1, 2, 3]
    assert list(card.scores["region"]) == [CITIES[0], CITIES[2], CITIES[1]]
    points = card.parts.groupby("region")["points"].sum()
    for region, row in got.items():
        assert points[region] == pytest.approx(row["score"], abs=1e-9)
    assert card.ranks.groupby("region")["probability"].sum().to_numpy() == pytest.approx(1)


def test_a_city_without_a_figure_is_neither_scored_nor_ranked(tmp_path):
    the_plan, spec, card = card_of(tmp_path, [("20", "20", "20"), ("20", "20", "20")], ["72.0", ""])
    last = card.scores.iloc[-1]
    assert (last["region"], last["rank"], last["missing"]) == (CITIES[1], 0, "2")
    words = league_section.section(the_plan, card, spec).text
    assert f"{places.regions()[CITIES[1]]}不计分、不排名：缺指标2的数据" in words
    (_, line) = league_section.lines(card, spec.decimals)
    assert "不计分：缺指标 2" in line


def test_the_section_names_intervals_gates_and_losses(tmp_path):
    the_plan, spec, card = card_of(
        tmp_path, [("22", "22", "22"), ("10", "10", "10"), ("40", "40", "40")],
        ["72.0", "75.6", "36.0"],
    )  # fmt: skip
    made = league_section.section(the_plan, card, spec)
    (table,) = made.tables
    by = {row[1]: row for row in table.rows}
    names = places.regions()
    first, gated, poor = (by[names[CITIES[n]]] for n in (0, 2, 1))
    assert first[0] == "1" and first[2] == "106.0"
    assert gated[4] == "2" and "指标2" in gated[5]
    assert poor[5] == "指标1（30.0分）"
    assert f"未参加考核的{len(CITIES) - 3}个市" in made.text and "最高80分" in made.text
    english = league_section.section(the_plan, card, spec, lang="en")
    assert "Sum (30.0)" in str(english.tables) and "at most 80 points" in english.text


def test_without_a_gate_nothing_is_held_down(tmp_path):
    text = RULES.replace("gate: 80", "gate: none")
    the_plan, spec, card = card_of(tmp_path, [("40", "40", "40")], ["36.0"], text=text)
    assert card.scores.loc[0, "score"] == pytest.approx(92)
    assert "总分最高" not in league_section.section(the_plan, card, spec).text


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("plan: test-14", "plan: other", "other_plan"),
        ('"1": 60', '"9": 60', "unknown_indicator"),
        ('{"1": 60, "2": 40}', '{"1": 0, "2": 0}', "no_weight"),
        ("floor: 0", "floor: 1.3", "wrong_value"),
        ("floor: 0", "floor: 1.1", "wrong_value"),
        ("gate: 80", "gate: nothing", "wrong_value"),
        ('"1": 60', '"3": 60', "not_scored"),
    ],
)
def test_each_fault_of_the_rules_has_its_line(tmp_path, old, new, key):
    whole = indicator(
        "3", kind=Kind.of("composition"), base="10:50:40", target="10:45:45", unit="%"
    )
    with pytest.raises(ProblemError) as caught:
        read_composite(rules(tmp_path, RULES.replace(old, new)), plan(*ITEMS, whole))
    (problem,) = caught.value.problems
    assert problem.key == key and "composite.yml:" in problem.where


def test_all_faults_of_the_rules_are_told_at_once(tmp_path):
    text = RULES.replace("plan: test-14", "plan: other").replace('"1": 60', '"9": 60')
    with pytest.raises(ProblemError) as caught:
        read_composite(rules(tmp_path, text), plan(*ITEMS))
    assert {p.key for p in caught.value.problems} == {"other_plan", "unknown_indicator"}
    with pytest.raises(ProblemError) as caught:
        read_composite(rules(tmp_path, text.replace("cap: 1.2", "cap: 0.5\nrange: 1")),
                       plan(*ITEMS))  # fmt: skip
    assert [p.key for p in caught.value.problems] == [
        "wrong_value", "unknown_key", "other_plan", "unknown_indicator"
    ]  # fmt: skip


def test_a_gate_that_is_neither_points_nor_none_is_one_problem_in_plain_words(tmp_path):
    with pytest.raises(ProblemError) as caught:
        read_composite(rules(tmp_path, RULES.replace("gate: 80", "gate: nothing")), plan(*ITEMS))
    (problem,) = caught.value.problems
    assert (problem.message, problem.expected) == ("gate 的值不对", "数 或 none")


def test_broken_city_plans_are_all_told(tmp_path):
    for code in CITIES[:2]:
        (tmp_path / f"test-14-{code}").mkdir()
    with pytest.raises(ProblemError) as caught:
        city_plans(plan(*ITEMS), tmp_path)
    assert len(caught.value.problems) >= 2


def test_without_city_plans_there_is_no_score(command, tmp_path):
    run = command("score", "--year", "2023", "--rules", str(EXAMPLE / "composite.yml"),
                  "--out", str(tmp_path / "out"))  # fmt: skip
    assert run.returncode == 1 and "[no_city_plans]" in run.stderr
    assert not (tmp_path / "out").exists()


def test_the_command_scores_the_simulated_cities(command, city_plans, tmp_path):
    words = ("score", "--year", "2023", "--rules", str(EXAMPLE / "composite.yml"), "--plans",
             str(city_plans), "--observations", str(ROOT / "examples" / "observations"),
             "--out", str(tmp_path))  # fmt: skip
    run = command(*words)
    assert run.returncode == 0, run.stderr
    folder = Path(run.stdout.splitlines()[-1])
    with (folder / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 21 and {r["simulated"] for r in rows} == {"True"}
    assert "示例数据，非真实" in run.stdout
    assert len(run.stdout.splitlines()) == 21 + 2
    again = command(*words)
    assert again.returncode == 1 and "[run_exists]" in again.stderr
    assert command(*words, "--force").returncode == 0


@pytest.mark.slow
def test_the_provincial_report_has_the_section_where_rules_and_plans_are(
    command, city_plans, tmp_path, monkeypatch
):
    home = tmp_path / "home"
    shutil.copytree(ROOT / "data" / "raw", home / "data" / "raw")
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    plans = home / "data" / "raw" / "plans"
    shutil.copytree(city_plans, plans, dirs_exist_ok=True)
    shutil.copy(EXAMPLE / "composite.yml", plans / "gd-hrss-14")
    monkeypatch.setenv("GDPLAN_HOME", str(home))
    run = command("report", "midterm", "--observations", str(ROOT / "examples" / "observations"),
                  "--format", "html", "--out", str(tmp_path / "out"))  # fmt: skip
    assert run.returncode == 0, run.stderr
    folder = Path(run.stdout.splitlines()[-1])
    (page,) = folder.glob("report*.html")
    assert "综合考核" in page.read_text("utf-8")
    inputs = json.loads((folder / "run.json").read_text("utf-8"))["inputs"]
    assert any(name.endswith("gd-hrss-14/composite.yml") for name in inputs)
    assert any("gd-hrss-14-440100" in name for name in inputs)


def test_other_regions_and_plans_without_rules_have_no_section():
    from gdplan import load_plan, read_observations

    the_plan = load_plan("gd-hrss-14")
    frame = read_observations(None, the_plan)
    for region in (PROVINCE, "440100"):
        assert not league_section.league(evaluation(the_plan, frame, region=region)).blocks
    values = {"plan": "gd-hrss-14", "region": PROVINCE, "year": 2023, "observations": ""}
    files = list(input_files(values, ROOT / "notebooks" / "midterm.ipynb", the_plan.files))
    assert not any(path.name == "composite.yml" for path in files)
    assert any(path.parent.name == "scenarios" for path in files)


def test_the_dictionary_lists_every_column(tmp_path):
    _, _, card = card_of(tmp_path, [("22", "22", "22")], ["72.0"])
    with (ROOT / "docs" / "dictionary" / "scores.csv").open(encoding="utf-8", newline="") as file:
        listed = [(r["table"], r["column"]) for r in csv.DictReader(file)]
    tables = {"scores": card.scores, "parts": card.parts, "ranks": card.ranks}
    assert listed == [(name, column) for name, frame in tables.items() for column in frame]
