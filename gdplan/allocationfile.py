"""allocation.yml read strictly: which weights break which target down, and how.

Nothing is chosen for the user: every indicator of the plan has its line, and one that is not
broken down says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gdplan import resources, yamlfile
from gdplan.model import Indicator, Kind, Plan, Problem, ProblemError
from gdplan.plan import closest
from gdplan.yamlfile import YamlDocument

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


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Weight(_Strict):
    """Where a weight comes from: a published series, the indicator's own figure, numbers, a mix."""

    series: str | None = None
    own: Literal[True] | None = None
    values: dict[str, Figure] | None = None
    blend: dict[str, Figure] | None = None
    year: int | None = None
    source: str | None = None
    simulated: bool = False


class Rule(_Strict):
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


class AllocationFile(_Strict):
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
        two kinds, indicators without a rule, rules that lack what their method needs.
    """
    file = Path(path)
    file = file / FILE if file.is_dir() else file
    document = yamlfile.read_yaml(file)
    spec = yamlfile.validate(AllocationFile, document)
    problems = [
        *_head(spec, document, plan), *_weights(spec, document), *_rules(spec, document, plan)
    ]  # fmt: skip
    if problems:
        raise ProblemError(problems)
    return spec, document


def regions_of(spec: AllocationFile, plan: Plan) -> dict[str, str]:
    """Code and name of the regions, in the declared order."""
    known = resources.regions()
    codes = resources.cities_of(plan.region) if spec.regions == "cities" else spec.regions
    return {code: known[code] for code in codes}


def _head(spec: AllocationFile, document: YamlDocument, plan: Plan) -> Iterator[Problem]:
    if spec.plan != plan.id:
        yield Problem("other_plan", document.at(("plan",)), "不是这个规划的分解规则",
                      expected=plan.id, found=spec.plan)  # fmt: skip
    if spec.regions == "cities":
        return
    inside = resources.cities_of(plan.region)
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


def _weights(spec: AllocationFile, document: YamlDocument) -> Iterator[Problem]:
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
        if kind == "values" and not weight.source:
            yield Problem("weight_source", at, f"权重 {name} 缺少数据来源", fix="补上 source")
        for other in weight.blend or ():
            if other not in spec.weights or spec.weights[other].blend is not None:
                yield Problem("unknown_weight", at, f"权重 {name} 混合了未知或本身混合的权重",
                              expected="、".join(n for n in spec.weights if n != name),
                              found=other, fix=closest(other, spec.weights))  # fmt: skip


def _rules(spec: AllocationFile, document: YamlDocument, plan: Plan) -> Iterator[Problem]:
    known = {item.no: item for item in plan.indicators}
    for no, item in known.items():
        if no not in spec.indicators:
            yield Problem("missing_rule", document.at(("indicators",)),
                          f"第{no}项“{item.name}”没有分解规则",
                          fix=f'增加 "{no}"，不分解的写 method: none 和 reason')  # fmt: skip
    for no, rule in spec.indicators.items():
        at = document.at(("indicators", no))
        if no not in known:
            yield Problem("unknown_indicator", at, f"规划没有第{no}项", fix=closest(no, known))
            continue
        yield from _rule(rule, known[no], spec, at)


def _rule(rule: Rule, item: Indicator, spec: AllocationFile, at: str) -> Iterator[Problem]:
    name = f"第{item.no}项“{item.name}”"
    needs, may = NEEDS[rule.method], MAY.get(rule.method, ())
    given = {k for k, v in rule.model_dump().items() if v is not None} - {"method"}
    for word in needs:
        if word not in given:
            yield Problem("missing_key", at, f"{name}（{rule.method}）缺少 {word}", fix="补上该键")
    for word in sorted(given - {*needs, *may, "reason"}):
        yield Problem("useless_key", at, f"{name}（{rule.method}）用不到 {word}", fix="删去该键")
    if rule.weights is not None and rule.weights not in spec.weights:
        yield Problem("unknown_weight", at, f"{name}用了未声明的权重",
                      expected="、".join(spec.weights) or "weights 下声明的名称",
                      found=rule.weights, fix=closest(rule.weights, spec.weights))  # fmt: skip
    if rule.method in (*ADDITIVE, "solve") and item.target.value is None:
        yield Problem("no_number", at, f"{name}的目标不是单一数值，不能用 {rule.method}",
                      found=item.target.raw, fix="用 copy 或 none")  # fmt: skip
    if rule.method == "increment" and item.kind is Kind.CUMULATIVE:
        yield Problem("no_increment", at, f"{name}是累计数，没有增量可分", fix="用 share")
    if rule.method in ADDITIVE and (item.unit == "%" or item.kind is Kind.RATE):
        yield Problem("not_additive", at, f"{name}是比率，各地之和没有意义", fix="用 copy 或 solve")
