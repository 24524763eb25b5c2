"""Run sql/core, sql/facts and sql/marts over all loaded years into a fresh candidate database."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from contracts import dictionary, standard
from contracts.codes import CODES_DIR, read_codes

SQL_DIR = Path(__file__).parents[1] / "sql"
LAYERS = ("core", "facts", "marts")


@functools.cache
def models(directory: Path = SQL_DIR) -> dict[str, str]:
    """Return the models of all layers, table → its SQL, each after the models it reads from.

    Raises graphlib.CycleError when models read from each other in a circle.
    """
    texts = {
        path.stem: path.read_text(encoding="utf-8") for layer in LAYERS for path in directory.glob(f"{layer}/*.sql")
    }
    order = TopologicalSorter({name: sorted(reads(texts[name]) & set(texts)) for name in sorted(texts)})
    return {name: texts[name] for name in order.static_order()}


def reads(text: str) -> set[str]:
    """Return the names a query reads from: what stands behind FROM and JOIN, its own steps among them.

    Tokens suffice for the house's SQL and take a quarter of the time of a parse.
    """
    import sqlglot
    from sqlglot.tokens import TokenType

    tokens = sqlglot.tokenize(text, dialect="duckdb")
    behind = (TokenType.FROM, TokenType.JOIN)
    return {name.text for word, name in itertools.pairwise(tokens) if word.token_type in behind}


def build(
    con: duckdb.DuckDBPyConnection,
    standards: Iterable[standard.Standard],
    note: Callable[[str], None] | None = None,
) -> None:
    """Make every model as a table of the connection's database; `note` is called with each model's name.

    The connection must know the input tables and county_year by their plain names (see `warehouse.store`).
    """
    add_given(con, standards)
    for name, text in models().items():
        con.execute(f"create table {name} as {text}")
        if note:
            note(name)
    add_dictionary(con)


def add_given(con: duckdb.DuckDBPyConnection, standards: Iterable[standard.Standard]) -> None:
    """Put what models read beside the inputs into the database: standards and code lists."""
    add_standards(con, standards)
    add_codes(con)


def add_standards(con: duckdb.DuckDBPyConnection, standards: Iterable[standard.Standard]) -> None:
    """Put the rows of the standards into std_ tables."""
    chosen = list(standards)
    for table, columns in standard.SCHEMAS.items():
        rows = [tuple(row[name] for name in columns) for one in chosen for row in one.tables[table]]
        _add_table(con, table, columns, rows)


def add_codes(con: duckdb.DuckDBPyConnection) -> None:
    """Put every code list into a code_ table: all its columns, as text."""
    for path in sorted(CODES_DIR.glob("*.csv")):
        codes = read_codes(path.stem)
        columns = dict.fromkeys(next(iter(codes.values())), "varchar")
        rows = [tuple(row[name] for name in columns) for row in codes.values()]
        _add_table(con, f"code_{path.stem}", columns, rows)


def add_dictionary(con: duckdb.DuckDBPyConnection) -> None:
    """Put the data dictionary of all published tables into dim_data_dictionary: one row per table and column."""
    model = dictionary.output_tables()["dim_data_dictionary"]
    columns = {column.name: dictionary.duckdb_type(model, column.name) for column in dictionary.columns(model)}
    _add_table(con, "dim_data_dictionary", columns, [tuple(row[name] for name in columns) for row in dictionary_rows()])


def dictionary_rows() -> list[dict[str, object]]:
    """Return what the contracts say of every published column: one row per table and column, in order."""
    return [
        {
            "table_name": table,
            "column_name": column.name,
            "ordinal": ordinal,
            "table_title": dictionary.title(model),
            "label": column.label,
            "unit": column.unit,
            "description": column.description,
            "data_type": dictionary.duckdb_type(model, column.name),
            "is_key": column.is_key,
            "is_nullable": column.is_nullable,
            "allowed": column.allowed_text if column.codes or column.kind == "boolean" else "",
        }
        for table, model in dictionary.output_tables().items()
        for ordinal, column in enumerate(dictionary.columns(model), start=1)
    ]


def _add_table(
    con: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], rows: Sequence[tuple[object, ...]]
) -> None:
    """Create a small table from Python rows, exactly: every value goes in as text and is cast by its declared type."""
    import polars as pl

    texts = [[None if value is None else str(value) for value in row] for row in rows]
    con.register("new_rows", pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String), orient="row").to_arrow())
    fields = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind in columns.items())
    con.execute(f"create table {name} as select {fields} from new_rows")
    con.unregister("new_rows")
