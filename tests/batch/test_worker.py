"""A worker warms itself by the cells of the notebook it will run, and by no others."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest
from batchruns import EXPORT, SHOWN, WORK
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from gdplan import sections
from gdplan.batch import worker
from gdplan.files import places
from gdplan.reports.sections import overview

VALUES = {"plan": "gd-hrss-14", "region": "440000", "year": 2023, "as_of": "",
          "observations": "", "previous": "", "lang": "zh"}  # fmt: skip


def notebook(folder: Path, *sources: str) -> Path:
    cells = [new_markdown_cell("说明"), *(new_code_cell(source) for source in sources)]
    path = folder / "own.ipynb"
    path.write_text(json.dumps(new_notebook(cells=cells)), "utf-8")
    return path


@pytest.mark.parametrize("kind", ["midterm", "annual", "final", "checks"])
def test_every_section_of_a_shipped_notebook_is_rehearsed(kind):
    path = places.notebook(kind)
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"
            and "parameters" not in c["metadata"].get("tags", [])]  # fmt: skip
    assert list(worker.own_cells(path)) == code
    assert sum("sections." in source for source in code) >= 6


@pytest.mark.parametrize(
    "source",
    ["import os", "open('x.csv', 'w')", "evaluation.assessment.to_csv('x.csv')", "sections = None",
     "%matplotlib inline", "sections.cover(open('x.csv', 'w'))", "sections.cover = evaluate(plan)",
     "for name in sections.HOMES: print(name)", "from os import system\nsystem('ls')", ""],
)  # fmt: skip
def test_a_cell_that_does_more_is_left_out(tmp_path, source):
    path = notebook(tmp_path, WORK, source, SHOWN, EXPORT)
    assert list(worker.own_cells(path)) == [WORK, SHOWN, EXPORT]


def test_a_rehearsal_runs_the_cells_and_leaves_nothing(tmp_path, monkeypatch, capfd):
    mark = tmp_path / "mark"
    foreign = f"open({str(mark)!r}, 'w')"
    own = notebook(tmp_path, WORK, foreign, SHOWN, "sections.no_such(evaluation)")
    monkeypatch.setattr(places, "notebook", lambda kind: own)
    monkeypatch.setattr(worker, "_freeze", lambda: None)
    shown = []
    monkeypatch.setattr(overview, "cover", lambda e: shown.append(e.region))
    with warnings.catch_warnings(record=True) as said:
        worker.rehearse({"kind": "own", "values": VALUES})
    assert shown == ["440000"] and not mark.exists()
    assert not said and capfd.readouterr() == ("", "")
    assert not hasattr(sections, "evaluation")
