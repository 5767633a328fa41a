"""Plan and observations -> one judgement per indicator, made in one pass downwards:
figures -> what the kind makes of them -> rules -> judgement (METHOD 4.5).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gdplan import indicators as im
from gdplan.assessment import chance, reasons, rules, warning
from gdplan.assessment.evidence import (
    Evidence,
    Grouped,
    dated,
    figures_of,
    grade,
    grouped,
    inside,
    plan_results,
)
from gdplan.assessment.judgement import Judgement, frame
from gdplan.assessment.kinds.questions import Case, Ends, Vertices, Way, questions
from gdplan.assessment.second_opinions import Opinions, second_opinions
from gdplan.assessment.year_result import YearResult, year_result
from gdplan.files import places
from gdplan.model import Comparator, Indicator, Level, Plan, Reason, Verdict
from gdplan.observations import annual_targets, calibers
from gdplan.observations.choice import choose, passed_over
from gdplan.observations.read import as_of as known_on
from gdplan.plans.rule_table import rule_table

if TYPE_CHECKING:
    from datetime import date

    from gdplan.outlook.goal import Array, Goal


def assess(
    plan: Plan,
    observations: pd.DataFrame,
    *,
    region: str,
    year: int,
    as_of: str | date | None = None,
    kind: str | None = None,
    breaks: Sequence[calibers.Break] | None = None,
    targets: Sequence[annual_targets.AnnualTarget] | None = None,
) -> pd.DataFrame:
    """Judge every indicator of a plan for one region and year.

    Parameters
    ----------
    plan : Plan
        From :func:`gdplan.load_plan`.
    observations : DataFrame
        From :func:`gdplan.read_observations`; results printed in the plan's own table
        (完成值) are added with the plan's date of issue as vintage.
    region : str
        GB/T 2260 code, ``"440000"`` for the province.
    year : int
        Evaluated data year; later figures are not used.
    as_of : str or date, optional
        Only figures known on that date are used; ``None`` uses all.
    kind : {"midterm", "annual", "final"}, optional
        Rule table; by default ``final`` from the target year on, else ``midterm``.
    breaks : sequence of calibers.Break, optional
        Breaks of caliber; by default those of ``data/raw/calibers.yml``. Only those published on
        ``as_of`` apply.
    targets : sequence of annualtargets.AnnualTarget, optional
        Targets of single years; by default those of ``data/raw/annual_targets.csv``.

    Returns
    -------
    DataFrame
        One row per indicator, columns :data:`gdplan.assessment.judgement.COLUMNS`.
        Growth, progress, pace and completion are fractions; values are in the indicator's unit.

    Raises
    ------
    ProblemError
        For a year outside the plan or an unknown kind.

    Examples
    --------
    >>> from gdplan import load_plan, read_observations
    >>> frame = assess(load_plan("gd-hrss-13"), read_observations(), region="440000", year=2020)
    >>> frame.loc[0, "verdict"], f"{frame.loc[0, 'completion']:.4f}"
    ('超额完成', '1.3041')
    """
    return frame(
        judgements(
            plan, observations, region=region, year=year, as_of=as_of, kind=kind, breaks=breaks,
            targets=targets,
        )
    )  # fmt: skip


def judgements(
    plan: Plan,
    observations: pd.DataFrame,
    *,
    region: str,
    year: int,
    as_of: str | date | None = None,
    kind: str | None = None,
    breaks: Sequence[calibers.Break] | None = None,
    targets: Sequence[annual_targets.AnnualTarget] | None = None,
) -> tuple[Judgement, ...]:
    """Every indicator of a plan judged, with the figures as objects; see :func:`assess`."""
    table = rule_table(plan, year, kind)
    rows = _with_results(plan, observations)
    if as_of is not None:
        rows = known_on(rows, as_of)
    chosen = choose(rows[rows["region"] == region], plan)
    if breaks is None:
        path = places.data_folder() / "raw" / "calibers.yml"
        breaks = calibers.checked(path, observations["indicator"].unique())
    if targets is None:
        targets = annual_targets.read(annual_targets.place(), plan)
    linked = calibers.link(
        chosen[chosen["used"]], calibers.known(breaks, as_of), plan, region=region, year=year
    )
    names = chosen["region_name"]
    context = Context(
        plan=linked.plan,
        region=region,
        region_name=str(names.iloc[0]) if len(names) else _region_name(plan, region),
        year=year,
        as_of=str(as_of or ""),
        table=table,
        figures=grouped(linked.rows),
        remarks=linked.told,
        targets=annual_targets.known(targets, as_of),
        unfit=passed_over(chosen, plan, year=year),
    )
    return tuple(_judged(item, context) for item in linked.plan.indicators)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What holds for every indicator of one assessment."""

    plan: Plan
    region: str
    region_name: str
    year: int
    as_of: str
    table: str
    figures: Grouped
    remarks: Mapping[str, tuple[tuple[Reason, str], ...]]
    targets: Sequence[annual_targets.AnnualTarget]
    unfit: frozenset[str]

    @property
    def own(self) -> bool:
        """Whether the plan is the region's own."""
        return self.region == self.plan.region


