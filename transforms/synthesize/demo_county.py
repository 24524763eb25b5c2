"""The demo county as input tables and as workbooks; every row that is made up says so (is_synthetic)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from contracts import dictionary
from contracts.codes import read_codes
from transforms.synthesize import allocate, facts, projects, resources, schools
from transforms.synthesize.schools import Site, StageUnit
from transforms.template import write_workbook

YEARS = (2019, 2020, 2021, 2022, 2023)
COUNTY_CODE = "500104"
MIGRANTS_2023 = 12_350
ROOMS_BUILT_BY = 2016
MIGRANT_SHARE = {2019: 0.24, 2020: 0.25, 2021: 0.26, 2022: 0.27}


def write_demo(inbox: Path) -> list[Path]:
    """Write one workbook a year into inbox/<year>/; return their paths."""
    return [write_workbook(inbox / str(year) / f"{COUNTY_CODE}_{year}.xlsx", year, make_year(year)) for year in YEARS]


def make_year(stat_year: int) -> dict[str, pl.DataFrame]:
    """Return the demo county's input tables of one year, table → typed rows as the contract declares them.

    Raises ValueError when the totals that must be hit cannot be.
    """
    units = schools.units_of(stat_year)
    by_site = {
        schools.site_id(site): [unit for unit in units if unit.site == site] for site in schools.sites_of(stat_year)
    }
    counts = resources.teachers(units, stat_year)
    enrolment = _enrolment(units, stat_year)
    migrants = sum(row["migrant_pupils"] or 0 for row in enrolment)
    made = {
        "school": [_school(site, stat_year) for site in schools.sites_of(stat_year)],
        "enrolment": enrolment,
        "class_size": [row for unit in units for row in _classes(unit)],
        "teacher": [
            {**_at(unit.site), "stage": unit.stage, **counts[schools.site_id(unit.site), unit.stage]} for unit in units
        ],
        "premises": [{**_at(of[0].site), **resources.premises(of[0].site, of, stat_year)} for of in by_site.values()],
        "special_room": [
            {**_at(of[0].site), "room_no": number, "room_kind": kind, "area_m2": area}
            for of in by_site.values()
            for number, kind, area in resources.special_rooms(of[0].site, of)
        ],
        "finance": _finance(units, stat_year),
        "county_fact": facts.county_facts(
            stat_year, {code: row["unit"] for code, row in read_codes("county_items").items()}, migrants
        ),
        "cohort": facts.cohort(stat_year),
        "monitoring": facts.monitoring(stat_year),
        "declaration": facts.declarations(stat_year),
        "relaxation_claim": [
            _rooms_claim(site) for site in schools.sites_of(stat_year) if site.built_year <= ROOMS_BUILT_BY
        ],
        "published_figure": facts.published_figures(stat_year),
        "school_link": _links(stat_year),
        "commitment": facts.commitments(stat_year),
        "project": projects.projects(stat_year),
    }
    return {name: _frame(name, stat_year, made.get(name, [])) for name in dictionary.input_tables()}


def _frame(table: str, stat_year: int, rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    model = dictionary.input_tables()[table]
    common = {"stat_year": stat_year, "county_code": COUNTY_CODE, "is_synthetic": True}
    schema = {column.name: dictionary.polars_type(model, column.name) for column in dictionary.columns(model)}
    full = [{**common, **row} for row in rows]
    return pl.DataFrame(
        {name: pl.Series(name, [_exact(row.get(name)) for row in full], dtype=dtype) for name, dtype in schema.items()},
        schema=schema,
    )


def _exact(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, float) else value


def _at(site: Site) -> dict[str, Any]:
    return {"school_code": site.school_code, "campus_no": site.campus_no}


def _school(site: Site, stat_year: int) -> dict[str, Any]:
    return {
        **_at(site),
        "school_name": site.name_in(stat_year),
        "school_type_code": site.type_code,
        "urban_rural_code": "220" if site.type_code == "218" else "111",
        "sponsor_code": "831",
        "is_public": True,
        "is_boarding": bool(site.senior_classes),
        "planned_year": site.built_year - 2,
        "built_year": site.built_year,
        "counts_as_school": site.parent is None,
        "parent_school_code": site.parent,
        "is_dense_urban_core": False,
    }


def _rooms_claim(site: Site) -> dict[str, Any]:
    """Return the claim of a site built by 2016 that its music and art rooms be judged by the smaller size."""
    claimed = {"item_code": "G3", "relaxation": "built_by_2016", "evidence": "合成：竣工验收文件"}
    return {**_at(site), **claimed}


def _enrolment(units: list[StageUnit], stat_year: int) -> list[dict[str, Any]]:
    """Return pupils by grade; migrants are shared over the compulsory grades, some sites having more, exactly."""
    grades = [(unit, grade, sum(sizes)) for unit in units for grade, sizes in unit.class_sizes.items()]
    compulsory = [pupils if unit.stage != "senior" else 0 for unit, _, pupils in grades]
    total = MIGRANTS_2023 if stat_year == 2023 else round(sum(compulsory) * MIGRANT_SHARE[stat_year])
    # at most 1.5 times the county's share, so that no site passes the half that would raise its size limit
    leaning = [schools.random_of("migrants", schools.site_id(unit.site)).uniform(0.5, 1.5) for unit, _, _ in grades]
    weights = [pupils * factor for pupils, factor in zip(compulsory, leaning, strict=True)]
    migrants = allocate.apportion(total, weights)
    return [
        {
            **_at(unit.site),
            "stage": unit.stage,
            "grade": grade,
            "pupils": pupils,
            "migrant_pupils": migrant if unit.stage != "senior" else None,
            "catchment_pupils": pupils if unit.stage != "senior" else None,
        }
        for (unit, grade, pupils), migrant in zip(grades, migrants, strict=True)
    ]


def _classes(unit: StageUnit) -> list[dict[str, Any]]:
    return [
        {
            **_at(unit.site),
            "stage": unit.stage,
            "class_label": f"{grade}-{number}",
            "grade": grade,
            "classes": 1,
            "class_pupils": size,
            "is_special_class": False,
        }
        for grade, sizes in unit.class_sizes.items()
        for number, size in enumerate(sizes, start=1)
    ]


def _finance(units: list[StageUnit], stat_year: int) -> list[dict[str, Any]]:
    """Return each school's public funds and training money; in 2023 they add up to the published amounts."""
    pupils: dict[str, int] = {}
    for unit in units:
        if unit.stage != "senior":
            pupils[unit.site.school_code] = pupils.get(unit.site.school_code, 0) + unit.pupils
    level = resources.LEVEL[stat_year]
    weights = [float(count) for count in pupils.values()]
    random = schools.random_of("finance", stat_year)
    budget = allocate.apportion(round(resources.FUNDS_YUAN_2023 * level), weights)
    least = [-(-amount * 6 // 100) for amount in budget]
    uneven = [weight * random.uniform(0.5, 1.5) for weight in weights]
    training = allocate.above(round(resources.TRAINING_YUAN_2023 * level), least, uneven)
    rows = []
    for (code, count), funds, trained in zip(pupils.items(), budget, training, strict=True):
        values = {
            "public_funds_budget_yuan": (funds, "元"),
            "public_funds_spent_yuan": (funds, "元"),
            "training_budget_yuan": (trained, "元"),
            "funded_pupils": (max(count, 100), "人"),
        }
        for item, (value, unit) in values.items():
            said = {"school_code": code, "item_code": item, "value": Decimal(value), "value_unit": unit}
            rows.append({**said, "period_kind": "fiscal_year", "period": str(stat_year), "source": "合成"})
    return rows


def _links(stat_year: int) -> list[dict[str, Any]]:
    """Return the school that was merged, the point that closed, the school that was renamed, in the year of it."""
    links = []
    if stat_year == schools.MERGED_IN:
        links.append((schools.MERGED_SCHOOL, schools.MERGED_INTO, "merge"))
    for site in schools.SITES:
        if site.old_name and site.renamed_in == stat_year:
            links.append((site.school_code, site.school_code, "rename"))
        if site.school_code == schools.POINT and site.last_year + 1 == stat_year:
            links.append((site.school_code, site.parent or "", "merge"))
    return [
        {
            "from_school_code": old,
            "from_campus_no": 0,
            "to_school_code": new,
            "to_campus_no": 0,
            "link_kind": kind,
            "effective_date": f"{stat_year}-09-01",
        }
        for old, new, kind in links
    ]
