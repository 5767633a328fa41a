"""Official reports come from a commit; others say that they do not."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from gdplan.problems import ProblemError
from gdplan.reports import make as runner
from gdplan.reports.make import report
from gdplan.reports.runs import record as run_record

CLEAN = {"commit": "a" * 40, "modified": False, "changes": []}
CHANGED = {"commit": "a" * 40, "modified": True, "changes": ["gdplan/judge.py"]}


@pytest.fixture
def quick(final, monkeypatch):
    """Reports from a notebook that was already run."""
    [book] = final.glob("*.ipynb")
    executed = json.loads(book.read_text("utf-8"))
    monkeypatch.setattr(runner, "execute", lambda *_: executed)


@pytest.mark.parametrize("state", [CHANGED, {}], ids=["modified", "no git"])
def test_official_refuses_what_is_not_a_commit(state, tmp_path, monkeypatch):
    monkeypatch.setattr(run_record, "source_state", lambda: state)
    with pytest.raises(ProblemError, match=r"gdplan/judge.py|不在 git 检出中") as caught:
        report("final", out=tmp_path, official=True)
    assert [p.key for p in caught.value.problems] == ["modified_tree"]
    assert not any(tmp_path.iterdir())


def test_official_runs_from_a_commit_and_says_nothing(quick, tmp_path, monkeypatch):
    monkeypatch.setattr(run_record, "source_state", lambda: CLEAN)
    done = report("final", out=tmp_path, official=True, formats=("html",))
    assert "不作正式报告" not in (done.folder / "report.html").read_text("utf-8")
    assert done.record["source"] == {"commit": "a" * 40, "modified": False}


def test_a_modified_tree_is_said_on_the_cover_and_at_the_end(quick, tmp_path, monkeypatch):
    monkeypatch.setattr(run_record, "source_state", lambda: CHANGED)
    done = report("final", out=tmp_path, formats=("html",))
    page = (done.folder / "report.html").read_text("utf-8")
    assert page.count("不作正式报告") == 2
    assert done.record["source"]["modified"] is True


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Path:
    """A small git checkout in the shape of the project."""
    if shutil.which("git") is None:
        pytest.skip("no git")
    root = tmp_path / "project"
    for name in ("gdplan/judge.py", "notebooks/a.ipynb", "data/raw/计划.csv", "docs/page.md",
                 "requirements.lock"):  # fmt: skip
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    monkeypatch.setattr(run_record.places, "PACKAGE", root / "gdplan")
    return root


def test_a_commit_is_clean_and_documents_do_not_count(checkout):
    assert run_record.source_state()["modified"] is False
    (checkout / "docs/page.md").write_text("y")
    assert run_record.source_state()["modified"] is False


@pytest.mark.parametrize("name", ["gdplan/judge.py", "data/raw/计划.csv", "requirements.lock"])
def test_a_changed_input_counts_and_is_named(checkout, name):
    (checkout / name).write_text("y")
    state = run_record.source_state()
    assert state["modified"] is True
    assert name.rpartition("/")[2] in state["changes"][0]


def test_a_new_file_among_the_raw_data_counts(checkout):
    (checkout / "data/raw/new.csv").write_text("y")
    assert run_record.source_state()["changes"] == ["data/raw/new.csv"]


def test_outside_git_there_is_no_state(checkout):
    shutil.rmtree(checkout / ".git")
    assert set(run_record.source_state()) == {"code"}


@pytest.mark.slow
def test_a_run_that_was_edited_ends_with_code_one(final, command, tmp_path):
    copy = Path(shutil.copytree(final, tmp_path / final.name))
    with (copy / "report.html").open("a", encoding="utf-8") as page:
        page.write("<!-- edited -->")
    run = command("verify", str(copy), cwd=tmp_path)
    assert run.returncode == 1
    assert "report.html：生成之后被改动" in run.stdout and "Traceback" not in run.stderr


def test_trace_and_compare_speak_through_the_command_line(midterm, final, command, tmp_path):
    run = command("trace", str(midterm), "城镇新增就业人数", "--year", "2022", cwd=tmp_path)
    assert run.returncode == 0 and "132万人" in run.stdout
    run = command("trace", str(midterm), "表99!A1", cwd=tmp_path)
    assert run.returncode == 1 and "没有这个单元格" in run.stderr
    run = command("compare", str(final), str(midterm), cwd=tmp_path)
    assert run.returncode == 0 and "规划不同" in run.stdout
