-- Pupils of a stage in the year before, where every grade has a number.
-- One row per site, stage and year.
with

enrolments as (
    select * from last_year_enrolment
)

select
    stat_year,
    school_code,
    campus_no,
    stage,
    sum(pupils) as pupils
from enrolments
group by stat_year, school_code, campus_no, stage
having count(*) = count(pupils)
