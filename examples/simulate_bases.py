"""Write the cities' simulated figures of the base year, which a breakdown of targets starts from.

Nothing in it is real: the province's printed bases are shared out as in simulate.py, with the
same lasting noise, so that a city's base fits its later years.

    python examples/simulate_bases.py           writes examples/observations/bases.csv
    python examples/simulate_bases.py --check   exits 1 when the file differs
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from simulate import CITIES, COLUMNS, INDICATORS, MARK, SEED, Count, count_cities, share_cities

OUTPUT = Path(__file__).parent / "observations" / "bases.csv"
YEAR, PUBLISHED = 2020, "2021-03-01"
# The bases as the plan prints them; five-year sums start from nothing and have none.
BASES = {
    "城镇调查失业率": "5.45", "城镇登记失业率": "2.6", "基本养老保险参保率": "90.0",
    "基本医疗保险参保率": "95.0", "失业保险参保人数": "3603", "工伤保险参保人数": "3867",
    "补充养老保险基金规模": "2126", "职工基本医疗保险政策范围内住院费用基金支付比例": "85.2",
    "城乡居民基本医疗保险政策范围内住院费用基金支付比例": "70.0",
    "博士后研究人员年招收数": "4215", "技工院校年招生人数": "19.9",
    "劳动人事争议调解成功率": "74.43", "劳动人事争议仲裁结案率": "96.45",
    "劳动保障监察举报投诉案件结案率": "99.8", "社会保障卡持卡人数": "11428",
    "申领电子社保卡人口覆盖率": "34.3",
}  # fmt: skip


def rows() -> Iterator[tuple[str, ...]]:
    """Every city's base of every indicator that has one."""
    for no, item in enumerate(INDICATORS, 1):
        if item.name not in BASES:
            continue
        generator = np.random.PCG64([SEED, no])
        single = replace(item, values=(BASES[item.name],))
        if isinstance(single, Count):
            unit, [values] = single.unit, count_cities(single, generator)
        else:
            unit, values = "%", _shares(single, generator)
        for city, value in zip(CITIES, values, strict=True):
            yield (
                city.code, city.name, item.name, str(YEAR), item.period, value, unit, "exact",
                PUBLISHED, f"{city.name}{YEAR}年模拟公报（{MARK}）", "", "direct", MARK, "true",
            )  # fmt: skip


def _shares(item, generator: np.random.PCG64) -> list[str]:
    # share_cities walks through YEARS: the one base stands for every year, the first is taken.
    return share_cities(replace(item, values=item.values * 5, story=()), generator)[0]


def render() -> bytes:
    """The file as bytes: UTF-8, one line per figure, line feeds."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows())
    return text.getvalue().encode("utf-8")


def main(arguments: Sequence[str]) -> int:
    """Write the file, or with ``--check`` compare it."""
    made = render()
    if "--check" in arguments:
        return int(not OUTPUT.is_file() or OUTPUT.read_bytes() != made)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_bytes(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
