"""Runs are found, compared, traced and made again."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from frames import PROVINCE, evaluation, indicator, observed, plan, yearly
from hypothesis import given
from hypothesis import strategies as st
from runfolders import made
from thoroughness import end_to_end

from gdplan import assess, compare, load_plan, read_observations
from gdplan.assessment.judgement import COLUMNS
from gdplan.problems import ProblemError
from gdplan.reports.runs import find as find_runs
from gdplan.reports.runs import trace as tracing
from gdplan.reports.runs.compare import KINDS, lines, read_assessment
from gdplan.reports.runs.verify import _where, verify
from gdplan.reports.sections import changes

ROOT = Path(__file__).resolve().parents[2]


def judged(*pairs, year=2023, **options):
    items = tuple(item for item, _ in pairs)
    rows = pd.concat([rows for _, rows in pairs], ignore_index=True)
    return assess(plan(*items), rows, region=PROVINCE, year=year, **options)


@pytest.fixture
def copy(final, tmp_path) -> find_runs.Run:
    """A finished run that may be broken."""
    return find_runs.read(Path(shutil.copytree(final, tmp_path / final.name)))


# -- finding -----------------------------------------------------------------------------------


def test_a_run_is_found_by_folder_and_by_id(final):
    assert find_runs.find(str(final)) == final
    assert find_runs.find(final.name, out=final.parent) == final
    assert find_runs.read(final).name == final.name
    assert find_runs.known(final.parent) == [final]


def test_an_unknown_run_is_an_error_that_lists_the_known_ones(final, command, tmp_path):
    with pytest.raises(ProblemError, match=f"{final.name}.*最接近的是 {final.name}"):
        find_runs.find(final.name[:-1], out=final.parent)
    with pytest.raises(ProblemError, match="尚无"):
        find_runs.find("x", out=tmp_path)
    out = ["--out", str(final.parent)]
    run = command("compare", final.name, "nothing-like-it", *out, cwd=tmp_path)
    assert run.returncode == 1 and "没有这份报告" in run.stderr and "没有差别" not in run.stdout


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [("run.json", "{", "无法读取"), ("run.json", "[]", "不是一个对象"),
     ("run.json", '{"run": 1}', "缺 kind"), ("assessment.csv", "a,b\n1,2\n", "不是评估结果表"),
     ("assessment.csv", None, "无法读取")],
)  # fmt: skip
def test_a_broken_run_says_what_is_broken(copy, name, text, words):
    path = copy.folder / name
    if text is None:
        path.unlink()
    else:
        path.write_text(text, "utf-8")
    with pytest.raises(ProblemError, match=words):
        find_runs.read(copy.folder)


def test_both_files_broken_are_two_problems(copy):
    for name in ("run.json", "assessment.csv"):
        (copy.folder / name).write_text("", "utf-8")
    with pytest.raises(ProblemError) as caught:
        find_runs.read(copy.folder)
    assert len(caught.value.problems) == 2


@pytest.fixture
def small(tmp_path) -> find_runs.Run:
    """A run written by hand."""
    return made(tmp_path / "out" / "small", judged((indicator(), yearly({2023: "72"}))))


def test_a_run_is_found_by_its_record_too(small):
    assert find_runs.find(str(small.folder / "run.json")) == small.folder


@pytest.mark.parametrize("name", ["", "x" * 5000, "a\0b", "../nowhere", "*"])
def test_a_name_that_can_be_no_folder_is_an_unknown_run(tmp_path, name):
    with pytest.raises(ProblemError) as caught:
        find_runs.find(name, out=tmp_path)
    assert caught.value.problems[0].key == "unknown_run"


def test_a_folder_without_a_record_is_no_finished_run(small):
    out = small.folder.parent
    (out / "half").mkdir()
    for name in ("half", str(out / "half")):
        with pytest.raises(ProblemError, match=r"没有 run\.json.*small") as caught:
            find_runs.find(name, out=out)
        assert caught.value.problems[0].key == "broken_run"


def test_a_run_that_is_still_being_made_is_not_known(small):
    out = small.folder.parent
    shutil.copytree(small.folder, out / ".small.123.tmp")
    assert find_runs.known(out) == [small.folder]
    assert find_runs.known(out / "nowhere") == []


def changed(small: find_runs.Run, **changes: object) -> Path:
    text = json.dumps(dict(small.record) | changes)
    (small.folder / "run.json").write_text(text, "utf-8")
    return small.folder


TABLE = {"label": "表1", "caption": "", "columns": [], "keys": []}


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"inputs": [], "formats": "html"}, "formats、inputs 不是应有的类型"),
     ({"clock": None}, "clock 不是应有的类型"), ({"tables": ["表1"]}, "label、caption"),
     ({"tables": [TABLE, TABLE | {"keys": "1"}]}, "label、caption"),
     ({"tables": [{"label": "表1"}]}, "label、caption")],
)  # fmt: skip
def test_a_record_that_holds_something_else_is_refused(small, changes, words):
    assert find_runs.read(changed(small, tables=[TABLE])).name == "midterm-test"
    with pytest.raises(ProblemError, match=words):
        find_runs.read(changed(small, **changes))


@pytest.mark.parametrize(
    ("change", "words"),
    [(lambda text: text.replace("verdict,", "verdicts,"), "缺 verdict"),
     (lambda text: text.splitlines()[0], "没有行"), (lambda text: text + "1,2,3\n", "第2条 列数"),
     (lambda text: text.rstrip("\n") + ",more\n", "第1条 列数"),
     (lambda text: text.replace('"{""', '"{'), "第1条 parameters"),
     (lambda text: text.replace('"[{""', '"{""').replace('""}]"', '""}"'), "第1条 inputs"),
     (lambda text: text + "x" * 200_000, "无法读取")],
)  # fmt: skip
def test_rows_that_cannot_be_read_are_named(small, change, words):
    path = small.folder / "assessment.csv"
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    # A library imported by another test may have lifted the limit for the whole process.
    before = csv.field_size_limit(131_072)
    try:
        with pytest.raises(ProblemError, match=words):
            find_runs.read(small.folder)
    finally:
        csv.field_size_limit(before)


def test_reading_a_run_needs_no_pandas(small):
    code = (
        "import sys; from pathlib import Path; from gdplan.reports.runs import find, trace;"
        "trace.trace(find.read(Path(sys.argv[1])), indicator='1');"
        "print(sorted({'pandas', 'numpy'} & set(sys.modules)))"
    )
    words = [sys.executable, "-c", code, str(small.folder)]
    run = subprocess.run(words, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# -- comparing ---------------------------------------------------------------------------------


def test_an_assessment_read_back_is_the_assessment(simulated):
    p = load_plan("gd-hrss-14")
    data = ROOT / "examples" / "observations"
    frame = assess(p, read_observations(data, p), region=PROVINCE, year=2023, kind="midterm")
    again = read_assessment(simulated)
    assert list(again.columns) == list(COLUMNS)
    assert len(compare(frame, again)) == 0
    for name in ("value", "progress", "pace", "gap"):
        assert again[name].tolist() == pytest.approx(frame[name].tolist(), nan_ok=True)
    assert again["firm"].tolist() == frame["firm"].tolist()
    assert again["indicator"].tolist() == frame["indicator"].tolist()


def test_what_is_no_assessment_is_refused(tmp_path):
    with pytest.raises(ProblemError, match="无法读取"):
        read_assessment(tmp_path)


def kinds(frame: pd.DataFrame) -> dict[str, tuple[object, object]]:
    return {c["kind"]: (c["before"], c["after"]) for c in frame.to_dict("records")}


def test_a_later_year_is_newer_and_no_revision():
    found = kinds(compare(judged((indicator(), yearly({2022: "70"}))),
                          judged((indicator(), yearly({2022: "70", 2023: "79"})))))  # fmt: skip
    assert found["newer_value"] == ("70（2022年）", "79（2023年）")
    assert "revised_value" not in found


def test_a_figure_printed_anew_for_the_same_year_is_a_revision():
    old = judged((indicator(), yearly({2022: "66", 2023: "70"})))
    new = judged((indicator(), yearly({2022: "64", 2023: "70"})))
    [change] = compare(old, new).to_dict("records")
    assert (change["kind"], change["field"]) == ("revised_value", "value 2022")
    assert (change["before"], change["after"]) == ("66", "64")


def test_a_changed_verdict_comes_before_its_figures():
    old = judged((indicator(), yearly({2023: "79"})))
    new = judged((indicator(), yearly({2023: "61"})))
    frame = compare(old, new)
    assert next(iter(frame["kind"])) == "verdict"
    assert kinds(frame)["verdict"] == ("快于预期", "滞后")
    assert kinds(frame)["level"] == ("绿", "红")


def test_targets_bases_and_parameters_that_moved_are_told():
    rows = yearly({2023: "72"})
    found = kinds(compare(judged((indicator(), rows)),
                          judged((indicator(base="61", target="81"), rows))))  # fmt: skip
    assert found["base"] == ("60", "61") and found["target"] == ("80", "81")
    strict = indicator(parameters={"on_track": 0.99})
    found = kinds(compare(judged((indicator(), rows)), judged((strict, rows))))
    assert found["parameter"] == (0.95, 0.99)


def test_indicators_that_come_and_go_are_told():
    one = judged((indicator("1"), yearly({2023: "70"})))
    other = judged((indicator("2", name="指标2"), yearly({2023: "70"}, indicator="指标2")))
    assert set(compare(one, other)["kind"]) == {"appeared", "vanished"}


VALUES = st.lists(st.integers(50, 90), min_size=3, max_size=3)


@end_to_end(40)
@given(VALUES, VALUES)
def test_with_itself_nothing_changes_and_swapping_mirrors(one, other):
    frames = [judged((indicator(), yearly({2021 + i: str(v) for i, v in enumerate(values)})))
              for values in (one, other)]  # fmt: skip
    assert len(compare(frames[0], frames[0])) == 0
    there, back = (compare(*pair) for pair in (frames, frames[::-1]))
    assert list(there["kind"]) == list(back["kind"]) and set(there["kind"]) <= set(KINDS)
    assert there["before"].tolist() == back["after"].tolist()


def test_the_text_counts_first_then_verdicts_then_figures_then_surroundings(
    simulated, midterm, final
):
    text = list(lines(find_runs.read(midterm), find_runs.read(simulated)))
    order = [next(i for i, line in enumerate(text) if line.startswith(word))
             for word in ("前：", "各类结论", "结论改变", "已公布数据被修订", "参数不同",
                          "输入文件不同")]  # fmt: skip
    assert order == sorted(order)
    assert any("无法评估：22 → 0" in line for line in text)
    assert any("模拟公报" in line for line in text)
    assert list(lines(*[find_runs.read(final)] * 2))[-1] == "没有差别"
    other = list(lines(find_runs.read(final), find_runs.read(midterm)))
    assert "规划不同" in other[2] and "没有差别" not in other


@pytest.mark.slow
def test_the_next_report_has_a_section_on_what_changed(command, tmp_path, midterm):
    run = command(
        "report", "midterm", "--previous", midterm.name, "--as-of", "2023-06-30", "--format",
        "html", "--out", str(midterm.parent), cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    folder = Path(run.stdout.splitlines()[-1])
    page = (folder / "report.html").read_text("utf-8")
    assert "五、与上次评估相比" in page and "九、问题与差距" in page
    record = json.loads((folder / "run.json").read_text("utf-8"))
    assert any(name.endswith("assessment.csv") for name in record["inputs"])
    assert "与上次评估相比" not in next(midterm.glob("*.html")).read_text("utf-8")
    for path in folder.iterdir():
        assert str(midterm.parent).encode() not in path.read_bytes(), path.name


@pytest.mark.slow
def test_a_run_with_an_earlier_one_beside_it_is_made_again(command, tmp_path, final):
    shutil.copytree(final, tmp_path / final.name)
    words = ["report", "final", "--previous", final.name, "--format", "html,ipynb"]
    run = command(*words, "--out", str(tmp_path), cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    run = command("verify", run.stdout.splitlines()[-1], cwd=tmp_path)
    assert run.returncode == 0, run.stdout
    assert "逐字节相同" in run.stdout


def test_a_section_of_changes_tells_verdicts_and_revisions(tmp_path):
    item = indicator()
    old, new = (yearly({2022: a, 2023: b}) for a, b in (("66", "79"), ("64", "61")))
    path = tmp_path / "assessment.csv"
    judged((item, old)).to_csv(path, index=False)

    def since(rows, previous=str(path), **options):
        return changes.since_last(evaluation(plan(item), rows, previous=previous, **options))

    for lang, words in (("zh", "结论改变的指标1项"), ("en", "1 verdicts changed")):
        section = since(new, lang=lang)
        assert words in section.text
        assert len(section.tables) == 3
        assert section.tables[2].rows[0][2:] == ("2022", "66", "64")
    assert since(new, previous="").blocks == ()
    assert "结论没有改变" in since(old).text


def test_another_region_is_not_compared(tmp_path):
    item = indicator(unit="%", target="95以上", base="90")
    rows = yearly({2023: "96"}, unit="%", region="441500", region_name="汕尾市")
    city = assess(plan(item), rows, region="441500", year=2023)
    path = tmp_path / "assessment.csv"
    city.to_csv(path, index=False)
    here = evaluation(plan(item), yearly({2023: "96"}, unit="%"), previous=str(path))
    assert "不作比较" in changes.since_last(here).text


# -- tracing -----------------------------------------------------------------------------------


def label_of(run: find_runs.Run, caption: str) -> str:
    return next(t["label"] for t in run.record["tables"] if t["caption"] == caption)


def column_of(run: find_runs.Run, caption: str, field: str) -> str:
    table = next(t for t in run.record["tables"] if t["caption"] == caption)
    return chr(ord("A") + table["columns"].index(field))


def test_a_printed_number_leads_to_file_row_and_publisher(midterm):
    run = find_runs.read(midterm)
    name = "主要指标进展"
    cell = f"{label_of(run, name)}!{column_of(run, name, 'value')}2"
    text = "\n".join(tracing.trace(run, cell=cell))
    assert "指标 1 城镇新增就业人数" in text and "value = 411.63" in text
    assert "2022年 132万人（131.5 至 132.5）" in text and "南方日报" in text
    assert "guangdong_published.csv!F" in text and "与记录一致" in text
    assert "gd-hrss-14/plan.txt:" in text
    spelled = cell.replace("!", "！").replace("表", "表 ").lower()
    assert "\n".join(tracing.trace(run, cell=spelled)) == text


def test_every_cell_of_every_table_can_be_asked_for(final):
    run = find_runs.read(final)
    for table in run.record["tables"]:
        for row in range(1, len(table["keys"]) + 2):
            for column in range(max(1, len(table["columns"]))):
                cell = f"{table['label']}!{chr(ord('A') + column)}{row}"
                assert list(tracing.trace(run, cell=cell))


def test_headers_and_counts_say_that_they_have_no_source(final):
    run = find_runs.read(final)
    label = label_of(run, "各类结论的指标数")
    assert "表头" in next(iter(tracing.trace(run, cell=f"{label}!A1")))
    assert "不属于某一项指标" in next(iter(tracing.trace(run, cell=f"{label}!B2")))


@pytest.mark.parametrize("cell", ["表99!A1", "表1", "A1", "表1!A999", "表3!ZZ2"])
def test_a_cell_that_is_not_there_says_which_are(final, cell):
    with pytest.raises(ProblemError, match=r"表1|表3 有16行"):
        list(tracing.trace(find_runs.read(final), cell=cell if "!" in cell else f"{cell}!"))


def test_an_indicator_and_a_year_lead_to_that_years_figure(midterm):
    run = find_runs.read(midterm)
    text = "\n".join(tracing.trace(run, indicator="城镇新增就业人数", year=2022))
    assert "采用的数据（1个）" in text and "2022年 132万人" in text and "2023年 139.3" not in text
    with pytest.raises(ProblemError, match="最接近的是 城镇新增就业人数"):
        list(tracing.trace(run, indicator="城镇新增就业"))


def test_a_file_that_changed_since_is_said(copy):
    record = dict(copy.record)
    record["inputs"] = dict.fromkeys(record["inputs"], "0" * 64)
    text = "\n".join(tracing.trace(find_runs.Run(copy.folder, record, copy.rows), indicator="1"))
    assert "此后已改动" in text
    record["inputs"] = {}
    text = "\n".join(tracing.trace(find_runs.Run(copy.folder, record, copy.rows), indicator="1"))
    assert "不在运行记录的输入文件中" in text


def test_open_ends_are_words():
    assert tracing.interval(SimpleNamespace(low=-math.inf, high=5.5)) == "不超过5.5"
    assert tracing.interval(SimpleNamespace(low=143.0, high=math.inf)) == "不低于143.0"
    rows = observed({"year": 2023, "raw": "70"})
    assert len(rows) == 1


# -- verifying ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_run_is_made_again_to_the_byte(final, command, tmp_path):
    run = command("verify", final.name, "--out", str(final.parent), cwd=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "逐字节相同" in run.stdout


def again(copy: find_runs.Run, place: Path) -> Path:
    return Path(shutil.copytree(copy.folder, place / "again"))


def test_a_file_edited_since_is_named_with_its_first_difference(copy, tmp_path):
    fresh = shutil.copytree(copy.folder, tmp_path / "fresh")
    page = copy.folder / "report.html"
    page.write_text(page.read_text("utf-8").replace("完成", "完工", 1), "utf-8")
    (copy.folder / "log.txt").unlink()
    (copy.folder / "extra.txt").write_text("x")
    found = verify(copy, lambda *_: Path(fresh))
    text = "\n".join(found.lines)
    assert not found.same
    assert "report.html：生成之后被改动" in text and "report.html：内容不同，第" in text
    assert "完工" in text and "log.txt：原报告中已不存在" in text
    assert "extra.txt：记录中没有这个文件" in text


def test_changed_inputs_and_versions_are_named(copy):
    record = json.loads(json.dumps(copy.record))
    name = next(iter(record["inputs"]))
    record["inputs"] = {name: "0" * 64, "data/raw/gone.csv": "1" * 64}
    record["versions"]["pandas"] = "0.1"
    record["source"] = {"commit": "abc", "modified": False}
    found = verify(find_runs.Run(copy.folder, record, copy.rows), again_of(copy))
    text = "\n".join(found.lines)
    assert f"输入 {name}：此后已改动" in text and "gone.csv：现已找不到" in text
    assert "版本 pandas：当时 0.1" in text and "提交：当时 abc" in text


def again_of(copy: find_runs.Run):
    return lambda _run, place: again(copy, place)


def test_a_difference_without_a_cause_is_called_unexplained(copy, tmp_path):
    def other(_run: find_runs.Run, place: Path) -> Path:
        folder = again(copy, place)
        (folder / "report.pdf").write_bytes(b"%PDF other")
        return folder

    found = verify(copy, other)
    text = "\n".join(found.lines)
    assert not found.same and "report.pdf：内容不同，自第" in text
    assert "差异原因不明" in text or "版本" in text or "提交" in text


def test_a_run_that_cannot_be_made_again_says_why(copy):
    def fails(_run: find_runs.Run, _place: Path) -> Path:
        raise RuntimeError("内核没有启动")

    found = verify(copy, fails)
    assert not found.same and "内核没有启动" in found.lines[-1]


def packed(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return out.getvalue()


def test_the_part_of_an_archive_that_differs_is_named():
    one, other = packed(a="1", b="2"), packed(a="1", b="3")
    assert _where("x.docx", one, other) == "自其中的 b 起"
    assert _where("x.docx", one, b"nothing") == "其中一个不是完整的文件"
    assert _where("x.docx", packed(a="1", b="2"), packed(b="2", a="1")) == "打包顺序或日期不同"
    assert _where("x.csv", b"a\nb", b"a\nb\nc") == "行数不同（2、3）"
