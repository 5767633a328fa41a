"""A report made again from its record, every byte compared and every difference named."""

from __future__ import annotations

import io
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gdplan.problems import ProblemError
from gdplan.reports.runs import record as run_record
from gdplan.reports.runs.find import Run, Since, digest, read, since

TEXTS = (".csv", ".html", ".ipynb", ".txt", ".json", ".svg")
ZIPS = (".docx", ".xlsx")
RECORDED = ("run", "kind", "formats", "parameters", "tables")
UNKNOWN = "差异原因不明：输入、版本和程序均与记录一致"


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a run could be made again to the byte, and what was found."""

    same: bool
    lines: tuple[str, ...]


def verify(run: Run, rerun: Callable[[Run, Path], Path]) -> Verification:
    """Compare a run's files with its record, its inputs with those of today, and its outputs with
    those of a new run.

    A changed input or version is told but is no difference as long as every output comes out the
    same.

    Parameters
    ----------
    run : Run
        The finished run.
    rerun : callable
        Makes the report of a run again in a folder and returns the new run folder.

    Returns
    -------
    Verification
        ``lines`` name each difference with the first place it shows in and why it may be.
    """
    edited = list(_edited(run))
    inputs, versions, source = list(_inputs(run)), list(_versions(run)), list(_source(run))
    around = [*inputs, *versions, *source]
    told = {"输入改动": inputs, "版本不同": versions, "程序改动": source}
    causes = "、".join(word for word, differences in told.items() if differences)
    why = f"；可能因为{causes}" if causes else f"；{UNKNOWN}"
    try:
        with tempfile.TemporaryDirectory() as place:
            differing = list(_outputs(run, rerun(run, Path(place)), why))
    except (ProblemError, RuntimeError, OSError) as error:
        return Verification(False, (*edited, *around, f"无法按记录重做：{error}"))
    same = not (edited or differing)
    verdict = "一致：重做的报告与原报告逐字节相同" if same else "不一致"
    checked = f"比较了{len(run.record['outputs'])}个文件"
    return Verification(same, (*edited, *around, *differing, f"{verdict}（{checked}）"))


def _edited(run: Run) -> Iterator[str]:
    """Files of the run folder that are no longer what the record says."""
    wanted = run.record["outputs"]
    for name, recorded in wanted.items():
        if not (run.folder / name).is_file():
            yield f"{name}：原报告中已不存在"
        elif digest(run.folder / name) != recorded:
            yield f"{name}：生成之后被改动（与记录的哈希值不符）"
    for path in sorted(run.folder.iterdir()):
        if path.name != "run.json" and path.name not in wanted:
            yield f"{path.name}：记录中没有这个文件{'夹' if path.is_dir() else ''}"


def _inputs(run: Run) -> Iterator[str]:
    words = {Since.CHANGED: "此后已改动", Since.MISSING: "现已找不到"}
    for name in run.record["inputs"]:
        found = since(run, name)
        if found in words:
            yield f"输入 {name}：{words[found]}"


def _versions(run: Run) -> Iterator[str]:
    then, now = run.record["versions"], run_record.versions()
    for name in dict.fromkeys([*then, *now]):
        if then.get(name, "") != now.get(name, ""):
            yield f"版本 {name}：当时 {then.get(name) or '无'}，现在 {now.get(name) or '无'}"


def _source(run: Run) -> Iterator[str]:
    then, now = run.record["source"], run_record.source_state()
    words = {None: "不明", True: "是", False: "否"}
    for key, word in (("commit", "提交"), ("modified", "有未提交的修改")):
        pair = [words.get(state.get(key), state.get(key)) for state in (then, now)]
        if pair[0] != pair[1]:
            yield f"{word}：当时 {pair[0]}，现在 {pair[1]}"


def _outputs(run: Run, again: Path, cause: str) -> Iterator[str]:
    """Files that differ from the new run's, and why they may; the clock of run.json aside."""
    new = read(again).record
    for key in RECORDED:
        if run.record[key] != new[key]:
            yield f"run.json：{key} 与重做的不同"
    for name in dict.fromkeys([*run.record["outputs"], *new["outputs"]]):
        before, after = run.folder / name, again / name
        if not after.is_file():
            yield f"{name}：重做时没有生成{cause}"
        elif name not in run.record["outputs"]:
            yield f"{name}：只在重做时生成{cause}"
        elif before.is_file() and before.read_bytes() != after.read_bytes():
            kept = digest(after) == run.record["outputs"][name]
            why = "；重做的与记录一致，原文件被人改过" if kept else cause
            where = _where(name, before.read_bytes(), after.read_bytes())
            yield f"{name}：内容不同，{where}{why}"


def _where(name: str, old: bytes, new: bytes) -> str:
    """The first place in which two versions of a file differ."""
    suffix = Path(name).suffix
    if suffix in ZIPS:
        return _part(old, new)
    return _line(old, new) if suffix in TEXTS else f"自第{_apart(old, new)}字节起"


def _line(old: bytes, new: bytes) -> str:
    one, other = (data.split(b"\n") for data in (old, new))
    for number, (a, b) in enumerate(zip(one, other, strict=False), 1):
        if a != b:
            return f"第{number}行：{_cut(a, b)}"
    return f"行数不同（{len(one)}、{len(other)}）"


def _cut(a: bytes, b: bytes) -> str:
    """Two lines around the first place they differ in; what cannot be seen is spelled out."""
    start = _apart(a, b)
    shown = (_whole(x[max(0, start - 60) : start + 120]) for x in (a, b))
    return " → ".join(f"“{text}”" for text in shown)


def _whole(data: bytes) -> str:
    """Bytes as text, without the half of a character at either end."""
    text = data.decode("utf-8", "replace").strip("\ufffd")
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _apart(old: bytes, new: bytes) -> int:
    pairs = enumerate(zip(old, new, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(old), len(new)))


def _part(old: bytes, new: bytes) -> str:
    try:
        one, other = _parts(old), _parts(new)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return "其中一个不是完整的文件"
    for name in dict.fromkeys([*one, *other]):
        if one.get(name) != other.get(name):
            return f"自其中的 {name} 起"
    return "打包顺序或日期不同"


def _parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
