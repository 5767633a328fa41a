"""Weights and bases of regions from published figures: the printed numbers, nothing filled in."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gdplan.model import Bound, Indicator, Period
from gdplan.observations.read import choose
from gdplan.problems import Problem, ProblemError
from gdplan.regions.allocation import apportion
from gdplan.regions.allocation.exact import exact, shown
from gdplan.regions.allocation.rules_file import AllocationFile, Weight

if TYPE_CHECKING:
    import pandas as pd

NONE = "—"
BASES = {Bound.EXACT: "{}", Bound.APPROX: "约{}", Bound.AT_LEAST: "{}以上", Bound.AT_MOST: "{}以内"}
Known = Mapping[tuple[str, str, int], Mapping[str, Any]]


def known_figures(observations: pd.DataFrame) -> Known:
    """The chosen full-year figure of every series, region and year."""
    chosen = choose(observations)
    if not len(chosen):
        return {}
    full = chosen[chosen["used"] & chosen["period"].isin([Period.ANNUAL, Period.YEAR_END])]
    rows: list[Any] = full.to_dict("records")
    return {(r["indicator"], r["region"], int(r["year"])): r for r in rows}


def base_of(item: Indicator, region: str, known: Known) -> Mapping[str, Any] | None:
    """A region's figure of the base year; sums and growth start from nothing."""
    if item.kind.accumulates:
        return None
    names = (item.name, *item.aliases)
    found = (known.get((name, region, item.base_year)) for name in names)
    return next((row for row in found if row is not None), None)


def base_cell(row: Mapping[str, Any] | None) -> str:
    """The base as a plan prints it."""
    return NONE if row is None else BASES[Bound(row["bound"])].format(row["raw"])


def number_of(row: Mapping[str, Any] | None) -> Fraction | None:
    """The printed number of a figure; a composition has none."""
    return None if row is None or ":" in str(row["raw"]) else exact(str(row["raw"]))


def weights_of(
    spec: AllocationFile, name: str, item: Indicator, regions: Mapping[str, str], known: Known
) -> tuple[tuple[Fraction, ...], bool]:
    """Weights of the regions in order, and whether any of them is simulated."""
    weight = spec.weights[name]
    if weight.blend is None:
        return _plain_weight(name, weight, item, regions, known)
    problems, parts = list[Problem](), []
    for other in weight.blend:
        try:
            parts.append(_plain_weight(other, spec.weights[other], item, regions, known))
        except ProblemError as error:
            problems += error.problems
    if problems:
        raise ProblemError(list(dict.fromkeys(problems)))
    mixed = apportion.blend([values for values, _ in parts], list(weight.blend.values()))
    return mixed, any(fake for _, fake in parts)


def _plain_weight(
    name: str, weight: Weight, item: Indicator, regions: Mapping[str, str], known: Known
) -> tuple[tuple[Fraction, ...], bool]:
    if weight.values is not None:
        have: dict[str, Any] = {k: exact(v) for k, v in weight.values.items()}
        fake, what, fix = weight.simulated, f"权重 {name}", "在 values 下补上"
    else:
        names = (item.name, *item.aliases) if weight.own else (str(weight.series),)
        rows = {code: next((known[n, code, weight.year] for n in names
                            if weight.year and (n, code, weight.year) in known), None)
                for code in regions}  # fmt: skip
        have = {code: number_of(row) for code, row in rows.items() if row is not None}
        fake = any(row["simulated"] for row in rows.values() if row is not None)
        what, fix = f"权重 {name}（{names[0]}，{weight.year}年）", "补充数据文件，或改用其他权重"
    where = "" if weight.own else name
    lacking = [f"{code} {regions[code]}" for code in regions if have.get(code) is None]
    if lacking:
        raise ProblemError(
            Problem("missing_weight", where, f"{what}缺{len(lacking)}个地区的数据",
                    expected=f"{len(regions)}个地区齐全", found="缺 " + "、".join(lacking), fix=fix)
        )  # fmt: skip
    below = [f"{code} {regions[code]} {shown(have[code])}" for code in regions if have[code] < 0]
    if below:
        raise ProblemError(Problem("negative_weight", where, f"{what}有负数", ">= 0",
                                   "、".join(below), "改用其他权重"))  # fmt: skip
    if not any(have[code] for code in regions):
        raise ProblemError(Problem("weights_zero", where, f"{what}在各地区全为零，无法分配",
                                   "至少一个权重大于零", fix="改用其他权重"))  # fmt: skip
    return tuple(have[code] for code in regions), fake
