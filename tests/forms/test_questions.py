"""A figure of a form that is a power of ten off its series is asked about, and still read."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from frames import PROVINCE, indicator, observed, plan, yearly

from gdplan import load_plan
from gdplan.forms import write as form_write
from gdplan.forms.questions import questions
from gdplan.model import Kind
from gdplan.observations.checks.soft import slip

SUM = plan(indicator(target="[80]", base="—", aliases=("别名",)))
NOTHING = pd.DataFrame()


def row(year: int, value: str, **cells: str) -> dict[str, str]:
    return {"region_code": PROVINCE, "region": "广东省", "indicator": "指标1", "unit": "万人",
            "year": str(year), "value": value} | cells  # fmt: skip


def told(*rows, known=NOTHING, p=SUM):
    return list(questions([(r, f"数据!F{n}") for n, r in enumerate(rows, 2)], known, p))


@pytest.mark.parametrize(
    ("value", "share"),
    [("155000", "10000倍"), ("1520000000", "100000000倍"), ("160", "10倍"), ("0.0015", "1/10000"),
     ("1.5", "1/10"), ("1,490", "100倍")],
)  # fmt: skip
def test_a_figure_a_power_of_ten_off_last_years_is_asked_about(value, share):
    [text] = told(row(2023, value), known=yearly({2022: "15"}))
    assert text == (
        f"数据!F2：广东省2023年指标1{value}万人，约为2022年15的{share}，请核对单位和小数点"
    )


@pytest.mark.parametrize("value", ["15", "40", "5", "0", "70", "3000", "14:42:44"])
def test_other_changes_are_no_slips(value):
    assert told(row(2023, value), known=yearly({2022: "15"})) == []


def test_a_share_has_no_counting_words():
    known = yearly({2022: "5"}, unit="%")
    assert told(row(2023, "50", unit="%"), known=known) == []


def test_a_figure_is_held_against_its_own_year_then_the_nearest_before_then_after():
    known = yearly({2021: "15", 2022: "150", 2025: "1500"})
    assert "2022年150的10倍" in told(row(2022, "1500"), known=known)[0]
    assert "2022年150的10倍" in told(row(2023, "1500"), known=known)[0]
    assert "2021年15的1/10" in told(row(2020, "1.5"), known=known)[0]
    assert told(row(2024, "150"), known=known) == []


def test_figures_of_one_form_are_held_against_each_other():
    assert ["F3" in text for text in told(row(2022, "15"), row(2023, "150000"))] == [False, True]
    other = row(2023, "150000", region_code="440100")
    assert told(row(2022, "15"), other) == []


def test_the_base_of_the_plan_stands_for_a_first_figure():
    level = plan(indicator(base="3603", target="3700"))
    [text] = told(row(2021, "36550000"), p=level)
    assert "约为2020年3603的10000倍" in text
    assert told(row(2021, "36550000", region_code="440100"), p=level) == []
    flow = plan(indicator(base="[717.25]", target="[550]", kind=Kind.of("cumulative")))
    assert told(row(2021, "71"), p=flow) == []


def test_figures_under_an_alias_count_and_unused_ones_do_not():
    [text] = told(row(2023, "150"), known=yearly({2022: "15"}, indicator="别名"))
    assert "2022年15" in text
    assert told(row(2023, "150"), known=yearly({2022: "15"}, period="year_end")) == []


@pytest.mark.parametrize(
    ("ratio", "factor"), [(10, 10), (13, 10), (14, 0), (1e4, 10_000), (1e-8, 100_000_000), (1, 0)]
)
def test_a_slip_is_near_a_power_of_ten(ratio, factor):
    assert slip(ratio, 0.3) == factor


def test_the_command_shows_the_question_and_reads_the_figure(form_with, command):
    path = form_with("36550000")
    run = command("import", str(path), cwd=path.parent)
    assert run.returncode == 0 and "新数据1个" in run.stdout
    asked = [line for line in run.stdout.splitlines() if line.startswith("请核实 ")]
    assert len(asked) == 1 and "约为2020年3603的10000倍" in asked[0] and "数据!" in asked[0]
    again = command("import", str(path), cwd=path.parent)
    assert "已有1个" in again.stdout and "请核实" not in again.stdout


@pytest.fixture
def form_with(tmp_path, monkeypatch):
    """A home without figures, and a form of 2021 with one of 失业保险参保人数 filled in."""
    root = Path(__file__).resolve().parents[2]
    home = tmp_path / "home"
    shutil.copytree(root / "data" / "raw", home / "data" / "raw")
    for path in (home / "data" / "raw" / "observations").iterdir():
        path.unlink()
    (home / "data" / "raw" / "corrections.yml").unlink(missing_ok=True)
    monkeypatch.setenv("GDPLAN_HOME", str(home))

    def made(value: str):
        regions = {PROVINCE: "广东省"}
        files = form_write.template(load_plan("gd-hrss-14"), observed(), year=2021, regions=regions)
        [(name, data)] = files.items()
        path = tmp_path / name
        path.write_bytes(data)
        book = openpyxl.load_workbook(path)
        sheet = book["数据"]
        line = next(n for n in range(2, 60) if sheet.cell(n, 1).value and "失业保险参保人数" in
                    [c.value for c in sheet[n]])  # fmt: skip
        entered = {"数值": float(value), "数据来源": "统计公报", "发布日期": "2022-03-01"}
        for column, cell in entered.items():
            sheet.cell(line, form_write.HEADER.index(column) + 1).value = cell
        book.save(path)
        return path

    return made
