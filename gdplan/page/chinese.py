"""Numbers to Chinese words: half-up rounding, units, 百分点, dates of data, verdict sentences."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING

from gdplan.files.places import texts_of
from gdplan.model import Bound, Comparator, Mode, Reason, Verdict
from gdplan.notation import NUMERALS

if TYPE_CHECKING:
    from gdplan.model import Plan
    from gdplan.page.evaluated import Explained, Judged, Published
    from gdplan.page.language import Language

EMPTY = "—"
FARTHEST = 2.0
"""No share of a way or completion is printed above this, and none below -100 %."""
CALIBER_REASONS = (Reason.CALIBER, Reason.LINKED, Reason.RESTATED)
_SIGNS = {">=": "不低于", "≥": "不低于", "<=": "不高于", "≤": "不高于", ">": "超过", "＞": "超过",
          "<": "低于", "＜": "低于"}  # fmt: skip
_HALF_UP = Context(prec=400, rounding=ROUND_HALF_UP)
_TOLERANT = (Comparator.ABOUT, Comparator.KEEP)


def own_words(row: Judged, plan: Plan) -> dict[str, str]:
    """Fields of a judgement that the language names otherwise; in Chinese none."""
    return {}


def term(text: str) -> str:
    """A fixed word of the assessment: Chinese as it is."""
    return text


def section_name(text: str, plan: Plan) -> str:
    """A section of the plan without its number: 一、就业 is 就业."""
    return re.sub(rf"^[{NUMERALS}]+[、.．]\s*", "", text)


def cell(raw: str) -> str:
    """A plan cell for a table, as printed."""
    return raw


def rounded(x: float, decimals: int) -> str:
    """Half-up rounding as yearbooks print it; nan is ``—``.

    Halves are those of the decimal figures: (62.47 - 60) / 20 is 0.1235, not the 0.12349999... of
    binary arithmetic.

    Examples
    --------
    >>> rounded(0.125, 2), rounded(-2.5, 0), rounded(float("nan"), 1)
    ('0.13', '-3', '—')
    """
    if x is None or math.isnan(x):
        return EMPTY
    if math.isinf(x):
        return "∞" if x > 0 else "-∞"
    step = Decimal(1).scaleb(-decimals)
    exact = Decimal(repr(float(x))).quantize(step.scaleb(-6), context=_HALF_UP)
    out = exact.quantize(step, context=_HALF_UP)
    return f"{out:f}" if out else f"{abs(out):f}"


def percent(share: float, decimals: int = 1) -> str:
    """A fraction as percent: 0.748 is 74.8%.

    Examples
    --------
    >>> percent(0.7484)
    '74.8%'
    """
    if share is None or math.isnan(share):
        return EMPTY
    return rounded(float(Decimal(repr(float(share))) * 100), decimals) + "%"


def within(share: float) -> bool:
    """Whether a share of a way can be printed as one."""
    return not (share > FARTHEST or share < -1)


def bounded(share: float) -> str:
    """A share of a way as percent; beyond -100 to 200 % it says no more than that."""
    return ">200%" if share > FARTHEST else "<-100%" if share < -1 else percent(share)


def progress_text(row: Judged, say: Language, share: float | None = None) -> str:
    """The share of the way as percent; beyond -100 to 200 % the difference in the unit instead:
    已超目标4.6万人."""
    share = row.progress if share is None else share
    if within(share):
        return percent(share)
    key, other = ("passed", row.target) if share > 1 else ("below", row.base)
    side = "more" if row.value > other else "less"
    off = say.words.change(row.value - other, row.unit, change_decimals(row))
    return say(f"progress.{key}_{side}", difference=off)


def completion_text(share: float, say: Language) -> str:
    """A completion as percent, above 200 % as a multiple: 目标的3.5倍."""
    if not share > FARTHEST:
        return percent(share)
    return say("progress.multiple", times=rounded(share, 1))


def amount(x: float, unit: str, decimals: int) -> str:
    """A figure with its unit; shares read ``72%``."""
    return rounded(x, decimals) + ("" if unit in ("", EMPTY) else unit)


def change(x: float, unit: str, decimals: int) -> str:
    """The size of a change: shares change by 个百分点, never by %.

    Examples
    --------
    >>> change(12, "%", 0), change(-97, "万人", 0)
    ('12个百分点', '97万人')
    """
    if math.isnan(x):
        return EMPTY
    return amount(abs(x), "个百分点" if unit == "%" else unit, decimals)


def decimals_of(row: Judged) -> int:
    """Digits after the point of the most precise input."""
    return max((digits(f.raw) for f in row.inputs), default=0)


def digits(raw: str) -> int:
    """Digits after the point of the most precise number in a text."""
    return max(map(len, re.findall(r"[.．](\d+)", raw)), default=0)


def value_text(row: Judged, *, unit: bool = False) -> str:
    """The judged value with the wording of its bound: 5.5以内, 超143, 约850."""
    if not row.inputs:
        return EMPTY
    if row.kind.parts:
        return row.inputs[-1].raw
    if row.kind.gain:
        return row.inputs[-1].raw + added(row)
    number = rounded(row.value, shown_decimals(row))
    if unit and row.unit not in ("", EMPTY):
        number += row.unit
    bounds = {f.bound for f in row.inputs}
    if Reason.MISSING_YEARS in row.reasons:
        return f"至少{number}"
    if Bound.AT_MOST in bounds:
        return f"{number}以内"
    if Bound.AT_LEAST in bounds:
        return f"超{number}"
    return f"约{number}" if Bound.APPROX in bounds else number


def shown_decimals(row: Judged) -> int:
    """Digits to tell the value in: those of its figures, more where a mean or a chain would print
    like a target that it has not met."""
    decimals = decimals_of(row)
    made = row.kind.mode is Mode.CHAIN or row.kind.mean
    while made and not row.met and decimals < 6 and (
        rounded(row.value, decimals) == rounded(row.target, decimals) != EMPTY
    ):  # fmt: skip
        decimals += 1
    return decimals


def added(row: Judged) -> str:
    """What a figure adds to the base, with its sign: （+1.3）."""
    number = rounded(row.value, change_decimals(row))
    return f"（{number if number.startswith('-') else '+' + number}）"


def data_date(row: Judged) -> str:
    """Up to when the judged value speaks: 2023年, or 2023年6月 for a part-year figure."""
    return EMPTY if math.isnan(row.data_year) else month_text(row.data_year, row.data_month)


def month_text(year: float, month: float) -> str:
    """A year that is over, or its month: 2023年, 2023年6月."""
    return f"{int(year)}年" if month == 12 else f"{int(year)}年{int(month)}月"


def verdict_word(verdict: Verdict) -> str:
    """The verdict alone."""
    return str(verdict)


def verdict_text(row: Judged, *, dated: bool = True) -> str:
    """The verdict with its qualifiers: 临界, and 数据截至 for an older or part-year figure."""
    words = [] if row.firm else ["临界"]
    older = row.data_year < row.year or row.data_month < 12
    if dated and older:
        words.append(f"数据截至{data_date(row)}")
    return str(row.verdict) + (f"（{'；'.join(words)}）" if words else "")


def reason_word(reason: str, lang: str = "zh") -> str:
    """A reason in the words of a language; what is no reason stays as it is.

    Examples
    --------
    >>> reason_word("no_data"), reason_word(Reason.NO_DATA, "en"), reason_word("own")
    ('评估期内没有可用数据', 'no figure in the plan years', 'own')
    """
    return str(texts_of(lang).get(f"reasons.{reason}", reason))


def reason_text(row: Explained) -> str:
    """The reasons of a row as Chinese clauses, with the years that are missing."""
    clauses = []
    for reason in row.reasons:
        text = reason_word(reason)
        if reason is Reason.MISSING_YEARS and row.missing_years:
            text += f"（{'、'.join(map(str, row.missing_years))}年）"
        if reason is Reason.STALE and not math.isnan(row.last_year):
            text += f"（最新为{int(row.last_year)}年）"
        if reason is Reason.BORDERLINE and row.decided_by:
            text += f"（取决于{row.decided_by}）"
        if reason in CALIBER_REASONS and row.caliber:
            text += f"（{row.caliber}）"
        if reason is Reason.TARGET_REVISED and row.revised:
            former, newest = row.revised[-2:]
            text += f"（原目标{former.target.raw}，{newest.issued}由{newest.document}调整）"
        clauses.append(text)
    return "；".join(clauses)


def decided_by(row: Explained) -> str:
    """The figure that decides a borderline verdict."""
    return row.decided_by


def plan_cell(raw: str, unit: str) -> str:
    """A plan cell with its unit for running text: 550万人, 4%以内, 保持稳定."""
    text = raw.strip("[]〔〕").replace(" ", "")
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    digits = [i for i, c in enumerate(text) if c.isdigit()]
    if not digits or unit in ("", EMPTY) or unit in text:
        return text
    number, tail = text[: digits[-1] + 1], text[digits[-1] + 1 :]
    rest = tail.lstrip("十百千万亿%％‰")
    own = tail.removesuffix(rest)
    return number + unit + rest if unit.startswith(own) else text


def has_change(row: Judged) -> bool:
    """Whether base and value are both figures, not bounds, so that their difference means
    something."""
    bounded = {f.bound for f in row.inputs} - {Bound.EXACT}
    known_base = row.base_low < row.base < row.base_high
    plain = row.kind.way
    return bool(known_base and not bounded and plain and not math.isnan(row.value))


def change_decimals(row: Judged) -> int:
    """Digits in which value and base can be compared."""
    return max(decimals_of(row), digits(row.base_raw))


def since_base(row: Judged) -> str:
    """The change since the base: 提高12个百分点, 减少4万人, 持平."""
    delta, decimals = row.value - row.base, change_decimals(row)
    if rounded(abs(delta), decimals) == rounded(0, decimals):
        return "持平"
    return moved(delta, row.unit, decimals)


def moved(x: float, unit: str, decimals: int) -> str:
    """A change with its direction: 提高12个百分点, 减少4万人."""
    up, down = ("提高", "下降") if unit == "%" else ("增加", "减少")
    return f"{up if x >= 0 else down}{change(x, unit, decimals)}"


def since_start(row: Judged, base_year: int) -> str:
    """The years that growth is told of: 2021—2023年, or 2021年 alone."""
    date = data_date(row)
    return date if row.data_year == base_year + 1 else f"{base_year + 1}—{date}"


def since_clause(row: Judged, base_year: int) -> str:
    """The change since the base as a clause of a sentence: ，比2020年提高12个百分点."""
    since = since_base(row)
    return f"，{'与' if since == '持平' else '比'}{base_year}年{since}"


def distance_text(row: Judged) -> str:
    """How far past a cap or floor, or short of it: 低于上限0.6个百分点.

    Of two bounds the one that is nearer, or broken, is told; 容许 marks a bound that is the
    printed target and its tolerance.
    """
    if row.kind.parts:
        return f"与目标相差{change(row.distance, '%', max(decimals_of(row), 1))}"
    cap, tolerant, decimals = nearer_bound(row)
    gap = change(row.distance, row.unit, decimals)
    if row.met and rounded(abs(row.distance), decimals) == rounded(0, decimals):
        return "恰好达到目标"
    word = "容许" if tolerant else ""
    if cap:
        return f"{'低于' if row.met else '超出'}{word}上限{gap}"
    if row.met:
        return f"高于{word or '目标'}下限{gap}"
    return f"低于{'容许下限' if tolerant else '目标'}{gap}"


def nearer_bound(row: Judged) -> tuple[bool, bool, int]:
    """Of the bounds of a goal the nearer or broken one: whether it is the cap, whether it is the
    target with its tolerance, and in how many digits to tell the distance."""
    low, high = row.target_low, row.target_high
    cap = high - row.value < row.value - low
    tolerant = row.comparator in _TOLERANT and row.target != (high if cap else low)
    decimals = max(decimals_of(row), digits(row.target_raw))
    # What misses its bound is never told as missing it by nothing.
    while row.distance < 0 and decimals < 6 and not rounded(row.distance, decimals).strip("-0."):
        decimals += 1
    return cap, tolerant, decimals


def figure_date(figure: Published) -> str:
    """Of what time a published figure speaks: 2023年, 2023年6月, 截至2023年累计."""
    year, month = figure.year, figure.month
    if figure.period == "cumulative":
        return f"截至{year}年累计"
    if figure.period == "since_launch":
        return f"启动至{year}年累计"
    if figure.period == "ytd":
        return f"{year}年年内" if math.isnan(month) else f"{year}年{int(month)}月"
    return f"{year}年末" if figure.period == "year_end" else f"{year}年"


def figure_text(figure: Published) -> str:
    """A published figure with the wording of its bound."""
    raw = figure.raw.strip("[]〔〕").removesuffix("以内").strip()
    return {"at_most": f"{raw}以内", "at_least": f"超{raw}", "approx": f"约{raw}"}.get(
        figure.bound, raw
    )
