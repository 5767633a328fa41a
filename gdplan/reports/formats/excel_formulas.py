"""The assessment as live Excel formulas: from figures to the verdict, one row per indicator.

Formulas follow METHOD sections 3 and 4 and use functions that Excel 2010, WPS and LibreOffice
know. Every formula carries the value of the assessment, for viewers that do not compute.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from gdplan.assessment.evidence import POINTWISE, Evidence
from gdplan.assessment.judgement import Judgement
from gdplan.assessment.kinds.questions import Case, Vertices, questions
from gdplan.assessment.rules import decide, facts
from gdplan.assessment.standing import UPPER, Standing, standing
from gdplan.files.csv_table import column_letter
from gdplan.files.workbook import Cell, Value
from gdplan.model import Comparator, Indicator, Mode, Verdict
from gdplan.outlook.goal import SETTLED, Goal
from gdplan.page.chinese import FARTHEST, decimals_of, digits
from gdplan.page.language import Language
from gdplan.reports.formats.excel_terms import (
    COLUMNS,
    FACTS,
    SHOWN,
    Frame,
    Line,
)

ENDLESS = '"∞"'


def cells(row: Judgement, item: Indicator, line: int, frame: Frame) -> tuple[Cell, ...]:
    """The cells of an indicator in sheet row ``line``, in the order of :data:`COLUMNS`."""
    here = Line(row, item, _goal(row, item), frame)
    at = {name: f"${column_letter(i)}{line}" for i, name in enumerate(COLUMNS)}
    made, cached = _inputs(here), _cached(here)
    if _only_known(here):
        made["met_every_year"] = Cell(cached["met_every_year"], digits=_digits("met", row))
    for name, formula in _formulas(here, at).items():
        made[name] = Cell(_known(cached[name]), f"={formula}", _digits(name, row))
    return tuple(made[name] for name in COLUMNS)


def _goal(row: Judgement, item: Indicator) -> Goal:
    aim = questions(item.kind).goal(item, row.base, row.parameters)
    return aim or Goal(math.nan, -math.inf, math.inf, False, item.direction, False)


def _inputs(line: Line) -> dict[str, Cell]:
    row, aim, say = line.row, line.aim, line.frame.say
    values: dict[str, Value] = {
        "no": row.indicator, "name": row.name, "unit": row.unit,
        "kind": row.kind.zh if say.code == "zh" else row.kind.en,
        "attribute": say.words.term(row.attribute), "direction": float(aim.direction),
        "base": row.base, "target": aim.value, "low": aim.low, "high": aim.high,
        "data_year": row.data_year, "data_month": row.data_month,
        "blocked": say.words.reason_text(row) if line.blocked else "",
        "value": row.value, "reported": say.words.verdict_word(row.verdict),
    }  # fmt: skip
    return {name: Cell(_known(value)) for name, value in values.items()}


def word(key: str, say: Language) -> str:
    """A word of the data in the language of the report, or the word itself."""
    places = (f"annex.words.{key}", f"sources.{key}")
    return next((say(place) for place in places if say.has(place)), key)


def _known(value: Value) -> Value:
    """An end that is open and a number that is not known are empty."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _formulas(line: Line, at: Mapping[str, str]) -> dict[str, str]:
    frame, pieces = line.frame, _pieces(line)
    when = f"({{data_year}}-1+{line.share})"
    ratio = "{elapsed}/{raw_progress}" if line.budget else "{raw_progress}/{elapsed}"
    shown = {
        "elapsed": f"({when}-{frame.base_year})/{frame.target_year - frame.base_year}",
        "raw_progress": line.formulas.progress.format(**pieces),
        "progress": f'IF({_unmeasured(line)},"",{{raw_progress}})',
        "pace": f'IF({_unmeasured(line)},"",{_speed(line, ratio, ENDLESS)})',
        "required": _required(line, pieces),
        "gap": f"MAX(0,-({_beyond(line)}))",
        "completion": "{value}/{target}" if not math.isnan(line.row.completion) else '""',
        **_facts(line, _speed(line, ratio, "1E+9")),
    }
    named = {name: _guarded(name, text) for name, text in shown.items()}
    named |= _tolerated(line)
    if _only_known(line):
        del named["met_every_year"]
    if not line.item.kind.parts:
        named["value"] = _value(line, pieces)
    named |= {"verdict": _verdict(line), "agrees": "{verdict}={reported}"}
    return {name: text.format(**at) for name, text in named.items()}


def _only_known(line: Line) -> bool:
    """Whether no cell says what the years met: the distances of compositions, and figures such as
    超95, which lie above their number."""
    return line.item.kind.parts or any(f.above for f in line.row.history)


