"""Contracts on typed rows and columns (pandera), keys, and rules across tables (sql/checks)."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import polars as pl

from contracts import dictionary
from contracts.codes import read_codes
from contracts.fields import Table, failing
from transforms.intake import findings
from transforms.intake.cover import DECLARED
from transforms.intake.parse import REPEATED_HEADER
from transforms.intake.rename import SOURCE

FEW_ROWS = 50_000
"""Below so many rows threads cost more than they bring."""
CHECKS_DIR = Path(__file__).parents[2] / "sql" / "checks"
RULE_OF_CHECK = {
    "not_nullable": "missing_value",
    "greater_than_or_equal_to": "out_of_range",
    "less_than_or_equal_to": "out_of_range",
    "str_matches": "bad_pattern",
    "isin": "unknown_code",
}
PLACE = {
    "stat_year": pl.Int32,
    "county_code": pl.String,
    "school_code": pl.String,
    "campus_no": pl.Int32,
    "stage": pl.String,
    "item_code": pl.String,
    "value_unit": pl.String,
    **SOURCE,
}
FIGURE = {"table_name": pl.String, **PLACE, "column_name": pl.String, "figure": pl.Float64}
COUNTED = {
    "stat_year": pl.Int32,
    "county_code": pl.String,
    "table_name": pl.String,
    "title": pl.String,
    "table_rows": pl.Int64,
}
FIGURED = ("teacher", "premises", "finance")
ABSENT = {"campus_no": 0, "stage": "", "item_code": "", "value_unit": ""}
_TEST = {"standard_id": pl.String, "item_code": pl.String, "test_no": pl.Int32, "stage": pl.String}
STANDARD: dict[str, dict[str, Any]] = {
    "std_term": {**_TEST, "case_no": pl.Int32, "side": pl.String, "measure_code": pl.String},
    "std_test": {**_TEST, "per": pl.Float64, "operator": pl.String},
    "std_limit": {**_TEST, "case_no": pl.Int32, "limit_value": pl.Float64, "overlay_id": pl.String},
}
"""What the screens read of the standards' tables."""


def check_table(table: str, rows: pl.DataFrame, parsed: pl.DataFrame) -> pl.DataFrame:
    """Return the findings of one typed table against its contract; cells that `parsed` names already stay out.

    Raises KeyError when a contract uses a check without a rule of its own.
    """
    model = dictionary.input_tables()[table]
    at = {"source_sha256": "source_sha256", "source_sheet": "source_group", "source_row": "source_row"}
    again = parsed.filter(pl.col("rule") == REPEATED_HEADER).select(pl.col(old).alias(new) for new, old in at.items())
    if again.height:
        rows = rows.join(again, on=again.columns, how="anti", maintain_order="left")
    cases = failing(model, rows.drop(list(SOURCE)))
    failed = findings.none() if cases is None else _failed_cells(table, rows, cases)
    known = ["source_sha256", "source_group", "source_row", "column_name"]
    failed = failed.join(parsed.filter(pl.col("rule") != "rounded"), on=known, how="anti", nulls_equal=True)
    return findings.joined([failed, _doubles(table, rows)])


