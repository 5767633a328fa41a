"""加力 is at least 基准, and 基准 at least 下行, in the good direction (METHOD 7)."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from frames import PROVINCE, indicator, plan, yearly
from hypothesis import given
from hypothesis import strategies as st
from scenariofiles import scenario

from gdplan import load_plan, read_observations
from gdplan.assessment.start import starts
from gdplan.model import Kind, Scale
from gdplan.scenarios import order, table
from gdplan.scenarios import run as scenario_run
from gdplan.scenarios.files import PathSpec, load_scenarios
from gdplan.scenarios.trajectories import trajectory

ROOT = Path(__file__).resolve().parents[2]
BEST = {"kind": "best", "years": 2}
TREND = {"kind": "trend"}
SHOCK = {"kind": "shock", "drop": 5, "recover": 2, "after": "last"}
FIGURES = st.lists(st.integers(200, 990), min_size=4, max_size=8)
ITEMS = {
    "floor": indicator(target="80"),
    "cap": indicator(target="40以内", direction=-1),
    "way down": indicator(target="30", direction=-1),
    "geometric": indicator(target="80", scale=Scale.GEOMETRIC),
    "share": indicator(target="80", unit="%"),
    "sum": indicator(base="—", target="[350]"),
    "yearly": indicator(target="80", kind=Kind.of("annual")),
    "rate": indicator(base="—", target="年均增长5%", unit="%", kind=Kind.of("rate")),
    "kept": indicator(target="保持稳定", direction=0),
    "range": indicator(target="55—65"),
}


@pytest.mark.parametrize("name", ITEMS)
@given(figures=FIGURES, drop=st.integers(1, 60), years=st.integers(1, 3))
def test_pushing_on_is_at_least_the_trend_and_the_trend_at_least_the_downturn(
    name, figures, drop, years
):
    series = {2024 - len(figures) + i: f"{f / 10:.1f}" for i, f in enumerate(figures)}
    item = ITEMS[name]
    rows = yearly(series, unit=item.unit)
    (start,) = starts(plan(item), rows, region=PROVINCE, year=2023)
    ends = []
    for spec in (BEST | {"years": years}, TREND, SHOCK | {"drop": drop}):
        path = trajectory(PathSpec(**spec), start, 2025)
        inside = np.clip(path.centre, *start.course.bounds)
        ends.append(order.merit(start, start.course.judged(inside)))
    for better, worse in pairwise(ends):
        both = np.isfinite(better) & np.isfinite(worse)
        assert (better[both] >= worse[both]).all()


@pytest.mark.parametrize(("folder", "year"), [(None, 2022), (None, 2023),
                                              ("examples/observations", 2023)])  # fmt: skip
def test_the_shipped_scenarios_are_in_order_for_every_indicator(folder, year):
    there = load_plan("gd-hrss-14")
    files = (ROOT / "data/raw/plans/gd-hrss-14/scenarios").glob("*.yml")
    found = load_scenarios(sorted(files), there)
    rows = read_observations(folder and ROOT / folder)
    made = scenario_run.run(there, rows, found, regions=[PROVINCE], year=year, seed=1, draws=2000)
    assert made.disorders == ()
    end = made.outcomes.pivot(index="indicator", columns="scenario", values="central")
    known = end.dropna(subset=["effort", "baseline", "downturn"])
    assert len(known) >= 1
    for no, row in known.iterrows():
        way = [order.merit(made.starts[PROVINCE, no], np.array(row[s]))
               for s in ("effort", "baseline", "downturn")]  # fmt: skip
        assert way == sorted(way, reverse=True), no


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_file_that_breaks_the_order_is_told_in_the_table(lang):
    found = [
        scenario(BEST, "up", paths={"1": {"kind": "rate", "growth": -5}}),
        scenario(TREND, "on"),
    ]
    there = plan(indicator())
    rows = yearly({2020: "60", 2021: "63", 2022: "65", 2023: "70"})
    made = scenario_run.run(there, rows, found, regions=[PROVINCE], year=2023, seed=1, draws=2000)
    (broken,) = made.disorders
    assert (broken.upper, broken.lower, broken.declared) == ("up", "on", True)
    shown = table.section(there, made, region=PROVINCE, titles={"up": "甲", "on": "乙"}, lang=lang)
    text = shown._repr_html_()
    assert ("另行规定了路径" if lang == "zh" else "a path of its own") in text
