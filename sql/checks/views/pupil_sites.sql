-- Pupils of a site over its stages, kindergarten classes left out, where every stage has a number.
-- One row per site and year.
with

staged_pupils as (
    select * from pupil_stages
    where stage <> 'kindergarten'
)

select
    stat_year,
    county_code,
    school_code,
    campus_no,
    count(*) as stages,
    min(stage) as stage,
    sum(pupils) as pupils
from staged_pupils
group by stat_year, county_code, school_code, campus_no
having count(*) = count(pupils) and sum(pupils) > 0
