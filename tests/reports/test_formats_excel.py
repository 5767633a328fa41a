"""The Excel annex: its formulas are computed and give the assessment to the digit."""

from __future__ import annotations

import csv
import io
import math
import re
import shutil
import subprocess
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from frames import PROVINCE, indicator, observed, plan, yearly
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from thoroughness import examples

from gdplan import assess, load_plan, read_observations
from gdplan.files.csv_table import column_letter
from gdplan.model import Attribute, Kind, Scale
from gdplan.reports.formats import excel
from gdplan.reports.formats.assembly import PrintedTable
from gdplan.reports.formats.excel_terms import COLUMNS

ROOT = Path(__file__).resolve().parents[2]
SIMULATED = ROOT / "examples" / "observations"
NASTY = "<script>alert(1)</script> =cmd|' /C calc'!A0 #$@`\"'😀"
CASES = {
    "real midterm": ("gd-hrss-14", None, PROVINCE, 2023),
    "real final": ("gd-hrss-13", None, PROVINCE, 2020),
    "simulated midterm": ("gd-hrss-14", SIMULATED, PROVINCE, 2023),
    "simulated final": ("gd-hrss-14", SIMULATED, PROVINCE, 2025),
    "simulated city": ("gd-hrss-14", SIMULATED, "441500", 2023),
}
QUICK = {"simulated city"}
"""Cases of a working day."""
NUMBERS = ("value", "elapsed", "progress", "pace", "required", "gap", "completion")


def rows_of(frame: pd.DataFrame) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(frame.to_csv(index=False))))


def built(p, frame, tables=(), **options) -> bytes:
    kind = "final" if int(frame["year"][0]) >= p.target_year else "midterm"
    return excel.annex(tables, rows_of(frame), p, table=kind, title="题", cover=("行",),
                           **options)  # fmt: skip


def solved(data: bytes, folder: Path) -> dict[str, object]:
    """Every cell of the workbook as a formula library computes it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import formulas

        path = folder / "annex.xlsx"
        path.write_bytes(data)
        model = formulas.ExcelModel().loads(str(path)).finish().calculate()
    return {key.upper(): value.value[0, 0] for key, value in model.items()
            if hasattr(value, "value") and ":" not in key}  # fmt: skip


def computed(data: bytes, folder: Path) -> dict[str, list[object]]:
    """Columns of the sheet 核算 as a formula library computes them."""
    return columns(data, solved(data, folder))


def columns(data: bytes, found: Mapping[str, object]) -> dict[str, list[object]]:
    lines = 1 + sum(1 for c in opened(data)["核算"]["B"] if c.value)
    return {
        name: [found.get(f"'[ANNEX.XLSX]核算'!{column_letter(i)}{n}") for n in range(2, lines)]
        for i, name in enumerate(COLUMNS)
    }


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def agrees(frame: pd.DataFrame, found: dict[str, list[object]]) -> None:
    """Every recalculated value is the assessment's, to nine digits; every verdict is the same."""
    for name in NUMBERS:
        for wanted, value, no in zip(frame[name], found[name], frame["indicator"], strict=True):
            if pd.isna(wanted):
                assert str(value) in ("", "None", "empty"), (no, name, value)
            elif math.isinf(wanted):
                assert value == "∞", (no, name)
            else:
                assert float(value) == pytest.approx(float(wanted), rel=1e-9, abs=1e-9), (no, name)
    assert [str(v) for v in found["verdict"]] == list(frame["verdict"])
    assert len(found["agrees"]) == len(frame) and all(bool(v) for v in found["agrees"])


