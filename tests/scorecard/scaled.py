"""Releases larger than the demo: its schools, years or counties copied under other codes, by the pipeline's own models.

Everything stays marked as synthetic. The copies keep the cells of the rows they were copied from.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl

from contracts import dictionary, standard
from transforms import model
from warehouse import release, store

DEMO_YEARS = (2019, 2020, 2021, 2022, 2023)
GROWN = ("teaching_rooms_m2", "sports_ground_m2", "equipment_yuan")
COUNTY = "500104"


def demo_inputs(home: Path) -> dict[str, pl.DataFrame]:
    """Every input row of a warehouse with where it came from, table → rows."""
    with store.connect(home, read_only=True) as con:
        return {name: con.execute(f"select * from inputs.{name}").pl() for name in dictionary.input_tables()}


def many_schools(frames: dict[str, pl.DataFrame], copies: int, years: int) -> dict[str, pl.DataFrame]:
    """One county with `copies` times the schools of the demo, over `years` years that repeat its five."""
    made = {}
    for name, rows in frames.items():
        of_years = []
        for number in range(years):
            source = DEMO_YEARS[number % len(DEMO_YEARS)]
            of_year = rows.filter(pl.col("stat_year") == source).with_columns(
                stat_year=pl.lit(DEMO_YEARS[-1] - years + 1 + number, dtype=pl.Int32)
            )
            by_school = "school_code" in rows.columns and name != "cohort"
            of_years += [_copied(of_year, copy) for copy in range(copies)] if by_school else [of_year]
        made[name] = pl.concat(of_years)
    return made


def _copied(rows: pl.DataFrame, copy: int) -> pl.DataFrame:
    """Rows of another set of schools: other codes and names, buildings and equipment a little larger or smaller."""
    if copy == 0:
        return rows
    named = [name for name in rows.columns if name.endswith("school_code")]
    changes = [
        pl.when(pl.col(name).is_not_null())
        .then(pl.col(name).str.slice(0, 5) + f"{copy:02d}" + pl.col(name).str.slice(7))
        .otherwise(None)
        .alias(name)
        for name in named
    ]
    if "school_name" in rows.columns:
        changes.append(pl.col("school_name") + f"（第{copy}片）")
    return rows.with_columns(changes + _grown(rows, Decimal(90 + 5 * copy) / 100))


def many_counties(frames: dict[str, pl.DataFrame], codes: Iterable[str]) -> dict[str, pl.DataFrame]:
    """The demo county under each of these codes, no two alike.

    Buildings, equipment and backbone teachers differ by county and school. Every second county has no class over 45;
    every third declares its evidence items with evidence, and its recognition as basically balanced.
    """
    made: dict[str, list[pl.DataFrame]] = {name: [] for name in frames}
    for number, code in enumerate(codes):
        for name, rows in frames.items():
            moved = rows.with_columns(pl.lit(code).alias("county_code"))
            if name == "county_fact":
                told = pl.when(pl.col("item_code") == "county_name").then(pl.lit(f"演示县{code}"))
                moved = moved.with_columns(told.otherwise(pl.col("value_text")).alias("value_text"))
            if name == "class_size" and number % 2 == 0:
                moved = moved.with_columns(pl.min_horizontal(pl.col("class_pupils"), 45).alias("class_pupils"))
            if name == "declaration" and number % 3 == 0:
                moved = moved.with_columns(declared_verdict=pl.lit("met"), evidence=pl.lit("佐证材料(合成)"))
            if name == "precondition" and number % 3 == 0:
                moved = _recognised(rows, frames["school"], code)
            made[name].append(_varied(moved, code))
    return {name: pl.concat(rows) for name, rows in made.items()}


def _recognised(rows: pl.DataFrame, schools: pl.DataFrame, code: str) -> pl.DataFrame:
    """A row of the preconditions for each year: recognised as basically balanced since 2015."""
    told = {"county_code": code, "precondition_code": "basic_balance_recognised", "is_fulfilled": True}
    told |= {"since_year": 2015, "evidence": "认定文件(合成)", "is_synthetic": True}
    years = schools.select(pl.col("stat_year").unique().sort()).to_series().to_list()
    return pl.DataFrame([{**dict.fromkeys(rows.columns), **told, "stat_year": year} for year in years], rows.schema)


def _varied(rows: pl.DataFrame, code: str) -> pl.DataFrame:
    names = [name for name in (*GROWN, "backbone_teachers", "multimedia_rooms") if name in rows.columns]
    if not names:
        return rows
    of_county = zlib.crc32(code.encode()) % 21
    shares = pl.Series(
        [(86 + of_county + zlib.crc32(f"{code}{one}".encode()) % 25) / 100 for one in rows["school_code"]]
    )
    return rows.with_columns(
        (pl.col(name).cast(pl.Float64) * shares).round(0).cast(rows.schema[name]).alias(name) for name in names
    )


def _grown(rows: pl.DataFrame, share: Decimal) -> list[pl.Expr]:
    return [
        (pl.col(name).cast(pl.Float64) * float(share)).round(0).cast(rows.schema[name]).alias(name)
        for name in GROWN
        if name in rows.columns
    ]


def publish(home: Path, frames: dict[str, pl.DataFrame], source: Path, ids: tuple[str, ...] = ()) -> Path:
    """Load the rows into a warehouse of their own, model and publish them; returns the folder of the release.

    `source`: the warehouse the rows were copied from; what it knows of its files' cells is taken along.
    """
    with store.connect(home) as con:
        con.execute(f"attach '{source / 'junheng.duckdb'}' as source (read_only)")
        con.execute("insert into source_map select * from source.source_map")
        for name, rows in frames.items():
            con.register("new_rows", rows.to_arrow())
            con.execute(f"insert into inputs.{name} by name select * from new_rows")
            con.unregister("new_rows")
        con.execute(
            "insert into county_year select distinct county_code, stat_year, true, false, false, false, 'scaled'"
            " from inputs.school"
        )
    standards = [standard.choose(one) for one in standard.load_all(ids)]
    with release.open_candidate(home) as con:
        model.build(con, standards)
    facts = {
        "standards": {one.id: standard.fingerprint([one]) for one in standard.load_all(ids)},
        "readings": {one.id: standard.default_readings(one) for one in standards},
    }
    return release.publish(home, facts).folder


def rows_of(folder: Path, query: str, *values: object) -> list[tuple]:
    """Rows of a release, read from its Parquet files."""
    with duckdb.connect() as con:
        for path in (folder / "tables").glob("*.parquet"):
            con.execute(f"create view {path.stem} as select * from '{path}'")
        return con.execute(query, list(values)).fetchall()
