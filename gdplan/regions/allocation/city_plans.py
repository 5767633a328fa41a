"""A breakdown as files: the table of every region and year, and one plan folder per region.

A city's plan is a plan like any other: plan.yml and a text with its table. Before a folder is
handed over it is read back with :func:`gdplan.load_plan`, and every indicator is compared.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from gdplan.files.csv_table import to_csv
from gdplan.files.run_folder import workplace
from gdplan.model import Indicator
from gdplan.notation import parse_target
from gdplan.plans.load import DIRECTIONS, default_rules, load_plan
from gdplan.plans.raw_tables import TITLE
from gdplan.problems import Problem, ProblemError
from gdplan.regions.allocation.breakdown import MARK, Breakdown, Item

COLUMNS = (
    "plan", "indicator", "name", "unit", "method", "region", "region_name", "year", "value",
    "cell", "base", "weight", "weight_share", "regions_total", "note", "simulated",
)  # fmt: skip
"""Columns of allocation.csv; docs/dictionary/allocation.csv says what each means."""


def table(breakdown: Breakdown) -> bytes:
    """allocation.csv: the province and its regions, year by year; UTF-8 with BOM."""
    rows = (row for item in breakdown.items for row in _rows(breakdown, item))
    return to_csv(COLUMNS, rows).encode("utf-8-sig")


def regions_total(item: Item, year: int | None = None) -> Fraction | None:
    """Sum of the regions, or weighted mean of solved rates, in a year (by place) or at the end."""
    values = item.targets if year is None else [r[year] if r else None for r in item.years]
    if item.shares is None or values is None or any(v is None for v in values):
        return None
    weights = item.shares if item.rule.method == "solve" else [Fraction(1)] * len(values)
    numbers = (Fraction(v) for v in values if v is not None)
    return sum((w * v for w, v in zip(weights, numbers, strict=True)), Fraction(0))


def _rows(breakdown: Breakdown, item: Item) -> Iterator[tuple[str, ...]]:
    plan, it = breakdown.plan, item.indicator
    head = (plan.id, it.no, it.name, it.unit, item.rule.method)
    own = item.total_years, item.total, it.target.raw, it.base.raw, Fraction(1), ""
    lines = [(plan.region, plan.region_name, *own)]
    for k, (code, name) in enumerate(breakdown.regions.items()):
        goal = item.targets[k] if item.targets else None
        share = item.shares[k] if item.shares else Fraction(0)
        cells = item.years[k], goal, item.cells[k], item.bases[k], share, _note(item, k)
        lines.append((code, name, *cells))
    for code, name, row, goal, cell, base, share, note in lines:
        part = "" if item.shares is None else f"{float(share):.6f}"
        for k, year in enumerate(range(plan.base_year + 1, plan.target_year + 1)):
            last = year == plan.target_year
            value = row[k] if row else goal if last else None
            if value is None and not last:
                continue
            yield (*head, code, name, str(year), "" if value is None else f"{value:f}",
                   cell if last else "", base, item.weight, part,
                   _total(item, k, last) if code == plan.region else "",
                   note if last else "", str(item.simulated).lower())  # fmt: skip


def _note(item: Item, place: int) -> str:
    """What a city should know of its number: that it asks for less than there is already."""
    if item.rule.method == "none":
        return f"不分解：{item.rule.reason}"
    base = parse_target(item.bases[place], unit=item.indicator.unit or None).value
    target = item.targets[place] if item.targets else None
    if base is None or target is None or item.indicator.direction == 0:
        return ""
    worse = (float(target) - base) * item.indicator.direction < 0
    return "目标低于基期水平，按底线判断" if worse else ""


def _total(item: Item, place: int, last: bool) -> str:
    total = regions_total(item, place)
    total = regions_total(item) if total is None and last else total
    if total is None:
        return ""
    decimals = 6 if item.rule.method == "solve" else item.rule.decimals or 0
    return f"{Decimal(total.numerator) / Decimal(total.denominator):.{decimals}f}"


def plan_id(breakdown: Breakdown, code: str) -> str:
    """Id of a region's plan, from codes and never from names."""
    return f"{breakdown.plan.id}-{code}"


def folders(breakdown: Breakdown) -> dict[str, bytes]:
    """Every city's plan folder: path below the output folder and content."""
    files = {}
    for place, (code, name) in enumerate(breakdown.regions.items()):
        folder = plan_id(breakdown, code)
        files[f"{folder}/plan.yml"] = _plan_yml(breakdown, code, name).encode()
        files[f"{folder}/plan.txt"] = _plan_txt(breakdown, place, name).encode()
    return files


