"""Indicator tables of the facts of real plans under other headers and in other layouts."""

from __future__ import annotations

import html
import random
import re
from dataclasses import dataclass

from plan_tables import EMPTY, Fact, PlanTable

NAMES = ("指标", "指标名称", "规划指标", "主要发展指标", "分项指标", "目标任务", "主要指标", "内容",
         "项目", "具体指标")  # fmt: skip
BASES = ("{y}年", "{y}年完成", "{y}年完成值", "{y}年完成情况", "{y}年实际", "{y}年实际完成",
         "{y}年达到值", "{y}年实绩", "{y}年预计", "{y}年现状", "现值（{y}年）", "{y}年基数",
         "{y}年（基期）", "基期值", "起始值", "基数", "当前值", "{y}年底", "{w}年",
         "“{p}”末")  # fmt: skip
TARGETS = ("{y}年", "{y}年预期", "{y}年预期值", "{y}年目标", "{y}年目标值", "到{y}年", "{y}年达到",
           "{y}年达到值", "{y}年度", "“{p}”末", "{y}年规划目标", "{y}年指标值", "{y}年（目标）",
           "期末目标", "{w}年")  # fmt: skip
ATTRIBUTES = ("属性", "指标属性", "指标性质", "性质", "指标类型")
DEPARTMENTS = ("责任单位", "牵头单位", "责任部门", "牵头部门", "主管部门")
UNITS = ("单位", "计量单位")
OFFICES = ("市教育局", "市卫生健康委", "市统计局、市发展改革委")
SIMPLE = ("岁", "万人", "亿吨", "件", "万公里", "公里", "%", "亿元", "元", "年", "‰", "亿亩")
WRITTEN = str.maketrans("0123456789", "〇一二三四五六七八九")


@dataclass(frozen=True)
class Mutated:
    """A made table: its text or page, its facts and how it was made."""

    text: str
    page: bool
    facts: tuple[Fact, ...]
    how: str


