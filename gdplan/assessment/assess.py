"""Plan and observations -> one judgement per indicator, made in one pass downwards:
figures -> what the kind makes of them -> rules -> judgement (METHOD 4.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from gdplan import indicators as im
from gdplan.assessment import chance
from gdplan.assessment.blocking import blocking
from gdplan.assessment.evidence import evidence_of, grouped
from gdplan.assessment.judgement import Judgement, frame
from gdplan.assessment.kinds.questions import Case, Vertices, questions
from gdplan.assessment.local import local
from gdplan.assessment.marked import with_results
from gdplan.assessment.reasons import POSITIVE, decided_by, telling
from gdplan.assessment.record import Context, Given, Ruling, with_verdict, without_verdict
from gdplan.assessment.rules import decide, facts
from gdplan.assessment.second_opinions import second_opinions
from gdplan.assessment.standing import firm, standing
from gdplan.assessment.start import start
from gdplan.assessment.warning import plan_light, year_light
from gdplan.assessment.year_result import year_result
from gdplan.files import places
from gdplan.model import Indicator, Plan, Reason
from gdplan.observations import annual_targets, calibers
from gdplan.observations.choice import choose, passed_over, with_parts
from gdplan.observations.read import as_of as known_on
from gdplan.plans.choices import check_choices
from gdplan.plans.revisions import in_force
from gdplan.plans.rule_table import rule_table

if TYPE_CHECKING:
    from datetime import date


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
        For an unknown region or kind, a year outside the plan, a day that is none.

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
    check_choices(plan, observations, region=region, year=year, kind=kind, as_of=as_of)
    table, plan = rule_table(plan, year, kind), in_force(plan, as_of)
    rows = with_results(plan, observations)
    if as_of is not None:
        rows = known_on(rows, as_of)
    chosen = choose(rows[rows["region"] == region], plan)
    if breaks is None:
        path = places.data_folder() / "raw" / "calibers.yml"
        breaks = calibers.checked(path, observations["indicator"].unique())
    if targets is None:
        targets = annual_targets.read(annual_targets.place(), plan)
    linked = calibers.link(
        with_parts(chosen), calibers.known(breaks, as_of), plan, region=region, year=year
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
        targets=calibers.known(targets, as_of),
        unfit=passed_over(chosen, plan, year=year),
    )
    return tuple(_judged(item, context) for item in linked.plan.indicators)


def _region_name(plan: Plan, region: str) -> str:
    known = {**places.regions(), plan.region: plan.region_name}
    return known.get(region, region)


def _judged(item: Indicator, context: Context) -> Judgement:
    """One indicator, from its figures down to its judgement."""
    parameters = {**context.plan.parameters, **item.parameters}
    reference = "" if context.own else item.base.raw
    item = local(item, context.figures, own=context.own, region_name=context.region_name)
    kind = questions(item.kind)
    evidence = evidence_of(item, kind, context.figures, year=context.year, own=context.own,
                           max_age=int(parameters["max_age"]))  # fmt: skip
    base, value = kind.base(item), kind.value(item, evidence)
    goal = kind.goal(item, base[0], parameters)
    target = annual_targets.of(context.targets, item.no, region=context.region,
                               year=context.year, simulated=evidence.simulated)  # fmt: skip
    year = year_result(item, kind, target, evidence, year=context.year, parameters=parameters)
    blocked = blocking(item, kind, evidence, base, value, goal, table=context.table,
                       year=context.year, own=context.own)  # fmt: skip
    given = Given(item, reference, evidence, base, value, goal, year, blocked, parameters,
                  chance.reach(start(item, kind, evidence, goal), blocked))  # fmt: skip
    if blocked or goal is None:
        return without_verdict(given, context, year_light(year, item, parameters))
    elapsed = im.elapsed_share(evidence.when, item.base_year, item.target_year)
    sure = firm(value, evidence.decimals, item.target)
    # Of a bound the end that is known is as sure as a figure.
    if evidence.bounded:
        value = sure
    elif evidence.upward:
        value = value[0], sure[1], value[2]
    else:
        value = value[0], value[1], sure[2]
    at = Vertices.of(firm(base, item.base.decimals, item.target), value, goal.edges,
                     above=evidence.above)  # fmt: skip
    case = Case(item, evidence, goal, at, float(elapsed), context.year)
    stand = standing(case, kind, parameters)
    known = facts(stand, item, parameters)
    verdicts = decide(context.plan.rules[context.table], known)
    if not evidence.bounded and len(set(verdicts)) > 1 and not set(verdicts) <= set(POSITIVE):
        bounded = replace(given, blocked=(Reason.UNBOUNDED,))
        return without_verdict(bounded, context, year_light(year, item, parameters))
    opinions = None if context.table == "final" else second_opinions(
        case, float(stand.progress[0]), parameters, capped=stand.capped)  # fmt: skip
    reasons = telling(case, known, verdicts, opinions, own=context.own, parameters=parameters)
    deciding = decided_by(case, verdicts)
    level = plan_light(verdicts[0], float(stand.pace[0]), item, parameters,
                       reached=given.outlook["reach"])  # fmt: skip
    ruling = Ruling(stand, known, verdicts, deciding, opinions, reasons, level,
                    year_light(year, item, parameters))  # fmt: skip
    return with_verdict(given, context, case, ruling)
