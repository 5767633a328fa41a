"""What is wrong with an input: problems, told all at once, and the one error that carries them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

_PLACE = re.compile(r"(.*?[:第])(\d+)(\D*)")


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
    """The one error of gdplan: every problem of the input, numbered, at once; what is wrong alike
    in many places is one of its ``lines``, with all of them."""

    def __init__(self, problems: Problem | Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        self.lines: tuple[str, ...] = tuple(_lines(self.problems))
        super().__init__("\n".join(f"{i}. {line}" for i, line in enumerate(self.lines, 1)))

    @classmethod
    def of(
        cls, key: str, where: str, message: str, expected: str = "", found: str = "", fix: str = ""
    ) -> ProblemError:
        """The error of a single problem."""
        return cls(Problem(key, where, message, expected, found, fix))


def _lines(problems: Sequence[Problem]) -> Iterator[str]:
    """One line for each thing that is wrong, with every place where it is."""
    groups: dict[Problem, list[str]] = {}
    for problem in problems:
        groups.setdefault(replace(problem, where=""), []).append(problem.where)
    for problem, places in groups.items():
        yield replace(problem, where=_joined(list(dict.fromkeys(places)))).line()


def _joined(places: Sequence[str]) -> str:
    """Places in few words: those that differ by one number only, as a.csv:3、5—35 unit."""
    parts = [_PLACE.fullmatch(place) for place in places]
    sides = {(part[1], part[3]) for part in parts if part}
    if len(places) < 2 or not all(parts) or len(sides) != 1:
        return "、".join(places)
    [(before, after)] = sides
    numbers = sorted({int(part[2]) for part in parts if part})
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = "、".join(str(r[0]) if len(r) == 1 else f"{r[0]}—{r[-1]}" for r in runs)
    return f"{before}{shown}{after}（共{len(places)}处）"


def refuse(problems: Iterable[Problem]) -> None:
    """Raise every problem at once, if there is any."""
    every = tuple(problems)
    if every:
        raise ProblemError(every)
