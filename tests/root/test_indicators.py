"""Indicator math: published numbers, limits, properties, labels, and no harm to the arguments."""

from __future__ import annotations

import csv
import inspect
import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdplan import indicators as im
from gdplan.model import Reason, Scale
from gdplan.problems import ProblemError

NAN = math.nan
PUBLISHED = [
    row
    for row in csv.DictReader(
        (Path(__file__).parents[1] / "data" / "method_cases.csv").open(encoding="utf-8-sig")
    )
    if row["quantity"] == "growth_ratio"
]
QINGHAI = [0.0151, -0.0220, -0.0418]
YEARS = {"base_year": 2020.0, "year": 2023.0, "target_year": 2025.0}
positive = st.floats(0.01, 1e6)
number = st.floats(-1e6, 1e6).map(lambda x: round(x, 6))
growth = st.floats(-0.5, 0.5)
factor = st.sampled_from([0.0001, 0.01, 0.1, 10.0, 100.0, 10_000.0])

# One call of every public function on arrays of three series; years of a series on the last axis.
BASE, VALUE, TARGET = np.array([90.0, 4.0, 50.0]), np.array([93.0, 3.0, 40.0]), np.full(3, 95.0)
FLOWS = np.array([[1.0, 2.0], [3.0, NAN], [-1.0, 0.0]])
GROWTHS = np.array([[0.01, 0.02], [0.03, NAN], [-0.1, 0.0]])
LEFT = np.array([2.0, 0.0, -1.0])
CALLS = {
    "cumulative": ((FLOWS,), {}),
    "chained_growth": ((GROWTHS,), {}),
    "average_growth": ((GROWTHS,), {}),
    "annualized_growth": ((BASE, VALUE, LEFT), {}),
    "required_growth": ((VALUE, TARGET, LEFT), {}),
    "required_increment": ((VALUE, TARGET, LEFT), {}),
    "required_remaining_growth": ((GROWTHS, np.full(3, 0.3), np.full(3, 5.0)), {}),
    "elapsed_share": ((np.full(3, 2023.0), np.full(3, 2020.0), np.full(3, 2025.0)), {}),
    "linear_progress": ((BASE, VALUE, TARGET), {}),
    "geometric_progress": ((BASE, VALUE, TARGET), {}),
    "cumulative_progress": ((FLOWS, TARGET), {}),
    "pace": ((VALUE, LEFT), {}),
    "growth_ratio": ((-BASE, -VALUE, -TARGET), {**YEARS, "direction": np.array([1.0, -1.0, 1.0])}),
    "milestones": ((BASE, TARGET, 2020, 2025), {"path": [0.2, 0.4, 0.6, 0.8, 1.0]}),
}
SINGLE = {
    "why_not": ((90.0, 91.0, 90.0), {"scale": Scale.LINEAR}),
}
ELEMENTWISE = [
    "annualized_growth", "required_growth", "required_increment", "elapsed_share",
    "linear_progress", "geometric_progress", "cumulative_progress", "pace", "growth_ratio",
]  # fmt: skip


def same(a: object, b: object) -> bool:
    """Equal with nan equal to nan."""
    return bool(np.array_equal(np.asarray(a, float), np.asarray(b, float), equal_nan=True))


def close(a: object, b: object) -> bool:
    return bool(np.allclose(a, b, rtol=1e-6, atol=1e-9, equal_nan=True))


def ratio(base, value, target, direction=1, **years):
    return im.growth_ratio(base, value, target, direction=direction, **{**YEARS, **years})


# Published numbers


def test_the_worked_example_of_the_method_holds_to_the_printed_digit():
    chained = im.chained_growth(QINGHAI)
    needed = im.required_remaining_growth(QINGHAI, -0.17, 5)
    assert f"{chained:.2%}" == "-4.87%"
    assert f"{im.average_growth(QINGHAI):.2%}" == "-1.65%"
    assert f"{im.chained_growth([needed, needed]):.2%}" == "-12.75%"
    assert f"{needed:.2%}" == "-6.59%"
    assert f"{im.geometric_progress(1, 1 + chained, 1 - 0.17):.1%}" == "26.8%"
    assert im.elapsed_share(2008, 2005, 2010) == 0.6


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["case"])
def test_the_growth_ratio_is_the_published_one(row):
    given_names = ("base", "value", "target", "base_year", "year", "target_year")
    numbers = {name: float(row[name]) for name in given_names}
    found = im.growth_ratio(**numbers, direction=int(row["direction"]))
    assert found == pytest.approx(float(row["expected"]), abs=1e-9, rel=1e-9)


