"""Published figures are read as printed, every fault is named, conflicts are decided visibly."""

from __future__ import annotations

import csv
import math
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from frames import indicator, observed, plan
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from thoroughness import examples

from gdplan.model import OBSERVATION_COLUMNS, Bound, Kind
from gdplan.notation import value_interval
from gdplan.observations.read import as_of, choose, read_observations, reading
from gdplan.plans.load import known_plans, load_plan
from gdplan.problems import Problem, ProblemError

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "data" / "raw" / "observations" / "guangdong_published.csv"
DICTIONARY = ROOT / "docs" / "dictionary" / "observations.csv"
HEADER = ("region_code", "region", "indicator", "year", "period", "value", "unit", "bound",
          "published", "source", "url", "access", "note")  # fmt: skip
PLAIN = {
    "region_code": "440000", "region": "广东省", "indicator": "城镇新增就业人数", "year": "2022",
    "period": "annual", "value": "132", "unit": "万人", "bound": "exact", "published": "2023-01-18",
    "source": "政府工作报告", "url": "", "access": "direct", "note": "",
}  # fmt: skip
PLAN = plan(
    indicator("1", name="城镇新增就业人数", aliases=("新增就业",), unit="万人"),
    indicator("2", name="调解成功率", unit="%"),
    indicator("3", name="参保人数增长率", unit="%", kind=Kind.of("rate")),
    indicator("4", name="人才比例", unit="", base="10:40:50", target="14:42:44"),
)


