"""Plan, figures and scenario files -> paths, quantiles, probabilities, gaps and sensitivities.

One row per scenario, region and indicator; what has no number has its reason (METHOD 7).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gdplan.assessment.evidence import FULL_YEAR, POINTWISE
from gdplan.assessment.start import Start, starts
from gdplan.indicators import annualized_growth
from gdplan.model import Mode, Plan, Reason
from gdplan.observations.read import as_of as known_on
from gdplan.observations.read import choose
from gdplan.outlook import draws, tornado
from gdplan.outlook.course import Course, Floats
from gdplan.outlook.draws import Cell, Family, Summary, Task
from gdplan.outlook.paths import Trajectory
from gdplan.outlook.projection import grade
from gdplan.plans.choices import check_choices
from gdplan.problems import Problem, ProblemError
from gdplan.scenarios import trajectories
from gdplan.scenarios.order import Disorder, disorders
from gdplan.scenarios.trajectories import Regression

if TYPE_CHECKING:
    from gdplan.scenarios.files import PathSpec, Scenario

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
STATISTICS = tuple(f"p{100 * level:g}" for level in LEVELS)
MEDIAN = LEVELS.index(0.5)
PATH_COLUMNS = (
    "scenario", "scenario_name", "region", "region_name", "indicator", "name", "unit", "year",
    "statistic", "value",
)  # fmt: skip
OUTCOME_COLUMNS = (
    "scenario", "scenario_name", "region", "region_name", "indicator", "name", "unit", "kind",
    "path", "data_year", "now", "n", "evidence", "target_year", "target", "target_raw", "central",
    "median", "low80", "high80", "low95", "high95", "probability", "crossing", "crossing_kind",
    "gap", "extra", "extra_growth", "reason", "simulated",
)  # fmt: skip
SENSITIVITY_COLUMNS = (
    "scenario", "scenario_name", "region", "region_name", "indicator", "name", "unit", "source",
    "low", "high", "share",
)  # fmt: skip
REGRESSION_COLUMNS = (
    "scenario", "scenario_name", "region", "region_name", "indicator", "name", "term",
    "coefficient", "standard_error", "n", "df", "r2", "deviation",
)  # fmt: skip
DECISIONS = {"rate": "growth", "increment": "step", "fixed": "value", "shock": "drop"}
ANCHORED = ("trend", "rate", "increment", "halt", "shock", "best", "fixed")
"""Paths that carry the rounding of the last figure (or sum) on to their end."""


@dataclass(frozen=True, slots=True)
class Result:
    """The four tables, the starts (by region and indicator number) of their paths, and where the
    order of scenarios does not hold."""

    paths: pd.DataFrame
    outcomes: pd.DataFrame
    sensitivity: pd.DataFrame
    regressions: pd.DataFrame
    starts: Mapping[tuple[str, str], Start]
    disorders: tuple[Disorder, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """One scenario, region and indicator on its way through."""

    scenario: Scenario
    at: Start
    spec: PathSpec | None
    path: Trajectory
    cell: Cell | None
    regression: Regression | None

    def names(self) -> dict[str, Any]:
        """The columns every table begins with."""
        item = self.at.indicator
        return {
            "scenario": self.scenario.spec.id, "scenario_name": self.scenario.spec.name,
            "region": self.at.region, "region_name": self.at.region_name,
            "indicator": item.no, "name": item.name, "unit": item.unit,
        }  # fmt: skip


def run(
    plan: Plan,
    observations: pd.DataFrame,
    scenarios: Sequence[Scenario],
    *,
    regions: Sequence[str],
    year: int,
    seed: int,
    draws: int = 10_000,
    until: int | None = None,
    since: int | None = None,
    as_of: str | None = None,
    block: int | None = None,
    workers: int = 1,
    simulate: Callable[..., list[dict[str, Summary]]] = draws.simulate,
) -> Result:
    """Follow every scenario from the last reported figure.

    Parameters
    ----------
    plan, observations : Plan, DataFrame
        From :func:`gdplan.load_plan` and :func:`gdplan.read_observations`.
    scenarios : sequence of Scenario
        From :func:`gdplan.scenarios.files.load_scenarios`.
    regions : sequence of str
        GB/T 2260 codes.
    year : int
        Last data year, before the target year.
    seed, draws : int
        The same seed gives the same shocks to every scenario, so that differences between
        scenarios are differences of their paths.
    until : int, optional
        Last year followed; the target year by default.
    since : int, optional
        First year whose figures enter the estimate of steps.
    block, workers : int, optional
        Draws made at a time, threads; neither changes a result.
    simulate : callable
        Who makes the draws; takes and returns what :func:`gdplan.outlook.draws.simulate` does.

    Returns
    -------
    Result

    Raises
    ------
    ProblemError
        For unknown regions or a text instead of a list of them, a data year outside the plan or
        not before its target year, or an end before it.
    """
    check_choices(plan, observations, regions=regions, year=year, as_of=as_of)
    until = plan.target_year if until is None else until
    if wrong := wrong_years(plan, year, until, since):
        raise ProblemError(wrong)
    known = {
        (region, s.indicator.no): s for region in regions
        for s in starts(plan, observations, region=region, year=year, as_of=as_of, since=since)
    }  # fmt: skip
    outcomes: list[dict[str, Any]] = []
    tables: tuple[list[pd.DataFrame], list[dict[str, Any]], list[dict[str, Any]]] = ([], [], [])
    groups: list[list[_Case]] = []
    tasks: list[Task] = []
    for scenario in scenarios:
        drivers = _driver_values(scenario, observations, regions, year=year, as_of=as_of)
        cases = [_case(scenario, s, until, drivers.get(s.region, {})) for s in known.values()]
        groups += [[c for c in cases if c.at.region == region] for region in regions]
        tasks += [_task(scenario, group) for group in groups[-len(regions) :]]
    # All at once: nobody waits for the last region of a scenario.
    drawn = simulate(tasks, seed=seed, draws=draws, levels=LEVELS, block=block, workers=workers)
    for group, task, sums in zip(groups, tasks, drawn, strict=True):
        central = _central(task)
        for case in group:
            found = _summary(case, sums)
            outcomes.append(_outcome(case, central, found))
            tables[0].extend(_path_frame(case, central, found))
            tables[1].extend(_swings(case))
            tables[2].extend(_terms(case))
    return Result(
        _joined(tables[0]),
        pd.DataFrame(outcomes, columns=list(OUTCOME_COLUMNS)),
        pd.DataFrame(tables[1], columns=list(SENSITIVITY_COLUMNS)),
        pd.DataFrame(tables[2], columns=list(REGRESSION_COLUMNS)),
        known,
        disorders(scenarios, outcomes, known),
    )


def wrong_years(plan: Plan, year: int, until: int, since: int | None = None) -> list[Problem]:
    """What is wrong with the years of a run, each under the name of its field."""
    problems = []
    if not plan.base_year < year < plan.target_year:
        problems.append(
            Problem("year_outside_plan", "year", "数据年份须在规划期内、目标年之前",
                    f"{plan.base_year + 1}—{plan.target_year - 1}", str(year))
        )  # fmt: skip
    if not plan.target_year <= until <= plan.target_year + 20:
        problems.append(
            Problem("until_outside", "until", "推算终点须不早于目标年",
                    f"{plan.target_year}—{plan.target_year + 20}", str(until))
        )  # fmt: skip
    if since is not None and since > year:
        problems.append(
            Problem("since_outside", "since", "起始年份晚于数据年份", f"不晚于{year}", str(since))
        )
    return problems


def _summary(case: _Case, sums: Mapping[str, Summary]) -> Summary | None:
    """Quantiles and chances of a path: of the trend those of the outlook, else of the draws."""
    course, path = case.at.course, case.path
    if not path.drawn:
        return None
    if not path.trend:
        found = sums.get(case.at.indicator.no)
        return found and replace(found, reached=course.held(found.reached))
    seen = course.projection(path.years[-1])
    return Summary(course.quantiles(seen, LEVELS), course.chance(seen))


def _driver_values(
    scenario: Scenario, observations: pd.DataFrame, regions: Sequence[str], *, year: int,
    as_of: str | None,
) -> dict[str, dict[str, dict[int, float]]]:  # fmt: skip
    """Values of the scenario's drivers by region, name and year."""
    found: dict[str, dict[str, dict[int, float]]] = {region: {} for region in regions}
    rows = observations if as_of is None else known_on(observations, as_of)
    for name, spec in scenario.spec.drivers.items():
        for region in regions:
            values = {int(y): float(v) for y, v in spec.values.items() if int(y) <= year}
            if spec.series:
                chosen = choose(rows[rows["region"] == region])
                values = _whole_years(chosen[chosen["used"]], spec.series, year)
            found[region][name] = values
    return found


