-- Grades that do not belong to their stage; 99 is the total of a stage that was reported without grades.
-- One row per row of enrolment.
with

enrolments as (
    select * from enrolment
),

stage_grades as (
    select * from code_grades
)

select
    'enrolment' as table_name,
    'grade' as column_name,
    enrolments.source_sha256,
    enrolments.source_sheet,
    enrolments.source_row,
    enrolments.stat_year,
    enrolments.county_code,
    enrolments.school_code,
    cast(enrolments.grade as varchar) as value,
    cast(stage_grades.first_grade as varchar) || '-' || cast(stage_grades.last_grade as varchar) as allowed
from enrolments
inner join stage_grades on enrolments.stage = stage_grades.stage
where enrolments.grade <> 99 and (enrolments.grade < stage_grades.first_grade or enrolments.grade > stage_grades.last_grade)
order by enrolments.source_sheet, enrolments.source_row
