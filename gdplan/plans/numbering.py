"""Running numbers of a table's rows, in a column of their own or before the names, in any dress."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_DRESSED = re.compile(
    r"^(\d{1,3}(?=[.、．])|[（(]\d{1,3}[）)]|[①-⑳])\s*[.、．]?\s*(?=[^\d\s.、．])"
)
_BARE = re.compile(r"^(\d{1,3})\s*(?=[^\d\s.、．])")
_MARKED = re.compile(r"\d{1,3}[.、．]")


@dataclass(frozen=True, slots=True)
class Numbering:
    """How the rows of one table are numbered.

    ``dressed``: every number stands in brackets or circles, so that none is a sub-item;
    ``numbered``: there is a column of numbers with any; ``counted``: most names begin with a bare
    number, else 65岁以上老年人健康管理率 is a name; ``marked``: most begin with 1. or 1、.
    """

    dressed: bool = False
    numbered: bool = False
    counted: bool = False
    marked: bool = False

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]], columns: Mapping[str, int]) -> Numbering:
        """From the cells of the rows and the columns by role."""
        names = [row[columns["name"]].strip() for row in rows]
        most = len(names) / 2
        shown = [row[columns["no"]].strip() for row in rows] if "no" in columns else []
        numbers = [cell for cell in shown if re.search(r"[\d①-⑳]", cell)]
        plain = any(re.match(r"^\d", number) for number in numbers)
        return cls(
            "no" in columns and not plain, bool(numbers),
            sum(bool(_BARE.match(name)) for name in names) > most,
            sum(bool(_MARKED.match(name)) for name in names) > most,
        )  # fmt: skip

    def split(self, printed: str | None, name: str, run: int) -> tuple[str, str]:
        """The number of a row and its name without it; ``printed`` is the cell of its column, None
        where there is no such column, ``run`` the number that is due."""
        no = bare_number(printed or "", self.dressed)
        if no or printed is not None:
            return no, name
        match = _DRESSED.match(name) or (_BARE.match(name) if self.counted else None)
        if match:
            return bare_number(match[1], dressed=True), name[match.end() :]
        if self.marked and re.match(rf"{run}[.、．]", name):
            return str(run), name[len(str(run)) + 1 :].strip()
        return "", name


def bare_number(text: str, dressed: bool) -> str:
    """A running number without its dress: 1. is 1; （4） and ③ are 4 and 3 where no plain ones
    stand beside them."""
    bare = text.strip().rstrip(".、．")
    return unicodedata.normalize("NFKC", bare).strip("()") if dressed else bare
