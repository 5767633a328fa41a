"""How many examples a property is tried on: few on a working day, many in `make test-all`."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

QUICK, THOROUGH = "quick", "thorough"
EXAMPLES = {QUICK: 25, THOROUGH: 100}
"""Examples of a property that asks for no number of its own."""


def register() -> None:
    """Both profiles, with the quick one loaded; ``--hypothesis-profile`` chooses another."""
    for name, number in EXAMPLES.items():
        # No test is judged by the clock; a busy machine is no fault.
        settings.register_profile(name, deadline=None, max_examples=number)
    settings.load_profile(QUICK)


def examples(thorough: int, *, quick: int = EXAMPLES[QUICK], **options: Any) -> settings:
    """Settings of a property that is tried on ``thorough`` examples, or on ``quick`` ones."""
    is_thorough = settings.get_current_profile_name() == THOROUGH
    number = thorough if is_thorough else min(quick, thorough)
    return settings(deadline=None, max_examples=number, **options)


def end_to_end(thorough: int = 100, **options: Any) -> settings:
    """Settings of a property that walks the whole path, figures to assessment, each time."""
    return examples(thorough, quick=5, **options)
