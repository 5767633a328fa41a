"""Provincial targets -> targets of cities by year, exact to the last printed digit (METHOD 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from gdplan.model import Comparator, Indicator, Mode, Plan
from gdplan.notation import parse_target
from gdplan.plans.choices import check_choices
from gdplan.problems import Problem, ProblemError
from gdplan.regions.allocation import apportion
from gdplan.regions.allocation.exact import exact
from gdplan.regions.allocation.rules_file import ADDITIVE, AllocationFile, Rule, regions_of
from gdplan.regions.allocation.schedule import Way, path, rounded, shares_of_way
from gdplan.regions.allocation.weights import (
    NONE,
    Known,
    base_cell,
    base_of,
    known_figures,
    number_of,
    weights_of,
)

if TYPE_CHECKING:
    import pandas as pd

    from gdplan.files.strict_yaml import YamlDocument

MARK = "示例数据，非真实"
LEFT_OUT = "不分解"
Row = tuple[Decimal, ...]
WORDED = {
    Comparator.AT_LEAST: "{}以上", Comparator.ABOVE: ">{}", Comparator.AT_MOST: "{}以内",
    Comparator.BELOW: "<{}", Comparator.ABOUT: "{}左右", Comparator.KEEP: "稳定在{}",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One indicator broken down; sequences follow the order of the regions.

    ``targets`` are numbers (None for words that were copied), ``cells`` what the city's plan
    prints; ``years`` has a row per region, or is None where no base is known. ``total`` and
    ``total_years`` are the province's, ``shares`` the weights as shares of their sum.
    """

    indicator: Indicator
    rule: Rule
    bases: tuple[str, ...]
    cells: tuple[str, ...]
    targets: Row | None
    years: tuple[Row | None, ...]
    total: Decimal | None
    total_years: Row | None
    shares: tuple[Fraction, ...] | None
    weight: str
    side: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Every indicator of a plan broken down to the regions.

    One that is not broken down stays in the regions' plans with the words 不分解 for its target.
    """

    plan: Plan
    spec: AllocationFile
    regions: Mapping[str, str]
    items: tuple[Item, ...]

    @property
    def left_out(self) -> tuple[tuple[Indicator, str], ...]:
        """Indicators that are not broken down, and why."""
        left = [i for i in self.items if i.rule.method == "none"]
        return tuple((i.indicator, i.rule.reason or "") for i in left)

    @property
    def simulated(self) -> bool:
        """Whether any weight or base is simulated."""
        return any(item.simulated for item in self.items)

    def missing_bases(self) -> dict[str, int]:
        """Indicators whose judgement needs a base, and how many regions have none."""
        lacking = {
            f"{i.indicator.no} {i.indicator.name}": sum(base == NONE for base in i.bases)
            for i in self.items
            if not i.indicator.kind.accumulates and i.rule.method != "none"
        }
        return {name: n for name, n in lacking.items() if n}


def break_down(
    plan: Plan, spec: AllocationFile, document: YamlDocument, observations: pd.DataFrame
) -> Breakdown:
    """Break a plan's targets down to years and regions.

    Parameters
    ----------
    plan : Plan
    spec, document
        From :func:`gdplan.regions.allocation.rules_file.read_allocation`.
    observations : DataFrame
        Weights and bases are looked up here; the base of a city is its figure of the base year.

    Returns
    -------
    Breakdown
        Sums of the regions equal the province's in every year; weighted means of solved rates
        agree with the target within the declared side.

    Raises
    ------
    ProblemError
        Naming every weight and base that is missing, by series, year and region, every rate
        that cannot be solved, every target or year outside the indicator's limits, and every part
        that would exceed its whole.
    """
    check_choices(plan, observations)
    known = known_figures(observations)
    regions = regions_of(spec, plan)
    items, problems = [], list[Problem]()
    for item in plan.indicators:
        try:
            items.append(_item(item, spec.indicators[item.no], spec, regions, known))
            faults = list(_out_of_limits(items[-1], plan, regions))
        except ProblemError as error:
            faults = list(error.problems)
        problems += [_placed(p, document, item) for p in faults]
    if not problems:
        problems += parts_above_wholes(
            items, regions, lambda part, _: document.at(("indicators", part.indicator.no))
        )
    if problems:
        raise ProblemError(list(dict.fromkeys(problems)))
    return Breakdown(plan, spec, regions, tuple(items))


def cell_of(item: Indicator, value: Decimal) -> str:
    """A target as the plan prints one: brackets and wording of the province's cell.

    Raises ProblemError when reading the cell back gives another number or side.
    """
    target = item.target
    text = WORDED.get(target.comparator, "{}").format(f"{value:f}")
    if target.total:
        text = f"[{text}]"
    elif target.kind.mode is Mode.CHAIN:
        text = f"年均{text}"
    back = parse_target(text, unit=item.unit or None)
    if (back.value, back.comparator, back.kind) != (float(value), target.comparator, target.kind):
        raise ProblemError(Problem("cell", "", "无法按原表写法写出目标", target.raw, text))
    return text


def with_targets(item: Item, targets: Row, years: Sequence[Row | None] | None) -> Item:
    """The item with other targets, such as negotiated ones.

    Without ``years`` each region goes its own way from its base, as solved rates do.
    """
    it = item.indicator
    cells = tuple(cell_of(it, value) for value in targets)
    if years is None:
        read = (parse_target(base, unit=it.unit or None).value for base in item.bases)
        starts = [None if value is None else exact(repr(value)) for value in read]
        decimals = item.rule.decimals or 0
        years = _rate_years(it, shares_of_way(it, item.rule), starts, targets, decimals)
    return replace(item, targets=targets, cells=cells, years=tuple(years))


def _placed(problem: Problem, document: YamlDocument, item: Indicator) -> Problem:
    """A problem with its line: that of the weight it names, told once, or of the indicator."""
    if ("weights", problem.where) in document.lines:
        return replace(problem, where=document.at(("weights", problem.where)))
    text = f"第{item.no}项“{item.name}”：{problem.message}"
    return replace(problem, where=document.at(("indicators", item.no)), message=text)


def _item(
    item: Indicator, rule: Rule, spec: AllocationFile, regions: Mapping[str, str], known: Known
) -> Item:
    rows = [base_of(item, region, known) for region in regions]
    starts, way = [number_of(row) for row in rows], shares_of_way(item, rule)
    out = Item(
        item, rule, tuple(map(base_cell, rows)), (LEFT_OUT,) * len(regions), None,
        (None,) * len(regions), None, None, None, "", "",
        any(row is not None and row["simulated"] for row in rows),
    )  # fmt: skip
    if rule.method == "none":
        return out
    if rule.method == "copy":
        decimals, number = item.target.decimals, item.target.value
        goal = None if number is None else rounded(exact(repr(number)), decimals)
        targets = None if goal is None or item.target.parts else (goal,) * len(regions)
        years = _rate_years(item, way, starts, targets, decimals)
        cells = (item.target.raw,) * len(regions)
        return replace(out, cells=cells, targets=targets, years=years, total=goal)
    assert rule.decimals is not None and rule.weights is not None
    raw, fake = weights_of(spec, rule.weights, item, regions, known)
    shares = tuple(w / sum(raw) for w in raw) if sum(raw) else tuple(raw)
    [goal] = apportion.apportion(repr(item.target.value), [1], decimals=rule.decimals)
    targets = _targets(item, rule, goal, shares, starts, regions)
    if rule.method == "solve":
        sums, years = None, _rate_years(item, way, starts, targets, rule.decimals)
    else:
        sums = _province_years(item, way, goal, rule.decimals)
        years = _share_years(item, way, starts, targets, sums, shares, rule.decimals)
    return replace(
        out, cells=tuple(cell_of(item, value) for value in targets), targets=targets, years=years,
        total=goal, total_years=sums, shares=shares, weight=rule.weights, side=_side(item, rule),
        simulated=out.simulated or fake,
    )  # fmt: skip


def _side(item: Indicator, rule: Rule) -> str:
    """On which side of the target the mean must lie: that of the target's own wording."""
    if rule.side is not None:
        return rule.side
    better = {Comparator.AT_LEAST: 1, Comparator.ABOVE: 1, Comparator.AT_MOST: -1,
              Comparator.BELOW: -1, Comparator.BARE: item.direction}  # fmt: skip
    return {1: "at_least", -1: "at_most"}.get(better.get(item.target.comparator, 0), "nearest")


