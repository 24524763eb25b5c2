-- The lines of figure_rows in the year before.
-- One row per row of teacher, and per site and stage of enrolment.
with

figures as (
    select * from last_year_figure
    where table_name = 'teacher'
),

grades as (
    select * from last_year_enrolment
)

select
    table_name,
    stat_year,
    school_code,
    campus_no,
    stage,
    string_agg(column_name || '=' || cast(cast(figure as bigint) as varchar), ' ' order by column_name) as figures
from figures
group by table_name, stat_year, school_code, campus_no, stage
union all
select
    'enrolment' as table_name,
    stat_year,
    school_code,
    campus_no,
    stage,
    string_agg(cast(grade as varchar) || '=' || cast(pupils as varchar), ' ' order by grade) as figures
from grades
group by stat_year, school_code, campus_no, stage
