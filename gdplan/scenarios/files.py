"""Scenario files (``scenarios/*.yml`` beside the plan) and run files, read strictly.

Every fault of a file is reported at once with its line, what was expected and what was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gdplan.files import strict_yaml
from gdplan.files.strict_yaml import YamlDocument
from gdplan.model import Indicator, Plan
from gdplan.observations import row_checks
from gdplan.outlook import draws as montecarlo
from gdplan.problems import Problem, ProblemError, closest

KINDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "trend": ((), ()),
    "target": ((), ()),
    "rate": (("growth",), ()),
    "increment": (("step",), ()),
    "fixed": ((), ("value",)),
    "halt": ((), ()),
    "shock": (("drop", "recover"), ("after",)),
    "best": (("years",), ()),
    "driver": (("drivers",), ("response",)),
}
"""Fields each kind of path needs, and those it may have; ``deviation`` is open to all."""
Number = float
Year = Annotated[int, Field(ge=1949, le=2200)]
Name = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PathSpec(_Strict):
    """The path of an indicator: its kind, and what that kind needs.

    ``growth`` percent a year; ``step`` and ``value`` in the indicator's unit; ``drop`` percent by
    which the first year is worse, made good over ``recover`` years, on top of the last value or
    the trend (``after``); ``years`` of the best past pace; ``drivers`` of a regression of the
    value or of its yearly change (``response``); ``deviation`` of a year, declared instead of
    estimated, in the unit or for geometric indicators in percent. What yearly growth makes is hit
    by a shock as a level is.
    """

    kind: Literal["trend", "target", "rate", "increment", "fixed", "halt", "shock", "best",
                  "driver"]  # fmt: skip
    growth: Annotated[Number, Field(gt=-100, le=1000)] | None = None
    step: Annotated[Number, Field(ge=-1e9, le=1e9)] | None = None
    value: Annotated[Number, Field(ge=-1e9, le=1e9)] | None = None
    drop: Annotated[Number, Field(gt=0, le=100)] | None = None
    recover: Annotated[int, Field(ge=1, le=20)] | None = None
    after: Literal["last", "trend"] | None = None
    years: Annotated[int, Field(ge=1, le=20)] | None = None
    drivers: Annotated[list[str], Field(min_length=1)] | None = None
    response: Literal["value", "change"] | None = None
    deviation: Annotated[Number, Field(ge=0, le=1e9)] | None = None


class Pair(_Strict):
    """A correlation of the yearly shocks of two indicators."""

    between: Annotated[list[str], Field(min_length=2, max_length=2)]
    value: Annotated[Number, Field(gt=-1, lt=1)]


class DriverSpec(_Strict):
    """A driver: published values by year, or a series of the observations, and assumed values."""

    name: Name
    unit: str
    source: str = ""
    series: str | None = None
    values: dict[str, Number] = Field(default_factory=dict)
    assumed: dict[str, Number]


class ScenarioSpec(_Strict):
    """The whole of a scenario file; tables follow ``order``, then the file's name."""

    id: Code
    name: Name
    name_en: Name
    note: str = ""
    note_en: str = ""
    order: int = 0
    correlation: Annotated[Number, Field(ge=0, lt=1)] = 0
    correlations: list[Pair] = Field(default_factory=list)
    default: PathSpec | None = None
    indicators: dict[str, PathSpec] = Field(default_factory=dict)
    drivers: dict[str, DriverSpec] = Field(default_factory=dict)


