"""A line of assessment.csv -> the judgement it was written from, with its figures as objects."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any

from gdplan.assessment.evidence import Figure
from gdplan.assessment.judgement import Judgement
from gdplan.model import Attribute, Comparator, Kind, Level, Reason, Revision, Scale, Verdict
from gdplan.notation import parse_target

FIGURE = tuple(f.name for f in fields(Figure))
NUMBERS = ("month", "value", "low", "high")


def judgement(row: Mapping[str, str]) -> Judgement:
    """The judgement of a line; the inverse of :meth:`Judgement.row`.

    Columns that a line of an earlier version lacks have the value of where nothing is known.
    """
    columns = {f.name: {"reasons": "reason"}.get(f.name, f.name) for f in fields(Judgement)}
    return Judgement(
        **{
            f.name: READERS[str(f.type)](row[columns[f.name]])
            for f in fields(Judgement)
            if columns[f.name] in row or f.default is MISSING
        }
    )


def figures(text: str) -> tuple[Figure, ...]:
    """The figures of the columns ``inputs`` and ``history``.

    Examples
    --------
    >>> line = {"year": 2023, "period": "annual", "month": None, "value": 1.5, "low": "-inf",
    ...         "high": 1.5, "raw": "1.5以内", "bound": "at_most", "unit": "%", "source": "",
    ...         "published": "2024", "access": "direct", "file": "a.csv", "cell": "F2"}
    >>> [figure] = figures(json.dumps([line]))
    >>> figure.low, math.isnan(figure.month)
    (-inf, True)
    """
    return tuple(map(_figure, json.loads(text)))


def _figure(line: Mapping[str, Any]) -> Figure:
    known = {name: line[name] for name in FIGURE if name in line}
    # The same nan for all, so that equal figures are equal.
    known |= {k: math.nan if line[k] is None else float(line[k]) for k in NUMBERS}
    return Figure(**known)


def _listed(separator: str, of: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    return lambda text: tuple(of(part) for part in text.split(separator) if part)


def revisions(text: str) -> tuple[Revision, ...]:
    """The targets of the column ``revised``, the plan's own first."""
    return tuple(
        Revision(x["issued"], parse_target(x["target"]), x["document"]) for x in json.loads(text)
    )


READERS: Mapping[str, Callable[[str], Any]] = {
    "str": str,
    "int": int,
    "float": lambda text: float(text) if text else math.nan,
    "bool": lambda text: text == "True",
    "bool | None": {"True": True, "False": False}.get,
    "Kind": Kind.of,
    "Attribute": Attribute,
    "Scale": Scale,
    "Comparator": Comparator,
    "Verdict": Verdict,
    "Level": Level,
    "Reason | None": lambda text: Reason(text) if text else None,
    "tuple[Reason, ...]": _listed(";", Reason),
    "tuple[Verdict, ...]": _listed("、", Verdict),
    "tuple[int, ...]": _listed("、", int),
    "tuple[Figure, ...]": figures,
    "tuple[Revision, ...]": revisions,
    "Mapping[str, float]": json.loads,
}
"""How a field is read, by its type."""
