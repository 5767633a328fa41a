"""The plan against itself: prose against tables, shares against counts (METHOD 9, soft)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import pandas as pd

from gdplan.dates import PLANS, YEAR
from gdplan.files.documents.document import Document
from gdplan.model import Plan
from gdplan.notation import split_unit
from gdplan.observations.checks.findings import SOFT, Finding, full_years
from gdplan.observations.checks.province_and_cities import POPULATION
from gdplan.plans.parsed import ParsedRow
from gdplan.plans.printed import document_of
from gdplan.plans.prose_numbers import NUMBER, PLAIN, is_listed, likeness, sentences, shortened
from gdplan.plans.table_rows import number_in, rows_in

WHEN = re.compile(rf"“({'|'.join(PLANS)})”|({YEAR}) ?年")
CHANGE = re.compile(r"增长|增加|减少|下降|提高 ?$|提升 ?$|新增结余|比“|比 ?\d{4}")
ALIKE = {"%": 0.5}
ENOUGH = 0.6
"""Share of a name's letter pairs that must stand before a number for it to speak of that name;
a little less for shares, whose clause must also hold the word of its kind (率, 比例)."""
WORDS = {"base": "基期", "target": "目标", "result": "完成"}
COVERS = re.compile(r"覆盖率|持卡率|普及率")
KIND = re.compile(r"(率|比例|占比|比重)$")


@dataclass(frozen=True, slots=True)
class Printed:
    """A cell of a plan's table: what year, what it says, and the line."""

    name: str
    unit: str
    year: int | None
    raw: str
    value: float
    line: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """A number of the prose that speaks of a table's indicator."""

    name: str
    year: int | None
    text: str
    value: float
    quote: str
    line: int


def prose(_: pd.DataFrame, plan: Plan, __: Mapping[str, float]) -> list[Finding]:
    """Numbers of the plan's prose that no cell of its tables agrees with, both quoted.

    A number agrees when a cell of the year it speaks of rounds to it; a year that the table does
    not have is not compared.
    """
    if len(plan.files) < 2:
        return []
    found = []
    for said, cells in contradictions(document_of(plan)):
        table = "、".join(dict.fromkeys(f"{c.year}年{WORDS[c.kind]}{c.raw}" for c in cells))
        text = f"规划正文第{said.line}行“{said.quote}”，与表中{said.name}（{table}）不同"
        places = [f"{plan.text}:{n}" for n in (said.line, *dict.fromkeys(c.line for c in cells))]
        found.append(Finding("plan_prose", SOFT, text, tuple(places), said.name,
                             plan.region))  # fmt: skip
    return found


def results(_: pd.DataFrame, plan: Plan, limits: Mapping[str, float]) -> list[Finding]:
    """Results without brackets that are far below a target that is a total of the plan's years.

    They are taken for that total; so small a number may be that of the last year alone.
    """
    found = []
    for item in plan.indicators:
        cell, target = item.result, item.target.value
        if not item.total or cell is None or cell.value is None or not target:
            continue
        if cell.total or cell.value / target >= limits["result_share"]:
            continue
        text = (
            f"规划第{item.line}行{item.name}完成{cell.raw}，没有方括号，按规划期累计数采用，"
            f"与目标{item.target.raw}相差很大；请核对是否只是{plan.target_year}年当年数"
        )
        found.append(Finding("unfit_period", SOFT, text, (f"{plan.text}:{item.line}",), item.name,
                             plan.region, plan.target_year))  # fmt: skip
    return found


@lru_cache(maxsize=8)
def contradictions(document: Document) -> tuple[tuple[Stated, tuple[Printed, ...]], ...]:
    """What the prose of a plan's document states otherwise than its tables."""
    rows = rows_in(document)
    cells = list(printed(rows))
    found = []
    for said in statements(document.text, rows):
        same = [c for c in cells if c.name == said.name and (said.year in (None, c.year))]
        if same and not any(_agrees(said, c) for c in same):
            found.append((said, tuple(same)))
    return tuple(found)


def printed(rows: Sequence[ParsedRow]) -> Iterator[Printed]:
    """The cells of the tables that hold a number, with the year they speak of."""
    for row in rows:
        pairs = (
            ("base", row.base_year, row.base_raw), ("target", row.target_year, row.target_raw),
            ("result", row.result_year, row.result_raw),
        )  # fmt: skip
        for kind, year, raw in pairs:
            value = number_in(raw, row.unit)
            if value is not None:
                yield Printed(row.name, row.unit, year, raw, value, row.line, kind)


def statements(text: str, rows: Sequence[ParsedRow]) -> Iterator[Stated]:
    """Numbers of the prose that speak of an indicator of the tables.

    Lists with 分别 are paired in their order; growth and differences are passed over.
    """
    units = {row.name: row.unit for row in rows}
    tables = {row.line for row in rows}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.translate(PLAIN).strip()
        if number in tables or is_listed(raw):
            continue
        for sentence in sentences(line):
            yield from _of_sentence(sentence, number, units)


def _of_sentence(sentence: str, line: int, units: Mapping[str, str]) -> Iterator[Stated]:
    for clause, start in _clauses(sentence):
        numbers = [match for match in NUMBER.finditer(clause) if not match["upper"]]
        if not numbers:
            continue
        heads = _heads(clause, numbers)
        for match, head in zip(numbers, heads, strict=True):
            times, noun = split_unit((match["many"] or "") + match["unit"])
            name = _meant(head, noun, units)
            if not name or CHANGE.search(head):
                continue
            scale = split_unit(units[name])[0]
            value = float(match["value"].replace(",", "")) * times / scale
            yield Stated(name, _year(sentence[: start + match.start()]), match["value"], value,
                         shortened(clause.strip()), line)  # fmt: skip


