"""A small county in which everything is met, as rows that a case may change; every case is a county of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from contracts import dictionary
from tests.conftest import modelled, typed

Rows = dict[str, list[dict[str, Any]]]
Change = Callable[[Rows], None]
YEAR = 2023
PRIMARY, JUNIOR, NINE = "2100000001", "3100000001", "2100000002"
PUPILS = {(PRIMARY, "primary"): 500, (JUNIOR, "junior"): 1000, (NINE, "primary"): 400, (NINE, "junior"): 200}
EVIDENCE = ("G1", "G2", "G10", "Q3", "Q5", "Q6", "Q7", "Q8")
FACTS = {
    "special_education_funds_yuan": 700_000, "special_education_pupils": 100, "teacher_pay_yuan": 110_000,
    "civil_servant_pay_yuan": 100_000, "performance_pay_full": 1, "rotation_eligible_teachers": 500,
    "rotated_teachers": 100, "rotated_backbone_teachers": 40, "quality_senior_places": 1000,
    "quality_senior_allocated": 600, "rural_junior_schools": 0, "migrant_eligible": 1000, "migrant_public": 900,
    "migrant_purchased": 50, "left_behind_care": 1, "disabled_children_total": 100, "disabled_enrolled": 98,
}  # fmt: skip


def base() -> Rows:
    """Return the rows of the county in which everything is met, without county code."""
    rows: Rows = {name: [] for name in dictionary.input_tables()}
    for code, school_type in ((PRIMARY, "211"), (JUNIOR, "311"), (NINE, "312")):
        add_site(rows, code, school_type)
    for (code, stage), pupils in PUPILS.items():
        add_stage(rows, code, stage, pupils)
    for code in (PRIMARY, JUNIOR, NINE):
        pupils = sum(count for (site, _), count in PUPILS.items() if site == code)
        for item, value in (
            ("public_funds_budget_yuan", 1_000_000),
            ("training_budget_yuan", 60_000),
            ("funded_pupils", pupils),
        ):
            rows["finance"].append({**dated(value), "school_code": code, "item_code": item})
    rows["county_fact"] = [{**dated(value), "item_code": item} for item, value in FACTS.items()]
    cohort = {
        "graduates": 980,
        "grade7_three_years_ago": 1000,
        "transferred_in": 10,
        "transferred_out": 10,
        "deaths": 0,
    }
    rows["cohort"] = [{"cohort_label": "全县", **cohort}]
    rows["monitoring"] = [
        {"subject": subject, "stage": stage, "authority": "national", "monitored_year": 2022, "level": 3,
         "variation_ratio": Decimal("0.1")}
        for subject in ("chinese", "mathematics", "english", "science", "pe", "art", "moral")
        for stage in ("primary", "junior")
    ]  # fmt: skip
    counts = {"questionnaires": 1000, "valid_questionnaires": 1000, "satisfied_questionnaires": 900}
    rows["survey"] = [{"respondent_group": "parents", **counts}]
    rows["declaration"] = [{"item_code": item, "declared_verdict": "met", "evidence": "文件"} for item in EVIDENCE]
    rows["precondition"] = [
        {"precondition_code": code, "is_fulfilled": True, "since_year": 2015, "evidence": "文件"}
        for code in ("basic_balance_recognised", "monitoring_sustained")
    ]
    rows["veto"] = [
        {"veto_code": code, "has_occurred": False}
        for code in ("entrance_exams", "illegal_choice", "key_schools", "posts_unfilled", "major_incident",
                     "falsification", "tutoring_burden", "low_recognition")
    ]  # fmt: skip
    return rows


def add_site(rows: Rows, code: str, school_type: str, **more: Any) -> None:
    """Add a site with plenty of everything: 100 music and art rooms' worth is not needed, 10 of each are."""
    site = {"school_code": code, "campus_no": 0}
    rows["school"].append(
        {**site, "school_name": f"学校{code}", "school_type_code": school_type, "urban_rural_code": "111",
         "sponsor_code": "831", "is_public": True, "is_boarding": False, "built_year": 2018, "counts_as_school": True,
         "is_dense_urban_core": False, **more}
    )  # fmt: skip
    rows["premises"].append(
        {**site, "teaching_rooms_m2": Decimal(30_000), "indoor_sports_m2": Decimal(0), "sports_ground_m2": Decimal(40_000),
         "equipment_yuan": Decimal(9_000_000), "multimedia_rooms": 100}
    )  # fmt: skip
    rows["special_room"] += [
        {**site, "room_no": f"{kind}{number}", "room_kind": kind, "area_m2": Decimal(96)}
        for kind in ("music", "art")
        for number in range(10)
    ]


