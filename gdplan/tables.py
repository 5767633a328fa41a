"""The sections of a report: display tables and sentences, rendered from assessment rows alone."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from gdplan import wording as w
from gdplan.model import Attribute, Kind, Plan, Reason, Verdict
from gdplan.section import Align, Block, Heading, Items, Paragraph, Section, Table

if TYPE_CHECKING:
    import pandas as pd

SIMULATED = "示例数据，非真实"
MIDTERM_VERDICTS = (
    Verdict.ACHIEVED_EARLY, Verdict.HELD, Verdict.AHEAD, Verdict.ON_TRACK, Verdict.BEHIND,
    Verdict.REVERSED, Verdict.NOT_ASSESSABLE,
)  # fmt: skip
FINAL_VERDICTS = (
    Verdict.EXCEEDED, Verdict.COMPLETED, Verdict.NEARLY, Verdict.MISSED, Verdict.NOT_ASSESSABLE,
)  # fmt: skip
LAGGING = (Verdict.BEHIND, Verdict.REVERSED, Verdict.MISSED, Verdict.NEARLY)
TITLES = {"midterm": "中期评估报告", "final": "总结评估报告", "annual": "年度评估报告"}


def cover(plan: Plan, assessment: pd.DataFrame, *, kind: str) -> Section:
    """Title, what was evaluated up to when, and the watermark of simulated data."""
    first = w.rows_of(assessment)[0]
    as_of = first["as_of"] or "全部已发布数据"
    return Section.of(
        Heading(f"{plan.title}{TITLES[kind]}", 1),
        _watermark(assessment),
        Paragraph(
            f"评估地区：{first['region_name']}（{first['region']}）　"
            f"评估年份：{first['year']}年　数据时点：{as_of}",
            "subtitle",
        ),
    )


def overview(plan: Plan, assessment: pd.DataFrame) -> Section:
    """总体评价: the counts of verdicts, binding and expected apart, and what they allow to say."""
    rows = w.rows_of(assessment)
    verdicts = _verdicts(rows)
    known = [r for r in rows if r["verdict"] != Verdict.NOT_ASSESSABLE]
    counts = {v: [r for r in rows if r["verdict"] == v] for v in verdicts}
    listed = "、".join(f"{v}{len(counts[v])}项" for v in verdicts[:-1] if counts[v])
    text = (
        f"规划共设{len(rows)}项主要指标。截至{rows[0]['year']}年，可评估{len(known)}项"
        f"{'，其中' + listed if listed else ''}；"
        f"{verdicts[-1]}{len(counts[verdicts[-1]])}项。"
    )
    borderline = [r for r in known if not r["firm"]]
    if borderline:
        text += f"结论属临界的{len(borderline)}项：{_names(borderline)}。"
    return Section.of(
        Paragraph(text),
        _caution(rows, known),
        _count_table(rows, verdicts),
        Items(tuple(f"{v}：{_names(counts[v])}。" for v in verdicts[:-1] if counts[v])),
    )


def progress(plan: Plan, assessment: pd.DataFrame) -> Section:
    """主要指标进展: the table of all indicators, then one sentence each by section."""
    rows = w.rows_of(assessment)
    final = _is_final(rows)
    table = _final_table(plan, rows) if final else _midterm_table(plan, rows)
    blocks: list[Block] = [table]
    for name in plan.sections:
        blocks.append(Heading(_numbered(name)))
        inside = [r for r in rows if r["section"] == name]
        blocks.append(Items(_sentences(inside, plan.base_year)))
    return Section.of(blocks)


def problems(plan: Plan, assessment: pd.DataFrame) -> Section:
    """问题与差距: what lags, by how much, what it needs a year and whose task it is."""
    rows = w.rows_of(assessment)
    lagging = [r for r in rows if r["verdict"] in LAGGING]
    weak = [r for r in rows if Reason.MET_BUT_FALLING in w.reasons(r)]
    if not lagging:
        known = sum(r["verdict"] != Verdict.NOT_ASSESSABLE for r in rows)
        lead = f"在可评估的{known}项指标中，没有滞后或未达目标的指标。"
    else:
        lead = f"滞后或未达目标的指标{len(lagging)}项：{_names(lagging)}。"
    return Section.of(
        Paragraph(lead),
        _gap_table(lagging) if lagging else None,
        Paragraph(f"已达标但走势向差的指标：{_names(weak)}。") if weak else None,
    )


def gaps(plan: Plan, assessment: pd.DataFrame) -> Section:
    """数据缺口: which figure is missing, from whom, by when."""
    rows = w.rows_of(assessment)
    missing = [(r, _missing(r, plan)) for r in rows]
    missing = [(r, text) for r, text in missing if text]
    if not missing:
        return Section.of(Paragraph("各项指标所需数据齐全。"))
    month = int(plan.parameters["data_due_month"])
    table = Table(
        "数据缺口清单",
        ("序号", "指标", "单位", "缺少的数据", "提供单位", "提供时限"),
        tuple(
            (
                r["indicator"], r["name"], r["unit"], text, r["department"],
                f"{r['year'] + 1}年{month}月底前",
            )
            for r, text in missing
        ),
        ("center", "left", "center", "left", "left", "left"),
    )  # fmt: skip
    lead = f"共有{len(missing)}项指标缺少评估所需数据，已公开来源中未见，均未作推算或填补。"
    return Section.of(Paragraph(lead), table)


def _is_final(rows: Sequence[w.Row]) -> bool:
    finals = set(FINAL_VERDICTS) - {Verdict.NOT_ASSESSABLE}
    return any(r["verdict"] in finals for r in rows)


def _verdicts(rows: Sequence[w.Row]) -> tuple[Verdict, ...]:
    return FINAL_VERDICTS if _is_final(rows) else MIDTERM_VERDICTS


def _names(rows: Iterable[w.Row]) -> str:
    return "、".join(r["name"] for r in rows)


def _watermark(assessment: pd.DataFrame) -> Paragraph | None:
    return Paragraph(SIMULATED, "watermark") if bool(assessment["simulated"].any()) else None


def _caution(rows: Sequence[w.Row], known: Sequence[w.Row]) -> Paragraph | None:
    if len(known) * 2 >= len(rows):
        return None
    return Paragraph(
        "可评估的指标不足半数，不足以对规划总体进展下结论；缺少的数据见“数据缺口”。", "note"
    )


def _count_table(rows: Sequence[w.Row], verdicts: Sequence[Verdict]) -> Table:
    attributes = [a for a in Attribute if any(r["attribute"] == a for r in rows)]
    body = []
    for a in attributes:
        inside = [r for r in rows if r["attribute"] == a]
        counts = [str(sum(r["verdict"] == v for r in inside)) for v in verdicts]
        body.append((a.value, *counts, str(len(inside))))
    totals = [str(sum(r["verdict"] == v for r in rows)) for v in verdicts]
    body.append(("合计", *totals, str(len(rows))))
    header = ("指标属性", *(v.value for v in verdicts), "合计")
    right: Align = "right"
    align: tuple[Align, ...] = ("left", *(right for _ in header[1:]))
    return Table("各类结论的指标数", header, tuple(body), align)


def _midterm_table(plan: Plan, rows: Sequence[w.Row]) -> Table:
    header = (
        "序号", "指标", "单位", "属性", f"{plan.base_year}年基期", f"{plan.target_year}年目标",
        "最新值", "数据截至", "完成进度", "时序进度", "结论",
    )  # fmt: skip
    body = tuple(
        (
            r["indicator"], _indented(r), r["unit"], r["attribute"], r["base_raw"],
            r["target_raw"], w.value_text(r), w.data_date(r), _progress_cell(r),
            w.percent(r["elapsed"]), w.verdict_text(r, dated=False),
        )
        for r in rows
    )  # fmt: skip
    align: tuple[Align, ...] = (
        "center", "left", "center", "center", "right", "right", "right", "center", "right",
        "right", "left",
    )  # fmt: skip
    return Table("主要指标进展", header, body, align, "wide")


def _final_table(plan: Plan, rows: Sequence[w.Row]) -> Table:
    header = (
        "序号", "指标", "单位", "属性", f"{plan.base_year}年基期", f"{plan.target_year}年目标",
        "完成值", "完成率或距离", "结论",
    )  # fmt: skip
    body = tuple(
        (
            r["indicator"], _indented(r), r["unit"], r["attribute"], r["base_raw"],
            r["target_raw"], w.value_text(r), _completion_cell(r), w.verdict_text(r),
        )
        for r in rows
    )  # fmt: skip
    align: tuple[Align, ...] = (
        "center", "left", "center", "center", "right", "right", "right", "right", "left",
    )  # fmt: skip
    return Table("主要指标完成情况", header, body, align, "wide")


def _sentences(rows: Sequence[w.Row], base_year: int) -> tuple[str, ...]:
    """One sentence for each judged indicator, one for all that share a reason for no verdict."""
    told = [w.sentence(r, base_year) for r in rows if r["verdict"] != Verdict.NOT_ASSESSABLE]
    silent: dict[str, list[w.Row]] = {}
    for row in rows:
        if row["verdict"] == Verdict.NOT_ASSESSABLE:
            silent.setdefault(w.reason_text(row), []).append(row)
    for reason, inside in silent.items():
        told.append(f"{_names(inside)}：{Verdict.NOT_ASSESSABLE}，{reason}。")
    return tuple(told)


def _numbered(section: str) -> str:
    """The plan's 一、就业 as a second-level heading （一）就业."""
    match = re.match(r"^([一二三四五六七八九十]+)[、.．]\s*(.+)$", section)
    return f"（{match[1]}）{match[2]}" if match else section


