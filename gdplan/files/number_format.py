"""What a spreadsheet shows of a number: its number format, written out.

A cell is what it shows, or it cannot be read: words and points that a format adds are shown,
optional digits are not added, and where a format hides a number, scales it or adds a digit or a
sign, that is a fault and no guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from gdplan.files.grid import Printed

GENERAL_DIGITS = 11
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<slashed>.)|!(?P<banged>.)|(?P<space>_.)|\*.'
    r"|(?P<bracket>\[[^\]]*\])|(?P<general>General|G/通用格式)|(?P<other>.)",
    re.DOTALL,
)
_MARKUP = re.compile(
    r"\[(?:\$[^\]]*|DBNum\d|h+|m+|s+|Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|Color\d+"
    r"|黑色|蓝色|青色|绿色|洋红|红色|白色|黄色|颜色\d+)\]",
    re.IGNORECASE,
)
Token = tuple[str, str]


def formatted(value: float, form: str) -> Printed:
    r"""A number as its format shows it; General shows what is stored.

    Examples
    --------
    >>> formatted(1399000, r"0\.0000").text, formatted(139.3, "0.0#").text
    ('139.9000', '139.3')
    >>> formatted(139.3, '0.00"万"').text, formatted(0, "0.0;-0.0;").fault
    ('139.30万', 'not_shown')
    """
    section, signed = _section(value, _sections(form))
    if section is None or any(kind == "fault" for kind, _ in section):
        return Printed(general(value), "unknown_format")
    if not section:
        return Printed("", "not_shown") if form.strip() else _stored(value)
    if any(kind == "general" for kind, _ in section) or section == [("code", "@")]:
        words = "".join(text for kind, text in section if kind == "literal").strip()
        return _stored(value) if not words else Printed(general(value) + words)
    code = "".join(text for kind, text in section if kind == "code")
    if re.search(r"[/eEymdhsbgYMDHS]", code) or code.rstrip("%").endswith(","):
        return Printed(general(value), "unknown_format")
    if not re.search(r"[0#?]", code):
        return Printed("", "not_shown")
    literal = "".join(text for kind, text in section if kind == "literal")
    if value == 0 and "0" not in code:
        return Printed(literal.strip()) if literal.strip() else Printed("", "not_shown")
    if re.search(r"[\d+\-−–]", literal):
        return Printed(general(value), "unknown_format")
    percent = "%" in code
    text = _written(abs(Decimal(repr(value))) * (100 if percent else 1), section)
    negative = value < 0 and any(c in "123456789" for c in text)
    if negative and not signed:
        return Printed(f"{text}（{general(value)}）", "unknown_format")
    return Printed(f"-{text}" if negative else text, percent=percent)


def _sections(form: str) -> list[list[Token]]:
    """The parts of a format between semicolons, as tokens: literal, code, general, or a fault."""
    parts: list[list[Token]] = [[]]
    for match in _TOKEN.finditer(form):
        kind = match.lastgroup or "fill"
        text = match[kind] if match.lastgroup else ""
        if kind == "other" and text == ";":
            parts.append([])
        elif kind in ("quoted", "slashed", "banged"):
            parts[-1].append(("literal", text))
        elif kind == "bracket":
            parts[-1] += [] if _MARKUP.fullmatch(text) else [("fault", text)]
        elif kind == "general":
            parts[-1].append(("general", text))
        elif kind == "other":
            plain = text in "0#?.,%@/eEymdhsbgYMDHS"
            parts[-1].append(("code" if plain else "literal", text))
    return parts


def _section(value: float, parts: Sequence[list[Token]]) -> tuple[list[Token] | None, bool]:
    """The part that shows a value, and whether a minus is put before it."""
    if any(kind == "fault" for part in parts for kind, _ in part):
        return None, True
    if value == 0 and len(parts) > 2:
        return parts[2], True
    if value < 0 and len(parts) > 1:
        # -0.00 and (0.00) say it themselves; 0.00 would show a loss as a gain.
        said = [text for kind, text in parts[1] if kind == "literal" and text in "-−–"]
        rest = [token for token in parts[1] if token[1] not in ("-", "−", "–")]
        return rest, bool(said)
    return parts[0], True


def _written(amount: Decimal, section: Sequence[Token]) -> str:
    """Digits filled into the places of a format, from the point both ways."""
    codes = [text for kind, text in section if kind == "code"]
    point = codes.index(".") if "." in codes else len(codes)
    places = [c for c in codes[point + 1 :] if c in "0#?"]
    needed = max((n for n, c in enumerate(places, 1) if c == "0"), default=0)
    digits = f"{amount.quantize(Decimal(1).scaleb(-len(places)), ROUND_HALF_UP):f}"
    whole, _, fraction = digits.partition(".")
    fraction = fraction[:needed] + fraction[needed:].rstrip("0")
    before = sum(c in "0#?" for c in codes[:point])
    least = sum(c == "0" for c in codes[:point])
    whole = whole.lstrip("0").rjust(least, "0")
    filled = [whole[: max(len(whole) - before + 1, 0)], *whole[max(len(whole) - before + 1, 0) :]]
    slots = [""] * (before - len(filled)) + filled if len(filled) < before else filled
    out, seen, after = [], 0, False
    for kind, text in section:
        if kind == "literal":
            out.append(text)
        elif text == "." and not after:
            after = True
            out.append("." if fraction or needed else "")
        elif text in "0#?" and not after:
            out.append(slots[seen] if seen < len(slots) else "")
            seen += 1
        elif text in "0#?":
            out.append(fraction[:1])
            fraction = fraction[1:]
    text = "".join(out).strip()
    return f"0{text}" if text.startswith(".") else text


def _stored(value: float) -> Printed:
    digits = re.sub(r"[^0-9]", "", general(value)).lstrip("0")
    return Printed(general(value), exact=len(digits) <= GENERAL_DIGITS)


def general(value: float) -> str:
    """Digits as Excel keeps and shows them, without the noise of binary fractions.

    Examples
    --------
    >>> general(0.1 + 0.2), general(132.0), general(1e6)
    ('0.3', '132', '1000000')
    """
    return f"{Decimal(f'{value:.15g}').normalize():f}"
