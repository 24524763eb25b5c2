"""Bind sheets to tables and headers to columns, by the form they were filled in."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field, replace

import polars as pl

from contracts import dictionary
from contracts.codes import read_codes
from contracts.dictionary import Column
from contracts.form import Form, forms
from transforms.intake import findings, unfold
from transforms.intake.land import Landed
from transforms.intake.read import Sheet, column_letter
from transforms.intake.unfold import plain

SOURCE = {"source_sha256": pl.String, "source_sheet": pl.String, "source_row": pl.Int32}
PLACES = ("source_sheet", "column_name", "ref_sheet", "ref", "header")
NAMED = ("said_name", "said_type", "said_code", "said_sheet", "said_cell")
"""What a form without codes says of a school, until the register has told its code: name, type, code, where."""

RETURNED_SHEET = "问题清单"
"""The first sheet of a copy that went back to a school; it is no data when the corrected copy is sent."""

TELLING = 3
"""So many of its headers make a sheet a list of schools; one or two stand in other tables too."""


@dataclass(frozen=True)
class Bound:
    """Text rows of one table from one file under the column names of their contract.

    `places`: one row per group of rows (source_sheet) and column: the sheet and column, or cell, it came from. Rows
    that are put together from scattered cells have a group of their own, named behind the sheet's name and a colon.
    `is_named`: the rows name their school (NAMED) and wait for the register. `stated_year`: the year that a title or
    an item of the form tells, where the rows themselves have none.
    """

    file: Landed
    table: str
    rows: pl.DataFrame
    places: pl.DataFrame
    skipped_rows: int = 0
    form: str = ""
    source: str = ""
    is_named: bool = False
    sheet: str = field(default="")
    stated_year: int | None = None


def places(rows: list[tuple[str, str, str, str, str]]) -> pl.DataFrame:
    """Return where columns came from: group of rows, column, sheet, column letter or cell, header."""
    return pl.DataFrame(rows, schema=dict.fromkeys(PLACES, pl.String), orient="row")


def recognise(file: Landed, sheets: list[Sheet]) -> list[Form]:
    """Return the forms that fit a file: by its hidden stamp, by the texts in its sheets, else a plain table.

    One form is certain, none is unknown, several are doubt.
    """
    names = {sheet.name for sheet in sheets}
    fitting = [one for one in forms().values() if file.suffix in one.suffixes]
    stamped = [one for one in fitting if one.stamp_sheet is not None and one.stamp_sheet in names]
    if stamped:
        return stamped
    told = [one for one in fitting if one.layout != "tables" and any(is_of(one, sheet) for sheet in sheets)]
    return told or [one for one in fitting if one.layout == "tables" and one.stamp_sheet is None]


def is_of(form: Form, sheet: Sheet) -> bool:
    """Return whether a sheet holds the texts by which a form is known."""
    if form.layout == "rows":
        from transforms.intake import rename_rows

        return rename_rows.is_of(form, sheet)
    if form.layout == "list":
        found = unfold.headers(sheet, [form.name, *(one.path for one in form.headers)], [form.name])
        used = {unfold.path_key(one.path) for one in form.headers if one.status != "ignored"}
        return found is not None and len(used & {unfold.path_key(path) for path in found.paths if path}) >= TELLING
    if form.sheet_pattern:
        return re.match(form.sheet_pattern, sheet.name) is not None
    said = {plain(text) for row in sheet.cells.head(unfold.LOOKED_AT).rows() for text in row if text}
    needed = (form.item_header, form.value_header, *form.marks)
    return {plain(one) for one in needed} <= said


def stamp(form: Form, sheets: list[Sheet]) -> dict[str, str]:
    """Return what the hidden stamp of a workbook says (empty for forms without one)."""
    for sheet in sheets:
        if form.stamp_sheet and sheet.name == form.stamp_sheet and sheet.cells.width > 1:
            return {str(key): str(value) for key, value in sheet.cells.select("c0", "c1").rows() if key is not None}
    return {}


@functools.cache
def table_names() -> dict[str, str]:
    """Return every name a table goes by, plain text → table."""
    tables = dictionary.input_tables()
    return {plain(name): table for table, model in tables.items() for name in (table, dictionary.title(model))}


@functools.cache
def column_names(table: str) -> dict[str, Column]:
    """Return every header a column of the table goes by, plain text → column."""
    columns = dictionary.columns(dictionary.input_tables()[table])
    return {plain(name): column for column in columns for name in (column.header, column.label, column.name)}


def bind(form: Form, sheets: list[Sheet], stat_year: int | None) -> tuple[list[Bound], pl.DataFrame]:
    """Return the rows of a file under the columns of their tables, and what is wrong with its sheets and headers."""
    if form.layout == "tables":
        said = stamp(form, sheets).get("source", form.source)
        source = said if said in read_codes("sources") else form.source
        parts = [_bind_table(replace(form, source=source), sheet) for sheet in sheets]
        bounds = [bound for bound, _ in parts if bound]
        return bounds, findings.joined([found for _, found in parts])
    from transforms.intake import rename_cells, rename_list, rename_rows

    there = [sheet for sheet in sheets if is_of(form, sheet) or _is_named_stage(form, sheet)]
    if form.layout == "cells":
        bounds, found = rename_cells.bind(form, there, stat_year)
        return bounds, findings.joined([found, _not_read(sheets, there)])
    by_row = rename_rows.bind if form.layout == "rows" else rename_list.bind
    told = [by_row(form, sheet, stat_year) for sheet in there]
    found = findings.joined([*(found for _, found in told), _not_read(sheets, there)])
    return [bound for bounds, _ in told for bound in bounds], found


def _is_named_stage(form: Form, sheet: Sheet) -> bool:
    """Return whether a sheet holds a table and is named for a stage: a list, even when its headers are gone."""
    from transforms.intake import rename_list

    return bool(rename_list.stage_of(form, [sheet.name])) and min(sheet.cells.shape) > 1


def _not_read(sheets: list[Sheet], there: list[Sheet]) -> pl.DataFrame:
    """Return one finding for each sheet of a workbook that holds a table and is none the form has."""
    read = set(map(id, there))  # two sheets of one name and size are still two
    rest = [one for one in sheets if id(one) not in read and min(one.cells.shape) > 1]
    return findings.frame([{**at(one), "rule": "sheet_not_read", "cell": "A1", "value": one.name} for one in rest])


def at(sheet: Sheet) -> dict[str, object]:
    """Return what every finding of a sheet says of its place."""
    file = sheet.file
    return {"source_sha256": file.sha256, "source_file": file.name, "source_sheet": sheet.name or None}


def numbered(sheet: Sheet) -> pl.DataFrame:
    """Return the cells of a sheet with the number of their row in front."""
    return sheet.cells.with_row_index("source_row", offset=sheet.first_row).cast({"source_row": pl.Int32})


def is_filled(cells: pl.DataFrame) -> pl.Series:
    """Return where a row holds anything but blanks; a column is looked at where none before it held anything."""
    filled = pl.repeat(value=False, n=cells.height, dtype=pl.Boolean, eager=True)
    for name in cells.columns:
        if name == "source_row":
            continue
        if filled.all():
            break
        filled = filled | (cells[name].str.strip_chars().fill_null("") != "")
    return filled


def _bind_table(form: Form, sheet: Sheet) -> tuple[Bound | None, pl.DataFrame]:
    """Return the rows of a sheet that is one of our tables, its first row the headers."""
    if sheet.name in form.ignored_sheets:
        return None, findings.none()
    candidates = [sheet.name] if form.tables == "sheet" else [sheet.file.stem, sheet.file.folder]
    table = next((table_names()[plain(name)] for name in candidates if plain(name) in table_names()), None)
    if table is None:
        allowed = "、".join(dictionary.title(model) for model in dictionary.input_tables().values())
        return None, findings.frame(
            [{**at(sheet), "rule": "unknown_table", "value": candidates[0], "allowed": allowed}]
        )
    texts = headers_in(sheet)
    positions, found = _bind_headers(sheet, table, texts)
    body = numbered(sheet)
    body = body if sheet.names else body.slice(1)
    filled = body.filter(is_filled(body)) if positions else body.clear()  # rows of no column at all say nothing
    columns = dictionary.columns(dictionary.input_tables()[table])
    rows = filled.select(
        *(_picked(column.name, positions) for column in columns),
        pl.lit(sheet.file.sha256).alias("source_sha256"),
        pl.lit(sheet.name).alias("source_sheet"),
        pl.col("source_row"),
    )
    letters = {name: sheet.names[place] if sheet.names else column_letter(place) for name, place in positions.items()}
    told = places([(sheet.name, name, sheet.name, letters[name], texts[place]) for name, place in positions.items()])
    skipped = body.height - filled.height
    return Bound(sheet.file, table, rows, told, skipped, form.id, form.source, sheet=sheet.name), found


def headers_in(sheet: Sheet) -> list[str]:
    """Return the headers of a plain table: names of columns, or the texts of its first row."""
    if sheet.names:
        return list(sheet.names)
    rows = sheet.cells.head(1).rows()
    return [str(text).strip() if text else "" for text in rows[0]] if rows else []


def _picked(name: str, positions: dict[str, int]) -> pl.Expr:
    """Return the source column bound to a name, or nulls where the file has none."""
    return (pl.col(f"c{positions[name]}") if name in positions else pl.lit(None, dtype=pl.String)).alias(name)


def _bind_headers(sheet: Sheet, table: str, texts: list[str]) -> tuple[dict[str, int], pl.DataFrame]:
    """Return column → position, and the headers that are unknown, missing or doubled."""
    known = column_names(table)
    positions: dict[str, int] = {}
    found: list[dict[str, object]] = []
    for position, header in enumerate(texts):
        said = {**at(sheet), "table_name": table, "cell": column_letter(position) + "1", "value": header}
        column = known.get(plain(header))
        if not header and sheet.cells.select(pl.col(f"c{position}").is_null().all()).item():
            continue
        if column is None:
            found.append({**said, "rule": "unknown_header"})
        elif column.name in positions:
            found.append({**said, "rule": "duplicate_header", "column_name": column.name})
        else:
            positions[column.name] = position
    for column in dictionary.columns(dictionary.input_tables()[table]):
        if column.name not in positions and not column.is_optional:
            missing = {"rule": "missing_header", "table_name": table, "column_name": column.name}
            found.append({**at(sheet), **missing, "allowed": column.header})
    return positions, findings.frame(found)
