"""Breaks of caliber (口径): where the figures of a series stop meaning what the plan meant.

Breaks are data (data/raw/calibers.yml), each with its reason, its source and the day it was
published. From the year of a break on, figures are linked back to the plan's caliber by a factor,
or judged against a base and a target restated in the new caliber, or not compared at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
from pydantic import Field

from gdplan.dates import day_of, end_of
from gdplan.files import places, strict_yaml
from gdplan.files.strict_yaml import Strict
from gdplan.model import Indicator, Mode, Period, Plan, Reason
from gdplan.notation import parse_target
from gdplan.observations.annual_targets import AnnualTarget, has_number
from gdplan.problems import Problem, ProblemError, closest, refuse

if TYPE_CHECKING:
    import pandas as pd

ANYWHERE = "*"
EXTRA_DIGITS = 2
"""A linked figure is printed with so many digits more than the figure that was published."""


class Restated(Strict):
    """Base and target of a plan's indicator in the new caliber, as plan cells."""

    plan: str
    base: str
    target: str | None = None


class Break(Strict):
    """One break of one series; exactly one of ``link``, ``restated`` and ``comparable`` is given.

    ``link`` is the new caliber over the old. Real breaks do not touch simulated figures, nor
    simulated ones real figures.
    """

    indicator: str
    region: str = Field(default=ANYWHERE, pattern=r"^(\*|\d{6})$")
    year: int = Field(ge=1949, le=2200)
    published: str
    reason: str = Field(min_length=4)
    source: str = Field(min_length=2)
    link: float | int | None = Field(default=None, gt=0, allow_inf_nan=False)
    restated: Restated | None = None
    comparable: Literal[False] | None = None
    simulated: bool = False


class CaliberFile(Strict):
    """The whole of data/raw/calibers.yml."""

    breaks: list[Break]


@dataclass(frozen=True, slots=True)
class Linked:
    """Figures and plan in one caliber.

    ``rows`` are the figures that can be judged, ``plan`` holds restated bases and targets, and
    ``told`` says per indicator number which breaks apply, each with its reason.
    """

    rows: pd.DataFrame
    plan: Plan
    told: Mapping[str, tuple[tuple[Reason, str], ...]]


Dated = TypeVar("Dated", Break, AnnualTarget)


def read(path: Path) -> tuple[Break, ...]:
    """The breaks of a file in the order of their years; none when there is no file.

    Raises
    ------
    ProblemError
        With every fault at once: unknown keys, a date that cannot be read, two breaks of one
        series in one year, more or fewer than one way to go on, cells that cannot be read.
    """
    if not path.is_file():
        return ()
    document = strict_yaml.read_yaml(path)
    breaks = strict_yaml.validate(CaliberFile, document).breaks
    problems: list[Problem] = []
    for place, each in enumerate(breaks):
        where = f"{path.name}:{document.lines.get(('breaks', str(place)), 1)}"
        problems += _faults(each, breaks[:place], where)
    refuse(problems)
    return tuple(sorted(breaks, key=lambda b: b.year))


def checked(path: Path, names: Iterable[str]) -> tuple[Break, ...]:
    """The breaks of a file, of series and regions that are known.

    Raises
    ------
    ProblemError
        For the faults of :func:`read`, and for a name or a region that neither a plan nor the
        figures nor the register of regions knows: such a break would never apply.
    """
    breaks = read(path)
    if not breaks:
        return ()
    problems = unknown_names(breaks, places.plan_names() | set(names))
    problems += [
        Problem("unknown_region", f"calibers.yml（{b.indicator}，{b.year}年）", "不认识的地区代码",
                "GB/T 2260 或 data/raw/regions.csv 中的代码或 *", b.region)
        for b in breaks if b.region not in (ANYWHERE, *places.regions())
    ]  # fmt: skip
    refuse(problems)
    return breaks


def known(entries: Iterable[Dated], as_of: str | date | None) -> tuple[Dated, ...]:
    """The breaks or yearly targets that were published on a day; all of them without a day."""
    if as_of is None:
        return tuple(entries)
    day = day_of(as_of)
    return tuple(entry for entry in entries if end_of(entry.published) <= day)


def link(
    rows: pd.DataFrame, breaks: Sequence[Break], plan: Plan, *, region: str, year: int
) -> Linked:
    """Bring the figures of one region into the caliber of the plan, as of a data year.

    Parameters
    ----------
    rows : DataFrame
        Chosen figures of the region, columns of :data:`gdplan.model.OBSERVATION_COLUMNS`.
    breaks : sequence of Break
        Those known when the assessment is made.
    year : int
        Evaluated year; breaks after it do not apply.

    Raises
    ------
    ProblemError
        For a factor on an indicator that is a growth rate or a composition: neither can be
        multiplied.
    """
    simulated = bool(rows["simulated"].any()) if len(rows) else False
    mine = [b for b in breaks if b.year <= year and b.region in (ANYWHERE, region)
            and b.simulated == simulated]  # fmt: skip
    told: dict[str, tuple[tuple[Reason, str], ...]] = {}
    items = []
    for printed in plan.indicators:
        item = printed
        for each in _in_force(mine, rows, item, plan.id):
            rows, item, notes = _applied(rows, item, each, year)
            told[item.no] = (*told.get(item.no, ()), *notes)
        items.append(item)
    return Linked(rows, replace(plan, indicators=tuple(items)), told)


