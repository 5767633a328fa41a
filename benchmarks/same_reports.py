"""Whether a change of the code leaves five reports as they were: their text, tables and figures.

``python -m benchmarks.same_reports make FOLDER [--tree CHECKOUT]`` makes the reports with the code
of a checkout (this one by default); ``python -m benchmarks.same_reports compare BEFORE AFTER``
holds two such folders against each other, prints every difference and ends with 1 if there is one.
What a report says of its own run (versions, hashes) is left out.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
from lxml import html

ROOT = Path(__file__).resolve().parents[1]
SIMULATED = ("--observations", "examples/observations")
REPORTS = {
    "real-midterm": ("midterm",),
    "real-final": ("final",),
    "simulated-midterm": ("midterm", *SIMULATED),
    "simulated-annual": ("annual", "--year", "2023", *SIMULATED),
    "simulated-city": ("midterm", "--region", "440300", *SIMULATED),
}
OWN = ("运行信息", "Run")
"""Headings of what a report says of its own run."""


def make(folder: Path, tree: Path) -> None:
    """The five reports, each below its own name."""
    for name, words in REPORTS.items():
        command = [sys.executable, "-m", "gdplan", "report", *words, "--out", str(folder / name)]
        env = os.environ | {"PYTHONPATH": str(tree)}
        subprocess.run([*command, "--force"], cwd=tree, env=env, check=True, capture_output=True)
        print(name)


def contents(run: Path) -> Iterator[tuple[str, str]]:
    """Place and text of everything a run shows: paragraphs, cells of tables, figures, sheets."""
    for path in sorted(run.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for n, row in enumerate(csv.DictReader(file), 2):
                yield from ((f"{path.name}:{n}:{key}", str(text)) for key, text in row.items())
    for path in sorted(run.glob("*.html")):
        yield from _page(path)
    for path in sorted(run.glob("*.xlsx")):
        for sheet in openpyxl.load_workbook(path):
            for row in sheet.iter_rows():
                for cell in (c for c in row if c.value is not None):
                    if sheet.title not in OWN:
                        yield f"{path.name}:{sheet.title}!{cell.coordinate}", str(cell.value)


def _page(path: Path) -> Iterator[tuple[str, str]]:
    tree = html.fromstring(path.read_bytes())
    for script in tree.xpath("//script | //style | //meta"):
        script.getparent().remove(script)
    heading, counts = "", dict.fromkeys(("text", "cell", "figure"), 0)
    for node in tree.iter():
        tag = node.tag if isinstance(node.tag, str) else ""
        if tag in ("h1", "h2"):
            heading = node.text_content()
        if any(word in heading for word in OWN):
            continue
        kind = {"td": "cell", "th": "cell", "svg": "figure", "img": "figure", "p": "text",
                "li": "text", "caption": "text", "figcaption": "text", "h1": "text", "h2": "text",
                "h3": "text", "h4": "text"}.get(tag)  # fmt: skip
        if kind is None:
            continue
        counts[kind] += 1
        shown = html.tostring(node, encoding="unicode") if kind == "figure" else None
        text = shown or " ".join(node.text_content().split())
        yield f"{path.name}:{kind} {counts[kind]}（{heading.strip()}）", text


def compare(before: Path, after: Path) -> int:
    """Print what differs; the number of differences."""
    differing = 0
    for name in REPORTS:
        pairs = [dict(contents(_run(side / name))) for side in (before, after)]
        places = list(dict.fromkeys([*pairs[0], *pairs[1]]))
        unlike = [p for p in places if pairs[0].get(p) != pairs[1].get(p)]
        for place in unlike:
            shown = (str(p.get(place))[:160] for p in pairs)
            print(f"{name}: {place}\n    before {next(shown)}\n    after  {next(shown)}")
        print(f"{name}: {len(places)} places compared, {len(unlike)} differ")
        differing += len(unlike)
    return differing


def _run(folder: Path) -> Path:
    [run] = (p for p in folder.iterdir() if (p / "run.json").is_file())
    return run


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    ways = parser.add_subparsers(dest="way", required=True)
    one = ways.add_parser("make")
    one.add_argument("folder", type=Path)
    one.add_argument("--tree", type=Path, default=ROOT)
    two = ways.add_parser("compare")
    two.add_argument("before", type=Path)
    two.add_argument("after", type=Path)
    given = parser.parse_args()
    if given.way == "make":
        make(given.folder.resolve(), given.tree.resolve())
        return 0
    return min(compare(given.before, given.after), 1)


if __name__ == "__main__":
    sys.exit(main())