def _whole_years(rows: pd.DataFrame, name: str, year: int) -> dict[int, float]:
    """Whole-year figures of a series by year, those known with one side only left out."""
    picked = rows[rows["indicator"].eq(name) & (rows["year"] <= year) & rows["value"].notna()
                  & rows["period"].isin(FULL_YEAR) & rows["bound"].isin(POINTWISE)]  # fmt: skip
    return {int(y): float(v) for y, v in sorted(zip(picked["year"], picked["value"], strict=True))}


def _case(
    scenario: Scenario, at: Start, until: int, drivers: Mapping[str, Mapping[int, float]]
) -> _Case:
    spec = scenario.path(at.indicator.no)
    regression = _regression(scenario, spec, at, until, drivers)
    path = trajectories.trajectory(spec, at, until, regression)
    cell = _cell(at.indicator.no, at.course, path) if path.known else None
    return _Case(scenario, at, spec, path, cell, regression)


def _regression(
    scenario: Scenario, spec: PathSpec | None, at: Start, until: int,
    drivers: Mapping[str, Mapping[int, float]],
) -> Regression | None:  # fmt: skip
    if spec is None or spec.kind != "driver" or at.reasons or at.course.mode is Mode.CHAIN:
        return None
    from gdplan.scenarios.drivers import regress

    names = spec.drivers or []
    given = scenario.spec.drivers
    assumed = []
    for y in at.course.ahead(until):
        values = {n: float(given[n].assumed.get(str(y), math.nan)) for n in names}
        # A figure one year late starts in a year whose driver may be published already.
        assumed.append(values | {n: drivers[n][y] for n in names if y in drivers[n]})
    if any(math.isnan(v) for a in assumed for v in a.values()):
        return Regression(reason=Reason.NO_DRIVER)
    past = dict(zip(at.course.years, at.course.values, strict=True))
    return regress(past, {n: drivers[n] for n in names}, assumed,
                   change=spec.response == "change")  # fmt: skip