def test_there_are_published_growth_ratios_to_compare_with():
    assert len(PUBLISHED) == 20
    assert {row["direction"] for row in PUBLISHED} == {"1", "-1"}


def test_half_of_the_time_and_more_than_half_of_the_sum_is_a_pace_above_one():
    progress = im.cumulative_progress([39.6, 41.3, 14.5], 110)
    assert progress == pytest.approx(95.4 / 110)
    assert round(im.pace(progress, 0.5), 2) == 1.73


def test_new_jobs_of_three_years_are_ahead_of_the_schedule():
    progress = im.cumulative_progress([140.33, 132, 139.3], 550)
    assert f"{progress:.1%}" == "74.8%"
    assert im.elapsed_share(2023, 2020, 2025) == pytest.approx(0.6)
    assert im.elapsed_share(2022.5, 2020, 2025) == 0.5


def test_a_yearly_average_as_target_means_the_same_as_its_total():
    total = 1.06**5 - 1
    by_total = im.required_remaining_growth([0.05, 0.04], total, 5)
    assert im.required_remaining_growth([0.05, 0.04], 0.06, 5, annual=True) == pytest.approx(
        by_total
    )
    assert im.required_remaining_growth([], total, 5) == pytest.approx(0.06)


def test_a_value_of_zero_is_a_fall_of_the_whole():
    assert im.annualized_growth(0.79, 0, 9) == -1
    assert im.annualized_growth(100, 0, 1) == -1


# Limits: nan where the formula means nothing, never inf, never a warning

MEANINGLESS = {
    "target equals base": (im.linear_progress, 90, 91, 90),
    "target equals base and value": (im.linear_progress, 90, 90, 90),
    "target equals base on the log scale": (im.geometric_progress, 90, 91, 90),
    "zero base on the log scale": (im.geometric_progress, 0, 91, 95),
    "zero value on the log scale": (im.geometric_progress, 90, 0, 95),
    "zero target on the log scale": (im.geometric_progress, 90, 80, 0),
    "all negative on the log scale": (im.geometric_progress, -90, -80, -70),
    "sum of a zero target": (im.cumulative_progress, 3, 0),
    "flows of a zero target": (im.cumulative_progress, [1, 2], 0),
    "pace at the start": (im.pace, 0.2, 0),
    "pace before the start": (im.pace, 0.2, -0.1),
    "no period": (im.elapsed_share, 2023, 2020, 2020),
    "period backwards": (im.elapsed_share, 2023, 2025, 2020),
    "growth over no years": (im.annualized_growth, 100, 110, 0),
    "growth over fewer than no years": (im.annualized_growth, 100, 110, -1),
    "growth from zero": (im.annualized_growth, 0, 110, 2),
    "growth from zero to zero": (im.annualized_growth, 0, 0, 2),
    "growth from a loss": (im.annualized_growth, -100, -110, 1),
    "growth into a loss": (im.annualized_growth, 100, -110, 1),
    "growth over unknown years": (im.annualized_growth, 100, 100, NAN),
    "required growth over no years": (im.required_growth, 100, 110, 0),
    "increment over no years": (im.required_increment, 100, 110, 0),
    "no year left": (im.required_remaining_growth, [0.1, 0.1], 0.3, 2),
    "everything lost": (im.required_remaining_growth, [-1.0, 0.1], 0.3, 5),
    "target below nothing": (im.required_remaining_growth, [0.1], -1.5, 5),
    "yearly target below nothing": (lambda *a: im.required_remaining_growth(*a, annual=True),
                                    [0.1], -1.5, 4),
    "average of no year": (im.average_growth, []),
    "average of a negative product": (im.average_growth, [-1.5, 0.2]),
    "ratio from zero": (ratio, 0, 1, 2),
    "ratio to the base": (ratio, 90, 91, 90),
    "ratio over a change of sign": (ratio, 90, -91, 95),
}  # fmt: skip


@pytest.mark.parametrize("case", MEANINGLESS.values(), ids=MEANINGLESS.keys())
def test_what_means_nothing_is_nan(case):
    function, *arguments = case
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert math.isnan(function(*arguments))
        arrays = [np.array([a, a], float) for a in arguments]
        if function not in (im.average_growth, im.cumulative_progress):
            arrays = arrays if np.ndim(arguments[0]) == 0 else [arrays[0], *arguments[1:]]
            assert np.isnan(function(*arrays)).all()


