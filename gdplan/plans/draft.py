"""A plan's document -> a draft of plan.yml, with what it proposes marked and what it asks.

Everything comes from the document. What the document does not print (which side is better, who is
responsible) is proposed or left open and marked ``# check``; what it leaves open is asked.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gdplan.files import places, register
from gdplan.files.documents import read as documents
from gdplan.files.documents.document import Document
from gdplan.files.write_together import write_all
from gdplan.model import Comparator, Kind, Mode
from gdplan.plans import goals
from gdplan.plans.parsed import Doubt, ParsedPlan, ParsedRow, open_kinds
from gdplan.plans.table_layout import period_of
from gdplan.plans.table_rows import parse_document
from gdplan.problems import ProblemError

CHECK = "# check"
"""The mark of what somebody has to look at."""
BEGINNING = 40
"""Lines among which a document names itself."""
_TITLE = re.compile(r"规划|纲要|方案|计划|意见")
_ISSUING = re.compile(r"印发[《<]?(.+?)[》>]?的通知")
_NUMBER = re.compile(r"(?:(?![以为据按照见])[\u4e00-\u9fff]){1,12}[〔\[﹝(（]\d{4}[〕\]﹞)）]\d+号")
_OF_THE_TABLE = frozenset({"unknown_column", "ragged_row", "stray_line", "shifted_row", "no_name"})
"""Problems of a table that no answer of an indicator mends."""
_NATIONAL = re.compile(r"国发|国办发|国函|中发|中办发")
_DAY = re.compile(r"((?:19|20)\d\d)年(\d{1,2})月(\d{1,2})日")
_DOWN = re.compile(
    r"失业率|死亡率|浓度|能耗|水耗|用水量|排放|发生率|降低|下降|减少|事故|伤亡|缺陷|负债|"
    r"收入比|个人卫生支出|自付|负担|未达标|贫困|流失|投诉|时间|时限|费率"
)
_MEASURED = re.compile(r"[率数量值额次比重度例]$|面积|总产值|收入|规模|[^以]上$")
_DIRECTIONS = {
    Comparator.AT_LEAST: "up", Comparator.ABOVE: "up", Comparator.AT_MOST: "down",
    Comparator.BELOW: "down", Comparator.KEEP: "none", Comparator.ABOUT: "none",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of plan.yml and the questions that it leaves open, in the order of the file."""

    text: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """An indicator of the draft: its targets of the plan's last year and its doubtful cells."""

    rows: tuple[ParsedRow, ...]
    doubts: tuple[Doubt, ...]

    @property
    def row(self) -> ParsedRow:
        """The row that speaks for the indicator."""
        return self.rows[0] if self.rows else self.doubts[0].row


def draft(document: Document, parsed: ParsedPlan, *, plan_id: str, text: str) -> Draft:
    """plan.yml for a document, as far as the document says it.

    Parameters
    ----------
    document, parsed
        The document, and what :func:`gdplan.plans.table_rows.parse_document` read from it.
    plan_id : str
        The id of the plan to be, such as ``gz-health-14``.
    text : str
        Name of the document in the plan's folder.
    """
    questions: list[str] = []
    table = _main_table(parsed, questions)
    rows = [row for row in parsed.rows if row.table == table]
    doubts = [doubt for doubt in parsed.doubts if doubt.row.table == table]
    base, target = _years(rows, doubts)
    entries = _entries(rows, doubts, target)
    lines = [*_head(document, plan_id, text, questions),
             f"table: {_quoted(table)}" + _prose_mark(table, questions),
             f"base_year: {base}", f"target_year: {target}",
             f"default_department: 未注明  {CHECK} 没有写明责任单位的指标由谁负责", "",
             "# direction: up（越大越好）、down（越小越好）、none（两边都算）",
             "indicators:"]  # fmt: skip
    told = [problem for problem in parsed.problems_of([table]) if problem.key in _OF_THE_TABLE]
    questions += [problem.line() for problem in told]
    names = {no: entry.row.name for no, entry in entries.items()}
    others = [row for row in rows if row.no not in entries]
    if others:
        questions.append("indicators：" + "、".join(
            f"{row.name}（{row.target_year}年 {row.target_raw}）" for row in others)
            + f" 没有{target}年的目标值，未列入")  # fmt: skip
    several = [entry for entry in entries.values() if len(entry.rows) > 1]
    if several:
        questions.append("target：" + "；".join(map(_several, several))
                         + "。目标年不止一个目标值，先取第一个，可改写 target")  # fmt: skip
    for no, entry in entries.items():
        said = _indicator(entry, names, questions)
        lines += [f"  {_quoted(no)}:", *(f"    {line}" for line in said)]
    return Draft("\n".join(lines) + "\n", tuple(questions))


