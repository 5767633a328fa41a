"""The section 达标前景 and the alarm for schedulers say what the assessment says."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from frames import PROVINCE, evaluation, indicator, observed, plan, yearly

from gdplan.model import Attribute
from gdplan.page.language import language
from gdplan.reports.sections import alarm, chances

ROOT = Path(__file__).resolve().parents[2]
LEVELS = {2017: "52", 2018: "55", 2019: "56", 2021: "64", 2022: "66", 2023: "71"}
FALLING = {2019: "66", 2021: "76", 2022: "70", 2023: "62"}


def evaluated(items, rows, **options):
    return evaluation(plan(*items), rows, targets=(), **options)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_prints_the_rows_and_names_the_poor_ones(lang):
    items = (indicator(name_en="First"), indicator("2", name_en="Second"),
             indicator("3", name_en="Third"))  # fmt: skip
    rows = pd.concat([yearly(LEVELS), yearly(FALLING, indicator="指标2"),
                      yearly({2023: "70"}, indicator="指标3")])  # fmt: skip
    here = evaluated(items, rows, lang=lang)
    section = chances.chances(here)
    (table,) = section.tables
    assert table.keys == ("1", "2")
    first, second = table.rows
    assert first[5] == f"{here.judgements[0].outlook:.1f}"
    assert first[8].startswith("7") and second[8].startswith("5")
    assert here.judgements[1].reach < 0.5
    assert ("指标2" if lang == "zh" else "Second") in section.text
    assert ("指标3" if lang == "zh" else "Third") in section.text


def test_without_any_chance_the_section_says_so():
    section = chances.chances(evaluated((indicator(),), yearly({2023: "70"})))
    assert section.tables == () and "都不足以给出达标概率" in section.text


def test_many_without_a_chance_are_counted():
    items = tuple(indicator(str(n)) for n in range(1, 13))
    text = chances.chances(evaluated(items, yearly({2023: "70"}))).text
    assert "（11项）" in text and "指标7" not in text


def test_in_the_last_year_nothing_is_left_to_project():
    last = evaluated((indicator(),), yearly({**LEVELS, 2025: "80"}), year=2025)
    assert not chances.chances(last).blocks


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(0.4, 0.51, "40—51%"), (0.003, 0.2, "<1%—20%"), (0.123, 0.124, "12%"), (0.999, 1, ">99%")],
)
def test_a_chance_is_printed_without_certainty(low, high, text):
    [one] = evaluated((indicator(),), yearly({2023: "70"})).rows
    row = replace(one, reach_low=low, reach_high=high)
    assert chances.chance(row, language("zh")) == text


def test_an_alarm_rings_for_binding_indicators_only():
    rows = pd.concat([yearly(FALLING), yearly(FALLING, indicator="指标2")])
    items = (indicator(), indicator("2", attribute=Attribute.BINDING))
    both = alarm.alarm(plan(*items), rows, region=PROVINCE, year=2023, targets=())
    assert both.binding and "红灯、橙灯2项，其中约束性指标1项" in both.lines[0]
    alone = alarm.alarm(plan(items[0]), rows, region=PROVINCE, year=2023, targets=())
    assert not alone.binding and len(alone.lines) == 2
    calm = alarm.alarm(plan(*items), yearly({2023: "85"}), region=PROVINCE, year=2023, targets=())
    assert not calm.binding and len(calm.lines) == 1


def test_the_latest_year_is_the_last_with_a_whole_years_figure_of_an_indicator():
    rows = yearly({2019: "1", 2022: "2", 2027: "3"})
    assert alarm.latest_year(plan(indicator()), rows, PROVINCE) == 2022
    assert alarm.latest_year(plan(indicator()), rows, "440100") == 2021
    part = observed({"year": 2023, "raw": "3", "period": "ytd", "month": 6.0})
    other = yearly({2024: "5"}, indicator="常住人口")
    assert alarm.latest_year(plan(indicator()), pd.concat([rows, part, other]), PROVINCE) == 2022


def test_the_command_ends_with_one_when_a_binding_indicator_is_behind(command, tmp_path):
    """The real plan's binding rate of 95 %, far below it."""
    from gdplan import load_plan

    binding = next(i for i in load_plan("gd-hrss-14").indicators if i.binding)
    source = ROOT / "examples" / "observations" / "simulated.csv"
    with source.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        low = row["indicator"] == binding.name and row["region_code"] == PROVINCE
        if low and row["year"] == "2023":
            row["value"] = "70.0"
    folder = tmp_path / "observations"
    folder.mkdir()
    with (folder / "simulated.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    (folder / "simulated.yml").write_bytes(source.with_suffix(".yml").read_bytes())
    words = ("check", "--warn", "--year", "2023", "--observations", str(folder))
    run = command(*words)
    assert run.returncode == 1 and binding.name in run.stdout and "约束性" in run.stdout
    example = str(source.parent)
    calm = command("check", "--warn", "--year", "2023", "--observations", example)
    assert calm.returncode == 0 and "其中约束性指标0项" in calm.stdout
    wrong = command("check", "--warn", "--region", "999999")
    assert wrong.returncode == 1 and "[unknown_region]" in wrong.stderr
