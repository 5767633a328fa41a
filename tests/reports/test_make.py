"""Reports from end to end, through the command line."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from frames import PROVINCE, sentence_of

from gdplan.files import run_folder
from gdplan.problems import ProblemError
from gdplan.reports import make as runner
from gdplan.reports import request
from gdplan.reports.make import RunFailed, report, run_id
from gdplan.reports.runs import record as run_record

ROOT = Path(__file__).resolve().parents[2]


def rows_of(folder: Path) -> list[dict[str, str]]:
    data = (folder / "assessment.csv").read_bytes()
    assert data[:3] == b"\xef\xbb\xbf"
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def page_of(folder: Path) -> str:
    [path] = folder.glob("*.html")
    return path.read_text("utf-8")


def words_of(page: str) -> str:
    """The page's text without styles, tags and pictures."""
    page = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", "", page)


def test_the_midterm_report_of_the_real_plan_judges_what_was_published(midterm):
    rows = rows_of(midterm)
    assert len(rows) == 25
    known = {r["indicator"]: r for r in rows if r["verdict"] != "无法评估"}
    assert {no: r["verdict"] for no, r in known.items()} == {
        "1": "快于预期",
        "2": "保持达标",
        "13": "保持达标",
    }
    assert float(known["1"]["value"]) == pytest.approx(140.33 + 132 + 139.3)
    assert known["1"]["firm"] == "True"
    assert known["2"]["data_year"] == "2023.0"


def test_the_final_report_of_the_13th_plan_is_complete_from_the_plans_own_table(final):
    rows = rows_of(final)
    verdicts = {r["indicator"]: r["verdict"] for r in rows}
    assert len(rows) == 15
    assert verdicts.pop("9") == "无法评估"
    assert set(verdicts.values()) == {"超额完成", "完成"}
    completion = {r["indicator"]: r["completion"] for r in rows}
    assert float(completion["1"]) == pytest.approx(717.25 / 550)
    assert completion["2"] == "" and float(rows[1]["distance"]) == pytest.approx(1.4)


def test_a_run_folder_holds_its_files_and_no_more(midterm):
    names = sorted(p.name for p in midterm.iterdir())
    assert names == [
        "annex.xlsx", "assessment.csv", "ledger.csv", "log.txt", "outcomes.csv", "report.docx",
        "report.html", "report.ipynb", "report.pdf", "run.json",
    ]  # fmt: skip


def test_the_page_is_one_file_without_any_outside_address(midterm):
    page = page_of(midterm)
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)
    assert "://" not in page.replace("data:image", "")
    for data in re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", page):
        svg = base64.b64decode(data).decode()
        links = re.findall(r'(?:xlink:)?href="([^"]+)"', svg)
        assert all(link.startswith("#") for link in links)


def test_the_page_shows_no_code(midterm, final):
    for folder in (midterm, final):
        page = page_of(folder)
        assert "import " not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
        assert "papermill" not in page and "load_plan" not in page


def test_every_section_and_every_indicator_stands_in_the_page(midterm):
    text = words_of(page_of(midterm))
    for title in ("总体评价", "主要指标进展", "问题与差距", "数据缺口", "评估方法", "数据来源",
                  "运行信息"):  # fmt: skip
        assert title in text
    for row in rows_of(midterm):
        assert row["name"] in text


def test_charts_have_words_for_those_who_cannot_see_them(midterm):
    pictures = re.findall(r"<img[^>]*>", page_of(midterm))
    assert len(pictures) >= 2
    for picture in pictures:
        assert re.search(r'alt="[^"]{10,}"', picture)


def test_the_gap_list_names_figure_supplier_and_date(midterm):
    text = page_of(midterm)
    table = text[text.index("数据缺口清单") :]
    assert "省医保局" in table and "2024年3月底前" in table
    assert "2021、2022、2023年全年数" in table


def test_every_number_of_the_prose_stands_in_the_row_it_speaks_of(simulated):
    """Digits in a sentence come from its assessment row, rounded for display."""
    from gdplan.page import chinese
    from gdplan.reports.runs import recorded

    for one in map(recorded.judgement, rows_of(simulated)):
        sentence = sentence_of(one)
        allowed = " ".join(
            [
                one.name, one.target_raw, one.base_raw, str(one.data_year), "2020 2021",
                chinese.value_text(one), chinese.percent(one.progress),
                chinese.percent(one.elapsed),
                chinese.rounded(abs((one.progress - one.elapsed) * 100), 1),
                *(chinese.rounded(abs(one.value - one.base), d) for d in range(3)),
            ]
        )  # fmt: skip
        for number in re.findall(r"\d+(?:\.\d+)?", sentence):
            assert number in allowed, (number, sentence)


def test_simulated_data_are_marked_in_the_name_and_on_every_page(simulated):
    names = {p.suffix: p.name for p in simulated.iterdir()}
    assert "示例数据，非真实" in names[".html"] and "示例数据，非真实" in names[".ipynb"]
    page = page_of(simulated)
    assert 'data-watermark="示例数据，非真实"' in page and "示例数据，非真实" in page
    assert {r["simulated"] for r in rows_of(simulated)} == {"True"}


