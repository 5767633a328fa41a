"""``gdplan explore``: the page of sliders in a browser."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def explore_command(
    plan: Annotated[str | None, typer.Option(help="规划编号，如 gd-hrss-14")] = None,
    region: Annotated[str | None, typer.Option(help="地区代码，如 440000")] = None,
    year: Annotated[int | None, typer.Option(help="数据截至年份")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="数据时点 YYYY-MM-DD，只用此日前已知数据")
    ] = None,
    observations: Annotated[str | None, typer.Option(help="数据文件或文件夹")] = None,
    lang: Annotated[str | None, typer.Option(help="zh（中文）或 en（英文）")] = None,
    ip: Annotated[str, typer.Option(help="监听地址；默认只限本机")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口；被占用时另选")] = 8866,
    token: Annotated[
        str | None,
        typer.Option(envvar="GDPLAN_TOKEN", help="口令，至少16个字符；默认自动生成"),
    ] = None,
    browser: Annotated[bool, typer.Option(help="启动后打开浏览器")] = True,
) -> None:
    """情景推演网页：拨动增长和冲击，看达标概率。What-if sliders in a browser, this machine only."""
    import secrets

    from gdplan.scenarios import explore_server

    given = {"plan": plan, "region": region, "year": year, "as_of": as_of,
             "observations": observations, "lang": lang}  # fmt: skip
    values = {name: value for name, value in given.items() if value is not None}
    opened = secrets.token_urlsafe(24) if token is None else token
    address = explore_server.Address(ip, port, opened, browser)
    print("正在启动，按 Ctrl+C 结束……", file=sys.stderr, flush=True)
    explore_server.serve(explore_server.PageSpec(values, address), _say)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("explore")(explore_command)


def _say(url: str) -> None:
    print(url, flush=True)
