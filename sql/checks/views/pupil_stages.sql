-- Pupils of a stage with the place of its first row, for the checks that look at stages.
-- One row per site, stage and year; pupils is null where a grade has no number.
with

enrolments as (
    select * from enrolment
)

select
    stat_year,
    county_code,
    school_code,
    campus_no,
    stage,
    case when count(pupils) = count(*) then sum(pupils) end as pupils,
    min(source_sha256) as source_sha256,
    min(source_sheet) as source_sheet,
    min(source_row) as source_row
from enrolments
group by stat_year, county_code, school_code, campus_no, stage
