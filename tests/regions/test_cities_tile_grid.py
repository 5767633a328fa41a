"""Tile grids draw every city once, in its place, with its figure: read back from the axes."""

from __future__ import annotations

import csv
import itertools
import math
from pathlib import Path

import pandas as pd
import pytest
from cityframes import CITIES, placed
from frames import PROVINCE, evaluation, indicator, plan
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from gdplan.files import places as resources
from gdplan.problems import ProblemError
from gdplan.regions.cities import compared, tile_grid
from gdplan.regions.cities.standing import PARAMETERS
from gdplan.regions.cities.tile_grid import Grid, Tile
from gdplan.regions.cities.words import View

ROOT = Path(__file__).resolve().parents[2]
PLACES = {"a": (1, 1), "b": (1, 2), "c": (2, 1), "d": (2, 2), "e": (3, 1)}


def painted(tiles, missing="无数据", decimals=1):
    axes = Figure().subplots()
    tile_grid.paint(axes, Grid("1 指标", tiles), PLACES, decimals, missing)
    return axes


def tiles(values=(1.0, 2.0, 4.0, 8.0, float("nan")), marks=("", "firm", "borderline", "", "")):
    return {
        code: Tile(code.upper(), value, "—" if math.isnan(value) else f"{value:g}", mark)
        for code, value, mark in zip(PLACES, values, marks, strict=True)
    }


def squares(axes):
    """The tiles by the centre they are drawn at; the legend's squares are smaller."""
    found = {}
    for patch in axes.patches:
        x, y = patch.get_center()
        if patch.get_width() > 0.5:
            found[round(y), round(x)] = patch
    return found


def texts(axes):
    return [t.get_text() for t in axes.texts]


def view(rows, *items):
    here = evaluation(plan(*(items or (indicator(),))), rows, breaks=(), targets=())
    return View.of(compared.compare(here), here.rows, here.say, PARAMETERS)


def shares(values, province="75"):
    inside = {c: {2023: v} for c, v in zip(CITIES, values, strict=False)}
    return placed({PROVINCE: {2023: province}, **inside}, unit="%")


PERCENT = indicator(base="60", target="80", unit="%")


def test_every_city_has_one_tile_in_its_place_with_name_and_figure():
    axes = painted(tiles())
    assert set(squares(axes)) == set(PLACES.values())
    shown = texts(axes)
    assert [s for s in shown if s in "ABCDE"] == list("ABCDE")
    assert {"1", "2", "4", "8", "—"} <= set(shown)


def test_shades_follow_the_quartiles_and_the_legend_prints_them():
    axes = painted(tiles(values=(1.0, 2.0, 4.0, 8.0, 9.0), marks=("",) * 5))
    fills = [squares(axes)[place].get_facecolor()[:3] for place in PLACES.values()]
    assert fills == [to_rgb(tile_grid.SHADES[i]) for i in (0, 0, 1, 2, 3)]
    assert {"≤2.0", "≤4.0", "≤8.0", ">8.0"} <= set(texts(axes))
    assert "无数据" not in texts(axes)


def test_a_missing_figure_is_hatched_and_stands_in_the_legend():
    axes = painted(tiles())
    assert squares(axes)[3, 1].get_hatch() and not squares(axes)[1, 1].get_hatch()
    assert "无数据" in texts(axes)


def test_a_laggard_has_a_heavy_frame_and_a_borderline_one_a_dashed():
    found = squares(painted(tiles()))
    widths = [found[place].get_linewidth() for place in PLACES.values()]
    assert widths[1] == widths[2] > 2 * widths[0]
    assert found[2, 1].get_linestyle() == "--" and found[1, 2].get_linestyle() == "-"


def test_equal_figures_have_one_shade_and_no_false_classes():
    axes = painted(tiles(values=(3.0,) * 5, marks=("",) * 5))
    assert {p.get_facecolor()[:3] for p in squares(axes).values()} == {to_rgb(tile_grid.SHADES[0])}
    assert not [t for t in texts(axes) if t.startswith(("≤", ">"))]
    assert tile_grid.cuts([float("nan")], 1) == ()


def test_the_legend_holds_for_every_figure_as_printed():
    values = [4.83, 4.84, 4.84, 4.85, 4.9, 5.0, 5.1]
    bounds = tile_grid.cuts(values, 1)
    for value in values:
        level = tile_grid.shade(value, bounds)
        assert level == len(bounds) or value <= bounds[level]
        assert level == 0 or value > bounds[level - 1]


