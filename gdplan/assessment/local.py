"""An indicator as it stands for one region: the base and the office of a province are no city's."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from gdplan.assessment.evidence import figures_of
from gdplan.model import Bound, Comparator, Indicator, Target
from gdplan.notation import parse_target

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Figure, Grouped

SIDES = {Bound.AT_LEAST: Comparator.AT_LEAST, Bound.AT_MOST: Comparator.AT_MOST,
         Bound.APPROX: Comparator.ABOUT}  # fmt: skip


def local(item: Indicator, figures: Grouped, *, own: bool, region_name: str) -> Indicator:
    """The indicator with the region's own base and office; ``own`` tells whether the plan is the
    region's own.

    The base of another region is what it published for the base year, or nothing.
    """
    if own:
        return item
    known = figures_of(item, figures, year=item.base_year)
    base = [f for f in known if f.year == item.base_year and f.full_year]
    cell = _cell(base[-1], item.unit) if base else parse_target("—", unit=item.unit or None)
    return replace(item, base=cell, department=office(item.department, region_name))


def _cell(figure: Figure, unit: str) -> Target:
    """A published figure as the cell of a base."""
    cell = parse_target(figure.raw, unit=unit or None)
    side = SIDES.get(Bound(figure.bound), cell.comparator)
    return cell if cell.parts else replace(
        cell, comparator=side, low=figure.low, high=figure.high)  # fmt: skip


def office(department: str, region_name: str) -> str:
    """The city's office that answers to one of the province.

    Examples
    --------
    >>> office("省人力资源社会保障厅", "汕尾市"), office("省医保局、省委组织部", "汕尾市")
    ('汕尾市人力资源社会保障局', '汕尾市医保局、汕尾市委组织部')
    """
    names = re.split(r"([、，；])", department)
    return "".join(re.sub(r"厅$", "局", re.sub(r"^(?:全?省|\S{2,3}省)", region_name, name))
                   if name not in "、，；" else name for name in names)  # fmt: skip
