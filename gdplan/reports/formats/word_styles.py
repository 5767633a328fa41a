"""The Word styles of a Chinese official document (GB/T 9704-2012), and pandoc's reference file.

Everything is written out here, so that the reference document depends on no other template and no
library's version. ``python -m gdplan.reports.formats.word_styles`` rewrites
``templates/reference.docx``. Lengths are millimetres or points here and twips (a twentieth of a
point) in the file.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

from gdplan.files.text_width import display_width
from gdplan.reports.formats.word_xml import (
    CELL_MARGINS,
    content_types,
    escaped,
    field,
    packed,
    part,
    relations,
    run,
    twips,
)  # fmt: skip

REFERENCE = Path(__file__).with_name("templates") / "reference.docx"
PAPER = (210.0, 297.0)
TOP, BOTTOM, BINDING, OUTER = 37.0, 35.0, 28.0, 26.0
LINE = 28.0  # 22 lines in 225 mm
CONDENSED = -5  # a quarter point less than 16 pt for each character: 28 of them in 156 mm
FANGSONG, KAITI, HEITI, SONGTI = "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"
XIAOBIAOSONG, LATIN = "方正小标宋简体", "Times New Roman"
# name: (other names to fall back on, panose, family, pitch)
FONTS = {
    FANGSONG: ("仿宋,FangSong,STFangsong,华文仿宋", "02010609030101010101", "modern", "fixed"),
    KAITI: ("楷体,KaiTi,STKaiti,华文楷体", "02010609030101010101", "modern", "fixed"),
    HEITI: ("SimHei,STHeiti,华文黑体", "02010609060101010101", "modern", "fixed"),
    SONGTI: ("SimSun,STSong,华文宋体", "02010600030101010101", "auto", "variable"),
    XIAOBIAOSONG: (
        "方正小标宋_GBK,小标宋体,华文中宋,STZhongsong,宋体,SimSun",
        "02010601030101010101", "auto", "variable",
    ),
    LATIN: ("Liberation Serif,Times", "02020603050405020304", "roman", "variable"),
}  # fmt: skip


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


def _rule(side: str, size: int, colour: str = "000000") -> str:
    return f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'


def _others() -> str:
    """Character styles, the table style (three rules, hair lines between rows), no list."""
    margins = "".join(f'<w:{s} w:w="{w}" w:type="dxa"/>' for s, w in CELL_MARGINS.items())
    rules = _rule("top", 12) + _rule("bottom", 12) + _rule("insideH", 2, "BFBFBF")
    return (
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/></w:style>'
        '<w:style w:type="character" w:styleId="FootnoteReference">'
        '<w:name w:val="footnote reference"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
        "</w:style>"
        '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/></w:style>'
        '<w:style w:type="character" w:styleId="VerbatimChar"><w:name w:val="Verbatim Char"/>'
        "</w:style>"
        '<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/>'
        "</w:style>"
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal">'
        '<w:name w:val="Normal Table"/></w:style>'
        '<w:style w:type="table" w:styleId="Table"><w:name w:val="Table"/>'
        '<w:basedOn w:val="TableNormal"/><w:qFormat/>'
        f'<w:tblPr><w:jc w:val="center"/><w:tblBorders>{rules}</w:tblBorders>'
        f"<w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>"
        f'<w:tblStylePr w:type="firstRow"><w:tcPr><w:tcBorders>{_rule("bottom", 6)}</w:tcBorders>'
        '<w:vAlign w:val="center"/></w:tcPr></w:tblStylePr></w:style>'
    )


def styles() -> str:
    """``word/styles.xml``."""
    defaults = (
        f"<w:docDefaults><w:rPrDefault>{letters(STYLES['Normal'])}</w:rPrDefault><w:pPrDefault>"
        '<w:pPr><w:snapToGrid w:val="0"/></w:pPr></w:pPrDefault></w:docDefaults>'
    ).replace("</w:rPr>", '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr>')
    return part("styles", defaults + "".join(map(_style, LOOKS)) + _others())


def font_table() -> str:
    """``word/fontTable.xml``: what stands in for a font that a machine lacks."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:panose1 w:val="{panose}"/>'
        f'<w:charset w:val="{"00" if name == LATIN else "86"}"/><w:family w:val="{family}"/>'
        f'<w:pitch w:val="{pitch}"/></w:font>'
        for name, (others, panose, family, pitch) in FONTS.items()
    )
    return part("fonts", fonts)


