"""``gdplan allocate``: provincial targets to cities and years, as table, form and plans."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gdplan.regions.allocation.breakdown import Breakdown


def allocate_command(
    plan: Annotated[str, typer.Option(help="规划编号或文件夹")] = "gd-hrss-14",
    rules: Annotated[
        Path | None, typer.Option(help="分解规则 allocation.yml；默认在规划文件夹中")
    ] = None,
    observations: Annotated[
        list[Path] | None, typer.Option(help="权重和基期数所在的数据文件或文件夹，可多个")
    ] = None,
    negotiated: Annotated[
        Path | None, typer.Option(help="协商后的 allocation.xlsx：按其中的协商目标生成")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="输出文件夹，须不存在；默认 allocation/规划编号")
    ] = None,
) -> None:
    """把全省目标分解到各市、各年，合计精确。Break targets down to cities and years."""
    from gdplan.observations.read import read_observations
    from gdplan.plans.load import load_plan
    from gdplan.regions.allocation import breakdown, city_plans
    from gdplan.regions.allocation import form_read as allocation_form_read
    from gdplan.regions.allocation import form_write as allocation_form_write
    from gdplan.regions.allocation import rules_file as allocation_rules

    the_plan = load_plan(plan)
    home = Path(the_plan.files[0]).parent
    spec, document = allocation_rules.read_allocation(rules or home, the_plan)
    frame = read_observations(list(observations) if observations else None, the_plan)
    made = breakdown.break_down(the_plan, spec, document, frame)
    if negotiated is not None:
        made = allocation_form_read.negotiated(negotiated, made)
    form = {"allocation.xlsx": allocation_form_write.workbook(made)}
    folder = city_plans.write(made, form, out or Path("allocation") / the_plan.id)
    for line in lines(made):
        print(line)
    print(folder)


def lines(made: Breakdown) -> Iterator[str]:
    """What was broken down, what was not and why, what the cities' plans still lack."""
    from collections import Counter

    words = {
        "share": "按权重分配",
        "increment": "按权重分配增量",
        "solve": "按加权平均求解",
        "copy": "照搬",
    }
    counts = Counter[str](item.rule.method for item in made.items)
    done = "、".join(f"{word}{counts[m]}项" for m, word in words.items() if counts[m])
    yield f"{made.plan.id}：{len(made.regions)}个地区，{done}，不分解{len(made.left_out)}项"
    for item, reason in made.left_out:
        yield f"不分解：{item.no} {item.name}（{reason}）"
    for name, n in made.missing_bases().items():
        yield f"缺基期数：{name}，{n}个地区没有{made.plan.base_year}年的数；规划表中记为 —"
    if made.simulated:
        from gdplan.regions.allocation.breakdown import MARK

        yield f"权重或基期数为模拟数：{MARK}"
