"""What a reader made of a table against the facts: right, told or silently wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plan_tables import Fact

    from gdplan.plans.parsed import ParsedPlan, ParsedRow

NOTHING = ("", "—", "未注明")


def compared(facts: Iterable[Fact], parsed: ParsedPlan) -> tuple[Counter[str], list[str]]:
    """Counts of cells right and told, and every cell that is wrong without a word.

    A row that is lost is told when a problem names it or its line; a column that was not read is
    told when a problem names the column.
    """
    rows: dict[str, list[ParsedRow]] = {}
    for row in parsed.rows:
        rows.setdefault(plain(row.name), []).append(row)
    told = plain(" ".join(problem.line() for problem in parsed.problems))
    whole = any(p.key in ("unreadable_table", "no_table") for p in parsed.problems)
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for fact in facts:
        mine = rows.pop(plain(fact.name), [])
        for year, target in fact.targets:
            row = next((r for r in mine if r.target_year == year), None)
            said = whole or plain(fact.name) in told
            if row is None:
                blank = plain(target) in NOTHING
                counts["right" if blank else "told" if said else "wrong"] += 1
                if not blank and not said:
                    wrong.append(f"{fact.name}: lost")
                continue
            pairs = {
                "unit": (fact.unit, row.unit), "base": (fact.base, row.base_raw),
                "target": (target, row.target_raw), "attribute": (fact.attribute, row.attribute),
                "department": (fact.department, row.department),
            }  # fmt: skip
            counts["right"] += 1
            for field, (want, got) in pairs.items():
                same = (plain(want) if plain(want) not in NOTHING else "") == (
                    plain(got) if plain(got) not in NOTHING else "")  # fmt: skip
                in_cell = field == "unit" and not fact.unit
                if same or in_cell:
                    counts["right"] += 1
                elif said or _unread(field, parsed):
                    counts["told"] += 1
                else:
                    counts["wrong"] += 1
                    wrong.append(f"{fact.name} {field}: {want} -> {got}")
    for name in rows:
        counts["wrong"] += 1
        wrong.append(f"{name}: invented")
    return counts, wrong


def plain(text: str) -> str:
    """A text without blanks."""
    return re.sub(r"\s+", "", text)


def _unread(field: str, parsed: ParsedPlan) -> bool:
    columns = {"attribute": "性质|属性|类型", "department": "单位|部门", "unit": "单位"}
    named = columns.get(field)
    return bool(named) and any(
        p.key == "unknown_column" and re.search(str(named), p.found) for p in parsed.problems
    )
