"""Real tables of other plans, as an office, a browser and a copy from a page bring them."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from compared_tables import compared
from plan_tables import PlanTable, tables

from gdplan.files.documents import read as documents
from gdplan.plans.table_rows import parse_document, parse_text

DATA = Path(__file__).parents[1] / "data"
TABLES = tables()
FILES = sorted((DATA / "plan_tables" / "files").iterdir())
OUTLINES = [t for t in TABLES if "outline" in t.id]


def counted(table: PlanTable) -> list[tuple[str, Counter[str], list[str]]]:
    """Every form of a table with what was made of it."""
    made = [("tab", parse_text(table.tabbed())), ("lines", parse_text(table.one_a_line()))]
    made += [(path.name, parse_document(documents.read(path)))
             for path in FILES if path.name.startswith(f"{table.id}.")]  # fmt: skip
    return [(form, *compared(table.facts(), parsed)) for form, parsed in made]


def test_there_are_twenty_tables_in_all_formats():
    assert len(TABLES) >= 20
    forms = {".".join(path.name.split(".")[1:]) for path in FILES}
    assert forms == {"office.docx", "office.pdf", "browser.pdf", "pandoc.docx", "page.html"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.id)
def test_no_cell_of_a_real_table_is_wrong_without_a_word(table):
    for form, counts, wrong in counted(table):
        assert not wrong, f"{form}: {wrong}"
        assert counts["right"] >= 0.95 * (counts["right"] + counts["told"]), form


def test_97_percent_of_all_cells_are_read():
    total: Counter[str] = Counter()
    for table in TABLES:
        for _, counts, _ in counted(table):
            total += counts
    assert sum(total.values()) > 8000
    assert total["right"] / sum(total.values()) >= 0.97


@pytest.mark.parametrize("table", OUTLINES, ids=lambda table: table.id)
def test_the_national_outlines_are_read_completely(table):
    for form, counts, _ in counted(table):
        assert set(counts) == {"right"}, (form, counts)


def test_a_table_without_lines_in_a_pdf_is_told_and_never_read_as_prose():
    parsed = parse_document(documents.read(DATA / "documents" / "borderless.pdf"))
    assert not parsed.rows
    assert [p.key for p in parsed.problems] == ["unreadable_table"]


def _mutants() -> int:
    return int(os.environ.get("GDPLAN_MUTANTS", "250"))


def test_other_headers_and_layouts_leave_no_wrong_cell_without_a_word(tmp_path):
    from mutated_tables import mutate

    pool = [(table, table.facts()) for table in TABLES if "later" not in table.columns]
    pool = [(t, facts) for t, facts in pool if "base" in t.columns]
    total: Counter[str] = Counter()
    for seed in range(_mutants()):
        made = mutate(seed, pool)
        if made.page:
            page = tmp_path / "plan.html"
            page.write_text(made.text, "utf-8")
            parsed = parse_document(documents.read(page))
        else:
            parsed = parse_text(made.text)
        counts, wrong = compared(made.facts, parsed)
        assert not wrong, f"{made.how}: {wrong}\n{made.text if not made.page else ''}"
        total += counts
    assert total["right"] / sum(total.values()) >= 0.97, total
