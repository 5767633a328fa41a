"""Targets of a plan broken down to cities: sums, missing weights, city plans, the form and back."""

from __future__ import annotations

import csv
import errno
import importlib.util
import io
import re
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
import yaml
from frames import indicator, observed, plan

from gdplan import assess, load_plan, read_observations
from gdplan.cli.allocate import lines
from gdplan.model import Comparator, Kind, Scale
from gdplan.problems import ProblemError
from gdplan.regions.allocation import city_plans
from gdplan.regions.allocation import form_read as allocation_form_read
from gdplan.regions.allocation import form_write as allocation_form_write
from gdplan.regions.allocation.apportion import apportion, blend
from gdplan.regions.allocation.breakdown import break_down, cell_of
from gdplan.regions.allocation.rules_file import read_allocation

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "allocation"
FIGURES = ROOT / "examples" / "observations"
TWO = {"440100": "广州市", "440200": "韶关市"}
WEIGHTS = {"size": {"values": {"440100": 3, "440200": 1}, "source": "手工"}}


@pytest.fixture(scope="module")
def example():
    the_plan = load_plan("gd-hrss-14")
    return break_down(
        the_plan, *read_allocation(EXAMPLE, the_plan), read_observations(FIGURES, the_plan)
    )


def rules(tmp_path: Path, **parts):
    """An allocation.yml for two cities; ``indicators`` and anything else can be given."""
    data = {"plan": "test-14", "regions": list(TWO), "weights": WEIGHTS} | parts
    path = tmp_path / "allocation.yml"
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    path.write_text(text, "utf-8")
    return path


def broken(tmp_path: Path, item, rule, figures=None, **parts):
    """The one item of a plan of one indicator."""
    the_plan = plan(item)
    spec = read_allocation(rules(tmp_path, indicators={item.no: rule}, **parts), the_plan)
    frame = figures if figures is not None else observed()
    return break_down(the_plan, *spec, frame)


def bases(*values: str, name: str = "指标1", **more):
    return observed(
        *({"indicator": name, "region": code, "region_name": word, "year": 2020, "raw": value,
           **more}
          for (code, word), value in zip(TWO.items(), values, strict=False) if value)
    )  # fmt: skip


def texts(row) -> list[str]:
    return [str(x) for x in row]


def keys(error) -> list[str]:
    return [p.key for p in error.value.problems]


def test_every_sum_of_the_example_is_exact(example):
    assert len(example.regions) == 21
    for item in example.items:
        if item.rule.method not in ("share", "increment"):
            continue
        assert sum(item.targets) == item.total == Decimal(repr(item.indicator.target.value))
        assert [sum(year) for year in zip(*item.years, strict=True)] == list(item.total_years)
        if item.indicator.kind is Kind.of("cumulative"):
            assert [sum(row) for row in item.years] == list(item.targets)
        else:
            assert [row[-1] for row in item.years] == list(item.targets)


def test_solved_rates_of_the_example_have_the_target_as_their_mean(example):
    for item in example.items:
        if item.rule.method == "solve":
            mean = city_plans.regions_total(item)
            assert 0 <= mean - Fraction(item.total) < Fraction(1, 10)
            for base, target in zip(item.bases, item.targets, strict=True):
                assert Decimal(base) <= target <= 100


def test_a_five_year_sum_by_hand(tmp_path):
    item = indicator(base="—", target="[10.0]", kind=Kind.of("cumulative"))
    [one] = broken(tmp_path, item, {"method": "share", "weights": "size", "decimals": 1}).items
    assert one.cells == ("[7.5]", "[2.5]")
    assert [texts(row) for row in one.years] == [["1.5"] * 5, ["0.5"] * 5]
    rule = {"method": "share", "weights": "size", "decimals": 1,
            "years": [0.1, 0.3, 0.5, 0.7, 1]}  # fmt: skip
    [one] = broken(tmp_path, item, rule).items
    assert texts(one.total_years) == ["1.0", "2.0", "2.0", "2.0", "3.0"]
    assert [sum(y) for y in zip(*one.years, strict=True)] == list(one.total_years)


def test_a_level_goes_each_citys_own_way_and_the_cities_add_up_to_the_schedule(tmp_path):
    rule = {"method": "increment", "weights": "size", "decimals": 0}
    [one] = broken(tmp_path, indicator(), rule, bases("20", "40")).items
    # 20 more: 15 and 5; the province goes 64, 68, 72, 76, 80.
    assert texts(one.targets) == ["35", "45"]
    assert texts(one.total_years) == ["64", "68", "72", "76", "80"]
    assert [texts(row) for row in one.years] == [
        ["23", "26", "29", "32", "35"], ["41", "42", "43", "44", "45"]
    ]  # fmt: skip


