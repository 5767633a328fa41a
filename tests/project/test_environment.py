"""pyproject.toml, environment.yml and the locks say the same, and what is imported is declared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
# What each lock holds beside what every report needs.
LOCKS = {
    "requirements.lock": (),
    "requirements-extras.lock": ("explore", "cluster"),
    "requirements-test.lock": ("explore", "cluster", "test"),
}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(texts: list[str]) -> dict[str, str]:
    parsed = [Requirement(text) for text in texts]
    return {canonical(r.name): str(r.specifier) for r in parsed}


def pins_of(lock: str) -> dict[str, set[str]]:
    text = (ROOT / lock).read_text("utf-8")
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", text, re.MULTILINE):
        pins.setdefault(canonical(name), set()).add(version)
    return pins


def test_the_conda_door_leads_to_the_same_packages():
    entries = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    plain = [e for e in entries if isinstance(e, str)]
    inner = [text for e in entries if isinstance(e, dict) for text in e["pip"]]
    conda = wanted(plain + inner)
    assert conda.pop("python") == PROJECT["requires-python"]
    conda.pop("pip")
    assert conda == wanted(PROJECT["dependencies"])


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_dependency_within_its_range(lock):
    pins = pins_of(lock)
    needed = [*PROJECT["dependencies"], *(r for extra in LOCKS[lock] for r in EXTRAS[extra])]
    for requirement in map(Requirement, needed):
        versions = pins.get(canonical(requirement.name))
        assert versions, f"{requirement.name} is not locked"
        assert all(requirement.specifier.contains(v) for v in versions)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_hashes_and_names_no_index(lock):
    text = (ROOT / lock).read_text("utf-8")
    packages = re.findall(r"^[A-Za-z0-9_.-]+==", text, re.MULTILINE)
    assert text.count("--hash=sha256:") >= len(packages) > 50
    assert "://" not in text and "index-url" not in text


def test_each_lock_adds_to_the_one_before_and_changes_no_version():
    report, extras, test = map(pins_of, LOCKS)
    for smaller, larger in ((report, extras), (extras, test)):
        assert smaller.items() <= larger.items() and len(smaller) < len(larger)


def test_what_only_tests_need_is_not_in_the_environment_of_a_report():
    extras = {canonical(Requirement(text).name) for group in EXTRAS.values() for text in group}
    own = extras - set(wanted(PROJECT["dependencies"]))
    # Jupyter itself needs these two.
    assert own & set(pins_of("requirements.lock")) <= {"packaging", "tornado"}


def test_everything_that_is_imported_is_declared():
    providers = packages_distributions()
    groups = [PROJECT["dependencies"], EXTRAS["explore"], EXTRAS["cluster"]]
    declared = {name for group in groups for name in wanted(group)}
    missing = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / "gdplan").rglob("*.py")
        for name in imported(path) - set(sys.stdlib_module_names) - {"gdplan"}
        if not declared & {canonical(d) for d in providers.get(name, [])}
    }
    assert not missing, "\n".join(sorted(missing))


def imported(path: Path) -> set[str]:
    """Top packages that a file imports, at its head or inside a function."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.split(".", maxsplit=1)[0] for name in names}


def test_the_packages_fixed_by_the_design_are_there():
    fixed = {"jupyterlab", "pandas", "numpy", "statsmodels", "matplotlib", "papermill"}
    assert fixed <= set(wanted(PROJECT["dependencies"]))
