"""RUNS.yml: which reports a batch makes, every region, kind and year of it, checked before any.

At the top stand the choices for all; under ``runs`` blocks with choices of their own. What is not
said follows from the plan: the province and its cities, the mid-term report of its third year.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from gdplan.dates import is_day
from gdplan.files import places as resources
from gdplan.files import strict_yaml
from gdplan.files.strict_yaml import Strict
from gdplan.model import Plan
from gdplan.page.language import LANGUAGES
from gdplan.plans.choices import known_regions
from gdplan.plans.load import known_plans, load_plan
from gdplan.problems import Problem, ProblemError, closest
from gdplan.reports.request import (
    FORMATS,
    checked_parameters,
    notebook_parameters,
    run_id,
    usual_year,
)

ALL, CITIES = "all", "cities"
LISTS = ("kinds", "regions", "years", "formats")
REGION = "{region}"


@dataclass(frozen=True, slots=True)
class Job:
    """One report of a batch: its id, its parameters as the notebook takes them, and its line."""

    run: str
    kind: str
    values: Mapping[str, Any]
    formats: tuple[str, ...]
    where: str = ""


class Choices(Strict):
    """Keys at the top of the file and of each block."""

    plan: str | None = None
    kinds: list[str] | None = None
    regions: list[str] | None = None
    years: list[int] | None = None
    as_of: str | None = None
    observations: str | None = None
    previous: str | None = None
    lang: str | None = None
    formats: list[str] | None = None


class RunsFile(Choices):
    """The whole file."""

    runs: list[Choices] | None = None


@dataclass(frozen=True, slots=True)
class _Block:
    """The choices that hold for a block, each with the place it was made."""

    document: strict_yaml.YamlDocument
    chosen: Mapping[str, Any]
    keys: Mapping[str, tuple[str, ...]]

    def get(self, name: str) -> Any:
        return self.chosen.get(name)

    def at(self, name: str, place: int | None = None) -> str:
        """``file:line`` of a choice, or of one of its items."""
        key = self.keys.get(name, self.keys[""])
        return self.document.at(key if place is None else (*key, str(place)))


def read_runs(path: str | Path, formats: Iterable[str] = FORMATS) -> list[Job]:
    """The reports that a file asks for, in its order: by kind, year, region.

    Parameters
    ----------
    path : path
        The file; data it names are looked for beside it first, then as ``gdplan report`` does.
    formats : tuple of str
        Formats where the file names none.

    Raises
    ------
    ProblemError
        Every fault at once, with its line: unknown keys, plans, kinds, regions, formats,
        languages; years outside the plan; data that are not there; a report asked for twice.
    """
    document = strict_yaml.read_yaml(path, later=True)
    asked = strict_yaml.validate(RunsFile, document)
    problems: list[Problem] = []
    if asked.runs == []:
        problems.append(Problem("empty_list", document.at(("runs",)), "runs 是空的", "至少一块",
                                fix="填上，或删去该键"))  # fmt: skip
    jobs: dict[str, Job] = {}
    for block in _blocks(asked, document):
        found = list(_faults(block, _plan(block, problems)))
        problems += found
        if found or problems:
            continue
        for job in _jobs(block, load_plan(_plan_id(block)), tuple(formats)):
            if job.run in jobs:
                problems.append(
                    Problem("run_twice", job.where, f"同一份报告 {job.run} 列了两次",
                            found=f"{jobs[job.run].where} 已有", fix="删去其中一处")
                )  # fmt: skip
            jobs.setdefault(job.run, job)
    if problems:
        # What stands at the top is wrong once, however many blocks take it over.
        raise ProblemError(list(dict.fromkeys(problems)))
    return list(jobs.values())


def _blocks(asked: RunsFile, document: strict_yaml.YamlDocument) -> Iterator[_Block]:
    common = asked.model_dump(exclude={"runs"}, exclude_none=True)
    keys: dict[str, tuple[str, ...]] = {name: (name,) for name in common}
    if not asked.runs:
        yield _Block(document, common, {"": (), **keys})
    for n, own in enumerate(asked.runs or ()):
        mine = own.model_dump(exclude_none=True)
        here = ("runs", str(n))
        yield _Block(document, common | mine, {"": here, **keys, **{k: (*here, k) for k in mine}})


def _plan_id(block: _Block) -> str:
    return str(block.get("plan"))


def _plan(block: _Block, problems: list[Problem]) -> Plan | None:
    """The plan of a block; what is wrong with it is added to the problems."""
    name = block.get("plan")
    if name is None:
        problems.append(
            Problem(
                "missing_key", block.at(""), "缺少键 plan", "、".join(known_plans()), fix="补上该键"
            )
        )
    elif name not in known_plans():
        problems.append(_unknown(block.at("plan"), "规划", name, known_plans()))
    else:
        return load_plan(name)
    return None


def _faults(block: _Block, plan: Plan | None) -> Iterator[Problem]:
    """What is wrong with the choices of a block."""
    words = {
        "kinds": ("报告种类", _kinds()),
        "regions": ("地区", (*known_regions(plan), ALL, CITIES)),
        "formats": ("格式", FORMATS),
    }
    yield from _unused(block)
    for name in LISTS:
        given = block.get(name)
        if given is not None and not given:
            yield Problem("empty_list", block.at(name), f"{name} 是空的", fix="填上，或删去该键")
        for n, item in enumerate(given or ()):
            if name in words and item not in words[name][1]:
                yield _unknown(block.at(name, n), words[name][0], item, words[name][1])
    if plan is not None:
        yield from _years_outside(block, plan)
        yield from _missing_earlier(block, plan)
    yield from _wrong_words(block)


def _years_outside(block: _Block, plan: Plan) -> Iterator[Problem]:
    first, last = plan.base_year + 1, plan.target_year
    given = [(n, year) for n, year in enumerate(block.get("years") or ())]
    derived = [(None, _year(kind, plan)) for kind in _chosen_kinds(block) if kind in _kinds()]
    for n, year in given or derived:
        if not first <= year <= last:
            yield Problem("year_outside", block.at("years", n), "年份不在规划期内",
                          f"{first}—{last}", str(year), "改正年份，或用 years 写明")  # fmt: skip


def _wrong_words(block: _Block) -> Iterator[Problem]:
    lang, known, data = block.get("lang"), block.get("as_of"), block.get("observations")
    if lang is not None and lang not in LANGUAGES:
        yield _unknown(block.at("lang"), "语言", lang, LANGUAGES)
    if known is not None and not is_day(known):
        yield Problem("no_such_date", block.at("as_of"), "不是日期", "YYYY-MM-DD", known)
    if data is not None and not resources.located(_beside(block.document.path, data)).exists():
        yield Problem("missing_file", block.at("observations"), "数据文件不存在", found=data,
                      fix="核对路径；相对路径先从本文件所在的文件夹找起")  # fmt: skip


def _unused(block: _Block) -> Iterator[Problem]:
    """A kind of report that cannot be held against an earlier one."""
    if block.get("previous") is None:
        return
    for n, kind in enumerate(_chosen_kinds(block)):
        if kind in _kinds() and "previous" not in notebook_parameters(resources.notebook(kind)):
            at = block.at("kinds", n) if block.get("kinds") else block.at("previous")
            yield Problem("needless_key", at, f"{kind} 不与上次报告比较，用不到 previous",
                          fix="把这一种另写一块，不写 previous")  # fmt: skip


def _earlier(block: _Block, region: str) -> str:
    """The earlier report of a region: ``{region}`` in its name stands for the code."""
    return _beside(block.document.path, str(block.get("previous")).replace(REGION, region))


def _missing_earlier(block: _Block, plan: Plan) -> Iterator[Problem]:
    if block.get("previous") is None:
        return
    places = dict.fromkeys(_earlier(block, region) for region in _regions(block, plan))
    gone = [p for p in places if not (resources.located(p) / "run.json").is_file()]
    if gone:
        yield Problem("missing_file", block.at("previous"), f"{len(gone)}份上次报告不存在",
                      f"报告文件夹，{REGION} 代表地区代码", "、".join(gone[:3]),
                      "核对路径；相对路径先从本文件所在的文件夹找起")  # fmt: skip


def _jobs(block: _Block, plan: Plan, formats: tuple[str, ...]) -> Iterator[Job]:
    fixed = {name: block.get(name) for name in ("as_of", "lang") if block.get(name)}
    if block.get("observations"):
        fixed["observations"] = _beside(block.document.path, block.get("observations"))
    wanted = tuple(block.get("formats") or formats)
    for kind in _chosen_kinds(block):
        years = block.get("years") or [_year(kind, plan)]
        for year, region in product(years, _regions(block, plan)):
            given = {"plan": plan.id, "region": region, "year": year, **fixed}
            if block.get("previous"):
                given["previous"] = _earlier(block, region)
            values = checked_parameters(resources.notebook(kind), given, wanted)
            yield Job(run_id(kind, values), kind, values, wanted, block.at(""))


def _chosen_kinds(block: _Block) -> list[str]:
    return block.get("kinds") or ["midterm"]


def _regions(block: _Block, plan: Plan) -> list[str]:
    """Codes of a block; without any the plan's region and its cities."""
    cities = resources.cities_of(plan.region)
    groups = {ALL: [plan.region, *cities], CITIES: cities}
    given = block.get("regions") or [ALL]
    return list(dict.fromkeys(code for item in given for code in groups.get(item, [item])))


def _year(kind: str, plan: Plan) -> int:
    """The year a report is about when none is said."""
    return usual_year(resources.notebook(kind), plan)


def _kinds() -> tuple[str, ...]:
    found = (p.stem for p in resources.notebooks_folder().glob("*.ipynb"))
    return tuple(sorted(name for name in found if name != resources.PAGE))


def _beside(path: Path, name: str) -> str:
    """A place named in the file: beside the file when it is there, else as it is."""
    beside = path.parent / name
    return str(beside.resolve()) if beside.exists() else name


def _unknown(where: str, what: str, word: str, known: Iterable[str]) -> Problem:
    names = list(known)
    short = (
        "GB/T 2260 或 data/raw/regions.csv 中的代码，或 all、cities"
        if what == "地区"
        else "、".join(names)
    )
    return Problem("unknown_choice", where, f"{what}不认识", short, word, closest(word, names))
