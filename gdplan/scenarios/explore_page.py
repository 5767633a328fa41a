"""The page of sliders in ``notebooks/scenarios.ipynb``: what is chosen goes to pure functions,
what they say is shown. No number is computed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from gdplan.assessment.start import Start, starts
from gdplan.files.places import PACKAGE
from gdplan.model import Mode
from gdplan.observations.read import read_observations
from gdplan.outlook.paths import growth_of, required_growth
from gdplan.outlook.what_if import Assumption, prospect
from gdplan.page.language import Language, language
from gdplan.plans.choices import check_region
from gdplan.plans.load import known_plans, load_plan
from gdplan.problems import Problem, ProblemError
from gdplan.scenarios import fan_charts, path_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gdplan.model import Plan

SHOCK = 50
"""The largest shock that can be picked, in percent."""
WIDEST = 2
"""How far the slider of growth goes beyond the fastest of trend, required growth and deviation."""
POSITIONS = 500
"""Positions of the slider to either side of zero."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a page opens with; the parameters of the notebook."""

    plan: str
    region: str
    year: int
    as_of: str = ""
    observations: str = ""
    lang: str = "zh"


def page(
    *, plan: str, region: str, year: int, as_of: str = "", observations: str = "", lang: str = "zh"
) -> Any:  # fmt: skip
    """The page of a plan and region: pick an indicator, move growth and shock, see what follows.

    Parameters
    ----------
    plan, region, year : str, str, int
        Plan id, region code, last data year.
    as_of, observations : str
        As in the report notebooks; empty for all figures, and for the project's own.

    Returns
    -------
    ipywidgets.VBox
        Shown by JupyterLab and by Voilà.

    Raises
    ------
    ProblemError
        When ipywidgets is not installed, and for faults of the plan or the figures.
    """
    return _Page(Choice(plan, region, year, as_of, observations, lang)).box


def widgets() -> Any:
    """The module ipywidgets.

    Raises
    ------
    ProblemError
        When it is not installed, with the command that does it.
    """
    try:
        import ipywidgets
    except ImportError as error:
        raise ProblemError(
            Problem("no_widgets", "", "没有安装情景推演所需的组件", expected="ipywidgets、voila",
                    fix='运行 pip install "gdplan[explore]"')
        ) from error  # fmt: skip
    return ipywidgets


def reach(start: Start, *, increment: bool) -> tuple[float, float]:
    """Largest growth and step of its slider: in percent, or in the unit a year.

    The largest is a round number above twice the fastest of trend, required growth and
    deviation of a step; a rate goes to 5 % at least and 90 % at most.

    Examples
    --------
    >>> _round_up(58.2), _round_up(0.7)
    (100.0, 1.0)
    """
    if not start.known:
        return 1.0, 0.1
    course = start.course
    sizes = [growth_of(course, increment=increment), required_growth(course, increment=increment)]
    if increment and not course.log:
        sizes.append(course.drift.deviation)
    known = [abs(x) for x in sizes if math.isfinite(x)]
    if increment:
        top = _round_up(WIDEST * max(known, default=0.0) or abs(course.value) / 10 or 1.0)
        return top, top / POSITIONS
    return min(max(_round_up(100 * WIDEST * max(known, default=0.0)), 5.0), 90.0), 0.1