def mutate(seed: int, pool: list[tuple[PlanTable, list[Fact]]]) -> Mutated:
    """A table of some plan's facts, everything about it drawn at random."""
    draw = random.Random(seed)
    plan, every = draw.choice(pool)
    facts = [f for f in every if not f.part]
    facts = draw.sample(facts, k=min(len(facts), draw.randint(4, 12)))
    first, last = plan.years[0], plan.years[1]
    period = {2010: ("十一五", "十二五"), 2015: ("十二五", "十三五"), 2020: ("十三五", "十四五"),
              2005: ("十五", "十一五")}[first]  # fmt: skip
    base = draw.choice(BASES if first > 2005 else BASES[:-1]).format(
        y=first, p=period[0], w=str(first).translate(WRITTEN)
    )
    target = draw.choice(TARGETS).format(y=last, p=period[1], w=str(last).translate(WRITTEN))
    unit = draw.choice(("column", "name", "name", "none", "values"))
    number = draw.choice(("", "", "no", "dressed", "mark"))
    attribute, office = draw.random() < 0.7, draw.random() < 0.3
    layout = draw.choice(("tab", "bar", "markdown", "lines", "page", "page"))
    section = draw.choice(("", "", "rows", "column"))
    parts, double, padded = (draw.random() < share for share in (0.3, 0.3, 0.2))
    if layout == "lines":
        number, office = number if number in ("", "no") else "", False
        section = "" if section == "rows" else section
    head = [*(["类别"] if section == "column" else []), *(["序号"] if number in ("no", "dressed")
            else []), draw.choice(NAMES), *([draw.choice(UNITS)] if unit == "column" else []),
            base, target, *([draw.choice(ATTRIBUTES)] if attribute else []),
            *([draw.choice(DEPARTMENTS)] if office else [])]  # fmt: skip
    rows: list[list[str]] = []
    told: list[Fact] = []
    groups = ("一、经济发展", "二、民生福祉", "三、绿色生态")
    for n, fact in enumerate(facts, 1):
        group = groups[min((n - 1) * 3 // len(facts), 2)]
        starts = n == 1 or group != groups[min((n - 2) * 3 // len(facts), 2)]
        if section == "rows" and starts:
            rows.append([group])
        part = parts and n > 1 and not starts and number in ("", "no") and draw.random() < 0.3
        name = f"{n}.{fact.name}" if number == "mark" else fact.name
        name = f"其中：{name}" if part else name
        if unit == "name" and fact.unit:
            name += f"（{fact.unit}）"
        label = {"no": str(n), "dressed": f"（{n}）"}.get(number, "")
        where = draw.choice(OFFICES)
        target_cell, base_cell = fact.targets[0][1], fact.base or EMPTY
        simple = re.fullmatch(r"[\d.]+", target_cell) and re.fullmatch(r"[\d.]+", base_cell)
        if unit == "values" and simple and fact.unit in SIMPLE:
            target_cell, base_cell = target_cell + fact.unit, base_cell + fact.unit
        known = fact.unit if unit in ("column", "name") else ""
        made = Fact("", fact.name, known, base_cell, ((last, target_cell),),
                    fact.attribute if attribute else "", where if office else "", part)  # fmt: skip
        told.append(made)
        rows.append([*([group[2:] if starts else ""] if section == "column" else []),
                     *([label] if label else []), name, *([fact.unit] if unit == "column" else []),
                     base_cell, target_cell,
                     *([fact.attribute or EMPTY] if attribute else []),
                     *([where] if office else [])])  # fmt: skip
    caption = f"专栏1 “{period[1]}”时期主要指标"
    title = f"某某市发展“{period[1]}”规划"
    if padded and layout in ("tab", "page"):
        head, rows = [*head, ""], [row if len(row) == 1 else [*row, ""] for row in rows]
    how = f"{seed} {plan.id} {layout} {head} unit={unit} no={number} section={section}"
    if layout == "page":
        made_page = _page(title, caption, head, rows, section, base if double else "")
        return Mutated(made_page, True, tuple(told), how)
    return Mutated(_text(layout, title, caption, head, rows), False, tuple(told), how)


def _text(layout: str, title: str, caption: str, head: list[str], rows: list[list[str]]) -> str:
    if layout == "lines":
        body = [cell for row in [head, *rows] for cell in row if cell]
    elif layout == "tab":
        body = ["\t".join(row) for row in [head, *rows]]
    else:
        body = ["| " + " | ".join(row if len(row) > 1 else row + [""] * (len(head) - 1)) + " |"
                for row in [head, *rows]]  # fmt: skip
        if layout == "markdown":
            body.insert(1, "|" + "---|" * len(head))
    return "\n".join([title, "", "第一章 主要目标", caption, *body, "第二章 主要任务", ""])


def _page(
    title: str, caption: str, head: list[str], rows: list[list[str]], section: str, double: str
) -> str:
    if double:
        place = head.index(double)
        above = [f'<th rowspan="2">{html.escape(c)}</th>' for c in head]
        above[place : place + 2] = ['<th colspan="2">规划期</th>']
        below_head = "".join(f"<th>{html.escape(c)}</th>" for c in head[place : place + 2])
        lines = [f"<tr>{''.join(above)}</tr>", f"<tr>{below_head}</tr>"]
    else:
        lines = ["<tr>" + "".join(f"<th>{html.escape(c)}</th>" for c in head) + "</tr>"]
    for n, row in enumerate(rows):
        if len(row) == 1:
            lines.append(f'<tr><td colspan="{len(head)}">{html.escape(row[0])}</td></tr>')
            continue
        cells = []
        for column, cell in enumerate(row):
            if section == "column" and column == 0:
                if not cell:
                    continue
                below = rows[n + 1 :]
                tall = next((k for k, r in enumerate(below) if r[0]), len(below)) + 1
                cells.append(f'<td rowspan="{tall}">{html.escape(cell)}</td>')
            else:
                cells.append(f"<td>{html.escape(cell)}</td>")
        lines.append("<tr>" + "".join(cells) + "</tr>")
    return (f'<html><head><meta charset="utf-8"></head><body><h1>{title}</h1><p>第一章 主要目标</p>'
            f"<p>{caption}</p><table>{''.join(lines)}</table><p>第二章 主要任务</p></body></html>"
            )  # fmt: skip
