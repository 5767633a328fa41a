"""The sheet 工作台账 of a form: one row per commitment that no table indicator judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gdplan.files.workbook import DAY, ENTRY, FIXED, Book, clean, print_across, row_height
from gdplan.ledger.statuses import Status
from gdplan.plans.commitments import Commitment, target_text

if TYPE_CHECKING:
    import pandas as pd

LEDGER = "工作台账"
HEADER = (
    "编号", "章节或专栏", "承诺事项", "目标", "单位", "完成时限", "原文", "上次填报", "状态",
    "完成数", "佐证材料", "情况说明", "填报日期", "填报人",
)  # fmt: skip
FIRST_INPUT = "状态"
WIDTHS = (12, 22, 36, 14, 8, 9, 44, 20, 10, 11, 34, 28, 13, 10)
LONGEST = 1000
HELP_LINES = (
    "工作台账：每行一项规划承诺，状态从列表中选择；尚无情况可报的整行空着。",
    "完成数：填至填报日期的累计数，单位见“单位”列；“每年”的事项填当年数。只填数，不填单位。",
    "报“已完成”必须写佐证材料（文件、网页或验收材料）；状态与完成数不一致的，在情况说明中写明原因，否则不予导入。",
)


def write(
    book: Book, items: Sequence[Commitment], *, year: int, last: Mapping[str, str]
) -> None:  # fmt: skip
    """Add the sheet to a workbook; ``last`` is what each commitment was last said to be."""
    sheet = book.sheet(LEDGER, HEADER, WIDTHS, across=3)
    entry = book.style(**ENTRY, text_wrap=True)
    day = book.style(**ENTRY, text_wrap=True, num_format=DAY)
    for line, item in enumerate(items, 1):
        texts = [clean(t)[:LONGEST] for t in fixed_cells(item, last.get(item.id, "")).values()]
        sheet.set_row(line, row_height(texts, WIDTHS))
        book.line(sheet, line, texts, **FIXED)
        for column in range(HEADER.index(FIRST_INPUT), len(HEADER)):
            sheet.write_blank(line, column, None, day if HEADER[column] == "填报日期" else entry)
    _validate(sheet, len(items), year)
    print_across(sheet)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})


def fixed_cells(item: Commitment, last: str = "") -> dict[str, str]:
    """What stands in the locked cells of a row, by column."""
    return {
        "编号": item.id, "章节或专栏": item.where, "承诺事项": item.what,
        "目标": target_text(item), "单位": item.unit, "完成时限": f"{item.deadline}年",
        "原文": f"第{item.line}行：{item.quote}", "上次填报": last,
    }  # fmt: skip


def last_said(statuses: pd.DataFrame) -> dict[str, str]:
    """By commitment the latest report in words: 推进中，60（2023年，2024-01-15填报）."""
    out = {}
    for row in sorted(statuses.to_dict("records"), key=lambda r: (r["year"], r["reported"])):
        figure = f"，{row['raw']}" if row["raw"] else ""
        out[str(row["id"])] = f"{row['status']}{figure}（{row['year']}年，{row['reported']}填报）"
    return out


def _validate(sheet: Any, count: int, year: int) -> None:
    """Status from a list, figure a number, day a day."""
    rules: dict[str, dict[str, Any]] = {
        "状态": {"validate": "list", "source": list(Status)},
        "完成数": {"validate": "decimal", "criteria": ">=", "value": 0, "error_type": "warning",
                   "error_title": "完成数", "error_message": "应为数，不填单位"},
        "填报日期": {"validate": "date", "criteria": ">=", "value": datetime(year, 1, 1),
                     "error_title": "填报日期", "error_message": "应为所报年份及以后的日期"},
    }  # fmt: skip
    for name, rule in rules.items():
        column = HEADER.index(name)
        sheet.data_validation(1, column, count, column, rule)
