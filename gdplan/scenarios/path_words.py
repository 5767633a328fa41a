"""An assumed path in words and tables: what comes of it, how likely, and against what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from gdplan.model import Mode, Reason, Revision
from gdplan.outlook.paths import growth_of, required_growth
from gdplan.outlook.what_if import Assumption, Prospect, prospect
from gdplan.page.blocks import Align, Table
from gdplan.page.language import Language, language

if TYPE_CHECKING:
    from gdplan.assessment.start import Start

MODERATE = 7
"""Points from which the evidence is called moderate (METHOD 5)."""


@dataclass(frozen=True, slots=True)
class _Explained:
    reasons: tuple[Reason, ...]
    last_year: float
    missing_years: tuple[int, ...] = ()
    decided_by: str = ""
    caliber: str = ""
    revised: tuple[Revision, ...] = ()


def headline(start: Start, found: Prospect | None, *, lang: str = "zh") -> str:
    """HTML: the target year's value, the probability with its evidence, and where it starts."""
    say = language(lang)
    name, _ = named(start, say)
    lines = [("p", "gd-where", say("explore.region", region=_region(start, say), name=name))]
    if start.simulated:
        lines.append(("p", "gd-simulated", say("simulated")))
    if found is not None and found.known:
        lines.append(("p", "gd-value", _value(start, found, say)))
        lines.append(("p", "gd-chance", _chance(found, say)))
        lines.append(("p", "gd-band", _band(start, found, say)))
    reasons = reasons_text(start, found, say)
    if reasons:
        lines.append(("p", "gd-reasons", say("explore.reasons", reasons=reasons)))
    if start.sources:
        lines.append(("p", "gd-sources", _sources(start, say)))
    inner = "".join(f'<{tag} class="{kind}">{escape(text)}</{tag}>' for tag, kind, text in lines)
    return f'<div class="gd-headline" role="status" aria-live="polite">{inner}</div>'


def yearly(start: Start, found: Prospect, *, lang: str = "zh") -> Table:
    """The path year by year, with its intervals."""
    say = language(lang)
    name, unit = named(start, say)
    made = start.indicator.kind.accumulates
    header = [say("explore.years"), *([say("explore.figure")] if made else []), _makes(start, say)]
    header += [say("explore.calm"), *(say("explore.interval", level=n) for n in (80, 95))]
    rows = [_row(start, found, i, say, made=made) for i in range(len(found.years))]
    right: list[Align] = ["right" for _ in header[1:]]
    caption = say("explore.table", name=name, unit=unit)
    rows = [_latest(start, say, made=made), *rows]
    return Table(caption, tuple(header), tuple(rows), ("left", *right))


def paces(
    start: Start, assumed: Assumption, found: Prospect, *, lang: str = "zh"
) -> Table:  # fmt: skip
    """The trend, the growth that just reaches the target, and the assumed one, side by side."""
    say = language(lang)
    name, _ = named(start, say)
    course, increment, rows = start.course, assumed.increment, []
    for key, way in (("trend", growth_of), ("required", required_growth)):
        growth = way(course, increment=increment)
        usable = math.isfinite(growth) and (increment or growth > -1)
        way_on = Assumption(growth, increment, trend=key == "trend")
        made = prospect(course, way_on) if usable else None
        rows.append(_pace(say(f"explore.pace_{key}"), growth, made, start, assumed, say))
    rows.append(_pace(say("explore.pace_assumed"), assumed.growth, found, start, assumed, say))
    end = say("explore.end", year=course.until)
    header = (say("explore.pace"), say("explore.growth_value"), end, say("explore.chance"))
    return Table(say("explore.paces", name=name), header, tuple(rows),
                 ("left", "right", "right", "right"))  # fmt: skip


def growth_text(growth: float, start: Start, say: Language, *, increment: bool) -> str:
    """A growth with its sign: +3.2%, -19.4万人, +0.4个百分点.

    Examples
    --------
    >>> from gdplan.page.language import language
    >>> growth_text(0.032, None, language("zh"), increment=False)
    '+3.2%'
    """
    if math.isnan(growth):
        return say.words.amount(growth, "", 0)
    sign = "-" if growth < 0 else "+"
    if not increment:
        return sign + say.words.amount(abs(growth) * 100, "%", 1)
    _, unit = named(start, say)
    return sign + say.words.change(growth, unit, shown_decimals(start) + 1)


