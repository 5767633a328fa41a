"""One start, one way ahead: report, scenarios and the page of sliders give the same numbers."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from scenariofiles import scenario

from gdplan import assess, load_plan, read_observations
from gdplan.assessment.start import starts
from gdplan.outlook.what_if import Assumption, prospect
from gdplan.scenarios.run import run

ROOT = Path(__file__).resolve().parents[2]
SIMULATED = ROOT / "examples" / "observations"
PRECISION = 1e-9
ENDS = ("low95", "low80", "high80", "high95")


@cache
def figures(kind: str) -> pd.DataFrame:
    """The simulated set; with the years before 2021 as well, and a half year behind them."""
    frame = read_observations(SIMULATED, load_plan("gd-hrss-14"))
    if kind == "as published":
        return frame
    # Some years more, so that sums too have points enough: each a little off the year it repeats.
    older = [frame.assign(year=frame["year"] - back, value=frame["value"] * (1 - 0.01 * back),
                          published="2020-06-01", known=pd.Timestamp("2020-06-01"))
             for back in (3, 6)]  # fmt: skip
    older = [part[part["year"] < 2021] for part in older]
    if kind == "longer":
        return pd.concat([*older, frame], ignore_index=True)
    last = frame[(frame["year"] == 2023) & frame["period"].isin(["annual", "year_end"])]
    day, part = "2024-07-20", {side: last[side] * 0.45 for side in ("value", "low", "high")}
    half = last.assign(year=2024, period="ytd", month=6.0, published=day, known=pd.Timestamp(day),
                       **part)  # fmt: skip
    return pd.concat([*older, frame[frame["year"] <= 2023], half], ignore_index=True)


@pytest.mark.parametrize(
    ("kind", "year", "as_of", "regions", "least"),
    [("as published", 2023, None, 22, 14), ("half a year", 2024, "2024-08-01", 22, 100),
     ("longer", 2023, None, 3, 20), ("half a year", 2024, "2024-03-01", 3, 20),
     ("as published", 2022, "2023-08-01", 3, 0)],
)  # fmt: skip
def test_report_scenario_and_page_agree_for_every_indicator_and_region(
    kind, year, as_of, regions, least
):
    plan, frame = load_plan("gd-hrss-14"), figures(kind)
    codes = sorted(frame["region"].unique())
    assert len(codes) == 22
    codes, options = codes[:regions], {"year": year, "as_of": as_of}
    outcomes = run(plan, frame, [scenario({"kind": "trend"})], regions=codes, seed=1, draws=2000,
                   **options).outcomes.set_index(["region", "indicator"])  # fmt: skip
    compared = 0
    for region in codes:
        report = assess(plan, frame, region=region, **options).set_index("indicator")
        for start in starts(plan, frame, region=region, **options):
            row = report.loc[start.indicator.no]
            outcome = outcomes.loc[region, start.indicator.no]
            page = prospect(start.course, Assumption(trend=True)) if start.known else None
            compared += _agree(row, outcome, page)
    assert compared >= least


def _agree(row, outcome, page) -> bool:
    """Whether the report has a chance, which the others then have to the last digit."""
    if math.isnan(row["outlook"]):
        # Without a verdict, for want of a base or of a target of the region, a report has none.
        assert math.isnan(outcome["probability"]) or row["verdict"] == "无法评估"
        return False
    assert outcome["median"] == pytest.approx(row["outlook"], abs=PRECISION, rel=PRECISION)
    assert page.judged[-1] == pytest.approx(row["outlook"], abs=PRECISION, rel=PRECISION)
    for place, end in enumerate(ENDS):
        expected = pytest.approx(row[f"outlook_{end}"], abs=PRECISION, rel=PRECISION)
        assert outcome[end] == expected and page.quantiles[place, -1] == expected
    if not math.isnan(row["reach"]):
        assert outcome["probability"] == pytest.approx(row["reach"], abs=PRECISION)
        assert page.probability == pytest.approx(row["reach"], abs=PRECISION)
    return True


def test_parts_of_a_year_count_alike_everywhere():
    frame = figures("half a year")
    half, whole = (
        {s.indicator.no: s for s in starts(load_plan("gd-hrss-14"), frame, region="440000",
                                           year=2024, as_of=day)}
        for day in ("2024-08-01", "2024-03-01")
    )  # fmt: skip
    assert half["1"].course.rest == 0.5 and whole["1"].course.rest == 1.0
    assert half["1"].course.year == whole["1"].course.year == 2023
    more = frame[(frame["indicator"] == half["1"].indicator.name) & (frame["year"] == 2024)
                 & (frame["region"] == "440000")]["value"].item()  # fmt: skip
    assert half["1"].course.known - whole["1"].course.known == pytest.approx(more)
