"""The Word styles of a Chinese official document (GB/T 9704-2012), and pandoc's reference file.

Everything is written out here and in ``templates/word``, so that the reference document depends on
no other template and no library's version. ``python -m gdplan.reports.formats.word_styles``
rewrites ``templates/reference.docx``. Lengths are millimetres or points here and twips (a
twentieth of a point) in the file.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

from gdplan.files.text_width import display_width
from gdplan.reports.formats import word_xml
from gdplan.reports.formats.word_xml import escaped, field, part, run, twips

TEMPLATES = Path(__file__).with_name("templates")
REFERENCE = TEMPLATES / "reference.docx"
PAPER = (210.0, 297.0)
TOP, BOTTOM, BINDING, OUTER = 37.0, 35.0, 28.0, 26.0
LINE = 28.0  # 22 lines in 225 mm
CONDENSED = -5  # a quarter point less than 16 pt for each character: 28 of them in 156 mm
FANGSONG, KAITI, HEITI, SONGTI = "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"
XIAOBIAOSONG, LATIN = "方正小标宋简体", "Times New Roman"


@dataclass(frozen=True, slots=True)
class Look:
    """A paragraph style: font of the Chinese text, sizes in points, indent in characters.

    ``line`` is exact unless ``rule`` says ``atLeast`` or ``auto`` (then it does not count).
    """

    name: str
    font: str = FANGSONG
    size: float = 16
    line: float = LINE
    rule: str = "exact"
    indent: int = 2
    jc: str = "both"
    before: float = 0
    after: float = 0
    bold: bool = False
    outline: int | None = None
    keep: bool = False
    based: str = "Normal"
    edges: str = ""
    tabs: str = ""
    ind: str = ""
    colour: str = ""
    latin: str = LATIN

    @property
    def id(self) -> str:
        """The identifier that paragraphs name: ``heading 1`` is Heading1."""
        return "".join(word[:1].upper() + word[1:] for word in self.name.split())


def _box(colour: str) -> str:
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="6" w:space="4" w:color="{colour}"/>'
        for side in ("top", "left", "bottom", "right")
    )
    return f"<w:pBdr>{sides}</w:pBdr>"


def _tab(place: float) -> str:
    return f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{twips(place)}"/></w:tabs>'


SHADE = '<w:shd w:val="clear" w:color="auto" w:fill="EDEDED"/>'
BOXED = '<w:ind w:left="100" w:right="100" w:firstLineChars="0" w:firstLine="0"/>'
INSET = '<w:ind w:left="2268" w:right="2268" w:firstLineChars="0" w:firstLine="0"/>'
WIDTH, HEIGHT = PAPER[0] - BINDING - OUTER, PAPER[1] - TOP - BOTTOM
CELL = Look("Table Text", FANGSONG, 10.5, 15, "atLeast", 0, "left")
HEAD = replace(CELL, name="Table Head", font=HEITI, jc="center", keep=True)
LOOKS = (
    Look("Normal", based=""),
    Look("Body Text"),
    Look("First Paragraph", based="BodyText"),
    Look("Compact", based="BodyText"),
    Look("Block Text", based="BodyText"),
    Look("Title", XIAOBIAOSONG, 22, 36, indent=0, jc="center", before=150, after=36),
    Look("Subtitle", KAITI, 16, indent=0, jc="center"),
    Look("Cover Office", KAITI, indent=0, jc="center", before=150, edges=SHADE, ind=INSET),
    Look("Cover Date", KAITI, indent=0, jc="center", before=14, edges=SHADE, ind=INSET),
    Look("TOC Heading", HEITI, 22, 36, indent=0, jc="center", after=14),
    Look("heading 1", HEITI, outline=0, keep=True),
    Look("heading 2", KAITI, outline=1, keep=True),
    Look("heading 3", bold=True, outline=2, keep=True),
    Look("toc 1", HEITI, indent=0, tabs=_tab(WIDTH), jc="left"),
    Look("toc 2", indent=0, tabs=_tab(WIDTH), jc="left",
         ind='<w:ind w:leftChars="200" w:left="640"/>'),
    Look("Table Caption", HEITI, 12, 20, "atLeast", 0, "center", before=10, after=4, keep=True),
    Look("Image Caption", HEITI, 12, 20, "atLeast", 0, "center", before=4, after=10),
    Look("Captioned Figure", indent=0, jc="center", rule="auto", before=8, keep=True),
    Look("Figure", based="CaptionedFigure", indent=0, jc="center", rule="auto", before=8),
    CELL,
    HEAD,
    replace(CELL, name="Table Text Small", size=9, line=12.5),
    replace(HEAD, name="Table Head Small", size=9, line=12.5),
    Look("Table End", size=1, line=1, indent=0),
    Look("Table Gap", size=1, line=8, indent=0),
    Look("Note", KAITI, 12, 20),
    Look("Warning", KAITI, 14, 24, edges=_box("808080"), before=8, after=8, ind=BOXED),
    Look("Place", KAITI, edges=_box("A6A6A6") + SHADE, before=8, after=8, ind=BOXED),
    Look("footnote text", SONGTI, 9, 12, "atLeast", 0, "left"),
    Look("header", SONGTI, 9, 12, "atLeast", 0, "center", colour="808080"),
    Look("footer", SONGTI, 14, 16, indent=0, latin=SONGTI),
)  # fmt: skip
STYLES = {look.name: look for look in LOOKS}


def paragraph(look: Look) -> str:
    """The style's ``w:pPr``, its parts in the order that the schema demands."""
    line = f' w:line="{round(look.line * 20)}" w:lineRule="{look.rule}"'
    if look.rule == "auto":
        line = ' w:line="240" w:lineRule="auto"'
    first = f' w:firstLineChars="{look.indent * 100}"'
    ind = look.ind or f'<w:ind{first} w:firstLine="{round(look.indent * look.size * 20)}"/>'
    parts = (
        "<w:keepNext/><w:keepLines/>" if look.keep else "",
        '<w:widowControl w:val="0"/>',
        look.edges, look.tabs,
        '<w:overflowPunct w:val="0"/><w:snapToGrid w:val="0"/>',
        f'<w:spacing w:before="{round(look.before * 20)}" w:after="{round(look.after * 20)}"'
        f"{line}/>",
        ind, f'<w:jc w:val="{look.jc}"/>',
        "" if look.outline is None else f'<w:outlineLvl w:val="{look.outline}"/>',
    )  # fmt: skip
    return f"<w:pPr>{''.join(parts)}</w:pPr>"