def test_without_bases_the_final_shares_hold_in_every_year(tmp_path):
    rule = {"method": "share", "weights": "size", "decimals": 0}
    [one] = broken(tmp_path, indicator(), rule).items
    assert one.bases == ("—", "—")
    assert [texts(row) for row in one.years] == [
        ["48", "51", "54", "57", "60"], ["16", "17", "18", "19", "20"]
    ]  # fmt: skip


def test_a_geometric_schedule_grows_by_equal_shares(tmp_path):
    rule = {"method": "share", "weights": "size", "decimals": 1}
    item = indicator(base="100", target="200", scale=Scale.GEOMETRIC)
    [one] = broken(tmp_path, item, rule).items
    assert texts(one.total_years) == ["114.9", "132.0", "151.6", "174.1", "200.0"]
    [one] = broken(tmp_path, indicator(base="0", scale=Scale.GEOMETRIC), rule).items
    assert one.total_years is None and one.years == (None, None)


def test_a_floor_and_a_yearly_target_are_due_every_year(tmp_path):
    rule = {"method": "share", "weights": "size", "decimals": 0}
    for item in (indicator(base="90"), indicator(kind=Kind.of("annual"))):
        [one] = broken(tmp_path, item, rule).items
        assert texts(one.years[0]) == ["60"] * 5


def test_zero_weight_stays_zero_in_every_year(tmp_path):
    weights = {"size": {"values": {"440100": 1, "440200": 0}, "source": "手工"}}
    item = indicator(base="—", target="[7]", kind=Kind.of("cumulative"))
    rule = {"method": "share", "weights": "size", "decimals": 0}
    [one] = broken(tmp_path, item, rule, weights=weights).items
    assert texts(one.years[1]) == ["0"] * 5 and texts(one.targets) == ["7", "0"]
    [zero] = broken(tmp_path, indicator(base="—", target="[0]"), rule).items
    assert texts(zero.years[1]) == ["0"] * 5


def test_weights_are_series_own_figures_numbers_or_a_mix(tmp_path):
    weights = {
        "own": {"own": True, "year": 2020},
        "people": {"series": "常住人口", "year": 2020},
        "mix": {"blend": {"own": 0.5, "people": 0.5}},
    }
    import pandas as pd

    people = bases("1", "1", name="常住人口", simulated=True)
    frame = pd.concat([bases("30", "10"), people], ignore_index=True)
    for name, expected, fake in (
        ("own", ["60", "20"], False), ("people", ["40", "40"], True), ("mix", ["50", "30"], True)
    ):  # fmt: skip
        rule = {"method": "share", "weights": name, "decimals": 0}
        made = broken(tmp_path, indicator(), rule, frame, weights=weights)
        assert texts(made.items[0].targets) == expected
        assert made.simulated is fake


def test_missing_weights_are_named_once_and_nothing_is_invented(tmp_path):
    weights = {
        "people": {"series": "常住人口", "year": 2020},
        "own": {"own": True, "year": 2019},
        "both": {"blend": {"people": 0.5, "own": 0.5}},
        "some": {"values": {"440100": 1}, "source": "手工"},
    }
    rule = {"weights": "both", "method": "share", "decimals": 0}
    with pytest.raises(ProblemError) as error:
        broken(tmp_path, indicator(), rule, weights=weights)
    first, second = error.value.problems
    assert first.message.startswith("权重 people（常住人口，2020年）缺2个地区")
    assert "allocation.yml:6" in first.where and "440200 韶关市" in first.found
    assert second.message.startswith("第1项“指标1”：权重 own（指标1，2019年）缺2个地区")
    with pytest.raises(ProblemError) as error:
        broken(tmp_path, indicator(), rule | {"weights": "some"}, weights=weights)
    assert error.value.problems[0].found == "缺 440200 韶关市"


def test_the_shipped_rules_say_which_weights_the_published_data_lack():
    the_plan = load_plan("gd-hrss-14")
    folder = Path(the_plan.files[0]).parent
    with pytest.raises(ProblemError) as error:
        break_down(the_plan, *read_allocation(folder, the_plan), read_observations(None, the_plan))
    [problem] = error.value.problems
    assert problem.key == "missing_weight" and "常住人口，2020年" in problem.message
    assert problem.where.endswith("allocation.yml:7")


def test_rises_and_solved_rates_need_every_base(tmp_path):
    item = indicator(unit="%", base="90", target="95")
    solve = {"method": "solve", "weights": "size", "decimals": 1, "move": "points"}
    for one, rule in ((item, solve), (indicator(), {"method": "increment", "weights": "size",
                                                    "decimals": 0})):  # fmt: skip
        with pytest.raises(ProblemError) as error:
            broken(tmp_path, one, rule, bases("88"))
        assert keys(error) == ["missing_base"]
        assert error.value.problems[0].found == "缺 440200 韶关市"


