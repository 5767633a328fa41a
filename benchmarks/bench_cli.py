"""Start-up of the command line against importing pandas."""

from __future__ import annotations

import sys

from benchmarks.harness import Result, command, ratio

ROUNDS = 9
LIMIT = 0.35


def run() -> list[Result]:
    """``gdplan --help`` and ``import pandas``, each in a process of its own."""
    shown = command([sys.executable, "-m", "gdplan", "--help"])
    pandas = command([sys.executable, "-c", "import pandas"])
    return [
        Result("gdplan --help", "python -c 'import pandas'", ratio(shown, pandas, ROUNDS), LIMIT)
    ]