def add_stage(rows: Rows, code: str, stage: str, pupils: int) -> None:
    """Add a stage of a site: pupils, all of the catchment, in classes of 40 at most; teachers in plenty."""
    at = {"school_code": code, "campus_no": 0, "stage": stage}
    grade = {"primary": 1, "junior": 7, "senior": 10}[stage]
    rows["enrolment"].append({**at, "grade": grade, "pupils": pupils, "migrant_pupils": 0, "catchment_pupils": pupils})
    sizes = [40] * (pupils // 40) + ([pupils % 40] if pupils % 40 else [])
    rows["class_size"] += [
        {
            **at,
            "class_label": f"{number}班",
            "grade": grade,
            "classes": 1,
            "class_pupils": size,
            "is_special_class": False,
        }
        for number, size in enumerate(sizes, start=1)
    ]
    teachers = max(pupils // 10, 1)
    counts = dict.fromkeys(
        ("full_time_teachers", "bachelor_teachers", "certified_teachers", "training_360h_teachers"), teachers
    )
    others = dict.fromkeys(("doctor_teachers", "master_teachers", "college_teachers", "secondary_or_below_teachers"), 0)
    some = {"backbone_teachers": teachers // 2, "pe_teachers": teachers // 4, "art_teachers": teachers // 4}
    rows["teacher"].append({**at, **counts, **others, **some})


def dated(value: Any) -> dict[str, Any]:
    return {"value": Decimal(value), "period_kind": "fiscal_year", "period": "2023"}


def put(table: str, where: dict[str, Any] | None = None, **values: Any) -> Change:
    """Return a change of the rows of a table that match: their values; one row at least."""

    def change(rows: Rows) -> None:
        found = [row for row in rows[table] if all(row.get(name) == value for name, value in (where or {}).items())]
        assert found, (table, where)
        for row in found:
            row.update(values)

    return change


def fact(**values: Any) -> Change:
    """Return a change of county facts, item=value; None takes the fact away."""

    def change(rows: Rows) -> None:
        rows["county_fact"] = [row for row in rows["county_fact"] if row["item_code"] not in values]
        rows["county_fact"] += [
            {**dated(value), "item_code": item} for item, value in values.items() if value is not None
        ]

    return change


def drop(table: str, **where: Any) -> Change:
    """Return a change that takes the matching rows of a table away."""

    def change(rows: Rows) -> None:
        rows[table] = [row for row in rows[table] if any(row.get(name) != value for name, value in where.items())]

    return change


def both(*changes: Change) -> Change:
    """Return several changes as one."""

    def change(rows: Rows) -> None:
        for one in changes:
            one(rows)

    return change


def same(rows: Rows) -> None:
    """Change nothing."""


def pupils(code: str, stage: str, count: int | None) -> Change:
    """Return a change of the pupils of a stage; classes and teachers stay."""
    where = {"school_code": code, "stage": stage}
    return put("enrolment", where, pupils=count, catchment_pupils=count)


def judged(cases: Iterable[Change], standards: Any = None, *wanted: str) -> duckdb.DuckDBPyConnection:
    """Return the models, all or those wanted, over one county per case, in order: county 990001, 990002, …"""
    frames: dict[str, list[pl.DataFrame]] = {name: [] for name in dictionary.input_tables()}
    for number, change in enumerate(cases, start=1):
        rows = base()
        change(rows)
        common = {"stat_year": YEAR, "county_code": county_of(number), "is_synthetic": True}
        for table, found in rows.items():
            frames[table].append(typed(table, [{**common, **row} for row in found]))
    return modelled({name: pl.concat(parts) for name, parts in frames.items()}, standards, *wanted)


def county_of(number: int) -> str:
    return f"99{number:04d}"


def over_years(changes: dict[int, Change], standards: Any = None) -> duckdb.DuckDBPyConnection:
    """Return the models over one county in several years, each year with its change."""
    frames: dict[str, list[pl.DataFrame]] = {name: [] for name in dictionary.input_tables()}
    for stat_year, change in changes.items():
        rows = base()
        change(rows)
        common = {"stat_year": stat_year, "county_code": county_of(1), "is_synthetic": True}
        for table, found in rows.items():
            frames[table].append(typed(table, [{**common, **row} for row in found]))
    return modelled({name: pl.concat(parts) for name, parts in frames.items()}, standards)
