"""The vocabulary: plans, indicators, targets, verdicts, reasons, column names.

Nothing here computes, reads or writes; every other module speaks in these words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

ABOUT_TOLERANCE = 0.05
"""Declared relative tolerance of a figure published as 约/左右 (METHOD 2 and 4.1)."""


class Mode(StrEnum):
    """What an indicator makes of the figures of its years: the last one, their sum, or the index
    that yearly growth makes."""

    VALUE = "value"
    SUM = "sum"
    CHAIN = "chain"


@dataclass(frozen=True, eq=False, repr=False)
class Kind(str):
    """How an indicator is counted (METHOD 1.1): a row of :data:`KINDS`, and a text, its name.

    Whatever does not judge knows a kind by these traits alone; how it is judged, worded and put
    into formulas stands in ``gdplan/assessment/kinds/<name>.py``.

    Attributes
    ----------
    name : str
        As plan.yml and every table write it.
    zh, en : str
        Its words in a report.
    form : str
        What a form asks for.
    mode : Mode
        What the figures of the years make.
    parts : bool
        Whether its figures are compositions such as 14:42:44.
    yearly : bool
        Whether every year counts on its own.
    year_end : bool
        Whether figures are of the end of a year when nothing is said.
    gain, mean, pair, cuts : bool
        Whether what has been added to the base is judged; whether the years make their mean instead
        of their sum; whether figures are two parts of which one is 1 (2.5:1); whether yearly growth
        is told as cuts in positive numbers, of which more is better.
    cell, names : str
        What announces it: the shape of a target's cell, or a pattern of indicators' names.
    """

    name: str
    zh: str
    en: str
    form: str
    mode: Mode = Mode.VALUE
    parts: bool = False
    yearly: bool = False
    year_end: bool = False
    gain: bool = False
    mean: bool = False
    pair: bool = False
    cuts: bool = False
    cell: str = ""
    names: str = ""

    @property
    def accumulates(self) -> bool:
        """Whether the years add up from the start of the plan, so that no base is needed."""
        return self.mode is not Mode.VALUE

    @property
    def summed(self) -> bool:
        """Whether what is judged is the sum of the years."""
        return self.mode is Mode.SUM and not self.mean

    @property
    def way(self) -> bool:
        """Whether the last figure, a single number, is on its way from a base of its own."""
        return self.plain and not self.gain

    @property
    def plain(self) -> bool:
        """Whether the last figure, a single number, is what is judged."""
        return self.mode is Mode.VALUE and not self.parts

    def __new__(cls, name: str, *_: object, **__: object) -> Self:
        return super().__new__(cls, name)

    @classmethod
    def of(cls, name: str) -> Kind:
        """The kind of a name; KeyError for any other."""
        return {kind.name: kind for kind in KINDS}[name]

    @classmethod
    def in_cell(cls, shape: str) -> Kind:
        """The kind that the shape of a target's cell announces."""
        return next((kind for kind in KINDS if kind.cell == shape), KINDS[0])

    @classmethod
    def in_name(cls, name: str) -> Kind:
        """The kind that an indicator's name announces, the first of :data:`KINDS` by default."""
        return next((k for k in KINDS if k.names and re.search(k.names, name)), KINDS[0])


KINDS = (
    Kind("level", "水平", "level", "水平指标，填年末数", year_end=True),
    Kind("cumulative", "累计", "sum", "累计指标，填当年完成数", Mode.SUM, cell="bracket"),
    Kind("annual", "年度", "annual", "年度指标，填当年数", yearly=True,
         names=r"年(?:度)?(?:招收|招生|录用|毕业)\S{0,4}(?:数|人次|规模)|^每年|^年度"),
    Kind("rate", "增速", "growth", "增长指标，填当年增长（%）", Mode.CHAIN, cell="growth",
         names=r"年均增长|年均增速|增长率$|增速$|年均提高"),
    Kind("composition", "构成", "composition", "构成，如 14:42:44", parts=True, year_end=True,
         cell="ratio"),
    Kind("change", "增量", "change", "填年末数（水平，不填增量）", year_end=True, gain=True,
         cell="gain"),
    Kind("reduction", "降幅", "reduction", "填当年降幅（%），上升填负数", Mode.CHAIN, cuts=True,
         cell="cut"),
    Kind("annual_mean", "年均", "annual mean", "年度指标，填当年完成数", Mode.SUM, mean=True,
         cell="mean"),
    Kind("ratio", "比值", "ratio", "比值，如 2.5:1", year_end=True, pair=True, cell="pair"),
)  # fmt: skip
"""Every kind of indicator; the first is the one that nothing announces."""


class Comparator(StrEnum):
    """On which side of its number a target or a figure lies (METHOD 1.2)."""

    AT_LEAST = ">="
    AT_MOST = "<="
    ABOVE = ">"
    BELOW = "<"
    ABOUT = "about"
    KEEP = "keep"
    BARE = "="
    NONE = "none"


