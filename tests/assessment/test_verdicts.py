"""Verdicts that published evaluations and the method's own examples ask for (METHOD 2, 4 and 6)."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from frames import PROVINCE, indicator, observed, plan, sentence_of, yearly
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import examples

from gdplan.assessment.assess import judgements
from gdplan.assessment.judgement import Judgement
from gdplan.model import Attribute, Kind, Level, Verdict
from gdplan.notation import parse_target
from gdplan.observations.annual_targets import AnnualTarget

FINE = {"提前实现", "保持达标", "快于预期", "基本符合预期", "超额完成", "完成", "基本完成"}


def judged(item: Any, rows: pd.DataFrame, year: int = 2023, **more: Any) -> Judgement:
    [one] = judgements(plan(item), rows, region=PROVINCE, year=year, **{"targets": (), **more})
    return one


def share(base: str, target: str, **changes: Any) -> Any:
    return indicator(base=base, target=target, unit="%", **changes)


def rates(values: dict[int, str], **common: Any) -> pd.DataFrame:
    return yearly(values, unit="%", **common)


# -- flows and parts of years ------------------------------------------------------------------


def half(year: int, raw: str, **more: Any) -> dict[str, Any]:
    return {"year": year, "raw": raw, "period": "ytd", "month": 6.0, **more}


def test_half_a_year_of_a_flow_is_never_its_level():
    item = indicator(base="700", target="1000")
    rows = observed({"year": 2021, "raw": "750"}, {"year": 2022, "raw": "800"}, half(2023, "430"))
    one = judged(item, rows)
    assert one.value == 800 and one.data_year == 2022 and one.verdict is Verdict.BEHIND
    assert {"one_year_old", "part_year_waits"} <= set(one.reasons)


def test_half_a_year_of_an_average_or_a_stock_stands_for_itself():
    rate = judged(share("5.5", "5以内", direction=-1), observed(half(2023, "5.1", unit="%")))
    assert rate.value == 5.1 and rate.elapsed == pytest.approx(0.5)
    stock = observed({"year": 2022, "raw": "66", "period": "year_end"}, half(2023, "69"))
    assert judged(indicator(), stock).value == 69
    declared = indicator(measure="stock")
    assert judged(declared, observed({"year": 2022, "raw": "66"}, half(2023, "69"))).value == 69


def test_the_share_of_a_part_year_is_that_of_earlier_years():
    item = indicator(base="—", target="[500]")
    earlier = [{"year": y, "raw": "100"} for y in (2021, 2022)]
    parts = [half(2021, "60"), half(2022, "64")]
    one = judged(item, observed(*earlier, *parts, half(2023, "62")))
    assert one.value == 262 and one.data_share == pytest.approx(0.62)
    assert one.elapsed == pytest.approx(2.62 / 5) and "by_months" not in one.reasons
    # One earlier part is no rule: the months say it, and the row too.
    one = judged(item, observed(*earlier, parts[0], half(2023, "62")))
    assert one.elapsed == pytest.approx(0.5) and "by_months" in one.reasons
    told = indicator(base="—", target="[500]", within_year=((6, 0.7),))
    assert judged(told, observed(*earlier, half(2023, "62"))).data_share == 0.7


def yearly_target(cell: str) -> AnnualTarget:
    return AnnualTarget(
        "1", PROVINCE, 2023, parse_target(cell), "2023-01-20", "工作要点", "t.csv:2"
    )


def test_a_years_target_is_judged_by_half_a_year():
    jobs = indicator(base="—", target="[5500]")
    rows = observed({"year": 2021, "raw": "1100"}, {"year": 2022, "raw": "1100"}, half(2023, "654"))
    one = judged(jobs, rows, targets=(yearly_target("1100"),))
    assert one.annual_completion == pytest.approx(0.5945, abs=1e-4)
    assert (one.annual_verdict, one.year_level) == ("快于预期", Level.GREEN)
    slow = observed({"year": 2021, "raw": "1100"}, {"year": 2022, "raw": "1100"}, half(2023, "400"))
    one = judged(jobs, slow, targets=(yearly_target("1100"),))
    assert (one.annual_verdict, one.year_level) == ("滞后", Level.ORANGE)
    cap = judged(share("5.5", "5以内", direction=-1), observed(half(2023, "4.9", unit="%")),
                 targets=(yearly_target("5以内"),))  # fmt: skip
    assert cap.annual_verdict == "保持达标"


# -- equality, bounds, edges -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "raw", "bound", "verdict", "firm"),
    [
        ("90", "90", "exact", "完成", True), ("90", "90.0", "exact", "完成", True),
        ("90.0", "90", "exact", "完成", False), (">90", "90", "exact", "基本完成", True),
        (">95", "95", "at_least", "完成", False), ("95以上", "95", "at_least", "完成", False),
        ("95", "90", "at_least", "无法评估", True), ("90", "89.9", "exact", "基本完成", True),
    ],
)  # fmt: skip
def test_printed_digits_and_bounds_decide(target, raw, bound, verdict, firm):
    one = judged(share("80", target), rates({2025: raw}, bound=bound), 2025)
    assert (one.verdict, one.firm) == (verdict, firm)


def test_a_sum_has_the_digits_of_its_coarsest_part():
    item = indicator(base="—", target="[50.0]")
    flows = dict.fromkeys(range(2021, 2026), "10.0")
    assert judged(item, yearly(flows), 2025).firm
    assert not judged(item, yearly({**flows, 2025: "10"}), 2025).firm


def test_the_edges_of_a_band_inside_a_bound_are_looked_at():
    band = share("97", "稳定在97")
    one = judged(band, rates({2023: "95"}, bound="at_least"))
    assert one.verdict is Verdict.NOT_ASSESSABLE and one.reasons[0] == "unbounded"
    assert math.isnan(one.progress)
    wide = judged(band, rates({2023: "96.5"}, bound="at_least"))
    assert wide.verdict is Verdict.NOT_ASSESSABLE


# -- what was kept and what was moved to -------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "raw", "verdict"),
    [
        (share("—", "4.5以内", direction=-1), "3.62", "完成"),
        (share("—", "5.5左右", direction=-1), "5.2", "完成"),
        (indicator(base="4215", target="2500"), "4880", "完成"),
        (share("85.2", "保持稳定"), "86.1", "完成"),
        (share("93.8", "96"), "97.1", "超额完成"), (share("93.8", "96"), "97.0", "完成"),
        (indicator(base="—", target="900以上"), "1186", "超额完成"),
        (indicator(base="100", target="80", direction=-1), "75", "超额完成"),
        (indicator(base="100", target="80", direction=-1), "77", "完成"),
    ],
)  # fmt: skip
def test_only_what_was_moved_to_is_exceeded(item, raw, verdict):
    assert judged(item, yearly({2025: raw}, unit=item.unit), 2025).verdict == verdict


def test_a_fall_past_its_target_is_exceeded_and_a_cap_is_kept():
    energy = indicator(base="—", target="-4.4", unit="%", direction=-1, kind=Kind.of("rate"))
    rows = rates(dict.fromkeys(range(2021, 2026), "-4.9"))
    assert judged(energy, rows, 2025).verdict is Verdict.EXCEEDED
    prices = indicator(base="—", target="3.5", unit="%", direction=-1, kind=Kind.of("rate"))
    rows = rates(dict.fromkeys(range(2021, 2026), "2.5"))
    assert judged(prices, rows, 2025).verdict is Verdict.COMPLETED


def test_guiding_and_unnamed_attributes_are_as_expected():
    for attribute, verdict in ((Attribute.GUIDING, "基本完成"), (Attribute.BINDING, "未完成")):
        item = indicator(attribute=attribute)
        assert judged(item, yearly({2025: "79"}), 2025).verdict == verdict


# -- without a base ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "verdict", "reason"),
    [
        ({2023: "96"}, "提前实现", ""), ({2022: "95.5", 2023: "96"}, "保持达标", ""),
        ({2022: "94", 2023: "96"}, "提前实现", ""), ({2022: "96", 2023: "94"}, "倒退", ""),
        ({2022: "93", 2023: "94"}, "无法评估", "no_base"), ({2023: "94"}, "无法评估", "one_point"),
    ],
)  # fmt: skip
def test_without_a_base_met_or_not_is_judged(values, verdict, reason):
    one = judged(share("—", "95"), rates(values))
    assert one.verdict == verdict and (not reason or reason in one.reasons)


# -- short ways, caps, gaps, zero --------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "verdict"),
    [("20.3", "提前实现"), ("20.0", "提前实现"), ("19.95", "基本符合预期"),
     ("19.9", "基本符合预期"), ("19.5", "滞后"), ("15", "滞后")],
)  # fmt: skip
def test_a_way_too_short_has_no_ratio_and_never_reverses(raw, verdict):
    item = indicator(base="19.9", target="20", kind=Kind.of("annual"))
    one = judged(item, yearly({2023: raw}))
    assert one.verdict == verdict and math.isnan(one.progress) and math.isnan(one.pace)
    assert "%" not in sentence_of(one)
    final = judged(item, yearly({2025: raw}), 2025).verdict
    assert final == ("完成" if float(raw) >= 20 else "未完成")


@pytest.mark.parametrize(
    ("growth", "verdict"),
    [(("3", "3", "3"), "保持达标"), (("3", "4", "1"), "基本符合预期"), (("4", "4", "4"), "滞后"),
     (("6", "6", "6"), "倒退")],
)  # fmt: skip
def test_growth_under_a_cap(growth, verdict):
    item = indicator(base="—", target="3以内", unit="%", direction=-1, kind=Kind.of("rate"))
    assert (
        judged(item, rates(dict(zip((2021, 2022, 2023), growth, strict=True)))).verdict == verdict
    )


def test_a_sum_with_a_gap_counts_what_is_known():
    item = indicator(base="—", target="[80]")
    met = judged(item, yearly({2021: "50", 2023: "40"}))
    assert met.verdict is Verdict.ACHIEVED_EARLY and "至少90" in sentence_of(met)
    short = judged(item, yearly({2021: "30", 2023: "40"}))
    assert short.verdict is Verdict.NOT_ASSESSABLE and short.missing_years == (2022,)
    assert short.value == 70 and math.isinf(short.value_high)
    cap = indicator(base="—", target="[80]以内", direction=-1)
    assert judged(cap, yearly({2021: "50", 2023: "40"})).verdict is Verdict.REVERSED


def test_a_published_total_bridges_what_it_covers():
    rows = pd.concat([
        observed({"year": 2023, "raw": "60", "period": "cumulative", "start": 2021.0}),
        yearly({2024: "15"}),
    ])  # fmt: skip
    one = judged(indicator(base="—", target="[80]"), rows, 2024)
    assert one.value == 75 and not one.missing_years


@pytest.mark.parametrize(
    ("kind", "direction", "values", "midterm", "final"),
    [("cumulative", -1, ("0", "0", "0", "0", "0"), "保持达标", "完成"),
     ("cumulative", -1, ("0", "1", "0", "0", "0"), "倒退", "未完成"),
     ("rate", 1, ("1", "0", "1", "0", "1"), "保持达标", "超额完成"),
     ("rate", 1, ("-1", "0", "0", "0", "0"), "倒退", "未完成"),
     ("rate", -1, ("0", "-1", "0", "0", "0"), "保持达标", "完成")],
)  # fmt: skip
def test_a_target_of_zero_is_met_or_not(kind, direction, values, midterm, final):
    cell = "[0]" if kind == "cumulative" else "0"
    item = indicator(base="—", target=cell, unit="件" if kind == "cumulative" else "%",
                     direction=direction, kind=Kind.of(kind))  # fmt: skip
    for last, verdict in ((2023, midterm), (2025, final)):
        rows = yearly(dict(zip(range(2021, last + 1), values, strict=False)), unit=item.unit)
        one = judged(item, rows, last)
        assert one.verdict == verdict or (verdict == "超额完成" and one.verdict == "完成")


# -- what is printed ---------------------------------------------------------------------------


def test_no_share_beyond_its_limits_is_printed():
    far = judged(indicator(base="60", target="62"), yearly({2023: "70"}))
    assert far.progress == 5 and "已超目标8万人" in sentence_of(far)
    back = judged(indicator(base="60", target="62"), yearly({2023: "50"}))
    assert "低于基期10万人" in sentence_of(back)
    many = judged(indicator(base="—", target="[10]"), yearly(dict.fromkeys(range(2021, 2026), "7")),
                  2025)  # fmt: skip
    assert "为目标的3.5倍" in sentence_of(many)


def test_met_and_falling_two_years_running_is_said_whatever_the_base():
    falling = share("80", "90")
    one = judged(falling, rates({2021: "95", 2022: "93", 2023: "91"}))
    assert one.verdict is Verdict.ACHIEVED_EARLY and "met_but_falling" in one.reasons
    assert "met_but_falling" not in judged(falling, rates({2022: "93", 2023: "91"})).reasons


# -- verdicts and lights -----------------------------------------------------------------------

NUMBERS = st.integers(500, 999).map(lambda n: f"{n / 10}")


@examples(150)
@given(NUMBERS, NUMBERS, st.lists(NUMBERS, min_size=1, max_size=3), st.sampled_from((1, -1)),
       st.sampled_from(("", "以上", "以内", "左右")),
       st.sampled_from(tuple(Attribute)))  # fmt: skip
def test_verdict_and_light_never_contradict(base, target, values, direction, word, attribute):
    item = share(base, target + word, direction=direction, attribute=attribute)
    years = range(2024 - len(values), 2024)
    for year in (2023, 2025):
        shift = year - 2023
        one = judged(item, rates({y + shift: v for y, v in zip(years, values, strict=True)}), year)
        if one.verdict is Verdict.NOT_ASSESSABLE:
            assert one.level is Level.GREY
        elif one.verdict in FINE:
            assert one.level in (Level.GREEN, Level.YELLOW)
        else:
            assert one.level in (Level.YELLOW, Level.ORANGE, Level.RED)
        if one.verdict is Verdict.REVERSED:
            assert one.level is Level.RED


def test_what_came_of_a_started_year_moves_the_chance():
    jobs = indicator(base="—", target="[3400]")
    years = {y: {"year": y, "raw": str(v)} for y, v in
             zip(range(2017, 2023), (660, 640, 655, 645, 650, 660), strict=True)}  # fmt: skip

    def reach(part: str) -> Judgement:
        return judged(jobs, observed(*years.values(), half(2023, part)))

    slow, usual, fast = (reach(part) for part in ("300", "325", "350"))
    assert slow.reach < usual.reach < fast.reach
    # 1,310 and half a year, the other half alike, and two more years at that pace.
    assert usual.outlook == pytest.approx(1310 + 650 + 1300, rel=0.01)
    assert slow.outlook == pytest.approx(1310 + 600 + 1200, rel=0.01)


def test_half_a_year_is_printed_with_the_digits_it_has():
    from frames import evaluation

    from gdplan.reports.sections import year_review

    jobs = indicator(base="—", target="[5500]")
    rows = observed({"year": 2021, "raw": "1100"}, {"year": 2022, "raw": "1100"},
                    half(2023, "654.3"))  # fmt: skip
    level = indicator(base="1000", target="1200")
    for item in (jobs, level):
        here = evaluation(plan(item), rows, kind="annual", targets=(yearly_target("1100"),))
        cells = year_review.results(here).tables[0].rows[0]
        assert "654.3（1—6月）" in cells and "59.5%" in cells
