"""Quantified commitments in a plan's prose: what, how many, by when, and where it is written.

Reads chapters and boxes, not the indicator tables. Reviews of the past, tables of contents and
sets of doers (“9市各建设……”) are no commitments.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gdplan.files import csv_table
from gdplan.files.places import texts_of
from gdplan.model import ABOUT_TOLERANCE, Comparator, Plan
from gdplan.notation import NUMERALS, split_unit
from gdplan.plans.printed import document_of
from gdplan.plans.prose_numbers import (
    PLAIN,
    is_listed,
    likeness,
    numbers,
    sentences,
    shortened,
)
from gdplan.plans.raw_tables import NOTE, find_tables, split_cells
from gdplan.plans.tense import Span, deadline, is_past

COLUMNS = ("id", "where", "what", "comparator", "value", "unit", "deadline", "quote", "line",
           "per_year", "merged_with", "base", "upper")  # fmt: skip
DOERS = ("市", "县")
CAPS = (Comparator.AT_MOST, Comparator.BELOW)
STOPS = ",，。；;"
LIKENESS = 0.5
"""Share of an indicator's name that the sentence of its repeat holds at least."""
REVIEW = re.compile(r"发展基础|发展形势|发展环境|回顾|现状|主要成效|完成情况|取得的成就")
_COUNT = f"[{NUMERALS}百]+"
CHAPTER = re.compile(rf"^(?:#+ ?)?\**(第{_COUNT}[章节]|{_COUNT}、|（{_COUNT}）)")
BOX = re.compile(r"^(?:#+ ?)?\**专栏 ?\d+")
LIST_MARK = re.compile(rf"[-*·•—]|[（(]?[\d{NUMERALS}①-⑳]+[）).．、]?")


@dataclass(frozen=True, slots=True)
class Commitment:
    """One quantified commitment with its quote and the line it stands in.

    ``base`` is what it starts from (由91%提高到95%), ``upper`` the upper end of a range (3—5家),
    both in ``unit``; ``deadline`` is empty where neither sentence nor document names a year.
    """

    where: str
    what: str
    comparator: str
    value: float
    unit: str
    deadline: str
    quote: str
    line: int
    per_year: bool = False
    merged_with: str = ""
    id: str = ""
    base: float | None = None
    upper: float | None = None


def extract(text: str, *, target_year: int, base_year: int | None = None) -> tuple[Commitment, ...]:
    """Every quantified commitment of a plan's text, in reading order.

    Parameters
    ----------
    text : str
        The plan's full text, one paragraph a line.
    target_year : int
        Deadline of a commitment whose sentence names none; 0 when it is not known.
    base_year : int, optional
        The year before the plan, by default five years before its last: what is dated by then is
        past.

    Examples
    --------
    >>> [c] = extract("到2024年，建成产业园100家以上。", target_year=2025)
    >>> c.comparator, c.value, c.unit, c.deadline
    ('>=', 100.0, '家', '2024')
    """
    span = Span(target_year - 5 if base_year is None else base_year, target_year)
    found: list[Commitment] = []
    for number, line, where in _prose(text):
        for sentence in sentences(line):
            found += _of_sentence(sentence.strip(), where, number, span)
    return _named(found)


def _prose(text: str) -> Iterator[tuple[int, str, str]]:
    """The lines that are prose, with their number and the heading they stand under.

    A box that holds a table ends with it and its notes; any other at the next heading. What
    reviews the past is left out, and so are contents and the rows of tables.
    """
    tables = _table_lines(text)
    chapter, box, tabled, review = "", "", False, False
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.translate(PLAIN).strip()
        inside = number in tables or _is_row(raw)
        tabled |= inside
        if is_listed(raw) or number in tables:
            continue
        if box and tabled and line and not inside and not NOTE.match(line):
            box = ""
        if _is_heading(line):
            review, tabled = bool(REVIEW.search(line)), False
            if BOX.match(line):
                box = _title(line)
                continue
            chapter, box = _title(line), ""
        elif not review:
            yield number, line, box or chapter


