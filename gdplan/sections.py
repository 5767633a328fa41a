"""The sections, charts and tables of a report, one name each: functions of one evaluation.

A name is imported when it is first used; a notebook reads as a table of contents::

    from gdplan import evaluate, sections

    evaluation = evaluate("midterm", plan="gd-hrss-14")
    sections.overview(evaluation)
"""

from __future__ import annotations

import importlib
from typing import Any

HOMES = {
    "cover": "reports.sections.overview:cover",
    "warnings": "reports.sections.year_review:warnings",
    "overview": "reports.sections.overview:overview",
    "results": "reports.sections.year_review:results",
    "progress": "reports.sections.overview:progress",
    "charts": "reports.sections.charts:heading",
    "scoreboard": "reports.sections.charts:scoreboard",
    "waterfall": "reports.sections.charts:waterfall",
    "panels": "reports.sections.charts:panels",
    "regional": "regions.cities.section:regional",
    "league": "regions.composite.section:league",
    "ledger": "ledger.section:summary",
    "changes": "reports.sections.changes:since_last",
    "hindsight": "reports.sections.hindsight:hindsight",
    "problems": "reports.sections.advice:problems",
    "next_steps": "reports.sections.advice:next_steps",
    "chances": "reports.sections.chances:chances",
    "scenarios": "scenarios.section:scenarios",
    "proposals": "reports.sections.year_review:proposals",
    "gaps": "reports.sections.advice:gaps",
    "quality": "observations.checks.section:quality",
    "findings": "observations.checks.section:findings",
    "method": "reports.sections.annex:method",
    "workings": "reports.sections.annex:workings",
    "opinions": "reports.sections.annex:opinions",
    "ledger_annex": "ledger.section:annex",
    "sources": "reports.sections.annex:sources",
    "unused": "reports.sections.annex:unused",
    "run_info": "reports.sections.annex:run_info",
    "export_ledger": "ledger.section:export",
    "export_outcomes": "scenarios.section:export",
    "export_assessment": "reports.sections.annex:export",
}
"""Where each stands, in the order of a report: module below gdplan, and function."""


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'gdplan.sections' has no attribute {name!r}")
    module, _, function = HOMES[name].partition(":")
    return getattr(importlib.import_module(f"gdplan.{module}"), function)


def __dir__() -> list[str]:
    return list(HOMES)