COMPATIBLE = {"compatibilityMode": 15, "overrideTableStyleFontSizeAndJustification": 1}


def settings() -> str:
    """``word/settings.xml``: left and right pages differ; footnotes count through."""
    compat = "".join(
        f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" '
        f'w:val="{value}"/>'
        for name, value in COMPATIBLE.items()
    )
    return part(
        "settings",
        '<w:defaultTabStop w:val="420"/><w:evenAndOddHeaders/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/>'
        '<w:footnotePr><w:numRestart w:val="continuous"/><w:footnote w:id="-1"/>'
        '<w:footnote w:id="0"/></w:footnotePr>'
        f"<w:compat>{compat}</w:compat>",
    )


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
    place = "".join(f"mso-position-{axis}:center;mso-position-{axis}-relative:margin;"
                    for axis in ("horizontal", "vertical"))  # fmt: skip
    return (
        '<w:r><w:pict xmlns:v="urn:schemas-microsoft-com:vml" '
        'xmlns:o="urn:schemas-microsoft-com:office:office">'
        '<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
        'path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas>'
        + "".join(f'<v:f eqn="{eqn}"/>' for eqn in WORDART.split(","))
        + '</v:formulas><v:path textpathok="t" o:connecttype="rect"/>'
        '<v:textpath on="t" fitshape="t"/><o:lock v:ext="edit" text="t" shapetype="t"/>'
        f'</v:shapetype><v:shape id="PowerPlusWaterMarkObject{n}" o:spid="_x0000_s{2048 + n}" '
        f'type="#_x0000_t136" alt="{escaped(text)}" '
        'style="position:absolute;margin-left:0;margin-top:0;'
        f"width:{width}pt;height:{height}pt;rotation:315;z-index:-251658752;{place}\" "
        'o:allowincell="f" fillcolor="silver" stroked="f"><v:fill opacity=".5"/>'
        f'<v:textpath style="font-family:&quot;{SONGTI}&quot;;font-size:1pt" '
        f'string="{escaped(text)}"/></v:shape></w:pict></w:r>'
    )  # fmt: skip


WORDART = (
    "sum #0 0 10800,prod #0 2 1,sum 21600 0 @1,sum 0 0 @2,sum 21600 0 @3,if @0 @3 0,"
    "if @0 21600 @1,if @0 0 @2,if @0 @4 21600,mid @5 @6,mid @8 @5,mid @7 @8,mid @6 @7,sum @6 0 @5"
)


def build_reference() -> bytes:
    """Pandoc's reference document: the same bytes on every machine (nothing is compressed)."""
    names = {"styles": styles(), "fontTable": font_table(), "settings": settings()}
    body = f"<w:body><w:p/><w:sectPr>{page()}</w:sectPr></w:body>"
    texts = {
        "_rels/.rels": relations([("rId1", "officeDocument", "word/document.xml")]),
        "word/document.xml": part("document", body),
        "word/_rels/document.xml.rels": relations(
            (f"rId{n}", name, f"{name}.xml") for n, name in enumerate(names, 1)
        ),
        **{f"word/{name}.xml": text for name, text in names.items()},
    }
    texts["[Content_Types].xml"] = content_types(texts)
    return packed({name: text.encode() for name, text in texts.items()}, zipfile.ZIP_STORED)


if __name__ == "__main__":
    REFERENCE.write_bytes(build_reference())
