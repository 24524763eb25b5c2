"""Contracts on typed rows and columns (pandera), keys, and rules across tables (sql/checks)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pandera.errors
import polars as pl

from contracts import dictionary
from contracts.codes import read_codes
from contracts.fields import Table
from transforms.intake import findings
from transforms.intake.rename import SOURCE

CHECKS_DIR = Path(__file__).parents[2] / "sql" / "checks"
RULE_OF_CHECK = {
    "not_nullable": "missing_value",
    "greater_than_or_equal_to": "out_of_range",
    "less_than_or_equal_to": "out_of_range",
    "str_matches": "bad_pattern",
    "isin": "unknown_code",
}


def check_table(table: str, rows: pl.DataFrame, parsed: pl.DataFrame) -> pl.DataFrame:
    """Return the findings of one typed table against its contract; cells that `parsed` names already stay out.

    Raises KeyError when a contract uses a check without a rule of its own.
    """
    model = dictionary.input_tables()[table]
    try:
        model.validate(rows.drop(list(SOURCE)), lazy=True)
        failed = findings.none()
    except pandera.errors.SchemaErrors as error:
        failed = _failed_cells(table, rows, error.failure_cases)
    known = ["source_sha256", "source_sheet", "source_row", "column_name"]
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


def check_across(tables: Mapping[str, pl.DataFrame], last_year: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the findings of all rules across tables; each file of sql/checks is one rule and bears its id.

    `last_year`: pupils by site and stage of the year before (stat_year, school_code, campus_no, stage, pupils).
    """
    with duckdb.connect() as con:
        for name, model in dictionary.input_tables().items():
            con.register(name, tables[name].to_arrow() if name in tables else _empty(model).to_arrow())
        con.register("last_year_pupils", (last_year if last_year is not None else _no_last_year()).to_arrow())
        con.register("rule_tolerance", _tolerances().to_arrow())
        con.register("code_grades", _grades().to_arrow())
        con.register("code_type_stages", _type_stages().to_arrow())
        for path in sorted(CHECKS_DIR.glob("views/*.sql")):
            con.execute(f"create temp view {path.stem} as {path.read_text(encoding='utf-8')}")
        parts = []
        for path in sorted(CHECKS_DIR.glob("*.sql")):
            parts.append(_as_findings(path.stem, con.execute(path.read_text(encoding="utf-8")).pl()))
    return findings.joined(parts)


def _as_findings(rule: str, found: pl.DataFrame) -> pl.DataFrame:
    fixed = found.with_columns(
        pl.lit(rule).alias("rule"),
        *(pl.lit(None, dtype=pl.String).alias(name) for name in ("source_file", "cell")),
    )
    return fixed.select(pl.col(name).cast(dtype) for name, dtype in findings.SCHEMA.items())


def _empty(model: type[Table]) -> pl.DataFrame:
    columns = {column.name: dictionary.polars_type(model, column.name) for column in dictionary.columns(model)}
    return pl.DataFrame(schema={**columns, **SOURCE})


def _no_last_year() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "stat_year": pl.Int32,
            "school_code": pl.String,
            "campus_no": pl.Int32,
            "stage": pl.String,
            "pupils": pl.Int64,
        }
    )


def _tolerances() -> pl.DataFrame:
    rows = [(rule, float(row["tolerance"])) for rule, row in findings.rules().items() if row["tolerance"]]
    return pl.DataFrame(rows, schema={"rule": pl.String, "tolerance": pl.Float64}, orient="row")


def _grades() -> pl.DataFrame:
    """Return the grades of each stage, from the code list of stages."""
    rows = [(stage, int(row["first_grade"]), int(row["last_grade"])) for stage, row in read_codes("stages").items()]
    return pl.DataFrame(
        rows, schema={"stage": pl.String, "first_grade": pl.Int32, "last_grade": pl.Int32}, orient="row"
    )


def _type_stages() -> pl.DataFrame:
    """Return the stages a school of each type has by itself, for the types that the code list says it of."""
    rows = [(code, row["stages"]) for code, row in read_codes("school_types").items() if row["stages"]]
    return pl.DataFrame(rows, schema={"school_type_code": pl.String, "stages": pl.String}, orient="row")
