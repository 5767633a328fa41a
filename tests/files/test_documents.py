"""Documents as offices have them: one plan as .docx, .html and .pdf of several programs."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest

from gdplan.files.documents import read as documents
from gdplan.files.documents.document import DocumentTable, one_line, unbroken
from gdplan.files.documents.word_numbers import figure
from gdplan.files.grids import grids
from gdplan.problems import ProblemError

DATA = Path(__file__).parents[1] / "data" / "documents"
TRUTH = json.loads((DATA / "truth.json").read_text("utf-8"))
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BESIDE = ('xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
          'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
          'xmlns:v="urn:schemas-microsoft-com:vml"')  # fmt: skip


def bare(text: str) -> str:
    """A text without marks of notes and blanks, which programs print differently."""
    return re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹\s]", "", text)


def tables(name: str) -> list[DocumentTable]:
    document = documents.read(DATA / name)
    return [block for block in document.blocks if isinstance(block, DocumentTable)]


@pytest.mark.parametrize("name", ["plan.docx", "gov.html", "lo.pdf", "browser.pdf"])
def test_every_cell_of_every_table_is_read(name):
    for (key, wanted), table in zip(TRUTH["tables"].items(), tables(name), strict=True):
        rows = [[bare(cell) for cell in table.cells(r)] for r in range(1, table.rows + 1)]
        # A frame around a table holds its title above it, its note below it.
        width = len(wanted["cells"][0])
        framed = [row[:width] for row in rows if row[0] == "" or len({*row} - {""}) > 1
                  or row in [[bare(c) for c in w] for w in wanted["cells"]]]  # fmt: skip
        assert framed == [[bare(cell) for cell in row] for row in wanted["cells"]], key


@pytest.mark.parametrize("name", ["plan.docx", "gov.html"])
def test_every_paragraph_is_read(name):
    lines = [bare(line) for line in documents.read(DATA / name).lines]
    for kind, text in TRUTH["prose"]:
        if kind != "footnote" or name == "plan.docx":
            assert bare(text) in lines, text


@pytest.mark.parametrize(("name", "least"), [("lo.pdf", 26), ("browser.pdf", 27)])
def test_paragraphs_of_a_pdf_are_made_of_its_lines(name, least):
    text = "\n".join(bare(line) for line in documents.read(DATA / name).lines)
    wanted = [bare(t) for kind, t in TRUTH["prose"] if kind != "footnote"]
    assert sum(line in text for line in wanted) >= least


def test_places_are_cited_as_table_and_row_and_page():
    document = documents.read(DATA / "lo.pdf")
    line = next(n for n, text in enumerate(document.lines, 1) if "补充养老保险基金规模" in text)
    assert document.place(line) == "lo.pdf 第2页表1第13行"


def test_revisions_are_accepted_and_counted():
    assert documents.read(DATA / "plan.docx").remarks == ("按已接受处理的修订：删除4处、插入3处",)


def test_struck_figures_of_a_pdf_are_not_read():
    [table, *_] = tables("tracked.pdf")
    text = "\n".join("\t".join(table.cells(r)) for r in range(1, table.rows + 1))
    assert "3700" in text and "3650" not in text and "999" not in text


@pytest.mark.parametrize(
    ("name", "row"),
    [("sup", ["广州", "78.4¹"]), ("sdt", ["广州", "1", "2", "3"]),
     ("ins", ["就业人数", "50", "60"])],
)  # fmt: skip
def test_published_word_tables_are_read_by_the_same_walk(name, row):
    [grid] = grids(DATA / f"{name}.docx")[0].values()
    assert [grid.at(2, c).text for c in range(1, len(row) + 1)] == row


def docx(path: Path, body: str, **parts: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:document {W} {BESIDE}><w:body>{body}</w:body>"
                                              "</w:document>")  # fmt: skip
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", content)
    return path


NUMBERED = '<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="1"/></w:numPr>'


def run(text: str, look: str = "") -> str:
    return f"<w:r><w:rPr>{look}</w:rPr><w:t>{text}</w:t></w:r>"


def paragraph(*runs: str, look: str = "") -> str:
    return f"<w:p><w:pPr>{look}</w:pPr>{''.join(runs)}</w:p>"


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (paragraph(run("新增"), f"<w:ins>{run('五')}</w:ins>", f"<w:del>{run('六')}</w:del>"),
         ["新增五"]),
        (paragraph(run("78.4"), run("1", '<w:vertAlign w:val="superscript"/>')), ["78.4¹"]),
        (paragraph(run("看得见"), run("看不见", "<w:vanish/>"), run("划去", "<w:strike/>")),
         ["看得见"]),
        (f"<w:sdt><w:sdtContent>{paragraph(run('在控件里'))}</w:sdtContent></w:sdt>", ["在控件里"]),
        (paragraph(run("前半"), look="<w:rPr><w:del/></w:rPr>") + paragraph(run("后半")),
         ["前半后半"]),
        (paragraph(f"<w:moveFrom>{run('旧')}</w:moveFrom><w:moveTo>{run('新')}</w:moveTo>"),
         ["新"]),
        (paragraph("<w:r><w:t>一句</w:t><w:br/><w:t>话。</w:t><w:br/><w:t>另一句。</w:t></w:r>"),
         ["一句话。", "另一句。"]),
        (paragraph("<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx><w:txbxContent>"
                   f"{paragraph(run('框内'))}</w:txbxContent></wps:txbx></w:drawing></mc:Choice>"
                   f"<mc:Fallback><w:pict><v:textbox><w:txbxContent>{paragraph(run('框内'))}"
                   "</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"),
         ["框内"]),
    ],
)  # fmt: skip
def test_what_word_shows_is_read(tmp_path, body, lines):
    document = documents.read(docx(tmp_path / "a.docx", body))
    assert [line for line in document.lines if line] == lines


def test_words_own_numbers_are_printed(tmp_path):
    def level(depth: int, form: str, text: str) -> str:
        return (f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
                f'<w:lvlText w:val="{text}"/></w:lvl>')  # fmt: skip

    numbering = (f'<w:numbering {W}><w:abstractNum w:abstractNumId="0">'
                 f"{level(0, 'chineseCounting', '第%1章')}{level(1, 'decimal', '%1.%2')}"
                 '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
                 "</w:numbering>")  # fmt: skip
    body = "".join(
        paragraph(run(text), look=NUMBERED.format(depth=depth))
        for depth, text in [(0, "总则"), (1, "目标"), (1, "任务"), (0, "附则"), (1, "期限")]
    )
    lines = documents.read(docx(tmp_path / "a.docx", body, numbering=numbering)).lines
    assert lines == ("第一章 总则", "一.1 目标", "一.2 任务", "第二章 附则", "二.1 期限")
    assert [figure(n, "chineseCounting") for n in (10, 11, 20, 35)] == [
        "十",
        "十一",
        "二十",
        "三十五",
    ]


def cell(text: str, look: str = "") -> str:
    return f"<w:tc><w:tcPr>{look}</w:tcPr>{paragraph(run(text)) if text else '<w:p/>'}</w:tc>"


def test_merged_cells_speak_for_all_they_cover(tmp_path):
    start, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    wide = '<w:gridSpan w:val="2"/>'
    rows = [cell("就业", start) + cell("新增") + cell("60"),
            cell("", on) + cell("失业率") + cell("5"),
            cell("合计", wide) + cell("7")]  # fmt: skip
    body = "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"
    [table] = [b for b in documents.read(docx(tmp_path / "a.docx", body)).blocks
               if isinstance(b, DocumentTable)]  # fmt: skip
    assert [table.cells(r) for r in (1, 2, 3)] == [
        ("就业", "新增", "60"), ("就业", "失业率", "5"), ("合计", "合计", "7")]  # fmt: skip


def test_a_deleted_row_is_gone_and_a_frame_is_what_it_holds(tmp_path):
    gone = "<w:trPr><w:del/></w:trPr>"
    body = (f"<w:tbl><w:tr>{cell('甲')}{cell('1')}</w:tr><w:tr>{gone}{cell('乙')}{cell('2')}</w:tr>"
            f"</w:tbl><w:tbl><w:tr>{cell('专栏里的话')}</w:tr></w:tbl>")  # fmt: skip
    document = documents.read(docx(tmp_path / "a.docx", body))
    assert document.lines == ("甲\t1", "专栏里的话")


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        ("<p>一<del>二</del><span style='display:none'>三</span>四</p>", ["一四"]),
        ("<p>78.4<sup>1</sup></p>", ["78.4¹"]),
        ("<div>甲<p>乙</p>丙</div>", ["甲", "乙", "丙"]),
        ("<ol><li>首先</li><li>其次</li></ol>", ["1.首先", "2.其次"]),
        ("<table><tr><td rowspan=2>类</td><td>一</td></tr><tr><td>二</td></tr></table>",
         ["类\t一", "类\t二"]),
        ("<table><tr><td colspan=99999>宽</td></tr><tr><td>一</td></tr></table>", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_what_a_page_shows_is_read_in_any_encoding(tmp_path, page, lines, encoding):
    path = tmp_path / "a.html"
    path.write_bytes(f"<html><body>{page}</body></html>".encode(encoding))
    found = documents.read(path).lines
    assert lines is None or list(found) == lines


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "legacy_document"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "locked_document"),
        ("a.wps", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "legacy_document"),
        ("a.ofd", b"PK\x03\x04", "unknown_file_kind"), ("a.rtf", b"{\\rtf1", "unknown_file_kind"),
        ("a.docx", b"PK\x03\x04", "broken_file"), ("a.pdf", b"%PDF-1.7 x", "broken_file"),
        ("a.docx", b"", "empty_file"), ("a.html", b" ", "empty_file"),
        ("a.png", b"\x89PNG", "unknown_file_kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_what_it_is_and_what_to_do(tmp_path, name, content, key):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ProblemError) as caught:
        documents.read(path)
    [problem] = caught.value.problems
    assert problem.key == key and (problem.fix or key == "empty_file")


def test_hostile_documents_are_problems(tmp_path):
    entity = tmp_path / "entity.docx"
    with zipfile.ZipFile(entity, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
                                              f"<w:document {W}/>")  # fmt: skip
    bomb = docx(tmp_path / "bomb.docx", paragraph(run("零" * 20_000_000)))
    deep = docx(tmp_path / "deep.docx", "<w:sdt>" * 5000 + "</w:sdt>" * 5000)
    page = tmp_path / "deep.html"
    page.write_text("<div>" * 20_000 + "x", "utf-8")
    for path in (entity, bomb, deep, page):
        with pytest.raises(ProblemError):
            documents.read(path)


def test_lines_of_a_cell_are_joined_without_making_numbers():
    assert one_line("职业技能\n等级证书") == "职业技能等级证书"
    assert one_line("3.5\n4.0") == "3.5 4.0"
    assert unbroken("第一章 总则\n到2025年，\n建成。") == "第一章 总则\n到2025年，建成。"


def test_a_million_cells_are_a_problem(tmp_path):
    page = tmp_path / "million.html"
    page.write_text("<table>" + ("<tr>" + "<td>1</td>" * 1000 + "</tr>") * 1001, "utf-8")
    rows = "<w:tr>" + "<w:tc><w:p/></w:tc>" * 1000 + "</w:tr>"
    book = docx(tmp_path / "million.docx", f"<w:tbl>{rows * 1001}</w:tbl>")
    for path in (page, book):
        with pytest.raises(ProblemError, match="too_large"):
            documents.read(path)
