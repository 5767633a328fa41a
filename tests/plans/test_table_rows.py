"""Indicator tables in the shapes plan texts have in the wild."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import examples

from gdplan.model import PARSED_COLUMNS
from gdplan.plans.parsed import ParsedRow
from gdplan.plans.table_rows import parse_text
from gdplan.reports.build import indicators_csv

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "data" / "raw" / "plans" / "gd-hrss-14" / "plan.txt").read_text("utf-8")


def read(text: str) -> list[ParsedRow]:
    parsed = parse_text(text)
    assert parsed.problems == ()
    return list(parsed.rows)


def cells(rows: list[ParsedRow], *names: str) -> list[tuple[object, ...]]:
    return [tuple(getattr(row, name) for name in names) for row in rows]


@pytest.mark.parametrize(("table", "file", "count"), [("专栏1", "13", 15), ("专栏2", "14", 25)])
def test_the_shipped_text_gives_exactly_the_rows_typed_by_hand(table, file, count):
    rows = [r for r in read(TEXT) if r.table == table]
    assert len(rows) == count
    expected = (Path(__file__).parents[1] / "data" / f"expected_{file}.csv").read_text("utf-8")
    assert indicators_csv(rows).splitlines() == expected.splitlines()


def test_the_shipped_text_gives_its_notes():
    notes = parse_text(TEXT).notes
    assert notes[-1] == "注：[] 内为五年累计数。" and len(notes) == 3


def test_one_cell_per_line():
    rows = read(
        "专栏1 主要指标\n序号\n指标\n单位\n2020年\n2025年\n属性\n一、就业\n"
        "1\n城镇新增就业人数\n万人\n[717.25]\n[550]\n预期性\n"
        "2\n城镇登记失业率\n%\n2.6以内\n4以内\n预期性\n二、社会保险\n"
        "3\n参保率\n%\n90\n95\n约束性\n注：[ ]内为五年累计数。\n"
    )
    assert cells(rows, "no", "name", "base_raw", "target_raw", "section", "table") == [
        ("1", "城镇新增就业人数", "[717.25]", "[550]", "一、就业", "专栏1"),
        ("2", "城镇登记失业率", "2.6以内", "4以内", "一、就业", "专栏1"),
        ("3", "参保率", "90", "95", "二、社会保险", "专栏1"),
    ]


def test_one_cell_per_line_with_values_that_look_like_row_numbers():
    rows = read(
        "序号\n指标\n单位\n2020年\n2025年\n属性\n"
        + "".join(f"{i}\n第{'甲' * i}项指\n所\n{i}\n{i + 1}\n预期性\n" for i in range(1, 6))
    )
    assert [(r.base_raw, r.target_raw) for r in rows] == [(str(i), str(i + 1)) for i in range(1, 6)]


def test_one_cell_per_line_without_numbers_and_under_a_title_that_is_a_header_word():
    rows = read(
        "主要指标\n指标\n2020年\n2025年\n属性\nGDP（亿元）\n100\n150\n预期性\n"
        "人口（万人）\n10\n12\n约束性\n\n第二章 正文。后面是文字。\n"
    )
    assert cells(rows, "no", "name", "unit", "target_value", "attribute") == [
        ("1", "GDP", "亿元", 150.0, "预期性"),
        ("2", "人口", "万人", 12.0, "约束性"),
    ]


BOX = """
┌────┬──────────┬────┬──────┬──────┬──────┐
│序号│ 指标     │单位│2020年│2025年│ 属性 │
├────┼──────────┼────┼──────┼──────┼──────┤
│ 1  │城镇新增就│万人│ 700  │[550] │预期性│
│    │业人数    │    │      │      │      │
RULE│ 2  │失业率    │ %  │ 2.6  │4以内 │预期性│
RULE│ 3  │参保率    │ %  │ 90   │ 95   │约束性│
└────┴──────────┴────┴──────┴──────┴──────┘
注：说明
"""


@pytest.mark.parametrize("rule", ["├────┼──────────┼────┼──────┼──────┼──────┤\n", ""])
def test_box_drawing_with_wrapped_cells(rule):
    rows = read(BOX.replace("RULE", rule))
    assert cells(rows, "no", "name", "target_raw") == [
        ("1", "城镇新增就业人数", "[550]"),
        ("2", "失业率", "4以内"),
        ("3", "参保率", "95"),
    ]


def test_a_section_across_a_box():
    rows = read(
        "│序号│指标│单位│2020年│2025年│属性│\n├──┼──┼──┼──┼──┼──┤\n"
        "│一、就业          │\n│1│就业│万人│7│8│预期性│\n"
    )
    assert cells(rows, "section", "name") == [("一、就业", "就业")]


def test_ascii_frames():
    rows = read(
        "+------+----------+------+--------+------------+----------+\n"
        "| 序号 | 指标名称 | 单位 | 2020年 | 2025年目标 | 指标性质 |\n"
        "+======+==========+======+========+============+==========+\n"
        "| 1    | 就业     | 万人 | 7      | >8         | 预期性   |\n"
        "+------+----------+------+--------+------------+----------+\n"
        "| 2    | 失业率   | %    | 5      | ≤5.5       | 约束性   |\n"
        "+------+----------+------+--------+------------+----------+\n"
    )
    assert cells(rows, "name", "comparator", "target_value") == [
        ("就业", ">", 8.0),
        ("失业率", "<=", 5.5),
    ]


MARKDOWN = """
### 表2 “十四五”主要指标
| 类别 | **指标** | 2020年 | 2025年 | 年均/累计 | 属性 |
|:---:|---|---:|---:|---:|:-:|
| 经济发展 | 1.地区生产总值（亿元） | 100 | 140 | 7% | 预期性 |
| | 2.全员劳动生产率增长（%） | 2.5 | — | 高于GDP增长 | 预期性 |
| | 3.研发投入增长（%） | — | — | >7 | 预期性 |
| 民生 | 4.人均预期寿命（岁） | 77.3* | — | 〔1〕 | 预期性 |
| | 5.每千人口3岁以下婴幼儿托位数（个） | 1.8 | 4.5 | — | 预期性 |
注：①〔〕内为5年累计数。②带*为2019年数据。
"""


def test_markdown_with_sections_as_a_merged_column_and_units_in_the_name():
    rows = read(MARKDOWN)
    assert cells(rows[:1] + rows[2:], "no", "name", "unit", "section") == [
        ("1", "地区生产总值", "亿元", "经济发展"),
        ("2", "全员劳动生产率增长", "%", "经济发展"),
        ("3", "研发投入增长", "%", "经济发展"),
        ("4", "人均预期寿命", "岁", "民生"),
        ("5", "每千人口3岁以下婴幼儿托位数", "个", "民生"),
    ]


def test_a_column_of_growth_or_totals_stands_in_for_an_empty_target():
    rows = read(MARKDOWN)
    assert cells(rows, "no", "target_raw", "kind", "unit") == [
        ("1", "140", "level", "亿元"),
        ("1", "7%", "rate", "亿元"),
        ("2", "高于GDP增长", "level", "%"),
        ("3", ">7", "rate", "%"),
        ("4", "〔1〕", "cumulative", "岁"),
        ("5", "4.5", "level", "个"),
    ]
    assert {r.target_year for r in rows} == {2025}


def test_columns_of_spaces_with_a_page_number_and_an_unnumbered_sub_item():
    rows = read(
        "表1 主要指标\n"
        "序号  指标                单位   2020年   2025年   属性\n"
        "一、就业\n"
        "1     城镇新增就业人数    万人   700      [550]    预期性\n"
        "2     城镇登记失业率      %      2.6以内  4以内    预期性\n"
        "      其中：青年          %      —        5以内    预期性\n"
        "— 3 —\n"
        "序号  指标                单位   2020年   2025年   属性\n"
        "3     参保率              %      90       95       约束性\n"
    )
    assert cells(rows, "no", "name", "parent_no", "section") == [
        ("1", "城镇新增就业人数", "", "一、就业"),
        ("2", "城镇登记失业率", "", "一、就业"),
        ("2.1", "青年", "2", "一、就业"),
        ("3", "参保率", "", "一、就业"),
    ]


def test_full_width_spaces_and_two_target_years():
    rows = read(
        "主要指标\n指标　　单位　　2020年实际　　2025年目标　　2035年目标　　属性\n"
        "人口　　万人　　100　　120　　150　　预期性\n城镇化率　　%　　60　　65　　75　　预期性\n"
    )
    assert cells(rows, "no", "name", "base_year", "target_year", "target_value") == [
        ("1", "人口", 2020, 2025, 120.0),
        ("1", "人口", 2020, 2035, 150.0),
        ("2", "城镇化率", 2020, 2025, 65.0),
        ("2", "城镇化率", 2020, 2035, 75.0),
    ]


def test_an_empty_cell_of_one_target_year_leaves_the_other():
    rows = read(
        "序号\t主要指标\t单位\t2020年基期值\t2023年目标\t2025年目标\t指标属性\n"
        "1\t失业率\t%\t5\t—\t5.5\t约束性\n"
    )
    assert cells(rows, "target_year", "target_raw") == [(2025, "5.5")]


def test_commas_with_quoted_thousands():
    rows = read('指标,单位,2020年,2025年,属性\n就业人数,万人,"7,100","8,200",预期性\n')
    assert cells(rows, "base_raw", "target_value") == [("7,100", 8200.0)]


def test_header_words_without_years_take_them_from_the_plans_name():
    rows = read(
        "“十三五”时期指标\n序号 | 指标 | 计量单位 | 基期值 | 目标值 | 完成值 | 性质\n"
        "1 | 就业 | 万人 | 5 | 6 | 7 | 预期性\n"
    )
    assert cells(rows, "base_year", "target_year", "result_year", "result_raw") == [
        (2015, 2020, 2020, "7")
    ]


def test_sections_in_a_first_column_that_is_printed_once():
    rows = read(
        "类别\t序号\t指标\t单位\t2020年\t2025年\t属性\n就业\t1\t新增就业\t万人\t10\t12\t预期性\n"
        "\t2\t失业率\t%\t5\t5\t预期性\n社保\t3\t参保率\t%\t90\t95\t约束性\n"
        "4\t参保数\t万人\t90\t95\t约束性\n"
    )
    assert [r.section for r in rows] == ["就业", "就业", "社保", "社保"]


def test_sub_items_by_numbering_and_by_indent():
    rows = read(
        "序号\t指标\t单位\t2020年\t2025年\t属性\n1\t培训\t万人次\t10\t20\t预期性\n"
        "1.1\t青年\t万人次\t4\t8\t预期性\n1.2\t农民工\t万人次\t4\t8\t预期性\n"
        "2\t人才\t万人\t100\t120\t预期性\n（1）\t高技能\t万人\t30\t40\t预期性\n"
        "3\t参保\t万人\t50\t60\t预期性\n4\t　　职工\t万人\t30\t35\t预期性\n"
        "5\t失业率\t%\t5\t5\t预期性\n"
    )
    assert [r.parent_no for r in rows] == ["", "1", "1", "", "2", "", "3", ""]


def test_two_tables_in_one_text():
    table = "指标\t单位\t2020年\t2025年\t属性\n就业\t万人\t7\t8\t预期性\n"
    rows = read(f"专栏1 甲\n{table}\n正文一段。\n\n专栏2 乙\n{table}")
    assert [r.table for r in rows] == ["专栏1", "专栏2"]


def test_a_header_of_two_lines_is_one_header():
    rows = read(
        "序号\t指标\t单位\t2020年\t2025年\t指标\n\t\t\t基期数\t目标值\t属性\n"
        "1\t就业\t万人\t7\t8\t预期性\n"
    )
    assert cells(rows, "base_raw", "target_raw", "attribute") == [("7", "8", "预期性")]


def test_a_row_broken_inside_its_name_is_joined():
    rows = read(
        "序号\t指标\t单位\t2020年\t2025年\t属性\n1\t就业\t万人\t7\t8\t预期性\n"
        "2\t新增取得高级工以上职业资格证书\n或职业技能等级证书人数\t万人次\t69.2\t100\t预期性\n"
        "3\t失业率\t%\t5\t5.5以内\t预期性\n"
    )
    assert [r.name for r in rows] == [
        "就业",
        "新增取得高级工以上职业资格证书或职业技能等级证书人数",
        "失业率",
    ]


def test_header_words_set_wide_and_sections_in_brackets():
    rows = read(
        "表 1  主要指标\n序 号   指  标          单 位   2020 年   2025 年目标   属 性\n"
        "（一）就业\n1       城镇新增就业人数    万人    717.25    累计550以上   预期性\n"
    )
    assert cells(rows, "section", "kind", "comparator") == [("（一）就业", "cumulative", ">=")]


def test_pipes_without_an_outer_bar_and_spaces_of_html():
    rows = read(
        "指标 | 2020年 | 2025年 | 属性\n--- | --- | --- | ---\n**一、就业** | | |\n"
        "新增就业（万人） | [717.25] | [550] | 预期性\n"
        "&emsp;其中：青年（万人） | [100] | [80] | 预期性\n"
    )
    assert cells(rows, "name", "section", "parent_no") == [
        ("新增就业", "一、就业", ""),
        ("青年", "一、就业", "1"),
    ]


def test_a_number_with_words_behind_it_is_read_and_kept_whole():
    rows = read("指标\t2020年\t2025年\t年均/累计\n研发投入增长（%）\t—\t—\t>7、力争更高\n")
    assert cells(rows, "kind", "comparator", "target_value", "target_raw") == [
        ("rate", ">", 7.0, ">7、力争更高")
    ]


def test_a_fault_is_told_with_its_line_and_the_rest_is_read():
    parsed = parse_text(
        "序号\t指标\t单位\t2020年\t2025年\t属性\n1\t培训\t万人次\t10\t20\t预期性\n"
        "2\t人才\t万人\t100\t预期性\n3\t失业率\t%\t5\t第5名\t预期性\n"
        "4\t结案率\t%\t5\t95\t预期性\n",
        name="a.txt",
    )
    assert [r.no for r in parsed.rows] == ["1", "4"]
    assert [(p.key, p.where.split(" ")[0]) for p in parsed.problems] == [
        ("ragged_row", "a.txt:3"),
        ("unreadable_cell", "a.txt:4"),
    ]


@pytest.mark.parametrize("text", ["", "没有表格的文字。指标很多。", "指标\n指标", "| 指标 |"])
def test_a_text_without_a_table_says_so(text):
    [problem] = parse_text(text).problems
    assert problem.key == "no_table"


def test_the_csv_has_the_published_columns_and_plain_numbers():
    text = indicators_csv(read(TEXT)[:1])
    header, row = csv.reader(text.splitlines())
    assert tuple(header) == PARSED_COLUMNS
    assert row[PARSED_COLUMNS.index("target_value")] == "550"


LINES = TEXT.splitlines()[100:240]
SCRAPS = st.sampled_from(["", "\t", "|", "│", "指标", "2020年", "一、", "注：", "—", "[", "其中："])


@given(st.lists(st.tuples(st.integers(0, len(LINES) - 1), SCRAPS), max_size=12), st.booleans())
@examples(1500, quick=50)
def test_a_damaged_text_never_breaks_the_reader(damage, split):
    lines = list(LINES)
    for place, scrap in damage:
        cut = len(lines[place]) // 2
        lines[place] = lines[place][:cut] + scrap + lines[place][cut:]
    text = "\n".join(lines)
    parsed = parse_text(text.replace("\t", "\n") if split else text)
    assert all(r.name for r in parsed.rows) or parsed.problems


ANY_CELL = st.text(st.characters(codec="utf-8", exclude_characters="\t\n\r"), max_size=12)


@given(st.lists(st.lists(ANY_CELL, min_size=1, max_size=7), max_size=8), st.sampled_from("\t|\n"))
@examples(10_000, quick=200)
def test_no_text_breaks_the_reader(rows, divider):
    body = "\n".join(divider.join(row) for row in rows)
    parse_text(divider.join(["序号", "指标", "单位", "2020年", "2025年"]) + "\n" + body)


def calls(text: str) -> int:
    """Function calls that reading a text takes: work without a clock."""
    count = 0

    def counted(_frame: object, event: str, _arg: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(counted)
    try:
        parse_text(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "piece",
    [
        "\n".join(LINES) + "\n",
        "序号\n指标\n单位\n2020年\n2025年\n属性\n1\n就业\n万人\n1\n2\n预期性\n",
        "指标\n",
        "| 指标 | 2020年 | 2025年 |\n| a | 1 | 2 |\n",
        "指标\t2020年\t2025年\nx\n",
    ],
    ids=["real", "stacked", "header words", "bars", "strays"],
)
def test_work_grows_in_step_with_the_text(piece):
    times = max(1, 40_000 // len(piece))
    assert calls(piece * times * 2) <= 2.2 * calls(piece * times)


def test_a_part_belongs_to_the_row_above_that_is_less_indented():
    text = """“十四五”规划
序号\t指标\t单位\t2020年\t2025年\t属性
1\t就业人数\t万人\t50\t60\t预期性
\t其中：农民工\t万人\t20\t25\t预期性
\t　　其中：本地农民工\t万人\t10\t12\t预期性
\t其中：大学生\t万人\t10\t12\t预期性
2\t失业率\t%\t5\t读不懂9x\t约束性
\t其中：青年\t%\t10\t8以内\t预期性
"""
    parsed = parse_text(text)
    assert {r.name: r.parent_no for r in parsed.rows} == {
        "就业人数": "", "农民工": "1", "本地农民工": "1.1", "大学生": "1", "青年": "2",
    }  # fmt: skip
    assert [p.key for p in parsed.problems] == ["unreadable_cell"]


def test_a_cell_that_cannot_be_read_is_told_with_its_column():
    text = "“十四五”规划\n指标\t单位\t2020年\t2025年\n就业\t万人\t50\t9x9\n"
    [problem] = parse_text(text, name="a.txt").problems
    assert problem.where == "a.txt:3 第4列 第1项 就业"
