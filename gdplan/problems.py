"""What is wrong with an input: problems, told all at once, and the one error that carries them."""

from __future__ import annotations

from collections.abc import Sequence
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


class ProblemError(ValueError):
    """The one error of gdplan: every problem of the input, numbered, at once."""

    def __init__(self, problems: Problem | Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        super().__init__("\n".join(f"{i}. {p.line()}" for i, p in enumerate(self.problems, 1)))
