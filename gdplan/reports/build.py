"""data/raw -> data/processed: the plans' tables and one table of all observations.

Committed and rebuilt by CI, which compares the bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from gdplan.files import csv_table, places
from gdplan.files.documents.document import Document
from gdplan.files.write_together import write_all
from gdplan.model import PARSED_COLUMNS
from gdplan.observations import calibers, row_checks
from gdplan.observations.read import read_observations
from gdplan.plans import commitments
from gdplan.plans.load import known_plans, load_plan
from gdplan.plans.parsed import ParsedPlan, ParsedRow
from gdplan.plans.printed import document_of
from gdplan.plans.table_layout import years_of
from gdplan.plans.table_rows import rows_in
from gdplan.problems import Problem, ProblemError


def write_parsed(document: Document, parsed: ParsedPlan, out: Path) -> tuple[Path, Path, int]:
    """Write indicators.csv and commitments.csv into a folder, both or none.

    indicators.csv has the columns PARSED_COLUMNS and the cells as printed; both are UTF-8 with BOM.
    Deadlines that no sentence names are the last year of the document's own period.

    Returns
    -------
    tuple
        Both paths, and the number of commitments.

    Raises
    ------
    ProblemError
        When the files cannot be written.
    """
    base, last = years_of(document, parsed)
    found = commitments.extract(document.text, target_year=last, base_year=base)
    tables, promises = out / "indicators.csv", out / "commitments.csv"
    write_all({
        tables: indicators_csv(parsed.rows).encode("utf-8-sig"),
        promises: commitments.to_csv(found).encode("utf-8-sig"),
    })  # fmt: skip
    return tables, promises, len(found)


def indicators_csv(rows: Iterable[ParsedRow]) -> str:
    """The rows as CSV text; numbers in their shortest form, unknown ones empty."""
    cells = ([_cell(getattr(row, column)) for column in PARSED_COLUMNS] for row in rows)
    return csv_table.to_csv(PARSED_COLUMNS, cells)


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value


def rows_per_table(parsed: ParsedPlan) -> dict[str, int]:
    """Number of rows read from each table, in order."""
    return dict(Counter(row.table for row in parsed.rows))


def processed() -> dict[str, bytes]:
    """Every processed file: path below data/processed and content."""
    files: dict[str, bytes] = {}
    for plan_id in known_plans():
        plan = load_plan(plan_id)
        text = Path(plan.files[1])
        kept = [r for r in rows_in(document_of(plan)) if r.table in plan.table.split("、")]
        files[f"{plan_id}/indicators.csv"] = indicators_csv(kept).encode("utf-8-sig")
        # A text that two plans share holds the commitments of the one it lies with.
        if text.parent.name == plan_id:
            table = commitments.to_csv(commitments.of_plan(plan))
            files[f"{plan_id}/commitments.csv"] = table.encode("utf-8-sig")
    _check_calibers()
    figures = read_observations().drop(columns="known")
    files["observations.csv"] = figures.to_csv(index=False, lineterminator="\n").encode("utf-8-sig")
    return files


def _check_calibers() -> None:
    """Refuse breaks of caliber of series that neither a plan nor series.yml knows."""
    calibers.checked(places.data_folder() / "raw" / "calibers.yml", row_checks.series())


def write() -> list[str]:
    """Write data/processed; the paths written."""
    folder = places.data_folder() / "processed"
    for name, content in processed().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return [f"data/processed/{name}" for name in processed()]


def check() -> list[str]:
    """Compare data/processed with what raw data give now.

    Raises
    ------
    ProblemError
        Naming every file that differs, is missing, or should not be there.
    """
    folder = places.data_folder() / "processed"
    wanted = processed()
    there = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*.csv")}
    problems = [
        Problem("processed_differs", f"data/processed/{name}", "与原始数据不符",
                fix="运行 gdplan build 并提交")
        for name in sorted({*wanted, *there})
        if name not in there or wanted.get(name) != there[name].read_bytes()
    ]  # fmt: skip
    if problems:
        raise ProblemError(problems)
    return [f"data/processed/{name} 一致" for name in wanted]


def listing(out: Path) -> Iterator[str]:
    """Plans, regions with the number of their figures, and finished runs."""
    yield "规划："
    for plan_id in known_plans():
        plan = load_plan(plan_id)
        yield (
            f"  {plan_id}  {plan.title}（{plan.base_year + 1}—{plan.target_year}，"
            f"{len(plan.indicators)}项指标）"
        )
    yield "有数据的地区："
    counts = Counter(zip(*(read_observations()[c] for c in ("region", "region_name")), strict=True))
    for (code, name), n in sorted(counts.items()):
        yield f"  {code}  {name}  {n}个数据"
    yield "报告："
    runs = sorted(p.parent for p in out.glob("*/run.json"))
    yield from (f"  {run}" for run in runs) if runs else ("  尚无",)