def _all_bases(
    item: Indicator, starts: Sequence[Fraction | None], regions: Mapping[str, str]
) -> list[Fraction]:
    lacking = [f"{code} {name}" for (code, name), base in zip(regions.items(), starts, strict=True)
               if base is None]  # fmt: skip
    if lacking:
        raise ProblemError(
            Problem("missing_base", "", f"缺{len(lacking)}个地区{item.base_year}年的基期数",
                    expected=f"{len(regions)}个地区齐全", found="缺 " + "、".join(lacking),
                    fix="补充数据文件，或改用 share、copy")
        )  # fmt: skip
    return [base for base in starts if base is not None]


def _targets(
    item: Indicator, rule: Rule, goal: Decimal, shares: Sequence[Fraction],
    starts: Sequence[Fraction | None], regions: Mapping[str, str],
) -> Row:  # fmt: skip
    """The target in proportion to the weights, or the rise over the own bases, or solved rates."""
    assert rule.decimals is not None
    if rule.method == "share":
        return apportion.apportion(goal, shares, decimals=rule.decimals)
    known = _all_bases(item, starts, regions)
    if rule.method == "solve":
        low, high = rate_bounds(item, rule, known)
        return apportion.solve_rates(
            goal, shares, base=known, low=low, high=high, decimals=rule.decimals,
            move=rule.move or "", side=_side(item, rule),
        )  # fmt: skip
    rise = apportion.apportion(Fraction(goal) - sum(known), shares, decimals=rule.decimals)
    sums = (b + Fraction(r) for b, r in zip(known, rise, strict=True))
    return tuple(apportion.apportion(x, [1], decimals=rule.decimals)[0] for x in sums)


