"""Spell the values of a workbook's cells as the text a person would type."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

SURE = (1e-4, 1e15)
"""Between these every library writes a binary number in the same shortest digits, without an exponent."""


def cell_text(value: Any) -> str | None:
    """Return a workbook cell as the text a person would type: whole floats without .0, dates as ISO, blank as None."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)


def column_text(values: Sequence[Any]) -> pl.Series:
    """Return the values of a column as text; each different one is worded once."""
    kinds = set(map(type, values))
    if kinds <= {str}:
        return pl.Series(values, dtype=pl.String).replace("", None)
    if kinds == {float}:
        return number_text(pl.Series(values, dtype=pl.Float64))
    if bool in kinds:  # True and 1 are one key of a dict
        return pl.Series([cell_text(value) for value in values], dtype=pl.String)
    words = {value: cell_text(value) for value in set(values)}
    return pl.Series(list(map(words.__getitem__, values)), dtype=pl.String)


def number_text(numbers: pl.Series) -> pl.Series:
    """Return numbers as text, missing ones as None."""
    size = numbers.abs()
    if not ((size < SURE[1]) & ((size >= SURE[0]) | (size == 0))).all():
        words = {value: cell_text(value) for value in numbers.unique().to_list()}
        return pl.Series([words[value] for value in numbers.to_list()], dtype=pl.String)
    if (numbers.floor() == numbers).all():
        return numbers.cast(pl.Int64).cast(pl.String)
    return numbers.cast(pl.String).str.strip_suffix(".0").replace("-0", "0")