def _in_force(
    breaks: Iterable[Break], rows: pd.DataFrame, item: Indicator, plan: str
) -> list[Break]:
    """The breaks of an indicator; a restatement that has figures makes an end of earlier ones."""
    names = (item.name, *item.aliases)
    own = [b for b in breaks if b.indicator in names
           and (b.restated is None or b.restated.plan == plan)]  # fmt: skip
    years = rows.loc[rows["indicator"].isin(names), "year"]
    anew = [i for i, b in enumerate(own) if b.restated is not None and (years >= b.year).any()]
    return own[anew[-1] :] if anew else own


def _applied(
    rows: pd.DataFrame, item: Indicator, each: Break, year: int
) -> tuple[pd.DataFrame, Indicator, list[tuple[Reason, str]]]:
    mine = rows["indicator"].isin((item.name, *item.aliases))
    after = mine & (rows["year"] >= each.year)
    if not (after & (rows["year"] <= year)).any():
        return rows, item, []
    said = f"{each.year}年起口径变化：{each.reason}（{each.source}，{each.published}）"
    if each.link is not None:
        if item.kind.parts or item.kind.mode is Mode.CHAIN:
            raise ProblemError.of("not_linkable",
                                  f"calibers.yml（{item.no} {item.name}，{each.year}年）",
                                  "增长率和构成不能用系数换算", "comparable: false 或 restated",
                                  f"link: {each.link:g}")  # fmt: skip
        across = after & rows["period"].eq(Period.CUMULATIVE) & ~(rows["start"] >= each.year)
        linked = _divided(rows, after & ~across, float(each.link))
        note = f"{said}，按换算系数{each.link:g}换回规划口径"
        return linked[~across], item, [(Reason.LINKED, note)]
    if each.restated is not None:
        note = f"{said}，基期数、目标值按新口径为{each.restated.base}、{_target(item, each)}"
        return rows[~mine | after], _restated(item, each), [(Reason.RESTATED, note)]
    return rows[~after], item, [(Reason.CALIBER, f"{said}，与规划口径不可比")]


def _divided(rows: pd.DataFrame, which: pd.Series[bool], factor: float) -> pd.DataFrame:
    out = rows.copy()
    for column in ("value", "low", "high"):
        out.loc[which, column] = rows.loc[which, column] / factor
    printed, notes = rows.loc[which, "raw"], rows.loc[which, "note"]
    moved = zip(printed, out.loc[which, "value"], strict=True)
    out.loc[which, "raw"] = [_shown(raw, value) for raw, value in moved]
    marks = "原数" + printed + f"，口径换算系数{factor:g}；"
    out.loc[which, "note"] = (marks + notes).str.rstrip("；")
    return out


def _shown(raw: str, value: float) -> str:
    places = len(raw.partition(".")[2]) + EXTRA_DIGITS
    return f"{np.round(value, places):.{places}f}"


def _restated(item: Indicator, each: Break) -> Indicator:
    assert each.restated is not None
    base, target = (parse_target(cell, unit=item.unit or None)
                    for cell in (each.restated.base, _target(item, each)))  # fmt: skip
    return replace(item, base=base, target=target)


def _target(item: Indicator, each: Break) -> str:
    """The restated target; one that the plan was given later is in the new caliber already."""
    later = item.revised and end_of(item.revised[-1].issued) > end_of(each.published)
    restated = each.restated and not later and each.restated.target
    return restated or item.target.raw


def _faults(each: Break, earlier: Sequence[Break], where: str) -> Iterator[Problem]:
    name = f"{where}（{each.indicator}，{each.year}年）"
    ways = [w for w in ("link", "restated", "comparable") if getattr(each, w) is not None]
    if len(ways) != 1:
        yield Problem("one_way", name, "口径变化应有且只有一种处理",
                      "link、restated、comparable: false 三者之一", "、".join(ways) or "没有写"
                      )  # fmt: skip
    try:
        end_of(each.published)
    except ProblemError as error:
        yield from (replace(p, where=f"{name} {p.where}") for p in error.problems)
    same = (each.indicator, each.year, each.simulated)
    if any((b.indicator, b.year, b.simulated) == same and _overlap(b, each) for b in earlier):
        yield Problem("double_break", name, "同一序列同一年有两条口径变化", expected="一条")
    cells = (each.restated.base, each.restated.target) if each.restated else ()
    for cell in filter(None, cells):
        if not has_number(cell):
            yield Problem("unreadable_cell", name, "重述的基期数或目标值读不出数", found=cell)


def _overlap(a: Break, b: Break) -> bool:
    return ANYWHERE in (a.region, b.region) or a.region == b.region


def unknown_names(breaks: Iterable[Break], names: Iterable[str]) -> list[Problem]:
    """Breaks of series that nothing knows, with the closest name."""
    there = sorted(set(names))
    return [
        Problem("unknown_indicator", f"calibers.yml（{b.indicator}，{b.year}年）",
                "没有这个指标或序列", fix=closest(b.indicator, there))
        for b in breaks if b.indicator not in there
    ]  # fmt: skip
