-- Pupils of a stage written as one line of figures, grade by grade, to be compared as a whole.
-- One row per site, stage and year with at least three grades, all with pupils.
with

enrolments as (
    select * from enrolment
)

select
    'enrolment' as table_name,
    'pupils' as column_name,
    stat_year,
    county_code,
    school_code,
    campus_no,
    stage,
    string_agg(cast(grade as varchar) || '=' || cast(pupils as varchar), ' ' order by grade) as figures,
    count(*) as figure_count,
    min(source_sha256) as source_sha256,
    min(source_sheet) as source_sheet,
    min(source_row) as source_row
from enrolments
group by stat_year, county_code, school_code, campus_no, stage
having count(*) = count(pupils) and count(*) >= 3 and min(pupils) > 0