def _failed_cells(table: str, rows: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """Return pandera's failure cases as findings with the place in the source."""
    columns = {column.name: column for column in dictionary.columns(dictionary.input_tables()[table])}
    named = cases.with_columns(pl.col("check").str.extract(r"^(\w+)").alias("check_name"))
    unknown = set(named["check_name"].unique()) - set(RULE_OF_CHECK)
    if unknown:
        raise KeyError(f"{table}: no rule for the checks {sorted(unknown)}")
    allowed = {name: column.allowed_text for name, column in columns.items()}
    placed = named.with_columns(pl.col("index").cast(pl.UInt32)).join(
        rows.select(*SOURCE).with_row_index("index"), on="index"
    )
    rule = pl.col("check_name").replace_strict(RULE_OF_CHECK)
    words = pl.col("column").replace_strict(allowed, return_dtype=pl.String)
    found = findings.of_rows("", table, pl.col("column"), placed, pl.col("failure_case"), words)
    return found.with_columns(placed.select(rule.alias("rule")))


def _doubles(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return one finding for every row whose key another row has too."""
    key = dictionary.key(dictionary.input_tables()[table])
    doubled = rows.filter(pl.struct(key).is_duplicated() & pl.all_horizontal(pl.col(key).is_not_null()))
    value = pl.concat_str([pl.col(name).cast(pl.String) for name in key[2:]], separator=" ")
    return findings.of_rows("duplicate_key", table, key[-1], doubled, value, None)


def check_across(
    tables: Mapping[str, pl.DataFrame],
    last_year: Mapping[str, pl.DataFrame] | None = None,
    lacking: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the findings of all rules across tables; each file of sql/checks is one rule and bears its id.

    `last_year`: the tables of the year before, as far as there are any (school, enrolment, teacher, premises, finance),
    and `table_count`, the rows of every table by county. `lacking`: what a county declares to lack (cover.declared).
    """
    before = last_year or {}
    filled = {name for name, rows in tables.items() if rows.height}
    checks = [path for path in sorted(CHECKS_DIR.glob("*.sql")) if _inputs_of(path) & filled]
    if not checks:
        return findings.none()
    import duckdb  # where no table has a rule of this kind, nobody waits for it

    are_few = sum(rows.height for rows in tables.values()) < FEW_ROWS
    threads: dict[str, Any] = {"threads": 1} if are_few else {}
    kept = "view" if are_few else "table"  # what several rules read is worth making once when it is long
    with duckdb.connect(config=threads) as con:
        for name, model in dictionary.input_tables().items():
            con.register(name, tables[name].to_arrow() if name in tables else _empty(model).to_arrow())
            con.register(f"last_year_{name}", before[name].to_arrow() if name in before else _empty(model).to_arrow())
        con.register("declared_lacking", (pl.DataFrame(schema=DECLARED) if lacking is None else lacking).to_arrow())
        con.register("table_count", _counts(tables).to_arrow())
        con.register("last_year_table_count", before.get("table_count", pl.DataFrame(schema=COUNTED)).to_arrow())
        con.register("figure", _figures(tables).to_arrow())
        con.register("last_year_figure", _figures(before).to_arrow())
        for name, rows in {
            "rule_tolerance": _tolerances(),
            "code_grades": _grades(),
            "code_size_bands": _size_bands(),
            "code_type_stages": _type_stages(),
            **_standards(),
        }.items():
            con.register(name, rows.to_arrow())
        for path in _views():
            con.execute(f"create temp {kept} {path.stem} as {path.read_text(encoding='utf-8')}")
        parts = []
        for path in checks:
            parts.append(_as_findings(path.stem, con.execute(path.read_text(encoding="utf-8")).pl()))
    return findings.joined(parts)


@functools.cache
def _views() -> tuple[Path, ...]:
    """Return the views of the checks, each after those it reads from."""
    paths = {path.stem: path for path in sorted(CHECKS_DIR.glob("views/*.sql"))}
    reads = {path: [paths[one] for one in _sources(path) if one in paths] for path in paths.values()}
    return tuple(TopologicalSorter(reads).static_order())


@functools.cache
def _sources(path: Path) -> frozenset[str]:
    """Return the names a query reads from, its own steps among them."""
    return frozenset(re.findall(r"\b(?:from|join) ([a-z_]+)\b", path.read_text(encoding="utf-8")))


@functools.cache
def _inputs_of(path: Path) -> frozenset[str]:
    """Return the input tables of this year that a check reads; without rows in them it finds nothing."""
    views = {view.stem: view for view in CHECKS_DIR.glob("views/*.sql")}
    found = set(_sources(path))
    for name in _sources(path):
        found |= _inputs_of(views[name]) if name in views else set(FIGURED) if name == "figure" else set()
    return frozenset(found & set(dictionary.input_tables()))


def _counts(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return how many rows each county has in each table."""
    parts = [
        rows.group_by("stat_year", "county_code").agg(pl.len().cast(pl.Int64).alias("table_rows"))
        .select("stat_year", "county_code", pl.lit(name).alias("table_name"), pl.lit("").alias("title"), "table_rows")
        for name, rows in tables.items()
    ]  # fmt: skip
    return pl.concat([pl.DataFrame(schema=COUNTED), *parts])


def _figures(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the numbers of teachers, premises and school finance made long: a row for each filled cell."""
    parts = [pl.DataFrame(schema=FIGURE)]
    for name in FIGURED:
        if name not in tables or tables[name].is_empty():
            continue
        model = dictionary.input_tables()[name]
        numbers = [
            one.name for one in dictionary.columns(model) if one.kind in {"integer", "decimal"} and not one.is_key
        ]
        rows = tables[name]
        absent = [pl.lit(value).alias(column) for column, value in ABSENT.items() if column not in rows.columns]
        source = [column for column in SOURCE if column in rows.columns]
        source_absent = [pl.lit(None, dtype=dtype).alias(one) for one, dtype in SOURCE.items() if one not in source]
        floats = [pl.col(column).cast(pl.Float64) for column in numbers]
        long = rows.with_columns(*absent, *source_absent, *floats).unpivot(
            on=numbers, index=list(PLACE), variable_name="column_name", value_name="figure"
        )
        parts.append(long.drop_nulls("figure").select(_cast(name, column, dtype) for column, dtype in FIGURE.items()))
    return pl.concat(parts)


def _cast(table: str, column: str, dtype: Any) -> pl.Expr:
    return (pl.lit(table) if column == "table_name" else pl.col(column)).cast(dtype).alias(column)


@functools.cache
def _standards() -> dict[str, pl.DataFrame]:
    """Return the limits of all standards on record with what they are limits of; nothing is written down twice."""
    from contracts import standard

    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in STANDARD}
    for one in standard.load_all():
        for name, columns in STANDARD.items():
            rows[name] += [{column: row[column] for column in columns} for row in one.tables[name]]
    return {name: pl.DataFrame(rows[name], schema=columns) for name, columns in STANDARD.items()}


def _as_findings(rule: str, found: pl.DataFrame) -> pl.DataFrame:
    fixed = found.rename({"source_sheet": "source_group"}).with_columns(
        pl.lit(rule).alias("rule"),
        *(pl.lit(None, dtype=pl.String).alias(name) for name in ("source_file", "source_sheet", "cell", "suggestion")),
        *(
            pl.col(name).cast(pl.String).str.replace(r"^(-?\d+)\.0+$", "${1}").alias(name)
            for name in ("value", "allowed")
        ),
    )
    return fixed.select(pl.col(name).cast(dtype) for name, dtype in findings.SCHEMA.items())


def _empty(model: type[Table]) -> pl.DataFrame:
    columns = {column.name: dictionary.polars_type(model, column.name) for column in dictionary.columns(model)}
    return pl.DataFrame(schema={**columns, **SOURCE})


def _tolerances() -> pl.DataFrame:
    rows = [(rule, float(row["tolerance"])) for rule, row in findings.rules().items() if row["tolerance"]]
    return pl.DataFrame(rows, schema={"rule": pl.String, "tolerance": pl.Float64}, orient="row")


def _grades() -> pl.DataFrame:
    """Return the grades of each stage, from the code list of stages."""
    rows = [(stage, int(row["first_grade"]), int(row["last_grade"])) for stage, row in read_codes("stages").items()]
    return pl.DataFrame(
        rows, schema={"stage": pl.String, "first_grade": pl.Int32, "last_grade": pl.Int32}, orient="row"
    )


def _size_bands() -> pl.DataFrame:
    """Return the least and the most pupils of a class in each size band; the last band has no most."""
    rows = [
        (band, int(row["low_pupils"]), int(row["high_pupils"]) if row["high_pupils"] else None)
        for band, row in read_codes("size_bands").items()
    ]
    return pl.DataFrame(
        rows, schema={"size_band": pl.String, "low_pupils": pl.Int64, "high_pupils": pl.Int64}, orient="row"
    )


def _type_stages() -> pl.DataFrame:
    """Return the stages a school of each type has by itself, for the types that the code list says it of."""
    rows = [(code, row["stages"]) for code, row in read_codes("school_types").items() if row["stages"]]
    return pl.DataFrame(rows, schema={"school_type_code": pl.String, "stages": pl.String}, orient="row")