def test_a_mean_lies_on_the_targets_own_side(tmp_path):
    rule = {"method": "solve", "weights": "size", "decimals": 0, "move": "points"}
    figures = bases("90", "80", unit="%")
    for target, side in ((">95", "at_least"), ("95", "at_least"), ("95左右", "nearest"),
                         ("95以内", "at_most"), ("<95", "at_most")):  # fmt: skip
        item = indicator(unit="%", base="88", target=target)
        [one] = broken(tmp_path, item, rule, figures).items
        mean = city_plans.regions_total(one)
        assert one.side == side
        assert {"at_least": mean >= 95, "at_most": mean <= 95}.get(side, abs(mean - 95) <= 0.5)
    [one] = broken(tmp_path, item, rule | {"side": "nearest", "low": "base", "high": 99},
                   figures).items  # fmt: skip
    assert one.side == "nearest"


def test_a_rate_out_of_reach_names_the_indicator_and_its_line(tmp_path):
    item = indicator(unit="%", base="88", target="95")
    rule = {"method": "solve", "weights": "size", "decimals": 0, "move": "points", "high": 90}
    with pytest.raises(ProblemError) as error:
        broken(tmp_path, item, rule, bases("90", "80", unit="%"))
    [problem] = error.value.problems
    assert problem.key == "rate_out_of_reach" and "第1项“指标1”" in problem.message
    assert re.search(r"allocation\.yml:\d+$", problem.where)


def test_copied_words_ranges_and_growth_stay_as_printed(tmp_path):
    for raw in ("保持稳定", "稳定在95以上", "25—27", "14:42:44"):
        item = indicator(unit="%", target=raw, base="90" if ":" not in raw else "13:47:40")
        [one] = broken(tmp_path, item, {"method": "copy"}).items
        assert one.cells == (raw, raw)


def test_a_part_larger_than_its_whole_is_a_problem(tmp_path):
    weights = WEIGHTS | {"other": {"values": {"440100": 1, "440200": 9}, "source": "手工"}}
    whole, part = indicator("1", target="100"), indicator("2", target="50", whole="1")
    rule = {"method": "share", "weights": "size", "decimals": 0}
    spec = {"1": rule, "2": rule | {"weights": "other"}}
    the_plan = plan(whole, part)
    path = rules(tmp_path, indicators=spec, weights=weights)
    with pytest.raises(ProblemError) as error:
        break_down(the_plan, *read_allocation(path, the_plan), observed())
    [problem] = error.value.problems
    assert problem.key == "part_above_whole" and "440200 韶关市" in problem.message
    assert (problem.expected, problem.found) == ("<= 25", "45")


def test_a_rise_shared_out_below_zero_names_the_cities_and_their_values(tmp_path):
    # A fall of 60 shared 3 : 1: 45 less than 30 leaves -15.
    rule = {"method": "increment", "weights": "size", "decimals": 0}
    item = indicator(base="80", target="20", direction=-1)
    with pytest.raises(ProblemError) as error:
        broken(tmp_path, item, rule, bases("30", "50"))
    [problem] = error.value.problems
    assert problem.key == "out_of_limits" and "第1项“指标1”" in problem.message
    assert re.search(r"allocation\.yml:1[0-9]$", problem.where)
    assert problem.expected == "0—inf"
    assert "440100 广州市" in problem.found and "目标-15" in problem.found
    assert "2025年-15" in problem.found and "韶关市" not in problem.found