@pytest.fixture
def written(tmp_path: Path):
    def write(*rows: dict[str, str], name: str = "figures.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        with path.open("w", encoding=encoding, newline="") as file:
            whole = [{**PLAIN, **row} for row in rows]
            columns = [*HEADER, *sorted({k for row in whole for k in row} - set(HEADER))]
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(whole)
        return path

    return write


def problems(*arguments, **words) -> tuple[Problem, ...]:
    with pytest.raises(ProblemError) as caught:
        read_observations(*arguments, **words)
    return caught.value.problems


# --- the shipped figures ---------------------------------------------------------------------


@pytest.mark.parametrize("plan_id", [None, *known_plans()])
def test_the_shipped_figures_are_read_whole_and_clean_for_every_plan(plan_id):
    printed = []
    for path in sorted(SHIPPED.parent.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            printed += list(csv.DictReader(file))
    read = reading(plan=load_plan(plan_id) if plan_id else None)
    frame = read.figures
    assert len(frame) == len(printed) == 262
    as_printed = [u == row["unit"] for u, row in zip(frame["unit"], printed, strict=True)]
    assert all(as_printed) if plan_id is None else sum(as_printed) > 200
    assert list(frame["raw"][as_printed]) == [
        row["value"] for row, same in zip(printed, as_printed, strict=True) if same
    ]
    assert set(read.encodings) == {path.name for path in SHIPPED.parent.glob("*.csv")}
    assert set(read.encodings.values()) == {"utf-8"}


def test_every_part_year_figure_of_the_shipped_file_has_its_month():
    frame = read_observations(SHIPPED)
    part = frame[frame["period"] == "ytd"]
    assert len(part) == SHIPPED.read_text("utf-8").count(",ytd,") > 0
    assert part["month"].between(1, 11).all()
    assert (frame.loc[frame["period"].isin(["annual", "year_end"]), "month"] == 12).all()


def test_cells_point_at_the_value_in_the_file():
    lines = SHIPPED.read_text("utf-8").splitlines()
    frame = read_observations(SHIPPED)
    for row in frame.to_dict("records"):
        assert row["cell"][0] == "F"
        assert f",{row['raw']}," in lines[int(row["cell"][1:]) - 1]


def test_windows_and_launches_start_in_the_year_their_notes_say():
    frame = read_observations(SHIPPED).set_index(["indicator", "region", "year", "period"])
    start = frame["start"].sort_index()
    jobs = ("城镇新增就业人数",)
    assert start[(*jobs, "440000", 2021, "cumulative")].item() == 2012
    assert start[(*jobs, "440100", 2025, "cumulative")].item() == 2021
    assert start[("粤菜师傅培训人次", "440000", 2021, "since_launch")].item() == 2018
    assert math.isnan(start[("三项工程累计培训人次", "440000", 2025, "since_launch")].item())
    assert math.isnan(start[(*jobs, "440000", 2022, "annual")].item())


def test_the_register_names_the_province_and_its_21_cities():
    with (ROOT / "data/raw/regions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cities = [r for r in rows if r["level"] == "city"]
    assert [r["code"] for r in rows if r["level"] == "province"] == ["440000"]
    assert len({r["code"] for r in cities}) == len({r["name"] for r in cities}) == 21
    assert {r["parent"] for r in cities} == {"440000"}


def test_the_dictionary_lists_the_columns_in_order_and_their_types():
    with DICTIONARY.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    frame = read_observations(SHIPPED)
    assert tuple(r["column"] for r in rows) == OBSERVATION_COLUMNS == tuple(frame.columns)
    kinds = {"text": "OTU", "number": "f", "integer": "i", "boolean": "b", "date": "M"}
    for row in rows:
        assert None not in row and row["meaning_zh"] and row["meaning_en"], row
        kind = frame[row["column"]].dtype.kind
        assert kind in kinds[row["type"]], (row["column"], kind)


# --- one figure ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "bound", "low", "high"),
    [
        ("132", "exact", 131.5, 132.5),
        ("140.33", "exact", 140.325, 140.335),
        ("12684.00", "exact", 12683.995, 12684.005),
        ("850", "approx", 807.5, 892.5),
        ("143", "at_least", 143, math.inf),
        ("2.6", "at_most", -math.inf, 2.6),
        ("1,432.5", "exact", 1432.45, 1432.55),
    ],
)
def test_a_printed_figure_has_the_interval_of_its_wording(written, value, bound, low, high):
    row = read_observations(written({"value": value, "bound": bound})).iloc[0]
    assert (row["low"], row["high"]) == (low, high)
    assert row["value"] == float(value.replace(",", ""))


@given(number=st.integers(0, 10**8), digits=st.integers(0, 4), bound=st.sampled_from(list(Bound)))
@examples(40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reading_a_column_gives_the_interval_of_the_single_figure(written, number, digits, bound):
    text = f"{number / 10**digits:.{digits}f}"
    row = read_observations(written({"value": text, "bound": bound.value})).iloc[0]
    assert (row["low"], row["high"]) == pytest.approx(value_interval(text, bound), rel=1e-14)
    assert row["low"] <= row["value"] <= row["high"]


@given(number=st.integers(0, 10**9))
@examples(40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_figure_in_persons_is_the_same_figure_in_ten_thousands(written, number):
    moved = f"{number // 10_000}.{number % 10_000:04}"
    path = written({"value": str(number), "unit": "人", "source": "甲"}, {"value": moved})
    frame = read_observations(path, PLAN)
    first, second = frame.to_dict("records")
    for column in ("value", "low", "high", "unit", "raw"):
        assert first[column] == second[column], column
    assert first["note"] == f"原文{number}人"


def test_a_figure_in_hundred_millions_keeps_its_width_and_its_printed_text(written):
    row = read_observations(written({"value": "1.4", "unit": "亿人", "note": "约"}), PLAN).iloc[0]
    assert (row["raw"], row["unit"], row["value"]) == ("14000", "万人", 14000)
    assert (row["low"], row["high"]) == (13500, 14500)
    assert row["note"] == "原文1.4亿人；约"


def test_without_a_plan_units_stay_as_printed(written):
    row = read_observations(written({"value": "1320000", "unit": "人"})).iloc[0]
    assert (row["value"], row["unit"], row["note"]) == (1_320_000, "人", "")


def test_an_alias_becomes_the_name_of_the_plan(written):
    frame = read_observations(written({"indicator": "新增就业"}), PLAN)
    assert list(frame["indicator"]) == ["城镇新增就业人数"]


def test_a_ratio_keeps_its_parts_as_text(written):
    path = written({"indicator": "人才比例", "value": "14:42:44", "unit": ""})
    row = read_observations(path, PLAN).iloc[0]
    assert row["raw"] == "14:42:44"
    assert math.isnan(row["value"]) and math.isnan(row["low"]) and math.isnan(row["high"])


@pytest.mark.parametrize(
    ("published", "day"),
    [("2023-01-18", "2023-01-18"), ("2024-02", "2024-02-29"), ("2023", "2023-12-31")],
)
def test_a_figure_is_known_at_the_end_of_its_date(written, published, day):
    row = read_observations(written({"published": published})).iloc[0]
    assert row["known"] == pd.Timestamp(day)
    assert row["published"] == published


def test_optional_columns_have_their_stated_defaults(tmp_path):
    path = tmp_path / "short.csv"
    path.write_text(
        "region_code,region,indicator,year,period,value,unit,published\n"
        "440100,广州市,城镇新增就业人数,2021,annual,33.55,万人,2022-01-25\n",
        "utf-8",
    )
    row = read_observations(path).iloc[0]
    assert (row["bound"], row["access"], row["source"]) == ("exact", "reprint", "")
    assert not row["simulated"]


@pytest.mark.parametrize(("word", "is_simulated"), [("true", True), ("TRUE", True), ("", False)])
def test_simulated_rows_are_marked(written, word, is_simulated):
    frame = read_observations(written({"simulated": word}))
    assert list(frame["simulated"]) == [is_simulated]


# --- files -----------------------------------------------------------------------------------


def test_a_file_in_gb18030_reads_the_same_and_says_so(written):
    one = read_observations(written({}, name="a.csv"))
    read = reading(written({}, name="b.csv", encoding="gb18030"))
    other = read.figures
    assert read.encodings == {"b.csv": "gb18030"}
    pd.testing.assert_frame_equal(one.drop(columns="file"), other.drop(columns="file"))


def test_a_folder_and_a_list_of_its_files_are_the_same(written, tmp_path):
    files = [written({}, name="a.csv"), written({"year": "2021"}, name="b.csv")]
    pd.testing.assert_frame_equal(read_observations(tmp_path), read_observations(files))
    assert list(read_observations(tmp_path)["file"]) == ["a.csv", "b.csv"]


@pytest.mark.parametrize("given_path", ["none.csv", []])
def test_no_file_is_a_problem(tmp_path, given_path):
    path = tmp_path / given_path if given_path else given_path
    (problem,) = problems(path)
    assert problem.key == "missing_file"


def test_an_empty_folder_is_a_problem(tmp_path):
    (problem,) = problems(tmp_path)
    assert problem.key == "missing_file"


def test_faults_of_all_files_and_sidecars_come_at_once(written, tmp_path):
    written({"value": "约132"}, name="a.csv")
    (tmp_path / "b.csv").write_bytes(b"")
    (tmp_path / "b.yml").write_text("tittle: x\n", "utf-8")
    (tmp_path / "c.csv").write_text("region_code\n1\n", "utf-8")
    written({}, {}, name="d.csv")
    keys = [p.key for p in problems(tmp_path)]
    assert {"not_a_number", "empty_file", "unknown_key", "missing_column", "duplicate_key"} <= {
        *keys
    }


# --- faults of a row -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "key", "column"),
    [
        ({"value": "超143"}, "not_a_number", "value"),
        ({"value": ""}, "not_a_number", "value"),
        ({"value": "1,43"}, "not_a_number", "value"),
        ({"value": "１３２"}, "not_a_number", "value"),
        ({"value": "1e3"}, "not_a_number", "value"),
        ({"value": "nan"}, "not_a_number", "value"),
        ({"value": "12:30"}, "not_a_number", "value"),
        ({"value": "-5"}, "negative_count", "value"),
        ({"indicator": "调解成功率", "unit": "%", "value": "100.1"}, "share_outside", "value"),
        ({"indicator": "调解成功率", "unit": "%", "value": "-0.1"}, "share_outside", "value"),
        ({"year": "22"}, "no_such_year", "year"),
        ({"year": "2022.0"}, "no_such_year", "year"),
        ({"year": "1948"}, "no_such_year", "year"),
        ({"year": "2024"}, "year_after_publication", "year"),
        ({"period": "anual"}, "unknown_word", "period"),
        ({"bound": "超"}, "unknown_word", "bound"),
        ({"access": "web"}, "unknown_word", "access"),
        ({"simulated": "1"}, "unknown_word", "simulated"),
        ({"unit": "万元"}, "unknown_unit", "unit"),
        ({"unit": ""}, "unknown_unit", "unit"),
        ({"indicator": "城镇新增就业人口"}, "unknown_indicator", "indicator"),
        ({"region_code": "449900"}, "unknown_region", "region_code"),
        ({"region": "广州市"}, "region_differs", "region"),
        ({"published": ""}, "no_vintage", "published"),
        ({"published": "2023-13"}, "no_vintage", "published"),
        ({"published": "2023-02-30"}, "no_vintage", "published"),
        ({"published": "2023/1/18"}, "no_vintage", "published"),
    ],
)
def test_a_fault_of_a_row_names_its_line_and_column(written, change, key, column):
    found = problems(written({"year": "2021"}, change), PLAN)
    assert [(p.key, p.where) for p in found] == [(key, f"figures.csv:3 {column}")]


@pytest.mark.parametrize(
    ("change", "closest"),
    [
        ({"indicator": "城镇新增就业人口"}, "城镇新增就业人数"),
        ({"period": "anual"}, "annual"),
        ({"region_code": "44010"}, "440100"),
    ],
)
def test_a_misspelling_is_answered_with_the_closest_known_word(written, change, closest):
    (problem,) = problems(written(change), PLAN)
    assert closest in problem.fix


def test_an_indicator_like_no_other_is_to_be_registered(written):
    (problem,) = problems(written({"indicator": "zzzz"}), PLAN)
    assert "series.yml" in problem.fix


def test_a_growth_rate_may_be_negative_and_a_share_may_be_all(written):
    path = written(
        {"indicator": "参保人数增长率", "unit": "%", "value": "-4.2"},
        {"indicator": "调解成功率", "unit": "%", "value": "100"},
    )
    assert list(read_observations(path, PLAN)["value"]) == [-4.2, 100]


def test_registered_series_are_known_beside_the_plan(written):
    path = written({"indicator": "常住人口", "value": "12656.8", "period": "year_end"})
    assert read_observations(path, PLAN)["unit"].item() == "万人"


def test_five_faults_in_one_row_are_five_problems(written):
    row = {"value": "x", "year": "y", "period": "z", "region_code": "0", "published": ""}
    assert len(problems(written(row), PLAN)) == 5


def test_one_figure_entered_twice_is_a_problem_that_names_the_first(written):
    (problem,) = problems(written({}, {"year": "2021"}, {"value": "133"}))
    assert (problem.key, problem.where) == ("duplicate_key", "figures.csv:F4")
    assert "figures.csv:F2" in problem.found


@pytest.mark.parametrize(
    "change", [{"source": "统计公报"}, {"published": "2024-01-18"}, {"period": "year_end"}]
)
def test_another_publisher_vintage_or_period_is_no_duplicate(written, change):
    assert len(read_observations(written({}, change))) == 2


@given(
    value=st.text(st.sampled_from("0123456789.,:-约超%xe "), max_size=6),
    year=st.sampled_from(["2021", "2022", "22", "二〇二二", "９９９９", ""]),
    published=st.sampled_from(["2023", "2023-01", "2023-00", "2023-01-32", "0000", ""]),
    unit=st.sampled_from(["万人", "人", "亿人", "%", ""]),
)
@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_row_is_either_read_with_a_number_or_named(written, value, year, published, unit):
    path = written({"value": value, "year": year, "published": published, "unit": unit})
    try:
        row = read_observations(path, PLAN).iloc[0]
    except ProblemError as error:
        assert all(p.where.startswith("figures.csv:2 ") for p in error.problems)
    else:
        assert row["low"] <= row["value"] <= row["high"]


# --- what was known when ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "years"),
    [
        ("2021", []),
        ("2022", [2021]),
        ("2023-01", [2021]),
        ("2023-02", [2021, 2022]),
        ("2022-01-31", []),
        (date(2022, 2, 1), [2021]),
        (2023, [2021, 2022]),
    ],
)
def test_only_figures_known_on_the_day_are_seen(when, years):
    frame = observed({"year": 2021, "raw": "62"}, {"year": 2022, "raw": "64"})
    assert list(as_of(frame, when)["year"]) == years


@pytest.mark.parametrize("when", ["202", "2024-13", "2024-02-30", "去年", ""])
def test_a_day_that_cannot_be_read_is_a_problem(when):
    with pytest.raises(ProblemError):
        as_of(observed({"year": 2021, "raw": "62"}), when)


# --- which figure answers --------------------------------------------------------------------


def chosen(*rows: dict) -> tuple[int, list[str]]:
    """Position of the winner and the rules of the losers."""
    frame = choose(observed(*({"year": 2022, "raw": "62", **row} for row in rows)))
    assert frame["used"].sum() == 1
    losers = frame[~frame["used"]]
    winner = frame[frame["used"]].iloc[0]
    assert set(losers["lost_to"]) <= {f"{winner['file']}!{winner['cell']}", ""}
    return int(np.flatnonzero(frame["used"])[0]), list(losers["rule"])


@pytest.mark.parametrize(
    ("loser", "winner", "word"),
    [
        ({"raw": "62", "bound": "at_least", "published": "2024-01-01"}, {"raw": "62.11"}, "单侧"),
        ({"raw": "62", "bound": "approx", "published": "2024-01-01"}, {"raw": "62.11"}, "约数"),
        ({"raw": "62.11"}, {"raw": "63", "bound": "at_least", "published": "2024-01-01"}, "更晚"),
        ({"period": "ytd", "month": 11.0, "access": "direct"}, {"access": "reprint"}, "全年"),
        ({"period": "ytd", "month": 6.0}, {"period": "ytd", "month": 9.0}, "更晚月份"),
        ({"access": "reprint", "published": "2024-01-01"}, {"access": "direct"}, "转载"),
        ({"raw": "62.11"}, {"raw": "62", "published": "2024-01-01"}, "更晚发布"),
        ({"raw": "62.11", "bound": "approx"}, {"raw": "62"}, "确切"),
        ({"raw": "62.11", "bound": "at_least"}, {"raw": "62", "bound": "approx"}, "确切"),
        ({"raw": "62"}, {"raw": "62.1"}, "精度"),
        ({"raw": "62", "bound": "at_most"}, {"raw": "62.1", "bound": "at_most"}, "精度"),
    ],
)
def test_one_figure_answers_for_a_year_by_the_stated_rule(loser, winner, word):
    for rows, place in (((loser, winner), 1), ((winner, loser), 0)):
        found, (rule,) = chosen(*rows)
        assert found == place
        assert word in rule


def test_equal_figures_are_decided_by_their_place_in_the_file():
    found, (rule,) = chosen({}, {"source": "另一来源"})
    assert found == 0
    assert rule == "与采用的数据重复"


def test_a_converted_figure_is_as_fine_as_it_was_printed(written):
    path = written(
        {"value": "1.3", "unit": "亿人", "source": "甲"},
        {"value": "13123", "unit": "万人", "source": "乙"},
        {"value": "131234567", "unit": "人", "source": "丙"},
    )
    frame = choose(read_observations(path, PLAN))
    assert list(frame["used"]) == [False, False, True]


def test_a_part_year_without_a_month_is_never_used_and_says_why():
    frame = choose(observed({"year": 2022, "raw": "62", "period": "ytd", "month": math.nan}))
    assert not frame["used"].any()
    assert frame["rule"].item() == "时段不明，无法采用"
    assert frame["lost_to"].item() == ""


def test_a_count_since_launch_meets_no_five_year_sum():
    frame = choose(
        observed(
            {"year": 2025, "raw": "1200", "period": "since_launch", "start": 2021.0},
            {"year": 2025, "raw": "600", "period": "cumulative", "start": 2021.0},
            {"year": 2025, "raw": "610", "period": "cumulative", "start": math.nan},
        )
    )
    assert list(frame["used"]) == [False, True, False]
    assert list(frame["lost_to"]) == ["", "", ""]
    assert "启动以来" in frame["rule"].iloc[0]
    assert "起始年不明" in frame["rule"].iloc[2]


def test_sums_compete_only_within_one_window():
    frame = choose(
        observed(
            {"year": 2021, "raw": "1500", "period": "cumulative", "start": 2012.0},
            {"year": 2021, "raw": "140", "period": "cumulative", "start": 2021.0},
            {"year": 2021, "raw": "141.2", "period": "cumulative", "start": 2021.0},
            {"year": 2021, "raw": "139"},
        )
    )
    assert list(frame["used"]) == [True, False, True, True]


def test_regions_and_indicators_do_not_compete():
    rows = ({"region": "440100"}, {"region": "440300"}, {"indicator": "指标2"})
    frame = choose(observed(*({"year": 2022, "raw": "62", **r} for r in rows)))
    assert frame["used"].all()


def test_nothing_to_choose_from_gives_the_same_columns():
    empty = choose(observed())
    assert list(empty.columns) == [*OBSERVATION_COLUMNS, "used", "lost_to", "rule"]
    assert empty.empty


_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "year": st.sampled_from([2021, 2022]),
            "raw": st.sampled_from(["62", "62.1", "63.25"]),
            "bound": st.sampled_from([b.value for b in Bound]),
            "access": st.sampled_from(["direct", "reprint"]),
            "published": st.sampled_from(["2022-03-01", "2023-03-01", "2024-03-01"]),
            "period": st.sampled_from(["annual", "ytd", "cumulative", "since_launch"]),
            "month": st.sampled_from([6.0, 9.0, math.nan]),
            "start": st.sampled_from([2021.0, math.nan]),
        }
    ).map(lambda r: {**r, "month": r["month"] if r["period"] == "ytd" else 12.0}),
    min_size=1,
    max_size=8,
)


