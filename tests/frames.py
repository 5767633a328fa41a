"""Small plans and observation frames built by hand for tests."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd

from gdplan.assessment.judgement import Judgement
from gdplan.assessment.sentence import sentence
from gdplan.model import (
    OBSERVATION_COLUMNS,
    Attribute,
    Bound,
    Indicator,
    Kind,
    Plan,
    Scale,
)
from gdplan.notation import parse_target, value_interval
from gdplan.page.language import language
from gdplan.plans.load import default_rules
from gdplan.reports.evaluation import Evaluation

PROVINCE = "440000"


def indicator(no: str = "1", **changes: Any) -> Indicator:
    """A level indicator 60 -> 80 万人, larger is better; cells given as text."""
    base = str(changes.pop("base", "60"))
    target = str(changes.pop("target", "80"))
    unit = changes.pop("unit", "万人")
    parsed = parse_target(target, unit=unit)
    plain = Indicator(
        no=no,
        name=changes.pop("name", f"指标{no}"),
        unit=unit,
        kind=changes.pop("kind", parsed.kind),
        base=parse_target(base, unit=unit),
        target=parsed,
        attribute=Attribute.EXPECTED,
        section="一、就业",
        direction=1,
        scale=Scale.LINEAR,
        base_year=2020,
        target_year=2025,
        department="省人力资源社会保障厅",
        limits=(0.0, 100.0 if unit == "%" else math.inf),
    )
    return replace(plain, **changes)


def plan(*items: Indicator, **changes: Any) -> Plan:
    """A plan 2021-2025 of the given indicators under the default rules."""
    rules = default_rules()
    plain = Plan(
        id="test-14",
        title="测试规划",
        title_en="Test plan",
        document="测〔2021〕1号",
        issued="2021-11-18",
        region=PROVINCE,
        region_name="广东省",
        base_year=2020,
        target_year=2025,
        indicators=items,
        parameters={k: float(v) for k, v in rules.parameters.items()},
        rules={
            "midterm": tuple((r.verdict, tuple(r.when)) for r in rules.midterm),
            "final": tuple((r.verdict, tuple(r.when)) for r in rules.final),
        },
        sections=tuple(dict.fromkeys(i.section for i in items)),
        text="test-14/plan.txt",
        table="专栏2",
    )
    return replace(plain, **changes)


def observed(*rows: dict[str, Any]) -> pd.DataFrame:
    """Observation rows; each needs year and raw, everything else has a plain default."""
    return pd.DataFrame(
        [_observation(i, row) for i, row in enumerate(rows, 2)], columns=list(OBSERVATION_COLUMNS)
    ).astype({"month": float, "start": float, "value": float, "simulated": bool})


def _observation(line: int, row: dict[str, Any]) -> dict[str, Any]:
    raw = str(row["raw"])
    bound = row.get("bound", "exact")
    low, high = value_interval(raw, Bound(bound)) if ":" not in raw else (math.nan, math.nan)
    year = row["year"]
    published = row.get("published", f"{year + 1}-02-01")
    return {
        "indicator": row.get("indicator", "指标1"),
        "region": row.get("region", PROVINCE),
        "region_name": row.get("region_name", "广东省"),
        "year": year,
        "period": row.get("period", "annual"),
        "month": row.get("month", 12.0),
        "start": row.get("start", math.nan),
        "value": math.nan if ":" in raw else float(raw),
        "low": low,
        "high": high,
        "unit": row.get("unit", "万人"),
        "bound": bound,
        "raw": raw,
        "published": published,
        "known": pd.Timestamp(published),
        "source": row.get("source", "统计公报"),
        "url": "",
        "access": row.get("access", "direct"),
        "note": "",
        "file": "test.csv",
        "cell": f"F{line}",
        "simulated": row.get("simulated", False),
    }


def yearly(values: dict[int, Any], **common: Any) -> pd.DataFrame:
    """One figure a year: ``yearly({2021: "62", 2022: "65.5"})``."""
    return observed(*({"year": y, "raw": v, **common} for y, v in values.items()))


def evaluation(p: Plan, rows: pd.DataFrame, **options: Any) -> Evaluation:
    """A plan evaluated on rows of figures: the province in 2023, by the rules of the year."""
    asked: dict[str, Any] = {"region": PROVINCE, "year": 2023, **options}
    kind = "final" if asked["year"] == p.target_year else "midterm"
    return Evaluation(**{"kind": kind, "plan": p, "observations": rows, **asked})


def sentence_of(one: Judgement, base_year: int = 2020) -> str:
    """A judgement in one Chinese sentence."""
    return sentence(one, base_year, language("zh"))


LEVELS = (Kind.of("level"), Kind.of("annual"))
