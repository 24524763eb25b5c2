"""What is wrong, as rows: rule, place, what was seen, what is allowed; sentences come from contracts/rules.csv."""

from __future__ import annotations

import csv
import functools
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from contracts import dictionary

RULES_PATH = Path(__file__).parents[2] / "contracts" / "rules.csv"

SCHEMA = {
    "rule": pl.String,
    "table_name": pl.String,
    "column_name": pl.String,
    "source_sha256": pl.String,
    "source_file": pl.String,
    "source_sheet": pl.String,
    "source_group": pl.String,
    "source_row": pl.Int32,
    "cell": pl.String,
    "stat_year": pl.Int32,
    "county_code": pl.String,
    "school_code": pl.String,
    "value": pl.String,
    "allowed": pl.String,
    "suggestion": pl.String,
}
"""One row per finding; severity and sentences are added by `worded`. `source_group`: as in rename.Bound."""

LISTED = 1_000
"""Findings of one kind in one column of one file that are listed by cell; the rest are counted."""
LISTED_OF_COUNTY = 5
"""So many are listed in every county, however many its neighbours have."""

OF_MANY = ("bunched_above_limit", "same_as_another_school")
"""Rules that see several schools at once; no template is at fault."""
SHARED_BY = 3
"""Fewer schools may share a fault by chance."""

WORDED_COLUMNS = ("severity", "message_zh", "message_en", "advice_zh", "advice_en")


@functools.cache
def rules() -> dict[str, dict[str, str]]:
    """Return every kind of finding, rule id → severity, tolerance and its sentences."""
    with RULES_PATH.open(encoding="utf-8", newline="") as file:
        return {row["rule"]: row for row in csv.DictReader(file)}


def none() -> pl.DataFrame:
    """Return no finding."""
    return pl.DataFrame(schema=SCHEMA)


def frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    """Return findings made one by one (of a file, a sheet, a header); what a row leaves out is null."""
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)


