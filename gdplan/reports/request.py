"""What a report is asked for: the notebook's parameters, checked before anything runs."""

from __future__ import annotations

import ast
import difflib
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from gdplan.dates import end_of
from gdplan.files import places as resources
from gdplan.model import Plan
from gdplan.page.language import LANGUAGES
from gdplan.plans.load import load_plan
from gdplan.plans.rule_table import rule_table
from gdplan.problems import Problem, ProblemError

FORMATS = ("ipynb", "html", "docx", "pdf", "xlsx")
DEFAULTS = {"midterm": "gd-hrss-14", "final": "gd-hrss-13"}


def run_id(kind: str, values: Mapping[str, Any]) -> str:
    """Id of a run, made of codes only, so that no two regions or plans share one.

    Examples
    --------
    >>> run_id("midterm", {"plan": "gd-hrss-14", "region": "440000", "year": 2023, "as_of": ""})
    'midterm-gd-hrss-14-440000-2023'
    """
    parts = [kind, values["plan"], values["region"], str(values["year"])]
    if values.get("as_of"):
        parts.append("asof" + re.sub(r"\D", "", str(values["as_of"])))
    if values.get("observations"):
        digest = hashlib.sha256(str(values["observations"]).encode()).hexdigest()[:8]
        parts.append(f"data{digest}")
    if values.get("previous"):
        digest = hashlib.sha256(Path(values["previous"]).name.encode()).hexdigest()[:8]
        parts.append(f"since{digest}")
    if values.get("lang", "zh") != "zh":
        parts.append(str(values["lang"]))
    return "-".join(re.sub(r"[^0-9A-Za-z-]", "_", str(p)) for p in parts)


def notebook_parameters(path: Path) -> dict[str, Any]:
    """Names and default values of the cell tagged ``parameters``.

    Raises
    ------
    ProblemError
        When there is not exactly one such cell, or it holds more than plain assignments.
    """
    cells = json.loads(path.read_text("utf-8"))["cells"]
    tagged = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
    if len(tagged) != 1:
        raise ProblemError(
            Problem("parameters_cell", path.name, "应恰有一个标记为 parameters 的单元",
                    found=f"{len(tagged)}个")
        )  # fmt: skip
    found = {}
    for node in ast.parse("".join(tagged[0]["source"])).body:
        if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)):
            raise ProblemError(
                Problem("parameters_cell", path.name, "parameters 单元只能有 名字 = 字面值")
            )
        found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def checked_parameters(
    notebook: Path, given: Mapping[str, Any], formats: Iterable[str] = ()
) -> dict[str, Any]:
    """The notebook's defaults with the given values, every fault at once.

    Raises
    ------
    ProblemError
        For unknown names (with the closest known one), wrong types, unknown formats and languages.
    """
    known = notebook_parameters(notebook)
    problems = [*_wrong_names(notebook, given, known), *wrong_formats(formats)]
    lang = given.get("lang", known.get("lang", "zh"))
    if isinstance(lang, str) and lang not in LANGUAGES:
        problems.append(
            Problem("unknown_language", "lang", "没有这种语言", "、".join(LANGUAGES), lang)
        )
    if problems:
        raise ProblemError(problems)
    values = {**known, **given}
    for name in ("observations", "previous"):
        if values.get(name):
            values[name] = _portable(values[name])
    return values


def _wrong_names(
    notebook: Path, given: Mapping[str, Any], known: Mapping[str, Any]
) -> Iterator[Problem]:
    """Values for parameters that the notebook has not, or of another type."""
    for name, value in given.items():
        if name not in known:
            match = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
            yield Problem("unknown_parameter", name, f"{notebook.name} 没有参数 {name}",
                          expected="、".join(known),
                          fix=f"是否想写 {match[0]}" if match else "")  # fmt: skip
        elif type(value) is not type(known[name]):
            yield Problem("wrong_type", name, f"参数 {name} 的类型不对",
                          expected=type(known[name]).__name__,
                          found=f"{value!r}（{type(value).__name__}）")  # fmt: skip


def wrong_formats(formats: Iterable[str]) -> Iterator[Problem]:
    """A problem for each format that no report has."""
    for name in formats:
        if name not in FORMATS:
            yield Problem("unknown_format", "--format", "不支持的格式", "、".join(FORMATS), name)