def write(breakdown: Breakdown, extra: Mapping[str, bytes], out: Path) -> Path:
    """Write a breakdown into a folder that must not exist yet, all of it or nothing.

    Parameters
    ----------
    breakdown : Breakdown
    extra : mapping
        More files beside allocation.csv and the plan folders.
    out : Path

    Raises
    ------
    ProblemError
        When the folder exists, the place cannot be written or is full, or a plan read back
        differs from what was allocated.
    """
    if os.path.lexists(out):
        raise ProblemError(Problem("output_exists", str(out), "输出文件夹已存在，可能有协商结果",
                                   fix="移走旧文件夹，或用 --out 换处"))  # fmt: skip
    plans = folders(breakdown)
    files = {"allocation.csv": table(breakdown), **extra,
             **{f"plans/{name}": content for name, content in plans.items()}}  # fmt: skip
    with workplace(out.parent, out.name) as made:
        for name, content in files.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        problems = [p for k in range(len(breakdown.regions)) for p in _differs(breakdown, k, made)]
        if problems:
            raise ProblemError(problems)
        made.rename(out)
    return out


def _differs(breakdown: Breakdown, place: int, made: Path) -> list[Problem]:
    """Indicators of a written plan that do not read back as they were allocated."""
    code = list(breakdown.regions)[place]
    plan = load_plan(made / "plans" / plan_id(breakdown, code))
    wanted = [expected(breakdown, item, place) for item in breakdown.items]
    found = [replace(item, line=0, place="") for item in plan.indicators]
    return [
        Problem("plan_differs", f"{plan.id} 第{a.no}项", "写出的规划读回后与分解结果不一致",
                expected=str(a), found=str(b))
        for a, b in zip(wanted, found, strict=True) if a != b
    ]  # fmt: skip


def expected(breakdown: Breakdown, item: Item, place: int) -> Indicator:
    """The indicator of a region's plan as it must read back."""
    it = item.indicator
    unit = it.unit or None
    return replace(
        it, name_en=it.name_en or it.name, base=parse_target(item.bases[place], unit=unit),
        target=parse_target(item.cells[place], unit=unit), line=0, place="", result=None,
        revised=(),
    )  # fmt: skip


def _plan_txt(breakdown: Breakdown, place: int, name: str) -> str:
    plan = breakdown.plan
    lines = [f"{name}{_title(breakdown)}", "", f"由《{plan.title}》（{plan.document}）的目标分解。"]
    if breakdown.simulated:
        lines.append(f"{MARK}。")
    lines += ["", f"{plan.table} 主要指标" if TITLE.fullmatch(plan.table) else plan.table,
              f"序号\t指标\t单位\t{plan.base_year}年\t{plan.target_year}年\t指标属性"]  # fmt: skip
    section = ""
    for item in breakdown.items:
        it = item.indicator
        if it.section != section:
            lines.append(section := it.section)
        inside = "其中：" if it.parent else ""
        lines.append("\t".join((it.no, inside + it.name, it.unit, item.bases[place],
                                item.cells[place], it.attribute.value)))  # fmt: skip
    return "\n".join([*lines, "", "注：[]内为五年累计数。", ""])


def _title(breakdown: Breakdown) -> str:
    return f"落实《{breakdown.plan.title}》分解方案"


def _plan_yml(breakdown: Breakdown, code: str, name: str) -> str:
    plan, spec = breakdown.plan, breakdown.spec
    mark = f"（{MARK}）" if breakdown.simulated else ""
    usual = default_rules()
    data: dict[str, Any] = {
        "id": plan_id(breakdown, code), "title": f"{name}{_title(breakdown)}{mark}",
        "title_en": f"{plan.title_en}: targets allocated to region {code}",
        "document": spec.document or f"据{plan.document}分解", "issued": spec.issued or plan.issued,
        "region": code, "region_name": name, "text": "plan.txt", "table": plan.table,
        "base_year": plan.base_year, "target_year": plan.target_year,
        "default_department": plan.default_department, "terms_en": dict(plan.terms_en),
        "parameters": {k: v for k, v in plan.parameters.items() if usual.parameters.get(k) != v},
        **{t: [{"verdict": v, "when": list(w)} for v, w in plan.rules[t]] for t in plan.rules
           if plan.rules[t] != tuple((r.verdict, tuple(r.when)) for r in getattr(usual, t))},
        "indicators": {i.indicator.no: _meta(i.indicator) for i in breakdown.items},
    }  # fmt: skip
    mark = "# 由 gdplan allocate 生成；改目标请改分解规则或协商表后重新生成。"
    return "\n".join((mark, *_yaml(data), ""))


def _meta(it: Indicator) -> dict[str, Any]:
    words = {number: word for word, number in DIRECTIONS.items()}
    meta: dict[str, Any] = {
        "name": it.name, "name_en": it.name_en, "direction": words[it.direction],
        "scale": it.scale.value, "kind": it.kind.name, "unit": it.unit or None,
        "department": it.department, "aliases": list(it.aliases),
        "limits": [x if math.isfinite(x) else None for x in it.limits],
        "part_of": it.whole, "parameters": dict(it.parameters),
    }  # fmt: skip
    return {key: value for key, value in meta.items() if value not in (None, [], {})}


def _yaml(value: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """A mapping as YAML lines: keys and texts quoted as JSON, which YAML reads as it stands."""
    for key, inner in value.items():
        quoted = json.dumps(key, ensure_ascii=False)
        if isinstance(inner, dict) and inner:
            yield f"{indent}{quoted}:"
            yield from _yaml(inner, indent + "  ")
        else:
            yield f"{indent}{quoted}: {json.dumps(inner, ensure_ascii=False)}"