def kept(data: bytes, found: Mapping[str, object]) -> None:
    """What every formula carries for viewers that do not compute is what it gives."""
    for sheet, live in zip(
        openpyxl.load_workbook(io.BytesIO(data), data_only=True),
        openpyxl.load_workbook(io.BytesIO(data)),
        strict=True,
    ):
        for cell in (c for row in live for c in row if c.data_type == "f"):
            carried = sheet[cell.coordinate].value
            value = found[f"'[ANNEX.XLSX]{sheet.title}'!{cell.coordinate}".upper()]
            where = (sheet.title, cell.coordinate, cell.value)
            if isinstance(carried, (bool, str)) or carried is None:
                assert (carried or False) == (value or False), where
            else:
                assert float(value) == pytest.approx(carried, rel=1e-9, abs=1e-9), where


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in CASES],
)
def test_the_formulas_give_the_assessment(name, tmp_path):
    plan_id, data, region, year = CASES[name]
    p = load_plan(plan_id)
    frame = assess(p, read_observations(data, p), region=region, year=year)
    data = built(p, frame)
    found = solved(data, tmp_path)
    agrees(frame, columns(data, found))
    kept(data, found)


def varied():
    """One indicator of every kind and rule, with its figures."""
    cap = {"unit": "%", "direction": -1}
    share = {"unit": "%"}
    return [
        (indicator("1", name="和", base="—", target="[550]", unit="万人"),
         yearly({2021: "140.33", 2022: "132", 2023: "139.3"}, indicator="和")),
        (indicator("2", name="预算", base="—", target="[100]", direction=-1),
         yearly({2021: "15", 2022: "16", 2023: "14"}, indicator="预算")),
        (indicator("3", name="几何", base="50", target="200", scale=Scale.GEOMETRIC),
         yearly({2023: "110"}, indicator="几何")),
        (indicator("4", name="下限", base="96", target=">90", **share),
         yearly({2021: "89", 2023: "93"}, indicator="下限", unit="%")),
        (indicator("5", name="上限", base="2.5", target="4以内", **cap),
         yearly({2021: "2.6", 2023: "4.2"}, indicator="上限", unit="%")),
        (indicator("6", name="左右", base="5.45", target="5.5左右", **cap),
         yearly({2023: "5.6"}, indicator="左右", unit="%")),
        (indicator("7", name="稳定", base="85.2", target="保持稳定", unit="%", direction=0),
         yearly({2021: "85.0", 2023: "84.9"}, indicator="稳定", unit="%")),
        (indicator("8", name="倒退", base="60", target="80"),
         yearly({2023: "58"}, indicator="倒退")),
        (indicator("9", name="提前", base="60", target="80"),
         yearly({2023: "81"}, indicator="提前")),
        (indicator("10", name="约束", base="60", target="80", attribute=Attribute.BINDING),
         yearly({2023: "71.5"}, indicator="约束")),
        (indicator("11", name="年度", base="19.9", target="20", kind=Kind.of("annual")),
         yearly({2021: "19", 2022: "21", 2023: "19.5"}, indicator="年度")),
        (indicator("12", name="增速", base="—", target="6", unit="%", kind=Kind.of("rate")),
         yearly({2021: "5", 2022: "7", 2023: "6.4"}, indicator="增速", unit="%")),
        (indicator("13", name="缺", base="60", target="80"), yearly({2019: "60"}, indicator="缺")),
        (indicator("14", name="半年", base="—", target="[80]"),
         observed({"year": 2021, "raw": "16", "indicator": "半年"},
                  {"year": 2022, "raw": "17", "indicator": "半年"},
                  {"year": 2023, "raw": "9", "period": "ytd", "month": 6.0,
                   "indicator": "半年"})),
        (indicator("15", name="宽限", base="60", target="80", parameters={"on_track": 0.5}),
         yearly({2023: "67"}, indicator="宽限")),
        (indicator("16", name="结构", base="10:40:50", target="14:42:44", unit="—",
                   kind=Kind.of("composition")),
         observed({"year": 2023, "raw": "13:41:46", "period": "year_end", "indicator": "结构"})),
        (indicator("17", name="结构不变", base="14:42:44", target="14:42:44", unit="—",
                   kind=Kind.of("composition")),
         observed({"year": 2023, "raw": "14:42:44", "period": "year_end",
                   "indicator": "结构不变"})),
        (indicator("29", name="预算用尽", base="—", target="[0.3]", direction=-1),
         yearly({2021: "0.1", 2022: "0.1", 2023: "0.1"}, indicator="预算用尽")),
        (indicator("30", name="恰好满速", base="—", target="6.5", unit="%", kind=Kind.of("rate")),
         yearly({2021: "6.5", 2022: "6.5", 2023: "6.5"}, indicator="恰好满速", unit="%")),
        (indicator("18", name="预算未用", base="—", target="[100]", direction=-1),
         yearly({2021: "0", 2022: "0", 2023: "0"}, indicator="预算未用")),
        (indicator("28", name="预算回流", base="—", target="[100]", direction=-1),
         yearly({2021: "-5", 2022: "0", 2023: "2"}, indicator="预算回流")),
        (indicator("19", name="几何负数", base="-50", target="-20", scale=Scale.GEOMETRIC,
                   limits=(-math.inf, math.inf)),
         yearly({2023: "-30"}, indicator="几何负数")),
        (indicator("20", name="五年降幅", base="—", target="[-17]", unit="%", kind=Kind.of("rate"),
                   direction=-1),
         yearly({2021: "-3", 2022: "-4", 2023: "-3.5"}, indicator="五年降幅", unit="%")),
        (indicator("21", name="总量加流量", base="—", target="[100]"),
         observed({"year": 2022, "raw": "45", "period": "cumulative", "start": 2021.0,
                   "indicator": "总量加流量"},
                  {"year": 2023, "raw": "17", "indicator": "总量加流量"})),
        (indicator("22", name="没有基期", base="—", target="80"),
         yearly({2022: "79", 2023: "81"}, indicator="没有基期")),
        (indicator("23", name="区间", base="60", target="70-80", direction=1),
         yearly({2023: "72"}, indicator="区间")),
        (indicator("24", name="一直保持", base="97", target="95以上", unit="%"),
         yearly({2021: "96", 2022: "96.5", 2023: "97.1"}, indicator="一直保持", unit="%")),
        (indicator("25", name="约稳", base="200", target="保持稳定", direction=0),
         yearly({2021: "201", 2023: "197"}, indicator="约稳")),
        (indicator("26", name="满额增速", base="—", target="6", unit="%", kind=Kind.of("rate")),
         yearly({2021: "6", 2022: "6", 2023: "6"}, indicator="满额增速", unit="%")),
        (indicator("31", name="带外", base="8", target="5.5左右", unit="%", direction=-1),
         yearly({2023: "7"}, indicator="带外", unit="%")),
        (indicator("32", name="区间之下", base="60", target="70-80"),
         yearly({2023: "66"}, indicator="区间之下")),
        (indicator("33", name="区间之上", base="60", target="70-80"),
         yearly({2023: "83"}, indicator="区间之上")),
        (indicator("34", name="增速左右", base="—", target="6左右", unit="%", kind=Kind.of("rate")),
         yearly({2021: "5", 2022: "5", 2023: "5"}, indicator="增速左右", unit="%")),
        (indicator("35", name="增速已够下限", base="—", target="6左右", unit="%",
                   kind=Kind.of("rate")),
         yearly({2021: "10", 2022: "10", 2023: "9.5"}, indicator="增速已够下限", unit="%")),
        (indicator("36", name="增速区间", base="—", target="5-6", unit="%", kind=Kind.of("rate")),
         yearly({2021: "7", 2022: "7", 2023: "7"}, indicator="增速区间", unit="%")),
        (indicator("37", name="降幅区间", base="—", target="-6--5", unit="%", kind=Kind.of("rate"),
                   direction=-1),
         yearly({2021: "-4", 2022: "-4", 2023: "-4"}, indicator="降幅区间", unit="%")),
        (indicator("27", name="差一点", base="60", target="80"),
         yearly({2023: "79"}, indicator="差一点")),
        (indicator("41", name="寿命", base="77.3", target="〔1〕", unit="岁",
                   kind=Kind.of("change")),
         yearly({2021: "77.5", 2022: "77.8", 2023: "77.9"}, indicator="寿命", unit="岁")),
        (indicator("42", name="能耗降低", base="—", target="[20]", unit="%",
                   kind=Kind.of("reduction")),
         yearly({2021: "2.74", 2022: "5.04", 2023: "-1"}, indicator="能耗降低", unit="%")),
        (indicator("43", name="年均就业", base="—", target="年均110"),
         yearly({2021: "120", 2022: "100", 2023: "116"}, indicator="年均就业")),
        (indicator("44", name="收入比", base="2.5:1", target="2.3:1", unit="", direction=-1),
         yearly({2022: "2.46", 2023: "2.41"}, indicator="收入比", unit="")),
        (indicator("45", name="差距过小", base="19.9", target="20", kind=Kind.of("annual")),
         yearly({2023: "19.7"}, indicator="差距过小")),
        (indicator("46", name="一年超限", base="—", target="3以内", unit="%", direction=-1,
                   kind=Kind.of("rate")),
         yearly({2021: "1", 2022: "4", 2023: "2"}, indicator="一年超限", unit="%")),
        (indicator("47", name="零增长", base="—", target="0", unit="%", kind=Kind.of("rate")),
         yearly({2021: "1", 2022: "-0.5", 2023: "0.2"}, indicator="零增长", unit="%")),
        (indicator("48", name="无基期曾达标", base="—", target="95", unit="%"),
         yearly({2022: "96", 2023: "94"}, indicator="无基期曾达标", unit="%")),
        (indicator("49", name="无基期保持", base="—", target="95", unit="%"),
         yearly({2022: "96", 2023: "96.5"}, indicator="无基期保持", unit="%")),
        (indicator("50", name="无基期未达标", base="—", target="95", unit="%"),
         yearly({2022: "92", 2023: "93"}, indicator="无基期未达标", unit="%")),
        (indicator("51", name="超过", base="90", target=">95", unit="%"),
         yearly({2023: "95"}, indicator="超过", unit="%", bound="at_least")),
        (indicator("52", name="年均上限", base="—", target="年均10以内", direction=-1),
         yearly({2021: "9", 2022: "12", 2023: "10"}, indicator="年均上限")),
        (indicator("53", name="总量用尽", base="—", target="[30]以内", direction=-1),
         yearly({2021: "10", 2022: "12", 2023: "10"}, indicator="总量用尽")),
        (indicator("54", name="取整之内", base="60", target="80"),
         yearly({2023: "59.8"}, indicator="取整之内")),
    ]  # fmt: skip


