"""The same bytes from two fresh environments, two folders, two locales and two time zones.

``make reproduce``: builds two environments from requirements.lock, makes every kind of report in
each, and compares all files. Only the clock of run.json may differ.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).with_name("uv")
SETTINGS = (
    {"TZ": "Asia/Shanghai", "LC_ALL": "C"},
    {"TZ": "America/Los_Angeles", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "0"},
)
REPORTS = (
    ("midterm",),
    ("final",),
    ("midterm", "--lang", "en"),
    ("midterm", "--observations", "examples/observations"),
    ("final", "--plan", "gd-hrss-14", "--observations", "examples/observations"),
)


def main() -> int:
    """Build, run, compare; 1 when a byte differs."""
    with tempfile.TemporaryDirectory() as place:
        outs = [_all_reports(Path(place) / f"{i}", env) for i, env in enumerate(SETTINGS)]
        differing = _differences(*outs)
        files = sum(p.is_file() for p in outs[0].rglob("*"))
    for name in differing:
        print(f"differs: {name}")
    print(f"{files} files of {len(REPORTS)} reports compared, {len(differing)} differ")
    return 1 if differing or not files else 0


def _all_reports(folder: Path, env: dict[str, str]) -> Path:
    python = folder / "venv" / "bin" / "python"
    out = folder / "some where" / "reports"
    out.mkdir(parents=True)
    _call([str(UV), "venv", "-q", "--python", sys.executable, str(folder / "venv")])
    lock = ["--require-hashes", "-r", str(ROOT / "requirements.lock")]
    _call([str(UV), "pip", "install", "-q", "--python", str(python), "--compile-bytecode", *lock])
    _call([str(UV), "pip", "install", "-q", "--python", str(python), "--no-deps", "-e", str(ROOT)])
    for words in REPORTS:
        command = [str(python), "-m", "gdplan", "report", *words, "--out", str(out)]
        _call(command, cwd=out.parent, env=os.environ | env)
        print(f"{folder.name}: {' '.join(words)}", flush=True)
    return out


def _differences(one: Path, other: Path) -> list[str]:
    names = sorted({p.relative_to(o).as_posix() for o in (one, other) for p in o.rglob("*.*")
                    if p.is_file()})  # fmt: skip
    return [name for name in names if _bytes(one / name) != _bytes(other / name)]


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        return b""
    if path.name != "run.json":
        return path.read_bytes()
    record = json.loads(path.read_text("utf-8"))
    record.pop("clock")
    return json.dumps(record, sort_keys=True).encode()


def _call(words: list[str], cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(words, capture_output=True, text=True, cwd=cwd, env=env, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}\n{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
