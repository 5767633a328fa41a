"""Both languages say the same things: the same texts, places and functions."""

from __future__ import annotations

import inspect
import math
import re
import string
from pathlib import Path
from types import SimpleNamespace

import pytest
from frames import PROVINCE, evaluation, indicator, observed, plan, yearly

from gdplan import load_plan, read_observations, sections
from gdplan.assessment.sentence import sentence
from gdplan.files.places import texts_of
from gdplan.model import Kind, Reason, Verdict
from gdplan.page import chinese, english
from gdplan.page.language import Words, language
from gdplan.problems import ProblemError

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"\d+(?:\.\d+)?")
ENGLISH_ONLY = re.compile(r"^terms\.")


def places(text: object) -> set[str]:
    if not isinstance(text, str):
        return {str(len(text))}
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_texts_and_places():
    zh, en = texts_of("zh"), texts_of("en")
    assert set(zh) == {key for key in en if not ENGLISH_ONLY.match(key)}
    for key, text in zh.items():
        assert places(en[key]) - {"official"} == places(text), key
        assert str(en[key]).strip() and str(text).strip(), key


def test_both_languages_have_the_same_functions():
    names = [n for n, f in vars(Words).items() if inspect.isfunction(f) and not n.startswith("_")]
    assert len(names) >= 17
    for name in names:
        one, other = (inspect.signature(getattr(m, name)) for m in (chinese, english))
        assert [p.name for p in one.parameters.values()] == [
            p.name for p in other.parameters.values()
        ], name


def test_every_reason_has_words_in_both_languages_and_every_verdict_in_english():
    for lang in ("zh", "en"):
        words = {key for key in texts_of(lang) if key.startswith("reasons.")}
        assert words == {f"reasons.{reason}" for reason in Reason}
    assert all(english.verdict_word(v) for v in Verdict)


def test_an_unknown_language_names_the_known_ones():
    with pytest.raises(ProblemError, match="zh、en"):
        language("fr")


def test_every_term_of_the_plans_has_english():
    for name in ("gd-hrss-14", "gd-hrss-13"):
        p = load_plan(name)
        for item in p.indicators:
            assert item.name_en.isascii(), item.name
            unit = english.term(item.unit)
            assert unit in ("—", "%") or unit.isascii(), item.unit
            assert p.terms_en[item.department].isascii()
            assert english.section_name(item.section, p).isascii()


def judged(item, rows, year=2023):
    return evaluation(plan(item), rows, year=year, lang="en").rows[0]


def test_a_sum_is_told_against_the_time_gone():
    item = indicator(base="—", target="[550]", unit="万人")
    row = judged(item, yearly({2021: "140.33", 2022: "132", 2023: "139.3"}, unit="万人"))
    assert sentence(row, 2020, language("en")).endswith(
        ": 411.63 (10,000 persons) in 2021 to 2023, five-year target 550 (10,000 persons), "
        "74.8% done, 14.8 percentage points ahead of the time elapsed (60.0%); ahead."
    )


def test_shares_change_by_percentage_points():
    row = judged(indicator(base="60", target="80", unit="%"), yearly({2023: "72"}, unit="%"))
    assert "up 12 percentage points since the base" in sentence(row, 2020, language("en"))


@pytest.mark.parametrize(
    ("cell", "unit", "text"),
    [("[550]", "10,000 persons", "550 (10,000 persons)"), ("2500", "persons", "2500 persons"),
     ("4以内", "%", "at most 4%"), (">3500", "", "more than 3500"),
     ("5.5左右", "%", "about 5.5%"), ("稳定在95以上", "%", "at least 95%"), ("—", "%", "—"),
     ("保持稳定", "%", "keep stable"), ("14:42:44", "—", "14:42:44"), ("应保尽保", "", "应保尽保")],
)  # fmt: skip
def test_plan_cells_in_english(cell, unit, text):
    assert english.plan_cell(cell, unit) == text


def test_a_plan_cell_of_a_table_keeps_its_brackets():
    assert english.cell("[550]") == "[550]" and english.cell("4以内") == "at most 4"
    assert english.cell("—") == "—"


@pytest.mark.parametrize(
    ("bound", "text"), [("at_most", "at most 70"), ("at_least", "more than 70"),
                        ("approx", "about 70"), ("exact", "70")],
)  # fmt: skip
def test_bounds_have_words(bound, text):
    assert english.value_text(judged(indicator(), yearly({2023: "70"}, bound=bound))) == text


def test_older_part_year_and_borderline_figures_say_so():
    row = judged(indicator(), yearly({2022: "70"}))
    assert english.verdict_text(row).endswith("data up to 2022")
    rows = observed({"year": 2023, "raw": "70", "period": "ytd", "month": 6.0})
    assert "Jun 2023" in sentence(judged(indicator(), rows), 2020, language("en"))
    row = judged(indicator(base="60.00"), yearly({2023: "71"}))
    assert "borderline" in english.verdict_text(row)
    assert re.match(r"2023: 71 \(.+\)$", english.decided_by(row))
    assert "decided by 2023: 71" in english.reason_text(row)


def test_missing_years_and_stale_figures_are_named():
    row = judged(indicator(base="—", target="[80]"), yearly({2021: "10", 2023: "12"}))
    text = sentence(row, 2020, language("en"))
    assert text.endswith("not assessable, years are missing (2022).")
    row = judged(indicator(), yearly({2021: "65"}))
    assert "(2021)" in english.reason_text(row)