def _indented(row: w.Row) -> str:
    return f"其中：{row['name']}" if row["part_of"] else str(row["name"])


def _progress_cell(row: w.Row) -> str:
    if row["verdict"] == Verdict.NOT_ASSESSABLE:
        return w.EMPTY
    if row["met_at_base"]:
        return "底线"
    text = w.percent(row["progress"])
    if Reason.WIDE_RANGE in w.reasons(row):
        text += f"（几何{w.percent(row['progress_geometric'])}）"
    return text


def _completion_cell(row: w.Row) -> str:
    if row["verdict"] == Verdict.NOT_ASSESSABLE:
        return w.EMPTY
    if not math.isnan(row["completion"]):
        return w.percent(row["completion"])
    return w.distance_text(row)


def _gap_table(rows: Sequence[w.Row]) -> Table:
    return Table(
        "滞后或未达目标的指标",
        ("序号", "指标", "结论", "与目标差距", "今后每年需", "以往年均", "责任单位", "原因"),
        tuple(
            (
                r["indicator"], r["name"], w.verdict_text(r), _gap(r), _yearly(r, "required"),
                _yearly(r, "achieved"), r["department"], w.reason_text(r),
            )
            for r in rows
        ),
        ("center", "left", "left", "right", "right", "right", "left", "left"),
    )  # fmt: skip


