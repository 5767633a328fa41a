"""``gdplan score-outlook``: the outlook of an earlier run against the figures that came since."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gdplan.problems import Problem, ProblemError


def score_outlook_command(
    name: Annotated[
        str, typer.Argument(metavar="RUN", help="报告的编号、文件夹或其 assessment.csv")
    ],
    plan: Annotated[str | None, typer.Option(help="规划编号或文件夹；默认该报告的规划")] = None,
    observations: Annotated[str | None, typer.Option(help="数据文件或文件夹")] = None,
    as_of: Annotated[str | None, typer.Option(help="数据时点 YYYY-MM-DD")] = None,
    out: Annotated[Path, typer.Option(help="报告所在文件夹")] = Path("reports"),
) -> None:
    """用后来公布的数据检验一份报告的推算。Score an earlier outlook against what came since."""
    from gdplan.observations.read import read_observations
    from gdplan.plans.load import load_plan
    from gdplan.reports.runs import find as find_runs
    from gdplan.reports.runs.hindsight import look_back, read_run
    from gdplan.reports.sections import hindsight as section

    place = name if Path(name).exists() else find_runs.find(name, out=out)
    run = read_run(place)
    the_plan = load_plan(plan or run[0].plan)
    if the_plan.id != run[0].plan:
        raise ProblemError(Problem("another_plan", the_plan.id, "与报告的规划不同",
                                   expected=run[0].plan))  # fmt: skip
    figures = read_observations(observations, the_plan)
    for line in section.lines(look_back(run, the_plan, figures, as_of=as_of)):
        print(line)
