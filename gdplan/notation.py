"""A plan cell as text <-> Target and value interval (METHOD 1.2 and 2).

The grammar is a short list of patterns tried in order on a normalised cell. Words without
digits are kept as text; digits that fit no pattern are an error, never a guess.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from gdplan.dates import YEAR, counted
from gdplan.model import (
    ABOUT_TOLERANCE,
    BEFORE_NUMBER,
    BEHIND_NUMBER,
    Bound,
    Comparator,
    Kind,
    Target,
)
from gdplan.problems import Problem, ProblemError

MULTIPLIERS = {"": 1, "百": 100, "千": 1000, "万": 10**4, "百万": 10**6, "千万": 10**7,
               "亿": 10**8, "万亿": 10**12}  # fmt: skip
"""Counting words that may stand before a unit: 万人 is 10^4 人."""

_FOOTNOTE = re.compile(
    r"[*＊※†‡]+$|[⁰¹²³⁴⁵⁶⁷⁸⁹]+$|[①-⑳]+$|(?:\[注\d*\]|\(注\d*\)|（注\d*）|注\d?)$"
)
NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?", re.ASCII)
"""A number as it is printed, its thousands marked or not."""
RATIO = re.compile(r"\d+(?:\.\d+)?(?:[:∶：]\d+(?:\.\d+)?)+", re.ASCII)
"""The parts of a whole, such as 14:42:44."""
NUMERALS = "一二三四五六七八九十"
_NUMBER = r"-?\d+(?:\.\d+)?"
_UNIT = r"[^\d\s<>=~\[\]:]{0,12}"
_DASHES = re.compile(r"[‐‑‒–—―−﹣－]")
_EMPTY = {"", "-", "/", "--", "...", "无", "…", "……", "\\", "_", "n/a", "N/A", "暂无", "·"}

_MORE = re.compile(rf"^(.*?{_NUMBER})[余多](?=[^\d]*$)")
"""500余, 500多万人: more than the number."""
_SINCE = re.compile(
    r"^(?:比|较|与)[^,\d]{0,8}(?:\d{4}年?)?(?:末|底|期末)?(?:相比)?,?(?=[累提增上降下减])"
)
_MOVED = re.compile(
    r"^(?:累计)?(?P<way>提高|提升|增加|增长|上升|扩大|降低|下降|减少|压减)(?![到至])(?P<rest>.+)$"
)
_FALLS = "降低 下降 减少 压减"
_POINTS = re.compile(r"个?百分点")
_PER = re.compile(rf"^({_NUMBER})/(\d*[百千万]\S{{0,3}})$")
_NOTE = re.compile(r"^(?P<cell>.+?)\((?P<note>[^()\[\]]+)\)$")
_YEARS = re.compile(r"(?:\d{4}(?:-\d{4})?)年?(?:末|底|度|数据?|值)*")
_NUMERAL = re.compile(r"^(\D*?)([一二两三四五六七八九十百千]+)([万亿]?)(\D*)$")
_STABLE = re.compile(r"^(?:(?P<x>[^,;]+)[,;])?(?:基本)?保持(?:基本)?稳定$|^(?:基本)?稳定$")
_ANNUAL = re.compile(
    r"^(?:年均|每年)(?:(?P<grown>增长|增速|增幅|提高)|(?P<fallen>下降|降低|减少)|新增|增加)?"
    r"(?:为|达到)?"
)
_TOTAL = re.compile(r"^(?:五年)?累计(?:增长|新增|达到|为)?")
_RANGE = re.compile(rf"^({_NUMBER})({_UNIT}?)(?:~|-|至|到)({_NUMBER})({_UNIT})$")
_PLAIN = re.compile(rf"^({_NUMBER})({_UNIT})$")
_BRACKET = re.compile(r"^\[([^\[\]]*)\](.*)$")


def parse_target(cell: str, *, unit: str | None = None) -> Target:
    """Read one cell of a plan table.

    Parameters
    ----------
    cell : str
        The cell as printed, such as ``[550]``, ``4以内``, ``稳定在95以上``, ``14:42:44``.
    unit : str, optional
        Unit of the row. A counting word in the cell is converted to it (``1亿`` in 万人 is
        10000); without it the unit found in the cell is kept.

    Returns
    -------
    Target
        ``value`` is None for empty cells, words, ranges and compositions; ``low``/``high``
        is the value interval; ``raw`` is always the cell as given.

    Raises
    ------
    ProblemError
        When the cell holds digits that fit no form (key ``unreadable_cell``).

    Examples
    --------
    >>> parse_target("[550]").kind, parse_target("4以内").comparator
    ('cumulative', <Comparator.AT_MOST: '<='>)
    """
    text = _normal(cell)
    if text in _EMPTY or set(text) <= {"-", "/", "."}:
        return _nothing(cell, unit)
    text = _in_digits(text)
    if not any(c.isdigit() for c in text):
        keep = Comparator.KEEP if _STABLE.match(text) else Comparator.NONE
        return _nothing(cell, unit, keep)
    found = _read(text, cell, unit) or _read_first_clause(text, cell, unit)
    if found is None:
        raise ProblemError(
            Problem(
                "unreadable_cell",
                "",
                "单元格读不懂",
                expected="数值、[累计数]、x以内、x以上、x左右、保持稳定、a:b:c 等",
                found=cell,
                fix="核对原文；确为文字目标时去掉数字",
            )
        )
    return found


def value_interval(
    text: str, bound: Bound, *, about_tolerance: float = ABOUT_TOLERANCE
) -> tuple[float, float]:
    """Interval of a published figure from its printed digits and the wording of its bound.

    ``132`` is [131.5, 132.5], ``超143`` is [143, inf), ``2.6以内`` is (-inf, 2.6], ``约850`` is
    within ``about_tolerance`` of itself. The ends are the nearest doubles of exact decimals.

    Examples
    --------
    >>> value_interval("140.33", Bound.EXACT)
    (140.325, 140.335)
    """
    number = Decimal(text.replace(",", "").strip())
    if bound is Bound.AT_LEAST:
        return float(number), math.inf
    if bound is Bound.AT_MOST:
        return -math.inf, float(number)
    if bound is Bound.APPROX:
        slack = abs(number) * Decimal(repr(about_tolerance))
    else:
        exponent = number.as_tuple().exponent
        slack = Decimal(1).scaleb(min(int(exponent), 0)) / 2
    return float(number - slack), float(number + slack)


def split_unit(unit: str) -> tuple[int, str]:
    """A unit as counting word and noun: 万人次 is (10000, 人次).

    Examples
    --------
    >>> split_unit("亿元"), split_unit("%")
    ((100000000, '元'), (1, '%'))
    """
    for word in sorted(MULTIPLIERS, key=len, reverse=True):
        if word and unit.startswith(word):
            return MULTIPLIERS[word], unit[len(word) :]
    return 1, unit


def _normal(cell: str) -> str:
    """Footnote marks off (before NFKC makes ⁴ a 4), one form for brackets, signs and digits."""
    text = cell.strip()
    while True:
        shorter = _FOOTNOTE.sub("", text).strip()
        if shorter == text:
            break
        text = shorter
    text = _DASHES.sub("-", text)
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[〔【﹝]", "[", re.sub(r"[〕】﹞]", "]", text))
    text = re.sub(r"[∶﹕︰]", ":", text).replace("，", ",").replace("；", ";")
    text = re.sub(r"[～〜∼﹏]", "~", text)
    # A blank between figures marks thousands, or it stands between two numbers: those stay apart.
    text = re.sub(r"(?<![\d.])(\d{1,3})((?: \d{3})+)(?![\d ])", _unspaced, text)
    text = re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", text).replace("**", "").rstrip("。")
    text = re.sub(r"(?<=\d)[,'](?=\d{3}(?!\d))", "", text)
    return _without_note(re.sub(r"\*+$", "", text))


def _unspaced(match: re.Match[str]) -> str:
    return match[0].replace(" ", "")


def _without_note(text: str) -> str:
    """A cell without the note behind it: words or a year; 累计 makes it a total."""
    match = _NOTE.match(text)
    if match is None or not any(c.isdigit() for c in match["cell"]):
        return text
    note = match["note"]
    if "年均" in note:
        return f"年均{match['cell']}"
    if "累计" in note:
        return match["cell"] if match["cell"].startswith("[") else f"[{match['cell']}]"
    if re.match(r"^[百千万亿]|^[%‰]$", note):
        return match["cell"] + note
    words = not any(c.isdigit() for c in note)
    return match["cell"] if words or _YEARS.fullmatch(note) else text


def _nothing(cell: str, unit: str | None, comparator: Comparator = Comparator.NONE) -> Target:
    return Target(Kind.in_cell(""), comparator, None, -math.inf, math.inf, unit or None, cell)


def _read(text: str, raw: str, unit: str | None) -> Target | None:
    bracket = _BRACKET.match(text)
    if bracket:
        inner, tail = bracket.groups()
        return _side_words(inner + tail, raw, unit, Kind.in_cell("bracket"))
    moved = _moved(text, raw, unit)
    if moved is not None:
        return moved
    total = _TOTAL.match(text)
    if total and total.end() < len(text):
        rest = text[total.end() :].replace("[", "").replace("]", "")
        return _side_words(rest, raw, unit, Kind.in_cell("bracket"))
    before = _side_of_bracket(text)
    if before is not None:
        return _side_words(before, raw, unit, Kind.in_cell("bracket"))
    annual = _ANNUAL.match(text)
    if annual and annual.end() < len(text):
        rest = ("-" if annual["fallen"] else "") + text[annual.end() :]
        grown = annual["grown"] or annual["fallen"] or "%" in rest or (unit or "%") == "%"
        if not grown:
            return _side_words(rest, raw, unit, Kind.in_cell("mean"))
        growth = _side_words(rest, raw, "%", Kind.in_cell("growth"))
        return growth or (_side_words(rest, raw, unit, Kind.in_cell("mean"))
                          if unit is None else None)  # fmt: skip
    return _side_words(text, raw, unit, Kind.in_cell(""))


def _moved(text: str, raw: str, unit: str | None) -> Target | None:
    """What is to be added to the base or taken from it: 提高3个百分点, 增长20%, 下降〔13.5〕%."""
    match = _MOVED.match(_SINCE.sub("", text))
    if match is None or re.search("上年|去年|同比", text):
        return None
    rest, falls = match["rest"].replace("[", "").replace("]", ""), match["way"] in _FALLS.split()
    if unit in ("%", "‰") and not falls and match["way"] != "增长" and not _POINTS.search(rest):
        return _side_words(rest, raw, unit, Kind.in_cell("bracket"))
    if _POINTS.search(rest):
        found = _side_words(_POINTS.sub("", rest), raw, unit or "%", Kind.in_cell("gain"))
        return _turned(found) if falls else found
    if "%" in rest or unit in ("%", "‰"):
        kind = Kind.in_cell("cut" if falls else "growth")
        found = _side_words(rest, raw, "%", kind)
        return found and replace(found, whole=True)
    if falls:
        return _turned(_side_words(rest, raw, unit, Kind.in_cell("gain")))
    return _side_words(rest, raw, unit, Kind.in_cell("bracket"))


def _turned(found: Target | None) -> Target | None:
    """A fall as what it adds to the base: a negative number, its side turned."""
    if found is None or found.value is None:
        return None
    sides = {
        Comparator.AT_LEAST: Comparator.AT_MOST, Comparator.ABOVE: Comparator.BELOW,
        Comparator.AT_MOST: Comparator.AT_LEAST, Comparator.BELOW: Comparator.ABOVE,
    }  # fmt: skip
    return replace(found, value=-found.value, low=-found.high, high=-found.low,
                   comparator=sides.get(found.comparator, found.comparator))  # fmt: skip


def _in_digits(text: str) -> str:
    """A cell whose only number is written out (三千人) in digits; any other as it is."""
    match = None if any(c.isdigit() for c in text) else _NUMERAL.match(text)
    if match is None:
        return text
    count = counted(match[2]) if len(match[2]) > 1 or match[3] else None
    return text if count is None else f"{match[1]}{count}{match[3]}{match[4]}"


def _read_first_clause(text: str, raw: str, unit: str | None) -> Target | None:
    """``>7、力争高于“十三五”时期``: the number stands first, the rest is words."""
    head, _, rest = text.partition("、")
    if not rest or any(c.isdigit() for c in rest):
        return None
    return _read(head, raw, unit)


def _side_of_bracket(text: str) -> str | None:
    """``>[10]`` and ``达到[550]``: the comparator may stand before the bracket."""
    match = re.match(r"^([^\d\[\]]{1,6})\[([^\[\]]*)\]([^\d\[\]]{0,6})$", text)
    return "".join(match.groups()) if match else None


def _side_words(text: str, raw: str, unit: str | None, kind: Kind) -> Target | None:
    stable = _STABLE.match(text)
    if stable:
        return _plain(stable["x"] or "", raw, unit, kind, Comparator.KEEP)
    comparator, text = _comparator(text)
    per = _PER.match(text)
    if per and (unit is None or unit.endswith("/" + per[2])):
        return _plain(per[1], raw, unit or "/" + per[2], kind, comparator)
    if RATIO.fullmatch(text):
        return _ratio(text, raw, unit, comparator)
    span = _RANGE.match(text)
    if span and comparator in (Comparator.BARE, Comparator.KEEP, Comparator.AT_LEAST,
                               Comparator.AT_MOST, Comparator.ABOUT):  # fmt: skip
        return _range(span, raw, unit, kind)
    return _plain(text, raw, unit, kind, comparator)


def _ratio(text: str, raw: str, unit: str | None, comparator: Comparator) -> Target | None:
    """Two parts are the number of their side, three and more the parts of a whole."""
    parts = tuple(float(p) for p in text.split(":"))
    decimals = max(_decimals(p) for p in text.split(":"))
    if len(parts) > 2:
        return None if comparator is not Comparator.BARE else Target(
            Kind.in_cell("ratio"), comparator, None, math.nan, math.nan, unit or None, raw, parts,
            decimals,
        )  # fmt: skip
    value, low, high = side_of(text)
    if comparator in (Comparator.AT_LEAST, Comparator.ABOVE):
        low, high = value, math.inf
    elif comparator in (Comparator.AT_MOST, Comparator.BELOW):
        low, high = -math.inf, value
    return Target(Kind.in_cell("pair"), comparator, value, low, high, unit or None, raw, parts,
                  decimals)  # fmt: skip


def split_ratio(text: str) -> list[str]:
    """The parts of a ratio as printed."""
    return [part.strip() for part in re.split("[:∶：]", text)]


def side_of(text: str, like: Sequence[float] = ()) -> tuple[float, float, float]:
    """A ratio of two parts as one number with both ends: the side that is not 1, or the first over
    the second. A figure whose 1 stands on the other side than in the ratio it is ``like`` may be
    written the other way round: the reading nearer to that ratio is taken.

    Examples
    --------
    >>> side_of("2.5:1"), side_of("1:1.2")[0], side_of("1:0.4", (2.4, 1))[0]
    ((2.5, 2.45, 2.55), 1.2, 2.5)
    """
    first, second = split_ratio(text)
    turned = Decimal(first) == 1 and Decimal(second) != 1
    if turned:
        first, second = second, first
    if not Decimal(first) or not Decimal(second):
        return 0.0 if Decimal(second) else math.inf, 0.0, math.inf
    over, under = value_interval(first, Bound.EXACT), value_interval(second, Bound.EXACT)
    under = (1.0, 1.0) if Decimal(second) == 1 else under
    value = float(Decimal(first) / Decimal(second))
    low, high = over[0] / under[1], over[1] / under[0]
    if not like or turned is (like[0] == 1 and like[1] != 1) or low <= 0:
        return value, low, high
    goal = like[1] if like[0] == 1 else like[0] / like[1]
    if abs(math.log(value / goal)) <= abs(math.log(1 / value / goal)):
        return value, low, high
    return 1 / value, 1 / high, 1 / low


def _comparator(text: str) -> tuple[Comparator, str]:
    """Comparator words off both ends; those behind the number decide over those before it."""
    found = Comparator.BARE
    for pattern, comparator in BEFORE_NUMBER:
        match = re.match(rf"^(?:力争|全省|总体|基本)?(?:{pattern})", text)
        if match and match.end() < len(text):
            found, text = comparator, text[match.end() :]
            break
    if found is not Comparator.BARE:
        nested, text = _comparator(text)
        found = nested if nested is not Comparator.BARE else found
    more = _MORE.match(text)
    if more:
        return Comparator.ABOVE, more[1] + text[more.end() :]
    for pattern, comparator in BEHIND_NUMBER:
        match = re.search(rf"(?:{pattern})$", text)
        if match and match.start() > 0:
            return comparator, text[: match.start()]
    return found, text


def side_before(text: str) -> Comparator | None:
    """The side that words at the end of a text put the number behind it on; None for no such."""
    found = (c for pattern, c in BEFORE_NUMBER if re.search(rf"(?:{pattern})[为了]?$", text))
    return next(found, None)


def side_after(text: str) -> tuple[Comparator | None, int]:
    """The side that words at the beginning of a text put the number before it on, and their
    length."""
    found = ((c, m) for pattern, c in BEHIND_NUMBER if (m := re.match(rf" ?(?:{pattern})", text)))
    comparator, match = next(found, (None, None))
    return comparator, match.end() if match else 0


def _range(span: re.Match[str], raw: str, unit: str | None, kind: Kind) -> Target | None:
    low_text, low_unit, high_text, high_unit = span.groups()
    found = high_unit or low_unit
    factor = _factor(found, unit)
    if factor is None:
        return None
    low, high = float(Decimal(low_text) * factor), float(Decimal(high_text) * factor)
    if 0 > low > high:
        low, high = high, low  # Of two falls the smaller is often named first.
    if low > high:
        return None
    decimals = max(_decimals(low_text), _decimals(high_text))
    return Target(kind, Comparator.BARE, None, low, high, unit or found or None, raw, (), decimals)


def _plain(
    text: str, raw: str, unit: str | None, kind: Kind, comparator: Comparator
) -> Target | None:
    match = _PLAIN.match(text)
    if match is None or re.match(r"年.|月|日|[余多]|个百分点", match[2]):
        return None
    if match[2] == "年" and re.fullmatch(YEAR, match[1]):
        return None
    number, found = match.groups()
    factor = _factor(found, unit)
    if factor is None:
        return None
    value = float(Decimal(number) * factor)
    low, high = _interval(number, factor, comparator)
    return Target(
        kind, comparator, value, low, high, unit or found or None, raw, (), _decimals(number)
    )


def _factor(found: str, unit: str | None) -> Decimal | None:
    """What the cell's own counting word makes in the row's unit; None when they disagree."""
    if not found or unit is None or found == unit:
        return Decimal(1)
    times, noun = split_unit(found)
    row_times, row_noun = split_unit(unit)
    if noun and row_noun and noun != row_noun:
        return None
    return Decimal(times) / Decimal(row_times)


def _interval(number: str, factor: Decimal, comparator: Comparator) -> tuple[float, float]:
    bounds = {
        Comparator.AT_LEAST: Bound.AT_LEAST,
        Comparator.ABOVE: Bound.AT_LEAST,
        Comparator.AT_MOST: Bound.AT_MOST,
        Comparator.BELOW: Bound.AT_MOST,
        Comparator.ABOUT: Bound.APPROX,
    }
    ends = value_interval(number, bounds.get(comparator, Bound.EXACT))
    low, high = (x if math.isinf(x) else float(Decimal(repr(x)) * factor) for x in ends)
    return low, high


def _decimals(number: str) -> int:
    return len(number.partition(".")[2])