def every_kind(year: int):
    pairs = varied()
    rows = pd.concat([r for _, r in pairs], ignore_index=True)
    if year == 2025:
        last = rows[rows["year"] == 2023]
        rows = pd.concat([rows, last.assign(year=2024), last.assign(year=2025)],
                         ignore_index=True)  # fmt: skip
    p = plan(*(item for item, _ in pairs))
    return p, assess(p, rows, region=PROVINCE, year=year)


@pytest.mark.parametrize("year", [2023, pytest.param(2025, marks=pytest.mark.slow)])
def test_every_kind_of_indicator_is_recalculated(year, tmp_path):
    p, frame = every_kind(year)
    table = "final" if year == 2025 else "midterm"
    assert {str(v) for v in frame["verdict"]} == {verdict for verdict, _ in p.rules[table]}
    data = built(p, frame)
    found = solved(data, tmp_path)
    agrees(frame, columns(data, found))
    kept(data, found)


def changed(data: bytes, sheet: str, cell: str, value: float) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book[sheet][cell].font.color.rgb == "FF1F4E9E"
    book[sheet][cell].value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("item", "figures", "cell", "new", "before", "after"),
    [
        (indicator(), {2023: "73"}, "H2", 61, "快于预期", "滞后"),
        (indicator(base="—", target="[100]"), {2021: "20", 2022: "20", 2023: "20"}, "H3", 5,
         "基本符合预期", "滞后"),
        (indicator(base="—", target="6", unit="%", kind=Kind.of("rate")),
         {2021: "6", 2022: "6", 2023: "6"}, "H4", 1, "基本符合预期", "滞后"),
        (indicator(base="96", target="95以上", unit="%"), {2022: "96", 2023: "97"}, "H2", 94,
         "保持达标", "基本符合预期"),
    ],
)  # fmt: skip
def test_a_verdict_changes_with_a_blue_cell(item, figures, cell, new, before, after, tmp_path):
    p = plan(item)
    frame = assess(p, yearly(figures, unit=item.unit), region=PROVINCE, year=2023)
    found = computed(changed(built(p, frame), "数据", cell, new), tmp_path)
    assert (frame["verdict"][0], found["verdict"][0]) == (before, after)
    assert not bool(found["agrees"][0])


