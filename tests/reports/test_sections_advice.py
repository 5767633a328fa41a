"""What follows from an assessment: sentences an official can sign, and places for the office."""

from __future__ import annotations

import pandas as pd
import pytest
from frames import evaluation, indicator, plan, yearly

from gdplan.model import Attribute, Kind
from gdplan.reports.sections import advice


def judged(*pairs, **options):
    rows = pd.concat([rows for _, rows in pairs], ignore_index=True)
    return evaluation(plan(*(item for item, _ in pairs)), rows, **options)


def steps(*pairs, **options):
    return advice.next_steps(judged(*pairs, **options))


def test_a_lagging_indicator_is_told_what_it_needs_a_year_and_whose_task_it_is():
    text = steps((indicator(), yearly({2023: "65"}))).text
    assert "指标1：今后每年需7.5万人，以往年均1.7万人；责任单位为省人力资源社会保障厅。" in text
    assert "以下1项指标需要加快、恢复或防范" in text


def test_the_office_finds_a_place_for_its_own_measures():
    section = steps((indicator(), yearly({2023: "65"})))
    places = [b.text for b in section.blocks if getattr(b, "role", "") == "place"]
    assert places == ["【由省人力资源社会保障厅填写：指标1拟采取的措施、时限和分管责任人。】"]
    here = judged((indicator(), yearly({2023: "65"})))
    places = [b.text for b in advice.problems(here).blocks
              if getattr(b, "role", "") == "place"]  # fmt: skip
    assert len(places) == 1 and "原因" in places[0]


def test_a_broken_floor_is_to_be_restored_and_not_to_be_sped_up():
    floor = indicator(base="96", target=">90", unit="%")
    text = steps((floor, yearly({2023: "88"}, unit="%"))).text
    assert "与目标相差2.0个百分点，须恢复到目标（超过90%）并保持" in text
    assert "今后每年需" not in text


def test_a_falling_indicator_that_is_still_met_is_to_be_watched():
    floor = indicator(base="96.45", target=">90", unit="%")
    text = steps((floor, yearly({2022: "95", 2023: "93"}, unit="%"))).text
    assert "已达标，但连续两年走势向差，须防止跌破目标（超过90%）" in text


def test_a_borderline_figure_is_to_be_verified():
    text = steps((indicator(base="60.00"), yearly({2023: "71"}))).text
    assert "取决于2023年 71" in text and "应核实该数据" in text


def test_nothing_is_advised_where_nothing_lags():
    section = steps((indicator(base="60.00"), yearly({2023: "79.00"})))
    assert "没有需要提出加快或防范建议的指标" in section.text
    assert not [b for b in section.blocks if getattr(b, "role", "") == "place"]


def test_after_the_last_year_a_missed_target_is_no_yearly_task_any_more():
    text = steps((indicator(), yearly({2025: "65"})), year=2025).text
    assert "指标1：与目标相差15.0万人；责任单位" in text and "每年" not in text


def test_missing_figures_are_counted_and_sent_to_the_list():
    section = steps((indicator(), yearly({2019: "65"})))
    assert "缺少数据的1项指标由责任单位补报" in section.text


def test_a_composition_needs_no_yearly_amount():
    mix = indicator(base="14:42:44", target="14:43:43", unit="—", kind=Kind.of("composition"))
    rows = pd.concat([yearly({2023: "10:42:48"}, unit="—", period="year_end")])
    text = steps((mix, rows)).text
    assert "每年需—" not in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_advice_comes_in_both_languages_and_names_every_department(lang):
    binding = indicator("2", name="指标2", attribute=Attribute.BINDING)
    section = steps((indicator(), yearly({2023: "65"})),
                    (binding, yearly({2023: "66"}, indicator="指标2")), lang=lang)  # fmt: skip
    listed = section.text
    assert listed.count("省人力资源社会保障厅") >= 4
    assert ("今后每年需" in listed) == (lang == "zh")
    assert ("a year from now on" in listed) == (lang == "en")
