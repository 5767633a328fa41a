"""The reference document: what GB/T 9704-2012 asks for, read back from the file."""

from __future__ import annotations

import io
import re
import runpy
import zipfile

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from lxml import etree

from gdplan.reports.formats import word_styles as office
from gdplan.reports.formats import word_xml

BUILT = office.build_reference()


def reference():
    return Document(io.BytesIO(BUILT))


def chinese_font(name: str) -> str:
    return reference().styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))


def points(name: str) -> float:
    return reference().styles[name].font.size.pt


def line(name: str) -> tuple[float, bool]:
    form = reference().styles[name].paragraph_format
    return form.line_spacing.pt, form.line_spacing_rule == WD_LINE_SPACING.EXACTLY


def first_line(name: str) -> tuple[str, str]:
    ind = reference().styles[name].element.pPr.find(qn("w:ind"))
    return ind.get(qn("w:firstLineChars")), ind.get(qn("w:firstLine"))


def millimetres(name: str) -> float:
    return round(getattr(reference().sections[0], name).mm, 1)


def outline(name: str) -> str:
    return reference().styles[name].element.pPr.find(qn("w:outlineLvl")).get(qn("w:val"))


STANDARD = [
    ("paper width, mm", 210.0, lambda: millimetres("page_width")),
    ("paper height, mm", 297.0, lambda: millimetres("page_height")),
    ("head margin, mm", 37.0, lambda: millimetres("top_margin")),
    ("foot margin, mm", 35.0, lambda: millimetres("bottom_margin")),
    ("binding margin, mm", 28.0, lambda: millimetres("left_margin")),
    ("outer margin, mm", 26.0, lambda: millimetres("right_margin")),
    ("title font", "方正小标宋简体", lambda: chinese_font("Title")),
    ("title size 2号", 22.0, lambda: points("Title")),
    ("title not bold", False, lambda: reference().styles["Title"].font.bold),
    ("title centred", WD_ALIGN_PARAGRAPH.CENTER,
     lambda: reference().styles["Title"].paragraph_format.alignment),
    ("body font", "仿宋_GB2312", lambda: chinese_font("Body Text")),
    ("body size 3号", 16.0, lambda: points("Body Text")),
    ("body lines", (28.0, True), lambda: line("Body Text")),
    ("body indent", ("200", "640"), lambda: first_line("Body Text")),
    ("body justified", WD_ALIGN_PARAGRAPH.JUSTIFY,
     lambda: reference().styles["Body Text"].paragraph_format.alignment),
    ("heading 1 font", "黑体", lambda: chinese_font("Heading 1")),
    ("heading 1 size", 16.0, lambda: points("Heading 1")),
    ("heading 1 not bold", False, lambda: reference().styles["Heading 1"].font.bold),
    ("heading 1 lines", (28.0, True), lambda: line("Heading 1")),
    ("heading 1 indent", ("200", "640"), lambda: first_line("Heading 1")),
    ("heading 1 outline", "0", lambda: outline("Heading 1")),
    ("heading 2 font", "楷体_GB2312", lambda: chinese_font("Heading 2")),
    ("heading 2 not bold", False, lambda: reference().styles["Heading 2"].font.bold),
    ("heading 2 lines", (28.0, True), lambda: line("Heading 2")),
    ("heading 2 outline", "1", lambda: outline("Heading 2")),
    ("heading 3 font", "仿宋_GB2312", lambda: chinese_font("Heading 3")),
    ("heading 3 bold", True, lambda: reference().styles["Heading 3"].font.bold),
    ("heading 3 indent", ("200", "640"), lambda: first_line("Heading 3")),
    ("page number font", "宋体", lambda: chinese_font("Footer")),
    ("page number half-width font", "宋体", lambda: reference().styles["Footer"].font.name),
    ("page number size 4号", 14.0, lambda: points("Footer")),
    ("table text 5号", 10.5, lambda: points("Table Text")),
    ("wide table text", 9.0, lambda: points("Table Text Small")),
    ("table text not indented", ("0", "0"), lambda: first_line("Table Text")),
    ("footnotes 小五", 9.0, lambda: points("footnote text")),
    ("Latin letters", "Times New Roman", lambda: reference().styles["Body Text"].font.name),
    ("left and right pages differ", True,
     lambda: reference().settings.odd_and_even_pages_header_footer),
]  # fmt: skip


@pytest.mark.parametrize(("required", "value", "read"), STANDARD, ids=[r[0] for r in STANDARD])
def test_the_standard_is_met(required, value, read):
    assert read() == value, required


def test_the_committed_reference_is_the_one_built_from_the_source():
    assert office.REFERENCE.read_bytes() == BUILT


def test_running_the_module_writes_the_reference(tmp_path, monkeypatch):
    written = {}
    monkeypatch.setattr("pathlib.Path.write_bytes", lambda p, data: written.update({p.name: data}))
    runpy.run_path(office.__file__, run_name="__main__")
    assert written == {"reference.docx": BUILT}


def test_twenty_two_lines_fit_the_type_area_and_a_twenty_third_does_not():
    area = (297 - 37 - 35) / 25.4 * 72
    assert 22 * office.LINE <= area < 23 * office.LINE