def test_solved_rates_beyond_the_limits_of_the_indicator_are_a_problem(tmp_path):
    # The mean base is 94.25: 4.75 points more for both.
    item = indicator(unit="%", base="88", target="99")
    rule = {"method": "solve", "weights": "size", "decimals": 0, "move": "points", "high": 120}
    with pytest.raises(ProblemError) as error:
        broken(tmp_path, item, rule, bases("99", "80", unit="%"))
    [problem] = error.value.problems
    assert problem.key == "out_of_limits" and "目标104" in problem.found


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"plan": "other"}, ["other_plan"]),
        ({"regions": ["440100", "440100", "110000"]}, ["duplicate_region", "unknown_region"]),
        ({"regions": []}, ["no_regions"]),
        ({"weights": {"size": {}}}, ["weight_kind"]),
        ({"weights": {"size": {"series": "常住人口"}}}, ["weight_year"]),
        ({"weights": {"size": {"values": {"440100": 1}}}}, ["weight_source"]),
        ({"weights": WEIGHTS | {"mix": {"blend": {"siez": 1}}}}, ["unknown_weight"]),
        ({"indicators": {}}, ["missing_rule"]),
        ({"indicators": {"1": {"method": "copy"}, "9": {"method": "copy"}}},
         ["unknown_indicator"]),
        ({"indicators": {"1": {"method": "none"}}}, ["missing_key"]),
        ({"indicators": {"1": {"method": "none", "reason": "  "}}}, ["missing_reason"]),
        ({"plan": "other", "colour": 1}, ["unknown_key", "other_plan"]),
        ({"indicators": {"1": {"method": "sharre", "weights": "siez"}, "9": {}}},
         ["wrong_value", "missing_key", "unknown_weight", "unknown_indicator"]),
        ({"indicators": {"1": {"method": "share"}}}, ["missing_key", "missing_key"]),
        ({"indicators": {"1": {"method": "copy", "low": 1}}}, ["useless_key"]),
        ({"indicators": {"1": {"method": "share", "weights": "siez", "decimals": 0}}},
         ["unknown_weight"]),
        ({"indicators": {"1": {"method": "sharre"}}}, ["wrong_value"]),
        ({"colour": 1}, ["unknown_key"]),
    ],
)  # fmt: skip
def test_faulty_rules_are_refused_with_their_line(tmp_path, parts, expected):
    given = {"indicators": {"1": {"method": "copy"}}} | parts
    with pytest.raises(ProblemError) as error:
        read_allocation(rules(tmp_path, **given), plan(indicator()))
    assert keys(error) == expected
    assert all(re.search(r"allocation\.yml:\d+$", p.where) for p in error.value.problems)


@pytest.mark.parametrize(
    ("weight", "key", "line", "found"),
    [
        ({"values": {"440100": 3, "440200": -1}}, "negative_weight", 9, "-1"),
        ({"values": {"440100": "1,000", "440200": 1}}, "not_a_number", 8, "1,000"),
        ({"values": {"440100": 0, "440200": "0.0"}}, "weights_zero", 7, ""),
        ({"values": {"440100": 3, "4402000": 1}}, "unknown_region", 9, "4402000"),
        ({"blend": {"other": 0.5, "third": 0.4}}, "blend_shares", 7, "0.9"),
        ({"blend": {"other": -0.5, "third": 1.5}}, "negative_weight", 8, "-0.5"),
        ({"blend": {"other": "half", "third": 0.5}}, "not_a_number", 8, "half"),
    ],
)  # fmt: skip
def test_a_faulty_weight_is_told_once_with_its_name_and_line(tmp_path, weight, key, line, found):
    other, third = ({"values": {"440100": 1, "440200": 1}, "source": "手工"} for _ in "ab")
    source = {"source": "手工"} if "values" in weight else {}
    rule = {"method": "share", "weights": "size", "decimals": 0}
    path = rules(tmp_path, weights={"size": weight | source, "other": other, "third": third},
                 indicators={"1": rule, "2": dict(rule)})  # fmt: skip
    with pytest.raises(ProblemError) as error:
        read_allocation(path, plan(indicator("1"), indicator("2")))
    [problem] = error.value.problems
    assert (problem.key, problem.found) == (key, found)
    assert problem.where.endswith(f"allocation.yml:{line}") and "size" in problem.message
    assert key != "unknown_region" or problem.fix.startswith("最接近的是 44")


def test_published_weights_that_are_none_name_the_weight_and_the_cities(tmp_path):
    weights = {"people": {"series": "常住人口", "year": 2020}}
    rule = {"method": "share", "weights": "people", "decimals": 0}
    the_plan = plan(indicator("1"), indicator("2"))
    path = rules(tmp_path, weights=weights, indicators={"1": rule, "2": dict(rule)})
    spec = read_allocation(path, the_plan)
    for values, key, found in ((("-2", "1"), "negative_weight", "440100 广州市 -2"),
                               (("0", "0"), "weights_zero", "")):  # fmt: skip
        with pytest.raises(ProblemError) as error:
            break_down(the_plan, *spec, bases(*values, name="常住人口"))
        [problem] = error.value.problems
        assert (problem.key, problem.found) == (key, found)
        assert problem.where.endswith("allocation.yml:6") and "权重 people" in problem.message


def test_no_message_shows_a_fraction():
    for weights, shares in (([[1], [Fraction(1, 3), 2]], [0.5, 0.5]), ([[1]], ["0.9"])):
        with pytest.raises(ProblemError) as error:
            blend(weights, shares)
        assert "Fraction" not in str(error.value)
    with pytest.raises(ProblemError) as error:
        apportion(1, [Fraction(0)], decimals=0)
    assert "Fraction" not in str(error.value)


