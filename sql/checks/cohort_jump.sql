-- Grades whose pupils are not the lower grade's of the year before, moved up: far more or fewer, or the whole grade is not there.
-- First grades have no year before in their school; a stage reported as one total has no grades.
-- One row per grade of this year, or per grade of last year that moved up to nowhere in a stage that goes on.
with

tolerances as (
    select * from rule_tolerance
    where rule = 'cohort_jump'
),

grades as (
    select * from enrolment
    where grade <> 99 and pupils is not null
),

last_grades as (
    select * from last_year_enrolment
    where grade <> 99 and pupils is not null
),

stages as (
    select * from code_grades
),

staged as (
    select
        stat_year,
        county_code,
        school_code,
        campus_no,
        stage,
        min(source_sha256) as source_sha256,
        min(source_sheet) as source_sheet,
        min(source_row) as source_row
    from grades
    group by stat_year, county_code, school_code, campus_no, stage
    having count(*) > 1
),

moved_up as (
    select
        staged.stat_year,
        staged.county_code,
        staged.school_code,
        staged.campus_no,
        staged.stage,
        last_grades.grade + 1 as grade,
        last_grades.pupils as pupils_before,
        staged.source_sha256,
        staged.source_sheet,
        staged.source_row
    from staged
    inner join last_grades
        on
            staged.stat_year = last_grades.stat_year + 1
            and staged.school_code = last_grades.school_code
            and staged.campus_no = last_grades.campus_no
            and staged.stage = last_grades.stage
    inner join stages on staged.stage = stages.stage and last_grades.grade < stages.last_grade
),

compared as (
    select
        moved_up.stat_year,
        moved_up.county_code,
        moved_up.school_code,
        moved_up.pupils_before,
        coalesce(grades.pupils, 0) as pupils,
        coalesce(grades.source_sha256, moved_up.source_sha256) as source_sha256,
        coalesce(grades.source_sheet, moved_up.source_sheet) as source_sheet,
        coalesce(grades.source_row, moved_up.source_row) as source_row,
        moved_up.grade
    from moved_up
    left join grades
        on
            moved_up.stat_year = grades.stat_year
            and moved_up.county_code = grades.county_code
            and moved_up.school_code = grades.school_code
            and moved_up.campus_no = grades.campus_no
            and moved_up.stage = grades.stage
            and moved_up.grade = grades.grade
)

select
    'enrolment' as table_name,
    'pupils' as column_name,
    compared.source_sha256,
    compared.source_sheet,
    compared.source_row,
    compared.stat_year,
    compared.county_code,
    compared.school_code,
    cast(compared.grade as varchar) || ': ' || cast(compared.pupils as varchar) as value,
    cast(compared.grade - 1 as varchar) || ': ' || cast(compared.pupils_before as varchar) as allowed
from compared
cross join tolerances
where
    abs(compared.pupils - compared.pupils_before) >= 10
    and abs(compared.pupils - compared.pupils_before) > tolerances.tolerance * compared.pupils_before
order by compared.source_sheet, compared.source_row, compared.grade
