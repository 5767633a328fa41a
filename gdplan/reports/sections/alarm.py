"""``gdplan check --warn``: one line per indicator whose light is orange or red, for a scheduler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gdplan.assessment.assess import judgements
from gdplan.assessment.evidence import FULL_YEAR
from gdplan.model import Attribute, Level, Plan
from gdplan.observations import annual_targets
from gdplan.page.language import language
from gdplan.reports.sections.year_review import why, worst

if TYPE_CHECKING:
    import pandas as pd

GRAVE = (Level.RED, Level.ORANGE)


@dataclass(frozen=True, slots=True)
class Alarm:
    """The raised lights of a region and year; ``binding`` says whether a binding one is among
    them."""

    lines: tuple[str, ...]
    binding: bool


def latest_year(plan: Plan, observations: pd.DataFrame, region: str) -> int:
    """The last plan year of which the region has a whole year's figure of an indicator; the first
    year of the plan otherwise."""
    inside = observations["year"].between(plan.base_year + 1, plan.target_year)
    names = {name for item in plan.indicators for name in (item.name, *item.aliases)}
    whole = observations["period"].isin([p.value for p in FULL_YEAR])
    ours = whole & observations["indicator"].isin(names) & (observations["region"] == region)
    years = observations.loc[inside & ours, "year"]
    return int(years.max()) if len(years) else plan.base_year + 1


def alarm(
    plan: Plan,
    observations: pd.DataFrame,
    *,
    region: str,
    year: int,
    targets: Sequence[annual_targets.AnnualTarget] | None = None,
) -> Alarm:
    """Judge the year and gather the indicators whose light is orange or red, the gravest first.

    Parameters
    ----------
    targets : sequence of annualtargets.AnnualTarget, optional
        Targets of single years; by default those of ``data/raw/annual_targets.csv``.
    """
    rows = judgements(plan, observations, region=region, year=year, kind="annual", targets=targets)
    say = language("zh")
    grave = [r for level in GRAVE for r in rows if worst(r) == level]
    binding = [r for r in grave if r.attribute == Attribute.BINDING]
    known = sum(worst(r) != Level.GREY for r in rows)
    head = (f"{rows[0].region_name}{year}年：{known}项有预警等级，红灯、橙灯{len(grave)}项，"
            f"其中约束性指标{len(binding)}项")  # fmt: skip
    told = (
        f"{worst(r)}  {r.attribute}  {r.indicator} {r.name}：{why(r, say)}（{r.department}）"
        for r in grave
    )
    return Alarm((head, *told), bool(binding))
