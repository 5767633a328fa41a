"""The web page: in the file itself, and in a real browser where there is one."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from browser import ARGUMENTS, CHROMIUM, needs_browser

from gdplan.reports.formats import assembly, web_page


def page_of(folder: Path) -> Path:
    [path] = folder.glob("*.html")
    return path


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


def opened(browser, path: Path, *, width: int = 1280, scheme: str = "light"):
    """A page with everything it said on the console."""
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    return page, said


def built(html: str, **options) -> str:
    cell = {
        "cell_type": "code", "id": "a", "metadata": {}, "source": "", "execution_count": 1,
        "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"text/html": html}}],
    }  # fmt: skip
    book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return web_page.page(assembly.assemble(book, **options))


def test_headings_stand_in_order_and_the_title_is_the_only_first_one(simulated):
    levels = [int(n) for n in re.findall(r"<h(\d)", page_of(simulated).read_text("utf-8"))]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_every_table_lies_in_a_named_box_that_takes_the_keyboard(simulated):
    page = page_of(simulated).read_text("utf-8")
    boxes = re.findall(
        r'<div class="tablebox" tabindex="0" role="region" aria-label="(表\d+[^"]+)"><table', page
    )
    assert len(boxes) == page.count("<table") >= 8


def test_sources_are_footnotes_that_lead_there_and_back(simulated):
    page = page_of(simulated).read_text("utf-8")
    marks = re.findall(r'href="#(fn\d+)" class="footnote-ref" id="(fnref\d+)"', page)
    assert len(marks) >= 25
    for note, mark in marks:
        assert f'<li id="{note}">' in page and f'href="#{mark}"' in page


def test_a_table_of_indicators_says_which_field_each_column_shows():
    page = built(
        '<h1>T</h1><table data-columns="indicator value"><caption>c</caption><thead><tr><th>a</th>'
        '<th>b</th></tr></thead><tbody><tr data-key="7"><td>7</td><td>1.5</td></tr></tbody></table>'
    )
    assert 'data-columns="indicator value"' in page and '<tr data-key="7">' in page


def test_text_that_looks_like_markup_stays_text():
    page = built("<h1>&lt;script&gt;x&lt;/script&gt;</h1><p>&lt;b&gt; $x$ `y` #z @w</p>")
    assert "<title>&lt;script&gt;x&lt;/script&gt;</title>" in page
    assert "&lt;b&gt; $x$ `y` #z @w" in page


def test_an_english_page_says_so():
    page = built("<h1>T</h1><h2>A</h2>", lang="en")
    assert '<html lang="en">' in page and "1. A" in page and "Contents" in page


def test_a_modified_tree_is_said_on_the_cover_and_at_the_end():
    page = built("<h1>T</h1><p>x</p>", status="不作正式报告")
    assert page.count("不作正式报告") == 2
    assert page.rindex("不作正式报告") > page.index("<p>x</p>")


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_finds_no_error_and_no_fault_of_access(browser, simulated, scheme):
    from axe_playwright_python.sync_playwright import Axe

    for width in (390, 1400):
        page, said = opened(browser, page_of(simulated), width=width, scheme=scheme)
        found = Axe().run(page).response["violations"]
        grave = [v["id"] for v in found if v["impact"] in ("serious", "critical")]
        assert not grave and not said
        page.close()


@needs_browser
@pytest.mark.parametrize("width", [390, 768, 1024, 1180, 1400])
def test_nothing_scrolls_sideways_on_phone_or_desk(browser, simulated, midterm, final, width):
    for folder in (simulated, midterm, final):
        page, _ = opened(browser, page_of(folder), width=width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()


@needs_browser
def test_the_contents_stand_open_at_the_side_and_closed_above_a_phone(browser, simulated):
    for width, is_open in ((390, False), (1180, True)):
        page, _ = opened(browser, page_of(simulated), width=width)
        assert page.evaluate("document.querySelector('#toc details').open") is is_open
        page.close()


@needs_browser
def test_a_click_on_a_header_sorts_by_number_and_back(browser, simulated):
    page, said = opened(browser, page_of(simulated))
    table = page.locator("table[data-columns*='elapsed']").first
    place = table.locator("thead th").all_inner_texts().index("进度比")
    head = table.locator("thead th").nth(place)

    def shown() -> list[float]:
        cells = table.locator(f"tbody td:nth-child({place + 1})").all_inner_texts()
        return [float(c) for c in cells if c != "—"]

    before = shown()
    head.locator("button").click()
    assert shown() == sorted(before) != before
    assert head.get_attribute("aria-sort") == "ascending"
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert shown() == sorted(before, reverse=True)
    assert not said
    page.close()


@needs_browser
def test_a_page_asks_for_nothing_outside_itself(browser, simulated):
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_of(simulated).as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    page.close()
