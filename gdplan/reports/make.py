"""Run a report notebook and leave a complete run folder, or none.

Parameters are checked before a kernel starts. Everything is made in a temporary folder beside
the place it will stand and moved there in one step; a failure leaves the old report untouched.
The numbers are the notebook's; nothing here computes one.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdplan.files.run_folder import refuse_existing, swap, workplace
from gdplan.problems import Problem, ProblemError
from gdplan.reports import export
from gdplan.reports.execute import RunFailed, execute
from gdplan.reports.request import FORMATS, checked_request, run_id
from gdplan.reports.runs import record as run_record

if TYPE_CHECKING:
    from gdplan.reports.runs.find import Run

__all__ = ["FORMATS", "RunFailed", "RunRecord", "RunSpec", "report", "run", "run_id"]


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What to run: the report kind, the notebook's parameters, formats and place."""

    kind: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    formats: tuple[str, ...] = FORMATS
    out: Path = Path("reports")
    force: bool = False
    official: bool = False
    fork: bool = False
    """Run the cells in a fork of this process, which has the imports and no other thread."""
    name: str = ""
    """Id of a run whose data lie elsewhere than where they were asked for."""
    source: Mapping[str, Any] | None = None
    """State of the sources that the inputs were copied from, when they are copies."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What a finished run left: its folder, the record, the count of verdicts, and how many figures
    there were to judge by."""

    folder: Path
    record: Mapping[str, Any]
    verdicts: Mapping[str, int]
    figures: int


def report(
    kind: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    out: str | Path = "reports",
    formats: tuple[str, ...] = FORMATS,
    force: bool = False,
    official: bool = False,
) -> RunRecord:
    """Make one report.

    Parameters
    ----------
    kind : str
        Name of a report notebook: ``midterm``, ``annual``, ``final`` or ``checks``.
    parameters : mapping, optional
        Values for the notebook's parameters cell; unknown names and wrong types are refused
        before anything runs.
    out : path
        Folder in which the run folder is made.
    formats : tuple of str
        Any of ``ipynb``, ``html``, ``docx``, ``pdf``, ``xlsx``.
    force : bool
        Replace an existing run folder of the same id.
    official : bool
        Refuse to run unless code, notebooks and raw data are exactly those of a commit.

    Returns
    -------
    RunRecord

    Raises
    ------
    ProblemError
        For faults of parameters or input, a modified tree, a full disk.
    RunFailed
        When a cell or the export fails, or the report would be empty.
    """
    given = dict(parameters or {})
    return run(RunSpec(kind, given, tuple(formats), Path(out), force, official))


def run(spec: RunSpec) -> RunRecord:
    """Make the report of a specification; see :func:`report`."""
    notebook, values, plan = checked_request(spec.kind, spec.parameters, spec.formats)
    source = run_record.source_state() if spec.source is None else spec.source
    _check_state(spec, source)
    name = spec.name or run_id(spec.kind, values)
    target = spec.out / name
    refuse_existing(target, force=spec.force)
    started, clock = datetime.now(UTC), time.perf_counter()
    log = spec.out / f"{name}.log"
    with workplace(spec.out, name) as work:
        if not spec.fork:
            export.prepare(spec.formats)
        executed = execute(notebook, values, work, log, spec.fork)
        doc, rows = export.write(
            executed, plan, work, kind=spec.kind, formats=spec.formats,
            lang=str(values.get("lang", "zh")), modified=bool(source.get("modified")),
        )  # fmt: skip
        seconds = round(time.perf_counter() - clock, 2)
        record = run_record.make(
            name, spec.kind, values, notebook, plan.files, work,
            formats=spec.formats, tables=doc.tables, source=source,
            clock={"started": started.isoformat(timespec="seconds"), "seconds": seconds},
        )  # fmt: skip
        (work / "run.json").write_text(run_record.as_json(record), "utf-8", newline="\n")
        swap(work, target)
    with contextlib.suppress(OSError):
        log.unlink()
    figures = sum(int(row["n_obs"] or 0) for row in rows)
    return RunRecord(target, record, dict(Counter(row["verdict"] for row in rows)), figures)


def again(old: Run, out: Path) -> Path:
    """Make the report of a record again, in another place; its folder."""
    record = old.record
    values = dict(record["parameters"])
    beside = old.folder.resolve().parent / Path(str(values.get("previous", ""))).name
    if values.get("previous") and (beside / "assessment.csv").is_file():
        values["previous"] = str(beside)
    spec = RunSpec(record["kind"], values, tuple(record["formats"]), out)
    return run(spec).folder


def _check_state(spec: RunSpec, source: Mapping[str, Any]) -> None:
    """An official report comes from a commit and from nothing else."""
    if not spec.official or (source.get("commit") and not source["modified"]):
        return
    found = "；".join(source.get("changes", ())) or "不在 git 检出中"
    raise ProblemError(
        Problem("modified_tree", "--official", "程序、笔记本或原始数据有未提交的修改",
                expected="与某次提交完全相同", found=found, fix="提交后再运行，或去掉 --official")
    )  # fmt: skip
