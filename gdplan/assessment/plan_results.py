"""The results that a plan's own table prints (完成值) as observations."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from gdplan.model import Bound, Indicator, Mode, Period, Plan, Target
from gdplan.outlook.goal import SETTLED


def plan_results(plan: Plan) -> list[dict[str, Any]]:
    """Observations that the plan's own table prints in its result column (完成值).

    They carry the plan's date of issue as vintage and the line of the text as cell. Beside a target
    that is a total of the plan's years a result is their total, with brackets or without.
    """
    rows = []
    for item in plan.indicators:
        cell = item.result
        if cell is None or not (cell.value is not None or cell.parts):
            continue
        total = _is_total(item, cell)
        cell = _as_figure(item, cell)
        rows.append(
            {
                "indicator": item.name,
                "region": plan.region,
                "region_name": plan.region_name,
                "year": plan.target_year,
                "period": (Period.CUMULATIVE if total else _period(item)).value,
                "month": 12.0,
                "start": float(plan.base_year + 1) if total else math.nan,
                "value": math.nan if cell.value is None else cell.value,
                "low": cell.low,
                "high": cell.high,
                "unit": item.unit,
                "bound": _bound(cell).value,
                "raw": cell.raw,
                "published": plan.issued,
                "source": f"{plan.document} {plan.table}",
                "url": "",
                "access": "direct",
                "note": "",
                "file": f"plans/{plan.text}",
                "cell": f"L{item.line}",
                "simulated": False,
            }
        )
    return rows


def _is_total(item: Indicator, result: Target) -> bool:
    """Whether a result is a total: as its target is, or because only the result has brackets."""
    return item.total or (result.total and not item.target.total and not item.kind.gain)


def _as_figure(item: Indicator, result: Target) -> Target:
    """What the result says of the figures: what was added to a base is a level again, a mean of
    the years their sum."""
    value, base = result.value, item.base.value
    if value is None or not (item.kind.gain or item.kind.mean) or result.total is not (
        item.kind.gain
    ):  # fmt: skip
        return result
    years = item.target_year - item.base_year
    shift, times = (base or 0.0, 1) if item.kind.gain else (0.0, years)
    value, low, high = (round(shift + times * x, SETTLED) for x in (value, result.low, result.high))
    return replace(result, value=value, low=low, high=high)


def _period(item: Indicator) -> Period:
    return (
        Period.YEAR_END
        if not item.kind.yearly and item.kind.mode is not Mode.CHAIN
        else Period.ANNUAL
    )


def _bound(cell: Target) -> Bound:
    if math.isinf(cell.low):
        return Bound.AT_MOST
    if math.isinf(cell.high):
        return Bound.AT_LEAST
    return Bound.EXACT