def _table_lines(text: str) -> frozenset[int]:
    """Lines from the head of an indicator table to its last row, sections and breaks between."""
    return frozenset(
        number
        for table in find_tables(text)
        for number in range(
            table.line, max((row.line for row in table.rows), default=table.line) + 1
        )
    )


def _is_row(raw: str) -> bool:
    """Whether a line is a row of any table: cells divided by bars or tabs, not a mark of a list."""
    style, cells = split_cells(raw)
    filled = [c.strip() for c in cells if c.strip()]
    listed = len(filled) == 2 and LIST_MARK.fullmatch(filled[0])
    return style == "bar" or (style == "tab" and len(filled) > 1 and not listed)


def of_plan(plan: Plan) -> tuple[Commitment, ...]:
    """The commitments of a plan's own text, repeats of table indicators marked.

    A text that two plans share holds the commitments of the one it lies with; the other, and a
    plan without a text, has none.

    Examples
    --------
    >>> from gdplan import load_plan
    >>> len(of_plan(load_plan("gd-hrss-13")))
    0
    """
    if len(plan.files) < 2 or Path(plan.files[1]).parent.name != plan.id:
        return ()
    text, base = document_of(plan).text, plan.base_year
    return merged(extract(text, target_year=plan.target_year, base_year=base), plan)


def merged(found: Iterable[Commitment], plan: Plan) -> tuple[Commitment, ...]:
    """The commitments, those that repeat a table indicator marked with its number.

    A repeat has the indicator's target as its amount, and most of the indicator's name in its
    sentence. Of several such indicators it is the one whose name stands most fully in the figure's
    own clause, then in the sentence, then the first of the table.
    """
    return tuple(replace(item, merged_with=_repeated(item, plan)) for item in found)


def _repeated(item: Commitment, plan: Plan) -> str:
    amount = _amount(item.value, item.unit)
    scores = {
        i.no: max((likeness(n, item.what), likeness(n, item.quote)) for n in (i.name, *i.aliases))
        for i in plan.indicators
        if i.printed.value is not None and _amount(i.printed.value, i.unit) == amount
    }
    alike = {no: score for no, score in scores.items() if score[1] >= LIKENESS}
    return max(alike, key=lambda no: alike[no], default="")


def unmerged(plan: Plan, *, region: str = "") -> tuple[Commitment, ...]:
    """The rows of the ledger: commitments of a plan that no table indicator judges.

    They are promises of the plan's own ``region`` (default); no other has a ledger.
    """
    if region not in ("", plan.region):
        return ()
    return tuple(item for item in of_plan(plan) if not item.merged_with)


def countable(item: Commitment) -> bool:
    """Whether figures of a commitment add up to it: things, persons, money; no share, no cap."""
    share = item.unit in ("%", "‰", "个百分点")
    return not share and item.comparator not in CAPS and item.value > 0


def met(item: Commitment, figure: float, *, about: float = ABOUT_TOLERANCE) -> bool:
    """Whether a figure keeps a commitment.

    A bare number is "at least", since commitments are promises of deeds; 左右 allows to fall short
    by the share ``about`` and never minds more.

    Examples
    --------
    >>> [c] = extract("建成产业园100家左右。", target_year=2025)
    >>> met(c, 94.9), met(c, 95), met(c, 120)
    (False, True, True)
    """
    wanted = Comparator(item.comparator)
    if wanted is Comparator.ABOVE:
        return figure > item.value
    if wanted is Comparator.AT_MOST:
        return figure <= (item.value if item.upper is None else item.upper)
    if wanted is Comparator.BELOW:
        return figure < item.value
    slack = about if wanted is Comparator.ABOUT else 0.0
    return figure >= item.value * (1 - slack)


def number(value: float) -> str:
    """A number as plainly as it can be written.

    Examples
    --------
    >>> number(1000000.0), number(2.5)
    ('1000000', '2.5')
    """
    return str(int(value)) if value.is_integer() else repr(value)


