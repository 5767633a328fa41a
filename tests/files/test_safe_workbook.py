"""What a workbook from outside may cost, and what is refused before it is opened."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from gdplan import load_plan, read_observations
from gdplan.files import safe_workbook
from gdplan.forms import write as form_write
from gdplan.problems import ProblemError

PLAN = load_plan("gd-hrss-14")
DATA = "xl/worksheets/sheet2.xml"
STRINGS = "xl/sharedStrings.xml"


def made() -> bytes:
    [data] = form_write.template(
        PLAN, read_observations().iloc[:0], year=2021, regions={"440000": "广东省"}
    ).values()
    return data


FORM = made()


def rebuilt(part: str, change, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The form with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(FORM)) as old, zipfile.ZipFile(out, "w", compression) as new:
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info.filename, change(data) if info.filename == part else data)
    return out.getvalue()


def inside(tag: bytes, extra: bytes):
    """Put something before a tag."""
    return lambda data: data.replace(tag, extra + tag, 1)


def understated(part: str, size: int) -> bytes:
    """A part that unpacks to far more than the archive's directory says."""
    raw = bytearray(rebuilt(part, lambda data: data + b" " * 40_000_000))
    for mark, length, name in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        at = raw.find(mark)
        while at >= 0:
            if raw[at + name : at + name + len(part)] == part.encode():
                raw[at + length : at + length + 4] = struct.pack("<I", size)
            at = raw.find(mark, at + 4)
    return bytes(raw)


def key_of(path: Path) -> str:
    with pytest.raises(ProblemError) as caught:
        safe_workbook.sheets(path)
    [problem] = caught.value.problems
    assert problem.where == path.name or "missing" in problem.key
    return problem.key