def _prose_mark(table: str, questions: list[str]) -> str:
    """What has to be looked at where the document has no table."""
    if table != goals.TABLE:
        return ""
    questions.append("table：文档没有指标表，指标取自正文的主要目标；"
                     "请逐项核对名称、单位、口径（五年累计还是当年数）")  # fmt: skip
    return f"  {CHECK} 指标取自正文，请逐项核对名称和口径"


def write_draft(path: Path, plan_id: str, out: Path | None) -> tuple[Path, tuple[str, ...]]:
    """Write the folder of a new plan: its document as it came, and a draft of plan.yml.

    Returns
    -------
    tuple
        The folder, and the questions that the draft leaves open.

    Raises
    ------
    ProblemError
        For a document that cannot be read or holds no table, an id that is none, and a folder that
        is there already; then nothing is written.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", plan_id):
        raise ProblemError.of("bad_id", "--id", "规划编号只用小写字母、数字和连字符",
                              "如 gz-health-14", plan_id)  # fmt: skip
    folder = (out or places.data_folder() / "raw" / "plans") / plan_id
    if folder.exists():
        raise ProblemError.of("plan_exists", str(folder), "已有这个规划的文件夹",
                              fix="换一个编号，或移走原文件夹")  # fmt: skip
    document = documents.read(path)
    parsed = parse_document(document)
    if not parsed.rows and not parsed.doubts:
        raise ProblemError(parsed.problems)
    made = draft(document, parsed, plan_id=plan_id, text=path.name)
    write_all({folder / "plan.yml": made.text.encode(),
                          folder / path.name: path.read_bytes()})  # fmt: skip
    return folder, made.questions


def open_points(text: str) -> tuple[tuple[int, str], ...]:
    """Lines of a plan.yml that are still marked ``# check``, with their numbers."""
    return tuple((n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if CHECK in line)


def _main_table(parsed: ParsedPlan, questions: list[str]) -> str:
    """The table with most rows; where others are nearly as long it is asked which are meant."""
    counts = Counter(row.table for row in parsed.rows)
    counts.update(doubt.row.table for doubt in parsed.doubts)
    if not counts:
        return ""
    table, most = counts.most_common(1)[0]
    others = [f"{name}（{n}行）" for name, n in counts.items() if name != table and 3 * n > most]
    if others:
        said = "、".join(others)
        questions.append(f"table：取了 {table}（{most}行），另有 {said}。"
                         f"只评估 {table} 吗？几张表都评估时写成列表，"
                         "第二张表的序号写作 2-1、2-2")  # fmt: skip
    return table


def _years(rows: Sequence[ParsedRow], doubts: Sequence[Doubt]) -> tuple[object, object]:
    """Base year and last target year that most rows print."""
    every = [*rows, *(doubt.row for doubt in doubts)]
    bases = Counter(row.base_year for row in every if row.base_year)
    targets = Counter(row.target_year for row in rows if row.target_year)
    base = bases.most_common(1)[0][0] if bases else f"{CHECK} 基期年"
    first = min(targets, default=None)
    return base, first if first is not None else f"{CHECK} 目标年"


def _entries(
    rows: Sequence[ParsedRow], doubts: Sequence[Doubt], target: object
) -> dict[str, _Entry]:
    judged = [row for row in rows if row.target_year in (target, None)]
    numbers = dict.fromkeys(
        row.no for row in sorted([*judged, *(d.row for d in doubts)], key=lambda row: row.line)
    )
    return {
        no: _Entry(
            tuple(r for r in judged if r.no == no),
            tuple(d for d in doubts if d.row.no == no),
        )
        for no in numbers
    }


def _head(document: Document, plan_id: str, text: str, questions: list[str]) -> Iterator[str]:
    """What the beginning of a document says of itself."""
    lines = [line.strip() for line in document.lines[:BEGINNING]]
    title = _title(lines)
    number = next((m[0] for line in lines if (m := _NUMBER.search(line))), "")
    day = next((m for line in document.lines if (m := _DAY.search(line))), None)
    issued = f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}" if day else ""
    yield f"id: {plan_id}"
    yield f"title: {_quoted(title)}" + ("" if title else f"  {CHECK} 规划的全称")
    yield f"document: {_quoted(number)}" + ("" if number else f"  {CHECK} 文号，没有就写发布机关")
    yield f"issued: {_quoted(issued)}  {CHECK} 印发日期"
    meant = register.begins(title)
    if not meant and _NATIONAL.match(number):
        meant = register.with_code(register.COUNTRY)
    code, name = (meant[0].code, meant[0].name) if len(meant) == 1 else ("", "")
    yield f"region: {_quoted(code)}" + ("" if code else f"  {CHECK} 六位行政区划代码")
    yield f"region_name: {_quoted(name)}" + ("" if name else f"  {CHECK}")
    yield f"text: {_quoted(text)}"
    if not title:
        questions.append("title：文档开头没有认出规划名称")
    if not code:
        several = "、".join(f"{region.code} {region.name}" for region in meant)
        questions.append(f"region：名称所指的地区有几个，请选定：{several}" if several
                         else "region：从名称中认不出地区，请写六位代码和名称")  # fmt: skip


