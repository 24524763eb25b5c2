"""What contracts/fields.py says of typed rows, over every column and every check of every input table."""

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from contracts import dictionary, fields
from contracts.codes import read_codes
from contracts.dictionary import Column

WRITTEN = {fields.SCHOOL_CODE: "2150990001", fields.COUNTY_CODE: "990001", fields.ITEM_CODE: "G4", fields.ISO_DATE: "2021-09-01"}  # fmt: skip
PLAIN = {"integer": 1, "decimal": Decimal(1), "boolean": True, "text": "一"}
TABLES = dictionary.input_tables()


def sound(column: Column) -> Any:
    """Return a value that a column allows."""
    if column.codes:
        return next(iter(read_codes(column.codes)))
    if column.pattern:
        return WRITTEN[column.pattern]
    return PLAIN[column.kind] if column.low is None else column.low


def spoilt(column: Column) -> dict[str, Any]:
    """Return check → a value that breaks it, for every check of a column."""
    wrong: dict[str, Any] = {} if column.is_nullable else {"not_nullable": None}
    wrong |= {} if column.low is None else {"greater_than_or_equal_to": column.low - 1}
    wrong |= {} if column.high is None else {"less_than_or_equal_to": column.high + 1}
    wrong |= {"isin": "没有的代码"} if column.codes else {}
    return wrong | ({"str_matches": f"第{sound(column)}"} if column.pattern else {})


def frame(table: str, *rows: dict[str, Any]) -> pl.DataFrame:
    """Return typed rows of a table, sound but for what is said."""
    model = TABLES[table]
    plain = {one.name: sound(one) for one in dictionary.columns(model)}
    schema = {name: dictionary.polars_type(model, name) for name in plain}
    return pl.DataFrame([{**plain, **row} for row in rows], schema=schema, orient="row")


@pytest.mark.parametrize("table", TABLES)
def test_rows_that_keep_a_contract_need_no_second_look_and_pandera_says_the_same(table):
    rows = frame(table, {}, {one.name: None for one in dictionary.columns(TABLES[table]) if one.is_nullable})
    assert fields._suspect(TABLES[table].to_schema(), rows) == []
    TABLES[table].validate(rows, lazy=True)
    assert fields.failing(TABLES[table], rows) is None


@pytest.mark.parametrize("table", TABLES)
def test_one_broken_cell_of_any_column_and_check_is_named(table):
    for column in dictionary.columns(TABLES[table]):
        for check, value in spoilt(column).items():
            cases = fields.failing(TABLES[table], frame(table, {}, {column.name: value}, {}))
            assert cases is not None, (column.name, check)
            assert [(one["column"], one["check"].split("(")[0], one["index"]) for one in cases.to_dicts()] == [
                (column.name, check, 1)
            ]


def test_a_column_of_another_type_too_many_or_missing_breaks_a_contract():
    rows = frame("teacher", {})
    for other in (rows.cast({"campus_no": pl.Int64}), rows.with_columns(more=1), rows.drop("campus_no")):
        assert fields.failing(TABLES["teacher"], other) is not None
