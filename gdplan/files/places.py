"""Where plans, figures and notebooks lie: the source checkout, an own folder, or the wheel."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from gdplan.files import register
from gdplan.files.csv_table import from_csv
from gdplan.problems import Problem, ProblemError, refuse

PACKAGE = Path(__file__).resolve().parents[1]


def home() -> Path:
    """Folder that holds ``data/`` and ``notebooks/``.

    ``GDPLAN_HOME`` when set, else the source checkout around the package, else the copies the
    wheel carries.

    Raises
    ------
    ProblemError
        When ``GDPLAN_HOME`` names a folder without ``data/raw``.
    """
    own = os.environ.get("GDPLAN_HOME")
    if own:
        path = Path(own).expanduser()
        if not (path / "data" / "raw").is_dir():
            raise ProblemError.of("no_home", "GDPLAN_HOME", "该文件夹中没有 data/raw",
                                  expected="含 data/raw 的文件夹", found=own,
                                  fix="改正或取消环境变量 GDPLAN_HOME")  # fmt: skip
        return path
    checkout = PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "data" / "raw").is_dir():
        return checkout
    return PACKAGE / "_share"


def data_folder() -> Path:
    """The folder with ``raw/`` and ``processed/``."""
    return home() / "data"


def regions() -> dict[str, str]:
    """Known regions, code to name: those of data/raw/regions.csv in their order, then every other
    of GB/T 2260 (:mod:`gdplan.files.register`) under its latest name."""
    path = data_folder() / "raw" / "regions.csv"
    state = path.stat()
    return _regions(path, (state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=4)
def _regions(path: Path, _: tuple[int, int]) -> dict[str, str]:
    listed = {row["code"]: row["name"] for row in from_csv(path.read_text("utf-8"))}
    return listed | register.latest_names() | listed


def listed_regions() -> dict[str, str]:
    """Code and name of the regions of data/raw/regions.csv, in its order."""
    return {row["code"]: row["name"] for row in _listed()}


def inside(codes: Any, *regions: object) -> Any:
    """Which of a Series of codes lie in one of some regions; the country is its own region only,
    since provinces have plans of their own.

    Examples
    --------
    >>> import pandas as pd
    >>> list(inside(pd.Series(["440100", "430000", "000000"]), "440000"))
    [True, False, False]
    """
    stems = tuple(
        region if region == register.COUNTRY else re.sub("(?:00)+$", "", region)
        for region in map(str, regions)
    )  # fmt: skip
    return codes.astype(str).str.startswith(stems)


def cities_of(region: str) -> list[str]:
    """Codes of the cities of a province, or of what else data/raw/regions.csv lists below a region,
    in its order; for a province without any there, its cities of today in GB/T 2260."""
    listed = [row["code"] for row in _listed() if row["parent"] == region]
    province = region.endswith("0000") and region != register.COUNTRY
    return listed or (register.below(region) if province else [])


def _listed() -> list[dict[str, str]]:
    return from_csv((data_folder() / "raw" / "regions.csv").read_text("utf-8"))


def tile_places(region: str) -> dict[str, tuple[int, int]]:
    """Row and column of every city of a province in its tile grid, from 1 in the north-west.

    Declared in columns ``row`` and ``column`` of data/raw/regions.csv. Where a province declares
    none its cities stand in a block, in the order of the register.

    Raises
    ------
    ProblemError
        For places that are no whole numbers from 1, that only some cities have, or that two share.
    """
    rows = [(n, r) for n, r in enumerate(_listed(), 2) if r["parent"] == region]
    given = {n: tuple((r.get(k) or "").strip() for k in ("row", "column")) for n, r in rows}
    if not any(any(cells) for cells in given.values()):
        wide = math.ceil(math.sqrt(1.5 * len(rows)))
        return {r["code"]: (i // wide + 1, i % wide + 1) for i, (_, r) in enumerate(rows)}
    problems, taken = [], dict[tuple[str, ...], str]()
    for n, r in rows:
        where, cells = f"regions.csv:{n}（{r['name']}）", given[n]
        if not all(c.isdecimal() and int(c) > 0 for c in cells):
            problems.append(
                Problem("bad_place", where, "图中位置读不出", expected="row、column 为 1 起的整数",
                        found="、".join(cells) or "空", fix="补上或改正这两列")
            )  # fmt: skip
        elif cells in taken:
            problems.append(
                Problem("double_place", where, "图中位置已被占用", expected="每市一格",
                        found=f"{'、'.join(cells)}（{taken[cells]}）", fix="给其中一市换一格")
            )  # fmt: skip
        else:
            taken[cells] = r["name"]
    refuse(problems)
    return {r["code"]: (int(given[n][0]), int(given[n][1])) for n, r in rows}


PUBLISHED = (".docx", ".ods", ".xls", ".xlsx")
"""Files that are read by a spec only."""


UNREADABLE = (".dbf", ".doc", ".et", ".ett", ".numbers", ".pdf", ".tsv", ".wps", ".xlsb", ".xlsm",
              ".xlt", ".xltx")  # fmt: skip
"""Tables in formats that no reader knows: figures in them would be lost without a word."""


def unreadable_files(folder: Path) -> list[Path]:
    """Files of a folder of figures that hold tables and cannot be read."""
    found = (p for p in folder.iterdir() if p.suffix.lower() in UNREADABLE and p.is_file())
    return sorted(p for p in found if not p.name.startswith(("~", ".")))


def figure_files(folder: Path) -> list[Path]:
    """The files of figures in a folder: plain CSV files, published tables, no office locks."""
    kinds = (".csv", *PUBLISHED)
    found = (p for p in folder.iterdir() if p.suffix.lower() in kinds and p.is_file())
    return sorted(p for p in found if not p.name.startswith(("~", ".")))


def plan_ids() -> tuple[str, ...]:
    """Ids of the plans in the data folder, sorted."""
    folder = data_folder() / "raw" / "plans"
    return tuple(sorted(p.parent.name for p in folder.glob("*/plan.yml")))


def plan_names() -> frozenset[str]:
    """Names and aliases of the indicators of every plan in the data folder."""
    folder = data_folder() / "raw" / "plans"
    stamps = tuple((p, p.stat().st_mtime_ns) for p in sorted(folder.glob("*/plan.yml")))
    return _plan_names(stamps)


@lru_cache(maxsize=4)
def _plan_names(files: tuple[tuple[Path, int], ...]) -> frozenset[str]:
    import yaml

    names: set[str] = set()
    for path, _ in files:
        found = yaml.safe_load(path.read_text("utf-8")) or {}
        items = found.get("indicators") if isinstance(found, dict) else None
        for item in (items or {}).values() if isinstance(items, dict) else ():
            if isinstance(item, dict):
                names |= {str(item.get("name", "")), *map(str, item.get("aliases") or ())}
    return frozenset(names - {""})


def located(path: str | Path) -> Path:
    """A path as given, or below the project's home when it is not found from here."""
    given = Path(path)
    return given if given.is_absolute() or given.exists() else home() / given


