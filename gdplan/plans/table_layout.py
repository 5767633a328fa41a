"""Header cells -> which column holds what, and which years it speaks of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gdplan.dates import PLANS
from gdplan.files.documents.document import Document
from gdplan.plans.header_words import VALUES, Head, head_of
from gdplan.plans.parsed import ParsedPlan
from gdplan.plans.raw_tables import TITLE

_PERIOD = re.compile("|".join(PLANS))
DATED = VALUES - {"rate", "total"}
Dated = tuple[int, int | None]
"""A column and the year it speaks of."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column holds what, and which years it speaks of."""

    table: str
    columns: dict[str, int]
    targets: tuple[Dated, ...]
    base_year: int | None
    result_year: int | None
    width: int
    unknown: tuple[str, ...] = ()
    """Header cells that nobody understands, over a column whose cells are lost."""
    passed: tuple[str, ...] = ()
    """Columns of years before the base, which no plan judges."""

    @property
    def fault(self) -> str:
        """Why no row of the table can be read; empty when they can."""
        years = {year for _, year in self.targets}
        if "base" in self.columns and self.base_year and years == {self.base_year}:
            return f"目标年与基期年都是{self.base_year}年"
        early = [year for year in years if year and self.base_year and year < self.base_year]
        if "base" in self.columns and early:
            return f"目标年{early[0]}早于基期年{self.base_year}"
        return "" if self.targets else "没有目标列"


_SPAN = re.compile(r"[(（](20\d\d)年?\s*[—–\-~～至到]{1,2}\s*(20\d\d)年?[)）]")
_YEARLY = re.compile(
    r"(20\d\d) ?年(?:度|[^年\n]{0,12})?(?:工作报告|工作要点|工作计划|计划|重点工作|民生实事)"
    r"|工作报告[\s\S]{0,60}?(20\d\d) ?年 ?\d{1,2} ?月"
)


_TITLES = ("规划", "纲要", "方案", "计划", "的通知", "》")


def period_of(text: str) -> str:
    """The five-year period that a text names in its title, else most often near its beginning; of
    two named alike the later."""
    title = _PERIOD.search(next((line for line in text.splitlines() if _PERIOD.search(line)), ""))
    if title and title.string.strip().endswith(_TITLES):
        return title[0]
    found = _PERIOD.findall(text[:20_000])
    return max(PLANS, key=lambda name: (found.count(name), PLANS[name][0])) if found else ""


def period_years(text: str) -> tuple[int, int] | None:
    """The year before and the last year of what a text plans, as its beginning says it: a span of
    years, a five-year period, or the one year of a yearly report or plan."""
    head = text[:1500]
    span = _SPAN.search(head)
    if span:
        return int(span[1]) - 1, int(span[2])
    title = head[:300]
    yearly = [(m.start(), int(m[1] or m[2])) for m in _YEARLY.finditer(title)]
    named = _PERIOD.search(title)
    if yearly and not (named and named.start() < yearly[0][0]):
        year = max(year for _, year in yearly)
        return year - 1, year
    years = PLANS.get(period_of(text))
    return (years[0] - 1, years[-1]) if years else None


def layout_of(
    title: str, header: Sequence[str], order: int, period: str, declared: Mapping[str, str]
) -> Layout:
    """The layout of a table under a title; ``order`` names one without a title.

    Years come from the header, else from the period named in it, in the title or by the text;
    ``declared`` gives the roles of header cells that say it differently.
    """
    heads = [_declared(head_of(cell), declared) for cell in header]
    named = _PERIOD.search(title + "".join(header))
    years = PLANS.get(named[0] if named else period)
    first, last = (years[0] - 1, years[-1]) if years else (None, None)
    columns = _plain_columns(heads)
    dated = [(place, head) for place, head in enumerate(heads)
             if head.role in DATED and place not in columns.values()]  # fmt: skip
    base, targets, result, passed = _dated_columns(dated, first)
    columns |= {"base": base[0]} if base else {}
    columns |= {"result": result[0]} if result else {}
    ends = tuple((place, year or last) for place, year in targets)
    return Layout(
        table=short_title(title) or f"表{order}",
        columns=columns,
        targets=ends or (((-1, last),) if {"rate", "total"} & set(columns) else ()),
        base_year=base[1] if base and base[1] else first,
        result_year=(result[1] or last) if result else None,
        width=len(header),
        unknown=tuple(h.text.strip() for h in heads if not h.role and h.text.strip()),
        passed=tuple(heads[place].text.strip() for place in passed),
    )


