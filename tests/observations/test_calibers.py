"""Breaks of caliber are data: figures are linked back, judged anew, or not compared."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from frames import PROVINCE, indicator, observed, plan, yearly
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import end_to_end

from gdplan import assess
from gdplan.model import Kind, Revision
from gdplan.notation import parse_target
from gdplan.observations import calibers
from gdplan.plans.revisions import with_targets
from gdplan.problems import ProblemError

ROOT = Path(__file__).resolve().parents[2]


def broken(**changes: Any) -> calibers.Break:
    """A break of 指标1 in 2023, published with the figures of that year."""
    given_ = {"indicator": "指标1", "year": 2023, "published": "2024-02-01",
              "reason": "统计范围扩大到灵活就业人员", "source": "省统计局公告"}  # fmt: skip
    return calibers.Break(**given_ | changes)


def judged(item: Any, rows: pd.DataFrame, *breaks: Any, **options: Any) -> dict[str, Any]:
    year = options.pop("year", 2023)
    frame = assess(plan(item), rows, region=PROVINCE, year=year, breaks=breaks, **options)
    return dict(frame.iloc[0])


def test_figures_after_a_break_are_divided_by_the_link_factor():
    rows = yearly({2022: "68", 2023: "75.6"})
    row = judged(indicator(), rows, broken(link=1.05))
    assert row["value"] == pytest.approx(72.0)
    assert (row["value_low"], row["value_high"]) == pytest.approx((75.55 / 1.05, 75.65 / 1.05))
    # (72 - 60) / 20 = 60 % after 60 % of the time; unlinked it would be 78 %.
    assert row["progress"] == pytest.approx(0.6) and row["verdict"] == "基本符合预期"
    assert (
        "linked" in row["reason"] and "统计范围扩大" in row["caliber"] and "1.05" in row["caliber"]
    )
    assert judged(indicator(), rows)["progress"] == pytest.approx(0.78)


def test_figures_before_the_break_stay_as_they_are():
    row = judged(indicator(), yearly({2022: "68"}), broken(link=2.0), year=2022)
    assert row["value"] == 68.0 and row["caliber"] == "" and "linked" not in row["reason"]


def test_the_printed_figure_and_the_factor_stay_with_a_linked_one():
    rows = yearly({2023: "75.6"})
    found = calibers.link(
        rows, (broken(link=1.05),), plan(indicator()), region=PROVINCE, year=2023
    ).rows
    assert found["raw"].tolist() == ["72.000"]
    assert found["note"].tolist() == ["原数75.6，口径换算系数1.05"]
    assert rows["raw"].tolist() == ["75.6"]


def test_two_links_are_chained():
    rows = yearly({2023: "70", 2024: "144"})
    row = judged(indicator(), rows, broken(link=1.0), broken(year=2024, link=2.0), year=2024)
    assert row["value"] == 72.0


def test_flows_of_a_sum_are_linked_one_by_one():
    item = indicator(target="[100]", base="—")
    row = judged(item, yearly({2021: "20", 2022: "20", 2023: "30"}), broken(link=1.5))
    assert row["value"] == pytest.approx(60.0)


def test_a_published_total_across_a_break_cannot_be_linked():
    item = indicator(target="[100]", base="—")
    total = {"year": 2023, "raw": "61", "period": "cumulative", "start": 2021.0}
    flows = yearly({2021: "20", 2022: "20"})
    rows = pd.concat([flows, observed(total)], ignore_index=True)
    row = judged(item, rows, broken(link=1.5))
    assert row["value"] == 40.0 and row["data_year"] == 2022
    assert judged(item, rows)["value"] == 61.0


def test_what_cannot_be_compared_is_not_used_and_the_report_says_why():
    row = judged(indicator(), yearly({2022: "68", 2023: "90"}), broken(comparable=False))
    assert (row["value"], row["data_year"]) == (68.0, 2022)
    assert "caliber" in row["reason"] and "不可比" in row["caliber"]
    row = judged(indicator(), yearly({2021: "64", 2023: "90"}), broken(comparable=False))
    assert row["verdict"] == "无法评估" and "caliber" in row["reason"]
    row = judged(indicator(), yearly({2023: "90"}), broken(comparable=False))
    assert row["verdict"] == "无法评估" and row["reason"].startswith("no_data;caliber")


def test_a_restated_base_and_target_are_judged_in_the_new_caliber():
    rows = yearly({2022: "68", 2023: "93"})
    restated = calibers.Restated(plan="test-14", base="80", target="100")
    row = judged(indicator(), rows, broken(restated=restated))
    assert (row["base"], row["target"], row["base_raw"]) == (80.0, 100.0, "80")
    assert row["progress"] == pytest.approx(0.65) and row["n_obs"] == 1
    assert "restated" in row["reason"]
    before = judged(indicator(), rows, broken(restated=restated), year=2022)
    assert (before["base"], before["value"]) == (60.0, 68.0)


@pytest.mark.parametrize(("issued", "target"), [("2024-06-01", 120.0), ("2022-06-01", 100.0)])
def test_a_target_changed_after_a_restatement_is_in_the_new_caliber_already(issued, target):
    item = indicator()
    history = [Revision("2021-11-18", item.target, "测〔2021〕1号"),
               Revision(issued, parse_target("120", unit="万人"), "测〔2024〕2号")]  # fmt: skip
    restated = calibers.Restated(plan="test-14", base="80", target="100")
    row = judged(with_targets(item, history), yearly({2023: "93"}), broken(restated=restated))
    assert (row["base"], row["target"]) == (80.0, target)


def test_a_restatement_makes_an_end_of_earlier_breaks():
    rows = yearly({2022: "90", 2023: "93"})
    restated = calibers.Restated(plan="test-14", base="80")
    row = judged(indicator(), rows, broken(year=2022, comparable=False), broken(restated=restated))
    assert (row["base"], row["target"], row["value"]) == (80.0, 80.0, 93.0)


def test_a_restatement_of_another_plan_is_left_alone():
    restated = calibers.Restated(plan="test-13", base="80")
    row = judged(indicator(), yearly({2023: "70"}), broken(restated=restated))
    assert (row["base"], row["value"]) == (60.0, 70.0)


def test_breaks_belong_to_regions_and_never_cross_from_real_to_simulated_figures():
    rows = yearly({2023: "72"})
    assert judged(indicator(), rows, broken(region="440100", link=2.0))["value"] == 72.0
    assert judged(indicator(), rows, broken(region=PROVINCE, link=2.0))["value"] == 36.0
    assert judged(indicator(), rows, broken(simulated=True, link=2.0))["value"] == 72.0
    simulated = yearly({2023: "72"}, simulated=True)
    assert judged(indicator(), simulated, broken(link=2.0))["value"] == 72.0
    assert judged(indicator(), simulated, broken(simulated=True, link=2.0))["value"] == 36.0


def test_a_break_published_later_changes_no_earlier_assessment():
    rows = yearly({2023: "72"})
    early = judged(indicator(), rows, broken(link=2.0, published="2024-06"), as_of="2024-05-31")
    late = judged(indicator(), rows, broken(link=2.0, published="2024-06"), as_of="2024-06-30")
    assert (early["value"], late["value"]) == (72.0, 36.0)


@pytest.mark.parametrize("kind", [Kind.of("rate"), Kind.of("composition")])
def test_growth_and_compositions_cannot_be_multiplied(kind):
    raw = "14:42:44" if kind is Kind.of("composition") else "6"
    item = indicator(target=raw, base="—", unit="%", kind=kind)
    with pytest.raises(ProblemError, match="不能用系数换算"):
        judged(item, observed({"year": 2023, "raw": raw}), broken(link=1.1))


NUMBERS = ["value", "low", "high"]


def linked(rows: pd.DataFrame, *breaks: Any, year: int = 2023) -> pd.DataFrame:
    """Figures of the test plan, brought into its caliber."""
    return calibers.link(rows, breaks, plan(indicator()), region=PROVINCE, year=year).rows


FIGURES = st.lists(st.floats(1, 99).map(lambda x: f"{x:.2f}"), min_size=1, max_size=4)
FACTORS, LEVELS = st.floats(0.2, 5), st.floats(61, 99).map(lambda x: f"{x:.1f}")


@given(FIGURES)
def test_a_factor_of_one_changes_no_figure(values):
    rows = yearly(dict(enumerate(values, 2021)))
    same = linked(rows, broken(link=1.0, year=2021), year=2024)
    pd.testing.assert_frame_equal(same[NUMBERS], rows[NUMBERS])


@given(FACTORS, LEVELS)
def test_linking_undoes_a_change_of_scale(factor, value):
    """Figures counted by another measure and linked back are those of the old measure."""
    rows = yearly({2023: value})
    scaled = rows.assign(**{c: rows[c] * factor for c in NUMBERS})
    pd.testing.assert_frame_equal(linked(scaled, broken(link=factor))[NUMBERS], rows[NUMBERS])


@end_to_end()
@given(FIGURES)
def test_a_factor_of_one_changes_no_number_of_an_assessment(values):
    rows = yearly(dict(enumerate(values, 2021)))
    one = assess(plan(indicator()), rows, region=PROVINCE, year=2024, breaks=())
    two = assess(plan(indicator()), rows, region=PROVINCE, year=2024,
                 breaks=(broken(link=1.0, year=2021),))  # fmt: skip
    numbers = ["value", "value_low", "value_high", "progress", "pace", "verdict", "firm"]
    pd.testing.assert_frame_equal(one[numbers], two[numbers])


@end_to_end()
@given(FACTORS, LEVELS)
def test_figures_linked_back_are_assessed_as_those_of_the_old_scale(factor, value):
    rows = yearly({2023: value})
    scaled = rows.assign(**{c: rows[c] * factor for c in NUMBERS})
    old, new = judged(indicator(), rows), judged(indicator(), scaled, broken(link=factor))
    for name in ("value", "value_low", "value_high", "progress"):
        assert new[name] == pytest.approx(old[name])


# -- the file ----------------------------------------------------------------------------------

HEAD = 'indicator: 指标1, published: "2024-02", reason: 统计范围扩大, source: 公告'


def written(tmp_path: Path, *entries: str) -> Path:
    path = tmp_path / "calibers.yml"
    path.write_text("breaks:\n" + "".join(f"  - {{{e}}}\n" for e in entries), "utf-8")
    return path


def test_without_a_file_there_are_no_breaks(tmp_path):
    assert calibers.read(tmp_path / "calibers.yml") == ()


def test_breaks_come_in_the_order_of_their_years(tmp_path):
    path = written(tmp_path, f"{HEAD}, year: 2024, link: 1.1", f"{HEAD}, year: 2022, link: 2")
    assert [b.year for b in calibers.read(path)] == [2022, 2024]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("year: 2023", "有且只有一种处理"),
        ("year: 2023, link: 1.1, comparable: false", "link、comparable"),
        ("year: 2023, link: 0", "link"),
        ("year: 2023, link: -1.1", "link"),
        ("year: 2023, comparable: true", "comparable"),
        ("year: 2023, link: 1.1, factor: 2", "factor"),
        ("year: 2023, link: 1.1, region: 广东", "region"),
        ("year: 2023, restated: {plan: gd-hrss-14, base: 应保尽保}", "读不出数"),
    ],
)
def test_each_fault_of_an_entry_is_named_with_its_line(tmp_path, entry, said):
    path = written(tmp_path, f"{HEAD}, {entry}")
    with pytest.raises(ProblemError, match=r"calibers\.yml:2") as error:
        calibers.read(path)
    assert said in str(error.value)


def test_all_faults_come_at_once(tmp_path):
    path = written(
        tmp_path, f"{HEAD}, year: 2023", f"{HEAD}, year: 2023, link: 1.1",
        HEAD.replace("2024-02", "2024-13") + ", year: 2022, link: 2",
    )  # fmt: skip
    with pytest.raises(ProblemError) as error:
        calibers.read(path)
    assert [p.key for p in error.value.problems] == ["one_way", "double_break", "no_such_date"]


def test_a_series_nobody_knows_is_named_with_the_closest():
    problems = calibers.unknown_names([broken(indicator="城镇新增就业")], ["城镇新增就业人数"])
    assert [p.fix for p in problems] == ["最接近的是 城镇新增就业人数"]
    assert not calibers.unknown_names([broken()], ["指标1"])


# -- in a project ------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_report_reads_the_breaks_says_them_and_records_the_file(command, tmp_path, monkeypatch):
    home = tmp_path / "home"
    shutil.copytree(ROOT / "data", home / "data")
    entry = (
        'indicator: 城镇新增就业人数, year: 2023, link: 1.1, published: "2024-02", '
        "reason: 统计范围扩大到灵活就业, source: 试验"
    )
    written(home / "data" / "raw", entry)
    monkeypatch.setenv("GDPLAN_HOME", str(home))
    run = command("report", "midterm", "--format", "html", "--out", str(tmp_path / "r"),
                  cwd=tmp_path)  # fmt: skip
    assert run.returncode == 0, run.stderr
    folder = Path(run.stdout.strip().splitlines()[-1])
    frame = pd.read_csv(folder / "assessment.csv", dtype={"indicator": str})
    row = frame[frame["indicator"] == "1"].iloc[0]
    # 140.33 + 132 + 139.3 / 1.1
    assert row["value"] == pytest.approx(140.33 + 132 + 139.3 / 1.1)
    assert "统计范围扩大到灵活就业" in (folder / "report.html").read_text("utf-8")
    assert "data/raw/calibers.yml" in (folder / "run.json").read_text("utf-8")


def test_the_build_refuses_a_break_of_a_series_nobody_knows(command, tmp_path, monkeypatch):
    home = tmp_path / "home"
    shutil.copytree(ROOT / "data", home / "data")
    monkeypatch.setenv("GDPLAN_HOME", str(home))
    written(home / "data" / "raw", HEAD.replace("指标1", "城镇新增就业") + ", year: 2023, link: 2")
    run = command("build", "--check", cwd=tmp_path)
    assert run.returncode == 1 and "最接近的是 城镇新增就业人数" in run.stderr
    written(home / "data" / "raw", HEAD.replace("指标1", "常住人口") + ", year: 2023, link: 2")
    assert command("build", "--check", cwd=tmp_path).returncode == 0
