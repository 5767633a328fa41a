"""The documents say the same in both languages, and what they say of the rules is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gdplan.model import VERDICT_EN, Bound, Period, Verdict

ROOT = Path(__file__).parents[2]
ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh.md"
DOCUMENTS = (
    ENGLISH, CHINESE, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "docs/guide.zh.md",
    ROOT / "examples/README.md", *sorted((ROOT / "docs/decisions").glob("*.md")),
)  # fmt: skip


def commands(text: str) -> list[str]:
    """Lines of the fenced blocks without their remarks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.partition("   #")[0].split(" # ")[0].strip() for line in lines]


def table_cells(text: str) -> set[str]:
    """First cells of all table rows."""
    return {m.strip() for m in re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)}


def rules() -> dict[str, float]:
    """Default parameters, read as plain text so that this test needs no reader."""
    text = (ROOT / "gdplan" / "plans" / "rules.yml").read_text("utf-8")
    return {k: float(v) for k, v in re.findall(r"^  (\w+): ([\d.]+)", text, re.MULTILINE)}


def test_both_readmes_have_the_same_commands_in_the_same_order() -> None:
    english = commands(ENGLISH.read_text("utf-8"))
    assert english == commands(CHINESE.read_text("utf-8"))
    assert english[:2] == ["make report", "make test"]
    assert len(english) > 10


@pytest.mark.parametrize("path", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_every_verdict_is_explained(path: Path) -> None:
    cells = table_cells(path.read_text("utf-8"))
    assert {v.value for v in Verdict} <= cells


def test_english_words_of_the_verdicts_are_those_of_the_vocabulary() -> None:
    text = ENGLISH.read_text("utf-8")
    for verdict, word in VERDICT_EN.items():
        assert f"| {verdict} | {word} |" in text


@pytest.mark.parametrize("path", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_the_limits_in_the_tables_are_the_defaults(path: Path) -> None:
    text = path.read_text("utf-8")
    line = {cell: next(x for x in text.splitlines() if x.startswith(f"| {cell} |"))
            for cell in ("快于预期", "基本符合预期", "滞后", "超额完成", "基本完成")}  # fmt: skip
    used = rules()
    assert f"{1 + used['ahead_margin']:g}" in line["快于预期"]
    assert f"{used['on_track']:g}" in line["基本符合预期"]
    assert f"{used['on_track']:g}" in line["滞后"]
    assert f"{100 * used['exceed_margin']:g}%" in line["超额完成"].replace(" %", "%")
    assert f"{100 * used['nearly']:g}%" in line["基本完成"].replace(" %", "%")


def test_the_guide_explains_every_period_and_bound() -> None:
    text = (ROOT / "docs/guide.zh.md").read_text("utf-8")
    for word in (*Period, *Bound):
        assert f"| `{word.value}` |" in text


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_links_lead_to_files(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


def test_decisions_are_numbered_and_have_their_four_parts() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    index = (ROOT / "docs/decisions/README.md").read_text("utf-8")
    assert all(index.count(f"({page.name})") == 1 for page in pages), "the index names each once"
    assert [int(p.name[:3]) for p in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text("utf-8")
        assert text.startswith(f"# {page.name[:3]} ")
        for part in ("Context.", "Decision.", "Why.", "Consequences."):
            assert text.count(f"**{part}**") == 1, (page.name, part)
        assert len(text.splitlines()) <= 50, page.name


def test_each_recipe_ends_with_a_command() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    recipes = text.split("\n## ")[1:]
    assert len(recipes) == 3
    for recipe in recipes:
        assert recipe.rstrip().endswith("```")
