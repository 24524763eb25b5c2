-- Pupils in a stage that a school of this type does not have by itself.
-- One row per site and stage.
with

pupil_stages as (
    select
        stat_year,
        county_code,
        school_code,
        campus_no,
        stage,
        min(source_sha256) as source_sha256,
        min(source_sheet) as source_sheet,
        min(source_row) as source_row
    from enrolment
    group by stat_year, county_code, school_code, campus_no, stage
    having count(pupils) < count(*) or sum(pupils) <> 0
),

types as (
    select * from code_type_stages
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
    pupil_stages.stage as value,
    types.stages as allowed
from pupil_stages
inner join school
    on
        pupil_stages.stat_year = school.stat_year
        and pupil_stages.county_code = school.county_code
        and pupil_stages.school_code = school.school_code
        and pupil_stages.campus_no = school.campus_no
inner join types on school.school_type_code = types.school_type_code
where not contains(' ' || types.stages || ' ', ' ' || pupil_stages.stage || ' ')
order by pupil_stages.source_sheet, pupil_stages.source_row
