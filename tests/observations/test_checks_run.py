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

from gdplan import load_plan, read_observations
from gdplan.files import places
from gdplan.observations.checks import run as checks
from gdplan.problems import Severity

ROOT = Path(__file__).resolve().parents[2]
PLAN = load_plan("gd-hrss-14")
SIMULATED = read_observations(ROOT / "examples" / "observations", PLAN)
SEEDS = [seed if seed < 4 else pytest.param(seed, marks=pytest.mark.slow) for seed in range(12)]


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
    digits = [f"{n % 9 + 1}1.{n % 7}0" for n in range(len(SIMULATED))]
    frame = SIMULATED.assign(raw=digits, file="one.csv")
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


def test_reprints_and_calibers_are_told_once_for_a_series():
    p = plan(indicator())
    rows = yearly({2022: "66", 2023: "70"}, access="reprint").assign(note="新口径")
    found = {f.id: f for f in checks.run(rows, p)}
    assert {"only_reprint", "caliber"} == {i for i in found if i in ("only_reprint", "caliber")}
    assert "2022、2023年" in found["only_reprint"].sentence
    assert found["only_reprint"].cells == ("test.csv!F2", "test.csv!F3")


def test_what_the_reader_refuses_is_found_in_frames_made_otherwise():
    p = plan(indicator(name="常住人口"))
    good = yearly({2022: "66", 2023: "70"}, indicator="常住人口")
    assert "duplicate_key" not in ids(good, p)
    twice = pd.concat([good, good.tail(1)], ignore_index=True)
    assert ids(twice, p)["duplicate_key"] == 1
    assert ids(good.assign(indicator="没有的"), p)["unknown_indicator"] == 2
    assert ids(good.assign(unit="头"), p)["unknown_unit"] == 2
    assert ids(good.assign(region="999999"), p)["unknown_region"] == 2
    assert ids(good.assign(known=pd.Timestamp("2022-06-01")), p)["year_outside"] == 1


GROWN = {2022: "100.0", 2023: "105.0"}


@pytest.mark.parametrize(
    ("note", "count"),
    [("同比增长5.0%", 0), ("同比增长5.1%", 0), ("同比增长5.3%", 1), ("同比下降5.0%", 1),
     ("同口径同比增长9.0%", 0), ("增速提高5%", 0), ("", 0)],
)  # fmt: skip
def test_a_growth_in_a_note_is_held_against_the_levels_with_their_rounding(note, count):
    """105.0 over 100.0 lies between 4.90 and 5.10 %, and 5.1 % stands for 5.05 to 5.15."""
    rows = yearly(GROWN)
    rows.loc[1, "note"] = note
    found = [f for f in checks.run(rows, plan(indicator())) if f.id == "growth_contradicts"]
    assert len(found) == count
    for finding in found:
        assert finding.severity is Severity.HARD and "4.9%—5.1%" in finding.sentence
        assert finding.cells == ("test.csv!F3", "test.csv!F2")


@pytest.mark.parametrize(("rate", "count"), [("5.0", 0), ("5.2", 1), ("-5", 1)])
def test_a_published_growth_series_is_held_against_its_levels(rate, count):
    levels = yearly(GROWN)
    growth = yearly({2023: rate}, indicator="指标1增长率", unit="%").assign(cell="G9")
    rows = pd.concat([levels, growth], ignore_index=True)
    found = [f for f in checks.run(rows, plan(indicator())) if f.id == "growth_contradicts"]
    assert len(found) == count
    assert all(f.cells == ("test.csv!F3", "test.csv!F2", "test.csv!G9") for f in found)


def test_a_figure_in_another_unit_is_told_with_its_factor():
    p = plan(indicator())
    rows = yearly({2021: "64", 2022: "66", 2023: "690000", 2024: "70"})
    [finding] = [f for f in checks.run(rows, p) if f.id == "unit_slip"]
    assert finding.year == 2023 and "的10000倍，" in finding.sentence
    small = yearly({2021: "64", 2022: "66", 2023: "6.9", 2024: "70"})
    [finding] = [f for f in checks.run(small, p) if f.id == "unit_slip"]
    assert "的1/10，" in finding.sentence
    assert ids(yearly({2021: "64", 2022: "66", 2023: "130"}), p)["unit_slip"] == 0
    assert ids(yearly({2022: "66", 2023: "690000"}), p)["unit_slip"] == 0


