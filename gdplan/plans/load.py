"""Plan folder -> Plan: the text's table joined with the metadata of plan.yml.

A table prints neither direction nor scale; plan.yml declares both for every indicator, and
every fault of either file is reported at once with its line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from gdplan.files import places, strict_yaml
from gdplan.files.strict_yaml import RegionCode, Slug, Strict, YamlDocument
from gdplan.model import (
    FACTS,
    KINDS,
    Attribute,
    Indicator,
    Kind,
    Mode,
    Plan,
    Scale,
    Verdict,
)
from gdplan.notation import parse_target
from gdplan.plans.table_rows import ParsedPlan, ParsedRow, parse_text
from gdplan.problems import Problem, ProblemError, closest

DIRECTIONS = {"up": 1, "down": -1, "none": 0}
RuleTable = tuple[tuple[str, tuple[str, ...]], ...]


def _known_kind(name: str) -> str:
    names = [kind.name for kind in KINDS]
    if name not in names:
        raise ValueError(f"应为 {'、'.join(names)}；实为 {name}")
    return name


class IndicatorMeta(Strict):
    """What plan.yml says of one indicator."""

    name: str
    name_en: str
    direction: Literal["up", "down", "none"]
    scale: Literal["linear", "geometric"]
    department: str | None = None
    kind: Annotated[str, AfterValidator(_known_kind)] | None = None
    unit: str | None = None
    aliases: list[str] = Field(default_factory=list)
    limits: Annotated[list[float | int | None], Field(min_length=2, max_length=2)] | None = None
    part_of: str | None = None
    parameters: dict[str, float | int] = Field(default_factory=dict)


class Rule(Strict):
    """One row of a verdict table: the verdict when every word holds."""

    verdict: str
    when: list[str]


class PlanFile(Strict):
    """The whole of plan.yml."""

    id: Slug
    title: str
    title_en: str
    document: str
    issued: str
    region: RegionCode
    region_name: str
    text: str
    table: str
    base_year: Annotated[int, Field(ge=1949, le=2200)]
    target_year: Annotated[int, Field(ge=1949, le=2200)]
    default_department: str
    terms_en: dict[str, str] = Field(default_factory=dict)
    parameters: dict[str, float | int] = Field(default_factory=dict)
    midterm: list[Rule] | None = None
    final: list[Rule] | None = None
    indicators: dict[str, IndicatorMeta]


class RulesFile(Strict):
    """The defaults in gdplan/plans/rules.yml."""

    parameters: dict[str, float | int]
    midterm: list[Rule]
    final: list[Rule]


def load_plan(plan: str | Path, *, home: Path | None = None) -> Plan:
    """Read a plan: its id (``gd-hrss-14``), its folder, or its plan.yml.

    Parameters
    ----------
    plan : str or Path
        Plan id under ``data/raw/plans``, or a folder that holds a plan.yml.
    home : Path, optional
        Data folder to look in instead of the project's own.

    Returns
    -------
    Plan
        Indicators in the order of the table, with parsed base and target cells.

    Raises
    ------
    ProblemError
        With every fault of plan.yml and of the text at once: unknown plan, unknown or
        duplicate keys, an indicator without metadata, a name that differs from the text.

    Examples
    --------
    >>> load_plan("gd-hrss-14").indicator("1").target.raw
    '[550]'
    """
    path = _plan_file(plan, home)
    document = strict_yaml.read_yaml(path)
    spec = strict_yaml.validate(PlanFile, document)
    defaults = default_rules()
    text_path = path.parent / spec.text
    problems = _rule_problems(spec, document, defaults)
    if not text_path.is_file():
        raise ProblemError([*problems, _missing_text(document, spec, text_path)])
    parsed = parse_text(text_path.read_text("utf-8-sig"), name=text_path.name)
    rows = _plan_rows(parsed, spec)
    problems += _table_problems(parsed, rows, spec, document)
    if problems:
        raise ProblemError(problems)
    return _build(spec, rows, defaults, path, text_path)


def known_plans(home: Path | None = None) -> tuple[str, ...]:
    """Ids of the plans in the data folder, sorted."""
    folder = (home or places.data_folder()) / "raw" / "plans"
    return tuple(sorted(p.parent.name for p in folder.glob("*/plan.yml")))


def default_rules() -> RulesFile:
    """The parameters and verdict tables of gdplan/plans/rules.yml."""
    return strict_yaml.load(RulesFile, Path(__file__).with_name("rules.yml"))


def _plan_file(plan: str | Path, home: Path | None) -> Path:
    if not isinstance(plan, (str, Path)):
        raise ProblemError(
            Problem("wrong_type", "plan", "规划编号的类型不对", "文字，如 gd-hrss-14",
                    f"{plan!r}（{type(plan).__name__}）")
        )  # fmt: skip
    path = Path(plan)
    for candidate in (path, path / "plan.yml"):
        if candidate.is_file():
            return candidate
    shipped = (home or places.data_folder()) / "raw" / "plans" / str(plan) / "plan.yml"
    if shipped.is_file():
        return shipped
    known = known_plans(home)
    raise ProblemError(
        Problem(
            "unknown_plan",
            str(plan),
            "没有这个规划",
            expected="、".join(known) or "data/raw/plans 下的一个文件夹",
            fix=closest(str(plan), known) or "运行 gdplan list 查看已有规划",
        )
    )


def _missing_text(document: YamlDocument, spec: PlanFile, path: Path) -> Problem:
    return Problem(
        "missing_text",
        _at(document, "text"),
        "规划文本不存在",
        expected=spec.text,
        found=f"{path.name} 不在该处",
        fix="把规划全文存为该文件（UTF-8）",
    )


def _at(document: YamlDocument, *key: str) -> str:
    line = document.lines.get(key, 1)
    return f"{document.path.parent.name}/{document.path.name}:{line}"


def _rule_problems(spec: PlanFile, document: YamlDocument, defaults: RulesFile) -> list[Problem]:
    named: list[tuple[tuple[str, ...], str]] = [
        (("parameters", key), key) for key in spec.parameters
    ]
    for no, meta in spec.indicators.items():
        named += [(("indicators", no, "parameters", key), key) for key in meta.parameters]
    problems = [
        Problem(
            "unknown_parameter",
            _at(document, *where),
            f"未知的规则参数 {key}",
            fix=closest(key, defaults.parameters),
        )
        for where, key in named
        if key not in defaults.parameters
    ]
    words = {v.value for v in Verdict}
    for table in ("midterm", "final"):
        for rule in getattr(spec, table) or ():
            if rule.verdict not in words:
                problems.append(
                    Problem(
                        "unknown_verdict",
                        _at(document, table),
                        f"未知的结论用语 {rule.verdict}",
                        expected="、".join(sorted(words)),
                        fix=closest(rule.verdict, words),
                    )
                )
            for word in rule.when:
                if word.removeprefix("not ") not in FACTS:
                    problems.append(
                        Problem(
                            "unknown_fact",
                            _at(document, table),
                            f"规则中有未知的条件 {word}",
                            expected="、".join(FACTS),
                            fix=closest(word, FACTS),
                        )
                    )
    if spec.target_year <= spec.base_year:
        problems.append(
            Problem(
                "years_reversed",
                _at(document, "target_year"),
                "目标年应晚于基期年",
                expected=f"> {spec.base_year}",
                found=str(spec.target_year),
            )
        )
    return problems


def _plan_rows(parsed: ParsedPlan, spec: PlanFile) -> list[ParsedRow]:
    # A row of another target year is a milestone; the plan's own year is judged.
    return [
        row
        for row in parsed.rows
        if row.table == spec.table and row.target_year in (spec.target_year, None)
    ]


def _table_problems(
    parsed: ParsedPlan, rows: list[ParsedRow], spec: PlanFile, document: YamlDocument
) -> list[Problem]:
    tables = sorted({row.table for row in parsed.rows})
    if not rows:
        return [
            *parsed.problems,
            Problem(
                "unknown_table",
                _at(document, "table"),
                f"文本中没有表 {spec.table}",
                expected="、".join(tables) or "文本中的一张指标表",
                fix=closest(spec.table, tables) or "运行 gdplan plan parse 查看读出的表",
            ),
        ]
    found = {row.no: row for row in rows}
    problems = list(parsed.problems)
    for no, row in found.items():
        meta = spec.indicators.get(no)
        if meta is None:
            problems.append(
                Problem(
                    "missing_metadata",
                    _at(document, "indicators"),
                    f"表中第{no}项“{row.name}”缺少元数据（方向、尺度）",
                    fix=f'在 indicators 下增加 "{no}"',
                )
            )
        elif meta.name != row.name:
            problems.append(
                Problem(
                    "name_differs",
                    _at(document, "indicators", no, "name"),
                    f"第{no}项名称与规划文本（第{row.line}行）不一致",
                    expected=row.name,
                    found=meta.name,
                )
            )
    for no, meta in spec.indicators.items():
        if no not in found:
            problems.append(
                Problem(
                    "no_such_row",
                    _at(document, "indicators", no),
                    f"规划文本的{spec.table}没有第{no}项“{meta.name}”",
                    expected="、".join(found),
                )
            )
        for other in filter(None, [meta.part_of]):
            if other not in spec.indicators:
                problems.append(
                    Problem(
                        "no_such_parent",
                        _at(document, "indicators", no, "part_of"),
                        f"第{no}项所属的第{other}项不存在",
                        expected="、".join(spec.indicators),
                    )
                )
    return problems


def _build(
    spec: PlanFile, rows: list[ParsedRow], defaults: RulesFile, path: Path, text: Path
) -> Plan:
    tables = {
        "midterm": _rules(spec.midterm or defaults.midterm),
        "final": _rules(spec.final or defaults.final),
    }
    items = tuple(_indicator(row, spec.indicators[row.no], spec) for row in rows)
    return Plan(
        id=spec.id,
        title=spec.title,
        title_en=spec.title_en,
        document=spec.document,
        issued=spec.issued,
        region=spec.region,
        region_name=spec.region_name,
        base_year=spec.base_year,
        target_year=spec.target_year,
        indicators=items,
        parameters=_floats({**defaults.parameters, **spec.parameters}),
        rules=tables,
        sections=tuple(dict.fromkeys(item.section for item in items)),
        text=f"{text.parent.name}/{text.name}",
        table=spec.table,
        files=(str(path), str(text)),
        default_department=spec.default_department,
        terms_en=spec.terms_en,
    )


def _rules(rules: list[Rule]) -> RuleTable:
    return tuple((rule.verdict, tuple(rule.when)) for rule in rules)


def _floats(values: Mapping[str, float | int]) -> dict[str, float]:
    return {key: float(value) for key, value in values.items()}


def _indicator(row: ParsedRow, meta: IndicatorMeta, spec: PlanFile) -> Indicator:
    unit = meta.unit or row.unit
    # Growth is printed in percent whatever the unit of the level beside it.
    kind = Kind.of(meta.kind or row.kind)
    rate = kind.mode is Mode.CHAIN
    measure = "%" if rate else unit or None
    return Indicator(
        no=row.no,
        name=row.name,
        unit="%" if rate else unit,
        kind=kind,
        base=parse_target(row.base_raw, unit=unit or None),
        target=parse_target(row.target_raw, unit=measure),
        attribute=Attribute(row.attribute) if row.attribute else Attribute.EXPECTED,
        section=row.section,
        direction=DIRECTIONS[meta.direction],
        scale=Scale(meta.scale),
        base_year=spec.base_year,
        target_year=spec.target_year,
        parent=row.parent_no or None,
        department=meta.department or spec.default_department,
        name_en=meta.name_en,
        aliases=tuple(meta.aliases),
        limits=_limits(meta, unit),
        whole=meta.part_of,
        result=parse_target(row.result_raw, unit=measure) if row.result_raw else None,
        line=row.line,
        parameters=_floats(meta.parameters),
    )


def _limits(meta: IndicatorMeta, unit: str) -> tuple[float, float]:
    low, high = meta.limits or ([0.0, 100.0] if unit == "%" else [0.0, None])
    return (-math.inf if low is None else float(low), math.inf if high is None else float(high))
