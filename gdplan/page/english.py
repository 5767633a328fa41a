"""Numbers to English words, for researchers; the same names as ``wording``, which is Chinese.

Names, units and departments come from plan.yml (``name_en``, ``terms_en``) and locale/en.yml; what
has no English stays Chinese rather than being guessed.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from gdplan.files.places import texts_of
from gdplan.model import VERDICT_EN, Bound, Comparator, Reason, Verdict
from gdplan.notation import parse_target
from gdplan.page import chinese as zh

if TYPE_CHECKING:
    from gdplan.model import Plan
    from gdplan.page.evaluated import Explained, Judged, Published

EMPTY = zh.EMPTY
MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
COMPARATORS = {
    Comparator.AT_LEAST: "at least ", Comparator.AT_MOST: "at most ",
    Comparator.ABOVE: "more than ", Comparator.BELOW: "less than ",
    Comparator.ABOUT: "about ", Comparator.KEEP: "keep at ",
}  # fmt: skip
rounded = zh.rounded
percent = zh.percent


def term(text: str) -> str:
    """A fixed word of the assessment in English, or itself."""
    found = texts_of("en").get(f"terms.{text}", text)
    return found if isinstance(found, str) else text


def own_words(row: Judged, plan: Plan) -> dict[str, str]:
    """Fields of a judgement that the language names otherwise: name, unit, department, region."""
    fields = {"unit": row.unit, "department": row.department, "region_name": row.region_name}
    words = {field: plan.terms_en.get(text, term(text)) for field, text in fields.items()}
    return words | {"name": row.name_en or row.name}


def section_name(text: str, plan: Plan) -> str:
    """A section of the plan in English, or in Chinese without its number."""
    return plan.terms_en.get(text, zh.section_name(text, plan))


def cell(raw: str) -> str:
    """A plan cell for a table: brackets stay, words become English."""
    text = plan_cell(raw, "")
    return f"[{text}]" if raw.strip()[:1] in ("[", "〔") and text != EMPTY else text


def amount(x: float, unit: str, decimals: int) -> str:
    """A figure with its unit; shares read ``72%``, counts ``411.63 (10,000 persons)``."""
    return _with_unit(rounded(x, decimals), unit)


def _with_unit(text: str, unit: str) -> str:
    if unit in ("", EMPTY) or text == EMPTY:
        return text
    if unit == "%":
        return text + unit
    # A unit that is itself a number stands apart from the figure.
    return f"{text} ({unit})" if unit[:1].isdigit() else f"{text} {unit}"


def change(x: float, unit: str, decimals: int) -> str:
    """The size of a change: shares change by percentage points, never by per cent.

    Examples
    --------
    >>> change(12, "%", 0)
    '12 percentage points'
    """
    if math.isnan(x):
        return EMPTY
    number = rounded(abs(x), decimals)
    return f"{number} percentage points" if unit == "%" else _with_unit(number, unit)


def value_text(row: Judged, *, unit: bool = False) -> str:
    """The judged value with the wording of its bound: at most 5.5, more than 143, about 850."""
    if not row.inputs:
        return EMPTY
    if row.kind.parts:
        return row.inputs[-1].raw
    if row.kind.gain:
        return row.inputs[-1].raw + zh.added(row).replace("（", " (").replace("）", ")")
    number = rounded(row.value, zh.shown_decimals(row))
    number = _with_unit(number, row.unit) if unit else number
    if Reason.MISSING_YEARS in row.reasons:
        return f"at least {number}"
    return _bounded(number, {f.bound for f in row.inputs})


def _bounded(number: str, bounds: set[str]) -> str:
    if Bound.AT_MOST in bounds:
        return f"at most {number}"
    if Bound.AT_LEAST in bounds:
        return f"more than {number}"
    return f"about {number}" if Bound.APPROX in bounds else number


def data_date(row: Judged) -> str:
    """Up to when the judged value speaks: 2023, or Jun 2023 for a part-year figure."""
    if math.isnan(row.data_year):
        return EMPTY
    year, month = int(row.data_year), int(row.data_month)
    return str(year) if month == 12 else f"{MONTHS[month]} {year}"


def verdict_word(verdict: Verdict) -> str:
    """The verdict in English."""
    return VERDICT_EN[Verdict(verdict)]


def verdict_text(row: Judged, *, dated: bool = True) -> str:
    """The verdict with its qualifiers: borderline, and data up to for an older figure."""
    words = [] if row.firm else ["borderline"]
    older = row.data_year < row.year or row.data_month < 12
    if dated and older:
        words.append(f"data up to {data_date(row)}")
    return ", ".join([verdict_word(row.verdict), *words])


def reason_text(row: Explained) -> str:
    """The reasons of a row as clauses, with the years that are missing."""
    clauses = []
    for reason in row.reasons:
        text = zh.reason_word(reason, "en")
        if reason is Reason.MISSING_YEARS and row.missing_years:
            text += f" ({', '.join(map(str, row.missing_years))})"
        if reason is Reason.STALE and not math.isnan(row.last_year):
            text += f" ({int(row.last_year)})"
        if reason is Reason.BORDERLINE and row.decided_by:
            text += f" (decided by {decided_by(row)})"
        if reason in zh.CALIBER_REASONS and row.caliber:
            text += f" ({row.caliber})"
        if reason is Reason.TARGET_REVISED and row.revised:
            former, newest = row.revised[-2:]
            text += f" ({cell(former.target.raw)} until {newest.issued}, {newest.document})"
        clauses.append(text)
    return "; ".join(clauses)


def decided_by(row: Explained) -> str:
    """The figure that decides a borderline verdict."""
    text = re.sub(r"(\d+)年 ([^（；]+)（([^）]*)）", r"\1: \2 (\3)", row.decided_by)
    return text.replace("基期数 ", "base ").replace("；", "; ")


def plan_cell(raw: str, unit: str) -> str:
    """A plan cell for running text: 550 (10,000 persons), at most 4%, keep stable.

    Examples
    --------
    >>> plan_cell("4以内", "%"), plan_cell("[550]", ""), plan_cell("保持稳定", "%")
    ('at most 4%', '550', 'keep stable')
    """
    target = parse_target(raw)
    if target.comparator is Comparator.KEEP and target.value is None:
        return "keep stable"
    if target.parts and target.value is not None:
        ratio = re.sub(r"[^\d.:∶：]", "", raw).replace("∶", ":").replace("：", ":")
        return COMPARATORS.get(target.comparator, "") + ratio
    if target.value is None:
        return raw if re.search(r"\w", raw) else EMPTY
    word = COMPARATORS.get(target.comparator, "")
    return word + _with_unit(rounded(target.value, target.decimals), unit)


def since_base(row: Judged) -> str:
    """The change since the base: up 12 percentage points, down 4 (persons), unchanged."""
    delta, decimals = row.value - row.base, zh.change_decimals(row)
    if rounded(abs(delta), decimals) == rounded(0, decimals):
        return "unchanged"
    return moved(delta, row.unit, decimals)


def moved(x: float, unit: str, decimals: int) -> str:
    """A change with its direction: up 12 percentage points."""
    return f"{'up' if x >= 0 else 'down'} {change(x, unit, decimals)}"


def since_start(row: Judged, base_year: int) -> str:
    """The years that growth is told of: up to the date of the data."""
    return data_date(row)


def since_clause(row: Judged, base_year: int) -> str:
    """The change since the base as a clause of a sentence."""
    return f", {since_base(row)} since the base"


def distance_text(row: Judged) -> str:
    """How far past a cap or floor, or short of it: 0.6 percentage points below the cap."""
    if row.kind.parts:
        decimals = max(zh.decimals_of(row), 1)
        return f"{change(row.distance, '%', decimals)} from the target"
    cap, tolerant, decimals = zh.nearer_bound(row)
    gap = change(row.distance, row.unit, decimals)
    if row.met and rounded(abs(row.distance), decimals) == rounded(0, decimals):
        return "exactly on the target"
    bound = ("cap" if cap else "floor") + (" of the tolerance" if tolerant else "")
    above = (not row.met) if cap else row.met
    return f"{gap} {'above' if above else 'below'} the {bound}"


def figure_date(figure: Published) -> str:
    """Of what time a published figure speaks: 2023, Jan-Jun 2023, sum up to 2023."""
    year, month = figure.year, figure.month
    if figure.period == "cumulative":
        return f"sum up to {year}"
    if figure.period == "since_launch":
        return f"launch to {year}"
    if figure.period == "ytd":
        return f"part of {year}" if math.isnan(month) else f"to {MONTHS[int(month)]} {year}"
    return f"end of {year}" if figure.period == "year_end" else str(year)


def figure_text(figure: Published) -> str:
    """A published figure with the wording of its bound."""
    raw = figure.raw.strip("[]〔〕").removesuffix("以内").strip()
    return _bounded(raw, {figure.bound})
