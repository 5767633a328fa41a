"""Row checks of observation files: every fault with file, line and column, all at once."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gdplan.dates import is_date
from gdplan.files import places, strict_yaml
from gdplan.files.strict_yaml import Strict
from gdplan.model import Bound, Mode, Period, Plan
from gdplan.notation import NUMBER, RATIO, split_unit
from gdplan.observations.reader_spec import TableSpec
from gdplan.problems import Problem, closest

_GROWTH = re.compile(r"增长|增速|增幅|降低|下降")
FULL = (Period.ANNUAL.value, Period.YEAR_END.value)
EARLIEST = "07"
"""A figure of a whole year may be known before its end (enrolment in autumn), not in its spring."""
ALLOWED = {
    "period": [*Period],
    "bound": [*Bound],
    "access": ["direct", "reprint", ""],
    "simulated": ["true", "false", "True", "False", "TRUE", "FALSE", ""],
}
"""The words of a column; an empty cell among them is no word to be named."""


class Sidecar(Strict):
    """The .yml beside an observation file: what it is, where it comes from, and for a published
    table how it is read."""

    title: str
    description: str
    provenance: str
    retrieved: str
    licence: str
    encoding: str
    tables: list[TableSpec] | None = None


class Series(Strict):
    """One published series that is no indicator."""

    unit: str
    meaning: str


class SeriesFile(Strict):
    """data/raw/series.yml."""

    series: dict[str, Series]


@dataclass(frozen=True, slots=True)
class Registers:
    """Known names, units and regions; ``names`` leads from alias to the plan's name."""

    names: Mapping[str, str]
    unit_of: Mapping[str, str]
    regions: Mapping[str, str]
    limits: Mapping[str, tuple[float, float]]
    single: frozenset[str] = frozenset()
    """Names whose figure is one number, never a ratio of parts."""
    elsewhere: frozenset[str] = frozenset()
    """Names that only other plans know: their figures stand in the same files."""

    @classmethod
    def load(cls, plan: Plan | None) -> Registers:
        """From the data folder and, when given, the plan."""
        units = {name: entry.unit for name, entry in series().items()} if plan else {}
        names: dict[str, str] = {}
        limits: dict[str, tuple[float, float]] = {}
        for item in plan.indicators if plan else ():
            for name in (item.name, *item.aliases):
                names[name], units[name] = item.name, item.unit
                growth = item.kind.mode is Mode.CHAIN
                limits[name] = (-math.inf, math.inf) if growth else item.limits
        parts = {i.name for i in plan.indicators if i.kind.parts or i.kind.pair} if plan else set()
        single = frozenset(name for name in units if names.get(name, name) not in parts)
        elsewhere = places.plan_names() - set(units) if plan else frozenset()
        return cls(names, units, places.regions(), limits, single, elsewhere)

    def factors(self, table: pd.DataFrame) -> pd.Series[float]:
        """What each printed value is multiplied by to stand in the plan's unit."""
        return pd.Series(_per_name(table, self.factor_of), index=table.index, dtype=float)

    def units(self, table: pd.DataFrame) -> list[str]:
        """The unit after conversion."""
        return [*map(str, _per_name(table, self.unit_of.get))]

    def limits_of(self, name: str, unit: str) -> tuple[float, float]:
        """Between which values, in the plan's unit, a figure can lie at all."""
        plain = (-math.inf if _GROWTH.search(name) else 0.0, 100.0)
        return self.limits.get(name, plain if unit == "%" else (0.0, math.inf))

    def factor_of(self, name: str, unit: str) -> float:
        """What one printed value is multiplied by."""
        return _factor(unit, self.unit_of.get(name, unit)) or 1.0


def series() -> dict[str, Series]:
    """The published series of data/raw/series.yml that are no indicators."""
    path = places.data_folder() / "raw" / "series.yml"
    return strict_yaml.load(SeriesFile, path).series


def check_rows(table: pd.DataFrame, file: str, registers: Registers) -> dict[int, list[Problem]]:
    """Problems of the rows of one file by their line.

    Whole columns are looked at first; a row is read alone only when something in it is odd.
    """
    odd = (
        _odd(table, _WORDS, lambda row: _check_words(row, "", registers))
        | _odd(table, ["region_code", "region"], lambda row: _check_region(row, "", registers))
        | _odd(table, ["year", "published", "period"], lambda row: _check_dates(row, ""))
        | _odd_values(table, registers)
    )
    found = {row["line"]: [*_check(row, file, registers)] for row in table[odd].to_dict("records")}
    return {line: problems for line, problems in found.items() if problems}


def duplicates(frame: pd.DataFrame) -> list[Problem]:
    """The same figure entered twice: equal key and equal source."""
    key = ["indicator", "region", "year", "period", "month", "start", "published", "source"]
    where = frame["file"].astype(str) + ":" + frame["cell"].astype(str)
    first = where.groupby([frame[k] for k in key], dropna=False, sort=False).transform("first")
    twice = frame.assign(where=where, first=first)[frame.duplicated(key, keep="first")]
    return [
        Problem("duplicate_key", row["where"],
                f"{row['indicator']} {row['year']}年（{row['region_name']}）重复录入",
                found=f"与 {row['first']} 同一来源、同一日期",
                fix="删去其一；更正数另行录入并写明新的发布日期")
        for row in twice.to_dict("records")
    ]  # fmt: skip


