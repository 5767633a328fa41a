"""An evaluation: a plan, region and year, judged once; sections and charts are functions of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pandas as pd

from gdplan.assessment.assess import judgements
from gdplan.assessment.judgement import Judgement, frame
from gdplan.files import places
from gdplan.ledger.judged import assess_commitments
from gdplan.ledger.statuses import read_statuses
from gdplan.model import Plan
from gdplan.observations.annual_targets import AnnualTarget, read_annual_targets
from gdplan.observations.read import as_of as known_on
from gdplan.observations.read import choose, read_observations
from gdplan.page.blocks import is_final
from gdplan.page.chinese import bounded
from gdplan.page.language import Language, language
from gdplan.plans.commitments import unmerged
from gdplan.plans.load import load_plan
from gdplan.plans.revisions import in_force

if TYPE_CHECKING:
    from gdplan.observations.calibers import Break

JUDGED_AS = {"checks": "midterm"}
"""Rule table of a report that is no evaluation of its own."""
Result = TypeVar("Result")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Evaluation:
    """What was asked for and, worked out when it is first needed, everything that follows.

    Parameters
    ----------
    kind : str
        ``midterm``, ``annual``, ``final`` or ``checks``.
    plan : Plan
    observations : DataFrame
        Figures as published, from :func:`gdplan.read_observations`.
    region : str
    year : int
        The evaluated data year.
    as_of : str
        Only what was known on that day; empty for all.
    previous : str
        Folder of the run to compare with; empty for none.
    place : str
        File or folder the figures were read from; empty for the project's own.
    lang : {"zh", "en"}
    targets, breaks : sequence, optional
        Targets of single years and breaks of caliber; as in :func:`gdplan.assess`.
    """

    kind: str
    plan: Plan
    observations: pd.DataFrame
    region: str
    year: int
    as_of: str = ""
    previous: str = ""
    place: str = ""
    lang: str = "zh"
    targets: Sequence[AnnualTarget] | None = None
    breaks: Sequence[Break] | None = None
    _results: dict[Callable[..., Any], Any] = field(default_factory=dict, init=False)

    @cached_property
    def say(self) -> Language:
        """The language of the report."""
        return language(self.lang).for_region(self.plan.region)

    @cached_property
    def judgements(self) -> tuple[Judgement, ...]:
        """Every indicator of the plan judged, in its order."""
        return judgements(
            self.plan, self.observations, region=self.region, year=self.year,
            as_of=self.as_of or None, kind=JUDGED_AS.get(self.kind, self.kind),
            breaks=self.breaks, targets=self.targets,
        )  # fmt: skip

    @cached_property
    def rows(self) -> tuple[Judgement, ...]:
        """The judgements with names, units, departments and regions in the report's language."""
        return tuple(worded(one, self.plan, self.say) for one in self.judgements)

    @cached_property
    def final(self) -> bool:
        """Whether the verdicts are those of the end of the plan."""
        return is_final(one.verdict for one in self.judgements)

    @property
    def assessment(self) -> pd.DataFrame:
        """The judgements as a table, one row each; see docs/dictionary/assessment.csv."""
        return frame(self.judgements)

    @cached_property
    def known(self) -> pd.DataFrame:
        """The figures that were known at ``as_of``."""
        return known_on(self.observations, self.as_of) if self.as_of else self.observations

    @property
    def chosen(self) -> pd.DataFrame:
        """The region's known figures, each with whether it is used and the rule that decided."""
        return choose(self.known[self.known["region"] == self.region], self.plan)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """The plan's commitments judged by what was reported; see docs/dictionary/ledger.csv."""
        return assess_commitments(
            unmerged(self.plan, region=self.region),
            read_statuses(plan=self.plan, beside=self.place),
            plan=self.plan, year=self.year, as_of=self.as_of or None,
        )  # fmt: skip

    def once(self, work: Callable[[Evaluation], Result]) -> Result:
        """What a function makes of this evaluation, worked out at its first call and kept."""
        if work not in self._results:
            self._results[work] = work(self)
        return cast("Result", self._results[work])

    def __repr__(self) -> str:
        one, counts = self.judgements[0], Counter(j.verdict for j in self.judgements)
        head = f"{self.kind} {self.plan.id} {one.region_name}（{self.region}） {self.year}"
        listed = "，".join(f"{verdict}{n}项" for verdict, n in counts.most_common())
        lines = (f"{j.indicator:>4} {j.name}  {j.verdict} {bounded(j.progress)}"
                 for j in self.judgements)  # fmt: skip
        return "\n".join([head, listed, *lines])


def worded(one: Judgement, plan: Plan, say: Language) -> Judgement:
    """A judgement with name, unit, department and region in the language of the report."""
    words: dict[str, Any] = {**say.words.own_words(one, plan)}
    return replace(one, **words) if words else one


def evaluate(
    kind: str,
    *,
    plan: str | Path | Plan,
    region: str | None = None,
    year: int | None = None,
    as_of: str | None = None,
    observations: str | Path | pd.DataFrame | None = None,
    previous: str | None = None,
    lang: str = "zh",
) -> Evaluation:
    """Judge a plan for one region and year, for the sections and charts of a report.

    Parameters
    ----------
    kind : {"midterm", "annual", "final", "checks"}
        Which report it is for; decides the rule table and where targets of the year are read.
    plan : str, Path or Plan
        Id or folder of a plan, or a plan from :func:`gdplan.load_plan`.
    region : str, optional
        GB/T 2260 code; by default the plan's own region.
    year : int, optional
        Evaluated data year; by default the target year for ``final``, else the plan's third.
    as_of : str, optional
        Only figures, targets and reports known on that day; empty or None uses all.
    observations : str, Path or DataFrame, optional
        File or folder of figures, or figures from :func:`gdplan.read_observations`; by default
        the project's own.
    previous : str, optional
        Folder of an earlier run to compare with.
    lang : {"zh", "en"}
        Language of the sections.

    Returns
    -------
    Evaluation

    Raises
    ------
    ProblemError
        For an unknown kind, plan, region or language, a year outside the plan, and every fault
        of the figures.

    Examples
    --------
    >>> evaluation = evaluate("final", plan="gd-hrss-13")
    >>> evaluation.year, str(evaluation.judgements[0].verdict)
    (2020, '超额完成')
    """
    the_plan = in_force(plan if isinstance(plan, Plan) else load_plan(plan), as_of or None)
    place = "" if observations is None or isinstance(observations, pd.DataFrame) else observations
    figures = observations
    if not isinstance(figures, pd.DataFrame):
        figures = read_observations(place or None, the_plan)
    figures = figures[places.inside(figures["region"], the_plan.region, region or the_plan.region)]
    usual = the_plan.target_year if kind == "final" else the_plan.base_year + 3
    evaluation = Evaluation(
        kind=kind, plan=the_plan, observations=figures, region=region or the_plan.region,
        year=usual if year is None else int(year), as_of=as_of or "", previous=previous or "",
        place=str(place), lang=lang,
        targets=read_annual_targets(place, the_plan) if kind == "annual" else None,
    )  # fmt: skip
    # What is refused is refused here, not by the first section.
    _ = evaluation.rows
    return evaluation
