-- Pupils in a stage that a school of this type does not have by itself.
-- One row per site and stage.
with

staged_pupils as (
    select * from pupil_stages
    where pupils is null or pupils <> 0
),

types as (
    select * from code_type_stages
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
    staged_pupils.stage as value,
    types.stages as allowed
from staged_pupils
inner join school
    on
        staged_pupils.stat_year = school.stat_year
        and staged_pupils.county_code = school.county_code
        and staged_pupils.school_code = school.school_code
        and staged_pupils.campus_no = school.campus_no
inner join types on school.school_type_code = types.school_type_code
where not contains(' ' || types.stages || ' ', ' ' || staged_pupils.stage || ' ')
order by staged_pupils.source_sheet, staged_pupils.source_row
