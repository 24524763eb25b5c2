-- Stages with teachers and no pupils.
-- One row per site and stage.
with

pupil_stages as (
    select
        stat_year,
        county_code,
        school_code,
        campus_no,
        stage,
        sum(pupils) as pupils,
        min(source_sha256) as source_sha256,
        min(source_sheet) as source_sheet,
        min(source_row) as source_row
    from enrolment
    where stage <> 'kindergarten'
    group by stat_year, county_code, school_code, campus_no, stage
    having count(pupils) < count(*) or sum(pupils) <> 0
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
left join pupil_stages
    on
        teacher_stages.stat_year = pupil_stages.stat_year
        and teacher_stages.county_code = pupil_stages.county_code
        and teacher_stages.school_code = pupil_stages.school_code
        and teacher_stages.campus_no = pupil_stages.campus_no
        and teacher_stages.stage = pupil_stages.stage
where pupil_stages.school_code is null
order by teacher_stages.source_sheet, teacher_stages.source_row
