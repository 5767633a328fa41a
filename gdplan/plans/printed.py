"""The document of a loaded plan, read once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from gdplan.files.documents import read as documents
from gdplan.files.documents.document import Document, of_text
from gdplan.model import Plan

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
