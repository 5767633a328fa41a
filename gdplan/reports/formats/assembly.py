"""Executed notebook -> one document that every format is written from; touches no number.

Pandoc reads the HTML blocks of the cells. Here the title moves to the cover, headings, tables and
charts get their numbers, sources become footnotes, and charts become files. The result is pandoc's
own JSON tree with these promises:

- ``meta``: ``title``, ``subtitle`` (list of lines), ``lang`` (``zh`` or ``en``), ``watermark``
- ``Header`` of level 1 (一、) and 2 (（一）), numbered in their text, with an identifier
- ``Table`` with id ``table-1``..., caption ``表1　...``, class ``wide`` when it needs a page on its
  side, attribute ``columns`` (field of each column, by blanks), rows with attribute ``key``
- ``Figure`` with id ``figure-1``..., caption ``图1　...``, one image ``chart-1.svg`` with its
  description as text
- ``Note`` for sources, ``Div`` of class ``note``, ``warning`` or ``place`` (the office's own words)
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gdplan.files.text_width import display_width

TEMPLATES = Path(__file__).with_name("templates")
SVG = "data:image/svg+xml;base64,"
DRAWING = "gdplan-drawing-"
TITLE_WIDTH = 40
BREAKS = re.compile(r"(?=[“《])|(?<=[”》、，：])")
CHINESE = "零一二三四五六七八九十"
Node = dict[str, Any]
Notebook = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A table as it stands in the report, for the annex and for tracing a cell."""

    label: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: tuple[str, ...]
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """The report before it takes a format: pandoc's tree and the charts as SVG by file name."""

    tree: Node
    charts: Mapping[str, str]

    @property
    def json(self) -> str:
        """The tree as pandoc reads it."""
        return json.dumps(self.tree, ensure_ascii=False)

    @property
    def title(self) -> str:
        """The report's title."""
        return plain(self.tree["meta"]["title"])

    @property
    def subtitle(self) -> tuple[str, ...]:
        """The lines of the cover."""
        return tuple(plain(line) for line in self.tree["meta"]["subtitle"]["c"])

    @property
    def lang(self) -> str:
        """``zh`` or ``en``."""
        return plain(self.tree["meta"]["lang"])

    @property
    def tables(self) -> tuple[PrintedTable, ...]:
        """Every table in reading order."""
        return tuple(printed(node) for node in walk(self.tree["blocks"]) if node["t"] == "Table")


def assemble(
    notebook: Notebook, *, watermark: str = "", lang: str = "zh", status: str = ""
) -> Document:
    """The document of an executed notebook; ``status`` is said on the cover and at the end.

    Raises
    ------
    RuntimeError
        When pandoc cannot read the notebook, with its message.
    """
    drawings: list[str] = []
    tree = json.loads(_read(notebook, drawings))
    title, subtitle, blocks = _without_cover(tree["blocks"])
    charts: dict[str, str] = {}
    blocks = _headings(changed(blocks, _as_footnote), lang)
    blocks = _captions(blocks, drawings, charts, lang)
    if status:
        subtitle.append(status)
        blocks.append(_div("warning", status))
    lines = {"t": "MetaList", "c": [_meta(line) for line in subtitle]}
    tree["meta"] = {
        "title": _meta(title), "subtitle": lines, "lang": _meta(lang),
        "watermark": _meta(watermark),
    }  # fmt: skip
    tree["blocks"] = blocks
    return Document(tree, charts)