def _round_up(x: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    if not x > 0:
        return 0.0
    base = 10.0 ** math.floor(math.log10(x))
    return next(m * base for m in (1, 2, 5, 10) if m * base >= x * (1 - 1e-12))


class _Page:
    """The widgets of one page and what happens when one of them changes."""

    def __init__(self, choice: Choice) -> None:
        self.choice, self.say = choice, language(choice.lang)
        self.quiet, self.opened, self.exact = False, "", math.nan
        self.trend, self.points = False, dict[str, Start]()
        self._make(widgets())
        self._open(choice.plan, choice.year)
        self._listen()

    def _make(self, w: Any) -> None:
        say = self.say
        wide = {"layout": w.Layout(width="98%"), "style": {"description_width": "9.5em"}}
        self.plan = w.Dropdown(description=say("explore.plan"), options=_plans(say), **wide)
        self.year = w.Dropdown(description=say("explore.year"), **wide)
        self.indicator = w.Dropdown(description=say("explore.indicator"), **wide)
        self.way = w.Dropdown(description=say("explore.way"), **wide)
        self.growth = w.FloatSlider(description=say("explore.growth"), **wide)
        self.shock = w.IntSlider(
            0, -SHOCK, SHOCK, description=say("explore.shock"), **wide)  # fmt: skip
        self.shock_year = w.Dropdown(description=say("explore.shock_year"), **wide)
        self.recovery = w.Dropdown(description=say("explore.recovery"), **wide)
        self.buttons = {
            key: w.Button(description=say(f"explore.{key}"), layout=w.Layout(width="auto"))
            for key in ("use_trend", "use_required", "no_shock")
        }
        self.headline, self.chart, self.yearly, self.paces = (w.HTML() for _ in range(4))
        self.box = _laid_out(w, self)

    def _listen(self) -> None:
        self.plan.observe(self._when(lambda: self._open(self.plan.value, None)), "value")
        self.year.observe(self._when(lambda: self._open(self.plan.value, self.year.value)), "value")
        self.indicator.observe(self._when(self._start), "value")
        self.way.observe(self._when(self._scale), "value")
        self.growth.observe(self._when(self._move), "value")
        for control in (self.shock, self.shock_year, self.recovery):
            control.observe(self._when(self._show), "value")
        self.buttons["use_trend"].on_click(lambda _: self._use(growth_of))
        self.buttons["use_required"].on_click(lambda _: self._use(required_growth))
        self.buttons["no_shock"].on_click(lambda _: setattr(self.shock, "value", 0))

    def _when(self, work: Callable[[], None]) -> Callable[[Any], None]:
        def changed(_: Any) -> None:
            if not self.quiet:
                work()

        return changed

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Controls are set without each of them starting a computation."""
        before, self.quiet = self.quiet, True
        try:
            yield
        finally:
            self.quiet = before

    def _open(self, plan_id: str, year: int | None) -> None:
        """Read a plan and its figures; what is wrong with them stands in place of the result."""
        try:
            plan = load_plan(plan_id)
            check_region(self.choice.region, plan)
            year = _inside(plan, self.choice.year if year is None else year)
            found = starts(
                plan, read_observations(self.choice.observations or None, plan),
                region=self.choice.region, year=year, as_of=self.choice.as_of or None,
            )  # fmt: skip
        except ProblemError as error:
            self._blame(error)
            return
        self.points = {s.indicator.no: s for s in found}
        with self._quietly():
            years = range(plan.base_year + 1, plan.target_year)
            _offer(self.year, [(self.say("explore.year_value", year=y), y) for y in years], year)
            first = next((s.indicator.no for s in found if s.known), found[0].indicator.no)
            kept = self.indicator.value if self.opened == plan.id else first
            self.plan.value = self.opened = plan.id
            _offer(self.indicator, [(_label(s, self.say), s.indicator.no) for s in found], kept)
        self._start()

    def _start(self) -> None:
        """Another indicator: its own ways to grow, years of shock and slider."""
        start = self.points[self.indicator.value]
        course = start.course
        ahead = course.ahead() if start.known else ()
        ways = [(self.say("explore.way_rate"), False), (self.say("explore.way_increment"), True)]
        with self._quietly():
            only = course.mode is Mode.CHAIN
            _offer(self.way, ways[:1] if only else ways, not course.log)
            _offer(self.shock_year, [(str(y), y) for y in ahead], ahead[0] if ahead else None)
            years = [(self.say("explore.recovery_years", n=n), n) for n in range(1, 6)]
            _offer(self.recovery, [(self.say("explore.recovery_never"), 0), *years], 0)
            self.shock.value = 0
            for control in (self.way, self.growth, self.shock, self.shock_year, self.recovery,
                            *self.buttons.values()):  # fmt: skip
                control.disabled = not ahead
        self._scale()

    def _scale(self) -> None:
        """The slider of growth, in percent or in the unit, set to the trend."""
        start, increment = self.points[self.indicator.value], bool(self.way.value)
        top, step = reach(start, increment=increment)
        unit = path_words.named(start, self.say)[1]
        key = "growth_increment" if increment else "growth_rate"
        with self._quietly():
            self.growth.description = self.say(
                f"explore.{key}", unit=self.say("explore.points") if unit == "%" else unit
            )
            with self.growth.hold_sync():
                self.growth.value = 0.0
                self.growth.max, self.growth.min, self.growth.step = top, -top, step
                self.growth.readout_format = f".{_places(step)}f"
        self._use(growth_of)

    def _use(self, growth: Callable[..., float]) -> None:
        """The trend or the required growth itself; the slider shows the position next to it."""
        start, increment = self.points[self.indicator.value], bool(self.way.value)
        value = growth(start.course, increment=increment) if start.known else math.nan
        self.exact, self.trend = value, growth is growth_of and math.isfinite(value)
        with self._quietly():
            shown = value if increment else value * 100
            self.growth.value = _placed(shown, self.growth) if math.isfinite(value) else 0.0
        self._show()

    def _move(self) -> None:
        """The slider was moved: its position is what is assumed."""
        self.exact, self.trend = math.nan, False
        self._show()

    def assumed(self) -> Assumption:
        """What the controls say."""
        increment = bool(self.way.value)
        growth = self.growth.value if increment else self.growth.value / 100
        growth = growth if math.isnan(self.exact) else self.exact
        return Assumption(growth, increment, self.shock.value / 100, self.shock_year.value,
                          self.recovery.value or None, self.trend)  # fmt: skip

    def _show(self) -> None:
        """Path, probability and tables of what is chosen."""
        start, lang = self.points[self.indicator.value], self.choice.lang
        assumed = self.assumed()
        found = prospect(start.course, assumed) if start.known else None
        self.headline.value = path_words.headline(start, found, lang=lang)
        if found is None or not found.known:
            self.chart.value = self.yearly.value = self.paces.value = ""
            return
        self.chart.value = fan_charts.fan_chart(start, found, lang=lang)._repr_html_()
        self.yearly.value = path_words.yearly(start, found, lang=lang).html()
        self.paces.value = path_words.paces(start, assumed, found, lang=lang).html()

    def _blame(self, error: ProblemError) -> None:
        """What is wrong with the input, in place of any result."""
        listed = "".join(f"<li>{escape(p.line())}</li>" for p in error.problems)
        self.headline.value = (
            f'<div class="gd-headline" role="alert"><p>{escape(self.say("explore.not_read"))}</p>'
            f"<ol>{listed}</ol></div>"
        )
        self.chart.value = self.yearly.value = self.paces.value = ""


def _laid_out(w: Any, page: _Page) -> Any:
    say, full = page.say, w.Layout(width="100%")
    style = (PACKAGE / "scenarios" / "templates" / "explore.css").read_text("utf-8")
    buttons = w.Box(list(page.buttons.values()), layout=w.Layout(flex_flow="row wrap"))
    controls = [page.plan, page.year, page.indicator, page.way, page.growth, buttons, page.shock,
                page.shock_year, page.recovery]  # fmt: skip
    lead = w.HTML(f'<p class="gd-lead">{escape(say("explore.lead"))}</p>')
    method = w.HTML(f'<p class="gd-method">{escape(say("explore.method"))}</p>')
    left = w.VBox(controls, layout=w.Layout(flex="1 1 22em", min_width="17em", max_width="32em"))
    roomy = w.Layout(flex="2 1 30em", min_width="17em", margin="0 0 0 1em")
    right = w.VBox([page.headline, page.chart, page.paces, page.yearly, method], layout=roomy)
    both = w.Box([left, right], layout=w.Layout(flex_flow="row wrap", width="100%"))
    box = w.VBox([w.HTML(f"<style>{style}</style>"), lead, both], layout=full)
    box.add_class("gd-explore")
    return box


def _plans(say: Language) -> list[tuple[str, str]]:
    plans = [load_plan(each) for each in known_plans()]
    return [(p.title if say.code == "zh" else p.title_en, p.id) for p in plans]


def _inside(plan: Plan, year: int) -> int:
    """A data year of the plan: the one wished for, else the third."""
    return year if plan.base_year < year < plan.target_year else plan.base_year + 3


def _label(start: Start, say: Language) -> str:
    name = f"{start.indicator.no} {path_words.named(start, say)[0]}"
    return name if start.known else say("explore.no_path", name=name)


def _offer(control: Any, options: list[tuple[str, Any]], value: Any) -> None:
    control.options = options
    control.value = value


def _places(step: float) -> int:
    """Decimals in which every position of a slider can be told from the next."""
    return max(0, -math.floor(math.log10(step) + 1e-9))


def _placed(x: float, slider: Any) -> float:
    """The nearest position of a slider, which is where a browser would put it anyway."""
    inside = min(max(x, slider.min), slider.max)
    return float(round(round(inside / slider.step) * slider.step, 9))
