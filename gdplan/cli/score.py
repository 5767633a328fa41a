"""``gdplan score``: the comprehensive assessment of the cities as tables and on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def score_command(
    year: Annotated[int, typer.Option(help="考核年份")],
    plan: Annotated[str, typer.Option(help="规划编号或文件夹")] = "gd-hrss-14",
    rules: Annotated[
        Path | None, typer.Option(help="考核规则 composite.yml；默认在规划文件夹中")
    ] = None,
    plans: Annotated[
        Path | None, typer.Option(help="各市规划所在文件夹（gdplan allocate 的 plans）")
    ] = None,
    observations: Annotated[
        list[Path] | None, typer.Option(help="数据文件或文件夹，可多个")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="数据时点 YYYY-MM-DD")] = None,
    out: Annotated[Path, typer.Option(help="结果所在文件夹")] = Path("scores"),
    force: Annotated[bool, typer.Option("--force", help="替换已有的同名结果")] = False,
) -> None:
    """各市综合考核：得分、名次和名次区间。Composite scores of the cities, with rank intervals."""
    from gdplan.files.run_folder import refuse_existing, write_folder
    from gdplan.observations.read import read_observations
    from gdplan.plans.load import load_plan
    from gdplan.regions.composite import rules_file as score_rules
    from gdplan.regions.composite import scorecard
    from gdplan.regions.composite import section as league_section

    the_plan = load_plan(plan)
    spec = score_rules.read_composite(rules or Path(the_plan.files[0]).parent, the_plan)
    frame = read_observations(list(observations) if observations else None, the_plan)
    cities = scorecard.city_plans(the_plan, plans)
    card = scorecard.scorecard(the_plan, cities, frame, spec, year=year, as_of=as_of)
    name = f"{the_plan.id}-{year}"
    refuse_existing(out / name, force=force)
    tables = {"scores": card.scores, "parts": card.parts, "ranks": card.ranks}
    texts = {key: table.to_csv(index=False, lineterminator="\n") for key, table in tables.items()}
    files = {f"{key}.csv": text.encode("utf-8-sig") for key, text in texts.items()}
    write_folder(files, out, name)
    for line in league_section.lines(card, spec.decimals):
        print(line)
    if card.without:
        print(f"没有规划的市：{'、'.join(card.without)}")
    if card.scores["simulated"].any():
        print("示例数据，非真实")
    print(out / name)
