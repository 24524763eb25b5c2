"""The same unit results and coefficients by other means: bare DuckDB, straightforward pandas, straightforward polars.

python -m tests.bench.competitors duckdb|pandas|polars INBOX OUT [ROWS]: reads INBOX/<year>/**/<table>.csv, writes
OUT/results.parquet (a row per unit and item: numerator, pupils, value) and OUT/coefficients.parquet. Nothing is
checked, nothing explained: the seven resource items of the standard under its default readings, no more (shares of
what a combined school reports as a whole are rounded to the sixth decimal, as the definition of a share says; what they are
shared by is rounded to its two decimals, or a tie would fall otherwise). With ROWS
the results are written so often that there are as many rows as a release has: what writing alone costs.
"""

from __future__ import annotations

import sys
from pathlib import Path

STAGES = ("primary", "junior")
SMALL_POINT, POINT_TYPE = 50, "218"
WEIGHTS = {
    "312": {"primary": 1.0, "junior": 1.1},
    "345": {"primary": 1.0, "junior": 1.1, "senior": 1.32},
    "341": {"junior": 1.0, "senior": 1.2},
}
"""Combined schools share what they report together by these weights; all others have one stage."""
KEY = ["stat_year", "county_code", "school_code", "campus_no"]
SHARED = {
    "R4": "teaching_rooms_m2 - indoor_sports_m2",
    "R5": "coalesce(gymnasium_m2, indoor_sports_m2) + sports_ground_m2",
    "R6": "equipment_yuan",
    "R7": "multimedia_rooms",
}
ABOVE = {"primary": ["doctor", "master", "bachelor", "college"], "junior": ["doctor", "master", "bachelor"]}
ITEMS = ("R1", "R2", "R3", "R4", "R5", "R6", "R7")


