"""The command line as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def gdplan_command(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What a command printed, and how it ended."""
    return subprocess.run(
        [sys.executable, "-m", "gdplan", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        check=False,
    )
