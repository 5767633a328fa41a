"""Every check finds the fault it is for, says so in a sentence, and is quiet otherwise."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from frames import indicator, observed, plan, yearly

from gdplan import checks, load_plan, read_observations
from gdplan.model import Severity

ROOT = Path(__file__).resolve().parents[1]
PLAN = load_plan("gd-hrss-14")
SIMULATED = read_observations(ROOT / "examples" / "observations", PLAN)
SEEDS = range(12)


def ids(frame: pd.DataFrame, p=PLAN) -> Counter[str]:
    return Counter(finding.id for finding in checks.run(frame, p))


def spoiled(seed: int, change, where) -> tuple[pd.DataFrame, str]:
    """The simulated set with one figure changed; its place."""
    rng = np.random.default_rng(seed)
    rows = SIMULATED[where(SIMULATED)]
    at = rows.index[rng.integers(len(rows))]
    frame = SIMULATED.copy()
    value = change(frame.loc[at], rng)
    half = (frame.loc[at, "high"] - frame.loc[at, "low"]) / 2
    frame.loc[at, ["value", "low", "high"]] = [value, value - half, value + half]
    frame.loc[at, "raw"] = f"{value:.2f}"
    return frame, f"{frame.loc[at, 'file']}!{frame.loc[at, 'cell']}"


def cells_of(frame: pd.DataFrame, name: str) -> set[str]:
    return {c for f in checks.run(frame, PLAN) if f.id == name for c in f.cells}


def test_the_clean_simulated_set_raises_hardly_anything():
    """At most two questions per year of a province with its cities, and nothing hard."""
    found = checks.run(SIMULATED, PLAN)
    assert all(f.severity is Severity.SOFT for f in found)
    assert len(found) <= 2 * SIMULATED["year"].nunique()


@pytest.mark.parametrize("seed", SEEDS)
def test_hard_faults_are_always_found(seed):
    frame, place = spoiled(seed, lambda r, _: 101.5, lambda f: f["unit"] == "%")
    assert place in cells_of(frame, "share_above_100")
    frame, place = spoiled(seed, lambda r, _: -3.0, lambda f: f["unit"] != "%")
    assert place in cells_of(frame, "negative")
    whole = PLAN.indicator("15").whole
    part, all_of = PLAN.indicator("15").name, PLAN.indicator(whole).name
    frame, place = spoiled(
        seed,
        lambda r, _: 1.5 * float(SIMULATED[(SIMULATED["indicator"] == all_of)
                                           & (SIMULATED["region"] == r["region"])
                                           & (SIMULATED["year"] == r["year"])]["value"].iloc[0]),
        lambda f: f["indicator"] == part,
    )  # fmt: skip
    assert place in cells_of(frame, "part_above_whole")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_figure_entered_in_another_unit_is_a_jump(seed):
    counts = ["失业保险参保人数", "工伤保险参保人数", "社会保障卡持卡人数"]
    frame, place = spoiled(
        seed, lambda r, _: r["value"] * 10,
        lambda f: f["indicator"].isin(counts) & (f["year"] > 2021),
    )  # fmt: skip
    assert place in cells_of(frame, "jump")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_city_that_is_wrong_by_a_third_of_the_province_breaks_the_sum(seed):
    def add(row, _):
        same = (SIMULATED["indicator"] == row["indicator"]) & (SIMULATED["year"] == row["year"])
        province = SIMULATED[same & (SIMULATED["region"] == "440000")]["value"].iloc[0]
        return row["value"] + province / 3

    frame, place = spoiled(
        seed, add, lambda f: (f["unit"] != "%") & (f["region"] != "440000")
    )  # fmt: skip
    changed = frame[(frame["file"] + "!" + frame["cell"]) == place].iloc[0]
    found = [f for f in checks.run(frame, PLAN) if f.id == "cities_do_not_add_up"]
    assert (changed["indicator"], changed["year"]) in {(f.indicator, f.year) for f in found}


def test_a_province_outside_its_cities_is_asked_about():
    frame = SIMULATED.copy()
    here = (frame["region"] == "440000") & (frame["indicator"] == "基本养老保险参保率")
    frame.loc[here, ["value", "low", "high"]] = [20.0, 19.95, 20.05]
    assert len([f for f in checks.run(frame, PLAN) if f.id == "province_outside_cities"]) == 5


def test_a_cumulative_figure_that_falls_is_hard():
    p = plan(indicator(base="—", target="[80]"))
    rows = observed({"year": 2022, "raw": "40", "period": "cumulative", "start": 2021.0},
                    {"year": 2023, "raw": "35", "period": "cumulative",
                     "start": 2021.0})  # fmt: skip
    [finding] = [f for f in checks.run(rows, p) if f.id == "cumulative_falls"]
    assert finding.severity is Severity.HARD and "累计数不应减少" in finding.sentence


def test_a_figure_unchanged_to_the_last_of_four_digits_is_asked_about():
    p = plan(indicator())
    assert ids(yearly({2022: "65.31", 2023: "65.31"}), p)["unchanged"] == 1
    assert ids(yearly({2022: "65.3", 2023: "65.3"}), p)["unchanged"] == 0
    assert ids(yearly({2022: "65.31", 2023: "65.32"}), p)["unchanged"] == 0


def test_cities_crowded_just_above_the_target_are_asked_about_without_accusing():
    frame = SIMULATED.copy()
    here = (frame["indicator"] == "申领电子社保卡人口覆盖率") & (frame["year"] == 2025)
    frame.loc[here, "value"] = np.where(frame.loc[here, "region"] == "440000", 75.0, 75.4)
    found = [f for f in checks.run(frame, PLAN) if f.id == "bunching" and f.year == 2025
             and f.indicator == "申领电子社保卡人口覆盖率"]  # fmt: skip
    assert len(found) == 1 and "不是造假的证据" in found[0].sentence


def test_last_digits_are_judged_only_with_enough_figures():
    frame = SIMULATED.assign(raw=[f"{n % 9 + 1}1.{n % 7}0" for n in range(len(SIMULATED))])
    [finding] = [f for f in checks.run(frame, PLAN) if f.id == "last_digits"]
    assert "末位0有" in finding.sentence and "不是造假的证据" in finding.sentence
    assert ids(frame.head(90))["last_digits"] == 0


def test_revisions_beyond_the_limit_and_beyond_rounding_are_told():
    p = plan(indicator())
    first = yearly({2023: "70"}, published="2024-03-01")
    for raw, count in (("76", 1), ("71", 0), ("70.4", 0)):
        rows = pd.concat([first, yearly({2023: raw}, published="2024-09-01", source="修订")],
                         ignore_index=True)  # fmt: skip
        rows = rows.assign(known=pd.to_datetime(rows["published"]))
        assert ids(rows, p)["large_revision"] == count, raw


def test_reprints_and_calibers_are_told():
    p = plan(indicator())
    rows = yearly({2023: "70"}, access="reprint").assign(note="新口径")
    assert ids(rows, p) == {"only_reprint": 1, "caliber": 1}


def test_what_was_looked_at_is_said_also_of_nothing():
    p = plan(indicator())
    empty = yearly({2023: "70"}).iloc[:0]
    text = "\n".join(checks.looked_at(empty, p))
    assert "检查了0个数据" in text and "没有任何数据、无从检查的指标1项：1 指标1" in text
    assert checks.run(empty, p) == ()


def test_every_finding_has_an_id_of_the_list_a_sentence_and_a_place():
    frame, _ = spoiled(1, lambda r, _: 101.5, lambda f: f["unit"] == "%")
    real = read_observations(None, PLAN)
    found = [*checks.run(frame, PLAN), *checks.run(real, PLAN)]
    assert found
    for finding in found:
        assert finding.id in checks.CHECKS and len(finding.sentence) > 10
        assert finding.cells or finding.id == "bunching"
    order = [f.severity is Severity.SOFT for f in checks.run(frame, PLAN)]
    assert order == sorted(order) and not order[0]


def test_no_check_changes_the_frame():
    before = SIMULATED.copy()
    checks.run(SIMULATED, PLAN)
    pd.testing.assert_frame_equal(SIMULATED, before)


def test_the_list_for_the_office_is_a_workbook_of_texts():
    found = checks.run(read_observations(None, PLAN), PLAN)
    data = checks.problems_xlsx(found)
    assert data == checks.problems_xlsx(found)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet.max_row == len(found) + 1 and sheet["D2"].value == found[0].sentence


def test_the_command_line_says_what_it_looked_at_and_ends_by_gravity(command, tmp_path):
    run = command("check", "--out", "problems.xlsx", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "检查了" in run.stdout and "没有任何数据" in run.stdout and "硬错误0项" in run.stdout
    assert (tmp_path / "problems.xlsx").is_file()
    source = ROOT / "examples" / "observations" / "simulated.csv"
    lines = source.read_text("utf-8").splitlines()
    whole = PLAN.indicator(PLAN.indicator("15").whole).name
    at = next(i for i, line in enumerate(lines) if f",{whole},2023," in line)
    cells = lines[at].split(",")
    cells[5] = "0.1"
    lines[at] = ",".join(cells)
    (tmp_path / "figures.csv").write_text("\n".join(lines) + "\n", "utf-8")
    run = command("check", "--observations", "figures.csv", cwd=tmp_path)
    assert run.returncode == 1 and "part_above_whole" in run.stdout
