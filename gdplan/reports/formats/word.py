"""The report as a Word file laid out by GB/T 9704-2012.

The tree gets a cover, a table of contents and its sections first, as text that pandoc carries over.
What pandoc cannot say follows in one pass over the parts of its file (wordparts, wordtable), which
is packed again with fixed dates.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from gdplan.files.workbook import NO_XML
from gdplan.page.language import language
from gdplan.reports.formats import assembly, word_xml
from gdplan.reports.formats import word_styles as office
from gdplan.reports.formats.assembly import Document, Node, title_lines, walk
from gdplan.reports.formats.word_parts import BLANK, FOOTERS, Part, finished, section
from gdplan.reports.formats.word_xml import escaped

PICTURE = (156.0, 200.0)
PIXELS = 300 / 25.4
CLASSES = {"note": "Note", "warning": "Warning", "place": "Place"}
LEVELS = 2


def document(doc: Document, charts: Mapping[str, bytes]) -> bytes:
    """The finished Word file.

    Parameters
    ----------
    doc
        The report's tree.
    charts
        PNG by file name: ``chart-1.png`` is shown where the tree says ``chart-1.svg``.

    Raises
    ------
    ValueError
        When a chart of the tree is not given or is no PNG.
    RuntimeError
        When pandoc refuses the tree, with its message.
    """
    clean = Document(_clean(doc.tree), doc.charts)
    body, landscape_last = _sections(_marked(clean.tree["blocks"]))
    blocks = [*_cover(clean), _contents(clean), _cut(start=False, footers=BLANK), *body]
    tree = {
        **clean.tree,
        "meta": {},
        "blocks": assembly.changed(blocks, partial(_prepared, charts=charts)),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for node in walk(tree["blocks"]):
            if node["t"] == "Image":
                (folder / node["c"][2][0]).write_bytes(charts[node["c"][2][0]])
        made = assembly.pandoc(
            "--from=json", "--to=docx", f"--reference-doc={office.REFERENCE}", "--output=-",
            given=Document(tree, {}).json, folder=folder,
        )  # fmt: skip
    first = not any(map(_is_cut, body))
    return word_xml.packed(finished(made, clean, section(landscape_last, first)))


def _clean(node: Any) -> Any:
    """A copy without the characters that XML cannot hold."""
    if isinstance(node, str):
        return NO_XML.sub("", node)
    if isinstance(node, list):
        return [_clean(part) for part in node]
    if isinstance(node, Mapping):
        return {key: _clean(value) for key, value in node.items()}
    return node


def _raw(xml: str) -> Node:
    return {"t": "RawBlock", "c": ["openxml", xml]}


def _styled(style: str, *lines: str) -> Node:
    """A paragraph of a style; its lines stay lines."""
    inlines: list[Node] = []
    for line in lines:
        inlines += [{"t": "LineBreak"}] * bool(inlines) + [{"t": "Str", "c": line}]
    attr = ["", [], [["custom-style", style]]]
    return {"t": "Div", "c": [attr, [{"t": "Para", "c": inlines}]]}


def _cover(doc: Document) -> list[Node]:
    """Title, what was evaluated, places for the office's name and date, on a page of its own."""
    say = language(doc.lang)
    lines = [part for line in doc.subtitle for part in line.split("　") if part]
    return [
        _styled("Title", *title_lines(doc.title)),
        *(_styled("Subtitle", line) for line in lines),
        _styled("Cover Office", say("cover.issuer")),
        _styled("Cover Date", say("cover.date")),
        _cut(start=False, footers=BLANK),
    ]


def _listed(block: Node) -> bool:
    return block["t"] == "Header" and int(block["c"][0]) <= LEVELS


def _marked(blocks: list[Node]) -> list[Node]:
    """Headings of the contents with a bookmark each, whose name a page reference can say."""
    out: list[Node] = []
    count = 0
    for block in blocks:
        if not _listed(block):
            out.append(block)
            continue
        count += 1
        level, attr, text = block["c"]
        marked = {"t": "Span", "c": [[f"contents{count}", [], []], text]}
        out.append({"t": "Header", "c": [level, attr, [marked]]})
    return out


