"""Numbers that Word puts before paragraphs by itself: 第一章, （一）, 1.2, in its own counting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DIGITS = "零一二三四五六七八九"
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
          (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
DEPTH = 9


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list counts: from where, in which figures, in which words."""

    start: int
    form: str
    text: str


@dataclass
class Numbering:
    """Lists of a document, and how far each has counted."""

    levels: Mapping[str, Mapping[int, Level]]
    lists: Mapping[str, str]
    restarts: Mapping[tuple[str, int], int]
    counted: dict[str, list[int]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)

    def next(self, number: str, depth: int) -> str:
        """The words before the next paragraph of a list at a depth; empty where there are none."""
        scheme = self.lists.get(number, "")
        levels = self.levels.get(scheme, {})
        if depth not in levels or depth >= DEPTH:
            return ""
        counts = self.counted.setdefault(scheme, [0] * DEPTH)
        if number not in self.begun:
            self.begun.add(number)
            for (name, level), start in self.restarts.items():
                if name == number:
                    counts[level] = start - 1
        if counts[depth] == 0 and (number, depth) not in self.restarts:
            counts[depth] = levels[depth].start - 1
        counts[depth] += 1
        counts[depth + 1 :] = [0] * (DEPTH - depth - 1)
        return _rendered(levels, counts, depth)


def _rendered(levels: Mapping[int, Level], counts: list[int], depth: int) -> str:
    text = levels[depth].text
    if levels[depth].form in ("bullet", "none"):
        return ""
    for level in range(depth, -1, -1):
        if level in levels:
            shown = figure(counts[level] or levels[level].start, levels[level].form)
            text = text.replace(f"%{level + 1}", shown)
    return text


def figure(count: int, form: str) -> str:
    """A count in the figures of a list.

    Examples
    --------
    >>> figure(21, "chineseCounting"), figure(4, "upperRoman"), figure(3, "decimalEnclosedCircle")
    ('二十一', 'IV', '③')
    """
    if form.startswith(("chineseCounting", "japaneseCounting", "taiwaneseCounting", "ideographT")):
        return chinese(count)
    if form.endswith("Roman"):
        roman = _roman(count)
        return roman if form.startswith("upper") else roman.lower()
    if form.endswith("Letter"):
        letter = chr(ord("A") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letter if form.startswith("upper") else letter.lower()
    if form.startswith("decimalEnclosedCircle") and 1 <= count <= 20:
        return chr(0x2460 + count - 1)
    if form == "decimalFullWidth":
        return "".join(chr(0xFF10 + int(d)) for d in str(count))
    if form == "ideographDigital":
        return "".join("〇一二三四五六七八九"[int(d)] for d in str(count))
    return f"{count:02}" if form == "decimalZero" else str(count)


def chinese(count: int) -> str:
    """A count below a hundred in Chinese figures; above in plain digits."""
    tens, ones = divmod(count, 10)
    if not 0 < count < 100:
        return str(count)
    head = {0: "", 1: "十"}.get(tens, _DIGITS[tens] + "十")
    return head + (_DIGITS[ones] if ones else "")


def _roman(count: int) -> str:
    text = ""
    for value, sign in _ROMAN:
        times, count = divmod(count, value)
        text += sign * times
    return text


def numbering_of(root: Any) -> Numbering:
    """The lists that numbering.xml declares; none without it."""
    if root is None:
        return Numbering({}, {}, {})
    levels = {
        scheme.get(W + "abstractNumId"): {
            int(level.get(W + "ilvl")): _level(level) for level in scheme.iter(W + "lvl")
        }
        for scheme in root.iter(W + "abstractNum")
    }
    lists, restarts = {}, {}
    for one in root.iter(W + "num"):
        number = one.get(W + "numId")
        lists[number] = one.find(W + "abstractNumId").get(W + "val")
        for change in one.iter(W + "lvlOverride"):
            start = change.find(W + "startOverride")
            if start is not None:
                restarts[number, int(change.get(W + "ilvl"))] = int(start.get(W + "val"))
    return Numbering(levels, lists, restarts)


def _level(node: Any) -> Level:
    def value(name: str, default: str) -> str:
        found = node.find(W + name)
        return default if found is None else found.get(W + "val") or default

    return Level(int(value("start", "1")), value("numFmt", "decimal"), value("lvlText", ""))
