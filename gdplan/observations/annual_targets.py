"""Targets of single years, set by a work plan or a government report, with vintages and source.

They are judged apart from the plan's own schedule (METHOD 4.3). Where none is set, none is made up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gdplan.dates import end_of, is_date
from gdplan.files import places
from gdplan.files.csv_table import read_table
from gdplan.model import Plan, Target
from gdplan.notation import parse_target
from gdplan.plans.choices import check_choices
from gdplan.problems import Problem, ProblemError, refuse

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
    problems = [*table.problems]
    targets: dict[tuple[object, ...], AnnualTarget] = {}
    for row in table.cells.to_dict("records"):
        where = f"{path.name}:{row['line']}"
        faults = [*_faults(row, plan, where)]
        problems += faults
        if faults or row["plan"] != plan.id:
            continue
        item = plan.indicator(row["indicator"])
        each = AnnualTarget(
            item.no, row["region_code"], int(row["year"]),
            parse_target(row["target"], unit=item.unit or None), row["published"], row["source"],
            where, row["simulated"].lower() == "true",
        )  # fmt: skip
        first = targets.setdefault((each.indicator, each.region, each.year, each.published), each)
        if first is not each:
            problems.append(Problem("duplicate_key", where, "年度目标重复录入",
                                    found=f"与 {first.where} 相同",
                                    fix="删去其一；调整后的目标写新的发布日期"))  # fmt: skip
    refuse(problems)
    return tuple(targets.values())


def of(
    targets: Sequence[AnnualTarget], indicator: str, *, region: str, year: int, simulated: bool
) -> AnnualTarget | None:
    """The target of one year, as last published; None where none was set."""
    mine = [t for t in targets if (t.indicator, t.region, t.year) == (indicator, region, year)
            and t.simulated == simulated]  # fmt: skip
    return max(mine, key=lambda t: end_of(t.published), default=None)


def _faults(row: Mapping[Any, str], plan: Plan, where: str) -> Iterator[Problem]:
    """What is wrong with a row; of one of another plan only that nothing knows the plan, since it
    would never be read."""
    if row["plan"] != plan.id:
        if row["plan"] not in places.plan_ids():
            yield Problem("unknown_plan", f"{where} plan", "没有这个规划",
                          "、".join(places.plan_ids()), row["plan"] or "空")  # fmt: skip
        return
    try:
        item = plan.indicator(row["indicator"])
    except KeyError:
        yield Problem("unknown_indicator", f"{where} indicator", "规划中没有这项指标",
                      f"{plan.id} 的序号或名称", row["indicator"] or "空")  # fmt: skip
        return
    years = [str(y) for y in range(plan.base_year + 1, plan.target_year + 1)]
    checks = (
        ("region_code", row["region_code"] in places.regions(), "unknown_region",
         "不认识的地区代码", "GB/T 2260 或 data/raw/regions.csv 中的代码"),
        ("source", bool(row["source"]), "no_source", "没有写目标的来源", "文件或报告的名称"),
        ("simulated", row["simulated"].lower() in ("true", "false"), "unknown_word",
         "不认识的用语", "true、false"),
        ("year", row["year"] in years, "year_outside_plan", "年份不在规划期内",
         f"{years[0]}—{years[-1]}"),
        ("unit", row["unit"] == item.unit, "unknown_unit", f"{item.name}的单位不符", item.unit),
        ("target", has_number(row["target"], item.unit), "unreadable_target", "年度目标读不出数",
         "如 110以上、4.5以内"),
        ("published", is_date(row["published"]), "no_vintage", "发布日期缺失或读不懂",
         "YYYY、YYYY-MM 或 YYYY-MM-DD"),
    )  # fmt: skip
    for column, right, key, message, expected in checks:
        if not right:
            yield Problem(key, f"{where} {column}", message, expected, row[column] or "空")


def has_number(cell: str, unit: str = "") -> bool:
    """Whether a plan cell can be read and holds a number."""
    try:
        return parse_target(cell, unit=unit or None).has_number
    except ProblemError:
        return False
