"""From text to typed cells: pattern first, then cast; what does not fit is a finding with its cell, never a zero."""

from __future__ import annotations

import polars as pl

from contracts import dictionary
from contracts.codes import read_codes
from contracts.dictionary import Column
from contracts.fields import Table
from transforms.intake import findings
from transforms.intake.rename import SOURCE

WHOLE = r"^[+-]?\d+(\.0+)?$"
NUMBER = r"^[+-]?\d+(\.\d+)?$"
GROUPED = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
PLAIN_NUMBER = r"^-?[0-9]+(\.[0-9]{{1,{scale}}})?$"
"""A number with no more decimals than its column keeps."""
SCIENTIFIC = r"^\d(\.\d+)?[eE]\+?\d+$"
DATE = r"^\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?( \d.*)?$"
REPEATED_HEADER = "repeated_header"
YES_NO = {"是": True, "否": False, "true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
EXCEL_NOISE = 1e-6
"""Spreadsheets keep binary fractions: 4567.8 may arrive as 4567.799999999999; only more than this is rounding."""


def parse(table: str, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the table typed as its contract says, failing cells null, and one finding per failing cell.

    `rows` are text columns named as the contract, with the source columns; blank is null, never 0. Cells written
    plainly are cast as they stand; only rows with another cell go the way of patterns.
    """
    model = dictionary.input_tables()[table]
    columns = dictionary.columns(model)
    quick = rows.select(*(_plainly(model, column) for column in columns), *SOURCE)
    strange = [
        one.name for one in columns if _is_checked(one) and quick[one.name].null_count() > rows[one.name].null_count()
    ]
    if not strange:
        return quick, findings.none()
    odd = pl.select(pl.any_horizontal(rows[name].is_not_null() & quick[name].is_null() for name in strange)).to_series()
    headers = rows.select(_is_header(columns).fill_null(value=False).alias("header"))["header"]
    typed, found = _by_pattern(table, rows.filter(odd & ~headers))
    emptied = rows.filter(headers).select(
        *(pl.lit(None, dictionary.polars_type(model, column.name)).alias(column.name) for column in columns), *SOURCE
    )
    place = pl.int_range(pl.len()).alias("row place")
    at = quick.select(place)["row place"]
    parts = [(quick, ~odd & ~headers), (typed, odd & ~headers), (emptied, headers)]
    ordered = [(part.filter(of) if part is quick else part).with_columns(at.filter(of)) for part, of in parts]
    again = _repeated(table, columns, rows.filter(headers))
    return pl.concat(ordered).sort("row place").drop("row place"), findings.joined([found, again])


def _plainly(model: type[Table], column: Column) -> pl.Expr:
    """Return the cell cast as it stands, null when it is written in any other than the plainest way."""
    cell = pl.col(column.name)
    dtype = dictionary.polars_type(model, column.name)
    if column.kind == "integer":
        return cell.cast(dtype, strict=False)
    if column.kind == "decimal":
        plain = cell.str.contains(PLAIN_NUMBER.format(scale=dtype.scale))
        return pl.when(plain).then(cell.cast(dtype, strict=False)).alias(column.name)
    if column.kind == "boolean":
        return cell.replace_strict(YES_NO, default=None, return_dtype=pl.Boolean)
    if column.codes:
        return pl.when(cell.is_in(list(read_codes(column.codes)))).then(cell)
    if column.pattern:
        return pl.when(cell.str.contains(column.pattern.replace(r"\d", "[0-9]"))).then(cell)
    return _normalised(column).alias(column.name)


def _is_checked(column: Column) -> bool:
    """Return whether a column takes some texts only."""
    return column.kind != "text" or bool(column.codes or column.pattern)


def _is_header(columns: tuple[Column, ...]) -> pl.Expr:
    """Return where most of a row's cells repeat the headers above them."""
    same = [
        pl.col(column.name).str.strip_chars().is_in([column.header, column.label, column.name]).fill_null(value=False)
        for column in columns
    ]
    filled = [pl.col(column.name).is_not_null() for column in columns]
    return (pl.sum_horizontal(same) > 1) & (pl.sum_horizontal(same) * 2 > pl.sum_horizontal(filled))


def _repeated(table: str, columns: tuple[Column, ...], rows: pl.DataFrame) -> pl.DataFrame:
    """Return one finding for each row that is a header again, at its first cell."""
    cells = pl.concat_str([pl.col(column.name) for column in columns[:4]], separator=" ", ignore_nulls=True)
    return findings.of_rows(REPEATED_HEADER, table, columns[0].name, rows, cells, None)


def _by_pattern(table: str, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows typed by the patterns of their columns, and one finding per cell that fits none."""
    model = dictionary.input_tables()[table]
    columns = dictionary.columns(model)
    texts = rows.with_columns(_normalised(column).alias(column.name) for column in columns)
    typed = texts.select(*(_typed(model, column) for column in columns), *SOURCE)
    paired = texts.select(column.name for column in columns).hstack(
        typed.select(pl.col(column.name).alias(f"typed {column.name}") for column in columns)
    )
    rules = [(column, rule, mask) for column in columns for rule, mask in _failures(column).items()]
    masks = paired.select(mask.fill_null(value=False).alias(f"{rule} {column.name}") for column, rule, mask in rules)
    found = [
        findings.of_rows(
            rule, table, column.name, texts.filter(mask), pl.col(column.name), _allowed(model, column, rule)
        )
        for (column, rule, _), mask in zip(rules, masks, strict=True)
        if mask.any()
    ]
    return typed, findings.joined(found)


def _normalised(column: Column) -> pl.Expr:
    """Return the cell's text, blanks cut off; numbers and codes in half width, without thousands separators."""
    cell = pl.col(column.name)
    if column.kind == "text" and not column.codes and not column.pattern:
        trimmed = cell.str.normalize("NFC").str.strip_chars()
    else:
        trimmed = cell.str.normalize("NFKC").str.strip_chars()
    if column.kind in {"integer", "decimal"}:
        trimmed = pl.when(trimmed.str.contains(GROUPED)).then(trimmed.str.replace_all(",", "")).otherwise(trimmed)
    if column.kind == "text" and (column.codes or column.pattern):
        trimmed = trimmed.str.replace(r"^(\d+)\.0+$", "$1")  # a code that a spreadsheet stored as a number
    return pl.when(trimmed == "").then(None).otherwise(trimmed)


def _typed(model: type[Table], column: Column) -> pl.Expr:
    cell = pl.col(column.name)
    dtype = dictionary.polars_type(model, column.name)
    if column.kind == "integer":
        whole = pl.when(cell.str.contains(WHOLE)).then(cell.str.replace(r"\.0+$", ""))
        return whole.str.to_integer(strict=False, dtype=pl.Int64).cast(dtype, strict=False).alias(column.name)
    if column.kind == "decimal":
        number = pl.when(cell.str.contains(NUMBER)).then(cell)
        return number.str.strip_prefix("+").cast(dtype, strict=False).alias(column.name)
    if column.kind == "boolean":
        words = cell.str.to_lowercase()
        return words.replace_strict(YES_NO, default=None, return_dtype=pl.Boolean).alias(column.name)
    if column.codes:
        by_text = {row["text_zh"]: code for code, row in read_codes(column.codes).items()}
        return cell.replace(by_text).alias(column.name)
    return cell.alias(column.name)


def _failures(column: Column) -> dict[str, pl.Expr]:
    """Return rule → mask: cells with text but no value, and numbers that lost decimals."""
    text, value = pl.col(column.name), pl.col(f"typed {column.name}")
    if column.kind == "text":
        return {"code_in_scientific_notation": text.str.contains(SCIENTIFIC)} if column.pattern else {}
    rule = {"integer": "not_a_whole_number", "decimal": "not_a_number", "boolean": "not_yes_no"}[column.kind]
    failed = text.is_not_null() & value.is_null()
    if column.kind == "boolean":
        return {rule: failed}
    rules = {rule: failed & ~text.str.contains(DATE), "date_in_number": failed & text.str.contains(DATE)}
    if column.kind == "decimal":
        lost = text.cast(pl.Float64, strict=False) - value.cast(pl.Float64)
        rules["rounded"] = lost.abs() > EXCEL_NOISE
    return rules


def _allowed(model: type[Table], column: Column, rule: str) -> str:
    return str(dictionary.polars_type(model, column.name).scale) if rule == "rounded" else column.allowed_text