def pandoc(*words: str, given: str = "", folder: Path | None = None) -> bytes:
    """What pandoc writes for a text; a locale without UTF-8 changes no byte.

    Raises
    ------
    RuntimeError
        With pandoc's message.
    """
    import pypandoc

    env = os.environ | {"LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "0"}
    run = subprocess.run(
        [pypandoc.get_pandoc_path(), *words], input=given.encode(), capture_output=True,
        env=env, cwd=folder, check=False,
    )  # fmt: skip
    if run.returncode:
        raise RuntimeError(f"pandoc: {run.stderr.decode('utf-8', 'replace').strip()}")
    return run.stdout


def plain(node: Any) -> str:
    """The text of a tree, a list of trees or a meta value."""
    if isinstance(node, list):
        return "".join(plain(part) for part in node)
    if not isinstance(node, Mapping):
        return ""
    kind, content = node["t"], node.get("c", "")
    if kind in ("Str", "MetaString"):
        return str(content)
    if kind in ("Space", "SoftBreak", "LineBreak"):
        return " "
    if kind in ("Code", "Math", "CodeBlock"):
        return str(content[1])
    return plain(content)


def title_lines(title: str) -> tuple[str, ...]:
    """A long title in two lines, parted nearest to its middle at a mark, if it has one there.

    >>> title_lines("广东省人力资源和社会保障事业发展“十四五”规划中期评估报告")
    ('广东省人力资源和社会保障事业发展', '“十四五”规划中期评估报告')
    """
    width_of = partial(display_width, chinese=True)
    width = width_of(title)
    if not TITLE_WIDTH < width <= 2 * TITLE_WIDTH:
        return (title,)
    parted = [(title[: m.start()], title[m.start() :]) for m in BREAKS.finditer(title)]
    even = [pair for pair in parted if max(map(width_of, pair)) <= TITLE_WIDTH]
    return min(even, key=lambda pair: abs(width_of(pair[0]) - width / 2), default=(title,))


def walk(nodes: Any) -> Iterator[Node]:
    """Every node of a tree in reading order, parents first."""
    if isinstance(nodes, list):
        for part in nodes:
            yield from walk(part)
    elif isinstance(nodes, Mapping):
        if "t" in nodes:
            yield dict(nodes)
        for value in nodes.values():
            yield from walk(value)


def is_wide(block: Node) -> bool:
    """Whether a block is a table that needs a page on its side."""
    return bool(block["t"] == "Table" and "wide" in block["c"][0][1])


def pages(blocks: Sequence[Node]) -> list[tuple[bool, list[Node]]]:
    """The blocks in runs of upright and turned pages; a wide table stands on turned ones.

    With it go the headings right before it, and one paragraph under them or since the last wide
    table, which would otherwise stand on a page of their own.
    """
    runs: list[tuple[bool, list[Node]]] = [(False, [])]
    for block in blocks:
        wide, before = is_wide(block), runs[-1][1]
        if wide == runs[-1][0]:
            before.append(block)
            continue
        place = len(before) - (_lead(before, after_wide=len(runs) > 1) if wide else 0)
        moved = [*before[place:], block]
        del before[place:]
        if wide and not before and len(runs) > 1:
            runs.pop()
            runs[-1][1].extend(moved)
        else:
            runs.append((wide, moved))
    return [run for run in runs if run[1]] or [(False, [])]


def _lead(before: Sequence[Node], *, after_wide: bool) -> int:
    """How many blocks at the end of an upright run go with the wide table that follows."""
    kinds = [block["t"] for block in before]
    if after_wide and kinds == ["Para"]:
        return 1
    count = 1 if kinds[-2:] == ["Header", "Para"] else 0
    while count < len(kinds) and kinds[-1 - count] == "Header":
        count += 1
    return count


def _read(notebook: Notebook, drawings: list[str]) -> bytes:
    """Pandoc's tree of a notebook; drawings are taken out first, which saves it a long read."""

    def taken(match: re.Match[str]) -> str:
        drawings.append(base64.b64decode(match[1]).decode())
        return f"{DRAWING}{len(drawings) - 1}"

    text = re.sub(rf"{re.escape(SVG)}([A-Za-z0-9+/=]+)", taken, json.dumps(notebook))
    return pandoc(
        "--from=ipynb", "--to=json", "--ipynb-output=all",
        f"--lua-filter={TEMPLATES / 'blocks.lua'}", given=text,
    )  # fmt: skip


def _meta(text: str) -> Node:
    return {"t": "MetaInlines", "c": [{"t": "Str", "c": text}]}


def _div(role: str, text: str) -> Node:
    return {"t": "Div", "c": [["", [role], []], [{"t": "Para", "c": [_str(text)]}]]}


def _without_cover(blocks: list[Node]) -> tuple[str, list[str], list[Node]]:
    """Title (the first level-one heading), the lines of class subtitle, and the rest."""
    title, lines, rest = "", [], []
    for block in blocks:
        if block["t"] == "Header" and block["c"][0] == 1 and not title:
            title = plain(block["c"][2])
        elif block["t"] == "Div" and "subtitle" in block["c"][0][1]:
            lines += [plain(part) for part in block["c"][1]]
        elif not (block["t"] == "Div" and "watermark" in block["c"][0][1]):
            rest.append(block)
    return title, lines, rest


def changed(node: Any, change: Callable[[Node], Node | None]) -> Any:
    """A copy of a tree in which ``change`` has replaced the nodes it wants to."""
    if isinstance(node, list):
        return [changed(part, change) for part in node]
    if not isinstance(node, Mapping):
        return node
    new = change(dict(node)) if "t" in node else None
    return {key: changed(value, change) for key, value in node.items()} if new is None else new


def _as_footnote(node: Node) -> Node | None:
    if node["t"] != "Span" or "footnote" not in node["c"][0][1]:
        return None
    return {"t": "Note", "c": [{"t": "Para", "c": node["c"][1]}]}


def _headings(blocks: list[Node], lang: str) -> list[Node]:
    """Headings one level up (the title is no heading), numbered, with identifiers of their own."""
    counts: Counter[str] = Counter()
    out = []
    for block in blocks:
        if block["t"] != "Header":
            out.append(block)
            continue
        counts["all"] += 1
        level, (_, classes, values), text = block["c"]
        level = max(level - 1, 1)
        number = _number(level, classes, counts, lang)
        attr = [f"section-{counts['all']}", classes, values]
        out.append({"t": "Header", "c": [level, attr, [_str(number), *text]]})
    return out


def _number(level: int, classes: Sequence[str], counts: Counter[str], lang: str) -> str:
    """The number of the next heading: 一、 or 附一　 on the first level, （一） on the second."""
    if level > 2 or (level == 2 and "plain" in classes):
        return ""
    kind = "below" if level == 2 else "annex" if "annex" in classes else "first"
    counts[kind] += 1
    if level == 1:
        counts["below"] = 0
    if lang == "zh":
        around = {"first": "{}、", "annex": "附{}　", "below": "（{}）"}[kind]
        return around.format(chinese(counts[kind]))
    around = {"first": "{first}. ", "annex": "Annex {annex}. ", "below": "{first}.{below} "}[kind]
    return around.format_map(counts)


def chinese(n: int) -> str:
    """A count up to 99 in Chinese numerals: 12 is 十二."""
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else CHINESE[tens] + "十")
    return head + (CHINESE[ones] if ones or not tens else "")


