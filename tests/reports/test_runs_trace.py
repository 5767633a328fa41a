"""From a printed number back to its figures, files and publishers."""

from __future__ import annotations

import json
import math
import re
from types import SimpleNamespace

import pytest
from frames import indicator, observed, yearly
from hypothesis import given
from hypothesis import strategies as st
from runfolders import TABLES, judged, made, sha
from thoroughness import end_to_end

from gdplan.assessment.judgement import COLUMNS
from gdplan.model import Kind, Scale
from gdplan.problems import ProblemError
from gdplan.reports.runs import trace as tracing
from gdplan.reports.runs.find import Run

SUM = indicator("2", name="新增就业", target="[500]", base="[450]")
FLOWS = yearly({2021: "100", 2022: "110", 2023: "115"}, indicator="新增就业")


@pytest.fixture
def run(tmp_path) -> Run:
    level = (
        indicator("1", name="参保人数"),
        yearly({2022: "66", 2023: "72"}, indicator="参保人数"),
    )
    return made(tmp_path / "run", judged(level, (SUM, FLOWS)))


def one(place, item, rows, *, year=2023, **options) -> Run:
    return made(place, judged((item, rows), year=year, **options))


def field(run: Run, name: str, indicator: str = "1") -> list[str]:
    """The trace of a cell whose column shows the field."""
    table = {"label": "表9", "caption": "一格", "columns": [name], "keys": [indicator]}
    record = dict(run.record) | {"tables": [table]}
    return tracing.trace(Run(run.folder, record, run.rows), "表9!A2")


# -- where -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    ["表2!D3", "表2！D3", "表 2!D3", "表２！Ｄ３", "Table 2!D3", "table2!d3", "表2!$D$3",
     " 表2!d3 ", "'表2'!D3", "'Table 2'!$d$3"],
)  # fmt: skip
def test_a_cell_is_understood_as_people_and_sheets_write_it(run, cell):
    found = tracing.trace(run, cell)
    assert found[0] == "表2 进展，第3行，第4列（现值 value）"
    assert found[1] == "指标 2 新增就业（万人），广东省"
    assert found == tracing.trace(run, "表2!D3")


def test_an_english_report_is_asked_by_either_word(run):
    tables = [dict(table) | {"label": f"Table {n}"} for n, table in enumerate(TABLES, 1)]
    english = Run(run.folder, dict(run.record) | {"tables": tables}, run.rows)
    for cell in ("Table 2!D3", "表2!D3"):
        assert tracing.trace(english, cell)[0].startswith("Table 2 进展，第3行")


@pytest.mark.parametrize(
    "cell", ["表3!A1", "表2!", "表2", "D3", "!D3", "表2!3D", "表2!D3!", "附表2!D3", "表2!D-3", ""]
)
def test_what_is_no_cell_is_answered_with_the_tables_there_are(run, cell):
    with pytest.raises(ProblemError, match="表1、表2") if cell else pytest.raises(ProblemError):
        tracing.trace(run, cell)


@pytest.mark.parametrize("cell", ["表2!G2", "表2!A5", "表2!A0", "表2!AA2", "表2!ZZZ999"])
def test_a_cell_outside_its_table_is_answered_with_the_size(run, cell):
    with pytest.raises(ProblemError, match="表2 有4行、6列"):
        tracing.trace(run, cell)


def test_of_a_table_of_counts_only_the_rows_are_known(run):
    with pytest.raises(ProblemError, match=r"表1 有3行 "):
        tracing.trace(run, "表1!B4")


def test_a_report_without_tables_says_so(run):
    with pytest.raises(ProblemError, match="没有表"):
        tracing.trace(Run(run.folder, dict(run.record) | {"tables": []}, run.rows), "表1!A1")


def test_headers_counts_and_notes_say_that_they_come_from_no_figure(run):
    assert tracing.trace(run, "表2!D1") == ["表2 进展，第1行是表头，没有数值"]
    for cell in ("表1!B2", "表2!D4"):
        [line] = tracing.trace(run, cell)
        assert "计数" in line and line.startswith(cell[:2])
    assert tracing.trace(run, "表2!F2")[0].endswith("第6列（说明文字）")


