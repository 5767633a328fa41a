"""The regional section says what the cities' figures say, in both languages, with its limits."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from cityframes import CITIES, everywhere, placed
from frames import PROVINCE, evaluation, indicator, observed, plan

from gdplan import load_plan, read_observations
from gdplan.model import Kind
from gdplan.notation import parse_target
from gdplan.observations.annual_targets import AnnualTarget
from gdplan.regions.cities import section as cities_section
from gdplan.regions.cities.standing import PARAMETERS

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "observations"
GUANGZHOU, SHAOGUAN, SHENZHEN = CITIES[:3]
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def made(rows, *items, parameters=PARAMETERS, **options):
    p = plan(*(items or (indicator(),)))
    return cities_section.regional(evaluation(p, rows, **{"targets": (), **options}), parameters)


def of(found, caption):
    (table,) = [t for t in found.section.tables if t.caption == caption]
    return table


@pytest.fixture(scope="module")
def example():
    """The section of the simulated year set in both languages."""
    p = load_plan("gd-hrss-14")
    rows = read_observations(EXAMPLE, p)
    return {lang: cities_section.regional(evaluation(p, rows, lang=lang)) for lang in ("zh", "en")}


def test_a_city_report_and_a_province_without_city_figures_have_no_section():
    rows = placed({GUANGZHOU: {2023: "5"}, PROVINCE: {2023: "70"}})
    for found in (made(rows, region=GUANGZHOU), made(placed({PROVINCE: {2023: "70"}}))):
        assert found._repr_html_() == "" and not found.section.blocks and not found.charts.charts


def test_the_lead_counts_indicators_cities_and_figures_and_names_the_files():
    found = made(everywhere(["4", "9"], ["5", "10"], ("68", "70")))
    assert "指标1项，涉及2个市（全省21个），共2个数据，取自test.csv" in found.section.text


def test_the_spread_names_the_ends_and_gives_quartiles_only_for_enough_cities():
    rows = placed({PROVINCE: {2023: "70"}, **{c: {2023: str(n)} for n, c in enumerate(CITIES[:8])}})
    (row,) = of(made(rows), "各市数据的分布").rows
    assert row[3:] == ("8/21", "广州（0）", "2", "4", "5", "湛江（7）", "70")
    few = made(rows[rows["region"] != CITIES[7]])
    (row,) = of(few, "各市数据的分布").rows
    assert row[3] == "7/21" and row[5:8] == ("—", "—", "—")
    assert "不足8个，不列四分位数，也不画分布图：指标1" in few.section.text
    assert not few.charts.charts
    relaxed = made(
        rows[rows["region"] != CITIES[7]], parameters={**PARAMETERS, "quartiles_least": 7}
    )
    assert of(relaxed, "各市数据的分布").rows[0][5] == "2" and len(relaxed.charts.charts) == 1


def test_missing_cities_are_named_or_those_that_are_there():
    most = {c: {2023: "1"} for c in CITIES[:-2]}
    assert "指标1：缺揭阳、云浮的数据。" in made(placed(most)).section.text
    few = made(placed({GUANGZHOU: {2023: "5"}, SHENZHEN: {2023: "6"}}))
    assert "指标1：只有广州、深圳的数据，不能代表其他市。" in few.section.text
    assert "缺" not in made(placed({c: {2023: "1"} for c in CITIES})).section.tables[0].caption


def test_changes_print_signs_units_and_a_rest_that_closes_the_sum():
    found = made(everywhere(["4.0", "9.0"], ["5.5", "7.25"], ("68", "70.5")))
    (row,) = of(found, "各市对全省变化的贡献").rows
    assert row[3:] == ("+2.5", "-0.25", "+2.75", "广州（+1.50）", "韶关（-1.75）")


def test_a_change_that_rounding_could_make_is_not_named():
    found = made(everywhere(["4", "9"], ["5", "11"], ("68", "70")))
    (row,) = of(found, "各市对全省变化的贡献").rows
    assert row[-2:] == ("韶关（+2）", "—")


def test_what_does_not_add_up_is_said_and_not_split():
    found = made(everywhere(["4"], ["80"], ("68", "70")))
    assert "指标1：缺少上年数，或各市数不能相加为全省数，不作分解。" in found.section.text
    assert len(found.section.tables) == 1


def test_the_gap_is_shared_out_only_where_the_province_lags():
    found = made(everywhere(["16", "48"], ["19", "47"], ("64", "66")))
    (row,) = of(found, "各市承担的差距").rows
    assert row[3:] == ("-6", "-6", "0", "韶关（-7）", "1")
    assert "不是下达给各市的目标" in found.section.text
    assert "差距" not in made(everywhere(["16", "48"], ["19", "47"], ("64", "74"))).section.text


def test_shares_stand_against_the_provinces_target_worst_first():
    item = indicator(base="60", target="80", unit="%")
    rows = placed({PROVINCE: {2023: "75.5"}, GUANGZHOU: {2023: "71"}, SHAOGUAN: {2023: "62"},
                   SHENZHEN: {2023: "81"}}, unit="%")  # fmt: skip
    (row,) = of(made(rows, item), "各市比率与全省目标").rows
    assert row == ("1", "指标1", "80", "72", "75.5", "1/3", "韶关（62）、广州（71，临界）")
    assert "不能加权为全省数" in made(rows, item).section.text


def test_the_schedule_of_an_older_figure_of_the_province_is_not_that_of_the_year():
    item = indicator(base="60", target="80", unit="%")
    rows = placed({PROVINCE: {2022: "68"}, GUANGZHOU: {2023: "71"}}, unit="%")
    (row,) = of(made(rows, item), "各市比率与全省目标").rows
    assert row[2:5] == ("80", "—", "—")


def test_a_cap_lists_the_highest_first():
    item = indicator(base="2.5", target="4以内", unit="%", direction=-1)
    rows = placed({PROVINCE: {2023: "3.1"}, GUANGZHOU: {2023: "4.4"}, SHAOGUAN: {2023: "5.2"}},
                  base="2.6", unit="%")  # fmt: skip
    assert of(made(rows, item), "各市比率与全省目标").rows[0][-1] == "韶关（5.2）、广州（4.4）"


def test_laggards_stand_by_their_number_and_each_says_why():
    share = indicator("1", base="60", target="80", unit="%")
    total = indicator("2")
    rows = pd.concat([
        placed({PROVINCE: {2023: "75"}, GUANGZHOU: {2023: "62"}, SHAOGUAN: {2023: "62"}}, unit="%"),
        everywhere(["9", "9", "9"], ["9", "7", "9"], ("66", "65")).assign(indicator="指标2"),
    ])  # fmt: skip
    mine = AnnualTarget("2", SHENZHEN, 2023, parse_target("10以上"), "2023-01", "要点", "t:2")
    table = of(made(rows, share, total, targets=(mine,)), "落后的市及指标")
    assert table.rows == (
        ("韶关", "2", "指标1（62）；指标2（比上年-2）"), ("广州", "1", "指标1（62）"),
        ("深圳", "1", "指标2（9，年度目标10以上）"),
    )  # fmt: skip


def test_no_laggard_and_nothing_to_judge_by_are_two_things():
    share = indicator(base="60", target="80", unit="%")
    good = placed({PROVINCE: {2023: "75"}, GUANGZHOU: {2023: "76"}}, unit="%")
    assert "在可以判断的数据中，没有落后的市" in made(good, share).section.text
    unknown = made(everywhere(["4"], ["5"], ("68", "76")))
    assert "不能判断哪个市落后" in unknown.section.text
    assert "没有落后" not in unknown.section.text


def test_small_counts_chance_and_bounds_are_said():
    item = indicator(unit="人", base="4000", target="3000", kind=Kind.of("annual"))
    rows = everywhere(["19", "300"], ["25", "310"], ("4100", "4200")).assign(unit="人")
    text = made(rows, item).section.text
    assert "不足20人（次、件）的数" in text and "指标1（广州）" in text
    assert "1.96个标准差）：指标1" in text
    bounded = observed({"year": 2023, "raw": "5", "region": GUANGZHOU, "bound": "at_least"})
    assert "可能改变高低次序：指标1" in made(bounded).section.text
    assert "超5" in of(made(bounded), "各市数据的分布").rows[0][4]
    assert "次序" not in made(everywhere(["4"], ["5"], ("68", "70"))).section.text


def test_the_example_has_every_part(example):
    captions = [t.caption for t in example["zh"].section.tables]
    assert captions == ["各市数据的分布", "各市对全省变化的贡献", "各市承担的差距",
                        "各市比率与全省目标", "落后的市及指标"]  # fmt: skip
    assert len(example["zh"].section.tables[0].rows) == 25
    assert [r[0] for r in example["zh"].section.tables[2].rows] == ["9", "15", "20"]
    behind = {r[0]: r[-1] for r in example["zh"].section.tables[3].rows}
    assert behind["21"] == "汕尾（55.23）"


def test_the_counts_of_the_simulated_cities_add_up_to_the_province(example):
    for row in example["zh"].section.tables[1].rows:
        assert float(row[3]) == float(row[4]) and float(row[5]) == 0.0


def test_both_languages_print_the_same_figures(example):
    for one, other in zip(example["zh"].section.tables, example["en"].section.tables, strict=True):
        assert (one.keys, one.columns, one.align) == (other.keys, other.columns, other.align)
        for a, b in zip(one.rows, other.rows, strict=True):
            assert [NUMBER.findall(x) for x in a[3:]] == [NUMBER.findall(x) for x in b[3:]]


def test_english_has_no_chinese(example):
    found = example["en"]
    text = found.section.text + " ".join(c for t in found.section.tables for r in t.rows for c in r)
    assert not re.findall(r"[一-鿿]", text + found.charts.charts[0].alt)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_digit_of_the_prose_is_a_figure_a_count_or_a_printed_limit(example, lang):
    section = example[lang].section
    cells = {n for t in section.tables for r in (t.header, *t.rows) for x in r
             for n in NUMBER.findall(x)}  # fmt: skip
    rows = section.tables[0].rows
    counts = {str(len(rows)), str(sum(int(r[3].split("/")[0]) for r in rows))}
    limits = {f"{x:g}" for x in PARAMETERS.values()}
    assert set(NUMBER.findall(section.text)) <= cells | counts | limits


def test_the_report_shows_section_and_grid_and_the_real_report_its_limits(simulated, midterm):
    page = next(simulated.glob("report*.html")).read_text("utf-8")
    assert "各市情况" in page and "各市承担的差距" in page and "年各市分布图" in page
    real = (midterm / "report.html").read_text("utf-8")
    assert "只有广州、深圳的数据" in real and "年各市分布图" not in real


def test_a_printed_number_of_the_section_leads_back_to_its_indicator(simulated, command):
    import json

    tables = json.loads((simulated / "run.json").read_text("utf-8"))["tables"]
    label = next(t["label"] for t in tables if t["caption"] == "各市承担的差距")
    run = command("trace", str(simulated), f"{label}!D2")
    assert run.returncode == 0, run.stderr
    assert "补充养老保险基金规模" in run.stdout
