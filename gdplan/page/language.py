"""The language of a report: fixed texts of gdplan/page/locale, and the module of its words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from gdplan.files.places import texts_of
from gdplan.files.register import COUNTRY
from gdplan.outlook import projection
from gdplan.page import chinese, english
from gdplan.problems import Problem, ProblemError

if TYPE_CHECKING:
    from gdplan.model import Plan, Verdict
    from gdplan.page.evaluated import Explained, Judged, Published

HELD = {least: "≤" for least, _ in projection.HELD.values()} | {
    most: "≥" for _, most in projection.HELD.values()}  # fmt: skip
"""Signs of the chances at which few points hold (METHOD 5)."""
LANGUAGES = ("zh", "en")


class Words(Protocol):
    """What a language must know to word; ``wording`` and ``english`` are such modules."""

    def own_words(self, row: Judged, plan: Plan) -> dict[str, str]:
        """Fields of a judgement that the language names otherwise."""

    def term(self, text: str) -> str:
        """A fixed word of the assessment (attribute, level, opinion) in the language."""

    def section_name(self, text: str, plan: Plan) -> str:
        """A section of the plan without its number."""

    def cell(self, raw: str) -> str:
        """A plan cell for a table."""

    def amount(self, x: float, unit: str, decimals: int) -> str:
        """A figure with its unit."""

    def change(self, x: float, unit: str, decimals: int) -> str:
        """The size of a change with its unit."""

    def value_text(self, row: Judged, *, unit: bool = False) -> str:
        """The judged value with the wording of its bound."""

    def data_date(self, row: Judged) -> str:
        """Up to when the judged value speaks."""

    def verdict_word(self, verdict: Verdict) -> str:
        """The verdict alone."""

    def verdict_text(self, row: Judged, *, dated: bool = True) -> str:
        """The verdict with its qualifiers."""

    def reason_text(self, row: Explained) -> str:
        """The reasons as clauses."""

    def decided_by(self, row: Explained) -> str:
        """The figure that decides a borderline verdict."""

    def plan_cell(self, raw: str, unit: str) -> str:
        """A plan cell with its unit for running text."""

    def since_start(self, row: Judged, base_year: int) -> str:
        """The years that growth is told of."""

    def since_clause(self, row: Judged, base_year: int) -> str:
        """The change since the base as a clause of a sentence."""

    def since_base(self, row: Judged) -> str:
        """The change since the base with its verb."""

    def moved(self, x: float, unit: str, decimals: int) -> str:
        """A change with its direction."""

    def distance_text(self, row: Judged) -> str:
        """How far past a cap or floor, or short of it."""

    def figure_date(self, figure: Published) -> str:
        """Of what time a published figure speaks."""

    def figure_text(self, figure: Published) -> str:
        """A published figure with the wording of its bound."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its code, its words for numbers, and its fixed texts."""

    code: str
    words: Words
    whole: str = ""
    """What the whole of the plan's region is called where the texts say 全省 or province."""

    def __call__(self, key: str, /, **values: object) -> str:
        """The fixed text of a dotted key with its places filled."""
        text = texts_of(self.code)[key]
        if not isinstance(text, str):
            raise KeyError(f"{key} is a list of texts")
        return self._placed(text).format(**values)

    def for_region(self, region: str) -> Language:
        """The language of a report on a plan of a region: 全国, 全区, 全市 or 本地区 for 全省.

        Examples
        --------
        >>> language("zh").for_region("440100")("cities.province")
        '全市'
        """
        column = LANGUAGES.index(self.code)
        return replace(self, whole=_whole(region)[column])

    def _placed(self, text: str) -> str:
        if not self.whole:
            return text
        if self.code == "zh":
            return text.replace("全省", self.whole)
        capital = self.whole.capitalize()
        return text.replace("province", self.whole).replace("Province", capital)

    def chance(self, p: float) -> str:
        """A chance in whole percent between 1 and 99, its ends never as certain; one that few
        points hold back says so; a dash if nan.

        Examples
        --------
        >>> say = language("zh")
        >>> say.chance(0.384), say.chance(0.9991), say.chance(0.0002), say.chance(0.95)
        ('38%', '>99%', '<1%', '≥95%')
        """
        if math.isnan(p):
            return chinese.EMPTY
        if sign := HELD.get(p, ""):
            return sign + chinese.percent(p, 0)
        if p < 0.01 or p > 0.99:
            return self("chance.hardly" if p < 0.01 else "chance.nearly")
        return chinese.percent(p, 0)

    def lines(self, key: str) -> tuple[str, ...]:
        """The fixed texts of a key that holds a list."""
        return tuple(self._placed(text) for text in texts_of(self.code)[key])

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in texts_of(self.code)


def _whole(region: str) -> tuple[str, str]:
    """Chinese and English words for the whole of a region by its code; none for a province."""
    if region == COUNTRY:
        return "全国", "country"
    if not region.endswith("0000"):
        return ("全市", "city") if region.endswith("00") else ("本地区", "county")
    if region[:2] in ("11", "12", "31", "50"):
        return "全市", "municipality"
    return ("全区", "region") if region[:2] in ("15", "45", "54", "64", "65") else ("", "")


@cache
def language(code: str) -> Language:
    """The language of a code.

    Raises
    ------
    ProblemError
        For a code other than ``zh`` and ``en``.

    Examples
    --------
    >>> language("en")("overview.count", verdict="ahead", n=3)
    'ahead: 3'
    """
    modules = {"zh": chinese, "en": english}
    if code not in modules:
        raise ProblemError(
            Problem("unknown_language", "lang", "没有这种语言", "、".join(LANGUAGES), code)
        )
    return Language(code, cast("Words", modules[code]))
