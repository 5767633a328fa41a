"""What stretch of time a published figure's note speaks of: its last month, its first year."""

from __future__ import annotations

import math
import re

_MONTH_RANGE = re.compile(r"1\s*[-—–~至到]\s*(1[0-2]|[1-9])\s*月")
_UP_TO_MONTH = re.compile(r"前\s*(1[0-2]|[1-9])\s*个?月")
_DATED = re.compile(r"(?:19|20)\d\d[-/.年]\s*(1[0-2]|0?[1-9])(?:月|\b)")
_MONTH = re.compile(r"(?<![\d-])(1[0-2]|0?[1-9])\s*月(?:底|末|当月|份)?")
_WORDS = (
    (re.compile(r"前三季度|三季度|第三季度|1-3季度"), 9),
    (re.compile(r"上半年|二季度|第二季度|半年"), 6),
    (re.compile(r"一季度|第一季度|首季"), 3),
    (re.compile(r"四季度|全年|年末|年底"), 12),
)
_WINDOW = re.compile(r"((?:19|20)\d\d)\s*年?\s*[-—–~至到]\s*((?:19|20)\d\d)")
_PLANS = {"十一五": 2006, "十二五": 2011, "十三五": 2016, "十四五": 2021, "十五五": 2026}
_SINCE = re.compile(r"自\s*((?:19|20)\d\d)\s*年?")


def month_of(note: str, source: str = "") -> float:
    """Last month a part-year figure covers, from its note, else from its source's title.

    nan when neither says it: such a figure is listed and never used.

    Examples
    --------
    >>> month_of("1-10月"), month_of("", "广东上半年城镇新增就业58.02万人"), month_of("约")
    (10.0, 6.0, nan)
    """
    for text in (note, source):
        found = _month_in(text)
        if not math.isnan(found):
            return found
    return math.nan


def _month_in(text: str) -> float:
    for pattern in (_MONTH_RANGE, _UP_TO_MONTH):
        match = pattern.search(text)
        if match:
            return float(match[1])
    for pattern, month in _WORDS:
        if pattern.search(text):
            return float(month)
    for pattern in (_DATED, _MONTH):
        match = pattern.search(text)
        if match:
            return float(match[1])
    return math.nan


def start_of(note: str, source: str = "") -> float:
    """First year of a cumulative window: 2012-2021 is 2012, “十四五” is 2021; nan when unsaid.

    Examples
    --------
    >>> start_of("约(2012-2021十年累计)"), start_of("超(十四五累计)"), start_of("约")
    (2012.0, 2021.0, nan)
    """
    for text in (note, source):
        match = _WINDOW.search(text)
        if match:
            return float(match[1])
        for name, year in _PLANS.items():
            if name in text:
                return float(year)
        match = _SINCE.search(text)
        if match:
            return float(match[1])
    return math.nan