def named(start: Start, say: Language) -> tuple[str, str]:
    """Name and unit of an indicator in a language."""
    item = start.indicator
    name = item.name if say.code == "zh" else item.name_en or item.name
    return name, say.words.term(item.unit)


def shown_decimals(start: Start) -> int:
    """Decimals a projected figure is shown with: as printed, of shares at least one."""
    return max(start.decimals, int(start.indicator.unit == "%"))


def reasons_text(start: Start, found: Prospect | None, say: Language) -> str:
    """Why something is not known, and what qualifies the rest."""
    own = (found.reason,) if found is not None and found.reason else ()
    reasons = dict.fromkeys((*own, *start.reasons, *start.remarks))
    last = start.course.years[-1] if start.course.years else math.nan
    return say.words.reason_text(_Explained(tuple(reasons), last, revised=start.indicator.revised))


def _sources(start: Start, say: Language) -> str:
    first, *more = start.sources
    listed = say("charts.source_many", first=first, n=len(start.sources)) if more else first
    return say("explore.sources", sources=listed)


def _region(start: Start, say: Language) -> str:
    return say.words.term(start.region_name)


def _value(start: Start, found: Prospect, say: Language) -> str:
    item, unit = start.indicator, named(start, say)[1]
    decimals = shown_decimals(start)
    value = say.words.amount(float(found.judged[-1]), unit, decimals)
    parts = [say("explore.headline", year=found.years[-1], value=value)]
    if math.isnan(found.gap):
        return say("join.clause").join([*parts, say("explore.no_target")])
    parts.append(say("explore.target", target=say.words.plan_cell(item.target.raw, unit)))
    gap = say.words.change(found.gap, unit, decimals)
    parts.append(say("explore.missed", gap=gap) if found.gap else say("explore.reached"))
    return say("join.clause").join(parts)


def _chance(found: Prospect, say: Language) -> str:
    if math.isnan(found.probability):
        return say("explore.no_probability")
    grade = say("explore.moderate" if found.n >= MODERATE else "explore.thin")
    text = say("explore.probability", p=say.chance(found.probability))
    return say("join.clause").join([text, say("explore.evidence", grade=grade, n=found.n)])


def _band(start: Start, found: Prospect, say: Language) -> str:
    course, unit, decimals = start.course, named(start, say)[1], shown_decimals(start)
    value = say.words.amount(course.value, unit, start.last_decimals)
    parts = [say("explore.start", year=course.year, value=value)]
    if not math.isnan(float(found.quantiles[1, -1])):
        low, high = (say.words.amount(float(found.quantiles[i, -1]), "", decimals) for i in (1, 2))
        parts.append(say("explore.band", year=found.years[-1], low=low, high=high))
    return say("join.clause").join(parts)


def _makes(start: Start, say: Language) -> str:
    if start.indicator.kind.mode is Mode.SUM:
        return say("explore.judged")
    if start.indicator.kind.mode is Mode.CHAIN:
        return say("explore.change" if start.course.total else "explore.average")
    return say("explore.level")


def _latest(start: Start, say: Language, *, made: bool) -> tuple[str, ...]:
    course = start.course
    blank = say.words.amount(math.nan, "", 0)
    year = say("explore.latest", year=course.year)
    last = say.words.amount(course.value, "", start.last_decimals)
    so_far = [say.words.amount(course.now, "", start.decimals)] if made else []
    return (year, last, *so_far, *([blank] * 3))


def _row(start: Start, found: Prospect, i: int, say: Language, *, made: bool) -> tuple[str, ...]:
    decimals = shown_decimals(start)

    def number(x: float) -> str:
        return say.words.amount(float(x), "", decimals)

    def interval(low: int, high: int) -> str:
        ends = (float(found.quantiles[k, i]) for k in (low, high))
        if math.isnan(found.quantiles[low, i]):
            return number(math.nan)
        return " — ".join(map(number, ends))

    figure = [number(found.figures[i])] if made else []
    return (str(found.years[i]), *figure, number(found.judged[i]), number(found.calm[i]),
            interval(1, 2), interval(0, 3))  # fmt: skip


def _pace(
    label: str, growth: float, made: Prospect | None, start: Start, assumed: Assumption,
    say: Language,
) -> tuple[str, ...]:  # fmt: skip
    text = growth_text(growth, start, say, increment=assumed.increment)
    if made is None or not made.known:
        blank = say.words.amount(math.nan, "", 0)
        return label, text, blank, blank
    end = say.words.amount(float(made.judged[-1]), "", shown_decimals(start))
    return label, text, end, say.chance(made.probability)
