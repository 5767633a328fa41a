"""A headless Chromium of this machine, where there is one."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip


def needs_browser(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that looks at a page as a reader sees it: slow, and not without Chromium."""
    missing = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
    return pytest.mark.slow(missing(test))
