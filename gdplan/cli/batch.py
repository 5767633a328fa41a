"""``gdplan batch``: many reports at once, with a line for each and a table of what failed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gdplan.batch.pool import Executor
    from gdplan.batch.run import Result
    from gdplan.batch.runs_file import Job

LOST = 3
"""Exit code when a cluster was lost: the same command makes the rest."""


def batch(
    runs: Annotated[Path, typer.Argument(metavar="RUNS.yml", help="批量清单")],
    jobs: Annotated[int | None, typer.Option(min=1, help="同时运行几份；默认为处理器数")] = None,
    only: Annotated[
        str | None, typer.Option(help="只运行编号符合的报告，如 'midterm-*-4401*'")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="最多运行几份；已完成且输入未变的不计")
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", help="清单没有写明时的输出格式，逗号分隔")
    ] = "ipynb,html,docx,pdf,xlsx",
    go_on: Annotated[
        bool, typer.Option("--continue-on-error/--stop-on-error", help="有报告失败时是否继续")
    ] = True,
    out: Annotated[Path, typer.Option(help="报告所在文件夹")] = Path("reports"),
    scheduler: Annotated[
        str | None, typer.Option(help="Dask 调度器地址 tcp://主机:端口；在集群上运行")
    ] = None,
    share: Annotated[
        str | None, typer.Option(help="本机和各工作进程都能读写的文件夹或 fsspec 地址")
    ] = None,
    attempts: Annotated[
        int, typer.Option(min=1, max=20, help="工作进程中断时，一份报告最多开始几次")
    ] = 3,
    patience: Annotated[
        float, typer.Option(min=1, help="调度器或全部工作进程离开多少秒算中断")
    ] = 30.0,
) -> None:
    """批量生成报告；再次运行只做缺的和输入有变的。Many reports; again makes what is missing."""
    from gdplan.batch import run as batches
    from gdplan.batch.runs_file import read_runs

    _check_share(scheduler, share)
    asked = batches.chosen(read_runs(runs, _formats(formats)), only)
    missing, kept = batches.sorted_out(asked, out)
    todo = missing[:limit]
    print(f"{len(asked)}份报告：{len(kept)}份输入未变，运行{len(todo)}份")
    for job in kept:
        print(batches.Result(job.run, batches.State.KEPT).line())
    results: list[Result] = []
    code = 0
    if todo:
        pool = _executor(todo, jobs, scheduler, share, attempts, patience)
        try:
            with _display(len(todo)) as told:
                results = batches.run(todo, pool, out, told=told, go_on=go_on)
        except batches.Interrupted as stopped:
            results, code = list(stopped.results), LOST if stopped.why else 130
            print(stopped.why, end="\n" if stopped.why else "", file=sys.stderr)
    results += [batches.Result(job.run, batches.State.LEFT) for job in missing[len(todo) :]]
    results += [batches.Result(job.run, batches.State.KEPT) for job in kept]
    failed = any(result.state is batches.State.FAILED for result in results)
    for line in batches.failures(results):
        print(line)
    print(batches.summary(results))
    if code or failed:
        print("再次运行同一命令，只做没有完成的", file=sys.stderr)
        raise typer.Exit(code or 2)


def _check_share(scheduler: str | None, share: str | None) -> None:
    """A cluster and its shared place go together.

    Raises
    ------
    ProblemError
    """
    from gdplan.problems import Problem, ProblemError

    if (scheduler is None) != (share is None):
        missing = "--share" if scheduler else "--scheduler"
        raise ProblemError(
            Problem("missing_option", missing, "--scheduler 和 --share 要一起给出",
                    fix="例如 --scheduler tcp://10.0.0.1:8786 --share /mnt/gdplan")
        )  # fmt: skip


def _executor(
    todo: Sequence[Job], jobs: int | None, scheduler: str | None, share: str | None,
    attempts: int, patience: float,
) -> Executor:  # fmt: skip
    """Who makes the reports: this machine, or a cluster."""
    if scheduler is None or share is None:
        from gdplan.batch.pool import Pool

        return Pool(jobs or os.cpu_count() or 1, len(todo))
    from gdplan.batch.cluster.reports import ClusterPool

    pool = ClusterPool(scheduler, share, todo, slots=jobs, attempts=attempts,
                       patience=patience)  # fmt: skip
    print(f"集群 {scheduler}：同时{pool.workers}份")
    return pool


def _formats(text: str) -> tuple[str, ...]:
    """Formats of the command line.

    Raises
    ------
    ProblemError
        For every unknown one, and for none.
    """
    from gdplan.problems import ProblemError
    from gdplan.reports.request import NO_FORMAT, formats_of, wrong_formats

    found = formats_of(text)
    problems = [*wrong_formats(found)] if found else [NO_FORMAT]
    if problems:
        raise ProblemError(problems)
    return found


@contextmanager
def _display(total: int) -> Iterator[Callable[[Result], None]]:
    """A line for each report; on a terminal with a bar below them."""
    if not sys.stderr.isatty():
        yield _counter(total, lambda line: print(line, flush=True))
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    # Lines that go into a file are not for the terminal.
    apart = not sys.stdout.isatty()
    bar = Progress(
        BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True),
        redirect_stdout=not apart,
    )  # fmt: skip
    with bar:
        task = bar.add_task("", total=total)

        def say(line: str) -> None:
            if apart:
                print(line, flush=True)
            else:
                bar.console.print(line, markup=False, highlight=False, soft_wrap=True)
            bar.advance(task)

        yield _counter(total, say)


def _counter(total: int, say: Callable[[str], None]) -> Callable[[Result], None]:
    ended = 0

    def told(result: Result) -> None:
        nonlocal ended
        ended += 1
        say(f"[{ended:>{len(str(total))}}/{total}] {result.line()}")

    return told
