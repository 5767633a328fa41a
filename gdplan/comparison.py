"""Two assessments -> what changed: verdicts, revised and newer figures, targets, parameters."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdplan.model import REASON_ZH, Problem, ProblemError, Reason
from gdplan.runs import Run, read_rows

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("indicator", "name", "region", "field", "before", "after", "kind")
TEXT = (
    "plan", "indicator", "name", "name_en", "region", "region_name", "as_of", "kind", "unit",
    "attribute", "section", "department", "part_of", "scale", "base_raw", "target_raw",
    "comparator", "value_raw", "missing_years", "verdict", "verdicts_possible", "decided_by",
    "level", "growth_ratio_opinion", "projected_opinion", "gap_opinion", "reason", "evidence",
    "parameters", "plan_cell", "sources", "vintage", "access", "inputs", "history",
)  # fmt: skip
FLAGS = ("firm", "simulated", "met", "met_at_base")
KINDS = ("appeared", "vanished", "verdict", "revised_value", "newer_value", "base", "target",
         "level", "parameter")  # fmt: skip
WORDS = {
    "appeared": "新增指标", "vanished": "不再有的指标", "verdict": "结论改变",
    "revised_value": "已公布数据被修订", "newer_value": "有了更新的数据", "base": "基期改变",
    "target": "目标改变", "level": "预警改变", "parameter": "评估参数改变",
}  # fmt: skip


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
        the column of the assessment, for a revised figure ``value`` and its year. A figure is
        revised when the same data year had another printed value; newer when the judged value is
        of a later year.

    Examples
    --------
    >>> from gdplan import assess, load_plan, read_observations
    >>> old, new = (assess(load_plan("gd-hrss-14"), read_observations(), region="440000",
    ...             year=y) for y in (2022, 2023))
    >>> len(compare(new, new)), set(compare(old, new)["kind"]) <= set(KINDS)
    (0, True)
    """
    import pandas as pd

    found = list(_changes(_keyed(before), _keyed(after)))
    found.sort(key=lambda change: KINDS.index(change[-1]))
    return pd.DataFrame(found, columns=list(COLUMNS))


def read_assessment(place: str | Path) -> pd.DataFrame:
    """An assessment.csv, or that of a run folder, with the types :func:`gdplan.assess` gives.

    Raises
    ------
    ProblemError
        When there is none, or it is no assessment.
    """
    import pandas as pd

    from gdplan.resources import located

    path = located(place)
    path = path / "assessment.csv" if path.is_dir() else path
    problems: list[Problem] = []
    rows = read_rows(path, problems)
    if problems:
        raise ProblemError(problems)
    frame = pd.DataFrame(rows)
    for name in frame.columns:
        if name in FLAGS:
            frame[name] = frame[name].map({"True": True, "False": False, "": math.nan})
        elif name not in TEXT:
            frame[name] = pd.to_numeric(frame[name])
    return frame


def lines(a: Run, b: Run) -> Iterator[str]:
    """The text of ``gdplan compare A B``: counts, verdicts, figures, then inputs and versions."""
    yield f"前：{a.name}"
    yield f"后：{b.name}"
    for field, word in (("plan", "规划"), ("region", "地区")):
        pair = a.record["parameters"].get(field), b.record["parameters"].get(field)
        if pair[0] != pair[1]:
            yield f"注意：{word}不同（{pair[0]}、{pair[1]}），以下逐项比较没有可比性"
    yield from _counts(a, b)
    found = compare(*(read_assessment(run.folder) for run in (a, b))).to_dict("records")
    for kind in KINDS:
        inside = [c for c in found if c["kind"] == kind]
        if inside:
            yield f"{WORDS[kind]}（{len(inside)}）："
            yield from (f"  {_told(c, a, b)}" for c in inside)
    rest = list(_surroundings(a.record, b.record))
    yield from rest
    if not found and not rest:
        yield "没有差别"


def _counts(a: Run, b: Run) -> Iterator[str]:
    yield "各类结论的指标数（前 → 后）："
    one, other = (Counter(row["verdict"] for row in run.rows) for run in (a, b))
    for verdict in dict.fromkeys([*one, *other]):
        yield f"  {verdict}：{one[verdict]} → {other[verdict]}"


