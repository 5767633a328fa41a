"""What pandoc cannot say in a Word file: headers, footers, sections, lists, properties."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gdplan.reports.formats import word_styles as office
from gdplan.reports.formats import word_xml
from gdplan.reports.formats.assembly import Document, plain
from gdplan.reports.formats.word_tables import lay_out
from gdplan.reports.formats.word_xml import NS, element

LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
# Marks that belong to both scripts: Word sets them in the Latin font unless it is told.
EASTERN = re.compile("[\u2e80-\uffef—…“”‘’·×÷±≥≤→①-⑳]")


@dataclass(frozen=True, slots=True)
class Part:
    """A header or footer: its name in the file, its kind, and the pages it stands on."""

    id: str
    kind: str
    side: str


HEADERS = (Part("header1", "header", "default"), Part("header2", "header", "even"))
FOOTERS = (Part("footer1", "footer", "default"), Part("footer2", "footer", "even"))
BLANK = (Part("footer3", "footer", "default"), Part("footer3", "footer", "even"))


def section(landscape: bool = False, start: bool = False, footers: Sequence[Part] = FOOTERS) -> str:
    """A ``w:sectPr``: pages, headers and footers; ``start`` begins to count at one."""
    references = "".join(
        f'<w:{part.kind}Reference w:type="{part.side}" r:id="{part.id}"/>'
        for part in (*HEADERS, *footers)
    )
    count = '<w:pgNumType w:start="1"/>' if start else ""
    return (
        f'<w:sectPr>{references}<w:type w:val="nextPage"/>{office.page(landscape=landscape)}{count}'
        "</w:sectPr>"
    )


def finished(made: bytes, doc: Document, last: str) -> dict[str, bytes]:
    """The parts of the file: pandoc's text in our styles, headers, footers and properties.

    ``last`` is the ``w:sectPr`` of the last section.
    """
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        given = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(office.REFERENCE) as archive:
        parts = {f"word/{n}.xml": archive.read(f"word/{n}.xml")
                 for n in ("styles", "fontTable", "settings")}  # fmt: skip
    trees = {n: etree.fromstring(given[f"word/{n}.xml"])
             for n in ("document", "footnotes", "numbering")}  # fmt: skip
    _body(trees["document"][0], last)
    _footnotes(trees["footnotes"])
    _lists(trees["numbering"], doc.lang)
    for name, root in trees.items():
        for run in root.iter(f"{NS}r"):
            _hint(run)
        parts[f"word/{name}.xml"] = _bytes(root)
    watermark = plain(doc.tree["meta"].get("watermark"))
    texts = {
        "header1": office.header(watermark), "header2": office.header(watermark, even=True),
        "footer1": office.footer(), "footer2": office.footer(even=True),
        "footer3": office.footer(number=False),
    }  # fmt: skip
    parts |= {f"word/{name}.xml": text.encode() for name, text in texts.items()}
    parts |= {n: data for n, data in given.items() if n.startswith("word/media/")}
    parts |= _relations(given)
    parts["docProps/core.xml"] = word_xml.properties(doc.title, LANGUAGES[doc.lang]).encode()
    parts["[Content_Types].xml"] = word_xml.content_types(parts).encode()
    return parts


FIRST = '<w:ind w:left="0" w:firstLineChars="200" w:firstLine="640"/>'
CORE = f"{word_xml.RELATIONS}/metadata/core-properties"


def _bytes(root: Any) -> bytes:
    from lxml import etree

    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _relations(given: Mapping[str, bytes]) -> dict[str, bytes]:
    """What the parts name: pandoc's pictures and links, and our own parts under fixed names."""
    from lxml import etree

    own = {p.id: p.kind for p in (*HEADERS, *FOOTERS, *BLANK)}
    own |= {n: n for n in ("styles", "fontTable", "settings", "numbering", "footnotes")}
    out = {
        "_rels/.rels": word_xml.relations(
            [("rId1", "officeDocument", "word/document.xml"), ("rId2", CORE, "docProps/core.xml")]
        ).encode()
    }
    for name in ("document", "footnotes"):
        path = f"word/_rels/{name}.xml.rels"
        root = etree.fromstring(given[path])
        for link in list(root):
            if link.get("Type").rsplit("/", 1)[1] not in ("image", "hyperlink"):
                root.remove(link)
        for target, kind in own.items() if name == "document" else ():
            link = f"{{{word_xml.RELATIONS}}}Relationship"
            words = {"Id": target, "Type": f"{word_xml.R}/{kind}", "Target": f"{target}.xml"}
            etree.SubElement(root, link, words)
        out[path] = _bytes(root)
    return out


def _body(body: Any, last: str) -> None:
    body.replace(body.find(f"{NS}sectPr"), element(last))
    for paragraph in body.iter(f"{NS}p"):
        style = paragraph.find(f"{NS}pPr/{NS}pStyle")
        if paragraph.find(f"{NS}pPr/{NS}numPr") is not None and style.get(f"{NS}val") == "Compact":
            style.set(f"{NS}val", "BodyText")
    for table, landscape in _tables(body):
        across = office.HEIGHT if landscape else office.WIDTH
        lay_out(table, word_xml.twips(across), small=landscape)
        if not landscape:
            table.addnext(element('<w:p><w:pPr><w:pStyle w:val="TableGap"/></w:pPr></w:p>'))


def _tables(body: Any) -> Iterator[tuple[Any, bool]]:
    """Every table of the text, and whether its page is turned."""
    waiting: list[Any] = []
    for node in list(body):
        waiting += list(node.iter(f"{NS}tbl"))
        size = next(node.iter(f"{NS}pgSz"), None)
        if size is not None:
            yield from ((table, size.get(f"{NS}orient") == "landscape") for table in waiting)
            waiting = []


def _footnotes(root: Any) -> None:
    for paragraph in root.iter(f"{NS}p"):
        if paragraph.find(f"{NS}pPr") is None:
            paragraph.insert(0, element('<w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>'))


def _lists(root: Any, lang: str) -> None:
    """List items begin like paragraphs; Chinese ones with the dash of official documents."""
    fonts = office.letters(office.STYLES["Body Text"])
    fonts = fonts.replace("<w:rFonts", '<w:rFonts w:hint="eastAsia"')
    for level in root.iter(f"{NS}lvl"):
        text, form = level.find(f"{NS}lvlText"), level.find(f"{NS}numFmt")
        gap = "space"
        if form.get(f"{NS}val") == "bullet" and text.get(f"{NS}val").strip():
            # A bullet is one character; a mark of two is a number that counts nothing.
            form.set(f"{NS}val", "none" if lang == "zh" else "bullet")
            text.set(f"{NS}val", "——" if lang == "zh" else "•")
            gap = "nothing" if lang == "zh" else "space"
        for old in [part for part in level if part.tag in (f"{NS}pPr", f"{NS}rPr")]:
            level.remove(old)
        text.addprevious(element(f'<w:suff w:val="{gap}"/>'))
        level.append(element(f"<w:pPr>{FIRST}</w:pPr>"))
        level.append(element(fonts))


def _hint(run: Any) -> None:
    """Chinese marks in the Chinese font."""
    if not EASTERN.search("".join(run.itertext(f"{NS}t"))):
        return
    properties = run.find(f"{NS}rPr")
    if properties is None:
        properties = element("<w:rPr/>")
        run.insert(0, properties)
    fonts = properties.find(f"{NS}rFonts")
    if fonts is None:
        fonts = element("<w:rFonts/>")
        properties.insert(int(properties.find(f"{NS}rStyle") is not None), fonts)
    fonts.set(f"{NS}hint", "eastAsia")
