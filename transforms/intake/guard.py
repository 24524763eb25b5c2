"""What a file may ask of this machine, and how texts are written so that no spreadsheet runs them.

A file is data from outside: before any library opens a workbook its parts are unpacked once, counted and looked at.
"""

from __future__ import annotations

import itertools
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from openpyxl.cell import Cell

MAX_FILE_BYTES = 512 << 20
"""A file as it lies on the disk: ten times a list of 200,000 schools × 40 columns."""
MAX_UNPACKED_BYTES = 2 << 30
"""All parts of a workbook, unpacked: eight times that list; deflate can make a thousandfold of a small file."""
MAX_MEMBERS = 5_000
"""Parts of a workbook: a sheet, its relations and its drawing each count; nobody fills in a thousand sheets."""
MAX_CELLS = 50_000_000
"""Cells of the block from A1 to the last filled cell: the reader holds all of it, 32 bytes a cell, so 1.6 GB."""
MAX_ROWS = 1_048_576
"""Rows of a sheet, as spreadsheets have it; longer tables come as csv or parquet."""
MAX_COLUMNS = 2_048
"""Columns of a sheet: no form has more than a few hundred."""
MAX_TEXT_BYTES = 1 << 20
"""One text of a workbook with its markup: a spreadsheet's own limit is 32,767 characters a cell."""
MAX_CSV_ROWS = 20_000_000
"""Rows of a csv file: every class of the country is three million."""
HEAD_ROWS = 60
"""Rows from the top of a sheet that are kept as they are: titles, headers and the notes between them."""
CHUNK = 1 << 20
SHOWN = 200
"""Letters of a cell's text that a finding repeats."""

