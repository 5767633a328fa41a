"""The annex of a report: method, second opinions, sources, and how it was run."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from gdplan import wording as w
from gdplan.model import Plan, Reason, Verdict
from gdplan.phrases import METHOD_ZH, OPINION_ZH, PARAMETER_ZH
from gdplan.section import Items, Paragraph, Section, Table

if TYPE_CHECKING:
    import pandas as pd


def opinions(assessment: pd.DataFrame) -> Section:
    """附 其他判断方法: three published schemes beside the verdict, and where they disagree."""
    rows = [r for r in w.rows_of(assessment) if r["verdict"] != Verdict.NOT_ASSESSABLE]
    if not rows:
        return Section.of(Paragraph("没有可评估的指标。"))
    table = Table(
        "其他判断方法的结论",
        (
            "序号", "指标", "本报告结论", "增长比", "", "期末推算", "", "剩余差距缺口", "",
            "是否一致",
        ),
        tuple(
            (
                r["indicator"], r["name"], w.verdict_text(r),
                w.rounded(r["growth_ratio"], 2), r["growth_ratio_opinion"],
                w.percent(r["projected_share"]), r["projected_opinion"],
                w.percent(r["gap_missed"]), r["gap_opinion"],
                "不一致" if Reason.SCHEMES_DISAGREE in w.reasons(r) else "一致",
            )
            for r in rows
        ),
        ("center", "left", "left", "right", "left", "right", "left", "right", "left", "left"),
    )  # fmt: skip
    apart = [r["name"] for r in rows if Reason.SCHEMES_DISAGREE in w.reasons(r)]
    lead = f"结论不一致的指标{len(apart)}项：{'、'.join(apart)}。" if apart else "各方法结论一致。"
    return Section.of(Items(OPINION_ZH), Paragraph(lead), table)


def method(plan: Plan, assessment: pd.DataFrame) -> Section:
    """附 评估方法: the rules in words, and every parameter with the value used."""
    table = Table(
        "评估参数取值",
        ("参数", "含义", "取值"),
        tuple(
            (key, PARAMETER_ZH.get(key, ""), f"{value:g}")
            for key, value in sorted(plan.parameters.items())
        ),
        ("left", "left", "right"),
    )
    return Section.of(Items(METHOD_ZH), table)


def sources(assessment: pd.DataFrame) -> Section:
    """附 数据来源: each figure used, with publisher, date, and whether seen at first hand."""
    seen: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in w.rows_of(assessment):
        for f in w.inputs(row):
            access = "原始" if f["access"] == "direct" else "转载"
            seen.setdefault(
                (f["file"], f["cell"] + row["indicator"]),
                (
                    row["name"], w.figure_date(f), f"{w.figure_text(f)}{row['unit']}", f["source"],
                    f["published"], access, f"{f['file']}!{f['cell']}",
                ),
            )  # fmt: skip
    if not seen:
        return Section.of(Paragraph("本次评估没有可用的数据。"))
    table = Table(
        "采用的数据及来源",
        ("指标", "时期", "数值", "发布者与题名", "发布日期", "来源", "数据位置"),
        tuple(seen.values()),
        ("left", "left", "right", "left", "left", "center", "left"),
    )
    reprints = sum(row[5] == "转载" for row in seen.values())
    note = (
        f"采用数据{len(seen)}个，其中{reprints}个仅见于转载，公开引用前应核对原件。"
        if reprints
        else f"采用数据{len(seen)}个，均为原始来源。"
    )
    return Section.of(Paragraph(note), table)


def unused(plan: Plan, chosen: pd.DataFrame, *, year: int) -> Section:
    """附 未采用的数据: figures inside the plan years that lost, and the rule they lost by."""
    names = {n for item in plan.indicators for n in (item.name, *item.aliases)}
    inside = chosen[
        chosen["indicator"].isin(names)
        & ~chosen["used"]
        & (chosen["year"] > plan.base_year)
        & (chosen["year"] <= year)
    ]
    if inside.empty:
        return Section.of(Paragraph("规划期内没有未采用的数据。"))
    table = Table(
        "未采用的数据",
        ("指标", "时期", "数值", "发布者与题名", "发布日期", "未采用原因"),
        tuple(
            (
                r["indicator"], w.figure_date(r), f"{w.figure_text(r)}{r['unit']}", r["source"],
                r["published"], r["rule"],
            )
            for r in inside.to_dict("records")
        ),
        ("left", "left", "right", "left", "left", "left"),
    )  # fmt: skip
    return Section.of(Paragraph(f"规划期内另有{len(inside)}个数据未采用，全部列出。"), table)


def run_info(plan: Plan, assessment: pd.DataFrame, /, **parameters: object) -> Section:
    """附 运行信息: parameters, versions, and how to make the report again."""
    shown = {**parameters, "plan_document": plan.document, "gdplan": version("gdplan")}
    shown |= {name: version(name) for name in ("pandas", "numpy", "matplotlib")}
    shown["python"] = ".".join(platform.python_version_tuple()[:2])
    rows = tuple((key, str(value)) for key, value in shown.items())
    return Section.of(Table("运行信息", ("项目", "取值"), rows, ("left", "left")))


class Export:
    """The assessment as CSV text, for the runner to store byte by byte."""

    def __init__(self, assessment: pd.DataFrame) -> None:
        self.csv: str = assessment.to_csv(index=False, lineterminator="\n")
        self.size = len(assessment)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/csv": self.csv, "text/plain": f"assessment.csv: {self.size} rows"}


def export(assessment: pd.DataFrame) -> Export:
    """Hand the assessment to the runner: its output becomes assessment.csv."""
    return Export(assessment)
