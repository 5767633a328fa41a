"""A printed number's way back: table cell -> field -> formula -> figures -> file and publisher."""

from __future__ import annotations

import json
import math
import posixpath
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gdplan.model import Scale
from gdplan.notation import parse_target
from gdplan.page import chinese as w
from gdplan.problems import Problem, ProblemError, closest
from gdplan.reports.runs.find import Run, Since, since
from gdplan.reports.runs.recorded import figures, revisions

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Figure

CELL = re.compile(r"'?(?:表|table)\s*(\d+)'?\s*!\s*\$?([A-Z]{1,3})\$?(\d+)", re.IGNORECASE)
TEXT_COLUMNS = ("", "-")
STATE = {Since.SAME: "与记录一致", Since.CHANGED: "此后已改动", Since.MISSING: "现已不在"}
NAMES = {
    "base": "基期", "target": "目标", "target_low": "达标下限", "target_high": "达标上限",
    "value": "现值", "value_low": "区间下端", "value_high": "区间上端", "progress": "完成进度",
    "elapsed": "时序进度", "pace": "进度比", "achieved": "以往年均", "required": "今后每年需",
    "acceleration": "需加快倍数", "gap": "差距", "completion": "完成率", "distance": "超出目标",
    "met": "是否达标", "met_at_base": "基期已达标", "firm": "结论是否稳定", "reason": "原因",
    "verdict": "结论", "verdicts_possible": "区间内各结论", "level": "预警", "attribute": "属性",
    "direction": "方向", "data_year": "数据年份", "data_month": "数据月份", "last_year": "最后年份",
    "missing_years": "缺少的年份", "growth_ratio": "增长比", "projected_share": "期末推算进度",
    "gap_missed": "剩余差距缺口", "base_raw": "基期原文", "target_raw": "目标原文",
    "department": "责任单位", "name": "指标", "indicator": "序号", "unit": "单位",
}  # fmt: skip
PLAIN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "base": ("规划文本所载的基期数", ("base_raw",)),
    "target": ("规划文本所载的目标，与容许偏差一起成为达标范围",
               ("target_raw", "target_low", "target_high")),
    "elapsed": ("（数据日期－基期）÷（目标年－基期）", ("data_year", "data_month")),
    "required_growth": ("（目标÷现值）的剩余年数次方根－1", ("value", "target")),
    "annualized_growth": ("（现值÷基期）的已过年数次方根－1", ("base", "value")),
    "gap": ("达标范围与现值的距离，已达标为 0", ("value", "target_low", "target_high", "met")),
    "distance": ("现值超出目标的距离，未达标为负", ("value", "target_low", "target_high")),
    "level": ("按进度比和结论，约束性指标加严一级", ("pace", "verdict", "attribute")),
    "growth_ratio": ("方向×基期以来年均增长÷｜达标所需年均增长｜",
                     ("base", "value", "target", "direction")),
    "growth_ratio_opinion": ("按增长比分档", ("growth_ratio",)),
    "projected_opinion": ("按期末推算进度分档", ("projected_share",)),
    "gap_opinion": ("按剩余差距缺口分档，进度为负即背离目标", ("gap_missed", "progress")),
    "verdict": ("规则表中第一条全部成立的规则；区间各端结论不同即为临界",
                ("met", "met_at_base", "progress", "elapsed", "pace", "completion", "firm",
                 "verdicts_possible", "decided_by")),
}  # fmt: skip
"""Fields said in words, and the fields they follow from (METHOD 3 and 4)."""
SUMS: Mapping[str, tuple[str, Callable[..., float]]] = {
    "change": ("{value} － {base}", lambda value, base: value - base),
    "lead": ("（{progress} － {elapsed}）× 100",
             lambda progress, elapsed: (progress - elapsed) * 100),
    "pace": ("{progress} ÷ {elapsed}", lambda progress, elapsed: progress / elapsed),
    "acceleration": ("{required} ÷ {achieved}", lambda required, achieved: required / achieved),
    "completion": ("{value} ÷ {target}", lambda value, target: value / target),
    "projected_share": ("{progress} ÷ {elapsed}", lambda progress, elapsed: progress / elapsed),
    "gap_missed": (
        "1 － {progress} ÷ {elapsed} ×（1 － {elapsed}）÷（1 － {progress}），不小于 0",
        lambda progress, elapsed: max(0, 1 - progress / elapsed * (1 - elapsed) / (1 - progress))
        if progress < 1 and elapsed < 1 else float(progress < 1)),
}  # fmt: skip
"""Fields that follow from others by arithmetic, done again here beside the recorded result."""
USED: Mapping[str, tuple[str, ...]] = {
    "value": ("value_low", "value_high"), "progress": ("value", "target"),
    "achieved": ("base", "value"),
    "required": ("value", "target", "target_low", "target_high"),
}  # fmt: skip
CUTS = ("ahead_margin", "on_track", "exceed_margin", "nearly")
FIGURES = ("inputs", "history", "sources", "access")
"""Fields that the list of figures says better."""
Row = Mapping[str, str]
Table = Mapping[str, Any]


