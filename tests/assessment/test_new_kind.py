"""A kind of indicator is one row in the list and one module: a throw-away kind is read from a plan,
judged, worded in both languages, drawn, put into the annex, projected and asked for in a form."""

from __future__ import annotations

import csv
import io
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import openpyxl
import pytest
from frames import PROVINCE, evaluation, indicator, plan, sentence_of, yearly

import gdplan
from gdplan import model, sections
from gdplan.assessment.kinds import level
from gdplan.assessment.sentence import sentence
from gdplan.assessment.start import starts
from gdplan.forms.write import template
from gdplan.model import Kind
from gdplan.notation import parse_target
from gdplan.page.language import language
from gdplan.plans.table_rows import parse_text
from gdplan.reports.formats.excel import annex
from gdplan.reports.runs.recorded import judgement

PACKAGE = Path(gdplan.__file__).parent
DOUBLED = Kind("doubled", "翻番", "doubled", "翻番指标，填当年数", names="翻番$", year_end=True)
FIGURES = {2021: "70", 2022: "85", 2023: "90"}
TEXT = """
专栏 主要指标

| 序号 | 指标 | 2020年 | 2025年 | 属性 |
|---|---|---|---|---|
| 1 | 产值翻番 | 60 | 100 | 预期性 |
"""


@pytest.fixture
def kind(monkeypatch) -> Kind:
    """A kind that is judged as a level and says so in words of its own."""
    module = ModuleType("gdplan.assessment.kinds.doubled")
    vars(module).update({name: value for name, value in vars(level).items() if name[0] != "_"})
    module.sentence = lambda one, base_year, say: f"{say.words.value_text(one)} * {base_year}"
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(model, "KINDS", (*model.KINDS, DOUBLED))
    return DOUBLED


@pytest.fixture
def here(kind):
    item = indicator(name="产值翻番", base="60", target="100", kind=kind)
    return evaluation(plan(item), yearly(FIGURES, indicator=item.name))


def test_it_is_read(kind):
    [row] = parse_text(TEXT, name="plan.txt").rows
    assert (row.name, row.kind, parse_target(row.target_raw).kind) == ("产值翻番", kind, "level")


def test_it_is_judged_and_worded(here):
    [one] = here.judgements
    assert (one.kind, one.verdict) == ("doubled", "快于预期")
    assert one.progress == pytest.approx(0.75)
    assert sentence_of(one).startswith("产值翻番：90 * 2020，快于预期")
    assert "90 * 2020; ahead" in sentence(one, 2020, language("en"))


def test_it_is_printed_and_drawn(here):
    assert "90 * 2020" in sections.progress(here).text
    assert "产值翻番" in sections.panels(here)._repr_html_()
    assert here.assessment.loc[0, "kind"] == "doubled"


def test_it_is_put_into_the_annex_with_formulas_and_its_numbers(here):
    [one] = here.judgements
    row = next(csv.DictReader(io.StringIO(here.assessment.to_csv(index=False))))
    assert judgement(row).kind == "doubled"
    content = annex([], [row], here.plan, table="midterm", title="", cover=())
    [line] = openpyxl.load_workbook(io.BytesIO(content))["核算"].iter_rows(min_row=2)
    formulas = [str(cell.value) for cell in line]
    assert "翻番" in formulas and any("SUMPRODUCT" in text for text in formulas)
    cached = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["核算"]
    assert one.progress in [cell.value for cell in cached[2]]


def test_it_is_projected_and_asked_for(here):
    [start] = starts(here.plan, here.observations, region=PROVINCE, year=2023)
    assert start.course.chance(start.course.projection())[-1] > 0
    [one] = here.judgements
    assert one.outlook > 90 and 0 < one.reach <= 1
    item = replace(here.plan.indicators[0], department="甲厅")
    made = template(plan(item), here.observations, year=2024, regions={PROVINCE: "广东省"})
    assert len(made) == 1


def test_no_module_outside_the_kinds_asks_for_a_kind_by_its_name():
    names = "|".join(kind.name for kind in model.KINDS)
    asked = re.compile(rf"\bKind\.[A-Z]|Kind\.of\(\"|\.kind (?:==|!=|in) .?\"(?:{names})\"")
    for path in sorted(PACKAGE.rglob("*.py")):
        if "kinds" not in path.parts:
            found = asked.search(path.read_text("utf-8"))
            assert not found, f"{path.relative_to(PACKAGE)}: {found and found.group()}"
