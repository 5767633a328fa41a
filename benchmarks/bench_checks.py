"""What the checks of the figures find and what they cry wolf at, on simulated sets of many seeds.

A clean set is the example of examples/simulate.py under another seed, with the province's story
shaken, later vintages that differ a little, a tenth of the city figures missing, published growth
rates and populations. Faults of every kind are then put into it, one of each, every one on a
series of its own; what is counted is whether the check of that name points at the spoilt cell.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.harness import Result
from gdplan import load_plan, read_observations
from gdplan.files.documents.document import of_text
from gdplan.model import Plan
from gdplan.observations.checks import plan_text
from gdplan.observations.checks import run as checks
from gdplan.plans.printed import document_of
from gdplan.plans.table_rows import parse_text

ROOT = Path(__file__).resolve().parents[1]
SEEDS = 50
RECALL = 0.8
ALARMS = 2.0
PROVINCE = "440000"
ABOUT_THE_PLAN = ("plan_prose", "coverage")
Fault = Callable[[pd.DataFrame, pd.DataFrame, np.random.Generator], tuple[pd.DataFrame, str]]


def run(seeds: int = SEEDS) -> list[Result]:
    """One minus recall of every check, and soft findings per year of a clean province."""
    plan = load_plan("gd-hrss-14")
    found: dict[str, list[bool]] = {}
    alarms, hard = [], 0
    for seed in range(seeds):
        frame = clean(seed)
        quiet = [f for f in checks.run(frame, plan) if f.id not in ABOUT_THE_PLAN]
        hard += sum(f.severity is checks.HARD for f in quiet)
        alarms.append(sum(f.severity is checks.SOFT for f in quiet) / 5)
        for name, hit in spoilt(frame, plan, seed):
            found.setdefault(name, []).append(hit)
    results = [
        Result(f"checks: {name}, share missed of {len(hits)} seeded faults", "all are found",
               1 - sum(hits) / len(hits), 0.0 if name in checks.HARD_IDS else 1 - RECALL)
        for name, hits in found.items()
    ]  # fmt: skip
    return [
        *results,
        Result("checks: false alarms per clean province-year", "questions", float(np.mean(alarms)),
               ALARMS, f"at most {max(alarms):.1f}"),
        Result("checks: hard findings in clean sets", "none", float(hard), 0.0),
    ]  # fmt: skip


@cache
def _simulate() -> ModuleType:
    path = ROOT / "examples" / "simulate.py"
    spec = importlib.util.spec_from_file_location("gdplan_simulate", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["gdplan_simulate"] = module
    spec.loader.exec_module(module)
    return module


def clean(seed: int) -> pd.DataFrame:
    """A set without faults, unlike that of any other seed."""
    rng = np.random.default_rng([14, seed])
    module = _simulate()
    kept = module.SEED, module.INDICATORS
    try:
        module.SEED = seed
        module.INDICATORS = tuple(_shaken(item, rng, module) for item in kept[1])
        rows = [dict(zip(module.COLUMNS, row, strict=True)) for row in module.rows()]
        rows += _people(module)
    finally:
        module.SEED, module.INDICATORS = kept
    rows = [r for r in rows if r["region_code"] == PROVINCE or rng.random() > 0.1
            or r["indicator"] == "常住人口"]  # fmt: skip
    return _with_growth(_revised(_read(rows), rng), rng)


def _shaken(item: Any, rng: np.random.Generator, module: ModuleType) -> Any:
    """The province's story a little different: counts by 2 %, shares by a digit or two."""
    values = []
    for text in item.values:
        digits = len(text.partition(".")[2])
        if isinstance(item, module.Count):
            value = float(text) * float(np.exp(rng.normal(0, 0.02)))
        else:
            value = min(float(text) + float(rng.integers(-2, 3)) / 10**digits, 99.9)
        values.append(f"{value:.{digits}f}")
    return replace(item, values=tuple(values))


def _people(module: ModuleType) -> list[dict[str, str]]:
    regions = [(c.code, c.name, c.population) for c in module.CITIES]
    regions += [(*module.PROVINCE, sum(n for _, _, n in regions))]
    return [
        {"region_code": code, "region": name, "indicator": "常住人口", "year": str(year),
         "period": "year_end", "value": f"{n * (1 + 0.004 * (year - 2020)):.2f}", "unit": "万人",
         "bound": "exact", "published": f"{year + 1}-03-01", "source": f"{name}{year}年模拟公报",
         "url": "", "access": "direct", "note": module.MARK, "simulated": "true"}
        for code, name, n in regions for year in module.YEARS
    ]  # fmt: skip


