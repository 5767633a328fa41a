"""The scenarios in words and tables for the mid-term report, and as lines for the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gdplan.model import Plan
from gdplan.page import chinese as w
from gdplan.page.blocks import Heading, Items, Paragraph, Section, Table
from gdplan.page.language import Language, language

if TYPE_CHECKING:
    import pandas as pd

    from gdplan.scenarios.run import Result

Row = dict[str, Any]
NAMED = 10
"""More indicators without a probability for one reason are counted, not named."""


def section(
    plan: Plan, result: Result, *, region: str, titles: dict[str, str], lang: str = "zh"
) -> Section:
    """Heading, one table of all scenarios, what would close the gaps, and what is not known.

    Parameters
    ----------
    region : str
        Code of the region shown.
    titles : dict of scenario id to name
        In the order of the columns and in the language.
    """
    say = language(lang)
    rows = _rows(result.outcomes[result.outcomes["region"] == region])
    known = [no for no in _numbers(plan) if any(_shown(rows.get((s, no))) for s in titles)]
    found = [rows[s, no] for no in known for s in titles if (s, no) in rows]
    return Section.of(
        Heading(say("scenarios.heading"), 2),
        Paragraph(say("scenarios.lead", n=len(titles), known=len(known), all=len(_numbers(plan)),
                      names=say("join.list").join(titles.values()))),
        _table(plan, rows, known, titles, say) if known else None,
        _disorders(plan, result, region, titles, say),
        _efforts(plan, found, titles, say),
        _regressions(result.regressions, plan, titles, region, say),
        _unknown(plan, rows, titles, say),
        Paragraph(say("scenarios.note"), "note"),
    )  # fmt: skip


def lines(plan: Plan, result: Result, *, titles: dict[str, str], lang: str = "zh") -> Iterator[str]:
    """One line per scenario and region: how many indicators have a path, a probability, reach."""
    say = language(lang)
    for (scenario, region), rows in result.outcomes.groupby(["scenario", "region"], sort=False):
        paths, drawn = rows["central"].notna(), rows["probability"].notna()
        likely = int((rows["probability"] >= 0.5).sum())
        yield say("scenarios.line", scenario=titles[str(scenario)], region=region,
                  name=rows["region_name"].iloc[0], n=len(rows), paths=int(paths.sum()),
                  drawn=int(drawn.sum()), likely=likely)  # fmt: skip


def reason_words(codes: str, lang: str = "zh") -> str:
    """Reasons of an outcome in words.

    Examples
    --------
    >>> reason_words("no_data")
    '评估期内没有可用数据'
    """
    words = (w.reason_word(code, lang) for code in codes.split(";") if code)
    return language(lang)("join.clause").join(words)


def _rows(outcomes: pd.DataFrame) -> dict[tuple[str, str], Row]:
    return {(r["scenario"], r["indicator"]): r for r in outcomes.to_dict("records")}  # type: ignore[misc]


def _numbers(plan: Plan) -> list[str]:
    return [item.no for item in plan.indicators]


def _shown(row: Row | None) -> bool:
    return row is not None and not math.isnan(row["central"])


def _table(
    plan: Plan, rows: dict[tuple[str, str], Row], known: list[str], titles: dict[str, str],
    say: Language,
) -> Table:  # fmt: skip
    # A scenario without any path here would be a column of dashes.
    titles = {s: t for s, t in titles.items() if any(_shown(rows.get((s, no))) for no in known)}
    latest = max(int(r["data_year"]) for r in rows.values() if _shown(r))
    header = (say("progress.no"), say("progress.name"), say("progress.unit"),
              say("scenarios.now", year=latest), say("progress.target", year=plan.target_year),
              *titles.values())  # fmt: skip
    body = []
    for no in known:
        item = plan.indicator(no)
        first = next(rows[s, no] for s in titles if (s, no) in rows)
        now, year = _number(plan, no, first["now"]), int(first["data_year"])
        now = now if year == latest else say("scenarios.dated", value=now, year=year)
        body.append((no, _name(plan, no, say), say.words.term(item.unit), now,
                     say.words.cell(item.target.raw),
                     *(_cell(plan, rows.get((s, no)), say) for s in titles)))  # fmt: skip
    align = ("center", "left", "left", "right", "right", *("right" for _ in titles))
    return Table(say("scenarios.caption", year=plan.target_year), header, tuple(body),
                 align, "wide", keys=tuple(known))  # type: ignore[arg-type]  # fmt: skip


def _disorders(
    plan: Plan, result: Result, region: str, titles: dict[str, str], say: Language
) -> Items | None:
    """Where a scenario that should be the better one is not, and why."""
    texts = [
        say("scenarios.disorder_own" if d.declared else "scenarios.disorder_parts",
            name=_name(plan, d.indicator, say), upper=titles[d.upper], lower=titles[d.lower])
        for d in result.disorders if d.region == region
    ]  # fmt: skip
    return Items(tuple(texts)) if texts else None


def _cell(plan: Plan, row: Row | None, say: Language) -> str:
    if row is None or not _shown(row):
        return w.EMPTY
    value = row["central"] if math.isnan(row["median"]) else row["median"]
    text = _number(plan, row["indicator"], value)
    if math.isnan(row["probability"]):
        return text
    return say("scenarios.chance", value=text, chance=say.chance(row["probability"]))


def _number(plan: Plan, no: str, value: float) -> str:
    return w.rounded(round(value, 9), _digits(plan, {"indicator": no}, value))


def _digits(plan: Plan, row: Row, value: float) -> int:
    item = plan.indicator(row["indicator"])
    printed = max(item.target.decimals, item.base.decimals)
    return max(printed, 2 if abs(value) < 100 else 1 if abs(value) < 1000 else 0)


def _name(plan: Plan, no: str, say: Language) -> str:
    item = plan.indicator(no)
    return item.name if say.code == "zh" else item.name_en


def _efforts(plan: Plan, found: list[Row], titles: dict[str, str], say: Language) -> Table | None:
    """What each scenario leaves short, and what every year left would have to add."""
    body = [
        (titles[row["scenario"]], row["indicator"], _name(plan, row["indicator"], say),
         _size(plan, row, row["gap"], say), f"{row['target_year'] - row['data_year']:.0f}",
         _extra(plan, row, say))
        for row in found if row["gap"] > 0
    ]  # fmt: skip
    if not body:
        return None
    keys = ("scenarios.scenario", "progress.no", "progress.name", "scenarios.gap",
            "scenarios.years_left", "scenarios.extra")  # fmt: skip
    header = tuple(say(key) for key in keys)
    align = ("left", "center", "left", "right", "center", "right")
    return Table(say("scenarios.efforts"), header, tuple(body), align)  # type: ignore[arg-type]


def _extra(plan: Plan, row: Row, say: Language) -> str:
    """What every year left has to bring more or less: units, points of growth, or of a figure that
    each year counts for itself the figure."""
    item = plan.indicator(row["indicator"])
    if item.kind.yearly:
        return say("scenarios.each_year", figure=say.words.plan_cell(item.target.raw, item.unit))
    side = "less" if item.direction < 0 else "more"
    if math.isnan(row["extra"]):
        what = "cut" if item.kind.cuts else "growth"
        points = say.words.change(row["extra_growth"], "%", 2)
        return say(f"scenarios.{what}_{side}", points=points)
    return say(f"scenarios.{side}", size=_size(plan, row, row["extra"], say))


def _size(plan: Plan, row: Row, value: float, say: Language) -> str:
    return say.words.change(value, say.words.term(row["unit"]), _digits(plan, row, value))


def _regressions(
    table: pd.DataFrame, plan: Plan, titles: dict[str, str], region: str, say: Language
) -> Items | None:
    """The honest sentence on every regression: how many years, how sure the slope."""
    texts = [
        say("scenarios.regression", scenario=titles[r["scenario"]], n=int(r["n"]),
            name=_name(plan, r["indicator"], say), term=r["term"],
            unit=say.words.term(plan.indicator(r["indicator"]).unit),
            slope=w.rounded(r["coefficient"], 2), error=w.rounded(r["standard_error"], 2),
            r2=w.rounded(r["r2"], 2), df=int(r["df"]))
        for r in table.to_dict("records") if r["term"] != "const" and r["region"] == region
    ]  # fmt: skip
    return Items(tuple(texts)) if texts else None


def _unknown(
    plan: Plan, rows: dict[tuple[str, str], Row], titles: dict[str, str], say: Language
) -> list[Paragraph | Items]:
    """Indicators without a path or a probability, gathered by reason; scenarios alike together."""
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for scenario, title in titles.items():
        by: dict[str, list[str]] = {}
        for no in _numbers(plan):
            row = rows.get((scenario, no))
            if row is not None and math.isnan(row["probability"]) and row["reason"]:
                by.setdefault(row["reason"].split(";")[0], []).append(_name(plan, no, say))
        for code, names in by.items():
            alike.setdefault((code, tuple(names)), []).append(title)
    join = say("join.list").join
    texts = [say("scenarios.unknown" if len(names) <= NAMED else "scenarios.unknown_many",
                 scenario=join(where), reason=reason_words(code, say.code), n=len(names),
                 names=join(names))
             for (code, names), where in alike.items()]  # fmt: skip
    return [Paragraph(say("scenarios.unknown_lead")), Items(tuple(texts))] if texts else []
