"""What became of each commitment: reported statuses judged by their figures and deadlines.

The rules are those of docs/decisions/022-ledger.md; nothing is judged that nobody reported.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from gdplan.dates import day_of
from gdplan.ledger.statuses import Status, contradiction
from gdplan.model import Plan
from gdplan.plans.choices import check_choices
from gdplan.plans.commitments import Commitment, countable, met, target_text

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "plan", "year", "as_of", "id", "where", "what", "target", "comparator", "value", "unit",
    "per_year", "deadline", "line", "quote", "department", "due", "status", "status_year",
    "reported", "figure", "raw", "share", "elapsed", "pace", "judged", "reason", "contradiction",
    "years_reported", "years_met", "evidence", "explanation", "by", "source", "simulated",
)  # fmt: skip
WORDS = ("raw", "evidence", "explanation", "by")
"""Columns of a report that are repeated word for word."""
UNREPORTED = dict.fromkeys(("status_year", "figure", "share", "elapsed", "pace"), math.nan) | {
    **dict.fromkeys(("status", "reported", "source", *WORDS), ""), "simulated": False,
}  # fmt: skip


class Judged(StrEnum):
    """What is said of a commitment, worst first after what nobody reported."""

    UNREPORTED = "未报状态"
    OVERDUE = "逾期未完成"
    NOT_STARTED = "未启动"
    BEHIND = "滞后"
    ON_SCHEDULE = "按期推进"
    DONE = "已完成"


class Due(StrEnum):
    """Where the deadline lies, seen from the end of the evaluated year."""

    PAST = "已过期限"
    NOW = "本年到期"
    LATER = "未到期"


class Why(StrEnum):
    """How a judgement came about; one meaning each."""

    NO_REPORT = "no_report"
    STALE = "stale"
    NOT_AT_DEADLINE = "not_at_deadline"
    ONE_YEAR_OLD = "one_year_old"
    PART_YEAR = "part_year"
    BY_FIGURE = "by_figure"
    BY_STATUS = "by_status"
    MAY_FALL = "may_fall"
    LATE = "late"
    YEARS_MISSED = "years_missed"
    YEARS_UNREPORTED = "years_unreported"


class Clash(StrEnum):
    """Reports that cannot all be right, or that an office should explain."""

    DONE_BUT_SHORT = "done_but_short"
    NOT_STARTED_BUT_FIGURE = "not_started_but_figure"
    MET_BUT_NOT_DONE = "met_but_not_done"
    BEHIND_BUT_ON_PACE = "behind_but_on_pace"
    FIGURE_FELL = "figure_fell"
    NO_LONGER_DONE = "no_longer_done"


@dataclass(frozen=True, slots=True)
class Said:
    """The report that stands for a data year: the latest known."""

    status: Status
    figure: float | None
    year: int
    reported: str
    row: Mapping[str, Any]

    @property
    def part_year(self) -> bool:
        """Whether it was made before December of the year it speaks of."""
        return self.reported < f"{self.year}-12"

    @property
    def moment(self) -> float:
        """Of what time it speaks, in years: the end of its year, or the day of an earlier report.

        Examples
        --------
        >>> round(Said(Status.UNDER_WAY, 1.0, 2023, "2023-07-02", {}).moment, 2)
        2022.5
        """
        if not self.part_year:
            return float(self.year)
        day, first = date.fromisoformat(self.reported), date(self.year, 1, 1)
        return self.year - 1 + (day - first).days / (date(self.year + 1, 1, 1) - first).days


def assess_commitments(
    commitments: Iterable[Commitment],
    statuses: pd.DataFrame,
    *,
    plan: Plan,
    year: int,
    as_of: str | date | None = None,
) -> pd.DataFrame:
    """Judge each commitment at the end of a year.

    Parameters
    ----------
    commitments, statuses
        From :func:`gdplan.commitments.unmerged` and :func:`gdplan.read_statuses`.
    plan : Plan
        For its years, its lead department and the parameters ``on_track``, ``max_age`` and
        ``about_tolerance``.
    year : int
        The evaluated year; later reports of later years are not used.
    as_of : date, optional
        Only reports known on that day; ``2024`` and ``2024-03`` mean the end of that time.

    Returns
    -------
    DataFrame
        One row per commitment in the order of the plan, columns :data:`COLUMNS`. ``share`` is
        figure / value of what adds up, else nan; ``elapsed`` the time gone to the deadline when
        the report was made; ``pace`` = ``share / elapsed``. ``judged``, ``due``, ``reason`` and
        ``contradiction`` hold words of :class:`Judged`, :class:`Due`, :class:`Why` and
        :class:`Clash`, the last two joined by ``;``.

    Raises
    ------
    ProblemError
        When the year is none of the plan's, or the day none at all.

    Examples
    --------
    >>> from gdplan import load_plan, read_statuses
    >>> from gdplan.plans.commitments import unmerged
    >>> plan = load_plan("gd-hrss-14")
    >>> frame = assess_commitments(unmerged(plan), read_statuses(), plan=plan, year=2023)
    >>> len(frame) == len(unmerged(plan))
    True
    """
    import pandas as pd

    check_choices(plan, year=year, as_of=as_of)
    day = "" if as_of is None else day_of(as_of).isoformat()
    known = _known(statuses, year, day)
    rows = [_row(item, known.get(item.id, ()), plan, year, day) for item in commitments]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    kinds = dict.fromkeys(("value", "figure", "share", "elapsed", "pace", "status_year"), float)
    return frame.astype({**kinds, "per_year": bool, "simulated": bool})


def judge(
    item: Commitment, said: Sequence[Said], *, plan: Plan, year: int
) -> tuple[Judged, list[Why]]:
    """The judgement of one commitment from its reports by data year, oldest first."""
    if not said:
        return Judged.UNREPORTED, [Why.NO_REPORT]
    now, age = said[-1], _last_year(item, year) - said[-1].year
    done = _done(item, now, plan)
    kept = done and countable(item) and not item.per_year
    if not kept and age > plan.parameters["max_age"]:
        return Judged.UNREPORTED, [Why.STALE]
    if not kept and _before_deadline(item, now, year):
        return Judged.UNREPORTED, [Why.NOT_AT_DEADLINE]
    why = [Why.BY_STATUS if now.figure is None else Why.BY_FIGURE]
    why += [Why.ONE_YEAR_OLD] if age and not kept else []
    why += [Why.PART_YEAR] if now.part_year else []
    open_ = int(item.deadline) > year or (int(item.deadline) == now.year and now.part_year)
    if item.per_year:
        return _yearly(item, said, open_, plan, why)
    if not done:
        return (_under_way(item, now, plan) if open_ else Judged.OVERDUE), why
    if open_ and not countable(item) and now.status is not Status.DONE:
        return Judged.ON_SCHEDULE, [*why, Why.MAY_FALL]
    return Judged.DONE, [*why, *_late(item, said, plan)]


def _last_year(item: Commitment, year: int) -> int:
    """The last year whose report counts: a yearly promise ends with its deadline."""
    return min(year, int(item.deadline)) if item.per_year else year


def _known(statuses: pd.DataFrame, year: int, day: str) -> dict[str, tuple[Said, ...]]:
    """By commitment the latest known report of each year up to the evaluated one."""
    reports: dict[str, dict[int, Said]] = {}
    for row in sorted(statuses.to_dict("records"), key=lambda r: str(r["reported"])):
        if row["year"] <= year and (not day or row["reported"] <= day):
            figure = None if math.isnan(row["figure"]) else float(row["figure"])
            status, when = Status(row["status"]), int(row["year"])
            said = Said(status, figure, when, str(row["reported"]), row)  # type: ignore[arg-type]
            reports.setdefault(str(row["id"]), {})[when] = said
    return {key: tuple(years[y] for y in sorted(years)) for key, years in reports.items()}


def _done(item: Commitment, said: Said, plan: Plan) -> bool:
    """The figure decides where there is one, else the word."""
    if said.figure is None:
        return said.status is Status.DONE
    return met(item, said.figure, about=plan.parameters["about_tolerance"])


def _yearly(
    item: Commitment, said: Sequence[Said], open_: bool, plan: Plan, why: Sequence[Why]
) -> tuple[Judged, list[Why]]:
    """A promise for each year: the last year decides while it runs, every year at its end."""
    now, done = said[-1], [_done(item, s, plan) for s in said]
    out = list(why)
    if not all(done[:-1]):
        out.append(Why.YEARS_MISSED)
    if len(said) < now.year - plan.base_year:
        out.append(Why.YEARS_UNREPORTED)
    if not open_:
        return (Judged.DONE if all(done) else Judged.OVERDUE), out
    if done[-1]:
        return Judged.ON_SCHEDULE, out
    word = _under_way(item, now, plan)
    whole = now.figure is not None and not now.part_year
    return (Judged.BEHIND if whole and word is not Judged.NOT_STARTED else word), out


def _before_deadline(item: Commitment, said: Said, year: int) -> bool:
    """Whether the deadline is past and the report does not speak of its end."""
    deadline = int(item.deadline)
    running = deadline == year == said.year and said.part_year
    return deadline <= year and said.moment < deadline and not running


def _under_way(item: Commitment, said: Said, plan: Plan) -> Judged:
    """Not done and not yet due: on schedule by the figure's pace, else by the word."""
    if said.status is Status.NOT_STARTED and not (said.figure and countable(item)):
        return Judged.NOT_STARTED
    pace = _pace(item, said, plan)
    if not math.isnan(pace):
        return Judged.ON_SCHEDULE if pace >= plan.parameters["on_track"] else Judged.BEHIND
    return Judged.BEHIND if said.status is Status.BEHIND else Judged.ON_SCHEDULE


