"""Plan and observations -> one row per indicator with verdict, reasons and every ingredient.

The report is rendered from these rows and from nothing else (METHOD 4.5).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gdplan import indicators as im
from gdplan.assessment import chance, judge, measures, second_opinions, year_result
from gdplan.assessment import row as ingredients
from gdplan.assessment.compositions import distance_interval
from gdplan.assessment.evidence import Evidence, gather, plan_results
from gdplan.assessment.judgement import COLUMNS, Judgement, frame
from gdplan.files import places
from gdplan.model import Indicator, Kind, Level, Mode, Plan, Reason, Scale, Verdict
from gdplan.observations import annual_targets, calibers
from gdplan.observations.choice import choose, passed_over
from gdplan.observations.read import as_of as known_on
from gdplan.plans.choices import check_choices
from gdplan.plans.rule_table import rule_table

if TYPE_CHECKING:
    from datetime import date

NUMBERS = tuple(f.name for f in fields(Judgement) if f.type == "float")
POSITIVE = (Verdict.ACHIEVED_EARLY, Verdict.HELD, Verdict.AHEAD, Verdict.ON_TRACK)


@dataclass(frozen=True, slots=True)
class _Context:
    plan: Plan
    region: str
    region_name: str
    year: int
    as_of: str
    table: str
    told: Mapping[str, tuple[tuple[Reason, str], ...]]
    targets: Sequence[annual_targets.AnnualTarget]
    unfit: frozenset[str]


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
    table = rule_table(plan, year, kind)
    rows = pd.concat(
        [observations, _results_frame(plan, observations)], ignore_index=True
    ) if any(item.result for item in plan.indicators) else observations  # fmt: skip
    if as_of is not None:
        rows = known_on(rows, as_of)
    chosen = choose(rows[rows["region"] == region], plan)
    raw = places.data_folder() / "raw"
    if breaks is None:
        breaks = calibers.checked(raw / "calibers.yml", observations["indicator"].unique())
    if targets is None:
        targets = annual_targets.read(annual_targets.place(), plan)
    targets = annual_targets.known(targets, as_of)
    one = calibers.link(
        chosen[chosen["used"]], calibers.known(breaks, as_of), plan, region=region, year=year
    )
    names = chosen["region_name"]
    name = str(names.iloc[0]) if len(names) else _region_name(plan, region)
    context = _Context(one.plan, region, name, year, str(as_of or ""), table, one.told, targets,
                       passed_over(chosen, plan, year=year))  # fmt: skip
    return tuple(_judgement(_row(item, one.rows, context)) for item in one.plan.indicators)


def _judgement(row: Mapping[str, Any]) -> Judgement:
    known = {k: v for k, v in row.items() if not (isinstance(v, float) and math.isnan(v))}
    known |= {k: row[k] for k in NUMBERS if k in row}
    known["reasons"] = known.pop("reason")
    known["kind"] = Kind.of(known["kind"])
    known["reach_reason"] = Reason(row["reach_reason"]) if row["reach_reason"] else None
    return Judgement(**known)


def _results_frame(plan: Plan, like: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame(plan_results(plan))
    frame["known"] = pd.Timestamp(plan.issued)
    return frame.reindex(columns=like.columns).astype(like.dtypes.to_dict())


def _region_name(plan: Plan, region: str) -> str:
    known = {**places.regions(), plan.region: plan.region_name}
    return known.get(region, region)


def _row(indicator: Indicator, rows: pd.DataFrame, context: _Context) -> dict[str, Any]:
    parameters = {**context.plan.parameters, **indicator.parameters}
    found = gather(indicator, rows, year=context.year, max_age=int(parameters["max_age"]),
                   own=context.region == context.plan.region)  # fmt: skip
    base = _base(indicator)
    set_for_year = annual_targets.of(
        context.targets, indicator.no, region=context.region, year=context.year,
        simulated=any(f.simulated for f in found.inputs),
    )  # fmt: skip
    aim = judge.goal(indicator, base[0], parameters)
    row = _facts_of_plan(indicator, context, base, aim)
    row |= ingredients.of_data(found, ingredients.value_of(indicator, found))
    if set_for_year is not None:
        row |= {"annual_target_raw": set_for_year.cell.raw, "annual_source": set_for_year.source}
        row |= year_result.result(indicator, set_for_year.cell, found, year=context.year,
                             parameters=parameters)  # fmt: skip
    row["parameters"] = parameters
    told = context.told.get(indicator.no, ())
    row["caliber"] = "；".join(note for _, note in told)
    changed = [reason for reason, _ in told]
    changed += [Reason.UNFIT_PERIOD] if indicator.no in context.unfit else []
    blocking = _blocking(indicator, found, base, aim, context)
    row |= chance.reach(indicator, found, aim, blocking)
    if blocking or aim is None:
        reasons = (*blocking, *found.reasons, *changed)
        return _finish(row, Verdict.NOT_ASSESSABLE, reasons, found)
    found = replace(found, reasons=(*found.reasons, *changed))
    return _judged(row, indicator, found, base, aim, context, parameters)


def _base(indicator: Indicator) -> tuple[float, float, float]:
    """Base at printed value, low and high end; nan where the plan prints none."""
    cell = indicator.base
    if indicator.kind.parts:
        return distance_interval(cell.raw, indicator.target.parts)
    if cell.value is None:
        return math.nan, math.nan, math.nan
    low, high = indicator.limits
    return cell.value, max(cell.low, low), min(cell.high, high)


def _blocking(
    indicator: Indicator,
    found: Evidence,
    base: tuple[float, float, float],
    aim: judge.Goal | None,
    context: _Context,
) -> tuple[Reason, ...]:
    """Reasons that forbid any verdict, most telling first."""
    if context.region != context.plan.region and indicator.unit != "%":
        return (Reason.NO_REGION_TARGET,)
    midterm = context.table == "midterm"
    needs_base = not indicator.kind.accumulates and midterm
    no_base = needs_base and math.isnan(base[0])
    if aim is None:
        keeps = no_base and indicator.target.comparator == "keep"
        return (Reason.NO_BASE if keeps else Reason.NO_TARGET_NUMBER,)
    if not found.known:
        return found.reasons or (Reason.NO_DATA,)
    if no_base:
        return (Reason.ONE_POINT if len(found.history) < 2 else Reason.NO_BASE,)
    if indicator.kind.mode is Mode.SUM and aim.value == 0:
        return (Reason.TARGET_ZERO,)
    if context.table == "final" and not _final(indicator, found, aim, context.year):
        return (Reason.NO_FINAL_YEAR,)
    return ()


def _final(indicator: Indicator, found: Evidence, aim: judge.Goal, year: int) -> bool:
    """Whether a final verdict can rest on what is known: the whole target year, or a sum that
    has come already and cannot fall."""
    if found.when >= year:
        return True
    grown = indicator.kind.mode is Mode.SUM and aim.direction > 0 and not aim.banded
    return grown and bool(aim.met(np.array([found.low]))[0])


def _facts_of_plan(
    indicator: Indicator,
    context: _Context,
    base: tuple[float, float, float],
    aim: judge.Goal | None,
) -> dict[str, Any]:
    cell = indicator.target
    return dict.fromkeys(COLUMNS, math.nan) | {
        "plan": context.plan.id,
        "indicator": indicator.no,
        "name": indicator.name,
        "name_en": indicator.name_en,
        "region": context.region,
        "region_name": context.region_name,
        "year": context.year,
        "as_of": context.as_of,
        "kind": indicator.kind.name,
        "unit": indicator.unit,
        "attribute": indicator.attribute,
        "section": indicator.section,
        "department": indicator.department,
        "part_of": indicator.whole or "",
        "direction": indicator.direction,
        "scale": indicator.scale,
        "base": base[0],
        "base_low": base[1],
        "base_high": base[2],
        "base_raw": indicator.base.raw,
        "target": math.nan if aim is None else aim.value,
        "target_low": math.nan if aim is None else aim.low,
        "target_high": math.nan if aim is None else aim.high,
        "target_raw": cell.raw,
        "comparator": cell.comparator,
        "plan_cell": f"{context.plan.text}:{indicator.line}",
        "annual_target_raw": "",
        "annual_source": "",
        "annual_verdict": "",
    }


def _judged(
    row: dict[str, Any],
    indicator: Indicator,
    found: Evidence,
    base: tuple[float, float, float],
    aim: judge.Goal,
    context: _Context,
    parameters: Mapping[str, float],
) -> dict[str, Any]:
    at = judge.Vertices.of(base, ingredients.value_of(indicator, found))
    plan = context.plan
    elapsed = float(im.elapsed_share(found.when, plan.base_year, plan.target_year))
    done = judge.progress(indicator, at, aim, found)
    known = judge.facts(
        indicator, at, aim, found, done=done, speed=judge.speed(indicator, aim, done, elapsed),
        final_year=context.year >= plan.target_year, parameters=parameters,
    )  # fmt: skip
    verdicts = judge.decide(plan.rules[context.table], known)
    verdict = Verdict(verdicts[0])
    floor = bool(known["met_at_base"][0])
    done = np.where(floor, np.nan, done)
    row |= measures.measures(indicator, at, aim, found, done, elapsed)
    row |= {
        "met": bool(known["met"][0]),
        "met_at_base": floor,
        "firm": len(set(verdicts)) == 1,
        "decided_by": _decided_by(verdicts, indicator, found),
        "verdicts_possible": tuple(dict.fromkeys(Verdict(v) for v in verdicts)),
        "level": measures.warning_level(
            verdict,
            row["pace"],
            indicator,
            parameters,
            year=row["annual_completion"],
            reached=row["reach"],
        ),
    }
    row["scheduled"] = year_result.scheduled(indicator, base[0], aim, elapsed)
    row["next_target"] = year_result.next_target(
        indicator, row, aim, year=context.year, when=found.when
    )
    if context.table == "final":
        row |= measures.completion(indicator, at, aim)
    else:
        row |= second_opinions.second_opinions(
            indicator, at.base[0], at.value[0], aim, when=found.when,
            progress=float(done[0]), elapsed=elapsed, parameters=parameters,
        )  # fmt: skip
    borrowed = context.region != plan.region
    reasons = _reasons(row, indicator, aim, found, verdict, known, parameters, borrowed)
    return _finish(row, verdict, (*found.reasons, *reasons), found)


def _decided_by(verdicts: list[str], indicator: Indicator, found: Evidence) -> str:
    """Which figure's interval changes the verdict: vertices 0-2 vary the value, 0,3,6 the base."""
    if len(set(verdicts)) == 1:
        return ""
    cells = [
        f"{f.year}年 {f.raw}（{f.file}!{f.cell}）"
        for f in found.inputs
        if f.low != f.high and len(set(verdicts[:3])) > 1
    ]
    if len({verdicts[0], verdicts[3], verdicts[6]}) > 1 or not cells:
        cells.append(f"基期数 {indicator.base.raw}")
    return "；".join(cells)


