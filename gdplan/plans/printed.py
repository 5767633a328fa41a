"""What a loaded plan's own document prints: its lines and every row of its tables, read once."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path

from gdplan.files.documents import read as documents
from gdplan.files.documents.document import Document, of_text
from gdplan.model import Plan
from gdplan.plans.table_layout import period_years
from gdplan.plans.table_rows import ParsedPlan, ParsedRow, parse_document

Stamp = tuple[int, int]


def document_at(path: Path) -> Document:
    """A document, read anew only when its file has changed."""
    state = path.stat()
    return _document(path, (state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=16)
def _document(path: Path, _: Stamp) -> Document:
    return documents.read(path)


def document_of(plan: Plan) -> Document:
    """The plan's document; an empty one for a plan made in code."""
    return document_at(Path(plan.files[1])) if len(plan.files) > 1 else of_text("", plan.id)


@lru_cache(maxsize=16)
def rows_in(document: Document) -> tuple[ParsedRow, ...]:
    """Every row of every table of a document, as printed."""
    return parse_document(document).rows


def years_of(document: Document, parsed: ParsedPlan) -> tuple[int | None, int]:
    """The year before what a document plans, None for five years earlier, and its last year, 0 when
    nothing says it: by its tables, else by its beginning."""
    bases = Counter(row.base_year for row in parsed.rows if row.base_year)
    lasts = [row.target_year for row in parsed.rows if row.target_year]
    if lasts:
        return (bases.most_common(1)[0][0] if bases else None), max(lasts)
    return period_years(document.text) or (None, 0)