def test_an_indicator_has_its_own_parameters_and_follows_them(tmp_path):
    items = indicator("1"), indicator("（二）", name="宽限", parameters={"on_track": 0.5})
    p = plan(*items)
    rows = pd.concat([yearly({2023: "67"}, indicator=i.name) for i in items], ignore_index=True)
    frame = assess(p, rows, region=PROVINCE, year=2023)
    assert list(frame["verdict"]) == ["滞后", "基本符合预期"]
    data = built(p, frame)
    book = opened(data)
    place = book.defined_names["p_on_track_2"].attr_text.split("!")[1].replace("$", "")
    assert book["参数"][place].value == 0.5
    assert "（二）" in book["参数"][place.replace("C", "A")].value
    found = computed(changed(data, "参数", place, 0.95), tmp_path)
    assert list(found["verdict"]) == ["滞后", "滞后"]


@pytest.mark.parametrize(
    ("target", "figure", "key", "new", "after"),
    [("80左右", "77", "about_tolerance", 0.01, "快于预期"),
     ("保持稳定", "59", "keep_tolerance_share", 0.01, "倒退")],
)  # fmt: skip
def test_a_tolerance_moves_the_ends_of_a_goal(target, figure, key, new, after, tmp_path):
    p = plan(indicator(target=target))
    frame = assess(p, yearly({2023: figure}), region=PROVINCE, year=2023)
    assert frame["verdict"][0] != after
    data = built(p, frame)
    place = opened(data).defined_names[f"p_{key}"].attr_text.split("!")[1].replace("$", "")
    assert computed(changed(data, "参数", place, new), tmp_path)["verdict"][0] == after


