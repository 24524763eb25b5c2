-- How a site is judged as a whole: as a combined school, or by the stage most of its compulsory pupils are in.
-- One row per standard, site and year; sites without a compulsory stage have none.
with

schools as (
    select * from school
),

stage_pupils as (
    select * from core_stage_pupils
),

standards as (
    select * from std_standard
),

combined_types as (
    select * from std_combined
),

site_pupils as (
    select
        stat_year,
        county_code,
        school_code,
        campus_no,
        max(case when stage = 'primary' and (pupils is null or pupils > 0) then 1 else 0 end) as primary_rows,
        max(case when stage = 'junior' and (pupils is null or pupils > 0) then 1 else 0 end) as junior_rows,
        max(case when stage = 'primary' then coalesce(pupils, 0) else -1 end) as primary_pupils,
        max(case when stage = 'junior' then coalesce(pupils, 0) else -1 end) as junior_pupils
    from stage_pupils
    where stage = 'primary' or stage = 'junior'
    group by stat_year, county_code, school_code, campus_no
),

final as (
    select
        standards.standard_id,
        schools.stat_year,
        schools.county_code,
        schools.school_code,
        schools.campus_no,
        case
            when
                combined_types.school_type_code is not null
                and site_pupils.primary_rows = 1
                and site_pupils.junior_rows = 1
                then 'combined'
            when site_pupils.primary_pupils >= site_pupils.junior_pupils then 'primary'
            else 'junior'
        end as stage
    from schools
    cross join standards
    inner join site_pupils
        on
            schools.stat_year = site_pupils.stat_year
            and schools.county_code = site_pupils.county_code
            and schools.school_code = site_pupils.school_code
            and schools.campus_no = site_pupils.campus_no
    left join combined_types
        on
            standards.standard_id = combined_types.standard_id
            and schools.school_type_code = combined_types.school_type_code
)

select * from final
