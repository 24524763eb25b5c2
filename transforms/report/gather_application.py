"""What the application form is filled from: figures of a release under the names that the form's layout uses."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from contracts.papers import application
from transforms.report import fetch
from transforms.report.gather_calculation import LIMITED
from warehouse import release

Facts = dict[str, Any]
AT = "standard_id = ? and readings_id = 'default' and county_code = ? and stat_year = ?"


@dataclass(frozen=True)
class Application:
    """What a county's form holds."""

    county: fetch.Row
    release_id: str
    facts: Facts
    """Name → number or text; a name that is not there, or has None, is a slot to fill in."""
    items: list[fetch.Row]
    """Items of the standard, in order."""
    units: list[fetch.Row]
    """Units with roll and school rule, primary first, in the order of all papers."""
    results: dict[tuple[str, str, str], fetch.Row]
    """(site, stage, item) → result of a resource indicator."""
    coefficients: dict[tuple[str, str], fetch.Row]
    """(item, stage) → coefficient."""
    verdicts: dict[str, fetch.Row]
    """Item → what the county's row says of it."""
    terms: dict[tuple[str, str, int], list[fetch.Row]]
    """(item, stage, case) → signed measures of the numerator."""
    measures: dict[tuple[str, str, str], fetch.Row]
    """(site, stage, measure) → quantity as reported."""
    judged: dict[str, list[fetch.Row]]
    """Site or school → results of items judged by class, site or school."""
    sites: list[fetch.Row]
    """Sites with a compulsory stage, in the order of all papers."""
    rooms: dict[str, list[fetch.Row]]
    """Site → its music and art rooms."""
    whole_lots: set[tuple[str, int]]
    """(item, test) that asks for a whole number per started lot: have against need, not a quotient."""


def gather(release_folder: Path, standard_id: str, county_code: str, stat_year: int) -> Application:
    """Return what a release holds for the form of a county and year.

    Raises LookupError when the release does not have the county and year under the form's standard.
    """
    at = [standard_id, county_code, stat_year]
    with release.open_release(release_folder) as con:
        county = fetch.county_year(con, county_code, stat_year)
        items = fetch.rows(con, "select * from dim_item where standard_id = ? order by item_no", [standard_id])
        if not items:
            raise LookupError(f"发布版没有标准 {standard_id} / the release does not have the standard")
        results = fetch.rows(con, f"select * from fact_result where {AT}", at)
        coefficients = fetch.rows(con, f"select * from fact_county_cv where {AT}", at)
        verdicts = fetch.rows(con, f"select * from fact_county_item where {AT}", at)
        measures = fetch.rows(con, f"select * from fact_measure where {AT}", at)
        sites = fetch.rows(con, SITES, at)
        units = fetch.rows(con, UNITS, at)
        limits = fetch.rows(con, LIMITED, at)
        facts = _county_facts(con, at, verdicts)
        facts |= _school_facts(fetch.rows(con, f"select * from dim_site where {AT}", at))
        facts |= _result_facts(results, limits) | _sums(measures)
        return Application(
            county=county,
            release_id=fetch.release_name(release_folder),
            facts=facts,
            items=items,
            units=units,
            results={
                (row["scope_id"], row["stage"], row["item_code"]): row for row in results if row["scope"] == "unit"
            },
            coefficients={(row["item_code"], row["stage"]): row for row in coefficients},
            verdicts={row["item_code"]: row for row in verdicts},
            terms=_grouped(fetch.rows(con, TERMS, [standard_id]), ("item_code", "stage", "case_no")),
            measures={
                (row["scope_id"], row["stage"], row["measure_code"]): row for row in measures if row["scope"] == "unit"
            },
            judged=_judged(results, items),
            sites=sites,
            rooms=_grouped(fetch.rows(con, ROOMS, [county_code, stat_year]), ("site_id",)),
            whole_lots={(row["item_code"], row["test_no"]) for row in limits if row["rounding"] == "up"},
        )


def _judged(results: list[fetch.Row], items: list[fetch.Row]) -> dict[Any, list[fetch.Row]]:
    """Return what is judged by class, site and school, by the site or school, in the order of the items."""
    order = {item["item_code"]: item["item_no"] for item in items}
    rows = [row for row in results if row["scope"] in {"class", "site", "school"}]
    rows.sort(key=lambda row: (order[row["item_code"]], row["stage"], row["test_no"]))
    return _grouped(rows, ("scope_id",))


