"""Forms go out, come back filled, and become observations; nothing is guessed or lost."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from thoroughness import examples

from gdplan import assess, load_plan, read_observations
from gdplan.files import places
from gdplan.forms import append as form_append
from gdplan.forms import read as form_read
from gdplan.forms import write as form_write
from gdplan.model import Bound
from gdplan.problems import ProblemError

ROOT = Path(__file__).resolve().parents[2]
PLAN = load_plan("gd-hrss-14")
NOTHING = read_observations().iloc[:0]
TODAY = "2024-03-10"
GUANGDONG = {"440000": "广东省"}


def blank(year: int = 2021, regions=GUANGDONG, **options) -> dict[str, bytes]:
    return form_write.template(PLAN, NOTHING, year=year, regions=regions, **options)


def saved(folder: Path, **options) -> Path:
    [(name, data)] = blank(**options).items()
    path = folder / name
    path.write_bytes(data)
    return path


def value_of(no: str) -> str:
    """A plausible figure for an indicator."""
    _, high = PLAN.indicator(no).limits
    return "72.5" if high <= 100 else "12.5"


def fill(path: Path, values=value_of, *, published="2024-03-01", only=None) -> Path:
    """Fill in a form as an office would, with openpyxl."""
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        if sheet.title in (form_write.HELP, form_write.LEDGER, form_write.CODES, form_write.KEYS):
            continue
        for line in range(2, sheet.max_row + 1):
            no = sheet.cell(line, 1).value
            if only is None or no in only:
                put(sheet, line, 数值=float(values(no)), 数据来源="某局：年报", 发布日期=published)
    book.save(path)
    return path


def put(sheet, line: int, **cells: object) -> None:
    for name, value in cells.items():
        sheet.cell(line, form_write.HEADER.index(name) + 1).value = value


def changed(path: Path, change) -> Path:
    """A form after somebody worked on its data sheet."""
    book = openpyxl.load_workbook(path)
    change(book["数据"])
    book.save(path)
    return path


@pytest.fixture
def home(tmp_path) -> Path:
    """A data folder without figures."""
    place = tmp_path / "data"
    (place / "raw" / "observations").mkdir(parents=True)
    return place


def problems_of(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(ProblemError) as caught:
        form_read.read(path, PLAN)
    return [(p.key, p.where.rpartition("!")[2]) for p in caught.value.problems]


# -- the form ----------------------------------------------------------------------------------


def test_a_form_asks_for_every_indicator_and_for_missing_earlier_years_of_sums():
    rows = form_write.wanted(PLAN, NOTHING, year=2023, region="440000")
    asked = {(w.indicator.no, w.year) for w in rows}
    assert {no for no, _ in asked} == {i.no for i in PLAN.indicators}
    assert {("1", 2021), ("1", 2022), ("1", 2023)} <= asked
    assert ("2", 2023) in asked and ("2", 2022) not in asked


def test_with_history_every_earlier_year_is_asked_for():
    rows = form_write.wanted(PLAN, NOTHING, year=2025, region="440000", history=True)
    assert len(rows) == 25 * 5
    assert {w.year for w in rows} == set(range(2021, 2026))


def test_what_is_known_is_shown_and_not_asked_again():
    from gdplan import choose

    known = choose(read_observations(None, PLAN))
    rows = form_write.wanted(PLAN, known[known["used"]], year=2023, region="440000")
    jobs = [w for w in rows if w.indicator.no == "1"]
    assert [(w.year, w.last) for w in jobs] == [(2023, "132")]


def schedules(region: str) -> dict[str, str]:
    rows = form_write.wanted(PLAN, NOTHING, year=2023, region=region)
    return {w.indicator.no: w.schedule for w in rows if w.year == 2023}


def test_the_plans_schedule_stands_beside_each_figure():
    rows = schedules("440000")
    assert rows["1"] == "累计330.0"
    assert rows["4"] == "93.0" and rows["2"] == "5.5左右" and rows["13"] == "2500"
    city = schedules("440100")
    assert city["1"] == "" and city["4"] == "93.0"


def test_only_the_cells_to_fill_are_unlocked_and_have_lists_and_limits(tmp_path):
    sheet = openpyxl.load_workbook(saved(tmp_path))["数据"]
    assert sheet.protection.sheet
    for column, name in enumerate(form_write.HEADER, 1):
        assert sheet.cell(2, column).protection.locked is (column <= form_write.FIRST_INPUT), name
    kinds = {v.type for v in sheet.data_validations.dataValidation}
    assert kinds == {"decimal", "list", "date"}
    assert sheet.freeze_panes == "C2"


def test_instructions_codes_and_a_hidden_key_come_with_the_form(tmp_path):
    book = openpyxl.load_workbook(saved(tmp_path))
    assert book.sheetnames == [
        form_write.HELP,
        "数据",
        form_write.LEDGER,
        form_write.CODES,
        form_write.KEYS,
    ]
    assert book[form_write.KEYS].sheet_state == "veryHidden"
    keys = json.loads(book[form_write.KEYS]["A1"].value)
    assert (keys["plan"], keys["region"], keys["year"]) == ("gd-hrss-14", "440000", 2021)


def test_one_sheet_per_department(tmp_path):
    book = openpyxl.load_workbook(saved(tmp_path, by_department=True))
    assert {"省人力资源社会保障厅", "省医保局", "省发展改革委"} <= set(book.sheetnames)
    filled = form_read.read(fill(saved(tmp_path, by_department=True)), PLAN)
    assert len(filled.rows) == 25


def test_two_forms_of_one_order_are_the_same_bytes():
    assert blank() == blank()


# -- there and back ----------------------------------------------------------------------------


def test_a_filled_form_becomes_observations_and_a_report(tmp_path, home):
    path = fill(saved(tmp_path, year=2023))
    done = form_append.append([path], plan=PLAN, today=TODAY, home=home)
    wanted = form_write.wanted(PLAN, NOTHING, year=2023, region="440000")
    assert (done.added, done.known, done.empty) == (len(wanted), 0, 0)
    frame = read_observations(home / "raw" / "observations", PLAN)
    assert len(frame) == len(wanted)
    row = frame[(frame["indicator"] == "城镇新增就业人数") & (frame["year"] == 2023)].iloc[0]
    assert (row["value"], row["unit"], row["period"]) == (12.5, "万人", "annual")
    assert f"{path.name}!数据!I" in row["note"]
    judged = assess(PLAN, frame, region="440000", year=2023)
    assert (judged["verdict"] == "无法评估").sum() == 0


def test_a_second_import_of_the_same_form_changes_nothing(tmp_path, home):
    path = fill(saved(tmp_path))
    first = form_append.append([path], plan=PLAN, today=TODAY, home=home)
    before = {p.name: p.read_bytes() for p in (home / "raw" / "observations").iterdir()}
    again = form_append.append([path], plan=PLAN, today="2025-01-01", home=home)
    assert (again.file, again.added, again.known) == (None, 0, first.added)
    assert {p.name: p.read_bytes() for p in (home / "raw" / "observations").iterdir()} == before


def test_a_correction_is_a_new_vintage_and_the_old_figure_stays(tmp_path, home):
    folder = home / "raw" / "observations"
    form_append.append([fill(saved(tmp_path), only={"1"})], plan=PLAN, today=TODAY, home=home)
    later = fill(saved(tmp_path), lambda _: "13.5", published="2024-06-01", only={"1"})
    done = form_append.append([later], plan=PLAN, today="2024-06-02", home=home)
    assert done.added == 1 and len(list(folder.glob("*.csv"))) == 2
    frame = read_observations(folder, PLAN)
    assert sorted(frame["value"]) == [12.5, 13.5]
    old = assess(PLAN, frame, region="440000", year=2021, as_of="2024-05-01")
    new = assess(PLAN, frame, region="440000", year=2021)
    assert (old["value"][0], new["value"][0]) == (12.5, 13.5)


def test_another_figure_of_the_same_day_contradicts(tmp_path, home):
    form_append.append([fill(saved(tmp_path), only={"1"})], plan=PLAN, today=TODAY, home=home)
    other = fill(saved(tmp_path), lambda _: "13.5", only={"1"})
    with pytest.raises(ProblemError, match=r"同一发布日期已有另一个数.*12\.5.*13\.5"):
        form_append.append([other], plan=PLAN, today=TODAY, home=home)
    assert len(list((home / "raw" / "observations").glob("*.csv"))) == 1


def test_twenty_one_cities_in_one_call(tmp_path, home):
    known = places.regions()
    regions = {code: known[code] for code in places.cities_of("440000")}
    assert len(regions) == 21
    paths = []
    for name, data in blank(2021, regions).items():
        (tmp_path / name).write_bytes(data)
        paths.append(fill(tmp_path / name))
    done = form_append.append(paths, plan=PLAN, today=TODAY, home=home)
    assert done.added == 21 * 25
    frame = read_observations(done.file, PLAN)
    assert frame["region"].nunique() == 21


@pytest.mark.slow
def test_five_years_of_twenty_one_cities_come_back_and_are_assessed(tmp_path, home):
    known = places.regions()
    regions = {code: known[code] for code in ("440000", *places.cities_of("440000"))}
    made = blank(2025, regions, history=True)
    paths = [tmp_path / name for name in made]
    for path, data in zip(paths, made.values(), strict=True):
        path.write_bytes(data)
        fill(path, published="2026-03-01")
    done = form_append.append(paths, plan=PLAN, today="2026-03-10", home=home)
    assert done.added == 22 * 25 * 5
    frame = read_observations(done.file, PLAN)
    province = assess(PLAN, frame, region="440000", year=2025)
    assert "无法评估" not in set(province["verdict"])
    city = assess(PLAN, frame, region="440100", year=2025)
    assert set(city.loc[city["unit"] != "%", "reason"]) == {"no_region_target"}


def test_one_bad_form_among_good_ones_writes_nothing_and_names_every_fault(tmp_path, home):
    good = fill(saved(tmp_path))
    (tmp_path / "b").mkdir()
    bad = changed(fill(saved(tmp_path / "b")), lambda s: put(s, 3, 数值="约五", 发布日期="昨天"))
    bad = changed(bad, lambda s: put(s, 4, 数据来源=None))
    with pytest.raises(ProblemError) as caught:
        form_append.append([good, bad], plan=PLAN, today=TODAY, home=home)
    assert {p.key for p in caught.value.problems} == {
        "not_a_number", "not_a_date", "missing_source"
    }  # fmt: skip
    assert not any((home / "raw" / "observations").iterdir())


def test_two_forms_that_report_two_figures_are_told(tmp_path, home):
    one = fill(saved(tmp_path), only={"1"})
    (tmp_path / "b").mkdir()
    other = fill(saved(tmp_path / "b"), lambda _: "13.5", only={"1"})
    with pytest.raises(ProblemError, match="报了两个数"):
        form_append.append([one, other], plan=PLAN, today=TODAY, home=home)


def test_nothing_filled_in_is_nothing_new(tmp_path, home):
    done = form_append.append([saved(tmp_path)], plan=PLAN, today=TODAY, home=home)
    assert (done.file, done.added, done.empty) == (None, 0, 25)


def test_a_write_that_fails_leaves_nothing_behind(tmp_path, home, monkeypatch):
    path = fill(saved(tmp_path))
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError):
        form_append.append([path], plan=PLAN, today=TODAY, home=home)
    assert not any((home / "raw" / "observations").iterdir())


# -- what offices do to a form -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "raw"),
    [(139.3, "139.3"), ("139.3", "139.3"), ("'132.0".lstrip("'"), "132.0"), ("１３９．３", "139.3"),
     ("1,403.30", "1403.30"), (0, "0"), (1e-3, "0.001"), (12345678, "12345678"),
     (" 139.3 ", "139.3")],
)  # fmt: skip
def test_a_number_keeps_the_digits_it_was_typed_with(tmp_path, typed, raw):
    path = changed(fill(saved(tmp_path), only={"1"}), lambda s: put(s, 2, 数值=typed))
    [row] = form_read.read(path, PLAN).rows
    assert row["value"] == raw


@pytest.mark.parametrize(("value", "shape", "raw"), [(0.753, "0.0%", "75.3"), (0.75, "0%", "75"),
                                                     (75.3, "General", "75.3"),
                                                     (75, "0.0", "75.0")])  # fmt: skip
def test_a_share_may_be_formatted_as_per_cent(tmp_path, value, shape, raw):
    def share(sheet) -> None:
        put(sheet, 5, 数值=value)
        sheet.cell(5, form_write.HEADER.index("数值") + 1).number_format = shape

    path = changed(fill(saved(tmp_path), only={"4"}), share)
    [row] = form_read.read(path, PLAN).rows
    assert (row["indicator"], row["value"]) == ("基本养老保险参保率", raw)


@pytest.mark.parametrize(
    ("typed", "day"),
    [(datetime(2024, 3, 1), "2024-03-01"), (date(2024, 3, 1), "2024-03-01"),
     ("2024年3月1日", "2024-03-01"), ("2024/3/1", "2024-03-01"), ("2024.03.01", "2024-03-01")],
)  # fmt: skip
def test_dates_in_the_usual_spellings_are_read(tmp_path, typed, day):
    path = changed(fill(saved(tmp_path), only={"1"}), lambda s: put(s, 2, 发布日期=typed))
    assert form_read.read(path, PLAN).rows[0]["published"] == day


def test_bounds_are_words_of_the_list(tmp_path):
    path = changed(fill(saved(tmp_path), only={"1"}), lambda s: put(s, 2, 措辞="超"))
    assert form_read.read(path, PLAN).rows[0]["bound"] == Bound.AT_LEAST
    path = changed(path, lambda s: put(s, 2, 措辞="大概"))
    assert problems_of(path) == [("unknown_word", "J2")]


@pytest.mark.parametrize(
    ("cells", "key", "cell"),
    [({"数值": "一百"}, "not_a_number", "I2"), ({"数值": "139.3万人"}, "not_a_number", "I2"),
     ({"数值": True}, "not_a_number", "I2"), ({"数值": datetime(2024, 1, 1)}, "not_a_number", "I2"),
     ({"数值": "#DIV/0!"}, "not_a_number", "I2"), ({"数值": "=1/0"}, "formula_without_value", "I2"),
     ({"数值": -5}, "outside_limits", "I2"), ({"数据来源": None}, "missing_source", "L2"),
     ({"发布日期": None}, "not_a_date", "M2"), ({"发布日期": "2024-13-01"}, "not_a_date", "M2"),
     ({"发布日期": "2019-01-01"}, "wrong_date", "M2"), ({"年份": "2022"}, "moved_row", "E2"),
     ({"指标": "别的"}, "moved_row", "B2"), ({"序号": "3"}, "moved_row", "A2")],
)  # fmt: skip
def test_a_wrong_cell_is_named(tmp_path, cells, key, cell):
    path = changed(fill(saved(tmp_path), only={"1"}), lambda s: put(s, 2, **cells))
    assert (key, cell) in problems_of(path)


def test_a_share_beyond_100_is_outside_its_limits(tmp_path):
    path = changed(fill(saved(tmp_path), only={"4"}), lambda s: put(s, 5, 数值=101))
    assert problems_of(path) == [("outside_limits", "I5")]


def test_moved_merged_and_added_rows_and_columns_are_told(tmp_path):
    def swapped(sheet) -> None:
        put(sheet, 1, 数值="措辞", 措辞="数值")

    assert {c for k, c in problems_of(changed(fill(saved(tmp_path)), swapped))} == {"I1", "J1"}
    merged = changed(fill(saved(tmp_path)), lambda s: s.merge_cells("I2:I3"))
    assert ("merged_cells", "I2:I3") in problems_of(merged)
    added = changed(fill(saved(tmp_path)), lambda s: put(s, 40, 数值=5))
    assert problems_of(added) == [("stray_row", "I40")]
    deleted = changed(fill(saved(tmp_path)), lambda s: s.delete_rows(2))
    assert ("moved_row", "A2") in problems_of(deleted)


def test_hidden_rows_are_read_like_others(tmp_path):
    def hide(sheet) -> None:
        sheet.row_dimensions[2].hidden = True

    assert len(form_read.read(changed(fill(saved(tmp_path)), hide), PLAN).rows) == 25


def test_dates_of_the_other_calendar_of_excel_are_the_same_days(tmp_path):
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    path = fill(saved(tmp_path), only={"1"})
    book = openpyxl.load_workbook(path)
    book.epoch = CALENDAR_MAC_1904
    put(book["数据"], 2, 发布日期=datetime(2024, 3, 1))
    book.save(path)
    assert form_read.read(path, PLAN).rows[0]["published"] == "2024-03-01"


def test_a_missing_sheet_and_a_missing_key_are_told(tmp_path):
    path = fill(saved(tmp_path))
    book = openpyxl.load_workbook(path)
    del book["数据"]
    book.save(path)
    assert [k for k, _ in problems_of(path)] == ["missing_sheet"]
    book = openpyxl.load_workbook(fill(saved(tmp_path)))
    del book[form_write.KEYS]
    book.save(path)
    assert [k for k, _ in problems_of(path)] == ["not_this_form"]


@pytest.mark.parametrize("key", ["{", '{"version": 99}', "[]"])
def test_a_damaged_key_is_told(tmp_path, key):
    path = fill(saved(tmp_path))
    book = openpyxl.load_workbook(path)
    book[form_write.KEYS]["A1"].value = key
    book.save(path)
    assert [k for k, _ in problems_of(path)] == ["not_this_form"]


def test_the_form_of_another_plan_or_region_is_refused(tmp_path):
    path = fill(saved(tmp_path))
    with pytest.raises(ProblemError, match="另一规划"):
        form_read.read(path, load_plan("gd-hrss-13"))
    book = openpyxl.load_workbook(path)
    keys = json.loads(book[form_write.KEYS]["A1"].value) | {"region": "440100"}
    book[form_write.KEYS]["A1"].value = json.dumps(keys)
    book.save(path)
    with pytest.raises(ProblemError, match="地区代码与名称不符"):
        form_read.read(path, PLAN)


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 100_000_000)


def crowd(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for n in range(500):
            archive.writestr(f"part{n}", b"x")


DAMAGE = {
    "html": lambda p: p.write_text("<html><table></table></html>"),
    "empty": lambda p: p.write_bytes(b""),
    "old xls or password": lambda p: p.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600),
    "cut": lambda p: p.write_bytes(p.read_bytes()[:5000]),
    "not a workbook": lambda p: p.write_bytes(zip_of("a.txt", b"x")),
    "bomb": bomb,
    "crowd": crowd,
    "gone": lambda p: p.unlink(),
    "broken part": lambda p: p.write_bytes(p.read_bytes().replace(b"PK\x03\x04", b"PK\x03\x05", 3)),
}


def zip_of(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_file_is_a_problem_and_no_crash(tmp_path, kind):
    path = fill(saved(tmp_path))
    DAMAGE[kind](path)
    with pytest.raises(ProblemError) as caught:
        form_read.read(path, PLAN)
    assert caught.value.problems[0].fix or caught.value.problems[0].found


@examples(60, quick=10)
@given(place=st.integers(0, 12_000), byte=st.integers(0, 255))
def test_a_flipped_byte_gives_the_same_figures_or_a_problem(tmp_path_factory, place, byte):
    """Never another figure: the archive's check sums see to it."""
    folder = tmp_path_factory.mktemp("flip")
    path = FILLED.setdefault("path", fill(saved(tmp_path_factory.mktemp("whole"))))
    data = bytearray(path.read_bytes())
    data[place % len(data)] = byte
    other = folder / path.name
    other.write_bytes(data)
    try:
        rows = form_read.read(other, PLAN).rows
    except ProblemError:
        return
    finally:
        shutil.rmtree(folder)
    assert rows == form_read.read(path, PLAN).rows


FILLED: dict[str, Path] = {}


# -- command line ------------------------------------------------------------------------------


def test_template_and_import_speak_through_the_command_line(command, tmp_path, monkeypatch):
    place = tmp_path / "home"
    shutil.copytree(ROOT / "data" / "raw", place / "data" / "raw")
    monkeypatch.setenv("GDPLAN_HOME", str(place))
    run = command("template", "--year", "2024", "--region", "440100", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    path = tmp_path / run.stdout.strip()
    again = command("template", "--year", "2024", "--region", "440100", cwd=tmp_path)
    assert again.returncode == 1 and "可能已填写" in again.stderr
    fill(path, published="2025-03-01", only={"4", "21"})
    run = command("import", str(path), cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "新数据2个" in run.stdout
    frame = read_observations(place / "data" / "raw" / "observations", PLAN)
    assert isinstance(frame, pd.DataFrame)
    assert len(frame[(frame["region"] == "440100") & (frame["year"] == 2024)]) >= 2
    run = command("import", str(path), cwd=tmp_path)
    assert "没有新数据" in run.stdout
