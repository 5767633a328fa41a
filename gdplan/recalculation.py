"""The assessment as live Excel formulas: from figures to the verdict, one row per indicator.

Formulas follow METHOD sections 3 and 4 and use functions that Excel 2010, WPS and LibreOffice
know. Every formula carries the value of the assessment, for viewers that do not compute.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gdplan.model import Attribute, Comparator, Kind, Verdict

Row = Mapping[str, str]
Value = str | float | bool | None
UP, DOWN = (Comparator.AT_LEAST, Comparator.ABOVE), (Comparator.AT_MOST, Comparator.BELOW)
UNGUARDED = (Kind.CUMULATIVE, Kind.RATE)
EXCEEDABLE = (Kind.CUMULATIVE, Kind.LEVEL, Kind.ANNUAL)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the sheet: an input, or a formula with the value it should give."""

    value: Value
    formula: str = ""
    digits: str = "0.############"


@dataclass(frozen=True, slots=True)
class Frame:
    """What the formulas of a sheet refer to: years, rules, and the ranges of the figures."""

    base_year: int
    target_year: int
    final: bool
    rules: Sequence[tuple[str, Sequence[str]]]
    parameters: Mapping[str, float]
    figures: str
    values: str
    growth: str


COLUMNS = (
    "no", "name", "unit", "kind", "attribute", "direction", "base", "target", "low", "high",
    "data_year", "data_month", "blocked", "value", "elapsed", "raw_progress", "progress", "pace",
    "required", "gap", "completion", "met", "met_at_base", "met_every_year",
    "before_target_year", "moved_away", "no_pace", "pace_ahead", "pace_on_track", "expected",
    "beyond_margin", "nearly", "verdict", "reported", "agrees",
)  # fmt: skip
INPUTS = COLUMNS[:13]


