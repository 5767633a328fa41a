"""Published figures -> one long table with vintages, intervals and source cells.

Nothing is dropped and nothing is filled in: every row of every file stands in the frame;
:func:`gdplan.observations.choice.choose` marks which figure answers for a year.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gdplan.dates import closing_month, day_of, end_of, launch_of, month_of, start_of
from gdplan.files import places, strict_yaml
from gdplan.files.csv_table import BLOCK, CsvTable, column_letter, read_table
from gdplan.model import ABOUT_TOLERANCE, OBSERVATION_COLUMNS, Bound, Period, Plan
from gdplan.observations import corrections, row_checks
from gdplan.observations import published as published_tables
from gdplan.observations.choice import choose, decimals
from gdplan.observations.reader_spec import TableSpec
from gdplan.plans.choices import check_choices
from gdplan.problems import Problem, ProblemError, refuse

__all__ = ["OPTIONAL", "REQUIRED", "as_of", "choose", "read_observations"]
REQUIRED = ("region_code", "region", "indicator", "year", "period", "value", "unit", "published")
OPTIONAL = {"bound": "exact", "source": "", "url": "", "access": "", "note": "",
            "simulated": "false"}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Figures, the encoding of every file, and the cells of published tables that are empty."""

    figures: pd.DataFrame
    encodings: Mapping[str, str]
    empty: tuple[str, ...]


def read_observations(
    path: str | Path | Sequence[str | Path] | None = None, plan: Plan | None = None
) -> pd.DataFrame:
    """Read published figures.

    Parameters
    ----------
    path : file, folder or sequence of them, optional
        Default: the project's ``data/raw/observations``. Plain CSV files are UTF-8 or GB18030;
        published .xlsx, .xls, .ods, .docx and .csv tables are read by the ``tables:`` of their
        .yml (:mod:`gdplan.observations.reader_spec`).
    plan : Plan, optional
        With it every indicator must be one of the plan's or stand in ``data/raw/series.yml``,
        and units must agree.

    Returns
    -------
    DataFrame
        One row per published figure, columns :data:`gdplan.model.OBSERVATION_COLUMNS`; values
        and interval ends in the plan's unit. ``raw`` holds the printed digits, moved to the
        plan's unit when the file has another (1403300 人 is 140.3300 万人; the note then keeps
        what was printed).

    Raises
    ------
    ProblemError
        With every fault of every file at once: missing or empty file, missing columns, text in
        a number cell, unknown indicator, region, unit or word, duplicates, shares outside
        0-100, each with file, line and column.

    Examples
    --------
    >>> frame = read_observations()
    >>> set(frame["period"]) <= {"annual", "year_end", "ytd", "cumulative", "since_launch"}
    True
    """
    return reading(path, plan).figures


def reading(
    path: str | Path | Sequence[str | Path] | None = None, plan: Plan | None = None
) -> Reading:
    """Published figures and how they were read; see :func:`read_observations`."""
    if plan is not None:
        check_choices(plan)
    frames, problems, encodings = [], [], {}
    missing: list[str] = []
    registers = row_checks.Registers.load(plan)
    fixes = corrections.read(places.data_folder() / "raw" / "corrections.yml")
    files = _files(path)
    problems += [] if path else corrections.unmatched(fixes, [f.name for f in files])
    for file in files:
        frame, found, table = _read_file(file, registers, fixes)
        problems += found
        encodings[file.name] = table.encoding if table else ""
        missing += table.missing if table else ()
        frames += [frame] if len(frame) else []
    whole = pd.concat(frames, ignore_index=True) if frames else _empty()
    problems += row_checks.duplicates(whole) if frames else []
    refuse(problems)
    return Reading(whole, encodings, tuple(missing))


def as_of(observations: pd.DataFrame, when: str | date) -> pd.DataFrame:
    """Only the figures known on a date; ``2024`` and ``2024-03`` mean the end of that time.

    Raises
    ------
    ProblemError
        When the date cannot be read, or is neither a day nor a text.

    Examples
    --------
    >>> frame = read_observations()
    >>> bool((as_of(frame, "2022-12-31")["known"] <= "2022-12-31").all())
    True
    """
    return observations[observations["known"] <= pd.Timestamp(day_of(when))]


