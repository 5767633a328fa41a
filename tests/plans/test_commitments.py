"""Quantified commitments are found in the prose of any plan, and little else is."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pytest
from frames import indicator, plan
from hypothesis import given
from hypothesis import strategies as st

from gdplan import load_plan
from gdplan.model import Indicator
from gdplan.plans import commitments

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "data/raw/plans/gd-hrss-14/plan.txt").read_text("utf-8")
FOUND = commitments.extract(TEXT, target_year=2025)


def by_hand() -> Counter[tuple[int, float, str, str]]:
    """The list read off the text by a person."""
    with (ROOT / "tests/data/commitments_14.csv").open(encoding="utf-8") as file:
        return Counter(
            (int(r["line"]), float(r["value"]), r["unit"], r["deadline"])
            for r in csv.DictReader(file)
        )


def test_at_least_95_percent_of_the_list_made_by_hand_is_found_and_little_else():
    wanted = by_hand()
    got = Counter((c.line, c.value, c.unit, c.deadline) for c in FOUND)
    hit = sum((wanted & got).values())
    assert sum(wanted.values()) >= 65
    assert hit / sum(wanted.values()) >= 0.95, wanted - got
    assert hit / sum(got.values()) >= 0.95, got - wanted


def one(text: str) -> list[tuple[str, float, str, str, bool]]:
    return [(c.comparator, c.value, c.unit, c.deadline, c.per_year)
            for c in commitments.extract(text, target_year=2030)]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("到2027年底，全市新建养老服务中心120个，护理型床位占比达到65%以上。",
         [("=", 120, "个", "2027", False), (">=", 65, "%", "2027", False)]),
        ("每年新增公共充电桩3000个，财政安排资金2.5亿元。",
         [("=", 3000, "个", "2030", True), ("=", 2.5, "亿元", "2030", False)]),
        ("单位能耗控制在0.5%以内，万人专利拥有量约30件。",
         [("<=", 0.5, "%", "2030", False), ("about", 30, "件", "2030", False)]),
        ("培育百家专精特新企业，引进两千名青年人才，惠及三万户家庭。",
         [("=", 100, "家", "2030", False), ("=", 2000, "名", "2030", False),
          ("=", 30000, "户", "2030", False)]),
        ("于2026年前建成不少于１,２００套保障性住房；2028年全面竣工。",
         [(">=", 1200, "套", "2026", False)]),
        ("新增就业不超过5万人、不低于3万人次培训。",
         [("<=", 5, "万人", "2030", False), (">=", 3, "万人次", "2030", False)]),
    ],
)  # fmt: skip
def test_other_plans_are_read_by_the_same_rules(text, wanted):
    assert one(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "截至2020年底，全省共有技工院校146所。", "“十三五”期间，新增就业700万人。",
        "深入实施“1+1+9”工作部署。", "第3项任务由省厅负责。", "推进“百千万工程”和“千万工程”。",
        "地区生产总值连续32年居首位。", "第一章 发展目标\t8", "一、建成学校120所..........12",
        "1\t城镇新增就业人数\t万人\t[717.25]\t[550]", "加强队伍建设，办好一件事。", "",
    ],
)  # fmt: skip
def test_the_past_the_contents_and_titles_are_no_commitments(text):
    assert one(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "去年完成了50个。", "上一年度，全市建成学校120所。", "近年来新增公园30个，改造50个。",
        "全市已建成学校120所。", "现有医院50家。", "全省共有技工院校146所。",
        "2023年培训了10万人次。",
        "2020年，建成学校120所。", "“十四五”时期累计建成学校120所。",
        "截至目前，累计建成学校120所。",
        "新增学校120所，比“十四五”期初多20所，为十四五期间最多。", "曾获奖励50项。",
    ],
)  # fmt: skip
def test_what_was_done_is_no_commitment(text):
    assert one(text) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("去年完成了50个，今年再建60个。", [60]),
        ("今年再建60个，去年完成了50个。", [60]),
        ("2024年建成50个，到2030年建成200个。", [200]),
        ("在现有100所基础上新增50所。", [50]),
        ("对已备案的400家企业开展检查。", [400]),
        ("为了惠及更多群众，新建学校50所。", [50]),
        ("“十五五”时期，新建学校50所，比“十四五”末增加20所。", [50, 20]),
        ("到2030年，比2025年增加50所。", [50]),
        ("去年建成50所，将新建60所。", [60]),
        ("组织50岁以上年轻人才500人参加。", [500]),
        ("全省公共有轨电车达到50辆。", [50]),
    ],
)
def test_what_is_to_be_done_beside_the_past_is_a_commitment(text, values):
    assert [c.value for c in commitments.extract(text, target_year=2030)] == values


def test_the_plan_before_is_past_and_the_plans_own_period_is_not():
    text = "“十三五”时期新建学校50所。"
    assert not commitments.extract(text, target_year=2025)
    assert [c.deadline for c in commitments.extract(text, target_year=2020)] == ["2020"]


def test_years_before_the_plan_and_years_of_comparison_are_no_deadlines():
    [c] = commitments.extract("比2019年增加50所，2024年完成。", target_year=2025)
    assert c.deadline == "2024"
    [c] = commitments.extract("比2023年增加50所。", target_year=2025)
    assert c.deadline == "2025"


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("新建校舍面积5万平方米。", 5, "万平方米"), ("新建公路120公里。", 120, "公里"),
        ("新增建设用地15.5平方公里。", 15.5, "平方公里"), ("减少排放3,000吨以上。", 3000, "吨"),
        ("节能50万吨标准煤。", 50, "万吨标准煤"), ("修复湿地200公顷。", 200, "公顷"),
        ("建成高标准农田100万亩。", 100, "万亩"), ("新增装机50万千瓦。", 50, "万千瓦"),
        ("发电20亿千瓦时。", 20, "亿千瓦时"), ("供水3亿立方米。", 3, "亿立方米"),
        ("更新公交车500辆。", 500, "辆"), ("利用外资3亿美元。", 3, "亿美元"),
        ("新增学位2万个、床位500张。", 2, "万个"),
    ],
)  # fmt: skip
def test_measures_keep_their_unit(text, value, unit):
    first = commitments.extract(text, target_year=2030)[0]
    assert (first.value, first.unit) == (value, unit)


@pytest.mark.parametrize(
    "text",
    [
        "建设10万吨级码头。",
        "降低百公里油耗。",
        "推进万亩良田建设。",
        "服务60岁以上老人。",
        "打造15分钟服务圈。",
    ],
)  # fmt: skip
def test_grades_names_and_ages_are_no_amounts(text):
    assert one(text) == []


TABLE = """序号\t指标\t单位\t2025年\t2030年\t属性
一、就业
1\t城镇新增就业人数\t万人\t[50]\t[60]\t预期性
二、保险
2\t参保人数\t万人\t500\t600\t预期性"""


@pytest.mark.parametrize(
    ("box", "where"),
    [
        (f"专栏 2 主要指标\n{TABLE}\n\n注：[]内为五年累计数，共20个。\n新建学校50所。",
         ["专栏2主要指标", "第二节主要目标"]),
        (f"{TABLE}\n新建学校50所。", ["第二节主要目标"]),
        ("专栏 3 项目\n项目\t规模\n学校\t30所\n\n新建学校50所。", ["专栏3项目", "第二节主要目标"]),
        ("专栏 3 项目\n| 项目 | 规模 |\n|---|---|\n| 学校 | 30所 |\n新建学校50所。",
         ["专栏3项目", "第二节主要目标"]),
        ("专栏 3 工程\n1.\t建设基地30个。\n继续建设20个。", ["专栏3工程"] * 2),
        ("专栏 3 工程\n建设基地30个。\n第三节 其他\n新建学校50所。", ["专栏3工程", "第三节其他"]),
    ],
)  # fmt: skip
def test_prose_behind_a_table_stands_under_its_chapter(box, where):
    text = f"第二节 主要目标\n\n{box}"
    found = commitments.extract(text, target_year=2030)
    assert [c.where for c in found] == where


def test_a_review_of_the_past_is_left_out_until_the_next_section():
    text = "第一节 发展基础\n全市建成学校120所。\n第二节 主要目标\n全市建成学校150所。"
    assert [c.value for c in commitments.extract(text, target_year=2030)] == [150]


def test_a_set_of_doers_is_no_commitment_but_its_share_is():
    assert one("9市各建设至少1个基地。") == [(">=", 1, "个", "2030", False)]


def test_place_quote_and_line_are_kept():
    text = "专栏 3 重点工程\n\n建设基地20个。其余从略。"
    [c] = commitments.extract(text, target_year=2030)
    assert (c.where, c.quote, c.line, c.what) == (
        "专栏3重点工程",
        "建设基地20个。",
        3,
        "建设基地20个",
    )


def test_ids_are_stable_and_differ():
    again = commitments.extract(TEXT, target_year=2025)
    assert [c.id for c in again] == [c.id for c in FOUND]
    shifted = commitments.extract("\n\n" + TEXT, target_year=2025)
    assert [c.id for c in shifted] == [c.id for c in FOUND]


def test_repeats_of_table_indicators_are_marked():
    marked = {c.merged_with: c for c in commitments.merged(FOUND, load_plan("gd-hrss-14"))}
    assert {"1", "2", "3", "4", "21", "22", "23", "25"} <= set(marked)
    assert marked["1"].value == 550


def repeats(text: str, *items: Indicator) -> list[str]:
    found = commitments.extract(text, target_year=2025)
    return [c.merged_with for c in commitments.merged(found, plan(*items))]


OLD_AGE = indicator("4", name="基本养老保险参保率", unit="%", target="95")
HEALTH = indicator("5", name="基本医疗保险参保率", unit="%", target="稳定在95以上")


def test_a_repeat_is_that_of_the_name_in_its_own_clause():
    text = "全省基本养老保险参保率达到95%，基本医疗保险参保率稳定在95%以上。"
    assert repeats(text, OLD_AGE, HEALTH) == repeats(text, HEALTH, OLD_AGE) == ["4", "5"]
    shipped = commitments.merged(FOUND, load_plan("gd-hrss-14"))
    assert [c.merged_with for c in shipped if c.line == 183 and c.value == 95] == ["4", "5"]


def test_where_the_clause_names_none_the_sentence_decides():
    text = "完善基本医疗保险制度，提高参保率，到2025年达到95%。"
    assert repeats(text, OLD_AGE, HEALTH) == ["5"]


@pytest.mark.parametrize(
    ("text", "target", "unit", "no"),
    [("新增就业120000名。", "12", "万人", "1"), ("新增就业12万人。", "12", "万人", "1"),
     ("新增就业12万人。", "13", "万人", ""), ("新增就业12万户。", "12", "万人", ""),
     ("建成学校12所，培训12万人。", "12", "万人", "")],
)  # fmt: skip
def test_a_repeat_agrees_in_amount_and_name(text, target, unit, no):
    item = indicator("1", name="城镇新增就业", unit=unit, target=target)
    assert repeats(text, item)[-1] == no


def test_an_alias_is_a_name_as_well():
    item = indicator("1", name="城镇新增岗位", aliases=("新增就业",), unit="万人", target="12")
    assert repeats("实现新增就业12万人。", item) == ["1"]


def test_the_table_of_commitments_has_its_columns_and_one_row_each():
    rows = list(csv.DictReader(io.StringIO(commitments.to_csv(FOUND))))
    assert len(rows) == len(FOUND)
    assert tuple(rows[0]) == commitments.COLUMNS
    assert rows[0]["value"] == "550" and rows[0]["comparator"] == ">="


ALPHABET = st.sampled_from([*"0123456789.,万亿个家名%百千到年，。；第“”专栏十五截至 \t\n市各以上"])


@given(st.text(ALPHABET, max_size=200))
def test_no_text_breaks_the_reader_and_every_quote_stands_in_it(text):
    for c in commitments.extract(text, target_year=2030):
        assert c.value >= 0 and c.unit and 1 <= c.line <= len(text.splitlines())
        assert c.deadline.isdigit() and c.id


def test_twice_the_text_is_twice_the_commitments():
    assert len(commitments.extract(TEXT + "\n" + TEXT, target_year=2025)) == 2 * len(FOUND)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("引进超20000名人才，扶持近500家、500余家、50多家。",
         [(">", 20000, "名"), ("about", 500, "家"), (">", 500, "家"), (">", 50, "家")]),
        ("惠及2万余人，培训100多万人次。", [(">", 2, "万人"), (">", 100, "万人次")]),
        ("总产值达到13.5万亿元，城镇化率提高5个百分点。",
         [(">=", 13.5, "万亿元"), ("=", 5, "个百分点")]),
        ("新增二十所学校，建成一百二十家，惠及三十五万户。",
         [("=", 20, "所"), ("=", 120, "家"), ("=", 350000, "户")]),
        ("浓度下降到25微克/立方米以下，失业率降到5%。",
         [("<=", 25, "微克/立方米"), ("<=", 5, "%")]),
        ("粮食产量250亿斤、吞吐量7000万标箱。", [("=", 250, "亿斤"), ("=", 7000, "万标箱")]),
    ],
)  # fmt: skip
def test_the_words_of_other_plans_are_understood(text, wanted):
    found = commitments.extract(text, target_year=2030)
    assert [(c.comparator, c.value, c.unit) for c in found] == wanted


@pytest.mark.parametrize(
    "text",
    ["服务千家万户。", "开展百校联百县活动。", "推进百县千镇万村高质量发展。", "“百家百场”宣讲。",
     "从5个方面发力，抓好20个环节。", "排名前20位，进入前10名。", "实施百名人才培养计划。"],
)  # fmt: skip
def test_idioms_names_and_ranks_are_no_amounts(text):
    assert one(text) == []


@pytest.mark.parametrize(
    ("text", "value", "upper", "unit"),
    [("建设3—5家。", 3, 5, "家"), ("增长3%—5%。", 3, 5, "%"), ("培训8000—1万人。", 0.8, 1, "万人"),
     ("打造3至5个。", 3, 5, "个")],
)  # fmt: skip
def test_a_range_is_one_commitment_with_both_ends(text, value, upper, unit):
    [c] = commitments.extract(text, target_year=2030)
    assert (c.value, c.upper, c.unit) == (value, upper, unit)
    assert commitments.met(c, value) and not commitments.met(c, value / 2)


@pytest.mark.parametrize(
    ("text", "base", "value", "unit"),
    [("参保率由91%提高到95%。", 91, 95, "%"), ("由2027年的91%提高到2030年的95%以上。", 91, 95, "%"),
     ("收入从8000元增加到1.2万元。", 0.8, 1.2, "万元"), ("时限由20个压减至15个。", 20, 15, "个")],
)  # fmt: skip
def test_from_and_to_are_one_commitment_with_its_base(text, base, value, unit):
    [c] = commitments.extract(text, target_year=2030)
    assert (c.base, c.value, c.unit) == (base, value, unit)


@pytest.mark.parametrize(
    ("text", "deadline"),
    [("今后五年新增500万人。", "2030"), ("未来三年培训30万人。", "2028"),
     ("到“十五五”末达到800所。", "2030"), ("新增12万人。", "2026"), ("2027年新增12万人。", "2027")],
)  # fmt: skip
def test_deadlines_follow_the_texts_own_years(text, deadline):
    [c] = commitments.extract(text, target_year=2026, base_year=2025)
    assert c.deadline == deadline


def test_without_any_year_the_deadline_is_empty():
    [c] = commitments.extract("新增12万人。", target_year=0)
    assert c.deadline == ""