def luminance(colour):
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return sum(k * c for k, c in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def test_text_is_readable_on_every_shade_and_shades_stay_apart_in_grey():
    """Contrast of text at least 4.5 (WCAG 2, 1.4.3); neighbours differ by a tenth of lightness."""
    for fill, ink in zip(tile_grid.SHADES, tile_grid.INKS, strict=True):
        light, dark = sorted((luminance(fill), luminance(ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5
    greys = [116 * luminance(fill) ** (1 / 3) - 16 for fill in tile_grid.SHADES]
    assert all(a - b >= 10 for a, b in itertools.pairwise(greys))


def test_the_chart_starts_with_the_number_of_lagging_indicators():
    values = ["62", "63", *["76"] * 7]
    (chart,) = tile_grid.chart(view(shares(values), PERCENT)).charts
    assert "2023年各市分布图" in chart.caption
    assert "落后指标数 广州 1、韶关 1、深圳 0" in chart.alt
    assert "1 指标1（%） 广州 62、韶关 63" in chart.alt and "云浮 —" in chart.alt
    assert chart.svg.count("<svg") == 1


def test_too_few_cities_and_no_laggard_draw_no_count():
    assert tile_grid.chart(view(shares(["62"] * 7), PERCENT)).charts == ()
    (chart,) = tile_grid.chart(view(shares(["76"] * 8), PERCENT)).charts
    assert "落后指标数" not in chart.alt


def test_the_grids_drawn_are_those_with_most_laggards_then_those_of_a_lagging_province():
    items = [indicator(str(n), base="60", target="80", unit="%") for n in range(1, 9)]
    rows = []
    for n in range(1, 9):
        values = ["62"] * (4 if n == 8 else 2 if n == 7 else 0)
        province = "62" if n == 6 else "75"
        part = shares([*values, *["76"] * (9 - len(values))], province)
        rows.append(part.assign(indicator=f"指标{n}"))
    (chart,) = tile_grid.chart(view(pd.concat(rows), *items)).charts
    drawn = [n for n in range(1, 9) if f"{n} 指标{n}（%）" in chart.alt]
    assert drawn == [1, 2, 6, 7, 8]


def test_the_same_figures_give_the_same_bytes():
    one, other = (tile_grid.chart(view(shares(["62"] * 9), PERCENT)).charts[0].svg for _ in "ab")
    assert one == other


def test_the_21_cities_have_places_of_their_own_that_fit_the_map():
    places = resources.tile_places(PROVINCE)
    assert set(places) == set(CITIES) and len(set(places.values())) == 21
    names = resources.regions()
    at = {names[code].removesuffix("市"): place for code, place in places.items()}
    for north, south in (("韶关", "广州"), ("梅州", "揭阳"), ("东莞", "深圳"), ("中山", "珠海"),
                         ("云浮", "阳江"), ("茂名", "湛江")):  # fmt: skip
        assert at[north][0] < at[south][0]
    for west, east in (("湛江", "阳江"), ("肇庆", "广州"), ("广州", "惠州"), ("汕尾", "汕头"),
                       ("江门", "中山"), ("珠海", "深圳")):  # fmt: skip
        assert at[west][1] < at[east][1]


def own_register(tmp_path, monkeypatch, lines):
    folder = tmp_path / "data" / "raw"
    folder.mkdir(parents=True)
    with (folder / "regions.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("code", "name", "parent", "level", "row", "column"), *lines])
    monkeypatch.setenv("GDPLAN_HOME", str(tmp_path))


def test_every_fault_of_the_places_is_told_at_once(tmp_path, monkeypatch):
    lines = [("990100", "甲市", "990000", "city", "1", "2"),
             ("990200", "乙市", "990000", "city", "1", "2"),
             ("990300", "丙市", "990000", "city", "0", "2"),
             ("990400", "丁市", "990000", "city", "2")]  # fmt: skip
    own_register(tmp_path, monkeypatch, lines)
    with pytest.raises(ProblemError) as error:
        resources.tile_places("990000")
    problems = error.value.problems
    assert [p.key for p in problems] == ["double_place", "bad_place", "bad_place"]
    assert [p.where.partition("（")[0] for p in problems] == [f"regions.csv:{n}" for n in (3, 4, 5)]
    assert "甲市" in problems[0].found


def test_a_province_without_places_gets_a_block_in_the_order_of_its_register(tmp_path, monkeypatch):
    own_register(tmp_path, monkeypatch,
                 [(f"99{n:02d}00", f"{n}市", "990000", "city") for n in range(1, 8)])  # fmt: skip
    places = resources.tile_places("990000")
    assert list(places.values()) == [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (2, 2), (2, 3)]
    assert resources.tile_places("880000") == {}
