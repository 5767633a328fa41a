"""Two assessments -> what changed: verdicts, revised and newer figures, targets, parameters."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdplan.assessment.judgement import Judgement
from gdplan.model import Verdict
from gdplan.page import chinese as w
from gdplan.problems import Problem, ProblemError
from gdplan.reports.runs.find import Run, rows_at
from gdplan.reports.runs.recorded import figures

if TYPE_CHECKING:
    import pandas as pd

    from gdplan.assessment.evidence import Figure

COLUMNS = ("indicator", "name", "region", "field", "before", "after", "kind")
WORDS = {
    "appeared": "新增指标", "vanished": "不再有的指标", "verdict": "结论改变",
    "revised_value": "已公布数据被修订", "newer_value": "所用数据的时点改变", "base": "基期改变",
    "target": "目标改变", "level": "预警改变", "parameter": "评估参数改变",
}  # fmt: skip
KINDS = tuple(WORDS)
FIELDS = {
    "verdict": "verdict", "base_raw": "base", "base": "base", "target_raw": "target",
    "comparator": "target", "direction": "target", "scale": "target", "kind": "target",
    "unit": "target", "attribute": "target", "level": "level",
}  # fmt: skip
"""Fields told one by one, and as what; the base's value only where its text stayed."""
OWN = ("name", "firm", "section", "department", "part_of", "access", "simulated", "caliber",
       "annual_target_raw", "annual_source")  # fmt: skip
"""Fields told even of an indicator that changed otherwise: they follow from nothing else."""
CALENDAR = ("year", "as_of", "elapsed")
SURROUNDINGS = {"parameters": "参数", "inputs": "输入文件", "versions": "版本",
                "source": "程序状态"}  # fmt: skip
TOTALS = ("cumulative", "since_launch")
Row = Mapping[Any, Any]
Key = tuple[str, str]