@pytest.mark.parametrize("words", ["2", "２", "新增就业", " 新增就业 "])
def test_an_indicator_is_found_by_number_or_name(run, words):
    assert tracing.trace(run, indicator=words)[0].startswith("指标 2 新增就业")


@pytest.mark.parametrize(
    ("words", "near"), [("新增就", "最接近的是 新增就业"), ("天气", "序号1—2")]
)
def test_an_unknown_indicator_is_answered_with_the_closest(run, words, near):
    with pytest.raises(ProblemError, match=near):
        tracing.trace(run, indicator=words)


# -- how ---------------------------------------------------------------------------------------


def test_a_sum_is_told_with_its_summands_and_each_with_its_source(run):
    found = "\n".join(tracing.trace(run, "表2!D3"))
    assert "现值：规划期内各年之和，100 ＋ 110 ＋ 115" in found and "现值 value = 325" in found
    assert "采用的数据（3个）" in found
    assert "2022年 110万人（109.5 至 110.5）：统计公报，2023-02-01，原始来源" in found
    assert "test.csv!F3；test.csv 不在运行记录的输入文件中" in found


@pytest.mark.parametrize(
    ("item", "raw", "line"),
    [({}, "72", "（72 － 60）÷（80 － 60） = 0.6"),
     ({"scale": Scale.GEOMETRIC}, "72", "ln(72 ÷ 60) ÷ ln(80 ÷ 60) = 0.63376"),
     ({"target": "[500]", "base": "[450]"}, "110", "110 ÷ 500 = 0.22")],
)  # fmt: skip
def test_progress_is_worked_out_again_by_the_scale_of_its_indicator(tmp_path, item, raw, line):
    year = 2021 if item.get("target") else 2023
    made_run = one(tmp_path / "run", indicator(**item), yearly({year: raw}), year=year)
    assert line in "\n".join(field(made_run, "progress"))


def test_a_floor_says_why_it_has_no_progress(tmp_path):
    floor = one(tmp_path / "run", indicator(base="85", target="80以上"), yearly({2023: "86"}))
    found = "\n".join(field(floor, "progress"))
    assert "基期已达标" in found and "= 5" not in found


def test_a_recorded_result_that_does_not_follow_is_contradicted(run):
    rows = [dict(row) | {"pace": "1.5"} for row in run.rows]
    found = field(Run(run.folder, run.record, tuple(rows)), "pace")
    assert any("0.6 ÷ 0.6 = 1，与记录的 1.5 不符" in line for line in found), found
    assert not any("不符" in line for line in field(run, "pace"))


def test_the_pace_of_a_budget_is_time_over_use(tmp_path):
    item = indicator(target="[500]", base="[450]", direction=-1)
    found = field(one(tmp_path / "run", item, yearly({2021: "50"}), year=2021), "pace")
    assert "进度比：时序进度 ÷ 完成进度" in found and "  0.2 ÷ 0.1 = 2" in found


def test_change_and_lead_are_worked_out_though_no_field_holds_them(run):
    assert "  72 － 60 = 12" in field(run, "change")
    assert "  （0.6 － 0.6）× 100 = 0" in field(run, "lead")


def test_growth_is_chained_and_an_average_unless_the_target_is_a_total(tmp_path):
    rows = yearly({2021: "6", 2022: "5"}, unit="%")
    yearly_aim = indicator(kind=Kind.of("rate"), unit="%", base="—", target="6")
    found = field(one(tmp_path / "a", yearly_aim, rows, year=2022), "value")
    assert any("各年增速（6、5）连乘后的年均增速" in line for line in found)
    total = indicator(kind=Kind.of("rate"), unit="%", base="—", target="[30]")
    found = field(one(tmp_path / "b", total, rows, year=2022), "value")
    assert any(line.endswith("连乘") for line in found)
    for name, words in (("progress", "ln("), ("achieved", "以往年均增速"), ("required", "次方根")):
        assert any(
            words in line for line in field(one(tmp_path / "b", total, rows, year=2022), name)
        )