def trace(run: Run, cell: str = "", *, indicator: str = "", year: int | None = None) -> list[str]:
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
    if not cell:
        return list(_indicator(run, _row(run, indicator), "", None, year))
    table, column, row = _located(run, cell)
    where = f"{table['label']} {table['caption']}，第{row}行"
    if row == 1:
        return [f"{where}是表头，没有数值"]
    key = _at(table["keys"], row - 2)
    if not key:
        return [f"{where}不属于某一项指标（计数、参数或说明），没有单独的数据来源"]
    field = _at(table["columns"], column)
    shown = f"{NAMES.get(field, '')} {field}".strip()
    line = _row(run, key)
    head = f"{where}，第{column + 1}列（{'说明文字' if field in TEXT_COLUMNS else shown}）"
    return [head, *_indicator(run, line, field, _printed(table, row - 2, line), year)]


def _located(run: Run, cell: str) -> tuple[Table, int, int]:
    match = CELL.fullmatch(unicodedata.normalize("NFKC", cell).strip())
    tables = {_digits(t["label"]): t for t in run.record["tables"]}
    if not match or match[1] not in tables:
        labels = "、".join(t["label"] for t in tables.values()) or "没有表"
        raise ProblemError(
            Problem(
                "unknown_cell", cell, "没有这个单元格", expected=f"如 表3!G7；报告中有 {labels}"
            )
        )
    table = tables[match[1]]
    column, row = _number(match[2]) - 1, int(match[3])
    rows = len(table["keys"]) + 1
    width = len(table["columns"]) or None
    if not 1 <= row <= rows or (width is not None and column >= width):
        size = f"{rows}行" + (f"、{width}列" if width else "")
        raise ProblemError(
            Problem("unknown_cell", cell, "单元格在表外", expected=f"{table['label']} 有{size}")
        )
    return table, column, row


def _digits(label: str) -> str:
    return re.sub(r"\D", "", label)


def _number(letters: str) -> int:
    n = 0
    for letter in letters.upper():
        n = n * 26 + ord(letter) - 64
    return n


def _at(values: Sequence[str], place: int) -> str:
    return values[place] if 0 <= place < len(values) else ""


def _printed(table: Table, place: int, row: Row) -> int | None:
    """Which figure of its indicator a row of the table of sources prints."""
    keys = table["keys"]
    if "sources" not in table["columns"] or keys.count(keys[place]) != len(figures(row["inputs"])):
        return None
    return int(keys[:place].count(keys[place]))


