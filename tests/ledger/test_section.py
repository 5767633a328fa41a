"""The section on the ledger says what was reported and nothing more, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from gdplan import assess_commitments, load_plan, read_statuses
from gdplan.ledger import section as ledger_section
from gdplan.ledger.judged import Clash, Due, Judged, Why
from gdplan.ledger.statuses import Status
from gdplan.model import Plan
from gdplan.page.blocks import Section, Table
from gdplan.page.language import language
from gdplan.plans.commitments import unmerged

ROOT = Path(__file__).resolve().parents[2]
PLAN = load_plan("gd-hrss-14")
ITEMS = unmerged(PLAN)
SIMULATED = read_statuses(ROOT / "examples" / "ledger", PLAN)
NUMBER = re.compile(r"\d+(?:\.\d+)?")
MIME = "application/vnd.gdplan.ledger+csv"


def judged(year: int = 2023, statuses: pd.DataFrame = SIMULATED, **options: Any) -> pd.DataFrame:
    return assess_commitments(ITEMS, statuses, plan=PLAN, year=year, **options)


def held(ledger: pd.DataFrame, plan: Plan = PLAN, region: str = "440000", lang: str = "zh") -> Any:
    """What the sections ask of an evaluation."""
    return SimpleNamespace(plan=plan, ledger=ledger, region=region, say=language(lang))


def table(section: Section, caption: str) -> Table:
    [found] = [t for t in section.tables if t.caption == caption]
    return found


def test_overdue_commitments_come_first_and_by_name():
    shown = ledger_section.summary(held(judged()))
    counts, overdue = shown.tables[:2]
    assert counts.caption == "各类判断的承诺数" and overdue.caption == "逾期未完成的承诺"
    [row] = overdue.rows
    assert row[:6] == ("直接带动30万人就业创业", "30万人", "2022", "滞后", "27", "90.0%")
    assert "【由省人力资源社会保障厅填写：逾期未完成" in shown.text


def test_the_counts_of_the_prose_are_those_of_the_table():
    frame = judged()
    shown = ledger_section.summary(held(frame))
    counts = table(shown, "各类判断的承诺数")
    totals = dict(zip(counts.header, counts.rows[-1], strict=True))
    for word, n in frame["judged"].value_counts().items():
        assert totals[word] == str(n) and f"{word}{n}项" in shown.text
    assert totals["合计"] == str(len(ITEMS))
    for row in counts.rows:
        assert sum(map(int, row[1:-1])) == int(row[-1])


def test_without_reports_one_sentence_and_the_due_ones_are_all_that_is_said():
    shown = ledger_section.summary(held(judged(statuses=SIMULATED.iloc[:0])))
    counts, open_ = shown.tables
    assert f"{len(ITEMS)}项，截至数据时点均未报状态，不作评判" in shown.text
    assert "省人力资源社会保障厅填报" in shown.text and "已过期限4项、本年到期0项" in shown.text
    assert counts.header == ("完成时限", "未报状态", "合计")
    assert [row[4] for row in open_.rows] == ["2022"] * 4
    full = ledger_section.annex(held(judged(statuses=SIMULATED.iloc[:0])))
    assert [row[0] for row in full.tables[0].rows] == [c.id for c in ITEMS]
    assert "填报状态" not in full.tables[0].header


def test_contradictions_are_listed_with_their_explanation():
    shown = table(ledger_section.summary(held(judged())), "填报前后不一致、需要核实的承诺")
    said = {row[2]: row[4] for row in shown.rows}
    assert said["已完成"] == "报已完成，完成数未达到目标"
    assert any("名单已公布" in row[5] for row in shown.rows)


def test_what_is_due_in_the_year_and_kept_is_listed_until_there_is_too_much_of_it():
    few = ledger_section.summary(held(judged(2022)))
    assert len(table(few, "本年到期的承诺").rows) == 2
    many = ledger_section.summary(held(judged(2025)))
    assert "见附件中的工作台账" in many.text
    assert "本年到期的承诺" not in [t.caption for t in many.tables]


def test_simulated_statuses_are_marked():
    marks = [b for b in ledger_section.summary(held(judged())).blocks
             if getattr(b, "role", "") == "watermark"]  # fmt: skip
    assert len(marks) == 1
    real = judged(statuses=SIMULATED.assign(simulated=False))
    assert "watermark" not in [
        getattr(b, "role", "") for b in ledger_section.summary(held(real)).blocks
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_region_or_plan_without_a_ledger_says_why(lang):
    none = assess_commitments((), SIMULATED.iloc[:0], plan=PLAN, year=2023)
    city = ledger_section.summary(held(none, region="441500", lang=lang))
    other = load_plan("gd-hrss-13")
    old = assess_commitments(unmerged(other), SIMULATED.iloc[:0], plan=other, year=2020)
    nothing = ledger_section.summary(held(old, other, lang=lang))
    assert city.text != nothing.text and not city.tables and not nothing.tables
    assert ledger_section.annex(held(none, lang=lang)).blocks == ()
    assert "text/plain" in ledger_section.export(held(none))._repr_mimebundle_()
    assert MIME not in ledger_section.export(held(none))._repr_mimebundle_()
    assert unmerged(PLAN, region="441500") == () and unmerged(PLAN, region="440000") == ITEMS


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("year", range(2021, 2026))
def test_every_digit_of_the_prose_stands_in_a_table(year, lang):
    for statuses in (SIMULATED, SIMULATED.iloc[:0]):
        frame = judged(year, statuses)
        made = [
            ledger_section.summary(held(frame, lang=lang)),
            ledger_section.annex(held(frame, lang=lang)),
        ]
        printed = {n for s in made for t in s.tables for row in t.rows for c in row
                   for n in NUMBER.findall(c)}  # fmt: skip
        for section in made:
            for line in section.text.splitlines():
                said = set(NUMBER.findall(line)) - {str(year)}
                # A count of those due in the year stands in the table as the sum of two columns.
                due = int(sum(frame["due"] == Due.NOW) - sum(
                    (frame["due"] == Due.NOW)
                    & frame["judged"].isin([Judged.OVERDUE, Judged.UNREPORTED])))  # fmt: skip
                assert said <= printed | {str(due)}, line


def test_both_languages_print_the_same_rows_and_english_prose_holds_no_chinese():
    for year in (2022, 2023, 2025):
        zh, en = (ledger_section.summary(held(judged(year), lang=lang)) for lang in ("zh", "en"))
        assert [len(t.rows) for t in zh.tables] == [len(t.rows) for t in en.tables]
        said = en.text.replace("示例数据，非真实", "")
        assert not re.findall(r"[一-鿿]+", said)
        one, two = (ledger_section.annex(held(judged(year), lang=lang)) for lang in ("zh", "en"))
        assert [r[0] for r in one.tables[0].rows] == [r[0] for r in two.tables[0].rows]
        targets = " ".join(r[2] for r in two.tables[0].rows)
        assert not re.findall(r"[一-鿿]+", targets)
        assert "at least 10 (10,000 person-times)" in targets and "at least 80% a year" in targets


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_word_of_the_vocabulary_has_a_text(lang):
    say = language(lang)
    for words, group in ((Judged, "judged"), (Due, "due"), (Status, "status")):
        assert all(say(f"{group}.{word.name.lower()}") for word in words)
    assert all(say(f"clash.{clash.value}") for clash in Clash)
    silent = (Why.BY_FIGURE, Why.NO_REPORT)
    assert all(say.has(f"why.{why.value}") != (why in silent) for why in Why)


def test_reasons_speak_of_years_and_days_of_reports():
    rows, later = ({r["id"]: r for r in judged(y).to_dict("records")} for y in (2023, 2024))
    say = language("zh")
    assert "最近填报为2021年，已过时" in ledger_section.reason_text(rows["c3c75851b"], say)
    assert "填报4年，达到3年" in ledger_section.reason_text(later["cf1ea7d49"], say)
    assert "只填报了2年" in ledger_section.reason_text(rows["cb4c733b7"], say)


def test_the_export_is_the_frame_as_csv():
    frame = judged()
    made = ledger_section.export(held(frame))._repr_mimebundle_()
    assert made[MIME].count("\n") >= len(frame) + 1
    assert made["text/plain"] == f"ledger.csv: {len(frame)} rows"
