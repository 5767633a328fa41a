"""A printed number's way back: table cell -> field -> formula -> figures -> file and publisher."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gdplan import resources
from gdplan.model import Problem, ProblemError
from gdplan.runs import Run

CELL = re.compile(r"^(表\s*\d+|table\s*\d+)\s*!\s*\$?([A-Z]{1,3})\$?(\d+)$", re.IGNORECASE)
FORMULAS = {
    "base": ("基期：规划文本所载", ("base_raw",)),
    "target": ("目标：规划文本所载", ("target_raw",)),
    "value": ("判断所用的值：累计指标为规划期内各年之和，其他指标为最近一年的数",
              ("value", "value_low", "value_high")),
    "progress": ("完成进度：累计指标为累计值÷目标，其他为（现值－基期）÷（目标－基期）或按几何尺度",
                 ("base", "value", "target", "scale", "progress")),
    "elapsed": ("时序进度：（数据日期－基期）÷（目标年－基期）",
                ("data_year", "data_month", "elapsed")),
    "pace": ("进度比：完成进度÷时序进度", ("progress", "elapsed", "pace")),
    "achieved": ("以往年均：（现值－基期）÷已过年数；累计指标为累计值÷已过年数",
                 ("base", "value", "achieved")),
    "required": ("今后每年需：（目标－现值）÷剩余年数", ("value", "target", "required")),
    "acceleration": ("需加快倍数：今后每年需÷以往年均", ("required", "achieved", "acceleration")),
    "gap": ("与目标差距", ("value", "target", "gap")),
    "completion": ("完成率：完成值÷目标；上限、下限和比率指标为与目标的距离",
                   ("value", "target", "completion", "distance")),
    "verdict": ("结论：规则表中第一条全部成立的规则",
                ("met", "met_at_base", "progress", "elapsed", "pace", "firm", "reason")),
    "growth_ratio": ("增长比：实际年均增长÷达标所需年均增长",
                     ("base", "value", "target", "growth_ratio")),
    "projected_share": ("期末推算：完成进度÷时序进度", ("progress", "elapsed", "projected_share")),
    "gap_missed": ("剩余差距缺口：按现有趋势补不上的部分÷剩余差距",
                   ("progress", "elapsed", "gap_missed")),
}  # fmt: skip
"""What each field is, in words (METHOD 3 and 4), and the columns it follows from."""


def trace(
    run: Run, *, cell: str = "", indicator: str = "", year: int | None = None
) -> Iterator[str]:
    """Lines that lead from a printed number to its source.

    Parameters
    ----------
    cell : str
        ``表3!G7``: a table of the report, and in it column G of row 7, the header being row 1, as
        in annex.xlsx.
    indicator : str
        Number or name of an indicator, when no cell is given.
    year : int, optional
        Only figures of that year.

    Raises
    ------
    ProblemError
        For a cell or indicator that is not there, with those that are.
    """
    field = ""
    if cell:
        table, column, row = _located(run, cell)
        where = f"{table['label']} {table['caption']}，第{row}行"
        if row == 1:
            yield f"{where}是表头，没有数值"
            return
        field = _at(table["columns"], column)
        indicator = _at(table["keys"], row - 2)
        if not indicator:
            yield f"{where}不属于某一项指标（计数、参数或说明），没有单独的数据来源"
            return
        yield f"{where}，第{column + 1}列（{field if field != '-' else '说明文字'}）"
    yield from _indicator(run, _row(run, indicator), field, year)


def _located(run: Run, cell: str) -> tuple[Mapping[str, Any], int, int]:
    text = unicodedata.normalize("NFKC", cell).strip()
    match = CELL.match(text)
    tables = {_plain(t["label"]): t for t in run.record["tables"]}
    labels = "、".join(t["label"] for t in tables.values())
    if not match or _plain(match[1]) not in tables:
        raise ProblemError(
            Problem("unknown_cell", cell, "没有这个单元格", expected=f"如 表3!G7；{labels}")
        )
    table = tables[_plain(match[1])]
    column, row = _number(match[2]) - 1, int(match[3])
    rows = len(table["keys"]) + 1
    width = len(table["columns"]) or None
    if not 1 <= row <= rows or (width is not None and column >= width):
        size = f"{rows}行" + (f"、{width}列" if width else "")
        raise ProblemError(
            Problem("unknown_cell", cell, "单元格在表外", expected=f"{table['label']} 有{size}")
        )
    return table, column, row


def _plain(label: str) -> str:
    return re.sub(r"\s", "", label).lower()


def _number(letters: str) -> int:
    n = 0
    for letter in letters.upper():
        n = n * 26 + ord(letter) - 64
    return n


def _at(values: list[str], place: int) -> str:
    return values[place] if 0 <= place < len(values) else ""


def _row(run: Run, indicator: str) -> Mapping[str, str]:
    for row in run.rows:
        if indicator in (row["indicator"], row["name"]):
            return row
    names = [row["name"] for row in run.rows]
    match = difflib.get_close_matches(indicator, names, n=1, cutoff=0.4)
    raise ProblemError(
        Problem("unknown_indicator", indicator, "报告中没有这项指标",
                expected=f"序号{run.rows[0]['indicator']}—{run.rows[-1]['indicator']}，或指标名称",
                fix=f"最接近的是 {match[0]}" if match else "")
    )  # fmt: skip


def _indicator(run: Run, row: Mapping[str, str], field: str, year: int | None) -> Iterator[str]:
    yield f"指标 {row['indicator']} {row['name']}（{row['unit']}），{row['region_name']}"
    if field in FORMULAS:
        words, columns = FORMULAS[field]
        yield words
        yield from (f"  {name} = {row[name] or '—'}" for name in columns)
    elif field and field != "-":
        yield f"  {field} = {row.get(field, '') or '—'}"
    yield f"结论：{row['verdict']}"
    figures = json.loads(row["inputs"] if year is None else row["history"])
    figures = [f for f in figures if year is None or f["year"] == year]
    yield f"采用的数据（{len(figures)}个）：" if figures else "没有采用的数据"
    for figure in figures:
        yield from _figure(run, figure)
    yield f"规划：{row['plan_cell']}（基期 {row['base_raw']}，目标 {row['target_raw']}）"
    yield f"  {_state(run, row['plan_cell'].rpartition(':')[0])}"


def _figure(run: Run, figure: Mapping[str, Any]) -> Iterator[str]:
    seen = "原始来源" if figure["access"] == "direct" else "仅见于转载"
    yield (
        f"  {figure['year']}年 {figure['raw']}{figure['unit']}"
        f"（{_interval(figure)}）：{figure['source']}，"
        f"{figure['published']}，{seen}"
    )
    yield f"    {figure['file']}!{figure['cell']}；{_state(run, figure['file'])}"


def _interval(figure: Mapping[str, Any]) -> str:
    """The values a printed figure may stand for; an open end reads 不超过 or 不低于."""
    low, high = figure["low"], figure["high"]
    if isinstance(low, str):
        return f"不超过{high}"
    return f"不低于{low}" if isinstance(high, str) else f"{low} 至 {high}"


def _state(run: Run, name: str) -> str:
    """The recorded hash of an input file and whether the file on disk still has it."""
    tail = [part for part in Path(name).parts if part != ".."]
    for shown, digest in run.record["inputs"].items():
        if list(Path(shown).parts[-len(tail) :]) == tail:
            path = resources.located(shown)
            if not path.is_file():
                return f"{shown} 现已不在（记录的 sha256 {digest[:12]}）"
            same = hashlib.sha256(path.read_bytes()).hexdigest() == digest
            return f"{shown} sha256 {digest[:12]}，" + ("与记录一致" if same else "此后已改动")
    return f"{name} 不在运行记录的输入文件中"
