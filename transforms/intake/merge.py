"""One row from several sources: each value by precedence, each keeping its cell; where they differ, both are shown."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from contracts import dictionary
from contracts.codes import read_codes
from contracts.form import NO_GRADE
from transforms.intake import findings
from transforms.intake.rename import SOURCE

ORIGIN = {"source_code": pl.String, "form_id": pl.String, "is_repeated": pl.Boolean}
"""Beside each row: whose word it is, the form it came in, whether the same figures may come in several files."""
COMPARED = {
    "county_code": pl.String,
    "stat_year": pl.Int32,
    "table_name": pl.String,
    "school_code": pl.String,
    "row_key": pl.String,
    "column_name": pl.String,
    "source_code": pl.String,
    "value": pl.String,
    "source_sha256": pl.String,
    "source_file": pl.String,
    "source_sheet": pl.String,
    "cell": pl.String,
    "is_used": pl.Boolean,
}
"""三值对照: one row per school (or county), item and source that speaks of it, where at least two do."""


@dataclass(frozen=True)
class Merged:
    """Rows of one table after merging, with their forms; places of the new rows, what differs, what stood side by side.

    `originals`: the rows that went into others, so that a finding of one of their cells still knows its school.
    """

    rows: pl.DataFrame
    origin: pl.DataFrame
    refs: pl.DataFrame
    found: pl.DataFrame
    compared: pl.DataFrame
    originals: pl.DataFrame


def merge(table: str, rows: pl.DataFrame, origin: pl.DataFrame, refs: pl.DataFrame) -> Merged:
    """Return the rows with those of one key from several sources, or several places of one form, made one.

    `refs`: where the columns of each group of rows stand (load.references). Rows of one key from plain tables of one
    source stay as they are: they are doubled. Order: the first of each key keeps its place.
    """
    key = dictionary.key(dictionary.input_tables()[table])
    plain = Merged(rows, origin, refs.clear(), findings.none(), pl.DataFrame(schema=COMPARED), rows.clear())
    if all(origin[name].n_unique() < 2 for name in ("form_id", "source_code")) and not _is_scattered(origin):
        return plain
    alone, several = _split(rows.hstack(origin).with_row_index("at"), key)
    if several.is_empty():
        return plain
    values = [name for name in rows.columns if name not in (*key, *SOURCE)]
    free = {
        one.name
        for one in dictionary.columns(dictionary.input_tables()[table])
        if one.kind == "text" and not one.codes and not one.pattern
    }
    made = _made(several, key, values)
    placed = _cells(table, several, refs, values)
    whole = pl.concat([part.select("at", *rows.columns, *ORIGIN) for part in (alone, made)]).sort("at")
    return Merged(
        whole.select(rows.columns),
        whole.select(*ORIGIN),
        _new_refs(table, made, placed, values, refs),
        _differences(table, made, several, placed, [name for name in values if name not in free]),
        _compared(table, key, made, several, placed, values),
        several.select(rows.columns),
    )


def _split(numbered: pl.DataFrame, key: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows that stay as they are, and those that share a key, the nearest source of each first."""
    ranks = {code: int(row["precedence"]) for code, row in read_codes("sources").items()}
    one_each = pl.len().over([*key, "form_id", "source_code"]) == 1
    counted = numbered.with_columns(
        pl.len().over(key).alias("rows_of_key"),
        (pl.struct("source_code", "form_id").n_unique().over(key) > 1).alias("is_of_several"),
        pl.col("is_repeated").all().over(key).alias("may_repeat"),
        (one_each | pl.col("is_repeated")).all().over(key).alias("is_clean"),
        pl.col("source_code").replace_strict(ranks, return_dtype=pl.Int32).alias("rank"),
    )
    has_key = pl.all_horizontal(pl.col(name).is_not_null() for name in key)
    is_one = has_key & pl.col("is_clean") & (pl.col("rows_of_key") > 1)
    is_one = is_one & (pl.col("is_of_several") | pl.col("may_repeat"))
    return counted.filter(~is_one), counted.filter(is_one).sort("rank", "at", maintain_order=True)