class RunSpec(_Strict):
    """The whole of a run file: what ``gdplan scenarios`` is asked for.

    ``regions`` are codes; ``cities`` adds those of the plan's region; ``scenarios`` are the ids of
    files beside the plan or below ``folder``, all of them by default.
    """

    id: Code
    plan: Name
    year: Year
    until: Year | None = None
    since: Year | None = None
    as_of: str | None = None
    observations: str | None = None
    regions: list[str] = Field(default_factory=list)
    cities: bool = False
    folder: str | None = None
    scenarios: list[str] = Field(default_factory=list)
    draws: Annotated[int, Field(ge=2000, le=200_000, multiple_of=montecarlo.CHUNK)] = 10_000
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario as read, its paths and correlations by indicator number."""

    spec: ScenarioSpec
    paths: Mapping[str, PathSpec]
    pairs: Mapping[tuple[str, str], float]
    document: YamlDocument

    def path(self, no: str) -> PathSpec | None:
        """The path of an indicator: its own, else the default, else none."""
        return self.paths.get(no, self.spec.default)


def load_scenarios(
    paths: Sequence[Path], plan: Plan, *, years: tuple[int, int] | None = None
) -> list[Scenario]:
    """Read scenario files.

    Parameters
    ----------
    paths : sequence of Path
    plan : Plan
        Whose indicators the files may speak of.
    years : (int, int), optional
        Last data year and last year of the run: drivers must be assumed for the years between.

    Raises
    ------
    ProblemError
        With every fault of every file at once.
    """
    found: list[Scenario] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            found.append(_load(path, plan, years))
        except ProblemError as error:
            problems += error.problems
    problems += _same_ids(found)
    if problems:
        raise ProblemError(problems)
    return found


def load_run(path: Path) -> tuple[RunSpec, YamlDocument]:
    """Read a run file.

    Raises
    ------
    ProblemError
        With every fault at once.
    """
    document = strict_yaml.read_yaml(path, later=True)
    return strict_yaml.validate(RunSpec, document), document


def _load(path: Path, plan: Plan, years: tuple[int, int] | None) -> Scenario:
    document = strict_yaml.read_yaml(path, later=True)
    problems: list[Problem] = []
    spec = None
    try:
        spec = strict_yaml.validate(ScenarioSpec, document)
    except ProblemError as error:
        problems += error.problems
    problems += [*_file_problems(document), *_path_problems(document),
                 *_name_problems(document, plan), *_bound_problems(document, plan),
                 *_driver_problems(document, years), *_series_problems(document, plan)]  # fmt: skip
    if problems or spec is None:
        raise ProblemError(problems)
    known = {k: plan.indicator(k).no for k in _named(document)}
    pairs = {tuple(known[k] for k in p.between): float(p.value) for p in spec.correlations}
    made = Scenario(spec, {known[k]: v for k, v in spec.indicators.items()},
                    {(a, b): v for (a, b), v in pairs.items()}, document)  # fmt: skip
    try:
        montecarlo.mixing([i.no for i in plan.indicators], float(spec.correlation), made.pairs)
    except ValueError:
        raise ProblemError(
            Problem("not_correlations", document.at(("correlations",)),
                    "这些相关系数不能同时成立（矩阵非正定）", fix="减小其绝对值")
        ) from None  # fmt: skip
    return made


def _same_ids(found: Sequence[Scenario]) -> Iterator[Problem]:
    for field in ("id", "name", "name_en"):
        seen: dict[str, Scenario] = {}
        for one in found:
            word = getattr(one.spec, field)
            if word in seen:
                yield Problem("duplicate_scenario", one.document.at((field,)),
                              f"{field} 与另一情景相同", found=word,
                              fix=f"改名；另一处在 {seen[word].document.at((field,))}")  # fmt: skip
            seen.setdefault(word, one)


def _mapping(data: Any, key: str) -> dict[str, Any]:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def _list(data: Any, key: str) -> list[Any]:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []


def _raw_paths(document: YamlDocument) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Paths as written, so that they are looked at even when another field is wrong."""
    if isinstance(document.data.get("default"), dict):
        yield ("default",), document.data["default"]
    for no, raw in _mapping(document.data, "indicators").items():
        if isinstance(raw, dict):
            yield ("indicators", no), raw


def _file_problems(document: YamlDocument) -> Iterator[Problem]:
    """A file is asked for by its name, so its id is that name; and it follows some path."""
    own, name = document.data.get("id"), document.path.stem
    if isinstance(own, str) and own != name:
        yield Problem("scenario_name", document.at(("id",)), "id 与文件名不同", name, own,
                      "改 id 或文件名")  # fmt: skip
    if not document.data.get("default") and not document.data.get("indicators"):
        yield Problem("missing_key", document.at(()), "没有任何路径",
                      "default 或 indicators 之一", fix="补上")  # fmt: skip


def _bound_problems(document: YamlDocument, plan: Plan) -> Iterator[Problem]:
    """A fixed value outside what the indicator can be: 140 % of a share."""
    for where, raw in _raw_paths(document):
        item, value = _found(plan, where[-1]), raw.get("value")
        if where[0] != "indicators" or item is None or not isinstance(value, int | float):
            continue
        low, high = item.limits
        if not low <= value <= high:
            yield Problem("outside_limits", document.at((*where, "value")),
                          f"{item.name}不可能是这个数", f"{low:g} 至 {high:g}",
                          f"{value:g}")  # fmt: skip


def _path_problems(document: YamlDocument) -> Iterator[Problem]:
    for where, raw in _raw_paths(document):
        kind = raw.get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            continue
        needed, allowed = KINDS[kind]
        for field in needed:
            if raw.get(field) is None:
                yield Problem("missing_key", document.at(where),
                              f"{kind} 路径缺少 {field}", fix="补上该键")  # fmt: skip
        for field in raw:
            if field in PathSpec.model_fields and field not in (*needed, *allowed, "kind",
                                                                "deviation"):  # fmt: skip
                yield Problem("needless_key", document.at((*where, field)),
                              f"{kind} 路径用不到 {field}", fix="删去该键",
                              expected="、".join((*needed, *allowed, "deviation")))  # fmt: skip


