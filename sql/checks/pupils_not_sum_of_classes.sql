-- Pupils of a stage that differ from the sum of its classes, where every class gives its size.
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
    group by stat_year, county_code, school_code, campus_no, stage
    having count(*) = count(pupils)
),

class_stages as (
    select
        stat_year,
        county_code,
        school_code,
        campus_no,
        stage,
        sum(class_pupils * classes) as pupils
    from class_size
    group by stat_year, county_code, school_code, campus_no, stage
    having count(*) = count(class_pupils)
)

select
    'enrolment' as table_name,
    'pupils' as column_name,
    pupil_stages.source_sha256,
    pupil_stages.source_sheet,
    pupil_stages.source_row,
    pupil_stages.stat_year,
    pupil_stages.county_code,
    pupil_stages.school_code,
    cast(pupil_stages.pupils as varchar) as value,
    cast(class_stages.pupils as varchar) as allowed
from pupil_stages
inner join class_stages
    on
        pupil_stages.stat_year = class_stages.stat_year
        and pupil_stages.county_code = class_stages.county_code
        and pupil_stages.school_code = class_stages.school_code
        and pupil_stages.campus_no = class_stages.campus_no
        and pupil_stages.stage = class_stages.stage
where pupil_stages.pupils <> class_stages.pupils
order by pupil_stages.source_sheet, pupil_stages.source_row
