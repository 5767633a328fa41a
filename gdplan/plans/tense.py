"""Whether a figure of a plan's prose speaks of what was done or of what is to be done, and by when.

A time that is named rules the clauses behind it until another is named: 去年……，今年……. Without a
time the words around the figure decide: 已建成, 完成了.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gdplan.dates import PLANS

SPAN = 5
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
DEADLINE = re.compile(r"(?:到|至|于|在)? ?(20\d\d) ?年(?:底|末)?(?:之?前)?")


def is_past(sentence: str, start: int, clause: str, *, target_year: int) -> bool:
    """Whether a figure tells what was done before the plan.

    Parameters
    ----------
    sentence : str
        The sentence that the figure stands in.
    start : int
        Where in the sentence it begins.
    clause : str
        What stands before it in its own clause.
    target_year : int
        Last year of the plan; 0 when it is not known.

    Examples
    --------
    >>> text = "去年完成了50个，今年再建60个。"
    >>> [is_past(text, at, text[text.rfind("，", 0, at) + 1 : at], target_year=2025)
    ...  for at in (5, 12)]
    [True, False]
    """
    # 在现有100所基础上新增: what stands before 基础上 is the ground and not the deed.
    own = clause.rpartition("基础上")[2]
    if _DONE.search(own):
        return True
    times = list(_times(sentence, target_year))
    before = [past for place, past in times if place < start]
    if before:
        return before[-1]
    return bool(times) and all(past for _, past in times)


def deadline(sentence: str, start: int, *, target_year: int) -> str:
    """The last year named before the figure, else the first after it, else the target year.

    Years that something is compared with and years before the plan are no deadlines.

    Examples
    --------
    >>> deadline("到2024年，比2019年增加100所。", 15, target_year=2025)
    '2024'
    """
    years = [(m.start(), m[1]) for m in DEADLINE.finditer(sentence)
             if not _COMPARED.search(sentence[: m.start(1)])
             and int(m[1]) > target_year - SPAN]  # fmt: skip
    before = [year for place, year in years if place < start]
    after = [year for place, year in years if place > start]
    return (before[-1:] or after[:1] or [str(target_year)])[0]


def _times(sentence: str, target_year: int) -> Iterator[tuple[int, bool]]:
    """Where a sentence names a time, and whether that is past."""
    for match in _TIMES.finditer(sentence):
        if _COMPARED.search(sentence[: match.start()]) and not match["past"]:
            continue
        if match["year"]:
            # Without the plan's years nothing is known of a year by itself.
            past = target_year > 0 and int(match["year"]) <= target_year - SPAN
        elif match["period"]:
            past = PLANS[match["period"]][-1] <= (target_year - SPAN if target_year else 2020)
        else:
            past = match["future"] is None
        yield match.start(), past
