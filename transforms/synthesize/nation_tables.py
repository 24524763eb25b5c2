"""One year of a made-up province as input tables, every one computed as whole columns; every row says is_synthetic."""

from __future__ import annotations

from typing import Any

import polars as pl

from contracts import dictionary
from contracts.codes import read_codes
from transforms.synthesize.nation_sites import NEVER, dice

GRADES = {"primary": range(1, 7), "junior": range(7, 10), "senior": range(10, 13)}
MIGRANT_PART = {"111": 0.22, "112": 0.25, "121": 0.08, "122": 0.06, "210": 0.01, "220": 0.0}
PER_PUPIL = {"primary": 0.061, "junior": 0.082, "senior": 0.082}
"""Full-time teachers per pupil of a school that is neither rich nor poor."""
AREA_PER_PUPIL, SPORT_PER_PUPIL, YUAN_PER_PUPIL, ROOMS_PER_PUPIL = 5.6, 9.0, 2350.0, 0.0285
WEIGHT = {"primary": 1.0, "junior": 1.25, "senior": 1.4}
"""What a pupil of a stage needs of rooms, grounds and equipment against one in primary school."""
FUNDS_YUAN = {"primary": 720.0, "junior": 940.0}
AT = ["stat_year", "county_code", "school_code", "campus_no"]
FACTS: tuple[tuple[str, str, float, float], ...] = (
    ("resident_population", "undated", 120_000, 900_000),
    ("quota_primary_yuan", "fiscal_year", 720, 720), ("quota_junior_yuan", "fiscal_year", 940, 940),
    ("special_education_quota_yuan", "fiscal_year", 6000, 9000), ("special_education_pupils", "fiscal_year", 60, 300),
    ("special_education_funds_yuan", "fiscal_year", 300_000, 3_000_000),
    ("teacher_pay_yuan", "fiscal_year", 82_000, 150_000), ("civil_servant_pay_yuan", "fiscal_year", 80_000, 148_000),
    ("rotation_eligible_teachers", "school_year", 300, 700), ("rotated_teachers", "school_year", 20, 120),
    ("rotated_backbone_teachers", "school_year", 3, 19),
    ("quality_senior_places", "fiscal_year", 500, 1500), ("quality_senior_allocated", "fiscal_year", 240, 750),
    ("disabled_children_total", "fiscal_year", 200, 400), ("disabled_enrolled", "fiscal_year", 150, 398),
    ("public_education_budget_yuan", "fiscal_year", 3e8, 2e9),
)  # fmt: skip
"""Item, kind of period, least and most of what is drawn."""


def _standing(sites: pl.DataFrame, stat_year: int) -> pl.DataFrame:
    """Return the sites that stand in a year; a point or campus does not before the school it belongs to."""
    there = sites.filter((pl.col("built_year") <= stat_year) & (pl.col("closed_year") > stat_year))
    parents = there.filter(pl.col("parent_school_code").is_null())["school_code"]
    return there.filter(pl.col("parent_school_code").is_null() | pl.col("parent_school_code").is_in(parents.implode()))


def make_year(sites: pl.DataFrame, province: str, seed: int, stat_year: int) -> dict[str, pl.DataFrame]:
    """Return the input tables of one year of a province, table → typed rows as the contract declares them."""
    standing = _standing(sites, stat_year).with_columns(pl.lit(stat_year, dtype=pl.Int32).alias("stat_year"))
    grades = _grades(standing, province, seed, stat_year)
    stages = grades.group_by([*AT, "stage"], maintain_order=True).agg(
        pl.col("pupils").sum(), pl.col("class_count").sum(),
        *(pl.first(name) for name in ("wealth", "backbone", "arts", "learned")),
    )  # fmt: skip
    counties = standing.select("stat_year", "county_code").unique(maintain_order=True)
    made = {
        "school": _schools(standing),
        "enrolment": grades,
        "class_size": _classes(grades),
        "teacher": _teachers(stages, province, seed, stat_year),
        "premises": _premises(standing, stages, stat_year),
        "special_room": _special_rooms(standing, stages),
        "finance": _finance(stages),
        "county_fact": _county_facts(counties, grades, province, seed, stat_year),
        "cohort": _cohort(counties, grades),
        "monitoring": _monitoring(counties, province, seed, stat_year),
        "survey": _survey(counties, province, seed, stat_year),
        "declaration": _declarations(counties),
        "relaxation_claim": _claims(standing),
        "school_link": _links(sites, stat_year),
    }
    return {name: _as_declared(name, rows) for name, rows in made.items()}