def letter(index: int) -> str:
    """Letters of a column counted from 0: 26 is AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def cells(row: Row, line: int, frame: Frame) -> tuple[Cell, ...]:
    """The cells of an indicator in sheet row ``line``, in the order of :data:`COLUMNS`."""
    at = {name: f"${letter(i)}{line}" for i, name in enumerate(COLUMNS)}
    made = _inputs(row)
    for name, formula in _formulas(row, at, frame).items():
        made[name] = Cell(_cached(name, row, frame), f"={formula}", _digits(name))
    return tuple(made[name] for name in COLUMNS)


def number(text: str) -> float:
    """A number of assessment.csv; empty is nan."""
    return float(text) if text else math.nan


def side(row: Row) -> int:
    """On which side of its number the goal lies: 1 at least, -1 at most, 0 a band or a point."""
    comparator = Comparator(row["comparator"])
    if comparator in UP:
        return 1
    return -1 if comparator in DOWN else int(float(row["direction"]))


def _inputs(row: Row) -> dict[str, Cell]:
    given: dict[str, Value] = {
        "no": row["indicator"], "name": row["name"], "unit": row["unit"], "kind": row["kind"],
        "attribute": row["attribute"], "direction": side(row),
        "base": number(row["base"]), "target": number(row["target"]),
        "low": number(row["target_low"]), "high": number(row["target_high"]),
        "data_year": number(row["data_year"]), "data_month": number(row["data_month"]),
        "blocked": row["reason"] if _blocked(row) else "",
        "reported": row["verdict"],
    }  # fmt: skip
    return {name: Cell(_known(value)) for name, value in given.items()}


def _known(value: Value) -> Value:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _blocked(row: Row) -> bool:
    """Whether a reason forbade any verdict before the rules were asked."""
    return row["verdict"] == Verdict.NOT_ASSESSABLE and not number(row["elapsed"]) >= 0


def _formulas(row: Row, at: Mapping[str, str], frame: Frame) -> dict[str, str]:
    kind = Kind(row["kind"])
    budget = kind is Kind.CUMULATIVE and side(row) < 0
    span = frame.target_year - frame.base_year
    ratio = "{elapsed}/{raw_progress}" if budget else "{raw_progress}/{elapsed}"
    shown = {
        "value": _value(row, kind, at, frame),
        "elapsed": f"({{data_year}}-1+{{data_month}}/12-{frame.base_year})/{span}",
        "raw_progress": _progress(row, kind, frame, at),
        "progress": 'IF({met_at_base},"",{raw_progress})',
        "pace": f'IF({{met_at_base}},"",{_raw_pace(ratio, budget)})',
        "required": _required(row, kind, frame),
        "gap": f"MAX(0,-({_beyond(row)}))",
        "completion": "{value}/{target}" if frame.final and _plain(row) else '""',
        **_facts(row, kind, frame, _raw_pace(ratio, budget), budget),
    }
    named = {name: _guarded(name, text).format(**at) for name, text in shown.items()}
    named["verdict"] = _verdict(frame, at)
    named["agrees"] = f"{at['verdict']}={at['reported']}"
    return named


def _guarded(name: str, text: str) -> str:
    """What cannot be computed stays empty; a fact that cannot is not one."""
    facts = COLUMNS[COLUMNS.index("met") : COLUMNS.index("verdict")]
    if name in facts:
        return f'IF({{blocked}}<>"",FALSE,IFERROR({text},FALSE))'
    return f'IF({{blocked}}<>"","",IFERROR({text},""))'


def _value(row: Row, kind: Kind, at: Mapping[str, str], frame: Frame) -> str:
    mine = f"({frame.figures}={at['no']})"
    if kind is Kind.COMPOSITION:
        return repr(number(row["value"])) if row["value"] else '""'
    if kind is Kind.RATE:
        logs = f"SUMPRODUCT({mine}*{frame.growth})"
        years = "1" if _summed_rate(row) else f"SUMPRODUCT({mine}*1)"
        return f"100*(EXP({logs}/{years})-1)"
    return f"SUMPRODUCT({mine}*{frame.values})"


def _summed_rate(row: Row) -> bool:
    """A growth rate given for the five years as a whole."""
    return row["target_raw"].strip()[:1] in ("[", "〔")


def _progress(row: Row, kind: Kind, frame: Frame, at: Mapping[str, str]) -> str:
    if kind is Kind.CUMULATIVE:
        return "{value}/{target}"
    if kind is Kind.RATE:
        years = frame.target_year - frame.base_year
        passed = f"SUMPRODUCT(({frame.figures}={at['no']})*1)"
        if _summed_rate(row):
            return "LN(1+{value}/100)/LN(1+{target}/100)"
        return f"LN(1+{{value}}/100)*{passed}/({years}*LN(1+{{target}}/100))"
    if not row["base"]:
        return '""'
    if row["scale"] == "geometric":
        return "LN({value}/{base})/LN({target}/{base})"
    return "({value}-{base})/({target}-{base})"


def _raw_pace(ratio: str, budget: bool) -> str:
    return f"IF({{raw_progress}}=0,1E+300,{ratio})" if budget else ratio


def _required(row: Row, kind: Kind, frame: Frame) -> str:
    left = f"({frame.target_year}-({{data_year}}-1+{{data_month}}/12))"
    if kind is Kind.RATE:
        return repr(number(row["required"])) if row["required"] else '""'
    settled = f"OR({_within(row, '{value}')},NOT(ISNUMBER({{progress}})))"
    return f'IF({settled},"",({{target}}-{{value}})/{left})'


def _beyond(row: Row) -> str:
    low, high = (math.isfinite(number(row[k])) for k in ("target_low", "target_high"))
    if low and not high:
        return "{value}-{low}"
    return "{high}-{value}" if high and not low else "MIN({value}-{low},{high}-{value})"


def _within(row: Row, what: str) -> str:
    strict = Comparator(row["comparator"]) in (Comparator.ABOVE, Comparator.BELOW)
    more, less = (">", "<") if strict else (">=", "<=")
    tests = [f"ISNUMBER({what})"]
    if math.isfinite(number(row["target_low"])):
        tests.append(f"{what}{more}{{low}}")
    if math.isfinite(number(row["target_high"])):
        tests.append(f"{what}{less}{{high}}")
    return f"AND({','.join(tests)})"


def _outside(row: Row, frame: Frame) -> str:
    """How many figures of the plan years do not meet the goal."""
    strict = Comparator(row["comparator"]) in (Comparator.ABOVE, Comparator.BELOW)
    mine = f'({frame.figures}={{no}}&"*")'
    below, above = ("<=", ">=") if strict else ("<", ">")
    parts = ["0"]
    if math.isfinite(number(row["target_low"])):
        parts.append(f"SUMPRODUCT({mine}*({frame.values}{below}{{low}}))")
    if math.isfinite(number(row["target_high"])):
        parts.append(f"SUMPRODUCT({mine}*({frame.values}{above}{{high}}))")
    return "+".join(parts)


def _facts(row: Row, kind: Kind, frame: Frame, pace: str, budget: bool) -> dict[str, str]:
    """The words of the rule table (rules.yml) as formulas; see :func:`gdplan.judge.facts`."""
    guarded = kind not in UNGUARDED
    early = int(row["year"]) < frame.target_year
    met = (
        "AND(ISNUMBER({raw_progress}),{raw_progress}>=1)"
        if kind is Kind.RATE
        else _within(row, "{value}")
    )
    met = "FALSE" if budget and early else met
    margins = {name: _parameter(name, row, frame) for name in
               ("ahead_margin", "on_track", "exceed_margin", "nearly")}  # fmt: skip
    beyond = _beyond(row)
    exceedable = kind in EXCEEDABLE and not _banded(row)
    return {
        "met": met,
        "met_at_base": _within(row, "{base}") if guarded else "FALSE",
        "met_every_year": f"AND({{met}},({_outside(row, frame)})=0)" if guarded else "{met}",
        "before_target_year": "TRUE" if early else "FALSE",
        "moved_away": "{raw_progress}<0",
        "no_pace": "NOT(ISNUMBER({raw_progress}))",
        "pace_ahead": f"{pace}>=1+{margins['ahead_margin']}",
        "pace_on_track": f"{pace}>={margins['on_track']}",
        "expected": f'{{attribute}}="{Attribute.EXPECTED.value}"',
        "beyond_margin": f"{beyond}>{margins['exceed_margin']}*ABS({{target}})"
        if exceedable
        else "FALSE",
        "nearly": f"{beyond}>=-{margins['nearly']}*ABS({{target}})",
    }


def _parameter(name: str, row: Row, frame: Frame) -> str:
    """A parameter by its name in the sheet, or the indicator's own value."""
    own = json.loads(row["parameters"]).get(name)
    return f"p_{name}" if own == frame.parameters.get(name) else repr(float(own))


