"""What BI tools and scripts read of a release, each its own way: rows of every table and the total of every number.

`python -m tests.clients.clients FOLDER [PYTHON…]` prints the table of clients for a release's folder; each PYTHON is the
interpreter of another environment with another DuckDB.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from contracts import dictionary

Totals = dict[str, dict[str, Any]]
"""Table → "rows" and every column with numbers → their sum, None where there is none."""
ELSEWHERE = """
import json, sys, duckdb
asked = json.load(sys.stdin)
con = duckdb.connect(asked["database"], read_only=True) if asked["database"] else duckdb.connect()
told = {name: con.execute(query).fetchone() for name, query in asked["queries"].items()}
print(json.dumps({"version": duckdb.__version__, "told": told}, default=str))
"""


def numbers(name: str) -> list[str]:
    """The columns of a table that can be added up; a yes counts as 1."""
    return [column.name for column in dictionary.columns(dictionary.output_tables()[name]) if column.kind != "text"]


def queries(source: Callable[[str], str]) -> dict[str, str]:
    """What a client that speaks SQL asks of each table."""
    asked = {}
    for name, model in dictionary.output_tables().items():
        kinds = {column.name: column.kind for column in dictionary.columns(model)}
        sums = [f"sum({one}{'::int' if kinds[one] == 'boolean' else ''})" for one in numbers(name)]
        asked[name] = f"select {', '.join(['count(*)', *sums])} from {source(name)}"
    return asked


def told(rows: dict[str, Any]) -> Totals:
    return {name: dict(zip(["rows", *numbers(name)], row, strict=True)) for name, row in rows.items()}


def by_duckdb(folder: Path, source: Callable[[str], str], database: str = "") -> Totals:
    import duckdb

    con = duckdb.connect(database, read_only=True) if database else duckdb.connect()
    with con:
        return told({name: con.execute(query).fetchone() for name, query in queries(source).items()})


def by_another_duckdb(python: Path, folder: Path, *, from_parquet: bool) -> tuple[str, Totals]:
    """What a DuckDB of another environment reads; its version and the totals."""
    asked = {
        "database": "" if from_parquet else str(folder / "junheng.duckdb"),
        "queries": queries(parquet_of(folder) if from_parquet else str),
    }
    said = subprocess.run(
        [python, "-c", ELSEWHERE], input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    answer = json.loads(said.stdout)
    return answer["version"], told(answer["told"])


def parquet_of(folder: Path) -> Callable[[str], str]:
    return lambda name: f"read_parquet('{folder / 'tables' / name}.parquet')"


def csv_of(folder: Path) -> Callable[[str], str]:
    """How DuckDB is told to read our CSV: types are the dictionary's, not guessed."""

    def source(name: str) -> str:
        model = dictionary.output_tables()[name]
        kinds = ", ".join(
            f"'{one.name}': '{dictionary.duckdb_type(model, one.name)}'" for one in dictionary.columns(model)
        )
        return f"read_csv('{folder / 'csv' / name}.csv', header = true, columns = {{{kinds}}})"

    return source


def by_sqlalchemy(folder: Path) -> Totals:
    import sqlalchemy

    engine = sqlalchemy.create_engine(f"duckdb:///{folder / 'junheng.duckdb'}", connect_args={"read_only": True})
    with engine.connect() as con:
        rows = {name: tuple(con.execute(sqlalchemy.text(query)).one()) for name, query in queries(str).items()}
    engine.dispose()
    return told(rows)


def by_pyarrow(folder: Path) -> Totals:
    import pyarrow.compute
    import pyarrow.parquet

    found: Totals = {}
    for name in dictionary.output_tables():
        table = pyarrow.parquet.read_table(folder / "tables" / f"{name}.parquet")
        sums = {column: pyarrow.compute.sum(table[column]).as_py() for column in numbers(name)}
        found[name] = {"rows": table.num_rows, **sums}
    return found


def by_pandas(folder: Path) -> Totals:
    import pandas

    found: Totals = {}
    for name in dictionary.output_tables():
        frame = pandas.read_parquet(folder / "tables" / f"{name}.parquet")
        present = {column: frame[column].dropna() for column in numbers(name)}
        found[name] = {"rows": len(frame)} | {
            column: None
            if values.empty
            else values.astype(int).sum()
            if values.dtype == bool or set(map(type, values)) == {bool}
            else values.sum()
            for column, values in present.items()
        }
    return found


def by_polars(folder: Path) -> Totals:
    import polars as pl

    found: Totals = {}
    for name in dictionary.output_tables():
        frame = pl.read_parquet(folder / "tables" / f"{name}.parquet")
        found[name] = {"rows": frame.height} | {
            column: frame[column].sum() if frame[column].count() else None for column in numbers(name)
        }
    return found


def clients(folder: Path) -> dict[tuple[str, str], Totals]:
    """(client and what it opens, version) → what it read."""
    return {
        ("duckdb · junheng.duckdb", version("duckdb")): by_duckdb(folder, str, str(folder / "junheng.duckdb")),
        ("duckdb · tables/*.parquet", version("duckdb")): by_duckdb(folder, parquet_of(folder)),
        ("duckdb · csv/*.csv", version("duckdb")): by_duckdb(folder, csv_of(folder)),
        ("SQLAlchemy, duckdb-engine, read-only · junheng.duckdb", f"{version('sqlalchemy')}, {version('duckdb-engine')}"): by_sqlalchemy(folder),
        ("pyarrow · tables/*.parquet", version("pyarrow")): by_pyarrow(folder),
        ("pandas · tables/*.parquet", version("pandas")): by_pandas(folder),
        ("polars · tables/*.parquet", version("polars")): by_polars(folder),
    }  # fmt: skip


def unequal(one: Totals, other: Totals) -> list[str]:
    """Where two clients read something else."""
    return [
        f"{name}.{column}: {total} / {other[name][column]}"
        for name, totals in one.items()
        for column, total in totals.items()
        if not is_same(total, other[name][column])
    ]


def is_same(total: Any, another: Any) -> bool:
    """Whether two totals are one; sums of doubles may differ in their last digits by the order of adding."""
    if total is None or another is None:
        return total is another
    return math.isclose(float(total), float(another), rel_tol=1e-9, abs_tol=1e-9)


def main(folder: Path, pythons: list[Path]) -> None:
    """Print the table of clients in Markdown."""
    found = clients(folder)
    for python in pythons:
        for from_parquet in (False, True):
            number, totals = by_another_duckdb(python, folder, from_parquet=from_parquet)
            found[f"duckdb · {'tables/*.parquet' if from_parquet else 'junheng.duckdb'}", number] = totals
    first = next(iter(found.values()))
    print("| client | version | tables | rows | pupils | Σ cv | totals | equal |")
    print("|---|---|---|---|---|---|---|---|")
    for (client, number), totals in found.items():
        rows = sum(one["rows"] for one in totals.values())
        pupils, cv = totals["fact_school_summary"]["pupils"], float(totals["fact_county_cv"]["cv"])
        sums = sum(len(one) - 1 for one in totals.values())
        wrong = unequal(first, totals)
        print(
            f"| {client} | {number} | {len(totals)} | {rows:,} | {int(pupils):,} | {cv:.9f} | {sums} | {wrong or 'yes'} |"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(one) for one in sys.argv[2:]])