def test_ratio_over_no_years_is_nan():
    assert math.isnan(ratio(90, 91, 95, year=2020))
    assert math.isnan(ratio(90, 91, 95, target_year=2019))


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_one_unknown_argument_makes_the_result_unknown(name):
    arguments, choices = CALLS[name]
    scalars = [3.0, 4.0] if name == "cumulative_progress" else [float(a[0]) for a in arguments]
    choices = choices and {**choices, "direction": 1}
    assert not math.isnan(getattr(im, name)(*scalars, **choices))
    for i in range(len(scalars)):
        holed = [NAN if i == k else a for k, a in enumerate(scalars)]
        assert math.isnan(getattr(im, name)(*holed, **choices))


@pytest.mark.parametrize("name", ["cumulative", "chained_growth", "average_growth"])
def test_a_missing_year_is_never_skipped(name):
    out = getattr(im, name)([[0.1, 0.2], [0.1, NAN]])
    assert np.isnan(out).tolist() == [False, True]


def test_a_missing_growth_or_target_leaves_the_remainder_unknown():
    assert math.isnan(im.required_remaining_growth([0.1, NAN], 0.3, 5))
    assert math.isnan(im.required_remaining_growth([0.1, 0.1], NAN, 5))
    assert math.isnan(im.required_remaining_growth([0.1, 0.1], 0.3, NAN))


def test_bounds_without_an_end_keep_their_side():
    assert im.linear_progress(90, math.inf, 95) == math.inf
    assert im.geometric_progress(90, math.inf, 95) == math.inf
    assert im.cumulative_progress(math.inf, 550) == math.inf


# Kinds and labels


@pytest.mark.parametrize("name", CALLS)
def test_no_function_changes_its_arguments_or_warns(name):
    arguments, choices = CALLS[name]
    given_copy = [np.array(a) for a in (*arguments, *choices.values())]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out = getattr(im, name)(*arguments, **choices)
    for before, after in zip(given_copy, (*arguments, *choices.values()), strict=True):
        assert same(before, after)
        assert not np.shares_memory(out, np.asarray(after))


@pytest.mark.parametrize("name", CALLS)
def test_arguments_that_cannot_be_written_are_good_enough(name):
    arguments, choices = CALLS[name]
    frozen = [np.array(a) if isinstance(a, np.ndarray) else a for a in arguments]
    for a in frozen:
        if isinstance(a, np.ndarray):
            a.flags.writeable = False
    assert same(getattr(im, name)(*frozen, **choices), getattr(im, name)(*arguments, **choices))


def test_every_public_function_is_in_this_harness():
    public = {
        name
        for name, f in inspect.getmembers(im, inspect.isfunction)
        if f.__module__ == im.__name__ and not name.startswith("_")
    }
    assert public == set(CALLS) | set(SINGLE)
    assert all(getattr(im, name).__doc__ for name in public)


@pytest.mark.parametrize("name", CALLS)
def test_data_may_be_named_or_in_order(name):
    arguments, choices = CALLS[name]
    function = getattr(im, name)
    names = list(inspect.signature(function).parameters)
    named = dict(zip(names, arguments, strict=False))
    assert same(function(**named, **choices), function(*arguments, **choices))


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_scalars_arrays_and_series_agree(name):
    arguments, choices = CALLS[name]
    if name == "cumulative_progress":
        arguments = (FLOWS[:, 0], TARGET)
    function = getattr(im, name)
    array = function(*arguments, **choices)
    assert type(array) is np.ndarray and array.shape == (3,)
    labels = ["广州", "深圳", "韶关"]
    series = function(*(pd.Series(a, labels) for a in arguments), **choices)
    assert isinstance(series, pd.Series) and list(series.index) == labels
    assert same(series, array)
    for i in range(3):
        at = {k: v[i] if np.ndim(v) else v for k, v in choices.items()}
        one = function(*(float(a[i]) for a in arguments), **at)
        assert type(one) is float and close(one, array[i])


