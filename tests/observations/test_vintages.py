"""Figures have a history; corrections are data with a reason; the past is not rewritten."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from frames import PROVINCE, indicator, plan, yearly
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import end_to_end

from gdplan import as_of, assess, choose, load_plan, read_observations
from gdplan.observations import corrections, vintages
from gdplan.problems import ProblemError

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "data" / "raw"


# -- history -----------------------------------------------------------------------------------


def two_vintages() -> pd.DataFrame:
    first = yearly({2022: "66", 2023: "70"}, published="2024-03-01", source="初步数")
    second = yearly({2022: "64"}, published="2024-09-01", source="修订数")
    return pd.concat([first, second], ignore_index=True).assign(
        known=lambda f: pd.to_datetime(f["published"])
    )


def test_every_figure_of_a_year_stands_in_the_order_it_became_known():
    rows = vintages.history(choose(two_vintages()), "指标1", region=PROVINCE)
    assert [(r["year"], r["raw"], r["used"]) for r in rows] == [
        (2022, "66", False), (2022, "64", True), (2023, "70", True)
    ]  # fmt: skip
    assert [r["revision"] for r in rows] == [None, -2.0, None]
    assert rows[0]["rule"]


def test_the_text_tells_value_source_revision_and_which_one_is_used():
    text = "\n".join(vintages.lines(choose(two_vintages()), "指标1", region=PROVINCE))
    assert "3个数据" in text and "比前一数-2" in text and "初步数" in text
    assert text.count("未采用：") == 1 and text.count("；采用") == 2


def test_one_year_can_be_asked_for_and_may_have_nothing():
    frame = choose(two_vintages())
    assert len(vintages.history(frame, "指标1", region=PROVINCE, year=2023)) == 1
    assert "没有数据" in next(vintages.lines(frame, "指标1", region=PROVINCE, year=2019))


def test_an_unknown_series_names_the_closest():
    with pytest.raises(ProblemError, match="最接近的是 城镇新增就业人数"):
        vintages.history(choose(read_observations()), "城镇新增就业", region=PROVINCE)


def test_bounds_are_worded():
    frame = yearly({2023: "5.5"}, bound="at_most")
    assert "5.5以内" in "\n".join(vintages.lines(choose(frame), "指标1", region=PROVINCE))
    frame = yearly({2023: "143"}, bound="at_least")
    assert " 超143" in "\n".join(vintages.lines(choose(frame), "指标1", region=PROVINCE))


def test_the_command_line_tells_the_history(command, tmp_path):
    run = command("vintages", "城镇新增就业人数", "--year", "2022", cwd=tmp_path)
    assert run.returncode == 0 and "132" in run.stdout and "采用" in run.stdout
    run = command("vintages", "没有这个", cwd=tmp_path)
    assert run.returncode == 1 and "Traceback" not in run.stderr


DAYS = st.dates(pd.Timestamp("2024-07-01").date(), pd.Timestamp("2026-01-01").date())
LATER = st.lists(st.tuples(st.integers(2021, 2023), st.integers(40, 99), DAYS), max_size=6)


def then_and_grown(later: list[tuple[int, int, date]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Figures known on a day, and the same with figures that became known after it."""
    then = two_vintages()
    then = then[then["known"] <= "2024-06-30"]
    more = [
        yearly({year: str(value)}, published=day.isoformat(), source=f"后来{i}").assign(
            known=pd.Timestamp(day)
        )
        for i, (year, value, day) in enumerate(later)
    ]
    return then, pd.concat([then, *more], ignore_index=True)


@given(LATER)
def test_of_what_becomes_known_later_nothing_is_seen_before(later):
    then, grown = then_and_grown(later)
    pd.testing.assert_frame_equal(as_of(grown, "2024-06-30"), as_of(then, "2024-06-30"))


