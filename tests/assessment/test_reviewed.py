"""Faults that a review found, each as a sentence that must stay true."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from frames import PROVINCE, evaluation, indicator, observed, plan, sentence_of, yearly

from gdplan import assess, load_plan, read_observations
from gdplan.dates import closing_month, month_of
from gdplan.model import Kind
from gdplan.observations import calibers
from gdplan.problems import ProblemError

ROOT = Path(__file__).resolve().parents[2]
HEAD = "region_code,region,indicator,year,period,value,unit,bound,published,source,access,note\n"


def verdict(item, rows, year=2023, **options):
    frame = assess(plan(item), rows, region=PROVINCE, year=year, **options)
    return frame.iloc[0]["verdict"], str(frame.iloc[0]["reason"]).split(";")


SUM = indicator(target="[550]", base="—", kind=Kind.of("cumulative"))
FOUR = {2021: "110", 2022: "110", 2023: "110", 2024: "110"}


def test_a_sum_that_lacks_the_last_year_is_not_missed_but_not_assessable():
    word, why = verdict(SUM, yearly(FOUR), 2025)
    assert word == "无法评估" and "no_final_year" in why
    # What has come already cannot be lost again.
    assert verdict(SUM, yearly(FOUR | {2024: "230"}), 2025)[0] == "完成"
    level = indicator(base="60", target="80")
    assert verdict(level, yearly({2024: "70"}), 2025)[0] == "无法评估"
    assert verdict(level, yearly({2025: "70"}), 2025)[0] == "未完成"


def test_a_final_evaluation_belongs_to_the_target_year():
    with pytest.raises(ProblemError, match="目标年"):
        verdict(SUM, yearly(FOUR), 2023, kind="final")


def test_a_total_up_to_a_month_is_judged_at_that_month():
    total = {"year": 2023, "raw": "330.5", "period": "cumulative", "start": 2021.0}
    word, why = verdict(SUM, observed(total | {"month": 6.0}))
    # 330.5 / 550 over 2.5 / 5 is 1.20, over 3 / 5 it would be 1.00.
    assert word == "快于预期" and "part_year" in why
    assert verdict(SUM, observed(total))[0] == "基本符合预期"


@pytest.mark.parametrize(
    ("note", "month"),
    [("2021年至2023年6月累计", 6), ("截至2023年11月底", 11), ("2021-2023", 12), ("十四五累计", 12),
     ("2021年以来至上半年", 6), ("", 12)],
)  # fmt: skip
def test_the_last_month_of_a_total_stands_in_its_note(note, month):
    assert closing_month(note) == month


@pytest.mark.parametrize("note", ["三季度当季", "第三季度", "四季度单季", "第 2 季度"])
def test_one_quarter_alone_is_no_progress_of_the_year(note):
    assert str(month_of(note)) == "nan"


@pytest.mark.parametrize(("note", "month"), [("前三季度", 9), ("至第三季度末", 9), ("1-11月", 11)])
def test_progress_up_to_a_quarter_or_month_is(note, month):
    assert month_of(note) == month


def written(folder: Path, *rows: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "figures.csv"
    path.write_text(HEAD + "".join(row + "\n" for row in rows), "utf-8")
    return path


def test_figures_of_one_plan_do_not_stand_in_the_way_of_another(tmp_path):
    only_14 = "440000,广东省,申领电子社保卡人口覆盖率,2023,year_end,66.1,%,exact,2024-03,x,direct,"
    frame = read_observations(written(tmp_path, only_14), load_plan("gd-hrss-13"))
    assert len(frame) == 1
    with pytest.raises(ProblemError, match="没有这项指标"):
        read_observations(
            written(tmp_path, only_14.replace("申领", "申报")), load_plan("gd-hrss-13")
        )


def test_a_whole_year_is_not_known_in_its_spring(tmp_path):
    row = "440000,广东省,城镇新增就业人数,2023,annual,110,万人,exact,{},x,direct,"
    with pytest.raises(ProblemError, match="发布过早"):
        read_observations(written(tmp_path, row.format("2023-01-01")))
    for published in ("2023-11-28", "2024-01", "2023"):
        assert len(read_observations(written(tmp_path, row.format(published)))) == 1


@pytest.fixture
def home(tmp_path, monkeypatch):
    place = tmp_path / "home"
    shutil.copytree(ROOT / "data", place / "data")
    monkeypatch.setenv("GDPLAN_HOME", str(place))
    return place / "data" / "raw"


def test_a_correction_of_a_file_that_is_not_there_is_a_problem(home):
    entry = '{file: guangdong_publishd.csv, line: 26, action: drop, expect: "1", reason: 录入有误}'
    (home / "corrections.yml").write_text(f"corrections:\n  - {entry}\n", "utf-8")
    with pytest.raises(ProblemError, match="没有这个数据文件"):
        read_observations()


@pytest.mark.parametrize(
    ("entry", "said"),
    [("indicator: 城镇新增就业人口, region: '440000'", "最接近的是 城镇新增就业人数"),
     ("indicator: 城镇新增就业人数, region: '449999'", "不认识的地区代码")],
)  # fmt: skip
def test_a_break_that_can_never_apply_stops_the_report(home, entry, said):
    rest = "year: 2023, published: '2024-02', reason: 统计范围扩大, source: 公告, link: 1.1"
    (home / "calibers.yml").write_text(f"breaks:\n  - {{{entry}, {rest}}}\n", "utf-8")
    with pytest.raises(ProblemError, match=said):
        assess(load_plan("gd-hrss-14"), read_observations(), region="440000", year=2023)
    assert calibers.checked(home / "none.yml", ()) == ()


@pytest.mark.slow
def test_a_report_with_figures_and_nothing_judged_ends_with_two(command, tmp_path):
    run = command("report", "midterm", "--region", "440300", "--format", "html",
                  "--out", str(tmp_path), cwd=tmp_path)  # fmt: skip
    assert run.returncode == 2 and "无法评估25项" in run.stdout
    assert "没有一项指标可以评估" in run.stderr


def test_a_parameter_given_twice_has_to_agree_with_itself(command, tmp_path):
    run = command("report", "midterm", "--year", "2023", "-p", "year=2022", cwd=tmp_path)
    assert run.returncode == 1 and "不同的值" in run.stderr


def sentence(item, rows, year=2023):
    return sentence_of(evaluation(plan(item), rows, year=year).judgements[0])


def test_sentences_agree_with_their_verdicts():
    even = sentence(
        indicator(target="[100]", base="—"), yearly({2021: "20", 2022: "20", 2023: "20"})
    )
    assert "与时序进度持平" in even and "快于" not in even
    spent = indicator(target="[100以内]", base="—", direction=-1, kind=Kind.of("cumulative"))
    over = sentence(spent, yearly({2021: "40", 2022: "40", 2023: "40"}))
    assert "已用120.0%" in over and "快于" not in over
    growth = indicator(target="6", base="—", unit="%", kind=Kind.of("rate"))
    text = sentence(growth, yearly({2021: "6.1", 2022: "6.1", 2023: "6.1"}, unit="%"))
    assert "2021—2023年年均6.1%" in text