def letters(look: Look) -> str:
    """The style's ``w:rPr``: all four fonts by name, no theme."""
    bold = int(look.bold)
    parts = (
        f'<w:rFonts w:ascii="{look.latin}" w:hAnsi="{look.latin}" w:eastAsia="{look.font}" '
        f'w:cs="{look.latin}"/>',
        f'<w:b w:val="{bold}"/><w:bCs w:val="{bold}"/>',
        f'<w:color w:val="{look.colour or "auto"}"/>',
        f'<w:spacing w:val="{CONDENSED if look.size == 16 and look.rule == "exact" else 0}"/>',
        f'<w:sz w:val="{round(look.size * 2)}"/><w:szCs w:val="{round(look.size * 2)}"/>',
    )
    return f"<w:rPr>{''.join(parts)}</w:rPr>"


def _style(look: Look) -> str:
    default = ' w:default="1"' if look.name == "Normal" else ""
    based = f'<w:basedOn w:val="{look.based}"/>' if look.based else ""
    after = '<w:next w:val="BodyText"/>' if look.outline is not None else ""
    return (
        f'<w:style w:type="paragraph"{default} w:styleId="{look.id}"><w:name w:val="{look.name}"/>'
        f"{based}{after}<w:qFormat/>{paragraph(look)}{letters(look)}</w:style>"
    )


