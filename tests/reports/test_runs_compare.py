"""Two assessments beside each other: what changed, what did not, and nothing left unsaid."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pandas as pd
import pytest
from frames import PROVINCE, indicator, observed, yearly
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from runfolders import judged, made
from thoroughness import end_to_end

from gdplan.model import Attribute, Kind, Verdict
from gdplan.problems import ProblemError
from gdplan.reports.runs.compare import COLUMNS, KINDS, compare, lines, read_assessment

SUM = {"target": "[500]", "base": "[450]"}


def changes(before: pd.DataFrame, after: pd.DataFrame) -> dict[tuple[str, str], tuple[object, ...]]:
    return {(c["kind"], c["field"]): (c["before"], c["after"])
            for c in compare(before, after).to_dict("records")}  # fmt: skip


def one(values: dict[int, str], **common: object) -> pd.DataFrame:
    return judged((indicator(), yearly(values, **common)))


def total(raw: str, year: int = 2022, **common: object) -> pd.DataFrame:
    figure = {"year": year, "raw": raw, "period": "cumulative", "start": 2021.0, **common}
    return judged((indicator(**SUM), observed(figure)))


def text(tmp_path, before: pd.DataFrame, after: pd.DataFrame, *, a=None, b=None) -> list[str]:
    return lines(made(tmp_path / "a", before, **a or {}), made(tmp_path / "b", after, **b or {}))


# -- the frame ---------------------------------------------------------------------------------


def test_a_revised_total_is_a_revision_though_it_stands_in_no_history():
    assert changes(total("205"), total("203"))["revised_value", "total 2022"] == ("205", "203")


def test_a_total_and_a_flow_of_one_year_are_two_figures():
    def both(flow: str) -> pd.DataFrame:
        rows = ({"year": 2022, "raw": "205", "period": "cumulative", "start": 2021.0},
                {"year": 2022, "raw": flow})  # fmt: skip
        return judged((indicator(**SUM), observed(*rows)))

    found = changes(both("105"), both("104"))
    assert ("revised_value", "value 2022") in found and ("revised_value", "total 2022") not in found


def test_a_whole_year_after_half_a_year_is_newer_and_no_revision():
    half = judged(
        (indicator(), observed({"year": 2023, "raw": "66", "period": "ytd", "month": 6.0}))
    )
    found = changes(half, one({2023: "72"}))
    assert found["newer_value", "value"] == ("66（2023年6月）", "72（2023年）")
    assert not any(kind == "revised_value" for kind, _ in found)


def test_the_first_figure_is_newer_than_none_and_its_loss_is_told():
    none, some = one({2019: "50"}), one({2023: "72"})
    assert changes(none, some)["newer_value", "value"] == ("", "72（2023年）")
    assert changes(some, none)["newer_value", "value"] == ("72（2023年）", "")


def test_the_same_digits_with_other_words_are_a_revision():
    found = changes(one({2023: "72"}), one({2023: "72"}, bound="approx"))
    assert found["revised_value", "value 2023"] == ("72", "约72")


def test_the_same_digits_in_another_unit_are_told_with_their_units():
    old = one({2023: "72"})
    figures = json.loads(old.loc[0, "history"])
    figures[0] |= {"unit": "人", "value": 0.0072}
    shifted = json.dumps(figures, ensure_ascii=False)
    new = old.assign(history=shifted, inputs=shifted)
    assert changes(old, new)["revised_value", "value 2023"] == ("72万人（72.0）", "72人（0.0072）")


@pytest.mark.parametrize(
    ("field", "item", "pair"),
    [("direction", {"direction": -1}, ("1", "-1")), ("unit", {"unit": "人"}, ("万人", "人")),
     ("attribute", {"attribute": Attribute.BINDING}, ("预期性", "约束性")),
     ("kind", {"kind": Kind.of("annual")}, ("level", "annual")),
     ("comparator", {"target": "80以上"}, ("=", ">="))],
)  # fmt: skip
def test_what_the_plan_declares_is_part_of_the_target(field, item, pair):
    rows = yearly({2023: "72"})
    found = changes(judged((indicator(), rows)), judged((indicator(**item), rows)))
    assert found["target", field] == pair


def test_another_reading_of_the_same_base_cell_is_a_changed_base():
    rows, item = yearly({2023: "72"}), indicator()
    other = replace(item, base=replace(item.base, value=61.0))
    found = changes(judged((item, rows)), judged((other, rows)))
    assert found["base", "base"] == ("60", "61") and ("base", "base_raw") not in found
    moved = changes(judged((item, rows)), judged((indicator(base="61"), rows)))
    assert ("base", "base_raw") in moved and ("base", "base") not in moved


def test_a_parameter_that_only_one_side_has_is_told():
    rows = yearly({2023: "72"})
    extra = judged((indicator(parameters={"own": 2.0}), rows))
    assert changes(judged((indicator(), rows)), extra)["parameter", "own"] == (None, 2.0)


RAW = st.integers(40, 90).map(str)
SERIES = st.dictionaries(st.integers(2021, 2023), RAW, max_size=3)
ITEMS = st.lists(SERIES, min_size=1, max_size=2)


def several(series: list[dict[int, str]]) -> pd.DataFrame:
    return judged(
        *((indicator(str(n), name=f"指标{n}"), yearly(values, indicator=f"指标{n}"))
          for n, values in enumerate(series, 1))
    )  # fmt: skip


MIRROR = {"appeared": "vanished", "vanished": "appeared"}


@end_to_end(40)
@given(ITEMS, ITEMS)
def test_swapping_the_two_mirrors_every_change(first, second):
    frames = several(first), several(second)
    assert compare(frames[0], frames[0]).empty
    there, back = (compare(*pair) for pair in (frames, frames[::-1]))
    mirrored = [
        c | {"before": c["after"], "after": c["before"], "kind": MIRROR.get(c["kind"], c["kind"])}
        for c in back.to_dict("records")
    ]
    assert sorted(map(str, there.to_dict("records"))) == sorted(map(str, mirrored))


@end_to_end(40)
@given(SERIES, SERIES)
def test_what_is_compared_is_left_as_it_was(first, second):
    frames = several([first]), several([second])
    copies = [frame.copy(deep=True) for frame in frames]
    found = compare(*frames)
    assert tuple(found.columns) == COLUMNS
    assert [KINDS.index(kind) for kind in found["kind"]] == sorted(map(KINDS.index, found["kind"]))
    for frame, copy in zip(frames, copies, strict=True):
        assert_frame_equal(frame, copy)


# -- read back ---------------------------------------------------------------------------------


@end_to_end(40)
@given(ITEMS)
def test_an_assessment_read_back_has_the_same_values_and_types(tmp_path_factory, series):
    frame = several(series)
    path = tmp_path_factory.mktemp("read") / "assessment.csv"
    frame.to_csv(path, index=False)
    again = read_assessment(path)
    assert compare(frame, again).empty
    for name in ("indicator", "name", "region", "verdict", "reason", "inputs"):
        assert again[name].tolist() == frame[name].tolist()
    for name in ("year", "value", "value_low", "pace", "elapsed", "target_high", "n_obs", "firm"):
        assert again[name].dtype == frame[name].dtype, name
        pairs = zip(again[name], frame[name], strict=True)
        assert all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in pairs), name


def test_a_folder_is_read_by_the_assessment_in_it(tmp_path):
    frame = one({2023: "72"})
    made(tmp_path / "run", frame)
    assert read_assessment(tmp_path / "run").loc[0, "verdict"] == frame.loc[0, "verdict"]


def test_no_assessment_is_a_problem(tmp_path):
    with pytest.raises(ProblemError, match="无法读取"):
        read_assessment(tmp_path / "nothing.csv")


@pytest.mark.parametrize(("field", "bad"), [("pace", "快"), ("firm", "也许")])
def test_a_number_or_flag_that_is_none_is_named_with_its_column(tmp_path, field, bad):
    frame = one({2023: "72"}).astype({field: object})
    frame.loc[0, field] = bad
    path = tmp_path / "assessment.csv"
    frame.to_csv(path, index=False)
    with pytest.raises(ProblemError, match=f"{field} 列.*{bad}"):
        read_assessment(path)


# -- the text ----------------------------------------------------------------------------------


def test_runs_that_differ_in_the_clock_alone_do_not_differ(tmp_path):
    frame = one({2023: "72"})
    found = text(tmp_path, frame, frame, b={"clock": {"started": "2030", "seconds": 9}})
    assert found[-1] == "没有差别" and len(found) == 5


@pytest.mark.parametrize(
    ("changed", "line"),
    [({"outputs": {"report.pdf": "1" * 64}}, "生成的文件不同：assessment.csv、report.pdf"),
     ({"inputs": {"data/x.csv": "2" * 64}}, "  data/x.csv：无 → 222222222222"),
     ({"versions": {"pandas": "4"}}, "  pandas：3 → 4"), ({"kind": "final"}, "报告种类不同"),
     ({"source": {"commit": "d" * 40, "modified": False}}, "  commit：cccccccccccc → dddddddddddd"),
     ({"formats": ["html", "pdf"]}, "格式不同：html → html、pdf")],
)  # fmt: skip
def test_whatever_differs_around_is_told_and_is_a_difference(tmp_path, changed, line):
    frame = one({2023: "72"})
    found = text(tmp_path, frame, frame, b=changed)
    assert any(line in told for told in found), found
    assert "没有差别" not in found


@pytest.mark.parametrize(
    ("field", "value"),
    [("department", "省财政厅"), ("firm", True), ("gap", 9.5), ("section", "二")],
)
def test_a_difference_that_has_no_kind_is_told_by_its_field(tmp_path, field, value):
    frame = one({2023: "72"})
    found = text(tmp_path, frame, frame.assign(**{field: value}))
    assert found[-2:] == ["其他内容不同（1）：", f"  1 指标1：{field}"]


def test_of_a_changed_indicator_only_what_does_not_follow_is_told_besides(tmp_path):
    after = one({2023: "61"}).assign(department="省财政厅")
    found = text(tmp_path, one({2023: "79"}), after)
    assert found[-1] == "  1 指标1：department"


def test_counts_stand_side_by_side_in_the_order_of_the_verdicts(tmp_path):
    found = text(tmp_path, several([{2023: "61"}, {2023: "79"}]), several([{2023: "79"}, {}]))
    at = found.index("各类结论的指标数（前 → 后）：")
    assert found[at + 1 : at + 4] == [
        f"  {Verdict.AHEAD}：1 → 1",
        f"  {Verdict.BEHIND}：1 → 0",
        f"  {Verdict.NOT_ASSESSABLE}：0 → 1",
    ]
    changed = found.index("结论改变（2）：")
    assert found[changed + 1] == "  1 指标1：滞后 → 快于预期"
    assert found[changed + 2] == "  2 指标2：快于预期 → 无法评估（评估期内没有可用数据）"


def test_a_revision_names_both_sources_with_their_dates(tmp_path):
    old = one({2023: "72"}, source="快报", published="2024-01-20")
    new = one({2023: "71"}, source="年鉴", published="2024-09-01")
    found = text(tmp_path, old, new)
    assert "  1 指标1：2023年 72（快报，2024-01-20） → 71（年鉴，2024-09-01）" in found


def test_what_came_and_went_is_told_with_its_verdict(tmp_path):
    found = text(tmp_path, several([{2023: "79"}]), several([{2023: "79"}, {2023: "61"}]))
    assert found[found.index("新增指标（1）：") + 1] == "  2 指标2：滞后"
    found = text(tmp_path, several([{2023: "79"}, {2023: "61"}]), several([{2023: "79"}]))
    assert found[found.index("不再有的指标（1）：") + 1] == "  2 指标2：滞后"


def test_another_plan_or_region_is_said_before_anything_else(tmp_path):
    frame = one({2023: "72"})
    other = {"parameters": {"plan": "test-15", "region": "441500"}}
    found = text(tmp_path, frame, frame, b=other)
    assert "规划不同（test-14、test-15）" in found[2]
    assert f"地区不同（{PROVINCE}、441500）" in found[3]
    assert found[4].startswith("各类结论")


def test_a_reason_of_a_later_version_is_shown_as_it_is(tmp_path):
    after = one({2023: "61"}).assign(reason="one_point;of_tomorrow")
    found = text(tmp_path, one({2023: "79"}), after)
    assert any(line.endswith("（只有一个数据点，无法判断变化；of_tomorrow）") for line in found)


def test_names_arrive_as_they_are(tmp_path):
    name = "=cmd|' /C'!A0 <script> $x$ `y` 😀\"" * 20
    frames = [judged((indicator(name=name), yearly({2023: raw}, indicator=name)))
              for raw in ("61", "79")]  # fmt: skip
    assert f"  1 {name}：滞后 → 快于预期" in text(tmp_path, *frames)
