"""Columns of a contract: a pandera field with label, unit, description and key beside its checks."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated, Any

import polars as pl

from contracts.codes import read_codes

__all__ = ["SchemaErrors", "pa"]
SET_BY_PANDERA = ("SPARK_LOCAL_IP", "PYARROW_IGNORE_TIMEZONE")


@contextmanager
def _without_spark() -> Generator[None]:
    """Keep pandera from importing pyspark where it is installed, and from binding every Spark driver to loopback."""
    before = {name: os.environ.get(name) for name in SET_BY_PANDERA}
    is_hidden = "pyspark.pandas" not in sys.modules
    if is_hidden:
        sys.modules["pyspark.pandas"] = None  # ty: ignore[invalid-assignment]
    try:
        yield
    finally:
        if is_hidden:
            del sys.modules["pyspark.pandas"]
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)


with _without_spark():  # everything of pandera that the project uses comes from here
    import pandera.polars as pa
    from pandera.errors import SchemaErrors

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
