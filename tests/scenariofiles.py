"""Scenarios and series written by hand for tests."""

from __future__ import annotations

from types import SimpleNamespace

from gdplan.scenarios.files import PathSpec, Scenario, ScenarioSpec

WAVY = {2020: "60", 2021: "63", 2022: "65", 2023: "70"}
FLOWS = {2019: "100", 2020: "104", 2021: "108", 2022: "106", 2023: "116"}


def scenario(default=None, key="one", **changes) -> Scenario:
    paths = {no: PathSpec(**p) for no, p in changes.pop("paths", {}).items()}
    spec = ScenarioSpec(id=key, name=changes.pop("name", "甲"), name_en="One",
                        default=PathSpec(**default) if default else None, **changes)  # fmt: skip
    return Scenario(spec, paths, {}, SimpleNamespace())