def _as_declared(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the columns and types of the contract, in its order; what was not made is null."""
    model = dictionary.input_tables()[table]
    rows = rows.with_columns(pl.lit(value=True).alias("is_synthetic"))
    names = [column.name for column in dictionary.columns(model)]
    made = [pl.col(name) if name in rows.columns else pl.lit(None).alias(name) for name in names]
    return rows.select(made).cast({name: dictionary.polars_type(model, name) for name in names})


def _schools(standing: pl.DataFrame) -> pl.DataFrame:
    return standing.with_columns(
        pl.col("kind").alias("school_type_code"),
        pl.when("is_private").then(pl.lit("999")).otherwise(pl.lit("831")).alias("sponsor_code"),
        (~pl.col("is_private")).alias("is_public"),
        (pl.col("built_year") - 2).alias("planned_year"),
        pl.col("parent_school_code").is_null().alias("counts_as_school"),
        pl.col("is_dense").alias("is_dense_urban_core"),
    )


def _grades(standing: pl.DataFrame, province: str, seed: int, stat_year: int) -> pl.DataFrame:
    """Return one row per site, stage and grade with pupils; a cohort keeps its size as it moves up."""
    parts = []
    for stage, grades in GRADES.items():
        of_stage = standing.filter(pl.col(f"{stage}_intake") > 0)
        for grade in grades:
            of_grade = of_stage.filter(pl.col("last_grade") >= grade) if stage == "primary" else of_stage
            noise = dice(seed, province, "cohort", stage, stat_year - grade).normal(1.0, 0.06, standing.height * 2)
            at = pl.col("school_code").str.slice(2).cast(pl.Int64) % noise.size
            factor = pl.Series("noise", noise).gather(of_grade.select(at)["school_code"])
            drift = 1 - 0.012 * (stat_year - grade - 2012)
            pupils = (pl.col(f"{stage}_intake") * factor * max(drift, 0.5)).round().clip(1, 2000).cast(pl.Int32)
            wanted = pl.col("primary_class" if stage == "primary" else "junior_class")
            part = of_grade.with_columns(
                pl.lit(stage).alias("stage"), pl.lit(grade, dtype=pl.Int32).alias("grade"), pupils.alias("pupils")
            )
            parts.append(part.with_columns((pl.col("pupils") / wanted).ceil().cast(pl.Int32).alias("class_count")))
    stage_no = pl.col("grade")
    rows = pl.concat(parts).sort(*AT, stage_no)
    migrants = pl.col("pupils") * pl.col("urban_rural_code").replace_strict(MIGRANT_PART, return_dtype=pl.Float64)
    migrants = (migrants * (0.4 + 1.2 * pl.col("wish"))).floor().cast(pl.Int32)
    near = (pl.col("pupils") * (0.9 + 0.1 * pl.col("wish"))).floor().cast(pl.Int32)
    counted = pl.col("stage") != "senior"
    return rows.with_columns(
        pl.when(counted).then(pl.min_horizontal(migrants, pl.col("pupils"))).alias("migrant_pupils"),
        pl.when(counted).then(near).alias("catchment_pupils"),
    )


def _classes(grades: pl.DataFrame) -> pl.DataFrame:
    """Return one row per class; the classes of a grade differ by one pupil at most and add up to its pupils."""
    rows = grades.select(*AT, "stage", "grade", "pupils", "class_count").with_columns(
        pl.int_ranges(1, pl.col("class_count") + 1).alias("number")
    )
    rows = rows.explode("number")
    first_ones = pl.col("number") <= pl.col("pupils") % pl.col("class_count")
    return rows.with_columns(
        pl.format("{}-{}", "grade", "number").alias("class_label"),
        pl.lit(1, dtype=pl.Int32).alias("classes"),
        (pl.col("pupils") // pl.col("class_count") + first_ones.cast(pl.Int32)).alias("class_pupils"),
        pl.lit(value=False).alias("is_special_class"),
    )


def _teachers(stages: pl.DataFrame, province: str, seed: int, stat_year: int) -> pl.DataFrame:
    """Return one row per site and stage; educations add up to the full-time teachers."""
    draws = dice(seed, province, "teachers", stat_year).uniform(0.97, 1.03, (2, stages.height))
    level = 1 + 0.008 * (stat_year - 2020)
    need = pl.col("stage").replace_strict(PER_PUPIL, return_dtype=pl.Float64)
    full = (pl.col("pupils") * need * pl.col("wealth") * level * pl.Series(draws[0])).ceil().clip(2).cast(pl.Int32)
    rows = stages.with_columns(full.alias("full_time_teachers"))

    def part(share: Any) -> pl.Expr:
        return (pl.col("full_time_teachers") * share).floor().cast(pl.Int32)

    is_primary = pl.col("stage") == "primary"
    bachelor = pl.when(is_primary).then(0.62 + pl.col("learned")).otherwise(0.80 + pl.col("learned") / 2)
    college = pl.when(is_primary).then(0.8).otherwise(0.97)
    rest = pl.col("full_time_teachers") - pl.col("master_teachers") - pl.col("bachelor_teachers")
    return rows.with_columns(
        pl.lit(0, dtype=pl.Int32).alias("doctor_teachers"), part(pl.col("learned")).alias("master_teachers"),
        part(bachelor).alias("bachelor_teachers"),
        part(pl.col("backbone") * pl.Series(draws[1])).alias("backbone_teachers"),
        part(pl.col("arts")).alias("pe_teachers"), part(pl.col("arts") * 1.05).alias("art_teachers"),
        part(0.52).alias("middle_or_senior_title_teachers"), part(0.12).alias("senior_title_teachers"),
        pl.col("full_time_teachers").alias("certified_teachers"), part(0.98).alias("training_360h_teachers"),
    ).with_columns((rest * college).floor().cast(pl.Int32).alias("college_teachers")).with_columns(
        (rest - pl.col("college_teachers")).alias("secondary_or_below_teachers")
    )  # fmt: skip


def _premises(standing: pl.DataFrame, stages: pl.DataFrame, stat_year: int) -> pl.DataFrame:
    """Return one row per site; a combined school reports all stages together."""
    weight = pl.col("stage").replace_strict(WEIGHT, return_dtype=pl.Float64)
    loads = stages.group_by(AT).agg((pl.col("pupils") * weight).sum().alias("load"), pl.col("class_count").sum())
    rows = standing.join(loads, on=AT, how="left", maintain_order="left").with_columns(pl.col("load").fill_null(1.0))
    level = 1 + 0.012 * (stat_year - 2020)
    rooms = (pl.col("load") * AREA_PER_PUPIL * pl.col("wealth") * level * 10).ceil() / 10
    sports = (pl.col("load") * SPORT_PER_PUPIL * pl.col("sport") * level * 10).ceil() / 10
    indoor = (pl.col("load") * 0.4 * pl.col("wealth")).floor()
    multimedia = (pl.col("load") * ROOMS_PER_PUPIL * pl.col("wealth") * level).ceil().clip(1).cast(pl.Int32)
    money = (pl.col("load") * YUAN_PER_PUPIL * pl.col("equipment") * level).ceil()
    return rows.with_columns(
        rooms.alias("teaching_rooms_m2"), indoor.alias("indoor_sports_m2"), sports.alias("sports_ground_m2"),
        money.alias("equipment_yuan"), multimedia.alias("multimedia_rooms"),
        (pl.col("class_count").fill_null(1) * 9).cast(pl.Int32).alias("computers"),
        (pl.col("load") * 27).ceil().cast(pl.Int32).alias("books"),
    )  # fmt: skip


def _special_rooms(standing: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """Return one row per music or art room, one of each kind for about twelve classes."""
    classes = stages.filter(pl.col("stage") != "senior").group_by(AT).agg(pl.col("class_count").sum())
    rows = standing.join(classes, on=AT, how="inner", maintain_order="left")
    rooms = (pl.col("class_count") / (10 + 5 * pl.col("wish"))).ceil().cast(pl.Int64)
    rows = rows.with_columns(pl.int_ranges(1, rooms + 1).alias("number")).explode("number")
    kinds = pl.DataFrame({"room_kind": ["music", "art"], "least": [72.0, 66.0]})
    size = (pl.col("least") * (0.85 + 0.4 * pl.col("wish"))).round(1)
    return rows.join(kinds, how="cross").with_columns(
        pl.format("{}-{}", "room_kind", "number").alias("room_no"), size.alias("area_m2")
    )


def _finance(stages: pl.DataFrame) -> pl.DataFrame:
    """Return three items per school: public funds, training, pupils that funds are counted for."""
    funds = pl.col("stage").replace_strict(FUNDS_YUAN, default=0.0, return_dtype=pl.Float64)
    rows = stages.filter(pl.col("stage") != "senior").group_by(AT[:3], maintain_order=True)
    rows = rows.agg((pl.col("pupils") * funds).sum().alias("money"), pl.col("pupils").sum(), pl.first("learned"))
    counted = pl.col("pupils").clip(100).cast(pl.Float64)
    values = {
        "public_funds_budget_yuan": (pl.col("money"), "元"),
        "training_budget_yuan": ((pl.col("money") * (0.045 + pl.col("learned") / 3)).round(), "元"),
        "funded_pupils": (counted, "人"),
    }
    parts = [
        rows.select(*AT[:3], pl.lit(item).alias("item_code"), value.alias("value"), pl.lit(unit).alias("value_unit"))
        for item, (value, unit) in values.items()
    ]
    return pl.concat(parts).sort(*AT[1:3], "item_code").with_columns(
        pl.lit("fiscal_year").alias("period_kind"), pl.col("stat_year").cast(pl.String).alias("period"),
        pl.lit("合成").alias("source"),
    )  # fmt: skip


def _county_facts(
    counties: pl.DataFrame, grades: pl.DataFrame, province: str, seed: int, stat_year: int
) -> pl.DataFrame:
    """Return some twenty items per county; the migrant children are those of its schools."""
    units = {code: row["unit"] for code, row in read_codes("county_items").items()}
    random = dice(seed, province, "facts")
    periods = {"school_year": f"{stat_year}-{stat_year + 1}", "fiscal_year": str(stat_year), "undated": "未注明"}
    parts = []
    for item, kind, low, high in FACTS:
        drawn = pl.Series("value", random.uniform(low, high, counties.height)).round()
        parts.append(_facts(counties.with_columns(drawn), item, units[item], kind, periods[kind]))
    migrants = grades.group_by("stat_year", "county_code").agg(pl.col("migrant_pupils").sum().alias("value"))
    for item in ("migrant_eligible", "migrant_public", "migrant_purchased"):
        value = pl.col("value").cast(pl.Float64) * (0.0 if item == "migrant_purchased" else 1.0)
        of_item = counties.join(migrants, on=["stat_year", "county_code"], how="left").with_columns(value)
        parts.append(_facts(of_item, item, units[item], "fiscal_year", str(stat_year)))
    name = counties.with_columns(pl.lit(None, dtype=pl.Float64).alias("value"))
    named = _facts(name, "county_name", "", "undated", "未注明").with_columns(
        pl.format("合成县{}", "county_code").alias("value_text")
    )
    return pl.concat([*parts, named]).sort("county_code", "item_code")


def _facts(rows: pl.DataFrame, item: str, unit: str, kind: str, period: str) -> pl.DataFrame:
    return rows.select(
        "stat_year", "county_code", pl.lit(item).alias("item_code"), "value",
        pl.lit(None, dtype=pl.String).alias("value_text"), pl.lit(unit or None, dtype=pl.String).alias("value_unit"),
        pl.lit(kind).alias("period_kind"), pl.lit(period).alias("period"), pl.lit("合成").alias("source"),
    )  # fmt: skip


def _cohort(counties: pl.DataFrame, grades: pl.DataFrame) -> pl.DataFrame:
    """Return the county's graduates of junior school against its grade 7 of three years ago."""
    ninth = grades.filter(pl.col("grade") == 9).group_by("county_code").agg(pl.col("pupils").sum().alias("graduates"))
    return counties.join(ninth, on="county_code", how="inner").sort("county_code").with_columns(
        pl.lit("全县").alias("cohort_label"), (pl.col("graduates") + 20).alias("grade7_three_years_ago"),
        pl.lit(30).alias("transferred_in"), pl.lit(25).alias("transferred_out"), pl.lit(1).alias("deaths"),
    )  # fmt: skip


def _monitoring(counties: pl.DataFrame, province: str, seed: int, stat_year: int) -> pl.DataFrame:
    """Return provincial results in three subjects and both stages."""
    said = pl.DataFrame({"subject": ["chinese", "mathematics", "science"]}).join(
        pl.DataFrame({"stage": ["primary", "junior"]}), how="cross"
    )
    rows = counties.join(said, how="cross").sort("county_code", "stage", "subject")
    draws = dice(seed, province, "monitoring", stat_year).random((2, rows.height))
    return rows.with_columns(
        pl.lit("provincial").alias("authority"), pl.lit(stat_year - 1).alias("monitored_year"),
        pl.Series("share_at_level3_pct", (70 + 25 * draws[0]).round(1)),
        pl.Series("variation_ratio", (0.05 + 0.12 * draws[1]).round(3)),
    )  # fmt: skip


def _survey(counties: pl.DataFrame, province: str, seed: int, stat_year: int) -> pl.DataFrame:
    """Return one row per county and group of respondents."""
    rows = counties.join(pl.DataFrame({"respondent_group": ["parents", "pupils", "teachers"]}), how="cross")
    draws = dice(seed, province, "survey", stat_year).uniform(0.8, 0.99, rows.height)
    return rows.sort("county_code", "respondent_group").with_columns(
        pl.lit(1000).alias("questionnaires"), pl.lit(950).alias("valid_questionnaires"),
        pl.Series("satisfied_questionnaires", (950 * draws).round()),
    )  # fmt: skip


def _declarations(counties: pl.DataFrame) -> pl.DataFrame:
    """Return the items of evidence that every county declares to be met, with a document."""
    said = pl.DataFrame({"item_code": ["G1", "G2", "G10", "Q3", "Q5", "Q6", "Q7", "Q8"]})
    return counties.join(said, how="cross").sort("county_code", "item_code").with_columns(
        pl.lit("met").alias("declared_verdict"), pl.lit("合成佐证").alias("evidence")
    )  # fmt: skip


def _claims(standing: pl.DataFrame) -> pl.DataFrame:
    """Return the claims of some sites built by 2016 that their special rooms be judged by the smaller size."""
    return standing.filter((pl.col("built_year") <= 2016) & (pl.col("wish") < 0.3)).with_columns(
        pl.lit("G3").alias("item_code"), pl.lit("built_by_2016").alias("relaxation"),
        pl.lit("合成：竣工验收文件").alias("evidence"),
    )  # fmt: skip


def _links(sites: pl.DataFrame, stat_year: int) -> pl.DataFrame:
    """Return one row per point that closed since last year: its school takes it in."""
    closed = sites.filter((pl.col("closed_year") == stat_year) & (pl.col("closed_year") < NEVER))
    return closed.select(
        pl.lit(stat_year).alias("stat_year"), "county_code", pl.col("school_code").alias("from_school_code"),
        pl.col("campus_no").alias("from_campus_no"), pl.col("parent_school_code").alias("to_school_code"),
        pl.lit(0).alias("to_campus_no"), pl.lit("merge").alias("link_kind"),
        pl.lit(f"{stat_year}-09-01").alias("effective_date"),
    )  # fmt: skip
