"""Find the header rows of a sheet and join merged headers into paths: 在校生数/合计, 专任教师/按学历分/本科."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from transforms.intake.read import Sheet

LOOKED_AT = 60
"""Rows from the top among which the headers are looked for; titles and notes stand above them."""
NUMBERING = re.compile(r"[甲乙丙丁戊己庚]|\d{1,3}")
SUB_ITEM = re.compile(r"^(#|其中[::]?)+")


@dataclass(frozen=True)
class Headers:
    """The header rows of a sheet (from 0) and the path over each column, None where nothing stands."""

    first: int
    last: int
    paths: tuple[str | None, ...]


def plain(text: str) -> str:
    """Return a header or name as it is compared: width, case and blanks do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


@functools.cache
def segment(text: str) -> str:
    """Return one header as it is compared: the mark of a sub-item (#, 其中) does not matter either."""
    return SUB_ITEM.sub("", plain(text)).strip("/")


@functools.cache
def path_key(path: str) -> str:
    """Return a header path as it is compared."""
    return "/".join(segment(part) for part in path.split("/"))


@functools.cache
def segments(paths: frozenset[str]) -> frozenset[str]:
    """Return every text that stands in one of the paths."""
    return frozenset(segment(part) for path in paths for part in path.split("/")) - {""}


def top(sheet: Sheet) -> list[list[str | None]]:
    """Return the first rows of a sheet as lists of text, merged cells filled with the text of their first."""
    rows = [list(row) for row in sheet.cells.head(LOOKED_AT).rows()]
    for (first_row, first_column), (last_row, last_column) in sheet.merged:
        if first_row >= len(rows) or first_column >= len(rows[first_row]):
            continue
        text = rows[first_row][first_column]
        for at in range(first_row, min(last_row + 1, len(rows))):
            for column in range(first_column, min(last_column + 1, len(rows[at]))):
                rows[at][column] = text
    return rows


def headers(sheet: Sheet, paths: Collection[str], anchors: Collection[str], least: int = 2) -> Headers | None:
    """Return the header rows of a sheet by the texts they may hold; None when there are none.

    `paths`: the header paths a form knows; `anchors`: headers of which one must stand in the first row of the block.
    A row goes on the block while something known stands in it and nothing but a header stands in an anchor's column.
    """
    known = segments(frozenset(paths))
    wanted = {segment(one) for one in anchors}
    rows = top(sheet)
    keys = [[segment(text) if text else "" for text in row] for row in rows]
    first = next(
        (at for at, row in enumerate(keys) if wanted & set(row) and sum(one in known for one in row) >= least), None
    )
    if first is None:
        return None
    anchor = next(at for at, one in enumerate(keys[first]) if one in wanted)
    last = first
    while last + 1 < len(keys) and _goes_on(keys[last + 1], anchor, known, wanted):
        last += 1
    if last + 1 < len(keys) and _is_numbering(keys[last + 1]):
        return Headers(first, last + 1, _paths(sheet, rows, first, last))
    return Headers(first, last, _paths(sheet, rows, first, last))


def _goes_on(row: list[str], anchor: int, known: Collection[str], wanted: Collection[str]) -> bool:
    in_anchor = row[anchor] if anchor < len(row) else ""
    return any(one in known for one in row) and (not in_anchor or in_anchor in wanted)


def _is_numbering(row: list[str]) -> bool:
    """Return whether a row only numbers the columns: 甲, 乙, 1, 2, 3."""
    filled = [one for one in row if one]
    digits = [int(one) for one in filled if one.isdigit()]
    in_order = digits == list(range(1, len(digits) + 1))
    return len(filled) > 1 and in_order and bool(digits) and all(NUMBERING.fullmatch(one) for one in filled)


def _paths(sheet: Sheet, rows: list[list[str | None]], first: int, last: int) -> tuple[str | None, ...]:
    """Return the path over each column; without merged ranges a blank in an upper row repeats its left neighbour."""
    block = [list(rows[at]) for at in range(first, last + 1)]
    if not sheet.merged:
        for below, row in itertools.pairwise(reversed(block)):
            for at in range(1, len(row)):
                if row[at] is None and below[at] is not None:
                    row[at] = row[at - 1]
    paths: list[str | None] = []
    for column in zip(*block, strict=True):
        parts: list[str] = []
        for text in column:
            said = "".join(text.split()) if text else ""
            if said and (not parts or parts[-1] != said):
                parts.append(said)
        paths.append("/".join(parts) or None)
    return tuple(paths)


def said_above(sheet: Sheet, before: int) -> str:
    """Return the texts above the headers, one after the other: titles, units, the year."""
    return " ".join(text for row in sheet.cells.head(before).rows() for text in row if text)


def headers_seen(sheet: Sheet) -> list[str]:
    """Return the texts of the first row that holds at least two, for a person who looks for the headers."""
    rows = [[text for text in row if text] for row in top(sheet)]
    return next((row for row in rows if len(row) > 1), [])