def _files(path: str | Path | Sequence[str | Path] | None) -> list[Path]:
    if path is None:
        path = places.data_folder() / "raw" / "observations"
    given = [path] if isinstance(path, (str, Path)) else list(path)
    found: list[Path] = []
    none = Problem("missing_file", "", "没有给出数据文件", expected="CSV 文件或其文件夹")
    problems = [] if given else [none]
    for item in map(places.located, given):
        inside = places.figure_files(item) if item.is_dir() else [item]
        problems += [
            Problem("unreadable_file", other.name, "不能读取这种文件，其中的数据没有读入",
                    "、".join((".csv", *places.PUBLISHED)), other.suffix,
                    "另存为 .xlsx 或 .csv；不用的文件移出此文件夹")
            for other in (places.unreadable_files(item) if item.is_dir() else ())
        ]  # fmt: skip
        if not inside or not all(f.is_file() for f in inside):
            problems.append(
                Problem("missing_file", str(item), "数据文件不存在", expected="CSV 文件或其文件夹",
                        fix="核对路径")
            )  # fmt: skip
        found += inside
    refuse(problems)
    return found


def _read_file(
    path: Path, registers: row_checks.Registers, fixes: Sequence[corrections.Correction]
) -> tuple[pd.DataFrame, list[Problem], CsvTable | None]:
    problems: list[Problem] = []
    try:
        specs = _specs(path)
    except ProblemError as error:
        problems += error.problems
        specs = None
        if path.suffix.lower() in places.PUBLISHED:
            return _empty(), problems, None
    try:
        if specs:
            table = published_tables.read_file(path, specs)
        else:
            table = read_table(path, REQUIRED, OPTIONAL)
    except ProblemError as error:
        return _empty(), [*problems, *error.problems], None
    table, stale = corrections.apply(table, path.name, fixes)
    problems += stale
    problems += table.problems
    column = column_letter(table.header.index("value"))
    frames = []
    # A block at a time, so that what lies between text and number stays small.
    for start in range(0, len(table.cells), BLOCK):
        block = table.cells.iloc[start : start + BLOCK]
        wrong = row_checks.check_rows(block, path.name, registers)
        problems += [p for line in sorted(wrong) for p in wrong[line]]
        right = block[~block["line"].isin(list(wrong))]
        frames += [_frame(right, path.name, column, registers)] if len(right) else []
    frame = pd.concat(frames, ignore_index=True) if frames else _empty()
    return frame, problems, table


def _specs(path: Path) -> list[TableSpec] | None:
    """How the tables of a published file are read; None for a plain file of figures.

    Raises
    ------
    ProblemError
        For a faulty .yml, and a workbook or document that none describes.
    """
    sidecar = path.with_suffix(".yml")
    described = None
    if sidecar.is_file():
        described = strict_yaml.load(row_checks.Sidecar, sidecar).tables
    if not described and path.suffix.lower() in places.PUBLISHED:
        raise ProblemError.of("no_reader_spec", path.name, "公布的表格没有读表说明",
                              expected=f"{sidecar.name} 中的 tables:", found="没有",
                              fix="按 docs/guide.zh.md“公布的表格”一节写；不用的文件移出此文件夹"
                              )  # fmt: skip
    return described


