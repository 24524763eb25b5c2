-- Stages with pupils and no teachers.
-- One row per site and stage.
with

staged_pupils as (
    select * from pupil_stages
    where stage <> 'kindergarten' and (pupils is null or pupils <> 0)
),

teacher_stages as (
    select
        stat_year,
        county_code,
        school_code,
        campus_no,
        stage,
        min(source_sha256) as source_sha256,
        min(source_sheet) as source_sheet,
        min(source_row) as source_row
    from teacher
    where full_time_teachers > 0
    group by stat_year, county_code, school_code, campus_no, stage
)

select
    'enrolment' as table_name,
    'stage' as column_name,
    staged_pupils.source_sha256,
    staged_pupils.source_sheet,
    staged_pupils.source_row,
    staged_pupils.stat_year,
    staged_pupils.county_code,
    staged_pupils.school_code,
    staged_pupils.school_code || '-' || cast(staged_pupils.campus_no as varchar) || ' ' || staged_pupils.stage as value,
    cast(null as varchar) as allowed
from staged_pupils
left join teacher_stages
    on
        staged_pupils.stat_year = teacher_stages.stat_year
        and staged_pupils.county_code = teacher_stages.county_code
        and staged_pupils.school_code = teacher_stages.school_code
        and staged_pupils.campus_no = teacher_stages.campus_no
        and staged_pupils.stage = teacher_stages.stage
where teacher_stages.school_code is null
order by staged_pupils.source_sheet, staged_pupils.source_row
