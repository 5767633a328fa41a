"""Figures of cities beside those of their province, for tests."""

from __future__ import annotations

from typing import Any

import pandas as pd
from frames import PROVINCE, evaluation, observed, plan

from gdplan.files.places import cities_of, regions
from gdplan.regions.cities import compared as cities

CITIES = cities_of(PROVINCE)


def placed(
    values: dict[str, dict[int, Any]], base: str | None = "60", **common: Any
) -> pd.DataFrame:
    """Yearly figures by region: ``placed({"440100": {2023: "5"}})``; of a share every city has
    published its own ``base`` too."""
    if base is not None and common.get("unit") == "%":
        values = {c: ({2020: base} if c != PROVINCE else {}) | years for c, years in values.items()}
    return observed(
        *({"region": code, "region_name": regions()[code], "year": year, "raw": raw, **common}
          for code, years in values.items() for year, raw in years.items())
    )  # fmt: skip


def compared(item: Any, rows: pd.DataFrame, *, year: int = 2023, **options: Any) -> Any:
    """The comparison of one indicator of a small plan."""
    options = {"breaks": (), "targets": (), **options}
    (one,) = cities.compare(evaluation(plan(item), rows, year=year, **options))
    return one


def everywhere(before: list[str], now: list[str], total: tuple[str, str]) -> pd.DataFrame:
    """Figures of 2022 and 2023 for the first cities and the province."""
    inside = {c: {2022: a, 2023: b} for c, a, b in zip(CITIES, before, now, strict=False)}
    return placed({PROVINCE: {2022: total[0], 2023: total[1]}, **inside})
