"""run.json: what went in, what came out, and with which versions a report was made."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from gdplan import resources

STACK = (
    "gdplan", "pandas", "numpy", "statsmodels", "matplotlib", "papermill", "nbconvert",
    "pypandoc-binary", "pylopdf-fonts-zh-cn",
)  # fmt: skip


def make(
    name: str,
    kind: str,
    values: Mapping[str, Any],
    notebook: Path,
    plan_files: Iterable[str],
    observations: Iterable[Path],
    folder: Path,
    *,
    clock: Mapping[str, Any],
) -> dict[str, Any]:
    """The record of a run. Paths are relative to the project or mere names, never absolute."""
    raw = resources.data_folder() / "raw"
    rules = Path(__file__).with_name("rules.yml")
    inputs = [notebook, rules, *map(Path, plan_files), *observations, raw / "series.yml",
              raw / "regions.csv", resources.home() / "requirements.lock"]  # fmt: skip
    return {
        "run": name,
        "kind": kind,
        "parameters": {k: shown(v) for k, v in values.items()},
        "inputs": {shown(p): digest(p) for p in inputs if p.is_file()},
        "outputs": {p.name: digest(p) for p in sorted(folder.iterdir()) if p.is_file()},
        "versions": {n: _version(n) for n in STACK}
        | {"python": ".".join(platform.python_version_tuple()[:2])},
        "source": source_state(),
        "clock": dict(clock),
    }


def as_json(record: Mapping[str, Any]) -> str:
    """The record as JSON text with sorted keys."""
    return json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def digest(path: Path) -> str:
    """sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def shown(value: Any) -> Any:
    """A path relative to the project, or its name; other values as they are."""
    path = Path(value) if isinstance(value, Path) or str(value).startswith("/") else None
    if path is None:
        return value
    for root in (resources.home(), resources.PACKAGE.parent):
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.name


def source_state() -> dict[str, Any]:
    """Commit and whether tracked files differ from it; empty outside a git checkout."""
    root = resources.PACKAGE.parent
    if not (root / ".git").exists():
        return {}
    commit = _git(root, "rev-parse", "HEAD")
    if commit is None:
        return {}
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    return {"commit": commit, "modified": bool(changed)}


def _git(root: Path, *words: str) -> str | None:
    try:
        run = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return run.stdout.strip() if run.returncode == 0 else None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
