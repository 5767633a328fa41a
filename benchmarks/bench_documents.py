"""Reading a plan of 200 pages as a Word file and as a PDF: time and memory of a process alone."""

from __future__ import annotations

import html
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import typst

from benchmarks.harness import Result
from gdplan import load_plan

SECONDS, BYTES, PAGES = 10.0, 500e6, 200
HEAD = ("指标", "单位", "2020年", "2025年", "属性")
READ = """
import resource, time
from pathlib import Path
from gdplan.files.documents import read as documents
from gdplan.plans.table_rows import parse_document
start = time.perf_counter()
parsed = parse_document(documents.read(Path({path!r})))
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
      len(parsed.rows))
"""
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def run() -> list[Result]:
    """Both formats of the same text, a table of every indicator on each tenth page."""
    plan = load_plan("gd-hrss-14")
    text = Path(plan.files[1]).read_text("utf-8")
    prose = [line for line in text.splitlines() if len(line) > 30 and "\t" not in line]
    rows = [(i.name, i.unit, i.base.raw, i.target.raw, str(i.attribute)) for i in plan.indicators]
    results = []
    with tempfile.TemporaryDirectory() as name:
        for suffix, write in (("docx", _docx), ("pdf", _pdf)):
            path = Path(name) / f"plan.{suffix}"
            write(path, prose, rows)
            line = [sys.executable, "-c", READ.format(path=str(path))]
            done = subprocess.run(line, capture_output=True, text=True, check=True)
            spent, held, found = map(float, done.stdout.split())
            said = f"documents: {PAGES} pages of .{suffix}, {found:.0f} rows"
            results += [
                Result(said, "10 seconds", spent / SECONDS, 1.0, f"{spent:.1f} s"),
                Result(f"{said}, memory", "500 MB", held / BYTES, 1.0, f"{held / 1e6:.0f} MB"),
            ]
    return results


def _pages(prose: list[str]) -> list[list[str]]:
    """Some 700 characters a page, the prose over and over."""
    pages: list[list[str]] = []
    place = 0
    for _ in range(PAGES):
        page: list[str] = []
        while sum(map(len, page)) < 600:
            page.append(prose[place % len(prose)])
            place += 1
        pages.append(page)
    return pages


def _docx(path: Path, prose: list[str], rows: list[tuple[str, ...]]) -> None:
    def cell(words: str) -> str:
        return f"<w:tc><w:p><w:r><w:t>{html.escape(words)}</w:t></w:r></w:p></w:tc>"

    table = "".join(f"<w:tr>{''.join(map(cell, row))}</w:tr>" for row in (HEAD, *rows))
    body = []
    for number, page in enumerate(_pages(prose)):
        body += [f"<w:p><w:r><w:t>{html.escape(line)}</w:t></w:r></w:p>" for line in page]
        if number % 10 == 0:
            body.append(f"<w:p><w:r><w:t>专栏{number + 1} 主要指标</w:t></w:r></w:p>")
            body.append(f"<w:tbl>{table}</w:tbl>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types xmlns="http://schemas.'
                      'openxmlformats.org/package/2006/content-types"><Default Extension="xml" '
                      'ContentType="application/xml"/></Types>')  # fmt: skip
        file.writestr("word/document.xml", f'<?xml version="1.0"?><w:document {W}><w:body>'
                      f"{''.join(body)}</w:body></w:document>")  # fmt: skip


def _pdf(path: Path, prose: list[str], rows: list[tuple[str, ...]]) -> None:
    def quoted(words: str) -> str:
        escaped = words.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'

    cells = ", ".join(f"text({quoted(c)})" for row in (HEAD, *rows) for c in row)
    table = f"#table(columns: (3fr, 1fr, 1fr, 1fr, 1fr), {cells})"
    body = ["#set page(numbering: none)", "#set text(size: 9pt)"]
    for number, page in enumerate(_pages(prose)):
        body += [f"#text({quoted(line)})\n" for line in page]
        if number % 10 == 0:
            body += [f"#text({quoted(f'专栏{number + 1} 主要指标')})\n", table]
        body.append("#pagebreak(weak: true)")
    source = path.with_suffix(".typ")
    source.write_text("\n".join(body), "utf-8")
    typst.compile(str(source), output=str(path))
