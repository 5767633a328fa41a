"""Scenarios from small plans worked out by hand, and their properties."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from frames import PROVINCE, indicator, observed, plan, yearly
from hypothesis import assume, given
from hypothesis import strategies as st
from scenariofiles import FLOWS, WAVY, scenario
from thoroughness import end_to_end

from gdplan.model import Kind, Reason, Scale
from gdplan.problems import ProblemError
from gdplan.scenarios import drivers, fan_charts
from gdplan.scenarios import run as scenario_run
from gdplan.scenarios import table as scenario_table


def run(item, rows, default, **options):
    items = item if isinstance(item, (list, tuple)) else [item]
    found = options.pop("found", None) or [scenario(default, **options.pop("spec", {}))]
    settings_ = {"regions": [PROVINCE], "year": 2023, "seed": 1, "draws": 4000} | options
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return scenario_run.run(plan(*items), rows, found, **settings_)


def outcome(item, rows, default, **options):
    return run(item, rows, default, **options).outcomes.iloc[0]


def path(item, rows, default, **options):
    frame = run(item, rows, default, **options).paths
    return frame[(frame["indicator"] == "1") & (frame["statistic"] == "path")]["value"].tolist()


def walk(*steps: float, years: tuple[int, ...] = (), ratio: tuple[float, ...] = ()):
    """Mean step as far as it is trusted, deviation and worth, as METHOD 5 and decision 031 have it:
    weights 0.85 to the power of the age, half of the squared error taken from the trust."""
    years = years or (1,) * len(steps)
    ratio = ratio or (1.0,) * len(steps)
    ages = [sum(years[i + 1 :]) for i in range(len(steps))]
    weights = [0.85**age for age in ages]
    total = sum(w * g for w, g in zip(weights, years, strict=True))
    mean = sum(w * d for w, d in zip(weights, steps, strict=True)) / total
    left = [(d - mean * g) ** 2 / g * r
            for d, g, r in zip(steps, years, ratio, strict=True)]  # fmt: skip
    k = len(steps)
    spread = sum(w * e for w, e in zip(weights, left, strict=True)) / sum(weights) * k / (k - 1)
    worth = total**2 / sum(w**2 * g for w, g in zip(weights, years, strict=True))
    trust = mean**2 / (mean**2 + 0.5 * spread / worth)
    return trust * mean, spread**0.5, worth


PACE, DEVIATION, WORTH = walk(3, 2, 5)
FLOW_PACE = walk(4, 4, -2, 10)[0]
CUMULATIVE = indicator(base="500", target="[550]")
GROWING = indicator(scale=Scale.GEOMETRIC)
RATE = indicator(base="—", target="年均增长5%", unit="%", kind=Kind.of("rate"))


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        ({"kind": "trend"}, [70 + PACE, 70 + 2 * PACE]),
        ({"kind": "target"}, [75, 80]),
        ({"kind": "rate", "growth": 10}, [77, 84.7]),
        ({"kind": "increment", "step": -2}, [68, 66]),
        ({"kind": "fixed", "value": 71}, [71, 71]),
        ({"kind": "fixed"}, [70, 70]),
        ({"kind": "halt"}, [70 + PACE, 70 + 2 * PACE]),
        ({"kind": "shock", "drop": 10, "recover": 2}, [63, 66.5]),
        ({"kind": "shock", "drop": 10, "recover": 1}, [63, 70]),
        ({"kind": "shock", "drop": 10, "recover": 1, "after": "trend"},
         [0.9 * (70 + PACE), 70 + 2 * PACE]),
        ({"kind": "best", "years": 1}, [75, 80]),
        ({"kind": "best", "years": 2}, [73.5, 77]),
    ],
)  # fmt: skip
def test_paths_of_a_level_by_hand(default, expected):
    rows = yearly({k: v for k, v in WAVY.items() if k > 2020})
    assert path(indicator(), rows, default) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        ({"kind": "trend"}, [330 + 116 + FLOW_PACE, 330 + 232 + 3 * FLOW_PACE]),
        ({"kind": "target"}, [440, 550]),
        ({"kind": "rate", "growth": 10}, [330 + 127.6, 330 + 127.6 + 140.36]),
        ({"kind": "fixed", "value": 100}, [430, 530]),
        # The best two years bring 111 each; the trend brings more.
        ({"kind": "best", "years": 2}, [330 + 116 + FLOW_PACE, 330 + 232 + 3 * FLOW_PACE]),
        ({"kind": "shock", "drop": 50, "recover": 1}, [330 + 58, 330 + 58 + 116]),
    ],
)  # fmt: skip
def test_flows_are_summed_with_what_is_known(default, expected):
    assert path(CUMULATIVE, yearly(FLOWS), default) == pytest.approx(expected)


def test_a_geometric_path_works_on_logarithms():
    rows = yearly({2021: "66", 2022: "72.6", 2023: "79.86"})
    # The trend goes on by its mean step, 6.6 and 7.26 and before them 6 from the base of 60.
    level = [79.86 / middle for middle in (63, 69.3, 76.23)]
    pace = walk(6, 6.6, 7.26, ratio=tuple(level))[0]
    assert path(GROWING, rows, {"kind": "trend"}) == pytest.approx([79.86 + pace, 79.86 + 2 * pace])
    down = yearly({2021: "60", 2022: "50", 2023: "40"})
    pace = walk(0, -10, -10, ratio=tuple(40 / middle for middle in (60, 55, 45)))[0]
    assert path(GROWING, down, {"kind": "trend"}) == pytest.approx(
        [40 * math.exp(pace / 40), 40 * math.exp(2 * pace / 40)]
    )
    need = indicator(scale=Scale.GEOMETRIC, target="120")
    required = path(need, rows, {"kind": "target"})
    assert required == pytest.approx([(79.86 * 120) ** 0.5, 120])


def test_growth_is_chained_and_the_required_growth_ends_on_the_target():
    rows = yearly({2021: "4", 2022: "5", 2023: "6"}, unit="%")
    row = outcome(RATE, rows, {"kind": "target"})
    assert row["central"] == pytest.approx(5) and row["gap"] == 0
    row = outcome(RATE, rows, {"kind": "rate", "growth": 3})
    factor = 1.04 * 1.05 * 1.06 * 1.03**2
    assert row["central"] == pytest.approx(100 * (factor**0.2 - 1))
    # What is needed a year from now on: (1.05^5 / 1.15752)^(1/2), less the 3 % of the path.
    needed = 100 * ((1.05**5 / (1.04 * 1.05 * 1.06)) ** 0.5 - 1)
    assert row["extra_growth"] == pytest.approx(needed - 3)


def test_a_falling_indicator_is_mirrored():
    item = indicator(base="10", target="4", direction=-1)
    rows = yearly({2021: "9", 2022: "8.5", 2023: "7"})
    assert path(item, rows, {"kind": "shock", "drop": 10, "recover": 1}) == pytest.approx([7.7, 7])
    assert path(item, rows, {"kind": "best", "years": 1}) == pytest.approx([5.5, 4])
    worse = yearly({2021: "10.5", 2022: "11.5", 2023: "12"})
    assert path(item, worse, {"kind": "halt"}) == [12, 12]


@pytest.mark.parametrize("kind", ["trend", "halt"])
def test_one_step_alone_is_no_trend(kind):
    row = outcome(indicator(base="—"), yearly({2022: "69", 2023: "70"}), {"kind": kind})
    assert math.isnan(row["central"]) and row["reason"] == "few_points"


def test_a_shock_on_a_trend_that_is_not_known_has_the_trends_reason():
    shock = {"kind": "shock", "drop": 10, "recover": 1, "after": "trend"}
    row = outcome(indicator(base="—"), yearly({2022: "69", 2023: "70"}), shock)
    assert math.isnan(row["central"]) and row["reason"] == "few_points"


def test_a_shock_takes_a_share_off_what_growth_makes_and_off_a_geometric_level():
    shock = {"kind": "shock", "drop": 2, "recover": 2}
    rows = yearly({2021: "6", 2022: "5", 2023: "4"}, unit="%")
    factor = 1.06 * 1.05 * 1.04**3 * 0.99
    assert outcome(RATE, rows, shock)["central"] == pytest.approx(100 * (factor**0.2 - 1))
    # What has recovered by the target year costs it nothing.
    calm, gone = (outcome(RATE, rows, p)["central"] for p in (
        {"kind": "fixed"}, {"kind": "shock", "drop": 30, "recover": 1}))  # fmt: skip
    assert gone == pytest.approx(calm)
    assert path(GROWING, yearly(WAVY), shock) == pytest.approx([70 * 0.98, 70 * 0.99])
    gone = outcome(GROWING, yearly(WAVY), {"kind": "shock", "drop": 100, "recover": 1})
    assert math.isnan(gone["central"]) and gone["reason"].startswith("not_positive")


def test_a_required_path_from_or_to_nothing_on_a_geometric_scale_has_a_reason():
    rows = yearly({2021: "5", 2022: "3", 2023: "0"})
    row = outcome(indicator(scale=Scale.GEOMETRIC), rows, {"kind": "target"})
    assert math.isnan(row["central"]) and row["reason"].startswith("not_positive")
    fallen = yearly({2021: "-50", 2022: "-90", 2023: "-100"}, unit="%")
    total = outcome(RATE, fallen, {"kind": "target"})
    assert math.isnan(total["central"])


def test_a_best_pace_over_figures_that_are_not_positive_has_a_reason():
    rows = yearly({2021: "0", 2022: "3", 2023: "5"})
    row = outcome(indicator(scale=Scale.GEOMETRIC), rows, {"kind": "best", "years": 1})
    assert row["reason"].startswith("not_positive")


def test_best_flows_of_a_yearly_figure_are_its_best_mean():
    item = indicator(kind=Kind.of("annual"))
    # The best two years make 67.5; on at the trend is better.
    assert path(item, yearly(WAVY), {"kind": "best", "years": 2}) == pytest.approx(
        [70 + PACE, 70 + 2 * PACE]
    )
    falling = yearly({2020: "80", 2021: "78", 2022: "74", 2023: "60"})
    assert path(item, falling, {"kind": "best", "years": 2}) == [79, 79]
    gaps = yearly({2019: "55", 2021: "63", 2023: "70"})
    row = outcome(indicator(base="—", kind=Kind.of("annual")), gaps, {"kind": "best", "years": 2})
    assert row["reason"].startswith("no_pace")


def test_what_is_met_stays_and_says_so():
    row = outcome(indicator(), yearly({2021: "70", 2022: "79", 2023: "85"}), {"kind": "target"})
    assert row["central"] == 85 and "already_met" in row["reason"]
    row = outcome(CUMULATIVE, yearly({2021: "300", 2022: "200", 2023: "100"}), {"kind": "target"})
    assert row["central"] == 800 and "already_met" in row["reason"]


def test_crossing_gap_and_extra_effort_by_hand():
    rows = yearly(FLOWS)
    row = outcome(CUMULATIVE, rows, {"kind": "fixed", "value": 100})
    assert (row["gap"], row["extra"]) == pytest.approx((20, 10))
    assert math.isnan(row["crossing"]) and row["crossing_kind"] == ""
    row = outcome(CUMULATIVE, rows, {"kind": "fixed", "value": 100}, until=2027)
    assert (row["crossing"], row["crossing_kind"]) == (2026, "reached")
    floor = indicator(base="90", target=">60")
    lost = outcome(floor, yearly({2021: "80", 2022: "75", 2023: "66"}), {"kind": "trend"})
    assert (lost["crossing"], lost["crossing_kind"]) == (2024, "lost")
    slow = outcome(indicator(scale=Scale.GEOMETRIC), yearly({2021: "61", 2022: "63", 2023: "64"}),
                   {"kind": "fixed"})  # fmt: skip
    assert slow["extra_growth"] == pytest.approx(100 * ((80 / 64) ** 0.5 - 1))


TO_TARGET = {
    "level": (indicator(), 80.0, lambda x: x + 40),
    "geometric": (GROWING, 80.0, lambda x: x + 40),
    "sum": (CUMULATIVE, 550.0, lambda x: x + 70),
    "geometric sum": (indicator(base="500", target="[550]", scale=Scale.GEOMETRIC), 550.0,
                      lambda x: x + 70),
    "growth": (RATE, 5.0, lambda x: (x - 20) / 2),
}  # fmt: skip


@end_to_end(40)
@given(st.lists(st.integers(0, 39), min_size=4, max_size=6, unique=True),
       st.sampled_from(sorted(TO_TARGET)))  # fmt: skip
def test_a_scenario_on_the_required_path_has_its_median_on_the_target(values, kind):
    item, target, figure = TO_TARGET[kind]
    assume(np.ptp(np.diff(values)) > 0)  # steps that never vary have no spread
    years = range(2024 - len(values), 2024)
    rows = yearly({y: str(figure(v)) for y, v in zip(years, values, strict=True)}, unit=item.unit)
    row = outcome(item, rows, {"kind": "target"})
    assume("already_met" not in row["reason"] and not math.isnan(row["probability"]))
    assert row["median"] == pytest.approx(target, rel=2e-3)
    assert row["probability"] == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize(
    ("item", "values"),
    [
        (indicator(target="75"), (60, 63, 65, 66, 70)),
        (indicator(scale=Scale.GEOMETRIC, target="75"), (60, 63, 65, 66, 70)),
        (indicator(scale=Scale.GEOMETRIC, target="400"), (120, 150, 180, 230)),
        (indicator(scale=Scale.GEOMETRIC, target="<30", direction=-1), (100, 90, 60, 40)),
        (CUMULATIVE, (100, 104, 108, 106, 116)),
        (indicator(base="500", target="[1500]", scale=Scale.GEOMETRIC), (80, 99, 150, 180, 230)),
        (indicator(base="500", target="[300]", scale=Scale.GEOMETRIC), (150, 110, 90, 60)),
        (RATE, (5, 12, -6, 9, 1, 7)),
        (RATE, (-3, -1, -6, -2, -4)),
    ],
)  # fmt: skip
def test_going_on_as_before_says_what_the_outlook_says(item, values):
    from gdplan.assessment.assess import assess

    rows = yearly({2024 - len(values) + i: str(v) for i, v in enumerate(values)}, unit=item.unit)
    told = assess(plan(item), rows, region=PROVINCE, year=2023, targets=()).iloc[0]
    row = outcome(item, rows, {"kind": "trend"}, draws=100_000)
    assert row["probability"] == pytest.approx(told["reach"], abs=0.006)
    assert row["median"] == pytest.approx(told["outlook"], rel=2e-3)
    for mine, theirs in (("low80", "outlook_low80"), ("high80", "outlook_high80"),
                         ("low95", "outlook_low95"), ("high95", "outlook_high95")):  # fmt: skip
        width = told["outlook_high95"] - told["outlook_low95"]
        assert row[mine] == pytest.approx(told[theirs], abs=0.02 * width)


@end_to_end(25)
@given(st.floats(-20, 40), st.floats(0, 20), st.booleans(), st.booleans())
def test_more_growth_never_lowers_the_chance_when_larger_is_better(growth, more, summed, geometric):
    scale = Scale.GEOMETRIC if geometric else Scale.LINEAR
    item = indicator(base="500", target="[550]", scale=scale) if summed else indicator(scale=scale)
    rows = yearly(FLOWS if summed else WAVY)
    low, high = (outcome(item, rows, {"kind": "rate", "growth": g})["probability"]
                 for g in (growth, growth + more))  # fmt: skip
    assert high >= low


@end_to_end(15)
@given(st.sampled_from([0.0001, 0.1, 10.0, 10000.0]), st.sampled_from(list(Scale)),
       st.sampled_from(["trend", "target", "best"]))  # fmt: skip
def test_a_change_of_unit_keeps_the_chance(factor, scale, kind):
    default = {"kind": kind} | ({"years": 1} if kind == "best" else {})

    def chance(f):
        cells = {"base": f"{60 * f:.6f}", "target": f"{80 * f:.6f}"}
        item = indicator(scale=scale, **cells)
        return outcome(item, yearly({y: f"{float(v) * f:.6f}" for y, v in WAVY.items()}), default)

    assert chance(1.0)["probability"] == pytest.approx(chance(factor)["probability"], abs=0.0006)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [({}, Reason.NO_DATA), ({2023: "70"}, Reason.FEW_POINTS),
     ({2021: "60", 2022: "60", 2023: "60"}, Reason.CONSTANT),
     ({2021: "65"}, Reason.STALE), ({2021: "1e13", 2022: "2e13", 2023: "3e13"}, Reason.TOO_LARGE)],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["trend", "target", "fixed", "best"])
def test_a_degenerate_series_has_a_reason_and_no_number_to_believe(rows, reason, kind):
    default = {"kind": kind} | ({"years": 1} if kind == "best" else {})
    frame = yearly(rows) if rows else yearly({2019: "50"})
    row = outcome(indicator(), frame, default)
    assert math.isnan(row["probability"]) and math.isnan(row["median"])
    assert reason.value in row["reason"] or row["reason"] == Reason.NO_PACE
    result = run(indicator(), frame, default)
    assert np.isfinite(result.paths["value"]).all()


@pytest.mark.parametrize("values", [("0", "5", "6"), ("0", "0", "0"), ("-4", "5", "6")])
def test_zeros_and_negatives_on_a_geometric_scale_have_a_reason(values):
    rows = yearly(dict(zip((2021, 2022, 2023), values, strict=True)))
    row = outcome(GROWING, rows, {"kind": "trend"})
    assert math.isnan(row["central"]) and "not_positive" in row["reason"]
    path_to_zero = outcome(GROWING, yearly(WAVY), {"kind": "increment", "step": -60})
    assert math.isnan(path_to_zero["central"]) and "not_positive" in path_to_zero["reason"]


def test_every_outcome_without_a_chance_says_why():
    items = [indicator(), indicator("2", base="10:40:50", target="14:42:44", unit="—",
                                    kind=Kind.of("composition")), indicator("3")]  # fmt: skip
    result = run(items, yearly(WAVY), {"kind": "trend"}, regions=[PROVINCE, "440100"])
    unknown = result.outcomes[result.outcomes["probability"].isna()]
    assert len(unknown) == 5 and (unknown["reason"] != "").all()
    assert result.outcomes["reason"].iloc[1].startswith("not_projected")


def test_a_city_has_no_share_of_an_absolute_target_but_a_rate_holds_everywhere():
    rows = pd.concat([yearly({2020: "60", **WAVY}, region="440100"),
                      yearly(WAVY, region="440100", indicator="指标2", unit="%")])  # fmt: skip
    result = run([indicator(), indicator("2", unit="%")], rows, {"kind": "trend"},
                 regions=["440100"])  # fmt: skip
    count, share = result.outcomes.to_dict("records")
    assert math.isnan(count["probability"]) and "no_region_target" in count["reason"]
    assert 0 < share["probability"] < 1 and "province_target" in share["reason"]
    required = outcome(indicator(), rows, {"kind": "target"}, regions=["440100"])
    assert required["reason"].startswith("no_region_target")


def test_parts_follow_their_whole_down():
    items = [indicator("1", base="—", target="[550]"),
             indicator("2", base="—", target="[500]", whole="1")]  # fmt: skip
    rows = pd.concat([yearly(FLOWS), yearly({2021: "90", 2022: "99", 2023: "101"},
                                            indicator="指标2")])  # fmt: skip
    result = run(items, rows, None, found=[scenario(
        {"kind": "fixed", "value": 60}, paths={"2": {"kind": "fixed", "value": 90}})])  # fmt: skip
    assert result.outcomes["central"].tolist() == [330 + 120, 290 + 120]


def test_figures_with_one_side_only_are_no_steps_and_part_years_are_no_years():
    rows = observed({"year": 2020, "raw": "60"}, {"year": 2021, "raw": "63"},
                    {"year": 2022, "raw": "99", "bound": "at_least"}, {"year": 2023, "raw": "66"},
                    )  # fmt: skip
    pace = walk(3, 3, years=(1, 2))[0]
    assert path(indicator(), rows, {"kind": "trend"}) == pytest.approx([66 + pace, 66 + 2 * pace])
    part = observed({"year": 2023, "raw": "90", "period": "ytd", "month": 6.0})
    rows = pd.concat([yearly({2021: "63", 2022: "65"}), part])
    row = outcome(indicator(), rows, {"kind": "fixed"})
    assert (row["data_year"], row["central"]) == (2022, 65) and "one_year_old" in row["reason"]


def test_a_published_total_carries_on_with_the_last_flow():
    rows = observed({"year": 2022, "raw": "220", "period": "cumulative", "start": 2021.0},
                    {"year": 2021, "raw": "105"}, {"year": 2022, "raw": "115"})  # fmt: skip
    assert path(CUMULATIVE, rows, {"kind": "fixed"})[-1] == pytest.approx(220 + 3 * 115)
    alone = rows[rows["period"] == "cumulative"]
    row = outcome(CUMULATIVE, alone, {"kind": "fixed"})
    assert math.isnan(row["central"]) and row["reason"].startswith("no_data")
    assert path(CUMULATIVE, alone, {"kind": "target"}) == pytest.approx([330, 440, 550])


def test_since_leaves_older_figures_out_of_the_steps():
    assert path(indicator(), yearly({2010: "10", **WAVY}), {"kind": "trend"}, since=2021) == (
        pytest.approx([70 + walk(2, 5)[0], 70 + 2 * walk(2, 5)[0]]))  # fmt: skip


def test_a_declared_deviation_gives_a_chance_to_a_short_series():
    row = outcome(indicator(), yearly({2023: "70"}), {"kind": "fixed", "value": 80, "deviation": 2})
    assert row["probability"] == 0.5
    # Two years of N(0, 2^2): 1.2816 * 2 * sqrt(2).
    assert row["high80"] - row["median"] == pytest.approx(1.2816 * 2 * 2**0.5, rel=0.05)
    log = outcome(GROWING, yearly({2023: "70"}), {"kind": "fixed", "deviation": 10})
    # Of the last figure, and below it by the logarithm.
    assert log["high80"] / log["median"] == pytest.approx(1 + 1.2816 * 0.1 * 2**0.5, rel=0.02)
    assert log["low80"] / log["median"] == pytest.approx(math.exp(-1.2816 * 0.1 * 2**0.5), rel=0.02)


def test_the_tornado_and_its_shares_by_hand():
    result = run(indicator(), yearly(WAVY), {"kind": "rate", "growth": 10})
    found = {r["source"]: r for r in result.sensitivity.to_dict("records")}
    # The deviation of a year, walked for two years and a little wider than a random walk.
    s = DEVIATION
    assert found["shocks"]["high"] - found["shocks"]["low"] == pytest.approx(2 * s * 2**0.6)
    assert (found["parameter"]["low"], found["parameter"]["high"]) == pytest.approx(
        (70 * 1.09**2, 70 * 1.11**2)
    )
    assert math.isnan(found["parameter"]["share"])
    assert found["start"]["share"] + found["shocks"]["share"] == pytest.approx(1)
    trend = run(indicator(), yearly(WAVY), {"kind": "trend"}).sensitivity
    assert list(trend["source"]) == ["shocks", "estimate", "start"]
    half = trend.set_index("source").loc["estimate"]
    assert half["high"] - half["low"] == pytest.approx(2 * 2**1.1 * s / WORTH**0.5)


def test_a_last_figure_known_with_one_side_only_has_no_rounding_to_move():
    rows = pd.concat([yearly({k: v for k, v in WAVY.items() if k < 2023}),
                      yearly({2023: "70"}, bound="at_least")])  # fmt: skip
    found = run(indicator(), rows, {"kind": "fixed", "deviation": 1}).sensitivity
    assert list(found["source"]) == ["shocks"] and found["share"].tolist() == [1]


def test_the_regression_is_that_of_statsmodels():
    from statsmodels.api import OLS, add_constant

    x = {2016: 7.5, 2018: 6.8, 2020: 2.3, 2021: 8.0, 2022: 1.9, 2023: 4.8}
    y = {2016: 147.0, 2018: 147.6, 2020: 134.0, 2021: 140.3, 2022: 132.0, 2023: 139.3, 2024: 1.0}
    fitted = drivers.regress(y, {"gdp": x}, [{"gdp": 5.0}, {"gdp": 6.0}])
    model = OLS([y[t] for t in x], add_constant(list(x.values()))).fit()
    assert fitted.coefficients == pytest.approx(tuple(model.params))
    assert fitted.errors == pytest.approx(tuple(model.bse))
    ahead = model.get_prediction([[1, 5.0], [1, 6.0]]).summary_frame()
    assert fitted.forecast == pytest.approx(tuple(ahead["mean"]))
    assert np.sqrt((np.array(fitted.loadings) ** 2).sum(axis=0)) == pytest.approx(ahead["mean_se"])
    assert (fitted.n, fitted.df, fitted.reason) == (6, 4, None)


@pytest.mark.parametrize(
    ("y", "x"),
    [({2020: 1.0, 2021: 2.0, 2022: 4.0}, {2020: 1.0, 2021: 2.0, 2022: 3.0}),
     ({t: float(t % 3) for t in range(2015, 2022)}, dict.fromkeys(range(2015, 2022), 2.0)),
     ({t: 2.0 * t for t in range(2015, 2022)}, {t: float(t) for t in range(2015, 2022)}), ({}, {})],
)  # fmt: skip
def test_a_regression_that_knows_nothing_says_so(y, x):
    assert drivers.regress(y, {"x": x}, [{"x": 1.0}]).reason is Reason.NO_DRIVER


DRIVEN = {"drivers": {"gdp": {"name": "增速", "unit": "%", "source": "公报",
                              "values": {"2019": 5, "2020": 6, "2021": 7.5, "2022": 6.1, "2023": 9},
                              "assumed": {"2024": 10, "2025": 11}}}}  # fmt: skip


def test_a_driver_moves_the_path_with_the_error_of_its_slope():
    default = {"kind": "driver", "drivers": ["gdp"]}
    result = run(CUMULATIVE, yearly(FLOWS), default, spec=DRIVEN)
    slope = result.regressions.set_index("term").loc["增速"]
    x, y = np.array([5, 6, 7.5, 6.1, 9]), np.array([100, 104, 108, 106, 116.0])
    assert slope["coefficient"] == pytest.approx(np.polyfit(x, y, 1)[0])
    expected = np.polyval(np.polyfit(x, y, 1), [10, 11])
    row = result.outcomes.iloc[0]
    assert row["central"] == pytest.approx(330 + expected.sum()) and row["n"] == 5
    assert set(result.sensitivity["source"]) == {"shocks", "estimate"}


def test_a_driver_of_changes_adds_them_up():
    default = {"kind": "driver", "drivers": ["gdp"], "response": "change"}
    found = run(indicator(), yearly({2018: "90", **FLOWS}), default, spec=DRIVEN)
    x, y = np.array([5, 6, 7.5, 6.1, 9]), np.array([10, 4, 4, -2, 10.0])
    steps = np.polyval(np.polyfit(x, y, 1), [10, 11])
    assert found.paths[found.paths["statistic"] == "path"]["value"].tolist() == (
        pytest.approx([116 + steps[0], 116 + steps.sum()]))  # fmt: skip


def test_a_driver_may_be_a_published_series_and_its_absence_is_a_reason():
    spec = {"drivers": {"p": {"name": "人口", "unit": "万人", "series": "常住人口",
                              "assumed": {"2024": 10, "2025": 11}}}}  # fmt: skip
    default = {"kind": "driver", "drivers": ["p"]}
    people = yearly({2019: "5", 2020: "6", 2021: "7.5", 2022: "6.1", 2023: "9"},
                    indicator="常住人口")  # fmt: skip
    row = outcome(CUMULATIVE, pd.concat([yearly(FLOWS), people]), default, spec=spec)
    assert row["central"] == pytest.approx(outcome(CUMULATIVE, yearly(FLOWS), {
        "kind": "driver", "drivers": ["gdp"]}, spec=DRIVEN)["central"])  # fmt: skip
    assert outcome(CUMULATIVE, yearly(FLOWS), default, spec=spec)["reason"] == "no_driver"
    late = yearly({2021: "100", 2022: "110"})
    assert outcome(CUMULATIVE, late, default, spec=spec)["reason"].startswith("no_driver")
    rate = outcome(RATE, yearly({2021: "4", 2022: "5", 2023: "6"}, unit="%"), default, spec=spec)
    assert rate["reason"].startswith("no_driver")


def test_years_outside_the_plan_are_problems_together():
    with pytest.raises(ProblemError) as caught:
        run(indicator(), yearly(WAVY), {"kind": "trend"}, year=2025, until=2024)
    assert [p.key for p in caught.value.problems] == ["year_outside_plan", "until_outside"]


def test_an_as_of_date_hides_what_was_not_known():
    rows = observed({"year": 2021, "raw": "63"}, {"year": 2022, "raw": "65"},
                    {"year": 2023, "raw": "70"})  # fmt: skip
    row = outcome(indicator(), rows, {"kind": "fixed"}, as_of="2023-06-30")
    assert (row["data_year"], row["central"]) == (2022, 65)
    spec = {"drivers": {"p": {"name": "p", "unit": "", "series": "常住人口",
                              "assumed": {"2023": 1, "2024": 1, "2025": 1}}}}  # fmt: skip
    hidden = outcome(indicator(), rows, {"kind": "driver", "drivers": ["p"]}, as_of="2023-06-30",
                     spec=spec)  # fmt: skip
    assert hidden["reason"].startswith("no_driver")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_section_prints_what_the_rows_say(lang):
    items = [indicator(name_en="First"), indicator("2", name_en="Second"),
             indicator("3", base="—", target="[550]", name_en="Third"), RATE_4]  # fmt: skip
    growth = yearly({2021: "4", 2022: "5", 2023: "6"}, unit="%", indicator="指标4")
    rows = pd.concat([yearly(WAVY), yearly(FLOWS, indicator="指标3"), growth])
    still = {"kind": "fixed", "value": 1, "deviation": 0.5}
    found = [
        scenario({"kind": "target"}, "a", name="甲"),
        scenario(still, "b", name="乙"),
        scenario({"kind": "driver", "drivers": ["gdp"]}, "c", name="丙", **DRIVEN),
    ]
    result = run(items, rows, None, found=found)
    titles = {"a": "A", "b": "B", "c": "C"}
    made = scenario_table.section(plan(*items), result, region=PROVINCE, titles=titles, lang=lang)
    table, efforts = made.tables
    assert table.keys == ("1", "3", "4")
    first = table.rows[0]
    assert "80.00" in first[5] and "50%" in first[5] and first[1] in ("指标1", "First")
    assert "≤5%" in first[6]
    words = made.text + str(efforts.rows)
    # 79 short over two years; the slope and its five years; the indicator without data.
    assert "79.00" in words and "39.50" in words
    assert ("仅5个年份" if lang == "zh" else "5 years only") in words
    assert ("指标2" if lang == "zh" else "Second") in words
    (line, *_) = scenario_table.lines(plan(*items), result, titles=titles, lang=lang)
    assert "A" in line and "4" in line


RATE_4 = indicator(
    "4", base="—", target="年均增长5%", unit="%", kind=Kind.of("rate"), name_en="Fourth"
)


def test_a_section_without_any_path_is_still_one():
    result = run(indicator(), yearly({2019: "1"}), {"kind": "trend"})
    made = scenario_table.section(plan(indicator()), result, region=PROVINCE, titles={"one": "甲"})
    assert made.tables == () and "没有可用数据" in made.text


def test_fans_draw_past_path_ranges_and_target():
    from matplotlib.figure import Figure

    result = run(indicator(), yearly(WAVY), {"kind": "trend"})
    axes = Figure().subplots()
    at = result.starts[PROVINCE, "1"]
    fan_charts._panel(axes, plan(indicator()), result.paths, at, fan_charts.language("zh"))
    lines = [list(line.get_ydata()) for line in axes.lines]
    assert [60, 63, 65, 70] in lines
    assert [pytest.approx(v) for v in (70, 70 + PACE, 70 + 2 * PACE)] in lines
    assert any(line.get_linestyle() == ":" and set(line.get_ydata()) == {80} for line in axes.lines)
    assert len(axes.collections) == 2


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.slow)])
def test_fans_come_nine_to_a_page_with_words_for_who_cannot_see(lang):
    items = [indicator(str(i), name_en=f"Item {i}") for i in range(1, 12)]
    rows = pd.concat([yearly(WAVY if i > 1 else {2023: "70"}, indicator=f"指标{i}")
                      for i in range(1, 12)])  # fmt: skip
    result = run(items, rows, {"kind": "fixed", "value": 75})
    made = fan_charts.fans(plan(*items), result, scenario="one", region=PROVINCE, title="T",
                          lang=lang)  # fmt: skip
    assert len(made.charts) == 2 and all(c.svg.startswith("<?xml") for c in made.charts)
    assert made.charts[0].alt.count("75") >= 9
    assert made.charts == fan_charts.fans(plan(*items), result, scenario="one", region=PROVINCE,
                                         title="T", lang=lang).charts  # fmt: skip


@pytest.mark.parametrize(
    ("item", "rows", "found"),
    [(CUMULATIVE, yearly(FLOWS), {2020: 0, 2021: 108, 2022: 214, 2023: 330}),
     (CUMULATIVE, observed({"year": 2023, "raw": "330", "period": "cumulative", "start": 2021.0}),
      {2020: 0, 2023: 330}),
     (RATE, yearly({2021: "4", 2022: "5", 2023: "6"}, unit="%"),
      {2021: 4, 2022: 100 * ((1.04 * 1.05) ** 0.5 - 1),
       2023: 100 * ((1.04 * 1.05 * 1.06) ** (1 / 3) - 1)})],
)  # fmt: skip
def test_the_past_is_judged_as_the_path_is(item, rows, found):
    result = run(item, rows, {"kind": "target"})
    past = result.starts[PROVINCE, "1"].course.past()
    assert list(past) == list(found)
    assert list(past.values()) == pytest.approx(list(found.values()))


# What other kinds make of their figures.

MEAN = indicator(base="—", target="年均110", kind=Kind.of("annual_mean"))
CUT = indicator(base="—", target="[20]", unit="%", kind=Kind.of("reduction"))
GAIN = indicator(base="77.3", target="[1]", unit="岁", kind=Kind.of("change"))


def test_a_mean_is_reached_by_what_the_whole_sum_still_needs():
    rows = yearly({2021: "100", 2022: "100", 2023: "100"})
    row = outcome(MEAN, rows, {"kind": "target"})
    assert row["central"] == pytest.approx(110) and "already_met" not in row["reason"]
    # 550 less 500 over two years.
    assert outcome(MEAN, rows, {"kind": "fixed"})["extra"] == pytest.approx(25)
    enough = yearly({2021: "200", 2022: "200", 2023: "150"})
    assert "already_met" in outcome(MEAN, enough, {"kind": "target"})["reason"]


def test_a_declared_cut_is_a_cut():
    rows = yearly({2021: "3", 2022: "4", 2023: "2"}, unit="%")
    row = outcome(CUT, rows, {"kind": "fixed", "value": 5})
    assert row["central"] == pytest.approx(100 * (1 - 0.97 * 0.96 * 0.98 * 0.95**2))
    assert outcome(CUT, rows, {"kind": "target"})["central"] == pytest.approx(20)


def test_paths_of_what_is_added_to_a_base_are_paths_of_the_level():
    rows = yearly({2021: "77.5", 2022: "77.6", 2023: "77.9"}, unit="岁")
    row = outcome(GAIN, rows, {"kind": "fixed", "value": 78.5, "deviation": 0.1})
    assert (row["central"], row["median"]) == pytest.approx((1.2, 1.2), abs=0.01)
    row = outcome(GAIN, rows, {"kind": "rate", "growth": 0.5})
    assert row["central"] == pytest.approx(77.9 * 1.005**2 - 77.3)
    assert outcome(GAIN, rows, {"kind": "target"})["central"] == pytest.approx(1)
