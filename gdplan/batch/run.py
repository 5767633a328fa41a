"""A batch of reports: what is still right stays, the rest is made, a failure stays by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from gdplan.batch.pool import Executor, Lost
from gdplan.batch.runs_file import Job
from gdplan.files import places
from gdplan.files.run_folder import sweep
from gdplan.plans.load import load_plan
from gdplan.problems import Problem, ProblemError
from gdplan.reports.runs import find as find_runs
from gdplan.reports.runs import record as run_record

LOGS = "logs"
FULL_DISK = "disk_full"


class State(StrEnum):
    """What became of a report."""

    MADE = "完成"
    KEPT = "跳过"
    FAILED = "失败"
    LEFT = "未运行"


@dataclass(frozen=True, slots=True)
class Result:
    """A report of the batch: its state, and of a failure the cell, the last line and the log."""

    run: str
    state: State
    error: str = ""
    cell: str = ""
    log: str = ""
    seconds: float = 0.0
    verdicts: Mapping[str, int] = field(default_factory=dict)
    key: str = ""

    def line(self) -> str:
        """What is said of the report when it has ended."""
        if self.state is State.KEPT:
            return f"{self.state} {self.run}：输入未变"
        if self.state is State.MADE:
            counts = "、".join(f"{verdict}{n}项" for verdict, n in self.verdicts.items())
            return f"{self.state} {self.run}（{self.seconds:.1f}秒）：{counts}"
        return f"{self.state} {self.run}：{self.error}"


class Interrupted(Exception):
    """The batch was interrupted; what had ended by then stands in ``results``.

    ``why`` is empty when the user did it.
    """

    def __init__(self, results: Sequence[Result], why: str = "") -> None:
        super().__init__(why or "中断")
        self.results = tuple(results)
        self.why = why


def chosen(jobs: Sequence[Job], only: str | None = None) -> list[Job]:
    """The jobs whose id matches a pattern like ``midterm-*-4401*``; all without a pattern.

    Raises
    ------
    ProblemError
        When none matches.
    """
    found = [job for job in jobs if only is None or fnmatchcase(job.run, only)]
    if not found:
        raise ProblemError(
            Problem("nothing_chosen", "--only", "没有报告符合", found=only or "",
                    expected="、".join(job.run for job in jobs[:5]) + ("等" if jobs[5:] else ""))
        )  # fmt: skip
    return found


def sorted_out(jobs: Iterable[Job], out: Path) -> tuple[list[Job], list[Job]]:
    """The jobs to be made, and those whose report is there and still right."""
    sums: dict[Path, str] = {}
    state = run_record.source_state()
    surroundings = (run_record.versions(), {k: state.get(k) for k in ("modified", "code")})
    kept = [job for job in jobs if _is_right(job, out / job.run, surroundings, sums)]
    there = {job.run for job in kept}
    return [job for job in jobs if job.run not in there], kept


def run(
    jobs: Sequence[Job],
    executor: Executor,
    out: Path,
    *,
    told: Callable[[Result], None],
    go_on: bool = True,
) -> list[Result]:
    """Make the reports of the jobs; one that fails keeps no other from being made.

    Parameters
    ----------
    jobs : sequence of Job
    executor : Executor
        Who makes them; closed at the end.
    out : path
        Folder of the run folders; the logs go into ``logs`` below it.
    told : callable
        Gets the result of each report as soon as it has ended.
    go_on : bool
        Go on after a failure. A full disk ends the batch in any case.

    Returns
    -------
    list of Result
        In the order of the jobs.

    Raises
    ------
    Interrupted
        On Ctrl-C, or when the executor is lost, with the results so far; no worker is left, no
        folder half-made.
    """
    results: dict[str, Result] = {}
    waiting, under = list(reversed(jobs)), 0
    try:
        while under or waiting:
            while waiting and under < executor.slots:
                executor.submit(_task(waiting.pop(), out))
                under += 1
            result = _result(executor.next(), out)
            under -= 1
            results[result.run] = result
            told(result)
            if result.state is State.FAILED and (not go_on or result.key == FULL_DISK):
                waiting.clear()
    except KeyboardInterrupt:
        raise Interrupted(_complete(jobs, results)) from None
    except Lost as lost:
        raise Interrupted(_complete(jobs, results), str(lost)) from None
    finally:
        executor.close()
        sweep(out)
    return _complete(jobs, results)


def summary(results: Iterable[Result]) -> str:
    """How many reports came out how."""
    counts = Counter(result.state for result in results)
    return "，".join(f"{state}{counts[state]}份" for state in State if counts[state])


def failures(results: Iterable[Result]) -> Iterator[str]:
    """The table of failures: run, cell, last line of the error, log."""
    failed = [result for result in results if result.state is State.FAILED]
    if failed:
        yield " | ".join(("报告", "单元", "错误", "日志"))
    for result in failed:
        yield " | ".join((result.run, result.cell or "—", result.error, result.log))


def _task(job: Job, out: Path) -> dict[str, Any]:
    return {
        "run": job.run, "kind": job.kind, "values": dict(job.values),
        "formats": list(job.formats), "out": str(out), "log": str(_log(job.run, out)),
    }  # fmt: skip


def _log(name: str, out: Path) -> Path:
    return out / LOGS / f"{name}.log"


def _result(outcome: Mapping[str, Any], out: Path) -> Result:
    name, seconds = outcome["run"], outcome.get("seconds", 0.0)
    log = str(_log(name, out))
    if "verdicts" in outcome:
        return Result(name, State.MADE, log=log, seconds=seconds, verdicts=outcome["verdicts"])
    return Result(
        name, State.FAILED, outcome["error"], outcome["cell"], log, seconds, key=outcome["key"]
    )


def _complete(jobs: Iterable[Job], results: Mapping[str, Result]) -> list[Result]:
    return [results.get(job.run) or Result(job.run, State.LEFT) for job in jobs]


def _is_right(job: Job, folder: Path, surroundings: tuple[Any, Any], sums: dict[Path, str]) -> bool:
    """Whether a report stands there that would come out the same if it were made again."""
    try:
        record = find_runs.read(folder).record
    except ProblemError:
        return False
    versions, state = surroundings
    then = (record["versions"], {k: record["source"].get(k) for k in state})
    asked = {k: run_record.shown(v) for k, v in job.values.items()}
    return bool(
        then == (versions, state)
        and record["kind"] == job.kind
        and record["parameters"] == asked
        and set(job.formats) <= set(record["formats"])
        and _is_whole(folder, record["outputs"])
        and record["inputs"] == _inputs(job, sums)
    )


def _is_whole(folder: Path, outputs: Mapping[str, str]) -> bool:
    there = {p.name for p in folder.iterdir() if p.is_file()} - {"run.json"}
    return there == set(outputs) and all(
        find_runs.digest(folder / name) == digest for name, digest in outputs.items()
    )


def _inputs(job: Job, sums: dict[Path, str]) -> dict[str, str]:
    """Sums of what a job reads, each file read once for the whole batch."""

    def of(path: Path) -> str:
        if path not in sums:
            sums[path] = find_runs.digest(path)
        return sums[path]

    files = run_record.input_files(
        job.values, places.notebook(job.kind), load_plan(job.values["plan"]).files
    )
    return run_record.digests(files, of)