def _named(document: YamlDocument) -> dict[str, tuple[str, ...]]:
    """Every indicator a file names, with the place of its first mention."""
    named: dict[str, tuple[str, ...]] = {}
    for key in _mapping(document.data, "indicators"):
        named.setdefault(key, ("indicators", key))
    for i, pair in enumerate(_list(document.data, "correlations")):
        for key in _list(pair, "between"):
            named.setdefault(str(key), ("correlations", str(i), "between"))
    return named


def _name_problems(document: YamlDocument, plan: Plan) -> Iterator[Problem]:
    words = [word for i in plan.indicators for word in (i.no, i.name, *i.aliases)]
    first: dict[str, str] = {}
    for key, where in _named(document).items():
        item = _found(plan, key)
        if item is None:
            yield Problem("unknown_indicator", document.at(where), f"规划没有指标 {key}",
                          "指标的序号或名称", key, closest(key, words))  # fmt: skip
        elif where[0] == "indicators" and item.no in first:
            yield Problem("duplicate_indicator", document.at(where),
                          f"第{item.no}项已用 {first[item.no]} 写过", fix="删去一个")  # fmt: skip
        else:
            first.setdefault(item.no, key)
    seen: set[frozenset[str]] = set()
    for i, raw in enumerate(_list(document.data, "correlations")):
        keys = [_found(plan, str(k)) for k in _list(raw, "between")]
        pair = frozenset(k.no for k in keys if k)
        if len(keys) == 2 and all(keys) and (len(pair) < 2 or pair in seen):
            yield Problem("duplicate_pair", document.at(("correlations", str(i))),
                          "须在两个不同指标之间，且每对只写一次", fix="改正")  # fmt: skip
        seen.add(pair)


def _found(plan: Plan, key: str) -> Indicator | None:
    try:
        return plan.indicator(key)
    except KeyError:
        return None


def _driver_problems(document: YamlDocument, years: tuple[int, int] | None) -> Iterator[Problem]:
    drivers = _mapping(document.data, "drivers")
    used: set[str] = set()
    for where, raw in _raw_paths(document):
        for name in _list(raw, "drivers"):
            used.add(str(name))
            if isinstance(name, str) and name not in drivers:
                yield Problem("unknown_driver", document.at((*where, "drivers")),
                              f"没有驱动因素 {name}", "、".join(drivers) or "drivers 下的一项",
                              name, closest(name, drivers))  # fmt: skip
    for name, raw in drivers.items():
        where = ("drivers", name)
        if name not in used:
            yield Problem("unused_driver", document.at(where), f"驱动因素 {name} 没有路径使用",
                          fix="删去，或在 drivers 中列出")  # fmt: skip
        if isinstance(raw, dict) and bool(raw.get("series")) == bool(raw.get("values")):
            yield Problem("driver_values", document.at(where),
                          "历史值须且只须一个来源", "values 或 series 之一")  # fmt: skip
        if isinstance(raw, dict) and raw.get("values") and not raw.get("source"):
            yield Problem("driver_source", document.at(where), "历史值没有来源", "source: 出处")
        yield from _year_problems(document, where, raw, years)


def _series_problems(document: YamlDocument, plan: Plan) -> Iterator[Problem]:
    """Drivers from published series that nothing is published under."""
    known = {name for i in plan.indicators for name in (i.name, *i.aliases)} | {
        *row_checks.series()
    }
    for name, raw in _mapping(document.data, "drivers").items():
        word = raw.get("series") if isinstance(raw, dict) else None
        if isinstance(word, str) and word not in known:
            yield Problem("unknown_series", document.at(("drivers", name, "series")),
                          f"没有名为 {word} 的数据", "规划指标或 data/raw/series.yml 中的名称",
                          word, closest(word, known))  # fmt: skip


def _year_problems(
    document: YamlDocument, where: tuple[str, ...], raw: Any, years: tuple[int, int] | None
) -> Iterator[Problem]:
    for field in ("values", "assumed"):
        for key in _mapping(raw, field):
            if not (key.isascii() and key.isdigit() and 1949 <= int(key) <= 2200):
                yield Problem("not_a_year", document.at((*where, field, key)),
                              f"{field} 的键应为年份", "1949—2200", key)  # fmt: skip
    given = _mapping(raw, "assumed")
    missing = [str(y) for y in range(years[0] + 1, years[1] + 1) if str(y) not in given] if (
        years) else []  # fmt: skip
    if missing:
        yield Problem("missing_years", document.at((*where, "assumed")),
                      "缺少推算年份的假定值", "、".join(missing), "、".join(given))  # fmt: skip