def rate_bounds(
    item: Indicator, rule: Rule, bases: Sequence[Fraction]
) -> tuple[list[Fraction], list[Fraction]]:
    """Lowest and highest solved rate of each region: as declared, or the indicator's limits.

    Raises ProblemError for a declared bound that is no number.
    """
    ends = []
    for given, limit in zip((rule.low, rule.high), item.limits, strict=True):
        far = exact(repr(limit) if abs(limit) < 1e12 else ("-1e12" if limit < 0 else "1e12"))
        same = far if given is None or given == "base" else exact(given)
        ends.append(list(bases) if given == "base" else [same] * len(bases))
    return ends[0], ends[1]


def _province_years(item: Indicator, way: Way, goal: Decimal, decimals: int) -> Row | None:
    if item.kind.mode is Mode.SUM:
        assert not isinstance(way, str)
        steps = [b - a for a, b in zip([Fraction(0), *way], way, strict=False)]
        return apportion.apportion(goal, steps, decimals=decimals)
    base = item.base.value
    due = path(item, way, None if base is None else exact(repr(base)), Fraction(goal))
    return None if due is None else tuple(rounded(x, decimals) for x in due)


def _share_years(
    item: Indicator, way: Way, starts: Sequence[Fraction | None],
    targets: Row, sums: Row | None, shares: Sequence[Fraction], decimals: int,
) -> tuple[Row | None, ...]:  # fmt: skip
    """Years of each region: columns add up to the province's, five-year sums to the target too."""
    if sums is None:
        return (None,) * len(targets)
    if item.kind.mode is Mode.SUM:
        if not any(targets):
            return tuple((Decimal(0),) * len(sums) for _ in targets)
        even = [[float(t) * float(s) for s in sums] for t in targets]
        return apportion.rake_rounded(even, rows=targets, columns=sums, decimals=decimals)
    paths = [path(item, way, b, Fraction(t)) for b, t in zip(starts, targets, strict=True)]
    # Without every base the final shares hold in every year: half of them would bend the rest.
    whole = [p for p in paths if p is not None]
    columns = []
    for k, due in enumerate(sums[:-1]):
        near = [p[k] if p[k] > 0 else Fraction(0) for p in whole]
        fit = len(whole) == len(targets) and any(near)
        columns.append(apportion.apportion(due, near if fit else shares, decimals=decimals))
    return tuple(zip(*columns, targets, strict=True))


def _rate_years(
    item: Indicator, way: Way, starts: Sequence[Fraction | None], targets: Row | None, decimals: int
) -> tuple[Row | None, ...]:
    """Years of each region on its own way from its base; None without a base."""
    if targets is None or item.kind.mode is Mode.CHAIN:
        return (None,) * len(starts)
    dues = (path(item, way, b, Fraction(t)) for b, t in zip(starts, targets, strict=True))
    return tuple(None if d is None else tuple(rounded(x, decimals) for x in d) for d in dues)


def _out_of_limits(item: Item, plan: Plan, regions: Mapping[str, str]) -> Iterator[Problem]:
    """One problem that names the regions whose target or years leave the indicator's limits."""
    low, high = item.indicator.limits
    if item.rule.method not in (*ADDITIVE, "solve"):
        return
    found = []
    for (code, name), target, row in zip(
        regions.items(), item.targets or (), item.years, strict=True
    ):
        due = {plan.base_year + 1 + k: value for k, value in enumerate(row or ())}
        words = [f"{year}年{value:f}" for year, value in due.items() if not low <= value <= high]
        words += [f"目标{target:f}"] if not low <= target <= high else []
        found += [f"{code} {name} {'、'.join(words)}"] if words else []
    if found:
        yield Problem("out_of_limits", "", f"{len(found)}个地区的目标或年度数超出指标的范围",
                      expected=f"{low:g}—{high:g}", found="；".join(found),
                      fix="改用 share，或换权重、核对基期数")  # fmt: skip


def parts_above_wholes(
    items: Sequence[Item], regions: Mapping[str, str], where: Callable[[Item, int], str]
) -> list[Problem]:
    """Regions whose target for a part is larger than that for the whole it belongs to.

    Parameters
    ----------
    items : sequence of Item
    regions : mapping
        Code and name, in the order of the targets.
    where : function
        The place of the part's target, from its item and the place of the region.
    """
    by_no = {item.indicator.no: item for item in items if item.rule.method in ADDITIVE}
    pairs = [(p, by_no[p.indicator.whole]) for p in by_no.values() if p.indicator.whole in by_no]
    return [
        Problem("part_above_whole", where(part, place),
                f"{code} {name}的第{part.indicator.no}项大于所属的第{whole.indicator.no}项",
                f"<= {most}", f"{held}", "分项改用与总项相同的权重")
        for part, whole in pairs if part.indicator.unit == whole.indicator.unit
        for place, ((code, name), held, most) in enumerate(zip(
            regions.items(), part.targets or (), whole.targets or (), strict=True))
        if held > most
    ]  # fmt: skip