def _late(item: Commitment, said: Sequence[Said], plan: Plan) -> list[Why]:
    """Done after its deadline, when a report of the deadline's year said it was not."""
    then = [s for s in said[:-1] if s.year == int(item.deadline) and not s.part_year]
    return [Why.LATE] if then and not _done(item, then[-1], plan) else []


def _share(item: Commitment, said: Said) -> float:
    return math.nan if said.figure is None or not countable(item) else said.figure / item.value


def _elapsed(item: Commitment, said: Said, plan: Plan) -> float:
    """Share of the time to the deadline that had gone; of the year, for a yearly promise."""
    if item.per_year:
        return said.moment - (said.year - 1)
    return min(1.0, (said.moment - plan.base_year) / (int(item.deadline) - plan.base_year))


def _pace(item: Commitment, said: Said, plan: Plan) -> float:
    elapsed = _elapsed(item, said, plan)
    return _share(item, said) / elapsed if elapsed > 0 else math.nan


def _clashes(
    item: Commitment, said: Sequence[Said], judged: Judged, plan: Plan
) -> Iterator[Clash]:  # fmt: skip
    now, about = said[-1], plan.parameters["about_tolerance"]
    done, adds = _done(item, now, plan), countable(item) and not item.per_year
    if contradiction(now.status, now.figure, item, about=about):
        short = now.status is Status.DONE
        yield Clash.DONE_BUT_SHORT if short else Clash.NOT_STARTED_BUT_FIGURE
    elif done and adds and now.status is not Status.DONE:
        yield Clash.MET_BUT_NOT_DONE
    elif now.status is Status.BEHIND and judged is Judged.ON_SCHEDULE:
        yield Clash.BEHIND_BUT_ON_PACE
    before = [s for s in said[:-1] if s.figure is not None]
    if adds and before and now.figure is not None and now.figure < (before[-1].figure or 0.0):
        yield Clash.FIGURE_FELL
    if adds and not done and any(s.status is Status.DONE for s in said[:-1]):
        yield Clash.NO_LONGER_DONE


