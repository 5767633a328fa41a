"""gdplan: from a five-year plan's text and the yearly figures to an evaluation report.

Names are imported on first use, so that ``import gdplan`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "load_plan": "plans.load",
    "read_observations": "observations.read",
    "read_statuses": "ledger.statuses",
    "assess_commitments": "ledger.judged",
    "read_annual_targets": "observations.annual_targets",
    "as_of": "observations.read",
    "choose": "observations.read",
    "assess": "assessment.assess",
    "compare": "reports.runs.compare",
    "parse_target": "notation",
    "Plan": "model",
    "Indicator": "model",
    "Target": "model",
    "Verdict": "model",
    "Reason": "model",
    "Problem": "problems",
    "ProblemError": "problems",
}
_MODULES = {
    "advice": "reports.sections.advice",
    "allocation": "regions.allocation.apportion",
    "annex": "reports.sections.annex",
    "chances": "reports.sections.chances",
    "changes": "reports.sections.changes",
    "commitments": "plans.commitments",
    "composite": "regions.composite.scores",
    "explorer": "scenarios.explore_page",
    "figures": "reports.sections.charts",
    "fulfilment": "ledger.section",
    "indicators": "indicators",
    "league": "regions.composite.section",
    "notation": "notation",
    "prospects": "scenarios.section",
    "quality": "observations.checks.section",
    "regional": "regions.cities.section",
    "tables": "reports.sections.overview",
    "yearreview": "reports.sections.year_review",
}

__all__ = [
    "Indicator",
    "Plan",
    "Problem",
    "ProblemError",
    "Reason",
    "Target",
    "Verdict",
    "__version__",
    "advice",
    "allocation",
    "annex",
    "as_of",
    "assess",
    "assess_commitments",
    "chances",
    "changes",
    "choose",
    "commitments",
    "compare",
    "composite",
    "explorer",
    "figures",
    "fulfilment",
    "indicators",
    "league",
    "load_plan",
    "notation",
    "parse_target",
    "prospects",
    "quality",
    "read_annual_targets",
    "read_observations",
    "read_statuses",
    "regional",
    "tables",
    "yearreview",
]

if TYPE_CHECKING:
    from gdplan import indicators, notation
    from gdplan.assessment.assess import assess
    from gdplan.ledger import section as fulfilment
    from gdplan.ledger.judged import assess_commitments
    from gdplan.ledger.statuses import read_statuses
    from gdplan.model import Indicator, Plan, Reason, Target, Verdict
    from gdplan.notation import parse_target
    from gdplan.observations.annual_targets import read_annual_targets
    from gdplan.observations.checks import section as quality
    from gdplan.observations.read import as_of, choose, read_observations
    from gdplan.plans import commitments as commitments
    from gdplan.plans.load import load_plan
    from gdplan.problems import Problem, ProblemError
    from gdplan.regions.allocation import apportion as allocation
    from gdplan.regions.cities import section as regional
    from gdplan.regions.composite import scores as composite
    from gdplan.reports.runs.compare import compare
    from gdplan.reports.sections import advice as advice
    from gdplan.reports.sections import annex as annex
    from gdplan.reports.sections import changes as changes
    from gdplan.reports.sections import charts as figures
    from gdplan.reports.sections import overview as tables
    from gdplan.reports.sections import year_review as yearreview
    from gdplan.scenarios import explore_page as explorer


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(importlib.import_module(f"gdplan.{_HOME[name]}"), name)

        globals()[name] = value
        return value
    if name in _MODULES:
        return importlib.import_module(f"gdplan.{_MODULES[name]}")
    raise AttributeError(f"module 'gdplan' has no attribute {name!r}")
