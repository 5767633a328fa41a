"""Quantified commitments in a plan's prose: what, how many, by when, and where it is written.

Reads chapters and boxes, not the indicator tables. Reviews of the past, tables of contents and
sets of doers (“9市各建设……”) are no commitments.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gdplan.model import Comparator, Plan

COLUMNS = ("where", "what", "comparator", "value", "unit", "deadline", "quote", "line", "per_year",
           "merged_with")  # fmt: skip
UNITS = (
    "百分点", "人次", "家次", "场次", "元", "人", "名", "家", "个", "所", "户", "项", "件", "种",
    "台", "间", "场", "次", "市", "县", "张", "门", "支", "套", "条", "处", "%",
)  # fmt: skip
DOERS = ("市", "县")
PLAIN = {0xFF10 + n: str(n) for n in range(10)} | {0xFF05: "%", 0xFF0E: "."}
STOPS = ",，。；;"
_UNIT = "|".join(UNITS)
NUMBER = re.compile(
    r"(?P<value>\d+(?:,\d{3})*(?:\.\d+)?) ?(?P<many>[万亿]?) ?"
    rf"(?P<unit>{_UNIT})(?: ?(?P<after>以上|以内|以下|左右))?"
)
COLLECTIVE = re.compile(
    rf"(?<![\d ])(?P<ones>[一二两三四五六七八九])?(?P<many>[百千万])(?P<unit>{_UNIT})(?!工程)"
)
DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
MANY = {"百": 100, "千": 1000, "万": 10_000}
PAST = re.compile(r"“十[一二三]五”|截至 ?\d{4} ?年|比“|以来|已[建有经]|连续 ?\d+ ?年")
REVIEW = re.compile(r"发展基础|发展形势|发展环境|回顾|现状|主要成效|完成情况|取得的成就")
YEAR = re.compile(r"(?:到|至|于|在)? ?(20\d\d) ?年(?:底|末)?(?:之?前)?")
_COUNT = "[一二三四五六七八九十百]+"
CHAPTER = re.compile(rf"^(?:#+ ?)?\**(第{_COUNT}[章节]|{_COUNT}、|（{_COUNT}）)")
BOX = re.compile(r"^(?:#+ ?)?\**专栏 ?\d+")
CONTENTS = re.compile(r"(?:\t|\.{3,}|…) ?\d+$")
BEFORE = {
    "至少": Comparator.AT_LEAST, "不少于": Comparator.AT_LEAST, "不低于": Comparator.AT_LEAST,
    "超过": Comparator.ABOVE, "突破": Comparator.ABOVE, "不超过": Comparator.AT_MOST,
    "控制在": Comparator.AT_MOST, "不高于": Comparator.AT_MOST, "约": Comparator.ABOUT,
}  # fmt: skip
AFTER = {"以上": Comparator.AT_LEAST, "以内": Comparator.AT_MOST, "以下": Comparator.AT_MOST,
         "左右": Comparator.ABOUT}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Commitment:
    """One quantified commitment with its quote and the line it stands in."""

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

    @property
    def id(self) -> str:
        """A short name that stays as long as place, quote and value do."""
        text = f"{self.where}|{self.quote}|{self.value}|{self.unit}"
        return hashlib.sha256(text.encode()).hexdigest()[:8]


def extract(text: str, *, target_year: int) -> tuple[Commitment, ...]:
    """Every quantified commitment of a plan's text, in reading order.

    Parameters
    ----------
    text : str
        The plan's full text, one paragraph a line.
    target_year : int
        Deadline of a commitment whose sentence names none.

    Examples
    --------
    >>> [c] = extract("到2024年，建成产业园100家以上。", target_year=2025)
    >>> c.comparator, c.value, c.unit, c.deadline
    ('>=', 100.0, '家', '2024')
    """
    found: list[Commitment] = []
    heading, review = "", False
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.translate(PLAIN).strip()
        if CONTENTS.search(raw.strip()) or re.match(r"^\d+\t", raw):
            continue
        if _is_heading(line):
            heading, review = _title(line), bool(REVIEW.search(line))
            if BOX.match(line) or len(line) < 40:
                continue
        if review:
            continue
        for sentence in re.split(r"(?<=[。；;])", line):
            found += _of_sentence(sentence.strip(), heading, number, target_year)
    return tuple(found)


def merged(found: Iterable[Commitment], plan: Plan) -> tuple[Commitment, ...]:
    """The commitments, those that repeat a table indicator marked with its number."""
    out = []
    for item in found:
        same = [
            i.no for i in plan.indicators
            if i.target.value == item.value and _unit(i.unit) == _unit(item.unit)
            and _alike(i.name, item.quote)
        ]  # fmt: skip
        out.append(replace(item, merged_with=same[0] if same else ""))
    return tuple(out)


def to_csv(found: Iterable[Commitment]) -> str:
    """The commitments as CSV text, columns :data:`COLUMNS`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for item in found:
        row: Mapping[str, Any] = {name: getattr(item, name) for name in COLUMNS}
        value = int(item.value) if item.value.is_integer() else item.value
        writer.writerow([{**row, "value": value, "per_year": str(item.per_year).lower()}[name]
                         for name in COLUMNS])  # fmt: skip
    return out.getvalue()


