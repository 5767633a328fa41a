"""The sheet of the ledger in the annex: its formulas give what the report says."""

from __future__ import annotations

import csv
import io
import re
import warnings
from pathlib import Path

import openpyxl
import pytest

from gdplan import assess, assess_commitments, load_plan, read_observations
from gdplan.ledger import workbook as book
from gdplan.ledger.judged import Judged
from gdplan.ledger.statuses import read_statuses
from gdplan.page.language import language
from gdplan.plans.commitments import unmerged
from gdplan.reports.formats import excel

ROOT = Path(__file__).resolve().parents[2]
PLAN = load_plan("gd-hrss-14")


@pytest.fixture(scope="module")
def ledger() -> list[dict[str, str]]:
    statuses = read_statuses(ROOT / "examples" / "ledger", PLAN)
    frame = assess_commitments(unmerged(PLAN), statuses, plan=PLAN, year=2023)
    return list(csv.DictReader(io.StringIO(frame.to_csv(index=False))))


def workbook(ledger: list[dict[str, str]], lang: str = "zh") -> bytes:
    frame = assess(PLAN, read_observations(None, PLAN), region="440000", year=2023)
    rows = list(csv.DictReader(io.StringIO(frame.to_csv(index=False))))
    return excel.annex((), rows, PLAN, table="midterm", title="题", cover=("行",), lang=lang,
                           ledger=ledger)  # fmt: skip


def test_every_commitment_stands_in_its_sheet_and_the_sheet_on_the_cover(ledger):
    opened = openpyxl.load_workbook(io.BytesIO(workbook(ledger)))
    sheet = opened["工作台账"]
    assert [c.value for c in sheet[1]] == book.header(language("zh"))
    assert [sheet.cell(n, 1).value for n in range(2, len(ledger) + 2)] == [r["id"] for r in ledger]
    assert "工作台账" in [c.value for c in opened["封面"]["A"]]
    assert "工作台账" not in openpyxl.load_workbook(io.BytesIO(workbook([]))).sheetnames


def test_the_formulas_computed_by_another_program_give_what_is_reported(ledger, tmp_path):
    path = tmp_path / "annex.xlsx"
    path.write_bytes(workbook(ledger))
    kept = openpyxl.load_workbook(path, data_only=True)["工作台账"]
    live = openpyxl.load_workbook(path)["工作台账"]
    at = {name: i for i, name in enumerate(book.COLUMNS, 1)}
    seen = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import formulas

        for line, row in enumerate(ledger, 2):
            for name in ("share", "pace", "met"):
                formula = live.cell(line, at[name]).value
                if not isinstance(formula, str) or not formula.startswith("="):
                    assert not row["figure"] or (name != "met" and not row[name])
                    continue
                tolerance = formula.replace("p_about_tolerance", "0.05")
                solve = formulas.Parser().ast(tolerance)[1].compile()
                cells = [kept[str(key).replace("$", "")].value for key in solve.inputs]
                assert solve(*cells) == pytest.approx(kept.cell(line, at[name]).value)
                if name != "met":
                    assert kept.cell(line, at[name]).value == pytest.approx(float(row[name]))
                seen += 1
    assert seen > 100


def test_met_agrees_with_done_where_the_figure_decides(ledger):
    lines = book.rows(ledger, PLAN, language("zh"))
    at = book.COLUMNS.index("met")
    for row, cells in zip(ledger, lines, strict=True):
        if cells[at].formula and row["per_year"] == "False" and row["unit"] != "%":
            assert cells[at].value is (row["judged"] == Judged.DONE)


def test_a_tolerance_moves_what_about_means(ledger):
    row = ledger[0] | {"comparator": "about", "value": "100", "figure": "95"}
    [cells] = book.rows([row], PLAN, language("zh"))
    made = cells[book.COLUMNS.index("met")]
    assert made.value is True and "p_about_tolerance" in made.formula
    [cells] = book.rows([row | {"figure": "94"}], PLAN, language("zh"))
    assert cells[book.COLUMNS.index("met")].value is False


def test_the_english_sheet_has_english_words(ledger):
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(ledger, "en")))["Ledger"]
    at = {name: i for i, name in enumerate(book.COLUMNS, 1)}
    for name in ("target", "status", "judged", "why"):
        text = " ".join(str(sheet.cell(n, at[name]).value) for n in range(1, len(ledger) + 2))
        assert not re.findall(r"[一-鿿]", text), name
