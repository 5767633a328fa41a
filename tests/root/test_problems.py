"""Problems: what they say, and the closest known name they point to."""

from __future__ import annotations

import pytest

from gdplan.problems import Problem, ProblemError, closest, closest_name


def test_a_misspelled_word_is_answered_with_the_closest_known_name_in_words_and_alone():
    known = ("城镇新增就业人数", "城镇登记失业率")
    assert closest_name("城镇新增就业人口", known) == "城镇新增就业人数"
    assert closest("城镇新增就业人口", known) == "最接近的是 城镇新增就业人数"


def test_a_word_that_is_close_to_nothing_gets_no_hint():
    assert closest_name("天气", ("name", "value")) == "" == closest("天气", ())


@pytest.mark.parametrize(("cutoff", "name"), [(0.0, "abcd"), (0.5, "abcd"), (0.6, "")])
def test_the_cutoff_is_the_share_of_the_word_that_has_to_agree(cutoff, name):
    assert closest_name("abxy", ("abcd",), cutoff=cutoff) == name


def test_every_problem_of_an_error_stands_in_its_text_with_its_number():
    error = ProblemError([Problem("a", "x:1", "甲", fix="改"), Problem("b", "", "乙")])
    assert str(error) == "1. x:1：甲；处理：改 [a]\n2. 乙 [b]"


def test_what_is_wrong_alike_in_many_places_is_one_line_with_all_of_them():
    places = [f"a.csv:{n} unit" for n in (3, 4, 5, 9)]
    alike = [Problem("unknown_unit", place, "单位不符", "万人", "万名") for place in places]
    error = ProblemError([*alike, Problem("no_file", "b.csv", "没有这个文件")])
    assert len(error.problems) == 5 and len(error.lines) == 2
    assert str(error).splitlines() == [
        "1. a.csv:3—5、9 unit（共4处）：单位不符；应为 万人；实为 万名 [unknown_unit]",
        "2. b.csv：没有这个文件 [no_file]",
    ]


def test_places_that_differ_otherwise_are_all_named():
    error = ProblemError([Problem("x", place, "错") for place in ("表1!B2", "表2!C3", "表1!B2")])
    assert error.lines == ("表1!B2、表2!C3：错 [x]",)
