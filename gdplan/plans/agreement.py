"""What plan.yml says of units, years, parts and names, held against what the document prints."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gdplan.model import Kind, Mode
from gdplan.plans.parsed import ParsedRow
from gdplan.problems import Problem

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """Of one indicator of plan.yml: what the document may print as well."""

    name: str
    unit: str
    part_of: str
    aliases: tuple[str, ...]


def faults(
    rows: Sequence[ParsedRow], declared: Mapping[str, Declared], base_year: int
) -> Iterator[tuple[Path, Problem]]:
    """Contradictions, each with the key of plan.yml it stands at."""
    printed = Counter(row.base_year for row in rows if row.base_year)
    if printed and base_year not in printed:
        [(year, _)] = printed.most_common(1)
        yield ("base_year",), Problem("year_differs", "", "基期年与文本的表头不符", str(year),
                                      str(base_year))  # fmt: skip
    for row in rows:
        said = declared.get(row.no)
        if said is None:
            continue
        here = ("indicators", row.no)
        growth = bool(row.kind) and Kind.of(row.kind).mode is Mode.CHAIN
        if said.unit and row.unit and not growth and _plain(said.unit) != _plain(row.unit):
            yield (*here, "unit"), Problem(
                "unit_contradicts", "",
                f"第{row.no}项“{row.name}”的单位与规划文本（{row.place}）不符", row.unit,
                said.unit, "删去 unit；文本的单位有误时写在 say 中")  # fmt: skip
        if said.part_of and row.parent_no and said.part_of != row.parent_no:
            yield (*here, "part_of"), Problem(
                "part_contradicts", "",
                f"第{row.no}项“{row.name}”在文本中是第{row.parent_no}项的其中项", row.parent_no,
                said.part_of)  # fmt: skip
    yield from _names(declared)


def _names(declared: Mapping[str, Declared]) -> Iterator[tuple[Path, Problem]]:
    """Aliases that are another indicator's name or number, or are given twice."""
    owner = {one.name: no for no, one in declared.items()} | {no: no for no in declared}
    for no, one in declared.items():
        for alias in one.aliases:
            other = owner.get(alias)
            if other is not None and (other != no or alias == no):
                yield ("indicators", no, "aliases"), Problem(
                    "alias_taken", "", f"别名“{alias}”是第{other}项的名称、序号或别名",
                    "只属于一项的名称", alias, f"另一处是 indicators 的 \"{other}\"")  # fmt: skip
            owner.setdefault(alias, no)


def _plain(unit: str) -> str:
    return unicodedata.normalize("NFKC", unit).replace(" ", "")
