"""What must hold before a candidate may be published; anything that does not stops publication."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from contracts import dictionary
from contracts.fields import SchemaErrors, Table
from transforms.reconcile import RECONCILIATIONS

__all__ = ["BATCH_ROWS", "RECONCILIATIONS", "SHOWN_ROWS", "Breach", "Check", "breaches", "inspect", "look"]
BATCH_ROWS = 262_144
"""Rows that pandera looks at together: a nation's table need not stand in memory as a whole."""
SHOWN_ROWS = 20
"""Failing rows that a check keeps to show."""


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
    return checks + [_reconciled(con, name) for name in RECONCILIATIONS]


WORDS: dict[str, Callable[[dictionary.Column], str]] = {
    "dtype": lambda column: f"类型为 {column.kind}",
    "not_nullable": lambda _: "不为空",
    "isin": lambda column: f"取值在代码表 {column.codes} 之内",
    "greater_than_or_equal_to": lambda column: f"不小于 {column.low}",
    "less_than_or_equal_to": lambda column: f"不大于 {column.high}",
    "str_matches": lambda column: f"格式 {column.pattern}",
}
"""Check of a column → what it says."""


def _columns(con: duckdb.DuckDBPyConnection, name: str, model: type[Table]) -> list[Check]:
    """Return the checks of a table's columns by its contract, batch by batch."""
    reader = con.execute(dictionary.published_query(name)).to_arrow_reader(BATCH_ROWS)
    looked_at = 0
    failed: dict[tuple[str, str], int] = {}
    shown: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for batch in _batches(reader):
        looked_at += batch.height
        for place, count, rows in _failing(batch, model):
            failed[place] = failed.get(place, 0) + count
            shown[place] = [*shown.get(place, []), *rows][:SHOWN_ROWS]
    places = [(column.name, check) for column in dictionary.columns(model) for check in _checks_of(model, column)]
    places += [place for place in failed if place not in places]
    known = {column.name: column for column in dictionary.columns(model)}
    return [
        Check(
            "column", check, name, column,
            WORDS[check](known[column]) if check in WORDS and column in known else check,
            looked_at, failed.get((column, check), 0), _seen(failed, shown, (column, check)),
            tuple(shown.get((column, check), [])),
        )
        for column, check in places
    ]  # fmt: skip


def _seen(failed: dict[Any, int], shown: dict[Any, list[dict[str, Any]]], place: tuple[str, str]) -> str:
    if place not in failed:
        return ""
    first = shown[place][0].get("seen") if shown[place] else None
    return f"{failed[place]} row(s), first {first}"


def _batches(reader: Any) -> Iterable[pl.DataFrame]:
    """Yield the rows in batches, at least one, though it be empty."""
    import pyarrow

    found = False
    for batch in reader:
        found = True
        yield _frame(pyarrow.Table.from_batches([batch]))
    if not found:
        yield _frame(reader.schema.empty_table())


def _frame(table: Any) -> pl.DataFrame:
    rows = pl.from_arrow(table)
    assert isinstance(rows, pl.DataFrame)
    return rows


def _checks_of(model: type[Table], column: dictionary.Column) -> list[str]:
    """Return the names of what the contract checks of a column."""
    checks = ["dtype"] if column.is_nullable else ["dtype", "not_nullable"]
    return checks + [str(check.name) for check in model.to_schema().columns[column.name].checks]


def _failing(rows: pl.DataFrame, model: type[Table]) -> list[tuple[tuple[str, str], int, list[dict[str, Any]]]]:
    """Return what fails of a batch: (column, check), how often, and the first rows by their key."""
    try:
        model.validate(rows, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
    else:
        return []
    found = []
    for (column, check), group in cases.group_by("column", "check", maintain_order=True):
        named = str(check).split("(")[0]
        found.append(((str(column), named), group.height, [_row(rows, model, one) for one in _first(group)]))
    return found


def _first(group: pl.DataFrame) -> list[dict[str, Any]]:
    return group.head(SHOWN_ROWS).select("index", pl.col("failure_case").cast(pl.String)).to_dicts()


def _row(rows: pl.DataFrame, model: type[Table], case: dict[str, Any]) -> dict[str, Any]:
    """Return the key of a failing row with what was seen there."""
    seen = {"seen": case["failure_case"]}
    keys = [name for name in dictionary.key(model) if name in rows.columns]
    return seen if case["index"] is None else rows[int(case["index"])].select(keys).to_dicts()[0] | seen


def _key(con: duckdb.DuckDBPyConnection, name: str, model: type[Table]) -> Check:
    """Return the check that no two rows of a table share a key."""
    keys = ", ".join(dictionary.key(model))
    query = f"select {keys}, count(*) as times from ({dictionary.published_query(name)}) group by all having times > 1"
    failed, rows = _found(con, query)
    total = _number(con, f"select count(*) from ({dictionary.published_query(name)})")
    said = f"主键 {keys} 不重复"
    return Check("key", "unique_key", name, "", said, total, failed, f"{failed} keys stand more than once", rows)


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


def _reconciled(con: duckdb.DuckDBPyConnection, name: str) -> Check:
    """Return the check that a query of what does not reconcile gives no row."""
    reconciliation = RECONCILIATIONS[name]
    failed, rows = _found(con, reconciliation.query)
    figure = con.execute(reconciliation.figure).fetchone() or ("",)
    seen = f"{failed} row(s) do not reconcile" if failed else str(figure[0])
    return Check("reconciliation", name, "", "", reconciliation.said, 0, failed, seen, rows)


def _found(con: duckdb.DuckDBPyConnection, query: str) -> tuple[int, tuple[dict[str, Any], ...]]:
    """Return how many rows a query gives, and the first of them."""
    result = con.execute(query)
    names = [column[0] for column in result.description or ()]
    first = result.fetchmany(SHOWN_ROWS + 1)
    count = len(first) if len(first) <= SHOWN_ROWS else _number(con, f"select count(*) from ({query})")
    return count, tuple(dict(zip(names, row, strict=True)) for row in first[:SHOWN_ROWS])


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0