@pytest.mark.parametrize(
    ("base", "target", "direction", "value", "words"),
    [("2.5", "4以内", -1, "3.4", "0.6 percentage points below the cap"),
     ("2.5", "4以内", -1, "4.2", "0.2 percentage points above the cap"),
     ("96", ">90", 1, "89.0", "1.0 percentage points below the floor"),
     ("96", ">90", 1, "91.0", "1.0 percentage points above the floor")],
)  # fmt: skip
def test_distances_have_a_side(base, target, direction, value, words):
    item = indicator(base=base, target=target, unit="%", direction=direction)
    assert words in sentence(
        judged(item, yearly({2025: value}, unit="%"), 2025), 2020, language("en")
    )


def test_a_composition_and_an_unchanged_level():
    mix = indicator(base="10:40:50", target="14:42:44", unit="—", kind=Kind.of("composition"))
    rows = observed({"year": 2023, "raw": "13:41:46", "period": "year_end"})
    assert "13:41:46 in 2023, target 14:42:44" in sentence(judged(mix, rows), 2020, language("en"))
    rows = observed({"year": 2025, "raw": "13:41:46", "period": "year_end"})
    assert "from the target" in english.distance_text(judged(mix, rows, 2025))
    assert "unchanged" in sentence(judged(indicator(), yearly({2023: "60"})), 2020, language("en"))


@pytest.mark.parametrize(
    ("figure", "text"),
    [({"year": 2023, "month": 12.0, "period": "annual"}, "2023"),
     ({"year": 2023, "month": 12.0, "period": "year_end"}, "end of 2023"),
     ({"year": 2023, "month": 6.0, "period": "ytd"}, "to Jun 2023"),
     ({"year": 2023, "month": math.nan, "period": "ytd"}, "part of 2023"),
     ({"year": 2023, "month": math.nan, "period": "cumulative"}, "sum up to 2023"),
     ({"year": 2023, "month": math.nan, "period": "since_launch"}, "launch to 2023")],
)  # fmt: skip
def test_a_figure_says_of_what_time_it_speaks(figure, text):
    assert english.figure_date(SimpleNamespace(**figure)) == text


NAMES = ("cover", "overview", "progress", "problems", "next_steps", "gaps", "workings", "method",
         "sources", "unused")  # fmt: skip


def made(here):
    names = NAMES if here.kind == "final" else (*NAMES, "opinions")
    return [getattr(sections, name)(here) for name in names]


CASES = [("gd-hrss-14", None, 2023), ("gd-hrss-13", None, 2020),
         ("gd-hrss-14", ROOT / "examples/observations", 2023),
         ("gd-hrss-14", ROOT / "examples/observations", 2025)]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "year"), CASES, ids=lambda v: str(v)[-12:])
def test_both_languages_print_the_same_figures(name, data, year):
    p = load_plan(name)
    zh, en = (evaluation(p, read_observations(data, p), year=year, lang=code)
              for code in ("zh", "en"))  # fmt: skip
    for one, other in zip(made(zh), made(en), strict=True):
        for a, b in zip(one.tables, other.tables, strict=True):
            assert len(a.rows) == len(b.rows) and a.columns == b.columns and a.keys == b.keys
            for field, x, y in ((c, r[i], s[i]) for r, s in zip(a.rows, b.rows, strict=True)
                                for i, c in enumerate(a.columns)):  # fmt: skip
                if field in ("progress", "elapsed", "pace", "completion", "acceleration"):
                    # 万 is spelled out in English where a difference stands for a share.
                    assert NUMBER.findall(x)[:1] == NUMBER.findall(y)[:1]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("name", "data", "year"), CASES, ids=lambda v: str(v)[-12:])
def test_every_digit_of_the_prose_stands_in_a_table(name, data, year, lang):
    """A figure that differs between text and table would be found here."""
    p = load_plan(name)
    shown = made(evaluation(p, read_observations(data, p), year=year, lang=lang))
    printed = {
        number
        for section in shown
        for table in section.tables
        for text in (table.caption, *table.header, *(c for row in table.rows for c in row))
        for number in NUMBER.findall(text)
    } | {str(p.base_year + 1), str(year), PROVINCE}
    for section in shown:
        for line in section.text.splitlines():
            assert set(NUMBER.findall(line)) <= printed, line


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_charts_speak_the_language(lang):
    p = load_plan("gd-hrss-14")
    here = evaluation(p, read_observations(ROOT / "examples/observations", p), lang=lang)
    chart = sections.scoreboard(here)
    assert ("Newly created urban jobs" in chart.alt) == (lang == "en")
    assert len(sections.waterfall(here).charts) == 1


def test_english_prose_holds_no_chinese_but_names_of_sources():
    p = load_plan("gd-hrss-14")
    for section in made(evaluation(p, read_observations(None, p), lang="en")):
        text = re.sub(r"\([^)]*[一-鿿][^)]*\)|【|】", "", section.text)
        found = re.findall(r"[一-鿿]+", text)
        assert set(found) <= {"左右", "保持稳定"}, found


def test_every_language_survives_a_table_without_rows_to_tell():
    here = evaluation(plan(indicator()), yearly({2019: "70"}), lang="en")
    assert "No figure" in sections.sources(here).text
    assert "No indicator can be judged" in sections.opinions(here).text