def compare(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """What changed between two assessments.

    Parameters
    ----------
    before, after : DataFrame
        From :func:`gdplan.assess` or :func:`read_assessment`.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`, one row per change, in the order of :data:`KINDS`. ``field`` is
        the column of the assessment, for a revised figure ``value`` and its year (``total`` for
        a published total). A figure is revised when another value was printed for the same
        stretch of time; ``newer_value`` when the judged figures are of another date, later or,
        read backwards, earlier.

    Examples
    --------
    >>> from gdplan import assess, load_plan, read_observations
    >>> old, new = (assess(load_plan("gd-hrss-14"), read_observations(), region="440000",
    ...             year=y) for y in (2022, 2023))
    >>> len(compare(new, new)), set(compare(old, new)["kind"]) <= set(KINDS)
    (0, True)
    """
    import pandas as pd

    found = list(_changes(_keyed(before.to_dict("records")), _keyed(after.to_dict("records"))))
    found.sort(key=lambda change: KINDS.index(change["kind"]))
    return pd.DataFrame(found, columns=list(COLUMNS))


def read_assessment(place: str | Path) -> pd.DataFrame:
    """An assessment.csv, or that of a run folder, with the types :func:`gdplan.assess` gives.

    Raises
    ------
    ProblemError
        When there is none, it is no assessment, or a number in it is none.
    """
    path, rows = rows_at(place)
    return _typed(rows, str(path))


def lines(a: Run, b: Run) -> list[str]:
    """The text of ``gdplan compare A B``: counts, verdicts, figures, then inputs and versions.

    Raises
    ------
    ProblemError
        When a number of an assessment is none.
    """
    head = [f"前：{a.name}", f"后：{b.name}", *_incomparable(a.record, b.record)]
    frames = [_typed(run.rows, str(run.folder / "assessment.csv")) for run in (a, b)]
    found: list[Row] = [dict(change) for change in compare(*frames).to_dict("records")]
    one, other = (_keyed(frame.to_dict("records")) for frame in frames)
    told = list(_told(found, one, other))
    told += _others(found, one, other)
    told += _surroundings(a.record, b.record)
    told = told or list(_files(a.record["outputs"], b.record["outputs"]))
    return [*head, *_counts(a, b), *(told or ["没有差别"])]


def _typed(rows: Sequence[Mapping[str, str]], where: str) -> pd.DataFrame:
    """Rows of text as the frame they were written from, to the last bit of every number."""
    import pandas as pd

    frame = pd.DataFrame(list(rows))
    for name, read in ((name, READERS[name]) for name in frame.columns if name in READERS):
        try:
            frame[name] = [read(text) for text in frame[name]]
        except ValueError as error:
            raise ProblemError(
                Problem("broken_run", where, f"{name} 列中有不能识别的内容", found=str(error))
            ) from error
    return frame


def _flag(text: str) -> bool | float:
    flags = {"True": True, "False": False, "": math.nan}
    return flags[text] if text in flags else float(text)


def _number(text: str) -> int | float:
    if text.lstrip("-").isdecimal():
        return int(text)
    return float(text) if text else math.nan


BY_TYPE = {"float": _number, "int": _number, "bool": _flag, "bool | None": _flag}
READERS = {f.name: BY_TYPE[str(f.type)] for f in fields(Judgement) if f.type in BY_TYPE}
"""How the columns that are no texts are read."""


def _incomparable(a: Row, b: Row) -> Iterator[str]:
    for field, word in (("plan", "规划"), ("region", "地区")):
        pair = a["parameters"].get(field), b["parameters"].get(field)
        if pair[0] != pair[1]:
            yield f"注意：{word}不同（{pair[0]}、{pair[1]}），以下逐项比较没有可比性"


def _counts(a: Run, b: Run) -> Iterator[str]:
    yield "各类结论的指标数（前 → 后）："
    one, other = (Counter(row["verdict"] for row in run.rows) for run in (a, b))
    for verdict in dict.fromkeys([*Verdict, *one, *other]):
        if one[verdict] or other[verdict]:
            yield f"  {verdict}：{one[verdict]} → {other[verdict]}"


def _told(found: Iterable[Row], one: Mapping[Key, Row], other: Mapping[Key, Row]) -> Iterator[str]:
    """The changes in words, kind by kind."""
    last = ""
    count = Counter(change["kind"] for change in found)
    for change in found:
        if change["kind"] != last:
            last = change["kind"]
            yield f"{WORDS[last]}（{count[last]}）："
        key = (change["indicator"], change["region"])
        yield f"  {key[0]} {change['name']}{_sentence(change, one.get(key), other.get(key))}"


def _sentence(change: Row, a: Row | None, b: Row | None) -> str:
    if a is None or b is None:
        return f"：{change['before'] or change['after']}"
    pair = f"{change['before'] or '—'} → {change['after'] or '—'}"
    if change["kind"] == "verdict":
        return f"：{pair}{_why(b)}"
    if change["kind"] == "revised_value":
        old, new = (_figures(row)[change["field"]] for row in (a, b))
        origins = [f"（{f.source}，{f.published}）" for f in (old, new)]
        date = w.figure_date(old)
        return f"：{date} {change['before']}{origins[0]} → {change['after']}{origins[1]}"
    return f"：{pair}" if change["kind"] == "newer_value" else f"：{change['field']} {pair}"


def _why(row: Row) -> str:
    words = "；".join(w.reason_word(key) for key in row["reason"].split(";") if key)
    return f"（{words}）" if words else ""


def _others(
    found: Iterable[Row], one: Mapping[Key, Row], other: Mapping[Key, Row]
) -> Iterator[str]:
    """What else differs, so that nothing that differs goes unsaid; of a changed indicator only
    what does not follow from its change."""
    changed = {(c["indicator"], c["region"]) for c in found}
    rest = []
    for key in (key for key in one if key in other):
        fields = [f for f in {**one[key], **other[key]} if f not in CALENDAR
                  and _text(one[key].get(f)) != _text(other[key].get(f))]  # fmt: skip
        fields = [f for f in fields if key not in changed or f in OWN]
        if fields:
            rest.append(f"  {key[0]} {one[key]['name']}：{'、'.join(fields)}")
    if rest:
        yield f"其他内容不同（{len(rest)}）："
        yield from rest


def _surroundings(a: Row, b: Row) -> Iterator[str]:
    """What differs around the assessments: parameters, inputs, versions, commit."""
    for key, word in (("kind", "报告种类"), ("formats", "格式")):
        if a[key] != b[key]:
            yield f"{word}不同：{_short(a[key])} → {_short(b[key])}"
    for key, word in SURROUNDINGS.items():
        one, other = a[key], b[key]
        names = [n for n in dict.fromkeys([*one, *other]) if one.get(n) != other.get(n)]
        if names:
            yield f"{word}不同："
            yield from (f"  {n}：{_short(one.get(n))} → {_short(other.get(n))}" for n in names)


def _files(one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[str]:
    names = [n for n in dict.fromkeys([*one, *other]) if one.get(n) != other.get(n)]
    if names:
        yield f"评估结果和输入相同，生成的文件不同：{'、'.join(names)}"


def _short(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value))
    text = "无" if value in (None, "") else str(value)
    return text[:12] if len(text) >= 40 and text.isalnum() else text


def _keyed(rows: Iterable[Row]) -> dict[Key, Row]:
    return {(str(r["indicator"]), str(r["region"])): r for r in rows}


def _changes(before: Mapping[Key, Row], after: Mapping[Key, Row]) -> Iterator[dict[str, Any]]:
    for key in dict.fromkeys([*before, *after]):
        a, b = before.get(key), after.get(key)
        named = {"indicator": key[0], "name": (a or b or {})["name"], "region": key[1]}
        for change in _differences(a, b):
            yield named | dict(zip(("field", "before", "after", "kind"), change, strict=True))


def _differences(a: Row | None, b: Row | None) -> Iterator[tuple[str, Any, Any, str]]:
    if a is None or b is None:
        kind = "appeared" if a is None else "vanished"
        yield "indicator", (a or {}).get("verdict", ""), (b or {}).get("verdict", ""), kind
        return
    for field, kind in FIELDS.items():
        if field == "base" and _text(a["base_raw"]) != _text(b["base_raw"]):
            continue
        if _text(a[field]) != _text(b[field]):
            yield field, _text(a[field]), _text(b[field]), kind
    yield from _revisions(_figures(a), _figures(b))
    if _date(a) != _date(b):
        yield "value", _judged(a), _judged(b), "newer_value"
    one, other = json.loads(a["parameters"]), json.loads(b["parameters"])
    for name in sorted({*one, *other}):
        if one.get(name) != other.get(name):
            yield name, one.get(name), other.get(name), "parameter"


def _revisions(
    one: Mapping[str, Figure], other: Mapping[str, Figure]
) -> Iterator[tuple[str, Any, Any, str]]:
    """Figures of one stretch of time that were printed, or are counted, otherwise."""
    for field in sorted(one.keys() & other.keys()):
        a, b = one[field], other[field]
        if (a.raw, a.bound, a.value, a.unit) == (b.raw, b.bound, b.value, b.unit):
            continue
        old, new = w.figure_text(a), w.figure_text(b)
        if a.unit != b.unit or old == new:
            old, new = f"{old}{a.unit}（{a.value}）", f"{new}{b.unit}（{b.value}）"
        yield field, old, new, "revised_value"


def _figures(row: Row) -> dict[str, Figure]:
    """The figures of a row by what they speak of: ``value 2022``, ``value 2023-06``,
    ``total 2022``."""
    both = (*figures(row["history"]), *figures(row["inputs"]))
    return {_stretch(figure): figure for figure in both}


def _stretch(figure: Figure) -> str:
    total = figure.period in TOTALS
    whole = total or math.isnan(figure.month) or figure.month == 12
    month = "" if whole else f"-{int(figure.month):02}"
    return f"{'total' if total else 'value'} {figure.year}{month}"


def _date(row: Row) -> tuple[float, float]:
    """Up to when the judged figures speak; without any, before all others."""
    year, month = (-math.inf if math.isnan(row[f]) else row[f] for f in ("data_year", "data_month"))
    return year, month


def _judged(row: Row) -> str:
    if math.isnan(row["data_year"]):
        return ""
    date = str(int(row["data_year"]))
    if not math.isnan(row["data_month"]):
        date = w.month_text(row["data_year"], row["data_month"])
    return f"{row['value_raw']}（{date}）"


def _text(value: Any) -> str:
    """A field as text, in which an empty one and a whole number have one form only."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    whole = isinstance(value, float) and math.isfinite(value) and value == int(value)
    return str(int(value)) if whole else str(value)
