"""Files are written together or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from gdplan.files.write_together import write_all
from gdplan.problems import ProblemError

TEXT = Path(__file__).resolve().parents[2] / "data/raw/plans/gd-hrss-14/plan.txt"


def there(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes()
            for p in folder.rglob("*") if p.is_file()}  # fmt: skip


def test_files_are_written_into_folders_that_are_made(tmp_path):
    write_all({tmp_path / "a/b/one": b"1", tmp_path / "two": b"2"})
    assert there(tmp_path) == {"a/b/one": b"1", "two": b"2"}


def test_a_folder_in_the_place_of_a_file_stops_everything(tmp_path):
    (tmp_path / "two").mkdir()
    (tmp_path / "three").mkdir()
    with pytest.raises(ProblemError) as caught:
        write_all({tmp_path / "one": b"1", tmp_path / "two": b"2", tmp_path / "three": b"3"})
    assert [Path(p.where).name for p in caught.value.problems] == ["two", "three"]
    assert there(tmp_path) == {}


def test_a_file_in_the_place_of_a_folder_stops_everything(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    with pytest.raises(ProblemError, match="无法在此写入"):
        write_all({tmp_path / "one": b"1", tmp_path / "a" / "two": b"2"})
    assert there(tmp_path) == {"a": b"x"}


@pytest.mark.parametrize("old", [None, b"old"])
def test_what_fails_at_the_last_step_leaves_the_old_files(tmp_path, monkeypatch, old):
    if old is not None:
        (tmp_path / "one").write_bytes(old)
    replace = Path.replace

    def fails(self, target):
        if Path(target).name == "two":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(ProblemError, match="No space left"):
        write_all({tmp_path / "one": b"1", tmp_path / "two": b"2"})
    assert there(tmp_path) == ({} if old is None else {"one": old})


def test_plan_parse_writes_both_tables_or_none(command, tmp_path):
    (tmp_path / "commitments.csv").mkdir()
    run = command("plan", "parse", str(TEXT), "--out", str(tmp_path))
    assert run.returncode == 1 and "[cannot_write]" in run.stderr and not run.stdout
    assert there(tmp_path) == {}