def _row(run: Run, indicator: str) -> Row:
    wanted = unicodedata.normalize("NFKC", indicator).strip()
    for row in run.rows:
        names = (row["indicator"], row["name"], row.get("name_en") or row["name"])
        if wanted in [unicodedata.normalize("NFKC", name) for name in names]:
            return row
    raise ProblemError(
        Problem("unknown_indicator", indicator, "报告中没有这项指标",
                expected=f"序号{run.rows[0]['indicator']}—{run.rows[-1]['indicator']}，或指标名称",
                fix=closest(indicator, [r["name"] for r in run.rows]))
    )  # fmt: skip


def _indicator(
    run: Run, row: Row, field: str, place: int | None, year: int | None
) -> Iterator[str]:
    yield f"指标 {row['indicator']} {row['name']}（{row['unit']}），{row['region_name']}"
    if field not in TEXT_COLUMNS:
        yield from _derived(row, field)
    yield f"结论：{row['verdict']}{_reasons(row)}"
    inputs = figures(row["inputs"])
    shown = inputs if place is None else inputs[place : place + 1]
    if year is not None:
        shown = tuple(figure for figure in _both(row) if figure.year == year)
    used = all(figure in inputs for figure in shown)
    word = "采用的数据" if used else f"{year}年的数据，不在判断所用的数据中"
    yield f"{word}（{len(shown)}个）：" if shown else _nothing(row, year)
    for figure in shown:
        yield from _figure(run, figure)
    yield f"规划：{row['plan_cell']}（基期 {row['base_raw']}，目标 {row['target_raw']}）"
    for each in revisions(row.get("revised") or "[]"):
        yield f"  目标 {each.target.raw}：{each.issued}，{each.document}"
    text = row["plan_cell"].rpartition(":")[0]
    for name in (text, f"{row['plan']}/plan.yml"):
        yield f"  {_state(run, name)}"


def _both(row: Row) -> tuple[Figure, ...]:
    """All figures that the record keeps of an indicator, each once."""
    known = figures(row["history"])
    return known + tuple(figure for figure in figures(row["inputs"]) if figure not in known)


def _nothing(row: Row, year: int | None) -> str:
    years = sorted({str(figure.year) for figure in _both(row)})
    there = f"；有 {'、'.join(years)} 年的数据" if years else ""
    return f"没有采用的数据{there}" if year is None else f"没有{year}年的数据{there}"


def _reasons(row: Row) -> str:
    words = "；".join(w.reason_word(key) for key in row["reason"].split(";") if key)
    return f"（{words}）" if words else ""


def _derived(row: Row, field: str) -> Iterator[str]:
    """How a field follows from others: words, their values, and the arithmetic done again."""
    name = NAMES.get(field, field)
    template, again = _sum(row, field)
    if template:
        used = list(dict.fromkeys(re.findall(r"{(\w+)}", template)))
        yield f"{name}：{template.format_map({key: NAMES.get(key, key) for key in used})}"
        yield from (f"  {NAMES.get(key, key)} {key} = {_shown(row, key)}" for key in used)
        yield from _done_again(row, field, template, used, again)
        return
    words, fields = PLAIN.get(field) or (_words(row, field), USED.get(field, ()))
    if words:
        yield f"{name}：{words}"
    known = [key for key in fields if _shown(row, key) != w.EMPTY]
    yield from (f"  {NAMES.get(key, key)} {key} = {_shown(row, key)}" for key in known)
    if field == "verdict":
        values = json.loads(row["parameters"])
        yield f"  参数 {'、'.join(f'{key} = {values[key]:g}' for key in CUTS if key in values)}"
    if field not in FIGURES:
        yield f"  {NAMES.get(field, '')} {field} = {_shown(row, field)}".replace("   ", "  ")


def _sum(row: Row, field: str) -> tuple[str, Callable[..., float] | None]:
    """A field's arithmetic for the kind of its indicator; none for what is said in words."""
    # Late: most of what is traced needs no arrays.
    from gdplan.assessment.kinds.questions import questions

    kind = questions(row["kind"])
    own = kind.arithmetic(field, geometric=row.get("scale") == Scale.GEOMETRIC,
                          falling=row.get("direction") == "-1")  # fmt: skip
    return SUMS.get(field, ("", None)) if own is None else own


