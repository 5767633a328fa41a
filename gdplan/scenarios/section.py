"""The scenarios beside a plan, followed for a report: their table and what closes the gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gdplan.page.blocks import Export, Section

if TYPE_CHECKING:
    from gdplan.reports.evaluation import Evaluation
    from gdplan.scenarios.run import Result

DRAWS = 10_000
FOLDER = "scenarios"


@dataclass(frozen=True, slots=True)
class Prospects:
    """Scenarios of one region from one data year; ``result`` is None where none could be drawn.

    ``titles`` by language hold the name of every scenario by id, in the order of the columns.
    """

    result: Result | None
    titles: Mapping[str, dict[str, str]]
    region: str
    seed: int


def files(plan_file: str | Path) -> list[Path]:
    """Scenario files beside a plan.yml."""
    return sorted((Path(plan_file).parent / FOLDER).glob("*.yml"))


def follow(evaluation: Evaluation) -> Prospects:
    """Follow every scenario beside the plan from the last figures of a region.

    From the target year on nothing is left to follow.

    Raises
    ------
    ProblemError
        With every fault of every scenario file.
    """
    from gdplan.scenarios.files import load_scenarios
    from gdplan.scenarios.run import run

    plan, region, year = evaluation.plan, evaluation.region, evaluation.year
    seed, there = plan.target_year, files(plan.files[0])
    if not there or not plan.base_year < year < plan.target_year:
        return Prospects(None, {}, region, seed)
    found = load_scenarios(there, plan, years=(year, plan.target_year))
    found.sort(key=lambda one: one.spec.order)
    result = run(plan, evaluation.known, found, regions=[region], year=year,
                 as_of=evaluation.as_of or None, seed=seed, draws=DRAWS)  # fmt: skip
    titles = {
        "zh": {s.spec.id: s.spec.name for s in found},
        "en": {s.spec.id: s.spec.name_en for s in found},
    }
    return Prospects(result, titles, region, seed)


def scenarios(evaluation: Evaluation) -> Section:
    """情景推算: the table of all scenarios, what each leaves short, and what is not known."""
    from gdplan.scenarios.table import section

    ahead, code = evaluation.once(follow), evaluation.say.code
    if ahead.result is None:
        return Section(())
    return section(evaluation.plan, ahead.result, region=ahead.region, titles=ahead.titles[code],
                   lang=code)  # fmt: skip


def export(evaluation: Evaluation) -> Export:
    """Hand the outcomes to the runner: its output becomes outcomes.csv, if there are any."""
    ahead = evaluation.once(follow)
    return Export("outcomes", None if ahead.result is None else ahead.result.outcomes)
