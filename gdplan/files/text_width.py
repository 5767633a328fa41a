"""How wide a text stands on a page, a chart or a sheet, counted in half characters."""

from __future__ import annotations

import unicodedata


def display_width(text: str, *, chinese: bool = False) -> int:
    """Width of a text in half characters: a Chinese one counts two.

    Parameters
    ----------
    chinese : bool
        Whether all of it is set in a Chinese font, where quotation marks, dashes and the like are
        as wide as a character.

    Examples
    --------
    >>> display_width("目标60%"), display_width("“十四五”"), display_width("“十四五”", chinese=True)
    (7, 8, 10)
    """
    wide = "WFA" if chinese else "WF"
    return len(text) + sum(unicodedata.east_asian_width(c) in wide for c in text)
