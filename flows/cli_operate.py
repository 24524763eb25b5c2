"""Commands for whoever runs the pipeline: what ran, what is in order here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.show import screen, show_json

Home = Annotated[Path | None, typer.Option(help="数据仓库文件夹 / folder of the warehouse", envvar="JUNHENG_HOME")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / for machines")]


def runs(
    run_id: Annotated[str | None, typer.Argument(help="运行编号：看它的经过 / a run, to see its events")] = None,
    limit: Annotated[int, typer.Option(help="最近几次 / how many")] = 20,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """运行记录：何时、做了什么、结果如何 / what ran, when, and what came of it."""
    from rich.table import Table

    from flows import log
    from warehouse import store

    folder = store.home(home)
    if run_id:
        events = log.read(folder, run_id)
        if not events:
            raise LookupError(f"没有这次运行的记录：{run_id} / no log of this run")
        show_json(events) if as_json else [screen.print(log.words(one), markup=False) for one in events]
        return
    with store.connect(folder, read_only=True) as con:
        rows = store.runs(con, limit)
    if as_json:
        show_json(rows)
        return
    table = Table(title="运行记录 / runs")
    for head in ("运行", "命令", "开始", "结束", "结果", "发布版"):
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*("—" if value is None else str(value).split(".")[0] for value in row.values()))
    screen.print(table)


def doctor(home: Home = None, as_json: AsJson = False) -> None:
    """检查这台机器：每一行给出情况和办法 / what is in order on this machine, and what to do where it is not."""
    from flows import examine
    from warehouse import store

    found = examine.examine(store.home(home))
    if as_json:
        show_json([one.__dict__ for one in found])
    else:
        colours = {"ok": "green", "note": "yellow", "fault": "red"}
        words = {"ok": "正常", "note": "注意", "fault": "有问题"}
        for one in found:
            screen.print(f"[{colours[one.state]}]{words[one.state]}[/] {one.what}：", end="")
            screen.print(f"{one.seen}{'。' + one.advice if one.advice else ''}", markup=False)
    raise typer.Exit(1 if any(one.state == "fault" for one in found) else 0)
