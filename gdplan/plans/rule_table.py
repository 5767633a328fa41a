"""Which years of a plan can be evaluated how: by the rules of the mid-term or of the end."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral

from gdplan.model import Plan
from gdplan.problems import Problem, closest, refuse, wrong_type

KINDS = ("midterm", "annual", "final")


def rule_table(plan: Plan, year: object, kind: object = None) -> str:
    """Name of the verdict table (rules.yml) for a year of a plan.

    Parameters
    ----------
    kind : {"midterm", "annual", "final"}, optional
        By default ``final`` from the target year on, else ``midterm``; ``annual`` is judged by the
        rules of the mid-term, and by those of the end in the target year.

    Raises
    ------
    ProblemError
        For a year outside the plan or that is no whole number, a final evaluation of another year
        than the target year, and an unknown kind, all at once.
    """
    refuse(_faults(plan, year, kind))
    if kind is None:
        kind = "final" if year == plan.target_year else "midterm"
    return (
        "final" if kind == "final" or (kind == "annual" and year == plan.target_year) else "midterm"
    )


def _faults(plan: Plan, year: object, kind: object) -> Iterator[Problem]:
    if isinstance(year, bool) or not isinstance(year, (int, Integral)):
        yield wrong_type("year", year, "年份", "整数，如 2023")
    elif not plan.base_year < int(year) <= plan.target_year:
        yield Problem("year_outside_plan", "year", f"评估年份不在规划期内（{plan.id}）",
                      f"{plan.base_year + 1}—{plan.target_year}", str(year))  # fmt: skip
    elif kind == "final" and year != plan.target_year:
        yield Problem("final_year", "year", f"总结评估的年份是规划的目标年（{plan.id}）",
                      str(plan.target_year), str(year), "期间各年用中期或年度评估")  # fmt: skip
    if kind not in (None, *KINDS):
        yield Problem("unknown_kind", "kind", "未知的评估类型", "、".join(KINDS), str(kind),
                      closest(str(kind), KINDS))  # fmt: skip