@end_to_end()
@given(LATER)
def test_what_becomes_known_later_changes_no_earlier_assessment(later):
    """An assessment as of a day is immune to every figure published after it."""
    p = plan(indicator())
    before, after = (
        assess(p, frame, region=PROVINCE, year=2023, as_of="2024-06-30")
        for frame in then_and_grown(later)
    )
    pd.testing.assert_frame_equal(before, after)


# -- corrections -------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    place = tmp_path / "home"
    shutil.copytree(RAW, place / "data" / "raw")
    monkeypatch.setenv("GDPLAN_HOME", str(place))
    return place / "data" / "raw"


def correct(home: Path, *entries: str) -> None:
    text = "corrections:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries)
    (home / "corrections.yml").write_text(text, "utf-8")


ENTRY = (
    'file: guangdong_published.csv, line: 26, action: replace, expect: "139.3", '
    'value: "139.5", reason: 公报更正'
)


def figure(frame: pd.DataFrame) -> pd.Series:
    inside = frame[(frame["cell"] == "F26") & (frame["file"] == "guangdong_published.csv")]
    return inside.iloc[0]


def test_a_correction_replaces_one_cell_and_says_so(home):
    assert figure(read_observations())["value"] == 139.3
    correct(home, ENTRY)
    row = figure(read_observations(None, load_plan("gd-hrss-14")))
    assert row["value"] == 139.5 and row["raw"] == "139.5"
    assert "更正：value 原为139.3，公报更正" in row["note"]
    raw = (home / "observations" / "guangdong_published.csv").read_text("utf-8")
    assert "139.3" in raw and "139.5" not in raw


def test_a_row_can_be_dropped_for_a_reason(home):
    count = len(read_observations())
    correct(home, ENTRY.replace("replace", "drop").replace('value: "139.5", ', ""))
    frame = read_observations()
    assert len(frame) == count - 1 and "F26" not in set(
        frame[frame["file"] == "guangdong_published.csv"]["cell"]
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [(("139.3", "139.4"), "更正不再适用"), (("line: 26", "line: 99999"), "这一行已不存在"),
     (('value: "139.5", ', ""), "没有写更正后的值"),
     (("replace,", "replace, column: valeu,"), "没有这一列")],
)  # fmt: skip
def test_a_correction_that_does_not_apply_is_a_problem(home, change, words):
    correct(home, ENTRY.replace(*change))
    with pytest.raises(ProblemError, match=words):
        read_observations()


@pytest.mark.parametrize(
    "change", [("reason: 公报更正", "reason: 错"), ("action: replace", "action: guess"),
               ("file:", "files:")],
)  # fmt: skip
def test_a_malformed_correction_is_told_with_its_line(home, change):
    correct(home, ENTRY.replace(*change))
    with pytest.raises(ProblemError, match=r"corrections.yml:2"):
        read_observations()


def test_a_corrected_value_that_is_no_number_is_still_a_problem(home):
    correct(home, ENTRY.replace('"139.5"', '"约一百四"'))
    with pytest.raises(ProblemError, match=r"guangdong_published\.csv:26"):
        read_observations()


def test_corrections_of_other_files_leave_a_file_alone(home, tmp_path):
    correct(home, ENTRY)
    other = tmp_path / "other.csv"
    shutil.copy(home / "observations" / "guangdong_published.csv", other)
    frame = read_observations(other)
    assert frame[frame["cell"] == "F26"].iloc[0]["value"] == 139.3


@pytest.mark.slow
def test_corrections_are_among_the_inputs_of_a_run(home, command, tmp_path):
    import json

    correct(home, ENTRY)
    run = command("report", "midterm", "--format", "html", "--out", str(tmp_path), cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    folder = Path(run.stdout.splitlines()[-1])
    inputs = json.loads((folder / "run.json").read_text("utf-8"))["inputs"]
    assert "data/raw/corrections.yml" in inputs


def test_without_a_file_there_are_no_corrections(tmp_path):
    assert corrections.read(tmp_path / "corrections.yml") == ()