def _declared(head: Head, declared: Mapping[str, str]) -> Head:
    role = declared.get(head.text.strip(), head.role)
    return replace(head, role="remark" if role == "ignore" else role)


def _plain_columns(heads: Sequence[Head]) -> dict[str, int]:
    """Columns by role, those of years left out. Of several columns of names the last one holds
    them, the others are sections (一级指标); so is 目标 before the names."""
    columns: dict[str, int] = {}
    for place, head in enumerate(heads):
        if head.role == "name" and "name" in columns:
            columns.setdefault("section", columns["name"])
            columns["name"] = place
        elif head.role in DATED or not head.role:
            continue
        else:
            columns.setdefault(head.role, place)
    first = heads[0] if heads else None
    if first and first.text.strip() == "目标" and columns.get("name") and "section" not in columns:
        columns["section"] = 0
    return columns


def _dated_columns(
    dated: Sequence[tuple[int, Head]], first: int | None
) -> tuple[Dated | None, list[Dated], Dated | None, list[int]]:
    """Base column, target columns, result column and passed ones among those of values.

    What is called 完成 or 达到值 is the result where base and target stand beside it, else the one
    of the two that is missing; its year decides where it has one.
    """
    bases = [(p, h.year) for p, h in dated if h.role == "base"]
    targets = [(p, h.year) for p, h in dated if h.role == "target"]
    plain = sorted(((p, h.year) for p, h in dated if h.role == "year"), key=lambda c: c[1] or 0)
    results = [(p, h.year) for p, h in dated if h.role == "result"]
    if len(plain) == 1 and results and not (bases or targets) and first is None:
        # 2015年 beside 2020年达到值: the earlier of the two is the base.
        bases, plain = plain, []
    bases, targets = _years_apart(plain, bases, targets, first)
    bases, targets, results = _results_apart(results, bases, targets)
    if first is not None and not bases:
        # 2015年指标值 beside 2020年目标值 is the base by its year.
        bases = [c for c in targets if c[1] and c[1] <= first]
        targets = [c for c in targets if c not in bases]
    bases.sort(key=lambda c: (c[1] == first and first is not None, c[1] or 0))
    base = bases.pop() if bases else None
    passed = [place for place, _ in [*bases, *results[1:]]]
    return base, sorted(targets), results[0] if results else None, passed


def _years_apart(
    plain: list[Dated], bases: list[Dated], targets: list[Dated], first: int | None
) -> tuple[list[Dated], list[Dated]]:
    """Columns of bare years as bases or targets: by the plan's base year where it divides them,
    else the earliest is the base."""
    later = [c for c in plain if first is not None and (c[1] or 0) > first]
    earlier = [c for c in plain if c not in later]
    if later and (earlier or bases or len(plain) == 1):
        return [*bases, *earlier], [*targets, *later]
    if first is not None and not later:
        return [*bases, *earlier], targets
    if not bases and plain and (targets or len(plain) > 1):
        return [plain[0]], [*targets, *plain[1:]]
    return bases, [*targets, *plain]


def _results_apart(
    results: list[Dated], bases: list[Dated], targets: list[Dated]
) -> tuple[list[Dated], list[Dated], list[Dated]]:
    ends = [year for _, year in targets if year]
    kept: list[Dated] = []
    for column in results:
        year = column[1]
        if year and ends and year < min(ends):
            bases = [*bases, column]
        elif targets and (bases or (year and year in ends)):
            kept.append(column)
        elif not targets and (bases or year is None):
            targets = [*targets, column]
        else:
            bases = [*bases, column]
    return bases, targets, kept


def short_title(title: str) -> str:
    """``专栏2`` of a title that is numbered; any other title whole."""
    match = TITLE.match(title)
    return f"{match[1].replace(' ', '')}{match[2]}" if match else title


def years_of(document: Document, parsed: ParsedPlan) -> tuple[int | None, int]:
    """The year before what a document plans, None for five years earlier, and its last year, 0 when
    nothing says it: by its tables, else by its beginning."""
    bases = Counter(row.base_year for row in parsed.rows if row.base_year)
    lasts = [row.target_year for row in parsed.rows if row.target_year]
    if lasts:
        return (bases.most_common(1)[0][0] if bases else None), max(lasts)
    return period_years(document.text) or (None, 0)