def _banded(row: Row) -> bool:
    """Whether the target is a band with edges, so that there is no one number to reach."""
    edges = {_float(row.get(name, "")) for name in ("target_low", "target_high")}
    return any(math.isfinite(edge) and edge != _float(row.get("target", "")) for edge in edges)


def _done_again(
    row: Row, field: str, template: str, used: Sequence[str], again: Callable[..., float] | None
) -> Iterator[str]:
    """The arithmetic with its numbers; a result other than the recorded one is said."""
    numbers = {key: _float(row.get(key, "")) for key in used}
    recorded = _float(row.get(field, ""))
    try:
        result = again(**numbers) if again else math.nan
    except (ArithmeticError, ValueError):
        result = math.nan
    if math.isnan(result) or (field in row and math.isnan(recorded)):
        yield f"  {field} = {_shown(row, field)}{_why_empty(row)}"
        return
    text = template.format_map({key: _plain(value) for key, value in numbers.items()})
    same = field not in row or math.isclose(result, recorded, rel_tol=1e-9, abs_tol=1e-12)
    yield f"  {text} = {_plain(result)}" + ("" if same else f"，与记录的 {_plain(recorded)} 不符")


def _why_empty(row: Row) -> str:
    return "（基期已达标，按底线或上限判断，不计进度）" if row.get("met_at_base") == "True" else ""


def _words(row: Row, field: str) -> str:
    """The value and what depends on its kind, in words with the figures used."""
    from gdplan.assessment.kinds.questions import questions

    raw = [w.figure_text(figure) for figure in figures(row["inputs"])]
    words = questions(row["kind"]).in_words(field, total=parse_target(row["target_raw"]).total)
    if not words or (field == "value" and not raw):
        return ""
    edge = "；目标取最近的容许界限" if field == "required" and _banded(row) else ""
    return (edge and words + edge) or words.format(
        figures=" ＋ ".join(raw), listed="、".join(raw), last=raw[-1] if raw else "",
        target=row["target_raw"],
    )  # fmt: skip


def _shown(row: Row, field: str) -> str:
    text = row.get(field, "")
    number = _float(text)
    return _plain(number) if not math.isnan(number) else text or "—"


def _plain(number: float) -> str:
    return f"{number:.10g}"


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _figure(run: Run, figure: Figure) -> Iterator[str]:
    ends = f"（{interval(figure)}）" if interval(figure) else ""
    seen = "原始来源" if figure.access == "direct" else "仅见于转载"
    yield (
        f"  {w.figure_date(figure)} {figure.raw}{figure.unit}{ends}："
        f"{figure.source}，{figure.published}，{seen}"
    )
    note = f"；注：{figure.note}" if figure.note else ""
    yield f"    {figure.file}!{figure.cell}；{_state(run, figure.file)}{note}"


def interval(figure: Figure) -> str:
    """The values a printed figure may stand for; an open end reads 不超过 or 不低于; none for a
    composition."""
    low, high = figure.low, figure.high
    if math.isnan(low) or math.isnan(high) or (math.isinf(low) and math.isinf(high)):
        return ""
    if math.isinf(low):
        return f"不超过{high}"
    return f"不低于{low}" if math.isinf(high) else f"{low} 至 {high}"


def _state(run: Run, name: str) -> str:
    """The recorded hash of an input file and whether the file on disk still has it."""
    wanted = "/" + posixpath.normpath(name).lstrip("./")
    for shown, recorded in run.record["inputs"].items():
        if f"/{posixpath.normpath(shown)}".endswith(wanted):
            return f"{shown} sha256 {recorded[:12]}，{STATE[since(run, shown)]}"
    return f"{name} 不在运行记录的输入文件中"