@pytest.mark.parametrize(("raw", "count"), [("60", 0), ("60.4", 0), ("62", 1), ("58", 1)])
def test_the_base_of_the_plan_is_held_against_later_figures_of_its_year(raw, count):
    p = plan(indicator(base="60"))
    assert ids(yearly({2020: raw}, period="year_end"), p)["base_revised"] == count
    total = plan(indicator(base="[60]", target="[80]"))
    assert ids(yearly({2020: raw}), total)["base_revised"] == 0


def rates(province: str, shift: float = 0.0) -> pd.DataFrame:
    """A share of the province and its cities, half of the people in the first city."""
    codes = places.cities_of("440000")
    parts = [yearly({2023: province}, indicator="参保率", unit="%")]
    for n, code in enumerate(codes):
        people = "1000" if n == 0 else "50"
        share = "80" if n == 0 else "90"
        for name, raw, unit in (("参保率", share, "%"), ("常住人口", people, "万人")):
            row = yearly({2023: raw}, indicator=name, unit=unit, region=code, period="year_end")
            parts.append(row.assign(cell=f"{name}{n}", region_name=code))
    return pd.concat([p.assign(period="year_end") for p in parts], ignore_index=True)


@pytest.mark.parametrize(
    ("province", "found"),
    [("85", {}), ("86.5", {}), ("88", {"province_off_weighted_mean": 1}),
     ("78", {"province_outside_cities": 1}), ("92", {"province_outside_cities": 1})],
)  # fmt: skip
def test_a_provincial_share_lies_near_the_mean_weighted_by_population(province, found):
    """1000 x 80 % and 20 x 50 x 90 % are 85 %."""
    p = plan(indicator(name="参保率", unit="%", target="95", base="80"))
    told = ids(rates(province), p)
    assert {k: v for k, v in told.items() if k.startswith("province_")} == found


def test_without_the_population_of_every_city_only_the_range_is_looked_at():
    p = plan(indicator(name="参保率", unit="%", target="95", base="80"))
    rows = rates("88")
    fewer = rows[~((rows["indicator"] == "常住人口") & (rows["cell"] == "常住人口3"))]
    assert "province_off_weighted_mean" not in ids(fewer, p)


def test_some_cities_with_more_than_the_province_are_certain():
    p = plan(indicator())
    city = yearly({2023: "75"}, region="440100", region_name="广州市").assign(cell="G1")
    rows = pd.concat([yearly({2023: "70"}), city], ignore_index=True)
    [finding] = [f for f in checks.run(rows, p) if f.id == "cities_do_not_add_up"]
    assert "与1市合计75不符" in finding.sentence and "test.csv!G1" in finding.cells
    less = pd.concat([yearly({2023: "80"}), city], ignore_index=True)
    assert ids(less, p)["cities_do_not_add_up"] == 0


def test_findings_are_a_table_and_lines_for_the_screen():
    rows = yearly({2022: "66", 2023: "70"}, access="reprint")
    found = checks.run(rows, plan(indicator()))
    table = checks.frame(found)
    assert tuple(table.columns) == checks.FRAME and len(table) == len(found)
    assert table.loc[0, "cells"] == "test.csv!F2;test.csv!F3"
    text = list(checks.lines(found))
    assert text[0].startswith("1. [软 only_reprint]") and "only_reprint 1" in text[-1]
    assert list(checks.lines(())) == ["硬错误0项，软提示0项"]
    assert checks.frame(()).empty


def test_empty_cells_of_published_tables_are_among_what_was_looked_at():
    rows = yearly({2023: "70"})
    empty = [f"a.xlsx!1!B{n}" for n in range(12)]
    text = "\n".join(checks.looked_at(rows, plan(indicator()), empty))
    assert "空缺的数据12个" in text and text.count("a.xlsx!1!B") == 10 and "等" in text


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
        assert finding.cells
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
