"""Published files as grids of printed text: .xlsx, .xls, .ods, .csv and the tables of a .docx."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gdplan.files import grid_formats, safe_workbook
from gdplan.files.csv_table import decoded
from gdplan.files.documents import word
from gdplan.files.documents.document import DocumentTable
from gdplan.files.grid import Grid, Printed
from gdplan.problems import ProblemError


def grids(path: Path) -> tuple[dict[str, Grid], str]:
    """Every sheet or table of a file by its name, and how a text file was encoded.

    The tables of a Word file are called 表1, 表2, in their order; a CSV file is one table
    without a name.

    Raises
    ------
    ProblemError
        When the file is missing, damaged, locked, of another kind than its name says, or would
        unpack to too much.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        text, encoding = decoded(path)
        return {"": _csv_grid(text)}, encoding
    reader = READERS.get(suffix)
    if reader is None:
        raise ProblemError.of("unknown_file_kind", path.name, "不能读取这种文件",
                              expected=".csv、.xlsx、.xls、.ods、.docx",
                              found=suffix or "没有扩展名")  # fmt: skip
    if suffix == ".xls":
        safe_workbook.look(path, legacy=True)
    areas = {} if suffix == ".xls" else safe_workbook.merged_areas(path)
    if suffix == ".xlsx":
        grid_formats.refuse_vast(path, areas.values())
    try:
        with warnings.catch_warnings(action="ignore"):
            return {grid.name: grid for grid in reader(path)}, ""
    except ProblemError:
        raise
    except Exception as error:
        raise ProblemError.of("broken_file", path.name, "文件无法读取", found=type(error).__name__,
                              fix="重新取得文件，或在原程序中打开后另存") from error  # fmt: skip


def _csv_grid(text: str) -> Grid:
    cells = {
        (r, c): Printed(value.strip())
        for r, row in enumerate(csv.reader(io.StringIO(text, newline=None)), 1)
        for c, value in enumerate(row, 1)
        if value.strip()
    }
    return Grid("", cells)


def _docx(path: Path) -> Iterator[Grid]:
    """The tables of a Word file as they read, revisions accepted, controls opened."""
    for block in word.read(path).blocks:
        if isinstance(block, DocumentTable):
            cells = {place: replace(cell, text=" ".join(cell.text.split()))
                     for place, cell in block.grid.cells.items()}  # fmt: skip
            yield replace(block.grid, cells=cells)


READERS = {".xlsx": grid_formats.xlsx, ".xls": grid_formats.xls, ".ods": grid_formats.ods,
           ".docx": _docx}  # fmt: skip
