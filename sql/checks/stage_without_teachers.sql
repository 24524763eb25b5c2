-- Stages with pupils and no teachers.
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
    'enrolment' as table_name,
    'stage' as column_name,
    pupil_stages.source_sha256,
    pupil_stages.source_sheet,
    pupil_stages.source_row,
    pupil_stages.stat_year,
    pupil_stages.county_code,
    pupil_stages.school_code,
    pupil_stages.school_code || '-' || cast(pupil_stages.campus_no as varchar) || ' ' || pupil_stages.stage as value,
    cast(null as varchar) as allowed
from pupil_stages
left join teacher_stages
    on
        pupil_stages.stat_year = teacher_stages.stat_year
        and pupil_stages.county_code = teacher_stages.county_code
        and pupil_stages.school_code = teacher_stages.school_code
        and pupil_stages.campus_no = teacher_stages.campus_no
        and pupil_stages.stage = teacher_stages.stage
where teacher_stages.school_code is null
order by pupil_stages.source_sheet, pupil_stages.source_row