def _grouped(rows: list[fetch.Row], keys: tuple[str, ...]) -> dict[Any, list[fetch.Row]]:
    found: dict[Any, list[fetch.Row]] = {}
    for row in rows:
        key = tuple(row[name] for name in keys)
        found.setdefault(key if len(keys) > 1 else key[0], []).append(row)
    return found


def _county_facts(con: Any, at: list[Any], verdicts: list[fetch.Row]) -> Facts:
    """Return figures of the county, totals of the roll, the survey, and what the county says and has of each item."""
    county_year = at[1:]
    facts: Facts = {}
    for row in fetch.rows(con, "select * from fact_county_figure where county_code = ? and stat_year = ?", county_year):
        facts[f"figure.{row['figure_code']}"] = row["quantity"] if row["value_text"] is None else row["value_text"]
    for row in fetch.rows(con, TOTALS, at):
        for name in ("pupils", "classes", "full_time_teachers"):
            facts[f"total.{row['stage']}.{name}"] = row[name]
    for row in fetch.rows(con, SURVEY, county_year * 2):
        facts |= {f"survey.{row['respondent_group']}.{name}": row[name] for name in SURVEYED}
    for row in verdicts:
        facts[f"declared.{row['item_code']}"] = row["declared_text"]
        facts |= {f"item.{row['item_code']}.{name}": row[name] for name in COUNTED if row["entities"]}
        if row["numerator"] is not None and row["denominator"]:
            facts[f"percent.{row['item_code']}"] = row["numerator"] / row["denominator"] * 100
    return facts


def _school_facts(sites: list[fetch.Row]) -> Facts:
    """Return counts of the register: schools and sites by type, those that take part, special schools.

    A type that no school has counts 0 where the county's register is there; special schools that are not in it are not
    counted: the statistics of compulsory schools may leave them to another form.
    """
    facts: Facts = {}
    named = [column["key"].split(".") for column in application.columns("I")]
    for kind in sorted({name[1] for name in named if name[0] in {"schools", "sites", "kept"}}):
        of_kind = [site for site in sites if site["school_type_code"] == kind]
        is_known = sites and all(site["counts_as_school"] is not None for site in of_kind)
        facts[f"schools.{kind}"] = (
            len({s["school_code"] for s in of_kind if s["counts_as_school"]}) if is_known else None
        )
        facts[f"sites.{kind}"] = len(of_kind) if sites else None
        facts[f"kept.{kind}"] = len([site for site in of_kind if not site["is_excluded"]]) if sites else None
    special = {site["school_code"] for site in sites if site["exclusion_code"] == "special_education"}
    facts["special_schools"] = len(special) or None
    return facts


def _result_facts(results: list[fetch.Row], limits: list[fetch.Row]) -> Facts:
    """Return results of county and subjects test by test, plain limits, and how many sites are over the plain limit."""
    facts: Facts = {}
    plain = {
        (row["item_code"], row["test_no"], row["stage"]): row["limit_value"] for row in limits if not row["case_no"]
    }
    facts |= {f"limit.{item}.{test}.{stage}": value for (item, test, stage), value in plain.items()}
    over: dict[tuple[str, str], list[bool | None]] = {}
    for row in results:
        name = f"{row['item_code']}.{row['test_no']}"
        if row["scope"] == "county":
            for column in ("numerator", "denominator", "value", "period"):
                facts[f"test.{name}.{row['stage']}.{column}"] = row[column]
            said = {1: "是", 0: "否"}.get(int(row["numerator"])) if row["numerator"] is not None else None
            facts[f"yes.{name}"] = said
            facts[f"rural.{name}"] = "不涉及" if row["verdict"] == "not_applicable" else _places(row["numerator"])
        elif row["scope"] == "subject":
            facts[f"subject.{row['scope_id']}.{row['stage']}.{row['test_no']}"] = row["value"]
        elif row["scope"] == "site":
            limit = plain.get((row["item_code"], row["test_no"], row["stage"]))
            is_over = None if row["value"] is None or limit is None else row["value"] > float(limit)
            over.setdefault((row["item_code"], row["stage"]), []).append(is_over)
    judged = {row["item_code"] for row in results if row["scope"] == "site"}
    for item in judged:
        for stage in ("primary", "junior", "combined"):
            flags = over.get((item, stage), [])
            facts[f"over.{item}.{stage}"] = None if None in flags else sum(map(bool, flags))
    return facts