def fixed(name: str) -> str:
    """What is always the same in a part: a file of ``templates/word`` in one line."""
    text = (TEMPLATES / "word" / f"{name}.xml").read_text("utf-8")
    return re.sub(r">\s+<", "><", text).strip()


def styles() -> str:
    """``word/styles.xml``."""
    defaults = (
        f"<w:docDefaults><w:rPrDefault>{letters(STYLES['Normal'])}</w:rPrDefault><w:pPrDefault>"
        '<w:pPr><w:snapToGrid w:val="0"/></w:pPr></w:pPrDefault></w:docDefaults>'
    ).replace("</w:rPr>", '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr>')
    return part("styles", defaults + "".join(map(_style, LOOKS)) + fixed("styles"))


def page(*, landscape: bool = False) -> str:
    """Paper, margins and grid of a section, upright or turned with its head to the binding."""
    width, height = PAPER[::-1] if landscape else PAPER
    # Turned, the sheet keeps its edges: the head lies at the binding, the left at the foot.
    top, right, bottom, left = (
        (BINDING, TOP, OUTER, BOTTOM) if landscape else (TOP, OUTER, BOTTOM, BINDING)
    )
    footer = bottom - 7 - 16 * 25.4 / 72
    turned = ' w:orient="landscape"' if landscape else ""
    return (
        f'<w:pgSz w:w="{twips(width)}" w:h="{twips(height)}"{turned}/>'
        f'<w:pgMar w:top="{twips(top)}" w:right="{twips(right)}" w:bottom="{twips(bottom)}" '
        f'w:left="{twips(left)}" w:header="{twips(15)}" w:footer="{twips(footer)}" w:gutter="0"/>'
    )


def footer(*, even: bool = False, number: bool = True) -> str:
    """A footer ``— 1 —`` one character from the edge: odd pages right, even pages left."""
    side = "left" if even else "right"
    ind = f'<w:ind w:{side}Chars="100" w:{side}="280" w:firstLineChars="0" w:firstLine="0"/>'
    runs = f"{run('— ')}{field('PAGE', '1')}{run(' —')}" if number else ""
    return part(
        "ftr",
        f'<w:p><w:pPr><w:pStyle w:val="Footer"/>{ind}<w:jc w:val="{side}"/></w:pPr>{runs}</w:p>',
    )


def header(watermark: str, *, even: bool = False) -> str:
    """A header with the watermark as words and as a slanted shape behind the text."""
    words = f"{run(watermark)}{_shape(watermark, 2 if even else 1)}" if watermark else ""
    return part("hdr", f'<w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>{words}</w:p>')


def _shape(text: str, n: int) -> str:
    """A WordArt shape as Word writes a watermark; LibreOffice and WPS know it by its name."""
    wide = max(display_width(text, chinese=True), 2)
    width = min(420, 30 * wide)
    height = round(min(110.0, 2 * width / wide))
    return fixed("watermark").format(
        text=escaped(text), n=n, shape=2048 + n, width=width, height=height
    )


def build_reference() -> bytes:
    """Pandoc's reference document: the same bytes on every machine (nothing is compressed)."""
    names = {
        "styles": styles(),
        "fontTable": part("fonts", fixed("fonts")),
        "settings": part("settings", fixed("settings")),
    }
    body = f"<w:body><w:p/><w:sectPr>{page()}</w:sectPr></w:body>"
    texts = {
        "_rels/.rels": word_xml.relations([("rId1", "officeDocument", "word/document.xml")]),
        "word/document.xml": part("document", body),
        "word/_rels/document.xml.rels": word_xml.relations(
            (f"rId{n}", name, f"{name}.xml") for n, name in enumerate(names, 1)
        ),
        **{f"word/{name}.xml": text for name, text in names.items()},
    }
    texts["[Content_Types].xml"] = word_xml.content_types(texts)
    parts = {name: text.encode() for name, text in texts.items()}
    return word_xml.packed(parts, zipfile.ZIP_STORED)


if __name__ == "__main__":
    REFERENCE.write_bytes(build_reference())