def _banded(row: Row) -> bool:
    both = all(math.isfinite(number(row[k])) for k in ("target_low", "target_high"))
    return both or row["comparator"] in (Comparator.ABOUT, Comparator.KEEP)


def _plain(row: Row) -> bool:
    """Whether completion is a ratio; caps and floor rates have a distance instead."""
    rate_bound = row["unit"] == "%" and row["comparator"] != "="
    return side(row) > 0 and not rate_bound and not _banded(row) and number(row["target"]) != 0


def _verdict(frame: Frame, at: Mapping[str, str]) -> str:
    """The rule table as a chain: the first rule whose words all hold."""
    chain = '""'
    for verdict, words in reversed([rule for rule in frame.rules if "unknown" not in rule[1]]):
        tests = [
            f"NOT({at[w.removeprefix('not ')]})" if w.startswith("not ") else at[w] for w in words
        ]
        chain = f'IF(AND({",".join(tests)}),"{verdict}",{chain})' if tests else f'"{verdict}"'
    return f'IF({at["blocked"]}<>"","{Verdict.NOT_ASSESSABLE.value}",{chain})'


def _cached(name: str, row: Row, frame: Frame) -> Value:
    """What the formula should give, from the assessment; facts that no column holds are left."""
    kept: dict[str, Callable[[], Value]] = {
        "value": lambda: number(row["value"]), "elapsed": lambda: number(row["elapsed"]),
        "raw_progress": lambda: number(row["progress"]),
        "progress": lambda: number(row["progress"]), "pace": lambda: number(row["pace"]),
        "required": lambda: number(row["required"]), "gap": lambda: number(row["gap"]),
        "completion": lambda: number(row["completion"]),
        "met": lambda: row["met"] == "True", "met_at_base": lambda: row["met_at_base"] == "True",
        "verdict": lambda: row["verdict"], "agrees": lambda: True,
    }  # fmt: skip
    if name not in kept:
        return False
    value = _known(kept[name]())
    return "" if value is None or (_blocked(row) and isinstance(value, float)) else value


def _digits(name: str) -> str:
    shares = ("elapsed", "raw_progress", "progress", "completion")
    return "0.0%" if name in shares else ("0.00" if name == "pace" else "0.####")