def _reasons(
    row: Mapping[str, Any],
    indicator: Indicator,
    aim: judge.Goal,
    found: Evidence,
    verdict: Verdict,
    known: Mapping[str, Any],
    parameters: Mapping[str, float],
    borrowed: bool,
) -> tuple[Reason, ...]:
    base, value, target = row["base"], row["value"], row["target"]
    midterm = verdict not in (
        Verdict.EXCEEDED, Verdict.COMPLETED, Verdict.NEARLY, Verdict.MISSED,
    )  # fmt: skip
    spread = [abs(x) for x in (base, value, target) if not math.isnan(x) and x != 0]
    up, down = row["value_high"] < row["base_low"], row["value_low"] > row["base_high"]
    worse = {1: up, -1: down}.get(aim.direction, False)
    positive = verdict in POSITIVE
    checks = {
        Reason.TARGET_EQUALS_BASE: midterm and row["met_at_base"] and base == target,
        Reason.FLOOR: midterm and row["met_at_base"] and base != target,
        Reason.FLOOR_BROKEN: midterm and row["met_at_base"] and not row["met"],
        Reason.FLOOR_BROKEN_EARLIER: midterm
        and row["met_at_base"] and row["met"] and not known["met_every_year"][0],
        Reason.MOVED_AWAY: midterm and not row["met_at_base"] and verdict is Verdict.REVERSED,
        Reason.MET_BUT_FALLING: midterm and row["met"] and worse and row["met_at_base"],
        Reason.WIDE_RANGE: indicator.kind.plain
        and len(spread) == 3
        and max(spread) / min(spread) > parameters["wide_range"],
        Reason.NOT_POSITIVE: indicator.scale is Scale.GEOMETRIC
        and midterm and not row["met_at_base"] and math.isnan(row["progress"]),
        Reason.BORDERLINE: not row["firm"],
        Reason.UNBOUNDED: not row["firm"] and math.isinf(found.high - found.low),
        Reason.SCHEMES_DISAGREE: midterm and second_opinions.disagree(row, positive),
        Reason.PROVINCE_TARGET: borrowed,
        Reason.SECONDARY_SOURCE: any(f.access != "direct" for f in found.inputs),
    }  # fmt: skip
    return tuple(reason for reason, holds in checks.items() if holds)


def _finish(
    row: dict[str, Any], verdict: Verdict, reasons: tuple[Reason, ...], found: Evidence
) -> dict[str, Any]:
    row["verdict"] = verdict
    row["reason"] = tuple(dict.fromkeys(reasons))
    if verdict is Verdict.NOT_ASSESSABLE:
        row["level"], row["firm"] = Level.GREY, True
    return row