BEFORE_NUMBER: tuple[tuple[str, Comparator], ...] = (
    (
        r">=|≥|≧|不低于|不少于|不小于|至少|达到|达|保持在|保持(?=\d)|力争|确保|"
        r"(?:提高|提升|增加|增长|上升|扩大|增)[到至]",
        Comparator.AT_LEAST,
    ),
    (
        r"<=|≤|≦|不超过|不高于|不大于|不多于|不突破|至多|(?:严格)?控制[在到]|"
        r"(?:降低|下降|减少|压减|压缩|缩短|降)[到至]",
        Comparator.AT_MOST,
    ),
    (r">|超过|高于|大于|超|突破", Comparator.ABOVE),
    (r"<|低于|小于|少于", Comparator.BELOW),
    (r"大约|约为|约|接近|近", Comparator.ABOUT),
    (r"稳定在|维持在|稳定", Comparator.KEEP),
)  # fmt: skip
"""Words before a number, as patterns, and the side they put it on; the first that fits."""
BEHIND_NUMBER: tuple[tuple[str, Comparator], ...] = (
    (r"左右|上下", Comparator.ABOUT),
    (r"及?以上|或以上|起|\+", Comparator.AT_LEAST),
    (r"及?以[内下]|之内", Comparator.AT_MOST),
)
"""Words behind a number that decide its side."""


class Attribute(StrEnum):
    """指标属性: how strongly the plan binds."""

    BINDING = "约束性"
    EXPECTED = "预期性"
    GUIDING = "指导性"
    UNNAMED = "未注明"


class Scale(StrEnum):
    """On which scale progress is measured; declared per indicator, never guessed."""

    LINEAR = "linear"
    GEOMETRIC = "geometric"


class Verdict(StrEnum):
    """The official words of METHOD 4.1 (mid-term, annual) and 4.2 (final)."""

    ACHIEVED_EARLY = "提前实现"
    HELD = "保持达标"
    AHEAD = "快于预期"
    ON_TRACK = "基本符合预期"
    BEHIND = "滞后"
    REVERSED = "倒退"
    NOT_ASSESSABLE = "无法评估"
    EXCEEDED = "超额完成"
    COMPLETED = "完成"
    NEARLY = "基本完成"
    MISSED = "未完成"


VERDICT_EN: Mapping[Verdict, str] = {
    Verdict.ACHIEVED_EARLY: "achieved early",
    Verdict.HELD: "held",
    Verdict.AHEAD: "ahead",
    Verdict.ON_TRACK: "on track",
    Verdict.BEHIND: "behind",
    Verdict.REVERSED: "reversed",
    Verdict.NOT_ASSESSABLE: "not assessable",
    Verdict.EXCEEDED: "exceeded",
    Verdict.COMPLETED: "completed",
    Verdict.NEARLY: "nearly completed",
    Verdict.MISSED: "not completed",
}


class Reason(StrEnum):
    """Why something is not known, or how a verdict came about; one meaning each."""

    NO_DATA = "no_data"
    NO_BASE = "no_base"
    ONE_POINT = "one_point"
    NO_TARGET_NUMBER = "no_target_number"
    STALE = "stale"
    MISSING_YEARS = "missing_years"
    PART_YEAR_ONLY = "part_year_only"
    UNBOUNDED = "unbounded"
    TARGET_EQUALS_BASE = "target_equals_base"
    NOT_POSITIVE = "not_positive"
    SIGN_CHANGE = "sign_change"
    BEFORE_PLAN = "before_plan"
    NO_REGION_TARGET = "no_region_target"
    PROVINCE_TARGET = "province_target"
    ONE_YEAR_OLD = "one_year_old"
    TARGET_ZERO = "target_zero"
    PART_YEAR = "part_year"
    PART_YEAR_WAITS = "part_year_waits"
    BY_MONTHS = "by_months"
    SHORT_WAY = "short_way"
    CUTS_SIGN = "cuts_sign"
    FLOOR = "floor"
    FLOOR_BROKEN = "floor_broken"
    FLOOR_BROKEN_EARLIER = "floor_broken_earlier"
    MOVED_AWAY = "moved_away"
    MET_BUT_FALLING = "met_but_falling"
    BORDERLINE = "borderline"
    SCHEMES_DISAGREE = "schemes_disagree"
    SECONDARY_SOURCE = "secondary_source"
    WIDE_RANGE = "wide_range"
    CALIBER = "caliber"
    LINKED = "linked"
    RESTATED = "restated"
    TARGET_REVISED = "target_revised"
    BOUNDS_ONLY = "bounds_only"
    FEW_POINTS = "few_points"
    CONSTANT = "constant"
    TOO_LARGE = "too_large"
    ALREADY_MET = "already_met"
    NO_PATH = "no_path"
    NO_PACE = "no_pace"
    NO_DRIVER = "no_driver"
    NO_YEARS_LEFT = "no_years_left"
    NOT_PROJECTED = "not_projected"
    NO_FINAL_YEAR = "no_final_year"
    UNFIT_PERIOD = "unfit_period"