def _per_name(table: pd.DataFrame, function: Callable[[str, str], Any]) -> Any:
    """A function of (indicator, unit) for every row, called once for each pair."""
    pair = ["indicator", "unit"]
    known = [function(*names) for names in table[pair].drop_duplicates().itertuples(index=False)]
    values = np.array(known) if known else np.empty(0)
    return values[table.groupby(pair, sort=False).ngroup().to_numpy(int)]


_WORDS = ["period", "bound", "access", "simulated", "indicator", "unit"]


def _odd(
    table: pd.DataFrame, columns: list[str], check: Callable[[dict[Any, Any]], Iterator[Problem]]
) -> Any:
    unique = table[columns].drop_duplicates()
    bad = unique[[any(check(row)) for row in unique.to_dict("records")]]
    return pd.MultiIndex.from_frame(table[columns]).isin(pd.MultiIndex.from_frame(bad))


def _odd_values(table: pd.DataFrame, registers: Registers) -> Any:
    plain = table["value"].str.fullmatch(NUMBER).to_numpy(bool)
    text = table["value"].where(plain).str.replace(",", "", regex=False)
    number = pd.to_numeric(text).to_numpy(float) * registers.factors(table).to_numpy()
    limits = _per_name(table, registers.limits_of).reshape(-1, 2)
    return ~plain | ~((limits[:, 0] <= number) & (number <= limits[:, 1]))


def place_of(row: Mapping[Any, Any], file: str) -> str:
    """Where a row stands: the cell of a published table, else its line in the file."""
    return f"{file}!{row['cell']}" if row.get("cell") else f"{file}:{row['line']}"


def _check(row: Mapping[Any, Any], file: str, registers: Registers) -> Iterator[Problem]:
    where, value, name = place_of(row, file), row["value"], row["indicator"]
    yield from _check_words(row, where, registers)
    yield from _check_region(row, where, registers)
    yield from _check_dates(row, where)
    if RATIO.fullmatch(value) and name not in registers.single:
        return
    where = f"{where} value"
    if not NUMBER.fullmatch(value):
        fix = "用半角数字；“超”“约”“以内”写在 bound 列；缺数时删去该行"
        yield Problem("not_a_number", where, "数值格不是数", "数字", value or "空", fix)
        return
    low, high = registers.limits_of(name, row["unit"])
    inside = low <= float(value.replace(",", "")) * registers.factor_of(name, row["unit"]) <= high
    if not inside and row["unit"] == "%":
        yield Problem("share_outside", where, "比例超出可能范围", f"{low:g}—{high:g}", value)
    elif not inside:
        yield Problem("negative_count", where, "数量超出可能范围", f"{low:g} 以上", value)


def _check_words(row: Mapping[str, str], where: str, registers: Registers) -> Iterator[Problem]:
    for column, allowed in ALLOWED.items():
        if row[column] not in allowed:
            words = [word for word in allowed if word]
            yield Problem("unknown_word", f"{where} {column}", "不认识的用语", "、".join(words),
                          row[column] or "空", closest(row[column], words))  # fmt: skip
    name, unit = row["indicator"], row["unit"]
    expected = registers.unit_of.get(name)
    if expected is None and registers.unit_of and name not in registers.elsewhere:
        yield Problem("unknown_indicator", f"{where} indicator",
                      "规划和 series.yml 中都没有这项指标", found=name or "空",
                      fix=closest(name, registers.unit_of) or "在 data/raw/series.yml 登记"
                      )  # fmt: skip
    elif expected is not None and _factor(unit, expected) is None:
        yield Problem("unknown_unit", f"{where} unit", f"{name}的单位不符", expected, unit or "空")


def _check_region(row: Mapping[str, str], where: str, registers: Registers) -> Iterator[Problem]:
    code, name = row["region_code"], row["region"]
    expected = registers.regions.get(code)
    if expected is None:
        yield Problem("unknown_region", f"{where} region_code", "不认识的地区代码",
                      "GB/T 2260 或 data/raw/regions.csv 中的代码", code or "空",
                      closest(code, places.listed_regions()) or closest(code, registers.regions)
                      )  # fmt: skip
    elif name != expected:
        yield Problem("region_differs", f"{where} region", f"地区名称与代码 {code} 不符", expected,
                      name)  # fmt: skip


def _check_dates(row: Mapping[str, str], where: str) -> Iterator[Problem]:
    year, published = row["year"], row["published"]
    known = is_date(published)
    if not known:
        yield Problem("no_vintage", f"{where} published", "发布日期缺失或读不懂",
                      "YYYY、YYYY-MM 或 YYYY-MM-DD", published or "空")  # fmt: skip
    if not re.match(r"^\d{4}$", year) or not 1949 <= int(year) <= 2200:
        yield Problem("no_such_year", f"{where} year", "年份不对", "四位年份", year)
    elif known and int(year) > int(published[:4]):
        yield Problem("year_after_publication", f"{where} year", "数据年份晚于发布日期",
                      f"不晚于 {published[:4]}", year)  # fmt: skip
    elif known and row["period"] in FULL and published[4:7] and published < f"{year}-{EARLIEST}":
        yield Problem("published_early", f"{where} published", "全年数、年末数发布过早",
                      f"{year}-{EARLIEST} 以后", published, "核对年份、时期和发布日期")  # fmt: skip


def _factor(unit: str, wanted: str) -> float | None:
    """Multiplier from one counting unit to another of the same noun; None when they differ."""
    if unit == wanted:
        return 1.0
    times, noun = split_unit(unit)
    wanted_times, wanted_noun = split_unit(wanted)
    if not unit or noun != wanted_noun:
        return None
    return times / wanted_times
