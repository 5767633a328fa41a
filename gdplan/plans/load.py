"""Plan folder -> Plan: the text's table joined with the metadata of plan.yml.

A table prints neither direction nor scale; plan.yml declares both for every indicator, and
every fault of either file is reported at once with its line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from gdplan.files import places, register, strict_yaml
from gdplan.files.strict_yaml import RegionCode, Slug, Strict, YamlDocument
from gdplan.model import (
    FACTS,
    KINDS,
    Attribute,
    Comparator,
    Indicator,
    Kind,
    Mode,
    Plan,
    Scale,
    Verdict,
)
from gdplan.notation import parse_target
from gdplan.plans import agreement, revisions
from gdplan.plans.answers import Answer, Answers, Cell, Role
from gdplan.plans.parsed import ParsedPlan, ParsedRow, open_kinds, renumbered
from gdplan.plans.printed import document_at
from gdplan.plans.table_rows import parse_document
from gdplan.problems import Problem, ProblemError, closest, refuse, wrong_type

DIRECTIONS = {"up": 1, "down": -1, "none": 0}
AS_THEY_STAND = {
    "id", "title", "title_en", "document", "issued", "region", "region_name", "base_year",
    "target_year", "default_department", "terms_en",
}  # fmt: skip
"""What plan.yml says of a plan and the plan takes over as it is."""


def _known_kind(name: str) -> str:
    names = [kind.name for kind in KINDS]
    if name not in names:
        raise ValueError(f"应为 {'、'.join(names)}；实为 {name}")
    return name


class Said(Strict):
    """How a cell is to be read that is printed otherwise (``expect``)."""

    expect: str
    say: str


class IndicatorMeta(Strict):
    """What plan.yml says of one indicator."""

    name: str
    display: str | None = None
    name_en: str = ""
    direction: Literal["up", "down", "none"]
    scale: Literal["linear", "geometric"] = "linear"
    department: str | None = None
    target: str | None = None
    say: dict[Cell, Said] = Field(default_factory=dict)
    kind: Annotated[str, AfterValidator(_known_kind)] | None = None
    unit: str | None = None
    aliases: list[str] = Field(default_factory=list)
    limits: Annotated[list[float | int | None], Field(min_length=2, max_length=2)] | None = None
    part_of: str | None = None
    parameters: dict[str, float | int] = Field(default_factory=dict)
    measure: Literal["flow", "average", "stock"] | None = None
    cuts: Literal["positive", "negative"] | None = None
    within_year: dict[
        Annotated[str, Field(pattern=r"^(?:[1-9]|1[01])$")], Annotated[float, Field(gt=0, lt=1)]
    ] = Field(default_factory=dict)
    revised: list[revisions.RevisedTarget] = Field(default_factory=list)


class Rule(Strict):
    """One row of a verdict table: the verdict when every word holds."""

    verdict: str
    when: list[str]


class PlanFile(Strict):
    """The whole of plan.yml."""

    id: Slug
    title: str
    title_en: str = ""
    document: str
    issued: str
    region: RegionCode
    region_name: str
    text: str
    table: str | list[str]
    columns: dict[str, Literal[Role, "ignore"]] = Field(default_factory=dict)
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


def load_plan(plan: str | Path) -> Plan:
    """Read a plan: its id (``gd-hrss-14``), its folder, or its plan.yml.

    Parameters
    ----------
    plan : str or Path
        Plan id under ``data/raw/plans``, or a folder that holds a plan.yml.

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
    path = plan_file(plan)
    document = strict_yaml.read_yaml(path)
    spec = strict_yaml.validate(PlanFile, document)
    defaults = default_rules()
    text = path.parent / spec.text
    problems = [*_rule_problems(spec, document, defaults)]
    if places.regions().get(spec.region) != spec.region_name:
        problems += register.faults(spec.region, spec.region_name, document.at(("region",)))
    if not text.is_file():
        missing = Problem("missing_text", document.at(("text",)), "规划文本不存在", spec.text,
                          f"{text.name} 不在该处", "把规划全文存为该文件（UTF-8）")  # fmt: skip
        raise ProblemError([*problems, missing])
    answers = _answers(spec)
    parsed = renumbered(parse_document(document_at(text), answers=answers), _tables(spec))
    rows, doubts = _judged_rows(parsed, spec, document)
    refuse([*problems, *parsed.problems_of(_tables(spec)), *doubts, *_stale(answers, document),
            *_table_problems(parsed, rows, spec, document)])  # fmt: skip
    items = tuple(_indicator(row, spec.indicators[row.no], spec) for row in rows)
    return Plan(
        **spec.model_dump(include=AS_THEY_STAND),
        table="、".join(_tables(spec)),
        indicators=items,
        parameters=_floats({**defaults.parameters, **spec.parameters}),
        rules={
            table: tuple((rule.verdict, tuple(rule.when)) for rule in rules)
            for table, rules in (
                ("midterm", spec.midterm or defaults.midterm),
                ("final", spec.final or defaults.final),
            )
        },
        sections=tuple(dict.fromkeys(item.section for item in items)),
        text=f"{text.parent.name}/{text.name}",
        files=(str(path), str(text)),
    )


