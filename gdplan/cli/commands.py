"""The command line: arguments in, problems numbered, exit codes out (0, 1 input, 2 run).

Heavy imports stand inside the commands, so that --help costs next to nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from gdplan.cli import batch as cli_batch
from gdplan.cli import explore as cli_explore
from gdplan.cli.allocate import allocate_command
from gdplan.cli.hindsight import score_outlook_command
from gdplan.cli.scenarios import scenarios_command
from gdplan.cli.score import score_command
from gdplan.problems import Problem, ProblemError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="从五年规划文本和年度数据生成评估报告。Evaluation reports of five-year plans.",
)
plan_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="规划文本。Plan texts.")
app.add_typer(plan_app, name="plan")

_debug = False


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="出错时显示完整追踪")] = False,
) -> None:
    global _debug
    _debug = debug


@app.command()
def report(
    kind: Annotated[
        str, typer.Argument(help="midterm（中期）、annual（年度）、final（总结）、checks（数据）")
    ],
    plan: Annotated[str | None, typer.Option(help="规划编号，如 gd-hrss-14")] = None,
    region: Annotated[str | None, typer.Option(help="地区代码，如 440000")] = None,
    year: Annotated[int | None, typer.Option(help="评估年份")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="数据时点 YYYY-MM-DD，只用此日前已知数据")
    ] = None,
    observations: Annotated[str | None, typer.Option(help="数据文件或文件夹")] = None,
    previous: Annotated[
        str | None, typer.Option(help="与之比较的上次报告：编号、文件夹或其 assessment.csv")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="zh（中文）或 en（英文）")] = None,
    formats: Annotated[
        str, typer.Option("--format", help="输出格式，逗号分隔")
    ] = "ipynb,html,docx,pdf,xlsx",
    out: Annotated[Path, typer.Option(help="报告所在文件夹")] = Path("reports"),
    parameter: Annotated[
        list[str] | None, typer.Option("-p", "--parameter", help="其他参数 名=值")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="替换已有的同名报告")] = False,
    official: Annotated[
        bool, typer.Option("--official", help="程序、笔记本或原始数据有未提交的修改时拒绝运行")
    ] = False,
) -> None:
    """生成一份报告，最后一行为报告文件夹。Make one report."""
    from gdplan.reports import make as runner
    from gdplan.reports import request

    problems: list[Problem] = []
    earlier = request.tried(problems, lambda: _run_folder(previous, out))
    given = {"plan": plan, "region": region, "year": year, "as_of": as_of,
             "observations": observations, "previous": earlier, "lang": lang}  # fmt: skip
    named = {k: v for k, v in given.items() if v is not None}
    values = request.together(problems, kind, named, parameter or ())
    wanted = request.formats_of(formats)
    request.tried(problems, lambda: request.checked_request(kind, values, wanted))
    if problems:
        raise ProblemError(problems)
    shown = "，".join(f"{k}={v}" for k, v in values.items())
    _say(f"{kind}：{shown}")
    done = _waiting(
        "正在运行笔记本并导出",
        lambda: runner.report(
            kind, parameters=values, out=out, force=force, official=official, formats=wanted,
        ),
    )  # fmt: skip
    counts = "、".join(f"{verdict}{n}项" for verdict, n in done.verdicts.items())
    print(f"指标{sum(done.verdicts.values())}项：{counts}")
    print(done.folder)
    if set(done.verdicts) == {"无法评估"}:
        _say("没有一项指标可以评估；原因和要补的数据见报告的“数据缺口”")
        # Without any figure this is what the recipe for a new plan ends with.
        if done.figures:
            raise typer.Exit(2)


@app.command("compare")
def compare_command(
    before: Annotated[str, typer.Argument(help="上次报告的编号或文件夹")],
    after: Annotated[str, typer.Argument(help="本次报告的编号或文件夹")],
    out: Annotated[Path, typer.Option(help="报告所在文件夹")] = Path("reports"),
) -> None:
    """比较两份报告：先数量，再结论，再数据。What changed between two runs."""
    from gdplan.reports.runs import compare as comparison
    from gdplan.reports.runs import find as find_runs

    first, second = (find_runs.read(find_runs.find(name, out=out)) for name in (before, after))
    for line in comparison.lines(first, second):
        print(line)


@app.command("verify")
def verify_command(
    name: Annotated[str, typer.Argument(metavar="RUN", help="报告的编号或文件夹")],
    out: Annotated[Path, typer.Option(help="报告所在文件夹")] = Path("reports"),
) -> None:
    """按运行记录重做报告并逐字节比较。Make a report again and compare every byte."""
    from gdplan.reports import make as runner
    from gdplan.reports.runs import find as find_runs
    from gdplan.reports.runs import verify as verification

    run = find_runs.read(find_runs.find(name, out=out))
    result = _waiting("正在按记录重做", lambda: verification.verify(run, runner.again))
    for line in result.lines:
        print(line)
    if not result.same:
        raise typer.Exit(1)


@app.command("trace")
def trace_command(
    name: Annotated[str, typer.Argument(metavar="RUN", help="报告的编号或文件夹")],
    cell: Annotated[str, typer.Argument(help="如 表3!G7；或指标的序号、名称")],
    year: Annotated[int | None, typer.Option(help="只看某年的数据")] = None,
    out: Annotated[Path, typer.Option(help="报告所在文件夹")] = Path("reports"),
) -> None:
    """从报告中的数字追溯到原始数据。A number's way back to its source cell."""
    from gdplan.reports.runs import find as find_runs
    from gdplan.reports.runs import trace as tracing

    run = find_runs.read(find_runs.find(name, out=out))
    given = {"cell": cell} if "!" in cell or "！" in cell else {"indicator": cell}
    for line in tracing.trace(run, **given, year=year):
        print(line)


