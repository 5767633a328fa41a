"""Run every benchmark, print the table, write it into docs/performance.md."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import (
    bench_batch,
    bench_checks,
    bench_cli,
    bench_cluster,
    bench_documents,
    bench_forms,
    bench_indicators,
    bench_observations,
    bench_ranks,
    bench_report,
    bench_scenarios,
)
from benchmarks.harness import Result

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- begin measured -->", "<!-- end measured -->"


def table(results: Sequence[Result]) -> str:
    """The results as a markdown table with machine and date."""
    machine = (
        f"{date.today().isoformat()}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, numpy {np.__version__}, pandas {pd.__version__}"
    )
    lines = [machine, "", "| what | against | ratio | at most | |", "|---|---|--:|--:|---|"]
    lines += [
        f"| {r.name} | {r.floor} | {r.ratio:.2f} | {r.limit:g} | {'' if r.passed else 'BROKEN'} |"
        for r in results
    ]
    return "\n".join(lines)


def main() -> int:
    """Run, print, write; 1 when a limit is broken."""
    results = [
        *bench_cli.run(), *bench_report.run(), *bench_batch.run(), *bench_cluster.run(),
        *bench_forms.run(), *bench_documents.run(),
        *bench_observations.run(),
        *bench_checks.run(),
        *bench_scenarios.run(),
        *bench_indicators.run(),
        *bench_ranks.run(),
    ]  # fmt: skip
    text = table(results)
    print(text)
    page = PAGE.read_text("utf-8")
    head, tail = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", "utf-8", newline="\n")
    return 0 if all(r.passed for r in results) else 1


if __name__ == "__main__":
    sys.exit(main())
