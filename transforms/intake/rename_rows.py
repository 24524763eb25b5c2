"""Bind a plain table of another system, one row a school: its own headers, keys made as its form says."""

from __future__ import annotations

import re

import polars as pl

from contracts import dictionary
from contracts.form import Form, Header
from transforms.intake import findings
from transforms.intake.read import Sheet, column_letter
from transforms.intake.rename import Bound, at, headers_in, is_filled, numbered, places
from transforms.intake.unfold import plain

PART = re.compile(r"\{(\w+)(?::0(\d+))?\}")
"""Part of a key: the text under a header, with leading zeros up to a length."""
WHOLE = r"^([+-]?\d+)\.0+$"
NUMBER = r"^[+-]?\d{1,14}(\.\d{1,4})?$"


def is_of(form: Form, sheet: Sheet) -> bool:
    """Return whether every required header of the form stands in the first row of a sheet."""
    needed = {plain(one.path) for one in form.headers if one.status == "required"}
    return bool(needed) and needed <= {plain(text) for text in headers_in(sheet)}


def bind(form: Form, sheet: Sheet, stat_year: int | None) -> tuple[list[Bound], pl.DataFrame]:
    """Return the rows of a sheet, a table at a time, and the headers that are unknown or stand twice."""
    known = form.headers_of(stat_year)
    texts = headers_in(sheet)
    positions: dict[str, int] = {}
    found: list[dict[str, object]] = []
    for position, text in enumerate(texts):
        said = {**at(sheet), "cell": f"{column_letter(position)}1", "value": text}
        if plain(text) in positions:
            found.append({**said, "rule": "duplicate_header"})
        elif form.unknown_headers == "error" and plain(text) not in {plain(one.path) for one in known}:
            found.append({**said, "rule": "unknown_header"})
        positions.setdefault(plain(text), position)
    body = numbered(sheet) if sheet.names else numbered(sheet).slice(1)
    rows = body.filter(is_filled(body))
    groups: dict[tuple[str, str, str], list[Header]] = {}
    for one in known:
        if one.table_name and plain(one.path) in positions and one.status in ("required", "optional"):
            groups.setdefault((one.table_name, one.stage, one.grade), []).append(one)
    bounds = [_table(form, sheet, rows, key, members, positions) for key, members in groups.items()]
    return bounds, findings.frame(found)


def _table(
    form: Form,
    sheet: Sheet,
    rows: pl.DataFrame,
    key: tuple[str, str, str],
    members: list[Header],
    positions: dict[str, int],
) -> Bound:
    """Return the rows of one table: what stands under its headers, its keys, and what the form says once for all."""
    table, stage, grade = key
    values = {one.column_name: _value(form, one, positions) for one in members}
    values |= {name: _made(text, positions) for name, text in {**form.keys, **form.fixed.get(table, {})}.items()}
    values |= {name: pl.lit(text) for name, text in (("stage", stage), ("grade", grade)) if text}
    columns = [one.name for one in dictionary.columns(dictionary.input_tables()[table])]
    group = ":".join((sheet.name, stage, grade)) if stage or grade else sheet.name
    made = rows.select(
        *(values.get(name, pl.lit(None, dtype=pl.String)).alias(name) for name in columns),
        pl.lit(sheet.file.sha256).alias("source_sha256"),
        pl.lit(group).alias("source_sheet"),
        pl.col("source_row"),
    )
    under = {one.column_name: one.path for one in members}
    under |= {name: part[1] for name, text in form.keys.items() if (part := PART.search(text))}
    told = [(group, name, sheet.name, _letter(sheet, positions[plain(path)]), path) for name, path in under.items()]
    return Bound(sheet.file, table, made, places(told), 0, form.id, form.source, sheet=sheet.name)


def _letter(sheet: Sheet, position: int) -> str:
    return sheet.names[position] if sheet.names else column_letter(position)


def _text(path: str, positions: dict[str, int]) -> pl.Expr:
    """Return the text under a header; a whole number loses the .0 that programs give it."""
    return pl.col(f"c{positions[plain(path)]}").str.strip_chars().str.replace(WHOLE, "$1")


def _made(said: str, positions: dict[str, int]) -> pl.Expr:
    """Return a key put together from texts and headers: {distid:06}{schid:04}."""
    parts, end = [], 0
    for part in PART.finditer(said):
        parts += [pl.lit(said[end : part.start()]), _text(part[1], positions).str.zfill(int(part[2] or 0))]
        end = part.end()
    return pl.concat_str([*parts, pl.lit(said[end:])])


def _value(form: Form, one: Header, positions: dict[str, int]) -> pl.Expr:
    """Return what stands under a header; a figure given per pupil times the pupils beside it, exact."""
    text = _text(one.path, positions)
    if one.path not in form.times:
        return text
    other = _text(form.times[one.path], positions)
    exact = [pl.when(part.str.contains(NUMBER)).then(part).cast(pl.Decimal(18, 4)) for part in (text, other)]
    product = (exact[0].cast(pl.Decimal(38, 4)) * exact[1].cast(pl.Decimal(38, 0))).cast(pl.Decimal(38, 4))
    whole = product.cast(pl.String).str.replace(r"0+$", "").str.strip_suffix(".")
    return pl.coalesce(whole, text)