def _title(lines: Sequence[str]) -> str:
    """The name by which a document was issued, or the line that names a plan; rather one that says
    of which years."""
    issued = [match[1] for line in lines if (match := _ISSUING.search(line))]
    short = [line for line in lines if 6 <= len(line) <= 60 and "。" not in line]
    named = [line for line in short if _TITLE.search(line) and not line.endswith(("：", ":"))]
    named = [line for line in named if not _ISSUING.search(line)]
    dated = [line for line in (*issued, *named) if period_of(line) or re.search(r"\d{4}", line)]
    return next(iter((*dated, *issued, *named)), "")


def _indicator(entry: _Entry, names: Mapping[str, str], questions: list[str]) -> Iterator[str]:
    row = entry.row
    yield f"name: {_quoted(row.name)}"
    if row.parent_no and not _MEASURED.search(row.name):
        whole = names.get(row.parent_no, "其中")
        yield f"display: {_quoted(f'{whole}（{row.name}）')}  {CHECK} 报告中单独出现时的名称"
    yield f"direction: {_direction(row)}"
    kind = Kind.of(row.kind) if row.kind else None
    if not row.unit and row.target_value is not None and not (kind and kind.pair):
        yield f"# unit: 表中没有写单位  {CHECK}"
    if row.unit.endswith("元") and kind and kind.mode is Mode.VALUE and not kind.gain:
        yield f"scale: geometric  {CHECK} 金额按增长率看进度，按差额看时删去"
    if row.parent_no and row.unit not in ("%", "‰"):
        yield f"part_of: {_quoted(row.parent_no)}  {CHECK} 其中项；不是总数的一部分时删去"
    if row.department:
        yield f"department: {_quoted(row.department)}"
    if len(entry.rows) > 1:
        others = "、".join(other.target_raw for other in entry.rows[1:])
        yield f"target: {_quoted(row.target_raw)}  {CHECK} 另有 {others}"
    yield from _kind(entry, questions)
    yield from _say(entry, questions)


def _direction(row: ParsedRow) -> str:
    """What the cell says, else what the name suggests, marked."""
    said = _DIRECTIONS.get(Comparator(row.comparator)) if row.comparator else None
    if said == "none" and row.comparator == Comparator.ABOUT and _DOWN.search(row.name):
        return f"down  {CHECK} 写作左右：低于目标也算完成时为 down，两边都算时为 none"
    if said:
        return said
    return f"{'down' if _DOWN.search(row.name) else 'up'}  {CHECK}"


def _several(entry: _Entry) -> str:
    return f"第{entry.row.no}项 {' 和 '.join(row.target_raw for row in entry.rows)}"


def _kind(entry: _Entry, questions: list[str]) -> Iterator[str]:
    row = entry.row
    kinds = {} if entry.doubts else open_kinds(row)
    if kinds:
        said = "；".join(f"{kind}（{what}）" for kind, what in kinds.items())
        yield f"# kind: {said}  {CHECK}"
        questions.append(
            f"第{row.no}项 {row.name}：目标 {row.target_raw}（基期 {row.base_raw or '—'}）"
            f"是哪一种（kind）？{said}"
        )
    elif row.kind in _REASONS:
        yield f"# 读作 {row.kind}：{_REASONS[row.kind]}"


_REASONS = {
    "cumulative": "括号内或累计数",
    "rate": "年均增速",
    "annual": "名称中有“年”的年度数",
    "annual_mean": "年均数",
    "ratio": "两部分之比",
    "composition": "各部分的构成",
    "reduction": "累计降幅",
    "change": "在基期数上的增量",
}


def _say(entry: _Entry, questions: list[str]) -> Iterator[str]:
    if entry.doubts:
        yield "say:"
    for cell, printed in dict.fromkeys((d.cell, d.printed) for d in entry.doubts):
        yield f'  {cell}: {{expect: {_quoted(printed)}, say: ""}}  {CHECK}'
        questions.append(
            f"第{entry.row.no}项 {entry.row.name}：{_CELLS[cell]}“{printed}”应读作什么（say）？"
        )


_CELLS = {"target": "目标格", "base": "基期格", "attribute": "属性格", "unit": "单位格",
          "name": "名称格", "result": "完成格"}  # fmt: skip


def _quoted(text: object) -> str:
    return json.dumps(str(text), ensure_ascii=False)
