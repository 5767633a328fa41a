"""Scenario results for other tools: the IAMC layout that pyam reads, and a Frictionless package.

Every file is a function of the tables alone; numbers keep ten significant digits.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from gdplan.scenarios.run import Result

MODEL = "gdplan"
IAMC_COLUMNS = ("model", "scenario", "region", "variable", "unit", "year", "value")
NO_UNIT = "-"
MADE = datetime(2021, 1, 1)
TEXT, INTEGER, NUMBER, BOOLEAN = "string", "integer", "number", "boolean"
_NAMES = dict.fromkeys(
    ("scenario", "scenario_name", "region", "region_name", "indicator", "name", "unit"), TEXT
)
_ONE = ("scenario", "region", "indicator")
_TIME = {"year": INTEGER}


def _typed(texts: str, integers: str = "", numbers: str = "", flags: str = "") -> dict[str, str]:
    groups = ((texts, TEXT), (integers, INTEGER), (numbers, NUMBER), (flags, BOOLEAN))
    return {name: kind for names, kind in groups for name in names.split()}


FIELDS: Mapping[str, Mapping[str, str]] = {
    "scenarios": _NAMES | _TIME | {"statistic": TEXT, "value": NUMBER},
    "outcomes": _NAMES | _typed(
        "kind path evidence target_raw crossing_kind reason",
        "data_year n target_year crossing",
        "now target central median low80 high80 low95 high95 probability gap extra extra_growth",
        "simulated",
    ),
    "sensitivity": _NAMES | _typed("source", "", "low high share"),
    "regressions": _typed(
        "scenario scenario_name region region_name indicator name term", "n",
        "coefficient standard_error df r2 deviation",
    ),
    "iamc": _typed("model scenario region variable unit", "year", "value"),
    "observations": _typed(
        "indicator region region_name period unit bound raw published source url access note file "
        "cell", "year", "month start value low high", "simulated",
    ),
    "indicators": _typed(
        "table no name unit base_raw target_raw kind comparator attribute parent_no section "
        "result_raw", "base_year target_year result_year", "target_value",
    ),
}  # fmt: skip
"""Type of every column of every table of the package."""
KEYS: Mapping[str, tuple[str, ...]] = {
    "scenarios": (*_ONE, "year", "statistic"), "outcomes": _ONE,
    "sensitivity": (*_ONE, "source"), "regressions": (*_ONE, "term"),
    "iamc": ("scenario", "region", "variable", "year"), "indicators": ("no",),
}  # fmt: skip
"""Columns that tell the rows of a table apart."""


def iamc(result: Result) -> pd.DataFrame:
    """Paths in the IAMC layout: one row per scenario, region, variable and year.

    The variable is the indicator's name for the path itself and ``name|p10`` and the like for
    quantiles and the share reached; two indicators of one name are told apart by their numbers.
    Rows without a number do not stand here: their reasons are in ``outcomes``.

    Returns
    -------
    DataFrame
        Columns :data:`IAMC_COLUMNS`.
    """
    rows = result.paths[result.paths["value"].notna()]
    plain = rows["name"].str.replace("|", "/", regex=False)
    several = rows.groupby("name")["indicator"].transform("nunique") > 1
    names = plain.where(~several, plain + "（" + rows["indicator"] + "）")
    path = rows["statistic"] == "path"
    share = rows["statistic"] == "reached"
    unit = rows["unit"].where(~rows["unit"].isin(["", "—"]), NO_UNIT)
    return pd.DataFrame({
        "model": MODEL, "scenario": rows["scenario_name"], "region": rows["region_name"],
        "variable": names.where(path, names + "|" + rows["statistic"]),
        "unit": unit.where(~share, NO_UNIT), "year": rows["year"].astype(int),
        "value": [_settled(v) for v in rows["value"]],
    }).sort_values(list(IAMC_COLUMNS[:6]), kind="stable").reset_index(drop=True)  # fmt: skip


def csv_bytes(frame: pd.DataFrame, fields: Mapping[str, str] | None = None) -> bytes:
    """A table as CSV in UTF-8 with byte order mark; what is not known is empty.

    With ``fields`` its integer columns are written without a point.
    """
    made = {}
    for column in frame.columns:
        kind = (fields or {}).get(column, "")
        made[column] = [_cell(v, kind) for v in frame[column].tolist()]
    table = pd.DataFrame(made, columns=list(frame.columns), dtype=object)
    text = table.to_csv(index=False, lineterminator="\n")
    return str(text).encode("utf-8-sig")


def iamc_xlsx(frame: pd.DataFrame) -> bytes:
    """The IAMC table as a workbook with the one sheet ``data``."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": MODEL, "created": MADE})
        sheet = book.add_worksheet("data")
        sheet.write_row(0, 0, frame.columns)
        for place, row in enumerate(frame.itertuples(index=False), 1):
            for column, value in enumerate(row):
                write = sheet.write_string if isinstance(value, str) else sheet.write_number
                write(place, column, value)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
    return out.getvalue()


def descriptor(
    files: Mapping[str, bytes], *, name: str, title: str, facts: Mapping[str, Any],
    sources: Sequence[Mapping[str, str]],
) -> bytes:  # fmt: skip
    """``datapackage.json`` of the tables: schema, keys, size and hash of each file.

    Parameters
    ----------
    files : mapping of table name to bytes
        Each is written as ``<name>.csv``; its columns are those of :data:`FIELDS`.
    facts : mapping
        What the run was asked for; stands under ``gdplan``.
    sources : sequence of mappings
        ``title`` and ``path`` of what the tables were made from.
    """
    resources = [_resource(table, content, set(files)) for table, content in files.items()]
    package = {
        "profile": "data-package", "name": name, "title": title, "sources": list(sources),
        "resources": resources, "gdplan": dict(facts),
    }  # fmt: skip
    return (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()


def _resource(table: str, content: bytes, tables: set[str]) -> dict[str, Any]:
    header = content.decode("utf-8-sig").split("\n", 1)[0].split(",")
    schema: dict[str, Any] = {
        "fields": [{"name": c, "type": FIELDS[table][c]} for c in header],
        "missingValues": [""],
    }
    if table in KEYS:
        schema["primaryKey"] = list(KEYS[table])
    if table in ("scenarios", "sensitivity", "regressions") and "outcomes" in tables:
        schema["foreignKeys"] = [
            {"fields": list(_ONE), "reference": {"resource": "outcomes", "fields": list(_ONE)}}
        ]
    return {
        "name": table, "path": f"{table}.csv", "profile": "tabular-data-resource",
        "format": "csv", "mediatype": "text/csv", "encoding": "utf-8", "bytes": len(content),
        "hash": "sha256:" + hashlib.sha256(content).hexdigest(), "schema": schema,
    }  # fmt: skip


def _settled(x: float) -> float:
    return float(f"{x:.10g}")


def _cell(value: Any, kind: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "" if value is None or value is pd.NA else value
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    return int(value) if kind == INTEGER else _settled(value)
