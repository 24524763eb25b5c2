"""What is wrong, as rows: rule, place, what was seen, what is allowed; sentences come from contracts/rules.csv."""

from __future__ import annotations

import csv
import functools
from pathlib import Path

import polars as pl

from contracts import dictionary

RULES_PATH = Path(__file__).parents[2] / "contracts" / "rules.csv"

SCHEMA = {
    "rule": pl.String,
    "table_name": pl.String,
    "column_name": pl.String,
    "source_sha256": pl.String,
    "source_file": pl.String,
    "source_sheet": pl.String,
    "source_row": pl.Int32,
    "cell": pl.String,
    "stat_year": pl.Int32,
    "county_code": pl.String,
    "school_code": pl.String,
    "value": pl.String,
    "allowed": pl.String,
}
"""One row per finding; severity and sentences are added by `worded`."""

WORDED_COLUMNS = ("severity", "message_zh", "message_en", "advice_zh", "advice_en")


@functools.cache
def rules() -> dict[str, dict[str, str]]:
    """Return every kind of finding, rule id → severity, tolerance and its sentences."""
    with RULES_PATH.open(encoding="utf-8", newline="") as file:
        return {row["rule"]: row for row in csv.DictReader(file)}


def none() -> pl.DataFrame:
    """Return no finding."""
    return pl.DataFrame(schema=SCHEMA)


def frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    """Return findings made one by one (of a file, a sheet, a header); what a row leaves out is null."""
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)


def joined(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return several findings tables as one, columns of the schema only."""
    return pl.concat([none(), *(part.select(*SCHEMA) for part in parts)])


def of_rows(
    rule: str,
    table: str,
    column: str | pl.Expr,
    rows: pl.DataFrame,
    value: pl.Expr,
    allowed: str | pl.Expr | None,
) -> pl.DataFrame:
    """Return one finding per row; where it stands (file, cell, county) is filled in when the batch is located."""
    said = {
        "rule": pl.lit(rule),
        "table_name": pl.lit(table),
        "column_name": pl.lit(column) if isinstance(column, str) else column,
        "source_sha256": pl.col("source_sha256"),
        "source_sheet": pl.col("source_sheet"),
        "source_row": pl.col("source_row"),
        "value": value,
        "allowed": allowed if isinstance(allowed, pl.Expr) else pl.lit(allowed),
    }
    return rows.select(said.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in SCHEMA.items())


def worded(found: pl.DataFrame) -> pl.DataFrame:
    """Return the findings with severity, message and advice in Chinese and English, in order of place.

    Raises KeyError for a rule that contracts/rules.csv does not know.
    """
    unknown = set(found["rule"].unique()) - set(rules())
    if unknown:
        raise KeyError(f"contracts/rules.csv has no rule {sorted(unknown)}")
    said = {name: {rule: row[name] for rule, row in rules().items()} for name in WORDED_COLUMNS}
    place = ["source_file", "source_sheet", "source_row", "column_name", "rule", "value"]
    return found.with_columns(_filled(name, said[name]) for name in WORDED_COLUMNS).sort(place, nulls_last=False)


def _filled(column: str, sentences: dict[str, str]) -> pl.Expr:
    """Return the sentence of each row's rule with {value} and {allowed} of the row filled in."""
    expression = pl.col("rule").replace_strict(sentences, return_dtype=pl.String)
    for name in ("value", "allowed"):
        expression = expression.str.replace_all("{" + name + "}", pl.col(name).fill_null(""), literal=True)
    return expression.alias(column)


def errors(found: pl.DataFrame) -> pl.DataFrame:
    """Return the findings that hold something back."""
    return found.filter(pl.col("rule").is_in([rule for rule, row in rules().items() if row["severity"] == "error"]))


def column_label(table: str | None, column: str | None) -> str:
    """Return the Chinese header of a column in brackets, or nothing where a finding has no column."""
    model = dictionary.input_tables().get(table or "")
    labels = {one.name: one.label for one in dictionary.columns(model)} if model else {}
    return f"({labels[column]})" if column in labels else ""


def placed(row: dict[str, object]) -> str:
    """Return where a finding is: file › sheet › cell."""
    parts = [row["source_file"], row["source_sheet"], row["cell"]]
    return " › ".join(str(part) for part in parts if part)
