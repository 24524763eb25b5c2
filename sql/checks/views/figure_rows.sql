-- The figures of a row of teachers or premises, or the grades of a stage, as one line of text, to be compared as a whole.
-- One row per row of teacher and of premises, and per site and stage of enrolment.
with

figures as (
    select * from figure
    where table_name in ('teacher', 'premises')
),

grades as (
    select * from grade_rows
)

select
    table_name,
    case when table_name = 'teacher' then 'full_time_teachers' else 'teaching_rooms_m2' end as column_name,
    stat_year,
    county_code,
    school_code,
    campus_no,
    stage,
    string_agg(column_name || '=' || cast(cast(figure as bigint) as varchar), ' ' order by column_name) as figures,
    sum(case when figure > 0 then 1 else 0 end) as figure_count,
    min(source_sha256) as source_sha256,
    min(source_sheet) as source_sheet,
    min(source_row) as source_row
from figures
group by table_name, stat_year, county_code, school_code, campus_no, stage
union all
select
    table_name,
    column_name,
    stat_year,
    county_code,
    school_code,
    campus_no,
    stage,
    figures,
    figure_count,
    source_sha256,
    source_sheet,
    source_row
from grades
