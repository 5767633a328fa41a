"""The report as PDF, set by typst: Chinese fonts inside, a text layer, bookmarks, page x of y.

The same bytes for the same document: fonts of this machine are not looked at, and the time of
making is left out.
"""

from __future__ import annotations

import json
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from gdplan.files.text_width import display_width
from gdplan.page.drawing import PICTURES
from gdplan.page.language import language
from gdplan.reports.formats import assembly
from gdplan.reports.formats.assembly import TEMPLATES, Document, Node, PrintedTable, plain

EM, LATIN, PADDING = 40, 23, 27
NORMAL, WIDE = 42 * EM, 70 * EM
"""Widths are in fortieths of a character: the type area holds 42 of 10.5 pt, 70 of 9 on its side.
A Latin letter or digit takes a little more than half a Chinese character."""
SHORT = (6 * EM, 5 * EM, 4 * EM, 3 * EM)
"""Width up to which a text stays on one line; less where that makes a table lower."""
LONGEST = 24 * LATIN
WORDS = re.compile(r"[!-~À-ɏ]+?(?:(?<=[A-Za-z])[-/]|(?![!-~À-ɏ]))")
BOXES = ("note", "warning", "place")


def ready() -> None:
    """Load typst and the fonts' tables, before they are needed."""
    import typst  # noqa: F401

    _glyphs()


def document(doc: Document) -> bytes:
    """The PDF of a document.

    Raises
    ------
    RuntimeError
        When pandoc or typst fails, or a letter or Chinese character is in none of the fonts.
    """
    tree = dict(doc.tree)
    tree["blocks"] = _laid_out(assembly.changed(tree["blocks"], _known))
    tree["meta"] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, svg in doc.charts.items():
            (folder / name).write_text(svg, "utf-8")
        variables = folder / "variables.yaml"
        variables.write_text(json.dumps({"variables": _words(doc)}), "utf-8")
        source = assembly.pandoc(
            "--from=json", "--to=typst", "--standalone", "--wrap=none",
            f"--template={TEMPLATES / 'report.typ'}", f"--defaults={variables}",
            given=json.dumps(tree),
        )  # fmt: skip
        (folder / "report.typ").write_bytes(source)
        return _compiled(folder / "report.typ", format="pdf")


def png(svg: str, *, ppi: int = 300) -> bytes:
    """A chart as a picture of its own size; 300 points to the inch print sharp.

    Raises
    ------
    RuntimeError
        When the drawing cannot be read.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "chart.svg").write_text(svg, "utf-8")
        page = '#set page(width: auto, height: auto, margin: 0pt)\n#image("chart.svg")'
        (folder / "chart.typ").write_text(page, "utf-8")
        return _compiled(folder / "chart.typ", format="png", ppi=float(ppi))


def _words(doc: Document) -> dict[str, Any]:
    """What the template says itself, as strings of typst: cover, contents, watermark."""
    say = language(doc.lang)
    said = {
        "lang": doc.lang, "title": doc.title, "watermark": plain(doc.tree["meta"]["watermark"]),
        "contents": say("contents"), "issuer": say("cover.issuer"), "day": say("cover.date"),
    }  # fmt: skip
    words: dict[str, Any] = {name: quoted(shown(text)) for name, text in said.items()}
    return words | {
        "lines": [quoted(shown(line)) for line in doc.subtitle],
        "headline": [quoted(shown(line)) for line in assembly.title_lines(doc.title)],
    }


def _compiled(path: Path, **options: Any) -> bytes:
    import typst

    fonts = [str(p.parent) for p in font_files()] if options["format"] == "pdf" else []
    try:
        made = typst.compile(
            str(path), root=str(path.parent), font_paths=list(dict.fromkeys(fonts)),
            ignore_system_fonts=True, timestamp=0, **options,
        )  # fmt: skip
    except Exception as error:
        raise RuntimeError(f"typst: {error}") from error
    if not isinstance(made, bytes):
        raise RuntimeError("typst: more than one page")
    return made


@cache
def font_files() -> tuple[Path, ...]:
    """The fonts of the report: Chinese serif and sans, and one for what they lack."""
    import matplotlib
    import pylopdf_fonts_zh_cn as fonts

    spare = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    return Path(fonts.serif_path()), Path(fonts.sans_path()), spare


@cache
def _glyphs() -> frozenset[int]:
    """Characters that serif and sans both can show, alone or with the spare font's help."""
    from fontTools.ttLib import TTFont

    serif, sans, spare = (
        frozenset(TTFont(path, lazy=True, fontNumber=0)["cmap"].getBestCmap())
        for path in font_files()
    )
    return (serif & sans) | spare


def shown(text: str) -> str:
    """Text as the fonts can show it: an emoji no font has becomes its code point.

    Raises
    ------
    RuntimeError
        For letters and Chinese characters that no font has.
    """
    missing = {c for c in text if ord(c) not in _glyphs() and not c.isspace()}
    lost = sorted(c for c in missing if unicodedata.category(c) not in PICTURES)
    if lost:
        raise RuntimeError("字体中缺少字形：" + "、".join(f"{c}（U+{ord(c):04X}）" for c in lost))
    for c in missing:
        text = text.replace(c, f"[U+{ord(c):04X}]")
    return text


