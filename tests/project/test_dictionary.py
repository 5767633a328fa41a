"""The data dictionary of the assessment says what the columns are, all of them, in order."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from gdplan.assessment.judgement import COLUMNS
from gdplan.model import KINDS, OBSERVATION_COLUMNS, Attribute, Comparator, Scale

DICTIONARY = Path(__file__).parents[2] / "docs" / "dictionary" / "assessment.csv"
TYPES = {"text", "number", "integer", "boolean", "json"}
UNITS = {
    "", "year", "years", "month", "date", "count", "fraction", "ratio", "indicator",
    "indicator per year",
}  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with DICTIONARY.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_the_dictionary_lists_the_columns_in_order(rows: list[dict[str, str]]) -> None:
    assert tuple(r["column"] for r in rows) == COLUMNS


def test_every_line_is_complete(rows: list[dict[str, str]]) -> None:
    for r in rows:
        assert set(r) == {"column", "type", "unit", "meaning_zh", "meaning_en"}, r
        assert r["type"] in TYPES, r
        assert r["unit"] in UNITS, r
        assert r["meaning_zh"] and r["meaning_en"], r


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("kind", [kind.name for kind in KINDS]),
        ("scale", list(Scale)),
        ("comparator", list(Comparator)),
        ("attribute", list(Attribute)),
    ],
)
def test_listed_words_are_those_of_the_vocabulary(
    rows: list[dict[str, str]], column: str, words: list[str]
) -> None:
    line = next(r for r in rows if r["column"] == column)
    for word in words:
        assert word in line["meaning_zh"], word


def test_the_assessment_has_the_types_the_dictionary_says(rows: list[dict[str, str]]) -> None:
    import json
    import numbers

    from frames import PROVINCE, indicator, plan, yearly

    from gdplan.assessment.assess import assess

    frame = assess(
        plan(indicator()), yearly({2021: "64", 2022: "68", 2023: "73"}), region=PROVINCE, year=2023
    )
    first = frame.iloc[0]
    for r in rows:
        value = first[r["column"]]
        if r["type"] == "text":
            assert isinstance(value, str), r
        elif r["type"] == "json":
            json.loads(value)
        elif r["type"] == "boolean":
            assert value in (True, False), r
        else:
            assert isinstance(value, numbers.Number) or hasattr(value, "item"), r


def test_the_observations_dictionary_lists_the_columns_of_the_frame_in_order() -> None:
    path = DICTIONARY.with_name("observations.csv")
    with path.open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file, strict=True))
    assert tuple(r["column"] for r in listed) == OBSERVATION_COLUMNS
    assert all(r["meaning_zh"] and r["meaning_en"] for r in listed)


def test_the_ledger_dictionary_lists_the_columns_in_order_with_every_word() -> None:
    from gdplan.ledger.judged import COLUMNS as LEDGER
    from gdplan.ledger.judged import Due, Judged
    from gdplan.ledger.statuses import Status

    with DICTIONARY.with_name("ledger.csv").open(encoding="utf-8", newline="") as file:
        listed = {r["column"]: r for r in csv.DictReader(file, strict=True)}
    assert tuple(listed) == LEDGER
    assert all(r["type"] in TYPES and r["meaning_zh"] and r["meaning_en"] for r in listed.values())
    for column, words in (("judged", Judged), ("due", Due), ("status", Status)):
        assert all(word.value in listed[column]["meaning_zh"] for word in words)
