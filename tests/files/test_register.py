"""The register of regions: found by name, by code, and wrong codes told with what is meant."""

from __future__ import annotations

import pytest

from gdplan.files import places, register


def test_provinces_prefectures_and_counties_are_there():
    now = [region for region in register.regions() if region.current]
    codes = [region.code for region in now]
    assert len(codes) == len(set(codes))
    provinces = [c for c in codes if c.endswith("0000") and c != "000000"]
    assert len(provinces) == 34
    assert 330 <= sum(c.endswith("00") for c in codes) - len(provinces) - 1 <= 345
    assert len(codes) > 3000
    assert all(len(c) == 6 and c.isdigit() for c in codes)


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("广东省人力资源和社会保障事业发展“十四五”规划", ["440000"]),
        ("广东省广州市卫生健康规划", ["440100"]),
        ("广州市白云区教育规划", ["440111"]),
        ("国家卫生健康规划", ["000000"]),
        ("中华人民共和国国民经济和社会发展纲要", ["000000"]),
        ("人力资源和社会保障事业发展规划", []),
    ],
)  # fmt: skip
def test_a_title_names_its_region(title, codes):
    assert [region.code for region in register.begins(title)] == codes


def test_a_name_that_several_have_names_them_all():
    assert len([r for r in register.named("鼓楼区") if r.current]) >= 3


@pytest.mark.parametrize(
    ("code", "name", "key", "hint"),
    [
        ("440199", "广州市", "unknown_region", "440100"),
        ("440100", "深圳市", "region_name", "440300"),
        ("44", "广东省", "unknown_region", "440000"),
    ],
)
def test_a_wrong_code_is_told_with_the_one_that_is_meant(code, name, key, hint):
    [problem] = register.faults(code, name, "plan.yml:6")
    assert problem.key == key and hint in f"{problem.expected}{problem.fix}"


@pytest.mark.parametrize("pair", [("440000", "广东省"), ("440100", "广州"), ("440183", "增城市")])
def test_names_of_today_of_old_and_short_ones_are_right(pair):
    assert not list(register.faults(*pair, ""))


def test_what_lies_below_a_region():
    assert len(places.cities_of("440000")) == 21
    assert places.cities_of("440000")[0] == "440100"
    assert len(places.cities_of("330000")) == 11
    assert "110101" in places.cities_of("110000")
    assert places.cities_of("440100") == places.cities_of("000000") == []