def test_twenty_eight_characters_fit_a_line_and_a_twenty_ninth_does_not():
    spacing = reference().styles["Body Text"].element.rPr.find(qn("w:spacing"))
    character = 16 + int(spacing.get(qn("w:val"))) / 20
    area = office.WIDTH / 25.4 * 72
    assert 28 * character <= area < 29 * character


def test_every_style_names_its_four_fonts_and_no_theme():
    text = zipfile.ZipFile(io.BytesIO(BUILT)).read("word/styles.xml").decode()
    assert "heme" not in text
    for fonts in re.findall(r"<w:rFonts[^>]*>", text):
        assert {"ascii", "hAnsi", "eastAsia", "cs"} == set(re.findall(r"w:(\w+)=", fonts))


def test_every_font_of_the_styles_has_a_stand_in():
    archive = zipfile.ZipFile(io.BytesIO(BUILT))
    used = set(
        re.findall(r'w:(?:ascii|eastAsia)="([^"]+)"', archive.read("word/styles.xml").decode())
    )
    table = etree.fromstring(archive.read("word/fontTable.xml"))
    known = {font.get(qn("w:name")): font for font in table}
    for name in used - {"zh-CN"}:
        assert known[name].find(qn("w:altName")).get(qn("w:val"))
        assert len(known[name].find(qn("w:panose1")).get(qn("w:val"))) == 20
    stands_in = known["方正小标宋简体"].find(qn("w:altName")).get(qn("w:val"))
    assert "宋体" in stands_in.split(",")
    assert "仿宋" in known["仿宋_GB2312"].find(qn("w:altName")).get(qn("w:val")).split(",")


def test_style_parts_stand_in_the_order_of_the_schema():
    order = ("keepNext", "keepLines", "widowControl", "pBdr", "shd", "tabs", "overflowPunct",
             "snapToGrid", "spacing", "ind", "jc", "outlineLvl")  # fmt: skip
    for look in office.LOOKS:
        found = [etree.QName(e).localname for e in word_xml.element(office.paragraph(look))]
        assert found == sorted(found, key=order.index), look.name


def test_a_turned_page_keeps_the_edges_of_its_sheet():
    turned = word_xml.element(f"<w:s>{office.page(landscape=True)}</w:s>")
    size, margins = ({k.split("}")[1]: v for k, v in e.attrib.items()} for e in turned)
    assert size == {"w": "16838", "h": "11906", "orient": "landscape"}
    at = {
        side: round(int(margins[side]) / 1440 * 25.4) for side in ("top", "right", "bottom", "left")
    }
    assert at == {"top": 28, "right": 37, "bottom": 26, "left": 35}


def test_the_page_number_stands_seven_millimetres_under_the_text():
    margins = word_xml.element(f"<w:s>{office.page()}</w:s>")[1]
    footer = int(margins.get(qn("w:footer"))) / 1440 * 25.4
    assert 35 - footer - 16 / 72 * 25.4 == pytest.approx(7, abs=0.1)


@pytest.mark.parametrize(("even", "side"), [(False, "right"), (True, "left")])
def test_page_numbers_stand_at_the_outer_side_one_character_in(even, side):
    footer = etree.fromstring(office.footer(even=even).encode())
    form = footer.find(f".//{qn('w:pPr')}")
    assert form.find(qn("w:jc")).get(qn("w:val")) == side
    assert form.find(qn("w:ind")).get(qn(f"w:{side}Chars")) == "100"
    assert "".join(footer.itertext(qn("w:t"))) == "— 1 —"
    assert next(footer.iter(qn("w:instrText"))).text.strip() == "PAGE"


def test_a_footer_without_number_is_empty():
    assert not list(etree.fromstring(office.footer(number=False).encode()).iter(qn("w:r")))


@pytest.mark.parametrize("even", [False, True])
def test_the_watermark_is_a_shape_and_words_whatever_it_says(even):
    words = '示例"数据"<b>&amp;\''
    header = etree.fromstring(office.header(words, even=even).encode())
    assert "".join(header.itertext(qn("w:t"))) == words
    paths = list(header.iter("{urn:schemas-microsoft-com:vml}textpath"))
    assert paths[-1].get("string") == words
    shape = next(header.iter("{urn:schemas-microsoft-com:vml}shape"))
    assert "rotation:315" in shape.get("style")
    assert "z-index:-" in shape.get("style")


def test_without_watermark_the_header_is_empty():
    assert not list(etree.fromstring(office.header("").encode()).iter(qn("w:r")))


def test_the_table_style_has_a_rule_above_and_below_and_none_upright():
    rules = reference().styles["Table"].element.find(f".//{qn('w:tblBorders')}")
    sides = {etree.QName(rule).localname: int(rule.get(qn("w:sz"))) for rule in rules}
    assert sides["top"] == sides["bottom"] > sides["insideH"]
    assert not {"left", "right", "insideV"} & set(sides)


def test_a_zip_is_the_same_whatever_the_order_of_its_parts():
    parts = {"b": b"2", "[Content_Types].xml": b"0", "a": b"1"}
    packed = word_xml.packed(parts)
    assert packed == word_xml.packed(dict(reversed(parts.items())))
    names = [i.filename for i in zipfile.ZipFile(io.BytesIO(packed)).infolist()]
    assert names == ["[Content_Types].xml", "a", "b"]
    assert {i.date_time for i in zipfile.ZipFile(io.BytesIO(packed)).infolist()} == {
        (1980, 1, 1, 0, 0, 0)
    }
