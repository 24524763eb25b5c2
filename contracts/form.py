"""The forms on record: how files of one kind are laid out, which text stands over which value, in which years."""

from __future__ import annotations

import csv
import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.codes import read_codes

FORMS_DIR = Path(__file__).parent / "forms"
LAYOUTS = ("tables", "list", "cells", "rows")
STATUSES = ("required", "optional", "ignored", "absent", "total")
WHOLE = "compulsory"
"""Stage of a figure that a form gives once for both stages."""
NO_GRADE = "99"
"""Grade of a stage's total where a form does not tell the grades apart."""
COMBINED = ("leave_out", "refuse")
"""One figure for both stages of a combined school is left out, or refused; splitting it would invent two."""
HEADER_COLUMNS = (
    "sheet", "row", "path", "table_name", "column_name", "stage", "grade", "label", "unit", "cell",
    "from_year", "to_year", "status",
)  # fmt: skip


class FormError(Exception):
    """A form on record contradicts itself; our own mistake, or of whoever added it."""


@dataclass(frozen=True)
class Header:
    """One row of a headers.csv: the text over a column (`path`) and beside a row (`row`), and what it means.

    `status`: required, optional, ignored (known, not used), total (sum of the parts of the same key), absent (the form
    cannot carry the column). `cell`: where to look when the texts are not there. `label`: code or item of the row.
    """

    sheet: str
    row: str
    path: str
    table_name: str
    column_name: str
    stage: str
    grade: str
    label: str
    unit: str
    cell: str
    from_year: int | None
    to_year: int | None
    status: str

    def holds_in(self, stat_year: int) -> bool:
        """Return whether the row is valid in a year; an open end goes on."""
        return (self.from_year or stat_year) <= stat_year <= (self.to_year or stat_year)


@dataclass(frozen=True)
class Form:
    """How files of one kind are laid out, as contracts/forms/<id>/form.toml says.

    `layout`: tables (headers are those of the contracts), list (one row a school), cells (values at scattered places)
    or rows (one row a school with its codes, headers of another system). `source`: whose word the values are
    (codes/sources.csv). Of rows: `keys` makes the key columns of texts and headers ({distid:06}), `fixed` says what
    holds for every row of a table, `times` which header is given per unit of which other one.
    """

    id: str
    title: str
    layout: str
    suffixes: tuple[str, ...]
    source: str
    tables: str = ""
    stamp_sheet: str | None = None
    ignored_sheets: tuple[str, ...] = ()
    tried_to_year: int | None = None
    sheet_pattern: str | None = None
    name: str = ""
    type: str = ""
    name_item: str = ""
    type_item: str = ""
    code_item: str = ""
    county_item: str = ""
    year_item: str = ""
    item_header: str = ""
    value_header: str = ""
    unit_header: str = ""
    marks: tuple[str, ...] = ()
    total_names: tuple[str, ...] = ()
    note_names: tuple[str, ...] = ()
    repeated_tables: tuple[str, ...] = ()
    year_pattern: str | None = None
    unknown_headers: str = "error"
    combined: str = "leave_out"
    stage_words: dict[str, list[str]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, dict[str, str]] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)
    headers: tuple[Header, ...] = ()

    def headers_of(self, stat_year: int | None) -> tuple[Header, ...]:
        """Return the headers that hold in a year; without a year those of the latest one on record."""
        year = stat_year or self.tried_to_year
        return tuple(one for one in self.headers if year is None or one.holds_in(year))

    def is_untried(self, stat_year: int | None) -> bool:
        """Return whether the year is later than any the form was tried with."""
        return stat_year is not None and self.tried_to_year is not None and stat_year > self.tried_to_year


@functools.cache
def forms() -> dict[str, Form]:
    """Return the forms on record, id → form.

    Raises FormError when one contradicts itself or names what no contract knows.
    """
    return {form.id: form for form in (read_form(path) for path in sorted(FORMS_DIR.glob("*/form.toml")))}


def read_form(path: Path) -> Form:
    """Return one form with its headers.

    Raises FormError when form.toml or headers.csv cannot mean anything.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    lists = {name: tuple(value) for name, value in data.items() if isinstance(value, list)}
    table = path.with_name("headers.csv")
    headers = tuple(_read_headers(table)) if table.exists() else ()
    values: dict[str, Any] = {**data, **lists, "headers": headers}
    try:
        form = Form(**values)
    except TypeError as error:
        raise FormError(f"{path}: {error}") from error
    _refuse(form, path)
    return form


def _read_headers(path: Path) -> list[Header]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != HEADER_COLUMNS:
            raise FormError(f"{path}: columns must be {', '.join(HEADER_COLUMNS)}")
        rows = list(reader)
    found = []
    for row in rows:
        years = {name: int(row[name]) if row[name] else None for name in ("from_year", "to_year")}
        values: dict[str, Any] = {**row, **years}
        found.append(Header(**values))
    return found


def _refuse(form: Form, path: Path) -> None:
    """Refuse a form that names an unknown layout, source, table, column, stage, unit or year range."""
    from contracts import dictionary

    wrong = [] if form.layout in LAYOUTS else [f"layout {form.layout}"]
    wrong += [] if form.source in read_codes("sources") else [f"source {form.source}"]
    wrong += [] if form.combined in COMBINED else [f"combined {form.combined}"]
    wrong += _unknown_rows(form, columns_of(dictionary.input_tables()))
    for pattern in filter(None, (form.year_pattern, form.sheet_pattern)):
        re.compile(pattern)
    columns = columns_of(dictionary.input_tables())
    for one in form.headers:
        named = f"{one.sheet} {one.row} {one.path}"
        if one.status not in STATUSES:
            wrong.append(f"{named}: status {one.status}")
        if one.status != "ignored" and one.column_name not in columns.get(one.table_name, ()):
            wrong.append(f"{named}: {one.table_name}.{one.column_name}")
        if one.stage and one.stage not in {*read_codes("stages"), WHOLE}:
            wrong.append(f"{named}: stage {one.stage}")
        if one.unit and one.unit not in read_codes("units"):
            wrong.append(f"{named}: unit {one.unit}")
        if one.from_year and one.to_year and one.from_year > one.to_year:
            wrong.append(f"{named}: {one.from_year}-{one.to_year}")
    if wrong:
        raise FormError(f"{path.parent.name}: {'; '.join(wrong)}")


def columns_of(tables: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return the names of the columns of each table."""
    from contracts import dictionary

    return {name: {one.name for one in dictionary.columns(model)} for name, model in tables.items()}


def _unknown_rows(form: Form, columns: Mapping[str, set[str]]) -> list[str]:
    """Return what keys, fixed values and products of a form of rows name that no table or header has."""
    paths = {one.path for one in form.headers}
    every = set().union(*columns.values())
    wrong = [f"keys {name}" for name in form.keys if name not in every]
    wrong += [
        f"fixed {table}.{name}"
        for table, values in form.fixed.items()
        for name in values
        if name not in columns.get(table, ())
    ]
    texts = [*form.keys.values(), *(text for values in form.fixed.values() for text in values.values())]
    named = [part for text in texts for part in re.findall(r"\{(\w+)", text)]
    return wrong + [f"header {one}" for one in (*named, *form.times, *form.times.values()) if one not in paths]