FACTS = (
    "unknown", "met", "met_at_base", "met_every_year", "met_before", "base_unknown",
    "before_target_year", "capped", "used_up", "short_way", "within_way", "moved_away", "no_pace",
    "pace_ahead", "pace_on_track", "expected", "beyond_margin", "nearly",
)  # fmt: skip
"""Words a verdict rule may use, each optionally behind ``not``."""


class Level(StrEnum):
    """Early-warning lights (METHOD 6); grey means no data, no level."""

    GREEN = "绿"
    YELLOW = "黄"
    ORANGE = "橙"
    RED = "红"
    GREY = "灰"


class Bound(StrEnum):
    """How a published figure is worded: rounded, 约, 超/多, 以内."""

    EXACT = "exact"
    APPROX = "approx"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Period(StrEnum):
    """What stretch of time a published figure speaks of."""

    ANNUAL = "annual"
    YEAR_END = "year_end"
    YTD = "ytd"
    CUMULATIVE = "cumulative"
    SINCE_LAUNCH = "since_launch"


@dataclass(frozen=True, slots=True)
class Target:
    """A plan cell as read: what kind, which side of which number, and the raw text.

    ``low``/``high`` is the value interval of METHOD 2: ``132`` is [131.5, 132.5],
    ``2.6以内`` is (-inf, 2.6], a range is its two ends. ``value`` is None when the cell
    prints no single number (``—``, words, ranges, compositions).
    """

    kind: Kind
    comparator: Comparator
    value: float | None
    low: float
    high: float
    unit: str | None
    raw: str
    parts: tuple[float, ...] = ()
    decimals: int = 0
    whole: bool = False

    @property
    def total(self) -> bool:
        """Whether the cell speaks of the five years together: ``[550]``, ``增长20%``."""
        return self.whole or self.kind.cell == "bracket"

    @property
    def has_number(self) -> bool:
        """Whether anything in the cell can be compared with a figure."""
        return self.value is not None or bool(self.parts) or math.isfinite(self.low)


@dataclass(frozen=True, slots=True)
class Revision:
    """A target as one document set it: the plan's own, or a later change (规划调整)."""

    issued: str
    target: Target
    document: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """A row of the plan's main table with the metadata plan.yml adds to it.

    ``target`` is the one in force; ``revised`` holds all it ever was, in order of their dates, and
    nothing where it never changed.
    """

    no: str
    name: str
    unit: str
    kind: Kind
    base: Target
    target: Target
    attribute: Attribute
    section: str
    direction: int
    scale: Scale
    base_year: int
    target_year: int
    parent: str | None = None
    department: str = ""
    name_en: str = ""
    aliases: tuple[str, ...] = ()
    limits: tuple[float, float] = (-math.inf, math.inf)
    whole: str | None = None
    result: Target | None = None
    line: int = 0
    place: str = ""
    measure: str = ""
    cuts: str = ""
    within_year: tuple[tuple[int, float], ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)
    revised: tuple[Revision, ...] = ()

    @property
    def printed(self) -> Target:
        """The target of the plan's own table, whatever became of it."""
        return self.revised[0].target if self.revised else self.target

    @property
    def binding(self) -> bool:
        """约束性 indicators get no tolerance."""
        return self.attribute is Attribute.BINDING

    @property
    def total(self) -> bool:
        """Whether the target is a total of the plan's years: a sum, or the growth of all of them
        (``[-17]``)."""
        mode = self.kind.mode
        return mode is Mode.SUM or (mode is Mode.CHAIN and self.target.total)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan document: years, indicators, rule parameters, and where it was read."""

    id: str
    title: str
    title_en: str
    document: str
    issued: str
    region: str
    region_name: str
    base_year: int
    target_year: int
    indicators: tuple[Indicator, ...]
    parameters: Mapping[str, float]
    rules: Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]
    sections: tuple[str, ...]
    text: str
    table: str
    files: tuple[str, ...] = ()
    default_department: str = ""
    terms_en: Mapping[str, str] = field(default_factory=dict)

    def indicator(self, key: str) -> Indicator:
        """Indicator by number, name or alias; KeyError names the closest known name."""
        for item in self.indicators:
            if key in (item.no, item.name, *item.aliases):
                return item
        raise KeyError(key)


PARSED_COLUMNS = (
    "table", "no", "name", "unit", "base_year", "base_raw", "target_year", "target_raw",
    "kind", "comparator", "target_value", "attribute", "parent_no", "section",
    "result_year", "result_raw",
)  # fmt: skip
"""Columns of indicators.csv as written by ``gdplan plan parse``."""

OBSERVATION_KEY = ("indicator", "region", "year", "period", "month", "start", "published")

OBSERVATION_COLUMNS = (
    "indicator", "region", "region_name", "year", "period", "month", "start", "value",
    "low", "high", "unit", "bound", "raw", "published", "known", "source", "url", "access",
    "note", "file", "cell", "simulated",
)  # fmt: skip
"""Columns of the observations frame; docs/dictionary/observations.csv says what each means."""
