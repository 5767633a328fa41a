"""The arrows of the design, read from the imports; the budgets of modules and notebooks."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gdplan

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "gdplan"
# Each module may import those of earlier lines, never those of its own or a later line.
LAYERS = (
    ("model",),
    (
        "notation",
        "resources",
        "yamlfile",
        "periods",
        "csvtable",
        "tablehead",
        "readerspec",
        "tense",
        "wholefiles",
        "prosenumbers",
        "exact",
        "transport",
        "alternatives",
        "bending",
        "workplace",
    ),
    (
        "grid",
        "formopen",
        "indicators",
        "rates",
        "composite",
        "compositions",
        "montecarlo",
    ),
    ("outlook",),
    ("drift",),
    ("spreadsheets", "growthpath"),
    ("sheets", "allocation", "whatif"),
    ("plantable", "obscheck", "corrections", "calibers", "annualtargets", "tablereader", "choice"),
    ("plantext", "observations", "evidence"),
    ("plan", "judge", "vintages", "commitments", "findings", "ruletable"),
    ("hardchecks", "softchecks", "statuses", "formcells"),
    ("regionalchecks", "ledgersheet", "ledger", "formslips"),
    ("planchecks", "form"),
    ("checks", "formstatus"),
    ("formread", "allocationfile"),
    ("ledgerimport",),
    ("formimport", "schedule", "weights", "compositefile"),
    ("breakdown",),
    ("cityplan",),
    ("allocationform",),
    ("allocationread",),
    ("annual", "ingredients", "startpoints"),
    ("startingpoint", "scenariofile", "reach"),
    ("trajectories", "sensitivity"),
    ("drivers",),
    ("scenarios",),
    ("opinions", "measures"),
    ("assessment", "build"),
    ("scorecard",),
    ("wording", "section", "charts", "runs", "openxml", "cities"),
    ("english", "comparison", "officestyle", "wordtable", "tracing", "standing"),
    ("language",),
    ("tables", "figures", "citywords", "fanchart"),
    ("chances",),
    ("advice", "annex", "changes", "quality", "fulfilment", "yearreview", "tilegrid", "pathwords"),
    ("regional", "league", "explorer", "scenariotable", "fancharts", "exchange"),
    ("prospects", "alarm"),
    ("assembly", "document", "workings"),
    ("forkshell",),
    ("forkengine",),
    ("execution", "webpage", "pdf", "wordparts", "recalculation", "runrecord"),
    ("ledgerbook",),
    ("word", "annexbook", "parameters", "verification"),
    ("outputs", "batchfile", "batchpool", "blobs"),
    ("report", "batch", "cliallocate", "cliscore", "mirror"),
    ("clusterworker",),
    ("clusterlink",),
    ("batchcluster", "scenariocluster"),
    ("batchworker", "clibatch", "clialarm", "cliscenarios", "webapp"),
    ("cliexplore",),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
PURE = (
    "indicators",
    "exact",
    "transport",
    "rates",
    "allocation",
    "composite",
    "drift",
    "montecarlo",
    "growthpath",
    "whatif",
    "outlook",
    "alternatives",
    "bending",
)
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.glob("*.py") if p.stem != "__init__")


def imports_of(path: Path) -> set[str]:
    """Modules of gdplan that a file imports, at the top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "gdplan":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gdplan."):
            found.add(str(node.module).split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("gdplan.")}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.stem)
def test_imports_point_downwards(path):
    assert path.stem in RANK, f"{path.name} has no layer"
    for other in imports_of(path) - {"__version__"}:
        assert RANK[other] < RANK[path.stem], f"{path.stem} imports {other}"


@pytest.mark.parametrize("name", PURE)
def test_mathematics_knows_no_file_no_yaml_and_no_plan(name):
    text = (PACKAGE / f"{name}.py").read_text("utf-8")
    assert imports_of(PACKAGE / f"{name}.py") <= {"model", *PURE}
    assert not re.search(r"\b(yaml|Path|open|pandas|pydantic)\b", text)


def test_only_the_command_line_and_the_workers_of_a_batch_import_the_runner():
    users = {p.stem for p in modules() if "report" in imports_of(p)}
    assert users == {"cli", "batchworker"}


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.stem)
def test_a_module_is_a_room_and_not_a_hall(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400
    assert path.stem not in ("utils", "core", "helpers", "common", "misc")


@pytest.mark.parametrize("statement", ["import gdplan", "from gdplan.cli import app"])
def test_importing_is_cheap(statement):
    heavy = "{'pandas', 'numpy', 'matplotlib', 'papermill', 'pydantic', 'yaml'}"
    code = f"import sys; {statement}; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_every_public_name_exists_and_every_function_is_documented():
    for name in gdplan.__all__:
        value = getattr(gdplan, name)
        assert value is not None
        if callable(value):
            assert value.__doc__, name


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = gdplan.no_such_name


def code_of(path: Path) -> list[str]:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_use_public_names_and_no_runner(path):
    for node in ast.walk(ast.parse("\n".join(code_of(path)))):
        if isinstance(node, ast.ImportFrom):
            assert node.module == "gdplan"
            assert {a.name for a in node.names} <= set(gdplan.__all__)
        assert not isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef, ast.Import))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_are_short_and_hold_no_outputs(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    lines = [line for code in code_of(path) for line in code.splitlines() if line.strip()]
    assert len(lines) <= 60
    assert all(not c.get("outputs") and c.get("execution_count") is None for c in cells)
    assert sum("parameters" in c["metadata"].get("tags", []) for c in cells) == 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_digit_is_typed_into_a_notebooks_prose(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    prose = "".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    assert not re.search(r"\d", prose)