@given(rows=_ROWS, seed=st.randoms(use_true_random=False))
def test_the_choice_does_not_depend_on_the_order_of_rows(rows, seed):
    frame = observed(*rows)
    places = list(frame.index)
    seed.shuffle(places)
    straight, shuffled = choose(frame), choose(frame.loc[places])
    assert list(shuffled.index) == places
    pd.testing.assert_frame_equal(straight, shuffled.sort_index())


@given(rows=_ROWS, later=_ROWS)
def test_a_later_vintage_changes_no_earlier_choice(rows, later):
    before = observed(*rows)
    after = pd.concat(
        [before, observed(*({**r, "published": "2025-01-01"} for r in later))], ignore_index=True
    )
    pd.testing.assert_frame_equal(
        choose(as_of(before, "2024")), choose(as_of(after, "2024")), check_dtype=False
    )


@given(rows=_ROWS)
def test_every_row_is_kept_and_every_loser_says_why(rows):
    frame = observed(*rows)
    copy = frame.copy(deep=True)
    result = choose(frame)
    pd.testing.assert_frame_equal(frame, copy)
    pd.testing.assert_frame_equal(result[list(OBSERVATION_COLUMNS)], copy)
    assert ((result["rule"] == "") == result["used"]).all()
    assert (result.loc[result["used"], "lost_to"] == "").all()
    winners = set(result.loc[result["used"], "file"] + "!" + result.loc[result["used"], "cell"])
    assert set(result["lost_to"]) - {""} <= winners


@pytest.mark.parametrize("suffix", [".et", ".xlsb", ".xlsm", ".tsv", ".wps", ".XLSB"])
def test_a_table_beside_good_files_that_cannot_be_read_is_named(tmp_path, suffix):
    shutil.copytree(SHIPPED.parent, tmp_path / "figures")
    (tmp_path / "figures" / f"2024{suffix}").write_bytes(b"x")
    (tmp_path / "figures" / "README.md").write_text("said", "utf-8")
    with pytest.raises(ProblemError) as caught:
        read_observations(tmp_path / "figures", PLAN)
    assert [(p.key, p.where) for p in caught.value.problems] == [
        ("unreadable_file", f"2024{suffix}")
    ]
