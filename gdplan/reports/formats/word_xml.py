"""The file format of Word: parts, relationships, fields, and a zip whose bytes never vary."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml"
PACKAGE = "application/vnd.openxmlformats-package"
METADATA = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
NS = f"{{{W}}}"
OLDEST = (1980, 1, 1, 0, 0, 0)
CELL_MARGINS = 55 + 55
"""Left and right of a cell, as in ``templates/word/styles.xml``."""


def twips(millimetres: float) -> int:
    """Millimetres in twentieths of a point.

    >>> twips(25.4)
    1440
    """
    return round(millimetres * 1440 / 25.4)


def field(code: str, shown: str, *, dirty: bool = False) -> str:
    """The runs of a field and what it shows until it is refreshed."""
    mark = ' w:dirty="true"' if dirty else ""
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"{mark}/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {escaped(code)} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        f'{run(shown)}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def escaped(text: str) -> str:
    """Text for an element or for an attribute in double quotes."""
    return escape(text, {'"': "&quot;"})


def run(text: str) -> str:
    """A run of text."""
    return f'<w:r><w:t xml:space="preserve">{escaped(text)}</w:t></w:r>'


def part(root: str, content: str) -> str:
    """A WordprocessingML part."""
    return f'{DECLARATION}<w:{root} xmlns:w="{W}" xmlns:r="{R}">{content}</w:{root}>'


def relations(targets: Iterable[tuple[str, str, str]]) -> str:
    """A part of relationships: id, kind (the last word of its type, or all of it) and target."""
    lines = "".join(
        f'<Relationship Id="{name}" Type="{kind if ":" in kind else f"{R}/{kind}"}" '
        f'Target="{target}"/>'
        for name, kind, target in targets
    )
    return f'{DECLARATION}<Relationships xmlns="{RELATIONS}">{lines}</Relationships>'


def content_types(names: Collection[str]) -> str:
    """The part that says what each part is."""
    kinds = {
        name: f"{MIME}.{name[5:-4].rstrip('0123456789')}+xml"
        for name in sorted(names)
        if name.startswith("word/") and name.endswith(".xml")
    }
    kinds["word/document.xml"] = f"{MIME}.document.main+xml"
    if "docProps/core.xml" in names:
        kinds["docProps/core.xml"] = f"{PACKAGE}.core-properties+xml"
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in kinds.items()
    )
    return (
        f'{DECLARATION}<Types xmlns="{TYPES}"><Default Extension="png" ContentType="image/png"/>'
        f'<Default Extension="rels" ContentType="{PACKAGE}.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f"{overrides}</Types>"
    )


def properties(title: str, language: str) -> str:
    """``docProps/core.xml``: title and language; no author, no time."""
    return (
        f'{DECLARATION}<cp:coreProperties xmlns:cp="{METADATA}" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escaped(title)}</dc:title>'
        f"<dc:language>{language}</dc:language></cp:coreProperties>"
    )


def packed(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of parts, the content types first, then by name, all of one date."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name in sorted(parts, key=lambda n: (n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, OLDEST)
            info.compress_type = method
            info.external_attr = 0o600 << 16
            info.create_system = 3
            archive.writestr(info, parts[name])
    return out.getvalue()


def element(text: str) -> Any:
    """An element in the file's namespaces."""
    from lxml import etree

    return etree.fromstring(f'<x xmlns:w="{W}" xmlns:r="{R}">{text}</x>')[0]
