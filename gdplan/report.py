"""Run a report notebook and leave a complete run folder, or none.

Parameters are checked before a kernel starts. Everything is made in a temporary folder beside
the place it will stand and moved there in one step; a failure leaves the old report untouched.
The numbers are the notebook's; nothing here computes one.
"""

from __future__ import annotations

import ast
import contextlib
import csv
import difflib
import hashlib
import io
import json
import os
import re
import shutil
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gdplan import document, resources, runrecord
from gdplan.model import Problem, ProblemError
from gdplan.plan import load_plan

FORMATS = ("ipynb", "html")
WATERMARK = "示例数据，非真实"
DEFAULTS = {"midterm": "gd-hrss-14", "final": "gd-hrss-13"}


class RunFailed(RuntimeError):
    """A run that started and did not finish: the cell, its last line, and the log."""

    def __init__(self, message: str, *, log: str = "") -> None:
        super().__init__(message)
        self.log = log


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What to run: the report kind, the notebook's parameters, formats and place."""

    kind: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    formats: tuple[str, ...] = FORMATS
    out: Path = Path("reports")
    force: bool = False


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What a finished run left: its folder, the record, and the count of verdicts."""

    folder: Path
    record: Mapping[str, Any]
    verdicts: Mapping[str, int]


def report(
    kind: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    out: str | Path = "reports",
    formats: tuple[str, ...] = FORMATS,
    force: bool = False,
) -> RunRecord:
    """Make one report.

    Parameters
    ----------
    kind : str
        Name of a report notebook: ``midterm`` or ``final``.
    parameters : mapping, optional
        Values for the notebook's parameters cell; unknown names and wrong types are refused
        before anything runs.
    out : path
        Folder in which the run folder is made.
    formats : tuple of str
        Any of ``ipynb``, ``html``.
    force : bool
        Replace an existing run folder of the same id.

    Returns
    -------
    RunRecord

    Raises
    ------
    ProblemError
        For faults of parameters or input.
    RunFailed
        When a cell or the export fails, or the report would be empty.
    """
    return run(RunSpec(kind, dict(parameters or {}), tuple(formats), Path(out), force))


def run(spec: RunSpec) -> RunRecord:
    """Make the report of a specification; see :func:`report`."""
    notebook = resources.notebook(spec.kind)
    values = checked_parameters(notebook, spec)
    plan = load_plan(values["plan"])
    _check_region(values["region"])
    started = datetime.now(UTC)
    name = run_id(spec.kind, values)
    target = spec.out / name
    if target.exists() and not spec.force:
        raise ProblemError(
            Problem(
                "run_exists", str(target), "已有这份报告", fix="加 --force 重做，或用 --out 换处"
            )
        )
    clock = time.perf_counter()
    with _workplace(spec.out, name) as work:
        executed = _execute(notebook, values, work, spec.out / f"{name}.log")
        assessment = document.csv_output(executed)
        _refuse_empty(assessment)
        _write_outputs(executed, assessment, spec, work)
        record = runrecord.make(
            name, spec.kind, values, notebook, plan.files, _observation_files(values), work,
            clock={"started": started.isoformat(timespec="seconds"),
                   "seconds": round(time.perf_counter() - clock, 2)},
        )  # fmt: skip
        (work / "run.json").write_text(runrecord.as_json(record), "utf-8", newline="\n")
        _swap(work, target)
    (spec.out / f"{name}.log").unlink(missing_ok=True)
    return RunRecord(target, record, _verdicts(assessment))


def run_id(kind: str, values: Mapping[str, Any]) -> str:
    """Id of a run, made of codes only, so that no two regions or plans share one.

    Examples
    --------
    >>> run_id("midterm", {"plan": "gd-hrss-14", "region": "440000", "year": 2023, "as_of": ""})
    'midterm-gd-hrss-14-440000-2023'
    """
    parts = [kind, values["plan"], values["region"], str(values["year"])]
    if values.get("as_of"):
        parts.append("asof" + re.sub(r"\D", "", str(values["as_of"])))
    if values.get("observations"):
        digest = hashlib.sha256(str(values["observations"]).encode()).hexdigest()[:8]
        parts.append(f"data{digest}")
    return "-".join(re.sub(r"[^0-9A-Za-z-]", "_", str(p)) for p in parts)


def notebook_parameters(path: Path) -> dict[str, Any]:
    """Names and default values of the cell tagged ``parameters``.

    Raises
    ------
    ProblemError
        When there is not exactly one such cell, or it holds more than plain assignments.
    """
    cells = json.loads(path.read_text("utf-8"))["cells"]
    tagged = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
    if len(tagged) != 1:
        raise ProblemError(
            Problem("parameters_cell", path.name, "应恰有一个标记为 parameters 的单元",
                    found=f"{len(tagged)}个")
        )  # fmt: skip
    found = {}
    for node in ast.parse("".join(tagged[0]["source"])).body:
        if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)):
            raise ProblemError(
                Problem("parameters_cell", path.name, "parameters 单元只能有 名字 = 字面值")
            )
        found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def checked_parameters(notebook: Path, spec: RunSpec) -> dict[str, Any]:
    """The notebook's defaults with the given values, every fault at once.

    Raises
    ------
    ProblemError
        For unknown names (with the closest known one), wrong types and unknown formats.
    """
    known = notebook_parameters(notebook)
    problems = []
    for name, value in spec.parameters.items():
        if name not in known:
            match = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
            problems.append(
                Problem("unknown_parameter", name, f"{notebook.name} 没有参数 {name}",
                        expected="、".join(known),
                        fix=f"是否想写 {match[0]}" if match else "")
            )  # fmt: skip
        elif type(value) is not type(known[name]):
            problems.append(
                Problem("wrong_type", name, f"参数 {name} 的类型不对",
                        expected=type(known[name]).__name__,
                        found=f"{value!r}（{type(value).__name__}）")
            )  # fmt: skip
    for name in spec.formats:
        if name not in FORMATS:
            problems.append(
                Problem("unknown_format", name, "不支持的格式", expected="、".join(FORMATS))
            )
    if problems:
        raise ProblemError(problems)
    values = {**known, **spec.parameters}
    if values.get("observations"):
        values["observations"] = _portable(values["observations"])
    return values


def _portable(place: str) -> str:
    """A data path that means the same from any working directory: inside the project relative
    to it, elsewhere absolute."""
    path = Path(place).resolve()
    if not path.exists():
        path = (resources.home() / place).resolve()
    home = resources.home().resolve()
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else str(path)


def _check_region(region: str) -> None:
    """A mistyped region would make a report of nothing."""
    known = resources.regions()
    if region not in known:
        match = difflib.get_close_matches(region, known, n=1, cutoff=0.5)
        raise ProblemError(
            Problem("unknown_region", region, "不认识的地区代码", "data/raw/regions.csv 中的代码",
                    fix=f"最接近的是 {match[0]} {known[match[0]]}" if match else "")
        )  # fmt: skip


@contextlib.contextmanager
def _workplace(out: Path, name: str) -> Iterator[Path]:
    """A private folder beside the target; gone whatever happens."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        work = out / f".{name}.{os.getpid()}.tmp"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
    except OSError as error:
        raise ProblemError(
            Problem("cannot_write", str(out), "无法在此写入", found=error.strerror or str(error))
        ) from error
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _sweep(out: Path) -> None:
    """Remove what runs that were killed left behind."""
    for left in out.glob(".*.tmp"):
        match = re.search(r"\.(\d+)\.tmp$", left.name)
        if match and not _alive(int(match[1])):
            shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _execute(notebook: Path, values: Mapping[str, Any], work: Path, log: Path) -> document.Notebook:
    import papermill
    from traitlets.config import Config

    # Sockets in the file system instead of TCP ports: nothing to overhear, no port to collide.
    config = Config()
    if os.name == "posix":
        config.KernelManager.transport = "ipc"
    output = work / "executed.ipynb"
    try:
        with _kernel_environment(), contextlib.redirect_stderr(io.StringIO()) as noise:
            papermill.execute_notebook(
                str(notebook), str(output), parameters=dict(values), cwd=str(work),
                kernel_name="python3", progress_bar=False, log_output=False,
                config=config,
            )  # fmt: skip
    except papermill.PapermillExecutionError as error:
        raise _cell_failure(error, log) from None
    except Exception as error:
        log.write_text(f"{noise.getvalue()}\n{traceback.format_exc()}", "utf-8")
        raise RunFailed(f"笔记本无法运行：{error}", log=str(log)) from error
    executed = document.cleaned(json.loads(output.read_text("utf-8")))
    output.unlink()
    said = document.stderr_of(executed)
    if re.search(r"[Gg]lyph.*missing", said):
        log.write_text(said, "utf-8")
        raise RunFailed("图中缺少字形，报告不能使用", log=str(log))
    (work / "log.txt").write_text(said, "utf-8", newline="\n")
    return executed


