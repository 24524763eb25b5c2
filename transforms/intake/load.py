"""Decide county-year by county-year what is accepted, and put it into the store in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from contracts import dictionary
from contracts.fields import COUNTY_CODE
from transforms.intake import findings
from transforms.intake.rename import SOURCE, Bound
from warehouse import store

PLAIN_TABLES = {".csv", ".parquet"}
SCHOOL_TABLES = ("enrolment", "class_size", "teacher", "premises")


@dataclass(frozen=True)
class Batch:
    """What one intake read: typed rows, their findings, and the county-years it is about.

    `tables`: table → typed rows with source columns and `placed_county` (null where no county can be told);
    `county_years`: one row per county_code and stat_year; `refs`: one row per file, sheet, table and column.
    """

    stat_year: int
    tables: dict[str, pl.DataFrame]
    found: pl.DataFrame
    county_years: pl.DataFrame
    refs: pl.DataFrame
    files: pl.DataFrame
    skipped_rows: int


def place(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the tables with `placed_county`: the row's own county, else that of its school_code elsewhere."""
    valid = pl.when(pl.col("county_code").str.contains(COUNTY_CODE)).then(pl.col("county_code"))
    with_school = [
        rows.select("school_code", valid.alias("by_school"))
        for rows in tables.values()
        if "school_code" in rows.columns
    ]
    known = (
        pl.concat(with_school).drop_nulls().unique().filter(pl.col("school_code").is_unique())
        if with_school
        else pl.DataFrame(schema={"school_code": pl.String, "by_school": pl.String})
    )
    placed = {}
    for name, rows in tables.items():
        if "school_code" in rows.columns:
            joined = rows.join(known, on="school_code", how="left", maintain_order="left")
            placed[name] = joined.with_columns(pl.coalesce(valid, "by_school").alias("placed_county")).drop("by_school")
        else:
            placed[name] = rows.with_columns(valid.alias("placed_county"))
    return placed


def locate(found: pl.DataFrame, tables: Mapping[str, pl.DataFrame], refs: pl.DataFrame, stat_year: int) -> pl.DataFrame:
    """Return the findings with file name, cell, county and year filled in from the row they stand in."""
    rows = [
        table.select(
            pl.lit(name).alias("table_name"),
            *SOURCE,
            "placed_county",
            (pl.col("school_code") if "school_code" in table.columns else pl.lit(None, dtype=pl.String)).alias(
                "row_school"
            ),
        )
        for name, table in tables.items()
    ]
    on_row = ["table_name", "source_sha256", "source_sheet", "source_row"]
    if rows:
        placed = pl.concat(rows).unique(subset=on_row)
        found = found.join(placed, on=on_row, how="left", nulls_equal=True, maintain_order="left")
        found = found.with_columns(
            pl.col("placed_county").alias("county_code"), pl.coalesce("school_code", "row_school").alias("school_code")
        )
    names = refs.select("source_sha256", pl.col("source_file").alias("ref_file")).unique(subset="source_sha256")
    found = found.join(names, on="source_sha256", how="left", maintain_order="left").join(
        refs.select("source_sha256", "source_sheet", "table_name", "column_name", "ref"),
        on=["source_sha256", "source_sheet", "table_name", "column_name"],
        how="left",
        maintain_order="left",
    )
    by_letter = pl.col("ref").str.contains(r"^[A-Z]{1,3}$")
    cell = (
        pl.when(by_letter)
        .then(pl.format("{}{}", "ref", "source_row"))
        .otherwise(pl.format("{}#{}", "ref", "source_row"))
    )
    return found.with_columns(
        pl.coalesce("source_file", "ref_file").alias("source_file"),
        pl.coalesce("cell", cell).alias("cell"),
        pl.lit(stat_year, dtype=pl.Int32).alias("stat_year"),
        pl.when(pl.col("source_sheet") != "").then(pl.col("source_sheet")).alias("source_sheet"),
    ).select(*findings.SCHEMA)