def _told(change: Mapping[Any, Any], a: Run, b: Run) -> str:
    text = f"{change['indicator']} {change['name']}："
    if change["kind"] == "verdict":
        return f"{text}{change['before']} → {change['after']}{_why(change, b)}"
    if change["kind"] == "revised_value":
        year = str(change["field"]).rpartition(" ")[2]
        origins = [_origin(run, change, year) for run in (a, b)]
        return f"{text}{year}年 {change['before']}{origins[0]} → {change['after']}{origins[1]}"
    if change["kind"] in ("appeared", "vanished"):
        return text.rstrip("：")
    return f"{text}{change['field']} {change['before']} → {change['after']}"


def _why(change: Mapping[Any, Any], run: Run) -> str:
    for row in run.rows:
        if (row["indicator"], row["region"]) == (change["indicator"], change["region"]):
            keys = [key for key in row["reason"].split(";") if key]
            words = "；".join(REASON_ZH[Reason(key)] for key in keys)
            return f"（{words}）" if words else ""
    return ""


def _origin(run: Run, change: Mapping[Any, Any], year: str) -> str:
    for row in run.rows:
        if (row["indicator"], row["region"]) == (change["indicator"], change["region"]):
            for figure in json.loads(row["history"]):
                if (
                    str(figure["year"]) == year
                    and figure["raw"]
                    == change["before" if change["before"] == figure["raw"] else "after"]
                ):
                    return f"（{figure['source']}，{figure['published']}）"
    return ""


def _surroundings(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[str]:
    """What differs around the assessments: parameters, inputs, versions, commit."""
    for key, word in (("parameters", "参数"), ("inputs", "输入文件"), ("versions", "版本"),
                      ("source", "程序状态")):  # fmt: skip
        one, other = a[key], b[key]
        names = [n for n in dict.fromkeys([*one, *other]) if one.get(n) != other.get(n)]
        if names:
            yield f"{word}不同："
            yield from (f"  {n}：{_short(one.get(n))} → {_short(other.get(n))}" for n in names)


def _short(value: Any) -> str:
    text = "无" if value is None else str(value)
    return text[:12] if len(text) >= 40 and text.isalnum() else text


def _keyed(frame: pd.DataFrame) -> dict[tuple[str, str], dict[Any, Any]]:
    rows = frame.to_dict("records")
    return {(str(r["indicator"]), str(r["region"])): r for r in rows}


def _changes(
    before: Mapping[tuple[str, str], Mapping[Any, Any]],
    after: Mapping[tuple[str, str], Mapping[Any, Any]],
) -> Iterator[tuple[Any, ...]]:
    for key in dict.fromkeys([*before, *after]):
        a, b = before.get(key), after.get(key)
        named = (a or b or {})["name"]
        if a is None or b is None:
            kind = "appeared" if a is None else "vanished"
            shown = ("", (b or {}).get("verdict", "")) if a is None else (a["verdict"], "")
            yield key[0], named, key[1], "indicator", *shown, kind
            continue
        for field, old, new, kind in _differences(a, b):
            yield key[0], named, key[1], field, old, new, kind


def _differences(a: Mapping[Any, Any], b: Mapping[Any, Any]) -> Iterator[tuple[str, Any, Any, str]]:
    for field, kind in (("verdict", "verdict"), ("base_raw", "base"), ("target_raw", "target"),
                        ("level", "level")):  # fmt: skip
        if _text(a[field]) != _text(b[field]):
            yield field, _text(a[field]), _text(b[field]), kind
    yield from _revisions(a, b)
    years = a["data_year"], b["data_year"]
    if not math.isnan(years[1]) and not years[0] >= years[1]:
        yield "value", _figure(a), _figure(b), "newer_value"
    one, other = json.loads(a["parameters"]), json.loads(b["parameters"])
    for name in sorted({*one, *other}):
        if one.get(name) != other.get(name):
            yield name, one.get(name), other.get(name), "parameter"


def _revisions(a: Mapping[Any, Any], b: Mapping[Any, Any]) -> Iterator[tuple[str, Any, Any, str]]:
    """Figures of one year and kind of period whose printed value differs."""
    one, other = _figures(a["history"]), _figures(b["history"])
    for place in one:
        if place in other and one[place] != other[place]:
            yield f"value {place[0]}", one[place], other[place], "revised_value"


def _figures(history: str) -> dict[tuple[int, str, Any], str]:
    found: Iterable[Mapping[str, Any]] = json.loads(history)
    return {(f["year"], f["period"], f["month"]): str(f["raw"]) for f in found}


def _figure(row: Mapping[Any, Any]) -> str:
    if math.isnan(row["data_year"]):
        return ""
    return f"{row['value_raw']}（{int(row['data_year'])}年）"


def _text(value: Any) -> str:
    return "" if isinstance(value, float) and math.isnan(value) else str(value)