def _with_results(plan: Plan, observations: pd.DataFrame) -> pd.DataFrame:
    """The observations, and what the plan's own table prints in its result column."""
    if not any(item.result for item in plan.indicators):
        return observations
    results = pd.DataFrame(plan_results(plan))
    results["known"] = pd.Timestamp(plan.issued)
    like = observations.dtypes.to_dict()
    same = results.reindex(columns=observations.columns).astype(like)
    return pd.concat([observations, same], ignore_index=True)


def _region_name(plan: Plan, region: str) -> str:
    known = {**places.regions(), plan.region: plan.region_name}
    return known.get(region, region)


def _judged(item: Indicator, context: Context) -> Judgement:
    """One indicator, from its figures down to its judgement."""
    parameters = {**context.plan.parameters, **item.parameters}
    kind = questions(item.kind)
    evidence = evidence_of(item, context.figures, year=context.year, own=context.own,
                           max_age=int(parameters["max_age"]))  # fmt: skip
    base = kind.base(item)
    goal = kind.goal(item, base[0], parameters)
    blocking = reasons.blocking(item, evidence, base, goal, table=context.table,
                                year=context.year, own=context.own)  # fmt: skip
    remarks = context.remarks.get(item.no, ())
    changed = [reason for reason, _ in remarks]
    changed += [Reason.UNFIT_PERIOD] if item.no in context.unfit else []
    ends = kind.ends(item, evidence.inputs[-1]) if item.kind.parts and evidence.known else (
        evidence.value, evidence.low, evidence.high)  # fmt: skip
    common = {
        **_of_plan(item, context, base, goal),
        **_of_evidence(evidence, ends),
        **_of_year(item, evidence, context, parameters),
        **chance.reach(item, evidence, goal, blocking),
        "parameters": parameters,
        "caliber": "；".join(note for _, note in remarks),
    }
    said = (*evidence.reasons, *changed)
    if blocking or goal is None:
        return Judgement(
            **common, verdict=Verdict.NOT_ASSESSABLE, firm=True, level=Level.GREY,
            reasons=tuple(dict.fromkeys((*blocking, *said))),
        )  # fmt: skip
    plan = context.plan
    elapsed = float(im.elapsed_share(evidence.when, plan.base_year, plan.target_year))
    case = Case(item, evidence, goal, Vertices.of(base, ends), elapsed, context.year)
    return _ruled(case, context, common, said)


def evidence_of(
    item: Indicator, figures: Grouped, *, year: int, max_age: int, own: bool = True
) -> Evidence:
    """What is known of an indicator at a year, from the figures of a region; ``own`` tells whether
    the plan is the region's own, ``max_age`` how many years the newest figure may be older."""
    if year <= item.base_year:
        return Evidence(reasons=(Reason.BEFORE_PLAN,))
    mine = figures_of(item, figures, year=year)
    evidence = questions(item.kind).evidence(item, inside(item, mine), year)
    return dated(item, evidence, mine, year=year, max_age=max_age, own=own)


def _ruled(
    case: Case, context: Context, common: Mapping[str, Any], said: Sequence[Reason]
) -> Judgement:
    """What the rules make of a case that nothing blocks."""
    item, kind, parameters = case.item, questions(case.item.kind), common["parameters"]
    standing = rules.standing(case, parameters)
    verdicts = rules.decide(context.plan.rules[context.table], standing.facts)
    verdict, firm, floor = verdicts[0], len(set(verdicts)) == 1, standing.fact("met_at_base")
    # A floor has no way to go.
    progress = standing.progress * math.nan if floor else standing.progress
    pace = standing.pace * math.nan if floor else standing.pace
    way = kind.way(case, progress)
    final, share = context.table == "final", float(progress[0])
    opinions = None if final else second_opinions(case, share, parameters)
    telling = reasons.telling(case, standing, verdict, firm=firm, opinions=opinions,
                              own=context.own, parameters=parameters)  # fmt: skip
    return Judgement(
        **common,
        **_of_way(case, way, progress, pace),
        **(_completion(case) if final else {}),
        **_of_opinions(opinions),
        met=standing.fact("met"),
        met_at_base=floor,
        verdict=verdict,
        firm=firm,
        verdicts_possible=tuple(dict.fromkeys(verdicts)),
        decided_by=reasons.decided_by(case, verdicts),
        level=warning.warning_level(verdict, float(pace[0]), item, parameters,
                                    year=common["annual_completion"], reached=common["reach"]),
        scheduled=kind.scheduled(case),
        next_target=math.nan if case.final_year else kind.next_year(
            case, way, met=standing.fact("met"), progress=share),
        reasons=tuple(dict.fromkeys((*said, *telling))),
    )  # fmt: skip