def test_arguments_are_broadcast():
    assert im.linear_progress(90, [91, 92], 95).tolist() == [0.2, 0.4]
    assert im.linear_progress(90, [[91], [92]], [95, 100]).shape == (2, 2)
    assert im.required_remaining_growth([[0.1], [0.2]], 0.3, [5, 6]).shape == (2,)
    shares = im.pace(pd.Series([0.2, 0.4], ["a", "b"]), 0.5)
    assert shares.to_dict() == {"a": 0.4, "b": 0.8}


def test_integers_text_free_objects_and_missing_marks_are_read_as_numbers():
    assert im.cumulative([1, 2, 3]) == 6
    assert im.cumulative(np.array([1, 2], dtype=np.int32)) == 3
    assert math.isnan(im.linear_progress(90, None, 95))
    assert same(im.pace(pd.Series([1, None], dtype="Float64"), 0.5), [2.0, NAN])


def test_series_are_matched_by_label_and_not_by_position():
    base = pd.Series({"广州": 90.0, "深圳": 80.0})
    target = pd.Series({"深圳": 100.0, "广州": 95.0})
    out = im.linear_progress(base, value=pd.Series({"广州": 91.0, "深圳": 90.0}), target=target)
    assert out.to_dict() == {"广州": pytest.approx(0.2), "深圳": 0.5}
    assert list(im.pace(target, elapsed=base).index) == ["深圳", "广州"]


@pytest.mark.parametrize("other", [["a", "c"], ["a", "a"], ["a", "b", "c"]])
def test_series_of_other_or_repeated_labels_are_refused(other):
    left = pd.Series([1.0, 2.0], ["a", "b"])
    right = pd.Series(1.0, other)
    with pytest.raises(ProblemError, match="labels"):
        im.pace(left, right)


def test_a_table_of_years_gives_a_series_of_its_rows():
    table = pd.DataFrame([[1.0, 2.0], [3.0, 4.0]], index=["a", "b"], columns=[2021, 2022])
    assert im.cumulative(table).to_dict() == {"a": 3.0, "b": 7.0}
    share = im.cumulative_progress(table, pd.Series({"b": 14.0, "a": 6.0}))
    assert share.to_dict() == {"a": 0.5, "b": 0.5}
    assert im.pace(table, 2).loc["b", 2022] == 2.0
    swapped = table[[2022, 2021]]
    assert im.pace(table, swapped).to_numpy().tolist() == [[1, 1], [1, 1]]


def test_a_table_and_a_series_are_not_mixed_where_rows_and_columns_could_be_confused():
    table = pd.DataFrame([[1.0, 2.0], [3.0, 4.0]], index=["a", "b"])
    with pytest.raises(ProblemError, match="labels"):
        im.pace(table, pd.Series([1.0, 2.0], ["a", "b"]))


def test_growths_of_one_region_give_one_number_and_not_a_series():
    yearly = pd.Series(QINGHAI, [2006, 2007, 2008])
    assert type(im.chained_growth(yearly)) is float
    several = im.required_remaining_growth(yearly, np.array([-0.17, -0.2, -0.1]), 5)
    assert type(several) is np.ndarray
    targets = pd.Series([-0.17, -0.2], ["a", "b"])
    assert list(im.required_remaining_growth(yearly, targets, 5).index) == ["a", "b"]


@pytest.mark.parametrize("direction", [0, 2, NAN, [1, 0, 1]])
def test_a_direction_is_up_or_down(direction):
    with pytest.raises(ProblemError, match="direction"):
        ratio(90, 91, 95, direction=direction)


# Properties


@given(base=number, value=number, target=number, unit=factor)
def test_a_change_of_unit_changes_no_progress(base, value, target, unit):
    plain = im.linear_progress(base, value, target)
    if abs(target - base) > 1e-3:
        assert close(im.linear_progress(base * unit, value * unit, target * unit), plain)


@given(base=positive, value=positive, target=positive, unit=factor)
def test_a_change_of_unit_changes_no_growth(base, value, target, unit):
    scaled = (base * unit, value * unit, target * unit)
    assert close(im.annualized_growth(*scaled[:2], 3), im.annualized_growth(base, value, 3))
    if abs(math.log(target / base)) > 1e-3:
        assert close(im.geometric_progress(*scaled), im.geometric_progress(base, value, target))
        assert close(ratio(*scaled), ratio(base, value, target))


@given(base=number, value=number, target=number)
def test_a_mirrored_direction_mirrors(base, value, target):
    plain = im.linear_progress(base, value, target)
    assert same(im.linear_progress(-base, -value, -target), plain)
    up, down = ratio(base, value, target), ratio(base, value, target, direction=-1)
    assert same(up, np.negative(down))
    assert same(ratio(-base, -value, -target), np.negative(up) if base else up)