def _unmeasured(line: Line) -> str:
    """Whether there is no progress: a floor, a way too short, a figure with one side only."""
    bounded = all(f.bound in POINTWISE for f in line.row.inputs)
    if line.item.kind.plain and not bounded and not line.blocked:
        return "TRUE"
    return "OR({met_at_base},{short_way})"


def _guarded(name: str, text: str) -> str:
    """What cannot be computed stays empty; a fact that cannot is not one."""
    none = "FALSE" if name in FACTS else '""'
    return f'IF({{blocked}}<>"",{none},IFERROR({text},{none}))'


def _mine(line: Line, *, every: bool = False) -> str:
    """Which figures are this indicator's: those of its value, or every one of the plan years."""
    used = f"({line.frame.figures}={{no}})"
    return f'({used}+({line.frame.figures}={{no}}&"*"))' if every else used


def _pieces(line: Line) -> dict[str, str]:
    """What the sheet offers to the formulas of a kind; see
    :class:`gdplan.assessment.kinds.questions.Formulas`."""
    mine, frame = _mine(line), line.frame
    when = f"({{data_year}}-1+{line.share})"
    return {name: f"{{{name}}}" for name in COLUMNS} | {
        "sum": f"SUMPRODUCT({mine}*{frame.values})",
        "count": f"SUMPRODUCT({mine}*1)",
        "logs": f"SUMPRODUCT({mine}*{frame.growth})",
        "years": f"{frame.target_year - frame.base_year}",
        "spent": f"({when}-{frame.base_year})",
        "left": f"({frame.target_year}-{when})",
        "wanted": _wanted(line),
    }


def _value(line: Line, pieces: Mapping[str, str]) -> str:
    """What the figures make; nothing when one of them has no number."""
    mine = _mine(line)
    known, years = f"SUMPRODUCT({mine}*ISNUMBER({line.frame.values}))", pieces["count"]
    made = line.formulas.value.format(**pieces)
    return f'IF(AND({known}>0,{known}={years}),{_settled(made)},"")'


def _speed(line: Line, ratio: str, endless: str) -> str:
    """Pace; a budget of which nothing is used is infinitely good, one that grew has none."""
    if not line.budget:
        return ratio
    return (
        f"IF({{raw_progress}}{line.formulas.unused},{endless},IF({{raw_progress}}>0,{ratio},NA()))"
    )


def _required(line: Line, pieces: Mapping[str, str]) -> str:
    used = line.budget and line.early and line.formulas.whole
    need = line.formulas.required.format(**pieces)
    settled = _arrived(line) if used else _reached(line)
    if line.whole and line.aim.banded and line.aim.direction:
        settled += f",{need}{'<' if line.aim.direction > 0 else '>'}=0"
    return f'IF(OR({settled},NOT(ISNUMBER({{progress}}))),"",{need})'


def _wanted(line: Line) -> str:
    """The value to be reached; see :meth:`gdplan.outlook.goal.Goal.wanted`."""
    aim = line.aim
    ends = [name for name in ("low", "high") if math.isfinite(getattr(aim, name))]
    if not aim.banded or not ends:
        return "{target}"
    if line.whole:
        if len(ends) == 1:
            return f"{{{ends[0]}}}"
        return ("IF({value}>{high},{high},{low})" if aim.direction >= 0
                else "IF({value}<{low},{low},{high})")  # fmt: skip
    low = "MAX({value},{low})" if "low" in ends else "{value}"
    return f"MIN({low},{{high}})" if "high" in ends else low


def _beyond(line: Line) -> str:
    low, high = math.isfinite(line.aim.low), math.isfinite(line.aim.high)
    if low and not high:
        return _settled("{value}-{low}")
    return _settled("{high}-{value}" if high and not low else "MIN({value}-{low},{high}-{value})")


def _settled(text: str) -> str:
    """A number as it is compared; see :func:`gdplan.outlook.goal.settled`."""
    return f"ROUND({text},{SETTLED})"


def _within(line: Line, what: str, *, above: bool = False) -> str:
    over = "" if line.aim.strict and not above else "="
    under = "" if line.aim.strict or above else "="
    tests = [f"ISNUMBER({what})"]
    tests += [f"{what}>{over}{{low}}"] if math.isfinite(line.aim.low) else []
    tests += [f"{what}<{under}{{high}}"] if math.isfinite(line.aim.high) else []
    return f"AND({','.join(tests)})"


def _reached(line: Line) -> str:
    """Whether the target is met; before the end, growth has to have come all the way."""
    if line.whole:
        return _arrived(line)
    return _within(line, "{value}", above=any(f.above for f in line.row.inputs))


def _arrived(line: Line) -> str:
    sign = ">" if line.aim.strict else ">="
    return f"AND(ISNUMBER({{raw_progress}}),{_settled('{raw_progress}')}{sign}1)"


