"""How a published table is to be read: a ``tables:`` list in the .yml beside the file.

Every table says where its header stands and what it says there, which column holds what, and where
the table ends. Nothing is found by position alone: a header that reads otherwise is a problem.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gdplan.files.strict_yaml import RegionCode, Strict

Letters = Annotated[str, Field(pattern=r"^[A-Z]{1,3}$")]
Year = Annotated[int, Field(ge=1949, le=2200)]
EMPTY = ("", "—", "–", "-", "…", "……", "/")


class Label(Strict):
    """A column of names: of regions or of indicators."""

    column: Letters
    of: Literal["region", "indicator"]
    header: str | None = None


class Figures(Strict):
    """A column of figures and what they are; what is not said here is said by the table."""

    column: Letters
    header: str
    indicator: str | None = None
    region: str | None = None
    year: Year | None = None
    period: str | None = None
    unit: str | None = None
    note: str = ""
    decimals: Annotated[int, Field(ge=0, le=9)] | None = None


class TableSpec(Strict):
    """One table of a file.

    ``sheet`` names a worksheet, ``table`` counts the tables of a Word file; a CSV file needs
    neither. Rows count from 1. ``marks`` are cut off the end of names and numbers.
    """

    sheet: str | None = None
    table: Annotated[int, Field(ge=1)] | None = None
    header: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)]
    unit_row: Annotated[int, Field(ge=1)] | None = None
    unit_column: Letters | None = None
    first: Annotated[int, Field(ge=2)]
    last: Annotated[int, Field(ge=2)] | None = None
    until: list[str] = Field(default_factory=lambda: ["注", "资料来源", "数据来源", "说明"])
    labels: Annotated[list[Label], Field(min_length=1, max_length=2)]
    skip: list[str] = Field(default_factory=list)
    rename: dict[str, str] = Field(default_factory=dict)
    marks: list[str] = Field(default_factory=list)
    empty: list[str] = Field(default_factory=lambda: list(EMPTY))
    columns: Annotated[list[Figures], Field(min_length=1)]
    indicator: str | None = None
    region: RegionCode | None = None
    year: Year | None = None
    period: str | None = None
    unit: str | None = None
    published: str
    source: str
    url: str = ""
    access: Literal["direct", "reprint"]
    note: str = ""
    hidden: Literal["refuse", "include"] = "refuse"
    digits: Literal["printed", "stored"] = "printed"
    simulated: bool = False

    @model_validator(mode="after")
    def _whole(self) -> TableSpec:
        faults = list(_faults(self))
        if faults:
            raise ValueError("；".join(faults))
        return self


def _faults(spec: TableSpec) -> list[str]:
    """What a table leaves unsaid or says twice."""
    faults = [f"marks 中的“{mark}”是计数词，去掉会改变数的大小" for mark in spec.marks
              if re.search("[百千万亿]", mark)]  # fmt: skip
    named = {label.of for label in spec.labels}
    if len(named) < len(spec.labels):
        faults.append("labels 中两列同为一种名称")
    if spec.sheet is not None and spec.table is not None:
        faults.append("sheet 和 table 只能写一个")
    if spec.first <= max([*spec.header, spec.unit_row or 0]):
        faults.append("first 应在表头各行之后")
    if spec.last is not None and spec.last < spec.first:
        faults.append("last 应不早于 first")
    if spec.unit_column and (spec.unit or spec.unit_row):
        faults.append("写了 unit_column 就不写 unit、unit_row")
    letters = [c.column for c in spec.columns] + [label.column for label in spec.labels]
    twice = sorted({x for x in letters if letters.count(x) > 1})
    if twice:
        faults.append(f"列 {'、'.join(twice)} 出现两次")
    for column in spec.columns:
        place = f"列 {column.column}"
        for name in ("indicator", "region"):
            given = getattr(column, name) or getattr(spec, name)
            if (given is None) == (name not in named):
                more = "缺少" if given is None else "既在 labels 中又另外写了"
                faults.append(f"{place} {more} {name}")
        faults += [f"{place} 缺少 {name}" for name in ("year", "period")
                   if (getattr(column, name) or getattr(spec, name)) is None]  # fmt: skip
    return faults


_BRACKETS = str.maketrans("()[]％", "（）［］%")


def plain(text: str) -> str:
    """A header as it is compared: without blanks, brackets of one width.

    Examples
    --------
    >>> plain(" 城镇 新增\\u3000就业 ")
    '城镇新增就业'
    """
    return re.sub(r"\s+", "", text).translate(_BRACKETS)
