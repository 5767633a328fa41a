"""gdplan: from a five-year plan's text and the yearly figures to an evaluation report.

Names are imported on first use, so that ``import gdplan`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# Public name -> where it lives, without the package: "module" or "module:attribute". A new name is
# one line here, one below for type checkers, and one in the list of tests/project/test_public.py.
PUBLIC = {
    # Plans
    "load_plan": "plans.load:load_plan",
    "Plan": "model:Plan",
    "Indicator": "model:Indicator",
    "Target": "model:Target",
    "parse_target": "notation:parse_target",
    "notation": "notation",
    "commitments": "plans.commitments",
    # Figures
    "read_observations": "observations.read:read_observations",
    "read_annual_targets": "observations.annual_targets:read_annual_targets",
    "read_statuses": "ledger.statuses:read_statuses",
    "as_of": "observations.read:as_of",
    "choose": "observations.read:choose",
    "series": "assessment.marked:series",
    # Judgements
    "assess": "assessment.assess:assess",
    "assess_commitments": "ledger.judged:assess_commitments",
    "compare": "reports.runs.compare:compare",
    "Verdict": "model:Verdict",
    "Reason": "model:Reason",
    # Reports
    "evaluate": "reports.evaluation:evaluate",
    "Evaluation": "reports.evaluation:Evaluation",
    "sections": "sections",
    "charts": "reports.sections.charts",
    "figures": "reports.sections.charts",
    "explorer": "scenarios.explore_page",
    # Mathematics
    "indicators": "indicators",
    "outlook": "outlook",
    "project": "outlook.projection:project",
    "Projection": "outlook.projection:Projection",
    "allocation": "regions.allocation.apportion",
    "composite": "regions.composite.scores",
    # What is wrong with an input
    "Problem": "problems:Problem",
    "ProblemError": "problems:ProblemError",
    "Severity": "problems:Severity",
}

if TYPE_CHECKING:
    from gdplan import indicators as indicators
    from gdplan import notation as notation
    from gdplan import outlook as outlook
    from gdplan import sections as sections
    from gdplan.assessment.assess import assess as assess
    from gdplan.assessment.marked import series as series
    from gdplan.ledger.judged import assess_commitments as assess_commitments
    from gdplan.ledger.statuses import read_statuses as read_statuses
    from gdplan.model import Indicator as Indicator
    from gdplan.model import Plan as Plan
    from gdplan.model import Reason as Reason
    from gdplan.model import Target as Target
    from gdplan.model import Verdict as Verdict
    from gdplan.notation import parse_target as parse_target
    from gdplan.observations.annual_targets import read_annual_targets as read_annual_targets
    from gdplan.observations.read import as_of as as_of
    from gdplan.observations.read import choose as choose
    from gdplan.observations.read import read_observations as read_observations
    from gdplan.outlook.projection import Projection as Projection
    from gdplan.outlook.projection import project as project
    from gdplan.plans import commitments as commitments
    from gdplan.plans.load import load_plan as load_plan
    from gdplan.problems import Problem as Problem
    from gdplan.problems import ProblemError as ProblemError
    from gdplan.problems import Severity as Severity
    from gdplan.regions.allocation import apportion
    from gdplan.regions.composite import scores
    from gdplan.reports.evaluation import Evaluation as Evaluation
    from gdplan.reports.evaluation import evaluate as evaluate
    from gdplan.reports.runs.compare import compare as compare
    from gdplan.reports.sections import charts as charts
    from gdplan.scenarios import explore_page

    allocation, composite, explorer, figures = apportion, scores, explore_page, charts

__all__ = ["__version__", *PUBLIC]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    place = PUBLIC.get(name)
    if place is None:
        raise AttributeError(f"module 'gdplan' has no attribute {name!r}")
    module, _, attribute = place.partition(":")
    value = importlib.import_module(f"gdplan.{module}")
    return getattr(value, attribute) if attribute else value


def __dir__() -> list[str]:
    """The public names and nothing else."""
    return sorted(["__version__", *PUBLIC])
