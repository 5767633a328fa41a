"""A judgement is made in one pass downwards through the modules of the assessment."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import pytest

import gdplan
from gdplan import assess, load_plan, read_observations

ROOT = Path(__file__).resolve().parents[2]
WING = str(Path(gdplan.__file__).parent / "assessment")
MOST = 5


def stays(call) -> list[list[str]]:
    """The modules of the wing in the order in which their functions are entered, a list for every
    indicator; entering the same module again without leaving it counts once. What a value that is
    handed down says of itself (its methods and properties) is no way back to its module."""
    passes: list[list[str]] = []

    def watch(frame: FrameType, event: str, _: object) -> None:
        name = frame.f_code.co_filename
        # Functions of a module, and not the module itself as it is loaded.
        plain = "." not in frame.f_code.co_qualname and frame.f_code.co_name != "<module>"
        if event != "call" or not plain or not name.startswith(WING):
            return
        if frame.f_code.co_name == "_judged":
            passes.append([])
        if passes and passes[-1][-1:] != [name]:
            passes[-1].append(name)

    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(None)
    return passes


@pytest.mark.parametrize("year", [2023, 2025])
def test_modules_of_the_assessment_are_entered_downwards(year):
    plan = load_plan("gd-hrss-14")
    figures = read_observations(ROOT / "examples" / "observations", plan)
    passes = stays(lambda: assess(plan, figures, region="440000", year=year))
    assert len(passes) == len(plan.indicators)
    for item, modules in zip(plan.indicators, passes, strict=True):
        again = len(modules) - len(set(modules))
        names = [Path(name).stem for name in modules]
        assert again <= MOST, f"{item.no} {item.name}: {again} returns, {' > '.join(names)}"
