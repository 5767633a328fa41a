"""run.json: what went in, what came out, and with which versions a report was made."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from gdplan.files import places
from gdplan.ledger import statuses
from gdplan.observations import annual_targets
from gdplan.reports.formats.assembly import PrintedTable
from gdplan.reports.runs.find import digest

WATCHED = ("gdplan", "notebooks", "data/raw", "requirements.lock")
REGISTERS = ("series.yml", "corrections.yml", "calibers.yml", "regions.csv")
"""Files of data/raw that say how figures are read and judged; those that exist are inputs."""
STACK = (
    "gdplan", "pandas", "numpy", "statsmodels", "matplotlib", "papermill", "nbconvert",
    "pypandoc-binary", "pylopdf-fonts-zh-cn", "python-docx", "typst", "xlsxwriter",
)  # fmt: skip


def make(
    name: str,
    kind: str,
    values: Mapping[str, Any],
    notebook: Path,
    plan_files: Iterable[str],
    folder: Path,
    *,
    formats: Iterable[str],
    tables: Iterable[PrintedTable],
    source: Mapping[str, Any],
    clock: Mapping[str, Any],
) -> dict[str, Any]:
    """The record of a run. Paths are relative to the project or mere names, never absolute.

    ``clock`` is the only part that differs between two equal runs. ``tables`` says which field
    of the assessment stands in which column, so that a printed number can be traced.
    """
    return {
        "run": name,
        "kind": kind,
        "parameters": {k: shown(v) for k, v in values.items()},
        "formats": list(formats),
        "inputs": digests(input_files(values, notebook, plan_files)),
        "outputs": {p.name: digest(p) for p in sorted(folder.iterdir()) if p.is_file()},
        "tables": [
            {"label": t.label, "caption": t.caption, "columns": list(t.columns),
             "keys": list(t.keys)}
            for t in tables
        ],
        "versions": versions(),
        "source": {k: source[k] for k in ("commit", "modified", "code") if k in source},
        "clock": dict(clock),
    }  # fmt: skip


def input_files(
    values: Mapping[str, Any], notebook: Path, plan_files: Iterable[str]
) -> Iterator[Path]:
    """Every file that a run with these parameters reads, of those that exist."""
    raw = places.data_folder() / "raw"
    rules = places.PACKAGE / "plans" / "rules.yml"
    texts = [*map(Path, plan_files)]
    files = [notebook, rules, *texts, *_beside(texts), *data_files(values),
             *(raw / name for name in REGISTERS),
             places.home() / "requirements.lock"]  # fmt: skip
    return (path for path in files if path.is_file())


def _beside(plan_files: Iterable[Path]) -> list[Path]:
    """Scenario files beside the plan; rules of the assessment of cities, and the cities' plans."""
    found: list[Path] = []
    for home in sorted({path.parent for path in plan_files if path.name == "plan.yml"}):
        found += sorted((home / "scenarios").glob("*.yml"))
        if (home / "composite.yml").is_file():
            found += [home / "composite.yml", *sorted(home.parent.glob(f"{home.name}-*/plan.*"))]
    return found


def versions() -> dict[str, str]:
    """Versions of what a report depends on; of Python without the patch number."""
    found = dict.fromkeys(STACK, "")
    for name in STACK:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found | {"python": ".".join(platform.python_version_tuple()[:2])}


def data_files(values: Mapping[str, Any]) -> list[Path]:
    """Files of figures and statuses that a run reads, with their sidecars, and the earlier run it
    compares."""
    given = values.get("observations")
    place = places.located(given) if given else places.data_folder() / "raw/observations"
    tables = places.figure_files(place) if place.is_dir() else [place]
    tables += statuses.files(given or "")
    files = [f for table in tables for f in (table, table.with_suffix(".yml"))]
    files.append(annual_targets.place(given or ""))
    if values.get("previous"):
        earlier = places.located(values["previous"])
        files.append(earlier / "assessment.csv" if earlier.is_dir() else earlier)
    return files


def digests(files: Iterable[Path], of: Callable[[Path], str] | None = None) -> dict[str, str]:
    """sha256 of each file by how it is shown; of two files of one name the second has a number.

    ``of`` gives the sum of a file to a caller that looks at the same files again and again.
    """
    found: dict[str, str] = {}
    for path in dict.fromkeys(Path(os.path.normpath(p)) for p in files):
        name = first = str(shown(path))
        for n in itertools.count(2):
            if name not in found:
                break
            name = f"{first} ({n})"
        found[name] = (of or digest)(path)
    return found


def as_json(record: Mapping[str, Any]) -> str:
    """The record as JSON text with sorted keys."""
    return json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def shown(value: Any) -> Any:
    """A path relative to the project, from whatever folder it was named, or its name; other values
    as they are."""
    if not isinstance(value, Path) and not str(value).startswith("/"):
        return value
    place = _whole(Path(value))
    for root in (places.home(), places.PACKAGE.parent):
        pairs = ((place, _whole(root)), (place.resolve(), root.resolve()))
        for path, folder in pairs:
            if path.is_relative_to(folder):
                return path.relative_to(folder).as_posix()
    return place.name


def _whole(path: Path) -> Path:
    """A path from the root of the disk, links not followed."""
    return Path(os.path.normpath(path.absolute()))


def source_state() -> dict[str, Any]:
    """Sum of the program's files, commit, and whether code, notebooks or raw data differ from it.

    Without git only the first. ``changes`` names the first files that differ; a new file beside
    them counts as well, since it would be read.
    """
    root = places.PACKAGE.parent
    state = {"code": code()}
    commit = _git(root, "rev-parse", "HEAD") if (root / ".git").exists() else None
    if commit is None:
        return state
    status = _git(root, "-c", "core.quotepath=off", "status", "--porcelain", "--", *WATCHED)
    changes = [line[3:] for line in (status or "").splitlines()]
    return state | {"commit": commit, "modified": bool(changes), "changes": changes[:5]}


def code() -> str:
    """sha256 over names and contents of the program's own files, as they are now."""
    apart = {"__pycache__", "_share"}
    inside = {p: p.relative_to(places.PACKAGE) for p in places.PACKAGE.rglob("*")}
    own = {name.as_posix(): p for p, name in inside.items() if not apart & set(name.parts)}
    total = hashlib.sha256()
    for name, path in sorted(own.items()):
        if path.is_file():
            total.update(f"{name} {digest(path)}\n".encode())
    return total.hexdigest()


def _git(root: Path, *words: str) -> str | None:
    try:
        run = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return run.stdout.rstrip() if run.returncode == 0 else None