def test_rules_of_a_plan_are_followed_with_unknown_and_its_contrary(tmp_path):
    rules = (("无法评估", ("unknown",)), ("倒退", ("not unknown", "not met")), ("保持达标", ()))
    p = plan(indicator(), rules={"midterm": rules, "final": rules})
    frame = assess(p, yearly({2023: "73"}), region=PROVINCE, year=2023)
    found = computed(built(p, frame), tmp_path)
    assert found["verdict"] == ["倒退"] == list(frame["verdict"])


def test_a_report_that_says_otherwise_does_not_agree(tmp_path):
    p = plan(indicator())
    frame = assess(p, yearly({2023: "73"}), region=PROVINCE, year=2023).assign(verdict="滞后")
    data = built(p, frame)
    found = solved(data, tmp_path)
    assert not bool(columns(data, found)["agrees"][0])
    kept(data, found)
    front = openpyxl.load_workbook(io.BytesIO(data), data_only=True)["封面"]
    assert "0 / 1" in [c.value for row in front for c in row]


def test_formulas_use_functions_that_old_programs_know():
    book = opened(built(*every_kind(2023)))
    cells = [c.value for sheet in book for row in sheet for c in row if c.data_type == "f"]
    used = {name for text in cells for name in re.findall(r"([A-Z][A-Z0-9.]*)\(", text)}
    assert used <= {
        "SUMPRODUCT", "IF", "AND", "OR", "NOT", "ABS", "LN", "EXP", "POWER", "MIN", "MAX", "N",
        "NA", "ISNUMBER", "ROUND", "COUNTIF", "IFERROR",
    }  # fmt: skip
    assert max(map(len, cells)) < 8192


