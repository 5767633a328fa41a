"""Write the simulated example: five years, 25 indicators, the province and its 21 cities.

Nothing in it is real. Province values are typed below as a story; city values are shared out
by invented weights and seeded noise. Every row is marked. All arithmetic is on whole numbers
of the last printed digit, and the noise is the raw stream of PCG64, so the bytes are the same
on every platform and numpy version.

    python examples/simulate.py           writes examples/observations/simulated.csv
    python examples/simulate.py --check   exits 1 when the file differs from what it would write
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

SEED = 20211118
MARK = "示例数据，非真实"
YEARS = (2021, 2022, 2023, 2024, 2025)
OUTPUT = Path(__file__).parent / "observations" / "simulated.csv"
COLUMNS = (
    "region_code", "region", "indicator", "year", "period", "value", "unit", "bound",
    "published", "source", "url", "access", "note", "simulated",
)  # fmt: skip
PROVINCE = ("440000", "广东省")


@dataclass(frozen=True, slots=True)
class City:
    """A city with its invented size (万人) and tier, the only weights the example uses."""

    code: str
    name: str
    population: int
    tier: int


# Sizes are round numbers of about the right magnitude, not statistics.
CITIES = (
    City("440100", "广州市", 1880, 0), City("440200", "韶关市", 285, 2),
    City("440300", "深圳市", 1770, 0), City("440400", "珠海市", 250, 1),
    City("440500", "汕头市", 550, 2), City("440600", "佛山市", 960, 1),
    City("440700", "江门市", 480, 1), City("440800", "湛江市", 705, 2),
    City("440900", "茂名市", 625, 2), City("441200", "肇庆市", 410, 2),
    City("441300", "惠州市", 610, 1), City("441400", "梅州市", 385, 2),
    City("441500", "汕尾市", 270, 2), City("441600", "河源市", 285, 2),
    City("441700", "阳江市", 260, 2), City("441800", "清远市", 400, 2),
    City("441900", "东莞市", 1050, 1), City("442000", "中山市", 445, 1),
    City("445100", "潮州市", 255, 2), City("445200", "揭阳市", 560, 2),
    City("445300", "云浮市", 240, 2),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Count:
    """Something that adds up: cities share the province's figure exactly.

    ``tiers`` multiplies the population weight of hubs, delta cities and the rest; ``spread``
    and ``yearly`` are the noise of a city's share in thousandths, lasting and year by year.
    """

    name: str
    unit: str
    period: str
    values: tuple[str, ...]
    decimals: int
    tiers: tuple[int, int, int] = (10, 10, 10)
    spread: int = 60
    yearly: int = 15


@dataclass(frozen=True, slots=True)
class Share:
    """A percentage: cities scatter around the province, whose figure is their weighted mean.

    ``spread`` and ``yearly`` are the largest deviations in the last printed digit;
    ``tiers`` shifts whole tiers by as much; ``story`` shifts one city in one year.
    """

    name: str
    period: str
    values: tuple[str, ...]
    spread: int
    yearly: int
    tiers: tuple[int, int, int] = (0, 0, 0)
    story: tuple[tuple[str, int, int], ...] = ()


FLOW, STOCK = "annual", "year_end"

# In the order of the plan's table. At the end of 2023, with time at 60 %: 9, 15 and 20 lag,
# 11 falls out of its band, 8, 14, 18, 19 and 25 are ahead, 6 and 16 are met early; 汕尾市
# breaks the floor of 21. At the end of 2025: 3, 8, 13, 14, 18, 19, 21 and 22 are exceeded, 9 is
# short by a hair, 15 and 20 are missed.
INDICATORS: tuple[Count | Share, ...] = (
    Count("城镇新增就业人数", "万人", FLOW,
          ("115.2", "112.8", "113.9", "111.6", "110.4"), 2, (12, 11, 8)),
    Share("城镇调查失业率", FLOW, ("5.3", "5.6", "5.4", "5.2", "5.1"), 4, 1),
    Share("城镇登记失业率", STOCK, ("2.5", "2.6", "2.5", "2.4", "2.4"), 3, 1),
    Share("基本养老保险参保率", STOCK, ("91.2", "92.1", "93.0", "94.1", "95.2"), 15, 2),
    Share("基本医疗保险参保率", STOCK, ("96.2", "96.5", "96.4", "96.8", "96.9"), 9, 2),
    Count("失业保险参保人数", "万人", STOCK,
          ("3655", "3702", "3748", "3790", "3826"), 1, (16, 11, 5), 50, 2),
    Count("工伤保险参保人数", "万人", STOCK,
          ("3885", "3902", "3918", "3936", "3958"), 1, (15, 12, 5), 50, 2),
    Count("城乡居民基本养老保险基金委托投资资金总额", "亿元", FLOW,
          ("24.0", "25.5", "26.0", "18.5", "14.0"), 2, (8, 9, 12)),
    Count("补充养老保险基金规模", "亿元", STOCK,
          ("2268", "2431", "2610", "3020", "3462"), 1, (30, 10, 4), 50, 4),
    Share("职工基本医疗保险政策范围内住院费用基金支付比例", STOCK,
          ("85.4", "85.1", "85.0", "85.3", "85.6"), 6, 1),
    Share("城乡居民基本医疗保险政策范围内住院费用基金支付比例", STOCK,
          ("69.6", "69.2", "68.7", "69.3", "69.7"), 6, 1),
    Count("新增取得专业技术人员职业资格证书人数", "万人", FLOW,
          ("19.0", "19.6", "22.4", "21.7", "21.3"), 2, (18, 10, 5)),
    Count("博士后研究人员年招收数", "人", FLOW,
          ("4380", "4460", "4610", "4725", "4880"), 0, (40, 4, 1), 50, 30),
    Count("新增取得职业资格证书或职业技能等级证书人数", "万人次", FLOW,
          ("56.2", "61.5", "74.8", "70.3", "66.0"), 2, (12, 11, 8)),
    Count("新增取得高级工以上职业资格证书或职业技能等级证书人数", "万人次", FLOW,
          ("12.1", "14.6", "17.0", "20.8", "23.5"), 2, (13, 11, 7)),
    Count("技工院校年招生人数", "万人", FLOW,
          ("20.1", "20.6", "21.0", "20.8", "20.7"), 2, (14, 11, 8)),
    Count("开展补贴性职业技能培训人次", "万人次", FLOW,
          ("148.0", "141.5", "136.8", "139.6", "143.2"), 2, (9, 10, 11)),
    Count("农民工参加职业培训人次", "万人次", FLOW,
          ("22.5", "21.9", "23.0", "20.7", "19.9"), 2, (10, 12, 9)),
    Count("“粤菜师傅”培训人次", "万人次", FLOW,
          ("4.6", "4.4", "4.5", "4.1", "3.9"), 2, (7, 10, 12)),
    Count("“南粤家政”培训人次", "万人次", FLOW,
          ("15.2", "17.0", "18.4", "24.6", "27.3"), 2, (9, 10, 11)),
    Share("劳动人事争议调解成功率", STOCK,
          ("74.92", "73.85", "73.16", "74.08", "75.61"), 400, 60,
          story=(("441500", 2023, -2000),)),
    Share("劳动人事争议仲裁结案率", STOCK,
          ("96.82", "96.31", "95.94", "96.27", "96.58"), 180, 30),
    Share("劳动保障监察举报投诉案件结案率", STOCK,
          ("99.6", "99.4", "99.5", "99.6", "99.7"), 2, 1),
    Count("社会保障卡持卡人数", "万人", STOCK,
          ("11605", "11790", "11960", "12110", "12340"), 1, (10, 10, 10), 12, 0),
    Share("申领电子社保卡人口覆盖率", STOCK,
          ("45.2", "56.8", "66.1", "72.4", "77.0"), 30, 4, (40, 10, -30)),
)  # fmt: skip


def noise(generator: np.random.PCG64, size: int, largest: int) -> list[int]:
    """Whole numbers from -largest to largest, from the raw stream.

    >>> [abs(x) <= 3 for x in noise(np.random.PCG64(1), 2, 3)]
    [True, True]
    """
    raw = np.atleast_1d(generator.random_raw(size))
    return [int(x) % (2 * largest + 1) - largest for x in raw]


def shared_out(total: int, weights: Sequence[int]) -> list[int]:
    """A whole number in proportion to weights, the largest remainders rounded up.

    >>> shared_out(10, [1, 1, 1])
    [4, 3, 3]
    """
    whole = sum(weights)
    parts = [total * w // whole for w in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    short = total - sum(parts)
    return [part + (i in order[:short]) for i, part in enumerate(parts)]


def in_units(text: str, decimals: int) -> int:
    """A printed figure as a whole number of its last digit.

    >>> in_units("115.2", 2)
    11520
    """
    before, _, after = text.partition(".")
    return int(before + after.ljust(decimals, "0"))


def printed(units: int, decimals: int) -> str:
    """The inverse of :func:`in_units`.

    >>> printed(9, 2)
    '0.09'
    """
    digits = str(units).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits


def count_cities(item: Count, generator: np.random.PCG64) -> list[list[str]]:
    """City figures of a count, one list per year, each adding up to the province."""
    lasting = noise(generator, len(CITIES), item.spread)
    years = []
    for value in item.values:
        moving = noise(generator, len(CITIES), item.yearly)
        weights = [
            city.population * item.tiers[city.tier] * (1000 + a + b)
            for city, a, b in zip(CITIES, lasting, moving, strict=True)
        ]
        units = shared_out(in_units(value, item.decimals), weights)
        years.append([printed(u, item.decimals) for u in units])
    return years


def share_cities(item: Share, generator: np.random.PCG64) -> list[list[str]]:
    """City figures of a percentage, one list per year, scattered around the province."""
    decimals = len(item.values[0].partition(".")[2])
    lasting = noise(generator, len(CITIES), item.spread)
    years = []
    for year, value in zip(YEARS, item.values, strict=True):
        moving = noise(generator, len(CITIES), item.yearly)
        extra = {code: shift for code, when, shift in item.story if when == year}
        shifts = [
            a + b + item.tiers[city.tier] + extra.get(city.code, 0)
            for city, a, b in zip(CITIES, lasting, moving, strict=True)
        ]
        middle = in_units(value, decimals) - _mean(shifts)
        top = 100 * 10**decimals
        years.append([printed(min(max(middle + s, 0), top), decimals) for s in shifts])
    return years


def _mean(shifts: Sequence[int]) -> int:
    """Mean by population, rounded to a whole number."""
    total = sum(city.population for city in CITIES)
    weighted = sum(s * city.population for s, city in zip(shifts, CITIES, strict=True))
    return (2 * weighted + total) // (2 * total)


def publication_days() -> dict[tuple[str, int], date]:
    """Day on which a region's figures of a year are said to appear: mid-January to February."""
    generator = np.random.PCG64([SEED, 0])
    codes = [PROVINCE[0], *(city.code for city in CITIES)]
    keys = [(code, year) for code in codes for year in YEARS]
    shifts = noise(generator, len(keys), 20)
    return {
        key: date(key[1] + 1, 2, 4) + timedelta(days=shift)
        for key, shift in zip(keys, shifts, strict=True)
    }


def rows() -> Iterator[tuple[str, ...]]:
    """Every row of the example, the province first, then city by city."""
    days = publication_days()
    regions = [PROVINCE, *((city.code, city.name) for city in CITIES)]
    tables = [_by_region(no, item) for no, item in enumerate(INDICATORS, 1)]
    for place, (code, name) in enumerate(regions):
        for item, table in zip(INDICATORS, tables, strict=True):
            for year, values in zip(YEARS, table, strict=True):
                unit = item.unit if isinstance(item, Count) else "%"
                yield (
                    code, name, item.name, str(year), item.period, values[place], unit, "exact",
                    days[code, year].isoformat(), f"{name}{year}年模拟公报（{MARK}）", "",
                    "direct", MARK, "true",
                )  # fmt: skip


def _by_region(no: int, item: Count | Share) -> list[list[str]]:
    # One stream per indicator: a change of one leaves the others' bytes alone.
    generator = np.random.PCG64([SEED, no])
    if isinstance(item, Count):
        cities = count_cities(item, generator)
    else:
        cities = share_cities(item, generator)
    return [[value, *row] for value, row in zip(item.values, cities, strict=True)]


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