@pytest.mark.parametrize(
    ("item", "rule", "key"),
    [
        (indicator(unit="%"), {"method": "share"}, "not_additive"),
        (indicator(target="保持稳定"), {"method": "share"}, "no_number"),
        (
            indicator(target="[9]", kind=Kind.of("cumulative")),
            {"method": "increment"},
            "no_increment",
        ),
    ],
)
def test_methods_that_make_no_sense_are_refused(tmp_path, item, rule, key):
    rule = rule | {"weights": "size", "decimals": 0}
    with pytest.raises(ProblemError) as error:
        read_allocation(rules(tmp_path, indicators={"1": rule}), plan(item))
    assert keys(error) == [key]


@pytest.mark.parametrize("years", [[0.5, 1], [0.2, 0.4, 0.6, 0.8, 0.9], [0.5, 0.4, 0.6, 0.8, 1]])
def test_a_schedule_that_is_none_is_a_problem(tmp_path, years):
    rule = {"method": "share", "weights": "size", "decimals": 0, "years": years}
    with pytest.raises(ProblemError) as error:
        broken(tmp_path, indicator(), rule)
    assert keys(error) == ["years"]


def test_cells_keep_the_wording_of_the_province():
    for raw, expected in ((">80", ">12.5"), ("80以上", "12.5以上"), ("80以内", "12.5以内"),
                          ("<80", "<12.5"), ("80左右", "12.5左右"), ("80", "12.5"),
                          ("[80]", "[12.5]"), ("[>80]", "[>12.5]"),
                          ("年均增长6%", "年均12.5")):  # fmt: skip
        unit = "%" if "%" in raw else "万人"
        assert cell_of(indicator(target=raw, unit=unit), Decimal("12.5")) == expected


def test_a_cell_that_would_read_back_as_something_else_is_refused():
    item = indicator(target="80")
    odd = replace(item, target=replace(item.target, comparator=Comparator.NONE))
    with pytest.raises(ProblemError) as error:
        cell_of(odd, Decimal("12.5"))
    assert keys(error) == ["cell"]


# City plans


@pytest.fixture(scope="module")
def folder(example, tmp_path_factory):
    form = {"allocation.xlsx": allocation_form_write.workbook(example)}
    return city_plans.write(example, form, tmp_path_factory.mktemp("out") / "made")


def test_every_city_plan_reads_back_as_it_was_allocated(example, folder):
    assert len(list(folder.glob("plans/*/plan.yml"))) == 21
    loaded = load_plan(folder / "plans" / "gd-hrss-14-441500")
    assert (loaded.region, loaded.region_name) == ("441500", "汕尾市")
    place = list(example.regions).index("441500")
    for item, found in zip(example.items, loaded.indicators, strict=True):
        assert replace(found, line=0, place="") == city_plans.expected(example, item, place)
    assert loaded.title.endswith("（示例数据，非真实）")
    assert loaded.parameters == example.plan.parameters and loaded.rules == example.plan.rules


def test_a_city_is_judged_in_full_by_its_own_plan(folder):
    province = load_plan("gd-hrss-14")
    frame = read_observations(ROOT / "examples" / "observations", province)
    before = assess(province, frame, region="440100", year=2023)
    own = load_plan(folder / "plans" / "gd-hrss-14-440100")
    after = assess(own, frame, region="440100", year=2023)
    assert (before["reason"].str.contains("no_region_target")).sum() == 15
    unknown = after[after["verdict"] == "无法评估"]
    assert list(unknown["indicator"]) == ["8"]
    assert list(unknown["reason"]) == ["no_target_number"]


def test_rules_and_parameters_of_a_plan_go_into_its_city_plans(tmp_path):
    item = indicator(parameters={"about_tolerance": 0.1}, aliases=("甲",), department="某厅")
    base = plan(item)
    other = {"midterm": (("滞后", ("not unknown",)),), "final": base.rules["final"]}
    the_plan = replace(base, rules=other, parameters=base.parameters | {"nearly": 0.5},
                       default_department="某厅", table="表1")  # fmt: skip
    path = rules(tmp_path, indicators={"1": {"method": "copy"}}, document="粤府〔2022〕1号",
                 issued="2022-01-01")  # fmt: skip
    made = break_down(
        the_plan, *read_allocation(path, the_plan), bases("61", "62", bound="at_least")
    )
    out = city_plans.write(made, {}, tmp_path / "out")
    loaded = load_plan(out / "plans" / "test-14-440100")
    assert loaded.rules == other and loaded.parameters == the_plan.parameters
    assert (loaded.document, loaded.issued) == ("粤府〔2022〕1号", "2022-01-01")
    assert loaded.indicators[0].aliases == ("甲",)
    assert loaded.indicators[0].base.raw == "61以上"
    assert next(lines(made)).startswith("test-14：2个地区，照搬1项")
    assert "模拟" not in "".join(lines(made))


