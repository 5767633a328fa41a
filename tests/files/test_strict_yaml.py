"""YAML that bites is refused with its line, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from gdplan.files.strict_yaml import read_yaml, validate
from gdplan.problems import Problem, ProblemError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Row(_Strict):
    name: str
    unit: str
    direction: int = 1


class Book(_Strict):
    title: str
    rows: dict[str, Row] = {}
    notes: list[Row] = []
    extra: Row | None = None


@pytest.fixture
def written(tmp_path: Path):
    def write(content: str | bytes) -> Path:
        path = tmp_path / "plan.yml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


def problems(action, *arguments) -> tuple[Problem, ...]:
    with pytest.raises(ProblemError) as caught:
        action(*arguments)
    return caught.value.problems


def line_of(problem: Problem) -> int:
    return int(problem.where.rpartition(":")[2])


def test_plain_values_keep_their_types_and_every_key_its_line(written):
    document = read_yaml(
        written("a: 1\nb: 2.5\nc: 文字\nd: true\ne:\n  '1': -3\n  2: ~\nf:\n  - x\n  - {g: null}\n")
    )
    assert document.data == {
        "a": 1, "b": 2.5, "c": "文字", "d": True, "e": {"1": -3, "2": None},
        "f": ["x", {"g": None}],
    }  # fmt: skip
    assert document.lines[("e", "1")] == 6
    assert document.lines[("f", "1", "g")] == 10


def test_a_byte_order_mark_and_quoted_surprises_are_fine(written):
    document = read_yaml(written("\ufeffa: \"010\"\nb: 'NO'\nc: |\n  yes\nd: 2021-11-18\n"))
    assert document.data == {"a": "010", "b": "NO", "c": "yes\n", "d": "2021-11-18"}


@pytest.mark.parametrize(
    "text",
    ["010", "-07", "NO", "no", "yes", "On", "off", "y", "1:30", "12:30:45", "1_000", ".inf",
     ".NaN", "1e999", "1" * 5000],
)  # fmt: skip
def test_a_scalar_that_yaml_would_twist_is_refused_with_its_line(written, text):
    (problem,) = problems(read_yaml, written(f"a: 1\nb: {text}\n"))
    assert (problem.key, line_of(problem)) == ("unquoted_scalar", 2)
    no_number = text in (".inf", ".NaN", "1e999")
    assert ("写一个有限的数" if no_number else f'"{text}"') in problem.fix


def test_a_key_that_yaml_would_twist_is_refused(written):
    (problem,) = problems(read_yaml, written("a: 1\nno: 2\n"))
    assert (problem.key, line_of(problem)) == ("unquoted_scalar", 2)


def test_every_problem_of_a_file_comes_at_once(written):
    found = problems(read_yaml, written("a: 010\nb: NO\na: 2\nc: 2021-02-30\nd: !x 1\n[e]: 1\n"))
    assert [(p.key, line_of(p)) for p in found] == [
        ("unquoted_scalar", 1),
        ("unquoted_scalar", 2),
        ("duplicate_key", 3),
        ("no_such_date", 4),
        ("tag", 5),
        ("odd_key", 6),
    ]
    assert "第1行" in found[2].found


def test_a_duplicate_key_deep_inside_is_found(written):
    (problem,) = problems(read_yaml, written("a:\n  b:\n    c: 1\n    c: 2\n"))
    assert (problem.key, line_of(problem)) == ("duplicate_key", 4)


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("a: 1\nb:\n\t- 2\n", "yaml_syntax", 3),
        ("a: 1\nb: [1, 2\n", "yaml_syntax", 3),
        ("a: &x 1\nb: *x\n", "yaml_syntax", 2),
        ("a: 1\n---\nb: 2\n", "yaml_syntax", 2),
        ("- 1\n- 2\n", "not_a_mapping", 1),
        ("a: !!python/object:os.system {}\n", "tag", 1),
    ],
)
def test_what_is_no_plain_mapping_is_refused_with_its_line(written, text, key, line):
    (problem,) = problems(read_yaml, written(text))
    assert (problem.key, line_of(problem)) == (key, line)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "empty_file"),
        (b" \n\n", "empty_file"),
        (b"# only a remark\n", "empty_file"),
        ("a: 1\nb: 广东\n".encode("gb18030"), "not_utf8"),
        (b"a: \x00\n", "yaml_syntax"),
        (b"a: " + b"[" * 20_000, "too_deep"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(written, content, key):
    (problem,) = problems(read_yaml, written(content))
    assert problem.key == key


def test_a_file_in_gbk_names_the_line_that_is_not_utf8(written):
    (problem,) = problems(read_yaml, written("a: 1\nb: 广东\n".encode("gbk")))
    assert line_of(problem) == 2
    assert "UTF-8" in problem.fix


def test_a_missing_file_is_a_problem(tmp_path):
    (problem,) = problems(read_yaml, tmp_path / "none.yml")
    assert problem.key == "missing_file"


def test_a_valid_document_becomes_the_model(written):
    book = validate(Book, read_yaml(written("title: 书\nrows:\n  1: {name: 甲, unit: 人}\n")))
    assert book.rows["1"] == Row(name="甲", unit="人")


def test_all_faults_of_a_model_come_with_line_and_closest_key(written):
    document = read_yaml(
        written(
            "tittle: 书\nrows:\n  '1':\n    name: 甲\n    unti: 人\n  '2':\n    name: 3\n"
            "    unit: 人\n    direction: up\nextra:\n  nam: x\n  name: x\n  unit: z\n"
        )
    )
    found = {(p.key, line_of(p)): p for p in problems(validate, Book, document)}
    assert "title" in found["unknown_key", 1].fix
    assert "unit" in found["unknown_key", 5].fix
    assert found["wrong_value", 7].found == "3"
    assert found["wrong_value", 9].found == '"up"'
    assert "name" in found["unknown_key", 11].fix
    assert ("missing_key", 1) in found
    assert ("missing_key", 3) in found


def test_an_unknown_key_that_is_close_to_nothing_lists_the_known_ones(written):
    found = problems(validate, Book, read_yaml(written("title: 书\nqqqq: 1\n")))
    assert found[0].fix == ""
    assert found[0].expected == "extra、notes、rows、title"


def test_a_fault_in_a_list_names_the_line_of_its_item(written):
    document = read_yaml(written("title: 书\nnotes:\n  - {name: 甲, unit: 人}\n  - {name: 乙}\n"))
    (problem,) = problems(validate, Book, document)
    assert (problem.key, line_of(problem)) == ("missing_key", 4)


class Union(_Strict):
    size: float | list[Row] | dict[str, int]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size: x", "size 的值不对"),
        ("size: [{name: 甲, unit: 人}, {name: 3, unit: 人}]", "size.1.name 的值不对"),
        ("size: {a: x}", "size.a 的值不对"),
        ("size: [{name: 甲}]", "缺少键 size.0.unit"),
    ],
)
def test_a_field_of_several_types_is_named_as_in_the_file(written, text, message):
    found = problems(validate, Union, read_yaml(written(text)))
    assert message in [p.message for p in found]
    assert all(p.message.split(" ")[0].split(".")[-1] not in ("float", "list[Row]") for p in found)
    assert len({(p.message, p.found) for p in found}) == len(found)


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
_TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | _TEXT,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(_TEXT, inside, max_size=3),
    max_leaves=10,
)


def _scratch(name: str, content: bytes, folder: Path) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@given(tree=st.dictionaries(_TEXT, _TREES, min_size=1, max_size=4))
def test_quoted_trees_come_back_as_they_were(tmp_path_factory, tree):
    # Quoted by the dumper, so no scalar is a surprise; numbers and words keep their types.
    text = yaml.safe_dump(tree, allow_unicode=True, default_style=None, sort_keys=False)
    path = _scratch("tree.yml", text.encode(), tmp_path_factory.getbasetemp())
    try:
        data = read_yaml(path).data
    except ProblemError as error:
        assert {p.key for p in error.problems} <= {"unquoted_scalar", "yaml_syntax"}
        return
    assert data == tree


@given(content=st.binary(max_size=80))
def test_no_bytes_end_in_anything_but_data_or_problems(tmp_path_factory, content):
    path = _scratch("bytes.yml", content, tmp_path_factory.getbasetemp())
    try:
        assert isinstance(read_yaml(path).data, dict)
    except ProblemError as error:
        assert error.problems


@given(content=st.text(st.sampled_from("ab: -\n\t[]{}&*!|>'\"#%@`,?~0189.ey广"), max_size=40))
def test_no_yaml_like_text_ends_in_anything_but_data_or_problems(tmp_path_factory, content):
    path = _scratch("text.yml", content.encode(), tmp_path_factory.getbasetemp())
    try:
        assert isinstance(read_yaml(path).data, dict)
    except ProblemError as error:
        assert error.problems


def test_a_key_without_a_line_is_placed_at_its_parent(written):
    document = read_yaml(written("title: 书\nrows:\n  '1': {name: 甲}\n"))
    assert document.at(("rows", "1", "unit")) == document.at(("rows", "1"))
    assert document.at(("none",)).endswith("plan.yml:1")
