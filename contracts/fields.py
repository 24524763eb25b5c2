"""Columns of a contract: a pandera field with label, unit, description and key beside its checks."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import polars as pl

from contracts.codes import read_codes
from contracts.lean import without

UNUSED = ("pandas", "pyspark", "hypothesis")
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

    None when the contract holds. pandera takes one column after the other, which costs more than all the rest of
    reading a small file; so all checks are asked at once, and it is shown the columns in which something fails.
    """
    schema = model.to_schema()
    if {name: column.dtype.type for name, column in schema.columns.items()} == dict(rows.schema):
        schema = schema.select_columns(_suspect(schema, rows))
        rows = rows.select(*schema.columns)
    try:
        with without(*UNUSED):
            schema.validate(rows, lazy=True)
    except pa.errors.SchemaErrors as error:
        return error.failure_cases
    return None


def _suspect(schema: pa.DataFrameSchema, rows: pl.DataFrame) -> list[str]:
    """Return the columns with a null where none may be, or a value that one of their checks does not let pass.

    Raises NotImplementedError for a contract with what no contract has yet: a check of several columns, or unique ones.
    """
    if schema.checks or schema.unique or any(column.unique for column in schema.columns.values()):
        raise NotImplementedError(f"{schema.name}: a check of whole tables or rows")
    asked = [(name, check) for name, column in schema.columns.items() for check in column.checks]
    with without(*UNUSED):
        outputs = [check(rows.lazy(), name).check_output.select(pl.all().all()) for name, check in asked]
    passed = [one.item() for one in pl.collect_all(outputs)]
    wrong = {name for (name, _), is_passed in zip(asked, passed, strict=True) if not is_passed}
    for name, column in schema.columns.items():
        values = rows[name]
        is_nan = values.dtype.is_float() and values.is_nan().any()
        if not column.nullable and (values.null_count() or is_nan):
            wrong.add(name)
    return [name for name in schema.columns if name in wrong]


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
