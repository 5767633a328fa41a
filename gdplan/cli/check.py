"""What ``gdplan check --warn`` prints."""

from __future__ import annotations

from typing import Any


def alarmed(plan: Any, frame: Any, observations: str | None, region: str, year: int | None) -> bool:
    """Print the raised lights; whether one of a binding indicator is orange or red."""
    from gdplan.observations import annual_targets
    from gdplan.plans.choices import check_region
    from gdplan.reports.sections import alarm

    check_region(region, plan)
    year = alarm.latest_year(plan, frame, region) if year is None else year
    targets = annual_targets.read(annual_targets.place(observations or ""), plan)
    found = alarm.alarm(plan, frame, region=region, year=year, targets=targets)
    for line in found.lines:
        print(line)
    return found.binding