def test_a_folder_that_exists_is_never_touched(example, folder):
    before = (folder / "allocation.csv").read_bytes()
    with pytest.raises(ProblemError) as error:
        city_plans.write(example, {}, folder)
    assert keys(error) == ["output_exists"]
    assert (folder / "allocation.csv").read_bytes() == before


def test_a_plan_that_does_not_read_back_leaves_nothing_behind(example, tmp_path, monkeypatch):
    right = city_plans.folders(example)
    name = next(n for n in right if n.endswith("plan.txt"))
    wrong = right | {name: right[name].replace(b"[81.58]", b"[81.59]")}
    monkeypatch.setattr(city_plans, "folders", lambda _: wrong)
    with pytest.raises(ProblemError) as error:
        city_plans.write(example, {}, tmp_path / "out")
    assert keys(error) == ["plan_differs"]
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_a_problem(example, tmp_path):
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(ProblemError) as error:
        city_plans.write(example, {}, tmp_path / "file" / "made")
    assert keys(error) == ["cannot_write"]
    with pytest.raises(ProblemError) as error:
        city_plans.write(example, {}, tmp_path / ("长" * 200))
    assert keys(error) == ["cannot_write"]
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_a_problem_and_leaves_nothing_behind(example, tmp_path, monkeypatch):
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name == "plan.txt":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ProblemError) as error:
        city_plans.write(example, {}, tmp_path / "made")
    assert keys(error) == ["disk_full"]
    assert list(tmp_path.iterdir()) == []


def test_the_table_lists_the_province_the_cities_and_their_total(example):
    text = city_plans.table(example).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == city_plans.COLUMNS
    jobs = [r for r in rows if r["indicator"] == "1"]
    assert len(jobs) == 22 * 5
    for year in range(2021, 2026):
        mine = [r for r in jobs if r["year"] == str(year)]
        cities = sum(Decimal(r["value"]) for r in mine if r["region"] != "440000")
        [province] = [r for r in mine if r["region"] == "440000"]
        assert Decimal(province["value"]) == Decimal(province["regions_total"]) == cities
    copied = [r for r in rows if r["indicator"] == "10"]
    assert {r["cell"] for r in copied} == {"保持稳定"}
    # 广州 has more than its share of the target: said where the city reads it.
    assert any(r["note"] for r in rows if r["indicator"] == "13" and r["region"] == "440100")
    assert {r["simulated"] for r in jobs} == {"true"}


def test_the_dictionary_lists_the_columns_in_order():
    path = ROOT / "docs" / "dictionary" / "allocation.csv"
    with path.open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file, strict=True))
    assert tuple(r["column"] for r in listed) == city_plans.COLUMNS
    assert all(r["meaning_zh"] and r["meaning_en"] for r in listed)


# The form


def test_the_same_breakdown_gives_the_same_bytes(example):
    assert allocation_form_write.workbook(example) == allocation_form_write.workbook(example)


def test_only_proposals_can_be_changed_and_every_check_balances(folder):
    book = openpyxl.load_workbook(folder / "allocation.xlsx", data_only=True)
    sheet = book["指标1"]
    assert sheet.protection.sheet
    free = {c.coordinate for row in sheet.iter_rows() for c in row if not c.protection.locked}
    assert {"F4", "F24", "H4", "L24"} <= free and not {"F3", "H3", "E4", "F25"} & free
    assert len(free) == 21 * 6
    assert (sheet["F3"].value, sheet["F25"].value, sheet["F26"].value) == (550, 550, 0)
    assert {row[6].value for row in book["汇总"].iter_rows(min_row=2)} == {"平衡"}
    live = openpyxl.load_workbook(folder / "allocation.xlsx")
    assert live["指标1"]["F25"].value == "=ROUND(SUM(F4:F24),2)"
    assert live["指标4"]["F25"].value == "=SUMPRODUCT(C4:C24,F4:F24)/SUM(C4:C24)"
    assert live["指标6"]["L4"].value == "=F4"


def edited(folder: Path, tmp_path: Path, **cells) -> Path:
    """The form with some cells changed; keys are ``sheet__cell``."""
    book = openpyxl.load_workbook(folder / "allocation.xlsx", data_only=True)
    for place, value in cells.items():
        sheet, cell = place.split("__")
        book[sheet][cell] = value
    path = tmp_path / "negotiated.xlsx"
    book.save(path)
    return path


