"""Figures with units in Chinese prose: value, unit, comparator and place, as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gdplan.model import Comparator

COUNTED = (
    "百分点", "人次", "家次", "场次", "元", "人", "名", "家", "个", "所", "户", "项", "件", "种",
    "台", "间", "场", "次", "市", "县", "张", "门", "支", "套", "条", "处", "%",
)  # fmt: skip
MEASURED = (
    "吨标准煤", "平方公里", "平方千米", "平方米", "立方米", "公里", "千米", "公顷", "千瓦时",
    "兆瓦", "千瓦", "美元", "吨", "亩", "辆", "座", "床", "宗", "篇", "册", "位", "片", "‰",
)  # fmt: skip
"""Measures of area, length, weight, power and the like; no ages and no spans of time, which in a
plan's prose mostly say of whom or of when it speaks."""
PLAIN = {0xFF10 + n: str(n) for n in range(10)} | {0xFF05: "%", 0xFF0E: "."}
_CONTENTS = re.compile(r"(?:\t|\.{3,}|…) ?\d+$|^\d+\t")
_UNIT = "|".join(sorted((*COUNTED, *MEASURED), key=len, reverse=True))
# 5000吨级码头, 3A级: a grade is no amount.
NUMBER = re.compile(
    r"(?P<value>\d+(?:,\d{3})*(?:\.\d+)?) ?(?P<many>[万亿]?) ?"
    rf"(?P<unit>{_UNIT})(?!级)(?: ?(?P<after>以上|以内|以下|左右))?"
)
# 万亩, 百公里 are names of programmes and bases of rates, so that only what is counted is read.
COLLECTIVE = re.compile(
    r"(?<![\d ])(?P<ones>[一二两三四五六七八九])?(?P<many>[百千万])"
    rf"(?P<unit>{'|'.join(COUNTED)})(?!工程)"
)
DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
MANY = {"百": 100, "千": 1000, "万": 10_000}
BEFORE = {
    "至少": Comparator.AT_LEAST, "不少于": Comparator.AT_LEAST, "不低于": Comparator.AT_LEAST,
    "超过": Comparator.ABOVE, "突破": Comparator.ABOVE, "不超过": Comparator.AT_MOST,
    "控制在": Comparator.AT_MOST, "不高于": Comparator.AT_MOST, "约": Comparator.ABOUT,
}  # fmt: skip
AFTER = {"以上": Comparator.AT_LEAST, "以内": Comparator.AT_MOST, "以下": Comparator.AT_MOST,
         "左右": Comparator.ABOUT}  # fmt: skip


def is_listed(line: str) -> bool:
    """Whether a line is of the contents, its page at its end, or a numbered row of a table."""
    return bool(_CONTENTS.search(line.rstrip()))


def sentences(line: str) -> list[str]:
    """The sentences and half sentences of a line, each with the sign that ends it.

    Examples
    --------
    >>> sentences("新增50所；改建30所。")
    ['新增50所；', '改建30所。', '']
    """
    return re.split(r"(?<=[。；;])", line)


def shortened(quote: str) -> str:
    """A quote of sixty characters at most."""
    return quote if len(quote) <= 60 else quote[:59] + "…"


def likeness(name: str, text: str) -> float:
    """Share of a name's letter pairs that stand in a text.

    Examples
    --------
    >>> likeness("城镇登记失业率", "年末城镇登记失业率控制在")
    1.0
    """
    pairs = {name[i : i + 2] for i in range(len(name) - 1)}
    return sum(pair in text for pair in pairs) / max(len(pairs), 1)


def numbers(sentence: str) -> Iterator[tuple[int, int, float, str, Comparator]]:
    """Place, value, unit and comparator of every figure with a unit.

    Examples
    --------
    >>> [(value, unit, side.value) for _, _, value, unit, side in numbers("新增绿地50公顷以上。")]
    [(50.0, '公顷', '>=')]
    """
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