@contextlib.contextmanager
def _kernel_environment() -> Iterator[None]:
    """The kernel of this environment, byte code allowed, nothing of the caller's drawing."""
    fixed = {
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYTHONHASHSEED": "0",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    dropped = ("PYTHONDONTWRITEBYTECODE", "MPLBACKEND")
    before = {k: os.environ.get(k) for k in (*fixed, *dropped)}
    os.environ.update(fixed)
    for key in dropped:
        os.environ.pop(key, None)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def _cell_failure(error: Any, log: Path) -> Exception:
    log.write_text("\n".join(error.traceback), "utf-8")
    lines = [line for line in str(error.evalue).splitlines() if line.strip()]
    if error.ename == "ProblemError":
        return ProblemError([_reread(line) for line in lines])
    last = lines[-1] if lines else ""
    return RunFailed(f"第{error.cell_index}个单元出错：{error.ename}: {last}", log=str(log))


def _reread(line: str) -> Problem:
    match = re.match(r"^(?:\d+\. )?(.*?)(?: \[(\w+)\])?$", line)
    text, key = (match[1], match[2]) if match else (line, None)
    return Problem(key or "problem", "", text)


def _refuse_empty(assessment: str) -> None:
    rows = list(csv.DictReader(io.StringIO(assessment)))
    if not rows:
        raise RunFailed("报告中没有任何评估结果（缺少 text/csv 输出或没有行）")


def _write_outputs(executed: document.Notebook, assessment: str, spec: RunSpec, work: Path) -> None:
    rows = csv.DictReader(io.StringIO(assessment))
    simulated = any(row.get("simulated") == "True" for row in rows)
    stem = f"report-{WATERMARK}" if simulated else "report"
    (work / "assessment.csv").write_bytes(assessment.encode("utf-8-sig"))
    if "ipynb" in spec.formats:
        (work / f"{stem}.ipynb").write_bytes(document.notebook_bytes(executed))
    if "html" in spec.formats:
        try:
            page = document.web_page(executed, watermark=WATERMARK if simulated else "")
        except (RuntimeError, OSError) as error:
            raise RunFailed(f"导出网页失败：{error}") from error
        (work / f"{stem}.html").write_text(page, "utf-8", newline="\n")


def _swap(work: Path, target: Path) -> None:
    """Put the finished folder in its place; the old one is moved aside first, then removed."""
    old = work.with_name(work.name + ".old")
    if target.exists():
        target.rename(old)
    try:
        work.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _observation_files(values: Mapping[str, Any]) -> list[Path]:
    given = values.get("observations")
    place = resources.located(given) if given else resources.data_folder() / "raw/observations"
    return sorted(place.glob("*.csv")) if place.is_dir() else [place]


def _verdicts(assessment: str) -> dict[str, int]:
    rows = csv.DictReader(io.StringIO(assessment))
    return dict(Counter(row["verdict"] for row in rows))
