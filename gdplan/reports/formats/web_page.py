"""The report as one HTML file: no outside address, readable on a phone, sortable, printable."""

from __future__ import annotations

import base64
import json
import re
import tempfile
from html import escape
from pathlib import Path

from gdplan.page.language import language
from gdplan.reports.formats.assembly import SVG, TEMPLATES, Document, pandoc

SHORT = 9
JOINER = "\u2060"
"""Keeps the mark of a footnote with the sentence before it."""


def page(doc: Document) -> str:
    """The page; the same bytes for the same document.

    Raises
    ------
    RuntimeError
        When pandoc fails, with its message.
    """
    with tempfile.TemporaryDirectory() as folder:
        defaults = Path(folder) / "variables.yaml"
        defaults.write_text(json.dumps(_variables(doc), ensure_ascii=False), "utf-8")
        html = pandoc(
            "--from=json", "--to=html5", "--standalone", "--section-divs", "--toc",
            "--toc-depth=3", "--wrap=none", "--shift-heading-level-by=1",
            f"--template={TEMPLATES / 'report.html'}",
            f"--defaults={defaults}", given=doc.json,
        ).decode()  # fmt: skip
    return _with_charts(_with_boxes(html), doc)


def _variables(doc: Document) -> dict[str, dict[str, str]]:
    """Template variables as a file: Chinese on a command line depends on the locale."""
    say = language(doc.lang)
    return {
        "variables": {
            "styles": (TEMPLATES / "report.css").read_text("utf-8"),
            "script": (TEMPLATES / "report.js").read_text("utf-8"),
            "locale": "zh-CN" if doc.lang == "zh" else "en",
            "contents": say("contents").replace("　", ""),
            "sortby": say("page.sort"),
        }
    }


def _with_boxes(page: str) -> str:
    """Short cells on one line; each table in a named box that scrolls and takes the keyboard."""
    page = page.replace('<a href="#fn', f'{JOINER}<a href="#fn')
    page = re.sub(
        rf'<td( style="[^"]*")?>([^<]{{1,{SHORT}}})</td>', r'<td class="short"\1>\2</td>', page
    )
    parts = re.split(r"(?=<table)", page)
    return parts[0] + "".join(_boxed(part) for part in parts[1:])


def _boxed(part: str) -> str:
    caption = re.search(r"<caption>(.*?)</caption>", part, re.DOTALL)
    name = escape(re.sub(r"<[^>]+>", "", caption[1]).strip()) if caption else ""
    name = name.replace("&amp;", "&")
    box = f'<div class="tablebox" tabindex="0" role="region" aria-label="{name}">'
    return box + part.replace("</table>", "</table></div>", 1)


def _with_charts(page: str, doc: Document) -> str:
    for name, svg in doc.charts.items():
        data = SVG + base64.b64encode(svg.encode()).decode()
        page = page.replace(f'src="{name}"', f'src="{data}"')
    return page