def _frame(
    table: pd.DataFrame, file: str, column: str, registers: row_checks.Registers
) -> pd.DataFrame:
    period = table["period"]
    value, low, high = _intervals(table["value"], table["bound"])
    factor = registers.factors(table)
    raw, note = _moved(table, factor)
    part, total, launch = (
        table[period == p.value] for p in (Period.YTD, Period.CUMULATIVE, Period.SINCE_LAUNCH)
    )
    months = pd.concat([_mapped(part, month_of), total["note"].map(closing_month)])
    month = months.reindex(table.index, fill_value=12.0)
    starts = pd.concat([_mapped(total, start_of), _mapped(launch, launch_of)])
    start = starts.reindex(table.index)
    frame = pd.DataFrame(
        {
            "indicator": table["indicator"].map(lambda n: registers.names.get(n, n)),
            "region": table["region_code"],
            "region_name": table["region"],
            "year": table["year"].astype(int),
            "period": period,
            "month": month.astype(float),
            "start": start.astype(float),
            "value": _scaled(value, factor),
            "low": _scaled(low, factor),
            "high": _scaled(high, factor),
            "unit": registers.units(table),
            "bound": table["bound"],
            "raw": raw,
            "published": table["published"],
            "known": _days(table["published"]),
            "source": table["source"],
            "url": table["url"],
            "access": table["access"].where(table["access"] != "", "reprint"),
            "note": note,
            "file": file,
            "cell": table["cell"] if "cell" in table else column + table["line"].astype(str),
            "simulated": table["simulated"].str.lower() == "true",
        }
    )
    return frame[list(OBSERVATION_COLUMNS)]


def _empty() -> pd.DataFrame:
    return pd.DataFrame(columns=list(OBSERVATION_COLUMNS))


def _moved(table: pd.DataFrame, factor: pd.Series[float]) -> tuple[Any, Any]:
    """Printed digits in the plan's unit, and the note with what was printed where they moved."""
    raw, note = table["value"].str.replace(",", "", regex=False), table["note"]
    other = (factor != 1.0) & ~raw.str.contains("[:∶：]")
    if not other.any():
        return raw, note
    pairs = zip(raw[other], factor[other], strict=True)
    moved = [f"{Decimal(text).scaleb(round(math.log10(times))):f}" for text, times in pairs]
    printed = "原文" + table["value"] + table["unit"] + "；"
    note = (printed + note).str.rstrip("；").where(other, note)
    return raw.mask(other, pd.Series(moved, index=raw[other].index)), note


def _scaled(x: Any, factor: pd.Series[float]) -> Any:
    # Dividing by 10000 gives the nearest double where multiplying by 0.0001 does not.
    times = factor.to_numpy()
    return np.where(times < 1.0, x / np.round(1.0 / np.minimum(times, 1.0)), x * times)


def _mapped(table: pd.DataFrame, function: Any) -> pd.Series[float]:
    words = table[["note", "source"]]
    unique = words.drop_duplicates().itertuples(index=False)
    known = {(n, s): function(n, s) for n, s in unique}
    found = [known[pair] for pair in zip(words["note"], words["source"], strict=True)]
    return pd.Series(found, index=words.index, dtype=float)


def _days(published: pd.Series[str]) -> pd.Series[Any]:
    days = {text: pd.Timestamp(end_of(text)) for text in published.unique()}
    return published.map(days).astype("datetime64[s]")


def _intervals(raw: pd.Series[str], bound: pd.Series[str]) -> tuple[Any, Any, Any]:
    """Printed value and METHOD-2 interval; ratios have neither (their parts are in raw)."""
    text = raw.str.replace(",", "", regex=False)
    value = pd.to_numeric(text, errors="coerce").to_numpy(float)
    digits = decimals(text)
    half = 0.5 / 10.0**digits
    # Rounding one digit past the printed ones gives the double nearest to the exact decimal.
    low = _round(value - half, digits + 1)
    high = _round(value + half, digits + 1)
    slack = np.abs(value) * ABOUT_TOLERANCE
    kinds = [bound == b.value for b in (Bound.APPROX, Bound.AT_LEAST, Bound.AT_MOST)]
    low = np.select(kinds, [value - slack, value, np.full_like(value, -np.inf)], low)
    high = np.select(kinds, [value + slack, np.full_like(value, np.inf), value], high)
    return value, low, high


def _round(x: Any, digits: Any) -> Any:
    out = np.array(x, float)
    for d in np.unique(digits):
        out = np.where(digits == d, np.round(x, int(d)), out)
    return out
