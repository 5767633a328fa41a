"""An earlier outlook against the figures that came since."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from frames import PROVINCE, evaluation, indicator, observed, plan, yearly

from gdplan import assess, load_plan, read_observations, sections
from gdplan.model import Attribute, Kind, Reason
from gdplan.notation import parse_target
from gdplan.problems import ProblemError
from gdplan.reports.runs.hindsight import Basis, Why, brier, inside, look_back, read_run
from gdplan.reports.sections.hindsight import lines

ROOT = Path(__file__).resolve().parents[2]
SIMULATED = ROOT / "examples" / "observations"
KNOWN = {2017: "51", 2018: "54", 2019: "56", 2021: "64", 2022: "67", 2023: "71"}


def earlier(folder: Path, rows: pd.DataFrame, item=None, year: int = 2023, **options) -> Path:
    """The assessment of an earlier run, as its file."""
    path = folder / "assessment.csv"
    the_plan = plan(item or indicator())
    frame = assess(the_plan, rows, region=PROVINCE, year=year, **options)
    frame.to_csv(path, index=False, lineterminator="\n")
    return path


def back(path: Path, rows: pd.DataFrame, item=None, **options):
    return look_back(read_run(path), plan(item or indicator()), rows, **options)


def test_the_target_year_is_scored_as_it_was_said(tmp_path):
    path = earlier(tmp_path, yearly(KNOWN))
    [then] = read_run(path)
    assert then.outlook_low80 < 78 < then.outlook_high80 and 0 < then.reach < 1
    [near] = back(path, yearly(KNOWN | {2024: "74", 2025: "78"})).scores
    assert (near.basis, near.year, near.value) == (Basis.SAID, 2025, 78.0)
    assert near.ends[1:] == (then.outlook_low80, then.outlook_high80, then.outlook_low95,
                             then.outlook_high95)  # fmt: skip
    assert near.inside(80) and near.inside(95) and near.met is False
    assert near.brier == then.reach**2
    [far] = back(path, yearly(KNOWN | {2025: "150"})).scores
    assert far.inside(80) is False and far.inside(95) is False and far.met is True
    assert far.brier == (1 - then.reach) ** 2
    assert inside([near, far], 80) == (1, 2)
    assert brier([near, far]) == ((near.brier + far.brier) / 2, 2)


def test_between_the_intervals_is_inside_95_alone(tmp_path):
    path = earlier(tmp_path, yearly(KNOWN))
    [then] = read_run(path)
    between = f"{(then.outlook_high80 + then.outlook_high95) / 2:.6f}"
    [score] = back(path, yearly(KNOWN | {2025: between})).scores
    assert (score.inside(80), score.inside(95)) == (False, True)


def test_before_the_target_year_the_outlook_is_recomputed_from_what_was_recorded(tmp_path):
    path = earlier(tmp_path, yearly(KNOWN))
    # What was revised since is not what the run knew.
    now = yearly(KNOWN | {2022: "60", 2023: "60", 2024: "74.5"})
    [score] = back(path, now).scores
    assert (score.basis, score.year, score.value) == (Basis.RECOMPUTED, 2024, 74.5)
    assert score.met is None and math.isnan(score.brier)
    [then] = read_run(path)
    assert score.ends[1] < score.ends[0] < score.ends[2] and score.ends[0] < then.outlook
    both = back(path, yearly(KNOWN | {2024: "74.5"}), until=2024)
    assert both.scores[0].ends == score.ends


def test_every_later_year_counts_even_one_the_run_already_spoke_of(tmp_path):
    known = {y: v for y, v in KNOWN.items() if y < 2023}
    path = earlier(tmp_path, yearly(known), year=2023)
    found = back(path, yearly(KNOWN | {2024: "74"}))
    assert [s.year for s in found.scores] == [2023, 2024]


@pytest.mark.parametrize(
    ("options", "values", "later"),
    [
        ({"target": "[550]", "base": "[500]"},
         {2018: "108", 2019: "111", 2020: "105", 2021: "110", 2022: "113", 2023: "109"},
         {2024: "112", 2025: "118"}),
        ({"target": "年均增长5", "base": "—", "unit": "%"},
         {2018: "5.2", 2019: "4.8", 2020: "5.5", 2021: "5.1", 2022: "4.6", 2023: "5.3"},
         {2024: "5.0", 2025: "5.6"}),
        ({"kind": Kind.of("change"), "target": "[1]", "base": "77.3", "unit": "岁"},
         {2018: "76.8", 2019: "77.0", 2021: "77.5", 2022: "77.8", 2023: "78.0"},
         {2024: "78.2", 2025: "78.5"}),
        ({"kind": Kind.of("reduction"), "target": "[20]", "base": "—", "unit": "%"},
         {2018: "3.1", 2019: "4.2", 2020: "3.5", 2021: "2.74", 2022: "5.04", 2023: "5.20"},
         {2024: "3.61", 2025: "4.01"}),
        ({"target": "年均110", "base": "—"},
         {2018: "108", 2019: "111", 2020: "105", 2021: "110", 2022: "113", 2023: "109"},
         {2024: "112", 2025: "118"}),
        ({"target": "2.4:1", "base": "2.56:1", "unit": "", "direction": -1,
          "kind": Kind.of("ratio")},
         {2018: "2.6:1", 2019: "2.57:1", 2021: "2.5:1", 2022: "2.47:1", 2023: "2.46:1"},
         {2024: "2.43:1", 2025: "2.39:1"}),
    ],
)  # fmt: skip
def test_every_kind_is_scored_in_the_unit_of_their_target(tmp_path, options, values, later):
    item = indicator(**options)
    rows = yearly(values, unit=item.unit)
    path = earlier(tmp_path, rows, item)
    now = yearly(values | later, unit=item.unit)
    [early] = back(path, now, item, until=2024).scores
    assert early.basis is Basis.RECOMPUTED
    assert early.ends[3] < early.ends[1] < early.ends[0] < early.ends[2] < early.ends[4]
    assert early.inside(95)
    [said] = back(path, now, item).scores
    assert said.basis is Basis.SAID
    final = assess(plan(item), now, region=PROVINCE, year=2025).iloc[0]
    assert said.value == final["value"] and said.met is bool(final["met"])


def test_the_outcome_is_that_of_the_target_the_run_spoke_of(tmp_path):
    path = earlier(tmp_path, yearly(KNOWN))
    now = yearly(KNOWN | {2025: "78"})
    eased = replace(indicator(), target=parse_target("75", unit="万人"))
    assert assess(plan(eased), now, region=PROVINCE, year=2025).iloc[0]["met"]
    assert back(path, now, eased).scores[0].met is False


def reason(folder: Path, before: pd.DataFrame, now: pd.DataFrame, item=None, other=None):
    found = back(earlier(folder, before, item), now, other or item)
    [(then, why)] = found.unscored
    assert not found.scores and then.indicator == "1"
    return why


def test_what_cannot_be_scored_has_its_reason(tmp_path):
    known = yearly(KNOWN)
    assert reason(tmp_path, known, known) is Why.NOT_YET
    half = observed(*({"year": y, "raw": v} for y, v in KNOWN.items()),
                    {"year": 2024, "raw": "73", "period": "ytd", "month": 6.0})  # fmt: skip
    assert reason(tmp_path, known, half) is Why.NOT_YET
    few = yearly({2022: "66", 2023: "70"})
    assert reason(tmp_path, few, yearly(KNOWN | {2025: "80"})) is Reason.FEW_POINTS
    over = observed(*({"year": y, "raw": v} for y, v in KNOWN.items()),
                    {"year": 2025, "raw": "77", "bound": "at_least"})  # fmt: skip
    assert reason(tmp_path, known, over) is Why.ONE_SIDED
    shown = yearly(KNOWN | {2025: "80"}, simulated=True)
    assert reason(tmp_path, known, shown) is Why.INCOMPARABLE
    assert reason(tmp_path, known, yearly(KNOWN | {2025: "80"}), indicator(),
                  indicator("2", name="指标1")) is Why.GONE  # fmt: skip
    done = earlier(tmp_path, yearly(KNOWN | {2025: "80"}), year=2025)
    assert back(done, yearly(KNOWN | {2025: "80"})).unscored[0][1] is Reason.NO_YEARS_LEFT


def test_a_run_of_an_earlier_version_without_the_newest_columns_is_read(tmp_path):
    path = earlier(tmp_path, yearly(KNOWN))
    pd.read_csv(path).drop(columns=["revised", "province_base"]).to_csv(path, index=False)
    assert read_run(path)[0].revised == ()
    pd.read_csv(path).drop(columns=["outlook", "section"]).to_csv(path, index=False)
    with pytest.raises(ProblemError, match="不能识别"):
        read_run(path)


@pytest.mark.parametrize(
    ("lang", "said", "again"),
    [("zh", "其中给出区间的1项：落在80%区间内的1项（按说法应约0.8项）", "重算其后各年的推算"),
     ("en", "with an interval: 1 lie in their 80% intervals (0.8 promised)", "is recomputed")],
)  # fmt: skip
def test_the_next_report_has_a_section_with_one_sentence_and_a_table(tmp_path, lang, said, again):
    path = earlier(tmp_path, yearly(KNOWN))
    item = indicator(attribute=Attribute.BINDING)

    def looked(values, year, previous=str(path)):
        made = evaluation(plan(item), yearly(values), previous=previous, year=year, lang=lang)
        return sections.hindsight(made)

    full = looked(KNOWN | {2024: "74", 2025: "78"}, 2025)
    assert said in full.text and again not in full.text
    assert full.tables[0].rows[0][3] == "2025" and full.tables[0].rows[0][6] == "78.0"
    part = looked(KNOWN | {2024: "74", 2025: "78"}, 2024)
    assert again in part.text and part.tables[0].rows[0][3] == "2024"
    assert part.tables[0].rows[0][8:10] == ("—", "—")
    assert not looked(KNOWN, 2023).tables and looked(KNOWN, 2023).blocks
    assert looked(KNOWN, 2023, "").blocks == ()


def test_another_region_has_no_section(tmp_path):
    path = earlier(tmp_path, yearly(KNOWN))
    pd.read_csv(path, dtype=str).assign(region="441500").to_csv(path, index=False)
    made = evaluation(plan(indicator()), yearly(KNOWN), previous=str(path), year=2023)
    assert sections.hindsight(made).blocks == ()


def test_the_example_figures_are_scored_by_the_command(command, tmp_path):
    the_plan = load_plan("gd-hrss-14")
    rows = read_observations(SIMULATED, the_plan)
    frame = assess(the_plan, rows, region=PROVINCE, year=2023)
    frame.to_csv(tmp_path / "assessment.csv", index=False)
    words = ("score-outlook", str(tmp_path / "assessment.csv"))
    run = command(*words, "--observations", str(SIMULATED))
    assert run.returncode == 0, run.stderr
    found = look_back(read_run(tmp_path), the_plan, rows)
    assert run.stdout.splitlines() == list(lines(found))
    assert len(found.scores) == int(frame["reach"].notna().sum()) > 10
    assert all(s.basis is Basis.SAID for s in found.scores)
    later = look_back(read_run(tmp_path), the_plan, rows, until=2024)
    assert {s.basis for s in later.scores} == {Basis.RECOMPUTED}


def test_a_run_that_is_none_is_an_input_problem(command, tmp_path):
    run = command("score-outlook", "midterm-nowhere", "--out", str(tmp_path))
    assert run.returncode == 1 and "unknown_run" in run.stderr
    (tmp_path / "assessment.csv").write_text("a,b\n1,2\n", "utf-8")
    run = command("score-outlook", str(tmp_path / "assessment.csv"))
    assert run.returncode == 1 and "broken_run" in run.stderr


def test_another_plan_is_refused(command, tmp_path):
    frame = assess(load_plan("gd-hrss-14"), read_observations(), region=PROVINCE, year=2023)
    frame.to_csv(tmp_path / "assessment.csv", index=False)
    run = command("score-outlook", str(tmp_path), "--plan", "gd-hrss-13")
    assert run.returncode == 1 and "another_plan" in run.stderr