NOT_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First letters that make a spreadsheet take a text for a formula, in full width too (Excel in Chinese folds them)."""

FILLED = re.compile(rb"""<(?:[\w.-]+:)?c\s[^>]*?\br\s*=\s*["']([A-Za-z]+)(\d+)["'][^>]*(?<!/)>""")
ANY_CELL = re.compile(rb"""<(?:[\w.-]+:)?c\s[^>]*?\br\s*=\s*["']([A-Za-z]+)""")
NAMELESS = re.compile(rb"""<c(?:\s+(?!r\s*=)[\w:]+\s*=\s*["'][^"']*["'])+\s*/?>""")
ODD_CELL = re.compile(rb'<c(?! r="(?:[A-Z]|A[A-U])\d)')
"""A cell that begins in another way than spreadsheets write it, or stands where not every row may be filled."""
PREFIXED = b":c"
"""Every cell of a sheet with a prefix to its names, and little else, holds this."""
OTHER_KIND = re.compile(rb' t="[bde]"')
"""A cell that holds yes or no, a date in words, or an error."""
ERRORS = re.compile(rb'<c [^>]*?r="([A-Z]+\d+)"[^>]*? t="e"[^>]*>.*?<v>([^<]*)</v>', re.DOTALL)
FORMULA = re.compile(rb'<c [^>]*?r="([A-Z]+\d+)"[^>]*><f\b(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>')
HIDDEN_ROW = re.compile(
    rb'<row [^>]*?r="(\d+)"[^>]*? hidden="(?:1|true)"|<row [^>]*? hidden="(?:1|true)"[^>]*? r="(\d+)"'
)
HIDDEN_COLUMN = re.compile(rb'<col [^>]*?hidden="(?:1|true)"[^>]*?>')
RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


class Refused(Exception):
    """The file asks for more than this machine gives, or is no whole workbook; `rule` is the kind of finding."""

    def __init__(self, rule: str, message: str, cell: str | None = None, allowed: str | None = None) -> None:
        """Keep the rule, what was seen and where, and what is allowed."""
        super().__init__(message)
        self.rule = rule
        self.cell = cell
        self.allowed = allowed


@dataclass
class Seen:
    """What the XML of one sheet holds that a reader of values does not tell.

    `part`, `size`: the part of the archive and its bytes; `head`, `tail`: its XML up to row HEAD_ROWS, and from the
    end of the rows on (both empty where they cannot be told).
    """

    part: str = ""
    size: int = 0
    head: bytes = b""
    tail: bytes = b""
    has_other_kinds: bool = False
    columns: set[bytes] = field(default_factory=set)
    nameless: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[str] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    unfilled: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Workbook:
    """What a look at the parts of a workbook told: its sheets' XML, hidden sheets, macros, links to other files."""

    sheets: dict[str, Seen]
    has_macros: bool
    links: list[str]


def clean(text: str) -> str:
    """Return a text as it may stand in a message: no control letters, no turned writing, not too long."""
    shown = NOT_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
    return shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"


def runs(text: str) -> bool:
    """Return whether a spreadsheet could take a text for a formula."""
    return text.lstrip(" \u3000\xa0").startswith(RUNS) or text.startswith(RUNS)


def inert(value: object) -> object:
    """Return a value as it is written into a csv file: a text that a spreadsheet would run gets an apostrophe."""
    return f"'{value}" if isinstance(value, str) and runs(value) else value


def write_text(cell: Cell, text: str) -> None:
    """Write a text into a cell of a workbook as a text, whatever it begins with; letters XML cannot hold go."""
    cell.value = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\N{REPLACEMENT CHARACTER}", text)
    cell.data_type = "s"
    cell.quotePrefix = True


def look(path: Path) -> Workbook:
    """Return what the parts of a zipped workbook hold, each unpacked once and counted.

    Raises Refused for a broken, locked or oversized one.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Refused("truncated_file", f"压缩包不完整 / not a whole archive: {clean(str(error))}") from error
    with archive:
        members = archive.infolist()
        _refuse_members(members)
        texts = [one for one in members if one.filename.lower().endswith((".xml", ".rels"))]
        names = _sheet_names(path, {one.filename: one for one in texts})
        left = MAX_UNPACKED_BYTES
        sheets: dict[str, Seen] = {}
        for member in texts:
            seen = Seen(member.filename)
            seen.size = _scan(path, member, left, seen, is_sheet=member.filename in names)
            left -= seen.size
            if member.filename in names:
                _refuse_block(path, member, seen, names[member.filename])
                sheets[names[member.filename]] = seen
        has_macros = any(one.filename.lower().endswith("vbaproject.bin") for one in members)
        links = [one.filename for one in members if re.search(r"externalLinks/externalLink\d+\.xml$", one.filename)]
        return Workbook(sheets, has_macros, links)


def _refuse_members(members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive by its list of parts. Raises Refused."""
    if len(members) > MAX_MEMBERS:
        raise Refused("over_limit", f"{len(members)} 个部件 / parts", allowed=f"≤ {MAX_MEMBERS}")
    if any(one.flag_bits & 1 for one in members):
        raise Refused("password_protected", "压缩包已加密 / the archive is encrypted")
    declared = sum(one.file_size for one in members)
    if declared > MAX_UNPACKED_BYTES:
        raise Refused(
            "over_limit", f"解压后 {declared >> 20} MB / unpacked", allowed=f"≤ {MAX_UNPACKED_BYTES >> 20} MB"
        )


def unpacked(path: Path, member: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
    """Yield the content of a part in pieces; its own word about its size is not trusted.

    Raises Refused when it grows over the limit or does not unpack.
    """
    with path.open("rb") as file:
        file.seek(member.header_offset)
        head = file.read(30)
        if len(head) < 30 or head[:4] != b"PK\x03\x04" or member.compress_type not in (0, 8):
            raise Refused("truncated_file", f"{clean(member.filename)}: 部件损坏 / a broken part")
        file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
        packed, total = member.compress_size, 0
        inflate = zlib.decompressobj(-15) if member.compress_type else None
        while packed > 0 and (data := file.read(min(CHUNK, packed))):
            packed -= len(data)
            while data:
                piece = inflate.decompress(data, 4 * CHUNK) if inflate else data
                data = inflate.unconsumed_tail if inflate else b""
                total += len(piece)
                if total > limit:
                    said = f"{clean(member.filename)}: 解压后超过 {limit >> 20} MB / unpacked"
                    raise Refused("over_limit", said, allowed=f"≤ {MAX_UNPACKED_BYTES >> 20} MB")
                yield piece
        if packed > 0 or (inflate and not inflate.eof):
            raise Refused("truncated_file", f"{clean(member.filename)}: 部件不完整 / a part is cut short")


def _scan(path: Path, member: zipfile.ZipInfo, limit: int, seen: Seen, *, is_sheet: bool) -> int:
    """Fill `seen` from a sheet's XML and return the bytes of the part; other parts are counted. Raises Refused."""
    rest, total = b"", 0
    try:
        for piece in unpacked(path, member, limit):
            total += len(piece)
            if b"\0" in piece:
                raise Refused("unreadable_file", f"{clean(member.filename)}: 不是 UTF-8 / not UTF-8")
            if is_sheet:
                rest = _digest(rest + piece, seen)
            elif "sharedstrings" in member.filename.lower():
                rest = _longest_text(rest + piece)
    except zlib.error as error:
        raise Refused("truncated_file", f"{clean(member.filename)}: {error}") from error
    if is_sheet and rest:
        _digest(rest + b"<row ", seen)
        seen.tail = rest[rest.find(b"</sheetData>") :] if rest.count(b"</sheetData>") == 1 else b""
    return total


def _longest_text(data: bytes) -> bytes:
    """Return what follows the last shared text of a piece. Raises Refused for a text no spreadsheet could hold."""
    *texts, rest = data.split(b"<si")
    if max(map(len, (*texts, rest))) > MAX_TEXT_BYTES:
        raise Refused("over_limit", "一段文字过长 / one text is too long", allowed=f"≤ {MAX_TEXT_BYTES >> 10} KB")
    return rest


def _digest(data: bytes, seen: Seen) -> bytes:
    """Note what the whole rows of a piece hold; return what follows the last one's beginning."""
    cut = data.rfind(b"<row ")
    if cut <= 0:
        if len(data) < 8 * CHUNK:
            return data
        cut = len(data)
    rows = data[:cut]
    if not seen.head:
        seen.head = _head(rows)
    if PREFIXED in rows or ODD_CELL.search(rows):
        seen.columns.update(one.upper() for one in ANY_CELL.findall(rows))
        seen.nameless = max(
            seen.nameless, *(row.count(b"<c>") + len(NAMELESS.findall(row)) for row in rows.split(b"<row"))
        )
    kind = OTHER_KIND.search(rows)
    seen.has_other_kinds = seen.has_other_kinds or kind is not None
    if b'hidden="' in rows:
        seen.hidden_rows += [int(one or other) for one, other in HIDDEN_ROW.findall(rows)]
        seen.hidden_columns += [one.decode("utf-8", "replace") for one in HIDDEN_COLUMN.findall(rows)]
    if kind and b' t="e"' in rows:
        seen.errors += [(at.decode(), said.decode("utf-8", "replace")) for at, said in ERRORS.findall(rows)]
    if b"<f" in rows:
        seen.unfilled += [at.decode() for at in FORMULA.findall(rows)]
    return data[cut:]


def _head(rows: bytes) -> bytes:
    """Return a sheet's XML up to the end of row HEAD_ROWS; nothing where it has other beginnings of rows."""
    ends = [one.end() for one in itertools.islice(re.finditer(rb"</row>", rows), HEAD_ROWS)]
    numbers = [int(one) for one in re.findall(rb'<row r="(\d+)"', rows[: ends[-1]])] if ends else []
    return rows[: ends[-1]] if numbers == list(range(1, HEAD_ROWS + 1)) else b""


def _refuse_block(path: Path, member: zipfile.ZipInfo, seen: Seen, name: str) -> None:
    """Refuse a sheet whose block of cells is too large, looking closely only if it may be. Raises Refused."""
    widest = max((column_number(one) for one in seen.columns), default=0)
    if max(widest, seen.nameless) * MAX_ROWS <= MAX_CELLS:
        return
    if seen.nameless * MAX_ROWS > MAX_CELLS:
        said = f"工作表「{clean(name)}」的单元格没有名称 / cells without names"
        raise Refused("over_limit", said, allowed=f"≤ {MAX_CELLS // MAX_ROWS} 列 columns")
    width, height, last, rest = 0, 0, "", b""
    for piece in unpacked(path, member, MAX_UNPACKED_BYTES):
        data = rest + piece
        for column, row in FILLED.findall(data):
            number = column_number(column.upper())
            if number > width or int(row) > height:
                last = f"{column.decode()}{row.decode()}"
            width, height = max(width, number), max(height, int(row))
        rest = data[max(data.rfind(b"<"), len(data) - CHUNK) :]
    if width > MAX_COLUMNS or height > MAX_ROWS or width * height > MAX_CELLS:
        said = f"工作表「{clean(name)}」有 {height} 行 × {width} 列 / rows × columns"
        allowed = f"≤ {MAX_ROWS} 行 rows, {MAX_COLUMNS} 列 columns, {MAX_CELLS} 格 cells"
        raise Refused("over_limit", said, last, allowed)


def column_number(letters: bytes) -> int:
    """Return the number of a column, A → 1; what is longer than a spreadsheet's last column stays large."""
    number = 0
    for letter in letters[:6]:
        number = number * 26 + letter - 64
    return number


def _sheet_names(path: Path, members: dict[str, zipfile.ZipInfo]) -> dict[str, str]:
    """Return the parts that are sheets, part → name of the sheet; a workbook that hides its plan has none."""
    found = {}
    try:
        book = _tree(path, members["xl/workbook.xml"])
        relations = _tree(path, members["xl/_rels/workbook.xml.rels"])
    except (KeyError, ElementTree.ParseError):
        return {name: name for name in members if name.startswith("xl/worksheets/")}
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    for one in book.iter():
        if one.tag.endswith("}sheet"):
            target = targets.get(one.get(f"{RELATIONS}id"), "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in members:
                found[part] = one.get("name", "")
    unnamed = {name: name for name in members if name.startswith("xl/worksheets/") and name not in found}
    return {**unnamed, **found}


def _tree(path: Path, member: zipfile.ZipInfo) -> ElementTree.Element:
    """Return a small part as a tree. Raises Refused when it declares a document type, ParseError when it is no XML."""
    content = b"".join(unpacked(path, member, 16 * CHUNK))
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Refused("unreadable_file", f"{clean(member.filename)}: XML 含 DOCTYPE / with a document type")
    return ElementTree.fromstring(content)
