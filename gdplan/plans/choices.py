"""What is asked of a plan: region, year, kind and day, refused alike by the library and the
command line, every fault at once.

A region that nobody knows would give a complete report of nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from gdplan.dates import day_of
from gdplan.files import places
from gdplan.model import Indicator, Plan
from gdplan.plans.rule_table import rule_table
from gdplan.problems import Problem, ProblemError, closest, closest_name, refuse, wrong_type

REGISTER = "GB/T 2260 或 data/raw/regions.csv 中的代码"


def known_regions(plan: Plan | None = None) -> dict[str, str]:
    """Codes and names of the regions of the register, and of the plan's own region."""
    own = {} if plan is None else {plan.region: plan.region_name}
    return own | places.regions()


def check_region(region: object, plan: Plan | None = None, figures: Any = None) -> None:
    """Refuse a region that is neither in data/raw/regions.csv, nor the plan's own, nor one of which
    the figures at hand speak.

    Raises
    ------
    ProblemError
        With the closest known region.
    """
    refuse(_region(region, plan, figures))


def check_regions(regions: object, plan: Plan | None = None, figures: Any = None) -> None:
    """Refuse a text where a list of codes is meant, and every unknown region of the list.

    Raises
    ------
    ProblemError
    """
    refuse(_regions(regions, plan, figures))


def check_choices(plan: object, figures: Any = None, **choices: object) -> None:
    """Refuse what no plan, figure or register knows.

    Parameters
    ----------
    plan : Plan
        From :func:`gdplan.load_plan`.
    figures : DataFrame, optional
        From :func:`gdplan.read_observations`; the regions it speaks of are known.
    choices
        Any of ``region``, ``regions``, ``year``, ``kind`` and ``as_of``; the last two may be None.

    Raises
    ------
    ProblemError
        With every fault: a wrong type, an unknown region or kind, a year outside the plan, a day
        that cannot be read.

    Examples
    --------
    >>> from gdplan import load_plan
    >>> check_choices(load_plan("gd-hrss-14"), region="广东省")
    Traceback (most recent call last):
    gdplan.problems.ProblemError: 1. region：不认识的地区代码；应为 GB/T 2260 或 \
data/raw/regions.csv 中的代码；实为 广东省；处理：广东省的代码是 440000 [unknown_region]
    """
    if not isinstance(plan, Plan):
        raise ProblemError(wrong_type("plan", plan, "规划", 'load_plan("gd-hrss-14") 读出的规划'))
    refuse([*_figures(figures), *_choices(plan, figures, choices)])


def _figures(figures: Any) -> Iterator[Problem]:
    if figures is not None and "region" not in getattr(figures, "columns", ()):
        # A frame is too long to be quoted.
        yield Problem("wrong_type", "observations", "数据的类型不对",
                      "read_observations() 读出的表", type(figures).__name__)  # fmt: skip


def _choices(plan: Plan, figures: Any, choices: Mapping[str, object]) -> Iterator[Problem]:
    if "region" in choices:
        yield from _region(choices["region"], plan, figures)
    if "regions" in choices:
        yield from _regions(choices["regions"], plan, figures)
    if "year" in choices:
        yield from _faults(partial(rule_table, plan, choices["year"], choices.get("kind")))
    if choices.get("as_of") is not None:
        faults = _faults(partial(day_of, choices["as_of"]))
        yield from (replace(p, where="as_of", found=str(choices["as_of"])) for p in faults)


def _faults(work: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        work()
    except ProblemError as error:
        return error.problems
    return ()


def _regions(regions: object, plan: Plan | None, figures: Any) -> Iterator[Problem]:
    if isinstance(regions, str) or not isinstance(regions, Collection):
        yield wrong_type("regions", regions, "地区", '代码的列表，如 ["440000"]')
        return
    for region in regions:
        yield from _region(region, plan, figures)


def _region(region: object, plan: Plan | None, figures: Any) -> Iterator[Problem]:
    if plan is not None and region == plan.region:
        return  # Known whatever the register holds.
    known = known_regions(plan)
    if not isinstance(region, str):
        fix = "papermill 用 -r region 440100，不用 -p" if str(region) in known else ""
        yield wrong_type("region", region, "地区代码", '文字，如 "440100"', fix)
    elif region not in known and region not in set(getattr(figures, "region", ())):
        yield Problem("unknown_region", "region", "不认识的地区代码", REGISTER, region or "空",
                      closest_region(region, known))  # fmt: skip


def closest_region(region: str, known: Mapping[str, str]) -> str:
    """The code of a region called by its name, or the closest code, as words; empty for none."""
    named = next((code for code, name in known.items() if name == region), "")
    if named:
        return f"{region}的代码是 {named}"
    listed = places.listed_regions()
    code = closest_name(region, listed, cutoff=0.5) or closest_name(region, known, cutoff=0.5)
    return f"最接近的是 {code} {known[code]}" if code else ""


def indicator_of(plan: Plan, label: object) -> Indicator:
    """The indicator of a number, name or alias.

    Raises
    ------
    ProblemError
        With the closest known label.
    """
    labels = {word: i for i in plan.indicators for word in (i.no, i.name, *i.aliases)}
    if not isinstance(label, str):
        raise ProblemError(wrong_type("indicator", label, "指标", '序号或名称，如 "1"'))
    if label not in labels:
        raise ProblemError.of("unknown_indicator", "indicator", "规划中没有这项指标",
                              f"{plan.id} 的序号或名称", label, closest(label, labels))  # fmt: skip
    return labels[label]
