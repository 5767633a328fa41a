"""What a row of the assessment says of the figures it was judged on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gdplan.assessment import judge
from gdplan.model import Indicator

if TYPE_CHECKING:
    from gdplan.assessment.evidence import Evidence, Figure


def of_data(found: Evidence, value: tuple[float, float, float]) -> dict[str, Any]:
    """Judged value with both ends, dates, sources, vintages, and the figures as JSON."""
    newest = found.inputs[-1] if found.inputs else None
    plain, low, high = value
    return {
        "value": plain,
        "value_low": low,
        "value_high": high,
        "value_raw": "+".join(f.raw for f in found.inputs),
        "data_year": newest.year if newest else math.nan,
        "data_month": newest.month if newest else math.nan,
        "last_year": math.nan if found.last_year is None else found.last_year,
        "missing_years": found.missing_years,
        "n_obs": len(found.history),
        "evidence": evidence(len(found.history)),
        "sources": ";".join(f"{f.file}!{f.cell}" for f in found.inputs),
        "vintage": max((f.published for f in found.inputs), default=""),
        "access": _access(found.inputs),
        "simulated": any(f.simulated for f in found.inputs),
        "inputs": found.inputs,
        "history": found.history,
    }


def value_of(indicator: Indicator, found: Evidence) -> tuple[float, float, float]:
    """The judged value with its low and high end; of a composition its distance to the target."""
    if not found.known:
        return (math.nan,) * 3
    if indicator.kind.parts:
        return judge.figure_interval(indicator, found.inputs[-1])
    return found.value, found.low, found.high


def evidence(n: int) -> str:
    """How much a series can carry (METHOD 5): 1-3 points no probability, 4-6 are thin.

    Examples
    --------
    >>> [evidence(n) for n in (0, 3, 6, 7)]
    ['无', '不足', '单薄', '中等']
    """
    return "无" if n == 0 else "不足" if n <= 3 else "单薄" if n <= 6 else "中等"


def _access(figures: Sequence[Figure]) -> str:
    if not figures:
        return ""
    return "direct" if all(f.access == "direct" for f in figures) else "reprint"