@app.command("template")
def template_command(
    year: Annotated[int, typer.Option(help="填报年份")],
    plan: Annotated[str, typer.Option(help="规划编号")] = "gd-hrss-14",
    region: Annotated[
        list[str] | None, typer.Option(help="地区代码，可多次给出；默认为规划所在地区")
    ] = None,
    cities: Annotated[bool, typer.Option("--cities", help="规划所在地区的全部地市")] = False,
    by_department: Annotated[
        bool, typer.Option("--by-department", help="每个责任单位一张表")
    ] = False,
    history: Annotated[
        bool, typer.Option("--history", help="各项指标以前各年缺的数据都要填，不限于累计和增长指标")
    ] = False,
    out: Annotated[Path, typer.Option(help="填报表所在文件夹")] = Path("forms"),
) -> None:
    """生成供填报的 Excel 表。Excel forms for a year's figures."""
    from gdplan.files import places
    from gdplan.forms import write as form_write
    from gdplan.ledger.statuses import read_statuses
    from gdplan.observations.read import read_observations
    from gdplan.plans.choices import check_regions, known_regions
    from gdplan.plans.load import load_plan

    the_plan = load_plan(plan)
    codes = list(region or ()) + (places.cities_of(the_plan.region) if cities else [])
    codes = codes or [the_plan.region]
    check_regions(codes, the_plan)
    known = known_regions(the_plan)
    made = form_write.template(
        the_plan, read_observations(None, the_plan), year=year, by_department=by_department,
        history=history, regions={code: known[code] for code in codes},
        statuses=read_statuses(None, the_plan),
    )  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    for name in made:
        if (out / name).exists():
            raise _exists(out / name)
    for name, content in made.items():
        (out / name).write_bytes(content)
        print(out / name)


