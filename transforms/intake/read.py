"""Read a file as text cells with coordinates, whatever its format."""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from transforms.intake.land import Landed


class Unreadable(Exception):
    """The file cannot be read; the message says why, for a person."""


@dataclass(frozen=True)
class Sheet:
    """Text cells of one sheet: column i of `cells` is the i-th column of the source, its first row is `first_row`."""

    file: Landed
    name: str
    cells: pl.DataFrame
    first_row: int
    names: tuple[str, ...] | None = None


def read(file: Landed) -> list[Sheet]:
    """Return the sheets of a file; csv and parquet have one, without a name.

    Raises Unreadable when the file is damaged, encrypted, or not what its ending says.
    """
    try:
        if file.suffix == ".xlsx":
            return _read_workbook(file)
        if file.suffix == ".csv":
            return [_read_csv(file)]
        return [_read_parquet(file)]
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}") from error


def cell_text(value: Any) -> str | None:
    """Return a workbook cell as the text a person would type: whole floats without .0, dates as ISO, blank as None."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)


def column_letter(position: int) -> str:
    """Return the spreadsheet name of a column, 0 → A, 26 → AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _read_workbook(file: Landed) -> list[Sheet]:
    from python_calamine import CalamineWorkbook

    workbook = CalamineWorkbook.from_path(str(file.path))
    sheets = []
    for name in workbook.sheet_names:
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        width = max((len(row) for row in rows), default=0)
        columns = {f"c{at}": [cell_text(row[at]) if at < len(row) else None for row in rows] for at in range(width)}
        cells = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
        sheets.append(Sheet(file, name, cells, first_row=1))
    return sheets


def _read_csv(file: Landed) -> Sheet:
    content = decode(file.path.read_bytes())
    if not content.strip():
        raise Unreadable("空文件 / the file is empty")
    cells = pl.read_csv(io.BytesIO(content.encode("utf-8")), has_header=False, infer_schema=False)
    cells.columns = [f"c{at}" for at in range(cells.width)]
    return Sheet(file, "", cells, first_row=1)


def decode(content: bytes) -> str:
    """Return the text of a csv file: UTF-8 with or without BOM, else GB18030, both strictly.

    Raises Unreadable when it is neither.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("文字编码既不是 UTF-8 也不是 GB18030 / neither UTF-8 nor GB18030")


def _read_parquet(file: Landed) -> Sheet:
    table = pl.read_parquet(file.path)
    names = tuple(table.columns)
    cells = table.with_columns(pl.col(pl.Boolean).cast(pl.String), pl.exclude(pl.Boolean).cast(pl.String))
    cells.columns = [f"c{at}" for at in range(cells.width)]
    return Sheet(file, "", cells, first_row=1, names=names)