def _row(
    item: Commitment, said: Sequence[Said], plan: Plan, year: int, day: str
) -> dict[str, object]:  # fmt: skip
    said = [s for s in said if s.year <= _last_year(item, year)]
    judged, why = judge(item, said, plan=plan, year=year)
    deadline = int(item.deadline)
    due = Due.PAST if deadline < year else Due.NOW if deadline == year else Due.LATER
    clashes = _clashes(item, said, judged, plan) if said else ()
    return {
        "plan": plan.id, "year": year, "as_of": day, "target": target_text(item), "due": due.value,
        **{k: getattr(item, k) for k in ("id", "where", "what", "comparator", "value", "unit",
                                         "per_year", "deadline", "line", "quote")},
        "department": plan.default_department, "judged": judged.value,
        "reason": ";".join(why), "contradiction": ";".join(clashes),
        "years_reported": len(said), "years_met": sum(_done(item, s, plan) for s in said),
        **(_reported(item, said[-1], plan) if said else UNREPORTED),
    }  # fmt: skip


def _reported(item: Commitment, said: Said, plan: Plan) -> dict[str, object]:
    """The columns that repeat the report, and how far it is."""
    return {
        "status": said.status.value, "status_year": said.year, "reported": said.reported,
        "figure": math.nan if said.figure is None else said.figure,
        "source": f"{said.row['file']}!{said.row['cell']}",
        "simulated": bool(said.row["simulated"]), **{name: said.row[name] for name in WORDS},
        "share": _share(item, said), "elapsed": _elapsed(item, said, plan),
        "pace": _pace(item, said, plan),
    }  # fmt: skip
