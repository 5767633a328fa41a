"""The tables of plan_tables as they are printed: cells in rows, and the truth to compare with."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path

import yaml

HERE = Path(__file__).parent / "data" / "plan_tables"
EMPTY = "—"


@dataclass(frozen=True)
class Fact:
    """One indicator as the plan states it."""

    section: str
    name: str
    unit: str
    base: str
    targets: tuple[tuple[int, str], ...]
    attribute: str
    department: str
    part: bool


class PlanTable:
    """A table of a plan: its words, its printed rows and its facts."""

    def __init__(self, path: Path) -> None:
        spec = yaml.safe_load(path.read_text("utf-8"))
        self.id, self.title, self.source = path.stem, spec["title"], spec["source"]
        self.caption, self.head, self.columns = spec["caption"], spec["head"], spec["columns"]
        self.years = spec["years"]
        self.lines = [line.split("|") for line in spec["rows"].splitlines()]

    @property
    def fields(self) -> list[str]:
        """What the cells of a line hold, the unit apart."""
        return [part for c in self.columns for part in
                (("name", "unit") if c == "name(unit)" else (c,))]  # fmt: skip

    def facts(self) -> list[Fact]:
        """The indicators in their order."""
        found, section = [], ""
        for line in self.lines:
            if len(line) == 1:
                section = line[0].removeprefix("=")
                continue
            cell = dict(zip(self.fields, line, strict=True))
            section = cell.get("section") or section
            target, total = cell["target"], cell.get("total", EMPTY)
            targets = [(self.years[1], target if target != EMPTY else total)]
            if "later" in cell:
                targets.append((self.years[2], cell["later"]))
            found.append(Fact(
                section, cell["name"].removeprefix(">"), cell.get("unit", ""),
                cell.get("base", ""), tuple(targets), cell.get("attribute", ""),
                cell.get("department", ""), cell["name"].startswith(">"),
            ))  # fmt: skip
        return found

    def printed(self) -> list[list[str]]:
        """Rows of cells as the table prints them; a row of one cell is a section."""
        rows = []
        for line in self.lines:
            if len(line) == 1:
                rows.append([line[0].removeprefix("=")])
                continue
            cell = dict(zip(self.fields, line, strict=True))
            name = cell["name"]
            name = f"其中：{name[1:]}" if name.startswith(">") else name
            if "name(unit)" in self.columns and cell["unit"]:
                name = f"{name}（{cell['unit']}）"
            rows.append([name if c.startswith("name") else cell[c] for c in self.columns])
        return rows

    def page(self) -> str:
        """The table on a page of the plan, sections merged."""
        body = [f"<tr>{''.join(f'<th>{html.escape(c)}</th>' for c in self.head)}</tr>"]
        rows = self.printed()
        for n, row in enumerate(rows):
            if len(row) == 1:
                body.append(f'<tr><td colspan="{len(self.head)}">{html.escape(row[0])}</td></tr>')
                continue
            cells = []
            for column, text in zip(self.columns, row, strict=True):
                if column == "section" and not text:
                    continue
                below = rows[n + 1 :]
                span = next((k for k, r in enumerate(below) if r[0]), len(below)) + 1
                tall = f' rowspan="{span}"' if column == "section" and span > 1 else ""
                cells.append(f"<td{tall}>{html.escape(text)}</td>")
            body.append(f"<tr>{''.join(cells)}</tr>")
        style = (
            "table{border-collapse:collapse;width:100%;font-size:9pt}"
            "td,th{border:1px solid #000;padding:2px 6px}"
        )
        return (
            f'<!doctype html><html><head><meta charset="utf-8"><style>{style}</style>'
            f"<title>{html.escape(self.title)}</title></head><body><h1>{html.escape(self.title)}"
            f"</h1><h2>第一章 主要目标</h2><p>到{self.years[1]}年，主要目标如期实现。</p>"
            f"<p>{html.escape(self.caption)}</p>"
            f'<table border="1" cellspacing="0">{"".join(body)}</table>'
            "<h2>第二章 主要任务</h2><p>各项任务由有关部门负责落实。</p></body></html>"
        )

    def tabbed(self) -> str:
        """The same as text, cells divided by tabs; merged sections printed once."""
        rows = ["\t".join(row) for row in [self.head, *self.printed()]]
        return "\n".join(
            [self.title, "第一章 主要目标", self.caption, *rows, "第二章 主要任务", ""]
        )

    def one_a_line(self) -> str:
        """The same with one cell a line, as copied from a page."""
        cells = [cell for row in [self.head, *self.printed()] for cell in row if cell]
        return "\n".join(
            [self.title, "第一章 主要目标", self.caption, *cells, "第二章 主要任务", ""]
        )


def tables() -> list[PlanTable]:
    """Every table, by name."""
    return [PlanTable(path) for path in sorted(HERE.glob("*.yml"))]
