"""Scenario and run files: what is right is read, every kind of fault has its line, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from frames import indicator, plan

from gdplan import load_plan
from gdplan.problems import ProblemError
from gdplan.scenarios.files import KINDS, PathSpec, load_run, load_scenarios

PLAN = plan(indicator("1"), indicator("2", aliases=("别名2",)), indicator("3"))
HEAD = "id: one\nname: 甲\nname_en: One\n"
DRIVER = """drivers:
  gdp:
    name: 增速
    unit: "%"
    source: 公报
    values: {"2020": 1, "2021": 2}
    assumed: {"2024": 5, "2025": 5}
"""
SHIPPED = sorted((Path(load_plan("gd-hrss-14").files[0]).parent / "scenarios").glob("*.yml"))


def read(tmp_path: Path, text: str, years=(2023, 2025)):
    file = tmp_path / "one.yml"
    some = "" if "default" in text or "indicators" in text else "default: {kind: trend}\n"
    file.write_text(HEAD + text + some, "utf-8")
    return load_scenarios([file], PLAN, years=years)[0]


def faults(tmp_path: Path, text: str) -> list[tuple[str, int]]:
    """Key and line of every problem."""
    with pytest.raises(ProblemError) as caught:
        read(tmp_path, text)
    return [(p.key, int(p.where.rsplit(":", 1)[1])) for p in caught.value.problems]


def test_paths_are_found_by_number_name_and_alias_and_fall_back_on_the_default(tmp_path):
    made = read(tmp_path, 'default: {kind: trend}\nindicators:\n  "1": {kind: halt}\n'
                          "  别名2: {kind: fixed, value: 3}\n")  # fmt: skip
    assert [made.path(no).kind for no in "123"] == ["halt", "fixed", "trend"]
    assert read(tmp_path, 'indicators:\n  "2": {kind: halt}\n').path("1") is None


def test_correlations_are_kept_by_number(tmp_path):
    made = read(tmp_path, 'correlations:\n  - {between: ["1", 别名2], value: -0.5}\n')
    assert made.pairs == {("1", "2"): -0.5}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_open_to_the_model(kind):
    assert kind in str(PathSpec.model_fields["kind"].annotation)
    assert all(f in PathSpec.model_fields for fields in KINDS[kind] for f in fields)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("default: {kind: trnd}\n", [("wrong_value", 4)]),
        ("default:\n", [("missing_key", 1)]),
        ('indicators:\n  "1": {kind: fixed, value: -3}\n', [("outside_limits", 5)]),
        ("default:\n  kind: rate\n", [("missing_key", 4)]),
        ("default:\n  kind: shock\n  drop: 10\n", [("missing_key", 4)]),
        ("default:\n  kind: trend\n  growth: 3\n", [("needless_key", 6)]),
        ("default:\n  kind: trend\n  grwth: 3\n", [("unknown_key", 6)]),
        ("default:\n  kind: rate\n  growth: 3%\n", [("wrong_value", 6)]),
        ("default:\n  kind: rate\n  growth: -100\n", [("wrong_value", 6)]),
        ("default:\n  kind: best\n  years: 0\n", [("wrong_value", 6)]),
        ("default:\n  kind: trend\n  deviation: -1\n", [("wrong_value", 6)]),
        ("default: {kind: trend}\ndefault: {kind: halt}\n", [("duplicate_key", 5)]),
        ("correlation: 1\n", [("wrong_value", 4)]),
        ("correlation: .nan\n", [("unquoted_scalar", 4)]),
        ('indicators:\n  "9": {kind: trend}\n', [("unknown_indicator", 5)]),
        ('indicators:\n  "1": {kind: trend}\n  指标1: {kind: halt}\n',
         [("duplicate_indicator", 6)]),
        ('correlations:\n  - {between: ["1", "7"], value: 0.2}\n', [("unknown_indicator", 5)]),
        ('correlations:\n  - {between: ["1", "1"], value: 0.2}\n', [("duplicate_pair", 5)]),
        ('correlations:\n  - {between: ["1", "2"], value: 0.2}\n'
         '  - {between: ["2", "1"], value: 0.3}\n', [("duplicate_pair", 6)]),
        ('correlations:\n  - {between: ["1"], value: 0.2}\n', [("wrong_value", 5)]),
        ('correlations:\n  - {between: ["1", "2"], value: 2}\n', [("wrong_value", 5)]),
        ('correlations:\n  - {between: ["1", "2"], value: 0.9}\n'
         '  - {between: ["2", "3"], value: 0.9}\n  - {between: ["1", "3"], value: -0.9}\n',
         [("not_correlations", 4)]),
        ("default: {kind: driver, drivers: [gpd]}\n" + DRIVER,
         [("unknown_driver", 4), ("unused_driver", 6)]),
        ("default: {kind: driver, drivers: [gdp]}\n" + DRIVER.replace("    source: 公报\n", ""),
         [("driver_source", 6)]),
        ("default: {kind: driver, drivers: [gdp]}\n" + DRIVER + "    series: 常住人口\n",
         [("driver_values", 6)]),
        ("default: {kind: driver, drivers: [gdp]}\n" + DRIVER.replace(', "2025": 5', ""),
         [("missing_years", 11)]),
        ("default: {kind: driver, drivers: [gdp]}\n" + DRIVER.replace('"2020"', "上年"),
         [("not_a_year", 10)]),
        ("default: {kind: driver, drivers: [gdp]}\n" + DRIVER.replace('"2020"', '"1020"'),
         [("not_a_year", 10)]),
        ("default: {kind: driver, drivers: [[gdp], {a: 1}]}\n" + DRIVER,
         [("wrong_value", 4), ("wrong_value", 4), ("unused_driver", 6)]),
        ("default: {kind: driver, drivers: [p]}\ndrivers:\n  p: {name: 人口, unit: 万人, "
         'series: 人口数, assumed: {"2024": 1, "2025": 1}}\n', [("unknown_series", 6)]),
        # Of every sort at once: YAML's, the schema's and the plan's.
        ('correlation: .inf\ndefault: {kind: trend}\ndefault: {kind: halt}\nnte: x\nindicators:\n'
         '  "9": {kind: rate, growth: 010}\n', [
             ("unquoted_scalar", 4), ("duplicate_key", 6), ("unquoted_scalar", 9),
             ("unknown_key", 7), ("unknown_indicator", 9)]),
    ],
)  # fmt: skip
def test_each_kind_of_fault_has_its_key_and_line(tmp_path, text, found):
    assert faults(tmp_path, text) == found


def test_all_faults_come_at_once_from_all_files(tmp_path):
    one, other = tmp_path / "one.yml", tmp_path / "other.yml"
    one.write_text(HEAD + 'default: {kind: rate}\nindicators:\n  "9": {kind: trend}\nnte: x\n')
    other.write_text("id: Other\nname: 乙\n", "utf-8")
    with pytest.raises(ProblemError) as caught:
        load_scenarios([one, other], PLAN)
    assert {p.key for p in caught.value.problems} == {
        "unknown_key", "missing_key", "unknown_indicator", "wrong_value", "scenario_name",
    }  # fmt: skip
    assert "最接近的是 note" in str(caught.value) and "name_en" in str(caught.value)


def test_two_scenarios_of_one_name_are_refused(tmp_path):
    for name in ("one", "two"):
        text = HEAD.replace("id: one", f"id: {name}") + "default: {kind: trend}\n"
        (tmp_path / f"{name}.yml").write_text(text, "utf-8")
    with pytest.raises(ProblemError) as caught:
        load_scenarios(sorted(tmp_path.glob("*.yml")), PLAN)
    assert [p.key for p in caught.value.problems] == ["duplicate_scenario"] * 2


def test_what_was_expected_is_said_in_words(tmp_path):
    text = "correlation: 2\ndefault: {kind: rate, growth: 两}\nindicators: [1]\n"
    with pytest.raises(ProblemError) as caught:
        read(tmp_path, text)
    said = {(p.expected, p.found) for p in caught.value.problems}
    assert said == {("小于1", "2"), ("数", '"两"'), ("键: 值", "[1]")}


@pytest.mark.parametrize(
    ("text", "expected", "fix"),
    [("correlation: .inf\n", "", "写一个有限的数"), ("correlation: 1e300\n", "", "写一个有限的数"),
     ("correlation: 0_1\n", "", '写成 "0_1"'), ("default: {kind: trend\n", "键: 值", "核对这一行")],
)  # fmt: skip
def test_what_to_do_is_said_in_words(tmp_path, text, expected, fix):
    with pytest.raises(ProblemError) as caught:
        read(tmp_path, text)
    assert fix in caught.value.problems[0].fix and expected in caught.value.problems[0].expected


def test_the_five_shipped_scenarios_are_sound():
    found = load_scenarios(SHIPPED, load_plan("gd-hrss-14"), years=(2023, 2025))
    assert {s.spec.name for s in found} >= {"基准", "达标", "下行", "加力", "驱动"}
    assert all(s.spec.note and s.spec.note_en.isascii() for s in found)


def test_a_run_file_names_every_fault(tmp_path):
    file = tmp_path / "run.yml"
    file.write_text("id: Run 1\nplan: gd-hrss-14\nyear: 2023\ndraws: 2500\nregion: x\n", "utf-8")
    with pytest.raises(ProblemError) as caught:
        load_run(file)
    found = {(p.key, p.where.rsplit(":", 1)[1]) for p in caught.value.problems}
    assert found == {("wrong_value", "1"), ("wrong_value", "4"), ("unknown_key", "5"),
                     ("missing_key", "1")}  # fmt: skip
    file.write_text("id: run-1\nplan: gd-hrss-14\nyear: 2023\nseed: 3\n", "utf-8")
    assert load_run(file)[0].draws == 10_000
