"""The kinds of METHOD 1.1: what each makes of its figures, and what holds for all of them."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from frames import PROVINCE, evaluation, indicator, observed, plan, sentence_of, yearly
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import examples

from gdplan import sections
from gdplan.assessment.assess import judgements
from gdplan.assessment.judgement import Judgement
from gdplan.model import Attribute, Comparator, Kind, Verdict
from gdplan.notation import parse_target
from gdplan.plans.load import load_plan
from gdplan.plans.table_rows import parse_text
from gdplan.problems import ProblemError


def judged(item: Any, rows: pd.DataFrame, year: int = 2023, **more: Any) -> Judgement:
    [one] = judgements(plan(item), rows, region=PROVINCE, year=year, **{"targets": (), **more})
    return one


def of(kind: str, **cells: Any) -> Any:
    return indicator(kind=Kind.of(kind), **cells)


def by_year(*values: str, first: int = 2021, **common: Any) -> pd.DataFrame:
    return yearly(dict(enumerate(values, first)), **common)


# -- change ------------------------------------------------------------------------------------

LIFE = {"base": "77.3", "target": "〔1〕", "unit": "岁"}


def test_what_is_to_be_added_is_judged_by_what_was_added():
    one = judged(of("change", **LIFE), by_year("78.2", "78.3", "78.6", unit="岁"))
    assert (one.value, one.target, one.verdict) == (1.3, 1, Verdict.ACHIEVED_EARLY)
    assert one.progress == pytest.approx(1.3)
    text = sentence_of(one)
    assert "78.6（+1.3）" in text and "比2020年增加1.3岁（目标增加1.0岁）" in text
    last = judged(of("change", **LIFE), by_year("78.2", "78.3", "78.4", "78.5", "78.6", unit="岁"),
                  2025)  # fmt: skip
    assert last.verdict is Verdict.EXCEEDED and last.completion == pytest.approx(1.3)
    just = judged(of("change", **LIFE), by_year("78.3", first=2025, unit="岁"), 2025)
    assert (just.value, just.verdict, just.firm) == (1.0, Verdict.COMPLETED, True)


def test_points_are_added_to_a_share_and_a_fall_is_one_too():
    share = of("change", base="60.0", target="[3.9]", unit="%")
    one = judged(share, by_year("61.0", "62.0", "62.5", unit="%"))
    assert one.value == 2.5 and one.progress == pytest.approx(2.5 / 3.9)
    assert "提高2.5个百分点" in sentence_of(one)
    worse = judged(share, by_year("59.0", "58.0", "57.0", unit="%"))
    assert worse.verdict is Verdict.REVERSED
    fall = of("change", base="30.0", target="[-2]", unit="%", direction=-1)
    assert judged(fall, by_year("27.8", first=2025, unit="%"), 2025).verdict is Verdict.EXCEEDED


def test_without_a_base_nothing_can_be_added():
    for year in (2023, 2025):
        item = of("change", base="—", target="〔1〕", unit="岁")
        one = judged(item, by_year("78.6", first=year, unit="岁"), year)
        assert one.verdict is Verdict.NOT_ASSESSABLE and one.reasons[0] == "no_base"


TENTHS = st.integers(-50, 50)


@examples(100)
@given(st.integers(300, 900), st.integers(1, 40), st.lists(TENTHS, min_size=1, max_size=5),
       st.integers(0, 100))  # fmt: skip
def test_a_change_depends_on_differences_alone(base, target, steps, shift):
    def row(first: int) -> Judgement:
        values = [f"{(first + step) / 10:.1f}" for step in steps]
        item = of("change", base=f"{first / 10:.1f}", target=f"[{target / 10:.1f}]", unit="岁")
        return judged(item, by_year(*values, first=2026 - len(values), unit="岁"), 2025)

    one, other = row(base), row(base + shift)
    assert (one.value, one.verdict, one.firm) == (other.value, other.verdict, other.firm)


# -- reduction ---------------------------------------------------------------------------------

CUTS = ("2.74", "5.04", "5.20", "3.61", "4.01")


def test_cuts_are_chained_and_not_added():
    item = of("reduction", base="—", target="[20]", unit="%")
    one = judged(item, by_year(*CUTS, unit="%"), 2025)
    assert one.value == pytest.approx(18.99, abs=0.005) and one.verdict is Verdict.MISSED
    assert "2021—2025年累计降低18.99%" in sentence_of(one)
    nearer = judged(of("reduction", base="—", target="[19]", unit="%"), by_year(*CUTS, unit="%"),
                    2025)  # fmt: skip
    assert nearer.verdict is Verdict.NEARLY and not nearer.met


def test_the_worked_example_of_the_method_as_a_cut():
    item = of("reduction", base="—", target="[17]", unit="%")
    one = judged(item, by_year("-1.51", "2.20", "4.18", unit="%"))
    assert one.value == pytest.approx(4.87, abs=0.005)
    assert one.achieved == pytest.approx(1.65, abs=0.005)
    assert one.required == pytest.approx(6.59, abs=0.005)
    assert one.progress == pytest.approx(0.268, abs=0.0005) and one.elapsed == pytest.approx(0.6)
    assert one.verdict is Verdict.BEHIND


def test_a_published_cut_since_the_base_is_taken_as_it_is():
    whole = observed({"year": 2023, "raw": "12.5", "period": "cumulative", "start": 2021.0,
                      "unit": "%"})  # fmt: skip
    item = of("reduction", base="—", target="[13.5]", unit="%")
    assert judged(item, whole).value == 12.5
    later = pd.concat([whole, by_year("2.0", first=2024, unit="%")])
    assert judged(item, later, 2024).value == pytest.approx(100 * (1 - 0.875 * 0.98))


def test_the_sign_of_cuts_is_declared_or_asked_for():
    falls = by_year("-2.0", "-3.0", "-3.0", unit="%")
    asked = judged(of("reduction", base="—", target="[10]", unit="%"), falls)
    assert asked.verdict is Verdict.NOT_ASSESSABLE and asked.reasons[0] == "cuts_sign"
    cut = judged(of("reduction", base="—", target="[10]", unit="%", cuts="negative"), falls)
    assert cut.value == pytest.approx(100 * (1 - 0.98 * 0.97 * 0.97))
    rise = judged(of("reduction", base="—", target="[10]", unit="%", cuts="positive"), falls)
    assert rise.verdict is Verdict.REVERSED


@examples(100)
@given(st.lists(st.integers(-80, 150), min_size=1, max_size=5), st.integers(5, 300))
def test_cuts_are_the_same_series_written_as_growth(steps, target):
    unit, last = "%", 2020 + len(steps)
    cut = judged(of("reduction", base="—", target=f"[{target / 10}]", unit=unit, cuts="positive"),
                 by_year(*(f"{s / 10}" for s in steps), unit=unit), last)  # fmt: skip
    grown = judged(of("rate", base="—", target=f"[{-target / 10}]", unit=unit, direction=-1),
                   by_year(*(f"{-s / 10}" for s in steps), unit=unit), last)  # fmt: skip
    assert cut.verdict == grown.verdict and cut.met == grown.met
    assert cut.value == pytest.approx(-grown.value, abs=1e-9)
    assert cut.progress == pytest.approx(grown.progress, nan_ok=True)
    for one, other in ((cut.required, grown.required), (cut.achieved, grown.achieved)):
        assert one == pytest.approx(-other, nan_ok=True, abs=1e-9)
    assert cut.reach == pytest.approx(grown.reach, nan_ok=True, abs=1e-9)


# -- annual mean -------------------------------------------------------------------------------


def test_so_much_a_year_is_a_mean_of_flows_and_no_growth():
    assert parse_target("年均110万人", unit="万人").kind == "annual_mean"
    assert parse_target("年均增长6%", unit="万人").kind == "rate"
    assert parse_target("年均6%以上").kind == "rate"
    item = of("annual_mean", base="—", target="年均110万人")
    one = judged(item, by_year("120", "100", "116"))
    assert one.value == 112 and one.progress == pytest.approx(336 / 550)
    assert one.verdict is Verdict.ON_TRACK and one.required == pytest.approx(107)
    text = sentence_of(one)
    assert "年均112万人（合计336万人）" in text and "五年合计550万人" in text


def test_a_mean_is_met_early_only_when_the_whole_sum_has_come():
    item = of("annual_mean", base="—", target="年均110万人")
    assert judged(item, by_year("150", "150", "150")).verdict is Verdict.AHEAD
    assert judged(item, by_year("190", "190", "190")).verdict is Verdict.ACHIEVED_EARLY
    assert judged(item, by_year(*["110"] * 5), 2025).verdict is Verdict.COMPLETED
    assert judged(item, by_year(*["116"] * 5), 2025).verdict is Verdict.EXCEEDED
    assert judged(item, by_year(*["109"] * 5), 2025).verdict is Verdict.NEARLY
    gap = judged(item, yearly({2021: "100", 2023: "100"}))
    assert gap.verdict is Verdict.NOT_ASSESSABLE and gap.missing_years == (2022,)
    cap = of("annual_mean", base="—", target="年均10以内", direction=-1)
    assert judged(cap, by_year("9", "10", "9")).verdict is Verdict.HELD
    assert judged(cap, by_year("11", "11", "11")).verdict is Verdict.BEHIND


# -- ratio -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value", "comparator"),
    [("2.5:1", 2.5, Comparator.BARE), ("1∶1.2", 1.2, Comparator.BARE),
     ("2.4:1以内", 2.4, Comparator.AT_MOST), ("≤2.4:1", 2.4, Comparator.AT_MOST),
     ("控制在2.4∶1以内", 2.4, Comparator.AT_MOST), ("5:2", 2.5, Comparator.BARE)],
)  # fmt: skip
def test_a_ratio_is_the_side_that_is_not_one(cell, value, comparator):
    target = parse_target(cell)
    assert (target.kind, target.value, target.comparator) == ("ratio", value, comparator)
    assert parse_target("14:42:44").kind == "composition"


@pytest.mark.parametrize(
    ("raw", "verdict"), [("2.3:1", "提前实现"), ("2.3", "提前实现"), ("2.4:1", "提前实现"),
                         ("2.45:1", "滞后"), ("2.6:1", "倒退"), ("1:0.4", "滞后"),
                         ("1:2.45", "滞后"), ("1:2:3", "无法评估")],
)  # fmt: skip
def test_incomes_of_town_and_country(raw, verdict):
    item = of("ratio", base="2.5:1", target="2.4:1", unit="", direction=-1)
    rows = observed({"year": 2023, "raw": raw, "period": "year_end", "unit": ""})
    one = judged(item, rows)
    assert one.verdict == verdict
    if raw == "2.3:1":
        assert (one.base, one.target, one.value) == (2.5, 2.4, 2.3)
        assert one.progress == pytest.approx(2)


# -- which kind --------------------------------------------------------------------------------

HEAD = (
    "专栏1 主要指标\n\n| 序号 | 指标 | 单位 | 2020年 | 2025年 | 属性 |\n|---|---|---|---|---|---|\n"
)


def written(tmp_path, row: str, meta: str = "", direction: str = "up"):
    name = row.split("|", maxsplit=1)[0].strip()
    (tmp_path / "plan.txt").write_text(f"{HEAD}| 1 | {row} |\n", "utf-8")
    (tmp_path / "plan.yml").write_text(
        "id: x-1\ntitle: 规划\ntitle_en: Plan\ndocument: 文\nissued: '2021-01-01'\n"
        "region: '440000'\nregion_name: 广东省\ntext: plan.txt\ntable: 专栏1\nbase_year: 2020\n"
        "target_year: 2025\ndefault_department: 省厅\nindicators:\n"
        f"  '1': {{name: {name}, name_en: x, direction: {direction}, scale: linear{meta}}}\n",
        "utf-8",
    )
    return tmp_path


@pytest.mark.parametrize(
    ("row", "kinds"),
    [("人均预期寿命 | 岁 | 77.3 | 〔1〕 | 预期性", ("cumulative", "change")),
     ("单位产值能耗降低 | % | — | [13.5] | 约束性", ("cumulative", "reduction")),
     ("绿地率 | % | 40 | [3] | 预期性", ("change", "rate"))],
)  # fmt: skip
def test_a_bracket_that_leaves_kinds_open_is_asked_about(tmp_path, row, kinds):
    with pytest.raises(ProblemError) as error:
        load_plan(written(tmp_path, row))
    text = str(error.value)
    assert "kind_open" in text and "plan.yml" in text and all(kind in text for kind in kinds)
    item = load_plan(written(tmp_path, row, f", kind: {kinds[1]}")).indicators[0]
    assert item.kind == kinds[1]


@pytest.mark.parametrize(
    "row", ["新增就业 | 万人 | [500] | [550] | 预期性", "新增就业 | 万人 | — | [550] | 预期性"]
)
def test_a_bracket_without_a_plain_base_is_a_sum(tmp_path, row):
    assert load_plan(written(tmp_path, row)).indicators[0].kind == "cumulative"


def test_a_bare_number_needs_a_direction(tmp_path):
    row = "参保率 | % | 90 | 95 | 预期性"
    with pytest.raises(ProblemError, match="no_direction"):
        load_plan(written(tmp_path, row, direction="none"))
    stable = "支付比例 | % | 70 | 保持稳定 | 预期性"
    assert load_plan(written(tmp_path, stable, direction="none")).indicators[0].direction == 0


def test_a_mean_is_read_from_its_cell():
    text = HEAD + "| 1 | 新增就业 | 万人 | — | 年均110万人 | 预期性 |\n"
    assert [(r.kind, r.target_value) for r in parse_text(text).rows] == [("annual_mean", 110)]


# -- all of them -------------------------------------------------------------------------------

EXACT = {
    "level": (of("level"), ["80"] * 5), "annual": (of("annual"), ["80"] * 5),
    "cumulative": (of("cumulative", base="—", target="[50]"), ["10"] * 5),
    "rate": (of("rate", base="—", target="6", unit="%"), ["6"] * 5),
    "change": (of("change", **LIFE), ["78.3"] * 5),
    "reduction": (of("reduction", base="—", target="[50]", unit="%"), ["50", "0", "0", "0", "0"]),
    "annual_mean": (of("annual_mean", base="—", target="年均110"), ["110"] * 5),
    "ratio": (of("ratio", base="2.5:1", target="2.4:1", unit="", direction=-1), ["2.4:1"] * 5),
}  # fmt: skip


@pytest.mark.parametrize("kind", EXACT)
def test_progress_is_one_exactly_on_the_target(kind):
    item, values = EXACT[kind]
    one = judged(item, by_year(*values, unit=item.unit), 2025)
    assert one.verdict is Verdict.COMPLETED and one.gap == 0
    # A ratio of 2.5 to 2.4 is a way of 4 %, none of them is too short.
    assert one.progress == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("kind", ["cumulative", "annual_mean", "change"])
@examples(40)
@given(st.lists(st.integers(1, 300), min_size=5, max_size=5), st.integers(10, 300))
def test_a_change_of_unit_keeps_the_verdict(kind, flows, target):
    def verdict(digits: int) -> str:
        def text(x: int) -> str:
            return f"{x / 10**digits:.{digits}f}"

        cell = f"[{text(target)}]" if kind != "annual_mean" else f"年均{text(target)}"
        base = text(1000) if kind == "change" else "—"
        figures = [1000 + f if kind == "change" else f for f in flows]
        item = of(kind, base=base, target=cell)
        return judged(item, by_year(*map(text, figures)), 2025).verdict

    assert verdict(0) == verdict(1) == verdict(3)


@pytest.mark.parametrize("kind", EXACT)
def test_every_kind_is_printed_drawn_and_projected(kind):
    item, values = EXACT[kind]
    rows = by_year(*values[:4], unit=item.unit)
    here = evaluation(plan(item), rows, year=2024)
    [one] = here.judgements
    assert one.verdict is not Verdict.NOT_ASSESSABLE
    assert "指标1" in sections.progress(here).text and sections.panels(here)._repr_html_()
    moving = {"level": "70", "annual": "70", "cumulative": "12", "rate": "5", "change": "77.9",
              "reduction": "1", "annual_mean": "90", "ratio": "2.48:1"}  # fmt: skip
    rows = pd.concat([by_year(*values[:3], unit=item.unit),
                      by_year(moving[kind], first=2024, unit=item.unit)])  # fmt: skip
    one = judged(item, rows, 2024)
    assert not math.isnan(one.outlook) and 0 < one.reach < 1, one.reach_reason
    assert one.outlook_low80 < one.outlook < one.outlook_high80


# -- what was wrong once -----------------------------------------------------------------------


def test_a_mean_is_secured_by_its_whole_sum_alone():
    total = observed({"year": 2023, "raw": "330", "period": "cumulative", "start": 2021.0})
    one = judged(of("annual_mean", base="—", target="年均110万人"), total)
    assert math.isnan(one.reach) and one.verdict is Verdict.ON_TRACK
    gap = judged(of("annual_mean", base="—", target="年均110"), yearly({2021: "170", 2023: "170"}))
    assert math.isnan(gap.reach) and gap.reasons[0] == "missing_years"


@pytest.mark.parametrize("kind", ["rate", "reduction"])
def test_a_gap_in_growth_is_named_as_one(kind):
    item = of(kind, base="—", target="6" if kind == "rate" else "[6]", unit="%")
    one = judged(item, yearly({2021: "6", 2023: "6"}, unit="%"))
    assert one.reasons[0] == "missing_years" and one.missing_years == (2022,)


def test_a_broken_cap_needs_no_last_year():
    cap = of("cumulative", base="—", target="[500以内]", direction=-1)
    assert judged(cap, by_year(*["130"] * 4), 2025).verdict is Verdict.MISSED
    assert judged(cap, by_year(*["110"] * 4), 2025).verdict is Verdict.NOT_ASSESSABLE


def test_a_bound_on_the_target_is_as_good_as_a_figure():
    item = of("change", **LIFE)
    one = judged(item, by_year("78.3", first=2025, unit="岁", bound="at_least"), 2025)
    assert one.verdict is Verdict.COMPLETED


def test_a_fall_in_brackets_is_told_by_its_sign():
    fall = of("change", base="30", target="〔2〕", direction=-1, unit="微克", cuts="positive")
    assert judged(fall, by_year("32", first=2025, unit="微克"), 2025).verdict is Verdict.MISSED
    assert judged(fall, by_year("28", first=2025, unit="微克"), 2025).verdict is Verdict.COMPLETED


@pytest.mark.parametrize(
    ("row", "meta", "direction", "words"),
    [("PM2.5浓度 | 微克 | 30 | 〔2〕 | 约束性", ", kind: change", "down", "cuts"),
     ("新增就业 | 万人 | — | [550] | 预期性", ", kind: level", "up", "五年累计"),
     ("参保率 | % | 90 | 95以上 | 预期性", "", "down", "方向应为 up"),
     ("参保率 | % | 90 | 95 | 预期性", ", cuts: negative", "up", "cuts"),
     ("能耗强度降低 | % | — | 13.5 | 约束性", "", "down", "reduction")],
)  # fmt: skip
def test_answers_that_a_target_does_not_allow_are_refused(tmp_path, row, meta, direction, words):
    with pytest.raises(ProblemError, match=words):
        load_plan(written(tmp_path, row, meta, direction))


def test_the_share_of_a_year_is_declared_by_month(tmp_path):
    row, meta = "新增就业 | 万人 | — | [550] | 预期性", ", within_year: {6: 0.45}"
    assert load_plan(written(tmp_path, row, meta)).indicators[0].within_year == ((6, 0.45),)
    with pytest.raises(ProblemError):
        load_plan(written(tmp_path, row, ", within_year: {13: 0.45}"))


def test_what_is_missed_never_prints_like_its_target():
    item = of("reduction", base="—", target="[14.5]", unit="%")
    text = sentence_of(judged(item, by_year("3", "3", "3", "3", "3.4", unit="%"), 2025))
    assert "累计降低14.48%" in text
    risen = sentence_of(
        judged(
            item,
            by_year(
                "-4",
                first=2021,
                unit="%",
            ),
            2021,
        )
    )
    assert "asked" not in risen
    rise = of("reduction", base="—", target="[14.5]", unit="%", cuts="positive")
    assert "2021年累计上升4%" in sentence_of(judged(rise, by_year("-4", unit="%"), 2021))


@pytest.mark.parametrize(
    ("row", "kind", "unit", "value"),
    [("新增就业 | 万人 | — | 年均110万人 | 预期性", "annual_mean", "万人", 110),
     ("城乡收入比 |  | 2.5∶1 | 2.4∶1以内 | 预期性", "ratio", "", 2.4),
     ("产值 | 亿元 | 100 | 年均增长6% | 预期性", "rate", "%", 6)],
)  # fmt: skip
def test_kinds_that_a_cell_announces_are_loaded(tmp_path, row, kind, unit, value):
    direction = "down" if kind == "ratio" else "up"
    item = load_plan(written(tmp_path, row, direction=direction)).indicators[0]
    assert (item.kind, item.unit, item.target.value) == (kind, unit, value)


def test_an_attribute_that_is_not_stated_counts_as_expected_and_is_named(tmp_path):
    item = load_plan(written(tmp_path, "参保率 | % | 90 | 95 | —")).indicators[0]
    assert item.attribute == "未注明" and not item.binding
    with pytest.raises(ProblemError, match="unknown_attribute"):
        load_plan(written(tmp_path, "参保率 | % | 90 | 95 | 引领性"))


def test_words_of_a_cut_keep_their_tolerance_as_those_of_growth_do():
    values = ("2.74", "5.04", "5.20", "3.61", "4.13")
    cut = judged(of("reduction", base="—", target="[20左右]", unit="%",
                    attribute=Attribute.BINDING), by_year(*values, unit="%"), 2025)  # fmt: skip
    grown = judged(of("rate", base="—", target="[-20左右]", unit="%", direction=-1,
                      attribute=Attribute.BINDING),
                   by_year(*(f"-{v}" for v in values), unit="%"), 2025)  # fmt: skip
    assert cut.verdict is grown.verdict is Verdict.COMPLETED


def test_ratios_near_one_are_read_by_where_their_one_stands():
    item = of("ratio", base="0.90:1", target="0.95:1", unit="")
    rows = observed({"year": 2023, "raw": "1.02:1", "period": "year_end", "unit": ""})
    assert judged(item, rows).value == 1.02


@pytest.mark.parametrize("kind", EXACT)
def test_every_kind_has_its_sentences_in_english(kind):
    item, values = EXACT[kind]
    cells = {"annual_mean": "年均110万人"}
    item = of(kind, base=item.base.raw, target=cells.get(kind, item.target.raw), unit=item.unit,
              direction=item.direction)  # fmt: skip
    for year in (2023, 2025):
        rows = by_year(*values[: year - 2020], unit=item.unit)
        here = evaluation(plan(item), rows, year=year, lang="en")
        assert "指标1" in sections.progress(here).text
