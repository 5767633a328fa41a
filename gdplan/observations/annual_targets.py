"""Targets of single years, set by a work plan or a government report, with vintages and source.

They are judged apart from the plan's own schedule (METHOD 4.3). Where none is set, none is made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdplan.dates import day_of, end_of
from gdplan.files import places
from gdplan.files.csv_table import read_table
from gdplan.model import Plan, Target
from gdplan.notation import parse_target
from gdplan.plans.choices import check_choices
from gdplan.problems import Problem, ProblemError, refuse

if TYPE_CHECKING:
    import pandas as pd

NAME = "annual_targets.csv"
REQUIRED = ("plan", "indicator", "region_code", "year", "target", "unit", "published", "source")
OPTIONAL = {"note": "", "simulated": "false"}


@dataclass(frozen=True, slots=True)
class AnnualTarget:
    """What one region set itself for one indicator and one year."""

    indicator: str
    region: str
    year: int
    cell: Target
    published: str
    source: str
    where: str
    simulated: bool = False


def read_annual_targets(observations: str | Path, plan: Plan) -> tuple[AnnualTarget, ...]:
    """The targets of single years that go with a set of figures.

    They stand in ``annual_targets.csv`` beside the folder of the observations; empty means the
    project's own, ``data/raw/annual_targets.csv``. See :func:`read`.
    """
    check_choices(plan)
    return read(place(observations), plan)


def place(observations: str | Path = "") -> Path:
    """Where the targets that go with a file or folder of observations stand."""
    if not observations:
        return places.data_folder() / "raw" / NAME
    given = places.located(observations)
    return (given if given.is_dir() else given.parent).resolve().parent / NAME


def read(path: Path, plan: Plan) -> tuple[AnnualTarget, ...]:
    """The targets that a file holds for a plan; none when there is no file.

    Rows of other plans are passed over. Indicators are given by number or name.

    Raises
    ------
    ProblemError
        With every fault and its line: missing columns, unknown indicator, year outside the plan,
        another unit, a cell or a date that cannot be read, the same target entered twice.
    """
    if not path.is_file():
        return ()
    table = read_table(path, REQUIRED, OPTIONAL)
    problems = [*table.problems, *_unknown_plans(table.cells, path.name)]
    found: dict[tuple[object, ...], AnnualTarget] = {}
    for row in table.cells.to_dict("records"):
        if row["plan"] != plan.id:
            continue
        where = f"{path.name}:{row['line']}"
        faults = list(_faults(row, plan, where))
        problems += faults
        if faults:
            continue
        each = _target(row, plan, where)
        key = (each.indicator, each.region, each.year, each.published)
        if key in found:
            problems.append(
                Problem("duplicate_key", where, "年度目标重复录入",
                        found=f"与 {found[key].where} 相同",
                        fix="删去其一；调整后的目标写新的发布日期")
            )  # fmt: skip
        found[key] = each
    refuse(problems)
    return tuple(found.values())


def known(targets: Iterable[AnnualTarget], as_of: str | date | None) -> tuple[AnnualTarget, ...]:
    """The targets that were published on a day; all of them without a day."""
    if as_of is None:
        return tuple(targets)
    day = day_of(as_of)
    return tuple(t for t in targets if end_of(t.published) <= day)


def of(
    targets: Sequence[AnnualTarget], indicator: str, *, region: str, year: int, simulated: bool
) -> AnnualTarget | None:
    """The target of one year, as last published; None where none was set."""
    mine = [t for t in targets if (t.indicator, t.region, t.year) == (indicator, region, year)
            and t.simulated == simulated]  # fmt: skip
    return max(mine, key=lambda t: end_of(t.published), default=None)


def _unknown_plans(cells: pd.DataFrame, file: str) -> list[Problem]:
    """Rows of plans that are not there: they would never be read."""
    known = places.plan_ids()
    return [
        Problem("unknown_plan", f"{file}:{row['line']} plan", "没有这个规划", "、".join(known),
                row["plan"] or "空")
        for row in cells[~cells["plan"].isin(known)].to_dict("records")
    ]  # fmt: skip


def _target(row: dict[Any, Any], plan: Plan, where: str) -> AnnualTarget:
    item = plan.indicator(row["indicator"])
    return AnnualTarget(
        item.no, row["region_code"], int(row["year"]),
        parse_target(row["target"], unit=item.unit or None), row["published"], row["source"],
        where, row["simulated"].lower() == "true",
    )  # fmt: skip


def _faults(row: dict[Any, Any], plan: Plan, where: str) -> Iterable[Problem]:
    try:
        item = plan.indicator(row["indicator"])
    except KeyError:
        yield Problem("unknown_indicator", f"{where} indicator", "规划中没有这项指标",
                      f"{plan.id} 的序号或名称", row["indicator"] or "空")  # fmt: skip
        return
    if row["region_code"] not in places.regions():
        yield Problem("unknown_region", f"{where} region_code", "不认识的地区代码",
                      "data/raw/regions.csv 中的代码", row["region_code"] or "空")  # fmt: skip
    if not row["source"]:
        yield Problem("no_source", f"{where} source", "没有写目标的来源", "文件或报告的名称", "空")
    if row["simulated"].lower() not in ("true", "false"):
        yield Problem("unknown_word", f"{where} simulated", "不认识的用语", "true、false",
                      row["simulated"])  # fmt: skip
    years = [str(y) for y in range(plan.base_year + 1, plan.target_year + 1)]
    if row["year"] not in years:
        yield Problem("year_outside_plan", f"{where} year", "年份不在规划期内",
                      f"{years[0]}—{years[-1]}", row["year"] or "空")  # fmt: skip
    if row["unit"] != item.unit:
        yield Problem("unknown_unit", f"{where} unit", f"{item.name}的单位不符", item.unit,
                      row["unit"] or "空")  # fmt: skip
    try:
        readable = parse_target(row["target"], unit=item.unit or None).has_number
    except ProblemError:
        readable = False
    if not readable:
        yield Problem("unreadable_target", f"{where} target", "年度目标读不出数",
                      "如 110以上、4.5以内", row["target"] or "空")  # fmt: skip
    try:
        end_of(row["published"])
    except ProblemError:
        yield Problem("no_vintage", f"{where} published", "发布日期缺失或读不懂",
                      "YYYY、YYYY-MM 或 YYYY-MM-DD", row["published"] or "空")  # fmt: skip
