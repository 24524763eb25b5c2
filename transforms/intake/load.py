"""Decide county-year by county-year what is accepted, and put it into the store in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from contracts import dictionary
from contracts.fields import COUNTY_CODE
from transforms.intake import findings
from transforms.intake.rename import Bound

if TYPE_CHECKING:
    import duckdb

REFERENCES = (
    "source_sha256", "source_file", "source_sheet", "table_name", "column_name", "ref_sheet", "ref", "header",
)  # fmt: skip
MERGED_GROUP = r":\+\d+$"
"""How merge names the rows it makes of several."""
LOST_SCHOOL = ("unknown_school", "ambiguous_school")
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
    compared: pl.DataFrame = field(default_factory=pl.DataFrame)


def place(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the tables with `placed_county`: the row's own county, else that of its school_code elsewhere."""
    valid = pl.when(pl.col("county_code").str.contains(COUNTY_CODE)).then(pl.col("county_code"))
    own = {name: rows.select(valid.alias("placed_county"))["placed_county"] for name, rows in tables.items()}
    lacking = [name for name, rows in tables.items() if own[name].has_nulls() and "school_code" in rows.columns]
    known = _counties_by_school(tables, valid) if lacking else pl.DataFrame()
    placed = {}
    for name, rows in tables.items():
        if name in lacking:
            joined = rows.join(known, on="school_code", how="left", maintain_order="left")
            placed[name] = joined.with_columns(pl.coalesce(valid, "by_school").alias("placed_county")).drop("by_school")
        else:
            placed[name] = rows.with_columns(own[name])
    return placed


def _counties_by_school(tables: Mapping[str, pl.DataFrame], valid: pl.Expr) -> pl.DataFrame:
    """Return school_code → by_school, the county that its rows name, for schools whose rows name one only."""
    with_school = [
        rows.lazy().select("school_code", valid.alias("by_school")).drop_nulls().unique()
        for rows in tables.values()
        if "school_code" in rows.columns
    ]
    if not with_school:
        return pl.DataFrame(schema={"school_code": pl.String, "by_school": pl.String})
    return pl.concat(with_school).unique().filter(pl.col("school_code").is_unique()).collect()


def locate(
    found: pl.DataFrame, placed: Iterable[Mapping[str, pl.DataFrame]], refs: pl.DataFrame, stat_year: int
) -> pl.DataFrame:
    """Return the findings with file name, cell, county and year filled in from the row they stand in.

    `placed`: typed rows by table, with their county; rows that went into others stand in a mapping of their own.
    """
    found = _with_school(found, placed)
    of_file = ["source_sha256", "source_sheet", "table_name"]
    own = refs.filter(~pl.col("source_sheet").str.contains(MERGED_GROUP))  # a merged row has cells of other files too
    names = own.group_by("source_sha256").agg(pl.col("source_file").min().alias("own_file"))
    groups = refs.select(*of_file, pl.col("ref_sheet").alias("own_sheet")).unique(subset=of_file, maintain_order=True)
    here = refs.select(*of_file, "column_name", "ref", pl.col("source_file").alias("ref_file"), "ref_sheet")
    groups = groups.rename({"source_sheet": "source_group"})
    here = here.rename({"source_sheet": "source_group"})
    on_group = ["source_sha256", "source_group", "table_name"]
    found = (
        found.join(names, on="source_sha256", how="left", maintain_order="left")
        .join(groups, on=on_group, how="left", maintain_order="left")
        .join(here, on=[*on_group, "column_name"], how="left", maintain_order="left")
    )
    sheet = pl.coalesce("source_sheet", "ref_sheet", "own_sheet", pl.col("source_group").str.split(":").list.first())
    return found.with_columns(
        pl.coalesce("source_file", "ref_file", "own_file").alias("source_file"),
        pl.coalesce("cell", cell_name("ref")).alias("cell"),
        pl.lit(stat_year, dtype=pl.Int32).alias("stat_year"),
        pl.when(sheet != "").then(sheet).alias("source_sheet"),
    ).select(*findings.SCHEMA)


