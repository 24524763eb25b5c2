"""What the calculation sheet is built from: raw counts, terms, weights and limits of a release, and its results."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from transforms.report import fetch
from warehouse import release

AT = "standard_id = ? and readings_id = 'default' and county_code = ? and stat_year = ?"


@dataclass(frozen=True)
class Basis:
    """Everything of one standard, county and year; rows as published, in the order of the papers."""

    standard_id: str
    document: str
    county: fetch.Row
    release_id: str
    items: list[fetch.Row]
    """A row per stage and item with a coefficient or in the school rule: limits, and the release's coefficient."""
    relaxed: dict[tuple[str, str, int], fetch.Row]
    """(item, stage, case) → limit of a relaxation that a unit leans on."""
    terms: dict[tuple[str, str, int], list[fetch.Row]]
    """(item, stage, case) → signed measures of numerator and denominator."""
    units: dict[str, list[fetch.Row]]
    """Stage → its units: a site each, with name, type and the release's verdict."""
    raw: dict[tuple[str, str, str, int], Decimal | None]
    """(site, stage, measure, year offset) → quantity as reported; what is not there is missing."""
    results: dict[tuple[str, str, str], fetch.Row]
    """(site, stage, item) → the release's result."""
    roll: dict[tuple[str, str], int | None]
    """(site, stage) → pupils of every stage, of all sites that stand behind this one."""
    weights: dict[tuple[str, str], Decimal]
    """(school type, stage) → weight in shared resources."""
    stage_names: dict[str, str]
    composites: dict[str, fetch.Row]
    """Stage → the composite coefficient, for standards that have one."""

    def stages(self) -> list[str]:
        """Return the stages that have units, primary first."""
        return [stage for stage in self.stage_names if self.units.get(stage)]

    def items_of(self, stage: str) -> list[fetch.Row]:
        """Return the items judged in a stage."""
        return [row for row in self.items if row["stage"] == stage]


def standards(release_folder: Path, county_code: str, stat_year: int) -> list[str]:
    """Return the standards under which a county and year have coefficients, those with a school rule first."""
    with release.open_release(release_folder) as con:
        fetch.county_year(con, county_code, stat_year)
        query = """
            select v.standard_id from fact_county_cv as v
            inner join dim_limit as d on d.standard_id = v.standard_id and d.item_code = v.item_code
            where v.readings_id = 'default' and v.county_code = ? and v.stat_year = ?
            group by v.standard_id order by max(d.met_at_least) desc nulls last, v.standard_id desc
        """
        return [row["standard_id"] for row in fetch.rows(con, query, [county_code, stat_year])]


def gather(release_folder: Path, standard_id: str, county_code: str, stat_year: int) -> Basis:
    """Return what a release holds of the resource indicators of one standard, county and year.

    Raises LookupError when the release does not have the county and year.
    """
    at = [standard_id, county_code, stat_year]
    with release.open_release(release_folder) as con:
        items = fetch.rows(con, ITEMS, [*at, county_code, stat_year])
        results = {(row["scope_id"], row["stage"], row["item_code"]): row for row in fetch.rows(con, RESULTS, at)}
        leaning = {(item, stage, row["case_no"]) for (_, stage, item), row in results.items()} | {
            (row["item_code"], row["stage"], 0) for row in items
        }
        limits = fetch.rows(con, LIMITS, [standard_id, county_code, stat_year])
        terms: dict[tuple[str, str, int], list[fetch.Row]] = {}
        for row in fetch.rows(con, TERMS, [standard_id]):
            terms.setdefault((row["item_code"], row["stage"], row["case_no"]), []).append(row)
        names = fetch.rows(con, "select distinct stage, stage_text from fact_county_cv order by stage desc", [])
        return Basis(
            standard_id=standard_id,
            document=items[0]["document"] if items else standard_id,
            county=fetch.county_year(con, county_code, stat_year),
            release_id=fetch.release_name(release_folder),
            items=items,
            relaxed={_case(row): row for row in limits if row["case_no"] and _case(row) in leaning},
            terms={key: rows for key, rows in terms.items() if key in leaning},
            units=_units(con, at),
            raw=_raw(con, at),
            results=results,
            roll={(row["site_id"], row["stage"]): row["pupils"] for row in fetch.rows(con, ROLL, at)},
            weights={
                (row["school_type_code"], row["stage"]): row["weight"]
                for row in fetch.rows(con, "select * from dim_split where standard_id = ?", [standard_id])
            },
            stage_names={row["stage"]: row["stage_text"] for row in names},
            composites={
                row["stage"]: row for row in fetch.rows(con, f"select * from fact_county_composite where {AT}", at)
            },
        )


