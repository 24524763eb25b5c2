"""What must hold before a candidate may be published; anything that does not stops publication."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import duckdb

from contracts import dictionary
from contracts.codes import read_codes
from contracts.fields import Table
from transforms.model import definition
from transforms.reconcile import RECONCILIATIONS

__all__ = ["RECONCILIATIONS", "SHOWN_ROWS", "Breach", "Check", "breaches", "inspect", "look"]
SHOWN_ROWS = 20
"""Failing rows that a check keeps to show."""
ROWS_AT_ONCE = 20_000_000
"""Rows of the largest table up to which all years are reconciled together: above, year by year, for memory's sake."""


@dataclass(frozen=True)
class Breach:
    """One thing that does not hold: which check, in which table, and what was seen."""

    check: str
    table: str
    seen: str


@dataclass(frozen=True)
class Check:
    """One thing looked at: its kind and name, what must hold, how much was looked at, how much of it fails.

    `seen` is the figure, or why the check could not run; `rows` the first failing rows.
    """

    kind: str
    name: str
    table: str
    column: str
    said: str
    looked_at: int
    failed: int
    seen: str = ""
    rows: tuple[dict[str, Any], ...] = ()


def inspect(con: duckdb.DuckDBPyConnection) -> list[Breach]:
    """Return everything in the candidate that keeps it from being published: contracts, keys, sums of the inputs."""
    return breaches(look(con))


def breaches(checks: Iterable[Check]) -> list[Breach]:
    """Return what does not hold of some checks."""
    return [Breach(check.name, check.table, f"{_place(check)}{check.seen}") for check in checks if check.failed]


def _place(check: Check) -> str:
    return f"{check.column}: " if check.column else ""


def look(con: duckdb.DuckDBPyConnection) -> list[Check]:
    """Return every check of contracts, keys, finite numbers and reconciliation, whether it holds or not."""
    checks: list[Check] = []
    for name, model in dictionary.output_tables().items():
        checks += _columns(con, name, model)
        checks.append(_key(con, name, model))
        checks += _finite(con, name, model)
    return checks + _all_reconciled(con)


Found = tuple[int, tuple[dict[str, Any], ...]]
"""How many rows a query gives, and the first of them."""


def _all_reconciled(con: duckdb.DuckDBPyConnection) -> list[Check]:
    """Return the checks of every reconciliation, all years together or, above ROWS_AT_ONCE, one after the other."""
    if max(_number(con, f"select count(*) from {name}") for name in dictionary.output_tables()) <= ROWS_AT_ONCE:
        return [_reconciled(con, name, [_found(con, one.query)]) for name, one in RECONCILIATIONS.items()]
    views = {name: definition(con, name) for name in ("county_year", *dictionary.input_tables())}
    dated = dict(con.execute(DATED).fetchall())
    years = " union ".join(f"select stat_year from {name}" for name in (*views, *dated))
    found: dict[str, list[Found]] = {name: [] for name in RECONCILIATIONS}
    for (year,) in con.execute(f"{years} order by all").fetchall():
        with con.cursor() as own:  # which sees of everything that has a year the rows of this one
            for name, query in {**views, **dated}.items():
                own.execute(f"create temp view {name} as select * from ({query}) as years where stat_year = {year}")
            for name, parts in found.items():
                parts.append(_found(own, RECONCILIATIONS[name].query))
    return [_reconciled(con, name, parts) for name, parts in found.items()]


DATED = """
select table_name, 'select * from ' || database_name || '.main.' || table_name from duckdb_columns()
where column_name = 'stat_year' and database_name = current_database() and schema_name = 'main'
"""
"""The candidate's tables that have a year, and the query of all their rows."""


WORDS: dict[str, Callable[[dictionary.Column], str]] = {
    "dtype": lambda column: f"类型为 {column.kind}",
    "not_nullable": lambda _: "不为空",
    "isin": lambda column: f"取值在代码表 {column.codes} 之内",
    "greater_than_or_equal_to": lambda column: f"不小于 {column.low}",
    "less_than_or_equal_to": lambda column: f"不大于 {column.high}",
    "str_matches": lambda column: f"格式 {column.pattern}",
}
"""Check of a column → what it says."""


