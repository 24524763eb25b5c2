"""Each model on files: tests/sql/<model>/<case>/ holds the tables it reads and the rows it must give (expect.csv).

Tables of the standard (the one of standard.txt where there is such a file) and code lists come from contracts/, unless
the case has its own; a column that a file leaves out is null.
"""

import csv
from pathlib import Path

import duckdb
import pytest

from contracts import standard
from tests.conftest import STANDARD, modelled, typed
from transforms import model

HERE = Path(__file__).parent
CASES = sorted(path for path in HERE.glob("*/*") if path.is_dir() and path.name != "__pycache__")


@pytest.fixture(scope="module")
def types() -> dict[str, list[tuple[str, str]]]:
    """Column names and types of every table a model reads or makes."""
    con = modelled({"school": typed("school", [])})
    names = [
        name
        for (name,) in con.execute("select distinct table_name from duckdb_columns() where not internal").fetchall()
    ]
    views = [name for (name,) in con.execute("select view_name from duckdb_views() where not internal").fetchall()]
    return {name: [row[:2] for row in con.execute(f"describe {name}").fetchall()] for name in {*names, *views}}


def rows_of(con: duckdb.DuckDBPyConnection, path: Path, columns: list[tuple[str, str]]) -> list[tuple]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    unknown = set(rows[0]) - {name for name, _ in columns} if rows else set()
    assert not unknown, f"{path}: {unknown}"
    values = [[row.get(name) or None for name, _ in columns] for row in rows]
    casts = ", ".join(f"cast(column{at} as {kind})" for at, (_, kind) in enumerate(columns))
    texts = ", ".join(f"column{at} varchar" for at in range(len(columns)))
    con.execute(f"create or replace temp table texts ({texts})")
    if values:
        con.executemany(f"insert into texts values ({', '.join('?' * len(columns))})", values)
    return con.execute(f"select {casts} from texts").fetchall()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_model_gives_the_expected_rows(case, types):
    name = case.parent.name
    con = duckdb.connect(config={"threads": 1})
    chosen = case / "standard.txt"
    ids = tuple(chosen.read_text("utf-8").split()) if chosen.exists() else (STANDARD,)
    model.add_standards(con, [standard.choose(one) for one in standard.load_all(ids)])
    model.add_codes(con)
    given = {path.stem for path in case.glob("*.csv")} - {"expect"}
    for table, columns in types.items():
        if table == name or (table.startswith(("std_", "code_")) and table not in given):
            continue
        con.execute(f"create or replace table {table} ({', '.join(f'{column} {kind}' for column, kind in columns)})")
        if table in given:
            rows = rows_of(con, case / f"{table}.csv", columns)
            con.executemany(f"insert into {table} values ({', '.join('?' * len(columns))})", rows)
    found = [
        tuple(None if value == "" else value for value in row) for row in con.execute(model.models()[name]).fetchall()
    ]
    assert sorted(found, key=str) == sorted(rows_of(con, case / "expect.csv", types[name]), key=str)


def test_every_model_has_a_case():
    assert {case.parent.name for case in CASES} == set(model.models())