def _cell(no: str, course: Course, path: Trajectory) -> Cell:
    known = path.drawn
    return Cell(
        key=no, centre=path.centre, base=path.base, share=path.share, walk=path.walk,
        widening=path.widening,
        deviation=path.deviation if known else 0.0, df=path.df if known else math.inf,
        loadings=path.loadings if known else np.empty((0, len(path.years))),
        mode=course.mode, limits=course.bounds, known=course.known, spent=course.spent,
        rest=course.rest, total=course.total, mean=course.mean, cut=course.cut,
        goal=course.goal,
    )  # fmt: skip


def _task(scenario: Scenario, cases: Sequence[_Case]) -> Task:
    cells = {c.cell.key: c.cell for c in cases if c.cell}
    items = {c.at.indicator.no: c.at.indicator for c in cases}
    mixing = draws.mixing(
        tuple(items), float(scenario.spec.correlation), scenario.pairs
    ) if scenario.spec.correlation or scenario.pairs else {}  # fmt: skip
    families = []
    for no, whole in cells.items():
        parts = tuple(k for k, c in cells.items() if items[k].whole == no
                      and items[k].unit == items[no].unit and c.mode is whole.mode)  # fmt: skip
        families += [Family(no, parts)] if parts and whole.mode is not Mode.CHAIN else []
    region = cases[0].at.region if cases else ""
    return Task(region, tuple(cells.values()), tuple(families), mixing)


def _central(task: Task) -> dict[str, Floats]:
    """Judged values of every path without noise, parts within their wholes."""
    values = {c.key: np.clip(c.centre, *c.limits) for c in task.cells}
    draws.cap(task.families, values, {c.key for c in task.cells if c.mode is Mode.SUM})
    return {c.key: c.judged(values[c.key]) for c in task.cells}


def _outcome(case: _Case, central: Mapping[str, Floats], found: Summary | None) -> dict[str, Any]:
    at, item, path = case.at, case.at.indicator, case.path
    fitted = case.regression
    n = fitted.n if fitted and not fitted.reason else len(at.course.run)
    # What stays has one reason each; the path's own comes first.
    told = [path.reason, path.remark, *at.reasons, *at.remarks]
    row = case.names() | {
        "kind": item.kind.name, "path": case.spec.kind if case.spec else "",
        "data_year": at.course.year if at.known else math.nan,
        "now": at.course.now if at.known else math.nan, "n": n,
        "evidence": grade(n), "target_year": item.target_year,
        "target": at.goal.value if at.goal else math.nan,
        "target_raw": item.target.raw, "simulated": at.simulated, "crossing_kind": "",
        "reason": ";".join(dict.fromkeys(r.value for r in told if r)),
    }  # fmt: skip
    if case.cell is None or item.target_year not in path.years:
        return row
    place = path.years.index(item.target_year)
    values = central[item.no] if found is None else found.quantiles[MEDIAN]
    row["central"] = float(central[item.no][place])
    if found is not None:
        row |= {k: float(found.quantiles[STATISTICS.index(p)][place])
                for k, p in (("low95", "p2.5"), ("low80", "p10"), ("median", "p50"),
                             ("high80", "p90"), ("high95", "p97.5"))}  # fmt: skip
        row["probability"] = float(found.reached[place]) if at.goal else math.nan
    return row | (_against(at, path, values, place) if at.goal else {})


