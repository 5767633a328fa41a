"""Cities' plans, figures and rules -> composite scores with ranks and how sure they are.

What a city is scored on is the share of what its own plan had due by the date of the data; the
arithmetic of scores is in :mod:`gdplan.regions.composite.scores`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gdplan.assessment.assess import judgements
from gdplan.files import places
from gdplan.model import Indicator, Plan
from gdplan.observations.read import as_of as known_on
from gdplan.plans.choices import check_choices
from gdplan.plans.load import load_plan
from gdplan.problems import Problem, ProblemError
from gdplan.regions.composite import scores

if TYPE_CHECKING:
    from gdplan.assessment.judgement import Judgement
    from gdplan.regions.composite.rules_file import CompositeFile

MOST = 1e6
"""Share of a figure that fell to nothing where less is better; the cap makes it finite."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The tables of an assessment of many regions, one row a region, a part, or a rank.

    ``scores`` stand in the order of the ranks, regions without a score last; ``without`` are the
    regions that have no plan of their own.
    """

    year: int
    scores: pd.DataFrame
    parts: pd.DataFrame
    ranks: pd.DataFrame
    items: tuple[Indicator, ...]
    without: tuple[str, ...]
    level: float


def city_plans(plan: Plan, folder: str | Path | None = None) -> dict[str, Plan]:
    """Plans of the cities by code, from ``<folder>/<plan>-<code>``; by default data/raw/plans.

    Raises
    ------
    ProblemError
        With the faults of every plan at once.
    """
    place = Path(folder) if folder else places.data_folder() / "raw" / "plans"
    found: dict[str, Plan] = {}
    problems: list[Problem] = []
    for code in places.cities_of(plan.region):
        home = place / f"{plan.id}-{code}"
        if not home.is_dir():
            continue
        try:
            found[code] = load_plan(home)
        except ProblemError as error:
            problems += error.problems
    if problems:
        raise ProblemError(problems)
    return found


def share(row: Judgement, value: float) -> float:
    """What a value is of what was due: 1 is on schedule, more is better.

    ``value / due`` where larger is better, ``due / value`` where smaller is, with ``due`` the
    value of the plan's schedule; of a goal with two sides 1 inside and ``1 - distance / |target|``
    outside, at least 0. nan where nothing is due or known.

    Examples
    --------
    >>> from gdplan import evaluate
    >>> jobs = evaluate("midterm", plan="gd-hrss-14").judgements[0]
    >>> jobs.scheduled, share(jobs, 396.0)
    (330.0, 1.2)
    """
    low, high = row.target_low, row.target_high
    if row.direction == 0 or (math.isfinite(low) and math.isfinite(high)):
        off = max(low - value, value - high, 0.0)
        return max(1 - off / abs(row.target), 0.0) if row.target else float(off == 0)
    due = row.scheduled
    over, under = (value, due) if row.direction > 0 else (due, value)
    if math.isnan(over) or math.isnan(under):
        return math.nan
    if under > 0:
        return max(float(over / under), 0.0)
    return MOST if over > under else float(over == under)


def scorecard(
    plan: Plan,
    cities: Mapping[str, Plan],
    observations: pd.DataFrame,
    spec: CompositeFile,
    *,
    year: int,
    as_of: str | None = None,
) -> Scorecard:
    """Score every city that has a plan of its own.

    Parameters
    ----------
    plan : Plan
        The province's plan; its table gives the order of the indicators.
    cities : mapping of code to Plan
        From :func:`city_plans`.
    observations : DataFrame
        From :func:`gdplan.read_observations`.

    Raises
    ------
    ProblemError
        When no city has a plan, or the rules do not fit.
    """
    check_choices(plan, observations, regions=list(cities), year=year, as_of=as_of)
    if not cities:
        raise ProblemError(
            Problem("no_city_plans", plan.id, "没有各市的规划，不能考核",
                    f"文件夹 {plan.id}-440100 等", fix="先用 gdplan allocate 分解，或加 --plans")
        )  # fmt: skip
    items = tuple(i for i in plan.indicators if i.no in spec.weights)
    known = observations if as_of is None else known_on(observations, as_of)
    judged = {
        code: {r.indicator: r for r in judgements(one, known, region=code, year=year)}
        for code, one in cities.items()
    }
    value, low, high = _matrices(judged, items)
    rules, sure = spec.rules(items), spec.uncertainty
    made = scores.score(value, rules)
    spread = scores.rank_intervals(
        value, rules, spread=sure.weights, low=low, high=high, draws=sure.draws,
        level=sure.level, rng=np.random.default_rng(sure.seed),
    )  # fmt: skip
    names = places.regions()
    head = pd.DataFrame({"region": list(cities), "region_name": [names[c] for c in cities]})
    place, rank = np.nonzero(spread.probability > 0)
    odds = spread.probability[place, rank]
    return Scorecard(
        year, _scores(head, judged, items, made, spread),
        _parts(head, judged, items, rules, (value, low, high), made),
        head.iloc[place].reset_index(drop=True).assign(rank=rank + 1, probability=odds), items,
        tuple(names[c] for c in places.cities_of(plan.region) if c not in cities), sure.level,
    )  # fmt: skip


def _matrices(
    judged: Mapping[str, Mapping[str, Judgement]], items: Sequence[Indicator]
) -> tuple[scores.Floats, scores.Floats, scores.Floats]:
    """Shares at the printed values, and at the worse and the better end of their rounding."""

    def of(field: str) -> scores.Floats:
        return np.array([[_share(rows.get(i.no), field) for i in items]
                         for rows in judged.values()], dtype=float)  # fmt: skip

    value, one, other = of("value"), of("value_low"), of("value_high")
    return value, np.fmin(np.fmin(one, other), value), np.fmax(np.fmax(one, other), value)


def _share(row: Judgement | None, field: str) -> float:
    if row is None or math.isnan(row.value):
        return math.nan
    end: float = getattr(row, field)
    return share(row, end if math.isfinite(end) else row.value)


def _scores(
    head: pd.DataFrame, judged: Mapping[str, Mapping[str, Judgement]],
    items: Sequence[Indicator], made: scores.Scores, spread: scores.RankIntervals,
) -> pd.DataFrame:  # fmt: skip
    def numbers(flags: scores.Bools) -> list[str]:
        nos = np.array([item.no for item in items], dtype=object)
        return [";".join(nos[line]) for line in flags]

    table = head.assign(
        score=made.score, rank=made.rank, rank_low=spread.low, rank_high=spread.high,
        failed=numbers(made.failed), missing=numbers(made.missing),
        simulated=[any(r.simulated for r in rows.values()) for rows in judged.values()],
    )  # fmt: skip
    last = table["rank"].replace(0, len(table) + 1)
    return table.loc[last.sort_values(kind="stable").index].reset_index(drop=True)


def _parts(
    head: pd.DataFrame, judged: Mapping[str, Mapping[str, Judgement]],
    items: Sequence[Indicator], rules: scores.Rules,
    shares: tuple[scores.Floats, scores.Floats, scores.Floats], made: scores.Scores,
) -> pd.DataFrame:  # fmt: skip
    rows = [of.get(item.no) for of in judged.values() for item in items]
    share, low, high = (table.ravel() for table in shares)
    weights = np.asarray(rules.weights) / np.sum(rules.weights)
    return head.loc[head.index.repeat(len(items))].reset_index(drop=True).assign(
        indicator=[i.no for i in items] * len(head), name=[i.name for i in items] * len(head),
        weight=np.tile(weights, len(head)), due=[r.scheduled if r else math.nan for r in rows],
        value=[r.value if r else math.nan for r in rows], share=share, share_low=low,
        share_high=high, points=made.contributions.ravel(),
    )  # fmt: skip