def notebooks_folder() -> Path:
    """The folder of the report notebooks; an own home may do without one."""
    own = home() / "notebooks"
    if own.is_dir():
        return own
    shipped = PACKAGE.parent / "notebooks"
    return shipped if shipped.is_dir() else PACKAGE / "_share" / "notebooks"


PAGE = "scenarios"
"""The notebook that is a page of sliders and makes no report."""


def notebook(kind: str) -> Path:
    """The notebook of a report kind.

    Raises
    ------
    ProblemError
        Naming the kinds that exist.
    """
    path = notebooks_folder() / f"{kind}.ipynb"
    if not path.is_file() or kind == PAGE:
        names = (p.stem for p in notebooks_folder().glob("*.ipynb"))
        known = "、".join(sorted(name for name in names if name != PAGE))
        fix = "情景推演用 gdplan explore 打开" if kind == PAGE else ""
        raise ProblemError.of("unknown_report", kind, "没有这种报告", known, kind, fix)
    return path


def page_notebook() -> Path:
    """The notebook of the page of sliders; an own home may do without one."""
    own = notebooks_folder() / f"{PAGE}.ipynb"
    shipped = PACKAGE.parent / "notebooks" / f"{PAGE}.ipynb"
    places = (own, shipped, PACKAGE / "_share" / "notebooks" / f"{PAGE}.ipynb")
    return next((p for p in places if p.is_file()), places[-1])


@cache
def texts_of(lang: str) -> Mapping[str, str | tuple[str, ...]]:
    """Fixed texts of a language by dotted key: ``overview.lead``."""
    import yaml

    path = PACKAGE / "page" / "locale" / f"{lang}.yml"
    return dict(
        _flat("", yaml.load(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    )


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}".lstrip("."), inner)
    else:
        yield prefix, tuple(value) if isinstance(value, list) else str(value)
