"""What was found of an indicator, written down as its judgement."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gdplan.assessment.judgement import Judgement
from gdplan.model import Comparator, Indicator, Level, Plan, Reason, Verdict
from gdplan.outlook.projection import grade
from gdplan.plans.revisions import told

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence, Grouped
    from gdplan.assessment.kinds.questions import Case, Ends
    from gdplan.assessment.rules import Facts
    from gdplan.assessment.second_opinions import Opinions
    from gdplan.assessment.standing import Standing
    from gdplan.assessment.year_result import YearResult
    from gdplan.observations.annual_targets import AnnualTarget
    from gdplan.outlook.goal import Array, Goal


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
    targets: Sequence[AnnualTarget]
    unfit: frozenset[str]

    @property
    def own(self) -> bool:
        """Whether the plan is the region's own."""
        return self.region == self.plan.region


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of an indicator before the rules are asked."""

    item: Indicator
    province_base: str
    evidence: Evidence
    base: Ends
    value: Ends
    goal: Goal | None
    year: YearResult
    blocked: tuple[Reason, ...]
    parameters: Mapping[str, float]
    outlook: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules made of a case: verdicts at every vertex, the printed one first."""

    standing: Standing
    facts: Facts
    verdicts: tuple[Verdict, ...]
    decided_by: str
    opinions: Opinions | None
    reasons: Sequence[Reason]
    level: Level
    year_level: Level


def without_verdict(given: Given, context: Context, year_level: Level) -> Judgement:
    """The judgement where a reason forbids any verdict."""
    reasons = (*given.blocked, *_said(given, context))
    return Judgement(
        **_common(given, context), verdict=Verdict.NOT_ASSESSABLE, firm=True, level=Level.GREY,
        year_level=year_level,
        reasons=tuple(dict.fromkeys(reasons)),
    )  # fmt: skip


def with_verdict(given: Given, context: Context, case: Case, ruling: Ruling) -> Judgement:
    """The judgement of what the rules decided."""
    standing, verdicts, opinions = ruling.standing, ruling.verdicts, ruling.opinions
    return Judgement(
        **_common(given, context),
        **_of_way(case, standing),
        **(_completion(case) if context.table == "final" else {}),
        **({} if opinions is None else asdict(opinions)),
        met=bool(standing.met[0]),
        met_at_base=bool(standing.met_at_base[0]),
        verdict=verdicts[0],
        firm=len(set(verdicts)) == 1,
        verdicts_possible=tuple(dict.fromkeys(verdicts)),
        decided_by=ruling.decided_by,
        level=ruling.level,
        year_level=ruling.year_level,
        scheduled=standing.scheduled,
        next_target=standing.next_year,
        reasons=tuple(dict.fromkeys((*_said(given, context), *ruling.reasons))),
    )


def _said(given: Given, context: Context) -> tuple[Reason, ...]:
    """What the figures and their definitions have to say, whatever the verdict."""
    no = given.item.no
    changed = [reason for reason, _ in context.remarks.get(no, ())]
    changed += [Reason.UNFIT_PERIOD] if no in context.unfit else []
    return (*given.evidence.reasons, *told(given.item), *changed)


def _common(given: Given, context: Context) -> dict[str, Any]:
    remarks = context.remarks.get(given.item.no, ())
    return {
        **_of_plan(given.item, context, given.base, given.goal),
        **_of_evidence(given.evidence, given.value),
        **asdict(given.year),
        **given.outlook,
        "parameters": given.parameters,
        "province_base": given.province_base,
        "caliber": "；".join(note for _, note in remarks),
    }


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
        "revised": item.revised,
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
        "data_share": evidence.share,
        "last_year": math.nan if evidence.last_year is None else evidence.last_year,
        "missing_years": evidence.missing_years,
        "n_obs": len(evidence.history),
        "evidence": grade(len(evidence.history)),
        "sources": ";".join(f"{f.file}!{f.cell}" for f in inputs),
        "vintage": max((f.published for f in inputs), default=""),
        "access": evidence.access,
        "simulated": evidence.simulated,
        "inputs": inputs,
        "history": evidence.history,
    }


def _of_way(case: Case, standing: Standing) -> dict[str, Any]:
    way = standing.way
    ratio = way.required / way.achieved if way.achieved else math.nan
    beyond = float(case.goal.beyond(case.at.value)[0])
    return {
        "elapsed": case.elapsed,
        **_ends("progress", standing.progress),
        "progress_geometric": way.geometric,
        **_ends("pace", standing.pace),
        "achieved": way.achieved,
        "required": way.required,
        "required_growth": way.required_growth,
        "acceleration": ratio,
        "annualized_growth": way.annualized_growth,
        "gap": max(0.0, -beyond),
        "years_met": standing.years_met,
    }


def _ends(name: str, x: Array) -> dict[str, float]:
    """A number at the printed values, and its least and greatest."""
    known = x[~np.isnan(x)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (math.nan, math.nan)
    return {name: float(x[0]), f"{name}_low": low, f"{name}_high": high}


def _completion(case: Case) -> dict[str, Any]:
    """Actual over target, or for caps and floor rates the distance in the unit and, where less is
    better, the share of the target that it is too much (METHOD 4.2)."""
    item, goal, value = case.item, case.goal, case.at.value
    rate_bound = item.unit == "%" and item.target.comparator is not Comparator.BARE
    plain = goal.direction > 0 and not rate_bound and not goal.banded and goal.value != 0
    capped = goal.direction < 0 and not goal.banded and goal.value != 0 and not case.met[0]
    return {
        "completion": float(value[0] / goal.value) if plain else math.nan,
        "distance": float(goal.beyond(value)[0]),
        "shortfall": float((value[0] - goal.value) / abs(goal.value)) if capped else math.nan,
    }
