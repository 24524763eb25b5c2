"""Run sql/core, sql/facts and sql/marts over all loaded years into a fresh candidate database."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext, suppress
from graphlib import TopologicalSorter
from pathlib import Path
from threading import Event, Lock

import duckdb

from contracts import dictionary, standard
from contracts.codes import CODES_DIR, read_codes

SQL_DIR = Path(__file__).parents[1] / "sql"
LAYERS = ("core", "facts", "marts")
SITES_AT_ONCE = 10_000
"""Sites, counted in every year, that go through the models together: about half a province of one year."""
LOTS_AT_ONCE = 2
"""Lots that go through the models at once: a query often has work for one processor only."""


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


READ_FROM = re.compile(r"--[^\n]*|/\*.*?\*/|'[^']*'|\b(?:from|join)\s+(\w+)", re.DOTALL | re.IGNORECASE)
"""A name behind FROM or JOIN, or what hides one: a comment, a text."""


def reads(text: str) -> set[str]:
    """Return the names a query reads from: what stands behind FROM and JOIN, its own steps among them.

    tests/house holds that a parse of the house's SQL says the same.
    """
    return set(READ_FROM.findall(text)) - {""}


def build(
    con: duckdb.DuckDBPyConnection,
    standards: Iterable[standard.Standard],
    note: Callable[[str], None] | None = None,
    sites_at_once: int = SITES_AT_ONCE,
) -> None:
    """Make every model as a table of the connection's database; `note` is called with each model's name, or lot.

    The connection must know the input tables and county_year by their plain names (see `warehouse.store`). Counties
    with all their years go through the models some ten thousand sites at a time, so that memory does not grow with
    the country: nothing in a model looks from one county into another (tests/synthesize holds both ways to one hash),
    but those of regions, which are made last. Raises LookupError when counties that need lots stand in no views.
    """
    lots = _lots(con, sites_at_once)
    of_counties = _of_counties() if len(lots) > 1 else frozenset()
    con.execute("begin")  # a hundred small tables are one write to the disk, not a hundred
    add_given(con, standards)
    of_regions = _of_regions()
    _make(con, [name for name in models() if name not in {*of_counties, *of_regions}], note)
    if of_counties:
        con.execute("commit")
        _build_in_lots(con, lots, of_counties, note)
        con.execute("begin")
    _make(con, of_regions, note)
    add_dictionary(con)
    con.execute("commit")


def _make(con: duckdb.DuckDBPyConnection, names: Iterable[str], note: Callable[[str], None] | None) -> None:
    """Make models as tables, one after the other."""
    for name in names:
        con.execute(f"create table {name} as {models()[name]}")
        if note:
            note(name)


@functools.cache
def _of_counties() -> frozenset[str]:
    """Return the models that hold rows of counties: those that read inputs or county_year, or what does."""
    return frozenset(_resting_on_counties() - set(_of_regions()))


@functools.cache
def _of_regions() -> tuple[str, ...]:
    """Return the models that rest on rows of counties and are published by region; no other model reads them."""
    outputs = dictionary.output_tables()
    return tuple(
        name
        for name in models()
        if name in _resting_on_counties() and name in outputs
        and "region_code" in {column.name for column in dictionary.columns(outputs[name])}
    )  # fmt: skip


@functools.cache
def _resting_on_counties() -> frozenset[str]:
    rows_of_counties = {"county_year", *dictionary.input_tables()}
    for name, text in models().items():
        if reads(text) & rows_of_counties:
            rows_of_counties.add(name)
    return frozenset(rows_of_counties & set(models()))


def _lots(con: duckdb.DuckDBPyConnection, sites_at_once: int) -> list[list[str]]:
    """Return the counties in lots of about so many sites, all years together; a county is never parted."""
    sized = con.execute(
        "select c.county_code, count(s.school_code) from (select distinct county_code from county_year) as c"
        " left join school as s on c.county_code = s.county_code group by c.county_code order by c.county_code"
    ).fetchall()
    lots: list[list[str]] = []
    room = 0
    for county, sites in sized:
        if not lots or sites > room:
            lots.append([])
            room = sites_at_once
        lots[-1].append(county)
        room -= sites
    return lots


def _build_in_lots(
    con: duckdb.DuckDBPyConnection,
    lots: list[list[str]],
    of_counties: frozenset[str],
    note: Callable[[str], None] | None,
) -> None:
    """Make the models of counties lot by lot, as many lots at once as there are threads for, up to LOTS_AT_ONCE.

    What nobody looks at after the models is not kept. The first lot that fails, or Ctrl-C, stops those that run.
    """
    views = {name: definition(con, name) for name in ("county_year", *dictionary.input_tables())}
    # last here, and read to its end: an answer read by half holds a transaction open, and till then all waits in memory
    [(database, threads)] = con.execute("select current_database(), current_setting('threads')").fetchall()
    statements = _of_lot(views, of_counties, f"{database}.main")
    stopped, creating, running = Event(), Lock(), set()

    def make(lot: list[str]) -> None:
        with con.cursor() as own:  # with views and temporary tables of its own, which end with it
            running.add(own)
            try:
                for statement in statements:
                    if stopped.is_set():  # an interruption between two statements is not kept
                        return
                    with creating if statement.startswith(ONCE) else nullcontext():  # two at once would be refused
                        own.execute(statement, [lot] if statement == LOT else None)
            finally:
                running.discard(own)

    begun = time.perf_counter()
    with ThreadPoolExecutor(min(LOTS_AT_ONCE, threads)) as makers:
        try:
            for number, made in enumerate(as_completed([makers.submit(make, lot) for lot in lots]), start=1):
                made.result()
                if note:
                    note(_how_far(number, len(lots), time.perf_counter() - begun))
        except BaseException:
            stopped.set()
            makers.shutdown(wait=False, cancel_futures=True)
            for own in list(running):
                with suppress(duckdb.Error):  # it has just ended
                    own.interrupt()
            raise


def _how_far(done: int, lots: int, seconds: float) -> str:
    return f"{done}/{lots}" + (f"，约剩 {seconds / done * (lots - done) / 60:.0f} 分钟" if done < lots else "")


LOT = "create temp table lot_county as select unnest(?) as county_code"
ONCE = "create table if not exists"


def _of_lot(views: Mapping[str, str], of_counties: frozenset[str], schema: str) -> list[str]:
    """Return the statements that make the models of one lot as temporary tables, from views that show its counties.

    What is looked at afterwards is added to the tables of the schema.
    """
    of_its_counties = "as every_county where county_code in (select county_code from lot_county)"
    statements = [LOT]
    statements += [
        f"create temp view {name} as select * from ({query}) {of_its_counties}" for name, query in views.items()
    ]
    for name in (one for one in models() if one in of_counties):
        statements.append(f"create temp table {name} as {models()[name]}")
        if name in _looked_at():
            statements.append(f"{ONCE} {schema}.{name} as select * from temp.{name} limit 0")
            statements.append(f"insert into {schema}.{name} select * from temp.{name}")
    return statements


def _looked_at() -> frozenset[str]:
    """Return the models that are published, made into rows of regions, or read by what looks at a candidate."""
    from transforms import expect, reconcile

    texts = [*(models()[name] for name in _of_regions()), *expect.queries(), *reconcile.queries()]
    return frozenset({*dictionary.output_tables(), *(name for text in texts for name in reads(text))})


def definition(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """Return the query of a temporary view."""
    row = con.execute("select sql from duckdb_views() where view_name = ? and temporary", [name]).fetchone()
    if row is None or not row[0]:  # DuckDB keeps no query of what Python registered
        raise LookupError(f"{name}: no view of this name that tells its query")
    return row[0].split(" AS ", 1)[1].rstrip(";\n ")


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