def _captions(
    blocks: list[Node], drawings: list[str], charts: dict[str, str], lang: str
) -> list[Node]:
    """Tables and figures numbered; a figure's drawing becomes a file among the charts."""
    counts = {"Table": 0, "Figure": 0}

    def filed(node: Node) -> Node | None:
        if node["t"] != "Image" or not node["c"][2][0].startswith(DRAWING):
            return None
        attr, alt, (place, title) = node["c"]
        name = f"chart-{counts['Figure']}.svg"
        charts[name] = drawings[int(place.removeprefix(DRAWING))]
        return {"t": "Image", "c": [attr, alt, [name, title]]}

    out = []
    for block in blocks:
        new = block
        if block["t"] in counts:
            counts[block["t"]] += 1
            new = changed(_numbered(block, counts[block["t"]], lang), filed)
        out.append(new)
    return out


def _numbered(block: Node, n: int, lang: str) -> Node:
    """A table or figure with its number in the caption and an id."""
    kind = block["t"]
    attr, (short, lines), *rest = block["c"]
    word = {"Table": "表", "Figure": "图"}[kind]
    label = _str(f"{word}{n}　" if lang == "zh" else f"{kind} {n}. ")
    first, *others = lines or [{"t": "Plain", "c": []}]
    caption = [short, [{"t": first["t"], "c": [label, *first["c"]]}, *others]]
    return {"t": kind, "c": [[f"{kind.lower()}-{n}", *attr[1:]], caption, *rest]}


def _str(text: str) -> Node:
    return {"t": "Str", "c": text}


def printed(node: Node) -> PrintedTable:
    """A table of the tree as texts."""
    attr, caption, specs, (_, head), bodies, _ = node["c"]
    values = dict(attr[2])
    label, _, text = plain(caption[1]).replace(". ", "　", 1).partition("　")
    rows = [row for body in bodies for row in body[3]]
    return PrintedTable(
        label, text,
        tuple(plain(cell[4]) for row in head for cell in row[1]),
        tuple(tuple(plain(cell[4]) for cell in row[1]) for row in rows),
        tuple(spec[0]["t"].removeprefix("Align").lower() for spec in specs),
        tuple(values.get("columns", "").split()),
        tuple(dict(row[0][2]).get("key", "") for row in rows),
        "wide" in attr[1],
    )  # fmt: skip
