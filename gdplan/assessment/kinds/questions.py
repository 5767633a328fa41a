"""What every kind of indicator answers, and the finding of its module by its name.

A kind is a module ``kinds/<name>.py`` with the functions of :class:`Questions`, beside its row in
:data:`gdplan.model.KINDS`. What it shares with another it imports from there.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

import numpy as np

from gdplan.model import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gdplan.assessment.evidence import Evidence, Figure
    from gdplan.assessment.judgement import Judgement
    from gdplan.model import Indicator
    from gdplan.outlook.course import Course
    from gdplan.outlook.goal import Array, Flags, Goal
    from gdplan.page.language import Language

Ends: TypeAlias = tuple[float, float, float]
"""A number as printed, its least and its greatest value (METHOD 2)."""
NAN = float("nan")
Sum: TypeAlias = tuple[str, Callable[..., float]]
"""A formula with the fields it takes in braces, and the function that does it."""


@dataclass(frozen=True, slots=True)
class Vertices:
    """Base and value at every combination of printed value, low and high end, and at the edges of
    the goal that lie inside the interval of the value (METHOD 2).

    ``side`` and ``base_side`` number which of the three the value and the base are, an edge
    counting as a fourth; ``above`` marks a number that the value is known to exceed (超95).
    """

    base: Array
    value: Array
    side: NDArray[np.int_]
    base_side: NDArray[np.int_]
    above: Flags

    @classmethod
    def of(
        cls, base: Ends, value: Ends, edges: Sequence[float] = (), *, above: bool = False
    ) -> Vertices:
        """From two triples (printed, low, high)."""
        values = [*value, *(x for x in edges if value[1] < x < value[2])]
        pairs = [(b, v, i, min(j, 3)) for i, b in enumerate(base) for j, v in enumerate(values)]
        b, v, i, j = zip(*pairs, strict=True)
        sides = np.array(j)
        beyond = above & (sides < 2)
        return cls(np.array(b, float), np.array(v, float), sides, np.array(i), beyond)


@dataclass(frozen=True, slots=True)
class Case:
    """One indicator with its figures and its goal, before anything is judged."""

    item: Indicator
    evidence: Evidence
    goal: Goal
    at: Vertices
    elapsed: float
    year: int

    @property
    def met(self) -> Flags:
        """Whether the value is an accepted one, at every vertex."""
        return self.goal.met(self.at.value, self.at.above)

    @property
    def final_year(self) -> bool:
        """Whether the evaluated year is the target year, or later."""
        return self.year >= self.item.target_year

    @property
    def spent(self) -> float:
        """Years from the base to the date of the figures."""
        return self.evidence.when - self.item.base_year

    @property
    def left(self) -> float:
        """Years from the date of the figures to the target year."""
        return self.item.target_year - self.evidence.when


@dataclass(frozen=True, slots=True)
class Way:
    """What was achieved and what is still required, per year in the unit of the indicator (of a
    growth rate in per cent a year); growth as fractions; nan where there is no such number."""

    achieved: float
    required: float
    required_growth: float
    annualized_growth: float
    geometric: float = NAN


@dataclass(frozen=True, slots=True)
class Formulas:
    """How the annex computes a kind, in Excel's words.

    Pieces in braces: cells of the row (``{value}``, ``{target}``, ``{base}``, ``{raw_progress}``,
    ``{low}``, ``{high}``) and what the sheet offers (``{sum}`` of the figures used, their
    ``{count}`` and ``{logs}``, the ``{years}`` of the plan, those ``{spent}`` and ``{left}``, the
    ``{wanted}``).
    """

    value: str
    progress: str
    required: str
    unused: str = "=0"
    """Of a budget: the test that nothing is used."""
    kept: str = "{value}<={target}*{elapsed}"
    """Of a budget before the end: the test that it is on or under its path."""
    leaves: bool = True
    """Whether a budget can be moved away from."""
    whole: bool = False
    """Whether a target counts as met before its year only when all of the way is gone."""


class Questions(Protocol):
    """What the module of a kind answers."""

    def evidence(self, item: Indicator, figures: Sequence[Figure], year: int) -> Evidence:
        """Which figures inside the plan speak for the year, and the value they make."""
        ...

    def ends(self, item: Indicator, figure: Figure) -> Ends:
        """What one figure is judged by."""
        ...

    def value(self, item: Indicator, evidence: Evidence) -> Ends:
        """The value that is judged; nan where nothing is known."""
        ...

    def base(self, item: Indicator) -> Ends:
        """The base as it is judged; nan where the plan prints none."""
        ...

    def goal(self, item: Indicator, base: float, parameters: Mapping[str, float]) -> Goal | None:
        """The accepted values, or None when the target holds nothing to compare with."""
        ...

    def settled_early(self, evidence: Evidence, goal: Goal) -> bool:
        """Whether what has come before the target year already decides the end."""
        ...

    def budget(self, goal: Goal) -> bool:
        """Whether what the years add up to must stay below the target, to be used slowly."""
        ...

    def progress(self, case: Case) -> Array:
        """Share of the way to the target at every vertex."""
        ...

    def pace(self, case: Case, progress: Array) -> Array:
        """1 on schedule, more when better."""
        ...

    def met(self, case: Case, progress: Array) -> Flags:
        """Whether the target counts as met."""
        ...

    def moved_away(self, case: Case, progress: Array, met: Flags) -> Flags:
        """Whether figures went away from the target."""
        ...

    def way(self, case: Case, progress: Array) -> Way:
        """What was achieved, and what the years left have to bring."""
        ...

    def scheduled(self, case: Case) -> float:
        """The value due by now on the plan's schedule."""
        ...

    def next_year(self, case: Case, way: Way, *, met: bool, progress: float) -> float:
        """What the year after the figures has to bring."""
        ...

    def formulas(self, item: Indicator) -> Formulas:
        """How the annex computes it."""
        ...

    def course(self, plain: Course, item: Indicator, evidence: Evidence) -> Course:
        """What is projected: ``plain`` has the series, the goal and the limits."""
        ...

    def in_words(self, field: str, *, total: bool) -> str:
        """How a field follows from the figures, for whoever traces it (``total``: the target is a
        five-year total); empty where :meth:`arithmetic` says it. ``{figures}`` are the figures
        used, ``{last}`` the newest, ``{target}`` the target as printed."""
        ...

    def arithmetic(self, field: str, *, geometric: bool, falling: bool) -> Sum | None:
        """The sum that makes a field, to be done again; None where it is as usual."""
        ...

    def sentence(self, one: Judgement, base_year: int, say: Language) -> str:
        """What was reached and how that stands to the target, without name and verdict."""
        ...


def questions(kind: Kind | str) -> Questions:
    """The module of a kind.

    Raises
    ------
    ModuleNotFoundError
        When a kind has a row in the list but no module.
    """
    return cast("Questions", importlib.import_module(f"gdplan.assessment.kinds.{kind}"))