def test_the_distance_of_a_composition_is_told_without_intervals(tmp_path):
    item = indicator(kind=Kind.of("composition"), unit="%", base="20:40:40", target="14:42:44")
    found = field(one(tmp_path / "run", item, observed({"year": 2023, "raw": "16:42:42"})), "value")
    assert any("16:42:42 与目标 14:42:44" in line for line in found)
    assert any("2023年 16:42:42万人：" in line for line in found)
    linear = field(
        one(tmp_path / "run", item, observed({"year": 2023, "raw": "16:42:42"})), "progress"
    )
    assert not any("不符" in line for line in linear)


def test_a_verdict_is_told_with_facts_reasons_and_the_thresholds_used(run):
    found = field(run, "verdict")
    assert "  是否达标 met = False" in found and "  进度比 pace = 1" in found
    assert any("on_track = 0.95" in line for line in found)
    assert any(line.startswith("结论：基本符合预期（") and "临界" in line for line in found)


def test_fields_of_the_plan_and_of_no_formula_are_told_with_their_text(run):
    assert "  责任单位 department = 省人力资源社会保障厅" in field(run, "department")
    assert "  基期原文 base_raw = 60" in field(run, "base")
    assert "  of_tomorrow = —" in field(run, "of_tomorrow")


def test_a_reason_of_a_later_version_is_shown_as_it_is(run):
    rows = tuple(dict(row) | {"reason": "of_tomorrow"} for row in run.rows)
    found = tracing.trace(Run(run.folder, run.record, rows), indicator="1")
    assert "结论：基本符合预期（of_tomorrow）" in found


CELLS = [("60", "80"), ("80", "60"), ("[450]", "[500]"), ("60", "80以上"), ("60", "60")]


@end_to_end(25)
@given(
    st.dictionaries(st.integers(2021, 2025), st.integers(1, 200).map(str), min_size=1),
    st.sampled_from(CELLS),
    st.sampled_from(Scale), st.sampled_from([1, -1]),
)  # fmt: skip
def test_no_field_of_any_assessment_is_contradicted(tmp_path_factory, values, cells, scale, side):
    item = indicator(base=cells[0], target=cells[1], scale=scale, direction=side)
    year = max(values)
    traced = one(tmp_path_factory.mktemp("run"), item, yearly(values), year=year)
    for name in COLUMNS:
        assert not any("不符" in line for line in field(traced, name)), name


# -- whence ------------------------------------------------------------------------------------


def test_a_year_shows_its_figure_and_whether_it_was_judged(run):
    found = "\n".join(tracing.trace(run, indicator="1", year=2022))
    assert "2022年的数据，不在判断所用的数据中（1个）" in found and "2022年 66万人" in found
    found = "\n".join(tracing.trace(run, indicator="2", year=2022))
    assert "采用的数据（1个）" in found and "2023年 115" not in found
    assert "没有2019年的数据；有 2022、2023 年的数据" in tracing.trace(
        run, indicator="1", year=2019
    )


def test_a_published_total_is_found_by_its_year_though_it_is_in_no_history(tmp_path):
    rows = observed({"year": 2022, "raw": "205", "period": "cumulative", "start": 2021.0})
    total = one(tmp_path / "run", indicator(target="[500]", base="[450]"), rows)
    assert any(
        "截至2022年累计 205万人" in x for x in tracing.trace(total, indicator="1", year=2022)
    )


def test_an_indicator_without_figures_says_so(tmp_path):
    silent = one(tmp_path / "run", indicator(), yearly({2019: "50"}))
    found = tracing.trace(silent, indicator="1")
    assert "没有采用的数据" in found and "结论：无法评估（评估期内没有可用数据）" in found


def test_a_reprint_and_a_note_are_told(tmp_path):
    frame = judged((indicator(), yearly({2023: "72"}, access="reprint")))
    figures = json.loads(frame.loc[0, "inputs"])
    figures[0]["note"] = "约数"
    frame = frame.assign(inputs=json.dumps(figures, ensure_ascii=False))
    found = "\n".join(tracing.trace(made(tmp_path / "run", frame), indicator="1"))
    assert "仅见于转载" in found and "；注：约数" in found


