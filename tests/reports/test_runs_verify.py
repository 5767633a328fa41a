"""A report made again: every byte compared, every difference named with what may be its cause."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from frames import indicator, yearly
from hypothesis import given, settings
from hypothesis import strategies as st
from runfolders import judged, made, sha

from gdplan.problems import Problem, ProblemError
from gdplan.reports.runs import record as run_record
from gdplan.reports.runs.find import Run, Since, since
from gdplan.reports.runs.verify import UNKNOWN, Verification, _where, verify

FILES = {"report.html": "<p>一</p>\n<p>二</p>\n".encode(), "report.pdf": b"%PDF-1"}
Change = Callable[[Path], object]


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """An own project folder with one input, and a program whose state stands still."""
    place = tmp_path / "home"
    (place / "data" / "raw").mkdir(parents=True)
    (place / "data" / "raw" / "x.csv").write_text("1", "utf-8")
    monkeypatch.setenv("GDPLAN_HOME", str(place))
    monkeypatch.setattr(run_record, "versions", lambda: {"pandas": "3"})
    state = {"commit": "c" * 40, "modified": False}
    monkeypatch.setattr(run_record, "source_state", lambda: state)
    return place


@pytest.fixture
def run(home, tmp_path) -> Run:
    frame = judged((indicator(), yearly({2023: "72"})))
    return made(tmp_path / "out" / "run", frame, FILES, inputs={"data/raw/x.csv": sha("1")})


def again(original: Path, *changes: Change) -> Callable[[Run, Path], Path]:
    """A run that makes what the original was when this was called, apart from the changes."""
    kept = Path(shutil.copytree(original, original.parent.parent / "kept", dirs_exist_ok=True))

    def rerun(_run: Run, place: Path) -> Path:
        folder = Path(shutil.copytree(kept, place / "again"))
        for change in changes:
            change(folder)
        return folder

    return rerun


def lines_on(found: Verification, name: str) -> list[str]:
    return [line for line in found.lines if line.startswith(name)]


def anew(name: str, data: bytes) -> Change:
    return lambda folder: (folder / name).write_bytes(data)


def recorded(**changes: object) -> Change:
    def change(folder: Path) -> None:
        path = folder / "run.json"
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")

    return change


def test_the_same_bytes_are_the_same_report(run):
    found = verify(run, again(run.folder, recorded(clock={"started": "2030", "seconds": 1e6})))
    assert found == Verification(True, ("一致：重做的报告与原报告逐字节相同（比较了3个文件）",))


def test_an_edited_file_is_told_from_one_that_comes_out_otherwise(run):
    rerun = again(run.folder, anew("report.pdf", b"%PDF-2"))
    (run.folder / "report.html").write_bytes(
        FILES["report.html"].replace("二".encode(), "三".encode())
    )
    found = verify(run, rerun)
    edited, differs = lines_on(found, "report.html")
    assert not found.same and edited == "report.html：生成之后被改动（与记录的哈希值不符）"
    assert "第2行：“<p>三</p>” → “<p>二</p>”" in differs and "原文件被人改过" in differs
    [differs] = lines_on(found, "report.pdf")
    assert differs == f"report.pdf：内容不同，自第5字节起；{UNKNOWN}"


def test_a_lost_file_is_told_once_and_extra_ones_by_name(run):
    rerun = again(run.folder)
    (run.folder / "report.pdf").unlink()
    (run.folder / "extra.txt").write_text("x")
    (run.folder / "folder").mkdir()
    found = verify(run, rerun)
    assert found.lines[:-1] == (
        "report.pdf：原报告中已不存在", "extra.txt：记录中没有这个文件",
        "folder：记录中没有这个文件夹",
    )  # fmt: skip
    assert not found.same


def test_files_made_in_one_run_alone_are_named(run):
    outputs = dict(run.record["outputs"]) | {"new.txt": sha("n")}
    rerun = again(
        run.folder, lambda f: (f / "report.pdf").unlink(), anew("new.txt", b"n"),
        recorded(outputs=outputs),
    )  # fmt: skip
    found = verify(run, rerun)
    assert lines_on(found, "report.pdf") == [f"report.pdf：重做时没有生成；{UNKNOWN}"]
    assert lines_on(found, "new.txt") == [f"new.txt：只在重做时生成；{UNKNOWN}"]


def test_the_record_of_the_new_run_is_compared_too(run):
    found = verify(run, again(run.folder, recorded(parameters={"year": 2022})))
    assert found.lines[0] == "run.json：parameters 与重做的不同" and not found.same


CAUSES = {"输入改动": "输入 data/raw/x.csv：此后已改动", "版本不同": "版本 pandas：当时 3，现在 4",
          "程序改动": "有未提交的修改：当时 否，现在 是"}  # fmt: skip


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("differs", [True, False])
def test_what_changed_since_is_named_and_is_a_cause_not_a_difference(
    run, home, monkeypatch, cause, differs
):
    rerun = again(run.folder, *([anew("report.pdf", b"%PDF-2")] if differs else []))
    if cause == "输入改动":
        (home / "data" / "raw" / "x.csv").write_text("2", "utf-8")
    elif cause == "版本不同":
        monkeypatch.setattr(run_record, "versions", lambda: {"pandas": "4"})
    else:
        state = {"commit": "c" * 40, "modified": True}
        monkeypatch.setattr(run_record, "source_state", lambda: state)
    found = verify(run, rerun)
    assert CAUSES[cause] in found.lines and found.same is not differs
    told = [line for line in found.lines if line.endswith(f"；可能因为{cause}")]
    assert len(told) == differs


def test_a_lost_input_a_new_library_and_a_lost_commit_are_named(run, home, monkeypatch):
    (home / "data" / "raw" / "x.csv").unlink()
    monkeypatch.setattr(run_record, "versions", lambda: {"numpy": "2"})
    monkeypatch.setattr(run_record, "source_state", dict)
    found = verify(run, again(run.folder))
    for line in ("输入 data/raw/x.csv：现已找不到", "版本 pandas：当时 3，现在 无",
                 "版本 numpy：当时 无，现在 2", f"提交：当时 {'c' * 40}，现在 不明"):  # fmt: skip
        assert line in found.lines
    assert found.same


def test_the_earlier_run_a_report_compares_with_is_looked_for_beside_it(run, home, tmp_path):
    frame = judged((indicator(), yearly({2023: "72"})))
    earlier = made(tmp_path / "out" / "earlier", frame)
    parameters = dict(run.record["parameters"]) | {"previous": "earlier"}
    inputs = {"assessment.csv": sha((earlier.folder / "assessment.csv").read_bytes())}
    later = made(run.folder, frame, FILES, parameters=parameters, inputs=inputs)
    assert verify(later, again(later.folder)).same
    assert not lines_on(verify(later, again(later.folder)), "输入")
    (earlier.folder / "assessment.csv").write_text("x")
    assert lines_on(verify(later, again(later.folder)), "输入")


def test_an_input_of_the_project_is_recorded_alike_from_any_folder(home, tmp_path, monkeypatch):
    folder = home / "figures"
    folder.mkdir()
    (folder / "x.csv").write_text("1", "utf-8")
    monkeypatch.chdir(home)
    from_home = run_record.digests(run_record.data_files({"observations": "figures"})[:1])
    monkeypatch.chdir(tmp_path)
    from_elsewhere = run_record.digests(run_record.data_files({"observations": "figures"})[:1])
    assert from_home == from_elsewhere == {"figures/x.csv": sha("1")}


def test_a_path_is_shown_below_the_project_through_links_and_relative_homes(
    home, tmp_path, monkeypatch
):
    link = tmp_path / "link"
    link.symlink_to(home)
    assert run_record.shown(link / "data" / ".." / "data" / "raw" / "x.csv") == "data/raw/x.csv"
    assert run_record.shown(tmp_path / "secret" / "y.csv") == "y.csv"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GDPLAN_HOME", "home")
    assert run_record.shown(Path("home/data/raw/x.csv")) == "data/raw/x.csv"
    assert run_record.shown(str(home / "data/raw/x.csv")) == "data/raw/x.csv"


@pytest.mark.parametrize("place", ["figures/x.csv", "ledger/x.csv", "x.csv"])
def test_an_input_from_elsewhere_is_looked_for_with_the_figures(home, tmp_path, monkeypatch, place):
    path = tmp_path / "own" / place
    path.parent.mkdir(parents=True)
    (tmp_path / "own" / "figures").mkdir(exist_ok=True)
    path.write_text("2", "utf-8")
    frame = judged((indicator(), yearly({2023: "72"})))
    parameters = {"observations": str(tmp_path / "own" / "figures")}
    one = made(tmp_path / "out" / "run", frame, FILES, inputs={"x.csv": sha("2")},
               parameters=parameters)  # fmt: skip
    monkeypatch.chdir(home)
    assert since(one, "x.csv") is Since.SAME
    path.write_text("3", "utf-8")
    assert since(one, "x.csv") is Since.CHANGED
    path.unlink()
    assert since(one, "x.csv") is Since.MISSING


@pytest.mark.parametrize(
    "error",
    [RuntimeError("内核没有启动"), OSError("内核没有启动"),
     ProblemError(Problem("no_plan", "", "内核没有启动"))],
)  # fmt: skip
def test_a_run_that_cannot_be_made_again_says_why_after_what_changed(run, home, error):
    def fails(_run: Run, _place: Path) -> Path:
        raise error

    (home / "data" / "raw" / "x.csv").write_text("2", "utf-8")
    found = verify(run, fails)
    assert not found.same and found.lines[0] == "输入 data/raw/x.csv：此后已改动"
    assert found.lines[-1].startswith("无法按记录重做：") and "内核没有启动" in found.lines[-1]


def test_a_new_run_without_a_record_is_no_agreement(run):
    found = verify(run, again(run.folder, lambda f: (f / "run.json").unlink()))
    assert not found.same and "运行记录无法读取" in found.lines[-1]


def test_nothing_of_the_original_is_touched(run):
    def state() -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in run.folder.iterdir()}

    before = state()
    verify(run, again(run.folder, anew("report.pdf", b"other")))
    assert state() == before


# -- where -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [("a\nb", "a\nb\nc", "行数不同（2、3）"), ("a\nb", "a\nbc", "第2行：“b” → “bc”"),
     ("a\r\n", "a\n", "第1行：“a\\u000d” → “a”"), ("a\u2028b", "a\u2028c", "“a\\u2028b”"),
     ("长" * 9000 + "甲", "长" * 9000 + "乙", "长甲”"), ("🙂", "🙃", "第1行")],
)  # fmt: skip
def test_the_first_line_that_differs_is_shown(old, new, words):
    told = _where("x.html", old.encode(), new.encode())
    assert words in told and len(told) < 400


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("new", "words"),
    [(packed(a=b"1", b=b"3"), "自其中的 b 起"), (packed(a=b"1"), "自其中的 b 起"),
     (packed(a=b"1", b=b"2", c=b"3"), "自其中的 c 起"), (packed(b=b"2", a=b"1"), "打包顺序或日期"),
     (b"no archive", "不是完整的文件"), (packed(a=b"1", b=b"2")[:-9], "不是完整的文件")],
)  # fmt: skip
def test_the_first_part_of_an_archive_that_differs_is_named(new, words):
    for name in ("report.docx", "annex.xlsx"):
        assert words in _where(name, packed(a=b"1", b=b"2"), new)


@settings(deadline=None)
@given(st.binary(max_size=60), st.binary(max_size=60), st.sampled_from(["csv", "pdf", "docx"]))
def test_any_two_files_are_compared_without_an_error(old, new, suffix):
    told = _where(f"x.{suffix}", old, new)
    assert told and all(c.isprintable() for c in told)


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_the_place_is_the_first_byte_that_differs(head, one, other):
    old, new = f"{head}a{one}".encode(), f"{head}b{other}".encode()
    assert _where("x.pdf", old, new) == f"自第{len(head.encode())}字节起"
    assert _where("x.txt", old, new).startswith(f"第{head.count(chr(10)) + 1}行：")