def _made(several: pl.DataFrame, key: list[str], values: list[str]) -> pl.DataFrame:
    """Return one row per key: the nearest value of each column, which row gave it (`at X`), and how many there are.

    `says X`: different values in all; `own X`: at most so many of one source. `ats`: the rows it was made of.
    """
    made = several.group_by(key, maintain_order=True).agg(
        pl.col("at").min(),
        *(pl.col(name).drop_nulls().first() for name in values),
        *(pl.col("at").filter(pl.col(name).is_not_null()).first().alias(f"at {name}") for name in values),
        *(pl.col(name).drop_nulls().n_unique().alias(f"says {name}") for name in values),
        *(pl.col(name).first() for name in (*SOURCE, *ORIGIN)),
        pl.col("at").alias("ats"),
    )
    own = several.group_by([*key, "source_code"]).agg(pl.col(values).drop_nulls().n_unique()).group_by(key)
    made = made.join(own.agg(pl.col(values).max().name.prefix("own ")), on=key, how="left", maintain_order="left")
    group = pl.format("{}:+{}", pl.col("source_sheet"), "at").alias("source_sheet")
    return made.with_columns(group, pl.lit(1, pl.Int32).alias("source_row"))


def without_stage_totals(rows: pl.DataFrame, origin: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return enrolment without totals of stages whose grades are there too, their origins, and the totals that differ.

    Both would be counted twice.
    """
    stage = ["stat_year", "county_code", "school_code", "campus_no", "stage"]
    is_total = pl.col("grade") == int(NO_GRADE)
    graded = (
        rows.filter(~is_total)
        .group_by(stage)
        .agg(pl.when(pl.col("pupils").is_not_null().all()).then(pl.col("pupils").sum()).alias("of_grades"))
    )
    beside = rows.hstack(origin).with_row_index("at").join(graded, on=stage, how="left", maintain_order="left")
    beside = beside.with_columns(
        (is_total & pl.col("of_grades").is_not_null()).fill_null(value=False).alias("is_again")
    )
    again = beside.filter("is_again")
    differ = again.filter(pl.col("pupils") != pl.col("of_grades"))
    said = pl.format("{}(分年级之和 / sum of grades)", pl.col("of_grades"))
    found = findings.of_rows("sources_differ", "enrolment", "pupils", differ, pl.col("pupils").cast(pl.String), said)
    kept = beside.filter(~pl.col("is_again"))
    return kept.select(rows.columns), kept.select(*ORIGIN), found


def _is_scattered(origin: pl.DataFrame) -> bool:
    return bool(origin["is_repeated"].any())


def _cells(table: str, several: pl.DataFrame, refs: pl.DataFrame, values: list[str]) -> pl.DataFrame:
    """Return the cell of every value of the rows: at, column_name, source_file, ref_sheet, cell, header."""
    here = refs.filter(pl.col("table_name") == table).select(
        "source_sha256", "source_sheet", "column_name", "source_file", "ref_sheet", "ref", "header"
    )
    rows = several.select("at", *SOURCE).join(here, on=["source_sha256", "source_sheet"], how="inner")
    cell = (
        pl.when(pl.col("ref").str.contains(r"\d$")).then(pl.col("ref"))
        .when(pl.col("ref").str.contains(r"^[A-Z]{1,3}$")).then(pl.format("{}{}", "ref", "source_row"))
        .otherwise(pl.format("{}#{}", "ref", "source_row"))
    )  # fmt: skip
    return rows.filter(pl.col("column_name").is_in(values)).with_columns(cell.alias("cell"))


def _used(made: pl.DataFrame, values: list[str], *more: str) -> pl.DataFrame:
    """Return one row per merged row and column that has a value: which original row gave it."""
    return (
        made.select(*more, *(pl.col(f"at {name}").alias(name) for name in values))
        .unpivot(on=values, index=list(more), variable_name="column_name", value_name="at")
        .drop_nulls("at")
    )


def _new_refs(
    table: str, made: pl.DataFrame, placed: pl.DataFrame, values: list[str], refs: pl.DataFrame
) -> pl.DataFrame:
    """Return the places of the merged rows' columns, a cell each; of a blank the first that could fill it."""
    row = ["source_sha256", "source_sheet"]
    used = _used(made, values, *row)
    blank = made.select(*row, "ats", *(pl.col(f"at {name}").alias(name) for name in values))
    blank = blank.unpivot(on=values, index=[*row, "ats"], variable_name="column_name", value_name="used")
    could = blank.filter(pl.col("used").is_null()).explode("ats").select(*row, "column_name", pl.col("ats").alias("at"))
    could = could.join(placed.select("at", "column_name"), on=["at", "column_name"], how="semi", maintain_order="left")
    could = could.unique(subset=[*row, "column_name"], keep="first", maintain_order=True)
    joined = pl.concat([used, could.select(used.columns).cast(dict(used.schema))])
    joined = joined.rename({"source_sha256": "new_sha256", "source_sheet": "new_group"}).join(
        placed, on=["at", "column_name"], how="inner", maintain_order="left"
    )
    return joined.select(
        pl.col("new_sha256").alias("source_sha256"), "source_file", pl.col("new_group").alias("source_sheet"),
        pl.lit(table).alias("table_name"), "column_name", "ref_sheet", pl.col("cell").alias("ref"), "header",
    ).select(refs.columns)  # fmt: skip


def _differences(
    table: str, made: pl.DataFrame, several: pl.DataFrame, placed: pl.DataFrame, values: list[str]
) -> pl.DataFrame:
    """Return where sources differ: at the cell that is used, with what the others say."""
    parts = []
    key = dictionary.key(dictionary.input_tables()[table])
    titles = {code: row["text_zh"] for code, row in read_codes("sources").items()}
    for name in values:
        wrong = made.filter(pl.col(f"says {name}") > 1)
        if wrong.is_empty():
            continue
        others = several.join(wrong.select(*key, f"at {name}"), on=key, how="inner").filter(
            pl.col(name).is_not_null() & (pl.col("at") != pl.col(f"at {name}"))
        )
        words = others.join(placed.filter(pl.col("column_name") == name), on="at", how="left")
        place = [pl.col(one).fill_null("") for one in ("source_file", "cell")]
        whose = pl.col("source_code").replace_strict(titles, return_dtype=pl.String)
        spoken = words.with_columns(
            pl.format("{}({} {} {})", pl.col(name).cast(pl.String), whose, *place).alias("said")
        )
        said = spoken.group_by(f"at {name}").agg(pl.col("said").str.join("、"))
        joined = wrong.join(said, on=f"at {name}", how="left", maintain_order="left")
        value = pl.col(name).cast(pl.String)
        of_one = joined.filter(pl.col(f"own {name}") > 1)
        of_several = joined.filter(pl.col(f"own {name}") <= 1)
        parts.append(findings.of_rows("figures_differ", table, name, of_one, value, pl.col("said")))
        parts.append(findings.of_rows("sources_differ", table, name, of_several, value, pl.col("said")))
    return findings.joined(parts)


def _compared(
    table: str, key: list[str], made: pl.DataFrame, several: pl.DataFrame, placed: pl.DataFrame, values: list[str]
) -> pl.DataFrame:
    """Return the values side by side, item by item, where at least two sources speak."""
    texts = several.with_columns(pl.col(name).cast(pl.String) for name in values)
    school = pl.col("school_code") if "school_code" in key else pl.lit(None, dtype=pl.String)
    rest = [name for name in key if name not in ("stat_year", "county_code", "school_code")]
    row_key = pl.concat_str([pl.col(name).cast(pl.String) for name in rest], separator=" ") if rest else pl.lit("")
    beside = ["at", "county_code", "stat_year", "school", "row_key", "source_code", "source_sha256"]
    said = texts.with_columns(school.alias("school"), row_key.alias("row_key")).select(*beside, *values)
    long = said.unpivot(on=values, index=beside, variable_name="column_name", value_name="said value").drop_nulls(
        "said value"
    )
    group = ["county_code", "school", "row_key", "column_name"]
    long = long.filter(pl.col("source_code").n_unique().over(group) > 1).rename({"said value": "value"})
    used = _used(made, values, "source_sheet").select("column_name", "at", pl.lit(value=True).alias("is_used"))
    joined = long.join(
        placed.select("at", "column_name", "source_file", pl.col("ref_sheet").alias("source_sheet"), "cell"),
        on=["at", "column_name"], how="left",
    ).join(used, on=["at", "column_name"], how="left")  # fmt: skip
    return joined.select(
        "county_code", "stat_year", pl.lit(table).alias("table_name"), pl.col("school").alias("school_code"), "row_key",
        "column_name", "source_code", "value", "source_sha256", "source_file", "source_sheet", "cell",
        pl.col("is_used").fill_null(value=False),
    ).cast(pl.Schema(COMPARED)).sort("county_code", "school_code", "row_key", "column_name", "source_code")  # fmt: skip
