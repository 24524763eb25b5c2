-- Counts and amounts that results are computed from, before any split.
-- One row per standard, reading set, scope, scope id, stage, measure and year.
-- What a site reports for all its stages together stands whole in each unit of the site (is_site_wide).
with

units as (
    select * from core_unit
),

sites as (
    select * from core_site
),

site_measures as (
    select * from core_site_measure
),

used_measures as (
    select distinct
        standard_id,
        measure_code
    from std_term
),

-- how many sites stand behind each one that takes others in: their reports must all be there
target_sites as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        target_site_id as site_id,
        cast(count(*) as integer) as merged_sites
    from sites
    where not is_excluded
    group by standard_id, readings_id, stat_year, county_code, target_site_id
),

-- a unit of merged sites adds them up; one missing part leaves the sum missing
target_measures as (
    select
        sites.standard_id,
        sites.readings_id,
        site_measures.stat_year,
        site_measures.county_code,
        sites.target_site_id as site_id,
        site_measures.stage,
        site_measures.measure_code,
        cast(case when count(*) = count(site_measures.quantity) then sum(site_measures.quantity) end as decimal(18, 2)) as quantity,
        cast(count(*) as integer) as reporting_sites,
        max(case when site_measures.is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from sites
    inner join site_measures
        on
            sites.stat_year = site_measures.stat_year
            and sites.county_code = site_measures.county_code
            and sites.school_code = site_measures.school_code
            and sites.campus_no = site_measures.campus_no
    inner join used_measures
        on
            sites.standard_id = used_measures.standard_id
            and site_measures.measure_code = used_measures.measure_code
    where not sites.is_excluded
    group by
        sites.standard_id,
        sites.readings_id,
        site_measures.stat_year,
        site_measures.county_code,
        sites.target_site_id,
        site_measures.stage,
        site_measures.measure_code
),

stage_measures as (
    select
        units.standard_id,
        units.readings_id,
        units.stat_year,
        units.county_code,
        'unit' as scope,
        units.site_id as scope_id,
        units.stage,
        target_measures.measure_code,
        case
            when target_measures.stage = 'all' and target_measures.reporting_sites < target_sites.merged_sites then null
            when target_measures.stage <> 'all' and target_measures.reporting_sites < units.merged_sites then null
            else target_measures.quantity
        end as quantity,
        target_measures.stage <> units.stage as is_site_wide,
        units.is_synthetic or target_measures.is_synthetic as is_synthetic
    from units
    inner join target_measures
        on
            units.standard_id = target_measures.standard_id
            and units.readings_id = target_measures.readings_id
            and units.stat_year = target_measures.stat_year
            and units.county_code = target_measures.county_code
            and units.site_id = target_measures.site_id
    inner join target_sites
        on
            units.standard_id = target_sites.standard_id
            and units.readings_id = target_sites.readings_id
            and units.stat_year = target_sites.stat_year
            and units.county_code = target_sites.county_code
            and units.site_id = target_sites.site_id
    where target_measures.stage = units.stage or target_measures.stage = 'all'
)

select * from stage_measures