def test_an_unchanged_form_gives_the_same_breakdown(example, folder):
    back = allocation_form_read.negotiated(folder / "allocation.xlsx", example)
    assert back.items == example.items


def test_negotiated_targets_come_back_exactly(example, folder, tmp_path):
    path = edited(folder, tmp_path, 指标1__F4=80.58, 指标1__H4=15.32, 指标1__F5="13.37",
                  指标1__H5=3.4800000000000004, 指标4__F4=95.0)  # fmt: skip
    back = allocation_form_read.negotiated(path, example)
    jobs, pension = back.items[0], back.items[3]
    assert texts(jobs.targets[:2]) == ["80.58", "13.37"]
    assert jobs.cells[0] == "[80.58]" and texts(jobs.years[1])[0] == "3.48"
    assert sum(jobs.targets) == 550
    assert pension.targets[0] == 95 and pension.years[0][-1] == 95


@pytest.mark.parametrize(
    ("cells", "key", "where", "found"),
    [
        ({"指标1__F4": 82}, "sum_differs", "指标1!F25", "550.42"),
        ({"指标1__H4": 16.33}, "sum_differs", "指标1!H25", "110.01"),
        ({"指标1__H4": 16.31, "指标1__I4": 16.33}, "sum_differs", "指标1!H25", "109.99"),
        ({"指标1__F4": None}, "not_a_number", "指标1!F4", "空"),
        ({"指标1__F4": "约80"}, "not_a_number", "指标1!F4", "约80"),
        ({"指标1__F4": 81.583}, "too_fine", "指标1!F4", "81.583"),
        ({"指标1__F4": -1}, "out_of_limits", "指标1!F4", "-1"),
        ({"指标1__A4": "440200"}, "row_moved", "指标1!A4", "440200"),
        ({"指标4__F4": 50}, "mean_differs", "指标4!F25", ""),
        ({"指标4__F4": 101}, "out_of_limits", "指标4!F4", "101"),
    ],
)  # fmt: skip
def test_a_form_with_a_fault_is_refused(example, folder, tmp_path, cells, key, where, found):
    with pytest.raises(ProblemError) as error:
        allocation_form_read.negotiated(edited(folder, tmp_path, **cells), example)
    problem = error.value.problems[0]
    assert problem.key == key and problem.where.endswith(where) and found in problem.found


def negotiated(tmp_path: Path, the_plan, figures, indicators, **cells):
    """A form of two cities with some cells changed, read back."""
    path = rules(tmp_path, indicators=indicators)
    made = break_down(the_plan, *read_allocation(path, the_plan), figures)
    tmp_path.joinpath("allocation.xlsx").write_bytes(allocation_form_write.workbook(made))
    return allocation_form_read.negotiated(edited(tmp_path, tmp_path, **cells), made)


def test_negotiated_parts_above_their_whole_are_refused_with_their_cells(tmp_path):
    rule = {"method": "share", "weights": "size", "decimals": 0}
    items = indicator("1", target="100"), indicator("2", target="80", whole="1")
    cells = {"指标2__F4": 50, "指标2__F5": 30, "指标2__L4": 50, "指标2__L5": 30}
    both = {"1": rule, "2": dict(rule)}
    with pytest.raises(ProblemError) as error:
        negotiated(tmp_path, plan(*items), observed(), both, **cells)
    [problem] = error.value.problems
    assert problem.key == "part_above_whole" and problem.where.endswith("指标2!F5")
    assert (problem.expected, problem.found) == ("<= 25", "30")


@pytest.mark.parametrize(("low", "limits"), [("base", "80—98"), (79.5, "79.5—98")])
def test_negotiated_rates_beyond_the_declared_bounds_are_refused(tmp_path, low, limits):
    item = indicator(unit="%", base="88", target="95")
    rule = {"method": "solve", "weights": "size", "decimals": 1, "move": "points", "low": low,
            "high": 98, "side": "at_least"}  # fmt: skip
    figures = bases("90", "80", unit="%")
    cells = {"指标1__F4": 98.5, "指标1__F5": 84.5}
    with pytest.raises(ProblemError) as error:
        negotiated(tmp_path, plan(item), figures, {"1": rule}, **cells)
    [problem] = error.value.problems
    assert problem.key == "out_of_bounds" and problem.where.endswith("指标1!F4")
    assert problem.found == "98.5" and problem.expected.endswith("—98")
    cells = {"指标1__F4": 99.9, "指标1__F5": 79.4}
    with pytest.raises(ProblemError) as error:
        negotiated(tmp_path, plan(item), figures, {"1": rule}, **cells)
    assert keys(error) == ["mean_differs", "out_of_bounds", "out_of_bounds"]
    assert error.value.problems[2].expected == limits


