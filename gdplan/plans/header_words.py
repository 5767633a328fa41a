"""The words of header cells: which column holds names, units, bases, targets, results, and of when.

A header cell is built of few words (到2025年达到值, “十三五”末实际完成): a cell of which
something else is left once these are taken out is no header (地区生产总值年均增长 is a name).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from gdplan.dates import PLANS, YEAR
from gdplan.notation import NUMERALS

LONGEST = 24
"""Characters of a header cell; longer ones are names or sentences."""
SECTION = re.compile(rf"^[（(]?[{NUMERALS}]{{1,3}}[）)、.．]\s*\S")
"""How a section of a plan or of a table begins: 一、, （二）."""
VALUES = frozenset({"target", "base", "year", "result", "rate", "total"})
"""Roles of columns that hold values."""

_EXACT: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("no", re.compile(r"^(?:序号?|编号|项次|NO\.?|#)$", re.IGNORECASE)),
    ("department", re.compile(r"(?:责任|牵头|主管|负责|实施|配合|填报|归口|落实)(?:单位|部门|处室)"
                              r"|^部门$|来源(?:单位|部门)?$")),
    ("unit", re.compile(r"^(?:指标)?(?:计量|计算|统计)?单位$")),
    ("attribute", re.compile(r"^指标?(?:属性|性质|类型)$|^(?:属性|性质|类型)$")),
    ("section", re.compile(r"^(?:指标|目标)?(?:类别|分类|领域|方面|板块|维度|大类)$"
                           r"|^(?:一级|分类)指标$")),
    ("remark", re.compile(r"^(?:备注|说明|注释?|指标解释|依据|出处|资料来源)$")),
    ("name", re.compile(r"^[^\d%%]{0,10}指标(?:名称|内容|项目)?$|^(?:项目|指标)?名称$"
                        r"|^(?:项目|目标任务|主要任务|任务|(?:主要|任务|工作|建设)?内容)$")),
)  # fmt: skip
_PERIOD = re.compile("|".join(PLANS))
_YEAR = re.compile(YEAR)
_MARKS = re.compile(r"[\s*＊“”\"‘’'「」《》]+")
_UNIT_TAIL = re.compile(r"[（(][^（）()]{1,12}[）)]$")
_NUMERALS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_WRITTEN_YEAR = re.compile(r"二[〇○零][〇○零一二三四五六七八九]{2}(?=年)")
_RESULT = re.compile(r"完成|实绩|实现|达到值|进展")
_TARGET = re.compile(r"目标|规划|期末|预期|指标值|达到|展望|到")
_BASE = re.compile(
    r"基期|基数|基准|基值|基础|现状|实际|现值|当前|现有|起点|起始|初始|期初|预计|预测|初步|快报"
)
_GROWTH = re.compile(r"年均|年平均")
_GROWN = re.compile(r"增|变化|下降|速度")
_VOCABULARY = """
    五年 年均 年平均 年度 年 末 底 期间 时期 期末 期初 期 规划 目标 指标 预期 预计 预测 展望
    达到 到 至 完成 实际 实绩 实现 进展 情况 水平 基期 基数 基准 基值 基础 现状 现值 现有 当前
    起点 起始 初始 初步 快报 累计 增长 增速 增幅 递增 增加 增减 变化 下降 速度 幅度 率 值 数 量
    或 及 和 全国 全省 全市 全县 全区 我国 我省 我市 我县 我区 本省 本市
"""
_WORDS = re.compile(
    "|".join(
        sorted(
            (*PLANS, f"{YEAR}[-—–~至到]{YEAR}", YEAR, *_VOCABULARY.split()), key=len, reverse=True
        )
    )
    + r"|[\[\]〔〕（）()/／、,，:：~\-—–%％]"
)


@dataclass(frozen=True, slots=True)
class Head:
    """A header cell: its role ('' when not understood), the year it names and its text."""

    role: str
    year: int | None
    text: str


@lru_cache(maxsize=4096)
def head_of(cell: str) -> Head:
    """What a header cell announces.

    Examples
    --------
    >>> head_of("到2025年目标值（%）").role, head_of("“十三五”末实际完成").year
    ('target', 2020)
    """
    word = _MARKS.sub("", unicodedata.normalize("NFKC", cell))
    word = _WRITTEN_YEAR.sub(lambda m: m[0].translate(_NUMERALS), word)
    if not word or len(word) > LONGEST:
        return Head("", None, cell)
    bare = _UNIT_TAIL.sub("", word) or word
    exact = next((role for role, pattern in _EXACT if pattern.search(bare)), "")
    if exact:
        return Head(exact, None, cell)
    for text in (word, bare):
        if not _WORDS.sub("", text):
            return Head(_value_role(text), _year(text), cell)
    return Head("", None, cell)


def headed(above: str, below: str) -> str:
    """A header cell of two lines as one; the lower alone where it says what it holds and the upper
    names no year (规划期 above 基期值).

    Examples
    --------
    >>> headed("2020年", "基数"), headed("规划期", "基期值")
    ('2020年基数', '基期值')
    """
    upper, lower = head_of(above), head_of(below)
    alone = lower.role in ("base", "target", "result") or (lower.year and upper.role == "target")
    return below if below and alone and upper.year is None else above + below


def role_of(cell: str) -> str:
    """What a header cell announces: no, name, unit, base, target, result, rate, ... or ''."""
    return head_of(cell).role


def is_header(cells: Sequence[str], *, least: int = 3) -> tuple[str, ...] | None:
    """The roles of a header row of ``least`` cells, or None when the cells are no header."""
    if not least <= len(cells) <= 40 or any(len(c) > 40 for c in cells):
        return None
    roles = tuple(role_of(c) for c in cells)
    if "name" not in roles or not VALUES & set(roles):
        return None
    known = sum(bool(r) for r in roles)
    return roles if known >= 2 and known * 2 >= len(cells) else None


def _value_role(word: str) -> str:
    dated = bool(_year(word))
    if _GROWTH.search(word) and not (dated and not _GROWN.search(word)):
        return "rate"
    if "累计" in word and not (_YEAR.search(word) and not re.search(r"\d-", word)):
        return "rate" if re.search(r"增(?:长|速|幅)", word) else "total"
    if _RESULT.search(word):
        return "result"
    if _TARGET.search(word):
        return "target"
    if _BASE.search(word):
        return "base"
    return "year" if dated else ""


def _year(word: str) -> int | None:
    """The year that a header names: 2025年, or the last of a period (“十四五”末)."""
    years = _YEAR.findall(word)
    if years:
        return int(years[-1])
    period = _PERIOD.search(word)
    return PLANS[period[0]][-1] if period else None
