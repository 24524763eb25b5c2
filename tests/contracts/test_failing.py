"""What fails in typed rows is what pandera says of the whole table, though it is shown only what is suspect."""

import polars as pl
import pytest

from contracts import dictionary
from contracts.fields import failing, pa
from tests.conftest import typed

TABLES = dictionary.input_tables()
VALUES = {"integer": (-1, 0, 5, 20_000_000), "decimal": (-1, 0, 5), "text": ("", "x", "2199000001", "2021-09-01")}


def rows_of(table: str) -> pl.DataFrame:
    """Rows of all kinds of values and none, so that most checks of a table fail somewhere and pass elsewhere."""
    columns = dictionary.columns(TABLES[table])
    kinds = {column.name: [*VALUES.get(column.kind, (True, False)), None] for column in columns}
    return typed(table, [{name: values[at % len(values)] for name, values in kinds.items()} for at in range(12)])


def by_pandera(table: str, rows: pl.DataFrame) -> list[tuple]:
    try:
        TABLES[table].validate(rows, lazy=True)
    except pa.errors.SchemaErrors as error:
        return said(error.failure_cases)
    return []


def said(cases: pl.DataFrame | None) -> list[tuple]:
    columns = ("column", "check", "failure_case", "index")
    return [] if cases is None else cases.select(*columns).rows()


@pytest.mark.parametrize("table", TABLES)
def test_failing_cells_are_those_that_pandera_finds(table):
    rows = rows_of(table)
    whole = by_pandera(table, rows)
    assert said(failing(TABLES[table], rows)) == whole
    assert len({column for column, *_ in whole}) > 1
