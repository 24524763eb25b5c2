"""Write what a warehouse has accepted as plain tables in Parquet: the shard that a province hands to the nation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from contracts import dictionary
from warehouse import store

SOURCES = "sources"
"""The folder beside those of the years that says which row of which file each exported row was; no intake reads it."""


@dataclass(frozen=True)
class Exported:
    """What was written: files, rows per table; and the county-years left out (county, year, why)."""

    files: list[Path]
    rows: dict[str, int]
    left_out: list[tuple[str, int, str]]


def write(
    home: Path, folder: Path, name: str, stat_years: Collection[int] = (), counties: Collection[str] = ()
) -> Exported:
    """Write FOLDER/<year>/<name>/<table>.parquet for every accepted county-year, all years and counties unless named.

    The folder can stand as the inbox of another warehouse, beside the shards of others. FOLDER/sources/<year>/<name>/
    <table>.parquet says of every row (row_no, as the next warehouse counts it) where it was read here. A county-year
    that is provisional or whose last version is held is left out and told: its mark would be lost on the way. Rows
    stand in order of their key, so the same inputs give the same rows.

    Raises FileNotFoundError when nothing was ever loaded, LookupError when nothing of what is named was accepted.
    """
    with store.connect(home, read_only=True) as con:
        chosen, left_out = _chosen(con, stat_years, counties)
        if not chosen:
            raise LookupError("没有可导出的县区年度 / no accepted county-year to export")
        files: list[Path] = []
        rows: dict[str, int] = {}
        for year in sorted({year for _, year in chosen}):
            wanted = [county for county, of_year in chosen if of_year == year]
            for table in dictionary.input_tables():
                if count := _write_table(con, table, year, wanted, folder, name, files):
                    rows[table] = rows.get(table, 0) + count
    return Exported(files, rows, left_out)


def _chosen(
    con: duckdb.DuckDBPyConnection, stat_years: Collection[int], counties: Collection[str]
) -> tuple[list[tuple[str, int]], list[tuple[str, int, str]]]:
    """Return the county-years to export, and those left out with the reason."""
    found = con.execute(
        "select county_code, stat_year, is_loaded, is_held, is_provisional from county_year"
        " where (len(?) = 0 or stat_year in (select unnest(?))) and (len(?) = 0 or county_code in (select unnest(?)))"
        " order by county_code, stat_year",
        [list(stat_years), list(stat_years), list(counties), list(counties)],
    ).fetchall()
    chosen, left_out = [], []
    for county, year, is_loaded, is_held, is_provisional in found:
        if is_loaded and not is_held and not is_provisional:
            chosen.append((county, year))
        else:
            left_out.append((county, year, "扣留 held" if is_held else "暂定 provisional"))
    return chosen, left_out


def _write_table(
    con: duckdb.DuckDBPyConnection,
    table: str,
    stat_year: int,
    counties: list[str],
    folder: Path,
    name: str,
    files: list[Path],
) -> int:
    """Write one table of one year with its sources; return its rows, and add what was written to `files`."""
    model = dictionary.input_tables()[table]
    columns = ", ".join(f"i.{column.name}" for column in dictionary.columns(model))
    chosen = "i.stat_year = ? and i.county_code in (select unnest(?))"
    given: list[object] = [stat_year, counties]
    found = con.execute(f"select count(*) from inputs.{table} as i where {chosen}", given).fetchone()
    if not found or not found[0]:
        return 0
    order = f"order by {', '.join(f'i.{column}' for column in dictionary.key(model))}"
    sources = (
        f"select row_number() over ({order}) as row_no, l.source_file, i.source_sheet, i.source_row, i.source_sha256"
        f" from inputs.{table} as i left join ledger as l"
        f" on i.source_sha256 = l.source_sha256 and i.stat_year = l.stat_year where {chosen} order by row_no"
    )
    queries = {
        folder / str(stat_year) / name: f"select {columns} from inputs.{table} as i where {chosen} {order}",
        folder / SOURCES / str(stat_year) / name: sources,
    }
    for place, query in queries.items():
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"{table}.parquet"
        _copy(con, query, given, path)
        files.append(path)
    return int(found[0])


def _copy(con: duckdb.DuckDBPyConnection, query: str, given: list[object], path: Path) -> None:
    """Write a query to Parquet under its name in one move: nobody reads half a file."""
    partial = path.with_suffix(".part")
    target = str(partial).replace("'", "''")
    con.execute(f"copy ({query}) to '{target}' (format parquet, compression zstd)", given)
    partial.replace(path)