def _is_heading(line: str) -> bool:
    return bool(BOX.match(line) or (CHAPTER.match(line) and len(line) < 40))


def _title(line: str) -> str:
    return re.sub(r"[#*]|\s+", "", line)[:40]


def _of_sentence(sentence: str, heading: str, line: int, target_year: int) -> Iterator[Commitment]:
    if PAST.search(sentence):
        return
    for start, end, value, unit, comparator in _numbers(sentence):
        if unit in DOERS and re.match(r"[各分]", sentence[end:]):
            continue
        clause = _clause(sentence, start, end)
        yearly = bool(re.search(r"每年|年均|每年度", clause))
        yield Commitment(
            heading, _what(clause), comparator.value, value, unit,
            _deadline(sentence, start, target_year), sentence, line, yearly,
        )  # fmt: skip


def _numbers(sentence: str) -> Iterator[tuple[int, int, float, str, Comparator]]:
    """Place, value, unit and comparator of every figure with a unit."""
    matches = [*NUMBER.finditer(sentence), *COLLECTIVE.finditer(sentence)]
    for match in sorted(matches, key=re.Match.start):
        start, end = match.span()
        if re.search(r"[第“\d.+\-—]$", sentence[:start]):
            continue
        # 万人, 千人 without a count is a measure (per 10,000 persons) or a title.
        if match.re is COLLECTIVE and match["unit"] == "人" and not match["ones"]:
            continue
        if match.re is NUMBER:
            value = float(match["value"].replace(",", ""))
            unit = match["many"] + match["unit"]
            comparator = AFTER.get(match["after"] or "", _before(sentence[:start]))
        else:
            value = float(DIGITS.get(match["ones"] or "一", 1) * MANY[match["many"]])
            unit, comparator = match["unit"], _before(sentence[:start])
        yield start, end, value, unit, comparator


def _before(text: str) -> Comparator:
    for word in sorted(BEFORE, key=len, reverse=True):
        if text.rstrip().endswith(word):
            return BEFORE[word]
    return Comparator.BARE


def _clause(sentence: str, start: int, end: int) -> str:
    """The part between the nearest commas in which a figure stands."""
    left = max(sentence.rfind(c, 0, start) for c in STOPS) + 1
    rights = [i for i in (sentence.find(c, end) for c in STOPS) if i >= 0]
    return sentence[left : min(rights, default=len(sentence))].strip(" *-")


def _what(clause: str) -> str:
    return clause if len(clause) <= 60 else clause[:59] + "…"


def _deadline(sentence: str, start: int, target_year: int) -> str:
    """The last year named before the figure, else the first after it, else the target year."""
    years = [(m.start(), m[1]) for m in YEAR.finditer(sentence)]
    before = [year for place, year in years if place < start]
    after = [year for place, year in years if place > start]
    return (before[-1:] or after[:1] or [str(target_year)])[0]


def _unit(unit: str) -> str:
    return unit.replace("名", "人").replace(" ", "")


def _alike(name: str, quote: str) -> bool:
    """Whether a sentence speaks of an indicator: most of its name's letter pairs stand in it."""
    pairs = [name[i : i + 2] for i in range(len(name) - 1)]
    return sum(pair in quote for pair in pairs) >= 0.5 * len(pairs)