def _contents(doc: Document) -> Node:
    """A real table of contents, filled; its page numbers come when Word refreshes it."""
    heads = [block["c"] for block in doc.tree["blocks"] if _listed(block)]
    start = (
        '<w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r><w:r><w:instrText '
        f'xml:space="preserve"> TOC \\o "1-{LEVELS}" \\h \\z \\u </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    lines = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="Toc{level}"/></w:pPr>{start if n == 1 else ""}'
        f"{_entry(f'contents{n}', _heading_text(text))}</w:p>"
        for n, (level, _, text) in enumerate(heads, 1)
    )
    end = f'{"" if heads else start}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    return _raw(
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/>'
        "<w:docPartUnique/></w:docPartObj></w:sdtPr><w:sdtContent>"
        f'<w:p><w:pPr><w:pStyle w:val="TOCHeading"/></w:pPr><w:r><w:t>'
        f"{language(doc.lang)('contents')}</w:t></w:r></w:p>{lines}"
        f'<w:p><w:pPr><w:pStyle w:val="TableEnd"/></w:pPr>{end}</w:p></w:sdtContent></w:sdt>'
    )


def _heading_text(inlines: list[Node]) -> str:
    return assembly.plain([node for node in inlines if node["t"] != "Note"])


def _entry(anchor: str, text: str) -> str:
    return (
        f'<w:hyperlink w:anchor="{anchor}" w:history="1"><w:r><w:t xml:space="preserve">'
        f"{escaped(text)}</w:t></w:r><w:r><w:tab/></w:r>"
        f"{word_xml.field(f'PAGEREF {anchor} ' + chr(92) + 'h', ' ', dirty=True)}</w:hyperlink>"
    )


def _cut(*, start: bool, landscape: bool = False, footers: Sequence[Part] = FOOTERS) -> Node:
    """The end of a section, in a line of one point that no page is too full for."""
    ends = section(landscape, start, footers)
    return _raw(f'<w:p><w:pPr><w:pStyle w:val="TableEnd"/>{ends}</w:pPr></w:p>')


def _is_cut(block: Node) -> bool:
    return block["t"] == "RawBlock" and "<w:sectPr>" in block["c"][1]


def _sections(blocks: list[Node]) -> tuple[list[Node], bool]:
    """The body with wide tables, and what leads up to them, on turned pages of their own.

    The second value says whether the last section is turned.
    """
    runs = assembly.pages(blocks)
    out: list[Node] = []
    for n, (wide, run) in enumerate(runs):
        out += run
        if n < len(runs) - 1:
            out.append(_cut(start=n == 0, landscape=wide))
    return out, runs[-1][0]


def _prepared(node: Node, charts: Mapping[str, bytes]) -> Node | None:
    """A box with its style, a chart as PNG of a printable size."""
    if node["t"] == "Div":
        (name, classes, values), inside = node["c"]
        styles = [["custom-style", CLASSES[c]] for c in classes if c in CLASSES][:1]
        if styles:
            return {"t": "Div", "c": [[name, classes, [*values, *styles]], inside]}
    elif node["t"] == "Image":
        (name, classes, _), alt, (file, title) = node["c"]
        png = Path(file).with_suffix(".png").name
        return {"t": "Image", "c": [[name, classes, _size(png, charts)], alt, [png, title]]}
    return None


def _size(name: str, charts: Mapping[str, bytes]) -> list[list[str]]:
    """Width and height of a chart on paper: its own at 300 dpi, or what fits."""
    data = charts.get(name)
    if data is None:
        raise ValueError(f"{name} is shown in the report and not among its charts: {[*charts]}")
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError(f"{name} is no PNG")
    width, height = (pixels / PIXELS for pixels in struct.unpack(">II", data[16:24]))
    scale = min(1.0, PICTURE[0] / width, PICTURE[1] / height)
    return [["width", f"{width * scale:.2f}mm"], ["height", f"{height * scale:.2f}mm"]]