amounts = st.integers(-400, 1200).map(lambda n: str(n / 10))
targets = st.sampled_from(
    ["80", "[300]", "95以上", "40以内", "80左右", "保持稳定", ">70", "70-80", "0", "60"]
)


@pytest.mark.slow
@examples(4, quick=1, derandomize=True,
          phases=(Phase.generate,),  # the formula library is too slow to shrink with
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(
    data=st.lists(
        st.tuples(targets, amounts, st.lists(amounts, min_size=1, max_size=5),
                  st.sampled_from([-1, 1]), st.sampled_from([*Scale]), st.booleans()),
        min_size=12, max_size=16,
    ),
    year=st.sampled_from([2023, 2025]),
)  # fmt: skip
def test_any_figures_give_the_assessment(data, year, tmp_path):
    items, rows = [], []
    for n, (target, base, figures, direction, scale, binding) in enumerate(data, 1):
        attribute = Attribute.BINDING if binding else Attribute.EXPECTED
        items.append(indicator(str(n), base=base, target=target, direction=direction, scale=scale,
                               attribute=attribute, limits=(-math.inf, math.inf)))  # fmt: skip
        years = range(2021, 2026) if "[" in target else range(year - len(figures) + 1, year + 1)
        rows.append(yearly(dict(zip(years, figures, strict=False)), indicator=f"指标{n}"))
    p = plan(*items)
    frame = assess(p, pd.concat(rows, ignore_index=True), region=PROVINCE, year=year)
    made = built(p, frame)
    found = solved(made, tmp_path)
    agrees(frame, columns(made, found))
    kept(made, found)


def recomputed(office: str, data: bytes, folder: Path) -> dict[str, list[object]]:
    """Columns of the sheet 核算 by LibreOffice, from a copy that carries no values to lean on."""
    bare = openpyxl.load_workbook(io.BytesIO(data))
    bare.save(folder / "annex.xlsx")
    subprocess.run(
        [office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out"),
         str(folder / "annex.xlsx")],
        check=True, capture_output=True,
    )  # fmt: skip
    sheet = openpyxl.load_workbook(folder / "out" / "annex.xlsx", data_only=True)["核算"]
    last = 1 + sum(1 for c in sheet["B"] if c.value)
    return {
        name: [sheet.cell(n, i + 1).value for n in range(2, last)] for i, name in enumerate(COLUMNS)
    }


@pytest.mark.parametrize("year", [2023, 2025])
def test_libreoffice_computes_the_same(year, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice on this machine")
    p, frame = every_kind(year)
    agrees(frame, recomputed(office, built(p, frame), tmp_path))


# -- sheets ------------------------------------------------------------------------------------


def table(*rows: tuple[str, ...], align=("left", "right")) -> PrintedTable:
    return PrintedTable("表1", "题", ("甲", "乙"), rows, align, ("name", "value"),
                        tuple("1" for _ in rows))  # fmt: skip


@pytest.fixture(scope="module")
def judged():
    p = plan(indicator())
    return p, assess(p, yearly({2023: "73"}), region=PROVINCE, year=2023)


@pytest.mark.parametrize(
    ("text", "value", "digits"),
    [("411.63", 411.63, "0.00"), ("74.8%", 0.748, "0.0%"), ("-3", -3, "0"), ("0.0", 0, "0.0"),
     ("约850", "约850", None), ("5.5以内", "5.5以内", None), ("[550]", "[550]", None),
     ("—", "—", None), ("007", "007", None), ("٣", "٣", None),
     ("12345678901234567890", "12345678901234567890", None)],
)  # fmt: skip
def test_numbers_are_numbers_with_their_printed_digits(judged, text, value, digits):
    cell = opened(built(*judged, [table(("x", text))]))["表1"]["B2"]
    assert cell.value == pytest.approx(value) if digits else cell.value == value
    if digits:
        assert cell.number_format == digits


def test_an_address_in_the_report_is_the_address_in_the_sheet(judged):
    sheet = opened(built(*judged, [table(("a", "1"), ("b", "2.50"))]))["表1"]
    assert [c.value for c in sheet[1]] == ["甲", "乙"]
    assert (sheet["A3"].value, sheet["B3"].value) == ("b", 2.5)
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:B3"
    assert sheet.print_title_rows == "$1:$1"


@pytest.mark.parametrize("text", ["=1+1", "=cmd|' /C calc'!A0", "+1", "-x", "@SUM(1)", NASTY])
def test_text_is_never_a_formula(judged, text):
    data = built(*judged, [table((text, text))])
    sheet = opened(data)["表1"]
    for cell in (sheet["A2"], sheet["B2"]):
        assert cell.data_type == "s" and cell.value == text


def test_a_nasty_name_and_a_long_one_arrive(tmp_path):
    for name in (NASTY, "长" * 2000):
        item = indicator(name=name)
        p = plan(item)
        frame = assess(p, yearly({2023: "73"}, indicator=name), region=PROVINCE, year=2023)
        sheet = opened(built(p, frame))["核算"]
        assert sheet["B2"].value == name and sheet["B2"].data_type == "s"


def test_the_cover_lists_and_links_every_sheet_and_counts_what_agrees(judged):
    book = opened(built(*judged, [table(("a", "1"))], watermark="示例数据，非真实"))
    front = book["封面"]
    assert book.sheetnames == ["封面", "表1", "核算", "数据", "参数"]
    links = [c.hyperlink.location for row in front for c in row if c.hyperlink]
    assert links == ["'表1'!A1", "'数据'!A1", "'参数'!A1", "'核算'!A1"]
    texts = [c.value for row in front for c in row if c.value]
    assert "题" in texts and "行" in texts and any("COUNTIF" in str(t) for t in texts)


def test_simulated_data_are_named_in_red_on_every_sheet_and_page(judged):
    for mark in ("示例数据，非真实", "甲 & 乙"):
        book = opened(built(*judged, [table(("a", "1"))], watermark=mark))
        assert len(book.worksheets) == 5
        for sheet in book.worksheets:
            [cell] = [c for row in sheet for c in row if c.value == mark]
            assert cell.font.color.rgb == "FFB03A2E"
            printed = sheet.oddHeader.right
            assert (printed.text, printed.color) == (mark.replace("&", "&&"), "B03A2E")
    for sheet in opened(built(*judged)).worksheets:
        assert not sheet.oddHeader.right.text


def test_an_english_annex_has_english_sheets_and_words(tmp_path):
    p = plan(indicator(name_en="Jobs"), indicator("2", name_en="Staff"))
    frame = assess(p, yearly({2023: "73"}), region=PROVINCE, year=2023)
    data = built(p, frame, lang="en")
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    assert book.sheetnames == ["Cover", "Recalculation", "Figures", "Parameters"]
    sheet = book["Recalculation"]
    assert (sheet["B1"].value, sheet["B2"].value) == ("Indicator", "Jobs")
    line = dict(zip(COLUMNS, [c.value for c in sheet[2]], strict=True))
    assert (line["verdict"], line["reported"], line["agrees"]) == ("ahead", "ahead", True)
    line = dict(zip(COLUMNS, [c.value for c in sheet[3]], strict=True))
    assert line["verdict"] == "not assessable" and "no" in line["blocked"]
    found = solved(data, tmp_path)
    place = f"{column_letter(COLUMNS.index('verdict'))}2"
    assert found[f"'[ANNEX.XLSX]RECALCULATION'!{place}"] == "ahead"


def test_a_reason_that_blocks_a_verdict_stands_in_words():
    p = plan(indicator())
    frame = assess(p, yearly({2021: "61"}), region=PROVINCE, year=2023)
    sheet = opened(built(p, frame))["核算"]
    blocked = sheet.cell(2, COLUMNS.index("blocked") + 1).value
    assert blocked == "最新数据早于评估年份一年以上（最新为2021年）"


def test_each_figure_stands_once_with_its_source(judged):
    p = plan(indicator())
    frame = assess(p, yearly({2022: "66", 2023: "73"}), region=PROVINCE, year=2023)
    sheet = opened(built(p, frame))["数据"]
    lines = [[c.value for c in row] for row in sheet.iter_rows(min_row=2)]
    assert [(x[0], x[3], x[6], x[-2], x[-1]) for x in lines] == [
        ("1*", 2022, "66", "test.csv", "F2"), ("1", 2023, "73", "test.csv", "F3"),
    ]  # fmt: skip


def test_a_long_text_has_room_in_its_row(judged):
    sheet = opened(built(*judged, [table(("a", "1"), ("长" * 50, "1"), ("长" * 2000, "1"))]))["表1"]
    heights = [sheet.row_dimensions[n].height or 15 for n in (2, 3, 4)]
    width = sheet.column_dimensions["A"].width
    assert heights[0] == 15 and heights[1] / 15 * width > 100 and heights[2] <= 409


def test_the_workings_print_over_pages_that_can_be_read(judged):
    sheet = opened(built(*judged))["核算"]
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (3, 0)
    assert sheet.print_title_cols == "$A:$B" and sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9


def test_a_table_without_rows_is_a_sheet(judged):
    sheet = opened(built(*judged, [table()]))["表1"]
    assert [c.value for c in sheet[1]] == ["甲", "乙"] and not sheet.auto_filter.ref


def test_a_text_longer_than_a_cell_is_cut_where_excel_counts(judged):
    for text in ("长" * 40_000, "😀" * 20_000, "a" + "😀" * 20_000):
        data = built(*judged, [table((text, "1"))], watermark=text)
        value = opened(data)["表1"]["A2"].value
        assert text.startswith(value) and 31_990 <= len(value.encode("utf-16-le")) / 2 <= 32_767


def test_every_parameter_has_a_name_that_formulas_use(judged):
    p, _ = judged
    book = opened(built(*judged))
    assert {f"p_{key}" for key in p.parameters} == set(book.defined_names)
    on_track = COLUMNS.index("pace_on_track") + 1
    assert "p_on_track" in book["核算"].cell(2, on_track).value


def test_two_builds_are_the_same_bytes_with_no_date_of_today(judged):
    data = built(*judged, [table(("a", "1"))])
    assert data == built(*judged, [table(("a", "1"))])
    core = zipfile.ZipFile(io.BytesIO(data)).read("docProps/core.xml").decode()
    assert core.count("2021-01-01T00:00:00Z") == 2


def test_the_annex_of_a_report_has_a_sheet_for_every_table(simulated):
    import json

    [path] = simulated.glob("annex*.xlsx")
    record = json.loads((simulated / "run.json").read_text("utf-8"))
    names = openpyxl.load_workbook(path).sheetnames
    assert [n for n in names if n.startswith("表")] == [t["label"] for t in record["tables"]]
    assert "示例数据，非真实" in path.name