def _gap(row: w.Row) -> str:
    unit = "%" if row["kind"] == Kind.COMPOSITION else row["unit"]
    return w.change(row["gap"], unit, max(w.decimals_of(row), 1))


def _yearly(row: w.Row, column: str) -> str:
    if math.isnan(row[column]) or row["kind"] == Kind.COMPOSITION:
        return w.EMPTY
    decimals = max(w.decimals_of(row), 1)
    sign = "-" if w.rounded(row[column], decimals).startswith("-") else ""
    return sign + w.change(row[column], row["unit"], decimals)


def _missing(row: w.Row, plan: Plan) -> str:
    """What an evaluator must still supply for this row, or nothing."""
    stale = row["verdict"] != Verdict.NOT_ASSESSABLE and row["data_year"] < row["year"]
    found = set(w.reasons(row))
    if stale:
        return f"{row['year']}年数（现用{w.data_date(row)}）"
    if Reason.NO_REGION_TARGET in found:
        return f"分解到{row['region_name']}的目标和基期"
    if found & {Reason.NO_TARGET_NUMBER, Reason.TARGET_ZERO}:
        return ""
    if Reason.PART_YEAR in found or Reason.PART_YEAR_ONLY in found:
        return f"{row['year']}年全年数"
    if row["verdict"] != Verdict.NOT_ASSESSABLE:
        return ""
    if found & {Reason.NO_BASE, Reason.ONE_POINT}:
        return f"{plan.base_year}年基期数"
    if row["kind"] in (Kind.CUMULATIVE, Kind.RATE):
        return _missing_years(row, plan)
    last = row["last_year"]
    return f"{row['year']}年数" + ("" if math.isnan(last) else f"（最新为{int(last)}年）")


def _missing_years(row: w.Row, plan: Plan) -> str:
    have = {f["year"] for f in w.history(row) if f["period"] != "ytd"}
    years = [y for y in range(plan.base_year + 1, row["year"] + 1) if y not in have]
    return f"{'、'.join(map(str, years))}年全年数，或{plan.base_year + 1}年以来累计数"
