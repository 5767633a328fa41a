"""``gdplan scenarios RUN.yml``: the scenarios of a plan as a folder of tables, charts and words."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gdplan.model import Plan
from gdplan.problems import Problem, ProblemError, closest

STYLE = (
    "body{max-width:60em;margin:2em auto;font-family:sans-serif}img{max-width:100%}"
    "table{border-collapse:collapse}td,th{border:1px solid #888;padding:.2em .5em}"
)

if TYPE_CHECKING:
    import pandas as pd

    from gdplan.files.strict_yaml import YamlDocument
    from gdplan.page.drawing import Charts
    from gdplan.scenarios.files import RunSpec, Scenario
    from gdplan.scenarios.run import Result


def scenarios_command(
    run: Annotated[Path, typer.Argument(metavar="RUN.yml", help="推算任务文件")],
    out: Annotated[Path, typer.Option(help="结果所在文件夹")] = Path("scenarios"),
    workers: Annotated[int, typer.Option(min=1, max=64, help="并行数，不影响结果")] = 1,
    block: Annotated[int | None, typer.Option(min=1, help="一次抽取的次数，不影响结果")] = None,
    force: Annotated[bool, typer.Option("--force", help="替换已有的同名结果")] = False,
    scheduler: Annotated[
        str | None, typer.Option(help="Dask 调度器地址 tcp://主机:端口；在集群上抽取，不影响结果")
    ] = None,
    patience: Annotated[
        float, typer.Option(min=1, help="调度器或全部工作进程离开多少秒算中断")
    ] = 30.0,
) -> None:
    """按情景推算，写表、图和说明。Follow scenarios; write tables, charts and words."""
    from gdplan.files.run_folder import refuse_existing, write_folder
    from gdplan.observations import read as figures_file
    from gdplan.scenarios import table as scenario_table

    spec, plan, found, regions = _asked(run)
    target = out / spec.id
    refuse_existing(target, force=force)
    frame = figures_file.read_observations(spec.observations, plan)
    result = _followed(
        scheduler, patience, plan, frame, found, regions=regions, year=spec.year, until=spec.until,
        since=spec.since, as_of=spec.as_of, seed=spec.seed, draws=spec.draws, block=block,
        workers=workers,
    )  # fmt: skip
    rows = frame[frame["region"].isin(regions)].drop(columns="known")
    write_folder(contents(plan, spec, found, result, rows), out, spec.id)
    titles = {s.spec.id: s.spec.name for s in found}
    for line in scenario_table.lines(plan, result, titles=titles):
        print(line)
    print(target)


def _asked(run: Path) -> tuple[RunSpec, Plan, list[Scenario], list[str]]:
    """The run file with all it names, or every fault of it and of its scenarios."""
    from gdplan.dates import end_of
    from gdplan.plans.load import load_plan
    from gdplan.plans.revisions import in_force
    from gdplan.reports.request import tried
    from gdplan.scenarios.files import load_run
    from gdplan.scenarios.run import wrong_years

    spec, document = load_run(run)
    problems: list[Problem] = []

    def placed(field: str, work: Callable[[], Any]) -> Any:
        """What some work on a field gives; its faults stand at the line of the field."""
        told: list[Problem] = []
        made = tried(told, work)
        problems.extend(replace(p, where=document.at((field,)), found=str(getattr(spec, field)))
                        for p in told)  # fmt: skip
        return made

    if spec.as_of is not None:
        placed("as_of", lambda: end_of(str(spec.as_of)))
    plan: Plan | None = placed("plan", lambda: load_plan(spec.plan))
    if plan is None:
        raise ProblemError(problems)
    until = plan.target_year if spec.until is None else spec.until
    problems += [replace(p, where=document.at((p.where,)))
                 for p in wrong_years(plan, spec.year, until, spec.since)]  # fmt: skip
    found = tried(problems, lambda: scenarios_of(spec, document, plan))
    regions = tried(problems, lambda: regions_of(spec, document, plan))
    if problems or found is None or regions is None:
        raise ProblemError(problems)
    return spec, in_force(plan, spec.as_of), found, regions


def _followed(scheduler: str | None, patience: float, *data: Any, **choices: Any) -> Result:
    """The scenarios followed here, or on a cluster; exit code 3 when that is lost."""
    from gdplan.scenarios import run as scenario_run

    if scheduler is None:
        return scenario_run.run(*data, **choices)
    from gdplan.batch.cluster.draws import connected
    from gdplan.batch.pool import Lost

    try:
        with connected(scheduler, patience=patience) as simulate:
            return scenario_run.run(*data, **choices, simulate=simulate)
    except Lost as lost:
        print(f"{lost}\n没有写任何文件；再次运行同一命令", file=sys.stderr)
        raise typer.Exit(3) from None


def scenarios_of(spec: RunSpec, document: YamlDocument, plan: Plan) -> list[Scenario]:
    """The scenarios a run file asks for, in its order; all of the folder when it names none.

    Raises
    ------
    ProblemError
        For an unknown folder or scenario, and every fault of every file.
    """
    from gdplan.files import places
    from gdplan.scenarios.files import load_scenarios

    folder = places.located(spec.folder) if spec.folder else (
        Path(plan.files[0]).parent / "scenarios"
    )  # fmt: skip
    there = {path.stem: path for path in sorted(folder.glob("*.yml"))}
    if not there:
        raise ProblemError(
            Problem("no_scenarios", document.at(("folder",)), "没有情景文件",
                    "规划旁的 scenarios/*.yml", str(spec.folder or folder.name))
        )  # fmt: skip
    unknown = [
        Problem("unknown_scenario", document.at(("scenarios", str(i))), f"没有情景 {name}",
                "、".join(there), name, closest(name, there))
        for i, name in enumerate(spec.scenarios) if name not in there
    ]  # fmt: skip
    if unknown:
        raise ProblemError(unknown)
    names = list(dict.fromkeys(spec.scenarios)) or list(there)
    years = (spec.year, spec.until or plan.target_year)
    found = load_scenarios([there[name] for name in names], plan, years=years)
    return found if spec.scenarios else sorted(found, key=lambda one: one.spec.order)


def regions_of(spec: RunSpec, document: YamlDocument, plan: Plan) -> list[str]:
    """Codes of the run's regions, the plan's own by default.

    Raises
    ------
    ProblemError
        With every unknown code and the closest known one.
    """
    from gdplan.files import places
    from gdplan.plans.choices import REGISTER, closest_region, known_regions

    known = known_regions(plan)
    problems = [
        Problem("unknown_region", document.at(("regions", str(i))), f"不认识的地区代码 {code}",
                REGISTER, code, closest_region(code, known))
        for i, code in enumerate(spec.regions) if code not in known
    ]  # fmt: skip
    if problems:
        raise ProblemError(problems)
    cities = places.cities_of(plan.region) if spec.cities else []
    return list(dict.fromkeys([*(spec.regions or [plan.region]), *cities]))


def contents(
    plan: Plan, spec: RunSpec, found: Sequence[Scenario], result: Result, rows: pd.DataFrame
) -> dict[str, bytes]:
    """Every file of the result by name."""
    from gdplan.scenarios import exchange, fan_charts

    iamc = exchange.iamc(result)
    tables = {
        "scenarios": result.paths, "outcomes": result.outcomes, "sensitivity": result.sensitivity,
        "regressions": result.regressions, "iamc": iamc, "observations": rows,
    }  # fmt: skip
    made = {k: exchange.csv_bytes(v, exchange.FIELDS[k]) for k, v in tables.items()}
    made["indicators"] = _indicators(plan)
    files = {f"{name}.csv": content for name, content in made.items()}
    files["iamc.xlsx"] = exchange.iamc_xlsx(iamc)
    files["datapackage.json"] = exchange.descriptor(
        made, name=spec.id, title=plan.title, facts=spec.model_dump(exclude_none=True),
        sources=_sources(plan, found),
    )  # fmt: skip
    fans = {
        s.spec.id: fan_charts.fans(plan, result, scenario=s.spec.id, title=s.spec.name,
                                  region=_first(result))
        for s in found
    }  # fmt: skip
    for key, charts in fans.items():
        for page, chart in enumerate(charts.charts, 1):
            files[f"fan-{key}-{page}.svg"] = chart.svg.encode()
    files["scenarios.html"] = _page(plan, found, result, fans, bool(rows["simulated"].any()))
    return files


def _first(result: Result) -> str:
    return str(result.outcomes["region"].iloc[0])


def _indicators(plan: Plan) -> bytes:
    from gdplan.plans.printed import document_of
    from gdplan.plans.table_rows import rows_in
    from gdplan.reports import build

    kept = [r for r in rows_in(document_of(plan)) if r.table in plan.table.split("、")
            and r.target_year in (plan.target_year, None)]  # fmt: skip
    return build.indicators_csv(kept).encode("utf-8-sig")


def _sources(plan: Plan, found: Sequence[Scenario]) -> list[Mapping[str, str]]:
    files = [("plan.yml", Path(plan.files[0])), *((s.spec.name, s.document.path) for s in found)]
    return [{"title": title, "path": f"{path.parent.name}/{path.name}",
             "hash": "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()}
            for title, path in files]  # fmt: skip


def _page(
    plan: Plan,
    found: Sequence[Scenario],
    result: Result,
    fans: Mapping[str, Charts],
    simulated: bool,
) -> bytes:
    """Table, charts and words of the first region as one page without external addresses."""
    from html import escape

    from gdplan.page.language import language
    from gdplan.scenarios import table as scenario_table

    say, region = language("zh"), _first(result)
    titles = {s.spec.id: s.spec.name for s in found}
    notes = "".join(f"<li>{escape(s.spec.name)}：{escape(s.spec.note)}</li>" for s in found)
    parts = [scenario_table.section(plan, result, region=region, titles=titles)._repr_html_()]
    parts += [charts._repr_html_() for charts in fans.values()]
    mark = f"<p><strong>{escape(say('simulated'))}</strong></p>" if simulated else ""
    return (
        f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>{escape(plan.title)}</title>'
        f"<style>{STYLE}</style><h1>{escape(plan.title)}</h1>{mark}<ul>{notes}</ul>"
        + "\n".join(parts) + "</html>\n"
    ).encode()  # fmt: skip
