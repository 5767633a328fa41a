"""Parts of a zipped XML document, unpacked only within what a plan's document can need."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lxml import etree

from gdplan.problems import ProblemError

FILE, PART, PARTS, SQUEEZE = 200_000_000, 60_000_000, 5_000, 250
AGAIN = "重新取得文件，或在 Word、WPS 中打开后另存为 .docx"
COMPOUND = b"\xd0\xcf\x11\xe0"
LOCKED = "EncryptedPackage".encode("utf-16-le")
# Documents of the strict form of the standard name the same things by other addresses.
_STRICT = (b"http://purl.oclc.org/ooxml/", b"http://schemas.openxmlformats.org/")
_MOVED = {b"wordprocessingml/main": b"wordprocessingml/2006/main",
          b"drawingml/wordprocessingDrawing": b"drawingml/2006/wordprocessingDrawing",
          b"officeDocument/relationships": b"officeDocument/2006/relationships",
          b"officeDocument/math": b"officeDocument/2006/math"}  # fmt: skip


def parts(path: Path, wanted: Iterable[str]) -> dict[str, Any]:
    """The wanted parts that an archive holds, each as the root of its XML.

    Raises
    ------
    ProblemError
        When the file is too large, locked, damaged or no archive, or a part would unpack to too
        much or declares entities.
    """
    size = path.stat().st_size
    if size > FILE:
        raise _too_large(path, FILE, size)
    refuse_locked(path)
    try:
        with zipfile.ZipFile(path) as archive:
            infos = {info.filename.lstrip("/"): info for info in archive.infolist()}
            if len(infos) > PARTS:
                raise _too_large(path, PARTS, len(infos))
            return {name: _root(path, archive, infos[name]) for name in wanted if name in infos}
    except ProblemError:
        raise
    except Exception as error:
        raise ProblemError.of("broken_file", path.name, "文件无法读取",
                              found=type(error).__name__, fix=AGAIN) from error  # fmt: skip


def refuse_locked(path: Path) -> None:
    """Refuse files of the older kind, and locked ones, by what they begin with.

    Raises
    ------
    ProblemError
    """
    with path.open("rb") as file:
        start = file.read(4)
        if start != COMPOUND:
            return
        rest = file.read(1_000_000)
    if LOCKED in rest:
        raise ProblemError.of("locked_document", path.name, "文件有打开密码",
                              fix="去掉密码后另存为 .docx")  # fmt: skip
    raise ProblemError.of("legacy_document", path.name, "是旧格式 .doc 或 .wps",
                          fix="在 Word 或 WPS 中打开，另存为 .docx")  # fmt: skip


def _root(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Any:
    packed = max(1, info.compress_size)
    vast = info.file_size > 1_000_000 and info.file_size / packed > SQUEEZE
    if info.file_size > PART or vast:
        raise _too_large(path, PART, info.file_size)
    with archive.open(info) as file:
        content = file.read(info.file_size + 1)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ProblemError.of("broken_file", path.name, "文件的结构不正常", found=info.filename,
                              fix=AGAIN)  # fmt: skip
    if _STRICT[0] in content:
        for old, new in _MOVED.items():
            content = content.replace(_STRICT[0] + old, _STRICT[1] + new)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True,
                             remove_pis=True)  # fmt: skip
    return etree.fromstring(content, parser)


def _too_large(path: Path, most: int, found: int) -> ProblemError:
    return ProblemError.of("too_large", path.name, "文件或其展开后过大", f"不超过{most:,}",
                           f"{found:,}", "拆分文件，或删去其中的图片后另存")  # fmt: skip
