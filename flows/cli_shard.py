"""`junheng export-inputs`: a province's accepted inputs as files that the nation's warehouse takes in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.show import messages, screen, show_json

Home = Annotated[Path | None, typer.Option(help="数据仓库文件夹 / folder of the warehouse", envvar="JUNHENG_HOME")]


def export_inputs(
    output: Annotated[Path, typer.Option("-o", "--output", help="写到哪里，可作另一仓库的收件夹 / where to")],
    name: Annotated[str, typer.Option(help="本份数据的名称，如省份代码 51 / name of the shard")],
    year: Annotated[list[int] | None, typer.Option(help="只取这些年度，默认全部 / these years only")] = None,
    county: Annotated[list[str] | None, typer.Option(help="只取这些县区 / these counties only")] = None,
    home: Home = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for machines")] = False,
) -> None:
    """把已接收的数据导出为规范 Parquet：各省一份，合在一个收件夹即为全国 / accepted inputs as canonical Parquet."""
    from transforms import export_inputs as exporting
    from warehouse import store

    if not name or name != Path(name).name or name.startswith("."):
        raise typer.BadParameter("--name 是一个文件夹名 / is the name of a folder")
    exported = exporting.write(store.home(home), output, name, year or (), county or ())
    if as_json:
        show_json({"files": [str(one) for one in exported.files], "rows": exported.rows, "left_out": exported.left_out})
        return
    screen.print(f"{output}：{len(exported.files)} 个文件，{sum(exported.rows.values()):,} 行 / files, rows")
    for code, stat_year, why in exported.left_out:
        messages.print(f"[yellow]未导出 / left out[/yellow] {code} {stat_year} {why}")
