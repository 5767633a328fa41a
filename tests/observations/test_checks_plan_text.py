"""The prose of a plan is held against its tables, by rules that know no particular plan."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from frames import yearly

from gdplan import load_plan, read_observations
from gdplan.files.documents.document import of_text
from gdplan.observations.checks import plan_text
from gdplan.observations.checks import run as checks
from gdplan.plans.table_rows import parse_text

TABLE = """专栏1 “十四五”时期主要指标
序号\t指标\t单位\t2020年基期数\t2025年目标值\t指标属性
1\t养老床位数\t万张\t12.5\t18\t预期性
2\t居民健康素养水平达标率\t%\t20.3\t30\t预期性
3\t每千人口执业医师数\t人\t2.61\t3.2\t预期性
4\t图书馆覆盖率\t%\t90\t95以上\t预期性
5\t医保基金支出增长率\t%\t6\t8以内\t约束性
6\t参加培训人数\t万人\t[50]\t[80]\t预期性
7\t就业率\t%\t92\t95\t预期性
"""


def text_of(*prose: str) -> str:
    return "第一章 总体要求\n\n" + "\n\n".join(prose) + "\n\n" + TABLE


def found(*prose: str) -> list[tuple[str, str, int | None]]:
    text = text_of(*prose)
    return [(s.name, s.text, s.year) for s, _ in plan_text.contradictions(of_text(text, "t"))]


def stated(*prose: str) -> list[tuple[str, float, int | None]]:
    text = text_of(*prose)
    return [(s.name, s.value, s.year)
            for s in plan_text.statements(text, parse_text(text, name="t").rows)]  # fmt: skip


def test_the_table_of_this_test_is_read():
    assert [r.no for r in parse_text(text_of("无。"), name="t").rows] == list("1234567")


def test_a_number_that_no_cell_of_its_year_agrees_with_is_told():
    assert found("到2025年，居民健康素养水平达标率达到28%。") == [
        ("居民健康素养水平达标率", "28", 2025)
    ]
    assert found("到2025年，居民健康素养水平达标率达到30%以上。") == []


def test_a_year_decides_which_cell_is_meant():
    assert found("2020年，居民健康素养水平达标率为30%。") == [
        ("居民健康素养水平达标率", "30", 2020)
    ]
    assert found("“十三五”期末，居民健康素养水平达标率为20.3%。") == []
    # Without a year any cell will do; a year that the table lacks is not compared.
    assert found("居民健康素养水平达标率为30%。") == []
    assert found("到2023年，居民健康素养水平达标率达到25%。") == []


def test_rounding_is_no_contradiction():
    assert found("2020年居民健康素养水平达标率达20%。") == []
    assert found("2020年居民健康素养水平达标率达20.4%。") != []
    assert found("2020年每千人口执业医师数达2.6人。") == []


def test_units_of_one_noun_are_converted():
    assert stated("2020年，全省养老床位数达12.5万张。") == [("养老床位数", 12.5, 2020)]
    assert found("2020年，全省养老床位数达125000张。") == []
    assert found("2020年，全省养老床位数达1250000张。") != []
    assert stated("2020年，全省养老床位数比重达12.5%。") == []


def test_lists_with_respectively_are_paired_in_their_order():
    prose = "2020年居民健康素养水平达标率、图书馆覆盖率分别达20.3%、90%。"
    assert [s[:2] for s in stated(prose)] == [
        ("居民健康素养水平达标率", 20.3),
        ("图书馆覆盖率", 90),
    ]
    assert found(prose) == []
    assert found("2020年居民健康素养水平达标率、图书馆覆盖率分别达90%、20.3%。") == [
        ("居民健康素养水平达标率", "90", 2020), ("图书馆覆盖率", "20.3", 2020),
    ]  # fmt: skip
    assert stated("2020年居民健康素养水平达标率、图书馆覆盖率分别达90%。") == []


def test_growth_differences_and_other_things_are_passed_over():
    assert found("居民健康素养水平达标率比2015年提高8个百分点。") == []
    assert found("养老床位数增长15万张。") == []
    assert found("超30%的社区建有图书馆。") == []
    assert found("2020年，老年食堂达40万张。") == []


def test_tables_of_contents_and_the_tables_themselves_are_no_prose():
    assert stated("第一节 居民健康素养水平达标率28%\t12") == []
    assert all(s[2] != 0 for s in stated("无。"))
    assert stated("无。") == []


def test_the_shipped_plan_contradicts_itself_in_two_places():
    """700 万 where the table prints 717.25, 3.5 % where it prints 2.6; all else agrees."""
    plan = load_plan("gd-hrss-14")
    rows = yearly({2023: "1"}).iloc[:0]
    told = plan_text.prose(rows, plan, checks.CHECK_PARAMETERS)
    assert [(f.indicator, f.cells[0]) for f in told] == [
        ("城镇新增就业人数", "gd-hrss-14/plan.txt:98"),
        ("城镇登记失业率", "gd-hrss-14/plan.txt:98"),
    ]
    assert "突破 700 万人" in told[0].sentence and "2020年完成[717.25]" in told[0].sentence
    assert "3.5%" in told[1].sentence and "2020年完成2.6 以内" in told[1].sentence
    text = Path(plan.files[1]).read_text("utf-8-sig")
    assert len(list(plan_text.statements(text, parse_text(text, name="t").rows))) >= 18


def test_a_coverage_is_held_against_its_count_and_the_population():
    plan = load_plan("gd-hrss-14")
    told = plan_text.coverage(read_observations(None, plan), plan, checks.CHECK_PARAMETERS)
    assert [(f.indicator, f.cells[0]) for f in told] == [
        ("社会保障卡持卡人数", "gd-hrss-14/plan.txt:137"),
        ("社会保障卡持卡人数", "gd-hrss-14/plan.txt:197"),
    ]
    # 11428 of 12624, and 12300 of the latest population that is known.
    assert "90.5%" in told[0].sentence and "98.95%" in told[0].sentence
    assert "97.2%" in told[1].sentence and "2022年常住人口" in told[1].sentence


@pytest.mark.parametrize(("people", "count"), [("11549", 0), ("12000", 1)])
def test_a_coverage_that_fits_is_not_asked_about(people, count):
    plan = load_plan("gd-hrss-14")
    rows = yearly({2020: people}, indicator="常住人口")
    told = plan_text.coverage(rows, plan, checks.CHECK_PARAMETERS)
    assert len([f for f in told if "2020年98.95%" in f.sentence]) == count


def test_a_plan_without_files_and_figures_without_population_are_left_alone():
    from frames import indicator, plan

    rows = yearly({2023: "1"})
    assert plan_text.prose(rows, plan(indicator()), checks.CHECK_PARAMETERS) == []
    shipped = load_plan("gd-hrss-14")
    assert plan_text.coverage(rows, shipped, checks.CHECK_PARAMETERS) == []
    assert isinstance(rows, pd.DataFrame)


@pytest.mark.parametrize(
    ("name", "words", "share"),
    [("城镇登记失业率", "城镇登记失业率", 1.0), ("城镇登记失业率", "毫不相干", 0.0),
     ("率", "率", 0.0)],
)  # fmt: skip
def test_likeness_counts_letter_pairs(name, words, share):
    assert plan_text.alike(name, words) == share
