"""Figures with units in Chinese prose: value, unit, comparator and place, as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gdplan.dates import counted
from gdplan.model import Comparator
from gdplan.notation import MULTIPLIERS, side_after, side_before

_COUNTED = """
    百分点 个百分点 人次 家次 场次 件次 户次 班次 车次 架次 元 人 名 家 个 所 户 项 件 种 台 间
    场 次 市 县 张 门 支 套 条 处 % 村 镇 乡 街道 社区 株 棵 头 只 艘 架 栋 幢 枚 笔 份 例 起 组
    班 部 队 对 学位 床位 车位 泊位 席位 托位 岗位 工位 机架 标箱 标准箱 倍
"""
_MEASURED = """
    吨标准煤 平方公里 平方千米 平方米 立方米 标准立方米 公里 千米 海里 公顷 千瓦时 兆瓦 千瓦
    美元 吨 公斤 千克 斤 亩 辆 座 床 宗 篇 册 位 片 ‰ 微克 毫克 学时 课时 千伏安 千伏
"""
"""Measures of area, length, weight, power and the like; no ages and no spans of time, which in a
plan's prose mostly say of whom or of when it speaks, unless it is a 寿命 or a 年限."""
PLAIN = {0xFF10 + n: str(n) for n in range(10)} | {0xFF05: "%", 0xFF0E: "."}
_CONTENTS = re.compile(r"(?:\t|\.{3,}|…) ?\d+$|^\d+\t")
# 5000吨级码头, 3A级: a grade is no amount; 个方面, 部委 and 组织 are words of their own.
_NOT_UNIT = (
    r"(?!级|个?(?:方面|层面|维度|环节|阶段)|(?<=个)(?:月|小时|工作日|年)|(?<=部)[委门署队分]"
    r"|(?<=组)[织建成合]|(?<=队)伍|(?<=村)[级民庄委]|(?<=份)额|(?<=对)[口接外于标应]|(?<=条)件"
    r"|(?<=项)(?:主要|约束性|预期性)?(?:指标|目标)|(?<=例)如|(?<=起)[来点步到])"
)
_UNIT = (
    f"(?:{'|'.join(sorted((_COUNTED + _MEASURED).split(), key=len, reverse=True))}){_NOT_UNIT}"
    r"(?:/[a-zA-Z\u4e00-\u9fff]{1,5}?(?=[^\u4e00-\u9fff]|$|以|左))?"
)  # fmt: skip
_VALUE = r"\d+(?:,\d{3})*(?:\.\d+)?"
_MANY = r"万亿|百万|千万|[百千万亿]"
NUMBER = re.compile(
    rf"(?P<value>{_VALUE}) ?(?P<more>[余多])? ?(?P<many>{_MANY})? ?(?P<more2>[余多])? ?"
    rf"(?:(?:{_UNIT})?[—\-–~～至到]{{1,2}} ?(?P<upper>{_VALUE}) ?(?P<many2>{_MANY})? ?)?"
    rf"(?P<unit>{_UNIT})"
)
# 万亩, 百公里 are names of programmes and bases of rates, so that only what is counted is read.
COLLECTIVE = re.compile(
    r"(?<![\d 一二两三四五六七八九十百千万亿余多])(?P<figures>[一二两三四五六七八九十百千]*)"
    rf"(?P<more>[余多])?(?P<many>万|亿)?(?P<more2>[余多])?"
    rf"(?P<unit>{'|'.join(sorted(_COUNTED.split(), key=len, reverse=True))}){_NOT_UNIT}"
)
_BIG = "百千万亿"
_NAMED = re.compile(r"[^\d，,。；;、“”]{0,6}(?:工程|行动|计划|活动)")
_JOINED = re.compile(rf"[^\d，,。；;、 ]{{0,3}}[{_BIG}十](?![分倍])")
_PAIRED = re.compile(rf"[{_BIG}十][^\d，,。；;、 {_BIG}]{{1,3}}$")
_LASTING = re.compile(
    rf"(?:寿命|年龄|年限)(?:[由从][^，,。；;]*?[到至为])?[^\d，,。；;]*?(?P<value>{_VALUE}) ?"
    r"(?P<unit>岁|年(?!底|末|前))"
)
_RANK = re.compile(r"(?<![目年底])前 ?$")
_FROM = re.compile(
    rf"[由从](?:20\d\d ?年)?[^，,。；;\d]{{0,10}}(?P<base>{_VALUE}) ?(?P<many>{_MANY})? ?"
    rf"(?P<unit>{_UNIT})?[^，,。；;\d]{{0,12}}?(?:提高|提升|增加|增长|上升|扩大|升|增|扩"
    r"|降低|下降|减少|压减|缩短|降|减)[到至为](?:20\d\d ?年(?:底|末)?的?)?[^，,。；;\d]{0,4}$"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a sentence: its place, its value with comparator, what it starts from and the
    upper end where it is a range."""

    start: int
    end: int
    value: float
    unit: str
    comparator: Comparator
    base: float | None = None
    upper: float | None = None


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


def numbers(sentence: str) -> Iterator[Figure]:
    """Every figure with a unit, in order; of ``由91%提高到95%`` the second with the first as base.

    Examples
    --------
    >>> [(one.value, one.unit, one.comparator.value) for one in numbers("新增绿地50公顷以上。")]
    [(50.0, '公顷', '>=')]
    >>> [(one.base, one.value, one.upper) for one in numbers("由91%提高到95%，建成3—5家。")]
    [(91.0, 95.0, None), (None, 3.0, 5.0)]
    """
    found = [*_in_digits(sentence), *_in_characters(sentence)]
    found.sort(key=lambda one: one.start)
    starts = {place for one in found if (place := _start_of_base(sentence, one)) is not None}
    for one in found:
        if one.start not in starts:
            yield one


def _in_digits(sentence: str) -> Iterator[Figure]:
    for match in _LASTING.finditer(sentence):
        side, end = _side(sentence, match.start("value"), match.end(), more=None)
        base = _base(sentence[: match.start("value")], "", match["unit"])
        yield Figure(match.start("value"), end, float(match["value"]), match["unit"], side, base)
    for match in NUMBER.finditer(sentence):
        start, end = match.span()
        before = sentence[:start]
        if re.search(r"[第“\d.+\-—–]$|\d[~～]$", before) or _RANK.search(before):
            continue
        many, unit = match["many"] or "", match["unit"]
        value, upper = _amount(match["value"]), _amount(match["upper"])
        if upper is not None and match["many2"] != match["many"]:
            # 8000—1万: the greater counting word stands for both.
            value, many = _in_unit(value, many, match["many2"] or ""), match["many2"] or ""
        if value is None or (upper is not None and upper <= value):
            continue
        unit = "个百分点" if unit == "百分点" else many + unit
        side, end = _side(sentence, start, end, more=match["more"] or match["more2"])
        base = _base(before, many, match["unit"])
        if base is not None and side is Comparator.BARE:
            side = Comparator.AT_LEAST if value > base else Comparator.AT_MOST
        yield Figure(start, end, value, unit, side, base, upper)


def _in_characters(sentence: str) -> Iterator[Figure]:
    for match in COLLECTIVE.finditer(sentence):
        start, end = match.span()
        figures, many, unit = match["figures"], match["many"] or "", match["unit"]
        if not set(figures + many) & set("十百千万亿") or unit in ("百分点", "个百分点", "%"):
            continue
        if re.search(r"[第“]$", sentence[:start]) or _RANK.search(sentence[:start]):
            continue
        bare = len(figures + many) == 1
        # 千家万户, “百校联百县” and 百名人才工程 are words and names; 万人 is a measure or a title.
        if bare and (unit == "人" or _is_word(sentence, start, end)):
            continue
        count = counted(figures) if figures else 1
        if count is None:
            continue
        times, unit = (1, many + unit) if many == "亿" else (MULTIPLIERS[many], unit)
        side, end = _side(sentence, start, end, more=match["more"] or match["more2"])
        yield Figure(start, end, float(count * times), unit, side)


def _is_word(sentence: str, start: int, end: int) -> bool:
    before, after = sentence[:start], sentence[end:]
    quoted = before.rfind("“") > before.rfind("”")
    return bool(quoted or _NAMED.match(after) or _JOINED.match(after) or _PAIRED.search(before))


def _side(sentence: str, start: int, end: int, *, more: str | None) -> tuple[Comparator, int]:
    """The comparator of a figure by the words around it, and where they end."""
    after, length = side_after(sentence[end:])
    if after is not None:
        return after, end + length
    least = re.search(r"至少[^\d，,。；;]{1,6}$", sentence[:start])
    before = Comparator.AT_LEAST if least else side_before(sentence[:start].rstrip())
    return (Comparator.ABOVE if more else before or Comparator.BARE), end


def _start_of_base(sentence: str, one: Figure) -> int | None:
    match = _FROM.search(sentence[: one.start])
    return match.start("base") if match and one.base is not None else None


def _base(before: str, many: str, unit: str) -> float | None:
    """What a figure starts from, when the text before it says so in the same unit."""
    match = _FROM.search(before)
    if match is None or match["unit"] not in (None, unit):
        return None
    own = match["many"] if match["unit"] or match["many"] else many
    return _in_unit(_amount(match["base"]), own or "", many)


def _amount(text: str | None) -> float | None:
    return None if text is None else float(text.replace(",", ""))


def _in_unit(value: float | None, many: str, wanted: str) -> float | None:
    """A value of one counting word in another: 8000 is 0.8万."""
    return None if value is None else value * MULTIPLIERS[many] / MULTIPLIERS[wanted]
