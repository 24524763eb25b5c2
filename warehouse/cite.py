"""Which cells a release was made from: two Parquet files beside its tables, so that a release alone can name them.

They say how the data came in, not what they are, so they stay outside the content hash: the same rows in another order
or under another file name make no new release (and a release keeps the cells of the run that made it).

`source_rows.parquet`: one row per input table, county, year, object, stage, code, file and group of cells; `rows` lists
the rows of the sheet (`4-9`, or `4,7,9` when others stand between).
`source_columns.parquet`: one row per file, group, table and column; `ref` is the column (`G`), a cell by itself (`D17`
in a form with one item a row) or the name of a column (a file without sheets).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from contracts import dictionary
from warehouse import store

if TYPE_CHECKING:
    from collections.abc import Iterable

ROWS, COLUMNS = "source_rows.parquet", "source_columns.parquet"
CODES = ("item_code", "precondition_code", "veto_code", "respondent_group", "subject", "cohort_label")
"""Key columns that tell apart rows of one object; the first that a table has."""
SPANS = """
with
placed as ({placed}),
spans as (
    select
        table_name, county_code, stat_year, scope_id, stage, code, source_sha256, source_sheet,
        min(source_row) as first_row, max(source_row) as last_row, count(*) as rows_there
    from placed group by all
),
gaps as (select * from spans where last_row > first_row and last_row - first_row + 1 <> rows_there),
listed as (
    select
        table_name, county_code, stat_year, scope_id, stage, code, source_sha256, source_sheet,
        array_to_string(list_sort(list_distinct(list(source_row))), ',') as row_list
    from placed
    semi join gaps using (table_name, county_code, stat_year, scope_id, stage, code, source_sha256, source_sheet)
    group by all
)
select
    table_name, county_code, stat_year, scope_id, stage, code, source_sha256, source_sheet,
    coalesce(row_list, first_row || '-' || last_row) as rows
from spans
left join listed using (table_name, county_code, stat_year, scope_id, stage, code, source_sha256, source_sheet)
order by all
"""
"""Where rows of one object stand: from first to last; the few with others between them one by one."""
COLUMN, CELL = re.compile(r"[A-Z]{1,3}"), re.compile(r"[A-Z]{1,3}[0-9]+")


def write(home: Path, folder: Path) -> list[Path]:
    """Write the two files of a warehouse's loaded rows into a release's folder and return their paths.

    Raises duckdb.Error or OSError when the disk refuses, FileNotFoundError when nothing has been loaded yet.
    """
    with store.connect(home, read_only=True) as con:
        placed = " union all ".join(_placed(name) for name in dictionary.input_tables())
        _copy(con, SPANS.format(placed=placed), folder / ROWS)
        used = f"select distinct source_sha256 from '{_quoted(folder / ROWS)}'"
        _copy(
            con,
            "select distinct source_sha256, source_file, source_sheet, table_name, column_name,"
            " coalesce(ref_sheet, '') as ref_sheet, ref"
            f" from source_map where source_sha256 in ({used}) order by all",
            folder / COLUMNS,
        )
    return [folder / ROWS, folder / COLUMNS]


def _placed(table: str) -> str:
    """Return the select of where each loaded row of an input table stands."""
    keys = dictionary.key(dictionary.input_tables()[table])
    site = "school_code || '-' || campus_no" if "campus_no" in keys else "school_code"
    scope = site if "school_code" in keys else "t.county_code"
    code = next((name for name in CODES if name in keys), "''")
    stage = "stage" if "stage" in keys else "''"
    return (
        f"select '{table}' as table_name, t.county_code, t.stat_year, {scope} as scope_id, {stage} as stage,"
        f" cast({code} as varchar) as code, source_sha256, coalesce(source_sheet, '') as source_sheet, source_row"
        f" from inputs.{table} as t inner join county_year as c"
        " on t.county_code = c.county_code and t.stat_year = c.stat_year and c.is_loaded"
    )


def _copy(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    con.execute(f"copy ({query}) to '{_quoted(path)}' (format parquet, compression zstd)")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def read(release_folder: Path, county_code: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a county's rows of the two files of a release, each as dictionaries; two empty lists where it has none."""
    if not (release_folder / ROWS).exists():
        return [], []
    with duckdb.connect() as con:
        rows = _fetched(
            con,
            f"select * from '{_quoted(release_folder / ROWS)}' where county_code = ? order by all",
            [county_code],
        )
        files = {row["source_sha256"] for row in rows}
        columns = _fetched(con, f"select * from '{_quoted(release_folder / COLUMNS)}' order by all", [])
    return rows, [row for row in columns if row["source_sha256"] in files]


def _fetched(con: duckdb.DuckDBPyConnection, query: str, values: list[Any]) -> list[dict[str, Any]]:
    found = con.execute(query, values)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def cells(ref: str, rows: str) -> str:
    """Return the cells of a column in these rows as people write them: `G4:G9`, `D17`, `G4、G7`, `pupils#4`."""
    if CELL.fullmatch(ref):
        return ref
    if COLUMN.fullmatch(ref) is None:
        return "、".join(f"{ref}#{part}" for part in _parts(rows))
    return "、".join(f"{ref}{part.replace('-', f':{ref}')}" for part in _parts(rows))


def _parts(rows: str) -> Iterable[str]:
    for part in rows.split(","):
        first, _, last = part.partition("-")
        yield first if last in ("", first) else part
