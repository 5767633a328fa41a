"""Sections of the report: words, numbers, escaping, and what they leave out."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from frames import evaluation, indicator, observed, plan, sentence_of, yearly

from gdplan.model import Kind
from gdplan.page import chinese as w
from gdplan.page import drawing
from gdplan.page.blocks import Heading, Items, Paragraph, Section, Table
from gdplan.problems import ProblemError
from gdplan.reports.sections import advice, annex, charts, overview


def judged(item, rows, year=2023):
    here = evaluation(plan(item), rows, year=year)
    return here, here.judgements[0]


@pytest.mark.parametrize(
    ("x", "decimals", "text"),
    [(0.125, 2, "0.13"), (0.135, 2, "0.14"), (2.5, 0, "3"), (-0.04, 1, "0.0"), (1e7, 0, "10000000"),
     (math.inf, 1, "∞"), (-math.inf, 1, "-∞"), (math.nan, 1, "—")],
)  # fmt: skip
def test_numbers_are_rounded_half_up(x, decimals, text):
    assert w.rounded(x, decimals) == text


def test_a_rate_changes_by_percentage_points():
    _, row = judged(indicator(base="60", target="80", unit="%"), yearly({2023: "72"}, unit="%"))
    text = sentence_of(row, 2020)
    assert "提高12个百分点" in text and "12%" not in text


def test_a_falling_count_and_an_unchanged_one_have_their_words():
    item = indicator(base="60", target="50", direction=-1)
    assert "减少4万人" in sentence_of(judged(item, yearly({2023: "56"}))[1], 2020)
    assert "与2020年持平" in sentence_of(judged(item, yearly({2023: "60"}))[1], 2020)


def test_a_base_that_is_only_a_bound_is_not_subtracted():
    item = indicator(base="95以上", target="稳定在95以上", unit="%")
    text = sentence_of(judged(item, yearly({2023: "96.4"}, unit="%"))[1], 2020)
    assert "提高" not in text and "目标稳定在95%以上" in text


def test_bounds_keep_their_words():
    item = indicator(base="5.45", target="5.5左右", unit="%", direction=-1)
    row = judged(item, yearly({2023: "5.5"}, unit="%", bound="at_most"))[1]
    assert w.value_text(row) == "5.5以内"
    row = judged(indicator(), yearly({2023: "79"}, bound="at_least"))[1]
    assert w.value_text(row) == "超79"
    row = judged(indicator(), yearly({2023: "79"}, bound="approx"))[1]
    assert w.value_text(row) == "约79"


def test_an_older_figure_says_up_to_when_it_speaks():
    row = judged(indicator(), yearly({2022: "70"}))[1]
    assert "数据截至2022年" in sentence_of(row, 2020)
    row = judged(indicator(), observed({"year": 2023, "raw": "70", "period": "ytd", "month": 6.0}))
    assert "数据截至2023年6月" in sentence_of(row[1], 2020)


def test_signs_are_read_as_words():
    assert w.plan_cell(">3500", "亿元") == "超过3500亿元"
    assert w.plan_cell("4 以内", "%") == "4%以内"
    assert w.plan_cell("保持稳定", "%") == "保持稳定"
    assert w.plan_cell("[100]", "—") == "100"


def test_a_cap_and_a_floor_say_their_distance():
    cap = indicator(base="2.5", target="4以内", unit="%", direction=-1)
    assert "低于上限0.6个百分点" in sentence_of(
        judged(cap, yearly({2025: "3.4"}, unit="%"), 2025)[1], 2020
    )
    assert "超出上限0.2个百分点" in sentence_of(
        judged(cap, yearly({2025: "4.2"}, unit="%"), 2025)[1], 2020
    )
    floor = indicator(base="96", target=">90", unit="%")
    assert "低于目标1.0个百分点" in sentence_of(
        judged(floor, yearly({2025: "89.0"}, unit="%"), 2025)[1], 2020
    )


def test_a_final_sum_has_its_completion():
    item = indicator(target="[550]", base="—")
    rows = observed({"year": 2025, "raw": "560.5", "period": "cumulative", "start": 2021.0})
    text = sentence_of(judged(item, rows, 2025)[1], 2020)
    assert "2021—2025年累计560.5万人" in text and "完成率101.9%" in text


def test_a_composition_is_told_as_it_is():
    mix = indicator(base="10:40:50", target="14:42:44", unit="—", kind=Kind.of("composition"))
    row = judged(mix, observed({"year": 2023, "raw": "13:41:46", "period": "year_end"}))[1]
    assert "为13:41:46，目标为14:42:44" in sentence_of(row, 2020)


def test_missing_years_are_named_with_who_supplies_them():
    item = indicator(target="[80]", base="—")
    here, row = judged(item, yearly({2021: "10", 2023: "12"}))
    assert "（2022年）" in w.reason_text(row)
    [table] = advice.gaps(here).tables
    assert table.rows[0][3].startswith("2022年全年数")
    assert table.rows[0][4:] == ("省人力资源社会保障厅", "2024年3月底前")


@pytest.mark.parametrize(
    ("item", "rows", "text"),
    [
        (indicator(), yearly({2021: "65"}), "2023年数（最新为2021年）"),
        (indicator(), yearly({2022: "65"}), "2023年数（现用2022年）"),
        (indicator(base="—"), yearly({2022: "64", 2023: "65"}), "2020年基期数"),
        (indicator(kind=Kind.of("annual")),
         observed({"year": 2023, "raw": "9", "period": "ytd", "month": 6.0}), "2023年全年数"),
    ],
)  # fmt: skip
def test_the_gap_list_says_what_is_missing(item, rows, text):
    here, _ = judged(item, rows)
    [table] = advice.gaps(here).tables
    assert table.rows[0][3] == text


def test_without_gaps_there_is_no_list():
    here, _ = judged(indicator(), yearly({2023: "79"}))
    assert advice.gaps(here).tables == ()


def test_lagging_indicators_are_listed_with_what_they_need():
    here, _ = judged(indicator(), yearly({2023: "65"}))
    [table] = advice.problems(here).tables
    assert table.rows[0][3:6] == ("15.0万人", "7.5万人", "1.7万人")


def test_borderline_and_falling_are_said():
    here, row = judged(indicator(base="60.00"), yearly({2023: "71"}))
    assert "临界的1项" in overview.overview(here).text
    assert "取决于2023年 71" in w.reason_text(row)
    here, _ = judged(indicator(base="96.45", target=">90", unit="%"),
                         yearly({2022: "95", 2023: "93"}, unit="%"))  # fmt: skip
    assert "走势向差" in advice.problems(here).text


def test_sources_tell_reprints_and_losers():
    rows = pd.concat(
        [yearly({2023: "70"}, access="reprint"), yearly({2023: "71"}, access="direct")],
        ignore_index=True,
    )
    here, _ = judged(indicator(), rows)
    assert "均为原始来源" in annex.sources(here).text
    [table] = annex.unused(here).tables
    assert table.rows[0][-1] == "有原始来源，转载不用"
    here, _ = judged(indicator(), yearly({2023: "70"}, access="reprint"))
    assert "1个仅见于转载" in annex.sources(here).text
    assert annex.unused(here).tables == ()
    empty, _ = judged(indicator(), yearly({2019: "70"}))
    assert "没有可用的数据" in annex.sources(empty).text


def test_a_wide_range_shows_both_scales():
    here, _ = judged(indicator(base="10", target="200"), yearly({2023: "60"}))
    [table] = overview.progress(here).tables
    assert table.rows[0][8] == "26.3%（几何59.8%）"


NASTY = "<script>alert(1)</script>|`x`$y$#@=cmd\"'&😀"


def test_a_nasty_name_arrives_as_text():
    item = indicator(name=NASTY)
    here, _ = judged(item, yearly({2023: "65"}, indicator=NASTY))
    html = overview.progress(here)._repr_html_() + advice.problems(here)._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert "alt=" in charts.panels(here)._repr_html_()


def test_blocks_are_laid_flat_and_read_as_text():
    section = Section.of(
        Heading("标题", 2), None, [Paragraph("甲"), Items(("乙", "丙"))],
        Table("表", ("列",), (("1",),), ("right",)),
    )  # fmt: skip
    assert section.text == "标题\n甲\n乙\n丙"
    assert "<caption>表</caption>" in section._repr_html_()


def test_all_verdicts_can_be_drawn_and_the_same_chart_has_the_same_bytes():
    items = tuple(indicator(str(i), name=f"指标{i}") for i in range(1, 13))
    rows = pd.concat(
        [yearly({2022: "61", 2023: v}, indicator=f"指标{i}") for i, v in
         enumerate(["80", "79", "72", "65", "59", "73", "71", "70", "69", "68", "67", "66"], 1)],
        ignore_index=True,
    )  # fmt: skip
    here = evaluation(plan(*items), rows)
    assert charts.scoreboard(here).svg == charts.scoreboard(here).svg
    pages = charts.panels(here).charts
    assert len(pages) == 2 and "（2/2）" in pages[1].caption
    assert "指标1 提前实现" in charts.scoreboard(here).alt


def test_a_missing_font_is_a_problem_and_not_a_box(monkeypatch):
    import builtins

    drawing.font_families.cache_clear()
    real = builtins.__import__

    def without(name, *rest, **more):
        if name == "pylopdf_fonts_zh_cn":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ProblemError, match="中文字体"):
        drawing.font_families()
    drawing.font_families.cache_clear()


def test_a_character_the_font_lacks_is_an_error():
    item = indicator(name="指标\U000323ae")
    here, _ = judged(item, yearly({2023: "65"}, indicator="指标\U000323ae"))
    with pytest.raises(UserWarning, match="missing from font"):
        charts.panels(here)


def test_the_run_information_names_parameters_and_versions():
    here, _ = judged(indicator(), yearly({2023: "65"}))
    [table] = annex.run_info(here).tables
    shown = dict(table.rows)
    assert shown["year"] == "2023" and shown["gdplan"]
    assert (
        annex.export(here)
        ._repr_mimebundle_()["application/vnd.gdplan.assessment+csv"]
        .startswith("plan,indicator")
    )


def test_other_schemes_stand_beside_the_verdict_and_disagreement_is_said():
    here, row = judged(indicator(), yearly({2023: "68.00"}))
    section = annex.opinions(here)
    assert row.verdict == "滞后" and row.projected_opinion == "需要加快"
    assert "各方法结论一致" in section.text
    apart, row = judged(indicator(), yearly({2023: "71.45"}))
    assert row.verdict == "基本符合预期" and row.gap_opinion == "需要加快"
    assert "结论不一致的指标1项：指标1" in annex.opinions(apart).text
    empty, _ = judged(indicator(), yearly({2019: "70"}))
    assert "没有可评估的指标" in annex.opinions(empty).text
