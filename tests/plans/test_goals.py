"""A plan without a table: the figures of its prose become indicators that somebody looks over."""

from __future__ import annotations

import pytest

from gdplan import load_plan
from gdplan.plans.draft import write_draft
from gdplan.plans.table_rows import parse_text

TEXT = """韶关市卫生健康事业发展“十四五”规划

第一章 发展基础
“十三五”期间，全市人均预期寿命达到78.3岁，每千人口床位5.8张。
第三节 主要目标
到2025年，人均预期寿命提高到79.5岁，婴儿死亡率控制在2.5‰以内，每千人口医师数由2.6人提高到3.2人。
五年新增护理床位3000张以上，建档率、签约率分别达到95%、75%以上。
健康产业增加值年均增长8%左右，个人支出占比下降2个百分点，建成3—5家区域医疗中心。
第三章 任务
建设县级医院10家。
"""
WANTED = [
    ("人均预期寿命", "岁", "", "79.5以上", "level", 79.5),
    ("婴儿死亡率", "‰", "", "2.5以内", "level", 2.5),
    ("每千人口医师数", "人", "2.6", "3.2以上", "level", 3.2),
    ("新增护理床位", "张", "", "[3000]以上", "cumulative", 3000),
    ("建档率", "%", "", "95以上", "level", 95),
    ("签约率", "%", "", "75以上", "level", 75),
    ("健康产业增加值", "%", "", "年均增长8%左右", "rate", 8),
    ("个人支出占比", "%", "", "下降2个百分点", "change", -2),
    ("建成区域医疗中心", "家", "", "3—5", "level", None),
]


def test_the_goals_of_the_prose_are_rows_and_tasks_and_the_past_are_not():
    rows = parse_text(TEXT).rows
    assert [(r.name, r.unit, r.base_raw, r.target_raw, r.kind, r.target_value) for r in rows
            ] == WANTED  # fmt: skip
    assert {(r.base_year, r.target_year, r.section) for r in rows} == {
        (2020, 2025, "第三节主要目标")
    }
    assert "plan.txt:6" in rows[0].place and "人均预期寿命" in rows[0].place


def test_a_draft_of_prose_can_be_judged_and_says_what_to_look_over(tmp_path):
    source = tmp_path / "plan.txt"
    source.write_text(TEXT, "utf-8")
    folder, questions = write_draft(source, "sg-health-14", tmp_path / "out")
    assert any("正文的主要目标" in question for question in questions)
    plan = load_plan(folder)
    assert (plan.region, plan.base_year, plan.target_year) == ("440200", 2020, 2025)
    assert [item.name for item in plan.indicators] == [row[0] for row in WANTED]
    text = (folder / "plan.yml").read_text("utf-8")
    assert 'table: "正文主要目标"  # check' in text


def test_names_that_repeat_are_told_apart():
    text = "“十四五”规划\n第二节 主要目标\n参保率达到95%，2024年参保率达到94%。"
    names = [row.name for row in parse_text(text).rows]
    assert names == ["参保率", "参保率（2）"]


def test_a_text_without_table_and_goals_says_so():
    parsed = parse_text("第一章 任务\n建设医院10家。")
    assert not parsed.rows and [p.key for p in parsed.problems] == ["no_table"]


@pytest.mark.parametrize(
    ("head", "years"),
    [
        ("2026年政府工作报告\n今年发展主要预期目标：新增就业12万人。", (2025, 2026)),
        ("政府工作报告\n——2026年1月20日在会议上\n主要预期目标：新增就业12万人。", (2025, 2026)),
        ("关于2025年计划执行情况与2026年计划草案的报告\n预期目标：新增就业12万人。", (2025, 2026)),
        ("养老服务行动方案（2023—2027年）\n工作目标：新增床位12万张。", (2022, 2027)),
        ("就业促进“十五五”规划\n“十四五”时期有成绩。\n发展目标：新增就业12万人。", (2025, 2030)),
    ],
)
def test_the_years_are_those_of_the_document(head, years):
    [row] = parse_text(head).rows
    assert (row.base_year, row.target_year) == years


def test_a_first_report_without_figures_is_a_success(command, tmp_path):
    source = tmp_path / "plan.txt"
    source.write_text(TEXT, "utf-8")
    folder, _ = write_draft(source, "sg-health-14", tmp_path / "out")
    run = command("report", "midterm", "--plan", str(folder), "--format", "html",
                  "--out", str(tmp_path / "r"), cwd=tmp_path)  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "无法评估9项" in run.stdout and "没有一项指标可以评估" in run.stderr
