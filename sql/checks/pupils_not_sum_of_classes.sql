-- Pupils of a stage that differ from the sum of its classes, where every class gives its size.
-- One row per site and stage.
with

staged_pupils as (
    select * from pupil_stages
    where pupils is not null
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
    staged_pupils.source_sha256,
    staged_pupils.source_sheet,
    staged_pupils.source_row,
    staged_pupils.stat_year,
    staged_pupils.county_code,
    staged_pupils.school_code,
    cast(staged_pupils.pupils as varchar) as value,
    cast(class_stages.pupils as varchar) as allowed
from staged_pupils
inner join class_stages
    on
        staged_pupils.stat_year = class_stages.stat_year
        and staged_pupils.county_code = class_stages.county_code
        and staged_pupils.school_code = class_stages.school_code
        and staged_pupils.campus_no = class_stages.campus_no
        and staged_pupils.stage = class_stages.stage
where staged_pupils.pupils <> class_stages.pupils
order by staged_pupils.source_sheet, staged_pupils.source_row
