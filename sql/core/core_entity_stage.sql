-- Which stages of which sites stand behind each site, school or county that is judged.
-- One row per standard, reading set, scope, scope id, stage of the result, site, stage of the site and year.
-- Units are not here: they are merged and split (core_unit). Points and campuses stand for themselves.
with

stage_pupils as (
    select * from core_stage_pupils
),

scope_sets as (
    select * from core_scope_set
),

left_out_sites as (
    select * from core_left_out
),

site_stages as (
    select * from core_site_stage
),

counted_stages as (
    select
        scope_sets.standard_id,
        scope_sets.readings_id,
        scope_sets.scope,
        stage_pupils.stat_year,
        stage_pupils.county_code,
        stage_pupils.school_code,
        stage_pupils.campus_no,
        stage_pupils.stage as site_stage,
        stage_pupils.pupils,
        stage_pupils.is_synthetic
    from stage_pupils
    inner join scope_sets
        on
            stage_pupils.stat_year = scope_sets.stat_year
            and stage_pupils.county_code = scope_sets.county_code
    left join left_out_sites
        on
            scope_sets.standard_id = left_out_sites.standard_id
            and scope_sets.readings_id = left_out_sites.readings_id
            and scope_sets.scope = left_out_sites.scope
            and stage_pupils.stat_year = left_out_sites.stat_year
            and stage_pupils.county_code = left_out_sites.county_code
            and stage_pupils.school_code = left_out_sites.school_code
            and stage_pupils.campus_no = left_out_sites.campus_no
    where
        (stage_pupils.stage = 'primary' or stage_pupils.stage = 'junior')
        and left_out_sites.exclusion_code is null
),

classes_of_sites as (
    select
        standard_id,
        readings_id,
        scope,
        school_code || '-' || cast(campus_no as string) as scope_id,
        site_stage as stage,
        stat_year,
        county_code,
        school_code,
        campus_no,
        site_stage,
        pupils,
        is_synthetic
    from counted_stages
    where scope = 'class'
),

whole_sites as (
    select
        counted_stages.standard_id,
        counted_stages.readings_id,
        counted_stages.scope,
        counted_stages.school_code || '-' || cast(counted_stages.campus_no as string) as scope_id,
        site_stages.stage,
        counted_stages.stat_year,
        counted_stages.county_code,
        counted_stages.school_code,
        counted_stages.campus_no,
        counted_stages.site_stage,
        counted_stages.pupils,
        counted_stages.is_synthetic
    from counted_stages
    inner join site_stages
        on
            counted_stages.standard_id = site_stages.standard_id
            and counted_stages.stat_year = site_stages.stat_year
            and counted_stages.county_code = site_stages.county_code
            and counted_stages.school_code = site_stages.school_code
            and counted_stages.campus_no = site_stages.campus_no
    where counted_stages.scope = 'site'
),

schools as (
    select
        standard_id,
        readings_id,
        scope,
        school_code as scope_id,
        'compulsory' as stage,
        stat_year,
        county_code,
        school_code,
        campus_no,
        site_stage,
        pupils,
        is_synthetic
    from counted_stages
    where scope = 'school'
),

counties as (
    select
        counted_stages.standard_id,
        counted_stages.readings_id,
        counted_stages.scope,
        counted_stages.county_code as scope_id,
        result_stages.stage,
        counted_stages.stat_year,
        counted_stages.county_code,
        counted_stages.school_code,
        counted_stages.campus_no,
        counted_stages.site_stage,
        counted_stages.pupils,
        counted_stages.is_synthetic
    from counted_stages
    cross join (
        values
        ('primary'),
        ('junior'),
        ('compulsory')
    ) as result_stages (stage)
    where
        counted_stages.scope = 'county'
        and (result_stages.stage = 'compulsory' or result_stages.stage = counted_stages.site_stage)
),

final as (
    select * from classes_of_sites
    union all
    select * from whole_sites
    union all
    select * from schools
    union all
    select * from counties
)

select * from final
