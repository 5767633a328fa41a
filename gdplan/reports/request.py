"""What a report is asked for: the notebook's parameters, checked before anything runs."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from gdplan.dates import end_of
from gdplan.files import places as resources
from gdplan.model import Plan
from gdplan.page.language import LANGUAGES
from gdplan.plans.choices import check_region
from gdplan.plans.load import load_plan
from gdplan.plans.revisions import in_force
from gdplan.plans.rule_table import rule_table
from gdplan.problems import Problem, ProblemError, closest_name

FORMATS = ("ipynb", "html", "docx", "pdf", "xlsx")
TYPES: Mapping[str, type] = {t.__name__: t for t in (str, int, float, bool, list, dict)}
"""What a parameter may be annotated with."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a notebook: its value when none is given, and the type of any value; None
    when neither its annotation nor its default says one."""

    default: Any
    type: type | None

    def fits(self, value: object) -> bool:
        """Whether a value is of the type; a whole number is a fraction as well."""
        whole = self.type is float and type(value) is int
        return self.type is None or type(value) is self.type or whole

    def read(self, text: str) -> Any:
        """A value written on the command line; what does not fit the type stays a text.

        Examples
        --------
        >>> Parameter("", str).read("440000"), Parameter(2023, int).read("2024")
        ('440000', 2024)
        """
        import yaml

        if self.type is str:
            return text
        try:
            # YAML takes 010 for eight.
            loaded = text if re.match(r"[-+]?0\d", text) else yaml.safe_load(text)
        except yaml.YAMLError:
            return text
        return loaded if self.fits(loaded) else text


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
        parts.append(f"data{_sum(values['observations'])}")
    if values.get("previous"):
        parts.append(f"since{_sum(Path(values['previous']).name)}")
    if values.get("lang", "zh") != "zh":
        parts.append(str(values["lang"]))
    return "-".join(re.sub(r"[^0-9A-Za-z-]", "_", str(p)) for p in parts)


def _sum(text: object) -> str:
    return hashlib.sha256(str(text).encode()).hexdigest()[:8]


def notebook_parameters(path: Path) -> dict[str, Any]:
    """Names and default values of the cell tagged ``parameters``; see :func:`parameters_of`."""
    return {name: each.default for name, each in parameters_of(path).items()}


def parameters_of(path: Path) -> dict[str, Parameter]:
    """The parameters in the cell tagged ``parameters``, plain (``year = 2023``) or in papermill's
    idiom (``year: int = 2023  # help``).

    Raises
    ------
    ProblemError
        When there is not exactly one such cell, it holds more than assignments of literals, or a
        default is not of the type it is annotated with.
    """
    cells = json.loads(path.read_text("utf-8"))["cells"]
    tagged = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
    if len(tagged) != 1:
        raise ProblemError(
            Problem("parameters_cell", path.name, "应恰有一个标记为 parameters 的单元",
                    found=f"{len(tagged)}个")
        )  # fmt: skip
    source = "".join(tagged[0]["source"])
    try:
        return dict(map(_parameter, ast.parse(source).body))
    except (SyntaxError, ValueError) as error:
        raise ProblemError(
            Problem("parameters_cell", path.name, "parameters 单元只能有 名字 = 字面值",
                    expected="year = 2023 或 year: int = 2023  # 说明", found=str(error))
        ) from None  # fmt: skip


def _parameter(line: ast.stmt) -> tuple[str, Parameter]:
    """Name and parameter of an assignment; ValueError for any other line."""
    target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
    if (
        not isinstance(line, (ast.Assign, ast.AnnAssign))
        or not isinstance(target, ast.Name)
        or line.value is None
    ):
        raise ValueError(ast.unparse(line))
    default = ast.literal_eval(line.value)
    plain = None if default is None else type(default)
    word = ast.unparse(line.annotation) if isinstance(line, ast.AnnAssign) else ""
    parameter = Parameter(default, TYPES.get(word.partition("[")[0], plain))
    if default is not None and not parameter.fits(default):
        raise ValueError(ast.unparse(line))
    return target.id, parameter


def checked_parameters(
    notebook: Path, given: Mapping[str, Any], formats: Iterable[str] = ()
) -> dict[str, Any]:
    """The notebook's defaults with the given values, every fault at once.

    Raises
    ------
    ProblemError
        For unknown names (with the closest known one), wrong types, unknown formats and languages.
    """
    parameters = parameters_of(notebook)
    known = {name: each.default for name, each in parameters.items()}
    problems = [*_wrong_names(notebook, given, parameters), *wrong_formats(formats)]
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
    notebook: Path, given: Mapping[str, Any], known: Mapping[str, Parameter]
) -> Iterator[Problem]:
    """Values for parameters that the notebook has not, or of another type."""
    for name, value in given.items():
        if name not in known:
            near = closest_name(name, known)
            yield Problem("unknown_parameter", name, f"{notebook.name} 没有参数 {name}",
                          expected="、".join(known),
                          fix=f"是否想写 {near}" if near else "")  # fmt: skip
        elif not known[name].fits(value):
            yield Problem("wrong_type", name, f"参数 {name} 的类型不对",
                          expected=getattr(known[name].type, "__name__", ""),
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
    if notebook is None:
        problems += wrong_formats(formats)
        _checked_choices(problems, kind, given)
        raise ProblemError(problems)
    chosen = tried(problems, lambda: with_plan_defaults(notebook, given))
    if chosen is None:
        raise ProblemError([*problems, *wrong_formats(formats)])
    checked = tried(problems, lambda: checked_parameters(notebook, chosen, formats))
    values = checked or notebook_parameters(notebook) | chosen
    plan = _checked_choices(problems, kind, values)
    if problems or plan is None:
        raise ProblemError(problems)
    return notebook, values, in_force(plan, values.get("as_of") or None)


def with_plan_defaults(notebook: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, with region and year of a plan that is not the notebook's own where they are not
    given: the plan's region, and its year for such a report (:func:`usual_year`).

    An unknown plan is told elsewhere, with all other faults of the request.
    """
    known = notebook_parameters(notebook)
    name = values.get("plan", known.get("plan"))
    plan = tried([], lambda: load_plan(name)) if "plan" in known else None
    if plan is None:
        return dict(values)
    usual = {"plan": plan.id} | {k: known[k] for k in ("region", "year") if k in known}
    if plan.id != known["plan"]:
        own = {"region": plan.region, "year": usual_year(notebook, plan)}
        usual |= {k: v for k, v in own.items() if k in known}
    return usual | dict(values)


def usual_year(notebook: Path, plan: Plan) -> int:
    """The year that a report of a plan is about when none is given.

    That of the notebook for its own plan. Of another plan the last one for a final report; else
    the notebook's when it is one of the plan's, or the third.
    """
    known = notebook_parameters(notebook)
    year = known.get("year")
    if type(year) is int and plan.id == known.get("plan"):
        return year
    if notebook.stem == "final":
        return plan.target_year
    third = plan.base_year + 3
    if type(year) is not int or notebook.stem == "midterm":
        return third
    return year if plan.base_year < year <= plan.target_year else third


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
        tried(problems, lambda: check_region(words["region"], plan))
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


def together(
    problems: list[Problem], kind: str, options: Mapping[str, Any], texts: Sequence[str]
) -> dict[str, Any]:
    """Options and the parameters of -p, read by the notebook's types, with the plan's defaults;
    texts without ``=`` and parameters given twice are added to the problems."""
    notebook = tried([], lambda: resources.notebook(kind))
    known = tried([], lambda: parameters_of(notebook)) if notebook else None
    tried(problems, lambda: pairs(text for text in texts if "=" not in text))
    own = pairs((text for text in texts if "=" in text), known)
    values = tried(problems, lambda: once(options, own)) or own | dict(options)
    return with_plan_defaults(notebook, values) if notebook and known else values


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


def pairs(texts: Iterable[str], known: Mapping[str, Parameter] | None = None) -> dict[str, Any]:
    """Parameters written ``name=value``, read as the types of the notebook's own; unknown ones and
    what cannot be read so stay texts.

    Raises
    ------
    ProblemError
        For every text without ``=``.

    Examples
    --------
    >>> pairs(["year=2024", "region=440000"], {"year": Parameter(2023, int)})
    {'year': 2024, 'region': '440000'}
    """
    plain = Parameter("", str)
    split = [text.partition("=") for text in texts]
    wrong = [Problem("not_a_pair", "-p", "参数应写作 名=值", expected="-p year=2023", found=name)
             for name, sep, _ in split if not sep]  # fmt: skip
    if wrong:
        raise ProblemError(wrong)
    return {name.strip(): (known or {}).get(name.strip(), plain).read(value)
            for name, _, value in split}  # fmt: skip


def _portable(place: str) -> str:
    """A data path that means the same from any working directory: inside the project relative
    to it, elsewhere absolute."""
    path = Path(place).resolve()
    if not path.exists():
        path = (resources.home() / place).resolve()
    home = resources.home().resolve()
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else str(path)
