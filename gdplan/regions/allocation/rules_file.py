"""allocation.yml read strictly: which weights break which target down, and how.

Nothing is chosen for the user: every indicator of the plan has its line, and one that is not
broken down says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gdplan.files import places, strict_yaml
from gdplan.files.strict_yaml import Strict, YamlDocument
from gdplan.model import Indicator, Mode, Plan
from gdplan.problems import Problem, ProblemError, closest
from gdplan.regions.allocation.exact import exact, shown

Figure = float | int | str
FILE = "allocation.yml"
ADDITIVE = ("share", "increment")
"""Methods whose regions add up to the province."""


_SHARED = ("weights", "decimals")
NEEDS: dict[str, tuple[str, ...]] = {
    "share": _SHARED, "increment": _SHARED, "solve": (*_SHARED, "move"), "copy": (),
    "none": ("reason",),
}  # fmt: skip
MAY: dict[str, tuple[str, ...]] = {
    "share": ("years",), "increment": ("years",), "solve": ("side", "low", "high", "years"),
    "copy": ("years",),
}  # fmt: skip


class Weight(Strict):
    """Where a weight comes from: a published series, the indicator's own figure, numbers, a mix."""

    series: str | None = None
    own: Literal[True] | None = None
    values: dict[str, Figure] | None = None
    blend: dict[str, Figure] | None = None
    year: int | None = None
    source: str | None = None
    simulated: bool = False


class Rule(Strict):
    """How one indicator's target is broken down.

    ``share`` shares out the target, ``increment`` the rise over the regions' own bases; ``solve``
    finds rates with the target as their weighted mean; ``copy`` gives every region the target.
    """

    method: Literal["share", "increment", "copy", "solve", "none"]
    weights: str | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None
    years: Literal["linear", "geometric"] | list[Figure] | None = None
    move: Literal["points", "gap"] | None = None
    side: Literal["nearest", "at_least", "at_most"] | None = None
    low: Figure | None = None
    high: Figure | None = None
    reason: str | None = None


class AllocationFile(Strict):
    """The whole of allocation.yml."""

    plan: str
    regions: Literal["cities"] | list[str]
    weights: dict[str, Weight] = Field(default_factory=dict)
    indicators: dict[str, Rule]
    document: str | None = None
    issued: str | None = None


def read_allocation(path: str | Path, plan: Plan) -> tuple[AllocationFile, YamlDocument]:
    """Read allocation.yml and hold it against its plan.

    Parameters
    ----------
    path : file, or a folder that holds an allocation.yml
    plan : Plan

    Returns
    -------
    AllocationFile, YamlDocument
        The rules, and the lines they stand on.

    Raises
    ------
    ProblemError
        With every fault at once: another plan, unknown regions, weights without a source or of
        two kinds, weights and shares that are no weights, indicators without a rule, rules that
        lack what their method needs. Beside unknown keys and wrong types stand the faults that
        can still be told: another plan, indicators without a rule, unknown names.
    """
    file = Path(path)
    file = file / FILE if file.is_dir() else file
    spec, document, problems = strict_yaml.load_rules(
        AllocationFile, file, partial(_names, plan=plan)
    )
    for check in (_regions, _weights, _rules):
        problems += check(spec, document, plan)
    if problems:
        raise ProblemError(list(dict.fromkeys(problems)))
    return spec, document


def regions_of(spec: AllocationFile, plan: Plan) -> dict[str, str]:
    """Code and name of the regions, in the declared order."""
    known = places.regions()
    codes = places.cities_of(plan.region) if spec.regions == "cities" else spec.regions
    return {code: known[code] for code in codes}


def _names(document: YamlDocument, plan: Plan) -> Iterator[Problem]:
    """What can be told of any mapping: the plan, indicators and weights that are named."""
    data = document.data
    if isinstance(data.get("plan"), str) and data["plan"] != plan.id:
        yield Problem("other_plan", document.at(("plan",)), "不是这个规划的分解规则",
                      expected=plan.id, found=data["plan"])  # fmt: skip
    rules, weights = data.get("indicators"), data.get("weights", {})
    if not isinstance(rules, dict):
        return
    known = {item.no: f"第{item.no}项“{item.name}”" for item in plan.indicators}
    for no, name in known.items():
        if no not in rules:
            yield Problem("missing_rule", document.at(("indicators",)), f"{name}没有分解规则",
                          fix=f'增加 "{no}"，不分解的写 method: none 和 reason')  # fmt: skip
    for no, rule in rules.items():
        at = document.at(("indicators", no))
        if no not in known:
            yield Problem("unknown_indicator", at, f"规划没有第{no}项", fix=closest(no, known))
            continue
        word = rule.get("weights") if isinstance(rule, dict) else None
        if isinstance(word, str) and isinstance(weights, dict) and word not in weights:
            yield Problem("unknown_weight", at, f"{known[no]}用了未声明的权重",
                          expected="、".join(weights) or "weights 下声明的名称",
                          found=word, fix=closest(word, weights))  # fmt: skip


def _regions(spec: AllocationFile, document: YamlDocument, plan: Plan) -> Iterator[Problem]:
    if spec.regions == "cities":
        return
    inside = places.cities_of(plan.region)
    for place, code in enumerate(spec.regions):
        at = document.at(("regions", str(place)))
        if code not in inside:
            yield Problem("unknown_region", at, "不是规划所在地区的下级地区",
                          expected=f"data/raw/regions.csv 中 {plan.region} 的下级", found=code,
                          fix=closest(code, inside))  # fmt: skip
        elif code in spec.regions[:place]:
            yield Problem("duplicate_region", at, "地区重复", found=code, fix="删去其一")
    if not spec.regions:
        yield Problem("no_regions", document.at(("regions",)), "没有地区", expected="至少一个")


