"""Read a file as text cells with coordinates, whatever its format."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from transforms.intake import guard, read_large, spell
from transforms.intake.guard import Refused
from transforms.intake.land import Landed

WORKBOOKS = (".xlsx", ".xlsm", ".xls")
ZIP, OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
DELIMITERS = (",", "\t", ";", "|", "，")
"""What may stand between the cells of a csv file, likeliest first."""
ROWS_AT_ONCE = 20_000
"""Rows turned into columns at a time, so that a long sheet does not lie in memory twice as Python objects."""
LISTED = 1_000
"""Faults of one kind that a sheet lists by cell; the last one says how many more there are."""


class Unreadable(Refused):
    """The file cannot be read; the message says why, for a person."""

    def __init__(self, message: str, rule: str = "unreadable_file", **more: str | None) -> None:
        """Keep the message; the rule is the general one unless the fault has a name."""
        super().__init__(rule, message, **more)


@dataclass(frozen=True)
class Note:
    """Something about a cell that the text of the cell does not tell: rule, cell, what was seen, what is allowed."""

    rule: str
    cell: str
    value: str
    allowed: str | None = None


@dataclass(frozen=True)
class Sheet:
    """Text cells of one sheet: column i of `cells` is the i-th column of the source, its first row is `first_row`.

    `merged`: merged ranges as ((first row, first column), (last row, last column)), from 0.
    """

    file: Landed
    name: str
    cells: pl.DataFrame
    first_row: int
    names: tuple[str, ...] | None = None
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    notes: tuple[Note, ...] = ()


def read(file: Landed) -> list[Sheet]:
    """Return the sheets of a file; csv and parquet have one, without a name.

    Raises Unreadable when the file is damaged, encrypted, too large, or not what its ending says.
    """
    try:
        _refuse_outside(file)
        if file.suffix in WORKBOOKS:
            return _read_workbook(file)
        if file.suffix == ".csv":
            return [_read_csv(file)]
        return [_read_parquet(file)]
    except Unreadable:
        raise
    except Refused as refused:
        raise Unreadable(str(refused), refused.rule, cell=refused.cell, allowed=refused.allowed) from refused
    except Exception as error:
        raise _named(error) from error
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":  # the readers in Rust panic outside Exception
            raise
        raise Unreadable(f"文件损坏 / damaged: {guard.clean(str(panic))}") from None


def _named(error: Exception) -> Unreadable:
    """Return what a library said of a file as our own word."""
    if type(error).__name__ == "PasswordError":
        return Unreadable("工作簿有打开密码 / the workbook has a password", "password_protected")
    said = str(error).splitlines()[0] if str(error) else ""
    return Unreadable(f"{type(error).__name__}: {guard.clean(said)}")


def _refuse_outside(file: Landed) -> None:
    """Refuse a file by its place, its size and its first bytes. Raises Unreadable."""
    if file.refused:
        raise Unreadable(file.refused)
    size = file.path.stat().st_size
    if size == 0:
        raise Unreadable("空文件 / the file is empty")
    if size > guard.MAX_FILE_BYTES:
        allowed = f"≤ {guard.MAX_FILE_BYTES >> 20} MB"
        raise Unreadable(f"文件有 {size >> 20} MB / the file has {size >> 20} MB", "over_limit", allowed=allowed)
    with file.path.open("rb") as opened:
        head = opened.read(4096)
    kind = _kind(head)
    wanted = {".csv": "text", ".parquet": "parquet"}.get(file.suffix, "workbook")
    if kind not in (wanted, "unknown"):
        said = f"内容是 {kind}，扩展名是 {file.suffix} / the content is {kind}, the ending {file.suffix}"
        raise Unreadable(said, "disguised_file", allowed=wanted)


def _kind(head: bytes) -> str:
    """Return what the first bytes of a file say it is."""
    if head.startswith((ZIP, OLE)):
        return "workbook"
    for magic, kind in ((b"PAR1", "parquet"), (b"%PDF", "PDF"), (b"\x89PNG", "PNG"), (b"Rar!", "RAR")):
        if head.startswith(magic):
            return kind
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<?xml", b"<body", b"<div")):
        return "HTML/XML"
    return "unknown" if b"\0" in head else "text"


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

    with file.path.open("rb") as opened:
        head = opened.read(8)
        is_locked = head == OLE and _holds(opened, "EncryptedPackage".encode("utf-16-le"))
    if is_locked:
        raise Unreadable("工作簿有打开密码 / the workbook has a password", "password_protected")
    looked = guard.look(file.path) if head.startswith(ZIP) else guard.Workbook({}, has_macros=False, links=[])
    is_old = head == OLE and file.suffix == ".xls"  # by its content alone a locked one is only "no known format"
    with (
        file.path.open("rb") as opened,
        CalamineWorkbook.from_path(file.path) if is_old else CalamineWorkbook.from_filelike(opened) as workbook,
    ):
        hidden = {one.name for one in workbook.sheets_metadata if not str(one.visible).endswith(".Visible")}
        whole = tuple(_of_workbook(looked))
        sheets = []
        for name in workbook.sheet_names:
            seen = looked.sheets.get(name)
            sheet, cells = _large(file, looked, name) or _small(workbook, name)
            notes = (*whole, *_of_sheet(seen, cells, is_hidden=name in hidden))
            merged = tuple(sheet.merged_cell_ranges or ()) if head.startswith(ZIP) else ()
            sheets.append(Sheet(file, name, cells, first_row=1, merged=merged, notes=notes))
        return sheets


def _small(workbook: Any, name: str) -> tuple[Any, pl.DataFrame]:
    """Return a sheet and its cells as text, read cell by cell."""
    sheet = workbook.get_sheet_by_name(name)
    return sheet, _cells(sheet)


def _large(file: Landed, looked: guard.Workbook, name: str) -> tuple[Any, pl.DataFrame] | None:
    """Return a large sheet's head and its cells as text, read column by column; None where that way does not serve."""
    if not read_large.is_plain(file.path, looked.sheets.get(name)):
        return None
    try:
        sheet = read_large.head_rows(file.path, looked, name)
        if sheet is None or sheet.start != (0, 0):
            return None
        above = _cells(sheet)
        below, height = read_large.body(file.path, name)
    except Exception:  # whatever is wrong with the file, the other way of reading names it
        return None
    if above.height + below.height != height or below.width < above.width:
        return None
    return sheet, pl.concat([above, below], how="diagonal")


