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