def _case(row: fetch.Row) -> tuple[str, str, int]:
    return row["item_code"], row["stage"], row["case_no"]


def _units(con: Any, at: list[Any]) -> dict[str, list[fetch.Row]]:
    found: dict[str, list[fetch.Row]] = {}
    for row in fetch.rows(con, UNITS, at):
        found.setdefault(row["stage"], []).append(row)
    return found


def _raw(con: Any, at: list[Any]) -> dict[tuple[str, str, str, int], Decimal | None]:
    """Return the raw quantities of the year and, for terms that look back, of the years before."""
    raw = {}
    for row in fetch.rows(con, RAW, [at[2], *at]):
        raw[row["scope_id"], row["stage"], row["measure_code"], row["year_offset"]] = row["quantity"]
    return raw


LIMITED = """
    select * from (
        select d.*, row_number() over (
            partition by d.item_code, d.test_no, d.stage, d.case_no
            order by d.from_year desc, length(d.region_code) desc, d.overlay_id nulls last
        ) as limit_no
        from dim_limit as d
        where d.standard_id = ? and starts_with(?, d.region_code) and d.from_year <= ? and d.case_kind <> 'aside'
    ) where limit_no = 1
"""
"""The limit that holds for a county and year: of several overlays the latest, then the one of the smaller region."""

ITEMS = f"""
    with limited as ({LIMITED})
    select l.*, i.item_no, i.name_zh, i.unit, i.decimals, i.document, v.cv, v.weighted_mean, v.weighted_sd,
        v.numerator as numerator_sum, v.pupils as pupils_sum, v.units, v.known_units, v.verdict_text as cv_verdict_text
    from limited as l
    inner join dim_item as i on i.standard_id = l.standard_id and i.item_code = l.item_code
    left join fact_county_cv as v on v.standard_id = l.standard_id and v.item_code = l.item_code
        and v.stage = l.stage and v.readings_id = 'default' and v.county_code = ? and v.stat_year = ?
    where l.case_no = 0 and (v.item_code is not null or l.met_at_least is not null)
    order by l.stage desc, i.item_no
"""
LIMITS = LIMITED
RESULTS = f"select * from fact_result where scope = 'unit' and {AT}"
TERMS = (
    "select * from dim_term where standard_id = ? order by item_code, side desc, sign desc, measure_code, year_offset"
)
UNITS = """
    select s.site_id, d.school_name, d.school_type_code, d.school_type_text, s.stage, u.pupils, u.items, u.met_at_least,
        u.met_items, u.not_met_items, u.below_floor_items, u.missing_items, u.verdict, u.verdict_text
    from (select distinct standard_id, readings_id, county_code, stat_year, scope_id as site_id, stage
        from fact_result where scope = 'unit') as s
    inner join dim_site as d using (standard_id, readings_id, county_code, stat_year, site_id)
    left join fact_school_summary as u using (standard_id, readings_id, county_code, stat_year, site_id, stage)
    where s.standard_id = ? and s.readings_id = 'default' and s.county_code = ? and s.stat_year = ?
    order by s.stage desc, s.site_id
"""
RAW = """
    select scope_id, stage, measure_code, stat_year - ? as year_offset, quantity from fact_measure
    where scope = 'unit' and readings_id = 'default' and standard_id = ? and county_code = ? and stat_year <= ?
"""
ROLL = f"""
    select d.target_site_id as site_id, r.stage,
        case when count(*) = count(r.pupils) then cast(sum(r.pupils) as bigint) end as pupils
    from dim_site as d inner join fact_roll as r using (county_code, stat_year, site_id)
    where not d.is_excluded and {AT}
    group by all
"""
