"""Four official evaluations: the facts always agree, and the word too, unless its rule is another.

``tests/data/published_verdicts`` has the figures and the printed words. Where the office's word
followed a rule of its own, :data:`OTHER_RULES` names it; met or not and completion agree all the
same.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from frames import PROVINCE, indicator, plan, yearly

from gdplan.assessment.assess import judgements
from gdplan.model import Kind
from gdplan.notation import parse_target

FOLDER = Path(__file__).parents[1] / "data" / "published_verdicts"
FILES = sorted(FOLDER.glob("*.csv"))
ROWS = [(path.stem, row) for path in FILES for row in csv.DictReader(path.open(encoding="utf-8"))]
CAPS = ("失业率", "价格")
MET = "完成|超额|高于|低于|优于|符合|控制在"
"""Printed words that say a target was met, unless 未完成 stands there."""

MEASURES = "得分含节能措施，不只看指标（国务院节能考核办法）"
QUARTER = "超过目标四分之一以上才称超额完成"
ONE_WORD = "完成以上不再分档"
RANGE = "目标为幅度，按得分定档"
OTHER_RULES = {
    **{("molss_2006_plan_execution", no): ONE_WORD for no in ("1", "3", "5")},
    **{("ndrc_2007_energy_assessment", no): MEASURES
       for no in ("6", "7", "8", "10", "14", "15", "18")},
    ("ndrc_2007_energy_assessment", "16"): RANGE,
    **{("sichuan_2016_energy_assessment", no): QUARTER for no in ("1", "4", "9", "10", "11")},
}  # fmt: skip
"""Rows whose word follows another rule, and which."""


def item_of(source: str, row: dict[str, str]):
    """The row as a one-year plan of one indicator: energy falls by growth, caps and sums else."""
    fall = row["target"].startswith("-")
    cap = fall or any(word in row["name"] for word in CAPS)
    kind = "rate" if fall else "level" if cap or row["unit"] == "%" else "annual"
    target = row["target"]
    if "~" in target:
        # The smaller cut of a range is its least.
        target = min(target.split("~"), key=lambda t: abs(float(t)))
    year = int(row["actual_year"])
    return indicator(
        name=row["name"], base="—", target=target, unit=row["unit"], kind=Kind.of(kind),
        direction=-1 if cap else 1, base_year=year - 1, target_year=year,
    )  # fmt: skip


def judged(source: str, row: dict[str, str]):
    item, year = item_of(source, row), int(row["actual_year"])
    # A range of figures is as bad as its worst.
    raw = max(re.findall(r"-?[\d.]+", row["actual"]), key=float)
    the_plan = plan(item, base_year=year - 1, target_year=year)
    rows = yearly({year: raw}, indicator=row["name"], unit=row["unit"])
    [one] = judgements(the_plan, rows, region=PROVINCE, year=year, kind="final", targets=())
    return one


@pytest.mark.parametrize(
    ("source", "row"), ROWS, ids=lambda v: v if isinstance(v, str) else v["no"]
)
def test_the_facts_agree_with_what_was_published(source, row):
    one = judged(source, row)
    printed = row["printed_verdict"]
    met = "未完成" not in printed and bool(re.search(MET, printed))
    assert one.met is met, printed
    if row["printed_completion"]:
        assert f"{one.completion:.0%}" == row["printed_completion"]


@pytest.mark.parametrize(
    ("source", "row"), ROWS, ids=lambda v: v if isinstance(v, str) else v["no"]
)
def test_the_word_agrees_or_its_rule_is_named(source, row):
    one, printed = judged(source, row), row["printed_verdict"]
    words = {"超额完成": "超额|高于", "完成": "完成|控制在|符合|低于|优于|高于",
             "基本完成": "基本完成", "未完成": "未完成"}  # fmt: skip
    same = bool(re.search(words[one.verdict], printed))
    if one.verdict == "完成":
        same = same and not re.search("超额|基本|未", printed)
    if one.verdict == "超额完成" and printed == "完成计划":
        same = False
    assert same != ((source, row["no"]) in OTHER_RULES), f"{one.verdict} against {printed}"


def test_all_published_verdicts_are_there():
    assert len(ROWS) == 44 and all(parse_target(r["target"]).has_number for _, r in ROWS)
