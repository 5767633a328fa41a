"""A document by its file, whatever program wrote it."""

from __future__ import annotations

from pathlib import Path

from gdplan.files.csv_table import decoded
from gdplan.files.documents.document import Document, of_text
from gdplan.problems import ProblemError


def read(path: Path) -> Document:
    """Read a plan's document."""
    if not path.is_file():
        raise ProblemError.of("missing_file", str(path), "文件不存在", fix="核对路径")
    return of_text(decoded(path)[0], path.name)
