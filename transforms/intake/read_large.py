"""Read a large sheet of numbers and texts column by column, without a Python object for every cell.

The rows from HEAD on come through Arrow; those above, where headers and merged cells are, from a workbook cut off
behind them. A sheet in which the two ways of reading could differ (booleans, dates) is left to the other one.
"""

from __future__ import annotations

import io
import logging
import re
import zipfile
from pathlib import Path
from typing import Any

import polars as pl

from transforms.intake import guard, spell

LARGE_BYTES = 16 << 20
"""A sheet's XML from this size on is read this way: some ten thousand rows of a list."""
DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Numbers of the built-in formats of dates and times."""
PAINT = re.compile(r'&quot;.*?&quot;|"[^"]*"|\[(?:Red|Black|Blue|Color ?\d+|[<>=$][^\]]*)\]|\\.|_.', re.IGNORECASE)
"""What a format holds that is no place for a digit or a date: quoted words, colours, conditions."""
DATE_LETTERS = r"[ymdhs年月日时]"
LONGEST_ATTRIBUTE = 16
"""Bytes of an attribute that names a format, at most, so that none is cut in two."""


def head_rows(path: Path, looked: guard.Workbook, name: str) -> Any:
    """Return the first rows of a sheet, read by calamine, with all of its merged ranges; None if it cannot be cut."""
    from python_calamine import CalamineWorkbook

    seen = looked.sheets[name]
    if not seen.head or not seen.tail:
        return None
    left_out = {one.part for one in looked.sheets.values()} - {seen.part}
    held = io.BytesIO()
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(held, "w") as cut:
        for one in whole.namelist():
            if one.endswith((".xml", ".rels")) and one not in left_out:
                cut.writestr(one, seen.head + seen.tail if one == seen.part else whole.read(one))
    held.seek(0)
    return CalamineWorkbook.from_filelike(held).get_sheet_by_name(name)


def is_plain(path: Path, seen: guard.Seen | None) -> bool:
    """Return whether a sheet is large and holds numbers and texts only."""
    if seen is None or seen.size < LARGE_BYTES:
        return False
    return not seen.has_other_kinds and not _holds_dates(path, seen)


def body(path: Path, name: str) -> tuple[pl.DataFrame, int]:
    """Return the rows of a sheet below its head as text columns c0, c1, …, and the height of all of it.

    Raises whatever the reader does.
    """
    import fastexcel

    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it says of every empty column that it is one
    sheet = fastexcel.read_excel(path).load_sheet(
        name, header_row=None, skip_rows=guard.HEAD_ROWS, schema_sample_rows=None
    )
    table = pl.DataFrame(sheet.to_arrow())
    return pl.DataFrame({f"c{at}": _text(one) for at, one in enumerate(table)}), sheet.total_height


def _text(column: pl.Series) -> pl.Series:
    if column.dtype == pl.Float64:
        return spell.number_text(column)
    if column.dtype in (pl.String, pl.Null, pl.Int64):
        text = column.cast(pl.String)
        if (text == "-0").any():  # the number or the words: only the cell would tell
            raise ValueError("-0")
        return text.replace("", None) if (text == "").any() else text
    raise TypeError(str(column.dtype))


def _holds_dates(path: Path, seen: guard.Seen) -> bool:
    """Return whether any cell of a sheet has a format of dates or times."""
    with zipfile.ZipFile(path) as archive:
        if "xl/styles.xml" not in archive.namelist():
            return False
        dated = _dated(archive.read("xl/styles.xml").decode("utf-8", "replace"))
        if not dated:
            return False
        worn = re.compile(rb' s="(?:' + b"|".join(str(at).encode() for at in dated) + rb')"')
        rest = b""
        for piece in guard.unpacked(path, archive.getinfo(seen.part), guard.MAX_UNPACKED_BYTES):
            data = rest + piece
            if worn.search(data):
                return True
            rest = data[-LONGEST_ATTRIBUTE:]
    return False


def _dated(styles: str) -> list[int]:
    """Return which cell formats of a style sheet are of dates or times, by their place in it."""
    own = {
        int(number): PAINT.sub("", code)
        for one in re.findall(r"<(?:\w+:)?numFmt [^>]*>", styles)
        for number, code in zip(
            re.findall(r'numFmtId="(\d+)"', one), re.findall(r'formatCode="([^"]*)"', one), strict=False
        )
    }
    block = re.search(r"<(?:\w+:)?cellXfs.*?</(?:\w+:)?cellXfs>", styles, re.DOTALL)
    formats = re.findall(r"<(?:\w+:)?xf\b[^>]*>", block[0]) if block else []
    numbers = [int(one[1]) if (one := re.search(r'numFmtId="(\d+)"', xf)) else 0 for xf in formats]
    return [
        at
        for at, number in enumerate(numbers)
        if number in DATE_FORMATS or re.search(DATE_LETTERS, own.get(number, ""), re.IGNORECASE)
    ]
