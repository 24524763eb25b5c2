"""The command `junheng region`: the page of a province or a city over its counties."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.show import screen

Home = Annotated[Path | None, typer.Option(help="数据仓库文件夹 / folder of the warehouse", envvar="JUNHENG_HOME")]


def region(
    code: Annotated[str, typer.Option(help="区划代码：省级2位，地市级4位 / 2 digits a province, 4 a city")],
    year: Annotated[int, typer.Option(help="先显示的统计年度 / the year shown first")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="文件夹，默认 HOME/reports/发布版/地区 / folder")
    ] = None,
    release_id: Annotated[str, typer.Option("--release", help="发布版编号 / release")] = "latest",
    home: Home = None,
) -> None:
    """地区总览：县区×指标、只差一项、未达标最多的指标、县际差异 / a region's counties by item, one page."""
    from transforms.report import write_region_page
    from warehouse import keep, store

    if not (code.isdigit() and len(code) in (2, 4)):
        raise typer.BadParameter("区划代码为2位或4位数字 / two or four digits")
    folder = store.home(home)
    found = keep.find(folder, release_id)
    into = output or folder / "reports" / found / code
    for path in write_region_page.write(folder / "releases" / found, code, year, into):
        screen.print(str(path), markup=False)
