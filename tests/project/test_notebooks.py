"""The notebooks run top to bottom in Jupyter, without papermill and without a command line."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("kind", ["midterm", pytest.param("final", marks=pytest.mark.slow)])
def test_a_notebook_runs_top_to_bottom_in_jupyter(kind, monkeypatch):
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    book = nbformat.read(ROOT / "notebooks" / f"{kind}.ipynb", as_version=4)
    client = NotebookClient(
        book,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": ROOT / "notebooks"}},
    )
    client.execute()
    outputs = [o for cell in book.cells if cell.cell_type == "code" for o in cell.outputs]
    assert not [o for o in outputs if o.output_type == "error"]
    shown = [o for o in outputs if "text/html" in o.get("data", {})]
    assert len(shown) >= 10
    assert sum("application/vnd.gdplan.assessment+csv" in o.get("data", {}) for o in outputs) == 1