def _tables(spec: PlanFile) -> list[str]:
    return [spec.table] if isinstance(spec.table, str) else spec.table


def _answers(spec: PlanFile) -> Answers:
    """What plan.yml says of columns and cells, for the reader of the tables."""
    tables = _tables(spec)
    said: dict[tuple[str, str], dict[Cell, Answer]] = {}
    for no, meta in spec.indicators.items():
        answers = {c: Answer(one.expect, one.say) for c, one in meta.say.items() if one.say}
        place, _, printed = no.partition("-")
        own = printed and place.isdigit() and 1 < int(place) <= len(tables)
        meant = [(tables[int(place) - 1], printed)] if own else [(table, no) for table in tables]
        said |= dict.fromkeys(meant, answers) if answers else {}
    return Answers(spec.columns, said)


def _stale(answers: Answers, document: YamlDocument) -> Iterator[Problem]:
    """Answers that expect another cell than the document prints."""
    for _, no, cell, answer in answers.unused():
        yield Problem("answer_unused", document.at(("indicators", no, "say", cell)),
                      f"第{no}项的原文格与 expect 不符，该处答复没有用上", found=answer.expect,
                      fix="核对原文后改写 expect 或删去")  # fmt: skip


def _judged_rows(
    parsed: ParsedPlan, spec: PlanFile, document: YamlDocument
) -> tuple[list[ParsedRow], list[Problem]]:
    """The row of each indicator that is judged, and where a table prints several targets of one
    year and plan.yml names none of them. A row of another target year is a milestone."""
    targets: dict[str, list[ParsedRow]] = {}
    for row in parsed.rows:
        if row.table in _tables(spec) and row.target_year in (spec.target_year, None):
            targets.setdefault(row.no, []).append(row)
    rows, problems = [], []
    for no, printed in targets.items():
        meta = spec.indicators.get(no)
        chosen = [r for r in printed if meta and meta.target == r.target_raw] or printed
        if len(chosen) > 1 or (meta and meta.target and meta.target != chosen[0].target_raw):
            said = "、".join(row.target_raw for row in printed)
            problems.append(Problem(
                "target_open", document.at(("indicators", no, "target")),
                f"第{no}项“{printed[0].name}”在目标年有几个目标值，须写明评估哪一个", said,
                (meta and meta.target) or "",
                f'在该项下写 target: "{printed[0].target_raw}" 等'))  # fmt: skip
        rows.append(chosen[0])
    return rows, problems


def known_plans() -> tuple[str, ...]:
    """Ids of the plans in the data folder, sorted."""
    return places.plan_ids()


def default_rules() -> RulesFile:
    """The parameters and verdict tables of gdplan/plans/rules.yml."""
    return strict_yaml.load(RulesFile, Path(__file__).with_name("rules.yml"))


def plan_file(plan: str | Path) -> Path:
    """The plan.yml of a plan's id, folder or file.

    Raises
    ------
    ProblemError
        For what is none, with the closest known plan.
    """
    if not isinstance(plan, (str, Path)):
        raise ProblemError(wrong_type("plan", plan, "规划编号", "文字，如 gd-hrss-14"))
    for candidate in (Path(plan), Path(plan) / "plan.yml"):
        if candidate.is_file():
            return candidate
    shipped = places.data_folder() / "raw" / "plans" / plan / "plan.yml"
    if shipped.is_file():
        return shipped
    known = known_plans()
    raise ProblemError.of("unknown_plan", str(plan), "没有这个规划",
                          "、".join(known) or "data/raw/plans 下的一个文件夹",
                          fix=closest(str(plan), known) or "运行 gdplan list 查看已有规划"
                          )  # fmt: skip


