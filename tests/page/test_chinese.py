"""Numbers in words: half-up, 百分点, and no digit in prose that its row does not hold."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from frames import PROVINCE, evaluation, indicator, observed, plan, yearly
from hypothesis import given
from hypothesis import strategies as st

from gdplan import load_plan, read_observations
from gdplan.assessment.judgement import Judgement
from gdplan.assessment.sentence import sentence
from gdplan.model import Attribute, Kind, Verdict
from gdplan.page import chinese as w
from gdplan.page.language import language
from gdplan.reports.sections import advice, overview

ROOT = Path(__file__).resolve().parents[2]
SIMULATED_DATA = ROOT / "examples" / "observations"
SIMULATED = "示例数据，非真实"
REPORTS = {
    "midterm-14-2021": ("gd-hrss-14", None, PROVINCE, 2021),
    "midterm-14-2022": ("gd-hrss-14", None, PROVINCE, 2022),
    "midterm-14-2023": ("gd-hrss-14", None, PROVINCE, 2023),
    "midterm-14-2024": ("gd-hrss-14", None, PROVINCE, 2024),
    "final-13-2020": ("gd-hrss-13", None, PROVINCE, 2020),
    "simulated-14-2023": ("gd-hrss-14", SIMULATED_DATA, PROVINCE, 2023),
    "simulated-14-2025": ("gd-hrss-14", SIMULATED_DATA, PROVINCE, 2025),
    "simulated-14-2023-shanwei": ("gd-hrss-14", SIMULATED_DATA, "441500", 2023),
}
NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CENTS = st.integers(1, 10**6)


def judged(item, rows, year=2023):
    return evaluation(plan(item), rows, year=year).judgements[0]


# -- rounding ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "decimals", "text"),
    [(0.125, 2, "0.13"), (-0.125, 2, "-0.13"), (1.005, 2, "1.01"), (2.675, 2, "2.68"),
     (0.5, 0, "1"), (1.5, 0, "2"), (2.5, 0, "3"), (-2.5, 0, "-3"), (99.95, 1, "100.0"),
     (-0.04, 1, "0.0"), (-0.0, 1, "0.0"), (3, 2, "3.00"), (1e30, 1, f"1{'0' * 30}.0"),
     (1e-9, 2, "0.00"), (5e-324, 1, "0.0")],
)  # fmt: skip
def test_halves_go_away_from_zero_as_in_yearbooks(x, decimals, text):
    assert w.rounded(x, decimals) == text


@pytest.mark.parametrize("x", [None, math.nan])
def test_what_is_not_known_is_a_dash(x):
    assert w.rounded(x, 1) == w.percent(x) == w.EMPTY
    assert w.change(math.nan, "万人", 1) == w.EMPTY


def test_a_half_survives_binary_arithmetic():
    share = (62.47 - 60) / 20
    assert share < 0.1235
    assert w.percent(share) == "12.4%"
    assert w.percent((90.7 - 90) / (95 - 90), 0) == "14%"


@given(st.decimals(-(10**6), 10**6, places=4), st.integers(0, 4))
def test_a_printed_figure_is_rounded_like_its_decimals(x, decimals):
    exact = x.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    shown = w.rounded(float(x), decimals)
    assert Decimal(shown) == exact
    assert not (shown.startswith("-") and exact == 0)
    assert len(shown.partition(".")[2]) == decimals


@given(base=_CENTS, tenths=st.integers(0, 999))
def test_half_of_a_tenth_of_a_percent_of_the_way_is_rounded_up(base, tenths):
    b, y, t = base / 100, (base + 10 * tenths + 5) / 100, (base + 10_000) / 100
    assert Decimal(w.percent((y - b) / (t - b)).rstrip("%")) == Decimal(tenths + 1) / 10


# -- units -------------------------------------------------------------------------------------


def test_a_fraction_is_shown_as_percent():
    assert w.percent(0.7484) == "74.8%"
    assert w.percent(11.0) == "1100.0%"
    assert w.percent(math.inf) == "∞%"


@pytest.mark.parametrize(
    ("x", "unit", "text"),
    [(12, "%", "12个百分点"), (-12, "%", "12个百分点"), (-97, "万人", "97万人"), (3, "—", "3"),
     (3, "", "3")],
)  # fmt: skip
def test_a_share_changes_by_points_and_a_count_by_its_unit(x, unit, text):
    assert w.change(x, unit, 0) == text


def test_from_60_to_72_percent_is_12_points():
    row = judged(indicator(base="60", target="80", unit="%"), yearly({2023: "72"}, unit="%"))
    text = sentence(row, 2020, language("zh"))
    assert "比2020年提高12个百分点" in text
    assert "12%" not in text and "增加" not in text


@pytest.mark.parametrize(
    ("cell", "unit", "text"),
    [("[550]", "万人", "550万人"), ("〔>10〕", "万人", "超过10万人"), ("4 以内", "%", "4%以内"),
     ("≥95", "%", "不低于95%"), ("<=5", "%", "不高于5%"), ("＜5", "%", "低于5%"),
     ("25—27", "%", "25—27%"), ("3%~5%", "%", "3%~5%"), ("稳定在95以上", "%", "稳定在95%以上"),
     ("保持稳定", "%", "保持稳定"), ("2500", "—", "2500"), ("2500", "", "2500"),
     ("〔100 万〕", "万人次", "100万人次"), ("1亿以上", "万人", "1亿以上"),
     ("1亿", "亿元", "1亿元"), ("5‰左右", "%", "5‰左右")],
)  # fmt: skip
def test_a_plan_cell_reads_with_its_unit_once(cell, unit, text):
    assert w.plan_cell(cell, unit) == text


@pytest.mark.parametrize(
    ("figure", "date", "text"),
    [
        ({"period": "annual", "month": 12.0, "bound": "exact"}, "2023年", "7.0"),
        ({"period": "year_end", "month": 12.0, "bound": "at_most"}, "2023年末", "7.0以内"),
        ({"period": "ytd", "month": 6.0, "bound": "approx"}, "2023年6月", "约7.0"),
        ({"period": "ytd", "month": math.nan, "bound": "exact"}, "2023年年内", "7.0"),
        ({"period": "cumulative", "month": 12.0, "bound": "at_least"}, "截至2023年累计", "超7.0"),
        ({"period": "since_launch", "month": 12.0, "bound": "exact"}, "启动至2023年累计", "7.0"),
    ],
)
def test_a_figure_says_of_what_time_it_speaks_and_how_it_was_bounded(figure, date, text):
    published = SimpleNamespace(year=2023, raw="7.0", **figure)
    assert w.figure_date(published) == date
    assert w.figure_text(published) == text


# -- sentences ---------------------------------------------------------------------------------


def test_five_year_sums_are_told_against_the_time_gone():
    item = indicator(base="—", target="[550]", name="城镇新增就业人数")
    rows = yearly({2021: "140.33", 2022: "132", 2023: "139.3"}, indicator=item.name)
    assert sentence(judged(item, rows), 2020, language("zh")) == (
        "城镇新增就业人数：2021—2023年累计411.63万人，五年目标550万人，"
        "完成74.8%，快于时序进度（60.0%）14.8个百分点，快于预期。"
    )
    slow = yearly({2021: "100", 2022: "60", 2023: "80"}, indicator=item.name)
    assert "慢于时序进度（60.0%）16.4个百分点，滞后。" in sentence(
        judged(item, slow), 2020, language("zh")
    )


def test_one_year_of_a_sum_is_no_span():
    item = indicator(base="—", target="[550]")
    text = sentence(judged(item, yearly({2021: "140.33"}), 2021), 2020, language("zh"))
    assert "：2021年累计140.33万人" in text


@pytest.mark.parametrize(
    ("values", "unit", "words"),
    [("65", "万人", "比2020年增加5万人"), ("56", "万人", "比2020年减少4万人"),
     ("56", "%", "比2020年下降4个百分点"), ("60", "万人", "与2020年持平"),
     ("60.0", "%", "与2020年持平")],
)  # fmt: skip
def test_levels_are_told_against_their_base(values, unit, words):
    row = judged(indicator(unit=unit), yearly({2023: values}, unit=unit))
    assert words in sentence(row, 2020, language("zh"))


def test_what_cannot_be_judged_says_why_and_nothing_else():
    row = judged(indicator(name="某数"), yearly({2019: "70"}))
    assert row.verdict is Verdict.NOT_ASSESSABLE
    assert sentence(row, 2020, language("zh")) == f"某数：无法评估，{w.reason_text(row)}。"
    assert w.value_text(row) == w.data_date(row) == w.EMPTY


def test_a_stale_figure_names_its_year():
    row = judged(indicator(), yearly({2021: "65"}))
    assert "（最新为2021年）" in w.reason_text(row)


def test_the_verdict_says_borderline_and_its_date_unless_dates_have_a_column():
    row = judged(indicator(base="60.00"), yearly({2023: "71"}))
    assert w.verdict_text(row) == f"{row.verdict}（临界）"
    row = judged(indicator(), yearly({2022: "70"}))
    assert w.verdict_text(row) == f"{row.verdict}（数据截至2022年）"
    assert w.verdict_text(row, dated=False) == row.verdict


# -- distances ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "target", "direction", "value", "words"),
    [("2.5", "4以内", -1, "3.4", "低于上限0.6个百分点"),
     ("2.5", "4以内", -1, "4.2", "超出上限0.2个百分点（比目标多5.0%）"),
     ("96", ">90", 1, "93.5", "高于目标下限3.5个百分点"),
     ("96", ">90", 1, "89.0", "低于目标1.0个百分点"),
     ("96", ">90", 1, "90.0", "低于目标0.0个百分点"),
     ("5.45", "5.5左右", -1, "5.1", "低于容许上限0.7个百分点"),
     ("85.2", "保持稳定", 1, "85.6", "低于容许上限0.6个百分点"),
     ("85.2", "保持稳定", 1, "84.6", "高于容许下限0.4个百分点"),
     ("85.2", "保持稳定", 1, "83.2", "低于容许下限1.0个百分点"),
     ("85.2", "保持稳定", 1, "88.2", "超出容许上限2.0个百分点"),
     ("20", "25—27", 1, "28.5", "超出上限1.5个百分点"),
     ("20", "25—27", 1, "25.5", "高于目标下限0.5个百分点")],
)  # fmt: skip
def test_a_bound_is_told_by_name_and_distance(base, target, direction, value, words):
    item = indicator(base=base, target=target, unit="%", direction=direction)
    row = judged(item, yearly({2025: value}, unit="%"), 2025)
    assert sentence(row, 2020, language("zh")).split("，")[-2] == words


def test_a_binding_target_has_the_tolerance_of_its_words():
    item = indicator(base="5.4", target="5.5左右", unit="%", direction=-1,
                     attribute=Attribute.BINDING)  # fmt: skip
    row = judged(item, yearly({2025: "5.1"}, unit="%"), 2025)
    assert "低于容许上限0.7个百分点" in sentence(row, 2020, language("zh"))


def test_a_composition_is_so_many_points_from_its_target():
    item = indicator(base="13.7:39:47.3", target="14:42:44", unit="—", kind=Kind.of("composition"))
    rows = observed({"year": 2025, "raw": "13:41:46", "period": "year_end", "unit": "—"})
    here = evaluation(plan(item), rows, year=2025)
    assert here.judgements[0].verdict is Verdict.MISSED
    [table] = overview.progress(here).tables
    assert table.rows[0][7] == "与目标相差2.0个百分点"
    [table] = advice.problems(here).tables
    assert table.rows[0][3] == "2.0个百分点"


def test_digits_after_the_point_are_counted_in_each_number():
    figures = [SimpleNamespace(raw="13.7:39:47.35"), SimpleNamespace(raw="140.3")]
    assert w.decimals_of(SimpleNamespace(inputs=figures)) == 2
    assert w.decimals_of(SimpleNamespace(inputs=[])) == 0


def test_what_rounds_to_nothing_has_no_sign():
    item = indicator(base="60.00", target="80")
    here = evaluation(plan(item), yearly({2023: "59.96"}))
    [row] = here.judgements
    assert -0.05 < row.achieved < 0
    assert advice.yearly(row, "achieved", here.say) == "-0.01万人"
    assert advice.yearly(replace(row, achieved=-0.001), "achieved", here.say) == "0.00万人"


# -- every digit in prose comes from the row -----------------------------------------------------


def in_row(text: str, row: Judgement, base_year: int) -> bool:
    """Whether a number of a sentence is a figure of the row, shown to as many digits."""
    words = [row.name, row.base_raw, row.target_raw, row.value_raw, row.decided_by,
             *row.missing_years]  # fmt: skip
    if any(text in NUMBER.findall(str(word)) for word in words):
        return True
    years = [base_year, base_year + 1, row.year, row.data_year, row.data_month, row.last_year]
    shares = [row.progress, row.elapsed, row.completion, row.progress - row.elapsed]
    own = [row.value, row.base, row.target, row.distance, row.value - row.base]
    figures = [*years, *own, *(100 * share for share in shares)]
    digits = len(text.partition(".")[2])
    return any(abs(abs(x) - float(text)) <= 0.5000001 * 10**-digits for x in figures)


@pytest.fixture(scope="module", params=REPORTS)
def report(request):
    plan_id, data, region, year = REPORTS[request.param]
    p = load_plan(plan_id)
    return evaluation(p, read_observations(data, p), region=region, year=year)


def sentences_of(here):
    sentences = overview.progress(here).text.split("\n")
    for row in here.rows:
        for text in sentences:
            if text.startswith(f"{row.name}："):
                yield row, text.removeprefix(f"{row.name}：")


def test_every_number_of_a_sentence_is_a_figure_of_its_row(report):
    stray = [
        (row.name, number, text)
        for row, text in sentences_of(report)
        for number in NUMBER.findall(text)
        if not in_row(number, row, report.plan.base_year)
    ]
    assert stray == []


def test_every_judged_indicator_has_one_sentence_with_numbers(report):
    known = [row for row in report.rows if row.verdict is not Verdict.NOT_ASSESSABLE]
    judged_names = {row.name for row in known}
    told = [row.name for row, text in sentences_of(report) if NUMBER.search(text)]
    assert judged_names and judged_names <= set(told)
    assert len(told) == len(set(told))


def test_text_and_table_show_the_same_figures(report):
    table = overview.progress(report).tables[0]
    cells = {row[0]: dict(zip(table.header, row, strict=True)) for row in table.rows}
    for row, text in sentences_of(report):
        shown = cells[row.indicator]
        if row.verdict is Verdict.NOT_ASSESSABLE:
            continue
        value = shown.get("最新值") or shown["完成值"]
        assert re.search(rf"(?<![\d.]){NUMBER.search(value)[0]}(?![\d.])", text)
        for column in ("完成进度", "完成率或距离"):
            if (
                column in shown
                and shown[column] not in ("底线", "幅度过小")
                and "几何" not in shown[column]
            ):
                assert shown[column] in text


def test_a_sentence_of_another_indicator_would_be_noticed():
    p = load_plan("gd-hrss-14")
    rows = evaluation(p, read_observations(None, p)).rows
    jobs = next(r for r in rows if r.indicator == "1")
    doctors = next(r for r in rows if r.indicator == "13")
    numbers = NUMBER.findall(sentence(jobs, p.base_year, language("zh")))
    assert all(in_row(n, jobs, p.base_year) for n in numbers)
    assert not all(in_row(n, doctors, p.base_year) for n in numbers)
    assert not in_row("411.64", jobs, p.base_year)
    assert not in_row("74.9", jobs, p.base_year)


def test_counts_in_the_overview_are_counts_of_rows(report):
    text, frame = overview.overview(report).text.split("\n")[1], report.assessment
    verdicts = frame["verdict"].value_counts()
    for verdict, count in verdicts.items():
        assert f"{verdict}{count}项" in text
    assert f"共设{len(frame)}项" in text
    known = len(frame) - verdicts.get(Verdict.NOT_ASSESSABLE.value, 0)
    assert f"可评估{known}项" in text
    names = "、".join(frame["name"])
    firm = f"临界的{int((~frame['firm'].astype(bool) & (frame['verdict'] != '无法评估')).sum())}项"
    allowed = {str(n) for n in (len(frame), known, *verdicts, frame["year"][0])} | {"0"}
    allowed |= set(NUMBER.findall(firm)) | set(NUMBER.findall(names))
    assert set(NUMBER.findall(text)) <= allowed


@pytest.mark.parametrize(
    ("item", "rows", "region", "text"),
    [
        (indicator(target="应保尽保"), yearly({2023: "70"}), PROVINCE, None),
        (indicator(), yearly({2023: "70"}, region="441500", region_name="汕尾市"), "441500",
         "分解到汕尾市的目标和基期"),
    ],
    ids=["words", "city"],
)  # fmt: skip
def test_a_figure_is_only_asked_for_where_it_would_help(item, rows, region, text):
    here = evaluation(plan(item), rows, region=region)
    assert here.judgements[0].verdict is Verdict.NOT_ASSESSABLE
    found = advice.gaps(here).tables
    assert [table.rows[0][3] for table in found] == ([] if text is None else [text])


def test_the_cover_names_region_year_and_day_and_marks_simulated_figures():
    p = plan(indicator())
    text = overview.cover(evaluation(p, yearly({2023: "70"}), as_of="2024-06")).text
    assert text.startswith("测试规划中期评估报告\n")
    assert "广东省（440000）" in text and "2023年" in text and "2024-06" in text
    assert SIMULATED not in text
    last = evaluation(p, yearly({2025: "70"}, simulated=True), year=2025)
    text = overview.cover(last).text
    assert SIMULATED in text and "总结评估报告" in text and "全部已发布数据" in text
