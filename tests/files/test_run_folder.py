"""A report appears whole or not at all, whatever happens while it is made."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from runfolders import complete, content

from gdplan.files import run_folder
from gdplan.problems import ProblemError
from gdplan.reports import make as runner
from gdplan.reports.make import RunFailed, report

ROOT = Path(__file__).resolve().parents[2]
# Makes a report from an executed notebook and dies at the n-th thing done to the output folder.
MORTAL = """
import json, os, signal, sys
from pathlib import Path
from gdplan.reports import make as runner
out, cache, last, counter = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
runner.execute = lambda *_: json.loads(cache.read_text("utf-8"))
done = 0
def watch(event, args):
    global done
    if event not in ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "ctypes.dlsym"):
        return
    if event == "open" and not (isinstance(args[1], str) and set("wax") & set(args[1])):
        return
    done += 1
    if done == last:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
runner.report("final", out=out, force=True)
Path(counter).write_text(str(done))
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kills itself by signal")
def test_killed_at_any_point_the_old_report_or_the_new_one_is_there(final, tmp_path):
    cache = tmp_path / "executed.json"
    [book] = final.glob("*.ipynb")
    cache.write_text(book.read_text("utf-8"), "utf-8")
    out = tmp_path / "reports"
    target = out / final.name

    def run(last: int) -> int:
        script = [sys.executable, "-c", MORTAL, str(out), str(cache), str(last)]
        done = subprocess.run([*script, str(tmp_path / "count")], capture_output=True, check=False)
        return done.returncode

    assert run(0) == 0
    points = int((tmp_path / "count").read_text())
    assert points >= 10
    chosen = sorted({1 + i * (points - 1) // 9 for i in range(10)})
    assert len(chosen) == 10
    for last in chosen:
        (target / "log.txt").write_text("the old one")
        assert run(last) == -signal.SIGKILL, last
        is_old = (target / "log.txt").read_text() == "the old one"
        assert is_old or complete(target), f"half a report after point {last} of {points}"
        assert len(content(target)) == len(content(final))
    assert run(0) == 0
    assert complete(target)
    assert [p.name for p in out.iterdir()] == [final.name]


def test_a_swap_without_the_system_call_leaves_the_new_one(tmp_path, monkeypatch):
    monkeypatch.setattr(run_folder, "_exchanged", lambda *_: False)
    target, work = tmp_path / "run", tmp_path / ".run.1.tmp"
    for folder, text in ((target, "old"), (work, "new")):
        folder.mkdir()
        (folder / "a").write_text(text)
    run_folder.swap(work, target)
    assert (target / "a").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_swap_that_fails_puts_the_old_one_back(tmp_path, monkeypatch):
    monkeypatch.setattr(run_folder, "_exchanged", lambda *_: False)
    target = tmp_path / "run"
    target.mkdir()
    (target / "a").write_text("old")
    with pytest.raises(OSError):
        run_folder.swap(tmp_path / "missing", target)
    assert (target / "a").read_text() == "old"


def test_what_a_dead_run_moved_aside_is_put_back(tmp_path):
    aside = tmp_path / ".run-a.999999.old"
    aside.mkdir()
    (aside / "a").write_text("old")
    superseded = tmp_path / ".run-b.999999.old"
    superseded.mkdir()
    (tmp_path / "run-b").mkdir()
    run_folder.sweep(tmp_path)
    assert (tmp_path / "run-a" / "a").read_text() == "old"
    assert not superseded.exists() and not aside.exists()


def test_what_another_live_run_holds_is_left_alone(tmp_path):
    mine = tmp_path / f".run.{os.getpid()}.old"
    mine.mkdir()
    stranger = tmp_path / ".something.else"
    stranger.mkdir()
    run_folder.sweep(tmp_path)
    assert mine.exists() and stranger.exists()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_a_problem_and_keeps_the_old_report(final, tmp_path, monkeypatch, code):
    out = tmp_path / "reports"
    old = out / final.name
    old.mkdir(parents=True)
    (old / "report.html").write_text("the old one")
    [book] = final.glob("*.ipynb")
    executed = json.loads(book.read_text("utf-8"))
    monkeypatch.setattr(runner, "execute", lambda *_: executed)
    write = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if self.suffix == ".html":
            write(self, data[: len(data) // 2])
            raise OSError(code, os.strerror(code))
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ProblemError, match="磁盘空间不足"):
        report("final", out=out, force=True)
    assert [p.name for p in out.iterdir()] == [old.name]
    assert content(old) == {"report.html": b"the old one"}


@pytest.mark.slow
def test_a_disk_that_is_really_full_keeps_the_old_report(tmp_path, command):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)],
        capture_output=True, check=False,
    ) if hasattr(os, "geteuid") and os.geteuid() == 0 else None  # fmt: skip
    if mounted is None or mounted.returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        old = disk / "final-gd-hrss-13-440000-2020"
        old.mkdir()
        (old / "report.html").write_text("the old one")
        run = command("report", "final", "--out", str(disk), "--force", cwd=tmp_path)
        assert run.returncode == 1, run.stderr
        assert "磁盘空间不足" in run.stderr and "Traceback" not in run.stderr
        assert [p.name for p in disk.iterdir() if p.is_dir()] == [old.name]
        assert (old / "report.html").read_text() == "the old one"
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def test_an_export_that_fails_says_which(final, tmp_path, monkeypatch):
    [book] = final.glob("*.ipynb")
    executed = json.loads(book.read_text("utf-8"))
    monkeypatch.setattr(runner, "execute", lambda *_: executed)

    def broken(_: object) -> str:
        raise RuntimeError("no such writer")

    monkeypatch.setattr("gdplan.reports.formats.web_page.page", broken)
    with pytest.raises(RunFailed, match=r"导出 html 失败.*no such writer"):
        report("final", out=tmp_path)
    assert not [p for p in tmp_path.iterdir() if p.is_dir()]


def test_a_folder_of_files_replaces_the_old_one_whole(tmp_path):
    run_folder.write_folder({"a.csv": b"1", "b.csv": b"2"}, tmp_path, "run")
    run_folder.write_folder({"a.csv": b"3"}, tmp_path, "run")
    assert {p.name: p.read_bytes() for p in (tmp_path / "run").iterdir()} == {"a.csv": b"3"}
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_finished_result_is_kept_unless_it_is_to_be_replaced(tmp_path):
    run_folder.refuse_existing(tmp_path / "run", force=False)
    run_folder.refuse_existing(tmp_path, force=True)
    with pytest.raises(ProblemError, match=r"--force.*\[run_exists\]"):
        run_folder.refuse_existing(tmp_path, force=False)