@given(base=positive, value=positive, target=positive)
def test_progress_on_the_geometric_scale_is_linear_progress_of_logarithms(base, value, target):
    if abs(math.log(target / base)) > 1e-3:
        logs = (math.log(x) for x in (base, value, target))
        found = im.geometric_progress(base, value, target)
        assert found == pytest.approx(im.linear_progress(*logs), rel=1e-6, abs=1e-9)


@given(base=positive, value=positive, target=positive)
def test_ratio_and_progress_agree_on_the_side(base, value, target):
    progress = im.geometric_progress(base, value, target)
    toward = 1 if target > base else -1
    if min(abs(math.log(target / base)), abs(math.log(value / base))) > 1e-6:
        assert np.sign(ratio(base, value, target, toward)) == np.sign(progress)


@given(base=number, target=number)
def test_progress_is_zero_at_the_base_and_one_at_the_target(base, target):
    if base != target:
        assert im.linear_progress(base, base, target) == 0
        assert im.linear_progress(base, target, target) == 1
    if min(base, target) > 0 and abs(target / base - 1) > 1e-9:
        assert im.geometric_progress(base, base, target) == 0
        assert im.geometric_progress(base, target, target) == 1


@given(value=positive, target=positive, years=st.integers(1, 10))
def test_growing_as_required_arrives(value, target, years):
    rate = im.required_growth(value, target, years)
    # A rate near -1 has lost the digits of what is left: the error counts against the larger.
    larger = max(value, target)
    assert value * (1 + rate) ** years == pytest.approx(target, abs=1e-12 * larger * years)
    step = im.required_increment(value, target, years)
    assert value + years * step == pytest.approx(target, abs=1e-12 * larger)


@given(g=st.lists(growth, max_size=4), total=st.floats(-0.9, 3))
def test_growing_as_still_required_reaches_the_chained_target(g, total):
    needed = im.required_remaining_growth(g, total, 5)
    assert im.chained_growth(g + [needed] * (5 - len(g))) == pytest.approx(total, abs=1e-9)


@given(g=st.lists(growth, min_size=1, max_size=11))
def test_the_average_growth_every_year_gives_the_chained_growth(g):
    same_every_year = [im.average_growth(g)] * len(g)
    assert im.chained_growth(same_every_year) == pytest.approx(im.chained_growth(g), abs=1e-9)
    assert im.annualized_growth(1, 1 + im.chained_growth(g), len(g)) == pytest.approx(
        im.average_growth(g), abs=1e-9
    )


# Milestones

finite = st.floats(allow_nan=False, allow_infinity=False)
path = st.sampled_from(["linear", "geometric", "cumulative", [0.1, 0.3, 0.5, 0.9, 1]])


@given(base=finite, target=finite, path=path)
def test_milestones_end_on_the_target_to_the_bit(base, target, path):
    steps = im.milestones(base, target, 2020, 2025, path=path)
    assert steps.shape == (5,)
    if path == "geometric" and min(base, target) <= 0:
        assert np.isnan(steps).all()
    else:
        assert np.float64(steps[-1]).tobytes() == np.float64(target).tobytes()


@given(base=positive, target=positive, path=path)
def test_milestones_never_turn_back(base, target, path):
    start = 0.0 if path == "cumulative" else base
    steps = np.diff([start, *im.milestones(base, target, 2020, 2025, path=path)])
    assert (steps * np.sign(target - start) >= -1e-9 * max(base, target)).all()


@given(base=number, target=number)
def test_a_fifth_of_the_way_each_year_is_the_linear_path(base, target):
    declared = im.milestones(base, target, 2020, 2025, path=[0.2, 0.4, 0.6, 0.8, 1])
    assert close(declared, im.milestones(base, target, 2020, 2025, path="linear"))


def test_paths_between_the_ends_follow_their_formula():
    assert im.milestones(90, 95, 2020, 2025, path="linear").tolist() == [91, 92, 93, 94, 95]
    assert im.milestones(7, 550, 2020, 2025, path="cumulative").tolist() == [
        110, 220, 330, 440, 550,
    ]  # fmt: skip
    assert close(im.milestones(100, 121, 2020, 2022, path="geometric"), [110, 121])
    assert im.milestones(0, 3.3, 2020, 2023, path=(0.5, 1, 1)).tolist() == [1.65, 3.3, 3.3]
    assert im.milestones(0, 1, 2020, 2022, path=np.array([0.5, 1])).tolist() == [0.5, 1]