@app.command("import")
def import_command(
    files: Annotated[list[Path], typer.Argument(help="填好的 Excel 表，可多个")],
    plan: Annotated[str, typer.Option(help="规划编号")] = "gd-hrss-14",
) -> None:
    """读入填好的表，全部无误才写入 data/raw。Read filled-in forms; all or nothing."""
    from datetime import date

    from gdplan.forms import append as form_append
    from gdplan.plans.load import load_plan

    done = form_append.append(files, plan=load_plan(plan), today=date.today().isoformat())
    print(f"{len(files)}份表：新数据{done.added}个，已有{done.known}个，未填{done.empty}个")
    print(done.file or "没有新数据，未写文件")
    if done.statuses or done.statuses_known or done.statuses_empty:
        print(f"工作台账：新状态{done.statuses}项，已有{done.statuses_known}项，"
              f"未报{done.statuses_empty}项")  # fmt: skip
        print(done.ledger or "没有新状态，未写文件")
    for text in done.questions:
        print(f"请核实 {text}")


@app.command("check")
def check_command(
    plan: Annotated[str, typer.Option(help="规划编号")] = "gd-hrss-14",
    observations: Annotated[str | None, typer.Option(help="数据文件或文件夹")] = None,
    out: Annotated[Path | None, typer.Option(help="另写一份 Excel 清单，如 problems.xlsx")] = None,
    warn: Annotated[bool, typer.Option(help="列出红灯、橙灯；约束性指标亮灯时退出码为 1")] = False,
    region: Annotated[str | None, typer.Option(help="预警的地区代码；默认规划所在地区")] = None,
    year: Annotated[int | None, typer.Option(help="预警的年份；默认最近有数据的年份")] = None,
) -> None:
    """检查数据：先硬后软，每条注明位置。Check the figures; exit code 1 for hard findings."""
    from gdplan.cli.check import alarmed
    from gdplan.observations.checks import run as checks
    from gdplan.observations.read import reading
    from gdplan.plans.load import load_plan

    the_plan = load_plan(plan)
    figures = reading(observations, the_plan)
    frame = figures.figures
    found = checks.run(frame, the_plan)
    for line in checks.looked_at(frame, the_plan, figures.empty):
        print(line)
    for line in checks.lines(found):
        print(line)
    hard = any(finding.severity is checks.HARD for finding in found)
    if out is not None:
        out.write_bytes(checks.problems_xlsx(found))
        print(out)
    asked = warn or region is not None or year is not None
    rings = asked and alarmed(the_plan, frame, observations, region or the_plan.region, year)
    if hard or rings:
        raise typer.Exit(1)


@app.command("vintages")
def vintages_command(
    indicator: Annotated[str, typer.Argument(help="指标的序号、名称，或数据系列的名称")],
    plan: Annotated[str, typer.Option(help="规划编号")] = "gd-hrss-14",
    region: Annotated[str | None, typer.Option(help="地区代码；默认规划所在地区")] = None,
    year: Annotated[int | None, typer.Option(help="只看某一数据年份")] = None,
    observations: Annotated[str | None, typer.Option(help="数据文件或文件夹")] = None,
) -> None:
    """一个数据的历次公布值，规划的报告采用哪个，为什么。Every known value of a figure."""
    from gdplan.assessment.marked import marked
    from gdplan.observations import vintages
    from gdplan.observations.read import read_observations
    from gdplan.plans.load import load_plan

    the_plan = load_plan(plan)
    frame = read_observations(observations, the_plan)
    place = the_plan.region if region is None else region
    rows = marked(the_plan, frame, region=place).rows
    names = {word: i.name for i in the_plan.indicators for word in (i.no, *i.aliases)}
    for line in vintages.lines(rows, names.get(indicator, indicator), region=place, year=year):
        print(line)


@plan_app.command("parse")
def plan_parse(
    text: Annotated[Path, typer.Argument(help="规划全文（.docx、.html、.pdf、.txt、.md）")],
    out: Annotated[Path, typer.Option(help="输出文件夹")] = Path(),
) -> None:
    """从规划文档读出指标表和承诺事项，写 CSV。Tables and commitments of any plan's document."""
    from gdplan.files.documents import read as documents
    from gdplan.plans.table_rows import parse_document
    from gdplan.reports import build

    document = documents.read(text)
    parsed = parse_document(document)
    tables, promises, count = build.write_parsed(document, parsed, out)
    for table, rows in build.rows_per_table(parsed).items():
        print(f"{table}：{rows}行")
    print(tables)
    print(f"承诺事项：{count}项")
    print(promises)
    for remark in document.remarks:
        print(remark)
    if parsed.problems:
        raise ProblemError(parsed.problems)


