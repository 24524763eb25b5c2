"""What people read first of a release: the resource part, the coefficients, the verdict, what is in its way."""

from __future__ import annotations

from pathlib import Path

from warehouse import release

RESOURCE_PART = """
select s.stat_year, s.county_code, c.county_name, s.standard_id, s.schools, s.sites, s.units, s.pupils,
    s.units_met, s.units_not_met, s.units_not_assessable,
    s.coefficients, s.coefficients_met, s.coefficients_not_met, s.coefficients_not_assessable,
    s.resource_verdict_text, s.is_provisional, c.is_stale, s.is_synthetic
from fact_county_summary as s
inner join dim_county_year as c on s.stat_year = c.stat_year and s.county_code = c.county_code
where s.readings_id = 'default' and (? = [] or s.stat_year in (select unnest(?)))
    and s.standard_id in (select standard_id from dim_limit where floor_ratio is not null)
order by s.standard_id, s.county_code, s.stat_year
"""

COEFFICIENTS = """
select v.stat_year, v.county_code, v.stage, v.stage_text, v.item_code, i.name_zh, v.units,
    v.weighted_mean, v.cv, v.operator, v.limit_value, v.verdict_text, v.reason_text, v.is_provisional, v.is_synthetic
from fact_county_cv as v
inner join dim_item as i on v.standard_id = i.standard_id and v.item_code = i.item_code
where v.readings_id = 'default' and (? = [] or v.stat_year in (select unnest(?))) and v.limit_value is not null
order by v.standard_id, v.county_code, v.stat_year, v.stage desc, i.item_no
"""

VERDICTS = """
select s.stat_year, s.county_code, c.county_name, s.standard_id, s.resource_verdict_text,
    s.government_met, s.government_components, s.government_verdict_text,
    s.quality_met, s.quality_components, s.quality_verdict_text,
    s.recognition_verdict_text, s.precondition_verdict_text, s.veto_verdict_text,
    s.overall_verdict_text, s.robustness_text, s.sentence_zh, s.sentence_en,
    (select count(*) from fact_obstacle as o where o.standard_id = s.standard_id and o.stat_year = s.stat_year
        and o.county_code = s.county_code) as obstacles,
    s.is_provisional, c.is_stale, s.is_synthetic
from fact_county_summary as s
inner join dim_county_year as c on s.stat_year = c.stat_year and s.county_code = c.county_code
where (? = [] or s.stat_year in (select unnest(?)))
order by s.standard_id desc, s.county_code, s.stat_year
"""

