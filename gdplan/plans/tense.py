"""Whether a figure of a plan's prose speaks of what was done or of what is to be done, and by when.

A time that is named rules the clauses behind it until another is named: 去年……，今年……. Without a
time the words around the figure decide: 已建成, 完成了.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gdplan.dates import PLANS


@dataclass(frozen=True, slots=True)
class Span:
    """The year before a plan and its last year, 0 when that is not known."""

    base_year: int
    last_year: int


_YEARS = {"三": 3, "五": 5, "3": 3, "5": 5, "十": 10, "10": 10}
_AHEAD = re.compile(r"(?:今后|未来)(三|五|十|3|5|10)年")
# A time that something is compared with, or counted from, rules nothing.
_COMPARED = re.compile(r"(?:比|较|以|与|同|自|从|由|相对于?|对标)[“”‘’「『]?$")
_TIMES = re.compile(
    r"(?P<upto>截[至止]\D{0,4}(?:20\d\d ?年)?)"
    rf"|(?P<period>{'|'.join(PLANS)})"
    r"|(?P<year>20\d\d) ?年"
    r"|(?P<past>去年|(?<![之以年])前年(?!均)|(?<!以)上一?年(?!轻|龄)|往年|近年来|过去|此前|以来"
    r"|连续 ?\d+ ?年|目前)"
    r"|(?P<future>今年|明年|后年|今后|未来|下一步|接下来|力争|争取|预计"
    # 行动计划 is a title and 将 often only moves the object to the front.
    r"|(?:将|计划|拟)(?=[会要再继新在于到达建投培实完]))"
)
_DONE = re.compile(
    r"已经?[^的]*$|(?:现有|现已|曾|(?<!公)共有|业已)[^的]*$|(?<![为除到])了(?![解结])[^的]{0,12}$"
)
_PERIODS = re.compile("|".join(PLANS))
DEADLINE = re.compile(r"(?:到|至|于|在)? ?(20\d\d) ?年(?:底|末)?(?:之?前)?")


def is_past(sentence: str, start: int, clause: str, *, span: Span) -> bool:
    """Whether a figure tells what was done before the plan.

    Parameters
    ----------
    sentence : str
        The sentence that the figure stands in.
    start : int
        Where in the sentence it begins.
    clause : str
        What stands before it in its own clause.
    span : Span
        The years of the plan.

    Examples
    --------
    >>> text = "去年完成了50个，今年再建60个。"
    >>> [is_past(text, at, text[text.rfind("，", 0, at) + 1 : at], span=Span(2020, 2025))
    ...  for at in (5, 12)]
    [True, False]
    """
    # 在现有100所基础上新增: what stands before 基础上 is the ground and not the deed.
    own = clause.rpartition("基础上")[2]
    if _DONE.search(own):
        return True
    times = list(_times(sentence, span))
    before = [past for place, past in times if place < start]
    if before:
        return before[-1]
    return bool(times) and all(past for _, past in times)


def deadline(sentence: str, start: int, *, span: Span) -> str:
    """The last year named before the figure, else the first after it, else the plan's last year;
    empty where that is not known.

    Years that something is compared with and years before the plan are no deadlines.

    Examples
    --------
    >>> deadline("到2024年，比2019年增加100所。", 15, span=Span(2020, 2025))
    '2024'
    >>> deadline("未来五年新增100所。", 5, span=Span(2025, 2026))
    '2030'
    """
    years = sorted(year for year in _years(sentence, span) if year[1] > span.base_year)
    before = [year for place, year in years if place < start]
    after = [year for place, year in years if place > start]
    found = (before[-1:] or after[:1] or [span.last_year])[0]
    return str(found) if found else ""


def _years(sentence: str, span: Span) -> Iterator[tuple[int, int]]:
    """Where a sentence names a year, the end of a five-year plan, or the coming years."""
    for match in DEADLINE.finditer(sentence):
        if not _COMPARED.search(sentence[: match.start(1)]):
            yield match.start(), int(match[1])
    for match in _PERIODS.finditer(sentence):
        if not _COMPARED.search(sentence[: match.start()]):
            yield match.start(), PLANS[match[0]][-1]
    for match in _AHEAD.finditer(sentence):
        if span.last_year:
            yield match.start(), span.base_year + _YEARS[match[1]]


def _times(sentence: str, span: Span) -> Iterator[tuple[int, bool]]:
    """Where a sentence names a time, and whether that is past."""
    for match in _TIMES.finditer(sentence):
        if _COMPARED.search(sentence[: match.start()]) and not match["past"]:
            continue
        if match["year"]:
            # Without the plan's years nothing is known of a year by itself.
            past = span.last_year > 0 and int(match["year"]) <= span.base_year
        elif match["period"]:
            past = PLANS[match["period"]][-1] <= (span.base_year if span.last_year else 2020)
        else:
            past = match["future"] is None
        yield match.start(), past
