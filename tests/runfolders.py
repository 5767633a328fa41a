"""Small finished runs written by hand for tests."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
from frames import PROVINCE, plan

from gdplan import assess
from gdplan.reports.runs.find import Run, read

TABLES = [
    {"label": "表1", "caption": "计数", "columns": [], "keys": ["", ""]},
    {"label": "表2", "caption": "进展",
     "columns": ["indicator", "name", "base", "value", "progress", "-"], "keys": ["1", "2", ""]},
]  # fmt: skip


def sha(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def judged(*pairs: tuple[Any, pd.DataFrame], year: int = 2023, **options: Any) -> pd.DataFrame:
    """The assessment of indicators, each with its figures."""
    rows = pd.concat([rows for _, rows in pairs], ignore_index=True)
    return assess(plan(*(item for item, _ in pairs)), rows, region=PROVINCE, year=year, **options)


def record(**changes: Any) -> dict[str, Any]:
    """A record as run.json holds it."""
    return {
        "run": "midterm-test", "kind": "midterm", "formats": ["html"], "inputs": {},
        "parameters": {"plan": "test-14", "region": PROVINCE, "year": 2023, "previous": ""},
        "outputs": {}, "tables": TABLES, "versions": {"pandas": "3"},
        "source": {"commit": "c" * 40, "modified": False},
        "clock": {"started": "2026-01-01T00:00:00+00:00", "seconds": 1.0},
    } | changes  # fmt: skip


def made(
    place: Path, frame: pd.DataFrame, files: dict[str, bytes] | None = None, **changes: Any
) -> Run:
    """A run folder with its record, its assessment and other files."""
    place.mkdir(parents=True, exist_ok=True)
    written = {"assessment.csv": frame.to_csv(index=False, lineterminator="\n").encode()}
    written |= files or {}
    for name, data in written.items():
        (place / name).write_bytes(data)
    outputs = {name: sha(data) for name, data in written.items()}
    text = json.dumps(record(**{"outputs": outputs} | changes), ensure_ascii=False)
    (place / "run.json").write_text(text, "utf-8")
    return read(place)


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def complete(folder: Path) -> bool:
    """Whether a folder holds exactly the files its record lists, with their hashes."""
    record = json.loads((folder / "run.json").read_text("utf-8"))
    hashes = {name: sha(data) for name, data in content(folder).items() if name != "run.json"}
    return bool(record["outputs"] == hashes)