def _known(node: Node) -> Node | None:
    """A node of text as the fonts can show it."""
    if node["t"] == "Str":
        return {"t": "Str", "c": shown(node["c"])}
    if node["t"] in ("Code", "CodeBlock"):
        return {"t": node["t"], "c": [node["c"][0], shown(node["c"][1])]}
    return None


def _laid_out(blocks: Sequence[Node]) -> list[Node]:
    """Blocks with the wide tables, and what leads up to them, on pages on their side."""
    out: list[Node] = []
    for wide, run in assembly.pages(blocks):
        inside = _blocks(run)
        out += [_raw("#gd-wide["), *inside, _raw("]")] if wide else inside
    return out


def _blocks(blocks: Iterable[Node]) -> list[Node]:
    """Tables, charts and boxes in the words of the template; the rest is pandoc's."""
    out: list[Node] = []
    for block in blocks:
        kind = block["t"]
        if kind == "Table":
            out.append(_raw(_table(assembly.printed(block))))
        elif kind == "Figure":
            out.append(_raw(_figure(block)))
        elif kind == "Div" and set(block["c"][0][1]) & set(BOXES):
            [role] = set(block["c"][0][1]) & set(BOXES)
            out += [_raw(f'#gd-box("{role}")['), *_blocks(block["c"][1]), _raw("]")]
        else:
            out.append(assembly.changed(block, _verbatim))
    return out


def _verbatim(node: Node) -> Node | None:
    """A text as a string of typst, where no image speaks it.

    Pandoc escapes markup but leaves what typst replaces: ``...``, ``-?``, the minus of ``-1``.
    """
    if node["t"] == "Str":
        return {"t": "RawInline", "c": ["typst", f"#{quoted(node['c'])};"]}
    return node if node["t"] == "Image" else None


def _table(table: PrintedTable) -> str:
    budget = WIDE if table.wide else NORMAL
    sizes = ", ".join(f"{n}fr" for n in widths(table.header, table.rows, budget))
    sides = ", ".join(a if a in ("left", "right", "center") else "left" for a in table.align)
    head = ", ".join(quoted(h) for h in table.header)
    cells = ",\n".join(", ".join(quoted(c) for c in row) for row in table.rows)
    wide = "true" if table.wide else "false"
    caption = quoted(f"{table.label}　{table.caption}")
    return f"#gd-table({caption}, ({sizes},), ({sides},), ({head},), {wide},\n{cells})"


def _figure(block: Node) -> str:
    _, caption, content = block["c"]
    [image] = [part for part in content[0]["c"] if part["t"] == "Image"]
    _, alt, (path, _) = image["c"]
    return f"#gd-figure({quoted(path)}, {quoted(plain(alt))}, {quoted(plain(caption[1]))})"


def widths(header: Sequence[str], rows: Sequence[Sequence[str]], budget: int) -> tuple[int, ...]:
    """Widths of columns in fortieths of a character: words and numbers whole, the table low.

    Examples
    --------
    >>> widths(("序号", "指标"), (("1", "城镇新增就业人数"), ("25", "某数")), NORMAL)
    (107, 347)
    >>> widths(("序号", "指标"), (("1", "城镇新增就业人数"), ("25", "某数")), 7 * EM)
    (107, 173)
    """
    columns = list(zip(*([header, *rows]), strict=True))
    sizes = [[_size(text) for text in column] for column in columns]
    whole = [max(_heading(column[0], SHORT[0]), *sizes[i]) for i, column in enumerate(columns)]
    room = budget - PADDING * len(header)
    tried = [_shared(whole, [_least(column, short) for column in columns], room) for short in SHORT]
    found = min(tried, key=lambda made: _height(sizes, made))
    return tuple(PADDING + width for width in found)


def _height(sizes: Sequence[Sequence[int]], found: Sequence[int]) -> int:
    """Lines that the rows of a table take together."""
    lines = [[-(-n // width) for n in column] for column, width in zip(sizes, found, strict=True)]
    return sum(map(max, zip(*lines, strict=True)))


def _shared(whole: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Texts over more and more lines until all columns fit; at last the widest give way."""
    if sum(least) > room:
        cap = max(least)
        while cap > EM and sum(min(n, cap) for n in least) > room:
            cap -= 1
        return [min(n, cap) for n in least]
    tenths = 10
    while True:
        found = [max(least[i], -(-n * 10 // tenths)) for i, n in enumerate(whole)]
        if sum(found) <= room:
            return found
        tenths += 1


def _least(column: Sequence[str], short: int) -> int:
    """Width of what has to stay on one line: short texts, and the words of all others."""
    head, *cells = column
    return max(EM, _heading(head, short), *(_unbroken(text, short) for text in cells))


def _unbroken(text: str, short: int) -> int:
    width = _size(text)
    if width <= short:
        return width
    return max((n for word in WORDS.findall(text) if (n := _size(word)) <= LONGEST), default=EM)


def _heading(text: str, short: int) -> int:
    """A heading may stand on two lines, on three where room is scarce."""
    width, lines = _size(text), 2 if short > SHORT[-1] else 3
    return width if width <= short else max(_unbroken(text, short), (width + EM) // lines)


def _size(text: str) -> int:
    """Width of a text; what may be narrow or wide stands wide in a Chinese font."""
    wide = display_width(text, chinese=True) - len(text)
    return LATIN * len(text) + (EM - LATIN) * wide


def quoted(text: str) -> str:
    """A string of typst: nothing in it is markup."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'


def _raw(text: str) -> Node:
    return {"t": "RawBlock", "c": ["typst", text]}