def _holds(opened: io.BufferedReader, words: bytes) -> bool:
    """Return whether the rest of an open file holds some bytes."""
    before = b""
    while piece := opened.read(guard.CHUNK):
        if words in before + piece:
            return True
        before = piece[-len(words) :]
    return False


def _cells(sheet: Any) -> pl.DataFrame:
    """Return the cells of a sheet as text from A1 on, some thousand rows at a time."""
    if sheet.start is None:
        return pl.DataFrame()
    first, width = sheet.start[1], sheet.end[1] + 1
    schema = {f"c{at}": pl.String for at in range(width)}
    parts = []
    rows: list[list[Any]] = []
    for row in sheet.iter_rows():
        rows.append(row)
        if len(rows) == ROWS_AT_ONCE:
            parts.append(_texts(rows, first, schema))
            rows = []
    parts.append(_texts(rows, first, schema))
    return pl.concat(parts)


def _texts(rows: list[list[Any]], first: int, schema: dict[str, Any]) -> pl.DataFrame:
    """Return rows as columns of text; each different value of a column is worded once."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * (len(schema) - first)
    blank = [None] * len(rows)
    texts: dict[str, Any] = {}
    for at, name in enumerate(schema):
        texts[name] = blank if at < first else spell.column_text(columns[at - first])
    return pl.DataFrame(texts, schema=schema)


def _of_workbook(looked: guard.Workbook) -> Iterator[Note]:
    """Yield what is to be said of a workbook as a whole: macros are never run, other files are never opened."""
    if looked.has_macros:
        yield Note("has_macros", "", "xl/vbaProject.bin")
    if looked.links:
        yield Note("external_link", "", "、".join(guard.clean(name) for name in looked.links))


def _of_sheet(seen: guard.Seen | None, cells: pl.DataFrame, *, is_hidden: bool) -> Iterator[Note]:
    """Yield what is to be said of a sheet: what is hidden is read like the rest, what has no value is named."""
    if is_hidden and cells.height:
        yield Note("hidden_cells", "A1", "整张工作表 / the whole sheet")
    if seen is None:
        return
    filled = [row for row in seen.hidden_rows if row <= cells.height and any(cells.row(row - 1))]
    if filled:
        yield Note("hidden_cells", f"A{filled[0]}", f"{len(filled)} 行 rows: {'、'.join(map(str, filled[:9]))}")
    columns = [at for one in seen.hidden_columns for at in _span(one) if at < cells.width]
    columns = [at for at in columns if cells[f"c{at}"].is_not_null().any()]
    if columns:
        named = "、".join(column_letter(at) for at in columns)
        yield Note("hidden_cells", f"{column_letter(columns[0])}1", f"{len(columns)} 列 columns: {named}")
    yield from _listed("spreadsheet_error", [(at, guard.clean(said)) for at, said in seen.errors])
    yield from _listed("formula_without_value", [(at, at) for at in seen.unfilled])


def _span(column: str) -> range:
    """Return the positions of a <col> element, from 0."""
    ends = [re.search(rf'\b{name}="(\d+)"', column) for name in ("min", "max")]
    if not all(ends):
        return range(0)
    first, last = (int(one[1]) for one in ends if one)
    return range(first - 1, min(last, guard.MAX_COLUMNS))


def _listed(rule: str, faults: list[tuple[str, str]]) -> Iterator[Note]:
    """Yield the faults of one kind, the first thousand by cell and one for all the rest."""
    for at, said in faults[:LISTED]:
        yield Note(rule, at, said)
    if len(faults) > LISTED:
        yield Note(rule, faults[LISTED][0], f"… 另有 {len(faults) - LISTED} 处 / {len(faults) - LISTED} more")


def _read_csv(file: Landed) -> Sheet:
    raw = file.path.read_bytes()
    if raw.isspace():
        raise Unreadable("空文件 / the file is empty")
    if b'"' not in raw and b"\r" not in raw and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = raw.removeprefix(b"\xef\xbb\xbf")
        cells = _plain_table(content if not content.endswith(b"\n\n") else content.rstrip(b"\n"))
        if cells is not None:
            return Sheet(file, "", cells, first_row=1)
    content = _as_utf8(raw)
    if not content:
        raise Unreadable("空文件 / the file is empty")
    if b"\0" in content:
        raise Unreadable("含有空字节，不是文本文件 / holds NUL bytes, no text file")
    cells = _plain_table(content) if b'"' not in content else None
    if cells is not None:
        return Sheet(file, "", cells, first_row=1)
    cells, notes = _uneven_table(content.decode("utf-8"), _shape(content)[0])
    return Sheet(file, "", cells, first_row=1, notes=tuple(notes))


def _shape(content: bytes) -> tuple[str, int, int]:
    """Return what stands between the cells of a csv file, its columns and its lines. Raises Unreadable over limits."""
    first = content[: content.find(b"\n")] if b"\n" in content else content
    delimiter = next((one for one in DELIMITERS if one.encode() in first), ",")
    width, height = first.count(delimiter.encode()) + 1, content.count(b"\n") + (not content.endswith(b"\n"))
    if height > guard.MAX_CSV_ROWS or width > guard.MAX_COLUMNS:
        allowed = f"≤ {guard.MAX_CSV_ROWS} 行 rows, {guard.MAX_COLUMNS} 列 columns"
        raise Unreadable(f"{height} 行 rows × {width} 列 columns", "over_limit", allowed=allowed)
    return delimiter, width, height


def _as_utf8(content: bytes) -> bytes:
    """Return a csv file in UTF-8 without BOM, its lines ended by LF, blank lines at its end cut off.

    Raises Unreadable when its encoding is none we know.
    """
    if not content.isascii():
        content = decode(content).encode("utf-8")
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    content = content.rstrip(b"\n")
    return content if content.strip() else b""


def _plain_table(content: bytes) -> pl.DataFrame | None:
    """Return a UTF-8 table without quotes whose rows all have the same number of cells; None when it is not one.

    The reader refuses a row that is too long, but takes a short one for one with blanks at its end: where the last
    column has any, only the number of delimiters tells. Raises Unreadable over the limits.
    """
    delimiter, width, height = _shape(content)
    if not content or not delimiter.isascii() or b"\0" in content:
        return None
    options: dict[str, Any] = {"separator": delimiter, "has_header": False, "infer_schema": False, "quote_char": None}
    try:
        cells = pl.read_csv(content, **options)
    except pl.exceptions.PolarsError:
        return None
    if cells.shape != (height, width):
        return None
    if cells.to_series(width - 1).has_nulls() and content.count(delimiter.encode()) != (width - 1) * height:
        return None
    cells.columns = [f"c{at}" for at in range(width)]
    return cells.rechunk()  # in one piece, or every later step would put its columns together again


def _uneven_table(text: str, delimiter: str) -> tuple[pl.DataFrame, list[Note]]:
    """Return a table with quotes or uneven rows, and a note on every row that is longer or shorter than the first.

    Raises Unreadable when a quote opens and does not close, or closes within a cell.
    """
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows.extend(reader)
    except csv.Error as error:
        at, said = len(rows) + 1, guard.clean(str(error))
        raise Unreadable(f"第 {at} 行 row {at}: {said}", "broken_quotes", cell=f"A{at}") from error
    width = len(rows[0])
    faults = []
    for number, row in enumerate(rows, start=1):
        while len(row) > width and not row[-1].strip():
            row.pop()
        if len(row) != width and any(cell.strip() for cell in row):
            faults.append((f"{column_letter(min(len(row), width))}{number}", f"{len(row)} 格 cells ≠ {width}"))
    even = [[*row[:width], *[""] * (width - len(row))] for row in rows]
    columns = {f"c{at}": column for at, column in enumerate(zip(*even, strict=True))}
    cells = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String), strict=True)
    return cells.with_columns(pl.all().replace("", None)), list(_listed("ragged_row", faults))


def decode(content: bytes) -> str:
    """Return the text of a csv file: UTF-8 or UTF-16 with BOM, UTF-8, else GB18030, all strictly.

    Raises Unreadable when it is none of them, or one in some lines and another in others.
    """
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030":
            _refuse_mixed(content)
        return text
    _refuse_mixed(content)
    raise Unreadable("文字编码既不是 UTF-8 也不是 GB18030 / neither UTF-8 nor GB18030")


def _refuse_mixed(content: bytes) -> None:
    """Refuse a file whose first lines are UTF-8 with Chinese letters while others are not UTF-8. Raises Unreadable."""
    others, has_chinese = 0, False
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.isascii():
            continue
        try:
            has_chinese = bool(re.search("[\u4e00-\u9fff]", line.decode("utf-8"))) or has_chinese
        except UnicodeDecodeError:
            others = others or number
        if has_chinese and others:
            said = f"各行编码不一，第 {others} 行不是 UTF-8 / line {others} is not UTF-8, others are"
            raise Unreadable(said, "mixed_encoding", cell=f"A{others}")


def _read_parquet(file: Landed) -> Sheet:
    table = pl.read_parquet(file.path)
    names = tuple(table.columns)
    cells = table.with_columns(pl.col(pl.Boolean).cast(pl.String), pl.exclude(pl.Boolean).cast(pl.String))
    cells.columns = [f"c{at}" for at in range(cells.width)]
    return Sheet(file, "", cells, first_row=1, names=names)
