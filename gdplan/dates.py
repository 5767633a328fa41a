"""What stretch of time a published figure's note speaks of: its last month, its first year; and
which day a date text means."""

from __future__ import annotations

import calendar
import math
import re
from datetime import date, datetime

from gdplan.problems import Problem, ProblemError, wrong_type

YEAR = r"(?:19|20)\d\d"
"""A year in a text, to be put into a pattern."""
PLANS = {f"十{n}五": range(2006 + 5 * k, 2011 + 5 * k) for k, n in enumerate("一二三四五六")}
"""The years of the five-year plans: 十四五 is 2021 to 2025."""
_FIGURES = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_MONTH_RANGE = re.compile(r"(?<!\d)1\s*[-—–~至到]\s*(1[0-2]|[1-9])\s*月")
_UP_TO_MONTH = re.compile(r"前\s*(1[0-2]|[1-9])\s*个?月")
_DATED = re.compile(rf"{YEAR}[-/.年]\s*(1[0-2]|0?[1-9])(?:月|\b)(?!\s*[公发]布)")
_MONTH = re.compile(r"(?<![\d-])(1[0-2]|0?[1-9])\s*月(?:底|末|当月|份)?")
_WORDS = (
    (re.compile(r"[三3]个?季度"), 9),
    (re.compile(r"上半年|前半年|半年度|[二两2]个?季度"), 6),
    (re.compile(r"[一1]个?季度|首季"), 3),
)
# 全年 is no month: part-year notes say how much of 全年任务 is done.
_YEAR_END = re.compile(r"[四4]个?季度|年末|年底")
_CLOSING = re.compile(
    rf"(?:至|到|截至|截止|[-—–~])\s*(?:(?:{YEAR}\s*年)?\s*(1[0-2]|0?[1-9])\s*月"
    rf"|{YEAR}[-./](1[0-2]|0[1-9])(?!\d))"
)
_QUARTER_ALONE = re.compile(r"当季|单季|(?<!至)第\s*[一二三四1-4]\s*季度")
_WINDOW = re.compile(
    rf"({YEAR})(?:\s*年?|[-./]\d\d|\s*年\s*\d{{1,2}}\s*月)\s*[-—–~至到]\s*({YEAR})"
)
_SINCE = re.compile(rf"自\s*({YEAR})|({YEAR})\s*年?(?:\d{{1,2}}月)?(?:启动|实施)?以来")


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
    if _QUARTER_ALONE.search(text):
        # One quarter alone is no progress of the year.
        return math.nan
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
    return 12.0 if _YEAR_END.search(text) else math.nan


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
        for name, years in PLANS.items():
            if name in text:
                return float(years[0])
    return launch_of(note, source)


def launch_of(note: str, source: str = "") -> float:
    """Year a programme began, for figures counted since its launch; nan when unsaid.

    Examples
    --------
    >>> launch_of("自2018实施以来(截至2024-04)"), launch_of("超(“十四五”时期表述)")
    (2018.0, nan)
    """
    for text in (note, source):
        match = _SINCE.search(text)
        if match:
            return float(match[1] or match[2])
    return math.nan


def closing_month(note: str) -> float:
    """Last month of a total over years: 6 for 2021年至2023年6月累计; 12 when none is named.

    Examples
    --------
    >>> [closing_month(note) for note in ("2021年至2023年6月累计", "2021-2023", "至三季度末")]
    [6.0, 12.0, 9.0]
    >>> start_of("2021-01至2025-09累计"), closing_month("2021-01至2025-09累计")
    (2021.0, 9.0)
    """
    match = _CLOSING.search(note)
    if match:
        return float(match[1] or match[2])
    for pattern, month in _WORDS:
        if pattern.search(note):
            return float(month)
    return 12.0


def day_of(when: object) -> date:
    """A day, given as one, as a text or as a year; ``2024`` and ``2024-03`` mean its end.

    Raises
    ------
    ProblemError
        For a text that is no date, and for anything that is neither.

    Examples
    --------
    >>> day_of("2024-02"), day_of(datetime(2024, 3, 1, 12))
    (datetime.date(2024, 2, 29), datetime.date(2024, 3, 1))
    """
    if isinstance(when, date):
        return when.date() if isinstance(when, datetime) else when
    if isinstance(when, (str, int)) and not isinstance(when, bool):
        return end_of(str(when))
    raise ProblemError(wrong_type("as_of", when, "日期", '日期，或文字如 "2024-03"'))


def end_of(text: str) -> date:
    """Last day a date text can mean: 2024 is 31 December, 2024-02 is 29 February.

    Raises
    ------
    ProblemError
        When the date cannot be read.

    Examples
    --------
    >>> end_of("2024"), end_of("2024-02")
    (datetime.date(2024, 12, 31), datetime.date(2024, 2, 29))
    """
    day = _last_day(text)
    if day is None:
        raise ProblemError(
            Problem("no_such_date", text, "日期读不懂", expected="YYYY、YYYY-MM 或 YYYY-MM-DD")
        )
    return day


def is_date(text: str) -> bool:
    """Whether a text is a year, a month or a day of the calendar: YYYY, YYYY-MM or YYYY-MM-DD.

    Examples
    --------
    >>> is_date("2024-02"), is_date("2023-02-29"), is_date("20240229")
    (True, False, False)
    """
    return _last_day(text) is not None


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar, YYYY-MM-DD.

    Examples
    --------
    >>> is_day("2024-02-29"), is_day("2024-02")
    (True, False)
    """
    return len(text) == len("YYYY-MM-DD") and is_date(text)


def _last_day(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month = int(match[1]), int(match[2] or 12)
    try:
        return date(year, month, int(match[3] or calendar.monthrange(year, month)[1]))
    except ValueError:
        return None


def counted(figures: str) -> int | None:
    """The number that Chinese figures below ten thousand write; None where they write none.

    Examples
    --------
    >>> counted("一百二十"), counted("十五"), counted("五六")
    (120, 15, None)
    """
    total, digit, last = 0, None, 10_000
    for figure in figures:
        if figure in _FIGURES:
            if digit is not None:
                return None
            digit = _FIGURES[figure]
            continue
        times = {"十": 10, "百": 100, "千": 1000}[figure]
        if times >= last:
            return None
        total, digit, last = total + (1 if digit is None else digit) * times, None, times
    return total + (digit or 0)
