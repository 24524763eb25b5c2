"""What people read first of a release: the resource part, the coefficients, the verdict, what is in its way."""

from __future__ import annotations

from pathlib import Path

import duckdb

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


def resource_part(folder: Path, stat_years: list[int]) -> list[dict[str, object]]:
    """Return the resource part of a release: one row per standard, county and year (all years when none is named)."""
    return _rows(folder, RESOURCE_PART, stat_years)


def coefficients(folder: Path, stat_years: list[int]) -> list[dict[str, object]]:
    """Return the coefficients of a release: one row per standard, county, year, stage and item, primary first."""
    return _rows(folder, COEFFICIENTS, stat_years)


def verdicts(folder: Path, stat_years: list[int]) -> list[dict[str, object]]:
    """Return the verdict on every county of a release: one row per standard that judges, county and year."""
    return _rows(folder, VERDICTS, stat_years)


def _rows(folder: Path, query: str, stat_years: list[int]) -> list[dict[str, object]]:
    with duckdb.connect(str(folder / "junheng.duckdb"), read_only=True) as con:
        found = con.execute(query, [stat_years, stat_years])
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
