-- Stages with teachers and no pupils.
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
    'teacher' as table_name,
    'stage' as column_name,
    teacher_stages.source_sha256,
    teacher_stages.source_sheet,
    teacher_stages.source_row,
    teacher_stages.stat_year,
    teacher_stages.county_code,
    teacher_stages.school_code,
    teacher_stages.school_code || '-' || cast(teacher_stages.campus_no as varchar) || ' ' || teacher_stages.stage as value,
    cast(null as varchar) as allowed
from teacher_stages
left join staged_pupils
    on
        teacher_stages.stat_year = staged_pupils.stat_year
        and teacher_stages.county_code = staged_pupils.county_code
        and teacher_stages.school_code = staged_pupils.school_code
        and teacher_stages.campus_no = staged_pupils.campus_no
        and teacher_stages.stage = staged_pupils.stage
where staged_pupils.school_code is null
order by teacher_stages.source_sheet, teacher_stages.source_row