def references(bounds: list[Bound]) -> pl.DataFrame:
    """Return the source map: one row per file, sheet, table and column, with the column's place in the source."""
    rows = [
        (bound.file.sha256, bound.file.name, bound.sheet, bound.table, column, ref, bound.headers[column])
        for bound in bounds
        for column, ref in bound.refs.items()
    ]
    names = ["source_sha256", "source_file", "source_sheet", "table_name", "column_name", "ref", "header"]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def touched(tables: Mapping[str, pl.DataFrame], stat_year: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the county-years of the rows, and which file touches which of them."""
    pairs = [rows.select("source_sha256", pl.col("placed_county").alias("county_code")) for rows in tables.values()]
    schema = {"source_sha256": pl.String, "county_code": pl.String}
    by_file = pl.concat([pl.DataFrame(schema=schema), *pairs]).drop_nulls().unique()
    by_file = by_file.with_columns(pl.lit(stat_year, dtype=pl.Int32).alias("stat_year")).sort(
        "county_code", "source_sha256"
    )
    return by_file.select("county_code", "stat_year").unique(maintain_order=True), by_file


def held_counties(batch: Batch) -> set[str]:
    """Return the counties with an error; an error that no county can be told for holds all counties of its file."""
    wrong = findings.errors(batch.found)
    named = set(wrong["county_code"].drop_nulls())
    unplaced = wrong.filter(pl.col("county_code").is_null()).select("source_sha256", "source_file").unique()
    of_files = set(batch.files.join(unplaced, on="source_sha256", how="semi")["county_code"])
    return named | of_files | _beside_lost_tables(batch, unplaced)


def _beside_lost_tables(batch: Batch, unplaced: pl.DataFrame) -> set[str]:
    """Return the counties of plain tables in a folder where another table could not be read at all.

    What lies in one folder was sent together: without one of its tables a county-year is not whole.
    """
    lost = unplaced.join(batch.files, on="source_sha256", how="anti")["source_file"].to_list()
    folders = {str(Path(name).parent) for name in lost if Path(name).suffix.lower() in PLAIN_TABLES}
    names = batch.refs.select("source_sha256", "source_file").unique()
    beside = [
        sha256
        for sha256, name in names.rows()
        if str(Path(name).parent) in folders and Path(name).suffix.lower() in PLAIN_TABLES
    ]
    return set(batch.files.filter(pl.col("source_sha256").is_in(beside))["county_code"])


def load(con: duckdb.DuckDBPyConnection, batch: Batch, run_id: str, accepted: Collection[str] = ()) -> dict[str, int]:
    """Put the accepted county-years of the batch into the store, hold the others, all in one transaction.

    `accepted`: counties whose errors somebody has taken on; their failing cells are loaded as missing.
    Returns counts: rows_in, rows_accepted, rows_quarantined, rows_skipped, held, provisional.
    Raises ValueError when rows were lost on the way (rows in ≠ accepted + quarantined + skipped).
    """
    held = held_counties(batch)
    provisional = held & set(accepted)
    held -= provisional
    rows_in = sum(rows.height for rows in batch.tables.values()) + batch.skipped_rows
    loaded = {}
    quarantined = 0
    for name, rows in batch.tables.items():
        refused = pl.col("placed_county").is_null() | pl.col("placed_county").is_in(list(held))
        quarantined += rows.filter(refused).height
        kept = rows.filter(~refused)
        if provisional:
            kept, left_out = without_failures(name, kept, batch.found, provisional)
            quarantined += left_out
        loaded[name] = kept.drop("placed_county")
    counts = {
        "rows_in": rows_in,
        "rows_accepted": sum(rows.height for rows in loaded.values()),
        "rows_quarantined": quarantined,
        "rows_skipped": batch.skipped_rows,
        "held": len(held),
        "provisional": len(provisional),
    }
    if rows_in != counts["rows_accepted"] + counts["rows_quarantined"] + counts["rows_skipped"]:
        raise ValueError(f"rows were lost: {counts}")
    states = batch.county_years.with_columns(
        pl.col("county_code").is_in(list(held)).alias("is_held"),
        pl.col("county_code").is_in(list(provisional)).alias("is_provisional"),
    )
    store.replace_county_years(con, loaded, states, batch.files, batch.refs, findings.worded(batch.found), run_id)
    return counts


def without_failures(
    table: str, rows: pl.DataFrame, found: pl.DataFrame, counties: Collection[str]
) -> tuple[pl.DataFrame, int]:
    """Return the rows with failing cells missing and rows without a usable key left out, and how many were left out.

    What was left out could belong to any row of its site (or of the county, when the site is unknown), so their
    values become missing as well: a sum must not look whole when a part of it was left out.
    """
    columns = dictionary.columns(dictionary.input_tables()[table])
    key = [column.name for column in columns if column.is_key]
    values = [column.name for column in columns if not column.is_key and not column.is_optional]
    wrong = findings.errors(found).filter(
        (pl.col("table_name") == table)
        & (pl.col("county_code").is_in(list(counties)) | pl.col("county_code").is_null())
    )
    place = ["source_sha256", "source_sheet", "source_row"]
    wrong = wrong.with_columns(pl.col("source_sheet").fill_null(""))
    for name in values:
        cells = (
            wrong.filter((pl.col("column_name") == name) & (pl.col("rule") != "duplicate_key")).select(place).unique()
        )
        failed = rows.join(
            cells.with_columns(pl.lit(value=True).alias("failed")), on=place, how="left", maintain_order="left"
        )
        rows = rows.with_columns(pl.when(failed["failed"].is_null()).then(pl.col(name)).alias(name))
    keyless = wrong.filter(pl.col("column_name").is_in(key)).select(place).unique()
    left_out = rows.join(keyless, on=place, how="semi")
    kept = rows.join(keyless, on=place, how="anti", maintain_order="left")
    if left_out.height and table in SCHOOL_TABLES:
        kept = _blanked(kept, left_out, values)
    return kept, left_out.height


def _blanked(kept: pl.DataFrame, left_out: pl.DataFrame, values: list[str]) -> pl.DataFrame:
    """Return the rows with the values missing in every site that lost a row; in the county, if the site is unknown."""
    sites = kept.select("placed_county", "school_code", "campus_no").unique()
    lost = left_out.select("placed_county", "school_code", "campus_no").unique()
    unknown = lost.join(sites, on=["placed_county", "school_code", "campus_no"], how="anti", nulls_equal=True)
    counties = unknown["placed_county"].to_list()
    marked = kept.join(
        lost.with_columns(pl.lit(value=True).alias("lost")),
        on=["placed_county", "school_code", "campus_no"],
        how="left",
        maintain_order="left",
    )
    blank = marked["lost"].is_not_null() | kept["placed_county"].is_in(counties)
    return kept.with_columns(pl.when(~blank).then(pl.col(name)).alias(name) for name in values)