def _rule_problems(
    spec: PlanFile, document: YamlDocument, defaults: RulesFile
) -> Iterator[Problem]:
    """Parameters, verdicts and conditions that nothing knows, and years the wrong way round."""
    said: dict[tuple[str, ...], Mapping[str, float]] = {("parameters",): spec.parameters}
    said |= {("indicators", no, "parameters"): i.parameters for no, i in spec.indicators.items()}
    for key in ((*where, name) for where, parameters in said.items() for name in parameters):
        if key[-1] not in defaults.parameters:
            yield Problem("unknown_parameter", document.at(key), f"未知的规则参数 {key[-1]}",
                          fix=closest(key[-1], defaults.parameters))  # fmt: skip
    verdicts = sorted(Verdict)
    for table in ("midterm", "final"):
        where = document.at((table,))
        for rule in getattr(spec, table) or ():
            if rule.verdict not in verdicts:
                yield Problem("unknown_verdict", where, f"未知的结论用语 {rule.verdict}",
                              "、".join(verdicts), fix=closest(rule.verdict, verdicts))  # fmt: skip
            for word in rule.when:
                if word.removeprefix("not ") not in FACTS:
                    yield Problem("unknown_fact", where, f"规则中有未知的条件 {word}",
                                  "、".join(FACTS), fix=closest(word, FACTS))  # fmt: skip
    if spec.target_year <= spec.base_year:
        yield Problem("years_reversed", document.at(("target_year",)), "目标年应晚于基期年",
                      f"> {spec.base_year}", str(spec.target_year))  # fmt: skip


def _table_problems(
    parsed: ParsedPlan, rows: list[ParsedRow], spec: PlanFile, document: YamlDocument
) -> Iterator[Problem]:
    """What of the text's table and of the indicators of plan.yml does not go together."""
    if not rows:
        tables = sorted({row.table for row in parsed.rows})
        asked = "、".join(_tables(spec))
        own = [row for row in parsed.rows if row.table in _tables(spec)]
        years = sorted({row.target_year for row in own if row.target_year})
        if years:
            yield Problem("year_differs", document.at(("target_year",)),
                          "目标年与文本的表头不符", "、".join(map(str, years)),
                          str(spec.target_year))  # fmt: skip
            return
        yield Problem("unknown_table", document.at(("table",)), f"文本中没有表 {asked}",
                      "、".join(tables) or "文本中的一张指标表",
                      fix=closest(asked, tables) or "运行 gdplan plan parse 查看读出的表"
                      )  # fmt: skip
        return
    declared = {
        no: agreement.Declared(meta.name, meta.unit or "", meta.part_of or "", tuple(meta.aliases))
        for no, meta in spec.indicators.items()
    }
    for key, problem in agreement.faults(rows, declared, spec.base_year):
        yield replace(problem, where=document.at(key))
    numbers = [row.no for row in rows]
    unsaid = [row for row in rows if row.no not in spec.indicators]
    if unsaid:
        yield Problem("missing_metadata", document.at(("indicators",)),
                      "表中的指标缺少元数据（方向）",
                      found="、".join(f"第{row.no}项“{row.name}”" for row in unsaid),
                      fix="在 indicators 下增加 " + "、".join(f'"{row.no}"' for row in unsaid)
                      )  # fmt: skip
    for row in rows:
        no = row.no
        meta = spec.indicators.get(no)
        if meta is None:
            continue
        if bare := _undirected(row, meta):
            yield Problem("no_direction", document.at(("indicators", no, "direction")),
                          f"第{no}项“{row.name}”的目标 {bare} 没有写明方向，不能定为 none",
                          "up（越大越好）或 down（越小越好）")  # fmt: skip
        elif not meta.kind and (kinds := open_kinds(row)):
            said = "；".join(f"{kind}（{what}）" for kind, what in kinds.items())
            yield Problem("kind_open", document.at(("indicators", no)),
                          f"第{no}项“{row.name}”的目标 {row.target_raw}（基期"
                          f" {row.base_raw or '—'}）有几种读法", said,
                          fix="在该项下写明 kind: 其中之一")  # fmt: skip
        elif odd := _contradiction(row, meta):
            yield Problem(
                "contradiction",
                document.at(("indicators", no)),
                f"第{no}项“{row.name}”的目标 {row.target_raw} 与 plan.yml 不符",
                odd,
            )
        elif meta.name != row.name:
            yield Problem("name_differs", document.at(("indicators", no, "name")),
                          f"第{no}项名称与规划文本（{row.place}）不一致", row.name, meta.name
                          )  # fmt: skip
        else:
            where = [document.at(("indicators", no, "revised", str(n)))
                     for n in range(len(meta.revised))]  # fmt: skip
            yield from revisions.faults(
                meta.revised, where, printed=row.target_raw, unit=meta.unit or row.unit,
                issued=spec.issued, directed=meta.direction != "none",
            )  # fmt: skip
    doubtful = {doubt.row.no for doubt in parsed.doubts}
    gone = [no for no in spec.indicators if no not in numbers and no not in doubtful]
    if gone:
        yield Problem("no_such_row", document.at(("indicators", gone[0])),
                      f"规划文本的{'、'.join(_tables(spec))}没有 indicators 中的这些项",
                      "、".join(numbers),
                      "、".join(f"第{no}项“{spec.indicators[no].name}”" for no in gone),
                      "核对 table 是否写对")  # fmt: skip
    for no, meta in spec.indicators.items():
        if meta.part_of and meta.part_of not in spec.indicators:
            yield Problem("no_such_parent", document.at(("indicators", no, "part_of")),
                          f"第{no}项所属的第{meta.part_of}项不存在", "、".join(spec.indicators)
                          )  # fmt: skip


