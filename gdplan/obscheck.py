"""Row checks of observation files: every fault with file, line and column, all at once."""

from __future__ import annotations

import csv
import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict

from gdplan import resources, yamlfile
from gdplan.model import Bound, Kind, Period, Plan, Problem
from gdplan.notation import split_unit

_NUMBER = re.compile(r"^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$|^-?\d+(?:\.\d+)?$")
_RATIO = re.compile(r"^\d+(?:\.\d+)?(?:[:∶：]\d+(?:\.\d+)?)+$")
_GROWTH = re.compile(r"增长|增速|增幅|降低|下降")
_ACCESS = ("direct", "reprint", "")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Sidecar(_Strict):
    """The .yml beside an observation file: what it is and where it comes from."""

    title: str
    description: str
    provenance: str
    retrieved: str
    licence: str
    encoding: str


class Series(_Strict):
    """One published series that is no indicator."""

    unit: str
    meaning: str


class SeriesFile(_Strict):
    """data/raw/series.yml."""

    series: dict[str, Series]


@dataclass(frozen=True, slots=True)
class Registers:
    """Known names, units and regions; ``names`` leads from alias to the plan's name."""

    names: Mapping[str, str]
    unit_of: Mapping[str, str]
    regions: Mapping[str, str]
    limits: Mapping[str, tuple[float, float]]

    @classmethod
    def load(cls, plan: Plan | None) -> Registers:
        """From the data folder and, when given, the plan."""
        raw = resources.data_folder() / "raw"
        series = yamlfile.validate(SeriesFile, yamlfile.read_yaml(raw / "series.yml")).series
        with (raw / "regions.csv").open(encoding="utf-8") as file:
            regions = {row["code"]: row["name"] for row in csv.DictReader(file)}
        units = {name: entry.unit for name, entry in series.items()} if plan else {}
        names: dict[str, str] = {}
        limits: dict[str, tuple[float, float]] = {}
        for item in plan.indicators if plan else ():
            for name in (item.name, *item.aliases):
                names[name], units[name] = item.name, item.unit
                growth = item.kind is Kind.RATE
                limits[name] = (-math.inf, math.inf) if growth else item.limits
        return cls(names, units, regions, limits)

    def factors(self, table: pd.DataFrame) -> pd.Series[float]:
        """What each printed value is multiplied by to stand in the plan's unit."""
        pairs = zip(table["indicator"], table["unit"], strict=True)
        return pd.Series(
            [_factor(unit, self.unit_of.get(name, unit)) or 1.0 for name, unit in pairs],
            index=table.index,
            dtype=float,
        )

    def units(self, table: pd.DataFrame) -> list[str]:
        """The unit after conversion."""
        pairs = zip(table["indicator"], table["unit"], strict=True)
        return [self.unit_of.get(name, unit) for name, unit in pairs]


def check_rows(table: pd.DataFrame, file: str, registers: Registers) -> list[Problem]:
    """Problems of all rows of one file, in the order of its lines."""
    found: list[tuple[int, Problem]] = []
    for row in table.to_dict("records"):
        found += [(row["line"], p) for p in _check(row, file, registers)]
    return [problem for _, problem in sorted(found, key=lambda pair: pair[0])]


def duplicates(frame: pd.DataFrame) -> list[Problem]:
    """The same figure entered twice: equal key and equal source."""
    key = ["indicator", "region", "year", "period", "month", "start", "published", "source"]
    twice = frame[frame.duplicated(key, keep="first")]
    firsts = frame.drop_duplicates(key).set_index(key)["cell"]
    problems = []
    for row in twice.to_dict("records"):
        first = firsts.get(tuple(row[k] for k in key), "")
        problems.append(
            Problem(
                "duplicate_key",
                f"{row['file']}:{row['cell']}",
                f"{row['indicator']} {row['year']}年（{row['region_name']}）重复录入",
                found=f"与 {first} 同一来源、同一日期" if first else "同一来源、同一日期",
                fix="删去其一；更正数另行录入并写明新的发布日期",
            )
        )
    return problems


def missing_column(file: str, name: str, header: Iterable[str]) -> Problem:
    """A column the table cannot do without."""
    match = difflib.get_close_matches(name, list(header), n=1, cutoff=0.5)
    return Problem(
        "missing_column",
        f"{file}:1",
        f"缺少列 {name}",
        found="、".join(header),
        fix=f"最接近的列是 {match[0]}" if match else "补上该列",
    )


