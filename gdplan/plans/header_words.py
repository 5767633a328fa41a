"""The words of header cells: which column holds names, units, bases, targets, results."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from gdplan.dates import YEAR

_ROLES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("no", re.compile(r"^(?:序号|编号|序|No\.?|NO\.?|#)$")),
    ("attribute", re.compile(r"^(?:指标)?(?:属性|性质|类型)$")),
    ("unit", re.compile(r"^(?:计量|计算)?单位$")),
    ("section", re.compile(r"^(?:类别|领域|分类|指标类别|一级指标|方面|板块|指标分类)$")),
    ("result", re.compile(r"完成|实绩|实现(?:值|情况)|达到值")),
    ("target", re.compile(r"目标|规划(?:值|数)|期末")),
    ("base", re.compile(r"基期|基数|基准|基值|现状|实际|基础值|起点")),
    ("name", re.compile(r"^(?:主要|具体|核心|二级)?指标(?:名称|内容)?$|^(?:名称|项目)$")),
    ("rate", re.compile(r"年均|累计|年平均")),
    ("year", re.compile(rf"^[“\"]?{YEAR}年?(?:末|底)?(?:数|值)?[”\"]?$")),
)
_NAME_HINT = re.compile(r"标|名\s*称|项\s*目")
VALUES = {"target", "base", "year", "result", "rate"}
"""Roles of columns that hold values."""


@lru_cache(maxsize=4096)
def role_of(cell: str) -> str:
    """What a header cell announces: no, name, unit, base, target, result, rate, ... or ''."""
    word = re.sub(r"[\s*]+", "", cell)
    bare = re.sub(r"[（(][^（）()]*[）)]$", "", word) or word
    return next((role for role, pattern in _ROLES if pattern.search(bare)), "")


def is_header(cells: Sequence[str]) -> tuple[str, ...] | None:
    """The roles of a header row, or None when the cells are no header."""
    if not 3 <= len(cells) <= 20 or any(len(c) > 40 for c in cells):
        return None
    if not any(_NAME_HINT.search(c) for c in cells):
        return None
    roles = tuple(role_of(c) for c in cells)
    if "name" not in roles or not VALUES & set(roles):
        return None
    known = sum(bool(r) for r in roles)
    return roles if known >= 2 and known * 2 >= len(cells) else None