@plan_app.command("draft")
def plan_draft(
    text: Annotated[Path, typer.Argument(help="规划全文（.docx、.html、.pdf、.txt、.md）")],
    plan_id: Annotated[str, typer.Option("--id", help="规划编号，如 gz-health-14")],
    out: Annotated[Path | None, typer.Option(help="规划文件夹所在处，默认 data/raw/plans")] = None,
) -> None:
    """由规划文档起草规划文件夹，列出要回答的问题。Draft a plan's folder from its document."""
    from gdplan.plans.draft import write_draft

    folder, questions = write_draft(text, plan_id, out)
    print(f"{folder}/plan.yml")
    for n, question in enumerate(questions, 1):
        print(f"{n}. {question}")
    print(f"回答后运行 gdplan plan check {plan_id}")


@plan_app.command("check")
def plan_check(plan: Annotated[str, typer.Argument(help="规划编号或文件夹")]) -> None:
    """检查规划文件夹，列出还没有核对的地方。Check a plan's folder; list what is still open."""
    from gdplan.plans.draft import open_points
    from gdplan.plans.load import load_plan, plan_file

    for line, said in open_points(plan_file(plan).read_text("utf-8")):
        print(f"plan.yml:{line} 待核：{said}")
    loaded = load_plan(plan)
    print(f"{loaded.title}：{len(loaded.indicators)}项指标，可以评估")


@app.command("build")
def build_command(
    check: Annotated[bool, typer.Option("--check", help="只比较，不写")] = False,
) -> None:
    """由 data/raw 重建 data/processed。Rebuild the processed tables."""
    from gdplan.reports import build

    for line in build.check() if check else build.write():
        print(line)


@app.command("list")
def list_command(
    out: Annotated[Path, typer.Option(help="报告所在文件夹")] = Path("reports"),
) -> None:
    """列出规划、有数据的地区和已有报告。List plans, regions with data, and runs."""
    from gdplan.reports import build

    for line in build.listing(out):
        print(line)


app.command("allocate")(allocate_command)
app.command("score")(score_command)
app.command("score-outlook")(score_outlook_command)
app.command("batch")(cli_batch.batch)
app.command("scenarios")(scenarios_command)
cli_explore.register(app)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    sys.exit(_run())


def _run() -> int:
    try:
        code = app(standalone_mode=False)
    except ProblemError as error:
        if _debug:
            raise
        _say(f"发现 {len(error.lines)} 个问题：")
        _say(str(error))
        return 1
    except typer.Abort:
        return 130
    except Exception as error:
        if _debug:
            raise
        return _failed(error)
    return int(code or 0)


def _failed(error: Exception) -> int:
    show = getattr(error, "show", None)
    if show is not None and hasattr(error, "exit_code"):
        show()
        return 1
    _say(f"运行失败：{error}")
    log = getattr(error, "log", "")
    _say(f"日志：{log}" if log else "加 --debug（放在子命令之前）可看完整追踪")
    return 2


def _exists(path: Path) -> ProblemError:

    fix = "移走旧表，或用 --out 换处"
    return ProblemError(Problem("form_exists", str(path), "已有这份填报表，可能已填写", fix=fix))


def _run_folder(name: str | None, out: Path) -> str | None:
    """A run named by its id, as the folder it stands in."""
    from gdplan.reports.runs import find as find_runs

    return name if not name or Path(name).exists() else str(find_runs.find(name, out=out))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _waiting(what: str, work: Callable[[], Any]) -> Any:
    """Run work with a spinner on a terminal, a plain line elsewhere."""
    if not sys.stderr.isatty():
        _say(f"{what}……")
        return work()
    from rich.console import Console

    with Console(stderr=True).status(f"{what}……"):
        return work()


if __name__ == "__main__":
    main()