def column_letter(index: int) -> str:
    """Spreadsheet letter of a column: 0 is A, 26 is AA.

    Examples
    --------
    >>> column_letter(5), column_letter(26)
    ('F', 'AA')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _check(row: Mapping[Any, Any], file: str, registers: Registers) -> list[Problem]:
    where = f"{file}:{row['line']}"
    problems = [
        *_check_words(row, where, registers),
        *_check_region(row, where, registers),
        *_check_dates(row, where),
    ]
    value = row["value"]
    if _RATIO.match(value):
        return problems
    if not _NUMBER.match(value):
        problems.append(
            Problem("not_a_number", f"{where} value", "数值格不是数", "数字", value or "空",
                    fix="“超”“约”“以内”写在 bound 列；缺数时删去该行")
        )  # fmt: skip
        return problems
    return [*problems, *_check_limits(row, where, registers)]


def _check_limits(row: Mapping[str, str], where: str, registers: Registers) -> list[Problem]:
    name, value = row["indicator"], row["value"]
    plain = (-math.inf if _GROWTH.search(name) else 0.0, 100.0)
    low, high = registers.limits.get(name, plain if row["unit"] == "%" else (0.0, math.inf))
    number = float(value.replace(",", ""))
    factor = _factor(row["unit"], registers.unit_of.get(name, row["unit"])) or 1.0
    if low <= number * factor <= high:
        return []
    if row["unit"] == "%":
        span = f"{low:g}—{high:g}"
        return [Problem("share_outside", f"{where} value", "比例超出可能范围", span, value)]
    return [Problem("negative_count", f"{where} value", "数量超出可能范围", f"{low:g} 以上", value)]


def _check_words(row: Mapping[str, str], where: str, registers: Registers) -> list[Problem]:
    problems = []
    for column, allowed in (
        ("period", [p.value for p in Period]),
        ("bound", [b.value for b in Bound]),
        ("access", list(_ACCESS)),
        ("simulated", ["true", "false", "True", "False", ""]),
    ):
        if row[column] not in allowed:
            words = [w for w in allowed if w]
            problems.append(
                Problem("unknown_word", f"{where} {column}", "不认识的用语", "、".join(words),
                        row[column] or "空", _closest(row[column], words))
            )  # fmt: skip
    name, unit = row["indicator"], row["unit"]
    expected = registers.unit_of.get(name)
    if expected is None and registers.unit_of:
        problems.append(
            Problem("unknown_indicator", f"{where} indicator", "规划和 series.yml 中都没有这项指标",
                    found=name or "空",
                    fix=_closest(name, registers.unit_of) or "在 data/raw/series.yml 登记")
        )  # fmt: skip
    elif expected is not None and _factor(unit, expected) is None:
        problems.append(
            Problem("unknown_unit", f"{where} unit", f"{name}的单位不符", expected, unit or "空")
        )
    return problems


def _check_region(row: Mapping[str, str], where: str, registers: Registers) -> list[Problem]:
    code, name = row["region_code"], row["region"]
    expected = registers.regions.get(code)
    if expected is None:
        return [
            Problem("unknown_region", f"{where} region_code", "不认识的地区代码",
                    "data/raw/regions.csv 中的代码", code or "空",
                    _closest(code, registers.regions))
        ]  # fmt: skip
    if name != expected:
        return [
            Problem(
                "region_differs", f"{where} region", f"地区名称与代码 {code} 不符", expected, name
            )
        ]
    return []


def _check_dates(row: Mapping[str, str], where: str) -> list[Problem]:
    problems = []
    year, published = row["year"], row["published"]
    known = re.match(r"^(\d{4})(?:-\d{2}(?:-\d{2})?)?$", published)
    if known and len(published) == 10:
        try:
            date.fromisoformat(published)
        except ValueError:
            known = None
    if known and len(published) == 7 and not 1 <= int(published[5:]) <= 12:
        known = None
    if not known:
        problems.append(
            Problem("no_vintage", f"{where} published", "发布日期缺失或读不懂",
                    "YYYY、YYYY-MM 或 YYYY-MM-DD", published or "空")
        )  # fmt: skip
    if not re.match(r"^\d{4}$", year) or not 1949 <= int(year) <= 2200:
        problems.append(Problem("no_such_year", f"{where} year", "年份不对", "四位年份", year))
    elif known and int(year) > int(known[1]):
        problems.append(
            Problem("year_after_publication", f"{where} year", "数据年份晚于发布日期",
                    f"不晚于 {known[1]}", year)
        )  # fmt: skip
    return problems


def _closest(word: str, known: Iterable[str]) -> str:
    match = difflib.get_close_matches(word, list(known), n=1, cutoff=0.4)
    return f"最接近的是 {match[0]}" if match else ""


def _factor(unit: str, wanted: str) -> float | None:
    """Multiplier from one counting unit to another of the same noun; None when they differ."""
    if unit == wanted:
        return 1.0
    times, noun = split_unit(unit)
    wanted_times, wanted_noun = split_unit(wanted)
    if not unit or noun != wanted_noun:
        return None
    return times / wanted_times
