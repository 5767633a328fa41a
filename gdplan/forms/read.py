"""A filled-in form -> rows of observations and statuses; every fault with its sheet and cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from gdplan.files import places
from gdplan.files.safe_workbook import Sheet, keys_of, sheets
from gdplan.files.workbook import KEYS
from gdplan.forms import ledger_read
from gdplan.forms.cells import SHARE, Entries, FormSheet, entries, fraction_for_share
from gdplan.forms.write import BOUNDS, HEADER, PERIODS, VERSION, digest
from gdplan.model import Indicator, Mode, Plan
from gdplan.notation import NUMBER, RATIO
from gdplan.problems import Problem, ProblemError, refuse

PERIOD_WORDS = {period.value: word for word, period in PERIODS.items()}
VERSIONS = (1, VERSION)
"""Forms that can be read: the first had no ledger."""


class Keys(BaseModel):
    """The hidden sheet of a form."""

    version: int
    plan: str
    region: str
    region_name: str
    year: int
    header: list[str]
    rows: dict[str, list[tuple[str, int, str]]]
    ledger: list[str] | None = None
    layout: str


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form said: rows in the columns of an observation file, each with its cell."""

    file: str
    rows: tuple[Mapping[str, str], ...]
    cells: tuple[str, ...]
    empty: int
    ledger: Entries


def read(path: Path, plan: Plan, *, today: str = "") -> Filled:
    """The figures and statuses of one form.

    Parameters
    ----------
    path, plan
        The form, and the plan it has to be for.
    today : str, optional
        Day after which nothing can have been published yet, as YYYY-MM-DD.

    Raises
    ------
    ProblemError
        When it is no form of this plan, is damaged, or a cell cannot be read; all at once.
    """
    book = sheets(path)
    keys = _keys(path, book, plan)
    file = path.name.encode("utf-8", "replace").decode()
    parts = [
        entries(file, book, name, HEADER, wanted,
                lambda sheet, line, asked: _row(sheet, line, asked, plan, keys, today),
                value="数值", day="发布日期", stray="表外的行有数值，不知属于哪项指标")
        for name, wanted in keys.rows.items()
    ]  # fmt: skip
    ledger = ledger_read.read(file, book, keys.ledger or (), plan, year=keys.year, today=today)
    refuse(problem for part in (*parts, ledger) for problem in part.problems)
    return Filled(
        file, tuple(row for part in parts for row in part.rows),
        tuple(cell for part in parts for cell in part.cells),
        sum(part.empty for part in parts), ledger,
    )  # fmt: skip


def _row(
    sheet: FormSheet, line: int, asked: tuple[str, int, str], plan: Plan, keys: Keys, today: str
) -> dict[str, str] | None:
    """A filled row in the columns of an observation file, None for an empty one."""
    no, year, period = asked
    item = plan.indicator(no)
    # Rows moved from where the form had them, or made for another unit than the plan's.
    moved = sheet.moved(line, {"序号": item.no, "指标": item.name, "单位": item.unit,
                               "年份": str(year), "时期": PERIOD_WORDS.get(period, "")}
                        )  # fmt: skip
    refuse([*moved, *sheet.broken(line)])
    value, problems = _value(sheet, line, item)
    if not value and not problems:
        refuse(_without_value(sheet, line))
        return None
    bound = sheet.text(line, "措辞") or "准确"
    if bound not in BOUNDS:
        problems.append(Problem("unknown_word", sheet.place(line, "措辞"), "不认识的措辞",
                                "、".join(BOUNDS), bound))  # fmt: skip
    published, faults = sheet.date(line, year, today)
    problems += faults
    source = sheet.words(line, "数据来源")
    if not source:
        problems.append(Problem("missing_source", sheet.place(line, "数据来源"), "没有写数据来源",
                                fix="写发布单位和题名"))  # fmt: skip
    refuse(problems)
    who = sheet.words(line, "填报人")
    by = f"填报表 {sheet.place(line, '数值')}" + (f"，填报人 {who}" if who else "")
    note = "；".join(t for t in (sheet.words(line, "口径说明"), by) if t)
    return {
        "region_code": keys.region, "region": keys.region_name, "indicator": item.name,
        "year": str(year), "period": period, "value": value, "unit": item.unit,
        "bound": BOUNDS[bound].value, "published": published, "source": source, "url": "",
        "access": "direct", "note": note,
    }  # fmt: skip


