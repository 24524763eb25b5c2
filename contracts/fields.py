"""Columns of a contract: a pandera field with label, unit, description and key beside its checks."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

import polars as pl

from contracts.codes import read_codes
from contracts.lean import without

UNUSED = ("numpy", "pandas", "pyspark", "hypothesis")
"""pandera takes in whichever of these is installed, when imported and at its first check: a second for nothing."""

with without(*UNUSED):
    import pandera.polars as pa

    import_module("pandera.backends.polars.builtin_checks")

Amount = Annotated[pl.Decimal, 18, 2]
"""Money in yuan, areas in m²: two decimals, exact."""
Quantity = Annotated[pl.Decimal, 18, 4]
"""Counts, amounts and ratios as reported, before any split: four decimals, exact."""
Fine = Annotated[pl.Decimal, 18, 6]
"""Counts after a split, operands of a comparison: six decimals, exact."""


class Table(pa.DataFrameModel):
    """Base of every contract: no column more, no column less."""

    class Config:
        """Strict: an unknown column is an error."""

        strict = True


def failing(model: type[Table], rows: pl.DataFrame) -> pl.DataFrame | None:
    """Return what does not hold of typed rows, one row per failing cell (column, check, failure_case, index).

    None when the contract holds. pandera takes one column and check after the other, which costs more than all the rest
    of reading a small file; so all are asked at once, and it is shown the columns in which something may fail.
    """
    schema = model.to_schema()
    if {name: column.dtype.type for name, column in schema.columns.items()} == dict(rows.schema):
        suspect = _suspect(schema, rows)
        if not suspect:
            return None
        schema, rows = schema.select_columns(suspect), rows.select(suspect)
    try:
        with without(*UNUSED):
            schema.validate(rows, lazy=True)
    except pa.errors.SchemaErrors as error:
        return error.failure_cases
    return None


KEPT: dict[str, Callable[[pl.Expr, dict[str, Any]], pl.Expr]] = {
    "greater_than_or_equal_to": lambda cell, told: cell >= told["min_value"],
    "less_than_or_equal_to": lambda cell, told: cell <= told["max_value"],
    "isin": lambda cell, told: cell.is_in(told["allowed_values"]),
    "str_matches": lambda cell, told: cell.str.contains(f"^(?:{told['pattern']})"),
}
"""Check of a contract → where a cell keeps it."""


def _suspect(schema: pa.DataFrameSchema, rows: pl.DataFrame) -> list[str]:
    """Return the columns that pandera has to look at: something fails there, or it is not of a kind asked here."""
    if schema.checks or schema.unique:
        return list(schema.columns)
    kept, unasked = {}, []
    for name, column in schema.columns.items():
        if column.unique or rows.schema[name].is_float() or any(check.name not in KEPT for check in column.checks):
            unasked.append(name)
            continue
        asked = [] if column.nullable else [pl.col(name).is_not_null().all()]
        asked += [KEPT[check.name](pl.col(name), check.statistics).all() for check in column.checks]
        if asked:
            kept[name] = pl.all_horizontal(asked).alias(name)
    holds = rows.select(**kept).row(0, named=True) if kept else {}
    return [name for name in schema.columns if name in unasked or not holds.get(name, True)]


SCHOOL_CODE = r"^\d{10}$"
COUNTY_CODE = r"^\d{6}$"
ITEM_CODE = r"^[A-Z]\d{1,2}$"
ISO_DATE = r"^\d{4}-\d{2}-\d{2}$"
PATTERN_WORDS = {
    SCHOOL_CODE: "10位数字 10 digits",
    COUNTY_CODE: "6位数字 6 digits",
    ITEM_CODE: "指标代码 item code, G4",
    ISO_DATE: "日期 date, 2021-09-01",
}


def _field(label: str, description: str, unit: str = "", **options: Any) -> Any:
    """Return a pandera field whose metadata carry unit, key, codes and whether it may be left out of a file."""
    metadata = {name: options.pop(name, None) for name in ("key", "optional", "codes")}
    return pa.Field(title=label, description=description, metadata={"unit": unit, **metadata}, **options)


def whole(label: str, description: str, unit: str = "", low: int | None = 0, **options: Any) -> Any:
    """Return a field for a whole number, by default not below 0."""
    return _field(label, description, unit, ge=low, **options)


def amount(label: str, description: str, unit: str, low: int | None = 0, **options: Any) -> Any:
    """Return a field for an exact decimal amount, by default not below 0."""
    return _field(label, description, unit, ge=low, **options)


def real(label: str, description: str, unit: str = "", **options: Any) -> Any:
    """Return a field for a computed real number (double)."""
    return _field(label, description, unit, **options)


def text(label: str, description: str, **options: Any) -> Any:
    """Return a field for free text; `pattern` makes it an identifier."""
    if pattern := options.pop("pattern", None):
        options["str_matches"] = pattern
    return _field(label, description, **options)


def flag(label: str, description: str, **options: Any) -> Any:
    """Return a field for yes or no."""
    return _field(label, description, **options)


def code(label: str, description: str, codes: str, **options: Any) -> Any:
    """Return a field whose values are the closed list contracts/codes/<codes>.csv."""
    return _field(label, description, codes=codes, isin=list(read_codes(codes)), **options)
