"""The arrows of the design, read from the imports; the budgets of modules and notebooks."""

from __future__ import annotations

import ast
import functools
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gdplan

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "gdplan"
# A wing may import from lower storeys and from itself; see docs/architecture.md.
STOREYS = {
    "root": 1,
    "files": 2,
    "outlook": 2,
    "page": 3,
    "plans": 3,
    "observations": 4,
    "assessment": 5,
    "ledger": 5,
    "reports": 6,
    "forms": 6,
    "scenarios": 7,
    "regions": 7,
    "batch": 8,
    "cli": 9,
}
# Pure places: mathematics that knows no file, no YAML and no plan.
PURE = (
    "indicators",
    "outlook",
    "regions/allocation/exact",
    "regions/allocation/flow",
    "regions/allocation/rates",
    "regions/allocation/apportion",
    "regions/composite/scores",
)
# Only these start runs.
STARTERS = {"cli", "batch"}
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def wing_of(path: Path) -> str:
    """The wing a file stands in; files at the top are the root."""
    first, *rest = path.relative_to(PACKAGE).parts
    return first if rest else "root"


def imports_of(path: Path) -> set[str]:
    """Dotted names below gdplan that a file imports, at the top or inside a function."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "gdplan":
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name for a in node.names if a.name.startswith("gdplan.")}
    return {name.removeprefix("gdplan.") for name in found}


def storey_of(name: str) -> str:
    first = name.split(".", maxsplit=1)[0]
    return first if first in STOREYS else "root"


def test_there_are_thirteen_wings_and_eight_modules_at_the_top():
    wings = {p.parent.name for p in PACKAGE.glob("*/__init__.py")}
    assert wings == set(STOREYS) - {"root"}
    assert len(wings) <= 13
    assert len(list(PACKAGE.glob("*.py"))) <= 8


def test_the_page_of_the_architecture_shows_the_wings_and_names_files_that_exist():
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    picture = page.split("```")[1]
    # A storey is a number and the lines below it up to the next.
    storeys = {s.split()[0]: s for s in re.split(r"\n(?= *\d )", picture) if s.strip()}
    for wing, storey in STOREYS.items():
        name = "(root)" if wing == "root" else f"{wing}/"
        assert name in storeys[str(storey)], f"{wing} is not on storey {storey} of the picture"
    for name in re.findall(r"`(gdplan/[\w/.]+|tests/[\w/.]+)`", page):
        assert (ROOT / name).exists(), f"docs/architecture.md names {name}"


@pytest.mark.parametrize("wing", STOREYS)
def test_arrows_between_wings_run_down(wing):
    faces = {PACKAGE / "__init__.py", PACKAGE / "__main__.py", PACKAGE / "sections.py"}
    upward = [
        f"{path.relative_to(ROOT)} (storey {STOREYS[wing]}) imports {name} "
        f"(storey {STOREYS[storey_of(name)]})"
        for path in modules()
        if wing_of(path) == wing and path not in faces
        for name in sorted(imports_of(path))
        if storey_of(name) != wing and STOREYS[storey_of(name)] >= STOREYS[wing]
    ]
    assert not upward, "a wing imports only from lower storeys:\n" + "\n".join(upward)


@pytest.mark.parametrize("place", PURE)
def test_mathematics_knows_no_file_no_yaml_and_no_plan(place):
    files = [PACKAGE / f"{place}.py", *(PACKAGE / place).glob("*.py")]
    allowed = ("model", "problems", *(p.replace("/", ".") for p in PURE))
    for path in (p for p in files if p.is_file()):
        others = {n for n in imports_of(path) if not n.startswith(allowed)}
        # Names handed on by a wing's face.
        others -= {n for n in others if n.rpartition(".")[0] in allowed}
        assert not others, f"{path.relative_to(ROOT)} imports {sorted(others)}"
        text = path.read_text("utf-8")
        assert not re.search(r"\b(yaml|Path|open|pandas|pydantic)\b", text), path


@pytest.mark.parametrize("wing", STOREYS)
def test_no_module_uses_a_private_name_of_another(wing):
    taken = [
        f"{path.relative_to(ROOT)} uses {name}"
        for path in modules()
        if wing_of(path) == wing
        for name in sorted(private_names_of_others(path))
    ]
    assert not taken, "what another module needs is public:\n" + "\n".join(taken)


def private_names_of_others(path: Path) -> set[str]:
    """Names with an underscore that a file imports from gdplan, or takes of a module of it."""
    tree = parsed(path)
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    own = [node for node in imports if (node.module or "").split(".")[0] == "gdplan"]
    names = {alias.name for node in own for alias in node.names}
    locals_ = {alias.asname or alias.name for node in own for alias in node.names}
    taken = {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and is_private(node.attr)
        and isinstance(node.value, ast.Name) and node.value.id in locals_
    }  # fmt: skip
    return taken | {name for name in names if is_private(name)}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_no_test_imports_another_test():
    tests = sorted((ROOT / "tests").rglob("*.py"))
    for path in tests:
        tree = parsed(path)
        names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        names |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        parts = {part for name in names for part in name.split(".")}
        assert not {p for p in parts if p.startswith("test_") or p == "conftest"}, path.name


def test_tests_use_private_names_of_their_own_wing_alone():
    strangers = [
        f"{path.relative_to(ROOT)} uses {name}"
        for path in sorted((ROOT / "tests").glob("*/test_*.py"))
        for name in sorted(private_names_of_others(path))
        if path.parent.name not in wings_of_names(path)[name.split(".")[0]]
    ]
    assert not strangers, "\n".join(strangers)


def wings_of_names(path: Path) -> dict[str, set[str]]:
    """Local name -> the wings it was imported from."""
    wings: dict[str, set[str]] = {}
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "gdplan":
            for alias in node.names:
                wing = storey_of(f"{node.module}.{alias.name}".removeprefix("gdplan."))
                wings.setdefault(alias.asname or alias.name, set()).add(wing)
    return wings


def test_only_those_who_may_start_runs():
    users = {wing_of(p) for p in modules() if "reports.make" in imports_of(p)
             or any(n.startswith("reports.make.") for n in imports_of(p))}  # fmt: skip
    assert users <= STARTERS | {"reports"}


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_module_is_a_room_and_not_a_hall(path):
    assert len(path.read_text("utf-8").splitlines()) <= 450, "past 450 lines a file wants a reason"
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
