"""The schools of a made-up province: who they are and what stays with them from year to year, as whole columns."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np

NEVER = 9999
KINDS = ("211", "218", "311", "312", "341", "345")
PARTS = (0.53, 0.20, 0.145, 0.075, 0.035, 0.015)
"""Types of schools and their parts of all sites: plain primary, points, junior, nine-year, complete, twelve-year."""
TITLES = {"211": "小学", "218": "教学点", "311": "初级中学", "312": "九年一贯制学校", "341": "中学", "345": "学校"}
CAMPUS_PART, CLOSING_PART, FIRST_CLOSING = 0.02, 0.01, 2011
"""Part of the plain primaries that are campuses; part of the points that close in a year, and the first such year."""
AREAS = ("111", "112", "121", "122", "210", "220")
AREA_PARTS = {True: (0.02, 0.04, 0.06, 0.08, 0.20, 0.60), False: (0.20, 0.08, 0.24, 0.12, 0.20, 0.16)}
"""Where points (True) and where other schools stand."""
INTAKE = {
    "primary": {"111": 4.70, "112": 4.4, "121": 4.5, "122": 4.1, "210": 3.85, "220": 3.35},
    "junior": {},
    "senior": {},
}
"""Middle of the logarithm of the pupils of one grade, by area."""
INTAKE["junior"] = {area: middle + 0.50 for area, middle in INTAKE["primary"].items()}
INTAKE["senior"] = {area: middle + 1.20 for area, middle in INTAKE["primary"].items()}


def dice(seed: int, province: str, *what: object) -> np.random.Generator:
    """Return a random source that hangs on seed, province and what it is for, and on nothing drawn before."""
    import numpy as np

    return np.random.default_rng([seed, int(province), zlib.crc32("-".join(map(str, what)).encode())])


def sites(province: str, counties: int, mean_sites: int, seed: int) -> pl.DataFrame:
    """Return one row per site that ever stands in a province, in order of county, school and campus.

    Every county has a plain primary, a junior and a nine-year school at least. Codes are made up: the cities 91 to 99
    of a province exist nowhere.
    """
    random = dice(seed, province, "sites")
    drawn = (mean_sites * random.lognormal(-0.1, 0.45, counties)).round().clip(6, 600).astype(int)
    county = pl.Series("county_no", range(counties), dtype=pl.Int32).to_numpy().repeat(drawn)
    rows = pl.DataFrame({"county_no": county, "kind": random.choice(KINDS, county.size, p=PARTS)})
    number = pl.int_range(pl.len()).over("county_no")
    least = pl.when(number == 0).then(pl.lit("211")).when(number == 1).then(pl.lit("311")).when(number == 2)
    rows = rows.with_columns(least.then(pl.lit("312")).otherwise("kind").alias("kind"))
    is_campus = (pl.col("kind") == "211") & (number >= 3) & (pl.Series(random.random(county.size)) < CAMPUS_PART)
    order = pl.col("kind").replace_strict({kind: at for at, kind in enumerate(KINDS)}, return_dtype=pl.Int32)
    rows = rows.with_columns(is_campus.alias("is_campus"), order.alias("order"))
    rows = rows.sort("county_no", "is_campus", "order", maintain_order=True)
    return _lasting(_named(rows, province, random), random)


def _named(rows: pl.DataFrame, province: str, random: np.random.Generator) -> pl.DataFrame:
    """Return the sites with codes, names and parents; campuses bear the code of a primary of their county."""
    number = pl.int_range(pl.len()).over("county_no") + 1
    primaries = ((pl.col("kind") == "211") & ~pl.col("is_campus")).sum().over("county_no")
    nth_campus = pl.col("is_campus").cum_sum().over("county_no")
    drawn = (pl.Series(random.random(rows.height)) * primaries).floor().cast(pl.Int64) + 1
    parent_no = pl.when("is_campus").then(nth_campus).when(pl.col("kind") == "218").then(drawn)
    lead = pl.when(pl.col("kind").is_in(["211", "218"])).then(pl.lit("2")).otherwise(pl.lit("3"))
    of_county = pl.lit(province) + pl.col("county_no").cast(pl.String).str.zfill(3)
    places = rows.with_columns(number.alias("number"), parent_no.cast(pl.Int64).alias("parent_no")).with_columns(
        (pl.lit("2") + of_county + pl.col("parent_no").cast(pl.String).str.zfill(4)).alias("parent_school_code"),
        (lead + of_county + pl.col("number").cast(pl.String).str.zfill(4)).alias("own_code"),
    )
    city = (pl.col("county_no") // 20 + 91).cast(pl.String)
    county = (pl.col("county_no") % 20 + 1).cast(pl.String).str.zfill(2)
    title = pl.col("kind").replace_strict(TITLES, return_dtype=pl.String)
    campus = pl.when("is_campus").then(pl.lit("东校区")).otherwise(pl.lit(""))
    return places.select(
        (pl.lit(province) + city + county).alias("county_code"),
        pl.when("is_campus").then("parent_school_code").otherwise("own_code").alias("school_code"),
        pl.col("is_campus").cast(pl.Int32).alias("campus_no"),
        pl.format("合成{}{}{}第{}{}{}", pl.lit(province), city, county, "number", title, campus).alias("school_name"),
        "kind", "parent_school_code",
    )  # fmt: skip


def _lasting(rows: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    """Return the sites with what they keep: area, years, pupils a grade, sizes of classes, how well off they are."""
    import numpy as np

    count = rows.height
    kind = rows["kind"].to_numpy()
    is_point = kind == "218"
    areas = np.where(
        is_point, random.choice(AREAS, count, p=AREA_PARTS[True]), random.choice(AREAS, count, p=AREA_PARTS[False])
    )
    built = np.where(random.random(count) < 0.8, random.integers(1955, 2012, count), random.integers(2012, 2019, count))
    closes = FIRST_CLOSING + random.geometric(CLOSING_PART, count)
    closes = np.where(is_point & (closes < 2100), closes, NEVER)
    stages = {"primary": ["211", "218", "312", "345"], "junior": ["311", "312", "341", "345"], "senior": ["341", "345"]}
    columns = {
        "urban_rural_code": areas, "built_year": built.astype(np.int32), "closed_year": closes.astype(np.int32),
        "is_private": random.random(count) < np.where(is_point, 0.0, 0.06),
        "is_boarding": random.random(count) < np.where(np.isin(kind, ["211", "218"]), 0.05, 0.45),
        "is_dense": (areas == "111") & (random.random(count) < 0.05),
        "last_grade": np.where(is_point, random.choice([2, 3, 4, 6], count), 6),
        "primary_class": random.integers(36, 47, count), "junior_class": random.integers(40, 52, count),
        "wealth": random.lognormal(0, 0.14, count), "sport": random.lognormal(0.05, 0.25, count),
        "equipment": random.lognormal(0.1, 0.25, count), "backbone": random.uniform(0.13, 0.30, count),
        "arts": random.uniform(0.055, 0.09, count), "learned": random.uniform(0.02, 0.12, count),
        "wish": random.random(count),
    }  # fmt: skip
    for stage, kinds in stages.items():
        middle = pl.Series(areas).replace_strict(INTAKE[stage], return_dtype=pl.Float64).to_numpy()
        intake = np.exp(middle + random.normal(0, 0.55, count)).clip(8, 900)
        if stage == "primary":
            intake = np.where(is_point, random.uniform(3, 14, count), intake)
        columns[f"{stage}_intake"] = np.where(np.isin(kind, kinds), intake, 0.0)
    return rows.with_columns(pl.Series(name, values) for name, values in columns.items())
