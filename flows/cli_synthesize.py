"""The command that writes made-up inputs, from a county to a nation."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from flows.show import messages, screen


class Size(enum.StrEnum):
    """How much is made up."""

    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"
    NATION = "nation"


class Form(enum.StrEnum):
    """What kind of files."""

    CSV = "csv"
    PARQUET = "parquet"


def synthesize(
    output: Annotated[Path, typer.Option("-o", "--output", help="写到这个收件夹 / inbox to write to")],
    size: Annotated[Size, typer.Option(help="规模 / how much")] = Size.COUNTY,
    years: Annotated[tuple[int, int], typer.Option(help="起止年度 / first and last year")] = (2023, 2023),
    form: Annotated[Form, typer.Option("--format", help="文件格式 / format")] = Form.CSV,
    seed: Annotated[int, typer.Option(help="随机种子，相同则文件相同 / the same seed gives the same files")] = 1,
    defects: Annotated[
        float, typer.Option(min=0, max=1, help="有错误单元格的县区所占比例 / part of the counties with spoilt cells")
    ] = 0.0,
) -> None:
    """编造一县、一市、一省或全国的规范数据表(每行标明合成) / made-up plain tables, every row marked as synthetic."""
    from transforms.synthesize import nation

    first, last = years
    if last < first:
        raise typer.BadParameter("结束年度早于起始年度 / the last year is before the first")
    span = range(first, last + 1)
    if messages.is_terminal:
        with messages.status("编造 …") as status:
            rows = nation.write(
                output, nation.SIZES[size], span, form, seed, defects, lambda place: status.update(f"编造 {place} …")
            )
    else:
        rows = nation.write(output, nation.SIZES[size], span, form, seed, defects)
    for name, count in rows.items():
        screen.print(f"{name} {count:,}", markup=False)
    screen.print(f"合成数据 / synthetic: {output}", markup=False)