def _outside(line: Line) -> str:
    """How many figures of the plan years miss the goal; one without a number does."""
    mine, values = _mine(line, every=True), line.frame.values
    end = "=" if line.aim.strict else ""
    parts = [f"SUMPRODUCT({mine}*(1-ISNUMBER({values})))"]
    if math.isfinite(line.aim.low):
        parts.append(f"SUMPRODUCT({mine}*({values}<{end}{{low}}))")
    if math.isfinite(line.aim.high):
        parts.append(f"SUMPRODUCT({mine}*({values}>{end}{{high}}))")
    return "+".join(parts)


def _tolerated(line: Line) -> dict[str, str]:
    """The ends of a goal of 左右 or 保持稳定 follow from the target and a parameter."""
    item, aim = line.item, line.aim
    name = {Comparator.ABOUT: "about_tolerance", Comparator.KEEP: "keep_tolerance_share"}
    key = name.get(item.target.comparator, "")
    if not key or item.kind.parts or math.isnan(aim.value):
        return {}
    points = key != "about_tolerance" and item.unit == "%"
    width = _parameter("keep_tolerance_points" if points else key, line)
    width += "" if points else "*ABS({target})"
    ends = {"low": (aim.low, "-"), "high": (aim.high, "+")}
    bounded = {k: sign for k, (end, sign) in ends.items() if math.isfinite(end)}
    return {k: _settled(f"{{target}}{sign}{width}") for k, sign in bounded.items()}


def _facts(line: Line, pace: str) -> dict[str, str]:
    """The words of the rule table as formulas; see :func:`gdplan.assessment.rules.facts`."""
    margins = {name: _parameter(name, line) for name in
               ("ahead_margin", "on_track", "nearly")}  # fmt: skip
    beyond = _beyond(line)
    return {
        "met": _settled_test(line.formulas.kept) if line.budget and line.early else _reached(line),
        **_base_facts(line),
        "before_target_year": str(line.early).upper(),
        "capped": str(line.budget).upper(),
        "used_up": f"IF(ISNUMBER({{raw_progress}}),{_settled('{raw_progress}')}>1,{{value}}>0)"
        if line.budget
        else "FALSE",
        "short_way": _short_way(line),
        "within_way": f"AND({{short_way}},{beyond}>=-{_settled('ABS({target}-{base})')})",
        "moved_away": _moved_away(line),
        "no_pace": f"NOT(ISNUMBER({pace}))",
        "pace_ahead": f"{_settled(pace)}>=1+{margins['ahead_margin']}",
        "pace_on_track": f"{_settled(pace)}>={margins['on_track']}",
        "expected": str(not line.item.binding).upper(),
        "beyond_margin": "FALSE"
        if _kept(line)
        else f"AND({beyond}>{_settled(_margin(line))},NOT({{met_at_base}}))",
        "nearly": f"{beyond}>=-{_settled(margins['nearly'] + '*ABS({target})')}",
    }


def _settled_test(test: str) -> str:
    left, right = test.split("<=")
    return f"{_settled(left)}<={_settled(right)}"


def _base_facts(line: Line) -> dict[str, str]:
    """What was met at the base and in the years: of what adds up from nothing, a target of zero,
    and of growth under a cap every year."""
    count, missed = f"SUMPRODUCT({_mine(line, every=True)}*1)", f"({_outside(line)})"
    aim, kind = line.aim, line.item.kind
    none = aim.value == 0 and not aim.banded and not line.budget
    each = line.budget and kind.mode is Mode.CHAIN and not line.item.total
    every = f"AND({{met}},{missed}=0)" if not kind.accumulates or each else "{met}"
    guarded = not kind.accumulates
    return {
        "met_at_base": _within(line, "{base}") if guarded else str(none).upper(),
        "met_every_year": f"AND({every},{count}>1)" if line.base_unknown else every,
        "met_before": f"{count}-{missed}-IF({{met}},1,0)>0" if line.base_unknown else "FALSE",
        "base_unknown": "NOT(ISNUMBER({base}))" if guarded else "FALSE",
    }


def _short_way(line: Line) -> str:
    """See :func:`gdplan.assessment.standing.is_short`."""
    item = line.item
    if line.aim.banded or not item.kind.way:
        return "FALSE"
    way = _settled("ABS({target}-{base})")
    halves = 0.5 / 10 ** digits(line.row.base_raw) + 0.5 / 10**item.target.decimals
    share = _settled(f"{_parameter('short_way', line)}*ABS({{base}})")
    return f"AND(ISNUMBER({{base}}),{way}>0,OR({way}<={share},{way}<{halves!r}))"


def _kept(line: Line) -> bool:
    """Whether no result is more than was asked: what was to be kept."""
    worded = line.base_unknown and line.item.target.comparator in UPPER
    return line.budget or line.aim.banded or worded