def formats_of(text: str) -> tuple[str, ...]:
    """The formats named on the command line, by commas; of those named twice the first.

    Examples
    --------
    >>> formats_of("html, pdf,html"), formats_of(",")
    (('html', 'pdf'), ())
    """
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def checked_request(
    kind: str, given: Mapping[str, Any], formats: Sequence[str]
) -> tuple[Path, dict[str, Any], Plan]:
    """Notebook, parameters and plan of a report, with all that can be refused before it runs.

    Raises
    ------
    ProblemError
        Every fault at once: an unknown kind, plan, region, language or format, no format at all,
        unknown names and wrong types, a year outside the plan, an unreadable date, figures and
        earlier reports that are not there.
    """
    problems: list[Problem] = [] if formats else [NO_FORMAT]
    notebook = tried(problems, lambda: resources.notebook(kind))
    values = dict(given)
    if notebook is None:
        problems += wrong_formats(formats)
    else:
        values = notebook_parameters(notebook) | values
        checked = tried(problems, lambda: checked_parameters(notebook, given, formats))
        values = values if checked is None else checked
    plan = _checked_choices(problems, kind, values)
    if problems or notebook is None or plan is None:
        raise ProblemError(problems)
    return notebook, values, plan


NO_FORMAT = Problem("no_format", "--format", "没有给出输出格式",
                    expected="、".join(FORMATS), found="空")  # fmt: skip
Found = TypeVar("Found")


def tried(problems: list[Problem], work: Callable[[], Found]) -> Found | None:
    """What some work gives; None when it fails, and its problems are added to the others."""
    try:
        return work()
    except ProblemError as error:
        problems += error.problems
        return None


def _checked_choices(problems: list[Problem], kind: str, values: Mapping[str, Any]) -> Plan | None:
    """The plan of a request; what is wrong with plan, region, year, date and places is added.

    A value of a wrong type is told as such and not looked at.
    """
    words = {name: value for name, value in values.items() if isinstance(value, str) and value}
    name, year = words.get("plan"), values.get("year")
    plan = tried(problems, lambda: load_plan(name)) if name else None
    if plan is not None and type(year) is int:
        tried(problems, lambda: rule_table(plan, year, "final" if kind == "final" else None))
    if "region" in words:
        tried(problems, lambda: check_region(words["region"]))
    if "as_of" in words:
        dates: list[Problem] = []
        tried(dates, lambda: end_of(words["as_of"]))
        problems += [replace(p, where="as_of", found=words["as_of"]) for p in dates]
    places = {"observations": "数据文件", "previous": "上次报告"}
    problems += [
        Problem("missing_file", name, f"{what}不存在", found=words[name], fix="核对路径")
        for name, what in places.items()
        if name in words and not resources.located(words[name]).exists()
    ]
    return plan


def once(options: Mapping[str, Any], pairs: Mapping[str, Any]) -> dict[str, Any]:
    """Options and -p parameters together; one that is given twice has to agree with itself.

    Raises
    ------
    ProblemError
    """
    twice = [k for k in pairs if k in options and options[k] != pairs[k]]
    if twice:
        raise ProblemError([
            Problem("given_twice", k, "选项和 -p 给出了不同的值", str(options[k]), str(pairs[k]))
            for k in twice
        ])  # fmt: skip
    return {**options, **pairs}


def pairs(texts: Iterable[str]) -> dict[str, Any]:
    """Parameters written ``name=value``; whole numbers and true or false as such, the rest as text.

    Raises
    ------
    ProblemError
        For every text without ``=``.

    Examples
    --------
    >>> pairs(["year=2024", "region=440000", "code=010", "note=[a"])
    {'year': 2024, 'region': 440000, 'code': '010', 'note': '[a'}
    """
    import yaml

    found: dict[str, Any] = {}
    split = [text.partition("=") for text in texts]
    wrong = [Problem("not_a_pair", "-p", "参数应写作 名=值", expected="-p year=2023", found=name)
             for name, sep, _ in split if not sep]  # fmt: skip
    if wrong:
        raise ProblemError(wrong)
    for name, _, value in split:
        try:
            loaded = yaml.safe_load(value) if value and not value.startswith("0") else value
        except yaml.YAMLError:  # A text that is no YAML is a text.
            loaded = value
        found[name.strip()] = loaded if isinstance(loaded, (int, bool)) else value
    return found


def check_region(region: str) -> None:
    """Refuse a region that is not in data/raw/regions.csv: it would make a report of nothing.

    Raises
    ------
    ProblemError
        With the closest known region.
    """
    known = resources.regions()
    if region not in known:
        match = difflib.get_close_matches(region, known, n=1, cutoff=0.5)
        raise ProblemError(
            Problem("unknown_region", "region", "不认识的地区代码", "data/raw/regions.csv 中的代码",
                    region, fix=f"最接近的是 {match[0]} {known[match[0]]}" if match else "")
        )  # fmt: skip


def _portable(place: str) -> str:
    """A data path that means the same from any working directory: inside the project relative
    to it, elsewhere absolute."""
    path = Path(place).resolve()
    if not path.exists():
        path = (resources.home() / place).resolve()
    home = resources.home().resolve()
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else str(path)
