"""Words for the figures of cities, shared by the regional section and its tile grids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gdplan.files import places
from gdplan.page import chinese as w
from gdplan.page.language import Language
from gdplan.regions.cities import standing
from gdplan.regions.cities.compared import City, Comparison
from gdplan.regions.cities.standing import Laggard, Part, Why

if TYPE_CHECKING:
    from gdplan.assessment.judgement import Judgement


@dataclass(frozen=True, slots=True)
class View:
    """What the parts of the section share: the comparisons, the province's rows in words, the
    laggards of each indicator, language and limits."""

    found: tuple[Comparison, ...]
    told: Mapping[str, Judgement]
    lagging: Mapping[str, tuple[Laggard, ...]]
    say: Language
    parameters: Mapping[str, float]

    @classmethod
    def of(
        cls, found: tuple[Comparison, ...], rows: Sequence[Judgement], say: Language,
        parameters: Mapping[str, float],
    ) -> View:  # fmt: skip
        """With the laggards worked out."""
        lagging = {o.row.indicator: standing.laggards(o, parameters) for o in found}
        return cls(found, {r.indicator: r for r in rows}, lagging, say, parameters)

    def row(self, one: Comparison) -> Judgement:
        """The province's row of an indicator in words of the language."""
        return self.told[one.row.indicator]

    def rows(self, some: Sequence[Comparison]) -> list[Judgement]:
        """The province's rows of some indicators."""
        return [self.row(o) for o in some]

    def behind(self, one: Comparison) -> tuple[Laggard, ...]:
        """The laggards of an indicator."""
        return self.lagging[one.row.indicator]


def decimals(one: Comparison) -> int:
    """Digits of the most precise of the cities' figures."""
    return max(w.digits(c.figure.raw) for c in one.cities)


def own_decimals(one: Comparison) -> int:
    """Digits in which the province's figures of the year and the year before can be compared."""
    year = one.row.year
    raws = (f.raw for f in one.row.history if f.year in (year - 1, year))
    return max((w.digits(raw) for raw in raws), default=0)


def way(one: Comparison) -> int:
    """1 where larger is better or neither is, -1 where smaller is better."""
    return -1 if one.row.direction == -1 else 1


def signed(x: float, digits: int) -> str:
    """A change with its sign.

    Examples
    --------
    >>> signed(0.125, 2), signed(-3.0, 1), signed(-0.001, 2), signed(float("nan"), 1)
    ('+0.13', '-3.0', '0.00', '—')
    """
    text = w.rounded(x, digits)
    return text if text.startswith("-") or text == w.EMPTY or not float(text) else f"+{text}"


def own(one: Comparison, say: Language) -> str:
    """The province's figure of the year as published, or none."""
    return w.EMPTY if one.figure is None else say.words.figure_text(one.figure)


def short(name: str, say: Language) -> str:
    """A city's name without 市, or in English.

    Examples
    --------
    >>> from gdplan.page.language import language
    >>> short("汕尾市", language("zh")), short("汕尾市", language("en"))
    ('汕尾', 'Shanwei')
    """
    return say.words.term(name).removesuffix("市")


def of_code(code: str, say: Language) -> str:
    """The short name of a city by its code."""
    return short(places.regions()[code], say)


def with_figure(city: City, say: Language) -> str:
    """A city and its figure as published, with the wording of its bound."""
    figure = say.words.figure_text(city.figure)
    return say("cities.named", city=of_code(city.code, say), value=figure)


def laggard(lag: Laggard, say: Language) -> str:
    """A lagging city and its figure; borderline ones say so."""
    figure = say.words.figure_text(lag.city.figure)
    key = "cities.named" if lag.firm else "cities.named_borderline"
    return say(key, city=of_code(lag.city.code, say), value=figure)


def lag_text(one: Comparison, lag: Laggard, view: View) -> str:
    """An indicator on which a city lags, and by what it is known."""
    city, say = lag.city, view.say
    figure = say.words.figure_text(city.figure)
    if lag.why is Why.WORSE:
        figure = signed(city.now.value - city.before.value, decimals(one))
    elif not lag.firm:
        figure += say("cities.borderline")
    raw = say.words.cell(city.row.annual_target_raw)
    return say(f"cities.by_{lag.why.value}", name=view.row(one).name, value=figure, target=raw)


def most(one: Comparison, parts: Sequence[Part], side: int, view: View) -> str:
    """The cities that carry most to one side, up to ``named``; only those of a certain sign."""
    sure = [p for p in parts if (p.amount.low > 0 if side > 0 else p.amount.high < 0)]
    ranked = sorted(sure, key=lambda p: -side * p.amount.value)[: int(view.parameters["named"])]
    shown = (
        view.say("cities.named", city=of_code(p.city.code, view.say),
                 value=signed(p.amount.value, decimals(one)))
        for p in ranked
    )  # fmt: skip
    return view.say("join.list").join(shown) or w.EMPTY
