"""Numbers as they are written: exact fractions in, decimals out, problems for what is no number."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TypeAlias

from gdplan.problems import Problem, ProblemError

Number: TypeAlias = int | float | str | Decimal | Fraction
MOST_DECIMALS = 12


def exact(number: Number) -> Fraction:
    """A number as it is written: 0.1 is one tenth.

    Raises ProblemError for what is no finite number.

    Examples
    --------
    >>> exact(0.1), exact("2.50")
    (Fraction(1, 10), Fraction(5, 2))
    """
    try:
        if isinstance(number, (Fraction, int)) and not isinstance(number, bool):
            return Fraction(number)
        return Fraction(Decimal(str(number)))
    except (InvalidOperation, ValueError, OverflowError):
        raise wrong("not_a_number", "不是有限的数", "有限的数", number) from None


def weights_of(weights: Iterable[Number]) -> list[Fraction]:
    """Weights as fractions; negative ones are a problem that names their places."""
    out = [exact(w) for w in weights]
    bad = [i + 1 for i, w in enumerate(out) if w < 0]
    if bad:
        raise wrong("negative_weight", "权重不能为负", ">= 0", f"第{'、'.join(map(str, bad))}个")
    return out


def units_of(number: Number, decimals: int) -> int:
    """A number as a count of the smallest units."""
    if not 0 <= decimals <= MOST_DECIMALS:
        raise wrong("decimals", "小数位数超出范围", f"0—{MOST_DECIMALS}", decimals)
    units = exact(number) * 10**decimals
    if units.denominator != 1:
        raise wrong("too_fine", "总数的小数位数多于声明的位数", f"{decimals}位小数", number,
                     "声明更多的小数位数")  # fmt: skip
    return int(units)


def decimal_of(units: int, decimals: int) -> Decimal:
    """So many smallest units as a decimal number, of any length."""
    # Made from text: arithmetic of Decimal would round to 28 digits.
    return Decimal(f"{units}E-{decimals}")


def shown(number: Fraction | int) -> str:
    """A number for a message."""
    return f"{Decimal(number.numerator) / Decimal(number.denominator):f}"


def wrong(key: str, message: str, expected: str, found: object, fix: str = "") -> ProblemError:
    """The error for one fault of the numbers given."""
    return ProblemError(Problem(key, "gdplan.allocation", message, expected, f"{found}", fix))