ENTITIES = (
    b'<!DOCTYPE x [<!ENTITY a "7777777777">'
    + b"".join(b'<!ENTITY a%d "%s">' % (i, b"&a;" * 30) for i in range(6))
    + b"]>"
)
ROWS = b"".join(
    b'<row r="%d">%s</row>' % (n, b"".join(b'<c r="%c%d"/>' % (c, n) for c in b"ABCDEFGHIJ"))
    for n in range(100, 11_000)
)
REFUSED = {
    "entities in the strings": (rebuilt(STRINGS, inside(b"<sst", ENTITIES)), "broken_workbook"),
    "entities in a sheet": (rebuilt(DATA, inside(b"<worksheet", ENTITIES)), "broken_workbook"),
    "another encoding": (
        rebuilt(DATA, lambda d: d.decode().replace("UTF-8", "UTF-16").encode("utf-16")),
        "broken_workbook",
    ),
    "rows out of order": (
        rebuilt(DATA, inside(b"</sheetData>", b'<row r="1"><c r="A1"/></row>')),
        "broken_workbook",
    ),
    "a row twice": (
        rebuilt(DATA, inside(b"</sheetData>", b'<row r="99"/><row r="99"/>')),
        "broken_workbook",
    ),
    "too many cells": (rebuilt(DATA, inside(b"</sheetData>", ROWS)), "too_large"),
    "much xml": (
        rebuilt(DATA, lambda d: d + bytes(range(33, 127)) * 90_000, zipfile.ZIP_STORED),
        "too_large",
    ),
    "other compression": (rebuilt(DATA, bytes, zipfile.ZIP_LZMA), "not_a_workbook"),
    "understated size": (understated(DATA, 20_000), "not_a_workbook"),
    "old format": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old_workbook"),
    "password": (
        b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le") * 2,
        "locked_workbook",
    ),
    "web page": (b"<html><table></table></html>", "not_a_workbook"),
    "empty": (b"", "not_a_workbook"),
    "cut": (FORM[:6000], "not_a_workbook"),
    "no workbook part": (rebuilt("xl/workbook.xml", lambda d: b""), "broken_workbook"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_form_is_refused_by_its_name_and_reason(tmp_path, name):
    data, key = REFUSED[name]
    path = tmp_path / "填报.xlsx"
    path.write_bytes(data)
    assert key_of(path) == key


def test_an_encrypted_part_is_a_locked_workbook(tmp_path):
    raw = bytearray(FORM)
    for mark, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.find(mark) + flag] |= 1
    (tmp_path / "f.xlsx").write_bytes(raw)
    assert key_of(tmp_path / "f.xlsx") == "locked_workbook"


def test_a_file_beyond_the_limit_is_refused_by_its_size_alone(tmp_path):
    with (tmp_path / "f.xlsx").open("wb") as file:
        file.truncate(safe_workbook.FILE + 1)
    assert key_of(tmp_path / "f.xlsx") == "too_large"


def test_a_missing_file_is_told(tmp_path):
    assert key_of(tmp_path / "f.xlsx") == "missing_file"


def test_merged_areas_are_told_by_sheet_and_make_no_cells(tmp_path):
    area = b'<mergeCells count="1"><mergeCell ref="A100:XFD1048576"/></mergeCells>'
    path = tmp_path / "f.xlsx"
    path.write_bytes(rebuilt(DATA, inside(b"<dataValidations", area)))
    found = safe_workbook.sheets(path)
    assert found["数据"].merged == ("A100:XFD1048576",)
    assert found[form_write.HELP].merged == ()
    assert max(line for line, _ in found["数据"].cells) == 26


def test_a_cell_at_the_far_end_costs_nothing(tmp_path):
    far = b'<row r="1048576"><c r="XFD1048576"><v>5</v></c></row>'
    path = tmp_path / "f.xlsx"
    path.write_bytes(rebuilt(DATA, inside(b"</sheetData>", far)))
    assert max(safe_workbook.sheets(path)["数据"].cells) == (26, 8)


def test_a_formula_is_told_from_a_value_and_from_an_error(tmp_path):
    row = (
        b'<row r="50"><c r="A50"><f>1+1</f><v>2</v></c><c r="B50"><f>1+1</f></c>'
        b'<c r="C50" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="D50"><v>7</v></c></row>'
    )
    path = tmp_path / "f.xlsx"
    path.write_bytes(rebuilt(DATA, inside(b"</sheetData>", row)))
    cells = safe_workbook.sheets(path)["数据"].cells
    said = [(cells[50, c].value, cells[50, c].error, cells[50, c].formula) for c in range(1, 5)]
    assert said == [(2, False, True), (None, False, True), ("#DIV/0!", True, True),
                    (7, False, False)]  # fmt: skip


def test_hidden_sheets_and_picture_parts_are_read_past(tmp_path):
    path = tmp_path / "f.xlsx"
    out = io.BytesIO(FORM)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/media/logo.png", b"\x89PNG\0\0" * 1000)
    path.write_bytes(out.getvalue())
    assert [*safe_workbook.sheets(path)] == openpyxl.load_workbook(path).sheetnames


CAPPED = """
import resource, sys
from pathlib import Path
from gdplan.files import safe_workbook as formopen
from gdplan.problems import ProblemError
resource.setrlimit(resource.RLIMIT_AS, (1_000_000_000, 1_000_000_000))
try:
    print(len(formopen.sheets(Path(sys.argv[1]))))
except ProblemError as error:
    print(error.problems[0].key)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is capped by the system's own limit")
@pytest.mark.parametrize(
    ("name", "said"),
    [("understated size", "not_a_workbook"), ("too many cells", "too_large"), ("merged", "5")],
)
def test_hostile_workbooks_stay_below_a_gigabyte(tmp_path, name, said):
    area = b'<mergeCells count="1"><mergeCell ref="A100:XFD1048576"/></mergeCells>'
    merged = rebuilt(DATA, inside(b"<dataValidations", area))
    path = tmp_path / "f.xlsx"
    path.write_bytes(merged if name == "merged" else REFUSED[name][0])
    run = subprocess.run(
        [sys.executable, "-c", CAPPED, str(path)], capture_output=True, text=True, check=False
    )
    assert run.stdout.strip() == said, run.stderr
