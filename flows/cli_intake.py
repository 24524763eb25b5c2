"""Commands about what came in: what several sources say of one item, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.show import messages, screen, show_json

SHOWN = 50
Home = Annotated[Path | None, typer.Option(help="数据仓库文件夹 / folder of the warehouse", envvar="JUNHENG_HOME")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / for machines")]


def compare(
    county: Annotated[str | None, typer.Option(help="县区代码 / county code")] = None,
    year: Annotated[int | None, typer.Option(help="统计年度 / year")] = None,
    everything: Annotated[bool, typer.Option("--all", help="一致的也列出 / those that agree, too")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="写成工作簿 / workbook to write")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """三值对照：现场核查、学校填报、统计、申报各是多少，采用哪一个 / what each source says, side by side."""
    from transforms import set_beside
    from warehouse import store

    with store.connect(store.home(home), read_only=True) as con:
        found = set_beside.rows(con, county, year)
    listed = [row for row in found if everything or not row["agrees"]]
    if output is not None:
        screen.print(str(set_beside.write(output, listed)))
    elif as_json:
        show_json(listed)
    else:
        _show(listed)
    differ = sum(not row["agrees"] for row in found)
    messages.print(
        f"{len(found)} 项有两个以上来源，{differ} 项不一致 / {len(found)} items with several sources, {differ} differ"
    )


def _show(listed: list[dict]) -> None:
    """Print a table with a column a source."""
    from rich.table import Table

    from transforms import set_beside

    spoken = {code: name for code, name in set_beside.sources().items() if any(code in row["values"] for row in listed)}
    table = Table(title="三值对照 / sources side by side")
    for head in ("年度", "学校", "项目", *spoken.values(), "采用"):
        table.add_column(head, overflow="fold")
    for row in listed[:SHOWN]:
        title, item = set_beside.labels(row)
        school = f"{row['school_name'] or ''} {row['school_code'] or row['county_code']}".strip()
        values = (row["values"].get(code, "—") for code in spoken)
        used = spoken.get(row["used"], "—")
        table.add_row(str(row["stat_year"]), school, f"{title} {row['row_key']} {item}", *values, used)
    screen.print(table)
    if len(listed) > SHOWN:
        screen.print(f"… 另有 {len(listed) - SHOWN} 项，用 -o 写成工作簿 / and more, write them with -o")