COUNTY = {
    "summary": """
        select s.standard_id, c.county_name, s.sentence_zh, s.sentence_en, s.robustness_text, s.is_provisional,
            s.is_synthetic
        from fact_county_summary as s inner join dim_county_year as c using (county_code, stat_year)
        where s.county_code = ? and s.stat_year = ? order by s.standard_id desc
    """,
    "components": """
        select p.standard_id, p.part_text, p.component_code, p.component_text, p.things, p.things_met, p.things_not_met,
            p.things_not_assessable, p.verdict_text, i.declared_verdict_text, i.agrees, i.aside_verdict,
            i.aside_not_met, i.relaxed_entities, r.robustness_text, r.flip_readings_id
        from fact_county_component as p
        left join fact_county_item as i on i.standard_id = p.standard_id and i.readings_id = p.readings_id
            and i.stat_year = p.stat_year and i.county_code = p.county_code and i.item_code = p.component_code
        left join fact_verdict_robustness as r on r.standard_id = p.standard_id and r.stat_year = p.stat_year
            and r.county_code = p.county_code and r.part = p.part and r.component_code = p.component_code
        left join dim_item as d on d.standard_id = p.standard_id and d.item_code = p.component_code
        where p.readings_id = 'default' and p.county_code = ? and p.stat_year = ?
        order by p.standard_id desc, p.part = 'resources' desc, d.item_no nulls last, p.part, p.component_code
    """,
    "obstacles": """
        select standard_id, obstacle_no, part_text, component_code, coalesce(name, '全县') as name, stage_text, label,
            verdict_text, reason_text, value, operator, limit_value, gap_quantity, distance
        from fact_obstacle where county_code = ? and stat_year = ? order by standard_id desc, obstacle_no
    """,
    "commitments": """
        select standard_id, promised_year, item_code, promised_text, due_year, item_verdict_text, entities_not_met,
            status_text
        from fact_commitment where county_code = ? and stat_year = ? order by promised_year, commitment_no, standard_id
    """,
    "highlights": """
        select r.item_code, r.test_label, r.stage_text, r.numerator, r.denominator, r.value, r.period, r.is_synthetic
        from fact_result as r inner join dim_item as d on r.standard_id = d.standard_id and r.item_code = d.item_code
        where not d.is_judged and r.readings_id = 'default' and r.county_code = ? and r.stat_year = ?
        order by d.item_no, r.test_no, r.stage desc
    """,
}
HISTORY = """
select h.standard_id, h.scope_id, s.school_name, h.stage, h.item_code, d.name_zh, d.decimals, h.figure, h.stat_year,
    h.value, h.change, h.rank_in_county, h.prev_rank, v.text as verdict_text, h.cause_text, h.successor_site_id,
    h.left_year, h.is_synthetic
from fact_history as h
inner join dim_item as d on h.standard_id = d.standard_id and h.item_code = d.item_code
inner join (select distinct verdict as code, verdict_text as text from fact_result) as v on h.verdict = v.code
left join (
    select stat_year, county_code, site_id, min(school_name) as school_name from dim_site group by all
) as s on h.stat_year = s.stat_year and h.county_code = s.county_code and h.scope_id = s.site_id
where (h.scope_id = ? or h.county_code = ? and h.scope = 'county') and (? is null or h.item_code = ?)
    and (? is null or h.standard_id = ?)
order by h.standard_id desc, d.item_no, h.figure, h.stage desc, h.stat_year
"""


def resource_part(folder: Path, stat_years: list[int]) -> list[dict[str, object]]:
    """Return the resource part of a release: one row per standard, county and year (all years when none is named)."""
    return _rows(folder, RESOURCE_PART, stat_years)


def coefficients(folder: Path, stat_years: list[int]) -> list[dict[str, object]]:
    """Return the coefficients of a release: one row per standard, county, year, stage and item, primary first."""
    return _rows(folder, COEFFICIENTS, stat_years)


def verdicts(folder: Path, stat_years: list[int]) -> list[dict[str, object]]:
    """Return the verdict on every county of a release: one row per standard that judges, county and year."""
    return _rows(folder, VERDICTS, stat_years)


def county(folder: Path, county_code: str, stat_year: int) -> dict[str, list[dict[str, object]]]:
    """Return what a release says of a county in a year: summary, components, obstacles, commitments, highlights.

    Raises LookupError when the release does not have the county and year.
    """
    told = {name: _fetched(folder, query, [county_code, stat_year]) for name, query in COUNTY.items()}
    if not told["summary"]:
        raise LookupError(f"发布版中没有 {county_code} {stat_year} / the release has no such county and year")
    return told


def history(folder: Path, scope_id: str, item: str | None, standard_id: str | None) -> list[dict[str, object]]:
    """Return a unit's or a county's figures over the years: one row per standard, item, figure, stage and year.

    Raises LookupError when the release knows neither the site nor the county, or not the item.
    """
    rows = _fetched(folder, HISTORY, [scope_id, scope_id, item, item, standard_id, standard_id])
    if not rows:
        raise LookupError(f"没有历年数据：{scope_id} {item or ''} / nothing on record")
    return rows


def _rows(folder: Path, query: str, stat_years: list[int]) -> list[dict[str, object]]:
    return _fetched(folder, query, [stat_years, stat_years])


def _fetched(folder: Path, query: str, values: list[object]) -> list[dict[str, object]]:
    with release.open_release(folder) as con:
        found = con.execute(query, values)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