def _clauses(sentence: str) -> Iterator[tuple[str, int]]:
    start = 0
    for match in re.finditer(r"[，,。；;]|$", sentence):
        # A comma between digits belongs to a number.
        inside = re.match(r"\d,\d{3}", sentence[max(match.start() - 1, 0) :])
        if inside:
            continue
        yield sentence[start : match.start()], start
        start = match.end()


def _heads(clause: str, numbers: Sequence[re.Match[str]]) -> list[str]:
    """The words that each number speaks of: those before it, or its own of a list with 分别."""
    before = clause[: numbers[0].start()]
    if "分别" not in before:
        ends = [0, *(m.end() for m in numbers[:-1])]
        return [clause[a : m.start()] for a, m in zip(ends, numbers, strict=True)]
    names = re.split(r"、|和|及|与", before.partition("分别")[0])
    tail = before.partition("分别")[2]
    return [n + tail for n in names] if len(names) == len(numbers) else [""] * len(numbers)


def _meant(head: str, noun: str, units: Mapping[str, str]) -> str:
    """The indicator of that unit whose name stands in the words, if any does."""
    best, most = "", 0.0
    for name, unit in units.items():
        if split_unit(unit)[1] != noun and {noun, split_unit(unit)[1]} != {"人", "人次"}:
            continue
        kind = KIND.search(name)
        if unit == "%" and (not kind or kind[1][-1] not in head):
            continue
        plain = re.sub(r"[“”]", "", name)
        share = alike(name, head) if plain[:2] in head else 0.0
        if share >= ALIKE.get(unit, ENOUGH) and share > most:
            best, most = name, share
    return best


def alike(name: str, words: str) -> float:
    """Share of a name's letter pairs that stand in some words.

    Examples
    --------
    >>> alike("城镇登记失业率", "年末城镇登记失业率控制在")
    1.0
    """
    plain = re.sub(r"[“”、\s（）()]", "", name)
    return likeness(plain, words)


def _year(before: str) -> int | None:
    """The last year or plan period named before a number."""
    named = [PLANS[m[1]][-1] if m[1] else int(m[2]) for m in WHEN.finditer(before)]
    return named[-1] if named else None


def _agrees(said: Stated, cell: Printed) -> bool:
    """Whether the printed number, rounded to the digits of the prose, is that of the prose."""
    places = len(said.text.partition(".")[2])
    step = Decimal(1).scaleb(-places)
    rounded = Decimal(repr(cell.value)).quantize(step, ROUND_HALF_UP)
    return rounded == Decimal(repr(said.value)).quantize(step, ROUND_HALF_UP)


def coverage(used: pd.DataFrame, plan: Plan, limits: Mapping[str, float]) -> list[Finding]:
    """A coverage share against the count it is the share of and the population.

    Both are cells or statements of the plan, of one year; a year whose population is not known
    is compared with the latest that is, and the sentence says so.
    """
    people = full_years(used)
    people = people[(people["indicator"] == POPULATION) & (people["region"] == plan.region)]
    if len(plan.files) < 2 or people.empty:
        return []
    by_year = dict(zip(people["year"], people.to_dict("records"), strict=True))
    found = []
    for share, count in covered(document_of(plan)):
        year = int(share.year or 0)
        row = by_year.get(year) or by_year[max(by_year)]
        implied = count.value / row["value"] * 100
        half = 0.5 / 10 ** len(share.raw.partition(".")[2])
        if abs(implied - share.value) <= half + limits["coverage_slack"] * 100:
            continue
        text = (
            f"规划第{share.line}行{share.name}{year}年{share.value:g}%，与第{count.line}行"
            f"{count.name}{count.value:g}{count.unit}和{row['year']}年{POPULATION}"
            f"{row['raw']}{row['unit']}算得的{implied:.1f}%不符"
        )
        places = (f"{plan.text}:{share.line}", f"{plan.text}:{count.line}",
                  f"{row['file']}!{row['cell']}")  # fmt: skip
        found.append(Finding("coverage", SOFT, text, places, count.name, plan.region))
    return found


@lru_cache(maxsize=8)
def covered(document: Document) -> tuple[tuple[Printed, Printed], ...]:
    """Shares of a population and the counts they are shares of, of one year."""
    rows = rows_in(document)
    cells = list(printed(rows))
    told = statements(document.text, rows)
    said = [Printed(s.name, "%", s.year, s.text, s.value, s.line) for s in told
            if s.year is not None]  # fmt: skip
    reached = {(c.name, c.year) for c in cells if c.kind == "result"}
    shares = [
        c for c in (*cells, *said)
        if c.unit == "%" and COVERS.search(c.name)
        # What was reached is held against the count, not what had been aimed at.
        and not (c.kind == "target" and (c.name, c.year) in reached)
    ]  # fmt: skip
    pairs = {
        (s.name, s.year, s.value): (s, c)
        for s in shares
        for c in cells
        if c.unit.endswith("万人") and c.year == s.year and "人数" in c.name
        and alike(c.name.replace("人数", ""), s.name) >= 0.8
    }  # fmt: skip
    return tuple(pairs.values())
