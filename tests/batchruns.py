"""Small notebooks and folders of batches for tests."""

from __future__ import annotations

from pathlib import Path

PARAMETERS = """plan = "gd-hrss-14"
region = "440000"
year = 2023
as_of = ""
observations = ""
lang = "zh"
"""
WORK = """from gdplan import evaluate, sections

evaluation = evaluate(
    "checks", plan=plan, region=region, year=year, observations=observations, lang=lang
)
"""
SHOWN = "sections.cover(evaluation)"
EXPORT = "sections.export_assessment(evaluation)"


def folders(out: Path) -> list[str]:
    """Run folders and whatever else lies beside them, but for the logs."""
    return sorted(p.name for p in out.iterdir() if p.name != "logs")