def _read(rows: list[dict[str, str]]) -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clean.csv"
        pd.DataFrame(rows).to_csv(path, index=False)
        return read_observations(path, load_plan("gd-hrss-14"))


def _revised(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A twentieth of the figures published again, within one per cent."""
    some = frame[(rng.random(len(frame)) < 0.05) & (frame["region"] != PROVINCE)]
    again = _moved(some, some["value"] * (1 + rng.uniform(-0.01, 0.01, len(some))))
    later = again["known"] + pd.Timedelta(days=200)
    again = again.assign(known=later, published=later.dt.strftime("%Y-%m-%d"), source="修订",
                         cell=again["cell"] + "0000")  # fmt: skip
    keep = (again["unit"] != "%") | (again["value"] <= 100)
    return pd.concat([frame, again[keep]], ignore_index=True)


def _with_growth(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A tenth of the counts with the growth that their own levels give, to one decimal."""
    from gdplan import choose
    from gdplan.observations.checks.findings import changes, full_years

    chosen = choose(frame)
    pairs = changes(full_years(chosen[chosen["used"]]))
    pairs = pairs[(pairs["unit"] != "%") & (rng.random(len(pairs)) < 0.1)]
    rate = (pairs["value"] / pairs["value_before"] - 1) * 100
    notes = dict(zip(pairs["file"] + pairs["cell"], rate, strict=True))
    where = frame["file"] + frame["cell"]
    said = [f"同比{'增长' if notes[w] >= 0 else '下降'}{abs(notes[w]):.1f}%" if w in notes else n
            for w, n in zip(where, frame["note"], strict=True)]  # fmt: skip
    return frame.assign(note=said)


def _moved(rows: pd.DataFrame, values: Any) -> pd.DataFrame:
    """The rows with other values, printed in as many digits as before."""
    places = rows["raw"].str.partition(".")[2].str.len().to_numpy(int)
    text = [f"{v:.{p}f}" for v, p in zip(values, places, strict=True)]
    value = np.array([float(t) for t in text])
    half = 0.5 / 10.0**places
    return rows.assign(raw=text, value=value, low=value - half, high=value + half)


def _put(frame: pd.DataFrame, label: Any, value: float) -> pd.DataFrame:
    out = frame.copy()
    out.loc[[label]] = _moved(frame.loc[[label]], [value])
    return out


def spoilt(frame: pd.DataFrame, plan: Plan, seed: int) -> Iterator[tuple[str, bool]]:
    """Every fault, put in at once, and whether its check points at it."""
    rng = np.random.default_rng([15, seed])
    from gdplan import choose

    free = choose(frame)
    free = free[free["used"] & (free["indicator"] != "常住人口") & (free["year"] > 2021)]
    marks: dict[str, str] = {}
    for name, fault in FAULTS.items():
        frame, mark = fault(frame, free, rng)
        marks[name] = mark
        spent = frame.loc[(frame["file"] + "!" + frame["cell"]) == mark]
        gone = set(zip(spent["indicator"], spent["region"], strict=True))
        keep = [pair not in gone for pair in zip(free["indicator"], free["region"], strict=True)]
        free = free[keep]
    found = checks.run(frame, plan)
    for name, mark in marks.items():
        hits = [f for f in found if f.id == name]
        yield name, any(mark in f.cells or mark == f"{f.indicator} {f.year}" for f in hits)
    yield "plan_prose", _prose_fault(plan, rng)
    yield "coverage", _coverage_fault(frame, plan, rng)


def _pick(rows: pd.DataFrame, rng: np.random.Generator) -> tuple[Any, pd.Series[Any], str]:
    label = rows.index[rng.integers(len(rows))]
    row = rows.loc[label]
    return label, row, f"{row['file']}!{row['cell']}"


def _valued(where: Callable[[pd.DataFrame], Any], change: Callable[..., float]) -> Fault:
    """A fault that gives one figure another value."""

    def fault(
        frame: pd.DataFrame, free: pd.DataFrame, rng: np.random.Generator
    ) -> tuple[pd.DataFrame, str]:
        label, row, mark = _pick(free[where(free)], rng)
        return _put(frame, label, change(frame, row, rng)), mark

    return fault


def _worded(column: str, word: Any, where: Callable[[pd.DataFrame], Any] | None = None) -> Fault:
    """A fault that gives one figure another word."""

    def fault(
        frame: pd.DataFrame, free: pd.DataFrame, rng: np.random.Generator
    ) -> tuple[pd.DataFrame, str]:
        label, row, mark = _pick(free if where is None else free[where(free)], rng)
        out = frame.copy()
        out.loc[label, column] = word(row, rng) if callable(word) else word
        return out, mark

    return fault


def _added(make: Callable[..., dict[str, Any]], where: Callable[[pd.DataFrame], Any]) -> Fault:
    """A fault that is one figure more."""

    def fault(
        frame: pd.DataFrame, free: pd.DataFrame, rng: np.random.Generator
    ) -> tuple[pd.DataFrame, str]:
        label, row, _ = _pick(free[where(free)], rng)
        new = frame.loc[[label]].assign(cell=f"{row['cell']}9{rng.integers(1000)}")
        new = new.assign(**make(frame, row, rng))
        if "value" in make(frame, row, rng):
            new = _moved(new, new["value"])
        mark = f"{new['file'].iloc[0]}!{new['cell'].iloc[0]}"
        return pd.concat([frame, new], ignore_index=True), mark

    return fault


def _is_count(rows: pd.DataFrame) -> Any:
    return rows["unit"] != "%"


def _is_share(rows: pd.DataFrame) -> Any:
    return rows["unit"] == "%"


def _part_of_known(rows: pd.DataFrame) -> Any:
    """Parts of cities whose whole is known for the same year."""
    plan = load_plan("gd-hrss-14")
    whole = {i.name: plan.indicator(i.whole).name for i in plan.indicators if i.whole}
    there = set(zip(rows["indicator"], rows["region"], rows["year"], strict=True))
    places = zip(rows["indicator"], rows["region"], rows["year"], strict=True)
    known = [(whole.get(i, ""), r, y) in there for i, r, y in places]
    return np.array(known) & _of_cities(rows)


def _of_cities(rows: pd.DataFrame) -> Any:
    return rows["region"] != PROVINCE


def _same(frame: pd.DataFrame, row: Any, **other: Any) -> pd.DataFrame:
    keys = {"indicator": row["indicator"], "region": row["region"], "year": row["year"]} | other
    mine = frame
    for key, value in keys.items():
        mine = mine[mine[key] == value]
    return mine


def _whole_of(frame: pd.DataFrame, row: Any, rng: np.random.Generator) -> float:
    plan = load_plan("gd-hrss-14")
    whole = plan.indicator(str(plan.indicator(row["indicator"]).whole))
    return float(_same(frame, row, indicator=whole.name)["value"].max() * rng.uniform(1.05, 2))


def _unsummed(
    frame: pd.DataFrame, free: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, str]:
    """A city off by 2 to 30 per cent of the province, where every city has a figure."""
    counts = free[_is_count(free) & _of_cities(free)]
    keys = [counts["indicator"], counts["year"]]
    whole = counts[counts.groupby(keys)["region"].transform("nunique") == 21]
    label, row, _ = _pick(whole if len(whole) else counts, rng)
    total = _same(frame, row, region=PROVINCE)["value"].iloc[-1]
    out = _put(frame, label, row["value"] + total * rng.uniform(0.02, 0.3))
    return out, f"{row['indicator']} {row['year']}"


def _falls(
    frame: pd.DataFrame, free: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, str]:
    """A published sum since 2021 that is smaller a year later."""
    label, row, _ = _pick(free[_is_count(free) & _of_cities(free) & (free["year"] == 2024)], rng)
    sums = pd.concat([frame.loc[[label]]] * 2, ignore_index=True).assign(
        period="cumulative", start=2021.0, year=[2023, 2024], cell=["S1", "S2"]
    )
    sums = _moved(sums, row["value"] * np.array([3, 3 * rng.uniform(0.5, 0.97)]))
    return pd.concat([frame, sums], ignore_index=True), f"{row['file']}!S2"


def _beyond_cities(frame: pd.DataFrame, row: Any, rng: np.random.Generator) -> float:
    inside = frame[(frame["indicator"] == row["indicator"]) & (frame["year"] == row["year"])
                   & (frame["region"] != PROVINCE)]["value"]  # fmt: skip
    return float(inside.min() - rng.uniform(0.5, 3))


def _all_cities(rows: pd.DataFrame) -> Any:
    """Provincial shares of years for which every city has a figure."""
    cities = rows[rows["region"] != PROVINCE].groupby(["indicator", "year"])["region"].nunique()
    whole = [cities.get((i, y), 0) == 21 for i, y in zip(rows["indicator"], rows["year"],
                                                          strict=True)]  # fmt: skip
    return (rows["region"] == PROVINCE) & np.array(whole) & (rows["unit"] == "%")


def _filled(inner: Fault) -> Fault:
    """A fault that needs every city of an indicator and year: the missing ones are put back."""

    def fault(
        frame: pd.DataFrame, free: pd.DataFrame, rng: np.random.Generator
    ) -> tuple[pd.DataFrame, str]:
        shares = free[_is_share(free) & (free["region"] == PROVINCE)
                      & free["indicator"].isin(WIDE)]  # fmt: skip
        _, row, _ = _pick(shares, rng)
        have = set(_same(frame, row, region=row["region"])["region"]) | set(
            frame[(frame["indicator"] == row["indicator"]) & (frame["year"] == row["year"])][
                "region"
            ]
        )
        extra = [
            frame.loc[[row.name]].assign(region=c.code, region_name=c.name, cell=f"X{c.code}")
            for c in _simulate().CITIES if c.code not in have
        ]  # fmt: skip
        whole = pd.concat([frame, *extra], ignore_index=True)
        return inner(whole, free.loc[[row.name]], rng)

    return fault


WIDE = ("劳动人事争议调解成功率", "申领电子社保卡人口覆盖率")


def _slip(_: pd.DataFrame, row: Any, rng: np.random.Generator) -> float:
    return float(row["value"] * rng.choice([10, 100, 1000, 10_000, 0.1, 0.01]))


def _leap(_: pd.DataFrame, row: Any, rng: np.random.Generator) -> float:
    return float(row["value"] * rng.uniform(2, 4) ** rng.choice([-1, 1]))


def _copied(frame: pd.DataFrame, row: Any, rng: np.random.Generator) -> float:
    return float(_same(frame, row, year=row["year"] - 1)["value"].iloc[-1])


def _has_year_before(rows: pd.DataFrame) -> Any:
    return (rows["value"] >= 1000) & (rows["region"] == PROVINCE)


def _crowd(
    frame: pd.DataFrame, free: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, str]:
    """Eight of ten cities just above the target."""
    item = load_plan("gd-hrss-14").indicator("25")
    mine = free[(free["indicator"] == item.name) & _of_cities(free) & (free["year"] == 2025)]
    some = mine[rng.random(len(mine)) < 0.85]
    out = frame.copy()
    out.loc[some.index] = _moved(
        frame.loc[some.index],
        float(item.target.value or 0) * (1 + rng.uniform(0, 0.015, len(some))),
    )
    return out, f"{item.name} 2025"


def _rounded(
    frame: pd.DataFrame, free: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, str]:
    """A quarter of the figures with a last digit of 0 or 5."""
    some = frame.index[(rng.random(len(frame)) < 0.25) & (frame["value"] >= 1)]
    last = rng.choice(["0", "5"], len(some))
    out = frame.copy()
    out.loc[some] = _moved(frame.loc[some], (frame.loc[some, "raw"].str[:-1] + last).astype(float))
    return out, str(frame["file"].iloc[0])


def _wrong_growth(row: Any, rng: np.random.Generator) -> str:
    return f"同比增长{rng.uniform(60, 90):.1f}%"


FAULTS: dict[str, Fault] = {
    "last_digits": _rounded,
    "base_revised": _added(
        lambda f, r, g: {"year": 2020, "known": pd.Timestamp("2021-03-01"), "period": "year_end",
                         "value": r["value"] * g.uniform(1.01, 1.1)},
        lambda f: f["indicator"].isin(["失业保险参保人数", "工伤保险参保人数"])
        & (f["region"] == PROVINCE)),
    "cities_do_not_add_up": _unsummed,
    "duplicate_key": _added(lambda f, r, g: {}, _of_cities),
    "unknown_indicator": _worded("indicator", "没有的指标", _of_cities),
    "unknown_unit": _worded("unit", "头", lambda f: _is_count(f) & _of_cities(f)),
    "unknown_region": _worded("region", "999999", _of_cities),
    "year_outside": _worded("known", lambda r, g: pd.Timestamp(f"{r['year'] - 1}-06-01"),
                            _of_cities),
    "negative": _valued(lambda f: _is_count(f) & _of_cities(f),
                        lambda f, r, g: -g.uniform(0.5, 9)),
    "share_above_100": _valued(lambda f: _is_share(f) & _of_cities(f),
                               lambda f, r, g: 100 + g.uniform(0.5, 9)),
    "part_above_whole": _valued(_part_of_known, _whole_of),
    "cumulative_falls": _falls,
    "growth_contradicts": _worded("note", _wrong_growth,
                                  lambda f: _is_count(f) & (f["region"] == PROVINCE)),
    "province_outside_cities": _filled(_valued(_is_share, _beyond_cities)),
    "province_off_weighted_mean": _filled(
        _valued(_is_share, lambda f, r, g: r["value"] + g.uniform(2.5, 3.0))),
    "unit_slip": _valued(lambda f: _is_count(f) & _of_cities(f) & (f["value"] > 5), _slip),
    "jump": _valued(lambda f: _is_count(f) & _of_cities(f), _leap),
    "unchanged": _valued(_has_year_before, _copied),
    "bunching": _crowd,
    "caliber": _worded("note", "新口径"),
    "only_reprint": _worded("access", "reprint", _of_cities),
    "large_revision": _added(
        lambda f, r, g: {"known": r["known"] + pd.Timedelta(days=300), "published": "2026-12-01",
                         "value": r["value"] * g.uniform(1.03, 1.2)},
        lambda f: _is_count(f) & (f["region"] == PROVINCE) & (f["year"] < 2025)),
    "unfit_period": _worded("period", "year_end", lambda f: f["indicator"] == "城镇新增就业人数"),
}  # fmt: skip


def _prose_fault(plan: Plan, rng: np.random.Generator) -> bool:
    """A number of the plan's prose changed where it agrees with the table."""
    text = Path(plan.files[1]).read_text("utf-8-sig")
    rows = parse_text(text, name="plan.txt").rows
    wrong = {(s.line, s.text) for s, _ in plan_text.contradictions(of_text(text, "t"))}
    cells = {(c.name, c.year) for c in plan_text.printed(rows)}
    right = [s for s in plan_text.statements(text, rows) if (s.line, s.text) not in wrong
             and (s.year is None or (s.name, s.year) in cells)]  # fmt: skip
    said = right[rng.integers(len(right))]
    lines = text.splitlines()
    other = f"{float(said.text) + rng.uniform(1.5, 9):.{len(said.text.partition('.')[2])}f}"
    head, mark, tail = lines[said.line - 1].rpartition(said.text)
    lines[said.line - 1] = head + other + tail
    found = plan_text.contradictions(of_text("\n".join(lines), "t"))
    return bool(mark) and any(s.line == said.line and s.text == other for s, _ in found)


def _coverage_fault(frame: pd.DataFrame, plan: Plan, rng: np.random.Generator) -> bool:
    """A population that is off by some per cent against a plan that agrees with itself."""
    share, count = plan_text.covered(document_of(plan))[0]
    true = count.value / share.value * 100
    people = frame[(frame["indicator"] == "常住人口") & (frame["region"] == PROVINCE)].tail(1)
    limits = checks.CHECK_PARAMETERS
    hits = []
    for value in (true, true * (1 + rng.choice([-1, 1]) * rng.uniform(0.01, 0.1))):
        rows = people.assign(year=share.year, value=value, raw=f"{value:.1f}")
        found = plan_text.coverage(rows, plan, limits)
        hits.append(any(f"第{share.line}行{share.name}{share.year}年{share.value:g}%" in f.sentence
                        for f in found))  # fmt: skip
    return hits == [False, True]


if __name__ == "__main__":
    for result in run():
        print(f"{result.ratio:6.3f} of at most {result.limit:g}: {result.name} {result.note}")
