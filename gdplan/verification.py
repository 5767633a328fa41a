"""A report made again from its record, every byte compared and every difference named."""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gdplan import resources, runrecord
from gdplan.model import ProblemError
from gdplan.runs import Run, read

TEXTS = (".csv", ".html", ".ipynb", ".txt", ".json")
ZIPS = (".docx", ".xlsx")


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a run could be made again to the byte, and what was found."""

    same: bool
    lines: tuple[str, ...]


def verify(run: Run, rerun: Callable[[Run, Path], Path]) -> Verification:
    """Compare a run's files with its record, its inputs with those of today, and its outputs with
    those of a new run.

    Parameters
    ----------
    run : Run
        The finished run.
    rerun : callable
        Makes the report of a run again in a folder and returns the new run folder.
    """
    edited = list(_edited(run))
    inputs = list(_inputs(run))
    around = [*inputs, *_versions(run)]
    try:
        with tempfile.TemporaryDirectory() as place:
            differing = list(_outputs(run, rerun(run, Path(place))))
    except (ProblemError, RuntimeError) as error:
        failed = f"无法按记录重做：{error}"
        return Verification(False, (*edited, *around, failed))
    same = not (edited or differing)
    if differing and not around:
        around = ["输入文件、版本和程序状态均与记录一致，差异原因不明"]
    verdict = "一致：重做的报告与原报告逐字节相同" if same else "不一致"
    checked = f"比较了{len(run.record['outputs'])}个文件"
    return Verification(same, (*edited, *differing, *around, f"{verdict}（{checked}）"))


def _edited(run: Run) -> Iterator[str]:
    """Files of the run folder that are no longer what the record says."""
    wanted = run.record["outputs"]
    there = {p.name: p for p in run.folder.iterdir() if p.is_file() and p.name != "run.json"}
    for name, digest in wanted.items():
        if name not in there:
            yield f"{name}：原报告中已不存在"
        elif _digest(there[name]) != digest:
            yield f"{name}：生成之后被改动（与记录的哈希值不符）"
    for name in sorted(set(there) - set(wanted)):
        yield f"{name}：记录中没有这个文件"


def _inputs(run: Run) -> Iterator[str]:
    for name, digest in run.record["inputs"].items():
        path = resources.located(name)
        if not path.is_file():
            own = resources.PACKAGE.parent / name
            path = own if own.is_file() else path
        if not path.is_file():
            yield f"输入 {name}：现已找不到"
        elif _digest(path) != digest:
            yield f"输入 {name}：此后已改动"


def _versions(run: Run) -> Iterator[str]:
    now = runrecord.versions()
    for name, version in run.record["versions"].items():
        if now.get(name) != version:
            yield f"版本 {name}：当时 {version or '无'}，现在 {now.get(name) or '无'}"
    state = runrecord.source_state()
    then = run.record["source"]
    for key, word in (("commit", "提交"), ("modified", "有未提交的修改")):
        if then.get(key) != state.get(key):
            yield f"{word}：当时 {then.get(key, '无')}，现在 {state.get(key, '无')}"


def _outputs(run: Run, again: Path) -> Iterator[str]:
    """Files that differ from the new run's; the clock of run.json aside."""
    new = read(again).record
    for key in ("run", "kind", "formats", "parameters", "tables"):
        if run.record[key] != new[key]:
            yield f"run.json：{key} 不同"
    names = sorted({*run.record["outputs"], *new["outputs"]})
    for name in names:
        before, after = run.folder / name, again / name
        if not after.is_file():
            yield f"{name}：重做时没有生成"
        elif not before.is_file():
            yield f"{name}：只在重做时生成"
        elif before.read_bytes() != after.read_bytes():
            yield f"{name}：内容不同，{_where(name, before.read_bytes(), after.read_bytes())}"


def _where(name: str, old: bytes, new: bytes) -> str:
    """The first place in which two versions of a file differ."""
    suffix = Path(name).suffix
    if suffix in ZIPS:
        return _part(old, new)
    if suffix not in TEXTS:
        place = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
                     min(len(old), len(new)))  # fmt: skip
        return f"自第{place}字节起"
    lines = [data.decode("utf-8", "replace").splitlines() for data in (old, new)]
    for number, (a, b) in enumerate(zip(*lines, strict=False), 1):
        if a != b:
            return f"第{number}行：{_cut(a, b)}"
    return f"行数不同（{len(lines[0])}、{len(lines[1])}）"


def _cut(a: str, b: str) -> str:
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 0)
    begin = max(0, start - 20)
    return f"“{a[begin : start + 40]}” → “{b[begin : start + 40]}”"


def _part(old: bytes, new: bytes) -> str:
    try:
        parts: list[Mapping[str, bytes]] = []
        for data in (old, new):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                parts.append({name: archive.read(name) for name in archive.namelist()})
    except zipfile.BadZipFile:
        return "其中一个不是完整的文件"
    for name in dict.fromkeys([*parts[0], *parts[1]]):
        if parts[0].get(name) != parts[1].get(name):
            return f"自其中的 {name} 起"
    return "打包顺序或日期不同"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
