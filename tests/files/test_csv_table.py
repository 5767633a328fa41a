"""A CSV file as text cells: encodings, quotes, headers and lines."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdplan.files.csv_table import column_letter, read_table
from gdplan.problems import Problem, ProblemError

REQUIRED = ("name", "value")
OPTIONAL = {"bound": "exact", "note": ""}


@pytest.fixture
def table(tmp_path: Path):
    def read(content: str | bytes, encoding: str = "utf-8"):
        path = tmp_path / "figures.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return read_table(path, REQUIRED, OPTIONAL)

    return read


def problems(table, content) -> tuple[Problem, ...]:
    with pytest.raises(ProblemError) as caught:
        table(content)
    return caught.value.problems


def test_cells_are_text_and_absent_columns_get_their_default(table):
    read = table("name,value\n广东, 007 \n")
    assert read.cells.to_dict("records") == [
        {"name": "广东", "value": "007", "bound": "exact", "note": "", "line": 2}
    ]
    assert read.problems == ()


@pytest.mark.parametrize(
    ("encoding", "reported"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030")]
)
def test_chinese_in_three_encodings_reads_the_same_and_is_reported(table, encoding, reported):
    read = table("name,value\n广东省,1\n", encoding)
    assert list(read.cells["name"]) == ["广东省"]
    assert read.encoding == reported


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_line_ending_gives_the_same_lines(table, newline):
    read = table(newline.join(["name,value", "a,1", "", "b,2", ""]))
    assert list(read.cells["line"]) == [2, 4]


def test_a_row_is_named_by_the_line_it_starts_on(table):
    read = table('name,value,note\na,1,"two\nlines"\nb,2,\n')
    assert list(read.cells["line"]) == [2, 4]


def test_a_stray_quotation_mark_swallows_nothing_in_silence(table):
    (problem,) = problems(table, 'name,value\na,1\n"b,2\nc,3\n')
    assert (problem.key, problem.where) == ("broken_quotes", "figures.csv:3")


def test_rows_of_another_length_are_listed_and_the_rest_is_read(table):
    read = table("name,value\na,1\nb\nc,3,4\nd,5\n")
    assert [(p.key, p.where) for p in read.problems] == [
        ("ragged_row", "figures.csv:3"),
        ("ragged_row", "figures.csv:4"),
    ]
    assert list(read.cells["name"]) == ["a", "d"]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "empty_file"),
        (b" \r\n", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b",,\n,,\n", "empty_file"),
        ("name,value\n广东,1".encode("utf-16"), "unknown_encoding"),
        (b"PK\x03\x04\xff\xfe", "unknown_encoding"),
    ],
)
def test_a_file_that_is_no_table_says_why(table, content, key):
    (problem,) = problems(table, content)
    assert (problem.key, problem.where) == (key, "figures.csv")


def test_a_header_without_rows_is_a_problem(table):
    assert [p.key for p in table("name,value\n").problems] == ["no_rows"]


def test_every_fault_of_the_header_comes_at_once_with_the_closest_name(table):
    found = {p.key: p for p in problems(table, "nmae,note,note,bond\nx,1,2,3\n")}
    assert set(found) == {"missing_column", "duplicate_column", "unknown_column"}
    missing = [p for p in problems(table, "nmae,x\n1,2\n") if p.key == "missing_column"]
    assert [p.message for p in missing] == ["缺少列 name", "缺少列 value"]
    assert "nmae" in missing[0].fix
    assert missing[1].fix == "补上该列"
    assert "bound" in found["unknown_column"].fix


def test_a_misspelled_optional_column_does_not_run_with_its_default(table):
    (problem,) = problems(table, "name,value,bonud\na,1,at_least\n")
    assert (problem.key, problem.found) == ("unknown_column", "bonud")


def test_a_column_that_resembles_nothing_is_let_be(table):
    assert list(table("name,value,填表人\na,1,某\n").cells["name"]) == ["a"]


@pytest.mark.parametrize(("index", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ")])
def test_columns_have_the_letters_of_a_spreadsheet(index, letter):
    assert column_letter(index) == letter


@given(st.integers(0, 20_000))
def test_column_letters_count_in_base_26(index):
    number = 0
    for letter in column_letter(index):
        number = number * 26 + ord(letter) - 64
    assert number == index + 1


_CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)


@given(rows=st.lists(st.tuples(_CELL.filter(str.strip), _CELL), min_size=1, max_size=6))
def test_what_a_writer_wrote_is_read_back(tmp_path_factory, rows):
    buffer = io.StringIO()
    csv.writer(buffer).writerows([("name", "value"), *rows])
    path = tmp_path_factory.getbasetemp() / "written.csv"
    path.write_bytes(buffer.getvalue().encode("utf-8"))
    read = read_table(path, REQUIRED, OPTIONAL).cells
    assert list(zip(read["name"], read["value"], strict=True)) == [
        (a.strip(), b.strip()) for a, b in rows
    ]


@given(content=st.binary(max_size=60))
def test_no_bytes_end_in_anything_but_a_table_or_problems(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "bytes.csv"
    path.write_bytes(b"name,value\n" + content)
    try:
        read = read_table(path, REQUIRED, OPTIONAL)
    except ProblemError as error:
        assert error.problems
    else:
        assert len(read.cells) or read.problems