def _without_value(sheet: FormSheet, line: int) -> list[Problem]:
    """A row whose source or date is filled in and whose figure is not."""
    return [
        Problem("missing_value", sheet.place(line, "数值"), f"填了{name}而没有数值",
                found=sheet.words(line, name)[:60],
                fix="补上数值；没有数据的，来源和日期空着，情况写在口径说明")
        for name in ("数据来源", "发布日期") if sheet.words(line, name)
    ][:1]  # fmt: skip


def _value(sheet: FormSheet, line: int, item: Indicator) -> tuple[str, list[Problem]]:
    """The figure with the digits it was typed with."""
    cell, place = sheet.cell(line, "数值"), sheet.place(line, "数值")
    ratio = item.kind.parts
    text, problems = sheet.number(line, "数值", item.unit, RATIO if ratio else NUMBER)
    if problems or not text or ratio:
        return text, problems
    low, high = item.limits
    if item.kind.mode is not Mode.CHAIN and not low <= float(text) <= high:
        return "", [Problem("outside_limits", place, f"{item.name}的数值超出可能范围",
                            expected=f"{low:g}—{high:g}", found=text)]  # fmt: skip
    typed = isinstance(cell.value, (int, float))
    explicit = "%" in cell.form if typed else sheet.text(line, "数值").endswith("%")
    if not explicit and _looks_like_fraction(item, float(text)):
        return "", [fraction_for_share(place, text)]
    return text, []


def _looks_like_fraction(item: Indicator, value: float) -> bool:
    """0.75 where the plan speaks of tens of per cent."""
    if item.unit != "%" or item.kind.mode is Mode.CHAIN or not 0 < value <= 1:
        return False
    known = [t.value or t.low for t in (item.base, item.target) if t.has_number]
    return bool(known) and min(known) >= SHARE


def _keys(path: Path, sheets: Mapping[str, Sheet], plan: Plan) -> Keys:
    """What the hidden sheet says, if it is a form of this plan."""
    fault, keys = "", None
    if KEYS not in sheets:
        fault = "缺少隐藏的标识表，不是 gdplan 填报表"
    else:
        keys = _parsed(keys_of(sheets))
        fault = "标识表已损坏，或填报表的版本不同" if keys is None else _differs(keys, plan)
    if keys is None or fault:
        raise ProblemError.of("not_this_form", path.name, fault, expected=f"{plan.id} 的填报表",
                              fix="用 gdplan template 生成")  # fmt: skip
    return keys


def _parsed(data: Mapping[str, Any]) -> Keys | None:
    try:
        keys = Keys.model_validate(data)
    except ValueError:
        return None
    whole = keys.version in VERSIONS and (keys.ledger is None) == (keys.version == 1)
    return keys if whole else None


def _differs(keys: Keys, plan: Plan) -> str:
    """How the plan or the regions of today differ from those the form was made for."""
    if keys.plan != plan.id:
        return f"是另一规划的填报表（{keys.plan}）"
    if places.regions().get(keys.region) != keys.region_name:
        return f"地区代码与名称不符（{keys.region}）"
    known = {item.no for item in plan.indicators}
    gone = sorted({no for rows in keys.rows.values() for no, _, _ in rows} - known)
    if gone:
        return f"规划中已没有第{'、'.join(gone)}项指标"
    lost = ledger_read.gone(keys.ledger or (), plan)
    if lost:
        return f"规划文本改动过，已没有编号为{'、'.join(lost[:5])}的承诺"
    same = digest(keys.model_dump(exclude_none=True)) == keys.layout
    return "" if same else "标识表被改动"
