"""A home of one's own in a folder: a small plan of another province, its figures, its register."""

from __future__ import annotations

from pathlib import Path

PLAN = "hn-jy-13"
REGION = "430000"
TEXT = """专栏1 “十三五”时期主要指标完成情况
序号\t指标\t单位\t2015年基期数\t2020年目标值\t2020年完成值\t指标属性
1\t城镇新增就业人数\t万人\t[380]\t[350]\t{jobs}\t预期性
2\t单位产值能耗增长率\t%\t—\t[-17]\t{energy}\t约束性
3\t城镇登记失业率\t%\t4.1\t4.5以内\t{rate}\t预期性
"""
ITEMS = {"1": ("城镇新增就业人数", "up", ""), "2": ("单位产值能耗增长率", "down", "kind: rate"),
         "3": ("城镇登记失业率", "down", "")}  # fmt: skip
HEADER = "region_code,region,indicator,year,period,value,unit,published,source,access\n"


def own_home(
    folder: Path,
    *,
    jobs: str = "382.5",
    energy: str = "-18.6",
    rate: str = "2.7",
    figures: str = "",
) -> Path:
    """Write the home; results of the plan's table as given, figures as lines of CSV."""
    raw = folder / "data" / "raw"
    place = raw / "plans" / PLAN
    place.mkdir(parents=True)
    (raw / "observations").mkdir()
    (place / "plan.txt").write_text(TEXT.format(jobs=jobs, energy=energy, rate=rate), "utf-8")
    items = "".join(
        f'  "{no}":\n    name: {name}\n    name_en: Indicator {no}\n    direction: {way}\n'
        f"    scale: linear\n" + (f"    {more}\n" if more else "")
        for no, (name, way, more) in ITEMS.items()
    )
    (place / "plan.yml").write_text(
        f"id: {PLAN}\ntitle: 湖南省就业促进“十三五”规划\ntitle_en: Employment plan of Hunan\n"
        f'document: 湘政办发〔2016〕1号\nissued: 2021-03-01\nregion: "{REGION}"\n'
        "region_name: 湖南省\ntext: plan.txt\ntable: 专栏1\nbase_year: 2015\ntarget_year: 2020\n"
        f"default_department: 省人力资源社会保障厅\nindicators:\n{items}",
        "utf-8",
    )
    (raw / "regions.csv").write_text(
        "code,name,parent,level,row,column\n430000,湖南省,,province,,\n440000,广东省,,province,,\n",
        "utf-8",
    )
    (raw / "observations" / "own.csv").write_text(HEADER + figures, "utf-8")
    (raw / "series.yml").write_text("series: {}\n", "utf-8")
    return folder