def test_a_cumulative_path_needs_no_base():
    assert im.milestones(NAN, 10, 2020, 2022, path="cumulative").tolist() == [5, 10]
    assert np.isnan(im.milestones(NAN, 10, 2020, 2022, path="linear")).all()
    assert np.isnan(im.milestones(1, NAN, 2020, 2022, path="cumulative")).all()


def test_many_milestones_at_once_are_those_of_each():
    for kind in ("linear", "geometric", "cumulative"):
        many = im.milestones(BASE, TARGET, 2020, 2025, path=kind)
        each = [im.milestones(b, t, 2020, 2025, path=kind) for b, t in zip(BASE, TARGET)]  # noqa: B905
        assert many.shape == (3, 5) and same(many, each)


@pytest.mark.parametrize(
    ("years", "path", "keys", "word"),
    [
        ((2020, 2025), "linaer", ["path"], "linear"),
        ((2020, 2025), [0.5, 1], ["path"], "5"),
        ((2020, 2022), [0.5, 0.9], ["path"], "0.9"),
        ((2020, 2022), [NAN, 1], ["path"], "nan"),
        ((2020, 2020), "linear", ["years"], "2020"),
        ((2025, 2020), [1.0], ["years"], "2020"),
        ((2025, 2020), "geometrical", ["years", "path"], "geometric"),
    ],
)
def test_wrong_years_and_paths_are_named_together(years, path, keys, word):
    with pytest.raises(ProblemError, match=word) as error:
        im.milestones(0, 1, *years, path=path)
    assert [p.key for p in error.value.problems] == keys


# Reasons


@pytest.mark.parametrize(
    ("numbers", "choices", "reason"),
    [
        ((90, 91, 95), {"scale": Scale.LINEAR}, None),
        ((90, 91, 95), {"scale": Scale.GEOMETRIC}, None),
        ((90, 91, 90), {"scale": Scale.LINEAR}, Reason.TARGET_EQUALS_BASE),
        ((90, 91, 90), {"scale": Scale.GEOMETRIC}, Reason.TARGET_EQUALS_BASE),
        ((0, 91, 95), {"scale": Scale.GEOMETRIC}, Reason.NOT_POSITIVE),
        ((0, 91, 95), {"scale": Scale.LINEAR}, None),
        ((-90, 91, 95), {"scale": Scale.GEOMETRIC}, Reason.SIGN_CHANGE),
        ((-90, -80, -70), {"scale": Scale.GEOMETRIC}, Reason.NOT_POSITIVE),
        ((NAN, 91, 95), {"scale": Scale.LINEAR}, Reason.NO_BASE),
        ((90, NAN, 95), {"scale": Scale.LINEAR}, Reason.NO_DATA),
        ((90, 91, NAN), {"scale": Scale.LINEAR}, Reason.NO_TARGET_NUMBER),
        ((90, math.inf, math.inf), {"scale": Scale.LINEAR}, Reason.UNBOUNDED),
        ((NAN, 91, 0), {"scale": Scale.LINEAR, "cumulative": True}, Reason.TARGET_ZERO),
        ((NAN, 91, 550), {"scale": Scale.LINEAR, "cumulative": True}, None),
        ((NAN, NAN, 550), {"scale": Scale.LINEAR, "cumulative": True}, Reason.NO_DATA),
    ],
)
def test_each_unknown_progress_has_one_reason(numbers, choices, reason):
    assert im.why_not(*numbers, **choices) is reason


anything = st.one_of(st.sampled_from([0.0, 1.0, -1.0, 90.0, NAN, math.inf, -math.inf]), number)


@given(base=anything, value=anything, target=anything)
def test_a_reason_is_given_exactly_when_progress_is_nan(base, value, target):
    known = {
        Scale.LINEAR: im.linear_progress(base, value, target),
        Scale.GEOMETRIC: im.geometric_progress(base, value, target),
    }
    for scale, progress in known.items():
        reason = im.why_not(base, value, target, scale=scale)
        assert (reason is not None) == math.isnan(progress)
    reason = im.why_not(base, value, target, scale=Scale.LINEAR, cumulative=True)
    assert (reason is not None) == math.isnan(im.cumulative_progress(value, target))