BROKEN: dict[str, Callable[[dictionary.Column], str]] = {
    "not_nullable": lambda column: f"{column.name} is null",
    "isin": lambda column: (
        f"{column.name} not in ({', '.join(_quoted(one) for one in read_codes(column.codes or ''))})"
    ),
    "greater_than_or_equal_to": lambda column: f"{column.name} < {column.low}",
    "less_than_or_equal_to": lambda column: f"{column.name} > {column.high}",
    "str_matches": lambda column: f"not regexp_matches({column.name}, {_quoted(column.pattern or '')})",
}
"""Check of a column → when a row breaks it; a blank breaks nothing but `not_nullable`."""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _columns(con: duckdb.DuckDBPyConnection, name: str, model: type[Table]) -> list[Check]:
    """Return the checks of a table's columns by its contract, all counted in one pass over all its rows.

    Raises KeyError when a contract uses a check that has no query.
    """
    query = dictionary.published_query(name)
    types = {row[0]: str(row[1]).lower() for row in con.execute(f"describe {query}").fetchall()}
    places = [(column, check) for column in dictionary.columns(model) for check in _checks_of(model, column)]
    broken = [BROKEN[check](column) for column, check in places]
    counts = (con.execute(
        f"select count(*){''.join(f', count(*) filter ({one})' for one in broken)} from ({query})"
    ).fetchone() or (0,) * (len(broken) + 1))  # fmt: skip
    checks = []
    for column in dictionary.columns(model):
        wanted = dictionary.duckdb_type(model, column.name)
        is_other = types.get(column.name) != wanted
        said = WORDS["dtype"](column)
        seen = f"{types.get(column.name)}, not {wanted}" if is_other else ""
        checks.append(Check("column", "dtype", name, column.name, said, counts[0], int(is_other), seen))
    for (column, check), where, failed in zip(places, broken, counts[1:], strict=True):
        rows = _breaking(con, query, model, column.name, where) if failed else ()
        seen = f"{failed} row(s), first {rows[0]['seen']}" if failed else ""
        checks.append(Check("column", check, name, column.name, WORDS[check](column), counts[0], failed, seen, rows))
    return checks


def _breaking(
    con: duckdb.DuckDBPyConnection, query: str, model: type[Table], column: str, where: str
) -> tuple[dict[str, Any], ...]:
    """Return the first rows that break a check by their key, with what was seen there."""
    keys = ", ".join(dictionary.key(model))
    found = con.execute(
        f"select {keys}, cast({column} as varchar) as seen from ({query}) where {where} order by {keys}"
        f" limit {SHOWN_ROWS}"
    )
    names = [one[0] for one in found.description or ()]
    return tuple(dict(zip(names, row, strict=True)) for row in found.fetchall())


def _checks_of(model: type[Table], column: dictionary.Column) -> list[str]:
    """Return the names of what the contract checks of a column, its type aside."""
    checks = [] if column.is_nullable else ["not_nullable"]
    return checks + [str(check.name) for check in model.to_schema().columns[column.name].checks]


def _key(con: duckdb.DuckDBPyConnection, name: str, model: type[Table]) -> Check:
    """Return the check that no two rows of a table share a key."""
    keys = dictionary.key(model)
    failed, rows = 0, ()
    for part in _years_apart(con, name, keys):
        query = f"select {', '.join(keys)}, count(*) as times from ({part}) group by all having times > 1"
        times, first = _found(con, query)
        failed, rows = failed + times, (*rows, *first)[:SHOWN_ROWS]
    total = _number(con, f"select count(*) from ({dictionary.published_query(name)})")
    said = f"主键 {', '.join(keys)} 不重复"
    return Check("key", "unique_key", name, "", said, total, failed, f"{failed} keys stand more than once", rows)


def _years_apart(con: duckdb.DuckDBPyConnection, name: str, keys: list[str]) -> list[str]:
    """Return queries of a table's rows, one a year where the year is in its key: memory is that of one year."""
    query = dictionary.published_query(name)
    if "stat_year" not in keys:
        return [query]
    years = con.execute(f"select distinct stat_year from ({query}) order by all").fetchall()
    return [f"select * from ({query}) where stat_year is not distinct from {year or 'null'}" for (year,) in years]


def _finite(con: duckdb.DuckDBPyConnection, name: str, model: type[Table]) -> list[Check]:
    """Return the check that every computed number of a table is a number, if it has any."""
    columns = [column.name for column in dictionary.columns(model) if column.kind == "real"]
    if not columns:
        return []
    query = dictionary.published_query(name)
    wild = [f"count(*) filter (where not isfinite({column}))" for column in columns]
    counts = con.execute(f"select count(*), {', '.join(wild)} from ({query})").fetchone() or (0,)
    keys = ", ".join(dictionary.key(model))
    checks = []
    for column, failed in zip(columns, counts[1:], strict=True):
        where = f"select {keys}, {column} as seen from ({query}) where not isfinite({column})"
        rows = _found(con, where)[1] if failed else ()
        seen = f"{failed} values are not finite"
        checks.append(Check("finite", "finite", name, column, "不是 NaN 或无穷", counts[0], failed, seen, rows))
    return checks


def _reconciled(con: duckdb.DuckDBPyConnection, name: str, parts: list[Found]) -> Check:
    """Return the check that a query of what does not reconcile gave no row, in no part."""
    reconciliation = RECONCILIATIONS[name]
    failed = sum(count for count, _ in parts)
    rows = tuple(row for _, first in parts for row in first)[:SHOWN_ROWS]
    figure = con.execute(reconciliation.figure).fetchone() or ("",)
    seen = f"{failed} row(s) do not reconcile" if failed else str(figure[0])
    return Check("reconciliation", name, "", "", reconciliation.said, 0, failed, seen, rows)


def _found(con: duckdb.DuckDBPyConnection, query: str) -> Found:
    """Return how many rows a query gives, and the first of them."""
    result = con.execute(query)
    names = [column[0] for column in result.description or ()]
    first = result.fetchmany(SHOWN_ROWS + 1)
    count = len(first) if len(first) <= SHOWN_ROWS else _number(con, f"select count(*) from ({query})")
    return count, tuple(dict(zip(names, row, strict=True)) for row in first[:SHOWN_ROWS])


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0