def with_duckdb(inbox: Path, out: Path, rows: int = 0) -> None:
    """The raw limit: read, one query, write."""
    import duckdb

    con = duckdb.connect()
    con.execute("set preserve_insertion_order = false")
    for table in ("school", "enrolment", "teacher", "premises", "class_size", "special_room", "finance"):
        texts = ["county_code", "school_code", *(["school_type_code"] if table == "school" else [])]
        types = ", ".join(f"'{name}': 'varchar'" for name in texts)
        types += (
            ", 'gymnasium_m2': 'double'" if table == "premises" else ""
        )  # a column of blanks has no type of its own
        con.execute(f"create table {table} as select * from read_csv('{inbox}/*/**/{table}.csv', types = {{{types}}})")
    weights = ", ".join(
        f"('{kind}', '{stage}', {weight})" for kind, of in WEIGHTS.items() for stage, weight in of.items()
    )
    key = ", ".join(KEY)
    con.execute(f"""
        create table result as
        with weight(school_type_code, stage, weight) as (values {weights}),
        loads as (
            select {key}, stage, school_type_code, sum(pupils) as pupils, coalesce(any_value(weight), 1) as weight
            from enrolment inner join school using ({key}) left join weight using (school_type_code, stage)
            group by {key}, stage, school_type_code
        ),
        units as (
            select *, cast(weight * pupils as double) as load, cast(sum(weight * pupils) over (partition by {key}) as double)
                as site_load from loads
            qualify stage <> 'senior' and not (school_type_code = '{POINT_TYPE}' and pupils < {SMALL_POINT})
        )
        select {key}, stage, pupils, i.item_code, cast(case i.item_code
            when 'R1' then doctor_teachers + master_teachers + bachelor_teachers
                + case stage when 'primary' then college_teachers else 0 end
            when 'R2' then backbone_teachers when 'R3' then pe_teachers + art_teachers
            {" ".join(f"when '{item}' then floor(({what}) * load / site_load * 1e6 + 0.5) / 1e6" for item, what in SHARED.items())} end as double) as numerator
        from units left join teacher using ({key}, stage) left join premises using ({key})
        cross join (values {", ".join(f"('{item}')" for item in ITEMS)}) as i(item_code)
    """)
    con.execute(BARE)
    con.execute(f"copy (select * from coefficient) to '{out}/coefficients.parquet' (compression zstd)")
    (found,) = con.execute("select count(*) from result").fetchone() or (0,)
    times = max(1, -(-rows // max(found, 1)))
    con.execute(
        f"copy (select r.*, numerator / pupils as value, copy_no from result as r cross join range({times}) as t(copy_no)"
        f" order by copy_no, {key}, stage, item_code limit {max(rows, found)})"
        f" to '{out}/results.parquet' (compression zstd)"
    )


BARE = """
create or replace table coefficient as
with means as (
    select stat_year, county_code, stage, item_code, sum(numerator) / sum(pupils) as mean, sum(pupils) as pupils
    from result group by all
)
select stat_year, county_code, stage, item_code,
    sqrt(sum(r.pupils * pow(r.numerator / r.pupils / m.mean - 1, 2)) / any_value(m.pupils)) as cv
from result as r inner join means as m using (stat_year, county_code, stage, item_code)
group by stat_year, county_code, stage, item_code
"""
"""The coefficient by its plain formula, in sums whose last bits hang on the order of rows."""
RECIPE = """
create or replace table coefficient as
with means as (
    select stat_year, county_code, stage, item_code, sum(exact_numerator) as total, sum(pupils) as pupils
    from result group by stat_year, county_code, stage, item_code
), deviations as (
    select stat_year, county_code, stage, item_code, m.pupils as all_pupils, cast(r.pupils as double) as pupils,
        cast(exact_numerator as double) / r.pupils / nullif(cast(m.total as double) / m.pupils, 0) - 1 as deviation
    from result as r inner join means as m using (stat_year, county_code, stage, item_code)
)
select stat_year, county_code, stage, item_code, sqrt(
    cast(sum(cast(floor(pupils * deviation * deviation * 1e10 + 0.5) as decimal(20, 0))) as double)
    / 1e10 / max(all_pupils)) as cv
from deviations group by stat_year, county_code, stage, item_code
"""
"""The same in exact sums of exact numerators, as sql/facts has it: no order of rows changes a bit."""


def with_pandas(inbox: Path, out: Path, _rows: int = 0) -> None:
    """What somebody would write first with pandas."""
    import numpy as np
    import pandas as pd

    text = {"county_code": str, "school_code": str, "school_type_code": str, "parent_school_code": str}
    frames = {
        name: pd.concat([pd.read_csv(path, dtype=text) for path in sorted(inbox.glob(f"*/**/{name}.csv"))])
        for name in ("school", "enrolment", "teacher", "premises", "class_size", "special_room", "finance")
    }
    loads = frames["enrolment"].groupby([*KEY, "stage"], as_index=False)["pupils"].sum()
    loads = loads.merge(frames["school"][[*KEY, "school_type_code"]], on=KEY)
    weights = pd.DataFrame(
        [(kind, stage, weight) for kind, of in WEIGHTS.items() for stage, weight in of.items()],
        columns=["school_type_code", "stage", "weight"],
    )
    loads = loads.merge(weights, on=["school_type_code", "stage"], how="left")
    loads["load"] = (loads["weight"].fillna(1) * loads["pupils"]).round(2)
    loads["site_load"] = loads.groupby(KEY)["load"].transform("sum").round(2)
    is_small = (loads["school_type_code"] == POINT_TYPE) & (loads["pupils"] < SMALL_POINT)
    units = loads[loads["stage"].isin(STAGES) & ~is_small]
    units = units.merge(frames["teacher"], on=[*KEY, "stage"], how="left").merge(frames["premises"], on=KEY, how="left")
    above = units[[f"{one}_teachers" for one in ABOVE["junior"]]].sum(axis=1)
    units["R1"] = above + np.where(units["stage"] == "primary", units["college_teachers"], 0)
    units["R2"], units["R3"] = units["backbone_teachers"], units["pe_teachers"] + units["art_teachers"]
    gymnasium = units["gymnasium_m2"].fillna(units["indoor_sports_m2"])
    shared = {
        "R4": units["teaching_rooms_m2"] - units["indoor_sports_m2"], "R5": gymnasium + units["sports_ground_m2"],
        "R6": units["equipment_yuan"], "R7": units["multimedia_rooms"],
    }  # fmt: skip
    for item, whole in shared.items():
        units[item] = np.floor(whole * units["load"] / units["site_load"] * 1e6 + 0.5) / 1e6
    result = units.melt([*KEY, "stage", "pupils"], list(ITEMS), "item_code", "numerator")
    result["value"] = result["numerator"] / result["pupils"]
    cell = ["stat_year", "county_code", "stage", "item_code"]
    sums = result.groupby(cell)[["numerator", "pupils"]].transform("sum")
    result["term"] = result["pupils"] * (result["value"] / (sums["numerator"] / sums["pupils"]) - 1) ** 2
    added = result.groupby(cell, as_index=False)[["term", "pupils"]].sum()
    added["cv"] = np.sqrt(added["term"] / added["pupils"])
    result.drop(columns="term").to_parquet(out / "results.parquet", compression="zstd")
    added[[*cell, "cv"]].to_parquet(out / "coefficients.parquet")


def with_polars(inbox: Path, out: Path, _rows: int = 0) -> None:
    """The same with polars, lazily."""
    import polars as pl

    text = {"county_code": pl.String, "school_code": pl.String, "school_type_code": pl.String}
    frames = {
        name: pl.read_csv(sorted(inbox.glob(f"*/**/{name}.csv")), schema_overrides=text, infer_schema_length=None)
        for name in ("school", "enrolment", "teacher", "premises", "class_size", "special_room", "finance")
    }
    weights = pl.LazyFrame(
        [(kind, stage, weight) for kind, of in WEIGHTS.items() for stage, weight in of.items()],
        schema={"school_type_code": pl.String, "stage": pl.String, "weight": pl.Float64}, orient="row",
    )  # fmt: skip
    loads = frames["enrolment"].lazy().group_by([*KEY, "stage"]).agg(pl.col("pupils").sum())
    loads = loads.join(frames["school"].lazy().select(*KEY, "school_type_code"), on=KEY)
    load = (pl.col("weight").fill_null(1) * pl.col("pupils")).round(2)
    loads = loads.join(weights, on=["school_type_code", "stage"], how="left").with_columns(load.alias("load"))
    loads = loads.with_columns(pl.col("load").sum().over(KEY).round(2).alias("site_load"))
    is_small = (pl.col("school_type_code") == POINT_TYPE) & (pl.col("pupils") < SMALL_POINT)
    units = loads.filter(pl.col("stage").is_in(list(STAGES)) & ~is_small)
    units = units.join(frames["teacher"].lazy(), on=[*KEY, "stage"], how="left")
    units = units.join(frames["premises"].lazy(), on=KEY, how="left")
    college = pl.when(pl.col("stage") == "primary").then("college_teachers").otherwise(0)
    gymnasium = pl.coalesce(pl.col("gymnasium_m2").cast(pl.Float64), "indoor_sports_m2")
    values = {
        "R1": pl.sum_horizontal(f"{one}_teachers" for one in ABOVE["junior"]) + college,
        "R2": pl.col("backbone_teachers"), "R3": pl.col("pe_teachers") + pl.col("art_teachers"),
    }  # fmt: skip
    shared = {
        "R4": pl.col("teaching_rooms_m2") - pl.col("indoor_sports_m2"), "R5": gymnasium + pl.col("sports_ground_m2"),
        "R6": pl.col("equipment_yuan"), "R7": pl.col("multimedia_rooms"),
    }  # fmt: skip
    shares = {item: whole * pl.col("load") / pl.col("site_load") for item, whole in shared.items()}
    values |= {item: (share * 1e6 + 0.5).floor() / 1e6 for item, share in shares.items()}
    result = units.with_columns(value.cast(pl.Float64).alias(item) for item, value in values.items()).unpivot(
        on=list(ITEMS), index=[*KEY, "stage", "pupils"], variable_name="item_code", value_name="numerator"
    )
    result = result.with_columns((pl.col("numerator") / pl.col("pupils")).alias("value")).collect()
    cell = ["stat_year", "county_code", "stage", "item_code"]
    mean = pl.col("numerator").sum().over(cell) / pl.col("pupils").sum().over(cell)
    terms = result.lazy().with_columns((pl.col("pupils") * (pl.col("value") / mean - 1) ** 2).alias("term"))
    cv = (pl.col("term").sum() / pl.col("pupils").sum()).sqrt().alias("cv")
    result.write_parquet(out / "results.parquet", compression="zstd")
    terms.group_by(cell).agg(cv).collect().write_parquet(out / "coefficients.parquet")


COMPETITORS = {"duckdb": with_duckdb, "pandas": with_pandas, "polars": with_polars}

if __name__ == "__main__":
    name, inbox, out, *more = sys.argv[1:]
    COMPETITORS[name](Path(inbox), Path(out), *map(int, more))