def _with_school(found: pl.DataFrame, placed: Iterable[Mapping[str, pl.DataFrame]]) -> pl.DataFrame:
    """Return the findings with county and school of the row they stand in."""
    on_row = ["table_name", "source_sha256", "source_group", "source_row"]
    no_school = pl.lit(None, dtype=pl.String)
    wanted = found.select(on_row).unique()
    rows = [
        table.select(
            pl.lit(name).alias("table_name"),
            "source_sha256",
            pl.col("source_sheet").alias("source_group"),
            "source_row",
            "placed_county",
            (pl.col("school_code") if "school_code" in table.columns else no_school).alias("row_school"),
        ).join(wanted, on=on_row, how="semi", nulls_equal=True, maintain_order="left")
        for tables in placed
        for name, table in tables.items()
        if name in wanted["table_name"]
    ]
    if not rows:
        return found
    counties = pl.concat(rows).unique(subset=on_row, keep="first", maintain_order=True)
    found = found.join(counties, on=on_row, how="left", nulls_equal=True, maintain_order="left")
    return found.with_columns(
        pl.coalesce("placed_county", "county_code").alias("county_code"),
        pl.coalesce("school_code", "row_school").alias("school_code"),
    )


def cell_name(ref: str) -> pl.Expr:
    """Return the cell of a row by its reference: a cell stays, a column gets the row, a name stands before it."""
    place = pl.col(ref)
    return (
        pl.when(place.str.contains(r"^[A-Z]{1,3}\d+$"))
        .then(place)
        .when(place.str.contains(r"^[A-Z]{1,3}$"))
        .then(pl.format("{}{}", place, "source_row"))
        .otherwise(pl.format("{}#{}", place, "source_row"))
    )


def references(bounds: list[Bound]) -> pl.DataFrame:
    """Return the source map: one row per file, group of rows, table and column, with its place in the source."""
    parts = [
        bound.places.select(
            pl.lit(bound.file.sha256).alias("source_sha256"),
            pl.lit(bound.file.name).alias("source_file"),
            "source_sheet",
            pl.lit(bound.table).alias("table_name"),
            "column_name",
            "ref_sheet",
            "ref",
            "header",
        )
        for bound in bounds
    ]
    return pl.concat([pl.DataFrame(schema=dict.fromkeys(REFERENCES, pl.String)), *parts])


def touched(rows_of: Iterable[pl.DataFrame], refs: pl.DataFrame, stat_year: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the county-years of the rows, and which of the files at hand touches which of them."""
    pairs = [rows.select("source_sha256", pl.col("placed_county").alias("county_code")) for rows in rows_of]
    schema = {"source_sha256": pl.String, "county_code": pl.String}
    by_file = pl.concat([pl.DataFrame(schema=schema), *pairs]).drop_nulls().unique()
    by_file = by_file.with_columns(pl.lit(stat_year, dtype=pl.Int32).alias("stat_year")).sort(
        "county_code", "source_sha256"
    )
    at_hand = by_file.filter(pl.col("source_sha256").is_in(refs["source_sha256"].unique().to_list()))
    return by_file.select("county_code", "stat_year").unique(maintain_order=True), at_hand


def held_counties(batch: Batch) -> set[str]:
    """Return the counties with an error; an error that no county can be told for holds all counties of its file."""
    wrong = findings.errors(batch.found)
    named = set(wrong["county_code"].drop_nulls())
    unplaced = wrong.filter(pl.col("county_code").is_null()).select("source_sha256", "source_file").unique()
    of_files = set(batch.files.join(unplaced, on="source_sha256", how="semi")["county_code"])
    return named | of_files | _beside_lost_tables(batch, unplaced) | _beside_lost_schools(batch)


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


def _beside_lost_schools(batch: Batch) -> set[str]:
    """Return the counties whose files lie in one folder with the file of a school that the register does not know."""
    lost = batch.found.filter(pl.col("rule").is_in(LOST_SCHOOL) & pl.col("county_code").is_null())
    folders = {str(Path(name).parent) for name in lost["source_file"].to_list()}
    names = batch.refs.select("source_sha256", "source_file").unique()
    beside = [sha256 for sha256, name in names.rows() if str(Path(name).parent) in folders]
    return set(batch.files.filter(pl.col("source_sha256").is_in(beside))["county_code"])


def load(con: duckdb.DuckDBPyConnection, batch: Batch, run_id: str, accepted: Collection[str] = ()) -> dict[str, int]:
    """Put the accepted county-years of the batch into the store, hold the others, all in one transaction.

    `accepted`: counties whose errors somebody has taken on; their failing cells are loaded as missing.
    Returns counts: rows_in, rows_accepted, rows_quarantined, rows_skipped, held, provisional.
    Raises ValueError when rows were lost on the way (rows in ≠ accepted + quarantined + skipped).
    """
    from warehouse import store

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
    said = findings.worded(findings.capped(batch.found))
    store.replace_county_years(con, loaded, states, batch.files, batch.refs, said, batch.compared, run_id)
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
    wrong = wrong.with_columns(pl.col("source_group").alias("source_sheet"))
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
