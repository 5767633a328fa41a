"""Corrections of raw figures as data: what a cell says, what it should say, and why.

Raw files stay as they were published. ``expect`` is what the cell says now; when it says something
else the correction no longer applies, and that is a problem, not a silent skip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field, model_validator

from gdplan.files import strict_yaml
from gdplan.files.csv_table import CsvTable
from gdplan.files.strict_yaml import Strict
from gdplan.problems import Problem

KEYS = ("year", "period", "value", "unit", "bound", "published", "access", "note", "region",
        "region_code", "indicator", "source")  # fmt: skip


class Correction(Strict):
    """One correction: of a value (``replace``) or of a whole row (``drop``).

    ``line`` counts the lines of a plain CSV file; ``cell`` is the address of a figure in a
    published table, such as ``表1!C7``.
    """

    file: str
    line: int | None = Field(default=None, ge=2)
    cell: str | None = Field(default=None, min_length=2)
    action: Literal["replace", "drop"]
    column: str = "value"
    expect: str
    value: str | None = None
    reason: str = Field(min_length=4)

    @model_validator(mode="after")
    def _one_place(self) -> Correction:
        if (self.line is None) == (self.cell is None):
            raise ValueError("line（CSV 的行）和 cell（公布表格的单元格）应写且只写一个")
        return self

    @property
    def place(self) -> str:
        """The line or the cell, as text."""
        return str(self.line) if self.cell is None else self.cell


class CorrectionFile(Strict):
    """The whole of data/raw/corrections.yml."""

    corrections: list[Correction]


def read(path: Path) -> tuple[Correction, ...]:
    """The corrections of a file; none when there is no file.

    Raises
    ------
    ProblemError
        For unknown keys, a missing reason, wrong types, each with its line.
    """
    if not path.is_file():
        return ()
    return tuple(strict_yaml.load(CorrectionFile, path).corrections)


def unmatched(corrections: Sequence[Correction], files: Sequence[str]) -> list[Problem]:
    """Corrections of files that are not there: none is passed over in silence."""
    return [
        Problem("stale_correction", f"corrections.yml（{c.file}:{c.place}）", "没有这个数据文件",
                expected="、".join(files), found=c.file, fix="改正文件名，或删去这条更正")
        for c in corrections if c.file not in files
    ]  # fmt: skip


def apply(
    table: CsvTable, file: str, corrections: Sequence[Correction]
) -> tuple[CsvTable, list[Problem]]:
    """A file's table with its corrections, and those that do not apply any more.

    A corrected row says so in its note, with what stood there and the reason.
    """
    mine = [c for c in corrections if c.file == file]
    if not mine:
        return table, []
    cells = table.cells.copy()
    problems: list[Problem] = []
    for correction in mine:
        fault = _fault(table, correction)
        if fault:
            problems.append(fault)
            continue
        here = _here(cells, correction)
        if correction.action == "drop":
            cells = cells[~here]
            continue
        old = cells.loc[here, correction.column].iloc[0]
        mark = f"更正：{correction.column} 原为{old}，{correction.reason}"
        notes = cells.loc[here, "note"].iloc[0]
        cells.loc[here, correction.column] = correction.value
        if correction.column != "note":
            cells.loc[here, "note"] = "；".join(t for t in (notes, mark) if t)
    return replace(table, cells=cells), problems


def _here(cells: pd.DataFrame, correction: Correction) -> pd.Series[bool]:
    if correction.cell is None:
        return cells["line"] == correction.line
    place = cells["cell"] if "cell" in cells else pd.Series("", index=cells.index)
    return place == correction.cell


def _fault(table: CsvTable, correction: Correction) -> Problem | None:
    """Why a correction cannot be applied, if so."""
    where = f"corrections.yml（{correction.file}:{correction.place} {correction.column}）"
    if correction.column not in KEYS:
        return Problem("unknown_column", where, "没有这一列", "、".join(KEYS), correction.column)
    if correction.action == "replace" and correction.value is None:
        return Problem("no_value", where, "没有写更正后的值", expected='value: "..."')
    here = table.cells[_here(table.cells, correction)]
    if here.empty:
        return Problem("stale_correction", where, "这一行已不存在", fix="核对后删去这条更正")
    now = str(here[correction.column].iloc[0])
    if now != correction.expect:
        return Problem("stale_correction", where, "原数已变，更正不再适用", correction.expect, now,
                       "核对后修改或删去这条更正")  # fmt: skip
    return None