def _against(at: Start, path: Trajectory, values: Floats, place: int) -> dict[str, Any]:
    """Year of crossing, gap and extra effort of a path against the goal."""
    assert at.goal is not None
    course, last = at.course, at.course.value
    met = at.goal.met(np.array([course.now, *values]))
    changes = [y for y, now in zip(path.years, met[1:], strict=True) if now != met[0]]
    gap = max(0.0, -float(at.goal.beyond(values[place : place + 1])[0]))
    left = float(course.weights(place + 1).sum())
    extra, growth, end = course.whole(gap) / left, math.nan, float(values[place])
    if course.mode is Mode.CHAIN:
        extra, growth = math.nan, _more_growth(course, at.goal.value, end) if gap else 0.0
    elif course.log and path.base is not None and course.mode is Mode.VALUE and (
        min(last, end, at.goal.value) > 0
    ):  # fmt: skip
        wanted, made = (annualized_growth(last, x, left) for x in (at.goal.value, end))
        growth = 100 * float(wanted - made) if gap else 0.0
    return {
        "crossing": changes[0] if changes else math.nan,
        "crossing_kind": ("lost" if met[0] else "reached") if changes else "",
        "gap": gap, "extra": extra, "extra_growth": growth,
    }  # fmt: skip


def _more_growth(course: Course, target: float, end: float) -> float:
    """Percentage points by which every remaining year's growth falls short of the needed one."""
    n = len(course.ahead())
    wanted, made = (annualized_growth(1.0, course.needed(x, n)[-1], n) for x in (target, end))
    return 100 * float(wanted - made)


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    empty = pd.DataFrame(columns=list(PATH_COLUMNS))
    table = pd.concat(frames, ignore_index=True) if frames else empty
    return table[list(PATH_COLUMNS)].astype({"year": int, "value": float})


def _path_frame(
    case: _Case, central: Mapping[str, Floats], found: Summary | None
) -> list[pd.DataFrame]:
    """Path, quantiles and share reached, year by year; none without a path."""
    if case.cell is None:
        return []
    made = {"path": central[case.cell.key]}
    if found is not None:
        made |= dict(zip(STATISTICS, found.quantiles, strict=True))
        made |= {"reached": found.reached} if case.at.goal else {}
    frame = pd.DataFrame(made, index=pd.Index(case.path.years, name="year"))
    return [frame.reset_index().melt("year", var_name="statistic").assign(**case.names())]


def _swings(case: _Case) -> list[dict[str, Any]]:
    item = case.at.indicator
    if case.cell is None or not case.path.drawn or item.target_year not in case.path.years:
        return []
    assert case.spec is not None
    place = case.path.years.index(item.target_year)
    course = case.at.course
    made = tornado.tornado(case.cell, place, decision=_decisions(case), value=course.value,
                           start=course.ends if case.spec.kind in ANCHORED else None)  # fmt: skip
    return [case.names() | {"source": s.source, "low": s.low, "high": s.high, "share": s.share}
            for s in made]  # fmt: skip


def _decisions(case: _Case) -> list[Floats]:
    """Centres with the declared parameter a tenth lower and a tenth higher."""
    spec, until = case.spec, case.path.years[-1]
    field = DECISIONS.get(spec.kind, "") if spec else ""
    value = getattr(spec, field, None) if field else None
    if spec is None or value is None:
        return []
    follow = partial(trajectories.trajectory, start=case.at, until=until)
    made = [follow(spec.model_copy(update={field: value * f})) for f in (0.9, 1.1)]
    return [t.centre for t in made] if all(t.known for t in made) else []


def _terms(case: _Case) -> list[dict[str, Any]]:
    fitted = case.regression
    if fitted is None or fitted.reason:
        return []
    drivers = case.scenario.spec.drivers
    return [
        case.names() | {
            "term": drivers[term].name if term in drivers else term, "coefficient": b,
            "standard_error": e, "n": fitted.n, "df": fitted.df, "r2": fitted.r2,
            "deviation": fitted.deviation,
        }
        for term, b, e in zip(fitted.terms, fitted.coefficients, fitted.errors, strict=True)
    ]  # fmt: skip
