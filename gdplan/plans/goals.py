"""Indicators of a plan that has no table: the figures of its prose under 主要目标.

Every row is a reading that somebody has to look at: the name is the words before the figure, and
what is newly made or done in a plan's years is taken for their sum.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from gdplan.files.documents.document import Document
from gdplan.model import Attribute, Comparator
from gdplan.notation import parse_target
from gdplan.plans import commitments
from gdplan.plans.commitments import Commitment
from gdplan.plans.parsed import ParsedRow
from gdplan.plans.prose_numbers import numbers
from gdplan.plans.table_layout import period_years

TABLE = "正文主要目标"
"""What the goals of the prose are called where a table has its title."""
_GOALS = re.compile(
    r"(?:主要|发展|预期|总体|奋斗|工作|规划|具体|阶段性?|核心)+目标|主要指标|目标任务"
)
_LEAD = re.compile(
    r"^(?:[^，,。：:]*目标(?:是|为)?[：:]?|[一二三四五六七八九十是]+是|——|[，,、和及以其中 ]+"
    r"|(?:到|至|于)?20\d\d ?年(?:底|末)?(?:之?前)?|今年|全年|未来五年|今后五年|五年|期末"
    r"|“?十[一二三四五六]五”?(?:期?末|时期|期间)?|[全我][省市区县国]|力争|确保|努力|实现|基本"
    r"|使得?|将)"
)
_TRAIL = re.compile(
    r"(?:达到?|(?:提高|提升|增加|增长|上升|扩大|下降|降低|减少|压减|缩短|升|降|增)[到至]|控制在|稳定在"
    r"|保持在|维持在|不低于|不少于|不超过|不高于|至少|超过|突破|大约|约为?|接近|近|超|为|在|力争|分别|要|均|目标)$"
)
_DEEDS = re.compile(
    r"(?:建成|新建|新增|改建|扩建|培育|建设|打造|引进|改造|培训|开展|完成|发展|创建|培养|扶持|支持|带动|推动|实施"
    r"|选拔|遴选|组织|形成|拥有|增加|新改扩建|布局|安排|投入|投资)$"
)
_SUMS = re.compile(r"新增|新建|累计|改建|扩建|改造|培训|开展|引进|培育|完成|新改扩建|创建|五年")
_MOVED = re.compile(
    r"(?:(?:年均|每年)(?:增长|提高|下降|降低)|累计(?:增长|下降|降低)|增长|提高|提升|上升|下降|降低)$"
)
_WORDS = {
    Comparator.AT_LEAST: "{}以上", Comparator.AT_MOST: "{}以内", Comparator.ABOVE: "超过{}",
    Comparator.BELOW: "低于{}", Comparator.ABOUT: "{}左右", Comparator.KEEP: "稳定在{}",
}  # fmt: skip


def of_prose(document: Document) -> list[ParsedRow]:
    """A row for each figure under a heading, or behind a phrase, that speaks of the plan's goals.

    Parameters
    ----------
    document : Document
        A document without an indicator table.

    Returns
    -------
    list of ParsedRow
        In the order of the text, numbered from 1; the target in words of the tables' cells.
    """
    base, last = period_years(document.text) or (None, 0)
    lines = document.text.splitlines()
    found = [
        item for item in commitments.extract(document.text, target_year=last, base_year=base)
        if _GOALS.search(item.where) or _GOALS.search(lines[item.line - 1])
    ]  # fmt: skip
    rows = [_row(no, item, base, document) for no, item in enumerate(found, 1)]
    return list(_told_apart(rows))


def _row(no: int, item: Commitment, base: int | None, document: Document) -> ParsedRow:
    name, moved = _name(item)
    raw = _target(item, moved)
    unit = "%" if moved and item.unit == "个百分点" else item.unit
    target = parse_target(raw, unit=unit)
    return ParsedRow(
        table=TABLE, no=str(no), name=name, unit=unit, base_year=base,
        base_raw="" if item.base is None else commitments.number(item.base),
        target_year=int(item.deadline) if item.deadline else None, target_raw=raw,
        kind=str(target.kind), comparator=target.comparator.value, target_value=target.value,
        attribute=Attribute.UNNAMED.value, section=item.where, result_year=None, result_raw="",
        line=item.line, place=f"{document.place(item.line)}：{item.quote[:40]}",
    )  # fmt: skip


def _target(item: Commitment, moved: str) -> str:
    """A promise in the words of a table's cell; ``moved`` says how its figure moves the base."""
    ends = "—".join(
        commitments.number(end) for end in (item.value, item.upper) if end is not None
    )  # fmt: skip
    sums = _SUMS.search(item.what) and commitments.countable(item) and not item.per_year
    told = _WORDS.get(Comparator(item.comparator), "{}").format(f"[{ends}]" if sums else ends)
    if moved:
        return moved + told.replace(ends, ends + item.unit)
    return f"年均{told}" if item.per_year else told


def _name(item: Commitment) -> tuple[str, str]:
    """What a promise counts, and the words by which its figure is a growth, a fall or points."""
    clause = item.what
    figures = list(numbers(clause))
    place = next((n for n, one in enumerate(figures)
                  if (one.value, one.unit) == (item.value, item.unit)), None)  # fmt: skip
    if place is None:
        return clause, ""
    shared = _shared(clause, len(figures), figures[0].start)
    if shared:
        return _plain(shared[place]), ""
    start = figures[place - 1].end if place else 0
    before = (
        clause[start : figures[place].start].rpartition("、")[2]
        if place
        else clause[: figures[0].start]
    )
    after = re.split(
        r"[、，,；;。（(]|以上|左右", clause[figures[place].end :].lstrip("以上左右内下")
    )[0]
    if item.base is not None:
        before = re.split(r"[由从]", before)[0]
    name = _plain(before)
    moved = _MOVED.search(name) if item.unit in ("%", "‰", "个百分点") else None
    if moved:
        return _plain(name[: moved.start()]), moved[0]
    if len(name) < 2 or _DEEDS.search(name):
        name += after
    return name or clause, ""


def _shared(clause: str, count: int, start: int) -> list[str]:
    """The names before 分别 when there are as many as figures behind it."""
    head = clause[:start]
    names = head.partition("分别")[0].split("、") if "分别" in head else []
    more = [part for name in names for part in name.split("和")] if len(names) < count else names
    return more if len(more) == count else []


def _plain(text: str) -> str:
    """Words without the time before them and the verb behind them."""
    for pattern in (_LEAD, _TRAIL):
        shorter = pattern.sub("", text)
        while shorter != text:
            text, shorter = shorter, pattern.sub("", shorter)
    return text.strip(" *-：:“”")


def _told_apart(rows: list[ParsedRow]) -> Iterator[ParsedRow]:
    seen: Counter[str] = Counter()
    for row in rows:
        seen[row.name] += 1
        yield row if seen[row.name] == 1 else replace(row, name=f"{row.name}（{seen[row.name]}）")
