"""Calibrate: every method on every window; docs/method/calibration.md and the table of coverage.

``make calibration`` runs it in an environment of its own, since a peer needs an older pandas.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.calibration import choose, made_of, page, panels
from benchmarks.calibration.methods import PEERS, normal, peer, quick, walk
from benchmarks.calibration.scores import Chances, Scores, chances, evaluate
from benchmarks.calibration.windows import (
    COLLECTIONS,
    FITTED,
    HORIZON,
    LENGTHS,
    MOST,
    Windows,
    collection,
    cut,
)
from gdplan.outlook.projection import project

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "method" / "calibration.md"
TABLE = ROOT / "gdplan" / "outlook" / "coverage.py"
Cut = Mapping[int, Windows]


def main() -> int:
    """Run, write the page and the table; 1 when the default misses an aim."""
    series = {name: collection(name) for name in COLLECTIONS}
    windows = {name: {n: cut(each, n) for n in LENGTHS} for name, each in series.items()}
    one = {name: {n: w.one_each() for n, w in each.items()} for name, each in windows.items()}
    few = {name: {n: each[n].one_each(MOST) for n in FITTED} for name, each in windows.items()}
    tried = choose.trials(windows)
    every = tuple(COLLECTIONS)
    fitted, failed = _peers(few)
    found = page.Results(
        {name: _quick(each) for name, each in windows.items()},
        {name: {**_quick(few[name]), **fitted[name]} for name in COLLECTIONS}, failed, tried,
        {**{name: choose.chosen(tried, [c for c in every if c != name]) for name in every},
         "none": choose.chosen(tried, every)},
        {name: _chances(each) for name, each in windows.items()},
        {name: made_of.coverage(each, made_of.sums) for name, each in windows.items()},
        {name: made_of.coverage(each, made_of.chained) for name, each in one.items()},
        {name: (len(series[name]), *(sum(len(w.past) for w in each[name].values())
                                     for each in (windows, few))) for name in every},
        list(panels.measured()),
    )  # fmt: skip
    text = page.page(found)
    PAGE.write_text(text, "utf-8")
    TABLE.write_text(page.module(found.measured()), "utf-8")
    print(text)
    return int(bool(page.missed(found)))


def _quick(each: Cut) -> dict[str, list[Scores]]:
    return {name: [s for n, w in each.items() for s in evaluate(method(w.past), w, n)]
            for name, method in quick().items()}  # fmt: skip


def _chances(each: Cut) -> dict[str, Chances]:
    return {str(n): chances(project(w.past, horizon=HORIZON, scale="geometric"), w)
            for n, w in each.items()}  # fmt: skip


def _peers(
    few: Mapping[str, Cut],
) -> tuple[dict[str, dict[str, list[Scores]]], dict[tuple[str, str, int], tuple[int, int]]]:
    """Scores of the models that are fitted one by one, and the windows they failed on."""
    scores: dict[str, dict[str, list[Scores]]] = {name: {p: [] for p in PEERS} for name in few}
    failed = {}
    for name, each in few.items():
        for p in PEERS:
            for n, w in each.items():
                made, bad = peer(p, w.past)
                failed[p, name, n] = int(bad.sum()), len(bad)
                spare = walk(w.past)([0.5, 0.841344746068543])
                made[bad, 0], made[bad, 1] = spare[bad, :, 0], spare[bad, :, 1] - spare[bad, :, 0]
                scores[name][p] += evaluate(normal(made[:, 0], np.abs(made[:, 1])), w, n)
    return scores, failed


if __name__ == "__main__":
    sys.exit(main())