def _weights(spec: AllocationFile, document: YamlDocument, plan: Plan) -> Iterator[Problem]:
    for name, weight in spec.weights.items():
        at = document.at(("weights", name))
        kinds = [k for k in ("series", "own", "values", "blend") if getattr(weight, k) is not None]
        if len(kinds) != 1:
            yield Problem("weight_kind", at, f"权重 {name} 应有且只有一种来源",
                          expected="series、own、values、blend 之一",
                          found="、".join(kinds) or "无")  # fmt: skip
            continue
        [kind] = kinds
        if kind in ("series", "own") and weight.year is None:
            yield Problem("weight_year", at, f"权重 {name} 缺少年份", fix="补上 year: 2020")
        if kind == "values" and not (weight.source or "").strip():
            yield Problem("weight_source", at, f"权重 {name} 缺少数据来源", fix="补上 source")
        for other in weight.blend or ():
            if other not in spec.weights or spec.weights[other].blend is not None:
                yield Problem("unknown_weight", at, f"权重 {name} 混合了未知或本身混合的权重",
                              expected="、".join(n for n in spec.weights if n != name),
                              found=other, fix=closest(other, spec.weights))  # fmt: skip

        if weight.values is not None:
            yield from _values(name, weight.values, document, plan)
        if weight.blend is not None:
            yield from _shares(name, weight.blend, document)


def _values(
    name: str, values: Mapping[str, Figure], document: YamlDocument, plan: Plan
) -> Iterator[Problem]:
    """Weights given as numbers: known regions, finite numbers, none negative, not all zero."""
    key, inside = ("weights", name, "values"), places.cities_of(plan.region)
    for code in values:
        if code not in inside:
            yield Problem("unknown_region", document.at((*key, code)),
                          f"权重 {name} 有不属于规划的地区",
                          expected=f"data/raw/regions.csv 中 {plan.region} 的下级", found=code,
                          fix=closest(code, inside))  # fmt: skip
    faults = list(_no_weights(f"权重 {name}", key, values, document))
    yield from faults
    if not faults and not any(exact(value) for value in values.values()):
        yield Problem("weights_zero", document.at(key), f"权重 {name} 全为零，无法分配",
                      expected="至少一个权重大于零")  # fmt: skip


def _shares(name: str, blend: Mapping[str, Figure], document: YamlDocument) -> Iterator[Problem]:
    """Shares of a mix: not negative, one together."""
    key = ("weights", name, "blend")
    faults = list(_no_weights(f"混合权重 {name} 的份额", key, blend, document))
    yield from faults
    whole = 1 if faults else sum(map(exact, blend.values()), Fraction(0))
    if whole != 1:
        yield Problem("blend_shares", document.at(key), f"混合权重 {name} 的份额之和应为1",
                      expected="1", found=shown(whole))  # fmt: skip


def _no_weights(
    what: str, key: tuple[str, ...], values: Mapping[str, Figure], document: YamlDocument
) -> Iterator[Problem]:
    for word, value in values.items():
        at = document.at((*key, word))
        try:
            number = exact(value)
        except ProblemError:
            yield Problem(
                "not_a_number", at, f"{what}（{word}）不是有限的数", "有限的数", f"{value}"
            )
            continue
        if number < 0:
            yield Problem("negative_weight", at, f"{what}（{word}）不能为负", ">= 0", f"{value}")


def _rules(spec: AllocationFile, document: YamlDocument, plan: Plan) -> Iterator[Problem]:
    known = {item.no: item for item in plan.indicators}
    for no, rule in spec.indicators.items():
        if no in known:
            yield from _rule(rule, known[no], document.at(("indicators", no)))


def _rule(rule: Rule, item: Indicator, at: str) -> Iterator[Problem]:
    name = f"第{item.no}项“{item.name}”"
    needs, may = NEEDS[rule.method], MAY.get(rule.method, ())
    given = {k for k, v in rule.model_dump().items() if v is not None} - {"method"}
    for word in needs:
        if word not in given:
            yield Problem("missing_key", at, f"{name}（{rule.method}）缺少 {word}", fix="补上该键")
    for word in sorted(given - {*needs, *may, "reason"}):
        yield Problem("useless_key", at, f"{name}（{rule.method}）用不到 {word}", fix="删去该键")
    if rule.method == "none" and rule.reason is not None and not rule.reason.strip():
        yield Problem("missing_reason", at, f"{name}不分解而没有理由", expected="reason 写明理由",
                      found="空白")  # fmt: skip
    if rule.method in (*ADDITIVE, "solve") and item.target.value is None:
        yield Problem("no_number", at, f"{name}的目标不是单一数值，不能用 {rule.method}",
                      found=item.target.raw, fix="用 copy 或 none")  # fmt: skip
    if rule.method == "increment" and item.kind.mode is Mode.SUM:
        yield Problem("no_increment", at, f"{name}是累计数，没有增量可分", fix="用 share")
    if rule.method in ADDITIVE and (item.unit == "%" or item.kind.mode is Mode.CHAIN):
        yield Problem("not_additive", at, f"{name}是比率，各地之和没有意义", fix="用 copy 或 solve")