def test_a_row_of_the_table_of_sources_leads_to_its_own_figure(run):
    columns = ["-", "name", "inputs", "sources"]
    table = {"label": "表9", "caption": "来源", "columns": columns, "keys": ["1", "2", "2", "2"]}
    shown = Run(run.folder, dict(run.record) | {"tables": [table]}, run.rows)
    found = "\n".join(tracing.trace(shown, "表9!C4"))
    assert "采用的数据（1个）" in found and "2022年 110万人" in found and "2021年" not in found
    assert '"raw"' not in found
    fewer = Run(run.folder, dict(run.record) | {"tables": [table | {"keys": ["2", "2"]}]}, run.rows)
    assert "采用的数据（3个）" in "\n".join(tracing.trace(fewer, "表9!C2"))


@pytest.mark.parametrize(
    ("now", "words"),
    [("as then", "与记录一致"), ("other", "此后已改动"), (None, "现已不在")],
)  # fmt: skip
def test_the_file_of_a_figure_and_of_the_plan_are_held_against_the_record(
    tmp_path, monkeypatch, now, words
):
    raw = tmp_path / "home" / "data" / "raw"
    names = ("observations/test.csv", "plans/test-14/plan.txt", "plans/test-14/plan.yml")
    for name in names:
        (raw / name).parent.mkdir(parents=True, exist_ok=True)
        if now:
            (raw / name).write_text(now, "utf-8")
    monkeypatch.setenv("GDPLAN_HOME", str(tmp_path / "home"))
    # A record may name a file by the plan that points to it.
    shown = ["data/raw/observations/test.csv", "data/raw/plans/other/../test-14/plan.txt",
             "data/raw/plans/test-14/plan.yml"]  # fmt: skip
    frame = judged((indicator(), yearly({2023: "72"})))
    traced = made(tmp_path / "run", frame, inputs=dict.fromkeys(shown, sha("as then")))
    found = "\n".join(tracing.trace(traced, indicator="1"))
    for name in shown:
        assert re.search(rf"{re.escape(name)} sha256 {sha('as then')[:12]}，{words}", found), name


def test_a_file_whose_name_only_ends_alike_is_another_file(tmp_path):
    frame = judged((indicator(), yearly({2023: "72"})))
    traced = made(tmp_path / "run", frame, inputs={"data/mytest.csv": sha("x")})
    assert "test.csv 不在运行记录的输入文件中" in "\n".join(tracing.trace(traced, indicator="1"))


@pytest.mark.parametrize(
    ("ends", "words"),
    [((-math.inf, 5.5), "不超过5.5"), ((143.0, math.inf), "不低于143.0"),
     ((1.5, 2.5), "1.5 至 2.5"), ((-math.inf, math.inf), ""), ((math.nan, math.nan), "")],
)  # fmt: skip
def test_an_interval_is_told_in_words(ends, words):
    assert tracing.interval(SimpleNamespace(low=ends[0], high=ends[1])) == words


def test_text_arrives_as_text(tmp_path):
    name = "=cmd|' <b>{value}</b> {0} %s $x$ 😀" + "长" * 2000
    rows = yearly({2023: "72"}, indicator=name, source="{source} <script>")
    found = field(one(tmp_path / "run", indicator(name=name), rows), "progress")
    assert found[1] == f"指标 1 {name}（万人），广东省"
    assert any("{source} <script>" in line for line in found)


def test_what_a_band_requires_is_told_with_its_edges(tmp_path):
    item = indicator(base="8", target="5.5左右", unit="%", direction=-1)
    found = field(one(tmp_path / "a", item, yearly({2023: "7"}, unit="%")), "required")
    assert any("取最近的容许界限" in line for line in found)
    assert any("5.775" in line for line in found)
    plain = field(one(tmp_path / "b", indicator(), yearly({2023: "70"})), "required")
    assert not any("容许界限" in line for line in plain)
