"""What the contracts say of their tables: labels, units, keys, and the types other tools need.

Every input and output table is one pandera model whose fields carry label, unit, description and key beside the
checks (contracts/fields.py). Everything else (template workbook, DuckDB types and comments, Parquet field metadata,
data dictionary) is read from here.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from contracts import inputs
from contracts.codes import read_codes
from contracts.fields import PATTERN_WORDS, Table

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True)
class Column:
    """One column of a table as its contract declares it."""

    name: str
    kind: str
    label: str
    unit: str
    description: str
    is_key: bool
    is_nullable: bool
    is_optional: bool
    codes: str | None
    low: int | None
    high: int | None
    pattern: str | None

    @property
    def header(self) -> str:
        """The header of the column in a workbook: label and unit."""
        return f"{self.label}({self.unit})" if self.unit else self.label

    @property
    def allowed_text(self) -> str:
        """What the column allows, as a clerk reads it, Chinese first."""
        if self.codes:
            return "、".join(f"{row['code']} {row['text_zh']}" for row in read_codes(self.codes).values())
        if self.kind == "boolean":
            return "是 yes、否 no"
        if self.pattern:
            return PATTERN_WORDS.get(self.pattern, self.pattern)
        if self.kind in {"integer", "decimal"}:
            kind = "整数 whole number" if self.kind == "integer" else "数字 number"
            low = "" if self.low is None else f" ≥ {self.low}"
            high = "" if self.high is None else f" ≤ {self.high}"
            return f"{kind}{low}{high}"
        return "文字 text"


KINDS = {
    pl.Int32: "integer",
    pl.Int64: "integer",
    pl.Float64: "real",
    pl.Boolean: "boolean",
    pl.String: "text",
    pl.Decimal: "decimal",
}
DUCKDB_TYPES = {
    pl.Int32: "integer",
    pl.Int64: "bigint",
    pl.Float64: "double",
    pl.Boolean: "boolean",
    pl.String: "varchar",
}


@functools.cache
def columns(model: type[Table]) -> tuple[Column, ...]:
    """Return the columns of a contract in their declared order, key first, what a file may leave out last."""
    result = []
    for name, column in model.to_schema().columns.items():
        statistics: dict[str, Any] = {}
        for check in column.checks:
            statistics |= {f"{check.name}.{key}": value for key, value in (check.statistics or {}).items()}
        metadata = column.metadata or {}
        result.append(
            Column(
                name=name,
                kind=KINDS[polars_type(model, name).base_type()],
                label=column.title or "",
                unit=metadata.get("unit") or "",
                description=column.description or "",
                is_key=bool(metadata.get("key")),
                is_nullable=bool(column.nullable),
                is_optional=bool(metadata.get("optional")),
                codes=metadata.get("codes"),
                low=statistics.get("greater_than_or_equal_to.min_value"),
                high=statistics.get("less_than_or_equal_to.max_value"),
                pattern=statistics.get("str_matches.pattern"),
            )
        )
    return tuple(sorted(result, key=lambda column: (column.is_optional, not column.is_key)))


def column_names(model: type[Table]) -> frozenset[str]:
    """Return the names of a contract's columns, without the cost of making its schema."""
    declared = (name for one in model.__mro__ for name in vars(one).get("__annotations__", {}))
    return frozenset(name for name in declared if not name.startswith("_") and name != "Config")


def polars_type(model: type[Table], name: str) -> Any:
    """Return the polars type of a column."""
    return model.to_schema().columns[name].dtype.type


def title(model: type[Table]) -> str:
    """Return the Chinese name of a table."""
    return table_metadata(model)["title"]


def table_metadata(model: type[Table]) -> dict[str, str]:
    """Return the table's own metadata: Chinese title and 「one row per …」."""
    return model.Config.metadata  # ty: ignore[missing-attribute]


def key(model: type[Table]) -> list[str]:
    """Return the names of the key columns, in order."""
    return [column.name for column in columns(model) if column.is_key]


def duckdb_type(model: type[Table], name: str) -> str:
    """Return the DuckDB type of a column, written out."""
    dtype = polars_type(model, name)
    if dtype.base_type() is pl.Decimal:
        return f"decimal({dtype.precision},{dtype.scale})"
    return DUCKDB_TYPES[dtype.base_type()]


def published_query(name: str) -> str:
    """Return the select that gives a published table its columns, types and rows, without order.

    Tables of single units and sites hold the default readings only; those of counties hold every set of readings.
    """
    model = output_tables()[name]
    fields = [f"cast({column.name} as {duckdb_type(model, column.name)}) as {column.name}" for column in columns(model)]
    rows = table_metadata(model).get("rows")
    return f"select {', '.join(fields)} from {name}{f' where {rows}' if rows else ''}"


def arrow_schema(model: type[Table], table: str) -> pyarrow.Schema:
    """Return the Arrow schema of a published table, each field with label, unit and description as metadata."""
    import pyarrow

    types = {
        "integer": pyarrow.int32(),
        "bigint": pyarrow.int64(),
        "double": pyarrow.float64(),
        "boolean": pyarrow.bool_(),
        "varchar": pyarrow.string(),
    }
    fields = []
    for column in columns(model):
        name = duckdb_type(model, column.name)
        dtype = polars_type(model, column.name)
        arrow = types[name] if name in types else pyarrow.decimal128(dtype.precision, dtype.scale)
        metadata = {"label": column.label, "unit": column.unit, "description": column.description}
        fields.append(pyarrow.field(column.name, arrow, nullable=column.is_nullable, metadata=metadata))
    described = table_metadata(model)
    return pyarrow.schema(fields, metadata={"table": table, "title": described["title"], "grain": described["grain"]})


def input_tables() -> dict[str, type[Table]]:
    """Return every input table, name → model, in the order of the template's sheets."""
    return inputs.TABLES


def output_tables() -> dict[str, type[Table]]:
    """Return every published table, name → model, in the order of the release."""
    from contracts import outputs  # a file that is only looked at has no use for them

    return outputs.TABLES
