"""pyproject.toml, environment.yml and requirements.lock say the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(texts: list[str]) -> dict[str, str]:
    parsed = [Requirement(text) for text in texts]
    return {canonical(r.name): str(r.specifier) for r in parsed}


def test_the_conda_door_leads_to_the_same_packages():
    entries = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    plain = [e for e in entries if isinstance(e, str)]
    inner = [text for e in entries if isinstance(e, dict) for text in e["pip"]]
    conda = wanted(plain + inner)
    assert conda.pop("python") == PROJECT["requires-python"]
    conda.pop("pip")
    assert conda == wanted(PROJECT["dependencies"])


def test_the_lock_pins_every_dependency_within_its_range():
    pins: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", LOCK, re.MULTILINE):
        pins.setdefault(canonical(name), []).append(version)
    extras = PROJECT["optional-dependencies"]
    everything = PROJECT["dependencies"] + [r for extra in extras.values() for r in extra]
    for requirement in map(Requirement, everything):
        versions = pins.get(canonical(requirement.name))
        assert versions, f"{requirement.name} is not locked"
        assert all(requirement.specifier.contains(v) for v in versions)


def test_the_lock_has_hashes_and_names_no_index():
    packages = re.findall(r"^[A-Za-z0-9_.-]+==", LOCK, re.MULTILINE)
    assert LOCK.count("--hash=sha256:") >= len(packages) > 50
    assert "://" not in LOCK and "index-url" not in LOCK


def test_the_packages_fixed_by_the_design_are_there():
    fixed = {"jupyterlab", "pandas", "numpy", "statsmodels", "matplotlib", "papermill"}
    assert fixed <= set(wanted(PROJECT["dependencies"]))
