"""Executed notebook -> the files of a report, each format from the same document, side by side."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread

from gdplan.files.csv_table import from_csv
from gdplan.files.run_folder import FULL
from gdplan.model import Plan
from gdplan.page.language import language
from gdplan.reports import notebook
from gdplan.reports.execute import RunFailed
from gdplan.reports.formats import assembly, web_page

Rows = Sequence[Mapping[str, str]]


def prepare(formats: Sequence[str]) -> None:
    """Load what the formats need, in a thread, while this process waits for the kernel."""
    Thread(target=load, args=(formats,), daemon=True).start()


def load(formats: Sequence[str]) -> None:
    """Load what the formats need; what cannot be loaded fails where it is used."""
    names = {"pdf": "pdf", "docx": "word", "xlsx": "excel"}
    for name in (names[f] for f in formats if f in names):
        with contextlib.suppress(Exception):
            importlib.import_module(f"gdplan.reports.formats.{name}").ready()


def write(
    executed: notebook.Notebook,
    plan: Plan,
    work: Path,
    *,
    kind: str,
    formats: Sequence[str],
    lang: str,
    modified: bool = False,
) -> tuple[assembly.Document, Rows]:
    """Write the .csv tables and every format into a folder; the document and the rows.

    Raises
    ------
    RunFailed
        When a format cannot be written, or there is nothing to report.
    """
    tables = notebook.tables(executed)
    rows, ledger = (from_csv(tables.get(name, "")) for name in ("assessment", "ledger"))
    if not rows:
        raise RunFailed("报告中没有任何评估结果（没有交出 assessment 表，或表中没有行）")
    say = language(lang)
    simulated = any(row.get("simulated") == "True" for row in (*rows, *ledger))
    mark = say("simulated") if simulated else ""
    try:
        doc = assembly.assemble(
            executed, watermark=mark, lang=lang, status=say("page.modified") if modified else ""
        )
    except (RuntimeError, ValueError) as error:
        raise RunFailed(f"无法汇编报告：{error}") from error
    for name, text in tables.items():
        (work / f"{name}.csv").write_bytes(text.encode("utf-8-sig"))
    suffix = f"-{language('zh')('simulated')}" if simulated else ""
    makers: dict[str, tuple[str, Callable[[], bytes]]] = {
        "ipynb": (f"report{suffix}.ipynb", lambda: notebook.notebook_bytes(executed)),
        "pdf": (f"report{suffix}.pdf", lambda: _pdf(doc)),
        "docx": (f"report{suffix}.docx", lambda: _word(doc)),
        "xlsx": (f"annex{suffix}.xlsx", lambda: _annex(doc, rows, ledger, plan, kind, mark)),
        "html": (f"report{suffix}.html", lambda: web_page.page(doc).encode()),
    }
    _all({name: makers[name] for name in makers if name in formats}, work)
    return doc, rows


def _all(makers: Mapping[str, tuple[str, Callable[[], bytes]]], work: Path) -> None:
    """Make the files side by side: most of the time is spent in other programs."""
    with ThreadPoolExecutor(max_workers=max(1, len(makers))) as pool:
        made = {name: pool.submit(maker) for name, (_, maker) in makers.items()}
        for name, future in made.items():
            try:
                content = future.result()
            except OSError as error:
                if error.errno in FULL:
                    raise
                raise RunFailed(f"导出 {name} 失败：{error}") from error
            except Exception as error:
                raise RunFailed(f"导出 {name} 失败：{type(error).__name__}: {error}") from error
            (work / makers[name][0]).write_bytes(content)


def _pdf(doc: assembly.Document) -> bytes:
    from gdplan.reports.formats import pdf

    return pdf.document(doc)


def _word(doc: assembly.Document) -> bytes:
    from gdplan.reports.formats import pdf, word

    pictures = {name.replace(".svg", ".png"): pdf.png(svg) for name, svg in doc.charts.items()}
    return word.document(doc, pictures)


def _annex(
    doc: assembly.Document, rows: Rows, ledger: Rows, plan: Plan, kind: str, mark: str
) -> bytes:
    from gdplan.reports.formats import excel

    return excel.annex(
        doc.tables, rows, plan, table="final" if kind == "final" else "midterm",
        title=doc.title, cover=doc.subtitle, lang=doc.lang, watermark=mark, ledger=ledger,
    )  # fmt: skip