def _margin(line: Line) -> str:
    """See :func:`gdplan.assessment.rules.exceed_margin`."""
    item = line.item
    if item.kind.way and item.unit == "%" and item.limits == (0.0, 100.0):
        return _parameter("exceed_points", line)
    return _parameter("exceed_margin", line) + "*ABS({target})"


def _moved_away(line: Line) -> str:
    """Away from the target: the wrong way, or out of a band on its far side."""
    if line.budget and not line.formulas.leaves:
        return "FALSE"
    done, aim = _settled("{raw_progress}"), line.aim
    away = f"AND({done}<0,{_apart(line)})"
    if aim.banded and math.isfinite(aim.low) and math.isfinite(aim.high):
        away = f"OR({away},AND({done}>1,NOT({{met}})))"
    return f"AND(ISNUMBER({{raw_progress}}),{away})"


def _apart(line: Line) -> str:
    """Whether value and base differ by more than their rounding."""
    row = line.row
    if line.item.kind.accumulates or line.item.kind.parts:
        return "TRUE"
    up, down, above, below = (
        repr(round(x, SETTLED)) for x in (row.value_high - row.value, row.value - row.value_low,
                                          row.base_high - row.base, row.base - row.base_low)
    )  # fmt: skip
    if "inf" in up + down + above + below or line.blocked:
        return "FALSE"
    worse, better = (_settled(text) for text in (f"{{value}}+{up}-{{base}}+{below}",
                                                 f"{{value}}-{down}-{{base}}-{above}"))  # fmt: skip
    return f"OR({worse}<=0,{better}>=0)"


def _parameter(key: str, line: Line) -> str:
    """The defined name of a parameter: the plan's, or the indicator's own."""
    return line.frame.names.get((line.item.no, key), f"p_{key}")


def _verdict(line: Line) -> str:
    """The rule table as a chain: the first rule whose words all hold."""
    word = line.frame.say.words.verdict_word
    chain = '""'
    for verdict, words in reversed(line.frame.rules):
        tests = [_test(w) for w in words]
        said = f'"{word(Verdict(verdict))}"'
        chain = f"IF(AND({','.join(tests)}),{said},{chain})" if tests else said
    return f'IF({{blocked}}<>"","{word(Verdict.NOT_ASSESSABLE)}",{chain})'


def _test(word: str) -> str:
    name = word.removeprefix("not ")
    place = '({blocked}<>"")' if name == "unknown" else f"{{{name}}}"
    return f"NOT({place})" if name != word else place


def _cached(line: Line) -> dict[str, Value]:
    """What every formula should give: the assessment's value, and the facts behind it."""
    row = line.row
    kept: dict[str, Value] = {name: getattr(row, name) for name in SHOWN}
    kept |= {"low": line.aim.low, "high": line.aim.high, "raw_progress": math.nan}
    kept |= dict.fromkeys(FACTS, False)
    verdict = Verdict.NOT_ASSESSABLE
    if not line.blocked:
        stand = _standing(line)
        known = facts(stand, line.item, row.parameters)
        kept |= {"raw_progress": float(stand.raw[0])}
        kept |= {name: bool(known[name][0]) for name in FACTS if name in known}
        verdict = decide(line.frame.rules, known)[0]
    if kept["pace"] == math.inf:
        kept["pace"] = ENDLESS.strip('"')
    agrees = verdict is row.verdict
    return {k: "" if _known(v) is None else v for k, v in kept.items()} | {
        "verdict": line.frame.say.words.verdict_word(verdict), "agrees": agrees,
    }  # fmt: skip


def _standing(line: Line) -> Standing:
    """Progress and facts of the printed values, which the assessment does not keep."""
    row = line.row
    known = Evidence(row.inputs, row.history, row.value, row.value_low, row.value_high)
    at = Vertices.of((row.base, row.base_low, row.base_high),
                     (row.value, row.value_low, row.value_high), above=known.above)  # fmt: skip
    case = Case(line.item, known, line.aim, at, row.elapsed, row.year)
    return standing(case, questions(line.item.kind), row.parameters)


def _digits(name: str, row: Judgement) -> str:
    """Number format: values with the digits of their figures, what follows with one more."""
    if name in ("raw_progress", "progress"):
        return f'[>{FARTHEST:g}]"已超目标";[<-1]"低于基期";0.0%'
    if name in ("elapsed", "completion"):
        return "0.0%" if name == "elapsed" else f'[>{FARTHEST:g}]"目标的"0.0"倍";0.0%'
    if name == "pace":
        return "0.00"
    if name in (*FACTS, "agrees"):
        return '"TRUE";"TRUE";"FALSE"'
    places = decimals_of(row) + (name == "required")
    return "0" + (f".{'0' * places}" if places else "") if name in (
        "value", "required", "gap"
    ) else "General"  # fmt: skip