def _places(quantity: Decimal | None) -> str | None:
    return None if quantity is None else f"{quantity.normalize():f}个"


def _sums(measures: list[fetch.Row]) -> Facts:
    """Return the county's sum of every measure by scope and stage; one missing part leaves the sum missing."""
    parts: dict[str, list[Decimal | None]] = {}
    for row in measures:
        parts.setdefault(f"sum.{row['scope']}.{row['measure_code']}.{row['stage']}", []).append(row["quantity"])
    facts: Facts = {
        name: None if None in values else sum(v for v in values if v is not None) for name, values in parts.items()
    }
    for stage in ("primary", "junior"):
        classes, within = (facts.get(f"sum.class.{name}.{stage}") for name in ("classes", "classes_within_cap"))
        facts[f"over_cap.{stage}"] = None if classes is None or within is None else classes - within
    return facts


COUNTED = (
    "entities",
    "entities_met",
    "entities_not_met",
    "entities_not_assessable",
    "not_met_primary",
    "not_met_junior",
    "not_met_combined",
    "relaxed_entities",
    "numerator",
    "denominator",
)
SURVEYED = (
    "questionnaires",
    "valid_questionnaires",
    "satisfied_questionnaires",
    "rate",
    "visits",
    "satisfied_visits",
    "visit_rate",
)
TERMS = (
    "select * from dim_term where standard_id = ? and side = 'numerator' order by item_code, sign desc, measure_code"
)
ROOMS = "select * from fact_room where county_code = ? and stat_year = ? order by site_id, room_kind desc, room_no"
TOTALS = f"""
    select r.stage, case when count(*) = count(r.pupils) then cast(sum(r.pupils) as bigint) end as pupils,
        case when count(*) = count(r.classes) then cast(sum(r.classes) as bigint) end as classes,
        case when count(*) = count(r.full_time_teachers) then cast(sum(r.full_time_teachers) as bigint) end
            as full_time_teachers
    from dim_site as d inner join fact_roll as r using (county_code, stat_year, site_id)
    where {AT} and coalesce(d.exclusion_code, '') <> 'special_education'
    group by r.stage
"""
SURVEY = """
    with groups as (
        select respondent_group, questionnaires, valid_questionnaires, satisfied_questionnaires, visits,
            satisfied_visits
        from fact_survey where county_code = ? and stat_year = ?
        union all
        select 'total', case when count(*) = count(questionnaires) then sum(questionnaires) end,
            case when count(*) = count(valid_questionnaires) then sum(valid_questionnaires) end,
            case when count(*) = count(satisfied_questionnaires) then sum(satisfied_questionnaires) end,
            case when count(*) = count(visits) then sum(visits) end,
            case when count(*) = count(satisfied_visits) then sum(satisfied_visits) end
        from fact_survey where county_code = ? and stat_year = ? having count(*) > 0
    )
    select *, 100 * satisfied_questionnaires / nullif(valid_questionnaires, 0) as rate,
        100 * satisfied_visits / nullif(visits, 0) as visit_rate
    from groups
"""
SITES = f"""
    select d.*, string_agg(r.stage_text, '、' order by r.stage desc) as stages
    from dim_site as d
    inner join fact_roll as r using (county_code, stat_year, site_id)
    where {AT} and r.stage in ('primary', 'junior') and coalesce(d.exclusion_code, '') <> 'special_education'
    group by all
    order by min(case r.stage when 'primary' then 0 else 1 end), d.site_id
"""
UNITS = f"""
    select s.*, d.school_type_text, d.school_type_code, d.sponsor_code, r.grades, r.classes
    from (select * exclude (school_type_code) from fact_school_summary) as s
    inner join dim_site as d using (standard_id, readings_id, county_code, stat_year, site_id)
    left join fact_roll as r using (county_code, stat_year, site_id, stage)
    where {AT}
    order by s.stage desc, s.site_id
"""
