"""What is wrong with an input: problems, told all at once, and the one error that carries them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Hard problems stop the work; soft ones are printed and go on."""

    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the input: where, what was expected and found, what to do."""

    key: str
    where: str
    message: str
    expected: str = ""
    found: str = ""
    fix: str = ""
    severity: Severity = Severity.HARD

    def line(self) -> str:
        """The problem as one line of Chinese with its English key."""
        text = f"{self.where}：{self.message}" if self.where else self.message
        if self.expected:
            text += f"；应为 {self.expected}"
        if self.found:
            text += f"；实为 {self.found}"
        if self.fix:
            text += f"；处理：{self.fix}"
        return f"{text} [{self.key}]"


def closest_name(word: str, known: Iterable[str], *, cutoff: float = 0.4) -> str:
    """The known name that a misspelled word is closest to, or the empty string.

    Examples
    --------
    >>> closest_name("midtrem", ["midterm", "final"]), closest_name("总结", ["midterm", "final"])
    ('midterm', '')
    """
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=cutoff)), "")


def closest(word: str, known: Iterable[str], *, cutoff: float = 0.4) -> str:
    """``最接近的是 …`` for a misspelled word, or the empty string: what a problem says to do.

    Examples
    --------
    >>> closest("midtrem", ["midterm", "final"])
    '最接近的是 midterm'
    """
    name = closest_name(word, known, cutoff=cutoff)
    return f"最接近的是 {name}" if name else ""


def wrong_type(name: str, value: object, what: str, expected: str, fix: str = "") -> Problem:
    """The problem of a choice of another type than is meant."""
    said = f"{value!r}（{type(value).__name__}）"
    return Problem("wrong_type", name, f"{what}的类型不对", expected, said, fix)


class ProblemError(ValueError):
    """The one error of gdplan: every problem of the input, numbered, at once."""

    def __init__(self, problems: Problem | Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        super().__init__("\n".join(f"{i}. {p.line()}" for i, p in enumerate(self.problems, 1)))

    @classmethod
    def of(
        cls, key: str, where: str, message: str, expected: str = "", found: str = "", fix: str = ""
    ) -> ProblemError:
        """The error of a single problem."""
        return cls(Problem(key, where, message, expected, found, fix))


def refuse(problems: Iterable[Problem]) -> None:
    """Raise every problem at once, if there is any."""
    every = tuple(problems)
    if every:
        raise ProblemError(every)
