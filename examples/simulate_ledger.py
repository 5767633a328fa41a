"""Write the simulated ledger: what an office might report of each commitment, 2021 to 2025.

Nothing in it is real. The story is typed below by commitment; those it does not name keep to the
plan's schedule. Every row is marked.

    python examples/simulate_ledger.py           writes examples/ledger/simulated.csv
    python examples/simulate_ledger.py --check   exits 1 when the file differs
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from gdplan import load_plan
from gdplan.ledger.statuses import FILE_COLUMNS, Status
from gdplan.plans.commitments import Commitment, countable, met, unmerged

MARK = "示例数据，非真实"
YEARS = (2021, 2022, 2023, 2024, 2025)
OUTPUT = Path(__file__).parent / "ledger" / "simulated.csv"

# Share of the target reached by the end of each year; a blank is a year without a report.
PACES: Mapping[str, tuple[str, ...]] = {
    "steady": ("0.20", "0.40", "0.61", "0.81", "1.00"),
    "early": ("0.30", "0.65", "1.00", "1.05", "1.10"),
    "behind": ("0.08", "0.20", "0.35", "0.55", "0.85"),
    "late start": ("0", "0", "0.20", "0.60", "1.00"),
    "silent": ("", "", "", "", ""),
}
STORY: Mapping[str, str] = {
    "c1cd92ded": "early", "cc9c9583f": "early", "caadf4fb1": "early",
    "cc2031577": "behind", "c89a748a1": "behind", "cd15aeb9f": "behind", "c45c0d961": "behind",
    "ce0de352c": "late start", "cb857195a": "late start",
    "c2385ec5a-2": "silent", "c97e89637": "silent",
}  # fmt: skip
# Figures of those that are no sums of five years, are due earlier, or have a story of their own.
FIGURES: Mapping[str, tuple[str, ...]] = {
    "cb41be593": ("0", "0", "1", "1", "1"), "cd978d92d": ("0", "0", "0", "1", "1"),
    "c8094ee68": ("4.8", "10.6", "", "", ""), "c854daa2b": ("11", "24", "27", "31", ""),
    "c43b94f0d": ("1", "3", "", "", ""), "c3c75851b": ("18", "", "", "", ""),
    "ce6b9bf3c": ("96.1", "96.8", "97.2", "97.6", "98.1"),
    "c0e9f1b8b": ("35.2", "36.0", "37.1", "38.4", "39.6"),
    "c8aa33899": ("95.5", "95.8", "96.0", "95.9", "96.2"),
    "cf1ea7d49": ("82", "81", "78", "83", "84"), "c5354afdd": ("50", "50", "52", "50", "50"),
    "cb4c733b7": ("", "10", "10", "10", "10"),
    "cec244c7b": ("455", "490", "528", "560", "586"),
    "c4180fd77": ("1.0", "2.2", "2.1", "3.9", "5.0"),
}  # fmt: skip
WORDS: Mapping[str, tuple[str, ...]] = {
    "ce01a7345": ("推进中", "推进中", "推进中", "已完成", "已完成"),
}
# Reports that do not agree with themselves, and one explained.
ODD: Mapping[tuple[str, int], tuple[str, str]] = {
    ("c1cd92ded", 2023): ("推进中", ""),
    ("c8f67c70c", 2023): ("已完成", "名单已公布，其余待发文"),
    ("c0011d5a0", 2023): ("滞后", "部分地市尚未验收"),
}


def rows() -> Iterator[dict[str, str]]:
    """Every report, by commitment and year; the first of one figure is corrected later."""
    for item in unmerged(load_plan("gd-hrss-14")):
        for place, year in enumerate(YEARS):
            row = _row(item, year, place)
            if row:
                yield row
            if row and (item.id, year) == ("c78df2057", 2023):
                yield row | {"figure": "431", "reported": "2024-03-20", "note": f"更正；{MARK}"}


def _row(item: Commitment, year: int, place: int) -> dict[str, str]:
    figure, word = _figure(item, place), WORDS.get(item.id, ("",) * len(YEARS))[place]
    if not figure and not word:
        return {}
    status, why = ODD.get((item.id, year), (word or _status(item, figure, year), ""))
    done = status == Status.DONE
    return {
        "plan": "gd-hrss-14", "id": item.id, "what": item.what, "year": str(year),
        "reported": f"{year + 1}-01-15", "status": status, "figure": figure,
        "unit": item.unit if figure else "", "evidence": f"模拟验收材料（{MARK}）" if done else "",
        "explanation": f"{why}（{MARK}）" if why else "", "by": "模拟填报人", "note": MARK,
        "simulated": "true",
    }  # fmt: skip


def _figure(item: Commitment, place: int) -> str:
    if item.id in WORDS:
        return ""
    if item.id in FIGURES:
        return FIGURES[item.id][place]
    share = PACES[STORY.get(item.id, "steady")][place]
    if not share:
        return ""
    step = Decimal(1) if item.value >= 100 or item.unit[0] not in "万亿" else Decimal("0.1")
    exact = Decimal(share) * Decimal(repr(item.value))
    return f"{exact.quantize(step, rounding=ROUND_HALF_UP):f}"


def _status(item: Commitment, figure: str, year: int) -> str:
    """What an honest office would choose."""
    value = float(figure)
    if not item.per_year and met(item, value) and (countable(item) or year == YEARS[-1]):
        return Status.DONE
    if not value:
        return Status.NOT_STARTED
    elapsed = 1.0 if item.per_year else (year - 2020) / (int(item.deadline) - 2020)
    late = countable(item) and value / item.value < 0.95 * min(1.0, elapsed)
    return Status.BEHIND if late else Status.UNDER_WAY


def render() -> bytes:
    """The file as bytes: UTF-8, one line per report, line feeds."""
    text = io.StringIO()
    writer = csv.DictWriter(text, FILE_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
    return text.getvalue().encode("utf-8")


def main(arguments: Sequence[str]) -> int:
    """Write the file, or with ``--check`` compare it."""
    made = render()
    if "--check" in arguments:
        return int(not OUTPUT.is_file() or OUTPUT.read_bytes() != made)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_bytes(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
