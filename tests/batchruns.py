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
WORK = """from gdplan import annex, assess, load_plan, read_observations, tables

the_plan = load_plan(plan)
published = read_observations(observations or None, the_plan)
assessment = assess(the_plan, published, region=region, year=year, kind="midterm")
"""
SHOWN = 'tables.cover(the_plan, assessment, kind="checks", lang=lang)'
EXPORT = "annex.export(assessment)"


def folders(out: Path) -> list[str]:
    """Run folders and whatever else lies beside them, but for the logs."""
    return sorted(p.name for p in out.iterdir() if p.name != "logs")