def _of_plan(item: Indicator, context: Context, base: Ends, goal: Goal | None) -> dict[str, Any]:
    cell = item.target
    return {
        "plan": context.plan.id,
        "indicator": item.no,
        "name": item.name,
        "name_en": item.name_en,
        "region": context.region,
        "region_name": context.region_name,
        "year": context.year,
        "as_of": context.as_of,
        "kind": item.kind,
        "unit": item.unit,
        "attribute": item.attribute,
        "section": item.section,
        "department": item.department,
        "part_of": item.whole or "",
        "direction": item.direction,
        "scale": item.scale,
        "base": base[0],
        "base_low": base[1],
        "base_high": base[2],
        "base_raw": item.base.raw,
        "target": math.nan if goal is None else goal.value,
        "target_low": math.nan if goal is None else goal.low,
        "target_high": math.nan if goal is None else goal.high,
        "target_raw": cell.raw,
        "comparator": cell.comparator,
        "plan_cell": f"{context.plan.text}:{item.line}",
    }


def _of_evidence(evidence: Evidence, ends: Ends) -> dict[str, Any]:
    newest, inputs = evidence.newest, evidence.inputs
    return {
        "value": ends[0],
        "value_low": ends[1],
        "value_high": ends[2],
        "value_raw": "+".join(f.raw for f in inputs),
        "data_year": math.nan if newest is None else newest.year,
        "data_month": math.nan if newest is None else newest.month,
        "last_year": math.nan if evidence.last_year is None else evidence.last_year,
        "missing_years": evidence.missing_years,
        "n_obs": len(evidence.history),
        "evidence": grade(len(evidence.history)),
        "sources": ";".join(f"{f.file}!{f.cell}" for f in inputs),
        "vintage": max((f.published for f in inputs), default=""),
        "access": evidence.access,
        "simulated": any(f.simulated for f in inputs),
        "inputs": inputs,
        "history": evidence.history,
    }


def _of_year(
    item: Indicator, evidence: Evidence, context: Context, parameters: Mapping[str, float]
) -> dict[str, Any]:
    """The target set for the evaluated year, and how its figure stands to it."""
    simulated = any(f.simulated for f in evidence.inputs)
    set_for_year = annual_targets.of(context.targets, item.no, region=context.region,
                                     year=context.year, simulated=simulated)  # fmt: skip
    result, raw, source = YearResult(), "", ""
    if set_for_year is not None:
        raw, source = set_for_year.cell.raw, set_for_year.source
        result = year_result(item, set_for_year.cell, evidence, year=context.year,
                             parameters=parameters)  # fmt: skip
    return {
        "annual_target": result.target,
        "annual_target_raw": raw,
        "annual_value": result.value,
        "annual_completion": result.completion,
        "annual_verdict": result.verdict,
        "annual_source": source,
    }


def _of_way(case: Case, way: Way, progress: Array, pace: Array) -> dict[str, Any]:
    ratio = way.required / way.achieved if way.achieved else math.nan
    beyond = float(case.goal.beyond(case.at.value)[0])
    return {
        "elapsed": case.elapsed,
        **_ends("progress", progress),
        "progress_geometric": way.geometric,
        **_ends("pace", pace),
        "achieved": way.achieved,
        "required": way.required,
        "required_growth": way.required_growth,
        "acceleration": ratio,
        "annualized_growth": way.annualized_growth,
        "gap": max(0.0, -beyond),
        "years_met": way.years_met,
    }


def _ends(name: str, x: Array) -> dict[str, float]:
    """A number at the printed values, and its least and greatest."""
    known = x[~np.isnan(x)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (math.nan, math.nan)
    return {name: float(x[0]), f"{name}_low": low, f"{name}_high": high}


def _completion(case: Case) -> dict[str, Any]:
    """Actual over target, or for caps and floor rates the distance in the unit (METHOD 4.2)."""
    item, goal, value = case.item, case.goal, case.at.value
    rate_bound = item.unit == "%" and item.target.comparator is not Comparator.BARE
    plain = goal.direction > 0 and not rate_bound and not goal.banded and goal.value != 0
    return {
        "completion": float(value[0] / goal.value) if plain else math.nan,
        "distance": float(goal.beyond(value)[0]),
    }


def _of_opinions(opinions: Opinions | None) -> dict[str, Any]:
    return {} if opinions is None else asdict(opinions)