def target_text(item: Commitment) -> str:
    """What is promised, in a few words of Chinese.

    Examples
    --------
    >>> [c] = extract("每年建成产业园100家以上。", target_year=2025)
    >>> target_text(c)
    '每年不少于100家'
    >>> [c] = extract("覆盖率由91%提高到95%。", target_year=2025)
    >>> target_text(c)
    '不少于95%（由91%起）'
    """
    ends = "—".join(number(end) for end in (item.value, item.upper) if end is not None)
    text = promise(item.comparator, ends + item.unit, item.per_year)
    return text if item.base is None else f"{text}（由{number(item.base)}{item.unit}起）"


def promise(comparator: str, amount: str, per_year: bool, lang: str = "zh") -> str:
    """An amount with the words of its comparator, in a language.

    Examples
    --------
    >>> promise(">=", "100", True, "en")
    'at least 100 a year'
    """
    texts = texts_of(lang)
    text = str(texts[f"commitment.{Comparator(comparator).name.lower()}"]).format(amount=amount)
    return str(texts["commitment.yearly"]).format(text=text) if per_year else text


def to_csv(found: Iterable[Commitment]) -> str:
    """The commitments as CSV text, columns :data:`COLUMNS`."""

    def cells(item: Commitment) -> list[object]:
        texts = {"value": number(item.value), "per_year": str(item.per_year).lower()}
        ends = {"base": item.base, "upper": item.upper}
        texts |= {name: "" if end is None else number(end) for name, end in ends.items()}
        return [texts.get(name, getattr(item, name)) for name in COLUMNS]

    return csv_table.to_csv(COLUMNS, map(cells, found))


def _named(found: Iterable[Commitment]) -> tuple[Commitment, ...]:
    """Each with an id that stays as long as its place, quote, value and unit do.

    Two that agree in all of them are told apart by their order; an addition elsewhere in the text
    changes no id.
    """
    seen: Counter[str] = Counter()
    out = []
    for item in found:
        text = f"{item.where}|{item.quote}|{item.value}|{item.unit}"
        # The letter keeps spreadsheets from reading 12345e67 as a number.
        name = "c" + hashlib.sha256(text.encode()).hexdigest()[:8]
        seen[name] += 1
        out.append(replace(item, id=name if seen[name] == 1 else f"{name}-{seen[name]}"))
    return tuple(out)


def _is_heading(line: str) -> bool:
    return bool(BOX.match(line) or (CHAPTER.match(line) and len(line) < 40))


def _title(line: str) -> str:
    return re.sub(r"[#*]|\s+", "", line)[:40]


def _of_sentence(sentence: str, heading: str, line: int, span: Span) -> Iterator[Commitment]:
    for one in numbers(sentence):
        start, end = one.start, one.end
        if one.unit in DOERS and re.match(r"[各分]", sentence[end:]):
            continue
        left = max(sentence.rfind(c, 0, start) for c in STOPS) + 1
        if is_past(sentence, start, sentence[left:start], span=span):
            continue
        clause = _clause(sentence, start, end)
        yearly = bool(re.search(r"每年|年均|每年度", clause))
        yield Commitment(
            heading, shortened(clause), one.comparator.value, one.value, one.unit,
            deadline(sentence, start, span=span), sentence, line, yearly,
            base=one.base, upper=one.upper,
        )  # fmt: skip


def _clause(sentence: str, start: int, end: int) -> str:
    """The part between the nearest commas in which a figure stands."""
    left = max(sentence.rfind(c, 0, start) for c in STOPS) + 1
    rights = [i for i in (sentence.find(c, end) for c in STOPS) if i >= 0]
    return sentence[left : min(rights, default=len(sentence))].strip(" *-")


def _amount(value: float, unit: str) -> tuple[float, str]:
    """A figure in plain units, so that 1万人 and 10000名 are one amount."""
    times, noun = split_unit(unit.replace(" ", ""))
    return round(value * times, 6), noun.replace("名", "人")
