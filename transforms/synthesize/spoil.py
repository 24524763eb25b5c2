"""Spoil some cells of made-up tables the way files from outside are spoilt: each kind is one that intake must find."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import polars as pl

from contracts import dictionary

if TYPE_CHECKING:
    import numpy as np

WORDS = {"integer": ("暂无", "-3", "12.6", "#DIV/0!", ""), "decimal": ("暂无", "-3", "1,23", ""), "boolean": ("也许",)}
"""Kind of a column → what stands in a spoilt cell; codes and keys have words of their own."""
HARMLESS = {"integer": " １２ ", "decimal": "1,234.50"}
"""Full width, blanks, thousands separators: typed as a person would read them, no finding."""
MOST_CELLS = 3


def spoilt(table: str, rows: pl.DataFrame, share: float, random: np.random.Generator) -> pl.DataFrame:
    """Return the rows as text, some cells of every table spoilt in this part of its counties, and one row doubled.

    Which counties they are hangs on their code alone, so all tables are spoilt in the same ones.
    """
    text = rows.select(pl.col(name).cast(pl.String) for name in rows.columns).with_row_index("at")
    counties = [one for one in text["county_code"].unique().to_list() if zlib.crc32(one.encode()) % 1000 < share * 1000]
    chosen = text.filter(pl.col("county_code").is_in(counties))
    if chosen.is_empty():
        return text.drop("at")
    columns = [one for one in dictionary.columns(dictionary.input_tables()[table]) if one.name in rows.columns]
    picked = chosen.select("at", pl.lit(random.random(chosen.height)).alias("dice")).sort("dice", "at")
    places = picked.join(chosen.select("at", "county_code"), on="at", maintain_order="left")
    places = places.filter(pl.int_range(pl.len()).over("county_code") < MOST_CELLS)["at"].to_list()
    for at in places:
        column = columns[int(random.integers(len(columns)))]
        text = _with_cell(text, at, column.name, _word(column, random))
    return pl.concat([text, text.filter(pl.col("at") == places[0])]).sort("at", maintain_order=True).drop("at")


def _with_cell(text: pl.DataFrame, at: int, name: str, word: str) -> pl.DataFrame:
    said = pl.lit(word or None, dtype=pl.String)
    return text.with_columns(pl.when(pl.col("at") == at).then(said).otherwise(name).alias(name))


def _word(column: dictionary.Column, random: np.random.Generator) -> str:
    """Return what stands in a spoilt cell of a column."""
    if column.codes:
        return "没有的代码"
    if column.pattern:
        return str(random.choice(["", "12345", "2.15E+9"]))
    words = [*WORDS.get(column.kind, ("",)), *([HARMLESS[column.kind]] if column.kind in HARMLESS else [])]
    return str(random.choice(words))
