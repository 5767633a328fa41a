"""Loading plans: both shipped ones, and every fault of a plan folder with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gdplan.model import Attribute, Kind
from gdplan.page.language import language
from gdplan.plans.load import default_rules, known_plans, load_plan
from gdplan.problems import ProblemError

ROOT = Path(__file__).resolve().parents[2]
PLANS = ROOT / "data" / "raw" / "plans"


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the 14th plan to be broken."""
    return Path(shutil.copytree(PLANS / "gd-hrss-14", tmp_path / "gd-hrss-14"))


def edit(folder: Path, *changes: tuple[str, str]) -> None:
    path = folder / "plan.yml"
    text = path.read_text("utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    path.write_text(text, "utf-8")


def problems(folder: Path) -> dict[str, str]:
    with pytest.raises(ProblemError) as caught:
        load_plan(folder)
    return {p.key: p.line() for p in caught.value.problems}


def test_every_shipped_plan_is_known_and_complete():
    assert known_plans() == ("cn-hrss-14", "gd-hrss-13", "gd-hrss-14")
    plan = load_plan("gd-hrss-14")
    assert len(plan.indicators) == 25 and len(plan.sections) == 5
    assert [i.no for i in plan.indicators if i.binding] == ["5", "6", "7"]
    assert len(load_plan("gd-hrss-13").indicators) == 15
    nation = load_plan("cn-hrss-14")
    assert len(nation.indicators) == 11 and (nation.region, nation.region_name) == (
        "000000",
        "全国",
    )
    assert {i.attribute for i in nation.indicators} == {Attribute.UNNAMED}
    assert nation.indicator("5").whole == "4" and nation.indicator("1").target.raw == "[>5000]"


def test_a_text_that_two_plans_share_is_named_by_the_folder_it_lies_in():
    texts = {load_plan(name).text for name in ("gd-hrss-13", "gd-hrss-14")}
    assert texts == {"gd-hrss-14/plan.txt"}


def test_table_and_metadata_are_joined():
    plan = load_plan("gd-hrss-14")
    jobs = plan.indicator("城镇新增就业人数")
    assert jobs.kind is Kind.of("cumulative") and jobs.direction == 1
    assert plan.indicator("粤菜师傅培训人次").no == "19"
    assert plan.indicator("15").whole == "14"
    assert plan.indicator("5").department == "省医保局"
    assert plan.indicator("5").attribute is Attribute.BINDING
    assert plan.indicator("4").limits == (0.0, 100.0)
    with pytest.raises(KeyError):
        plan.indicator("99")


def test_a_folder_and_a_file_lead_to_the_same_plan():
    by_folder = load_plan(PLANS / "gd-hrss-14")
    assert by_folder.indicators == load_plan("gd-hrss-14").indicators
    assert load_plan(PLANS / "gd-hrss-14" / "plan.yml").indicators == by_folder.indicators


def test_an_unknown_plan_names_the_closest():
    with pytest.raises(ProblemError, match="最接近的是 gd-hrss-1"):
        load_plan("gd-hrs-14")


def test_five_faults_are_five_problems_in_one_message(folder):
    edit(
        folder,
        ("name_en: Newly", "name_eng: Newly"),
        ("direction: down", "direction: downward"),
        ("    scale: linear", "    scale: log"),
        ("base_year: 2020", 'base_year: "2020"'),
        ("document: 粤府办", "documnet: 粤府办"),
    )
    with pytest.raises(ProblemError) as caught:
        load_plan(folder)
    found = caught.value.problems
    assert {p.key for p in found} == {"unknown_key", "missing_key", "wrong_value"}
    assert len(found) == 6
    lines = {p.where for p in found if p.key == "wrong_value"}
    assert lines == {"gd-hrss-14/plan.yml:11", "gd-hrss-14/plan.yml:23", "gd-hrss-14/plan.yml:27"}
    assert any("最接近的是 name_en" in p.line() for p in found)


def test_a_duplicate_key_is_told_with_both_lines(folder):
    edit(folder, ("region_name: 广东省", "region_name: 广东省\nregion_name: 广东"))
    assert "plan.yml:9" in problems(folder)["duplicate_key"]


def test_a_name_that_differs_from_the_text_quotes_the_text(folder):
    edit(folder, ("name: 城镇登记失业率", "name: 城镇登记失业律"))
    line = problems(folder)["name_differs"]
    assert "应为 城镇登记失业率" in line and "plan.txt:204" in line


def test_an_indicator_without_metadata_is_never_guessed(folder):
    text = (folder / "plan.yml").read_text("utf-8")
    (folder / "plan.yml").write_text(text[: text.index('  "25":')], "utf-8")
    assert "第25项" in problems(folder)["missing_metadata"]


def test_metadata_without_a_row_and_a_parent_without_metadata_are_problems(folder):
    edit(folder, ('  "25":', '  "26":'), ('part_of: "14"', 'part_of: "44"'))
    found = problems(folder)
    assert "第26项" in found["no_such_row"] and "第44项" in found["no_such_parent"]


@pytest.mark.parametrize(
    ("code", "name", "key", "hint"),
    [
        ("440199", "广东省", "unknown_region", "440000"),
        ("440100", "广东省", "region_name", "440000"),
    ],
)
def test_a_wrong_region_is_refused_with_the_right_one(folder, code, name, key, hint):
    edit(folder, ('region: "440000"', f'region: "{code}"'),
         ("region_name: 广东省", f"region_name: {name}"))  # fmt: skip
    line = problems(folder)[key]
    assert "plan.yml:7" in line and hint in line


def test_many_indicators_without_metadata_are_one_problem(folder):
    text = (folder / "plan.yml").read_text("utf-8")
    (folder / "plan.yml").write_text(text[: text.index('  "2":')], "utf-8")
    with pytest.raises(ProblemError) as caught:
        load_plan(folder)
    missing = [p for p in caught.value.problems if p.key == "missing_metadata"]
    assert len(missing) == 1
    assert "第2项" in missing[0].found and "第25项" in missing[0].found


def test_rules_and_parameters_are_checked(folder):
    edit(
        folder,
        (
            "indicators:\n",
            "parameters: {on_trak: 0.9}\nmidterm:\n"
            "  - {verdict: 很好, when: [met, not mett]}\nindicators:\n",
        ),
        ("target_year: 2025", "target_year: 2019"),
    )
    found = problems(folder)
    assert "最接近的是 on_track" in found["unknown_parameter"]
    assert "很好" in found["unknown_verdict"]
    assert "最接近的是 met" in found["unknown_fact"]
    assert "years_reversed" in found


def test_a_plan_may_set_its_own_parameters_and_rules(folder):
    edit(
        folder,
        (
            "indicators:\n",
            "parameters: {on_track: 0.9}\nfinal:\n  - {verdict: 完成, when: []}\nindicators:\n",
        ),
        ("limits", "limits"),
    )
    plan = load_plan(folder)
    assert plan.parameters["on_track"] == 0.9 and plan.parameters["nearly"] == 0.02
    assert plan.rules["final"] == (("完成", ()),)


def test_a_missing_text_and_an_unknown_table_are_problems(folder):
    edit(folder, ("table: 专栏2", "table: 专栏22"))
    assert "最接近的是 专栏2" in problems(folder)["unknown_table"]
    (folder / "plan.txt").unlink()
    assert "plan.txt" in problems(folder)["missing_text"]


def test_a_damaged_row_of_the_text_is_a_problem_with_its_line(folder):
    path = folder / "plan.txt"
    text = path.read_text("utf-8").replace("\t11428\t", "\t")
    path.write_text(text, "utf-8")
    assert "plan.txt:230" in problems(folder)["ragged_row"]


def test_every_default_parameter_has_its_meaning_in_the_report():
    for code in ("zh", "en"):
        say = language(code)
        assert all(say(f"parameters.{key}") for key in default_rules().parameters)


TWO = """“十四五”规划
专栏1 就业指标
指标\t单位\t2020年\t2025年\t属性
就业人数\t万人\t50\t60\t预期性
失业率\t%\t5\t4以内\t约束性
专栏2 保险指标
（单位：万人）
指标\t2020年\t2025年\t属性
养老保险参保人数\t500\t600以上\t预期性
"""


def test_two_tables_that_both_begin_with_one_are_judged_together(tmp_path):
    (tmp_path / "plan.txt").write_text(TWO, "utf-8")
    names = {"1": "就业人数", "2": "失业率", "2-1": "养老保险参保人数"}
    items = "\n".join(
        f'  "{no}":\n    name: {name}\n    direction: {"down" if "率" in name else "up"}'
        for no, name in names.items()
    )
    (tmp_path / "plan.yml").write_text(
        'id: two\ntitle: 规划\ndocument: 无\nissued: "2021-01-01"\nregion: "440000"\n'
        "region_name: 广东省\ntext: plan.txt\ntable: [专栏1, 专栏2]\nbase_year: 2020\n"
        f"target_year: 2025\ndefault_department: 厅\nindicators:\n{items}\n", "utf-8",
    )  # fmt: skip
    plan = load_plan(tmp_path)
    assert {i.no: i.name for i in plan.indicators} == names
    # The unit above the second table is that of its rows.
    assert plan.indicator("2-1").unit == "万人" and plan.indicator("1").unit == "万人"


NAMED = "name_en: Newly"


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        ((NAMED, f"unit: 人\n    {NAMED}"), "unit_contradicts", "应为 万人；实为 人"),
        (("base_year: 2020", "base_year: 2019"), "year_differs", "应为 2020；实为 2019"),
        (("target_year: 2025", "target_year: 2030"), "year_differs", "应为 2025；实为 2030"),
        (('part_of: "14"', 'part_of: "13"'), "part_contradicts", "应为 14；实为 13"),
        ((NAMED, f"aliases: [城镇调查失业率]\n    {NAMED}"), "alias_taken", "第2项"),
        ((NAMED, f'aliases: ["3"]\n    {NAMED}'), "alias_taken", "第3项"),
    ],
)  # fmt: skip
def test_what_plan_yml_says_otherwise_than_the_table_is_refused(folder, change, key, said):
    edit(folder, change)
    assert said in problems(folder)[key]


def test_a_table_that_is_not_judged_fails_no_plan(tmp_path):
    other = "专栏3 投资估算\n项目\t2021年\t2025年\t合计\n平台\t1\t5\t15\n学校\t2\t9x9\t20\n"
    (tmp_path / "plan.txt").write_text(TWO + other, "utf-8")
    (tmp_path / "plan.yml").write_text(
        'id: two\ntitle: 规划\ndocument: 无\nissued: "2021-01-01"\nregion: "440000"\n'
        "region_name: 广东省\ntext: plan.txt\ntable: 专栏1\nbase_year: 2020\n"
        "target_year: 2025\ndefault_department: 厅\nindicators:\n"
        '  "1": {name: 就业人数, direction: up}\n  "2": {name: 失业率, direction: down}\n', "utf-8",
    )  # fmt: skip
    assert len(load_plan(tmp_path).indicators) == 2
    text = (tmp_path / "plan.yml").read_text("utf-8").replace("table: 专栏1", "table: 专栏3")
    (tmp_path / "plan.yml").write_text(text, "utf-8")
    assert {"unknown_column", "unreadable_cell"} <= set(problems(tmp_path))
