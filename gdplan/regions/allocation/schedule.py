"""Values due by the end of each plan year, as exact numbers: the way from a base to a target."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from gdplan import indicators
from gdplan.model import Indicator, Mode
from gdplan.problems import Problem, ProblemError
from gdplan.regions.allocation.exact import decimal_of, exact
from gdplan.regions.allocation.rules_file import Rule

Way = list[Fraction] | str


def shares_of_way(item: Indicator, rule: Rule) -> Way:
    """Shares of the way due by the end of each year, or the word for a geometric path."""
    n = item.target_year - item.base_year
    if isinstance(rule.years, list):
        shares = [exact(s) for s in rule.years]
        if len(shares) != n or shares[-1] != 1 or sorted([Fraction(0), *shares]) != [0, *shares]:
            raise ProblemError(
                Problem(
                    "years", "", "年度进度应逐年不减、止于1", f"{n}个数，末值1", f"{rule.years}"
                )
            )
        return shares
    word = rule.years or item.scale.value
    summed = item.kind.mode is Mode.SUM
    even = [Fraction(k, n) for k in range(1, n + 1)]
    return "geometric" if word == "geometric" and not summed else even


def path(item: Indicator, way: Way, base: Fraction | None, goal: Fraction) -> list[Fraction] | None:
    """Values due each year from base to goal; the goal itself where it is a floor or yearly."""
    n = item.target_year - item.base_year
    if item.kind.yearly:
        return [goal] * n
    if base is None:
        return None
    if (goal - base) * item.direction <= 0 and item.direction:
        return [goal] * n
    if isinstance(way, str):
        if base <= 0 or goal <= 0:
            return None
        due = indicators.milestones(float(base), float(goal), 0, n, path=way)
        return [*(exact(repr(float(x))) for x in due[:-1]), goal]
    return [base + s * (goal - base) for s in way]


def rounded(number: Fraction, decimals: int) -> Decimal:
    """Rounded half away from zero, as printed figures are."""
    units = number * 10**decimals
    up = (Decimal(units.numerator) / Decimal(units.denominator)).to_integral_value(ROUND_HALF_UP)
    return decimal_of(int(up), decimals)
