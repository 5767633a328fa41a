"""One indicator, judged: everything a report says of it, typed, with the figures as objects.

Text, CSV and JSON are made of it at the export alone (:func:`Judgement.row`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from gdplan.model import Attribute, Comparator, Kind, Level, Reason, Revision, Scale, Verdict

if TYPE_CHECKING:
    import pandas as pd

    from gdplan.assessment.evidence import Figure

NAN = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is known of one indicator in one region and year, and the verdict on it.

    Every field is a column of assessment.csv; docs/dictionary/assessment.csv says what each means
    and in which unit. Unknown numbers are nan, unknown texts empty.
    """

    plan: str
    indicator: str
    name: str
    name_en: str
    region: str
    region_name: str
    year: int
    as_of: str
    kind: Kind
    unit: str
    attribute: Attribute
    section: str
    department: str
    part_of: str
    direction: int
    scale: Scale
    base: float
    base_low: float
    base_high: float
    base_raw: str
    province_base: str = ""
    target: float
    target_low: float
    target_high: float
    target_raw: str
    comparator: Comparator
    value: float
    value_low: float
    value_high: float
    value_raw: str
    data_year: float
    data_month: float
    data_share: float
    last_year: float
    missing_years: tuple[int, ...]
    elapsed: float = NAN
    progress: float = NAN
    progress_low: float = NAN
    progress_high: float = NAN
    progress_geometric: float = NAN
    pace: float = NAN
    pace_low: float = NAN
    pace_high: float = NAN
    achieved: float = NAN
    required: float = NAN
    required_growth: float = NAN
    acceleration: float = NAN
    annualized_growth: float = NAN
    gap: float = NAN
    years_met: float = NAN
    met: bool | None = None
    met_at_base: bool | None = None
    completion: float = NAN
    distance: float = NAN
    shortfall: float = NAN
    scheduled: float = NAN
    annual_target: float = NAN
    annual_target_raw: str = ""
    annual_value: float = NAN
    annual_completion: float = NAN
    annual_share: float = NAN
    annual_month: float = NAN
    annual_verdict: str = ""
    annual_source: str = ""
    next_target: float = NAN
    outlook: float = NAN
    outlook_low80: float = NAN
    outlook_high80: float = NAN
    outlook_low95: float = NAN
    outlook_high95: float = NAN
    reach: float = NAN
    reach_low: float = NAN
    reach_high: float = NAN
    reach_n: int = 0
    reach_reason: Reason | None = None
    calibrated: bool | None = None
    verdict: Verdict
    firm: bool
    verdicts_possible: tuple[Verdict, ...] = ()
    decided_by: str = ""
    level: Level
    year_level: Level = Level.GREY
    growth_ratio: float = NAN
    growth_ratio_opinion: str = ""
    projected_share: float = NAN
    projected_opinion: str = ""
    gap_missed: float = NAN
    gap_opinion: str = ""
    reasons: tuple[Reason, ...]
    caliber: str
    revised: tuple[Revision, ...] = ()
    n_obs: int
    evidence: str
    parameters: Mapping[str, float]
    plan_cell: str
    sources: str
    vintage: str
    access: str
    simulated: bool
    inputs: tuple[Figure, ...]
    history: tuple[Figure, ...]

    def row(self) -> dict[str, Any]:
        """The judgement as a line of assessment.csv: numbers and texts alone."""
        row = {column: _plain(field, getattr(self, field)) for field, column in _COLUMN.items()}
        return row if self.met is None else row | {"decided_by": self.decided_by}


def frame(judgements: Sequence[Judgement]) -> pd.DataFrame:
    """Judgements as a frame, one row each, columns :data:`COLUMNS`."""
    import pandas as pd

    return pd.DataFrame([one.row() for one in judgements], columns=list(COLUMNS))


KEPT = ("year", "period", "month", "raw", "value", "low", "high", "unit", "bound", "published",
        "source", "access", "file", "cell", "note")  # fmt: skip
"""What assessment.csv keeps of a figure: enough to find and to recompute it."""
_COLUMN = {f.name: {"reasons": "reason"}.get(f.name, f.name) for f in fields(Judgement)}
COLUMNS = tuple(_COLUMN.values())
"""Columns of the assessment, in order."""
_LISTED = {"missing_years": "、", "verdicts_possible": "、", "reasons": ";"}
_UNKNOWN = ("met", "calibrated", "met_at_base", "verdicts_possible", "decided_by",
            "growth_ratio_opinion", "projected_opinion", "gap_opinion")  # fmt: skip
"""Columns that hold nothing, rather than an empty text, where no verdict was made."""


def _plain(field: str, value: Any) -> Any:
    if field in _UNKNOWN and value in (None, "", ()):
        return NAN
    if field in ("inputs", "history"):
        rows = [{name: _finite(getattr(figure, name)) for name in KEPT} for figure in value]
        return json.dumps(rows, ensure_ascii=False)
    if field == "revised":
        return _json_of(value)
    if field == "parameters":
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if field in _LISTED:
        return _LISTED[field].join(map(str, value))
    if value is None:
        return ""
    return str(value) if isinstance(value, (StrEnum, Kind)) else value


def _json_of(revised: Sequence[Revision]) -> str:
    """The targets that an indicator ever had, each with its day and its document."""
    lines = [{"issued": r.issued, "target": r.target.raw, "document": r.document} for r in revised]
    return json.dumps(lines, ensure_ascii=False)


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value
