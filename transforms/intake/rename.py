"""Bind sheets to tables and headers to columns, by the form they were filled in."""

from __future__ import annotations

import functools
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from contracts import dictionary
from contracts.dictionary import Column
from transforms.intake import findings
from transforms.intake.land import Landed
from transforms.intake.read import Sheet, column_letter

FORMS_DIR = Path(__file__).parents[2] / "contracts" / "forms"
SOURCE = {"source_sha256": pl.String, "source_sheet": pl.String, "source_row": pl.Int32}


@dataclass(frozen=True)
class Form:
    """How files of one kind are laid out, as contracts/forms/<id>/form.toml says."""

    id: str
    title: str
    suffixes: tuple[str, ...]
    header_rows: int
    headers: str
    tables: str
    ignored_sheets: tuple[str, ...]
    stamp_sheet: str | None = None


@dataclass(frozen=True)
class Bound:
    """Text rows of one sheet under the column names of their table; `refs`: column name → column in the source."""

    file: Landed
    sheet: str
    table: str
    rows: pl.DataFrame
    refs: dict[str, str]
    headers: dict[str, str]
    skipped_rows: int


@functools.cache
def forms() -> dict[str, Form]:
    """Return the forms on record, id → form."""
    result = {}
    for path in sorted(FORMS_DIR.glob("*/form.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        lists = {name: tuple(data.pop(name)) for name in ("suffixes", "ignored_sheets")}
        result[data["id"]] = Form(**data, **lists)
    return result


def recognise(file: Landed, sheets: list[Sheet]) -> Form | None:
    """Return the form of a file: by its hidden stamp, else a plain table by its ending; None when neither fits."""
    names = {sheet.name for sheet in sheets}
    for form in forms().values():
        if file.suffix in form.suffixes and (form.stamp_sheet is None or form.stamp_sheet in names):
            return form
    return None


def stamp(form: Form, sheets: list[Sheet]) -> dict[str, str]:
    """Return what the hidden stamp of a workbook says (empty for forms without one)."""
    for sheet in sheets:
        if form.stamp_sheet and sheet.name == form.stamp_sheet and sheet.cells.width > 1:
            return {str(key): str(value) for key, value in sheet.cells.select("c0", "c1").rows() if key is not None}
    return {}


def plain(header: str) -> str:
    """Return a header or name as it is compared: width, case and blanks do not matter."""
    return "".join(unicodedata.normalize("NFKC", header).lower().split())


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


def bind(form: Form, sheet: Sheet) -> tuple[Bound | None, pl.DataFrame]:
    """Return the sheet's rows under their column names, and what is wrong with its name and headers."""
    if sheet.name in form.ignored_sheets:
        return None, findings.none()
    candidates = [sheet.name] if form.tables == "sheet" else [sheet.file.stem, sheet.file.folder]
    table = next((table_names()[plain(name)] for name in candidates if plain(name) in table_names()), None)
    if table is None:
        allowed = "、".join(dictionary.title(model) for model in dictionary.input_tables().values())
        return None, findings.frame(
            [{**_at(sheet), "rule": "unknown_table", "value": candidates[0], "allowed": allowed}]
        )
    headers = _headers(form, sheet)
    refs, positions, found = _bind_headers(sheet, table, headers)
    body = sheet.cells.with_row_index("source_row", offset=sheet.first_row).cast({"source_row": pl.Int32})
    body = body if sheet.names else body.slice(form.header_rows)
    filled = body.filter(pl.any_horizontal(pl.all().exclude("source_row").str.strip_chars().fill_null("") != ""))
    columns = dictionary.columns(dictionary.input_tables()[table])
    rows = filled.select(
        *(_picked(column.name, positions) for column in columns),
        pl.lit(sheet.file.sha256).alias("source_sha256"),
        pl.lit(sheet.name).alias("source_sheet"),
        pl.col("source_row"),
    )
    shown = {name: headers[position] for name, position in positions.items()}
    return Bound(sheet.file, sheet.name, table, rows, refs, shown, body.height - filled.height), found


def _headers(form: Form, sheet: Sheet) -> list[str]:
    if sheet.names:
        return list(sheet.names)
    rows = sheet.cells.head(form.header_rows).rows()
    return ["/".join(str(part).strip() for part in parts if part) for parts in zip(*rows, strict=True)] if rows else []


def _picked(name: str, positions: dict[str, int]) -> pl.Expr:
    """Return the source column bound to a name, or nulls where the file has none."""
    return (pl.col(f"c{positions[name]}") if name in positions else pl.lit(None, dtype=pl.String)).alias(name)


def _at(sheet: Sheet) -> dict[str, object]:
    file = sheet.file
    return {"source_sha256": file.sha256, "source_file": file.name, "source_sheet": sheet.name or None}


def _bind_headers(sheet: Sheet, table: str, headers: list[str]) -> tuple[dict[str, str], dict[str, int], pl.DataFrame]:
    """Return column → source column, column → position, and the headers that are unknown, missing or doubled."""
    known = column_names(table)
    positions: dict[str, int] = {}
    found: list[dict[str, object]] = []
    for position, header in enumerate(headers):
        at = {**_at(sheet), "table_name": table, "cell": column_letter(position) + "1", "value": header}
        column = known.get(plain(header))
        if not header and sheet.cells.select(pl.col(f"c{position}").is_null().all()).item():
            continue
        if column is None:
            found.append({**at, "rule": "unknown_header"})
        elif column.name in positions:
            found.append({**at, "rule": "duplicate_header", "column_name": column.name})
        else:
            positions[column.name] = position
    for column in dictionary.columns(dictionary.input_tables()[table]):
        if column.name not in positions and not column.is_optional:
            missing = {"rule": "missing_header", "table_name": table, "column_name": column.name}
            found.append({**_at(sheet), **missing, "allowed": column.header})
    refs = {name: sheet.names[at] if sheet.names else column_letter(at) for name, at in positions.items()}
    return refs, positions, findings.frame(found)
