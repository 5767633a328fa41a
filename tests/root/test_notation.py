"""The notation of METHOD 1.2, cell by cell."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import examples

from gdplan.model import Bound, Target
from gdplan.notation import NUMBER, RATIO, parse_target, split_unit, value_interval
from gdplan.problems import ProblemError

INF = math.inf
# cell, kind, comparator, value, low, high
CELLS = [
    ("[550]", "cumulative", "=", 550, 549.5, 550.5),
    ("〔550〕", "cumulative", "=", 550, 549.5, 550.5),
    ("［ 550 ］", "cumulative", "=", 550, 549.5, 550.5),
    ("【96.4】", "cumulative", "=", 96.4, 96.35, 96.45),
    ("〔>10〕", "cumulative", ">", 10, 10, INF),
    (">〔10〕", "cumulative", ">", 10, 10, INF),
    ("〔100 万〕", "cumulative", "=", 100, 99.5, 100.5),
    ("[-17]", "cumulative", "=", -17, -17.5, -16.5),
    ("五年累计550", "cumulative", "=", 550, 549.5, 550.5),
    ("累计〔550〕以上", "cumulative", ">=", 550, 550, INF),
    ("4以内", "level", "<=", 4, -INF, 4),
    ("4 以内", "level", "<=", 4, -INF, 4),
    ("2.6以内", "level", "<=", 2.6, -INF, 2.6),
    ("控制在5.5以内", "level", "<=", 5.5, -INF, 5.5),
    ("控制在5.5%以内", "level", "<=", 5.5, -INF, 5.5),
    ("不超过3", "level", "<=", 3, -INF, 3),
    ("95以上", "level", ">=", 95, 95, INF),
    ("95%及以上", "level", ">=", 95, 95, INF),
    ("达到95", "level", ">=", 95, 95, INF),
    ("不低于95%", "level", ">=", 95, 95, INF),
    ("超过5", "level", ">", 5, 5, INF),
    (">60", "level", ">", 60, 60, INF),
    ("＞60", "level", ">", 60, 60, INF),
    ("≥5", "level", ">=", 5, 5, INF),
    ("<3", "level", "<", 3, -INF, 3),
    ("≤3%", "level", "<=", 3, -INF, 3),
    ("低于3", "level", "<", 3, -INF, 3),
    ("5.5左右", "level", "about", 5.5, 5.225, 5.775),
    ("约850", "level", "about", 850, 807.5, 892.5),
    ("稳定在95以上", "level", ">=", 95, 95, INF),
    ("稳定在85左右", "level", "about", 85, 80.75, 89.25),
    ("稳定在85", "level", "keep", 85, 84.5, 85.5),
    ("保持稳定", "level", "keep", None, -INF, INF),
    ("基本稳定", "level", "keep", None, -INF, INF),
    ("85.2，保持稳定", "level", "keep", 85.2, 85.15, 85.25),
    ("25—27", "level", "=", None, 25, 27),
    ("25-27", "level", "=", None, 25, 27),
    ("3%~5%", "level", "=", None, 3, 5),
    ("3%至5%", "level", "=", None, 3, 5),
    ("—", "level", "none", None, -INF, INF),
    ("-", "level", "none", None, -INF, INF),
    ("/", "level", "none", None, -INF, INF),
    ("", "level", "none", None, -INF, INF),
    ("——", "level", "none", None, -INF, INF),
    ("应保尽保", "level", "none", None, -INF, INF),
    ("完成国家下达任务", "level", "none", None, -INF, INF),
    ("12,300", "level", "=", 12300, 12299.5, 12300.5),
    ("１２，３００", "level", "=", 12300, 12299.5, 12300.5),
    ("１００", "level", "=", 100, 99.5, 100.5),
    ("10.5*", "level", "=", 10.5, 10.45, 10.55),
    ("15.7⁴", "level", "=", 15.7, 15.65, 15.75),
    ("15.7①", "level", "=", 15.7, 15.65, 15.75),
    ("5000万", "level", "=", 5000, 4999.5, 5000.5),
    ("1亿", "level", "=", 1, 0.5, 1.5),
    ("−1.5", "level", "=", -1.5, -1.55, -1.45),
    ("年均增长6%", "rate", "=", 6, 5.5, 6.5),
    ("年均增长 6%以上", "rate", ">=", 6, 6, INF),
    ("11.3年", "level", "=", 11.3, 11.25, 11.35),
    ("95以上（以省考核为准）", "level", ">=", 95, 95, INF),
    ("近500", "level", "about", 500, 475, 525),
    ("20上下", "level", "about", 20, 19, 21),
    ("500余", "level", ">", 500, 500, INF),
    ("500多家", "level", ">", 500, 500, INF),
    ("5000+", "level", ">=", 5000, 5000, INF),
    ("95%+", "level", ">=", 95, 95, INF),
    ("力争95", "level", ">=", 95, 95, INF),
    ("力争超过95", "level", ">", 95, 95, INF),
    ("确保100%", "level", ">=", 100, 100, INF),
    ("提高到95%", "level", ">=", 95, 95, INF),
    ("增至95%", "level", ">=", 95, 95, INF),
    ("降至15以下", "level", "<=", 15, -INF, 15),
    ("不突破3", "level", "<=", 3, -INF, 3),
    ("约为5", "level", "about", 5, 4.75, 5.25),
    ("提高3个百分点", "change", "=", 3, 2.5, 3.5),
    ("比2020年提高3个百分点以上", "change", ">=", 3, 3, INF),
    ("下降3个百分点", "change", "=", -3, -3.5, -2.5),
    ("下降3个百分点以上", "change", "<=", -3, -INF, -3),
    ("增长20%", "rate", "=", 20, 19.5, 20.5),
    ("较“十三五”末增长20%", "rate", "=", 20, 19.5, 20.5),
    ("下降13.5%", "reduction", "=", 13.5, 13.45, 13.55),
    ("降低〔13.5〕%", "reduction", "=", 13.5, 13.45, 13.55),
    ("较2020年下降18%以上", "reduction", ">=", 18, 18, INF),
    ("增加50万人", "cumulative", "=", 50, 49.5, 50.5),
    ("年均新增110万人", "annual_mean", "=", 110, 109.5, 110.5),
    ("年均下降3%", "rate", "=", -3, -3.5, -2.5),
    ("6%左右（年均）", "rate", "about", 6, 5.7, 6.3),
    ("50（2024年）", "level", "=", 50, 49.5, 50.5),
    ("50（五年累计）", "cumulative", "=", 50, 49.5, 50.5),
    ("18/10万", "level", "=", 18, 17.5, 18.5),
    ("控制在18/10万以下", "level", "<=", 18, -INF, 18),
    ("三千", "level", "=", 3000, 2999.5, 3000.5),
    ("一百二十人以上", "level", ">=", 120, 120, INF),
    ("≤2.5:1", "ratio", "<=", 2.5, -INF, 2.5),
    ("1.67亿吨标准煤", "level", "=", 1.67, 1.665, 1.675),
    ("12 300", "level", "=", 12300, 12299.5, 12300.5),
    ("十四五", "level", "none", None, -INF, INF),
    ("三个", "level", "none", None, -INF, INF),
    ("10.5注1", "level", "=", 10.5, 10.45, 10.55),
]


@pytest.mark.parametrize(("cell", "kind", "comparator", "value", "low", "high"), CELLS)
def test_a_cell_is_read(cell, kind, comparator, value, low, high):
    target = parse_target(cell)
    assert (target.kind, target.comparator, target.value) == (kind, comparator, value)
    assert (target.low, target.high) == (low, high)
    assert target.raw == cell


@pytest.mark.parametrize(
    ("cell", "parts"),
    [("14:42:44", (14, 42, 44)), ("13.7：39：47.3", (13.7, 39, 47.3))],
)
def test_a_ratio_is_a_composition(cell, parts):
    target = parse_target(cell)
    assert target.kind == "composition" and target.parts == parts and target.value is None


@pytest.mark.parametrize(
    ("cell", "unit", "value"),
    [("1亿", "万人", 10_000), ("5000万", "万人", 5000), ("5000万", "人", 50_000_000),
     ("3500亿元", "亿元", 3500), ("95%", "%", 95), ("1.2万亿元", "亿元", 12_000)],
)  # fmt: skip
def test_a_counting_word_is_turned_into_the_units_of_the_row(cell, unit, value):
    target = parse_target(cell, unit=unit)
    assert target.value == value and target.unit == unit


@pytest.mark.parametrize(
    ("cell", "unit", "kind", "value"),
    [
        ("提高3%", "%", "cumulative", 3), ("降低〔2〕", "%", "reduction", 2),
        ("降低〔2〕", "微克/立方米", "change", -2), ("增长20%", "亿元", "rate", 20),
        ("50（万人）", "万人", "level", 50), ("1000万", "万人", "level", 1000),
        ("500余万人", "万人", "level", 500), ("五十万", "万人", "level", 50),
    ],
)  # fmt: skip
def test_the_unit_of_the_row_says_what_a_change_is(cell, unit, kind, value):
    target = parse_target(cell, unit=unit)
    assert (target.kind, target.value) == (kind, value)


def test_what_the_five_years_make_together_is_a_total():
    assert all(parse_target(cell).total for cell in ("[20]", "增长20%", "下降13.5%"))
    assert not any(parse_target(cell).total for cell in ("提高3个百分点", "年均增长6%", "95"))


TWO = st.tuples(st.integers(1, 999), st.integers(1, 99), st.sampled_from([" ", "\n", "、", "；"]))


@given(TWO)
def test_two_numbers_in_a_cell_are_never_one(two):
    first, second, between = two
    try:
        target = parse_target(f"{first}.5{between}{second}")
    except ProblemError:
        return
    assert target.value is None


DRESSES = st.sampled_from([
    ("{}以上", ">="), ("不低于{}", ">="), ("力争达到{}", ">="), ("{}+", ">="), ("{}以内", "<="),
    ("不超过{}", "<="), ("控制在{}以内", "<="), ("降至{}", "<="), ("超{}", ">"), ("{}余", ">"),
    ("突破{}", ">"), ("低于{}", "<"), ("约{}", "about"), ("{}左右", "about"), ("近{}", "about"),
    ("{}上下", "about"), ("稳定在{}", "keep"), ("{}（2024年）", "="), ("{}*", "="), ("{}①", "="),
    ("{}（含省属）", "="), (" {} ", "="),
])  # fmt: skip


@given(DRESSES, st.decimals(0, 99_999, places=2))
def test_a_number_keeps_its_value_in_any_dress(dress, number):
    form, comparator = dress
    target = parse_target(form.format(number))
    assert (target.comparator, target.value) == (comparator, float(number))


@pytest.mark.parametrize(
    "cell",
    ["第5名", "2020年完成", "3个以上项目2个", "1:2:", "5—3", "[5", "2025年", "12 300 45", "3.5 4.0",
     "（3.2）", "比上年增长6%", "12\n300个"],
)  # fmt: skip
def test_digits_that_fit_no_form_are_an_error_that_quotes_them(cell):
    with pytest.raises(ProblemError) as caught:
        parse_target(cell)
    assert caught.value.problems[0].key == "unreadable_cell"
    assert caught.value.problems[0].found == cell


def test_another_noun_than_the_rows_unit_is_an_error():
    with pytest.raises(ProblemError):
        parse_target("5000万人", unit="万元")


@given(st.text(max_size=40))
@examples(10_000, quick=500)
def test_no_text_breaks_the_notation(text):
    try:
        target = parse_target(text)
    except ProblemError:
        return
    assert isinstance(target, Target) and target.raw == text


PIECES = st.sampled_from(
    list("[]〔〕0123456789.,，:-—~<>≥%万亿人 以内上左右约稳定在保持达到年均增长")
)


@given(st.lists(PIECES, max_size=25).map("".join))
@examples(10_000, quick=500)
def test_no_pile_of_notation_breaks_the_notation(text):
    try:
        target = parse_target(text, unit="万人")
    except ProblemError:
        return
    assert target.value is None or target.low <= target.value <= target.high


@pytest.mark.parametrize(
    ("text", "bound", "ends"),
    [
        ("132", Bound.EXACT, (131.5, 132.5)),
        ("140.33", Bound.EXACT, (140.325, 140.335)),
        ("12684.00", Bound.EXACT, (12683.995, 12684.005)),
        ("143", Bound.AT_LEAST, (143.0, INF)),
        ("5.5", Bound.AT_MOST, (-INF, 5.5)),
        ("850", Bound.APPROX, (807.5, 892.5)),
        ("1,330", Bound.EXACT, (1329.5, 1330.5)),
    ],
)
def test_published_figures_are_intervals(text, bound, ends):
    assert value_interval(text, bound) == ends


def test_units_split_into_counting_word_and_noun():
    assert split_unit("万人次") == (10_000, "人次")
    assert split_unit("人") == (1, "人")


@pytest.mark.parametrize(
    ("text", "number", "ratio"),
    [
        ("139.3", True, False), ("1,234,567.8", True, False), ("-0.5", True, False),
        ("1,23", False, False), ("1234,567", False, False), ("14:42:44", False, True),
        ("14∶42∶44", False, True), ("14:", False, False), ("-1:2", False, False),
        ("١٣", False, False), ("12\n", False, False), ("约12", False, False),
    ],
)  # fmt: skip
def test_a_printed_number_and_the_parts_of_a_whole_are_told_from_other_text(text, number, ratio):
    assert (bool(NUMBER.fullmatch(text)), bool(RATIO.fullmatch(text))) == (number, ratio)
