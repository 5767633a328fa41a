"""A document by its file, whatever program wrote it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gdplan.files import csv_table
from gdplan.files.documents import archive
from gdplan.files.documents.document import Document, of_text
from gdplan.problems import ProblemError

_ADVICE = {
    ".doc": "在 Word 或 WPS 中打开，另存为 .docx",
    ".wps": "在 WPS 中打开，另存为 .docx",
    ".rtf": "在 Word 或 WPS 中打开，另存为 .docx",
    ".odt": "在 LibreOffice 中打开，另存为 .docx",
    ".ofd": "用 OFD 阅读器导出为 PDF，或向发文单位索取 Word 稿",
    ".et": "表格在 WPS 中打开，复制到 .docx",
    ".xls": "规划文档应为全文；表格复制到 .docx",
    ".xlsx": "规划文档应为全文；表格复制到 .docx",
    ".jpg": "扫描件须先转成文字，或向发文单位索取 Word 稿",
    ".png": "扫描件须先转成文字，或向发文单位索取 Word 稿",
    ".tif": "扫描件须先转成文字，或向发文单位索取 Word 稿",
}


def read(path: Path) -> Document:
    """Read a plan's document: .docx, .html, .pdf with text in it, .txt or .md.

    Raises
    ------
    ProblemError
        When it is missing, empty, locked, damaged, too large, or of a kind that cannot be read,
        with what to do about it.
    """
    if not path.is_file():
        raise ProblemError.of("missing_file", str(path), "文件不存在", fix="核对路径")
    start = _start(path, 8)
    if not start:
        raise ProblemError.of("empty_file", path.name, "文件是空的", fix="重新取得文件")
    suffix = path.suffix.lower()
    if start.startswith(archive.COMPOUND):
        archive.refuse_locked(path)
    reader = READERS.get(_by_content(start, suffix))
    if reader is None:
        raise ProblemError.of("unknown_file_kind", path.name, "不能读取这种文件", "、".join(KINDS),
                              suffix or "没有扩展名",
                              _ADVICE.get(suffix, "另存为 .docx 或 .pdf"))  # fmt: skip
    return reader(path)


def _start(path: Path, length: int) -> bytes:
    with path.open("rb") as file:
        return file.read(length)


def _by_content(start: bytes, suffix: str) -> str:
    """The kind of a file: by its first bytes where they say it, else by its name."""
    if start.startswith(b"%PDF"):
        return ".pdf"
    if start.startswith(b"PK") and suffix not in (".docx", ".docm", ".dotx"):
        return suffix if suffix in _ADVICE else ".docx"
    return suffix


def _word(path: Path) -> Document:
    from gdplan.files.documents import word

    return word.read(path)


def _web(path: Path) -> Document:
    from gdplan.files.documents import web

    return web.read(path)


def _pdf(path: Path) -> Document:
    from gdplan.files.documents import pdf

    return pdf.read(path)


def _text(path: Path) -> Document:
    if b"\0" in _start(path, 4096):
        raise ProblemError.of("binary_file", path.name, "不是文本文件",
                              fix="用原来的 .docx、.html 或 .pdf")  # fmt: skip
    return of_text(csv_table.decoded(path)[0], path.name)


KINDS = (".docx", ".html", ".pdf", ".txt", ".md")
"""Kinds of documents that are read."""
READERS: dict[str, Callable[[Path], Document]] = {
    ".docx": _word, ".docm": _word, ".html": _web, ".htm": _web, ".pdf": _pdf, ".txt": _text,
    ".md": _text,
}  # fmt: skip