def joined(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return several findings tables as one, columns of the schema only."""
    return pl.concat([none(), *(part.select(*SCHEMA) for part in parts)])


def of_rows(
    rule: str,
    table: str,
    column: str | pl.Expr,
    rows: pl.DataFrame,
    value: pl.Expr,
    allowed: str | pl.Expr | None,
) -> pl.DataFrame:
    """Return one finding per row; where it stands (file, cell, county) is filled in when the batch is located."""
    said = {
        "rule": pl.lit(rule),
        "table_name": pl.lit(table),
        "column_name": pl.lit(column) if isinstance(column, str) else column,
        "source_sha256": pl.col("source_sha256"),
        "source_group": pl.col("source_sheet"),
        "source_row": pl.col("source_row"),
        "value": value,
        "allowed": allowed if isinstance(allowed, pl.Expr) else pl.lit(allowed),
    }
    return rows.select(said.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in SCHEMA.items())


def capped(found: pl.DataFrame, at_most: int = LISTED) -> pl.DataFrame:
    """Return the findings with at most so many of one kind in one column of a file listed, a few in every county.

    All the rest of such a group becomes one finding at its first place, whose value says how many they are.
    """
    group = ["rule", "table_name", "column_name", "source_sha256", "source_sheet"]
    number = pl.int_range(pl.len()).over(group, order_by="source_row")
    in_county = pl.int_range(pl.len()).over([*group, "county_code"], order_by="source_row")
    marked = found.with_columns(((number < at_most) | (in_county < LISTED_OF_COUNTY)).alias("is_listed"))
    rest = marked.filter(~pl.col("is_listed"))
    said = pl.format("… 另有 {} 处 / {} more", pl.len().over(group), pl.len().over(group)).alias("value")
    first = rest.with_columns(said).unique(subset=group, keep="first", maintain_order=True)
    return pl.concat([marked.filter("is_listed").select(*SCHEMA), first.select(*SCHEMA)])


def shared(found: pl.DataFrame, schools: pl.DataFrame) -> pl.DataFrame:
    """Return one finding for each fault that so many schools of a county share that the template must be at fault.

    `schools`: one row per county_code with its number of `schools`. A fault is shared from SHARED_BY schools on.
    """
    tolerance = float(rules()["shared_fault"]["tolerance"])
    fault = ["county_code", "rule", "table_name", "column_name"]
    known = found.filter(
        pl.col("school_code").is_not_null() & pl.col("county_code").is_not_null() & ~pl.col("rule").is_in(list(OF_MANY))
    )
    counted = known.group_by(fault, maintain_order=True).agg(
        pl.col("school_code").n_unique().alias("having"),
        *(pl.col(name).first() for name in ("source_sha256", "stat_year")),
    )
    many = counted.join(schools, on="county_code").filter(
        (pl.col("having") >= SHARED_BY) & (pl.col("having") > tolerance * pl.col("schools"))
    )
    rows = [
        {
            **{name: row[name] for name in ("county_code", "table_name", "column_name", "stat_year")},
            "rule": "shared_fault", "value": f"{row['having']}/{row['schools']}",
            "allowed": f"{row['rule']} {column_label(row['table_name'], row['column_name'])}".strip(),
        }
        for row in many.rows(named=True)
    ]  # fmt: skip
    return frame(rows)


def shared_by_files(found: pl.DataFrame, form_of: Mapping[str, str]) -> pl.DataFrame:
    """Return one finding for each fault of sheets or headers that most of the files of one form share.

    `form_of`: file → its form, of files that are one school's each. A fault is shared from SHARED_BY files on.
    """
    tolerance = float(rules()["shared_fault"]["tolerance"])
    files = Counter(form_of.values())
    known = found.filter(pl.col("school_code").is_null() & pl.col("source_sha256").is_in(list(form_of)))
    form = pl.col("source_sha256").replace_strict(form_of, return_dtype=pl.String).alias("form")
    what = pl.coalesce("column_name", "value").fill_null("").alias("what")
    fault = ["form", "rule", "table_name", "what"]
    counted = known.with_columns(form, what).group_by(fault, maintain_order=True).agg(
        pl.col("source_sha256").n_unique().alias("having"),
        *(pl.col(name).drop_nulls().first() for name in ("column_name", "value", "allowed", "stat_year")),
    )  # fmt: skip
    rows = [
        {
            **{name: row[name] for name in ("table_name", "column_name", "stat_year")},
            "rule": "shared_fault", "value": f"{row['having']}/{files[row['form']]}",
            "allowed": f"{row['rule']} {row['value'] or row['allowed'] or ''}".strip(),
        }
        for row in counted.rows(named=True)
        if row["having"] >= SHARED_BY and row["having"] > tolerance * files[row["form"]]
    ]  # fmt: skip
    return frame(rows)


def worded(found: pl.DataFrame) -> pl.DataFrame:
    """Return the findings with severity, message and advice in Chinese and English, in order of place.

    Raises KeyError for a rule that contracts/rules.csv does not know.
    """
    unknown = set(found["rule"].unique()) - set(rules())
    if unknown:
        raise KeyError(f"contracts/rules.csv has no rule {sorted(unknown)}")
    said = {name: {rule: row[name] for rule, row in rules().items()} for name in WORDED_COLUMNS}
    place = ["source_file", "source_sheet", "source_row", "column_name", "rule", "value"]
    worded_rows = found.with_columns(_filled(name, said[name]) for name in WORDED_COLUMNS)
    more = pl.when(pl.col("suggestion").is_not_null()).then(pl.format("{}；{}", "advice_zh", "suggestion"))
    worded_rows = worded_rows.with_columns(more.otherwise("advice_zh").alias("advice_zh"))
    worded_rows = worded_rows.drop("source_group", "suggestion")
    return worded_rows.sort(place, nulls_last=False)


def _filled(column: str, sentences: dict[str, str]) -> pl.Expr:
    """Return the sentence of each row's rule with {value} and {allowed} of the row filled in."""
    expression = pl.col("rule").replace_strict(sentences, return_dtype=pl.String)
    for name in ("value", "allowed"):
        expression = expression.str.replace_all("{" + name + "}", pl.col(name).fill_null(""), literal=True)
    return expression.alias(column)


def errors(found: pl.DataFrame) -> pl.DataFrame:
    """Return the findings that hold something back."""
    return found.filter(pl.col("rule").is_in([rule for rule, row in rules().items() if row["severity"] == "error"]))


def column_label(table: str | None, column: str | None) -> str:
    """Return the Chinese header of a column in brackets, or nothing where a finding has no column."""
    model = dictionary.input_tables().get(table or "")
    labels = {one.name: one.label for one in dictionary.columns(model)} if model else {}
    return f"({labels[column]})" if column in labels else ""


def placed(row: dict[str, object]) -> str:
    """Return where a finding is: file › sheet › cell."""
    parts = [row["source_file"], row["source_sheet"], row["cell"]]
    return " › ".join(str(part) for part in parts if part)