def test_years_that_miss_their_target_are_told(example, folder, tmp_path):
    swapped = {"指标1__F4": 80.58, "指标1__F5": 13.37}
    with pytest.raises(ProblemError) as error:
        allocation_form_read.negotiated(edited(folder, tmp_path, **swapped), example)
    assert keys(error) == ["years_differ", "years_differ"]
    assert error.value.problems[0].found == "81.58"


def test_forms_of_something_else_are_refused(example, folder, tmp_path):
    other = replace(example, plan=replace(example.plan, id="gd-hrss-15"))
    with pytest.raises(ProblemError) as error:
        allocation_form_read.negotiated(folder / "allocation.xlsx", other)
    assert keys(error) == ["no_allocation_form"]
    fewer = replace(example, items=example.items[1:])
    with pytest.raises(ProblemError) as error:
        allocation_form_read.negotiated(folder / "allocation.xlsx", fewer)
    assert keys(error) == ["other_proposal"]
    for text in (None, "{", "[]"):
        path = edited(folder, tmp_path, _gdplan__A1=text)
        with pytest.raises(ProblemError) as error:
            allocation_form_read.negotiated(path, example)
        assert keys(error) == ["no_allocation_form"]
    book = openpyxl.load_workbook(folder / "allocation.xlsx")
    del book["指标4"]
    book.save(tmp_path / "less.xlsx")
    with pytest.raises(ProblemError) as error:
        allocation_form_read.negotiated(tmp_path / "less.xlsx", example)
    assert "missing_sheet" in keys(error)


def test_numbers_that_clash_as_sheet_names_get_different_ones(tmp_path):
    items = (indicator("1/a"), indicator("1?a", name="乙"))
    rule = {"method": "share", "weights": "size", "decimals": 0}
    the_plan = plan(*items)
    path = rules(tmp_path, indicators={i.no: dict(rule) for i in items})
    made = break_down(the_plan, *read_allocation(path, the_plan), observed())
    assert [s.name for s in allocation_form_write.layout(made)] == ["指标1_a", "指标1_a(2)"]
    assert allocation_form_write.workbook(made)


# The command


def test_the_command_writes_table_form_and_plans(command, tmp_path):
    out = tmp_path / "made"
    words = ("allocate", "--rules", str(EXAMPLE), "--observations", str(FIGURES))
    run = command(*words, "--out", str(out))
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == str(out)
    assert "不分解：8" in run.stdout and "示例数据，非真实" in run.stdout
    again = command(*words, "--out", str(out))
    assert again.returncode == 1 and "[output_exists]" in again.stderr
    second = tmp_path / "second"
    back = command(*words, "--negotiated", str(out / "allocation.xlsx"), "--out", str(second))
    assert back.returncode == 0, back.stderr
    files = {p.relative_to(out) for p in out.rglob("*") if p.is_file()}
    assert len(files) == 2 + 2 * 21
    for name in files:
        assert (out / name).read_bytes() == (second / name).read_bytes(), name


def test_the_command_without_weights_writes_nothing(command, tmp_path):
    run = command("allocate", "--out", str(tmp_path / "made"))
    assert run.returncode == 1 and "[missing_weight]" in run.stderr
    assert "445300 云浮市" in run.stderr and not list(tmp_path.iterdir())


def test_the_command_says_which_bases_the_city_plans_lack(command, tmp_path):
    text = (EXAMPLE / "allocation.yml").read_text("utf-8")
    text = re.sub(r"method: solve[^}]*", "method: copy", text)
    text = re.sub(r"method: increment", "method: share", text)
    path = tmp_path / "allocation.yml"
    path.write_text(text.replace("weights: mixed", "weights: size"), "utf-8")
    run = command("allocate", "--rules", str(path), "--out", str(tmp_path / "made"))
    assert run.returncode == 0, run.stderr
    assert "缺基期数：6 失业保险参保人数，21个地区没有2020年的数" in run.stdout
    line = (tmp_path / "made" / "plans" / "gd-hrss-14-440100" / "plan.txt").read_text("utf-8")
    assert "6\t失业保险参保人数\t万人\t—\t" in line


def test_the_simulated_bases_are_made_by_their_script():
    spec = importlib.util.spec_from_file_location(
        "simulate_bases", ROOT / "examples" / "simulate_bases.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules["simulate_bases"] = module
    spec.loader.exec_module(module)
    assert module.render() == (FIGURES / "bases.csv").read_bytes()
    assert module.main(["--check"]) == 0
    assert all(row[-1] == "true" and "示例数据，非真实" in row[-2] for row in module.rows())
