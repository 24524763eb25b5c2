-- Units of the evaluation with their pupils and their weight in resources that a site shares.
-- One row per standard, reading set, unit (site and stage) and year.
-- weighted_pupils is the sum of weight times pupils over all stages of the site, senior stage included.
with

sites as (
    select * from core_site
),

stage_pupils as (
    select * from core_stage_pupils
),

split_weights as (
    select * from std_split
),

weighted_stage_names as (
    select distinct
        standard_id,
        stage
    from std_split
),

tested_stages as (
    select distinct
        standard_id,
        stage
    from std_test
),

site_stages as (
    select
        sites.standard_id,
        sites.readings_id,
        sites.stat_year,
        sites.county_code,
        sites.target_site_id as site_id,
        stage_pupils.stage,
        cast(case when count(*) = count(stage_pupils.pupils) then sum(stage_pupils.pupils) end as bigint) as pupils,
        cast(count(*) as integer) as merged_sites,
        max(case when stage_pupils.is_synthetic or sites.is_synthetic then 1 else 0 end) as synthetic_rows
    from sites
    inner join stage_pupils
        on
            sites.stat_year = stage_pupils.stat_year
            and sites.county_code = stage_pupils.county_code
            and sites.school_code = stage_pupils.school_code
            and sites.campus_no = stage_pupils.campus_no
    where not sites.is_excluded
    group by
        sites.standard_id,
        sites.readings_id,
        sites.stat_year,
        sites.county_code,
        sites.target_site_id,
        stage_pupils.stage
),

-- stages that no type has a weight for (kindergarten classes) take no part in the split;
-- a stage that this site's type has no weight for leaves the split of the site unknown
weighted_stages as (
    select
        site_stages.standard_id,
        site_stages.readings_id,
        site_stages.stat_year,
        site_stages.county_code,
        site_stages.site_id,
        site_stages.stage,
        site_stages.pupils,
        site_stages.merged_sites,
        site_stages.synthetic_rows,
        sites.school_code,
        sites.campus_no,
        sites.school_name,
        sites.school_type_code,
        sites.urban_rural_code,
        sites.is_public,
        split_weights.weight,
        cast(split_weights.weight * cast(site_stages.pupils as decimal(12, 0)) as decimal(18, 2)) as stage_weighted_pupils
    from site_stages
    inner join sites
        on
            site_stages.standard_id = sites.standard_id
            and site_stages.readings_id = sites.readings_id
            and site_stages.stat_year = sites.stat_year
            and site_stages.county_code = sites.county_code
            and site_stages.site_id = sites.site_id
    inner join weighted_stage_names
        on
            site_stages.standard_id = weighted_stage_names.standard_id
            and site_stages.stage = weighted_stage_names.stage
    left join split_weights
        on
            site_stages.standard_id = split_weights.standard_id
            and site_stages.stage = split_weights.stage
            and sites.school_type_code = split_weights.school_type_code
),

weighted_sites as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        site_id,
        cast(case when count(*) = count(stage_weighted_pupils) then sum(stage_weighted_pupils) end as decimal(18, 2)) as weighted_pupils
    from weighted_stages
    group by standard_id, readings_id, stat_year, county_code, site_id
),

final as (
    select
        weighted_stages.standard_id,
        weighted_stages.readings_id,
        weighted_stages.stat_year,
        weighted_stages.county_code,
        weighted_stages.site_id,
        weighted_stages.stage,
        weighted_stages.school_code,
        weighted_stages.campus_no,
        weighted_stages.school_name,
        weighted_stages.school_type_code,
        weighted_stages.urban_rural_code,
        weighted_stages.is_public,
        weighted_stages.pupils,
        weighted_stages.weight,
        weighted_stages.stage_weighted_pupils,
        weighted_sites.weighted_pupils,
        weighted_stages.merged_sites,
        weighted_stages.synthetic_rows = 1 as is_synthetic
    from weighted_stages
    inner join weighted_sites
        on
            weighted_stages.standard_id = weighted_sites.standard_id
            and weighted_stages.readings_id = weighted_sites.readings_id
            and weighted_stages.stat_year = weighted_sites.stat_year
            and weighted_stages.county_code = weighted_sites.county_code
            and weighted_stages.site_id = weighted_sites.site_id
    inner join tested_stages
        on
            weighted_stages.standard_id = tested_stages.standard_id
            and weighted_stages.stage = tested_stages.stage
)

select * from final