def _contradiction(row: ParsedRow, meta: IndicatorMeta) -> str:
    """What plan.yml says of a row that its target does not allow, or leaves open."""
    kind = Kind.of(meta.kind or row.kind)
    target = parse_target(row.target_raw, unit="%" if kind.mode is Mode.CHAIN else row.unit or None)
    side = {Comparator.AT_LEAST: "up", Comparator.ABOVE: "up", Comparator.AT_MOST: "down",
            Comparator.BELOW: "down"}.get(target.comparator, "")  # fmt: skip
    if target.total and kind.mode is Mode.VALUE and not kind.gain:
        return f"方括号表示五年累计，kind 不能是 {kind}"
    if side and meta.direction not in (side, "none") and not (kind.gain or kind.cuts):
        return f"该目标的方向应为 {side}"
    if meta.cuts and not (kind.cuts or kind.gain):
        return f"cuts 只用于降幅和增量，kind 是 {kind}"
    down = kind.gain and meta.direction == "down" and (target.value or 0) > 0
    if down and not meta.cuts:
        return "cuts: positive（括号内为降低的数）或 negative（括号内为允许上升的数）"
    return ""


def _attribute(cell: str) -> Attribute:
    """约束性, 预期性 or 指导性 as printed; a table without the column counts as 预期性, a dash is
    told as 未注明."""
    if not cell:
        return Attribute.EXPECTED
    return Attribute(cell) if re.search(r"\w", cell) else Attribute.UNNAMED


def _undirected(row: ParsedRow, meta: IndicatorMeta) -> str:
    """The target of a row that prints a bare number, where nothing says which side is better."""
    bare = row.comparator == Comparator.BARE and row.target_value is not None
    return row.target_raw if bare and meta.direction == "none" else ""


def _floats(values: Mapping[str, float | int]) -> dict[str, float]:
    return {key: float(value) for key, value in values.items()}


def _indicator(row: ParsedRow, meta: IndicatorMeta, spec: PlanFile) -> Indicator:
    unit = meta.unit or row.unit
    # Growth is printed in percent whatever the unit of the level beside it.
    kind = Kind.of(meta.kind or row.kind)
    rate = kind.mode is Mode.CHAIN
    measure = "%" if rate else unit or None
    ends = meta.limits or ([0.0, 100.0] if unit == "%" else [0.0, None])
    low, high = (float(sign * math.inf if end is None else end)
                 for sign, end in zip((-1, 1), ends, strict=True))  # fmt: skip
    item = Indicator(
        no=row.no,
        name=meta.display or row.name,
        unit="%" if rate else unit,
        kind=kind,
        base=parse_target(row.base_raw, unit=unit or None),
        target=parse_target(row.target_raw, unit=measure),
        attribute=_attribute(row.attribute),
        section=row.section,
        # Of a cut more is better, whatever falls.
        direction=1 if kind.cuts else DIRECTIONS[meta.direction],
        scale=Scale(meta.scale),
        base_year=spec.base_year,
        target_year=spec.target_year,
        parent=row.parent_no or None,
        department=meta.department or row.department or spec.default_department,
        name_en=meta.name_en or meta.display or row.name,
        aliases=tuple(meta.aliases) if not meta.display else (row.name, *meta.aliases),
        limits=(low, high),
        whole=meta.part_of,
        result=parse_target(row.result_raw, unit=measure) if row.result_raw else None,
        line=row.line,
        place=row.place,
        parameters=_floats(meta.parameters),
        measure=meta.measure or "",
        cuts=meta.cuts or "",
        within_year=tuple(sorted((int(m), share) for m, share in meta.within_year.items())),
    )
    known = revisions.history(item, meta.revised, issued=spec.issued, document=spec.document)
    return revisions.with_targets(item, known)
