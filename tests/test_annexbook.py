"""The Excel annex: its formulas are computed and give the assessment to the digit."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import warnings
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from frames import PROVINCE, indicator, observed, plan, yearly

from gdplan import annexbook, assess, load_plan, read_observations
from gdplan.assembly import PrintedTable
from gdplan.model import Attribute, Kind, Scale
from gdplan.recalculation import COLUMNS, letter

ROOT = Path(__file__).resolve().parents[1]
SIMULATED = ROOT / "examples" / "observations"
NASTY = "<script>alert(1)</script> =cmd|' /C calc'!A0 #$@`\"'😀"
CASES = {
    "real midterm": ("gd-hrss-14", None, PROVINCE, 2023),
    "real final": ("gd-hrss-13", None, PROVINCE, 2020),
    "simulated midterm": ("gd-hrss-14", SIMULATED, PROVINCE, 2023),
    "simulated final": ("gd-hrss-14", SIMULATED, PROVINCE, 2025),
    "simulated city": ("gd-hrss-14", SIMULATED, "441500", 2023),
}
NUMBERS = ("value", "elapsed", "progress", "pace", "required", "gap", "completion")


def rows_of(frame: pd.DataFrame) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(frame.to_csv(index=False))))


def built(p, frame, tables=(), **options) -> bytes:
    kind = "final" if int(frame["year"][0]) >= p.target_year else "midterm"
    return annexbook.annex(tables, rows_of(frame), p, table=kind, title="题", cover=("行",),
                           **options)  # fmt: skip


def computed(data: bytes, folder: Path) -> dict[str, list[object]]:
    """Columns of the sheet 核算 as a formula library computes them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import formulas

        path = folder / "annex.xlsx"
        path.write_bytes(data)
        solved = formulas.ExcelModel().loads(str(path)).finish().calculate()
    found = {key.upper(): value for key, value in solved.items()}
    lines = openpyxl.load_workbook(path)["核算"].max_row
    out: dict[str, list[object]] = {}
    for index, name in enumerate(COLUMNS):
        cells = [found.get(f"'[ANNEX.XLSX]核算'!{letter(index)}{n}") for n in range(2, lines + 1)]
        out[name] = [None if c is None else c.value[0, 0] for c in cells]
    return out


def agrees(frame: pd.DataFrame, found: dict[str, list[object]]) -> None:
    """Every recalculated value is the assessment's, to nine digits; every verdict is the same."""
    judged = frame["verdict"] != "无法评估"
    for name in NUMBERS:
        for wanted, value, no, known in zip(
            frame[name], found[name], frame["indicator"], judged, strict=True
        ):
            if not known:
                continue
            if pd.isna(wanted):
                assert not isinstance(value, (int, float)) or pd.isna(value) or name in (
                    "gap", "elapsed", "value"
                ), (no, name, value)  # fmt: skip
            else:
                assert float(value) == pytest.approx(float(wanted), rel=1e-9, abs=1e-9), (no, name)
    assert [str(v) for v in found["verdict"]] == list(frame["verdict"])
    assert all(bool(v) for v in found["agrees"])


@pytest.mark.parametrize("name", CASES)
def test_the_formulas_give_the_assessment(name, tmp_path):
    plan_id, data, region, year = CASES[name]
    p = load_plan(plan_id)
    frame = assess(p, read_observations(data, p), region=region, year=year)
    agrees(frame, computed(built(p, frame), tmp_path))


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
        (indicator("11", name="年度", base="19.9", target="20", kind=Kind.ANNUAL),
         yearly({2021: "19", 2022: "21", 2023: "19.5"}, indicator="年度")),
        (indicator("12", name="增速", base="—", target="6", unit="%", kind=Kind.RATE),
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
                   kind=Kind.COMPOSITION),
         observed({"year": 2023, "raw": "13:41:46", "period": "year_end", "indicator": "结构"})),
    ]  # fmt: skip


@pytest.mark.parametrize("year", [2023, 2025])
def test_every_kind_of_indicator_is_recalculated(year, tmp_path):
    pairs = varied()
    rows = pd.concat([r for _, r in pairs], ignore_index=True)
    if year == 2025:
        rows = rows.assign(year=rows["year"].where(rows["year"] < 2023, 2025))
    p = plan(*(item for item, _ in pairs))
    frame = assess(p, rows, region=PROVINCE, year=year)
    assert frame["verdict"].nunique() >= 3
    agrees(frame, computed(built(p, frame), tmp_path))


def test_a_verdict_changes_with_a_blue_cell(tmp_path):
    p = plan(indicator())
    frame = assess(p, yearly({2023: "73"}), region=PROVINCE, year=2023)
    data = built(p, frame)
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book["数据"]
    value = [c.value for c in sheet[1]].index("数值") + 1
    sheet.cell(2, value).value = 61
    out = io.BytesIO()
    book.save(out)
    found = computed(out.getvalue(), tmp_path)
    assert (frame["verdict"][0], found["verdict"][0]) == ("快于预期", "滞后")
    assert not bool(found["agrees"][0])


def test_libreoffice_computes_the_same(tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice on this machine")
    p = load_plan("gd-hrss-14")
    frame = assess(p, read_observations(SIMULATED, p), region=PROVINCE, year=2023)
    (tmp_path / "annex.xlsx").write_bytes(built(p, frame))
    target = "xlsx:Calc MS Excel 2007 XML"
    subprocess.run([office, "--headless", "--convert-to", target, "--outdir",
                    str(tmp_path / "out"), str(tmp_path / "annex.xlsx")], check=True,
                   capture_output=True)  # fmt: skip
    sheet = openpyxl.load_workbook(tmp_path / "out" / "annex.xlsx", data_only=True)["核算"]
    found = {
        name: [sheet.cell(n, i + 1).value for n in range(2, sheet.max_row + 1)]
        for i, name in enumerate(COLUMNS)
    }
    agrees(frame, found)


# -- sheets ------------------------------------------------------------------------------------


def table(*rows: tuple[str, ...], align=("left", "right")) -> PrintedTable:
    return PrintedTable("表1", "题", ("甲", "乙"), rows, align, ("name", "value"),
                        tuple("1" for _ in rows))  # fmt: skip


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


@pytest.fixture(scope="module")
def judged():
    p = plan(indicator())
    return p, assess(p, yearly({2023: "73"}), region=PROVINCE, year=2023)


@pytest.mark.parametrize(
    ("text", "value", "digits"),
    [("411.63", 411.63, "0.00"), ("74.8%", 0.748, "0.0%"), ("-3", -3, "0"), ("0.0", 0, "0.0"),
     ("约850", "约850", None), ("5.5以内", "5.5以内", None), ("[550]", "[550]", None),
     ("—", "—", None), ("007", "007", None)],
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
    for sheet in book.worksheets:
        assert any(c.value == "示例数据，非真实" for row in sheet for c in row) or (
            sheet.title == "参数"
        )
        if sheet.title != "封面":
            assert "示例数据，非真实" in (sheet.oddHeader.right.text or "")


def test_an_english_annex_has_english_sheets(judged):
    book = opened(built(*judged, lang="en"))
    assert book.sheetnames == ["Cover", "Recalculation", "Figures", "Parameters"]
    assert book["Recalculation"]["B1"].value == "Indicator"


def test_every_parameter_has_a_name_that_formulas_use(judged):
    p, _ = judged
    book = opened(built(*judged))
    assert set(book.defined_names) == {f"p_{key}" for key in p.parameters}
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