def test_real_data_carry_no_watermark(midterm):
    assert "示例数据" not in page_of(midterm)


def test_the_record_names_inputs_outputs_and_no_place_on_this_machine(midterm):
    text = (midterm / "run.json").read_text("utf-8")
    record = json.loads(text)
    assert str(ROOT) not in text and str(midterm.parent) not in text
    for name, digest in record["outputs"].items():
        assert hashlib.sha256((midterm / name).read_bytes()).hexdigest() == digest
    inputs = record["inputs"]
    plan_text = ROOT / "data/raw/plans/gd-hrss-14/plan.txt"
    assert inputs["data/raw/plans/gd-hrss-14/plan.txt"] == (
        hashlib.sha256(plan_text.read_bytes()).hexdigest()
    )
    assert "data/raw/observations/guangdong_published.csv" in inputs
    assert "notebooks/midterm.ipynb" in inputs and "requirements.lock" in inputs


def test_inputs_have_the_same_names_from_inside_the_home(tmp_path, monkeypatch):
    given = {"observations": "examples/observations"}
    found = []
    for place in (tmp_path, ROOT):
        monkeypatch.chdir(place)
        there = [f for f in run_record.data_files(given) if f.is_file()]
        found.append(list(run_record.digests(there[:2])))
    assert found[0] == found[1]
    assert found[0][0].startswith("examples/observations/")


def test_two_inputs_of_one_name_are_both_recorded(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "figures.csv").write_text(name, "utf-8")
    round_about = tmp_path / "a" / ".." / "a" / "figures.csv"
    files = [tmp_path / "a" / "figures.csv", tmp_path / "b" / "figures.csv", round_about]
    found = run_record.digests(files)
    assert list(found) == ["figures.csv", "figures.csv (2)"] and len(set(found.values())) == 2


def test_the_plan_text_of_another_plan_is_named_without_a_detour(final):
    inputs = json.loads((final / "run.json").read_text("utf-8"))["inputs"]
    assert "data/raw/plans/gd-hrss-14/plan.txt" in inputs
    assert not [name for name in inputs if ".." in name]


def test_the_counts_in_the_text_are_the_counts_in_the_table(simulated):
    counts = Counter(r["verdict"] for r in rows_of(simulated))
    text = words_of(page_of(simulated))
    for verdict, n in counts.items():
        assert f"{verdict}{n}项" in text


