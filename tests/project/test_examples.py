"""The simulated example is complete, marked, consistent, and made by its script."""

from __future__ import annotations

import csv
import doctest
import importlib.util
import re
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "observations"
MARK = "示例数据，非真实"
PARTS = ("农民工参加职业培训人次", "“粤菜师傅”培训人次", "“南粤家政”培训人次")
TRAINING = "开展补贴性职业技能培训人次"
CERTIFICATES = "新增取得职业资格证书或职业技能等级证书人数"
SENIOR = "新增取得高级工以上职业资格证书或职业技能等级证书人数"
CARDS, E_CARDS = "社会保障卡持卡人数", "申领电子社保卡人口覆盖率"


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("simulate", ROOT / "examples" / "simulate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["simulate"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


simulate = _script()
POPULATION = {city.code: city.population for city in simulate.CITIES}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (FOLDER / "simulated.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def values(rows: list[dict[str, str]]) -> dict[tuple[str, str, str], Decimal]:
    return {(r["indicator"], r["year"], r["region_code"]): Decimal(r["value"]) for r in rows}


def _of(values: Any, name: str, year: str, region: str = "440000") -> Decimal:
    return values[name, year, region]


def _by_year(rows: list[dict[str, str]], unit: set[str]) -> dict[Any, dict[str, Decimal]]:
    grouped: dict[Any, dict[str, Decimal]] = defaultdict(dict)
    for r in rows:
        if r["unit"] in unit:
            grouped[r["indicator"], r["year"]][r["region_code"]] = Decimal(r["value"])
    return grouped


def test_the_script_writes_the_committed_bytes() -> None:
    assert simulate.render() == (FOLDER / "simulated.csv").read_bytes()
    assert simulate.main(["--check"]) == 0


def test_the_check_fails_when_the_file_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulate, "OUTPUT", tmp_path / "new" / "simulated.csv")
    assert simulate.main(["--check"]) == 1
    assert simulate.main([]) == 0
    assert simulate.main(["--check"]) == 0
    simulate.OUTPUT.write_bytes(simulate.OUTPUT.read_bytes().replace(b"115.2", b"115.3"))
    assert simulate.main(["--check"]) == 1


def test_every_row_is_marked_three_times(rows: list[dict[str, str]]) -> None:
    assert rows
    for r in rows:
        assert r["simulated"] == "true"
        assert MARK in r["source"]
        assert MARK in r["note"]


def test_every_region_indicator_and_year_has_one_figure(rows: list[dict[str, str]]) -> None:
    keys = {(r["region_code"], r["indicator"], r["year"]) for r in rows}
    assert len(keys) == len(rows) == 22 * 25 * 5
    assert {k[2] for k in keys} == {"2021", "2022", "2023", "2024", "2025"}
    assert {len({k[i] for k in keys}) for i in (0, 1)} == {22, 25}


def test_names_and_units_are_those_of_the_plan(rows: list[dict[str, str]]) -> None:
    from gdplan import load_plan

    plan = load_plan("gd-hrss-14")
    assert {(r["indicator"], r["unit"]) for r in rows} == {
        (item.name, item.unit) for item in plan.indicators
    }


def test_figures_appear_in_january_or_february_of_the_next_year(rows: list[dict[str, str]]) -> None:
    for r in rows:
        year, month, _ = map(int, r["published"].split("-"))
        assert year == int(r["year"]) + 1
        assert month in (1, 2)


def test_counts_of_the_cities_add_up_to_the_province(rows: list[dict[str, str]]) -> None:
    counts = _by_year(rows, {"万人", "人", "万人次", "亿元"})
    assert len(counts) == 15 * 5
    for key, regions in counts.items():
        province = regions.pop("440000")
        assert sum(regions.values()) == province, key


def test_percentages_agree_with_the_province_in_the_mean(rows: list[dict[str, str]]) -> None:
    shares = _by_year(rows, {"%"})
    assert len(shares) == 10 * 5
    for key, regions in shares.items():
        province = regions.pop("440000")
        mean = sum(v * POPULATION[c] for c, v in regions.items()) / sum(POPULATION.values())
        assert abs(mean - province) <= Decimal("0.1"), key


def test_percentages_stay_between_0_and_100_and_counts_above_0(rows: list[dict[str, str]]) -> None:
    for r in rows:
        value = Decimal(r["value"])
        assert value <= 100 if r["unit"] == "%" else True, r
        assert value > 0, r


def test_parts_never_exceed_their_whole(values: dict[tuple[str, str, str], Decimal]) -> None:
    for _, year, region in [k for k in values if k[0] == TRAINING]:
        training = _of(values, TRAINING, year, region)
        parts = [_of(values, name, year, region) for name in PARTS]
        assert max(parts) <= sum(parts) <= training
        assert _of(values, SENIOR, year, region) <= _of(values, CERTIFICATES, year, region)


def test_people_with_an_electronic_card_hold_a_card(
    values: dict[tuple[str, str, str], Decimal],
) -> None:
    for _, year, region in [k for k in values if k[0] == CARDS]:
        people = POPULATION.get(region, sum(POPULATION.values()))
        cards = _of(values, CARDS, year, region)
        assert _of(values, E_CARDS, year, region) * people / 100 <= cards <= people


def test_the_number_of_card_holders_never_falls(
    values: dict[tuple[str, str, str], Decimal],
) -> None:
    for region in ("440000", *POPULATION):
        held = [_of(values, CARDS, str(y), region) for y in range(2021, 2026)]
        assert held == sorted(held)


def test_one_city_breaks_the_floor_of_mediation_in_one_year(
    values: dict[tuple[str, str, str], Decimal],
) -> None:
    name = "劳动人事争议调解成功率"
    broken = {k[1:] for k, v in values.items() if k[0] == name and v <= 60}
    assert broken == {("2023", "441500")}


@given(
    total=st.integers(0, 10**9),
    weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any),
)
def test_shares_add_up_and_miss_their_quota_by_less_than_one(
    total: int, weights: list[int]
) -> None:
    parts = simulate.shared_out(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@given(units=st.integers(0, 10**9), decimals=st.integers(0, 4))
def test_a_printed_figure_reads_back(units: int, decimals: int) -> None:
    assert simulate.in_units(simulate.printed(units, decimals), decimals) == units


@given(seed=st.integers(0, 1000), largest=st.integers(0, 50))
def test_noise_stays_inside_its_bounds(seed: int, largest: int) -> None:
    drawn = simulate.noise(simulate.np.random.PCG64(seed), 21, largest)
    assert len(drawn) == 21
    assert all(-largest <= x <= largest for x in drawn)


def test_the_examples_in_the_script_run() -> None:
    outcome = doctest.testmod(simulate)
    assert outcome.attempted >= 4
    assert outcome.failed == 0


def test_the_example_reads_clean() -> None:
    from gdplan import load_plan, read_observations

    frame = read_observations(FOLDER, load_plan("gd-hrss-14"))
    # And a base of every city for every level and yearly figure.
    assert len(frame) == 22 * 25 * 5 + 21 * 16
    assert frame["simulated"].all()
    assert frame["value"].notna().all()


MIDTERM = {
    "提前实现": {"6", "16"},
    "保持达标": {"2", "3", "5", "10", "13", "21", "22", "23"},
    "快于预期": {"8", "14", "18", "19", "25"},
    "基本符合预期": {"1", "4", "7", "12", "17", "24"},
    "滞后": {"9", "15", "20"},
    "倒退": {"11"},
}
FINAL = {
    "超额完成": {"8", "14", "18", "19", "25"},
    "完成": {"1", "2", "3", "4", "5", "6", "7", "10", "11", "12", "13", "16", "17", "21", "22",
           "23", "24"},
    "基本完成": {"9"},
    "未完成": {"15", "20"},
}  # fmt: skip


@pytest.mark.parametrize(("year", "expected"), [(2023, MIDTERM), (2025, FINAL)])
def test_the_story_in_the_readme_is_what_the_assessment_says(
    year: int, expected: dict[str, set[str]]
) -> None:
    from gdplan import assess, load_plan, read_observations

    plan = load_plan("gd-hrss-14")
    frame = assess(plan, read_observations(FOLDER, plan), region="440000", year=year)
    found: dict[str, set[str]] = defaultdict(set)
    for number, verdict in zip(frame["indicator"], frame["verdict"], strict=True):
        found[verdict].add(number)
    assert found == expected
    assert frame["simulated"].all()


ROWS = {"met early": "提前实现", "ahead": "快于预期", "on track": "基本符合预期",
        "held": "保持达标", "behind": "滞后", "reversed": "倒退"}  # fmt: skip


def test_the_table_of_the_readme_says_the_same() -> None:
    lines = (ROOT / "examples" / "README.md").read_text("utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    told = {re.sub(r" \(.*", "", first): rest for first, *rest in cells if len(rest) == 2}
    for word, verdict in ROWS.items():
        listed = re.sub(r"\(.*?\)|;.*", "", told[word][0])
        assert set(re.findall(r"\b\d{1,2}\b", listed)) == MIDTERM[verdict], word


def test_trends_and_borderlines_of_the_readme_are_those_of_the_figures() -> None:
    from gdplan import assess, load_plan, read_observations

    plan = load_plan("gd-hrss-14")
    frame = assess(plan, read_observations(FOLDER, plan), region="440000", year=2023)
    text = (ROOT / "examples" / "README.md").read_text("utf-8")
    falling = re.search(r"(\d+) and (\d+) with a falling trend", text)
    borderline = re.search(r"(\d+) \(borderline", text)
    assert falling and borderline
    reasons = dict(zip(frame["indicator"], frame["reason"].str.split(";"), strict=True))
    assert {n for n, why in reasons.items() if "met_but_falling" in why} == set(falling.groups())
    assert {n for n, why in reasons.items() if "borderline" in why} == set(borderline.groups())


def test_a_broken_floor_in_a_city_is_a_reversal() -> None:
    from gdplan import assess, load_plan, read_observations

    plan = load_plan("gd-hrss-14")
    frame = assess(plan, read_observations(FOLDER, plan), region="441500", year=2023)
    row = frame.set_index("indicator").loc["21"]
    assert row["verdict"] == "倒退"
    assert "floor_broken" in row["reason"].split(";")
