"""The history of a figure: every value known for a year, when, from whom, and which one is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gdplan.problems import ProblemError, closest

if TYPE_CHECKING:
    import pandas as pd

BOUNDS = {"exact": "", "approx": "约", "at_least": "超", "at_most": "以内"}


def history(
    marked: pd.DataFrame, indicator: str, *, region: str, year: int | None = None
) -> list[dict[Any, Any]]:
    """Every figure of a series in one region, by data year and day of publication.

    Parameters
    ----------
    marked : DataFrame
        Figures marked by what uses them: by :func:`gdplan.choose`, or as a report of a plan uses
        them by :func:`gdplan.assessment.marked.marked`.

    Returns
    -------
    list of dict
        The columns of the observations, with ``used``, ``rule`` (why it lost) and ``revision``:
        the size of the change against the figure of the same year and kind known before, in its
        unit, or None.

    Raises
    ------
    ProblemError
        For a name or region without figures, with the closest known name.
    """
    names = sorted(set(marked["indicator"]))
    mine = marked[(marked["indicator"] == indicator) & (marked["region"] == region)]
    if mine.empty:
        raise ProblemError.of("no_figures", indicator, f"{region} 没有这个名称的数据",
                              expected="gdplan list 所列地区，数据文件中的名称",
                              fix=closest(indicator, names))  # fmt: skip
    rows = mine.sort_values(["year", "known", "file", "cell"], kind="stable")
    rows = rows if year is None else rows[rows["year"] == year]
    before: dict[tuple[Any, ...], float] = {}
    out = []
    for row in rows.to_dict("records"):
        key = (row["year"], row["period"], row["month"] if row["period"] == "ytd" else "")
        first = before.get(key)
        revision = None if first is None or first == row["value"] else row["value"] - first
        before[key] = row["value"]
        out.append({**row, "revision": revision})
    return out


def lines(
    marked: pd.DataFrame, indicator: str, *, region: str, year: int | None = None
) -> Iterator[str]:
    """The text of ``gdplan vintages INDICATOR``."""
    rows = history(marked, indicator, region=region, year=year)
    years = dict.fromkeys(row["year"] for row in rows)
    if not rows:
        yield f"{indicator}：{year}年没有数据"
        return
    head = rows[0]
    yield f"{indicator}（{head['unit']}），{head['region_name']}：{len(rows)}个数据"
    for each in years:
        yield f"{each}年"
        for row in rows:
            if row["year"] == each:
                yield f"  {_line(row)}"


def _line(row: dict[Any, Any]) -> str:
    word = BOUNDS.get(row["bound"], "")
    value = f"{row['raw']}{word}" if word == "以内" else f"{word}{row['raw']}"
    state = "采用" if row["used"] else f"未采用：{row['rule']}"
    seen = "原始" if row["access"] == "direct" else "转载"
    moved = "" if row["revision"] is None else f"，比前一数{row['revision']:+g}"
    return (
        f"{row['published']} {value}（{row['period']}）{moved}；{row['source']}，{seen}；"
        f"{row['file']}!{row['cell']}；{state}"
    )