def test_another_run_elsewhere_gives_the_same_bytes(final, command, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    monkeypatch.setenv("LC_ALL", "C")
    run = command("report", "final", "--out", str(tmp_path / "b"), cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    again = Path(run.stdout.splitlines()[-1])
    for name in {p.name for p in final.iterdir()} - {"run.json"}:
        assert (again / name).read_bytes() == (final / name).read_bytes(), name
    records = [json.loads((f / "run.json").read_text("utf-8")) for f in (again, final)]
    for record in records:
        record.pop("clock")
    assert records[0] == records[1]


def test_the_last_line_is_the_folder_and_before_it_the_count(command, tmp_path, midterm):
    run = command("report", "midterm", "--out", str(midterm.parent), cwd=tmp_path)
    assert run.returncode == 1
    assert "已有这份结果" in run.stderr and "--force" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_misspelled_parameter_stops_before_a_kernel_starts(tmp_path, monkeypatch):
    def no_kernel(*_: object, **__: object) -> None:
        raise AssertionError("a kernel was started")

    monkeypatch.setattr(runner, "execute", no_kernel)
    with pytest.raises(ProblemError, match="是否想写 plan") as caught:
        report("midterm", parameters={"pln": "gd-hrss-14", "year": "2023"}, out=tmp_path)
    assert {p.key for p in caught.value.problems} == {"unknown_parameter", "wrong_type"}
    assert not any(tmp_path.iterdir())


def test_an_unknown_report_names_the_known_ones(tmp_path):
    with pytest.raises(ProblemError, match="final、midterm"):
        report("mid", out=tmp_path)


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(ProblemError, match="ipynb、html、docx、pdf、xlsx"):
        report("midterm", formats=("odt",), out=tmp_path)


def test_an_unknown_language_is_refused_before_a_kernel_starts(tmp_path):
    with pytest.raises(ProblemError, match="zh、en"):
        report("midterm", parameters={"lang": "fr"}, out=tmp_path)
    assert not any(tmp_path.iterdir())


def test_an_unknown_plan_is_refused_with_the_closest(tmp_path):
    with pytest.raises(ProblemError, match="gd-hrss-14"):
        report("midterm", parameters={"plan": "gd-hrs-14"}, out=tmp_path)


def test_a_mistyped_region_is_refused_with_the_closest(tmp_path):
    with pytest.raises(ProblemError, match="最接近的是 440100 广州市"):
        report("midterm", parameters={"region": "44010"}, out=tmp_path)
    assert not any(tmp_path.iterdir())


def test_run_ids_come_from_codes():
    values = {"plan": "p-14", "region": PROVINCE, "year": 2023, "as_of": "2024-03-01"}
    assert run_id("midterm", values) == "midterm-p-14-440000-2023-asof20240301"
    other = run_id("midterm", {**values, "region": "440100"})
    assert other != run_id("midterm", values)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of one's own with the real data and notebooks that can be broken."""
    place = tmp_path / "home"
    shutil.copytree(ROOT / "data" / "raw", place / "data" / "raw")
    shutil.copytree(ROOT / "notebooks", place / "notebooks")
    monkeypatch.setenv("GDPLAN_HOME", str(place))
    return place


def broken(home: Path, code: str) -> None:
    path = home / "notebooks" / "midterm.ipynb"
    book = json.loads(path.read_text("utf-8"))
    book["cells"][3]["source"] = [code]
    path.write_text(json.dumps(book), "utf-8")


def test_a_failing_cell_leaves_the_old_report_and_no_half_new_one(home, tmp_path):
    out = tmp_path / "reports"
    old = out / "midterm-gd-hrss-14-440000-2023"
    old.mkdir(parents=True)
    (old / "report.html").write_text("the old one")
    broken(home, "1 / 0")
    with pytest.raises(RunFailed, match="ZeroDivisionError") as caught:
        report("midterm", out=out, force=True)
    assert "ZeroDivisionError" in Path(caught.value.log).read_text("utf-8")
    assert (old / "report.html").read_text() == "the old one"
    assert [p.name for p in out.iterdir() if p.is_dir()] == [old.name]


def test_a_problem_in_a_cell_is_told_as_a_problem(home, tmp_path, command):
    csv_file = home / "data" / "raw" / "observations" / "guangdong_published.csv"
    text = csv_file.read_text("utf-8").replace("140.33,万人", "一百四十,万人")
    csv_file.write_text(text.replace("城镇调查失业率", "城镇调查失业律"), "utf-8")
    run = command("report", "midterm", "--out", str(tmp_path / "out"), cwd=tmp_path)
    assert run.returncode == 1
    assert "guangdong_published.csv:22 value" in run.stderr
    assert "最接近的是 城镇调查失业率" in run.stderr
    assert "Traceback" not in run.stderr
    assert not [p for p in (tmp_path / "out").iterdir() if p.is_dir()]


def test_a_missing_glyph_fails_the_run(home, tmp_path):
    broken(home, "import sys; print('UserWarning: Glyph 25351 missing from font', file=sys.stderr)")
    with pytest.raises(RunFailed, match="字形"):
        report("midterm", out=tmp_path / "out")


def test_success_with_nothing_inside_is_a_failure(home, tmp_path):
    path = home / "notebooks" / "midterm.ipynb"
    book = json.loads(path.read_text("utf-8"))
    book["cells"][-1]["source"] = ["pass"]
    path.write_text(json.dumps(book), "utf-8")
    with pytest.raises(RunFailed, match="没有任何评估结果"):
        report("midterm", out=tmp_path / "out")


def test_what_a_killed_run_left_is_swept_away(tmp_path):
    dead = tmp_path / ".midterm-x.999999.tmp"
    dead.mkdir()
    mine = tmp_path / f".midterm-x.{os.getpid()}.tmp"
    mine.mkdir()
    run_folder.sweep(tmp_path)
    assert not dead.exists() and mine.exists()


def test_a_place_that_cannot_be_written_is_a_problem(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(ProblemError, match="无法在此写入"):
        report("midterm", out=blocked / "reports")


def test_a_notebook_without_one_parameters_cell_is_refused(home):
    path = home / "notebooks" / "midterm.ipynb"
    book = json.loads(path.read_text("utf-8"))
    book["cells"][1]["metadata"] = {}
    path.write_text(json.dumps(book), "utf-8")
    with pytest.raises(ProblemError, match="parameters"):
        request.notebook_parameters(path)


def test_two_regions_never_share_a_folder_or_a_figure(midterm, command, tmp_path):
    run = command("report", "midterm", "--region", "440100", "--format", "html",
                  "--out", str(tmp_path), cwd=tmp_path)  # fmt: skip
    # Of the real city nothing can be judged: the report is made, and the exit code says so.
    assert run.returncode == 2 and "没有一项指标可以评估" in run.stderr
    city = Path(run.stdout.splitlines()[-1])
    assert city.name != midterm.name
    assert "广州市" in page_of(city)
    assert {r["region"] for r in rows_of(city)} == {"440100"}
    pictures = [re.findall(r"base64,([^\"]+)", page_of(f)) for f in (midterm, city)]
    assert pictures[0][0] != pictures[1][0]


def test_an_earlier_as_of_knows_less(command, tmp_path):
    run = command(
        "report", "midterm", "--as-of", "2023-06-30", "--format", "html", "--out", str(tmp_path),
        cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    rows = rows_of(Path(run.stdout.splitlines()[-1]))
    assert rows[0]["data_year"] == "2022.0"
