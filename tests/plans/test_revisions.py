"""Targets changed by a later document (规划调整): faults of the file, and which holds on a day."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from gdplan import assess, evaluate, load_plan, read_observations, sections
from gdplan.assessment.marked import marked
from gdplan.assessment.start import starts
from gdplan.model import Comparator, Reason
from gdplan.page.language import language
from gdplan.plans.commitments import of_plan
from gdplan.plans.revisions import in_force
from gdplan.problems import ProblemError
from gdplan.reports.runs import recorded

ROOT = Path(__file__).resolve().parents[2]
SIMULATED = ROOT / "examples" / "observations"
FIRST = '{issued: 2023-07-01, target: "[600]", document: 粤人社〔2023〕12号}'
SECOND = '{issued: 2024-07-01, target: "[500]", document: 粤人社〔2024〕3号}'


def changed(folder: Path, *changes: str, no: str = "1") -> Path:
    """A copy of the 14th plan, one of its targets changed."""
    place = Path(shutil.copytree(ROOT / "data/raw/plans/gd-hrss-14", folder / "gd-hrss-14"))
    path = place / "plan.yml"
    head = f'  "{no}":\n'
    text = path.read_text("utf-8")
    assert head in text
    path.write_text(text.replace(head, f"{head}    revised: [{', '.join(changes)}]\n"), "utf-8")
    return place


def faults(folder: Path, *changes: str, no: str = "1") -> list[str]:
    with pytest.raises(ProblemError) as caught:
        load_plan(changed(folder, *changes, no=no))
    assert all("plan.yml:" in p.where for p in caught.value.problems)
    return [p.key for p in caught.value.problems]


def test_the_newest_target_holds_and_the_history_is_kept(tmp_path):
    item = load_plan(changed(tmp_path, FIRST, SECOND)).indicator("1")
    assert (item.target.raw, item.printed.raw) == ("[500]", "[550]")
    assert [(r.issued, r.target.value) for r in item.revised] == [
        ("2021-11-18", 550.0), ("2023-07-01", 600.0), ("2024-07-01", 500.0)]  # fmt: skip
    assert item.revised[0].document == "粤府办〔2021〕32号"


@pytest.mark.parametrize(
    ("day", "target"),
    [("2023-06-30", "[550]"), ("2023-07-01", "[600]"), ("2024-06", "[600]"), ("2024", "[500]"),
     (None, "[500]")],
)  # fmt: skip
def test_the_target_of_a_day_is_the_last_one_issued_by_then(tmp_path, day, target):
    plan = load_plan(changed(tmp_path, FIRST, SECOND))
    assert in_force(plan, day).indicator("1").target.raw == target


def test_before_any_change_the_plan_is_the_plan_without_it(tmp_path):
    plan = in_force(load_plan(changed(tmp_path, FIRST)), "2023-06-30")
    assert plan.indicators == load_plan("gd-hrss-14").indicators
    assert in_force(plan, None) is plan


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ('{issued: 2021-11-18, target: "[600]", document: 某文}', "revised_too_early"),
        ('{issued: 2020, target: "[600]", document: 某文}', "wrong_value"),
        ('{issued: "2020", target: "[600]", document: 某文}', "revised_too_early"),
        ('{issued: 明年, target: "[600]", document: 某文}', "no_such_date"),
        ('{issued: 2023-07-01, target: [600], document: 某文}', None),
        ('{issued: 2023-07-01, target: 600以上, document: 某文}', "another_kind"),
        ('{issued: 2023-07-01, target: 若干, document: 某文}', "unreadable_target"),
        ('{issued: 2023-07-01, target: "[6x0]", document: 某文}', "unreadable_target"),
        ('{issued: 2023-07-01, target: "[600]"}', None),
        ('{issued: 2023-07-01, target: "[600]", document: 某文, note: 见附件}', None),
    ],
)  # fmt: skip
def test_each_fault_of_a_change_is_told_with_its_line(tmp_path, change, key):
    found = faults(tmp_path, change)
    assert found and key in (None, *found), found


def test_changes_stand_in_the_order_of_their_dates_and_all_faults_come_at_once(tmp_path):
    assert faults(tmp_path, SECOND, FIRST) == ["revised_too_early"]
    odd = "{issued: 2023-08-01, target: 若干, document: 某文}"
    assert faults(tmp_path / "two", SECOND, odd) == ["unreadable_target", "revised_too_early"]


def judged(plan, year=2023, as_of=None, region="440000"):
    frame = assess(plan, read_observations(SIMULATED, plan), region=region, year=year, as_of=as_of)
    return frame.set_index("indicator", drop=False)


def test_the_verdict_is_that_of_the_target_in_force_and_the_row_says_so(tmp_path):
    plan = load_plan(changed(tmp_path, FIRST))
    row, old = judged(plan).loc["1"], judged(load_plan("gd-hrss-14")).loc["1"]
    assert (row["target"], old["target"]) == (600.0, 550.0)
    assert row["progress"] == pytest.approx(old["progress"] * 550 / 600, rel=1e-12)
    assert Reason.TARGET_REVISED in row["reason"].split(";")
    assert Reason.TARGET_REVISED not in old["reason"]


@pytest.mark.parametrize("region", ["440000", "441500"])
def test_judgements_of_a_day_before_the_change_are_the_same_after_it(tmp_path, region):
    plan = load_plan(changed(tmp_path, FIRST, '{issued: 2024-07, target: "[610]", document: 二号}'))
    for day in ("2023-06-30", "2022-12-31"):
        after = judged(plan, 2022, day, region)
        assert after.equals(judged(load_plan("gd-hrss-14"), 2022, day, region))


def test_start_and_marked_figures_follow_the_same_target(tmp_path):
    plan = load_plan(changed(tmp_path, FIRST))
    figures = read_observations(SIMULATED, plan)
    for day, goal in ((None, 600.0), ("2024-06-30", 600.0), ("2023-06-30", 550.0)):
        first = starts(plan, figures, region="440000", year=2022, as_of=day)[0]
        assert first.goal is not None and first.goal.value == goal
        assert (Reason.TARGET_REVISED in first.remarks) == (goal == 600.0)
        used = marked(plan, figures, region="440000", year=2022, as_of=day).plan
        assert used.indicator("1").target.value == goal


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", "目标已按规划调整更新（原目标[550]，2023-07-01由粤人社〔2023〕12号调整）"),
     ("en", "a change of the plan set ([550] until 2023-07-01, 粤人社〔2023〕12号)")],
)  # fmt: skip
def test_row_and_sources_say_old_and_new_in_both_languages(tmp_path, lang, words):
    made = evaluate("midterm", plan=changed(tmp_path, FIRST), observations=SIMULATED, lang=lang)
    assert words in language(lang).words.reason_text(made.rows[0])
    said = sections.sources(made)
    tables = [b for b in said.blocks if getattr(b, "rows", None)]
    assert [row[2] for row in tables[-1].rows] == ["[550]", "[600]"]
    assert [row[4] for row in tables[-1].rows] == ["粤府办〔2021〕32号", "粤人社〔2023〕12号"]
    before = evaluate("midterm", plan=changed(tmp_path / "b", FIRST), observations=SIMULATED,
                      lang=lang, as_of="2023-06-30", year=2022)  # fmt: skip
    assert not any("600" in str(block) for block in sections.sources(before).blocks)


def test_an_earlier_evaluation_knows_only_the_targets_of_its_day(tmp_path):
    made = evaluate("midterm", plan=changed(tmp_path, FIRST), as_of="2023-06-30", year=2022)
    assert made.plan.indicator("1").target.raw == "[550]" and not made.judgements[0].revised


def test_a_judgement_is_read_back_with_its_former_targets(tmp_path):
    made = evaluate("midterm", plan=changed(tmp_path, FIRST), observations=SIMULATED)
    filled = pd.Series(made.judgements[0].row()).fillna("")
    row = {str(key): str(value) for key, value in filled.items()}
    again = recorded.judgement(row).revised
    assert [(r.issued, r.target.raw, r.document) for r in again] == [
        ("2021-11-18", "[550]", "粤府办〔2021〕32号"),
        ("2023-07-01", "[600]", "粤人社〔2023〕12号"),
    ]


def test_promises_of_the_text_still_repeat_the_target_that_it_prints(tmp_path):
    plan = load_plan(changed(tmp_path, FIRST))
    assert of_plan(plan) == of_plan(load_plan("gd-hrss-14"))


def test_a_change_of_a_cap_keeps_its_side(tmp_path):
    change = "{issued: 2023-07-01, target: 4.5以内, document: 粤人社〔2023〕12号}"
    item = load_plan(changed(tmp_path, change, no="3")).indicator("3")
    assert item.target.value == 4.5 and item.target.comparator is Comparator.AT_MOST
