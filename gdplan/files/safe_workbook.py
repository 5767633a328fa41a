"""A workbook from outside as plain cells, after a look at what opening it would cost.

Nothing is unpacked before its declared size is known, and nothing is parsed before what was
unpacked agrees with what was declared.
"""

from __future__ import annotations

import contextlib
import json
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from gdplan.files.workbook import KEYS
from gdplan.problems import Problem, ProblemError

FILE, UNPACKED, XML, PARTS, SQUEEZE = 20_000_000, 30_000_000, 8_000_000, 400, 120
CELLS, LINES, COLUMNS = 100_000, 10_000, 64
CHUNK = 1 << 16
COMPOUND = b"\xd0\xcf\x11\xe0"
LOCKED = "EncryptedPackage".encode("utf-16-le")
ROW = re.compile(rb"<(?:\w+:)?row\s(?:[^>]*?\s)?r=[\"'](\d+)[\"']")
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]+\d+(?::[A-Z]+\d+)?)[\"']")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, how it is shown, whether it is an error, and whether a formula stands behind it."""

    value: Any
    form: str
    error: bool
    formula: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a sheet that are not empty, by line and column from 1, and its merged areas."""

    name: str
    cells: Mapping[tuple[int, int], Cell]
    merged: tuple[str, ...]


def sheets(path: Path) -> dict[str, Sheet]:
    """Every sheet of a workbook by its name, hidden ones too.

    Raises
    ------
    ProblemError
        When it is no .xlsx workbook, is damaged, locked, or would unpack to more than a form
        can hold.
    """
    import openpyxl

    parts = merged_areas(path)
    try:
        # What openpyxl warns of (styles, odd dates) is either told as a problem or no matter.
        with warnings.catch_warnings(action="ignore"):
            values = openpyxl.load_workbook(path, read_only=True, data_only=True)
            formulas = openpyxl.load_workbook(path, read_only=True)
            with contextlib.closing(values), contextlib.closing(formulas):
                return {
                    sheet.title: _sheet(sheet, formulas[sheet.title], parts)
                    for sheet in values.worksheets
                }
    except Exception as error:
        raise ProblemError.of("broken_workbook", path.name, "工作簿无法读取",
                              found=type(error).__name__,
                              fix="在 Excel 中打开，另存为 .xlsx") from error  # fmt: skip


def keys_of(book: Mapping[str, Sheet]) -> dict[str, Any]:
    """What the hidden sheet of a form says; nothing when there is none or it is damaged."""
    cells = book[KEYS].cells if KEYS in book else {}
    try:
        keys = json.loads("".join(str(cells[place].value) for place in sorted(cells)))
    except (ValueError, RecursionError):
        return {}
    return keys if isinstance(keys, dict) else {}


def _sheet(values: Any, formulas: Any, parts: Mapping[str, tuple[str, ...]]) -> Sheet:
    behind = {place for place, cell in _filled(formulas) if cell.data_type == "f"}
    shown = dict(_filled(values))
    cells = {
        place: Cell(
            shown[place].value if place in shown else None,
            str(shown[place].number_format) if place in shown else "General",
            place in shown and shown[place].data_type == "e",
            place in behind,
        )
        for place in shown.keys() | behind
    }
    # openpyxl tells the part of a sheet in this attribute only; its reader of merged areas
    # makes a cell of every cell of an area, a million for a merged column.
    part = str(values._worksheet_path).lstrip("/")
    return Sheet(values.title, cells, parts.get(part, ()))


def _filled(sheet: Any) -> Iterator[tuple[tuple[int, int], Any]]:
    for line, row in enumerate(sheet.iter_rows(max_row=LINES, max_col=COLUMNS), 1):
        for column, cell in enumerate(row, 1):
            if cell.value is not None:
                yield (line, column), cell


def look(path: Path, *, legacy: bool = False) -> None:
    """Refuse what is missing, too large or locked, by its first bytes alone.

    ``legacy`` lets the compound files of old .xls workbooks pass.

    Raises
    ------
    ProblemError
    """
    if not path.is_file():
        raise ProblemError.of("missing_file", str(path), "文件不存在", fix="核对路径")
    if path.stat().st_size > FILE:
        raise ProblemError(_too_large(path, FILE, path.stat().st_size))
    if _start(path) != COMPOUND:
        return
    if LOCKED in path.read_bytes():
        raise ProblemError(_locked(path))
    if not legacy:
        raise ProblemError.of("old_workbook", path.name, "是旧格式 .xls，或改名的其他文件",
                              fix="另存为 .xlsx")  # fmt: skip


def merged_areas(path: Path) -> dict[str, tuple[str, ...]]:
    """Merged areas by part of a zipped document.

    Raises
    ------
    ProblemError
        For all that must not be opened: what is locked, damaged, no archive, or would unpack to
        too much.
    """
    look(path)
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if any(info.flag_bits & 1 for info in infos):
                raise ProblemError(_locked(path))
            _weigh(path, infos)
            return {info.filename: _merged(path, archive, info) for info in infos}
    except ProblemError:
        raise
    except Exception as error:
        raise ProblemError.of("not_a_workbook", path.name, "不是 .xlsx 工作簿，或文件不完整",
                              found=_start(path).decode("latin-1"),
                              fix="重新取得文件，或另存为 .xlsx") from error  # fmt: skip


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _weigh(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    """Refuse by the directory alone: sizes, ratio, number of parts."""
    size = sum(info.file_size for info in infos)
    xml = sum(info.file_size for info in infos if _is_xml(info.filename))
    packed = max(1, sum(info.compress_size for info in infos))
    for found, most in ((size, UNPACKED), (xml, XML)):
        if found > most:
            raise ProblemError(_too_large(path, most, found))
    if len(infos) > PARTS or (size > 1_000_000 and size / packed > SQUEEZE):
        raise ProblemError(_too_large(path, UNPACKED, size))


def _merged(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> tuple[str, ...]:
    """Unpack a part, never beyond what was declared; its merged areas."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile("compression")
    kept = bytearray()
    with archive.open(info) as file:
        while chunk := file.read(CHUNK):
            kept += chunk
    if not _is_xml(info.filename):
        return ()
    lines = [int(m[1]) for m in ROW.finditer(kept)]
    # A declaration can be hidden behind another encoding; and the reader of openpyxl leaves out
    # in silence what stands on a line above the one before.
    if b"<!DOCTYPE" in kept or b"\0" in kept or any(b <= a for a, b in pairwise(lines)):
        raise ProblemError.of("broken_workbook", path.name, "工作簿的结构不正常",
                              found=info.filename, fix="在 Excel 中打开，另存为 .xlsx")  # fmt: skip
    cells = kept.count(b"<c ") + kept.count(b":c ")
    if cells > CELLS:
        raise ProblemError.of("too_large", path.name, "单元格过多", expected=f"不超过{CELLS}个",
                              found=f"{cells}个")  # fmt: skip
    return tuple(dict.fromkeys(m[1].decode() for m in MERGED.finditer(kept)))


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels", ".vml"))


def _locked(path: Path) -> Problem:
    return Problem("locked_workbook", path.name, "工作簿有打开密码", fix="去掉密码后另存为 .xlsx")


def _too_large(path: Path, most: int, found: int) -> Problem:
    return Problem(
        "too_large", path.name, "文件或其展开后过大",
        expected=f"不超过{most // 1_000_000} MB", found=f"{found // 1_000_000} MB",
    )  # fmt: skip
